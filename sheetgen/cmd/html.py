"""`sheetgen html` and `sheetgen open`: pages that calculate in a browser, and their index."""

from __future__ import annotations

import sys
import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from sheetgen.cmd.options import AsJson, Blank, Level, Outside, names_in

EXAMPLES = "sheetgen html  ·  sheetgen html gcn my/own.yaml -o lesson  ·  sheetgen html backpropagation --exercise"
OPENS = "sheetgen open gcn"
INDEX = "index.html"

Specs = Annotated[
    list[str] | None,
    typer.Argument(metavar="SPEC…", help="Paths or bare names such as `gcn`; default: every spec in specs/."),
]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Folder to write to.")]
AsExercise = Annotated[bool, typer.Option("--exercise", help="A page to fill in, as `sheetgen exercise` makes it.")]


@dataclass(frozen=True)
class Wanted:
    """A page that is to be made: of a spec, and whether to fill in."""

    path: Path
    target: Path
    outside: bool = False
    exercise: bool = False
    blank: tuple[str, ...] | None = None
    level: int | None = None


def html(
    specs: Specs = None,
    output: Output = Path("output"),
    as_exercise: AsExercise = False,
    blank: Blank = None,
    level: Level = None,
    outside: Outside = False,
    as_json: AsJson = False,
) -> int:
    """Write specs as pages that calculate in a browser: one HTML file each, without a server or network.

    Each spec becomes DIR/NAME.html, with --exercise (or --blank, --level) DIR/NAME-exercise.html.
    Without SPEC, DIR/index.html shows them all. One that fails doesn't stop the others.
    """
    from sheetgen.cmd import batch, console
    from sheetgen.cmd.targets import PAGES, SPECS, find_all, specs_in

    found, unknown = find_all(specs or [])
    if not unknown or found:
        batch.make_folder(output)
    elif len(unknown) == 1:
        raise unknown[0][1]
    fills = as_exercise or blank is not None or level is not None
    names = names_in(blank)
    paths = [target.path for target in found] + ([] if specs else specs_in(SPECS / PAGES))
    tasks = [Wanted(path, output / f"{path.stem}{'-exercise' * fills}.html", outside, fills,
                    None if names is None else tuple(names), level) for path in paths]  # fmt: skip
    with console.progress(len(tasks), "drawing") as advance:
        results = write(tasks, advance)
    results += [batch.Result(name, name, error=error) for name, error in unknown]
    made = [result.path for result in results if result.path]
    if not specs and not fills and made:
        made.insert(0, index(output / INDEX, made))
    failed = [result for result in results if result.error]
    console.print_files(made, failed, as_json)
    return batch.exit_code(failed)


def open_page(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="A path or a bare name.")],
    output: Output = Path("output"),
    as_exercise: AsExercise = False,
    outside: Outside = False,
) -> None:
    """Write a spec as a page that calculates in a browser, and open it there."""
    from sheetgen.cmd.batch import make_folder
    from sheetgen.cmd.targets import find

    path = find(spec).path
    make_folder(output)
    made = page(Wanted(path, output / f"{path.stem}{'-exercise' * as_exercise}.html", outside, as_exercise))
    print(made)
    if not webbrowser.open(made.resolve().as_uri()):
        print("There is no browser to open it with here: open the file by hand.", file=sys.stderr)


def write(tasks: Sequence[Wanted], progress: Any) -> list[Any]:
    """What became of each page, in several processes if there are many."""
    from sheetgen.cmd.batch import MOST_ALONE, Result
    from sheetgen.errors import SheetgenError
    from sheetgen.pool import cores, shared_out

    if len(tasks) <= MOST_ALONE:
        done = []
        for task in tasks:
            progress(task.path.stem)
            done.append(_made(task))
        return done
    lost = "the process that drew it was stopped; is there enough memory?"
    results = [Result(task.path.stem, str(task.path), error=SheetgenError(f"{task.path}: {lost}")) for task in tasks]
    for number, result in shared_out(_made, tasks, cores(), lambda task: progress(task.path.stem)):
        if result is not None:
            results[number] = result
    return results


def _made(task: Wanted) -> Any:
    from sheetgen.cmd.batch import Result
    from sheetgen.errors import SheetgenError

    result = Result(task.path.stem, str(task.path))
    try:
        return replace(result, path=page(task))
    except SheetgenError as error:
        return replace(result, error=error)


def page(task: Wanted) -> Path:
    """Write a page. Raises SpecError, LimitError or SheetgenError."""
    from sheetgen.api import compile, exercises
    from sheetgen.spec.exercises import holds_exercises

    if holds_exercises(task.path):
        return exercises(task.path, task.outside).save_html(task.target)
    workbook = compile(task.path, task.outside)
    if task.exercise:
        return workbook.exercise(task.blank, level=task.level).save_html(task.target)
    return workbook.save_html(task.target)


def index(target: Path, pages: Sequence[Path]) -> Path:
    """Write a page that shows others as pictures, with links."""
    from sheetgen.atomic import replacing
    from sheetgen.spec.model import TOPICS
    from sheetgen.web.index import index as drawn

    with replacing(target) as stream:
        stream.write(drawn(pages, TOPICS).encode())
    return target
