"""`grad(L, W)` and `stop_gradient`: gradients that later steps use, against numpy and hand-worked derivatives."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from by_numbers import Matrices, built, central_differences, numbers, spec

from sheetgen import Workbook, compile_text
from sheetgen.errors import SpecError

X = np.array([[1.0, 2.0], [0.5, -1.0], [2.0, 0.0]])
W = np.array([[1.0, -1.0, 0.5], [0.2, 0.3, -0.4]])
B = np.array([[0.5], [-0.25]])
Y = np.array([[1.0, 0.0], [0.0, 1.0]])
NET: Matrices = {"X": ("input", X), "W": ("parameter", W), "b": ("parameter", B), "Y": ("target", Y)}
STEPS: list[Any] = ["A = tanh(W @ X + b)", "P = softmax(A)", "L = cross_entropy(P, Y)"]


def check(matrices: Matrices, steps: list[Any], **more: Any) -> dict[str, np.ndarray]:
    """The numbers of the workbook, once the engine has them too and every gradient agrees with differences."""
    workbook = built(matrices, steps, loss=None, **more)
    report = workbook.verify()
    assert report.ok, report.first
    assert report.gradients is not None and report.gradients.checked > 0 and report.gradients.wrong == 0
    return dict(workbook.values)


@pytest.mark.parametrize("name", ["W", "b", "X", "A"])
def test_a_gradient_is_that_of_differences(name: str) -> None:
    found = check(NET, [*STEPS, f"g = grad(L, {name})"])["g"]
    if name == "A":  # of softmax and cross-entropy, by hand
        e = np.exp(np.tanh(W @ X + B))
        np.testing.assert_allclose(found, e / e.sum(axis=0) - Y, rtol=1e-12)
    else:
        np.testing.assert_allclose(found, central_differences(NET, STEPS, name), rtol=1e-6, atol=1e-8)


def test_each_turn_of_a_growing_stack_gets_its_part() -> None:
    """A cache of keys and values, which has a column more for each word."""
    matrices: Matrices = {
        "X": ("input", np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 1.0]])),
        "V": ("parameter", np.array([[1.0, 1.0], [0.0, 1.0]])),
        "K": ("parameter", np.array([[0.0, 1.0], [1.0, 0.5]])),
        "Y": ("target", np.array([[1.0, 1.0, 2.0], [0.0, 1.0, 1.0]])),
    }
    steps: list[Any] = []
    for t in (1, 2, 3):
        keys, values = (", ".join(f"{name}{k}" for k in range(1, t + 1)) for name in "kv")
        steps += [f"k{t} = K @ X[:, {t - 1}]", f"v{t} = V @ X[:, {t - 1}]"]
        steps.append(f"z{t} = hstack([{values}]) @ softmax(hstack([{keys}]).T @ X[:, {t - 1}])")
    steps.append("L = mse(hstack([z1, z2, z3]), Y)")
    found = check(matrices, [*steps, "g = grad(L, K)", "h = grad(L, V)"])
    for name, gradient in (("K", "g"), ("V", "h")):
        np.testing.assert_allclose(found[gradient], central_differences(matrices, steps, name), rtol=1e-6, atol=1e-8)


def test_later_steps_use_it() -> None:
    """An adversarial example: the input, moved along the sign of its gradient, has a larger loss."""
    again = ["A2 = tanh(W @ X2 + b)", "P2 = softmax(A2)", "L2 = cross_entropy(P2, Y)"]
    values = check(NET, [*STEPS, "X2 = X + 0.1 * sign(grad(L, X))", *again])
    moved = X + 0.1 * np.sign(central_differences(NET, STEPS, "X"))
    np.testing.assert_allclose(values["X2"], moved, rtol=1e-12)
    assert values["L2"].item() > values["L"].item() + 0.05


def test_two_gradients_share_what_they_need() -> None:
    workbook = built(NET, [*STEPS, "gW = grad(L, W)", "gb = grad(L, b)"], loss=None)
    made = [s.gradient_of for s in workbook.program.statements if s.gradient_of]
    assert made == ["A", "A_pre", "W", "b"]


def test_the_backward_pass_goes_through_it() -> None:
    """A penalty on the gradient's size, as in a WGAN: dL/dw of (d(w²x)/dx - 1)² = (w² - 1)² is 4w(w² - 1)."""
    given: Matrices = {"w": ("parameter", 3), "x": ("input", 5)}
    steps = ["f = w ** 2 * x", "g = grad(f, x)", "L = (g - 1) ** 2"]
    workbook = built(given, steps)
    assert workbook.values["L"].item() == 64
    assert workbook.values["dL_dw"].item() == 4 * 3 * 8
    assert workbook.verify().ok


