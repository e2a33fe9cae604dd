"""Names beside points: each on the side where the least is in its way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Literal

from sheetgen.book import theme
from sheetgen.book.charts.data import Column, Data
from sheetgen.book.charts.picture import Series, Span
from sheetgen.book.labels import clean
from sheetgen.layout import measure
from sheetgen.layout.chart import Ends

Side = Literal["r", "t", "l", "b"]
SIDES: dict[Side, tuple[float, float]] = {"r": (1, 0), "t": (0, 1), "l": (-1, 0), "b": (0, -1)}
"""Where a name may stand, the first rather than the others."""
AWAY, HIGH, NEAR = 4.0, 10.0, 2.0
"""Points from a sign's middle to the name beside it, of a name's height, and how near signs and lines may come."""
NAME, OUTSIDE = 2.0, 5.0
"""How much more another name is in the way than a sign or a line, and what stands along the plot, of a name outside."""
FARTHER = 0.1
"""Of what places take of an axis, how much farther it reaches at either end where a spreadsheet chooses."""
AIR = "\u00a0"
PARTS, FEW = 12, 30
"""Parts of a piece of a line that are looked at, and points of a line up to which they are."""
Place = tuple[float, float]
Box = tuple[float, float, float, float]
"""From where to where, across and up, in points."""


def labels(
    named: Sequence[tuple[Mapping[int, str], Column, Column]], drawn: Sequence[Series], data: Data,
    ends: tuple[Ends | None, Ends | None], size: tuple[float, float],
) -> Iterator[Series]:  # fmt: skip
    """A series without a sign for each point that has a name, given the names by the points' places in the columns of
    numbers across and up; `drawn` are the signs and lines that names keep clear of, `ends` those of the axes of a plot
    that is `size` points wide and high."""
    signs = [_signs(series) for series in drawn]
    low, wide = _frame([place for each in signs for place in each], ends)

    def on_paper(place: Place) -> Place:
        return (place[0] - low[0]) / wide[0] * size[0], (place[1] - low[1]) / wide[1] * size[1]

    way = [[on_paper(place)] for each in signs for place in each]
    way += [[on_paper(place) for place in _line(series)] for series in drawn]
    written = list[Box]()
    for names, x, y in named:
        sides: list[Side] = []
        for k, name in names.items():
            at = places(x.values[k : k + 1], y.values[k : k + 1])
            if not at:
                sides.append("r")
                continue
            boxes = _boxes(on_paper(at[0]), measure.POINTS * measure.text_width(clean(name), theme.SMALL))
            side = min(boxes, key=lambda s: _cost(boxes[s], way, written, size))
            sides.append(side)
            written.append(boxes[side])
        texts = data.add("name", [_clear(clean(name), side) for name, side in zip(names.values(), sides, strict=True)])
        for n, (k, side) in enumerate(zip(names, sides, strict=True)):
            title = texts.reference(n, n), texts.values[n]
            yield Series(title, Span(y, k, k), Span(x, k, k), label=side, keyed=False)


def _boxes(at: Place, wide: float) -> dict[Side, Box]:
    """Where a name stands on each side of a point."""
    found: dict[Side, Box] = {}
    for side, (dx, dy) in SIDES.items():
        x, y = at[0] + dx * (AWAY + wide / 2), at[1] + dy * (AWAY + HIGH / 2)
        found[side] = (x - wide / 2, y - HIGH / 2, x + wide / 2, y + HIGH / 2)
    return found


def _cost(box: Box, way: Sequence[Sequence[Place]], written: Sequence[Box], size: tuple[float, float]) -> float:
    """How much is in a name's way: signs and lines, other names, and the frame."""
    left, low, right, high = box
    met = sum(any(left - NEAR < x < right + NEAR and low - NEAR < y < high + NEAR for x, y in each) for each in way)
    names = sum(left < b[2] and b[0] < right and low < b[3] and b[1] < high for b in written)
    inside = max(0.0, min(right, size[0]) - max(left, 0.0)) * max(0.0, min(high, size[1]) - max(low, 0.0))
    return met + NAME * names + OUTSIDE * (1 - inside / ((right - left) * (high - low)))


def _clear(name: str, side: Side) -> str:
    """A name with air between it and the sign that it stands beside."""
    return {"r": AIR + name, "l": name + AIR}.get(side, name)


def places(x: Sequence[object], y: Sequence[object]) -> list[Place]:
    """The points that both numbers are known of."""
    return [(float(a), float(b)) for a, b in zip(x, y, strict=False)
            if isinstance(a, int | float) and isinstance(b, int | float)]  # fmt: skip


def _signs(series: Series) -> list[Place]:
    """Its points."""
    return places(series.x.values, series.y.values) if series.x is not None else []


def _line(series: Series) -> list[Place]:
    """Places along its line, if it has one; of a long one none."""
    found = _signs(series)
    if not series.line or len(found) > FEW:
        return []
    return [(a[0] + k * (b[0] - a[0]) / PARTS, a[1] + k * (b[1] - a[1]) / PARTS)
            for a, b in pairwise(found) for k in range(1, PARTS)]  # fmt: skip


def _frame(places: Sequence[Place], ends: tuple[Ends | None, Ends | None]) -> tuple[Place, Place]:
    """The lower left corner of a plot, and how wide and high it is, at least a little; an axis that a spreadsheet ends
    reaches somewhat farther than its places."""
    known = [end or (min((p[k] for p in places), default=0.0), max((p[k] for p in places), default=1.0))
             for k, end in enumerate(ends)]  # fmt: skip
    most = max(high - low for low, high in known) or 1.0
    spans = [(high - low) or most for low, high in known]
    more = [0.0 if end else FARTHER * span for end, span in zip(ends, spans, strict=True)]
    low = known[0][0] - more[0], known[1][0] - more[1]
    return low, (spans[0] + 2 * more[0], spans[1] + 2 * more[1])
