"""What `sheetgen new` writes: a commented spec, and in its first line where editors find the schema."""

from __future__ import annotations

import os
import re
from pathlib import Path

from sheetgen.cmd.targets import SPECS
from sheetgen.errors import SheetgenError
from sheetgen.spec.model import SCHEMA_FILE

TEMPLATE = Path(__file__).with_name("template.yaml")


def write_spec(name: str) -> Path:
    """Write specs/NAME.yaml, or NAME.yaml where there is no folder specs/, and return its path.

    Raises SheetgenError when it is there already, can't be written, or `name` is no name for a file.
    """
    stem = re.sub(r"\.ya?ml$", "", name)
    if not re.fullmatch(r"\w[\w .-]*", stem):
        raise SheetgenError(f"`{name}` is no name for a file; use letters, digits, `-` and `_`.")
    folder = SPECS if SPECS.is_dir() else Path()
    path = folder / f"{stem}.yaml"
    title = stem.replace("_", " ").replace("-", " ").capitalize()
    text = TEMPLATE.read_text(encoding="utf-8").replace("{schema}", schema_seen_from(folder))
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text.replace("{name}", stem).replace("{title}", f'"{title}"'))
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
