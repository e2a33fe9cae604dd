"""How returned files are read: numbers as typed, whose they are, and files that are damaged, foreign or hostile."""

from __future__ import annotations

import json
import os
import re
import zipfile
from pathlib import Path, PurePath

import numpy as np
import openpyxl
import pytest
from grade_class import LESSON, TEXT, Student, hand_in, insert_rows, lesson, regions, solved, task

import sheetgen
from sheetgen.errors import SheetgenError
from sheetgen.grade import returned
from sheetgen.grade.grading import NothingToGrade, returned_files
from sheetgen.grade.identity import Identity, identity_of
from sheetgen.grade.numbers import number_of
from sheetgen.grade.report import report
from sheetgen.grade.results import Grade
from sheetgen.grade.tables import spreadsheet


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2", 2), ("2,5", 2.5), (" 2.5 ", 2.5), ("− 0,75", -0.75), ("\u00a01,5\u202f", 1.5), ("'3", 3), ("+4", 4),
        (".5", 0.5), ("5.", 5), ("1e-3", 0.001), ("1.234,5", 1234.5), ("1,234.5", 1234.5), ("1 234,5", 1234.5),
        ("1,234", 1.234), ("1,234,567", 1234567), ("２，５", 2.5), ("1'234.5", 1234.5),
        ("", None), ("two", None), ("1/3", None), ("2;5", None), ("nan", None), ("inf", None), ("1e999", None),
        ("--2", None), ("0x10", None), ("1_000", None), ("=1+1", None), ("1,2,3", None), ("9" * 50, None),
        ("2 5", None),
    ],
)  # fmt: skip
def test_numbers_as_people_type_them(text: str, number: float | None) -> None:
    assert number_of(text) == number


@pytest.mark.parametrize(
    ("path", "identity"),
    [
        ("doejane_123_456_lesson-exercise.xlsx", Identity("doejane", "123")),
        ("doejane_LATE_123_456_my file_2.xlsx", Identity("doejane", "123")),
        ("Jane Doe_789_assignsubmission_file_/lesson.xlsx", Identity("Jane Doe", "789")),
        ("Jane Doe_789_assignsubmission_file_lesson.xlsx", Identity("Jane Doe", "789")),
        ("Jane_Anne Doe_789_assignsubmission_file/a_1_2_b.xlsx", Identity("Jane_Anne Doe", "789")),
        ("group A/Jane Doe.xlsx", Identity("Jane Doe", "")),
        ("lesson_2026.xlsx", Identity("lesson_2026", "")),
    ],
)
def test_whose_a_file_is(path: str, identity: Identity) -> None:
    assert identity_of(PurePath(path)) == identity


def only(folder: Path) -> Grade:
    results = task().grade(folder).results
    assert len(results) == 1
    return results[0]


def refusal(folder: Path) -> str:
    result = only(folder)
    assert not result.boxes and result.points == 0
    return result.problem


def put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def changed(source: Path, target: Path, part: str, change: tuple[str, str]) -> Path:
    """A copy of a workbook in which one text of a part is another."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name).decode()
            if name == part:
                assert re.search(change[0], data)
                data = re.sub(change[0], change[1], data, count=1)
            new.writestr(name, data)
    return target


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.xlsx", b"", "It is not an Excel workbook (.xlsx), or it is damaged."),
        ("a.xlsx", b"PK\x03\x04 nonsense", "It is not an Excel workbook (.xlsx), or it is damaged."),
        ("a.ods", b"PK", ".ods is not read; open it and save it as .xlsx (File, Save as)."),
        ("a.XLSM", b"PK", ".xlsm is not read; open it and save it as .xlsx (File, Save as)."),
        ("a.zip", b"PK", "It is packed; unpack it first."),
    ],
)
def test_files_that_are_no_workbooks(name: str, data: bytes, message: str, tmp_path: Path) -> None:
    put(tmp_path / "in" / name, data)
    assert refusal(tmp_path / "in") == message


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = put(tmp_path / "in" / "a.xlsx", b"")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<a/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(200_000_000))
    assert refusal(tmp_path / "in") == "The workbook is refused, because it would unpack to 200 MB."


def test_a_large_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(Student(solved()), tmp_path / "in" / "a.xlsx")
    monkeypatch.setattr(returned, "MOST_UNPACKED", 10_000)
    assert "it would unpack to" in refusal(tmp_path / "in")


def test_what_takes_long_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither many cells nor a name with a text that is slow to search."""
    path = hand_in(Student(solved()), tmp_path / "in" / "a.xlsx")
    quotes = "'" * 1_000_000
    part, name = "xl/workbook.xml", r'(<definedName name="answer_A1"[^>]*>)[^<]*'
    changed(path, tmp_path / "quotes" / "a.xlsx", part, (name, rf"\g<1>{quotes}"))
    assert refusal(tmp_path / "quotes").startswith("The name answer_A1 is gone")
    monkeypatch.setattr(returned, "SECONDS", -1.0)
    assert "seconds to be read" in refusal(tmp_path / "in")


