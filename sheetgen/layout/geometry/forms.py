"""What stands right of what it is made of: forms of a square matrix of data, such as a graph's with self-loops or
normalised; and, where that saves paper, side calculations."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgen.ir.node import Node
from sheetgen.layout.geometry.bands import Placed
from sheetgen.layout.geometry.board import Standing
from sheetgen.layout.geometry.script import Item
from sheetgen.layout.geometry.sketch import NARROW, WIDE
from sheetgen.layout.geometry.sketcher import Sketcher
from sheetgen.records import replace


def right_of(on: Sketcher, placed: Placed, read: Sequence[Node]) -> int | None:
    """Place such a statement, which reads `read`, on the rows of what it is made of; None if it isn't one, or something
    stands there."""
    item = placed.item
    like = _form_of(on, placed, read) or _side_of(on, placed, read)
    if like is None:
        return None
    box = on.board.number[like.key]
    zone = on.board.drafts[box].zone
    zone = replace(zone, sub=zone.sub + 1)
    if on.board.has_beside(box, zone):
        return None
    if item.auxiliary:
        on.state.aside[item.name] = zone
    return on.home(item, zone, tie=(box, 0))


def may_stand_aside(item: Item) -> bool:
    """Whether a statement is a side calculation if it is made of one matrix, for others of its shape: a helper cell by
    cell, as a softmax's exponentials are."""
    return item.auxiliary and item.kind == "cells" and item.shape[1] > 1


def _form_of(on: Sketcher, placed: Placed, read: Sequence[Node]) -> Standing | None:
    """The matrix in this band to which a statement only gives another form; it gets its place here if it has none."""
    item, zone = placed.item, on.state.at[placed.turn]
    whole = next((o for o in read if o.shape == item.shape), None)
    square = item.shape[0] == item.shape[1] and NARROW < item.shape[1] <= WIDE
    if on.row.lanes or item.auxiliary or not square or whole is None or not _is_form(on, item.name):
        return None
    if on.is_new(whole):
        on.into_lane(whole, zone, item.name)
    return _lowest(on, placed, whole)


def _side_of(on: Sketcher, placed: Placed, read: Sequence[Node]) -> Standing | None:
    """The lowest matrix of the lane, if a statement is a side calculation on it."""
    item = placed.item
    whole = [o for o in read if o.shape == item.shape]
    if not on.options.aside or not may_stand_aside(item) or len(whole) != 1:
        return None
    if any(one.kind not in ("cells", "reduce") or one.shape[1] not in (1, item.shape[1]) for one in on.readers(item)):
        return None
    return _lowest(on, placed, whole[0])


def _lowest(on: Sketcher, placed: Placed, operand: Node) -> Standing | None:
    """The matrix itself, if it stands in this band and is the lowest of its lane but for what is glued to it."""
    for standing in reversed(on.board.lane(on.state.at[placed.turn]).standing):
        draft = on.draft(standing)
        if standing.operand == operand:
            return None if standing.copy or draft.band != on.row.block.index else standing
        if not draft.glued:
            break
    return None


def _is_form(on: Sketcher, name: str) -> bool:
    """Whether a matrix is data, or made cell by cell of one like it, and of sums of data."""
    if name in on.script.sources:
        return on.script.sources[name].role in ("input", "constant")
    item = on.items.get(name)
    if item is None or item.kind not in ("cells", "reduce"):
        return False
    read = {ref.name: ref.shape for ref in item.expr.references}
    like = item.kind == "reduce" or item.shape in read.values() or 1 in item.shape
    return like and all(_is_form(on, one) for one in read)
