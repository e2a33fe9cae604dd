"""From a script to a page: the first arrangement that can be read when it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf

from sheetgen.layout.geometry.arrange import arrange
from sheetgen.layout.geometry.constraints import Infeasible
from sheetgen.layout.geometry.figure import Box, Column, Placement, Request
from sheetgen.layout.geometry.fit import (
    AIR,
    BADGE,
    DIGITS,
    LANDSCAPE,
    LEAST,
    SMALLER_CELL,
    SMALLER_MARGIN,
    Choice,
    columns_of,
    likely,
    narrowed,
    papers,
    pixels,
    printed,
    readable,
    slim,
)
from sheetgen.layout.geometry.forms import may_stand_aside
from sheetgen.layout.geometry.lay import Laid, lay
from sheetgen.layout.geometry.nodes import is_product
from sheetgen.layout.geometry.roomy import roomier
from sheetgen.layout.geometry.sketch import Options
from sheetgen.layout.geometry.sketches import Sketched, Sketches
from sheetgen.layout.geometry.story import Margin
from sheetgen.layout.geometry.text import bordered, turn_frames
from sheetgen.layout.measure import Print

NEARLY = 1.2
"""How much too wide a page may be that is tried with one column between the turns of its loops."""
AGAIN = 5
"""The area of the second forward pass."""
FAR = 1.3
"""How much too wide a page's boxes may be for what stands around them to be looked at."""
BARELY = 0.72
"""The scale of a page under which the numbers of its gradients, which may be longer, need the air within frames."""
WHOLE, PARTED = 7.5, 8.0
"""Points of the digits under which gradients aren't worth a place beside what they belong to: on a single sheet of
paper, and where it takes several anyway."""
SINGLE, SEVERAL = 8.0, 8.75
"""Points that digits beside gradients should likely have on a single sheet of paper, and on several: with smaller ones
the forward pass may read better alone."""
LARGER, AS_LARGE = 0.5, 0.25
"""How many points larger digits must then be without gradients, where that saves no paper; and how much smaller large
ones may be where it does."""
TOGETHER, EASILY = 2, 7.75
"""Sheets of paper over which all of a step of learning, the second pass with it, may be spread, and the points of its
digits from which on that is worth more than larger ones."""
LARGE, HARDLY = 0.8, 0.06
"""The scale of digits that are large enough where side calculations stand aside, if that saves paper; and how much less
it may be than without if it doesn't."""
FEW = 3
"""Gradients that stand in a last band of the page, where nothing is updated, rather than on a sheet of their own."""


def place(sketches: Sketches, margin: Margin, pictures: Sequence[Request] = ()) -> Placement:
    """Where everything of a script stands.

    `margin` gives the rows that a block's text needs in the margin in a mode, `pictures` asks for room for charts.
    """
    page = _fitting(sketches, margin, pictures)
    return replace(page, columns=tuple(slim(page.columns, page.rows)))


@dataclass(frozen=True)
class _Attempt:
    """A page arranged in one way; whole unless it is far too wide anyway."""

    laid: Laid
    page: Placement | None

    @property
    def choice(self) -> Choice:
        return self.laid.choice

    @property
    def columns(self) -> Sequence[Column]:
        return least(self.laid) if self.page is None else self.page.columns

    @property
    def readable(self) -> bool:
        return self.page is not None and readable(self.page.columns)

    @property
    def small(self) -> bool:
        """Whether the digits are smaller than gradients beside them are worth."""
        return DIGITS * printed(self.columns)[1] < (WHOLE if self.paper <= 1 else PARTED)

    @cached_property
    def print(self) -> Print | None:
        """How it is likely printed."""
        return None if self.page is None else likely(self.page)

    @property
    def together(self) -> bool:
        """Whether all of a step of learning stands on the page, on hardly more paper than lies open at once."""
        again = not self.laid.ground.script.agains or any(box.zone.area == AGAIN for box in self.laid.boxes)
        if self.print is None or not again:
            return False
        return self.print.sheets <= TOGETHER and DIGITS * self.print.scale >= EASILY

    @property
    def comfortable(self) -> bool:
        """Whether it takes one sheet of paper, in digits that are large enough: no other page reads better."""
        return self.print is not None and self.print.sheets == 1 and DIGITS * self.print.scale >= SINGLE

    def better_than(self, other: _Attempt) -> bool:
        """Whether the forward pass reads better so than with gradients: on less paper, or in larger digits."""
        if self.print is None or other.print is None:
            return False
        more = DIGITS * (self.print.scale - other.print.scale)
        small = DIGITS * other.print.scale < (SINGLE if other.print.sheets == 1 else SEVERAL)
        if self.print.sheets < other.print.sheets:
            return small or more >= -AS_LARGE
        return small and self.print.sheets == other.print.sheets and more >= LARGER

    def as_good_as(self, other: _Attempt) -> bool:
        """Whether it is shorter than `other` and takes no more paper, in digits that are hardly smaller, or on less
        paper still large, and no border cuts it."""
        if self.page is None or other.page is None or self.print is None or other.print is None:
            return False
        if bordered(self.page.boxes, self.page.frames):
            return False
        least = LARGE if self.print.sheets < other.print.sheets else other.print.scale - HARDLY
        shorter = self.page.rows < other.page.rows
        return shorter and self.print.sheets <= other.print.sheets and self.print.scale >= least

    @property
    def framed(self) -> bool:
        """Whether turns have borders."""
        return bool(turn_frames(self.laid.boxes, self.laid.ground.bands))

    @property
    def paper(self) -> float:
        """How many sheets of it are printed."""
        return papers(self.page.columns, self.page.rows) if self.page is not None else inf


