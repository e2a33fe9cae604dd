"""`sheetgen class`: an exercise with other numbers for each student."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sheetgen.cmd.options import AsJson, Blank, Decimals, Hints, Level, Outside, names_in
from sheetgen.errors import SheetgenError

EXAMPLES = "sheetgen class lesson --students 30 -o set  ·  sheetgen class lesson --roster roster.csv -o set --seed 7"


class Proof(StrEnum):
    """Whose files of a class set are verified."""

    all = "all"
    sample = "sample"
    none = "none"


def classes(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="A path or a bare name; its `vary` says what differs.")],
    roster: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Students: a .csv with the columns id, name or email.")
    ] = None,
    students: Annotated[int | None, typer.Option(metavar="N", help="So many students, called 001, 002 …")] = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Folder to write to.")] = Path("class"),
    seed: Annotated[int, typer.Option(min=0, help="Another seed gives other numbers.")] = 0,
    blank: Blank = None,
    level: Level = None,
    decimals: Decimals = None,
    hints: Hints = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; default: as many as the computer can run.")
    ] = None,
    dask: Annotated[
        str | None, typer.Option(metavar="tcp://…", help="A dask scheduler, whose workers make the files.")
    ] = None,
    proof: Annotated[Proof, typer.Option("--verify", help="Whose files are recalculated.")] = Proof.sample,
    outside: Outside = False,
    as_json: AsJson = False,
) -> None:
    """Make an exercise with numbers of its own for each student, and its key.

    DIR/exercises/ID.xlsx, DIR/keys/ID.xlsx, and DIR/manifest.csv with the numbers of each. The same seed gives the
    same files. A set that was interrupted goes on where it was.
    """
    from sheetgen.classes.classes import class_set
    from sheetgen.classes.roster import numbered, read_roster
    from sheetgen.cmd import console
    from sheetgen.cmd.targets import find

    if (roster is None) == (students is None):
        raise SheetgenError("Whose exercises? Say either --students 30 or --roster roster.csv.")
    who = numbered(students) if students is not None else read_roster(roster or Path())
    target = find(spec)
    with console.progress(len(who), "making exercises for") as advance:
        made = class_set(
            target.path, who, output, seed=seed, blank=names_in(blank), round=decimals, hints=hints, level=level,
            workers=workers, dask=dask, verify=proof.value, allow_files_outside=outside, progress=advance,
        )  # fmt: skip
    if as_json:
        console.print_json({"folder": str(made.folder), "manifest": str(made.manifest), "students": made.students,
                            "made": made.made, "verified": made.verified, "cells": made.cells})  # fmt: skip
        return
    there = f", {made.students - made.made} were there" if made.made < made.students else ""
    print(f"{made.folder}: {made.students} students, {made.cells} cells each to fill in; {made.made} made{there}, "
          f"{made.verified} verified")  # fmt: skip
    print(f"{made.manifest}: whose numbers are which")
