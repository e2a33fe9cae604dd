"""Several small exercises on one page: the cells of each stand in a frame, which says whether it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, TypeVar

import numpy as np

from sheetgen.cells.a1 import letters
from sheetgen.errors import SpecError
from sheetgen.exercise.check import COUNTS, FIRST, JUDGED, LIST, NUMBERS, RIGHT, TYPED, Sheets, check_sheets, sheets_of
from sheetgen.exercise.check import DONE as WELL_DONE
from sheetgen.exercise.choice import Blank, chosen_by
from sheetgen.exercise.exercise import Finished, Made
from sheetgen.exercise.fields import (
    Names,
    fingerprint_of,
    fingerprint_of_all,
    fingerprint_region,
    names_for,
    with_fields,
)
from sheetgen.exercise.grid import FIRST_ROW, Content, Grid, content_of, grid_of
from sheetgen.exercise.hints import rule
from sheetgen.exercise.marks import marks_of
from sheetgen.exercise.moving import Move
from sheetgen.exercise.page import MARKS, bar, looks_of, when
from sheetgen.exercise.rounding import as_typed, decimals_for
from sheetgen.exercise.rules import Page, Rule, rules_of
from sheetgen.exercise.vacate import bare, settled, vacated, waiting
from sheetgen.ir.exercise import Task
from sheetgen.ir.program import Program
from sheetgen.ir.walk import substitute
from sheetgen.layout import measure
from sheetgen.layout.plan import Edge, Label, Region, Role, SheetPlan, Sight, WorkbookPlan
from sheetgen.layout.words.vocabulary import Vocabulary, vocabulary
from sheetgen.names import CANVAS

T = TypeVar("T")
U = TypeVar("U")
SIDES: tuple[Literal["left", "top", "right", "bottom"], ...] = ("left", "top", "right", "bottom")
COUNT_ROW, BAR_COLUMN = 3, 5
DONE, AGAIN, NOT_YET = "DONE", "LOOK AGAIN", "NOT YET"
STATES: tuple[tuple[str, Sight], ...] = ((DONE, "done"), (AGAIN, "cross"))
TITLE, RULE = (12.0, True), (9.0, False)
"""Points of a frame's title and rule, and whether they are bold."""
STATE_COLUMNS = 3
"""Of a frame: the room for its state."""


@dataclass(frozen=True)
class Small:
    """One of the exercises: its finished page, and what is to be filled in."""

    plan: WorkbookPlan
    program: Program
    values: Mapping[str, np.ndarray]
    task: Task


@dataclass(frozen=True)
class Framed:
    """The page, its key, and the cells of each exercise."""

    made: Made = field(repr=False)
    key: WorkbookPlan = field(repr=False)
    cells: tuple[int, ...]


@dataclass(frozen=True)
class Frame:
    """An exercise in its place: its page, and its blanks, whose matrices are called by its number, too."""

    number: int
    part: Small
    page: Page
    words: Vocabulary
    own: tuple[Blank, ...]
    """The blanks as the exercise's program calls them."""

    def named(self, name: str) -> str:
        """What the whole page calls a matrix of this exercise."""
        return f"{self.number}_{name}"

    @cached_property
    def blanks(self) -> tuple[Blank, ...]:
        """The blanks as the whole page calls them."""
        return tuple(
            replace(blank, matrix=self.named(blank.matrix), title=f"{self.number}: {blank.title}",
                    places=tuple(replace(place, region=self._called(place.region)) for place in blank.places))
            for blank in self.own
        )  # fmt: skip

    def _called(self, region: Region) -> Region:
        new = {ref.name: self.named(ref.name) for ref in region.source.references} if region.source else {}
        source = region.source and substitute(region.source, new)
        return replace(region, name=self.named(region.name), piece=self.named(region.key), source=source)

    def equation(self, blank: Blank) -> str:
        """How a blank of the exercise comes about, or from what it is to be found."""
        said = self.words.equation(blank.statement)
        return f"{self.number}: {blank.title} = ? in {said}" if blank.results else f"{self.number}: {said}"

    def rules(self, sheets: Sheets, decimals: int) -> dict[str, tuple[Rule, ...]]:
        """How each blank is judged."""
        return {self.named(blank.matrix): rules_of(blank, self.page, sheets.check, decimals) for blank in self.own}


