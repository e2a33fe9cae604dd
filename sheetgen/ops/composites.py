"""Composites: operations that the canvas spells out in smaller, drawable steps.

`layer_norm` is that of Ba, Kiros and Hinton (arXiv:1607.06450): down each column, with the variance divided by the
number of rows, and PyTorch's eps.
"""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sheetgen.ir.node import Node, Shape, call
from sheetgen.ops import options
from sheetgen.ops.base import Operation, broadcast, full, register, signature, through, total
from sheetgen.ops.elementwise import exp, log
from sheetgen.ops.notation import PREFIX, Caption
from sheetgen.ops.options import Option
from sheetgen.ops.reductions import reduced

Define = Callable[[str, Node], Node]
"""`define("exp", term)` makes the auxiliary matrix `{name}_exp` and gives a reference to it."""


def composite(name: str, arguments: str, *, shape: Callable[..., Shape], numpy: Callable[..., Any],
              expand: Callable[..., Node], gradient: Callable[..., Any], says: str,
              options: Mapping[str, Option] | None = None, **fields: Any) -> None:
    """Register a composite. `expand(define, *args, **options)` gives its last step as a term; `define` makes others.

    `numpy` must give the same value as the steps; `gradient` is in closed form, so that the backward pass stays short.
    `fields` are others of `Operation`.
    """
    register(Operation(name=name, kind="composite", arguments=signature(arguments), options=options or {}, shape=shape,
                       numpy=numpy, gradient=gradient, expand=expand, says=says, **fields))


def mean(x: Node, axis: int | None) -> Node:
    """The average along `axis` as a node."""
    return call("mean", x, axis=axis)


def largest(x: Node, axis: int | None) -> Node:
    """The maximum along `axis` as a node."""
    return call("max", x, axis=axis)


# softmax and its kin


def _softmax(x: np.ndarray, axis: int | None = 0) -> np.ndarray:
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return np.asarray(e / e.sum(axis=axis, keepdims=True))


def _expand_softmax(define: Define, x: Node, axis: int | None = 0) -> Node:
    e = define("exp", exp(x - largest(x, axis)))
    return e / define("sum", call("sum", e, axis=axis))


def _expand_logsumexp(define: Define, x: Node, axis: int | None = None) -> Node:
    top = define("max", largest(x, axis))
    return top + log(define("sum", call("sum", define("exp", exp(x - top)), axis=axis)))


composite("softmax", "x", options={"axis": options.axis(0)}, shape=lambda s, axis=0: s, numpy=_softmax,
          expand=_expand_softmax,
          gradient=lambda x, out, g, axis=0: out * (g - total(out * g, axis)), transposes=through,
          role="probability", caption=Caption("softmax({0})"),
          says="softmax: exponentials, divided by their sum, so that each column adds up to 1",
          slope="each probability times how far its gradient lies above the column's weighted average")
composite("logsumexp", "x", options={"axis": options.axis(None)}, shape=reduced, expand=_expand_logsumexp,
          numpy=lambda x, axis=None: x.max(axis=axis, keepdims=True)
          + np.log(np.exp(x - x.max(axis=axis, keepdims=True)).sum(axis=axis, keepdims=True)),
          gradient=lambda x, out, g, axis=None: g * exp(x - out), transposes=through,
          caption=Caption("ln Σ exp({0})", PREFIX), says="the logarithm of the summed exponentials: a smooth maximum")


# Layer normalisation, down each column


def _normalised(x: np.ndarray, eps: float) -> np.ndarray:
    centred = x - x.mean(axis=0, keepdims=True)
    return np.asarray(centred / np.sqrt((centred**2).mean(axis=0, keepdims=True) + eps))


def _expand_layer_norm(define: Define, x: Node, gamma: Node, beta: Node, eps: float = 1e-5) -> Node:
    centred = define("centred", x - define("mean", mean(x, 0)))
    deviation = define("std", call("sqrt", define("var", mean(define("squares", centred**2), 0)) + eps))
    if gamma.value == 1 and beta.value == 0:
        return centred / deviation
    return define("hat", centred / deviation) * gamma + beta


def _layer_norm_gradient(x: Node, gamma: Node, beta: Node, out: Node, g: Node, eps: float = 1e-5) -> tuple[Node, ...]:
    centred = x - mean(x, 0)
    deviation = call("sqrt", mean(centred**2, 0) + eps)
    hat = out if gamma.value == 1 and beta.value == 0 else centred / deviation
    inner = g * gamma
    return (inner - mean(inner, 0) - hat * mean(inner * hat, 0)) / deviation, g * hat, full(g, out.shape)


composite("layer_norm", "x, gamma=1, beta=0", options={"eps": options.number(1e-5)},
          shape=lambda *shapes, eps=0.0: broadcast(*shapes),
          numpy=lambda x, gamma, beta, eps=1e-5: _normalised(x, eps) * gamma + beta, expand=_expand_layer_norm,
          gradient=_layer_norm_gradient, caption=Caption("norm({0})"),
          says="layer norm: each column gets average 0 and spread 1, then a scale and a shift",
          slope="centred and rescaled, as the columns were")
