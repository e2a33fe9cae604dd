"""numpy against a spreadsheet engine, matrix by matrix."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from openpyxl.utils import get_column_letter

from sheetgen.layout.plan import Region, Role, SheetPlan, WorkbookPlan
from sheetgen.proof.engines import Engine, Values
from sheetgen.proof.noise import RELATIVE, Noise
from sheetgen.proof.report import Finding, Kind, RegionReport, Report


def check(plan: WorkbookPlan, path: Path, engine: Engine) -> Report:
    """Compare every region and live text of `plan` with the cells of `path`, recalculated by `engine`.

    Values only: `audit` also compares formulas and given numbers. Raises EngineError, or SheetgenError when `path` is
    no workbook.
    """
    return compare(plan, engine.recalculate([path])[0], path, engine.title)


def compare(plan: WorkbookPlan, values: Values, path: Path, engine: str) -> Report:
    """`check`, for values that an engine (`engine` is its title) has already made."""
    noise = Noise(plan)
    regions = [_compare_region(sheet, region, values, noise) for sheet, region in drawn(plan)]
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
                yield sheet, _live_text(label.row, label.column, value, label.formula)


def _live_text(row: int, column: int, value: np.ndarray, formula: str) -> Region:
    return Region("live text", Role.VERDICT, row, column, value, ((formula,),))


def _compare_region(sheet: SheetPlan, region: Region, values: Values, noise: Noise) -> RegionReport:
    expected = region.values
    found = values.block(sheet.title, region.row, region.column, region.height, region.width)
    worst, bad = 0.0, []
    for i in range(region.height):
        for j in range(region.width):
            a, b = expected[i, j], found[i, j]
            if isinstance(a, str) and isinstance(b, float):
                a = _number(a)
            if isinstance(a, str) or not isinstance(b, float):
                right = (a or None) == (b or None) if isinstance(a, str) else False
                error = 0.0
            else:
                gap, size = abs(float(a) - b), max(abs(float(a)), abs(b))
                error = gap / size if size else 0.0
                right = error <= RELATIVE
                if not right and gap <= noise.of(sheet.title, region.row + i, region.column + j):
                    right, error = True, 0.0
            if right:
                worst = max(worst, error)
            else:
                bad.append((i, j))
    finding = None
    if bad:
        i, j = bad[0]
        a = expected[i, j]
        kind: Kind = "missing" if found[i, j] is None else "value" if formula_at(region, i, j) else "given"
        finding = finding_at(kind, sheet, region, i, j, a if isinstance(a, str) else float(a), found[i, j])
    return RegionReport(
        region.name, sheet.title, _range(region), region.height * region.width, len(bad), worst, finding
    )


def formula_at(region: Region, i: int, j: int) -> str | None:
    """The formula (without `=`) of a region's cell, 0-based; the block's for every cell of a block."""
    return region.block or (region.formulas[i][j] if region.formulas else None)


def finding_at(
    kind: Kind, sheet: SheetPlan, region: Region, i: int, j: int, expected: float | str | None, found: Any
) -> Finding:
    """A finding about cell (i, j), 0-based, of a region."""
    cell = f"{get_column_letter(region.column + j)}{region.row + i}"
    return Finding(kind, sheet.title, cell, region.name, formula_at(region, i, j), expected, found)


def _range(region: Region) -> str:
    first = f"{get_column_letter(region.column)}{region.row}"
    last = f"{get_column_letter(region.column + region.width - 1)}{region.row + region.height - 1}"
    return first if first == last else f"{first}:{last}"


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
