"""The sheet Map: what a training changes, for each point of a plane; and its heat map on the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sheetgen.cells.a1 import Rect, letters
from sheetgen.cells.area import Locate
from sheetgen.ir.node import Shape
from sheetgen.layout.chart import Cells, Dots, HeatMap, Scale
from sheetgen.layout.drawing.heatmaps import AIR
from sheetgen.layout.geometry.figure import Request
from sheetgen.layout.plan import Label, Region, Role, SheetPlan
from sheetgen.layout.training.formulas import column_of, standing
from sheetgen.layout.training.sheet import widths
from sheetgen.layout.training.strips import Strip, laid_out, locator, pieces_of
from sheetgen.layout.wishes.wish import Wish
from sheetgen.names import MAP
from sheetgen.passes.surface import SIDE, Surface

ENDS, NAMES, INDICES, FIRST = 5, 6, 7, 8
"""Rows of the ends of the axes, of the names of matrices and of their cells, and of the first point."""
ACROSS, UP, SHOWN = 2, 3, 4
"""The columns of a point's two numbers, and of what is shown; the ends stand in these columns and the one after."""


@dataclass(frozen=True)
class Plane:
    """A surface with numpy's numbers of its points, and the names of its axes."""

    of: Surface
    table: Mapping[str, np.ndarray]
    """For each matrix an array of shape (SIDE², rows, columns)."""
    axes: tuple[str, str]
    title: str


def heat_map(on: Plane, unit: str, names: Mapping[str, str]) -> Wish:
    """The map on the page; `unit` is what a row of the training is, `names` are the defined ones of its columns."""
    values = on.table[on.of.shown].reshape(SIDE, SIDE)
    formulas = tuple(tuple(f"'{MAP}'!${letters(SHOWN)}${_row(i, j)}" for j in range(SIDE)) for i in range(SIDE))
    across = tuple(f"'{MAP}'!${letters(ACROSS)}${_row(0, j)}" for j in range(SIDE))
    up = tuple(f"'{MAP}'!${letters(UP)}${_row(i, 0)}" for i in range(SIDE))
    x, y = on.of.axis(0), on.of.axis(1)
    low, _, high = heat = _heat(on)
    note = f"blue: low; •: the way of all {unit}s, ● now"
    if on.of.by_inputs:
        note = f"blue {low:.3g}, orange {high:.3g}; framed: the samples, with their cells' numbers"
    chart = HeatMap(on.title, 0, 0, Scale(on.axes[0], across, x), Scale(on.axes[1], up, y), formulas[::-1],
                    values[::-1], heat, *_dots(on.of, names), note)  # fmt: skip
    matrix = next(iter(on.of.varied)) if on.of.by_inputs else on.of.shown
    high, wide = AIR + SIDE + 3, SIDE + 1
    room = Request(matrix, high, wide, reads=(on.of.shown,), least=high, narrowest=wide, grows=False)
    return Wish(room, chart)


def _heat(on: Plane) -> tuple[float, float, float]:
    """A loss is blue where it is lowest, with half of the points below white."""
    values = on.table[on.of.shown]
    return on.of.heat or (float(values.min()), float(np.median(values)), float(values.max()))


def _row(i: int, j: int) -> int:
    """The row of the point in row i of the map, counted from below, and column j."""
    return FIRST + i * SIDE + j


