"""State lines: along the borders of free cells, from one turn of a loop to the next, with as few bends as may be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise

import numpy as np

from sheetgen.layout.geometry.board import Draft
from sheetgen.layout.geometry.figure import Band, Box, Corner, Link, Rail
from sheetgen.layout.geometry.grid import Grid

BEND = 6
"""Cells of a detour that are no worse than a bend."""
CORNER = 5
"""Cells of a detour that are no worse than a box's corner on the way."""
MOST_LINES = 2
"""Lines for which there is room between two turns."""
Segment = tuple[Corner, Corner]
State = tuple[Corner, int]
"""Where a line has come to, and along which axis."""


def channels(pairs: Iterable[tuple[str, str]], drafts: Sequence[Draft], at: Sequence[int], loops: Sequence[int | None],
             split: bool) -> dict[int | None, int]:  # fmt: skip
    """The lines for which the turns of a loop leave room: the states that stand on other rows than what reads them;
    unless gaps are to be `split`, only where slots don't let any slant from lane to lane. `loops` are the bands'
    loops, `at` the rows of the drafts."""
    slots = {loops[draft.band] for draft in drafts if draft.zone.turn > 0 and draft.zone.part == 0}
    number = {draft.key: k for k, draft in enumerate(drafts)}
    states: dict[tuple[int | None, int | None], set[str]] = defaultdict(set)
    for state, reader in pairs:
        source = drafts[number[state]] if state in number else None
        room = source is not None and (split or loops[source.band] in slots)
        if source is not None and room and reader in number and at[number[reader]] != at[number[state]]:
            states[loops[source.band], source.turn].add(state)
    return {loop: min(MOST_LINES, max(len(states[at]) for at in states if at[0] == loop)) for loop, _ in states}


def links_of(
    pairs: Iterable[tuple[str, str]], boxes: Sequence[Box], bands: Sequence[Band], rails: Iterable[Rail]
) -> list[Link]:
    """State lines, values to the right and up; gradients the same way back. One line leads to the first of the copies
    that a turn has of a state."""
    keys = {box.key: box for box in boxes}
    behind = {(box.of, box.phase): box for box in boxes if box.kind in ("home", "row") and box.phase != "forward"}
    shares = {(box.phase, box.row, *_lane(box)): box for box in boxes if box.phase != "forward"}
    taken = Grid()
    for box in boxes:
        taken.take(box.sheet, box.row, box.column, box.height, box.width)
    used: dict[int, dict[Segment, str]] = defaultdict(dict)
    for rail in rails:
        used[rail.sheet].update((((r, rail.column + 1), (r + 1, rail.column + 1)), rail.source) for r in rail.rows)
    tops = {band.first_row for band in bands}
    found = []
    led: set[tuple[str, int | None]] = set()
    for state, reader in pairs:
        source, target = keys.get(state), keys.get(reader)
        if source is None or target is None or (state, target.turn) in led:
            continue
        led.add((state, target.turn))
        wraps = bands[source.band].block.group != bands[target.band].block.group
        ends = [(source, target)]
        for phase in ("after", "backward"):
            first, last = behind.get((state, phase)), shares.get((phase, target.row, *_lane(target)))
            if first is not None and last is not None and first.sheet == last.sheet:
                ends.append((first, last))
        for a, b in ends:
            path: tuple[Corner, ...] = ()
            if not wraps:
                ways = Ways(taken.sheet(a.sheet), used[a.sheet], a.key, tops)
                path = _direct(a, b, ways) or _path(a, b, ways) or _slanted(a, b, taken)
            used[a.sheet].update(dict.fromkeys(_segments(path), a.key))
            gradient = a.phase == "backward"
            keyed = (b.key, a.key) if gradient else (a.key, b.key)
            low = _is_straight(path)  # it runs under the first rows, and its head stands next to it
            left, right = (a.row + (low and a.height > 1), a.right), (b.row + (low and b.height > 1), b.column - 1)
            found.append(Link(*keyed, a.sheet, path, left, right, gradient, wraps))
    return found


def _lane(box: Box) -> tuple[int, int, int]:
    return (box.zone.turn, box.zone.sub, box.zone.part)


def _segments(path: Sequence[Corner]) -> Iterator[Segment]:
    """The sides of cells along a path, each from its upper left end."""
    for (row, column), (below, right) in pairwise(path):
        for r in range(min(row, below), max(row, below)):
            yield (r, column), (r + 1, column)
        for c in range(min(column, right), max(column, right)):
            yield (row, c), (row, c + 1)


def _is_straight(path: Sequence[Corner]) -> bool:
    """Whether a line is made of straight pieces only."""
    return bool(path) and all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(path))


