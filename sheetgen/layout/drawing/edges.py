"""The names of rows and columns at the edges of the boxes: as they are, or wrapped, or upright, or as a list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal

from sheetgen.layout import measure
from sheetgen.layout.axes import NONE, Axes
from sheetgen.layout.drawing.regions import MOST_DIGITS, Source
from sheetgen.layout.drawing.room import Room
from sheetgen.layout.geometry.abreast import abreast
from sheetgen.layout.geometry.columns import FIRST
from sheetgen.layout.geometry.figure import Box, Placement
from sheetgen.layout.plan import Label, LabelStyle
from sheetgen.layout.words.symbols import differing
from sheetgen.layout.words.wrap import prose_lines

NAME, FROM = 9.0, 8.0
"""Points of a name, and of what the terms of a Look closer are called."""
APART, TOUCHING = 0.8, 0.5
"""Characters that should be free between the names of neighbouring columns, and that must be: names which are closer
stand in more lines, or in small print."""
WEDGED = 0.8
"""Characters that must be free where the name of a row stands between two matrices."""
OTHERS = "others"
"""What the last term of a Look closer is called that adds up all which weigh nothing."""
MOST_LINES = 3
"""Lines of a name over a column; one with longer words stands upright."""
EVERY = 3
"""So many low rows of a heat map have one name."""
BESIDE, BELOW = 15, 14
"""Columns and rows within which the same names aren't repeated: the eye finds them along the row, or up the lane."""
Names = Mapping[str, Axes]
Written = dict[tuple[int, int, int, int], list[tuple[Sequence[str], int]]]
"""The names that stand along some rows, or some columns, of a sheet (its number, the first of them, how many, and the
frame around them), and in which column, or row."""


def write_names(src: Source, rooms: Sequence[Room], axes: Names) -> None:
    """Write the names at the edges that are free, each axis once as far as the eye reaches, and in all turns of a loop
    or in none. What has no such edge anywhere is listed beside its caption."""
    told: set[tuple[str, int]] = set()
    boxes = sorted(src.placement.boxes, key=lambda box: (box.sheet, box.row, box.column))
    groups = [same for same in abreast(boxes) if any(any(axes.get(box.matrix, NONE)) for box in same)]
    along: tuple[Written, Written] = defaultdict(list), defaultdict(list)
    for same in groups:
        framed = _framed(src.placement, same[0])  # else the names at the first tell all
        if named := _write_rows(src, rooms, axes, same if framed else same[:1], along[0]):
            told |= {(box.matrix, int(box.turned)) for box in (named if framed else same)}
    here: set[str] = set()
    for below in (False, True):  # first where a row is kept for them
        for same in groups:
            named = _write_columns(src, rooms, axes, same, along[1], below)
            told |= {(box.matrix, int(not box.turned)) for box in named}
            here |= {box.key for box in named}
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


def _framed(placement: Placement, box: Box) -> int:
    """The number of the frame around a turn in which a box stands, from 1; 0 if there is none."""
    frames = enumerate(placement.frames, 1)
    inside = (k for k, f in frames if f.kind == "turn" and f.sheet == box.sheet and f.turn == box.turn
              and f.band <= box.band <= f.last_band)  # fmt: skip
    return next(inside, 0)


def _write_rows(src: Source, rooms: Sequence[Room], axes: Names, same: Sequence[Box], along: Written) -> list[Box]:
    """Write the names of rows at all of these boxes or at none; those where they are, or are within reach."""
    boxes = [box for box in same if _wanted(box, axes)[0]]
    found = []
    for box in boxes:
        known = along[box.sheet, box.row, box.height, _framed(src.placement, box)]
        found.append(_rows(rooms[box.sheet], box, _wanted(box, axes)[0], src.steps[box.key], known))
    if not all(there for there, _ in found) and len(found) > 1:
        return []
    for box, (_, places) in zip(boxes, found, strict=True):
        for label, span, column in places:
            rooms[box.sheet].write(label, span)
            mark = (_wanted(box, axes)[0], column)
            known = along[box.sheet, box.row, box.height, _framed(src.placement, box)]
            known += [] if mark in known else [mark]
    return [box for box, (there, _) in zip(boxes, found, strict=True) if there]


def _rows(
    room: Room, box: Box, names: Sequence[str], step: int, known: list[tuple[Sequence[str], int]]
) -> tuple[bool, list[tuple[Label, int, int]]]:
    """Left of the box, where they may run over free cells, or right of it; of a wide matrix on both sides. Whether they
    have a place or are within reach on the same rows, and what to write, with the columns that it covers and the one
    where it begins."""
    found: list[tuple[Label, int, int]] = []
    there = any(same == names for same, _ in known)
    for back, free, column in ((True, box.labels.left, box.column - 1), (False, box.labels.right, box.right)):
        near = any(same == names and abs(column - at) <= BESIDE for same, at in known)
        more = _beside(room, box, names, step, column, back) if free and not near else []
        if near or more:
            found += [(label, span, column) for label, span in more]
            there = True
            if box.width <= BESIDE:
                break
    return there, found


