"""A page that fits on paper: gradients beside or on sheets, turns wrapped, and the widths of the columns."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from sheetgen.layout.geometry.figure import Box, Column, Placement, Rail

PORTRAIT, LANDSCAPE = 7.57 * 96, 10.99 * 96
"""Pixels of an A4 page's width inside its margins."""
DIGITS = 10.0
"""Points of the digits on the page."""
LEAST = 7.0
"""Points that digits have when printed."""
FRAMED = 9.0
"""Points that digits keep when a Look closer widens a page."""
UPRIGHT = 7.5
"""Points from which on a page is printed upright."""
BADGE, MARGIN, SMALLER_MARGIN = 3.4, 24.0, 19.0
EMPTY, RAIL, AIR, GAP = 3.0, 3.8, 1.4, 1.6
CELL, SMALLER_CELL = 4.6, 4.1


@dataclass(frozen=True)
class Choice:
    """One way to arrange a page."""

    mode: Literal["none", "beside", "sheets"]
    turns: Mapping[int, int] = field(default_factory=dict)
    """Turns of a loop side by side; all where it isn't in here."""
    right: bool = True
    fold: int = 16
    cell: float = CELL
    margin: float = MARGIN


def columns_of(boxes: Iterable[Box], rails: Iterable[Rail], choice: Choice, last: int) -> list[Column]:
    """Every column of the page: one that holds no number is narrow."""
    kinds: dict[int, str] = {}
    for box in boxes:
        if box.band >= 0:
            for column in range(box.column, box.column + box.width):
                if kinds.get(column) != "lane":
                    kinds[column] = "slot" if box.zone.part == 0 else "lane"
    lines = {rail.column for rail in rails}
    found = [Column("badge", BADGE), Column("margin", choice.margin)]
    for column in range(3, last + 1):
        kind = kinds.get(column)
        if kind is not None:
            found.append(Column(kind, choice.cell))  # type: ignore[arg-type]
        elif column in lines:
            found.append(Column("rail", RAIL))
        elif column - 1 in lines:
            found.append(Column("air", AIR))
        else:
            gutter = kinds.get(column + 1) is not None
            found.append(Column("gutter" if gutter else "empty", EMPTY))
    return found


def pixels(columns: Sequence[Column]) -> float:
    """The width of a page."""
    return sum(column.width * 7 + 5 for column in columns)


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


def readable(columns: Sequence[Column]) -> bool:
    """Whether the digits of a page are large enough."""
    return DIGITS * printed(columns)[1] >= LEAST


def split_gaps(page: Placement) -> Placement:
    """The page with each column between two turns that is empty on all sheets as two narrow ones, so that the state
    line is the border between them."""
    lines = {link.column for link in page.links}
    lines = {column for column in lines if page.columns[column - 1].kind in ("gutter", "empty")}
    used = {c for box in page.boxes for c in range(box.column, box.column + box.width)}
    used |= {c for arrow in page.arrows for c in range(arrow.first_column, arrow.last_column + 1)}
    used |= {c for frame in page.frames for c in (frame.column, frame.column + frame.width - 1)}
    used |= {rail.column for rail in page.rails}
    gaps = sorted(lines - used)
    if not gaps:
        return page

    def at(column: int) -> int:
        return column + bisect_left(gaps, column)

    def wide(column: int, width: int) -> int:
        return at(column + width - 1) - at(column) + 1

    columns: list[Column] = []
    for number, column in enumerate(page.columns, 1):
        columns += [Column("gap", GAP)] * 2 if number in gaps else [column]
    boxes = tuple(
        replace(box, column=at(box.column),
                caption=None if box.caption is None else replace(
                    box.caption, column=at(box.caption.column), columns=wide(box.caption.column, box.caption.columns)))
        for box in page.boxes
    )  # fmt: skip
    landscape, scale = printed(columns)
    return replace(
        page,
        landscape=landscape,
        scale=scale,
        boxes=boxes,
        columns=tuple(columns),
        heads=tuple(replace(head, column=at(head.column), width=wide(head.column, head.width)) for head in page.heads),
        rails=tuple(replace(rail, column=at(rail.column)) for rail in page.rails),
        links=tuple(replace(link, column=at(link.column)) for link in page.links),
        arrows=tuple(replace(a, first_column=at(a.first_column), last_column=at(a.last_column)) for a in page.arrows),
        frames=tuple(replace(f, column=at(f.column), width=wide(f.column, f.width)) for f in page.frames),
        pictures=tuple(replace(p, column=at(p.column), width=wide(p.column, p.width)) for p in page.pictures),
    )
