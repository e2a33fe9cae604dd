"""Spreadsheet formulas: one per cell, or one array formula for a whole block.

Formulas come without the leading `=`. Ranges that an operand covers must stand together on the
sheet: a stack of matrices is the rectangle around them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from sheetgen.cells.a1 import Rect, reference
from sheetgen.ir.node import Node, Shape, call
from sheetgen.ir.walk import nodes as walk
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
    return Formula(text, array="MMULT(" in text or any(map(_reduces_a_tree, walk(expr))))


def _reduces_a_tree(node: Node) -> bool:
    """Whether it reduces something that stands nowhere, such as squares: only array formulas can."""
    return node.kind == "reduction" and node.args[0].kind not in ("leaf", "view")


def block_formula(expr: Node, locate: Locate, sheet: str) -> str | None:
    """One array formula for the whole matrix, or None where ranges can't express it."""
    text = _block(expr, locate, sheet)
    return None if text is None or not references(expr) else str.__str__(text)


# Operands


def area(node: Node, locate: Locate) -> Area | None:
    """The rectangle that an operand covers; None where it doesn't stand in one piece, or is no operand."""
    if node.is_matrix:
        return Area(locate(node.name))
    if node.op == "transpose":
        inner = area(node.args[0], locate)
        return inner and Area(inner.rect, not inner.flipped)
    if node.op == "slice":
        inner = area(node.args[0], locate)
        return inner and _sliced(inner, node.option("rows"), node.option("columns"))
    if node.op not in ("vstack", "hstack"):
        return None
    parts = [area(arg, locate) for arg in node.args]
    found = [part for part in parts if part is not None]
    flips = {part.flipped for part, arg in zip(found, node.args, strict=False) if arg.shape != (1, 1)} or {False}
    if len(found) < len(parts) or len(flips) > 1:
        return None
    flipped = flips.pop()
    rect = _joined([part.rect for part in found], (node.op == "vstack") != flipped)
    return rect and Area(rect, flipped)


def _sliced(whole: Area, rows: tuple[int, int], columns: tuple[int, int]) -> Area:
    rect, flipped = whole
    down, across = (columns, rows) if flipped else (rows, columns)
    return Area(
        Rect(rect.sheet, rect.row + down[0], rect.column + across[0], down[1] - down[0], across[1] - across[0]), flipped
    )


def _joined(rects: list[Rect], below: bool) -> Rect | None:
    """The rectangle around `rects` if they follow one another without a gap."""
    first = rects[0]
    row, column = first.row, first.column
    for rect in rects:
        alike = rect.width == first.width if below else rect.height == first.height
        if (rect.sheet, rect.row, rect.column) != (first.sheet, row, column) or not alike:
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
    """Row i of the left operand meets column j of the right one; where these stand in several pieces, each piece of
    the row meets its piece of the column, and what meets ones is only added."""
    left, right = expr.args
    lefts, rights = (n.args if n.op == stack else (n,) for n, stack in ((left, "hstack"), (right, "vstack")))
    if [a.shape[1] for a in lefts] != [b.shape[0] for b in rights]:
        lefts, rights = (left,), (right,)
    terms, start = [], 0
    while start < len(lefts):
        for stop in range(len(lefts), start, -1):
            row = _area_of("hstack", lefts[start:stop], view)
            column = _area_of("vstack", rights[start:stop], view)
            if row is not None and column is not None:
                terms.append(_meet(_line(row, 0, i).rect, _line(column, 1, j).rect, view.sheet))
                start = stop
                break
        else:
            terms.append(_added(lefts[start], rights[start], i, j, view))
            start += 1
    return terms[0] if len(terms) == 1 else Text("+".join(f"{term:+}" for term in terms), 3)


def _area_of(stack: str, nodes: tuple[Node, ...], view: _View) -> Area | None:
    """Where several pieces stand, if it is one place."""
    return area(nodes[0] if len(nodes) == 1 else call(stack, *nodes), view.locate)


def _added(left: Node, right: Node, i: int, j: int, view: _View) -> Text:
    """What a piece of a product adds when one of the two is ones."""
    other, line, at = (left, 0, i) if right.op == "ones" else (right, 1, j)
    if "ones" not in (left.op, right.op) or (found := area(other, view.locate)) is None:
        raise ValueError(f"an operand of a product stands in several pieces: {left.op}, {right.op}")
    rect = _line(found, line, at).rect
    text = _line_reference(rect, view.sheet)
    if rect.height * rect.width > 1:
        return Text(f"SUM({text})")
    return Text(reference(rect, view.sheet, (False, True) if line == 0 else (True, False)))


