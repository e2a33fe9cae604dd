"""The names of rows and columns at the edges of the boxes: as they are, or wrapped, or upright, or as a list."""

from __future__ import annotations

from collections import defaultdict
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
BESIDE, BELOW = 15, 14
"""Columns and rows within which the same names aren't repeated: the eye finds them along the row, or up the lane."""
Names = Mapping[str, Axes]
Written = dict[tuple[int, int, int], list[tuple[Sequence[str], int]]]
"""The names that stand along some rows, or some columns, of a sheet (its number, the first of them, how many), and in
which column, or row."""


def write_names(src: Source, rooms: Sequence[Room], axes: Names) -> None:
    """Write the names at the edges that are free, each axis once as far as the eye reaches. What has no such edge
    anywhere is listed beside its caption."""
    told: set[tuple[str, int]] = set()
    along: tuple[Written, Written] = defaultdict(list), defaultdict(list)
    boxes = sorted(src.placement.boxes, key=lambda box: (box.sheet, box.row, box.column))
    for box in boxes:
        rows, _ = _wanted(box, axes)
        if rows and _rows(rooms[box.sheet], box, rows, src.steps[box.key], along[0][box.sheet, box.row, box.height]):
            told.add((box.matrix, int(box.turned)))
    here: set[str] = set()
    for below in (False, True):  # first where a row is kept for them
        for box in boxes:
            _, columns = _wanted(box, axes)
            room, known = rooms[box.sheet], along[1][box.sheet, box.column, box.width]
            if _by_head(box, axes) or (columns and _columns(room, box, columns, src.steps[box.key], known, below)):
                told.add((box.matrix, int(not box.turned)))
                here.add(box.key)
    for box in boxes:
        _, columns = _wanted(box, axes)
        lone = columns and box.turn is not None and box.expr is None and box.key not in here
        if lone and _list(rooms[box.sheet], box, columns, src.steps[box.key]):
            told.add((box.matrix, int(not box.turned)))
    homes = {box.matrix: box for box in reversed(src.placement.boxes) if box.kind == "home" and box.expr is None}
    for given in src.program.givens:
        for axis, names in enumerate((given.rows, given.columns)):
            if names and given.name in homes and (given.name, axis) not in told:
                home = homes[given.name]
                _list(rooms[home.sheet], home, names, src.steps[home.key])


def _wanted(box: Box, axes: Names) -> Axes:
    """The names of rows and columns that may stand at a box: a single row or column of what is computed in a turn, or
    stands on a further sheet, is told by the box."""
    rows, columns = _names_of(box, axes)
    if (box.sheet and box.turn is None) or (box.turn is not None and box.expr is not None):
        rows, columns = rows if box.height > 1 else (), columns if box.width > 1 else ()
    return rows, () if _by_head(box, axes) else columns


def _by_head(box: Box, axes: Names) -> bool:
    """Whether it is a column of a turn whose name only counts, as the turn's own head does."""
    given = box.turn is not None and box.expr is None and box.width == 1
    return given and bool(_names_of(box, axes)[1]) and _counted(axes[box.matrix][1])


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


def _rows(room: Room, box: Box, names: Sequence[str], step: int, known: list[tuple[Sequence[str], int]]) -> bool:
    """Left of the box, where they may run over free cells, or right of it; of a wide matrix on both sides. Whether they
    are there, or within reach on the same rows."""
    for back, free, column in ((True, box.labels.left, box.column - 1), (False, box.labels.right, box.right)):
        near = any(same == names and abs(column - at) <= BESIDE for same, at in known)
        if near or (free and _beside(room, box, names, step, column, back)):
            known += [] if near else [(names, column)]
            if box.width <= BESIDE:
                return True
    return any(same == names for same, _ in known)


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


def _columns(
    room: Room, box: Box, names: Sequence[str], step: int, known: list[tuple[Sequence[str], int]], below: bool
) -> bool:
    """Above the box, where a row is kept for them, or `below` it where they don't stand in reach; wrapped or upright
    ones at one of the two. Whether they are there, or in reach."""
    row = box.below if below else box.row - 1
    near = below and any(same == names and abs(row - at) < BELOW for same, at in known)
    if near or not (box.labels.below if below else box.labels.above) or not room.free(row, box.column, box.width):
        return near
    widths = [room.width(box.column + j) for j in range(box.width)]
    lines = max(prose_lines(name, width, NAME) for name, width in zip(names, widths, strict=True))
    words = ((word, width) for name, width in zip(names, widths, strict=True) for word in name.split())
    upright = lines > MOST_LINES or any(measure.text_width(word, NAME) > width for word, width in words)
    lined = 1 if upright else lines
    if below and (upright or lined > 1) and any(same == names and at == box.row - 1 for same, at in known):
        return True
    known.append((names, row))
    for j, name in enumerate(names):
        room.write(Label(row, box.column + j, name, "label", step, "center", lines=lined, upright=upright))
    return True


def _list(room: Room, box: Box, names: Sequence[str], step: int) -> bool:
    """Names that have no edge, behind the box's caption or beside its first row. Whether they are there."""
    text = ", ".join(names)
    if box.caption is not None and room.extend(box.caption.row, box.caption.column, text, box.caption.columns):
        return True
    columns = room.reach(box.row, box.right, text, NAME, False, 1 << 10)
    return columns > 0 and room.write(Label(box.row, box.right, text, "note", step), columns)
