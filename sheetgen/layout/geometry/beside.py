"""Which sheet and which cells the boxes behind the forward pass get: beside it, or its own cells on further sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sheetgen.ir.node import Node
from sheetgen.ir.node import matrix as leaf
from sheetgen.layout.geometry import nodes, operands
from sheetgen.layout.geometry.backward import Attached
from sheetgen.layout.geometry.board import Draft
from sheetgen.layout.geometry.constraints import Below, Tie, groups
from sheetgen.layout.geometry.figure import Zone
from sheetgen.layout.geometry.script import Script
from sheetgen.layout.geometry.sketch import BIG, Sketch
from sheetgen.records import replace

WEIGHTS = 3
"""The area of ∂W."""
ROOM = 3
"""Rows of Aᵀ for which room is made; a higher one stands where there is room."""


@dataclass(frozen=True)
class Seat:
    """A box behind the forward pass: `zone` beside (with an offset from the lane's first column), or None for the
    cells of box `box.at` on `sheet`."""

    box: Attached
    sheet: int
    zone: Zone | None = None
    offset: int = 0
    up: int = 0
    """Rows above the first row of box `box.at`; then it has the shape of its own expression."""
    head: int | None = 1
    """Rows between it and its caption, counted from 1; None without a caption: its name stands in the gutter."""


def on_sheets(attached: Sequence[Attached]) -> list[Seat]:
    """Gradients on the second sheet, new weights and the second pass on the third, all in the same cells."""
    return [Seat(box, 1 if box.phase in ("backward", "forward") else 2) for box in attached]


def beside(script: Script, sketch: Sketch, attached: Sequence[Attached], second: bool) -> list[Seat]:
    """Gradients, ∂W and W new right of the forward lanes on the same rows; the `second` pass too, if it
    needs no slot."""
    drafts = sketch.drafts
    slots = _slot_widths(drafts, sketch.ties)
    second = second and _needs_no_slot(script, sketch, attached)
    seats = []
    for box in attached:
        draft = drafts[box.at]
        turn, sub, slot = draft.zone.turn, draft.zone.sub, draft.zone.part == 0
        offset = slots[box.at] - draft.offset - draft.width if slot else draft.offset
        if box.phase == "backward":
            seats.append(Seat(box, 0, Zone(3 if slot else 2, turn, sub), offset))
        elif box.phase == "update":
            seats.append(Seat(box, 0, Zone(4, turn, 2 * sub + (not slot)), offset))
        elif box.phase == "after" and not second:
            seats.append(Seat(box, 2))
        elif box.phase == "after" and not slot:
            seats.append(Seat(box, 0, Zone(5, turn, sub), offset))
    if not second and any(seat.sheet == 2 for seat in seats):
        news = [seat.box for seat in seats if seat.box.phase == "update"]
        links = {box.key: f"{box.key}@again" for box in news}
        seats = [_reading(seat, links) if seat.sheet == 2 else seat for seat in seats]
        seats += [Seat(_linked(box), 2) for box in news]
    return seats


def _reading(seat: Seat, links: Mapping[str, str]) -> Seat:
    """A box of the third sheet that reads the new weights there."""
    return replace(seat, box=replace(seat.box, expr=nodes.rename(seat.box.expr, links)))


def _linked(box: Attached) -> Attached:
    """A new weight in its weight's cells on the third sheet, read from beside."""
    draft = leaf(box.key, box.expr.shape)
    return Attached(f"{box.key}@again", box.matrix, "copy", "after", draft, box.at, box.of, box.rows, box.columns)


def _slot_widths(drafts: Sequence[Draft], ties: Sequence[Tie]) -> list[int]:
    """The width of what stands beside each other in a slot, box by box."""
    root = groups(len(drafts), ties)[0]
    widest: dict[tuple[int, Zone], int] = {}
    for k, draft in enumerate(drafts):
        key = (root[k], draft.zone)
        widest[key] = max(widest.get(key, 0), draft.offset + draft.width)
    return [widest[root[k], draft.zone] for k, draft in enumerate(drafts)]


def _needs_no_slot(script: Script, sketch: Sketch, attached: Sequence[Attached]) -> bool:
    """Whether a new weight changes nothing that stands in a slot but the weights themselves."""
    changed = set(script.agains) | set(script.news)
    slots = [box for box in attached if box.phase == "after" and sketch.drafts[box.at].zone.part == 0]
    return not any(box.of in changed for box in slots)


def second_pass(seats: Sequence[Seat], sketch: Sketch) -> dict[str, Node]:
    """What formulas of a second pass that stands beside read instead of the links that it has no room for."""
    here = {seat.box.key for seat in seats}
    keys = {f"{draft.key}@again": draft for draft in sketch.drafts}
    return {key: leaf(draft.key, draft.shape) for key, draft in keys.items() if key not in here}


def headroom(seats: Sequence[Seat], sketch: Sketch) -> tuple[dict[int, int], list[Below]]:
    """Rows for Aᵀ and a caption above each ∂W = ∂Z·Aᵀ of few samples: the first row that a box of the page may have
    in its band, by number, and orders between boxes whose ∂W stand below each other."""
    root = groups(len(sketch.drafts), sketch.ties)[0]
    lanes: dict[tuple[Zone, int], dict[int, list[Seat]]] = {}
    for seat in sorted(seats, key=lambda seat: seat.box.at):
        if seat.zone is not None and seat.zone.area == WEIGHTS:
            lane = lanes.setdefault((seat.zone, sketch.drafts[seat.box.at].band), {})
            lane.setdefault(root[seat.box.at], []).append(seat)
    least: dict[int, int] = {}
    belows: list[Below] = []
    for lane in lanes.values():
        shared: set[Node] = set()
        above: int | None = None
        for abreast in lane.values():
            at, products = abreast[0].box.at, filter(None, map(_product, abreast))
            factors = [factor for _, factor in map(nodes.factors, products) if factor not in shared]
            rows = 2 + max((f.shape[0] for f in factors if f.shape[0] <= ROOM), default=-2)
            if rows and above is None:
                least[at] = rows  # its caption stands beside the band's title
            elif rows and above is not None:
                belows.append(Below(above, at, sketch.drafts[above].height + rows, soft=True))
            shared.update(factors)
            above = at
    return least, belows


def _product(seat: Seat) -> Node | None:
    """A product, alone or in a sum, if its second factor is an operand of which a copy may stand above it."""
    product = nodes.only_product(seat.box.expr)
    if product is None:
        return None
    _, factor = nodes.factors(product)
    small = factor.shape[0] * factor.shape[1] <= BIG
    return product if small and operands.is_operand(factor) else None


def turned_above(seats: Sequence[Seat], sketch: Sketch, rows: Sequence[int], tops: Sequence[int]) -> list[Seat]:
    """Aᵀ above each ∂W = ∂Z·Aᵀ and its caption, where enough rows are free in its lane, with a column of 1s over ∂b,
    and every seat with the formula that reads it. `rows` are those of the forward boxes, `tops` the first rows of the
    bands."""
    boxes = {draft.key: draft for draft in sketch.drafts}
    lanes: dict[Zone, list[tuple[int, int]]] = {}
    for seat in seats:
        if seat.zone is not None and seat.zone.area == WEIGHTS:
            row = rows[seat.box.at]
            lanes.setdefault(seat.zone, []).append((row - 1, row + sketch.drafts[seat.box.at].height))
    out: list[Seat] = []
    shared: dict[tuple[Zone, int, Node], str] = {}
    for seat in sorted(seats, key=lambda seat: rows[seat.box.at]):
        product = _product(seat)
        draft = sketch.drafts[seat.box.at]
        if seat.zone is None or seat.zone.area != WEIGHTS or product is None:
            out.append(seat)
            continue
        left, factor = nodes.factors(product)
        row, height, taken = rows[seat.box.at], factor.shape[0], lanes[seat.zone]
        key = shared.get((seat.zone, draft.band, factor))
        named, bare = height + 2, height + 1
        wanted = ((named, 0), (bare, 1), (bare, 0))  # last of all, it stands itself in the band's first row
        rows_free = next((n for n, skip in wanted if _free(taken, row, n, tops[draft.band] + skip)
                          and not (n == bare and _touched(taken, row - n))), 0)  # fmt: skip
        if key is None and rows_free:
            key = f"{seat.box.key}@above"
            head = 1 if rows_free == named else None  # then its name stands beside it
            copy = Seat(_turned(key, factor, seat.box.at, boxes), 0, seat.zone, seat.offset, height + 1, head)
            out += [copy, *_ones_beside(copy, seat, left, seats, rows)]
            taken.append((row - rows_free, row))
            shared[seat.zone, draft.band, factor] = key
        if key is not None:
            expr = nodes.rebuild(seat.box.expr, {product: nodes.with_above(product, leaf(key, factor.shape))}.get)
            seat = replace(seat, box=replace(seat.box, expr=expr))
        out.append(seat)
    return out


def _ones_beside(copy: Seat, weight: Seat, left: Node, seats: Sequence[Seat], rows: Sequence[int]) -> list[Seat]:
    """What ∂Z meets in ∂b: a column of 1s right of Aᵀ, if ∂b = Σ ∂Z stands right of ∂W."""
    height, width = copy.box.expr.shape
    for seat in seats:
        same = seat.zone == weight.zone and rows[seat.box.at] == rows[weight.box.at]
        if same and seat.offset == weight.offset + width and seat.box.expr in (left, nodes.total_columns(left)):
            key, at, of = f"{seat.box.key}@ones", seat.box.at, seat.box.of
            ones = Attached(key, "", "ones", "backward", nodes.ones(height), at, of)
            return [Seat(ones, 0, seat.zone, seat.offset, copy.up, None)]
    return []


def _free(taken: Sequence[tuple[int, int]], row: int, height: int, top: int) -> bool:
    """Whether the rows right above `row` are free; the caption's row of what stands there counts as free."""
    return row - height >= top and all(stop <= row - height or start >= row - 1 for start, stop in taken)


def _touched(taken: Sequence[tuple[int, int]], row: int) -> bool:
    """Whether something ends right above `row`."""
    return any(stop == row for _, stop in taken)


def _turned(key: str, factor: Node, at: int, boxes: Mapping[str, Draft]) -> Attached:
    """A copy of a factor, and what it shows if that is one matrix, turned."""
    seen = operands.view(factor)
    draft = boxes.get(seen.matrix)
    if draft is None or seen.rows is not None or seen.columns is not None:
        return Attached(key, "", "copy", "backward", factor, at, seen.matrix)
    turned = draft.turned != seen.turned
    return Attached(key, draft.matrix, "copy", "backward", factor, at, draft.matrix, draft.rows, draft.columns, turned)
