"""How sheets come out on paper: as wide as the page, cut between bands, the lanes' heads on each page."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, pairwise, product
from math import ceil, floor, inf
from typing import NamedTuple

from sheetgen.book.cuts import MARGIN
from sheetgen.book.paging import Stripe, partition
from sheetgen.book.tight import closing, lower, lowest, under_matrices
from sheetgen.layout import measure
from sheetgen.layout.measure import EASY, LANDSCAPE, PORTRAIT, READABLE, SAFE, SEVERAL, SMALL, SMALLEST, SQUINT
from sheetgen.layout.plan import Diagonal, Edge, SheetPlan

LARGE = 0.85
"""Scale from which on one page is good as it is: no rows get lower so that its digits become larger."""
ONE = 1.0
"""What a page costs at least."""
LOW = (0.0, 0.02, 0.04, 0.06, 0.36)
"""What rows cost, in pages, that are lower, from step to step; the last one makes charts small."""
MANY = 20
"""Pages from which on none is saved by smaller digits or lower rows."""
BREATH, ENOUGH, SPARE = 20.0, 17.0, 2.0
"""Points of a row with names under a matrix, where there is paper for it, or where rows with numbers give theirs; the
latter also of one that holds numbers of its own, and of the last one of a band; and what stays free of a page."""
AIR = {BREATH: 0.2, 17.0: 0.13}
"""What it is worth, in pages, that all rows with names under matrices are so high."""
AIRY = 0.77
"""The smallest scale to which digits shrink for that."""
INSIDE, UNTOLD, THROUGH, AMID, SHORTLY = 0.23, 0.1, 3.0, 0.1, 0.15
"""What a cut costs, in pages: inside of a band, where there is no room for the band's title, through a text, between
two bands of one section, and after a short section."""
PARTING, CROSSING = (0.6, 0.15), (0.2, 0.02)
"""What it costs besides: within one equation, and through a rail or a state's line; inside of a band, and between
two."""
SHORT = 7
"""Rows of a short section: it stays with the next one."""
SCREEN, LEAST_ZOOM = 200, 80
"""Characters that a screen shows side by side in full size, and the smallest zoom."""


def scale_of(sheet: SheetPlan, width: float) -> float:
    """Of a sheet `width` characters wide, in whole per cent; set by width alone."""
    return min(measure.scale(width, sheet.landscape), max(10, int(100 * sheet.scale)) / 100)


def zoom_of(width: float) -> int:
    """Per cent on the screen: the full size if the page is no wider, else the zoom that shows all of it."""
    return min(100, max(LEAST_ZOOM, int(100 * SCREEN / width)))


class Pages(NamedTuple):
    """How a sheet is printed: upright or not, its scale, and the rows with which further pages begin."""

    landscape: bool
    scale: float
    cuts: list[int]


def pages_of(sheet: SheetPlan, width: float, heights: Mapping[int, float], bottom: int) -> Pages:
    """The pages of a sheet `width` characters wide: few, cut between bands, and as large as that allows.

    Digits are smaller than the width demands, or pages stand on their other side, where that saves pages or keeps bands
    whole.
    """
    return _Paper(sheet, width, {}, bottom).cheapest(heights).pages


def scale_of_pages(sheet: SheetPlan, width: float, heights: Mapping[int, float], bottom: int) -> float:
    """Their scale."""
    return _Paper(sheet, width, {}, bottom).scale(heights)


def tightened(sheet: SheetPlan, width: float, head: Mapping[int, float], bottom: int) -> SheetPlan:
    """The sheet with lower rows under its head, where that saves paper, fills it better or makes digits larger; and
    with air between the matrices of a tower, as far as each page has paper left, or gets it from digits that stay
    large."""
    if not sheet.bands:
        return sheet
    paper, levels = _Paper(sheet, width, head, bottom), [dict(sheet.heights)]
    if paper.long(levels[0]):
        return sheet
    best, heights, (named, beside) = paper.cheapest(levels[0]), levels[0], under_matrices(sheet)
    if len(best.pages.cuts) >= MANY:
        return sheet
    if best.pages.cuts or best.pages.scale < LARGE:
        levels += lower(sheet)
    for spent, rows in zip(LOW[1:], levels[1:], strict=False):
        found = paper.cheapest(rows, best.cost - spent)
        best, heights = (found.dearer(spent), rows) if found.cost < inf else (best, heights)
    plain = best.pages
    for (level, low), (high, worth) in product(zip(LOW, levels, strict=False), AIR.items() if named else ()):
        rows, spent = low | dict.fromkeys(named, high), level - worth
        found = paper.cheapest(rows, best.cost - spent, min(AIRY, plain.scale))
        if found.cost < inf and len(found.pages.cuts) <= len(plain.cuts):
            best, heights = found.dearer(spent), rows
    most = dict.fromkeys((*closing(sheet), *beside), ENOUGH) | dict.fromkeys(named, BREATH)
    heights = heights | paper.spread(most, heights, best.pages)
    return replace(sheet, heights=tuple(sorted(heights.items())))


class _Found(NamedTuple):
    """Pages, and what they cost; infinite if there are none."""

    cost: float
    pages: Pages

    def dearer(self, by: float) -> _Found:
        """The same pages, which cost more for another reason."""
        return self._replace(cost=self.cost + by)


@dataclass(frozen=True)
class _Paper:
    """A sheet so many characters wide, the rows of its head, and its last row."""

    sheet: SheetPlan
    width: float
    head: Mapping[int, float]
    bottom: int

    @cached_property
    def prices(self) -> dict[int, float]:
        """What it costs to begin a page with a row."""
        return _prices(self.sheet, _allowed(self.sheet, self.bottom))

    @cached_property
    def scales(self) -> dict[bool, int]:
        """The largest scale in per cent by whether the paper lies on its side, as the sheet has it first."""
        first = self.sheet.landscape
        found = {side: round(100 * scale_of(replace(self.sheet, landscape=side), self.width)) for side in (True, False)}
        return found if found[not first] >= SMALLEST else {first: found[first]}

    def stripe(self, heights: Mapping[int, float]) -> Stripe:
        """All of it, with rows of these heights."""
        return _stripe(self.sheet, {**self.head, **heights}, self.bottom, self.prices)

    def cheapest(self, heights: Mapping[int, float], below: float = inf, least: float = 0.0) -> _Found:
        """Its cheapest pages that cost less than `below`, at a scale of `least`."""
        stripe, found = self.stripe(heights), _Found(inf, Pages(self.sheet.landscape, 1.0, []))
        for landscape, most in self.scales.items():
            high = _high(landscape)
            smallest = most if stripe.tops[-1] > MANY * high / most else min(most, SMALLEST)
            for scale in range(most, max(smallest, round(100 * least)) - 1, -1):
                small = SMALL * (1 - scale / 100)
                if small + ONE >= below:  # no page is cheaper than one, and from here on digits are only smaller
                    break
                if small + ceil(stripe.tops[-1] * scale / high) >= below:  # nor are as many as it takes at least
                    continue
                cost, rows = partition(stripe, high / scale)
                if len(rows) + 1 >= SEVERAL and scale < min(most, 100 * EASY):
                    continue
                cost += small + SQUINT * (scale < READABLE and not (landscape and rows))
                if cost < below:
                    below, found = cost, _Found(cost, Pages(landscape, scale / 100, rows))
        return found

    def scale(self, heights: Mapping[int, float]) -> float:
        """The scale of its cheapest pages; of many, if they can't stand on their other side, the largest."""
        many = len(self.scales) == 1 and self.long(heights)
        return max(self.scales.values()) / 100 if many else self.cheapest(heights).pages.scale

    def long(self, heights: Mapping[int, float]) -> bool:
        """Whether more than `MANY` pages take it in any case."""
        high = {**self.head, **heights}
        more = sum(points - measure.ROW_HEIGHT for row, points in high.items() if row <= self.bottom)
        whole = measure.ROW_HEIGHT * self.bottom + more
        return all(whole > MANY * _high(landscape) / most for landscape, most in self.scales.items())

    def spread(self, most: Mapping[int, float], heights: Mapping[int, float], pages: Pages) -> dict[int, float]:
        """Heights of rows that share out what paper is left on their page, up to so many points, and what rows with
        numbers can give where that is too little; of what is left then, low rows with numbers get theirs back. None if
        it would be printed otherwise."""
        if not most and heights == dict(self.sheet.heights):
            return {}  # no row is lower than the plan says
        stripe, found, least, wanting = self.stripe(heights), dict[int, float](), lowest(self.sheet), sorted(most)
        full = SAFE * (LANDSCAPE if pages.landscape else PORTRAIT)[1] / pages.scale - SPARE
        high = defaultdict(lambda: measure.ROW_HEIGHT, heights)
        for first, last in pairwise([1, *pages.cuts, self.bottom + 1]):
            rows = wanting[bisect_left(wanting, first) : bisect_left(wanting, last)]
            left = full - stripe.repeated * (first > 1) - (stripe.tops[last - 1] - stripe.tops[first - 1])
            given = {row: max(0.0, high[row] - least[row]) for row in range(first, last)
                     if row in least and row not in most}  # fmt: skip
            want = sum(max(0.0, ENOUGH - high[row]) for row in rows if most[row] > ENOUGH)
            part = min(1.0, max(0.0, want - left) / max(1.0, sum(given.values()))) if want else 0.0
            air = floor(4 * level([high[row] for row in rows], left + part * sum(given.values()))) / 4
            aired = {row: min(air, most[row]) for row in rows if min(air, most[row]) > high[row]}
            left -= sum(points - high[row] for row, points in aired.items())
            usual = floor(4 * min(level([high[row] for row in given], left), measure.ROW_HEIGHT)) / 4
            found |= aired
            if part:
                found.update((row, round(high[row] - part * points, 2)) for row, points in given.items() if points)
            else:
                found.update((row, usual) for row in given if high[row] < usual)
        return found if found and self.cheapest({**heights, **found}).pages == pages else {}


