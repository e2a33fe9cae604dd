"""Spreadsheet formulas: one per cell, or one array formula for a whole block.

Formulas come without the leading `=`. Ranges that an operand covers must stand together on the
sheet: a stack of matrices is the rectangle around them.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from sheetgen.cells.a1 import Rect, reference
from sheetgen.cells.area import Area, Locate, area, find_area, line_of, line_reference, placed, sliced, stacked
from sheetgen.ir.node import Node, Shape
from sheetgen.ir.walk import nodes as walk
from sheetgen.lang.show import show
from sheetgen.ops import operation
from sheetgen.ops.base import Source
from sheetgen.ops.template import Text, binding, literal
from sheetgen.ops.views import cut


class Formula(NamedTuple):
    """A cell's formula; `array` ones must be written as one-cell array formulas."""

    text: str
    array: bool = False


def cell_formula(expr: Node, i: int, j: int, locate: Locate, sheet: str) -> Formula:
    """The formula of cell (i, j), counted from 0, of the matrix that `expr` computes, for use on `sheet`."""
    text = cell_text(expr, i, j, locate, sheet)
    return Formula(text, in_array(expr, [text]))


def cell_text(expr: Node, i: int, j: int, locate: Locate, sheet: str) -> str:
    """The same without whether it must be an array formula."""
    return str.__str__(_cell(expr, i, j, _View(locate, sheet, expr.shape)))


def in_array(expr: Node, texts: Iterable[str]) -> bool:
    """Whether the formulas of cells of `expr` must be array formulas."""
    return any("MMULT(" in text for text in texts) or any(map(_reduces_a_tree, walk(expr)))


def plain_formula(expr: Node, i: int, j: int, locate: Locate, sheet: str) -> str:
    """The same without a range that is calculated with: `F13*L8+G13*L9`, which no program takes for an array formula.

    Products of any trees can be written so, too. Raises ValueError for what can't.
    """
    return str.__str__(_cell(expr, i, j, _View(locate, sheet, expr.shape, plain=True)))


def _reduces_a_tree(node: Node) -> bool:
    """Whether it reduces something that stands nowhere, such as squares: only array formulas can."""
    return node.kind == "reduction" and node.args[0].kind not in ("leaf", "view")


def block_formula(expr: Node, locate: Locate, sheet: str) -> str | None:
    """One array formula for the whole matrix, or None where ranges can't express it."""
    text = _block(expr, locate, sheet)
    return None if text is None or not expr.references else str.__str__(text)


def _product_cell(expr: Node, i: int, j: int, view: _View) -> Text:
    """Row i of the left operand meets column j of the right one; where these stand in several pieces, each piece of
    the row meets its piece of the column, and what meets ones is only added."""
    if view.plain:
        return _dot(expr, i, j, view)
    if all(operation(arg).stacks is None for arg in expr.args):
        rows, columns = (find_area(arg, view.locate) for arg in expr.args)
        if rows is not None and columns is not None:
            return _meet(line_of(rows, 0, i).rect, line_of(columns, 1, j).rect, view.sheet)
    left, right = (arg.T.T for arg in expr.args)  # transposes moved down to the leaves
    lefts, rights = _segments(cut(left, 0, i, i + 1), cut(right, 1, j, j + 1))
    across, down = ([find_area(piece, view.locate) for piece in pieces] for pieces in (lefts, rights))
    terms, start = [], 0
    while start < len(lefts):
        runs = zip(stacked(across[start:], 1), stacked(down[start:], 0), strict=False)
        met = [(stop, row, column) for stop, (row, column) in enumerate(runs, start + 1) if row and column]
        if met:
            start, row, column = met[-1]
            terms.append(_meet(row.rect, column.rect, view.sheet))
        else:
            terms.append(_added(lefts[start], rights[start], view))
            start += 1
    return terms[0] if len(terms) == 1 else Text("+".join(f"{term:+}" for term in terms), 3)


def _dot(expr: Node, i: int, j: int, view: _View) -> Text:
    """Row i of the left operand times column j of the right one, factor by factor; what is times 0 is left out."""
    left, right = expr.args
    pairs = ((_cell(left, i, k, view), _cell(right, k, j, view)) for k in range(left.shape[1]))
    terms = [_times(x, y) for x, y in pairs if x.number != 0 and y.number != 0]
    if len(terms) < 2:
        return terms[0] if terms else literal(0)
    return Text("+".join(f"{term:+}" for term in terms), 3)


def _times(x: Text, y: Text) -> Text:
    if x.number == 1 or y.number == 1:
        return y if x.number == 1 else x
    return Text(f"{x:*}*{y:*}", 4)


