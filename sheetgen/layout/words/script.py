"""Small letters: indices, exponents and hats, as far as Unicode has them."""

from __future__ import annotations

import math
import unicodedata
from itertools import accumulate

SUBSCRIPTS = dict(zip("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
SUPERSCRIPTS = dict(
    zip("0123456789+-−=()abcdefghijklmnoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", strict=True)
)
TURNED = "ᵀ"
HAT, BAR = "\u0302", "\u0304"


def subscript(text: str) -> str | None:
    """`text` as an index; None where a letter of it has no such form."""
    return _scripted(text, SUBSCRIPTS)


def superscript(text: str) -> str | None:
    """`text` as an exponent; None where a letter of it has no such form."""
    return _scripted(text, SUPERSCRIPTS)


def _scripted(text: str, table: dict[str, str]) -> str | None:
    return "".join(table[c] for c in text) if text and all(c in table for c in text) else None


def indexed(text: str, index: str) -> str:
    """`text` with an index: `W₁`; two indices are parted by a comma, and one that can't be small follows `_`."""
    small = subscript(index)
    if small is None:
        return f"{text}_{index}"
    return f"{text},{small}" if text[-1:] in SUBSCRIPTS.values() else text + small


def marked(letter: str, mark: str) -> str:
    """`Ŷ` for `Y` and a hat."""
    return unicodedata.normalize("NFC", letter + mark)


def outside(text: str) -> str:
    """What of a text stands in no brackets: of ∂(ln p) the ∂."""
    depths = accumulate((c in "([") - (c in ")]") for c in text)
    return "".join(c for c, depth in zip(text, depths, strict=True) if not depth and c not in ")]")


MOST_IN_PI = 1e6
PARTS_OF_PI = (1, 2, 3, 4, 5, 6, 8)


def in_pi(value: float) -> str:
    """`2π` or `3π ÷ 4` for a multiple or a simple part of π; empty for 0, any other number, and those too large to
    tell."""
    if abs(value) >= MOST_IN_PI:
        return ""
    for parts in PARTS_OF_PI:
        times = round(parts * value / math.pi)
        if times and abs(parts * value / math.pi - times) < 1e-9:
            over = f" ÷ {parts}" if parts > 1 else ""
            return f"{'−' if times < 0 else ''}{abs(times) if abs(times) > 1 else ''}π{over}"
    return ""
