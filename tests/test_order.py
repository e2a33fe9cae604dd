"""Sorting, ranks, the median and what is taken from places: numpy's answers, also at ties, in both engines; and targets
that pass over some samples."""

from __future__ import annotations

import numpy as np
import pytest
from by_numbers import built, check_gradients, gradient, numbers

from sheetgen.errors import SpecError
from sheetgen.ir.node import call, matrix
from sheetgen.proof import engines
from sheetgen.proof.noise import exactly, noise_of

RANDOM = np.random.default_rng(3)
TIES = RANDOM.integers(-2, 3, (5, 4)).astype(float)
FREE = RANDOM.normal(size=(5, 4)).round(3)
NEARLY = np.array([[0.1 + 0.2, 1.0], [0.3, 2.0], [0.2, 0.5]])
"""In its first column, two that a spreadsheet takes for equal."""


@pytest.mark.parametrize("x", [TIES, FREE])
def test_numpys_answers(x: np.ndarray) -> None:
    steps = [
        "up = sort(X)", "down = sort(X, axis=1, descending=True)", "places = argsort(X)",
        "last = argsort(X, axis=1, descending=True)", "again = gather(X, places)", "half = median(X, axis=0)",
        "middle = median(X)", "L = sum(X)",
    ]  # fmt: skip
    v = numbers({"X": ("parameter", x)}, steps)
    np.testing.assert_array_equal(v["up"], np.sort(x, axis=0))
    np.testing.assert_array_equal(v["down"], -np.sort(-x, axis=1))
    np.testing.assert_array_equal(v["places"], np.argsort(x, axis=0, kind="stable"))
    np.testing.assert_array_equal(v["last"], np.argsort(-x, axis=1, kind="stable"))
    np.testing.assert_array_equal(v["again"], np.sort(x, axis=0))
    np.testing.assert_array_equal(v["half"], np.median(x, axis=0, keepdims=True))
    assert v["middle"][0, 0] == np.median(x)


@pytest.mark.parametrize("engine", list(engines.ENGINES))
@pytest.mark.parametrize("x", [TIES, FREE, NEARLY])
def test_both_engines_agree(engine: str, x: np.ndarray) -> None:
    index = RANDOM.integers(0, len(x), (2, x.shape[1]))
    weights = RANDOM.normal(size=x.shape).round(2)
    matrices = {"X": ("parameter", x), "I": ("constant", index), "W": ("constant", weights)}
    steps = [
        "up = sort(X)", "down = sort(X.T, axis=1, descending=True)", "places = argsort(X)", "taken = gather(X, I)",
        "run = cumprod(X, axis=1)", "both = median(vstack([X, W]), axis=0)",
        "L = sum(up * W) + sum(down.T * W ** 2) + sum(taken ** 2) + sum(run) + sum(both) + median(X) ** 2",
    ]  # fmt: skip
    assert built(matrices, steps).verify(engine=engine).ok


@pytest.mark.parametrize("engine", list(engines.ENGINES))
def test_numbers_that_an_engine_takes_for_equal_may_come_in_either_order(engine: str) -> None:
    """As products of small chances; IronCalc compares numbers closer than 2.2e-16 so."""
    x = np.array([[4e-20, 2, 1e-20, 1, 3e-20], [3, 1e-17, 2, 5e-17, 1]])
    steps = ["places = argsort(X, axis=1)", "two = top_k(X, 2, axis=1)", "L = sum(X * X)"]
    assert built({"X": ("parameter", x)}, steps).verify(engine=engine).ok


def test_only_such_numbers_are_undecided() -> None:
    ranks = call("ranks", matrix("X", (1, 5)), axis=1)
    x = np.array([[4e-20, 2, 1e-20, 1, 3e-20]])
    known = noise_of(ranks, lambda name: exactly(x, x))
    assert known.value.tolist() == [[2, 4, 0, 3, 1]] and known.noise.tolist() == [[2, 0, 2, 0, 2]]


