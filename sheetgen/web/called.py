"""What a matrix, its rows and its columns are called, as the page around it says."""

from __future__ import annotations

from sheetgen.book.labels import clean
from sheetgen.layout.plan import Region, SheetPlan


def called(sheet: SheetPlan, region: Region) -> tuple[list[str], list[str], str]:
    """Names of the rows and of the columns, where small print beside them has one for each, and the caption over it."""
    texts = {(label.row, label.column): clean(label.text) for label in sheet.labels if label.style == "label"}
    starts = {(r.row + i, r.column + j) for r in sheet.regions for i, j in ((0, k) for k in range(r.width))}
    starts |= {(r.row + i, r.column) for r in sheet.regions for i in range(r.height)}
    rows = [(row, 0) for row in range(region.row, region.row + region.height)]
    columns = [(0, column) for column in range(region.column, region.column + region.width)]
    left, right = region.column - 1, region.column + region.width
    top, bottom = region.row - 1, region.row + region.height

    def line(cells: list[tuple[int, int]], down: int, across: int, step: tuple[int, int]) -> list[str]:
        """The small print beside these cells, if it begins and ends with them and isn't what another matrix begins
        with."""
        places = [(row + down, column + across) for row, column in cells]
        (i, j), (k, m) = places[0], places[-1]
        if (i - (step[1] != 0), j - (step[0] != 0)) in texts or (k + (step[1] != 0), m + (step[0] != 0)) in texts:
            return []
        beyond = (i + step[0], j + step[1])
        return [] if beyond in starts and min(step) >= 0 else [texts.get(place, "") for place in places]

    beside = [line(rows, 0, left, (0, -1)), line(rows, 0, right, (0, 1))]
    over, under = (-1, 0), (1, 0)
    around = [line(columns, top, 0, over), line(columns, bottom, 0, under), line(columns, top - 1, 0, over),
              line(columns, bottom + 1, 0, under)]  # fmt: skip
    captions = [
        label.text for label in sheet.labels
        if label.style == "name" and label.row == top - any(around[0]) and (0, label.column) in columns
    ]  # fmt: skip
    return _whole(beside), _whole(around), clean(captions[0]) if captions else ""


def _whole(options: list[list[str]]) -> list[str]:
    return next((names for names in options if names and all(names)), [])
