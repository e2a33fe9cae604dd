"""The formulas of a whole matrix: written out for the first cells of each piece, then filled down and across."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Sequence
from functools import lru_cache
from itertools import accumulate, chain, pairwise
from typing import NamedTuple

from sheetgen.cells.a1 import column_number, letters
from sheetgen.cells.area import Locate, seen
from sheetgen.cells.formula import cell_text, in_array
from sheetgen.ir.node import Node, Shape, number
from sheetgen.ops import operation

TOKEN = re.compile(r"[A-Z]+|\d+|[^A-Z\d]+")

Formulas = tuple[tuple[str, ...], ...]


def cell_formulas(
    expr: Node, shape: Shape, locate: Locate, sheet: str, start: tuple[int, int] = (0, 0)
) -> tuple[Formulas, bool]:
    """The formulas of `shape` cells of `expr` from cell `start` on, and whether they must be array formulas."""
    height, width = shape

    def at(i: int, j: int) -> str:
        return cell_text(expr, i + start[0], j + start[1], locate, sheet)

    if not even(expr) and start == (0, 0) and even(outside := _outside(expr)):
        others, array = cell_formulas(outside, shape, locate, sheet)
        rows = [list(row) for row in others]
        for k in range(min(shape)):
            rows[k][k] = at(k, k)
        return tuple(map(tuple, rows)), array
    if not even(expr):
        made = tuple(tuple(at(i, j) for j in range(width)) for i in range(height))
        return made, in_array(expr, chain.from_iterable(made))
    return _written(expr, shape, locate, sheet, start).formulas


class Alike:
    """Formulas of matrices that differ only in their rows: where all that one reads stands so many rows lower than what
    the other reads, those of the third one on follow from the first two. What `still` names stays where it is, such as
    the weights that all turns of a loop read. In the same cells of two sheets they are the same."""

    def __init__(self, still: Container[str] = ()) -> None:
        self.still = still
        self.known: dict[object, _Kind] = defaultdict(lambda: _Kind([], {}))

    def cell_formulas(
        self, expr: Node, shape: Shape, locate: Locate, sheet: str, row: int
    ) -> tuple[Formulas, bool]:
        """`cell_formulas` of a matrix that stands from `row` on."""
        same = self.known[shape, self._kind(expr, locate, sheet, row)]
        if row not in same.made:
            same.made[row] = same.lower(row) or (
                same.add(row, _written(expr, shape, locate, sheet)) if even(expr)
                else cell_formulas(expr, shape, locate, sheet)
            )
        return same.made[row]

    def _kind(self, node: Node, locate: Locate, sheet: str, row: int) -> tuple[object, ...]:
        """An expression with places instead of names: columns as they are, rows counted from `row`, other sheets than
        its own by title."""
        if not node.is_matrix:
            args = [self._kind(arg, locate, sheet, row) for arg in node.args]
            return (node.op, node.value, node.shape, node.options, *args)
        rect, still = locate(node.name), node.name in self.still
        place = (rect.row if still else rect.row - row, rect.column, rect.height, rect.width)
        return ("" if rect.sheet == sheet else rect.sheet, *place, rect.still, still, node.shape)


def filled_down(first: str, below: str, count: int) -> tuple[str, ...]:
    """A formula, the one in the cell below it, and so on: `count` in all."""
    return tuple(row[0] for row in _pattern(first, below, first).filled((count, 1)))


def even(node: Node) -> bool:
    """Whether a cell's formula differs from its neighbour's in the same piece only in rows and columns that move
    along."""
    if node.kind in ("leaf", "product", "reduction"):
        return True
    rule = operation(node)
    return (node.kind == "elementwise" or rule.fills is not None or rule.operand) and all(map(even, node.args))


def _outside(node: Node) -> Node:
    """What `node` is outside of its diagonal, where an identity of the same size holds zeros."""
    if node.kind != "elementwise":
        return number(0) if operation(node).square and node.shape != (1, 1) else node
    return node.with_args(tuple(_outside(arg) if arg.shape == node.shape else arg for arg in node.args))


def _pieces(expr: Node, axis: int, start: int, length: int) -> list[tuple[int, int]]:
    """Where `length` rows (axis 0) or columns (axis 1) from `start` on come from other matrices than those before:
    first and end of each piece, counted from `start`."""
    inside = sorted(at - start for at in breaks(expr, axis) if start < at < start + length)
    return list(pairwise([0, *inside, length]))


def breaks(node: Node, axis: int) -> frozenset[int]:
    """The rows (axis 0) or columns (axis 1) of an even tree at which another matrix of a stack begins."""
    if node.kind in ("leaf", "reduction"):
        return frozenset()
    if node.kind == "product":
        return breaks(node.args[axis], axis)
    rule = operation(node)
    if rule.stacks == axis:
        starts = list(accumulate((arg.shape[axis] for arg in node.args), initial=0))
        inner = (at + start for arg, start in zip(node.args, starts, strict=False) for at in breaks(arg, axis))
        return frozenset((*starts[1:-1], *inner))
    if rule.operand and rule.stacks is None:
        corner, turned = seen(node)
        along = 1 - axis if turned else axis
        first, last = corner[along], corner[along] + node.shape[axis]
        return frozenset(at - first for at in breaks(node.args[0], along) if first < at < last)
    return frozenset().union(*(breaks(arg, axis) for arg in node.args if arg.shape[axis] > 1))


class _Pattern(NamedTuple):
    """A formula in pieces, and which of them, rows or columns, move from its cell to the one below, and to the one at
    the right: what moves there moves likewise all the way."""

    tokens: Sequence[str]
    down: Sequence[bool]
    across: Sequence[bool]

    def filled(self, shape: Shape) -> Formulas:
        """The formulas of so many cells."""
        height, width = shape
        pieces = list(zip(*self, strict=True))
        numbers = [_moved(token, height) for token, down, _ in pieces if down]
        names = [_moved(token, width) for token, _, across in pieces if across]
        percent = "%%%%" if names else "%%"  # numbers are put in first, then names
        template = "".join([
            "%s" if down else "%%s" if across else token.replace("%", percent) for token, down, across in pieces
        ])  # fmt: skip
        rows = [template % row for row in zip(*numbers, strict=True)] if numbers else [template % ()] * height
        if not names:
            return tuple(zip(*[rows] * width, strict=True))
        columns = list(zip(*names, strict=True))
        return tuple([tuple([text % column for column in columns]) for text in rows])


def _pattern(first: str, below: str, beside: str) -> _Pattern:
    """What the formulas of three cells have in common."""
    tokens, down, across = (TOKEN.findall(text) for text in (first, below, beside))
    return _Pattern(tokens, *([a != b for a, b in zip(tokens, other, strict=True)] for other in (down, across)))


class _Tiled(NamedTuple):
    """The formulas of a matrix, piece by piece, row by row, with the shapes of the pieces."""

    rows: Sequence[Sequence[tuple[_Pattern, Shape]]]
    array: bool

    @property
    def formulas(self) -> tuple[Formulas, bool]:
        """The formulas of all cells, and whether they must be array formulas."""
        found = list[tuple[str, ...]]()
        for row in self.rows:
            tiles = [pattern.filled(shape) for pattern, shape in row]
            lines = zip(*tiles, strict=True)
            found += tiles[0] if len(tiles) == 1 else [tuple(chain.from_iterable(parts)) for parts in lines]
        return tuple(found), self.array

    def moves_to(self, other: _Tiled) -> bool:
        """Whether the same pieces are written there, with other rows and columns."""
        return [[len(one.tokens) for one, _ in row] for row in self.rows] == [
            [len(one.tokens) for one, _ in row] for row in other.rows
        ]

    def lower(self, like: _Tiled, by: int) -> _Tiled:
        """The same `by` rows lower, where what moves is what moves from here to another one, `like` it."""
        return self._replace(rows=[
            [(one._replace(tokens=[str(int(token) + by) if token != moved else token
                                   for token, moved in zip(one.tokens, other.tokens, strict=True)]), shape)
             for (one, shape), (other, _) in zip(row, others, strict=True)]
            for row, others in zip(self.rows, like.rows, strict=True)
        ])  # fmt: skip


class _Kind(NamedTuple):
    """Matrices whose formulas differ only in their rows."""

    written: list[tuple[int, _Tiled]]
    """Those that were written out, with their first rows."""
    made: dict[int, tuple[Formulas, bool]]
    """The formulas by first row."""

    def add(self, row: int, tiled: _Tiled) -> tuple[Formulas, bool]:
        """The formulas of one that was written out."""
        self.written.append((row, tiled))
        return tiled.formulas

    def lower(self, row: int) -> tuple[Formulas, bool] | None:
        """The formulas from `row` on, if they follow from the first two."""
        if len(self.written) < 2:
            return None
        (first, one), (_, other) = self.written[:2]
        return one.lower(other, row - first).formulas if one.moves_to(other) else None


def _written(expr: Node, shape: Shape, locate: Locate, sheet: str, start: tuple[int, int] = (0, 0)) -> _Tiled:
    """The formulas of an even tree, of which the first ones of each piece are written out."""

    def at(i: int, j: int) -> str:
        return cell_text(expr, i + start[0], j + start[1], locate, sheet)

    rows, firsts = [], list[str]()
    for top, bottom in _pieces(expr, 0, start[0], shape[0]):
        tiles = []
        for left, right in _pieces(expr, 1, start[1], shape[1]):
            first = at(top, left)
            below = at(top + 1, left) if bottom - top > 1 else first
            beside = at(top, left + 1) if right - left > 1 else first
            tiles.append((_pattern(first, below, beside), (bottom - top, right - left)))
            firsts.append(first)
        rows.append(tiles)
    return _Tiled(rows, in_array(expr, firsts))


@lru_cache(maxsize=4096)
def _moved(token: str, count: int) -> tuple[str, ...]:
    """A row's number or a column's letters, and those that follow it."""
    if token.isdecimal():
        return tuple(map(str, range(int(token), int(token) + count)))
    first = column_number(token)
    return tuple(map(letters, range(first, first + count)))
