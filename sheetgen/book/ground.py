"""What lies under and between the matrices: the bands' grounds and hairlines, rails, frames and state lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sheetgen.book import theme
from sheetgen.book.cells import Block, Rows
from sheetgen.book.styles import Style, Styles
from sheetgen.book.theme import Line, Sides
from sheetgen.cells.a1 import span
from sheetgen.layout.plan import Diagonal, Edge, Label, SheetPlan

MOST_CELLS = 60_000
"""A page of more cells has grounds of whole rows, without cells of their own."""
HAIRLINE: Line = ("thin", theme.RULE)

Lines = Mapping[int, Mapping[int, Sides]]
"""Row → column → the lines around that cell."""


@dataclass(frozen=True)
class Ground:
    """The paper that a sheet is drawn on, `right` columns wide."""

    right: int
    shaded: frozenset[int]
    """Rows whose ground is grey."""
    tops: frozenset[int]
    """Rows that begin a band, with a hairline above."""
    lines: Lines
    large: bool

    def color(self, row: int) -> str | None:
        """The fill of a row's cells; None is white."""
        return theme.SHADE if row in self.shaded else None

    def sides(self, row: int, column: int) -> Sides:
        """The lines around a cell that is no matrix's."""
        own = self.lines.get(row, {}).get(column, Sides())
        return own if own.top or row not in self.tops else own._replace(top=HAIRLINE)


def ground(sheet: SheetPlan, right: int) -> Ground:
    """The ground of a sheet whose page is `right` columns wide."""
    rows = [range(band.first_row, band.last_row + 1) for band in sheet.bands if band.shaded]
    lines: dict[int, dict[int, Sides]] = {}
    for edge in sheet.edges:
        line = line_of(edge)
        for row, column in cells_of(edge):
            beside = lines.setdefault(row, {})
            beside[column] = beside.get(column, Sides())._replace(**{edge.side: line})
    return Ground(
        right, frozenset(row for each in rows for row in each), frozenset(band.first_row for band in sheet.bands),
        lines, sum(map(len, rows)) * right > MOST_CELLS,
    )  # fmt: skip


def line_of(edge: Edge) -> Line:
    """How an edge is drawn."""
    return "medium" if edge.heavy else "thin", theme.hue(edge.hue)


def cells_of(edge: Edge) -> Iterable[tuple[int, int]]:
    """The cells whose side an edge is."""
    if edge.side in ("left", "right"):
        column = edge.column if edge.side == "left" else edge.column + edge.columns - 1
        return [(row, column) for row in range(edge.row, edge.row + edge.rows)]
    row = edge.row if edge.side == "top" else edge.row + edge.rows - 1
    return [(row, column) for column in range(edge.column, edge.column + edge.columns)]


def rows_of(ground: Ground, heights: Mapping[int, float], styles: Styles) -> Rows:
    """The cells of the ground, or on a large page the rows' styles."""
    shade = styles.id(Style(fill=theme.SHADE)) if ground.shaded else 0
    plain = {row: shade if row in ground.shaded else 0 for row in (*ground.shaded, *ground.tops, *ground.lines)}
    if ground.large:
        topped = {row: styles.id(Style(fill=ground.color(row), sides=Sides(top=HAIRLINE))) for row in ground.tops}
        return Rows(heights, _blanks(ground, dict.fromkeys(ground.lines, 0), styles), {
            **{row: plain[row] for row in ground.shaded}, **topped,
        })  # fmt: skip
    return Rows(heights, _blanks(ground, plain, styles))


def _blanks(ground: Ground, plain: Mapping[int, int], styles: Styles) -> dict[int, Sequence[int]]:
    found: dict[int, Sequence[int]] = {}
    shared: dict[tuple[int, bool], list[int]] = {}
    for row, style in plain.items():
        topped = row in ground.tops and not ground.large
        key = (style, topped)
        if key not in shared:
            full = styles.id(Style(fill=ground.color(row), sides=Sides(top=HAIRLINE))) if topped else style
            shared[key] = [full] * ground.right
        found[row] = shared[key]
        if row in ground.lines:
            own = [*shared[key], *[0] * (max(ground.lines[row]) - ground.right)]
            for column in ground.lines[row]:
                own[column - 1] = styles.id(Style(fill=ground.color(row), sides=ground.sides(row, column)))
            found[row] = own
    return found


def over_lines(ids: np.ndarray, row: int, column: int, ground: Ground, styles: Styles) -> None:
    """Put the lines that cross a matrix at (row, column), and that above its band, into the styles of its cells."""
    height, width = ids.shape
    for i in range(height):
        across = range(column, column + width)
        for at in across if row + i in ground.tops else ground.lines.get(row + i, ()):
            if at in across:
                ids[i, at - column] = styles.over(int(ids[i, at - column]), ground.sides(row + i, at))


def diagonal_blocks(diagonals: Sequence[Diagonal], ground: Ground, styles: Styles) -> list[Block]:
    """The cells of the state lines, which are merged."""
    blocks = []
    for each in diagonals:
        line: Line = ("medium", theme.hue(each.hue))
        style = styles.id(Style(fill=ground.color(each.row), diagonal=(each.rising, line)))
        blocks.append(Block(each.row, each.column, np.full((each.rows, 1), None), style, what="a state line"))
    return blocks


def merged(labels: Sequence[Label], diagonals: Sequence[Diagonal]) -> tuple[str, ...]:
    """The ranges of merged cells."""
    found = [span(x.row, x.column, x.rows, x.columns) for x in labels if x.rows * x.columns > 1]
    return (*found, *(span(x.row, x.column, x.rows) for x in diagonals if x.rows > 1))
