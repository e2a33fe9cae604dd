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
        self.taken = np.zeros((64, 4), dtype=np.int64)
        self.count = 0

    def claim(self, box: Box) -> None:
        """Take a box."""
        if self.count == len(self.taken):
            self.taken = np.vstack([self.taken, np.zeros_like(self.taken)])
        self.taken[self.count] = (box.row, box.bottom, box.column, box.right)
        self.count += 1

    def free(self, *boxes: Box) -> bool:
        """Whether no cell of the boxes is taken."""
        taken = self.taken[: self.count]
        return not any(
            (
                (taken[:, 0] <= box.bottom) & (taken[:, 1] >= box.row)
                & (taken[:, 2] <= box.right) & (taken[:, 3] >= box.column)
            ).any()
            for box in boxes
        )  # fmt: skip

    def since(self, count: int) -> list[Box]:
        """The boxes taken after the first `count`."""
        return [
            Box(int(top), int(left), int(bottom - top + 1), int(right - left + 1))
            for top, bottom, left, right in self.taken[count : self.count]
        ]

    def right(self, top: int | None = None, bottom: int | None = None) -> int | None:
        """Last column taken in the rows from `top` to `bottom` (all by default); None where there is nothing."""
        taken = self.taken[: self.count]
        if top is not None and bottom is not None:
            taken = taken[(taken[:, 0] <= bottom) & (taken[:, 1] >= top)]
        return int(taken[:, 3].max()) if len(taken) else None

    def extent(self) -> Box:
        """The rectangle around everything."""
        taken = self.taken[: self.count]
        if not len(taken):
            return Box(0, 0, 1, 1)
        top, bottom, left, right = taken[:, 0].min(), taken[:, 1].max(), taken[:, 2].min(), taken[:, 3].max()
        return Box(int(top), int(left), int(bottom - top + 1), int(right - left + 1))
