"""Names beside points: each on the side where the least is in its way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Literal

from sheetgen.book.charts.data import Column, Data
from sheetgen.book.charts.picture import Series, Span
from sheetgen.book.labels import clean

Side = Literal["r", "t", "l", "b"]
SIDES: dict[Side, tuple[float, float]] = {"r": (1, 0), "t": (0, 1), "l": (-1, 0), "b": (0, -1)}
"""Where a name may stand, the first rather than the others."""
AWAY, NEAR = 0.07, 0.06
"""Of the plot: how far a name's middle is from its point, and how near it stands to what is in its way."""
AIR = "\u00a0"
PARTS, FEW = 12, 30
"""Parts of a piece of a line that are looked at, and points of a line up to which they are."""
Place = tuple[float, float]


def labels(
    named: Sequence[tuple[Mapping[int, str], Column, Column]], drawn: Sequence[Series], data: Data
) -> Iterator[Series]:
    """A series without a sign for each point that has a name, given the names by the points' places in the columns of
    numbers across and up; `drawn` are the signs and lines that names keep clear of."""
    taken = [place for series in drawn for place in _covered(series)]
    low, wide = _frame(taken)

    def shared(place: Place) -> Place:
        return (place[0] - low[0]) / wide[0], (place[1] - low[1]) / wide[1]

    way = [shared(place) for place in taken]
    for names, x, y in named:
        sides: list[Side] = []
        for k in names:
            found: tuple[Side, Place | None] = ("r", None)
            if at := places(x.values[k : k + 1], y.values[k : k + 1]):
                found = _side(shared(at[0]), way)
            sides.append(found[0])
            way += [found[1]] if found[1] else []
        texts = data.add("name", [_clear(clean(name), side) for name, side in zip(names.values(), sides, strict=True)])
        for n, (k, side) in enumerate(zip(names, sides, strict=True)):
            title = texts.reference(n, n), texts.values[n]
            yield Series(title, Span(y, k, k), Span(x, k, k), label=side, keyed=False)


def _clear(name: str, side: Side) -> str:
    """A name with air between it and the sign that it stands beside."""
    return {"r": AIR + name, "l": name + AIR}.get(side, name)


def _side(point: Place, way: Sequence[Place]) -> tuple[Side, Place]:
    """The first side with the least in its way, and where the name's middle is then."""
    middles = {side: (point[0] + AWAY * dx, point[1] + AWAY * dy) for side, (dx, dy) in SIDES.items()}
    side = min(middles, key=lambda s: sum(max(abs(x - middles[s][0]), abs(y - middles[s][1])) < NEAR for x, y in way))
    return side, middles[side]


def places(x: Sequence[object], y: Sequence[object]) -> list[Place]:
    """The points that both numbers are known of."""
    return [(float(a), float(b)) for a, b in zip(x, y, strict=False)
            if isinstance(a, int | float) and isinstance(b, int | float)]  # fmt: skip


def _covered(series: Series) -> list[Place]:
    """Its points, and more of them along a line."""
    found = places(series.x.values, series.y.values) if series.x is not None else []
    between = [(a[0] + k * (b[0] - a[0]) / PARTS, a[1] + k * (b[1] - a[1]) / PARTS)
               for a, b in pairwise(found) for k in range(1, PARTS)]  # fmt: skip
    return [*found, *(between if series.line and len(found) <= FEW else [])]


def _frame(places: Sequence[Place]) -> tuple[Place, Place]:
    """The lower left corner of some places, and how wide and high they lie, at least a little."""
    low = [min((p[k] for p in places), default=0.0) for k in (0, 1)]
    wide = [max((p[k] for p in places), default=1.0) - low[k] for k in (0, 1)]
    most = max(wide) or 1.0
    return (low[0], low[1]), (wide[0] or most, wide[1] or most)