def _slanted(source: Box, target: Box, taken: Grid) -> tuple[Corner, ...]:
    """From the right of a box to the only column left of another one, and through that column from corner to corner;
    () where it isn't free."""
    back, rising = source.phase == "backward", target.row < source.row  # the head's own cell stays free
    start, end = source.row + (not back or not rising), target.row + (back or rising)
    out, column = source.right, target.column - 1
    rows = abs(end - start)
    along = taken.free(source.sheet, start - 1, out, 2, column - out)
    if out > column or not rows or not along or not taken.free(source.sheet, min(start, end), column, rows):
        return ()
    return (*([(start, out)] if out < column else []), (start, column), (end, column + 1))


@dataclass(frozen=True)
class Ways:
    """Where a line may run: between free cells only, and along no other one's."""

    taken: np.ndarray
    used: Mapping[Segment, str]
    """By whom."""
    own: str
    tops: Set[int] = frozenset()
    """The first rows of bands, over which there is a line."""

    def free(self, segment: Segment) -> bool:
        """Whether the line may run along this side of a cell."""
        (row, column), (_, right) = segment
        before = self.taken[row, column - 1] if right == column else self.taken[row - 1, column]
        return not (before or self.taken[row, column]) and self.used.get(segment, self.own) == self.own

    def touches(self, at: Corner) -> bool:
        """Whether a box has a corner there."""
        row, column = at
        return bool(self.taken[row - 1 : row + 1, column - 1 : column + 1].any())


def _direct(source: Box, target: Box, ways: Ways) -> tuple[Corner, ...]:
    """The shortest line of all: along the row, at once up or down, and on; () where it isn't free or turns at the
    corner of a box."""
    (row, out), (there, end) = (source.row + 1, source.right), (target.row + 1, target.column)
    for column in range(out, end):
        if column > out and not ways.free(((row, column - 1), (row, column))):
            return ()
        corners = dict.fromkeys(((row, out), (row, column), (there, column), (there, end)))
        turns = [corner for corner in ((row, column), (there, column)) if corner not in ((row, out), (there, end))]
        if row != there and not any(map(ways.touches, turns)) and all(map(ways.free, _segments(tuple(corners)))):
            return tuple(corners)
    return ()


def _path(source: Box, target: Box, ways: Ways) -> tuple[Corner, ...]:
    """The corners of the line from the right of a box to the left of another one with the fewest detours and bends, or
    () where there is no way. Only the states are visited that a free page would bring no further than that."""
    start, end = (source.row + 1, source.right), (target.row + 1, target.column)
    rows = range(min(source.row, target.row), max(source.below, target.below) + 1)
    columns = range(start[1], end[1] + 1)
    todo: list[tuple[int, int, Corner, int]] = [(_ahead(start, 1, end), 0, start, 1)]
    best: dict[State, tuple[int, int, Corner, int]] = {(start, 1): (0, 0, start, 1)}
    """The least cost of each state, and the state before it: of several the nearest to the start, then the first."""
    while todo and todo[0][0] <= best.get((end, 1), (1 << 30,))[0]:
        _, cost, at, axis = heappop(todo)
        if cost > best[at, axis][0]:
            continue
        for step, way in (((-1, 0), 0), ((1, 0), 0), ((0, 1), 1), ((0, -1), 1)):
            there = (at[0] + step[0], at[1] + step[1])
            if there[0] not in rows or there[1] not in columns or not ways.free((min(at, there), max(at, there))):
                continue
            new = cost + 1 + BEND * (way != axis) + CORNER * (there != end and ways.touches(there))
            new += BEND * (way == 1 and at[0] in ways.tops)
            before = best.get((there, way), (1 << 30,))
            if (new, cost, at, axis) < before:
                best[there, way] = (new, cost, at, axis)
                if new < before[0]:
                    heappush(todo, (new + _ahead(there, way, end), new, there, way))
    return _corners((end, 1), (start, 1), {state: found[2:] for state, found in best.items()})


def _ahead(at: Corner, axis: int, end: Corner) -> int:
    """The least cost from a state to the end of a line, which comes in from the left."""
    bends = 1 if axis == 0 else 2 * (at[0] != end[0])
    return abs(end[0] - at[0]) + abs(end[1] - at[1]) + BEND * bends


def _corners(state: State, start: State, before: Mapping[State, State]) -> tuple[Corner, ...]:
    """Where the path to a state begins, turns and ends; () if there is none."""
    if state not in before:
        return ()
    found = [state[0]]
    while state != start:
        last, state = state, before[state]
        if last[1] != state[1]:
            found.append(state[0])
    return (*([] if found[-1] == state[0] else [state[0]]), *found[::-1])
