"""Charts where people would rather look than read: the graph, probabilities as bars, curves of functions."""

from __future__ import annotations

from sheetgen.ir.node import Node
from sheetgen.ir.program import Given, Statement
from sheetgen.ir.walk import references
from sheetgen.layout import measure
from sheetgen.layout.placement import CANVAS, Placement
from sheetgen.layout.plan import Bars, Chart, GraphPicture, Lines, NetworkPicture, Region, Role
from sheetgen.layout.uses import is_product, pieces
from sheetgen.ops import operation

MOST_BARS, MOST_DRAWN, FEWEST_POINTS, MOST_NEURONS, MOST_LAYERS = 12, 120, 8, 10, 8
MARGIN = 3
"""Columns between a chart and what stands left of it: captions may reach into them."""


def charts_of(placement: Placement, roles: dict[str, Role], sheet: str, regions: list[Region]) -> tuple[Chart, ...]:
    """The charts of a sheet, side by side right of everything that stands at its top."""
    if sheet != CANVAS:
        return ()
    program = placement.program
    row = min(r.row for r in regions) - 1
    found: list[Chart] = []

    def place(make: type, **fields: object) -> None:
        level = [r for r in regions if r.row <= row + measure.CHART_ROWS and r.row + r.height >= row]
        column = max((r.column + r.width + MARGIN for r in level), default=4)
        found.append(make(row=row, column=column + len(found) * (measure.CHART_COLUMNS + 1), **fields))

    for given in program.givens:
        if given.graph and len(given.graph.labels) <= MOST_DRAWN:
            place(
                GraphPicture, title="The graph", labels=given.graph.labels, positions=given.graph.positions,
                adjacency=given.name, prediction=_prediction(program.predict, placement), directed=given.graph.directed,
            )  # fmt: skip
    if chain := _chain(placement):
        place(NetworkPicture, title="The network", layers=chain[0], weights=chain[1])
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


def _chain(placement: Placement) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The layers of a plain chain `relu(W @ x + b)`, and the weights between them; None for any other network."""
    program = placement.program
    forward = [s for s in program.statements if s.phase == "forward" and s.kind == "matrix"]
    products = [s for s in forward if is_product(s)]
    parameters = {g.name for g in program.givens if g.role == "parameter"}
    maker = {s.name: s for s in forward}
    layers: list[str] = []
    weights: list[str] = []
    for last, s in zip([None, *products], products, strict=False):
        left, below = pieces(s.expr.args[0], "hstack"), pieces(s.expr.args[1], "vstack")
        first, source = left[0], below[0]
        if not (first.is_matrix and first.name in parameters and source.is_matrix):
            return None
        whole = all(piece.op == "ones" for piece in below[1:])
        if not whole or (last is not None and _sources(source.name, maker) - parameters != {last.name}):
            return None
        layers.append(source.name)
        weights.append(first.name)
    if len(products) < 2:
        return None
    shape = products[-1].shape
    layers.append([s.name for s in forward if not s.auxiliary and s.shape == shape and s.name != program.loss][-1])
    heights = [placement.rects[name].height for name in layers]
    return (tuple(layers), tuple(weights)) if max(heights) <= MOST_NEURONS and len(layers) <= MOST_LAYERS else None


def _sources(name: str, maker: dict[str, Statement]) -> set[str]:
    """The products and given matrices that a matrix is made of, cell by cell."""
    s = maker.get(name)
    if s is None or is_product(s):
        return {name}
    return {source for ref in references(s.expr) for source in _sources(ref.name, maker)}


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
            for name in _guesses(s.expr, target.name):
                small = 1 in target.shape and 1 < target.value.size <= MOST_BARS
                if small and name in makers and makers[name].shape == target.shape:
                    return makers[name], target
    return None


def _guesses(node: Node, target: str) -> list[str]:
    """What a loss holds against a target: what the target is subtracted from, or what a logarithm is taken of."""
    if node.is_leaf:
        return []
    names = [ref.name for ref in references(node)]
    if node.op == "log" or (node.op == "subtract" and target in names):
        return [name for name in names if name != target]
    return [name for arg in node.args for name in _guesses(arg, target)]


def _is_function(expr: Node) -> bool:
    return expr.kind == "elementwise" and not operation(expr).arithmetic


def _curves(placement: Placement) -> tuple[str, list[Statement]] | None:
    """Functions of one given row of ascending numbers."""
    program = placement.program
    for given in program.givens:
        numbers = given.value.ravel()
        if 1 not in given.shape or len(numbers) < FEWEST_POINTS or not (numbers[1:] > numbers[:-1]).all():
            continue
        curves = [
            s for s in program.statements
            if s.phase == "forward" and s.shape == given.shape and _is_function(s.expr)
            and s.expr.args[0].is_matrix and s.expr.args[0].name == given.name and not s.auxiliary
        ]  # fmt: skip
        if curves:
            return given.name, curves
    return None