def level(heights: Iterable[float], more: float) -> float:
    """How high rows get, in points, if `more` points go to the lowest of them, until these are as high as others, and
    so on."""
    found, total = 0.0, more
    for taken, high in enumerate(sorted(heights), 1):
        if taken > 1 and found <= high:
            break
        total += high
        found = total / taken
    return found


def _high(landscape: bool) -> float:
    """Points of a page's height, at a scale of one per cent."""
    return SAFE * (LANDSCAPE if landscape else PORTRAIT)[1] * 100


def stripe_of(sheet: SheetPlan, heights: Mapping[int, float], bottom: int) -> Stripe:
    """A sheet as one endless page, with the price of each cut."""
    return _stripe(sheet, heights, bottom, _prices(sheet, _allowed(sheet, bottom)))


def _stripe(
    sheet: SheetPlan, heights: Mapping[int, float], bottom: int, prices: Mapping[int, float]
) -> Stripe:
    tops = [0.0, *accumulate(heights.get(row, measure.ROW_HEIGHT) for row in range(1, bottom + 1))]
    heads = sheet.heads or 0
    return Stripe(tops, prices, tops[heads] - tops[heads - 1] if heads else tops[sheet.first_row - 1])


def _allowed(sheet: SheetPlan, bottom: int) -> list[int]:
    return sorted({row for row in sheet.cuts or _between(sheet, bottom) if 1 < row <= bottom})


