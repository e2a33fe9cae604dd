"""Sets of points in one plane: what each point is called, what joins them, and how far the plane reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil, floor, log10

import numpy as np

from sheetgen.layout import measure
from sheetgen.layout.axes import NONE, Axes
from sheetgen.layout.chart import Cells, Place, Plot, Trace
from sheetgen.layout.geometry.figure import Column, Plane, Request
from sheetgen.layout.geometry.pictures import across

MOST_NAMED = 8
"""Points of a plane up to which each has its name, and is joined with its like in other sets."""
STEPS, MOST_STEPS = (1, 2, 5), 6
"""Round steps of an axis, times a power of ten, and how many an axis of a plane may have."""
MARGIN, NAMED, FINE = 0.04, 0.12, 50
"""How much farther than its points a plane reaches at its upper ends, of their width, but that arrows may end where it
ends; how far names may stand at their right, and at their left where that isn't the axis; and parts of a step at which
a plane may end."""
STRETCHED, SHORTEST = 5.0, 0.5
"""How many times wider than high points may lie to have one scale for both axes; how short the one axis may be then, of
the other."""
FAR_OFF = 1e6
"""How many times farther from 0 than from each other points may lie to have axes in round steps."""
ROWS, LEAST = 12, 11
"""Rows of a plane, and the fewest."""
NARROW, BORDERED, WIDEST, SIGN = 7, 9, 12, 44.0
"""Columns of a plane, at least, also with a border, which has much to tell, and at most; and points across that a
legend takes beside its text."""
KEY = 9.0
"""Points of a legend's text."""
ABOVE, BELOW, BESIDE = 27.0, 34.0, 50.0
"""Points that a title takes, what stands below a plane, and the numbers at its left with some air at its right."""
LINE, LONG = 14.0, 190.0
"""Points of a further line of a plane's title or of a legend below it, and from which on a line of either is too
long."""


def names(axes: Mapping[str, Axes], matrix: str) -> tuple[str, ...]:
    """What the columns of a matrix are called, if they are few."""
    found = axes.get(matrix, NONE)[1]
    return found if len(found) <= MOST_NAMED and any(found) else ()


def threads(chains: Sequence[tuple[Cells, Cells]]) -> list[Trace]:
    """A thin line through each chain of points, y and x."""
    return [Trace("", y, x, "thread") for y, x in chains]


def joined(axes: Mapping[str, Axes], sets: Sequence[str]) -> list[Trace]:
    """The same column of all of these matrices, if that has the same name in each."""
    known = names(axes, sets[0])
    if not sets[1:] or any(names(axes, name) != known for name in sets) or len(set(known)) < len(known):
        return []
    return threads([(Cells(tuple(sets), 1, k), Cells(tuple(sets), 0, k)) for k in range(len(known))])


def places(parts: Sequence[np.ndarray]) -> np.ndarray:
    """The columns, (2, n), of matrices of two rows, each of shape (2, n), or (times, 2, n) where it changes."""
    return np.hstack([np.moveaxis(part, -2, 0).reshape(2, -1) for part in parts])


def fitted(chart: Plot, points: np.ndarray, zero: bool = False) -> Plot:
    """The chart with axes for these points, (2, n), and for 0 if that is asked for: with one scale for both, unless
    they lie stretched. They begin with a round number, and end with the points."""
    known = points[:, np.isfinite(points).all(axis=0)]
    if zero:
        known = np.hstack([known, np.zeros((2, 1))])
    if not known.size:
        return chart
    low, high = known.min(axis=1), known.max(axis=1)
    spans = high - low
    if spans.max() == 0 or np.abs(known).max() > FAR_OFF * spans.max():
        return chart
    if not zero and spans.max() > STRETCHED * spans.min() > 0:
        return chart
    high = high + (0.0 if zero else MARGIN) * spans.max() * (high != 0)
    if any(trace.names for trace in chart.series):
        low[0], high[0] = low[0] - NAMED * spans.max() * (low[0] < 0), high[0] + NAMED * spans.max()
        high[1] += MARGIN * spans.max() * zero
    step = next(s for s in _steps(spans.max() / 100) if (high / s - np.floor(low / s + 1e-9)).max() <= MOST_STEPS)
    first, last = np.floor(low / step + 1e-9), np.ceil(FINE * high / step - 1e-9) / FINE
    least = SHORTEST * float((last - first).max())
    for k in (0, 1):
        while last[k] - first[k] < least:  # in turn, the less far end first
            if last[k] <= -first[k]:
                last[k] += 1
            else:
                first[k] -= 1
    (left, lower), (right, upper) = (tuple(float(f"{k * step:.12g}") for k in ends) for ends in (first, last))
    return replace(chart, x_ends=(left, right), y_ends=(lower, upper), step=step, equal=True)


def _steps(least: float) -> Sequence[float]:
    """Round steps from one that is no larger than `least`, ever larger."""
    power = floor(log10(least))
    return [float(f"{k * 10.0**p:.12g}") for p in range(power, power + 6) for k in STEPS]


def room(chart: Plot, matrix: str, reads: Sequence[str]) -> Request:
    """Room for a plane beside its legend or above it, with rows enough to be read; whatever its numbers are, so that
    other numbers have the same page."""
    told = [trace.title for trace in chart.series if trace.keyed] + [line.title for line in chart.divides if line.keyed]
    keys = [measure.POINTS * measure.text_width(title, KEY) + SIGN for title in told] if told[1:] else []
    long = measure.POINTS * measure.text_width(chart.title, measure.SIZE, bold=True) > LONG
    plane = Plane(BESIDE, ABOVE + BELOW + LINE * long, max(keys, default=0.0), LINE * ceil(sum(keys) / LONG))
    high = ROWS * measure.ROW_HEIGHT - plane.above
    columns = ceil((high + plane.beside + plane.right) / (measure.POINTS * measure.COLUMN_WIDTH))
    least = BORDERED if chart.divides else NARROW
    return Request(matrix, ROWS, min(max(columns, least), WIDEST), reads=tuple(dict.fromkeys(reads)), least=LEAST,
                   narrowest=least, plane=plane)  # fmt: skip


def trimmed(chart: Plot, request: Request, place: Place, columns: Sequence[Column]) -> Place:
    """The rows and columns of its place that a plane of one scale fills, whose columns have these widths."""
    plane = request.plane
    if not chart.equal or plane is None or chart.x_ends is None or chart.y_ends is None:
        return place
    steep = (chart.y_ends[1] - chart.y_ends[0]) / (chart.x_ends[1] - chart.x_ends[0])

    def wide(rows: int, width: int) -> float:
        return plane.wide(across(columns, place.column, width), rows * measure.ROW_HEIGHT, steep)

    full = wide(place.rows, place.columns)
    rows = next(n for n in range(min(request.least, place.rows), place.rows + 1) if wide(n, place.columns) >= full)
    least = min(request.narrowest, place.columns)
    return replace(place, rows=rows, columns=next(n for n in range(least, place.columns + 1) if wide(rows, n) >= full))
