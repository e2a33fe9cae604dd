"""Formulas as the page takes them: each text once, with its references relative to the cell that holds it."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Generic, TypeVar

from sheetgen.cells.a1 import column_number
from sheetgen.cells.reads import CELL, QUOTED

T = TypeVar("T", bound=Hashable)


def relative(formula: str, row: int, column: int) -> str:
    """The formula of the cell at (row, column) in the notation R1C1: `$A$1*B2` in C2 is `R1C1*R[0]C[-1]`."""

    def cell(found: re.Match[str]) -> str:
        fixed_column, name, fixed_row, number = found.groups()
        down = number if fixed_row else f"[{int(number) - row}]"
        across = str(column_number(name)) if fixed_column else f"[{column_number(name) - column}]"
        return f"R{down}C{across}"

    parts = QUOTED.split(formula)
    return "".join(part if k % 2 else CELL.sub(cell, part) for k, part in enumerate(parts))


class Table(Generic[T]):
    """Things that are stored once, and then called by their number, counted from 1; None is 0."""

    def __init__(self) -> None:
        self.numbers: dict[T, int] = {}

    def add(self, thing: T | None) -> int:
        return 0 if thing is None else self.numbers.setdefault(thing, len(self.numbers) + 1)

    @property
    def things(self) -> list[T]:
        return list(self.numbers)


def short(numbers: list[int]) -> int | list[int]:
    """A list of numbers, or the one that all of them are."""
    return numbers[0] if len(set(numbers)) == 1 else numbers
