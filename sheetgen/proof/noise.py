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
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sheetgen.ir.node import Node
from sheetgen.ops import operation
from sheetgen.ops.equality import same
from sheetgen.ops.rounding import unless_whole
from sheetgen.passes.evaluate import value_of

RELATIVE = 1e-9
ROUNDING = 1e-14
"""LibreOffice snaps a difference to 0 below about 4e-15 of its operands."""
TIE = 1e-15
"""IronCalc takes numbers for equal that are closer than 2.2e-16, however small they are."""


class Known(NamedTuple):
    """A matrix: its value, how far each cell may be off, the largest number that each was made from (infinity where
    nothing limits the noise), and what numpy makes of the numbers that the engine has found for its operands."""

    value: np.ndarray
    noise: np.ndarray
    reach: np.ndarray
    found: np.ndarray


Arrays = Callable[..., np.ndarray]
Spread = tuple[np.ndarray, np.ndarray]
"""Noise and reach of a result."""


def noise_of(node: Node, known: Callable[[str], Known]) -> Known:
    """What an expression's cells may be off by, given that of the matrices in it, by name."""
    if node.is_matrix:
        return known(node.name)
    if not node.args:
        value = value_of(node, {})
        return exactly(value, value)
    args = [noise_of(arg, known) for arg in node.args]
    rule, run = operation(node), _function(node)
    with np.errstate(all="ignore"):
        value, found = run(*(arg.value for arg in args)), run(*(arg.found for arg in args))
        noise, reach = _spread(node, run, value, args)
        if rule.jumps:
            noise = np.where((found == value) & ~_tied(node, args), 0.0, noise)
        reach, bend = np.maximum(reach, np.abs(value)), _bend(node, run, args)
        free = (_unlimited(node, value, args) & (noise > RELATIVE * reach)) | (bend > noise)
        noise = np.maximum(noise, bend)
        limited = np.where(free, noise, np.minimum(noise, RELATIVE * reach))
        return Known(value, limited, np.where(free, np.inf, reach), found)


def exactly(value: np.ndarray, found: np.ndarray) -> Known:
    """A matrix without noise."""
    return Known(value, np.zeros_like(value), np.abs(value), found)


def _function(node: Node) -> Arrays:
    run, options = operation(node).numpy, dict(node.options)
    return lambda *arrays: np.asarray(run(*arrays, **options), dtype=float)


def _spread(node: Node, run: Arrays, value: np.ndarray, args: list[Known]) -> Spread:
    rule = operation(node)
    if rule.spreads == "picks":
        return _corners(run, value, args), _reach_of_picked(node, run, value, args[0])
    if rule.spreads == "multiplies":
        return _multiplied(node, run, value, args)
    if rule.spreads:
        return _moved(node, run, value, args)
    if rule.jumps == "place":
        return _undecided_place(node, value, args[0]), np.abs(value)
    if rule.jumps == "rank":
        rivals = _rivals(node, args[0]).astype(float)
        return np.minimum(rivals, 1.0) if rule.picks else rivals, np.abs(value)
    if rule.jumps == "ties":
        return (_doubtful(*args) | _tied(node, args)).astype(float), np.ones(value.shape)
    if node.kind == "elementwise":
        rounded = rule.rounds(value, *(arg.value for arg in args))
        return _corners(run, value, args) + rule.accuracy * rounded, np.maximum(rounded, _reach(run, value, args))
    largest = _largest(args)
    return _corners(run, value, args) + ROUNDING * largest, np.full(value.shape, largest)


def _unlimited(node: Node, value: np.ndarray, args: list[Known]) -> np.ndarray:
    """Where an operation jumps, or makes much of numbers that are nothing but noise."""
    rule = operation(node)
    free = np.full(value.shape, bool(rule.jumps))
    for arg in args if rule.amplifies else ():
        free = free | ((np.abs(arg.value) <= arg.noise) & (arg.noise > 0))
    return free


def _largest(args: list[Known]) -> float:
    return max(float(arg.reach.max(initial=0.0)) for arg in args)


def _reach(run: Arrays, value: np.ndarray, args: list[Known]) -> np.ndarray:
    """The operands' reach, or what a function of one operand leaves of it: nothing of exp(-1000)'s."""
    reach: np.ndarray = np.max([np.broadcast_to(arg.reach, value.shape) for arg in args], axis=0)
    if len(args) > 1:
        return reach
    left = [np.abs(run(args[0].value + sign * RELATIVE * reach) - value) / RELATIVE for sign in (1, -1)]
    return np.where(np.isfinite(reach), np.fmin(reach, np.fmax(*left)), reach)


def _reach_of_picked(node: Node, run: Arrays, value: np.ndarray, x: Known) -> np.ndarray:
    if node.kind != "reduction":
        return run(x.reach)
    chosen = np.where(np.abs(x.value - value) <= x.noise, x.reach, 0.0)  # the result broadcasts along its axis
    return np.asarray(chosen.max(axis=node.option("axis"), keepdims=True))


