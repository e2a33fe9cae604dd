"""The sheet of live cells that charts are drawn from. It is hidden: nobody prints it by mistake."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from openpyxl.utils import quote_sheetname

from sheetgen.book import theme
from sheetgen.book.cells import Block, Cell, CellError
from sheetgen.book.frame import text_frame
from sheetgen.book.labels import clean
from sheetgen.book.player import controls
from sheetgen.book.sheet import Sheet
from sheetgen.book.styles import Styles
from sheetgen.cells.a1 import letters
from sheetgen.layout.chart import Cells
from sheetgen.layout.plan import Region, Role, WorkbookPlan
from sheetgen.names import CHART_DATA

CAPTIONS, FIRST = 3, 4
"""Rows of the captions and of the first value."""
NA = CellError("#N/A")
"""No point is drawn there."""


@dataclass
class Column:
    """A column of the data sheet: a caption over formulas or constants with their values."""

    caption: str
    values: list[Any]
    formulas: list[str | None]
    number: int

    def cell(self, k: int) -> str:
        """Reference to value `k`, from the same sheet."""
        return f"{letters(self.number)}${FIRST + k}"

    def reference(self, first: int = 0, last: int | None = None) -> str:
        """Reference to values `first` to `last`, from another sheet."""
        name, end = letters(self.number), len(self.values) - 1 if last is None else last
        span = f"${name}${FIRST + first}" + (f":${name}${FIRST + end}" if end > first else "")
        return f"{quote_sheetname(CHART_DATA)}!{span}"

    @property
    def title(self) -> str:
        """Reference to the caption, from another sheet."""
        return f"{quote_sheetname(CHART_DATA)}!${letters(self.number)}${CAPTIONS}"


@dataclass
class Data:
    """The columns of one chart on the data sheet, from `first` on."""

    title: str
    first: int
    columns: list[Column] = field(default_factory=list)

    def add(self, caption: str, values: Sequence[Any], formulas: Sequence[str | None] | None = None) -> Column:
        """A further column."""
        number = self.first + len(self.columns)
        column = Column(clean(caption), list(values), list(formulas or [None] * len(values)), number)
        self.columns.append(column)
        return column


@dataclass(frozen=True)
class Source:
    """A region, with the sheet that it is drawn on and the cell that holds back what later steps bring."""

    sheet: str
    region: Region
    step_cell: str

    def cell(self, i: int, j: int) -> str:
        """Reference to one of its cells, from another sheet."""
        return f"{quote_sheetname(self.sheet)}!{letters(self.region.column + j)}{self.region.row + i}"

    def guarded(self, formula: str) -> str:
        """The formula, or #N/A while the region is hidden."""
        if self.region.step == 0:
            return formula
        return f"IF(AND(ISNUMBER({self.step_cell}),{self.region.step}>{self.step_cell}),NA(),{formula})"



def source(plan: WorkbookPlan, name: str) -> Source:
    """Where the matrix of that name is computed (rather than a copy of it), its first part if it stands in parts."""
    return sources(plan, name)[0]


def sources(plan: WorkbookPlan, name: str) -> list[Source]:
    """Where the matrix of that name is computed; several if its columns stand apart."""
    drawn = [(sheet.title, region) for sheet in plan.sheets for region in sheet.regions if region.name == name]
    if not drawn:
        raise ValueError(f"A chart shows `{name}`, which isn't drawn.")
    ranks = [(region.defined_name is None, region.role is Role.COPY) for _, region in drawn]
    best = [found for found, rank in zip(drawn, ranks, strict=True) if rank == min(ranks)]
    master = plan.sheets[0]
    step = f"{quote_sheetname(master.title)}!{controls(master).step}"
    return [Source(*found, step) for found in best if found[0] == best[0][0]]


def numbers(plan: WorkbookPlan, cells: Cells, data: Data, caption: str, only: tuple[Cells, float] | None = None,
            star: bool = False) -> Column:  # fmt: skip
    """A column of `data` with the numbers of some cells one below the other; `only` where other cells hold a certain
    number, and before each of a `star` a 0."""
    found = list(cells_of(plan, cells))
    values: list[Any] = [value for _, _, value in found]
    formulas: list[str | None] = [source.guarded(cell) for source, cell, _ in found]
    if only is not None:
        where, wanted = only
        told = list(cells_of(plan, where))
        values = [value if told[k][2] == wanted else NA for k, value in enumerate(values)]
        formulas = [
            source.guarded(f"IF({told[k][1]}={wanted:.15g},{cell},NA())") for k, (source, cell, _) in enumerate(found)
        ]
    if star:
        values, formulas = [v for value in values for v in (0.0, value)], [f for one in formulas for f in (None, one)]
    return data.add(caption, values, formulas)


def cells_of(plan: WorkbookPlan, cells: Cells) -> Iterator[tuple[Source, str, float]]:
    """Each of some cells: the matrix that it is part of, the reference to it from the data sheet, and its number."""
    for name in cells.regions:
        first = 0
        for found in sources(plan, name):
            for i, j in np.ndindex(found.region.values.shape):
                if cells.hold(i, first + j):
                    yield found, found.cell(i, j), float(found.region.values[i, j])
            first += found.region.width


def data_cells(found: Sequence[Data], title: str, styles: Styles) -> Sheet:
    """The data sheet of the workbook called `title`: a note, captions, and below them the columns."""
    note = "Live cells behind the charts. Nothing here needs editing."
    blocks: list[Block] = []
    cells = [Cell(1, 1, note, styles.get(size=theme.SMALL, italic=True, color=theme.QUIET))]
    grey = styles.get(size=theme.SMALL, color=theme.GREY)
    for data in found:
        text = clean(data.title)
        cells.append(Cell(2, data.first, text, styles.get(text, bold=True, color=theme.GREY)))
        for column in data.columns:
            style = styles.get(column.caption, size=theme.SMALL, color=theme.QUIET)
            cells.append(Cell(CAPTIONS, column.number, column.caption, style))
            values = np.empty((len(column.values), 1), dtype=object)
            values[:, 0] = column.values
            formulas = [[formula] for formula in column.formulas]
            blocks.append(Block(FIRST, column.number, values, grey, formulas, what=f"chart data “{column.caption}”"))
    return Sheet(text_frame(CHART_DATA, title, FIRST, width=9.0, hidden=True), blocks, cells)
