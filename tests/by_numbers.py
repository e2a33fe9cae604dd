"""Specs as data and what comes out of them as numbers: nothing here knows how the compiler works inside."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from openpyxl import load_workbook

from sheetgen import Workbook, compile_text
from sheetgen.api import program_of
from sheetgen.passes.evaluate import evaluate
from sheetgen.spec.read import loads

Matrices = Mapping[str, tuple[str, Any]]
"""Name → role and numbers, in the spec's order."""


def spec(matrices: Matrices, steps: list[Any], *, loss: str | None = None, **more: Any) -> str:
    """The text of a spec (JSON is YAML); with a `loss`, its gradients are computed."""
    given = {name: {"role": role, "value": np.asarray(value).tolist()} for name, (role, value) in matrices.items()}
    backward = {} if loss is None else {"loss": loss, "backward": True}
    return json.dumps({"title": "t", "matrices": given, "steps": steps, **backward, **more})


def built(matrices: Matrices, steps: list[Any], *, loss: str | None = "L", **more: Any) -> Workbook:
    """The compiled spec."""
    return compile_text(spec(matrices, steps, loss=loss, **more))


def numbers(matrices: Matrices, steps: list[Any], *, loss: str | None = "L", **more: Any) -> dict[str, np.ndarray]:
    """The values of the spec's matrices, without a page."""
    return evaluate(program_of(loads(spec(matrices, steps, loss=loss, **more))))


def gradient(values: Mapping[str, np.ndarray], name: str, loss: str = "L", own: Any = ()) -> np.ndarray:
    """The gradient of a matrix in the matrix's own orientation; names in `own` are the user's, so never it."""
    found = [key for key in values if key not in own and re.fullmatch(rf"d{loss}_d{name}(_T)?(_\d+)?", key)]
    assert len(found) == 1, (name, found)
    return values[found[0]].T if re.search(r"_T(_\d+)?$", found[0]) else values[found[0]]


def central_differences(matrices: Matrices, steps: list[Any], name: str, loss: str = "L") -> np.ndarray:
    """The gradient of a given matrix, by evaluating the spec with each of its numbers moved a little up and down."""
    role, value = matrices[name]
    base = np.array(value, dtype=float)
    result, step = np.zeros_like(base), 1e-5
    for at in np.ndindex(*base.shape):
        ends = []
        for sign in (1, -1):
            moved = base.copy()
            moved[at] += sign * step
            ends.append(numbers({**matrices, name: (role, moved)}, steps, loss=None)[loss][0, 0])
        result[at] = (ends[0] - ends[1]) / (2 * step)
    return result


def check_gradients(matrices: Matrices, steps: list[Any], loss: str = "L", **more: Any) -> Workbook:
    """The compiled spec, after every parameter's gradient was compared with central differences, every cell with
    numpy."""
    workbook = built(matrices, steps, loss=loss, **more)
    for name, (role, _) in matrices.items():
        if role == "parameter":
            expected = central_differences(matrices, steps, name, loss)
            np.testing.assert_allclose(gradient(workbook.values, name, loss), expected, rtol=1e-6, atol=1e-7)
    report = workbook.verify()
    assert report.ok, report.first
    return workbook


def formulas(workbook: Workbook, folder: Path) -> list[str]:
    """Every formula of the saved file, with its `=`."""
    book = load_workbook(workbook.save(folder / "book.xlsx"))
    cells = (cell.value for sheet in book for row in sheet.iter_rows() for cell in row)
    texts = (getattr(value, "text", value) for value in cells)
    return [text for text in texts if isinstance(text, str) and text.startswith("=")]
