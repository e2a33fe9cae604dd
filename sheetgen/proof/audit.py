"""A workbook's cells against its own spec: formulas, given numbers, gaps."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.formula import ArrayFormula

from sheetgen.errors import SheetgenError
from sheetgen.layout.plan import Region, SheetPlan, WorkbookPlan
from sheetgen.proof.compare import drawn, finding_at, formula_at
from sheetgen.proof.report import WEIGHT, RegionReport, Report


def audit(plan: WorkbookPlan, report: Report) -> Report:
    """Add to a report where the file's cells differ from the plan: formulas, given numbers, gaps.

    Formulas are compared as text, see `canonical`; given numbers to 1e-12 of themselves. Raises SheetgenError when
    openpyxl can't read the file.
    """
    try:
        workbook = load_workbook(report.path)
    except Exception as error:  # openpyxl has no base class for what it can't read
        raise SheetgenError(f"{report.path}: the workbook can't be read ({error}).") from None
    cells = {
        (sheet.title.casefold(), cell.row, cell.column): cell
        for sheet in workbook.worksheets
        for row in sheet.iter_rows()
        for cell in row
    }

    def content(sheet: str, row: int, column: int) -> Any:
        cell = cells.get((sheet.casefold(), row, column))
        if cell is None:
            return None
        if isinstance(cell.value, ArrayFormula):
            return "=" + str(cell.value.text).removeprefix("=")
        return f"'{cell.value}" if cell.data_type == "s" else cell.value

    audited = [
        _audit_region(sheet, region, content, result)
        for (sheet, region), result in zip(drawn(plan), report.regions, strict=True)
    ]
    return replace(report, regions=tuple(audited))


def _audit_region(
    sheet: SheetPlan, region: Region, content: Callable[[str, int, int], Any], result: RegionReport
) -> RegionReport:
    problems = []
    for i in range(region.height):
        for j in range(region.width):
            formula = formula_at(region, i, j)
            held = content(sheet.title, region.row + i, region.column + j)
            if region.block and (i, j) != (0, 0):
                continue  # the other cells of an array formula hold only cached values
            if held is None:
                problems.append(finding_at("missing", sheet, region, i, j, _wanted(region, i, j), None))
            elif formula is not None:
                if not (isinstance(held, str) and held.startswith("=")) or canonical(held) != canonical(formula):
                    shown = held.removeprefix("'") if isinstance(held, str) else held
                    problems.append(finding_at("formula", sheet, region, i, j, f"={formula}", shown))
            elif not _same(held, region.values[i, j]):
                shown = held.removeprefix("'") if isinstance(held, str) else held
                problems.append(finding_at("given", sheet, region, i, j, _wanted(region, i, j), shown))
    if not problems:
        return result
    problems.sort(key=lambda finding: WEIGHT.index(finding.kind))
    return replace(result, wrong=max(result.wrong, len(problems)), finding=problems[0])


def canonical(formula: str) -> str:
    """A formula without the differences that mean nothing: blanks, case, needless quotes of a sheet's name."""
    parts = re.split(r'("(?:[^"]|"")*")', formula.removeprefix("="))
    for k in range(0, len(parts), 2):
        parts[k] = re.sub(r"'(\w+)'!", r"\1!", re.sub(r"\s+", "", parts[k])).upper()
    return "".join(parts)


def _same(held: Any, given: Any) -> bool:
    if isinstance(held, str) or isinstance(given, str):
        return str(held).removeprefix("'") == str(given)
    return isinstance(held, int | float) and abs(held - float(given)) <= 1e-12 * abs(float(given))


def _wanted(region: Region, i: int, j: int) -> float | str:
    value = region.values[i, j]
    return value if isinstance(value, str) else float(value)
