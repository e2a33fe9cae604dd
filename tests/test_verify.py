"""A workbook that somebody changed is reported: values, formulas, weights, sheets; noise of rounding isn't."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import falsify_cached_values, write_by_hand
from openpyxl import load_workbook
from openpyxl.worksheet.formula import ArrayFormula

from sheetgen import api
from sheetgen.layout.plan import Region, Role, SheetPlan, WorkbookPlan
from sheetgen.proof import compare as verify
from sheetgen.proof import engines
from sheetgen.proof.audit import audit
from sheetgen.proof.formulas import canonical, same

BOTH = list(engines.ENGINES)


def full_check(plan: WorkbookPlan, path: Path, engine: str = "ironcalc") -> verify.Report:
    return audit(plan, verify.check(plan, path, engines.get(engine)))


def edit(path: Path, cell: str, content: object) -> None:
    book = load_workbook(path)
    book["Canvas"][cell] = content
    book.save(path)


@pytest.mark.parametrize("engine", BOTH)
def test_a_right_workbook(engine: str, plan: WorkbookPlan, workbook: Path) -> None:
    report = full_check(plan, workbook, engine)
    assert report.ok and report.first is None and report.wrong == 0
    assert report.cells == 4 + 2 + 2 + 2 + 1
    assert [region.name for region in report.regions] == ["W", "X", "Z", "A", "live text"]
    assert report.worst <= 1e-15
    assert report.to_json()["ok"] is True


@pytest.mark.parametrize("engine", BOTH)
def test_a_falsified_cached_value_is_recalculated_and_reported(engine: str, plan: WorkbookPlan, workbook: Path) -> None:
    assert falsify_cached_values(workbook) > 0
    assert verify.check(plan, workbook, engines.get(engine)).ok
    report = full_check(plan, workbook, engine)
    finding = report.first
    assert finding is not None and (finding.kind, finding.matrix, finding.cell) == ("cached", "Z", "G2")
    assert (finding.expected, finding.found) == (5, 999) and report.wrong == 5


@pytest.mark.parametrize("engine", BOTH)
def test_a_changed_formula_is_reported(engine: str, plan: WorkbookPlan, workbook: Path) -> None:
    edit(workbook, "I3", "=MAX(1,G3)")
    finding = verify.check(plan, workbook, engines.get(engine)).first
    assert finding is not None
    assert (finding.kind, finding.matrix, finding.sheet, finding.cell) == ("value", "A", "Canvas", "I3")
    assert (finding.expected, finding.found, finding.formula) == (0, 1, "MAX(0,G3)")
    finding = full_check(plan, workbook, engine).first
    assert finding is not None
    assert (finding.kind, finding.matrix, finding.cell) == ("formula", "A", "I3")
    assert (finding.expected, finding.found) == ("=MAX(0,G3)", "=MAX(1,G3)")


def test_a_changed_formula_with_the_right_value_is_reported(plan: WorkbookPlan, workbook: Path) -> None:
    for cell, content in [("I2", "=G2"), ("I2", 5), ("G2", ArrayFormula("G2", "=MMULT($B2:$C2,E$2:E$3)*1"))]:
        path = write_by_hand(plan, workbook)
        edit(path, cell, content)
        assert verify.check(plan, path, engines.get("ironcalc")).ok
        finding = full_check(plan, path).first
        assert finding is not None and finding.kind == "formula" and finding.cell == cell


@pytest.mark.parametrize("engine", BOTH)
def test_a_changed_weight_differs_from_the_spec(engine: str, plan: WorkbookPlan, workbook: Path) -> None:
    edit(workbook, "C3", 7)
    report = full_check(plan, workbook, engine)
    finding = report.first
    assert finding is not None
    assert (finding.kind, finding.matrix, finding.cell) == ("given", "W", "C3")
    assert (finding.expected, finding.found) == (-3, 7)
    assert str(finding) == "W Canvas!C3: differs from the spec; expected -3, found 7"
    assert [region.name for region in report.regions if not region.ok] == ["W", "Z", "A"]


@pytest.mark.parametrize("engine", BOTH)
@pytest.mark.parametrize(("cell", "matrix", "expected"), [("B2", "W", 2), ("G3", "Z", -1.5), ("I2", "A", 5)])
def test_a_deleted_cell_is_reported(
    engine: str, cell: str, matrix: str, expected: float, plan: WorkbookPlan, workbook: Path
) -> None:
    edit(workbook, cell, None)
    finding = full_check(plan, workbook, engine).first
    assert finding is not None
    assert (finding.kind, finding.matrix, finding.cell) == ("missing", matrix, cell)
    assert (finding.expected, finding.found) == (expected, None)


def test_a_missing_sheet_is_reported(plan: WorkbookPlan, workbook: Path) -> None:
    book = load_workbook(workbook)
    book["Canvas"].title = "Other"
    book.save(workbook)
    report = full_check(plan, workbook)
    assert not any(region.ok for region in report.regions) and report.first is not None
    assert report.first.kind == "missing"


@pytest.mark.parametrize("engine", BOTH)
def test_a_live_text_is_checked(engine: str, plan: WorkbookPlan, workbook: Path) -> None:
    edit(workbook, "K2", '=IF(G2>0,"down","up")')
    finding = verify.check(plan, workbook, engines.get(engine)).first
    assert finding is not None
    assert (finding.cell, finding.expected, finding.found) == ("K2", "up", "down")


def test_a_text_in_place_of_a_number_is_reported(plan: WorkbookPlan, workbook: Path) -> None:
    edit(workbook, "E2", "three")
    finding = full_check(plan, workbook).first
    assert finding is not None and (finding.kind, finding.cell, finding.found) == ("given", "E2", "three")


def one_row(values: list[float], formulas: list[str | None]) -> WorkbookPlan:
    """A1, B1, … as regions of one cell each, named after their cells."""
    regions = tuple(
        Region(f"{chr(65 + k)}1", Role.FORWARD, 1, 1 + k, np.array([[v]]), ((f,),) if f else None)
        for k, (v, f) in enumerate(zip(values, formulas, strict=True))
    )
    return WorkbookPlan("Row", (SheetPlan("Canvas", "Row", regions, ()),), (), "", ())


@pytest.mark.parametrize("engine", BOTH)
def test_the_remainder_of_a_difference_may_be_rounded_away(engine: str, tmp_path: Path) -> None:
    residue = 0.1 + 0.2 - 0.3
    values = [0.1, 0.2, 0.3, residue, residue * 7, residue * 7]
    plan = one_row(values, [None, None, None, "A1+B1-C1", "D1*7", "MAX(0,E1)"])
    path = write_by_hand(plan, tmp_path / "residue.xlsx")
    assert residue > 0
    assert verify.check(plan, path, engines.get(engine)).ok


@pytest.mark.parametrize("engine", BOTH)
def test_small_wrong_numbers_are_not_rounded_away(engine: str, tmp_path: Path) -> None:
    """e^-30 twice too large, beside a mask of -1e9: no slack that is meant for sums may hide it."""
    values = [-30.0, -1e9, float(np.exp(-30)), 1e-8]
    right = one_row(values, [None, None, "EXP(A1)", "A1*0-A1*1E-8/30*1+A1*1E-8/15-A1*1E-8/10"])
    wrong = one_row(values, [None, None, "2*EXP(A1)", "1.0001E-8"])
    path = write_by_hand(wrong, tmp_path / "small.xlsx")
    report = verify.check(right, path, engines.get(engine))
    assert [region.name for region in report.regions if not region.ok] == ["C1", "D1"]


@pytest.mark.parametrize("shift", [2e-9, -2e-9])
def test_the_tolerance_is_relative_to_the_number(shift: float, plan: WorkbookPlan, workbook: Path) -> None:
    sheet = plan.sheets[0]
    for factor, ok in [(1 + shift, False), (1 + shift / 4, True)]:
        regions = tuple(replace(r, values=r.values * factor) if r.name == "Z" else r for r in sheet.regions)
        other = replace(plan, sheets=(replace(sheet, regions=regions),))
        assert verify.check(other, workbook, engines.get("ironcalc")).ok is ok


def test_a_block_formula(tmp_path: Path) -> None:
    w = np.array([[1.0, 2.0], [3.0, 4.0]])
    regions = (
        Region("W", Role.PARAMETER, 1, 1, w, defined_name="W"),
        Region("P", Role.FORWARD, 1, 4, w @ w, block="MMULT(W,W)"),
    )
    plan = WorkbookPlan("Block", (SheetPlan("Canvas", "Block", regions, ()),), (), "", ())
    path = write_by_hand(replace(plan, sheets=(replace(plan.sheets[0], regions=regions[:1]),)), tmp_path / "b.xlsx")
    edit(path, "D1", ArrayFormula("D1:E2", "=MMULT(A1:B2,A1:B2)"))
    report = full_check(plan, path)
    assert report.first is not None and report.first.kind == "formula" and report.first.cell == "D1"
    regions = (regions[0], replace(regions[1], block="MMULT(A1:B2,A1:B2)"))
    plan = replace(plan, sheets=(replace(plan.sheets[0], regions=regions),))
    assert full_check(plan, path).ok


def test_canonical_formulas() -> None:
    text = canonical("=MMULT( $A1:$B1, 'Canvas'!e$1:e$2)")
    assert text == canonical("mmult($A1:$B1,Canvas!E$1:E$2)")
    assert canonical('=IF(A1>0,"a b","c")') != canonical('=IF(A1>0,"ab","c")')
    assert canonical("'Chart data'!A1") != canonical("'Chartdata'!A1")
    assert same("=A1*1E-05/6.283185307179586", "A1 * 0.00001 / 6.28318530717959")
    assert not same("=A1*0.1", "=A1*0.1000001") and not same("=A1+1", "=A1+11")
    assert not same("=A1", "=A2") and not same('="1.0"', '="1"')


KINK = """
title: Kink
matrices:
  A: {{role: parameter, value: [{a}, 1]}}
  B: {{role: parameter, value: [0.2, 1]}}
  C: {{role: constant, value: [0.3, 1]}}
  K: {{role: constant, value: [5, 7]}}
steps:
  - Z = A + B - C
  - R = relu(Z)
  - L = sum(R * K)
loss: L
backward: true
"""


@pytest.mark.parametrize("engine", ["ironcalc", "libreoffice"])
def test_rounding_noise_at_the_kink_of_a_relu_is_no_mistake(engine: str) -> None:
    """0.1 + 0.2 - 0.3 is 5.6e-17 in doubles, also for IronCalc, and 0 for other spreadsheets."""
    workbook = api.compile_text(KINK.format(a=0.1))
    assert workbook.values["Z"][0, 0] == 0 and workbook.values["dL_dZ"][0, 0] == 0
    assert workbook.verify(engine).ok


def test_a_wrong_mask_is_found_where_the_sign_is_clear(tmp_path: Path) -> None:
    workbook = api.compile_text(KINK.format(a=0.2))
    path = workbook.save(tmp_path / "kink.xlsx")
    book = load_workbook(path)
    at = book.defined_names["dL_dZ"].attr_text.split("!")[1].replace("$", "").split(":")[0]
    book["Canvas"][at] = book["Canvas"][at].value.replace(">", "<")
    book.save(path)
    report = verify.check(workbook.plan, path, engines.get("ironcalc"))
    assert report.first is not None and report.first.cell == at
