"""The formulas of a whole matrix: written out for the first cells of each piece, then filled down and across."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import accumulate, chain, pairwise

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
    firsts, found = list[str](), list[tuple[str, ...]]()
    for top, bottom in _pieces(expr, 0, start[0], height):
        tiles = []
        for left, right in _pieces(expr, 1, start[1], width):
            first = at(top, left)
            below = at(top + 1, left) if bottom - top > 1 else first
            beside = at(top, left + 1) if right - left > 1 else first
            tiles.append(_filled(first, below, beside, (bottom - top, right - left)))
            firsts.append(first)
        found += [tuple(chain.from_iterable(parts)) for parts in zip(*tiles, strict=True)]
    return tuple(found), in_array(expr, firsts)


def filled_down(first: str, below: str, count: int) -> tuple[str, ...]:
    """A formula, the one in the cell below it, and so on: `count` in all."""
    return tuple(row[0] for row in _filled(first, below, first, (count, 1)))


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


def _filled(first: str, below: str, beside: str, shape: Shape) -> Formulas:
    """What moves from the first cell to the one below it moves likewise all the way down, and so across."""
    height, width = shape
    tokens, down, across = (TOKEN.findall(text) for text in (first, below, beside))
    numbers = [_moved(token, height) for token, other in zip(tokens, down, strict=True) if token != other]
    names = [_moved(token, width) for token, other in zip(tokens, across, strict=True) if token != other]
    percent = "%%%%" if names else "%%"  # numbers are put in first, then names
    template = "".join(
        "%s" if token != one_down else "%%s" if token != one_across else token.replace("%", percent)
        for token, one_down, one_across in zip(tokens, down, across, strict=True)
    )
    rows = [template % row for row in zip(*numbers, strict=True)] if numbers else [template % ()] * height
    if not names:
        return tuple((text,) * width for text in rows)
    columns = list(zip(*names, strict=True))
    return tuple(tuple([text % column for column in columns]) for text in rows)


@lru_cache(maxsize=4096)
def _moved(token: str, count: int) -> tuple[str, ...]:
    """A row's number or a column's letters, and those that follow it."""
    if token.isdecimal():
        return tuple(map(str, range(int(token), int(token) + count)))
    first = column_number(token)
    return tuple(map(letters, range(first, first + count)))
