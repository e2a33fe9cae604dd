"""Numbers side by side: the prediction, the target, the prediction after the update."""

from __future__ import annotations

from sheetgen.book import theme
from sheetgen.book.charts.data import Data, source
from sheetgen.book.charts.picture import Axis, Picture, Series, Span
from sheetgen.book.labels import clean
from sheetgen.layout.chart import Bars
from sheetgen.layout.plan import WorkbookPlan

COLORS = (theme.PREDICTION, theme.GREY, theme.AFTER, *theme.SERIES[2:])


def draw(chart: Bars, plan: WorkbookPlan, data: Data) -> Picture:
    """The chart, and in `data` the cells that it is drawn from."""
    categories = data.add("", [clean(text) for text in chart.categories])
    series = []
    for k, (title, name) in enumerate(chart.series):
        column = source(plan, name).column(data, title)
        series.append(Series((column.title, column.caption), Span(column), fill=COLORS[k % len(COLORS)]))
    values = [source(plan, name).region.values for _, name in chart.series]
    shares = all(((v >= 0) & (v <= 1)).all() for v in values)
    return Picture(
        "bars", tuple(series), y=Axis(0, 1, 0.5, grid=True) if shares else Axis(grid=True), categories=Span(categories),
        legend="b" if len(series) > 1 else "",
    )  # fmt: skip
