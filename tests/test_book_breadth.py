"""Columns of numbers take the paper that is left at a page's sides."""

from __future__ import annotations

from pathlib import Path

import pytest
from by_specs import compiled
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from sheetgen.book.breadth import broadened
from sheetgen.book.cuts import starts
from sheetgen.book.head import HEIGHTS
from sheetgen.book.printing import SCREEN, Pages, pages_of, tightened
from sheetgen.layout import measure
from sheetgen.layout.plan import SHAFT, SheetPlan

NAMES = ("sigmoid_mse", "lora", "rnn", "transformer", "lstm")


def wide(sheet: SheetPlan) -> float:
    widths = dict(sheet.widths)
    return sum(widths.get(column, measure.COLUMN_WIDTH) for column in range(1, sheet.last_column + 1))


def tight(sheet: SheetPlan) -> tuple[SheetPlan, Pages]:
    """A sheet as it is before, and its pages."""
    bottom = max(band.last_row for band in sheet.bands)
    found = tightened(sheet, wide(sheet), HEIGHTS, bottom)
    return found, pages(found)


def pages(sheet: SheetPlan) -> Pages:
    heights = {**HEIGHTS, **dict(sheet.heights)}
    return pages_of(sheet, wide(sheet), heights, max(band.last_row for band in sheet.bands))


def broad(sheet: SheetPlan) -> SheetPlan:
    found, printed = tight(sheet)
    return broadened(found, wide(found), printed)


@pytest.mark.parametrize("name", NAMES)
def test_a_wider_page_is_printed_as_before(name: str) -> None:
    for sheet in compiled(name).plan.sheets:
        found = broad(sheet)
        assert pages(found) == tight(sheet)[1]
        assert wide(sheet) <= wide(found) <= max(wide(sheet), SCREEN)


def test_only_columns_of_numbers_get_wider_and_none_much() -> None:
    (sheet, *_) = compiled("sigmoid_mse").plan.sheets
    found, numbers = broad(sheet), {r.column + k for r in sheet.regions for k in range(r.width)}
    widths, before = dict(found.widths), dict(sheet.widths)
    grown = {column for column in widths if widths[column] != before[column]}
    assert grown and grown <= numbers
    assert {round(widths[column] / before[column], 6) for column in grown} == {round(widths[3] / before[3], 6)}
    assert 1.03 < widths[3] / before[3] <= 1.25


def test_an_arrow_grows_with_its_way() -> None:
    (sheet, *_) = compiled("lora").plan.sheets
    found, dash = broad(sheet), measure.text_width(SHAFT)
    before, after = starts(sheet), starts(found)
    arrows = [(a, b) for a, b in zip(sheet.labels, found.labels, strict=True) if SHAFT in a.text]
    assert any(a.text != b.text for a, b in arrows)
    for a, b in arrows:
        first = max(k for k in range(1, a.column + 1) if before[k] <= before[a.column + 1] - measure.text_width(a.text))
        assert (b.row, b.column, b.text[-1]) == (a.row, a.column, a.text[-1])
        assert -dash < measure.text_width(b.text) - (after[a.column + 1] - after[first]) + dash <= dash


@pytest.fixture(scope="module")
def canvas(tmp_path_factory: pytest.TempPathFactory) -> Worksheet:
    path = tmp_path_factory.mktemp("pages") / "sigmoid_mse.xlsx"
    compiled("sigmoid_mse").save(path)
    return load_workbook(path)["Canvas"]


def test_the_paper_is_used_from_side_to_side(canvas: Worksheet, tmp_path: Path) -> None:
    _, _, last, _ = range_boundaries(canvas.print_area.split("!")[1].replace("$", ""))
    widths = {k: d.width for d in canvas.column_dimensions.values() for k in range(d.min, d.max + 1)}
    printed = canvas.page_setup.scale / 100 * measure.POINTS * sum(widths[k] for k in range(1, last + 1))
    assert canvas.page_setup.orientation == "landscape"
    assert 0.95 * measure.LANDSCAPE[0] < printed <= measure.LANDSCAPE[0]
