"""Spreadsheet engines: workbook files in, the values of their recalculated cells out.

No engine may answer with the values that are cached in a file; the tests falsify them to prove it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol

import numpy as np

from sheetgen.errors import EngineError

Value = float | str | None
COLUMNS = 1 << 14
"""Of a sheet, so that a cell has one number: its row times this plus its column."""


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


class SheetValues:
    """The cells of one sheet that hold anything: numbers by place, and texts (errors such as `#DIV/0!` too)."""

    def __init__(self, places: Iterable[int] | np.ndarray, numbers: Iterable[float] | np.ndarray,
                 texts: Mapping[int, str]) -> None:  # fmt: skip
        at, found = np.asarray(places, dtype=np.int64), np.asarray(numbers, dtype=float)
        order = np.argsort(at, kind="stable")
        self.places, self.found, self.texts = at[order], found[order], texts

    def numbers(self, places: np.ndarray) -> np.ndarray:
        """The numbers at these places; NaN where there is none."""
        if not len(self.places):
            return np.full(places.shape, np.nan)
        at = np.minimum(np.searchsorted(self.places, places), len(self.places) - 1)
        return np.where(self.places[at] == places, self.found[at], np.nan)


class Values:
    """The recalculated cells of one workbook. Rows and columns are 1-based; titles of sheets ignore case."""

    def __init__(self, sheets: Mapping[str, SheetValues]) -> None:
        self.sheets = {title.casefold(): sheet for title, sheet in sheets.items()}

    def value(self, sheet: str, row: int, column: int) -> Value:
        """A number, a text (an error such as `#DIV/0!` too), or None for an empty cell or no such sheet."""
        found: Value = self.block(sheet, row, column, 1, 1)[0, 0]
        return found

    def numbers(self, sheet: str, row: int, column: int, height: int, width: int) -> np.ndarray:
        """The numbers of a rectangle, height × width; NaN where there is none."""
        found = self.sheets.get(sheet.casefold())
        places = _places(row, column, height, width)
        return np.full((height, width), np.nan) if found is None else found.numbers(places)

    def block(self, sheet: str, row: int, column: int, height: int, width: int) -> np.ndarray:
        """The values of a rectangle, as an array of objects, height × width."""
        numbers = self.numbers(sheet, row, column, height, width)
        texts = self.sheets[sheet.casefold()].texts if sheet.casefold() in self.sheets else {}
        places = _places(row, column, height, width)
        cells = np.empty((height, width), dtype=object)
        cells[:] = np.where(np.isnan(numbers), None, numbers)  # type: ignore[call-overload]
        for i, j in np.argwhere(np.isnan(numbers)):
            cells[i, j] = texts.get(int(places[i, j]))
        return cells


def _places(row: int, column: int, height: int, width: int) -> np.ndarray:
    return np.arange(row, row + height)[:, None] * COLUMNS + np.arange(column, column + width)


ENGINES = {"ironcalc": "IronCalc", "libreoffice": "LibreOffice"}


def get(name: str) -> Engine:
    """The engine of that name (`ironcalc` or `libreoffice`); imports it only now."""
    if name not in ENGINES:
        raise EngineError(f"There is no engine `{name}`; choose from {', '.join(ENGINES)}.")
    engine: Engine = getattr(import_module(f"sheetgen.proof.engines.{name}"), ENGINES[name])()
    return engine
