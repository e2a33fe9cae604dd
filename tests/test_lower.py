"""Normal form, sentences, explanations, and errors that point into the spec."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from specs_by_hand import backpropagation, graph_network, recurrent, spec

from sheetgen.api import program_of
from sheetgen.errors import SpecError
from sheetgen.ir.names import Names
from sheetgen.lang.show import show
from sheetgen.passes.lower import lower
from sheetgen.spec.read import loads

MATRICES = {
    "W": ("parameter", [[1, 2], [3, 4]]), "U": ("parameter", [[1, 0], [0, 1]]), "b": ("parameter", [1, 1]),
    "r": ("parameter", [[1, 2, 3]]), "X": ("input", [[1, 2, 3], [4, 5, 6]]), "H": ("input", [[1, 1, 1], [0, 1, 0]]),
    "Z": ("input", [[1, 2, 3], [0, 0, 1]]),
}  # fmt: skip


def statements(*steps: str) -> dict[str, str]:
    return {s.name: show(s.expr) for s in lower(spec(MATRICES, list(steps))).statements}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C = W @ X", {"C": "W @ X"}),
        ("C = W @ X + b", {"C": "[W | b] @ [X ; 1]"}),
        ("C = b + W @ X", {"C": "[W | b] @ [X ; 1]"}),
        ("C = W @ H + U @ X + b", {"C": "[W | U | b] @ [H ; X ; 1]"}),
        ("C = X.T @ W + b.T", {"C": "[X.T | 1] @ [W ; b.T]"}),
        ("C = W @ X + r", {"C": "[W | 1] @ [X ; r]"}),
        ("C = relu(W @ X + b)", {"C_pre": "[W | b] @ [X ; 1]", "C": "relu(C_pre)"}),
        ("C = X + W @ H + b", {"C_product": "[W | b] @ [H ; 1]", "C": "X + C_product"}),
        ("C = X * tanh(H)", {"C_tanh": "tanh(H)", "C": "X * C_tanh"}),
        ("C = W @ relu(X)", {"C_relu": "relu(X)", "C": "W @ C_relu"}),
        ("C = W @ U @ X", {"C_left": "W @ U", "C": "C_left @ X"}),
        ("C = (W @ X) / sqrt(2)", {"C_product": "W @ X", "C": "C_product / sqrt(2)"}),
        ("C = sum((X - H) ** 2)", {"C_terms": "(X - H) ** 2", "C": "sum(C_terms)"}),
        ("C = X - mean(X, axis=0)", {"C": "X - mean(X, axis=0)"}),
        ("C = W @ X[:, 0:1]", {"C": "W @ X[:, 0]"}),
        ("C = W @ vstack([X[0], ones((1, 3))])", {"C": "W @ [X[0, :] ; 1]"}),
        ("C = W @ vstack([X[0], ones((1, 3))]) + b", {"C": "[W | b] @ [X[0, :] ; 1 ; 1]"}),
        ("C = U @ eye(2)", {"C_eye": "eye(2)", "C": "U @ C_eye"}),
        ("C = tanh(X) + tanh(X)", {"C_tanh": "tanh(X)", "C": "C_tanh + C_tanh"}),
        ("C = X + 1 + H", {"C": "X + 1 + H"}),
        ("C = X", {"C": "X"}),
        ("C = softmax(X + H)", {"C_pre": "X + H", "C": "softmax(C_pre)"}),
    ],
)
def test_normal_form(text: str, expected: dict[str, str]) -> None:
    assert statements(text) == expected


def test_auxiliary_names_never_collide() -> None:
    made = statements("C_pre = X", "C = relu(W @ X)")
    assert list(made) == ["C_pre", "C_pre_2", "C"]
    names = Names(["W1"])
    assert [names.fresh("W1"), names.fresh("W1"), names.fresh("w1")] == ["W1_2", "W1_3", "w1"]


def test_a_computed_column_is_no_bias() -> None:
    made = statements("q = W @ X[:, 0]", "C = W @ X[:, 1] + q")
    assert made["C"] == "q + C_product"


def test_steps_carry_sentences_and_equations() -> None:
    program = lower(backpropagation())
    assert [s.number for s in program.steps] == list(range(1, 9))
    assert program.steps[0].equation == "Z1 = W1 @ X + b1"
    assert program.steps[1].sentence == "ReLU: negatives become 0."
    assert all(s.sentence for s in program.steps)
    assert program.names["Z1"] == (4, 1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("C = W @ X + b", "Each number of C is a row of W times a column of X, plus the bias b."),
        (
            "C = W @ X + U @ H",
            "Each number of C is a row of W times a column of X, plus a row of U times a column of H.",
        ),
        ("C = relu(W @ X)", "Each number is a row of W times a column of X; then ReLU: negatives become 0."),
        ("C = tanh(X)", "tanh: squeezed between -1 and 1."),
        ("C = X + H", "The cells are added."),
        ("C = U + eye(2)", "The cells are added."),
        ("C = X * tanh(H)", "Cell by cell. tanh: squeezed between -1 and 1."),
        ("C = X + 2 * H", ""),
        ("C = X + W @ tanh(X)", ""),
        ("C = X", "C is X."),
    ],
)
def test_generated_sentences(text: str, sentence: str) -> None:
    assert lower(spec(MATRICES, [text])).steps[0].sentence == sentence


def test_an_author_s_sentence_wins() -> None:
    given = backpropagation()
    first, second, *rest = given.steps
    assert lower(replace(given, steps=(first, replace(second, say="Mine."), *rest))).steps[1].sentence == "Mine."


def test_explain_and_verdict() -> None:
    program = lower(graph_network())
    explain = next(s for s in program.statements if s.kind == "explain")
    assert (explain.name, show(explain.expr), explain.shape) == ("H1_explained_0", "M1 @ A_hat[:, 0]", (3, 1))
    verdict = next(s for s in program.statements if s.kind == "verdict")
    assert show(verdict.expr) == "P"
    part = lower(spec(MATRICES, ["C = W @ X + b", "explain: C[1:, 2]"])).statements[-1]
    assert show(part.expr) == "[W[1, :] | b[1, :]] @ [X[:, 2] ; 1]"


@pytest.mark.parametrize(
    ("steps", "message", "line"),
    [
        (["C = X", "D = Q"], "There is no matrix `Q`", 11),
        (["C = D", "D = X"], "`D` is used before it is computed", 10),
        (["X = H"], "given under `matrices:`", 10),
        (["C = X", "C = H"], "already computed", 11),
        (["C = 1 / Z"], "divided by 0", 10),
        (["C = log(Z)"], "logarithm of 0", 10),
        (["C = exp(X * 500)"], "above 709", 10),
        (["C = (X - 9) ** 0.5"], "row 0, column 0", 10),
        (["C = embedding(X, r)"], "not a column of the table", 10),
        (["C = relu(X)", "explain: C[:, 0]"], "isn't a column of a product", 11),
        (["C = W @ X", "explain: C"], "one column", 11),
        (["C = X", "verdict: D"], "no matrix `D`", 11),
    ],
)
def test_errors_point_at_their_line(steps: list[str], message: str, line: int) -> None:
    with pytest.raises(SpecError) as caught:
        lower(spec(MATRICES, steps))
    assert message in str(caught.value)
    assert (caught.value.path, caught.value.line) == ("spec.yaml", line)


def test_columns_count_from_the_step_s_place() -> None:
    with pytest.raises(SpecError) as caught:
        lower(spec(MATRICES, ["C = X + Q"]))
    assert caught.value.column == 5 + 8


@pytest.mark.parametrize(("loss", "message"), [("C", "C` is 2×3; a loss is 1×1"), ("Q", "no step that computes `Q`")])
def test_the_loss_is_a_computed_scalar(loss: str, message: str) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        lower(spec(MATRICES, ["C = X"], loss))
    assert caught.value.line == 30


def test_recurrent_programs_share_one_stack() -> None:
    made = {s.name: show(s.expr) for s in lower(recurrent()).statements}
    assert made["H2_pre"] == "[Wh | Wx | b] @ [H1 ; X[:, 1] ; 1]"


def test_everything_is_two_dimensional() -> None:
    program = lower(spec({"s": ("constant", 2), "X": ("input", [1, 2])}, ["C = s * X", "D = 3"]))
    assert program.names == {"s": (1, 1), "X": (2, 1), "C": (2, 1), "D": (1, 1)}
    assert isinstance(program.givens[0].value, np.ndarray)


@pytest.mark.parametrize(("chart", "said"), [
    ("{lines: [X]}", "lines needs a row or a column of numbers; `X` is 2×3."),
    ("{points: [y]}", "points needs matrices of two rows; `y` is 1×3."),
    ("{bars: [y, z]}", "bars needs as many numbers of each; `z` has 2, not 3."),
    ("{bars: [L]}", "bars needs a row or a column of numbers; `L` is 1×1."),
    ("{bars: [z, 'X[0, 1:3]', 'X[0]']}", "bars needs as many numbers of each; `X[0]` has 3, not 2."),
    ("{lines: ['X[0:2, 1:3]']}", "lines needs a row or a column of numbers; `X[0:2, 1:3]` is 2×2."),
    ("{lines: ['X[2]']}", "row 2"),
    ("{lines: ['y[0] * 2']}", "name a matrix, or a part of one such as `P[:, 0]`; `y[0] * 2` computes something."),
    ("{lines: ['z{1..2}']}", "lines needs one number of each turn; `z{1..2}` has 2×1."),
    ("{lines: ['X[{0..1}, 0]']}", "`X[{0..1}, 0]`: a range runs through matrices, all of one shape"),
    ("{arrows: [y]}", "arrows needs matrices of two rows; `y` is 1×3."),
    ("{points: [X], by: z}", "by needs a row of 3 numbers, one for each point of `X`; `z` is 2×1."),
    ("{points: [X], over: y}", "`over` goes with `lines` alone."),
    ("{lines: [y], over: z}", "over needs a row or a column of 3 numbers, one for each of `y`; `z` is 2×1."),
    ("{points: [X], border: {weights: X}}", "border needs weights of two columns; `X` is 2×3."),
    ("{points: [X], border: {weights: V, bias: z}}", "border needs a bias of 1×1; `z` is 2×1."),
])  # fmt: skip
def test_a_chart_needs_matrices_of_its_shape(chart: str, said: str) -> None:
    text = f"""title: t
matrices:
  X: {{role: input, value: [[1, 2, 3], [4, 5, 6]]}}
  y: {{role: input, value: [[1, 2, 3]]}}
  V: {{role: parameter, value: [[1, 2]]}}
steps: ["z = sum(X, axis=1)", L = sum(z) * sum(V), z1 = z * 1, z2 = z * 2]
charts: [{chart}]
"""
    with pytest.raises(SpecError, match=re.escape(said)) as error:
        program_of(loads(text))
    assert error.value.line == 7
