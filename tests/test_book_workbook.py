"""A workbook as a whole: its sheets, names, notes, links and pages, and engines that compute what is cached."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from plan_by_hand import layer
from small import TRAIN, book

from sheetgen.book import theme
from sheetgen.book.workbook import extent, write
from sheetgen.errors import LimitError, SheetgenError
from sheetgen.layout import measure
from sheetgen.layout.plan import Region, Role, SheetPlan, WorkbookPlan
from sheetgen.proof import engines
from sheetgen.proof.audit import audit
from sheetgen.proof.compare import check


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("book") / "a.xlsx"
    write(layer(), target)
    return target


@pytest.fixture(scope="module")
def canvas(path: Path) -> Worksheet:
    return load_workbook(path)["Canvas"]


@pytest.mark.parametrize("engine", list(engines.ENGINES))
def test_engines_compute_what_is_cached(engine: str, path: Path) -> None:
    report = audit(layer(), check(layer(), path, engines.get(engine)))
    assert report.ok, [str(finding) for finding in report.findings]
    assert report.cells > 100


def test_chart_data_and_head_are_live_and_their_cached_values_right(path: Path) -> None:
    cached = load_workbook(path, data_only=True)
    formulas = load_workbook(path)
    values = engines.get("ironcalc").recalculate([path])[0]
    seen = 0
    for title in ("Canvas", "More", "Chart data"):
        for row in formulas[title].iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                expected = cached[title][cell.coordinate].value
                found = values.value(title, cell.row, cell.column)
                same = found == pytest.approx(expected) if isinstance(expected, float | int) else found == expected
                assert same or (expected is None and found == ""), (title, cell.coordinate, expected, found)
                seen += 1
    assert seen > 120


def test_sheets_in_reading_order(path: Path) -> None:
    assert load_workbook(path).sheetnames == ["Canvas", "More", "Steps", "Spec", "Chart data"]


def test_names_cover_exactly_their_cells(path: Path) -> None:
    names = load_workbook(path).defined_names
    assert names["W1_"].attr_text == "'Canvas'!$D$14:$F$17"
    assert names["b1_"].attr_text == "'Canvas'!$G$14:$G$17"
    assert names["Q"].attr_text == "'More'!$D$7:$D$10"
    assert names["Step"].attr_text == "'Canvas'!$B$3" and names["Gradients"].attr_text == "'Canvas'!$D$3"
    assert list(names) == sorted(names, key=str.casefold)


def test_a_matrix_called_step_keeps_its_name(tmp_path: Path) -> None:
    plan = layer()
    region = Region("step", Role.INPUT, 60, 2, np.ones((1, 1)), defined_name="step")
    sheet = replace(plan.sheets[0], regions=(*plan.sheets[0].regions, region))
    write(replace(plan, sheets=(sheet,)), tmp_path / "a.xlsx")
    names = load_workbook(tmp_path / "a.xlsx").defined_names
    assert "Step" not in names and names["step"].attr_text == "'Canvas'!$B$60"


def test_names_that_differ_only_in_case_are_refused(tmp_path: Path) -> None:
    regions = tuple(
        Region(name, Role.INPUT, 6 + 2 * k, 2, np.ones((1, 1)), defined_name=name)
        for k, name in enumerate(("Zx", "zx"))
    )
    plan = WorkbookPlan("t", (SheetPlan("Canvas", "t", regions, ()),), (), "", ())
    with pytest.raises(SheetgenError, match="`Zx` and `zx`"):
        write(plan, tmp_path / "a.xlsx")


def test_a_bias_takes_after_its_panel(canvas: Worksheet) -> None:
    assert canvas["L11"].font.color.rgb[-6:] == theme.BACKWARD_INK
    assert canvas["L11"].fill.start_color.rgb[-6:] == theme.LOOKS[Role.BIAS].fill
    assert canvas["L11"].border.left.style == "thin" and canvas["L11"].border.top.style == "hair"
    assert canvas["G21"].border.top.style == "medium" and canvas["G21"].border.left.style == "hair"


def test_the_gradient_of_a_bias_that_stands_alone_has_the_border_of_gradients(tmp_path: Path) -> None:
    steps = ["z = w * x + b", "L = mse(z, y)"]
    made = book("x input 1x4, w parameter 1x1, b parameter 1x1, y target 1x4", steps, TRAIN)
    saved = load_workbook(made.save(tmp_path / "a.xlsx"))
    at = {name: saved.defined_names[name].attr_text.split("!")[1].replace("$", "") for name in ("b", "dL_db")}
    assert saved["Canvas"][at["dL_db"]].fill.start_color.rgb == saved["Canvas"][at["b"]].fill.start_color.rgb
    assert saved["Canvas"][at["dL_db"]].border.left.style == "thin"
    assert saved["Canvas"][at["b"]].border.left.style == "medium"


def test_number_formats(canvas: Worksheet) -> None:
    assert canvas["D14"].number_format == "General" and canvas["J14"].number_format == "0"
    assert canvas["N14"].number_format == "0.00"
    assert canvas["J21"].number_format == canvas["J22"].number_format == "General"
    assert canvas["J22"].font.italic and not canvas["J21"].font.italic


def test_fonts_always_have_a_name_and_a_size(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        styles = archive.read("xl/styles.xml").decode()
    fonts = re.findall(r"<font>.*?</font>", styles.split("<dxfs")[0])
    assert len(fonts) > 5 and all("<name " in font and "<sz " in font for font in fonts)


def test_validation_of_what_the_user_may_change(canvas: Worksheet) -> None:
    checks = {str(check.sqref): check for check in canvas.data_validations.dataValidation}
    assert checks["B3"].type == "list" and checks["B3"].formula1 == "Steps!$F$4:$F$9" and checks["B3"].allow_blank
    assert checks["D14:F17"].type == "decimal" and checks["D14:F17"].prompt == "W1: a number."
    adjacency = next(check for span, check in checks.items() if "J21:L21" in span)
    assert adjacency.type == "list" and adjacency.formula1 == '"0,1"'
    assert "J22" not in adjacency.sqref and "K22" in adjacency.sqref and "L23" in adjacency.sqref
    for span, each in checks.items():
        assert span in ("B3", "D3") or (each.showErrorMessage and len(each.error) <= 225)
        assert bool(each.showInputMessage) is bool(each.prompt)
    assert "J8:J10 R14:R17" in checks  # X and Y have no prompt, so that nothing is covered, and share a check
    assert not any("L14" in check.sqref or "J14" in check.sqref for check in checks.values())


def test_long_texts_are_cut_to_what_excel_takes(tmp_path: Path) -> None:
    region = Region("W" * 60, Role.PARAMETER, 6, 2, np.ones((1, 1)), prompt="p" * 400, note="n " * 500)
    plan = WorkbookPlan("R&D " * 100, (SheetPlan("Canvas", "t", (region,), ()),), (), "", ())
    write(plan, tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx")["Canvas"]
    (check,) = sheet.data_validations.dataValidation
    assert len(check.prompt) == 255 and len(check.promptTitle) == 32
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        footer = re.search(r"<oddFooter>(.*?)</oddFooter>", archive.read("xl/worksheets/sheet1.xml").decode())
    assert footer and len(footer[1].replace("&amp;", "&")) <= 255 and "R&amp;&amp;D" in footer[1]


def test_notes_links_and_page(path: Path, canvas: Worksheet) -> None:
    assert canvas["J8"].comment.text == "X (3×1): the input." and canvas["J14"].comment is None
    assert canvas["B6"].hyperlink.location == "'Steps'!A1" and canvas["D20"].hyperlink is None
    steps = load_workbook(path)["Steps"]
    assert steps["E4"].hyperlink.location == "'Canvas'!J14"
    assert steps.freeze_panes == "A4" and steps["D6"].value.startswith("=Each") and steps["D6"].data_type == "s"
    assert canvas.freeze_panes == "A6"
    assert steps.page_setup.fitToWidth == 1 and steps.page_setup.fitToHeight == 0
    assert steps.sheet_properties.pageSetUpPr.fitToPage and not canvas.sheet_view.showGridLines
    assert canvas.print_title_rows == "$1:$5" and canvas.print_area


def test_columns_are_measured_in_the_default_font(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        styles = archive.read("xl/styles.xml").decode()
    assert '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0"' in styles
    first = re.search(r"<font>.*?</font>", styles)
    assert first and '<name val="Arial"/>' in first[0] and '<sz val="10"/>' in first[0]


def test_pages_break_between_regions(tmp_path: Path) -> None:
    first, *more = layer().sheets
    sheet = replace(first, heights=tuple((row, 25.0) for row in range(6, 66)))
    write(replace(layer(), sheets=(sheet, *more)), tmp_path / "a.xlsx")
    canvas, other = (load_workbook(tmp_path / "a.xlsx")[title] for title in ("Canvas", "More"))
    assert not canvas.sheet_properties.pageSetUpPr.fitToPage and canvas.page_setup.scale > 50
    breaks = [each.id for each in canvas.row_breaks.brk]
    spans = [(r.row, r.row + r.height - 1) for r in sheet.regions]
    spans += [(chart.row, chart.row + measure.CHART_ROWS - 1) for chart in sheet.charts]
    assert breaks and not any(first <= row < last for row in breaks for first, last in spans)
    assert not other.row_breaks.brk


def test_the_extent_covers_texts_and_charts() -> None:
    sheet = layer().sheets[0]
    right, bottom = extent(sheet, dict(sheet.widths))
    assert right >= 14 + measure.CHART_COLUMNS and bottom == 50 + measure.CHART_ROWS


@pytest.mark.parametrize("title", ["a" * 32, "a/b", "'a", "a'", "History", "", "steps", "CHART DATA", "a:b", "[x]"])
def test_sheet_titles_that_excel_refuses(title: str, tmp_path: Path) -> None:
    plan = WorkbookPlan("t", (SheetPlan(title, "t", (), ()),), (), "", ())
    with pytest.raises(LimitError):
        write(plan, tmp_path / "a.xlsx")
    assert not list(tmp_path.iterdir())


def test_a_column_wider_than_excel_allows(tmp_path: Path) -> None:
    plan = WorkbookPlan("t", (SheetPlan("Canvas", "t", (), (), widths=((2, 256.0),)),), (), "", ())
    with pytest.raises(LimitError, match="255"):
        write(plan, tmp_path / "a.xlsx")