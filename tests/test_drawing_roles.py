"""What each matrix is, and what its rows and columns are called: decided on the forward pass."""

from __future__ import annotations

import json
from typing import Any

import pytest
from by_numbers import spec
from by_specs import PATHS

from sheetgen.api import program_of
from sheetgen.ir.program import Program
from sheetgen.layout.axes import axes
from sheetgen.layout.drawing.roles import roles
from sheetgen.layout.plan import Role
from sheetgen.spec.read import load, loads


def written(name: str) -> Program:
    return program_of(load(PATHS[name]))


def of(matrices: dict[str, tuple[str, Any]], steps: list[Any], loss: str | None = "L", **more: Any) -> dict[str, Role]:
    return roles(program_of(loads(spec(matrices, steps, loss=loss, **more))))


# Roles


def test_gates_have_one_look_in_all_turns() -> None:
    found = roles(written("lstm"))
    for gate in "figo":
        assert {found[f"{gate}_{t}"] for t in (1, 2, 3, 4)} == {Role.ACTIVATION}, gate
    assert {found[f"h_{t}"] for t in (1, 2, 3)} == {Role.ACTIVATION}
    assert {found[f"c_{t}"] for t in (1, 2, 3, 4)} == {Role.MEMORY}  # what no product reads
    assert found["y_pred"] is Role.OUTPUT


def test_the_bias_of_a_constant_layer_is_no_parameter() -> None:
    numbers = {"X": ("input", [[1, 2]]), "W": ("parameter", [[1]]), "Y": ("target", [[1, 0]])}
    steps = ["Z = W @ X + b", "L = mse(Z, Y)"]
    assert of({**numbers, "b": ("parameter", [[1]])}, steps)["b"] is Role.BIAS
    assert of({**numbers, "b": ("constant", [[1]])}, steps)["b"] is Role.CONSTANT


def test_an_output_is_what_the_loss_compares() -> None:
    numbers = {"X": ("input", [1, 2]), "W": ("parameter", [[1, 0], [0, 1]]), "Y": ("target", [1, 0])}
    found = of(numbers, ["Z = W @ X", "P = softmax(Z)", "guess = round(P, 1)", "L = cross_entropy(P, Y)"])
    assert found["P"] is Role.OUTPUT and found["guess"] is not Role.OUTPUT and found["Z"] is Role.FORWARD
    assert found["L"] is Role.OUTPUT  # the answer to the question how good it is


def test_two_terms_of_a_loss_are_no_outputs() -> None:
    """Only what a target is held against."""
    numbers = {"X": ("input", [1, 2]), "W": ("parameter", [[1, 0], [0, 1]]), "Y": ("target", [1, 0])}
    found = of(numbers, ["Z = W @ X", "fit = mse(Z, Y)", "cost = sum(W ** 2)", "L = fit + 0.1 * cost"])
    assert found["Z"] is Role.OUTPUT and found["fit"] is found["cost"] is Role.FORWARD


def test_a_target_that_is_looked_up_is_one() -> None:
    found = roles(written("transformer"))
    assert found["Y"] is Role.TARGET and found["P"] is Role.OUTPUT
    assert roles(written("linear_regression_step"))["dy"] is Role.FORWARD  # computed from one


def test_an_error_with_a_name_leads_to_what_it_compares() -> None:
    assert roles(written("linear_regression_step"))["y_pred"] is Role.OUTPUT


def test_without_a_target_an_output_is_what_a_loss_takes_the_logarithm_of() -> None:
    assert roles(written("gan_step"))["p_fake"] is roles(written("clip"))["P_text"] is Role.OUTPUT


def test_a_state_that_meets_no_weights_is_no_activation() -> None:
    """A chance, a position, a cache: the face of activations is for what layers hand on."""
    found = roles(written("kalman"))
    assert [found[f"{name}_{t}"] for name in "xP" for t in (1, 4)] == [Role.MEMORY] * 4
    numbers = {"M": ("input", [[0.5, 1], [0.5, 0]]), "p_0": ("input", [1, 0])}
    loop = {"for": "t in 1..2", "steps": ["p_{t} = M @ p_{t-1}"]}
    last = "L = sum(w * p_2)"
    assert of({**numbers, "w": ("parameter", 2)}, [loop, last])["p_1"] is Role.MEMORY
    numbers["M"] = ("parameter", [[0.5, 1], [0.5, 0]])
    assert of({**numbers, "w": ("constant", 2)}, [loop, last])["p_1"] is Role.ACTIVATION


def test_a_state_meets_weights_in_a_stack_too() -> None:
    """As the hidden state of an LSTM; the other states of its loop are none."""
    numbers = {"W": ("parameter", [[1, 2, 3]]), "x": ("input", [1, 2]), "h_0": ("constant", 0), "c_0": ("constant", 1)}
    steps = ["a_{t} = vstack([h_{t-1}, x])", "b_{t} = W @ a_{t}", "c_{t} = c_{t-1} + b_{t}", "h_{t} = c_{t} * b_{t}"]
    found = of(numbers, [{"for": "t in 1..2", "steps": steps}, "L = sum(h_2)"])
    assert [found[f"{name}_{t}"] for name in "hc" for t in (1, 2)] == [Role.ACTIVATION] * 2 + [Role.MEMORY] * 2


def test_what_the_states_of_a_round_lead_to_is_computed_in_all_turns() -> None:
    """Momentum's position is made of its speed."""
    momentum = roles(written("momentum"))
    assert [momentum[f"v_{t}"] for t in (1, 8)] == [Role.MEMORY] * 2
    assert [momentum[f"p_{t}"] for t in (1, 8)] == [Role.FORWARD] * 2


