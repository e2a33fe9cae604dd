"""Losses: composites that compare a prediction with its target, cell by cell, and make one number of it.

`p` is the prediction, `z` what it is made of (logits), `y` the target: each rows × samples, or the target one number
for all cells. The result is 1×1. Logarithms are natural, and 0 · ln 0 counts as 0. With `reduction="mean"`, the losses
over classes are divided by the samples, the others by all entries.
"""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from sheetgen.ir.node import Node, Shape, call, number
from sheetgen.ops import options
from sheetgen.ops.base import Pair, ShapeProblem, equal, where
from sheetgen.ops.composites import Define, composite, largest, log_sum
from sheetgen.ops.elementwise import exp, log, logistic
from sheetgen.ops.telling import amount

Size = Callable[[Shape], int]
"""How many samples, or cells, a prediction of a shape has."""


def samples(shape: Shape) -> int:
    """The columns."""
    return shape[1]


def cells(shape: Shape) -> int:
    """All cells."""
    return shape[0] * shape[1]


def _one_number(p: Shape, y: Shape, *_: Shape, reduction: str = "sum") -> Shape:
    """The prediction and its target need the same shape; nothing is repeated by accident."""
    if y in (p, (1, 1)):
        return 1, 1
    if y == (p[1], p[0]):
        raise ShapeProblem("a loss compares cell with cell: turn one of them around, such as `Y.T`")
    if y == (1, p[1]):
        raise ShapeProblem(
            "a loss compares cell with cell: write the target out, one row for each class; "
            f"`one_hot(Y, {p[0]})` makes that of class numbers"
        )
    raise ShapeProblem("a loss compares cell with cell: both need the same shape, or the target is one number")


def _loss(name: str, arguments: str, over: Size, *, terms: Callable[..., np.ndarray],
          expand: Callable[..., Node], part: str, gradient: Callable[..., Any], **fields: Any) -> None:
    """Register a loss; `terms(p, y)` are what is added up, `expand(define, p, y)` spells them out as the helper `part`,
    `gradient(p, y)` are their slopes, and so is that of a pair that it `fuses`: `gradient(p, y, exact)`."""

    def share(node: Node, p: Node, reduction: str) -> Node:
        return node / over(p.shape) if reduction == "mean" else node

    pair: Pair | None = fields.pop("fuses", None)
    if pair is not None:
        slope = pair.gradient
        fields["fuses"] = replace(
            pair, gradient=lambda p, y, g, exact, reduction="sum": share(slope(p, y, exact), p, reduction) * g)
    composite(
        name, arguments, options={"reduction": options.choice("sum", "mean")}, shape=_one_number,
        numpy=lambda p, *rest, reduction="sum": terms(p, *rest).sum(keepdims=True) / (
            over((p.shape[0], p.shape[1])) if reduction == "mean" else 1),
        expand=lambda define, p, *rest, reduction="sum": share(
            call("sum", define(part, expand(define, p, *rest)), axis=None), p, reduction),
        gradient=lambda p, *rest, out, g, reduction="sum": tuple(
            share(slope * g, p, reduction) for slope in gradient(p, *rest)),
        **fields,
    )


def _sum_of_target(p: Node, y: Node) -> Node:
    """How much each column of the target adds up to."""
    return call("sum", y, axis=0) if y.shape == p.shape else p.shape[0] * y


def _zero_log(weight: np.ndarray, p: np.ndarray) -> np.ndarray:
    """`-weight · ln p`, where 0 · ln 0 counts as 0."""
    weight, p = np.broadcast_arrays(weight, p)
    return np.where(weight == 0, 0.0, -weight * np.log(np.where(weight == 0, 1.0, p)))


def _nll(weight: Node, p: Node) -> Node:
    return where(equal(weight, 0), 0, -weight * log(p))


def _other_nll(y: Node, p: Node) -> Node:
    """The other half of binary cross-entropy: `p` is the probability of what isn't so."""
    return where(equal(y, 1), 0, -(1 - y) * log(p))


def _expand_logits(define: Define, z: Node, y: Node) -> Node:
    top = define("max", largest(z, 0))
    total = define("logsum", top + log(define("sum", call("sum", define("exp", exp(z - top)), axis=0))))
    return y * (total - z)


TRUE = "binary cross-entropy: minus the logarithm of the probability given to what is true"
LOG_OF_0 = "the logarithm of 0, where the target expects a probability"
_loss("cross_entropy", "p, y", samples, part="terms",
      terms=lambda p, y: _zero_log(y, p),
      expand=lambda define, p, y: _nll(y, p),
      gradient=lambda p, y: (where(equal(y, 0), 0, -y / p), -log(p)),
      fuses=Pair("softmax", lambda p, y, exact: p - y if exact else p * _sum_of_target(p, y) - y, distribution=True),
      says="cross-entropy: minus the logarithm of the probability that the target was given",
      slope="minus the target over the prediction", why=LOG_OF_0)
_loss("binary_cross_entropy", "p, y", cells, part="terms",
      terms=lambda p, y: _zero_log(y, p) + _zero_log(1 - y, 1 - p),
      expand=lambda define, p, y: _nll(y, p) + _other_nll(y, 1 - p),
      gradient=lambda p, y: (
          where(equal(y, 1), 0, (1 - y) / (1 - p)) - where(equal(y, 0), 0, y / p), log(1 - p) - log(p)),
      fuses=Pair("sigmoid", lambda p, y, exact: p - y, joined="binary_cross_entropy_of_sigmoid",
                 apart="binary_cross_entropy_with_logits"),
      says=TRUE, why=f"{LOG_OF_0} (`binary_cross_entropy_with_logits` is finite for any logits)")
