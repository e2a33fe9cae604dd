"""Look closer: the terms of one column of a product, in a frame in the product's own band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce
from itertools import pairwise
from operator import add

from sheetgen.ir.node import Node, call
from sheetgen.ir.node import matrix as leaf
from sheetgen.layout.geometry import nodes, operands
from sheetgen.layout.geometry.columns import FIRST
from sheetgen.layout.geometry.figure import Band, Box, Frame, Rail, Zone
from sheetgen.layout.geometry.lines import right_of
from sheetgen.layout.geometry.script import Item
from sheetgen.layout.geometry.sketch import Sketch
from sheetgen.ops.views import cut

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
            bands: Sequence[Band], rails: Sequence[Rail],
            turns: Sequence[Frame]) -> tuple[list[Frame], list[Box]]:  # fmt: skip
    """A frame and its boxes for each statement that explains a column of a product, up to `last_column`; no rail
    crosses it, and it stands apart from the frames around `turns`."""
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
        around = [f for f in (*turns, *frames) if f.sheet == 0 and f.band <= result.band <= f.last_band]
        copies = sketch.copies.get(item.name, {})
        frame, inside = _closer(explain, band, around, lines, copies, sketch.homes, last_column, result,
                                bands[result.band])  # fmt: skip
        frames.append(frame)
        more += inside
    return frames, more


def _hole(boxes: Sequence[Box], frames: Sequence[Frame], rails: Sequence[Rail], rows: range, width: int, first: int,
          last: int) -> int:  # fmt: skip
    """The last column from `first` to `last` at which so many columns are free on these rows, with one free at each
    side; 0 if there is none."""
    taken = [(box.column, box.right) for box in boxes if box.top < rows.stop and box.below > rows.start]
    taken += [(f.column, f.column + f.width) for f in frames if f.row < rows.stop and f.row + f.height > rows.start]
    taken += [(r.column, r.column + 2) for r in rails if r.rows.start < rows.stop and r.rows.stop > rows.start]
    for start in sorted({first, *(end for _, end in taken if end > first)}, reverse=True):
        end = start + 1 + width
        if end - 1 <= last and all(b <= start or a > end for a, b in taken):
            return start + 1
    return 0


def _closer(
    item: Item, boxes: Sequence[Box], frames: Sequence[Frame], rails: Sequence[Rail], copies: Mapping[Node, Node],
    homes: Mapping[str, Node], last_column: int, result: Box, band: Band,
) -> tuple[Frame, list[Box]]:  # fmt: skip
    """Right of the product, on its rows if there is room up to `last_column`, else on the nearest rows of its band with
    room, else in rows below, under the product if it isn't too wide for that."""
    left, right = (operands.put(arg, copies, homes) for arg in nodes.factors(item.expr))
    parts, weighing = _laid_out(left, right, item.terms)
    rows, terms = parts.shape
    width, height = terms + 2, ABOVE + rows + BELOW
    wanted = max(band.first_row, result.row - ABOVE)
    deep = max([box.below for box in boxes] + [f.row + f.height for f in frames])
    near = sorted(range(band.first_row + 1, deep - height + 1), key=lambda row: abs(row - wanted))
    holes = ((row, _hole(boxes, frames, rails, range(row, row + height), width, result.right, last_column))
             for row in (wanted, *near))  # fmt: skip
    row, column = next(((row, column) for row, column in holes if column), (deep + 1, 0))
    if not column:
        start = result.column if result.column + width - 1 <= last_column else FIRST
        through = [rail for rail in rails if rail.column < start + width]
        column = right_of(through, row, height, start - 1) + 1
    first = row + ABOVE
    weights, shown = f"{item.name}@weights", f"{item.name}@terms"
    total = nodes.product(leaf(shown, parts.shape), leaf(weights, (1, terms)).T)
    seen = [
        replace(box, of=result.key, band=result.band, zone=CLOSER, turn=result.turn)
        for box in (
            Box(weights, "", "weights", "forward", 0, first - 2, column, 1, terms, weighing),
            Box(shown, "", "terms", "forward", 0, first, column, rows, terms, parts),
            Box(item.name, item.name, "sum", "forward", 0, first, column + terms + 1, rows, 1, total),
        )
    ]
    return Frame("closer", 0, row, column, height, width, result.band, result.band, result.turn, item.name), seen


def _laid_out(left: Node, right: Node, picked: Sequence[int]) -> tuple[Node, Node]:
    """The columns of `left` and the row that weighs them; of some that are `picked`, the others come last, as what they
    add up to."""
    if not picked:
        return left, right.T
    gaps = [(a + 1, b) for a, b in pairwise([-1, *picked, left.shape[1]]) if b > a + 1]
    others = [nodes.product(cut(left, 1, *gap), cut(right, 0, *gap)) for gap in gaps]
    columns = [cut(left, 1, k, k + 1) for k in picked]
    weights = [cut(right, 0, k, k + 1) for k in picked]
    return call("hstack", *columns, reduce(add, others)), call("hstack", *weights, nodes.ones(1))
