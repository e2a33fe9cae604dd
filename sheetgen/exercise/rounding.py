"""How many decimals an exercise asks for, and how far an answer may be from the finished page's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sheetgen.errors import SpecError
from sheetgen.exercise.choice import Blank, Place
from sheetgen.exercise.rules import MOST, Page
from sheetgen.layout.plan import Region
from sheetgen.ops.spread import MARGIN, NOISE, half_unit, spread
from sheetgen.passes.evaluate import value_of

FEWEST = 2
"""Decimals that are asked for, unless the spec says otherwise or numbers need more."""
COARSE = 3
"""A tolerance of more than one part in so many of what a matrix holds would let wrong numbers pass."""


def decimals_for(blanks: Sequence[Blank], page: Page, wanted: int | None) -> int:
    """How many decimals to ask for: the fewest, from 2 on, with which right numbers are right and small slips aren't.

    Raises SpecError where those that are `wanted` are too few.
    """
    for decimals in (wanted,) if wanted is not None else range(FEWEST, MOST):
        if _too_few(blanks, page, decimals) is None:
            return decimals
    if wanted is None:
        return MOST
    name = _too_few(blanks, page, wanted)
    enough = next((k for k in range(wanted + 1, MOST + 1) if _too_few(blanks, page, k) is None), None)
    hint = f"ask for {enough}" if enough else "leave it out of the exercise"
    raise SpecError(f"round: {wanted} decimals are too few to check `{name}` by; {hint}.")


def _too_few(blanks: Sequence[Blank], page: Page, decimals: int) -> str | None:
    """The first matrix that can't be checked by so many decimals."""
    half = half_unit(decimals)
    rounded = as_typed(page, decimals)
    for blank in blanks:
        for region in (place.region for place in blank.places):
            if blank.results:  # who finds the number is to find it exactly
                clear = bool((np.abs(rounded[region.key] - region.values) <= NOISE).all())
            else:
                clear = region.source is not None and _clear(region, page, rounded, half)
            if not clear:
                return blank.matrix
    return None


def as_typed(page: Page, decimals: int, onward: bool = False) -> dict[str, np.ndarray]:
    """The numbers of the page once the right ones are typed into the blanks, rounded: those of the finished page, or
    `onward` those that follow from the rounded ones before them."""
    found = dict(page.numbers)
    for name in page.typed:
        found[name] = page.rounded(name, found[name], decimals)
    follow = [r for sheet in page.plan.sheets for r in sheet.regions
              if r.source is not None and not r.words and (onward or r.key not in page.typed)
              and page.waits(Place(sheet.title, r).rect)]  # fmt: skip
    todo, readers = {region.key: region for region in follow}, page.readers
    while todo:
        region = todo.pop(next(iter(todo)))
        made = value_of(region.source, found) if region.source is not None else region.values
        if region.key in page.typed:
            made = page.rounded(region.key, made, decimals)
        if not np.array_equal(made, found[region.key], equal_nan=True):
            found[region.key] = made
            todo |= {each.key: each for each in follow if each.key in readers.get(region.key, ())}
    return found


def nearness(blanks: Sequence[Blank], page: Page, decimals: int) -> dict[str, np.ndarray]:
    """How far a number may be from that of the finished page, by key of the regions and in their shapes: a half unit,
    what it makes of those of its operands, and what rounding on the way has already made of these."""
    rounded, half = as_typed(page, decimals), half_unit(decimals)
    onward = as_typed(page, decimals, onward=True)
    found = {}
    for given, region in ((bool(blank.results), place.region) for blank in blanks for place in blank.places):
        if given:
            found[region.key] = np.full(region.values.shape, half + NOISE)
            continue
        made, off = _reached(region, page, rounded, half)
        drift = np.maximum(np.abs(made - region.values), np.abs(onward[region.key] - region.values))
        found[region.key] = off + np.where(np.isfinite(drift), drift, 0)
    return found


def _reached(
    region: Region, page: Page, rounded: Mapping[str, np.ndarray], half: float
) -> tuple[np.ndarray, np.ndarray]:
    """What a region comes to from rounded numbers, and how far an answer may be off."""
    if region.source is None:
        raise ValueError(f"{region.name} has no formulas")
    slopes = value_of(spread(region.source, page.off, page.value), rounded)
    off = half * (1 + MARGIN * np.where(np.isfinite(slopes), slopes, 0)) + NOISE
    return value_of(region.source, rounded), np.broadcast_to(off, region.values.shape)


def _clear(region: Region, page: Page, rounded: Mapping[str, np.ndarray], half: float) -> bool:
    """Whether rounded numbers are right here, and a slip of a third of what usually stands here isn't."""
    if region.source is None:
        return False
    made, off = _reached(region, page, rounded, half)
    sizes = np.abs(region.values[np.abs(region.values) > NOISE])
    usual = float(np.median(sizes)) if sizes.size else 1.0
    near = np.isfinite(made) & (np.abs(rounded[region.key] - made) <= off)
    return bool(near.all()) and float(np.median(off)) <= usual / COARSE
