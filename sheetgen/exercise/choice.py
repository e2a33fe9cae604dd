"""Which matrices of a page are to be filled in, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sheetgen.cells.a1 import Rect
from sheetgen.errors import SpecError, brief
from sheetgen.ir.exercise import Task
from sheetgen.ir.program import Program, Statement
from sheetgen.ir.walk import nodes
from sheetgen.lang.syntax import did_you_mean
from sheetgen.layout.plan import Region, WorkbookPlan
from sheetgen.layout.words.vocabulary import Vocabulary, vocabulary
from sheetgen.ops import operation

GROUPS: Mapping[str, tuple[str, ...]] = {
    "forward": ("forward",), "backward": ("backward",), "all": ("forward", "backward", "update", "after"),
}  # fmt: skip
"""Words for many matrices, and their phases; helpers are among them, as what they hold would give much away."""
FEW: Mapping[int, tuple[int, int]] = {1: (4, 10), 2: (16, 25)}
"""The levels that are a beginning of the forward pass: cells that are enough, and the most."""
WHOLE: Mapping[int, str] = {3: "forward", 4: "all"}
"""The levels that leave a whole group of matrices empty."""
CELL = re.compile(r"(\w+) *\[ *(\d{1,4}) *, *(\d{1,4}) *\]")
"""A single cell of a matrix, as expressions name it."""
LISTED = 80
"""Characters of a list of names."""
MOST_CELLS = 64
"""Of a matrix that is to be filled in by hand."""


@dataclass(frozen=True)
class Place:
    """A piece of a matrix on a sheet."""

    sheet: str
    region: Region
    single: frozenset[tuple[int, int]] | None = None
    """The cells to fill in, by row and column from 0; None: all of it."""

    @property
    def rect(self) -> Rect:
        return self.region.rect(self.sheet)

    @property
    def open(self) -> np.ndarray:
        """Which of its cells are to be filled in."""
        found = np.full(self.region.values.shape, self.single is None)
        for at in self.single or ():
            found[at] = True
        return found

    @property
    def rects(self) -> tuple[Rect, ...]:
        """The cells to fill in."""
        if self.single is None:
            return (self.rect,)
        row, column = self.region.row, self.region.column
        return tuple(Rect(self.sheet, row + i, column + j, 1, 1) for i, j in sorted(self.single))


@dataclass(frozen=True)
class Blank:
    """A matrix to fill in: its name, what readers call it, how it is made, and its pieces."""

    matrix: str
    title: str
    statement: Statement
    places: tuple[Place, ...]
    results: tuple[Place, ...] = ()
    """Of a given matrix: what is made of it, by which its cells are judged. These results are given instead."""

    @property
    def cells(self) -> int:
        return sum(int(place.open.sum()) for place in self.places)


def check_names(plan: WorkbookPlan, program: Program, task: Task) -> None:
    """Raise SpecError, with its place in the spec, for what can't be filled in."""
    try:
        chosen_by(plan, vocabulary(program), task, single=True)
    except SpecError as error:
        raise SpecError(error.message, at=("exercise", *error.at)) from None


def chosen_by(plan: WorkbookPlan, words: Vocabulary, task: Task, single: bool = False) -> tuple[Blank, ...]:
    """The matrices that a task leaves empty, in the order of the program; `single` cells of them, too, where that is
    allowed. Raises SpecError, as `blanks` does."""
    if task.level is None:
        return blanks(plan, words, task.blank, single)
    try:
        return _of_level(plan, words, task.level)
    except SpecError as error:
        raise SpecError(error.message, at=("level",)) from None


def _of_level(plan: WorkbookPlan, words: Vocabulary, level: int) -> tuple[Blank, ...]:
    """The matrices of a level: those of the level before it, and from the beginning of the forward pass on what doesn't
    make it too many cells, until there are enough; where all are too large, the smallest one."""
    if level in WHOLE:
        return blanks(plan, words, (WHOLE[level],))
    if level not in FEW:
        raise SpecError(f"level: `{level}` is none; there are {', '.join(map(str, (*FEW, *WHOLE)))}.")
    forward = blanks(plan, words, ("forward",))
    taken: dict[str, int] = {}
    for fewest, most in (FEW[each] for each in FEW if each <= level):
        for blank in (each for each in forward if each.matrix not in taken):
            cells = sum(taken.values())
            if cells + blank.cells <= most:
                taken[blank.matrix] = blank.cells
            elif cells >= fewest:
                break
        if not taken:
            smallest = min(forward, key=lambda blank: blank.cells)
            taken[smallest.matrix] = smallest.cells
    return tuple(blank for blank in forward if blank.matrix in taken)


def blanks(
    plan: WorkbookPlan, words: Vocabulary, wanted: Sequence[str], single: bool = False
) -> tuple[Blank, ...]:  # fmt: skip
    """The matrices that `wanted` names, in the order of the program; `forward`, `backward` and `all` leave out what
    can't be filled in by hand.

    Raises SpecError for a name that means nothing, and for a matrix that can't be filled in, with the reason.
    """
    program = words.program
    makers = {s.name: s for s in program.statements if s.kind == "matrix"}
    chosen: dict[str, Blank] = {}
    for number, name in enumerate(wanted):
        at = ("blank", number)
        if cell := CELL.fullmatch(name):
            if not single:
                raise SpecError(f"blank: `{name}` is a single cell; only a page of `exercises` may ask for one.", at=at)
            given = cell[1] in program.names and cell[1] not in makers
            one = factor(plan, words, cell[1], at) if given else _made(plan, words, makers, cell[1], at)
            chosen[cell[1]] = with_cell(one, chosen.get(cell[1]), (int(cell[2]), int(cell[3])), at)
            continue
        if name in GROUPS and name not in program.names:
            whole = GROUPS[name]
            names = [n for n, s in makers.items() if s.phase in whole]
            drawn = [blank for n in names if (blank := _blank(plan, words, makers, n))]
            found = [blank for blank in drawn if not _unfit(blank)]
            if not found:
                why = f": {_unfit(drawn[0])}" if drawn else ""
                raise SpecError(f"blank: there is nothing to fill in for `{name}`{why}.", at=at)
            chosen |= {blank.matrix: blank for blank in found}
            continue
        chosen[name] = _made(plan, words, makers, name, at)
    if not chosen:
        raise SpecError("blank: name at least one matrix to fill in, or forward, backward, all.", at=("blank",))
    return tuple(chosen[name] for name in program.names if name in chosen)


