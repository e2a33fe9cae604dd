"""The margin of a band: each equation and sentence on the rows of the matrix that it is about; where gradients stand
beside all that, theirs under them; on a sheet of their own, why they are what they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sheetgen.layout import measure
from sheetgen.layout.drawing.regions import Source
from sheetgen.layout.drawing.room import Room
from sheetgen.layout.drawing.rows import Heights, rows_for
from sheetgen.layout.geometry.figure import Band, Box
from sheetgen.layout.plan import Label
from sheetgen.layout.words.margin import Margin
from sheetgen.layout.words.telling import ACROSS, AIR, Line, passages
from sheetgen.layout.words.wrap import prose, prose_rows

AFTER = 2
"""The sheet of the second forward pass."""
BADGE, TEXT = 1, 2
"""The margin's columns."""
TITLE = 12.0
"""Points of a band's title."""
FAR = 8
"""Columns that an equation may cover beside its matrix."""
EQUATION = 13.0
"""Points of a row that a line of an equation needs at least."""


def write_margin(src: Source, rooms: Sequence[Room], band: Band, margin: Margin) -> None:
    """Badge and title, if they don't stand above, then the lines on every sheet that shows the band, each no higher
    than its matrix, but as low as there is room for those that follow."""
    mode, tops = src.placement.mode, _tops(src, band)
    for sheet, room in enumerate(rooms):
        row = band.first_row
        if room.heights.get(row) == 0:
            continue
        above = next((label.text for label in reversed(room.labels) if label.style == "section"), "")
        if margin.badge and not (margin.again and above.startswith(margin.title)):
            room.write(Label(row, BADGE, margin.badge, "badge", align="center"))
            title = room.reach(row, TEXT, margin.title, TITLE, True, len(room.widths))
            room.write(Label(row, TEXT, margin.title, "section"), title or 1)
        told = [line for line in margin.lines if line.on(sheet, mode) and not line.behind(mode)]
        if sheet:
            told = [line for one in sorted(passages(told), key=lambda one: _top(one[0], tops)) for line in one]
        kept = _kept(src, band, sheet) if any(line.across for line in told) else {}
        _write(room, told, band, kept, row + 1, tops)


def write_gradients(src: Source, room: Room, margins: Mapping[int, Margin]) -> None:
    """The equations of the gradients that stand beside the forward pass, each beside the matrix that it is the gradient
    of, under what is told of that. Where there is no room, captions tell some, and products are told by their row and
    column; the others stand in their order under all texts of the band, and if possible under its matrices."""
    for band in src.placement.bands:
        lines = margins[band.block.index].lines
        own = passages([line for line in lines if line.on(0, src.placement.mode) and line.behind(src.placement.mode)])
        captions = [label.text for label in room.labels if band.first_row <= label.row <= band.last_row]
        told = {one[0].whole for one in own if any(text.endswith(one[0].whole) for text in captions)}
        groups: dict[range, list[list[Line]]] = defaultdict(list)
        for one in own:
            groups[_beside(src, band, one[0])].append(one)
        rest = list[list[Line]]()
        for rows, found in groups.items():
            untold = [one for one in found if one[0].whole not in told]
            wanted = [one for one in untold if not one[0].product]
            best = next((some for some in (found, untold, wanted) if all(_places_in(room, some, band, rows))), wanted)
            left = _written(room, best, band, rows)
            rest += left
            _written(room, [one for one in untold if left and one[0].product], band, rows)
        rest = [one for one in rest if not _beside_gradient(src, room, band, one[0])]
        under = _under(room, band)
        last = max((box.below for box in _forward(src, band)), default=under)
        below = [range(first, band.last_row + 1) for first in (max(under, last), under)]
        _written(room, rest, band, next((rows for rows in below if all(_places_in(room, rest, band, rows))), below[-1]))


