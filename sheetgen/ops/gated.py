"""Gated units: one half of the rows decides how much of the other passes.

`glu` is that of Dauphin and others (arXiv:1612.08083) with PyTorch's order: the second half gates the first. `swiglu`
is that of Shazeer (arXiv:2002.05202): the first half goes through SiLU and gates the second.
"""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

import numpy as np

from sheetgen.ir.node import Node, Shape, call
from sheetgen.ops import options
from sheetgen.ops.base import ShapeProblem
from sheetgen.ops.composites import Define, composite
from sheetgen.ops.elementwise import logistic
from sheetgen.ops.notation import Caption
from sheetgen.ops.telling import half
from sheetgen.ops.views import cut, stack

AXIS = {"axis": options.lines(0)}


def _half(shape: Shape, axis: int = 0) -> Shape:
    if shape[axis] % 2:
        what = ("rows", "columns")[axis]
        raise ShapeProblem(f"it parts the {what} into two halves, so there must be an even number of them")
    return (shape[0] // 2, shape[1]) if axis == 0 else (shape[0], shape[1] // 2)


def _halves(x: Node, axis: int) -> tuple[Node, Node]:
    middle = x.shape[axis] // 2
    return cut(x, axis, 0, middle), cut(x, axis, middle, 2 * middle)


def _silu_slope(x: Node) -> Node:
    return logistic(x) * (1 + x * (1 - logistic(x)))


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(np.minimum(700, -x))))


def _expand_glu(define: Define, x: Node, axis: int = 0) -> Node:
    a, b = _halves(x, axis)
    return a * define("gate", logistic(b))


def _glu_gradient(x: Node, out: Node, g: Node, axis: int = 0) -> Node:
    a, b = _halves(x, axis)
    return stack(axis, [g * logistic(b), g * a * (logistic(b) * (1 - logistic(b)))])


def _expand_swiglu(define: Define, x: Node, axis: int = 0) -> Node:
    a, b = _halves(x, axis)
    return define("gate", call("silu", a)) * b


def _swiglu_gradient(x: Node, out: Node, g: Node, axis: int = 0) -> Node:
    a, b = _halves(x, axis)
    return stack(axis, [g * b * _silu_slope(a), g * call("silu", a)])


def _split(x: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.split(x, 2, axis=axis)
    return first, second


composite("glu", "x", options=AXIS, shape=_half, expand=_expand_glu, gradient=_glu_gradient,
          numpy=lambda x, axis=0: _split(x, axis)[0] * _sigmoid(_split(x, axis)[1]),
          role="activation", label="GLU", caption=Caption("GLU({0})"),
          says="gated linear unit: the upper half of the rows, times the sigmoid of the lower half",
          tells=lambda node: f"gated linear unit: {half(node)}, times the sigmoid of {half(node, second=True)}")
composite("swiglu", "x", options=AXIS, shape=_half, expand=_expand_swiglu, gradient=_swiglu_gradient,
          numpy=lambda x, axis=0: _split(x, axis)[0] * _sigmoid(_split(x, axis)[0]) * _split(x, axis)[1],
          role="activation", label="SwiGLU", caption=Caption("SwiGLU({0})"),
          says="SwiGLU: the SiLU of the upper half of the rows, times the lower half",
          tells=lambda node: f"SwiGLU: the SiLU of {half(node)}, times {half(node, second=True)}")
