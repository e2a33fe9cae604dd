"""What a check found: wrong cells, matrices, workbooks."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from sheetgen.lang.show import number_text

Kind = Literal["given", "missing", "formula", "value"]
WEIGHT: tuple[Kind, ...] = ("given", "missing", "formula", "value")
"""Causes before their consequences: a changed weight makes every later value differ too."""


@dataclass(frozen=True)
class Finding:
    """One wrong cell. `expected` and `found` are formulas (with `=`) when `kind` is `formula`.

    `given`: a number differs from the spec · `missing`: the cell is empty · `formula`: it holds another formula or
    none · `value`: the recalculated value differs from numpy's. `formula` (without `=`) is the planned one.
    """

    kind: Kind
    sheet: str
    cell: str
    matrix: str
    formula: str | None
    expected: float | str | None
    found: float | str | None

    def __str__(self) -> str:
        what = {
            "given": "differs from the spec",
            "missing": "the cell is empty",
            "formula": "another formula",
            "value": "another value",
        }[self.kind]
        formula = f" ={self.formula}" if self.formula and self.kind != "formula" else ""
        return (
            f"{self.matrix} {self.sheet}!{self.cell}{formula}: {what}; "
            f"expected {_text(self.expected)}, found {_text(self.found)}"
        )


@dataclass(frozen=True)
class RegionReport:
    """One matrix where it is drawn: `range` such as `B5:D8`, how many `cells`, how many of them `wrong`.

    `worst` is the largest relative error of its right cells, |a - b| / max(|a|, |b|); 0 where the difference lies
    within the rounding noise of what the formula reads. `finding` is its first wrong cell.
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
    """What an engine (`engine` is its title) made of one workbook."""

    title: str
    path: Path
    engine: str
    regions: tuple[RegionReport, ...] = field(repr=False)

    def __str__(self) -> str:
        found = f"{self.wrong} of them wrong; {self.first}" if self.first else "all as numpy has them"
        return f"{self.path}: {self.cells} cells, recalculated by {self.engine}, {found}"

    @property
    def ok(self) -> bool:
        return all(region.ok for region in self.regions)

    @property
    def cells(self) -> int:
        return sum(region.cells for region in self.regions)

    @property
    def wrong(self) -> int:
        return sum(region.wrong for region in self.regions)

    @property
    def worst(self) -> float:
        return max((region.worst for region in self.regions), default=0.0)

    @property
    def findings(self) -> list[Finding]:
        """The first wrong cell of each wrong region, causes before consequences."""
        found = [region.finding for region in self.regions if region.finding]
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
            "regions": len(self.regions),
            "cells": self.cells,
            "wrong": self.wrong,
            "worst_relative_error": self.worst,
            "first": asdict(self.first) if self.first else None,
            "failed": [asdict(region) for region in self.regions if not region.ok],
        }


def _text(value: float | str | None) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return value if value.startswith(("=", "#")) else repr(value)
    return number_text(float(value))