def test_a_target_with_a_row_for_each_class_is_one() -> None:
    numbers = {"X": ("input", [1, 2]), "W": ("parameter", [[1, 0], [0, 1]]), "next": ("target", 1)}
    found = of(numbers, ["P = softmax(W @ X)", "Y = one_hot(next, 2)", "L = cross_entropy(P, Y)"])
    assert found["Y"] is Role.TARGET and found["P"] is Role.OUTPUT


def test_the_answer_of_a_loop_has_one_look_in_all_turns() -> None:
    assert [roles(written("momentum"))[f"f_{t}"] for t in (1, 8)] == [Role.OUTPUT] * 2


def test_a_function_that_nothing_reads_is_no_activation() -> None:
    found = roles(written("gcn"))
    assert found["P"] is Role.OUTPUT and found["P_exact"] is Role.FORWARD


def test_a_kernel_s_bias_is_one() -> None:
    found = roles(written("cnn"))
    assert found["b1"] is found["b2"] is found["c"] is Role.BIAS


def test_without_a_loss_the_last_result_is_the_output() -> None:
    found = of({"X": ("input", [1, 2])}, ["A = 2 * X", "B = tanh(A)"], loss=None)
    assert found["B"] is Role.OUTPUT and found["A"] is Role.FORWARD


def test_gradients_and_new_weights_take_after_what_they_belong_to() -> None:
    numbers = {"X": ("input", [[1], [2]]), "W": ("parameter", [[1, 0]]), "b": ("parameter", [[1]]),
               "Y": ("target", [[1]])}  # fmt: skip
    found = of(numbers, ["Z = W @ X + b", "L = mse(Z, Y)"], update={"learning_rate": 0.1})
    assert found["dL_dW"] is Role.GRADIENT and found["dL_db"] is Role.BIAS
    assert found["W_new"] is Role.UPDATED and found["b_new"] is Role.BIAS and found["Z_new"] is found["Z"]


def test_a_gradient_within_the_steps_looks_like_one() -> None:
    """And what is computed on the way to it; what goes on with it doesn't."""
    numbers = {"X": ("input", [[1, 2]]), "W": ("parameter", [[3]])}
    found = of(numbers, ["Z = W @ X", "L = sum(Z ** 2)", "g = grad(L, W)", "V = W - 0.1 * g"])
    assert found["g"] is Role.GRADIENT and found["dL_dZ"] is Role.GRADIENT
    assert found["Z"] is Role.FORWARD and found["V"] is not Role.GRADIENT


def test_messages_and_adjacency_of_a_graph() -> None:
    found = roles(written("gcn"))
    assert found["Adj"] is found["A_hat"] is Role.ADJACENCY
    assert found["M1"] is found["H1"] is Role.GCN and found["F"] is Role.ACTIVATION


def test_shares_that_a_product_reads_are_a_heat_map() -> None:
    found = roles(written("self_attention"))
    assert found["A"] is Role.HEATMAP
    assert roles(written("softmax"))["P_all"] is not Role.HEATMAP


def test_so_is_a_column_of_shares_but_no_single_share() -> None:
    numbers = {"s": ("input", [[1], [2]]), "V": ("input", [[3, 4]]), "t": ("parameter", [[5]])}
    found = of(numbers, ["a = softmax(s)", "z = V @ a", "b = softmax(t)", "L = sum(z @ b)"])
    assert found["a"] is Role.HEATMAP and found["b"] is not Role.HEATMAP


# Axes


def named(steps: list[str], rows: tuple[str, ...] = ("a", "b"), columns: tuple[str, ...] = ("s", "t", "u"),
          **more: Any) -> Any:  # fmt: skip
    text = json.dumps({
        "title": "t",
        "matrices": {
            "X": {"role": "input", "value": [[1, 2, 3], [4, 5, 6]], "rows": list(rows), "columns": list(columns)},
            "W": {"role": "parameter", "value": [[1, 0], [0, 1], [1, 1]]},
        },
        "steps": steps, **more,
    })  # fmt: skip
    return axes(program_of(loads(text)))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("W @ X", ((), ("s", "t", "u"))),
        ("X @ W", (("a", "b"), ())),
        ("tanh(X)", (("a", "b"), ("s", "t", "u"))),
        ("X.T", (("s", "t", "u"), ("a", "b"))),
        ("X[:, 1:3]", (("a", "b"), ("t", "u"))),
        ("X[1, :]", (("b",), ("s", "t", "u"))),
        ("hstack([X, X])", (("a", "b"), ("s", "t", "u", "s", "t", "u"))),
        ("vstack([X, W.T])", ((), ("s", "t", "u"))),
        ("sum(X, axis=0)", ((), ("s", "t", "u"))),
        ("mean(X, axis=1)", (("a", "b"), ())),
        ("softmax(2 * X)", (("a", "b"), ("s", "t", "u"))),
    ],
)
def test_names_are_carried_along(expression: str, expected: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
    assert named([f"Z = {expression}", "L = sum(Z ** 2)"])["Z"] == expected


def test_columns_that_are_looked_up_are_called_as_what_asks_for_them() -> None:
    assert axes(written("word2vec"))["p"] == ((), ("cat", "a", "the"))


def test_a_gradient_has_the_names_of_its_matrix() -> None:
    found = named(["Z = W @ X", "L = sum(Z ** 2)"], loss="L", backward=True)
    assert found["dL_dZ"] == found["Z"] == ((), ("s", "t", "u"))
