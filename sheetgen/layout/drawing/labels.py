"""What is written around the boxes: margins, heads, captions, arrows and signs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from itertools import pairwise, product
from typing import NamedTuple

from sheetgen.cells.a1 import reference, span
from sheetgen.cells.verdicts import CHANGE
from sheetgen.ir.node import matrix
from sheetgen.layout import measure
from sheetgen.layout.drawing.captions import SIZE, write_captions
from sheetgen.layout.drawing.edges import APART, FROM, Names, terms, write_names
from sheetgen.layout.drawing.margins import write_gradients, write_margin, write_reasons
from sheetgen.layout.drawing.regions import Source
from sheetgen.layout.drawing.room import Room
from sheetgen.layout.drawing.rows import TURN
from sheetgen.layout.drawing.together import write_together
from sheetgen.layout.geometry.columns import FIRST
from sheetgen.layout.geometry.figure import Arrow, Box, Frame, Head
from sheetgen.layout.geometry.lines import returns
from sheetgen.layout.geometry.partners import GRADIENTS
from sheetgen.layout.plan import SHAFT, Label, LabelStyle, Role
from sheetgen.layout.words import heads
from sheetgen.layout.words.captions import Captions
from sheetgen.layout.words.legend import change
from sheetgen.layout.words.margin import Margin
from sheetgen.layout.words.notation import ARROW, BACK
from sheetgen.layout.words.pieces import Cell
from sheetgen.layout.words.sentences import CLOSER_ROWS, told_closer
from sheetgen.layout.words.wrap import PROSE, prose_lines
from sheetgen.names import DRAWN

INDENT = 1.4
"""Characters by which what is said in a Look closer keeps off its frame."""
HEADS = {"parameters": Role.PARAMETER, "given": Role.BIAS, "gradient": Role.GRADIENT, "weights": Role.GRADIENT,
         "new": Role.UPDATED}  # fmt: skip
"""The colours of heads; others have that of the forward pass."""
class Close(NamedTuple):
    """How large heads are, in points, and the characters that are free between one and the next."""

    size: float
    air: float


LAST = 1 << 10
"""Beyond the last column of a sheet."""
PLAIN = Close(SIZE, 0.0)
CLOSE = (Close(TURN, 0.9), Close(SIZE, 0.9), Close(SIZE, 0.0), Close(TURN, 0.0))
"""Those of turns, the best first."""


def write(
    src: Source, rooms: Sequence[Room], words: Captions, margins: Mapping[int, Margin], axes: Names
) -> None:
    """Write every text of a page into the rooms of its sheets, the most important first."""
    for band in src.placement.bands:
        write_margin(src, rooms, band, margins[band.block.index])
    rows: dict[tuple[int, int], list[Head]] = defaultdict(list)
    framed = {(frame.sheet, frame.row) for frame in src.placement.frames if frame.kind == "turn"}
    within = [head for head in src.placement.heads if head.kind != "turn" and head.band is not None]
    for head in src.placement.heads:
        if head not in within and (head.kind != "turn" or (head.sheet, head.row) not in framed):
            rows[head.sheet, head.row].append(head)
    told: Set[str] = frozenset()
    for (sheet, _), same in rows.items():
        told |= _heads(rooms[sheet], sorted(same, key=lambda head: head.column), words)
    words = replace(words, silent=told)
    for box in src.placement.boxes:
        if box.band < 0:
            rooms[box.sheet].write(Label(box.row, box.column - 1, words.name(box), "name", align="right"))
    for frame in src.placement.frames:
        _frame(src, rooms[frame.sheet], frame, words, axes)
    told = write_together(src, rooms, words)
    write_captions(src, rooms, words, told)
    for arrow in src.placement.arrows:
        _arrow(src, rooms[arrow.sheet], arrow, words)
    for box in src.placement.boxes:
        if box.lead and rooms[box.sheet].free(box.top, box.column, box.width):  # all arrows, or none
            for column in range(box.column, box.right):
                rooms[box.sheet].write(_way(src, box, column))
    _loss_changes(src, rooms)
    for head in within:
        _within(src, rooms[head.sheet], head, words)
    write_gradients(src, rooms[0], margins)
    write_reasons(src, rooms[1], margins)
    write_names(src, rooms, axes)
    for box, aside in returns(src.placement.boxes):
        _return(src, rooms[box.sheet], box, aside)


def _way(src: Source, box: Box, column: int) -> Label:
    """Where values come from above, or a gradient goes up."""
    up = box.phase == "backward"
    color = Role.GRADIENT if up else None
    return Label(box.top, column, "↑" if up else "↓", "arrow", src.steps[box.key], "center", color)


def _return(src: Source, room: Room, box: Box, aside: Box) -> None:
    """Where values come back from a side calculation to the lane, under that or on the rows of what is made of it."""
    places = [(row, column) for row in (aside.below, box.row) for column in range(aside.column, aside.right)]
    if place := next((place for place in places if room.free(*place)), None):
        room.write(Label(*place, "↙", "arrow", src.steps[box.key], "center"))


def losses(src: Source) -> tuple[Box, ...]:
    """Where the loss stands, and the loss after the update, if there are both."""
    homes = {box.matrix: box for box in src.placement.boxes if box.kind == "home"}
    loss = homes.get(src.program.loss or "")
    again = next((s.name for s in src.program.statements if s.repeats == src.program.loss and s.name in homes), None)
    return (loss, homes[again]) if loss is not None and again is not None else ()


def _loss_changes(src: Source, rooms: Sequence[Room]) -> None:
    """An arrow from the loss to the new loss beside it, and behind that, or under it, a live ▼ or ▲: whether the update
    makes it smaller."""
    loss, *more = losses(src) or (None,)
    echo = next((box for box in src.placement.boxes if box.kind == "echo"), *more) if more else None
    if loss is None or echo is None or echo.sheet != loss.sheet:
        return
    step, room = src.steps[echo.key], rooms[echo.sheet]
    before, after = (Cell(reference(src.at[b.key], DRAWN[b.sheet], (False, False)), float(src.values[b.key].item()))
                     for b in (loss, echo))  # fmt: skip
    if echo.row == loss.row and loss.right < echo.column:  # a gap may stand between
        _long(room, loss.row, loss.right, echo.column - 1, ARROW, step)
    formula, sign = change(before, after)
    behind, under = ((echo.row, echo.right), (echo.below, echo.column))
    row, column = behind if room.free(*behind) else under
    gap = matrix(echo.matrix, (1, 1)) - matrix(loss.matrix, (1, 1))
    room.write(Label(row, column, sign, "arrow", step, "center", formula=formula, source=gap, words=CHANGE))


def _heads(room: Room, same: Sequence[Head], words: Captions) -> Set[str]:
    """The heads of one row, each in the longest form for which there is room; all turns in one. The boxes in narrow
    lanes, whose steps they tell."""
    ends = [*(head.column for head in same[1:]), LAST]
    each = [(head, heads.head(words, head), end) for head, end in zip(same, ends, strict=True)]
    turns = [(head, own, end) for head, own, end in each if head.kind == "turn"]
    common, close, back = _common(room, turns, words)
    for head, own, end in each:
        style: LabelStyle = "turn" if head.kind == "turn" and close.size == TURN else "head"
        texts = own[common : common + 1] if head.kind == "turn" and common is not None else own
        for text in texts:
            if place := _reach(room, head, text, end, *((close, back) if head.kind == "turn" else (PLAIN, True))):
                label = Label(head.row, place[0], text, style, color=_colour(head))
                room.write(label._replace(align="right") if place[2] else label, place[1])
                break
    told = [head for head, own, _ in turns if common is not None and own[common] in heads.with_steps(words, head)]
    return {box.key for head in told for box in heads.lane(words, head)}


def _colour(head: Head) -> Role:
    """That of what stands under it; of a turn, on the sheet of the gradients theirs."""
    return Role.GRADIENT if head.sheet == GRADIENTS else HEADS.get(head.kind, Role.FORWARD)


def _common(
    room: Room, turns: Sequence[tuple[Head, heads.Texts, int]], words: Captions
) -> tuple[int | None, Close, bool]:
    """The form in which all turns' heads have room, and how: with the numbers of their steps if possible, even where
    these are closer to one another than heads should be; and all from their lanes' first columns on, or else some back
    from the last ones."""

    def fits(k: int, close: Close, back: bool) -> bool:
        return _apart([_reach(room, head, own[k], end, close, back) for head, own, end in turns])

    count = min((len(own) for _, own, _ in turns), default=0)
    told = min((len(heads.with_steps(words, head)) for head, _, _ in turns), default=0)
    for forms in (range(min(told, count)), range(told, count)):
        for close, k in product(CLOSE, forms):
            if fits(k, close, True):
                forth = next((each for each in CLOSE if fits(k, each, False)), None)
                return (k, close, True) if forth is None else (k, forth, False)
    return None, CLOSE[-1], True


def _within(src: Source, room: Room, head: Head, words: Captions) -> None:
    """A head in a band: in the first row, from the top on, in which captions leave room over its lane."""
    ends = range(head.column, head.column + head.width)
    tops = [b.top for b in src.placement.boxes if (b.sheet, b.band) == (head.sheet, head.band) and b.column in ends]
    written = len(room.labels)
    for row in range(head.row, min(tops, default=head.row)):
        _heads(room, [replace(head, row=row)], words)
        if len(room.labels) > written:
            break


def _apart(places: Sequence[tuple[int, int, bool] | None]) -> bool:
    """Whether all heads have a place, and none reaches into another's."""
    known = [place for place in places if place is not None]
    spans = [(at - columns + 1, at) if back else (at, at + columns - 1) for at, columns, back in known]
    return len(known) == len(places) and all(one[1] < after[0] for one, after in pairwise(sorted(spans)))


