"""Expressions as mathematics."""

from __future__ import annotations

import math

import pytest
from words_by_hand import program, written

import sheetgen
from sheetgen.layout.words.script import in_pi
from sheetgen.layout.words.vocabulary import Vocabulary, vocabulary

MATRICES = """title: t
matrices:
  X: {role: input, value: [[1, 2, 4], [3, -1, 1]]}
  U: {role: input, value: [[1, -2, 1], [3, 1, 2]]}
  W: {role: parameter, value: [[1, 0], [2, -1]]}
  W2: {role: parameter, value: [[1, 0], [2, -1]]}
  b: {role: parameter, value: [1, 2]}
  r: {role: input, value: [[1, 2, 3]]}
  Y: {role: target, value: [[1, 0, 1], [0, 1, 0]]}
  tokens: {role: input, value: [[0, 1, 0]], integer: true}
  k: {role: constant, value: 3}
  eta: {role: constant, value: 0.1}
  S_scaled: {role: input, value: [[1, 2], [3, 4]]}
  X6: {role: input, value: [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1]]}
  K: {role: parameter, value: [[1, 0], [0, 1]]}
steps:
"""


def equation(expression: str) -> str:
    """The right side of `Out = expression`."""
    found = written(f"{MATRICES}  - 'Out = {expression}'\n")
    words = vocabulary(found)
    return words.equation(words.makers["Out"]).removeprefix("Out = ")


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("W @ X + b", "W·X + b"),
        ("W2 @ X", "W₂·X"),
        ("W @ X + W2 @ U + b", "W·X + W₂·U + b"),
        ("relu(W @ X + b)", "ReLU(W·X + b)"),
        ("X.T @ U / sqrt(3)", "Xᵀ·U ÷ √3"),
        ("W @ vstack([r, r])", "W·[r; r]"),
        ("hstack([X, U])", "[X | U]"),
        ("X * U + X", "X∘U + X"),
        ("eta * X", "η·X"),
        ("X * r", "X∘r"),
        ("U[0, 1] * U[1, 2] - U[1, 0]", "U₁,₂·U₂,₃ − U₂,₁"),
        ("-U[0, 1]", "−U₁,₂"),
        ("W[0, 1]", "row 1, column 2 of W"),  # which might be a part of a W₁
        ("(X + U) * X", "(X + U)∘X"),
        ("(W @ X) * U", "(W·X)∘U"),
        ("X - (U - X)", "X − (U − X)"),
        ("X / (U + 9)", "X ÷ (U + 9)"),
        ("(X / 2) / U", "(X ÷ 2) ÷ U"),
        ("X / 2 * U", "(X ÷ 2)∘U"),
        ("-X", "−X"),
        ("0.5 * X ** 2", "½·X²"),
        ("(X - Y) ** 2", "(X − Y)²"),
        ("exp(X)", "eˣ"),
        ("exp(X - U)", "eˣ⁻ᵘ"),
        ("exp(W2)", "exp(W₂)"),  # which W isn't
        ("exp(W2 - W)", "exp(W₂ − W)"),
        ("exp(W2 - max(W2, axis=0))", "eʷ⁻ᵐᵃˣ"),  # right under it
        ("exp(b)", "eᵇ"),
        ("exp(K - max(K, axis=0))", "exp(K − max)"),  # there is a k, too
        ("1 / (1 + exp(-X))", "1 ÷ (1 + e⁻ˣ)"),
        ("exp(X - max(X, axis=0))", "eˣ⁻ᵐᵃˣ"),
        ("exp(S_scaled)", "exp(S_scaled)"),
        ("exp(S_scaled - max(S_scaled, axis=0))", "exp(S_scaled − max)"),
        ("exp(X + U)", "exp(X + U)"),
        ("softmax(X)", "softmax(X)"),
        ("softmax(X, axis=1)", "softmax(X), each row"),
        ("softmax(X / eta)", "softmax(X ÷ η)"),
        ("layer_norm(X)", "norm(X)"),
        ("layer_norm(X, b)", "norm(X)∘b"),
        ("logsumexp(X)", "ln Σ exp(X)"),
        ("log(1 - r / 9)", "ln(1 − r ÷ 9)"),
        ("X * log(abs(U))", "X·ln |U|"),
        ("abs(X - U)", "|X − U|"),
        ("sqrt(X ** 2 + 1)", "√(X² + 1)"),
        ("sigmoid(X)", "σ(X)"),
        ("hard_sigmoid(X)", "hard σ(X)"),
        ("leaky_relu(X)", "leaky ReLU(X)"),
        ("leaky_relu(X, 0.2)", "leaky ReLU(X, 0.2)"),
        ("round(X, 1)", "round(X, 1)"),
        ("maximum(0, 3 - X)", "max(0, 3 − X)"),
        ("X > 0.5", "X > ½"),
        ("(X > 0.5) == (Y > 0.5)", "(X > ½) = (Y > ½)"),
        ("where(X > 0, U, 0)", "U where X > 0"),
        ("where(0 >= X, 0, U)", "U where X > 0"),
        ("where(X > 0, 1, eta)", "1 where X > 0, else η"),
        ("where(Y, X, -1000)", "X where Y, else −1000"),
        ("sum(X)", "Σ X"),
        ("sum(X, axis=0)", "Σ X, each column"),
        ("sum(X ** 2) / 4", "Σ X² ÷ 4"),
        ("sum(X * U) / sum(X ** 2)", "Σ X∘U ÷ Σ X²"),
        ("mean(X, axis=1)", "mean of X, each row"),
        ("X - mean(X)", "X − mean(X), over all"),
        ("X - mean(X, axis=0)", "X − mean(X)"),
        ("X - mean(X, axis=1)", "X − mean(X), each row"),
        ("X - mean(r)", "X − mean(r)"),
        ("exp(X - max(U))", "exp(X − max(U)), over all"),
        ("exp(X - max(U, axis=0))", "exp(X − max(U))"),
        ("exp(X - max(X, axis=1))", "eˣ⁻ᵐᵃˣ, each row"),
        ("exp(X - max(X))", "eˣ⁻ᵐᵃˣ, over all"),
        ("2 ** (X - max(X, axis=1))", "2ˣ⁻ᵐᵃˣ, each row"),
        ("softmax(X) + softmax(X, axis=1)", "softmax(X, each column) + softmax(X, each row)"),
        ("softmax(X) + softmax(U)", "softmax(X) + softmax(U)"),
        ("X / sum(X, axis=0) - X / sum(X, axis=1)", "X ÷ (Σ X, each column) − X ÷ (Σ X, each row)"),
        ("exp(X - max(X, axis=1)) / sum(X, axis=0)", "exp(X − max(X, each row)) ÷ (Σ X, each column)"),
        ("sum(softmax(X), axis=1)", "Σ softmax(X, each column), each row"),
        ("sum(softmax(X, axis=1))", "Σ softmax(X, each row)"),
        ("W @ softmax(X, axis=1)", "W·softmax(X), each row"),
        ("layer_norm(X) + batch_norm(X)", "norm(X, each column) + norm(X, each row)"),
        ("batch_norm(X)", "norm(X), each row"),
        ("(X - mean(X, axis=0)) / sqrt(mean((U - mean(U, axis=0)) ** 2, axis=0))", "(X − mean(X)) ÷ std(U)"),
        ("(X - mean(X)) / sqrt(mean((X - mean(X)) ** 2))", "(X − mean(X)) ÷ std(X), over all"),
        ("logsumexp(X, axis=1)", "ln Σ exp(X), each row"),
        ("cumsum(X, axis=1)", "running sum of X, each row"),
        ("2 * cumsum(r, axis=1)", "2·(running sum of r), each row"),
        ("r - sum(r)", "r − Σ r"),
        ("argmax(X)", "argmax(X), each column"),
        ("argmin(X)", "argmin(X), each column"),
        ("argmin(X, axis=1)", "argmin(X), each row"),
        ("prod(X, axis=0)", "Π(X), each column"),
        ("top_k(X, 2)", "2 largest of X, each column"),
        ("sort(X)", "sort(X)"),
        ("sort(X, axis=1)", "sort(X), each row"),
        ("sort(X, descending=True) * 2", "2·(sort(X), largest first)"),
        ("argsort(X)", "argsort(X)"),
        ("argsort(X, axis=1, descending=True)", "argsort(X), each row, largest first"),
        ("gather(X, argsort(X))", "X[argsort(X)]"),
        ("median(X)", "median(X)"),
        ("median(X, axis=1)", "median(X), each row"),
        ("cumprod(X)", "running product of X"),
        ("top_k(X, 1, axis=1)", "largest of X, each row"),
        ("mse(X, Y)", "Σ (X − Y)²"),
        ('mse(X, Y, reduction="mean")', "Σ (X − Y)² ÷ 6"),
        ("cross_entropy(softmax(X), Y)", "−Σ Y·ln softmax(X)"),
        ("binary_cross_entropy(sigmoid(r), r / 3)", "−Σ ((r ÷ 3)·ln σ(r) + (1 − r ÷ 3)·ln(1 − σ(r)))"),
        ("conv2d(X6, K) + eta", "X₆ ∗ K + η"),
        ("max_pool(X6, 2)", "max of 2×2 in X₆"),
        ("flatten(X)", "X row by row"),
        ("vstack([flatten(X), flatten(U)])", "[X; U] row by row"),
        ("hstack([flatten(X), flatten(U)])", "[X | U] row by row"),
        ("reshape(X, (3, 2))", "X as 3×2"),
        ("embedding(X, tokens)", "X[tokens]"),
        ("embedding(eye(2), tokens)", "one-hot(tokens)"),
        ("Y[:, 1]", "y₂"),
        ("X[:, 1]", "column 2 of X"),
        ("X6[:, 1]", "column 2 of X₆"),
        ("X[0]", "row 1 of X"),
        ("-X[0]", "−(row 1 of X)"),
        ("X[:, 0:2]", "columns 1–2 of X"),
        ("X[0, 1:3]", "row 1, columns 2–3 of X"),
        ("tril(ones((3, 3)))", "1 from the diagonal down"),
        ("tril(ones((3, 3))).T", "1 from the diagonal up"),
        ("triu(ones((3, 3)))", "1 from the diagonal up"),
        ("triu(X)", "X from the diagonal up"),
        ("W + eye(2)", "W + I"),
        ("X * 0.00001", "10⁻⁵·X"),
        ("X / sqrt(6.283185307179586)", "X ÷ √(2π)"),
        ("X * 2.5066282746310002", "√(2π)·X"),
        ("2 * pi / 8 * X", "(π ÷ 4)·X"),
        ("X * 0.16666666666666666", "(1 ÷ 6)·X"),
        ("X * 0.05", "0.05·X"),
        ("max(X, axis=1) - min(X, axis=1)", "max(X) − min(X), each row"),
        ("X - max(X, axis=0)", "X − max(X)"),
        ("2 / 4 * X", "½·X"),
        ("X * 1", "X"),
        ("3 * (2 * X)", "6·X"),
        ("X - U + U", "X"),
        ("elu(X)", "ELU(X)"),
        ("elu(X, 0.5)", "ELU(X, ½)"),
        ("2 * ((0.5 * X) * U)", "X∘U"),
        ("X - (-U)", "X + U"),
        ("-(-2 * (-1 / r) * X)", "−2·(1 ÷ r)∘X"),
        ("where(tril(ones((2, 2))) > 0, W, -9)", "W where row ≥ column, else −9"),
        ("where(tril(ones((2, 2))).T > 0, W, -9)", "W where row ≤ column, else −9"),
        ("where(triu(ones((2, 2))) > 0, W, -9)", "W where row ≤ column, else −9"),
        ("ones((1, 2)) @ X", "Σ X, each column"),
        ("X @ ones((3, 1))", "Σ X, each row"),
        ("2 ** X", "2ˣ"),
        ("eta ** 2", "η²"),
    ],
)
def test_equations(expression: str, text: str) -> None:
    assert equation(expression) == text


