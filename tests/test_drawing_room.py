"""Texts that have no room."""

from __future__ import annotations

import pytest

from sheetgen.layout import measure
from sheetgen.layout.drawing.edges import NAME, WEDGED
from sheetgen.layout.drawing.room import Room, cut_off


@pytest.mark.parametrize(
    ("text", "end", "expected"),
    [
        ("total_loss", 10, "total_loss"),
        ("total_loss", 7, "total_l…"),
        ("running sum of A", 9, "running…"),
        ("max of A, each row", 10, "max of A…"),
        ("A − mean(A)", 10, "A − mean(…)"),
        ("A − mean(A)", 4, "A…"),
        ("Σ ((q − M)²)", 5, "Σ (…)"),
        ("√(B + 1) ÷ 2", 4, "√(…)…"),
        ("[A | B]", 3, "[…]"),
        ("√(Σ A²), each row", 7, "√(Σ A²)…"),
        ("√(Σ A²), each row", 12, "√(Σ A²)…"),
        ("(P − Y)²", 4, "(…)²"),
        ("a∘b∘c", 4, "a∘b…"),
    ],
)
def test_what_is_cut_off_is_read_as_mathematics_still(text: str, end: int, expected: str) -> None:
    assert cut_off(text, end) == expected


def test_a_name_between_two_matrices_leaves_air() -> None:
    """Where nothing follows, or no line, it may fill its cell."""
    need = measure.text_width("cats", NAME)
    beside, alone = [(1, 1, 1, 2), (1, 4, 1, 2)], [(1, 4, 1, 2)]
    for width, air in ((need + WEDGED / 2, False), (need + WEDGED, True)):
        room = Room([4.0, 4.0, width, 4.0, 4.0], beside)
        assert room.ends_at(1, 2, True)
        assert room.reach(1, 3, "cats", NAME, False, 1, True, air=WEDGED) == air
    assert not Room([4.0] * 5, alone).ends_at(1, 2, True)
    assert Room([4.0] * 5, alone, {1: {3}}).ends_at(1, 2, True)  # a line at the left side of its cell
    assert Room([4.0] * 5, alone, {1: {2}}).ends_at(1, 2)
