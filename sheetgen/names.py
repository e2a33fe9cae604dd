"""What a workbook calls its sheets and its matrices."""

from __future__ import annotations

import re
from collections.abc import Iterable

CANVAS, GRADIENTS, AFTER, DATA, TRAINING, MAP, STEPS, SPEC, CHART_DATA, CHECK = (
    "Canvas", "Gradients", "After the update", "Data", "Training", "Map", "Steps", "Spec", "Chart data", "Check"
)  # fmt: skip
FORWARD = "Forward pass"
"""What the bands of a forward pass without titles are called, where others follow that have some."""
NO_TOPIC = "Without a topic"
"""What lists of specs call those that name none."""
DRAWN = (CANVAS, GRADIENTS, AFTER)
"""The sheets that matrices are drawn on, in the order in which a box counts them."""
RESERVED = frozenset(
    {"criteria", "extract", "print_area", "print_titles", "consolidate_area", "sheet_title", "_filterdatabase"}
)
"""Names that spreadsheets keep for themselves, lower-cased."""


def excel_name(name: str) -> str:
    """The defined name of matrix `name` in a workbook, if no other matrix has it: see `excel_names`.

    `_` follows what reads as a cell (`W1` is one, and to some programs `H0` and `beta1`) and precedes what begins like
    one in R1C1 style (`C1`, `R2_new`) or is reserved; other names stay as they are.
    """
    low = name.lower()
    if re.match(r"r\d*c\d|[rc]\d", low) or low in {"rc", "true", "false"} | RESERVED or low.startswith("_xl"):
        return "_" + name
    if low in {"r", "c"}:
        return name + "_"
    return name + "_" if re.fullmatch(r"[A-Za-z]+\d+", name) else name


def excel_names(names: Iterable[str]) -> dict[str, str]:
    """The defined name of each matrix of a workbook, no two alike where case doesn't count.

    `names` come in the order of the program: of `W` and `w`, the second is called `w_`.
    """
    taken: set[str] = set()
    result: dict[str, str] = {}
    for name in dict.fromkeys(names):
        defined = excel_name(name)
        while defined.casefold() in taken:
            defined += "_"
        taken.add(defined.casefold())
        result[name] = defined
    return result


def free_name(name: str, taken: Iterable[str]) -> str:
    """`name`, followed by as many `_` as it takes to be none of `taken`, where case doesn't count."""
    others = {other.casefold() for other in taken}
    while name.casefold() in others:
        name += "_"
    return name


def also_called(name: str, defined: str) -> str:
    """What to tell a reader of a matrix that another one has the name of; empty for all others."""
    if defined == excel_name(name):
        return ""
    return f"In formulas it is called {defined}: {excel_name(name)} is another matrix there, as case doesn't count."
