"""What each matrix is, in the words of the legend: decided on the forward pass, inherited by what repeats it."""

from __future__ import annotations

from collections.abc import Iterable

from sheetgen.ir.node import Node
from sheetgen.ir.program import Program, Statement
from sheetgen.ir.walk import nodes, references
from sheetgen.layout.plan import Role
from sheetgen.ops import operation

GIVEN = {"input": Role.INPUT, "parameter": Role.PARAMETER, "target": Role.TARGET, "constant": Role.CONSTANT}

CAPTIONS = {
    Role.INPUT: "input", Role.PARAMETER: "weight", Role.BIAS: "bias", Role.CONSTANT: "constant",
    Role.ADJACENCY: "adjacency", Role.GCN: "message", Role.FORWARD: "computed", Role.ACTIVATION: "activation",
    Role.HEATMAP: "attention", Role.OUTPUT: "output", Role.TARGET: "target", Role.GRADIENT: "gradient",
    Role.UPDATED: "new weight", Role.COPY: "linked copy",
}  # fmt: skip
"""What the legend says, in its order."""


def roles(program: Program) -> dict[str, Role]:
    """The role of every matrix, by name."""
    forward = [s for s in program.statements if s.phase == "forward"]
    found = {g.name: Role.ADJACENCY if g.graph else GIVEN[g.role] for g in program.givens}
    found.update({name: Role.BIAS for name in _biases(forward) if found.get(name) is Role.PARAMETER})
    graphs = _made_of(forward, {g.name for g in program.givens if g.graph})
    messages = _messages(forward, graphs)
    outputs = _outputs(program, forward)
    factors = {ref.name for s in forward if s.expr.op == "matmul" for ref in references(s.expr)}
    states = _states(forward)
    for s in forward:
        found[s.name] = _role(s, graphs, messages, outputs, factors, states)
    for s in program.statements:
        if s.phase == "backward":
            bias = s.gradient_of is not None and found.get(s.gradient_of) is Role.BIAS
            found[s.name] = Role.BIAS if bias else Role.GRADIENT
        elif s.phase != "forward":
            own = found.get(s.repeats or "", Role.FORWARD)
            found[s.name] = Role.UPDATED if own is Role.PARAMETER else own
    return found


def _role(
    s: Statement, graphs: set[str], messages: set[str], outputs: set[str], factors: set[str], states: set[str]
) -> Role:
    if s.kind == "verdict":
        return Role.VERDICT
    if s.name in graphs:
        return Role.ADJACENCY
    if s.name in outputs:
        return Role.OUTPUT
    if s.name in messages:
        return Role.GCN
    if s.composite == "softmax" and s.name in factors:
        return Role.HEATMAP if min(s.shape) > 1 else Role.ACTIVATION
    if s.name in states or (operation(s.expr).role in ("activation", "probability") and not s.auxiliary):
        return Role.ACTIVATION
    return Role.FORWARD


def _pieces(node: Node, stack: str) -> tuple[Node, ...]:
    """The matrices that a stack puts together, or the operand itself."""
    return node.args if node.op == stack else (node,)


def _biases(statements: Iterable[Statement]) -> set[str]:
    """Columns that stand beside weights and meet a row of ones."""
    found = set()
    for s in statements:
        if s.expr.op == "matmul":
            left, right = _pieces(s.expr.args[0], "hstack"), _pieces(s.expr.args[1], "vstack")
            found |= {a.name for a, b in zip(left[1:], right[1:], strict=False) if a.is_matrix and b.op == "ones"}
    return found


def _made_of(statements: Iterable[Statement], sources: set[str]) -> set[str]:
    """Matrices that are made of `sources` alone, and they."""
    found = set(sources)
    for s in statements:
        names = {ref.name for ref in references(s.expr)}
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
        if any(ref.name in graphs for ref in references(right)) and not any(r.name in graphs for r in references(left)):
            found.add(s.name)
            for piece in _pieces(left, "hstack"):
                if piece.name in maker:
                    found.add(piece.name)
                    found |= {r.name for r in references(maker[piece.name].expr) if _serves(maker, r.name, piece.name)}
    return found


def _serves(maker: dict[str, Statement], name: str, of: str) -> bool:
    """Whether `name` is a helper of the statement `of`."""
    origin = maker[name].origin if name in maker else None
    return origin is not None and origin.of == of


def _outputs(program: Program, statements: list[Statement]) -> set[str]:
    """What the loss compares with a target; without a loss, what is put into words, colours a graph, or is read by
    nothing more."""
    maker = {s.name: s for s in statements if s.kind == "matrix"}
    truth = _made_of(statements, {g.name for g in program.givens if g.role == "target"})
    inputs = {g.name for g in program.givens if g.role == "input"}
    found: set[str] = set()
    losses = {loss.name for loss in program.losses}
    if losses:
        todo, seen = [*losses], {*losses}
        while todo:
            s = maker.get(todo.pop())
            if s is None:
                continue
            names = [ref.name for ref in references(s.expr) if ref.name in maker and ref.name not in truth]
            data = inputs if s.auxiliary else set()  # an autoencoder's loss compares with its input
            compares = any(ref.name in truth | data for ref in references(s.expr))
            for name in names:
                inner = maker[name]
                passed = inner.auxiliary or (not compares and inner.shape == (1, 1) and inner.expr.kind != "product")
                if passed or (not compares and s.name in losses):
                    if name not in seen:
                        seen.add(name)
                        todo.append(name)
                elif compares:
                    found.add(name)
    if found:
        return found
    read = {ref.name for s in statements for ref in references(s.expr) if s.kind == "matrix"}
    worded = {ref.name for s in statements if s.kind == "verdict" for ref in references(s.expr)}
    last = [s.name for s in maker.values() if s.name not in read and s.name not in truth]
    return worded | ({program.predict} if program.predict else set()) or set(last[-1:])


def _states(statements: list[Statement]) -> set[str]:
    """What one round of a loop hands to the next, in the last round too."""
    rounds = {s.name: s.round for s in statements if s.round is not None}
    handed = {
        ref.name
        for s in statements
        if s.round is not None
        for ref in references(s.expr)
        if ref.name in rounds and rounds[ref.name] == (s.round[0], s.round[1] - 1)
    }
    bodies: dict[tuple[int, int], list[str]] = {}
    for s in statements:
        if s.round is not None:
            bodies.setdefault(s.round, []).append(s.name)
    places = {(loop, k) for (loop, _), body in bodies.items() for k, name in enumerate(body) if name in handed}
    return {name for (loop, _), body in bodies.items() for k, name in enumerate(body) if (loop, k) in places}


def parts_of(node: Node, maker: dict[str, Node]) -> list[tuple[str, int]]:
    """What a stack consists of, from the top: names of matrices (empty for ones) with their rows."""
    if node.op == "vstack":
        return [part for arg in node.args for part in parts_of(arg, maker)]
    if node.is_matrix and node.name in maker and maker[node.name].op == "vstack":
        return parts_of(maker[node.name], maker)
    inner = next((n for n in nodes(node) if n.is_matrix), None)
    return [(inner.name if inner is not None else "", node.shape[0])]
