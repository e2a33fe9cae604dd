"""Texts that have no room."""

from __future__ import annotations

import pytest

from sheetgen.layout.drawing.room import cut_off


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
