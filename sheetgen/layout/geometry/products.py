"""Products, look-ups and convolutions: the first operand is left, the second above, the result where they meet."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgen.ir.node import Node
from sheetgen.layout.geometry import nodes, operands
from sheetgen.layout.geometry.bands import Placed
from sheetgen.layout.geometry.board import Draft, Lane, Standing
from sheetgen.layout.geometry.figure import Zone
from sheetgen.layout.geometry.script import Item
from sheetgen.layout.geometry.sketch import BRANCH, SMALL, WIDE
from sheetgen.layout.geometry.sketcher import Sketcher
from sheetgen.limits import LAST_COLUMN
from sheetgen.ops.base import operation
from sheetgen.ops.views import blocks_of
from sheetgen.records import replace

BESIDE_BIAS = 3
"""Columns that may stand between the left operand and a result right of it."""


def product(on: Sketcher, placed: Placed) -> int:
    """Place Y = P·Q: under Q, or right of P."""
    item = placed.item
    left, above = item.expr.args if not item.expr.is_leaf else (item.expr, item.expr)
    lefts, aboves = blocks_of(left, 1), blocks_of(above, 0)
    stands = _stands(on, placed.turn, aboves, on.branches(item))
    at = on.state.at[placed.turn]
    followed = on.state.followed.get(placed.index)
    right = followed[1] == "right" if followed is not None else _goes_right(on, placed, lefts, stands)
    if right:
        on.follow(placed, at, "right")
        return _right(on, placed, lefts, aboves, at)
    above_it = _is_last(on, placed.turn, lefts[0]) and on.board.lane(at).width > WIDE
    zone = stands or (at if above_it else Zone(0, placed.turn, 0))
    on.follow(placed, zone, "down")
    arrow = _taken_over(on, zone, aboves)
    if stands is None:
        for part in lefts:
            if not on.is_new(part):
                on.ensure(part, zone)  # what is read turned or in part stands above its copy
        stands = _stands(on, placed.turn, aboves, on.branches(item))  # Q is what P turns
    _stack(on, item, aboves, zone, stands is not None)
    _ones_above(on, item, aboves, zone, arrow)
    opened = on.board.lane(zone).previous is not None
    lead = int(arrow and not opened)
    index = on.home(item, zone, 1 + lead, lead=lead)
    left_of(on, placed, lefts[1:] if above_it else lefts, index)
    return index


def _is_last(on: Sketcher, turn: int, operand: Node) -> bool:
    return operand.is_matrix and operand.name == on.state.last[turn] != ""


def _stands(on: Sketcher, turn: int, aboves: Sequence[Node], branches: bool = False) -> Zone | None:
    """The lane of this turn where Q, or the parts of Q touching each other, are in reach: first the current one. What
    several products read (`branches`) may stand in an earlier band of a loop's body."""
    parts = [part for part in aboves if not nodes.is_ones(part)]
    for zone in dict.fromkeys((on.state.at[turn], *on.board.lanes_of(turn))):
        found = [on.board.find(zone, part, BRANCH) for part in parts]
        if any(standing is not None and standing.far and not branches for standing in found):
            continue
        if not found:
            return zone
        tops = [standing.top for standing in found[1:] if standing is not None]
        bottoms = [standing.bottom for standing in found[:-1] if standing is not None]
        if None not in found and tops == bottoms:
            return zone
    return None


def _goes_right(on: Sketcher, placed: Placed, lefts: Sequence[Node], stands: Zone | None) -> bool:
    """P is the last box of a lane that has room beside it, and nothing wide comes between."""
    lane = on.board.lane(on.state.at[placed.turn])
    if stands is not None or not on.options.right or not _is_last(on, placed.turn, lefts[0]) or not lane.standing:
        return False
    last = lane.standing[-1]
    return (
        last.operand == lefts[0]
        and last.bottom > 0
        and lane.width <= WIDE
        and placed.item.shape[1] <= WIDE
        and sum(part.shape[1] for part in lefts[1:]) <= BESIDE_BIAS
    )