def test_newton_takes_gradients_of_gradients_in_a_loop() -> None:
    steps = ["y_{t} = x_{t} ** 4 - 2 * x_{t} ** 2", "g_{t} = grad(y_{t}, x_{t})", "h_{t} = grad(g_{t}, x_{t})",
             "x_{t+1} = x_{t} - g_{t} / h_{t}"]  # fmt: skip
    values = check({"x_0": ("input", 3)}, [{"for": "t in 0..4", "steps": steps}])
    x = 3.0
    for t in range(5):
        g, h = 4 * x**3 - 4 * x, 12 * x**2 - 4
        assert (values[f"g_{t}"].item(), values[f"h_{t}"].item()) == pytest.approx((g, h), rel=1e-12)
        x -= g / h
        assert values[f"x_{t + 1}"].item() == pytest.approx(x, rel=1e-12)


def test_gradient_clipping() -> None:
    steps = [*STEPS, "g = grad(L, W)", "n = sqrt(sum(g ** 2))", "c = g * minimum(1, 0.3 / n)", "W2 = W - 0.5 * c"]
    values = check(NET, steps)
    gradient = central_differences(NET, STEPS, "W")
    norm = np.sqrt((gradient**2).sum())
    assert norm > 0.3
    np.testing.assert_allclose(values["W2"], W - 0.5 * 0.3 * gradient / norm, rtol=1e-6)


def test_adam_by_hand() -> None:
    """Three steps on the mean squared error of a line, against numpy."""
    data: Matrices = {
        "x": ("input", [[1, 2, 3]]), "Y": ("target", [[2, 3, 5]]), "w_0": ("parameter", 0),
        "m_0": ("constant", 0), "v_0": ("constant", 0),
    }  # fmt: skip
    body = ["L_{t} = mse(w_{t-1} * x, Y)", "g_{t} = grad(L_{t}, w_{t-1})", "m_{t} = 0.9 * m_{t-1} + 0.1 * g_{t}",
            "v_{t} = 0.999 * v_{t-1} + 0.001 * g_{t} ** 2",
            "w_{t} = w_{t-1} - 0.1 * (m_{t} / (1 - 0.9 ** {t})) / (sqrt(v_{t} / (1 - 0.999 ** {t})) + 1e-08)",
            ]  # fmt: skip
    values = check(data, [{"for": "t in 1..3", "steps": body}])
    x, y, w, m, v = np.array([1.0, 2, 3]), np.array([2.0, 3, 5]), 0.0, 0.0, 0.0
    for t in (1, 2, 3):
        g = float((2 * (w * x - y) * x).sum())
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        w -= 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        assert values[f"g_{t}"].item() == pytest.approx(g, rel=1e-12)
        assert values[f"w_{t}"].item() == pytest.approx(w, rel=1e-12)


