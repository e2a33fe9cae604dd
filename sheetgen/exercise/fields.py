"""What tells whose page it is and which exercise: fields for a name and a class, and a fingerprint of what is asked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sheetgen.exercise.choice import Blank, Place
from sheetgen.exercise.page import AIR, STATE
from sheetgen.ir.program import Program
from sheetgen.lang.show import show
from sheetgen.layout import measure
from sheetgen.layout.plan import Label, Region, Role, SheetPlan, WorkbookPlan
from sheetgen.names import excel_names, free_name

ANSWER, HINT = "answer_", "hint_"
"""Before the name of a matrix: the defined names of its blank, and of the cell that asks for its hint."""
NAME, CLASS, FINGERPRINT = "student_name", "student_class", "exercise_fingerprint"
ROW = 1
"""Of the fields: that of the title."""
AIR_AROUND = 1.5
"""Characters beside a caption."""
CHOICES = (
    (AIR, (("Name", NAME, 24.0), ("Class", CLASS, 9.0))),
    (AIR, (("Name", NAME, 15.0), ("Class", CLASS, 6.0))),
    (STATE - 1, (("Name", NAME, 15.0), ("Class", CLASS, 6.0))),
    (STATE - 1, (("Name", NAME, 9.0),)),
)
"""Behind which column the fields stand, and each field's caption, defined name and least width in characters: the first
of these that there is room for."""
DIGITS = 10**15
"""A fingerprint is two numbers below it, which every program keeps as they are."""


@dataclass(frozen=True)
class Names:
    """The defined names by which a returned page is read: those of blanks and of hints, by matrix (no hints: none), of
    the name and the class (None where the page has no room for them), and of the fingerprint."""

    answer: Mapping[str, str]
    hint: Mapping[str, str]
    name: str | None
    group: str | None
    fingerprint: str


def names_for(plan: WorkbookPlan, blanks: Sequence[Blank], hints: bool) -> Names:
    """Names that no matrix of the page has."""
    matrices = [blank.matrix for blank in blanks]
    kinds = (ANSWER, HINT) if hints else (ANSWER,)
    defined = excel_names(kind + matrix for kind in kinds for matrix in matrices)
    taken = {region.defined_name for sheet in plan.sheets for region in sheet.regions if region.defined_name}
    name, group, fingerprint = (free_name(each, taken) for each in (NAME, CLASS, FINGERPRINT))
    hint = {matrix: defined[HINT + matrix] for matrix in matrices} if hints else {}
    return Names({matrix: defined[ANSWER + matrix] for matrix in matrices}, hint, name, group, fingerprint)


def with_fields(sheet: SheetPlan, names: Names) -> tuple[SheetPlan, Names]:
    """A page with fields for a name and a class at the right of its title, and the names that it really has."""
    free = _free(sheet)
    for after, wanted in CHOICES:
        placed = _placed(sheet, [column for column in free if column > after], wanted)
        if placed is not None:
            break
    else:
        return sheet, replace(names, name=None, group=None)
    called = {NAME: names.name, CLASS: names.group}
    regions = [Region(caption, Role.ENTRY, ROW, first, np.zeros((1, wide)), defined_name=called[defined],
                      empty=np.ones((1, wide), dtype=bool)) for caption, defined, first, wide in placed]  # fmt: skip
    labels = [Label(ROW, first - 1, caption, "label", align="right") for caption, _, first, _ in placed]
    has = {defined for _, defined, _, _ in placed}
    found = replace(sheet, regions=(*sheet.regions, *regions), labels=(*sheet.labels, *labels))
    return found, replace(names, group=names.group if CLASS in has else None)


def _free(sheet: SheetPlan) -> list[int]:
    """The columns before the first thing that stands at the right of the title, or all of the page."""
    used = {r.column + j for r in sheet.regions if r.row == ROW for j in range(-1, r.width)}
    used |= {label.column + j for label in sheet.labels if label.row == ROW for j in range(-1, label.columns)}
    return list(range(STATE, min([*used, sheet.last_column + 1])))


def _placed(
    sheet: SheetPlan, columns: Sequence[int], wanted: Sequence[tuple[str, str, float]]
) -> list[tuple[str, str, int, int]] | None:
    """Caption, defined name, first column and number of columns of each field, from the right; None without room."""
    widths, free = dict(sheet.widths), list(columns)

    def take(least: float) -> list[int] | None:
        taken: list[int] = []
        while sum(widths.get(column, measure.COLUMN_WIDTH) for column in taken) < least:
            if not free:
                return None
            taken.insert(0, free.pop())
        return taken

    found = []
    for caption, defined, least in reversed(wanted):
        field = take(least)
        if field is None or take(measure.text_width(caption, 9) + AIR_AROUND) is None:
            return None
        found.append((caption, defined, field[0], len(field)))
    return found[::-1]


def fingerprint_of(program: Program, blanks: Sequence[Blank], decimals: int) -> tuple[int, int]:
    """Two numbers: of what is calculated and with which numbers, and of what is left empty and how it is rounded.
    Words of a spec, its colours and its order on the page don't count."""
    givens = ((g.name, g.value.shape, g.value.tolist()) for g in program.givens)
    steps = ((s.name, show(s.expr)) for s in program.statements if s.kind == "matrix")
    asked = ((blank.matrix, [_asked(place) for place in blank.places]) for blank in blanks)
    return _number((*givens, *steps)), _number((*asked, decimals))


def fingerprint_of_all(prints: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """That of several exercises on a page."""
    calculated, asked = zip(*prints, strict=True)
    return _number(calculated), _number(asked)


def _asked(place: Place) -> object:
    shape = place.region.values.shape
    return shape if place.single is None else (shape, sorted(place.single))


def _number(parts: Iterable[object]) -> int:
    return int(hashlib.sha256(repr(tuple(parts)).encode()).hexdigest(), 16) % DIGITS


def fingerprint_region(fingerprint: tuple[int, int], names: Names, row: int, column: int) -> Region:
    """The fingerprint in two cells of a hidden sheet."""
    return Region("fingerprint", Role.COPY, row, column, np.array([fingerprint], dtype=float),
                  defined_name=names.fingerprint)  # fmt: skip
