"""Grades of a simulated class: what students earn, worked out by numpy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from by_libreoffice import edited
from by_specs import GALLERY
from exercises_solved import answers, made, slips
from grade_class import CELLS, LESSON, Page, Student, hand_in, regions, rounded, solved, strictly, students, task

import sheetgen
from sheetgen.cells.a1 import letters
from sheetgen.grade.fresh import Fresh
from sheetgen.grade.marking import marks_of
from sheetgen.grade.results import Grade
from sheetgen.proof.engines import get
from sheetgen.proof.engines.libreoffice import convert


def graded(student: Student, folder: Path) -> Grade:
    hand_in(student, folder / "in" / "s.xlsx")
    result = task().grade(folder / "in").results[0]
    assert result.problem == ""
    return result


def earned(result: Grade) -> dict[str, int]:
    return {name: box.right for name, box in zip(LESSON, result.boxes, strict=True)}


def check_class(each: int, folder: Path) -> None:
    everyone = [(kind, student) for kind, found in students(7, each).items() for student in found]
    for number, (_, student) in enumerate(everyone):
        hand_in(student, folder / "in" / f"{number:03}.xlsx", f"Student {number}")
    grades = task().grade(folder / "in")
    assert [result.student for result in grades.results] == [f"Student {k}" for k in range(len(everyone))]
    for (kind, student), result in zip(everyone, grades.results, strict=True):
        assert (kind, result.problem, earned(result)) == (kind, "", student.points)
        if kind != "one number":
            assert (kind, result.strict) == (kind, strictly(student.page))
        if student.cause:
            assert result.first is not None and result.first.cause == student.cause
    assert grades.cells == CELLS and len(grades.graded) == len(everyone)


def test_a_small_class(tmp_path: Path) -> None:
    check_class(2, tmp_path)


@pytest.mark.slow
def test_a_class_of_240(tmp_path: Path) -> None:
    check_class(20, tmp_path)


@pytest.mark.libreoffice
def test_saved_again_by_libreoffice(tmp_path: Path) -> None:
    """Names, fingerprint and typed numbers outlive it; formulas come back with values, and another name's on it."""
    everyone = [(kind, found[0]) for kind, found in students(11, 1).items()]
    paths = [hand_in(student, tmp_path / "in" / f"{k}.xlsx", f"Ada {k}") for k, (_, student) in enumerate(everyone)]
    (tmp_path / "again").mkdir()
    convert(paths, "xlsx", tmp_path / "again")
    results = {result.file.stem: result for result in task().grade(tmp_path / "again").results}
    for k, (kind, student) in enumerate(everyone):
        result = results[str(k)]
        assert (kind, result.problem, result.student, earned(result)) == (kind, "", f"Ada {k}", student.points)


def test_one_slip_that_is_followed_costs_one_cell_and_many_strictly(tmp_path: Path) -> None:
    def lost(z: np.ndarray) -> np.ndarray:
        z[0] += 3
        return z

    student = Student(solved({"Z1": lost}))
    result = graded(student, tmp_path)
    assert result.points == CELLS - 1
    assert result.strict == strictly(student.page) < CELLS - 5
    assert result.first is not None and (result.first.matrix, result.first.row, result.first.column) == ("Z1", 1, 1)
    assert result.first.right == pytest.approx(1.3 * 0.7 + 0.7 * 0.4 + 2.1 * 0.3 + 0.35)


def page_with(name: str, i: int, j: int, number: float) -> Page:
    def put(values: np.ndarray) -> np.ndarray:
        values[i, j] = number
        return values

    return solved({name: put})


KEY = solved()
CAUSES = [
    ("Z1", 1, 0, 1.2 * 1.3 - 0.8 * 0.7 + 0.5 * 2.1 - 0.6, "a minus sign was lost"),
    ("Z1", 0, 0, 0.7 * 1.3 + 0.4 * 0.7 + 0.35, "one term was left out"),
    ("A1", 1, 0, KEY["Z1"][1, 0], "a negative number was not cut to 0"),
    ("Z2", 0, 0, KEY["Z2"][1, 0], "a neighbouring row was taken"),
    ("dL_dZ2", 0, 0, -KEY["dL_dZ2"][0, 0], "subtracted the other way round"),
    ("dL_dZ2", 1, 0, KEY["Z2"][1, 0] - 0.5, "a factor was left out"),
    ("dL_dW2", 0, 0, -KEY["dL_dW2"][0, 0], "the sign is wrong"),
    ("W2_new", 0, 0, 0.45 + 0.3 * KEY["dL_dW2"][0, 0], "+ instead of −"),
    ("W2_new", 1, 2, 1.2 - KEY["dL_dW2"][1, 2], "the rate was left out"),
    ("W2_new", 1, 2, 1.2, "nothing was subtracted"),
    ("Z1", 2, 0, KEY["Z1"][2, 0] + 0.1, "slip in adding up"),
    ("Z1", 2, 0, KEY["Z1"][2, 0] * 10, "the decimal point is in the wrong place"),
    ("Z1", 0, 0, round(KEY["Z1"][0, 0], 1), "rounded to too few decimals"),
    ("Z1", 2, 0, 77.7, "other"),
]


@pytest.mark.parametrize(("name", "i", "j", "number", "cause"), CAUSES, ids=[f"{c[0]} {c[4]}" for c in CAUSES])
def test_causes(name: str, i: int, j: int, number: float, cause: str, tmp_path: Path) -> None:
    number = float(rounded(np.array(number)))
    first = graded(Student(page_with(name, i, j, number)), tmp_path).first
    assert first is not None
    assert (first.matrix, first.row, first.column, first.typed, first.cause) == (name, i + 1, j + 1, number, cause)


