"""Larger charts of planes where that costs nothing: neither paper nor digits, nor what the first screen shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, pairwise, product
from math import inf

from sheetgen.layout import measure
from sheetgen.layout.geometry.arrange import arrange
from sheetgen.layout.geometry.figure import Picture, Placement, Request
from sheetgen.layout.geometry.fit import CELL, last_taken, likely
from sheetgen.layout.geometry.lay import Laid
from sheetgen.layout.geometry.pictures import SCREEN, side
from sheetgen.layout.geometry.story import Margin

HIGHER, MOST, WIDER = 7, 24, 12
"""Rows that a plane may have more than it must, columns that it may have, and those by which a page gets wider for
one."""
HEAD, HARDLY = 3, 1.05
"""Rows that the title and its like take more than they are; how much fuller sheets of paper may get if there are
several, which sections, kept whole, rarely fill alike."""


def roomier(laid: Laid, margin: Margin, requests: Sequence[Request], page: Placement) -> Placement:
    """The page with the largest planes that cost nothing."""
    planes = [picture for picture in page.pictures if requests[picture.request].plane is not None]
    if not planes:
        return page
    best, size, spare = page, _size(page, requests), min(_spare(page, picture.band) for picture in planes)
    for rows, widest, low in product(dict.fromkeys((HIGHER, spare, 0)), _columns(page), (False, True)):
        wanted = [replace(request, rows=request.rows + rows, columns=MOST, low=low) if request.plane is not None
                  else request for request in requests]  # fmt: skip
        tried = arrange(laid, margin, wanted, widest)
        free = tried.rows - page.rows <= spare and _as_good(tried, page, requests)
        if free and (larger := _size(tried, requests)) > size:
            best, size = tried, larger
    return best


def _width(page: Placement) -> float:
    """Characters of what is printed of its first sheet."""
    return sum(column.width for column in page.columns[: last_taken(page, 0)])


def _columns(page: Placement) -> Iterator[int]:
    """The last column up to which a page may be widened and is likely printed as before, and none."""
    printed, width, high = likely(page), _width(page), page.rows * measure.ROW_HEIGHT
    more = next((k for k in range(WIDER) if measure.likely(width + (k + 1) * CELL, high) != printed), WIDER)
    yield from (0, last_taken(page, 0) + more) if more else (0,)


def _spare(page: Placement, band: int) -> int:
    """Rows by which a band may grow: the page takes no more sheets of paper, cut between bands, and none of them gets
    fuller, or hardly fuller, than the fullest is, which decides how large digits are; none where a little less of them
    all would save a sheet."""
    sheets, rows = likely(page).sheets, page.rows
    fewer = measure.SAFE * measure.PORTRAIT[1] * (sheets - 1) / (measure.LOW_ROWS * rows * measure.ROW_HEIGHT)
    if 100 * fewer >= measure.SMALLEST:
        return 0
    highs = (measure.PORTRAIT[1] / measure.scale(_width(page), False), measure.LANDSCAPE[1])
    least = int(measure.SAFE * min(highs) / measure.ROW_HEIGHT) - HEAD
    ends = [page.shown(each.last_row) for each in page.bands]
    fullest = next(room for room in count(least) if _sheets(ends, room) <= sheets)
    room = fullest if sheets == 1 else int(HARDLY * fullest)
    grown = (k for k in range(HIGHER, 0, -1)
             if _sheets([end + k * (n >= band) for n, end in enumerate(ends)], room) <= sheets)  # fmt: skip
    return next(grown, 0)


def _sheets(ends: Sequence[int], room: int) -> float:
    """Sheets of so many rows that bands take which end with these rows; no number of them holds one with more."""
    top, found = 0, 1
    for above, end in pairwise([0, *ends]):
        if end - above > room:
            return inf
        if end - top > room:
            top, found = above, found + 1
    return found


def _as_good(tried: Placement, page: Placement, requests: Sequence[Request]) -> bool:
    """Whether a page has the same charts as another one in the same bands, none of them smaller, is printed as large if
    it has as many rows, and as much of it is in the first screen."""
    pairs = list(zip(tried.pictures, page.pictures, strict=False))
    if [(p.request, p.band) for p in tried.pictures] != [(p.request, p.band) for p in page.pictures]:
        return False
    if any(_worth(new, tried, requests) < _worth(old, page, requests) for new, old in pairs):
        return False
    high = min(tried.rows, page.rows) * measure.ROW_HEIGHT
    now, before = measure.likely(_width(tried), high), likely(page)
    ends = [(new.row + new.height, old.row + old.height) for new, old in pairs]
    ends += [(new.last_row + 1, old.last_row + 1) for new, old in zip(tried.bands, page.bands, strict=True)]
    seen = all(tried.shown(new) <= SCREEN + 1 for new, old in ends if page.shown(old) <= SCREEN + 1)
    return seen and now.sheets <= before.sheets and now.scale >= before.scale


def _worth(picture: Picture, page: Placement, requests: Sequence[Request]) -> float:
    """How large a chart is: points of a plane, cells of others, if it isn't larger than it need be."""
    request = requests[picture.request]
    if request.plane is None:
        return float(min(picture.height * picture.width, request.rows * request.columns))
    return side(request, picture.height, picture.column, picture.width, page.columns)


def _size(page: Placement, requests: Sequence[Request]) -> float:
    """Points on paper of all planes together."""
    planes = [picture for picture in page.pictures if requests[picture.request].plane is not None]
    return likely(page).scale * sum(_worth(picture, page, requests) for picture in planes)
