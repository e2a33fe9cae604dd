"""Square matrices of data in another form, such as a graph's with self-loops or normalised: they stand side by side."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgen.ir.node import Node
from sheetgen.layout.geometry import nodes
from sheetgen.layout.geometry.bands import Placed
from sheetgen.layout.geometry.board import Standing
from sheetgen.layout.geometry.sketch import NARROW, WIDE
from sheetgen.layout.geometry.sketcher import Sketcher


def form_of(on: Sketcher, placed: Placed, read: Sequence[Node]) -> Standing | None:
    """The matrix in this band to which a statement, which reads `read`, only gives another form; it gets its place here
    if it has none."""
    item, zone = placed.item, on.state.at[placed.turn]
    whole = next((o for o in read if o.shape == item.shape), None)
    square = item.shape[0] == item.shape[1] and NARROW < item.shape[1] <= WIDE
    if on.row.lanes or not square or whole is None or not _is_form(on, item.name):
        return None
    if on.is_new(whole):
        on.into_lane(whole, zone, item.name)
    return next((s for s in on.board.lane(zone).standing if s.operand == whole), None)


def _is_form(on: Sketcher, name: str) -> bool:
    """Whether a matrix is data, or made cell by cell of one like it, and of sums of data."""
    if name in on.script.sources:
        return on.script.sources[name].role in ("input", "constant")
    item = on.items.get(name)
    if item is None or item.kind not in ("cells", "reduce"):
        return False
    read = {ref.name: ref.shape for ref in nodes.references(item.expr)}
    like = item.kind == "reduce" or item.shape in read.values() or 1 in item.shape
    return like and all(_is_form(on, one) for one in read)
