"""Numbers side by side, or as lines, over names: the prediction, the target, the prediction after the update; the
shares of a distribution."""

from __future__ import annotations

from typing import Literal

from sheetgen.book import theme
from sheetgen.book.charts.data import Data, cells_of, numbers
from sheetgen.book.charts.picture import Axis, Picture, Series, Span
from sheetgen.book.labels import clean
from sheetgen.layout.chart import Bars, Cells
from sheetgen.layout.plan import WorkbookPlan

LINE, DOT = 1.75, 5
"""Points that a line is wide, and a point on it."""


def draw(chart: Bars, plan: WorkbookPlan, data: Data) -> Picture:
    """The chart, and in `data` the cells that it is drawn from."""
    formulas = [_written(plan, chart.samples, k) for k in range(len(chart.categories))] if chart.samples else None
    categories = data.add("", [clean(text) for text in chart.categories], formulas)
    series, shares = [], True
    hues = theme.hues_beside({trace.paint for trace in chart.series})
    for k, trace in enumerate(chart.series):
        column = numbers(plan, trace.y, data, trace.title)
        color = theme.paint(trace.paint, k, hues)
        color = theme.AFTER_LINE if chart.lines and color == theme.AFTER else color
        line = (color, LINE) if chart.lines else None
        series.append(Series((column.title, column.caption), Span(column), None, color, line, size=DOT))
        shares &= all(0 <= value <= 1 for value in column.values)
    scale = Axis(0, 1, 0.5, grid=True) if shares else Axis(grid=True)
    legend: Literal["", "b"] = "b" if series[1:] else ""
    kind: Literal["bars", "lines"] = "lines" if chart.lines else "bars"
    return Picture(kind, tuple(series), y=scale, categories=Span(categories), legend=legend)


def _written(plan: WorkbookPlan, matrix: str, column: int) -> str:
    """The formula that writes a column of a matrix: `(0, 1)`."""
    cells = [cell for _, cell, _ in cells_of(plan, Cells((matrix,), column=column))]
    return '"("&' + '&", "&'.join(cells) + '&")"'
