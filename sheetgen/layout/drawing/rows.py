"""How high the rows of a sheet are, where it ends, and where a printed page may start."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import ceil

from sheetgen.ir.program import Statement
from sheetgen.layout import measure
from sheetgen.layout.drawing.needs import WORDS
from sheetgen.layout.drawing.paper import longest_word
from sheetgen.layout.drawing.regions import MOST_DIGITS
from sheetgen.layout.geometry.figure import Column, Frame, Picture, Placement
from sheetgen.layout.geometry.fit import last_taken
from sheetgen.layout.plan import Label, Region, Role
from sheetgen.layout.words.wrap import prose_lines

SHORTEST = 12
"""Columns that any page has: the head's texts stand in them."""
OPENING, CLOSING = 8, 5
"""Rows with which a band begins and ends: they stay together."""
TURN = 11.0
"""Points of a turn's name."""
LOW_ROW, WORD_ROW = 7.6, 23.0
"""Points of a row of a matrix without digits, and of one with words in two lines."""
LINE, AIR = 1.3, 3.0
"""How much higher a line is than its letters, and points that words leave free."""
MADE = ("home", "row")
"""Kinds of boxes that equations make."""
Heights = Mapping[int, float]


def last_column(placement: Placement, sheet: int, labels: Iterable[Label], columns: Sequence[Column]) -> int:
    """The last column of a sheet that holds anything, the ends of its texts among them, or the one after the side of a
    Look closer."""
    found = [SHORTEST, last_taken(placement, sheet)]
    for label in labels:
        size = TURN if label.style == "turn" else measure.SIZE
        end, room = label.column + label.columns - 1, measure.text_width(label.text, size, True)
        while label.align == "left" and label.rows == 1 and end < len(columns) and room > columns[end - 1].width:
            room -= columns[end - 1].width
            end += 1
        found.append(end)
    return min(max(found), len(columns))


def cuts(placement: Placement, sheet: int, labels: Iterable[Label]) -> tuple[int, ...]:
    """Where a printed page may start: at a band, or within one at a caption, if that parts no matrix from what hangs
    above it or from its names in the row under it, and cuts no picture or frame. Names under gradients, and under what
    stands beside these, keep no row in which the trunk goes on."""
    named = {(label.row, label.column) for label in labels if label.style in ("label", "shape")}
    found = {band.first_row for band in placement.bands[1:]}
    whole: set[int] = set()
    boxes = [box for box in placement.boxes if box.sheet == sheet]
    heads = {(box.head, box.column) for box in boxes if box.kind != "copy"}
    begun = {box.top for box in boxes if box.kind in MADE and (box.zone.area, box.zone.part) == (0, 1)}
    for box in boxes:
        hangs = box.kind == "ones"
        hangs |= box.kind == "copy" and (box.zone.part == 1 or (box.below, box.column) in heads)
        kept = box.labels.below and not ((box.phase == "backward" or box.zone.area) and box.below in begun)
        names = kept and not named.isdisjoint((box.below, column) for column in range(box.column, box.right))
        whole.update(range(box.top + 1, box.below + (hangs or names)))
    areas: list[Picture | Frame] = [*placement.pictures, *(f for f in placement.frames if f.kind == "closer")]
    for area in areas if sheet == 0 else ():
        whole.update(range(area.row + 1, area.row + area.height))
    clean = sorted({box.top for box in boxes if box.caption is not None} - whole)
    for band in placement.bands:
        first, last = bisect_left(clean, band.first_row + OPENING), bisect_right(clean, band.last_row + 1 - CLOSING)
        found.update(clean[first:last])
    return tuple(sorted(found))


def parting(placement: Placement, sheet: int, cuts: Iterable[int], statements: Iterable[Statement]) -> tuple[int, ...]:
    """Those of `cuts` that part matrices which one equation of the spec makes, in one turn; of a gradient, in one
    band."""
    whole: dict[str, str] = {}
    for statement in statements:
        whole[statement.name] = (statement.origin.of if statement.origin else "") or statement.name
    tops: dict[object, list[int]] = defaultdict(list)
    for box in placement.boxes:
        name = box.matrix if box.matrix in whole and box.phase != "after" else box.of
        if box.sheet == sheet and box.kind in MADE and name in whole:
            while name != whole.get(name, name):
                name = whole[name]
            band = box.band if box.phase == "backward" else None
            tops[name, box.turn, band, box.phase].append(box.top)
    spans = [(min(rows), max(rows)) for rows in tops.values()]
    within = {row for first, last in spans for row in range(first + 1, last + 1)}
    return tuple(row for row in cuts if row in within)


