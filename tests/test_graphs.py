"""Graphs: adjacency, positions, files."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from sheetgen.spec import graphs
from sheetgen.spec.files import Folder
from sheetgen.spec.model import GraphSpec


def read(base: Path | None = None, **keys: object) -> tuple[graphs.Graph, np.ndarray]:
    made = graphs.read_graph(GraphSpec.model_validate(keys), Folder(base))
    return made.graph, made.adjacency


def test_undirected_edges_count_both_ways() -> None:
    graph, adjacency = read(nodes=["A", "B", "C"], edges=[["A", "C"], ["B", "C"]])
    assert graph.labels == ("A", "B", "C") and graph.edges == ((0, 2), (1, 2)) and not graph.directed
    np.testing.assert_array_equal(adjacency, [[0, 0, 1], [0, 0, 1], [1, 1, 0]])


def test_directed_edges_run_from_row_to_column() -> None:
    graph, adjacency = read(nodes=["A", "B"], edges=[["B", "A"]], directed=True)
    np.testing.assert_array_equal(adjacency, [[0, 0], [1, 0]])
    assert graph.directed and graph.edges == ((1, 0),)


def test_self_loops_lone_nodes_and_numbers_as_names() -> None:
    graph, adjacency = read(nodes=[1, 2], edges=[[1, 1], [1, 1]])
    assert graph.labels == ("1", "2")
    np.testing.assert_array_equal(adjacency, [[1, 0], [0, 0]])


@pytest.mark.parametrize("name", graphs.NAMED)
def test_named_graphs(name: str) -> None:
    graph, adjacency = read(networkx=name)
    original = getattr(nx, name)()
    assert len(graph.edges) == original.number_of_edges()
    np.testing.assert_array_equal(adjacency, nx.to_numpy_array(original, weight=None))


@pytest.mark.parametrize("name", graphs.SIZED)
def test_sized_graphs(name: str) -> None:
    args = list(graphs.SIZED[name])
    graph, adjacency = read(networkx=name, args=args)
    original = getattr(nx, name)(*args)
    assert len(graph.labels) == original.number_of_nodes() and adjacency.sum() == 2 * original.number_of_edges()
    np.testing.assert_array_equal(adjacency, adjacency.T)
    assert read(networkx=name, args=args)[0] == graph


def test_positions_lie_in_the_unit_square_apart_and_the_same_every_time() -> None:
    for made in (nx.karate_club_graph(), nx.path_graph(5), nx.empty_graph(3), nx.cycle_graph(6), nx.star_graph(8)):
        places = np.array(graphs.positions(made))
        assert (places >= 0).all() and (places <= 1).all() and np.isclose(np.ptp(places, axis=0).max(), 1)
        np.testing.assert_array_equal(places, np.round(places, 3))
        assert graphs.positions(made) == graphs.positions(made)
        apart = np.linalg.norm(places[:, None] - places[None], axis=2) + np.eye(len(places))
        assert apart.min() > 0.02
    assert graphs.positions(nx.empty_graph(1)) == ((0.5, 0.5),)


def test_large_graphs_need_no_scipy() -> None:
    assert len(graphs.positions(nx.cycle_graph(600))) == 600


def test_files_give_the_graph_that_was_written(tmp_path: Path) -> None:
    made = nx.DiGraph([("C", "A"), ("B", "C")])
    nx.write_graphml(made, tmp_path / "g.graphml")
    nx.write_gml(made, tmp_path / "g.gml")
    nx.write_edgelist(made, tmp_path / "g.edgelist")
    (tmp_path / "g.csv").write_text("source,target\nC,A\n\nB, C\n")
    for name in ("g.graphml", "g.gml", "g.edgelist", "g.csv"):
        graph, adjacency = read(tmp_path, file=name, directed=True)
        named = {(graph.labels[a], graph.labels[b]) for a, b in graph.edges}
        assert named == {("C", "A"), ("B", "C")} and graph.directed and adjacency.sum() == 2
        graph, adjacency = read(tmp_path, file=name, directed=False)
        assert not graph.directed and adjacency.sum() == 4
    assert read(tmp_path, file="g.gml")[0].directed
    assert not read(tmp_path, file="g.csv")[0].directed
