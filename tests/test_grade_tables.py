"""Grades written out: tables that no spreadsheet runs, what Canvas, Moodle and Gradescope import, the report."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from sheetgen import __version__
from sheetgen.grade.gradescope import autograder, results
from sheetgen.grade.report import ABREAST, hard_steps, report
from sheetgen.grade.results import Box, Grade, Grades, Mistake, Part
from sheetgen.grade.tables import canvas, moodle, plain, spreadsheet

PARTS = (Part("Z1", "Z₁", "Z₁ = W₁·X + b₁", 4), Part("A1", "A₁", "A₁ = ReLU(Z₁)", 4))
RIGHT = (Box(4, 0, 0, 0, 4), Box(4, 0, 0, 0, 4))
SLIP = Mistake("Z1", "Z₁", 3, 1, -0.5, 0.25, "a minus sign was lost", (4, 1))
RESULTS = (
    Grade(Path("a_1_9_x.xlsx"), "Ada", "7b", "1", RIGHT, 2),
    Grade(Path("b_2_9_x.xlsx"), "Bo, Jr.", "", "2", (Box(3, 1, 0, 0, 3), Box(4, 0, 0, 0, 2)), 0, SLIP),
    Grade(Path("c.xlsx"), "=1+1", "@x", "", (Box(2, 0, 0, 2, 2), Box(0, 0, 0, 4, 0)), 0, None, ("a remark",)),
    Grade(Path("d.xlsx"), "d", problem="It is no workbook."),
)
GRADES = Grades("Lesson <1>", PARTS, 2, RESULTS)


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_the_numbers_of_a_class() -> None:
    assert (GRADES.cells, GRADES.all_right, GRADES.median, len(GRADES.refused)) == (8, 1, 7, 1)
    assert [r.said for r in RESULTS] == [
        "all right", "Z₁ row 3: a minus sign was lost", "no mistake so far", "It is no workbook."
    ]  # fmt: skip
    assert hard_steps(GRADES) == [("Z₁", 1)] and GRADES.causes == [("a minus sign was lost", 1)]


def test_a_spreadsheet() -> None:
    head, *rows = table(spreadsheet(GRADES))
    found = [dict(zip(head, row, strict=True)) for row in rows]
    assert found[1] == {
        "student": "Bo, Jr.", "class": "", "id": "2", "file": "b_2_9_x.xlsx", "right": "7", "of": "8", "strict": "5",
        "hints": "0", "empty": "0", "Z1": "3", "A1": "4", "first mistake": "Z1 row 3", "typed": "-0.5",
        "should be": "0.25", "cause": "a minus sign was lost", "remarks": "", "not graded because": "",
    }  # fmt: skip
    assert (found[2]["student"], found[2]["class"], found[2]["remarks"]) == ("'=1+1", "'@x", "a remark")
    assert (found[3]["right"], found[3]["not graded because"]) == ("", "It is no workbook.")


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "＝1"])
def test_no_text_is_a_formula(text: str) -> None:
    assert plain(text) == f"'{text}"
    assert plain("Ada = 1") == "Ada = 1"
    bad = replace(GRADES, title=text, results=(replace(RESULTS[1], student=text, group=text, file=Path(text)),))
    for written in (spreadsheet(bad), canvas(bad), moodle(bad)):
        for row in table(written):
            assert not [cell for cell in row if cell.startswith(text)]


def test_canvas() -> None:
    assert table(canvas(GRADES)) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Lesson <1>"],
        ["    Points Possible", "", "", "", "", "8"],
        ["Ada", "1", "", "", "", "8"], ["Bo, Jr.", "2", "", "", "", "7"], ["'=1+1", "", "", "", "", "2"],
    ]  # fmt: skip


def test_moodle() -> None:
    head, *rows = table(moodle(GRADES))
    assert head == ["Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)", "Feedback comments"]
    assert rows[1] == [
        "Participant 2", "Bo, Jr.", "7", "8", "",
        "7 of 8 cells are right. First mistake: Z₁ row 3: a minus sign was lost.",
    ]  # fmt: skip
    assert [row[0] for row in rows] == ["Participant 1", "Participant 2", ""]


def test_of_several_files_the_best_counts() -> None:
    again = replace(RESULTS[1], id="1", boxes=RIGHT, file=Path("z.xlsx"))
    worse = replace(RESULTS[1], id="1")
    twice = replace(GRADES, results=(worse, again, replace(RESULTS[2], file=Path("e.xlsx")), RESULTS[2]))
    assert [row[5] for row in table(canvas(twice))[2:]] == ["8", "2", "2"]


def test_gradescope() -> None:
    found = json.loads(results(replace(GRADES, results=RESULTS[1:2])))
    assert (found["score"], [t["score"] for t in found["tests"]]) == (7, [3, 4])
    assert [(t["max_score"], t["status"]) for t in found["tests"]] == [(4, "failed"), (4, "passed")]
    assert found["tests"][0]["output"] == "3 of 4 right. Look again at row 3: a minus sign was lost."
    assert "0.25" not in json.dumps(found)
    assert json.loads(results(GRADES))["score"] == 8
    assert json.loads(results(None)) == {"score": 0, "output": "There is no workbook (.xlsx) among the files."}
    assert json.loads(results(replace(GRADES, results=RESULTS[3:]))) == {
        "score": 0, "output": "d.xlsx: It is no workbook."
    }  # fmt: skip


@pytest.mark.parametrize("handed_in", [True, False])
def test_the_autograder_runs(handed_in: bool, tmp_path: Path) -> None:
    """As Gradescope lays it out, in another folder."""
    from grade_class import TEXT, Student, hand_in, solved

    options = ["--blank", "Z1,A1,Z2,dL_dZ2,dL_dW2,W2_new", "--round", "2"]
    for folder in ("source", "submission", "results"):
        (tmp_path / folder).mkdir()
    with zipfile.ZipFile(io.BytesIO(autograder(TEXT, options, __version__))) as archive:
        assert archive.namelist() == ["setup.sh", "run_autograder", "spec.yaml"]
        assert {e.filename: oct(e.external_attr >> 16) for e in archive.infolist()}["run_autograder"] == "0o755"
        archive.extractall(tmp_path / "source")
    assert f"sheetgen=={__version__}" in (tmp_path / "source" / "setup.sh").read_text(encoding="utf-8")
    if handed_in:
        shutil.copy(hand_in(Student(solved()), tmp_path / "x" / "a.xlsx"), tmp_path / "submission" / "a.xlsx")
    command = tmp_path / "sheetgen"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sheetgen "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    for script in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", str(tmp_path / "source" / script)], check=True)
    env = {**os.environ, "AUTOGRADER": str(tmp_path), "SHEETGEN": str(command)}
    subprocess.run(["bash", str(tmp_path / "source" / "run_autograder")], check=True, env=env, timeout=120)
    found = json.loads((tmp_path / "results" / "results.json").read_text(encoding="utf-8"))
    assert found["score"] == (22 if handed_in else 0)


class Reader(HTMLParser):
    """The elements that are open where, the texts, and whether all is closed in order."""

    VOID = ("meta", "br")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.tags: list[str] = []
        self.cells: list[tuple[str, str]] = []
        self.problems: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in self.VOID:
            self.stack.append(tag)
        if tag == "td":
            self.cells.append((dict(attrs).get("class") or "", ""))

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack.pop() != tag:
            self.problems.append(tag)

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1] == "td":
            self.cells[-1] = (self.cells[-1][0], self.cells[-1][1] + data)


def test_the_report() -> None:
    page = Reader(report(GRADES))
    assert page.problems == [] and page.stack == []
    marks = [(look, text) for look, text in page.cells if look.split()[:1] and look.split()[0] in
             ("ok", "part", "near", "half", "bad", "none")]  # fmt: skip
    assert marks == [
        ("ok", "✓"), ("half first", "3"), ("part", "2"), ("ok", "✓"), ("ok", "✓"), ("none", ""),
    ]  # fmt: skip
    assert [text for look, text in page.cells if look.startswith("sum")] == ["1 of 3", "1", "2 of 2", ""]
    text = report(GRADES)
    for said in ("Lesson &lt;1&gt; — class report", "−0.5, not 0.25", "d.xlsx</b><br><span>It is no workbook.",
                 "first mistakes most often in <b>Z₁</b> (1)", "a remark", "6 cells not filled in"):  # fmt: skip
        assert said in text, said


def test_nothing_that_a_student_types_is_markup() -> None:
    evil = '<script>alert(1)</script>"\'&'
    slip = replace(SLIP, typed=evil, right=None, cause="not a number")
    bad = replace(GRADES, results=(
        replace(RESULTS[1], student=evil, group=evil, first=slip), replace(RESULTS[3], file=Path(evil), problem=evil)
    ))  # fmt: skip
    page = Reader(report(bad))
    assert page.problems == [] and "script" not in page.tags
    assert not {"link", "img", "iframe"} & set(page.tags) and "http" not in report(bad)


def test_a_large_class_is_told_in_several_maps() -> None:
    many = replace(GRADES, results=RESULTS[:1] * (2 * ABREAST + 1))
    text = report(many)
    assert text.count("<table class=\"heat\">") == 3 and text.count("those who began") == 1
    assert f"{2 * ABREAST + 1} of {2 * ABREAST + 1}" in text


def test_a_class_without_anybody() -> None:
    for grades in (replace(GRADES, results=()), replace(GRADES, results=RESULTS[3:])):
        assert Reader(report(grades)).problems == []
        assert len(table(canvas(grades))) == 2 and grades.median == 0


def test_json() -> None:
    found = json.loads(json.dumps(GRADES.to_json()))
    assert found["results"][1]["first_mistake"] == {
        "matrix": "Z1", "row": 3, "column": 1, "typed": -0.5, "right": 0.25, "cause": "a minus sign was lost"
    }  # fmt: skip
    assert found["results"][1]["matrices"]["Z1"] == {"right": 3, "wrong": 1, "waiting": 0, "empty": 0, "strict": 3}
    assert (found["results"][3]["points"], found["results"][3]["problem"]) == (None, "It is no workbook.")
