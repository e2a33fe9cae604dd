"""Matrices with channels and samples: what their steps compute, against numpy's arrays of rank 3 and 4; how they are
written out, and what is told where they don't go together."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sheetgen import Workbook, compile_text
from sheetgen.errors import SpecError
from sheetgen.spec.read import loads

RNG = np.random.default_rng(3)


def drawn(*sizes: int) -> np.ndarray:
    return RNG.integers(-3, 4, sizes).astype(float)


GIVEN = {
    "M": drawn(4, 5), "X": drawn(2, 4, 5), "U": drawn(2, 4, 5), "Z": drawn(3, 2, 4, 5),
    "K": drawn(4, 2, 2, 2), "D": drawn(2, 3, 2), "T": drawn(2, 3, 2, 2), "b": drawn(2, 1), "d": drawn(4, 1),
    "v": drawn(12, 1), "V": drawn(12, 2), "S": drawn(2, 6), "C": drawn(3, 2, 3), "E": drawn(2, 3, 2), "W": drawn(5, 2),
}  # fmt: skip


def spec(*steps: str, **more: str) -> str:
    used = [name for name in GIVEN if any(name in step for step in steps)]
    lines = [f"  {name}: {{role: parameter, value: {GIVEN[name].tolist()}}}" for name in used]
    rest = [f"{key}: {value}" for key, value in more.items()]
    return "\n".join(["title: t", "matrices:", *lines, "steps:", *(f"  - '{step}'" for step in steps), *rest])


def of(book: Workbook, name: str, sizes: tuple[int, ...]) -> np.ndarray:
    """The array of a tensor's matrices, found by the names that they should have."""
    names = ["_".join([name, *(str(k + 1) for k in at)]) for at in itertools.product(*map(range, sizes))]
    found = np.array([book.values[each] for each in names])
    return found.reshape(*sizes, *found.shape[1:])


def convolved(x: np.ndarray, k: np.ndarray, groups: int = 1, stride: int = 1, padding: int = 0) -> np.ndarray:
    """torch's conv2d: samples × channels in, out × in / groups kernels, by one large product."""
    x = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    out, into, rows, columns = k.shape
    places = [(x.shape[2] - rows) // stride + 1, (x.shape[3] - columns) // stride + 1]
    result = np.zeros((len(x), out, *places))
    for n, o, i, j in itertools.product(range(len(x)), range(out), *map(range, places)):
        first = o // (out // groups) * into
        window = x[n, first : first + into, i * stride : i * stride + rows, j * stride : j * stride + columns]
        result[n, o, i, j] = window.ravel() @ k[o].ravel()
    return result


def spread(x: np.ndarray, k: np.ndarray, stride: int = 1) -> np.ndarray:
    """torch's conv_transpose2d, with kernels in × out."""
    rows, columns = ((n - 1) * stride + w for n, w in zip(x.shape[2:], k.shape[2:], strict=True))
    result = np.zeros((len(x), k.shape[1], rows, columns))
    for n, c, i, j in itertools.product(*map(range, x.shape)):
        result[n, :, i * stride : i * stride + k.shape[2], j * stride : j * stride + k.shape[3]] += x[n, c, i, j] * k[c]
    return result


def normed(x: np.ndarray, axes: tuple[int, ...], eps: float = 1e-5) -> np.ndarray:
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)


