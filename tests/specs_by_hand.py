"""Small specs built without YAML, for the stages behind the reader."""

from __future__ import annotations

from typing import Any

import numpy as np

from sheetgen.ir.program import Given, Loss
from sheetgen.spec.read import SourceStep, Spec


def spec(givens: dict[str, tuple[str, Any]], steps: list[str], loss: str | None = None) -> Spec:
    """What `sheetgen.spec.read` would read: a flat list is a column; `explain:`/`verdict:` prefix a step."""
    made = []
    for name, (role, value) in givens.items():
        array = np.array(value, dtype=float)
        made.append(Given(name, role, array[:, None] if array.ndim == 1 else np.atleast_2d(array)))  # type: ignore[arg-type]
    entries = []
    for number, text in enumerate(steps, 1):
        kind, _, rest = (
            text.partition(": ") if text.startswith(("explain: ", "verdict: ", "tell: ")) else ("do", "", text)
        )
        entries.append(
            SourceStep(
                text=rest,
                say=None,
                kind=kind,  # type: ignore[arg-type]
                shows=(),
                section=f"Part {number}",
                line=number + 9,
                column=5,
                group=None,
                number=number,
            )
        )
    lines = [""] * 9 + [f"  - {step}" for step in steps]
    return Spec(
        path="spec.yaml",
        text="\n".join([*lines, *[""] * (29 - len(lines)), f"loss: {loss}"]),
        title="t",
        about="",
        givens=tuple(made),
        steps=tuple(entries),
        losses=(Loss(loss),) if loss else (),
        backward=True,
        wrt=(),
        learning_rate=None,
        formulas="auto",
        lines={"loss": (30, 1)},
        predict=None,
    )


def backpropagation() -> Spec:
    """A perceptron of three layers, one sample, rounded softmax."""
    return spec(
        {
            "X": ("input", [2, 1, 3]),
            "W1": ("parameter", [[1, 0, 0], [1, 1, -1], [1, 0, -1], [0, -1, 1]]),
            "b1": ("parameter", [0, 1, 0, -1]),
            "W2": ("parameter", [[1, -1, 1, 0], [-1, 0, 1, 0], [0, 1, -1, 0], [1, 1, 0, 1]]),
            "b2": ("parameter", [0, -2, 0, 0]),
            "W3": ("parameter", [[1, 0, 0, 0], [-1, -1, -1, 1], [0, 0, -1, -1]]),
            "b3": ("parameter", [1, 0, 0]),
            "Y": ("target", [0, 1, 0]),
        },
        [
            "Z1 = W1 @ X + b1",
            "A1 = relu(Z1)",
            "Z2 = W2 @ A1 + b2",
            "A2 = relu(Z2)",
            "Z3 = W3 @ A2 + b3",
            "S = softmax(Z3)",
            "Y_pred = round(S, 1)",
            "L = cross_entropy(Y_pred, Y)",
        ],
        "L",
    )


def graph_network() -> Spec:
    """Two graph convolutions, two linear layers, a hard sigmoid on five nodes."""
    adjacency = np.zeros((5, 5))
    for a, b in ((0, 2), (1, 2), (1, 3), (3, 4)):
        adjacency[a, b] = adjacency[b, a] = 1
    return spec(
        {
            "Adj": ("constant", adjacency),
            "X": ("input", [[2, 2, 0, 2, 1], [1, 2, 1, 0, 2], [2, 1, 2, 0, 1], [1, 2, 0, 0, 0]]),
            "W1": ("parameter", [[1, 0, 1, 0], [0, 1, 0, 0], [1, 0, -1, 1]]),
            "b1": ("parameter", [-1, -1, 0]),
            "W2": ("parameter", [[0, 1, 0], [0, 0, 1], [0, 0, 1]]),
            "b2": ("parameter", [0, -2, 0]),
            "W3": ("parameter", [[1, 0, -1], [-1, 0, 0], [1, -1, 1], [0, 1, 0], [-1, 1, 0]]),
            "b3": ("parameter", [-1, 2, -2, -1, 1]),
            "W4": ("parameter", [[-1, -1, 1, 0, 1]]),
            "b4": ("parameter", [-6]),
        },
        [
            "A_hat = Adj + eye(5)",
            "M1 = relu(W1 @ X + b1)",
            "H1 = M1 @ A_hat",
            "explain: H1[:, 0]",
            "M2 = relu(W2 @ H1 + b2)",
            "H2 = M2 @ A_hat",
            "explain: H2[:, 2]",
            "F = relu(W3 @ H2 + b3)",
            "z = W4 @ F + b4",
            "P = hard_sigmoid(z)",
            "P_exact = sigmoid(z)",
            "verdict: P",
        ],
    )


def integers(seed: int, *shape: int) -> np.ndarray:
    """Random small integers."""
    return np.random.default_rng(seed).integers(-2, 3, shape)


def recurrent() -> Spec:
    """Three steps of a recurrent network; every weight is used three times."""
    return spec(
        {
            "X": ("input", integers(1, 2, 3)),
            "H0": ("constant", np.zeros((3, 1))),
            "Wh": ("parameter", integers(2, 3, 3)),
            "Wx": ("parameter", integers(3, 3, 2)),
            "b": ("parameter", integers(4, 3)),
            "V": ("parameter", integers(5, 1, 3)),
            "Y": ("target", [[1]]),
        },
        [
            *(f"H{t} = tanh(Wh @ H{t - 1} + Wx @ X[:, {t - 1}:{t}] + b)" for t in (1, 2, 3)),
            "out = V @ H3",
            "E_total = sum(0.5 * (Y - out) ** 2)",
        ],
        "E_total",
    )


def attention() -> Spec:
    """One head, a residual, layer norm and a feed-forward layer."""
    return spec(
        {
            "X": ("input", integers(1, 4, 3)),
            "Wq": ("parameter", integers(2, 2, 4)),
            "Wk": ("parameter", integers(3, 2, 4)),
            "Wv": ("parameter", integers(4, 4, 4)),
            "W1": ("parameter", integers(5, 3, 4)),
            "b1": ("parameter", integers(6, 3)),
            "Y": ("target", np.eye(3)),
        },
        [
            "Q = Wq @ X",
            "K = Wk @ X",
            "V = Wv @ X",
            "S = (K.T @ Q) / sqrt(2)",
            "A = softmax(S)",
            "O = V @ A",
            "N = layer_norm(X + O)",
            "P = softmax(W1 @ gelu(N) + b1)",
            'L = cross_entropy(P, Y, reduction="mean")',
        ],
        "L",
    )


def lstm() -> Spec:
    """One step of an LSTM, row convention in the read-out."""
    return spec(
        {
            "X": ("input", integers(1, 2)),
            "H0": ("input", integers(2, 3)),
            "C0": ("input", integers(3, 3)),
            **{f"W{gate}": ("parameter", integers(k, 3, 5)) for k, gate in enumerate("fioc")},
            "Wy": ("parameter", integers(9, 3, 2)),
            "by": ("parameter", integers(8, 1, 2)),
            "Y": ("target", [[0, 1]]),
        },
        [
            "HX = vstack([H0, X])",
            *(f"gate_{g} = sigmoid(W{g} @ HX)" for g in "fio"),
            "cand = tanh(Wc @ HX)",
            "C_1 = gate_f * C0 + gate_i * cand",
            "H_1 = gate_o * tanh(C_1)",
            "out = sigmoid(H_1.T @ Wy + by)",
            "L = binary_cross_entropy(out, Y)",
        ],
        "L",
    )
