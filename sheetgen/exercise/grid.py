"""Where frames stand on a page: two abreast, as many rows as the larger of two needs, and rows that fill the paper."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from sheetgen.errors import SpecError
from sheetgen.exercise.page import MARGIN
from sheetgen.exercise.vacate import taken
from sheetgen.layout import measure
from sheetgen.layout.plan import SheetPlan, WorkbookPlan

FIRST_ROW = 5
"""Of the frames."""
ABREAST = 2
FEWEST, MOST = 9, 13
"""Columns of what stands in a frame: what there is room for at least, and what can still be read on paper."""
COLUMN, GAP = 4.6, 1.2
"""Characters of a column, unless numbers need more, and between two frames."""
LOWEST, HIGHEST, BETWEEN = 15.0, 21.0, 7.0
"""Points of a row, and between two rows of frames."""
HEADS = ((3, 18.0), (4, BETWEEN))
ABOVE = 27.0 + 15.0 + 18.0 + BETWEEN
"""Points above the frames."""
TITLES, BELOW = 2, 1
"""Rows of a frame above and below what stands in it."""
STEP = re.compile(r"^\(\d+[a-z]*\) ")
"""The number of a step before a name."""


@dataclass(frozen=True)
class Content:
    """What stands in a frame: a page without its margin and its head, and those of its rows and columns that are kept:
    the ones that hold anything, and one where some between them are empty."""

    sheet: SheetPlan
    rows: tuple[int, ...]
    columns: tuple[int, ...]

    def row_from(self, start: int) -> Callable[[int], int]:
        """Where rows go if the first one goes to `start`."""
        return lambda row: start + bisect_left(self.rows, row)

    def column_from(self, start: int) -> Callable[[int], int]:
        return lambda column: start + bisect_left(self.columns, column)

    @property
    def width(self) -> float:
        """Of its widest column that holds numbers, in characters."""
        widths = dict(self.sheet.widths)
        used = {region.column + j for region in self.sheet.regions for j in range(region.width)}
        return max(widths.get(column, measure.COLUMN_WIDTH) for column in used)


def content_of(plan: WorkbookPlan) -> Content:
    """What a page of one sheet holds. Raises SpecError for what doesn't fit into a frame."""
    if len(plan.sheets) > 1:
        raise SpecError("This is too large for a frame: it fills more than one sheet.")
    sheet = plan.sheets[0]
    labels = [label._replace(text=STEP.sub("", label.text)) for label in sheet.labels
              if label.column > MARGIN and label.row != sheet.heads]  # fmt: skip
    kept = replace(sheet, labels=tuple(labels), bands=(), highlights=())
    cells = taken(kept)
    content = Content(kept, _kept(row for row, _ in cells), _kept(column for _, column in cells))
    if len(content.columns) > MOST:
        problem = f"This is too wide for a frame: {len(content.columns)} columns; there is room for {MOST}."
        raise SpecError(problem)
    return content


def _kept(used: Iterable[int]) -> tuple[int, ...]:
    found = set(used)
    return tuple(sorted(found | {each + 1 for each in found if each < max(found)}))


@dataclass(frozen=True)
class Grid:
    """The places of all frames; they are counted from 0."""

    columns: int
    """Of a frame, its two sides included."""
    tops: tuple[int, ...]
    """The first row of each pair of frames."""
    bottom: int
    width: float
    """Of a column."""

    def corner(self, number: int) -> tuple[int, int]:
        """Row and column of a frame's top left cell."""
        pair, side = divmod(number, ABREAST)
        return self.tops[pair], 1 + side * (self.columns + 1)

    def rows(self, number: int) -> int:
        pair = number // ABREAST
        return [*self.tops, self.bottom][pair + 1] - 1 - self.tops[pair]

    def inside(self, number: int, content: Content) -> tuple[int, int]:
        """Row and column in which the content of a frame begins: it stands in the middle."""
        row, column = self.corner(number)
        return row + TITLES, column + (self.columns - len(content.columns)) // 2

    @property
    def last_column(self) -> int:
        return ABREAST * self.columns + ABREAST - 1

    @property
    def widths(self) -> tuple[tuple[int, float], ...]:
        gaps = {k * (self.columns + 1) for k in range(1, ABREAST)}
        return tuple((column, GAP if column in gaps else self.width) for column in range(1, self.last_column + 1))

    @property
    def cuts(self) -> tuple[int, ...]:
        """Where a page may start."""
        return self.tops[1:]

    @property
    def heights(self) -> tuple[tuple[int, float], ...]:
        """Rows as high as one sheet of paper allows, or, where it doesn't, of the usual height."""
        gaps = {top - 1 for top in self.cuts}
        rows = [row for row in range(FIRST_ROW, self.bottom - 1) if row not in gaps]
        scale = measure.scale(sum(width for _, width in self.widths), False)
        paper = measure.SAFE * measure.PORTRAIT[1] / scale
        room = paper - ABOVE - BETWEEN * len(gaps)
        high = int(4 * min(HIGHEST, room / len(rows))) / 4
        own = high if high >= LOWEST else measure.ROW_HEIGHT
        return tuple(sorted({**dict(HEADS), **dict.fromkeys(rows, own), **dict.fromkeys(gaps, BETWEEN)}.items()))


def grid_of(contents: Sequence[Content]) -> Grid:
    """Room for all contents."""
    columns = max(FEWEST, *(len(content.columns) for content in contents)) + 2
    pairs = [contents[k : k + ABREAST] for k in range(0, len(contents), ABREAST)]
    heights = [TITLES + max(len(content.rows) for content in pair) + BELOW + 1 for pair in pairs]
    *tops, bottom = accumulate(heights, initial=FIRST_ROW)
    return Grid(columns, tuple(tops), bottom, max(COLUMN, *(content.width for content in contents)))
