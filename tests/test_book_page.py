"""A page of bands as the file holds it: grounds, lines, marks, texts, the head."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from by_specs import compiled
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from page_by_hand import page

from sheetgen.book import theme
from sheetgen.book.workbook import write
from sheetgen.layout.plan import Band, Edge, Label, Region, Role, SheetPlan, WorkbookPlan
from sheetgen.proof import engines
from sheetgen.proof.audit import audit
from sheetgen.proof.compare import check


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("page") / "a.xlsx"
    write(page(), target)
    return target


@pytest.fixture(scope="module")
def canvas(path: Path) -> Worksheet:
    return load_workbook(path)["Canvas"]


@pytest.fixture(scope="module")
def second(path: Path) -> Worksheet:
    return load_workbook(path)["Gradients"]


def fill(sheet: Worksheet, ref: str) -> str | None:
    cell = sheet[ref]
    return cell.fill.start_color.rgb[2:] if cell.fill.fill_type else None


def line(sheet: Worksheet, ref: str, side: str) -> tuple[str, str] | None:
    found = getattr(sheet[ref].border, side)
    return (found.style, found.color.rgb[2:]) if found is not None and found.style else None


@pytest.mark.parametrize("engine", list(engines.ENGINES))
def test_engines_compute_what_is_cached(engine: str, path: Path) -> None:
    report = audit(page(), check(page(), path, engines.get(engine)))
    assert report.ok, [str(finding) for finding in report.findings]
    assert report.cells > 500


# Bands


def test_grounds_cover_the_page_and_no_more(canvas: Worksheet) -> None:
    assert [fill(canvas, ref) for ref in ("B20", "F18", "Y21", "Z20", "B30", "F29")] == [
        theme.SHADE, theme.SHADE, theme.SHADE, None, None, None,
    ]  # fmt: skip
    assert fill(canvas, "I12") == fill(canvas, "D12") == theme.WHITE  # matrices stay white on grey
    assert fill(canvas, "I21") == theme.SHADE  # but not the row of ones
    assert fill(canvas, "B12") == fill(canvas, "H13") == theme.SHADE  # nor texts and arrows


def test_a_hairline_begins_each_band(canvas: Worksheet) -> None:
    hairline = ("thin", theme.RULE)
    for row in (6, 11, 22, 33):
        assert [line(canvas, f"{c}{row}", "top") for c in "ABJY"] == [hairline] * 4, row
    assert line(canvas, "J12", "top") is None and line(canvas, "Z11", "top") is None
    assert line(canvas, "M11", "top") == hairline  # it isn't broken by a matrix in its first row


def test_a_large_page_has_styles_of_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sheetgen.book.ground.MOST_CELLS", 100)
    write(page(), tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    rows = dict(re.findall(r'<row r="(\d+)"( s="\d+" customFormat="1")?', xml))
    assert rows["12"] and rows["11"] and rows["22"] and not rows["23"]
    sheet = load_workbook(tmp_path / "a.xlsx")["Canvas"]
    assert fill(sheet, "B12") == theme.SHADE and not sheet["F18"].has_style


def test_rows_have_their_heights_and_may_be_hidden(canvas: Worksheet, second: Worksheet) -> None:
    assert canvas.row_dimensions[12].height == 17.5 and canvas.row_dimensions[1].height == 27
    assert second.row_dimensions[22].height == 7.6 and second.row_dimensions[55].hidden


# Lines


def test_a_rail_is_drawn_along_cells_whatever_stands_there(second: Worksheet) -> None:
    rail = ("medium", theme.HUES[1])
    assert [line(second, f"J{row}", "right") for row in (44, 48, 50)] == [rail] * 3
    assert line(second, "J51", "right") == ("thin", "2E75B6") and line(second, "J44", "top") == rail
    assert line(second, "J49", "left") == ("thin", "2E75B6")  # the matrix beside it keeps its other sides
    assert line(second, "J50", "bottom") == ("thin", theme.HUES[1])  # a light edge
    assert line(second, "J48", "top") == ("thin", theme.RULE)  # nor is the band's hairline lost


def test_a_frame_stands_around_its_cells(second: Worksheet) -> None:
    frame = ("medium", theme.HUES[0])
    assert line(second, "L38", "left") == line(second, "L38", "top") == line(second, "O41", "bottom") == frame
    assert line(second, "M40", "left") != frame and line(second, "O41", "left") is None


def test_gradients_rails_are_blue() -> None:
    assert theme.hue(-1) == theme.GRADIENT_HUE and theme.hue(0) == theme.HUES[0]
    assert theme.hue(1) == theme.hue(len(theme.HUES)) == theme.HUES[1] != theme.hue(2)


def test_a_state_line_is_the_diagonal_of_a_merged_cell(second: Worksheet) -> None:
    border = second["F52"].border
    assert (border.diagonalUp, border.diagonalDown, border.diagonal.style) == (True, False, "medium")
    assert "F52:F53" in {str(each) for each in second.merged_cells.ranges}


# Matrices


def test_columns_and_rows_carry_what_they_meet(canvas: Worksheet, second: Worksheet) -> None:
    bias = theme.LOOKS[Role.BIAS].fill
    assert [fill(canvas, ref) for ref in ("M12", "O12", "P12", "P15")] == [theme.WHITE, theme.WHITE, bias, bias]
    green = theme.LOOKS[Role.ACTIVATION].fill
    assert [fill(second, ref) for ref in ("H39", "I39", "H40", "I41")] == [theme.YELLOW, theme.YELLOW, green, green]


def test_marked_cells_have_a_fill_and_a_dark_edge(second: Worksheet) -> None:
    edge = ("medium", theme.BADGE)
    assert [fill(second, f"I{row}") for row in (43, 44, 45)] == [theme.PICKED] * 3
    assert fill(second, "H44") == "E9E1F4"
    assert line(second, "I43", "top") == line(second, "I44", "left") == line(second, "I45", "bottom") == edge
    assert line(second, "I44", "bottom") != edge


def test_a_panel_has_one_outline(canvas: Worksheet) -> None:
    red, hair = ("medium", theme.RED), ("hair", theme.HAIR)
    assert (line(canvas, "D12", "left"), line(canvas, "F12", "right"), line(canvas, "G12", "left")) == (red, hair, hair)
    assert line(canvas, "G15", "right") == line(canvas, "G15", "bottom") == red
    assert fill(canvas, "G12") == theme.LOOKS[Role.BIAS].fill


def test_a_glued_row_shares_its_line(canvas: Worksheet, second: Worksheet) -> None:
    assert line(canvas, "I40", "bottom") == line(canvas, "I41", "top") == ("thin", theme.LINE)
    assert line(second, "D12", "bottom") == line(second, "D13", "top") == ("thin", theme.LINE)
    assert line(second, "D12", "left") == ("medium", "3F7A2A")


def test_what_is_summed_up_along_an_edge_has_a_ground_of_its_own(canvas: Worksheet) -> None:
    """So that a sum isn't taken for one more row."""
    assert (fill(canvas, "I41"), fill(canvas, "I40")) == ("FBEBDD", "FFFFFF")


