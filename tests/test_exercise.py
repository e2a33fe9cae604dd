"""Exercises: a blank page tells nothing, right numbers are right, a slip is one wrong cell, and no answer is in the
file."""

from __future__ import annotations

import re
import zipfile
from itertools import pairwise
from pathlib import Path

import ironcalc
import numpy as np
import openpyxl
import pytest
from by_specs import GALLERY, PATHS, SPECS, compiled
from exercises_solved import answers, checks, files, made, places, recalculated, slips

import sheetgen
from sheetgen.book import workbook
from sheetgen.cells.reads import moved, reads
from sheetgen.errors import SpecError
from sheetgen.exercise.exercise import Made, exercise, typed
from sheetgen.exercise.moving import with_columns
from sheetgen.exercise.vacate import bare
from sheetgen.ir.exercise import Task
from sheetgen.layout import measure
from sheetgen.layout.plan import Role
from sheetgen.proof.engines import Values, get

NAMES, OTHERS = (
    [path.stem for path in paths if "\ntrain:" not in path.read_text(encoding="utf-8")]
    for paths in (GALLERY, [path for path in SPECS if path not in GALLERY])
)
QUICK = ("linear", "backpropagation", "softmax")
ALL = [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in NAMES]
LESSON = ("Z1", "A1", "dL_dZ3", "dL_dW3")


def holds(task: Made, blank: Values, solved: Values) -> None:
    """Nothing is judged, and nothing that waits is a number, before anything is typed; then everything is right."""
    judged = checks(task.plan)
    assert judged and all(blank.value(*cell) in (None, "") for cell in judged.values())
    assert [cell for cell, check in judged.items() if solved.value(*check) != 1] == []
    for sheet in task.plan.sheets:
        for region in sheet.regions:
            if region.empty is not None and not sheet.hidden:
                found = blank.numbers(sheet.title, region.row, region.column, region.height, region.width)
                assert np.isnan(found[region.empty]).all(), (sheet.title, region.name)
    for values in (blank, solved):
        assert not [text for sheet in values.sheets.values() for text in sheet.texts.values() if text.startswith("#")]
    total = sum(each.cells for each in task.blanks)
    first = task.plan.sheets[0].title
    assert (blank.value(first, 2, 1), solved.value(first, 2, 1)) == (0, total)
    assert (solved.value(first, 3, 2)) == "All right. Well done."


@pytest.mark.parametrize("name", [*ALL, *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)])
def test_blank_and_solved(name: str, tmp_path: Path) -> None:
    task = made(name, "all")
    holds(task, *recalculated(get("ironcalc"), task, tmp_path))


@pytest.mark.parametrize("blank", ["forward", "backward"])
def test_a_part_of_a_page(blank: str, tmp_path: Path) -> None:
    task = made("backpropagation", blank)
    holds(task, *recalculated(get("ironcalc"), task, tmp_path))


def test_one_formula_for_a_whole_matrix(tmp_path: Path) -> None:
    text = (PATHS["backpropagation"]).read_text(encoding="utf-8") + "\nformulas: blocks\n"
    whole = sheetgen.compile_text(text)
    task = exercise(whole.plan, whole.program, whole.values, Task(("Z1", "dL_dW2")))
    holds(task, *recalculated(get("ironcalc"), task, tmp_path))


@pytest.mark.parametrize("name", ["backpropagation", "gcn", "self_attention"])
@pytest.mark.parametrize("engine", ["libreoffice"])
def test_blank_and_solved_there_as_well(name: str, engine: str, tmp_path: Path) -> None:
    task = made(name, "all")
    holds(task, *recalculated(get(engine), task, tmp_path))


