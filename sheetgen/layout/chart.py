"""What a chart shows and where, as plain data: its numbers are names of regions, never copies."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where a chart stands, and how many cells it covers down and across."""

    row: int
    column: int
    rows: int
    columns: int


@dataclass(frozen=True)
class Bars:
    """Clustered bar chart: one series per region row set; `series` are (title, region name)."""

    title: str
    row: int
    column: int
    series: tuple[tuple[str, str], ...]
    categories: tuple[str, ...]
    step: int = 0
    place: Place | None = None


@dataclass(frozen=True)
class Lines:
    """Scatter chart with smooth-less lines: x is a region, each series a region of the same size."""

    title: str
    row: int
    column: int
    x: str
    series: tuple[tuple[str, str], ...]
    step: int = 0
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
    step: int = 0
    place: Place | None = None


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
    place: Place | None = None


@dataclass(frozen=True)
class Curves:
    """Functions drawn as curves, with the live numbers of matrices as points on them."""

    title: str
    row: int
    column: int
    x: tuple[float, ...]
    curves: tuple[tuple[str, str, tuple[float, ...]], ...]
    """Title, formula in which `{x}` stands for the abscissa, and its values at `x`."""
    points: tuple[tuple[str, str, str], ...]
    """Title, region of abscissas, region of ordinates of the same size."""
    step: int = 0
    place: Place | None = None


Chart = Bars | Lines | Curves | GraphPicture | NetworkPicture
