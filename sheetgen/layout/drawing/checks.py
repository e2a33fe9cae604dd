"""Captions that also tell when a matrix is no longer what a gradient takes it for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sheetgen.cells.a1 import span
from sheetgen.cells.verdicts import while_adding_up
from sheetgen.layout.drawing.regions import Source
from sheetgen.layout.drawing.room import Room
from sheetgen.layout.geometry.figure import Box
from sheetgen.layout.plan import Label

UNLIKE_ONE = "⚠ each column must add up to 1"


def write_checks(src: Source, rooms: Sequence[Room]) -> None:
    """Make the captions of matrices whose columns must add up to 1 live; where there is none, write a text that is
    empty as long as they do."""
    for box in src.placement.boxes:
        if box.kind == "home" and box.matrix in src.program.distributions:
            room = rooms[box.sheet]
            at = next((k for k, label in enumerate(room.labels) if _captions(label, box)), None)
            if at is not None:
                room.labels[at] = room.labels[at]._replace(formula=_formula(box, room.labels[at].text))
                continue
            row, column = next(((r, c) for r, c in _beside(box) if room.free(r, c)), (box.row - 1, box.column))
            room.labels.append(Label(row, column, "", "note", src.steps[box.key], formula=_formula(box, "")))


def _captions(label: Label, box: Box) -> bool:
    """Whether a label is the caption of a box."""
    if box.caption is None or label.row != box.caption.row or label.style not in ("name", "function"):
        return False
    return box.column <= label.column < box.column + box.width or label.column == box.caption.column


def _beside(box: Box) -> Iterator[tuple[int, int]]:
    """Cells over, under and right of a box."""
    yield from ((box.row - 1, box.column), (box.row + box.height, box.column), (box.row, box.column + box.width))


def _formula(box: Box, text: str) -> str:
    if box.turned:
        lines = [span(box.row + i, box.column, 1, box.width) for i in range(box.height)]
    else:
        lines = [span(box.row, box.column + j, box.height, 1) for j in range(box.width)]
    return while_adding_up(lines, text, UNLIKE_ONE)
