"""Colours and sizes: what is written with them can be read, on its ground, in grey and by colour-blind eyes."""

from __future__ import annotations

import colorsys
import re
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest
from by_specs import compiled
from openpyxl.styles.stylesheet import Stylesheet
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.xml.functions import fromstring

from sheetgen.book import theme
from sheetgen.book.frame import Columns, Frame, Paper, framed
from sheetgen.book.styles import Looks, Style, Styles, Tint
from sheetgen.book.stylesheet import stylesheet
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
             *((LOOKS[role].ink, fill) for role, fill in theme.TOTALS.items()), (theme.INK, theme.EDGE_ON),
             (theme.PALE, theme.WHITE), *((theme.INK, color) for color in (*theme.HEAT, *theme.DIVERGING)),
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
    styles = Styles()
    assert styles.get(bold=True) == styles.get(bold=True) != styles.get()
    assert styles.get(text="=1") != styles.get(text="1") == styles.get()


def test_lines_are_laid_over_a_style() -> None:
    styles = Styles()
    thin, red = ("thin", theme.LINE), ("medium", theme.RED)
    own = styles.get(sides=Sides(left=thin, top=thin))
    assert styles.over(own, Sides(left=red)) == styles.get(sides=Sides(left=red, top=thin))
    assert styles.over(own, Sides()) == own and styles.with_fields(own, fill="FF0000") != own


def test_numbers_of_styles_and_looks_lead_to_them_in_the_file() -> None:
    """As openpyxl reads it back; a format that programs have anyway keeps their number."""
    styles, looks = Styles(), Looks()
    line = ("thin", theme.RED)
    cells = [
        styles.get(bold=True, number="0.00"), styles.get(text="=1", number='0.0;"−"0.0'),
        styles.id(Style(fill=theme.SHADE, sides=Sides(top=line), wrap=True, open=True)),
        styles.get(bold=True, size=8.0),
        styles.id(Style(diagonal=(True, line), upright=True)),
    ]  # fmt: skip
    tints = [looks.id(Tint(theme.RED, number="0")), looks.id(Tint(fill=theme.SHADE)), looks.id(Tint(number="0"))]
    assert cells == [1, 2, 3, 4, 5] and tints == [0, 1, 2] and looks.id(Tint(fill=theme.SHADE)) == 1
    read = Stylesheet.from_tree(fromstring(stylesheet(tuple(styles.ids), tuple(looks.ids))))
    xfs = read.cellXfs.xf
    assert len(xfs) == 6 and len(read.dxfs) == 3
    assert [read.fonts[xf.fontId].b for xf in xfs] == [False, True, False, False, True, False]
    assert read.fonts[0].name == theme.FONT and read.fonts[xfs[4].fontId].sz == 8
    assert (xfs[1].numFmtId, xfs[3].numFmtId) == (2, 0) and read.custom_formats[xfs[2].numFmtId] == '0.0;"−"0.0'
    assert [bool(xf.quotePrefix) for xf in xfs] == [False, False, True, False, False, False]
    assert read.fills[xfs[3].fillId].fgColor.rgb == f"FF{theme.SHADE}" and xfs[3].protection.locked is False
    assert read.borders[xfs[3].borderId].top.color.rgb == f"FF{theme.RED}" and xfs[3].alignment.wrap_text
    assert read.borders[xfs[5].borderId].diagonalUp and not read.borders[xfs[5].borderId].diagonalDown
    assert xfs[5].alignment.textRotation == 90 and xfs[1].alignment.vertical == "center"
    assert read.dxfs[0].font.color.rgb == f"FF{theme.RED}" and read.dxfs[1].fill.bgColor.rgb == f"FF{theme.SHADE}"
    assert read.dxfs[0].numFmt.formatCode == read.dxfs[2].numFmt.formatCode == "0"


def test_a_frame_is_made_once_and_not_kept_when_it_is_not_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """openpyxl's temporary files may end early on a full disk, without an error."""
    frame = Frame("Page", Paper("A & B", True, cuts=(9,), scale=80), (Columns(2, 3, 7.5), Columns(5, 5, 2.0, True, 1)))

    def cut(self: WorksheetWriter) -> None:
        written(self)
        path = Path(self.out)
        path.write_bytes(path.read_bytes()[:-9])

    written = WorksheetWriter.write
    with monkeypatch.context() as disk:
        disk.setattr(WorksheetWriter, "write", cut)
        with pytest.raises(OSError, match="space"):
            framed("A", False, (frame,))
    parts = framed("A", False, (frame,))
    assert framed("A", False, (frame,)) is parts and framed("B", False, (frame,)) != parts
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    assert '<col width="7.5" customWidth="1" min="2" max="3"/>' in sheet and "A &amp;&amp; B" in sheet
    (fold,) = re.findall(r'<col [^>]*min="5" max="5"/>', sheet)
    assert {'width="2"', 'hidden="1"', 'outlineLevel="1"'} < set(fold.split())
    assert '<brk id="8"' in sheet and 'scale="80"' in sheet and 'orientation="landscape"' in sheet


def test_digits_of_a_picture_have_the_ink_that_its_colours_take(tmp_path: Path) -> None:
    made = compiled("hopfield")
    pictures = [region for region in made.plan.sheets[0].regions if region.image and not region.plain_map]
    cells = openpyxl.load_workbook(made.save(tmp_path / "a.xlsx"))["Canvas"]
    assert {region.role for region in pictures} >= {Role.INPUT, Role.COPY, Role.FORWARD}
    assert {cells.cell(region.row, region.column).font.color.rgb[-6:] for region in pictures} == {theme.INK}
