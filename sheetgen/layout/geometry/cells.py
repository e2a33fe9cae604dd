"""Functions, sums cell by cell, reductions and named stacks: down the lane of their main operand."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgen.ir.node import Node
from sheetgen.ir.node import matrix as leaf
from sheetgen.layout.geometry import nodes, operands
from sheetgen.layout.geometry.bands import Placed
from sheetgen.layout.geometry.board import Standing
from sheetgen.layout.geometry.constraints import Below
from sheetgen.layout.geometry.figure import Zone
from sheetgen.layout.geometry.forms import right_of
from sheetgen.layout.geometry.products import left_of
from sheetgen.layout.geometry.script import Item
from sheetgen.layout.geometry.simplify import summary
from sheetgen.layout.geometry.sketch import ABREAST, BIG, BRANCH, JOIN, NARROW, NEAR, SHARED, SMALL, WIDE, Part
from sheetgen.layout.geometry.sketcher import Sketcher
from sheetgen.ops.views import blocks_of


def cells(on: Sketcher, placed: Placed) -> int:
    """Place a result below its main operand; other operands in place, on a rail, left or above."""
    item, turn = placed.item, placed.turn
    terms = operands.weighted(item.expr, on.scalars)
    read = terms or [o for o in dict.fromkeys(operands.operands(item.expr)) if not on.is_scalar(o)]
    if _is_gate(on, placed, read):
        index = on.state.placed[on.state.last[turn]]
        at = on.state.at[turn]
        return on.home(item, Zone(0, turn, at.sub + 1), tie=(index, 0))
    right = right_of(on, placed, read)
    if right is not None:
        return right
    aside = [o for o in read if o.is_matrix and o.name in on.state.aside]
    read = [o for o in read if o not in aside]
    number = _number_before(on, placed)
    if number is not None:
        offset = on.board.right.get(number, 1) + 1
        on.board.right[number] = offset + 1
        return on.home(item, on.board.drafts[number].zone, 1, (number, 0), offset, chain=False)
    zone, main = _lane(on, placed, read) if read or not aside else (on.state.at[turn], None)
    head = 1
    lane = on.board.lane(zone)
    carried = {_base(on, s.operand) for s in lane.standing if not s.far} if lane.previous is None else set()
    if any(_base(on, o) in carried for o in read):
        head = 2
    join = _join(on, placed, read, zone)
    others = [o for o in read if o != main and o not in join]
    if main is not None and main not in join:
        near = _find(on, zone, main, BRANCH)
        if near is not None:
            on.use(item.name, near)
        elif not on.is_big(main):
            on.into_lane(main, zone, item.name)
            head = 1
    for k, operand in enumerate(join):
        on.into_lane(operand, zone, item.name, head=0 if k else None, glued="under" if k else "")
        head = 1
    left = [o for o in others if not _in_place(on, placed, o, zone)]
    above = [o for o in left if _above(on, o, zone, item)]
    for operand in above:
        glue = _glues(on, operand, zone, item) and main in (*on.bottom(zone), None)
        on.into_lane(operand, zone, item.name, head=0 if glue else None, glued="under" if glue else "")
        head = 0 if glue else 1
    if head == 0:
        lane = on.board.lane(zone)
        index = on.home(item, zone, 0, (lane.previous or 0, lane.extent), glued="under")
    else:
        index = on.home(item, zone, head, lead=head - 1)
    left_of(on, placed, [o for o in left if o not in above], index, 1)
    for operand in aside:
        box = on.state.placed[operand.name]
        on.board.belows.append(Below(box, index, operand.shape[0] + 1))
    return index


def _number_before(on: Sketcher, placed: Placed) -> int | None:
    """The first of a row of numbers that are made from nothing but numbers, if the next one may stand beside it."""
    lane = on.board.lane(on.state.at[placed.turn])
    first = on.items.get(on.board.drafts[lane.previous].key) if lane.previous is not None else None
    if on.row.lanes or first is None or lane.previous is None:
        return None
    full = on.board.right.get(lane.previous, 1) > 2 * (ABREAST - 1)
    return None if full or not {first.name, placed.item.name} <= on.numbers else lane.previous


def _join(on: Sketcher, placed: Placed, read: Sequence[Node], zone: Zone) -> list[Node]:
    """The operands of a sum of four or more, or of the totals of so many, that have to come from elsewhere: they are
    stacked above it."""
    shape, alike = placed.item.shape, all(o.shape == placed.item.shape for o in read)
    if len(read) < JOIN or not nodes.is_sum(placed.item.expr) or not (alike or shape == (1, 1)):
        return []
    away = [o for o in read if _find(on, zone, o, BRANCH) is None and on.board.find(zone, o, SHARED) is None]
    tall = sum(o.shape[0] for o in away) > SHARED
    return away if len(away) >= JOIN - 1 and not tall and all(o.shape[0] * o.shape[1] <= BIG for o in away) else []


def _glues(on: Sketcher, operand: Node, zone: Zone, item: Item) -> bool:
    """Rows of a loop's turn that are compared cell by cell: prediction, target, difference, without captions."""
    return bool(on.row.lanes) and operand.shape == item.shape and item.shape[0] == 1 and item.shape[1] <= NARROW


