"""The formulas of a training's cells: those of a column are the same in every row, filled down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sheetgen.cells.a1 import Rect
from sheetgen.cells.area import Locate
from sheetgen.cells.fill import filled_down
from sheetgen.cells.formula import cell_formula
from sheetgen.ir.node import Node, Shape, matrix, number
from sheetgen.ir.walk import replaced
from sheetgen.layout.training.strips import Strip, laid_out, locator, pieces_of
from sheetgen.names import TRAINING
from sheetgen.ops.views import stack, transpose
from sheetgen.passes.optimisers import EPOCH, State
from sheetgen.passes.train import Training

Formulas = tuple[tuple[str | None, ...], ...]
Rows = Callable[[str], int]
"""How many rows up a matrix is read."""


class Writer:
    """Writes the formulas of strips; `canvas` is where the pieces of matrices stand that don't change, side by side,
    and `rates` the cells of the rates."""

    def __init__(
        self, of: Training, strips: Sequence[Strip], canvas: Mapping[str, Sequence[Rect]], rates: Mapping[str, Rect],
        first: int,
    ) -> None:  # fmt: skip
        self.of, self.first = of, first
        self.at = {strip.key: strip for strip in strips}
        self.at |= {state.before: self.at[state.key] for state in of.states}
        self.pieces = pieces_of(self.at)
        shapes = {given.name: given.shape for given in of.givens} | {s.name: s.shape for s in of.statements}
        self.fixed, self.homes = standing(shapes, canvas)
        self.homes |= rates
        self.exprs = {s.name: s.expr for s in (*of.statements, *of.summaries)}
        self.states = {state.key: state for state in of.states}
        self.befores = frozenset(state.before for state in of.states)

    def formulas(self, strip: Strip) -> tuple[Formulas, bool]:
        """Of all rows of a strip, and whether they must be array formulas. Parameters of the first row are given."""
        epochs, key = self.of.last, strip.key
        cells = [(i, j) for i in range(strip.shape[0]) for j in range(strip.shape[1])]
        if key in self.of.steps:
            step = self._spread(self.of.steps[key])
            down = [self._down(step, cell, self._step, 1, epochs) for cell in cells]
            columns = [(None, *texts) for texts, _ in down]
        elif key in self.states:
            first, later = (self._spread(expr) for expr in (_started(self.states[key]), self.states[key].expr))
            start = [self._down(first, cell, _here, 0, 1) for cell in cells]
            down = [self._down(later, cell, self._state, 1, epochs) for cell in cells]
            columns = [(*one, *rest) for (one, _), (rest, _) in zip(start, down, strict=True)]
        else:
            expr = self._spread(self.exprs[key])
            down = [self._down(expr, cell, _here, 0, epochs + 1) for cell in cells]
            columns = [texts for texts, _ in down]
        return tuple(zip(*columns, strict=True)), any(array for _, array in down)

    def _step(self, name: str) -> int:
        """A parameter is made of the row above it, but has its own epoch's number."""
        return int(name != EPOCH)

    def _state(self, name: str) -> int:
        return int(name in self.befores)

    def _spread(self, expr: Node) -> Node:
        return laid_out(expr, self.at, self.fixed)

    def _down(
        self, spread: Node, cell: tuple[int, int], rows: Rows, skip: int, count: int
    ) -> tuple[tuple[str, ...], bool]:
        """The formulas of a cell of what is spread out, from the row of epoch `skip` on."""

        def at(row: int) -> Locate:
            return locator(TRAINING, _above(rows, row), self.pieces, self.homes.__getitem__)

        return column_of(spread, cell, at, TRAINING, self.first + skip, count)


def column_of(
    spread: Node, cell: tuple[int, int], at: Callable[[int], Locate], sheet: str, first: int, count: int
) -> tuple[tuple[str, ...], bool]:
    """The formulas of a cell of what is spread out, in `count` rows from row `first` on, and whether they are array
    formulas. `at` locates matrices for the formula of a row; what moves to the next one moves so all the way down."""
    top, below = (cell_formula(spread, *cell, at(row), sheet) for row in (first, first + 1))
    return filled_down(top.text, below.text, count), top.array


def _here(name: str) -> int:
    return 0


def _above(rows: Rows, row: int) -> Rows:
    return lambda name: row - rows(name)


def _started(state: State) -> Node:
    """A state of the first epoch: before it, all are 0."""
    return replaced(state.expr, lambda leaf: number(0) if leaf.name == state.before else leaf)


def standing(
    shapes: Mapping[str, Shape], canvas: Mapping[str, Sequence[Rect]]
) -> tuple[dict[str, Node], dict[str, Rect]]:
    """What matrices that stand on the page are made of, and where each piece stands."""
    nodes: dict[str, Node] = {}
    homes: dict[str, Rect] = {}
    for name, pieces in canvas.items():
        keys = [f"{name} at {k}" for k in range(len(pieces))]
        homes |= dict(zip(keys, pieces, strict=True))
        made = stack(1, [matrix(key, (at.height, at.width)) for key, at in zip(keys, pieces, strict=True)])
        nodes[name] = made if made.shape == shapes[name] else transpose(made)
    return nodes, homes