def write_reasons(src: Source, room: Room, margins: Mapping[int, Margin]) -> None:
    """On the sheet of the gradients, right under an equation, what happens there, if there is room: each reason once,
    where the way back, which goes up the sheet, first meets it."""
    said, width = set[str](), room.width(TEXT) - AIR
    for band in reversed(src.placement.bands if src.placement.mode == "sheets" else ()):
        lines = [line for line in margins[band.block.index].lines if line.phase == "backward"]
        written = [x for x in room.labels if x.column == TEXT and band.first_row <= x.row <= band.last_row]
        below = {x.text: x.row + x.rows for x in written}
        reasons = {below[one[-1].text]: one[0].why for one in passages(lines) if one[-1].text in below and one[0].why}
        for row, why in sorted(reasons.items(), reverse=True):
            text = f"{why[0].upper()}{why[1:]}."
            line = Line(text, "sentence", rows=prose_rows(text, width))
            if text not in said and _free(room, [line], band, range(row, band.last_row + 1)) == row:
                _write(room, [line], band, {}, row, {})
                said.add(text)


def _beside_gradient(src: Source, room: Room, band: Band, line: Line) -> bool:
    """Write an equation in a row of the gradient that it tells, behind that and not beside charts, or right under it.
    Whether there was room."""
    boxes = {box.key: box for box in _forward(src, band)}
    gradients = [box for box in src.placement.in_bands.get(band.block.index, ())
                 if box.phase == "backward" and box.kind in ("home", "row") and box.sheet == 0 and box.at in boxes
                 and not {boxes[box.at].matrix, boxes[box.at].of}.isdisjoint(line.at)]  # fmt: skip
    taken = {row for p in src.placement.pictures for row in range(p.row - 1, p.row + p.height + 1)}
    for box in gradients:
        behind = [(row, box.right) for row in range(box.row, box.below) if row not in taken]
        for row, column in [*behind, (box.below, box.column)]:
            label = Label(row, column, line.whole, "equation", src.steps[box.key], color=line.role)
            columns = room.reach(row, column, line.whole, measure.SIZE, False, FAR)
            if columns and room.write(label, columns):
                return True
    return False


def _written(room: Room, found: Sequence[list[Line]], band: Band, rows: range) -> list[list[Line]]:
    """Write equations one after the other into rows; those for which there is no room."""
    places = _places_in(room, found, band, rows)
    for row, one in zip(places, found, strict=True):
        if row:
            _write(room, one, band, {}, row, {})
    return [one for row, one in zip(places, found, strict=True) if not row]


def _places_in(room: Room, found: Sequence[Sequence[Line]], band: Band, rows: range) -> list[int]:
    """The first rows of equations that follow one another; 0 for one without room."""
    places = []
    for one in found:
        places.append(_free(room, one, band, rows))
        rows = range(_end(one, places[-1], band, room.heights), rows.stop) if places[-1] else rows
    return places


def _beside(src: Source, band: Band, line: Line) -> range:
    """The rows of the matrix that a line belongs to, up to the next matrix, or of a band of gradients alone; none if
    that stands elsewhere."""
    boxes = _forward(src, band)
    mine = [box.row for box in boxes if box.matrix in line.at or box.of in line.at]
    below = [box.row for box in boxes if mine and box.row > max(mine)]
    if boxes and not mine:
        return range(0)
    return range(min(mine, default=band.first_row), min(below, default=band.last_row + 1))


def _under(room: Room, band: Band) -> int:
    """The first row under all texts of a band."""
    rows = (label.row + label.rows for label in room.labels if label.column == TEXT)
    return max((row for row in rows if row <= band.last_row + 1), default=0)


def _free(room: Room, lines: Sequence[Line], band: Band, rows: range) -> int:
    """The first of some rows from which on an equation has room in the margin; 0 without."""
    first = min((label.row for label in room.labels if label.column == TEXT and label.row > band.first_row), default=0)
    for row in rows:
        needed = range(row, _end(lines, row, band, room.heights))
        empty = all(room.free(r, TEXT) and room.heights.get(r) != 0 for r in needed)
        if row > max(first, band.first_row) and needed.stop <= rows.stop and empty:
            return row
    return 0