def _made(
    plan: WorkbookPlan, words: Vocabulary, makers: Mapping[str, Statement], name: str, at: tuple[str | int, ...]
) -> Blank:
    """A computed matrix. Raises SpecError where there is none, or where it can't be filled in."""
    if name not in makers:
        if name in words.program.names:
            raise SpecError(f"blank: `{name}` is given; only what is computed can be filled in.", at=at)
        some = brief(", ".join(makers), LISTED)
        hint = did_you_mean(name, [*makers, *GROUPS]) or f" Computed are {some}; or say {', '.join(GROUPS)}."
        raise SpecError(f"blank: there is no matrix `{name}`.{hint}", at=at)
    blank = _blank(plan, words, makers, name)
    why = f"`{name}` stands nowhere on the page" if blank is None else _unfit(blank)
    if blank is None or why:
        raise SpecError(f"blank: {why}.", at=at)
    return blank


def factor(plan: WorkbookPlan, words: Vocabulary, name: str, at: tuple[str | int, ...]) -> Blank:
    """A given matrix of which cells are to be found from what is made of it. Raises SpecError where it, or all that is
    made of it, doesn't stand on the page whole."""
    placed = [Place(sheet.title, region) for sheet in plan.sheets for region in sheet.regions]
    shape = words.program.names[name]
    homes = [p for p in placed if p.region.name == name and p.region.source is None and not p.region.turned]
    if len(homes) != 1 or homes[0].region.values.shape != shape:
        raise SpecError(f"blank: `{name}` doesn't stand on the page whole.", at=at)
    seen, results = {homes[0].region.key}, list[Place]()
    for place in placed:
        source = place.region.source
        if source is not None and any(ref.name in seen for ref in source.references):
            if place.region.defined_name is not None:
                results.append(place)
            elif all(node.is_leaf or operation(node).rearranges for node in nodes(source)):
                seen.add(place.region.key)  # a copy of it
    makers = {s.name: s for s in words.program.statements if s.kind == "matrix"}
    if not results or any(_reasons_against(place, makers) for place in results):
        raise SpecError(f"blank: there is no result on the page by which `{name}` could be found.", at=at)
    return Blank(name, words.title_of(name), makers[results[0].region.name], tuple(homes), tuple(results))


def _reasons_against(place: Place, makers: Mapping[str, Statement]) -> bool:
    return place.region.name not in makers or place.region.values.dtype.kind not in "fiub"


def with_cell(whole: Blank, before: Blank | None, cell: tuple[int, int], at: tuple[str | int, ...]) -> Blank:
    """A blank of single cells: those that there are `before`, and one more."""
    place = whole.places[0]
    height, width = place.region.values.shape
    if before is not None and before.places[0].single is None:
        return before
    if len(whole.places) > 1 or place.region.turned or place.region.block is not None:
        raise SpecError(f"blank: `{whole.matrix}` has no single cells on the page; leave all of it empty.", at=at)
    if cell[0] >= height or cell[1] >= width:
        problem = f"blank: `{whole.matrix}` is {height}×{width}; its rows and columns are counted from 0."
        raise SpecError(problem, at=at)
    single = (before.places[0].single or frozenset() if before is not None else frozenset()) | {cell}
    return replace(whole, places=(replace(place, single=single),))


def _blank(plan: WorkbookPlan, words: Vocabulary, makers: Mapping[str, Statement], name: str) -> Blank | None:
    placed = [Place(sheet.title, region) for sheet in plan.sheets for region in sheet.regions]
    homes = [place for place in placed if place.region.name == name and place.region.defined_name]
    made = {place.rect: place for place in (_maker(home, placed) for home in homes)}
    return Blank(name, words.title_of(name), makers[name], tuple(made.values())) if made else None


def _maker(place: Place, placed: Sequence[Place]) -> Place:
    """Where a matrix is computed: what only shows a region that is no other matrix's, turned perhaps, is computed
    there."""
    source = place.region.source
    shown = source.references if source is not None else []
    if source is None or len(shown) != 1 or not all(n.is_leaf or operation(n).rearranges for n in nodes(source)):
        return place
    found = next((p for p in placed if p.region.key == shown[0].name), None)
    if found is None or found.region.defined_name or found.region.source is None:
        return place
    return _maker(found, placed)


def _unfit(blank: Blank) -> str:
    """Why a matrix can't be filled in by hand; empty if it can."""
    if blank.cells > MOST_CELLS:
        return f"`{blank.matrix}` has {blank.cells} cells; at most {MOST_CELLS} are to be filled in by hand"
    return next((f"`{blank.matrix}` {why}" for place in blank.places for why in _reasons(place.region)), "")


def _reasons(region: Region) -> Iterator[str]:
    if region.plain_map:
        yield "is too large to be filled in by hand"
    if region.values.dtype.kind not in "fiub":
        yield "holds words; only numbers can be checked"
    if (region.formulas is None and region.block is None) or region.source is None:
        yield "has no formula of its own to check by"
