"""Room for charts: the largest empty rectangle of a band, else rows of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sheetgen.layout.geometry.columns import FIRST
from sheetgen.layout.geometry.figure import Band, Box, Frame, Picture, Rail, Request
from sheetgen.layout.geometry.lines import right_of

LEAST = (8, 6)
"""Rows and columns below which a chart can't be read."""
SCREEN = 38
"""Rows that a screen shows at once."""
Taken = list[list[bool]]
"""By row of a band and column of the page, whether something stands there or right beside it."""


def pictures_in(requests: Sequence[Request], bands: Sequence[Band], boxes: Sequence[Box], frames: Sequence[Frame],
                rails: Sequence[Rail], last_column: int, room: int) -> tuple[list[Picture], int]:  # fmt: skip
    """The room for each request, in the band that makes its matrix, and how many rows everything else in the first band
    moves down for it.

    A picture may end below its band, which then must grow, or right of the page's last column, up to column `room`.
    """
    lines = [rail for rail in rails if rail.sheet == 0]
    homes = {box.matrix: box for box in boxes if box.kind == "home" and box.sheet == 0}
    found: list[Picture] = []
    lowered = 0
    for k, request in enumerate(requests):
        home = homes[request.matrix].band if request.matrix in homes else 0
        tried = range(len(bands)) if request.optional else range(home, home + 1) if bands else ()
        for at in tried:
            here = [box for box in boxes if box.band == at and box.sheet == 0]
            framed = [frame for frame in frames if frame.band == at]
            others = [picture for picture in found if picture.band == at]
            taken = _taken(bands[at], request.rows, max(room, last_column), here, framed, lines, others)
            picture = _largest(k, request, bands[at], taken, last_column)
            if picture is None and not request.optional:
                picture = _lowest(k, request, bands[at], taken, last_column, room, lines)
                given = request.matrix in homes and homes[request.matrix].expr is None
                if given and at == 0 and picture.row + picture.height > SCREEN and bands[0].block.loop is None:
                    picture, lowered = _on_top(picture, bands[0], here), lowered + picture.height + 1
            if picture is not None:
                found.append(picture)
                break
    return [p if p.band or p.row == bands[0].first_row else replace(p, row=p.row + lowered) for p in found], lowered


def _taken(band: Band, more: int, columns: int, boxes: Sequence[Box], frames: Sequence[Frame], rails: Sequence[Rail],
           others: Sequence[Picture]) -> Taken:  # fmt: skip
    """The cells of a band and of `more` rows under it."""
    taken = [[False] * (columns + 1) for _ in range(band.last_row - band.first_row + 1 + more)]

    def fill(row: int, column: int, height: int, width: int) -> None:
        for r in range(max(row - band.first_row, 0), min(row - band.first_row + height, len(taken))):
            for c in range(max(column - 1, FIRST), min(column + width + 1, columns + 1)):
                taken[r][c] = True

    for box in boxes:
        fill(box.top, box.column, box.below - box.top, box.width)
    areas: list[Frame | Picture] = [*frames, *others]
    for area in areas:
        fill(area.row, area.column, area.height, area.width)
    for rail in rails:
        fill(rail.rows.start, rail.column, len(rail.rows), 1)
    return taken


def _lowest(number: int, request: Request, band: Band, taken: Taken, last_column: int, room: int,
            rails: Sequence[Rail]) -> Picture:  # fmt: skip
    """Below everything in some columns, or right of everything where the page has room for that: there where the band
    grows least, or at all events no less on the left."""
    depth = len(taken) - request.rows
    best: tuple[int, int, int, int] | None = None
    for width in dict.fromkeys((max(min(request.columns, last_column - FIRST + 1), LEAST[1]), LEAST[1])):
        for column in range(FIRST, room + 2 - width):
            rows = [r + 1 for r, line in enumerate(taken) if any(line[column : column + width])]
            row = max(rows, default=-1) + 1
            grown = max(0, row + request.rows - depth)
            if best is None or grown < best[0]:
                best = (grown, row, column, width)
    if best is None:
        through = [rail for rail in rails if rail.column < FIRST + LEAST[1]]
        column = right_of(through, band.last_row + 1, request.rows, FIRST)
        return Picture(number, band.last_row + 1, column, request.rows, LEAST[1], band.block.index)
    _, row, column, width = best
    return Picture(number, band.first_row + row, column, request.rows, width, band.block.index)


def _on_top(picture: Picture, band: Band, boxes: Sequence[Box]) -> Picture:
    """Above everything in its band, over the lane if it is wide enough."""
    lane = min((box.column for box in boxes if box.zone.part == 1), default=FIRST)
    right = max((box.right for box in boxes), default=FIRST)
    return replace(picture, row=band.first_row, column=lane if lane + picture.width <= right else FIRST)


def _largest(number: int, request: Request, band: Band, taken: Taken, last_column: int) -> Picture | None:
    """In the empty rectangle within a band with the most cells, of those that count for a request; None where no chart
    could be read."""
    best: tuple[int, int, int, int] | None = None
    size = 0
    free = [0] * (last_column + 2)
    for r, line in enumerate(taken[: len(taken) - request.rows]):
        stack: list[tuple[int, int]] = []
        for c in range(FIRST, last_column + 2):
            depth = free[c] = free[c] + 1 if c <= last_column and not line[c] else 0
            start = c
            while stack and stack[-1][1] > depth:
                start, high = stack.pop()
                width = c - start
                cells = min(high, request.rows) * min(width, request.columns)
                if high >= LEAST[0] and width >= LEAST[1] and cells > size:
                    size, best = cells, (r - high + 1, start, high, width)
            if not stack or stack[-1][1] < depth:
                stack.append((start, depth))
    if best is None:
        return None
    row, column, height, width = best
    height, width = min(height, request.rows), min(width, request.columns)
    return Picture(number, band.first_row + row, column, height, width, band.block.index)
