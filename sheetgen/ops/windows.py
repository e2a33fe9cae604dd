"""Operations whose cells read a window of another matrix: how windows lie on it.

A window's cells are `dilation` apart, it moves by `stride`, and the matrix has cells of nothing around it: `padding`.
"""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sheetgen.ir.node import Shape, is_whole, shape_text
from sheetgen.ops.base import Operation, ShapeProblem, register, signature
from sheetgen.ops.options import Option

Pair = tuple[int, int]
Span = tuple[Pair, Pair]
SAME = "same"
MOST_PADDING = 9


def ranges(name: str, arguments: str, *, shape: Callable[..., Shape], numpy: Callable[..., Any],
           formula: Callable[..., str], says: str, options: Mapping[str, Option] | None = None, **fields: Any) -> None:
    """Register a range operation; `formula(i, j, *operands, **options)` gives the text of cell (i, j), from 0.

    Operands give references: `cell(i, j)`, `line(i)`, `window(rows, columns)` with (start, stop), and have a `shape`.
    `fields` are others of `Operation`.
    """
    register(Operation(name=name, kind="range", arguments=signature(arguments), options=options or {}, shape=shape,
                       numpy=numpy, formula=formula, says=says, **fields))


def padding(same: bool) -> Option:
    """A whole number or a pair, rows and columns; with `same` also that word."""

    def fits(value: Any) -> bool:
        pair = value if isinstance(value, tuple) else (value, value)
        numbers = len(pair) == 2 and all(is_whole(v) and 0 <= v <= MOST_PADDING for v in pair)
        return numbers or (same and value == SAME)

    wanted = f"a whole number from 0 to {MOST_PADDING}, or a pair (rows, columns)"
    return Option(0, fits, f'{wanted}, or "{SAME}"' if same else wanted)


def pair(value: Any) -> Pair:
    """A number for both, or what each has."""
    return value if isinstance(value, tuple) else (value, value)


def along(value: Any, shape: Shape, alone: int) -> Pair:
    """The same; over a single row or column, a number counts along it, and is `alone` across."""
    if isinstance(value, tuple):
        return value
    return (alone if shape[0] == 1 else value, alone if shape[1] == 1 else value)


@dataclass(frozen=True)
class Slide:
    """How a window slides along one axis of a matrix of `size` cells."""

    size: int
    window: int
    stride: int = 1
    before: int = 0
    after: int = 0
    dilation: int = 1

    @property
    def reach(self) -> int:
        """From its first cell to its last one, both included."""
        return self.dilation * (self.window - 1) + 1

    @property
    def places(self) -> int:
        """How many places the window has; below 1 if it doesn't fit."""
        return (self.size + self.before + self.after - self.reach) // self.stride + 1

    def covered(self, at: int) -> Pair:
        """Start and stop of the cells that the window reaches over at place `at`, within the matrix."""
        start = at * self.stride - self.before
        return max(start, 0), min(start + self.reach, self.size)

    def read(self, at: int) -> Iterator[Pair]:
        """At place `at`, the cells of the matrix that are read, each with the window's cell that lies on it."""
        for tap in range(self.window):
            cell = at * self.stride - self.before + tap * self.dilation
            if 0 <= cell < self.size:
                yield cell, tap

    def readers(self, cell: int) -> Iterator[Pair]:
        """The places at which a cell is read, each with the window's cell that lies on it."""
        return ((at, tap) for at in range(self.places) for read, tap in self.read(at) if read == cell)


Slides = tuple[Slide, Slide]


def places(slides: Slides) -> Shape:
    """How many places a window has along the rows and along the columns. Raises ShapeProblem if it has none."""
    rows, columns = slides
    if rows.places < 1 or columns.places < 1:
        window, shape = (rows.reach, columns.reach), (rows.size, columns.size)
        raise ShapeProblem(f"a window of {shape_text(window)} doesn't fit into {shape_text(shape)}")
    return rows.places, columns.places


def windows(x: np.ndarray, slides: Slides, fill: float = 0.0) -> np.ndarray:
    """All windows of `x`, with `fill` around it: places × places × window rows × window columns."""
    rows, columns = slides
    padded = np.pad(x, [(rows.before, rows.after), (columns.before, columns.after)], constant_values=fill)
    found = np.lib.stride_tricks.sliding_window_view(padded, (rows.reach, columns.reach))
    return found[:: rows.stride, :: columns.stride, :: rows.dilation, :: columns.dilation]


def spans(slides: Slides, i: int, j: int) -> Span:
    """Rows and columns that the window covers at place (i, j), within the matrix."""
    return slides[0].covered(i), slides[1].covered(j)
