"""Operations that only rearrange cells, and constant matrices.

A view is one entry: `source` says where each cell comes from, and formulas, products and block formulas follow. One
whose cells stand in a rectangle, as those of its argument do, is an `operand`; others are drawn before a product or a
window reads them.
"""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from sheetgen.ir.node import Node, Shape, call
from sheetgen.ops.base import Operation, ShapeProblem, Source, operation, register, signature, zeros
from sheetgen.ops.notation import COMPARISON, Caption

Span = tuple[int, int]
Show = Callable[[Node, int], str]


def transpose(x: Node) -> Node:
    """The transpose as it is written, `x.T`; the property `T` moves it down to the leaves."""
    return call("transpose", x)


def part(x: Node, rows: Span, columns: Span) -> Node:
    """Rows and columns from the first of a pair up to, not including, the second."""
    return call("slice", x, rows=rows, columns=columns)


def stack(axis: int, blocks: Iterable[Node]) -> Node:
    """Matrices below one another (axis 0) or side by side (1), those of a stack among them one by one; a single one as
    it is."""
    made = tuple(each for block in blocks for each in blocks_of(block, axis))
    return made[0] if len(made) == 1 else call(("vstack", "hstack")[axis], *made)


def blocks_of(node: Node, axis: int) -> tuple[Node, ...]:
    """The matrices that are stacked along `axis`, or the matrix itself if it is no such stack."""
    return node.args if operation(node).stacks == axis else (node,)


def whole_of(node: Node) -> tuple[Node, Span, Span]:
    """The matrix of which `node` is a part, and which rows and columns; for anything else, itself and all of them."""
    if node.op == "slice":
        return node.args[0], node.option("rows"), node.option("columns")
    return node, (0, node.shape[0]), (0, node.shape[1])


def seen_through(node: Node) -> Node:
    """The matrix that is looked at, perhaps transposed or in part."""
    while operation(node).operand and operation(node).stacks is None:
        node = node.args[0]
    return node


def cut(x: Node, axis: int, start: int, stop: int) -> Node:
    """Rows (axis 0) or columns (axis 1) from `start` up to, not including, `stop` of `x`, cut out of each matrix of
    a stack."""
    if x.is_number or (start, stop) == (0, x.shape[axis]):
        return x
    rule = operation(x)
    if rule.fills is not None:
        return Node(x.op, shape=(stop - start, x.shape[1]) if axis == 0 else (x.shape[0], stop - start))
    if rule.stacks is not None and rule.stacks != axis:
        return stack(rule.stacks, (cut(arg, axis, start, stop) for arg in x.args))
    if rule.stacks is not None:
        pieces, first = [], 0
        for arg in x.args:
            low, high = max(start - first, 0), min(stop - first, arg.shape[axis])
            if low < high:
                pieces.append(cut(arg, axis, low, high))
            first += arg.shape[axis]
        return stack(axis, pieces)
    if rule.kind == "product":
        left, right = x.args
        return cut(left, 0, start, stop) @ right if axis == 0 else left @ cut(right, 1, start, stop)
    base, *spans = whole_of(x)
    low = spans[axis][0]
    spans[axis] = (low + start, low + stop)
    return part(base, spans[0], spans[1])


def pad(g: Node, shape: Shape, rows: Span, columns: Span) -> Node:
    """`g` put into a matrix of zeros of `shape`, at the given rows and columns."""
    for axis, (start, stop) in ((1, columns), (0, rows)):
        before = (start, g.shape[1]) if axis == 0 else (g.shape[0], start)
        after = (shape[0] - stop, g.shape[1]) if axis == 0 else (g.shape[0], shape[1] - stop)
        g = stack(axis, [*([zeros(before)] if start else []), g, *([zeros(after)] if stop < shape[axis] else [])])
    return g


def _view(name: str, arguments: str = "x", **fields: Any) -> None:
    register(Operation(name=name, kind="view", arguments=signature(arguments), spreads="moves", **fields))


# Parts


def _turned_slice(node: Node) -> Node:
    """A slice of a matrix stays one; that of anything else is cut out of its transpose."""
    (x,) = node.args
    return transpose(node) if x.is_leaf else part(x.T, node.option("columns"), node.option("rows"))


def _written_slice(node: Node, show: Show) -> str:
    spans = [
        ":" if span == (0, size) else str(span[0]) if span[1] == span[0] + 1 else f"{span[0]}:{span[1]}"
        for span, size in zip(whole_of(node)[1:], node.args[0].shape, strict=True)
    ]
    return f"{show(node.args[0], 9)}[{', '.join(spans)}]"


def _diagonal_shape(s: Shape) -> Shape:
    if 1 in s:
        return max(s), max(s)
    if s[0] != s[1]:
        raise ShapeProblem("it takes a row, a column or a square matrix")
    return s[0], 1


def _diagonal(x: np.ndarray) -> np.ndarray:
    return np.diag(x.ravel()) if 1 in x.shape else np.diag(x).reshape(-1, 1)


def _diagonal_gradient(x: Node, out: Node, g: Node) -> Node:
    back = call("diag", g)
    return back.T if x.shape[0] == 1 and x.shape != back.shape else back


