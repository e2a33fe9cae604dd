"""What an operation's result is rounded as: values of the entries' field `rounds`."""

from __future__ import annotations

import numpy as np

EXACT = 2.0**53
"""Doubles hold all whole numbers below it."""


def rounded_result(out: np.ndarray, *args: np.ndarray) -> np.ndarray:
    """For an operation on whose way nothing is larger than what comes out."""
    return np.asarray(np.abs(out))


def unless_whole(size: np.ndarray, *operands: np.ndarray) -> np.ndarray:
    """`size`, or 0 if the operands are whole numbers, whose sums and products are exact as long as they are small."""
    whole = all(np.array_equal(x, np.floor(x)) for x in operands) and size.max(initial=0.0) < EXACT
    return np.zeros_like(size) if whole else size


def unrounded(out: np.ndarray, *args: np.ndarray) -> np.ndarray:
    """For an operation that passes numbers on as they are."""
    return np.zeros_like(out)