def test_a_loss_has_large_digits(canvas: Worksheet) -> None:
    assert (canvas["P48"].font.sz, canvas["M48"].font.sz) == (theme.LARGE, theme.SIZE)


def test_a_large_heat_map_shows_no_digits(second: Worksheet) -> None:
    assert second["D22"].number_format == ";;;" and second["D22"].font.sz == theme.TINY
    scale = next(
        f.rules[0].colorScale for f in second.conditional_formatting if "D22:Q35" in str(f.sqref)
        and f.rules[0].type == "colorScale"
    )  # fmt: skip
    assert [float(point.val) for point in scale.cfvo] == pytest.approx([0, 0.5, 1])
    assert [color.rgb[2:] for color in scale.color] == list(theme.HEATS[Role.ADJACENCY])


def test_pale_terms(second: Worksheet) -> None:
    rules = next(f for f in second.conditional_formatting if str(f.sqref) == "L39:N40").rules
    pale = [rule for rule in rules if rule.formula[0].startswith("AND(L$39=0")]
    assert pale[-1].formula == ["AND(L$39=0,ISNUMBER(L39))"] and pale[0].dxf.numFmt is not None
    assert all(rule.dxf.font.color.rgb == f"FF{theme.PALE}" for rule in pale)


def test_verdicts_are_wrapped(second: Worksheet) -> None:
    assert second["D18"].alignment.wrap_text and second["D18"].font.sz >= 8
    assert second["D18"].value == '="very unlikely"'


