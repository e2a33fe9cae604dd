"""Workbook plan → the .xlsx file: openpyxl makes everything but the cells, `package` streams those."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from math import ceil
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils import absolute_coordinate, quote_sheetname
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.dimensions import ColumnDimension

from sheetgen.book import pages, theme
from sheetgen.book.charts import charts
from sheetgen.book.charts.data import DATA_SHEET, data_cells
from sheetgen.book.package import SPEC_SHEET, Sheet, pack
from sheetgen.book.player import STEP_CELL, add_rules, range_of
from sheetgen.book.printing import break_pages, set_page
from sheetgen.book.regions import clean, label_blocks, region_blocks
from sheetgen.book.theme import Styles
from sheetgen.cells.a1 import letters
from sheetgen.errors import LimitError, SheetgenError
from sheetgen.layout import measure
from sheetgen.layout.plan import Region, SheetPlan, WorkbookPlan
from sheetgen.limits import LAST_COLUMN

MOST_LINKS = 65_530
SCREEN = 1290
"""Pixels that a laptop's window leaves for cells."""
NOTE_LINE = 44
"""Characters on a line of a note."""


def write(plan: WorkbookPlan, path: Path) -> None:
    """Write the workbook of `plan`; `path` is replaced only when the new file is whole.

    Raises LimitError when the plan doesn't fit into a workbook, SheetgenError when `path` can't be written.
    """
    pack(*assemble(plan), Path(path))


def assemble(plan: WorkbookPlan) -> tuple[bytes, list[Sheet]]:
    """What `pack` puts together: openpyxl's file, with everything but the cells, and the cells of its sheets."""
    _check_titles(plan)
    book = Workbook()
    book.remove(book.active)
    _set_default_font(book)
    book.properties.title, book.properties.creator = clean(plan.title), "sheetgen"
    drawn = [book.create_sheet(sheet.title) for sheet in plan.sheets]
    steps, spec = book.create_sheet(pages.STEPS_SHEET), book.create_sheet(SPEC_SHEET)
    styles = Styles(steps)
    data = charts.add_charts(plan, drawn)  # makes the data sheet, the last one
    sheets = [_drawn_sheet(plan, sheet, target, styles) for sheet, target in zip(plan.sheets, drawn, strict=True)]
    sheets += [pages.steps_sheet(plan, steps, styles), pages.spec_sheet(plan, spec, styles)]
    _set_view(steps, plan.title, f"1:{pages.FIRST_STEP - 1}", "A4")
    _set_view(spec, plan.title, None, None)
    if data:
        sheets.append(data_cells(data, book[DATA_SHEET], styles))
        _set_view(book[DATA_SHEET], plan.title, None, "A3")
    _define_names(book, plan)
    for links in (len(plan.steps), *(sum(label.link is not None for label in sheet.labels) for sheet in plan.sheets)):
        if links > MOST_LINKS:
            raise LimitError(f"A sheet would need {links:,} links; it can hold {MOST_LINKS:,}.")
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue(), sheets


def _drawn_sheet(plan: WorkbookPlan, sheet: SheetPlan, target: Any, styles: Styles) -> Sheet:
    widths = dict(sheet.widths)
    right, bottom = extent(sheet, widths)
    if right > LAST_COLUMN:
        raise LimitError(f"Sheet {sheet.title} needs {right:,} columns; a sheet has {LAST_COLUMN:,}.")
    head, right = pages.head(plan, sheet, target, styles, widths, right)
    blocks = [*head.blocks, *region_blocks(sheet.regions, styles), *label_blocks(sheet.labels, styles)]
    for region in sheet.regions:
        if region.note:
            note = region.note.strip()
            lines = sum(max(1, ceil(len(line) / NOTE_LINE)) for line in note.split("\n"))
            comment = Comment(note, "sheetgen", height=17 * lines + 12, width=300)
            target.cell(region.row, region.column).comment = comment
        if region.editable:
            target.add_data_validation(_validation(region))
    for label in sheet.labels:
        if label.link and label.step == 0:  # LibreOffice can't hide a cell that is a link
            pages.add_link(target, f"{letters(label.column)}{label.row}", label.link)
    add_rules(target, sheet, plan.backward_steps)
    _set_widths(target, widths, right)
    target.sheet_format.defaultRowHeight, target.sheet_format.customHeight = measure.ROW_HEIGHT, True
    target.sheet_format.defaultColWidth = measure.COLUMN_WIDTH
    first = sheet.first_row
    _set_view(target, plan.title, f"1:{first - 1}", f"A{first}")
    target.print_area = f"A1:{letters(right)}{max(bottom, first)}"
    target.sheet_view.zoomScale = _zoom(sheet, widths)
    break_pages(target, sheet, widths, head.heights, right, bottom)
    return Sheet(blocks, head.heights)


def extent(sheet: SheetPlan, widths: dict[int, float]) -> tuple[int, int]:
    """Last column and row that anything covers, the texts that run over into empty cells among them."""
    right, bottom = 8, sheet.first_row
    for region in sheet.regions:
        right, bottom = max(right, region.column + region.width - 1), max(bottom, region.row + region.height - 1)
    for label in sheet.labels:
        column = label.column
        if label.align == "left" and label.style != "arrow":
            options = theme.LABELS[label.style]
            room = measure.text_width(label.text, options["size"], options.get("bold", False))
            room -= widths.get(column, measure.COLUMN_WIDTH)
            while room > 0 and column < LAST_COLUMN:
                column += 1
                room -= widths.get(column, measure.COLUMN_WIDTH)
        right, bottom = max(right, column), max(bottom, label.row)
    for chart in sheet.charts:
        right = max(right, chart.column + measure.CHART_COLUMNS)
        bottom = max(bottom, chart.row + measure.CHART_ROWS)
    return right, bottom


