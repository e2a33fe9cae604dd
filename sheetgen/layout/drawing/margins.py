"""The margin of a band: each equation and sentence on the rows of the matrix that it is about; where gradients stand
beside all that, theirs below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from sheetgen.layout import measure
from sheetgen.layout.drawing.regions import Source
from sheetgen.layout.drawing.room import Room
from sheetgen.layout.drawing.rows import Heights, rows_for
from sheetgen.layout.geometry.figure import Band
from sheetgen.layout.plan import Label
from sheetgen.layout.words.margin import Margin
from sheetgen.layout.words.telling import AIR, Line
from sheetgen.layout.words.wrap import prose

AFTER = 2
"""The sheet of the second forward pass."""
BADGE, TEXT = 1, 2
"""The margin's columns."""
TITLE = 12.0
"""Points of a band's title."""
EQUATION = 13.0
"""Points of a row that a line of an equation needs at least."""


def write_margin(src: Source, rooms: Sequence[Room], band: Band, margin: Margin) -> int:
    """Badge and title, then the lines on every sheet that shows the band, each no higher than its matrix, but as low as
    there is room for those that follow. The first free row below them on the first sheet."""
    mode, tops, end = src.placement.mode, _tops(src, band), band.first_row + 1
    for sheet, room in enumerate(rooms):
        row = band.first_row
        if room.heights.get(row) == 0:
            continue
        if margin.badge:
            room.write(Label(row, BADGE, margin.badge, "badge", align="center"))
        title = room.reach(row, TEXT, margin.title, TITLE, True, len(room.widths))
        room.write(Label(row, TEXT, margin.title, "section"), title or 1)
        told = [line for line in margin.lines if line.on(sheet, mode) and not line.behind(mode)]
        if sheet:
            told = [line for one in sorted(_equations(told), key=lambda one: _top(one[0], tops)) for line in one]
        below = _write(room, told, band, tops, row + 1)
        end = end if sheet else below
    return end


def write_gradients(src: Source, room: Room, band: Band, margin: Margin, row: int) -> None:
    """The equations of the gradients that stand beside the forward pass, below its own. Where there isn't room for all,
    those go that captions tell, then products."""
    mode = src.placement.mode
    found = _equations([line for line in margin.lines if line.on(0, mode) and line.behind(mode)])
    captions = {label.text for label in room.labels if band.first_row <= label.row <= band.last_row}
    said = [one for one in found if any(text.endswith(one[0].whole) for text in captions)]
    products = [one for one in found if one[0].product and one not in said]
    out = [*said, *products, *(one for one in found if one not in said and one not in products)]
    while found and _end([line for one in found for line in one], row, band, room.heights) > band.last_row:
        found.remove(out.pop(0))
    _write(room, [line for one in found for line in one], band, {}, row)


def _equations(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines of each equation; those of a sentence by themselves."""
    numbers = list[int]()
    for line in lines:
        numbers.append(numbers[-1] + (not line.joined) if numbers else 0)
    return [[line for _, line in same] for _, same in groupby(zip(numbers, lines, strict=True), lambda one: one[0])]


def _write(room: Room, lines: Sequence[Line], band: Band, tops: Mapping[str, int], row: int) -> int:
    """Write lines from `row` on; the first free row below them."""
    for start, rows, line in _places(lines, band, room.heights, tops, row):
        text = line.text if line.kind == "equation" else "\n".join(prose(line.text, room.width(TEXT) - AIR))
        room.write(Label(start, TEXT, text, line.kind, rows=rows, color=line.role, joined=line.joined))
        row = start + rows
    return row


def _tops(src: Source, band: Band) -> Mapping[str, int]:
    """The first row of each matrix of a band, by statement. That of its caption stays free for a page that begins there
    and says what it goes on with."""
    found: dict[str, int] = {}
    for box in src.placement.boxes:
        if box.phase == "forward" and box.band == band.block.index and box.kind in ("home", "row"):
            for name in (box.matrix, box.of):
                found[name] = min(box.row, found.get(name, box.row))
    return found


def _top(line: Line, tops: Mapping[str, int]) -> int:
    return min((tops[name] for name in line.at if name in tops), default=0)


def _places(
    lines: Sequence[Line], band: Band, heights: Heights, tops: Mapping[str, int], row: int
) -> list[tuple[int, int, Line]]:
    """The first row of each line and how many it takes. Lines of one equation stay together."""
    latest, last = list[int](), band.last_row
    for line in reversed(lines):
        last -= _rows_up(_points(line), last, heights)
        latest.append(last + 1)
    found = []
    for line, most in zip(lines, reversed(latest), strict=True):
        row = row if line.joined else max(row, min(_top(line, tops), most))
        rows = rows_for(_points(line), row, band.last_row, heights)
        found.append((row, rows, line))
        row += rows
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