@pytest.mark.parametrize(
    ("step", "text"),
    [("P[0, 2]", "p₂"), ("P[0, 0]", "p₀"), ("P[:, 1:3] * 1", "columns 1–2 of P"), ("M[1, 0]", "M₁,₅"),
     ("M[:, 0]", "m₅"), ("Q[0, 2]", "q₃")],
)  # fmt: skip
def test_what_is_numbered_on_the_page_has_that_number(step: str, text: str) -> None:
    """Nodes that begin with 0, as networkx has them; words have no number, and count from 1."""
    text_of = ("title: t\nmatrices:\n  P: {role: input, value: [[1, 2, 3]], columns: [0, 1, 2]}\n"
               "  M: {role: input, value: [[1, 2], [3, 4]], rows: [0, 1], columns: [5, 6]}\n"
               f"  Q: {{role: input, value: [[1, 2, 3]], columns: [a, b, c]}}\nsteps:\n  - 'Out = {step}'\n")
    words = vocabulary(written(text_of))
    assert words.equation(words.makers["Out"]) == f"Out = {text}"


@pytest.fixture(scope="module")
def transformer() -> Vocabulary:
    return vocabulary(program("transformer"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("S_product", "Kᵀ·Q"),
        ("N1_pre", "X + Z"),
        ("N1_std", "std(X + Z), each column"),
        ("L_terms", "−Y·ln P"),
        ("dL_dN2_pre", "∂(N₁ + F₂) = (∂N₂ − mean(∂N₂) − N₂∘mean(∂N₂∘N₂)) ÷ σ"),
        ("dL_dS_masked", "∂S_masked = A∘(∂A − Σ A∘∂A)"),
        ("dL_dS", "∂S = ∂S_masked where mask"),
        ("dL_dK", "∂K = Q·∂(Kᵀ·Q)ᵀ"),
        ("dL_db1", "∂b₁ = Σ ∂Z₁, each row"),
        ("dL_dE", "∂E = Σ ∂X_words by tokens"),
        ("Wu_new", "Wu new = Wu − η·∂Wu"),
        ("L_new", "L new = −Σ Y·ln P ÷ 5"),
    ],
)
def test_helpers_and_gradients(transformer: Vocabulary, name: str, text: str) -> None:
    assert transformer.equation(transformer.makers[name]) == text


