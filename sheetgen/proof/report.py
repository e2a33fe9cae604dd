"""What a check found: wrong cells, matrices, workbooks."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from sheetgen.errors import brief
from sheetgen.lang.show import number_text

Kind = Literal["given", "missing", "formula", "value", "cached", "gradient"]
WHAT: dict[Kind, str] = {
    "given": "differs from the spec",
    "missing": "the cell is empty",
    "formula": "another formula",
    "value": "another value",
    "cached": "shows another value until it is recalculated",
    "gradient": "isn't what differences of the forward pass say",
}
WEIGHT: tuple[Kind, ...] = tuple(WHAT)
"""Causes before their consequences: a changed weight makes every later value differ too."""
ANOTHER = "another program"
"""That saved a file, but calls itself by no name."""


@dataclass(frozen=True)
class Finding:
    """One wrong cell. `expected` and `found` are formulas (with `=`) when `kind` is `formula`.

    `given`: a number differs from the spec · `missing`: the cell is empty · `formula`: it holds another formula or
    none · `value`: the recalculated value differs from numpy's · `cached`: the value that the file carries does ·
    `gradient`: numpy's value, which all agree on, is no derivative; `expected` is the quotient of differences.
    `formula` (without `=`) is the planned one; `matrix` is empty for a cell outside of all matrices.
    """

    kind: Kind
    sheet: str
    cell: str
    matrix: str
    formula: str | None
    expected: float | str | None
    found: float | str | None

    def __str__(self) -> str:
        formula = f" ={self.formula}" if self.formula and self.kind != "formula" else ""
        where = f"{self.sheet}!{self.cell}" if self.sheet else self.cell
        return (
            f"{f'{self.matrix} {where}'.strip()}{formula}: {WHAT[self.kind]}; "
            f"expected {_text(self.expected)}, found {_text(self.found)}"
        )


@dataclass(frozen=True)
class Change:
    """Something in a workbook file that no number hangs on, but that differs from what its spec builds today: `what`
    (a text, a number format, a defined name …), `where` first, in how many places, and how."""

    what: str
    where: str
    count: int
    expected: str
    found: str

    def __str__(self) -> str:
        where = f"{self.where} and {self.count - 1} more" if self.count > 1 else self.where
        if not self.expected:
            return f"{where}: {self.what}, which isn't the spec's: {brief(self.found, 80)}"
        found = brief(self.found, 80) or "nothing"
        return f"{where}: {self.what} changed; expected {brief(self.expected, 80)}, found {found}"


@dataclass(frozen=True)
class Gradients:
    """How many cells of gradients were `checked`, out of how many; how many more lie at `kinks` or go past a rounded
    matrix; how many of the checked ones are wrong, and the first of these, nearest to the loss."""

    checked: int
    kinks: int
    rounded: int
    wrong: int
    cells: int
    first: Finding | None = None

    def __add__(self, other: Gradients) -> Gradients:
        return Gradients(
            self.checked + other.checked, self.kinks + other.kinks, self.rounded + other.rounded,
            self.wrong + other.wrong, self.cells + other.cells, self.first or other.first,
        )  # fmt: skip

    def __str__(self) -> str:
        whole = self.checked + self.kinks + self.rounded == self.cells
        text = f"gradients: {self.checked:,}{'' if whole else f' of {self.cells:,}'} checked"
        text += f", {self.kinks:,} at kinks" if self.kinks else ""
        text += f", {self.rounded:,} rounded" if self.rounded else ""
        return text + (f", {self.wrong:,} of them wrong" if self.wrong else "")


@dataclass(frozen=True)
class Ties:
    """How many cells hang on numbers that a spreadsheet takes for equal though their last digits differ, as 0.1 + 0.2
    and 0.3; the first of them, by `matrix` and `cell`."""

    cells: int
    matrix: str
    cell: str

    def __str__(self) -> str:
        return f"ties: {self.cells:,} cell{'s' * (self.cells > 1)} where 15 digits agree, in {self.matrix} {self.cell}"


@dataclass(frozen=True)
class Course:
    """What a loss does in a training."""

    loss: str
    first: float
    last: float
    peak: int
    """The epoch in which it is largest."""

    def __str__(self) -> str:
        return f"{self.loss} {self.first:.3g} → {self.last:.3g}"


@dataclass(frozen=True)
class Learning:
    """What the losses do in a training. Of several that take turns, one may rise as another falls."""

    losses: tuple[Course, ...]
    epochs: int
    iterations: int = 1
    """How many an epoch has. If it has several, losses are means over all data."""
    metrics: tuple[tuple[str, float, float], ...] = ()
    """What else is measured, in the first and in the last row."""

    def __str__(self) -> str:
        metrics = (f"{name} {first:.3g} → {last:.3g}" for name, first, last in self.metrics)
        epochs = f"{self.epochs:,} epoch{'s' if self.epochs > 1 else ''}"
        said = f"{', '.join((*map(str, self.losses), *metrics))} in {epochs}"
        if self.iterations > 1:
            said += f" of {self.iterations:,} iterations"
        first = self.losses[0]
        if len(self.losses) == 1 and first.last > first.first:
            said += f": it RISES, most in epoch {first.peak:,}; try a smaller learning_rate"
        return said


@dataclass(frozen=True)
class Growth:
    """A loss that the update makes larger: its name, and its value before and after."""

    loss: str
    before: float
    after: float

    def __str__(self) -> str:
        return f"{self.loss} grows by the update, {self.before:.4g} → {self.after:.4g}: learning_rate is too large"


@dataclass(frozen=True)
class RegionReport:
    """One matrix where it is drawn: `range` such as `B5:D8`, how many `cells`, how many of them `wrong`.

    `worst` is the largest relative error of its right cells, |a - b| / max(|a|, |b|); for a cell that is right within
    the noise of what it is made from, relative to the largest number that it is made from. `finding` is its first wrong
    cell.
    """

    name: str
    sheet: str
    range: str
    cells: int
    wrong: int
    worst: float
    finding: Finding | None = None

    @property
    def ok(self) -> bool:
        return self.wrong == 0


@dataclass(frozen=True)
class Report:
    """What an engine (`engine` is its title) made of one workbook.

    Only the check of a file fills in the rest: `others` are wrong formulas outside of all matrices, `changes` what
    differs without being a number, `notes` what a reader has written beside the page, and `saved_by` the program that
    saved the file last, if that wasn't sheetgen; looks aren't compared if it names itself.
    """

    title: str
    path: Path
    engine: str
    regions: tuple[RegionReport, ...] = field(repr=False)
    gradients: Gradients | None = field(default=None, repr=False)
    ties: Ties | None = field(default=None, repr=False)
    growth: Growth | None = field(default=None, repr=False)
    learning: Learning | None = field(default=None, repr=False)
    others: tuple[Finding, ...] = field(default=(), repr=False)
    changes: tuple[Change, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = field(default=(), repr=False)
    saved_by: str = ""

    def __str__(self) -> str:
        found = f"{self.wrong} of them wrong; {self.first}" if self.first else "all as numpy has them"
        if self.changes and not self.first:
            found += f"; {self.changes[0]}"
        return f"{self.path}: {self.cells} cells, recalculated by {self.engine}, {found}"

    @property
    def ok(self) -> bool:
        return self.numbers_ok and not self.changes

    @property
    def numbers_ok(self) -> bool:
        """Whether every value, formula, given number and gradient is right, whatever else has been changed."""
        return not self.findings

    @property
    def cells(self) -> int:
        return sum(region.cells for region in self.regions)

    @property
    def wrong(self) -> int:
        """How many cells of matrices and other formulas are wrong."""
        return sum(region.wrong for region in self.regions) + len(self.others)

    @property
    def worst(self) -> float:
        return max((region.worst for region in self.regions), default=0.0)

    @property
    def findings(self) -> list[Finding]:
        """The first wrong cell of each wrong region, and other wrong cells; causes before consequences."""
        found = [region.finding for region in self.regions if region.finding] + list(self.others)
        if self.gradients is not None and self.gradients.first is not None:
            found.append(self.gradients.first)
        return sorted(found, key=lambda finding: WEIGHT.index(finding.kind))

    @property
    def first(self) -> Finding | None:
        """The wrong cell to look at first."""
        return next(iter(self.findings), None)

    def to_json(self) -> dict[str, Any]:
        """Plain data for `--json`; only wrong regions are listed."""
        return {
            "title": self.title,
            "path": str(self.path),
            "engine": self.engine,
            "ok": self.ok,
            "numbers_ok": self.numbers_ok,
            "regions": len(self.regions),
            "cells": self.cells,
            "wrong": self.wrong,
            "worst_relative_error": self.worst,
            "first": asdict(self.first) if self.first else None,
            "failed": [asdict(region) for region in self.regions if not region.ok],
            "gradients": asdict(self.gradients) if self.gradients else None,
            "ties": asdict(self.ties) if self.ties else None,
            "growth": asdict(self.growth) if self.growth else None,
            "learning": asdict(self.learning) if self.learning else None,
            "others": [asdict(finding) for finding in self.others],
            "changed": [asdict(change) for change in self.changes],
            "notes": list(self.notes),
            "saved_by": self.saved_by or None,
        }


def _text(value: float | str | None) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return value if value.startswith(("=", "#")) else repr(value)
    return number_text(float(value))