def test_gradients_go_to_the_cells_that_were_put_there() -> None:
    index = np.array([[4, 0, 0, 2], [4, 0, 1, 1], [0, 0, 3, 1]])
    matrices = {"X": ("parameter", FREE), "I": ("constant", index), "W": ("constant", RANDOM.normal(size=FREE.shape))}
    check_gradients(matrices, ["L = sum(sort(X, descending=True) * W)"], "L")
    check_gradients(matrices, ["L = sum(gather(X, I) ** 2)"], "L")
    check_gradients(matrices, ["L = sum(gather(X.T, I.T, axis=1) * X.T[:, :3])"], "L")
    check_gradients(matrices, ["L = median(X) ** 2 + sum(median(X, axis=1))"], "L")
    check_gradients(matrices, ["L = sum(cumprod(X) * W)"], "L")


def test_the_gradient_of_a_median_runs_over_what_a_formula_has_taken_in() -> None:
    """The ranks are those of roots, which therefore stand on the sheet."""
    matrices = {"X": ("parameter", np.array([[2.0, 4.0, 9.0], [1.0, 3.0, 7.0], [5.0, 0.5, 8.0]]))}
    check_gradients(matrices, ["A = median(sqrt(X), axis=0) * X", "L = sum(A ** 2)"], "L")
    assert built(matrices, ["A = median(sqrt(X), axis=0) * X", "L = sum(A ** 2)"]).verify().ok


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("Y = sort(X, axis=None)", "`axis` of `sort` must be 0 (down the columns) or 1 (along the rows), not `None`"),
        ("Y = cumsum(X, axis=None)", "`axis` of `cumsum` must be 0"),
        ("Y = argmax(X, axis=None)", "`axis` of `argmax` must be 0"),
        ("Y = top_k(X, 2, axis=None)", "`axis` of `top_k` must be 0"),
        ("Y = sort(X, descending=1)", "`descending` of `sort` must be True or False"),
        ("Y = gather(X, X[:, :2])", "the places need as many columns as what they are taken from: 2×3"),
        ("Y = gather(X, X)", "an index is not the number of a row or column there"),
        ("Y = glu(X[:1])", "an even number of them"),
        ("Y = ranks(X)", "no function `ranks`"),
    ],
)
def test_what_is_refused(step: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        numbers({"X": ("input", [[1, 2, 3], [4, 5, 6]])}, [step], loss=None)
    assert words in caught.value.message


LOGITS = [[2, 0, 1], [1, 1, -1], [0.5, -1, 0]]


@pytest.mark.parametrize("engine", list(engines.ENGINES))
def test_samples_that_are_passed_over(engine: str) -> None:
    """As PyTorch's ignore_index: neither the loss nor the gradient knows them, and the mean is that of the others."""
    matrices = {"Z": ("parameter", LOGITS), "kind": ("target", [[2, -100, 0]])}
    steps = ["P = softmax(Z)", "Y = one_hot(kind, 3, ignore_index=-100)", "L = cross_entropy(P, Y) / sum(Y)"]
    made = built(matrices, steps)
    z = np.array(LOGITS)
    p = np.exp(z) / np.exp(z).sum(axis=0)
    np.testing.assert_allclose(made.values["L"], [[-(np.log(p[2, 0]) + np.log(p[0, 2])) / 2]])
    expected = (p - np.array([[0, 0, 1], [0, 0, 0], [1, 0, 0]])) / 2
    expected[:, 1] = 0
    np.testing.assert_allclose(gradient(made.values, "Z"), expected, atol=1e-12)
    assert made.verify(engine=engine).ok


def test_a_class_may_be_the_one_that_is_passed_over() -> None:
    v = numbers({"kind": ("target", [[2, 0, 1, 2]])}, ["Y = one_hot(kind, 3, ignore_index=2)"], loss=None)
    np.testing.assert_array_equal(v["Y"], [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]])


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("label_smoothing=0.1", "`Y_smooth = 0.9 * Y + 0.1 / rows(Y)`"),
        ("ignore_index=-100", "`one_hot(tokens, 3, ignore_index=-100)`"),
        ("weight=w", "`w * Y`"),
    ],
)
def test_options_of_other_losses_are_told_in_one_line(option: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        numbers({"P": ("input", [[0.5]])}, [f"L = cross_entropy(P, P, {option})"], loss=None)
    assert words in caught.value.message and "\n" not in caught.value.message