def _right(on: Sketcher, placed: Placed, lefts: Sequence[Node], aboves: Sequence[Node], at: Zone) -> int:
    """Into the next lane, on P's rows."""
    item = placed.item
    zone = Zone(0, at.turn, at.sub + 1)
    p = on.state.placed[next(ref.name for ref in lefts[0].references)]
    parts = [part for part in aboves if not on.is_big(part)]
    row = -1 - sum(part.shape[0] for part in parts)
    for k, part in enumerate(parts):
        draft = ones(on, part, zone, 0) if nodes.is_ones(part) else on.original(part, zone, head=0 if k else None)
        if draft is None:
            on.ensure(part, Zone(0, at.turn, 0))
            draft = on.copy(part, zone, head=0 if k else 1, turn=on.round(zone))
        on.show(item.name, part, on.board.add(draft, (p, row)))
        row += part.shape[0]
    index = on.home(item, zone, tie=(p, 0))
    left_of(on, placed, lefts[1:], index)
    return index


def _taken_over(on: Sketcher, zone: Zone, aboves: Sequence[Node]) -> bool:
    """Whether the band begins by reading the last box of the band above: an arrow's row."""
    lane = on.board.lane(zone)
    return lane.previous is None and any(s.operand in aboves and not s.far for s in lane.standing)


def _stack(on: Sketcher, item: Item, aboves: Sequence[Node], zone: Zone, stands: bool) -> None:
    """Q as it stands, or into the lane: the original, or copies, glued to each other."""
    if stands:
        for part in aboves:
            near = on.board.find(zone, part, BRANCH)
            if near is not None:
                on.use(item.name, near)
        return
    parts = [part for part in aboves if not nodes.is_ones(part) and not on.is_big(part)]
    for k, part in enumerate(parts):
        on.into_lane(part, zone, item.name, head=0 if k else None, glued="under" if k else "")


def ones(on: Sketcher, part: Node, zone: Zone, head: int) -> Draft:
    """The row or column of 1s of a bias."""
    return Draft(on.board.fresh("ones"), "", "ones", part, *part.shape, zone, on.row.block.index, 0, head,
                 turn=on.round(zone))  # fmt: skip


def _ones_above(on: Sketcher, item: Item, aboves: Sequence[Node], zone: Zone, arrow: bool) -> None:
    """The row of 1s that a bias multiplies, under Q."""
    q = next((on.board.find(zone, part, BRANCH) for part in reversed(aboves) if not nodes.is_ones(part)), None)
    for part in aboves:
        if nodes.is_ones(part):
            standing = on.board.find(zone, part, BRANCH)
            if standing is None or q is None or not _under(on.board.lane(zone), standing, q):
                on.show(item.name, part, on.board.add(replace(ones(on, part, zone, int(arrow)), lead=int(arrow))))
            else:
                on.use(item.name, standing)


def _under(lane: Lane, ones: Standing, q: Standing) -> bool:
    """Whether 1s stand right under Q, or first in this band if Q stands in the one above."""
    first = all(s.bottom <= 0 or s.top >= ones.top for s in lane.standing)
    return ones.top == q.bottom or (q.bottom <= 0 < ones.bottom and first)


def left_of(on: Sketcher, placed: Placed, lefts: Sequence[Node], index: int, gap: int = 0) -> None:
    """Left operands into the slot, `gap` columns apart, on the rows of box `index`; in later turns those of the first
    turn serve."""
    item = placed.item
    zone = on.board.drafts[index].zone
    slot = Zone(0, zone.turn, zone.sub, 0)
    drafts: list[tuple[Node, Draft]] = []
    offset = 0
    fold = on.options.fold if item.kind == "product" else LAST_COLUMN  # what a window slides over stays whole
    for part in reversed(lefts):
        seen = on.state.shared.get((placed.index, part)) if placed.turn > 0 else None
        if seen is not None:
            on.read(item.name, part, seen)
        elif (near := _column_above(on, zone, item, part)) is not None:
            on.use(item.name, near)
        elif nodes.is_ones(part):
            drafts.append((part, ones(on, part, slot, 1)))
        elif (draft := on.original(part, slot)) is not None:
            drafts.append((part, draft))
        elif not on.is_big(part):
            on.ensure(part, zone)
            drafts.append((part, on.copy(part, slot, turn=on.round(zone))))
    abreast: list[tuple[Node, Draft]] = []
    for part, draft in drafts:
        abreast.append((part, replace(draft, offset=offset)))
        offset += min(draft.width, fold) + gap
        on.indices(draft, index, slot)
    boxes = on.board.abreast([_first_fold(draft, fold) for _, draft in abreast], (index, 0))
    for (part, draft), box in zip(abreast, boxes, strict=True):
        if draft.width > fold:
            on.show_folded(item.name, part, draft, [box, *_folds(on, draft, index)])
        else:
            on.show(item.name, part, box)
        if placed.turn == 0 and placed.index >= 0:
            on.state.shared[placed.index, part] = on.seen(item.name, part)


