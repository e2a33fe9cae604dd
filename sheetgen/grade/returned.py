"""A returned workbook, opened as a stranger's file: the numbers in its blanks, and nothing else of it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sheetgen.cells.a1 import Rect
from sheetgen.cells.reads import reads
from sheetgen.errors import SheetgenError, visible
from sheetgen.exercise.exercise import Made
from sheetgen.grade.numbers import number_of
from sheetgen.proof.engines import Engine, Values
from sheetgen.proof.opened import Cell, Opened, check_workbook, unpacked

MOST_UNPACKED = 30_000_000
"""Bytes that a returned workbook may unpack to; an exercise has some hundred thousand."""
SECONDS = 20.0
"""How long its cells may take to be read."""
LONGEST_REFERENCE = 2000
"""Characters of what a name stands for."""
MOST_LINES, LARGEST_AREA = 20, 1600
"""Rows and columns that may have been put into a blank, and the cells that it then has at most."""
MOST_SCOPES = 8
"""Sheets with names of their own, as copies of a page have them."""
ANOTHER = "It is another exercise of this spec"
LONGEST = 80
"""Characters of a name."""

Typed = float | str | None
"""What a cell holds: a number, a text that is none, or nothing."""
Found = dict[tuple[str, int, int], Cell]


@dataclass(frozen=True)
class Returned:
    """What a student has typed, by key of the blanks' regions and in their shapes."""

    name: str
    group: str
    hints: float
    """The sum of the hints that were asked for, as the page counts them."""
    numbers: Mapping[str, np.ndarray] = field(repr=False)
    """NaN where there is no number."""
    texts: Mapping[str, np.ndarray] = field(repr=False)
    """What stands where there is a text that is no number; empty elsewhere."""


def read_returned(path: Path, made: Made, engine: Engine) -> Returned:
    """What was typed into an exercise. `engine` calculates formulas that the file has no value of.

    Raises SheetgenError, in the reader's terms, for what is no workbook, isn't this exercise, or has lost its cells.
    """
    scopes, cells = _opened(path, made)
    _check_fingerprint(_fingerprints(scopes, cells, made), made)
    later = _Later(path, engine)
    best: Returned | None = None
    for scope in scopes:
        if all(name.casefold() in scope for name in made.names.answer.values()):
            found = _read(scope, cells, made, later)
            if best is None or _filled(found) > _filled(best):
                best = found
    if best is None:
        gone = [n for n in made.names.answer.values() if n.casefold() not in scopes[0]]
        raise SheetgenError(f"The name {gone[0]} is gone from the workbook, by which its cells are found.")
    return best


def fingerprints_in(path: Path, made: Made) -> list[tuple[Typed, ...]]:
    """The fingerprints in a returned workbook, of which `made` has the name, not the value: that of the page and those
    of its copies. Raises SheetgenError for what is no workbook."""
    return _fingerprints(*_opened(path, made), made)


def _opened(path: Path, made: Made) -> tuple[list[dict[str, Sequence[Rect]]], Found]:
    """Where a workbook's names are, and what stands there."""
    if unpacked(path) > MOST_UNPACKED:
        raise SheetgenError(f"The workbook is refused, because it would unpack to {unpacked(path) / 1e6:,.0f} MB.")
    check_workbook(path)
    with Opened(path) as book:
        scopes = _scopes(book, made)
        return scopes, _cells(book, [areas for scope in scopes for areas in scope.values()])


def _scopes(book: Opened, made: Made) -> list[dict[str, Sequence[Rect]]]:
    """The areas of the exercise's names, in lower case: those of the workbook, then those that sheets have of their
    own, as a copy of a page does."""
    names = made.names
    wanted = (*names.answer.values(), *names.hint.values(), names.name, names.group, names.fingerprint)
    ours = {name.casefold() for name in wanted if name}
    whole: dict[str, Sequence[Rect]] = {}
    own: dict[str, dict[str, Sequence[Rect]]] = {}
    for element in book.xml("xl/workbook.xml").iter("{*}definedName"):
        name, place = str(element.get("name", "")).casefold(), element.get("localSheetId")
        if name in ours and len(element.text or "") <= LONGEST_REFERENCE:
            target = whole if place is None else own.setdefault(place, {})
            target[name] = reads(element.text or "", "")
    return [whole, *({**whole, **copy} for copy in list(own.values())[:MOST_SCOPES])]


def _cells(book: Opened, wanted: Iterable[Sequence[Rect]]) -> Found:
    """The cells of some areas; those that are no place for an answer are left out."""
    parts = {sheet.title: sheet.part for sheet in book.sheets}
    places: dict[str, set[tuple[int, int]]] = {}
    for rect in (rect for areas in wanted for rect in areas):
        if rect.sheet in parts and rect.height * rect.width <= LARGEST_AREA:
            places.setdefault(rect.sheet, set()).update((row, column) for row, column in _each(rect))
    found: Found = {}
    end = time.monotonic() + SECONDS
    for title, here in places.items():
        for row, column, cell in book.cells(parts[title]):
            if (row, column) in here:
                found[title, row, column] = cell
            if time.monotonic() > end:
                raise SheetgenError(f"The workbook took longer than {SECONDS:.0f} seconds to be read.")
    return found


