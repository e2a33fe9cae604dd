"""Text in lines of a given width."""

from __future__ import annotations

from math import ceil

from sheetgen.layout import measure

EQUATION, PROSE = 10.0, 9.0
"""Points of an equation and of a sentence."""
LINE = 12.0
"""Points that a line of prose takes."""
INDENT = "   "
OPERATORS = frozenset("+−÷∗=") | {"where", "else"}


def wrapped(text: str, width: float, size: float = EQUATION) -> list[str]:
    """An equation in lines: broken before an operator, outside of brackets if possible; further lines are indented."""
    lines, words, indent = list[str](), text.split(" "), ""
    while words:
        fitting = [k for k in range(1, len(words) + 1) if _width(indent, words[:k], size) <= width]
        count = max(fitting, default=1)
        if count < len(words):
            count = max(range(1, count + 1), key=lambda k: (_rank(words, k), k))
        lines.append(indent + " ".join(words[:count]))
        words, indent = words[count:], INDENT
    return lines


def _width(indent: str, words: list[str], size: float) -> float:
    return measure.text_width(indent + " ".join(words), size)


def _rank(words: list[str], at: int) -> float:
    """How good a break before word `at` is: best before a condition, then before an operator, the fewer brackets around
    it the better, then between words, and worst beside an operator."""
    before = " ".join(words[:at])
    if words[at] == "=" or words[at - 1] in OPERATORS:
        return 0.0
    depth = sum(map(before.count, "([")) - sum(map(before.count, ")]"))
    if words[at] not in OPERATORS:
        return 1.0
    return 4.0 if words[at] in ("where", "else") and not depth else 3.0 / (1 + max(depth, 0))


def prose_lines(text: str, width: float, size: float = PROSE) -> int:
    """How many lines words take, as a merged cell wraps them."""
    lines, filled = 1, 0.0
    space = measure.text_width(" ", size)
    for word in text.split():
        wide = measure.text_width(word, size)
        if filled and filled + space + wide > width:
            lines, filled = lines + 1, wide
        else:
            filled += wide + (space if filled else 0)
    return lines


def prose_rows(text: str, width: float) -> int:
    """How many rows of a sheet a paragraph takes."""
    return ceil(prose_lines(text, width) * LINE / measure.ROW_HEIGHT)
