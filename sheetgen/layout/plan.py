"""What is to be written, cell by cell, and nothing of how: the contract between layout and workbook.

Rows and columns are 1-based, as in a spreadsheet. Nothing here imports openpyxl.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np


class Role(StrEnum):
    """What a region *is*; the theme decides how each role looks."""

    INPUT = "input"
    PARAMETER = "parameter"
    BIAS = "bias"
    CONSTANT = "constant"
    TARGET = "target"
    ADJACENCY = "adjacency"
    GCN = "gcn"
    FORWARD = "forward"
    ACTIVATION = "activation"
    OUTPUT = "output"
    GRADIENT = "gradient"
    UPDATED = "updated"
    ONES = "ones"
    COPY = "copy"
    HEATMAP = "heatmap"
    VERDICT = "verdict"


@dataclass(frozen=True)
class Region:
    """A rectangle of numbers: one matrix, a part of a panel, or a copy.

    `formulas[i][j]` is the cell's formula without `=`, or None for a number that the user may
    edit. `array[i][j]`-ness is one flag for the region: True writes each formula as a one-cell
    array formula. `block` is one array formula for the whole region instead of `formulas`.
    `values` are numpy's results (strings for verdicts), which become the cached values.
    """

    name: str
    role: Role
    row: int
    column: int
    values: np.ndarray
    formulas: tuple[tuple[str | None, ...], ...] | None = None
    array: bool = False
    block: str | None = None
    step: int = 0
    defined_name: str | None = None
    note: str = ""
    prompt: str = ""
    """Message of the input validation (editable regions), e.g. "W1: a number. Type 0, don't delete"."""
    integers: bool = False
    switch: bool = False
    """Editable cells accept 0 or 1 only (adjacency)."""
    image: bool = False
    """Shown as a heat map, whatever its role."""
    dark_zeros: bool = False
    """Darken cells that a ReLU put to 0."""

    @property
    def height(self) -> int:
        return int(self.values.shape[0])

    @property
    def width(self) -> int:
        return int(self.values.shape[1])

    @property
    def editable(self) -> bool:
        """Whether the region has any cell that the user may change."""
        return self.block is None and (self.formulas is None or any(f is None for row in self.formulas for f in row))


@dataclass(frozen=True)
class Label:
    """A piece of text, or a live text/number when `formula` is set (then `text` is its value)."""

    row: int
    column: int
    text: str
    style: Literal[
        "title", "subtitle", "section", "name", "shape", "arrow", "function", "label", "sentence", "hint", "number",
        "key",
    ]
    """title/subtitle: page head · section: "Layer 1" · name: a region's badge and name · shape:
    "4×3" · arrow · function: "ReLU" in a gutter · label: row/column labels · sentence: prose ·
    hint: small grey · number: a live number in a dashboard · key: a dashboard's caption."""
    step: int = 0
    align: Literal["left", "center", "right"] = "left"
    color: Role | None = None
    """Text (and badge) takes the role's colour."""
    formula: str | None = None
    link: str | None = None
    """Internal target such as `Canvas!A1` (sheet name unquoted); only labels of step 0 become links."""


@dataclass(frozen=True)
class Bars:
    """Clustered bar chart: one series per region row set; `series` are (title, region name)."""

    title: str
    row: int
    column: int
    series: tuple[tuple[str, str], ...]
    categories: tuple[str, ...]
    step: int = 0


@dataclass(frozen=True)
class Lines:
    """Scatter chart with smooth-less lines: x is a region, each series a region of the same size."""

    title: str
    row: int
    column: int
    x: str
    series: tuple[tuple[str, str], ...]
    step: int = 0


@dataclass(frozen=True)
class GraphPicture:
    """The graph as a native chart: nodes at `positions`, edges following the live `adjacency` region,
    nodes coloured by the live `prediction` region (1×n in [0, 1]) when there is one."""

    title: str
    row: int
    column: int
    labels: tuple[str, ...]
    positions: tuple[tuple[float, float], ...]
    adjacency: str
    prediction: str | None
    directed: bool = False
    step: int = 0


@dataclass(frozen=True)
class NetworkPicture:
    """The diagram of a chain of layers: `layers` are the regions whose first columns are the neurons' values,
    `weights` the regions between one layer and the next (a row for each neuron of the next)."""

    title: str
    row: int
    column: int
    layers: tuple[str, ...]
    weights: tuple[str, ...]
    step: int = 0


Chart = Bars | Lines | GraphPicture | NetworkPicture


@dataclass(frozen=True)
class SheetPlan:
    """One drawn sheet: `Canvas`, or a further sheet in the same style."""

    title: str
    heading: str
    regions: tuple[Region, ...]
    labels: tuple[Label, ...]
    charts: tuple[Chart, ...] = ()
    widths: tuple[tuple[int, float], ...] = ()
    """Column → width in characters, where it differs from the default."""
    first_row: int = 5
    """First row below the frozen head."""


@dataclass(frozen=True)
class StepRow:
    """One row of the Steps sheet."""

    number: int
    section: str
    equation: str
    shapes: str
    sentence: str
    link: str | None
    """Internal target: `Sheet!A1` of the step's first region."""
    phase: str = "forward"


@dataclass(frozen=True)
class WorkbookPlan:
    """A whole workbook."""

    title: str
    sheets: tuple[SheetPlan, ...]
    steps: tuple[StepRow, ...]
    spec_text: str
    legend: tuple[tuple[Role, str], ...]
    """Roles that occur, with their captions, in reading order."""
    about: str = ""
    """A sentence beside the title."""

    @property
    def backward_steps(self) -> frozenset[int]:
        """Numbers of the steps of the backward pass."""
        return frozenset(step.number for step in self.steps if step.phase == "backward")