def _meet(row: Rect, column: Rect, sheet: str) -> Text:
    """A row times a column, however they stand."""
    if row.height * row.width == 1:
        return Text(f"{reference(row, sheet, (False, True))}*{reference(column, sheet, (True, False))}", 4)
    first, second = _line_reference(row, sheet), _line_reference(column, sheet)
    if row.height > 1 and column.height == 1:
        return Text(f"MMULT({second},{first})")
    if row.height > 1:
        first = f"TRANSPOSE({first})"
    elif column.height == 1:
        second = f"TRANSPOSE({second})"
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
        fixed = (node.shape[0] < view.over[0], node.shape[1] < view.over[1])
        return Text(reference(Rect(rect.sheet, rect.row + i, rect.column + j, 1, 1), view.sheet, fixed))
    operation = OPERATIONS[node.op]
    if operation.kind == "view":
        return _view_cell(node, i, j, view)
    if operation.kind == "product":
        return _product_cell(node, i, j, view)
    if operation.kind == "reduction":
        axis = node.option("axis")
        along = _along(node.args[0], axis, j if axis == 0 else i, view)
        return _filled(operation.formula, {"x": along}, node)
    if operation.kind == "range":
        assert callable(operation.formula)
        grids = [_Grid(arg, view) for arg in node.args]
        return Text(operation.formula(i, j, *grids, **dict(node.options)))
    args = [_cell(arg, i, j, view) for arg in node.args]
    return _filled(operation.formula, dict(zip((n for n, _ in operation.arguments), args, strict=True)), node)


def _along(node: Node, axis: int | None, at: int, view: _View) -> Text:
    """What a reduction runs over: all of `node`, or its column (axis 0) or row (axis 1) number `at`."""
    if node.value is not None:
        return _number(node.value)
    found = area(node, view.locate)
    if found is not None:
        if axis is None:
            return Text(reference(found.rect, view.sheet))
        return Text(_line_reference(_line(found, 1 - axis, at if node.shape[1 - axis] > 1 else 0).rect, view.sheet))
    template = OPERATIONS[node.op].array
    if node.kind != "elementwise" or template is None:
        raise ValueError(f"{node.op} can't be reduced before it stands on the sheet")
    names = (name for name, _ in OPERATIONS[node.op].arguments)
    return _filled(template, dict(zip(names, (_along(arg, axis, at, view) for arg in node.args), strict=True)), node)


class _Grid:
    """An operand as the formulas of range operations see it."""

    def __init__(self, node: Node, view: _View) -> None:
        self.node, self.view, self.shape = node, view, node.shape

    @property
    def area(self) -> Area:
        """Where it stands. Raises ValueError if not in one piece."""
        found = area(self.node, self.view.locate)
        if found is None:
            raise ValueError(f"an operand of a window stands in several pieces: {self.node.op}")
        return found

    def cell(self, i: int, j: int, fixed: tuple[bool, bool] = (False, False)) -> str:
        """Reference to one cell."""
        return reference(_sliced(self.area, (i, i + 1), (j, j + 1)).rect, self.view.sheet, fixed)

    def line(self, i: int) -> str:
        """Reference to row `i`."""
        return _line_reference(_line(self.area, 0, i).rect, self.view.sheet)

    def window(self, rows: tuple[int, int], columns: tuple[int, int], fixed: bool = False) -> str:
        """Reference to the cells of rows and columns `(start, stop)`."""
        rect = _sliced(self.area, rows, columns).rect
        return reference(rect, self.view.sheet, (fixed, fixed))

    @property
    def flipped(self) -> bool:
        return self.area.flipped


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
        operand = area(node, locate)
        if operand is None:
            return None
        fixed = operand.rect.height == 1 or operand.rect.width == 1
        if operand.flipped:
            return Text(_block_area(operand, sheet))
        return Text(reference(operand.rect, sheet, (fixed, fixed)))
    operation = OPERATIONS[node.op]
    if operation.kind == "product":
        areas = [area(arg, locate) for arg in node.args]
        texts = [_block_area(found, sheet) for found in areas if found is not None]
        return Text(f"MMULT({','.join(texts)})") if len(texts) == 2 else None
    if operation.kind == "reduction" and node.option("axis") is None and node.op != "argmax":
        inner = _block(node.args[0], locate, sheet)
        return None if inner is None else _filled(operation.formula, {"x": inner}, node)
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
