"""Sentences that nobody wrote are true of what the step does."""

from __future__ import annotations

import pytest
from small import program
from small import text as small

import sheetgen

MATRICES = """title: t
matrices:
  X: {role: input, value: [[1, 2, 4], [3, -1, 1]]}
  W: {role: parameter, value: [[1, 0], [2, -1]]}
  b: {role: parameter, value: [1, 2]}
  s: {role: parameter, value: [0.5, 2]}
  U: {role: parameter, value: [[1, -2, 1], [3, 1, 2]]}
  r: {role: parameter, value: [[1, 2]]}
  c: {role: constant, value: [3, 4]}
  Y: {role: target, value: [[1, 0, 1], [0, 1, 0]]}
steps:
"""


def sentences(*steps: str, more: str = "") -> dict[str, str]:
    """By the name on the left of its equation, what each step says."""
    workbook = sheetgen.compile_text(MATRICES + "".join(f"  - {step}\n" for step in steps) + more)
    return {step.equation.split(" = ")[0]: step.sentence for step in workbook.program.steps}


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("sum(X)", "Everything is added up."),
        ("sum(X, axis=0)", "Each column is added up."),
        ("sum(X, axis=1)", "Each row is added up."),
        ("mean(X)", "The average."),
        ("mean(X, axis=1)", "The average of each row."),
        ("max(X, axis=0)", "The largest of each column."),
        ("argmax(X)", "The place of the largest of each column, counted from 0."),
        ("argmax(b)", "The place of the largest, counted from 0."),
        ("softmax(X)", "Softmax: exponentials, divided by their sum, so that each column adds up to 1."),
        ("softmax(X, axis=1)", "Softmax: exponentials, divided by their sum, so that each row adds up to 1."),
        ("mse(X, Y)", "Squared error: the differences, squared and added up."),
        ('mse(X, Y, reduction="mean")', "Squared error: the differences, squared and averaged."),
        ("zeros((2, 2))", "Zeros."),
        ("sort(X)", "Each column in order, the smallest first."),
        ("sort(X, axis=1, descending=True)", "Each row in order, the largest first."),
        ("argsort(X, axis=1)", "Where the smallest of each row stands, counted from 0, then the next, and so on."),
        ("top_k(X, 2, axis=1)",
         "1 where a cell is one of the 2 largest of its row, else 0; of equals the first ones count."),
        ("gather(X, argsort(X))",
         "Each cell is taken from its column, at the row that its index tells, counted from 0."),
        ("cumsum(X, axis=1)", "Each cell and all before it in its row, added up."),
        ("cumprod(X)", "Each cell times all before it in its column."),
        ("glu(W, axis=1)", "Gated linear unit: the left half of the columns, times the sigmoid of the right half."),
        ("layer_norm(X)", "Layer norm: each column gets average 0 and spread 1."),
        ("layer_norm(X, s)", "Layer norm: each column gets average 0 and spread 1, then a scale."),
        ("layer_norm(X, s, b)", "Layer norm: each column gets average 0 and spread 1, then a scale and a shift."),
        ("batch_norm(X)", "Batch norm: each row gets average 0 and spread 1 over the samples."),
        ("rms_norm(X)", "RMS norm: each column is divided by the root of its mean square."),
        ("huber(X, Y, 2)",
         "Huber's loss: half the squared difference up to 2, and straight on from there, added up."),
        ("kl_div(b, s)",
         "Kullback–Leibler divergence of b from s: b times the logarithm of b ÷ s, added up."),
        ("clip(X, 0, 2)", "Held between 0 and 2."),
        ("diag(b)", "Its numbers become the diagonal of a matrix."),
        ("var(X, axis=1)", "The variance: how far the numbers lie from their average, squared, row by row."),
        ("-sum(Y * log(U ** 2)) / 4", "Natural logarithm of each cell. Everything is added up."),
        ("elu(X, 0.5)", "ELU: negatives level off at -0.5."),
        ("leaky_relu(X)", "Leaky ReLU: negatives are multiplied by 0.01."),
        ("conv2d(X, W) + 1",
         "Convolution: the kernel slides over the matrix; products under it are added up."),
        ("b - sum(Y, axis=1)", ""),
        ("X / sqrt(sum(X ** 2, axis=0))", ""),  # the root is one of each column, not of each cell
        ("(X - mean(X)) / std(X)", "The standard deviation: the root of the variance."),
        ("maximum(W @ X, W @ Y)", "The larger of the two cells."),  # of two products, not of the first
        ("W @ X + 1", ""),
        ("W @ X + c", "Each number of Out is a row of W times a column of X, plus c."),  # which is no parameter
        ("W @ X + b", "Each number of Out is a row of W times a column of X, plus the bias b."),
        ("W @ X + 2 * b", ""),
    ],
)
def test_forward(expression: str, sentence: str) -> None:
    assert sentences(f"Out = {expression}")["Out"] == sentence


