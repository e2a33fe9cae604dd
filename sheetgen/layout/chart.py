"""What a chart shows and where, as plain data: its numbers are names of regions, never copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np


@dataclass(frozen=True)
class Place:
    """Where a chart stands, and how many cells it covers down and across."""

    row: int
    column: int
    rows: int
    columns: int


@dataclass(frozen=True)
class Cells:
    """Numbers one after the other: of each of these regions all cells, or those of one row, one column, or both."""

    regions: tuple[str, ...]
    row: int | None = None
    column: int | None = None
    rows: range | None = None
    columns: range | None = None
    """Those that count, where not all do."""

    def hold(self, row: int, column: int) -> bool:
        """Whether the cell in this row and column is one of them."""
        return (
            self.row in (None, row) and self.column in (None, column)
            and (self.rows is None or row in self.rows) and (self.columns is None or column in self.columns)
        )  # fmt: skip


Paint = Literal["series", "prediction", "target", "after"]
"""A colour: that of the series' number, or one that it has in all charts."""
Look = Literal["both", "line", "points", "arrows", "thread"]
"""A line, points, or a line through points; `arrows` is a line from (0, 0) to each point and back, `thread` a thin line
that says which points belong together."""
Ends = tuple[float, float]
"""The ends of an axis."""


@dataclass(frozen=True)
class Trace:
    """Bars, or over `x` points, a line, or a line through points. Its numbers in `x` may be constants."""

    title: str
    y: Cells
    x: Cells | tuple[float, ...] = ()
    look: Look = "both"
    paint: Paint = "series"
    names: tuple[str, ...] = ()
    """What stands at its points, one by one."""
    legend: bool = True
    """Whether a legend has its title; threads never stand there."""
    only: tuple[Cells, float] | None = None
    """Points are drawn only where these cells, one for each, hold this number."""

    @property
    def keyed(self) -> bool:
        """Whether a legend tells what it is."""
        return self.legend and self.look != "thread"


@dataclass(frozen=True)
class Divide:
    """The straight line on which weights · (x, y) + bias is `level`, as far as it lies `within` a part of the plane."""

    title: str
    weights: tuple[Cells, Cells]
    bias: Cells | None
    within: tuple[Ends, Ends]
    """From where to where, across and up."""
    level: float = 0.0
    paint: Paint = "series"
    keyed: bool = True
    """Whether a legend tells what it is."""


@dataclass(frozen=True)
class Bars:
    """Clustered bars, one of each series for each category; or a line through the numbers of each series."""

    title: str
    row: int
    column: int
    series: tuple[Trace, ...]
    categories: tuple[str, ...]
    place: Place | None = None
    samples: str | None = None
    """A matrix whose columns are the categories, written as `(0, 1)`, where these have no names."""
    lines: bool = False


@dataclass(frozen=True)
class Plot:
    """Points and lines over two axes of numbers."""

    title: str
    row: int
    column: int
    series: tuple[Trace, ...]
    across: str = ""
    up: str = ""
    """What the axes show."""
    x_ends: Ends | None = None
    y_ends: Ends | None = None
    """None leaves them to the spreadsheet."""
    step: float | None = None
    """From one number along an axis to the next."""
    equal: bool = False
    """One unit across is as long on paper as one up."""
    divides: tuple[Divide, ...] = ()
    whole: bool = False
    """The axis across counts turns: 1, 2, 3."""
    log: bool = False
    """Each line of the axis up is ten times the one below it."""
    place: Place | None = None


@dataclass(frozen=True)
class GraphPicture:
    """The graph as a native chart: nodes at `positions`, edges following the live `adjacency` region (from node i to
    node j in cell (i, j)), nodes coloured by the live `prediction` region (1×n in [0, 1]) when there is one."""

    title: str
    row: int
    column: int
    labels: tuple[str, ...]
    positions: tuple[tuple[float, float], ...]
    adjacency: str
    prediction: str | None
    directed: bool = False
    line: int | None = None
    """The row of `prediction` that colours, where that has one for each epoch."""
    place: Place | None = None


@dataclass(frozen=True)
class NetworkPicture:
    """The diagram of a chain of layers: `layers` are the regions of whose columns `sample` has the neurons' values,
    `weights` the regions between one layer and the next (a row for each neuron of the next)."""

    title: str
    row: int
    column: int
    layers: tuple[str, ...]
    weights: tuple[str, ...]
    place: Place | None = None
    sample: int = 0


@dataclass(frozen=True)
class Scale:
    """The numbers along one side of a heat map: what they are called, and live formulas with their values."""

    name: str
    formulas: tuple[str, ...]
    values: tuple[float, ...]


Dots = Cells | str
"""Numbers in the order of the points: cells, or a formula that gives them."""


@dataclass(frozen=True, eq=False)
class HeatMap:
    """A number over a plane as coloured cells: `formulas` and `values` from the top row down, `up` from below."""

    title: str
    row: int
    column: int
    across: Scale
    up: Scale
    formulas: tuple[tuple[str, ...], ...]
    values: np.ndarray
    heat: tuple[float, float, float]
    """The numbers that are blue, white and orange."""
    dots: tuple[Dots, Dots]
    """The points whose cells are framed: their numbers across and up."""
    here: tuple[Dots, Dots] | None
    """A point whose cell is picked out."""
    note: str = ""
    place: Place | None = None


Chart = Bars | Plot | GraphPicture | NetworkPicture
