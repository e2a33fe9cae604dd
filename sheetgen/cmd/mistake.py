"""`sheetgen mistake`: a page with one wrong number, and its key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sheetgen.cmd.options import AsJson, Outside

EXAMPLES = "sheetgen mistake gcn --seed 7  ·  sheetgen mistake my/own.yaml --seed 1 -o lesson"


def mistake(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="A path or a bare name.")],
    seed: Annotated[int, typer.Option(min=0, help="Another seed makes another mistake.")] = 0,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Folder to write to.")] = Path("output"),
    outside: Outside = False,
    as_json: AsJson = False,
) -> None:
    """Make a finished page in which one number is wrong, to be found, and its key.

    DIR/NAME-mistake.xlsx: a slip that people really make, and all numbers that follow from it, typed. It says whether
    an answer is right, and holds nowhere where the mistake is. DIR/NAME-mistake-key.xlsx has the answer filled in.
    """
    from sheetgen.api import compile
    from sheetgen.cmd import console
    from sheetgen.cmd.batch import make_folder
    from sheetgen.cmd.targets import find

    path = find(spec).path
    made = compile(path, outside).mistake(seed)
    make_folder(output)
    page = made.save(output / f"{path.stem}-mistake.xlsx")
    key = made.save_key(output / f"{path.stem}-mistake-key.xlsx")
    if as_json:
        console.print_json({
            "mistake": str(page), "key": str(key), "matrix": made.matrix, "row": made.row, "column": made.column,
            "wrong": made.wrong, "right": made.right, "reason": made.reason,
        })  # fmt: skip
        return
    print(f"{page}: one number is wrong")
    print(f"{key}: which one, and why")
