"""Numbers put into words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetgen.lang.show import number_text

LIKELY = (
    (-1.0, "below 0"), (-0.0001, "very unlikely"), (0.2, "unlikely"), (0.4, "neutral"), (0.6, "likely"),
    (0.8, "very likely"), (1.0001, "above 1"),
)  # fmt: skip
"""From each number on, its word holds; below the first, the first word does too. What isn't between 0 and 1 is no
probability, and is told so."""

Words = tuple[tuple[float, str], ...]


def verdict(value: float, words: Words) -> str:
    """The word for a number."""
    return next((word for bound, word in reversed(words) if value >= bound), words[0][1])


def verdict_formula(cell: str, words: Words) -> str:
    """The same as a formula: `IF(A1>=0.8,"very likely",IF(…))`."""
    text = _quoted(words[0][1])
    for bound, word in words[1:]:
        text = f"IF({cell}>={number_text(bound)},{_quoted(word)},{text})"
    return text


def verdicts(values: np.ndarray, words: Words) -> np.ndarray:
    """The word for each number."""
    result = np.empty(values.shape, dtype=object)
    for place, value in np.ndenumerate(values):
        result[place] = verdict(float(value), words)
    return result


def while_adding_up(lines: Sequence[str], text: str, otherwise: str) -> str:
    """A formula that shows `text` while each of the ranges adds up to 1."""
    sums = ",".join(f"ABS(SUM({line})-1)<0.000000001" for line in lines)
    return f"IF(AND({sums}),{_quoted(text)},{_quoted(otherwise)})"


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'
