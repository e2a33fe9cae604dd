"""Graphs: read from a spec, a file or networkx; their adjacency matrix and where to draw the nodes."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np

from sheetgen.errors import SpecError
from sheetgen.ir.program import Graph

if TYPE_CHECKING:
    from sheetgen.spec.model import GraphSpec

MOST_NODES = 1000
LARGEST_FILE = 5_000_000

NAMED = (
    "bull_graph", "chvatal_graph", "cubical_graph", "davis_southern_women_graph", "desargues_graph", "diamond_graph",
    "dodecahedral_graph", "florentine_families_graph", "frucht_graph", "heawood_graph", "house_graph",
    "house_x_graph", "icosahedral_graph", "karate_club_graph", "krackhardt_kite_graph", "les_miserables_graph",
    "moebius_kantor_graph", "octahedral_graph", "pappus_graph", "petersen_graph", "sedgewick_maze_graph",
    "tetrahedral_graph", "truncated_tetrahedron_graph", "tutte_graph",
)  # fmt: skip
"""Networkx's graphs that need no arguments."""

SIZED = {
    "complete_graph": (6,), "cycle_graph": (6,), "path_graph": (6,), "star_graph": (6,), "wheel_graph": (6,),
    "ladder_graph": (4,), "circular_ladder_graph": (4,), "barbell_graph": (4, 1), "lollipop_graph": (4, 2),
    "complete_bipartite_graph": (2, 3), "gnm_random_graph": (8, 12, 1), "barabasi_albert_graph": (8, 2, 1),
    "random_regular_graph": (3, 8, 1),
}  # fmt: skip
"""Networkx's graphs that need numbers, with an example of them; the last of the random ones' is the seed."""


def read_graph(spec: GraphSpec, base: Path | None = None) -> tuple[Graph, np.ndarray]:
    """The graph of a spec's `graph:` and its n×n adjacency: `[i, j]` is 1 for an edge from node i to node j
    (undirected: in both directions), so that column j of `H @ Adj` pools what node j receives.

    Files are looked up in `base`. Raises SpecError, whose `at` is the path of keys within `graph:`.
    """
    if spec.nodes is not None:
        graph = _listed(spec.nodes, spec.edges or [], spec.directed)
    elif spec.networkx is not None:
        graph = _generated(spec.networkx, spec.args)
    else:
        graph = _from_file(str(spec.file), base)
    if spec.directed and not graph.is_directed():
        raise SpecError("The edges of this graph have no direction.", at=("directed",))
    table = spec.file is not None and Path(spec.file).suffix.lower() in TABLES
    if graph.is_directed() and (spec.directed is False or (table and not spec.directed)):
        graph = graph.to_undirected()
    nodes = list(graph.nodes)
    labels = tuple(str(node) for node in nodes)
    if not nodes:
        raise SpecError("The graph has no nodes.")
    if len(nodes) > MOST_NODES:
        raise SpecError(f"The graph has {len(nodes):,} nodes; {MOST_NODES:,} is the most that a sheet can show.")
    if double := _double(labels):
        raise SpecError(f"Two nodes of the graph are called `{double}`.")
    index = {node: place for place, node in enumerate(nodes)}
    edges = tuple(dict.fromkeys((index[a], index[b]) for a, b in graph.edges()))
    adjacency = np.zeros((len(nodes), len(nodes)))
    for a, b in edges:
        adjacency[a, b] = 1
        if not graph.is_directed():
            adjacency[b, a] = 1
    return Graph(labels, edges, positions(graph), graph.is_directed()), adjacency


def positions(graph: nx.Graph) -> tuple[tuple[float, float], ...]:
    """Where the nodes are drawn, within [0, 1] × [0, 1], the same in every run."""
    flat = nx.Graph(graph)
    circle = nx.circular_layout(flat)
    # Kamada-Kawai, and springs from 500 nodes on, would need scipy.
    large = len(flat) >= 500
    places = circle if large else nx.spring_layout(flat, pos=circle, seed=0, weight=None, iterations=200)
    points = np.array([places[node] for node in graph.nodes], dtype=float)
    low, span = points.min(axis=0), np.ptp(points, axis=0)
    # A graph that lies on a line stays on one: its noise isn't blown up.
    scale = np.where(span > 0.2 * span.max(), span, span.max()) if span.max() > 0 else np.ones(2)
    scaled = np.round((points - low) / scale + (1 - span / scale) / 2, 3) + 0.0
    return tuple((float(x), float(y)) for x, y in scaled)


