"""Composites spelled out."""

from __future__ import annotations

import pytest
from specs_by_hand import spec

from sheetgen.lang.show import show
from sheetgen.passes.expand import expand
from sheetgen.passes.lower import lower


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P = softmax(Z)", {"P_exp": "exp(Z - max(Z, axis=0))", "P_sum": "sum(P_exp, axis=0)", "P": "P_exp / P_sum"}),
        ("L = cross_entropy(Q, Y)", {"L_terms": "where(Y == 0, 0, (-Y) * log(Q))", "L": "sum(L_terms)"}),
        ('L = cross_entropy(Q, Y, reduction="mean")',
         {"L_terms": "where(Y == 0, 0, (-Y) * log(Q))", "L": "sum(L_terms) / 3"}),
        ("L = mse(Q, Y)", {"L_squares": "(Q - Y) ** 2", "L": "sum(L_squares)"}),
        ("N = layer_norm(Z, eps=0.1)",
         {"N_mean": "mean(Z, axis=0)", "N_centred": "Z - N_mean", "N_squares": "N_centred ** 2",
          "N_var": "mean(N_squares, axis=0)", "N_std": "sqrt(N_var + 0.1)", "N": "N_centred / N_std"}),
        ("M = Z + Q", {"M": "Z + Q"}),
    ],
)  # fmt: skip
def test_expansions(text: str, expected: dict[str, str]) -> None:
    givens = {"Z": ("input", [[1, 2, 3], [0, 1, 0]]), "Q": ("input", [[0.5] * 3] * 2), "Y": ("target", [[1, 0, 1]] * 2)}
    program = expand(lower(spec(givens, [text])))
    assert {s.name: show(s.expr) for s in program.statements} == expected
    assert [s.auxiliary for s in program.statements] == [True] * (len(expected) - 1) + [False]
    assert {s.step for s in program.statements} == {1}
    assert program.names.keys() >= expected.keys()


def test_auxiliary_names_avoid_the_author_s() -> None:
    """Names that differ in case are different ones."""
    program = expand(lower(spec({"Z": ("input", [1, 2])}, ["p_EXP = Z", "P_sum = Z", "P = softmax(Z)"])))
    assert [s.name for s in program.statements] == ["p_EXP", "P_sum", "P_exp", "P_sum_2", "P"]
