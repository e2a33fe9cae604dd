"""Where no gradient comes through: cells that a ReLU's mask, or a window's largest, leaves at 0 whatever arrives."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sheetgen.cells.a1 import Rect, column_number
from sheetgen.cells.formula import cell_formula
from sheetgen.ir.node import Node
from sheetgen.layout.geometry.figure import Box
from sheetgen.layout.geometry.nodes import mask
from sheetgen.names import DRAWN
from sheetgen.ops.base import operation

CELL = re.compile(rf"'?{DRAWN[0]}'?!\$?([A-Z]+)\$?(\d+)(?::\$?([A-Z]+)\$?(\d+))?")
"""A reference to cells of the first sheet."""
ONES = "1"
"""The sheet on which whatever arrives would be 1."""
ARRIVING = re.compile(rf"'{ONES}'!\$?[A-Z]+\$?\d+(?!\d|:)")
"""A reference to a cell there."""
Named = list[tuple[Box, str]]
"""Boxes of the first sheet that have names."""


def blocked(box: Box, expr: Node | None, at: Mapping[str, Rect], named: Named) -> tuple[str, ...]:
    """The conditions under which cells of a gradient on a further sheet are blocked: one for its first cell that holds
    for the others as well, or one for each cell; none where nothing is blocked.

    What stands on the first sheet is read by its name: rules can't refer to other sheets in all programs.
    """
    if not box.sheet or box.phase != "backward" or expr is None or expr.is_leaf:
        return ()
    condition, sheet = mask(expr), DRAWN[box.sheet]
    if condition is not None and all(ref.shape == expr.shape for ref in condition.references):
        texts = [f"NOT({cell_formula(condition, 0, 0, at.__getitem__, sheet).text})"]
        away: tuple[int, int] | None = (box.row - 1, box.column - 1)
    elif operation(expr).kind == "range" and operation(expr).selects:
        kept = operation(expr).selects
        arriving = {ref.name for k, arg in enumerate(expr.args) if k not in kept for ref in arg.references}
        moved = {**at, **{name: at[name]._replace(sheet=ONES) for name in arriving}}
        cells = ((i, j) for i in range(box.height) for j in range(box.width))
        made = [cell_formula(expr, i, j, moved.__getitem__, sheet).text for i, j in cells]
        texts, away = [f"{ARRIVING.sub('1', text)}=0" for text in made], None
        if any(f"'{ONES}'!" in text for text in texts):
            return ()
    else:
        return ()
    found = [_by_name(text, named, away) for text in texts]
    return tuple(text for text in found if text) if all(found) else ()


def _by_name(text: str, named: Named, away: tuple[int, int] | None) -> str | None:
    """A formula that reads the first sheet by names, those of cells that move along from the rows and columns `away`
    on; None where something has no name."""
    missing = False

    def read(found: re.Match[str]) -> str:
        nonlocal missing
        pairs = zip(found.groups()[::2], found.groups()[1::2], strict=True)
        ends = [(int(row), column_number(column)) for column, row in pairs if column]
        holders = [(b, name) for b, name in named if all(_holds(b, *end) for end in ends)]
        if not holders:
            missing = True
            return ""
        box, name = holders[0]
        return ":".join(_index(name, row - box.row, column - box.column, away) for row, column in ends)

    text = CELL.sub(read, text)
    return None if missing else text


def _holds(box: Box, row: int, column: int) -> bool:
    return box.row <= row < box.below and box.column <= column < box.right


def _index(name: str, row: int, column: int, away: tuple[int, int] | None) -> str:
    if away is None:
        return f"INDEX({name},{row + 1},{column + 1})"
    return f"INDEX({name},ROW()-{away[0] - row},COLUMN()-{away[1] - column})"
