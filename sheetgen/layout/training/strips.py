"""Matrices in a row of cells: row after row, each of an epoch's matrices beside the one before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sheetgen.cells.a1 import Rect
from sheetgen.ir.node import Node, Shape, matrix, number
from sheetgen.ir.walk import added
from sheetgen.ops import operation
from sheetgen.ops.base import equal, where
from sheetgen.ops.composites import largest
from sheetgen.ops.views import cut, stack, transpose


@dataclass(frozen=True)
class Strip:
    """The cells of a matrix, row after row, from `column` on."""

    key: str
    shape: Shape
    column: int

    @property
    def width(self) -> int:
        return self.shape[0] * self.shape[1]

    def pieces(self) -> list[tuple[int, int]]:
        """First column and width of what stands together: the whole of a row or a column, else row by row."""
        height, width = self.shape
        if 1 in self.shape:
            return [(self.column, self.width)]
        return [(self.column + i * width, width) for i in range(height)]


def laid_out(expr: Node, at: Mapping[str, Strip], fixed: Mapping[str, Node]) -> Node:
    """An expression over the pieces of its matrices: a column is one turned row, other matrices are stacks of rows.
    Those that stay what they are in all epochs are replaced by what `fixed` says of them."""

    def spread(leaf: Node) -> Node:
        if leaf.name not in at:
            return fixed.get(leaf.name, leaf)
        pieces = at[leaf.name].pieces()
        if len(pieces) == 1 and leaf.shape[0] > 1:
            return transpose(matrix(piece(leaf.name, 0), (1, leaf.shape[0])))
        return stack(0, [matrix(piece(leaf.name, k), (1, width)) for k, (_, width) in enumerate(pieces)])

    def walked(node: Node) -> Node:
        if node.is_matrix:
            return spread(node)
        names = {ref.name for ref in node.references}
        if node.op == "sum" and node.option("axis") is None and node.args[0].kind == "elementwise" and len(names) == 1:
            (name,) = names & set(at) or {""}
            if name:  # whatever its shape, all of its pieces add up
                return added([_of_piece(node, piece(name, k), width) for k, (_, width) in enumerate(at[name].pieces())])
        args = tuple(map(walked, node.args))
        if node.op == "argmax" and node.option("axis") == 0 and operation(args[0]).stacks == 0:
            return _first_largest(args[0])
        if node.op == "transpose":
            return args[0].T  # moved down to the pieces
        if node.op == "slice":  # of each piece what belongs to it
            return cut(cut(args[0], 0, *node.option("rows")), 1, *node.option("columns"))
        return node.with_args(args)

    return walked(expr)


def _first_largest(stacked: Node) -> Node:
    """The place of the largest in columns whose cells don't stand together: asked for one after the other."""
    rows = [cut(stacked, 0, k, k + 1) for k in range(stacked.shape[0])]
    top, found = largest(stacked, 0), number(len(rows) - 1)
    for k, row in reversed([*enumerate(rows[:-1])]):
        found = where(equal(row, top), number(k), found)
    return found


def _of_piece(total: Node, key: str, width: int) -> Node:
    """A sum over all cells of a function of one matrix, for a piece of that."""

    def at(node: Node) -> Node:
        if node.is_matrix:
            return matrix(key, (1, width))
        return node if node.is_number else Node(node.op, tuple(map(at, node.args)), (1, width), node.options)

    return Node(total.op, (at(total.args[0]),), (1, 1), total.options)


def piece(name: str, k: int) -> str:
    """The key of a piece of a matrix; no matrix is called so."""
    return f"{name} {k}"


Cells = dict[str, tuple[str, int, int]]
"""By piece the matrix that it is of, its first column, and its width."""


def pieces_of(at: Mapping[str, Strip]) -> Cells:
    """The pieces of matrices that stand in these strips."""
    return {
        piece(name, k): (name, column, width)
        for name, strip in at.items()
        for k, (column, width) in enumerate(strip.pieces())
    }


def locator(
    sheet: str, row: Callable[[str], int], pieces: Cells, others: Callable[[str], Rect]
) -> Callable[[str], Rect]:
    """Where each piece stands, of matrices that are read from the row that `row` gives for their name."""

    def locate(key: str) -> Rect:
        if key not in pieces:
            return others(key)
        name, column, width = pieces[key]
        return Rect(sheet, row(name), column, 1, width, still=False)

    return locate
