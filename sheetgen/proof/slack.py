"""The noise of the cells of a plan: that of the matrix that stands there, or of what its formulas read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

import numpy as np

from sheetgen.cells.reads import TEXT, reads
from sheetgen.cells.verdicts import place
from sheetgen.ir.node import Node
from sheetgen.ir.program import Program, Statement
from sheetgen.layout.plan import Region, Role, WorkbookPlan
from sheetgen.passes.train import Trained
from sheetgen.proof.engines import Values
from sheetgen.proof.epochs import slack_by_epoch
from sheetgen.proof.noise import RELATIVE, ROUNDING, TIE, Known, exactly, noise_of

DENORMAL = 1e-300
"""Numbers too small for a double's full precision, which some spreadsheets take for 0."""
NAME = re.compile(r"(?<![\w.!'$])[A-Za-z_]\w*(?![\w(!$])")
"""A defined name; not the column of `Z$9`, though a matrix may be called z."""
ADDS = re.compile(r"[+-]|SUM|MMULT|AVERAGE|LN\(|TANH\(")
TILE = 64

Area = tuple[str, int, int, int, int]


class Slack:
    """How far right values may differ from numpy's, for the regions of a plan; worked out when it is asked for.

    `found` are an engine's. With `program` and its `values`, the noise is that of the matrices; a region that says what
    it computes has the noise of that; for any other, that of the cells that its formulas read.
    """

    def __init__(
        self, plan: WorkbookPlan, found: Values, program: Program | None = None,
        values: Mapping[str, np.ndarray] | None = None, run: Trained | None = None,
    ) -> None:  # fmt: skip
        self._plan, self._found, self._program, self._values, self._run = plan, found, program, values or {}, run
        self._regions: dict[tuple[str, int, int], Known] = {}

    def of(self, sheet: str, region: Region) -> tuple[np.ndarray, np.ndarray]:
        """By how much each cell of a region may differ, in absolute terms, and the largest number that it was made
        from."""
        known = self._region(sheet, region)
        return np.maximum(known.noise, DENORMAL), known.reach

    def may_say(self, region: Region, found: np.ndarray) -> np.ndarray:
        """Where the texts that were found are right for numbers that are as near to numpy's as is allowed."""
        known = self._computed(region.source) if region.words and region.source is not None else None
        if known is None or known.value.shape != found.shape:
            return np.zeros(found.shape, dtype=bool)
        off = np.maximum(known.noise, TIE)
        places = np.vectorize(lambda number: place(number, region.words), otypes=[int])
        first, last = places(known.value - off), places(known.value + off)
        words = ((k, word) for k, (_, word) in enumerate(region.words))
        return np.asarray(np.any([(first <= k) & (k <= last) & (found == word) for k, word in words], axis=0))

    @cached_property
    def _matrices(self) -> dict[str, Known]:
        if self._program is None:
            return {}
        known = {}
        for given in self._program.givens:
            known[given.name] = exactly(self._values[given.name], self._values[given.name])
        for statement in self._program.statements:
            if statement.kind != "verdict":
                known[statement.name] = self._made(statement, known)
        return known

    def _made(self, statement: Statement, known: Mapping[str, Known]) -> Known:
        """What is known of a matrix; as found by the engine where that is right."""
        made = _known(statement.expr, known.__getitem__)
        value, noise, reach = (np.broadcast_to(field, statement.shape) for field in made[:3])
        found = self._as_found(statement.name)
        right = np.abs(found - value) <= np.maximum(noise, RELATIVE * np.abs(value))
        return Known(value, noise, reach, np.where(right, found, value))

    def _as_found(self, name: str) -> np.ndarray:
        """What the engine has found for a matrix, in all pieces in which it stands; elsewhere numpy's value."""
        found = self._values[name].astype(float)
        for title, region in self._pieces.get(name, ()):
            (row, column), seen = region.corner, found.T if region.turned else found
            row, column = (column, row) if region.turned else (row, column)
            part = seen[row : row + region.height, column : column + region.width]
            if part.shape == region.values.shape:
                numbers = self._found.numbers(title, region.row, region.column, region.height, region.width)
                part[...] = np.where(np.isnan(numbers), part, numbers)
        return found

    def _epochs(self, key: str) -> np.ndarray:
        """What the engine has found for a matrix in all epochs; numpy's number where there is none."""
        title, at = next((s.title, r) for s in self._plan.sheets for r in s.regions if r.epochs_of == key)
        shape = self._run.table[key].shape if self._run else at.values.shape
        found = self._found.numbers(title, at.row, at.column, at.height, at.width)
        return np.where(np.isnan(found), at.values, found).reshape(shape)

    def _region(self, sheet: str, region: Region) -> Known:
        key = (sheet, region.row, region.column)
        if key not in self._regions:
            value = np.array([[0.0 if isinstance(v, str) else float(v) for v in row] for row in region.values])
            self._regions[key] = exactly(value, value)  # against circles
            found = None if region.role is Role.COPY else self._matrices.get(region.name)
            if region.epochs_of and self._run is not None:
                off = slack_by_epoch(self._run, region.epochs_of, self._epochs, self._values)
                found = Known(value, off.reshape(value.shape), np.abs(value), value)
            if (found is None or found.noise.shape != value.shape) and region.source is not None:
                found = self._computed(region.source)
            if found is None or found.noise.shape != value.shape:
                found = self._read(sheet, region, value)
            self._regions[key] = found
        return self._regions[key]

    def _computed(self, source: Node) -> Known | None:
        """What a region says it computes; None where it names what stands nowhere."""
        try:
            return _known(source, self._named)
        except KeyError:
            return None

    def _named(self, name: str) -> Known:
        """The region of that name, or else the matrix."""
        title, region = self._by_name.get(name, ("", None))
        return self._region(title, region) if region is not None else self._matrices[name]

    @cached_property
    def _pieces(self) -> dict[str, list[tuple[str, Region]]]:
        """Where matrices stand themselves, by name."""
        found: dict[str, list[tuple[str, Region]]] = {}
        for sheet in self._plan.sheets:
            for region in sheet.regions:
                if region.role is not Role.COPY and not region.epochs_of:
                    found.setdefault(region.name, []).append((sheet.title, region))
        return found

    @cached_property
    def _by_name(self) -> dict[str, tuple[str, Region]]:
        """Regions by name; of several, one that is no copy."""
        placed = [(sheet.title, region) for sheet in self._plan.sheets for region in sheet.regions]
        placed.sort(key=lambda found: found[1].role is not Role.COPY)
        return {region.name: (title, region) for title, region in placed}

    def _read(self, sheet: str, region: Region, value: np.ndarray) -> Known:
        """What the formulas of a region read."""
        noise, reach = np.zeros_like(value), np.abs(value)
        for i in range(region.height):
            for j in range(region.width):
                formula = region.block or (region.formulas[i][j] if region.formulas else None)
                if formula is None:
                    continue
                largest = 0.0
                for size, off, made in self._areas(formula, sheet):
                    noise[i, j] = max(noise[i, j], off)
                    reach[i, j] = max(reach[i, j], made)
                    largest = max(largest, size)
                rounded = ROUNDING * largest if ADDS.search(TEXT.sub("", formula)) else 0.0
                noise[i, j] = min(noise[i, j] + rounded, max(noise[i, j], RELATIVE * reach[i, j]))
        return Known(value, noise, reach, value)

    def _areas(self, formula: str, sheet: str) -> Iterator[tuple[float, float, float]]:
        """The largest number, noise and reach of each piece of a region that a formula reads."""
        for title, row, column, height, width in self._references(formula, sheet):
            for region in self._near(title, row, column, height, width):
                top, left = max(row - region.row, 0), max(column - region.column, 0)
                bottom = min(row + height - region.row, region.height)
                right = min(column + width - region.column, region.width)
                if top < bottom and left < right:
                    known = self._region(title, region)
                    piece = np.s_[top:bottom, left:right]
                    yield tuple(float(np.abs(part[piece]).max()) for part in known[:3])  # type: ignore[misc]

    def _references(self, formula: str, sheet: str) -> Iterator[Area]:
        for rect in reads(formula, sheet):
            yield (rect.sheet, rect.row, rect.column, rect.height, rect.width)
        for name in NAME.findall(TEXT.sub('""', formula)):
            if area := self._names.get(name.casefold()):
                yield area

    def _near(self, title: str, *rectangle: int) -> list[Region]:
        """The regions that share a tile with a rectangle (row, column, height, width) of a sheet."""
        tiles = (self._tiles.get((title.casefold(), *tile), ()) for tile in _tiles(*rectangle))
        return list({id(region): region for tile in tiles for region in tile}.values())

    @cached_property
    def _tiles(self) -> dict[tuple[str, int, int], list[Region]]:
        """Sheet and tile → the regions that reach into it: a formula reads few of the many of a page."""
        found: dict[tuple[str, int, int], list[Region]] = {}
        for sheet in self._plan.sheets:
            for region in sheet.regions:
                for tile in _tiles(region.row, region.column, region.height, region.width):
                    found.setdefault((sheet.title.casefold(), *tile), []).append(region)
        return found

    @cached_property
    def _names(self) -> dict[str, Area]:
        return {
            region.defined_name.casefold(): (sheet.title, region.row, region.column, region.height, region.width)
            for sheet in self._plan.sheets for region in sheet.regions if region.defined_name
        }  # fmt: skip


def _tiles(row: int, column: int, height: int, width: int) -> Iterator[tuple[int, int]]:
    """Tiles of `TILE` by `TILE` cells that a rectangle touches."""
    for down in range(row // TILE, (row + height - 1) // TILE + 1):
        for right in range(column // TILE, (column + width - 1) // TILE + 1):
            yield down, right


def _known(node: Node, known: Callable[[str], Known]) -> Known:
    """Besides its noise, a cell may be off by what numpy makes of the right numbers that the engine has found."""
    made = noise_of(node, known)
    here = noise_of(node, lambda name: exactly(known(name).found, known(name).found))
    with np.errstate(invalid="ignore"):  # infinities
        return made._replace(noise=np.fmax(made.noise, np.abs(here.value - made.value) + here.noise))
