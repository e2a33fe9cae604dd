"""A page that fits on paper: gradients beside or on sheets, turns wrapped, and the widths of the columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sheetgen.layout import measure
from sheetgen.layout.geometry.figure import Box, Column, Frame, Link, Mode, Placement, Rail

PORTRAIT, LANDSCAPE = 7.67 * 96, 11.09 * 96
"""Pixels of an A4 page's width inside its margins."""
DIGITS = 10.0
"""Points of the digits on the page."""
LEAST = 7.0
"""Points that digits have when printed."""
FRAMED = 8.0
"""Points that digits keep when a Look closer widens a page."""
UPRIGHT = 7.5
"""Points from which on a page is printed upright."""
BADGE, MARGIN, SLIM_MARGIN, SMALLER_MARGIN = 3.4, 24.0, 21.0, 19.0
EMPTY, RAIL, AIR, GAP = 3.0, 2.2, 1.2, 1.6
CELL, SMALLER_CELL = 4.6, 4.1
WIDENED = (1.0, 1.02)
"""How much wider numbers and names may make a page."""


@dataclass(frozen=True)
class Choice:
    """One way to arrange a page."""

    mode: Mode
    second: bool = True
    """The second forward pass beside too, if it may; else on a sheet."""
    turns: Mapping[int, int] = field(default_factory=dict)
    """Turns of a loop side by side; all where it isn't in here."""
    right: bool = True
    fold: int = 16
    cell: float = CELL
    margin: float = MARGIN
    aside: bool = False
    """Side calculations stand right of what they are made of."""
    split: bool = True
    """Turns leave a column more for each state line, which then needs not slant."""


def columns_of(
    boxes: Iterable[Box], rails: Iterable[Rail], lines: Iterable[Link | Frame], choice: Choice, last: int
) -> list[Column]:
    """Every column of the page: one that holds no number is narrow, but for those right of all that a chart covers."""
    kinds: dict[int, str] = {}
    for box in boxes:
        if box.band >= 0:
            for column in range(box.column, box.column + box.width):
                if kinds.get(column) != "lane":
                    kinds[column] = "slot" if box.zone.part == 0 else "lane"
    skips = {rail.column for rail in rails}
    gaps = {column + side for line in lines for column in _upright(line) for side in (-1, 0)}
    end = max([0, *kinds, *skips])
    found = [Column("badge", BADGE), Column("margin", choice.margin)]
    for column in range(3, last + 1):
        kind = kinds.get(column)
        if kind is not None:
            found.append(Column(kind, choice.cell))  # type: ignore[arg-type]
        elif column in skips:
            found.append(Column("rail", RAIL))
        elif column - 1 in skips:
            found.append(Column("air", AIR))
        elif column in gaps:
            found.append(Column("gap", GAP))
        else:
            gutter = kinds.get(column + 1) is not None
            found.append(Column("gutter" if gutter else "empty", EMPTY if column < end else choice.cell))
    return found


def _upright(line: Link | Frame) -> list[int]:
    """The columns at whose left side a line runs between two turns."""
    if isinstance(line, Frame):
        return [line.column + line.width] if line.air else []
    return [column for _, column in line.path[1:-1]]


def pixels(columns: Sequence[Column]) -> float:
    """The width of a page."""
    return sum(column.width * 7 + 5 for column in columns)


def narrowed(columns: Sequence[Column]) -> list[Column]:
    """The same columns, none wider than the smallest that are taken."""
    widths = {CELL: SMALLER_CELL, MARGIN: SMALLER_MARGIN}
    return [replace(column, width=widths.get(column.width, column.width)) for column in columns]


def printed(columns: Sequence[Column]) -> tuple[bool, float]:
    """Whether a page lies on its side, and its scale."""
    wide = pixels(columns)
    upright = min(1.0, PORTRAIT / wide)
    if DIGITS * upright >= UPRIGHT:
        return False, upright
    return True, min(1.0, LANDSCAPE / wide)


def room_for_frames(columns: Sequence[Column]) -> int:
    """The last column up to which a page may be widened by a Look closer without printing small."""
    spare = LANDSCAPE * DIGITS / FRAMED - pixels(columns)
    return len(columns) + max(0, int(spare // (CELL * 7 + 5)))


def room_for_pictures(columns: Sequence[Column]) -> int:
    """The last column up to which a page may be widened by a chart and be printed as large as before."""
    spare = PORTRAIT - pixels(columns)
    return len(columns) + max(0, int(spare // (CELL * 7 + 5)))


def papers(columns: Sequence[Column], rows: int) -> int:
    """The fewest sheets of paper for a page of so many rows."""
    return measure.papers(sum(column.width for column in columns), rows * measure.ROW_HEIGHT)


def last_taken(page: Placement, sheet: int) -> int:
    """The last column of a sheet that holds anything but words, or the one after the side of a Look closer."""
    ends = [box.right - 1 for box in page.boxes if box.sheet == sheet]
    ends += [rail.column for rail in page.rails if rail.sheet == sheet]
    ends += [f.column + f.width - (f.kind != "closer") for f in page.frames if f.sheet == sheet]
    ends += [picture.column + picture.width - 1 for picture in page.pictures if sheet == 0]
    return max(ends, default=0)


def likely(page: Placement) -> measure.Print:
    """How the first sheet of a page is likely printed."""
    width = sum(column.width for column in page.columns[: last_taken(page, 0)])
    return measure.likely(width, page.rows * measure.ROW_HEIGHT)


def slim(columns: Sequence[Column], rows: int) -> list[Column]:
    """The columns with a narrower margin, where that saves paper; numbers and names may widen the others."""
    narrow = [replace(c, width=min(c.width, SLIM_MARGIN)) if c.kind == "margin" else c for c in columns]
    for by in WIDENED:
        wide = [[replace(c, width=c.width * by) for c in found] for found in (columns, narrow)]
        if papers(wide[1], rows) < papers(wide[0], rows):
            return narrow
    return list(columns)


def readable(columns: Sequence[Column]) -> bool:
    """Whether the digits of a page are large enough."""
    return DIGITS * printed(columns)[1] >= LEAST
