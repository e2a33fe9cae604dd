"""A chart without its place, and the room that it wants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sheetgen.ir.program import Program, Statement
from sheetgen.layout.axes import NONE, Axes
from sheetgen.layout.chart import Chart, HeatMap
from sheetgen.layout.geometry.figure import Request

WHOLE, FARTHER = 3.0, 1.3
"""The least width of an axis between whole numbers, and how much wider than its numbers it may be."""
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


@dataclass(frozen=True)
class Wish:
    """A chart without its place, and the room that it wants."""

    request: Request
    chart: Chart | HeatMap


@dataclass(frozen=True)
class Learned:
    """A matrix at the end of a training: a row of a region, and when that is, such as "epoch 60"."""

    region: str
    row: int
    when: str

    def title(self, matrix: str) -> str:
        """What the matrix is called then."""
        return f"{matrix}, {self.when}"


def named(program: Program) -> list[Statement]:
    """The matrices of the forward pass that an author named."""
    return [s for s in program.statements if s.phase == "forward" and s.kind == "matrix" and not s.auxiliary]


def named_along(axes: Mapping[str, Axes], matrix: str, size: int) -> tuple[str, ...]:
    """Names along a row or a column of this size."""
    return next((names for names in axes.get(matrix, NONE) if len(names) == size), ())


def counted(count: int) -> tuple[str, ...]:
    """`1`, `2`, `3`: what has no names."""
    return tuple(str(k + 1) for k in range(count))


def ordinal(k: int) -> str:
    """`first`, `second`: the name of a line that has none, counted from 0."""
    return ORDINALS[k] if k < len(ORDINALS) else f"{k + 1}th"


def reach(numbers: Iterable[float]) -> tuple[float, float] | None:
    """Ends of an axis across that ends with these numbers, where whole numbers are close to them."""
    low, high = around(found := list(numbers))
    return (low, high) if high - low >= WHOLE and high - low < FARTHER * (max(found) - min(found)) else None


def around(numbers: Iterable[float]) -> tuple[float, float]:
    """Ends of an axis that has room for these numbers, at whole numbers."""
    found = [float(number) for number in numbers]
    low, high = min(found), max(found)
    return float(low // 1), float(max(-(-high // 1), low // 1 + 1))
