"""A page of small exercises: each frame judges its own cells, and no answer is in the file."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ironcalc
import numpy as np
import openpyxl
import pytest
from by_specs import ROOT
from exercises_solved import checks, empty_cells
from typer.testing import CliRunner

import sheetgen
from sheetgen.cmd import cli
from sheetgen.errors import SpecError
from sheetgen.layout.plan import Region, WorkbookPlan
from sheetgen.pages import ExercisePage
from sheetgen.proof.engines import Values, get
from sheetgen.spec.source import Source

PATHS = sorted((ROOT / "specs" / "exercises").glob("*.yaml"))
TWO = """\
title: Two
about: Without a calculator.
exercises:
- title: First
  matrices:
    a: {role: input, value: [1, -2]}
  steps: [c = 2 * a, C = relu(c), d = c + C]
  exercise: {blank: [c, C]}
- title: Second
  about: a rule
  matrices:
    a: {role: input, value: [1, 3]}
  steps: [c = a / 3]
  exercise: {blank: c, round: 3}
"""


def page_of(text: str = TWO) -> ExercisePage:
    return sheetgen.exercises_text(text)


def warm_up() -> ExercisePage:
    return sheetgen.exercises(PATHS[0])


def blanks(plan: WorkbookPlan) -> list[Region]:
    return [region for region in plan.sheets[0].regions if empty_cells(region)]


def states(page: ExercisePage, values: Values) -> list[object]:
    """What each frame says."""
    labels = [label for label in page.plan.sheets[0].labels if label.formula and label.style == "key"]
    return [values.value("Canvas", label.row, label.column) for label in labels]


@pytest.mark.parametrize("engine", ["ironcalc", pytest.param("libreoffice", marks=pytest.mark.libreoffice)])
def test_blank_and_filled_in(engine: str, tmp_path: Path) -> None:
    page = warm_up()
    files = [page.save(tmp_path / "blank.xlsx"), page.save_key(tmp_path / "key.xlsx")]
    blank, key = get(engine).recalculate(files)
    judged = checks(page.plan)
    assert len(judged) == page.cells == 33
    assert all(blank.value(*cell) in (None, "") for cell in judged.values())
    assert all(key.value(*cell) == 1 for cell in judged.values())
    assert (states(page, blank), states(page, key)) == (["NOT YET"] * 10, ["DONE"] * 10)
    assert (blank.value("Canvas", 3, 1), key.value("Canvas", 3, 1)) == (0, 10)
    for values in (blank, key):
        assert not [text for sheet in values.sheets.values() for text in sheet.texts.values() if text.startswith("#")]


def test_the_numbers_of_the_exercises() -> None:
    key = {region.key: region.values.tolist() for region in warm_up().key.sheets[0].regions}
    assert [key[name] for name in ("1_c", "2_C", "3_W", "4_z", "6_p")] == [
        [[4]], [[1, 8, 6], [-1, 13, 15], [-3, 0, 6]], [[2, -3], [1, 4]], [[1], [1]], [[0.42, 0.42, 0.16]],
    ]  # fmt: skip
    assert [key[name] for name in ("5_A", "7_L", "8_dW", "9_dz", "10_W_new")] == [
        [[3, 0, 0], [0, 4, 0]], [[0.69]], [[1, 1.5], [-2, -3]], [[0.5, 0], [0, -0.5]], [[0.8, -1.9], [0.5, -0.3]],
    ]  # fmt: skip


def test_what_previews_show_of_the_key_is_what_it_comes_to(tmp_path: Path) -> None:
    for page in (warm_up(), page_of()):
        path = page.save_key(tmp_path / "key.xlsx")
        shown = openpyxl.load_workbook(path, data_only=True)
        values = get("ironcalc").recalculate([path])[0]
        for sheet in page.key.sheets:
            cells = [cell for row in shown[sheet.title].iter_rows() for cell in row if cell.value not in (None, "")]
            assert len(cells) > 10
            for cell in cells:
                found = values.value(sheet.title, cell.row, cell.column)
                assert found == pytest.approx(cell.value) if isinstance(cell.value, float) else found == cell.value


def test_a_wrong_number_turns_its_own_frame(tmp_path: Path) -> None:
    """Each blank cell in turn, with a number and with a text: all other frames stay done."""
    page = warm_up()
    path = page.save_key(tmp_path / "key.xlsx")
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    labels = [label for label in page.plan.sheets[0].labels if label.formula and label.style == "key"]
    tried = 0
    for region in blanks(page.key):
        for i, j in empty_cells(region):
            row, column = int(region.row + i), int(region.column + j)
            right = float(region.values[i, j])
            for wrong in (str(right + 0.5), "'so"):
                model.set_user_input(0, row, column, wrong)
                model.evaluate()
                said = [model.get_cell_value(0, label.row, label.column) for label in labels]
                own = int(region.key.split("_")[0]) - 1
                assert said == ["LOOK AGAIN" if k == own else "DONE" for k in range(10)], region.name
                assert model.get_cell_value(0, 3, 1) == 9
            model.set_user_input(0, row, column, repr(right))
            tried += 1
    assert tried == page.cells


def test_no_answer_is_in_the_file(tmp_path: Path) -> None:
    page = warm_up()
    path = page.save(tmp_path / "page.xlsx")
    book = openpyxl.load_workbook(path)
    assert {sheet.title: sheet.sheet_state for sheet in book} == {"Canvas": "visible", "Check": "hidden"}
    cached = openpyxl.load_workbook(path, data_only=True)
    for title, row, column in checks(page.plan):
        assert book[title].cell(row, column).value is None
        assert cached["Check"].cell(row, column).value in (None, "")
    with zipfile.ZipFile(path) as file:
        assert not [part for part in file.namelist() if "chart" in part or "comments" in part]
        text = "".join(file.read(part).decode() for part in file.namelist() if part.endswith(".xml"))
    for region in blanks(page.plan):
        key = next(each for each in page.key.sheets[0].regions if each.key == region.key)
        for value in np.unique(key.values[key.values != np.round(key.values, 1)]):
            assert repr(float(value)) not in re.sub(r"<f>.*?</f>", "", text), region.name
    assert "0.69" not in re.sub(r"<f>.*?</f>", "", text) and "6.44" not in text


def test_what_is_white_waits_in_its_frame(tmp_path: Path) -> None:
    page = page_of()
    assert (page.titles, page.cells, page.round) == (("First", "Second"), 6, 3)
    path = page.save(tmp_path / "page.xlsx")
    d = next(region for region in page.plan.sheets[0].regions if region.key == "1_d")
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    assert model.get_cell_value(0, d.row, d.column) == ""
    for region, numbers in zip(blanks(page.plan), ("24", "20", "11"), strict=True):
        for i, number in enumerate(numbers):
            sign = "-" if region.key == "1_c" and i else ""
            model.set_user_input(0, region.row + i, region.column, sign + number)
    model.evaluate()
    assert [model.get_cell_value(0, d.row + i, d.column) for i in (0, 1)] == [4, -4]
    assert model.get_cell_value(0, 3, 1) == 1


CELLS = """\
title: Cells
exercises:
- title: Two of four
  matrices: {a: {role: input, value: [[1, 2], [3, 4]]}, b: {role: input, value: [[1, 0], [2, 1]]}}
  steps: [c = a @ b, d = 2 * c]
  exercise: {blank: ["c[0, 0]", "c[1, 1]", d]}
