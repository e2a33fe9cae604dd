"""Returned workbooks of a class set: each is judged by the numbers that its student has."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from sheetgen.api import compile_spec
from sheetgen.classes.make import Asked, task_of
from sheetgen.classes.manifest import MANIFEST, Line, read_manifest
from sheetgen.errors import SheetgenError
from sheetgen.exercise.exercise import Made
from sheetgen.grade.grading import grade, returned_files
from sheetgen.grade.results import Grade, Grades
from sheetgen.grade.returned import fingerprints_in
from sheetgen.spec import read as spec
from sheetgen.spec.embed import self_contained, with_numbers

Lines = dict[tuple[float | str | None, ...], Line]
"""By fingerprint."""
NONE = (-1, -1)
"""No exercise's fingerprint: what is none of the set is refused, even with the spec's own numbers."""


def grade_set(
    path: str | Path, place: str | Path, folder: str | Path, *, blank: Sequence[str] | None = None,
    round: int | None = None, level: int | None = None, allow_files_outside: bool = False,
    progress: Callable[[str], None] = lambda name: None,
) -> Grades:  # fmt: skip
    """The grades of the workbooks at `place`, which come from the class set in `folder`, made from the spec at `path`.

    `blank`, `round` and `level` are as when the set was made. A page without a name gets that of the manifest. Raises
    SpecError, SheetgenError when there is no manifest or nothing to grade, EngineError when IronCalc is missing.
    """
    read = spec.load(Path(path), allow_files_outside)
    manifest = read_manifest(Path(folder)).values()
    lines: Lines = {tuple(map(float, line.fingerprint.split("-"))): line for line in manifest}
    if not lines:
        raise SheetgenError(f"{Path(folder) / MANIFEST}: there is no such manifest of a class set.")
    book = compile_spec(read)
    asked = Asked(None if blank is None else tuple(blank), round, level=level)
    base = replace(task_of(book, asked).made, fingerprint=NONE)
    text = spec.loads(self_contained(read), read.path, None)
    files = returned_files(Path(place))
    results: dict[Path, Grade] = {}
    made: Grades | None = None
    shares: dict[str, list[tuple[Path, Path]]] = {}
    whose = {file: _line(file, base, lines) for file, _ in files}
    for file in files:
        line = whose[file[0]]
        shares.setdefault(line.student if line else "", []).append(file)
    for share in shares.values():
        line = whose[share[0][0]]
        task = base if line is None else _task(text, line, asked)
        made = grade(task, book.plan.title, share, progress)
        results |= {file: _known(each, line) for (file, _), each in zip(share, made.results, strict=True)}
    assert made is not None, "there is a file at least"
    return replace(made, results=tuple(results[file] for file, _ in files))


def _line(path: Path, made: Made, lines: Lines) -> Line | None:
    """The line of the manifest whose exercise a file is; None where it is none of them, or can't be read."""
    if path.is_symlink():
        return None
    with suppress(Exception):  # what is wrong with it is told when it is graded
        for seen in fingerprints_in(path, made):
            if seen in lines:
                return lines[seen]
    return None


def _task(read: spec.Spec, line: Line, asked: Asked) -> Made:
    numbers = {name: np.array(value, dtype=float) for name, value in json.loads(line.numbers).items()}
    return task_of(compile_spec(with_numbers(read, numbers)), asked).made


def _known(grade: Grade, line: Line | None) -> Grade:
    """A grade with the name and number of the roster, where page and file don't tell; and whose numbers they are, where
    somebody else's name stands on the page."""
    if line is None:
        return grade
    plain = grade.student == grade.file.stem
    named = replace(grade, student=line.name if plain and line.name else grade.student, id=grade.id or line.student)
    if line.name and named.student.casefold() != line.name.casefold():
        return replace(named, remarks=(*named.remarks, f"the numbers are those of {line.name}"))
    return named
