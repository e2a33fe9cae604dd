"""The boxes of a page, arranged in one way, and their cells: rows of bands, columns of lanes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sheetgen.ir.node import Node
from sheetgen.ir.node import matrix as leaf
from sheetgen.layout.geometry import lines, nodes, route, story
from sheetgen.layout.geometry.bands import Row
from sheetgen.layout.geometry.beside import Seat, beside, headroom, on_sheets, second_pass, turned_above
from sheetgen.layout.geometry.columns import FIRST, Spot, lane_columns
from sheetgen.layout.geometry.constraints import Infeasible, smallest_rows
from sheetgen.layout.geometry.explain import ABOVE, explained
from sheetgen.layout.geometry.figure import Band, Box, Caption, Zone
from sheetgen.layout.geometry.fit import Choice
from sheetgen.layout.geometry.script import Script
from sheetgen.layout.geometry.sketch import Options, Sketch
from sheetgen.layout.geometry.sketches import Sketched, Sketches
from sheetgen.layout.geometry.story import Margin
from sheetgen.layout.geometry.text import is_own_slot
from sheetgen.records import replace

TITLE_ROWS = 4
"""Title (and numbers), what it is about, legend, heads."""
LONG = 50
"""Rows of boxes in the first lane of a page that may need more than one sheet of paper."""


@dataclass(frozen=True)
class Ground:
    """The forward page with its rows: what all later stages build on."""

    sketched: Sketched
    at: tuple[int, ...]
    """The first row of each box of the sketch."""
    bands: tuple[Band, ...]

    @property
    def script(self) -> Script:
        return self.sketched.script

    @property
    def rows(self) -> tuple[Row, ...]:
        return self.sketched.rows

    @property
    def drawn(self) -> Sketch:
        return self.sketched.sketch


@dataclass(frozen=True)
class Laid:
    """Boxes in their cells, before anything is put into those that are left."""

    ground: Ground
    choice: Choice
    boxes: tuple[Box, ...]
    tracks: tuple[lines.Track, ...]
    lanes: Mapping[str, int]
    """The first columns of the lanes in which rails end, by the boxes that they lead to."""
    last: int
    """The last column."""

    @property
    def rows(self) -> int:
        """The last row, if nothing that is put into free cells needs more."""
        return max((band.last_row for band in self.ground.bands), default=0)


def lay(sketches: Sketches, margin: Margin, choice: Choice) -> Laid:
    """The boxes of a script as `choice` says. `margin` gives the rows that a block's text needs in a mode."""
    ground = _ground(sketches, margin, choice)
    tracks, boxes, lanes, last = _cells(ground, _seats(ground, choice), choice)
    again = _loss_again(ground, boxes, choice.split and bool(ground.drawn.links))
    boxes = lines.risen([*boxes, *again], ground.bands)
    return Laid(ground, choice, tuple(boxes), tuple(tracks), lanes, max([last, *(box.right - 1 for box in boxes)]))


def _ground(sketches: Sketches, margin: Margin, choice: Choice) -> Ground:
    """The forward page: boxes, ties and orders, then rows, band below band."""
    script, sketched = sketches.script, sketches.of(choice.turns, Options(choice.right, choice.fold, choice.aside))
    rows = sketched.rows
    told = [margin(row.block, choice.mode) for row in rows]
    leads = _leads(rows, sketched.sketch)
    closer = {item.name for item in explained(script.explains, script.items).values()}

    def placed_at(sketched: Sketched) -> list[int]:
        drawn = sketched.sketch
        seats = _near(sketched, choice) if choice.mode == "beside" else []
        room, belows = headroom(seats, drawn)
        for k, (texts, boxes) in enumerate(zip(told, story.named(drawn.drafts, len(rows)), strict=True)):
            beside, below = story.room(texts, boxes)
            belows += below
            room.update({one: max(row - leads[k], room.get(one, 0)) for one, row in beside.items()})
        least = [
            max(draft.head, ABOVE if draft.key in closer else 0, room.get(k, 0)) for k, draft in enumerate(drawn.drafts)
        ]
        return smallest_rows(least, drawn.ties, [*drawn.belows, *belows])

    try:
        at = placed_at(sketched)
    except Infeasible:  # an order that a tie contradicts: products open no lanes then
        sketched = sketches.of(choice.turns, Options(False, choice.fold))
        at = placed_at(sketched)
    drawn = sketched.sketch
    floors = [1] * len(rows)
    for draft, one in zip(drawn.drafts, at, strict=True):
        floors[draft.band] = max(floors[draft.band], one + draft.height + leads[draft.band] + 1)
    bands, top = [], TITLE_ROWS + 1
    clear, named = _clear(script, rows, drawn), story.named(drawn.drafts, len(rows))
    led = {lead: [lead + one for one in at] for lead in {*leads}}
    for k, (row, floor, lead) in enumerate(zip(rows, floors, leads, strict=True)):
        slim = max(floor, story.end(told[k], named[k], led[lead]))
        height = max(floor, story.end(told[k], named[k], led[lead], floor)) if k in clear else slim
        bands.append(Band(row.block, top, top + height - 1, height - floor, slim - floor, lead > 0))
        top += height
    placed = tuple(
        bands[draft.band].first_row + leads[draft.band] + row for draft, row in zip(drawn.drafts, at, strict=True)
    )
    return Ground(sketched, placed, tuple(bands))


