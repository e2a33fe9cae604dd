"""Operations that make one number of a column, a row or a whole matrix."""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sheetgen.ir.node import Node, Shape, call, number
from sheetgen.ir.walk import added
from sheetgen.ops import options
from sheetgen.ops.base import Operation, equal, full, register, signature, through, total, where
from sheetgen.ops.equality import close, same
from sheetgen.ops.notation import Caption


def reduced(shape: Shape, axis: int | None = None) -> Shape:
    """The shape after reducing along `axis`, two dimensions kept."""
    return (1, 1) if axis is None else (1, shape[1]) if axis == 0 else (shape[0], 1)


def count(x: Node, axis: int | None) -> int:
    """How many cells go into one number."""
    return x.shape[0] * x.shape[1] if axis is None else x.shape[axis]


def reduction(name: str, *, numpy: Callable[..., Any], formula: str, gradient: Callable[..., Any] | None, says: str,
              axis: int | None = None, array: str | None = "same", **fields: Any) -> None:
    """Register a reduction; `{x}` in `formula` is the range it runs over, `axis` its default.

    `numpy(x, axis)` takes a 2-D array and may drop a dimension; the result is given both back. `array` is the formula
    for everything at once, None when there is none. `fields` are others of `Operation`.
    """
    register(
        Operation(
            name=name, kind="reduction", arguments=signature("x"), shape=reduced,
            options={"axis": options.axis(None) if axis is None else options.lines(axis),
                     "keepdims": options.keepdims()},
            numpy=lambda x, axis=None: np.asarray(numpy(x, axis), dtype=float).reshape(reduced(x.shape, axis)),
            formula=formula, array=formula if array == "same" else array, gradient=gradient, transposes=through,
            says=says, **fields,
        )
    )


def _spread(x: Node, g: Node) -> Node:
    """A number for every cell stays a number; anything else is repeated over `x`."""
    return g if g.value is not None else full(g, x.shape)


def _extreme_gradient(x: Node, out: Node, g: Node, axis: int | None = None) -> Node:
    """Cells that share the extreme share the gradient equally."""
    hit = equal(x, out)
    return where(hit, g / total(hit, axis), 0)


def _shared(numpy: Callable[..., Any]) -> Callable[..., Any]:
    """Where several cells share the extreme."""

    def kink(x: np.ndarray, axis: int | None = None) -> Any:
        hit = same(x, numpy(x, axis=axis, keepdims=True))
        return hit & (hit.sum(axis=axis, keepdims=True) > 1)

    return kink


reduction("sum", numpy=lambda x, axis: np.sum(x, axis=axis), formula="SUM({x})",
          gradient=lambda x, out, g, axis=None: _spread(x, g), label="Σ", caption=Caption("Σ({0})"), spreads="adds",
          says="everything is added up", slope="every summand gets the gradient of the sum", of_list=added)
reduction("mean", numpy=lambda x, axis: np.mean(x, axis=axis), formula="AVERAGE({x})",
          gradient=lambda x, out, g, axis=None: _spread(x, g / count(x, axis)), label="μ",
          caption=Caption("mean({0})"), spreads="adds",
          says="the average", slope="every cell gets its share of the gradient",
          of_list=lambda terms: added(terms) / len(terms))
reduction("max", numpy=lambda x, axis: np.max(x, axis=axis), formula="MAX({x})", gradient=_extreme_gradient,
          kink=_shared(np.max), spreads="picks", says="the largest", slope="it goes to the largest, shared by equals")
reduction("min", numpy=lambda x, axis: np.min(x, axis=axis), formula="MIN({x})", gradient=_extreme_gradient,
          kink=_shared(np.min), spreads="picks", says="the smallest", slope="it goes to the smallest, shared by equals")
reduction("argmax", numpy=lambda x, axis: np.argmax(same(x, x.max(axis=axis, keepdims=True)), axis=axis), axis=0,
          formula="MATCH(MAX({x}),{x:range},0)-1", array=None, gradient=lambda x, out, g, axis=0: number(0),
          kink=_shared(np.max), caption=Caption("argmax({0})"), jumps="place",
          ties=lambda x, axis=0: close(x, x.max(axis=axis, keepdims=True)).any(axis=axis, keepdims=True),
          says="the place of the largest, counted from 0")
reduction("argmin", numpy=lambda x, axis: np.argmax(same(x, x.min(axis=axis, keepdims=True)), axis=axis), axis=0,
          formula="MATCH(MIN({x}),{x:range},0)-1", array=None, gradient=lambda x, out, g, axis=0: number(0),
          kink=_shared(np.min), caption=Caption("argmin({0})"), jumps="place",
          ties=lambda x, axis=0: close(x, x.min(axis=axis, keepdims=True)).any(axis=axis, keepdims=True),
          says="the place of the smallest, counted from 0")


def _product_gradient(x: Node, out: Node, g: Node, axis: int | None = None) -> Node:
    """The product of all others: the whole one without its own factor, also where that, and no other, is 0."""
    zero = equal(x, 0)
    others = call("prod", where(zero, 1, x), axis=axis)
    return g * where(zero, where(equal(total(zero, axis), 1), others, 0), out / x)


reduction("prod", numpy=lambda x, axis: np.prod(x, axis=axis), formula="PRODUCT({x})", array=None,
          gradient=_product_gradient, label="Π", caption=Caption("Π({0})"), says="everything is multiplied",
          slope="what reaches it, times all the other factors")
