"""How formulas write what they refer to: letters of columns, rectangles of cells, texts."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from openpyxl.utils import column_index_from_string as column_number
from openpyxl.utils import get_column_letter

__all__ = ["Rect", "column_number", "letters", "prefix", "quoted", "reference", "span"]


class Rect(NamedTuple):
    """Where a matrix stands: sheet title, first row and column (1-based), height and width."""

    sheet: str
    row: int
    column: int
    height: int
    width: int
    still: bool | None = None
    """Whether its rows stay the same when a formula that reads it is filled down; None leaves that to the formula."""


@cache
def letters(column: int) -> str:
    """`A` for column 1, `AA` for 27."""
    return str(get_column_letter(column))


def span(row: int, column: int, height: int = 1, width: int = 1) -> str:
    """`B5:D8`, or `B5` for one cell."""
    first = f"{letters(column)}{row}"
    return first if height == width == 1 else f"{first}:{letters(column + width - 1)}{row + height - 1}"


def prefix(sheet: str, other: str) -> str:
    """`'Sheet'!` for a reference to another sheet."""
    return "" if sheet == other else "'" + other.replace("'", "''") + "'!"


def reference(rect: Rect, sheet: str, fixed: tuple[bool, bool] = (True, True)) -> str:
    """A1 notation of `rect` seen from `sheet`; `fixed` tells whether rows and columns get a `$`."""
    row, column = ("$" if f else "" for f in (fixed[0] if rect.still is None else rect.still, fixed[1]))
    first = f"{column}{letters(rect.column)}{row}{rect.row}"
    last = f"{column}{letters(rect.column + rect.width - 1)}{row}{rect.row + rect.height - 1}"
    return prefix(sheet, rect.sheet) + (first if first == last else f"{first}:{last}")


def quoted(text: str) -> str:
    """A text within a formula: `"so"`, with its own quotation marks doubled."""
    return '"' + text.replace('"', '""') + '"'
