"""The picture of a graph: edges follow the adjacency, colours the prediction.

Spreadsheets can't colour a point or leave out a line by a rule, so both are done with data. A node's
edges are one line that goes around it and out to each neighbour, or stays where there is no edge; so
no line crosses a node's name. A node is drawn in one series, that of its likelihood, and #N/A in the others.
"""

from __future__ import annotations

from math import atan2, ceil, cos, hypot, pi, sin
from typing import Any

import numpy as np

from sheetgen.book import theme
from sheetgen.book.charts.data import NA, Column, Data, Source, source
from sheetgen.book.charts.picture import Axis, Picture, Series, Span
from sheetgen.book.labels import clean
from sheetgen.cells.verdicts import reaches
from sheetgen.errors import LimitError
from sheetgen.layout.chart import GraphPicture
from sheetgen.layout.plan import WorkbookPlan

BINS = (("very unlikely", 0.2), ("unlikely", 0.4), ("neutral", 0.6), ("likely", 0.8), ("very likely", None))
"""A node's colour: caption and the value below which it ends."""
MOST_LABELLED, MOST_NODES, MOST_HEADS = 120, 240, 40
"""Larger graphs lose their names, can't be drawn (a chart holds 255 series), and have no arrowheads."""
AROUND, LEGEND = 9.0, 15.0
"""Points of free room around the nodes, and below them for the legend."""
ARC = pi / 6
"""The most of a circle that is drawn as one straight line."""

Point = tuple[float, float]


class Plane:
    """Positions in points (1/72 inch) on paper, where circles are round, and in the numbers of the chart's axes.

    The nodes' centres stand between 0 and 1; around them is room for their circles.
    """

    def __init__(self, size: tuple[float, float], dot: float, legend: float = 0.0) -> None:
        margin = dot / 2 + AROUND
        self.units = (1 / (size[0] - 2 * margin), 1 / (size[1] - 2 * margin - legend))
        self.across = Axis(-margin * self.units[0], 1 + margin * self.units[0], shown=False)
        self.up = Axis(-(margin + legend) * self.units[1], 1 + margin * self.units[1], shown=False)

    def paper(self, point: Point) -> Point:
        """From the axes' numbers to points."""
        return point[0] / self.units[0], point[1] / self.units[1]

    def chart(self, point: Point) -> Point:
        """From points to the axes' numbers."""
        return round(point[0] * self.units[0], 5), round(point[1] * self.units[1], 5)


def draw(chart: GraphPicture, plan: WorkbookPlan, data: Data, size: tuple[float, float]) -> Picture:
    """The chart, `size` points wide and high, and in `data` the cells that it is drawn from."""
    n = len(chart.labels)
    if n > MOST_NODES:
        raise LimitError(f"“{chart.title}”: a chart can show a graph of at most {MOST_NODES} nodes; this one has {n}.")
    dot = max(7, min(24, round(min(size) / n**0.5 / 3.2)))
    plane = Plane(size, dot, LEGEND if chart.prediction else 0.0)
    xs, ys = data.add("x", [p[0] for p in chart.positions]), data.add("y", [p[1] for p in chart.positions])
    adjacency = source(plan, chart.adjacency)
    series = [_edges(chart, adjacency, data, plane, dot, u) for u in range(n)]
    if chart.prediction is None:
        series.append(Series((ys.title, "nodes"), Span(ys), Span(xs), theme.AFTER, None, "circle", dot))
    else:
        series += _coloured(chart, source(plan, chart.prediction), data, plane, (xs, ys), dot)
    if n <= MOST_LABELLED:
        names = data.add("node", [clean(label) for label in chart.labels])
        font = theme.SMALL if dot > 15 else theme.SMALLER if dot > 10 else theme.CRAMPED
        for u in range(n):
            at = Span(ys, u, u), Span(xs, u, u)
            series.append(Series((names.reference(u, u), names.values[u]), *at, label="ctr", label_size=font))
    return Picture("points", tuple(series), plane.across, plane.up, inner=(0.0, 0.0, 1.0, 1.0))


