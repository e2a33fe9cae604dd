"""`sheetgen grade`: what it writes and says, and one message for each bad input, with nothing left behind."""

from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from grade_class import TEXT, Student, hand_in, solved
from typer.testing import CliRunner

import sheetgen
from sheetgen.book import workbook
from sheetgen.cmd import cli
from sheetgen.exercise.exercise import answers, typed


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a spec, and with two returned workbooks."""
    hand_in(Student(solved()), tmp_path / "here" / "returned" / "ada_12_34_x.xlsx", "Ada")
    hand_in(Student(solved({"Z1": lambda z: z + 7})), tmp_path / "here" / "returned" / "bo.xlsx")
    (tmp_path / "here" / "lesson.yaml").write_text(TEXT, encoding="utf-8")
    (tmp_path / "here" / "plain.yaml").write_text(TEXT.partition("exercise:")[0], encoding="utf-8")
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def run(*arguments: str) -> Any:
    return CliRunner().invoke(cli.app, ["grade", *arguments])


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"blank.xlsx", "lesson.yaml", "plain.yaml", "returned"}


def test_an_exercise_of_a_level(here: Path) -> None:
    task = sheetgen.compile("plain.yaml").exercise(level=1)
    (here / "levels").mkdir()
    workbook.write(typed(task.made, answers(task.made)), here / "levels" / "ada.xlsx")
    result = run("levels", "--spec", "plain", "--level", "1", "--autograder", "auto.zip")
    assert result.exit_code == 0 and f"1 graded, 1 all right, median {task.cells} of {task.cells}" in result.stdout
    with zipfile.ZipFile(here / "auto.zip") as archive:
        assert any(b"--level" in archive.read(name) for name in archive.namelist())
    assert run("levels", "--spec", "plain", "--level", "2").exit_code == 2


def test_a_folder(here: Path) -> None:
    result = run("returned", "--spec", "lesson", "--report", "class.html", "--autograder", "auto.zip")
    assert result.exit_code == 0 and result.stderr == ""
    assert result.stdout.splitlines() == [
        "auto.zip: upload it to Gradescope as the autograder",
        "grades.csv: 2 graded, 1 all right, median 20.5 of 22",
        "class.html: open it in a browser",
    ]
    assert left(here) == {"grades.csv", "class.html", "auto.zip"}
    with (here / "grades.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["student"], row["right"]) for row in rows] == [("Ada", "22"), ("bo", "19")]
    with zipfile.ZipFile(here / "auto.zip") as archive:
        assert b"Z1 = W1 @ X + b1" in archive.read("spec.yaml")


def test_one_file_and_other_forms(here: Path) -> None:
    result = run("returned/ada_12_34_x.xlsx", "--spec", "plain", "--blank", "Z1,A1,Z2,dL_dZ2,dL_dW2,W2_new", "--round",
                 "2", "--format", "gradescope")  # fmt: skip
    assert result.exit_code == 0 and json.loads((here / "results.json").read_text(encoding="utf-8"))["score"] == 22
    result = run("returned", "--spec", "lesson", "--format", "canvas", "-o", "new/canvas.csv")
    assert result.exit_code == 0
    assert "1 of 2 files have no Canvas number in their names" in result.stderr
    assert (here / "new" / "canvas.csv").read_text(encoding="utf-8").splitlines()[2] == "Ada,12,,,,22"
    result = run("returned", "--spec", "lesson", "--json")
    assert [each["points"] for each in json.loads(result.stdout)["results"]] == [22, 19]


def test_files_that_cannot_be_graded_are_listed(here: Path) -> None:
    (here / "returned" / "x.ods").write_bytes(b"")
    result = run("returned", "--spec", "lesson")
    assert result.exit_code == 2
    assert result.stderr == "sheetgen: x.ods: .ods is not read; open it and save it as .xlsx (File, Save as).\n"
    assert "2 graded, 1 all right, median 20.5 of 22; 1 not graded" in result.stdout


def test_other_options_than_the_exercise_was_made_with(here: Path) -> None:
    result = run("returned", "--spec", "lesson", "--round", "3")
    assert result.exit_code == 2 and "2 not graded" in result.stdout
    asked = "Are --blank, --level and --round the same as when the exercise was made?"
    assert result.stderr.splitlines()[-1] == f"sheetgen: {asked}"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere", "--spec", "lesson"], "nowhere: there is no such folder."),
        (["empty", "--spec", "lesson"], "empty: there are no workbooks (.xlsx) in this folder."),
        (["returned", "--spec", "plain"], "plain has no `exercise`: say --blank, or --level, and --round as when"),
        (["returned", "--spec", "plain", "--blank", "Z9"], "there is no matrix `Z9`"),
        (["returned", "--spec", "lessen"], "Did you mean `lesson`?"),
        (["returned"], "Say also --spec SPEC"),
        (["--spec", "lesson"], "Say also FOLDER"),
        (["returned", "--spec", "lesson", "-o", "returned"], "returned is a folder; expected a file to write to."),
        (["returned", "--spec", "lesson", "-o", "lesson.yaml/a.csv"], "is a file, not a folder."),
        (["returned", "--spec", "lesson", "--report", "returned"], "returned is a folder; expected a file"),
        (["returned", "--spec", "lesson", "--format", "excel"], "'excel' is not one of"),
    ],
)
def test_bad_input(arguments: list[str], message: str, here: Path) -> None:
    (here / "empty").mkdir()
    result = run(*arguments)
    assert result.exit_code == 2 and message in " ".join(result.stderr.replace("│", " ").split())
    assert "Traceback" not in result.stderr and left(here) == {"empty"}


def test_gradescope_is_told_of_a_submission_without_a_workbook(here: Path) -> None:
    (here / "empty").mkdir()
    assert run("empty", "--spec", "lesson", "--format", "gradescope").exit_code == 0
    assert json.loads((here / "results.json").read_text(encoding="utf-8"))["score"] == 0


def test_help() -> None:
    said = " ".join(run("--help").stdout.split())
    for word in ("sheetgen grade returned --spec lesson", "--format", "--report", "--autograder", "canvas"):
        assert word in said
