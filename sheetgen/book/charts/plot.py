"""Numbers over numbers: points, lines, and lines through points."""

from __future__ import annotations

from dataclasses import replace
from math import isclose
from typing import Literal

from sheetgen.book import theme
from sheetgen.book.charts.data import NA, Column, Data, cells_of, numbers
from sheetgen.book.charts.frame import framed
from sheetgen.book.charts.labels import Place, labels, places
from sheetgen.book.charts.picture import Axis, Picture, Series, Span, Symbol
from sheetgen.layout.chart import Cells, Divide, Ends, Plot
from sheetgen.layout.plan import WorkbookPlan

CLOSE = 1e-6
"""How far the numbers of a line may be from those of another one, under which it would disappear."""
FEW = 60
"""Points of a line up to which each has a marker."""
MOST_COUNTED = 8
"""Numbers along an axis that counts."""
THREAD = (theme.LINE, 0.75)
RING, NEAR = 3, 0.04
"""Points by which the signs of a set are larger than those that they stand around, and of an axis, how close these
are."""
TIGHT = 170.0
"""Points of a plane's chart under which its signs are smaller."""
SYMBOLS: tuple[Symbol, ...] = ("circle", "diamond", "square", "triangle")


def draw(chart: Plot, plan: WorkbookPlan, data: Data, size: tuple[float, float]) -> Picture:
    """The chart, `size` points wide and high, and in `data` the cells that it is drawn from."""
    hues = theme.hues_beside({trace.paint for trace in chart.series})
    sets = [t for t in chart.series if t.look == "points" and t.legend]
    columns: dict[Cells | tuple[float, ...], Column] = {}
    tight = int(chart.equal and min(size) < TIGHT)
    series, stood = list[Series](), dict[int, tuple[list[Place], int]]()
    named = list[tuple[dict[int, str], Column, Column]]()
    for k, trace in enumerate(chart.series):
        star = trace.look == "arrows"
        if trace.x not in columns:
            name = chart.across or "x"
            columns[trace.x] = (
                numbers(plan, trace.x, data, name, star=star) if isinstance(trace.x, Cells) else data.add(name, trace.x)
            )
        y = numbers(plan, trace.y, data, trace.title, trace.only, star)
        if trace.look == "thread":
            series.append(Series((y.title, y.caption), Span(y), Span(columns[trace.x]), line=THREAD, keyed=False))
            continue
        color = theme.paint(trace.paint, k, hues)
        color = theme.AFTER_LINE if color == theme.AFTER else color
        few = trace.look == "points" or len(y.values) <= FEW
        symbol = SYMBOLS[k % 4] if few and trace.look != "line" else None
        line = None if trace.look == "points" else (color, 1.75)
        within = 0  # others at the same places stand around it as rings
        if trace in sets:
            here = places(columns[trace.x].values, y.values)
            within = max((level + 1 for other, level in stood.values() if _meet(here, other)), default=0)
            stood[k] = here, within
        same = line is not None and any(_same(each, columns[trace.x], y) for each in series if each.line)
        large = 8 + RING * within - 2 * bool(sets[1:]) - tight if trace.look == "points" else 5 + 2 * RING * same
        series.append(
            Series((y.title, y.caption), Span(y), Span(columns[trace.x]), color, line, symbol, large, dashed=same,
                   ring=within > 0 or same, keyed=trace.keyed)
        )  # fmt: skip
        if trace.names:
            heads = {2 * n + 1 if star else n: name for n, name in enumerate(trace.names)}
            named.append((heads, columns[trace.x], y))
    series += [_divide(each, plan, data) for each in chart.divides]
    across = _axis(chart.x_ends, chart.across, chart.step or (_apart(chart.x_ends) if chart.whole else None))
    up = _axis(chart.y_ends, chart.up, chart.step, grid=True, log=chart.log)
    legend: Literal["", "b"] = "b" if _needs_legend(chart) else ""
    picture = Picture("points", tuple(series), across, up, legend=legend, equal=chart.equal)
    if not named:
        return picture
    inner = framed(picture, chart.title, size).inner or (0.0, 0.0, 1.0, 1.0)
    plot = inner[2] * size[0], inner[3] * size[1]
    return replace(picture, series=(*series, *labels(named, series, data, (chart.x_ends, chart.y_ends), plot)))


def _needs_legend(chart: Plot) -> bool:
    """Whether a legend tells anything: of several sets, or of the one that has no names beside lines that have."""
    keyed = [trace for trace in chart.series if trace.keyed]
    told = len(keyed) + sum(line.keyed for line in chart.divides)
    return told > 1 or (told == 1 and bool(chart.series[1:]) and not any(trace.names for trace in keyed))


def _divide(chart: Divide, plan: WorkbookPlan, data: Data) -> Series:
    """The line's two ends: where it leaves its bounds, at the left and at the right, or of an upright one below and
    above."""
    a, b = (next(cells_of(plan, cells)) for cells in chart.weights)
    bias = next(cells_of(plan, chart.bias)) if chart.bias is not None else None
    total, level = chart.level - (bias[2] if bias else 0.0), f"{chart.level:.15g}"
    text = f"({level}-{bias[1]})" if bias else f"({level})"
    (low, high), ups, formulas = chart.within[1], list[object](), list[str | None]()
    for x, end in zip(*chart.within, strict=True):
        ups.append(NA if a[2] == b[2] == 0 else end if b[2] == 0 else max(low, min(high, (total - a[2] * x) / b[2])))
        met = f"MAX({low:.15g},MIN({high:.15g},({text}-{a[1]}*({x:.15g}))/{b[1]}))"
        formulas.append(a[0].guarded(f"IF({b[1]}=0,IF({a[1]}=0,NA(),{end:.15g}),{met})"))
    y = data.add(chart.title, ups, formulas)
    ends = chart.within[0]
    left = [x if a[2] == 0 else (total - b[2] * up) / a[2] for x, up in zip(ends, ups, strict=True)]  # type: ignore[operator]
    back = [f"IF({a[1]}=0,{x:.15g},({text}-{b[1]}*{y.cell(k)})/{a[1]})" for k, x in enumerate(ends)]
    x_column = data.add("x", left, back)
    color = theme.AFTER_LINE if chart.paint == "after" else theme.INK
    line = color, 0.75 if chart.level else 1.75
    return Series((y.title, y.caption), Span(y), Span(x_column), color, line, keyed=chart.keyed)


def _same(drawn: Series, x: Column, y: Column) -> bool:
    """Whether a line runs where another one does already: it is dashed, and its signs stand around the other's."""
    if drawn.x is None or drawn.keyed is False:
        return False
    pairs = ((drawn.x.values, x.values), (drawn.y.values, y.values))
    return all(len(a) == len(b) and all(_close(p, q) for p, q in zip(a, b, strict=True)) for a, b in pairs)


def _close(a: object, b: object) -> bool:
    numbers = isinstance(a, int | float) and isinstance(b, int | float)
    return isclose(a, b, rel_tol=CLOSE, abs_tol=CLOSE) if numbers else a == b  # type: ignore[arg-type]


def _meet(some: list[Place], others: list[Place]) -> bool:
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