def _each(rect: Rect) -> Iterator[tuple[int, int]]:
    return ((rect.row + i, rect.column + j) for i, j in np.ndindex(rect.height, rect.width))


def _fingerprints(
    scopes: Sequence[Mapping[str, Sequence[Rect]]], cells: Found, made: Made
) -> list[tuple[Typed, ...]]:
    seen = []
    for scope in scopes:
        areas = scope.get(made.names.fingerprint.casefold(), ())
        found = [cells.get((rect.sheet, *at)) for rect in areas for at in _each(rect) if rect.width <= 2]
        seen.append(tuple(cell.value if cell else None for cell in found))
    return seen


def _check_fingerprint(seen: Sequence[tuple[Typed, ...]], made: Made) -> None:
    """Raise SheetgenError unless the file is a copy of this exercise."""
    if made.fingerprint in seen:
        return
    if any(len(each) == 2 and each[0] == made.fingerprint[0] for each in seen):
        raise SheetgenError(f"{ANOTHER}: other cells are empty, or other decimals asked for.")
    if any(any(value is not None for value in each) for each in seen):
        raise SheetgenError("It is the exercise of another spec, or of this one with other numbers.")
    raise SheetgenError("It isn't this exercise: the workbook has no fingerprint.")


class _Later:
    """The values of a workbook's formulas, calculated once if they are needed."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self.path, self.engine = path, engine
        self.values: Values | None = None

    def value(self, sheet: str, row: int, column: int) -> Typed:
        if self.values is None:
            self.values = self.engine.recalculate([self.path])[0]
        return self.values.value(sheet, row, column)


def _read(scope: Mapping[str, Sequence[Rect]], cells: Found, made: Made, later: _Later) -> Returned:
    numbers, texts = {}, {}
    for blank in made.blanks:
        name = made.names.answer[blank.matrix]
        areas = scope[name.casefold()]
        if len(areas) != len(blank.places):
            raise SheetgenError(f"The cells of {blank.title} are gone.")
        for rect, place in zip(areas, blank.places, strict=True):
            shape = place.region.values.shape
            grid = _fitted(rect, shape, cells, later)
            if grid is None:
                wanted, has = f"{shape[0]}×{shape[1]}", f"{rect.height}×{rect.width}"
                raise SheetgenError(f"The cells of {blank.title} have changed: {has} instead of {wanted}.")
            key = place.region.key
            typed = np.array([[c if isinstance(c, float) else np.nan for c in row] for row in grid])
            said = np.array([[c if isinstance(c, str) else "" for c in row] for row in grid], dtype=object)
            numbers[key], texts[key] = np.where(place.open, typed, np.nan), np.where(place.open, said, "")
    hints = [_typed(cells, rect.sheet, rect.row, rect.column, later)
             for name in made.names.hint.values() for rect in scope.get(name.casefold(), ())[:1]]  # fmt: skip
    asked = sum(hint for hint in hints if isinstance(hint, float) and hint in (1, 2))
    return Returned(_text(made.names.name, scope, cells), _text(made.names.group, scope, cells), asked, numbers, texts)


def _fitted(rect: Rect, shape: tuple[int, ...], cells: Found, later: _Later) -> list[list[Typed]] | None:
    """What a rectangle holds, without empty rows and columns that were put into it; None if that isn't its shape."""
    more = rect.height - shape[0], rect.width - shape[1]
    if not all(0 <= extra <= MOST_LINES for extra in more):
        return None
    grid = [[_typed(cells, rect.sheet, rect.row + i, rect.column + j, later) for j in range(rect.width)]
            for i in range(rect.height)]  # fmt: skip
    bare = [i for i, row in enumerate(grid) if all(cell is None for cell in row)][: more[0]]
    grid = [row for i, row in enumerate(grid) if i not in bare]
    bare = [j for j in range(rect.width) if all(row[j] is None for row in grid)][: more[1]]
    grid = [[cell for j, cell in enumerate(row) if j not in bare] for row in grid]
    return grid if (len(grid), len(grid[0])) == shape else None


def _typed(cells: Found, sheet: str, row: int, column: int, later: _Later) -> Typed:
    cell = cells.get((sheet, row, column))
    if cell is None:
        return None
    value: Typed = cell.value
    if cell.formula is not None and value is None:
        value = later.value(sheet, row, column)
    if isinstance(value, str):
        if not value.strip():
            return None
        number = number_of(value)
        value = value.strip() if number is None else number
    return str(value) if isinstance(value, float) and not np.isfinite(value) else value


def _text(name: str | None, scope: Mapping[str, Sequence[Rect]], cells: Found) -> str:
    """What stands in a field."""
    for rect in scope.get(name.casefold(), ())[:1] if name else ():
        cell = cells.get((rect.sheet, rect.row, rect.column))
        if cell is not None and cell.value is not None:
            said = f"{cell.value:.15g}" if isinstance(cell.value, float) else cell.value
            return visible(" ".join(said.split())[:LONGEST])
    return ""


def _filled(found: Returned) -> int:
    """How many cells hold anything."""
    return sum(int(np.isfinite(each).sum()) for each in found.numbers.values()) + sum(
        int((each != "").sum()) for each in found.texts.values()
    )
