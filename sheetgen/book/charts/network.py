"""The diagram of a network as a scatter chart: neurons with their live values, and a line for each weight.

A line goes nowhere while its weight is 0 or has the other sign, and a neuron that is at 0 shows the
grey dot behind it, so that the diagram follows the cells without a macro.
"""

from __future__ import annotations

from typing import Any

from openpyxl.chart import ScatterChart, Series
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties

from sheetgen.book import theme
from sheetgen.book.charts.data import FIRST, Column, Data, Source, reference, source
from sheetgen.book.charts.graph import NA, dots, fix_order, name
from sheetgen.book.regions import clean
from sheetgen.cells.a1 import letters
from sheetgen.layout.plan import NetworkPicture, WorkbookPlan

Place = tuple[int, int]


def draw(chart: NetworkPicture, plan: WorkbookPlan, data: Data, sheet: Any) -> ScatterChart:
    """The chart, and in `data` the cells that it is drawn from."""
    picture = ScatterChart()
    picture.style, picture.scatterStyle = 13, "lineMarker"
    layers = [source(plan, layer) for layer in chart.layers]
    places = [(k, i) for k, layer in enumerate(layers) for i in range(layer.region.height)]
    rows = {place: FIRST + n for n, place in enumerate(places)}
    xs = data.add("x", [k / (len(layers) - 1) for k, _ in places])
    ys = data.add("y", [_height(i, layers[k].region.height) for k, i in places])
    for k, weights in enumerate(chart.weights):
        for j in range(layers[k].region.height):
            for sign, color in ((">", theme.POSITIVE), ("<", theme.NEGATIVE)):
                picture.series.append(_lines(source(plan, weights), data, sheet, (xs, ys), rows, (k, j), sign, color))
    size = max(12, min(30, round(130 / max(layer.region.height for layer in layers) ** 0.5 / 2)))
    everyone = Series(reference(sheet, ys, True), reference(sheet, xs), title_from_data=True)
    picture.series.append(dots(everyone, theme.RESTING, size))
    colors = [theme.YELLOW, *[theme.HIDDEN] * (len(layers) - 2), theme.LIKELIHOOD[2]]
    for k, (layer, color) in enumerate(zip(layers, colors, strict=True)):
        column = _awake(k, layer, data, ys, places)
        picture.series.append(
            dots(Series(reference(sheet, column, True), reference(sheet, xs), title_from_data=True), color, size)
        )
    shown = data.add(
        "value",
        [round(float(layers[k].region.values[i, 0]), 1) for k, i in places],
        [layers[k].guarded(f"ROUND({layers[k].cell(i, 0)},1)") for k, i in places],
    )
    for n in range(len(places)):
        picture.series.append(name(sheet, shown, xs, ys, n, len(places)))
    for axis in (picture.x_axis, picture.y_axis):
        axis.scaling.min, axis.scaling.max, axis.majorGridlines, axis.delete = -0.1, 1.1, None, True
    picture.legend = None
    fix_order(picture.series)
    picture.series = [*reversed(picture.series)]
    return picture


def _height(i: int, count: int) -> float:
    """Neurons stand evenly, the first on top."""
    return 0.5 if count == 1 else 1 - i / (count - 1) if count > 2 else 0.8 - 0.6 * i


def _lines(
    weights: Source, data: Data, sheet: Any, axes: tuple[Column, Column], rows: dict[Place, int], at: Place,
    sign: str, color: str,
) -> Series:  # fmt: skip
    """From neuron `at` to those of the next layer and back, staying at home where the weight has another sign."""
    k, j = at
    paths = []
    for caption, axis in zip("xy", axes, strict=True):
        column, own = letters(axis.number), axis.values[rows[at] - FIRST]
        home = f"{column}${rows[at]}"
        values, formulas = [own], [home]
        for i in range(weights.region.height):
            weight = float(weights.region.values[i, j])
            there = weight > 0 if sign == ">" else weight < 0
            target = rows[(k + 1, i)]
            values += [axis.values[target - FIRST] if there else own, own]
            formulas += [f"IF({weights.cell(i, j)}{sign}0,{column}${target},{home})", home]
        paths.append(data.add(f"{clean(weights.region.name)} {j + 1} {sign} {caption}", values, formulas))
    series = Series(reference(sheet, paths[1], True), reference(sheet, paths[0]), title_from_data=True)
    series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=color, w=12700))
    series.marker.symbol, series.smooth = "none", False
    return series


def _awake(k: int, layer: Source, data: Data, ys: Column, places: list[Place]) -> Column:
    """The heights of a layer's neurons that aren't at 0, #N/A for all others."""
    values: list[Any] = []
    formulas: list[str | None] = []
    for n, (at, i) in enumerate(places):
        own = at == k
        values.append(ys.values[n] if own and layer.region.values[i, 0] != 0 else NA)
        height = f"IF({layer.cell(i, 0)}<>0,{letters(ys.number)}${FIRST + n},NA())" if own else "NA()"
        formulas.append(layer.guarded(height) if own else height)
    return data.add(f"layer {k + 1}", values, formulas)
