"""Lines between boxes: rails, and arrows from left operands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter

from sheetgen.layout.geometry import nodes
from sheetgen.layout.geometry.board import Draft
from sheetgen.layout.geometry.columns import Spot
from sheetgen.layout.geometry.figure import Arrow, Band, Box, Rail, Zone
from sheetgen.layout.geometry.grid import Grid, grid_of
from sheetgen.ops.views import blocks_of
from sheetgen.records import replace

LONGEST = 8
"""Cells that an arrow may cross."""


@dataclass(frozen=True)
class Track:
    """A rail before it has a column: its boxes, and its columns right of the lane's first one."""

    source: int
    target: int
    colour: int
    offset: int


def tracks(rails: Sequence[tuple[int, int]], drafts: Sequence[Draft], rows: Sequence[int]) -> list[Track]:
    """Rails of one lane that overlap get columns of their own, those of one source one for all: intervals, coloured
    greedily."""
    lanes: dict[Zone, list[tuple[int, int]]] = defaultdict(list)
    for source, target in rails:
        lanes[drafts[target].zone].append((source, target))
    found = []
    for zone, here in lanes.items():
        right = _right(drafts, rows, zone, here)
        ends: dict[int, int] = {}
        colours: dict[int, int] = {}
        for source, target in sorted(here, key=lambda rail: (rows[rail[0]], rows[rail[1]])):
            free = next(k for k in range(len(here)) if ends.get(k, -1) < rows[source] or source in colours)
            colour = colours.setdefault(source, free)
            ends[colour] = max(ends.get(colour, -1), rows[target] + drafts[target].height)
            found.append(Track(source, target, colour, right + 2 * colour))
    return found


def _right(drafts: Sequence[Draft], rows: Sequence[int], zone: Zone, rails: Iterable[tuple[int, int]]) -> int:
    """The first column right of everything that stands in the lane along its rails."""
    first = min(rows[source] for source, _ in rails)
    last = max(rows[target] + drafts[target].height for _, target in rails)
    return max(
        draft.offset + draft.width
        for draft, row in zip(drafts, rows, strict=True)
        if draft.zone == zone and row < last and row + draft.height > first
    )


def track_spots(
    found: Iterable[Track], drafts: Sequence[Draft], rows: Sequence[int], bands: Sequence[Band], area: int
) -> list[Spot]:
    """The cells that rails take, band by band."""
    spots = []
    for track in found:
        target = drafts[track.target]
        zone, end = target.zone, rows[track.target] + target.height - 1
        for band in bands[drafts[track.source].band : target.band + 1]:
            first, last = max(rows[track.source], band.first_row), min(end, band.last_row)
            spots.append(Spot(area, zone.turn, zone.sub, band.block.index, band.block.loop, track.offset,
                              track.offset + 1, first, last))  # fmt: skip
    return spots


def rails_of(
    found: Sequence[Track], drafts: Sequence[Draft], boxes: Sequence[Box], lanes: Mapping[str, int]
) -> list[Rail]:
    """On every sheet where both ends stand: values down, gradients up. `lanes` are the lanes' columns by target."""
    if not found:
        return []
    keys = {box.key: box for box in boxes}
    behind: dict[tuple[str, str], Box] = {}
    for box in boxes:
        if box.phase == "after" or (box.phase == "backward" and box.kind == "home"):
            behind[box.at, box.phase] = box
    ends: dict[tuple[int, int], list[Box]] = defaultdict(list)
    for box in boxes:
        for row in range(box.row, box.below):
            ends[box.sheet, row].append(box)
    rails = []
    entered: dict[int, int] = defaultdict(int)
    for track in found:
        source, target = keys[drafts[track.source].key], keys[drafts[track.target].key]
        column = lanes[target.key] + track.offset
        entered[track.target] += 1
        row = min(entered[track.target], target.height - 1)  # each rail into one box has a row of its own
        row = _part(target, source.key, row)
        rails.append(_rail(source, target, column, track.colour, row, ends))
        for phase in ("backward", "after"):
            start, end = behind.get((source.key, phase)), behind.get((target.key, phase))
            if start is not None and end is not None and start.sheet == end.sheet:
                pair = (end, start) if phase == "backward" else (start, end)
                rails.append(_rail(*pair, column + start.column - source.column, track.colour, row, ends))
    return rails


def _part(target: Box, key: str, row: int) -> int:
    """The first row of a stack that shows box `key`; `row` in any other box."""
    top = 0
    for part in blocks_of(target.expr, 0) if target.expr is not None and nodes.is_stack(target.expr) else ():
        if key in (ref.name for ref in part.references):
            return top
        top += part.shape[0]
    return row


def _rail(
    source: Box, target: Box, column: int, colour: int, row: int, boxes: Mapping[tuple[int, int], Sequence[Box]]
) -> Rail:
    def right(box: Box, row: int) -> int:
        near = [*boxes[box.sheet, row], *boxes[box.sheet, row + 1]]  # it runs between these rows
        return max(b.right for b in near if box.column <= b.column and b.right <= column)

    last = target.row + min(row, target.height - 1)
    return Rail(source.key, target.key, source.sheet, column, source.row, last, right(source, source.row),
                right(target, last), source.phase == "backward", colour)  # fmt: skip


