"""The names of rows and columns at the edges of the boxes: as they are, or wrapped, or upright, or as a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sheetgen.layout import measure
from sheetgen.layout.drawing.axes import NONE, Axes
from sheetgen.layout.drawing.regions import MOST_DIGITS, Source
from sheetgen.layout.drawing.room import Room
from sheetgen.layout.geometry.columns import FIRST
from sheetgen.layout.geometry.figure import Box
from sheetgen.layout.plan import Label
from sheetgen.layout.words.symbols import differing
from sheetgen.layout.words.wrap import prose_lines

NAME = 9.0
"""Points of a name."""
MOST_LINES = 3
"""Lines of a name over a column; one with longer words stands upright."""
EVERY = 3
"""So many low rows of a heat map have one name."""
Names = Mapping[str, Axes]


def write_names(src: Source, rooms: Sequence[Room], axes: Names) -> None:
    """Write the names at the edges that are free. What has no such edge anywhere is listed beside its caption."""
    told: set[tuple[str, int]] = set()
    for box in src.placement.boxes:
        rows, columns = _names_of(box, axes)
        room, step = rooms[box.sheet], src.steps[box.key]
        if box.sheet and box.turn is None:  # a single row or column is told by its box
            rows, columns = rows if box.height > 1 else (), columns if box.width > 1 else ()
        if box.turn is not None:
            if box.expr is None and box.width == 1 and columns and _counted(axes[box.matrix][1]):
                told.add((box.matrix, 1))  # by the turn's own head
                columns = ()
            elif box.expr is not None:
                rows, columns = rows if box.height > 1 else (), columns if box.width > 1 else ()
        if rows and _rows(room, box, rows, step):
            told.add((box.matrix, int(box.turned)))
        here = _columns(room, box, columns, step) if columns else False
        if here or (columns and box.turn is not None and box.expr is None and _list(room, box, columns, step)):
            told.add((box.matrix, int(not box.turned)))
    homes = {box.matrix: box for box in reversed(src.placement.boxes) if box.kind == "home" and box.expr is None}
    for given in src.program.givens:
        for axis, names in enumerate((given.rows, given.columns)):
            if names and given.name in homes and (given.name, axis) not in told:
                home = homes[given.name]
                _list(rooms[home.sheet], home, names, src.steps[home.key])


def _names_of(box: Box, axes: Names) -> Axes:
    """The names of the rows and of the columns that stand in a box."""
    rows, columns = axes.get(box.matrix, NONE)
    rows = rows[slice(*box.rows)] if box.rows and rows else rows
    columns = columns[slice(*box.columns)] if box.columns and columns else columns
    return (columns, rows) if box.turned else (rows, columns)


def _counted(names: Sequence[str]) -> bool:
    """Whether names only count: t1, t2, t3."""
    parted = differing(names) if len(names) > 1 else None
    return parted is not None and parted[1] == tuple(str(k + 1) for k in range(len(names)))


def _rows(room: Room, box: Box, names: Sequence[str], step: int) -> bool:
    """Left of the box, where they may run over free cells; of a square matrix on both sides. Whether they are there."""
    square = box.kind == "home" and box.height == box.width
    left = box.labels.left and _beside(room, box, names, step, box.column - 1, back=True)
    if not box.labels.right or (left and not square):
        return left
    return _beside(room, box, names, step, box.column + box.width) or left


def _beside(room: Room, box: Box, names: Sequence[str], step: int, column: int, back: bool = False) -> bool:
    every = EVERY if box.height > MOST_DIGITS and box.width > MOST_DIGITS else 1
    places = [(i, min(every, box.height - i)) for i in range(0, box.height, every)]
    places = [place for place in places if place[1] > 1 or every == 1]
    most = 1 if every > 1 or not back else column - FIRST + 1
    spans = [room.reach(box.row + i, column, names[i], NAME, False, most, back) for i, _ in places]
    if not all(spans):
        return False
    for (i, rows), span in zip(places, spans, strict=True):
        room.write(Label(box.row + i, column, names[i], "label", step, "right" if back else "left", rows=rows), span)
    return True


def _columns(room: Room, box: Box, names: Sequence[str], step: int) -> bool:
    """Above and below the box; wrapped or upright ones at one of the two."""
    edges = ((box.labels.above, box.row - 1), (box.labels.below, box.below))
    rows = [row for there, row in edges if there and room.free(row, box.column, box.width)]
    widths = [room.width(box.column + j) for j in range(box.width)]
    lines = max(prose_lines(name, width, NAME) for name, width in zip(names, widths, strict=True))
    words = ((word, width) for name, width in zip(names, widths, strict=True) for word in name.split())
    upright = lines > MOST_LINES or any(measure.text_width(word, NAME) > width for word, width in words)
    plain = lines == 1 and not upright
    for row in rows if plain else rows[:1]:
        for j, name in enumerate(names):
            lined = 1 if upright else lines
            room.write(Label(row, box.column + j, name, "label", step, "center", lines=lined, upright=upright))
    return bool(rows)


def _list(room: Room, box: Box, names: Sequence[str], step: int) -> bool:
    """Names that have no edge, behind the box's caption or beside its first row. Whether they are there."""
    text = ", ".join(names)
    if box.caption is not None and room.extend(box.caption.row, box.caption.column, text, box.caption.columns):
        return True
    columns = room.reach(box.row, box.right, text, NAME, False, 1 << 10)
    return columns > 0 and room.write(Label(box.row, box.right, text, "note", step), columns)
