"""How much room numbers and texts take: sizes of cells and charts, widths of texts."""

from __future__ import annotations

from functools import cache, lru_cache
from math import ceil, inf
from typing import NamedTuple

SIZE = 10
"""Points of a cell's text."""
COLUMN_WIDTH = 5.7
"""Default width of a drawn sheet's columns, in characters."""
ROW_HEIGHT = 15.0
"""Default height of a drawn sheet's rows, in points."""
WIDE = 16
"""Columns of the widest ordinary matrix; those of a wider one may be narrower than others on its page."""
LANDSCAPE, PORTRAIT = (798.0, 516.0), (552.0, 763.0)
"""Points of an A4 page inside its margins: across and down."""
SAFE = 0.985
"""Printers and programs differ a little in what fits on a page."""
LEAST = 0.7
"""Scale at which the digits of a printed page can just be read."""
LOST = 1.1
"""Paper that several pages take, of what they would if they were full."""
SMALLEST, SMALL = 74, 1.5
"""Scale in per cent down to which digits may shrink to save pages, and what shrinking to nothing costs, in pages."""
READABLE, SQUINT = 75, 0.7
"""Scale in per cent that a single page and upright pages should have, and what it costs, in pages, if they don't: two
that lie on their side are better then, if they can be cut near the middle."""
SEVERAL, EASY = 3, 0.85
"""Sheets of paper from which on digits are large wherever the width allows it, as one more is little then; and their
scale."""
FULLER, LOW_ROWS = 1.06, 0.87
"""Characters of a page with its numbers, of those that it has without, and points of rows that are as low as saves
paper, of those of usual ones."""
SMALLEST_PRINT = 5.5
"""Points below which no text is printed."""
POINTS = 5.56
"""Of a column's width of one character, in the program that draws them widest."""
CHART_ROWS, CHART_COLUMNS = 15, 11
"""Cells that a chart covers, right and down from its place."""


@lru_cache(maxsize=4096)
def text_width(text: str, size: float = SIZE, bold: bool = False) -> float:
    """Width of `text` in characters of a column's width, by the advance widths of Arial (digit = 1)."""
    return sum(map(_width, text)) * size / SIZE * (1.07 if bold else 1)


@cache
def _width(c: str) -> float:
    if "\u0300" <= c <= "\u036f":  # put on top of the letter before it
        return 0.0
    if "\u2070" <= c <= "\u209c" or "\u02b0" <= c <= "\u02e3" or "\u1d2c" <= c <= "\u1dbf":  # indices, exponents
        return 0.95 if c in "₊₋⁺⁻ᵐₘ" else 0.72
    if c in "∂∘÷√−Σσ≥≤≠↑↓":
        return 1.05
    if c in "mwMW@%—…":
        return 1.55
    if c in "ijl.,:;'|!I":
        return 0.5
    if c in "ft()[]-/ r→·":
        return 0.6
    return 1.25 if c.isupper() or ord(c) > 0x2000 else 1.0


def papers(width: float, height: float) -> int:
    """The fewest sheets of paper for a page so many characters wide and points high whose digits can be read, upright
    or not."""
    sides = ((PORTRAIT, scale(width, False)), (LANDSCAPE, scale(width, True)))
    found = [height * LEAST / (SAFE * side[1]) for side, most in sides if most >= LEAST]
    full = min(found, default=height * sides[1][1] / (SAFE * LANDSCAPE[1]))
    return ceil(full * LOST) if full > 1 else 1


class Print(NamedTuple):
    """How a page is printed."""

    sheets: int
    scale: float


def likely(width: float, height: float) -> Print:
    """How a page that is so many characters wide and points high before numbers are in it is likely printed, upright or
    not: in few sheets of paper, in digits as large as these allow."""
    best, found = inf, Print(1, 1.0)
    for landscape, (_, high) in ((True, LANDSCAPE), (False, PORTRAIT)):
        most, sheets, scale_there = scale(FULLER * width, landscape), 0, 0.0
        while scale_there < most and (landscape or 100 * most >= SMALLEST):
            sheets += 1
            lost = LOST if sheets > 1 else 1.0
            scale_there = min(most, sheets * SAFE * high / (LOW_ROWS * lost * height))
            if sheets >= SEVERAL and scale_there < min(most, EASY):
                continue
            squint = SQUINT * (100 * scale_there < READABLE and not (landscape and sheets > 1))
            cost = sheets + SMALL * (1 - scale_there) + squint
            if cost < best and 100 * scale_there >= min(SMALLEST, 100 * most):
                best, found = cost, Print(sheets, scale_there)
    return found


def least(scale: float) -> float:
    """Points of the smallest text on a sheet that is printed at this scale."""
    return ceil(10 * SMALLEST_PRINT / scale) / 10


def scale(width: float, landscape: bool) -> float:
    """Of a printed page `width` characters wide, in whole per cent."""
    across = (LANDSCAPE if landscape else PORTRAIT)[0]
    return max(10, int(100 * min(1.0, SAFE * across / (POINTS * width)))) / 100
