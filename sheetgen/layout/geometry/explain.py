"""Look closer: the terms of one column of a product, in a frame in the product's own band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sheetgen.ir.node import Node
from sheetgen.ir.node import matrix as leaf
from sheetgen.layout.geometry import nodes, operands
from sheetgen.layout.geometry.columns import FIRST
from sheetgen.layout.geometry.figure import Band, Box, Frame, Rail, Zone
from sheetgen.layout.geometry.lines import right_of
from sheetgen.layout.geometry.script import Item
from sheetgen.layout.geometry.sketch import Sketch

ABOVE = 6
"""Rows above the terms: title, two for the sentence, names, weights, ×."""
BELOW = 1
"""The result's name."""
CLOSER = Zone(area=1)


def explained(explains: Sequence[Item], items: Sequence[Item]) -> dict[str, Item]:
    """By statement that explains a column of a product, that product."""
    products = [item for item in items if item.kind == "product"]
    found = {explain.name: next((p for p in products if nodes.is_column_of(explain.expr, p.expr)), None)
             for explain in explains}  # fmt: skip
    return {name: item for name, item in found.items() if item is not None}


def closers(explains: Sequence[Item], items: Sequence[Item], boxes: Sequence[Box], sketch: Sketch, last_column: int,
            bands: Sequence[Band], rails: Sequence[Rail]) -> tuple[list[Frame], list[Box]]:  # fmt: skip
    """A frame and its boxes for each statement that explains a column of a product, up to `last_column`; no rail
    crosses it."""
    lines = [rail for rail in rails if rail.sheet == 0]
    forward = {box.matrix: box for box in boxes if box.sheet == 0 and box.kind == "home"}
    products = explained(explains, items)
    frames: list[Frame] = []
    more: list[Box] = []
    for explain in explains:
        item = products.get(explain.name)
        if item is None or item.name not in forward:
            continue
        result = forward[item.name]
        band = [box for box in (*boxes, *more) if box.band == result.band and box.sheet == 0]
        around = [frame for frame in frames if frame.band == result.band]
        copies = sketch.copies.get(item.name, {})
        frame, inside = _closer(explain, band, around, lines, copies, sketch.homes, last_column, result,
                                bands[result.band])  # fmt: skip
        frames.append(frame)
        more += inside
    return frames, more


def _closer(
    item: Item, boxes: Sequence[Box], frames: Sequence[Frame], rails: Sequence[Rail], copies: Mapping[Node, Node],
    homes: Mapping[str, Node], last_column: int, result: Box, band: Band,
) -> tuple[Frame, list[Box]]:  # fmt: skip
    """On the product's rows right of everything if there is room up to `last_column`, else in rows below."""
    left, right = (operands.put(arg, copies, homes) for arg in nodes.factors(item.expr))
    rows, terms = left.shape
    width, height = terms + 2, ABOVE + rows + BELOW
    row = max(band.first_row, result.row - ABOVE)
    beside = [box.right for box in boxes if box.top < row + height and box.below > row]
    beside += [f.column + f.width for f in frames if f.row < row + height and f.row + f.height > row]
    column = right_of(rails, row, height, max(beside, default=FIRST)) + 1
    if column + width - 1 > last_column:
        row = max([box.below for box in boxes] + [f.row + f.height for f in frames]) + 1
        through = [rail for rail in rails if rail.column < FIRST + width]
        column = right_of(through, row, height, FIRST - 1) + 1
    first = row + ABOVE
    weights, shown = f"{item.name}@weights", f"{item.name}@terms"
    total = nodes.product(leaf(shown, left.shape), leaf(weights, (1, terms)).T)
    seen = [
        replace(box, of=result.key, band=result.band, zone=CLOSER, turn=result.turn)
        for box in (
            Box(weights, "", "weights", "forward", 0, first - 2, column, 1, terms, right.T),
            Box(shown, "", "terms", "forward", 0, first, column, rows, terms, left),
            Box(item.name, item.name, "sum", "forward", 0, first, column + terms + 1, rows, 1, total),
        )
    ]
    return Frame("closer", 0, row, column, height, width, result.band, result.band, result.turn, item.name), seen