@dataclass(frozen=True)
class _Maker:
    """Arranges the page of a script in one way or another."""

    sketches: Sketches
    margin: Margin
    pictures: Sequence[Request]

    def attempt(self, choice: Choice) -> _Attempt:
        return self.arranged(lay(self.sketches, self.margin, choice))

    def narrow(self, page: _Attempt) -> _Attempt:
        """The same page with narrow columns, which stand in the same rows."""
        return self.arranged(replace(page.laid, choice=_narrow(page.choice)))

    def arranged(self, laid: Laid) -> _Attempt:
        far = pixels(least(laid)) > LANDSCAPE * DIGITS / LEAST * FAR
        return _Attempt(laid, None if far else arrange(laid, self.margin, self.pictures))

    def whole(self, attempt: _Attempt) -> Placement:
        """The page of an attempt, however wide, with side calculations aside where that makes it no worse."""
        if attempt.readable and any(map(may_stand_aside, self.sketches.script.items)):
            laid = lay(self.sketches, self.margin, replace(attempt.choice, aside=True))
            if laid.rows < attempt.laid.rows and (aside := self.arranged(laid)).as_good_as(attempt):
                attempt = aside
        page = attempt.page or arrange(attempt.laid, self.margin, self.pictures)
        return roomier(attempt.laid, self.margin, self.pictures, page)


def too_wide(sketches: Sketches) -> bool:
    """Whether not even the first lane of every band, of a loop's first turn, is narrow enough to be read in print, in
    columns as narrow as they may be: then no page is, whatever stands side by side."""
    drafts = [draft for draft in _first(sketches).sketch.drafts if draft.zone.area == draft.zone.turn == 0]
    lanes = [(draft.left, draft.width) for draft in drafts if draft.zone.sub == 0]
    taken = len({column for left, width in lanes for column in range(left, left + width)})
    columns = [Column("badge", BADGE), Column("margin", SMALLER_MARGIN), *[Column("lane", SMALLER_CELL)] * taken]
    return not readable(columns)


def _first(sketches: Sketches) -> Sketched:
    """What is sketched first: all turns of a loop side by side."""
    choice = Choice("none")
    sketched = sketches.of(choice.turns, Options(choice.right, choice.fold))
    try:
        sketched.sketch  # noqa: B018
    except Infeasible:
        return sketches.of(choice.turns, Options(False, choice.fold))
    return sketched


def least(laid: Laid) -> list[Column]:
    """The columns that boxes take, those between them as narrow as they may be."""
    columns = columns_of(laid.boxes, [], [], laid.choice, laid.last)
    return [column if column.kind in ("badge", "margin", "slot", "lane") else replace(column, width=AIR)
            for column in columns]  # fmt: skip


