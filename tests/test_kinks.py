"""Where a function has a kink or a tie, its gradient is what docs/language.md says; beside it, the derivative."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from by_numbers import Matrices, built, check_gradients, gradient

PAGE = (Path(__file__).parents[1] / "docs" / "language.md").read_text(encoding="utf-8")
THREE = [[10, 20, 30]]
"""What reaches the three cells of a row: different numbers, so that none can be taken for another."""


@dataclass(frozen=True)
class Kink:
    """`Z = text` exactly at its kinks: its value and, for `L = sum(U * Z)`, the gradients of X and of the others."""

    text: str
    x: Any
    value: Any
    dx: Any
    u: Any = field(default_factory=lambda: THREE)
    others: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    """Name → numbers and gradient of a further matrix; None for one that isn't a parameter."""
    derivative: bool = True
    """Its gradient is the derivative wherever there is one."""

    @property
    def matrices(self) -> Matrices:
        more = {
            name: ("parameter" if expected is not None else "target", value)
            for name, (value, expected) in self.others.items()
        }
        return {"X": ("parameter", self.x), **more, "U": ("constant", self.u)}


STEPS = ["Z = {text}", "L = sum(U * Z)"]
TWO = {"Y": ([[2, 2, 2]], [[10, 0, 0]])}
TIED = [[4, 4, 1], [4, 0, 1]]
KINKS = {
    "relu": [Kink("relu(X)", [[-1, 0, 2]], [[0, 0, 2]], [[0, 0, 30]])],
    "leaky_relu": [
        Kink("leaky_relu(X, 0.5)", [[-2, 0, 2]], [[-1, 0, 2]], [[5, 10, 30]]),
        Kink("leaky_relu(X, S)", [[-2, 0, 2]], [[-1, 0, 2]], [[5, 10, 30]], others={"S": ([[0.5]], [[-20]])}),
    ],
    "hard_sigmoid": [Kink("hard_sigmoid(X)", [[-3, 0, 3]], [[0, 0.5, 1]], [[0, 20 / 6, 0]])],
    "abs": [Kink("abs(X)", [[-1, 0, 2]], [[1, 0, 2]], [[-10, 0, 30]])],
    "sign": [
        Kink("sign(X)", [[-1, 0, 2]], [[-1, 0, 1]], [[0, 0, 0]]),
        Kink("sign(X) * X", [[-1, 0, 2]], [[1, 0, 2]], [[-10, 0, 30]]),
    ],
    "round": [
        Kink("round(X)", [[-0.5, 0.5, 1.5]], [[-1, 1, 2]], THREE, derivative=False),
        Kink("round(X, 1)", [[-0.25, 0.05, 0.12]], [[-0.3, 0.1, 0.1]], THREE, derivative=False),
    ],
    "maximum": [
        Kink("maximum(X, Y)", [[1, 2, 3]], [[2, 2, 3]], [[0, 20, 30]], others=TWO),
        Kink("maximum(Y, X)", [[1, 2, 3]], [[2, 2, 3]], [[0, 0, 30]], others={"Y": ([[2, 2, 2]], [[10, 20, 0]])}),
        Kink("maximum(X, 2)", [[1, 2, 3]], [[2, 2, 3]], [[0, 20, 30]]),
        Kink("maximum(2, X)", [[1, 2, 3]], [[2, 2, 3]], [[0, 0, 30]]),
    ],
    "minimum": [
        Kink("minimum(X, Y)", [[3, 2, 1]], [[2, 2, 1]], [[0, 20, 30]], others=TWO),
        Kink("minimum(Y, X)", [[3, 2, 1]], [[2, 2, 1]], [[0, 0, 30]], others={"Y": ([[2, 2, 2]], [[10, 20, 0]])}),
        Kink("minimum(X, 2)", [[3, 2, 1]], [[2, 2, 1]], [[0, 20, 30]]),
        Kink("minimum(2, X)", [[3, 2, 1]], [[2, 2, 1]], [[0, 0, 30]]),
    ],
    "where": [
        Kink("where(X, X, 3 * X)", [[-1, 0, 2]], [[-1, 0, 2]], [[10, 60, 30]]),
        Kink(
            "where(X > Y, 5 * X, Y)", [[1, 2, 3]], [[2, 2, 15]], [[0, 0, 150]],
            others={"Y": ([[2, 2, 2]], [[10, 20, 0]])},
        ),
    ],
    "elu": [Kink("elu(X, 0.5)", [[0, 1, 2]], [[0, 1, 2]], [[5, 20, 30]])],
    "selu": [Kink("selu(X)", [[0, 1, 2]], [[0, 1.0507009873554805, 2.101401974710961]],
                  [[10 * 1.0507009873554805 * 1.6732632423543772, 21.01401974710961, 31.521029620664415]])],
    "floor": [Kink("floor(X) * X", [[-1, 1, 2.5]], [[1, 1, 5]], [[-10, 20, 60]])],
    "ceil": [Kink("ceil(X) * X", [[-1, 1, 2.5]], [[1, 1, 7.5]], [[-10, 20, 90]])],
    "mod": [
        Kink("mod(X, 0.5)", [[1, 0.75, -0.25]], [[0, 0.25, 0.25]], THREE),
        Kink("mod(7, X)", [[7, 3.5, -3]], [[0, 0, -2]], [[-10, -40, 90]]),
    ],
    "clip": [
        Kink("clip(X, -1, 2)", [[-1, 2, 3]], [[-1, 2, 2]], [[10, 20, 0]]),
        Kink(
            "clip(X, Y, S)", [[-1, 2, 3]], [[-1, 2, 2]], [[10, 20, 0]],
            others={"Y": ([[-1, 0, 0]], [[0, 0, 0]]), "S": ([[2]], [[30]])},
        ),
    ],
    "max": [
        Kink("max(X)", TIED, [[4]], [[10, 10, 0], [10, 0, 0]], [[30]]),
        Kink("max(X, axis=0)", TIED, [[4, 4, 1]], [[5, 20, 15], [5, 0, 15]]),
        Kink("max(X, axis=1)", TIED, [[4], [4]], [[5, 5, 0], [30, 0, 0]], [[10], [30]]),
    ],
    "min": [
        Kink("min(X)", -np.array(TIED), [[-4]], [[10, 10, 0], [10, 0, 0]], [[30]]),
        Kink("min(X, axis=0)", -np.array(TIED), [[-4, -4, -1]], [[5, 20, 15], [5, 0, 15]]),
        Kink("min(X, axis=1)", -np.array(TIED), [[-4], [-4]], [[5, 5, 0], [30, 0, 0]], [[10], [30]]),
    ],
    "argmax": [
        Kink("argmax(X)", TIED, [[0, 0, 0]], [[0, 0, 0], [0, 0, 0]]),
        Kink("argmax(X, axis=1) + sum(X)", [[1, 4, 4]], [[10]], [[30, 30, 30]], [[30]]),
    ],
    "argmin": [Kink("argmin(X)", -np.array(TIED), [[0, 0, 0]], [[0, 0, 0], [0, 0, 0]])],
    "top_k": [
        Kink("top_k(X, 1) * X", TIED, [[4, 4, 1], [0, 0, 0]], [[10, 20, 30], [0, 0, 0]]),
        Kink("top_k(X, 2, axis=1) * X", [[4, 1, 4, 4]], [[4, 0, 4, 0]], [[1, 0, 3, 0]], [[1, 2, 3, 4]]),
    ],
    "sort": [
        Kink("sort(X)", TIED, [[4, 0, 1], [4, 4, 1]], [[1, 6, 3], [4, 2, 5]], [[1, 2, 3], [4, 6, 5]]),
        Kink("sort(X, axis=1, descending=True)", [[4, 1, 4, 4]], [[4, 4, 4, 1]], [[1, 4, 2, 3]], [[1, 2, 3, 4]]),
    ],
    "argsort": [
        Kink("argsort(X) * X", TIED, [[0, 4, 0], [4, 0, 1]], [[0, 2, 0], [4, 0, 6]], [[1, 2, 3], [4, 5, 6]]),
        Kink("argsort(X, axis=1, descending=True) * X", [[4, 1, 4, 4]], [[0, 2, 12, 4]], [[0, 4, 9, 4]],
             [[1, 2, 3, 4]]),
    ],
    "median": [
        Kink("median(X)", [[5, 2, 2]], [[2]], [[0, 0, 10]], [[10]]),
        Kink("median(X, axis=0)", [[4, 4, 1], [4, 0, 3]], [[4, 2, 2]], [[5, 10, 15], [5, 10, 15]]),
        Kink("median(X, axis=1)", [[1, 1, 1, 7]], [[1]], [[0, 5, 5, 0]], [[10]]),
    ],
    "prod": [
        Kink("prod(X, axis=0)", [[0, 0, 2], [3, 0, 5]], [[0, 0, 10]], [[30, 0, 150], [0, 0, 60]]),
        Kink("prod(X)", [[2, 0, 5]], [[0]], [[0, 100, 0]], [[10]]),
    ],
    "norm": [
        Kink("norm(X, axis=0)", [[3, 0, 0], [4, 0, 2]], [[5, 0, 2]], [[6, 0, 0], [8, 0, 30]], derivative=False),
    ],
    "std": [Kink("std(X, axis=0)", [[1, 4, 0], [1, 4, 2]], [[0, 0, 1]], [[0, 0, -15], [0, 0, 15]], derivative=False)],
    "hinge": [
        Kink(
            "hinge(X, Y)", [[1, -1, 0.5]], [[2 + 0.5]], [[0, -2, -2]], [[2]], others={"Y": ([[1, 1, 1]], None)},
        ),
    ],
    "kl_div": [
        Kink("kl_div(X, Y)", [[0], [1]], [[np.log(2)]], [[0], [2 * np.log(2) + 2]], [[2]],
             others={"Y": ([[0.5], [0.5]], None)}, derivative=False),
    ],
    "huber": [
        Kink("huber(X, 0)", [[-1, 0.5, 3]], [[0.5 + 0.125 + 2.5]], [[-2, 1, 2]], [[2]]),
        Kink("huber(X, 0, 2)", [[-1, 0.5, 3]], [[0.5 + 0.125 + 4]], [[-2, 1, 4]], [[2]]),
    ],
    "smooth_l1": [Kink("smooth_l1(X, 0, 2)", [[-1, 2, 3]], [[0.25 + 1 + 2]], [[-1, 2, 2]], [[2]])],
    "max_pool": [
        Kink("max_pool(X)", [[5, 5, 1, 0], [5, 2, 0, 1]], [[5, 1]], [[10, 10, 4, 0], [10, 0, 0, 4]], [[30, 8]]),
        Kink("max_pool(X, 2, 1)", [[5, 5, 1], [2, 5, 0]], [[5, 5]], [[10, 14, 0], [0, 14, 0]], [[30, 8]]),
    ],
    "global_max_pool": [Kink("global_max_pool(X)", [[5, 1], [5, 2]], [[5]], [[10, 0], [10, 0]], [[20]])],
    "cross_entropy": [
        Kink("cross_entropy(X, Y)", [[0, 1]], [[0]], [[0, -4]], [[2]], others={"Y": ([[0, 2]], None)}),
    ],
    "binary_cross_entropy": [
        Kink(
            "binary_cross_entropy(X, Y)", [[0, 1, 0.5]], [[np.log(2)]], [[2, -2, -4]], [[2]],
            others={"Y": ([[0, 1, 1]], None)}, derivative=False,
        ),
    ],
    "x > y": [Kink("(X > Y) * X", [[1, 2, 3]], [[0, 0, 3]], [[0, 0, 30]], others={"Y": ([[2, 2, 2]], [[0, 0, 0]])})],
    "x >= y": [Kink("(X >= 2) * X", [[1, 2, 3]], [[0, 2, 3]], [[0, 20, 30]])],
    "x < y": [Kink("(X < 2) * X", [[1, 2, 3]], [[1, 0, 0]], [[10, 0, 0]])],
    "x <= y": [Kink("(X <= 2) * X", [[1, 2, 3]], [[1, 2, 0]], [[10, 20, 0]])],
    "x == y": [Kink("(X == 2) * X", [[1, 2, 3]], [[0, 2, 0]], [[0, 20, 0]])],
    "x != y": [Kink("(X != 2) * X", [[1, 2, 3]], [[1, 0, 3]], [[10, 0, 30]])],
}  # fmt: skip
SMOOTH = {
    "x @ y", "x + y", "x - y", "x * y", "x / y", "-x", "x ** y", "exp", "log", "sqrt", "tanh", "sigmoid", "silu",
    "softplus", "erf", "gelu", "softsign", "mish", "log_sigmoid", "sin", "cos", "tan", "square", "log1p", "expm1",
    "dropout", "sum", "mean", "var", "cosine_similarity", "log_softmax", "softmin", "batch_norm", "rms_norm", "softmax",
    "group_norm", "cumsum", "cumprod", "trace", "logsumexp", "layer_norm", "mse",
    "cross_entropy_with_logits", "binary_cross_entropy_with_logits", "one_hot", "conv2d", "conv1d",
    "conv_transpose2d", "conv_transpose1d", "avg_pool", "global_avg_pool", "reshape", "flatten", "gather", "glu",
    "swiglu", "embedding", "lookup", "stop_gradient", "detach",
}  # fmt: skip
CASES = [pytest.param(kink, id=kink.text) for kinks in KINKS.values() for kink in kinks]


