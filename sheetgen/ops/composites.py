"""Composites: operations that the canvas spells out in smaller, drawable steps.

`layer_norm` is that of Ba, Kiros and Hinton (arXiv:1607.06450): down each column, with the variance divided by the
number of rows, and PyTorch's eps; `batch_norm` that of Ioffe and Szegedy (arXiv:1502.03167) in training: along each
row, over the samples; `rms_norm` that of Zhang and Sennrich (arXiv:1910.07467), down each column; `group_norm` that of
Wu and He (arXiv:1803.08494), over the rows of a group. `var` and `std` are
numpy's, with its `ddof`; `norm` is the Euclidean one.
"""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sheetgen.ir.node import Node, Shape, call
from sheetgen.ops import options
from sheetgen.ops.base import (
    Operation,
    ShapeProblem,
    broadcast,
    equal,
    full,
    register,
    signature,
    through,
    total,
    where,
)
from sheetgen.ops.elementwise import exp, log
from sheetgen.ops.notation import PREFIX, Caption
from sheetgen.ops.options import Option
from sheetgen.ops.reductions import count, reduced
from sheetgen.ops.views import cut, stack

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


def log_sum(x: np.ndarray, axis: int | None = 0) -> np.ndarray:
    """ln Σ exp(x) along `axis`, two dimensions kept, without overflow."""
    top = x.max(axis=axis, keepdims=True)
    return np.asarray(top + np.log(np.exp(x - top).sum(axis=axis, keepdims=True)))


def _alike(a: Shape, b: Shape) -> Shape:
    if a != b:
        raise ShapeProblem("vectors that are compared need the same shape")
    return a


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
          numpy=lambda x, axis=None: log_sum(x, axis),
          gradient=lambda x, out, g, axis=None: g * exp(x - out), transposes=through,
          caption=Caption("ln Σ exp({0})", PREFIX), says="the logarithm of the summed exponentials: a smooth maximum")
composite("log_softmax", "x", options={"axis": options.axis(0)}, shape=lambda s, axis=0: s, transposes=through,
          numpy=lambda x, axis=0: x - log_sum(x, axis),
          expand=lambda define, x, axis=0: x - define("logsum", _expand_logsumexp(define, x, axis)),
          gradient=lambda x, out, g, axis=0: g - exp(out) * total(full(g, out.shape), axis),
          caption=Caption("ln softmax({0})"),
          says="the logarithm of the softmax, finite for any number")
composite("softmin", "x", options={"axis": options.axis(0)}, shape=lambda s, axis=0: s, transposes=through,
          numpy=lambda x, axis=0: _softmax(-x, axis),
          expand=lambda define, x, axis=0: _expand_softmax(define, -x, axis),
          gradient=lambda x, out, g, axis=0: out * (total(out * g, axis) - g),
          role="probability", caption=Caption("softmin({0})"), says="softmin: the softmax of what is turned around")


# How far numbers lie from 0, from their average and from one another


def _over(value: Node, out: Node) -> Node:
    """`value ÷ out`, and 0 where that is 0: at the tip of a cone no direction is better than another."""
    return where(equal(out, 0), 0, value / out)


def _expand_var(define: Define, x: Node, axis: int | None = None, ddof: int = 0) -> Node:
    squares = define("squares", define("centred", x - define("mean", mean(x, axis))) ** 2)
    return mean(squares, axis) if ddof == 0 else call("sum", squares, axis=axis) / (count(x, axis) - ddof)


def _deviations(x: Node, axis: int | None, ddof: int) -> Node:
    return (x - mean(x, axis)) / (count(x, axis) - ddof)


def _spread_shape(shape: Shape, axis: int | None = None, ddof: int = 0) -> Shape:
    if (shape[0] * shape[1] if axis is None else shape[axis]) <= ddof:
        raise ShapeProblem("with ddof=1, a variance needs at least two numbers")
    return reduced(shape, axis)


SPREAD = {"axis": options.axis(None), "ddof": options.whole(0, 0, 1)}
composite("norm", "x", options={"axis": options.axis(None)}, shape=reduced, transposes=through,
          numpy=lambda x, axis=None: np.sqrt((x**2).sum(axis=axis, keepdims=True)),
          expand=lambda define, x, axis=None: call("sqrt", call("sum", define("squares", x**2), axis=axis)),
          gradient=lambda x, out, g, axis=None: g * _over(x, out),
          caption=Caption("‖{0}‖"), says="the length of a vector: the root of the summed squares")
