"""Charts as large as the free cells around them let them be, within reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace

from sheetgen.layout.geometry.figure import Band, Box, Column, Picture, Request
from sheetgen.layout.geometry.pictures import Area, Taken, side, taken_in

GROWN, SQUARE = 1.6, 1.8
"""How many times larger than it needs to be a picture becomes where nothing else stands; rows of one that is as high as
it is wide, for each column."""


@dataclass(frozen=True)
class _Room:
    """The free cells of a band, with the rows of names in it, where a page may break; rows count from its first one."""

    taken: Taken
    named: Set[int]
    floor: int
    """The row under the last one that a picture may have."""
    columns: Sequence[Column]

    def free(self, row: int, columns: range) -> bool:
        """Whether a picture may grow into a row, in which none has begun."""
        return 0 < row < self.floor and row not in self.named and not any(self.taken[row][c] for c in columns)

    def open(self, column: int, rows: range) -> bool:
        """Whether a picture may grow into a column of the page."""
        return 0 < column <= len(self.columns) and not any(self.taken[row][column] for row in rows)


def enlarged(pictures: Sequence[Picture], wanted: Sequence[Request], bands: Sequence[Band], boxes: Sequence[Box],
             lines: Sequence[Area], columns: Sequence[Column]) -> list[Picture]:  # fmt: skip
    """The pictures, each as large as the free cells around it let it be; none over the row of a name, where a page may
    break. `columns` are those of the page."""
    found = list(pictures)
    for k, picture in enumerate(found):
        request = wanted[picture.request]
        if not request.grows:
            continue
        band = bands[picture.band]
        others = [(p.row, p.column, p.height, p.width) for p in found if p.band == picture.band and p is not picture]
        standing = [*others, *(area for area in lines if area[0] <= band.last_row)]
        taken = taken_in(band, 0, len(columns), boxes, standing, 1)
        named = {box.caption.row - band.first_row for box in boxes
                 if box.caption and box.sheet == 0 and box.band == picture.band}  # fmt: skip
        words = len(taken) - 1 - band.words
        end = picture.row + picture.height - band.first_row
        room = _Room(taken, named, words if end <= words else len(taken) - 1, columns)
        from_band = replace(picture, row=picture.row - band.first_row)
        larger = _enlarged(from_band, request, room) if request.plane is None else _widest(from_band, request, room)
        found[k] = replace(larger, row=larger.row + band.first_row)
    return found


def _widest(picture: Picture, request: Request, room: _Room) -> Picture:
    """With the largest plane that the free cells around a picture have room for, in as few of them as that takes."""
    def plane(p: Picture) -> float:
        return side(request, p.height, p.column, p.width, room.columns)

    around = _around(picture, round(GROWN * request.rows), room)
    found = max(around, key=lambda p: (plane(p), -p.height * p.width))
    slimmer = (replace(found, width=wide) for wide in range(picture.width, found.width + 1))
    return next(each for each in slimmer if plane(each) >= plane(found))


def _around(picture: Picture, most: int, room: _Room) -> Iterator[Picture]:
    """Pictures of at most so many rows that cover a picture, each as wide as it may be."""
    across = range(picture.column, picture.column + picture.width)
    yield picture
    top = picture.row
    while top == picture.row or room.free(top, across):
        end = picture.row + picture.height
        while end == picture.row + picture.height or room.free(end - 1, across):
            if end - top > most and end - top > picture.height:
                break
            right = across.stop
            while room.open(right, range(top, end)):
                right += 1
            yield replace(picture, row=top, height=end - top, width=right - picture.column)
            end += 1
        top -= 1


def _enlarged(picture: Picture, request: Request, room: _Room) -> Picture:
    """First wider, then higher, as far as its width allows that."""
    found = picture if request.across else _wider(picture, round(GROWN * request.columns), room)
    return _higher(found, max(picture.height, round(min(GROWN * request.rows, SQUARE * found.width))), room)


def _wider(picture: Picture, most: int, room: _Room) -> Picture:
    right, rows = picture.column + picture.width, range(picture.row, picture.row + picture.height)
    while right - picture.column < most and room.open(right, rows):
        right += 1
    return replace(picture, width=right - picture.column)


def _higher(picture: Picture, most: int, room: _Room) -> Picture:
    top, end = picture.row, picture.row + picture.height
    across = range(picture.column, picture.column + picture.width)
    while end - top < most and room.free(end, across):
        end += 1
    while end - top < most and room.free(top - 1, across):
        top -= 1
    return replace(picture, row=top, height=end - top)