def _multiplied(node: Node, run: Arrays, value: np.ndarray, args: list[Known]) -> Spread:
    (x, x_noise, x_reach, _), (y, y_noise, y_reach, _) = args
    noise = run(x_noise, np.abs(y) + y_noise) + run(np.abs(x), y_noise)
    terms = run(np.abs(x), np.abs(y))
    noise += ROUNDING * unless_whole(terms, x, y)
    if node.kind != "product":
        return noise, np.maximum(_largest(args), terms)
    rows, columns = x_reach.max(axis=1, keepdims=True, initial=0.0), y_reach.max(axis=0, keepdims=True, initial=0.0)
    return noise, np.maximum(np.maximum(rows, columns), terms)


def _moved(node: Node, run: Arrays, value: np.ndarray, args: list[Known]) -> Spread:
    """Cells that are moved, or added up with positive weights."""
    rule = operation(node)
    moved = [arg for k, arg in enumerate(args) if k not in rule.selects]

    def each(field: Callable[[Known], np.ndarray]) -> np.ndarray:
        return run(*(arg.value if k in rule.selects else field(arg) for k, arg in enumerate(args)))

    noise = each(lambda arg: arg.noise)
    if any(args[k].noise.any() for k in rule.selects):  # cells may come from elsewhere
        noise = np.maximum(noise, _corners(run, value, args))
    if rule.spreads == "moves":
        return noise, each(lambda arg: arg.reach)
    noise = noise + ROUNDING * unless_whole(each(lambda arg: np.abs(arg.value)), value, *(arg.value for arg in moved))
    if node.kind == "reduction":
        reach = moved[0].reach.max(axis=node.option("axis"), keepdims=True)
        return noise, np.broadcast_to(reach, value.shape)
    return noise, np.full(value.shape, _largest(moved))


def _undecided_place(node: Node, value: np.ndarray, x: Known) -> np.ndarray:
    """The place of the largest, or of what comes at each place in order: as far off as the places of those that may as
    well be it."""
    axis = node.option("axis")
    if value.shape == x.value.shape and value.shape[axis] > 1:
        return _undecided_order(np.moveaxis(value, axis, 0).astype(int), x, axis)
    candidates = x.value + x.noise >= (x.value - x.noise).max(axis=axis, keepdims=True)
    candidates |= same(x.value, x.value.max(axis=axis, keepdims=True))
    places = np.arange(x.value.size).reshape(x.value.shape) if axis is None else np.indices(x.value.shape)[axis]
    far = np.where(candidates, places, -1).max(axis=axis, keepdims=True)
    near = np.where(candidates, places, x.value.size).min(axis=axis, keepdims=True)
    return np.asarray((far - near).reshape(value.shape), dtype=float)


def _undecided_order(order: np.ndarray, x: Known, axis: int) -> np.ndarray:
    value, noise = (np.moveaxis(each, axis, 0) for each in (x.value, np.broadcast_to(x.noise, x.value.shape)))
    own, off = (np.take_along_axis(each, order, 0) for each in (value, noise))
    candidates = (np.abs(value[:, None] - own) <= noise[:, None] + off) | same(value[:, None], own)
    places = np.arange(len(value))[:, None, None]
    far = np.where(candidates, places, -1).max(axis=0) - np.where(candidates, places, len(value)).min(axis=0)
    return np.moveaxis(far.astype(float), 0, axis)


def _rivals(node: Node, x: Known) -> np.ndarray:
    """How many others of its column, its row or the whole each cell may as well come before or behind."""
    axis, whole = node.option("axis", 0), (-1, 1)
    value, noise = (each.reshape(whole) if axis is None else np.moveaxis(each, axis, 0)
                    for each in (x.value, np.broadcast_to(x.noise, x.value.shape)))  # fmt: skip
    apart, off = np.abs(value[:, None] - value), noise[:, None] + noise
    found = ((apart <= np.maximum(off, TIE)) & (apart + off > 0)).sum(axis=0) - (noise > 0)
    return found.reshape(x.value.shape) if axis is None else np.moveaxis(found, 0, axis)


def _tied(node: Node, args: list[Known]) -> np.ndarray:
    """Where it hangs on numbers, as the engine has them, that some engines take for equal and some don't."""
    rule, found = operation(node), [arg.found for arg in args]
    tied = rule.ties(*found, **dict(node.options)) if rule.ties is not None else np.array(False)
    if rule.jumps == "rank":
        tied = tied | (_rivals(node, exactly(found[0], found[0])) > 0)
    if len(found) == 2:
        gap = np.abs(found[0] - found[1])
        tied = tied | ((gap > 0) & (gap <= TIE))
    return tied


def _bend(node: Node, run: Arrays, args: list[Known]) -> np.ndarray:
    """How far it is off where an engine takes the operands for those at a kink; what jumps there isn't meant."""
    rule, (x, *rest) = operation(node), [arg.found for arg in args]
    if rule.kink is None or rule.jumps or node.kind != "elementwise":
        return np.array(0.0)
    bend = np.abs(run(x + TIE, *rest) + run(x - TIE, *rest) - 2 * run(x, *rest))
    return np.where(rule.kink(x, *rest, **dict(node.options)) | (bend > 4 * TIE), 0.0, bend)


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
