"""Columns from zones: on each row, neighbours in zone order, with one place for each lane; longest paths by sweeps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

FIRST = 3
"""The first column right of the margin."""
GUTTER = 1
AIR, ROOMY = 1, 3
"""Columns that a frame leaves free at the right of its lane, and of a single column."""
SCOPED = (1, 3, 4)
"""Areas whose lanes are placed one by one; 2 and 5 repeat the forward lanes at a distance."""


@dataclass(frozen=True)
class Spot:
    """Cells of a lane and its slot: rows of the page, columns relative to the lane's first."""

    area: int
    turn: int
    sub: int
    band: int
    loop: int | None
    left: int
    right: int
    """Up to, not including."""
    first: int
    last: int
    """The last row, included."""

    @property
    def rows(self) -> range:
        return range(self.first, self.last + 1)


Offsets = dict[tuple[int | None, int, int], int]
"""By loop or None, band (0 within loops) and sub-lane: columns right of the first lane."""


def air_of(lane: int) -> int:
    """The columns that a frame leaves free right of a lane of so many: a single one is narrower than captions."""
    return AIR if lane > 1 else ROOMY


def lane_columns(spots: Sequence[Spot], channels: Mapping[int | None, int]) -> list[int]:
    """The column of each spot's lane: the smallest that keep all spots apart, one column between neighbours, and
    between the turns of a loop one more for each line in `channels`; a lone column beside the trunk of another band
    leaves these free."""
    forward = [spot for spot in spots if spot.area == 0]
    offsets = _offsets(forward, frozenset())
    pitch = _pitches(forward, offsets, channels)
    if gaps := _gaps(forward, offsets, pitch, channels):
        offsets = _offsets(forward, gaps)

    def inside(spot: Spot) -> int:
        scope = (spot.loop, 0 if spot.loop is not None else spot.band, spot.sub)
        return offsets.get(scope, 0) + (spot.turn * pitch[spot.loop] if spot.loop is not None else 0)

    edge: dict[int, int] = {}
    trunk = max((GUTTER - min(0, GUTTER + spot.left + inside(spot)) for spot in forward), default=GUTTER)
    columns: dict[int, int] = {}
    _put(forward, [FIRST + trunk + inside(spot) for spot in forward], edge)
    columns.update((id(spot), FIRST + trunk + inside(spot)) for spot in forward)
    for area in sorted({spot.area for spot in spots if spot.area > 0}):
        here = [spot for spot in spots if spot.area == area]
        if area in SCOPED:
            _one_by_one(here, edge, columns)
        else:
            start = _least(here, inside, edge)
            _put(here, [start + inside(spot) for spot in here], edge)
            columns.update((id(spot), start + inside(spot)) for spot in here)
    return [columns[id(spot)] for spot in spots]


def _offsets(spots: Sequence[Spot], gaps: Set[int]) -> Offsets:
    """Where the sub-lanes begin: in a loop the same for all turns, elsewhere band by band, and those of one column not
    in `gaps`."""
    groups: dict[tuple[int | None, int], list[Spot]] = defaultdict(list)
    for spot in spots:
        groups[spot.loop, 0 if spot.loop is not None else spot.band].append(spot)
    found: Offsets = {}
    for (loop, band), here in groups.items():
        edges: dict[tuple[int, int], int] = {}
        last = max(spot.sub for spot in here)
        for sub in sorted({spot.sub for spot in here}):
            lane = [spot for spot in here if spot.sub == sub]
            start = 0
            if sub > 0:
                for spot in lane:
                    for row in spot.rows:
                        if (spot.turn, row) in edges:
                            start = max(start, edges[spot.turn, row] + GUTTER - spot.left)
                if loop is None and all((spot.left, spot.right) == (0, 1) for spot in lane):
                    start = next(at for at in range(start, start + len(gaps) + 1) if at not in gaps)
            found[loop, band, sub] = start
            for spot in lane if sub < last else ():
                for row in spot.rows:
                    edges[spot.turn, row] = max(edges.get((spot.turn, row), start + spot.right), start + spot.right)
    return found


def _pitches(
    spots: Iterable[Spot], offsets: Offsets, channels: Mapping[int | None, int]
) -> dict[int | None, int]:
    """The distance between the turns of each loop."""
    turns: dict[int, list[Spot]] = defaultdict(list)
    for spot in spots:
        if spot.loop is not None:
            turns[spot.loop].append(spot)
    found: dict[int | None, int] = {}
    for loop, here in turns.items():
        least, gap = 1, GUTTER + channels.get(loop, 0)
        seen: dict[int, tuple[int, int]] = {}
        ends: dict[int, tuple[int, int]] = {}
        turn, several = 0, any(spot.turn for spot in here)
        for spot in sorted(here, key=lambda s: s.turn) if several else ():
            if spot.turn != turn:
                seen.update(ends)
                ends, turn = {}, spot.turn
            at = offsets[loop, 0, spot.sub]
            for row in spot.rows:
                if row in seen:
                    before, right = seen[row]
                    least = max(least, -((at + spot.left - gap - right) // (turn - before)))
                ends[row] = (turn, max(ends.get(row, (turn, at + spot.right))[1], at + spot.right))
        found[loop] = least
    return found


def _gaps(
    spots: Sequence[Spot], offsets: Offsets, pitch: Mapping[int | None, int], channels: Mapping[int | None, int]
) -> set[int]:
    """The columns between the turns of loops, right of the first lane, in which lines run."""
    found: set[int] = set()
    for loop in channels:
        here = [spot for spot in spots if spot.loop == loop]
        right = max(offsets[loop, 0, spot.sub] + spot.right for spot in here)
        left = min((offsets[loop, 0, spot.sub] + spot.left for spot in here if spot.turn > 0), default=right)
        for turn in range(max(spot.turn for spot in here)):
            found.update(range(turn * pitch[loop] + right, (turn + 1) * pitch[loop] + left))
    return found


def _put(spots: Sequence[Spot], starts: Sequence[int], edge: dict[int, int]) -> None:
    for spot, start in zip(spots, starts, strict=True):
        for row in spot.rows:
            edge[row] = max(edge.get(row, 0), start + spot.right)


def _least(spots: Iterable[Spot], inside: Callable[[Spot], int], edge: dict[int, int]) -> int:
    """The first column of lanes that keep their distances, right of everything on their rows."""
    return max(
        (edge.get(row, FIRST) + GUTTER - spot.left - inside(spot) for spot in spots for row in spot.rows),
        default=FIRST + GUTTER,
    )


def _one_by_one(spots: Sequence[Spot], edge: dict[int, int], columns: dict[int, int]) -> None:
    """Lanes in order, the first with one place on the page, the others band by band."""
    groups: dict[tuple[int, int, int], list[Spot]] = defaultdict(list)
    for spot in spots:
        page = (spot.turn, spot.sub) == (0, 0) and spot.area != 1
        groups[spot.turn, spot.sub, -1 if page else spot.band].append(spot)
    for key in sorted(groups):
        here = groups[key]
        start = _least(here, lambda spot: 0, edge)
        _put(here, [start] * len(here), edge)
        columns.update((id(spot), start) for spot in here)
