"""Formulas as texts that can be compared."""

from __future__ import annotations

import re
from functools import lru_cache

QUOTED = re.compile(r"""("(?:[^"]|"")*"|'(?:[^']|'')*')""")
"""Texts, and names of sheets."""
NUMBER = re.compile(r"(?<![\w.$!])(?:\d+\.?\d*|\.\d+)(?:E[+-]?\d+)?(?![\w.(!])")
DIGITS = 1e-14
"""Some programs write numbers with 15 digits."""


def same(one: str, other: str) -> bool:
    """Whether two formulas, with or without `=`, differ in nothing that means anything."""
    if one.removeprefix("=") == other.removeprefix("="):
        return True
    (text, numbers), (other_text, others) = _taken_apart(one), _taken_apart(other)
    return text == other_text and all(
        abs(a - b) <= DIGITS * max(abs(a), abs(b)) for a, b in zip(numbers, others, strict=True)
    )


def canonical(formula: str) -> str:
    """A formula without the differences that mean nothing: blanks, case, needless quotes of a sheet's name, how a
    number is written, the prefix of newer functions."""
    text, numbers = _taken_apart(formula)
    values = iter(numbers)
    return re.sub("\0", lambda _: f"{next(values):.14g}", text)


@lru_cache(maxsize=100_000)
def _taken_apart(formula: str) -> tuple[str, tuple[float, ...]]:
    """A formula's text, with a null character for each number, and the numbers."""
    numbers: list[float] = []

    def taken(found: re.Match[str]) -> str:
        numbers.append(float(found[0]))
        return "\0"

    parts = QUOTED.split(formula.removeprefix("=").replace("\0", ""))
    for k, part in enumerate(parts):
        if k % 2 == 0:
            text = re.sub(r"\s+", "", part).upper().replace("_XLFN.", "").replace("_XLWS.", "")
            parts[k] = NUMBER.sub(taken, text)
        elif part.startswith("'"):
            name = part[1:-1].upper()
            parts[k] = name if re.fullmatch(r"[A-Z_]\w*", name) else f"'{name}'"
    return "".join(parts), tuple(numbers)
