"""The check can fail: real workbooks, spoiled in every way a hand or a bug could, seen through both engines.

These are slow; `test_proof_whole` has one of each kind that is quick.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from by_specs import ROOT, compiled
from conftest import falsify_cached_values
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula
from typer.testing import CliRunner

import sheetgen
from sheetgen import api
from sheetgen.cmd import cli
from sheetgen.layout.plan import Region
from sheetgen.proof import compare as verify
from sheetgen.proof import engines
from sheetgen.proof.compare import Report
from sheetgen.proof.slack import Slack

BLOCKS = (ROOT / "specs" / "backpropagation.yaml").read_text(encoding="utf-8") + "\nformulas: blocks\n"
Spoil = Callable[[Any], object]
"""What is done to a cell that openpyxl has read: it returns what the cell holds then."""


def twice(cell: Any) -> object:
    if isinstance(cell.value, ArrayFormula):
        return ArrayFormula(cell.value.ref, f"=2*({cell.value.text.removeprefix('=')})")
    return f"=2*({cell.value.removeprefix('=')})"


def with_number(cell: Any) -> object:
    return 7.25


def deleted(cell: Any) -> object:
    return None


CASES: dict[str, tuple[str, str, tuple[int, int], Spoil, str]] = {
    "product": ("backpropagation", "Z1", (2, 0), twice, "formula"),
    "activation": ("backpropagation", "A2", (0, 0), twice, "formula"),
    "rounded softmax": ("backpropagation", "Y_pred", (1, 0), with_number, "formula"),
    "gradient": ("backpropagation", "dL_dW2", (1, 3), twice, "formula"),
    "bias's gradient": ("backpropagation", "dL_db1", (1, 0), twice, "formula"),
    "updated weight": ("backpropagation", "W3_new", (0, 0), twice, "formula"),
    "weight": ("backpropagation", "W1", (0, 2), with_number, "given"),
    "bias": ("backpropagation", "b2", (1, 0), with_number, "given"),
    "input": ("backpropagation", "X", (0, 0), with_number, "given"),
    "weight deleted": ("backpropagation", "W2", (0, 0), deleted, "missing"),
    "product deleted": ("backpropagation", "Z2", (1, 0), deleted, "missing"),
    "gradient deleted": ("backpropagation", "dL_dA1", (0, 0), deleted, "missing"),
    "adjacency": ("gcn", "Adj", (0, 2), with_number, "given"),
    "pooled": ("gcn", "H1", (0, 3), twice, "formula"),
    "verdict": ("gcn", "P_verdict", (0, 2), with_number, "formula"),
    "verdict deleted": ("gcn", "P_verdict", (0, 0), deleted, "missing"),
    "block": ("blocks", "A1", (0, 0), twice, "formula"),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[sheetgen.Workbook, Path]]:
    folder = tmp_path_factory.mktemp("built")
    books = {name: compiled(name) for name in ("backpropagation", "gcn")}
    books["blocks"] = sheetgen.compile_text(BLOCKS, base=ROOT / "specs")
    return {name: (book, book.save(folder / f"{name}.xlsx")) for name, book in books.items()}


def place(book: sheetgen.Workbook, matrix: str) -> tuple[str, Region]:
    return next((s.title, r) for s in book.plan.sheets for r in s.regions if r.name == matrix and r.role != "copy")


def cell_of(region: Region, at: tuple[int, int]) -> str:
    return f"{get_column_letter(region.column + at[1])}{region.row + at[0]}"


@pytest.fixture(scope="module")
def spoiled(built: dict[str, tuple[sheetgen.Workbook, Path]]) -> dict[str, Path]:
    """A copy of a workbook for each case, with one cell changed, and one with falsified cached values each."""
    paths = {}
    for case, (name, matrix, at, spoil, _) in CASES.items():
        book, path = built[name]
        sheet, region = place(book, matrix)
        opened = load_workbook(path)
        cell = opened[sheet][cell_of(region, at)]
        cell.value = spoil(cell)
        paths[case] = path.with_name(f"{case}.xlsx")
        opened.save(paths[case])
    for name, (_, path) in built.items():
        paths[f"cached {name}"] = Path(shutil.copy(path, path.with_name(f"cached {name}.xlsx")))
        assert falsify_cached_values(paths[f"cached {name}"]) > 100
    return paths


@pytest.fixture(
    scope="module", params=[pytest.param(name, marks=pytest.mark.slow) for name in engines.ENGINES]
)
def reports(request: pytest.FixtureRequest, spoiled: dict[str, Path]) -> dict[str, Report]:
    return dict(zip(spoiled, api.verify_workbooks(list(spoiled.values()), engines.get(request.param)), strict=True))


@pytest.mark.parametrize("name", ["backpropagation", "gcn", "blocks"])
def test_falsified_cached_values_are_recalculated(
    name: str, built: dict[str, tuple[sheetgen.Workbook, Path]], spoiled: dict[str, Path], reports: dict[str, Report]
) -> None:
    sheet, region = place(built[name][0], "Z3" if name != "gcn" else "z")
    cached = load_workbook(spoiled[f"cached {name}"], data_only=True)[sheet]
    assert cached.cell(region.row, region.column).value == 999
    report = reports[f"cached {name}"]
    assert report.cells > 100 and not report.ok
    assert {finding.kind for finding in report.findings} == {"cached"}
    assert {finding.found for finding in report.findings} == {999}


@pytest.mark.parametrize("case", CASES)
def test_one_changed_cell_is_reported(
    case: str, built: dict[str, tuple[sheetgen.Workbook, Path]], reports: dict[str, Report]
) -> None:
    name, matrix, at, spoil, kind = CASES[case]
    sheet, region = place(built[name][0], matrix)
    finding = reports[case].first
    assert finding is not None
    assert (finding.kind, finding.matrix, finding.sheet, finding.cell) == (kind, matrix, sheet, cell_of(region, at))
    formula, value = verify.formula_at(region, *at), region.values[at]
    assert finding.formula == formula and (formula is None) is (matrix in ("W1", "W2", "b2", "X", "Adj"))
    assert finding.expected == (f"={formula}" if kind == "formula" else value)
    if spoil is twice:
        assert str(finding.found).startswith("=2*(") and str(formula) in str(finding.found)
    else:
        assert finding.found == (None if spoil is deleted else 7.25)
    assert f"{matrix} {sheet}!{finding.cell}" in str(finding) and "expected" in str(finding)


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case, (*_, spoil, kind) in CASES.items() if kind == "formula"])
def test_the_engine_s_value_alone_gives_it_away(
    case: str, built: dict[str, tuple[sheetgen.Workbook, Path]], spoiled: dict[str, Path]
) -> None:
    """Without reading the formulas of the file: the values differ, unless the cell held 0."""
    name, matrix, at, spoil, _ = CASES[case]
    book, _ = built[name]
    _, region = place(book, matrix)
    report = verify.check(book.plan, spoiled[case], engines.get("ironcalc"))
    wrong = {found.name: found for found in report.regions if not found.ok}
    if spoil is twice and not np.any(region.values[at]):
        return
    finding = wrong[matrix].finding
    assert finding is not None and finding.cell == cell_of(region, at)
    assert finding.formula == verify.formula_at(region, *at) and finding.expected == region.values[at]
    assert finding.found == (2 * region.values[at] if spoil is twice else 7.25)


@pytest.mark.parametrize("name", ["gcn", "karate", "lstm", "transformer"])
def test_no_slack_for_rounding_hides_a_wrong_number(name: str, tmp_path: Path) -> None:
    """However long the way to a cell is."""
    book = compiled(name)
    found = engines.get("ironcalc").recalculate([book.save(tmp_path / "book.xlsx")])[0]
    slack = Slack(book.plan, found, book.program, book.values)
    for sheet, region in verify.drawn(book.plan):
        if region.values.dtype.kind == "f":
            largest = max(1.0, float(np.abs(region.values).max()))
            allowed = slack.of(sheet.title, region)[0]
            assert allowed.max() <= 1e-7 * largest, (region.name, allowed.max())


@pytest.mark.libreoffice
def test_the_command_says_so_for_each_engine(spoiled: dict[str, Path]) -> None:
    result = CliRunner().invoke(cli.app, ["verify", str(spoiled["product"]), "--engine", "all"])
    assert result.exit_code == 1
    for engine in ("IronCalc", "LibreOffice"):
        assert f"product, {engine}: Z1 Canvas!" in result.stderr
    assert "another formula; expected =MMULT(" in result.stderr and "found =2*(MMULT(" in result.stderr


def test_a_report_says_in_one_line_what_came_out(tmp_path: Path) -> None:
    workbook = compiled("linear")
    assert repr(workbook) == f"Workbook(name='{ROOT / 'specs' / 'linear.yaml'}')"
    path = workbook.save(tmp_path / "linear.xlsx")
    report = sheetgen.verify_workbook(path)
    assert str(report) == f"{path}: {report.cells} cells, recalculated by IronCalc, all as numpy has them"
    book = load_workbook(path)
    given = workbook.plan.sheets[0].regions[0]
    book["Canvas"].cell(given.row, given.column, 77)
    book.save(path)
    wrong = sheetgen.verify_workbook(path)
    assert f"{wrong.wrong} of them wrong; {wrong.first}" in str(wrong) and max(len(repr(wrong)), len(str(wrong))) < 400