def test_a_kernels_gradients() -> None:
    words = vocabulary(program("cnn"))
    said = {name: words.equation(words.makers[name]) for name in ("dL_dK1", "dL_dA1", "dL_dM1", "dL_db1")}
    assert said == {
        "dL_dK1": "∂K₁ = X ∗ ∂Z₁",
        "dL_dA1": "∂A₁ = ∂M₁ shared by the largest",
        "dL_dM1": "∂M₁ = rows 1–4 of ∂f as 2×2",
        "dL_db1": "∂b₁ = Σ ∂Z₁",
    }


def test_sums_over_time() -> None:
    words = vocabulary(program("lstm"))
    assert words.equation(words.makers["dL_dWf"]) == "∂Wf = Σₜ ∂Zfₜ·xhₜᵀ"
    assert words.equation(words.makers["dL_dbo"]) == "∂bo = Σₜ ∂Zoₜ"


def test_a_sum_over_some_turns_isn_t_one_over_all() -> None:
    loop = "  - for: k in 1..3\n    steps: ['A{k} = W @ X + {k}']\n"
    words = vocabulary(written(f"{MATRICES}{loop}  - two = A1 + A2\n  - all = A1 + A2 + A3\n"))
    assert words.equation(words.makers["two"]) == "two = A₁ + A₂"
    assert words.equation(words.makers["all"]) == "all = Σₖ Aₖ"


