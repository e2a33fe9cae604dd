"""Which cells of a sheet are still free: nothing that is written covers a matrix, a chart or another text."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from operator import itemgetter

from sheetgen.layout import measure
from sheetgen.layout.plan import Label

ELLIPSIS = "…"

CLOSING = {"(": ")", "[": "]"}
DANGLING = " ,=+−÷·∘"


def cut_off(text: str, end: int) -> str:
    """The first `end` letters of a text, and an ellipsis: whole words, and every bracket closed, `A − mean(…)`."""
    if end >= len(text):
        return text
    opened, gap = list[int](), 0
    for at, letter in enumerate(text[:end]):
        gap = at if letter == " " and not opened else gap
        if letter in CLOSING:
            opened.append(at)
        elif letter in CLOSING.values() and opened:
            opened.pop()
    if opened:
        start, depth = opened[0], 0
        for at in range(start, len(text)):
            depth += (text[at] in CLOSING) - (text[at] in CLOSING.values())
            if not depth:
                break
        left = text[at + 1 :]
        return f"{text[: start + 1]}{ELLIPSIS}{CLOSING[text[start]]}{left if len(left) < 2 else ELLIPSIS}"
    within = gap and " " not in text[end - 1 : end + 1]
    return text[: gap if within else end].rstrip(DANGLING) + ELLIPSIS


class Room:
    """The taken cells of one sheet, row by row, and what has been written."""

    def __init__(
        self,
        widths: Sequence[float],
        rectangles: Iterable[tuple[int, int, int, int]],
        walls: Mapping[int, Set[int]] | None = None,
        heights: Mapping[int, float] | None = None,
        least: float = 0.0,
        widens: bool = True,
        roomy: bool = False,
    ) -> None:
        """`widths` of the columns, from the first; `rectangles` are row, column, height, width; `walls` are, by row,
        the columns at whose left side a line stands that no text may cross; `heights` of rows that aren't plain;
        `least` are the points of the smallest text; `widens`: whether the sheet may get one more column for texts, and
        `roomy`: whether it hardly matters."""
        self.walls = walls or {}
        self.widths = widths
        self.heights = heights or {}
        self.least = least
        self.widens, self.roomy = widens, roomy
        self.labels: list[Label] = []
        self.wider = False
        """Whether a text runs over the page's edge, into one more column."""
        self.spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for row, column, height, width in sorted(rectangles, key=itemgetter(1, 3)):
            span = (column, column + width - 1)
            for r in range(row, row + height):
                self.spans[r].append(span)

    def free(self, row: int, column: int, columns: int = 1) -> bool:
        """Whether nothing stands in these cells."""
        spans = self.spans.get(row, [])
        place = bisect_right(spans, (column + columns - 1, 1 << 20))
        return place == 0 or spans[place - 1][1] < column

    def crossed(self, row: int, column: int) -> bool:
        """Whether a text, a matrix or a chart stands on both sides of the left side of a cell."""
        return any(first < column <= last for first, last in self.spans.get(row, ()))

    def ends(self, row: int, column: int) -> bool:
        """Whether a text, a matrix or a chart of several cells ends with a cell."""
        return any(first < last == column for first, last in self.spans.get(row, ()))

    def width(self, column: int) -> float:
        """A column's width in characters; beyond the page, that of a plain column."""
        return self.widths[column - 1] if 0 < column <= len(self.widths) else measure.COLUMN_WIDTH

    def reach(
        self, row: int, column: int, text: str, size: float, bold: bool, most: int, back: bool = False,
        edge: bool = False, air: float = 0.0,
    ) -> int:  # fmt: skip
        """How many columns a text covers from `column` on, to the right or `back` to the left, with so many characters
        of `air`; 0 where more than `most`, a taken one or one beyond the page (of one more at its `edge`) would be, or
        a line is in the way."""
        need = measure.text_width(text, max(size, self.least), bold) + air
        return self.covered(row, column, need, most, back, edge)

    def ends_at(self, row: int, column: int, back: bool = False) -> bool:
        """Whether what runs to a cell, or `back` to it, must end there: something stands in it, or a line before it."""
        return not self.free(row, column) or (column + back) in self.walls.get(row, ())

    def covered(
        self, row: int, column: int, need: float, most: int, back: bool = False, edge: bool = False
    ) -> int:
        """`reach`, of something that is `need` characters wide."""
        count, walls, last = 0, self.walls.get(row, ()), len(self.widths) + (edge and self.widens)
        while need > 0:
            here = column - count if back else column + count
            crosses = count > 0 and (here + 1 if back else here) in walls
            if count >= most or crosses or not 0 < here <= last or not self.free(row, here):
                return 0
            need -= self.width(here)
            count += 1
        return count

    def shortened(self, row: int, column: int, text: str, size: float, bold: bool, most: int) -> tuple[str, int]:
        """As much of a text as there is room for, and the columns that it covers; nothing and 0 where that is less than
        two letters."""
        for end in range(len(text), 1, -1):
            short = cut_off(text, end)
            if columns := self.reach(row, column, short, size, bold, most):
                return short, columns
        return "", 0

    def write(self, label: Label, columns: int = 1) -> bool:
        """Put a label there if its cells are free; whether they were."""
        start = label.column - columns + 1 if label.align == "right" else label.column
        if not label.text or not self.take(label.row, start, label.rows, columns):
            return False
        self.labels.append(label)
        self.wider = self.wider or start + columns - 1 > len(self.widths)
        return True

    def write_each(self, label: Label) -> None:
        """Put a label into those of its cells that are free."""
        cell, places = (label.column, label.column), []
        for spans in (self.spans[row] for row in range(label.row, label.row + label.down)):
            place = bisect_right(spans, (label.column, 1 << 20))
            if place and spans[place - 1][1] >= label.column:
                for one in label.each:
                    self.write(one)
                return
            places.append((spans, place))
        self.labels.append(label)
        for spans, place in places:
            spans.insert(place, cell)

    def extend(self, row: int, column: int, more: str, most: int, size: float = measure.SIZE) -> bool:
        """Write `more` behind a text that begins there already, if there is room; whether there was."""
        place = next((k for k, x in enumerate(self.labels) if (x.row, x.column) == (row, column)), None)
        if place is None:
            return False
        label = self.labels[place]
        spans = self.spans[row]
        own = next((span for span in spans if span[0] == column), None)
        if own is None:  # it ends there, and runs to the left
            return False
        spans.remove(own)
        text = f"{label.text}  {more}"
        columns = self.reach(row, column, text, size, True, most)
        insort(spans, (column, column + columns - 1) if columns else own)
        if columns:
            self.labels[place] = label._replace(text=text)
        return columns > 0

    def take(self, row: int, column: int, rows: int = 1, columns: int = 1) -> bool:
        """Take these cells if all of them are free; whether they were."""
        wanted = range(row, row + rows)
        for r in wanted:
            if not self.free(r, column, columns):
                return False
        for r in wanted:
            insort(self.spans[r], (column, column + columns - 1))
        return True
