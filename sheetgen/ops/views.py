"""Operations that only rearrange cells, and constant matrices."""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

from typing import Any

import numpy as np

from sheetgen.ir.node import Node, Shape, call
from sheetgen.ops.base import Operation, ShapeProblem, register, zeros


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
    def gradient(*args: Node, out: Node, g: Node) -> tuple[Node, ...]:
        parts, start = [], 0
        for arg in args:
            stop = start + arg.shape[axis]
            parts.append(cut(g, axis, start, stop))
            start = stop
        return tuple(parts)

    return gradient


def cut(x: Node, axis: int, start: int, stop: int) -> Node:
    """Rows (axis 0) or columns (axis 1) from `start` up to, not including, `stop` of `x`, cut out of each matrix of
    a stack."""
    if x.is_number or (start, stop) == (0, x.shape[axis]):
        return x
    shape = (stop - start, x.shape[1]) if axis == 0 else (x.shape[0], stop - start)
    if x.op in ("ones", "zeros"):
        return Node(x.op, shape=shape)
    if x.op in ("vstack", "hstack"):
        if (x.op == "vstack") != (axis == 0):
            return call(x.op, *(cut(arg, axis, start, stop) for arg in x.args))
        pieces, first = [], 0
        for arg in x.args:
            low, high = max(start - first, 0), min(stop - first, arg.shape[axis])
            if low < high:
                pieces.append(cut(arg, axis, low, high))
            first += arg.shape[axis]
        return pieces[0] if len(pieces) == 1 else call(x.op, *pieces)
    if x.op == "matmul":
        left, right = x.args
        return cut(left, 0, start, stop) @ right if axis == 0 else left @ cut(right, 1, start, stop)
    spans = [(0, x.shape[0]), (0, x.shape[1])]
    spans[axis] = (start, stop)
    if x.op == "slice":
        offsets = [x.option("rows")[0], x.option("columns")[0]]
        spans = [(low + by, high + by) for (low, high), by in zip(spans, offsets, strict=True)]
        x = x.args[0]
    return call("slice", x, rows=spans[0], columns=spans[1])


def pad(g: Node, shape: Shape, rows: tuple[int, int], columns: tuple[int, int]) -> Node:
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


def _turned_slice(node: Node) -> Node:
    """A slice of a matrix stays one; that of anything else is cut out of its transpose."""
    (x,) = node.args
    if x.is_leaf:
        return call("transpose", node)
    return call("slice", x.T, rows=node.option("columns"), columns=node.option("rows"))


_view("transpose", shape=lambda s: (s[1], s[0]), numpy=np.transpose, gradient=lambda x, out, g: g.T,
      transposes=lambda node: node.args[0],
      says="rows become columns")
_view("slice", shape=lambda s, rows, columns: (rows[1] - rows[0], columns[1] - columns[0]), public=False,
      numpy=lambda x, rows, columns: x[slice(*rows), slice(*columns)],
      gradient=lambda x, out, g, rows, columns: pad(g, x.shape, rows, columns), transposes=_turned_slice,
      says="a part is cut out")
_view("vstack", shape=_stack_shape(0), numpy=lambda *xs: np.vstack(xs), gradient=_stack_gradient(0), variadic=True,
      transposes=lambda node: call("hstack", *(arg.T for arg in node.args)), says="stacked below one another")
_view("hstack", shape=_stack_shape(1), numpy=lambda *xs: np.hstack(xs), gradient=_stack_gradient(1), variadic=True,
      transposes=lambda node: call("vstack", *(arg.T for arg in node.args)), says="put side by side")
_view("tril", shape=lambda s: s, numpy=np.tril, gradient=lambda x, out, g: call("tril", g),
      says="everything above the diagonal becomes 0")
for _name, _make in (("zeros", np.zeros), ("ones", np.ones), ("eye", lambda s: np.eye(*s))):
    _view(_name, arguments=(), shape=lambda: (1, 1), numpy=_make, gradient=None,
          transposes=lambda node: Node(node.op, shape=(node.shape[1], node.shape[0])),
          says={"zeros": "zeros", "ones": "ones", "eye": "the identity: ones on the diagonal"}[_name])
