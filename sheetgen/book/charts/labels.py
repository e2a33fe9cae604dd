"""Names beside points: each where the least is in its way, first of sixteen places, as on a map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot, inf
from typing import Literal

from sheetgen.book import theme
from sheetgen.book.charts.data import NA, Column, Data
from sheetgen.book.charts.picture import Series, Span
from sheetgen.book.labels import clean
from sheetgen.layout import measure
from sheetgen.layout.chart import Ends

Side = Literal["r", "t", "l", "b"]
AWAY, HIGH, NEAR = 4.0, 10.0, 2.0
"""Points from a sign's middle to the name beside it, of a name's height, and how near signs and lines may come."""
SIGN = 3.0
"""Points from a sign's middle to its edge."""
TOUCHED, NAME, OUTSIDE = 0.4, 2.0, 5.0
"""How much a sign or a line is in the way that hardly touches a name, of one that strikes it out; how much more than
that another name is, and what stands along the plot, of a name outside."""
OVER = 5.0
"""Points that a name may reach over a plot at its top and at its right, where nothing stands along it."""
ROUNDS = 8
"""How often each name is put where it stands best beside the others."""
FARTHER = 0.1
"""Of what places take of an axis, how much farther it reaches at either end where a spreadsheet chooses."""
AIR = "\u00a0"
FEW = 60
"""Points of a line up to which names keep clear of it."""
Place = tuple[float, float]
Box = tuple[float, float, float, float]
"""From where to where, across and up, in points."""


@dataclass(frozen=True)
class _Spot:
    """Where a name may stand: on a side of a place that is somewhat off its point, and what that costs."""

    side: Side
    off: Place
    cost: float


SIDES = (_Spot("r", (0, 0), 0.0), _Spot("t", (0, 0), 0.01), _Spot("l", (0, 0), 0.02), _Spot("b", (0, 0), 0.03))
"""Those at the point itself."""
CORNERS = (
    _Spot("r", (0, 7), 0.04), _Spot("r", (0, -7), 0.05), _Spot("l", (0, 7), 0.06), _Spot("l", (0, -7), 0.07),
)  # fmt: skip
FARTHER_OFF = (
    _Spot("r", (3, 13), 0.5), _Spot("r", (3, -13), 0.51), _Spot("l", (-3, 13), 0.52), _Spot("l", (-3, -13), 0.53),
    _Spot("t", (0, 8), 0.54), _Spot("b", (0, -8), 0.55), _Spot("r", (9, 0), 0.56), _Spot("l", (-9, 0), 0.57),
)  # fmt: skip


@dataclass(frozen=True)
class _Name:
    """A name, the numbers of its point, and where that is on paper; nowhere yet if its numbers aren't known."""

    text: str
    number: int
    columns: tuple[Column, Column]
    at: Place | None

    def box(self, spot: _Spot) -> Box:
        """The paper that it takes there."""
        wide = measure.POINTS * measure.text_width(self.text, theme.SMALL)
        across, up = self.at or (0.0, 0.0)
        dx, dy = {"r": (1, 0), "t": (0, 1), "l": (-1, 0), "b": (0, -1)}[spot.side]
        x, y = across + spot.off[0] + dx * (AWAY + wide / 2), up + spot.off[1] + dy * (AWAY + HIGH / 2)
        return x - wide / 2, y - HIGH / 2, x + wide / 2, y + HIGH / 2


def labels(
    named: Sequence[tuple[Mapping[int, str], Column, Column]], drawn: Sequence[Series], data: Data,
    ends: tuple[Ends | None, Ends | None], size: tuple[float, float],
) -> Iterator[Series]:  # fmt: skip
    """A series without a sign for each point that has a name, given the names by the points' places in the columns of
    numbers across and up; `drawn` are the signs and lines that names keep clear of, `ends` those of the axes of a plot
    that is `size` points wide and high."""
    known = [places(series.x.values, series.y.values) if series.x is not None else [] for series in drawn]
    low, wide = _frame([place for each in known for place in each], ends)
    units = wide[0] / size[0], wide[1] / size[1]

    def on_paper(place: Place) -> Place:
        return (place[0] - low[0]) / units[0], (place[1] - low[1]) / units[1]

    paths = [[on_paper(place) for place in each] for each in known]
    signs = [place for series, path in zip(drawn, paths, strict=True) for place in path if series.symbol]
    lines = [path for series, path in zip(drawn, paths, strict=True) if series.line and len(path) <= FEW]
    names = list[_Name]()
    for texts, x, y in named:
        for k, text in texts.items():
            at = places(x.values[k : k + 1], y.values[k : k + 1])
            names.append(_Name(clean(text), k, (x, y), on_paper(at[0]) if at else None))
    spots = _spots(names, signs, lines, size, (*SIDES, *CORNERS, *FARTHER_OFF) if all(ends) else SIDES)
    if not names:
        return
    written = data.add("name", [_clear(name.text, spot.side) for name, spot in zip(names, spots, strict=True)])
    for n, (name, spot) in enumerate(zip(names, spots, strict=True)):
        across, up = (_moved(name.columns[k], name.number, spot.off[k] * units[k], data) for k in (0, 1))
        yield Series((written.reference(n, n), written.values[n]), up, across, label=spot.side, keyed=False)