def _diagonal_source(node: Node, i: int, j: int) -> Source:
    shape = node.args[0].shape
    if 1 not in shape:
        return 0, i, i
    return 0.0 if i != j else (0, 0, i) if shape[0] == 1 else (0, i, 0)


_view("transpose", shape=lambda s: (s[1], s[0]), numpy=np.transpose, gradient=lambda x, out, g: g.T,
      source=lambda node, i, j: (0, j, i), operand=True, transposes=lambda node: node.args[0],
      written=lambda node, show: f"{show(node.args[0], 9)}.T", example="x.T", caption=Caption("{0:.}ᵀ"),
      says="rows become columns")
_view("slice", shape=lambda s, rows, columns: (rows[1] - rows[0], columns[1] - columns[0]), public=False,
      numpy=lambda x, rows, columns: x[slice(*rows), slice(*columns)],
      gradient=lambda x, out, g, rows, columns: pad(g, x.shape, rows, columns),
      source=lambda node, i, j: (0, i + node.option("rows")[0], j + node.option("columns")[0]), operand=True,
      transposes=_turned_slice, written=_written_slice, example="x[1:3, 0]",
      says="a part is cut out", slope="what reaches the part that was cut out, and 0 elsewhere")
_view("tril", shape=lambda s: s, numpy=np.tril, gradient=lambda x, out, g: call("tril", g),
      source=lambda node, i, j: (0, i, j) if j <= i else 0.0, caption=Caption("{0} from the diagonal down", COMPARISON),
      says="everything above the diagonal becomes 0")
_view("triu", shape=lambda s: s, numpy=np.triu, gradient=lambda x, out, g: call("triu", g),
      source=lambda node, i, j: (0, i, j) if j >= i else 0.0, caption=Caption("{0} from the diagonal up", COMPARISON),
      says="everything below the diagonal becomes 0")
_view("diag", shape=_diagonal_shape, numpy=_diagonal, gradient=_diagonal_gradient, source=_diagonal_source,
      caption=Caption("diag({0})"),
      says="a row or column of numbers becomes the diagonal of a matrix; of a square matrix, the diagonal as a column",
      tells=lambda node: ("its numbers become the diagonal of a matrix" if 1 in node.args[0].shape
                          else "the diagonal becomes a column"))


# Stacks


def _stack(name: str, axis: int, sign: str, says: str) -> None:
    """`sign` parts the matrices of a stack where it is written."""

    def shape(*shapes: Shape) -> Shape:
        across = {s[1 - axis] for s in shapes}
        if len(across) > 1:
            raise ShapeProblem(f"all need the same number of {('columns', 'rows')[axis]}")
        along = sum(s[axis] for s in shapes)
        return (along, across.pop()) if axis == 0 else (across.pop(), along)

    def gradient(*args: Node, out: Node, g: Node) -> tuple[Node, ...]:
        starts = [sum(arg.shape[axis] for arg in args[:k]) for k in range(len(args) + 1)]
        return tuple(cut(g, axis, start, stop) for start, stop in itertools.pairwise(starts))

    def source(node: Node, i: int, j: int) -> Source:
        at, which = (i, j)[axis], 0
        while at >= node.args[which].shape[axis]:
            at, which = at - node.args[which].shape[axis], which + 1
        return (which, at, j) if axis == 0 else (which, i, at)

    _view(name, "", shape=shape, numpy=lambda *xs: np.concatenate(xs, axis), gradient=gradient, variadic=True,
          source=source, operand=True, stacks=axis,
          transposes=lambda node: stack(1 - axis, [arg.T for arg in node.args]),
          written=lambda node, show: f"[{sign.join(show(arg, 0) for arg in node.args)}]",
          says=says, slope="its part of what reaches the stack")


_stack("vstack", 0, " ; ", "stacked below one another")
_stack("hstack", 1, " | ", "put side by side")


# Constant matrices, made of a size alone: `numpy` takes the shape


def _constant(name: str, *, source: Callable[[Node, int, int], Source], numpy: Callable[..., Any], says: str,
              caption: str, fills: float | None = None, square: bool = False) -> None:
    def written(node: Node, show: Show) -> str:
        rows, columns = node.shape
        if fills == 1 and 1 in node.shape:
            return "1"
        return f"{name}({rows})" if square and rows == columns else f"{name}(({rows}, {columns}))"

    _view(name, "", shape=lambda: (1, 1), numpy=numpy, source=source, fills=fills, square=square, written=written,
          transposes=lambda node: Node(name, shape=(node.shape[1], node.shape[0])),
          example=f"{name}(3)" if square else f"{name}((2, 3))", caption=Caption(caption), says=says)


_constant("zeros", source=lambda node, i, j: 0.0, fills=0, numpy=np.zeros, caption="0", says="zeros")
_constant("ones", source=lambda node, i, j: 1.0, fills=1, numpy=np.ones, caption="1", says="ones")
_constant("eye", source=lambda node, i, j: float(i == j), numpy=lambda s: np.eye(*s), square=True, caption="I",
          says="the identity: ones on the diagonal")
