"""Who gets an exercise: students by number, or from a table."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sheetgen.errors import SheetgenError, brief

LARGEST = 5_000_000
MOST_STUDENTS = 100_000
IDS = ("id", "student id", "student", "sis user id", "sis login id", "username", "number", "email", "email address")
NAMES = ("name", "student name", "full name")
PARTS = (("first name", "last name"), ("firstname", "lastname"), ("first", "last"), ("given name", "surname"))
"""Columns that are a name together."""


@dataclass(frozen=True)
class Student:
    """`id` names the files; `name` may be empty."""

    id: str
    name: str = ""


def numbered(count: int) -> tuple[Student, ...]:
    """So many students without names: 001, 002 …"""
    if not 1 <= count <= MOST_STUDENTS:
        raise SheetgenError(f"From 1 to {MOST_STUDENTS:,} students can have a set, not {count:,}.")
    digits = max(3, len(str(count)))
    return tuple(Student(f"{number:0{digits}}") for number in range(1, count + 1))


def read_roster(path: Path) -> tuple[Student, ...]:
    """The students of a .csv file, one a line below its header.

    Commas, semicolons and tabs part columns. Raises SheetgenError with the line of what is wrong.
    """
    rows = _rows(path)
    if len(rows) < 2:
        raise SheetgenError(f"{path} has no students: a header such as `id,name` comes first, then a line for each.")
    header = {_plain(text): k for k, text in reversed([*enumerate(rows[0][1])])}
    own = next((header[name] for name in (*IDS, *NAMES) if name in header), None)
    if own is None:
        found = brief(", ".join(rows[0][1]), 40)
        raise SheetgenError(f"{path}:1: there is no column `id`, `email` or `name`, only `{found}`.")
    students: dict[str, Student] = {}
    for line, cells in rows[1:]:
        if own >= len(cells) or not cells[own].strip():
            raise SheetgenError(f"{path}:{line}: this student has no `{rows[0][1][own].strip()}`.")
        student = Student(cells[own].strip(), _name(cells, header))
        if file_name(student.id) in students:
            raise SheetgenError(f"{path}:{line}: `{brief(student.id, 40)}` stands there a second time.")
        students[file_name(student.id)] = student
    if len(students) > MOST_STUDENTS:
        raise SheetgenError(f"{path} has more than {MOST_STUDENTS:,} students.")
    return tuple(students.values())


def file_name(student: str) -> str:
    """What the files of a student are called: letters, digits, `-`, `_`, `.` and `@`, without capitals."""
    return re.sub(r"[^\w.@-]+", "-", student).strip(".-")[:80].casefold() or "student"


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """The lines that hold anything, with their numbers."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise SheetgenError(f"{path} can't be read: {error.strerror}.") from None
    if len(raw) > LARGEST:
        raise SheetgenError(f"{path} is larger than {LARGEST // 1_000_000} MB; it should be a table of students.")
    try:
        text = raw.decode("utf-8-sig")
        first = text.partition("\n")[0]
        sign = max(",;\t", key=first.count)
        reader = csv.reader(text.splitlines(), delimiter=sign, strict=True)
        return [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except UnicodeDecodeError:
        raise SheetgenError(f"{path} isn't text in UTF-8; save it as “CSV UTF-8”.") from None
    except csv.Error as error:
        raise SheetgenError(f"{path} can't be read as CSV: {error}.") from None


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").split()).casefold()


def _name(cells: Sequence[str], header: Mapping[str, int]) -> str:
    def at(column: str) -> str:
        k = header.get(column, len(cells))
        return cells[k].strip() if k < len(cells) else ""

    whole = next(filter(None, map(at, NAMES)), "")
    return whole or next(filter(None, (" ".join(filter(None, map(at, pair))) for pair in PARTS)), "")
