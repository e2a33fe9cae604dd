"""Graphs: from a spec, a file or networkx to an adjacency matrix, and where to draw the nodes."""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np

from sheetgen.errors import SpecError
from sheetgen.ir.program import Given, Graph
from sheetgen.lang.syntax import did_you_mean
from sheetgen.spec import graph_files
from sheetgen.spec.edges import Edge, Listing, Place
from sheetgen.spec.files import Folder
from sheetgen.spec.graph_data import matrices_of

if TYPE_CHECKING:
    from sheetgen.spec.model import GraphSpec

MOST_NODES = 1000

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


@dataclass(frozen=True)
class Read:
    """A graph as a spec asks for it: its n×n adjacency, a sentence on it, and the matrices that it makes beside."""

    graph: Graph
    adjacency: np.ndarray
    about: str
    matrices: tuple[Given, ...]


def read_graph(spec: GraphSpec, folder: Folder) -> Read:
    """The graph of a spec's `graph:`.

    `[i, j]` is 1 (or the weight) for an edge from node i to node j (undirected: in both directions), so that column j
    of `H @ Adj` pools what node j receives. Nodes stand in the order of `nodes:`, or else as their source has them.
    Raises SpecError, whose `at` is the path of keys within `graph:`.
    """
    weights = spec.weights is not False
    if spec.file is not None:
        listing = graph_files.read(spec.file, folder, weights)
    elif spec.networkx is not None:
        listing = graph_files.listing(_generated(spec.networkx, spec.args), bool(spec.weights), Place(("networkx",)))
    else:
        listing = _listed(spec.nodes or [], spec.edges or [], weights)
    listing = _around(listing, spec)
    nodes = _ordered(listing, spec)
    if spec.directed and listing.directed is False:
        raise SpecError("The edges of this graph have no direction.", at=("directed",))
    directed = bool(listing.directed if spec.directed is None else spec.directed)
    if spec.weights and not any(edge.weight is not None for edge in listing.edges):
        raise SpecError("The edges of this graph have no weights.", at=("weights",))
    index = {node: place for place, node in enumerate(nodes)}
    edges = {(index[e.source], index[e.target]): e.weight for e in _once(listing.edges, directed)}
    weighted = any(weight is not None for weight in edges.values())
    adjacency = np.zeros((len(nodes), len(nodes)))
    for (a, b), weight in edges.items():
        for cell in ((a, b),) if directed else ((a, b), (b, a)):
            adjacency[cell] = 1.0 if weight is None else weight
    if spec.self_loops:
        adjacency += np.diag(adjacency.diagonal() == 0)
    drawn = nx.Graph()
    drawn.add_nodes_from(range(len(nodes)))
    drawn.add_edges_from(edges)
    numbers = tuple(1.0 if weight is None else weight for weight in edges.values()) if weighted else ()
    graph = Graph(nodes, tuple(edges), positions(drawn), directed, numbers)
    return Read(graph, adjacency, spec.about or _about(graph, spec, listing.said),
                tuple(matrices_of(spec, listing, nodes, directed)))  # fmt: skip


def _about(graph: Graph, spec: GraphSpec, said: str) -> str:
    """What the numbers are; for a file also what was read."""
    way = "from the row's node to the column's"
    if graph.weights:
        what = f"The weight of the edge {way}" if graph.directed else "Each edge's weight"
        what += ", 0 without one."
    else:
        what = f"1 where an edge goes {way}." if graph.directed else "1 for each edge."
    what += " Ones on the diagonal: each node is its own neighbour." if spec.self_loops else ""
    if spec.ego is not None:
        far = spec.radius or 1
        what += f" Only the nodes up to {far} edge{'s' * (far != 1)} away from {spec.ego}."
    if spec.file is None:
        return what
    count = f"{len(graph.labels)} nodes, {len(graph.edges)} edge{'s' * (len(graph.edges) != 1)}"
    return f"{what} From {spec.file}: {count}{f'; {said}' if said else ''}."


def _around(listing: Listing, spec: GraphSpec) -> Listing:
    """The part of a graph that `ego` and `radius` cut out: so many edges away, whichever way they go."""
    if spec.ego is None:
        if spec.radius is not None:
            raise SpecError("`radius` tells how far from `ego` nodes may be, which is missing.", at=("radius",))
        return listing
    whole = nx.Graph()
    whole.add_nodes_from(listing.nodes)
    whole.add_edges_from((edge.source, edge.target) for edge in listing.edges)
    if spec.ego not in whole:
        problem = f"The graph has no node `{spec.ego}`.{did_you_mean(spec.ego, listing.nodes)}"
        raise SpecError(problem, at=("ego",))
    near = nx.single_source_shortest_path_length(whole, spec.ego, cutoff=spec.radius or 1)
    edges = tuple(edge for edge in listing.edges if edge.source in near and edge.target in near)
    return replace(listing, nodes=tuple(node for node in listing.nodes if node in near), edges=edges)


