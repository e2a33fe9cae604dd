"""Why a number is wrong: the first slip with which its cell comes to just that number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from sheetgen.ir.node import Node
from sheetgen.ops.elementwise import half_away_from_zero
from sheetgen.ops.slips import Rank, Value, wrong_values
from sheetgen.ops.spread import NOISE, half_unit
from sheetgen.passes.evaluate import value_of

NO_NUMBER, ADDING, OTHER = "not a number", "slip in adding up", "other"


def cause_of(
    source: Node, found: Mapping[str, np.ndarray], at: tuple[int, int], typed: float, decimals: int, tolerance: float,
    ones: frozenset[str], update: bool,
) -> tuple[float, str]:  # fmt: skip
    """What cell `at` (row and column from 0) of an expression comes to from the student's own numbers `found`, and in
    words why the student's number `typed` is another one.

    `tolerance` is how far a right number may be off; `ones` and `update` are as in `slips.wrong_values`.
    """

    def value(node: Node) -> np.ndarray:
        return value_of(node, found)

    whole = np.broadcast_to(value(source), source.shape)
    right = float(whole[at])
    close = half_unit(decimals) + NOISE
    named = list(_slips(source, value, whole, at, decimals, ones, update))
    for near in dict.fromkeys((close, max(close, tolerance))):
        for words, number in named:
            if abs(number - typed) <= near < abs(number - right):
                return right, words
    return right, OTHER


def _slips(
    source: Node, value: Value, whole: np.ndarray, at: tuple[int, int], decimals: int, ones: frozenset[str],
    update: bool,
) -> Iterator[tuple[str, float]]:  # fmt: skip
    """Each slip and the number that it makes, the likeliest first."""
    wrong = wrong_values(source, value, ones, update)
    yield from ((w.words, float(w.value[at])) for w in wrong if w.rank < Rank.PLACE)
    yield "the sign is wrong", -float(whole[at])
    for axis, called in ((0, "row"), (1, "column")):
        for by in (1, -1):
            there = (at[0] + by, at[1]) if axis == 0 else (at[0], at[1] + by)
            if 0 <= there[axis] < whole.shape[axis]:
                yield f"a neighbouring {called} was taken", float(whole[there])
    right = float(whole[at])
    yield from _digits(right, decimals)
    yield from ((w.words, float(w.value[at])) for w in wrong if Rank.PLACE <= w.rank < Rank.RARE)
    yield from ((ADDING, right + sign * 10.0**k) for k in range(-decimals, 2) for sign in (1, -1))
    yield from ((w.words, float(w.value[at])) for w in wrong if w.rank == Rank.RARE)


def _digits(right: float, decimals: int) -> Iterator[tuple[str, float]]:
    for fewer in range(decimals - 1, -1, -1):
        yield "rounded to too few decimals", float(half_away_from_zero(np.array(right), fewer))
    for factor in (10.0, 0.1, 100.0, 0.01):
        yield "the decimal point is in the wrong place", right * factor
