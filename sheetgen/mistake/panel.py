"""Where an answer is given, and what tells whether it is right: only for the cell that is asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sheetgen.cells.a1 import Rect, quoted, reference
from sheetgen.exercise.choice import Blank
from sheetgen.exercise.rules import Rule
from sheetgen.exercise.vacate import taken
from sheetgen.layout.plan import Label, Region, Role, SheetPlan
from sheetgen.names import CHECK

MARGIN = 2
"""The column behind which those of the answer stand."""
WIDTHS = (18.0, 7.0, 1.0)
ANSWER, NUMBER = MARGIN + 1, MARGIN + 2
FIRST = 5
"""Row of the first cell that is checked."""
MATRICES, REASONS = "mistake_matrices", "mistake_reasons"
FOUND, NOT_YET = "FOUND. Well done.", "NOT YET. Look again."
WAITING = "Fill in all four."
HOW = "One number on this page is wrong, and all after it follow from it. Which is it?"
TALL = 13
"""Rows of an answer."""
HOW_ROW = 2


@dataclass(frozen=True)
class Answer:
    """What is to be found; in the page for students it is None."""

    matrix: str
    row: int
    column: int
    number: float
    reason: str


@dataclass(frozen=True)
class Fields:
    """The cells of an answer."""

    matrix: Rect
    row: Rect
    column: Rect
    number: Rect
    reason: Rect
    sentence: Rect
    verdict: Rect


def fields_of(sheet: SheetPlan) -> Fields:
    """The first rows in which nothing stands across the columns of the answer, or those below everything."""
    used = {row for row, column in taken(sheet) if column in (ANSWER, NUMBER)}
    used |= {row for row, height in sheet.heights if height == 0}
    last = max([row for row, _ in taken(sheet)], default=sheet.first_row)
    first = next(
        (row for row in range(sheet.first_row, last) if not used & set(range(row, row + TALL))), last + 2
    )

    def wide(row: int) -> Rect:
        return Rect(sheet.title, first + row, ANSWER, 1, 2)

    def narrow(row: int) -> Rect:
        return Rect(sheet.title, first + row, NUMBER, 1, 1)

    return Fields(wide(2), narrow(3), narrow(4), narrow(6), wide(8), wide(10), wide(12))


def with_panel(sheet: SheetPlan, at: Fields, check: Check, known: Answer | None) -> SheetPlan:
    """The page with the fields of an answer, those of `known` filled in."""
    start = at.matrix.row - 2
    texts = ((0, "Your answer", "head"), (1, "1  Which cell is wrong? Its matrix", "sentence"),
             (3, "row, from the top", "sentence"), (4, "column, from the left", "sentence"),
             (5, "2  What should it be?", "sentence"), (6, "right number", "sentence"),
             (7, "3  What went wrong?", "sentence"), (9, "4  How can you tell?", "sentence"))  # fmt: skip
    labels = [Label(start + row, ANSWER, text, style) for row, text, style in texts]  # type: ignore[arg-type]
    labels.append(Label(HOW_ROW, MARGIN, HOW, "sentence", columns=max(sheet.last_column - MARGIN, 2)))
    state = FOUND if known else WAITING
    labels.append(Label(at.verdict.row, ANSWER, state, "key", columns=2, formula=check.verdict(at)))
    given: Sequence[object] = ("",) * 6 if known is None else (
        known.matrix, known.row, known.column, known.number, known.reason, "")  # fmt: skip
    places = (("Matrix", at.matrix, MATRICES), ("Row", at.row, ""), ("Column", at.column, ""),
              ("Right number", at.number, ""), ("What went wrong", at.reason, REASONS),
              ("How can you tell", at.sentence, ""))  # fmt: skip
    entries = [_entry(name, rect, choices, value) for (name, rect, choices), value in zip(places, given, strict=True)]
    return replace(sheet, labels=(*sheet.labels, *labels), regions=(*sheet.regions, *entries))


def _entry(name: str, rect: Rect, choices: str, value: object) -> Region:
    text = isinstance(value, str)
    values = np.array([[value] + [("" if text else 0.0)] * (rect.width - 1)], dtype=object if text else float)
    empty = np.ones(values.shape, dtype=bool)
    empty[0, 0] = value == ""
    return Region(name, Role.ENTRY, rect.row, rect.column, np.zeros(values.shape) if value == "" else values,
                  choices=choices, empty=empty)  # fmt: skip


@dataclass(frozen=True)
class Check:
    """The hidden sheet: a row for each cell of the page, which says nothing unless that cell is asked about."""

    sheet: SheetPlan
    rows: int

    def verdict(self, at: Fields) -> str:
        """FOUND where the cell that is named doesn't follow from what it reads, and the number does."""
        asked = ",".join(reference(rect, "", (False, False)) for rect in _named(at))
        wrong, right = (f"SUM('{CHECK}'!{column}{FIRST}:{column}{FIRST + self.rows - 1})" for column in "BC")
        return f'IF(COUNTA({asked})<4,{quoted(WAITING)},IF(AND({wrong}=1,{right}=1),{quoted(FOUND)},{quoted(NOT_YET)}))'


def _named(at: Fields) -> list[Rect]:
    return [_first(rect) for rect in (at.matrix, at.row, at.column, at.number)]


def _first(rect: Rect) -> Rect:
    """The first cell of a rectangle."""
    return Rect(rect.sheet, rect.row, rect.column, 1, 1)


def check_of(
    blanks: Sequence[Blank], rules: Mapping[str, Sequence[Rule]], at: Fields, reasons: Sequence[str]
) -> Check:
    """The check of all cells of some matrices; `rules` say how each is worked out."""
    matrix, row, column, number = (reference(rect, CHECK) for rect in _named(at))
    asked = f'{matrix}&"|"&{row}&"|"&{column}'
    keys: list[str] = []
    formulas: list[tuple[str, str]] = []
    for blank in blanks:
        region = blank.places[0].region
        for rule in rules[blank.matrix]:
            line = FIRST + len(keys)
            keys.append(f"{blank.title}|{rule.row - region.row + 1}|{rule.column - region.column + 1}")
            made, near = rule.formula[CHECK], rule.tolerance[CHECK]
            there = f'IF($A{line}<>{asked},""'
            formulas.append((
                f"{there},IF(ABS({rule.cell(CHECK)}-({made}))>{near},1,0))",
                f'{there},IF(ISNUMBER({number}),IF(ABS({number}-({made}))<={near},1,0),0))',
            ))
    lists = [(MATRICES, 5, [blank.title for blank in blanks]), (REASONS, 6, list(reasons))]
    regions = [
        Region("checked", Role.COPY, FIRST, 2, np.zeros((len(keys), 2)), tuple(formulas),
               empty=np.ones((len(keys), 2), dtype=bool)),
        *(Region(name, Role.VERDICT, FIRST, column, np.array([[text] for text in texts], dtype=object),
                 defined_name=name) for name, column, texts in lists),
    ]  # fmt: skip
    labels = [Label(FIRST + k, 1, key, "key") for k, key in enumerate(keys)]
    return Check(SheetPlan(CHECK, CHECK, tuple(regions), tuple(labels), hidden=True), len(keys))
