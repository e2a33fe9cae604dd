"""Small numbers beside larger ones of their kind have the decimals of these."""

from __future__ import annotations

import numpy as np
from small import book, loop

from sheetgen.layout import numbers
from sheetgen.layout.drawing.alike import alike
from sheetgen.layout.geometry.figure import Box
from sheetgen.workbook import Workbook


def box(key: str, row: int, column: int, width: int = 1, **more: object) -> Box:
    return Box(key, key, "home", "forward", 0, row, column, 1, width, None, **more)  # type: ignore[arg-type]


def decimals(boxes: list[Box], *rows: list[float], given: frozenset[str] = frozenset()) -> dict[str, int]:
    return alike(boxes, {b.key: np.array([row]) for b, row in zip(boxes, rows, strict=True)}, given)


def shown(made: Workbook, name: str) -> list[str]:
    (region,) = [r for r in made.plan.sheets[0].regions if r.name == name]
    return [numbers.shown(v, numbers.form(region.values, False, region.decimals)) for v in region.values.flat]


def test_what_touches_a_matrix_has_its_decimals() -> None:
    pair = [box("A", 5, 3, 2), box("b", 5, 5)]
    assert decimals(pair, [0.35, -0.1], [0.024]) == {"b": 2}  # 0.02
    assert decimals(pair, [0.024, -0.01], [0.35]) == {"A": 2}
    assert decimals(pair, [0.35, -0.1], [0.0024]) == {"b": 3}  # its only digit, rather than 0.00
    assert decimals(pair, [0.35, -0.1], [0.00024]) == {"b": 2}
    assert decimals(pair, [0.03, -0.01], [0.024]) == decimals(pair, [0.35, -0.1], [0.2]) == {}
    assert decimals(pair, [0.35, -0.1], [0.024], given=frozenset("b")) == {}
    assert decimals([box("A", 5, 3, 2), box("b", 5, 6)], [0.35, -0.1], [0.024]) == {}  # a gap between


def test_a_total_and_a_second_pass_have_them() -> None:
    assert decimals([box("A", 5, 3), box("s", 6, 3, glued="under")], [0.04], [0.5]) == {"A": 2}
    assert decimals([box("A", 5, 3), box("u", 6, 3)], [0.04], [0.5]) == {}
    again = Box("A_new", "A_new", "home", "after", 0, 5, 9, 1, 1, None, at="A")
    assert decimals([box("A", 5, 3), again], [0.5], [0.044]) == {"A_new": 2}


def test_the_turns_of_a_loop_have_no_digits_of_their_own() -> None:
    """Not 0.020 and 0.0020: one digit, as in the first turn."""
    made = book("g input 2x1, h_0 input 2x1", [loop("h_{t} = 0.1 * h_{t-1}", "z_{t} = h_{t} + 0 * g", turns=3)])
    assert [shown(made, f"h_{t}") for t in (1, 2, 3)] == [["0.2", "0.2"], ["0.02", "0.02"], ["0.002", "0.002"]]
