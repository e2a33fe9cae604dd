"""How wide the columns of a sheet are, and how the numbers and words of its regions fit into them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from sheetgen.layout import measure, numbers
from sheetgen.layout.drawing.edges import Names
from sheetgen.layout.drawing.framed import air
from sheetgen.layout.drawing.needs import LONGEST_NAME, WORDS, Beside, Need, names_above, names_beside, signs
from sheetgen.layout.drawing.regions import Source
from sheetgen.layout.geometry.figure import Column, Head, Placement
from sheetgen.layout.geometry.fit import DIGITS, LEAST, papers, printed
from sheetgen.layout.plan import Region, Role
from sheetgen.layout.words.captions import Captions
from sheetgen.records import replace

PADDING, TIGHT, LOOSE, WIDEST, LARGER = 0.7, 0.4, 0.8, 8.0, 1.2
"""Characters that a number leaves free in its column, and must leave, in a long row more, as numbers would run
together; of the widest column; how much wider large digits are."""
TENTH, MANY = 0.15, 0.25
"""Numbers of which one decimal says little, and the share of such numbers that is too many."""
WIDTHS = (WIDEST, 6.4, 5.2, 4.9, 4.5, 4.1)
"""Characters that the columns of matrices may have: the first with which the page can be read when it is printed."""
SAVING = (4.95, 4.75, 4.6)
"""Characters to which they are narrowed where that saves paper: the first that does."""
ORDINARY = 4.6
"""Characters that the columns of an ordinary matrix may have on any page."""
APART_WORDS = 0.6
"""Characters that the words of a verdict leave free, so that none touches its cell's border."""
FORMS, NEARLY = 2, 0.95
"""Forms of captions for which the air in frames may get wider, and the least share of its scale that a sheet keeps."""
FULL = ("lane", "slot")
"""Kinds of columns that hold numbers."""
SPARE = ("gutter", "gap", "empty", "rail", "air")
"""Kinds of columns that hold no numbers."""
FURTHER = Column("empty", measure.COLUMN_WIDTH)
"""The column that a sheet gets for texts which run over its edge."""


def columns(
    src: Source, sheet: int, drawn: Sequence[Region], lengths: Sequence[float], words: Captions, axes: Names
) -> list[Column]:
    """The columns of a sheet: as wide as they should be, or, where the page would print too small, as it allows.
    `lengths` are those of the regions' longest numbers."""
    top = src.placement.title_rows
    long = list(zip(drawn, lengths, strict=True))
    below = [region for region in drawn if region.row > top]
    digits = [(r.column, r.column + r.width - 1, length + PADDING) for r, length in long if r.row > top]
    said = [(r.column, r.column + r.width - 1, longest_word(r) + APART_WORDS) for r in below if r.role is Role.VERDICT]
    titled = {r.column: length + PADDING for r, length in long if r.row <= top}
    needs = [*digits, *said, *names_above(src, sheet, axes)]
    beside = [*signs(src.placement, sheet, words), *names_beside(src, sheet, words, axes)]
    for most in WIDTHS:
        found = _columns(src.placement, sheet, needs, titled, beside, most)
        if scale(found) * DIGITS >= LEAST:
            break
    rows = src.placement.last_row
    for most in [width for width in SAVING if width < most] if papers(found, rows) > 1 or not _upright(found) else ():
        tried = _columns(src.placement, sheet, needs, titled, beside, most)
        turned = papers(found, rows) == 1 and _upright(tried) and not _upright(found)
        less = turned or papers(tried, rows) < papers(found, rows)
        if less and _fit(drawn, fitted(drawn, lengths, tried), tried):
            return _aired(src, sheet, tried, words)
    return _aired(src, sheet, found, words)


def _aired(src: Source, sheet: int, found: list[Column], words: Captions) -> list[Column]:
    """The columns, the free ones in frames as wide as captions need in the longest form for which that costs nothing:
    neither paper nor a way of printing."""
    rows = src.placement.last_row
    for form in range(FORMS):
        tried = list(found)
        for at, need in air(src.placement, sheet, found, words, form):
            tried[at - 1] = replace(tried[at - 1], width=max(tried[at - 1].width, need))
        free = papers(tried, rows) == papers(found, rows) and printed(tried)[0] == printed(found)[0]
        if tried == found or (free and scale(tried) >= max(NEARLY * scale(found), LEAST / DIGITS)):
            return tried
    return found


