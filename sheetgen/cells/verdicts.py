"""Numbers put into words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetgen.cells.a1 import quoted
from sheetgen.lang.show import number_text
from sheetgen.ops import equality

LIKELY = (
    (-1.0, "below 0"), (-0.0001, "very unlikely"), (0.2, "unlikely"), (0.4, "neutral"), (0.6, "likely"),
    (0.8, "very likely"), (1.0001, "above 1"),
)  # fmt: skip
"""From each number on, its word holds; below the first, the first word does too. What isn't between 0 and 1 is no
probability, and is told so."""

Words = tuple[tuple[float, str], ...]
CHANGE: Words = ((-np.inf, "▼"), (0.0, "="), (5e-324, "▲"))
"""How a number has changed, by the difference."""


def verdict(value: float, words: Words) -> str:
    """The word for a number."""
    return words[place(value, words)][1]


def place(value: float, words: Words) -> int:
    """Which word it is, counted from 0."""
    return next((k for k, (bound, _) in reversed([*enumerate(words)]) if reaches(value, bound)), 0)


def reaches(value: float, bound: float) -> bool:
    """Whether a spreadsheet takes `value >= bound` for true."""
    return value >= bound or bool(equality.same(np.array(value), np.array(bound)))


def verdict_formula(cell: str, words: Words) -> str:
    """The same as a formula: `IF(A1>=0.8,"very likely",IF(…))`."""
    text = quoted(words[0][1])
    for bound, word in words[1:]:
        text = f"IF({cell}>={number_text(bound)},{quoted(word)},{text})"
    return text


def verdicts(values: np.ndarray, words: Words) -> np.ndarray:
    """The word for each number."""
    result = np.empty(values.shape, dtype=object)
    for at, value in np.ndenumerate(values):
        result[at] = verdict(float(value), words)
    return result


def while_adding_up(lines: Sequence[str], text: str, otherwise: str) -> str:
    """A formula that shows `text` while each of the ranges adds up to 1."""
    sums = ",".join(f"ABS(SUM({line})-1)<0.000000001" for line in lines)
    return f"IF(AND({sums}),{quoted(text)},{quoted(otherwise)})"
