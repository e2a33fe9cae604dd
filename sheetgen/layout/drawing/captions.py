"""The captions of boxes, and the signs beside those that have no row for one. The turns of a loop that stand side by
side are all told in one form, that for which the narrowest has room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from itertools import pairwise

from sheetgen.layout.drawing.regions import Source, role_of
from sheetgen.layout.drawing.room import Room
from sheetgen.layout.geometry.abreast import abreast
from sheetgen.layout.geometry.columns import FIRST
from sheetgen.layout.geometry.figure import Box
from sheetgen.layout.plan import Label, LabelStyle, Role
from sheetgen.layout.words.captions import Captions

PLAIN = (Role.COPY, Role.ONES, Role.CONSTANT, Role.VERDICT)
"""Roles whose captions have no colour of their own."""
SIZE, HINT, SIGN = 10.0, 9.0, 8.0
"""Points of captions and heads, of captions of copies, and of signs in gutters."""
Place = tuple[Label, int]
"""A text and the columns that it covers."""
Ends = Mapping[tuple[int, int], Sequence[int]]
Way = Callable[[Box, str], Place | None]
"""How a text may stand at a box, if there is room."""


def write_captions(src: Source, rooms: Sequence[Room], words: Captions, told: Set[str]) -> None:
    """Write all captions but those of the boxes `told`, by key."""
    names: dict[tuple[int, int], list[int]] = defaultdict(list)
    for box in src.placement.boxes:
        if box.labels.above:
            names[box.sheet, box.row - 1].append(box.right - 1)
    starts: dict[tuple[int, int], list[int]] = defaultdict(list)
    for box in src.placement.boxes:
        if box.caption is not None and box.key not in told:
            starts[box.sheet, box.caption.row].append(box.column)
    groups = abreast([box for box in src.placement.boxes if box.key not in told])
    numbered: tuple[list[tuple[Box, ...]], list[tuple[Box, ...]]] = [], []
    """Groups without numbers of steps, and those with some."""
    for boxes in groups:
        numbered[any(map(words.number, boxes))].append(boxes)
    for late, wider, some in ((False, True, groups), (True, True, numbered[True]), (True, False, numbered[False])):
        for boxes in some:
            writer = _Writer(src, rooms[boxes[0].sheet], names, starts, wider)
            if not boxes[0].glued and boxes[0].caption is not None:
                writer.captions(boxes, words, late)
            elif words.captioned(boxes[0]) and boxes[0].glued == "right" and late:
                ways = (writer.over, writer.under, writer.over_back, writer.under_back)
                writer.first(boxes, words.signs(boxes), ways)
            elif words.beside(boxes[0]) and not late:
                writer.signs(boxes, words)


class _Writer:
    """Writes texts at boxes of one sheet that are alike, at all of them in the same way."""

    def __init__(self, src: Source, room: Room, names: Ends, starts: Ends, wider: bool) -> None:
        """`names`: where those of columns end, `starts`: where captions should begin, by sheet and row; `wider`:
        whether a caption may run over the sheet's edge."""
        self.src, self.room, self.names, self.starts, self.wider = src, room, names, starts, wider

    def captions(self, boxes: Sequence[Box], words: Captions, late: bool) -> None:
        """The longest form for which there is room at all boxes, none without the numbers of their steps; `late`, in
        fewer words (a copy's is told in full if it can be), back from a box's last column or in small print, and only
        then without numbers."""
        boxes = [box for box in boxes if box.caption is not None and self.room.free(box.caption.row, box.column)]
        forms = words.forms(boxes) if boxes else ()
        if not forms:
            return
        bare = forms[-1:] if any(map(words.number, boxes)) and len(forms) > 1 else ()
        told = forms[: len(forms) - len(bare)]
        if not late:
            self.first(boxes, told, (self.forth,))
            return
        told, brief, over = told[-2:], words.brief(boxes), (self.forth, self.back)
        small = ((*told, *brief[:1]), (self.small,)), (brief[1:], (*over, self.small))
        flush = () if self._style(boxes[0])[0] == "hint" else brief[:1]
        ways = ((flush, (self.forth,)), (told, (self.back,)), (brief[:1], over), *small, (bare, (*over, self.small)))
        if not any(self.first(boxes, *way) for way in ways):
            for box in boxes:
                self.alone(box, words)

    def alone(self, box: Box, words: Captions) -> None:
        """What has no room at all boxes that are alike, at one of them, or a part of it."""
        forms = (*words.forms([box])[-2:], *words.brief([box]), (words.curt(box),))
        if not self.first([box], forms, (self.forth, self.back, self.small)):
            self.first([box], [words.caption(box)[-1:]], (self.part,))

    def signs(self, boxes: Sequence[Box], words: Captions) -> None:
        """What glued boxes are, left or right of them, or as much of it as there is room for left of them; of the
        name of a copy or a part of a matrix, which other boxes tell as well, no piece."""
        if not self.first(boxes, words.signs(boxes), (self.left, self.right)):
            for box in boxes:
                again = box.kind == "copy" or box.rows is not None or box.columns is not None
                ways = (self.left, self.right) if again else (self.left, self.right, self.cut)
                self.first([box], [words.signs([box])[-1]], ways)

    def first(self, boxes: Sequence[Box], forms: Iterable[Sequence[str]], ways: Iterable[Way]) -> bool:
        """Write the first form for which there is room at all boxes, in the first way that does; whether there is."""
        ways = tuple(ways)
        for texts in forms:
            for way in ways:
                places = [way(box, text) if text else None for box, text in zip(boxes, texts, strict=True)]
                found = [place for place in places if place is not None]
                if found and len(found) == len(places) and _apart(found):
                    for label, columns in found:
                        self.room.write(label, columns)
                    return True
        return False

    def forth(self, box: Box, text: str) -> Place | None:
        """Over a box, from its first column on; over the last of several turns, into the sheet's free edge."""
        style, size, bold = self._style(box)
        return self._over(box, text, style, size, bold)

    def small(self, box: Box, text: str) -> Place | None:
        """The same in small print."""
        return self._over(box, text, "function", SIGN, False)

    def part(self, box: Box, text: str) -> Place | None:
        """As much of a text as there is room for over a box."""
        style, size, bold = self._style(box)
        if box.caption is None:
            return None
        text, columns = self.room.shortened(box.caption.row, box.column, text, size, bold, box.caption.columns)
        return (self._label(box, box.caption.row, box.column, text, style), columns) if columns else None

    def back(self, box: Box, text: str) -> Place | None:
        """Over a box, back from its last column, but neither over names of columns nor where another caption begins."""
        if box.caption is None:
            return None
        (style, size, bold), row, last = self._style(box), box.caption.row, box.right - 1
        ends = (*self.names.get((box.sheet, row), ()), *self.starts.get((box.sheet, row), ()))
        before = max((column for column in ends if column < box.column), default=FIRST - 1)
        columns = self.room.reach(row, last, text, size, bold, last - before, back=True)
        return (self._label(box, row, last, text, style, "right"), columns) if columns else None

    def left(self, box: Box, text: str) -> Place | None:
        """Left of a box, where no line stands between."""
        if box.column in self.room.walls.get(box.row, ()):
            return None
        left = box.column - 1
        columns = self.room.reach(box.row, left, text, SIGN, False, left - FIRST + 1, back=True)
        return (self._label(box, box.row, left, text, "function", "right"), columns) if columns else None

    def right(self, box: Box, text: str) -> Place | None:
        """Right of a box."""
        columns = self.room.reach(box.row, box.right, text, SIGN, False, 1 << 10)
        return (self._label(box, box.row, box.right, text, "function"), columns) if columns else None

    def cut(self, box: Box, text: str) -> Place | None:
        """As much of a text as there is room for left of a box."""
        left = box.column - 1
        text = self.room.shortened(box.row, left, text, SIGN, False, 1)[0] if self.room.free(box.row, left) else ""
        return (self._label(box, box.row, left, text, "function", "right"), 1) if text else None

    def over(self, box: Box, text: str) -> Place | None:
        """In the row above a box that is glued to the right of another, from its first column on."""
        return self._forth(box, box.row - 1, text)

    def under(self, box: Box, text: str) -> Place | None:
        """In the row under it."""
        return self._forth(box, box.below, text)

    def over_back(self, box: Box, text: str) -> Place | None:
        """In the row above, back from its last column."""
        return self._back(box, box.row - 1, text)

    def under_back(self, box: Box, text: str) -> Place | None:
        """In the row under it."""
        return self._back(box, box.below, text)

    def _forth(self, box: Box, row: int, text: str) -> Place | None:
        columns = self.room.reach(row, box.column, text, SIGN, False, 1 << 10)
        return (self._label(box, row, box.column, text, "function"), columns) if columns else None

    def _back(self, box: Box, row: int, text: str) -> Place | None:
        last = box.right - 1
        columns = self.room.reach(row, last, text, SIGN, False, last - FIRST + 1, back=True)
        return (self._label(box, row, last, text, "function", "right"), columns) if columns else None

    def _over(self, box: Box, text: str, style: LabelStyle, size: float, bold: bool) -> Place | None:
        if box.caption is None:
            return None
        row, column, most = box.caption.row, box.caption.column, box.caption.columns
        edge = box.turn is not None and self.wider
        columns = self.room.reach(row, column, text, size, bold, most, edge=edge)
        return (self._label(box, row, column, text, style), columns) if columns else None

    def _style(self, box: Box) -> tuple[LabelStyle, float, bool]:
        return ("hint", HINT, False) if role_of(self.src, box) is Role.COPY else ("name", SIZE, True)

    def _label(
        self, box: Box, row: int, column: int, text: str, style: LabelStyle, align: str = "left"
    ) -> Label:
        role = role_of(self.src, box)
        color = None if role in PLAIN else role
        return Label(row, column, text, style, self.src.steps[box.key], align, color)  # type: ignore[arg-type]


def _apart(places: Sequence[Place]) -> bool:
    """Whether texts that are written together leave each other their cells."""
    spans = sorted((label.row, start, start + columns) for label, columns in places
                   for start in (label.column - columns + 1 if label.align == "right" else label.column,))  # fmt: skip
    return all(one[0] < after[0] or one[2] <= after[1] for one, after in pairwise(spans))
