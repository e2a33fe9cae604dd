"""The sheet of live cells that charts are drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from openpyxl.chart import Reference
from openpyxl.utils import quote_sheetname

from sheetgen.book import theme
from sheetgen.book.cells import Block
from sheetgen.book.package import Sheet
from sheetgen.book.player import STEP_CELL
from sheetgen.book.regions import cell, clean
from sheetgen.book.theme import Styles
from sheetgen.cells.a1 import letters
from sheetgen.layout.plan import Region, Role, WorkbookPlan

DATA_SHEET = "Chart data"
CAPTIONS, FIRST = 3, 4
"""Rows of the captions and of the first value."""


@dataclass
class Column:
    """A column of the data sheet: a caption over formulas or constants with their values."""

    caption: str
    values: list[Any]
    formulas: list[str | None]
    number: int = 0


@dataclass
class Data:
    """The columns of one chart on the data sheet, from `first` on."""

    title: str
    first: int
    columns: list[Column] = field(default_factory=list)

    def add(self, caption: str, values: Sequence[Any], formulas: Sequence[str | None] | None = None) -> Column:
        column = Column(caption, list(values), list(formulas or [None] * len(values)), self.first + len(self.columns))
        self.columns.append(column)
        return column


@dataclass(frozen=True)
class Source:
    """A region, with the sheet that it is drawn on and whether the Step cell holds it back."""

    sheet: str
    region: Region
    master: str

    def cell(self, i: int, j: int) -> str:
        return f"{quote_sheetname(self.sheet)}!{letters(self.region.column + j)}{self.region.row + i}"

    def guarded(self, formula: str) -> str:
        if self.region.step == 0:
            return formula
        step = f"{quote_sheetname(self.master)}!{STEP_CELL}"
        return f"IF(AND(ISNUMBER({step}),{self.region.step}>{step}),NA(),{formula})"

    def column(self, data: Data, caption: str) -> Column:
        """The region's numbers one below the other."""
        places = list(np.ndindex(self.region.values.shape))
        values = [float(self.region.values[place]) for place in places]
        return data.add(caption, values, [self.guarded(self.cell(*place)) for place in places])


def data_cells(found: Sequence[Data], target: Any, styles: Styles) -> Sheet:
    """The cells of the data sheet: title, captions, and below them the columns."""
    note = "Live cells behind the charts. Nothing here needs editing."
    blocks = [cell(1, 1, note, styles.get(size=9, italic=True, color=theme.FAINT))]
    grey = styles.get(size=9, color=theme.GREY, number="General")
    for data in found:
        title = clean(data.title)
        blocks.append(cell(2, data.first, title, styles.get(bold=True, color=theme.GREY, text=title)))
        for column in data.columns:
            caption = clean(column.caption)
            style = styles.get(size=9, color=theme.FAINT, text=caption)
            blocks.append(cell(CAPTIONS, column.number, caption, style))
            values = np.empty((len(column.values), 1), dtype=object)
            values[:, 0] = column.values
            formulas = [[formula] for formula in column.formulas]
            blocks.append(Block(FIRST, column.number, values, grey, formulas, what=f"chart data “{caption}”"))
    target.sheet_format.defaultColWidth = 9.0
    target.sheet_properties.tabColor = theme.RULE
    return Sheet(blocks)


def source(plan: WorkbookPlan, name: str) -> Source:
    """Where the matrix of that name is computed (rather than a copy of it)."""
    drawn = [(sheet.title, region) for sheet in plan.sheets for region in sheet.regions if region.name == name]
    if not drawn:
        raise ValueError(f"A chart shows `{name}`, which isn't drawn.")
    drawn.sort(key=lambda found: (found[1].defined_name is None, found[1].role is Role.COPY))
    return Source(drawn[0][0], drawn[0][1], plan.sheets[0].title)


def reference(sheet: Any, column: Column, caption: bool = False) -> Reference:
    """A column's cells, with its caption or without."""
    first = CAPTIONS if caption else FIRST
    return Reference(sheet, min_col=column.number, min_row=first, max_row=CAPTIONS + len(column.values))
