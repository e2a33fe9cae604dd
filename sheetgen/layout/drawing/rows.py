"""How high the rows of a sheet are, and where a printed page may start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import ceil

from sheetgen.layout import measure
from sheetgen.layout.drawing.paper import WORDS, longest_word
from sheetgen.layout.drawing.regions import MOST_DIGITS
from sheetgen.layout.geometry.figure import Placement
from sheetgen.layout.plan import Label, Region, Role
from sheetgen.layout.words.wrap import prose_lines

TALL = 22
"""Rows of a band that may not fit on a page: it may be cut at its captions, too."""
PAGE = 30
"""Rows for which there is room on any page: only a longer stretch is cut beside a paragraph."""
OPENING = 8
"""Rows with which a band begins: they stay together."""
LOW_ROW, WORD_ROW = 7.6, 23.0
"""Points of a row of a matrix without digits, and of one with words in two lines."""
LINE, AIR = 1.3, 3.0
"""How much higher a line is than its letters, and points that words leave free."""
Heights = Mapping[int, float]


def cuts(placement: Placement, labels: Iterable[Label]) -> tuple[int, ...]:
    """Where a printed page may start: at a band, or in a tall one at a caption with no matrix and no paragraph beside
    it."""
    if not placement.bands:
        return ()
    found = {band.first_row for band in placement.bands[1:]}
    tall = [band for band in placement.bands if band.last_row - band.first_row >= TALL]
    inside = {row for box in placement.boxes for row in range(box.row, box.row + box.height)}
    inside |= {row for picture in placement.pictures for row in range(picture.row, picture.row + picture.height)}
    texts = {row for label in labels for row in range(label.row + 1, label.row + label.rows)}
    captions = {b.caption.row for b in placement.boxes if b.caption is not None} - inside
    for band in tall:
        here = sorted(row for row in captions if band.first_row + OPENING < row <= band.last_row)
        clear = [row for row in here if row not in texts]
        for first, last in pairwise([band.first_row, *clear, band.last_row + 1]):
            found |= {row for row in here if first < row < last and last - first > PAGE}
        found.update(clear)
    return tuple(sorted(found))


def heights(placement: Placement, sheet: int, drawn: Sequence[Region], widths: Sequence[float]) -> dict[int, float]:
    """Low rows for heat maps, high ones for words; on the further sheets, the rows of bands that hold nothing are
    hidden."""
    found: dict[int, float] = {}
    for region in drawn:
        rows = range(region.row, region.row + region.height)
        if region.height > MOST_DIGITS and region.width > MOST_DIGITS:
            found.update(dict.fromkeys(rows, LOW_ROW))
        elif region.role is Role.VERDICT:
            room = min(widths[region.column - 1 : region.column - 1 + region.width])
            found.update(dict.fromkeys(rows, _words(region, room)))
    if sheet:
        taken = {box.band for box in placement.boxes if box.sheet == sheet}
        for k, band in enumerate(placement.bands):
            if k not in taken:
                found.update(dict.fromkeys(range(band.first_row, band.last_row + 1), 0.0))
    return found


def with_labels(heights: Heights, labels: Iterable[Label], size: float) -> dict[int, float]:
    """`heights` with room for labels of `size` points that are wrapped in their cells, or stand upright."""
    found = dict(heights)
    for label in labels:
        if label.upright:
            need = measure.text_width(label.text, size) * measure.POINTS + AIR
        else:
            need = (label.lines * size * LINE + AIR) / label.rows if label.lines > 1 else 0.0
        for row in range(label.row, label.row + label.rows):
            if need > found.get(row, measure.ROW_HEIGHT):
                found[row] = ceil(need)
    return found


def rows_for(points: float, row: int, last: int, heights: Heights) -> int:
    """How many rows from `row` on are `points` high together; none beyond `last`."""
    count, room = 0, 0.0
    while row + count <= last and (room < points or not count):
        room += heights.get(row + count, measure.ROW_HEIGHT)
        count += 1
    return max(1, count)


def _words(verdict: Region, width: float) -> float:
    """Points of a row with words: the lines that they take, or, where they read from below, their length."""
    texts = [str(text) for text in verdict.values.flat]
    if not verdict.upright:
        return max([WORD_ROW, *(prose_lines(text, width, WORDS) * WORDS * LINE + AIR for text in texts)])
    beside = int(width * measure.POINTS / (WORDS * LINE))
    wraps = all(len(text.split()) <= beside for text in texts)
    longest = longest_word(verdict) if wraps else max(measure.text_width(text, WORDS, True) for text in texts)
    return ceil(longest * measure.POINTS + AIR)
