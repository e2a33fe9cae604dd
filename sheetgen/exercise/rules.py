"""How each blank cell is judged: by the formula of the finished page, read from what the student has typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sheetgen.cells.a1 import Rect, reference, span
from sheetgen.cells.formula import plain_formula
from sheetgen.cells.reads import reads
from sheetgen.errors import SpecError
from sheetgen.exercise.choice import Blank, Place
from sheetgen.ir.node import Node
from sheetgen.ir.walk import nodes
from sheetgen.layout.plan import Role, WorkbookPlan
from sheetgen.ops import operation
from sheetgen.ops.elementwise import half_away_from_zero
from sheetgen.ops.spread import MARGIN, NOISE, half_unit, spread
from sheetgen.passes.evaluate import value_of

MOST = 6
"""Decimals that may be asked for."""


@dataclass(frozen=True)
class Operands:
    """The cells that an answer is made of, as far as they wait for a student, and how many they are."""

    rects: tuple[Rect, ...]

    @property
    def count(self) -> int:
        return sum(rect.height * rect.width for rect in self.rects)

    def there(self, sheet: str) -> str:
        """The condition that all of them hold a number; empty if there are none."""
        if not self.rects:
            return ""
        return f"COUNT({','.join(reference(rect, sheet, (False, False)) for rect in self.rects)})={self.count}"


@dataclass(frozen=True)
class Rule:
    """One cell: what it must be near to, how near, and what must be there before."""

    sheet: str
    row: int
    column: int
    formula: Mapping[str, str]
    """As seen from the page, and from the sheet that checks."""
    tolerance: Mapping[str, str]
    operands: Operands

    def cell(self, sheet: str) -> str:
        return reference(Rect(self.sheet, self.row, self.column, 1, 1), sheet, (False, False))

    def verdict(self, sheet: str) -> str:
        """1, 0 or "" for a cell that is right, wrong, or not to be judged yet."""
        cell, there = self.cell(sheet), self.operands.there(sheet)
        judged = f'IFERROR(IF({self._near(sheet)},1,0),"")'
        if there:
            judged = f'IF({there},{judged},"")'
        return f'IF({cell}="","",IF(NOT(ISNUMBER({cell})),0,{judged}))'

    def right(self) -> str:
        """The condition that it is right, for a look on its own page."""
        return f"AND({self._judged()},{self._near(self.sheet)})"

    def wrong(self) -> str:
        cell = self.cell(self.sheet)
        return f"OR(ISTEXT({cell}),AND({self._judged()},{self._far(self.sheet)}))"

    def _judged(self) -> str:
        there = self.operands.there(self.sheet)
        return f"ISNUMBER({self.cell(self.sheet)})" + (f",{there}" if there else "")

    def _near(self, sheet: str) -> str:
        return f"{self._off(sheet)}<={self.tolerance[sheet]}"

    def _far(self, sheet: str) -> str:
        return f"{self._off(sheet)}>{self.tolerance[sheet]}"

    def _off(self, sheet: str) -> str:
        return f"ABS({self.cell(sheet)}-({self.formula[sheet]}))"


@dataclass(frozen=True)
class ByResults(Rule):
    """A cell of what is given: each result that it goes into must come out, as the page shows it."""

    results: tuple[Rule, ...] = ()

    def _near(self, sheet: str) -> str:
        return f"AND({','.join(rule._near(sheet) for rule in self.results)})"

    def _far(self, sheet: str) -> str:
        return f"OR({','.join(rule._far(sheet) for rule in self.results)})"


class Page:
    """A plan as the rules see it: where everything stands, and what waits for the student."""

    def __init__(
        self, plan: WorkbookPlan, blanks: Sequence[Blank], waiting: Mapping[str, np.ndarray],
        values: Mapping[str, np.ndarray],
    ) -> None:  # fmt: skip
        self.plan, self.waiting, self.values = plan, waiting, values
        self.typed = {place.region.key: place.open for blank in blanks for place in blank.places}
        self._off: dict[str, float] = {}

    @cached_property
    def places(self) -> Mapping[str, Place]:
        """The regions, by what sources call them."""
        return {region.key: Place(sheet.title, region) for sheet in self.plan.sheets for region in sheet.regions}

    @cached_property
    def readers(self) -> Mapping[str, Set[str]]:
        """The regions that read each region, by what sources call them."""
        found: dict[str, set[str]] = {}
        for key, place in self.places.items():
            for ref in place.region.source.references if place.region.source is not None else ():
                found.setdefault(ref.name, set()).add(key)
        return found

    def off(self, name: str) -> float:
        """How many half units the numbers of a region may be off as a student has them: none where they are given, are
        ones, or either of them moved; one where they are typed or read from the page; and where the page goes on with
        what was typed, as many as that makes."""
        if name not in self._off:
            self._off[name] = 1.0  # against circles
            self._off[name] = self._spread(name)
        return self._off[name]

    def _spread(self, name: str) -> float:
        place = self.places.get(name)
        source = place.region.source if place is not None else None
        if place is None or source is None or place.region.role is Role.ONES:
            return 0.0
        moves = all(node.is_leaf or operation(node).rearranges for node in nodes(source))
        if moves and not any(self.off(ref.name) for ref in source.references):
            return 0.0
        if name in self.typed or not self.waits(place.rect):
            return 1.0
        slopes = self.value(spread(source, self.off, self.value))
        return max(1.0, float(np.where(np.isfinite(slopes), slopes, 0.0).max()))

    def locate(self, name: str) -> Rect:
        return self.places[name].rect

    def value(self, node: Node) -> np.ndarray:
        return value_of(node, self.numbers)

    def rounded(self, name: str, value: np.ndarray, decimals: int) -> np.ndarray:
        """The numbers of a region of which some are typed, as many decimals as are asked for."""
        return np.where(self.typed[name], half_away_from_zero(value, decimals), value)

    @cached_property
    def numbers(self) -> dict[str, np.ndarray]:
        """The numbers of the finished page, by region and by matrix."""
        return {**self.values, **{name: place.region.values for name, place in self.places.items()}}

    def waits(self, rect: Rect) -> bool:
        """Whether any cell of a rectangle has no number before the student has typed one."""
        grid = self.waiting.get(rect.sheet)
        part = np.s_[rect.row : rect.row + rect.height, rect.column : rect.column + rect.width]
        return grid is not None and bool(grid[part].any())

    def operands(self, formula: str, sheet: str) -> Operands:
        """What a formula reads of what waits."""
        return Operands(tuple(dict.fromkeys(rect for rect in reads(formula, sheet) if self.waits(rect))))


def rules_of(blank: Blank, page: Page, check: Mapping[str, str], decimals: int) -> tuple[Rule, ...]:
    """The rules of all cells of a blank; `check` gives the sheet that checks each sheet.

    Raises SpecError where a matrix can't be checked cell by cell.
    """
    return tuple(rule for place in blank.places for rule in _rules(blank, place, page, check[place.sheet], decimals))


def _rules(blank: Blank, place: Place, page: Page, check: str, decimals: int) -> Iterator[Rule]:
    if blank.results:
        for i, j in sorted(place.single or ()):
            yield _by_results(blank, place, (i, j), page, check, decimals)
    else:
        yield from _by_formula(blank, place, page, check, decimals)


def _by_results(
    blank: Blank, place: Place, at: tuple[int, int], page: Page, check: str, decimals: int
) -> ByResults:  # fmt: skip
    """The rule of a cell of what is given. How far a result may be off follows from what half a unit makes of it."""
    region, half = place.region, half_unit(decimals)
    moved = region.values.astype(float)
    moved[at] += half
    found = []
    for result in blank.results:
        source = result.region.source
        if source is None:
            continue
        slopes = np.abs(_with(source, page, region.key, moved) - result.region.values)
        for i, j in np.argwhere(slopes > NOISE):
            formula = {s: plain_formula(source, int(i), int(j), page.locate, s) for s in (place.sheet, check)}
            off = f"{slopes[i, j] + NOISE:.9f}".rstrip("0")
            row, column = result.region.row + int(i), result.region.column + int(j)
            found.append(Rule(result.sheet, row, column, formula, dict.fromkeys(formula, off), Operands(())))
    if not found:
        problem = f"blank: nothing on the page tells which number stands in `{blank.matrix}[{at[0]}, {at[1]}]`."
        raise SpecError(problem, at=("blank",))
    row, column = region.row + at[0], region.column + at[1]
    read = [rect for rule in found for rect in page.operands(rule.formula[place.sheet], place.sheet).rects]
    return ByResults(place.sheet, row, column, {}, {}, Operands(tuple(dict.fromkeys(read))), tuple(found))


def _with(node: Node, page: Page, name: str, value: np.ndarray) -> np.ndarray:
    """What an expression comes to with other numbers in a region, and in its copies."""
    found = {**page.numbers, name: value}
    for key, place in page.places.items():
        source = place.region.source
        if source is not None and all(n.is_leaf or operation(n).rearranges for n in nodes(source)) and any(
            ref.name == name for ref in source.references
        ):
            found[key] = value_of(source, found)
    return value_of(node, found)


def _by_formula(blank: Blank, place: Place, page: Page, check: str, decimals: int) -> Iterator[Rule]:
    region, half = place.region, half_unit(decimals)
    source = region.source
    if source is None:
        raise ValueError(f"{region.name} has no formulas")
    try:
        off = spread(source, page.off, page.value)
        for i, j in map(tuple, np.argwhere(place.open).tolist()):
            seen = {}
            near = {}
            for sheet in (place.sheet, check):
                seen[sheet] = plain_formula(source, i, j, page.locate, sheet)
                near[sheet] = _tolerance(off, i, j, page, sheet, half)
            formula = region.block or (region.formulas[i][j] if region.formulas else None)
            operands = page.operands(formula or "", place.sheet)
            yield Rule(place.sheet, region.row + i, region.column + j, seen, near, operands)
    except (KeyError, ValueError):
        problem = f"blank: `{blank.matrix}` can't be checked: it is made of what doesn't stand on the page whole."
        raise SpecError(problem, at=("blank",)) from None


def _tolerance(off: Node, i: int, j: int, page: Page, sheet: str, half: float) -> str:
    """The tolerance of a cell as a formula."""
    if off.value is not None:
        return f"{half * (1 + MARGIN * off.value) + NOISE:.9f}".rstrip("0")
    slopes = plain_formula(off, i, j, page.locate, sheet)
    safe = f"IFERROR({slopes},0)" if any(operation(node).why for node in nodes(off)) else f"({slopes})"
    return f"({half:.{MOST + 1}f}*(1+{MARGIN}*{safe})+{NOISE:.6f})"


def address(rect: Rect) -> str:
    """`L13:L16`, without a sheet."""
    return span(rect.row, rect.column, rect.height, rect.width)
