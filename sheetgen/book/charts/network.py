"""The diagram of a network: neurons with their live values, and a line for each weight.

A line goes nowhere while its weight is 0 or has the other sign, and a neuron is drawn in one of two
series, as it is at 0 or awake, so that the diagram follows the cells without a macro. Lines go from
the right of a neuron to the left of the next, so that none crosses a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sheetgen.book import theme
from sheetgen.book.charts.data import NA, Column, Data, Source, source
from sheetgen.book.charts.graph import LEGEND, Plane
from sheetgen.book.charts.picture import Picture, Series, Span
from sheetgen.layout import measure
from sheetgen.layout.chart import NetworkPicture
from sheetgen.layout.plan import WorkbookPlan

Place = tuple[int, int]
KEY = 14.0
"""Points of a line of the key."""
WITHIN = 0.85
"""Of a neuron's width, what its number may take."""


def draw(chart: NetworkPicture, plan: WorkbookPlan, data: Data, size: tuple[float, float]) -> Picture:
    """The chart, `size` points wide and high, and in `data` the cells that it is drawn from."""
    layers = [source(plan, layer) for layer in chart.layers]
    places = [(k, i) for k, layer in enumerate(layers) for i in range(layer.region.height)]
    xs = data.add("x", [k / (len(layers) - 1) for k, _ in places])
    ys = data.add("y", [_height(i, layers[k].region.height) for k, i in places])
    highest = max(layer.region.height for layer in layers)
    dot = max(10, min(28, round((size[1] - LEGEND) / max(2, highest) * 0.7)))
    plane = Plane(size, dot, LEGEND)
    radius = (dot / 2 + 1) * plane.units[0]
    at = {place: (xs.values[n], ys.values[n]) for n, place in enumerate(places)}
    series = []
    for k, weights in enumerate(chart.weights):
        for j in range(layers[k].region.height):
            for sign, color in ((">", theme.POSITIVE), ("<", theme.NEGATIVE)):
                series.append(_lines(source(plan, weights), data, at, radius, (k, j), sign, color))
    colors = [theme.GIVEN, *[theme.HIDDEN] * (len(layers) - 2), theme.LIKELIHOOD[2]]
    resting = _neurons("at 0", layers, data, ys, places, None, chart.sample)
    series.append(_dots(resting, xs, theme.RESTING, dot))
    series += [_dots(_neurons(f"layer {k + 1}", layers, data, ys, places, k, chart.sample), xs, color, dot)
               for k, color in enumerate(colors)]  # fmt: skip
    shown = data.add(
        "value",
        [round(float(layers[k].region.values[i, chart.sample]), 1) for k, i in places],
        [layers[k].guarded(f"ROUND({layers[k].cell(i, chart.sample)},1)") for k, i in places],
    )
    size_of = _digits([f"{value:g}" for value in shown.values], dot)
    series += [
        Series((shown.reference(n, n), f"{shown.values[n]:g}"), Span(ys, n, n), Span(xs, n, n), label="ctr",
               label_size=size_of)
        for n in range(len(places))
    ]  # fmt: skip
    series += _key(data, plane)
    return Picture("points", tuple(series), plane.across, plane.up, inner=(0.0, 0.0, 1.0, 1.0))


def _digits(numbers: Sequence[str], dot: int) -> float:
    """The size of digits with which the longest number stays within its neuron, `dot` points wide, or the smallest."""
    sizes = (theme.SMALL, theme.SMALLER, theme.CRAMPED)
    longest = {size: max(measure.POINTS * measure.text_width(text, size, True) for text in numbers) for size in sizes}
    return next((size for size in sizes if longest[size] <= WITHIN * dot), theme.CRAMPED)


def _key(data: Data, plane: Plane) -> list[Series]:
    """A line in each colour below the diagram, and what it means."""
    words = data.add("key", ["weight > 0", "weight < 0"])
    height = round((plane.up.low or 0) + 9 * plane.units[1], 5)
    ys = data.add("key y", [height] * 4)
    left = [0.5 - 90 * plane.units[0], 0.5 + 10 * plane.units[0]]
    xs = data.add("key x", [round(x + k * KEY * plane.units[0], 5) for x in left for k in (0, 1)])
    series = []
    for k, color in enumerate((theme.POSITIVE, theme.NEGATIVE)):
        name, first, last = (words.reference(k, k), words.values[k]), 2 * k, 2 * k + 1
        series += [
            Series(name, Span(ys, first, last), Span(xs, first, last), None, (color, 1.75)),
            Series(name, Span(ys, last, last), Span(xs, last, last), label="r", label_size=theme.SMALLER),
        ]
    return series


def _height(i: int, count: int) -> float:
    """Neurons stand evenly, the first on top."""
    return 0.5 if count == 1 else 1 - i / (count - 1) if count > 2 else 0.8 - 0.6 * i


def _dots(column: Column, xs: Column, color: str, size: int) -> Series:
    return Series((column.title, column.caption), Span(column), Span(xs), color, None, "circle", size)


def _lines(
    weights: Source, data: Data, at: dict[Place, tuple[float, float]], radius: float, start: Place, sign: str,
    color: str,
) -> Series:  # fmt: skip
    """From neuron `start` to those of the next layer and back, staying at home where the weight has another sign."""
    k, j = start
    home = (round(at[start][0] + radius, 5), round(at[start][1], 5))
    columns = []
    for axis, caption in enumerate("xy"):
        values: list[Any] = [home[axis]]
        formulas: list[str | None] = [None]
        for i in range(weights.region.height):
            weight, target = float(weights.region.values[i, j]), at[k + 1, i]
            end = round((target[0] - radius, target[1])[axis], 5)
            there = weight > 0 if sign == ">" else weight < 0
            values += [end if there else home[axis], home[axis]]
            formulas += [f"IF({weights.cell(i, j)}{sign}0,{end:g},{home[axis]:g})", None]
        columns.append(data.add(f"{weights.region.name} {j + 1} {sign} {caption}", values, formulas))
    x, y = columns
    return Series((y.title, y.caption), Span(y), Span(x), None, (color, 1.0))


def _neurons(
    caption: str, layers: list[Source], data: Data, ys: Column, places: list[Place], layer: int | None,
    sample: int,
) -> Column:
    """The heights of the neurons of a layer that are awake, or (None) of all that are at 0; #N/A for the others."""
    values: list[Any] = []
    formulas: list[str | None] = []
    for n, (k, i) in enumerate(places):
        awake = layers[k].region.values[i, sample] != 0
        drawn = not awake if layer is None else awake and layer == k
        values.append(ys.values[n] if drawn else NA)
        test = f"{layers[k].cell(i, sample)}{'=' if layer is None else '<>'}0"
        formulas.append(layers[k].guarded(f"IF({test},{ys.cell(n)},NA())") if layer in (None, k) else "NA()")
    return data.add(caption, values, formulas)