- title: What was it?
  matrices: {W: {role: parameter, value: [[2, -3], [1, 4]]}, x: {role: input, value: [5, 2]}}
  steps: [z = W @ x, r = relu(z)]
  exercise: {blank: ["W[0, 1]", "x[0, 0]"]}
"""


def typed_into(page: ExercisePage, path: Path, numbers: dict[tuple[str, int, int], str]) -> Any:
    """IronCalc's model of the blank page in which `numbers` are typed, by key, row and column."""
    model = ironcalc.load_from_xlsx(str(page.save(path)), "en", "UTC", "en")
    regions = {region.key: region for region in page.plan.sheets[0].regions}
    for (key, i, j), number in numbers.items():
        model.set_user_input(0, regions[key].row + i, regions[key].column + j, number)
    model.evaluate()
    return model


def test_single_cells(tmp_path: Path) -> None:
    """c = [[5, 2], [11, 4]]: two cells stand there, two are empty and open, and d waits for them."""
    page = page_of(CELLS)
    assert page.cells == 8
    c, d = (next(region for region in page.plan.sheets[0].regions if region.key == key) for key in ("1_c", "1_d"))
    sheet = openpyxl.load_workbook(page.save(tmp_path / "page.xlsx"))["Canvas"]
    grid = [[sheet.cell(c.row + i, c.column + j) for j in (0, 1)] for i in (0, 1)]
    assert [[cell.protection.locked for cell in row] for row in grid] == [[False, True], [True, False]]
    assert grid[0][0].value is grid[1][1].value is None and grid[0][1].value is not None
    assert grid[0][0].fill.start_color.rgb == sheet.cell(d.row, d.column).fill.start_color.rgb != "00000000"
    assert grid[0][1].fill.start_color.rgb != grid[0][0].fill.start_color.rgb and not grid[0][1].font.italic
    said = {check.promptTitle: str(check.sqref) for check in sheet.data_validations.dataValidation}
    assert said["1: c"].split() == [grid[0][0].coordinate, grid[1][1].coordinate]
    model = typed_into(page, tmp_path / "one.xlsx", {("1_c", 0, 0): "5"})
    shown = [[model.get_cell_value(0, c.row + i, c.column + j) for j in (0, 1)] for i in (0, 1)]
    assert shown == [[5, 2], [11, None]] or shown == [[5, 2], [11, ""]]
    right = {("1_c", 0, 0): "5", ("1_c", 1, 1): "4"}
    doubled = {("1_d", i, j): str(2 * n) for (i, j), n in np.ndenumerate(np.array([[5, 2], [11, 4]]))}
    labels = [label for label in page.plan.sheets[0].labels if label.formula and label.style == "key"]
    for typed, state in ((right | doubled, "DONE"), (right, "NOT YET"), ({**right, ("1_c", 1, 1): "5"}, "LOOK AGAIN")):
        model = typed_into(page, tmp_path / "some.xlsx", typed)
        assert model.get_cell_value(0, labels[0].row, labels[0].column) == state