def _zoom(sheet: SheetPlan, widths: dict[int, float]) -> int:
    """Per cent, so that a laptop shows the first screen's regions whole."""
    last = max((r.column + r.width for r in sheet.regions if r.row < sheet.first_row + 20), default=8)
    pixels = sum(7 * widths.get(column, measure.COLUMN_WIDTH) for column in range(1, last + 1))
    return max(70, min(110, int(SCREEN / pixels * 20) * 5))


def _validation(region: Region) -> DataValidation:
    kind: dict[str, Any] = {"type": "decimal", "operator": "between", "formula1": "-1E+300", "formula2": "1E+300"}
    wanted = "a number"
    if region.switch:
        kind, wanted = {"type": "list", "formula1": '"0,1"'}, "0 or 1"
    elif region.integers:
        kind, wanted = {**kind, "type": "whole", "formula1": "-1000000000", "formula2": "1000000000"}, "a whole number"
    check = DataValidation(
        **kind,
        allow_blank=False,
        showErrorMessage=True,
        showInputMessage=True,
        promptTitle=_short(region.name, 32),
        prompt=_short(clean(region.prompt) or f"Type {wanted}. Type 0 instead of deleting.", 255),
        errorTitle=_short(region.name, 32),
        error=_short(f"Here goes {wanted}. Type 0 instead of deleting: an empty cell would break the sheet.", 225),
    )
    if region.formulas is None:
        check.add(range_of(region))
        return check
    for i, row in enumerate(region.formulas):
        j = 0
        while j < len(row):
            start = j
            while j < len(row) and row[j] is None:
                j += 1
            if j > start:
                left, right = letters(region.column + start), letters(region.column + j - 1)
                check.add(f"{left}{region.row + i}:{right}{region.row + i}")
            j += 1
    return check


def _define_names(book: Any, plan: WorkbookPlan) -> None:
    taken: dict[str, str] = {}
    for sheet in plan.sheets:
        for region in sheet.regions:
            if region.defined_name is None:
                continue
            other = taken.setdefault(region.defined_name.casefold(), region.name)
            if region.defined_name in book.defined_names or other != region.name:
                raise SheetgenError(
                    f"`{other}` and `{region.name}` would both be called `{region.defined_name}` in the workbook."
                )
            _define(book, region.defined_name, sheet.title, range_of(region))
    if plan.steps and "step" not in taken:
        _define(book, "Step", plan.sheets[0].title, STEP_CELL)


def _define(book: Any, name: str, title: str, reference: str) -> None:
    absolute = f"{quote_sheetname(title)}!{absolute_coordinate(reference)}"
    book.defined_names[name] = DefinedName(name, attr_text=absolute)


def _set_widths(target: Any, widths: dict[int, float], right: int) -> None:
    runs: list[list[float]] = []
    for column in range(1, max([right + 4, *widths]) + 1):
        width = widths.get(column, measure.COLUMN_WIDTH)
        if runs and runs[-1][2] == width:
            runs[-1][1] = column
        else:
            runs.append([column, column, width])
    for first, last, width in runs:
        if not 0 < width <= 255:
            raise LimitError(f"A column of sheet {target.title} would be {width:g} characters wide; 255 is the limit.")
        letter = letters(int(first))
        target.column_dimensions[letter] = ColumnDimension(
            target, index=letter, min=int(first), max=int(last), width=width, customWidth=True
        )


def _set_view(target: Any, title: str, repeat: str | None, freeze: str | None) -> None:
    target.sheet_view.showGridLines = False
    if freeze:
        target.freeze_panes = freeze
    if repeat:
        target.print_title_rows = repeat
    set_page(target, title, centered=target.title not in (SPEC_SHEET, DATA_SHEET))


def _set_default_font(book: Any) -> None:
    """The workbook's first font, which column widths are measured in."""
    font = Font(name=theme.FONT, size=theme.SIZE, color=theme.INK)
    book._fonts = IndexedList([font])
    book._named_styles["Normal"].font = font


def _check_titles(plan: WorkbookPlan) -> None:
    titles = [*(sheet.title for sheet in plan.sheets), pages.STEPS_SHEET, SPEC_SHEET, DATA_SHEET]
    for title in titles:
        bad = len(title) > 31 or not title.strip() or re.search(r"[\[\]:*?/\\\x00-\x1f]", title)
        if bad or title[0] == "'" or title[-1] == "'" or title.casefold() == "history":
            raise LimitError(
                f"`{title}` can't be a sheet's name: at most 31 characters, none of [ ] : * ? / \\, "
                "no ' at either end, and not History."
            )
    for double in _doubles(title.casefold() for title in titles):
        raise LimitError(f"Two sheets would be called `{double}`.")


def _doubles(texts: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return [text for text in texts if text in seen or seen.add(text)]  # type: ignore[func-returns-value]


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
