"""How operations are written: the captions and signs of their entries, and those of what only readers see."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sheetgen.layout.words.script import in_pi, superscript
from sheetgen.ops import OPERATIONS
from sheetgen.ops.notation import ATOM, CHOICE, POWER, PREFIX, PRODUCT, QUOTIENT, SUM, TOTAL, Caption

LEVELS = {"": CHOICE, "+": SUM, "-": TOTAL, "*": PRODUCT, "/": PREFIX, "^": POWER, ".": ATOM}
"""What a place in a caption asks of the piece that is put there."""
FOR_READERS = {"spread": Caption("std({0})"), "one_hot": Caption("one-hot({0})")}
"""Operations that `plain` makes: they are read, never computed."""
MOST_PARTS, MOST_COUNTED = 1000, 10
"""Of a fraction that is written as one, 1 ÷ 6, and how many of them there may be, at most."""
FRACTIONS = {0.5: "½", 0.25: "¼", 0.75: "¾"}
ARROW = "→"
"""For a product, a choice, and whatever has no sign."""
BACK = "←"
"""To a weight's gradient, which stands left of the one that it is made of."""


@dataclass(frozen=True)
class Text:
    """A written expression and how tightly it binds."""

    text: str
    level: float = ATOM

    def __format__(self, spec: str) -> str:
        return self.text if self.level >= LEVELS[spec] else f"({self.text})"


def number_text(value: float, exact: bool = False) -> Text:
    """A number of an expression: `½`, `1 ÷ 6`, `√(2π)`, `10⁻⁵`; else four digits. `exact`: all, and 0.5 for ½."""
    if value < 0:
        return Text(f"−{number_text(-value, exact)}", SUM)
    if value in FRACTIONS and not exact:
        return Text(FRACTIONS[value])
    if value == int(value) and value < 1e6:
        return Text(str(int(value)))
    if circle := in_pi(value):
        return Text(circle, QUOTIENT if "÷" in circle else ATOM if circle == "π" else PRODUCT)
    if circle := in_pi(value * value):
        return Text("√π" if circle == "π" else f"√({circle})", PREFIX)
    power = math.log10(value)
    if abs(power - round(power)) < 1e-9 and not -3 <= power <= 5:
        return Text(f"10{superscript(str(round(power)))}", POWER)
    short = f"{value:.4g}"
    for count in range(1, MOST_COUNTED) if float(short) != value and value < 1 else ():
        parts = round(min(count / value, MOST_PARTS + 1))
        if parts <= MOST_PARTS and abs(count / value - parts) < 1e-9:
            return Text(f"{count} ÷ {parts}", QUOTIENT)
    return Text(np.format_float_positional(value, trim="-") if exact else short)


def caption_of(op: str) -> Caption | None:
    """The template of an operation; None where it takes more than a template to write it."""
    if op in FOR_READERS:
        return FOR_READERS[op]
    return OPERATIONS[op].caption if op in OPERATIONS else None
