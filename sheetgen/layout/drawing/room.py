"""Which cells of a sheet are still free: nothing that is written covers a matrix, a chart or another text."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence, Set

from sheetgen.layout import measure
from sheetgen.layout.plan import Label


class Room:
    """The taken cells of one sheet, row by row, and what has been written."""

    def __init__(
        self,
        widths: Sequence[float],
        rectangles: Sequence[tuple[int, int, int, int]],
        walls: Mapping[int, Set[int]] | None = None,
    ) -> None:
        """`widths` of the columns, from the first; `rectangles` are row, column, height, width; `walls` are, by row,
        the columns at whose left side a line stands that no text may cross."""
        self.walls = walls or {}
        self.widths = widths
        self.labels: list[Label] = []
        self.spans: dict[int, list[tuple[int, int]]] = {}
        for row, column, height, width in rectangles:
            for r in range(row, row + height):
                insort(self.spans.setdefault(r, []), (column, column + width - 1))

    def free(self, row: int, column: int, columns: int = 1) -> bool:
        """Whether nothing stands in these cells."""
        spans = self.spans.get(row, [])
        place = bisect_right(spans, (column + columns - 1, 1 << 20))
        return place == 0 or spans[place - 1][1] < column

    def width(self, column: int) -> float:
        """A column's width in characters; beyond the page, that of a plain column."""
        return self.widths[column - 1] if 0 < column <= len(self.widths) else measure.COLUMN_WIDTH

    def reach(self, row: int, column: int, text: str, size: float, bold: bool, most: int) -> int:
        """How many columns a text covers from `column` on, or 0 where more than `most`, or a taken one, would be."""
        need, count = measure.text_width(text, size, bold), 0
        while need > 0:
            crosses = count > 0 and column + count in self.walls.get(row, ())
            if count >= most or crosses or not self.free(row, column + count):
                return 0
            need -= self.width(column + count)
            count += 1
        return count

    def write(self, label: Label, columns: int = 1) -> bool:
        """Put a label there if its cells are free; whether they were."""
        start = label.column - columns + 1 if label.align == "right" else label.column
        if not label.text or not self.take(label.row, start, label.rows, columns):
            return False
        self.labels.append(label)
        return True

    def take(self, row: int, column: int, rows: int = 1, columns: int = 1) -> bool:
        """Take these cells if all of them are free; whether they were."""
        if any(not self.free(r, column, columns) for r in range(row, row + rows)):
            return False
        for r in range(row, row + rows):
            insort(self.spans.setdefault(r, []), (column, column + columns - 1))
        return True
