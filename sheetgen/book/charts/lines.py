"""Numbers over numbers: a matrix over another, or functions as curves with the live points of matrices on them."""

from __future__ import annotations

from sheetgen.book import theme
from sheetgen.book.charts.data import Data, source
from sheetgen.book.charts.picture import Axis, Picture, Series, Span, Symbol
from sheetgen.layout.chart import Curves, Lines
from sheetgen.layout.plan import WorkbookPlan

FEW = 60
"""Points up to which each has a marker."""
SYMBOLS: tuple[Symbol, ...] = ("circle", "diamond", "square", "triangle")


def draw(chart: Lines, plan: WorkbookPlan, data: Data) -> Picture:
    """The chart, and in `data` the cells that it is drawn from."""
    x = source(plan, chart.x).column(data, chart.x)
    series = []
    for k, (title, name) in enumerate(chart.series):
        column, color = source(plan, name).column(data, title), theme.SERIES[k % len(theme.SERIES)]
        symbol = SYMBOLS[k % 4] if len(x.values) <= FEW else None
        series.append(Series((column.title, column.caption), Span(column), Span(x), color, (color, 1.75), symbol, 5))
    return Picture("points", tuple(series), y=Axis(grid=True), legend="b" if len(series) > 1 else "")


def draw_curves(chart: Curves, plan: WorkbookPlan, data: Data) -> Picture:
    """Curves over abscissas that don't change, and points that follow the cells."""
    x = data.add("x", chart.x)
    series = []
    for k, (title, formula, values) in enumerate(chart.curves):
        column = data.add(title, values, [formula.format(x=x.cell(n)) for n in range(len(chart.x))])
        color = (theme.SERIES[0], theme.RULE, *theme.SERIES[2:])[k % len(theme.SERIES)]
        series.append(Series((column.title, column.caption), Span(column), Span(x), None, (color, 1.75)))
    for k, (title, abscissas, ordinates) in enumerate(chart.points):
        across, up = source(plan, abscissas).column(data, abscissas), source(plan, ordinates).column(data, title)
        series.append(Series((up.title, up.caption), Span(up), Span(across), theme.POINTS[k % 4], None, "circle", 8))
    return Picture("points", tuple(series), x=Axis(min(chart.x), max(chart.x)), y=Axis(grid=True), legend="b")
