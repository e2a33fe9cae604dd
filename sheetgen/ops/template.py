"""Pieces of formulas that know how tightly they bind."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

NEEDS = {"": 0, "+": 3, "*": 4, "^": 9}
"""How tightly an operand must bind: 2 negations and powers, 3 sums, 4 products, 9 atoms. Negations and
powers are parenthesised everywhere, because spreadsheets read `-2^2` as 4."""
LONGEST_NUMBER = 30
"""Characters of a number that is written out."""


class Text(str):
    """A piece of formula, parenthesised where it is inserted into something that binds more tightly.

    `{x}` inserts it as a function's argument; `{x:+}`, `{x:*}`, `{x:^}` as an operand beside that
    operator; `{x:?}` as a condition; `{x:range}` where a function wants a range.
    """

    level: int
    number: float | None
    condition: str

    def __new__(cls, text: str, level: int = 9, number: float | None = None, condition: str = "") -> Text:
        self = super().__new__(cls, text)
        self.level, self.number, self.condition = level, number, condition
        return self

    def __format__(self, spec: str) -> str:
        plain = str.__str__(self)
        if spec == "?":
            return self.condition or f"{self:+}<>0"
        if spec == "range":
            return ranged(plain)
        return f"({plain})" if self.level < NEEDS[spec] else plain


def literal(value: float) -> Text:
    """A number, written out as far as that isn't too long: 0.00001 and not 1E-05, which some programs don't read."""
    exact = Decimal(repr(float(value)))
    text = f"{exact.normalize():f}"
    if len(text) > LONGEST_NUMBER:
        digits, _, exponent = repr(float(value)).partition("e")
        text = f"{digits}E{int(exponent):+d}"
    return Text(text, 9 if value >= 0 else 2, value)


def ranged(reference: str) -> str:
    """A reference to one cell as `A1:A1`, because IronCalc's INDEX, MATCH, COUNTIF and SUMIF take nothing less."""
    return reference if ":" in reference else f"{reference}:{reference.rpartition('!')[2]}"


@cache
def binding(formula: str) -> int:
    """How tightly a formula or template binds (see `NEEDS`), by the loosest operator outside all parentheses."""
    bare = re.sub(r"""\{[^{}]*\}|'[^']*'|"[^"]*"|\d[eE][-+]\d""", "x", formula)
    while (inner := re.sub(r"\([^()]*\)", "x", bare)) != bare:
        bare = inner
    if re.search(r".[-+]", bare):
        return 3
    return 4 if re.search("[*/]", bare) else 2 if re.search(r"[-+^]", bare) else 9
