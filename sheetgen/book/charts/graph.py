"""The picture of a graph as a scatter chart: edges follow the adjacency, colours the prediction.

Spreadsheets can't colour a point or leave out a line by a rule, so both are done with data: an
edge is a line that goes nowhere when there is none, and a node has a series per likelihood, all
but one of them #N/A.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from openpyxl.chart import Reference, ScatterChart, Series
from openpyxl.chart.data_source import StrRef
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.legend import LegendEntry
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.utils import quote_sheetname

from sheetgen.book import theme
from sheetgen.book.cells import CellError
from sheetgen.book.charts import style as chart_style
from sheetgen.book.charts.data import DATA_SHEET, FIRST, Column, Data, Source, reference, source
from sheetgen.book.regions import clean
from sheetgen.cells.a1 import letters
from sheetgen.errors import LimitError
from sheetgen.layout.plan import GraphPicture, WorkbookPlan

BINS = (("very unlikely", 0.2), ("unlikely", 0.4), ("neutral", 0.6), ("likely", 0.8), ("very likely", None))
"""A node's colour: caption and the value below which it ends."""
MOST_LABELLED, MOST_SHOWN = 124, 248
"""Larger graphs lose their labels, and then can't be drawn: a chart holds 255 series."""
NA = CellError("#N/A")


def draw(chart: GraphPicture, plan: WorkbookPlan, data: Data, sheet: Any) -> ScatterChart:
    """The chart, and in `data` the cells that it is drawn from."""
    n = len(chart.labels)
    if n > MOST_SHOWN:
        raise LimitError(f"“{chart.title}”: a chart can show a graph of at most {MOST_SHOWN} nodes; this one has {n}.")
    picture = ScatterChart()
    picture.style, picture.scatterStyle = 13, "lineMarker"
    xs, ys = data.add("x", [p[0] for p in chart.positions]), data.add("y", [p[1] for p in chart.positions])
    for u in range(n - 1):
        picture.series.append(_star(chart, source(plan, chart.adjacency), data, sheet, xs, ys, u))
    hidden = len(picture.series)
    size = max(8, min(26, round(110 / n**0.5)))
    nodes = Series(reference(sheet, ys, True), reference(sheet, xs), title_from_data=True)
    picture.series.append(dots(nodes, theme.YELLOW, size))
    hidden += 1
    if chart.prediction is not None:
        for column, color in zip(_classes(chart, source(plan, chart.prediction), data), theme.LIKELIHOOD, strict=True):
            marks = Series(reference(sheet, column, True), reference(sheet, xs), title_from_data=True)
            picture.series.append(dots(marks, color, size))
    shown = len(picture.series)
    front = picture.series[hidden:shown]
    if n <= MOST_LABELLED:
        labelled = data.add("node", [clean(label) for label in chart.labels])
        for u in range(n):
            picture.series.append(name(sheet, labelled, xs, ys, u, n))
    for axis in (picture.x_axis, picture.y_axis):
        axis.scaling.min, axis.scaling.max, axis.majorGridlines, axis.delete = -0.12, 1.12, None, True
    labels = picture.series[shown:]
    if chart.prediction is None or len(labels) != hidden:
        picture.legend = None
    else:
        picture.legend = chart_style.legend()
        others = [*range(hidden), *range(shown, len(picture.series))]
        picture.legend.legendEntry = [LegendEntry(idx=k, delete=True) for k in others]
    fix_order(picture.series)
    picture.series = [*labels, *front, *reversed(picture.series[:hidden])]
    return picture


def fix_order(series: Sequence[Any]) -> None:
    """Number the series now, whatever order they are written in.

    Excel draws by these numbers, the last on top; LibreOffice by the order in the file, the first on top.
    Both delete a legend's entries by their own order, so what the legend shows stands in the middle of both.
    """
    for k, each in enumerate(series):
        each.idx = each.order = k
        each.to_tree = lambda tagname=None, idx=None, each=each: type(each).to_tree(each, tagname)


def _star(
    chart: GraphPicture, adjacency: Source, data: Data, sheet: Any, xs: Column, ys: Column, u: int
) -> Series:
    """The edges of node `u` to all later nodes: u, v1, u, v2, u …, staying at u where there is no edge."""
    n = len(chart.labels)
    lines = []
    for axis, at in (("x", xs), ("y", ys)):
        home = f"{letters(at.number)}${FIRST + u}"
        values, formulas = [at.values[u]], [home]
        for v in range(u + 1, n):
            test = f"{adjacency.cell(u, v)}<>0"
            linked = bool(adjacency.region.values[u, v])
            if chart.directed:
                test = f"OR({test},{adjacency.cell(v, u)}<>0)"
                linked = linked or bool(adjacency.region.values[v, u])
            values += [at.values[v] if linked else at.values[u], at.values[u]]
            formulas += [f"IF({test},{letters(at.number)}${FIRST + v},{home})", home]
        lines.append(data.add(f"{chart.labels[u]} {axis}", values, formulas))
    series = Series(reference(sheet, lines[1], True), reference(sheet, lines[0]), title_from_data=True)
    series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=theme.FAINT, w=19050))
    series.marker.symbol, series.smooth = "none", False
    return series


def _classes(chart: GraphPicture, prediction: Source, data: Data) -> list[Column]:
    """A column per likelihood: a node's height where its prediction falls into it, otherwise #N/A."""
    columns = []
    places = list(np.ndindex(prediction.region.values.shape))[: len(chart.labels)]
    low: float | None = None
    for caption, high in BINS:
        values: list[Any] = []
        formulas: list[str | None] = []
        for k, place in enumerate(places):
            p, at = float(prediction.region.values[place]), prediction.cell(*place)
            tests = ([] if low is None else [f"{at}>={low:g}"]) + ([] if high is None else [f"{at}<{high:g}"])
            inside = (low is None or p >= low) and (high is None or p < high)
            test = f"AND({','.join(tests)})" if len(tests) > 1 else tests[0]
            y = chart.positions[k][1]
            values.append(y if inside else NA)
            formulas.append(prediction.guarded(f"IF({test},{letters(data.first + 1)}${FIRST + k},NA())"))
        columns.append(data.add(caption, values, formulas))
        low = high
    return columns


def dots(series: Series, color: str, size: int) -> Series:
    """A series as filled circles without a line; `size` in points."""
    series.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    series.marker.symbol, series.marker.size, series.smooth = "circle", size, False
    series.marker.graphicalProperties = GraphicalProperties(solidFill=color)
    series.marker.graphicalProperties.line = LineProperties(solidFill=theme.INK, w=12700)
    return series


def name(sheet: Any, names: Column, xs: Column, ys: Column, u: int, n: int) -> Series:
    """An invisible point that carries a node's label."""
    row = FIRST + u

    def single(column: Column) -> Reference:
        return Reference(sheet, min_col=column.number, min_row=row, max_row=row)

    series = Series(single(ys), single(xs))
    title = f"{quote_sheetname(DATA_SHEET)}!${letters(names.number)}${row}"
    series.tx = SeriesLabel(strRef=StrRef(f=title))
    series.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    series.marker.symbol, series.smooth = "none", False
    series.dLbls = DataLabelList(
        showSerName=True, showVal=False, showCatName=False, showLegendKey=False, showPercent=False,
        showBubbleSize=False, dLblPos="ctr",
    )  # fmt: skip
    series.dLbls.txPr = chart_style.text(1000 if n <= 40 else 700, True)
    return series
