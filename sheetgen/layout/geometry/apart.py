"""On the sheet of the gradients, what has no room next to its reader: a copy in the nearest free cells of the band, so
that the sheet can be worked through on paper without the first one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sheetgen.ir.node import Node
from sheetgen.ir.node import matrix as leaf
from sheetgen.layout.geometry import nodes, operands
from sheetgen.layout.geometry.abreast import abreast
from sheetgen.layout.geometry.columns import FIRST, GUTTER
from sheetgen.layout.geometry.figure import Band, Box, Column
from sheetgen.layout.geometry.fit import PORTRAIT, pixels, room_for_pictures
from sheetgen.layout.geometry.partners import GRADIENTS, Sheet, inside, shown
from sheetgen.layout.geometry.readings import Asked
from sheetgen.layout.measure import FULLER, ROW_HEIGHT, Print, likely
from sheetgen.records import replace

REACH = 8
"""Rows above and below a box in which a copy may still stand."""
DOWN, LEFT, UNEVEN, ROW = 3.0, 0.5, 4.0, 0.1
"""What a row between a copy and its box weighs, in columns; what standing left of it; beginning on another row, and
each row by which it does."""
BESIDE = 4
"""Columns up to which copies of several turns stand each near its own box."""
MOST = 6
"""Sheets of paper up to which gradients are worked through by hand."""
NEARLY = 0.97
"""The least share of its scale that the sheet keeps."""

Corner = tuple[int, int]


def with_copies_apart(
    sheet: Sheet, boxes: Sequence[Box], last: int, title_rows: int,
    columns_with: Callable[[Sequence[Box]], Sequence[Column]],
) -> list[Box]:  # fmt: skip
    """All boxes, and copies of what gradients read of the first sheet, or far away, if theirs isn't too long to be
    worked through: in any cells, if it is printed as before; else only in columns in which numbers stand anyway, else
    in such rows too. `columns_with` gives the columns of a page with these boxes, of which `last` is the last one now.
    """
    columns, found = columns_with(boxes), list(boxes)
    before, wide = print_of(boxes, columns, sheet.bands, title_rows), pixels(columns)
    if before.sheets > MOST:
        return found
    families = {box.key: k for k, group in enumerate(abreast(boxes)) for box in group}
    for any_rows, any_columns in ((True, True), (True, False), (False, False)):
        reach = max(last, room_for_pictures(columns)) if any_columns else last
        found = _Copies(sheet, boxes, reach, any_rows, any_columns).placed(boxes, families)
        if len(found) == len(boxes):
            break
        there = columns_with(found)
        now, width = print_of(found, there, sheet.bands, title_rows), pixels(there)
        wider = width > wide and FULLER * width > PORTRAIT
        if not wider and now.sheets <= before.sheets and now.scale >= NEARLY * before.scale:
            break
    return found


def print_of(boxes: Sequence[Box], columns: Sequence[Column], bands: Sequence[Band], title_rows: int) -> Print:
    """How the sheet of the gradients is likely printed, which shows one empty row where several follow one another."""
    here = [box for box in boxes if box.sheet == GRADIENTS and box.band >= 0]
    full = {row for box in here for row in range(box.top, box.below)}
    found = [row for k in {box.band for box in here} for row in range(bands[k].first_row, bands[k].last_row + 1)
             if row in full or row - 1 in full]  # fmt: skip
    return likely(sum(column.width for column in columns), (title_rows + len(found)) * ROW_HEIGHT)


class _Copies:
    """The copies on the sheet, while they are placed."""

    def __init__(self, sheet: Sheet, boxes: Sequence[Box], last: int, any_rows: bool, any_columns: bool) -> None:
        """Up to a `last` column, they may stand in `any_rows`, `any_columns`, or only in those that hold numbers
        otherwise too."""
        self.sheet = sheet
        self.made: list[Box] = []
        self.taken = sheet.cells(last)
        """The cells in which something stands."""
        self.numbers = np.zeros_like(self.taken)
        """Those that hold numbers: no others stand right above them."""
        self.tall, self.wide = np.full(len(self.taken), any_rows), np.full(len(self.taken[0]), any_columns)
        """The rows and columns that may hold numbers."""
        self.wide[:FIRST] = False
        self.shown: dict[tuple[Node, int], str] = {}
        """By what they show, and their band."""
        for band in sheet.bands:
            self.taken[band.first_row] |= band.headed
        for box in boxes:
            self.wide[box.column : box.right] |= box.band >= 0
            if box.sheet == GRADIENTS:
                self.tall[box.row : box.below] = True
                self.numbers[box.row : box.below, box.column : box.right] = True
                if box.kind == "copy" and box.expr is not None:
                    self.shown[box.expr, box.band] = box.key

    def placed(self, boxes: Sequence[Box], families: Mapping[str, int]) -> list[Box]:
        """The boxes, reading the copies, and these: several operands of a sum of products all or none."""
        made: dict[str, Box] = {}
        here = (box for box in boxes if self.sheet.asks(box) and box.expr and not operands.is_operand(box.expr))
        for group in abreast(here):
            every = self.sheet.asked(group, families, True)
            parts = [one for one in every if not one[0].wish.sides and not self.sheet.second(one[0].wish.operand)]
            alone = [[one] for one in every if one[0].wish.sides]
            for several in [*alone, parts]:
                self.place(several)
            read: dict[str, dict[Node, Node]] = defaultdict(dict)
            for each in (each for several in [*alone, parts] for one in several for each in one):
                if (key := self.shown.get(_place(each))) is not None:
                    read[each.box.key][each.wish.operand] = leaf(key, each.wish.operand.shape)
            for box in group:
                if box.key in read and box.expr is not None:
                    made[box.key] = replace(box, expr=nodes.rebuild(box.expr, read[box.key].get))
        return [*(made.get(box.key, box) for box in boxes), *self.made]

    def place(self, several: Iterable[Sequence[Asked]]) -> None:
        """Copies for all who ask, if there is room for all of them."""
        taken, numbers, found = self.taken.copy(), self.numbers.copy(), list[tuple[Asked, Corner]]()
        for asked in several:
            new = {each.wish.operand: each for each in sorted(asked, key=lambda each: each.box.column)
                   if _place(each) not in self.shown}  # fmt: skip
            (height, width), readers = asked[0].wish.operand.shape, [each.box for each in new.values()]
            corners = self.corners(readers, height, width, taken, numbers) if readers else []
            if len(corners) < len(new) or 1 < len(new) < len(asked):
                return
            found += zip(new.values(), corners, strict=True)
            for row, column in corners:
                taken[row - 1 : row + height, column : column + width] = True
                numbers[row : row + height, column : column + width] = True
        self.taken, self.numbers = taken, numbers
        for each, corner in found:
            copy = shown(each, f"{each.box.key}@nearby{len(self.made) + 1}", corner, "right")
            self.made.append(copy)
            self.shown[_place(each)] = copy.key

    def corners(
        self, boxes: Sequence[Box], height: int, width: int, taken: np.ndarray, numbers: np.ndarray
    ) -> list[Corner]:
        """Corners of copies near all boxes, or in a row; none where there is no room."""
        first, band = boxes[0], self.sheet.bands[boxes[0].band]
        top, below = first.row - REACH - height, first.below + REACH + height
        rows = range(max(band.first_row, top), min(band.last_row + 1, below))
        here = slice(rows.start, rows.stop)
        cells = taken[here].copy()
        frames = [turn for turn in self.sheet.turns if turn.band <= first.band <= turn.last_band]
        own = next((range(f.column, f.column + f.width) for f in frames if inside(first, f)), None)
        for frame in frames if own is None else ():
            cells[:, frame.column : frame.column + frame.width] = True
        ground = _Ground(rows.start, cells, numbers[here], self.tall[here], self.wide)
        corners = _near_each(boxes, height, width, ground, own)
        return corners or ([] if own or len(boxes) == 1 else _in_a_row(boxes, height, width, ground))


def _place(asked: Asked) -> tuple[Node, int]:
    return asked.wish.operand, asked.box.band


@dataclass(frozen=True)
class _Ground:
    """An area of a sheet: its first row, the cells in which something stands, those that hold numbers, and the rows and
    columns that may hold some."""

    top: int
    taken: np.ndarray
    numbers: np.ndarray
    tall: np.ndarray
    wide: np.ndarray

    def free(self, height: int, starts: Sequence[int], width: int) -> np.ndarray:
        """At which corners (row, column) matrices have room that start so many columns further, with a row for their
        captions above, air on both sides, and no numbers right under them."""
        high, across = self.taken.shape
        whole = starts[-1] + width
        found = np.zeros(self.taken.shape, dtype=bool)
        if high < height + 2 or across < whole + 2:
            return found
        free = _none(self.taken, height + 1, whole + 2)[:-1] & _none(self.numbers, 1, whole + 2)[height + 1 :]
        found[1 : high - height, 1 : across - whole] = free
        for row in range(height):
            found[: high - row] &= self.tall[row:, None]
        for column in (start + k for start in starts for k in range(width)):
            found[:, : across - column] &= self.wide[column:]
        return found

    def nearest(self, room: np.ndarray, box: Box, height: int, width: int, most: float = np.inf) -> Corner | None:
        """The corner in `room` at which a matrix stands nearest to a box, if that is near enough."""
        high, across = self.taken.shape
        rows, columns = np.arange(self.top, self.top + high)[:, None], np.arange(across)[None, :]
        down = np.maximum(0, np.maximum(rows - box.below, box.row - rows - height))
        aside = np.maximum(0, np.maximum(columns - box.right, box.column - columns - width))
        uneven = UNEVEN * (rows != box.row) + ROW * np.abs(rows - box.row)
        far = DOWN * down + aside + uneven + LEFT * (columns < box.column)
        far[~room] = np.inf
        row, column = divmod(int(far.argmin()), across)
        return (self.top + row, column) if room[row, column] and far[row, column] <= most else None


def _none(cells: np.ndarray, height: int, width: int) -> np.ndarray:
    """Whether nothing stands in the rectangle of this size that begins at each cell, as far as it ends in the area."""
    sums = np.zeros((cells.shape[0] + 1, cells.shape[1] + 1), dtype=int)
    sums[1:, 1:] = cells.cumsum(0).cumsum(1)
    strips = sums[height:] - sums[:-height]
    none: np.ndarray = strips[:, width:] == strips[:, :-width]
    return none


def _near_each(boxes: Sequence[Box], height: int, width: int, ground: _Ground, own: range | None) -> list[Corner]:
    """A corner near each box, all at the same distance, the nearest; that of the first in its `own` columns, if these
    are framed."""
    room, first = ground.free(height, [0], width), boxes[0]
    for box in boxes[1:]:
        by, shifted = box.column - first.column, np.zeros_like(room)
        shifted[:, : room.shape[1] - by] = room[:, by:]
        room = room & shifted
    if own is not None:
        room[:, : own.start] = room[:, own.stop - width + 1 :] = False
    found = ground.nearest(room, first, height, width, np.inf if own is not None or len(boxes) == 1 else BESIDE)
    return [(found[0], found[1] + box.column - first.column) for box in boxes] if found is not None else []


def _in_a_row(boxes: Sequence[Box], height: int, width: int, ground: _Ground) -> list[Corner]:
    """Corners side by side for the copies of all turns, as near to the last box as there is room."""
    starts = [k * (width + GUTTER) for k in range(len(boxes))]
    found = ground.nearest(ground.free(height, starts, width), boxes[-1], height, starts[-1] + width)
    return [(found[0], found[1] + start) for start in starts] if found is not None else []