def test_a_difference_the_other_way_round_is_written_out(tmp_path: Path) -> None:
    exercise = made("backpropagation", "Z1", "A1", "Z2", "A2", "dL_dZ3", "dL_dW3")
    numbers = answers(exercise)
    numbers["dL_dZ3"] = -numbers["dL_dZ3"]
    texts = {key: np.full(each.shape, "", dtype=object) for key, each in numbers.items()}
    first = marks_of(numbers, texts, Fresh(exercise, get("ironcalc"), tmp_path)).first
    assert first is not None and (first.row, first.cause) == (1, "Y − Ŷ instead of Ŷ − Y")


def test_a_text_that_is_no_number_is_wrong_and_nothing_follows(tmp_path: Path) -> None:
    student = Student(solved())
    result = graded(Student(student.page, lambda x: "two" if x == KEY["Z1"][0, 0] else x), tmp_path)
    assert result.first is not None and (result.first.typed, result.first.cause) == ("two", "not a number")
    assert earned(result)["Z1"] == 2 and result.first.right is None
    assert (result.boxes[2].waiting, result.boxes[2].right) == (2, 0)


def test_one_number_in_a_matrix_counts_as_empty_for_what_reads_it(tmp_path: Path) -> None:
    page = solved({"A1": lambda a: np.full_like(a, 9.0)})
    result = graded(Student(page), tmp_path)
    assert earned(result) == {"Z1": 3, "A1": 0, "Z2": 0, "dL_dZ2": 2, "dL_dW2": 0, "W2_new": 6}
    assert result.remarks == ("A₁ holds one number only and counts as empty for what follows",)
    assert result.first is not None and result.first.cause == "the same number in every cell"


def test_a_page_of_zeros_earns_nothing_where_zeros_are_right(tmp_path: Path) -> None:
    text = "title: t\nmatrices:\n  X: {role: input, value: [0, 2, 0, 5]}\nsteps:\n  - Y = 2 * X\n  - Z = Y - 1\n"
    exercise = sheetgen.compile_text(text).exercise("forward").made
    fresh = Fresh(exercise, get("ironcalc"), tmp_path)
    empty = np.full((4, 1), "", dtype=object)

    def right(y: float, z: float) -> list[int]:
        numbers = {"Y": np.full((4, 1), y), "Z": np.full((4, 1), z)}
        return [box.right for box in marks_of(numbers, {"Y": empty, "Z": empty}, fresh).boxes]

    assert (right(0, 0), right(0, -1), right(np.nan, 0)) == ([0, 0], [2, 0], [0, 0])


NAMES = [path.stem for path in GALLERY if "\ntrain:" not in path.read_text(encoding="utf-8")]
QUICK = ("linear", "backpropagation")


@pytest.mark.parametrize("name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in NAMES])
def test_the_gallery(name: str, tmp_path: Path) -> None:
    """The key earns all, strictly too; a page of zeros nothing; a slip that is followed one cell less."""
    exercise = made(name, "all")
    fresh = Fresh(exercise, get("ironcalc"), tmp_path)
    right = answers(exercise)
    texts = {key: np.full(each.shape, "", dtype=object) for key, each in right.items()}
    solved_page = marks_of(right, texts, fresh)
    assert sum(box.right for box in solved_page.boxes) == sum(b.strict for b in solved_page.boxes) == exercise.cells
    assert solved_page.first is None and solved_page.remarks == ()
    zeros = marks_of({key: np.zeros(each.shape) for key, each in right.items()}, texts, fresh)
    assert sum(box.right for box in zeros.boxes) == sum(box.strict for box in zeros.boxes) == 0
    tried = slips(name, exercise)
    for (key, i, j), numbers in tried[:: max(1, len(tried) // 3)]:
        if any(each.size > 1 and (each == each.flat[0]).all() for each in numbers.values()):
            continue  # the guard
        found = marks_of(numbers, texts, fresh)
        assert sum(box.right for box in found.boxes) == exercise.cells - 1
        matrix = next(b.matrix for b in exercise.blanks for p in b.places if p.region.key == key)
        assert found.first is not None and (found.first.matrix, found.first.row) == (matrix, i + 1)
        assert found.first.column == j + 1


@pytest.mark.libreoffice
def test_what_people_do_to_a_page_in_libreoffice(tmp_path: Path) -> None:
    """Rows are put in, one of them into a matrix; the page is copied and the first one renamed; a number is typed as
    text, another is a formula, and the name is typed."""
    source = hand_in(Student(solved()), tmp_path / "x" / "a.xlsx")
    z1, field = regions()["Z1"], next(r for r in task().plan.sheets[0].regions if r.name == "Name")
    column, text = letters(z1.column), f"{KEY['Z1'][1, 0]:g}".replace(".", ",")
    lines = [
        'book.unprotect("")', 'sheet = book.Sheets.getByName("Canvas")', 'sheet.unprotect("")',
        f'sheet.getCellRangeByName("{column}{z1.row + 1}").String = "{text} "',
        f'sheet.getCellRangeByName("{column}{z1.row + 2}").Formula = "={column}{z1.row}*0+{KEY["Z1"][2, 0]}"',
        f'sheet.getCellRangeByName("{letters(field.column)}{field.row}").String = "Ada"',
        "sheet.Rows.insertByIndex(4, 2)", f"sheet.Rows.insertByIndex({z1.row + 2}, 1)",
        'book.Sheets.copyByName("Canvas", "Mine", 0)', 'sheet.Name = "My old page"',
    ]  # fmt: skip
    (tmp_path / "in").mkdir()
    edited(source, tmp_path / "in" / "again.xlsx", lines, tmp_path / "profile")
    (result,) = task().grade(tmp_path / "in").results
    assert (result.problem, result.student, result.points, result.strict) == ("", "Ada", CELLS, CELLS)
