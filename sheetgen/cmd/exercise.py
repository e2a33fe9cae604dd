"""`sheetgen exercise`: a page to fill in, and its key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sheetgen.api import compile
from sheetgen.cmd.batch import make_folder
from sheetgen.pages import Exercise


@dataclass(frozen=True)
class Written:
    """The two files, and what is asked in the first."""

    exercise: Path
    key: Path
    task: Exercise

    @property
    def told(self) -> str:
        """`20 cells to fill in: Z1, A1, dL_dW3; 2 decimals`."""
        task = self.task
        return f"{task.cells} cells to fill in: {', '.join(task.blanks)}; {task.round} decimals"

    def to_json(self) -> dict[str, Any]:
        task = self.task
        return {"exercise": str(self.exercise), "key": str(self.key), "blanks": list(task.blanks), "cells": task.cells,
                "decimals": task.round}  # fmt: skip


def write(
    spec: Path, folder: Path, blank: Sequence[str] | None, decimals: int | None, hints: bool | None, outside: bool,
    level: int | None = None,
) -> Written:  # fmt: skip
    """Write `folder`/NAME-exercise.xlsx and NAME-key.xlsx. Raises SpecError, LimitError or SheetgenError."""
    workbook = compile(spec, outside)
    task = workbook.exercise(blank, decimals, hints, level)
    make_folder(folder)
    key = workbook.save(folder / f"{spec.stem}-key.xlsx")
    return Written(task.save(folder / f"{spec.stem}-exercise.xlsx"), key, task)
