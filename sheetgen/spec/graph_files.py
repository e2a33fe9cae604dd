"""A graph's file → what it says: .csv, .edgelist, .graphml, .gml."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx

from sheetgen.errors import SpecError
from sheetgen.spec.edge_tables import read_csv, read_edgelist
from sheetgen.spec.edges import Edge, Listing, Place, node_name, weight_of
from sheetgen.spec.files import Folder, reason

LARGEST_GRAPH_FILE = 5_000_000
WEIGHTS = ("weight", "value")
NAMES = ("label", "name")
"""What the formats call an edge's weight and a node's name, if it isn't the node's own key."""


def read(name: str, folder: Folder, weights: bool) -> Listing:
    """What the file `name` says; without `weights`, those aren't looked for. Raises SpecError at the key `file`."""
    kind = Path(name).suffix.lower()
    if kind not in (*TABLES, *NETWORKS):
        raise SpecError(f"`{name}`: a graph's file ends in {', '.join((*NETWORKS, *TABLES))}.", at=("file",))
    short = Path(name).name
    if kind in TABLES:
        text = folder.text(name, LARGEST_GRAPH_FILE)
    else:
        path = folder.find(name, LARGEST_GRAPH_FILE)
    try:
        return TABLES[kind](text, short, weights) if kind in TABLES else _network(NETWORKS[kind](path), short, weights)
    except SpecError:
        raise
    except Exception as error:  # whatever a reader of foreign formats may meet in a broken file
        raise SpecError(f"The graph in `{name}` can't be read: {reason(error)}", at=("file",)) from None


def _network(graph: Any, file: str, weights: bool) -> Listing:
    return listing(graph, weights, Place(("file",), file))


def listing(graph: Any, weights: bool, place: Place) -> Listing:
    """What a networkx graph says, its nodes in its order; `weights` are the edges' attribute of that name."""
    names, key = _names(graph, place)
    edges = list(graph.edges(data=True))
    weight = next((each for each in WEIGHTS if weights and any(each in data for *_, data in edges)), None)
    found = []
    for a, b, data in edges:
        if weight and weight not in data:
            raise place.error(f"the edge {names[a]}–{names[b]} has no {weight}, but others have; give it one.")
        number = weight_of(str(data[weight]), place) if weight else None
        found.append(Edge(names[a], names[b], number, place, data))
    said = [f"nodes by their {key}"] * bool(key) + [f"weights from {weight}"] * bool(weight)
    attributes = {names[node]: data for node, data in graph.nodes(data=True) if data}
    return Listing(tuple(names.values()), tuple(found), graph.is_directed(), ", ".join(said), attributes)


def _names(graph: Any, place: Place) -> tuple[dict[Any, str], str]:
    """Each node's name, and the attribute that it comes from: one that all have, each another, or else the key."""
    for attribute in NAMES:
        given = [data.get(attribute) for _, data in graph.nodes(data=True)]
        texts = [str(each).strip() for each in given if each is not None]
        if texts and len(texts) == len(given) == len(set(texts)) and all(texts):
            named = zip(graph.nodes, texts, strict=True)
            return {node: node_name(text, place) for node, text in named}, attribute
    return {node: node_name(str(node), place) for node in graph.nodes}, ""


def _gml(path: Path) -> Any:
    try:
        return nx.read_gml(path)
    except nx.NetworkXError as error:
        if "label" not in str(error):
            raise
        return nx.read_gml(path, label="id")


TABLES: dict[str, Callable[[str, str, bool], Listing]] = {".edgelist": read_edgelist, ".csv": read_csv}
NETWORKS: dict[str, Callable[[Path], Any]] = {".graphml": nx.read_graphml, ".gml": _gml}
