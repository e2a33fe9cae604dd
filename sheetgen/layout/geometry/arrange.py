"""One page, arranged in one way: rows of bands, columns of lanes, then what is put into the cells that are left."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sheetgen.ir.node import Node
from sheetgen.ir.node import matrix as leaf
from sheetgen.layout.geometry import backward, lines, nodes, operands, route, text
from sheetgen.layout.geometry.bands import Row, rows_of
from sheetgen.layout.geometry.beside import Seat, beside, headroom, on_sheets, second_pass, turned_above
from sheetgen.layout.geometry.columns import FIRST, Spot, lane_columns
from sheetgen.layout.geometry.constraints import Infeasible, smallest_rows
from sheetgen.layout.geometry.explain import ABOVE, closers, explained
from sheetgen.layout.geometry.figure import Band, Block, Box, Caption, Frame, Mode, Picture, Placement, Request, Zone
from sheetgen.layout.geometry.fit import Choice, columns_of, room_for_frames, room_for_pictures
from sheetgen.layout.geometry.groups import sketch
from sheetgen.layout.geometry.partners import with_partners
from sheetgen.layout.geometry.pictures import areas, pictures_in
from sheetgen.layout.geometry.script import Script
from sheetgen.layout.geometry.sketch import Options, Sketch

TITLE_ROWS = 4
"""Title (and numbers), what it is about, legend, heads."""
Margin = Callable[[Block, Mode], int]


@dataclass(frozen=True)
class Ground:
    """The forward page with its rows: what all later stages build on."""

    script: Script
    rows: tuple[Row, ...]
    drawn: Sketch
    exprs: Mapping[str, Node]
    """What each computed box of the forward page computes, over keys."""
    at: tuple[int, ...]
    """The first row of each box of the sketch."""
    bands: tuple[Band, ...]


def arrange(script: Script, margin: Margin, requests: Sequence[Request], choice: Choice) -> Placement:
    """The page of a script as `choice` says."""
    ground = _ground(script, margin, choice)
    seats = _seats(ground, choice)
    tracks, boxes, lanes, last = _cells(ground, seats, choice)
    boxes = lines.risen([*boxes, *_loss_again(ground, boxes)], ground.bands)
    last = max([last, *(box.right - 1 for box in boxes)])
    columns = columns_of(boxes, [], [], choice, last)
    room = last if choice.mode == "beside" else room_for_frames(columns)
    rails = lines.rails_of(tracks, ground.drawn.drafts, boxes, lanes)
    frames, more = closers(script.explains, script.items, boxes, ground.drawn, room, ground.bands, rails)
    boxes = [*boxes, *more]
    last = max([last, *(frame.column + frame.width - 1 for frame in frames)])
    wide = room_for_pictures(columns_of(boxes, rails, [], choice, last))
    links = route.links_of(ground.drawn.links, boxes, ground.bands, rails)
    around = [*frames, *text.turn_frames(boxes, ground.bands)]
    others = list(areas(around, rails, links, lines.arrows_of(boxes, rails)))
    pictures, lowered = pictures_in(requests, ground.bands, boxes, others, last, wide)
    boxes, frames = _lowered(boxes, frames, lowered)
    last = max([last, *(picture.column + picture.width - 1 for picture in pictures)])
    numbers, title_rows = _numbers(script, min(last, _last_column(boxes, frames, pictures)))
    bands, shift = _grown(ground.bands, boxes, frames, pictures, title_rows - TITLE_ROWS)
    boxes = [_moved(box, shift[box.band]) for box in boxes]
    frames = [replace(frame, row=frame.row + shift[frame.band]) for frame in frames]
    pictures = [replace(picture, row=picture.row + shift[picture.band]) for picture in pictures]
    extras, bands = _extras(ground, choice, bands, title_rows, margin)
    boxes += extras
    last = max([last, *(box.right - 1 for box in extras)])
    rails = lines.rails_of(tracks, ground.drawn.drafts, boxes, lanes)
    links = route.links_of(ground.drawn.links, boxes, bands, rails)
    boxes = with_partners(boxes, bands, last, rails, links)
    arrows = lines.arrows_of(boxes, rails)
    taken = text.taken_cells(boxes, rails, arrows, pictures)
    boxes = text.captioned(boxes, taken, bands, last)
    columns = columns_of(boxes, rails, links, choice, last)
    return Placement(
        boxes=(*boxes, *numbers),
        bands=tuple(bands),
        columns=tuple(columns),
        heads=tuple(text.heads_of(boxes, bands, title_rows)),
        rails=tuple(rails),
        links=tuple(links),
        arrows=tuple(arrows),
        frames=(*frames, *text.turn_frames(boxes, bands)),
        pictures=tuple(pictures),
        mode=choice.mode,
        sheets=tuple(sorted({box.sheet for box in boxes})),
        title_rows=title_rows,
        last_row=max([title_rows, *(band.last_row for band in bands)]),
        big=ground.drawn.big,
        parts=backward.all_parts(script, ground.drawn),
    )


def _ground(script: Script, margin: Margin, choice: Choice) -> Ground:
    """The forward page: boxes, ties and orders, then rows, band below band."""
    rows = rows_of(script, choice.turns)
    closer = {item.name for item in explained(script.explains, script.items).values()}

    def placed_at(drawn: Sketch) -> list[int]:
        seats = _near(script, drawn, rows, _attached(script, drawn), choice) if choice.mode == "beside" else []
        room, belows = headroom(seats, drawn)
        least = [
            max(draft.head, ABOVE if draft.key in closer else 0, room.get(k, 0)) for k, draft in enumerate(drawn.drafts)
        ]
        return smallest_rows(least, drawn.ties, [*drawn.belows, *belows])

    try:
        drawn = sketch(script, rows, Options(choice.right, choice.fold))
        at = placed_at(drawn)
    except Infeasible:  # an order that a tie contradicts: products open no lanes then
        drawn = sketch(script, rows, Options(False, choice.fold))
        at = placed_at(drawn)
    leads = [_lead(rows, k) for k in range(len(rows))]
    deep = leads[:]
    for draft, row in zip(drawn.drafts, at, strict=True):
        deep[draft.band] = max(deep[draft.band], row + draft.height + leads[draft.band])
    bands, top = [], TITLE_ROWS + 1
    for block, depth in zip((row.block for row in rows), deep, strict=True):
        height = max(depth, margin(block, choice.mode)) + 1
        bands.append(Band(block, top, top + height - 1))
        top += height
    placed = tuple(
        bands[draft.band].first_row + leads[draft.band] + row for draft, row in zip(drawn.drafts, at, strict=True)
    )
    return Ground(script, rows, drawn, backward.forward_exprs(drawn), placed, tuple(bands))


def _lead(rows: Sequence[Row], k: int) -> int:
    """Rows at the top of a band for the heads of its turns."""
    block = rows[k].block
    return int(block.loop is not None and (k == 0 or rows[k - 1].block.group != block.group))


def _seats(ground: Ground, choice: Choice) -> list[Seat]:
    """The boxes behind the forward pass, and where each goes."""
    script, drawn = ground.script, ground.drawn
    attached = _attached(script, drawn)
    if choice.mode != "beside":
        return on_sheets(attached)
    seats = _near(script, drawn, ground.rows, attached, choice)
    return turned_above(seats, drawn, ground.at, [band.first_row for band in ground.bands])


def _attached(script: Script, drawn: Sketch) -> list[backward.Attached]:
    exprs = backward.forward_exprs(drawn)
    return [*backward.derived_boxes(script, drawn), *backward.again(script, drawn, exprs)]


def _near(
    script: Script, drawn: Sketch, rows: Sequence[Row], attached: Sequence[backward.Attached], choice: Choice
) -> list[Seat]:
    return beside(script, drawn, attached, choice.second and not any(row.lanes for row in rows))


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
    columns = lane_columns([*spots, *rails], route.channels(ground.drawn.links, drafts, at, loops))
    boxes = [_forward(ground, k, columns[k] + spots[k].left) for k in range(len(drafts))]
    instead = second_pass(seats, ground.drawn) if choice.mode == "beside" else {}
    own = {id(seat): columns[len(drafts) + k] + seat.offset for k, seat in enumerate(near)}
    boxes += [_seated(seat, boxes[seat.box.at], own.get(id(seat)), instead) for seat in seats]
    ends = [box.right - 1 for box in boxes] + [columns[len(spots) + k] + spot.left for k, spot in enumerate(rails)]
    return tracks, boxes, {drafts[t.target].key: columns[t.target] for t in tracks}, max(ends, default=FIRST)


def _spot(ground: Ground, k: int) -> Spot:
    draft, row = ground.drawn.drafts[k], ground.at[k]
    left = -1 - draft.offset - draft.width if draft.zone.part == 0 else draft.offset
    return Spot(draft.zone.area, draft.zone.turn, draft.zone.sub, draft.band, ground.rows[draft.band].block.loop, left,
                left + draft.width, row - draft.head, row + draft.height - 1)  # fmt: skip


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
    return Box(draft.key, draft.matrix, draft.kind, "forward", 0, row, column, draft.height, draft.width,
               ground.exprs.get(draft.key), draft.of, draft.rows, draft.columns, draft.turned, draft.glued, draft.band,
               draft.zone, draft.turn, caption, lead=draft.lead)  # fmt: skip


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


def _loss_again(ground: Ground, boxes: Sequence[Box]) -> list[Box]:
    """The new loss once more, right of the loss or under it, where there is room."""
    again = ground.script.agains.get(ground.script.loss)
    loss = next((box for box in boxes if box.key == ground.script.loss), None)
    if again is None or loss is None:
        return []
    for row, column, end in ((loss.row, loss.column + 2, loss.column + 4), (loss.row + 2, loss.column, loss.right)):
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


def _numbers(script: Script, last: int) -> tuple[list[Box], int]:
    """The numbers of the title rows, right-aligned, each with a free cell for its name; and the title's rows."""
    a_row = max(1, (last - FIRST + 1) // 3)
    found = []
    for k, name in enumerate(reversed(script.scalars)):
        row, column = 1 + k // a_row, max(last - 3 * (k % a_row), FIRST + 1)
        found.append(Box(name, name, "home", "forward", 0, row, column, 1, 1, None))
    return found[::-1], max(TITLE_ROWS, -(-len(found) // a_row) + 1)


def _last_column(boxes: Sequence[Box], frames: Sequence[Frame], pictures: Sequence[Picture]) -> int:
    """The last one in which more than a rail stands."""
    ends = [box.right - 1 for box in boxes if box.sheet == 0]
    ends += [frame.column + frame.width - 1 for frame in frames]
    return max([FIRST, *ends, *(picture.column + picture.width - 1 for picture in pictures)])


def _lowered(boxes: Sequence[Box], frames: Sequence[Frame], by: int) -> tuple[list[Box], list[Frame]]:
    """Everything of the first band, `by` rows lower."""
    return [_moved(box, by if box.band == 0 else 0) for box in boxes], [
        replace(frame, row=frame.row + by) if frame.band == 0 else frame for frame in frames
    ]


def _grown(
    bands: Sequence[Band], boxes: Sequence[Box], frames: Sequence[Frame], pictures: Sequence[Picture], by: int
) -> tuple[list[Band], list[int]]:
    """The bands, `by` rows lower and grown for what stands in them, and how far each of them moves down."""
    deep = [band.last_row for band in bands]
    for box in boxes:
        deep[box.band] = max(deep[box.band], box.below)
    areas: list[Frame | Picture] = [*frames, *pictures]
    for area in areas:
        deep[area.band] = max(deep[area.band], area.row + area.height)
    found, shift = [], []
    for band, row in zip(bands, deep, strict=True):
        shift.append(by)
        found.append(Band(band.block, band.first_row + by, row + by))
        by += row - band.last_row
    return found, shift


def _moved(box: Box, by: int) -> Box:
    if by == 0:
        return box
    caption = None if box.caption is None else replace(box.caption, row=box.caption.row + by)
    return replace(box, row=box.row + by, caption=caption)


def _extras(
    ground: Ground, choice: Choice, bands: list[Band], title_rows: int, margin: Margin
) -> tuple[list[Box], list[Band]]:
    """Helpers that stand at no matrix: in a band below everything, on the sheet of their pass."""
    script = ground.script
    if not script.extras:
        return [], bands
    homes = backward.all_homes(script, ground.drawn)
    first = bands[-1].last_row + 1 if bands else title_rows + 1
    row, boxes = first + 1, []
    for extra in script.extras:
        expr = operands.put(extra.expr, {}, homes)
        late = extra.key in script.late
        sheet = 2 if late else 0 if choice.mode == "beside" else 1
        caption = Caption(row - 1, FIRST + 1, expr.shape[1])
        boxes.append(Box(extra.key, extra.matrix, "home", "after" if late else "backward", sheet, row, FIRST + 1,
                         *expr.shape, expr, band=len(bands), caption=caption))  # fmt: skip
        row += expr.shape[0] + 1
    names = tuple(box.matrix for box in boxes)
    block = Block(len(bands), "", names, (), (), group=bands[-1].block.group + 1 if bands else 0)
    return boxes, [*bands, Band(block, first, max(row - 1, first + margin(block, choice.mode)))]
