"""The step player: later steps vanish without a trace, the current one is marked; LibreOffice draws it so."""

from __future__ import annotations

import re
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from page_by_hand import page

from sheetgen.book import theme
from sheetgen.book.rules import Place, ranges
from sheetgen.book.workbook import write
from sheetgen.cmd.render import render
from sheetgen.layout.plan import Edge, Label, Region, Role, SheetPlan, WorkbookPlan

Rule = tuple[str, Any]
"""A rule's formula and its look."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("player") / "a.xlsx"
    write(page(), target)
    return target


@pytest.fixture(scope="module")
def canvas(path: Path) -> Worksheet:
    return load_workbook(path)["Canvas"]


@pytest.fixture(scope="module")
def second(path: Path) -> Worksheet:
    return load_workbook(path)["Gradients"]


def rules(sheet: Worksheet, ref: str) -> list[Rule]:
    """The rules of a cell, in the order of the file, which is also that of their priorities."""
    return [(rule.formula[0], rule.dxf) for f in sheet.conditional_formatting if ref in f.sqref for rule in f.rules
            if rule.formula]  # fmt: skip


def hiding(sheet: Worksheet, ref: str) -> list[Rule]:
    return [each for each in rules(sheet, ref) if "ISNUMBER($A$3)" in each[0]]


def sides(look: Any) -> dict[str, str | None]:
    return {side: getattr(look.border, side).style for side in ("left", "top", "right", "bottom")}


def test_cells_of_arrows_are_one_range_with_what_stands_beside_them_and_matrices_never() -> None:
    sign, shaft = Place(3, 5, 4, 1, loose=True), Place(3, 6, 4, 2, loose=True)
    assert ranges([shaft, sign]) == ("E3:G6",)
    assert ranges([sign, Place(4, 6)]) == ("E3", "E4:F4", "E5:E6")
    assert ranges([sign, Place(7, 5), Place(2, 5, 1, 3)]) == ("E2:G2", "E3:E7")
    assert ranges([sign, Place(3, 6, 4, 1)]) == ("E3:E6", "F3:F6")
    assert ranges([Place(3, 5, 4, 1), Place(3, 6, 4, 1)]) == ("E3:E6", "F3:F6")


def test_arrows_are_covered_as_their_cells_are_one_by_one() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        places = [Place(*(int(k) for k in each), loose=True) for each in rng.integers(1, 6, (4, 4))]
        cells = [Place(row, column) for p in places for row in range(p.row, p.row + p.height)
                 for column in range(p.column, p.column + p.width)]  # fmt: skip
        assert ranges(places) == ranges(cells)


def test_each_step_hides_all_that_belongs_to_it(canvas: Worksheet) -> None:
    for ref in ("I23", "I22", "H24", "I21"):  # Z2, its caption, an arrow, the row of ones below A1
        assert [formula for formula, _ in hiding(canvas, ref)] == ["AND(ISNUMBER($A$3),3>$A$3)"], ref


def test_what_is_there_from_the_start_is_never_hidden(canvas: Worksheet) -> None:
    for ref in ("D12", "G12", "B12", "A11", "I7", "K47", "E11"):
        assert hiding(canvas, ref) == [], ref


def test_the_switch_hides_gradients_and_all_that_follows_from_them(canvas: Worksheet) -> None:
    for ref, step in (("K34", 9), ("M35", 10), ("K28", 11), ("M23", 13), ("S23", 16), ("Y12", 17), ("K33", 9)):
        (hidden,) = hiding(canvas, ref)
        assert hidden[0] == f'OR($C$3="off",AND(ISNUMBER($A$3),{step}>$A$3))', ref
    assert not any("off" in formula for formula, _ in hiding(canvas, "P48"))


def test_steps_without_a_row_of_their_own_belong_to_the_row_before() -> None:
    assert page().switched_steps == frozenset(range(9, 18))


def test_a_hidden_matrix_looks_like_the_ground(canvas: Worksheet) -> None:
    for ref, color in (("I12", theme.SHADE), ("I23", theme.WHITE)):
        (_, look) = hiding(canvas, ref)[0]
        assert look.fill.bgColor.rgb == look.font.color.rgb == f"FF{color}" and look.numFmt.formatCode == ";;;"
        assert set(sides(look).values()) == {None}


def test_a_hidden_matrix_leaves_the_hairline_of_its_band(canvas: Worksheet) -> None:
    (_, look) = hiding(canvas, "M33")[0]
    assert sides(look) == {"left": None, "top": "thin", "right": None, "bottom": None}
    assert look.border.top.color.rgb == f"FF{theme.RULE}"


def test_a_hidden_text_leaves_fill_and_lines_alone(canvas: Worksheet) -> None:
    (_, look) = hiding(canvas, "I22")[0]
    assert look.fill is None and look.border is None and look.font.color.rgb == f"FF{theme.WHITE}"


def test_where_steps_meet_in_a_cell_the_first_hides_the_later_too(second: Worksheet) -> None:
    """Cell J50: a matrix of step 5 whose right side is a rail of step 4."""
    first, later = hiding(second, "J50")
    assert first[0].startswith("AND(ISNUMBER($A$3),4>") and later[0].startswith("AND(ISNUMBER($A$3),5>")
    assert first[1].numFmt.formatCode == later[1].numFmt.formatCode == ";;;"
    assert sides(first[1])["right"] is None and sides(later[1])["right"] == "medium"


def test_a_hidden_rail_leaves_the_matrix_beside_it_whole(tmp_path: Path) -> None:
    region = Region("Z", Role.FORWARD, 8, 3, np.ones((1, 1)), (("1",),), step=1)
    sheet = SheetPlan("Canvas", "t", (region,), (), edges=(Edge(8, 3, 1, 1, "right", 1, step=2),))
    write(WorkbookPlan("t", (sheet,), (), "", ()), tmp_path / "a.xlsx")
    found = [each for each in rules(load_workbook(tmp_path / "a.xlsx")["Canvas"], "C8") if "ISNUMBER($B$3)" in each[0]]
    assert [formula for formula, _ in found] == ["AND(ISNUMBER($B$3),1>$B$3)", "AND(ISNUMBER($B$3),2>$B$3)"]
    assert set(sides(found[1][1]).values()) == {"thin"} and found[1][1].numFmt is None


def test_hide_rules_come_first_in_ascending_order(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    formulas = re.findall(r"<cfRule [^>]*>(?:<formula>(.*?)</formula>)?", xml)
    hides = [k for k, formula in enumerate(formulas) if "ISNUMBER($A$3)" in formula]
    assert hides == list(range(len(hides))) and len(hides) > 17
    steps = [int(found[1]) for k in hides if (found := re.search(r"(\d+)&gt;\$A\$3", formulas[k]))]
    assert steps == sorted(steps)
    priorities = [int(n) for n in re.findall(r'priority="(\d+)"', xml)]
    assert priorities == list(range(1, len(priorities) + 1))


def test_the_current_step_is_marked(canvas: Worksheet) -> None:
    def fills(ref: str, step: int) -> set[str]:
        return {look.fill.bgColor.rgb[2:] for formula, look in rules(canvas, ref) if f"$A$3={step}" in formula}

    assert fills("I23", 3) == fills("I22", 3) == {theme.COMPUTED}
    assert fills("C24", 3) == fills("I17", 3) == fills("I21", 3) == {theme.OPERAND}
    assert fills("I17", 2) == {theme.COMPUTED} and fills("C23", 2) == set()


def test_marked_numbers_keep_their_form(canvas: Worksheet) -> None:
    """LibreOffice takes only the first look of a cell: so each way of showing numbers comes tinted."""
    marked = [(formula, look) for formula, look in rules(canvas, "I38") if "$A$3=6" in formula]
    assert [look.numFmt and look.numFmt.formatCode for _, look in marked] == ["0.0E+0", "0", "0", "0.0", '"0.00"', None]
    assert marked[-1][0] == "AND($A$3=6,ISNUMBER(A1))"  # so that the title in A1 stays as it is


def test_fills_of_rules_are_background_colours(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        dxfs = archive.read("xl/styles.xml").decode().split("<dxfs")[1]
    fills = re.findall(r"<fill>.*?</fill>", dxfs)
    assert fills and all("<bgColor" in fill and "<fgColor" not in fill for fill in fills)


# In LibreOffice


def lines(path: Path, folder: Path, change: Callable[[Worksheet], None]) -> list[list[str]]:
    """What the first page shows after a change, line by line."""
    book = load_workbook(path)
    change(book["Canvas"])
    book.save(folder / "changed.xlsx")
    (pdf,) = render([folder / "changed.xlsx"], folder, "pdf")
    command = ["pdftotext", "-layout", "-l", "1", str(pdf), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line.split() for line in text.stdout.splitlines() if line.strip()]


def numbers(found: list[list[str]]) -> list[str]:
    """The numbers of the band of layer 1."""
    first = next(k for k, line in enumerate(found) if "Layer" in line and line[0] == "1")
    last = next(k for k, line in enumerate(found) if "Layer" in line and line[0] == "2")
    return [text for line in found[first + 1 : last] for text in line if re.fullmatch(r"-?[\d.]+", text)]


@pytest.mark.libreoffice
def test_libreoffice_draws_the_page_up_to_the_step(path: Path, tmp_path: Path) -> None:
    def step(number: int) -> Callable[[Worksheet], None]:
        return lambda sheet: setattr(sheet["A3"], "value", number)

    weights = ["1", "0", "0", "0", "1", "1", "-1", "1", "1", "0", "-1", "0", "0", "-1", "1", "-1"]
    assert numbers(lines(path, tmp_path, step(0))) == weights
    first = lines(path, tmp_path, step(1))
    assert sorted(numbers(first)) == sorted([*weights, "2", "1", "-1", "1"])  # whole, although they are marked
    head = [" ".join(line) for line in first]
    assert "Row 1 of W1 meets X: 1·2 + … = 2." in head
    assert any(line.startswith("1 ▸ go to 1 gradients ▸ on input weight") for line in head)
    assert not any("∂Z1" in text for line in first for text in line if "," not in text and "=" not in line)
    whole = lines(path, tmp_path, lambda sheet: None)
    assert len(numbers(whole)) > 60


@pytest.mark.libreoffice
def test_libreoffice_hides_gradients_by_the_switch(path: Path, tmp_path: Path) -> None:
    found = lines(path, tmp_path, lambda sheet: setattr(sheet["C3"], "value", "off"))
    assert "new" not in {text for line in found for text in line if line[:1] == ["1"]}
    assert sorted(numbers(found))[-1] == "2" and len(numbers(found)) == 16 + 4 + 4 + 1


def test_the_sentence_and_the_link_follow_the_step(path: Path) -> None:
    import ironcalc

    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    for step, words in ((2, "Negatives become 0."), (12, "The same one layer down."), (13, "The same one layer down."),
                        (15, "=And once more."), (99, "There is no step 99; the last one is 17."),
                        (0, "There is no step 0; the last one is 17.")):  # fmt: skip
        model.set_user_input(0, 3, 1, str(step))
        model.evaluate()
        assert [model.get_cell_value(sheet, 2, 1) for sheet in (0, 1)] == [words, words]
        assert model.get_cell_value(1, 3, 1) == step
        there = f"▸\u00a0go\u00a0to\u00a0{step}" if 0 < step < 18 else "◂\u00a0step"
        assert model.get_cell_value(0, 3, 2) == f"{there} gradients\u00a0▸"
    model.set_user_input(0, 7, 9, "5")  # X
    model.set_user_input(0, 3, 1, "1")
    model.evaluate()
    assert model.get_cell_value(0, 2, 1) == "Row 1 of W1 meets X: 1·5 + … = 5."


def test_a_step_of_several_rows_says_the_first(tmp_path: Path) -> None:
    import ironcalc

    plan = page()
    steps = [replace(step, numbers="2a") if k == 1 else step for k, step in enumerate(plan.steps)]
    more = replace(plan.steps[1], numbers="2b", sentence="Another row.", live=None)
    write(replace(plan, steps=(*steps[:2], more, *steps[2:])), tmp_path / "a.xlsx")
    model = ironcalc.load_from_xlsx(str(tmp_path / "a.xlsx"), "en", "UTC", "en")
    model.set_user_input(0, 3, 1, "2")
    model.evaluate()
    assert model.get_cell_value(0, 2, 1) == "Negatives become 0."


def test_the_cells_of_the_player_take_what_they_should(canvas: Worksheet, second: Worksheet) -> None:
    checks = {str(check.sqref): check for check in canvas.data_validations.dataValidation}
    assert (checks["A3"].type, checks["A3"].formula1) == ("list", "Steps!$F$4:$F$17")
    assert (checks["C3"].type, checks["C3"].formula1, checks["C3"].showErrorMessage) == ("list", '"on,off"', True)
    assert not any(check.showInputMessage for check in checks.values())  # a prompt would cover the sentence
    assert not {"A3", "C3"} & {str(check.sqref) for check in second.data_validations.dataValidation}


def test_without_gradients_there_is_no_switch_and_without_steps_no_player(tmp_path: Path) -> None:
    plan = page()
    forward = tuple(step for step in plan.steps if step.phase == "forward")
    keep = replace(plan.sheets[0], regions=tuple(r for r in plan.sheets[0].regions if r.step < 9), charts=(),
                   labels=tuple(label for label in plan.sheets[0].labels if label.step < 9))  # fmt: skip
    write(replace(plan, sheets=(keep,), steps=forward), tmp_path / "a.xlsx")
    book = load_workbook(tmp_path / "a.xlsx")
    assert book["Canvas"]["C3"].value is None and "Gradients" not in book.defined_names
    assert book.defined_names["Step"].attr_text == "'Canvas'!$A$3"
    write(replace(plan, sheets=(keep,), steps=()), tmp_path / "b.xlsx")
    assert load_workbook(tmp_path / "b.xlsx")["Canvas"]["A2"].value == plan.sheets[0].about


def test_labels_of_a_step_that_is_a_link_stay_text(tmp_path: Path) -> None:
    """LibreOffice can't hide a cell that is a link."""
    labels = (Label(8, 3, "there", "name", link="Canvas!A1"), Label(9, 3, "here", "name", 1, link="Canvas!A1"))
    write(WorkbookPlan("t", (SheetPlan("Canvas", "t", (), labels),), (), "", ()), tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx")["Canvas"]
    assert sheet["C8"].hyperlink.location == "'Canvas'!A1" and sheet["C9"].hyperlink is None