@pytest.mark.parametrize(
    ("numbers", "state"),
    [
        (("-3", "5"), "DONE"), (("-3", ""), "NOT YET"), (("", "5"), "NOT YET"), (("3", "5"), "LOOK AGAIN"),
        (("-3", "4"), "LOOK AGAIN"), (("so", "5"), "LOOK AGAIN"), (("", ""), "NOT YET"), (("=1-4", "5"), "DONE"),
    ],
)  # fmt: skip
def test_a_factor_is_found_from_its_product(numbers: tuple[str, str], state: str, tmp_path: Path) -> None:
    """z = [[2, ?], [1, 4]]·[?, 2] = [4, 13] stands there as numbers, and each typed number is judged by what the
    product then comes to."""
    page = page_of(CELLS)
    typed = {("2_W", 0, 1): numbers[0], ("2_x", 0, 0): numbers[1]}
    model = typed_into(page, tmp_path / "page.xlsx", {at: number for at, number in typed.items() if number})
    label = [label for label in page.plan.sheets[0].labels if label.formula and label.style == "key"][1]
    assert model.get_cell_value(0, label.row, label.column) == state
    z = next(region for region in page.plan.sheets[0].regions if region.key == "2_z")
    assert z.formulas is z.block is None and z.values.tolist() == [[4], [13]]
    sheet = openpyxl.load_workbook(tmp_path / "page.xlsx")["Canvas"]
    assert [sheet.cell(z.row + i, z.column).value for i in (0, 1)] == [4, 13]
    assert sheet.cell(z.row, z.column).protection.locked


