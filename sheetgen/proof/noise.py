"""How far two right answers may lie apart, worked out through each operation's own numpy function.

A double carries 16 digits of the *operands* of a sum, not of its result: 0.1 + 0.2 - 0.3 is 6e-17 for numpy and, after
snapping, 0 for a spreadsheet. One fixed absolute slack would either reject such remainders or hide wrong small numbers
(a softmax's 1e-12, a gradient next to a mask of -1e9). So a cell may differ by 1e-9 of itself, or else by the noise of
what it is made from: that of its operands, as far as the operation lets it through, and the rounding of its own sums.
Such a bound grows with every step of a long program, so it is never more than 1e-9 of the largest number that the cell
was made from; except where a number is nothing but noise, as the remainder above, and the operation makes much of it
(its root, its sign, what a condition chooses). What jumps, such as a comparison, may turn out differently only where it
does so for the numbers that the engine itself has found for its operands, or where these are all but equal.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from sheetgen.ir.node import Node
from sheetgen.ops import OPERATIONS
from sheetgen.passes.evaluate import value_of

RELATIVE = 1e-9
ROUNDING = 1e-14
"""LibreOffice snaps a difference to 0 below about 4e-15 of its operands."""
TIE = 1e-15
"""IronCalc takes numbers for equal that are closer than 2.2e-16, LibreOffice those that agree to 15 digits."""
EXACT = 2.0**53
"""Sums and products of whole numbers below it have no noise."""


class Known(NamedTuple):
    """A matrix: its value, how far each cell may be off, the largest number that each was made from (infinity where
    nothing limits the noise), and what numpy makes of the numbers that the engine has found for its operands."""

    value: np.ndarray
    noise: np.ndarray
    reach: np.ndarray
    found: np.ndarray


Arrays = Callable[..., np.ndarray]

COMPARISONS = ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal")
EXTREMES = ("max", "min", "max_pool")
"""Operations that pass one cell on: of those that may be it, the noise counts."""
SUMS = ("sum", "mean", "avg_pool", "avg_pool_gradient", "embedding_gradient", "max_pool_gradient")
"""Sums of cells, each times a number that isn't negative."""
PRODUCTS = ("matmul", "conv2d", "conv1d", "conv_input_gradient", "conv_kernel_gradient")
MOVES = ("reshape", "flatten", "embedding", "lookup")
"""Operations that only move cells, besides the views."""
CHOOSING = {"embedding": (1,), "lookup": (1,), "embedding_gradient": (0,), "max_pool_gradient": (0, 1)}
"""Arguments that say where cells go, and aren't moved themselves."""
WITHIN: Mapping[str, Callable[..., np.ndarray]] = {
    "add": lambda out, x, y: np.maximum(np.abs(x), np.abs(y)),
    "subtract": lambda out, x, y: np.maximum(np.abs(x), np.abs(y)),
    "hard_sigmoid": lambda out, x: np.maximum(np.abs(x) / 6, 0.5),
    "softplus": lambda out, x: np.maximum(np.abs(x), 1.0),
    "erf": lambda out, x: np.full(x.shape, 1e4),
    "gelu": lambda out, x: 1e4 * np.abs(x),
}
"""The largest number that is rounded inside of an operation, where that isn't its result. IronCalc's ERF is good to
1e-10."""
WITHIN_REACH = {"hard_sigmoid": 0.5, "softplus": 1.0, "erf": 1.0, "gelu": 1.0}
JUMPS = (*COMPARISONS, "sign", "round", "argmax")
AMPLIFIERS = ("sqrt", "log", "divide", "power")
"""Operations that make much of a number that is nothing but noise."""
ARITHMETIC = ("add", "subtract", "multiply")
PASSING = ("where", "maximum", "minimum", "relu", "abs", "negative", "sign", "round")
"""Operations that don't round what they pass on."""


def noise_of(node: Node, known: Callable[[str], Known]) -> Known:
    """What an expression's cells may be off by, given that of the matrices in it, by name."""
    if node.is_matrix:
        return known(node.name)
    if not node.args:
        value = value_of(node, {})
        return exactly(value, value)
    args = [noise_of(arg, known) for arg in node.args]
    run = _function(node)
    with np.errstate(all="ignore"):
        value, found = run(*(arg.value for arg in args)), run(*(arg.found for arg in args))
        noise, reach, free = _step(node, run, value, args)
        if node.op in JUMPS:
            noise = np.where((found == value) & ~_tied(args), 0.0, noise)
        reach = np.maximum(reach, np.abs(value))
        free = free & (noise > RELATIVE * reach)
        limited = np.where(free, noise, np.minimum(noise, RELATIVE * reach))
        return Known(value, limited, np.where(free, np.inf, reach), found)


def exactly(value: np.ndarray, found: np.ndarray) -> Known:
    """A matrix without noise."""
    return Known(value, np.zeros_like(value), np.abs(value), found)


def _function(node: Node, op: str = "") -> Arrays:
    options = dict(node.options)
    return lambda *arrays: np.asarray(OPERATIONS[op or node.op].numpy(*arrays, **options), dtype=float)


