"""What people bring from elsewhere: told what to write here if something means the same, and nothing otherwise."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from sheetgen.errors import SpecError
from sheetgen.lang import advice
from sheetgen.lang.infer import infer
from sheetgen.lang.syntax import known_functions, parse, parse_expression
from sheetgen.passes.evaluate import value_of
from sheetgen.spec.read import loads

SHAPES = {"A": (2, 2), "B": (2, 2), "X": (2, 2), "W": (2, 2), "L": (1, 1), "Im": (2, 2), "F": (2, 2), "K": (2, 2)}


def message(text: str) -> str:
    with pytest.raises(SpecError) as caught:
        infer(parse(f"Z = {text}").tree, SHAPES, f"Z = {text}")
    return caught.value.message


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("matmul(A, B)", "A @ B"), ("np.dot(A, B)", "A @ B"), ("A.dot(B)", "A @ B"), ("torch.mm(A, B)", "A @ B"),
        ("np.dot(A + 1, B.T)", "(A + 1) @ B.T"), ("A.T.dot(B)", "A.T @ B"), ("np.multiply(A, B)", "A * B"),
        ("log10(A)", "log(A) / log(10)"), ("np.log2(A)", "log(A) / log(2)"), ("np.log1p(A)", "log1p(A)"),
        ("max(0, A)", "maximum(0, A)"), ("min(A, B)", "minimum(A, B)"),
        ("np.clip(A, 0, 1)", "clip(A, 0, 1)"), ("torch.clamp(A, 0, 1)", "clip(A, 0, 1)"),
        ("X.sum(axis=0)", "sum(X, axis=0)"), ("torch.sum(X, dim=1, keepdim=True)", "sum(X, axis=1)"),
        ("np.max(X, 0)", "max(X, 0)"), ("torch.softmax(X, dim=0)", "softmax(X, axis=0)"), ("nn.ReLU(X)", "relu(X)"),
        ("F.relu(X)", "relu(…)"), ("LeakyReLU(X)", "leaky_relu(X)"), ("tf.nn.swish(X)", "silu(X)"), ("A.t()", "A.T"),
        ("A.T()", "A.T"), ("A.mean()", "mean(A)"), ("np.power(A, 2)", "A ** 2"), ("np.triu(A)", "triu(A)"),
        ("MSELoss(A, B)", "mse(A, B)"), ("A.view(1, 4)", "reshape(A, (1, 4))"),
        ("np.full((2, 3), 7)", "7 * ones((2, 3))"),
        ("relu6(A)", "minimum(maximum(A, 0), 6)"), ("maxpool2d(A, 2)", "max_pool(A, 2)"),
        ("torch.argmin(A)", "argmin(A)"),
        ("F.cross_entropy(A, B)", "cross_entropy_with_logits(A, B)"),
        ("torch.nn.functional.cross_entropy(A, B)", "cross_entropy_with_logits(A, B)"),
        ("keras.losses.binary_crossentropy(A, B)", "binary_cross_entropy(A, B)"),
        ("LayerNormalization(A)", "layer_norm(A)"),
        ("variance(A)", "var(A)"), ("smooth_l1_loss(A, B)", "smooth_l1(A, B)"), ("sigmoid_(A)", "sigmoid(A)"),
        ("np.linalg.norm(A)", "norm(A)"), ("log2(A)", "log(A) / log(2)"),
        ("A if A > 0 else B", "where(A > 0, A, B)"), ("(A > 0) & (A < 1)", "(A > 0) * (A < 1)"),
        ("A > 0 or A < B", "maximum(A > 0, A < B)"), ("A and B", "(A != 0) * (B != 0)"), ("not A", "A == 0"),
        ("~(A > 0)", "(A > 0) == 0"), ("A ^ 2", "A ** 2"),
    ],
)  # fmt: skip
def test_the_same_here(text: str, instead: str) -> None:
    said = message(text)
    assert said.endswith(f" Write `{instead}`."), said
    if "…" not in instead:
        infer(parse_expression(instead), SHAPES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("np.pi * A", "Write `pi`."), ("e * A", "Write `exp(1)`."),
        ("len(A)", "`sheetgen show`"), ("A.shape", "`sheetgen show`"),
        ("A.detach()", "Write `detach(A)`."), ("A.requires_grad()", "`constant` under `matrices:`"),
        ("np.concatenate([A, B])", "`vstack([A, B])`"), ("stack([A, B])", "`hstack([A, B])`"),
        ("np.array([[1, 2]])", "under `matrices:`"), ("np.random.randn(2, 3)", "random: {shape: [2, 3]}"),
        ("softmax(A, dim=0)", "Write `axis`."), ("relux(A)", "Did you mean `relu`?"),
        ("sofmtax(A)", "Did you mean `softmax`?"),
        ("'0.1' * A", "`'0.1'` isn't a number: this is a text: take the quotes off."), ("True * A", "write `1`"),
        ("2A", "`a * b`"), ("A B", "`a @ b`"), ("2 (A + B)", "`a @ b`"), ("(A + B) X", "`a @ b`"), ("|A|", "`abs(x)`"),
        ("A' @ B", "`A.T`"), ("A ^", "`x ** 2`"),
        ("dL_dW * A", "`backward: true` works it out after all steps"), ("dL_dW_T", "`g = grad(L, W)`"),
        ("W_new @ X", "`update: {learning_rate: 0.1}`"),
    ],
)  # fmt: skip
def test_what_else_to_write(text: str, words: str) -> None:
    assert words in message(text)


@pytest.mark.parametrize("name", ["inv", "np.linalg.inv", "cummax", "lexsort", "det", "cbrt", "foo"])
def test_no_suggestion_where_nothing_means_the_same(name: str) -> None:
    said = message(f"{name}(A)")
    assert "Did you mean" not in said and "Write" not in said
    assert said.endswith(f" There are: {', '.join(known_functions())}.")


def test_names_of_numpy_are_never_taken_for_slips_of_others() -> None:
    known = set(known_functions())
    for name in {*np.__all__, *np.linalg.__all__} - known:
        if not advice.instead(name):
            assert not advice.misspelt(name, known), name


def test_what_stands_for_numpys_functions_has_their_values() -> None:
    values = {"A": np.array([[0.2, 0.9], [0.4, 0.3]]), "B": np.array([[0.5, 0.6], [0.8, 0.1]])}
    names = [ast.parse(name, mode="eval").body for name in values]
    functions = {advice.squashed(name): getattr(np, name) for name in np.__all__ if callable(getattr(np, name))}
    found = set()
    others = {"view", "full", "identity", "outer", "average", "takealongaxis", "remainder"}  # 0.3 is three times 0.1
    for name in (advice.WRITE.keys() & functions.keys()) - others:
        count = max((k + 1 for k in range(3) if f"{{{k}}}" in advice.WRITE[name]), default=1)
        text = advice.instead(name, names[:count]).removeprefix(" Write `").removesuffix("`.")
        mine = value_of(infer(parse_expression(text), SHAPES), values)
        arguments = list(values.values())[:count]
        other = functions[name](*arguments, 0) if name in ("heaviside", "argmin") else functions[name](*arguments)
        np.testing.assert_allclose(mine, np.reshape(other, mine.shape), rtol=1e-12, err_msg=name)
        found.add(name)
    assert len(found) > 40


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("A\u00a0@ B", 6, "There is a no-break space (U+00A0) here: type a plain blank"),
        ("A @\u200b B", 8, "zero width space (U+200B)"), ("Aᵀ @ B", 6, "`A.T` is the transpose"), ("A²", 6, "`x ** 2`"),
        ("A · B", 7, "`@` is the matrix product"), ("A − B", 7, "`-` is minus"), ("α * A", 5, "write `alpha`"),
        ("π * A", 5, "write `pi`"), ("A ≤ B", 7, "write `<=`"), ("A₁ + B", 6, "letters A to Z"),
        ("Ａ", 5, "letters A to Z"), ("‘0.1’ * A", 5, "quotes are"),
    ],
)  # fmt: skip
def test_signs_that_are_not_in_the_language(text: str, column: int, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse(f"Z = {text}")
    assert words in caught.value.message and caught.value.column == column, caught.value


MATRICES = "title: t\nmatrices:\n  X: {role: input, value: [[1, 2]]}\n"


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (f"{MATRICES}steps: [L = mse(X, X)]", (4, 9), ("`L = mse(X` ends at its comma", "quotes", "`- `")),
        (f"{MATRICES}steps: [Z = X, 'L = mse(X, X)']\nloss: [L, Zz]", (5, 11),
         ("no step that computes `Zz`", "Did you mean `Z`?")),
        (f"{MATRICES}steps: [Z = X]\nloss: 3.5", (5, 7), ("no step that computes `3.5`",)),
        (f"{MATRICES}steps: [Z = X]\nloss: {{Z: 1}}", (5, 7), ("the name of a 1×1 matrix, or a list",)),
        (f"{MATRICES}steps: [Z = X]\nloss: sum(Z)", (5, 7), ("write the step `L = sum(Z)`, and `loss: L`",)),
        (f"{MATRICES}steps: [Z = X]\nloss: Zz", (5, 7), ("Did you mean `Z`?",)),
        (MATRICES.replace("[[1, 2]]", '[["0.1", 2]]'), (3, 30), ("`0.1` is not a number; this is a text: take",)),
        (MATRICES.replace("value: [[1, 2]]", "value: '3'"), (3, 28), ("take the quotes off",)),
        (MATRICES.replace("value: [[1, 2]]", "zeros: ['2', 3]"), (3, 29), ("a whole number", "take the quotes off")),
        (MATRICES.replace("value: [[1, 2]]", "zeros: [2, 3], integer: 'true'"), (3, 45), ("take the quotes off",)),
        (f"{MATRICES}steps: [L = sum(X)]\nloss: L\nupdate: {{learning_rate: '0.1'}}", (6, 26), ("take the quotes",)),
        (MATRICES.replace("role", "\u00a0role"), (3, 7), ("no-break space (U+00A0)",)),
        (MATRICES.replace("  X", "\u00a0\u00a0X"), (3, 1), ("no-break space (U+00A0)",)),
    ],
)  # fmt: skip
def test_what_yaml_makes_of_it(text: str, place: tuple[int, int], words: tuple[str, ...]) -> None:
    with pytest.raises(SpecError) as caught:
        loads(text if "steps" in text else f"{text}steps: [Z = X]")
    assert not [word for word in words if word not in caught.value.message], caught.value.message
    assert (caught.value.line, caught.value.column) == place, caught.value


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        ("Dense: 4", "Write `linear`."), ("ReLU", "Write `relu`."), ("LayerNorm", "Write `layer_norm`."),
        ("lineer: 4", "Did you mean `linear`?"), ("zoneout", "There are: linear,"), ("celu", "There are: linear,"),
    ],
)  # fmt: skip
def test_layers_of_other_libraries(layer: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        loads(f"{MATRICES}steps:\n  - layers: X\n    stack: [{layer}]")
    assert words in caught.value.message and caught.value.line == 6


@pytest.mark.parametrize("text", ["relu(A", "A1b +", "A if", "A +", "(A", "W2x *"])
def test_no_advice_on_what_is_merely_unfinished(text: str) -> None:
    assert message(text) == f"I can't read `Z = {text}` as an expression."
