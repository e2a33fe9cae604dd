"""The formulas of a whole matrix: written out for its first cells, then filled down and across."""

from __future__ import annotations

import re

from sheetgen.cells.a1 import column_number, letters
from sheetgen.cells.formula import Formula, Locate, cell_formula
from sheetgen.ir.node import Node, Shape
from sheetgen.ops import operation

TOKEN = re.compile(r"[A-Z]+|\d+|[^A-Z\d]+")

Formulas = tuple[tuple[str, ...], ...]


def cell_formulas(
    expr: Node, shape: Shape, locate: Locate, sheet: str, start: tuple[int, int] = (0, 0)
) -> tuple[Formulas, bool]:
    """The formulas of `shape` cells of `expr` from cell `start` on, and whether they must be array formulas."""
    height, width = shape

    def at(i: int, j: int) -> Formula:
        return cell_formula(expr, i + start[0], j + start[1], locate, sheet)

    if not alike(expr):
        made = [[at(i, j) for j in range(width)] for i in range(height)]
        return tuple(tuple(f.text for f in row) for row in made), any(f.array for row in made for f in row)
    first, array = at(0, 0)
    below = at(1, 0).text if height > 1 else first
    beside = at(0, 1).text if width > 1 else first
    return _filled(first, below, beside, shape), array


def alike(node: Node) -> bool:
    """Whether a cell's formula differs from its neighbour's only in rows and columns that move along."""
    if node.kind == "product":
        return not _in_pieces(node.args[0], 0) and not _in_pieces(node.args[1], 1)
    if node.kind in ("leaf", "reduction"):
        return True
    rule = operation(node)
    even = node.kind == "elementwise" or rule.fills is not None or (rule.operand and rule.stacks is None)
    return even and all(map(alike, node.args))


def _in_pieces(node: Node, axis: int) -> bool:
    """Whether matrices that may stand apart follow one another along `axis` in an operand."""
    return operation(node).stacks == axis or any(_in_pieces(arg, axis) for arg in node.args)


def _filled(first: str, below: str, beside: str, shape: Shape) -> Formulas:
    """What moves from the first cell to the one below it moves likewise all the way down, and so across."""
    tokens, down, across = (TOKEN.findall(text) for text in (first, below, beside))
    rows: list[list[str]] = []
    columns: list[list[str]] = []
    for token, one_down, one_across in zip(tokens, down, across, strict=True):
        moves = token != one_across
        if moves:
            columns.append(_moved(token, shape[1]))
        if token != one_down:
            rows.append(_moved(token, shape[0]))
        else:
            rows.append(["%s" if moves else token.replace("%", "%%")] * shape[0])
    names = list(zip(*columns, strict=True)) if columns else [()] * shape[1]
    return tuple(tuple([template % name for name in names]) for template in map("".join, zip(*rows, strict=True)))


def _moved(token: str, count: int) -> list[str]:
    """A row's number or a column's letters, and those that follow it."""
    if token.isdecimal():
        return [str(k) for k in range(int(token), int(token) + count)]
    first = column_number(token)
    return [letters(k) for k in range(first, first + count)]
