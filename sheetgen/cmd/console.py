"""What the commands say: a table on a terminal, plain lines in a pipe, JSON for scripts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sheetgen.cmd.batch import Progress as Advance
from sheetgen.cmd.batch import Result
from sheetgen.cmd.ending import complain
from sheetgen.proof.report import ANOTHER

if TYPE_CHECKING:
    from rich.table import Table

SHOWN = 5
"""Wrong matrices that are listed for a workbook; `--json` lists all."""


def print_json(data: Any) -> None:
    """Results as JSON, for scripts."""
    print(json.dumps(data, indent=2, ensure_ascii=False))


def print_files(made: Sequence[Path], failed: Sequence[Result], as_json: bool) -> None:
    """Say which files were made, and what went wrong with others."""
    if as_json:
        errors = [{"name": result.name, "error": str(result.error)} for result in failed]
        print_json({"ok": not failed, "files": [str(path) for path in made], "failed": errors})
    else:
        for path in made:
            print(path)
    sys.stdout.flush()
    for result in failed:
        complain(result.error)


@contextmanager
def progress(total: int, what: str) -> Iterator[Advance]:
    """A progress bar on stderr while it is a terminal; gone when done."""
    if not sys.stderr.isatty():
        yield lambda name: None
        return
    from rich.console import Console  # takes a moment
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        started = 0

        def advance(name: str) -> None:
            nonlocal started
            bar.update(task, description=f"{what} {escape(name)}", completed=min(started, total))
            started += 1

        yield advance


def show_results(results: Sequence[Result], as_json: bool) -> None:
    """Every result on stdout; what is wrong, and why, at the end on stderr."""
    if as_json:
        print_json({"ok": all(result.ok for result in results), "results": [result.to_json() for result in results]})
    elif sys.stdout.isatty():
        from rich.console import Console

        Console().print(_table(results))
    else:
        for result in results:
            print(_line(result))
    wrong = [result for result in results if not result.ok]
    if not wrong:
        return
    sys.stdout.flush()
    if len(results) > 1:
        complain(f"{len(wrong)} of {len(results)} failed: {', '.join(result.name for result in wrong)}")
    for result in wrong:
        if result.error:
            complain(result.error)
        for report in result.reports:
            for finding in report.findings[:SHOWN]:
                complain(f"{result.name}, {report.engine}: {finding}")
            if len(report.findings) > SHOWN:
                complain(f"{result.name}, {report.engine}: and {len(report.findings) - SHOWN} more matrices")
        for change in result.changes[:SHOWN]:
            complain(f"{result.name}: {change}")
        if len(result.changes) > SHOWN:
            complain(f"{result.name}: and {len(result.changes) - SHOWN} more changes")


def _table(results: Sequence[Result]) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    for heading in ("spec", "workbook"):
        table.add_column(heading, overflow="fold")
    for heading in ("cells", "worst error", "seconds"):
        table.add_column(heading, justify="right")
    table.add_column("result", overflow="fold")
    for result in results:
        mark = "[green]✓[/]" if result.ok else "[red]✗[/]"
        cells = f"{result.reports[0].cells:,}" if result.reports else ""
        worst = f"{max(r.worst for r in result.reports):.0e}" if result.reports else ""
        path = escape(str(result.path or ""))
        verdict = escape(_verdict(result))
        table.add_row(mark, escape(result.name), path, cells, worst, f"{result.seconds:.2f}", verdict)
    return table


def _line(result: Result) -> str:
    where = f" {result.path}" if result.path else ""
    cells = f" {result.reports[0].cells} cells," if result.reports else ""
    return f"{'ok' if result.ok else 'FAILED'} {result.name}:{where}{cells} {_verdict(result)} ({result.seconds:.2f} s)"


def _verdict(result: Result) -> str:
    if result.error:
        return "wrong input" if not result.reports else "not verified"
    verdicts = []
    for report in result.reports:
        wrong = f"{report.wrong} cells wrong" if report.wrong else "" if report.numbers_ok else "gradients wrong"
        verdicts.append(f"{report.engine}: {wrong}" if wrong else f"verified by {report.engine}")
    report = result.reports[0]
    if report.gradients is not None:
        verdicts.append(str(report.gradients))
    if report.ties is not None:
        verdicts.append(str(report.ties))
    if report.growth is not None:
        verdicts.append(str(report.growth))
    if report.learning is not None:
        verdicts.append(str(report.learning))
    if changed := sum(change.count for change in report.changes):
        verdicts.append(f"otherwise changed in {changed} place{'s' * (changed > 1)}")
    if report.saved_by:
        looks = "" if report.saved_by == ANOTHER else " (looks not compared)"
        verdicts.append(f"saved by {report.saved_by}{looks}")
    if report.notes:
        verdicts.append(f"notes of your own: {len(report.notes)}")
    return ", ".join(verdicts)