def _listed(nodes: list[str], edges: list[list[str]], directed: bool | None) -> nx.Graph:
    graph = nx.DiGraph() if directed else nx.Graph()
    if double := _double(nodes):
        raise SpecError(f"Node `{double}` is listed twice.", at=("nodes", nodes.index(double)))
    graph.add_nodes_from(nodes)
    for place, edge in enumerate(edges):
        for end, node in enumerate(edge):
            if node not in graph:
                close = difflib.get_close_matches(node, nodes, n=1) or [n for n in nodes if n.lower() == node.lower()]
                hint = f" Did you mean `{close[0]}`?" if close else f" There are {', '.join(nodes[:20])}."
                raise SpecError(f"The graph has no node `{node}`.{hint}", at=("edges", place, end))
        graph.add_edge(*edge)
    return graph


def _generated(name: str, args: list[int] | None) -> nx.Graph:
    known = (*NAMED, *SIZED)
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        stems = ", ".join(each.removesuffix("_graph") for each in known)
        hint = f"Did you mean `{close[0]}`?" if close else f"Add `_graph` to one of: {stems}."
        raise SpecError(f"`{name}` isn't one of networkx's graphs that a spec can use. {hint}", at=("networkx",))
    if name in NAMED:
        if args:
            raise SpecError(f"`{name}` takes no arguments.", at=("args",))
        return getattr(nx, name)()
    example = SIZED[name]
    if args is None or len(args) != len(example) or not all(1 <= arg <= MOST_NODES for arg in args):
        how_many = "a size" if len(example) == 1 else f"{len(example)} numbers"
        problem = f"`{name}` needs {how_many} from 1 to {MOST_NODES:,}, such as `args: {list(example)}`."
        raise SpecError(problem, at=("args",) if args else ("networkx",))
    try:
        return getattr(nx, name)(*args)
    except nx.NetworkXException as error:
        raise SpecError(f"`{name}` can't be made with these numbers: {error}.", at=("args",)) from None


def _double(labels: Iterable[Hashable]) -> Any:
    seen: set[Hashable] = set()
    return next((label for label in labels if label in seen or seen.add(label)), None)  # type: ignore[func-returns-value]


# Files


def _from_file(name: str, base: Path | None) -> nx.Graph:
    path = (base or Path()) / name
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise SpecError(f"`{name}`: a graph's file ends in {', '.join(READERS)}.", at=("file",))
    try:
        if not path.is_file():
            raise SpecError(f"There is no file `{name}` beside the spec.", at=("file",))
        if path.stat().st_size > LARGEST_FILE:
            raise SpecError(f"`{name}` is larger than {LARGEST_FILE // 1_000_000} MB.", at=("file",))
        return reader(path)
    except SpecError:
        raise
    except Exception as error:  # whatever a reader of foreign formats may meet in a broken file
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SpecError(f"The graph in `{name}` can't be read: {reason}.", at=("file",)) from None


def _edge_table(path: Path) -> nx.Graph:
    """Two columns, source and target; a first line that says so is skipped."""
    graph = nx.DiGraph()
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    for number, row in enumerate(rows, 1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and tuple(c.lower() for c in cells[:2]) in HEADERS):
            continue
        if len(cells) < 2 or not all(cells[:2]):
            raise SpecError(f"`{path.name}`, line {number}: an edge needs two nodes, such as `A,B`.", at=("file",))
        graph.add_edge(cells[0], cells[1])
    return graph


def _edge_list(path: Path) -> nx.Graph:
    return nx.read_edgelist(path, data=False, create_using=nx.DiGraph)


TABLES = (".csv", ".edgelist")
"""Files that list edges and don't say whether they have a direction."""
HEADERS = {("source", "target"), ("from", "to")}
READERS: dict[str, Callable[[Path], nx.Graph]] = {
    ".graphml": nx.read_graphml,
    ".gml": nx.read_gml,
    ".edgelist": _edge_list,
    ".csv": _edge_table,
}
