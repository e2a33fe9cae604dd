"""Spreadsheet formulas: one per cell, or one array formula for a whole block.

Formulas come without the leading `=`. Ranges that an operand covers must stand together on the
sheet: a stack of matrices is the rectangle around them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sheetgen.cells.a1 import Rect, reference
from sheetgen.ir.node import Node, Shape, shape_text
from sheetgen.ir.walk import references
from sheetgen.lang.show import number_text, show
from sheetgen.ops import operation
from sheetgen.ops.base import Source
from sheetgen.ops.template import Text, binding

Locate = Callable[[str], Rect]


class Formula(NamedTuple):
    """A cell's formula; `array` ones must be written as one-cell array formulas."""

    text: str
    array: bool = False


class Area(NamedTuple):
    """An operand on the sheet; its cells stand transposed if `flipped`."""

    rect: Rect
    flipped: bool = False


def cell_formula(expr: Node, i: int, j: int, locate: Locate, sheet: str) -> Formula:
    """The formula of cell (i, j), counted from 0, of the matrix that `expr` computes, for use on `sheet`."""
    text = str.__str__(_cell(expr, i, j, _View(locate, sheet, expr.shape)))
    return Formula(text, array="MMULT(" in text)


def block_formula(expr: Node, locate: Locate, sheet: str) -> str | None:
    """One array formula for the whole matrix, or None where ranges can't express it."""
    text = _block(expr, locate, sheet)
    return None if text is None or not references(expr) else str.__str__(text)


# Operands


def area(node: Node, locate: Locate) -> Area:
    """The rectangle that an operand covers. Raises ValueError if it covers none: ask `find_area` where that may be."""
    found = find_area(node, locate)
    if found is None:
        raise ValueError(f"no rectangle: {show(node)}")
    return found


def find_area(node: Node, locate: Locate) -> Area | None:
    """The rectangle that an operand covers, or None if its cells don't stand together in one."""
    if node.is_matrix:
        return Area(_placed(node, locate))
    rule = operation(node)
    if not rule.operand:
        return None
    parts = [find_area(arg, locate) for arg in node.args]
    areas = [part for part in parts if part is not None]
    if len(areas) < len(parts):
        return None
    return _seen(node, areas[0]) if rule.stacks is None else _stacked(node, areas, rule.stacks)


def _placed(node: Node, locate: Locate) -> Rect:
    """Where a matrix stands."""
    rect = locate(node.name)
    if (rect.height, rect.width) != node.shape:
        raise ValueError(f"{node.name} is {shape_text(node.shape)}, but placed as {rect}")
    return rect


def _seen(node: Node, whole: Area) -> Area:
    """The part of its argument's area that a view shows, which the sources of its first cells tell."""
    first, below, beside = (_source(node, i, j) for i, j in ((0, 0), (1, 0), (0, 1)))
    turned = below == (first[0], first[1] + 1) if node.shape[0] > 1 else beside == (first[0] + 1, first[1])
    height, width = reversed(node.shape) if turned else node.shape
    rect, flipped = _sliced(whole, (first[0], first[0] + height), (first[1], first[1] + width))
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


def _sliced(whole: Area, rows: tuple[int, int], columns: tuple[int, int]) -> Area:
    rect, flipped = whole
    down, across = (columns, rows) if flipped else (rows, columns)
    return Area(
        Rect(rect.sheet, rect.row + down[0], rect.column + across[0], down[1] - down[0], across[1] - across[0]), flipped
    )


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
    return Rect(first.sheet, first.row, first.column, height, width)


def _line(operand: Area, axis: int, at: int) -> Area:
    """Row (axis 0) or column (axis 1) number `at` of an operand."""
    rect, flipped = operand
    if (axis == 0) != flipped:
        return Area(Rect(rect.sheet, rect.row + at, rect.column, 1, rect.width), flipped)
    return Area(Rect(rect.sheet, rect.row, rect.column + at, rect.height, 1), flipped)


def _line_reference(rect: Rect, sheet: str) -> str:
    """A row as `$D15:$H15`, a column as `J$5:J$8`: what moves along stays free of `$`."""
    if rect.height == 1 and rect.width == 1:
        return reference(rect, sheet, (False, False))
    return reference(rect, sheet, (rect.height > 1, rect.width > 1))


def _product_cell(expr: Node, i: int, j: int, view: _View) -> Text:
    """Row i of the left operand meets column j of the right one."""
    locate, sheet = view.locate, view.sheet
    row = _line(area(expr.args[0], locate), 0, i).rect
    column = _line(area(expr.args[1], locate), 1, j).rect
    if row.height * row.width == 1:
        return Text(f"{reference(row, sheet, (False, True))}*{reference(column, sheet, (True, False))}", 4)
    first, second = _line_reference(row, sheet), _line_reference(column, sheet)
    if (row.height == 1) == (column.height == 1):
        return Text(f"SUMPRODUCT({first},{second})")
    if row.height > 1:
        first, second = second, first
    return Text(f"MMULT({first},{second})")


# Cells


@dataclass(frozen=True)
class _View:
    """Where matrices stand, seen from `sheet`, for a result of shape `over`."""

    locate: Locate
    sheet: str
    over: Shape


