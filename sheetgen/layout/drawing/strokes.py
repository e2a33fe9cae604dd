"""Rails, state lines and frames → lines along the sides of cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from sheetgen.layout.drawing.paper import ADDS
from sheetgen.layout.geometry.columns import FIRST
from sheetgen.layout.geometry.figure import Frame, Link, Placement, Rail
from sheetgen.layout.plan import Diagonal, Edge, Label

GRADIENT = -1
"""The hue of what carries gradients."""
STATE = 2
"""The hue of what one turn hands to the next."""

Line = Edge | Diagonal | Label


def lines(
    placement: Placement, steps: Mapping[str, int], name: Mapping[str, str], turn: Mapping[str, str]
) -> Iterator[tuple[int, Line]]:
    """Every line, and the arrow heads at their ends, with the number of its sheet.

    `steps`, `name` (what a reader calls the matrix) and `turn` (of a loop) are by key of the box.
    """
    for rail in placement.rails:
        yield from ((rail.sheet, line) for line in _rail(rail, steps[rail.target], name[rail.source]))
    for link in placement.links:
        found = _wrapped(link, steps[link.target], name, turn) if link.wraps else _link(link, steps[link.target])
        yield from ((link.sheet, line) for line in found)
    for frame in placement.frames:
        yield from ((frame.sheet, edge) for edge in _frame(frame, steps.get(frame.key, 0)))


def _rail(rail: Rail, step: int, name: str) -> Iterator[Line]:
    """Out of the source to the right, along the column, and into the target."""
    hue = rail.colour + 1
    top, bottom = sorted((rail.source_row, rail.target_row))
    first, last = ("top", "bottom") if rail.source_row <= rail.target_row else ("bottom", "top")
    yield Edge(rail.source_row, rail.out, 1, rail.column - rail.out + 1, first, hue, step=step)  # type: ignore[arg-type]
    yield Edge(top, rail.column, bottom - top + 1, 1, "right", hue, step=step)
    yield Edge(rail.target_row, rail.back, 1, rail.column - rail.back + 1, last, hue, step=step)  # type: ignore[arg-type]
    yield Label(rail.target_row, rail.back, ADDS if rail.gradient else f"◄{name}", "function", step, hue=hue)


def _link(link: Link, step: int) -> Iterator[Line]:
    """Along its path, with a head where it ends; without a path, a sign where it leaves and one where it enters."""
    hue, head = _look(link)
    for (row, column), (below, right) in pairwise(link.path):
        rows, columns = abs(below - row), right - column
        if rows and columns:
            yield Diagonal(min(row, below), column, rows, below < row, hue, step)
        elif rows:
            yield Edge(min(row, below), column - 1, rows, 1, "right", hue, step=step)
        else:
            yield Edge(row - 1, min(column, right), 1, abs(columns), "bottom", hue, step=step)
    end = link.left if link.gradient else link.right
    for row, column in (end,) if link.path else (link.left, link.right):
        if column >= FIRST:
            yield Label(row, column, head, "arrow", step, "center", hue=hue)


def _wrapped(link: Link, step: int, name: Mapping[str, str], turn: Mapping[str, str]) -> Iterator[Line]:
    """Where it leaves the page and where it enters it again, and from where to where."""
    hue, head = _look(link)
    later = link.source if link.gradient else link.target
    yield Label(*link.left, f"{head} {turn[later]}", "function", step, hue=hue)
    if link.right[1] >= FIRST:
        from_above = head if link.gradient else f"{name[link.source]}, from above {head}"
        yield Label(*link.right, from_above, "function", step, "right", hue=hue)


def _look(link: Link) -> tuple[int, str]:
    """A state line's hue, and its head."""
    return (GRADIENT, "◂") if link.gradient else (STATE + link.colour, "▸")


def _frame(frame: Frame, step: int) -> Iterator[Edge]:
    """A line above and one below: at its sides it would take the place of the matrices' own outlines."""
    hue = 0 if frame.turn is None else frame.turn + 1
    yield Edge(frame.row, frame.column, 1, frame.width, "top", hue, step=step)
    yield Edge(frame.row + frame.height - 1, frame.column, 1, frame.width, "bottom", hue, step=step)