@pytest.mark.parametrize("name", ALL)
def test_whoever_goes_on_rightly_after_a_slip_has_one_wrong_cell(name: str, tmp_path: Path) -> None:
    task = made(name, "all")
    model = ironcalc.load_from_xlsx(str(files(task, tmp_path)[1]), "en", "UTC", "en")
    sheets = [sheet["name"] for sheet in model.get_worksheets_properties()]
    right, where, judged = answers(task), places(task), checks(task.plan)
    tried = slips(name, task)
    assert len(tried) > 0.9 * len(right)
    for (key, i, j), numbers in tried:
        changed = [(each, a, b) for each in right for a, b in np.argwhere(numbers[each] != right[each])]
        for typing in (numbers, right):
            if typing is right:
                model.evaluate()
                wrong = {cell: model.get_cell_value(sheets.index(title), row, column)
                         for cell, (title, row, column) in judged.items()}  # fmt: skip
            for each, a, b in changed:
                title, region = where[each]
                at = (sheets.index(title), int(region.row + a), int(region.column + b))
                model.set_user_input(*at, repr(float(typing[each][a, b])))
        title, region = where[key]
        assert {cell: value for cell, value in wrong.items() if value != 1} == {
            (title, region.row + i, region.column + j): 0
        }, key


@pytest.mark.parametrize("name", ALL)
def test_no_answer_is_in_the_file(name: str, tmp_path: Path) -> None:
    """Neither as a number behind a formula, nor in any text or chart; formulas of blanks are gone from their cells."""
    task = made(name, "all")
    path = files(task, tmp_path)[0]
    with zipfile.ZipFile(path) as file:
        assert not [part for part in file.namelist() if "chart" in part or "comments" in part]
        text = "".join(file.read(part).decode() for part in file.namelist() if part.endswith(".xml"))
    for each in task.blanks:
        for place in each.places:
            for value in place.region.values.ravel().tolist():
                if value != round(value, 3):
                    assert repr(value)[:8] not in re.sub(r"<f>.*?</f>", "", text), each.matrix
    book = openpyxl.load_workbook(path)
    visible = {sheet.title for sheet in book if sheet.sheet_state == "visible"}
    assert visible <= {"Canvas", "Gradients", "After the update"}
    for title, row, column in checks(task.plan):
        assert book[title].cell(row, column).value is None


PLAIN = {
    "ABS", "AND", "AVERAGE", "COUNT", "COUNTA", "EXP", "IF", "IFERROR", "ISNUMBER", "ISTEXT", "LN", "MAX", "MIN",
    "MMULT", "NOT", "OR", "RIGHT", "ROUND", "SUM", "TRANSPOSE",
}  # fmt: skip


def test_only_functions_that_every_program_has(tmp_path: Path) -> None:
    """In cells and in looks; a look asks for its own sheet only, and what judges needs no array formula."""
    task = made("backpropagation", "all")
    path = files(task, tmp_path)[0]
    with zipfile.ZipFile(path) as file:
        page, check = (file.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2))
    formulas = re.findall(r"<f[ >].*?</f>|<formula>.*?</formula>", page + check)
    used = {name for formula in formulas for name in re.findall(r"([A-Z][A-Z0-9.]*)\(", re.sub('"[^"]*"', "", formula))}
    assert used <= PLAIN
    conditions = re.findall(r"<formula>(.*?)</formula>", page)
    assert conditions and not [text for text in conditions if "!" in text or len(text) > 1000]
    assert 't="array"' not in check


def test_only_blanks_and_hints_can_be_typed_into(tmp_path: Path) -> None:
    task = made("backpropagation", *LESSON)
    workbook.write(task.plan, tmp_path / "exercise.xlsx")
    book = openpyxl.load_workbook(tmp_path / "exercise.xlsx")
    assert book.security.lockStructure and all(sheet.protection.sheet for sheet in book)
    assert not any(sheet.protection.password for sheet in book)
    assert {sheet.title: sheet.sheet_state for sheet in book} == {"Canvas": "visible", "Check": "hidden"}
    opened = {(c.row, c.column) for row in book["Canvas"].iter_rows() for c in row if not c.protection.locked}
    entries = [r for r in task.plan.sheets[0].regions if r.role is Role.ENTRY]
    fields = {(r.row, r.column + j) for r in entries for j in range(r.width)}
    assert opened == {(row, column) for _, row, column in checks(task.plan)} | fields
    assert [r.name for r in entries if not r.choices] == ["Name", "Class"] and len(entries) == len(LESSON) + 2
    kinds = {check.type for check in book["Canvas"].data_validations.dataValidation}
    assert kinds == {"decimal", "list"}
    for kind in ("answer_", "hint_"):
        assert {name for name in book.defined_names if name.startswith(kind)} == {f"{kind}{name}" for name in LESSON}
    assert {"student_name", "student_class", "exercise_fingerprint"} <= set(book.defined_names)


