"""Rails, state lines and frames → lines along the sides of cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sheetgen.layout.geometry.figure import Box, Frame, Link, Placement, Rail
from sheetgen.layout.plan import Diagonal, Edge, Label, Role

GRADIENT = -1
"""The hue of what carries gradients."""
STATE = 2
"""The hue of what one turn hands to the next."""

Line = Edge | Diagonal | Label


def lines(placement: Placement, steps: Mapping[str, int], name: Mapping[str, str]) -> Iterator[tuple[int, Line]]:
    """Every line, and the arrow heads at their ends, with the number of its sheet.

    `steps` and `name` (what a reader calls the matrix) are by key of the box.
    """
    boxes = {box.key: box for box in placement.boxes}
    for rail in placement.rails:
        yield from ((rail.sheet, line) for line in _rail(rail, boxes, steps[rail.target], name[rail.source]))
    for link in placement.links:
        yield from ((link.sheet, line) for line in _link(link, boxes, steps[link.target]))
    for frame in placement.frames:
        yield from ((frame.sheet, edge) for edge in _frame(frame, steps.get(frame.key, 0)))


def _rail(rail: Rail, boxes: Mapping[str, Box], step: int, name: str) -> Iterator[Line]:
    """Out of the source to the right, along the column, and into the target."""
    hue = rail.colour + 1
    source, target = boxes[rail.source], boxes[rail.target]
    top, bottom = sorted((rail.source_row, rail.target_row))
    out, back = source.column + source.width, target.column + target.width
    first, last = ("top", "bottom") if rail.source_row <= rail.target_row else ("bottom", "top")
    yield Edge(rail.source_row, out, 1, rail.column - out + 1, first, hue, step=step)  # type: ignore[arg-type]
    yield Edge(top, rail.column, bottom - top + 1, 1, "right", hue, step=step)
    yield Edge(rail.target_row, back, 1, rail.column - back + 1, last, hue, step=step)  # type: ignore[arg-type]
    yield Label(rail.target_row, back, "◄ +" if rail.gradient else f"◄{name}", "function", step, hue=hue)


def _link(link: Link, boxes: Mapping[str, Box], step: int) -> Iterator[Line]:
    """From the state's row across the gap to the next turn, rising for values and falling for gradients."""
    hue = GRADIENT if link.gradient else STATE
    color = Role.GRADIENT if link.gradient else Role.ACTIVATION
    if link.wraps:
        text = "◂" if link.gradient else "▸"
        yield Label(link.source_row, link.column, text, "arrow", step, "left", color)
        return
    top, bottom = sorted((link.source_row, link.target_row))
    head = "◂" if link.gradient else "▸"
    if top == bottom:
        yield Label(top, link.column, head, "arrow", step, "center", color)
        return
    yield Label(link.target_row, link.column, head, "arrow", step, "center", color)
    first, last = (top + 1, bottom) if link.target_row < link.source_row else (top, bottom - 1)
    yield Diagonal(first, link.column, last - first + 1, True, hue, step)


def _frame(frame: Frame, step: int) -> Iterator[Edge]:
    """A line above and one below: at its sides it would take the place of the matrices' own outlines."""
    hue = 0 if frame.turn is None else frame.turn + 1
    yield Edge(frame.row, frame.column, 1, frame.width, "top", hue, step=step)
    yield Edge(frame.row + frame.height - 1, frame.column, 1, frame.width, "bottom", hue, step=step)
