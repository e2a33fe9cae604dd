"""Numbers over numbers: points, lines, and lines through points."""

from __future__ import annotations

from typing import Literal

from sheetgen.book import theme
from sheetgen.book.charts.data import Column, Data, numbers
from sheetgen.book.charts.picture import Axis, Picture, Series, Span, Symbol
from sheetgen.layout.chart import Cells, Ends, Plot
from sheetgen.layout.plan import WorkbookPlan

FEW = 60
"""Points of a line up to which each has a marker."""
MOST_COUNTED = 8
"""Numbers along an axis that counts."""
RING = 4
"""Points by which each further set's signs are larger."""
SYMBOLS: tuple[Symbol, ...] = ("circle", "diamond", "square", "triangle")


def draw(chart: Plot, plan: WorkbookPlan, data: Data) -> Picture:
    """The chart, and in `data` the cells that it is drawn from."""
    hues = [hue for hue in theme.SERIES if hue != theme.GREY or all(t.paint != "target" for t in chart.series)]
    sets = [t for t in chart.series if t.look == "points" and not t.named]
    columns: dict[Cells | tuple[float, ...], Column] = {}
    series = []
    for k, trace in enumerate(chart.series):
        if trace.x not in columns:
            name = chart.across or "x"
            columns[trace.x] = (
                numbers(plan, trace.x, data, name) if isinstance(trace.x, Cells) else data.add(name, trace.x)
            )
        y, color = numbers(plan, trace.y, data, trace.title), theme.paint(trace.paint, k, hues)
        color = theme.AFTER_LINE if color == theme.AFTER else color
        few = trace.look == "points" or len(y.values) <= FEW
        symbol = SYMBOLS[k % 4] if few and trace.look != "line" else None
        line = None if trace.look == "points" else (color, 1.75)
        within = sets.index(trace) if trace in sets else 0  # others at the same places stand around it as rings
        size = 8 + RING * within - 2 * bool(sets[1:]) if trace.look == "points" else 5
        label: Literal["", "r"] = "r" if trace.named else ""
        series.append(
            Series((y.title, y.caption), Span(y), Span(columns[trace.x]), color, line, symbol, size, label,
                   ring=within > 0)
        )  # fmt: skip
    across = _axis(chart.x_ends, chart.across, _apart(chart.x_ends) if chart.whole else None)
    up = _axis(chart.y_ends, chart.up, grid=True, log=chart.log)
    legend: Literal["", "b"] = "b" if series[1:] and not any(trace.named for trace in chart.series) else ""
    return Picture("points", tuple(series), across, up, legend=legend)


def _apart(ends: Ends | None) -> float:
    """The step of an axis that counts."""
    return 1.0 if ends is None else next(
        (s for s in (1.0, 2.0, 5.0, 10.0, 20.0, 50.0) if (ends[1] - ends[0]) / s <= MOST_COUNTED), 100.0
    )


def _axis(ends: Ends | None, title: str, step: float | None = None, grid: bool = False, log: bool = False) -> Axis:
    low, high = ends or (None, None)
    return Axis(low, high, step, grid=grid, title=title, log=log)
