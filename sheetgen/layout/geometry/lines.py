"""Lines between boxes: rails, the state of a loop, and arrows from left operands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sheetgen.layout.geometry import nodes
from sheetgen.layout.geometry.board import Draft
from sheetgen.layout.geometry.columns import Spot
from sheetgen.layout.geometry.figure import Arrow, Band, Box, Link, Rail

LONGEST = 8
"""Cells that an arrow may cross."""


@dataclass(frozen=True)
class Track:
    """A rail before it has a column: its boxes, and its columns right of the lane's first one."""

    source: int
    target: int
    colour: int
    offset: int


def tracks(rails: Sequence[tuple[int, int]], drafts: Sequence[Draft], rows: Sequence[int], loops: Sequence[int | None]) -> list[Track]:
    """Rails of one lane that overlap get columns of their own: intervals, coloured greedily."""
    lanes: dict[tuple[int | None, int, int], list[tuple[int, int]]] = defaultdict(list)
    for source, target in rails:
        draft = drafts[target]
        lanes[loops[draft.band], draft.zone.turn if loops[draft.band] is None else -1, draft.zone.sub].append((source, target))
    found = []
    for (loop, _, sub), here in lanes.items():
        right = _right(drafts, rows, loops, loop, sub, here)
        ends: dict[tuple[int, int], int] = {}
        for source, target in sorted(here, key=lambda rail: (rows[rail[0]], rows[rail[1]])):
            turn = drafts[target].zone.turn
            colour = 0
            while ends.get((turn, colour), -1) >= rows[source]:
                colour += 1
            ends[turn, colour] = rows[target] + drafts[target].height
            found.append(Track(source, target, colour, right + 2 * colour))
    return found


def _right(drafts: Sequence[Draft], rows: Sequence[int], loops: Sequence[int | None], loop: int | None, sub: int,
           rails: Iterable[tuple[int, int]]) -> int:  # fmt: skip
    """The first column right of everything that stands in the lane along the rails."""
    first = min(rows[source] for source, _ in rails)
    last = max(rows[target] + drafts[target].height for _, target in rails)
    return max(
        draft.offset + draft.width
        for draft, row in zip(drafts, rows, strict=True)
        if loops[draft.band] == loop and draft.zone.sub == sub and draft.zone.part == 1 and row < last and row + draft.height > first
    )


def track_spots(found: Iterable[Track], drafts: Sequence[Draft], rows: Sequence[int], loops: Sequence[int | None], area: int) -> list[Spot]:
    """The cells that rails take."""
    return [
        Spot(area, drafts[t.target].zone.turn, drafts[t.target].zone.sub, drafts[t.target].band,
             loops[drafts[t.target].band], t.offset, t.offset + 1, rows[t.source], rows[t.target] + 1)
        for t in found
    ]  # fmt: skip


def rails_of(found: Iterable[Track], drafts: Sequence[Draft], boxes: Sequence[Box], lanes: Mapping[str, int]) -> list[Rail]:
    """On every sheet where both ends stand: values down, gradients up. `lanes` are the lanes' columns by target."""
    by_cells: dict[tuple[str, int], list[Box]] = defaultdict(list)
    for box in boxes:
        by_cells[box.of or box.key, box.sheet].append(box)
    rails = []
    forward = {box.key: box for box in boxes}
    for t in found:
        source, target = forward[drafts[t.source].key], forward[drafts[t.target].key]
        column = lanes[target.key] + t.offset
        rails.append(_rail(source, target, column, False, t.colour))
        for sheet in (0, 1, 2):
            starts = [b for b in by_cells[source.key, sheet] if b.phase != "forward" and b.kind != "part"]
            ends = [b for b in by_cells[target.key, sheet] if b.phase != "forward" and b.kind != "part"]
            for start in starts:
                for end in ends:
                    if start.phase == end.phase and (start.row, end.row) == (source.row, target.row):
                        gradient = start.phase == "backward"
                        ahead = column + start.column - source.column
                        rails.append(_rail(end, start, ahead, True, t.colour) if gradient else _rail(start, end, ahead, False, t.colour))
    return rails


def _rail(source: Box, target: Box, column: int, gradient: bool, colour: int) -> Rail:
    return Rail(source.key, target.key, source.sheet, column, source.row, target.row + min(1, target.height - 1), gradient, colour)


def links_of(pairs: Iterable[tuple[str, str]], boxes: Sequence[Box], bands: Sequence[Band]) -> list[Link]:
    """State lines: forward to the right and up; gradients, on their own cells, to the left and down."""
    at = {box.key: box for box in boxes}
    parts: dict[tuple[int, int, int], Box] = {(box.sheet, box.row, box.column): box for box in boxes}
    gradients = {(box.of, box.phase): box for box in boxes if box.kind in ("home", "row")}
    found = []
    for state, reader in pairs:
        source, target = at.get(state), at.get(reader)
        if source is None or target is None:
            continue
        wraps = bands[source.band].block.group != bands[target.band].block.group
        found.append(Link(state, reader, 0, target.column - 1, source.row, target.row, False, wraps))
        after, copy = gradients.get((state, "after")), parts.get((2, target.row, target.column))
        if after is not None and copy is not None and after.sheet == 2:
            found.append(Link(after.key, copy.key, 2, copy.column - 1, after.row, copy.row, False, wraps))
        back, share = gradients.get((state, "backward")), parts.get((1, target.row, target.column))
        if back is not None and share is not None and back.sheet == 1:
            found.append(Link(share.key, back.key, 1, share.column - 1, share.row, back.row, True, wraps))
    return found


def arrows_of(boxes: Sequence[Box], rails: Iterable[Rail]) -> list[Arrow]:
    """From the nearest operand at the left of each result, on its rows, where nothing stands between."""
    at = {box.key: box for box in boxes}
    ends: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for box in boxes:
        for row in range(box.row, box.row + box.height):
            ends[box.sheet, row].append((box.column, box.column + box.width))
    lines = {(rail.sheet, rail.column): (min(rail.source_row, rail.target_row), max(rail.source_row, rail.target_row)) for rail in rails}
    found = []
    for box in boxes:
        if box.expr is None or box.kind in ("copy", "weights", "terms"):
            continue
        left = [at[name] for name in dict.fromkeys(ref.name for ref in nodes.references(box.expr)) if name in at]
        left = [b for b in left if b.sheet == box.sheet and b.row == box.row and b.column + b.width <= box.column and b.kind != "ones"]
        left = [b for b in left if (b.phase, box.phase) != ("forward", "backward")]
        if not left:
            continue
        source = max(left, key=lambda b: b.column)
        first, last = source.column + source.width, box.column - 1
        rows = range(box.row, box.row + min(source.height, box.height))
        free = all(not (a < last + 1 and b > first) for row in rows for a, b in ends[box.sheet, row])
        crossed = any(sheet == box.sheet and first <= c <= last and a <= rows[-1] and b >= rows[0] for (sheet, c), (a, b) in lines.items())
        if free and not crossed and 1 <= last - first + 1 <= LONGEST:
            sign = "→" if box.phase == "update" else nodes.sign_of(box.expr, source.key)
            found.append(Arrow(source.key, box.key, box.sheet, rows[0], rows[-1], first, last, sign))
    return found
