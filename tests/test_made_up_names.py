"""A user's own names may be any that the compiler would make up: both keep their own numbers, on every page."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from by_numbers import Matrices, built, numbers
from openpyxl import load_workbook

CHAIN: tuple[Matrices, list[Any]] = (
    {
        "X": ("input", [[2, 1], [1, -3]]), "W1": ("parameter", [[1, 0.5], [0, -1], [2, 1]]),
        "b1": ("parameter", [-1, 0, 0.5]), "W": ("parameter", [[1, 0, 2], [-1, 1, 0]]),
        "Y": ("target", [[0, 1], [1, 0]]),
    },
    [
        "H = relu(W1 @ X + b1)", "N = layer_norm(H)", "Z = W @ N", "P = softmax(Z)", "Q = Z[:, 0:1] * 2",
        "F = sum(exp(Z) @ H.T) + logsumexp(Z)", "E = cross_entropy(P, Y)", "explain: Z[:, 0]", "verdict: P",
        "L = E + 0.001 * F",
    ],
)  # fmt: skip
LOOP: tuple[Matrices, list[Any]] = (
    {
        "X": ("input", [[2, 1, 0], [1, -3, 1]]), "H0": ("constant", [0, 0]), "W": ("parameter", [[1, 0.5], [0, -1]]),
        "U": ("parameter", [[0.5, 0], [1, -1]]),
    },
    [
        {"for": "t in 1..3", "steps": ["H{t} = tanh(W @ H{t-1} + U @ X[:, {t-1}] * 0.5)"]},
        "L = mse(H3, X[:, 0])",
    ],
)  # fmt: skip
SPECS = {"chain": CHAIN, "loop": LOOP}
OWN = [[7.5, -1], [0, 3]]
"""A user's matrix whose numbers nothing else has."""


def step(entry: Any) -> dict[str, Any]:
    """`explain:` and `verdict:` as the keys that they are."""
    kind, colon, rest = entry.partition(": ") if isinstance(entry, str) else ("", "", "")
    return {kind: rest} if colon else entry


def more(name: str, given: Matrices, last: Sequence[str] = ()) -> tuple[Matrices, list[Any]]:
    """The spec `name` with more given matrices and more steps."""
    matrices, steps = SPECS[name]
    return {**given, **matrices}, [*map(step, steps), *last]


UPDATE = {"learning_rate": 0.25}
PLAIN = {name: numbers(*more(name, {}), update=UPDATE) for name in SPECS}
WRITTEN = {
    name: {*matrices, *re.findall(r"(?<=')\w+(?= = )", str(steps)), *(f"H{t}" for t in (1, 2, 3))}
    for name, (matrices, steps) in SPECS.items()
}
CASES = [(name, wish) for name, found in PLAIN.items() for wish in found if wish not in WRITTEN[name]]


def test_the_compiler_makes_such_names_up() -> None:
    """The names that docs/language.md tells of, and others; all are tried."""
    chain, loop = ({wish for name, wish in CASES if name == spec} for spec in SPECS)
    assert {"P_exp", "P_sum", "H_pre", "E_terms", "W_new", "learning_rate", "N_std"} <= chain
    assert any(name.startswith("dL_dW1") for name in chain) and {"H3_new", "dL_dW", "dL_dH3", "L_squares"} <= loop
    assert not {"Z", "H3", "L"} & (chain | loop) and len(CASES) > 80


def same(found: Mapping[str, np.ndarray], name: str, own: Collection[str]) -> None:
    """Beside the user's `own` there is what was there without them, in the same order; what was made up may be called
    something else now."""
    assert [found[key].tolist() for key in own] == [OWN] * len(own)
    rest = [(key, value) for key, value in found.items() if key not in own]
    assert len(rest) == len(PLAIN[name])
    for (key, value), (before, expected) in zip(rest, PLAIN[name].items(), strict=True):
        assert key == before or before not in WRITTEN[name]
        np.testing.assert_array_equal(value, expected, err_msg=f"{key}, {before} before")


@pytest.mark.parametrize(("name", "wish"), CASES)
def test_a_given_matrix_of_that_name(name: str, wish: str) -> None:
    same(numbers(*more(name, {wish: ("input", OWN)}), update=UPDATE), name, {wish})


CHANGES = {"as it is": str, "in the other case": str.swapcase, "_before": "_{}".format, "after_": "{}_".format}
"""Names that a spreadsheet can't tell from the made-up one, or hardly."""


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("last", [False, True], ids=["given first", "computed last"])
def test_all_those_names_at_once(name: str, change: Callable[[str], str], last: bool) -> None:
    own = dict.fromkeys(change(wish) for spec, wish in CASES if spec == name)
    if last:
        book = built(*more(name, {"Own": ("input", OWN)}, [f"{wish} = Own * 1" for wish in own]), update=UPDATE)
        same({key: value for key, value in book.values.items() if key != "Own"}, name, own)
    else:
        book = built(*more(name, {wish: ("input", OWN) for wish in own}), update=UPDATE)
        same(book.values, name, own)
    report = book.verify()
    assert report.ok, report.first


def test_a_name_that_only_a_spreadsheet_takes_for_the_same(tmp_path: Path) -> None:
    """`R2_new` reads as a reference there, so it is called `_R2_new`, as the user's own matrix is."""
    given = {"R2": ("parameter", [[1, 2]]), "_R2_new": ("input", OWN)}
    book = built(given, ["L = sum(R2 ** 2)"], update=UPDATE)
    assert book.values["_R2_new"].tolist() == OWN
    file = load_workbook(book.save(tmp_path / "book.xlsx"))
    ((sheet, span),) = file.defined_names["_R2_new"].destinations
    assert [[cell.value for cell in row] for row in file[sheet][span]] == OWN
    others = [value.tolist() for key, value in book.values.items() if key.endswith("_new") or "R2_new_" in key]
    assert [[0.5, 1.0]] in others
