"""How wide columns and how high rows are, how a sheet lies on paper, and where a printed page may start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from sheetgen.layout import measure, numbers
from sheetgen.layout.drawing.axes import NONE, Axes
from sheetgen.layout.drawing.regions import Source
from sheetgen.layout.geometry.figure import Column, Placement
from sheetgen.layout.geometry.fit import DIGITS, LEAST, printed
from sheetgen.layout.plan import Region
from sheetgen.layout.words.captions import Captions

PADDING, TIGHT, WIDEST, LARGER = 0.5, 0.15, 8.0, 1.3
"""Characters that a number leaves free in its column, and must leave; of the widest column; how much wider large
digits are."""
ORDINARY = 4.6
"""Characters that the columns of an ordinary matrix may have on any page."""
SIGN, NAME = 9.0, 9.0
"""Points of a sign in a gutter, and of the name of a row or column."""
LONGEST_NAME = 7.0
"""Characters that a column may have for the sake of names; longer ones aren't written."""
ROUNDING = 0.3
"""Points that a page may lose because a printed page's scale is a whole number of per cent."""
SPARE = ("gutter", "gap", "empty")
"""Kinds of columns that hold no numbers."""
Need = tuple[int, int, float]
"""First and last column, and the characters that each of them needs."""


def columns(
    src: Source, sheet: int, drawn: Sequence[Region], words: Captions, axes: Mapping[str, Axes]
) -> list[Column]:
    """The columns of a sheet: as wide as they should be, or, where the page would print too small, as it allows."""
    for most in (WIDEST, 6.4, 5.2, 4.6, 4.1):
        found = _columns(src, sheet, drawn, words, axes, most)
        if printed(found)[1] * DIGITS >= LEAST + ROUNDING:
            break
    return found


def fitted(drawn: Sequence[Region], columns: Sequence[Column]) -> list[Region]:
    """The regions, with fewer decimals where a number is longer than its column."""
    found = []
    for region in drawn:
        room = min((c.width for c in columns[region.column - 1 : region.column - 1 + region.width]), default=WIDEST)
        given = region.formulas is None and region.block is None
        if region.decimals is None and not given and _longest(region) + TIGHT > room:
            options = (replace(region, decimals=decimals) for decimals in (2, 1, 0))
            region = next((r for r in options if _longest(r) + TIGHT <= room), region)
        found.append(region)
    return found


def _columns(
    src: Source, sheet: int, drawn: Sequence[Region], words: Captions, axes: Mapping[str, Axes], most: float
) -> list[Column]:
    """Columns that matrices have in common are equally wide, as their longest number needs, up to `most` characters;
    gutters are as wide as their signs and names."""
    placement = src.placement
    below = [region for region in drawn if region.row > placement.title_rows]
    digits = [(r.column, r.column + r.width - 1, _longest(r) + PADDING) for r in below]
    wide = _spread([*digits, *_names_above(src, sheet, axes)], most)
    narrow: dict[int, float] = {}
    for at, need in [*_signs(placement, sheet, words), *_names_beside(src, sheet, axes)]:
        narrow[at] = max(need, narrow.get(at, 0.0))
    found = []
    for k, column in enumerate(placement.columns, 1):
        if column.kind in ("lane", "slot"):
            column = replace(column, width=max(min(column.width, most), wide.get(k, 0.0)))
        elif column.kind in SPARE and k in narrow:
            column = replace(column, width=max(column.width, narrow[k]))
        found.append(column)
    return found


def _spread(needs: Iterable[Need], most: float) -> dict[int, float]:
    """The width of each column: needs that share columns are joined; those of a wide lane get no more than `most`."""
    widths: dict[int, float] = {}
    start, end, wide = 0, 0, 0.0
    for first, last, need in [*sorted(needs), (1 << 20, 1 << 20, 0.0)]:
        if first > end:
            limit = most if end - start >= measure.WIDE else max(most, ORDINARY)
            widths.update(dict.fromkeys(range(start, end + 1), min(wide, limit)))
            start, end, wide = first, last, need
        else:
            end, wide = max(end, last), max(wide, need)
    return widths


