"""The `sheetgen` command: reads what the user wants, calls the library, prints; no maths in here."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ParamSpec

import typer

from sheetgen import __version__
from sheetgen.cmd import catalogue, classes, grade, html, mistake, start
from sheetgen.cmd.ending import WRONG, complain, lost
from sheetgen.cmd.options import AsJson, Blank, Decimals, Hints, Level, Outside, names_in
from sheetgen.errors import SheetgenError

P = ParamSpec("P")

app = typer.Typer(
    help="Turns a few lines of matrix maths into a spreadsheet in which every number is a live, verified formula.",
    epilog="For example: sheetgen new lesson && sheetgen build lesson && sheetgen verify output/lesson.xlsx. "
    "Exit codes: 0 all good, 1 a workbook doesn't verify, 2 the input is wrong.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class EngineChoice(StrEnum):
    """The engines of `sheetgen.proof.engines`, or all of them."""

    ironcalc = "ironcalc"
    libreoffice = "libreoffice"
    all = "all"


class Form(StrEnum):
    """What pages are drawn as."""

    png = "png"
    pdf = "pdf"


Specs = Annotated[
    list[str] | None,
    typer.Argument(metavar="SPEC…", help="Paths or bare names such as `gcn`; default: every spec in specs/."),
]
Targets = Annotated[
    list[str] | None,
    typer.Argument(metavar="SPEC|WORKBOOK…", help="Specs or .xlsx files; default: every spec in specs/."),
]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Folder to write to.")]


def guarded(command: Callable[P, int | None]) -> Callable[P, None]:
    """Turn a command's result into the exit code, and users' mistakes into one message."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            code = command(*args, **kwargs) or 0
        except SheetgenError as error:
            complain(error)
            code = WRONG
        except OSError as error:
            code = lost(error)
        except KeyboardInterrupt:
            code = 130
        raise typer.Exit(code)

    return run


def _version(wanted: bool) -> None:
    if wanted:
        print(f"sheetgen {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None: ...


@app.command(epilog="sheetgen build  ·  sheetgen build gcn my/own.yaml -o lesson  ·  sheetgen build --json")
@guarded
def build(
    specs: Specs = None,
    output: Output = Path("output"),
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Processes; default: as many as the computer can run.")
    ] = None,
    outside: Outside = False,
    as_json: AsJson = False,
) -> int:
    """Compile specs to workbooks, and verify each with IronCalc.

    A bare name is looked up in specs/, here, and among sheetgen's own specs.
    Each spec becomes DIR/NAME.xlsx. One that fails doesn't stop the others.
    """
    from sheetgen.cmd import batch, console

    def work(targets: list[Any], advance: Callable[[str], None]) -> list[Any]:
        return batch.build(targets, output, advance, jobs)

    results = _each(specs, False, outside, "building", work)
    console.show_results(results, as_json)
    return batch.exit_code(results)


@app.command(epilog="sheetgen verify  ·  sheetgen verify output/gcn.xlsx  ·  sheetgen verify gcn --engine all")
@guarded
def verify(
    targets: Targets = None,
    engine: Annotated[EngineChoice, typer.Option(help="Which program recalculates.")] = EngineChoice.ironcalc,
    outside: Outside = False,
    as_json: AsJson = False,
) -> int:
    """Recalculate workbooks in a spreadsheet engine and compare every cell with numpy.

    A spec is compiled to a temporary workbook.
    A workbook is compared with what its own Spec sheet makes today: every number and formula, and all else in the file.
    """
    from sheetgen.cmd import batch, console
    from sheetgen.proof import engines

    chosen = [engines.get(name) for name in engines.ENGINES if engine.value in (name, "all")]

    def work(found: list[Any], advance: Callable[[str], None]) -> list[Any]:
        with tempfile.TemporaryDirectory(prefix="sheetgen-") as folder:
            return batch.check(found, chosen, Path(folder), advance)

    results = _each(targets, True, outside, "verifying", work)
    console.show_results(results, as_json)
    return batch.exit_code(results)