def _fitting(sketches: Sketches, margin: Margin, pictures: Sequence[Request]) -> Placement:
    """Gradients beside, and the second pass too; else only gradients; else a few under everything, more on sheets,
    where they also go if the forward pass alone reads better; else no lanes to the right, then narrow columns, then
    loops wrapped."""
    make, script = _Maker(sketches, margin, pictures), sketches.script
    few = bool(script.gradients) and not script.news and len(script.gradients) <= FEW
    if not few and too_wide(sketches):
        return _far_too_wide(make)
    choice = Choice("beside" if script.gradients else "none")
    if script.gradients and not few and any(row.block.loop is not None for row in _first(sketches).rows):
        apart = lay(sketches, margin, replace(choice, mode="sheets"))
        if not readable(least(apart)):  # nor would it be with gradients beside
            return _fewer_abreast(make, make.arranged(apart))
    page = make.attempt(choice)
    nearly = pixels(page.columns) < LANDSCAPE * DIGITS / LEAST * NEARLY
    if script.gradients and page.laid.ground.drawn.links and page.small and nearly:
        page = make.attempt(replace(choice, split=False))
    if page.small and any(box.zone.area == AGAIN for box in page.laid.boxes):
        choice = replace(choice, second=False)
        page = make.attempt(choice)
    fits = page.readable and not (script.gradients and (page.framed or (page.small and not few)))
    if few:
        under = replace(script, gradients={}, extras=(*script.extras, *script.gradients.values()))
        make_under = replace(make, sketches=Sketches(under))
        below = make_under.attempt(choice)
        if not fits or below.paper < page.paper:
            script, make, page, fits = under, make_under, below, below.readable
    if fits and (not script.gradients or few or page.together or page.comfortable):
        return make.whole(page)
    if script.gradients:
        choice = replace(choice, mode="sheets")
        alone = make.attempt(choice)
        if fits and not alone.better_than(page):
            return make.whole(page)
        page = alone
        if page.framed and page.readable and printed(page.columns)[1] < BARELY:
            page = make.attempt(replace(choice, split=False))
    return _fewer_abreast(make, page)


def _fewer_abreast(make: _Maker, page: _Attempt) -> Placement:
    """The page, if it can't be read, without lanes to the right, then with narrow columns, then with loops wrapped."""
    if not page.readable and any(map(_opens, page.laid.boxes)):
        page = make.attempt(replace(page.choice, right=False))
    if not page.readable and (readable(narrowed(page.columns)) or not _loops(page.laid)):
        return make.whole(make.narrow(page))
    if not page.readable:
        page = _wrapped(make, page)
    if not page.readable:
        page = _wrapped(make, make.narrow(page))
    return make.whole(page)


def _far_too_wide(make: _Maker) -> Placement:
    """A page that can't be read in print in any way: as narrow as it may be, turns below one another."""
    turns = {row.block.loop: 1 for row in _first(make.sketches).rows if row.block.loop is not None}
    choice = Choice("sheets" if make.sketches.script.gradients else "none", turns=turns)
    laid = lay(make.sketches, make.margin, choice)
    if any(map(_opens, laid.boxes)):
        choice = replace(choice, right=False)
        laid = lay(make.sketches, make.margin, choice)
    return arrange(replace(laid, choice=_narrow(choice)), make.margin, make.pictures)


def _opens(box: Box) -> bool:
    """Whether it is a product that has opened a lane to the right."""
    return box.zone.sub > 0 and box.zone.part == 1 and box.expr is not None and is_product(box.expr)


def _loops(laid: Laid) -> dict[int, int]:
    """The most turns of each loop that stand side by side."""
    found: dict[int, int] = {}
    for band in laid.ground.bands:
        if band.block.loop is not None:
            found[band.block.loop] = max(found.get(band.block.loop, 0), len(band.block.turns))
    return found


def _narrow(choice: Choice) -> Choice:
    return replace(choice, cell=SMALLER_CELL, margin=SMALLER_MARGIN)


def _wrapped(make: _Maker, page: _Attempt) -> _Attempt:
    """The page with as many turns of each loop side by side as fit."""
    for loop, turns in sorted(_loops(page.laid).items()):
        while not page.readable and turns > 1:
            turns = next((k for k in range(turns - 1, 1, -1) if readable(least(_with_turns(page.laid, loop, k)))), 1)
            page = make.attempt(replace(page.choice, turns={**page.choice.turns, loop: turns}))
    return page


def _with_turns(laid: Laid, loop: int, turns: int) -> Laid:
    """As much of a page as stands there with fewer turns of a loop side by side."""
    wrapped = {k for k, band in enumerate(laid.ground.bands) if band.block.loop == loop}
    boxes = tuple(box for box in laid.boxes if box.band not in wrapped or box.zone.turn < turns)
    return replace(laid, boxes=boxes, last=max(box.right - 1 for box in boxes))
