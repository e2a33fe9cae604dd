"""Each operation's example in the documentation: numpy's value and IronCalc's are what was worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from examples_by_hand import EXAMPLES, taken_apart

from sheetgen.api import compile_text
from sheetgen.ops import OPERATIONS
from sheetgen.proof.engines import get
from sheetgen.workbook import Workbook

CLOSE = 0.5e-4
"""Half of the last of four decimals."""


def matrix(value: Any) -> np.ndarray:
    """As a spec reads it: a flat list is a column."""
    array = np.array(value, float)
    return array if array.ndim == 2 else array.reshape(-1, 1)


def compiled(example: str) -> Workbook:
    givens, expression, _ = taken_apart(example)
    matrices = {name: {"role": "input", "value": value} for name, value in givens.items()}
    return compile_text(yaml.safe_dump({"title": "t", "matrices": matrices, "steps": [f"Out = {expression}"]}))


def recalculated(workbooks: dict[str, Workbook], folder: Path) -> dict[str, np.ndarray]:
    """What IronCalc makes of `Out` in each, from the file. A stack of given matrices may be these themselves."""
    files = {name: workbook.save(folder / f"{name}.xlsx") for name, workbook in workbooks.items()}
    found = {}
    for (name, workbook), values in zip(workbooks.items(), get("ironcalc").recalculate([*files.values()]), strict=True):
        canvas = workbook.plan.sheets[0]
        own = [region for region in canvas.regions if region.name == "Out" and region.role != "copy"]
        drawn = own or canvas.regions
        top, left = min(region.row for region in drawn), min(region.column for region in drawn)
        bottom = max(region.row + region.height for region in drawn)
        right = max(region.column + region.width for region in drawn)
        found[name] = values.block(canvas.title, top, left, bottom - top, right - left).astype(float)
    return found


def test_every_operation_has_an_example_that_uses_it() -> None:
    written = {name: o for name, o in OPERATIONS.items() if o.public or o.symbol or name == "slice"}
    assert EXAMPLES.keys() == written.keys()
    for name, operation in written.items():
        sign = operation.symbol or {"slice": "[:, 1]", "transpose": ".T"}.get(name, f"{name}(")
        assert sign in EXAMPLES[name].split("→")[0], name


@pytest.fixture(scope="module")
def workbooks() -> dict[str, Workbook]:
    return {name: compiled(example) for name, example in EXAMPLES.items()}


def test_the_examples_by_numpy(workbooks: dict[str, Workbook]) -> None:
    for name, example in EXAMPLES.items():
        value, expected = workbooks[name].values["Out"], matrix(taken_apart(example)[2])
        assert value.shape == expected.shape, name
        np.testing.assert_allclose(value, expected, rtol=0, atol=CLOSE, err_msg=name)


def test_the_examples_by_ironcalc(workbooks: dict[str, Workbook], tmp_path: Path) -> None:
    for name, value in recalculated(workbooks, tmp_path).items():
        np.testing.assert_allclose(value, matrix(taken_apart(EXAMPLES[name])[2]), rtol=0, atol=CLOSE, err_msg=name)


@pytest.mark.parametrize("example", ["relu([-1, 2]) → [0, 2.0001]", "sum([[1, 2], [3, 4]], axis=0) → [[4, 6.1]]"])
def test_a_wrong_example_is_found(example: str, tmp_path: Path) -> None:
    value, expected = recalculated({"x": compiled(example)}, tmp_path)["x"], matrix(taken_apart(example)[2])
    assert abs(value - expected).max() > CLOSE