composite("var", "x", options=SPREAD, shape=_spread_shape, transposes=through,
          numpy=lambda x, axis=None, ddof=0: np.var(x, axis=axis, ddof=ddof, keepdims=True), expand=_expand_var,
          gradient=lambda x, out, g, axis=None, ddof=0: g * (2 * _deviations(x, axis, ddof)),
          caption=Caption("var({0})"), says="the variance: how far the numbers lie from their average, squared")
composite("std", "x", options=SPREAD, shape=_spread_shape, transposes=through,
          numpy=lambda x, axis=None, ddof=0: np.std(x, axis=axis, ddof=ddof, keepdims=True),
          expand=lambda define, x, axis=None, ddof=0: call("sqrt", define("var", _expand_var(define, x, axis, ddof))),
          gradient=lambda x, out, g, axis=None, ddof=0: g * _over(_deviations(x, axis, ddof), out),
          caption=Caption("std({0})"), says="the standard deviation: the root of the variance")


def _cosine(a: np.ndarray, b: np.ndarray, axis: int | None = 0) -> np.ndarray:
    lengths = [np.sqrt((v**2).sum(axis=axis, keepdims=True)) for v in (a, b)]
    return np.asarray((a * b).sum(axis=axis, keepdims=True) / (lengths[0] * lengths[1]))


def _length(x: Node, axis: int | None) -> Node:
    return call("sqrt", call("sum", x**2, axis=axis))


def _expand_cosine(define: Define, a: Node, b: Node, axis: int | None = 0) -> Node:
    lengths = (define(f"length{k}", call("sqrt", call("sum", define(f"squares{k}", v**2), axis=axis)))
               for k, v in enumerate((a, b), 1))
    first, second = lengths
    return define("dot", call("sum", define("products", a * b), axis=axis)) / (first * second)


def _cosine_gradient(a: Node, b: Node, out: Node, g: Node, axis: int | None = 0) -> tuple[Node, Node]:
    x, y = _length(a, axis), _length(b, axis)
    return g * (b / (x * y) - out * a / x**2), g * (a / (x * y) - out * b / y**2)


composite("cosine_similarity", "a, b", options={"axis": options.axis(0)},
          shape=lambda a, b, axis=0: reduced(_alike(a, b), axis), numpy=_cosine, expand=_expand_cosine,
          gradient=_cosine_gradient, transposes=through, caption=Caption("cos({0}, {1})"),
          says="the cosine of the angle between two vectors: their product over their lengths",
          why="a vector of length 0 has no direction")


def _square(shape: Shape) -> Shape:
    if shape[0] != shape[1]:
        raise ShapeProblem("only a square matrix has a trace")
    return 1, 1


composite("trace", "x", shape=_square, numpy=lambda x: np.array([[np.trace(x)]]), transposes=through,
          expand=lambda define, x: call("sum", define("diagonal", call("diag", x)), axis=None),
          gradient=lambda x, out, g: g * Node("eye", shape=x.shape), caption=Caption("tr({0})"),
          says="the trace: the numbers of the diagonal, added up")


# Normalisations: layer norm down each column, batch norm along each row


def _normalised(x: np.ndarray, axis: int, eps: float) -> np.ndarray:
    centred = x - x.mean(axis=axis, keepdims=True)
    return np.asarray(centred / np.sqrt((centred**2).mean(axis=axis, keepdims=True) + eps))


def _norm(name: str, axis: int, **fields: Any) -> None:
    """Register a normalisation over `axis`, with a scale and a shift."""

    def expand(define: Define, x: Node, gamma: Node, beta: Node, eps: float = 1e-5) -> Node:
        centred = define("centred", x - define("mean", mean(x, axis)))
        deviation = define("std", call("sqrt", define("var", mean(define("squares", centred**2), axis)) + eps))
        if gamma.value == 1 and beta.value == 0:
            return centred / deviation
        return define("hat", centred / deviation) * gamma + beta

    def gradient(x: Node, gamma: Node, beta: Node, out: Node, g: Node, eps: float = 1e-5) -> tuple[Node, ...]:
        centred = x - mean(x, axis)
        deviation = call("sqrt", mean(centred**2, axis) + eps)
        hat = out if gamma.value == 1 and beta.value == 0 else centred / deviation
        inner = g * gamma
        slope = (inner - mean(inner, axis) - hat * mean(inner * hat, axis)) / deviation
        return slope, g * hat, full(g, out.shape)

    composite(name, "x, gamma=1, beta=0", options={"eps": options.number(1e-5)},
              shape=lambda *shapes, eps=0.0: broadcast(*shapes), expand=expand, gradient=gradient,
              numpy=lambda x, gamma, beta, eps=1e-5: _normalised(x, axis, eps) * gamma + beta, **fields)


