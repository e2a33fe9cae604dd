"""Why numbers are wrong: slips in single operations, by hand, and all of them planted in the gallery."""

from __future__ import annotations

import numpy as np
import pytest
from by_specs import GALLERY, compiled
from exercises_solved import made

import sheetgen
from sheetgen.grade.cause import OTHER, cause_of
from sheetgen.layout.plan import Role
from sheetgen.ops.elementwise import half_away_from_zero
from sheetgen.ops.slips import wrong_values
from sheetgen.passes.evaluate import value_of

GIVEN = {
    "X": [[1.0, -2.0], [3.0, 5.0]], "W": [[2.0, -1.0], [0.0, 4.0]], "b": [[1.5], [-0.25]], "v": [[4.0, -6.0]],
    "s": [[3.0]],
}  # fmt: skip
ROLES = {"W": "parameter", "b": "parameter"}
CASES = [
    ("W @ X + b", (0, 0), -1.0, "the bias was left out"),  # 2·1 − 1·3 + 1.5 = 0.5
    ("W @ X + b", (0, 0), 6.5, "a minus sign was lost"),
    ("W @ X + b", (1, 0), 19.75, "a neighbouring column was taken"),
    ("W @ X", (1, 1), -9.0, "a neighbouring row was taken"),
    ("W @ X", (1, 0), 24.0, "one term was counted twice"),
    ("W @ X.T", (0, 0), -1.0, "a matrix was turned the wrong way"),  # 2·1 − 1·(−2) = 4
    ("W.T @ X", (1, 0), 12.0, "a matrix was turned the wrong way"),  # −1·1 + 4·3 = 11
    ("relu(X)", (0, 1), -2.0, "a negative number was not cut to 0"),
    ("relu(X)", (0, 1), 2.0, "the sign was dropped instead of cutting to 0"),
    ("sum(X, axis=0)", (0, 0), -1.0, "taken over the rows instead of the columns"),  # 4
    ("sum(X, axis=0)", (0, 1), 7.0, "a minus sign was lost"),
    ("sum(X, axis=0)", (0, 0), 2.0, "the mean instead of the sum"),
    ("mean(X, axis=1)", (1, 0), 8.0, "the sum instead of the mean"),  # 4
    ("mean(v)", (0, 0), -2.0, "the sum instead of the mean"),  # −1
    ("exp(X)", (0, 0), 1.0, "exp was left out"),
    ("X - v", (1, 0), 1.0, "subtracted the other way round"),
    ("X - v", (1, 1), -1.0, "+ instead of −"),  # 11
    ("X + v", (0, 0), -3.0, "− instead of +"),  # 5
    ("X * v", (0, 0), 4.2, "other"),
    ("X / s", (1, 1), 5.0, "it was not divided"),
    ("X / s", (1, 1), 0.6, "divided the other way round"),
    ("X / s", (1, 1), 15.0, "multiplied instead of divided"),
    ("(X - 1) ** 2", (1, 1), 4.0, "the power was left out"),  # 16
    ("(X - 1) ** 2", (1, 1), 8.0, "multiplied by the exponent instead"),
    ("(X - 1) ** 2", (0, 1), 1.0, "+ instead of −"),  # 9
    ("where(X > 1, W, 0)", (0, 0), 2.0, "the condition was not looked at"),
    ("where(X > 1, W, 0)", (1, 1), 0.0, "cut where it should stay"),
    ("-v", (0, 0), 4.0, "the minus sign was left out"),
    ("X * s", (1, 1), 5.0, "a factor was left out"),
    ("X * s", (1, 1), 150.0, "the decimal point is in the wrong place"),
    ("X / 8", (1, 1), 0.6, "rounded to too few decimals"),  # 0.625
    ("X * s", (1, 1), 14.0, "slip in adding up"),
    ("X * s", (1, 1), 77.0, "other"),
]


@pytest.mark.parametrize(("expression", "at", "typed", "cause"), CASES, ids=[f"{c[0]} {c[3]}" for c in CASES])
def test_by_hand(expression: str, at: tuple[int, int], typed: float, cause: str) -> None:
    given = ((name, ROLES.get(name, "input"), value) for name, value in GIVEN.items())
    lines = "".join(f"  {name}: {{role: {role}, value: {value}}}\n" for name, role, value in given)
    book = sheetgen.compile_text(f"title: t\nmatrices:\n{lines}steps:\n  - Z = {expression}\n")
    exercise = book.exercise("Z", round=2).made
    (place,) = exercise.blanks[0].places
    regions = [r for sheet in book.plan.sheets for r in sheet.regions if not r.words]
    ones = frozenset(region.key for region in regions if region.role is Role.ONES)
    source = place.region.source
    assert source is not None
    found = {region.key: region.values for region in regions}
    right, said = cause_of(source, found, at, typed, 2, float(exercise.near["Z"][at]), ones, False)
    assert (right, said) == (book.values["Z"][at], cause)


NAMES = [path.stem for path in GALLERY if "\ntrain:" not in path.read_text(encoding="utf-8")]
QUICK = ("linear", "backpropagation", "gcn")


@pytest.mark.parametrize("name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in NAMES])
def test_planted_slips_are_named(name: str) -> None:
    """Each slip that can be told from a right number is named, or another one that comes to the same number."""
    exercise = made(name, "all")
    regions = [region for sheet in compiled(name).plan.sheets for region in sheet.regions if not region.words]
    found = {region.key: region.values for region in regions}
    ones = frozenset(region.key for region in regions if region.role is Role.ONES)
    planted = named = 0
    for blank in exercise.blanks:
        update = blank.statement.phase == "update"
        for region in (place.region for place in blank.places):
            assert region.source is not None
            at = (region.height // 2, region.width // 2)
            near = float(exercise.near[region.key][at])
            for slip in wrong_values(region.source, lambda node: value_of(node, found), ones, update):
                typed = float(half_away_from_zero(np.array(slip.value[at]), exercise.decimals))
                if np.isfinite(typed) and abs(typed - region.values[at]) > 2 * near:
                    _, said = cause_of(region.source, found, at, typed, exercise.decimals, near, ones, update)
                    assert said != OTHER, (blank.matrix, slip.words)
                    planted, named = planted + 1, named + (said == slip.words)
    assert planted > 20 and named > planted / 4
