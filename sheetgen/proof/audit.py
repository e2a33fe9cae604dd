"""A workbook's cells against the plan that its own spec makes: formulas, given numbers, gaps, and what it shows until
it is recalculated."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from sheetgen.cells.a1 import span
from sheetgen.layout.plan import Region, SheetPlan, WorkbookPlan
from sheetgen.proof.compare import drawn, finding_at, formula_at
from sheetgen.proof.engines import Values
from sheetgen.proof.formulas import same
from sheetgen.proof.noise import RELATIVE
from sheetgen.proof.opened import Cell, Opened
from sheetgen.proof.report import WEIGHT, Kind, RegionReport, Report
from sheetgen.proof.slack import Slack

Cells = Mapping[tuple[int, int], Cell]


def audit(plan: WorkbookPlan, report: Report) -> Report:
    """Add to a report where the file's cells differ from the plan: formulas, given numbers, gaps, values shown.

    Formulas are compared as text, see `same`; given numbers to 1e-12 of themselves. Raises SheetgenError when the
    file can't be read. `whole_file` also looks at everything else in the file.
    """
    with Opened(report.path) as workbook:
        sheets = {
            sheet.title.casefold(): {(row, column): cell for row, column, cell in workbook.cells(sheet.part)}
            for sheet in workbook.sheets
        }
    return audit_cells(plan, report, sheets, Slack(plan, Values({})))


def audit_cells(plan: WorkbookPlan, report: Report, sheets: Mapping[str, Cells], slack: Slack) -> Report:
    """`audit`, for cells that are already read, by the sheets' titles in lower case; `slack` tells how far the cached
    values of a region may be off."""
    audited = [
        _audit_region(sheet, region, sheets.get(sheet.title.casefold(), {}), slack, result)
        for (sheet, region), result in zip(drawn(plan), report.regions, strict=True)
    ]
    return replace(report, regions=tuple(audited))


def _audit_region(sheet: SheetPlan, region: Region, cells: Cells, slack: Slack, result: RegionReport) -> RegionReport:
    problems = []
    for (i, j), wanted in np.ndenumerate(region.values):
        cell = cells.get((region.row + i, region.column + j))
        problem = _problem(region, i, j, wanted, cell)
        if problem is None and cell is not None and not shows(cell, wanted):
            if isinstance(wanted, str) or isinstance(cell.value, str):
                right = slack.may_say(region, np.full(region.values.shape, cell.value, dtype=object))[i, j]
            else:
                right = abs(float(cell.value or 0.0) - float(wanted)) <= slack.of(sheet.title, region)[0][i, j]
            if not right:
                problem = ("cached", wanted, cell.value)
        if problem is not None:
            kind, expected, found = problem
            expected = expected if isinstance(expected, str) else float(expected)
            problems.append(finding_at(kind, sheet, region, i, j, expected, found))
    if not problems:
        return result
    problems.sort(key=lambda finding: WEIGHT.index(finding.kind))
    first = problems[0]
    if first.kind == "cached" and result.finding is not None:
        first = result.finding
    return replace(result, wrong=max(result.wrong, len(problems)), finding=first)


def _problem(region: Region, i: int, j: int, wanted: Any, cell: Cell | None) -> tuple[Kind, Any, Any] | None:
    """What is wrong with a cell's content, what it should be, and what it is."""
    formula = formula_at(region, i, j)
    inside = region.block is not None and (i, j) != (0, 0)  # of an array formula: it holds only a cached value
    if cell is None or (cell.formula is None and cell.value is None):
        return None if inside else ("missing", wanted, None)
    if inside:
        return None if cell.formula is None else ("formula", f"={formula}", f"={cell.formula}")
    if formula is None:
        kept = cell.formula is None and _same(cell.value, wanted)
        return None if kept else ("given", wanted, f"={cell.formula}" if cell.formula is not None else cell.value)
    if cell.formula is None or not same(cell.formula, formula):
        return "formula", f"={formula}", cell.value if cell.formula is None else f"={cell.formula}"
    size = (region.height, region.width) if region.block else (1, 1)
    ref = span(region.row + i, region.column + j, *size) if region.block or region.array else ""
    if cell.ref.replace("$", "") not in (ref, f"{ref}:{ref}"):
        return "formula", in_braces(formula, ref), in_braces(cell.formula, cell.ref)
    return None


def in_braces(formula: str, ref: str) -> str:
    """An array formula as spreadsheets show it, with its range; any other formula with its `=`."""
    return f"{{={formula}}} in {ref}" if ref else f"={formula}"


def shows(cell: Cell, wanted: Any) -> bool:
    """Whether a cell's cached value, if it has one, is what it should be."""
    value = cell.value
    if value is None:
        return True
    if isinstance(wanted, str) and isinstance(value, float):
        with suppress(ValueError):
            wanted = float(wanted)
    if isinstance(wanted, str) or isinstance(value, str):
        return str(value) == str(wanted)
    number = float(wanted)
    return abs(value - number) <= RELATIVE * max(abs(value), abs(number))


def _same(held: Any, given: Any) -> bool:
    if isinstance(held, str) or isinstance(given, str):
        return str(held) == str(given)
    return isinstance(held, int | float) and abs(held - float(given)) <= 1e-12 * abs(float(given))