def widens(columns: Sequence[Column], rows: int) -> bool:
    """Whether a sheet may get a further column for texts: where that takes no more paper and its digits can be read."""
    wider = [*columns, FURTHER]
    return papers(wider, rows) == papers(columns, rows) and scale(wider) * DIGITS >= LEAST


def roomy(columns: Sequence[Column]) -> bool:
    """Whether a sheet with a further column has large digits, on the same side of the paper, and may still be printed
    upright if it may without."""
    wider = [*columns, FURTHER]
    same = printed(wider)[0] == printed(columns)[0] and _upright(wider) == _upright(columns)
    return same and scale(wider) >= measure.EASY


def _upright(columns: Sequence[Column]) -> bool:
    """Whether a sheet may be printed upright."""
    return 100 * measure.scale(sum(column.width for column in columns), False) >= measure.SMALLEST


def _room(region: Region, columns: Sequence[Column]) -> float:
    """Characters of the narrowest column of a region."""
    return min((c.width for c in columns[region.column - 1 : region.column - 1 + region.width]), default=WIDEST)


def scale(columns: Sequence[Column]) -> float:
    """Of the printed sheet."""
    return measure.scale(sum(column.width for column in columns), printed(columns)[0])


def _fit(drawn: Sequence[Region], shorter: Sequence[Region], columns: Sequence[Column]) -> bool:
    """Whether the longest numbers of regions have room in their columns, and show a digit though they are `shorter`."""
    rooms = [_room(region, columns) for region in drawn]
    each = zip(shorter, longest(shorter), rooms, strict=True)
    wide = all(length + _spare(region, region.decimals) <= room for region, length, room in each)
    return wide and all(map(_telling, drawn, shorter))


def fitted(drawn: Sequence[Region], lengths: Sequence[float], columns: Sequence[Column]) -> list[Region]:
    """The regions, with fewer decimals where a number is longer than its column, and with words that read from below
    where one of them is; `lengths` as for `columns`."""
    found, long = list(drawn), list(lengths)
    rooms = [_room(region, columns) for region in drawn]
    for k, region in enumerate(drawn):
        if region.role is Role.VERDICT:
            found[k] = replace(region, upright=longest_word(region) > rooms[k])
        elif region.large and long[k] + TIGHT > rooms[k]:
            found[k] = replace(region, large=False)
            long[k] = longest([found[k]])[0]
    options = {k: _shorter(region) for k, region in enumerate(found)
               if not _given(region) and long[k] + _spare(region, region.decimals) > rooms[k]}  # fmt: skip
    while tried := {k: next(forms, None) for k, forms in options.items()}:
        forms = {k: form for k, form in tried.items() if form is not None}
        tight = dict(zip(forms, longest([found[k] for k in forms], [*forms.values()]), strict=True))
        fits = {k for k, decimals in forms.items() if tight[k] + _spare(found[k], decimals) <= rooms[k]}
        for k in fits:
            found[k] = replace(found[k], decimals=forms[k])
        options = {k: options[k] for k in forms if k not in fits}
    return found


def _spare(region: Region, decimals: int | None) -> float:
    """Characters that its numbers must leave free in their columns. No number is rounded off to a whole one for air,
    nor many to 0.0 or 0.1."""
    if region.width <= measure.WIDE or decimals in (0, 1) or region.values.dtype.kind not in "fiub":
        return TIGHT
    sizes = np.abs(region.values[region.values != 0])
    return TIGHT if (sizes < TENTH).sum() > MANY * sizes.size else LOOSE


def _telling(drawn: Region, shorter: Region) -> bool:
    """Whether a matrix of small numbers isn't made one of mere zeros."""
    if shorter.decimals is None or shorter.decimals == drawn.decimals or numbers.two_digits(drawn.values) is None:
        return True
    return shorter.decimals >= numbers.one_digit(drawn.values)