def test_a_mask_isn_t_repeated_where_nothing_can_fail() -> None:
    """Behind it the gradient is 0, and stays 0 when it is divided by a number; not where something may be divided by
    0."""
    steps = ("S = X / sqrt(3)", "M = where(X > 0, S, -1000)", "L = sum(M ** 2)")
    made = sheetgen.compile_text(MATRICES + "".join(f"  - {step}\n" for step in steps)
                                 + "loss: L\nbackward: {wrt: [X]}\n")  # fmt: skip
    equations = {row.equation.partition(" = ")[0]: row.equation for row in made.plan.steps}
    assert equations["∂S"] == "∂S = ∂M where X > 0" and equations["∂X"] == "∂X = ∂S ÷ √3"


@pytest.mark.parametrize(
    ("loss", "left"),
    [
        ("huber(Z, Y, 2)", "the difference, held between -2 and 2"),
        ("smooth_l1(Z, Y, delta)", "the difference over delta, held between -1 and 1"),
    ],
)
def test_a_slope_names_the_numbers_that_it_hangs_on(loss: str, left: str) -> None:
    said = sentences("delta = sum(U ** 2)", "Z = W @ X", f"L = {loss}", more="loss: L\nbackward: {wrt: [Z]}\n")
    assert said["dL_dZ"].endswith(f": {left}.")


@pytest.mark.parametrize(
    ("target", "more", "left"),
    [
        ("[[1, 0, 0], [0, 1, 1]]", "", "prediction minus target"),
        ("[[1, 0, 0], [0, 1, 0.5]]", "", "prediction, times what the target's column adds up to, minus target"),
        ("[[1, 0, 0], [0, 1, 1]]", ', reduction="mean"', "prediction minus target, shared out evenly"),
    ],
)
def test_what_a_loss_and_the_function_before_it_simplify_to(target: str, more: str, left: str) -> None:
    text = (f"{MATRICES}  - Z = W @ X\n  - P = softmax(Z)\n  - 'L = cross_entropy(P, T{more})'\nloss: L\n"
            "backward: true\n").replace("steps:", f"  T: {{role: target, value: {target}}}\nsteps:")  # fmt: skip
    said = {step.matrices[0]: step.sentence for step in sheetgen.compile_text(text).program.steps if step.matrices}
    assert said["dL_dZ"].endswith(f"simplify to {left}.")


def test_a_bias_may_stand_on_either_side() -> None:
    """Of samples in rows it stands below the weights."""
    said = sentences("Z = X.T @ W + r", "L = sum(Z ** 2)", more="loss: L\nbackward: true\n")
    assert said["dL_dr"] == "A bias's input is 1, so the gradient of r is that of Z, added up."


def test_products_name_no_python() -> None:
    said = sentences("P = X.T @ X", "Q = W @ relu(X)", "R = W @ vstack([X[0:1, :], Y[0:1, :]])")
    assert said["P"] == "Each number of P is a column of X times a column of X."
    assert said["Q"] == "Each number of Q is a row of W times a column of what comes in."
    assert said["R"] == "Each number of R is a row of W times a column of X and Y."


