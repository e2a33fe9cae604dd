"""Conditional formats of matrices: numbers as short as by hand, a ReLU's zeros, pale terms, edges, heat maps.

LibreOffice gives a cell the first look that any rule brings, alone; Excel adds the looks of all rules up. So a rule
that colours cells comes once for each way of showing their numbers, and all rules of a cell stand in one format.
Regions that look alike share their rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from sheetgen.book import theme
from sheetgen.book.regions import Drawn, is_number
from sheetgen.book.sheet import Format, Rule, Scale
from sheetgen.book.styles import Looks, Tint
from sheetgen.book.theme import Sides
from sheetgen.cells.a1 import span
from sheetgen.layout.numbers import Form, form
from sheetgen.layout.plan import Highlight, Region, Role, Sight

ZERO = Tint(theme.ZERO_INK, theme.ZERO_FILL, "0")
PALE = Tint(theme.PALE, bold=False)
PICKED = Tint(theme.INK, theme.PICKED)
INKED = Tint(theme.WHITE, theme.INK)
FRAMED = Tint(theme.INK, bold=True, sides=Sides(*[("thin", theme.INK)] * 4))
PASSED = FRAMED._replace(number='"•";"•";"•"')
NOW = Tint(theme.RED, number='"●";"●";"●"', bold=True, sides=Sides(*[("thin", theme.RED)] * 4))
EDGE = Tint(theme.INK, theme.EDGE_ON, bold=True)
SIGHTS: dict[Sight, Tint] = {
    "right": Tint(theme.GREEN, theme.RIGHT_FILL, bold=True), "wrong": Tint(theme.WRONG, theme.WRONG_FILL, struck=True),
    "tick": Tint(theme.GREEN, bold=True), "cross": Tint(theme.WRONG, bold=True),
    "done": Tint(theme.WHITE, theme.DONE, bold=True), "bar": Tint(fill=theme.DONE), "track": Tint(fill=theme.TRACK),
}  # fmt: skip


def tinted(condition: str, tint: Tint, form: Form, cell: str, looks: Looks) -> Iterator[Rule]:
    """The tint where the condition holds, with each cell's number in its own format."""
    for test, shown in _tiers(form, cell):
        yield Rule(f"AND({condition},{test})", looks.id(tint._replace(number=shown.number)))
    yield Rule(f"AND({condition},ISNUMBER({cell}))" if form.tiers else condition, looks.id(tint))


def region_formats(found: Sequence[Drawn], looks: Looks) -> list[Format]:
    """The rules of all regions; those with the same rules share them."""
    shared: dict[tuple[Rule | Scale, ...], list[str]] = {}
    own = []
    for each in found:
        region = each.region
        if not is_number(region):
            continue
        place = span(region.row, region.column, region.height, region.width)
        cell = place.split(":")[0]
        condition, tint = (region.pale, PALE) if region.pale is not None else (region.picked, PICKED)
        if condition is not None and not region.plain_map:
            rules = (*tinted(condition, tint, each.form, cell, looks), *_rules(each, place, looks))
            own.append(Format((place,), rules))
        elif region.blocked:
            own += _blocked(each, place, looks)
        elif region.framed is not None:
            own.append(Format((place,), tuple(_rules(each, place, looks))))
        elif rules := tuple(_rules(each, "A1", looks)):
            shared.setdefault(rules, []).append(place)
    return own + [Format(tuple(places), rules, anchored=True) for rules, places in shared.items()]


def highlight_formats(highlights: Sequence[Highlight], looks: Looks) -> list[Format]:
    """The rules of all highlights; those of one place stand in one format."""
    found: dict[str, list[Rule]] = {}
    for each in highlights:
        place = span(each.row, each.column, each.rows, each.columns)
        found.setdefault(place, []).append(Rule(each.condition, looks.id(SIGHTS[each.sight])))
    return [Format((place,), tuple(rules)) for place, rules in found.items()]


