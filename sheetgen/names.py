"""Names of matrices: what a spec may call them, and what a workbook calls them."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

from openpyxl.utils import column_index_from_string

from sheetgen.errors import SpecError
from sheetgen.limits import LAST_COLUMN, LAST_ROW
from sheetgen.syntax import known_functions

LONGEST = 80
"""Leaves room for what the compiler adds: `d{loss}_d{name}_T`."""

RESERVED = frozenset(
    {"criteria", "extract", "print_area", "print_titles", "consolidate_area", "sheet_title", "_filterdatabase"}
)
"""Names that spreadsheets keep for themselves, lower-cased."""


def excel_name(name: str) -> str:
    """The defined name of matrix `name` in a workbook.

    `_` follows what reads as a cell (`W1` is one) and precedes what begins like a reference
    in R1C1 style (`C1`, `R2_new`) or is reserved; other names stay as they are.
    """
    low = name.lower()
    if re.match(r"r\d*c\d|[rc]\d", low) or low in {"rc", "true", "false"} | RESERVED or low.startswith("_xl"):
        return "_" + name
    if low in {"r", "c"}:
        return name + "_"
    cell = re.fullmatch(r"([A-Za-z]{1,3})(\d+)", name)
    if cell and column_index_from_string(cell[1]) <= LAST_COLUMN and 1 <= int(cell[2]) <= LAST_ROW:
        return name + "_"
    return name


def check_name(name: str) -> None:
    """Raise SpecError unless `name` may be used for a matrix (or a graph's adjacency)."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name, re.ASCII):
        problem = "can't be a name: names consist of the letters A to Z, digits and `_`, and don't start with a digit"
    elif keyword.iskeyword(name):
        problem = "is a word of the expression language (Python's), so it can't be a name"
    elif name in known_functions():
        problem = f"is a function, so it can't be a name; `{name}_1` could"
    elif len(name) > LONGEST:
        problem = f"is too long for a name: {LONGEST} characters at most"
    else:
        return
    shown = name if len(name) <= LONGEST else name[:40] + "…"
    raise SpecError(f"`{shown}` {problem}.")


def collision(names: Iterable[str]) -> tuple[str, str, str] | None:
    """The first two names that a spreadsheet can't tell apart, and why; None if there are none.

    Raises nothing: the caller knows where the second of them stands.
    """
    seen: dict[str, str] = {}
    for name in names:
        key = excel_name(name).casefold()
        other = seen.setdefault(key, name)
        if key in seen and other is not name and other != name:
            if other.casefold() == name.casefold():
                why = f"`{other}` and `{name}` differ only in case, which spreadsheets can't tell apart"
            else:
                why = f"`{other}` and `{name}` would both be called `{excel_name(name)}` in the workbook"
            return other, name, why
    return None
