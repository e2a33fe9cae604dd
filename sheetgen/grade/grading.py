"""A folder of returned workbooks → their grades. A file that can't be graded is listed with the reason."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from sheetgen.errors import SheetgenError, brief, visible
from sheetgen.exercise.exercise import Made
from sheetgen.grade.fresh import Fresh
from sheetgen.grade.identity import identity_of
from sheetgen.grade.marking import marks_of
from sheetgen.grade.results import Grade, Grades, Part
from sheetgen.grade.returned import read_returned
from sheetgen.proof.engines import get

OTHERS = {".ods", ".fods", ".xls", ".xlsm", ".xlsb", ".xltx", ".numbers", ".pdf", ".docx", ".gsheet"}
"""Endings of files that somebody has handed in instead."""
PACKED = {".zip", ".rar", ".7z", ".gz"}
MOST_FILES = 20_000
Progress = Callable[[str], None]
"""Told each file before it is graded."""


class NothingToGrade(SheetgenError):
    """A folder without workbooks."""


def grade(made: Made, title: str, files: Sequence[tuple[Path, Path]], progress: Progress) -> Grades:
    """The grades of returned workbooks: each comes as where it lies, and as it is called within its folder.

    Raises EngineError when IronCalc is missing or can't calculate the exercise itself.
    """
    engine = get("ironcalc")
    engine.ensure()
    parts = tuple(Part(b.matrix, b.title, made.equations[b.matrix], b.cells) for b in made.blanks)
    with tempfile.TemporaryDirectory(prefix="sheetgen-") as folder:
        fresh = Fresh(made, engine, Path(folder))
        results = []
        for path, name in files:
            progress(name.name)
            results.append(_graded(path, name, fresh))
    return Grades(title, parts, made.decimals, tuple(results))


def _graded(path: Path, name: Path, fresh: Fresh) -> Grade:
    identity, shown = identity_of(name), Path(visible(str(name)))
    problem = _refused(path)
    if not problem:
        try:
            found = read_returned(path, fresh.made, fresh.engine)
            marks = marks_of(found.numbers, found.texts, fresh)
            return Grade(shown, found.name or visible(identity.name), found.group, identity.id, marks.boxes,
                         int(found.hints), marks.first, marks.remarks)  # fmt: skip
        except SheetgenError as error:
            problem = _said(error, path)
        except Exception as error:  # a file made to break readers; neither lxml nor zipfile has a common base of errors
            problem = f"The workbook can't be read ({type(error).__name__})."
    return Grade(shown, visible(identity.name), id=identity.id, problem=brief(visible(problem)))


def _said(error: SheetgenError, path: Path) -> str:
    """A message as a sentence, without the path, which is listed beside it."""
    said = str(error).removeprefix(visible(str(path))).removeprefix(str(path)).lstrip(": ")
    return f"It {said}" if said.startswith("is ") else said[:1].upper() + said[1:]


def _refused(path: Path) -> str:
    """Why a file isn't even opened; empty if it is."""
    ending = path.suffix.lower()
    if path.is_symlink():
        return "It is a link to another place, which is not followed."
    if ending in PACKED:
        return "It is packed; unpack it first."
    if ending != ".xlsx":
        return f"{ending} is not read; open it and save it as .xlsx (File, Save as)."
    return "" if path.is_file() else "It is no file."


def returned_files(place: Path) -> list[tuple[Path, Path]]:
    """The workbooks in a folder and the folders in it, in order, each with its name there; or the one file that `place`
    is. Links aren't followed, and hidden files are left out.

    Raises NothingToGrade when there are none, SheetgenError when there is no such folder.
    """
    if not place.exists():
        raise SheetgenError(f"{place}: there is no such folder.")
    if place.is_file():
        return [(place, Path(place.name))]
    found = [(path, path.relative_to(place)) for path in _walk(place)]
    if not found:
        raise NothingToGrade(f"{place}: there are no workbooks (.xlsx) in this folder.")
    if len(found) > MOST_FILES:
        raise SheetgenError(f"{place}: there are {len(found):,} files in this folder; {MOST_FILES:,} is the limit.")
    return sorted(found, key=lambda each: each[1].as_posix().casefold())


def _walk(place: Path) -> Iterator[Path]:
    def fail(error: OSError) -> None:
        raise SheetgenError(f"{error.filename}: the folder can't be read ({error.strerror}).") from None

    for folder, folders, files in os.walk(place, onerror=fail):
        folders[:] = [name for name in folders if not name.startswith((".", "__MACOSX"))]
        for name in files:
            if not name.startswith((".", "~$")) and Path(name).suffix.lower() in {".xlsx", *OTHERS, *PACKED}:
                yield Path(folder, name)
