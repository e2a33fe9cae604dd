"""Workbook plan → the .xlsx file: its cells, its frames and its styles, which `package` puts together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from sheetgen import garbage
from sheetgen.book import theme
from sheetgen.book.breadth import broadened
from sheetgen.book.charts.add import drawings, place_of
from sheetgen.book.charts.data import data_cells
from sheetgen.book.checks import checks
from sheetgen.book.cuts import carried, continued
from sheetgen.book.frame import Columns, Frame, Paper, framed
from sheetgen.book.ground import diagonal_blocks, ground, merged, rows_of
from sheetgen.book.head import HEIGHTS, Head, head
from sheetgen.book.insets import inset
from sheetgen.book.labels import label_cells
from sheetgen.book.package import Content, pack
from sheetgen.book.player import controls, hiding, marking
from sheetgen.book.printing import Pages, pages_of, scale_of_pages, tightened, zoom_of
from sheetgen.book.regions import OPEN, drawn, region_blocks
from sheetgen.book.rules import highlight_formats, region_formats
from sheetgen.book.sheet import Link, Note, Sheet
from sheetgen.book.spec_sheet import spec_sheet
from sheetgen.book.steps import location, steps_sheet
from sheetgen.book.styles import Looks, Styles
from sheetgen.book.stylesheet import stylesheet
from sheetgen.cells.a1 import letters, prefix, reference, span
from sheetgen.errors import LimitError, SheetgenError
from sheetgen.layout import measure
from sheetgen.layout.plan import Label, Region, Role, SheetPlan, WorkbookPlan
from sheetgen.limits import LAST_COLUMN
from sheetgen.names import CHART_DATA, SPEC, STEPS

MOST_LINKS = 65_530


@garbage.kept()
def write(plan: WorkbookPlan, path: Path) -> None:
    """Write the workbook of `plan`; `path` is replaced only when the new file is whole.

    Raises LimitError when the plan doesn't fit into a workbook, SheetgenError when `path` can't be written.
    """
    pack(assemble(plan), Path(path))


def assemble(plan: WorkbookPlan) -> Content:
    """What `pack` puts together: openpyxl's parts, without a single cell, and what they lack."""
    _check_titles(plan)
    styles, looks = Styles(), Looks()
    heads = [_head(plan, each, styles) for each in plan.sheets]
    printed = [_tightened(each, top) for each, top in zip(plan.sheets, heads, strict=True)]
    plan = replace(plan, sheets=tuple(each for each, _ in printed))
    charts, data = drawings(plan, heads[0].heights if heads else HEIGHTS)
    sheets = [_drawn_sheet(plan, *each, top, styles, looks) for each, top in zip(printed, heads, strict=True)]
    if not plan.sealed:
        sheets += [steps_sheet(plan, styles), spec_sheet(plan, styles)]
    if data:
        sheets.append(data_cells(data, plan.title, styles))
    for links in (len(sheet.links) for sheet in sheets):
        if links > MOST_LINKS:
            raise LimitError(f"A sheet would need {links:,} links; it can hold {MOST_LINKS:,}.")
    made = framed(plan.title, plan.sealed, tuple(sheet.frame for sheet in sheets))
    style_part = stylesheet(tuple(styles.ids), tuple(looks.ids))
    return Content({**made, "xl/styles.xml": style_part}, sheets, charts, names_of(plan))


def _head(plan: WorkbookPlan, sheet: SheetPlan, styles: Styles) -> Head:
    widths = dict(sheet.widths)
    right, bottom = extent(sheet, widths)
    if right > LAST_COLUMN:
        raise LimitError(f"Sheet {sheet.title} needs {right:,} columns; a sheet has {LAST_COLUMN:,}.")
    least = measure.least(scale_of_pages(*_paged(sheet, right, bottom, HEIGHTS))) if sheet.bands else 0.0
    top = head(plan, sheet, styles, widths, _printed(sheet, right, bottom)[1], least)
    return replace(top, last=max(top.last, right), bottom=bottom)


def _tightened(sheet: SheetPlan, top: Head) -> tuple[SheetPlan, Pages]:
    """A sheet with rows as low and columns as wide as the pages want it in which it is printed, and these."""
    sheet = tightened(sheet, _width(sheet, top.last), top.heights, top.bottom)
    pages = pages_of(*_paged(sheet, top.last, top.bottom, top.heights))
    return broadened(sheet, _width(sheet, top.last), pages) if sheet.bands else sheet, pages