def lesson(tmp_path: Path, **cells: str) -> tuple[ironcalc.Model, list[str]]:
    """The backpropagation exercise with something typed into cells, recalculated."""
    workbook.write(made("backpropagation", *LESSON).plan, tmp_path / "exercise.xlsx")
    model = ironcalc.load_from_xlsx(str(tmp_path / "exercise.xlsx"), "en", "UTC", "en")
    for cell, text in cells.items():
        model.set_user_input(0, int(cell[1:]), ord(cell[0]) - 64, text)
    model.evaluate()
    return model, [model.get_cell_value(0, 11 + k, 13) for k in range(4)]


@pytest.mark.parametrize(
    ("cells", "marks", "state"),
    [
        ({}, ["", "", "", ""], "Z₁: NOT YET 0/4"),
        ({"L11": "2", "L12": "1"}, ["✓", "✓", "", ""], "Z₁: NOT YET 2/4"),
        ({"L11": "2", "L12": "0"}, ["✓", "✗", "", ""], "Z₁: NOT YET 1/4"),
        ({"L11": "=1+1", "L12": "1", "L13": "-1", "L14": "1.004"}, ["✓", "✓", "✓", "✓"], "Z₁: DONE"),
        ({"L11": "two"}, ["✗", "", "", ""], "Z₁: NUMBER?"),
        ({"L11": "'2,0"}, ["✗", "", "", ""], "Z₁: NUMBER?"),
        ({"L11": "0", "L12": "0", "L13": "0", "L14": "0"}, ["✗", "✗", "✗", "✗"], "Z₁: NOT YET 0/4"),
    ],
)
def test_what_may_be_typed(cells: dict[str, str], marks: list[str], state: str, tmp_path: Path) -> None:
    model, found = lesson(tmp_path, **cells)
    assert (found, model.get_cell_value(0, 11, 3)) == (marks, state)


def test_what_is_white_goes_on_with_typed_numbers(tmp_path: Path) -> None:
    model, _ = lesson(tmp_path, L11="2", L12="1", L13="-1", L14="1", L16="2", L17="1", L18="0")
    assert model.get_cell_value(0, 24, 12) == ""
    assert model.get_cell_value(0, 3, 2) == "Next → A₁: 1 to fill in"
    model.set_user_input(0, 19, 12, "5")
    model.evaluate()
    assert model.get_cell_value(0, 24, 12) == 1 and model.get_cell_value(0, 27, 12) == 8
    assert model.get_cell_value(0, 3, 2) == "Next → A₁: look again at what is struck out or has a ✗"


def test_hints(tmp_path: Path) -> None:
    model, _ = lesson(tmp_path, D11="1")
    assert model.get_cell_value(0, 3, 6).startswith("Z₁ = W₁·X + b₁. Each number of Z₁ is a row of W₁")
    model, _ = lesson(tmp_path, D11="2")
    assert model.get_cell_value(0, 3, 6) == "First: 1·2 + 0·1 + 0·3 + 0 = ?"
    model, _ = lesson(tmp_path, D16="2")
    assert model.get_cell_value(0, 3, 6) == "Fill in Z₁ first."
    model, _ = lesson(tmp_path, D16="2", L11="7")
    assert model.get_cell_value(0, 3, 6) == "First: ReLU(7) = ?"
    assert model.get_cell_value(0, 2, 2) == "of 23 right, hints: 2"


def test_a_look_closer_opens_when_its_matrix_is_right(tmp_path: Path) -> None:
    task = made("gcn", "H1")
    whole = {region.name: region for region in task.plan.sheets[0].regions}
    closer = whole["H1_explained_0"]
    assert closer.empty is not None and closer.empty.all()
    values = get("ironcalc").recalculate(list(files(task, tmp_path)))
    found = [value.numbers("Canvas", closer.row, closer.column, closer.height, 1) for value in values]
    assert np.isnan(found[0]).all() and (found[1][:, 0] == compiled("gcn").values["H1"][:, 0]).all()


