"""Operations that make one number of a column, a row or a whole matrix."""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sheetgen.ir.program import Shape
from sheetgen.ops.base import Operation, Term, equal, full, lift, register, total, where


def reduced(shape: Shape, axis: int | None = None) -> Shape:
    """The shape after reducing along `axis`, two dimensions kept."""
    return (1, 1) if axis is None else (1, shape[1]) if axis == 0 else (shape[0], 1)


def count(x: Term, axis: int | None) -> int:
    """How many cells go into one number."""
    return x.shape[0] * x.shape[1] if axis is None else x.shape[axis]


def reduction(name: str, *, numpy: Callable[..., Any], formula: str, gradient: Callable[..., Any] | None, says: str,
              axis: int | None = None) -> None:
    """Register a reduction; `{x}` in `formula` is the range it runs over, `axis` its default.

    `numpy(x, axis)` takes a 2-D array and may drop a dimension; the result is given both back.
    """
    register(
        Operation(
            name, "reduction", (("x", None),), {"axis": axis, "keepdims": True},
            shape=reduced,
            numpy=lambda x, axis=None: np.asarray(numpy(x, axis), dtype=float).reshape(reduced(x.shape, axis)),
            formula=formula, gradient=gradient, says=says,
        )
    )


def _spread(x: Term, g: Term) -> Term:
    """A number for every cell stays a number; anything else is repeated over `x`."""
    return g if g.number is not None else full(g, x.shape)


def _extreme_gradient(x: Term, out: Term, g: Term, axis: int | None = None) -> Term:
    """Cells that share the extreme share the gradient equally."""
    hit = equal(x, out)
    return where(hit, g / total(hit, axis), 0)


reduction("sum", numpy=lambda x, axis: np.sum(x, axis=axis), formula="SUM({x})",
          gradient=lambda x, out, g, axis=None: _spread(x, g), says="everything is added up")
reduction("mean", numpy=lambda x, axis: np.mean(x, axis=axis), formula="AVERAGE({x})",
          gradient=lambda x, out, g, axis=None: _spread(x, g / count(x, axis)), says="the average")
reduction("max", numpy=lambda x, axis: np.max(x, axis=axis), formula="MAX({x})", gradient=_extreme_gradient,
          says="the largest")
reduction("min", numpy=lambda x, axis: np.min(x, axis=axis), formula="MIN({x})", gradient=_extreme_gradient,
          says="the smallest")
reduction("argmax", numpy=lambda x, axis: np.argmax(x, axis=axis), formula="MATCH(MAX({x}),{x:range},0)-1", axis=0,
          gradient=lambda x, out, g, axis=0: lift(0), says="the place of the largest, counted from 0")
