"""Operands on a sheet: the rectangle that a matrix, a part of one or a stack covers, and whether it is turned there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
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
    if rule.stacks is None:
        return _seen(node, parts[0]) if parts[0] is not None else None
    found = list(stacked(parts, rule.stacks))
    return found[-1] if len(found) == len(parts) else None


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


def stacked(parts: Iterable[Area | None], axis: int) -> Iterator[Area | None]:
    """The rectangle around the first part of a stack, around the first two, and so on, as far as there may be one; None
    where one of them is turned and another isn't, or where a gap is between them."""
    around: dict[bool, Rect] = {}
    """By whether they are turned: a single cell may be either."""
    turned = False
    for k, part in enumerate(parts):
        if part is None:
            return
        rect, single = part.rect, part.rect.height * part.rect.width == 1
        ways = (False, True) if single else (part.flipped,)
        if k:
            joined = {way: _joined(around[way], rect, (axis == 0) != way) for way in ways if way in around}
            around = {way: both for way, both in joined.items() if both is not None}
        else:
            around = dict.fromkeys(ways, rect)
        if not around:
            return
        turned = turned if single else part.flipped
        yield Area(around[turned], turned) if turned in around else None


def _joined(one: Rect, other: Rect, below: bool) -> Rect | None:
    """The rectangle around two, if the second one follows the first without a gap."""
    if below:
        fits = (other.row, other.column, other.width) == (one.row + one.height, one.column, one.width)
        height, width = one.height + other.height, one.width
    else:
        fits = (other.row, other.column, other.height) == (one.row, one.column + one.width, one.height)
        height, width = one.height, one.width + other.width
    fits = fits and one.sheet == other.sheet
    return Rect(one.sheet, one.row, one.column, height, width, one.still) if fits else None


def sliced(whole: Area, rows: tuple[int, int], columns: tuple[int, int]) -> Area:
    """Rows and columns `(start, stop)` of an operand."""
    rect, flipped = whole
    down, across = (columns, rows) if flipped else (rows, columns)
    row, column = rect.row + down[0], rect.column + across[0]
    return Area(Rect(rect.sheet, row, column, down[1] - down[0], across[1] - across[0], rect.still), flipped)


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
