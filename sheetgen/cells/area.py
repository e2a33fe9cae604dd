"""Operands on a sheet: the rectangle that a matrix, a part of one or a stack covers, and whether it is turned there."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sheetgen.cells.a1 import Rect, reference
from sheetgen.ir.node import Node, shape_text
from sheetgen.lang.show import show
from sheetgen.ops import operation

Locate = Callable[[str], Rect]


class Area(NamedTuple):
    """An operand on the sheet; its cells stand transposed if `flipped`."""

    rect: Rect
    flipped: bool = False


def area(node: Node, locate: Locate) -> Area:
    """The rectangle that an operand covers. Raises ValueError if it covers none: ask `find_area` where that may be."""
    found = find_area(node, locate)
    if found is None:
        raise ValueError(f"no rectangle: {show(node)}")
    return found


def find_area(node: Node, locate: Locate) -> Area | None:
    """The rectangle that an operand covers, or None if its cells don't stand together in one."""
    if node.is_matrix:
        return Area(placed(node, locate))
    rule = operation(node)
    if not rule.operand:
        return None
    parts = [find_area(arg, locate) for arg in node.args]
    areas = [part for part in parts if part is not None]
    if len(areas) < len(parts):
        return None
    return _seen(node, areas[0]) if rule.stacks is None else _stacked(node, areas, rule.stacks)


def placed(node: Node, locate: Locate) -> Rect:
    """Where a matrix stands. Raises ValueError if there is no room for its shape."""
    rect = locate(node.name)
    if (rect.height, rect.width) != node.shape:
        raise ValueError(f"{node.name} is {shape_text(node.shape)}, but placed as {rect}")
    return rect


def seen(node: Node) -> tuple[tuple[int, int], bool]:
    """The first cell of its argument that a view shows, and whether it is turned, which its first cells tell."""
    first, below, beside = (_source(node, i, j) for i, j in ((0, 0), (1, 0), (0, 1)))
    return first, below == (first[0], first[1] + 1) if node.shape[0] > 1 else beside == (first[0] + 1, first[1])


def _seen(node: Node, whole: Area) -> Area:
    """The part of its argument's area that a view shows."""
    (row, column), turned = seen(node)
    height, width = reversed(node.shape) if turned else node.shape
    rect, flipped = sliced(whole, (row, row + height), (column, column + width))
    return Area(rect, flipped != turned)


def _source(node: Node, i: int, j: int) -> tuple[int, int]:
    """Row and column in its argument of a cell of an operand."""
    source = operation(node).source
    found = source(node, i, j) if source else 0.0
    if not isinstance(found, tuple):
        raise ValueError(f"{node.op} is no operand: a cell of it is a number")
    return found[1:]


def _stacked(node: Node, parts: list[Area], axis: int) -> Area | None:
    """The rectangle around the parts of a stack; None if one of them is turned and another isn't."""
    flips = {part.flipped for part, arg in zip(parts, node.args, strict=True) if arg.shape != (1, 1)} or {False}
    if len(flips) > 1:
        return None
    flipped = flips.pop()
    rect = _joined([part.rect for part in parts], (axis == 0) != flipped)
    return None if rect is None else Area(rect, flipped)


def sliced(whole: Area, rows: tuple[int, int], columns: tuple[int, int]) -> Area:
    """Rows and columns `(start, stop)` of an operand."""
    rect, flipped = whole
    down, across = (columns, rows) if flipped else (rows, columns)
    row, column = rect.row + down[0], rect.column + across[0]
    return Area(Rect(rect.sheet, row, column, down[1] - down[0], across[1] - across[0], rect.still), flipped)


def _joined(rects: list[Rect], below: bool) -> Rect | None:
    """The rectangle around `rects`, if they follow one another without a gap."""
    first = rects[0]
    row, column = first.row, first.column
    for rect in rects:
        same = rect.width == first.width if below else rect.height == first.height
        if (rect.sheet, rect.row, rect.column) != (first.sheet, row, column) or not same:
            return None
        row, column = (row + rect.height, column) if below else (row, column + rect.width)
    height, width = (row - first.row, first.width) if below else (first.height, column - first.column)
    return Rect(first.sheet, first.row, first.column, height, width, first.still)


def line_of(operand: Area, axis: int, at: int) -> Area:
    """Row (axis 0) or column (axis 1) number `at` of an operand."""
    rect, flipped = operand
    if (axis == 0) != flipped:
        return Area(Rect(rect.sheet, rect.row + at, rect.column, 1, rect.width, rect.still), flipped)
    return Area(Rect(rect.sheet, rect.row, rect.column + at, rect.height, 1, rect.still), flipped)


def line_reference(rect: Rect, sheet: str) -> str:
    """A row as `$D15:$H15`, a column as `J$5:J$8`: what moves along stays free of `$`."""
    if rect.height == 1 and rect.width == 1:
        return reference(rect, sheet, (False, False))
    return reference(rect, sheet, (rect.height > 1, rect.width > 1))
