"""The margin of a band: each equation and sentence on the rows of the matrix that it is about, where there is room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sheetgen.layout import measure
from sheetgen.layout.drawing.regions import Source
from sheetgen.layout.drawing.room import Room
from sheetgen.layout.drawing.rows import Heights, rows_for
from sheetgen.layout.geometry.figure import Band
from sheetgen.layout.plan import Label
from sheetgen.layout.words.margin import AIR, Line, Margin
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
    """Badge and title, then the lines on every sheet that shows the band, each no higher than its matrix, but as low as
    there is room for those that follow."""
    for sheet, room in enumerate(rooms):
        row = band.first_row
        if room.heights.get(row) == 0:
            continue
        if margin.badge:
            room.write(Label(row, BADGE, margin.badge, "badge", align="center"))
        title = room.reach(row, TEXT, margin.title, TITLE, True, len(room.widths))
        room.write(Label(row, TEXT, margin.title, "section"), title or 1)
        told = [line for line in margin.lines if line.on(sheet, src.placement.mode)]
        for start, rows, line in _places(told, band, room.heights, _tops(src, band)):
            text = line.text if line.kind == "equation" else "\n".join(prose(line.text, room.width(TEXT) - AIR))
            room.write(Label(start, TEXT, text, line.kind, rows=rows, color=line.role, joined=line.joined))


def _tops(src: Source, band: Band) -> Mapping[str, int]:
    """The first row of each matrix of a band, by statement. That of its caption stays free for a page that begins there
    and says what it goes on with."""
    found: dict[str, int] = {}
    for box in src.placement.boxes:
        if box.phase == "forward" and box.band == band.block.index and box.kind in ("home", "row"):
            for name in (box.matrix, box.of):
                found[name] = min(box.row, found.get(name, box.row))
    return found


def _places(
    lines: Sequence[Line], band: Band, heights: Heights, tops: Mapping[str, int]
) -> Iterable[tuple[int, int, Line]]:
    """The first row of each line and how many it takes. Lines of one equation stay together."""
    latest, last = list[int](), band.last_row
    for line in reversed(lines):
        last -= _rows_up(_points(line), last, heights)
        latest.append(last + 1)
    row = band.first_row + 1
    for line, most in zip(lines, reversed(latest), strict=True):
        top = min((tops[name] for name in line.at if name in tops), default=row)
        row = row if line.joined else max(row, min(top, most))
        rows = rows_for(_points(line), row, band.last_row, heights)
        yield row, rows, line
        row += rows


def _points(line: Line) -> float:
    return line.rows * measure.ROW_HEIGHT if line.kind == "sentence" else EQUATION


def _rows_up(points: float, last: int, heights: Heights) -> int:
    """How many rows up from `last` are `points` high together."""
    count, room = 0, 0.0
    while room < points and count < last:
        room += heights.get(last - count, measure.ROW_HEIGHT)
        count += 1
    return count