def _forward(src: Source, band: Band) -> list[Box]:
    """What a band holds of the forward pass."""
    boxes = src.placement.in_bands.get(band.block.index, ())
    return [box for box in boxes if box.phase == "forward" and box.kind in ("home", "row")]


def _write(
    room: Room, lines: Sequence[Line], band: Band, kept: Mapping[int, int], row: int, tops: Mapping[str, int]
) -> None:
    """Write lines from `row` on."""
    for start, rows, columns, line in _places(passages(lines), band, room, kept, row, tops):
        text = line.text
        if columns > 1 and line.kind == "equation":
            text = line.whole
        elif line.kind == "sentence":
            text = "\n".join(prose(text, ACROSS if columns > 1 else room.width(TEXT) - AIR))
        label = Label(start, TEXT, text, line.kind, rows=rows, columns=columns, color=line.role, joined=line.joined)
        room.write(label, columns)


def _tops(src: Source, band: Band) -> Mapping[str, int]:
    """The first row of each matrix of a band, by statement. That of its caption stays free for a page that begins there
    and says what it goes on with."""
    found: dict[str, int] = {}
    for box in _forward(src, band):
        for name in (box.matrix, box.of):
            found[name] = min(box.row, found.get(name, box.row))
    return found


def _top(line: Line, tops: Mapping[str, int]) -> int:
    return min((tops[name] for name in line.at if name in tops), default=0)


def _places(
    found: Sequence[Sequence[Line]], band: Band, room: Room, kept: Mapping[int, int], row: int, tops: Mapping[str, int]
) -> list[tuple[int, int, int, Line]]:
    """The first row of each line, and how many rows and columns it takes. What has fewer rows across the page runs
    across where nothing stands."""
    latest, last = list[int](), band.last_row
    for first, *more in reversed(found):
        if _across(first, last - first.across + 1, room, kept):
            last -= first.across
        else:
            for line in (*more, first):
                last -= _rows_up(_points(line), last, room.heights)
        latest.append(last + 1)
    out = []
    for lines, most in zip(found, reversed(latest), strict=True):
        row = max(row, min(_top(lines[0], tops), most))
        end = min(_end(lines, row, band, room.heights) - 1, band.last_row + 1)
        for start in range(row, end - lines[0].across + 1) if lines[0].across else ():
            if columns := _across(lines[0], start, room, kept):
                row = start
                out.append((row, lines[0].across, columns, lines[0]))
                row += lines[0].across
                break
        else:
            for line in lines:
                rows = rows_for(_points(line), row, band.last_row, room.heights)
                out.append((row, rows, 1, line))
                row += rows
    return out


def _across(line: Line, row: int, room: Room, kept: Mapping[int, int]) -> int:
    """The columns that words take from a row on where nothing stands across the page; 0 where something does."""
    rows = range(row, row + line.across)
    found = [(room.covered(one, TEXT, ACROSS + AIR, len(room.widths)), kept.get(one, 1 << 20)) for one in rows]
    return found[0][0] if found and all(columns and TEXT + columns < first for columns, first in found) else 0


def _kept(src: Source, band: Band, sheet: int) -> Mapping[int, int]:
    """By row of a band, the first column that its boxes keep for themselves, their captions and their names."""
    found: dict[int, int] = {}
    for box in src.placement.in_bands.get(band.block.index, ()):
        first = box.column - 1
        for row in range(box.top, box.below + 1) if box.sheet == sheet else ():
            if found.get(row, box.column) > first:
                found[row] = first
    return found


def _end(lines: Sequence[Line], row: int, band: Band, heights: Heights) -> int:
    """The first row below lines that stand one under the other from `row` on."""
    for line in lines:
        row += rows_for(_points(line), row, 1 << 20, heights)
    return row


def _points(line: Line) -> float:
    return line.rows * measure.ROW_HEIGHT if line.kind == "sentence" else EQUATION


def _rows_up(points: float, last: int, heights: Heights) -> int:
    """How many rows up from `last` are `points` high together."""
    count, room = 0, 0.0
    while room < points and count < last:
        room += heights.get(last - count, measure.ROW_HEIGHT)
        count += 1
    return count
