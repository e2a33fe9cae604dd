"""What is written around the boxes: margins, heads, captions, arrows and signs, names of rows and columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sheetgen.cells.a1 import span
from sheetgen.cells.verdicts import while_adding_up
from sheetgen.ir.walk import references
from sheetgen.layout import measure
from sheetgen.layout.drawing.axes import NONE, Axes
from sheetgen.layout.drawing.regions import Source, role_of
from sheetgen.layout.drawing.room import Room
from sheetgen.layout.geometry.figure import Arrow, Band, Box, Frame, Head
from sheetgen.layout.plan import Label, LabelStyle, Role
from sheetgen.layout.words.captions import Captions
from sheetgen.layout.words.margin import Margin

BADGE, TEXT = 1, 2
"""The margin's columns."""
PLAIN = (Role.COPY, Role.ONES, Role.CONSTANT, Role.VERDICT)
"""Roles whose captions have no colour of their own."""
UNLIKE_ONE = "⚠ each column must add up to 1"
SIZE, SMALL = 10.0, 9.0
"""Points of captions and of names of rows and columns."""


def write(
    src: Source, rooms: Sequence[Room], words: Captions, margins: Mapping[int, Margin], axes: Mapping[str, Axes]
) -> None:
    """Write every text of a page into the rooms of its sheets, the most important first."""
    for room in rooms:
        for head in src.placement.heads:
            if rooms[head.sheet] is room:
                _head(room, head, words)
    for band in src.placement.bands:
        _margin(src, rooms, band, margins[band.block.index])
    for box in src.placement.boxes:
        if box.band < 0:
            rooms[box.sheet].write(Label(box.row, box.column - 1, words.name(box), "name", align="right"))
    for frame in src.placement.frames:
        _frame(src, rooms[frame.sheet], frame, words, axes)
    for box in src.placement.boxes:
        _caption(src, rooms[box.sheet], box, words)
    for arrow in src.placement.arrows:
        _arrow(src, rooms[arrow.sheet], arrow, words)
    for box in src.placement.boxes:
        _edges(src, rooms[box.sheet], box, words, axes)


def _head(room: Room, head: Head, words: Captions) -> None:
    """Over its lane; where that is narrower, it begins or ends there."""
    colors = {"parameters": Role.PARAMETER, "gradient": Role.GRADIENT, "weights": Role.GRADIENT, "new": Role.UPDATED}
    style: LabelStyle = "turn" if head.kind == "turn" else "head"
    text, color = words.head(head), colors.get(head.kind, Role.FORWARD)
    wide = sum(room.width(head.column + k) for k in range(head.width))
    last = head.column + head.width - 1
    if measure.text_width(text, SIZE, True) <= wide or not room.free(head.row, head.column - 1):
        room.write(Label(head.row, head.column, text, style, color=color), head.width)
    else:
        room.write(Label(head.row, last, text, style, align="right", color=color), head.width + 1)


def _margin(src: Source, rooms: Sequence[Room], band: Band, margin: Margin) -> None:
    """Badge, title, one equation per line, then the sentences, each wrapped in a merged cell."""
    for sheet, room in enumerate(rooms):
        row = band.first_row
        if margin.badge:
            room.write(Label(row, BADGE, margin.badge, "badge", align="center"))
        room.write(Label(row, TEXT, margin.title, "section"))
        row += 1
        for line in margin.lines:
            if line.on(sheet, src.placement.mode):
                kind = "sentence" if line.kind == "sentence" else "equation"
                room.write(Label(row, TEXT, line.text, kind, rows=line.rows, color=line.role))  # type: ignore[arg-type]
                row += line.rows


def _frame(src: Source, room: Room, frame: Frame, words: Captions, axes: Mapping[str, Axes]) -> None:
    """A turn's name over its lane; a Look closer's title, what the author says of it, and whose terms are added."""
    step = src.steps.get(frame.key, 0)
    room.write(Label(frame.row, frame.column, words.frame(frame), "turn", step, hue=_hue(frame)), frame.width)
    if frame.kind != "closer":
        return
    weights, target = src.weights[frame.key], src.maker[frame.key].target
    if target is not None:
        text = words.words.equation(src.maker[target.matrix])
        room.write(Label(frame.row + 1, frame.column, text, "equation", step, color=Role.FORWARD), frame.width)
    names = _terms(src, weights, axes)
    for j in range(weights.width):
        column = weights.column + j
        if names:
            pale = f"{span(weights.row, column)}=0"
            text = f"from {names[j]}"
            text = text if measure.text_width(text, SMALL) <= room.width(column) else names[j]
            room.write(Label(weights.row - 1, column, text, "label", step, "center", pale=pale))
        room.write(Label(weights.row + 1, column, "×", "arrow", step, "center"))