def framed(title: str, about: str, parts: Sequence[Small]) -> Framed:
    """The page of some exercises; `about` is told under its title.

    Raises SpecError, whose place begins with the number of the exercise (from 0), for one that can't be filled in or
    checked, or doesn't fit into a frame.
    """
    contents = _each(lambda part: content_of(bare(part.plan)), parts)
    grid = grid_of(contents)
    numbered = zip(range(1, len(parts) + 1), parts, contents, strict=True)
    frames = _each(lambda each: _placed(*each, grid), numbered)
    decimals = max(_each(lambda frame: decimals_for(frame.own, frame.page, frame.part.task.round), frames))
    blanks = tuple(blank for frame in frames for blank in frame.blanks)
    told = f"{about} " if about else ""
    empty = SheetPlan(
        CANVAS, title, (), (), widths=grid.widths, first_row=FIRST_ROW, heights=grid.heights, cuts=grid.cuts,
        last_column=grid.last_column, landscape=False,
        about=f"{told}Fill in the orange cells. {decimals} decimals are enough.",
    )  # fmt: skip
    sheets = sheets_of(WorkbookPlan(title, (empty,), (), "", ()), blanks)
    names = names_for(WorkbookPlan(title, (), (), "", ()), blanks, False)
    rules = {name: made for each in _each(lambda frame: frame.rules(sheets, decimals), frames)
             for name, made in each.items()}  # fmt: skip
    page, names = with_fields(_drawn(empty, frames, sheets, names, rules, grid), names)
    fingerprint = fingerprint_of_all([fingerprint_of(f.part.program, f.own, decimals) for f in frames])
    (check,) = check_sheets(sheets, rules, {}, {})
    mark = fingerprint_region(fingerprint, names, FIRST - 2, sheets.column)
    plan = WorkbookPlan(title, (page, replace(check, regions=(*check.regions, mark))), (), "", (), sealed=True)
    cells = tuple(sum(blank.cells for blank in frame.own) for frame in frames)
    equations = {frame.named(blank.matrix): frame.equation(blank) for frame in frames for blank in frame.own}
    symbols = {frame.named(name): frame.words.symbols.of(name) for frame in frames for name in frame.part.program.names}
    finished = tuple(Finished(frame.page, frame.own, frame.named("")) for frame in frames)
    made = Made(plan, blanks, decimals, sheets.check, names, fingerprint, equations, symbols, finished)
    return Framed(made, solved(plan, frames, decimals), cells)


def _each(work: Callable[[T], U], found: Iterable[T]) -> list[U]:
    """What `work` makes of each; an error tells of which, by its number."""
    made = []
    for number, each in enumerate(found):
        try:
            made.append(work(each))
        except SpecError as error:
            raise SpecError(error.message, at=(number, *error.at)) from None
    return made


def _placed(number: int, part: Small, content: Content, grid: Grid) -> Frame:
    """The content of an exercise, moved into the frame with this number, from 1."""
    for key, text, room, style in _heading(part.program, grid):
        if (wide := measure.text_width(text, *style)) > room:
            fit = int(len(text) * room / wide)
            raise SpecError(f"`{key}` is too long for a frame; about {fit} characters fit in.", at=(key,))
    row, column = grid.inside(number - 1, content)
    move = Move(content.column_from(column), content.row_from(row))
    plan = WorkbookPlan(part.plan.title, (move.sheet(content.sheet),), (), "", (), sealed=True)
    words = vocabulary(part.program)
    own = chosen_by(plan, words, part.task, single=True)
    plan = settled(plan, own)
    page = Page(plan, own, waiting(plan, own), part.values)
    return Frame(number, part, page, words, own)


def _heading(program: Program, grid: Grid) -> Iterator[tuple[str, str, float, tuple[float, bool]]]:
    """Key, text, room for it and size of what stands above an exercise."""
    wide = grid.columns - 1
    yield "title", program.title, (wide - STATE_COLUMNS) * grid.width, TITLE
    yield "about", program.about, (wide - 1) * grid.width, RULE


def _drawn(
    empty: SheetPlan, frames: Sequence[Frame], sheets: Sheets, names: Names, rules: Mapping[str, Sequence[Rule]],
    grid: Grid,
) -> SheetPlan:  # fmt: skip
    """The sheet with the contents of all frames, and with what stands around them."""
    bodies = [_body(frame, sheets, names) for frame in frames]
    states = [_state(frame, sheets, grid) for frame in frames]
    sheet = replace(
        empty, regions=tuple(region for body in bodies for region in body.regions),
        labels=tuple(label for body in bodies for label in body.labels),
        edges=(*(edge for body in bodies for edge in body.edges), *(e for f in frames for e in _border(f, grid))),
        diagonals=tuple(each for body in bodies for each in body.diagonals),
    )  # fmt: skip
    marks, kept = marks_of(sheet, sheets, 0)
    looks = [look for blank in sheets.blanks for rule in rules[blank.matrix]
             for look in looks_of(rule, marks.get((rule.row, rule.column)))]  # fmt: skip
    looks += [when(label, sign, sight) for label in dict.fromkeys(marks.values()) for sign, sight in MARKS]
    looks += [when(label, state, sight) for label in states for state, sight in STATES]
    looks += bar(COUNT_ROW, BAR_COLUMN, grid.last_column - BAR_COLUMN + 1, len(frames))
    titles = [label for frame in frames for label in _titles(frame, grid)]
    labels = (*kept, *dict.fromkeys(marks.values()), *states, *titles, *_count(states))
    return replace(sheet, labels=labels, highlights=tuple(looks))


