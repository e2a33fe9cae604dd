"""Which cells of a page are taken."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from sheetgen.layout.geometry.figure import Box

AROUND = 2
"""Rows and columns that are known to be free beyond all that is taken."""


class Grid:
    """The cells of a page, sheet by sheet, and whether something stands in them."""

    def __init__(self, rows: int = 0, columns: int = 0) -> None:
        """`rows` and `columns` that a sheet begins with."""
        self.size = rows + AROUND, columns + AROUND
        self.sheets: dict[int, np.ndarray] = {}

    def sheet(self, number: int, rows: int = 0, columns: int = 0) -> np.ndarray:
        """Whether the cells of a sheet are taken, by row and column, for so many rows and columns at least."""
        found = self.sheets.get(number)
        if found is None:
            found = self.sheets[number] = np.zeros(self.size, dtype=bool)
        high, wide = found.shape
        if high < rows + AROUND or wide < columns + AROUND:
            found = np.zeros((max(high, 2 * rows + AROUND), max(wide, 2 * columns + AROUND)), dtype=bool)
            found[:high, :wide] = self.sheets[number]
            self.sheets[number] = found
        return found

    def take(self, sheet: int, row: int, column: int, height: int = 1, width: int = 1) -> None:
        """Mark a rectangle of cells."""
        below, right = row + height, column + width
        self.sheet(sheet, below, right)[row:below, column:right] = True

    def free(self, sheet: int, row: int, column: int, height: int = 1, width: int = 1) -> bool:
        """Whether nothing stands in a rectangle of cells."""
        found = self.sheets.get(sheet)
        if found is None:
            return True
        cells = found[max(row, 0) : row + height, max(column, 0) : column + width]
        return 1 not in cells.tobytes()  # numpy's own `any` takes five times as long

    def cells(self, sheet: int, rows: int, columns: int) -> np.ndarray:
        """Whether something stands in each of the first rows and columns."""
        return self.sheet(sheet, rows, columns)[:rows, :columns].copy()

    def until(self, sheet: int, row: int, column: int, last: int) -> int:
        """The first column from `column` on in which something stands, or `last`."""
        found = self.sheets.get(sheet)
        cells = [] if found is None or row >= len(found) else found[row, column:last].nonzero()[0].tolist()
        return column + cells[0] if cells else last


def grid_of(boxes: Collection[Box]) -> Grid:
    """The cells of boxes."""
    taken = Grid(max((box.below for box in boxes), default=0), max((box.right for box in boxes), default=0))
    for box in boxes:
        taken.take(box.sheet, box.row, box.column, box.height, box.width)
    return taken
