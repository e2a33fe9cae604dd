"""Numpy against a spreadsheet engine, matrix by matrix, and a workbook's cells against its own spec."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula

from sheetgen.engines import Engine, Values, check_workbook
from sheetgen.errors import SheetgenError
from sheetgen.plan import Region, SheetPlan, WorkbookPlan
from sheetgen.show import number_text
from sheetgen.tolerance import RELATIVE, Noise

Kind = Literal["given", "missing", "formula", "value"]
WEIGHT: tuple[Kind, ...] = ("given", "missing", "formula", "value")
"""Causes before their consequences: a changed weight makes every later value differ too."""


@dataclass(frozen=True)
class Finding:
    """One wrong cell. `expected` and `found` are formulas (with `=`) when `kind` is `formula`.

    `given`: a number differs from the spec · `missing`: the cell is empty · `formula`: it holds another formula or
    none · `value`: the recalculated value differs from numpy's. `formula` (without `=`) is the planned one.
    """

    kind: Kind
    sheet: str
    cell: str
    matrix: str
    formula: str | None
    expected: float | str | None
    found: float | str | None

    def __str__(self) -> str:
        what = {
            "given": "differs from the spec",
            "missing": "the cell is empty",
            "formula": "another formula",
            "value": "another value",
        }[self.kind]
        formula = f" ={self.formula}" if self.formula and self.kind != "formula" else ""
        return (
            f"{self.matrix} {self.sheet}!{self.cell}{formula}: {what}; "
            f"expected {_text(self.expected)}, found {_text(self.found)}"
        )


@dataclass(frozen=True)
class RegionReport:
    """One matrix where it is drawn: `range` such as `B5:D8`, how many `cells`, how many of them `wrong`.

    `worst` is the largest relative error of its right cells, |a - b| / max(|a|, |b|); 0 where the difference lies
    within the rounding noise of what the formula reads. `finding` is its first wrong cell.
    """

    name: str
    sheet: str
    range: str
    cells: int
    wrong: int
    worst: float
    finding: Finding | None = None

    @property
    def ok(self) -> bool:
        return self.wrong == 0


@dataclass(frozen=True)
class Report:
    """What an engine (`engine` is its title) made of one workbook."""

    title: str
    path: Path
    engine: str
    regions: tuple[RegionReport, ...] = field(repr=False)

    def __str__(self) -> str:
        found = f"{self.wrong} of them wrong; {self.first}" if self.first else "all as numpy has them"
        return f"{self.path}: {self.cells} cells, recalculated by {self.engine}, {found}"

    @property
    def ok(self) -> bool:
        return all(region.ok for region in self.regions)

    @property
    def cells(self) -> int:
        return sum(region.cells for region in self.regions)

    @property
    def wrong(self) -> int:
        return sum(region.wrong for region in self.regions)

    @property
    def worst(self) -> float:
        return max((region.worst for region in self.regions), default=0.0)

    @property
    def findings(self) -> list[Finding]:
        """The first wrong cell of each wrong region, causes before consequences."""
        found = [region.finding for region in self.regions if region.finding]
        return sorted(found, key=lambda finding: WEIGHT.index(finding.kind))

    @property
    def first(self) -> Finding | None:
        """The wrong cell to look at first."""
        return next(iter(self.findings), None)

    def to_json(self) -> dict[str, Any]:
        """Plain data for `--json`; only wrong regions are listed."""
        return {
            "title": self.title,
            "path": str(self.path),
            "engine": self.engine,
            "ok": self.ok,
            "regions": len(self.regions),
            "cells": self.cells,
            "wrong": self.wrong,
            "worst_relative_error": self.worst,
            "first": asdict(self.first) if self.first else None,
            "failed": [asdict(region) for region in self.regions if not region.ok],
        }


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


def verify_workbook(path: Path | str, engine: str = "ironcalc") -> Report:
    """Verify a workbook file from itself: its Spec sheet is compiled anew and every cell compared with it.

    `engine` is `ironcalc` or `libreoffice`. Raises SheetgenError when the file isn't a workbook, or none that sheetgen
    made; SpecError when its Spec sheet no longer compiles; EngineError when the engine is missing or fails.
    """
    from sheetgen.engines import get

    return verify_workbooks([Path(path)], get(engine))[0]


def verify_workbooks(paths: Sequence[Path], engine: Engine) -> list[Report]:
    """`verify_workbook` for several files, handed to the engine together."""
    plans = [plan_of(path) for path in paths]
    return [
        audit(plan, compare(plan, values, path, engine.title))
        for plan, path, values in zip(plans, paths, engine.recalculate(paths), strict=True)
    ]


def plan_of(path: Path) -> WorkbookPlan:
    """The plan that the spec inside a workbook compiles to today. Raises SheetgenError or SpecError."""
    from sheetgen.compiler import compile_text
    from sheetgen.package import read_spec

    check_workbook(path)
    return compile_text(read_spec(path), name=f"{path.name}, sheet Spec", base=path.parent).plan


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
    from sheetgen.plan import Role

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
        finding = _finding(kind, sheet, region, i, j, a if isinstance(a, str) else float(a), found[i, j])
    return RegionReport(
        region.name, sheet.title, _range(region), region.height * region.width, len(bad), worst, finding
    )


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
                problems.append(_finding("missing", sheet, region, i, j, _wanted(region, i, j), None))
            elif formula is not None:
                if not (isinstance(held, str) and held.startswith("=")) or canonical(held) != canonical(formula):
                    shown = held.removeprefix("'") if isinstance(held, str) else held
                    problems.append(_finding("formula", sheet, region, i, j, f"={formula}", shown))
            elif not _same(held, region.values[i, j]):
                shown = held.removeprefix("'") if isinstance(held, str) else held
                problems.append(_finding("given", sheet, region, i, j, _wanted(region, i, j), shown))
    if not problems:
        return result
    problems.sort(key=lambda finding: WEIGHT.index(finding.kind))
    return replace(result, wrong=max(result.wrong, len(problems)), finding=problems[0])


def formula_at(region: Region, i: int, j: int) -> str | None:
    """The formula (without `=`) of a region's cell, 0-based; the block's for every cell of a block."""
    return region.block or (region.formulas[i][j] if region.formulas else None)


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


def _finding(
    kind: Kind, sheet: SheetPlan, region: Region, i: int, j: int, expected: float | str | None, found: Any
) -> Finding:
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


def _text(value: float | str | None) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return value if value.startswith(("=", "#")) else repr(value)
    return number_text(float(value))