def _cell(node: Node, i: int, j: int, view: _View) -> Text:
    """Cell (i, j) of a tree; rows, columns and single numbers are broadcast."""
    if node.value is not None:
        return _number(node.value)
    i, j = i if node.shape[0] > 1 else 0, j if node.shape[1] > 1 else 0
    if node.is_matrix:
        rect = _placed(node, view.locate)
        fixed = (node.shape[0] < view.over[0], node.shape[1] < view.over[1])
        return Text(reference(Rect(rect.sheet, rect.row + i, rect.column + j, 1, 1), view.sheet, fixed))
    rule = operation(node)
    if rule.source is not None:
        return _view_cell(node, rule.source(node, i, j), view)
    if rule.kind == "product":
        return _product_cell(node, i, j, view)
    if rule.kind == "reduction":
        whole = area(node.args[0], view.locate)
        axis = node.option("axis")
        line = whole.rect if axis is None else _line(whole, 1 - axis, j if axis == 0 else i).rect
        text = reference(line, view.sheet) if axis is None else _line_reference(line, view.sheet)
        return _filled(rule.formula, [Text(text)], node)
    if rule.kind == "range" and callable(rule.formula):
        grids = [_Grid(arg, view) for arg in node.args]
        return Text(rule.formula(i, j, *grids, **dict(node.options)))
    return _filled(rule.formula, [_cell(arg, i, j, view) for arg in node.args], node)


def _view_cell(node: Node, source: Source, view: _View) -> Text:
    """The cell that a view shows. What it shows whole is broadcast as the view is; of a part, nothing is held fast."""
    if not isinstance(source, tuple):
        return _number(source)
    which, i, j = source
    shown = node.args[which]
    if shown.shape == node.shape:
        over = view.over
    else:
        over = (view.over[1], view.over[0]) if shown.shape == (node.shape[1], node.shape[0]) else (1, 1)
    return _cell(shown, i, j, replace(view, over=over))


class _Grid:
    """An operand as the formulas of range operations see it."""

    def __init__(self, node: Node, view: _View) -> None:
        self.node, self.view, self.shape = node, view, node.shape

    def cell(self, i: int, j: int, fixed: tuple[bool, bool] = (False, False)) -> str:
        """Reference to one cell."""
        return reference(
            _sliced(area(self.node, self.view.locate), (i, i + 1), (j, j + 1)).rect, self.view.sheet, fixed
        )

    def line(self, i: int) -> str:
        """Reference to row `i`."""
        return _line_reference(_line(area(self.node, self.view.locate), 0, i).rect, self.view.sheet)

    def window(self, rows: tuple[int, int], columns: tuple[int, int], fixed: bool = False) -> str:
        """Reference to the cells of rows and columns `(start, stop)`."""
        rect = _sliced(area(self.node, self.view.locate), rows, columns).rect
        return reference(rect, self.view.sheet, (fixed, fixed))

    @property
    def flipped(self) -> bool:
        return area(self.node, self.view.locate).flipped


def _number(value: float) -> Text:
    return Text(number_text(value).upper(), 9 if value >= 0 else 2, value)


def _filled(template: object, args: Sequence[Text], node: Node) -> Text:
    """A template filled in; it tells its own tightness."""
    options = {name: value for name, value in node.options if name != "axis"}
    if callable(template):
        result = template(*args, **options)
        return result if isinstance(result, Text) else Text(str(result), binding(str(result)))
    names = [name for name, _ in operation(node).arguments]
    return Text(str(template).format(**dict(zip(names, args, strict=True)), **options), binding(str(template)))


# Blocks


def _block_area(operand: Area, sheet: str) -> str:
    text = reference(operand.rect, sheet)
    single = operand.rect.height == 1 and operand.rect.width == 1
    return f"TRANSPOSE({text})" if operand.flipped and not single else text


def _block(node: Node, locate: Locate, sheet: str) -> Text | None:
    """A tree over ranges. Branches and comparisons of unequal shapes aren't broadcast alike
    everywhere, so they have none."""
    if node.value is not None:
        return _number(node.value)
    rule = operation(node)
    if node.is_matrix or rule.operand:
        operand = find_area(node, locate)
        if operand is None:
            return None
        fixed = operand.rect.height == 1 or operand.rect.width == 1
        if operand.flipped:
            return Text(_block_area(operand, sheet))
        return Text(reference(operand.rect, sheet, (fixed, fixed)))
    if rule.kind == "product":
        left, right = (_block_area(area(arg, locate), sheet) for arg in node.args)
        return Text(f"MMULT({left},{right})")
    if rule.array is None:
        return None
    if rule.kind == "reduction" and node.option("axis") is None:
        return _filled(rule.array, [Text(reference(area(node.args[0], locate).rect, sheet))], node)
    if rule.kind != "elementwise":
        return None
    args = [_block(arg, locate, sheet) for arg in node.args]
    texts = [arg for arg in args if arg is not None]
    if len(texts) < len(args):
        return None
    sizes = {arg.shape for arg in node.args if arg.shape != (1, 1)}
    filled = _filled(rule.array, texts, node)
    return None if len(sizes) > 1 and "IF(" in filled else filled
