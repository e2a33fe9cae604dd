"""What each matrix is, in the words of the legend."""

from __future__ import annotations

from sheetgen.ir.node import Node
from sheetgen.ir.program import Program, Statement
from sheetgen.ir.walk import references
from sheetgen.layout.plan import Role
from sheetgen.layout.uses import Uses, is_product, pieces
from sheetgen.ops import operation

GIVEN = {"input": Role.INPUT, "parameter": Role.PARAMETER, "target": Role.TARGET, "constant": Role.CONSTANT}

CAPTIONS = {
    Role.INPUT: "input", Role.PARAMETER: "parameter", Role.BIAS: "bias", Role.CONSTANT: "constant",
    Role.ADJACENCY: "adjacency", Role.GCN: "graph convolution", Role.FORWARD: "forward",
    Role.ACTIVATION: "activation", Role.OUTPUT: "output", Role.TARGET: "target", Role.HEATMAP: "weights as heat map",
    Role.GRADIENT: "gradient", Role.UPDATED: "updated", Role.COPY: "linked copy",
}  # fmt: skip


def roles(program: Program) -> dict[str, Role]:
    """The role of every matrix that is drawn, by name."""
    uses = Uses(program)
    found = {g.name: Role.ADJACENCY if g.graph else GIVEN[g.role] for g in program.givens}
    found.update({name: Role.BIAS for name in uses.biases if found.get(name) in (Role.PARAMETER, Role.CONSTANT)})
    graphs = {g.name for g in program.givens if g.graph}
    pooled = _pooling(program, graphs)
    losses = _leads_only_to(program, program.loss)
    inner = uses.operands | _gates(program)
    for s in program.statements:
        for place, part in enumerate(s.parts):
            if s.kind == "explain":
                found[part.name] = found.get(s.target.matrix if s.target else "", Role.FORWARD)
                continue
            found[part.name] = _role(s, part.name, uses, inner, graphs, pooled, losses, bool(place))
    if graphs:
        last = max((k for k, s in enumerate(program.statements) if s.name in pooled), default=0)
        for s in program.statements[last + 1 :]:
            if s.phase == "forward" and s.kind == "matrix" and found[s.name] in (Role.FORWARD, Role.ACTIVATION):
                found[s.name] = Role.OUTPUT
    return found


def _role(
    s: Statement,
    name: str,
    uses: Uses,
    inner: set[str],
    graphs: set[str],
    pooled: set[str],
    losses: set[str],
    later: bool,
) -> Role:
    if s.kind == "verdict":
        return Role.VERDICT
    if s.phase == "backward":
        return Role.BIAS if later and s.axis == 0 else Role.GRADIENT
    if s.phase == "update":
        return Role.BIAS if name in uses.biases else Role.UPDATED
    rule = operation(s.expr)
    names = {r.name for r in references(s.expr)}
    if names and names <= graphs:
        return Role.ADJACENCY
    if s.name in pooled:
        return Role.GCN
    if s.composite == "softmax":
        if name not in uses.operands:
            return Role.OUTPUT
        return Role.HEATMAP if min(s.shape) > 1 else Role.ACTIVATION
    if rule.role == "image" and min(s.shape) > 1:
        return Role.HEATMAP
    if name in losses:
        return Role.FORWARD
    if rule.role == "probability" and name not in inner:
        return Role.OUTPUT
    return Role.ACTIVATION if rule.role in ("activation", "probability") else Role.FORWARD


def _gates(program: Program) -> set[str]:
    """What lets other matrices through, cell by cell, as the gates of an LSTM do: `g` in `g * h` or `(1 - g) * h`."""
    found: set[str] = set()
    todo: list[Node] = [s.expr for s in program.statements if s.phase == "forward"]
    while todo:
        node = todo.pop()
        if node.op == "multiply" and all(references(arg) for arg in node.args):
            factors = (a.args[1] if a.op == "subtract" else a for a in node.args)
            found |= {factor.name for factor in factors if factor.is_matrix}
        todo.extend(node.args)
    return found


def _pooling(program: Program, graphs: set[str]) -> set[str]:
    """Messages and what becomes of them: products with something made of a graph, and what enters them."""
    made = set(graphs)
    for s in program.statements:
        names = {r.name for r in references(s.expr)}
        if names and names <= made and not is_product(s):
            made.add(s.name)
    found: set[str] = set()
    maker = {s.name: s for s in program.statements if s.phase == "forward"}
    for s in maker.values():
        if is_product(s):
            left, right = s.expr.args
            if {r.name for r in references(right)} & made and not {r.name for r in references(left)} & made:
                found |= {s.name}
                for piece in pieces(left, "hstack"):
                    at = piece.name if piece.is_matrix else ""
                    if at in maker:
                        found.add(at)
                        helpers = [s for s in maker.values() if s.origin and s.origin.of == at]
                        found |= {s.name for s in helpers if s.origin and s.origin.part == "pre"}
    return found


def _leads_only_to(program: Program, loss: str | None) -> set[str]:
    """The loss and its helper matrices."""
    found = {loss}
    for s in reversed(program.statements):
        if s.repeats == loss or (s.origin and s.origin.of in found):
            found.add(s.name)
    return {name for name in found if name}
