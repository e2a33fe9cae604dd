"""Spreadsheet engines: workbook files in, the values of their recalculated cells out.

No engine may answer with the values that are cached in a file; the tests falsify them to prove it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol

import numpy as np

from sheetgen.errors import EngineError, SheetgenError
from sheetgen.limits import unpacks_too_large

Value = float | str | None


class Values(Protocol):
    """The recalculated cells of one workbook. Rows and columns are 1-based."""

    def value(self, sheet: str, row: int, column: int) -> Value:
        """A number, a text (an error such as `#DIV/0!` too), or None for an empty cell or no such sheet."""
        ...

    def block(self, sheet: str, row: int, column: int, height: int, width: int) -> np.ndarray:
        """The values of a rectangle, as an array of objects, height × width."""
        ...


class Engine(Protocol):
    """A spreadsheet program."""

    name: str
    title: str

    def ensure(self) -> None:
        """Raise EngineError, with what to install, unless the engine is there."""
        ...

    def recalculate(self, paths: Sequence[Path]) -> list[Values]:
        """The values of each workbook after a full recalculation.

        Raises EngineError when the engine is missing or fails, SheetgenError when a path is no workbook.
        """
        ...


class CellReader:
    """`Values` on top of a function (sheet, row, column) → raw value."""

    def __init__(self, read: Callable[[str, int, int], object]) -> None:
        self._read = read

    def value(self, sheet: str, row: int, column: int) -> Value:
        raw = self._read(sheet, row, column)
        if raw is None or isinstance(raw, str):
            return raw
        return float(raw)  # type: ignore[arg-type]  # bool, int or float

    def block(self, sheet: str, row: int, column: int, height: int, width: int) -> np.ndarray:
        cells = np.empty((height, width), dtype=object)
        for i in range(height):
            for j in range(width):
                cells[i, j] = self.value(sheet, row + i, column + j)
        return cells


ENGINES = {"ironcalc": "IronCalc", "libreoffice": "LibreOffice"}


def get(name: str) -> Engine:
    """The engine of that name (`ironcalc` or `libreoffice`); imports it only now."""
    if name not in ENGINES:
        raise EngineError(f"There is no engine `{name}`; choose from {', '.join(ENGINES)}.")
    engine: Engine = getattr(import_module(f"sheetgen.proof.engines.{name}"), ENGINES[name])()
    return engine


def check_workbook(path: Path) -> None:
    """Raise SheetgenError, in the reader's terms, unless `path` is a whole .xlsx file."""
    if not path.exists():
        raise SheetgenError(f"{path}: there is no such file.")
    if path.is_dir():
        raise SheetgenError(f"{path} is a folder; expected a workbook (.xlsx).")
    try:
        with zipfile.ZipFile(path) as archive:
            if bomb := unpacks_too_large((part.compress_size, part.file_size) for part in archive.infolist()):
                raise SheetgenError(f"{path}: the workbook is refused, because {bomb}.")
            damaged = archive.testzip()
            parts = archive.namelist()
    except SheetgenError:
        raise
    except PermissionError:
        raise SheetgenError(f"{path}: no permission to read it.") from None
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, ValueError):
        raise SheetgenError(f"{path} is not an Excel workbook (.xlsx), or it is damaged.") from None
    except Exception as error:  # zlib.error, lzma.LZMAError and RuntimeError (a password) share no base class
        raise SheetgenError(f"{path}: the workbook is damaged or protected ({error}).") from None
    if damaged:
        raise SheetgenError(f"{path}: the workbook is damaged (part {damaged}).")
    if "xl/workbook.xml" not in parts:
        raise SheetgenError(f"{path} is not an Excel workbook (.xlsx): it has no xl/workbook.xml.")