def _segments(left: Node, right: Node) -> tuple[list[Node], list[Node]]:
    """The pieces of a row and of a column that meet each other: stacks, cut where either of them is cut."""
    lefts, rights = _flat(left, 1), _flat(right, 0)
    ends = sorted({*accumulate(a.shape[1] for a in lefts), *accumulate(b.shape[0] for b in rights)})
    return _cut_at(lefts, 1, ends), _cut_at(rights, 0, ends)


def _flat(node: Node, axis: int) -> list[Node]:
    """The matrices stacked along `axis`, those of stacks in the stack too; anything else as it is."""
    if operation(node).stacks != axis:
        return [node]
    return [part for arg in node.args for part in _flat(arg, axis)]


def _cut_at(nodes: list[Node], axis: int, ends: list[int]) -> list[Node]:
    """Pieces that end at `ends`, counted along `axis` through all nodes; they end there themselves."""
    found, start, at = [], 0, 0
    for node in nodes:
        stop = start + node.shape[axis]
        while at < stop:
            end = ends[bisect(ends, at)]
            found.append(node if end - at == node.shape[axis] else cut(node, axis, at - start, end - start))
            at = end
        start = stop
    return found


def _added(left: Node, right: Node, view: _View) -> Text:
    """What a piece of a row adds where the column's is ones, or the other way round."""
    other = left if operation(right).fills == 1 else right
    found = find_area(other, view.locate)
    if 1 not in (operation(left).fills, operation(right).fills) or found is None:
        raise ValueError(f"an operand of a product stands in several pieces: {show(left)}, {show(right)}")
    if found.rect.height * found.rect.width > 1:
        return Text(f"SUM({line_reference(found.rect, view.sheet)})")
    return Text(reference(found.rect, view.sheet, (False, True) if other is left else (True, False)))


def _meet(row: Rect, column: Rect, sheet: str) -> Text:
    """A row times a column, however they stand."""
    if row.height * row.width == 1:
        return Text(f"{reference(row, sheet, (False, True))}*{reference(column, sheet, (True, False))}", 4)
    first, second = line_reference(row, sheet), line_reference(column, sheet)
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
    plain: bool = False
    """Nothing may be calculated with a whole range."""


def _cell(node: Node, i: int, j: int, view: _View) -> Text:
    """Cell (i, j) of a tree; rows, columns and single numbers are broadcast."""
    if node.value is not None:
        return literal(node.value)
    i, j = i if node.shape[0] > 1 else 0, j if node.shape[1] > 1 else 0
    if node.is_matrix:
        rect = placed(node, view.locate)
        fixed = (node.shape[0] < view.over[0], node.shape[1] < view.over[1])
        cell = Rect(rect.sheet, rect.row + i, rect.column + j, 1, 1, rect.still)
        return Text(reference(cell, view.sheet, (False, False) if view.plain else fixed))
    rule = operation(node)
    if rule.source is not None:
        return _view_cell(node, rule.source(node, i, j), view)
    if rule.kind == "product":
        return _product_cell(node, i, j, view)
    if rule.kind == "reduction":
        axis = node.option("axis")
        upright = len(_turns(node.args[0], axis, view.locate)) > 1
        return _filled(rule.formula, [_along(node.args[0], axis, j if axis == 0 else i, view, upright)], node)
    if rule.kind == "range" and callable(rule.formula):
        grids = [_Grid(arg, view) for arg in node.args]
        return Text(rule.formula(i, j, *grids, **dict(node.options)))
    return _filled(rule.formula, [_cell(arg, i, j, view) for arg in node.args], node)


def _view_cell(node: Node, source: Source, view: _View) -> Text:
    """The cell that a view shows. What it shows whole is broadcast as the view is; of a part, nothing is held fast."""
    if not isinstance(source, tuple):
        return literal(source)
    which, i, j = source
    shown = node.args[which]
    if shown.shape == node.shape:
        over = view.over
    else:
        over = (view.over[1], view.over[0]) if shown.shape == (node.shape[1], node.shape[0]) else (1, 1)
    return _cell(shown, i, j, _View(view.locate, view.sheet, over, view.plain))


def _turns(node: Node, axis: int | None, locate: Locate) -> set[bool]:
    """How the ranges stand that meet in a tree when a reduction runs over it: turned, or as they are."""
    if node.value is not None or (node.shape if axis is None else node.shape[axis]) in (1, (1, 1)):
        return set()
    found = find_area(node, locate)
    return {found.flipped} if found else set().union(*(_turns(arg, axis, locate) for arg in node.args))


