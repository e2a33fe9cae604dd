"""Signs in gutters: what stands between a box and its result is what the result's formula does with it."""

from __future__ import annotations

import pytest
from small import TRAIN, book

from sheetgen.ir.node import Node
from sheetgen.lang.infer import infer
from sheetgen.lang.syntax import parse_expression
from sheetgen.layout.words.signs import gutter, total

SHAPES = {"A": (2, 3), "B": (2, 3), "W": (2, 2), "t": (1, 1), "r": (1, 3), "z": (2, 3)}


def typed(text: str) -> Node:
    """An expression over SHAPES."""
    return infer(parse_expression(text), SHAPES)


@pytest.mark.parametrize(
    ("expression", "box", "sign"),
    [
        ("W @ A", "W", "→"), ("A + B", "A", "+"), ("A - B", "B", "−"), ("A * B", "A", "∘"), ("A / B", "A", "÷"),
        ("A * r", "r", "∘"), ("t * A", "t", "·"), ("relu(A + B)", "B", "+"), ("sigmoid(A)", "A", "σ"),
        ("tanh(2 * A)", "A", "tanh"), ("where(A > 0, B, 0)", "A", "→"), ("-A", "A", "→"), ("max(A)", "A", "max"),
        ("A > B", "A", ">"), ("A > B", "B", "<"),  # read along the row: B < A
        ("A >= B", "B", "≤"), ("0.9 * A + 0.1 * B", "A", "+"), ("sqrt(t) * A + sqrt(1 - t) * B", "B", "+"),
        ("(1 - z) * A + z * B", "z", "∘"), ("where(A == 0, 0, -A * log(B))", "A", "·"),
        ("sum(A)", "A", "Σ"), ("sum(A) / 8", "A", "Σ ÷ 8"), ("0.5 * sum(A)", "A", "½Σ"), ("mean(A)", "A", "μ"),
        ("-sum(A)", "A", "−Σ"), ("sum(A) + sum(B)", "A", "+"), ("t + sum(A)", "A", "+"),
    ],
)  # fmt: skip
def test_the_sign_is_what_the_formula_does(expression: str, box: str, sign: str) -> None:
    assert " ".join(gutter(typed(expression), box)) == sign


def test_a_total_is_told_with_its_scale_and_nothing_else_is_one() -> None:
    assert total(typed("sum(A) / 8"), "A") == ("Σ", "÷ 8")
    assert total(typed("sum(A) + t"), "A") == total(typed("A + B"), "A") == ()


def test_a_mean_has_the_sum_and_under_it_what_it_is_divided_by() -> None:
    """A student who adds up the squares must not find another number than the page."""
    made = book("X input 3x4, Y target 2x4, W parameter 2x3", ["A = W @ X", "L = sum((A - Y) ** 2) / 8"], TRAIN)
    canvas = made.plan.sheets[0]
    (loss,) = [r for r in canvas.regions if r.name == "L"]
    beside = {label.row: label.text for label in canvas.labels if label.column == loss.column - 1}
    assert (beside[loss.row], beside[loss.row + 1]) == ("Σ", "÷ 8")
