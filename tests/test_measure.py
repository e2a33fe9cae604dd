"""How much room numbers take."""

from __future__ import annotations

import pytest

from sheetgen.layout.measure import column_width, shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2, "2"), (0.2514, "0.25"), (0.5, "0.5"), (-0.004, "0"), (12.345678, "12.35"), (-12.5, "-12.5"), (1.999, "2"),
        (0.995001, "1"), (-1e-7, "0"), (1234.5, "1234.5"), (100, "100"), (99999, "99999"), (1234567, "1.2E+6"),
        (-2.5e12, "-2.5E+12"), (1e100, "1.0E+100"), ("yes", "yes"),
    ],
)  # fmt: skip
def test_numbers_as_a_person_would_write_them(value: float, text: str) -> None:
    assert shown(value) == text


def test_wider_numbers_get_wider_columns() -> None:
    widths = [column_width(v) for v in (1, 12, -12.5, -123.45, -12345.67)]
    assert widths == sorted(widths) and widths[0] < 5 < widths[-1]