def _body(frame: Frame, sheets: Sheets, names: Names) -> SheetPlan:
    """The exercise without its answers, under names that no other frame has."""
    done = {blank.matrix: sheets.done(frame.named(blank.matrix), "") for blank in frame.own}
    prompts = {blank.matrix: rule(blank, frame.words) for blank in frame.own}
    called = {blank.matrix: names.answer[frame.named(blank.matrix)] for blank in frame.own}
    sheet = vacated(frame.page, frame.own, frame.part.program, called, prompts, done).sheets[0]

    titles = {blank.matrix: blank.title for blank in frame.blanks}

    def called_so(region: Region) -> Region:
        blank, name = region.role is Role.BLANK or region.open is not None, frame.named(region.name)
        return replace(
            region, name=titles[name] if blank else name, piece=frame.named(region.key), source=None, picked=None,
            defined_name=called[region.name] if region.name in called and blank else None,
        )  # fmt: skip

    return replace(sheet, regions=tuple(map(called_so, sheet.regions)))


def _titles(frame: Frame, grid: Grid) -> Iterator[Label]:
    """The badge of a frame, its title and its rule."""
    program, (row, column) = frame.part.program, grid.corner(frame.number - 1)
    wide = grid.columns - 1
    yield Label(row, column, f"{frame.number}", "badge")
    yield Label(row, column + 1, program.title, "section", columns=wide - STATE_COLUMNS, color=Role.PARAMETER)
    if program.about:
        yield Label(row + 1, column + 1, program.about, "sentence", columns=wide - 1)


def _state(frame: Frame, sheets: Sheets, grid: Grid) -> Label:
    row, column = grid.corner(frame.number - 1)

    def number(which: int) -> str:
        return "+".join(sheets.count(blank.matrix, which, CANVAS) for blank in frame.blanks)

    cells = sum(blank.cells for blank in frame.own)
    wrong = f"OR({number(JUDGED)}>{number(RIGHT)},{number(TYPED)}>{number(NUMBERS)})"
    formula = f'IF({number(RIGHT)}={cells},"{DONE}",IF({wrong},"{AGAIN}","{NOT_YET}"))'
    return Label(row, column + grid.columns - STATE_COLUMNS, NOT_YET, "key", columns=STATE_COLUMNS, align="center",
                 formula=formula)  # fmt: skip


def _count(states: Sequence[Label]) -> Iterator[Label]:
    """How many frames are done."""
    done = "+".join(f'IF({letters(label.column)}{label.row}="{DONE}",1,0)' for label in states)
    yield Label(COUNT_ROW, 1, "0", "number", align="right", formula=done)
    yield Label(COUNT_ROW, 2, f"of {len(states)} done", "head")


def _border(frame: Frame, grid: Grid) -> Iterator[Edge]:
    row, column = grid.corner(frame.number - 1)
    for side in SIDES:
        yield Edge(row, column, grid.rows(frame.number - 1), grid.columns, side)


def solved(plan: WorkbookPlan, frames: Sequence[Frame], decimals: int) -> WorkbookPlan:
    """The page filled in; what its formulas come to stands behind them, as previews calculate nothing."""
    numbers = {frame.named(name): value for frame in frames
               for name, value in as_typed(frame.page, decimals).items()}  # fmt: skip
    page, check = plan.sheets
    cells = [blank.cells for frame in frames for blank in frame.own]

    def region(each: Region) -> Region:
        if each.empty is None or each.role is Role.ENTRY:
            return each
        return replace(each, values=numbers[each.key], empty=None)

    def judged(each: Region) -> Region:
        if each.empty is None and each.name != LIST:
            return each
        right = [[count] * (COUNTS - 1) + [0] for count in cells]
        values = np.array(right, dtype=float) if each.name == LIST else np.ones(each.values.shape)
        return replace(each, values=values, empty=None)

    def label(each: Label) -> Label:
        texts = {"number": f"{len(frames)}", "arrow": "✓", "key": DONE}
        return each._replace(text=texts.get(each.style, each.text)) if each.formula else each

    def said(each: Label) -> Label:
        return each._replace(text=WELL_DONE) if each.formula and each.text else each

    page = replace(page, regions=tuple(map(region, page.regions)), labels=tuple(map(label, page.labels)))
    check = replace(check, regions=tuple(map(judged, check.regions)), labels=tuple(map(said, check.labels)))
    return replace(plan, sheets=(page, check))
