"""Where a slip may be planted: a number that somebody could really have got, and that others follow from."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sheetgen.exercise.choice import Blank
from sheetgen.exercise.rules import Page
from sheetgen.ir.node import Node
from sheetgen.ir.program import Program
from sheetgen.layout.plan import Region, Role
from sheetgen.ops.slips import Rank, wrong_values
from sheetgen.ops.spread import MARGIN, NOISE, half_unit, spread

PLAIN = 3.0
"""A wrong number is off by at least so many times as much as rounding may be."""
WILD = 10.0
"""And no larger than so many times the largest number of its matrix, lest it be seen at a glance."""


@dataclass(frozen=True)
class Slip:
    """A wrong number: in which matrix and cell (row and column from 0), and what went wrong."""

    blank: Blank
    row: int
    column: int
    right: float
    wrong: float
    words: str

    @property
    def region(self) -> Region:
        return self.blank.places[0].region


def slips(blanks: Sequence[Blank], page: Page, program: Program, decimals: int) -> list[Slip]:
    """All slips that a page has room for, matrix by matrix in the order of the program."""
    ones = frozenset(name for name, place in page.places.items() if place.region.role is Role.ONES)
    shown = {(s.target.matrix, s.target.column) for s in program.statements if s.kind == "explain" and s.target}
    return [slip for blank in blanks for slip in _slips(blank, page, ones, decimals)
            if not {(blank.matrix, slip.column), (blank.matrix, None)} & shown]  # fmt: skip


def _slips(blank: Blank, page: Page, ones: frozenset[str], decimals: int) -> Iterator[Slip]:
    region = blank.places[0].region
    if region.source is None or region.formulas is None or region.name != blank.matrix:
        return  # what is computed under another name, perhaps turned, has its rows and columns elsewhere
    near = tolerances(region.source, region.values.shape, page, decimals)
    right = region.values.astype(float)
    most = WILD * max(1.0, float(np.abs(right).max()))
    for slip in wrong_values(region.source, page.value, ones, blank.statement.phase == "update"):
        if slip.rank == Rank.RARE:
            continue
        wrong = np.broadcast_to(slip.value, right.shape)
        with np.errstate(invalid="ignore"):
            plain = np.isfinite(wrong) & (np.abs(wrong - right) > PLAIN * near) & (np.abs(wrong) <= most)
        for i, j in ((i, j) for i, j in np.argwhere(plain).tolist() if region.formulas[i][j] is not None):
            yield Slip(blank, i, j, float(right[i, j]), float(wrong[i, j]), slip.words)


def tolerances(source: Node, shape: tuple[int, ...], page: Page, decimals: int) -> np.ndarray:
    """How far a number worked out from rounded ones may be off, cell by cell."""
    slopes = page.value(spread(source, page.off, page.value))
    off = half_unit(decimals) * (1 + MARGIN * np.where(np.isfinite(slopes), slopes, 0)) + NOISE
    return np.broadcast_to(off, shape)


def in_turn(found: Sequence[Slip], seed: int) -> Iterator[Slip]:
    """The slips in an order that hangs on the seed: kinds by lot, then those of the kind, so that a kind that is
    possible in many cells comes no more often than others."""
    rng = random.Random(seed)
    kinds: dict[str, list[Slip]] = {}
    for slip in found:
        kinds.setdefault(slip.words, []).append(slip)
    left = [kinds[words] for words in sorted(kinds)]
    while left:
        kind = rng.choice(left)
        yield kind.pop(rng.randrange(len(kind)))
        left = [each for each in left if each]