@pytest.mark.parametrize("name", ["stop_gradient", "detach"])
def test_no_gradient_goes_through_what_is_stopped(name: str) -> None:
    """Of a product of z with itself where one factor is stopped, half of the gradient is left."""
    given: Matrices = {"w": ("parameter", [[1, 2]]), "x": ("input", [[3], [1]])}
    workbook = built(given, ["z = w @ x", f"L = sum({name}(z) * z)"])
    np.testing.assert_array_equal(workbook.values["dL_dw"], [[15, 5]])
    report = workbook.verify()
    assert report.ok and report.gradients is not None and report.gradients.wrong == 0


def test_a_loss_that_is_stopped_altogether_has_no_gradient() -> None:
    assert not numbers({"w": ("parameter", [[1, 2]])}, ["L = sum(stop_gradient(w) ** 2)"])["dL_dw"].any()


GAN: Matrices = {
    "noise": ("input", [[1, -1, 0], [0, 1, 2]]), "X": ("input", [[2, 3, 2], [1, 2, 3]]),
    "G": ("parameter", [[1, 0], [1, 1]]), "D": ("parameter", [[1, -1]]),
    "Y1": ("target", [[1, 1, 1]]), "Y0": ("target", [[0, 0, 0]]),
}  # fmt: skip
PLAYED = ["F = G @ noise", "r = sigmoid(D @ X)", "f = sigmoid(D @ F)", "L_G = binary_cross_entropy(f, Y1)",
          "L_D = binary_cross_entropy(r, Y1) + binary_cross_entropy(f, Y0)"]  # fmt: skip
OWNERS = {"L_D": ["D"], "L_G": ["G"]}


def gan(**more: Any) -> Workbook:
    return built(GAN, PLAYED, loss=None, **more)


def test_each_loss_has_its_parameters() -> None:
    """The discriminator's gradient is (r - 1) Xᵀ + f Fᵀ, the generator's Dᵀ (f - 1) noiseᵀ, by hand."""
    workbook = gan(backward=OWNERS, update={"learning_rate": 0.1})
    noise, x, g, d = (np.array(GAN[name][1], dtype=float) for name in ("noise", "X", "G", "D"))
    made = g @ noise
    r, f = (1 / (1 + np.exp(-(d @ at))) for at in (x, made))
    of_d, of_g = (r - 1) @ x.T + f @ made.T, d.T @ (f - 1) @ noise.T
    values = workbook.values
    np.testing.assert_allclose(values["dL_D_dD"], of_d, rtol=1e-12)
    np.testing.assert_allclose(values["dL_G_dG"], of_g, rtol=1e-12)
    np.testing.assert_allclose(values["D_new"], d - 0.1 * of_d, rtol=1e-12)
    np.testing.assert_allclose(values["G_new"], g - 0.1 * of_g, rtol=1e-12)
    assert "dL_D_dG" not in values and "dL_G_dD" not in values
    report = workbook.verify()
    assert report.ok and report.gradients is not None
    assert (report.gradients.checked, report.gradients.wrong) == (report.gradients.cells, 0)


def test_what_two_losses_pass_back_alike_is_drawn_for_each() -> None:
    """Both begin with -1/2: in the lanes of the first it is part of another box, in the bands of the second a box."""
    steps = ["L_D = -mean(log(sigmoid(d * x))) - mean(log(1 - sigmoid(d * g * x)))",
             "L_G = -mean(log(sigmoid(d * g * x)))"]  # fmt: skip
    given: Matrices = {"x": ("input", [[1, 2]]), "d": ("parameter", 0.5), "g": ("parameter", 0.25)}
    assert built(given, steps, loss=None, backward={"L_D": ["d"], "L_G": ["g"]}).verify().ok


def test_losses_that_share_no_parameter_need_no_owners() -> None:
    given: Matrices = {"a": ("parameter", 2), "b": ("parameter", 3)}
    text = json.loads(spec(given, ["L1 = a ** 2", "L2 = b ** 3"]))
    values = compile_text(json.dumps({**text, "loss": ["L1", "L2"], "backward": True})).values
    assert (values["dL1_da"].item(), values["dL2_db"].item()) == (4, 27)


