"""What stands around the boxes, in cells that are free: captions, names of rows and columns, heads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Sequence
from itertools import product

from sheetgen.layout.geometry.columns import FIRST, air_of
from sheetgen.layout.geometry.figure import Arrow, Band, Box, Caption, Frame, Head, Labels, Picture, Rail, Zone
from sheetgen.layout.geometry.grid import Grid, grid_of
from sheetgen.records import replace

CLOSER, RIGHT = 1, (2, 2)
"""The area of a Look closer; those of gradients and of all that follows from them are further right. Area and part of
what stands right of a gradient."""
APART = 2
"""Columns between turns with borders of their own."""


def taken_cells(
    boxes: Collection[Box], rails: Iterable[Rail], arrows: Iterable[Arrow], pictures: Iterable[Picture],
    folded: Iterable[int], last_column: int,
) -> Grid:  # fmt: skip
    """Every cell that holds a number, a line, a picture, or stands over a box for its caption, or that is `folded`
    away."""
    taken = grid_of(boxes)
    for rail in rails:
        taken.take(rail.sheet, rail.rows.start, rail.column, len(rail.rows))
    for a in arrows:
        rows, columns = a.last_row + 1 - a.first_row, a.last_column + 1 - a.first_column
        taken.take(a.sheet, a.first_row, a.first_column, rows, columns)
    for picture in pictures:
        taken.take(0, picture.row, picture.column, picture.height, picture.width)
    for row, sheet in product(folded, (0, 2)):
        taken.take(sheet, row, 1, 1, last_column)
    for box in boxes:
        if box.caption is not None:
            taken.take(box.sheet, box.caption.row, box.column, 1, box.width)
    return taken


def captioned(boxes: Sequence[Box], taken: Grid, bands: Sequence[Band], last_column: int) -> list[Box]:
    """The boxes with the room of their captions and the edges that may carry names."""
    return [replace(box, caption=_room(box, taken, last_column), labels=_labels(box, taken, bands)) for box in boxes]


def _room(box: Box, taken: Grid, last_column: int) -> Caption | None:
    """The caption and the free cells to its right; of a turn of a loop, over the edge of the page."""
    if box.caption is None:
        return None
    end = max(box.right, last_column + 1 + (box.turn is not None))
    end = taken.until(box.sheet, box.caption.row, box.right, end)
    return Caption(box.caption.row, box.column, end - box.column)


def _labels(box: Box, taken: Grid, bands: Sequence[Band]) -> Labels:
    """Edges next to free cells of the same band."""
    if not 0 <= box.band < len(bands):
        return Labels()
    band = bands[box.band]

    def free(row: int, column: int, height: int, width: int) -> bool:
        inside = band.first_row <= row and row + height - 1 <= band.last_row
        return inside and taken.free(box.sheet, row, column, height, width)

    return Labels(
        left=box.column > FIRST and free(box.row, box.column - 1, box.height, 1),
        right=free(box.row, box.right, box.height, 1),
        above=box.top < box.row - 1 and free(box.row - 1, box.column, 1, box.width),
        below=free(box.below, box.column, 1, box.width),
    )


def heads_of(boxes: Sequence[Box], bands: Sequence[Band], row: int, weights: Container[str]) -> list[Head]:
    """What each lane holds, in the row above the first band; and over the turns of a loop, which. `weights` are the
    parameters. A head that would stand over anything else, in whatever band, stands in the bands themselves."""
    found: list[Head] = []
    for sheet in sorted({box.sheet for box in boxes}):
        here = [box for box in boxes if box.sheet == sheet and box.band >= 0]
        for kind, chosen in _lanes(here, sheet, weights).items():
            if chosen:
                top = min(box.band for box in chosen)
                first = min(box.column for box in chosen if box.band == top)
                last = max(box.right for box in chosen if box.band == top)
                told = kind == "given" and any((h.kind, h.sheet) == ("parameters", sheet) for h in found)
                strange = _strangers(here, chosen, kind)
                if not told and not any(b.column < last and first < b.right for b in strange):
                    found.append(Head(kind, first, last - first, sheet, row))  # type: ignore[arg-type]
                elif chosen[0].zone.area > CLOSER:
                    found += _in_bands(kind, chosen, strange, bands)
    return found + _turns(boxes, bands)


def _in_bands(kind: str, chosen: Sequence[Box], strange: Sequence[Box], bands: Sequence[Band]) -> list[Head]:
    """A head in the first row of each band in which a lane begins, or goes on after something else stood there, over
    what stands highest in it."""
    found: list[Head] = []
    for band in sorted({box.band for box in chosen}):
        top = min(box.row for box in chosen if box.band == band)
        highest = [box for box in chosen if box.band == band and box.row == top]
        first, last = min(box.column for box in highest), max(box.right for box in highest)
        over = [box for box in strange if box.column < last and first < box.right]
        clear = not any(box.band == band and box.row <= top for box in over)
        known = found[-1].band if found else None
        if clear and (known is None or any(known <= box.band < band for box in over)):
            found.append(Head(kind, first, last - first, chosen[0].sheet, bands[band].first_row, band=band))  # type: ignore[arg-type]
    return found


def _strangers(boxes: Iterable[Box], chosen: Sequence[Box], kind: str) -> list[Box]:
    """What a head over the boxes `chosen` doesn't tell, of those on their sheet: what isn't of their part of the page,
    a lone number, a Look closer, what a gradient has in a lane to its right, and copies beside it apart; and of the
    left slot, which holds all kinds of operands, what stands above them without being a copy."""
    (area, part), top = (chosen[0].zone.area, chosen[0].zone.part), min(box.row for box in chosen)
    found: list[Box] = []
    if area > CLOSER:
        others = [box for box in boxes if box.zone.area not in (CLOSER, area)]
        others = [box for box in others if box.phase != "backward" or not (box.zone.sub or kind == "gradient")]
        others = [box for box in others if box.kind != "copy" or (box.zone.area, box.zone.part) != RIGHT]
        found += [box for box in others if box.turn is not None or box.height * box.width > 1]
    if part == 0:
        keys = {box.key for box in chosen}
        found += [box for box in boxes if box.row < top and box.kind not in ("copy", "ones") and box.key not in keys]
    return found


def _lanes(boxes: Sequence[Box], sheet: int, weights: Container[str]) -> dict[str, list[Box]]:
    """By what a head says, the boxes under it."""

    def of(area: int, part: int) -> list[Box]:
        return [box for box in boxes if box.zone.order == (area, 0, 0, part)]

    homes = [box for box in of(0, 0) if box.kind == "home"]
    own = [box for box in homes if (box.of if sheet else box.matrix) in weights]
    if sheet == 0:
        given = [box for box in homes if box.expr is None]  # where there is more than parameters
        beside = {"gradient": of(2, 1), "weights": of(3, 1), "new": of(4, 1), "again": of(5, 1)}
        return {"parameters": own, "given": given, "forward": of(0, 1), **beside}
    if sheet == 1:
        return {"weights": own or homes, "gradient": of(0, 1)}
    return {"new": [box for box in of(0, 0) if box.phase == "update"], "again": of(0, 1)}


def _turns(boxes: Sequence[Box], bands: Sequence[Band]) -> list[Head]:
    """The head of each turn in the first row of the first band that has room for it, and of those
    below in which something stands in its lane."""
    lanes: dict[tuple[int, int, int, int], list[Box]] = defaultdict(list)
    for box in _in_loops(boxes, bands):
        if box.zone.part == 1 and box.zone.area in (0, 2, 5):
            lanes[bands[box.band].block.group, box.sheet, box.zone.area, box.zone.turn].append(box)
    found, headed = list[Head](), defaultdict[int, list[Band]](list)
    for band in bands:
        if band.headed:
            headed[band.block.group].append(band)
    firsts = {lane: min(box.column for box in here) for lane, here in lanes.items()}
    for (group, sheet, area, turn), here in lanes.items():
        first = firsts[group, sheet, area, turn]
        last = min(max(box.right for box in here), firsts.get((group, sheet, area, turn + 1), 1 << 20))
        inside = {box.band for box in here}
        found += [
            Head("turn", first, last - first, sheet, band.first_row, band.block.turns[turn], band.block.index)
            for k, band in enumerate(headed[group]) if k == 0 or band.block.index in inside
        ]  # fmt: skip
    return found


def _in_loops(boxes: Iterable[Box], bands: Sequence[Band]) -> list[Box]:
    return [box for box in boxes if 0 <= box.band < len(bands) and bands[box.band].block.loop is not None]


def is_own_slot(zone: Zone, kind: str) -> bool:
    """Whether a matrix stands in the slot of a turn that isn't the first: it has one of its own."""
    return kind == "home" and zone.turn > 0 and (zone.area, zone.sub, zone.part) == (0, 0, 0)


