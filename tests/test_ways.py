"""The way of a state line, against a search that goes corner by corner."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import pairwise

import numpy as np
import pytest

from sheetgen.layout.geometry.figure import Corner
from sheetgen.layout.geometry.ways import BEND, CORNER, State, Ways

STEPS = (((-1, 0), 0), ((1, 0), 0), ((0, 1), 1), ((0, -1), 1))


def searched(ways: Ways, own: int, start: Corner, end: Corner, rows: range) -> list[State]:
    """The states from the start on, the cheapest first; of equal ones, the first."""
    todo: list[tuple[int, Corner, int]] = [(0, start, 1)]
    best: dict[State, int] = {(start, 1): 0}
    before: dict[State, State] = {}
    while todo:
        cost, at, axis = heappop(todo)
        if (at, axis) == (end, 1):
            found = [(at, axis)]
            while found[-1] in before:
                found.append(before[found[-1]])
            return found[::-1]
        for (down, right), way in STEPS:
            there = (at[0] + down, at[1] + right)
            new = cost + 1 + BEND * (way != axis) + CORNER * (there != end and ways.touches(there))
            new += BEND * (way == 1 and at[0] in ways.tops)
            inside = there[0] in rows and start[1] <= there[1] <= end[1]
            if inside and new < best.get((there, way), 1 << 30) and ways.free(own, (min(at, there), max(at, there))):
                best[there, way], before[there, way] = new, (at, axis)
                heappush(todo, (new, there, way))
    return []


@pytest.mark.parametrize("seed", range(300))
def test_a_line_takes_the_way_with_the_fewest_detours_and_bends(seed: int) -> None:
    random = np.random.default_rng(seed)
    high, wide = random.integers(3, 14), random.integers(2, 9)
    taken = np.zeros((high + 4, wide + 4), dtype=bool)
    taken[1 : high + 1, 1 : wide + 1] = random.random((high, wide)) < random.choice((0.05, 0.15))
    ways = Ways(taken, {int(row) for row in random.integers(1, high + 1, 2)})
    for other in range(1, 4):
        (row, column), (below, right) = ((int(random.integers(1, high)), int(random.integers(1, wide))) for _ in "ab")
        ways.run(other, ((row, column), (below, column), (below, right)))
    start, end = (int(random.integers(1, high)), 1), (int(random.integers(1, high)), int(wide))
    states = searched(ways, 1, start, end, range(1, high + 1))
    turns = [at for (at, axis), (_, after) in pairwise(states) if axis != after]
    turns = [at for k, at in enumerate(turns) if k or at != start]
    expected = (start, *turns, end) if states else ()
    assert ways.shortest(1, start, end, range(1, high + 1)) == expected
