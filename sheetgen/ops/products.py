"""The matrix product."""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

import numpy as np

from sheetgen.ir.node import Shape
from sheetgen.ops.base import Operation, ShapeProblem, register, signature


def _shape(left: Shape, right: Shape) -> Shape:
    if left[1] != right[0]:
        raise ShapeProblem  # `sheetgen.lang.infer` says why, with the operands' names
    return left[0], right[1]


register(
    Operation(
        name="matmul", kind="product", arguments=signature("x, y"), shape=_shape, numpy=np.matmul,
        multiplies=lambda x, y: x[1],
        gradient=lambda x, y, out, g: (g @ y.T, x.T @ g), transposes=lambda node: node.args[1].T @ node.args[0].T,
        says="each number is a row of the first times a column of the second, added up", symbol="@", public=False,
        spreads="multiplies",
    )
)
