"""What the rows and columns of each matrix are called: labels that the spec gives, carried along by the operations."""

from __future__ import annotations

from sheetgen.ir.node import Node
from sheetgen.ir.program import Program
from sheetgen.ops import operation

Names = tuple[str, ...]
Axes = tuple[Names, Names]
NONE: Axes = ((), ())


def axes(program: Program) -> dict[str, Axes]:
    """Names of the rows and of the columns of every matrix, each empty or one for every row or column."""
    found: dict[str, Axes] = {g.name: (g.rows, g.columns) for g in program.givens}
    for s in program.statements:
        if s.kind == "matrix":
            found[s.name] = _of(s.expr, found)
            if s.phase == "backward" and s.gradient_of:
                found[s.name] = found[s.gradient_of]
    return found


def _of(node: Node, known: dict[str, Axes]) -> Axes:
    """The labels of an expression's rows and columns."""
    if node.is_matrix:
        return known.get(node.name, NONE)
    inner = [_of(arg, known) for arg in node.args]
    match node.kind:
        case "product":
            return inner[0][0], inner[1][1]
        case "view":
            return _view(node, inner)
        case "elementwise" | "composite" | "reduction":
            if node.shape == (1, 1):
                return NONE
            alike = [a for arg, a in zip(node.args, inner, strict=True)]
            rows = next((a[0] for a in alike if len(a[0]) == node.shape[0]), ())
            columns = next((a[1] for a in alike if len(a[1]) == node.shape[1]), ())
            return rows, columns
        case "range" if operation(node).spreads == "moves" and operation(node).selects == (1,):  # columns looked up
            return inner[0][0], inner[1][1]
    return NONE


def _view(node: Node, inner: list[Axes]) -> Axes:
    if not inner:
        return NONE
    rows, columns = inner[0]
    match node.op:
        case "transpose":
            return columns, rows
        case "slice":
            (top, bottom), (first, last) = node.option("rows"), node.option("columns")
            return rows[top:bottom], columns[first:last]
        case "vstack":
            return _joined([a[0] for a in inner], node.shape[0]), columns
        case "hstack":
            return rows, _joined([a[1] for a in inner], node.shape[1])
    return rows if len(rows) == node.shape[0] else (), columns if len(columns) == node.shape[1] else ()


def _joined(names: list[Names], size: int) -> Names:
    joined = tuple(name for part in names for name in part)
    return joined if len(joined) == size else ()