# Texts


def test_the_margin(canvas: Worksheet) -> None:
    badge, title, equation, sentence = (canvas[ref] for ref in ("A11", "B11", "B12", "B40"))
    assert (badge.value, badge.font.color.rgb[2:], fill(canvas, "A11")) == ("1", theme.WHITE, theme.BADGE)
    assert (title.font.sz, title.font.b, title.value) == (12, True, "Layer 1")
    assert equation.font.color.rgb[2:] == theme.FORWARD_INK
    assert canvas["B14"].font.color.rgb[2:] == theme.BACKWARD_INK
    assert sentence.alignment.wrap_text and sentence.alignment.vertical == "top"
    assert "B40:B43" in {str(each) for each in canvas.merged_cells.ranges}


def test_the_lines_of_a_sentence_are_those_that_were_measured(tmp_path: Path) -> None:
    """A spreadsheet would fill its cell to the edge, where the next one's border begins; a name has one line."""
    labels = (Label(9, 2, "One line\nand another.", "sentence", rows=2), Label(9, 4, "a\nname", "name"))
    first = page().sheets[0]
    write(replace(page(), sheets=(replace(first, labels=labels),)), tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx")[first.title]
    assert (sheet["B9"].value, sheet["B9"].alignment.wrap_text) == ("One line\nand another.", True)
    assert sheet["D9"].value == "a name"


def test_what_is_said_in_a_look_closer_keeps_off_its_frame(tmp_path: Path) -> None:
    compiled("gcn").save(tmp_path / "gcn.xlsx")
    canvas = load_workbook(tmp_path / "gcn.xlsx")["Canvas"]
    said = [cell for row in canvas.iter_rows() for cell in row if str(cell.value).startswith("Node A adds up the mess")]
    (note,) = [cell for cell in said if cell.font.i]
    assert (note.alignment.horizontal, note.alignment.indent) == ("left", 1)


def test_a_long_arrow_runs_over_empty_cells_up_to_its_box(canvas: Worksheet) -> None:
    assert (canvas["O48"].value, canvas["O48"].alignment.horizontal) == ("——→", "right")
    assert canvas["N48"].value is None
    assert (canvas["V48"].value, canvas["V48"].alignment.horizontal) == ("←——", "left")
    assert canvas["L47"].alignment.horizontal == "center"


def test_a_turn_takes_its_hue_and_a_heading_its_columns(second: Worksheet) -> None:
    assert second["G48"].font.color.rgb[2:] == theme.HUES[1]
    assert "L38:O38" in {str(each) for each in second.merged_cells.ranges}


def test_no_text_prints_below_what_can_be_read(canvas: Worksheet, tmp_path: Path) -> None:
    scale = canvas.page_setup.scale / 100
    assert scale < 0.8
    sizes = {cell.font.sz for row in canvas.iter_rows() for cell in row if cell.value is not None}
    assert min(sizes) * scale >= theme.SMALLEST_PRINT and min(sizes) >= 7
    wide = replace(page().sheets[0], widths=((1, 3.4), (2, 24.0), *((k, 9.0) for k in range(3, 26))))
    write(replace(page(), sheets=(wide,)), tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx")["Canvas"]
    assert sheet["I16"].value == "ReLU ↓" and sheet["I16"].font.sz * sheet.page_setup.scale / 100 >= 5.5


# The head


def test_the_head(canvas: Worksheet) -> None:
    assert canvas["A1"].value == "Backpropagation" and "A perceptron of three layers" in canvas["A2"].value
    assert (canvas["A3"].value, canvas["C3"].value) == ("all", "on")
    assert canvas["W1"].value == 0.1 and canvas["V1"].value == "η"
    assert canvas.freeze_panes == "A6" and canvas.print_title_rows == "$5:$5"
    assert {"A1:U1", "A2:Y2"} <= {str(each) for each in canvas.merged_cells.ranges}
    assert canvas["A3"].comment.text.startswith("Type a step's number")


def test_a_further_sheet_has_nothing_to_type_into(second: Worksheet) -> None:
    assert second["A3"].value == "=IF(ISNUMBER('Canvas'!$A$3),'Canvas'!$A$3,\"\")"
    assert second["C3"].value == "=IF('Canvas'!$C$3=\"off\",\"off\",\"\")"
    assert not {fill(second, "A3"), fill(second, "C3")} & {theme.YELLOW} and second["A3"].comment is None
    assert line(second, "A3", "left") is None


def test_a_title_is_never_cut(tmp_path: Path) -> None:
    sheet = replace(page().sheets[0], heading="A title that is longer than the page: after the update")
    write(replace(page(), sheets=(sheet,)), tmp_path / "a.xlsx")
    same = load_workbook(tmp_path / "a.xlsx")["Canvas"]
    assert same["A1"].font.sz == 20 and same.row_dimensions[1].height == 27
    narrow = replace(sheet, widths=(*((k, 2.0) for k in range(1, 26)),))
    write(replace(page(), sheets=(narrow,)), tmp_path / "b.xlsx")
    broken = load_workbook(tmp_path / "b.xlsx")["Canvas"]
    assert broken["A1"].font.sz == 13 and broken.row_dimensions[1].height > 2 * 13 and broken["A1"].alignment.wrap_text


def test_the_head_is_as_high_as_its_texts_on_a_narrow_page(tmp_path: Path) -> None:
    plan = page()
    narrow = replace(plan.sheets[0], about="word " * 40, widths=(*((k, 1.0) for k in range(1, 26)),))
    long = replace(plan.steps[0], sentence="word " * 60, live=None)
    write(replace(plan, sheets=(narrow,), steps=(long,)), tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx")["Canvas"]
    assert sheet["A2"].alignment.wrap_text and sheet["A2"].font.sz == 9
    assert sheet.row_dimensions[2].height == pytest.approx(3 * 9 * 1.3)
    wide = replace(narrow, about="word " * 20, widths=tuple((k, 8.0) for k in range(1, 26)))
    write(replace(plan, sheets=(wide,), steps=(replace(long, sentence="word " * 20),)), tmp_path / "b.xlsx")
    assert load_workbook(tmp_path / "b.xlsx")["Canvas"].row_dimensions[2].height == 15


def test_a_name_in_the_head_keeps_its_cells(tmp_path: Path) -> None:
    plan = page()
    sheet = replace(plan.sheets[0], about="word " * 40)
    label = Label(2, 20, "a long name", "name", align="right")
    write(replace(plan, sheets=(replace(sheet, labels=(*sheet.labels, label)),)), tmp_path / "a.xlsx")
    merged = [each for each in load_workbook(tmp_path / "a.xlsx")["Canvas"].merged_cells.ranges if each.min_row == 2]
    assert len(merged) == 1 and merged[0].max_col < 19


def test_the_legend_has_a_chip_for_each_role_of_the_sheet(canvas: Worksheet, second: Worksheet) -> None:
    here = [cell.value for cell in canvas[3] if isinstance(cell.value, str)][3:]
    assert here == ["input", "weight", "computed", "activation", "output", "target", "gradient", "new weight",
                    "copy"]  # fmt: skip
    there = [cell.value for cell in second[3] if isinstance(cell.value, str)][3:]
    assert there == ["input", "computed", "activation", "output", "adjacency", "message", "copy"]
    assert canvas["D3"].value is None  # air
    assert fill(canvas, "E3") == theme.YELLOW and line(canvas, "F3", "left") == ("medium", theme.RED)


def test_the_legend_tells_which_cells_are_picked_out(tmp_path: Path) -> None:
    sheet = page().sheets[0]
    first, *others = sheet.regions
    picked = replace(sheet, regions=(replace(first, picked="A1=1"), *others))
    write(replace(page(), sheets=(picked,)), tmp_path / "a.xlsx")
    written = load_workbook(tmp_path / "a.xlsx")["Canvas"]
    (chip,) = (cell for cell in written[3] if cell.value == "picked out")
    assert fill(written, chip.coordinate) == theme.PICKED


@pytest.mark.parametrize(("name", "points"), [("word2vec", 8.0), ("dropout", 7.0), ("seq2seq", 5.5)])
def test_the_legend_widens_no_page_where_smaller_letters_do(name: str, points: float, tmp_path: Path) -> None:
    """They are as large as that allows."""
    plan = compiled(name).plan
    sheet = plan.sheets[0]
    write(plan, tmp_path / "a.xlsx")
    written = load_workbook(tmp_path / "a.xlsx")["Canvas"]
    chips = [cell for cell in written[3] if cell.fill.patternType or cell.border.left.style]
    assert max(chip.column for chip in chips) <= sheet.last_column
    assert {chip.font.sz for chip in chips if chip.column > 3} == {points}


def test_a_legend_goes_around_numbers_in_its_row(tmp_path: Path) -> None:
    sheet = page().sheets[0]
    eta = replace(sheet.regions[0], row=3, column=5)
    write(replace(page(), sheets=(replace(sheet, regions=(eta, *sheet.regions[1:])),)), tmp_path / "a.xlsx")
    cells = load_workbook(tmp_path / "a.xlsx")["Canvas"][3]
    assert [cell.value for cell in cells[2:9] if cell.value] == ["on", 0.1, "input", "weight", "computed"]


def test_the_screen(canvas: Worksheet, tmp_path: Path) -> None:
    assert canvas.sheet_view.zoomScale == 100 and not canvas.sheet_view.showGridLines
    for width, zoom in ((9.0, 85), (20.0, 80)):
        wide = replace(page().sheets[0], widths=((1, 3.4), (2, 24.0), *((k, width) for k in range(3, 26))))
        write(replace(page(), sheets=(wide,)), tmp_path / "a.xlsx")
        assert load_workbook(tmp_path / "a.xlsx")["Canvas"].sheet_view.zoomScale == zoom


# The file


def test_every_colour_is_opaque(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}
    colors = [color for name, xml in parts.items() if "theme" not in name for color in re.findall(r'rgb="(\w+)"', xml)]
    assert len(colors) > 100 and {color[:2] for color in colors} == {"FF"} and {len(color) for color in colors} == {8}


def test_nothing_is_sixty_four_bits_wide_without_need(path: Path) -> None:
    """Local headers with ZIP64 sizes keep some readers from opening the file."""
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            extra = int.from_bytes(data[info.header_offset + 28 : info.header_offset + 30], "little")
            size = int.from_bytes(data[info.header_offset + 18 : info.header_offset + 22], "little")
            assert extra == 0 and size == info.compress_size, info.filename


def test_notes_stand_beside_their_cells_and_only_on_what_is_always_there(tmp_path: Path) -> None:
    regions = (
        Region("X", Role.INPUT, 8, 4, np.ones((2, 2)), note="An input.\nTwo lines."),
        Region("Z", Role.FORWARD, 12, 4, np.ones((1, 1)), (("1",),), step=1, note="A red corner would stay."),
    )
    sheet = SheetPlan("Canvas", "t", regions, (), bands=(Band(6, 14),))
    write(WorkbookPlan("t", (sheet,), (), "", ()), tmp_path / "a.xlsx")
    found = load_workbook(tmp_path / "a.xlsx")["Canvas"]
    assert found["D8"].comment.text == "An input.\nTwo lines." and found["D12"].comment is None
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert {"xl/comments1.xml", "xl/drawings/vmlDrawing1.vml"} <= set(archive.namelist())
        anchor = re.search(r"<x:Anchor>([\d, ]+)</x:Anchor>", archive.read("xl/drawings/vmlDrawing1.vml").decode())
    assert anchor and [int(n) for n in anchor[1].split(",")][::2] == [4, 6, 9, 9]


def test_lines_and_labels_meet_in_one_cell(tmp_path: Path) -> None:
    sheet = SheetPlan("Canvas", "t", (), (Label(8, 3, "◄ +", "function", hue=1),), bands=(Band(6, 9, True),),
                      edges=(Edge(8, 3, 1, 1, "right", -1), Edge(8, 3, 1, 1, "bottom", 2)), last_column=5)  # fmt: skip
    write(WorkbookPlan("t", (sheet,), (), "", ()), tmp_path / "a.xlsx")
    found = load_workbook(tmp_path / "a.xlsx")["Canvas"]
    assert line(found, "C8", "right") == ("medium", theme.GRADIENT_HUE)
    assert line(found, "C8", "bottom") == ("medium", theme.HUES[2])
    assert found["C8"].value == "◄ +" and fill(found, "C8") == theme.SHADE
