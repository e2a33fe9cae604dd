"""Slips that people make in an operation: what it comes to when a bias is left out, a minus sign lost, a factor
forgotten. They follow from the operation and its operands, never from names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from sheetgen.ir.node import Node
from sheetgen.ops import operation
from sheetgen.ops.base import is_ones

Value = Callable[[Node], np.ndarray]
REVERSED = "subtracted the other way round"


class Rank(IntEnum):
    """How likely a slip is, the likeliest first."""

    BIAS = 0
    STEP = 1
    SIGN = 2
    ORDER = 3
    TURNED = 4
    PLACE = 5
    TERM = 6
    RARE = 7


class Slip(NamedTuple):
    """A slip in words, and what a node is with it, in the node's shape; NaN where it makes nothing of a cell."""

    rank: Rank
    words: str
    value: np.ndarray


def wrong_values(source: Node, value: Value, ones: frozenset[str], update: bool) -> list[Slip]:
    """What an expression comes to with each slip, the likeliest first. `value` gives the value of an expression over
    the student's own numbers, `ones` are matrices of nothing but ones, and `update` tells that a parameter is renewed.
    """
    found = [slip._replace(value=whole) for slip, whole in _anywhere(source, value, ones, update)]
    return sorted(found, key=lambda slip: slip.rank)


def _anywhere(
    node: Node, value: Value, ones: frozenset[str], update: bool
) -> Iterator[tuple[Slip, np.ndarray]]:
    """Each slip in a node or in one of its arguments, and what the node comes to with it."""
    if node.is_leaf:
        return
    for slip in _slips(node, value, ones, update):
        yield slip, np.broadcast_to(slip.value, node.shape)
    rule, options = operation(node), dict(node.options)
    if rule.constant:
        return
    args = [value(arg) for arg in node.args]
    for k, arg in enumerate(node.args):
        for slip, inner in _anywhere(arg, value, ones, update):
            with np.errstate(all="ignore"):
                made = rule.numpy(*args[:k], inner, *args[k + 1 :], **options)
            yield slip, np.broadcast_to(np.asarray(made, dtype=float), node.shape)


def _slips(node: Node, value: Value, ones: frozenset[str], update: bool) -> Iterator[Slip]:
    args = [value(arg) for arg in node.args]
    with np.errstate(all="ignore"):
        if node.op == "matmul":
            yield from _product(node, args[0], args[1], ones)
        elif node.kind == "reduction":
            yield from _reduction(node, args[0])
        elif node.op == "transpose" and args[0].shape == node.shape:
            yield Slip(Rank.TURNED, "a matrix was turned the wrong way", args[0])
        elif node.op in PAIRS:
            yield from PAIRS[node.op](node, args[0], args[1], update)
        elif node.op == "where":
            yield from _gate(node, args, value)
        elif node.kind == "elementwise" and len(args) == 1 and args[0].shape == node.shape:
            yield from _function(node, args[0])


def _product(node: Node, a: np.ndarray, b: np.ndarray, ones: frozenset[str]) -> Iterator[Slip]:
    """`a` is n×k, `b` k×m."""
    terms, total = a[:, :, None] * b[None, :, :], a @ b
    bias = _bias(node, ones)
    if bias:
        yield Slip(Rank.BIAS, "the bias was left out", total - terms[:, bias].sum(axis=1))
    lost = np.where(terms < 0, -2 * terms, 0)
    yield from (Slip(Rank.SIGN, "a minus sign was lost", _only(total + lost[:, k], terms[:, k] < 0))
                for k in range(terms.shape[1]))  # fmt: skip
    yield Slip(Rank.SIGN, "minus signs were lost", np.abs(terms).sum(axis=1))
    for other in _turned(node, a, b):
        yield Slip(Rank.PLACE, "a matrix was turned the wrong way", other)
    for k in range(terms.shape[1]):
        yield Slip(Rank.TERM, "one term was left out", total - terms[:, k])
    for k in range(terms.shape[1]):
        yield Slip(Rank.RARE, "one term was counted twice", total + terms[:, k])
    for k in range(terms.shape[1]):
        added = a[:, k][:, None] + b[k][None, :]
        yield Slip(Rank.RARE, "two numbers were added instead of multiplied", total - terms[:, k] + added)


def _bias(node: Node, ones: frozenset[str]) -> list[int]:
    """The terms of a product in which one factor is a one that always stands there."""
    found = []
    for arg, axis in ((node.args[0], 1), (node.args[1], 0)):
        if operation(arg).stacks != axis:
            continue
        start = 0
        for part in arg.args:
            if is_ones(part) or (part.is_matrix and part.name in ones):
                found += list(range(start, start + part.shape[axis]))
            start += part.shape[axis]
    return found


def _turned(node: Node, a: np.ndarray, b: np.ndarray) -> Iterator[np.ndarray]:
    for left, right in ((a.T, b), (a, b.T)):
        if left.shape[1] == right.shape[0] and (left.shape[0], right.shape[1]) == node.shape:
            yield left @ right