def _clear(script: Script, rows: Sequence[Row], drawn: Sketch) -> set[int]:
    """The bands below whose boxes nothing is drawn, so that words may run across the page."""
    bands = {draft.key: draft.band for draft in drawn.drafts}
    crossed = {k for a, b in drawn.rails for k in range(bands[a], bands[b])}
    closer = {bands[item.name] for item in explained(script.explains, script.items).values() if item.name in bands}
    return {k for k, row in enumerate(rows) if not row.lanes} - crossed - closer


def _leads(rows: Sequence[Row], drawn: Sketch) -> list[int]:
    """Rows at the top of each band for the heads of its turns: where a loop's turns begin, and if the page is so long
    that paper may be cut between them, over each of its bands. Borders around turns need no second one."""
    tall = [0] * len(rows)
    for draft in drawn.drafts:
        if draft.zone.order == (0, 0, 0, 1):
            tall[draft.band] += draft.head + draft.height
    once = {rows[draft.band].block.group for draft in drawn.drafts if is_own_slot(draft.zone, draft.kind)}
    found, long = list[int](), sum(tall) > LONG
    for k, row in enumerate(rows):
        starts = k == 0 or rows[k - 1].block.group != row.block.group
        again = long and row.block.group not in once
        found.append(int(row.block.loop is not None and (starts or again)))
    return found


def _seats(ground: Ground, choice: Choice) -> list[Seat]:
    """The boxes behind the forward pass, and where each goes."""
    if choice.mode != "beside":
        return on_sheets(ground.sketched.attached)
    seats = _near(ground.sketched, choice)
    return turned_above(seats, ground.drawn, ground.at, [band.first_row for band in ground.bands])


def _near(sketched: Sketched, choice: Choice) -> list[Seat]:
    second = choice.second and not any(row.lanes for row in sketched.rows)
    return beside(sketched.script, sketched.sketch, sketched.attached, second)


def _cells(
    ground: Ground, seats: Sequence[Seat], choice: Choice
) -> tuple[list[lines.Track], list[Box], dict[str, int], int]:
    """Rails, boxes with columns, the columns of the lanes by box, and the last column."""
    drafts, at = ground.drawn.drafts, ground.at
    number = {draft.key: k for k, draft in enumerate(drafts)}
    tracks = lines.tracks([(number[a], number[b]) for a, b in ground.drawn.rails], drafts, at)
    near = [seat for seat in seats if seat.zone is not None]
    spots = [_spot(ground, k) for k in range(len(drafts))]
    spots += [_seat_spot(ground, seat, seat.zone) for seat in near if seat.zone is not None]
    areas = sorted({0, *(spot.area for spot in spots if spot.area in (2, 5))})
    rails = [spot for area in areas for spot in lines.track_spots(tracks, drafts, at, ground.bands, area)]
    loops = [row.block.loop for row in ground.rows]
    columns = lane_columns([*spots, *rails], route.channels(ground.drawn.links, drafts, at, loops, choice.split))
    boxes = [_forward(ground, k, columns[k] + spots[k].left) for k in range(len(drafts))]
    instead = second_pass(seats, ground.drawn) if choice.mode == "beside" else {}
    own = {id(seat): columns[len(drafts) + k] + seat.offset for k, seat in enumerate(near)}
    boxes += [_seated(seat, boxes[seat.box.at], own.get(id(seat)), instead) for seat in seats]
    ends = [box.right - 1 for box in boxes] + [columns[len(spots) + k] + spot.left for k, spot in enumerate(rails)]
    return tracks, boxes, {drafts[t.target].key: columns[t.target] for t in tracks}, max(ends, default=FIRST)


