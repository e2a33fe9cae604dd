"""Tables of pairs are heat maps: their pattern is what they tell."""

from __future__ import annotations

import pytest
from small import book, program

from sheetgen.layout.drawing.pairs import pairs
from sheetgen.layout.plan import Region


@pytest.mark.parametrize(
    ("matrices", "steps", "expected"),
    [
        ("X input 2x4", ["G = X.T @ X"], {"G"}),
        ("X input 4x2", ["W = X @ X.T - 2 * eye(4)", "Z = 3 * W"], {"W", "Z"}),
        ("v input 4x1, k input 1x2", ["C = v @ k"], {"C"}),
        ("X input 4x2, A constant 4x4", ["G = X @ X.T", "Z = A - G / 4", "s = sum(Z, axis=0)"], {"G", "Z"}),
        ("X input 4x2, A input 4x4", ["B = A @ A", "G = X @ X.T", "Z = B + G"], {"G"}),  # B has no pairs
        ("X input 4x2", ["G = X @ X.T", "P = softmax(G)", "Z = P @ X"], set()),  # the shares are the map
        ("X input 2x2", ["G = X.T @ X"], set()),  # too small for a pattern
        ("X input 4x2, W parameter 4x2", ["Z = W @ X.T"], set()),
        ("x input 1x5, w parameter 3x1", ["H = relu(w @ x)"], set()),  # a layer of one feature
        ("b parameter 4x1, a parameter 1x4", ["D = b @ a"], {"D"}),
    ],
)
def test_which_matrices_are_tables_of_pairs(matrices: str, steps: list[str], expected: set[str]) -> None:
    assert pairs(program(matrices, steps)) == expected


def region(name: str, matrices: str, steps: list[str]) -> Region:
    (found,) = [r for r in book(matrices, steps).plan.sheets[0].regions if r.name == name]
    return found


def test_a_table_of_pairs_is_blue_below_0_and_orange_above() -> None:
    found = region("W", "X input 2x4", ["W = 6 - X.T @ X"])
    assert found.image and found.values.min() < 0 < found.values.max()
    most = abs(found.values).max()
    assert found.heat == (-most, 0, most)


def test_probabilities_of_pairs_are_full_at_1() -> None:
    found = region("P", "X input 2x4", ["S = X.T @ X", "P = sigmoid(S - 6)"])
    assert found.values.max() < 1 and found.heat == (-1, 0, 1)