def test_a_missing_factor_is_nowhere_in_the_file(tmp_path: Path) -> None:
    """8.25 in W; nor is 6.125 + 2·2 = 10.125 in c, of which single cells are empty."""
    text = CELLS.replace("-3", "8.25").replace("value: [[1, 2]", "value: [[6.125, 2]")
    page = page_of(text)
    numbers = {region.key: region.values for region in page.key.sheets[0].regions}
    assert numbers["2_W"][0, 1] == 8.25 and numbers["2_z"].tolist() == [[26.5], [13]]
    assert numbers["1_c"][0, 0] == pytest.approx(10.125, abs=0.01)
    with zipfile.ZipFile(page.save(tmp_path / "page.xlsx")) as file:
        parts = "".join(file.read(part).decode() for part in file.namelist() if part.endswith(".xml"))
    with zipfile.ZipFile(page.save_key(tmp_path / "key.xlsx")) as file:
        key = "".join(file.read(part).decode() for part in file.namelist() if part.endswith(".xml"))
    for answer in ("8.25", "10.1"):
        assert answer in key and answer not in parts


def test_no_two_frames_share_a_name(tmp_path: Path) -> None:
    names = set(openpyxl.load_workbook(page_of().save(tmp_path / "page.xlsx")).defined_names)
    assert {"answer_1_c", "answer_1_C_", "answer_2_c", "student_name", "student_class"} <= names
    assert not [name for name in names if name.startswith(("a", "d")) and not name.startswith("answer_")]


def test_a_prompt_says_which_exercise_it_belongs_to(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(page_of().save(tmp_path / "page.xlsx"))["Canvas"]
    said = [(check.promptTitle, check.prompt) for check in sheet.data_validations.dataValidation]
    assert [title for title, _ in said] == ["1: c", "1: C", "2: c"] and said[2][1].startswith("c = a ÷ 3")


def test_it_prints_on_one_sheet_of_paper(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(warm_up().save(tmp_path / "page.xlsx"))["Canvas"]
    assert (sheet.page_setup.orientation, len(sheet.row_breaks.brk)) == ("portrait", 0)
    assert 10 * sheet.page_setup.scale / 100 >= 7


def cells_of(region: Region) -> Iterator[tuple[int, int]]:
    return ((region.row + i, region.column + j) for i, j in np.ndindex(region.height, region.width))


def test_frames_stand_apart() -> None:
    """Nothing stands on anything else, and each content within the lines of its frame."""
    sheet = warm_up().plan.sheets[0]
    used = [cell for region in sheet.regions for cell in cells_of(region)]
    used += [(label.row, label.column + k) for label in sheet.labels for k in range(label.columns)]
    assert len(used) == len(set(used))
    tops = [(edge.row, edge.column, edge.rows, edge.columns) for edge in sheet.edges if edge.side == "top"]
    assert len(tops) == 10
    for number, (row, column, rows, columns) in enumerate(tops, 1):
        for region in (region for region in sheet.regions if region.key.startswith(f"{number}_")):
            inside = [(r, c) for r, c in cells_of(region) if row + 1 < r < row + rows - 1]
            inside = [(r, c) for r, c in inside if column < c < column + columns - 1]
            assert len(inside) == region.values.size


WIDE = "matrices: {a: {role: input, ones: [1, 20]}}, steps: [b = 2 * a], exercise: {blank: b}"
PLAIN = "matrices: {a: {role: input, value: 1}}\n  steps: [b = 2 * a]\n  exercise: {blank: b}\n"
GOOD = "matrices: {a: {role: input, value: 1}}, steps: [b = 2 * a], exercise: {blank: b}"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("exercises: []\n", 2, "`exercises` is empty"),
        ("exercises:\n", 2, "`exercises` is empty; it should be a list"),
        ("exercises: {a: 1}\n", 2, "`exercises` should be a list"),
        ("exercises:\n- 3\n", 3, "Item 1 of `exercises` is a spec of its own"),
        (f"exercises:\n- {{title: a, {GOOD}}}\n- {{titel: b, {GOOD}}}\n", 4, "Did you mean `title`?"),
        (f"exercises:\n- {{title: a, {GOOD.replace('2 * a', '2 * q')}}}\n", 3, "`q`"),
        (f"exercises:\n- {{title: a, {GOOD.replace('blank: b', 'blank: q')}}}\n", 3, "there is no matrix `q`"),
        (f"exercises:\n- title: a\n  {GOOD.split(', exercise')[0].replace(', steps', chr(10) + '  steps')}\n", 3,
         "Exercise 1 doesn't say what is left empty"),
        (f"exercises:\n- {{title: a, {GOOD}}}\n- {{title: b, {WIDE}}}\n", 4, "This is too wide for a frame"),
        (f"exercises:\n- {{title: a, {GOOD.replace('2 * a', 'a / 70').replace('blank: b', 'blank: b, round: 1')}}}\n",
         3, "round: 1 decimals are too few"),
        (f"exercises:\n- {{title: a, {GOOD}}}\nsteps: [b = 1]\n", 4, "A page of `exercises` has no steps of its own"),
        (f"exercises:\n- title: {'long ' * 9}\n  {PLAIN}", 3,
         "`title` is too long for a frame; about 30 characters fit in."),
        (f"exercises:\n- title: a\n  about: {'long ' * 20}\n  {PLAIN}", 4, "`about` is too long for a frame"),
        (f"exercises:\n- {{title: a, {GOOD}}}\nabuot: b\n", 4, "Did you mean `about`?"),
        (f"exercises:\n- {{title: a, {GOOD.replace('blank: b', 'blank: $b[0, 1]$')}}}\n".replace("$", '"'),
         3, "`b` is 1×1; its rows and columns are counted from 0"),
        (f"exercises:\n- {{title: a, {GOOD.replace('blank: b', 'blank: a')}}}\n", 3, "`a` is given; only"),
        (f"exercises:\n- {{title: a, {GOOD.replace('2 * a', 'relu(-a)').replace('blank: b', 'blank: $a[0, 0]$')}}}\n"
         .replace("$", '"'), 3, "nothing on the page tells which number stands in `a[0, 0]`"),
    ],
)  # fmt: skip
def test_bad_input(text: str, line: int, message: str) -> None:
    with pytest.raises(SpecError, match=re.escape(message)) as error:
        page_of("title: t\n" + text)
    assert (error.value.line, error.value.path) == (line, "spec")