def _spot(ground: Ground, k: int) -> Spot:
    draft, row = ground.drawn.drafts[k], ground.at[k]
    return Spot(draft.zone.area, draft.zone.turn, draft.zone.sub, draft.band, ground.rows[draft.band].block.loop,
                draft.left, draft.left + draft.width, row - draft.head, row + draft.height - 1)  # fmt: skip


def _seat_spot(ground: Ground, seat: Seat, zone: Zone) -> Spot:
    draft = ground.drawn.drafts[seat.box.at]
    row, (height, width) = ground.at[seat.box.at] - seat.up, seat.box.expr.shape
    head = seat.head if seat.head is not None and (seat.up > 0 or draft.head > 0) else 0
    return Spot(zone.area, zone.turn, zone.sub, draft.band, ground.rows[draft.band].block.loop, seat.offset,
                seat.offset + width, row - head, row + height - 1)  # fmt: skip


def _forward(ground: Ground, k: int, column: int) -> Box:
    draft, row = ground.drawn.drafts[k], ground.at[k]
    captioned = draft.head and draft.kind != "ones"
    caption = Caption(row - draft.head + draft.lead, column, draft.width) if captioned else None
    expr = ground.sketched.exprs.get(draft.key)
    return Box(draft.key, draft.matrix, draft.kind, "forward", 0, row, column, draft.height, draft.width, expr,
               draft.of, draft.rows, draft.columns, draft.turned, draft.glued, draft.band, draft.zone, draft.turn,
               caption, lead=draft.lead)  # fmt: skip


def _seated(seat: Seat, at: Box, column: int | None, instead: Mapping[str, Node]) -> Box:
    a = seat.box
    expr = nodes.inline(a.expr, instead)
    lead = at.lead if a.phase == "after" else 0
    box = replace(at, key=a.key, matrix=a.matrix, kind=a.kind, phase=a.phase, sheet=seat.sheet, expr=expr, of=a.of,
                  at=at.key, rows=a.rows, columns=a.columns, turned=a.turned, lead=lead)  # fmt: skip
    if column is None or seat.zone is None:
        return box
    row, (height, width) = box.row - seat.up, a.expr.shape
    captioned = seat.head is not None and (seat.up > 0 or box.caption is not None)
    caption = Caption(row - (seat.head or 1), column, width) if captioned else None
    return replace(box, row=row, column=column, height=height, width=width, caption=caption, zone=seat.zone)


def _loss_again(ground: Ground, boxes: Sequence[Box], lined: bool) -> list[Box]:
    """The new loss once more, right of the loss or under it, where there is room; in a column of a turn where lines may
    run between turns (`lined`)."""
    again = ground.script.agains.get(ground.script.loss)
    loss = next((box for box in boxes if box.key == ground.script.loss), None)
    if again is None or loss is None:
        return []
    turns = [box for box in boxes if lined and ground.rows[box.band].lanes and box.zone.part == 1]
    lanes = {column for box in turns for column in range(box.column, box.right)}
    right = next((c for c in range(loss.column + 2, loss.column + 5) if c in lanes), loss.column + 2)
    for row, column, end in ((loss.row, right, right + 2), (loss.row + 2, loss.column, loss.right)):
        if all(
            box.sheet != 0 or box.column >= end or box.right <= column or box.top > row or box.below < row
            for box in boxes
            if box.key != loss.key
        ):
            return [
                Box(f"{again.key}@loss", again.matrix, "echo", "after", 0, row, column, 1, 1, leaf(again.key, (1, 1)),
                    loss.key, band=loss.band, zone=replace(loss.zone, sub=loss.zone.sub + 1), turn=loss.turn,
                    caption=Caption(row - 1, column, 1))
            ]
    return []
