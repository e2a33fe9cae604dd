"""Numbers that agree to 15 digits are equal, as in a spreadsheet; a branch that isn't taken never fails."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import sheetgen
from sheetgen.cmd import cli
from sheetgen.ops import equality
from sheetgen.proof import engines

BOTH = list(engines.ENGINES)
THIRD = 0.1 + 0.2
"""Not 0.3: 5.6e-17 more."""


def book(steps: list[str], loss: str = "", **matrices: object) -> sheetgen.Workbook:
    given = "\n".join(f"  {name}: {{role: parameter, value: {value}}}" for name, value in matrices.items())
    lines = "\n".join(f"  - {step}" for step in steps)
    text = f"title: Equal\nmatrices:\n{given}\nsteps:\n{lines}\n"
    return sheetgen.compile_text(text + (f"loss: {loss}\nbackward: true\n" if loss else ""))


@pytest.mark.parametrize(
    ("x", "y", "equal"),
    [
        (THIRD, 0.3, True),
        (-THIRD, -0.3, True),
        (1000 * THIRD, 300, True),
        (1 + 3e-15, 1, True),
        (1 + 4e-15, 1, False),
        (1e-20 * THIRD, 3e-21, True),
        (1e-17, 0, False),
        (0.3, -0.3, False),
        (2.0**50 + 1, 2.0**50, False),
    ],
)
def test_equality(x: float, y: float, equal: bool) -> None:
    a, b = np.array([[x]]), np.array([[y]])
    assert equality.same(a, b).item() is equality.same(b, a).item() is equal
    assert equality.close(a, b).item() is (equal and x != y)
    assert (equality.difference(a, b).item() == 0) is equal
    assert (equality.total(a, -b).item() == 0) is equal
    if not equal:
        assert equality.difference(a, b).item() == x - y


TIES: dict[str, list[float]] = {
    "A + B > C": [0, 1],
    "A + B >= C": [1, 1],
    "A + B < C": [0, 0],
    "A + B <= C": [1, 0],
    "A + B == C": [1, 0],
    "A + B != C": [0, 1],
    "A + B - C": [0, 0.1],
    "relu(A + B - C)": [0, 0.1],
    "sign(A + B - C)": [0, 1],
    "abs(C - A - B) * 7": [0, 0.7],
    "where(A + B > C, 5, 6)": [6, 5],
    "argmax(vstack([C, A + B]), axis=0)": [0, 1],
    "argmax(vstack([A + B, C]), axis=0)": [0, 0],
}


@pytest.mark.parametrize("engine", BOTH)
def test_ties_are_decided_as_spreadsheets_do(engine: str) -> None:
    steps = [f"R{k} = {text}" for k, text in enumerate(TIES)]
    made = book(steps, A=[[0.1, 0.2]], B=[[0.2, 0.2]], C=[[0.3, 0.3]])
    for k, (text, expected) in enumerate(TIES.items()):
        assert made.values[f"R{k}"].ravel() == pytest.approx(expected, rel=1e-14, abs=0), text
    report = made.verify(engine)
    assert report.ok, report.first


@pytest.mark.parametrize("engine", BOTH)
@pytest.mark.parametrize(
    ("steps", "gradient"),
    [
        (["Z = A + B - C", "L = sum(relu(Z))"], [0]),
        (["Z = A + B - C", "L = sum(abs(Z))"], [0]),
        (["M = maximum(C, A + B)", "L = sum(M)"], [0]),
        (["M = maximum(A + B, C)", "L = sum(M)"], [1]),
        (["M = minimum(C, A + B)", "L = sum(M)"], [0]),
        (["V = vstack([A + B, C])", "L = max(V)"], [0.5]),
        (["V = vstack([A + B, C])", "L = sum(max(V, axis=0))"], [0.5]),
        (["V = vstack([A + B, C])", "L = sum(max_pool(V, (2, 1)))"], [0.5]),
    ],
)
def test_gradients_at_ties(engine: str, steps: list[str], gradient: list[float]) -> None:
    made = book(steps, "L", A=[[0.1]], B=[[0.2]], C=[[0.3]])
    assert made.values["dL_dA"].ravel().tolist() == gradient
    report = made.verify(engine)
    assert report.ok, report.first
    assert report.gradients is not None and report.gradients.wrong == 0


def perceptron(epochs: int) -> list[str]:
    """AND, one sample after another: the step function fires from the threshold on."""
    steps, old = [], "w"
    for k in range(4 * epochs):
        i = k % 4
        steps += [
            f"y{k} = {old} @ X[:, {i}] - 0.2 >= 0", f"e{k} = Y[0, {i}] - y{k}",
            f"w{k} = {old} + 0.1 * e{k} * X[:, {i}].T",
        ]  # fmt: skip
        old = f"w{k}"
    return steps


@pytest.mark.parametrize("engine", BOTH)
def test_the_textbook_perceptron_learns_and(engine: str) -> None:
    made = book(perceptron(5), w=[[0.3, -0.1]], X=[[0, 0, 1, 1], [0, 1, 0, 1]], Y=[[0, 0, 0, 1]])
    assert made.values["w19"].ravel() == pytest.approx([0.1, 0.1], abs=1e-15)
    assert [made.values[f"e{k}"].item() for k in range(16, 20)] == [0, 0, 0, 0]
    report = made.verify(engine)
    assert report.ok, report.first


def test_the_build_says_where_numbers_sit_on_a_tie(tmp_path: Path) -> None:
    made = book(["Z = A + B - C", "R = Z > 0"], A=[[0.1, 1]], B=[[0.2, 1]], C=[[0.3, 1]])
    assert made.ties == sheetgen.Ties(1, "Z", made.ties.cell if made.ties else "")
    region = next(region for region in made.plan.sheets[0].regions if region.name == "Z")
    assert made.ties is not None and made.ties.cell.endswith(f"{region.row}")
    path = tmp_path / "tied.yaml"
    path.write_text(made.plan.spec_text)
    result = CliRunner().invoke(cli.app, ["build", str(path), "-o", str(tmp_path)])
    assert f"ties: 1 cell where 15 digits agree, in Z {made.ties.cell}" in result.stdout
    assert book(["Z = A + B - C", "R = Z > 0"], A=[[1]], B=[[2]], C=[[3]]).ties is None
    assert book(["Z = A + B - C", "R = Z * 2"], A=[[0.1]], B=[[0.2]], C=[[0.3]]).ties is None  # nothing hangs on it


def test_the_build_says_when_the_update_makes_the_loss_larger(tmp_path: Path) -> None:
    def spec(rate: float) -> str:
        return (
            "title: t\nmatrices:\n  w: {role: parameter, value: 3}\nsteps:\n  - L = w ** 2\nloss: L\nbackward: true\n"
            f"update: {{learning_rate: {rate}}}\n"
        )

    made = sheetgen.compile_text(spec(1.5))  # w = 3 - 1.5 * 6
    assert made.growth == sheetgen.Growth("L", 9.0, 36.0)
    path = tmp_path / "large.yaml"
    path.write_text(spec(1.5))
    result = CliRunner().invoke(cli.app, ["build", str(path), "-o", str(tmp_path)])
    assert result.exit_code == 0 and "L grows by the update, 9 → 36: learning_rate is too large" in result.stdout
    assert sheetgen.compile_text(spec(0.1)).growth is None
    assert book(["Z = A * 2"], A=[[1]]).growth is None


@pytest.mark.parametrize("engine", BOTH)
def test_words_at_their_bound(engine: str) -> None:
    """0.1 + 0.7 is 0.7999999999999999 for numpy, and 0.8 for a spreadsheet."""
    made = book(["P = A + B", "verdict: P"], A=[[0.1, 0.1, 0.1]], B=[[0.7, 0.69999, 0.5]])
    region = next(region for region in made.plan.sheets[0].regions if region.words)
    assert region.values.ravel().tolist() == ["very likely", "likely", "likely"]
    report = made.verify(engine)
    assert report.ok, report.first


@pytest.mark.parametrize("engine", BOTH)
@pytest.mark.parametrize(
    ("w", "rate", "sign"), [(3, 0.1, "▼"), (3, 2, "▲"), (0, 0.1, "="), (1e-9, 0.1, "▼"), (0.3, 1e-17, "=")]
)
def test_how_the_loss_changed(engine: str, w: float, rate: float, sign: str) -> None:
    """Of 1e-18 and 6e-19 IronCalc says that they are equal; that is no fault of the file."""
    made = sheetgen.compile_text(
        f"title: t\nmatrices:\n  w: {{role: parameter, value: {w}}}\nsteps:\n  - L = w ** 2\nloss: L\n"
        f"update: {{learning_rate: {rate:.20f}}}\n"
    )
    (label,) = (label for sheet in made.plan.sheets for label in sheet.labels if label.words)
    assert label.text == sign
    report = made.verify(engine)
    assert report.ok, report.first


# Branches that aren't taken

BRANCHES: dict[str, tuple[list[str], dict[str, object], list[float], dict[str, list[float]]]] = {
    "divided by 0": (
        ["R = where(D == 0, 0, X / D)"], {"X": [1, 2, 3], "D": [0, 1, 2]}, [0, 2, 1.5],
        {"X": [0, 1, 0.5], "D": [0, -2, -0.75]},
    ),
    "logarithm of 0": (["R = where(X > 0, log(X), 0)"], {"X": [0, 2, -3]}, [0, np.log(2), 0], {"X": [0, 0.5, 0]}),
    "in a product": (
        ["R = where(X > 0, A * log(X), A)"], {"X": [0, 2, -1], "A": [1, 2, 3]}, [1, 2 * np.log(2), 3],
        {"X": [0, 1, 0], "A": [1, np.log(2), 1]},
    ),
    "too large": (["R = where(X < 700, exp(X), 1)"], {"X": [1, 800]}, [np.e, 1], {"X": [np.e, 0]}),
    "root of 0": (["R = maximum(sqrt(X), 1e-10)"], {"X": [0, 1, 4]}, [1e-10, 1, 2], {"X": [0, 0.5, 0.25]}),
    "root of 0, over several steps": (
        ["S = sqrt(X)", "T = S * 2", "R = maximum(T, 1e-10)"], {"X": [0, 1, 4]}, [1e-10, 2, 4], {"X": [0, 1, 0.5]},
    ),
    "root under a ReLU": (["S = sqrt(X)", "R = relu(S - 1)"], {"X": [0, 4]}, [0, 1], {"X": [0, 0.25]}),
    "power of 0": (
        ["R = A ** B"], {"A": [0, 0, 4, 0], "B": [1, 2, 0.5, 0]}, [0, 0, 2, 1],
        {"A": [1, 0, 0.25, 0], "B": [0, 0, 2 * np.log(4), 0]},
    ),
    "powers of 0": (["R = X ** [0, 1, 2, 3]"], {"X": [[0]]}, [1, 0, 0, 0], {"X": [1]}),
    "a condition for whole columns": (
        ["N = sqrt(sum(X ** 2, axis=0))", "R = where(N > 0, X / N, 0)"], {"X": [[0, 3], [0, 4]]}, [0, 0.6, 0, 0.8],
        {"X": [0, 0.032, 0, -0.024]},
    ),
    "a number for many cells": (
        ["R = where(S > 0, A / S, 0)"], {"S": [[0]], "A": [1, 2]}, [0, 0], {"S": [0], "A": [0, 0]},
    ),
    "a number under the logarithm": (
        ["R = where(S > 0, log(A * S), 0)"], {"S": [[0]], "A": [1, 2]}, [0, 0], {"S": [0], "A": [0, 0]},
    ),
    "several branches": (
        ["S = sqrt(X)", "R = where(S > 0.1, X / S, 0) + where(S < 0.05, 0, 5 * S)"], {"X": [0, 4, 0.0064]},
        [0, 12, 0.4], {"X": [0, 1.5, 31.25]},
    ),
    "a branch within a branch": (
        ["R = where(W > 0, 2 * where(X > 0, log(X) / W, X), 0)"], {"X": [0, np.e, -2], "W": [0, 2, 3]}, [0, 1, -4],
        {"X": [0, 1 / np.e, 2], "W": [0, -0.5, 0]},
    ),
    "a sum": (["R = where(sum(X) > 0, sum(X / sum(X) * X), 0)"], {"X": [0, 0]}, [0], {"X": [0, 0]}),
    "a mean, row by row": (
        ["N = sum(X, axis=1)", "R = where(N > 0, mean(log(X), axis=1), N)"], {"X": [[0, 0], [np.e, 1]]}, [0, 0.5],
        {"X": [1, 1, 0.5 / np.e, 0.5]},
    ),
    "the largest": (["R = where(sum(X) > 0, max(1 / X), 0)"], {"X": [0, 0]}, [0], {"X": [0, 0]}),
    "a product": (["R = where(sum(X) > 0, (1 / X).T @ X, 3)"], {"X": [0, 0]}, [3], {"X": [0, 0]}),
    "a condition that needs the one around it": (
        ["S = sum(X)", "R = where(S > 0, where(mean(X / S) > 1, mean(log(X / S)), 2), S)"], {"X": [0, 0]}, [0],
        {"X": [1, 1]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("engine", BOTH)
@pytest.mark.parametrize("case", BRANCHES)
def test_a_branch_that_is_not_taken_never_fails(case: str, engine: str) -> None:
    steps, matrices, value, gradients = BRANCHES[case]
    if "[0, 1, 2, 3]" in steps[0]:
        steps, matrices = ["R = X ** N"], {**matrices, "N": [[0, 1, 2, 3]]}
    made = book([*steps, "L = sum(R)"], "L", **matrices)
    assert made.values["R"].ravel() == pytest.approx(value, rel=1e-12)
    for name, expected in gradients.items():
        assert made.values[f"dL_d{name}"].ravel() == pytest.approx(expected, rel=1e-12)
    report = made.verify(engine)
    assert report.ok, report.first
    assert report.gradients is not None and report.gradients.wrong == 0


def test_a_slope_that_is_really_infinite_is_still_told() -> None:
    with pytest.raises(sheetgen.SpecError, match="gives no finite number"):
        book(["R = sqrt(X)", "L = sum(R)"], "L", X=[0, 1])


@pytest.mark.parametrize("engine", BOTH)
def test_numbers_that_ironcalc_takes_for_0_are_no_false_alarm(engine: str) -> None:
    steps = ["R = relu(X)", "P = X > 0", "Q = leaky_relu(X, 0.1)", "L = sum(R) + sum(P) + sum(Q)"]
    made = book(steps, "L", X=[1e-17, -1e-17, 1e-14])
    assert made.values["P"].ravel().tolist() == [1, 0, 1]
    report = made.verify(engine)
    assert report.ok, report.first