def _edges(chart: GraphPicture, adjacency: Source, data: Data, plane: Plane, dot: int, u: int) -> Series:
    """A line around node `u`, from there to each neighbour and back; to later nodes only if edges have no direction."""
    centre, radius = plane.paper(chart.positions[u]), dot / 2 + 1.5
    others = [v for v in range(len(chart.labels)) if v != u and (chart.directed or v > u)]
    heads = chart.directed and len(chart.labels) <= MOST_HEADS
    stops: list[tuple[float, int]] = [(k * ARC, -1) for k in range(ceil(2 * pi / ARC) + 1)]
    rays = {v: _ray(centre, plane.paper(chart.positions[v]), radius, chart.directed) for v in others}
    stops += [(rays[v][0], v) for v in others]
    path: list[tuple[Point, str, bool]] = []
    """Where the line goes, the cell that lets it go there, and whether it does."""
    ends: list[Point] = []
    for angle, v in sorted(stops):
        home = plane.chart((centre[0] + radius * cos(angle), centre[1] + radius * sin(angle)))
        path.append((home, "", False))
        ends.append(home)
        if v >= 0:
            way, cell = _way(*rays[v][1], heads, dot), adjacency.cell(u, v)
            path += [(home, cell, bool(adjacency.region.values[u, v]))] * len(way) + [(home, "", False)]
            ends += [*map(plane.chart, way), home]
    columns = []
    for axis, caption in enumerate("xy"):
        values, formulas = [], []
        for (home, cell, there), end in zip(path, ends, strict=True):
            values.append(end[axis] if there else home[axis])
            formulas.append(f"IF({cell}<>0,{end[axis]!r},{home[axis]!r})" if cell else None)
        columns.append(data.add(f"{chart.labels[u]} {caption}", values, formulas))
    x, y = columns
    return Series((y.title, y.caption), Span(y), Span(x), None, (theme.LINE, 1.25 if len(chart.labels) <= 20 else 0.75))


def _ray(start: Point, end: Point, radius: float, directed: bool) -> tuple[float, tuple[Point, Point]]:
    """The angle at which an edge leaves, and its ends on both circles; edges there and back run side by side."""
    angle = atan2(end[1] - start[1], end[0] - start[0])
    turn = 0.35 if directed else 0.0
    leave, arrive = angle - turn, angle + pi + turn
    first = (start[0] + radius * cos(leave), start[1] + radius * sin(leave))
    last = (end[0] + radius * cos(arrive), end[1] + radius * sin(arrive))
    return leave % (2 * pi), (first, last)


def _way(first: Point, last: Point, head: bool, dot: int) -> list[Point]:
    """Out to the neighbour, with an arrowhead drawn at its end, and back."""
    if not head:
        return [last]
    length = hypot(last[0] - first[0], last[1] - first[1]) or 1.0
    along = ((last[0] - first[0]) / length, (last[1] - first[1]) / length)
    size = min(max(5.0, 0.4 * dot), 0.4 * length)
    foot = (last[0] - size * along[0], last[1] - size * along[1])
    barbs = [(foot[0] - half * along[1], foot[1] + half * along[0]) for half in (0.45 * size, -0.45 * size)]
    return [last, *barbs, last]


def _coloured(
    chart: GraphPicture, prediction: Source, data: Data, plane: Plane, axes: tuple[Column, Column], dot: int
) -> list[Series]:
    """The nodes by their likelihood, those that have none yet, and the legend below."""
    xs, ys = axes
    nodes = range(len(chart.labels))
    places = [*np.ndindex(prediction.region.values.shape)][: len(nodes)] if chart.line is None else [
        (chart.line, k) for k in nodes]  # fmt: skip
    series = []
    waiting = [f"IF(ISNUMBER({prediction.guarded(prediction.cell(*place))}),NA(),{ys.cell(k)})" for k, place in
               enumerate(places)]  # fmt: skip
    column = data.add("not yet", [NA] * len(places), waiting)
    series.append(Series((column.title, column.caption), Span(column), Span(xs), theme.YELLOW, None, "circle", dot))
    low: float | None = None
    keys = data.add("legend x", [round(0.5 + 12 * (k - 2) * plane.units[0], 5) for k in range(len(BINS))])
    row = data.add("legend y", [round((plane.up.low or 0) + 9 * plane.units[1], 5)] * len(BINS))
    for k, ((caption, high), color) in enumerate(zip(BINS, theme.LIKELIHOOD, strict=True)):
        values: list[Any] = []
        formulas: list[str | None] = []
        for node, place in enumerate(places):
            p, at = float(prediction.region.values[place]), prediction.cell(*place)
            tests = ([] if low is None else [f"{at}>={low:g}"]) + ([] if high is None else [f"{at}<{high:g}"])
            inside = (low is None or reaches(p, low)) and (high is None or not reaches(p, high))
            test = f"AND({','.join(tests)})" if len(tests) > 1 else tests[0]
            values.append(ys.values[node] if inside else NA)
            formulas.append(prediction.guarded(f"IF({test},{ys.cell(node)},NA())"))
        column = data.add(caption, values, formulas)
        series.append(Series((column.title, caption), Span(column), Span(xs), color, None, "circle", dot))
        beside = {0: "l", len(BINS) - 1: "r"}.get(k, "")
        key = Span(row, k, k), Span(keys, k, k), color, None, "circle", 7, beside, 8
        series.append(Series((column.title, caption), *key))  # type: ignore[arg-type]
        low = high
    return series