def _beside(
    room: Room, box: Box, names: Sequence[str], step: int, column: int, back: bool = False
) -> list[tuple[Label, int]]:
    every = EVERY if box.height > MOST_DIGITS and box.width > MOST_DIGITS else 1
    places = [(i, min(every, box.height - i)) for i in range(0, box.height, every)]
    places = [place for place in places if place[1] > 1 or every == 1]
    most = 1 if every > 1 or not back else column - FIRST + 1
    spans = [_span(room, box.row + i, column, names[i], most, back, box.kind == "home") for i, _ in places]
    align: Literal["left", "right"] = "right" if back else "left"
    return [
        (Label(box.row + i, column, names[i], "label", step, align, rows=rows), span)
        for (i, rows), span in zip(places, spans, strict=True)
    ] if all(spans) else []  # fmt: skip


def _span(room: Room, row: int, column: int, name: str, most: int, back: bool, anyhow: bool) -> int:
    """The columns that the name of a row covers; 0 where it has no room or, if not `anyhow`, would touch a matrix or a
    line that follows."""
    span = room.reach(row, column, name, NAME, False, most, back)
    beyond = column - span if back else column + span
    if not span or not room.ends_at(row, beyond, back):
        return span
    return room.reach(row, column, name, NAME, False, most, back, air=WEDGED) or (span if anyhow else 0)


def _write_columns(
    src: Source, rooms: Sequence[Room], axes: Names, same: Sequence[Box], along: Written, below: bool
) -> list[Box]:
    """Write the names of columns at all of these boxes or at none: above, where a row is kept for them, or `below`
    where they don't stand in reach. Those where they are, or are in reach."""
    heads = [box for box in same if _by_head(box, axes)]
    boxes = [box for box in same if _wanted(box, axes)[1]]
    known = [along[box.sheet, box.column, box.width, 0] for box in boxes]
    near = [below and _near(box, _wanted(box, axes)[1], old) for box, old in zip(boxes, known, strict=True)]
    places = [_columns(rooms[box.sheet], box, _wanted(box, axes)[1], src.steps[box.key], below) for box in boxes]
    if all(near) or not all(there or labels for there, labels in zip(near, places, strict=True)):
        return [*heads, *(box for box, there in zip(boxes, near, strict=True) if there)]
    for box, old, labels in zip(boxes, known, places, strict=True):
        names, above = _wanted(box, axes)[1], box.row - 1
        special = any(label.upright or label.lines > 1 for label in labels)
        if below and special and any(same == names and at == above for same, at in old):
            continue
        for label in labels:
            rooms[box.sheet].write(label)
        old += [(names, box.below if below else above)] if labels else []
    return [*heads, *boxes]


def _near(box: Box, names: Sequence[str], known: list[tuple[Sequence[str], int]]) -> bool:
    """Whether the names of a box's columns stand within reach of the row under it."""
    return any(same == names and abs(box.below - at) < BELOW for same, at in known)


def _columns(room: Room, box: Box, names: Sequence[str], step: int, below: bool) -> list[Label]:
    """Names over a box or under it, if its edge is free there; wrapped or upright ones where they are long."""
    row = box.below if below else box.row - 1
    if not (box.labels.below if below else box.labels.above) or not room.free(row, box.column, box.width):
        return []
    widths = [room.width(box.column + j) for j in range(box.width)]
    close = TOUCHING if box.width > 1 else 0.0
    lines = max(prose_lines(name, width - close, NAME) for name, width in zip(names, widths, strict=True))
    words = [(word, width) for name, width in zip(names, widths, strict=True) for word in name.split()]
    upright = lines > MOST_LINES or any(measure.text_width(word, NAME) > width for word, width in words)
    small = not upright and any(measure.text_width(word, NAME) > width - close for word, width in words)
    style: LabelStyle = "shape" if small else "label"
    return [
        Label(row, box.column + j, name, style, step, "center", lines=1 if upright else lines, upright=upright)
        for j, name in enumerate(names)
    ]


def _list(room: Room, box: Box, names: Sequence[str], step: int) -> bool:
    """Names that have no edge, behind the box's caption or beside its first row. Whether they are there."""
    text = ", ".join(names)
    if box.caption is not None and room.extend(box.caption.row, box.caption.column, text, box.caption.columns):
        return True
    columns = room.reach(box.row, box.right, text, NAME, False, 1 << 10)
    return columns > 0 and room.write(Label(box.row, box.right, text, "note", step), columns)


def terms(src: Source, statement: str, axes: Names) -> tuple[Sequence[str], Sequence[str]]:
    """What the terms of a Look closer are called, at length and in short: from the rows of the operand whose column
    weighs them."""
    weights, picked = src.weights[statement], src.maker[statement].terms
    names: Sequence[str] = ()
    if weights.expr is not None:
        names = axes.get(src.matrix[weights.expr.references[0].name], NONE)[0]
    if picked:
        names = [str(names[k]) if k < len(names) else f"{k + 1}" for k in picked]
    elif len(names) != weights.width:
        names = ()
    rest = [OTHERS] if picked else []
    return [*(f"from {name}" for name in names), *rest], [*names, *rest]
