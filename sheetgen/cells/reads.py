"""What a formula reads, and the same formula in another place."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from sheetgen.cells.a1 import Rect, column_number, letters

REFERENCE = re.compile(
    r"(?:'((?:[^']|'')+)'!|([A-Za-z_]\w*)!)?"
    r"(?<![\w.$])\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?(?![\w(])"
)
TEXT = re.compile(r'"(?:[^"]|"")*"')
QUOTED = re.compile(r"""("(?:[^"]|"")*"|'(?:[^']|'')*')""")
"""Texts, and names of sheets."""
CELL = re.compile(r"(?<![\w.])(\$?)([A-Z]{1,3})(\$?)(\d+)(?![\w(])")

Place = Callable[[int], int]
"""Where a row or a column goes."""


@lru_cache(1 << 14)
def reads(formula: str, sheet: str) -> tuple[Rect, ...]:
    """The cells that a formula of `sheet` reads, in the order of the formula; names aren't followed."""
    found = []
    for quoted, plain, left, top, right, bottom in REFERENCE.findall(TEXT.sub('""', formula)):
        row, column = int(top), column_number(left)
        height = int(bottom) - row + 1 if bottom else 1
        width = column_number(right) - column + 1 if right else 1
        found.append(Rect(quoted.replace("''", "'") or plain or sheet, row, column, height, width))
    return tuple(found)


def moved(formula: str, column: Place, row: Place = lambda row: row) -> str:
    """The formula once columns and rows went elsewhere, on every sheet alike."""

    def cell(found: re.Match[str]) -> str:
        return f"{found[1]}{letters(column(column_number(found[2])))}{found[3]}{row(int(found[4]))}"

    parts = QUOTED.split(formula)
    return "".join(part if k % 2 else CELL.sub(cell, part) for k, part in enumerate(parts))
