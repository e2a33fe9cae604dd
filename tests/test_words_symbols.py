"""What matrices are called: spelled for readers, and never taken for something else because of their names."""

from __future__ import annotations

import math

import pytest
from words_by_hand import program, written

from sheetgen.api import program_of
from sheetgen.layout.words.notation import number_text
from sheetgen.layout.words.script import HAT, indexed, marked, subscript, superscript
from sheetgen.layout.words.symbols import differing, spell, symbols
from sheetgen.spec.read import loads

HEAD = "title: t\nmatrices:\n"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.5, "½"), (1 / 6, "1 ÷ 6"), (2 * math.pi, "2π"), (math.sqrt(2 * math.pi), "√(2π)"), (1e-5, "10⁻⁵"),
        (2 / 3, "2 ÷ 3"),
        (1e-320, "1e-320"), (-5e-324, "−4.941e-324"), (1.7e308, "1.7e+308"), (3e200, "3e+200"), (2e154, "2e+154"),
    ],
)  # fmt: skip
def test_numbers_however_small_or_large(number: float, text: str) -> None:
    assert number_text(number).text == text


@pytest.mark.parametrize(
    ("base", "text"),
    [
        ("W1", "W₁"), ("h_3", "h₃"), ("b11", "b₁₁"), ("Y_pred", "Ŷ"), ("X_hat", "X̂"), ("A_hat", "Â"), ("Ahat", "Â"),
        ("m_hat_1", "m̂₁"), ("Y_pred_2", "Ŷ₂"), ("beta", "β"), ("beta1", "β₁"), ("theta_0", "θ₀"), ("eta", "η"),
        ("learning_rate", "η"), ("lambda", "λ"), ("mu", "μ"), ("epsilon", "ε"), ("dk", "dₖ"), ("Wq", "Wq"),
        ("logits", "logits"), ("A_norm", "A_norm"), ("logits_pred", "logits_pred"), ("E_1_2", "E₁,₂"), ("x", "x"),
        ("hat", "hat"), ("alphabet", "alphabet"), ("X_words", "X_words"), ("alpha_bar", "ᾱ"), ("layer10", "layer₁₀"),
    ],
)  # fmt: skip
def test_spelling(base: str, text: str) -> None:
    assert spell(base) == text


def test_small_letters() -> None:
    assert subscript("t-1") == "ₜ₋₁"
    assert subscript("q") is None
    assert superscript("s−max") == "ˢ⁻ᵐᵃˣ"
    assert superscript("q") is None
    assert subscript("") is superscript("") is None
    assert indexed("h", "t+1") == "hₜ₊₁"
    assert indexed("W₁", "2") == "W₁,₂"
    assert indexed("h", "d") == "h_d"
    assert marked("Y", HAT) == "Ŷ"
    assert len(marked("Y", HAT)) == 1


def test_gradients_and_new_values_by_what_they_are() -> None:
    names = symbols(program("backpropagation"))
    assert [names.of(name) for name in ("dL_dZ3", "dL_dW1", "W1_new", "Z1_new", "L_new", "learning_rate")] == [
        "∂Z₃", "∂W₁", "W₁ new", "Z₁", "L new", "η",
    ]  # fmt: skip
    assert names.of("S_exp") == ""
    assert names.name("S_exp") is None


def test_a_users_own_names_are_never_parsed() -> None:
    names = symbols(written(
        HEAD + "  X: {role: input, value: [[1, 2]]}\n  W_new: {role: parameter, value: [[1, 3]]}\n"
        "steps:\n  - dL_dW = X * 2\n  - P_exp = X + 1\n  - H_pre = P_exp * W_new\n  - P = softmax(H_pre + dL_dW)\n"
        "  - L = sum(P)\nloss: L\nbackward: true\nupdate: {learning_rate: 1}\n"
    ))  # fmt: skip
    assert [names.of(n) for n in ("dL_dW", "P_exp", "H_pre", "W_new")] == ["dL_dW", "P_exp", "H_pre", "W_new"]
    assert [names.of(n) for n in ("dL_dW_new", "W_new_new")] == ["∂W_new", "W_new new"]


def test_no_two_matrices_look_alike() -> None:
    names = symbols(written(
        HEAD + "  W1: {role: input, value: 1}\n  W_1: {role: input, value: 2}\n  Y_pred: {role: input, value: 1}\n"
        "  Y_hat: {role: input, value: 1}\nsteps:\n  - s = W1 + W_1 + Y_pred + Y_hat\n"
    ))  # fmt: skip
    assert [names.of(n) for n in ("W1", "W_1", "Y_pred", "Y_hat")] == ["W₁", "W_1", "Ŷ", "Y_hat"]


def test_letters_as_indices_only_where_all_of_them_can_be_small() -> None:
    names = symbols(written(
        HEAD + "".join(f"  {n}: {{role: input, value: 1}}\n" for n in ("x_t", "x_s", "W_f", "W_i")) +
        "steps:\n  - y = x_t + x_s + W_f + W_i\n"
    ))  # fmt: skip
    assert [names.of(n) for n in ("x_t", "x_s", "W_f", "W_i")] == ["xₜ", "xₛ", "W_f", "W_i"]