def test_more_columns_change_no_number(tmp_path: Path) -> None:
    for name in ("backpropagation", "self_attention"):
        plan = with_columns(bare(compiled(name).plan), 2, (9.0, 4.0))
        workbook.write(plan, tmp_path / "wider.xlsx")
        values = get("ironcalc").recalculate([tmp_path / "wider.xlsx"])[0]
        for sheet in plan.sheets:
            for r in sheet.regions:
                found = values.numbers(sheet.title, r.row, r.column, r.height, r.width)
                np.testing.assert_allclose(found, r.values, atol=1e-9, err_msg=r.name)


def test_formulas_with_more_columns() -> None:
    formula = "IF('Z 1'!$B$2>0,LOG10(C3)&\"D4\",SUM(AA$1:AB$2))*E5E"
    wider = moved(formula, lambda column: column + 3 if column > 2 else column)
    assert wider == "IF('Z 1'!$B$2>0,LOG10(F3)&\"D4\",SUM(AD$1:AE$2))*E5E"
    lower = moved(formula, lambda column: column, lambda row: row + 1)
    assert lower == "IF('Z 1'!$B$3>0,LOG10(C4)&\"D4\",SUM(AA$2:AB$3))*E5E"
    assert [(at.sheet, at.row, at.column, at.height, at.width) for at in reads(formula, "Here")] == [
        ("Z 1", 2, 2, 1, 1), ("Here", 3, 3, 1, 1), ("Here", 1, 27, 2, 2),
    ]  # fmt: skip


def test_as_many_decimals_as_it_takes() -> None:
    assert made("backpropagation", *LESSON).decimals == 2
    assert made("backpropagation", "all").decimals == 3
    with pytest.raises(SpecError, match=r"round: 2 decimals are too few to check `\w+` by; ask for 3"):
        made("backpropagation", "all", decimals=2)


@pytest.mark.parametrize(
    ("blank", "message"),
    [
        ("z1", "there is no matrix `z1`. Did you mean `Z1`?"),
        ("quux", "there is no matrix `quux`. Computed are Z1, A1"),
        ("X", "`X` is given; only what is computed"),
        ("forwards", "Did you mean `forward`?"),
        ("W1[0, 1]", "is a single cell; only a page of `exercises` may ask for one"),
    ],
)
def test_names_that_mean_nothing(blank: str, message: str) -> None:
    with pytest.raises(SpecError, match=re.escape(message)):
        compiled("backpropagation").exercise([blank])


LARGE = """
title: Large
matrices:
  X: {role: input, random: {shape: [9, 9], low: -2, high: 2, seed: 1, decimals: 0}}
steps:
  - values_that_have_a_long_name = X @ X
  - L = sum(values_that_have_a_long_name)
"""


def test_why_there_is_nothing_to_fill_in() -> None:
    large = "`dL_dvalues_that_have_a_long_name` has 81 cells; at most 64 are to be filled in by hand"
    with pytest.raises(SpecError, match=f"nothing to fill in for `backward`: {large}"):
        sheetgen.compile_text(f"{LARGE}loss: L\nbackward: {{wrt: [X]}}\n").exercise("backward")


def test_the_line_of_a_long_name_ends_before_the_hint() -> None:
    plan = sheetgen.compile_text(LARGE.replace("[9, 9]", "[8, 8]")).exercise("forward").plan
    lines = [label.text for label in plan.sheets[0].labels if "NOT YET" in label.text]
    assert lines == ["values_that_…: NOT YET 0/64", "L: NOT YET 0/1"]
    assert measure.text_width(lines[0], 9) <= dict(plan.sheets[0].widths)[3] == 24


LEVELS = ("linear", "backpropagation", "softmax", "gcn", "mlp", "cnn", "lstm", "self_attention")


@pytest.mark.parametrize("name", LEVELS)
def test_levels(name: str) -> None:
    """Each holds the one before it, the first two are beginnings of so many cells, then come all."""
    whole = compiled(name)
    tasks = [exercise(whole.plan, whole.program, whole.values, Task(level=level)) for level in (1, 2, 3, 4)]
    names = [[blank.matrix for blank in task.blanks] for task in tasks]
    for fewer, more in pairwise(names):
        assert [name for name in more if name in fewer] == fewer
    assert names[2:] == [[blank.matrix for blank in made(name, group).blanks] for group in ("forward", "all")]
    assert 4 <= tasks[0].cells <= 10 and 16 <= tasks[1].cells <= 25


