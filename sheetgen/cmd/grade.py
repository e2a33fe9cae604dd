"""`sheetgen grade`: returned exercises → grades, a report on the class, an autograder."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sheetgen import __version__
from sheetgen.atomic import replacing
from sheetgen.cmd.ending import WRONG, complain
from sheetgen.cmd.options import AsJson, Blank, Decimals, Level, Outside, names_in
from sheetgen.errors import SheetgenError

if TYPE_CHECKING:
    from sheetgen.grade.results import Grades

EXAMPLES = (
    "sheetgen grade returned --spec lesson  ·  sheetgen grade returned --spec gcn --blank forward --report class.html"
    "  ·  sheetgen grade submissions --spec lesson --format canvas -o canvas.csv"
)
SHOWN = 20
"""Files that couldn't be graded, of which a line is printed; the table lists all."""


Judge = Callable[[Path, Callable[[str], None]], "Grades"]
"""Grades a folder, and tells each file's name before it does."""


class Table(StrEnum):
    """What grades are written as."""

    csv = "csv"
    canvas = "canvas"
    moodle = "moodle"
    gradescope = "gradescope"


def grade(
    folder: Annotated[
        Path | None, typer.Argument(metavar="FOLDER", help="Returned workbooks, in folders of their own too; or one.")
    ] = None,
    spec: Annotated[
        str, typer.Option(metavar="SPEC", help="The exercise's spec, or page of exercises: a path or a bare name.")
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="The table; default: grades.csv, or results.json."),
    ] = None,
    form: Annotated[Table, typer.Option("--format", help="What the table is for.")] = Table.csv,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="An HTML report on the class: steps × students.")
    ] = None,
    autograder: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write an autograder (.zip) to upload to Gradescope.")
    ] = None,
    handed_out: Annotated[
        Path | None,
        typer.Option("--set", metavar="DIR", help="A class set: each page is judged by its own student's numbers."),
    ] = None,
    blank: Blank = None,
    level: Level = None,
    decimals: Decimals = None,
    outside: Outside = False,
    as_json: AsJson = False,
) -> int:
    """Grade a folder of returned exercises.

    Say --blank, --level and --round as when the exercise was made.
    Only what was typed is taken from a workbook. It is judged in a fresh copy, by the student's own numbers.
    A file that can't be graded doesn't stop the others.
    """
    from sheetgen.api import compile, exercises
    from sheetgen.cmd.targets import find
    from sheetgen.spec.exercises import holds_exercises

    if not spec or (folder is None and autograder is None):
        missing = "--spec SPEC, the exercise's spec" if not spec else "FOLDER, where the returned workbooks lie"
        raise SheetgenError(f"Say also {missing}: sheetgen grade FOLDER --spec SPEC.")
    table = output or Path("results.json" if form is Table.gradescope else "grades.csv")
    for path in (table if folder else None, report if folder else None, autograder):
        _check(path)
    target = find(spec).path
    if holds_exercises(target):
        if any(option is not None for option in (blank, level, decimals, handed_out, autograder)):
            problem = "is a page of exercises, which say themselves what is left empty"
            raise SheetgenError(f"{spec} {problem}: leave out --blank, --level, --round, --set and --autograder.")
        return _graded(exercises(target, outside).grade, folder or Path(), form, table, report, [], as_json)
    workbook = compile(target, outside)
    if blank is None and level is None and workbook.task is None:
        problem = f"{spec} has no `exercise`: say --blank, or --level, and --round as when the exercise was made."
        raise SheetgenError(problem)
    exercise = None if handed_out else workbook.exercise(names_in(blank), decimals, level=level)
    said = []
    if autograder is not None:
        from sheetgen.grade.gradescope import autograder as packed

        options = [] if blank is None else ["--blank", blank]
        options += [] if level is None else ["--level", str(level)]
        options += [] if decimals is None else ["--round", str(decimals)]
        _write(autograder, packed(workbook.plan.spec_text, options, __version__))
        said.append(f"{autograder}: upload it to Gradescope as the autograder")

    def judged(folder: Path, progress: Callable[[str], None]) -> Grades:
        if exercise is not None:
            return exercise.grade(folder, progress)
        from sheetgen.classes.grading import grade_set

        return grade_set(target, folder, handed_out or Path(), blank=names_in(blank), round=decimals, level=level,
                         allow_files_outside=outside, progress=progress)  # fmt: skip

    return _graded(judged, folder, form, table, report, said, as_json)


