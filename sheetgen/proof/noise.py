"""How far two right answers may lie apart.

A double carries 16 digits of the *operands* of a sum, not of its result: 0.1 + 0.2 - 0.3 is 6e-17 for
numpy and, after snapping, 0 for a spreadsheet. One fixed absolute slack would either reject such
remainders or hide wrong small numbers (a softmax's 1e-12, a gradient next to a mask of -1e9). So a cell
may differ by 1e-9 of itself, or else by the rounding noise of the very cells that its formula reads.
That noise is a bound, and bounds grow with every step of a long program; so it is never more than 1e-9
of the largest number that the cell was made from.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from sheetgen.cells.a1 import column_number
from sheetgen.layout.plan import WorkbookPlan

RELATIVE = 1e-9
ROUNDING = 1e-14
"""LibreOffice snaps a difference to 0 below about 4e-15 of its operands."""
DENORMAL = 1e-300
"""Numbers too small for a double's full precision, which some spreadsheets take for 0."""
DEEPEST = 150

REFERENCE = re.compile(
    r"(?:'((?:[^']|'')+)'!|([A-Za-z_]\w*)!)?"
    r"(?<![\w.$])\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?(?![\w(])"
)
NAME = re.compile(r"(?<![\w.!'$])[A-Za-z_]\w*(?![\w(!$])")
"""A defined name; not the column of `Z$9`, though a matrix may be called z."""
CONDITION = re.compile(r"IF\(([^,<>=]+)[<>=]")
TEXT = re.compile(r'"(?:[^"]|"")*"')

Area = tuple[str, int, int, int, int]
Cell = tuple[str, int, int]


class Noise:
    """Rounding noise of a plan's cells, worked out only for the cells that are asked for."""

    def __init__(self, plan: WorkbookPlan) -> None:
        self._plan = plan
        self._size: dict[Cell, float] = {}
        self._formulas: dict[Cell, str] = {}
        self._names: dict[str, Area] = {}
        self._known: dict[Cell, tuple[float, float]] = {}
        """Noise of a cell, and the largest number that it was made from."""

    def _load(self) -> None:
        for sheet in self._plan.sheets:
            for region in sheet.regions:
                if region.defined_name:
                    area = (sheet.title, region.row, region.column, region.height, region.width)
                    self._names[region.defined_name.casefold()] = area
                for i in range(region.height):
                    for j in range(region.width):
                        cell = (sheet.title, region.row + i, region.column + j)
                        value = region.values[i, j]
                        self._size[cell] = 0.0 if isinstance(value, str) else abs(float(value))
                        formula = region.block or (region.formulas[i][j] if region.formulas else None)
                        if formula:
                            self._formulas[cell] = formula

    def of(self, sheet: str, row: int, column: int) -> float:
        """By how much a right value in this cell may differ from numpy's, in absolute terms."""
        if not self._size:
            self._load()
        return max(DENORMAL, self._of((sheet, row, column), 0)[0])

    def _of(self, cell: Cell, depth: int) -> tuple[float, float]:
        if cell not in self._known:
            formula, size = self._formulas.get(cell), self._size.get(cell, 0.0)
            self._known[cell] = 0.0, size  # for given cells, and against circles
            if formula and depth < DEEPEST:
                noise, reach = self._formula(formula, cell[0], depth)
                self._known[cell] = min(noise, RELATIVE * reach), max(size, reach)
        return self._known[cell]

    def _formula(self, formula: str, sheet: str, depth: int) -> tuple[float, float]:
        sizes, noises, reach, cells = [], [], 0.0, 1
        for area in self._areas(formula, sheet):
            within = list(_cells(area))
            known = [self._of(cell, depth + 1) for cell in within]
            sizes.append(max(self._size.get(cell, 0.0) for cell in within))
            noises.append(max(noise for noise, _ in known))
            reach = max([reach, *(largest for _, largest in known)])
            cells = max(cells, len(within))
        if not sizes or formula.upper().startswith("EXP("):
            return 0.0, 0.0  # an error of 1e-15 in the exponent is one of 1e-15 of the result
        if self._undecided(formula, sheet, depth):
            return max(sizes), max(sizes) / RELATIVE  # either branch may be taken, whatever follows from it
        return self._bound(formula, sizes, noises, cells), reach

    def _undecided(self, formula: str, sheet: str, depth: int) -> bool:
        """Whether a condition compares a number that is nothing but rounding noise: 0.1 + 0.2 - 0.3 > 0."""
        conditions = "".join(CONDITION.findall(formula))
        for area in self._areas(conditions, sheet):
            for cell in _cells(area):
                if 0 < self._size.get(cell, 0.0) <= self._of(cell, depth + 1)[0]:
                    return True
        return False

    def _bound(self, formula: str, sizes: list[float], noises: list[float], cells: int) -> float:
        inherited = sum(
            noise * max([1.0, *(size for other, size in enumerate(sizes) if other != k)])
            for k, noise in enumerate(noises)
        )
        if "MMULT(" in formula or "SUMPRODUCT(" in formula:
            products = [first * second for first, second in itertools.pairwise([*sizes, 1.0])]
            return cells * (inherited + ROUNDING * max([*products, *sizes[2:]]))
        adds = any(sign in formula for sign in ("+", "-", "SUM(", "AVERAGE(", "LN(", "TANH("))
        return cells * (inherited + (ROUNDING * max(sizes) if adds else 0.0))

    def _areas(self, formula: str, sheet: str) -> Iterator[Area]:
        bare = TEXT.sub('""', formula)
        for quoted, plain, left, top, right, bottom in REFERENCE.findall(bare):
            where = quoted.replace("''", "'") or plain or sheet
            row, column = int(top), column_number(left)
            height = int(bottom) - row + 1 if bottom else 1
            width = column_number(right) - column + 1 if right else 1
            yield (where, row, column, height, width)
        for name in NAME.findall(bare):
            if area := self._names.get(name.casefold()):
                yield area


def _cells(area: Area) -> Iterator[Cell]:
    sheet, row, column, height, width = area
    for i in range(row, row + height):
        for j in range(column, column + width):
            yield (sheet, i, j)