def test_short_names_for_pre_activations() -> None:
    """Only those that have a gradient: Z and the index of the weights, and of the turn."""
    assert symbols(program("resnet")).of("A1_pre") == "Z₁₁"
    assert symbols(program("resnet")).of("H1_pre") == ""
    assert symbols(program("gcn")).of("M1_pre") == ""
    assert symbols(program("rnn")).of("H3_pre") == "Z₃"
    assert symbols(program("lstm")).of("f_2_pre") == "Zf₂"
    assert symbols(program("lstm")).of("dL_df_2_pre") == "∂Zf₂"
    taken = symbols(written(
        HEAD + "  X: {role: input, value: [[1], [2]]}\n  W1: {role: parameter, value: [[1, 0], [1, 1]]}\n"
        "  Z1: {role: constant, value: 3}\nsteps:\n  - A = relu(W1 @ X) * Z1\n  - L = sum(A)\nloss: L\nbackward: true\n"
    ))  # fmt: skip
    assert all(taken.of(name) != "Z₁" for name in taken.names if name != "Z1")


@pytest.mark.parametrize(
    ("weights", "short"),
    [("Wf", "Zf"), ("Wout", "Zout"), ("wq", "Zq"), ("U2", "Z₂"), ("b1", "Z₁"), ("from1", "Zfrom₁"), ("to1", "Zto₁"),
     ("Theta1", "ZTheta₁"), ("weights", "Zweights"), ("Emb", "ZEmb")],
)  # fmt: skip
def test_a_word_keeps_its_letters(weights: str, short: str) -> None:
    """Only a letter such as W gives way to the Z of what comes of it."""
    found = symbols(written(
        HEAD + f"  X: {{role: input, value: [[1], [2]]}}\n  {weights}: {{role: parameter, value: [[1, 0], [1, 1]]}}\n"
        f"steps:\n  - A = relu({weights} @ X)\n  - L = sum(A)\nloss: L\nbackward: true\n"
    ))  # fmt: skip
    assert found.of("A_pre") == short


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["H1", "H2", "H10"], (("H", ""), ("1", "2", "10"))),
        (["K1_a", "K2_a"], (("K", "_a"), ("1", "2"))),
        (["HA", "HB"], (("H", ""), ("A", "B"))),
        (["H1", "H1"], None),
        (["start", "H1"], (("", ""), ("start", "H1"))),
        (["H", "H1"], None),
    ],
)
def test_where_names_differ(names: list[str], found: object) -> None:
    assert differing(names) == found


def test_a_letter_after_a_number_stands_beside_it() -> None:
    assert [spell(name) for name in ("W1_old", "b2_old", "x1_hat", "W_old")] == ["W₁_old", "b₂_old", "x1_hat", "W_old"]
    assert [spell(name) for name in ("Z1_A", "Z1A", "W1_f", "conv2D")] == ["Z₁,A", "Z₁A", "W1_f", "conv2D"]


FUNCTIONS = """title: t
define:
  f(A):
    - B = A @ A
    - relu(B) + B
  g(A): f(2 * A) * A
matrices:
  X: {role: input, value: [[1, 2], [3, 4]]}
  C: {role: input, value: [[1, 2], [3, 4]]}
steps:
"""


@pytest.mark.parametrize(
    ("steps", "shown"),
    [
        ("Y = f(3 * X)", {"Y_A": "A", "Y_B": "B"}),
        ("Y1 = f(3 * X); Z_2 = f(-X)", {"Y1_A": "A₁", "Y1_B": "B₁", "Z_2_A": "A₂", "Z_2_B": "B₂"}),
        ("Y = X + f(-C); Z = f(C)", {"Y_f": "f", "Y_f_A": "A", "Y_f_B": "Y_B", "Z_B": "Z_B"}),
        ("Y = f(-X) + f(C); Y_B = X", {"Y_f": "Y_f", "Y_f_2": "Y_f₂", "Y_f_B": "Y_f_B", "Y_f_2_B": "Y_f_2_B"}),
        ("Y = X + f(C)", {"Y_f": "f", "Y_f_B": "B"}),
        ("Y = g(3 * X)", {"Y_A": "Y_A", "Y_f": "f", "Y_f_A": "Y_f_A", "Y_f_B": "B"}),
        ("Y = f(3 * X); Z = f(-X)", {"Y_A": "Y_A", "Y_B": "Y_B", "Z_A": "Z_A", "Z_B": "Z_B"}),
        ("Y = f(3 * X); B = -X", {"Y_A": "A", "Y_B": "Y_B", "B": "B"}),
        ("Y = f(3 * X); b = -X", {"Y_A": "A", "Y_B": "Y_B", "b": "b"}),
        ("Y1 = f(3 * X); B_1 = -X", {"Y1_A": "A₁", "Y1_B": "Y₁,B", "B_1": "B₁"}),
        ("A = f(3 * X)", {"A_A": "A_A", "A_B": "B", "A": "A"}),
    ],
)
def test_what_a_function_computes_is_called_as_there_where_nothing_else_is(steps: str, shown: dict[str, str]) -> None:
    text = FUNCTIONS + "".join(f"  - {step}\n" for step in steps.split("; "))
    names = symbols(program_of(loads(text)))
    assert {name: names.of(name) for name in shown} == shown