def view(on: Sketcher, placed: Placed) -> int:
    """Place a rearrangement: a box of its own in the lane that reads its parts wherever they stand; or, if one of the
    matrices stacked has no place yet, the matrices themselves."""
    item = placed.item
    read = list(dict.fromkeys(operands.operands(item.expr)))
    parts = blocks_of(item.expr, 0)
    if len(parts) > 1 and _joined(on, parts):
        return _in_parts(on, placed, parts)
    zone, _ = _lane(on, placed, read)
    for operand in read:
        if on.piece(operand) and on.is_new(operand):
            on.into_lane(operand, zone, item.name)
        on.ensure(operand, zone)
        near = _find(on, zone, operand, BRANCH)
        if near is not None:
            on.use(item.name, near)
        elif not (len(parts) > 1 and _rail(on, item, operand, zone, 0)):
            on.link(item.name, operand)
    return on.home(item, zone)


def _joined(on: Sketcher, parts: Sequence[Node]) -> bool:
    """Whether a stack is drawn as its parts: some have no place yet (and no gradient of their own there), and the
    others aren't too big for a copy."""
    if not all(map(operands.is_operand, parts)):
        return False
    new = [part for part in parts if on.is_new(part)]
    small = all(part in new or part.shape[0] * part.shape[1] <= BIG for part in parts)
    return bool(new) and small and not any(_base(on, part) in on.script.gradients for part in new)


def _in_parts(on: Sketcher, placed: Placed, parts: Sequence[Node]) -> int:
    """A named stack as originals and copies glued to each other in the first lane."""
    item, zone = placed.item, Zone(0, placed.turn, 0)
    boxes = []
    row = 0
    for part in parts:
        index = on.into_lane(part, zone, item.name, head=0 if row else 1, glued="under" if row else "")
        boxes.append(index)
        draft = on.board.drafts[index]
        span = (row, row + part.shape[0])
        on.state.parts.setdefault(item.name, []).append(Part(draft.key, span, None, draft.shape))
        row = span[1]
    on.settle(item.name, leaf(item.name, item.shape), boxes[0], boxes[-1])
    return boxes[0]


def reduce(on: Sketcher, placed: Placed) -> int:
    """Glue a summary to what it sums: under it, right of it, or a total at the end of its row."""
    item, turn = placed.item, placed.turn
    found = summary(item.expr)
    operand, axis = found if found is not None else (item.expr, None)
    if found is not None and not on.row.lanes and on.is_new(operand) and not on.is_big(operand):
        on.state.at[turn] = _lane(on, placed, [operand])[0]
        on.into_lane(operand, on.state.at[turn], item.name)
    zone = on.state.aside.get(operand.name, on.state.at[turn]) if operand.is_matrix else on.state.at[turn]
    if zone != on.state.at[turn]:
        on.state.aside[item.name] = zone
    lane = on.board.lane(zone)
    bottom = lane.standing[-1] if lane.standing else None
    followed = on.state.followed.get(placed.index)
    if bottom is not None and bottom.operand == operand and bottom.end == lane.previous and not on.draft(bottom).offset:
        box = on.board.number[bottom.key]
        way = followed[1] if followed else _way(on, item, axis, zone, lane.width)
        on.follow(placed, zone, way)
        if way == "under":
            return on.home(item, zone, 0, (box, bottom.bottom - bottom.top), glued="under")
        if way == "right":
            width = on.board.right.get(box, on.board.drafts[box].width)
            on.board.right[box] = width + item.shape[1]
            return on.home(item, zone, 0, (box, 0), width, chain=False, glued="right")
        if way == "end":
            return on.home(item, Zone(0, turn, zone.sub + 1), 1, (box, 0))
    return cells(on, placed)


def _way(on: Sketcher, item: Item, axis: int | None, zone: Zone, width: int) -> str:
    if item.shape == (1, 1) and axis is None:
        return "end" if width <= WIDE and not on.row.lanes else "down"
    if axis == 0:
        return "under"
    above = [o for one in on.readers(item) if (o := nodes.above(one.expr)) is not None]
    read_above = any(leaf(item.name, item.shape) in blocks_of(o, 0) for o in above)
    return "right" if axis == 1 and not on.row.lanes and not read_above else "down"


def _is_gate(on: Sketcher, placed: Placed, read: Sequence[Node]) -> bool:
    """f(W·x) in a loop whose lanes are narrow: right of its product."""
    item, turn = placed.item, placed.turn
    last = on.items.get(on.state.last[turn])
    return (
        on.row.lanes > 0
        and last is not None
        and on.branches(last)
        and last.kind == "product"
        and list(read) == [leaf(last.name, last.shape)]
        and item.shape == last.shape
        and item.shape[1] <= NARROW
        and item.kind == "cells"
        and last.name in on.state.placed
        and on.board.estimate[on.state.placed[last.name]] >= 0
        and on.board.drafts[on.state.placed[last.name]].band == on.row.block.index
    )


def _base(on: Sketcher, operand: Node) -> str:
    return next((ref.name for ref in operand.references if not on.is_scalar(ref)), "")


