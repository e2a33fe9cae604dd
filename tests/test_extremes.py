"""Where numbers get large, formulas stay finite as numpy's do."""

from __future__ import annotations

import numpy as np
import pytest

from sheetgen import compile_text

SPEC = """
title: Extremes
formulas: {formulas}
matrices:
  X: {{role: parameter, value: [[-100000, -710, -700, 0, 700, 710, 100000]]}}
  Y: {{role: target, value: [0, 1]}}
steps:
  - A = sigmoid(X)
  - B = silu(X)
  - C = softplus(X)
  - D = tanh(X)
  - E = gelu(X)
  - F = softmax(X.T)
  - G = logsumexp(X.T)
  - P = softmax(vstack([X[:, 0], X[:, 6]]))
  - H = cross_entropy(P, Y)
  - L = sum(A) + sum(B) + sum(C) + sum(D) + sum(E) + sum(F) + G + H
loss: L
backward: true
"""


@pytest.mark.parametrize("formulas", ["cells", "blocks"])
@pytest.mark.parametrize("engine", ["ironcalc", "libreoffice"])
def test_large_inputs(formulas: str, engine: str) -> None:
    workbook = compile_text(SPEC.format(formulas=formulas))
    assert all(np.isfinite(value).all() for value in workbook.values.values())
    assert workbook.values["A"][0].tolist() == pytest.approx([0, 0, 0, 0.5, 1, 1, 1], abs=1e-300)
    report = workbook.verify(engine)
    assert report.ok, report.first
