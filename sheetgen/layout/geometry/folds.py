"""Rows that only the sheet of the gradients shows, folded away on the others: they make room above a product for its
second factor, whose columns are met by rows from there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sheetgen.ir.node import Node
from sheetgen.layout.geometry import operands
from sheetgen.layout.geometry.columns import FIRST, GUTTER
from sheetgen.layout.geometry.figure import Band, Box, Frame, Picture
from sheetgen.layout.geometry.grid import Grid
from sheetgen.layout.geometry.partners import CANVAS, GRADIENTS, cells_of
from sheetgen.layout.geometry.readings import Wish, wishes
from sheetgen.records import replace

MOST = 5
"""Rows of a factor for which room is made."""


@dataclass(frozen=True)
class Folds:
    """So many rows before each of these rows of a page."""

    before: Mapping[int, int]

    def by(self, row: int) -> int:
        """How far down a row moves."""
        return sum(rows for at, rows in self.before.items() if at <= row)

    @property
    def rows(self) -> Iterator[int]:
        """The new rows, where they stand then."""
        more = 0
        for at, rows in sorted(self.before.items()):
            yield from range(at + more, at + more + rows)
            more += rows

    def box(self, box: Box) -> Box:
        """A box where it stands then. Arrows above it stay where they are."""
        by = self.by(box.head)
        return replace(box.lower(by), lead=box.lead + by - self.by(box.top)) if by else box

    def band(self, band: Band) -> Band:
        """A band with its new rows."""
        return replace(band, first_row=band.first_row + self.by(band.first_row),
                       last_row=band.last_row + self.by(band.last_row))  # fmt: skip


def folds(boxes: Sequence[Box], bands: Sequence[Band], areas: Sequence[Picture | Frame]) -> Folds:
    """Room for the second factors of gradients that are products, where it lacks, as far as no matrix, no chart and no
    frame is cut: a factor that products below one another read stands above the first."""
    spans = [(box.head, box.below) for box in boxes if box.band >= 0]
    spans += [(area.row, area.row + area.height) for area in areas]
    crossed = {row for first, end in spans for row in range(first + 1, end)}
    asked = [*_asked(boxes)]
    taken = _taken(boxes, asked)
    found, known = dict[int, int](), set[tuple[Node, int, int]]()
    for box, wish in asked:
        (height, width), column, band = wish.operand.shape, box.column + wish.column, bands[box.band]
        fits = wish.sides == ("above",) and height <= MOST and width == wish.width and wish.row == 0
        if not fits or (wish.operand, box.band, column) in known:
            continue
        known.add((wish.operand, box.band, column))
        above = range(box.head - 1, max(box.head - height - 2, band.first_row + band.headed - 1), -1)
        full = (row for row in above if not taken.free(GRADIENTS, row, column, 1, width))
        rows = box.head - 1 - next(full, above.stop)
        at = next((row for row in range(box.head, box.head - rows - 1, -1) if row not in crossed), 0)
        if rows < height + 1 and at > band.first_row:
            found[at] = max(height + 1 - rows, found.get(at, 0))
    return Folds(found)


def _asked(boxes: Sequence[Box]) -> Iterator[tuple[Box, Wish]]:
    """What gradients read of the first sheet, from the top."""
    sources = {box.key for box in boxes if box.sheet == CANVAS and box.band >= 0}
    for box in sorted((box for box in boxes if box.sheet == GRADIENTS and box.band >= 0), key=lambda box: box.row):
        if box.phase == "backward" and box.expr is not None and not operands.is_operand(box.expr):
            for wish in wishes(box.expr):
                seen = operands.view(wish.operand)
                if seen.exact and seen.matrix in sources:
                    yield box, wish


def _taken(boxes: Sequence[Box], asked: Iterable[tuple[Box, Wish]]) -> Grid:
    """The cells of the gradients, and those at their left in which first factors may stand."""
    taken = Grid()
    for box in boxes:
        if box.sheet == GRADIENTS:
            taken.take(GRADIENTS, *cells_of(box))
    for box, wish in asked:
        (height, width), row = wish.operand.shape, box.row + wish.row
        if wish.sides == ("left",) and height == wish.height:
            taken.take(GRADIENTS, row - 1, max(FIRST, box.column + wish.column - GUTTER - width), height + 1, width)
    return taken
