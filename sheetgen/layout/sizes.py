"""The table of sizes at the top left: sequence length, input and hidden sizes, how many parameters."""

from __future__ import annotations

from dataclasses import dataclass

from sheetgen.cells.a1 import reference
from sheetgen.ir.node import Node
from sheetgen.ir.program import Given, Program, Statement
from sheetgen.ir.walk import references
from sheetgen.layout.loops import loops
from sheetgen.layout.placement import CANVAS, Placement
from sheetgen.layout.plan import Role
from sheetgen.layout.uses import is_product

MOST_COUNTED = 200
"""Parameters whose cells one formula counts."""


@dataclass(frozen=True)
class Size:
    """A caption, its number, and the formula that works it out."""

    caption: str
    number: int
    formula: str


def sizes(placement: Placement, roles: dict[str, Role]) -> list[Size]:
    """What is worth knowing of a network at a glance, for the canvas."""
    program = placement.program
    givens = {g.name: g for g in program.givens}
    found: list[Size] = []

    def add(caption: str, given: Given, axis: int) -> None:
        where = reference(placement.rects[given.name], CANVAS)
        found.append(Size(caption, given.shape[axis], f"{('ROWS', 'COLUMNS')[axis]}({where})"))

    graph = next((g for g in program.givens if g.graph), None)
    unrolled = [loop for loop in loops(program) if loop.rounds[0][0].phase == "forward"]
    trained = {g.name for g in program.givens if g.role == "parameter"}
    recurrent = next((loop for loop in unrolled if loop.beside & trained and loop.chained), None)
    tokens = {r.name for s in program.statements for r in _looked_up(s)}
    inputs = [g for g in program.givens if g.role == "input" and not g.graph]
    x = next((g for g in inputs if g.name in tokens or _enters_product(program, g)), None)
    if graph is not None:
        add("Nodes", graph, 1)
    if x is not None:
        if x.name not in tokens:
            add("Input size", x, 0)
        if graph is None and x.shape[1] > 1:
            sequence = recurrent is not None or any(roles.get(s.name) is Role.HEATMAP for s in program.statements)
            add("Sequence length" if sequence else "Samples", x, 1)
    if recurrent is not None:
        for state in (givens[name] for name in sorted(recurrent.above) if name in givens and givens[name] is not x):
            add("Hidden size", state, 0)
            break
    if target := next((g for g in program.givens if g.role == "target" and g.name not in tokens), None):
        add("Output size", target, 0)
    parameters = [g for g in program.givens if g.role == "parameter"]
    if 0 < len(parameters) <= MOST_COUNTED:
        cells = ",".join(reference(placement.rects[g.name], CANVAS) for g in parameters)
        found.append(Size("Parameters", sum(g.value.size for g in parameters), f"COUNT({cells})"))
    return found


def _looked_up(s: Statement) -> list[Node]:
    """Token ids: they are looked up, rather than weighed."""
    return references(s.expr.args[1]) if s.expr.op == "embedding" else []


def _enters_product(program: Program, given: Given) -> bool:
    """Whether its rows are weighed, as features are, perhaps column by column."""
    seen = {given.name}
    for s in program.statements:
        if is_product(s) and any(r.name in seen for r in references(s.expr.args[1])):
            return True
        if s.expr.op == "vstack" and any(r.name in seen for r in references(s.expr)):
            seen.add(s.name)
    return False