def bordered(boxes: Iterable[Box], frames: Iterable[Frame]) -> list[tuple[Box, Frame]]:
    """The boxes that a side of a border around a turn cuts."""
    sides = [(frame, edge) for frame in frames if frame.kind == "turn"
             for edge in (frame.column, frame.column + frame.width)]  # fmt: skip
    return [(box, frame) for box in boxes for frame, edge in sides
            if box.sheet == frame.sheet and box.column < edge < box.right
            and box.row < frame.row + frame.height and frame.row < box.below]  # fmt: skip


def turn_frames(boxes: Sequence[Box], bands: Sequence[Band], rails: Sequence[Rail] = ()) -> list[Frame]:
    """Borders around turns with weights of their own in their slots, through all bands of their group, down to the row
    under the lowest box, where names may stand; a rail runs within them, not along their sides."""
    turns: dict[tuple[int, int, int], list[Box]] = defaultdict(list)
    framed: set[int] = set()
    for box in _in_loops(boxes, bands):
        group = bands[box.band].block.group
        if box.zone.area == 0:
            turns[group, box.sheet, box.zone.turn].append(box)
            if is_own_slot(box.zone, box.kind) and box.sheet == 0:
                framed.add(group)
    ends: dict[tuple[int, int], int] = {}
    for (group, sheet, _), here in turns.items():
        ends[group, sheet] = max(ends.get((group, sheet), 0), *(box.below for box in here))
    found = []
    for (group, sheet, turn), here in turns.items():
        if group in framed:
            own = [band for band in bands if band.block.group == group]
            top, left, right = own[0].first_row, min(box.column for box in here), max(box.right for box in here)
            before, after = turns.get((group, sheet, turn - 1), []), turns.get((group, sheet, turn + 1), [])
            gap = min([left - b.right for b in before] + [b.column - right for b in after], default=APART)
            air = min(gap - 1, air_of(right - min(box.column for box in here if box.zone.part == 1)))
            height, width = ends[group, sheet] - top + 1, right - left + air
            beside = any(x.sheet == sheet and x.column == left + width - 1 and top <= x.source_row <= top + height
                         for x in rails)  # fmt: skip
            width += beside and gap > air + 1
            blocks = own[0].block, own[-1].block
            found.append(Frame("turn", sheet, top, left, height, width, blocks[0].index, blocks[1].index,
                               blocks[0].turns[turn], air=air > 0))  # fmt: skip
    return found
