"""What each matrix is, in the words of the legend: decided on the forward pass, inherited by what repeats it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sheetgen.ir.node import Node
from sheetgen.ir.program import Program, Statement
from sheetgen.ir.walk import nodes
from sheetgen.layout.plan import Role
from sheetgen.layout.words.vocabulary import vocabulary
from sheetgen.ops import operation

GIVEN = {"input": Role.INPUT, "parameter": Role.PARAMETER, "target": Role.TARGET, "constant": Role.CONSTANT}

CAPTIONS = {
    Role.INPUT: "input", Role.PARAMETER: "weight", Role.BIAS: "bias", Role.CONSTANT: "constant",
    Role.ADJACENCY: "adjacency", Role.GCN: "message", Role.FORWARD: "computed", Role.ACTIVATION: "activation",
    Role.MEMORY: "state",
    Role.HEATMAP: "attention", Role.OUTPUT: "output", Role.TARGET: "target", Role.GRADIENT: "gradient",
    Role.UPDATED: "new weight", Role.COPY: "copy",
}  # fmt: skip
"""What the legend says, in its order."""


def roles(program: Program) -> dict[str, Role]:
    """The role of every matrix, by name."""
    forward = [s for s in program.statements if s.phase == "forward"]
    found = {g.name: Role.ADJACENCY if g.graph else GIVEN[g.role] for g in program.givens}
    found.update(dict.fromkeys(vocabulary(program).biases, Role.BIAS))
    graphs = _made_of(forward, {g.name for g in program.givens if g.graph})
    messages = _messages(forward, graphs)
    weights = _made_of(forward, {g.name for g in program.givens if g.role == "parameter"})
    states = _states(forward, weights)
    truth = _truth(forward, {g.name for g in program.givens if g.role == "target"})
    outputs = _outputs(program, forward, truth, set(states))
    factors = {ref.name for s in forward if s.expr.op == "matmul" for ref in s.expr.references}
    read = {ref.name for s in forward if s.kind == "matrix" for ref in s.expr.references}
    for s in forward:
        found[s.name] = (
            Role.TARGET if s.name in truth
            else Role.GRADIENT if s.gradient_of is not None
            else _role(s, graphs, messages, outputs, factors, states, read)
        )  # fmt: skip
    found.update((loss.name, Role.OUTPUT) for loss in program.losses)
    for s in program.statements:
        if s.phase == "backward":
            bias = s.gradient_of is not None and found.get(s.gradient_of) is Role.BIAS
            found[s.name] = Role.BIAS if bias else Role.GRADIENT
        elif s.phase != "forward":
            own = found.get(s.repeats or "", Role.FORWARD)
            found[s.name] = Role.UPDATED if own is Role.PARAMETER else own
    return found


def _role(
    s: Statement, graphs: set[str], messages: set[str], outputs: set[str], factors: set[str],
    states: Mapping[str, Role], read: set[str],
) -> Role:  # fmt: skip
    if s.kind == "verdict":
        return Role.VERDICT
    if s.name in graphs:
        return Role.ADJACENCY
    if s.name in outputs:
        return Role.OUTPUT
    if s.name in messages:
        return Role.GCN
    if s.composite == "softmax" and s.name in factors:
        return Role.HEATMAP if max(s.shape) > 1 else Role.ACTIVATION
    if s.name in states:
        return states[s.name]
    kind = "" if s.auxiliary else operation(s.expr).role
    wakes = kind == "activation" or (kind == "probability" and s.name in read)
    return Role.ACTIVATION if wakes else Role.FORWARD


def _pieces(node: Node, stack: str) -> tuple[Node, ...]:
    """The matrices that a stack puts together, or the operand itself."""
    return node.args if node.op == stack else (node,)


def _made_of(statements: Iterable[Statement], sources: set[str]) -> set[str]:
    """Matrices that are made of `sources` alone, and they."""
    found = set(sources)
    for s in statements:
        names = {ref.name for ref in s.expr.references}
        if names and names <= found:
            found.add(s.name)
    return found


def _messages(statements: list[Statement], graphs: set[str]) -> set[str]:
    """What nodes of a graph send each other: products with something made of the graph alone, and what enters them."""
    maker = {s.name: s for s in statements}
    found: set[str] = set()
    for s in statements:
        if s.expr.op != "matmul" or s.name in graphs:
            continue
        left, right = s.expr.args
        if any(ref.name in graphs for ref in right.references) and not any(r.name in graphs for r in left.references):
            found.add(s.name)
            for piece in _pieces(left, "hstack"):
                if piece.name in maker:
                    found.add(piece.name)
                    found |= {r.name for r in maker[piece.name].expr.references if _serves(maker, r.name, piece.name)}
    return found


def _serves(maker: Mapping[str, Statement], name: str, of: str) -> bool:
    """Whether `name` is a helper of the statement `of`."""
    origin = maker[name].origin if name in maker else None
    return origin is not None and origin.of == of


def _truth(statements: list[Statement], targets: set[str]) -> set[str]:
    """Targets in another form: rearranged, looked up in a constant table, or with a row for each class."""
    found = set(targets)
    fixed = {s.name for s in statements if not s.expr.references}
    for s in statements:
        names = {ref.name for ref in s.expr.references} - fixed
        moves = s.kind == "matrix" and (operation(s.expr).spreads == "moves" or s.expr.op == "one_hot")
        if moves and names and names <= found:
            found.add(s.name)
    return found - targets


def _outputs(program: Program, statements: list[Statement], forms: set[str], states: set[str]) -> set[str]:
    """What the loss compares with a target, else what it takes the logarithm of; without a loss, what is put into words
    or colours a graph, else what nothing reads."""
    maker = {s.name: s for s in statements if s.kind == "matrix"}
    truth = _made_of(statements, {g.name for g in program.givens if g.role == "target"} | forms)
    inputs = {g.name for g in program.givens if g.role == "input"}
    found: set[str] = set()
    losses = {loss.name for loss in program.losses}
    if losses:
        todo, seen = [*losses], {*losses}
        while todo:
            s = maker.get(todo.pop())
            if s is None:
                continue
            names = [ref.name for ref in s.expr.references if ref.name in maker and ref.name not in truth]
            data = inputs if s.auxiliary else set()  # an autoencoder's loss compares with its input
            compares = any(ref.name in truth | data for ref in s.expr.references)
            for name in names:
                inner = maker[name]
                passed = inner.auxiliary or (not compares and inner.shape == (1, 1) and inner.expr.kind != "product")
                if passed or (not compares and (s.auxiliary or s.name in losses)):
                    if name not in seen:
                        seen.add(name)
                        todo.append(name)
                elif compares:
                    found.add(name)
    if found:
        return found
    logs = (n.args[0] for name in _towards(losses, maker) for n in nodes(maker[name].expr) if n.op == "log")
    if likely := {n.name for n in logs if n.name in maker and not maker[n.name].auxiliary}:
        return likely
    kept = {ref.name for s in statements for ref in s.expr.references if s.kind == "matrix"} | truth | states
    worded = {ref.name for s in statements if s.kind == "verdict" for ref in s.expr.references}
    last = [name for name in maker if name not in kept]
    return worded | ({program.predict} if program.predict else set()) or _in_all_turns(statements, last[-1:])


def _in_all_turns(statements: list[Statement], names: list[str]) -> set[str]:
    """The same statements of all turns of their loops."""
    bodies = _bodies(statements)
    places = {(loop, k) for (loop, _), body in bodies.items() for k, name in enumerate(body) if name in names}
    return {*names, *(name for (loop, _), body in bodies.items() for k, name in enumerate(body) if (loop, k) in places)}


def _bodies(statements: list[Statement]) -> dict[tuple[int, int], list[str]]:
    """The names of each turn of each loop."""
    found: dict[tuple[int, int], list[str]] = {}
    for s in statements:
        if s.round is not None:
            found.setdefault(s.round, []).append(s.name)
    return found


def _towards(losses: Iterable[str], maker: Mapping[str, Statement]) -> list[str]:
    """The losses, and the single numbers and helpers that they are made of."""
    found = [loss for loss in losses if loss in maker]
    for name in found:
        read = dict.fromkeys(r.name for r in maker[name].expr.references if r.name in maker)
        found += [n for n in read if n not in found and (maker[n].auxiliary or maker[n].shape == (1, 1))]
    return found


def _states(statements: list[Statement], weights: set[str]) -> dict[str, Role]:
    """What one round of a loop hands to the next, in the last round too: the first that meets weights in a product, by
    itself or in a stack, is an activation, the others are states beside it. Without one, the last is a mere result if
    others of its round lead to it."""
    rounds = {s.name: s.round for s in statements if s.round is not None}
    handed = {
        ref.name
        for s in statements
        if s.round is not None
        for ref in s.expr.references
        if ref.name in rounds and rounds[ref.name] == (s.round[0], s.round[1] - 1)
    }
    bodies = _bodies(statements)
    met = _met(statements, weights)
    found: dict[str, Role] = {}
    for number in {loop: None for loop, _ in bodies}:
        turns = [body for (loop, _), body in bodies.items() if loop == number]
        places = sorted({k for body in turns for k, name in enumerate(body) if name in handed})
        main = next((k for k in places if any(body[k] in met for body in turns if k < len(body))), None)
        last = places[-1] if places and main is None and _led_to(statements, turns[0], places) else None
        for body in turns:
            for k in places:
                if k < len(body):
                    found[body[k]] = Role.ACTIVATION if k == main else Role.FORWARD if k == last else Role.MEMORY
    return found


def _met(statements: list[Statement], weights: set[str]) -> set[str]:
    """What stands beside weights in a product, and the pieces of such a stack."""
    found = set[str]()
    for s in reversed(statements):
        for node in nodes(s.expr):
            stacked = node.op in ("hstack", "vstack") and s.name in found
            sides = [{ref.name for ref in arg.references} for arg in node.args] if node.op == "matmul" else []
            if stacked or any(side and side <= weights for side in sides):
                found |= {ref.name for ref in node.references} - weights
    return found


def _led_to(statements: list[Statement], body: list[str], places: list[int]) -> bool:
    """Whether the last of the states at `places` is made of another one of its round."""
    if len(body) <= places[-1]:
        return False
    maker = {s.name: s for s in statements if s.name in body}
    todo = [body[places[-1]]]
    for name in todo:
        todo += [ref.name for ref in maker[name].expr.references if ref.name in maker and ref.name not in todo]
    return any(body[k] in todo for k in places[:-1])


def parts_of(node: Node, maker: dict[str, Node]) -> list[tuple[str, int]]:
    """What a stack consists of, from the top: names of matrices (empty for ones) with their rows."""
    if node.op == "vstack":
        return [part for arg in node.args for part in parts_of(arg, maker)]
    if node.is_matrix and node.name in maker and maker[node.name].op == "vstack":
        return parts_of(maker[node.name], maker)
    inner = next((n for n in nodes(node) if n.is_matrix), None)
    return [(inner.name if inner is not None else "", node.shape[0])]
