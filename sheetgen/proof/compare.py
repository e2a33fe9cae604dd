"""numpy against a spreadsheet engine, matrix by matrix."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from sheetgen.cells.a1 import span
from sheetgen.layout.numbers import number_in
from sheetgen.layout.plan import Region, Role, SheetPlan, WorkbookPlan
from sheetgen.proof.engines import Engine, Values
from sheetgen.proof.noise import RELATIVE
from sheetgen.proof.report import Finding, Kind, RegionReport, Report
from sheetgen.proof.slack import Slack


def check(plan: WorkbookPlan, path: Path, engine: Engine) -> Report:
    """Compare every region and live text of `plan` with the cells of `path`, recalculated by `engine`.

    Values only: `audit` also compares formulas and given numbers. Raises EngineError, or SheetgenError when `path` is
    no workbook.
    """
    return compare(plan, engine.recalculate([path])[0], path, engine.title)


def compare(plan: WorkbookPlan, values: Values, path: Path, engine: str, slack: Slack | None = None) -> Report:
    """`check`, for values that an engine (`engine` is its title) has already made; `slack` tells how far right values
    may lie apart, and is read from the formulas otherwise."""
    allowed = slack or Slack(plan, values)
    regions = [_compare_region(sheet, region, values, allowed) for sheet, region in drawn(plan)]
    return Report(plan.title, path, engine, tuple(regions))


def drawn(plan: WorkbookPlan) -> Iterator[tuple[SheetPlan, Region]]:
    """Every region with its sheet; live texts count as regions of one cell."""
    for sheet in plan.sheets:
        for region in sheet.regions:
            yield sheet, region
        for label in sheet.labels:
            if label.formula is not None:
                text = label.style != "number"
                value = np.array([[label.text]], dtype=object) if text else np.array([[float(label.text)]])
                yield sheet, Region("live text", Role.VERDICT, label.row, label.column, value, ((label.formula,),),
                                    source=label.source, words=label.words)  # fmt: skip


def _compare_region(sheet: SheetPlan, region: Region, values: Values, slack: Slack) -> RegionReport:
    if region.values.dtype.kind in "fiub":
        wrong, worst = _numbers(sheet, region, values, slack)
    else:
        wrong, worst = _texts(sheet, region, values, slack)
    finding = None
    if wrong.any():
        i, j = (int(k) for k in np.argwhere(wrong)[0])
        expected, found = region.values[i, j], values.value(sheet.title, region.row + i, region.column + j)
        kind: Kind = "missing" if found is None else "value" if formula_at(region, i, j) else "given"
        shown = expected if isinstance(expected, str) else float(expected)
        finding = finding_at(kind, sheet, region, i, j, shown, found)
    cells = span(region.row, region.column, region.height, region.width)
    return RegionReport(region.name, sheet.title, cells, wrong.size, int(wrong.sum()), worst, finding)


def _numbers(sheet: SheetPlan, region: Region, values: Values, slack: Slack) -> tuple[np.ndarray, float]:
    """Which cells are wrong, and the largest error of the others."""
    expected = region.values.astype(float)
    found = values.numbers(sheet.title, region.row, region.column, region.height, region.width)
    gap, size = np.abs(expected - found), np.maximum(np.abs(expected), np.abs(found))
    right = gap <= RELATIVE * size
    if not right.all():
        noise, reach = slack.of(sheet.title, region)
        largest = np.where(np.isinf(reach), np.abs(expected).max(), reach)
        size = np.where(right, size, np.maximum(size, largest))
        right = right | (gap <= noise)
    error = gap / np.where(size == 0, 1.0, size)
    return ~right, float(error[right].max(initial=0.0))


def _texts(sheet: SheetPlan, region: Region, values: Values, slack: Slack) -> tuple[np.ndarray, float]:
    found = values.block(sheet.title, region.row, region.column, region.height, region.width)
    wrong, worst = np.zeros(found.shape, dtype=bool), 0.0
    for (i, j), text in np.ndenumerate(region.values):
        a, b = number_in(text) if isinstance(text, str) and isinstance(found[i, j], float) else text, found[i, j]
        if isinstance(a, str) or not isinstance(b, float):
            wrong[i, j] = not (isinstance(a, str) and (a or None) == (b or None))
            continue
        gap, size = abs(float(a) - b), max(abs(float(a)), abs(b))
        wrong[i, j] = gap > RELATIVE * size
        worst = worst if wrong[i, j] or not size else max(worst, gap / size)
    return wrong & ~slack.may_say(region, found) if wrong.any() else wrong, worst


def home_of(plan: WorkbookPlan, matrix: str) -> tuple[SheetPlan, Region] | None:
    """Where a matrix stands itself, not as a copy; None if it stands nowhere."""
    placed = ((sheet, region) for sheet in plan.sheets for region in sheet.regions if region.name == matrix)
    return next(((sheet, region) for sheet, region in placed if region.role is not Role.COPY), None)


def formula_at(region: Region, i: int, j: int) -> str | None:
    """The formula (without `=`) of a region's cell, 0-based; the block's for every cell of a block."""
    return region.block or (region.formulas[i][j] if region.formulas else None)


def finding_at(
    kind: Kind, sheet: SheetPlan, region: Region, i: int, j: int, expected: float | str | None, found: Any
) -> Finding:
    """A finding about cell (i, j), 0-based, of a region."""
    cell = span(region.row + i, region.column + j)
    return Finding(kind, sheet.title, cell, region.name, formula_at(region, i, j), expected, found)