G = GIVEN
CASES: dict[str, np.ndarray] = {
    "relu(X)": np.maximum(G["X"], 0),
    "X * U - 2 * X": G["X"] * G["U"] - 2 * G["X"],
    "X + M": G["X"] + G["M"],
    "X + b": G["X"] + G["b"][:, :, None],
    "b * Z": G["Z"] * G["b"][:, :, None],
    "X + sigmoid(b)": G["X"] + 1 / (1 + np.exp(-G["b"][:, :, None])),
    "Z + X": G["Z"] + G["X"],
    "where(X > U, X, -1)": np.where(G["X"] > G["U"], G["X"], -1),
    "X @ W": G["X"] @ G["W"],
    "X.T": G["X"].transpose(0, 2, 1),
    "-X ** 2": -(G["X"] ** 2),
    "softmax(X, axis=1)": np.exp(G["X"]) / np.exp(G["X"]).sum(2, keepdims=True),
    "X[1]": G["X"][1],
    "X[-1:] * 1": G["X"][-1:],
    "X[:, 1:3, 0]": G["X"][:, 1:3, 0:1],
    "Z[2] + 1": G["Z"][2] + 1,
    "Z[1, 0]": G["Z"][1, 0],
    "Z[:2, 1:]": G["Z"][:2, 1:],
    "Z[:, 1, 2:, :2] * 1": G["Z"][:, 1, 2:, :2],
    "sum(X)": G["X"].sum().reshape(1, 1),
    "mean(Z)": G["Z"].mean().reshape(1, 1),
    "max(X) + 0 * M": G["X"].max() + 0 * G["M"],
    "std(X)": G["X"].std().reshape(1, 1),
    "mse(X, U)": ((G["X"] - G["U"]) ** 2).sum().reshape(1, 1),
    'mse(X, U, reduction="mean")': ((G["X"] - G["U"]) ** 2).mean().reshape(1, 1),
    "sum(X, axis=0)": G["X"].sum(1, keepdims=True),
    "sum([X, U, X])": 2 * G["X"] + G["U"],
    "flatten(X)": G["X"].reshape(-1, 1),
    "flatten(Z)": G["Z"].reshape(3, -1).T,
    "vstack([X, M, U[:1]])": np.concatenate([G["X"], G["M"][None], G["U"][:1]]),
    "vstack([Z, Z[:, :1]])": np.concatenate([G["Z"], G["Z"][:, :1]], 1),
    "global_avg_pool(X)": G["X"].mean((1, 2))[:, None],
    "global_max_pool(Z)": G["Z"].max((2, 3)).T,
    "X * sigmoid(global_avg_pool(X))": G["X"] / (1 + np.exp(-G["X"].mean((1, 2), keepdims=True))),
    "max_pool(X, 2)": G["X"][:, :, :4].reshape(2, 2, 2, 2, 2).max((2, 4)),
    "upsample(X, 2)": np.kron(G["X"], np.ones((1, 2, 2))),
    "reshape(v, (3, 2, 2))": G["v"].reshape(3, 2, 2),
    "reshape(V + 1, (2, 2, 3))": (G["V"].T + 1).reshape(2, 2, 2, 3),
    "rows(X) * columns(X) * b": 20 * G["b"],
    "conv2d(X, K)": convolved(G["X"][None], G["K"])[0],
    "conv2d(X, K) + d": convolved(G["X"][None], G["K"])[0] + G["d"][:, :, None],
    "conv2d(Z, K, stride=2, padding=1)": convolved(G["Z"], G["K"], stride=2, padding=1),
    "conv2d(relu(X), K)": convolved(np.maximum(G["X"], 0)[None], G["K"])[0],
    "conv2d(X, D, groups=2)": convolved(G["X"][None], G["D"][:, None], groups=2)[0],
    "conv2d(Z, K[:, :1], groups=2)": convolved(G["Z"], G["K"][:, :1], groups=2),
    "conv2d(M, D)": convolved(G["M"][None, None], G["D"][:, None])[0],
    "conv_transpose2d(X, T)": spread(G["X"][None], G["T"])[0],
    "conv_transpose2d(Z, T, 2)": spread(G["Z"], G["T"], 2),
    "conv_transpose2d(M, D)": spread(G["M"][None, None], G["D"][None])[0],
    "conv_transpose2d(X, D)": spread(G["X"][None], G["D"][:, None])[0],
    "conv_transpose2d(X, T[:, :2], groups=2)": np.concatenate(
        [spread(G["X"][None, c : c + 1], G["T"][c : c + 1, :2])[0] for c in (0, 1)]
    ),
    "conv1d(S, C)": np.array([[(G["S"][:, t : t + 3] * k).sum() for t in range(4)] for k in G["C"]]),
    "conv1d(S, E[0][:2], groups=2)": np.array(
        [[G["S"][c, t : t + 2] @ G["E"][0][c] for t in range(5)] for c in (0, 1)]
    ),
    "conv_transpose1d(S, E)": sum(
        np.array([np.convolve(G["S"][c], G["E"][c, o]) for o in range(3)]) for c in (0, 1)
    ),
    "layer_norm(X)": normed(G["X"], (0, 1, 2)),
    "layer_norm(Z, b, -b)": (normed(G["Z"], (1, 2, 3)) - 1) * G["b"][:, :, None],
    "batch_norm(Z)": normed(G["Z"], (0, 2, 3)),
    "batch_norm(X, eps=0.5)": normed(G["X"], (1, 2), 0.5),
    "group_norm(conv2d(X, K), 2)": normed(
        convolved(G["X"][None], G["K"])[0].reshape(2, -1, 3, 4), (1, 2, 3)
    ).reshape(4, 3, 4),
    "group_norm(Z, 2)": normed(G["Z"], (2, 3)),
    "dropout(X, U > 0, 0.5)": np.where(G["U"] > 0, 2 * G["X"], 0),
}


