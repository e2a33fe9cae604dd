"""Rails, state lines and frames → lines along the sides of cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby, pairwise

from sheetgen.layout.drawing.framed import sided
from sheetgen.layout.drawing.needs import ADDS
from sheetgen.layout.drawing.room import Room
from sheetgen.layout.geometry.columns import FIRST
from sheetgen.layout.geometry.figure import Box, Frame, Link, Placement, Rail
from sheetgen.layout.plan import Diagonal, Edge, Label, Role

GRADIENT = -1
"""The hue of what carries gradients."""
UP, DOWN = "↑", "↓"
COPIED = ("copy", "weights", "terms")
"""Kinds of boxes that repeat what stands elsewhere."""
STATE, MEMORY = 2, 7
"""The hue of what one turn hands to the next, and of what it remembers beside that."""

Line = Edge | Diagonal | Label


def lines(
    placement: Placement, steps: Mapping[str, int], name: Callable[[str], str], turn: Callable[[str], str],
    roles: Mapping[str, Role],
) -> Iterator[tuple[int, Line]]:  # fmt: skip
    """Rails and state lines, and the arrow heads at their ends, with the number of their sheet.

    `steps`, `name` (what a reader calls the matrix) and `turn` (of a loop) are by key of the box, `roles` by matrix.
    """
    for rail in placement.rails:
        yield from ((rail.sheet, line) for line in _rail(rail, steps[rail.target], name(rail.source)))
    for link in placement.links:
        look = _look(link, roles.get(link.source))
        found = (_wrapped(link, steps[link.target], look, name, turn) if link.wraps
                 else _link(link, steps[link.target], look, name(link.source)))  # fmt: skip
        yield from ((link.sheet, line) for line in found)


def frames(placement: Placement, sheet: int, steps: Mapping[str, int], room: Room) -> Iterator[Edge]:
    """The lines around the frames of a sheet, when its texts are written; between turns with state lines, which stand
    where their sides would, only above and below."""
    sides = sided(placement)
    for frame in placement.frames:
        if frame.sheet == sheet:
            step = steps.get(frame.key, 0)
            if frame in sides:
                yield from _sides(frame, step, placement.boxes, room)
            hue = _hue(frame)
            yield Edge(frame.row, frame.column, 1, frame.width, "top", hue, step=step)
            yield Edge(frame.row + frame.height - 1, frame.column, 1, frame.width, "bottom", hue, step=step)


def _rail(rail: Rail, step: int, name: str) -> Iterator[Line]:
    """From under the first row of the source to the right, along the column, and under a row of the target: no caption
    stands on it."""
    hue, top = rail.colour + 1, rail.rows.start
    yield Edge(rail.source_row, rail.out, 1, rail.column - rail.out + 1, "bottom", hue, step=step)
    carries = f"{name} {UP if rail.gradient else DOWN}"
    yield Edge(top + 1, rail.column, rail.rows.stop - top - 1, 1, "right", hue, step=step, carries=carries)
    yield Edge(rail.target_row, rail.back, 1, rail.column - rail.back + 1, "bottom", hue, step=step)
    yield Label(rail.target_row, rail.back, ADDS if rail.gradient else f"◄{name}", "function", step, hue=hue)


def _link(link: Link, step: int, look: tuple[int, str], name: str) -> Iterator[Line]:
    """Along its path, with a head where it ends; without a path, a sign where it leaves and one where it enters."""
    hue, head = look
    for (row, column), (below, right) in pairwise(link.path):
        rows, columns = abs(below - row), right - column
        if rows and columns:
            yield Diagonal(min(row, below), column, rows, below < row, hue, step)
        elif rows:
            carries = f"{name} {UP if below < row else DOWN}"
            yield Edge(min(row, below), column - 1, rows, 1, "right", hue, step=step, carries=carries)
        else:
            yield Edge(row - 1, min(column, right), 1, abs(columns), "bottom", hue, step=step)
    end = link.left if link.gradient else link.right
    for row, column in (end,) if link.path else (link.left, link.right):
        if column >= FIRST:
            yield Label(row, column, head, "arrow", step, "center", hue=hue)


def _wrapped(
    link: Link, step: int, look: tuple[int, str], name: Callable[[str], str], turn: Callable[[str], str]
) -> Iterator[Line]:
    """Where it leaves the page and where it enters it again, and from where to where."""
    hue, head = look
    later = link.source if link.gradient else link.target
    yield Label(*link.left, f"{head} {turn(later)}", "function", step, hue=hue)
    if link.right[1] >= FIRST:
        from_above = head if link.gradient else f"{name(link.source)}, from above {head}"
        yield Label(*link.right, from_above, "function", step, "right", hue=hue)


def _look(link: Link, role: Role | None) -> tuple[int, str]:
    """A state line's hue, its box's, and its head."""
    return (GRADIENT, "◂") if link.gradient else (MEMORY if role is Role.MEMORY else STATE, "▸")


def _hue(frame: Frame) -> int:
    return 0 if frame.turn is None else frame.turn + 1


def _sides(frame: Frame, step: int, boxes: Iterable[Box], room: Room) -> Iterator[Edge]:
    """A line left and right, broken where a text runs on, and around a turn where a matrix stands there that has an
    outline of its own, which a copy's dashes are not; and where the caption above that ends at the line."""
    last = frame.column + frame.width - 1
    here = [b for b in boxes if b.sheet == frame.sheet and frame.kind == "turn" and b.kind not in COPIED]
    for column, side in ((frame.column, "left"), (last, "right")):
        taken = {row for box in here if box.column <= column < box.right for row in range(box.row, box.below)}
        whole = range(frame.row, frame.row + frame.height)
        beyond = column if side == "left" else column + 1
        taken |= {row - 1 for row in taken if side == "right" and room.ends(row - 1, column)}
        free = [row for row in whole if row not in taken and not room.crossed(row, beyond)]
        for _, together in groupby(enumerate(free), lambda each: each[1] - each[0]):
            rows = [row for _, row in together]
            yield Edge(rows[0], column, len(rows), 1, side, _hue(frame), step=step)  # type: ignore[arg-type]