def _ordered(listing: Listing, spec: GraphSpec) -> tuple[str, ...]:
    """The nodes in the order of `nodes:` where it is given; it may add nodes without edges, but leave out none."""
    nodes = tuple(spec.nodes) if spec.nodes else listing.nodes
    if spec.ego is not None:
        nodes = tuple(node for node in nodes if node in set(listing.nodes))
    if not nodes:
        raise SpecError("The graph has no nodes.")
    if len(nodes) > MOST_NODES:
        raise SpecError(f"The graph has {len(nodes):,} nodes; {MOST_NODES:,} is the most that a sheet can show.")
    if double := _double(nodes):
        if spec.nodes:
            raise SpecError(f"Node `{double}` is listed twice.", at=("nodes", spec.nodes.index(double)))
        raise SpecError(f"Two nodes of the graph are called `{double}`.")
    if left := [node for node in listing.nodes if node not in set(nodes)]:
        raise SpecError(f"`nodes` leaves out `{left[0]}`, which is a node of `{spec.file}`.", at=("nodes",))
    return nodes


def _once(edges: Iterable[Edge], directed: bool) -> list[Edge]:
    """Each edge once. A second one must not say anything else: with weights it could mean their sum."""
    found: dict[tuple[str, str], Edge] = {}
    for edge in edges:
        ends, back = (edge.source, edge.target), (edge.target, edge.source)
        first = found.get(ends)
        turned = found.get(back) if first is None and not directed else None
        if first and (first.weight is not None or edge.weight is not None):
            where = f" (it is on {first.place} already)" if first.place.line else ""
            raise edge.place.error(
                f"the edge {edge.source}–{edge.target} stands here a second time{where}; add its weights up, or ignore "
                "them with `weights: false`."
            )
        if turned and turned.weight != edge.weight:
            raise edge.place.error(
                f"the edge {edge.source}–{edge.target} has another weight than {edge.target}–{edge.source}; "
                "if edges have a direction, write `directed: true`."
            )
        if not first and not turned:
            found[ends] = edge
    return list(found.values())


MOST_PARTED, CLEAR = 500, 1e-6
"""Nodes of a graph of which halves are looked for, and how much clearer than others they must be."""
THIN = 0.25
"""How wide a graph must be, as a share of its length, so that it doesn't count as a line."""


def positions(graph: nx.Graph) -> tuple[tuple[float, float], ...]:
    """Where the nodes are drawn, within [0, 1] × [0, 1], the same in every run."""
    flat = nx.Graph(graph)
    circle = nx.circular_layout(flat)
    # Kamada-Kawai, and springs from 500 nodes on, would need scipy.
    large = len(flat) >= 500
    places = circle if large else nx.spring_layout(flat, pos=circle, seed=0, weight=None, iterations=200)
    points = np.array([places[node] for node in graph.nodes], dtype=float)
    points -= points.mean(axis=0)
    points = _parted(flat, points)
    _, sizes, axes = np.linalg.svd(points, full_matrices=False)
    if len(points) > 2 and sizes[1] < THIN * sizes[0]:  # a graph that lies on a line goes up and down along it
        order = np.argsort(points @ axes[0], kind="stable")
        points[order] = np.column_stack([np.arange(len(points)), np.arange(len(points)) % 2])
    low, span = points.min(axis=0), np.ptp(points, axis=0)
    scaled = np.round(np.where(span > 0, (points - low) / np.where(span > 0, span, 1), 0.5), 3) + 0.0
    return tuple((float(x), float(y)) for x, y in scaled)


def _parted(graph: nx.Graph, points: np.ndarray) -> np.ndarray:
    """Turned so that the two halves that hang together least stand left and right, if it is clear which these are."""
    if not 2 < len(graph) <= MOST_PARTED:
        return points
    neighbours = nx.to_numpy_array(graph, weight=None)
    values, halves = np.linalg.eigh(np.diag(neighbours.sum(axis=1)) - neighbours)
    way = points.T @ halves[:, 1]
    if values[2] - values[1] < CLEAR or values[1] < CLEAR or not np.hypot(*way):
        return points
    way *= np.sign(halves[np.abs(halves[:, 1]).argmax(), 1]) / np.hypot(*way)
    return np.column_stack([points @ way, points @ np.array([-way[1], way[0]])])


def _listed(nodes: list[str], edges: list[list[Any]], weights: bool) -> Listing:
    found = []
    for place, (source, target, *weight) in enumerate(edges):
        for end, node in enumerate((source, target)):
            if node not in nodes:
                close = difflib.get_close_matches(str(node), nodes, n=1)
                close = close or [n for n in nodes if n.lower() == str(node).lower()]
                hint = f" Did you mean `{close[0]}`?" if close else f" There are {', '.join(nodes[:20])}."
                raise SpecError(f"The graph has no node `{node}`.{hint}", at=("edges", place, end))
        number = float(weight[0]) if weight and weights else None
        found.append(Edge(str(source), str(target), number, Place(("edges", place))))
    return Listing(tuple(nodes), tuple(found), None)


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
