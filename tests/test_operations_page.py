"""The operations that docs/operations.md adds as examples work as it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from examples_by_hand import taken_apart
from formula_sheet import FormulaSheet
from test_examples import CLOSE, compiled, matrix
from test_ops import central_differences, gradient, program

from sheetgen.ops import OPERATIONS, composites, elementwise
from sheetgen.passes.evaluate import evaluate
from sheetgen.passes.grad import differentiate

PAGE = Path(__file__).parents[1] / "docs" / "operations.md"


@pytest.fixture
def examples() -> Iterator[None]:
    """The page's entries, for one test."""
    before = dict(OPERATIONS)
    blocks = re.findall(r"```python\n(elementwise|composite)(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    for name, rest in blocks:
        exec(name + rest, vars({"elementwise": elementwise, "composite": composites}[name]).copy())
    assert set(OPERATIONS) - set(before) == {"softshrink", "sinh", "cosh", "absolute_error"}
    yield
    for name in set(OPERATIONS) - set(before):
        del OPERATIONS[name]


EXAMPLES = ("softshrink(A)", "softshrink(A, S)", "softshrink(A @ C, 0.3)", "sinh(A)", "cosh(A @ C)",
            "absolute_error(A, B)")  # fmt: skip


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_examples(text: str, examples: None, tmp_path: Path) -> None:
    p = program(text)
    whole = differentiate(p)
    values = evaluate(whole)
    for name in "ABCS":
        found = gradient(values, name)
        assert (found is not None) == (name in text.split("(", 1)[1])
        if found is not None:
            np.testing.assert_allclose(found, central_differences(p, name), rtol=1e-5, atol=1e-7)
    sheet = FormulaSheet()
    sheet.program(whole)
    assert sheet.wrong(tmp_path) == []


SHOWN = re.findall(r'"\w+": "([^"]+ → [^"]+)"', PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("example", SHOWN)
def test_the_examples_for_readers(example: str, examples: None) -> None:
    value, expected = compiled(example).values["Out"], matrix(taken_apart(example)[2])
    assert len(SHOWN) == 2 and value.shape == expected.shape
    np.testing.assert_allclose(value, expected, rtol=0, atol=CLOSE)