def _column_above(on: Sketcher, zone: Zone, item: Item, part: Node) -> Standing | None:
    """The left operand of a product of two columns, xᵀ·y, as it stands above y: turned it would be longer than y."""
    if item.shape != (1, 1) or part.shape[1] <= SMALL or part.is_leaf or not operands.is_operand(part):
        return None
    return on.board.find(zone, part.T, BRANCH)


def _first_fold(draft: Draft, fold: int) -> Draft:
    """The part of a wide left operand that stands beside the result; others as they are."""
    return draft if draft.width <= fold else _fold(draft, 0, fold)


def _fold(draft: Draft, start: int, fold: int) -> Draft:
    """Some columns of a wide left operand."""
    stop = min(start + fold, draft.width)
    first = ((draft.rows if draft.turned else draft.columns) or (0, 0))[0]
    span = (first + start, first + stop)
    expr = None if draft.expr is None else operands.part_of(draft.expr, None, (start, stop))
    draft = replace(draft, key=f"{draft.key}@c{start + 1}", width=stop - start, expr=expr)
    return replace(draft, rows=span) if draft.turned else replace(draft, columns=span)


def _folds(on: Sketcher, draft: Draft, index: int) -> list[int]:
    """The other columns of a wide left operand, below each other."""
    found = []
    lane = on.board.lane(draft.zone)
    for k, start in enumerate(range(on.options.fold, draft.width, on.options.fold), 1):
        row = k * (draft.height + 1)
        found.append(on.board.add(_fold(draft, start, on.options.fold), (index, row), chain=False))
        lane.extent = max(lane.extent, row + draft.height)
    return found


def beside(on: Sketcher, placed: Placed) -> int:
    """Place a look-up or a convolution: the table or kernel left, what it runs over above, or left of a kernel."""
    item = placed.item
    call, at = next((c, k) for c in nodes.calls(item.expr) if (k := operation(c).above) is not None)
    above, left = call.args[at], call.args[1 - at]
    others = [o for o in dict.fromkeys(operands.operands(item.expr)) if o not in (above, left)]
    others = [o for o in others if not on.is_scalar(o)]
    stands = _stands(on, placed.turn, [above])
    image = at == 0
    if image and stands is None:
        index = on.home(item, Zone(0, placed.turn, 0))
        left_of(on, placed, [above, left], index, 1)
    else:
        zone = stands or Zone(0, placed.turn, 0)
        arrow = _taken_over(on, zone, [above])
        _stack(on, item, [above], zone, stands is not None)
        index = on.home(item, zone, 1 + arrow, lead=int(arrow))
        left_of(on, placed, [left], index)
    kernel = on.box_read(item.name, left)
    for other in others:
        near = on.board.find(on.board.drafts[index].zone, other, BRANCH)
        if near is not None and other.name in on.items:  # what is added was computed right above
            on.use(item.name, near)
            continue
        seen = on.state.shared.get((placed.index, other)) if placed.turn > 0 else None
        if seen is not None:
            on.read(item.name, other, seen)
            continue
        if kernel is None or on.board.drafts[kernel].zone != Zone(0, placed.turn, on.board.drafts[index].zone.sub, 0):
            left_of(on, placed, [other], index)
            continue
        slot = on.board.drafts[kernel].zone
        draft = on.original(other, slot, head=0) or on.copy(other, slot, head=0, turn=on.round(slot))
        edge = on.board.drafts[kernel].offset + on.board.drafts[kernel].width
        draft = replace(draft, offset=edge - draft.width)
        on.show(item.name, other, on.board.under(draft, kernel))
        if placed.turn == 0 and placed.index >= 0:
            on.state.shared[placed.index, other] = on.seen(item.name, other)
    return index
