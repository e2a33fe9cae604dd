"""Regions and labels of a drawn sheet → blocks of styled cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sheetgen.book.cells import Block
from sheetgen.book.theme import LOOKS, Look, Styles
from sheetgen.layout.plan import Label, Region, Role

FAMILY = {Role.PARAMETER: "panel", Role.BIAS: "panel", Role.UPDATED: "panel", Role.GRADIENT: "panel"}
"""Roles that form one panel where they touch: the outline goes around all of them."""


def looks(regions: Sequence[Region]) -> list[Look]:
    """Each region's look. A bias keeps its grey and takes lines and ink from the panel that it is part of."""
    touching = _neighbours(regions)
    found = []
    for k, region in enumerate(regions):
        look = LOOKS[region.role]
        if region.role is Role.BIAS:
            hosts = [regions[n].role for n in touching[k] if n is not None and regions[n].role in FAMILY]
            host = next((role for role in hosts if role is not Role.BIAS), Role.PARAMETER)
            look = replace(LOOKS[host], fill=look.fill)
        found.append(look)
    return found


def region_blocks(regions: Sequence[Region], styles: Styles) -> list[Block]:
    """One block per region, styled by role, with the outline around whole panels."""
    touching = _neighbours(regions)
    result = []
    for k, (region, look) in enumerate(zip(regions, looks(regions), strict=True)):
        inner = [
            n is not None and region.role in FAMILY and FAMILY[region.role] == FAMILY.get(regions[n].role)
            for n in touching[k]
        ]
        result.append(
            Block(
                region.row,
                region.column,
                region.values.astype(float) if region.values.dtype.kind in "fiub" else region.values,
                _styles(region, look, inner, styles),
                region.formulas if region.block is None else None,
                region.array,
                region.block,
                region.name,
            )
        )
    return result


def label_blocks(labels: Sequence[Label], styles: Styles) -> list[Block]:
    """One cell per label."""
    blocks = []
    for label in labels:
        align = "center" if label.style == "arrow" else label.align
        style = styles.label(
            label.style, align, label.color, "" if label.formula else label.text, bool(label.link) and label.step == 0
        )
        value: object = clean(label.text)
        if label.formula is not None and label.style == "number":
            value = _number(label.text)
        formulas = ((label.formula,),) if label.formula is not None else None
        blocks.append(cell(label.row, label.column, value, style, formulas, what=f"the label “{label.text[:40]}”"))
    return blocks


def cell(
    row: int,
    column: int,
    value: object,
    style: int,
    formulas: Sequence[Sequence[str | None]] | None = None,
    what: str = "a label",
) -> Block:
    """A block of one cell."""
    values = np.empty((1, 1), dtype=object)
    values[0, 0] = value
    return Block(row, column, values, style, formulas, what=what)


def clean(text: str) -> str:
    """Text for one line of a cell: control characters, which a reader can't see, become spaces or vanish."""
    text = text.replace("\n", " ").replace("\t", " ")
    return "".join(c for c in text if c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")


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


def _styles(region: Region, look: Look, inner: Sequence[bool], styles: Styles) -> np.ndarray:
    """The style id of every cell: nine kinds of place, and editable cells apart from formulas."""
    height, width = region.height, region.width
    number = "General" if (region.formulas is None and region.block is None) or region.integers else "0.00"
    ids = np.empty((height, width), dtype=np.int64)
    mixed = region.formulas is not None and region.block is None and region.editable
    for i in sorted({0, 1, height - 1} & set(range(height))):
        rows = slice(i, i + 1) if i in (0, height - 1) else slice(1, height - 1)
        for j in sorted({0, 1, width - 1} & set(range(width))):
            columns = slice(j, j + 1) if j in (0, width - 1) else slice(1, width - 1)
            place = (j == 0, i == 0, j == width - 1, i == height - 1)
            outer = tuple(at and not within for at, within in zip(place, inner, strict=True))
            ids[rows, columns] = styles.number(look, outer, number)  # type: ignore[arg-type]
            if mixed:
                assert region.formulas is not None
                mirrored = styles.number(look, outer, "General", italic=True)  # type: ignore[arg-type]
                plain = styles.number(look, outer, "General")  # type: ignore[arg-type]
                for row in range(height)[rows]:
                    for column in range(width)[columns]:
                        ids[row, column] = plain if region.formulas[row][column] is None else mirrored
    return ids


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text
