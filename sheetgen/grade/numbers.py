"""Numbers as people type them: with a decimal comma, spaces, a minus of typesetters."""

from __future__ import annotations

import math
import re
import unicodedata

MINUS = dict.fromkeys(map(ord, "\u2212\u2012\u2013\u2010\u2011"), "-")
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
GROUPED = re.compile(r"[+-]?\d{1,3}(?P<mark>[.,' ])\d{3}(?:(?P=mark)\d{3})*(?:[.,]\d*)?")
LONGEST = 40
"""Characters of a text that may be a number."""


def number_of(text: str) -> float | None:
    """The number that a text means: `2,5`, `− 2`, `1 234,5`; None if it is none. A single comma is a decimal comma."""
    if len(text) > LONGEST:
        return None
    plain = unicodedata.normalize("NFKC", text).translate(MINUS).replace("\u2019", "'").strip().lstrip("'").strip()
    plain = re.sub(r"^([+-])\s+", r"\1", plain)
    grouped = GROUPED.fullmatch(plain)
    if grouped and (grouped["mark"] in "' " or plain.count(grouped["mark"]) > 1 or len({*plain} & {".", ","}) == 2):
        plain = plain.replace(grouped["mark"], "")
    plain = plain.replace(",", ".")
    number = float(plain) if NUMBER.fullmatch(plain) else math.inf
    return number if math.isfinite(number) else None
