"""Room for charts: the largest empty rectangle of a band, else rows of their own; a free cell all around."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from itertools import count, pairwise

from sheetgen.layout import measure
from sheetgen.layout.geometry.columns import FIRST
from sheetgen.layout.geometry.figure import Arrow, Band, Box, Column, Frame, Link, Picture, Rail, Request
from sheetgen.layout.geometry.fit import CELL

SCREEN = 38
"""Rows that a screen shows at once."""
LITTLE = 6
"""Rows by which a band grows so that a chart is seen at once, or needs not be narrow."""
ROOMY, HIGHEST = 32, 1.5
"""Columns of a page that is printed in nearly its own size, and how many times higher a picture is on wider ones."""
STEEP = 0.75
"""How high a plane is for its width, about."""
Taken = list[list[bool]]
"""By row of a band and column of the page, whether something stands there or right beside it."""
Area = tuple[int, int, int, int]
"""Row, column, height and width."""


def areas(
    frames: Sequence[Frame], rails: Sequence[Rail], links: Sequence[Link], arrows: Sequence[Arrow]
) -> Iterator[Area]:
    """What stands between the boxes of the first sheet: frames whole, and the cells of lines."""
    yield from ((f.row, f.column, f.height, f.width) for f in frames if f.sheet == 0)
    yield from ((r.rows.start, r.column, len(r.rows), 1) for r in rails if r.sheet == 0)
    for link in links:
        for (top, left), (bottom, right) in pairwise(link.path) if link.sheet == 0 else ():
            yield min(top, bottom), left, abs(bottom - top) + 1, right - left + 1
    for a in arrows:
        if a.sheet == 0:
            yield a.first_row, a.first_column, a.last_row - a.first_row + 1, a.last_column - a.first_column + 1


def pictures_in(requests: Sequence[Request], bands: Sequence[Band], boxes: Sequence[Box], lines: Sequence[Area],
                last_column: int, room: int, columns: Sequence[Column] = ()) -> tuple[list[Picture], int]:  # fmt: skip
    """The room for each request, in the band that makes its matrix, and how many rows everything else in the first band
    moves down for it. `lines` are taken as well; `columns` are those that the page has so far.

    A picture may end below its band, which then must grow, or right of the page's last column, up to column `room`.
    """
    homes = {box.matrix: box for box in boxes if box.kind == "home" and box.sheet == 0}
    cut = {box.matrix for box in boxes if box.kind == "home" and box.rows is not None}
    whole = {box.matrix for box in boxes if box.kind == "home"} - cut
    found: list[Picture] = []
    lowered = 0
    for k, request in enumerate(requests):
        if not bands or not whole.issuperset(request.reads):
            continue
        home, low = homes.get(request.matrix), _for_paper(request, last_column)
        others = [homes[name].band for name in request.reads if name in homes] if request.matrix else range(len(bands))
        first = home.band if home is not None else next(iter(others), 0)
        ways = list[tuple[Picture | None, Picture | None]]()
        for at in dict.fromkeys([first, *others, *range(first + 1, len(bands))]):
            if at not in (first, *others) and any(low is not None for _, low in ways):
                break  # further bands are for what has no room where it belongs
            drawn = [(p.row, p.column, p.height, p.width) for p in found if p.band == at]
            standing = [*drawn, *(area for area in lines if area[0] <= bands[at].last_row)]
            crossed = _crossed(bands[at], lines)
            more = low.rows + 1 + max([0, *(row + high - bands[at].last_row for row, _, high, _ in drawn)])
            loose, tight = (
                taken_in(bands[at], more, max(room, last_column), boxes, standing, air) for air in (1, 0)
            )
            column = home.column if home else FIRST
            under = _lowest(k, low, bands[at], loose, crossed, last_column, room, column, columns)
            empty = _largest(k, request, bands[at], loose, last_column, column, columns)
            empty = empty or _largest(k, request, bands[at], tight, last_column, column, columns)
            ways.append((None if request.across or request.low else empty, under))
        picture = _chosen(request, ways, bands)
        if picture is None:
            continue
        given = home is not None and home.expr is None and request.matrix not in request.reads
        outside = picture in ways[0] and picture.row + picture.height > SCREEN
        if given and outside and first == 0 and bands[0].block.loop is None:
            here = [box for box in boxes if box.band == 0 and box.sheet == 0]
            picture, lowered = _on_top(picture, bands[0], here), lowered + picture.height + 1
        found.append(picture)
    return [p if p.band or p.row == bands[0].first_row else replace(p, row=p.row + lowered) for p in found], lowered


def _crossed(band: Band, lines: Sequence[Area]) -> set[int]:
    """The columns in which, or right beside which, a line runs on below a band."""
    out = [(column, width) for row, column, height, width in lines if row <= band.last_row < row + height - 1]
    return {one for column, width in out for one in range(column - 1, column + width + 1)}


def _for_paper(request: Request, last_column: int) -> Request:
    """A request for rows of its own on a page of so many columns: higher on a wide one, which is printed small."""
    share = min(max(1.0, last_column / ROOMY), HIGHEST)
    return replace(request, rows=round(share * request.rows)) if request.grows and not request.across else request


def _chosen(
    request: Request, ways: Sequence[tuple[Picture | None, Picture | None]], bands: Sequence[Band]
) -> Picture | None:
    """An empty place of the band in which it belongs; one below it in the first screen, if the band hardly grows for
    that; an empty place in other bands; for a picture of the whole program, one below any of them; else below it."""
    (empty, under), *others = ways

    def little(low: Picture | None) -> bool:
        return low is not None and low.row + low.height - bands[low.band].last_row <= LITTLE

    if empty is not None:
        return empty
    wanted = not request.optional or not request.matrix
    if wanted and under is not None and little(under) and under.row + under.height - 1 <= SCREEN:
        return under
    elsewhere = next((place for place, _ in others if place is not None), None)
    if under is None and wanted:
        elsewhere = elsewhere or next((low for _, low in others if low is not None), None)
    if elsewhere is None and not request.matrix:
        return next((low for _, low in ways if little(low)), None)
    return under if elsewhere is None and wanted else elsewhere


def taken_in(
    band: Band, more: int, columns: int, boxes: Sequence[Box], others: Sequence[Area], air: int
) -> Taken:
    """The cells of a band and of `more` rows under it, through which only lines from above run. What stands there has a
    free column around it, a row for names below and `air` rows above; so have the margin and the line over the band."""
    taken = [[row < air or c == FIRST for c in range(columns + 1)]
             for row in range(band.last_row - band.first_row + 1 + more)]  # fmt: skip
    own = ((b.top, b.column, b.below - b.top, b.width) for b in boxes if b.band == band.block.index and b.sheet == 0)
    for row, column, height, width in [*own, *others]:
        first, end = max(column - 1, FIRST), min(column + width + 1, columns + 1)
        for line in taken[max(row - air - band.first_row, 0) : max(row + 1 - band.first_row + height, 0)]:
            line[first:end] = [True] * (end - first)
    return taken


def _lowest(number: int, request: Request, band: Band, taken: Taken, crossed: Set[int], last_column: int, room: int,
            home: int, columns: Sequence[Column]) -> Picture | None:  # fmt: skip
    """Below everything in some columns, or right of everything where the page has room for that: there where the band
    grows least, or at all events no less under its matrix; None where lines leave the band in all of them."""
    depth = len(taken) - request.rows - 1
    widest = last_column - FIRST
    best: tuple[tuple[int, bool, int], Picture] | None = None
    below = [max((r for r, cell in enumerate(lane, 1) if cell), default=1) for lane in zip(*taken, strict=True)]
    """By column, the first row under everything."""
    for narrow in (False,) if request.across else (False, True):
        for column in (home,) if request.across else range(FIRST + 1, max(room, FIRST + widest) + 1):
            width = max(min(columns_for(request, column, columns), widest), request.narrowest)
            width = min(request.columns, last_column - home + 1) if request.across else width
            if narrow and width == request.narrowest:
                continue
            width = request.narrowest if narrow else width
            if column + width - 1 > max(room, FIRST + width) or not crossed.isdisjoint(range(column, column + width)):
                continue
            row = max(below[column : column + width], default=1)
            grown = max(0, row + request.rows - depth + 1) + LITTLE * narrow
            found = grown, narrow, abs(column - home)
            if best is None or found < best[0]:
                best = found, Picture(number, band.first_row + row, column, request.rows, width, band.block.index)
    return best[1] if best else None


def _on_top(picture: Picture, band: Band, boxes: Sequence[Box]) -> Picture:
    """Above everything in its band, over the lane if it is wide enough."""
    lane = min((box.column for box in boxes if box.zone.part == 1), default=FIRST)
    right = max((box.right for box in boxes), default=FIRST)
    return replace(picture, row=band.first_row, column=lane if lane + picture.width <= right else FIRST)


def _largest(
    number: int, request: Request, band: Band, taken: Taken, last_column: int, home: int, columns: Sequence[Column]
) -> Picture | None:
    """In the empty rectangle within a band with the most cells, of those that count for a request, or with room for the
    largest plane, rather right of its matrix; None where no chart could be read."""
    best: tuple[int, int, int, int] | None = None
    size = (0.0, False)
    free = [0] * (last_column + 2)
    for r, line in enumerate(taken[: band.last_row - band.first_row]):
        stack: list[tuple[int, int]] = []
        for c in range(FIRST, last_column + 2):
            depth = free[c] = free[c] + 1 if c <= last_column and not line[c] else 0
            start = c
            while stack and stack[-1][1] > depth:
                start, high = stack.pop()
                width, rows = c - start, min(high, request.rows)
                useful = min(width, columns_for(request, start, columns))
                if high < request.least or width < request.narrowest:
                    continue
                worth = float(rows * useful) if request.plane is None else side(request, rows, start, useful, columns)
                if (worth, start > home) > size:
                    size, best = (worth, start > home), (r - high + 1, start, rows, max(useful, request.narrowest))
            if not stack or stack[-1][1] < depth:
                stack.append((start, depth))
    if best is None:
        return None
    row, column, height, width = best
    return Picture(number, band.first_row + row, column, height, width, band.block.index)


def side(request: Request, height: int, column: int, width: int, columns: Sequence[Column]) -> float:
    """How wide, in points, a plane may be in so many rows and columns."""
    wide, high = across(columns, column, width), height * measure.ROW_HEIGHT
    return wide if request.plane is None else request.plane.wide(wide, high, STEEP)


def columns_for(request: Request, column: int, columns: Sequence[Column]) -> int:
    """How many columns a chart takes from one on: if it is a plane, no more than its height is of use for."""
    if request.plane is None:
        return request.columns
    high = request.rows * measure.ROW_HEIGHT - request.plane.above
    wide = high / STEEP + request.plane.beside + request.plane.right
    return next(n for n in count(1) if n == request.columns or across(columns, column, n) >= wide)


def across(columns: Sequence[Column], first: int, width: int) -> float:
    """Points of so many columns; further ones than the page has are as wide as those of numbers."""
    covered = columns[first - 1 : first - 1 + width]
    return measure.POINTS * (sum(column.width for column in covered) + CELL * (width - len(covered)))
