"""How sheets come out on paper: as wide as the page, cut between bands, the lanes' heads on each page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl.worksheet.pagebreak import Break

from sheetgen.book import theme
from sheetgen.book.labels import clean
from sheetgen.layout import measure
from sheetgen.layout.plan import SheetPlan

LANDSCAPE, PORTRAIT = (785.0, 505.0), (538.0, 752.0)
"""Points of an A4 page inside its margins: across and down."""
SAFE = 0.985
"""Printers and programs differ a little in what fits on a page."""
POINTS = 5.56
"""Of a column's width of one character, in the program that draws them widest."""
SHORT = 7
"""A band of so many rows isn't left alone at the end of a page."""
SCREEN, LEAST_ZOOM = 1400, 80
"""Pixels that a screen shows of a sheet in full size, and the smallest zoom."""


def set_page(target: Any, title: str, landscape: bool = False, centered: bool = True) -> None:
    """A4, one page wide, with a footer."""
    target.page_setup.orientation, target.page_setup.paperSize = "landscape" if landscape else "portrait", 9
    target.page_setup.fitToWidth, target.page_setup.fitToHeight = 1, 0
    target.sheet_properties.pageSetUpPr.fitToPage = True
    margins = target.page_margins
    margins.left = margins.right = 0.4
    margins.top, margins.bottom, margins.header, margins.footer = 0.45, 0.65, 0.3, 0.3
    target.print_options.horizontalCentered = centered
    footer = target.oddFooter
    title = clean(title)
    footer.left.text = (title if len(title) <= 80 else title[:79] + "…").replace("&", "&&")
    footer.center.text, footer.right.text = "&A", "Page &P of &N"
    for part in (footer.left, footer.center, footer.right):
        part.font, part.size, part.color = f"{theme.FONT},Regular", 8, theme.GREY


def scale_of(sheet: SheetPlan, width: float) -> float:
    """Of a sheet `width` characters wide, in whole per cent; set by width alone."""
    across = (LANDSCAPE if sheet.landscape else PORTRAIT)[0]
    return max(10, int(100 * min(1.0, sheet.scale, SAFE * across / (POINTS * width)))) / 100


def zoom_of(width: float) -> int:
    """Per cent on the screen: the full size if the page is no wider, else the zoom that shows all of it."""
    return min(100, max(LEAST_ZOOM, int(SCREEN / (7 * width) * 100)))


def cut_pages(
    target: Any, sheet: SheetPlan, scale: float, heights: Mapping[int, float], bottom: int
) -> None:
    """Fix the scale (Excel ignores cuts while it fits a sheet to pages) and cut the sheet by the page's height."""
    target.sheet_properties.pageSetUpPr.fitToPage = False
    target.page_setup.scale = round(scale * 100)
    page = SAFE * (LANDSCAPE if sheet.landscape else PORTRAIT)[1] / scale
    for row in cuts(sheet, heights, bottom, page):
        target.row_breaks.append(Break(id=row - 1))


def cuts(sheet: SheetPlan, heights: Mapping[int, float], bottom: int, page: float) -> list[int]:
    """The rows with which a new page begins, when a page is `page` points high."""
    tops = [0.0]
    for row in range(1, bottom + 1):
        tops.append(tops[-1] + heights.get(row, measure.ROW_HEIGHT))
    allowed = sorted({row for row in sheet.cuts or _between(sheet, bottom) if 1 < row <= bottom})
    repeated = heights.get(sheet.heads, measure.ROW_HEIGHT) if sheet.heads else tops[sheet.first_row - 1]
    found: list[int] = []
    start, room = 1, page
    while tops[bottom] - tops[start - 1] > room:
        end = bisect_right(tops, tops[start - 1] + room)  # the first row that doesn't fit
        if end <= start:
            break
        third = bisect_right(tops, tops[start - 1] + room / 3)
        start = _best(allowed, max(start, third), end)
        found.append(start)
        room = page - repeated
    return found


def _best(allowed: Sequence[int], start: int, end: int) -> int:
    """The last place to cut from `start` to `end`; one further up where a short band would be left alone."""
    here = allowed[bisect_right(allowed, start) : bisect_right(allowed, end)]
    if not here:
        return end
    return here[-2] if len(here) > 1 and here[-1] - here[-2] < SHORT else here[-1]


def _between(sheet: SheetPlan, bottom: int) -> list[int]:
    """Rows that no matrix (its name above it) and no chart covers, where the plan says nothing of cuts."""
    spans = [(region.row - 1, region.row + region.height) for region in sheet.regions]
    spans += [(chart.row - 1, chart.row + measure.CHART_ROWS) for chart in sheet.charts]
    kept = {row for first, last in spans if last - first < 200 for row in range(first + 1, last + 1)}
    return [row for row in range(sheet.first_row, bottom + 1) if row not in kept]
