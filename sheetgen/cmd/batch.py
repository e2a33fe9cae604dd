"""Several specs and workbooks, one after another: a failing one never stops the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sheetgen.api import compile, plan_of
from sheetgen.cmd.targets import Target
from sheetgen.errors import EngineError, SheetgenError
from sheetgen.layout.plan import WorkbookPlan
from sheetgen.proof.audit import audit
from sheetgen.proof.compare import check as check_file
from sheetgen.proof.compare import compare
from sheetgen.proof.engines import Engine, Values
from sheetgen.proof.report import Report

Progress = Callable[[str], None]
"""Called with a target's name before it is worked on."""


@dataclass(frozen=True)
class Result:
    """What became of one target: reports (one an engine), or the error that stopped it."""

    name: str
    source: str
    path: Path | None = None
    reports: tuple[Report, ...] = ()
    error: SheetgenError | None = None
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return self.error is None and all(report.ok for report in self.reports)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "source": self.source,
            "workbook": str(self.path) if self.path else None,
            "ok": self.ok,
            "error": str(self.error) if self.error else None,
            "seconds": round(self.seconds, 3),
            "reports": [report.to_json() for report in self.reports],
        }


def exit_code(results: Sequence[Result]) -> int:
    """0 all good, 1 a workbook doesn't verify, 2 some input was wrong."""
    return 2 if any(result.error for result in results) else 0 if all(result.ok for result in results) else 1


def make_folder(folder: Path) -> None:
    """Create the output folder; SheetgenError when that is impossible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise SheetgenError(f"{folder} is a file; expected a folder to write to.") from None
    except OSError as error:
        raise SheetgenError(f"{folder}: the folder can't be made ({error.strerror}).") from None


def build(targets: Sequence[Target], folder: Path, engine: Engine, progress: Progress) -> list[Result]:
    """Compile each spec into `folder`/NAME.xlsx and verify what was written."""
    make_folder(folder)
    results: list[Result] = []
    taken: dict[str, Target] = {}
    for target in targets:
        progress(target.name)
        start = time.perf_counter()
        path = folder / f"{target.name}.xlsx"
        reports: tuple[Report, ...] = ()
        problem: SheetgenError | None = None
        try:
            other = taken.setdefault(target.name.casefold(), target)
            if other is not target:
                raise SheetgenError(f"{target.path}: its workbook would overwrite that of {other.path}; rename one.")
            workbook = compile(target.path)
            workbook.save(path)
            reports = (check_file(workbook.plan, path, engine),)
        except SheetgenError as error:
            problem = error
        seconds = time.perf_counter() - start
        written = path if reports else None
        results.append(Result(target.name, str(target.path), written, reports, problem, seconds))
    return results


def check(targets: Sequence[Target], engines: Sequence[Engine], folder: Path, progress: Progress) -> list[Result]:
    """Verify specs (compiled into the temporary `folder`) and workbooks, each with every engine."""
    for engine in engines:
        engine.ensure()
    start = time.perf_counter()
    plans: dict[int, tuple[WorkbookPlan, Path]] = {}
    problems: dict[int, SheetgenError] = {}
    for k, target in enumerate(targets):
        progress(target.name)
        try:
            if target.kind == "workbook":
                plans[k] = (plan_of(target.path), target.path)
            else:
                workbook = compile(target.path)
                plans[k] = (workbook.plan, workbook.save(folder / f"{k}.xlsx"))
        except SheetgenError as error:
            problems[k] = error
    reports: dict[int, list[Report]] = {k: [] for k in plans}
    for engine in engines:
        progress(f"{engine.title} calculates")
        for k, values in _recalculate(engine, {k: path for k, (_, path) in plans.items()}).items():
            plan, path = plans[k]
            if isinstance(values, EngineError):
                problems[k] = values
                continue
            report = compare(plan, values, path, engine.title)
            reports[k].append(audit(plan, report) if targets[k].kind == "workbook" else report)
    seconds = (time.perf_counter() - start) / max(1, len(targets))
    return [
        Result(
            target.name,
            str(target.path),
            target.path if target.kind == "workbook" else None,
            tuple(reports.get(k, ())),
            problems.get(k),
            seconds,
        )
        for k, target in enumerate(targets)
    ]


def workbook_files(targets: Sequence[Target], folder: Path, progress: Progress) -> tuple[list[Path], list[Result]]:
    """A workbook file for each target (specs are compiled into `folder`), and the targets that failed."""
    paths, failed = [], []
    for target in targets:
        progress(target.name)
        try:
            if target.kind == "workbook":
                from sheetgen.proof.opened import check_workbook

                check_workbook(target.path)
                paths.append(target.path)
            else:
                paths.append(compile(target.path).save(folder / f"{target.name}.xlsx"))
        except SheetgenError as error:
            failed.append(Result(target.name, str(target.path), error=error))
    return paths, failed


def _recalculate(engine: Engine, paths: dict[int, Path]) -> dict[int, Values | EngineError]:
    """All files together; if that fails, one by one, to know which it was."""
    try:
        return dict(zip(paths, engine.recalculate(list(paths.values())), strict=True))
    except EngineError as error:
        if len(paths) == 1:
            return {k: error for k in paths}
    result: dict[int, Values | EngineError] = {}
    for k, path in paths.items():
        result.update(_recalculate(engine, {k: path}))
    return result