@app.command(epilog="sheetgen render gcn  ·  sheetgen render output/gcn.xlsx -o pictures --format pdf")
@guarded
def render(
    targets: Targets = None,
    output: Output = Path("output"),
    form: Annotated[Form, typer.Option("--format", help="png: a picture of each page; pdf: one document.")] = Form.png,
    pdf: Annotated[bool, typer.Option("--pdf", help="Short for --format pdf.")] = False,
    dpi: Annotated[int, typer.Option(min=20, max=1200, help="Resolution of the pictures, in dots per inch.")] = 150,
    outside: Outside = False,
    as_json: AsJson = False,
) -> int:
    """Draw workbooks' pages as pictures, through LibreOffice.

    Writes DIR/NAME-1.png, DIR/NAME-2.png, … (one for each page), or DIR/NAME.pdf.
    """
    from sheetgen.cmd import batch, console
    from sheetgen.cmd.render import render as draw

    made: list[Path] = []

    def work(found: list[Any], advance: Callable[[str], None]) -> list[Any]:
        batch.make_folder(output)
        with tempfile.TemporaryDirectory(prefix="sheetgen-") as folder:
            paths, failed = batch.workbook_files(found, Path(folder), advance)
            advance("in LibreOffice")
            try:
                made.extend(draw(paths, output, "pdf" if pdf else form.value, dpi))
            except OSError as error:
                raise SheetgenError(f"{error.filename or output} can't be written: {error.strerror}.") from None
        return failed

    failed = _each(targets, True, outside, "drawing", work)
    console.print_files(made, failed, as_json)
    return batch.exit_code(failed)


@app.command(
    epilog="sheetgen exercise backpropagation --blank Z1,A1,dL_dW3  ·  sheetgen exercise gcn --level 2 -o lesson"
    "  ·  sheetgen exercise warm_up"
)
@guarded
def exercise(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="A path or a bare name.")],
    blank: Blank = None,
    level: Level = None,
    decimals: Decimals = None,
    hints: Hints = None,
    output: Output = Path("output"),
    outside: Outside = False,
    as_json: AsJson = False,
) -> None:
    """Make a page to fill in that checks itself, and its key.

    DIR/NAME-exercise.xlsx holds no answers: each cell is checked by its formula, from the student's own numbers.
    DIR/NAME-key.xlsx is the finished workbook. A spec with `exercises`, such as `warm_up`, makes a page of small ones.
    """
    from sheetgen.cmd import console
    from sheetgen.cmd.exercise import write
    from sheetgen.cmd.targets import find

    made = write(find(spec).path, output, names_in(blank), decimals, hints, outside, level)
    if as_json:
        console.print_json(made.to_json())
        return
    for path, told in zip((made.exercise, made.key), made.told, strict=True):
        print(f"{path}: {told}")


app.command(epilog=html.EXAMPLES)(guarded(html.html))
app.command("open", epilog=html.OPENS)(guarded(html.open_page))
app.command("class", epilog=classes.EXAMPLES)(guarded(classes.classes))
app.command(epilog=grade.EXAMPLES)(guarded(grade.grade))
app.command(epilog=mistake.EXAMPLES)(guarded(mistake.mistake))
app.command("list", epilog=catalogue.EXAMPLES)(guarded(catalogue.list_specs))
app.command(epilog=start.EXAMPLES)(guarded(start.new))


@app.command(epilog="sheetgen schema > spec.schema.json")
@guarded
def schema() -> None:
    """Print the JSON Schema of specs, for completion and checks in editors.

    `sheetgen new` names it in a spec's first line: # yaml-language-server: $schema=…
    """
    from sheetgen.cmd import console
    from sheetgen.spec import read as spec

    console.print_json(spec.json_schema())


@app.command(epilog="sheetgen show backpropagation")
@guarded
def show(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="A path or a bare name.")], outside: Outside = False
) -> None:
    """Print every matrix of a spec with its shape and how it is computed: gradients, layers, uses of functions."""
    from sheetgen.cmd.targets import find

    path = find(spec).path
    from sheetgen.api import program_of
    from sheetgen.cmd.listing import listing
    from sheetgen.spec import read as reader

    read = reader.load(path, outside)
    print(listing(program_of(read), read.written_out))


def _each(
    names: list[str] | None,
    workbooks: bool,
    outside: bool,
    what: str,
    work: Callable[[list[Any], Callable[[str], None]], list[Any]],
) -> list[Any]:
    """The results of `work` on what `names` mean, and one for each name that means nothing."""
    from sheetgen.cmd import batch, console
    from sheetgen.cmd.targets import find_all

    found, unknown = find_all(names or [], workbooks)
    targets = [replace(target, outside=outside) for target in found]
    if not targets and len(unknown) == 1:
        raise unknown[0][1]
    with console.progress(len(targets), what) as advance:
        results = work(targets, advance) if targets else []
    return [*results, *(batch.Result(name, name, error=error) for name, error in unknown)]


def main() -> int:
    """Run the command that the arguments name; it ends with SystemExit or an exit code."""
    return int(app(prog_name="sheetgen") or 0)
