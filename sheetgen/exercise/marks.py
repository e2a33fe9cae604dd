"""A mark for each row of a blank, in a gutter beside it."""

from __future__ import annotations

from collections.abc import Mapping

from sheetgen.cells.a1 import Rect, reference
from sheetgen.exercise.check import Sheets
from sheetgen.exercise.choice import Place
from sheetgen.exercise.vacate import taken
from sheetgen.layout import measure
from sheetgen.layout.plan import Label, SheetPlan

NARROWEST = 2.0
"""Characters of a column that a mark fits into."""

Cell = tuple[int, int]


def marks_of(sheet: SheetPlan, sheets: Sheets, margin: int) -> tuple[dict[Cell, Label], list[Label]]:
    """The mark of each blank cell, at the right of its row or else at the left, and the sheet's labels without the
    arrows that turn into marks and back. None stands in the first `margin` columns, nor on anything but an arrow."""
    arrows = {(label.row, label.column): label for label in sheet.labels
              if label.style == "arrow" and label.rows * label.columns == 1 and label.formula is None}  # fmt: skip
    taken_cells, widths = taken(sheet), dict(sheet.widths)

    def free(at: Cell, marks: Mapping[Cell, Label]) -> bool:
        wide = widths.get(at[1], measure.COLUMN_WIDTH) >= NARROWEST and at[1] > margin
        return wide and at not in marks and (at not in taken_cells or at in arrows)

    marks: dict[Cell, Label] = {}
    found: dict[Cell, Label] = {}
    for place in (place for blank in sheets.blanks for place in blank.places if place.sheet == sheet.title):
        region = place.region
        for row in (region.row + i for i in range(region.height) if place.open[i].any()):
            sides = ((row, region.column + region.width), (row, region.column - 1))
            at = next((at for at in sides if free(at, marks)), None)
            if at is not None:
                marks[at] = _mark(place, row, at, arrows.get(at), sheets)
                found |= {(row, region.column + j): marks[at] for j in range(region.width)}
    return found, [label for label in sheet.labels if (label.row, label.column) not in marks]


def _mark(place: Place, row: int, at: Cell, arrow: Label | None, sheets: Sheets) -> Label:
    cells = Rect(place.sheet, row, place.region.column, 1, place.region.width)
    judges = reference(sheets.judges(cells), place.sheet)
    text, wanted = arrow.text if arrow else "", int(place.open[row - place.region.row].sum())
    formula = f'IF(COUNT({judges})>SUM({judges}),"✗",IF(SUM({judges})={wanted},"✓","{text}"))'
    return Label(*at, text, "arrow", align="center", color=arrow.color if arrow else None, formula=formula)
