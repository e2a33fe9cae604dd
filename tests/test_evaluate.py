"""Numbers as spreadsheets see them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from specs_by_hand import backpropagation, spec

from sheetgen.errors import SpecError
from sheetgen.ops.elementwise import half_away_from_zero, rounded
from sheetgen.passes.evaluate import clean, evaluate
from sheetgen.passes.grad import differentiate
from sheetgen.passes.lower import lower


@pytest.mark.parametrize(
    ("x", "decimals", "expected"),
    [(0.25, 1, 0.3), (-0.25, 1, -0.3), (2.5, 0, 3), (-2.5, 0, -3), (1.005, 2, 1.01), (0.49977, 1, 0.5), (15, -1, 20),
     (0.1249, 2, 0.12), (2.675, 2, 2.68), (0.5 - 1e-9, 0, 0)],
)  # fmt: skip
def test_halves_are_rounded_away_from_zero(x: float, decimals: int, expected: float) -> None:
    assert half_away_from_zero(np.array([[x]]), decimals)[0, 0] == pytest.approx(expected, abs=1e-15)
    assert rounded(x, decimals) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("x", [0.0, -0.0, -0.004, 1e300, -1e16 - 2, 123456789012345.6, math.inf, -math.inf])
def test_one_number_is_rounded_as_those_of_an_array(x: float) -> None:
    assert str(rounded(x, 2)) == str(float(half_away_from_zero(np.array(x), 2)) + 0.0)


def test_no_denormals_and_no_negative_zero() -> None:
    result = clean(np.array([[1e-310, -0.0, -1e-320, 3.0]]))
    assert result.tolist() == [[0, 0, 0, 3]]
    assert all(math.copysign(1, x) == 1 for x in result[0])
    values = evaluate(lower(spec({"A": ("input", [[-1, 0]])}, ["B = A * 0", "C = -A"])))
    assert not np.signbit(values["B"]).any() and not np.signbit(values["C"][0, 1])


def test_zero_times_log_zero_is_zero() -> None:
    values = evaluate(lower(spec({"P": ("input", [1, 0]), "Y": ("target", [1, 0])}, ["L = cross_entropy(P, Y)"])))
    assert values["L"][0, 0] == 0


def test_a_gradient_that_is_not_finite_names_its_statement() -> None:
    program = differentiate(lower(spec({"W": ("parameter", [[0]])}, ["L = sqrt(W)"], "L")))
    with pytest.raises(SpecError, match=r"dL_dW.*divided by 0"):
        evaluate(program)


def test_every_statement_has_a_value_of_its_shape() -> None:
    program = differentiate(lower(backpropagation()), learning_rate=0.1)
    values = evaluate(program)
    for statement in program.statements:
        assert values[statement.name].shape == statement.shape
    assert set(program.names) == set(values)


def test_losses_against_their_definitions() -> None:
    p, y = np.array([[0.2, 0.5], [0.8, 0.5]]), np.array([[0, 1.0], [1, 0]])
    steps = [
        "A = cross_entropy(P, Y)",
        'B = cross_entropy(P, Y, reduction="mean")',
        "C = binary_cross_entropy(P, Y)",
        'D = mse(P, Y, reduction="mean")',
        'E = binary_cross_entropy(P, Y, reduction="mean")',
        "F = mse(P, Y)",
    ]
    v = evaluate(lower(spec({"P": ("input", p), "Y": ("target", y)}, steps)))
    ce = -(math.log(0.8) + math.log(0.5))
    assert v["A"][0, 0] == pytest.approx(ce)
    assert v["B"][0, 0] == pytest.approx(ce / 2)
    bce = -(2 * math.log(0.8) + 2 * math.log(0.5))
    assert v["C"][0, 0] == pytest.approx(bce)
    assert v["E"][0, 0] == pytest.approx(bce / 4)
    assert v["F"][0, 0] == pytest.approx(0.04 + 0.25 + 0.04 + 0.25)
    assert v["D"][0, 0] == pytest.approx(0.58 / 4)


def test_activations_against_known_values() -> None:
    x = [[-4, -1, 0, 1, 4]]
    steps = [f"{name}_ = {name}(X)" for name in ("hard_sigmoid", "gelu", "silu", "softplus", "leaky_relu", "sigmoid")]
    v = {name: value[0].tolist() for name, value in evaluate(lower(spec({"X": ("input", x)}, steps))).items()}
    assert v["hard_sigmoid_"] == pytest.approx([0, 1 / 3, 0.5, 2 / 3, 1])
    assert v["gelu_"] == pytest.approx([-0.000126685, -0.15865525, 0, 0.84134475, 3.99987331], abs=1e-8)
    assert v["silu_"] == pytest.approx([-0.07194484, -0.26894142, 0, 0.73105858, 3.92805516], abs=1e-8)
    assert v["softplus_"] == pytest.approx([0.01814993, 0.31326169, 0.69314718, 1.31326169, 4.01814993], abs=1e-8)
    assert v["leaky_relu_"] == pytest.approx([-0.04, -0.01, 0, 1, 4])
    assert v["sigmoid_"][2] == 0.5


def test_softmax_and_its_kin_do_not_overflow() -> None:
    steps = ["P = softmax(Z)", "M = logsumexp(Z)", "S = softplus(Z)"]
    v = evaluate(lower(spec({"Z": ("input", [1000, 1000])}, steps)))
    assert v["P"].ravel().tolist() == [0.5, 0.5]
    assert v["M"][0, 0] == pytest.approx(1000 + math.log(2))
    assert v["S"].ravel().tolist() == [1000, 1000]