def _paged(
    sheet: SheetPlan, right: int, bottom: int, high: Mapping[int, float]
) -> tuple[SheetPlan, float, Mapping[int, float], int]:
    """A sheet of `right` columns and `bottom` rows as `printing` takes it: its width, the heights of its rows, and the
    last one."""
    bottom, right = _printed(sheet, right, bottom)
    return sheet, _width(sheet, right), {**high, **dict(sheet.heights)}, bottom


def _printed(sheet: SheetPlan, right: int, bottom: int) -> tuple[int, int]:
    """The last row and the last column of a sheet that are printed."""
    row, column = sheet.printed or (bottom, right)
    return min(row, bottom), min(column, right)


def _drawn_sheet(
    plan: WorkbookPlan, sheet: SheetPlan, pages: Pages, top: Head, styles: Styles, looks: Looks
) -> Sheet:  # fmt: skip
    least = measure.least(pages.scale) if sheet.bands else 0.0
    paper, found = ground(sheet, top.last), drawn(sheet.regions)
    blocks = [*region_blocks(found, paper, styles, least), *diagonal_blocks(sheet.diagonals, paper, styles)]
    labels = (*sheet.labels, *continued(sheet, pages.cuts, plan.title), *carried(sheet, pages.cuts))
    cells = [*top.cells, *label_cells(labels, paper, styles, least, inset(sheet, labels, least))]
    return Sheet(
        _frame(plan, sheet, pages, top.last, top.bottom),
        blocks,
        cells,
        rows_of(paper, {**top.heights, **dict(sheet.heights)}, styles),
        (*top.merged, *merged(sheet.labels, sheet.diagonals), *_fields(sheet.regions)),
        (*hiding(sheet, found, paper, plan.switched_steps, looks), *marking(sheet, found, looks),
         *highlight_formats(sheet.highlights, looks), *region_formats(found, looks)),
        (*top.checks, *checks([r for r in sheet.regions if not plan.sealed or r.role in OPEN or r.open is not None])),
        tuple(_links(sheet.labels)),
        (*top.notes, *(Note(r.row, r.column, r.note.strip()) for r in sheet.regions if r.note and r.step == 0)),
        plan.sealed,
    )  # fmt: skip


def _fields(regions: Iterable[Region]) -> Iterable[str]:
    """The ranges of fields that are wider than a cell: they are merged."""
    return (span(r.row, r.column, r.height, r.width) for r in regions if r.role is Role.ENTRY and r.width > 1)


def _links(labels: Iterable[Label]) -> Iterable[Link]:
    for label in labels:
        if label.link and label.step == 0:  # LibreOffice can't hide a cell that is a link
            yield Link(f"{letters(label.column)}{label.row}", location(label.link), f"Go to {label.link}")


def _width(sheet: SheetPlan, right: int) -> float:
    """Of a page, in characters, without what is folded away."""
    widths, hidden = dict(sheet.widths), {c for first, last in sheet.folded for c in range(first, last + 1)}
    return sum(widths.get(column, measure.COLUMN_WIDTH) for column in range(1, right + 1) if column not in hidden)


def extent(sheet: SheetPlan, widths: Mapping[int, float]) -> tuple[int, int]:
    """Last column and row of the page: as the plan says, or that anything covers, overlong texts among them."""
    right, bottom = 8, sheet.first_row
    right = max([right, *(region.column + region.width - 1 for region in sheet.regions)])
    bottom = max([bottom, *(region.row + region.height - 1 for region in sheet.regions)])
    bottom = max([bottom, *(label.row + label.height - 1 for label in sheet.labels)])
    for band in sheet.bands:
        bottom = max(bottom, band.last_row)
    for edge in sheet.edges:
        bottom = max(bottom, edge.row + edge.rows - 1)
    for chart in sheet.charts:
        at = place_of(chart)
        right, bottom = max(right, at.column + at.columns), max(bottom, at.row + at.rows)
    if sheet.last_column:
        return sheet.last_column, bottom
    return max([right, *(_end(label, widths) for label in sheet.labels)]), bottom


