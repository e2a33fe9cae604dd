"""Room for charts: the largest empty rectangle of a band, else rows of their own."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgen.layout.geometry.columns import FIRST
from sheetgen.layout.geometry.figure import Band, Box, Frame, Picture, Request

LEAST = (8, 6)
"""Rows and columns below which a chart can't be read."""


def pictures_in(requests: Sequence[Request], bands: Sequence[Band], boxes: Sequence[Box], frames: Sequence[Frame],
                last_column: int) -> list[Picture]:  # fmt: skip
    """The room for each request, in the band that makes its matrix; it may end below the band, which then must grow."""
    homes = {box.matrix: box.band for box in boxes if box.kind == "home" and box.sheet == 0}
    found: list[Picture] = []
    for k, request in enumerate(requests):
        tried = range(len(bands)) if request.optional else [homes.get(request.matrix, 0)] if bands else []
        for home in tried:
            here = [box for box in boxes if box.band == home and box.sheet == 0]
            framed = [frame for frame in frames if frame.band == home]
            others = [picture for picture in found if picture.band == home]
            picture = _picture(k, request, bands[home], here, framed, last_column, others)
            if not request.optional or picture.row <= bands[home].last_row:
                found.append(picture)
                break
    return found


def _picture(number: int, request: Request, band: Band, boxes: Sequence[Box], frames: Sequence[Frame], last_column: int,
               others: Sequence[Picture]) -> Picture:  # fmt: skip
    first = band.block.index == 0 and not request.matrix and not request.optional
    depth = band.last_row - band.first_row + 1
    rows = max(depth, request.rows + 1) if first else depth
    taken = [[False] * (last_column + 1) for _ in range(rows)]

    def fill(row: int, column: int, height: int, width: int) -> None:
        for r in range(max(row - band.first_row, 0), min(row - band.first_row + height, rows)):
            for c in range(max(column - 1, FIRST), min(column + width + 1, last_column + 1)):
                taken[r][c] = True

    for box in boxes:
        head = 0 if box.caption is None else box.row - box.caption.row
        fill(box.row - head, box.column, box.height + head, box.width)
    for frame in frames:
        fill(frame.row, frame.column, frame.height, frame.width)
    for other in others:
        fill(other.row, other.column, other.height, other.width)
    wanted = (max(min(request.rows, rows), LEAST[0]), min(request.columns, max(last_column - FIRST + 1, LEAST[1])))
    found = _largest(taken, last_column, request)
    if found is not None and found[2] >= LEAST[0] and found[3] >= LEAST[1]:
        r, c, height, width = found
        height, width = min(height, request.rows), min(width, request.columns)
        return Picture(number, band.first_row + r, c, height, width, band.block.index)
    bottom = max([band.last_row, *(p.row + p.height - 1 for p in others)])
    return Picture(number, bottom + 1, FIRST, request.rows, wanted[1], band.block.index)


def _largest(taken: Sequence[Sequence[bool]], last_column: int, request: Request) -> tuple[int, int, int, int] | None:
    """Row, column, height and width of the empty rectangle with the most cells, of those that count for a request."""
    best: tuple[int, int, int, int] | None = None
    size = 0
    free = [0] * (last_column + 2)
    for r, line in enumerate(taken):
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
    return best
