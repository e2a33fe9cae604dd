"""Columns of numbers get wider where a page is as small as its height demands and paper is left at its sides."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from sheetgen.book.cuts import starts
from sheetgen.book.printing import SCREEN, Pages
from sheetgen.layout import measure
from sheetgen.layout.plan import SHAFT, Label, SheetPlan

MOST, LITTLE = 1.25, 1.03
"""How much wider a column gets at most, and from where on it is seen."""
EXACTLY = 0.999
"""Of the paper's width, so that no rounding makes the page smaller."""


def broadened(sheet: SheetPlan, width: float, pages: Pages) -> SheetPlan:
    """The sheet, `width` characters wide in these pages, wider in the same pages, on the screen in full size if it was
    before; its arrows are as long as that makes their ways."""
    side = (measure.LANDSCAPE if pages.landscape else measure.PORTRAIT)[0]
    paper = EXACTLY * measure.SAFE * side / (measure.POINTS * pages.scale)
    widths = dict(sheet.widths)
    numbers = {r.column + k for r in sheet.regions if r.row >= sheet.first_row for k in range(r.width)}
    own = sum(widths.get(column, measure.COLUMN_WIDTH) for column in numbers)
    by = min(MOST, 1 + (min(paper, max(width, SCREEN)) - width) / own) if own else 1.0
    if by < LITTLE:
        return sheet
    widths |= {column: by * widths.get(column, measure.COLUMN_WIDTH) for column in numbers}
    found = replace(sheet, widths=tuple(sorted(widths.items())))
    before, after = starts(sheet), starts(found)
    return replace(found, labels=tuple(_longer(label, before, after) if SHAFT in label.text else label
                                       for label in sheet.labels))  # fmt: skip


def _longer(arrow: Label, before: Sequence[float], after: Sequence[float]) -> Label:
    """An arrow through the same columns, which begin after other numbers of characters."""
    long = measure.text_width(arrow.text)
    if arrow.align == "right":
        first, end = bisect_right(before, before[arrow.column + 1] - long) - 1, arrow.column + 1
    else:
        first, end = arrow.column, min(bisect_left(before, before[arrow.column] + long), len(before) - 1)
    head = arrow.text.strip(SHAFT)
    more = SHAFT * int((after[end] - after[first] - (before[end] - before[first])) / measure.text_width(SHAFT))
    return arrow._replace(text=f"{head}{more}{arrow.text.removeprefix(head)}")
