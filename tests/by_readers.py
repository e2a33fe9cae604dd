"""Programs that others wrote, with workbooks handed to them: SheetJS, exceljs, HyperFormula, Gnumeric, formulas.

`make readers` installs those that npm and Debian have, `make engines` also PyPI's `formulas`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sheetgen.proof.engines import COLUMNS, SheetValues, Values
from sheetgen.proof.engines.libreoffice import read_saved

HERE = Path(__file__).parent / "readers"
MODULES = Path(os.environ.get("SHEETGEN_READERS") or HERE.parents[1] / "build" / "readers", "node_modules")
SECONDS = 300


class Unreadable(Exception):
    """A program couldn't open a workbook; the text says why."""


class Reader(NamedTuple):
    """A program that opens workbooks. `read(path)` gives the cells' values: recalculated, or as they stand in the
    file. `there()` tells whether it is installed."""

    title: str
    recalculates: bool
    there: Callable[[], bool]
    read: Callable[[Path], Values]


def _values(answer: str) -> Values:
    """Of a line of JSON such as read.cjs prints; truth values are numbers."""
    sheets = json.loads(answer)
    if "error" in sheets:
        raise Unreadable(sheets["error"])
    found = {}
    for sheet in sheets:
        kept = [(row * COLUMNS + column, value) for row, column, value in sheet["cells"] if value is not None]
        numbers = [np.nan if isinstance(value, str) else float(value) for _, value in kept]
        texts = {place: value for place, value in kept if isinstance(value, str)}
        found[sheet["title"]] = SheetValues([place for place, _ in kept], numbers, texts)
    return Values(found)


def _run(*command: str | Path, **environment: str) -> str:
    try:
        done = subprocess.run(
            [*map(str, command)], capture_output=True, text=True, timeout=SECONDS, env={**os.environ, **environment}
        )
    except subprocess.TimeoutExpired:
        raise Unreadable(f"it took longer than {SECONDS} seconds") from None
    if done.returncode:
        raise Unreadable(done.stderr[-500:])
    return done.stdout


def _by_node(name: str, path: Path) -> Values:
    return _values(_run("node", HERE / "read.cjs", name, path, NODE_PATH=str(MODULES)))


def _by_gnumeric(path: Path) -> Values:
    saved = path.with_name(f"{path.stem}-gnumeric.xlsx")
    _run("ssconvert", "--recalc", path, saved)
    return read_saved(saved)


def _by_formulas(path: Path) -> Values:
    return _values(_run(sys.executable, HERE / "read_formulas.py", path).splitlines()[-1])


def _node_has(package: str) -> bool:
    return shutil.which("node") is not None and (MODULES / package).is_dir()


READERS = {
    "sheetjs": Reader("SheetJS", False, partial(_node_has, "xlsx"), partial(_by_node, "sheetjs")),
    "exceljs": Reader("exceljs", False, partial(_node_has, "exceljs"), partial(_by_node, "exceljs")),
    "gnumeric": Reader("Gnumeric", True, lambda: shutil.which("ssconvert") is not None, _by_gnumeric),
    "hyperformula": Reader(
        "HyperFormula", True, partial(_node_has, "hyperformula"), partial(_by_node, "hyperformula")),
    "formulas": Reader("formulas", True, lambda: find_spec("formulas") is not None, _by_formulas),
}  # fmt: skip
