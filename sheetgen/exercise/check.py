"""The hidden sheets that judge: each cell at the same address as on the page, and a row for each matrix beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sheetgen.cells.a1 import Rect, letters, prefix, quoted, reference
from sheetgen.exercise.choice import Blank
from sheetgen.exercise.rules import Rule
from sheetgen.layout.plan import Label, Region, Role, SheetPlan, WorkbookPlan
from sheetgen.names import CHECK

FIRST = 5
"""Row of the first matrix in the list, and of the first cells on a page."""
RIGHT, JUDGED, TYPED, NUMBERS, HINT = range(5)
"""Columns of the list behind the title: cells that are right, that could be judged, that hold anything, that hold a
number, and the hint that is asked for."""
COUNTS = 5
LIST = "list"
NEXT, WANTED = 1 + COUNTS, 2 + COUNTS
"""Columns of texts: what to do next, and the hint that is wanted, each from a row's matrix on."""
DONE = "All right. Well done."


@dataclass(frozen=True)
class Sheets:
    """Where the checks of a workbook stand."""

    check: Mapping[str, str]
    """The sheet that checks each sheet."""
    main: str
    column: int
    """Of the list's titles, on the main sheet."""
    blanks: Sequence[Blank]

    def row(self, matrix: str) -> int:
        return FIRST + [blank.matrix for blank in self.blanks].index(matrix)

    def count(self, matrix: str, which: int, sheet: str) -> str:
        """One of a matrix's numbers in the list, seen from a sheet."""
        return f"{prefix(sheet, self.main)}{letters(self.column + 1 + which)}{self.row(matrix)}"

    def total(self, which: int, sheet: str) -> str:
        """The same of all matrices."""
        column, last = letters(self.column + 1 + which), FIRST + len(self.blanks) - 1
        return f"SUM({prefix(sheet, self.main)}{column}{FIRST}:{column}{last})"

    def text(self, which: int, sheet: str) -> str:
        """The text for all matrices."""
        return f"{prefix(sheet, self.main)}{letters(self.column + which)}{FIRST}"

    def done(self, matrix: str, sheet: str) -> str:
        """The condition that a matrix is right."""
        return f"{self.count(matrix, RIGHT, sheet)}={self.cells(matrix)}"

    def cells(self, matrix: str) -> int:
        return next(blank.cells for blank in self.blanks if blank.matrix == matrix)

    @property
    def all_cells(self) -> int:
        return sum(blank.cells for blank in self.blanks)

    def judges(self, rect: Rect) -> Rect:
        """The cells that judge a rectangle of a page."""
        return Rect(self.check[rect.sheet], rect.row, rect.column, rect.height, rect.width)


def sheets_of(plan: WorkbookPlan, blanks: Sequence[Blank]) -> Sheets:
    """Places for the checks of all sheets with blanks."""
    titles = [sheet.title for sheet in plan.sheets if any(p.sheet == sheet.title for b in blanks for p in b.places)]
    named = {title: CHECK if k == 0 else f"{CHECK} {title}" for k, title in enumerate(titles)}
    last = max([sheet.last_column for sheet in plan.sheets]
               + [p.region.column + p.region.width for b in blanks for p in b.places])  # fmt: skip
    return Sheets(named, CHECK, last + 2, blanks)


def check_sheets(
    sheets: Sheets, rules: Mapping[str, Sequence[Rule]], hints: Mapping[str, str], hint_cells: Mapping[str, Rect]
) -> list[SheetPlan]:
    """The hidden sheets. `hints` gives the formula of each matrix's hint, `hint_cells` where one is asked for."""
    made = []
    for page, title in sheets.check.items():
        regions = [
            Region(f"check of {b.matrix}", Role.COPY, at.row, at.column, np.zeros((at.height, at.width)),
                   _verdicts(at, rules[b.matrix], title), empty=np.ones((at.height, at.width), dtype=bool))
            for b in sheets.blanks for p in b.places if p.sheet == page for at in p.rects
        ]  # fmt: skip
        labels: list[Label] = []
        if title == sheets.main:
            regions.append(_list(sheets, hint_cells))
            labels += _texts(sheets, hints)
        made.append(SheetPlan(title, title, tuple(regions), tuple(labels), hidden=True))
    return made


def _verdicts(at: Rect, rules: Sequence[Rule], title: str) -> tuple[tuple[str, ...], ...]:
    known = {(rule.row, rule.column): rule for rule in rules if rule.sheet == at.sheet}
    return tuple(tuple(known[at.row + i, at.column + j].verdict(title) for j in range(at.width))
                 for i in range(at.height))  # fmt: skip


def _list(sheets: Sheets, hint_cells: Mapping[str, Rect]) -> Region:
    """What each matrix has, in numbers."""
    rows = []
    for blank in sheets.blanks:
        rects = [rect for place in blank.places for rect in place.rects]
        typed = ",".join(reference(rect, sheets.main) for rect in rects)
        judged = ",".join(reference(sheets.judges(rect), sheets.main) for rect in rects)
        asked = hint_cells.get(blank.matrix)
        hint = "0" if asked is None else f"SUM({reference(asked, sheets.main)})"
        rows.append((f"SUM({judged})", f"COUNT({judged})", f"COUNTA({typed})", f"COUNT({typed})", hint))
    return Region(LIST, Role.COPY, FIRST, sheets.column + 1, np.zeros((len(rows), COUNTS)), tuple(rows))


def _texts(sheets: Sheets, hints: Mapping[str, str]) -> list[Label]:
    """Each row says what there is to do in its matrix, or what the next row says; likewise for hints."""
    found = []
    next_column, hint_column = sheets.column + NEXT, sheets.column + WANTED
    for blank in sheets.blanks:
        row, own = sheets.row(blank.matrix), sheets.main
        right, judged, typed, numbers, asked = (sheets.count(blank.matrix, k, own) for k in range(COUNTS))
        last = blank is sheets.blanks[-1]
        after = f'"{DONE}"' if last else f"{letters(next_column)}{row + 1}"
        todo = (
            f'IF({typed}>{numbers},"type numbers only",'
            f'IF({judged}>{right},"look again at what is struck out or has a ✗",'
            f'IF({typed}<{blank.cells},({blank.cells}-{typed})&" to fill in","something before it is missing")))'
        )
        said = f'IF({right}={blank.cells},{after},{quoted(f"Next → {blank.title}: ")}&{todo})'
        first = f"Next → {blank.title}: {blank.cells} to fill in"
        found += [Label(row, sheets.column, blank.title, "key"),
                  Label(row, next_column, first, "key", formula=said)]  # fmt: skip
        hint = hints.get(blank.matrix, '""')
        behind = '""' if last else f"{letters(hint_column)}{row + 1}"
        open_hint = f"IF(AND({asked}>0,{right}<{blank.cells}),{hint},{behind})"
        found.append(Label(row, hint_column, "", "key", formula=open_hint))
    return found