def test_entities_are_not_resolved(tmp_path: Path) -> None:
    """Neither a file of this computer gets into a name, nor does an entity that unfolds a thousandfold."""
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    path = hand_in(Student(solved()), tmp_path / "x" / "a.xlsx", "NAME")
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]><sst'
    one = changed(path, tmp_path / "one.xlsx", "xl/sharedStrings.xml", ("<sst", entity))
    changed(one, tmp_path / "in" / "a.xlsx", "xl/sharedStrings.xml", ("NAME", "&e;"))
    assert "secret" not in only(tmp_path / "in").student


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = hand_in(Student(solved()), tmp_path / "outside" / "a.xlsx")
    (tmp_path / "in").mkdir()
    os.symlink(outside, tmp_path / "in" / "link.xlsx")
    os.symlink(outside.parent, tmp_path / "in" / "folder")
    assert refusal(tmp_path / "in") == "It is a link to another place, which is not followed."


def test_formulas_do_nothing_but_calculate(tmp_path: Path) -> None:
    """What asks for the web, for a program or for another file is no number."""
    asked = iter(['=WEBSERVICE("http://localhost:9/")', "=cmd|'/c calc'!A1", "='[other.xlsx]Sheet1'!A1"])
    hand_in(Student(solved(), lambda x: next(asked, x)), tmp_path / "in" / "a.xlsx")
    result = only(tmp_path / "in")
    assert result.problem == "" and result.boxes[0].right == 0 and result.boxes[0].wrong == 3


def test_an_endless_formula_stops_nothing(tmp_path: Path) -> None:
    at = regions()["Z1"]
    circle = f"=L{at.row}+1" if at.column == 12 else f"={openpyxl.utils.get_column_letter(at.column)}{at.row}+1"
    hand_in(Student(solved(), lambda x: circle if x == solved()["Z1"][0, 0] else x), tmp_path / "in" / "a.xlsx")
    result = only(tmp_path / "in")
    assert result.problem == "" and result.boxes[0].right == 2


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (TEXT, {"blank": ["Z1", "A1"]}, "another exercise of this spec"),
        (TEXT, {"round": 3}, "another exercise of this spec"),
        (TEXT.replace("learning_rate: 0.3", "learning_rate: 0.2"), {}, "of another spec"),
        (TEXT.replace("relu", "tanh"), {}, "of another spec"),
    ],
)
def test_another_exercise_is_refused(text: str, options: dict[str, object], message: str, tmp_path: Path) -> None:
    sheetgen.compile_text(text).exercise(**options).save(tmp_path / "in" / "a.xlsx")  # type: ignore[arg-type]
    assert message in refusal(tmp_path / "in")


def test_words_and_looks_of_a_spec_may_change(tmp_path: Path) -> None:
    other = TEXT.replace("A lesson", "Another title").replace("steps:", "about: new\nsteps:")
    sheetgen.compile_text(other).exercise().save(tmp_path / "in" / "a.xlsx")
    assert only(tmp_path / "in").problem == ""


def test_the_key_is_no_exercise(tmp_path: Path) -> None:
    lesson().save(tmp_path / "in" / "key.xlsx")
    assert refusal(tmp_path / "in") == "It isn't this exercise: the workbook has no fingerprint."


def test_cells_that_are_gone(tmp_path: Path) -> None:
    def forget(book: openpyxl.Workbook) -> None:
        del book.defined_names["answer_A1"]

    def delete(book: openpyxl.Workbook) -> None:
        book.defined_names["answer_A1"].attr_text = "Canvas!#REF!"

    def shrink(book: openpyxl.Workbook) -> None:
        book.defined_names["answer_A1"].attr_text = "Canvas!$L$16:$L$17"

    def stretch(book: openpyxl.Workbook) -> None:
        book.defined_names["answer_A1"].attr_text = "Canvas!$A$1:$XFD$1048576"

    said = []
    for number, after in enumerate((forget, delete, shrink, stretch)):
        hand_in(Student(solved(), after=after), tmp_path / "in" / f"{number}.xlsx")
    said = [result.problem for result in task().grade(tmp_path / "in").results]
    assert said == [
        "The name answer_A1 is gone from the workbook, by which its cells are found.",
        "The cells of A₁ are gone.",
        "The cells of A₁ have changed: 2×1 instead of 3×1.",
        "The cells of A₁ have changed: 1048576×16384 instead of 3×1.",
    ]


def test_a_row_within_a_matrix(tmp_path: Path) -> None:
    """As a spreadsheet does it, the name gets longer; the empty row is left out."""
    at = regions()["Z1"]

    def within(book: openpyxl.Workbook) -> None:
        insert_rows(book, at.row + 1)

    hand_in(Student(solved(), after=within), tmp_path / "in" / "a.xlsx")
    result = only(tmp_path / "in")
    assert (result.problem, result.points) == ("", 22)