def _longest(region: Region) -> float:
    """Characters of a region's longest number."""
    values, given = region.values, region.formulas is None and region.block is None
    if values.dtype.kind not in "fiub" or region.plain_map:
        return 0.0
    form = numbers.form(values, given, region.decimals)
    sample = values if values.size <= 400 else np.array([values.min(), values.max()])
    bold = not given and region.width <= measure.WIDE
    wide = max(measure.text_width(numbers.shown(v, form), bold=bold) for v in sample.flat)
    return wide * (LARGER if region.large else 1)


def _names_above(src: Source, sheet: int, axes: Mapping[str, Axes]) -> list[Need]:
    """What the names of columns need, where they are short enough."""
    found = []
    for box in src.placement.boxes:
        names = axes.get(box.matrix, NONE)[box.turned is False]
        if box.sheet == sheet and (box.labels.above or box.labels.below) and len(names) == box.width > 1:
            need = max(measure.text_width(name, NAME) for name in names) + 0.3
            if need <= LONGEST_NAME:
                found.append((box.column, box.column + box.width - 1, need))
    return found


def _names_beside(src: Source, sheet: int, axes: Mapping[str, Axes]) -> list[tuple[int, float]]:
    """What the names of rows need in the gutter left of them."""
    found = []
    for box in src.placement.boxes:
        names = axes.get(box.matrix, NONE)[box.turned is True]
        if box.sheet == sheet and box.labels.left and box.kind == "home" and len(names) == box.height:
            need = max(measure.text_width(name, NAME) for name in names) + 0.6
            if need <= LONGEST_NAME:
                found.append((box.column - 1, need))
    return found


def _signs(placement: Placement, sheet: int, words: Captions) -> list[tuple[int, float]]:
    """What the signs in gutters need."""
    return [
        (arrow.last_column, measure.text_width(words.arrow(arrow), SIGN) + 0.8)
        for arrow in placement.arrows
        if arrow.sheet == sheet
    ]


# Rows

TALL = 22
"""Rows of a band that may not fit on a page: it may be cut at its captions, too."""
OPENING = 8
"""Rows with which a band begins: they stay together."""
LOW_ROW, WORD_ROW = 7.6, 23.0
"""Points of a row of a matrix without digits, and of one with words in two lines."""
MOST_DIGITS = 12
"""Rows and columns beyond which a matrix is a heat map without digits."""


def cuts(placement: Placement) -> tuple[int, ...]:
    """Where a printed page may start: at a band, or in a tall one at a caption with no matrix beside it."""
    if not placement.bands:
        return ()
    found = {band.first_row for band in placement.bands[1:]}
    tall = [band for band in placement.bands if band.last_row - band.first_row >= TALL]
    inside = {row for box in placement.boxes for row in range(box.row, box.row + box.height)}
    inside |= {row for picture in placement.pictures for row in range(picture.row, picture.row + picture.height)}
    captions = {b.caption.row for b in placement.boxes if b.caption is not None} - inside
    for band in tall:
        found |= {row for row in captions if band.first_row + OPENING < row <= band.last_row}
    return tuple(sorted(found))


def heights(src: Source, sheet: int) -> tuple[tuple[int, float], ...]:
    """Low rows for heat maps; on the further sheets, the rows of bands that hold nothing are hidden."""
    found: dict[int, float] = {}
    for box in src.placement.boxes:
        if box.sheet == sheet and box.height > MOST_DIGITS and box.width > MOST_DIGITS:
            found.update(dict.fromkeys(range(box.row, box.row + box.height), LOW_ROW))
        elif box.sheet == sheet and box.kind == "verdict":
            found.update(dict.fromkeys(range(box.row, box.row + box.height), WORD_ROW))
    if sheet:
        taken = {box.band for box in src.placement.boxes if box.sheet == sheet}
        for k, band in enumerate(src.placement.bands):
            if k not in taken:
                found.update(dict.fromkeys(range(band.first_row, band.last_row + 1), 0.0))
    return tuple(sorted(found.items()))