def right_of(rails: Iterable[Rail], row: int, height: int, column: int) -> int:
    """The first column from `column` on that lies right of all rails that cross these rows, and of their gap."""
    crossing = [r for r in rails if r.rows.start < row + height and r.rows.stop > row]
    return max([column, *(rail.column + 2 for rail in crossing)])


def arrows_of(boxes: Sequence[Box], rails: Iterable[Rail]) -> list[Arrow]:
    """From the nearest operand at the left of each result, on its rows, where nothing stands between; behind a rail
    only the end of it."""
    keys = {box.key: box for box in boxes}
    taken, lines = grid_of(boxes), Grid()
    for rail in rails:
        lines.take(rail.sheet, rail.rows.start, rail.column, len(rail.rows))
    found = []
    for box in boxes:
        for source in _nearest(box, keys):
            back = source.column > box.column
            first, last = (box.right, source.column - 1) if back else (source.right, box.column - 1)
            rows = range(box.row, min(source.below, box.below))
            near = first <= last < first + LONGEST and box.expr is not None
            if not near or not taken.free(box.sheet, rows.start, first, len(rows), last + 1 - first):
                continue
            if not lines.free(box.sheet, rows.start, first, len(rows), last + 1 - first):
                first = last = first if back else last
                if not lines.free(box.sheet, rows.start, first, len(rows)):
                    continue
            found.append(Arrow(source.key, box.key, box.sheet, rows[0], rows[-1], first, last, back))
    return found


def returns(boxes: Iterable[Box]) -> list[tuple[Box, Box]]:
    """What is made of side calculations above it at the right, and the lowest of these, if that ends right above its
    caption."""
    keys, found = {box.key: box for box in boxes}, []
    for box in keys.values():
        read = [keys[ref.name] for ref in (box.expr.references if box.expr else ()) if ref.name in keys]
        right = [each for each in read if each.column >= box.right and each.below <= box.row and each.kind != "copy"]
        lowest = max(filter(partial(_beside, box), right), key=attrgetter("below"), default=None)
        if lowest is not None and box.head <= lowest.below:
            found.append((box, lowest))
    return found


def _beside(box: Box, aside: Box) -> bool:
    """Whether a box stands in the lane next to that of another, in its band."""
    lane = replace(box.zone, sub=box.zone.sub + 1)
    return (aside.sheet, aside.band, aside.phase, aside.zone) == (box.sheet, box.band, box.phase, lane)


def _nearest(box: Box, keys: Mapping[str, Box]) -> list[Box]:
    """The operands of a box that stand next to it on its rows: at the left; at the right the gradient of which a
    weight's is made, if that stands in the weight's cells, and copies where gradients have their own sheet."""
    if box.expr is None or box.kind in ("copy", "weights", "terms"):
        return []
    here = [
        operand
        for operand in (keys[ref.name] for ref in box.expr.references if ref.name in keys)
        if (operand.sheet, operand.row) == (box.sheet, box.row)
        and operand.kind != "ones"
        and ((operand.phase, box.phase) != ("forward", "backward") or (operand.kind == "copy" and box.sheet > 0))
    ]
    left = max((o for o in here if o.right <= box.column), key=lambda o: o.column, default=None)
    weight = box.phase == "backward" and box.zone.part == 0
    apart = box.phase == "backward" and box.sheet > 0
    back = [o for o in here if o.column >= box.right
            and ((weight and o.phase == "backward") or (apart and o.kind == "copy"))]  # fmt: skip
    right = min(back, key=lambda o: o.column, default=None)
    return [found for found in (left, right) if found is not None]


def risen(boxes: Sequence[Box], bands: Sequence[Band]) -> list[Box]:
    """The boxes; the first gradient of a band's lane with a row for arrows above it if one in a band above reads it,
    and if that row is free."""
    at = {(box.sheet, box.key): box for box in boxes}
    read = {
        (box.sheet, ref.name)
        for box in boxes if box.phase == "backward" and box.expr is not None
        for ref in box.expr.references
        if (source := at.get((box.sheet, ref.name))) is not None and source.band > box.band
    }  # fmt: skip
    first: dict[tuple[int, int, Zone], Box] = {}
    for box in boxes:
        lane = (box.sheet, box.band, box.zone)
        if box.phase == "backward" and (lane not in first or box.row < first[lane].row):
            first[lane] = box
    taken = grid_of(boxes)
    found = []
    for box in boxes:
        rises = (box.sheet, box.key) in read and first.get((box.sheet, box.band, box.zone)) == box
        if rises and box.caption is not None and box.zone.part == 1:
            row = box.caption.row - 1
            free = taken.free(box.sheet, row, box.column, 1, box.width)
            box = replace(box, lead=int(free and row >= bands[box.band].first_row))
        found.append(box)
    return found