def _moved(column: Column, k: int, by: float, data: Data) -> Span:
    """A number of a column, or one that is so much more, which follows it."""
    if not by:
        return Span(column, k, k)
    value, cell, by = column.values[k], column.cell(k), float(f"{by:.4g}")
    more = float(f"{value + by:.15g}") if isinstance(value, int | float) else NA
    return Span(data.add(f"{column.caption}, name", [more], [f"IF(ISNUMBER({cell}),{cell}{by:+.4g},NA())"]))


def _spots(
    names: Sequence[_Name], signs: Sequence[Place], lines: Sequence[Sequence[Place]], size: Place,
    spots: Sequence[_Spot],
) -> list[_Spot]:  # fmt: skip
    """Where each name stands: one after the other where the least is in its way, and again now that the others stand,
    until all stay; from the first on or from the last, whichever ends better."""
    costs = [[spot.cost + _way(name.box(spot), signs, lines, size) for spot in spots] for name in names]
    alone = [spots[each.index(min(each))] if name.at else spots[0] for name, each in zip(names, costs, strict=True)]
    known, best = [n for n, name in enumerate(names) if name.at], (inf, alone)
    for order in (known, known[::-1]):
        found, total = list(alone), 0.0
        for _ in range(ROUNDS):
            before, total = list(found), 0.0
            for n in order:
                others = [names[k].box(found[k]) for k in known if k != n]
                both = [cost + NAME * sum(_share(other, names[n].box(spot)) > 0 for other in others)
                        for spot, cost in zip(spots, costs[n], strict=True)]  # fmt: skip
                found[n], total = spots[both.index(min(both))], total + min(both)
            if found == before:
                break
        best = min(best, (total, found), key=lambda each: each[0])
    return best[1]


def _way(box: Box, signs: Sequence[Place], lines: Sequence[Sequence[Place]], size: Place) -> float:
    """How much is in a name's way: signs and lines, and the frame."""
    met = [_share((x - SIGN, y - SIGN, x + SIGN, y + SIGN), box) for x, y in signs]
    met += [sum(_struck(a, b, box) for a, b in pairwise(line)) for line in lines]
    hit = sum(TOUCHED + (1 - TOUCHED) * min(1.0, share) for share in met if share > 0)
    return hit + OUTSIDE * (1 - _share((0.0, 0.0, size[0] + OVER, size[1] + OVER), box))


def _share(area: Box, box: Box) -> float:
    """How much of a name's box lies within an area."""
    across = max(0.0, min(box[2], area[2]) - max(box[0], area[0]))
    up = max(0.0, min(box[3], area[3]) - max(box[1], area[1]))
    return across * up / ((box[2] - box[0]) * (box[3] - box[1]))


def _struck(a: Place, b: Place, box: Box) -> float:
    """How much of a name's width a straight line strikes out, or comes near: what of it lies between all four sides."""
    first, last = 0.0, 1.0
    for k in (0, 1):
        low, high, way = box[k] - NEAR - a[k], box[k + 2] + NEAR - a[k], b[k] - a[k]
        if way == 0 and not low < 0 < high:
            return 0.0
        if way:
            first, last = max(first, min(low / way, high / way)), min(last, max(low / way, high / way))
    return max(0.0, last - first) * hypot(b[0] - a[0], b[1] - a[1]) / (box[2] - box[0])


def _clear(name: str, side: Side) -> str:
    """A name with air between it and the sign that it stands beside."""
    return {"r": AIR + name, "l": name + AIR}.get(side, name)


def places(x: Sequence[object], y: Sequence[object]) -> list[Place]:
    """The points that both numbers are known of."""
    return [(float(a), float(b)) for a, b in zip(x, y, strict=False)
            if isinstance(a, int | float) and isinstance(b, int | float)]  # fmt: skip


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