def _along(node: Node, axis: int | None, at: int, view: _View, upright: bool = False) -> Text:
    """What a reduction runs over: all of `node`, or its column (axis 0) or row (axis 1) number `at`; `upright` turns
    what stands turned."""
    if node.value is not None:
        return literal(node.value)
    found = find_area(node, view.locate)
    if found is not None:
        rect = found.rect if axis is None else line_of(found, 1 - axis, at if node.shape[1 - axis] > 1 else 0).rect
        text = reference(rect, view.sheet) if axis is None else line_reference(rect, view.sheet)
        return Text(f"TRANSPOSE({text})" if upright and found.flipped and rect.height * rect.width > 1 else text)
    rule = operation(node)
    if view.plain:
        rows, columns = (range(s) if axis in (None, k) else (at,) for k, s in enumerate(node.shape))
        return Text(",".join(_cell(node, i, j, view) for i in rows for j in columns))
    if rule.stacks is not None and axis in (None, rule.stacks):
        return Text(",".join(_along(arg, axis, at, view, upright) for arg in node.args))
    if rule.stacks is not None:  # one of the matrices has the line
        ends = accumulate(arg.shape[rule.stacks] for arg in node.args)
        which, end = next((arg, end) for arg, end in zip(node.args, ends, strict=True) if at < end)
        return _along(which, axis, at - end + which.shape[rule.stacks], view, upright)
    if node.shape == (1, 1) or (axis is not None and node.shape[axis] == 1) or rule.fills is not None:
        return _cell(node, at if axis == 1 else 0, at if axis == 0 else 0, view)  # one number for the whole line
    if rule.kind != "elementwise" or rule.array is None:
        raise ValueError(f"{node.op} can't be reduced before it stands on the sheet")
    return _filled(rule.array, [_along(arg, axis, at, view, upright) for arg in node.args], node)


class _Grid:
    """An operand as the formulas of range operations see it."""

    def __init__(self, node: Node, view: _View) -> None:
        self.node, self.view, self.shape = node, view, node.shape

    @property
    def identity(self) -> bool:
        """Whether it is the identity, which needn't stand anywhere."""
        return operation(self.node).square

    def cell(self, i: int, j: int, fixed: tuple[bool, bool] = (False, False)) -> str:
        """Reference to one cell."""
        return reference(self._part((i, i + 1), (j, j + 1)), self.view.sheet, fixed)

    def line(self, i: int) -> str:
        """Reference to row `i`."""
        return line_reference(self._part((i, i + 1), (0, self.shape[1])), self.view.sheet)

    def window(self, rows: tuple[int, int], columns: tuple[int, int], fixed: bool = False) -> str:
        """Reference to the cells of rows and columns `(start, stop)`; row by row, with commas, if it is in pieces."""
        parts = [rows] if self.whole else [(i, i + 1) for i in range(*rows)]
        return ",".join(reference(self._part(part, columns), self.view.sheet, (fixed, fixed)) for part in parts)

    @property
    def whole(self) -> bool:
        """Whether its rows stand together."""
        return find_area(self.node, self.view.locate) is not None

    def _part(self, rows: tuple[int, int], columns: tuple[int, int]) -> Rect:
        """Where rows and columns `(start, stop)` stand together, be it in one of several pieces."""
        whole = find_area(self.node, self.view.locate)
        if whole is not None:
            return sliced(whole, rows, columns).rect
        return area(cut(cut(self.node, 0, *rows), 1, *columns), self.view.locate).rect

    @property
    def flipped(self) -> bool:
        """Whether its lines stand upright; those of several pieces lie."""
        whole = find_area(self.node, self.view.locate)
        return whole is not None and whole.flipped


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
        return literal(node.value)
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
        areas = [find_area(arg, locate) for arg in node.args]
        ranges = [_block_area(found, sheet) for found in areas if found is not None]
        return Text(f"MMULT({','.join(ranges)})") if len(ranges) == len(areas) else None
    if rule.array is None:
        return None
    if rule.kind == "reduction" and node.option("axis") is None:
        inner = _block(node.args[0], locate, sheet)
        return None if inner is None else _filled(rule.array, [inner], node)
    if rule.kind != "elementwise":
        return None
    args = [_block(arg, locate, sheet) for arg in node.args]
    texts = [arg for arg in args if arg is not None]
    if len(texts) < len(args):
        return None
    sizes = {arg.shape for arg in node.args if arg.shape != (1, 1)}
    filled = _filled(rule.array, texts, node)
    return None if len(sizes) > 1 and "IF(" in filled else filled
