"""What nodes and edges of a graph say of themselves → matrices with a column for each node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sheetgen.errors import SpecError
from sheetgen.ir.node import is_number
from sheetgen.ir.program import Given
from sheetgen.lang.syntax import did_you_mean
from sheetgen.spec.edges import LARGEST_WEIGHT, Listing
from sheetgen.spec.fields import printable
from sheetgen.spec.files import quote

if TYPE_CHECKING:
    from sheetgen.spec.model import GraphSpec

MOST_CLASSES = 100
SOURCES = "a .graphml or .gml file, or networkx, such as `karate_club_graph`"
At = tuple[str | int, ...]


def matrices_of(spec: GraphSpec, listing: Listing, nodes: tuple[str, ...], directed: bool) -> list[Given]:
    """The matrices that `features`, `labels` and `edge_features` of a graph ask for, columns in the order of `nodes`.

    Raises SpecError, whose `at` is the path of keys within `graph:`.
    """
    made = []
    for name, keys in spec.features.items():
        rows = [_numbers(listing, nodes, key, ("features", name, k)) for k, key in enumerate(keys)]
        made.append(Given(name, "input", np.array(rows), tuple(keys), nodes, "What each node says of itself."))
    made += [_classes(name, listing, nodes, key) for name, key in spec.labels.items()]
    made += [_edges(name, listing, nodes, key, directed) for name, key in spec.edge_features.items()]
    return made


def _known(data: Mapping[Any, Mapping[str, Any]], key: str, of: str, at: At) -> None:
    """Anything of the graph must have the attribute."""
    known = list(dict.fromkeys(each for attributes in data.values() for each in attributes))
    if not known:
        raise SpecError(f"The {of} of this graph have no attributes; {SOURCES} may have some.", at=at)
    if key not in known:
        hint = did_you_mean(key, known) or f" There are {', '.join(quote(each).strip('`') for each in known[:20])}."
        raise SpecError(f"The {of} of this graph have no `{key}`.{hint}", at=at)


def _number(value: Any, what: str, at: At) -> float:
    if not (isinstance(value, bool) or is_number(value)) or not abs(value) <= LARGEST_WEIGHT:
        raise SpecError(f"{what} is {quote(str(value))}, which is no number.", at=at)
    return float(value)


def _numbers(listing: Listing, nodes: tuple[str, ...], key: str, at: At) -> list[float]:
    _known(listing.attributes, key, "nodes", at)
    found = []
    for node in nodes:
        attributes = listing.attributes.get(node, {})
        if key not in attributes:
            raise SpecError(f"Node `{node}` has no `{key}`, but others have.", at=at)
        found.append(_number(attributes[key], f"`{key}` of node `{node}`", at))
    return found


def _classes(name: str, listing: Listing, nodes: tuple[str, ...], key: str) -> Given:
    """A row for each class, in order, and a 1 in each column; a node without a class has none."""
    at = ("labels", name)
    _known(listing.attributes, key, "nodes", at)
    said = [listing.attributes.get(node, {}).get(key) for node in nodes]
    classes = sorted({each for each in said if each is not None}, key=lambda each: (isinstance(each, str), each))
    if len(classes) > MOST_CLASSES:
        raise SpecError(f"`{key}` has {len(classes)} values; {MOST_CLASSES} classes are the most.", at=at)
    try:
        rows = tuple(printable(str(each)) for each in classes)
    except ValueError as error:
        raise SpecError(f"`{key}`: {error}.", at=at) from None
    value = np.array([[float(each == one) for each in said] for one in classes])
    without = said.count(None)
    about = f"What each node is, by its {key}." + (f" {without} of them don't say." if without else "")
    return Given(name, "target", value, rows, nodes, about)


def _edges(name: str, listing: Listing, nodes: tuple[str, ...], key: str, directed: bool) -> Given:
    at, place = ("edge_features", name), {node: k for k, node in enumerate(nodes)}
    _known({(edge.source, edge.target): edge.attributes for edge in listing.edges}, key, "edges", at)
    value = np.zeros((len(nodes), len(nodes)))
    for edge in listing.edges:
        what = f"the edge {edge.source}–{edge.target}"
        if key not in edge.attributes:
            raise SpecError(f"{what[0].upper()}{what[1:]} has no `{key}`, but others have.", at=at)
        ends = place[edge.source], place[edge.target]
        for cell in (ends,) if directed else (ends, ends[::-1]):
            value[cell] = _number(edge.attributes[key], f"`{key}` of {what}", at)
    return Given(name, "input", value, nodes, nodes, f"The {key} of each edge, 0 without one.")