@pytest.mark.parametrize("text", CASES)
def test_values(text: str) -> None:
    wanted = CASES[text]
    book = compile_text(spec(f"R = {text}"))
    np.testing.assert_allclose(of(book, "R", wanted.shape[:-2]), wanted, atol=1e-12)


LEARNT = [
    "relu(conv2d(X, K) + d)", "conv2d(Z, K, padding=1)", "conv2d(X, D, groups=2)", "conv_transpose2d(X, T, 2)",
    "conv1d(S, C)", "conv_transpose1d(S, E)", "group_norm(X, 1) * b", "batch_norm(Z, b, b)", "layer_norm(X)",
    "max_pool(vstack([X, M]), 2) * upsample(X[0, 1:3, 2:4], (1, 1))", "reshape(v, (3, 2, 2)) ** 2",
    "X * sigmoid(global_avg_pool(X))", "flatten(Z) * 3", "X * mse(X, U) + std(X)",
]  # fmt: skip


@pytest.mark.parametrize("text", LEARNT)
def test_gradients_against_differences(text: str) -> None:
    book = compile_text(spec(f"R = {text}", "L = sum(R * R * 0.1 + R)", loss="L", backward="true"))
    report = book.verify()
    assert report.ok, report
    assert report.gradients is not None and report.gradients.checked > 10


def test_a_gradient_of_kernels_is_one_for_each() -> None:
    book = compile_text(spec("R = conv2d(X, K)", "L = sum(R)", "G = grad(L, K)", "N = K - 0.1 * G", loss="L"))
    wanted = [[[[G["X"][c, u : u + 3, v : v + 4].sum() for v in (0, 1)] for u in (0, 1)] for c in (0, 1)]] * 4
    np.testing.assert_allclose(of(book, "G", (4, 2)), wanted)
    np.testing.assert_allclose(of(book, "N", (4, 2)), G["K"] - 0.1 * np.array(wanted))


TOLD = [
    ("R = conv2d(X, K[:, :1])", "`X` has 2 channels, `K[:, :1]` is 4×1×2×2; kernels are out × in × rows × columns."),
    ("R = conv2d(X, D)", "`groups=2` gives each channel a kernel of its own."),
    ("R = conv2d(X, D, groups=3)", "3 groups can't share 2 channels and 2 kernels evenly"),
    ("R = conv2d(M, K)", "`M` is one channel, `K` is 4×2×2×2"),
    ("R = conv2d(X, M)", "`X` has 2 channels, `M` is 4×5"),
    ("R = conv2d(X, K, groups=0)", "`groups` must be a whole number from 1 on"),
    ("R = conv2d(X, K, 2, stride=2)", "`conv2d`: `stride` is given twice"),
    ("R = group_norm(X)", "`groups` must be a whole number from 1 on"),
    ("R = conv2d(X, K, stide=2)", "`conv2d` has no argument `stide`"),
    ("R = conv_transpose2d(X, K)", "kernels are in × out × rows × columns"),
    ("R = conv1d(S, D)", "`S` has 2 rows (channels), `D` is 2×3×2; kernels are out × in × columns, in 2"),
    ("R = X + d", "`d` is 4×1, but there are 2 channels; a column has a number for each channel"),
    ("R = X + reshape(v, (3, 2, 2))", "2 channels and 3 channels don't go together"),
    ("R = X[2]", "there is no channel 2; there are 2 channels, counted from 0"),
    ("R = Z[3]", "there is no sample 3"),
    ("R = X[0, 0, 0, 0]", "there are 3 dimensions, channels, rows and columns"),
    ("R = hstack([X, U])", "channels follow one another with `vstack([A, B])`"),
    ("R = vstack([X, Z])", "all need as many samples"),
    ("R = group_norm(Z, 3)", "3 groups can't share 2 channels evenly"),
    ("R = reshape(v, (2, 2, 2))", "`v` has 12 rows, but 2 channels of 2×2 need 8"),
    ("R = relu(X) @ S", "relu(X_1) is 4×5 and S is 2×6; relu(X_1) @ S needs S to have 5 rows"),
    ("X = X + 1", "`X` is there already"),
    ("R = X_1 + Y", "There is no matrix `Y`"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "told"), TOLD, ids=[step for step, _ in TOLD])
