"""A plan without what gives its blanks away: every number that follows from them waits until they are filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace

import numpy as np

from sheetgen.cells.a1 import Rect, quoted
from sheetgen.cells.reads import reads
from sheetgen.exercise.choice import Blank, Place
from sheetgen.exercise.rules import Operands, Page
from sheetgen.ir.program import Program
from sheetgen.layout.plan import Label, Region, Role, SheetPlan, WorkbookPlan

Waiting = dict[str, np.ndarray]
"""By sheet: whether the cell in a row and a column, both counted from 1, waits."""
STANDING = ("name", "function")
"""Labels that say what stands below them, whatever its numbers are."""


def bare(plan: WorkbookPlan) -> WorkbookPlan:
    """The page alone: without charts, notes, steps, legend, and without the text that it was made from."""
    return replace(plan, sheets=tuple(map(_bare, plan.sheets)), steps=(), spec_text="", legend=(), sealed=True)


def _bare(sheet: SheetPlan) -> SheetPlan:
    return replace(
        sheet, charts=(), about="", heading_formula=None,
        regions=tuple(replace(region, step=0, used=(), note="", prompt="") for region in sheet.regions),
        labels=tuple(label._replace(step=0, link=None) for label in sheet.texts),
        edges=tuple(replace(edge, step=0) for edge in sheet.edges),
        diagonals=tuple(replace(diagonal, step=0) for diagonal in sheet.diagonals),
    )  # fmt: skip


def waiting(plan: WorkbookPlan, blanks: Sequence[Blank]) -> Waiting:
    """The blanks' cells, and all whose formulas read them, directly or not."""
    found = {sheet.title: np.zeros(_size(sheet), dtype=bool) for sheet in plan.sheets}
    for place in (place for blank in blanks for place in blank.places):
        found[place.sheet][_cells(place.rect)] |= place.open
    formulas = [each for sheet in plan.sheets for region in sheet.regions for each in _formulas(sheet.title, region)]
    changed = True
    while changed:
        changed = False
        for at, read in formulas:
            cells = found[at.sheet][_cells(at)]
            if not cells.all() and any(found[rect.sheet][_cells(rect)].any() for rect in read if rect.sheet in found):
                cells[...], changed = True, True
    return found


def _size(sheet: SheetPlan) -> tuple[int, int]:
    ends = [(region.row + region.height, region.column + region.width) for region in sheet.regions]
    return max((row for row, _ in ends), default=1), max((column for _, column in ends), default=1)


def _cells(rect: Rect) -> tuple[slice, slice]:
    return slice(rect.row, rect.row + rect.height), slice(rect.column, rect.column + rect.width)


def _formulas(sheet: str, region: Region) -> Iterable[tuple[Rect, tuple[Rect, ...]]]:
    if region.block is not None:
        yield Place(sheet, region).rect, reads(region.block, sheet)
    for i, row in enumerate(region.formulas or () if region.block is None else ()):
        for j, formula in enumerate(row):
            if formula is not None:
                yield Rect(sheet, region.row + i, region.column + j, 1, 1), reads(formula, sheet)


def vacated(
    page: Page, blanks: Sequence[Blank], program: Program, names: Mapping[str, str], prompts: Mapping[str, str],
    done: Mapping[str, str],
) -> WorkbookPlan:
    """The plan of `page` with empty blanks, called `names`, and with formulas that wait. `done` gives for each blank
    the condition that it is right: what shows how it comes about waits for that."""
    owners = {place.region.key: blank.matrix for blank in blanks for place in blank.places}
    single = {place.region.key: place.open for blank in blanks for place in blank.places if place.single is not None}
    closed = {name: done[owner] for name, owner in _explaining(page, program, owners).items()}

    def region(title: str, each: Region) -> Region:
        if each.key in single:
            given = each.formulas is None
            rest = each if given else _following(page, title, each, closed.get(each.key, ""))
            return replace(_opened(rest, single[each.key]), prompt=prompts[owners[each.key]])
        if each.key in owners:
            matrix = owners[each.key]
            return Region(
                matrix, Role.BLANK, each.row, each.column, np.zeros(each.values.shape), glued=each.glued,
                like=each.role, defined_name=names[matrix], prompt=prompts[matrix],
                piece="" if each.key == matrix else each.key, empty=np.ones(each.values.shape, dtype=bool),
            )  # fmt: skip
        return _following(page, title, each, closed.get(each.key, ""))

    return replace(page.plan, sheets=tuple(
        replace(sheet, regions=tuple(region(sheet.title, each) for each in sheet.regions),
                labels=tuple(_label(page, sheet.title, label) for label in sheet.labels))
        for sheet in page.plan.sheets
    ))  # fmt: skip


