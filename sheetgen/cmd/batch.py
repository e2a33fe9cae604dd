"""Several specs and workbooks: a failing one never stops the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sheetgen.api import compile, recompiled
from sheetgen.cmd.targets import Target
from sheetgen.errors import EngineError, SheetgenError
from sheetgen.pool import cores, shared_out
from sheetgen.proof import engines as available
from sheetgen.proof.engines import Engine, Values
from sheetgen.proof.report import Change, Report
from sheetgen.workbook import Workbook, report_of

MOST_ALONE = 3
"""Specs that this process builds by itself: others take half a second to start."""
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

    @property
    def changes(self) -> tuple[Change, ...]:
        """What differs in the file without being a number; all engines see the same."""
        return self.reports[0].changes if self.reports else ()

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


def build(
    targets: Sequence[Target], folder: Path, progress: Progress, jobs: int | None = None, engine: str = "ironcalc"
) -> list[Result]:
    """Compile each spec into `folder`/NAME.xlsx and verify what was written, in several processes if there are many.

    `jobs` is how many; the results don't depend on it.
    """
    make_folder(folder)
    taken: dict[str, Target] = {}
    tasks = []
    for target in targets:
        other = taken.setdefault(target.name.casefold(), target)
        tasks.append(_Task(target, folder / f"{target.name}.xlsx", engine, None if other is target else other.path))
    processes = jobs or (cores() if len(tasks) > MOST_ALONE else 1)
    results: dict[int, Result] = {}
    if processes == 1:
        for number, task in enumerate(tasks):
            progress(task.target.name)
            results[number] = _built(task)
    else:
        for number, result in shared_out(_built, tasks, processes, lambda task: progress(task.target.name)):
            results[number] = result or _lost(targets[number])
    return [results[number] for number in range(len(tasks))]


@dataclass(frozen=True)
class _Task:
    """A spec to build; `rival` is an earlier one whose workbook would have the same name."""

    target: Target
    path: Path
    engine: str
    rival: Path | None


def _built(task: _Task) -> Result:
    start = time.perf_counter()
    reports: tuple[Report, ...] = ()
    problem: SheetgenError | None = None
    target = task.target
    try:
        if task.rival is not None:
            raise SheetgenError(f"{target.path}: its workbook would overwrite that of {task.rival}; rename one.")
        engine = _engine(task.engine)
        engine.ensure()
        workbook = compile(target.path, target.outside)
        workbook.save(task.path)
        reports = (report_of(workbook, task.path, engine.recalculate([task.path])[0], engine.title),)
    except SheetgenError as error:
        problem = error
    seconds = time.perf_counter() - start
    return Result(target.name, str(target.path), task.path if reports else None, reports, problem, seconds)


@cache
def _engine(name: str) -> Engine:
    """One for all that this process builds."""
    return available.get(name)


def _lost(target: Target) -> Result:
    why = SheetgenError(f"{target.path}: the process that built it was stopped; is there enough memory?")
    return Result(target.name, str(target.path), error=why)


def check(targets: Sequence[Target], engines: Sequence[Engine], folder: Path, progress: Progress) -> list[Result]:
    """Verify specs (compiled into the temporary `folder`) and workbooks, each with every engine."""
    for engine in engines:
        engine.ensure()
    start = time.perf_counter()
    workbooks: dict[int, tuple[Workbook, Path, Path | None]] = {}
    """The workbook of each target, its file, and for a given file the one that its spec makes."""
    problems: dict[int, SheetgenError] = {}
    for k, target in enumerate(targets):
        progress(target.name)
        try:
            given = target.kind == "workbook"
            workbook = recompiled(target.path) if given else compile(target.path, target.outside)
            made = workbook.save(folder / f"{k}.xlsx")
            workbooks[k] = (workbook, target.path, made) if given else (workbook, made, None)
        except SheetgenError as error:
            problems[k] = error
    reports: dict[int, list[Report]] = {k: [] for k in workbooks}
    for engine in engines:
        progress(f"{engine.title} calculates")
        for k, values in _recalculate(engine, {k: path for k, (_, path, _) in workbooks.items()}).items():
            workbook, path, reference = workbooks[k]
            if isinstance(values, EngineError):
                problems[k] = values
                continue
            try:
                reports[k].append(report_of(workbook, path, values, engine.title, reference))
            except SheetgenError as error:
                problems[k] = error
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
                paths.append(compile(target.path, target.outside).save(folder / f"{target.name}.xlsx"))
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
