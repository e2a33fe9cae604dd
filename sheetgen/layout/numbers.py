"""How the numbers of a matrix are shown: as few digits as by hand, alike within the matrix, true after an edit.

2 shows as `2` and 0.2514 as `0.25`; `0.00` is not quite zero, `0` is. A matrix whose largest number is small shows two
digits of it, one that is tiny powers of ten. The format of the cells comes from the numbers as they are; rules that
look at each cell (`Tier`) keep it readable when somebody changes them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import floor, inf, log10
from typing import NamedTuple

import numpy as np

from sheetgen.lang.show import number_text
from sheetgen.ops.elementwise import half_away_from_zero

EXACT = 1e-12
"""Numbers this near to a short one are meant to be it."""
SCIENTIFIC = 99999.5
"""From here on a number is shown as 1.2E+6."""
SMALL, TINY = 0.1, 0.001
"""Largest numbers below which a matrix shows two digits of the largest, and powers of ten."""


class Tier(NamedTuple):
    """Numbers that are shown in a format of their own: those from `least` up to `below`, whatever their sign."""

    format: str
    least: float = 0.0
    below: float = inf
    exact: int = 0
    """Only whole multiples of 1/`exact`."""
    rest: int = 0
    """Only numbers that are no whole multiples of 1/`rest`."""

    def condition(self, cell: str) -> str:
        """The same as a formula about a cell such as `A1`."""
        tests = [f"ABS({cell})>={number_text(self.least)}"] if self.least else []
        tests += [f"ABS({cell})<{number_text(self.below)}"] if self.below < inf else []
        for parts, sign in ((self.exact, "<"), (self.rest, ">=")):
            if parts:
                scaled = cell if parts == 1 else f"{parts}*{cell}"
                tests.append(f"ABS({scaled}-ROUND({scaled},0)){sign}{number_text(EXACT)}")
        return tests[0] if len(tests) == 1 else f"AND({','.join(tests)})"

    def holds(self, numbers: np.ndarray) -> np.ndarray:
        """Which of the numbers are among them."""
        sizes = np.abs(numbers)
        found: np.ndarray = (self.least <= sizes) & (sizes < self.below)
        for parts, multiple in ((self.exact, True), (self.rest, False)):
            if parts:
                found &= (np.abs(parts * numbers - np.rint(parts * numbers)) < EXACT) == multiple
        return found


class Form(NamedTuple):
    """The numbers of a matrix: the format of its cells, and those that differ; the first that holds counts."""

    format: str
    tiers: tuple[Tier, ...] = ()


POWER = "0.0E+0"
NEARLY = '"0.00"'
"""Text, so that no program shows -0.00."""
ZERO = Tier("0", below=1e-15)
HUGE, HUNDREDS, TENS = Tier(POWER, SCIENTIFIC), Tier("0", 99.95), Tier("0.0", 9.995)
WHOLE, LARGE_WHOLE = Tier("0", exact=1), Tier("0", 0.5, exact=1)

BARE = (Tier("0.0", 9.995), Tier("0.00", 0.995))
"""What needs the 0 before the point, or more than it."""

AS_TYPED = Form("General")
WHOLES = Form("0", (HUGE, Tier(NEARLY, below=0.005, rest=1), Tier("0.00", below=9.995, rest=1),
                    Tier("0.0", below=99.95, rest=1)))  # fmt: skip
TENTHS = Form("0.0", (HUGE, WHOLE, HUNDREDS, TENS, Tier(NEARLY, below=0.005), Tier("0.00", rest=10)))
HUNDREDTHS = Form("0.00", (HUGE, WHOLE, HUNDREDS, TENS, Tier(NEARLY, below=0.005)))
_LARGER = (ZERO, HUGE, LARGE_WHOLE, HUNDREDS, TENS, Tier("0.00", 0.0995))
"""What becomes of small numbers when they are changed to larger ones."""
POWERS = Form(POWER, _LARGER)


def form(values: np.ndarray, given: bool = False, decimals: int | None = None, bare: bool = False) -> Form:
    """How a matrix is shown: `given` numbers as they were typed if they are short; with `decimals` all alike, `bare`
    without the 0 before the point."""
    if decimals is not None:
        return Form(_places(decimals).lstrip("0" * bare), (HUGE, ZERO, HUNDREDS, *(BARE if bare else ())))
    numbers = np.abs(values[np.isfinite(values)])
    largest = float(numbers.max(initial=0.0))
    if given and _typed(numbers, largest):
        return AS_TYPED
    if _exact(numbers, 1):
        return WHOLES
    if largest < TINY:
        return POWERS
    if (places := _two_digits(largest)) is not None:
        return Form(_places(places), _LARGER)
    return TENTHS if _exact(numbers, 10) else HUNDREDTHS


def shown(value: object, form: Form) -> str:
    """The text that a cell shows."""
    if isinstance(value, str):
        return value
    number = float(value)  # type: ignore[arg-type]
    if form == AS_TYPED:
        return f"{number:.9g}"
    at = np.array([number])
    return _texts(at, next((tier.format for tier in form.tiers if tier.holds(at).all()), form.format))[0]


def texts(matrices: Sequence[np.ndarray], forms: Sequence[Form]) -> list[list[str]]:
    """What cells show of some of the numbers of each matrix, the longest text among them: of those in one format, that
    of the nearest to 0 and of the farthest of either sign. Matrices of one form are looked at together."""
    found: list[list[str]] = [[] for _ in matrices]
    alike: dict[Form, list[int]] = defaultdict(list)
    for k, form in enumerate(forms):
        alike[form].append(k)
    for form, those in alike.items():
        if form == AS_TYPED:
            for k in those:
                found[k] = [shown(number, form) for number in matrices[k].ravel().tolist()]
            continue
        left = np.concatenate([matrices[k].ravel() for k in those]).astype(float)
        starts = np.cumsum([0, *(matrices[k].size for k in those[:-1])])
        rest = np.isfinite(left)
        for tier in (*form.tiers, Tier(form.format)):
            held = rest & tier.holds(left)
            rest &= ~held
            for same in (held & (left < 0), held & (left >= 0)) if held.any() else ():
                least = np.minimum.reduceat(np.where(same, left, inf), starts)
                most = np.maximum.reduceat(np.where(same, left, -inf), starts)
                some = np.flatnonzero(least < inf)
                ends = (_texts(end[some], tier.format) for end in (least, most))
                for k, *both in zip(some.tolist(), *ends, strict=True):
                    found[those[k]] += both
    return found


def _texts(ends: np.ndarray, code: str) -> list[str]:
    """Numbers in a format. Spreadsheets round a half away from zero, and take fifteen digits of a number for it."""
    if code == NEARLY:
        return ["0.00"] * len(ends)
    if code == POWER:
        parts = [f"{number:.14e}".split("e") for number in ends.tolist()]
        halves = [f"{digits:.1e}".split("e") for digits in _rounded(np.array([float(text) for text, _ in parts]), 1)]
        return [f"{mantissa}E{int(power) + int(more):+d}"
                for (_, power), (mantissa, more) in zip(parts, halves, strict=True)]  # fmt: skip
    places = len(code.partition(".")[2])
    found = [f"{number:.{places}f}" for number in _rounded(ends, places)]
    found = [text.replace("0.", ".", 1) for text in found] if code.startswith(".") else found
    return [text if text.strip("-0.") else text.lstrip("-") for text in found]


def _rounded(ends: np.ndarray, places: int) -> list[float]:
    rounded: list[float] = half_away_from_zero(ends, places).tolist()
    return rounded


def number_in(text: str) -> float | str:
    """The number that a text reads as, or the text."""
    try:
        return float(text)
    except ValueError:
        return text


def two_digits(values: np.ndarray) -> int | None:
    """The decimals with which the largest of small numbers shows two digits; None for others."""
    return _two_digits(float(np.abs(values[np.isfinite(values)]).max(initial=0.0)))


def _two_digits(largest: float) -> int | None:
    return 1 - floor(log10(largest)) if TINY <= largest < SMALL else None


def _places(decimals: int) -> str:
    return "0." + "0" * decimals if decimals else "0"


def _typed(numbers: np.ndarray, largest: float) -> bool:
    """Whether nobody would shorten them: two decimals at most, or one number alone of up to four digits."""
    if numbers.size == 1:
        return len(f"{largest:.9g}".replace(".", "").lstrip("0")) <= 4
    return largest < 1000 and _exact(numbers, 100)


def _exact(numbers: np.ndarray, parts: int) -> bool:
    if numbers.size and not -EXACT < parts * (first := numbers.item(0)) - round(parts * first) < EXACT:
        return False  # as of most matrices
    scaled = numbers * parts
    return bool((np.abs(scaled - np.rint(scaled)) < EXACT).all())
