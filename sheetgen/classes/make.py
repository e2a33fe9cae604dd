"""The files of some students: what one process, or one machine, works on at a time."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from sheetgen.api import compile_spec
from sheetgen.errors import SheetgenError, SpecError
from sheetgen.exercise.exercise import answers, typed
from sheetgen.exercise.page import COUNT_ROW
from sheetgen.layout.plan import Region, WorkbookPlan
from sheetgen.pages import Exercise
from sheetgen.passes.variants import Numbers
from sheetgen.proof import engines
from sheetgen.spec import read as spec
from sheetgen.spec.embed import with_numbers
from sheetgen.workbook import Workbook, report_of


@dataclass(frozen=True)
class Asked:
    """What is left empty and asked for, as `Workbook.exercise` has it."""

    blank: tuple[str, ...] | None = None
    round: int | None = None
    hints: bool | None = None
    level: int | None = None


@dataclass(frozen=True)
class Order:
    """Students to make exercises for, from the text of a spec that reads no files; `name` is its file, for errors."""

    text: str
    name: str
    asked: Asked
    numbers: tuple[Numbers, ...] = field(repr=False)
    """What each student has in the place of the spec's own."""
    students: tuple[str, ...]
    """Their names, which stand on the page; empty where none is known."""
    verified: tuple[bool, ...]
    """Whose files are verified."""


@dataclass(frozen=True)
class Files:
    """An exercise and its key, as files."""

    exercise: bytes = field(repr=False)
    key: bytes = field(repr=False)
    cells: int
    """To fill in."""
    decimals: int
    fingerprint: tuple[int, int]
    """By which a returned page is known."""


def make(order: Order) -> list[Files | SheetgenError]:
    """The files of each student of an order, or what is wrong with them."""
    read = spec.loads(order.text, order.name, None)
    with tempfile.TemporaryDirectory(prefix="sheetgen-") as folder:
        return [
            _made(order, with_numbers(read, numbers), student, verified, Path(folder))
            for numbers, student, verified in zip(order.numbers, order.students, order.verified, strict=True)
        ]


def _made(order: Order, read: spec.Spec, student: str, verified: bool, folder: Path) -> Files | SheetgenError:
    try:
        book = compile_spec(read)
        task = task_of(book, order.asked)
        page = replace(task, plan=_named(task.plan, task.made.names.name, student))
        blank, key = page.save(folder / "exercise.xlsx"), book.save(folder / "key.xlsx")
        if verified:
            _verify(book, task, blank, key)
        return Files(blank.read_bytes(), key.read_bytes(), task.cells, task.round,
                     task.made.fingerprint)  # fmt: skip
    except SheetgenError as error:
        return error


def task_of(book: Workbook, asked: Asked) -> Exercise:
    """A student's exercise: with as many decimals as are asked for, or more where the numbers need them."""
    try:
        return book.exercise(asked.blank, asked.round, asked.hints, asked.level)
    except SpecError:
        if asked.round is None:
            raise
        return book.exercise(asked.blank, None, asked.hints, asked.level)


def _named(plan: WorkbookPlan, field: str | None, student: str) -> WorkbookPlan:
    """The page with a student's name in the field of this defined name."""

    def typed(region: Region) -> Region:
        if field is None or region.defined_name != field or not student:
            return region
        cells = np.full(region.values.shape, "", dtype=object)
        cells[0, 0] = student
        return replace(region, values=cells, empty=cells == "")

    return plan.with_regions(typed)


def _verify(book: Workbook, task: Exercise, blank: Path, key: Path) -> None:
    """Recalculate the key, the blank page, and the page with the key's numbers in it.

    Raises SheetgenError when a cell of the key differs from numpy, or when a page counts anything else than it should.
    """
    solved = replace(task, plan=typed(task.made, answers(task.made))).save(blank.with_name("solved.xlsx"))
    engine = engines.get("ironcalc")
    found = engine.recalculate([key, blank, solved])
    report = report_of(book, key, found[0], engine.title)
    if not report.ok:
        raise SheetgenError(f"{book.name}: the key doesn't verify: {report.first}")
    first = task.plan.sheets[0].title
    for page, right in zip(found[1:], (0, task.cells), strict=True):
        counted = page.value(first, COUNT_ROW, 1)
        if counted != right:
            raise SheetgenError(f"{book.name}: the exercise counts {counted} right cells, not {right}.")