def _reach(room: Room, head: Head, text: str, end: int, close: Close, back: bool) -> tuple[int, int, bool] | None:
    """Where a head may stand, and the columns that it takes: from its lane's first column up to the next head's, or
    `back` from the last one; the last one may run over the edge of a sheet that is `roomy`."""
    last = head.column + head.width - 1
    need = measure.text_width(text, max(close.size, room.least), True) + close.air
    over = room.roomy and not back and end == LAST
    if columns := room.covered(head.row, head.column, need, end - head.column, edge=over):
        return head.column, columns, False
    if not back or (close.air and end == last + 1):
        return None  # it would end where the next one begins
    columns = room.covered(head.row, last, need, last - FIRST, back=True)
    return (last, columns, True) if columns else None


def _frame(src: Source, room: Room, frame: Frame, words: Captions, axes: Names) -> None:
    """A turn's name over its lane; a Look closer's title, what the author says of it, and whose terms are added."""
    step, hue = src.steps.get(frame.key, 0), None if frame.turn is None else frame.turn + 1
    for text in heads.frame(words, frame):
        if room.reach(frame.row, frame.column, text, TURN, True, frame.width):
            room.write(Label(frame.row, frame.column, text, "turn", step, hue=hue), frame.width)
            break
    if frame.kind == "closer":
        _closer(src, room, frame, words, axes)


