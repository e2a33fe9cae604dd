"""Operations that only rearrange cells, and constant matrices."""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

from typing import Any

import numpy as np

from sheetgen.ir.program import Call, Number, Shape
from sheetgen.ops.base import Operation, ShapeProblem, Term, call, is_matmul, register, zeros


def _stack_shape(axis: int) -> Any:
    def shape(*shapes: Shape) -> Shape:
        across = {s[1 - axis] for s in shapes}
        if len(across) > 1:
            what = "columns" if axis == 0 else "rows"
            raise ShapeProblem(f"all need the same number of {what}")
        along = sum(s[axis] for s in shapes)
        return (along, across.pop()) if axis == 0 else (across.pop(), along)

    return shape


def _stack_gradient(axis: int) -> Any:
    def gradient(*args: Term, out: Term, g: Term) -> tuple[Term, ...]:
        parts, start = [], 0
        for arg in args:
            stop = start + arg.shape[axis]
            parts.append(cut(g, axis, start, stop))
            start = stop
        return tuple(parts)

    return gradient


def cut(x: Term, axis: int, start: int, stop: int) -> Term:
    """Rows (axis 0) or columns (axis 1) from `start` up to, not including, `stop` of `x`, cut out of each matrix of
    a stack."""
    node = x.node
    if isinstance(node, Number) or (start, stop) == (0, node.shape[axis]):
        return x
    shape = (stop - start, node.shape[1]) if axis == 0 else (node.shape[0], stop - start)
    if isinstance(node, Call) and node.op in ("ones", "zeros"):
        return Term(Call(node.op, (), shape))
    if isinstance(node, Call) and node.op in ("vstack", "hstack"):
        if (node.op == "vstack") != (axis == 0):
            return call(node.op, *(cut(Term(arg), axis, start, stop) for arg in node.args))
        pieces, first = [], 0
        for arg in node.args:
            low, high = max(start - first, 0), min(stop - first, arg.shape[axis])
            if low < high:
                pieces.append(cut(Term(arg), axis, low, high))
            first += arg.shape[axis]
        return pieces[0] if len(pieces) == 1 else call(node.op, *pieces)
    if is_matmul(node):
        left, right = (Term(arg) for arg in node.args)
        return cut(left, 0, start, stop) @ right if axis == 0 else left @ cut(right, 1, start, stop)
    spans = [(0, node.shape[0]), (0, node.shape[1])]
    spans[axis] = (start, stop)
    if isinstance(node, Call) and node.op == "slice":
        offsets = [node.option("rows")[0], node.option("columns")[0]]
        spans = [(low + by, high + by) for (low, high), by in zip(spans, offsets, strict=True)]
        x = Term(node.args[0])
    return call("slice", x, rows=spans[0], columns=spans[1])


def pad(g: Term, shape: Shape, rows: tuple[int, int], columns: tuple[int, int]) -> Term:
    """`g` put into a matrix of zeros of `shape`, at the given rows and columns."""
    for axis, (start, stop) in ((1, columns), (0, rows)):
        before = (start, g.shape[1]) if axis == 0 else (g.shape[0], start)
        after = (shape[0] - stop, g.shape[1]) if axis == 0 else (g.shape[0], shape[1] - stop)
        parts = [*([zeros(before)] if start else []), g, *([zeros(after)] if stop < shape[axis] else [])]
        if len(parts) > 1:
            g = call("vstack" if axis == 0 else "hstack", *parts)
    return g


def _view(name: str, **fields: Any) -> None:
    register(Operation(name, "view", **{"arguments": (("x", None),), "options": {}, **fields}))


_view("transpose", shape=lambda s: (s[1], s[0]), numpy=np.transpose, gradient=lambda x, out, g: g.T,
      says="rows become columns")
_view("slice", shape=lambda s, rows, columns: (rows[1] - rows[0], columns[1] - columns[0]), public=False,
      numpy=lambda x, rows, columns: x[slice(*rows), slice(*columns)],
      gradient=lambda x, out, g, rows, columns: pad(g, x.shape, rows, columns), says="a part is cut out")
_view("vstack", shape=_stack_shape(0), numpy=lambda *xs: np.vstack(xs), gradient=_stack_gradient(0), variadic=True,
      says="stacked below one another")
_view("hstack", shape=_stack_shape(1), numpy=lambda *xs: np.hstack(xs), gradient=_stack_gradient(1), variadic=True,
      says="put side by side")
_view("tril", shape=lambda s: s, numpy=np.tril, gradient=lambda x, out, g: call("tril", g),
      says="everything above the diagonal becomes 0")
for _name, _make in (("zeros", np.zeros), ("ones", np.ones), ("eye", lambda s: np.eye(*s))):
    _view(_name, arguments=(), shape=lambda: (1, 1), numpy=_make, gradient=None,
          says={"zeros": "zeros", "ones": "ones", "eye": "the identity: ones on the diagonal"}[_name])
