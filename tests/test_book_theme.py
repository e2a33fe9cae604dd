"""Colours and sizes: what is written with them can be read, on its ground, in grey and by colour-blind eyes."""

from __future__ import annotations

import colorsys
import re
from itertools import pairwise
from pathlib import Path

import pytest
from openpyxl import Workbook

from sheetgen.book import theme
from sheetgen.book.styles import Styles
from sheetgen.book.theme import LABEL_INK, LABELS, LIKELIHOOD, LOOKS, Sides
from sheetgen.layout.plan import LabelStyle, Role


def test_every_role_has_a_look() -> None:
    assert set(LOOKS) == set(Role)


def test_no_other_module_knows_a_colour_or_a_size() -> None:
    book = Path(theme.__file__).parent
    known = re.compile(r"""["'#][0-9A-Fa-f]{6}["']|\bsize=(max\()?[0-9]|_text\([0-9]|_SIZE\b""")
    found = {path.name: known.findall(path.read_text(encoding="utf-8")) for path in book.rglob("*.py")}
    assert found.pop("theme.py") and not any(found.values()), found


def luminance(color: str) -> float:
    parts = [int(color[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(ink: str, paper: str) -> float:
    light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


PAPERS = (theme.WHITE, theme.SHADE)
"""The grounds of bands."""
TINTS = [LOOKS[role].fill for role in (Role.INPUT, Role.ACTIVATION, Role.MEMORY, Role.BIAS, Role.OUTPUT, Role.GCN)]
"""What columns of a weight matrix and parts of a stack may be tinted with."""


@pytest.mark.parametrize("role", Role)
def test_digits_can_be_read_on_their_fill(role: Role) -> None:
    look = LOOKS[role]
    for paper in (look.fill,) if look.fill else PAPERS:
        assert contrast(look.ink, paper or "") >= 4.5


@pytest.mark.parametrize("role", [Role.PARAMETER, Role.UPDATED, Role.COPY, Role.GRADIENT])
def test_digits_can_be_read_on_tints(role: Role) -> None:
    assert min(contrast(LOOKS[role].ink, tint or "") for tint in TINTS) >= 4.5


def test_digits_can_be_read_where_rules_colour_them() -> None:
    pairs = ((theme.INK, theme.COMPUTED), (theme.INK, theme.OPERAND), (theme.ZERO_INK, theme.ZERO_FILL),
             (theme.INK, theme.EDGE_ON), (theme.PALE, theme.WHITE), *((theme.INK, color) for color in theme.HEAT),
             *((LOOKS[role].ink, theme.PICKED) for role in (Role.FORWARD, Role.GCN, Role.INPUT)))  # fmt: skip
    assert min(contrast(ink, paper) for ink, paper in pairs) >= 4.5


@pytest.mark.parametrize("style", LABELS)
def test_texts_can_be_read_on_every_ground(style: LabelStyle) -> None:
    look = LABELS[style]
    assert min(contrast(look.color, paper) for paper in ((look.fill,) if look.fill else PAPERS)) >= 4.5


def test_texts_in_the_colours_of_roles_rails_and_turns_can_be_read() -> None:
    inks = (*LABEL_INK.values(), *theme.HUES)
    assert min(contrast(ink, paper) for ink in inks for paper in PAPERS) >= 4.5


def test_lines_can_be_seen() -> None:
    for look in LOOKS.values():
        if look.outline is not None:
            assert min(contrast(look.outline[1], paper) for paper in PAPERS) >= 3
        if look.inner is not None:
            assert contrast(look.inner[1], look.fill or "") >= 3
    for color in (*theme.HUES, theme.GRADIENT_HUE, theme.RULE, theme.LINE):
        assert min(contrast(color, paper) for paper in PAPERS) >= 3


def test_likelihoods_keep_their_order_in_grey() -> None:
    greys = [luminance(color) for color in LIKELIHOOD]
    assert greys == sorted(greys, reverse=True) and min(a - b for a, b in pairwise(greys)) > 0.05
    assert all(contrast(theme.INK, color) >= 4.5 for color in LIKELIHOOD)


def test_what_the_step_computes_and_reads_differ_in_grey_and_from_inputs() -> None:
    assert abs(luminance(theme.COMPUTED) - luminance(theme.OPERAND)) > 0.02
    assert theme.YELLOW not in (theme.COMPUTED, theme.OPERAND)


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


def test_lines_are_laid_over_a_style() -> None:
    styles = Styles(Workbook().active)
    thin, red = ("thin", theme.LINE), ("medium", theme.RED)
    own = styles.get(sides=Sides(left=thin, top=thin))
    assert styles.over(own, Sides(left=red)) == styles.get(sides=Sides(left=red, top=thin))
    assert styles.over(own, Sides()) == own and styles.with_fields(own, fill="FF0000") != own