def _end(label: Label, widths: Mapping[int, float]) -> int:
    """The last column that a text covers."""
    column, look = label.column, theme.LABELS[label.style]
    if label.align == "left" and label.style != "arrow":
        room = measure.text_width(label.text, look.size, look.bold) - widths.get(column, measure.COLUMN_WIDTH)
        while room > 0 and column < LAST_COLUMN:
            column += 1
            room -= widths.get(column, measure.COLUMN_WIDTH)
    return column


def names_of(plan: WorkbookPlan) -> dict[str, str]:
    """The workbook's defined names, each with what it stands for: all pieces of a matrix whose columns stand apart.

    Raises SheetgenError when two matrices would have the same.
    """
    found: dict[str, str] = {}
    taken: dict[str, str] = {}
    for sheet in plan.sheets:
        for region in sheet.regions:
            name = region.defined_name
            if name is None:
                continue
            other = taken.setdefault(name.casefold(), region.name)
            if other != region.name:
                raise SheetgenError(f"`{other}` and `{region.name}` would both be called `{name}` in the workbook.")
            place = reference(region.rect(sheet.title), "")
            found[name] = f"{found[name]},{place}" if name in found else place
    if plan.sheets:
        at, title = controls(plan.sheets[0]), plan.sheets[0].title
        for name, cell, there in (("Step", at.step, plan.steps), ("Gradients", at.switch, plan.switched_steps)):
            if there and name.casefold() not in taken:
                found[name] = f"{prefix('', title)}{cell}"
    return found


def _frame(plan: WorkbookPlan, sheet: SheetPlan, pages: Pages, right: int, bottom: int) -> Frame:
    """Widths, frozen head, zoom, and what is printed."""
    heads = f"{sheet.heads}:{sheet.heads}" if sheet.heads else f"1:{sheet.first_row - 1}"
    row, column = _printed(sheet, right, max(bottom, sheet.first_row))
    area = None if sheet.hidden else f"A1:{letters(column)}{row}"  # else some programs print it
    paper = Paper(plan.title, pages.landscape, True, round(pages.scale * 100), tuple(pages.cuts), heads, area)
    frozen, zoom = f"{letters(sheet.frozen + 1)}{sheet.first_row}", zoom_of(_width(sheet, right))
    columns = tuple(_columns(sheet, right))
    return Frame(sheet.title, paper, columns, measure.COLUMN_WIDTH, measure.ROW_HEIGHT, zoom, frozen, sheet.hidden)


def _columns(sheet: SheetPlan, right: int) -> Iterable[Columns]:
    """The columns' widths; those that are `folded` are an outline, opened at the column before them."""
    runs: list[list[float]] = []
    widths = dict(sheet.widths)
    inside = {column for first, last in sheet.folded for column in range(first, last + 1)}
    openers = {first - 1 for first, _ in sheet.folded}
    alone = openers | {last + 1 for _, last in sheet.folded}  # LibreOffice looks for the mark of a fold behind it
    for column in range(1, max([right + 4, *widths]) + 1):
        width = widths.get(column, measure.COLUMN_WIDTH)
        if runs and runs[-1][2] == width and column not in alone and column - 1 not in alone:
            runs[-1][1] = column
        else:
            runs.append([column, column, width])
    for first, last, width in runs:
        if not 0 < width <= 255:
            raise LimitError(f"A column of sheet {sheet.title} would be {width:g} characters wide; 255 is the limit.")
        folded = first in inside
        yield Columns(int(first), int(last), width, folded, int(folded), first in alone)


def _check_titles(plan: WorkbookPlan) -> None:
    titles = [*(sheet.title for sheet in plan.sheets), STEPS, SPEC, CHART_DATA]
    for title in titles:
        bad = len(title) > 31 or not title.strip() or re.search(r"[\[\]:*?/\\\x00-\x1f]", title)
        if bad or title[0] == "'" or title[-1] == "'" or title.casefold() == "history":
            raise LimitError(
                f"`{title}` can't be a sheet's name: at most 31 characters, none of [ ] : * ? / \\, "
                "no ' at either end, and not History."
            )
    seen: set[str] = set()
    for title in (title.casefold() for title in titles):
        if title in seen:
            raise LimitError(f"Two sheets would be called `{title}`.")
        seen.add(title)
