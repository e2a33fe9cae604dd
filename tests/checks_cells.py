"""Checks of cells: nothing covers anything else, no text is cut off, no number is ###, bands own their rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
from checks_page import LINE, SLACK, Page, Problem, Sheet, cells_of

from sheetgen.book import theme
from sheetgen.layout import measure, numbers
from sheetgen.layout.plan import Label, Role
from sheetgen.layout.words.wrap import prose_lines

WORDS = 8.0
"""Points of a verdict's words."""


def overlap(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """Things that share a cell; frames of a Look closer that have anything else inside."""
    pairs = {tuple(names): cell for cell, names in sorted(sheet.taken.items()) if len(names) > 1}
    for names, cell in pairs.items():
        yield sheet.problem("overlap", *cell, f"shared by {' and '.join(names)}")
    for frame in page.placement.frames:
        if frame.kind == "closer" and frame.sheet == sheet.number:
            for cell in cells_of(frame.row, frame.column, frame.height, frame.width):
                for chart in (name for name in sheet.taken.get(cell, ()) if name.startswith("chart")):
                    yield sheet.problem("overlap", *cell, f"{chart} in the frame of {frame.key}")


def cut_off(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """Texts that run into what stands beside them, or off the page."""
    for label in sheet.labels:
        for column in sheet.spread(label):
            edge = [] if 1 <= column <= sheet.plan.last_column else ["the page's edge"]
            if what := sheet.taken.get((label.row, column), edge):
                into = what[0] if len(what[0]) < 60 else what[0][:57] + "…”"
                text = f"{label.style} “{label.text}” runs into {into}"
                yield sheet.problem("cut off", label.row, label.column, text)
                break


def too_tall(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """Texts that need more height than their rows have, once a column."""
    told: set[tuple[int, str]] = set()
    for label in sheet.labels:
        size, room = sheet.size(label), sum(sheet.heights[label.row + k] for k in range(label.rows))
        lines = prose_lines(label.text, sheet.room(label.column, label.columns), size) if label.rows > 1 else 1
        key = (label.column, label.style)
        if lines * size * (LINE if lines > 1 else 1) > room + 1 and (lines > 1 or key not in told):
            told.add(key)
            what = f"{label.style} “{label.text[:40]}” needs {lines * size * LINE:.0f} points of height, has {room:.0f}"
            yield sheet.problem("too tall", label.row, label.column, what)


def hashes(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """Numbers that are wider than their column: ###."""
    for region in sheet.plan.regions:
        if region.values.dtype.kind not in "fiub" or region.plain_map:
            continue
        given = region.formulas is None and region.block is None
        form = numbers.form(region.values, given, region.decimals)
        size = theme.LARGE if region.large else theme.SIZE
        for (i, j), value in np.ndenumerate(region.values):
            text = numbers.shown(value, form)
            wide = measure.text_width(text, size, not given and region.width <= measure.WIDE)
            if wide > sheet.widths[region.column + j]:
                what = f"{text} of {region.name} is wider than its column"
                yield sheet.problem("###", region.row + i, region.column + j, what)
                break


def broken_word(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """Words of verdicts, and of names that are wrapped, that are wider than their column, or upright and longer than
    their row is high."""
    size = max(WORDS, theme.SMALLEST_PRINT / sheet.scale)
    for region in sheet.plan.regions:
        for (i, j), text in np.ndenumerate(region.values if region.role is Role.VERDICT else np.empty((0, 0))):
            high = sheet.heights[region.row + i] / measure.POINTS
            room = high if region.upright else sheet.widths[region.column + j]
            for word in str(text).split():
                if measure.text_width(word, size, True) > room:
                    what = f"the word “{word}” of {region.name} is wider than its column"
                    yield sheet.problem("broken word", region.row + i, region.column + j, what)
    for label in sheet.labels:
        room = sheet.heights[label.row] / measure.POINTS if label.upright else sheet.widths[label.column] + SLACK
        words = [label.text] if label.upright else label.text.split() if label.lines > 1 and label.rows == 1 else []
        for word in words:
            if measure.text_width(word, sheet.size(label)) > room:
                what = f"the word “{word}” of a name is wider than its column"
                yield sheet.problem("broken word", label.row, label.column, what)


def out_of_band(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """Texts, matrices and charts below the head that aren't inside of one band."""
    bands = [range(band.first_row, band.last_row + 1) for band in sheet.plan.bands]
    first = sheet.plan.first_row
    things = [(f"text “{x.text}”", x.row, x.column, x.rows) for x in sheet.labels if x.row >= first]
    things += [(f"matrix {x.name}", x.row, x.column, x.height) for x in sheet.plan.regions if x.row >= first]
    things += [(f"chart {x.title}", x.row, x.column, x.place.rows) for x in sheet.plan.charts if x.place]
    for what, row, column, height in things:
        if not any(row in band and row + height - 1 in band for band in bands):
            yield sheet.problem("out of band", row, column, f"{what} leaves its band")


def title(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """A band's title stands in the margin on its first row, beside its number, once; numbers count up. A band with the
    title of the one above it goes on under it."""
    titles = {x.row: x for x in sheet.labels if x.style == "section"}
    badges = {x.row: x for x in sheet.labels if x.style == "badge"}
    starts = {band.first_row: band.block for band in page.placement.bands}
    for row, label in titles.items():
        if label.column != 2 or row not in starts:
            yield sheet.problem("title", row, label.column, f"title “{label.text}” isn't at the head of a band")
        elif row not in badges:
            yield sheet.problem("title", row, 1, f"title “{label.text}” has no number")
    above = ""
    for row, block in starts.items():
        known = above and block.title == above and not block.continued
        above = block.title if sheet.heights[row] else above
        if block.title and row not in titles and sheet.heights[row] and not known:
            yield sheet.problem("title", row, 2, f"the band “{block.title}” has no title")
    for text, count in Counter(x.text for x in titles.values()).items():
        if count > 1 and not text.endswith("(continued)"):
            yield sheet.problem("title", min(r for r, x in titles.items() if x.text == text), 2, f"“{text}” twice")
    seen = list(dict.fromkeys(int(badges[row].text) for row in sorted(badges)))
    if seen != sorted(seen):
        yield sheet.problem("title", min(badges), 1, f"the bands are numbered {seen}")


def margin(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """Prose stands in the margin or in an empty slot, never among the numbers of a lane."""
    lanes = {c for c, column in enumerate(page.placement.columns, 1) if column.kind == "lane"}
    prose = [x for x in sheet.labels if x.style == "sentence" and not _beside(x, sheet)]
    for label in prose:
        if label.column in lanes:
            yield sheet.problem("margin", label.row, label.column, f"“{label.text[:40]}” stands in a lane")


def _beside(label: Label, sheet: Sheet) -> bool:
    return label.column <= 2 or label.row < sheet.plan.first_row