def _step(
    node: Node, run: Arrays, value: np.ndarray, args: list[Known]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Noise and reach of an operation's result, and where the noise isn't limited."""
    never = np.zeros(value.shape, dtype=bool)
    if node.op in EXTREMES:
        return _corners(run, value, args), _extreme_reach(node, value, args[0]), never
    if node.op in PRODUCTS:
        (x, x_noise, x_reach, _), (y, y_noise, y_reach, _) = args
        noise = run(x_noise, np.abs(y) + y_noise) + run(np.abs(x), y_noise)
        noise += _rounded(run(np.abs(x), np.abs(y)), x, y)
        return noise, _product_reach(node, value, x_reach, y_reach), never
    if node.op in SUMS or node.op in MOVES or node.kind == "view":
        return _moved(node, run, value, args)
    if node.op == "argmax":
        return _undecided_place(node, value, args[0])
    if node.kind == "elementwise":
        return _cell_by_cell(node, run, value, args)
    largest_reach = max(float(arg.reach.max(initial=0.0)) for arg in args)
    noise = _corners(run, value, args) + ROUNDING * largest_reach
    return noise, np.full(value.shape, largest_reach), never


def _rounded(size: np.ndarray, *operands: np.ndarray) -> np.ndarray | float:
    """The rounding of sums of that size; none if all of it is whole numbers."""
    whole = all(np.array_equal(x, np.floor(x)) for x in operands) and size.max(initial=0.0) < EXACT
    return 0.0 if whole else ROUNDING * size


def _product_reach(node: Node, value: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    if node.kind == "product":
        return np.maximum(x.max(axis=1, keepdims=True, initial=0.0), y.max(axis=0, keepdims=True, initial=0.0))
    return np.full(value.shape, max(float(x.max(initial=0.0)), float(y.max(initial=0.0))))


def _extreme_reach(node: Node, value: np.ndarray, x: Known) -> np.ndarray:
    if node.op == "max_pool":
        return _function(node)(x.reach)
    chosen = np.where(np.abs(x.value - value) <= x.noise, x.reach, 0.0)  # the result broadcasts along its axis
    return _function(node, "max")(chosen)


def _moved(
    node: Node, run: Arrays, value: np.ndarray, args: list[Known]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cells that are moved, or added up with positive weights."""
    chooses = CHOOSING.get(node.op, ())
    moved = [arg for k, arg in enumerate(args) if k not in chooses]

    def each(field: Callable[[Known], np.ndarray]) -> np.ndarray:
        return run(*(arg.value if k in chooses else field(arg) for k, arg in enumerate(args)))

    noise = each(lambda arg: arg.noise)
    if node.op in SUMS:
        noise = noise + _rounded(each(lambda arg: np.abs(arg.value)), value, *(arg.value for arg in moved))
        largest = max(float(arg.reach.max(initial=0.0)) for arg in moved)
        lines = node.kind == "reduction" and node.option("axis") is not None
        reach = _function(node, "max")(moved[0].reach) if lines else np.full(value.shape, largest)
    else:
        reach = each(lambda arg: arg.reach)
    return noise, reach, np.zeros(value.shape, dtype=bool)


def _undecided_place(node: Node, value: np.ndarray, x: Known) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The place of the largest: as far off as the places of those that may as well be the largest."""
    axis = node.option("axis")
    candidates = x.value + x.noise >= (x.value - x.noise).max(axis=axis, keepdims=True)
    places = np.arange(x.value.size).reshape(x.value.shape) if axis is None else np.indices(x.value.shape)[axis]
    far = np.where(candidates, places, -1).max(axis=axis, keepdims=True)
    near = np.where(candidates, places, x.value.size).min(axis=axis, keepdims=True)
    return (far - near).reshape(value.shape).astype(float), np.abs(value), np.ones(value.shape, dtype=bool)


def _cell_by_cell(
    node: Node, run: Arrays, value: np.ndarray, args: list[Known]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    values = [arg.value for arg in args]
    within = WITHIN.get(node.op, lambda out, *operands: np.abs(out))(value, *values)
    noise = _rounded(within, *values) if node.op in ARITHMETIC else 0.0 if node.op in PASSING else ROUNDING * within
    free = np.full(value.shape, node.op == "where" or node.op in JUMPS)
    if node.op in COMPARISONS:
        return _doubtful(*args).astype(float), np.ones(value.shape), free
    for arg in args if node.op in AMPLIFIERS else ():
        free = free | ((np.abs(arg.value) <= arg.noise) & (arg.noise > 0))
    exponential = node.op == "exp"  # an error of 1e-15 in the exponent is one of 1e-15 of the result
    reach = np.abs(value) if exponential else np.broadcast_to(
        np.max(np.broadcast_arrays(*(arg.reach for arg in args)), axis=0), value.shape
    )  # fmt: skip
    return noise + _corners(run, value, args), np.maximum(reach, WITHIN_REACH.get(node.op, 0.0)), free


def _tied(args: list[Known]) -> np.ndarray:
    """Where two operands differ so little that some engine takes them for equal."""
    if len(args) != 2:
        return np.array(False)
    x, y = args[0].found, args[1].found
    return np.asarray((x != y) & (np.abs(x - y) <= np.maximum(TIE, TIE * np.maximum(np.abs(x), np.abs(y)))))


def _doubtful(x: Known, y: Known) -> np.ndarray:
    """Where a comparison may turn out either way."""
    noise = x.noise + y.noise
    return np.asarray((np.abs(x.value - y.value) <= noise) & (noise > 0))


def _corners(run: Arrays, value: np.ndarray, args: list[Known]) -> np.ndarray:
    """How far the result moves when the operands are as far off as they may be, all in every direction."""
    noise = np.zeros(value.shape)
    noisy = [bool(arg.noise.any()) for arg in args]
    if not any(noisy):
        return noise
    for signs in itertools.product(*((-1.0, 1.0) if is_noisy else (0.0,) for is_noisy in noisy)):
        moved = run(*(arg.value + sign * arg.noise for sign, arg in zip(signs, args, strict=True)))
        off = np.abs(moved - value)
        noise = np.maximum(noise, np.where(np.isfinite(off), off, 0.0))
    return noise
