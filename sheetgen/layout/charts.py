"""Charts where people would rather look than read: the graph, probabilities as bars, curves of functions."""

from __future__ import annotations

from sheetgen import theme
from sheetgen.hoist import references
from sheetgen.layout.placement import CANVAS, Placement
from sheetgen.plan import Bars, Chart, GraphPicture, Lines, Region, Role
from sheetgen.program import Call, Given, Ref, Statement

MOST_BARS, MOST_DRAWN, FEWEST_POINTS = 12, 120, 8
MARGIN = 3
"""Columns between a chart and what stands left of it: captions may reach into them."""


def charts_of(placement: Placement, roles: dict[str, Role], sheet: str, regions: list[Region]) -> tuple[Chart, ...]:
    """The charts of a sheet, right of everything that stands at its top."""
    if sheet != CANVAS:
        return ()
    program = placement.program
    row = min(r.row for r in regions) - 1
    found: list[Chart] = []

    def place(make: type, **fields: object) -> None:
        at = row + len(found) * (theme.CHART_ROWS + 1)
        level = [r for r in regions if r.row <= at + theme.CHART_ROWS and r.row + r.height >= at]
        column = max((r.column + r.width + MARGIN for r in level), default=4)
        found.append(make(row=at, column=column, **fields))

    for given in program.givens:
        if given.graph and len(given.graph.labels) <= MOST_DRAWN:
            place(
                GraphPicture, title="The graph", labels=given.graph.labels, positions=given.graph.positions,
                adjacency=given.name, prediction=_prediction(program.predict, placement), directed=given.graph.directed,
            )  # fmt: skip
    if pair := _compared(placement):
        guess, target = pair
        categories = target.rows or tuple(str(k + 1) for k in range(target.value.size))
        place(
            Bars, title="Prediction and target", series=(("prediction", guess.name), ("target", target.name)),
            categories=categories, step=guess.step,
        )  # fmt: skip
    curves = _curves(placement)
    if curves:
        x, statements = curves
        place(Lines, title="Curves", x=x, series=tuple((s.name, s.name) for s in statements), step=0)
    return tuple(found)


def _prediction(name: str | None, placement: Placement) -> str | None:
    return name if name in placement.rects else None


def _compared(placement: Placement) -> tuple[Statement, Given] | None:
    """A small prediction and the target that its loss compares it with."""
    program = placement.program
    targets = {g.name: g for g in program.givens if g.role == "target"}
    makers = {s.name: s for s in program.statements if s.phase == "forward"}
    for s in makers.values():
        names = [r.name for r in references(s.expr)]
        for target in (targets[n] for n in names if n in targets):
            for name in names:
                small = 1 in target.shape and 1 < target.value.size <= MOST_BARS
                if small and name in makers and makers[name].shape == target.shape:
                    return makers[name], target
    return None


def _curves(placement: Placement) -> tuple[str, list[Statement]] | None:
    """Functions of one given row of ascending numbers."""
    program = placement.program
    for given in program.givens:
        numbers = given.value.ravel()
        if 1 not in given.shape or len(numbers) < FEWEST_POINTS or not (numbers[1:] > numbers[:-1]).all():
            continue
        curves = [
            s for s in program.statements
            if s.phase == "forward" and s.shape == given.shape and isinstance(s.expr, Call)
            and isinstance(s.expr.args[0], Ref) and s.expr.args[0].name == given.name and not s.auxiliary
        ]  # fmt: skip
        if curves:
            return given.name, curves
    return None
