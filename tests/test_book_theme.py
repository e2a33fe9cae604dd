from __future__ import annotations

import colorsys
from itertools import pairwise

import pytest
from openpyxl import Workbook

from sheetgen.book.styles import Styles
from sheetgen.book.theme import LABEL_INK, LIKELIHOOD, LOOKS
from sheetgen.layout.measure import column_width, shown
from sheetgen.layout.plan import Role


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


def test_every_role_has_a_look() -> None:
    assert set(LOOKS) == set(Role)


def luminance(color: str) -> float:
    parts = [int(color[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(ink: str, paper: str) -> float:
    light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ONES])
def test_digits_can_be_read_on_their_fill(role: Role) -> None:
    look = LOOKS[role]
    assert contrast(look.ink, look.fill or "FFFFFF") >= 4.5
    assert contrast(LABEL_INK.get(role, "595959"), "FFFFFF") >= 4.5


def test_likelihoods_keep_their_order_in_grey() -> None:
    greys = [luminance(color) for color in LIKELIHOOD]
    assert greys == sorted(greys, reverse=True) and min(a - b for a, b in pairwise(greys)) > 0.05
    assert all(contrast("262626", color) > 3.5 for color in LIKELIHOOD)


def test_forward_and_backward_differ_in_hue() -> None:
    hues = []
    for role in (Role.FORWARD, Role.GRADIENT):
        ink = LOOKS[role].ink
        hues.append(colorsys.rgb_to_hls(*(int(ink[k : k + 2], 16) / 255 for k in (0, 2, 4)))[0])
    assert abs(hues[0] - hues[1]) > 0.4


def test_a_style_is_registered_once() -> None:
    styles = Styles(Workbook().active)
    assert styles.get(bold=True) == styles.get(bold=True) != styles.get()
    assert styles.get(text="=1") != styles.get(text="1") == styles.get()
