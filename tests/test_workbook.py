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

from sheetgen.book import theme
from sheetgen.book.workbook import extent, write
from sheetgen.errors import LimitError, SheetgenError
from sheetgen.layout import measure
from sheetgen.layout.plan import Bars, GraphPicture, Region, Role, SheetPlan, WorkbookPlan
from sheetgen.proof import compare as verify
from sheetgen.proof import engines
from sheetgen.proof.audit import audit


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
    report = audit(layer(), verify.check(layer(), path, engines.get(engine)))
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
    assert names["Step"].attr_text == "'Canvas'!$C$2"


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


def sides(canvas: Worksheet, ref: str) -> str:
    border = canvas[ref].border
    return " ".join(str(getattr(border, side).style) for side in ("left", "top", "right", "bottom"))


def test_a_panel_has_one_outline(canvas: Worksheet) -> None:
    assert sides(canvas, "D14") == "medium medium thin thin"
    assert sides(canvas, "F15") == "thin thin thin thin"
    assert sides(canvas, "G17") == "thin thin medium medium"
    assert canvas["G14"].fill.start_color.rgb[-6:] == theme.LOOKS[Role.BIAS].fill
    assert canvas["G14"].border.right.color.rgb[-6:] == theme.RED


def test_a_bias_takes_after_its_panel(canvas: Worksheet) -> None:
    assert canvas["L11"].font.color.rgb[-6:] == theme.BACKWARD_INK
    assert sides(canvas, "L11") == "thin thin thin thin"
    assert canvas["G21"].border.top.style == "mediumDashed"


def test_number_formats(canvas: Worksheet) -> None:
    assert canvas["D14"].number_format == "General" and canvas["J14"].number_format == "0.00"
    assert canvas["J21"].number_format == canvas["J22"].number_format == "General"
    assert canvas["J22"].font.italic and not canvas["J21"].font.italic