def command(*arguments: str) -> Any:
    return CliRunner().invoke(cli.app, [*arguments])


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = command("exercise", "warm_up", "-o", "out")
    assert result.exit_code == 0 and result.stdout.splitlines() == [
        "out/warm_up-exercise.xlsx: 10 exercises with 33 cells to fill in; 2 decimals",
        "out/warm_up-key.xlsx: the page filled in",
    ]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"warm_up-exercise.xlsx", "warm_up-key.xlsx"}
    told = json.loads(command("exercise", "warm_up", "--json").stdout)
    assert (told["cells"], told["decimals"], told["exercises"][0]) == (33, 2, "Dot product")
    result = command("exercise", "warm_up", "--level", "1", "-o", "other")
    assert result.exit_code == 2 and "leave out --blank, --level, --round and --hints" in result.stderr
    assert not (tmp_path / "other").exists()
    result = command("exercise", "linear", "--level", "1", "--blank", "d")
    assert result.exit_code == 2 and "`blank` and `level` both say what is left empty" in result.stderr
    for name in ("build", "show", "mistake"):
        result = command(name, "warm_up")
        assert result.exit_code == 2 and "This is a page of exercises: `sheetgen exercise`" in result.stderr


def test_a_page_is_no_spec_and_a_spec_no_page() -> None:
    with pytest.raises(SpecError, match="This is a page of exercises: `sheetgen exercise` makes it") as error:
        sheetgen.compile_text(TWO)
    assert error.value.line == 3
    with pytest.raises(SpecError, match="This is no page of exercises"):
        sheetgen.exercises(ROOT / "specs" / "gcn.yaml")
    with pytest.raises(SpecError, match=r"no key `exercises` here. Did you mean `exercise`?"):
        sheetgen.compile_text("title: t\nsteps: [a = 1 + 1]\nexercises: {blank: a}\n")


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_page_of_the_gallery_names_the_schema(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    kind, _, schema = first.partition("$schema=")
    assert kind == "# yaml-language-server: " and (path.parent / schema).resolve().name == "schema.json"
    assert Source(path.read_text(encoding="utf-8"), path.name).root.keys.keys() == {"title", "topic", "exercises"}
