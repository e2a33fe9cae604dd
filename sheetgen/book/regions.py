"""The matrices of a drawn sheet → blocks of styled cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sheetgen.book import theme
from sheetgen.book.cells import Block
from sheetgen.book.ground import Ground, over_lines
from sheetgen.book.styles import Styles
from sheetgen.book.theme import LOOKS, Line, Look, Sides
from sheetgen.layout.numbers import AS_TYPED, Form, form
from sheetgen.layout.plan import Region, Role

PANEL = (Role.PARAMETER, Role.BIAS, Role.UPDATED, Role.GRADIENT)
"""Roles that form one panel where they touch: the outline goes around all of them."""
OPEN = (Role.BLANK, Role.ENTRY)
"""Roles whose cells can be typed into where nothing else can."""
NO_DIGITS = Form(";;;")
MARK: Line = ("medium", theme.BADGE)
FAINT: Line = ("hair", theme.FAINT)
"""Between the cells of a heat map without digits."""
OPPOSITE = (2, 3, 0, 1)


@dataclass(frozen=True)
class Drawn:
    """A region with its look, the lines of its four sides, and the form of its numbers."""

    region: Region
    look: Look
    outline: Sides
    form: Form


def drawn(regions: Sequence[Region]) -> list[Drawn]:
    """How each region looks among the others.

    A bias keeps its grey and takes lines and ink from the panel that it is part of. A glued region and the one that it
    sums share one line.
    """
    touching = _neighbours(regions)
    looks = [_look(region, [regions[n].role for n in near if n is not None]) for region, near in
             zip(regions, touching, strict=True)]  # fmt: skip
    shared: dict[tuple[int, int], Line] = {}
    for k, region in enumerate(regions):
        for side, n in enumerate(touching[k]):
            if region.glued and n is not None:
                outline = looks[k].outline
                shared[k, side] = shared[n, OPPOSITE[side]] = ("thin", outline[1] if outline else theme.LINE)
    found = []
    for k, (region, look) in enumerate(zip(regions, looks, strict=True)):
        sides = (
            look.inner if n is not None and region.role in PANEL and regions[n].role in PANEL
            else shared.get((k, side), look.outline)
            for side, n in enumerate(touching[k])
        )  # fmt: skip
        found.append(Drawn(region, look, Sides(*sides), form_of(region)))
    return found


def sides_of(each: Drawn, row: int, column: int) -> Sides:
    """The lines of one of a region's cells."""
    region = each.region
    first, last = (region.row, region.column), (region.row + region.height - 1, region.column + region.width - 1)
    place = (column == first[1], row == first[0], column == last[1], row == last[0])
    return Sides(*(out if at else each.look.inner for at, out in zip(place, each.outline, strict=True)))


def form_of(region: Region) -> Form:
    """How a region's numbers are shown."""
    if region.plain_map:
        return NO_DIGITS
    if not is_number(region):
        return AS_TYPED
    return form(region.values, region.editable, region.decimals)


def is_number(region: Region) -> bool:
    """Whether the region holds numbers (rather than words)."""
    return region.values.dtype.kind in "fiub"


def region_blocks(found: Sequence[Drawn], ground: Ground, styles: Styles, least: float) -> list[Block]:
    """One block per region; no text is smaller than `least` points."""
    known: dict[tuple[object, ...], np.ndarray] = {}
    return [
        Block(
            each.region.row,
            each.region.column,
            _written(each.region),
            _styles(each, ground, styles, least, known),
            each.region.formulas if each.region.block is None else None,
            each.region.array,
            each.region.block,
            each.region.name,
        )
        for each in found
    ]


def _written(region: Region) -> np.ndarray:
    """What stands in its cells; where nothing does yet, None or the empty text of a formula."""
    values: np.ndarray = region.values.astype(float) if is_number(region) else region.values
    if region.empty is None:
        return values
    shown = values.astype(object)
    shown[region.empty] = None if region.formulas is None and region.block is None else ""
    if region.open is not None:
        shown[region.empty & region.open] = None
    return shown


def _look(region: Region, near: Sequence[Role]) -> Look:
    look = LOOKS[region.role]
    if region.plain_map:
        look = replace(look, inner=FAINT)
    elif region.image:
        look = replace(look, ink=theme.INK)
    if region.role is Role.COPY and region.like is Role.TARGET:
        return replace(look, ink=LOOKS[region.like].ink, fill=LOOKS[region.like].fill)
    if region.role is Role.BLANK and region.like is Role.BIAS:
        return replace(look, fill=theme.BLANK_BIAS)
    if region.glued:
        look = replace(look, fill=theme.TOTALS.get(region.role, look.fill))
    if region.role is not Role.BIAS:
        return look
    host = next((role for role in near if role in PANEL and role is not Role.BIAS), region.like or Role.PARAMETER)
    return replace(LOOKS[host], fill=look.fill)


