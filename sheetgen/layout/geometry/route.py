"""State lines: along the borders of free cells, from one turn of a loop to the next, with as few bends as may be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from sheetgen.layout.geometry.board import Draft
from sheetgen.layout.geometry.columns import air_of
from sheetgen.layout.geometry.figure import Band, Box, Corner, Link, Rail
from sheetgen.layout.geometry.grid import Grid, grid_of
from sheetgen.layout.geometry.ways import Segment, Ways

MOST_LINES = 2
"""Lines for which there is room between two turns."""


def channels(pairs: Iterable[tuple[str, str]], drafts: Sequence[Draft], at: Sequence[int], loops: Sequence[int | None],
             split: bool) -> dict[int | None, int]:  # fmt: skip
    """The lines for which the turns of a loop leave room: the states that stand on other rows than what reads them;
    unless gaps are to be `split`, only where slots don't let any slant from lane to lane; and the air of frames where
    turns without states have some, so that these stand apart. `loops` are the bands' loops, `at` the rows of the
    drafts."""
    slots = {loops[draft.band] for draft in drafts if draft.zone.turn > 0 and draft.zone.part == 0}
    number = {draft.key: k for k, draft in enumerate(drafts)}
    states: dict[tuple[int | None, int | None], set[str]] = defaultdict(set)
    for state, reader in pairs:
        source = drafts[number[state]] if state in number else None
        room = source is not None and (split or loops[source.band] in slots)
        if source is not None and room and reader in number and at[number[reader]] != at[number[state]]:
            states[loops[source.band], source.turn].add(state)
    own = {loops[draft.band] for draft in drafts if draft.kind == "home" and draft.zone.turn > 0
           and (draft.zone.sub, draft.zone.part) == (0, 0)}  # fmt: skip
    found = {loop: min(MOST_LINES, max(len(states[at]) for at in states if at[0] == loop)) for loop, _ in states}
    lanes = [draft for draft in drafts if draft.zone.area == 0 and draft.zone.part == 1]
    wide = {loop: max(d.offset + d.width + d.zone.sub for d in lanes if loops[d.band] == loop) for loop in own}
    return ({loop: air_of(wide[loop]) for loop in own} if split else {}) | found


def links_of(
    pairs: Iterable[tuple[str, str]], boxes: Sequence[Box], bands: Sequence[Band], rails: Sequence[Rail]
) -> list[Link]:
    """State lines, values to the right and up; gradients the same way back. One line leads to the first of the copies
    that a turn has of a state."""
    keys = {box.key: box for box in boxes}
    behind = {(box.of, box.phase): box for box in boxes if box.kind in ("home", "row") and box.phase != "forward"}
    shares = {(box.phase, box.row, *_lane(box)): box for box in boxes if box.phase != "forward"}
    taken = grid_of(boxes)
    for rail in rails:
        taken.sheet(rail.sheet, rail.rows.stop, rail.column + 1)
    numbers, lined = {key: k for k, key in enumerate(keys, 1)}, defaultdict[int, set[int]](set)
    for box in boxes:
        lined[box.sheet].update((box.caption.row + 1,) if box.caption is not None else ())
    tops = {band.first_row for band in bands}
    ways = {sheet: Ways(cells, tops | lined[sheet]) for sheet, cells in taken.sheets.items()}
    for rail in rails:
        column = rail.column + 1
        ways[rail.sheet].run(numbers[rail.source], ((rail.rows.start, column), (rail.rows.stop, column)))
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
                at = (a, b, ways[a.sheet], numbers[a.key])
                path = _direct(*at) or _around(*at) or _slanted(a, b, taken)
            ways[a.sheet].run(numbers[a.key], path)
            gradient = a.phase == "backward"
            keyed = (b.key, a.key) if gradient else (a.key, b.key)
            low = _is_straight(path)  # it runs under the first rows, and its head stands next to it
            left, right = (a.row + (low and a.height > 1), a.right), (b.row + (low and b.height > 1), b.column - 1)
            found.append(Link(*keyed, a.sheet, path, left, right, gradient, wraps))
    return found


def _lane(box: Box) -> tuple[int, int, int]:
    return (box.zone.turn, box.zone.sub, box.zone.part)


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


def _direct(source: Box, target: Box, ways: Ways, own: int) -> tuple[Corner, ...]:
    """The shortest line of all: along the row, at once up or down, and on; () where it isn't free or turns at the
    corner of a box."""
    (row, out), (there, end) = (source.row + 1, source.right), (target.row + 1, target.column)
    for column in range(out, end):
        if column > out and not ways.free(own, ((row, column - 1), (row, column))):
            return ()
        corners = dict.fromkeys(((row, out), (row, column), (there, column), (there, end)))
        turns = [corner for corner in ((row, column), (there, column)) if corner not in ((row, out), (there, end))]
        sides = _segments(tuple(corners))
        if row != there and not any(map(ways.touches, turns)) and all(ways.free(own, side) for side in sides):
            return tuple(corners)
    return ()


def _segments(path: Sequence[Corner]) -> Iterator[Segment]:
    """The sides of cells along a path of straight pieces, each from its upper left end."""
    for (row, column), (below, right) in pairwise(path):
        for r in range(min(row, below), max(row, below)):
            yield (r, column), (r + 1, column)
        for c in range(min(column, right), max(column, right)):
            yield (row, c), (row, c + 1)


def _around(source: Box, target: Box, ways: Ways, own: int) -> tuple[Corner, ...]:
    """The line from the right of a box to the left of another one with the fewest detours and bends, or () where there
    is no way."""
    rows = range(min(source.row, target.row), max(source.below, target.below) + 1)
    return ways.shortest(own, (source.row + 1, source.right), (target.row + 1, target.column), rows)
