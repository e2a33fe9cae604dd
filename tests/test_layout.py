"""How well the pages of all specs read, measured from their files: print, filling, ways, sections."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import openpyxl
import pytest
from by_specs import SPECS, compiled
from openpyxl.workbook.defined_name import DefinedName
from page_measures import Measures, measure

FAR = {
    "adam_by_hand": "the rates that each step reads are numbers of the title",
    "pagerank": "the damping is a number of the title",
}
"""Specs in which a formula reads further than 35 cells away, and why."""


@pytest.fixture(scope="module")
def measures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Measures]]:
    folder = tmp_path_factory.mktemp("pages")
    return {path.stem: measure(compiled(path.stem).save(folder / f"{path.stem}.xlsx")) for path in SPECS}


@pytest.mark.slow
def test_digits_can_be_read_in_print(measures: dict[str, list[Measures]]) -> None:
    small = {f"{name} {m.sheet}": m.points for name, sheets in measures.items() for m in sheets if m.points < 7}
    assert small == {}


@pytest.mark.slow
def test_pages_are_filled_and_operands_near(measures: dict[str, list[Measures]]) -> None:
    canvases = [m for sheets in measures.values() for m in sheets if m.sheet == "Canvas"]
    assert median(m.filled for m in canvases) >= 0.25
    assert median(m.way90 for m in canvases) <= 14
    assert {name for name, sheets in measures.items() if max(m.way90 for m in sheets) > 35} == set(FAR)


@pytest.mark.slow
def test_sections_keep_apart(measures: dict[str, list[Measures]]) -> None:
    assert {name: m.mixed for name, sheets in measures.items() for m in sheets if m.mixed} == {}


# The measures measure


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A matrix in D8:E9, a link to it in D12:E13, and a sum of the link in H12."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Canvas"
    book.create_sheet("Steps").append(["No.", "Section"])
    for row in (8, 9):
        for column in (4, 5):
            sheet.cell(row, column).value = row * column
            sheet.cell(row + 4, column).value = f"={'DE'[column - 4]}{row}"
    sheet["H12"] = "=SUM(D12:E13)"
    for name, area in (("A", "$D$8:$E$9"), ("s", "$H$12")):
        book.defined_names[name] = DefinedName(name, attr_text=f"Canvas!{area}")
    sheet.sheet_properties.pageSetUpPr.fitToPage = False
    sheet.page_setup.scale = 65
    book.save(tmp_path / "a.xlsx")
    return tmp_path / "a.xlsx"


def test_a_page_by_hand(page: Path) -> None:
    (found,) = measure(page)
    assert found.sheet == "Canvas" and found.points == 6.5
    assert found.filled == pytest.approx(9 / (8 * 8))  # rows 6 to 13, columns A to H
    assert found.ways == (3,) and found.way90 == 3  # from the sum to the link: the link's own source doesn't count
    assert found.mixed == ()
