"""The sheet Steps, and how sheets come out on paper."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from page_by_hand import page

from sheetgen.book.cuts import continued
from sheetgen.book.paging import partition
from sheetgen.book.printing import pages_of, scale_of, stripe_of, zoom_of
from sheetgen.book.workbook import write
from sheetgen.cmd.render import render
from sheetgen.layout import measure
from sheetgen.layout.measure import SAFE
from sheetgen.layout.plan import Band, Label, Region, Role, SheetPlan, StepRow, WorkbookPlan


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("steps") / "a.xlsx"
    write(page(), target)
    return target


@pytest.fixture(scope="module")
def steps(path: Path) -> Worksheet:
    return load_workbook(path)["Steps"]


def test_the_headings(steps: Worksheet) -> None:
    assert [cell.value for cell in steps[3]][:5] == ["No.", "Section", "Equation", "What happens", "Where"]
    assert steps.freeze_panes == "A4" and steps.print_title_rows == "$3:$3"


def test_a_row(steps: Worksheet) -> None:
    values = [cell.value for cell in steps[5]]
    assert values == [2, None, "A1 = ReLU(Z1)", "Negatives become 0.", "→ I17", 2, "'Canvas'!I17"]
    assert steps["B4"].value == "Layer 1" and steps["E5"].hyperlink.location == "'Canvas'!I17"


def test_a_row_for_several_steps(steps: Worksheet) -> None:
    row = next(row for row in steps.iter_rows(min_row=4) if row[0].value == "11–13")
    assert row[1].value == "Layer 2" and row[5].value == 11


def test_a_sentence_made_of_live_cells(path: Path, steps: Worksheet) -> None:
    assert steps["D4"].data_type == "f" and "Canvas!I12" in steps["D4"].value
    assert load_workbook(path, data_only=True)["Steps"]["D4"].value == "Row 1 of W1 meets X: 1·2 + … = 2."
    quoted = next(row[3] for row in steps.iter_rows(min_row=4) if str(row[3].value).startswith("=And"))
    assert quoted.data_type == "s" and quoted.quotePrefix


def test_links_to_other_sheets_say_so(tmp_path: Path) -> None:
    plan = page()
    step = StepRow(1, "", "", "", "", "Gradients!D16")
    write(replace(plan, steps=(step,)), tmp_path / "a.xlsx")
    cell = load_workbook(tmp_path / "a.xlsx")["Steps"]["E4"]
    assert cell.value == "→ Gradients D16" and cell.hyperlink.location == "'Gradients'!D16"


def test_a_link_is_never_cut(tmp_path: Path) -> None:
    """What it needs more, the sentences have less."""
    step = StepRow(1, "", "", "", "", "After the update!AD160")
    write(replace(page(), steps=(step,)), tmp_path / "a.xlsx")
    columns = load_workbook(tmp_path / "a.xlsx")["Steps"].column_dimensions
    assert columns["E"].width > measure.text_width("→ After the update AD160", 9)
    assert columns["D"].width + columns["E"].width == 58 + 11


def test_what_only_the_player_needs_is_hidden(steps: Worksheet) -> None:
    hidden = {name for name, column in steps.column_dimensions.items() if column.hidden}
    assert hidden == {"F", "G"}


def test_long_sentences_get_their_lines(tmp_path: Path) -> None:
    long = StepRow(1, "S", "e", "", "word " * 60, None)
    write(replace(page(), steps=(long, replace(long, number=2, sentence="short"))), tmp_path / "a.xlsx")
    rows = load_workbook(tmp_path / "a.xlsx")["Steps"].row_dimensions
    assert rows[4].height > 4 * rows[5].height > 60


# Printing


def sheet(*bands: tuple[int, int], allowed: tuple[int, ...] = (), landscape: bool = False) -> SheetPlan:
    return SheetPlan("Canvas", "t", (), (), bands=tuple(Band(*band) for band in bands), cuts=allowed, heads=5,
                     landscape=landscape)  # fmt: skip


def cut(plan: SheetPlan, bottom: int, rows: int) -> list[int]:
    """The cuts of a sheet whose rows are 10 points high, on pages of so many rows."""
    return partition(stripe_of(plan, dict.fromkeys(range(1, bottom + 1), 10.0), bottom), 10.0 * rows).cuts


def test_pages_are_cut_between_bands() -> None:
    plan = sheet((6, 30), (31, 50), (51, 80), (81, 99), allowed=(31, 35, 51, 81))
    assert cut(plan, 99, 60) == [51] and cut(plan, 99, 45) == [31, 51, 81] and cut(plan, 99, 99) == []


def test_the_heads_take_a_row_of_each_further_page() -> None:
    plan = sheet((6, 40), (41, 80), allowed=(41, 80))
    assert cut(plan, 80, 41) == [41] and cut(plan, 80, 40) == [41, 80]


def test_a_short_band_is_kept_with_the_next() -> None:
    plan = sheet((6, 30), (31, 35), (36, 70), allowed=(31, 36))
    assert cut(plan, 70, 50) == [31]
    longer = sheet((6, 30), (31, 39), (40, 70), allowed=(31, 40))
    assert cut(longer, 70, 50) == [40]


def test_a_band_higher_than_a_page_is_cut_where_it_must_be() -> None:
    assert cut(sheet((6, 90), allowed=(8,)), 90, 50) == [48]


def test_a_band_is_cut_inside_rather_than_that_a_page_is_hardly_used() -> None:
    plan = sheet((6, 9), (10, 80), allowed=(10, 40, 60))
    assert cut(plan, 80, 72) == [60]
    assert cut(sheet((6, 24), (25, 80), allowed=(25, 40, 60)), 80, 72) == [60]
    assert cut(sheet((6, 49), (50, 80), allowed=(50, 60)), 80, 72) == [50]


def test_a_cut_inside_saves_a_page() -> None:
    plan = sheet((6, 50), (51, 95), (96, 140), allowed=(51, 72, 96))
    assert cut(plan, 140, 72) == [72]


def test_no_text_is_cut_and_the_band_s_title_has_room() -> None:
    """An equation in two lines, a paragraph, a line of the margin: from worst to best."""
    plan = sheet((6, 99), allowed=(45, 50, 53))
    lines = [Label(44, 2, "a", "equation"), Label(45, 2, "b", "equation", joined=True)]
    prose = Label(48, 2, "words", "sentence", rows=5)
    line = Label(53, 2, "c", "equation")
    assert cut(replace(plan, labels=(*lines, prose)), 99, 60) == [53]
    assert cut(replace(plan, labels=(prose, line)), 99, 60) == [45]
    assert cut(replace(plan, labels=(*lines, prose, line)), 99, 60) == [53]


def test_a_page_goes_on_with_the_last_title_above() -> None:
    titled = replace(sheet((6, 40), (41, 60), (61, 99)), heading="Sheet: L",
                     labels=(Label(41, 1, "2", "badge"), Label(41, 2, "Two", "section"), Label(70, 2, "=", "equation")))
    found = [(x.row, x.column, x.text) for x in continued(titled, (20, 41, 50, 61, 70), "Sheet")]
    assert found == [(20, 2, "Sheet (continued)"), (50, 2, "Two (continued)"), (61, 2, "Two (continued)"),
                     (70, 1, "2 …")]  # fmt: skip
    wide = replace(titled, widths=tuple((k, 6.0) for k in range(1, 10)), last_column=9)
    assert [(x.row, x.column, x.text) for x in continued(wide, (70,), "")] == [(70, 3, "Two (continued)")]
    caption = Label(70, 6, "a caption that ends here", "name", align="right")
    taken = replace(wide, labels=(*wide.labels, caption))
    assert [(x.row, x.column, x.text) for x in continued(taken, (70,), "")] == [(70, 1, "2 …")]


def test_digits_shrink_where_that_saves_a_page() -> None:
    """But no further than can be read, and not where no page is saved."""
    plan, high = sheet((6, 40), (41, 80), allowed=(41,), landscape=True), 515.9 * SAFE
    for rows, scale, pages in ((high, 0.99, []), (high / 0.905, 0.9, []), (high / 0.69, 0.99, [41])):
        assert pages_of(plan, 142, dict.fromkeys(range(1, 81), rows / 80), 80) == (True, scale, pages)


def test_a_page_stands_upright_where_that_saves_pages() -> None:
    """As far as its digits can be read there."""
    plan = sheet((6, 40), (41, 80), allowed=(41,), landscape=True)
    heights = dict.fromkeys(range(1, 81), 12.0)
    assert pages_of(plan, 130, heights, 80) == (False, 0.75, [])
    assert pages_of(plan, 142, heights, 80) == (True, 0.99, [41])


def test_hidden_rows_take_no_paper() -> None:
    plan = sheet((6, 40), (41, 80), allowed=(41,))
    heights = {row: 0.0 if 10 <= row <= 39 else 10.0 for row in range(1, 81)}
    assert partition(stripe_of(plan, heights, 80), 500.0).cuts == []


def test_cutting_is_fast() -> None:
    """In proportion to the rows, however many pages there are."""
    plan = sheet((6, 200_000), allowed=tuple(range(10, 200_000, 5)))
    assert len(cut(plan, 200_000, 30)) > 6_000


@pytest.mark.parametrize(("width", "landscape", "scale"), [(90, False, 1.0), (125.5, False, 0.77), (125.5, True, 1.0),
                                                           (200, True, 0.7)])  # fmt: skip
def test_the_scale_is_set_by_the_width(width: float, landscape: bool, scale: float) -> None:
    assert scale_of(sheet(landscape=landscape), width) == scale


def test_the_plan_may_want_a_smaller_scale() -> None:
    assert scale_of(replace(sheet(), scale=0.5), 90) == 0.5


def test_zoom() -> None:
    assert [zoom_of(width) for width in (50, 200, 220, 400)] == [100, 100, 90, 80]


def test_pages_as_the_file_says(path: Path) -> None:
    canvas = load_workbook(path)["Canvas"]
    assert canvas.page_setup.orientation == "portrait" and canvas.page_setup.paperSize == 9
    assert not canvas.sheet_properties.pageSetUpPr.fitToPage and 70 < canvas.page_setup.scale < 80
    assert canvas.print_area == "'Canvas'!$A$1:$Y$50" and not canvas.row_breaks.brk
    tall = replace(page().sheets[0], bands=(*page().sheets[0].bands, Band(51, 100)), cuts=(11, 22, 33, 51))
    write(replace(page(), sheets=(tall,)), path.with_name("tall.xlsx"))
    assert [each.id for each in load_workbook(path.with_name("tall.xlsx"))["Canvas"].row_breaks.brk] == [50]


@pytest.mark.libreoffice
def test_libreoffice_prints_a_sheet_as_planned(path: Path, tmp_path: Path) -> None:
    """A page for each of the four sheets that are seen, none for the cells behind the charts."""
    (pdf,) = render([path], tmp_path, "pdf")
    info = subprocess.run(["pdfinfo", str(pdf)], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Pages:\s+4\n", info)
    text = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    assert "behind the charts" not in text and "What happens" in text and "Page 4 of 4" in text


def test_the_footer_takes_any_title(tmp_path: Path) -> None:
    region = Region("W", Role.PARAMETER, 6, 2, np.ones((1, 1)))
    plan = WorkbookPlan("R&D " * 100, (SheetPlan("Canvas", "t", (region,), ()),), (), "", ())
    write(plan, tmp_path / "a.xlsx")
    footer = load_workbook(tmp_path / "a.xlsx")["Canvas"].oddFooter.left.text
    assert footer.startswith("R&&D") and footer.endswith("…") and len(footer) < 120