def _find(on: Sketcher, zone: Zone, operand: Node, reach: int) -> Standing | None:
    """The box of a lane that shows an operand, or the whole matrix that it is a part or the transpose of."""
    found = on.board.find(zone, operand, reach)
    if found is None and operands.is_operand(operand) and not operand.is_matrix:
        ref = next(iter(operand.references), None)
        found = on.board.find(zone, ref, reach) if ref is not None else None
    return found


def _lane(on: Sketcher, placed: Placed, read: Sequence[Node]) -> tuple[Zone, Node | None]:
    """The lane of the result and its main operand."""
    turn = placed.turn
    at, trunk = on.state.at[turn], Zone(0, turn, 0)
    followed = on.state.followed.get(placed.index)
    zones = [Zone(0, turn, followed[0])] if followed else list(dict.fromkeys((at, *on.board.lanes_of(turn))))
    shaped = sorted(read, key=lambda o: o.shape != placed.item.shape)
    last = on.state.last[turn]
    choice: tuple[Zone, Node | None] | None = None
    if last and at in zones:
        choice = next(((at, o) for o in shaped if _base(on, o) == last), None)
    if choice is None:
        counts = [(sum(_find(on, zone, o, BRANCH) is not None for o in read), -k) for k, zone in enumerate(zones)]
        most, k = max(counts, default=(0, 0))
        if most:
            zone = zones[-k]
            choice = zone, next(o for o in shaped if _find(on, zone, o, BRANCH) is not None)
    if choice is None:
        zone = zones[0] if followed else trunk
        choice = zone, min(shaped, key=lambda o: _rank(on, o), default=None)
    on.follow(placed, choice[0], "down")
    return choice


def _rank(on: Sketcher, operand: Node) -> int:
    """Computed before given before target: who goes into the lane when nothing is there."""
    source = on.script.sources.get(_base(on, operand))
    if source is None:
        made = on.items.get(_base(on, operand))
        return 3 if made is not None and made.made else 0
    return 4 if source.role == "target" else 1 if source.role == "input" else 2


def _in_place(on: Sketcher, placed: Placed, operand: Node, zone: Zone) -> bool:
    """Whether an operand is read where it stands: near in this lane, in the lane to the left, along a rail."""
    item = placed.item
    near = _find(on, zone, operand, BRANCH) or on.board.find(zone, operand, SHARED)
    if near is not None and not near.copy and _is_far(on, zone, near) and _rail(on, item, operand, zone):
        return True
    if near is not None:
        on.use(item.name, near)
        return True
    if _is_own_last(on, placed, operand):
        return True
    if on.is_big(operand) or _one_of_many(on, item, operand):
        return True
    return _rail(on, item, operand, zone)


def _one_of_many(on: Sketcher, item: Item, operand: Node) -> bool:
    """A term of a sum over so many turns that copies of all would be a page of their own."""
    many = nodes.is_sum(item.expr) and len(nodes.summands(item.expr)) > SHARED
    return many and _base(on, operand) in on.state.settled


def _is_far(on: Sketcher, zone: Zone, near: Standing) -> bool:
    """Whether a line should lead from a box of this lane: it stands over a band's edge that isn't just above, or some
    rows up."""
    lane = on.board.lane(zone)
    return (near.bottom <= 0 and lane.previous is not None) or near.bottom < lane.cursor - NEAR


def _is_own_last(on: Sketcher, placed: Placed, operand: Node) -> bool:
    """The value that the same statement made in the turn to the left, on the same rows."""
    if placed.turn == 0 or not operand.is_matrix:
        return False
    before = on.state.placed.get(operand.name)
    maker = on.items.get(operand.name)
    if before is None or maker is None or maker.loop != placed.item.loop:
        return False
    draft = on.board.drafts[before]
    return draft.zone.turn == placed.turn - 1 and before == on.state.latest.get(placed.index)


def _rail(on: Sketcher, item: Item, operand: Node, zone: Zone, small: int = SMALL) -> bool:
    """A box of this lane, as wide as the result and of more than `small` cells, too far above to be read without a
    line."""
    index = on.state.placed.get(operand.name) if operand.is_matrix else None
    if index is None or operand.shape[0] * operand.shape[1] <= small or operand.shape[1] != item.shape[1]:
        return False
    draft = on.board.drafts[index]
    here = draft.band == on.row.block.index
    if on.row.lanes:
        reach = here and draft.zone == zone and item.shape[1] > NARROW
    else:
        reach = zone == Zone(0, 0, 0) and _base(on, operand) in on.state.trunk and draft.band > on.state.loop_band
    if reach:
        on.state.rails.append((draft.key, item.name))
    return reach


def _above(on: Sketcher, operand: Node, zone: Zone, item: Item) -> bool:
    """Whether an operand goes into the lane before its reader: in a wide lane, and data of a turn."""
    if operand.shape[1] > WIDE:
        return True
    source = on.script.sources.get(_base(on, operand))
    data = source is not None and source.role in ("input", "target")
    return bool(on.row.lanes) and data and not operand.is_matrix
