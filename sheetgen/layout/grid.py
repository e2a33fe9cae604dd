"""What is taken on a sheet, and where there is room. Rows and columns may be negative until a sheet is finished."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Box(NamedTuple):
    """A rectangle of cells."""

    row: int
    column: int
    height: int
    width: int

    @property
    def bottom(self) -> int:
        """Last row."""
        return self.row + self.height - 1

    @property
    def right(self) -> int:
        """Last column."""
        return self.column + self.width - 1

    def grown(self, by: int = 1) -> Box:
        """With a margin all around."""
        return Box(self.row - by, self.column - by, self.height + 2 * by, self.width + 2 * by)


class Grid:
    """The boxes taken on one sheet."""

    def __init__(self) -> None:
        self.taken = np.zeros((4, 64), dtype=np.int64)
        """First row, last row, first column and last column of each box."""
        self.count = 0

    def claim(self, box: Box) -> None:
        """Take a box."""
        if self.count == self.taken.shape[1]:
            self.taken = np.hstack([self.taken, np.zeros_like(self.taken)])
        self.taken[:, self.count] = (box.row, box.bottom, box.column, box.right)
        self.count += 1

    def free(self, *boxes: Box) -> bool:
        """Whether no cell of the boxes is taken."""
        top, bottom, left, right = self.taken[:, : self.count]
        return not any(
            ((top <= box.bottom) & (bottom >= box.row) & (left <= box.right) & (right >= box.column)).any()
            for box in boxes
        )

    def since(self, count: int) -> list[Box]:
        """The boxes taken after the first `count`."""
        return [
            Box(int(top), int(left), int(bottom - top + 1), int(right - left + 1))
            for top, bottom, left, right in self.taken[:, count : self.count].T
        ]

    def right(self, top: int | None = None, bottom: int | None = None) -> int | None:
        """Last column taken in the rows from `top` to `bottom` (all by default); None where there is nothing."""
        first, last, _, right = self.taken[:, : self.count]
        if top is not None and bottom is not None:
            right = right[(first <= bottom) & (last >= top)]
        return int(right.max()) if right.size else None

    def extent(self) -> Box:
        """The rectangle around everything."""
        if not self.count:
            return Box(0, 0, 1, 1)
        tops, bottoms, lefts, rights = self.taken[:, : self.count]
        top, left = int(tops.min()), int(lefts.min())
        return Box(top, left, int(bottoms.max()) - top + 1, int(rights.max()) - left + 1)
