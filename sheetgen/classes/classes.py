"""A class set: for every student a variant of an exercise, its key, and a line of the manifest.

The numbers are chosen here, one student after another, so that they hang on the seed alone; processes, or machines of
a dask cluster, make files of them, which are written here, whole or not at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from sheetgen.api import compile_spec
from sheetgen.atomic import replacing
from sheetgen.classes.make import Asked, Files, Order, make
from sheetgen.classes.manifest import Line, add_line, numbers_text, read_manifest, sha256, write_manifest
from sheetgen.classes.roster import Student, file_name
from sheetgen.errors import SheetgenError, SpecError
from sheetgen.passes.variants import Numbers, variants
from sheetgen.pool import cores, shared_out
from sheetgen.spec import read as spec
from sheetgen.spec.embed import self_contained

Proof = Literal["all", "sample", "none"]
SAMPLE = 20
"""Students whose files are verified in a sample, spread evenly; all of a small class."""
HERE, FAR = 8, 50
"""Students that a process, and a machine, is given at a time."""
TRIES = 3
"""How often work is handed out whose process has died."""


@dataclass(frozen=True)
class ClassSet:
    """What was made: students in the order of the roster."""

    folder: Path
    manifest: Path
    students: int
    made: int
    """Those whose files weren't there yet."""
    verified: int
    """Those among them whose files were verified."""
    cells: int
    """That each student fills in."""


def class_set(
    path: str | Path, students: Sequence[Student], folder: str | Path, *, seed: int = 0,
    blank: Sequence[str] | None = None, round: int | None = None, hints: bool | None = None, level: int | None = None,
    workers: int | None = None, dask: str | None = None, verify: Proof = "sample", allow_files_outside: bool = False,
    progress: Callable[[str], None] = lambda student: None,
) -> ClassSet:  # fmt: skip
    """Write `folder`/exercises/ID.xlsx and `folder`/keys/ID.xlsx for each student, and `folder`/manifest.csv.

    The spec at `path` says with `vary` which numbers change. The same spec, students and `seed` give the same bytes,
    however many `workers` (processes; left out, as many as there are processors) or machines of the cluster at the
    address `dask` there are. What is there already, from the same spec and seed, stays. `blank`, `round`, `hints`
    and `level` are as `Workbook.exercise` has them; `verify` says whose files are recalculated. Raises SpecError,
    LimitError or SheetgenError; files that are whole by then stay.
    """
    read = spec.load(Path(path), allow_files_outside)
    target = Path(folder)
    if read.vary is None:
        raise SpecError("Which numbers are to differ from student to student? Say `vary: {matrices: {X: [-2, 3]}}`.",
                        path=read.path)  # fmt: skip
    book = compile_spec(read)
    asked = Asked(None if blank is None else tuple(blank), round, hints, level)
    task = book.exercise(blank, round, hints, level)
    text = self_contained(read)
    mark = _mark(text, seed, task.blanks, asked)
    try:
        numbers = list(islice(variants(book.forward, book.program, read.vary, seed), len(students)))
    except SpecError as error:
        raise read.locate(error) from None
    known = read_manifest(target)
    there = ((k, _there(student, numbers[k], mark, known, target)) for k, student in enumerate(students))
    lines = {k: line for k, line in there if line is not None}
    todo = [k for k in range(len(students)) if k not in lines]
    proven = _proven(todo, verify)
    write_manifest(target, lines.values())

    def order(some: Sequence[int]) -> Order:
        return Order(text, read.path, asked, tuple(numbers[k] for k in some), tuple(students[k].name for k in some),
                     tuple(k in proven for k in some))  # fmt: skip

    size = FAR if dask else HERE
    chunks = [todo[k : k + size] for k in range(0, len(todo), size)]
    for number, files in _worked(list(map(order, chunks)), workers, dask):
        for k, made in zip(chunks[number], files, strict=True):
            if isinstance(made, SheetgenError):
                raise SheetgenError(f"Student {students[k].id}: {made}")
            progress(students[k].id)
            lines[k] = _written(target, students[k], numbers[k], mark, made)
    manifest = write_manifest(target, [lines[k] for k in range(len(students))])
    return ClassSet(target, manifest, len(students), len(todo), len(proven), task.cells)


def _mark(text: str, *asked: object) -> str:
    return hashlib.sha256(repr((text, *asked)).encode()).hexdigest()[:16]


def _paths(student: Student) -> tuple[str, str]:
    """Of the exercise and the key, within the folder."""
    name = file_name(student.id)
    return f"exercises/{name}.xlsx", f"keys/{name}.xlsx"


def _there(student: Student, numbers: Numbers, mark: str, known: dict[str, Line], folder: Path) -> Line | None:
    """The line of a student whose files are there as they should be."""
    line = known.get(student.id)
    if line is None or (line.set, line.numbers) != (mark, numbers_text(numbers)):
        return None
    if (line.name, line.exercise, line.key) != (student.name, *_paths(student)):
        return None
    for name, wanted in ((line.exercise, line.exercise_sha256), (line.key, line.key_sha256)):
        try:
            if sha256((folder / name).read_bytes()) != wanted:
                return None
        except OSError:
            return None
    return line


def _proven(todo: Sequence[int], verify: Proof) -> set[int]:
    """Whose files are verified."""
    if verify == "none":
        return set()
    step = 1 if verify == "all" else max(1, len(todo) // SAMPLE)
    return set(todo[::step])


def _written(folder: Path, student: Student, numbers: Numbers, mark: str, made: Files) -> Line:
    exercise, key = _paths(student)
    for name, data in ((exercise, made.exercise), (key, made.key)):
        with replacing(folder / name) as stream:
            stream.write(data)
    line = Line(student.id, student.name, exercise, key, sha256(made.exercise), sha256(made.key), str(made.cells),
                str(made.decimals), "-".join(map(str, made.fingerprint)), mark, numbers_text(numbers))  # fmt: skip
    add_line(folder, line)
    return line


Answers = Iterator[tuple[int, list[Files | SheetgenError]]]
"""The number of each order with what was made of it, as they come in."""


def _worked(orders: Sequence[Order], workers: int | None, dask: str | None) -> Answers:
    if dask is not None:
        from sheetgen.classes.cluster import worked_by_cluster

        return worked_by_cluster(orders, dask)
    processes = workers or cores()
    if processes == 1 or len(orders) == 1:
        return ((number, make(each)) for number, each in enumerate(orders))
    return _by_processes(orders, processes)


def _by_processes(orders: Sequence[Order], processes: int) -> Answers:
    """Orders whose process has died are handed out again."""
    left = list(range(len(orders)))
    for _ in range(TRIES):
        lost = []
        for number, made in shared_out(make, [orders[k] for k in left], processes, lambda order: None):
            if made is None:
                lost.append(left[number])
            else:
                yield left[number], made
        left = lost
        if not left:
            return
    raise SheetgenError("The processes that make the files were stopped again and again; is there enough memory?")
