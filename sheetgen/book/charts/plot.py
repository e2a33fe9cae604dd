"""Numbers over numbers: points, lines, and lines through points."""

from __future__ import annotations

from math import hypot
from typing import Literal

from sheetgen.book import theme
from sheetgen.book.charts.data import NA, Column, Data, cells_of, numbers
from sheetgen.book.charts.picture import Axis, Picture, Series, Span, Symbol
from sheetgen.layout.chart import Cells, Divide, Ends, Plot
from sheetgen.layout.plan import WorkbookPlan

FEW = 60
"""Points of a line up to which each has a marker."""
MOST_COUNTED = 8
"""Numbers along an axis that counts."""
RING, NEAR = 3, 0.04
"""Points by which the signs of a set are larger than those that they stand around, and of an axis, how close these
are."""
Places = list[tuple[float, float]]
SYMBOLS: tuple[Symbol, ...] = ("circle", "diamond", "square", "triangle")


def draw(chart: Plot, plan: WorkbookPlan, data: Data) -> Picture:
    """The chart, and in `data` the cells that it is drawn from."""
    hues = [hue for hue in theme.SERIES if hue != theme.GREY or all(t.paint != "target" for t in chart.series)]
    sets = [t for t in chart.series if t.look == "points" and not t.named]
    columns: dict[Cells | tuple[float, ...], Column] = {}
    series, places = list[Series](), dict[int, tuple[Places, int]]()
    for k, trace in enumerate(chart.series):
        star = trace.look == "arrows"
        if trace.x not in columns:
            name = chart.across or "x"
            columns[trace.x] = (
                numbers(plan, trace.x, data, name, star=star) if isinstance(trace.x, Cells) else data.add(name, trace.x)
            )
        y = numbers(plan, trace.y, data, trace.title, trace.only, star)
        color = theme.paint(trace.paint, k, hues)
        color = theme.AFTER_LINE if color == theme.AFTER else color
        few = trace.look == "points" or len(y.values) <= FEW
        symbol = SYMBOLS[k % 4] if few and trace.look != "line" else None
        line = None if trace.look == "points" else (color, 1.75)
        within = 0  # others at the same places stand around it as rings
        if trace in sets:
            here = _places(columns[trace.x], y)
            within = max((level + 1 for other, level in places.values() if _meet(here, other)), default=0)
            places[k] = here, within
        size = 8 + RING * within - 2 * bool(sets[1:]) if trace.look == "points" else 5
        label: Literal["", "r"] = "r" if trace.named else ""
        series.append(
            Series((y.title, y.caption), Span(y), Span(columns[trace.x]), color, line, symbol, size, label,
                   ring=within > 0)
        )  # fmt: skip
    series += [_divide(each, plan, data, len(series) + k) for k, each in enumerate(chart.divides)]
    across = _axis(chart.x_ends, chart.across, _apart(chart.x_ends) if chart.whole else None)
    up = _axis(chart.y_ends, chart.up, grid=True, log=chart.log)
    legend: Literal["", "b"] = "b" if series[1:] and not any(trace.named for trace in chart.series) else ""
    return Picture("points", tuple(series), across, up, legend=legend)


def _divide(chart: Divide, plan: WorkbookPlan, data: Data, number: int) -> Series:
    """The line as two points, or the strip as the four corners of its outline."""
    a, b = (next(cells_of(plan, cells)) for cells in chart.weights)
    bias = next(cells_of(plan, chart.bias)) if chart.bias is not None else None
    corners = ((0, -1), (0, 1)) if not chart.level else ((-1, -1), (-1, 1), (1, 1), (1, -1), (-1, -1))
    size = hypot(a[2], b[2])
    columns, (across, up) = [], chart.middle
    squares = f"({a[1]}^2+{b[1]}^2)"
    for name, along, other, middle, sign in (("x", a, b, across, -1), ("y", b, a, up, 1)):
        values, formulas = list[object](), list[str | None]()
        for level, way in corners:
            missing = f"{chart.level * level:.15g}" + (f"-{bias[1]}" if bias else "")
            missing += "".join(f"-{w[1]}*{at:.15g}" if at > 0 else f"+{w[1]}*{-at:.15g}" for w, at in
                               ((a, across), (b, up)) if at)  # fmt: skip
            far = chart.reach * way * sign
            formula = f"{middle:.15g}+({missing})*{along[1]}/{squares}+{far:.15g}*{other[1]}/SQRT({squares})"
            formulas.append(a[0].guarded(f"IFERROR({formula},NA())"))
            lacks = chart.level * level - (bias[2] if bias else 0.0) - a[2] * across - b[2] * up
            values.append(middle + lacks * along[2] / size**2 + far * other[2] / size if size else NA)
        columns.append(data.add(chart.title if name == "y" else name, values, formulas))
    x, y = columns
    color = theme.AFTER_LINE if chart.paint == "after" else theme.INK
    return Series((y.title, y.caption), Span(y), Span(x), color, (color, 0.75 if chart.level else 1.75))


def _places(x: Column, y: Column) -> Places:
    return [(float(a), float(b)) for a, b in zip(x.values, y.values, strict=False)
            if isinstance(a, int | float) and isinstance(b, int | float)]  # fmt: skip


def _meet(some: Places, others: Places) -> bool:
    """Whether a point of one set stands so close to one of the other that its sign covers it."""
    both = [*some, *others]
    reach = [NEAR * ((max(p[k] for p in both) - min(p[k] for p in both)) or 1.0) for k in (0, 1)] if both else []
    return any(all(abs(p[k] - q[k]) <= reach[k] for k in (0, 1)) for p in some for q in others)


def _apart(ends: Ends | None) -> float:
    """The step of an axis that counts."""
    return 1.0 if ends is None else next(
        (s for s in (1.0, 2.0, 5.0, 10.0, 20.0, 50.0) if (ends[1] - ends[0]) / s <= MOST_COUNTED), 100.0
    )


def _axis(ends: Ends | None, title: str, step: float | None = None, grid: bool = False, log: bool = False) -> Axis:
    low, high = ends or (None, None)
    return Axis(low, high, step, grid=grid, title=title, log=log)