def steps(text: str) -> list[str]:
    return [step.format(text=text) for step in STEPS]


def test_every_operation_is_either_kinked_or_smooth() -> None:
    """What docs/language.md lists; a new operation must be put into one of the two."""
    tables = re.findall(r"<!-- table: (operators|functions|reductions|composites|windows) -->(.*?)<!-- end", PAGE, re.S)
    assert len(tables) == 5
    written = [re.findall(r"^\| `([^`]+)` \|", text, re.M) for _, text in tables]
    listed = [name if kind == "operators" else name.split("(")[0]
              for (kind, _), names in zip(tables, written, strict=True) for name in names]  # fmt: skip
    assert sorted(listed) == sorted([*KINKS, *SMOOTH])


@pytest.mark.parametrize("form", ["cells", pytest.param("blocks", marks=pytest.mark.slow)])
@pytest.mark.parametrize("kink", CASES)
def test_at_the_kink(kink: Kink, form: str) -> None:
    workbook = built(kink.matrices, steps(kink.text), formulas=form)
    np.testing.assert_allclose(workbook.values["Z"], kink.value, rtol=1e-12)
    np.testing.assert_allclose(gradient(workbook.values, "X"), kink.dx, rtol=1e-12)
    for name, (_, expected) in kink.others.items():
        if expected is not None:
            np.testing.assert_allclose(gradient(workbook.values, name), expected, rtol=1e-12)
    report = workbook.verify()
    assert report.ok, report.first


@pytest.mark.parametrize("kink", [case for case in CASES if case.values[0].derivative])
def test_beside_the_kink(kink: Kink) -> None:
    rng = np.random.default_rng(1)
    moved = {
        name: (role, value + rng.uniform(0.01, 0.3, np.shape(value)) if role == "parameter" else value)
        for name, (role, value) in kink.matrices.items()
    }
    check_gradients(moved, steps(kink.text))


SMOOTH_AT_TIES = ["softmax(X) ** 2", "softmax(X, axis=1) ** 2", "logsumexp(X, axis=1) * X", "softplus(X - 4)",
                  "silu(X - 4)", "gelu(X - 4)", "sigmoid(X - 4)"]  # fmt: skip


@pytest.mark.parametrize("text", SMOOTH_AT_TIES)
def test_no_kink_where_only_the_formula_has_one(text: str) -> None:
    """softmax takes the largest off first, softplus is written with `abs`: their gradients know nothing of it."""
    check_gradients({"X": ("parameter", TIED), "U": ("constant", [[1, 2, 3], [4, 5, 7]])}, steps(text))
