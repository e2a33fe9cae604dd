"""The specs of the gallery and those of the tests, each compiled once for all tests of a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sheetgen
from sheetgen.cmd.targets import MORE, specs_in
from sheetgen.workbook import Workbook

ROOT = Path(__file__).parents[1]
GALLERY = specs_in(ROOT / "specs")
"""Those that are built without a name."""
SHIPPED = [*GALLERY, *specs_in(ROOT / "specs" / MORE)]
"""Those that come with sheetgen."""
SPECS = [*SHIPPED, *specs_in(ROOT / "tests" / "specs")]
PATHS = {path.stem: path for path in SPECS}


@cache
def compiled(name: str) -> Workbook:
    """The workbook of a spec, by its file's name without the ending."""
    return sheetgen.compile(PATHS[name])
