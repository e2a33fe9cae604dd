"""`sheetgen exercise`: a page to fill in, and its key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sheetgen.api import compile, exercises
from sheetgen.cmd.batch import make_folder
from sheetgen.errors import SheetgenError
from sheetgen.pages import Exercise, ExercisePage
from sheetgen.spec.exercises import holds_exercises


@dataclass(frozen=True)
class Written:
    """The two files, and what is asked in the first."""

    exercise: Path
    key: Path
    task: Exercise | ExercisePage

    @property
    def told(self) -> tuple[str, str]:
        """Of each file what it is: `20 cells to fill in: Z1, A1, dL_dW3; 2 decimals`, and its key."""
        task = self.task
        if isinstance(task, ExercisePage):
            asked = f"{len(task.titles)} exercises with {task.cells} cells to fill in; {task.round} decimals"
            return asked, "the page filled in"
        asked = f"{task.cells} cells to fill in: {', '.join(task.blanks)}; {task.round} decimals"
        return asked, "the finished workbook"

    def to_json(self) -> dict[str, Any]:
        task = self.task
        what = {"exercises": list(task.titles)} if isinstance(task, ExercisePage) else {"blanks": list(task.blanks)}
        return {"exercise": str(self.exercise), "key": str(self.key), **what, "cells": task.cells,
                "decimals": task.round}  # fmt: skip


def write(
    spec: Path, folder: Path, blank: Sequence[str] | None, decimals: int | None, hints: bool | None, outside: bool,
    level: int | None = None,
) -> Written:  # fmt: skip
    """Write `folder`/NAME-exercise.xlsx and NAME-key.xlsx. Raises SpecError, LimitError or SheetgenError."""
    asked, key = folder / f"{spec.stem}-exercise.xlsx", folder / f"{spec.stem}-key.xlsx"
    if holds_exercises(spec):
        if any(option is not None for option in (blank, level, decimals, hints)):
            problem = "is a page of exercises, which say themselves what is left empty"
            raise SheetgenError(f"{spec} {problem}: leave out --blank, --level, --round and --hints.")
        page = exercises(spec, outside)
        make_folder(folder)
        return Written(page.save(asked), page.save_key(key), page)
    workbook = compile(spec, outside)
    task = workbook.exercise(blank, decimals, hints, level)
    make_folder(folder)
    workbook.save(key)
    return Written(task.save(asked), key, task)
