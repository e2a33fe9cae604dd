"""What is said where a page ends in the midst of things: which band goes on, and what its lines carry."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from sheetgen.book import theme
from sheetgen.book.labels import align_of
from sheetgen.layout import measure
from sheetgen.layout.plan import Edge, Label, SheetPlan
from sheetgen.layout.words.margin import CONTINUED

BADGE, MARGIN = 1, 2
"""The columns of the bands' numbers and of the margin's texts."""
AIR = 0.5
"""Characters between two texts, and between a text and a line."""
NEAR = 2
"""Rows from a cut within which a line is named."""
Span = tuple[float, float]
"""From where to where something reaches in a row, in characters from the left."""


def continued(sheet: SheetPlan, rows: Iterable[int], title: str) -> list[Label]:
    """What the pages that begin with these rows go on with, where no title stands: that of the band, or the last one
    above it, or `title`; where the margin isn't free, beside it, or else only the band's number. A sheet without
    bands has no margin, and repeats its head."""
    titles = {label.row: label for label in sheet.labels if label.style == "section"}
    badges = {label.row: label for label in sheet.labels if label.style == "badge"}
    taken = {(row, label.column) for label in sheet.labels for row in range(label.row, label.row + label.rows)}
    heading, at = Label(1, MARGIN, title, "section"), starts(sheet)
    rows, found = [*rows] if sheet.bands else [], []
    spans = spans_of(sheet, at, rows)
    for row in rows:
        if row in titles:
            continue
        start = max((before for before in titles if before < row), default=0)
        last, badge = titles.get(start, heading), badges.get(start)
        text = last.text if last.text.endswith(CONTINUED) else f"{last.text} {CONTINUED}"
        beside = Label(row, MARGIN + 1, text, "note", last.step)
        if (row, MARGIN) not in taken:
            found.append(Label(row, MARGIN, text, "note", last.step))
        elif sheet.last_column > MARGIN and _fits(spans, at, beside, ()):
            found.append(beside)
        elif (row, BADGE) not in taken:
            number = f"{badge.text} …" if badge is not None else "…"
            found.append(Label(row, BADGE, number, "note", last.step, "center"))
    return found


def carried(sheet: SheetPlan, rows: Iterable[int]) -> list[Label]:
    """The names of what lines carry that are cut by these rows, with which pages begin: on both sides of the cut, left
    of the line or else right of it, where there is room."""
    at, found = starts(sheet), list[Label]()
    lines = [edge for edge in sheet.edges if edge.carries]
    cut_off = dict[tuple[int, int, str], tuple[Edge, int]]()
    for line, cut in ((line, cut) for cut in rows for line in lines if line.row < cut < line.row + line.rows):
        cut_off.setdefault((cut, line.column, line.carries), (line, cut))  # of several lines in one place once
    spans = spans_of(sheet, at, [cut + k for _, cut in cut_off.values() for k in range(-NEAR, NEAR)])
    for line, cut in cut_off.values():
        above = range(cut - 1, max(line.row, cut - NEAR) - 1, -1)
        below = range(cut, min(line.row + line.rows, cut + NEAR))
        for near in (above, below):
            tried = (label for row in near for label in _beside(line, row, at))
            named = next((label for label in tried if _fits(spans, at, label, found)), None)
            found += [] if named is None else [named]
    return found


def _beside(line: Edge, row: int, at: list[float]) -> Iterator[Label]:
    yield Label(row, line.column, line.carries, "function", line.step, "right", hue=line.hue)
    if line.column < len(at) - 2:
        yield Label(row, line.column + 1, line.carries, "function", line.step, "left", hue=line.hue)


def _fits(spans: Mapping[int, Sequence[Span]], at: list[float], label: Label, others: Iterable[Label]) -> bool:
    """Whether a text has room beside all that stands in its row, and beside the `others` that came in."""
    start, end = reach(label, at)
    here = [*spans[label.row], *(reach(other, at) for other in others if other.row == label.row)]
    return end <= at[-1] and all(end <= left or right <= start for left, right in here)


def starts(sheet: SheetPlan) -> list[float]:
    """Where each column begins, in characters; the first number is that of no column, the last one where they end."""
    widths, last = dict(sheet.widths), sheet.last_column or max([0, *(column for column, _ in sheet.widths)])
    return [0.0, *accumulate((widths.get(k, measure.COLUMN_WIDTH) for k in range(1, last + 1)), initial=0.0)]


def spans_of(sheet: SheetPlan, at: list[float], rows: Iterable[int]) -> Mapping[int, Sequence[Span]]:
    """What stands in rows: matrices, lines and texts."""
    wanted = sorted({*rows})
    drawn, texts = drawn_in(sheet, at, wanted), texts_in(sheet, at, wanted)
    return {row: [*drawn[row], *texts[row]] for row in wanted}


def drawn_in(sheet: SheetPlan, at: list[float], rows: Sequence[int]) -> Mapping[int, Sequence[Span]]:
    """The matrices and upright lines in rows, which are in order."""
    found, end = {row: list[Span]() for row in rows}, len(at) - 1
    for r in sheet.regions:
        span = at[min(r.column, end)], at[min(r.column + r.width, end)]
        for row in _within(rows, r.row, r.height):
            found[row].append(span)
    for edge in sheet.edges:
        if edge.side in ("left", "right"):
            x = at[min(edge.column + edge.columns * (edge.side == "right"), end)]
            for row in _within(rows, edge.row, edge.rows):
                found[row].append((x, x))
    return found


def texts_in(sheet: SheetPlan, at: list[float], rows: Sequence[int]) -> Mapping[int, Sequence[Span]]:
    """The texts in rows, which are in order."""
    found = {row: list[Span]() for row in rows}
    for label in sheet.labels:
        if within := _within(rows, label.row, label.height):
            span = reach(label, at)
            for row in within:
                found[row].append(span)
    return found


def _within(rows: Sequence[int], first: int, count: int) -> Sequence[int]:
    return rows[bisect_left(rows, first) : bisect_left(rows, first + count)]


def reach(label: Label, at: list[float]) -> Span:
    """From where to where a text reaches; its cell is its own, too."""
    look = theme.LABELS[label.style]
    wide = measure.text_width(label.text, look.size, look.bold) + AIR
    start, end = (at[min(column, len(at) - 1)] for column in (label.column, label.column + label.columns))
    if label.lines > 1 or label.rows > 1:  # it is wrapped, or merged
        return start, end
    match align_of(label):
        case "left":
            return start, max(end, start + wide)
        case "right":
            return min(start, end - wide), end
    middle = (start + end) / 2
    return min(start, middle - wide / 2), max(end, middle + wide / 2)
