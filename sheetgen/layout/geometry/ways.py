"""Where lines may run on a sheet, and the way between two corners of cells with the fewest detours and bends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from itertools import pairwise

import numpy as np

from sheetgen.layout.geometry.figure import Corner

BEND = 6
"""Cells of a detour that are no worse than a bend."""
CORNER = 5
"""Cells of a detour that are no worse than a box's corner on the way."""
NEVER = 1 << 20
"""More than any way costs."""
Segment = tuple[Corner, Corner]
State = tuple[Corner, int]
"""Where a line has come to, and along which axis: 0 down or up, 1 across."""


class Ways:
    """The sides of a sheet's cells along which lines may run: between free cells only, and along no other one's."""

    def __init__(self, taken: np.ndarray, tops: Set[int]) -> None:
        self.taken, self.tops = taken, sorted(tops)
        """The cells in which something stands, and the rows over which there is a line or a caption."""
        self.used = np.zeros((2, *taken.shape), dtype=np.int32)
        """Whose line runs from each corner down and to the right; 0 for nobody's."""

    def run(self, own: int, path: Sequence[Corner]) -> None:
        """Let line number `own` run along a path."""
        for (row, column), (below, right) in pairwise(path):
            self.used[0, min(row, below) : max(row, below), column] = own
            self.used[1, row, min(column, right) : max(column, right)] = own

    def free(self, own: int, segment: Segment) -> bool:
        """Whether line number `own` may run along this side of a cell."""
        (row, column), (_, right) = segment
        before = self.taken[row, column - 1] if right == column else self.taken[row - 1, column]
        return not (before or self.taken[row, column]) and self.used[int(right != column), row, column] in (0, own)

    def touches(self, at: Corner) -> bool:
        """Whether a box has a corner there."""
        row, column = at
        return bool(self.taken[row - 1 : row + 1, column - 1 : column + 1].any())

    def shortest(self, own: int, start: Corner, end: Corner, rows: range) -> tuple[Corner, ...]:
        """The corners of the way of line number `own` from left to right within these rows; () if there is none. Of
        ways that cost the same, each corner is reached through the one nearest to the start, then the first."""
        columns = range(start[1], end[1] + 1)
        first, last = ((row - rows.start, column - columns.start) for row, column in (start, end))
        forth, back = self._steps(own, rows, columns, last)
        ready = [np.full(forth[0].shape, NEVER) for _ in (0, 1)]
        """By axis, the least cost up to each corner if the line goes on along that axis."""
        ready[1][first] = 0
        total = -1
        while total != (total := int(ready[0].sum() + ready[1].sum())):
            for axis in (0, 1):
                ready[axis] = _gone(np.minimum(ready[axis], ready[1 - axis] + BEND), forth[axis], back[axis], axis)
        come = [_come(ready[axis], forth[axis], back[axis], axis) for axis in (0, 1)]
        come[1][first] = 0
        if come[1][last] >= NEVER:
            return ()
        costs, steps = [each.tolist() for each in come], ([each.tolist() for each in way] for way in (forth, back))
        found = _turns(list(_back((last, 1), (first, 1), costs, *steps)))
        return tuple((rows.start + row, columns.start + column) for row, column in found)

    def _steps(self, own: int, rows: range, columns: range, end: Corner) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """By axis, what each step costs: to a corner from the one before it, and back to it from the next one."""
        taken = self.taken[rows.start - 1 : rows.stop, columns.start - 1 : columns.stop]
        before, above, here = taken[1:, :-1], taken[:-1, 1:], taken[1:, 1:]
        into = 1 + CORNER * (before | above | here | taken[:-1, :-1])
        into[end] = 1
        used = self.used[:, rows.start : rows.stop, columns.start : columns.stop]
        shut = NEVER * (np.stack((before, above)) | here | ((used != 0) & (used != own)))
        forth, back = ([into.copy(), into.copy()] for _ in (0, 1))
        tops = [row - rows.start for row in self.tops if row in rows]
        for way in (forth, back):
            way[1][tops] += BEND
        forth[0][1:] += shut[0][:-1]
        forth[1][:, 1:] += shut[1][:, :-1]
        return forth, [back[axis] + shut[axis] for axis in (0, 1)]


def _gone(ready: np.ndarray, forth: np.ndarray, back: np.ndarray, axis: int) -> np.ndarray:
    """The least cost up to each corner, with any number of steps along an axis."""
    for step, ahead in ((forth, True), (back, False)):
        ready, step = (np.moveaxis(x if ahead else np.flip(x, axis), axis, 0) for x in (ready, step))
        far = np.cumsum(step, 0) - step[0]
        ready = np.minimum.accumulate(ready - far, 0) + far
        ready = np.moveaxis(ready, 0, axis) if ahead else np.flip(np.moveaxis(ready, 0, axis), axis)
    return ready


def _come(ready: np.ndarray, forth: np.ndarray, back: np.ndarray, axis: int) -> np.ndarray:
    """The least cost up to each corner, with a last step along an axis."""
    found = np.full_like(ready, NEVER)
    came, went, to, fro = (np.moveaxis(x, axis, 0) for x in (found, ready, forth, back))
    came[1:] = went[:-1] + to[1:]
    came[:-1] = np.minimum(came[:-1], went[1:] + fro[:-1])
    return found


def _back(state: State, start: State, costs: Sequence[list[list[int]]], forth: Sequence[list[list[int]]],
          back: Sequence[list[list[int]]]) -> Iterator[State]:  # fmt: skip
    """The states on the way, from its end."""
    high, wide = len(costs[0]), len(costs[0][0])
    while state != start:
        yield state
        (row, column), axis = state
        sides = ((row - 1, column), (row + 1, column)) if axis == 0 else ((row, column - 1), (row, column + 1))
        befores = []
        for at in sides:
            if 0 <= at[0] < high and 0 <= at[1] < wide:
                step = (forth if at < (row, column) else back)[axis][row][column]
                rest = costs[axis][row][column] - step
                befores += [(cost, at, way) for way in (0, 1)
                            if (cost := costs[way][at[0]][at[1]]) + BEND * (way != axis) == rest]  # fmt: skip
        _, at, axis = min(befores)
        state = (at, axis)
    yield state


def _turns(states: Sequence[State]) -> list[Corner]:
    """Where a path begins, turns and ends, of its states from the end on."""
    found = [states[0][0], *(at for (_, axis), (at, before) in pairwise(states) if axis != before)]
    return [*([states[-1][0]] if found[-1] != states[-1][0] else []), *found[::-1]]