def _reduction(node: Node, x: np.ndarray) -> Iterator[Slip]:
    axis = node.option("axis")
    rule = operation(node)
    if node.op in ("sum", "mean"):
        count = x.size // (node.shape[0] * node.shape[1])
        total = x.sum(axis=axis, keepdims=True)
        scale = 1 if node.op == "sum" else count
        if count > 1:
            other = ("the mean instead of the sum", total / count) if node.op == "sum" else (
                "the sum instead of the mean", total)  # fmt: skip
            yield Slip(Rank.STEP, *other)
            if node.op == "mean":
                yield Slip(Rank.STEP, "divided by one less than the number of terms", total / (count - 1))
        parts = x.reshape(1, 1, -1) if axis is None else np.moveaxis(x, axis, -1).reshape(*node.shape, -1)
        for k in range(parts.shape[-1]):
            term = parts[..., k]
            lost = _only((total - 2 * term) / scale, term < 0)
            yield Slip(Rank.SIGN, "a minus sign was lost", lost)
            yield Slip(Rank.TERM, "one term was left out", (total - term) / scale)
    if axis is not None:
        across = np.asarray(rule.numpy(x, axis=1 - axis), dtype=float).ravel()
        along = "rows instead of the columns" if axis == 0 else "columns instead of the rows"
        made = np.full(node.shape, np.nan).ravel()
        size = min(made.size, across.size)
        made[:size] = across[:size]
        yield Slip(Rank.TURNED, f"taken over the {along}", made.reshape(node.shape))


def _function(node: Node, x: np.ndarray) -> Iterator[Slip]:
    rule = operation(node)
    if node.op == "relu":
        yield Slip(Rank.STEP, "a negative number was not cut to 0", _only(x, x < 0))
        yield Slip(Rank.SIGN, "the sign was dropped instead of cutting to 0", _only(-x, x < 0))
    elif node.op == "negative":
        yield Slip(Rank.SIGN, "the minus sign was left out", x)
    else:
        yield Slip(Rank.STEP, f"{rule.called or rule.name} was left out", x)


def _gate(node: Node, args: Sequence[np.ndarray], value: Value) -> Iterator[Slip]:
    condition, yes, no = (np.broadcast_to(arg, node.shape) for arg in args)
    yield Slip(Rank.STEP, "the condition was not looked at", yes)
    yield Slip(Rank.STEP, "cut where it should stay", no)
    compared = node.args[0]
    if compared.op in ("greater", "less"):
        left, right = (np.broadcast_to(value(arg), node.shape) for arg in compared.args)
        kept = _only(yes, left == right)
        yield Slip(Rank.ORDER, "it stayed where both sides of the condition are equal", kept)
    for axis, by in ((0, 1), (0, -1), (1, 1), (1, -1)):
        if node.shape[axis] > 1:
            gate = np.roll(condition, by, axis)
            yield Slip(Rank.PLACE, "the condition of a neighbouring cell was taken", np.where(gate != 0, yes, no))


def _added(node: Node, a: np.ndarray, b: np.ndarray, update: bool) -> Iterator[Slip]:
    if node.args[0].op == "matmul" and node.args[1].is_matrix:
        yield Slip(Rank.BIAS, "the bias was left out", a + 0 * b)
    yield Slip(Rank.ORDER, "− instead of +", a - b)
    yield Slip(Rank.TERM, "one term was left out", a + 0 * b)
    yield Slip(Rank.TERM, "one term was left out", b + 0 * a)


def _subtracted(node: Node, a: np.ndarray, b: np.ndarray, update: bool) -> Iterator[Slip]:
    turned, added = Slip(Rank.ORDER, REVERSED, b - a), Slip(Rank.ORDER, "+ instead of −", a + b)
    yield from (added, turned) if update else (turned, added)
    yield Slip(Rank.TERM, "nothing was subtracted", a + 0 * b)
    yield Slip(Rank.RARE, "only what is to be subtracted", b + 0 * a)


def _multiplied(node: Node, a: np.ndarray, b: np.ndarray, update: bool) -> Iterator[Slip]:
    for factor, other in ((a, b), (b, a)):
        rate = update and factor.size == 1
        yield Slip(Rank.STEP, "the rate was left out" if rate else "a factor was left out", other + 0 * factor)
    yield Slip(Rank.ORDER, "a minus sign was lost", _only(-a * b, a * b < 0))
    yield Slip(Rank.RARE, "added instead of multiplied", a + b)


def _divided(node: Node, a: np.ndarray, b: np.ndarray, update: bool) -> Iterator[Slip]:
    yield Slip(Rank.STEP, "it was not divided", a + 0 * b)
    yield Slip(Rank.ORDER, "divided the other way round", b / a)
    yield Slip(Rank.ORDER, "multiplied instead of divided", a * b)
    largest = b.size == a.shape[1] or b.size == a.shape[0]
    if largest and a.size > b.size:
        axis = 0 if b.shape[0] == 1 else 1
        yield Slip(Rank.STEP, "divided by the largest instead of the sum", a / a.max(axis=axis, keepdims=True))


def _powered(node: Node, a: np.ndarray, b: np.ndarray, update: bool) -> Iterator[Slip]:
    yield Slip(Rank.STEP, "the power was left out", a + 0 * b)
    yield Slip(Rank.ORDER, "multiplied by the exponent instead", a * b)


PAIRS: Mapping[str, Callable[[Node, np.ndarray, np.ndarray, bool], Iterator[Slip]]] = {
    "add": _added, "subtract": _subtracted, "multiply": _multiplied, "divide": _divided, "power": _powered,
}  # fmt: skip


def _only(value: np.ndarray, there: np.ndarray) -> np.ndarray:
    """The value where it is there."""
    return np.where(there, value, np.nan)
