"""Grades as tables: for a spreadsheet, and as Canvas and Moodle import them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from sheetgen.grade.results import Grade, Grades

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a text begins with that a spreadsheet takes for a formula."""
Field = str | int | float | None


def spreadsheet(grades: Grades) -> str:
    """All that was found, a row for each file, right cells of each matrix in a column of its own."""
    head = ["student", "class", "id", "file", "right", "of", "strict", "hints", "empty",
            *(part.matrix for part in grades.parts), "first mistake", "typed", "should be", "cause", "remarks",
            "not graded because"]  # fmt: skip
    return _csv([head, *(_row(result, grades) for result in grades.results)])


def _row(result: Grade, grades: Grades) -> list[Field]:
    who = [result.student, result.group, result.id, result.file.as_posix()]
    if result.problem:
        return [*who, *([None] * (len(grades.parts) + 10)), result.problem]
    first = result.first
    where = "" if first is None else f"{first.matrix} {first.place}".strip()
    why: list[Field] = [where, *([None] * 3)] if first is None else [where, first.typed, first.right, first.cause]
    marks = [result.points, grades.cells, result.strict, result.hints, result.open]
    return [*who, *marks, *(box.right for box in result.boxes), *why, "; ".join(result.remarks), None]


def canvas(grades: Grades) -> str:
    """The columns that a Canvas gradebook imports; `ID` is the number in the name of a downloaded file."""
    head: list[Field] = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", grades.title]
    possible: list[Field] = ["    Points Possible", None, None, None, None, grades.cells]
    rows: list[list[Field]] = [[r.student, r.id, None, None, None, r.points] for r in best(grades)]
    return _csv([head, possible, *rows])


def moodle(grades: Grades) -> str:
    """The columns of a Moodle grading worksheet; `Identifier` holds the number in the name of a downloaded folder."""
    head: list[Field] = ["Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)",
                         "Feedback comments"]  # fmt: skip
    rows: list[list[Field]] = [
        [f"Participant {r.id}" if r.id else None, r.student, r.points, grades.cells, None, feedback(r, grades)]
        for r in best(grades)
    ]
    return _csv([head, *rows])


def feedback(result: Grade, grades: Grades) -> str:
    """What a student is told, without a right number."""
    said = f"{result.points} of {grades.cells} cells are right."
    return f"{said} First mistake: {result.said}." if result.first is not None else said


def best(grades: Grades) -> list[Grade]:
    """The graded results, of several files of one student the one with most points."""
    found: dict[str, Grade] = {}
    for result in grades.graded:
        key = result.id or f"file {result.file.as_posix()}"
        if key not in found or result.points > found[key].points:
            found[key] = result
    return list(found.values())


def plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _csv(rows: Sequence[Sequence[Field]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream)
    for row in rows:
        writer.writerow([plain(each) if isinstance(each, str) else _short(each) for each in row])
    return stream.getvalue()


def _short(value: Field) -> Field:
    return f"{value:.10g}" if isinstance(value, float) else value