LOSSES = {
    "both": ({"loss": ["L_D", "L_G"], "backward": True},
             "`G` leads to `L_D` and `L_G`: say which it descends, `backward: {L_D: [G], L_G: […]}`."),
    "unknown": ({"backward": {"L_D": ["D"], "L_F": ["G"]}}, "loss: there is no step that computes `L_F`."),
    "twice": ({"backward": {"L_D": ["D"], "L_G": ["D"]}}, "`D` descends `L_D` already; a parameter descends one loss."),
    "input": ({"backward": {"L_D": ["X"], "L_G": ["G"]}}, "backward: `X` isn't a parameter; a loss has parameters."),
    "misspelt": ({"backward": {"L_D": ["d"], "L_G": ["G"]}}, "Did you mean `D`?"),
    "idle": ({"backward": {"L_G": ["G", "Z"]}}, "backward: `L_G` doesn't depend on `Z`."),
    "repeated": ({"loss": ["L_D", "L_D"], "backward": True}, "loss: `L_D` is named twice."),
    "another": ({"loss": "L_D", "backward": {"L_G": ["G"]}}, "backward: `L_G` isn't `L_D`, the loss."),
}  # fmt: skip


@pytest.mark.parametrize("case", LOSSES)
def test_losses_that_cant_be_told_apart(case: str) -> None:
    more, message = LOSSES[case]
    with pytest.raises(SpecError) as error:
        compile_text(json.dumps({**json.loads(spec({**GAN, "Z": ("parameter", [[1]])}, PLAYED)), **more}, indent=1))
    assert message in error.value.message and error.value.line is not None, error.value.message


BAD = {
    "g = grad(A, W)": "`grad(A, W)`: only a 1×1 matrix has a gradient, such as `sum(A)`; `A` is 2×2.",
    "g = grad(L, U)": "`L` doesn't depend on `U`, so it has no gradient with respect to that.",
    "g = grad(L, V)": "There is no matrix `V`.",
    "g = grad(L)": "Write `grad(L, W)`: the names of a 1×1 matrix and of one that it is computed from.",
    "g = grad(L, W[0:1])": "Write `grad(L, W)`: the names of a 1×1 matrix and of one that it is computed from.",
    "g = grad(L, g)": "`g` is used in its own definition.",
}


@pytest.mark.parametrize("step", BAD)
def test_bad_input(step: str) -> None:
    with pytest.raises(SpecError) as error:
        numbers({**NET, "U": ("input", [[1]])}, [*STEPS, step], loss=None)
    assert error.value.message.startswith(BAD[step]) and error.value.line is not None


def test_a_window_can_be_differentiated_once_only() -> None:
    given: Matrices = {"X": ("input", np.arange(9).reshape(3, 3)), "K": ("parameter", [[1, 2], [0, 1]])}
    with pytest.raises(SpecError, match="can't be differentiated once more"):
        numbers(given, ["L = sum(conv2d(X, K) ** 3)", "g = grad(L, X)", "n = sum(g ** 2)", "h = grad(n, K)"], loss=None)


def test_a_constant_counts_as_often_as_it_is_summed_up() -> None:
    """In a formula it is one number: `SUM(1)` is 1 for any number of rows."""
    matrices: Matrices = {"A": ("parameter", X)}
    loss = "L = sum(log_softmax(A)) + sum(0.5 * log_softmax(A, axis=1)) + sum(A * n)"
    steps: list[Any] = ["n = norm(ones((3, 2)), axis=0)", loss]
    workbook = built(matrices, steps)
    assert workbook.verify().ok
    np.testing.assert_allclose(workbook.values["n"], [[3**0.5, 3**0.5]])
    expected = central_differences(matrices, steps, "A")
    np.testing.assert_allclose(workbook.values["dL_dA"], expected, rtol=1e-6, atol=1e-8)