@pytest.mark.parametrize(
    ("value", "said"), [(math.pi, "π"), (2 * math.pi, "2π"), (-math.pi, "−π"), (-6 * math.pi, "−6π"), (0.0, ""),
                        (1e-12, ""), (3.14, ""), (math.pi / 4, "π ÷ 4"), (-1.5 * math.pi, "−3π ÷ 2"), (math.pi / 7, "")]
)  # fmt: skip
def test_multiples_of_pi(value: float, said: str) -> None:
    """A tiny number is none of them."""
    assert in_pi(value) == said


def test_a_tiny_number_in_a_sentence_is_not_told_as_none() -> None:
    row = sheetgen.compile_text(
        "title: t\nmatrices: {X: {role: input, value: [[0.00000000000125]]}}\nsteps: [Y = X + 0.000000000001]\n"
    ).plan.steps[0]
    assert "+ 10⁻¹² =" in row.sentence and "π" not in row.sentence


PRICED = f"""{MATRICES}  - A = W @ X
  - L = mse(A, Y) + eta * sum(W ** 2)
loss: L
backward: {{wrt: [W]}}
"""


def test_a_helper_s_gradient_that_is_one_number_everywhere_is_told_by_it() -> None:
    """Its own step says what it is."""
    words = vocabulary(written(PRICED))
    made = {s.gradient_of: words.equation(s) for s in words.program.statements if s.gradient_of}
    assert made["W"] == "∂W = 2·η·W + ∂A·Xᵀ" and "∂(W²) = η" in made.values()
