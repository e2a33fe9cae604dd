"""Pages for a class, as what Python hands out: an exercise, and a page with a mistake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sheetgen.atomic import replacing
from sheetgen.errors import LimitError, SheetgenError
from sheetgen.layout.plan import WorkbookPlan

if TYPE_CHECKING:
    from sheetgen.exercise.exercise import Made
    from sheetgen.grade.results import Grades
    from sheetgen.web.handover import Written


@dataclass(frozen=True)
class Exercise:
    """A page to fill in. What is typed is checked by its own formulas, and its file holds no answer."""

    plan: WorkbookPlan = field(repr=False)
    blanks: tuple[str, ...]
    """The matrices to fill in, in the order of the program."""
    cells: int
    """How many cells they have."""
    round: int
    """The decimals that are asked for."""
    made: Made = field(repr=False)
    """What it was made of, and what it is judged by."""
    name: str = "spec"

    def save(self, path: str | Path) -> Path:
        """Write the .xlsx file, as `Workbook.save` does."""
        return save_plan(self.plan, Path(path), self.name)

    def save_html(self, path: str | Path) -> Path:
        """Write the page that calculates in a browser, as `Workbook.save_html` does."""
        return save_html(self.plan, Path(path), self.name)

    def grade(self, place: str | Path, progress: Callable[[str], None] = lambda name: None) -> Grades:
        """The grades of a folder of returned workbooks, or of one of them: `exercise.grade("returned").results`.

        Only what was typed is taken from a file, and judged in a fresh copy. A file that can't be graded is listed with
        the reason. `progress` is told each file's name. Raises SheetgenError when there is nothing to grade,
        EngineError when IronCalc is missing.
        """
        return graded(self.made, place, progress)


@dataclass(frozen=True)
class PlantedMistake:
    """A page with one wrong number, whose file doesn't hold where; rows and columns count from 1, as they are drawn."""

    plan: WorkbookPlan = field(repr=False)
    key: WorkbookPlan = field(repr=False)
    """The same page with the answer filled in."""
    matrix: str
    row: int
    column: int
    wrong: float
    right: float
    """Rounded as the answer may be."""
    reason: str
    name: str = "spec"

    def save(self, path: str | Path) -> Path:
        """Write the page for students, as `Workbook.save` does."""
        return save_plan(self.plan, Path(path), self.name)

    def save_key(self, path: str | Path) -> Path:
        """Write the page with the answer."""
        return save_plan(self.key, Path(path), self.name)


@dataclass(frozen=True)
class ExercisePage:
    """Several small exercises on one page, each in a frame that says whether it is done."""

    plan: WorkbookPlan = field(repr=False)
    key: WorkbookPlan = field(repr=False)
    """The same page filled in."""
    titles: tuple[str, ...]
    """Of the exercises, in order."""
    cells: int
    """How many cells are to be filled in."""
    round: int
    """The decimals that are asked for."""
    made: Made = field(repr=False)
    """What it was made of, and what it is judged by."""
    name: str = "spec"

    def save(self, path: str | Path) -> Path:
        """Write the page for students, as `Workbook.save` does."""
        return save_plan(self.plan, Path(path), self.name)

    def save_html(self, path: str | Path) -> Path:
        """Write the page that calculates in a browser, as `Workbook.save_html` does."""
        return save_html(self.plan, Path(path), self.name)

    def save_key(self, path: str | Path) -> Path:
        """Write the page with the answers."""
        return save_plan(self.key, Path(path), self.name)

    def grade(self, place: str | Path, progress: Callable[[str], None] = lambda name: None) -> Grades:
        """The grades of returned pages, as `Exercise.grade` has them; matrices carry their exercise's number."""
        return graded(self.made, place, progress)


def graded(made: Made, place: str | Path, progress: Callable[[str], None]) -> Grades:
    """The grades of a folder of returned workbooks. Raises SheetgenError, EngineError."""
    from sheetgen.grade.grading import grade, returned_files

    return grade(made, made.plan.title, returned_files(Path(place)), progress)


def save_plan(plan: WorkbookPlan, target: Path, name: str) -> Path:
    """Write the workbook of a plan, whole or not at all; `name` is its spec's file, for errors.

    Raises LimitError when it doesn't fit into a workbook, SheetgenError when `target` can't be written.
    """
    from lxml.etree import SerialisationError

    from sheetgen.book import workbook

    try:
        workbook.write(plan, target)
    except LimitError as error:
        raise LimitError(f"{name}: {error}") from None
    except (OSError, SerialisationError) as error:  # openpyxl keeps sheets in temporary files
        raise SheetgenError(f"{target} can't be written: {getattr(error, 'strerror', None) or error}.") from None
    return target


def save_html(
    plan: WorkbookPlan, target: Path, name: str, titles: Mapping[str, str] | None = None,
    written: Written | None = None,
) -> Path:  # fmt: skip
    """Write the page of a plan that calculates in a browser, whole or not at all; `titles` and `written` as in
    `handover.hand_over`.

    Raises LimitError when the page doesn't fit into a workbook either, SheetgenError when `target` can't be written.
    """
    from sheetgen.web.document import document
    from sheetgen.web.handover import hand_over

    try:
        text = document(hand_over(plan, titles, written))
    except LimitError as error:
        raise LimitError(f"{name}: {error}") from None
    with replacing(target) as stream:
        stream.write(text.encode())
    return target
