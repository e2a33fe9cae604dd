"""The benchmark compares like with like: openpyxl and XlsxWriter are given exactly the cells that we write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.formula import ArrayFormula

from benchmarks.networks import NETWORKS, spec_text
from benchmarks.peer import Peer, XlsxWriterPeer
from sheetgen import compile_text
from sheetgen.book.workbook import assemble


@pytest.mark.parametrize("formulas", ["cells", pytest.param("blocks", marks=pytest.mark.slow)])
@pytest.mark.parametrize("network", ["mlp", *(pytest.param(n, marks=pytest.mark.slow) for n in NETWORKS if n != "mlp")])
def test_openpyxl_writes_the_same_cells(network: str, formulas: str, tmp_path: Path) -> None:
    workbook = compile_text(spec_text(network, 500, formulas))
    content = assemble(workbook.plan)
    Peer(content.parts, content.sheets).write(tmp_path / "openpyxl.xlsx")
    ours, merged = _cells(workbook.save(tmp_path / "sheetgen.xlsx"))
    theirs, _ = _cells(tmp_path / "openpyxl.xlsx")
    assert {place: theirs[place] for place in theirs if place not in merged} == ours
    assert len(ours) > 400


@pytest.mark.parametrize("formulas", ["cells", pytest.param("blocks", marks=pytest.mark.slow)])
def test_xlsxwriter_writes_the_same_cells(formulas: str, tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    workbook = compile_text(spec_text("mlp", 500, formulas))
    content = assemble(workbook.plan)
    XlsxWriterPeer(content.parts, content.sheets).write(tmp_path / "xlsxwriter.xlsx")
    ours, _ = _cells(workbook.save(tmp_path / "sheetgen.xlsx"))
    theirs, _ = _cells(tmp_path / "xlsxwriter.xlsx")
    values, looks = ({place: cell[k] for place, cell in ours.items()} for k in (0, 2))
    assert {place: theirs[place][0] for place in ours if values[place] is not None or place in theirs} == values
    assert len(set(looks.values())) > 20


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS)
def test_networks_have_about_the_size_that_is_asked_for(network: str) -> None:
    workbook = compile_text(spec_text(network, 10_000, "cells"))
    cells = sum(region.values.size for sheet in workbook.plan.sheets for region in sheet.regions)
    assert 5_000 < cells < 20_000
    assert workbook.program.loss


def _cells(path: Path) -> tuple[dict[tuple[str, str], Any], set[tuple[str, str]]]:
    """The cells outside of merged ranges (whose borders openpyxl changes when it reads them), and those inside."""
    found, merged = {}, set()
    for sheet in load_workbook(path):
        inside = {cell for area in sheet.merged_cells.ranges for cell in area.cells}
        merged |= {(sheet.title, sheet.cell(*place).coordinate) for place in inside}
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            value = (cell.value.ref, cell.value.text) if isinstance(cell.value, ArrayFormula) else cell.value
            value = None if value == "" else value
            if isinstance(value, float):
                value = f"{value:.14g}"  # openpyxl writes 16 digits
            if (value is not None or cell.style_id) and (cell.row, cell.column) not in inside:
                look = (cell.font, cell.fill, cell.border, cell.number_format, cell.alignment)
                found[sheet.title, cell.coordinate] = (value, value is not None and cell.data_type, repr(look))
    return found, merged