def _neighbours(regions: Sequence[Region]) -> list[list[int | None]]:
    """For each region the one that it touches left, above, right, below, along a whole common side."""
    top_left = {(r.row, r.column): k for k, r in enumerate(regions)}
    touching: list[list[int | None]] = [[None] * 4 for _ in regions]
    for k, region in enumerate(regions):
        right = top_left.get((region.row, region.column + region.width))
        if right is not None and regions[right].height == region.height:
            touching[k][2], touching[right][0] = right, k
        below = top_left.get((region.row + region.height, region.column))
        if below is not None and regions[below].width == region.width:
            touching[k][3], touching[below][1] = below, k
    return touching


def _styles(
    each: Drawn, ground: Ground, styles: Styles, least: float, known: dict[tuple[object, ...], np.ndarray]
) -> np.ndarray:
    """The style of every cell: its place in the region's outline, what rows and columns have of their own, then cells.
    `known` keeps what regions that are alike share."""
    region = each.region
    look = each.look if each.look.fill else replace(each.look, fill=ground.color(region.row))
    key = (look, each.outline, each.form.format, _size(region, least), is_number(region), region.upright,
           region.height, region.width, region.role in OPEN, region.tints, region.parts)  # fmt: skip
    if key not in known:
        known[key] = _tinted(_framed(each, look, styles, least), region, styles)
    ids = known[key]
    down = range(region.row, region.row + region.height)
    crossed = not (ground.tops.isdisjoint(down) and ground.lines.keys().isdisjoint(down))
    mixed = region.formulas is not None and region.block is None and region.editable and region.open is None
    if not (region.marked or crossed or mixed or region.open is not None):
        return ids
    ids = ids.copy()
    if mixed and region.formulas is not None:
        computed = np.array([[formula is not None for formula in row] for row in region.formulas])
        ids[computed] = _changed(ids[computed], styles, italic=True)
    for row, column, rows, columns in region.marked:
        _mark(ids[row : row + rows, column : column + columns], styles)
    if region.open is not None:
        _open(ids, region.open, styles)
    over_lines(ids, region.row, region.column, ground, styles)
    return ids


def _tinted(ids: np.ndarray, region: Region, styles: Styles) -> np.ndarray:
    """The styles with what whole rows and columns have of their own, or a region that can be typed into."""
    if region.role in OPEN:
        _change(ids, styles, open=True)
    for start, stop, tint in region.tints:
        _change(ids[:, start:stop], styles, fill=theme.tint(tint))
    for start, stop, tint in region.parts:
        _change(ids[start:stop], styles, fill=theme.tint(tint))
    return ids


def _open(ids: np.ndarray, cells: np.ndarray, styles: Styles) -> None:
    """Single cells to fill in look as whole boxes do."""
    look = LOOKS[Role.BLANK]
    for i, j in np.argwhere(cells):
        own = styles.with_fields(int(ids[i, j]), fill=look.fill, color=look.ink, bold=look.bold, open=True)
        ids[i, j] = styles.over(own, Sides(*[look.outline] * 4))


def _framed(each: Drawn, look: Look, styles: Styles, least: float) -> np.ndarray:
    """Nine kinds of place: corners, edges, and within."""
    region, size, words = each.region, _size(each.region, least), not is_number(each.region)
    height, width = region.height, region.width
    ids = np.empty((height, width), dtype=np.int64)
    for i in sorted({0, 1, height - 1} & set(range(height))):
        rows = slice(i, i + 1) if i in (0, height - 1) else slice(1, height - 1)
        for j in sorted({0, 1, width - 1} & set(range(width))):
            columns = slice(j, j + 1) if j in (0, width - 1) else slice(1, width - 1)
            sides = sides_of(each, region.row + i, region.column + j)
            ids[rows, columns] = styles.number(look, sides, each.form.format, size, words, region.upright)
    return ids


def _size(region: Region, least: float) -> float:
    if region.plain_map and region.framed is None:
        return theme.TINY
    own = theme.LARGE if region.large else theme.SMALL if region.role is Role.ONES else theme.SIZE
    return max(least, own if is_number(region) else theme.SMALLER)


def _change(ids: np.ndarray, styles: Styles, **fields: object) -> None:
    ids[...] = _changed(ids, styles, **fields)


def _changed(ids: np.ndarray, styles: Styles, **fields: object) -> np.ndarray:
    """The same styles with other fields."""
    found, places = np.unique(ids, return_inverse=True)
    changed = np.array([styles.with_fields(int(style), **fields) for style in found], dtype=np.int64)
    return changed[places].reshape(ids.shape)


def _mark(ids: np.ndarray, styles: Styles) -> None:
    """Pick cells out, with a fill and a dark edge around them."""
    _change(ids, styles, fill=theme.PICKED)
    for cells, side in ((ids[:, :1], "left"), (ids[:1], "top"), (ids[:, -1:], "right"), (ids[-1:], "bottom")):
        found = np.unique(cells)
        for style in found:
            cells[cells == style] = styles.over(int(style), Sides(**{side: MARK}))
