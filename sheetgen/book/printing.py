"""How sheets come out on paper: as wide as the page, cut between bands, the lanes' heads on each page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import accumulate, product
from typing import Any, NamedTuple

from openpyxl.worksheet.pagebreak import Break

from sheetgen.book import theme
from sheetgen.book.labels import clean
from sheetgen.layout import measure
from sheetgen.layout.measure import LANDSCAPE, PORTRAIT, SAFE
from sheetgen.layout.plan import Label, SheetPlan
from sheetgen.layout.words.margin import CONTINUED

SHORT = 7
"""A band of so many rows isn't left alone at the end of a page."""
FULL = (0.6, 0.5)
"""Of a page, what may be tried: a band is cut inside, at a caption, rather than leave more of the page before it
empty."""
SMALLEST, SHRINK, WEIGHT, INSIDE = 70, 0.3, 1.0, 0.3
"""Scale in per cent, and the part of it, down to which digits may shrink to save pages; what shrinking to nothing
costs, in shares of the pages, and a cut within a band, in pages."""
MANY = 20
"""Pages from which on none is saved by smaller digits."""
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
        part.font, part.size, part.color = f"{theme.FONT},Regular", theme.SMALLER, theme.GREY


def scale_of(sheet: SheetPlan, width: float) -> float:
    """Of a sheet `width` characters wide, in whole per cent; set by width alone."""
    return min(measure.scale(width, sheet.landscape), max(10, int(100 * sheet.scale)) / 100)


def zoom_of(width: float) -> int:
    """Per cent on the screen: the full size if the page is no wider, else the zoom that shows all of it."""
    return min(100, max(LEAST_ZOOM, int(SCREEN / (7 * width) * 100)))


class Pages(NamedTuple):
    """How a sheet is printed: upright or not, its scale, and the rows with which further pages begin."""

    landscape: bool
    scale: float
    cuts: list[int]


def pages_of(sheet: SheetPlan, width: float, heights: Mapping[int, float], bottom: int) -> Pages:
    """The pages of a sheet `width` characters wide.

    Digits are a little smaller than the width demands, or pages stand on their other side, where that saves pages or
    keeps bands whole.
    """
    stripe = _stripe(sheet, heights, bottom)
    sides = {side: round(100 * scale_of(replace(sheet, landscape=side), width)) for side in (True, False)}
    if sides[not sheet.landscape] < SMALLEST:
        del sides[not sheet.landscape]
    tried = []
    for landscape, most in sides.items():
        high = SAFE * (LANDSCAPE if landscape else PORTRAIT)[1] * 100
        least = min(most, max(SMALLEST, round(most * (1 - SHRINK))))
        if stripe.tops[-1] > MANY * high / most:
            least = most
        for scale, full in product(range(most, least - 1, -1), FULL):
            found = _cuts(stripe, high / scale, full)
            pages = 1 + len(found) + INSIDE * len(set(found) - stripe.bands)
            tried.append((pages, scale, Pages(landscape, scale / 100, found)))
    longest, largest = max(pages for pages, _, _ in tried), max(sides.values())
    return min(tried, key=lambda t: t[0] / longest + WEIGHT * (1 - t[1] / largest))[2]


def cut_pages(target: Any, scale: float, rows: Iterable[int]) -> None:
    """Fix the scale (Excel ignores cuts while it fits a sheet to pages) and begin a page with each of `rows`."""
    target.sheet_properties.pageSetUpPr.fitToPage = False
    target.page_setup.scale = round(scale * 100)
    for row in rows:
        target.row_breaks.append(Break(id=row - 1))


def continued(sheet: SheetPlan, rows: Iterable[int]) -> list[Label]:
    """The titles of the bands within which pages begin, repeated in these rows; where the margin isn't free, only their
    numbers."""
    titles = {label.row: label for label in sheet.labels if label.style == "section"}
    badges = {label.row: label for label in sheet.labels if label.style == "badge"}
    taken = {(row, label.column) for label in sheet.labels for row in range(label.row, label.row + label.rows)}
    starts = [band.first_row for band in sheet.bands]
    found = []
    for row in rows:
        start = starts[bisect_right(starts, row) - 1] if starts and row not in starts else 0
        title, badge = titles.get(start), badges.get(start)
        if title is not None and (row, title.column) not in taken:
            text = title.text if title.text.endswith(CONTINUED) else f"{title.text} {CONTINUED}"
            found.append(Label(row, title.column, text, "note", title.step))
        elif badge is not None and (row, badge.column) not in taken:
            found.append(Label(row, badge.column, f"{badge.text} …", "note", badge.step, "center"))
    return found


def cuts(sheet: SheetPlan, heights: Mapping[int, float], bottom: int, page: float) -> list[int]:
    """The rows with which a new page begins, when a page is `page` points high."""
    return _cuts(_stripe(sheet, heights, bottom), page, FULL[0])


@dataclass(frozen=True)
class _Stripe:
    """A sheet as one endless page."""

    tops: Sequence[float]
    """How far down each row begins, and the last one ends."""
    allowed: Sequence[int]
    """Rows with which a page may begin."""
    starts: Sequence[int]
    """Rows with which it should."""
    bands: Set[int]
    repeated: float
    """Points that the rows repeated on each page take."""


def _stripe(sheet: SheetPlan, heights: Mapping[int, float], bottom: int) -> _Stripe:
    tops = [0.0, *accumulate(heights.get(row, measure.ROW_HEIGHT) for row in range(1, bottom + 1))]
    bands = {band.first_row for band in sheet.bands}
    allowed = sorted({row for row in sheet.cuts or _between(sheet, bottom) if 1 < row <= bottom})
    starts = [row for row in allowed if row in bands] or allowed
    heads = sheet.heads or 0
    repeated = tops[heads] - tops[heads - 1] if heads else tops[sheet.first_row - 1]
    return _Stripe(tops, allowed, starts, bands, repeated)


def _cuts(stripe: _Stripe, page: float, least: float) -> list[int]:
    """Where pages `page` points high begin, none of them left emptier than `least` if it can be helped."""
    tops, allowed, starts = stripe.tops, stripe.allowed, stripe.starts
    found: list[int] = []
    start, room = 1, page
    while tops[-1] - tops[start - 1] > room:
        end = bisect_right(tops, tops[start - 1] + room)  # the first row that doesn't fit
        if end <= start:
            break
        full = bisect_right(tops, tops[start - 1] + room * least)
        third = bisect_right(tops, tops[start - 1] + room / 3)
        start = (
            _best(starts, max(start, full), end)
            or _best(allowed, max(start, full), end)
            or _best(allowed, max(start, third), end)
            or end
        )
        found.append(start)
        room = page - stripe.repeated
    return found


def _best(allowed: Sequence[int], start: int, end: int) -> int | None:
    """The last place to cut from `start` to `end`; one further up where a short band would be left alone."""
    here = allowed[bisect_right(allowed, start) : bisect_right(allowed, end)]
    if not here:
        return None
    return here[-2] if len(here) > 1 and here[-1] - here[-2] < SHORT else here[-1]


def _between(sheet: SheetPlan, bottom: int) -> list[int]:
    """Rows that no matrix (its name above it) and no chart covers, where the plan says nothing of cuts."""
    spans = [(region.row - 1, region.row + region.height) for region in sheet.regions]
    spans += [(chart.row - 1, chart.row + measure.CHART_ROWS) for chart in sheet.charts]
    kept = {row for first, last in spans if last - first < 200 for row in range(first + 1, last + 1)}
    return [row for row in range(sheet.first_row, bottom + 1) if row not in kept]