def _blocked(each: Drawn, place: str, looks: Looks) -> Iterator[Format]:
    """The dark cells of a gradient, each with a condition of its own if there are several, before all other rules."""
    region, rules = each.region, tuple(_rules(each, place, looks))
    if len(region.blocked) == 1:
        yield Format((place,), (Rule(region.blocked[0], looks.id(ZERO)), *rules))
        return
    for k, condition in enumerate(region.blocked):
        cell = span(region.row + k // region.width, region.column + k % region.width)
        yield Format((cell,), (Rule(condition, looks.id(ZERO)), *_rules(each, cell, looks)))


def _rules(each: Drawn, place: str, looks: Looks) -> Iterator[Rule | Scale]:
    region, cell = each.region, place.split(":")[0]
    if region.framed is not None:
        if region.picked is not None:
            yield Rule(region.picked, looks.id(NOW))
            yield Rule(region.framed, looks.id(PASSED))
        else:
            shown = form(region.values)
            yield from tinted(region.framed, FRAMED._replace(number=shown.format), shown, cell, looks)
    if region.dark_zeros and not region.plain_map:
        yield Rule(f"AND(ISNUMBER({cell}),{cell}=0)", looks.id(ZERO))
    if region.inked:
        yield from tinted(f"AND(ISNUMBER({cell}),{cell}>0)", INKED, each.form, cell, looks)
    if region.role is Role.ADJACENCY and not region.plain_map:
        yield from tinted(f"AND(ISNUMBER({cell}),{cell}<>0)", EDGE, each.form, cell, looks)
    yield from (Rule(test, looks.id(tint)) for test, tint in _tiers(each.form, cell))
    if region.role is Role.HEATMAP or region.image or region.plain_map:
        yield heat(region)


@lru_cache(maxsize=256)
def _tiers(form: Form, cell: str) -> tuple[tuple[str, Tint], ...]:
    """When numbers are shown in another format, and the looks that they have then."""
    return tuple((tier.condition(cell), Tint(number=tier.format)) for tier in form.tiers)


def heat(region: Region) -> Scale:
    """From white to the role's colour, up to 1 for shares and probabilities; around 0 where numbers are negative."""
    if region.heat is not None:
        return Scale(tuple(zip(region.heat, theme.DIVERGING, strict=True)))
    low, high = float(region.values.min(initial=0.0)), float(region.values.max(initial=0.0))
    if low < 0:
        bound = max(-low, high)
        return Scale(tuple(zip((-bound, 0.0, bound), theme.DIVERGING, strict=True)))
    bound = 1.0 if high <= 1 and not region.plain_map else high or 1.0
    return Scale(tuple(zip((0.0, bound / 2, bound), theme.HEATS.get(region.role, theme.HEAT), strict=True)))


class Place(NamedTuple):
    """A rectangle of cells."""

    row: int
    column: int
    height: int = 1
    width: int = 1
    loose: bool = False
    """Not a matrix, but cells of which each stands for itself."""


def ranges(places: Iterable[Place]) -> tuple[str, ...]:
    """Ranges that cover the places. Cells that stand for themselves become one range where they are side by side, and
    then where such rows are as wide and below one another."""
    found, loose = set[tuple[int, ...]](), defaultdict[int, list[Place]](list)
    for place in places:
        if place.loose or place.height == place.width == 1:
            loose[place.row].append(place)
        else:
            found.add(place[:4])
    if loose:
        found.update(_joined(loose))
    return tuple(span(*each) for each in sorted(found))


def _joined(loose: Mapping[int, list[Place]]) -> Iterator[tuple[int, int, int, int]]:
    """Rectangles that cover places of cells, which are given by their first rows."""
    ends = {place.row + place.height for same in loose.values() for place in same}
    here, stacks = list[Place](), defaultdict[tuple[int, int], list[list[int]]](list)
    for row, below in pairwise(sorted({*loose, *ends})):
        here = [place for place in here if place.row + place.height > row] + loose.get(row, [])
        runs = list[list[int]]()
        for first, end in sorted((place.column, place.column + place.width) for place in here):
            if runs and first <= runs[-1][1]:
                runs[-1][1] = max(runs[-1][1], end)
            else:
                runs.append([first, end])
        for first, end in runs:
            same = stacks[first, end]
            if same and same[-1][1] == row:
                same[-1][1] = below
            else:
                same.append([row, below])
    return ((row, first, below - row, end - first) for (first, end), rows in stacks.items() for row, below in rows)
