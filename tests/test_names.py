"""Names in specs and in workbooks."""

from __future__ import annotations

import pytest

from sheetgen.errors import SpecError
from sheetgen.names import excel_name
from sheetgen.spec.names import check_name, collision


@pytest.mark.parametrize(
    "name", ["dL_dW1", "W1_", "L", "X", "Y_pred", "Z", "H_0", "W1_new", "A1B2", "conv1", "dL_dC1", "XFE1", "A1048577"]
)
def test_names_that_stay(name: str) -> None:
    assert excel_name(name) == name


@pytest.mark.parametrize(
    "name, expected",
    [
        ("dW1", "dW1_"), ("c", "c_"), ("R", "R_"), ("W1", "W1_"), ("H1", "H1_"), ("LOG10", "LOG10_"), ("A01", "A01_"),
        ("XFD1048576", "XFD1048576_"), ("XAE1", "XAE1_"), ("C1", "_C1"), ("C1_", "_C1_"), ("R2_new", "_R2_new"),
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


def test_collisions() -> None:
    assert collision(["W1", "W2", "b1"]) is None
    assert collision(["Zx", "zx"]) == (
        "Zx", "zx", "`Zx` and `zx` differ only in case, which spreadsheets can't tell apart"
    )  # fmt: skip
    found = collision(["W1", "w1_"])
    assert found is not None and "w1_" in found[2] and "workbook" in found[2]
