"""Larger charts of planes where that costs nothing: neither paper nor digits, nor what the first screen shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, product

from sheetgen.layout import measure
from sheetgen.layout.geometry.arrange import arrange
from sheetgen.layout.geometry.figure import Band, Picture, Placement, Request
from sheetgen.layout.geometry.fit import CELL, last_taken, likely
from sheetgen.layout.geometry.lay import Laid
from sheetgen.layout.geometry.pictures import SCREEN, side
from sheetgen.layout.geometry.story import Margin

HIGHER, MOST, WIDER = 7, 24, 12
"""Rows that a plane may have more than it must, columns that it may have, and those by which a page gets wider for
one."""
HEAD = 3
"""Rows that the title and its like take more than they are."""


def roomier(laid: Laid, margin: Margin, requests: Sequence[Request], page: Placement) -> Placement:
    """The page with the largest planes that cost nothing."""
    planes = [picture for picture in page.pictures if requests[picture.request].plane is not None]
    if not planes:
        return page
    best, size, spare = page, _size(page, requests), min(_spare(page, picture.band) for picture in planes)
    for rows, widest, low in product((HIGHER, 0), _columns(page), (False, True)):
        wanted = [replace(request, rows=request.rows + rows, columns=MOST, low=low) if request.plane is not None
                  else request for request in requests]  # fmt: skip
        tried = arrange(laid, margin, wanted, widest)
        if tried.last_row - page.last_row > spare > 0 and rows:
            wanted = [replace(request, rows=request.rows - HIGHER + spare) if request.plane is not None else request
                      for request in wanted]  # fmt: skip
            tried = arrange(laid, margin, wanted, widest)
        free = tried.last_row - page.last_row <= spare and _as_good(tried, page, requests)
        if free and _size(tried, requests) > size:
            best, size = tried, _size(tried, requests)
    return best


def _width(page: Placement) -> float:
    """Characters of what is printed of its first sheet."""
    return sum(column.width for column in page.columns[: last_taken(page, 0)])


def _columns(page: Placement) -> Iterator[int]:
    """The last column up to which a page may be widened and is likely printed as before, and none."""
    printed, width, high = likely(page), _width(page), page.last_row * measure.ROW_HEIGHT
    more = next((k for k in range(WIDER) if measure.likely(width + (k + 1) * CELL, high) != printed), WIDER)
    yield from (0, last_taken(page, 0) + more) if more else (0,)


def _spare(page: Placement, band: int) -> int:
    """Rows that the paper on which a band ends has free below all that stands there, if paper is cut between bands and
    the fullest sheet decides how large digits are; none where a little less of them all would save a sheet."""
    sheets, rows = likely(page).sheets, page.last_row
    fewer = measure.SAFE * measure.PORTRAIT[1] * (sheets - 1) / (measure.LOW_ROWS * rows * measure.ROW_HEIGHT)
    if 100 * fewer >= measure.SMALLEST:
        return 0
    highs = (measure.PORTRAIT[1] / measure.scale(_width(page), False), measure.LANDSCAPE[1])
    least = int(measure.SAFE * min(highs) / measure.ROW_HEIGHT) - HEAD
    tallest = max(each.last_row - each.first_row + 1 for each in page.bands)
    rooms = count(max(least, tallest))
    room, tops = next((room, tops) for room in rooms if len(tops := _cut(page.bands, room)) <= sheets)
    top = max(row for row in tops if row < page.bands[band].first_row)
    end = min((row for row in tops if row > top), default=rows)
    return max(0, min(HIGHER, room - (end - top)))


def _cut(bands: Sequence[Band], room: int) -> list[int]:
    """The rows above sheets of paper that are cut between bands, none of which has more rows than fit."""
    tops = [0]
    for band in bands:
        tops += [band.first_row - 1] if band.last_row - tops[-1] > room else []
    return tops


def _as_good(tried: Placement, page: Placement, requests: Sequence[Request]) -> bool:
    """Whether a page has the same charts as another one in the same bands, none of them smaller, is printed as large if
    it has as many rows, and as much of it is in the first screen."""
    pairs = list(zip(tried.pictures, page.pictures, strict=False))
    if [(p.request, p.band) for p in tried.pictures] != [(p.request, p.band) for p in page.pictures]:
        return False
    if any(_worth(new, tried, requests) < _worth(old, page, requests) for new, old in pairs):
        return False
    high = min(tried.last_row, page.last_row) * measure.ROW_HEIGHT
    now, before = measure.likely(_width(tried), high), likely(page)
    ends = [(new.row + new.height, old.row + old.height) for new, old in pairs]
    ends += [(new.last_row + 1, old.last_row + 1) for new, old in zip(tried.bands, page.bands, strict=True)]
    seen = all(new <= SCREEN + 1 for new, old in ends if old <= SCREEN + 1)
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
