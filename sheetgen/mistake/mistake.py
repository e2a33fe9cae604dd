"""From a finished plan to one with a mistake: choose a slip, let an engine work out what follows, type all numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

import numpy as np

from sheetgen.errors import SpecError
from sheetgen.exercise.choice import Blank, blanks
from sheetgen.exercise.fields import names_for, with_fields
from sheetgen.exercise.moving import with_columns
from sheetgen.exercise.rounding import decimals_for
from sheetgen.exercise.rules import Page, Rule, rules_of
from sheetgen.exercise.vacate import bare
from sheetgen.ir.program import Program
from sheetgen.layout.plan import Region, WorkbookPlan
from sheetgen.layout.words.vocabulary import Vocabulary, vocabulary
from sheetgen.mistake.panel import MARGIN, WIDTHS, Answer, check_of, fields_of, with_panel
from sheetgen.mistake.plant import Slip, in_turn, slips
from sheetgen.names import CHECK
from sheetgen.ops.elementwise import half_away_from_zero
from sheetgen.pages import PlantedMistake
from sheetgen.proof.engines import Values

FEWEST_LATER = 3
"""Cells that must follow from the wrong one."""

Recalculate = Callable[[WorkbookPlan], Values]


def plant(
    plan: WorkbookPlan, program: Program, values: Mapping[str, np.ndarray], seed: int, recalculate: Recalculate,
    name: str,
) -> PlantedMistake:  # fmt: skip
    """`plan` with a slip, another one for another `seed`; an engine says with `recalculate` what follows from it.
    `name` is the spec's file, for errors.

    Raises SpecError where no number could be wrong without being seen at a glance.
    """
    words = vocabulary(program)
    moved = with_columns(bare(plan), MARGIN, WIDTHS)
    page, chosen, rules, decimals = _checked(moved, words, values)
    found = slips(chosen, page, program, decimals)
    for slip in in_turn(found, seed):
        typed, later = _followed(moved, slip, recalculate)
        if later >= FEWEST_LATER:
            break
    else:
        raise SpecError("No number of this page can be wrong so that others follow from it.")
    main = moved.sheets[0]
    at = fields_of(main)
    check = check_of(chosen, rules, at, sorted({slip.words for slip in found}))
    right = float(half_away_from_zero(np.array(slip.right), decimals))
    names = names_for(moved, (), False)
    answer = Answer(slip.blank.title, slip.row + 1, slip.column + 1, right, slip.words)

    def whole(known: Answer | None) -> WorkbookPlan:
        first, *others = typed.sheets
        named, _ = with_fields(replace(first, heading=f"{first.heading}: find the mistake"), names)
        return replace(typed, sheets=(with_panel(named, at, check, known), *others, check.sheet))

    return PlantedMistake(whole(None), whole(answer), slip.blank.matrix, answer.row, answer.column, slip.wrong, right,
                          slip.words, name)  # fmt: skip


def _checked(
    plan: WorkbookPlan, words: Vocabulary, values: Mapping[str, np.ndarray]
) -> tuple[Page, list[Blank], dict[str, tuple[Rule, ...]], int]:
    """The matrices of which each cell can be checked, with their rules, and the decimals that this needs."""
    whole = [blank for blank in blanks(plan, words, ("all",)) if len(blank.places) == 1]
    page = Page(plan, whole, {}, values)
    check = {sheet.title: CHECK for sheet in plan.sheets}
    decimals = decimals_for(whole, page, None)
    rules: dict[str, tuple[Rule, ...]] = {}
    for blank in whole:
        with suppress(SpecError):
            rules[blank.matrix] = rules_of(blank, page, check, decimals)
    return page, [blank for blank in whole if blank.matrix in rules], rules, decimals


def _with_number(plan: WorkbookPlan, slip: Slip) -> WorkbookPlan:
    """The plan with the wrong number in its place, and all formulas but that cell's."""

    def changed(region: Region) -> Region:
        if region is not slip.region:
            return region
        numbers = region.values.astype(float)
        numbers[slip.row, slip.column] = slip.wrong
        rows = [list(row) for row in region.formulas or ()]
        rows[slip.row][slip.column] = None
        return replace(region, values=numbers, formulas=tuple(map(tuple, rows)))

    return plan.with_regions(changed)


def _followed(plan: WorkbookPlan, slip: Slip, recalculate: Recalculate) -> tuple[WorkbookPlan, int]:
    """The plan with the wrong number, all numbers typed, and how many others differ from the finished page."""
    values = recalculate(_with_number(plan, slip))
    later = 0

    def typed(title: str, region: Region) -> Region:
        nonlocal later
        if region.formulas is None and region.block is None:
            return region
        cells = (region.row, region.column, region.height, region.width)
        if region.values.dtype.kind in "fiub":
            made = values.numbers(title, *cells)
            changed = np.abs(made - region.values) > 1e-9 * np.maximum(1.0, np.abs(region.values))
            later += int(changed.sum())
        else:
            found = values.block(title, *cells)
            made = np.where(found == None, "", found)  # noqa: E711
        return replace(region, values=made, formulas=None, block=None, source=None)

    sheets = tuple(
        replace(sheet, regions=tuple(typed(sheet.title, region) for region in sheet.regions)) for sheet in plan.sheets
    )
    return replace(plan, sheets=sheets), later - 1