def test_what_does_not_go_together_is_told(step: str, told: str) -> None:
    text = spec(step)
    with pytest.raises(SpecError) as raised:
        compile_text(text)
    assert told in str(raised.value)
    assert raised.value.line == text[: text.index(f"- '{step}")].count("\n") + 1


def test_groups_of_channels_have_letters_and_channels_numbers() -> None:
    """So that no equation can take the second group for the second channel."""
    values = compile_text(spec("R = group_norm(vstack([X, U]), 2)")).values
    assert (values["R_mean_a"][0, 0], values["R_mean_b"][0, 0]) == pytest.approx((G["X"].mean(), G["U"].mean()))
    values = compile_text(spec("R = batch_norm(X)")).values
    assert values["R_var_2"][0, 0] == pytest.approx(G["X"][1].var())
    assert compile_text(spec("R = layer_norm(X)")).values["R_mean"][0, 0] == pytest.approx(G["X"].mean())


def test_a_loss_is_no_tensor() -> None:
    with pytest.raises(SpecError, match=r"`R` has channels; a loss is a single number, such as `sum\(R\)`"):
        compile_text(spec("R = relu(X)", loss="R"))


def rounds(*steps: str) -> list[tuple[str, tuple[int, int] | None]]:
    return [(step.text.split(" = ")[0], step.round) for step in loads(spec(*steps)).steps]


def test_channels_stand_side_by_side_as_the_rounds_of_a_loop() -> None:
    """What follows cell by cell stays in its channel; what mixes channels begins anew."""
    assert rounds("A = relu(X + b)", "P = max_pool(A)", "B = conv_transpose2d(P, T)", "Q = X + U") == [
        ("A_1", (1, 0)), ("P_1", (1, 0)), ("A_2", (1, 1)), ("P_2", (1, 1)),
        ("B_1", (2, 0)), ("B_2", (2, 1)), ("B_3", (2, 2)), ("Q_1", (3, 0)), ("Q_2", (3, 1)),
    ]  # fmt: skip


def test_a_loop_of_ones_own_keeps_its_rounds() -> None:
    text = spec("A0 = relu(X)") + (
        "\n  - for: t in 1..2\n    steps:\n      - A{t} = A{t-1} * 2"
    )
    steps = loads(text).steps
    assert [(step.text.split(" = ")[0], step.round) for step in steps] == [
        ("A0_1", (1, 0)), ("A0_2", (1, 1)), ("A1_1", (2, 0)), ("A1_2", (2, 0)), ("A2_1", (2, 1)), ("A2_2", (2, 1)),
    ]  # fmt: skip
    assert steps[2].variable == ("t", "1") and steps[1].variable == ("channel", "2")


def test_names_of_a_tensor_stand_for_all_of_its_matrices() -> None:
    text = spec("A = relu(X + b)", "L = sum(A ** 2)", loss="L", backward="{wrt: [A]}", exercise="{blank: [A]}")
    book = compile_text(text.replace("- 'L =", "- verdict: A\n  - 'L ="))
    np.testing.assert_allclose(of_gradients(book, "A"), 2 * np.maximum(G["X"] + G["b"][:, :, None], 0))
    assert book.exercise().blanks == ("A_1", "A_2")


def of_gradients(book: Workbook, name: str) -> np.ndarray:
    return np.array([book.values[f"dL_d{name}_{k}"] for k in (1, 2)])


def test_functions_of_ones_own_take_tensors() -> None:
    text = spec("R = block(X, K, d)", "L = sum(R)", loss="L", backward="true") + (
        "\ndefine:\n  'block(x, k, bias)':\n    - C = conv2d(x, k)\n    - relu(C + bias)\n"
    )
    book = compile_text(text)
    wanted = np.maximum(convolved(G["X"][None], G["K"])[0] + G["d"][:, :, None], 0)
    np.testing.assert_allclose(of(book, "R", (4,)), wanted)
    assert book.verify().ok


def test_training_takes_the_kernels_by_their_name() -> None:
    text = spec("R = conv2d(X, K)", "L = sum(R ** 2)", loss="L",
                train="{epochs: 2, learning_rate: 0.001, parameters: [K]}")  # fmt: skip
    book = compile_text(text)
    assert book.trained is not None and book.verify().ok
