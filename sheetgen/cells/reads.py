"""What a formula reads, and the same formula where columns were put in."""

from __future__ import annotations

import re

from sheetgen.cells.a1 import Rect, column_number, letters

REFERENCE = re.compile(
    r"(?:'((?:[^']|'')+)'!|([A-Za-z_]\w*)!)?"
    r"(?<![\w.$])\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?(?![\w(])"
)
TEXT = re.compile(r'"(?:[^"]|"")*"')
QUOTED = re.compile(r"""("(?:[^"]|"")*"|'(?:[^']|'')*')""")
"""Texts, and names of sheets."""
COLUMN = re.compile(r"(?<![\w.])(\$?)([A-Z]{1,3})(?=\$?\d+(?![\w(]))")


def reads(formula: str, sheet: str) -> list[Rect]:
    """The cells that a formula of `sheet` reads, in the order of the formula; names aren't followed."""
    found = []
    for quoted, plain, left, top, right, bottom in REFERENCE.findall(TEXT.sub('""', formula)):
        row, column = int(top), column_number(left)
        height = int(bottom) - row + 1 if bottom else 1
        width = column_number(right) - column + 1 if right else 1
        found.append(Rect(quoted.replace("''", "'") or plain or sheet, row, column, height, width))
    return found


def moved(formula: str, after: int, by: int) -> str:
    """The formula once `by` columns were put in behind column `after` on every sheet."""

    def column(found: re.Match[str]) -> str:
        number = column_number(found[2])
        return found[1] + letters(number + by if number > after else number)

    parts = QUOTED.split(formula)
    return "".join(part if k % 2 else COLUMN.sub(column, part) for k, part in enumerate(parts))
