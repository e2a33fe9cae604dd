"""Numbers side by side: the prediction, the target, the prediction after the update; the shares of a distribution."""

from __future__ import annotations

from sheetgen.book import theme
from sheetgen.book.charts.data import Data, numbers
from sheetgen.book.charts.picture import Axis, Picture, Series, Span
from sheetgen.book.labels import clean
from sheetgen.layout.chart import Bars
from sheetgen.layout.plan import WorkbookPlan


def draw(chart: Bars, plan: WorkbookPlan, data: Data) -> Picture:
    """The chart, and in `data` the cells that it is drawn from."""
    categories = data.add("", [clean(text) for text in chart.categories])
    series, shares = [], True
    for k, trace in enumerate(chart.series):
        column = numbers(plan, trace.y, data, trace.title)
        series.append(Series((column.title, column.caption), Span(column), fill=theme.paint(trace.paint, k)))
        shares &= all(0 <= value <= 1 for value in column.values)
    return Picture(
        "bars", tuple(series), y=Axis(0, 1, 0.5, grid=True) if shares else Axis(grid=True), categories=Span(categories),
        legend="b" if len(series) > 1 else "",
    )  # fmt: skip