def heights(placement: Placement, sheet: int, drawn: Sequence[Region], widths: Sequence[float]) -> dict[int, float]:
    """Low rows for heat maps, high ones for words; on the further sheets, the rows of bands that hold nothing are
    hidden."""
    found: dict[int, float] = {}
    for region in drawn:
        rows = range(region.row, region.row + region.height)
        if region.height > MOST_DIGITS and region.width > MOST_DIGITS:
            found.update(dict.fromkeys(rows, LOW_ROW))
        elif region.role is Role.VERDICT:
            room = min(widths[region.column - 1 : region.column - 1 + region.width])
            found.update(dict.fromkeys(rows, _words(region, room)))
    if sheet:
        taken = {box.band for box in placement.boxes if box.sheet == sheet}
        for k, band in enumerate(placement.bands):
            if k not in taken:
                found.update(dict.fromkeys(range(band.first_row, band.last_row + 1), 0.0))
    return found


def closed_up(
    heights: Heights, placement: Placement, drawn: Iterable[Region], labels: Iterable[Label], sheet: int
) -> dict[int, float]:
    """`heights` with the empty rows of a further sheet hidden, all but one where several follow one another: such a
    sheet repeats, and holds no prose. On the first one, bands that hold nothing are hidden: what stands on other sheets
    alone."""
    found = dict(heights)
    taken = [*((one.row, one.height) for one in drawn), *((one.row, one.height) for one in labels)]
    full = set[int]().union(*(range(row, row + height) for row, height in taken))
    for frame in placement.frames:
        full.update((frame.row, frame.row + frame.height - 1) if frame.sheet == sheet else ())
    if not sheet:
        full.update(row for picture in placement.pictures for row in range(picture.row, picture.row + picture.height))
    found |= dict.fromkeys((row for row in placement.folded if row not in full and sheet != 1), 0.0)
    for band in placement.bands:
        rows = range(band.first_row, band.last_row + 1)
        if not sheet and full.isdisjoint(rows):
            found |= dict.fromkeys(rows, 0.0)
        for row in rows[1:] if sheet else ():
            if row not in full and row - 1 not in full:
                found[row] = 0.0
    return found


def with_labels(heights: Heights, labels: Iterable[Label], size: float) -> dict[int, float]:
    """`heights` with room for labels of `size` points that are wrapped in their cells, or stand upright."""
    found = dict(heights)
    for label in labels:
        if label.upright:
            need = measure.text_width(label.text, size) * measure.POINTS + AIR
        else:
            need = (label.lines * size * LINE + AIR) / label.rows if label.lines > 1 else 0.0
        if not need:
            continue
        for row in range(label.row, label.row + label.rows):
            if need > found.get(row, measure.ROW_HEIGHT):
                found[row] = ceil(need)
    return found


def rows_for(points: float, row: int, last: int, heights: Heights) -> int:
    """How many rows from `row` on are `points` high together; none beyond `last`."""
    count, room = 0, 0.0
    while row + count <= last and (room < points or not count):
        room += heights.get(row + count, measure.ROW_HEIGHT)
        count += 1
    return max(1, count)


def _words(verdict: Region, width: float) -> float:
    """Points of a row with words: the lines that they take, or, where they read from below, their length."""
    texts = verdict.wordings
    if not verdict.upright:
        return max([WORD_ROW, *(prose_lines(text, width, WORDS) * WORDS * LINE + AIR for text in texts)])
    beside = int(width * measure.POINTS / (WORDS * LINE))
    wraps = all(len(text.split()) <= beside for text in texts)
    longest = longest_word(verdict) if wraps else max(measure.text_width(text, WORDS, True) for text in texts)
    return ceil(longest * measure.POINTS + AIR)
