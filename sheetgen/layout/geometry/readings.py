"""What a gradient reads, and on which sides of it a copy of that may stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sheetgen.ir.node import Node
from sheetgen.layout.geometry import nodes, operands
from sheetgen.layout.geometry.figure import Box
from sheetgen.ops.base import operation

Side = Literal["left", "right", "above", "below"]


@dataclass(frozen=True)
class Wish:
    """An operand of the cells at (row, column) from a box's corner, `height` by `width` of them, and the sides on
    which a copy of it may stand, in order."""

    operand: Node
    sides: tuple[Side, ...]
    row: int
    column: int
    height: int
    width: int


def wishes(
    node: Node, row: int = 0, column: int = 0, alone: bool = True, cells: tuple[int, int, int, int] | None = None
) -> Iterator[Wish]:
    """What a gradient reads, in reading order: of a product the first operand at the left of its rows, the second
    above its columns; what enters cell by cell at the left, right or below. The operands of one product among several
    that are added have no side. A mask isn't among them. `cells` are those that are computed cell by cell of it and
    more, as in a `Wish`."""
    here = cells or (row, column, *node.shape)
    if operands.is_operand(node):
        yield Wish(node, ("left", "right", "below"), *here)
    elif nodes.is_product(node):
        for factor, side in zip(nodes.factors(node), ("left", "above"), strict=True):
            if operands.is_operand(factor):
                yield Wish(factor, (side,) if alone else (), *here)  # type: ignore[arg-type]
    elif not node.is_leaf:
        axis = operation(node).stacks
        for arg in node.args if nodes.mask(node) is None else node.args[1:]:
            yield from wishes(arg, row, column, alone and axis is not None, here if axis is None else cells)
            row += arg.shape[0] if axis == 0 else 0
            column += arg.shape[1] if axis == 1 else 0


class Asked(NamedTuple):
    """What a box reads of a box that is elsewhere."""

    box: Box
    wish: Wish
    source: Box

    @property
    def place(self) -> tuple[Node, int, int]:
        """Where a copy serves: band and column of what it stands above, the rows of what it stands beside."""
        row, column = self.box.row + self.wish.row, self.box.column + self.wish.column
        return (self.wish.operand, self.box.band, column) if "above" in self.wish.sides else (self.wish.operand, row, 0)
