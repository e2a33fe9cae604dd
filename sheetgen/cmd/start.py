"""`sheetgen new`: a commented spec, or a copy of another one, and in its first line where editors find the schema."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

import typer

from sheetgen.cmd.targets import PAGES, SPECS, find
from sheetgen.errors import SheetgenError, SpecError
from sheetgen.spec.model import SCHEMA_FILE

EXAMPLES = "sheetgen new attention && sheetgen build attention  ·  sheetgen new attention --from self_attention"
TEMPLATE = Path(__file__).with_name("template.yaml")
SCHEMA = "# yaml-language-server: $schema="
Source = Annotated[
    str | None, typer.Option("--from", metavar="SPEC", help="Copy this spec, by name or path; see `sheetgen list`.")
]


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The spec's name, such as `attention`.")],
    source: Source = None,
) -> None:
    """Write a spec to start from: specs/NAME.yaml, or NAME.yaml where there is no folder specs/.

    It is a small network with comments, or a copy of the spec that --from names. Nothing is overwritten.
    """
    from sheetgen.spec.exercises import holds_exercises

    path = write_spec(name) if source is None else copy_spec(name, find(source).path)
    print(f"{path}: edit it, then `sheetgen {'exercise' if holds_exercises(path) else 'build'} {path.stem}`")


def write_spec(name: str) -> Path:
    """Write specs/NAME.yaml, or NAME.yaml where there is no folder specs/, and return its path.

    Raises SheetgenError when it is there already, can't be written, or `name` is no name for a file.
    """
    path = _path(name, SPECS)
    title = path.stem.replace("_", " ").replace("-", " ").capitalize()
    text = TEMPLATE.read_text(encoding="utf-8").replace("{schema}", schema_seen_from(path.parent))
    return _write(path, text.replace("{name}", path.stem).replace("{title}", f'"{title}"'))


def copy_spec(name: str, source: Path) -> Path:
    """Write the spec `source` under another name, a page of exercises into specs/exercises/; return its path.

    Raises SheetgenError as `write_spec` does, when `source` isn't right, and when it would not be where it is copied
    to, for want of the data files beside it.
    """
    from sheetgen.spec.exercises import holds_exercises, loads_exercises
    from sheetgen.spec.read import loads
    from sheetgen.spec.source import text_of

    text, page = text_of(source), holds_exercises(source)
    path = _path(name, SPECS / PAGES if page else SPECS)
    read = loads_exercises if page else loads
    read(text, str(source), source.parent)
    try:
        read(text, str(source), path.parent)
    except SpecError as error:
        raise SheetgenError(f"{error}\n{path} would not find the files of {source.parent}/: copy them first.") from None
    lines = text.split("\n")
    if lines[0].startswith(SCHEMA):
        del lines[0]
    return _write(path, "\n".join([SCHEMA + schema_seen_from(path.parent), *lines]))


def _path(name: str, folder: Path) -> Path:
    """Where a new spec is written."""
    stem = re.sub(r"\.ya?ml$", "", name)
    if not re.fullmatch(r"\w[\w .-]*", stem):
        raise SheetgenError(f"`{name}` is no name for a file; use letters, digits, `-` and `_`.")
    return (folder if folder.is_dir() else Path()) / f"{stem}.yaml"


def _write(path: Path, text: str) -> Path:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise SheetgenError(f"{path} is already there; nothing was written.") from None
    except OSError as error:
        raise SheetgenError(f"{path} can't be written: {error.strerror}.") from None
    return path


def schema_seen_from(folder: Path) -> str:
    """How a spec in `folder` names the schema: by a relative path if it lies below the current folder, as in a clone,
    else by its URI. Editors read up to the first blank, and a URI has none."""
    if SCHEMA_FILE.is_relative_to(Path.cwd()):
        relative = Path(os.path.relpath(SCHEMA_FILE, folder)).as_posix()
        if not re.search(r"\s", relative):
            return relative
    return SCHEMA_FILE.as_uri()
