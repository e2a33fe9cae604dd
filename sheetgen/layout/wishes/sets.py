"""Sets of points in one plane: what each point is called, what joins them, and how far the plane reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil, floor, log10

import numpy as np

from sheetgen.layout import measure
from sheetgen.layout.axes import NONE, Axes
from sheetgen.layout.chart import Cells, Plot, Trace
from sheetgen.layout.geometry.figure import Request

MOST_NAMED = 8
"""Points of a plane up to which each has its name, and is joined with its like in other sets."""
STEPS, MOST_STEPS = (1, 2, 5), 6
"""Round steps of an axis, times a power of ten, and how many an axis of a plane may have."""
MARGIN, BESIDE = 0.04, 0.12
"""How much farther than its points a plane reaches, of their width, and where a name may stand at their right; arrows
may end where it ends."""
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
ABOVE, BELOW, BEFORE = 30.0, 34.0, 40.0
"""Points that a title takes, what stands below a plane, and the numbers at its left."""


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
    they lie stretched."""
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
    more = 0.0 if zero else MARGIN * spans.max()
    named = BESIDE * spans.max() if any(trace.names or trace.named for trace in chart.series) else more
    low, high = low - more * (low != 0), high + np.where([True, False], named, more * (high != 0))
    step = next(s for s in _steps(spans.max() / 100) if max(map(int, _counts(low, high, s))) <= MOST_STEPS)
    first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
    least = ceil(SHORTEST * float((last - first).max()))
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


def _counts(low: np.ndarray, high: np.ndarray, step: float) -> np.ndarray:
    return np.ceil(high / step - 1e-9) - np.floor(low / step + 1e-9)


def room(chart: Plot, matrix: str, reads: Sequence[str]) -> Request:
    """Columns enough for a square plane beside its legend, and rows enough to be read; whatever its numbers are, so
    that other numbers have the same page."""
    high = ROWS * measure.ROW_HEIGHT - ABOVE - BELOW
    told = [trace.title for trace in chart.series if trace.keyed] + [line.title for line in chart.divides if line.keyed]
    keys = [measure.POINTS * measure.text_width(title, KEY) + SIGN for title in told]
    columns = ceil((high + BEFORE + max(keys, default=0.0)) / (measure.POINTS * measure.COLUMN_WIDTH))
    least = BORDERED if chart.divides else NARROW
    return Request(matrix, ROWS, min(max(columns, least), WIDEST), reads=tuple(dict.fromkeys(reads)), least=LEAST,
                   narrowest=least, shaped=True)  # fmt: skip
