"""What a user names on the command line: specs and workbooks, by path or by a spec's bare name."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from os.path import isdir, isfile  # pathlib's raise for names that are too long
from pathlib import Path
from typing import Literal

from sheetgen.errors import SheetgenError

SPECS = Path("specs")
MORE = "more"
"""The folder among specs that holds those which are built only by name."""
PAGES = "exercises"
"""The folder among specs that holds pages of exercises."""
SUFFIXES = (".yaml", ".yml")
KNOWN = "`sheetgen list` prints those that have a name"


@dataclass(frozen=True)
class Target:
    """A spec or a workbook that exists."""

    path: Path
    kind: Literal["spec", "workbook"]
    outside: bool = False
    """Its data files may lie outside its folder."""

    @property
    def name(self) -> str:
        return self.path.stem


def shipped_folder() -> Path:
    """The specs that came with the package; beside it in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parent.parent
    inside, beside = package / "specs", package.parent / "specs"
    return beside if not inside.is_dir() and (package.parent / "pyproject.toml").is_file() else inside


def specs_in(folder: Path) -> list[Path]:
    """A folder's specs, by name."""
    return sorted(path for path in folder.glob("*") if path.suffix in SUFFIXES and path.is_file())


def find(name: str, workbooks: bool = False) -> Target:
    """The spec (or, if `workbooks`, also the workbook) that `name` means.

    Looked up as a path, then as NAME.yaml in specs/, specs/more/, specs/exercises/ and here, then among the specs
    shipped with sheetgen. Raises SheetgenError.
    """
    if not name:
        raise SheetgenError("An empty name means no spec.")
    path = Path(name)
    expected = "a spec (.yaml) or a workbook (.xlsx)" if workbooks else "a spec (.yaml)"
    if isfile(path):
        if path.suffix.lower() in SUFFIXES:
            return Target(path, "spec")
        if path.suffix.lower() in (".xlsx", ".xlsm"):
            if workbooks:
                return Target(path, "workbook")
            raise SheetgenError(f"{name} is a workbook; expected {expected}. `sheetgen verify {name}` checks it.")
        raise SheetgenError(f"{name}: expected {expected}.")
    if path.name == name and path.suffix.lower() not in (".xlsx", ".xlsm"):
        stem = path.stem if path.suffix.lower() in SUFFIXES else name
        for folder in _folders():
            for suffix in SUFFIXES:
                if isfile(folder / (stem + suffix)):
                    return Target(folder / (stem + suffix), "spec")
    if isdir(path):
        raise SheetgenError(f"{name} is a folder; expected {expected}.")
    raise SheetgenError(f"{name}: there is no such {'file' if path.suffix else 'spec'}.{_hint(path)}")


def find_all(names: Sequence[str], workbooks: bool = False) -> tuple[list[Target], list[tuple[str, SheetgenError]]]:
    """The targets of all `names` in their order, each once, and the names that mean nothing, with the reason.

    Without names: every spec in specs/. Raises SheetgenError when there is none.
    """
    if not names:
        found = specs_in(SPECS)
        if not found:
            raise SheetgenError(
                f"There are no specs in the folder `{SPECS}` here. Name one ({KNOWN if known() else 'a .yaml file'}), "
                "or start one with `sheetgen new NAME`."
            )
        return [Target(path, "spec") for path in found], []
    targets: dict[Path, Target] = {}
    unknown = []
    for name in names:
        try:
            target = find(name, workbooks)
            targets.setdefault(target.path.resolve(), target)
        except SheetgenError as error:
            unknown.append((name, error))
    return list(targets.values()), unknown


def known() -> list[str]:
    """Names of the specs that can be given without a path."""
    return sorted(at_hand())


def at_hand() -> dict[str, Path]:
    """The file that each name means which can be given without a path."""
    return {path.stem: path for folder in reversed(_folders()) for path in reversed(specs_in(folder))}


def _folders() -> tuple[Path, ...]:
    """Where bare names are looked up, in this order."""
    shipped = shipped_folder()
    return SPECS, SPECS / MORE, SPECS / PAGES, Path(), shipped, shipped / MORE, shipped / PAGES


def _hint(path: Path) -> str:
    names = known()
    close = difflib.get_close_matches(path.stem, names, n=1)
    if close:
        return f" Did you mean `{close[0]}`?"
    return f" {KNOWN[0].upper()}{KNOWN[1:]}." if names and not path.suffix else ""