def _opened(region: Region, cells: np.ndarray) -> Region:
    """A region of which these cells are to be filled in."""
    formulas = region.formulas and tuple(
        tuple(None if cell else formula for cell, formula in zip(*each, strict=True))
        for each in zip(cells.tolist(), region.formulas, strict=True)
    )
    empty = cells if region.empty is None else region.empty | cells
    return replace(region, formulas=formulas, values=np.where(cells, 0.0, region.values), empty=empty, open=cells)


def settled(plan: WorkbookPlan, blanks: Sequence[Blank]) -> WorkbookPlan:
    """The plan in which the results are given by which cells of given matrices are to be found."""
    results = {place.region.key for blank in blanks for place in blank.results}
    return plan.with_regions(
        lambda each: replace(each, formulas=None, block=None, source=None) if each.key in results else each
    )


def _explaining(page: Page, program: Program, owners: Mapping[str, str]) -> dict[str, str]:
    """The regions that show how a blank comes about, each with the blank: a Look closer and what it is made of."""
    found: dict[str, str] = {}
    for s in program.statements:
        if s.kind == "explain" and s.target is not None and s.name in page.places:
            matrix = next((name for name in owners.values() if s.target and name == s.target.matrix), None)
            source = page.places[s.name].region.source
            if matrix is not None and source is not None:
                inner = [ref.name for ref in source.references if ref.name in page.places]
                found[s.name] = matrix
                found |= {name: matrix for name in inner if not page.places[name].region.defined_name}
    return found


def _following(page: Page, title: str, region: Region, closed: str) -> Region:
    """A region whose cells wait for what they read, and for the condition `closed`."""
    rect = Place(title, region).rect
    if not page.waits(rect) and not closed:
        return region
    grid = page.waiting[title][_cells(rect)] | bool(closed)
    values = np.where(grid, "" if region.words else 0.0, region.values)
    if region.block is not None:
        return replace(region, block=_guarded(page, title, region.block, closed, ""), values=values, empty=grid)
    formulas = tuple(
        tuple(_guarded(page, title, formula, closed, "") if formula is not None and grid[i, j] else formula
              for j, formula in enumerate(row))
        for i, row in enumerate(region.formulas or ())
    )  # fmt: skip
    return replace(region, formulas=formulas, values=values, empty=grid)


def _guarded(page: Page, title: str, formula: str, closed: str, otherwise: str) -> str:
    """The formula where all is there that it reads, else a text."""
    operands: Operands = page.operands(formula, title)
    tests = [test for test in (operands.there(title), closed) if test]
    condition = tests[0] if len(tests) == 1 else f"AND({','.join(tests)})"
    return f'IF({condition},IFERROR({formula},"∞"),{quoted(otherwise)})'


def _label(page: Page, title: str, label: Label) -> Label:
    if label.formula is None or not page.operands(label.formula, title).rects:
        return label
    text = label.text if label.style in STANDING else ""
    return label._replace(text=text, formula=_guarded(page, title, label.formula, "", text), source=None, words=())


def taken(sheet: SheetPlan) -> Set[tuple[int, int]]:
    """The cells of a sheet that hold something."""
    areas = [(region.row, region.column, region.height, region.width) for region in sheet.regions]
    areas += [(label.row, label.column, label.rows, label.columns) for label in sheet.labels]
    areas += [(diagonal.row, diagonal.column, diagonal.rows, 1) for diagonal in sheet.diagonals]
    return {(row + i, column + j) for row, column, rows, columns in areas for i in range(rows) for j in range(columns)}
