"""What the page of idioms says instead of other libraries' options has their values."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from sheetgen.api import program_of
from sheetgen.passes.evaluate import evaluate
from sheetgen.spec.read import loads

PAGE = (Path(__file__).parents[1] / "docs" / "idioms.md").read_text(encoding="utf-8")


def values(title: str) -> dict[str, np.ndarray]:
    (text,) = [text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.S) if text.startswith(f"title: {title}\n")]
    return evaluate(program_of(loads(text)))


def test_targets_are_smoothed_weighed_and_missing_as_in_pytorch() -> None:
    """`F.cross_entropy(z, kind, weight=, label_smoothing=)` as its documentation defines it."""
    v = values("A target with all of it")
    kinds = [(0, 0), (1, 1), (3, 2)]  # column and class; the third is ignored
    logs = -np.log(np.exp(v["Z"]) / np.exp(v["Z"]).sum(axis=0))
    assert np.isclose(v["plain"][0, 0], np.mean([logs[k, n] for n, k in kinds]))
    smooth = [0.9 * logs[k, n] + 0.1 * logs[:, n].mean() for n, k in kinds]
    assert np.isclose(v["smooth"][0, 0], np.mean(smooth))
    weights = [1, 2, 1]
    weighed = sum(weights[k] * logs[k, n] for n, k in kinds) / sum(weights[k] for _, k in kinds)
    assert np.isclose(v["weighed"][0, 0], weighed)


def test_losses_of_distances() -> None:
    v = values("Three losses of distances")
    a, b, c = (v[name].T for name in "ABC")
    near, far = ([np.hypot(*(x - y)) for x, y in zip(a, other, strict=True)] for other in (b, c))
    assert np.isclose(v["triplet"][0, 0], np.mean([max(0, n - f + 1) for n, f in zip(near, far, strict=True)]))
    assert np.isclose(v["contrastive"][0, 0], np.mean([far[0] ** 2, max(0, 2 - far[1]) ** 2]))
    scores = np.array([[x @ y / 0.5 for y in b] for x in a])
    chosen = [np.exp(scores[k, k]) / np.exp(scores[:, k]).sum() for k in range(2)]
    assert np.isclose(v["info_nce"][0, 0], -np.mean(np.log(chosen)))


def test_running_averages() -> None:
    v = values("A slow average")
    np.testing.assert_allclose(v["run_mean_new"], [[0.9 * 2 + 0.1 * 3], [0.9 + 0.1 * 2]])
    np.testing.assert_allclose(v["run_var_new"], [[0.9 + 0.1 * 4], [0.9 + 0.1 * 4]])
    np.testing.assert_allclose(v["n_test"][0], (4 - 2.1) / np.sqrt(1.3 + 1e-5))
