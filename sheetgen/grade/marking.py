"""A student's numbers → marks: judged in a fresh copy, guarded against pages of one number, with the first mistake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sheetgen.exercise.choice import Blank
from sheetgen.exercise.exercise import Made
from sheetgen.grade.cause import NO_NUMBER, OTHER, cause_of
from sheetgen.grade.fresh import Fresh
from sheetgen.grade.results import Box, Mistake
from sheetgen.ir.node import Node
from sheetgen.layout.plan import Role
from sheetgen.ops import operation
from sheetgen.ops.slips import REVERSED
from sheetgen.ops.spread import NOISE
from sheetgen.proof.engines import Values

Arrays = dict[str, np.ndarray]
ALIKE = "the same number in every cell"
ALIKE_FROM = 3
"""Cells: two are alike by a slip, when the number of the other row was taken."""
SHOWN = 60
"""Characters of a text that was typed instead of a number."""


@dataclass(frozen=True)
class Marks:
    """The boxes of a page in the order of the program, its first mistake, and what else there is to say."""

    boxes: tuple[Box, ...]
    first: Mistake | None
    remarks: tuple[str, ...]


def marks_of(numbers: Mapping[str, np.ndarray], texts: Mapping[str, np.ndarray], fresh: Fresh) -> Marks:
    """The marks for numbers and texts, by key of the blanks' regions; NaN and "" where there is none.

    A matrix in which three cells or more hold one single number, and aren't all right, counts as empty for what reads
    it; a whole page of one number earns nothing.
    """
    made = fresh.made
    left: Arrays = dict(numbers)
    kept: Arrays = {}
    remarks = []
    while True:
        values = fresh.recalculated(left, texts)
        verdicts = _verdicts(made, values) | kept
        bare = next((blank for blank in made.blanks if _one_number(blank, numbers, verdicts, kept)), None)
        if bare is None:
            break
        for place in bare.places:
            key = place.region.key
            kept[key], left[key] = verdicts[key], np.full(numbers[key].shape, np.nan)
        remarks.append(f"{bare.title} holds one number only and counts as empty for what follows")
    boxes = tuple(_box(blank, made, numbers, texts, verdicts) for blank in made.blanks)
    first = _first(made, numbers, texts, verdicts, values, frozenset(kept))
    if _one_page(made, numbers, verdicts):
        boxes = tuple(replace(b, right=0, strict=0, waiting=b.waiting + b.right) for b in boxes)
        remarks = ["the whole page holds one number only, which earns nothing"]
    return Marks(boxes, first, tuple(remarks))


def _verdicts(made: Made, values: Values) -> Arrays:
    """1, 0, or NaN where nothing is judged, by key."""
    return {
        p.region.key: values.numbers(made.judges[p.sheet], p.region.row, p.region.column, *p.region.values.shape)
        for blank in made.blanks for p in blank.places
    }  # fmt: skip


def _one_number(blank: Blank, numbers: Mapping[str, np.ndarray], verdicts: Arrays, kept: Arrays) -> bool:
    """Whether so many cells hold the same number that it can't be a coincidence, and not all of them are right."""
    keys = [place.region.key for place in blank.places]
    if keys[0] in kept:
        return False
    typed = np.concatenate([numbers[key].ravel() for key in keys])
    right = np.concatenate([verdicts[key].ravel() for key in keys])[np.isfinite(typed)]
    typed = typed[np.isfinite(typed)]
    return bool(typed.size >= ALIKE_FROM and (typed == typed[0]).all() and not (right == 1).all())


def _one_page(made: Made, numbers: Mapping[str, np.ndarray], verdicts: Arrays) -> bool:
    """Whether all that was typed is one number, in more than one matrix, and not all of it is right."""
    typed = [numbers[place.region.key] for blank in made.blanks for place in blank.places]
    right = np.concatenate([verdicts[place.region.key].ravel() for blank in made.blanks for place in blank.places])
    filled = sum(bool(np.isfinite(each).any()) for each in typed)
    flat = np.concatenate([each.ravel() for each in typed])
    there = np.isfinite(flat)
    return filled > 1 and len(set(flat[there].tolist())) == 1 and not bool((right[there] == 1).all())


def _box(
    blank: Blank, made: Made, numbers: Mapping[str, np.ndarray], texts: Mapping[str, np.ndarray], verdicts: Arrays
) -> Box:
    right = wrong = waiting = empty = strict = 0
    for place in blank.places:
        region = place.region
        typed, judged = numbers[region.key], verdicts[region.key]
        filled = np.isfinite(typed) | (texts[region.key] != "")
        right += int((judged == 1).sum())
        wrong += int(((judged == 0) & filled).sum())
        waiting += int((np.isnan(judged) & filled).sum())
        empty += int((place.open & ~filled).sum())
        strict += int((np.abs(typed - region.values) <= made.near[region.key] + NOISE).sum())
    return Box(right, wrong, waiting, empty, strict)


def _first(
    made: Made, numbers: Mapping[str, np.ndarray], texts: Mapping[str, np.ndarray], verdicts: Arrays, values: Values,
    alike: frozenset[str],
) -> Mistake | None:  # fmt: skip
    """The first wrong cell in the order of the program; `alike` are the regions that one number was filled into."""
    for blank in made.blanks:
        for region in (place.region for place in blank.places):
            for i, j in np.argwhere(verdicts[region.key] == 0).tolist():
                text = str(texts[region.key][i, j])
                shape = (region.height, region.width)
                if text:
                    said = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
                    return Mistake(blank.matrix, blank.title, i + 1, j + 1, said, None, NO_NUMBER, shape)
                typed = float(numbers[region.key][i, j])
                right, cause = None, OTHER
                if region.source is not None:
                    found, ones = _found(made, numbers, values)
                    right, cause = cause_of(
                        region.source, found, (i, j), typed, made.decimals, float(made.near[region.key][i, j]), ones,
                        blank.statement.phase == "update",
                    )  # fmt: skip
                    cause = _named(cause, region.source, made.symbols)
                cause = ALIKE if region.key in alike else cause
                return Mistake(blank.matrix, blank.title, i + 1, j + 1, typed, right, cause, shape)
    return None


def _named(cause: str, source: Node, symbols: Mapping[str, str]) -> str:
    """`Y − Ŷ instead of Ŷ − Y`, where the whole expression is a difference of two matrices."""
    pair = not source.is_leaf and operation(source).symbol == "-" and len(source.args) == 2
    if cause != REVERSED or not pair or not all(arg.name in symbols for arg in source.args):
        return cause
    first, second = (symbols[arg.name] for arg in source.args)
    return f"{second} − {first} instead of {first} − {second}"


def _found(made: Made, numbers: Mapping[str, np.ndarray], values: Values) -> tuple[Arrays, frozenset[str]]:
    """The numbers of a student's page by key of its regions, and the regions that are nothing but ones."""
    drawn = [(sheet.title, region) for sheet in made.plan.sheets if not sheet.hidden for region in sheet.regions]
    found = {r.key: values.numbers(title, r.row, r.column, r.height, r.width) for title, r in drawn if not r.words}
    ones = frozenset(region.key for _, region in drawn if region.role is Role.ONES)
    return {**found, **numbers}, ones
