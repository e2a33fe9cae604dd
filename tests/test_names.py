"""Names in specs and in workbooks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook

import sheetgen
from sheetgen.errors import SpecError
from sheetgen.names import also_called, excel_name, excel_names
from sheetgen.spec.names import check_name


@pytest.mark.parametrize(
    "name", ["dL_dW1", "W1_", "L", "X", "Y_pred", "Z", "H_0", "W1_new", "A1B2", "conv1_", "dL_dC1"]
)
def test_names_that_stay(name: str) -> None:
    assert excel_name(name) == name


@pytest.mark.parametrize(
    "name, expected",
    [
        ("dW1", "dW1_"), ("c", "c_"), ("R", "R_"), ("W1", "W1_"), ("H1", "H1_"), ("LOG10", "LOG10_"), ("A01", "A01_"),
        ("XFD1048576", "XFD1048576_"), ("XAE1", "XAE1_"), ("H0", "H0_"), ("beta1", "beta1_"),
        ("A1048577", "A1048577_"), ("C1", "_C1"), ("C1_", "_C1_"), ("R2_new", "_R2_new"),
        ("RC", "_RC"), ("R1C1", "_R1C1"), ("true", "_true"), ("_xlfn", "__xlfn"), ("Print_Area", "_Print_Area"),
        ("criteria", "_criteria"),
    ],
)  # fmt: skip
def test_names_that_spreadsheets_would_misread(name: str, expected: str) -> None:
    assert excel_name(name) == expected
    assert excel_name(expected) == expected or expected.startswith("__")


@pytest.mark.parametrize("name", ["W1", "b", "_x", "Y_pred", "T"])
def test_good_names(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    "name, word",
    [
        ("", "letters"), ("1W", "digit"), ("a b", "letters"), ("σ", "letters"), ("W1\n", "letters"), ("=A1", "letters"),
        ("a-b", "letters"), ("lambda", "Python"), ("softmax", "function"), ("x" * 81, "80"), ("W²", "letters"),
    ],
)  # fmt: skip
def test_bad_names(name: str, word: str) -> None:
    with pytest.raises(SpecError, match=word):
        check_name(name)


@pytest.mark.parametrize(
    "names, expected",
    [
        (["W", "X", "b"], ["W", "X", "b"]),
        (["W", "w", "x", "X"], ["W", "w_", "x", "X_"]),
        (["W1", "w1", "W1_"], ["W1_", "w1__", "W1___"]),
        (["W", "w", "w_", "W_"], ["W", "w_", "w__", "W___"]),
        (["w_", "W", "w"], ["w_", "W", "w__"]),
        (["C", "c", "C1", "c1", "R2_new", "r2_NEW"], ["C_", "c__", "_C1", "_c1_", "_R2_new", "_r2_NEW_"]),
        (["dL_dW", "dL_dw", "dL_dW"], ["dL_dW", "dL_dw_"]),
    ],
)
def test_no_two_matrices_have_one_name(names: list[str], expected: list[str]) -> None:
    found = excel_names(names)
    assert list(found) == list(dict.fromkeys(names)) and list(found.values()) == expected
    for name, defined in found.items():
        assert excel_name(defined) == defined or defined.startswith("__")
        assert bool(also_called(name, defined)) == (defined != excel_name(name))


BOTH = """title: Both cases
matrices:
  W: {role: parameter, value: [[1, 2], [3, 4]]}
  w: {role: parameter, value: [[1, -2]]}
  X: {role: input, value: [1, 2]}
  W1: {role: constant, value: 2}
  W1_: {role: constant, value: 3}
steps:
  - x = W @ X
  - g = tanh(x)
  - G = w @ g * W1 + W1_
  - L = sum(G)
loss: L
update: {learning_rate: 0.5}
"""


def test_names_that_differ_only_in_case_may_both_be_used(tmp_path: Path) -> None:
    workbook = sheetgen.compile_text(BOTH)
    regions = {r.name: r for sheet in workbook.plan.sheets for r in sheet.regions if r.defined_name}
    called = {name: region.defined_name for name, region in regions.items()}
    shown = {name: called[name] for name in ("W", "w", "X", "x", "g", "G", "W1", "W1_")}
    assert shown == {"W": "W", "w": "w_", "X": "X", "x": "x_", "g": "g", "G": "G_", "W1": "W1_", "W1_": "W1__"}
    assert len({str(name).casefold() for name in called.values()}) == len(called) > 12
    told = "In formulas it is called w_: w is another matrix there, as case doesn't count."
    assert told in regions["w"].note and told in regions["w"].prompt
    assert "x_: x is another matrix" in regions["x"].note and "called" not in regions["W"].note + regions["W1"].note
    np.testing.assert_allclose(workbook.values["G"], [[2 * (np.tanh(5) - 2 * np.tanh(11)) + 3]])
    path = workbook.save(tmp_path / "both.xlsx")
    names = load_workbook(path).defined_names
    assert names["w_"].attr_text != names["W"].attr_text and set(called.values()) <= set(names)
    assert workbook.verify().ok and sheetgen.verify_workbook(path).ok
