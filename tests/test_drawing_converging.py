"""Numbers of a loop that converges have the same decimals in all turns, and show the last change."""

from __future__ import annotations

import numpy as np
import pytest
from by_specs import compiled
from words_by_hand import program

from sheetgen.layout import numbers
from sheetgen.layout.drawing.converging import decimals, losses
from sheetgen.layout.words.loops import loops
from sheetgen.passes.evaluate import evaluate


def found(*turns: list[float]) -> dict[str, int]:
    """The decimals of the matrices of `u` in power_iteration, were these its values."""
    of = program("power_iteration")
    values = {f"u_{k}": np.array([turn]) for k, turn in enumerate(turns, 1)}
    return {name: places for name, places in decimals(loops(of).values(), values).items() if name.startswith("u_")}


@pytest.mark.parametrize(
    ("turns", "places"),
    [
        ([[1.0], [0.5], [0.4], [0.35]], 2),
        ([[1.0], [0.5], [0.4], [0.398]], 3),
        ([[1.0], [0.5], [0.4], [0.3998]], 4),
        ([[1.0], [0.5], [0.4], [0.4]], None),  # it stands still
        ([[1.0], [0.5], [0.1], [-0.4]], None),  # it doesn't converge
        ([[1.0], [0.5], [0.4]], None),  # too short to tell
        ([[1.0], [0.5, 0.5], [0.4], [0.35]], None),
    ],
)
def test_as_many_decimals_as_show_the_last_change(turns: list[list[float]], places: int | None) -> None:
    assert set(found(*turns).values()) == (set() if places is None else {places})


def test_a_loss_shows_that_it_changes() -> None:
    of = compiled("mlp").program

    def found(before: float, after: float) -> set[int]:
        return set(losses(of, {"L": np.array([[before]]), "L_new": np.array([[after]])}).values())

    assert found(0.7322, 0.7262) == {3} and found(0.73204, 0.73196) == {4}
    assert found(1.75, 1.24) == found(0.5, 0.5) == set()


def test_all_turns_have_the_same() -> None:
    of = program("power_iteration")
    assert len({decimals(loops(of).values(), evaluate(of))[f"u_{k}"] for k in range(1, 7)}) == 1


def test_the_page_shows_them() -> None:
    made = compiled("pagerank")
    regions = {region.name: region for region in made.plan.sheets[0].regions}
    last = [regions[f"r_{k}"] for k in (4, 5)]
    assert last[0].decimals == last[1].decimals is not None
    shown = [[numbers.shown(v, numbers.form(r.values, False, r.decimals)) for v in r.values.flat] for r in last]
    assert shown[0] != shown[1]
