"""What a matrix, its rows and its columns are called, as the page around it says."""

from __future__ import annotations

from sheetgen.book.labels import clean
from sheetgen.layout.plan import Region, SheetPlan


def called(sheet: SheetPlan, region: Region) -> tuple[list[str], list[str], str]:
    """Names of the rows and of the columns, where small print beside them has one for each, and the caption over it."""
    texts = {(label.row, label.column): clean(label.text) for label in sheet.labels if label.style == "label"}
    rows = range(region.row, region.row + region.height)
    columns = range(region.column, region.column + region.width)
    beside = [[texts.get((row, column), "") for row in rows] for column in (columns.start - 1, columns.stop)]
    around = [[texts.get((row, column), "") for column in columns]
              for row in (rows.start - 1, rows.stop, rows.start - 2, rows.stop + 1)]  # fmt: skip
    captions = [
        label.text for label in sheet.labels
        if label.style == "name" and label.row == region.row - 1 - (around[0] != [""] * region.width)
        and label.column in columns
    ]  # fmt: skip
    return _whole(beside), _whole(around), clean(captions[0]) if captions else ""


def _whole(options: list[list[str]]) -> list[str]:
    return next((names for names in options if all(names)), [])
