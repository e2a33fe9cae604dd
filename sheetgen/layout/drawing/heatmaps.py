"""Heat maps: coloured cells of the page itself, with their axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from sheetgen.cells.a1 import Rect, letters, reference
from sheetgen.ir.node import Shape
from sheetgen.layout.chart import Dots, HeatMap, Scale
from sheetgen.layout.drawing.paper import PADDING, longest
from sheetgen.layout.geometry.figure import Column, Picture, Placement
from sheetgen.layout.plan import Label, Region, Role
from sheetgen.layout.wishes.wish import Wish
from sheetgen.names import CANVAS

AIR = 1
"""Rows that stay free above a map, as its title isn't to be read with names over it."""
SHORT = 6
"""Letters of an axis' name that stands at its end; the map's title has it anyway."""


def evened(columns: Sequence[Column], placement: Placement, wanted: Sequence[Wish]) -> list[Column]:
    """The columns, those of a heat map's cells as wide as the widest of them, and that of the numbers beside it as wide
    as these need."""
    found = list(columns)
    for picture in _pictures(placement, wanted):
        inner = range(picture.column, picture.column + picture.width - 1)  # from the second one on, counted from 0
        widest = max(found[k].width for k in inner)
        for k in inner:
            found[k] = replace(found[k], width=widest)
        chart, beside = wanted[picture.request].chart, found[picture.column - 1]
        assert isinstance(chart, HeatMap)
        need = longest([_axis(chart.up, 0, 0)])[0] + PADDING
        found[picture.column - 1] = replace(beside, width=max(beside.width, need))
    return found


def heat_maps(
    placement: Placement, wanted: Sequence[Wish], at: Mapping[str, Rect]
) -> tuple[list[Region], list[Label]]:
    """The cells of the heat maps that got room, and their texts; `at` says where each matrix stands."""
    regions, labels = list[Region](), list[Label]()
    for picture in _pictures(placement, wanted):
        chart = wanted[picture.request].chart
        assert isinstance(chart, HeatMap)
        row, column, (height, width) = picture.row + AIR + 1, picture.column + 1, chart.values.shape
        above, below = row - 1, row + height
        regions += [
            _axis(chart.up, row, column - 1),
            Region(chart.title, Role.HEATMAP, row, column, chart.values, chart.formulas, plain_map=True,
                   heat=chart.heat, framed=_within(chart.dots, (height, width), row, column, at),
                   picked=chart.here and _within(chart.here, (height, width), row, column, at)),
            Region(f"{chart.title}: {chart.across.name}", Role.ONES, below, column, np.array([chart.across.values]),
                   (chart.across.formulas,)),
        ]  # fmt: skip
        labels += [
            Label(above, column, chart.title, "name", columns=width, align="center"),
            *(Label(at, column - 1, scale.name, "label", align="right")
              for at, scale in ((above, chart.up), (below, chart.across)) if len(scale.name) <= SHORT),
            Label(below + 1, column, chart.note, "note", columns=width),
        ]
    return regions, labels


def _axis(up: Scale, row: int, column: int) -> Region:
    """The numbers left of a heat map."""
    return Region(f"{up.name} of the map", Role.ONES, row, column, np.array(up.values[::-1])[:, None],
                  tuple((text,) for text in up.formulas[::-1]))  # fmt: skip


def _pictures(placement: Placement, wanted: Sequence[Wish]) -> list[Picture]:
    return [p for p in placement.pictures if isinstance(wanted[p.request].chart, HeatMap)]


def _within(points: tuple[Dots, Dots], shape: Shape, row: int, column: int, at: Mapping[str, Rect]) -> str:
    """Whether a point lies in the cell at the map's top left: whether that is the nearest one, across and up."""
    height, width = shape
    sides = (
        (points[0], f"{letters(column)}${row + height}", Rect(CANVAS, row + height, column, 1, width)),
        (points[1], f"${letters(column - 1)}{row}", Rect(CANVAS, row, column - 1, height, 1)),
    )
    tests = []
    for dots, middle, axis in sides:
        numbers = reference(axis, CANVAS)
        steps = f"/(MAX({numbers})-MIN({numbers}))*{axis.height * axis.width - 1},0)"
        nearest = (f"ROUND(({each}-MIN({numbers})){steps}" for each in (_where(dots, at), middle))
        tests.append(f"({'='.join(nearest)})")
    return f"SUMPRODUCT({'*'.join(tests)})>0"


def _where(dots: Dots, at: Mapping[str, Rect]) -> str:
    if isinstance(dots, str):
        return dots
    whole = at[dots.regions[0]]
    if dots.row is not None:
        whole = whole._replace(row=whole.row + dots.row, height=1)
    if dots.column is not None:
        whole = whole._replace(column=whole.column + dots.column, width=1)
    return reference(whole, CANVAS)
