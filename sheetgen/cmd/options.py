"""Options that several commands take."""

from __future__ import annotations

import re
from typing import Annotated

import typer

Outside = Annotated[
    bool, typer.Option("--allow-files-outside", help="Data files may lie outside their spec's folder.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
Blank = Annotated[
    str | None,
    typer.Option(metavar="Z1,A1|forward|backward|all", help="What is left empty; default: the spec's `exercise`."),
]
Level = Annotated[
    int | None,
    typer.Option(
        min=1, max=4,
        help="Instead of --blank: 1 the first few cells, 2 some more, 3 the forward pass, 4 everything.",
    ),
]  # fmt: skip
Decimals = Annotated[
    int | None, typer.Option("--round", min=0, max=6, help="Decimals that are asked for; default: 2 or as needed.")
]
Hints = Annotated[bool | None, typer.Option(help="A cell beside each matrix to ask for a hint.")]


def names_in(blank: str | None) -> list[str] | None:
    """The names that `--blank` lists."""
    return None if blank is None else [name.strip() for name in re.split(r",(?![^\[]*\])", blank) if name.strip()]