def _scaled(node: Node) -> str:
    """What follows a normalisation: a scale and a shift, if it was given any."""
    gamma, beta = (*node.args, None)[1:3]
    then = ["a scale"] * (gamma is not None and gamma.value != 1) + ["a shift"] * (beta is not None and beta.value != 0)
    return f", then {' and '.join(then)}" if then else ""


_norm("layer_norm", 0, caption=Caption("norm({0})"), slope="centred and rescaled, as the columns were",
      says="layer norm: each column gets average 0 and spread 1, then a scale and a shift",
      tells=lambda node: f"layer norm: each column gets average 0 and spread 1{_scaled(node)}")
_norm("batch_norm", 1, caption=Caption("batch norm({0})"), slope="centred and rescaled, as the rows were",
      says="batch norm: each row gets average 0 and spread 1 over the samples, then a scale and a shift",
      tells=lambda node: f"batch norm: each row gets average 0 and spread 1 over the samples{_scaled(node)}")


def _root_mean_square(x: Node, eps: float) -> Node:
    return call("sqrt", mean(x**2, 0) + eps)


def _groups(shape: Shape, groups: int | None, eps: float = 0.0) -> Shape:
    if groups is None:
        raise ShapeProblem("tell how many groups: `group_norm(x, 2)`")
    if shape[0] % groups:
        raise ShapeProblem(f"{groups} groups can't share {shape[0]} rows evenly")
    return shape


def _by_group(x: Node, groups: int) -> list[Node]:
    size = x.shape[0] // groups
    return [cut(x, 0, k * size, (k + 1) * size) for k in range(groups)]


def _group_norm(x: np.ndarray, groups: int, eps: float = 1e-5) -> np.ndarray:
    return _normalised(x.reshape(groups, -1, x.shape[-1]), 1, eps).reshape(x.shape)


def _expand_group_norm(define: Define, x: Node, groups: int, eps: float = 1e-5) -> Node:
    found = []
    for k, rows in enumerate(_by_group(x, groups), 1):
        centred = define(f"centred{k}", rows - define(f"mean{k}", mean(rows, 0)))
        variance = define(f"var{k}", mean(define(f"squares{k}", centred**2), 0))
        found.append(define(f"group{k}", centred / define(f"std{k}", call("sqrt", variance + eps))))
    return stack(0, found)


def _group_norm_gradient(x: Node, out: Node, g: Node, groups: int, eps: float = 1e-5) -> Node:
    slopes = []
    for rows, hat, reaches in zip(*(_by_group(each, groups) for each in (x, out, full(g, out.shape))), strict=True):
        deviation = call("sqrt", mean((rows - mean(rows, 0)) ** 2, 0) + eps)
        slopes.append((reaches - mean(reaches, 0) - hat * mean(reaches * hat, 0)) / deviation)
    return stack(0, slopes)


composite("group_norm", "x", options={"groups": options.count(), "eps": options.number(1e-5)}, shape=_groups,
          numpy=_group_norm, expand=_expand_group_norm, gradient=_group_norm_gradient,
          caption=Caption("group norm({0})"), example="group_norm(x, 2)",
          slope="centred and rescaled, as each group was",
          says="group norm: each group of rows gets average 0 and spread 1 in each column")
composite("rms_norm", "x, gamma=1", options={"eps": options.number(1e-5)},
          shape=lambda *shapes, eps=0.0: broadcast(*shapes),
          numpy=lambda x, gamma, eps=1e-5: x / np.sqrt((x**2).mean(axis=0, keepdims=True) + eps) * gamma,
          expand=lambda define, x, gamma, eps=1e-5: (
              x / define("rms", call("sqrt", define("mean", mean(define("squares", x**2), 0)) + eps)) * gamma),
          gradient=lambda x, gamma, out, g, eps=1e-5: (
              (g * gamma - x * mean(g * gamma * x, 0) / (mean(x**2, 0) + eps)) / _root_mean_square(x, eps),
              g * (x / _root_mean_square(x, eps))),
          caption=Caption("rms norm({0})"),
          says="RMS norm: each column is divided by the root of its mean square, then scaled",
          tells=lambda node: f"RMS norm: each column is divided by the root of its mean square{_scaled(node)}")
