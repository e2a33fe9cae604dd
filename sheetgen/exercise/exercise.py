"""From a finished plan to an exercise: choose, empty, check, lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from sheetgen.cells.a1 import Rect
from sheetgen.exercise.check import FIRST, HINT, check_sheets, sheets_of
from sheetgen.exercise.choice import Blank, chosen_by
from sheetgen.exercise.fields import Names, fingerprint_of, fingerprint_region, names_for, with_fields
from sheetgen.exercise.hints import hint, rule
from sheetgen.exercise.moving import with_columns
from sheetgen.exercise.page import MARGIN, WIDTHS, explained, lines_of, page_of, widths_of
from sheetgen.exercise.rounding import decimals_for, nearness
from sheetgen.exercise.rules import Page, rules_of
from sheetgen.exercise.vacate import bare, vacated, waiting
from sheetgen.ir.exercise import Task
from sheetgen.ir.program import Program
from sheetgen.layout.plan import Region, Role, WorkbookPlan
from sheetgen.layout.words.vocabulary import vocabulary
from sheetgen.ops.elementwise import half_away_from_zero


@dataclass(frozen=True)
class Finished:
    """A finished page, its blanks as it calls them, and what an exercise of several puts before their keys."""

    page: Page
    blanks: tuple[Blank, ...]
    prefix: str = ""


@dataclass(frozen=True)
class Made:
    """The plan of an exercise, what is to be filled in, and with how many decimals."""

    plan: WorkbookPlan = field(repr=False)
    blanks: tuple[Blank, ...]
    decimals: int
    judges: Mapping[str, str]
    """The sheet that checks each sheet."""
    names: Names
    fingerprint: tuple[int, int]
    """Of what is calculated, and of what is asked."""
    equations: Mapping[str, str] = field(repr=False)
    """Of each matrix to fill in."""
    symbols: Mapping[str, str] = field(repr=False)
    """What equations call each matrix of the program."""
    pages: tuple[Finished, ...] = field(repr=False)
    """The finished pages, of which a page of several exercises has one for each."""

    @property
    def cells(self) -> int:
        return sum(blank.cells for blank in self.blanks)

    @cached_property
    def near(self) -> Mapping[str, np.ndarray]:
        """How far an answer may be from the finished page's, by key of the regions and in their shapes."""
        return {f"{each.prefix}{key}": value for each in self.pages
                for key, value in nearness(each.blanks, each.page, self.decimals).items()}  # fmt: skip


def exercise(
    plan: WorkbookPlan, program: Program, values: Mapping[str, np.ndarray], task: Task
) -> Made:
    """`plan` as an exercise: what `task` names is empty, and what follows from it waits for it.

    `values` are numpy's, 2-D by name. Raises SpecError for matrices that can't be filled in or checked, and where so
    few decimals are asked for that right numbers would be refused.
    """
    hints = task.hints
    words = vocabulary(program)
    moved = with_columns(bare(plan), MARGIN, widths_of(chosen_by(plan, words, task), hints))
    chosen = chosen_by(moved, words, task)
    page = Page(moved, chosen, waiting(moved, chosen), values)
    places = decimals_for(chosen, page, task.round)
    sheets = sheets_of(moved, chosen)
    rules = {blank.matrix: rules_of(blank, page, sheets.check, places) for blank in chosen}
    lines = lines_of(moved.sheets, sheets)
    asked = {blank.matrix: lines.hint(blank.matrix) for blank in chosen} if hints else {}
    told = {
        blank.matrix: hint(blank, words, page, sheets.main, sheets.count(blank.matrix, HINT, sheets.main), places)
        for blank in chosen if hints
    }  # fmt: skip
    names = names_for(moved, chosen, hints)
    done = {blank.matrix: sheets.done(blank.matrix, "") for blank in chosen}
    prompts = {blank.matrix: rule(blank, words) for blank in chosen}
    empty = vacated(page, chosen, program, names.answer, prompts, done)
    pages = tuple(page_of(sheet, sheets, lines, rules, places, names.hint) for sheet in empty.sheets)
    main, names = with_fields(explained(pages[0], _left_by_charts(plan)), names)
    fingerprint = fingerprint_of(program, chosen, places)
    mark = fingerprint_region(fingerprint, names, FIRST - 2, sheets.column)
    check, *others = check_sheets(sheets, rules, told, asked)
    check = replace(check, regions=(*check.regions, mark))
    made = replace(empty, sheets=(main, *pages[1:], check, *others))
    equations = {blank.matrix: words.equation(blank.statement) for blank in chosen}
    symbols = {name: words.symbols.of(name) for name in program.names}
    return Made(made, chosen, places, sheets.check, names, fingerprint, equations, symbols,
                (Finished(page, chosen),))  # fmt: skip


def typed(made: Made, numbers: Mapping[str, np.ndarray]) -> WorkbookPlan:
    """The plan with numbers in its blanks, by key of their regions; NaN leaves a cell empty."""

    def filled(region: Region) -> Region:
        if region.role is not Role.BLANK or region.key not in numbers:
            return region
        found = numbers[region.key]
        return replace(region, values=np.nan_to_num(found), empty=np.isnan(found))

    return made.plan.with_regions(filled)


def answers(made: Made) -> dict[str, np.ndarray]:
    """What a student has to find, rounded as asked, by key of the regions."""
    places = [place for blank in made.blanks for place in blank.places]
    return {place.region.key: half_away_from_zero(place.region.values, made.decimals) for place in places}


def _left_by_charts(plan: WorkbookPlan) -> list[Rect]:
    """Where the charts of the first sheet stood, seen from the page with its new columns."""
    sheet, by = plan.sheets[0], len(WIDTHS)
    places = [chart.place for chart in sheet.charts if chart.place is not None]
    return [Rect(sheet.title, at.row, at.column + by, at.rows, at.columns) for at in places if at.column > MARGIN]