def _graded(
    judged: Judge, folder: Path | None, form: Table, table: Path, report: Path | None, said: list[str], as_json: bool
) -> int:  # fmt: skip
    """Grade a folder, if there is one, and write and say what came of it, after what is `said` already."""
    from sheetgen.cmd import console

    grades = None
    if folder is not None:
        grades = _grades(judged, folder, form)
        _write(table, _table(form, grades).encode("utf-8-sig" if form is Table.csv else "utf-8"))
        said.append(f"{table}: {_told(grades)}")
        if report is not None and grades is not None:
            from sheetgen.grade.report import report as drawn

            _write(report, drawn(grades).encode())
            said.append(f"{report}: open it in a browser")
    if as_json:
        console.print_json(grades.to_json() if grades else {})
    else:
        print("\n".join(said))
    return _complain(grades, form)


def _grades(judged: Judge, folder: Path, form: Table) -> Grades | None:
    """None where Gradescope has got nothing to grade, which the student is told."""
    from sheetgen.cmd import console
    from sheetgen.grade.grading import NothingToGrade, returned_files

    try:
        files = returned_files(folder)
    except NothingToGrade:
        if form is Table.gradescope:
            return None
        raise
    with console.progress(len(files), "grading") as advance:
        return judged(folder, advance)


def _table(form: Table, grades: Grades | None) -> str:
    from sheetgen.grade import gradescope, tables

    if form is Table.gradescope or grades is None:
        return gradescope.results(grades)
    return {Table.csv: tables.spreadsheet, Table.canvas: tables.canvas, Table.moodle: tables.moodle}[form](grades)


def _told(grades: Grades | None) -> str:
    """`24 graded, 6 all right, median 33 of 34`."""
    if grades is None or not grades.results:
        return "nothing to grade"
    told = f"{len(grades.graded)} graded, {grades.all_right} all right, median {grades.median:g} of {grades.cells}"
    return f"{told}; {len(grades.refused)} not graded" if grades.refused else told


def _complain(grades: Grades | None, form: Table) -> int:
    """Say what couldn't be graded, and the exit code of that."""
    from sheetgen.grade.returned import ANOTHER

    if grades is None:
        return 0
    if form is Table.gradescope and len(grades.results) > 1:
        complain(f"Gradescope has a student's files graded alone; of these {len(grades.results)} the best one counts.")
    lines = [f"{each.file.as_posix()}: {each.problem}" for each in grades.refused]
    nameless = sum(not each.id for each in grades.graded)
    if nameless and form in (Table.canvas, Table.moodle):
        named = form.value.capitalize()
        complain(f"{nameless} of {len(grades.graded)} files have no {named} number in their names; {named} may not "
                 "know whose they are.")  # fmt: skip
    _say(lines)
    if any(each.problem.startswith(ANOTHER) for each in grades.refused):
        complain("Are --blank, --level and --round the same as when the exercise was made?")
    return WRONG if grades.refused else 0


def _say(lines: Sequence[str]) -> None:
    for line in lines[:SHOWN]:
        complain(line)
    if len(lines) > SHOWN:
        complain(f"and {len(lines) - SHOWN} more files that can't be graded")


def _check(path: Path | None) -> None:
    """Raise SheetgenError, before the work, where a file can't be written."""
    if path is None:
        return
    if path.is_dir():
        raise SheetgenError(f"{path} is a folder; expected a file to write to.")
    there = next(parent for parent in path.absolute().parents if parent.exists())
    if not there.is_dir():
        raise SheetgenError(f"{path} can't be written: {there} is a file, not a folder.")
    if not os.access(there, os.W_OK):
        raise SheetgenError(f"{path} can't be written: no permission to write to the folder {there}.")


def _write(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all; missing folders are made."""
    with replacing(path) as stream:
        stream.write(data)
