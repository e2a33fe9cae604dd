"""The margin of a band: each equation and sentence on the rows of the matrix that it is about; where gradients stand
beside all that, theirs under them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sheetgen.layout import measure
from sheetgen.layout.drawing.regions import Source
from sheetgen.layout.drawing.room import Room
from sheetgen.layout.drawing.rows import Heights, rows_for
from sheetgen.layout.geometry.figure import Band
from sheetgen.layout.plan import Label
from sheetgen.layout.words.margin import Margin
from sheetgen.layout.words.telling import ACROSS, AIR, Line, passages
from sheetgen.layout.words.wrap import prose

AFTER = 2
"""The sheet of the second forward pass."""
BADGE, TEXT = 1, 2
"""The margin's columns."""
TITLE = 12.0
"""Points of a band's title."""
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
    """The equations of the gradients that stand beside the forward pass, each in the first free rows from its matrix
    on, under what is told of that. Where there isn't room for all, those go that captions tell, then products; of the
    others, short ones stand in the next band, from where they come, and long ones, or the last, where there is room."""
    carried: list[list[Line]] = []
    for band in src.placement.bands:
        lines = margins[band.block.index].lines
        own = passages([line for line in lines if line.on(0, src.placement.mode) and line.behind(src.placement.mode)])
        captions = {label.text for label in room.labels if band.first_row <= label.row <= band.last_row}
        untold = [one for one in (*own, *carried) if not any(text.endswith(one[0].whole) for text in captions)]
        tops = _tops(src, band)
        for wanted in ([*own, *carried], untold, [one for one in untold if not one[0].product]):
            rows = _beside(room, wanted, band, tops)
            if all(rows):
                break
        for row, one in zip(rows, wanted, strict=True):
            if row:
                _write(room, one, band, {}, row, {})
        left = [one for row, one in zip(rows, wanted, strict=True) if not row and not one[0].product]
        carried = [one for one in left if len(one) == 1 and band is not src.placement.bands[-1]]
        for one in left:
            if one not in carried and (row := _beside(room, [one], band, {})[0]):
                _write(room, one, band, {}, row, {})


def _beside(room: Room, found: Sequence[Sequence[Line]], band: Band, tops: Mapping[str, int]) -> list[int]:
    """The first row of each of several equations: the first free one from its matrix on, and under the first line of
    the band; 0 for one without room."""
    first = min((label.row for label in room.labels if label.column == TEXT and label.row > band.first_row), default=0)
    starts = [_top(lines[0], tops) for lines in found]
    taken, rows = set[int](), [0] * len(found)
    for k in sorted(range(len(found)), key=starts.__getitem__):
        for row in range(max(first + 1, band.first_row + 1, starts[k]), band.last_row + 1):
            needed = range(row, _end(found[k], row, band, room.heights))
            if needed.stop <= band.last_row + 1 and taken.isdisjoint(needed) and all(
                room.free(r, TEXT) and room.heights.get(r) != 0 for r in needed
            ):
                taken.update(needed)
                rows[k] = row
                break
    return rows


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
    for box in src.placement.in_bands.get(band.block.index, ()):
        if box.phase == "forward" and box.kind in ("home", "row"):
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
