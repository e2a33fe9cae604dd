"""Which texts keep off the line or the matrix at whose side they begin or end: those that still have room then."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace
from itertools import groupby

from sheetgen.book import theme
from sheetgen.book.cuts import Span, drawn_in, reach, starts, texts_in
from sheetgen.book.labels import align_of
from sheetgen.layout import measure
from sheetgen.layout.plan import Label, SheetPlan

INSET = 0.6
"""Characters of the space that is shown before such a text, or behind it."""
CLEAR = 0.3
"""Characters that it leaves free before a line or a matrix at its other end."""


def inset(sheet: SheetPlan, labels: Sequence[Label], least: float) -> Set[tuple[int, int]]:
    """The cells (row, column) of those of a sheet's `labels` that keep off; names in rows under one another all do, or
    none. No text is smaller than `least` points."""
    sheet = replace(sheet, labels=tuple(labels))
    level = [label for label in labels if _level(label) and label.row >= sheet.first_row]  # the head has its own room
    at, rows = starts(sheet), sorted({label.row for label in level})
    drawn, texts = drawn_in(sheet, at, rows), texts_in(sheet, at, rows)
    ordered = sorted((label.style, label.align, label.column, label.row, k) for k, label in enumerate(level))
    found = set[tuple[int, int]]()
    for _, run in groupby(enumerate(ordered), lambda each: (*each[1][:3], each[1][3] - each[0])):
        same = [level[k] for _, (*_, k) in run]
        if all(_off(label, at, drawn[label.row], texts[label.row], least) for label in same):
            found.update((label.row, label.column) for label in same)
    return found


def _level(label: Label) -> bool:
    """Whether it is a text in one line, from one side of its cell on."""
    plain = label.formula is None and label.rows == label.lines == label.down == 1 and not label.upright
    return plain and label.style not in ("badge", "arrow") and align_of(label) in ("left", "right")


def _off(label: Label, at: list[float], drawn: Sequence[Span], texts: Sequence[Span], least: float) -> bool:
    """Whether something is drawn at the side of its cell, and nothing stands where the text would then end."""
    look, end = theme.LABELS[label.style], len(at) - 1
    wide = measure.text_width(label.text, max(look.size, least), look.bold) + INSET
    first, last = at[min(label.column, end)], at[min(label.column + label.columns, end)]
    side, span = (first, (first, first + wide)) if align_of(label) == "left" else (last, (last - wide, last))
    if not any(side in ends for ends in drawn):
        return False
    others = [*drawn, *texts]
    others.remove(reach(label, at))
    near = any(x != side and span[0] - CLEAR < x < span[1] + CLEAR for ends in drawn for x in ends)
    return not near and all(right <= span[0] or span[1] <= left for left, right in others)