_loss("binary_cross_entropy_of_sigmoid", "p, y, z", cells, part="terms", public=False,
      terms=lambda p, y, z: _zero_log(y, p) + _zero_log(1 - y, 1 / (1 + np.exp(z))),
      expand=lambda define, p, y, z: _nll(y, p) + _other_nll(y, logistic(-z)),
      gradient=lambda p, y, z: (number(0), -z, p - y), says=TRUE, slope="prediction minus target")
_loss("cross_entropy_with_logits", "z, y", samples, part="terms",
      terms=lambda z, y: y * (log_sum(z) - z), expand=_expand_logits,
      gradient=lambda z, y: (call("softmax", z, axis=0) * _sum_of_target(z, y) - y, call("logsumexp", z, axis=0) - z),
      says="cross-entropy of the softmax of logits, without the softmax: finite for any logits",
      slope="the softmax, times what the target's column adds up to, minus the target")
_loss("binary_cross_entropy_with_logits", "z, y", cells, part="terms",
      terms=lambda z, y: np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))),
      expand=lambda define, z, y: call("softplus", z) - z * y,
      gradient=lambda z, y: (logistic(z) - y, -z),
      says="binary cross-entropy of the sigmoid of logits, without the sigmoid: finite for any logits",
      slope="the sigmoid minus the target")
_loss("mse", "p, y", cells, part="squares",
      terms=lambda p, y: (p - y) ** 2, expand=lambda define, p, y: (p - y) ** 2,
      gradient=lambda p, y: (2 * (p - y), 2 * (y - p)),
      says="squared error: the differences, squared and added up", slope="twice the difference")


def _linear_beyond(d: np.ndarray, delta: np.ndarray | float) -> np.ndarray:
    """A parabola up to ±delta, and straight on from there."""
    return np.where(np.abs(d) <= delta, d**2 / 2, delta * (np.abs(d) - delta / 2))


def _huber(d: Node, delta: Node) -> Node:
    far = call("abs", d)
    return where(call("less_equal", far, delta), d**2 / 2, delta * (far - delta / 2))


def _held(d: Node, delta: Node) -> Node:
    return call("clip", d, -delta, delta)


_loss("huber", "p, y, delta=1", cells, part="terms",
      terms=lambda p, y, delta: _linear_beyond(p - y, delta),
      expand=lambda define, p, y, delta: _huber(define("gap", p - y), delta),
      gradient=lambda p, y, delta: (
          _held(p - y, delta), -_held(p - y, delta), call("maximum", call("abs", p - y) - delta, number(0))),
      says="Huber's loss: half the squared difference up to delta, and straight on from there",
      tells=lambda node: "Huber's loss: half the squared difference up to {}, and straight on from there, added "
                         "up".format(amount(node.args[2], "delta")),
      slope="the difference, held between -{delta} and {delta}")
_loss("smooth_l1", "p, y, beta=1", cells, part="terms",
      terms=lambda p, y, beta: _linear_beyond(p - y, beta) / beta,
      expand=lambda define, p, y, beta: _huber(define("gap", p - y), beta) / beta,
      gradient=lambda p, y, beta: (
          _held((p - y) / beta, number(1)), -_held((p - y) / beta, number(1)),
          where(call("less_equal", call("abs", p - y), beta), -((p - y) ** 2) / (2 * beta**2), -0.5)),
      says="smooth L1, as PyTorch has it: Huber's loss divided by beta",
      tells=lambda node: "smooth L1: half the squared difference up to {0}, and straight on from there, divided by {0} "
                         "and added up".format(amount(node.args[2], "beta")),
      slope="the difference over {beta}, held between -1 and 1")
_loss("hinge", "p, y", cells, part="terms",
      terms=lambda p, y: np.maximum(0, 1 - y * p),
      expand=lambda define, p, y: call("relu", 1 - define("margin", y * p)),
      gradient=lambda p, y: (where(y * p < 1, -y, 0), where(y * p < 1, -p, 0)),
      says="hinge loss: how much a margin y·p falls short of 1, for targets -1 and 1",
      tells=lambda node: "hinge loss: how much target times prediction falls short of 1, added up",
      slope="minus the target where the margin falls short, else nothing")
_loss("kl_div", "p, q", samples, part="terms",
      terms=lambda p, q: _zero_log(p, np.where(p == 0, 1.0, q / np.where(p == 0, 1.0, p))),
      expand=lambda define, p, q: where(equal(p, 0), 0, p * log(p / q)),
      gradient=lambda p, q: (where(equal(p, 0), 0, log(p / q) + 1), -p / q),
      says="Kullback–Leibler divergence of p from q: p times the logarithm of p ÷ q, added up",
      tells=lambda node: "Kullback–Leibler divergence of {0} from {1}: {0} times the logarithm of {0} ÷ {1}, added "
                         "up".format(amount(node.args[0], "the first"), amount(node.args[1], "the second")),
      why=LOG_OF_0)