def _prices(sheet: SheetPlan, allowed: Iterable[int]) -> dict[int, float]:
    starts, bands = _sections(sheet), {band.first_row for band in sheet.bands}
    ends = [*starts[1:], max((band.last_row + 1 for band in sheet.bands), default=0)]
    shortly = {end for start, end in zip(starts, ends, strict=False) if end - start <= SHORT}
    texts = {row for label in sheet.labels for row in range(label.row + (not label.joined), label.row + label.rows)}
    margin = {label.row for label in sheet.labels if label.column == MARGIN}
    lines: list[Edge | Diagonal] = [edge for edge in sheet.edges if edge.side in ("left", "right") and edge.hue]
    lines += sheet.diagonals
    crossed = {row for line in lines for row in range(line.row + 1, line.row + line.rows)}
    found = {}
    for row in allowed:
        between = row in bands
        inside = INSIDE + UNTOLD * (row in margin) + THROUGH * (row in texts)
        found[row] = SHORTLY * (row in shortly) + AMID * (row not in starts) if between else inside
        found[row] += PARTING[between] * (row in sheet.parting) + CROSSING[between] * (row in crossed)
    return found


def _sections(sheet: SheetPlan) -> list[int]:
    """The rows in which sections begin: bands with a title, as one without goes on with what the band above began."""
    titled = {label.row for label in sheet.labels if label.style == "section"}
    bands = [band.first_row for band in sheet.bands]
    return [row for row in bands if row in titled] or bands


def _between(sheet: SheetPlan, bottom: int) -> list[int]:
    """Rows that no matrix (its name above it) and no chart covers, where the plan says nothing of cuts."""
    spans = [(region.row - 1, region.row + region.height) for region in sheet.regions]
    spans += [(chart.row - 1, chart.row + measure.CHART_ROWS) for chart in sheet.charts]
    kept = {row for first, last in spans if last - first < 200 for row in range(first + 1, last + 1)}
    return [row for row in range(sheet.first_row, bottom + 1) if row not in kept]
