"""How sheets come out on paper: landscape pages with title and page number, no matrix cut in two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openpyxl.worksheet.pagebreak import Break

from sheetgen.book import theme
from sheetgen.book.regions import clean
from sheetgen.layout import measure
from sheetgen.layout.plan import SheetPlan

PAPER = (785.0, 505.0)
"""Points of a landscape A4 page inside its margins."""
SQUEEZED = 1.6
"""A sheet that is up to so many pages high is printed smaller, on one page, rather than cut."""
SAFE = 0.95
"""Printers and programs differ a little in the width of a column."""


def set_page(target: Any, title: str, centered: bool = True) -> None:
    """Landscape A4, one page wide, with a footer."""
    target.page_setup.orientation, target.page_setup.paperSize = "landscape", 9
    target.page_setup.fitToWidth, target.page_setup.fitToHeight = 1, 0
    target.sheet_properties.pageSetUpPr.fitToPage = True
    margins = target.page_margins
    margins.left = margins.right = 0.4
    margins.top, margins.bottom, margins.header, margins.footer = 0.5, 0.7, 0.3, 0.35
    target.print_options.horizontalCentered = centered
    footer = target.oddFooter
    title = clean(title)
    footer.left.text = (title if len(title) <= 80 else title[:79] + "…").replace("&", "&&")
    footer.center.text, footer.right.text = "&A", "Page &P of &N"
    for part in (footer.left, footer.center, footer.right):
        part.font, part.size, part.color = f"{theme.FONT},Regular", 9, theme.GREY


def break_pages(
    target: Any, sheet: SheetPlan, widths: Mapping[int, float], heights: Mapping[int, float], right: int, bottom: int
) -> None:
    """One page if that is still readable; otherwise a fixed scale and breaks between the regions.

    Excel ignores breaks while it fits a sheet to pages, so the scale is set instead.
    """
    width = 5.25 * sum(widths.get(column, measure.COLUMN_WIDTH) for column in range(1, right + 1))
    scale = max(0.1, min(1.0, SAFE * PAPER[0] / width))
    head = sum(heights.get(row, measure.ROW_HEIGHT) for row in range(1, sheet.first_row))
    page = SAFE * PAPER[1] / scale
    if head + (bottom - sheet.first_row + 1) * measure.ROW_HEIGHT <= SQUEEZED * page:
        target.page_setup.fitToHeight = 1
        return
    target.sheet_properties.pageSetUpPr.fitToPage = False
    target.page_setup.scale = int(scale * 100)
    rows = max(1, int((page - head) / measure.ROW_HEIGHT))
    kept = _kept_together(sheet)
    start = sheet.first_row
    while start + rows <= bottom:
        end = start + rows
        cut = next((row for row in range(end, start + rows // 3, -1) if row not in kept), end)
        target.row_breaks.append(Break(id=cut - 1))
        start = cut


def _kept_together(sheet: SheetPlan) -> set[int]:
    """Rows that no page should start with, because a region (its name above it) or a chart would be cut."""
    spans = [(region.row - 1, region.row + region.height) for region in sheet.regions]
    spans += [(chart.row - 1, chart.row + measure.CHART_ROWS) for chart in sheet.charts]
    return {row for first, last in spans if last - first < 200 for row in range(first + 1, last + 1)}