def test_backward() -> None:
    said = sentences(
        "Z = W @ X + b",
        "N = s * Z + U",
        "Q = layer_norm(N, s)",
        "V = vstack([Q, N])",
        'L = sum(V ** 2) + mse(N, Y, reduction="mean")',
        more="loss: L\nbackward: {wrt: [Z, N]}\n",
    )
    starts = {name.removeprefix("dL_d").removesuffix("_T"): text for name, text in said.items() if name[:2] == "dL"}
    assert starts["Q"].endswith("to Q: its part of what reaches the stack.")
    assert starts["U"].endswith("to U: a sum passes it on unchanged.")
    assert starts["Z"].endswith("to Z: what reaches it, times the other factor.")
    assert starts["N"] == "N is used more than once, so the gradients from all its uses are added up."


@pytest.mark.parametrize(
    ("steps", "name", "ending"),
    [
        (["L = sum(X + b)"], "b", "a sum passes it on unchanged, added up over the repeats."),
        (["A = X * s + X", "L = sum(A)"], "s", "what reaches it, times the other factor, added up over the repeats."),
        (["A = layer_norm(X, s)", "L = sum(A * Y)"], "s", "The gradient of L with respect to s."),
        (["A = U * 1", 'L = mse(A, Y, reduction="mean")'], "A", "twice the difference, shared out evenly."),
        (["Z = W @ X", "a = argmax(Z)", "L = sum(a)"], "W", "a small change of it leaves the loss as it is."),
        (["A = (X + b) / 2", "L = sum(A)"], "b", "The gradient of L with respect to b."),
    ],
)
def test_one_gradient(steps: list[str], name: str, ending: str) -> None:
    said = sentences(*steps, more="loss: L\nbackward: true\n")
    found = next(text for key, text in said.items() if key.removesuffix("_T") == f"dL_d{name}")
    assert found.endswith(ending)


def test_a_bias_of_its_own() -> None:
    """Where the backward pass has a sheet of its own, a bias's gradient is a step of its own."""
    said = sentences(
        "H0 = zeros((2, 1))",
        "for: t in 1..3\n    steps: ['H{t} = tanh(W @ H{t-1} + X[:, {t-1}])']",
        "Q = W @ hstack([H1, H2, H3]) + b",
        "L = sum(Q)",
        more="loss: L\nbackward: true\n",
    )
    assert said["dL_db"] == "A bias's input is 1, so the gradient of b is that of Q, added up."


def test_a_helpers_gradient_that_is_passed_on_is_told_with_what_it_is_passed_to() -> None:
    text = small("s input 1x3, X parameter 2x3", ["v = sum(X * s, axis=1)", "A = X / sqrt(v + 1)", "L = sum(A)"],
                 "loss: L\nbackward: true\n")  # fmt: skip
    steps = sheetgen.compile_text(text).program.steps
    (step,) = [step for step in steps if "dL_dv" in step.matrices]
    assert step.matrices == ("dL_dA_sqrt_pre", "dL_dv") and step.sentence.endswith("a sum passes it on unchanged.")
    assert step.equation.startswith("dL_dA_sqrt_pre = ") and step.equation.endswith("; dL_dv = dL_dA_sqrt_pre")


def test_only_weights_gather_their_inputs() -> None:
    """The gradient of an input goes back through the product like any other."""
    text = "W parameter 2x3, X input 3x2, Y target 2x2", ["Z = W @ X", "L = mse(Z, Y)"]
    made = program(*text, "loss: L\nbackward: {wrt: [W, X]}")
    why = {step.matrices[0]: step.why for step in made.steps if step.why}
    assert why["dL_dW"].startswith("each weight's input") and why["dL_dX"].startswith("back through the product")
