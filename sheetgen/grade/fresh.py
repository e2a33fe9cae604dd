"""A fresh copy of the exercise with a student's numbers in it: what judges is never the student's own file."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from sheetgen.book import workbook
from sheetgen.cells.a1 import letters
from sheetgen.exercise.exercise import Made
from sheetgen.layout.plan import Region
from sheetgen.proof.engines import Engine, Values

CELL = re.compile(r'<c r="([A-Z]+[0-9]+)" s="([0-9]+)"(?:/>|></c>)')
"""An empty cell."""
ANY_TEXT = "?"
"""In the place of each text that was typed: what it says is of no use to any formula."""


class Fresh:
    """The exercise, unpacked once in `folder`, which each student's numbers are put into."""

    def __init__(self, made: Made, engine: Engine, folder: Path) -> None:
        self.made, self.engine, self.path = made, engine, folder / "fresh.xlsx"
        blank = folder / "blank.xlsx"
        workbook.write(made.plan, blank)
        with zipfile.ZipFile(blank) as archive:
            self.parts = {name: archive.read(name) for name in archive.namelist()}
        titles = [sheet.title for sheet in made.plan.sheets]
        self.pages = {title: f"xl/worksheets/sheet{titles.index(title) + 1}.xml" for title in made.judges}

    def recalculated(self, numbers: Mapping[str, np.ndarray], texts: Mapping[str, np.ndarray]) -> Values:
        """What everything comes to with these numbers, and texts, in the blanks."""
        typed: dict[str, dict[str, str]] = {title: {} for title in self.pages}
        for place in (place for blank in self.made.blanks for place in blank.places):
            typed[place.sheet] |= _contents(place.region, numbers[place.region.key], texts[place.region.key])
        changed = {self.pages[title]: self._filled(self.pages[title], cells) for title, cells in typed.items()}
        with zipfile.ZipFile(self.path, "w") as target:
            for name, data in self.parts.items():
                target.writestr(name, changed.get(name, data))
        return self.engine.recalculate([self.path])[0]

    def _filled(self, part: str, cells: Mapping[str, str]) -> str:
        def put(found: re.Match[str]) -> str:
            content = cells.get(found[1])
            return found[0] if content is None else f'<c r="{found[1]}" s="{found[2]}"{content}</c>'

        return CELL.sub(put, self.parts[part].decode())


def _contents(region: Region, numbers: np.ndarray, texts: np.ndarray) -> dict[str, str]:
    """The rest of the XML of each cell that isn't empty, by address."""
    found = {}
    for i, j in np.ndindex(region.values.shape):
        address = f"{letters(region.column + j)}{region.row + i}"
        if np.isfinite(numbers[i, j]):
            found[address] = f"><v>{float(numbers[i, j])!r}</v>"
        elif texts[i, j]:
            found[address] = f' t="str"><v>{ANY_TEXT}</v>'
    return found