def _terms(src: Source, weights: Box, axes: Mapping[str, Axes]) -> Sequence[str]:
    """What the terms of a Look closer are called: the rows of the operand whose column weighs them."""
    if weights.expr is None:
        return ()
    names = axes.get(src.matrix[references(weights.expr)[0].name], NONE)[0]
    return names if len(names) == weights.width else ()


def _hue(frame: Frame) -> int | None:
    return None if frame.turn is None else frame.turn + 1


def _caption(src: Source, room: Room, box: Box, words: Captions) -> None:
    """The whole equation where there is room for it, else only the name."""
    role = role_of(src, box)
    color = None if role in PLAIN else role
    if box.glued or box.caption is None:
        sign = words.sign(box)
        if sign and box.glued == "under":
            room.write(Label(box.row, box.column - 1, sign, "function", src.steps[box.key], "right", color))
        return
    style = "hint" if role is Role.COPY else "name"
    for text in words.caption(box):
        columns = room.reach(box.caption.row, box.caption.column, text, SIZE, True, box.caption.columns)
        if columns:
            at, checked = (box.caption.row, box.caption.column), _checked(src, box, text)
            room.write(Label(*at, text, style, src.steps[box.key], color=color, formula=checked), columns)  # type: ignore[arg-type]
            return


def _checked(src: Source, box: Box, text: str) -> str | None:
    """A formula instead of a caption that also tells when columns no longer add up to 1, though a gradient needs it."""
    if box.kind != "home" or box.matrix not in src.program.distributions:
        return None
    if box.turned:
        lines = [span(box.row + i, box.column, 1, box.width) for i in range(box.height)]
    else:
        lines = [span(box.row, box.column + j, box.height, 1) for j in range(box.width)]
    return while_adding_up(lines, text, UNLIKE_ONE)


def _arrow(src: Source, room: Room, arrow: Arrow, words: Captions) -> None:
    """A sign in each row of a gutter; an arrow drawn through where the way is longer."""
    step = src.steps[arrow.target]
    sign = "Σ" if src.weights.get(arrow.target) is not None else words.arrow(arrow)
    color = Role.GRADIENT if src.placement and words.gradient(arrow.target) else None
    for row in range(arrow.first_row, arrow.last_row + 1):
        columns = range(arrow.first_column, arrow.last_column + 1)
        for column in columns:
            text = sign if column == columns[-1] else "—"
            room.write(Label(row, column, text, "arrow", step, "center", color))


def _edges(src: Source, room: Room, box: Box, words: Captions, axes: Mapping[str, Axes]) -> None:
    """Names of rows and columns, where the box has room for them."""
    rows, columns = axes.get(box.matrix, NONE)
    if box.turn is not None and box.width == 1:
        columns = ()  # the turn's own head tells
    rows = rows[slice(*box.rows)] if box.rows and rows else rows
    columns = columns[slice(*box.columns)] if box.columns and columns else columns
    if box.turned:
        rows, columns = columns, rows
    step, labels = src.steps[box.key], box.labels
    if labels.left and _short(rows, room.width(box.column - 1)):
        _down(room, box.row, box.column - 1, rows, step, "right")
    square = box.kind == "home" and box.height == box.width
    if labels.right and square and _short(rows, room.width(box.column + box.width)):
        _down(room, box.row, box.column + box.width, rows, step, "left")
    for there, row in ((labels.above, box.row - 1), (labels.below, box.row + box.height)):
        if there and _short(columns, room.width(box.column)):
            for j, text in enumerate(columns):
                room.write(Label(row, box.column + j, text, "label", step, "center"))


def _short(names: Sequence[str], width: float) -> bool:
    """Whether all names can be read in columns of this width."""
    return all(measure.text_width(name, SMALL) <= width for name in names)


def _down(room: Room, row: int, column: int, texts: Iterable[str], step: int, align: str) -> None:
    for i, text in enumerate(texts):
        room.write(Label(row + i, column, text, "label", step, align))  # type: ignore[arg-type]
