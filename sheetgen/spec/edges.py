"""What a graph's source says, whatever form it has: its nodes in order, its edges, and where each of them stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sheetgen.errors import SpecError
from sheetgen.lang.advice import NUMBER
from sheetgen.spec.fields import printable
from sheetgen.spec.files import quote

LARGEST_WEIGHT = 1e300
POINT = " Decimals are written with a point."


@dataclass(frozen=True)
class Place:
    """Where something stands: keys of the spec, and for a file its name and line."""

    at: tuple[str | int, ...]
    file: str = ""
    line: int | None = None

    def __str__(self) -> str:
        return "" if self.line is None else f"line {self.line}"

    def error(self, problem: str) -> SpecError:
        where = ", ".join(part for part in (f"`{self.file}`" if self.file else "", str(self)) if part)
        return SpecError(f"{where}: {problem}" if where else problem[0].upper() + problem[1:], at=self.at)


@dataclass(frozen=True)
class Edge:
    """From `source` to `target`; without a weight it counts as 1."""

    source: str
    target: str
    weight: float | None
    place: Place
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Listing:
    """A graph as it is written. `directed` is None where the source doesn't say."""

    nodes: tuple[str, ...]
    edges: tuple[Edge, ...]
    directed: bool | None
    said: str = ""
    """How a file was read: `columns source and target, weights from weight`."""
    attributes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Of each node, what it says of itself."""


def node_name(text: str, place: Place) -> str:
    """A node's name from a file, if a sheet can hold it."""
    if not text.strip():
        raise place.error("an edge needs two nodes, such as `A,B`.")
    try:
        return printable(text)
    except ValueError as error:
        raise place.error(f"{quote(text)} can't be a node: {error}.") from None


def weight_of(text: str, place: Place) -> float:
    """An edge's weight: a number other than 0."""
    if not NUMBER.fullmatch(text.strip()):
        found = f"{quote(text)} isn't a weight" if text.strip() else "this edge has no weight"
        raise place.error(f"{found}; a number is needed, such as `0.5`.{POINT if ',' in text else ''}")
    weight = float(text)
    if not abs(weight) <= LARGEST_WEIGHT:
        raise place.error(f"the weight {quote(text)} is too large.")
    if weight == 0:
        raise place.error("an edge of weight 0 is none: leave it out, or ignore the weights with `weights: false`.")
    return weight


def order_of_appearance(edges: tuple[Edge, ...]) -> tuple[str, ...]:
    """The nodes of edges, edge by edge, source before target."""
    return tuple(dict.fromkeys(end for edge in edges for end in (edge.source, edge.target)))