def _closer(src: Source, room: Room, frame: Frame, words: Captions, axes: Names) -> None:
    step, weights, target = src.steps.get(frame.key, 0), src.weights[frame.key], src.maker[frame.key].target
    if text := told_closer(words.words, src.maker[frame.key]):
        wide = sum(room.width(frame.column + k) for k in range(frame.width)) - INDENT
        lines = prose_lines(text, wide, PROSE)
        place = Label(frame.row + 1, frame.column, text, "note", step, rows=CLOSER_ROWS, columns=frame.width)
        room.write(place._replace(lines=lines), frame.width)
    elif target is not None:
        text = words.words.equation(src.maker[target.matrix])
        room.write(Label(frame.row + 1, frame.column, text, "equation", step, color=Role.FORWARD), frame.width)
    whole, names = terms(src, frame.key, axes)
    columns = range(weights.column, weights.column + weights.width)
    fits = all(measure.text_width(x, FROM) + APART <= room.width(c) for x, c in zip(whole, columns, strict=False))
    for column, text in zip(columns, whole if fits else names, strict=False):
        pale = f"{span(weights.row, column)}=0"
        room.write(Label(weights.row - 1, column, text, "shape", step, "center", pale=pale))
    for column in columns:
        room.write(Label(weights.row + 1, column, "×", "arrow", step, "center"))
    factor = words.factor(weights)
    if reach := room.reach(weights.row, weights.right, factor, SIZE, False, 2):
        room.write(Label(weights.row, weights.right, factor, "hint", step), reach)


def _arrow(src: Source, room: Room, arrow: Arrow, words: Captions) -> None:
    """A sign in each row of a gutter; an arrow drawn through where the way is longer. What a total is divided by stands
    under its sign."""
    step = src.steps[arrow.target]
    sign, *more = ("Σ",) if src.weights.get(arrow.target) is not None else words.signs_between[arrow]
    color = Role.GRADIENT if src.placement and words.gradient(arrow.target) else None
    for k, text in enumerate(more, 1):
        room.write(Label(arrow.last_row + k, arrow.last_column, text, "arrow", step, "center", color))
    rows, long = range(arrow.first_row, arrow.last_row + 1), arrow.first_column < arrow.last_column
    head = sign if long and sign in (ARROW, BACK) else ""
    for row in rows if long else ():
        _long(room, row, arrow.first_column, arrow.last_column - (not head), head, step, color)
    if not head:
        room.write_each(Label(rows[0], arrow.last_column, sign, "arrow", step, "center", color, down=len(rows)))


def _long(room: Room, row: int, first: int, last: int, head: str, step: int, color: Role | None = None) -> None:
    """An arrow, or the line to a sign, that is drawn through these columns: one text, so that it has no gaps."""
    wide, size = sum(room.width(column) for column in range(first, last + 1)), max(measure.SIZE, room.least)
    shaft = SHAFT * int((wide - measure.text_width(head, size)) / measure.text_width(SHAFT, size))
    arrow = Label(row, last, shaft + head, "arrow", step, "right", color)
    if head == BACK:
        arrow = Label(row, first, head + shaft, "arrow", step, "left", color)
    room.write(arrow, last - first + 1)
