"""Exercises in an engine: what the hidden sheets say of pages that are blank, solved, or solved with a slip."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from by_specs import compiled

from sheetgen.book import workbook
from sheetgen.exercise.exercise import Made, answers, exercise, typed
from sheetgen.ir.exercise import Task
from sheetgen.layout.plan import Region, Role, WorkbookPlan
from sheetgen.ops.elementwise import half_away_from_zero
from sheetgen.passes.evaluate import value_of
from sheetgen.proof.engines import Engine, Values


def made(name: str, *blank: str, decimals: int | None = None) -> Made:
    """A spec of the gallery as an exercise."""
    whole = compiled(name)
    return exercise(whole.plan, whole.program, whole.values, Task(blank, decimals))


def files(task: Made, folder: Path) -> tuple[Path, Path]:
    """The blank page, and the solved one."""
    blank, solved = folder / "blank.xlsx", folder / "solved.xlsx"
    workbook.write(task.plan, blank)
    workbook.write(typed(task, answers(task)), solved)
    return blank, solved


def recalculated(engine: Engine, task: Made, folder: Path) -> list[Values]:
    return engine.recalculate(list(files(task, folder)))


def checks(plan: WorkbookPlan) -> dict[tuple[str, int, int], tuple[str, int, int]]:
    """Each blank cell, and the cell that judges it."""
    pages = [(sheet.title, region) for sheet in plan.sheets for region in sheet.regions]
    hidden = [(sheet.title, region) for sheet in plan.sheets if sheet.hidden for region in sheet.regions]
    judges = {
        (region.name, region.row + i, region.column + j): title
        for title, region in hidden for i, j in np.ndindex(region.values.shape)
    }  # fmt: skip

    def judge(r: Region, row: int, column: int) -> str:
        names = (f"check of {name}" for name in (r.name, r.key))
        return next(judges[name, row, column] for name in names if (name, row, column) in judges)

    return {
        (title, r.row + i, r.column + j): (judge(r, r.row + i, r.column + j), r.row + i, r.column + j)
        for title, r in pages for i, j in empty_cells(r)
    }  # fmt: skip


def empty_cells(region: Region) -> list[tuple[int, int]]:
    """The cells of a region that are to be filled in, by row and column from 0."""
    if region.open is not None:
        return [(i, j) for i, j in np.ndindex(region.values.shape) if region.open[i, j]]
    return list(np.ndindex(region.values.shape)) if region.role is Role.BLANK else []  # type: ignore[arg-type]


def following(name: str, task: Made, slip: tuple[str, int, int], number: float) -> dict[str, np.ndarray]:
    """What somebody types who has one wrong number and goes on rightly, by key; `slip` is a key, a row, a column."""
    found = {region.key: region.values for region in regions(name)}
    right = answers(task)
    found |= right
    key, i, j = slip
    changed = True
    while changed:
        changed = False
        for region in regions(name):
            if region.source is None or region.words:
                continue
            value = value_of(region.source, found)
            if region.key in right:
                value = half_away_from_zero(value, task.decimals)
            if region.key == key:
                value = value.copy()
                value[i, j] = number
            if not np.array_equal(value, found[region.key], equal_nan=True):
                found[region.key], changed = value, True
    return {each: found[each] for each in right}


def regions(name: str) -> list[Region]:
    return [region for sheet in compiled(name).plan.sheets for region in sheet.regions]


def places(task: Made) -> Mapping[str, tuple[str, Region]]:
    """Where the blanks stand, by key."""
    return {place.region.key: (place.sheet, place.region) for blank in task.blanks for place in blank.places}


def slips(name: str, task: Made) -> list[tuple[tuple[str, int, int], dict[str, np.ndarray]]]:
    """For each matrix a wrong number in its middle, by key, row and column, and what is typed by who then goes on
    rightly; of several the first with which everything stays a number."""
    found = []
    for key, right in answers(task).items():
        i, j = (size // 2 for size in right.shape)
        sizes = np.abs(right[np.abs(right) > 1e-6])
        usual = float(np.median(sizes)) if sizes.size else 1.0
        for off in (3 * usual, -3 * usual, usual / 2):
            number = float(half_away_from_zero(np.array(right[i, j] + off), task.decimals))
            numbers = following(name, task, (key, i, j), number)
            if all(np.isfinite(each).all() for each in numbers.values()):
                found.append(((key, i, j), numbers))
                break
    return found