def test_levels_begin_at_the_beginning() -> None:
    whole = compiled("backpropagation")
    assert (whole.exercise(level=1).blanks, whole.exercise(level=1).cells) == (("Z1", "A1"), 8)
    assert whole.exercise(level=2).blanks == ("Z1", "A1", "Z2", "A2", "Z3", "S_exp", "S_sum")


def test_levels_of_a_page_of_few_or_large_matrices() -> None:
    text = "title: t\nmatrices:\n  X: {role: input, ones: [4, 4]}\nsteps: [Y = 2 * X, Z = sum(Y)]\n"
    whole = sheetgen.compile_text(text)
    assert [whole.exercise(level=level).blanks for level in (1, 2)] == [("Z",), ("Y", "Z")]
    large = sheetgen.compile_text(text.replace(", Z = sum(Y)", ""))
    assert [large.exercise(level=level).blanks for level in (1, 2, 3, 4)] == [("Y",)] * 4


def test_a_level_of_a_spec() -> None:
    text = "title: t\nmatrices:\n  X: {role: input, value: [1, 2]}\nsteps: [Y = 2 * X, Z = relu(Y)]\nexercise: "
    own = sheetgen.compile_text(text + "{level: 3, hints: false}\n")
    assert (own.exercise().blanks, own.exercise("Y").blanks) == (("Y", "Z"), ("Y",))
    assert sheetgen.compile_text(text + "{blank: Y}\n").exercise(level=4).blanks == ("Y", "Z")
    for said in ("{blank: Y, level: 1}", "{round: 2}"):
        with pytest.raises(SpecError, match="`exercise` says by one of `blank` and `level`") as error:
            sheetgen.compile_text(text + said)
        assert error.value.line == 5
    with pytest.raises(SpecError, match="`level` of `exercise`: `5` is more than 4"):
        sheetgen.compile_text(text + "{level: 5}")
    with pytest.raises(SpecError, match="`blank` and `level` both say"):
        own.exercise("Y", level=1)
    with pytest.raises(SpecError, match="level: `0` is none; there are 1, 2, 3, 4"):
        own.exercise(level=0)


def test_from_python_and_from_the_spec(tmp_path: Path) -> None:
    text = "title: t\nmatrices:\n  X: {role: input, value: [1, 2]}\nsteps: [Y = 2 * X, Z = relu(Y - 3)]\n"
    plain = sheetgen.compile_text(text)
    with pytest.raises(SpecError, match="Which matrices"):
        plain.exercise()
    task = plain.exercise("forward", hints=False)
    assert (task.blanks, task.cells, task.round) == (("Y", "Z_pre", "Z"), 6, 2)
    assert task.save(tmp_path / "t.xlsx").is_file()
    named = sheetgen.compile_text(text + "exercise: {blank: [Z], round: 1}\n")
    assert (named.exercise().blanks, named.exercise().round) == (("Z",), 1)
    assert (named.exercise("Y").blanks, named.exercise(round=3).round) == (("Y",), 3)
    with pytest.raises(SpecError, match="there is no matrix `W`") as error:
        sheetgen.compile_text(text + "exercise: {blank: [W]}\n")
    assert error.value.line == 5
    train = "exercise: {blank: [Z]}\nloss: L\ntrain: {epochs: 2, learning_rate: 0.1}\n"
    with pytest.raises(SpecError, match="`exercise` is about one page"):
        sheetgen.compile_text(text.replace("3)]", "3), L = sum(Z)]") + train)


def test_what_is_typed_stands_in_the_plan() -> None:
    task = made("linear", "forward")
    numbers = answers(task)
    key = next(iter(numbers))
    plan = typed(task, {key: np.full(numbers[key].shape, np.nan)})
    region = next(r for sheet in plan.sheets for r in sheet.regions if r.key == key)
    assert region.empty is not None and region.empty.all() and not region.values.any()