def map_sheet(
    on: Plane, shapes: Mapping[str, Shape], canvas: Mapping[str, Sequence[Rect]], roles: Mapping[str, Role], title: str,
    called: Callable[[str], str],
) -> SheetPlan:  # fmt: skip
    """A row for each point. `canvas` is where matrices of these `shapes` stand on the page; `called` gives the names
    that readers know."""
    of, count = on.of, SIDE * SIDE
    strips = _strips(of, canvas)
    at = {strip.key: strip for strip in strips}
    fixed, homes = standing(shapes, {name: rects for name, rects in canvas.items() if name not in at})
    exprs, pieces = {s.name: s.expr for s in of.statements}, pieces_of(at)

    def locate(row: int) -> Locate:
        return locator(MAP, lambda name: row, pieces, homes.__getitem__)

    found = [Region("point", Role.FORWARD, FIRST, 1, np.arange(float(count))[:, None],
                    (("0",), *((f"A{row}+1",) for row in range(FIRST, FIRST + count - 1))), integers=True)]
    for strip in strips:
        if strip.key in of.varied:
            columns, array = [_points(strip.column + k) for k in range(strip.width)], False
        else:
            spread = laid_out(exprs[strip.key], at, fixed)
            made = [column_of(spread, (i, j), locate, MAP, FIRST, count) for i, j in np.ndindex(strip.shape)]
            columns, array = [texts for texts, _ in made], any(each for _, each in made)
        values = on.table[strip.key].reshape(count, strip.width)
        role = Role.INPUT if strip.key in of.varied else roles.get(strip.key, Role.FORWARD)
        found.append(Region(f"{strip.key} of each point", role, FIRST, strip.column, values,
                            tuple(zip(*columns, strict=True)), array))  # fmt: skip
    ends = (Region(f"ends of {axis}", Role.CONSTANT, ENDS, 3 + 4 * k, np.array([of.ends[k]]),
                   prompt=f"From where to where the map reaches: {axis}.") for k, axis in enumerate(on.axes))
    last = strips[-1].column + strips[-1].width - 1
    return SheetPlan(
        title=MAP,
        heading=f"{title}: the map, point by point",
        about="A row is a point of the map, and all that follows from its two numbers. The lowest line is printed.",
        regions=(*ends, *found),
        labels=tuple(_labels(on, strips, called)),
        widths=widths(found, max(last, 8)),
        first_row=FIRST,
        heads=INDICES,
        frozen=SHOWN,
        printed=(FIRST + SIDE - 1, max(last, 8)),
    )


def _strips(of: Surface, canvas: Mapping[str, Sequence[Rect]]) -> list[Strip]:
    """A point's numbers, what is shown, and all between that is different for each point or stands nowhere on the
    page."""
    strips, column = list[Strip](), ACROSS
    shapes = {s.name: s.shape for s in of.statements if s.name in of.moving or s.name not in canvas}
    for key, shape in (*of.varied.items(), (of.shown, shapes.pop(of.shown)), *shapes.items()):
        strips.append(Strip(key, shape, column))
        column += strips[-1].width
    return strips


def _points(column: int) -> tuple[str, ...]:
    """The numbers of an axis: SIDE of them between its ends, which stand in row ENDS."""
    low, high = (f"${letters(k)}${ENDS}" for k in ((3, 4) if column == ACROSS else (7, 8)))
    step = f"MOD($A{{0}},{SIDE})" if column == ACROSS else f"INT($A{{0}}/{SIDE})"
    text = f"{low}+{step}*({high}-{low})/{SIDE - 1}"
    return tuple(text.format(row) for row in range(FIRST, FIRST + SIDE * SIDE))


def _labels(on: Plane, strips: Sequence[Strip], called: Callable[[str], str]) -> Iterator[Label]:
    for k, axis in enumerate(on.axes):
        yield Label(ENDS, 2 + 4 * k, f"{axis} from, to", "name", align="right")
    yield Label(INDICES, 1, "point", "label", align="center")
    names = [*on.axes]
    for strip in strips:
        if strip.key in on.of.varied or strip.width == 1:
            texts = [names.pop(0) for _ in range(strip.width)] if strip.key in on.of.varied else [called(strip.key)]
        else:
            yield Label(NAMES, strip.column, called(strip.key), "label")
            texts = [f"[{i},{j}]" for i, j in np.ndindex(strip.shape)]
        for k, text in enumerate(texts):
            yield Label(INDICES, strip.column + k, text, "label", align="center")


def _dots(of: Surface, names: Mapping[str, str]) -> tuple[tuple[Dots, Dots], tuple[Dots, Dots] | None]:
    """The points whose cells are framed, and the one that is picked out: the samples and none, or the parameters of all
    epochs and of the one that the page shows."""
    if of.by_inputs:
        (name,) = of.varied
        return (Cells((name,), row=0), Cells((name,), row=1)), None
    cells = [(name, i, j) for name, shape in of.varied.items() for i, j in np.ndindex(shape)]
    (x, y), (a, b) = (
        [f"INDEX({names[name]},0,{i * of.varied[name][1] + j + 1})" for name, i, j in cells],
        [Cells((name,), i, j) for name, i, j in cells],
    )
    return (x, y), (a, b)