def _given(region: Region) -> bool:
    """Whether its numbers are typed."""
    return region.formulas is None and region.block is None


def _shorter(region: Region) -> Iterator[int]:
    """Fewer and fewer decimals."""
    own = numbers.two_digits(region.values) if region.decimals is None else region.decimals
    yield from range(2 if own is None else own - 1, -1, -1)


def longest_word(verdict: Region) -> float:
    """Characters that the longest word needs of all that a verdict may say."""
    return max(measure.text_width(word, WORDS, True) for text in verdict.wordings for word in text.split())


def _columns(
    placement: Placement, sheet: int, needs: Sequence[Need], titled: Mapping[int, float], beside: Sequence[Beside],
    most: float,
) -> list[Column]:
    """Columns that matrices have in common are equally wide, as their longest number needs, up to `most` characters;
    gutters are as wide as their signs and names."""
    wide = _spread(needs, most)
    narrow: dict[int, float] = {}
    for at, need, is_name in beside:
        if not is_name or need <= min(LONGEST_NAME, most):
            narrow[at] = max(need, narrow.get(at, 0.0))
    for at, need in titled.items():
        narrow[at] = wide[at] = max(wide.get(at, 0.0), need)
    found = []
    for k, column in enumerate(placement.across(sheet), 1):
        if column.kind in FULL:
            column = replace(column, width=max(min(column.width, most), wide.get(k, 0.0)))
        elif column.kind in SPARE and k in narrow:
            column = replace(column, width=max(column.width, narrow[k]))
        if k in titled:
            column = replace(column, width=max(column.width, titled[k]))
        found.append(column)
    alike = _alike(placement, sheet)
    found = _even(found, [[k for k in same if found[k - 1].kind in kinds] for same in alike for kinds in (FULL, SPARE)])
    even = _even(found, alike)
    return even if scale(even) * DIGITS >= LEAST else found


def _even(columns: Sequence[Column], alike: Iterable[Sequence[int]]) -> list[Column]:
    """The columns, those that are alike as wide as the widest of them."""
    found = list(columns)
    for same in alike:
        widest = max((columns[k - 1].width for k in same), default=0.0)
        for k in (k for k in same if found[k - 1].width != widest):
            found[k - 1] = replace(found[k - 1], width=widest)
    return found


def _alike(placement: Placement, sheet: int) -> list[range]:
    """Columns that have the same place in the turns of a loop."""
    rows: dict[int, list[Head]] = defaultdict(list)
    for head in placement.heads:
        if head.kind == "turn" and head.sheet == sheet:
            rows[head.row].append(head)
    found = []
    for heads in rows.values():
        heads.sort(key=lambda head: head.column)
        starts = [k for k, head in enumerate(heads) if head.turn == heads[0].turn]
        for start, stop in pairwise([*starts, len(heads)]):
            first, last = heads[start], heads[stop - 1]
            pitch = heads[start + 1].column - first.column if stop - start > 1 else 1
            found += [range(first.column + j, last.column + min(pitch, last.width), pitch) for j in range(pitch)]
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


def longest(drawn: Sequence[Region], decimals: Sequence[int] = ()) -> list[float]:
    """Characters of each region's longest number, with other `decimals` than their own if they are given; bold digits
    are as wide as others."""
    shown = {k: region for k, region in enumerate(drawn) if region.values.dtype.kind in "fiub" and not region.plain_map}
    samples, forms = [], []
    for k, region in shown.items():
        places = decimals[k] if decimals else region.decimals
        forms.append(numbers.form(region.values, _given(region) and region.later is None, places))
        few = region.values.size <= 400
        samples.append(region.values if few else np.array([region.values.min(), region.values.max()]))
        if region.later is not None:
            samples[-1] = np.concatenate([samples[-1].ravel(), region.later.ravel()])
    lengths = dict.fromkeys(range(len(drawn)), 0.0)
    for (k, region), texts in zip(shown.items(), numbers.texts(samples, forms), strict=True):
        lengths[k] = max(map(measure.text_width, texts)) * (LARGER if region.large else 1)
    return [*lengths.values()]