def test_hints_and_class(tmp_path: Path) -> None:
    def ask(book: openpyxl.Workbook) -> None:
        for name, value in (("hint_Z1", 2), ("hint_A1", 1), ("hint_Z2", 77), ("student_class", " 7  b ")):
            title, cells = book.defined_names[name].attr_text.split("!")
            first = book[title.strip("'")][cells.split(":")[0].replace("$", "")]
            first.value = value

    hand_in(Student(solved(), after=ask), tmp_path / "in" / "a.xlsx", "Ada")
    result = only(tmp_path / "in")
    assert (result.student, result.group, result.hints) == ("Ada", "7 b", 3)


def test_which_files_are_graded(tmp_path: Path) -> None:
    left_out = ("~$b.xlsx", ".hidden.xlsx", "__MACOSX/b.xlsx", "grades.csv", "notes.txt")
    for name in ("b.xlsx", "a/c.xlsx", "d.ods", *left_out):
        put(tmp_path / name, b"")
    assert [name.as_posix() for _, name in returned_files(tmp_path)] == ["a/c.xlsx", "b.xlsx", "d.ods"]
    assert returned_files(tmp_path / "b.xlsx") == [(tmp_path / "b.xlsx", Path("b.xlsx"))]
    with pytest.raises(SheetgenError, match="there is no such folder"):
        returned_files(tmp_path / "nowhere")
    with pytest.raises(NothingToGrade, match="no workbooks"):
        returned_files(put(tmp_path / "empty" / "a.txt", b"").parent)


def test_names_that_are_no_text(tmp_path: Path) -> None:
    """Names of files that aren't UTF-8, or that steer a terminal, come out as something that can be written."""
    path = hand_in(Student(solved()), tmp_path / "in" / "a.xlsx", "A\u202eda")
    path.rename(os.fsdecode(os.fsencode(path.parent) + b"/\xff\x1b_1_2_x.xlsx"))
    put(tmp_path / "in" / os.fsdecode(b"\xfe.xlsx"), b"")
    grades = task().grade(tmp_path / "in")
    assert sorted(result.student for result in grades.results) == ["A\ufffdda", "\ufffd"]
    assert {result.id for result in grades.graded} == {"1"}
    for written in (spreadsheet(grades), report(grades), str(grades.to_json())):
        assert written.encode() and "\x1b" not in written


def test_numbers_that_are_too_large(tmp_path: Path) -> None:
    """They are wrong, and what follows isn't judged or wrong; nothing breaks."""
    large = iter([1e308, -1e308, 5e-324, 1e200])
    hand_in(Student(solved(), lambda x: next(large, x)), tmp_path / "in" / "a.xlsx")
    grades = task().grade(tmp_path / "in")
    (result,) = grades.results
    assert result.problem == "" and result.boxes[0].right == 0 and result.first is not None
    json.loads(json.dumps(grades.to_json(), allow_nan=False))


@pytest.mark.slow
def test_files_in_which_anything_was_changed(tmp_path: Path) -> None:
    """Any byte of any part: graded, or refused with a reason, and nothing else."""
    random = np.random.default_rng(int(os.environ.get("SHEETGEN_SEED", "3")))
    source = hand_in(Student(solved()), tmp_path / "x" / "a.xlsx", "Ada")
    with zipfile.ZipFile(source) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    (tmp_path / "in").mkdir()
    for number in range(150):
        name = str(random.choice(list(parts)))
        data = bytearray(parts[name])
        for _ in range(int(random.integers(1, 6))):
            start = int(random.integers(len(data)))
            data[start : start + int(random.integers(1, 20))] = bytes(random.integers(32, 126, random.integers(0, 9)))
        with zipfile.ZipFile(tmp_path / "in" / f"{number}.xlsx", "w") as target:
            for each, content in parts.items():
                target.writestr(each, bytes(data) if each == name else content)
    grades = task().grade(tmp_path / "in")
    assert len(grades.results) == 150 and 0 < len(grades.graded) < 150
    assert all(result.points <= grades.cells for result in grades.graded)
    assert not [result.problem for result in grades.refused if "Error)" in result.problem]


def test_fingerprint_is_of_the_numbers(tmp_path: Path) -> None:
    """It isn't drawn: no sheet that is seen holds it, and it stays the same."""
    made = task().made
    assert made.fingerprint == lesson().exercise().made.fingerprint
    book = openpyxl.load_workbook(task().save(tmp_path / "a.xlsx"))
    for sheet in book:
        held = {cell.value for row in sheet.iter_rows() for cell in row}
        assert (sheet.sheet_state == "hidden") == bool(held & set(made.fingerprint)), sheet.title
    assert len({*LESSON}) == len(made.names.answer) and np.all(np.array(made.fingerprint) < 10**15)
