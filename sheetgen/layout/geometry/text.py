"""What stands around the boxes, in cells that are free: captions, names of rows and columns, heads of lanes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sheetgen.layout.geometry.figure import Arrow, Band, Box, Caption, Frame, Head, Labels, Picture, Rail

HEIGHT = {False: 787.0, True: 540.0}
"""Points of an A4 page's height inside its margins, upright and on its side."""
ROW = 15.0
"""Points of a row."""
Taken = dict[tuple[int, int], set[int]]
"""By sheet and row, the columns that hold something."""


def taken_cells(boxes: Iterable[Box], rails: Iterable[Rail], arrows: Iterable[Arrow], pictures: Iterable[Picture]) -> Taken:
    """Every cell that holds a number, a line or a picture."""
    taken: Taken = defaultdict(set)
    for box in boxes:
        for row in range(box.row, box.row + box.height):
            taken[box.sheet, row].update(range(box.column, box.column + box.width))
    for rail in rails:
        for row in range(min(rail.source_row, rail.target_row), max(rail.source_row, rail.target_row) + 1):
            taken[rail.sheet, row].add(rail.column)
    for arrow in arrows:
        for row in range(arrow.first_row, arrow.last_row + 1):
            taken[arrow.sheet, row].update(range(arrow.first_column, arrow.last_column + 1))
    for picture in pictures:
        for row in range(picture.row, picture.row + picture.height):
            taken[0, row].update(range(picture.column, picture.column + picture.width))
    return taken


def captioned(boxes: Sequence[Box], taken: Taken, bands: Sequence[Band], last_column: int) -> list[Box]:
    """The boxes with the room of their captions and the edges that may carry names."""
    captions: Taken = defaultdict(set)
    for box in boxes:
        if box.caption is not None:
            captions[box.sheet, box.caption.row].update(range(box.caption.column, box.caption.column + box.width))
    out = []
    for box in boxes:
        caption = box.caption
        if caption is not None:
            row = (box.sheet, caption.row)
            end = box.column + box.width
            while end <= last_column and end not in taken[row] and end not in captions[row]:
                end += 1
            caption = Caption(caption.row, caption.column, end - box.column)
        out.append(replace(box, caption=caption, labels=_labels(box, taken, captions, bands)))
    return out


def _labels(box: Box, taken: Taken, captions: Taken, bands: Sequence[Band]) -> Labels:
    if box.band < 0 or box.band >= len(bands):
        return Labels()
    band = bands[box.band]
    rows = range(box.row, box.row + box.height)
    columns = range(box.column, box.column + box.width)

    def free(row: int, cells: Iterable[int]) -> bool:
        used = taken[box.sheet, row] | captions[box.sheet, row]
        return band.first_row <= row <= band.last_row and not any(cell in used for cell in cells)

    return Labels(
        left=box.column > 3 and all(free(row, (box.column - 1,)) for row in rows),
        right=all(free(row, (box.column + box.width,)) for row in rows),
        above=box.caption is not None and box.caption.row < box.row - 1 and free(box.row - 1, columns),
        below=free(box.row + box.height, columns),
    )


def heads_of(boxes: Sequence[Box], bands: Sequence[Band], row: int) -> list[Head]:
    """What each lane holds, in the row above the first band; and over the turns of a loop, which."""
    found = []
    here = [box for box in boxes if box.band >= 0 and (box.zone.turn, box.zone.sub) == (0, 0)]
    for sheet in sorted({box.sheet for box in here}):
        for kind, chosen in _lanes(here, sheet):
            if chosen:
                first = min(box.column for box in chosen)
                last = max(box.column + box.width for box in chosen)
                found.append(Head(kind, first, last - first, sheet, row))  # type: ignore[arg-type]
    return found + _turns(boxes, bands)


def _lanes(boxes: Sequence[Box], sheet: int) -> list[tuple[str, list[Box]]]:
    own = [box for box in boxes if box.sheet == sheet]

    def of(area: int, part: int) -> list[Box]:
        return [box for box in own if (box.zone.area, box.zone.part) == (area, part)]

    if sheet == 0:
        slot = [box for box in of(0, 0) if box.kind == "home"]
        forward = [("parameters", slot), ("forward", of(0, 1))]
        return [*forward, ("gradient", of(2, 1)), ("weights", of(3, 1)), ("new", of(4, 1)), ("again", of(5, 1))]
    if sheet == 1:
        return [("weights", [box for box in of(0, 0) if box.kind == "home"]), ("gradient", of(0, 1))]
    return [("new", [box for box in of(0, 0) if box.phase == "update"]), ("again", of(0, 1))]


def _turns(boxes: Sequence[Box], bands: Sequence[Band]) -> list[Head]:
    lanes: dict[tuple[int, int, int, int], list[Box]] = defaultdict(list)
    for box in boxes:
        if 0 <= box.band < len(bands) and bands[box.band].block.loop is not None and box.zone.part == 1 and box.zone.area in (0, 2, 5):
            lanes[bands[box.band].block.group, box.sheet, box.zone.area, box.zone.turn].append(box)
    starts: Mapping[int, Band] = {band.block.group: band for band in reversed(bands)}
    found = []
    for (group, sheet, _, turn), here in lanes.items():
        first = min(box.column for box in here)
        last = max(box.column + box.width for box in here)
        band = starts[group]
        found.append(Head("turn", first, last - first, sheet, band.first_row, band.block.turns[turn], band.block.index))
    return found


def turn_frames(boxes: Sequence[Box], bands: Sequence[Band]) -> list[Frame]:
    """Borders around turns that have slots of their own, through all bands of their group."""
    turns: dict[tuple[int, int, int], list[Box]] = defaultdict(list)
    for box in boxes:
        if 0 <= box.band < len(bands) and bands[box.band].block.loop is not None and box.zone.area == 0:
            turns[bands[box.band].block.group, box.sheet, box.zone.turn].append(box)
    framed = {group for (group, _, turn), here in turns.items() if turn > 0 and any(b.zone.part == 0 and b.zone.sub == 0 for b in here)}
    found = []
    for (group, sheet, turn), here in turns.items():
        if group in framed:
            own = [band for band in bands if band.block.group == group]
            left, right = min(b.column for b in here), max(b.column + b.width for b in here)
            top, bottom = own[0].first_row, own[-1].last_row
            found.append(Frame("turn", sheet, top, left, bottom - top + 1, right - left, own[0].block.index,
                               own[-1].block.index, own[0].block.turns[turn]))  # fmt: skip
    return found


def cuts_of(boxes: Sequence[Box], bands: Sequence[Band], landscape: bool, scale: float) -> list[int]:
    """Rows before which a page may be cut: where a group of bands begins, and in a band that is taller than a page,
    where captions of all its boxes stand in one row or below."""
    high = int((HEIGHT[landscape] / scale) / ROW)
    found = []
    for before, band in zip((None, *bands), bands, strict=False):
        if before is not None and before.block.group != band.block.group:
            found.append(band.first_row)
        if band.last_row - band.first_row + 1 > high:
            here = [box for box in boxes if box.band == band.block.index]
            inner = {box.caption.row for box in here if box.caption is not None}
            whole = {row for box in here for row in range(_top(box) + 1, box.row + box.height)}
            found += sorted(inner - whole - {band.first_row})
    return found


def _top(box: Box) -> int:
    return box.row if box.caption is None else box.caption.row
