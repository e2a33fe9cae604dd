"""A finished page as its checks see it: what stands in which cell, how wide texts are, and what is wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from sheetgen.book import theme
from sheetgen.book.head import HEIGHTS
from sheetgen.book.labels import align_of
from sheetgen.book.printing import Pages, pages_of, tightened
from sheetgen.book.workbook import extent
from sheetgen.cells.a1 import letters
from sheetgen.ir.program import Program
from sheetgen.layout import measure
from sheetgen.layout.axes import axes
from sheetgen.layout.drawing.charts import wishes
from sheetgen.layout.drawing.roles import roles
from sheetgen.layout.drawing.workbook import placed as arranged
from sheetgen.layout.geometry.figure import Box, Placement
from sheetgen.layout.plan import Label, SheetPlan
from sheetgen.layout.training.page import learned_in
from sheetgen.layout.training.page import wishes as of_training
from sheetgen.layout.wishes.wish import Learned, Wish
from sheetgen.layout.words.vocabulary import vocabulary
from sheetgen.names import DRAWN
from sheetgen.passes.evaluate import evaluate
from sheetgen.workbook import Workbook

Cell = tuple[int, int]
SLACK = 0.35
"""Characters by which a text may be wider than its cells: the padding of a cell is wider."""
LINE = 4 / 3
"""Height of a line of text, in sizes of its letters."""


class Problem(NamedTuple):
    """What is wrong, and where."""

    kind: str
    sheet: str
    cell: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.sheet} {self.cell}: {self.what}"


def placed(
    program: Program, more: Sequence[Wish] = (), learned: Mapping[str, Learned] = MappingProxyType({})
) -> Placement:
    """Where everything of a program stands, and `more` charts, those of a training with what it has `learned`."""
    known = vocabulary(program)
    wanted = (*more, *wishes(known, roles(program), axes(program), evaluate(program), learned))
    return arranged(known, tuple(wish.request for wish in wanted))


def name_of(row: int, column: int) -> str:
    """`B7`."""
    return f"{letters(column)}{row}"


def cells_of(row: int, column: int, height: int, width: int) -> list[Cell]:
    """The cells of a rectangle."""
    return [(r, c) for r in range(row, row + height) for c in range(column, column + width)]


@dataclass(frozen=True)
class Sheet:
    """One drawn sheet, with what its checks ask for again and again."""

    plan: SheetPlan
    number: int
    """0 the Canvas, 1 Gradients, 2 After the update."""

    def problem(self, kind: str, row: int, column: int, what: str) -> Problem:
        """Something wrong at a cell."""
        return Problem(kind, self.plan.title, name_of(row, column), what)

    @cached_property
    def taken(self) -> Mapping[Cell, list[str]]:
        """What stands in each cell."""
        found: dict[Cell, list[str]] = defaultdict(list)
        things = [(f"matrix {r.name}", r.row, r.column, r.height, r.width) for r in self.plan.regions]
        things += [(f"text “{x.text}”", x.row, x.column, x.rows, x.columns) for x in self.plan.texts]
        things += [("a state line", x.row, x.column, x.rows, 1) for x in self.plan.diagonals]
        things += [
            (f"chart {x.title}", x.row, x.column, x.place.rows, x.place.columns) for x in self.plan.charts if x.place
        ]
        for what, *area in things:
            for cell in cells_of(*area):
                found[cell].append(what)
        return found

    @cached_property
    def matrices(self) -> frozenset[Cell]:
        """The cells of matrices."""
        return frozenset(c for r in self.plan.regions for c in cells_of(r.row, r.column, r.height, r.width))

    @cached_property
    def widths(self) -> Mapping[int, float]:
        """Of the columns, in characters."""
        return defaultdict(lambda: measure.COLUMN_WIDTH, self.plan.widths)

    @cached_property
    def heights(self) -> Mapping[int, float]:
        """Of the rows, in points."""
        return defaultdict(lambda: measure.ROW_HEIGHT, self.plan.heights)

    @cached_property
    def pages(self) -> Pages:
        """How it is printed."""
        right, bottom = extent(self.plan, dict(self.plan.widths))
        return pages_of(self.plan, _across(self.plan, right), {**HEIGHTS, **dict(self.plan.heights)}, bottom)

    @property
    def scale(self) -> float:
        """Of the print."""
        return self.pages.scale

    @cached_property
    def labels(self) -> tuple[Label, ...]:
        """The texts that aren't in hidden rows."""
        return tuple(label for label in self.plan.texts if self.heights[label.row])

    def size(self, label: Label) -> float:
        """Points of a text; nothing is printed below the smallest size."""
        return max(theme.LABELS[label.style].size, theme.SMALLEST_PRINT / self.scale)

    def text_width(self, label: Label) -> float:
        """Characters that a text takes in one line."""
        return measure.text_width(label.text, self.size(label), theme.LABELS[label.style].bold)

    def room(self, column: int, columns: int = 1) -> float:
        """Characters of some columns together."""
        return sum(self.widths[column + k] for k in range(columns))

    def spread(self, label: Label) -> list[int]:
        """The columns beyond its own that a text runs over."""
        align = align_of(label)
        if label.rows > 1 or label.lines > 1 or label.upright or align == "fill":
            return []
        over = self.text_width(label) - self.room(label.column, label.columns) - SLACK
        right, left = (1, label.column + label.columns - 1), (-1, label.column)
        sides = {"left": [(*right, over)], "right": [(*left, over)], "center": [(*right, over / 2), (*left, over / 2)]}
        found = []
        for way, column, rest in sides[align]:
            while rest > 0 and column > 0:
                column += way
                found.append(column)
                rest -= self.widths[column]
        return found

    def span(self, label: Label) -> tuple[int, int]:
        """First and last column that a text covers."""
        columns = [label.column, label.column + label.columns - 1, *self.spread(label)]
        return min(columns), max(columns)


@dataclass(frozen=True)
class Page:
    """A workbook, its sheets, and the geometry behind them."""

    made: Workbook
    placement: Placement

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """Those that hold anything, in order."""
        return tuple(
            Sheet(plan, DRAWN.index(plan.title)) for plan in self.made.plan.sheets if plan.title in DRAWN
        )

    @cached_property
    def boxes(self) -> Mapping[str, Box]:
        """By key."""
        return {box.key: box for box in self.placement.boxes}

    def sheet(self, number: int) -> Sheet:
        """The sheet of a box, a rail, a frame."""
        return next(sheet for sheet in self.sheets if sheet.number == number)


def page_of(made: Workbook) -> Page:
    """A compiled spec's page."""
    sheets = tuple(as_printed(sheet) for sheet in made.plan.sheets)
    run = made.trained
    more = [] if run is None else of_training(vocabulary(made.program), run, made.plane)
    learned = {} if run is None else learned_in(run.training)
    return Page(replace(made, plan=replace(made.plan, sheets=sheets)), placed(made.program, more, learned))


def as_printed(plan: SheetPlan) -> SheetPlan:
    """A sheet with the rows' heights that it has in the file."""
    right, bottom = extent(plan, dict(plan.widths))
    return tightened(plan, _across(plan, right), HEIGHTS, bottom)


def _across(plan: SheetPlan, right: int) -> float:
    """Characters of a sheet's columns."""
    wide = dict(plan.widths)
    return sum(wide.get(column, measure.COLUMN_WIDTH) for column in range(1, right + 1))