def test_fonts_always_have_a_name_and_a_size(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        styles = archive.read("xl/styles.xml").decode()
    fonts = re.findall(r"<font>.*?</font>", styles.split("<dxfs")[0])
    assert len(fonts) > 5 and all("<name " in font and "<sz " in font for font in fonts)


def test_hide_rules_come_first_and_have_ranges_of_their_own(path: Path, canvas: Worksheet) -> None:
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    found = re.findall(r'<conditionalFormatting sqref="([^"]+)">(.*?)</conditionalFormatting>', xml)
    hides = [k for k, (_, rules) in enumerate(found) if "ISNUMBER($C$2)" in rules]
    assert hides == list(range(6))
    ranges = [span for span, _ in found]
    assert len(set(ranges)) == len(ranges)
    assert "J14:J17" in found[0][0].split() and "H14:H17" in found[0][0].split()
    assert all("=" not in formula[:1] for formula in re.findall(r"<formula>(.*?)</formula>", xml))


def test_step_zero_is_never_hidden(canvas: Worksheet) -> None:
    for formatting in canvas.conditional_formatting:
        if any("ISNUMBER" in rule.formula[0] for rule in formatting.rules if rule.formula):
            assert not any(ref in formatting.sqref for ref in ("D14", "J8", "B7", "J21"))


def test_a_step_with_a_single_region_hides_by_a_range_of_its_own(tmp_path: Path) -> None:
    region = Region("Z", Role.FORWARD, 6, 2, np.ones((2, 2)), (("1", "1"), ("1", "1")), step=1)
    write(WorkbookPlan("t", (SheetPlan("Canvas", "t", (region,), ()),), (), "", ()), tmp_path / "a.xlsx")
    ranges = [str(f.sqref) for f in load_workbook(tmp_path / "a.xlsx")["Canvas"].conditional_formatting]
    assert len(ranges) == 2 and ranges[1] == "B6:C7" and ranges[0].split() == ["A10", "B6:C7"]


def test_the_current_step_is_pointed_out(path: Path, canvas: Worksheet) -> None:
    marked = {f.rules[0].formula[0]: str(f.sqref) for f in canvas.conditional_formatting if f.rules[0].formula}
    assert marked["$C$2=1"] == "J13" and marked["$C$2=5"] == "L7:N7"


def test_dxf_fills_are_background_colours(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        dxfs = archive.read("xl/styles.xml").decode().split("<dxfs")[1]
    fills = re.findall(r"<fill>.*?</fill>", dxfs)
    assert fills and all("<bgColor" in fill and "<fgColor" not in fill for fill in fills)


def test_validation_of_what_the_user_may_change(canvas: Worksheet) -> None:
    checks = {str(check.sqref): check for check in canvas.data_validations.dataValidation}
    assert checks["C2"].type == "whole" and checks["C2"].formula2 == "6" and checks["C2"].allow_blank
    assert checks["D14:F17"].type == "decimal" and checks["D14:F17"].prompt == "W1: a number."
    adjacency = next(check for span, check in checks.items() if "J21:L21" in span)
    assert adjacency.type == "list" and adjacency.formula1 == '"0,1"'
    assert "J22" not in adjacency.sqref and "K22" in adjacency.sqref and "L23" in adjacency.sqref
    for check in checks.values():
        assert check.showErrorMessage and check.showInputMessage
        assert len(check.prompt) <= 255 and len(check.error) <= 225 and len(check.promptTitle) <= 32
    assert not any("L14" in check.sqref or "J14" in check.sqref for check in checks.values())


def test_long_texts_are_cut_to_what_excel_takes(tmp_path: Path) -> None:
    region = Region("W" * 60, Role.PARAMETER, 6, 2, np.ones((1, 1)), prompt="p" * 400, note="n " * 500)
    plan = WorkbookPlan("R&D " * 100, (SheetPlan("Canvas", "t", (region,), ()),), (), "", ())
    write(plan, tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx")["Canvas"]
    check = sheet.data_validations.dataValidation[0]
    assert len(check.prompt) == 255 and len(check.promptTitle) == 32
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        footer = re.search(r"<oddFooter>(.*?)</oddFooter>", archive.read("xl/worksheets/sheet1.xml").decode())
    assert footer and len(footer[1].replace("&amp;", "&")) <= 255 and "R&amp;&amp;D" in footer[1]


def test_notes_links_and_page(path: Path, canvas: Worksheet) -> None:
    assert canvas["J14"].comment.text.startswith("Z1 = W1 @ X + b1\n")
    assert canvas["B6"].hyperlink.location == "'Steps'!A1" and canvas["D20"].hyperlink is None
    steps = load_workbook(path)["Steps"]
    assert steps["F4"].hyperlink.location == "'Canvas'!J14"
    assert steps.freeze_panes == "A4" and steps["E6"].value.startswith("=Each") and steps["E6"].data_type == "s"
    assert canvas.freeze_panes == "A6" and canvas.page_setup.orientation == "landscape"
    assert steps.page_setup.fitToWidth == 1 and steps.page_setup.fitToHeight == 0
    assert steps.sheet_properties.pageSetUpPr.fitToPage and not canvas.sheet_view.showGridLines
    assert canvas.print_title_rows == "$1:$5" and canvas.print_area


def test_columns_are_measured_in_the_default_font(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        styles = archive.read("xl/styles.xml").decode()
    assert '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0"' in styles
    assert re.search(r'<font><name val="Arial"/>(?:(?!</font>).)*<sz val="10"/></font>', styles).start() < 200


def test_pages_break_between_regions(canvas: Worksheet, path: Path) -> None:
    assert not canvas.sheet_properties.pageSetUpPr.fitToPage and 50 < canvas.page_setup.scale <= 100
    breaks = [each.id for each in canvas.row_breaks.brk]
    sheet = layer().sheets[0]
    spans = [(r.row, r.row + r.height - 1) for r in sheet.regions]
    spans += [(chart.row, chart.row + measure.CHART_ROWS - 1) for chart in sheet.charts]
    assert breaks and not any(first <= row < last for row in breaks for first, last in spans)
    more = load_workbook(path)["More"]
    assert more.page_setup.fitToHeight == 1 and not more.row_breaks.brk


def test_the_head(canvas: Worksheet, path: Path) -> None:
    assert canvas["B1"].value == "By hand & eye" and canvas["C2"].value is None
    assert canvas["E2"].value.startswith("=IF(ISNUMBER($C$2)")
    captions = [cell.value for row in canvas["A3:Z5"] for cell in row if isinstance(cell.value, str)]
    assert {" input", " linked copy", " gradient"} <= set(captions)
    more = load_workbook(path)["More"]
    assert more["C2"].value == "=IF('Canvas'!$C$2=\"\",\"\",'Canvas'!$C$2)"


def test_the_walkthrough_says_what_the_step_does(path: Path, tmp_path: Path) -> None:
    import ironcalc

    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    for step, words in ((2, "Negatives become 0."), (99, "There is no step 99; the last one is 6.")):
        model.set_user_input(0, 2, 3, str(step))
        model.evaluate()
        assert model.get_cell_value(0, 2, 5) == words
        assert model.get_cell_value(1, 2, 5) == words


def test_no_number_is_wider_than_its_column(canvas: Worksheet) -> None:
    sheet = layer().sheets[0]
    widths = dict(sheet.widths)
    for region in sheet.regions:
        for (_, j), value in np.ndenumerate(region.values):
            assert measure.column_width(value) <= widths.get(region.column + j, measure.COLUMN_WIDTH) + 0.3, region.name


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


def graph(n: int) -> WorkbookPlan:
    adjacency = Region("Adj", Role.ADJACENCY, 6, 2, np.zeros((n, n)), switch=True)
    picture = GraphPicture("G", 6, n + 4, tuple(map(str, range(n))), ((0.5, 0.5),) * n, "Adj", None)
    return WorkbookPlan("t", (SheetPlan("Canvas", "t", (adjacency,), (), (picture,)),), (), "", ())


def test_graphs_stay_inside_the_limit_of_series(tmp_path: Path) -> None:
    for n, series in ((1, 2), (5, 10), (124, 248), (125, 125), (248, 248)):
        write(graph(n), tmp_path / "a.xlsx")
        with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
            assert archive.read("xl/charts/chart1.xml").count(b"<ser>") == series
    with pytest.raises(LimitError, match="248 nodes"):
        write(graph(249), tmp_path / "b.xlsx")


def test_a_node_is_in_exactly_one_class(path: Path) -> None:
    sheet = load_workbook(path, data_only=True)["Chart data"]
    captions = {cell.value: cell.column for cell in sheet[3] if cell.value}
    found = {
        name: [sheet.cell(r, captions[name]).value for r in (4, 5, 6)]
        for name in ("very unlikely", "unlikely", "neutral", "likely", "very likely")
    }
    assert found["very unlikely"] == [0.2, "#N/A", "#N/A"] and found["very likely"] == ["#N/A", 0.9, "#N/A"]
    assert found["neutral"] == ["#N/A", "#N/A", 0.3] and found["likely"] == found["unlikely"] == ["#N/A"] * 3


def test_charts_show_their_axes(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        bars, _, lines = (archive.read(f"xl/charts/chart{k}.xml").decode() for k in (1, 2, 3))
    assert bars.count('<delete val="0"/>') == lines.count('<delete val="0"/>') == 2


def test_too_many_series(tmp_path: Path) -> None:
    regions = (Region("Z", Role.INPUT, 6, 2, np.ones((1, 1))),)
    bars = Bars("B", 8, 2, (("s", "Z"),) * 256, ("a",))
    plan = WorkbookPlan("t", (SheetPlan("Canvas", "t", regions, (), (bars,)),), (), "", ())
    with pytest.raises(LimitError, match="256 series"):
        write(plan, tmp_path / "a.xlsx")
