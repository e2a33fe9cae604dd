"""What a matrix, its rows and its columns are called, as the page around it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sheetgen.book.labels import clean
from sheetgen.layout.plan import Region, SheetPlan

Cell = tuple[int, int]


@dataclass(frozen=True)
class Called:
    """The names of rows and of columns, none where they have none, and the caption."""

    rows: Sequence[str]
    columns: Sequence[str]
    caption: str


def called(sheet: SheetPlan, region: Region) -> Called:
    """What stands beside a matrix on its sheet."""
    small = {(label.row, label.column): clean(label.text) for label in sheet.labels if label.style == "label"}
    heads = {(label.row, label.column): clean(label.text) for label in sheet.labels if label.style == "name"}
    others = {(r.row + i, r.column + j) for r in sheet.regions if r is not region
              for i in range(r.height) for j in range(r.width) if not (i and j)}  # fmt: skip
    rows = range(region.row, region.row + region.height)
    columns = range(region.column, region.column + region.width)
    upright = [[(row, column) for row in rows] for column in (columns.start - 1, columns.stop)]
    lines = (rows.start - 1, rows.stop, rows.start - 2, rows.stop + 1)
    level = [[(row, column) for column in columns] for row in lines]
    before = {columns.start - 1, rows.start - 1, rows.start - 2}
    names = [
        next((found for line in options if (found := _names(line, small, others, line[0][at] not in before, at))), [])
        for options, at in ((upright, 1), (level, 0))
    ]
    top = rows.start - (2 if any((rows.start - 1, column) in small for column in columns) else 1)
    caption = next((heads[top, column] for column in columns if (top, column) in heads), "")
    return Called(names[0], names[1], caption)


def _names(line: Sequence[Cell], small: Mapping[Cell, str], others: set[Cell], behind: bool, at: int) -> list[str]:
    """The small print in a line of cells: if it has one for each, goes on at neither end, and isn't, `behind` the
    matrix, that of another one that begins there. `at` is the number that the line's cells share."""

    def moved(cell: Cell, along: int, away: int) -> Cell:
        return (cell[0] + along, cell[1] + away) if at else (cell[0] + away, cell[1] + along)

    if moved(line[0], -1, 0) in small or moved(line[-1], 1, 0) in small:
        return []
    if behind and moved(line[0], 0, 1) in others:
        return []
    return [small[cell] for cell in line] if all(small.get(cell) for cell in line) else []
