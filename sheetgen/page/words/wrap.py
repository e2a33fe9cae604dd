"""Text in lines of a given width."""

from __future__ import annotations

import re
from math import ceil

from sheetgen.layout import measure

EQUATION, PROSE = 10.0, 9.0
"""Points of an equation and of a sentence."""
LINE = 12.0
"""Points that a line of prose takes."""
BREAKS = re.compile(r" (?=[+−=÷∗] |where |else |· )")
INDENT = "   "


def wrapped(text: str, width: float, size: float = EQUATION) -> list[str]:
    """An equation in lines: broken before an operator, the further lines indented."""
    lines, rest = [], BREAKS.split(text)
    line = rest[0]
    for piece in rest[1:]:
        longer = f"{line} {piece}"
        if measure.text_width(longer, size) > width and line.strip() and not line.endswith(" ="):
            lines.append(line)
            line = f"{INDENT}{piece}"
        else:
            line = longer
    return [*lines, line]


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
