"""A matrix that is used in many places: its gradient is the sum over all of them, within the limits of a formula."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from by_numbers import built, check_gradients, formulas, gradient

from sheetgen import LimitError

A = [[1, -2, 3], [0.5, 4, -1], [2, 1, -3], [-1, 2, 0.5]]
U, V, W = [[1, 2, 3], [4, 5, 6]], [[3, -1, 2], [1, 1, 4]], [[2, 1], [0, 3]]
SLICES = {
    "rows": ["L = sum(A[0:2] * U) + sum(A[1:3] ** 2 * V)"],
    "columns": ["L = sum(A[:, 0:2] ** 2) + sum(A[:, 1:3] ** 3)"],
    "rows and columns": ["L = sum(A[0:2] * U) + sum(A[:, 1:3] ** 2) + sum(A[1:3, 0:2] ** 3)"],
    "one inside the other": ["L = sum(A[0:3] ** 2) + sum(A[1] ** 3)"],
    "the same twice": ["L = sum(A[1:3] ** 2 * V) + sum(A[1:3] * U)"],
    "a part and the whole": ["L = sum(A[1:3] * U) + sum(A ** 2)"],
    "three in a chain": ["L = sum(A[0:2] * U) + sum(A[1:3] ** 2) + sum(A[2:4] * V)"],
    "two that touch": ["L = sum(A[0:2] * U) + sum(A[2:4] ** 2)"],
    "transposed": ["L = sum(A.T[:, 0:2] ** 2) + sum(A.T[:, 1:3] ** 3)"],
    "in products": ["P = W @ A[0:2]", "Q = W @ A[1:3]", "L = sum(P ** 2) + sum(Q ** 3)"],
    "right factors": ["P = A[:, 0:2] @ W", "Q = A[:, 1:3] @ W", "L = sum(P ** 2) + sum(Q ** 3)"],
    "stacked": ["S = vstack([A[0:2], A[1:3]])", "P = S @ S.T", "L = sum(P ** 2)"],
    "of something computed": ["B = tanh(A)", "L = sum(B[0:2] * U) + sum(B[1:3] ** 2 * V)"],
    "in a loop": [{"for": "t in 0..2", "steps": ["H{t+1} = tanh(W @ H{t} + A[{t}:{t+2}])"]}, "L = sum(H3 ** 2)"],
}


@pytest.mark.parametrize("steps", SLICES.values(), ids=SLICES)
def test_slices_that_overlap_add_up(steps: list[Any]) -> None:
    matrices = {
        "A": ("parameter", A), "U": ("constant", U), "V": ("constant", V),
        "W": ("parameter" if "W" in str(steps) else "constant", W), "H0": ("constant", np.zeros((2, 3))),
    }  # fmt: skip
    check_gradients(matrices, steps)


def test_overlapping_slices_by_hand() -> None:
    matrices = {"A": ("parameter", [[1], [2], [3], [4]]), "U": ("constant", [[10], [20]])}
    values = built(matrices, ["L = sum(A[0:2] * U) + sum(A[1:3] * U)"]).values
    assert gradient(values, "A").tolist() == [[10], [30], [20], [0]]


# Columns of an input, one in each turn, that stand in a stack

STACKS = {
    "with a bias": "W @ vstack([X[:, {t-1}], h_{t-1}]) + b",
    "in a stack": "W @ vstack([vstack([X[:, {t-1}], h_{t-1}]), d]) + b",
    "side by side in a stack": "W @ vstack([hstack([X[:, {t-1}], d]), hstack([h_{t-1}, h_{t-1}])]) @ e + b",
}


@pytest.mark.parametrize("text", STACKS.values(), ids=STACKS)
def test_a_column_of_each_turn_may_stand_in_a_stack(text: str) -> None:
    matrices = {
        "X": ("input", [[1, 0, -1], [0, 2, 1]]), "h_0": ("constant", [[0]]), "d": ("constant", [[1], [2]]),
        "e": ("constant", [[1], [0.5]]), "b": ("parameter", [[0.25]]),
        "W": ("parameter", [[1, -0.5, 0.75, 2, 1][: 5 if "[vstack" in text else 3]]),
    }  # fmt: skip
    check_gradients(matrices, [{"for": "t in 1..3", "steps": [f"h_{{t}} = tanh({text})"]}, "L = sum(h_3 ** 2)"])


# Operands that only products compute, such as -B: their gradients read them where the product does

B, C = [[1, -2], [0.5, 3]], [[2], [-1]]
COMPUTED = {
    "negative": ["P = B @ (-W)", "L = sum(P ** 2)"],
    "and more": ["P = B @ (-W) + 1", "L = sum(P ** 2)"],
    "and a bias": ["P = B @ (-W) + C", "L = sum(P ** 2)"],
    "transposed": ["P = (B @ (-W) + C).T", "L = sum(P ** 2)"],
    "of a transpose": ["P = tanh(B @ (-W.T) + C)", "L = sum(P ** 2)"],
    "a multiple": ["P = tanh(B @ (W / 4).T + C)", "L = sum(P ** 2)"],
    "on the left": ["P = (tanh((-B) @ W + C) * 2).T", "L = sum(P ** 2)"],
    "on both sides": ["P = ((2 * B) @ (-W)) * 3 - 1", "L = sum(P ** 2)"],
    "a number": ["P = (C[0:1] @ (-(C.T)) + C[1:2]).T", "L = sum(P ** 2)"],
    "twice": ["P = B @ (-W) + 1", "Q = (C.T @ (-W) - 1).T", "L = sum(P ** 2) + sum(Q)"],
    "in a loop": [{"for": "t in 1..3", "steps": ["S{t} = tanh(B @ (-S{t-1}) + C)"]}, "L = sum(S3 ** 2)"],
}


@pytest.mark.parametrize("steps", COMPUTED.values(), ids=COMPUTED)
def test_gradients_read_operands_that_products_compute(steps: list[Any]) -> None:
    text = str(steps)
    matrices = {
        name: ("parameter", value) for name, value in (("B", B), ("C", C), ("W", W)) if re.search(rf"\b{name}\b", text)
    }
    check_gradients({**matrices, "S0": ("input", W)} if "S3" in text else matrices, steps)


# Many summands

MOST = 50
"""Summands of one formula (docs/design.md)."""


def time_steps(many: int) -> list[Any]:
    """Every round uses W once, each with a weight of its own."""
    rounds = {"for": f"t in 1..{many}", "steps": ["S{t} = tanh(W @ S{t-1} + {t} / 100)"]}
    return [rounds, f"L = sum(S{many} ** 2)"]


def sums(many: int) -> list[Any]:
    rounds = {"for": f"t in 1..{many}", "steps": ["S{t} = S{t-1} + W * ({t} - 7) / 10"]}
    return [rounds, f"L = sum(S{many} ** 2)"]


MANY = [
    (time_steps, 21),
    (sums, 20),
    (sums, 21),
    (sums, 51),
    *(pytest.param(make, many, marks=pytest.mark.slow) for make, many in [(time_steps, 51), (sums, 50), (sums, 101)]),
]


@pytest.mark.parametrize(("make", "many"), MANY)
def test_many_uses(make: Any, many: int, tmp_path: Path) -> None:
    matrices = {"W": ("parameter", [[0.5, 0.3], [-0.2, 0.9]]), "S0": ("constant", [[1, 0], [2, -1]])}
    workbook = check_gradients(matrices, make(many))
    longest = max(summands(text) for text in formulas(workbook, tmp_path))
    assert min(many, 12) <= longest <= MOST  # sums of sums, one formula for the turns that stand abreast


def summands(formula: str) -> int:
    """How many terms stand side by side in the widest sum of a formula."""
    bare = re.sub(r"""'[^']*'!?|"[^"]*"|\$""", "", formula.removeprefix("="))
    most = 1
    while (inner := re.search(r"\([^()]*\)", bare)) is not None:
        most = max(most, inner[0].count("+") + 1)
        bare = bare.replace(inner[0], "x")
    return max(most, bare.count("+") + 1)


