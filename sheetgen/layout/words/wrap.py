"""Text in lines of a given width."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from math import ceil

from sheetgen.layout import measure
from sheetgen.layout.words.script import outside

EQUATION, PROSE = 10.0, 9.0
"""Points of an equation and of a sentence."""
LINE = 12.0
"""Points that a line of prose takes."""
INDENT = "   "
CLAUSES = ("where", "else", "each", "likewise")
OPERATORS = frozenset("+−÷∗=<>≤≥≠") | {"where", "else"}
FACTORS = ("·", "∘")
PRODUCT = re.compile("(?=[·∘])")
MINUS = re.compile(r"^(\(?)-(?=[\d.])")
"""Of a negative number: a hyphen, after which spreadsheets begin a new line."""


@lru_cache(maxsize=4096)
def wrapped(text: str, width: float, size: float = EQUATION) -> tuple[str, ...]:
    """An equation in lines: broken before an operator, outside of brackets if possible; further lines are indented."""
    if measure.text_width(text, size) > width and (whole := _before_equals(text, width, size)):
        return tuple(whole)
    words = [piece for word in text.split(" ") for piece in _pieces(f" {word}")]
    lines, start = list[str](), 0
    ends = [*accumulate((measure.text_width(word, size) for word in words), initial=0.0)]
    ranks = _ranks(words)
    while start < len(words):
        indent = INDENT if lines else ""
        spaced = measure.text_width(" ", size) if words[start][0] == " " else 0.0
        room = width - measure.text_width(indent, size) + spaced + ends[start]
        least = min(start + (2 if words[start].strip() in OPERATORS else 1), len(words))
        stop = max(least, bisect_right(ends, room + 1e-9) - 1)
        if stop < len(words):
            stop = max(range(least, stop + 1), key=lambda k: (ranks[k], k))
        lines.append(indent + "".join(words[start:stop]).strip(" "))
        start = stop
    return tuple(lines)


def _before_equals(text: str, width: float, size: float) -> list[str]:
    """A product in one piece, under what it is equal to; empty for other equations and where it is too long for a
    line."""
    left, equals, right = text.partition(" = ")
    free = outside(right)
    mere = not OPERATORS.intersection(free.split()) and any(sign in free for sign in FACTORS)
    product = f"{INDENT}= {right}"
    return [left, product] if equals and mere and measure.text_width(product, size) <= width else []


def _pieces(word: str) -> list[str]:
    """The factors of a product, each with the sign before it."""
    return [piece for piece in PRODUCT.split(word) if piece]


def _ranks(words: list[str]) -> list[float]:
    """How good a break before each word is: best before a condition or what is alike, then before an operator, the
    fewer brackets around it the better, then between words, and worst beside an operator."""
    depths = accumulate((sum(map(word.count, "([")) - sum(map(word.count, ")]")) for word in words), initial=0)
    first = next((at for at, word in enumerate(words) if word == " ="), None)
    return [0.0 if at == first else _rank(words, at, depth) for at, depth in enumerate(depths)]


def _rank(words: list[str], at: int, depth: int) -> float:
    if not 0 < at < len(words) or words[at - 1].strip() in OPERATORS:
        return 0.0
    word = words[at].strip()
    if word in CLAUSES and not depth:
        return 4.0
    if word[:1] in FACTORS:
        return 2.0 / (1 + depth)
    if word not in OPERATORS:
        return 1.0
    return (3.0 if word in "+−" else 2.5) / (1 + depth)


def prose(text: str, width: float, size: float = PROSE) -> list[str]:
    """Words in lines; negative numbers have a minus, which stays with its digits."""
    lines, filled = list[list[str]](), 0.0
    space = measure.text_width(" ", size)
    for word in (MINUS.sub(r"\1−", word) for word in text.split()):
        wide = measure.text_width(word, size)
        if lines and filled + space + wide <= width:
            lines[-1].append(word)
            filled += space + wide
        else:
            lines.append([word])
            filled = wide
    return [" ".join(words) for words in lines]


def prose_lines(text: str, width: float, size: float = PROSE) -> int:
    """How many lines words take, as a merged cell wraps them."""
    return max(1, len(prose(text, width, size)))


def prose_rows(text: str, width: float) -> int:
    """How many rows of a sheet a paragraph takes."""
    return ceil(prose_lines(text, width) * LINE / measure.ROW_HEIGHT)
