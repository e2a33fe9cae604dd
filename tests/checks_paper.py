"""Checks of paper: digits and texts large enough, nothing torn, charts where they can be seen."""

from __future__ import annotations

from collections.abc import Iterator

from checks_page import Page, Problem, Sheet

from sheetgen.book import printing
from sheetgen.book.cuts import continued
from sheetgen.layout import measure
from sheetgen.layout.chart import GraphPicture, NetworkPicture
from sheetgen.layout.geometry.fit import DIGITS, LEAST

SCREEN = 38
"""Rows that a screen shows."""
ROWS, COLUMNS = 8, 6
"""Cells that a chart needs at least."""


def small(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """Digits that print below 7 points, and pages that are wider than their paper."""
    points = DIGITS * sheet.scale
    if points < LEAST - 1e-9:
        yield sheet.problem("small digits", 1, 1, f"digits print at {points:.1f} points")
    across = (printing.LANDSCAPE if sheet.pages.landscape else printing.PORTRAIT)[0]
    wide = sheet.room(1, sheet.plan.last_column) * measure.POINTS * sheet.scale
    if wide > across:
        yield sheet.problem("too wide", 1, sheet.plan.last_column, f"{wide:.0f} of {across:.0f} points")


def torn(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """Matrices with their captions, texts, charts and frames that a page's end cuts in two."""
    spans = [(f"chart {x.title}", x.row, x.column, x.row + x.place.rows) for x in sheet.plan.charts if x.place]
    spans += [(f"text “{x.text[:40]}”", x.row, x.column, x.row + x.rows) for x in sheet.labels]
    captions = {(b.row, b.column): b.top for b in page.placement.boxes if b.sheet == sheet.number}
    for r in sheet.plan.regions:
        tall = r.height * measure.ROW_HEIGHT > 400 and not r.plain_map
        if not tall:
            spans.append((f"matrix {r.name}", captions.get((r.row, r.column), r.row), r.column, r.row + r.height))
    for frame in page.placement.frames:
        if frame.sheet == sheet.number and frame.kind == "closer":
            spans.append((f"frame {frame.key}", frame.row, frame.column, frame.row + frame.height))
    for cut in sheet.pages.cuts:
        for what, first, column, below in spans:
            if first < cut < below:
                yield sheet.problem("torn", first, column, f"{what} is torn by the page that begins with row {cut}")


def untitled_page(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """Pages that begin inside of a band and repeat neither its title nor its number."""
    bands = {band.first_row for band in sheet.plan.bands}
    said = {x.row for x in continued(sheet.plan, sheet.pages.cuts, "Small")}
    for cut in sheet.pages.cuts:
        if cut not in bands and cut not in said:
            yield sheet.problem("untitled page", cut, 2, "a page begins inside of a band, without its title")


def chart(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """Charts that are too small, wider than the page, or pictures that a screen doesn't show at once."""
    for each in sheet.plan.charts:
        if each.place is None:
            continue
        if each.place.rows < ROWS or (each.place.columns < COLUMNS and not isinstance(each, NetworkPicture)):
            what = f"{each.title} has {each.place.rows} rows and {each.place.columns} columns"
            yield sheet.problem("chart", each.row, each.column, what)
        if each.column + each.place.columns - 1 > sheet.plan.last_column:
            yield sheet.problem("chart", each.row, each.column, f"{each.title} widens the page")
        if isinstance(each, GraphPicture) and each.line is None and each.row + each.place.rows - 1 > SCREEN:
            yield sheet.problem("chart", each.row, each.column, f"{each.title} isn't in the first {SCREEN} rows")