def test_summands_are_counted() -> None:
    assert summands("=A1") == 1
    assert summands("='My+Canvas'!$A$1*2+B2+SUM(C1:C3)") == 3
    assert summands("=MAX(0,A1+B1+C1+D1)+E1") == 4


# Long formulas

LONGEST = 8_192
"""Characters of one formula, its `=` among them (docs/language.md)."""
LONG = {"A": ("input", [[0.5]]), "B": ("input", [[1, 2], [3, 4]])}


def many_terms(terms: int, digits: int = 1) -> list[str]:
    """A step whose formula grows with the terms, and by one character with each digit."""
    groups = ["(" + "+".join(["A"] * min(60, terms - at)) + ")" for at in range(0, terms, 60)]
    return [f"Z=B+{'+'.join(groups)}+{'1' * digits}"]


def length(steps: list[str], folder: Path) -> int:
    """Of the longest formula."""
    return max(map(len, formulas(built(LONG, steps, loss=None), folder)))


@pytest.mark.slow
def test_a_formula_as_long_as_spreadsheets_allow(tmp_path: Path) -> None:
    some, more = length(many_terms(200), tmp_path), length(many_terms(300), tmp_path)
    terms = 200 + (LONGEST - some) * 100 // (more - some)
    digits = 1 + LONGEST - length(many_terms(terms), tmp_path)
    assert 1 <= digits <= 10 and terms > 1000
    workbook = built(LONG, many_terms(terms, digits), loss=None)
    assert max(map(len, formulas(workbook, tmp_path))) == LONGEST
    number = terms / 2 + int("1" * digits)
    assert workbook.values["Z"].tolist() == [[1 + number, 2 + number], [3 + number, 4 + number]]
    assert workbook.verify().ok
    with pytest.raises(LimitError, match=r"Z needs a formula of 8,192 characters; spreadsheets allow 8,192\."):
        built(LONG, many_terms(terms, digits + 1), loss=None).save(tmp_path / "longer.xlsx")
    assert not (tmp_path / "longer.xlsx").exists()


def test_a_long_gradient_is_refused_in_one_message(tmp_path: Path) -> None:
    """The kernel's gradient of a wide convolution is a sum over all places."""
    matrices = {"X": ("input", np.arange(64 * 64).reshape(64, 64)), "K": ("parameter", [[1, 2], [3, 4]])}
    message = r"^spec: dL_dK\w* needs a formula of [\d,]+ characters; spreadsheets allow 8,192\.$"
    with pytest.raises(LimitError, match=message):
        built(matrices, ["C = conv2d(X, K, stride=2)", "L = sum(C)"]).save(tmp_path / "book.xlsx")
    assert list(tmp_path.iterdir()) == []
