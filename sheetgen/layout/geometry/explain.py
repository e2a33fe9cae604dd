"""Look closer: the terms of one column of a product, in a frame in the product's own band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sheetgen.ir.node import Node
from sheetgen.ir.node import matrix as leaf
from sheetgen.layout.geometry import nodes
from sheetgen.layout.geometry.columns import FIRST
from sheetgen.layout.geometry.figure import Box, Frame, Zone
from sheetgen.layout.geometry.simplify import Item

ABOVE = 5
"""Rows above the terms: title, sentence, names, weights, ×."""
BELOW = 1
"""The result's name."""
CLOSER = Zone(area=1)


@dataclass(frozen=True)
class Closer:
    """A frame and its boxes."""

    frame: Frame
    boxes: tuple[Box, ...]


def look_closer(item: Item, boxes: Sequence[Box], copies: Mapping[Node, Node], homes: Mapping[str, Node], last_column: int,
                result: Box, top: int) -> Closer | None:  # fmt: skip
    """The frame for a statement that explains a column of the product in box `result`: on the product's rows right of
    everything if the page is wide enough, else in rows below. `boxes` are those of its band, `top` the band's first
    row. None if the statement is no product."""
    if item.expr.is_leaf or item.expr.op != "matmul":
        return None
    left, right = (nodes.put(arg, copies, homes) for arg in item.expr.args)
    rows, terms = left.shape
    width, height = terms + 2, ABOVE + rows + BELOW
    row = max(top, result.row - ABOVE)
    beside = [b for b in boxes if b.row - (b.caption is not None) < row + height and b.row + b.height > row]
    column = max((b.column + b.width for b in beside), default=FIRST) + 1
    if column + width - 1 > last_column:
        row = max((b.row + b.height for b in boxes), default=top) + 1
        column = FIRST
    first = row + ABOVE
    weights, shown = f"{item.name}@weights", f"{item.name}@terms"
    common = {"phase": "forward", "sheet": 0, "of": result.key, "band": result.band, "zone": CLOSER, "turn": result.turn}
    seen: list[Box] = [
        Box(weights, "", "weights", row=first - 2, column=column, height=1, width=terms, expr=nodes.turn(right), **common),  # type: ignore[arg-type]
        Box(shown, "", "terms", row=first, column=column, height=rows, width=terms, expr=left, **common),  # type: ignore[arg-type]
        Box(item.name, item.name, "sum", row=first, column=column + terms + 1, height=rows, width=1,
            expr=Node("matmul", (leaf(shown, left.shape), nodes.turn(leaf(weights, (1, terms)))), (rows, 1)), **common),  # type: ignore[arg-type]
    ]  # fmt: skip
    frame = Frame("closer", 0, row, column, height, width, result.band, result.band, result.turn, item.name)
    return Closer(frame, tuple(seen))
