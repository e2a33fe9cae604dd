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
    ("expression", "box", "above", "sign"),
    [
        ("A + B", "A", "B", "+"), ("A + B", "B", "A", "+"), ("A - B", "A", "B", "−"), ("A - B", "B", "A", "→"),
        ("A / B", "A", "B", "÷"), ("A / B", "B", "A", "→"), ("A * B", "B", "A", "∘"), ("A * r", "A", "r", "∘"),
        ("t * A", "t", "A", "·"), ("A > B", "A", "B", ">"), ("A > B", "B", "A", "<"),  # read along the row: B < A
        ("A >= B", "B", "A", "≤"), ("A == B", "B", "A", "="),
        ("A + B", "A", "", "→"),  # B stands elsewhere
        ("W @ A", "W", "A", "→"), ("relu(A + B)", "B", "A", "→"), ("(A - B) ** 2", "B", "A", "→"),
        ("2 * A + B", "B", "A", "→"), ("(1 - z) * A + z * B", "z", "B", "→"), ("where(A > 0, B, 0)", "A", "B", "→"),
        ("where(A == 0, 0, -A * log(B))", "A", "B", "→"), ("sum(A) + sum(B)", "A", "B", "→"),
        ("sigmoid(A)", "A", "", "σ"), ("tanh(A)", "A", "", "tanh"), ("tanh(2 * A)", "A", "", "→"), ("-A", "A", "", "→"),
        ("max(A)", "A", "", "max"), ("sum(A)", "A", "", "Σ"), ("sum(A) / 8", "A", "", "Σ ÷ 8"),
        ("0.5 * sum(A)", "A", "", "½Σ"), ("mean(A)", "A", "", "μ"), ("-sum(A)", "A", "", "−Σ"),
        ("t + sum(A)", "A", "t", "→"), ("(A + B) / 2", "B", "A", "+ ÷ 2"), ("(A - B) / 4", "A", "B", "− ÷ 4"),
        ("(A + B) / t", "B", "A", "→"), ("relu(A + B) / 2", "B", "A", "→"), ("(A * B) / 2", "B", "A", "→"),
        ("(A + B) / 2 / 3", "B", "A", "→"),
    ],
)  # fmt: skip
def test_a_sign_is_all_that_the_formula_does(expression: str, box: str, above: str, sign: str) -> None:
    assert " ".join(gutter(typed(expression), box, above)) == sign


def test_a_sign_joins_what_stands_next_above() -> None:
    """Read down to B, then A + B; with C between, what is added to isn't what stands above."""
    made = book("W parameter 2x3, X input 3x4, A input 2x4", ["B = W @ X", "S = A + B"])
    far = book("W parameter 2x3, X input 3x4, A input 2x4", ["B = W @ X", "C = relu(B)", "S = A - B + C"])
    for one, sign in ((made, "+"), (far, "→")):
        canvas = one.plan.sheets[0]
        (region,) = [r for r in canvas.regions if r.name == "S"]
        assert {x.text for x in canvas.labels if (x.row, x.column) == (region.row, region.column - 1)} == {sign}


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
