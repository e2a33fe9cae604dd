"""Spreadsheet formulas: one per cell, or one array formula for a whole block.

Formulas come without the leading `=`. Ranges that an operand covers must stand together on the
sheet: a stack of matrices is the rectangle around them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from sheetgen.cells.a1 import Rect, reference
from sheetgen.ir.node import Node, Shape
from sheetgen.ir.walk import references
from sheetgen.lang.show import number_text
from sheetgen.ops import OPERATIONS
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
    """The rectangle that an operand covers."""
    if node.is_matrix:
        rect = locate(node.name)
        assert (rect.height, rect.width) == node.shape, f"{node.name}: {node.shape} placed as {rect}"
        return Area(rect)
    if node.op == "transpose":
        rect, flipped = area(node.args[0], locate)
        return Area(rect, not flipped)
    if node.op == "slice":
        return _sliced(area(node.args[0], locate), node.option("rows"), node.option("columns"))
    assert node.op in ("vstack", "hstack"), f"{node.op} is no operand"
    parts = [area(arg, locate) for arg in node.args]
    flips = {part.flipped for part, arg in zip(parts, node.args, strict=True) if arg.shape != (1, 1)} or {False}
    assert len(flips) == 1, "a stack of transposed and untransposed matrices"
    flipped = flips.pop()
    return Area(_joined([p.rect for p in parts], (node.op == "vstack") != flipped), flipped)


def _sliced(whole: Area, rows: tuple[int, int], columns: tuple[int, int]) -> Area:
    rect, flipped = whole
    down, across = (columns, rows) if flipped else (rows, columns)
    return Area(
        Rect(rect.sheet, rect.row + down[0], rect.column + across[0], down[1] - down[0], across[1] - across[0]), flipped
    )


def _joined(rects: list[Rect], below: bool) -> Rect:
    """The rectangle around `rects`, which must follow one another without a gap."""
    first = rects[0]
    row, column = first.row, first.column
    for rect in rects:
        assert (rect.sheet, rect.row, rect.column) == (first.sheet, row, column), f"not side by side: {rects}"
        if below:
            assert rect.width == first.width, f"not side by side: {rects}"
            row += rect.height
        else:
            assert rect.height == first.height, f"not side by side: {rects}"
            column += rect.width
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
        rect = view.locate(node.name)
        assert (rect.height, rect.width) == node.shape, f"{node.name}: {node.shape} placed as {rect}"
        fixed = (node.shape[0] < view.over[0], node.shape[1] < view.over[1])
        return Text(reference(Rect(rect.sheet, rect.row + i, rect.column + j, 1, 1), view.sheet, fixed))
    operation = OPERATIONS[node.op]
    if operation.kind == "view":
        return _view_cell(node, i, j, view)
    if operation.kind == "product":
        return _product_cell(node, i, j, view)
    if operation.kind == "reduction":
        whole = area(node.args[0], view.locate)
        axis = node.option("axis")
        line = whole.rect if axis is None else _line(whole, 1 - axis, j if axis == 0 else i).rect
        text = reference(line, view.sheet) if axis is None else _line_reference(line, view.sheet)
        return _filled(operation.formula, {"x": Text(text)}, node)
    if operation.kind == "range":
        assert callable(operation.formula)
        grids = [_Grid(arg, view) for arg in node.args]
        return Text(operation.formula(i, j, *grids, **dict(node.options)))
    args = [_cell(arg, i, j, view) for arg in node.args]
    return _filled(operation.formula, dict(zip((n for n, _ in operation.arguments), args, strict=True)), node)


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


def _view_cell(node: Node, i: int, j: int, view: _View) -> Text:
    match node.op:
        case "zeros":
            return _number(0)
        case "ones":
            return _number(1)
        case "eye":
            return _number(float(i == j))
        case "tril":
            return _cell(node.args[0], i, j, view) if j <= i else _number(0)
        case "transpose":
            return _cell(node.args[0], j, i, replace(view, over=(view.over[1], view.over[0])))
    inner = replace(view, over=(1, 1))
    if node.op == "slice":
        return _cell(node.args[0], i + node.option("rows")[0], j + node.option("columns")[0], inner)
    axis = 0 if node.op == "vstack" else 1
    at = (i, j)[axis]
    for arg in node.args:
        if at < arg.shape[axis]:
            return _cell(arg, at if axis == 0 else i, at if axis == 1 else j, inner)
        at -= arg.shape[axis]
    raise AssertionError(f"cell ({i}, {j}) outside of {node.op}")


def _number(value: float) -> Text:
    return Text(number_text(value).upper(), 9 if value >= 0 else 2, value)


def _filled(template: object, args: dict[str, Text], node: Node) -> Text:
    """A template filled in; it tells its own tightness, and a comparison its condition."""
    options = {name: value for name, value in node.options if name != "axis"}
    if callable(template):
        result = template(*args.values(), **options)
        if isinstance(result, Text):
            return result
        template = text = str(result)
    else:
        text = str(template).format(**args, **options)
    comparing = OPERATIONS[node.op].symbol in (">", ">=", "<", "<=", "==", "!=")
    return Text(text, binding(str(template)), None, text[3:-5] if comparing else "")


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
    if node.is_matrix or node.op in ("transpose", "slice", "vstack", "hstack"):
        try:
            operand = area(node, locate)
        except AssertionError:
            return None
        fixed = operand.rect.height == 1 or operand.rect.width == 1
        if operand.flipped:
            return Text(_block_area(operand, sheet))
        return Text(reference(operand.rect, sheet, (fixed, fixed)))
    operation = OPERATIONS[node.op]
    if operation.kind == "product":
        left, right = (_block_area(area(arg, locate), sheet) for arg in node.args)
        return Text(f"MMULT({left},{right})")
    if operation.kind == "reduction" and node.option("axis") is None and node.op != "argmax":
        return _filled(operation.formula, {"x": Text(reference(area(node.args[0], locate).rect, sheet))}, node)
    if operation.kind != "elementwise" or operation.array is None:
        return None
    args = [_block(arg, locate, sheet) for arg in node.args]
    if any(arg is None for arg in args):
        return None
    sizes = {arg.shape for arg in node.args if arg.shape != (1, 1)}
    filled = _filled(
        operation.array, {n: a for (n, _), a in zip(operation.arguments, args, strict=True) if a is not None}, node
    )
    return None if len(sizes) > 1 and "IF(" in filled else filled
