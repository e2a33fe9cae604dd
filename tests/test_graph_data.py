"""What nodes and edges say of themselves, parts of a graph, and nodes that are their own neighbours."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from sheetgen import compile_text
from sheetgen.api import program_of
from sheetgen.errors import SpecError
from sheetgen.passes.evaluate import evaluate
from sheetgen.spec.files import Folder
from sheetgen.spec.graphs import Read, read_graph
from sheetgen.spec.model import GraphSpec
from sheetgen.spec.read import loads


def read(folder: Path | None = None, **keys: object) -> Read:
    return read_graph(GraphSpec.model_validate(keys), Folder(folder))


@pytest.fixture(params=["graphml", "gml"])
def people(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A directed graph of three people who say how old and tall they are, and two of them what they play."""
    graph = nx.DiGraph()
    graph.add_node("Ann", age=30, height=1.7, plays="chess")
    graph.add_node("Bob", age=20, height=1.8, plays="ball")
    graph.add_node("Cid", age=40, height=1.5)
    graph.add_edge("Ann", "Bob", since=2001)
    graph.add_edge("Cid", "Ann", since=1999)
    {"graphml": nx.write_graphml, "gml": nx.write_gml}[request.param](graph, tmp_path / f"people.{request.param}")
    return f"people.{request.param}"


def test_attributes_of_nodes_and_edges(people: str, tmp_path: Path) -> None:
    keys = {"features": {"X": ["height", "age"]}, "labels": {"Y": "plays"}, "edge_features": {"D": "since"}}
    features, labels, edges = read(tmp_path, file=people, **keys).matrices
    assert (features.name, features.role, features.rows) == ("X", "input", ("height", "age"))
    assert features.columns == labels.columns == edges.rows == edges.columns == ("Ann", "Bob", "Cid")
    np.testing.assert_array_equal(features.value, [[1.7, 1.8, 1.5], [30, 20, 40]])
    assert (labels.name, labels.role, labels.rows) == ("Y", "target", ("ball", "chess"))
    np.testing.assert_array_equal(labels.value, [[0, 1, 0], [1, 0, 0]])
    assert labels.about == "What each node is, by its plays. 1 of them don't say."
    np.testing.assert_array_equal(edges.value, [[0, 2001, 0], [0, 0, 0], [1999, 0, 0]])
    undirected = read(tmp_path, file=people, directed=False, nodes=["Cid", "Bob", "Ann"], **keys).matrices
    np.testing.assert_array_equal(undirected[0].value[1], [40, 20, 30])
    np.testing.assert_array_equal(undirected[2].value, [[0, 0, 1999], [0, 0, 2001], [1999, 2001, 0]])


def test_the_clubs_of_networkx() -> None:
    (club,) = read(networkx="karate_club_graph", labels={"Y": "club"}).matrices
    assert club.rows == ("Mr. Hi", "Officer") and club.value.shape == (2, 34)
    np.testing.assert_array_equal(club.value.sum(axis=0), np.ones(34))
    assert club.value[0, 0] == club.value[1, 33] == 1


def test_a_part_of_a_graph() -> None:
    karate = nx.karate_club_graph()
    for radius in (1, 2):
        made = read(networkx="karate_club_graph", ego=16, radius=radius)
        part = nx.ego_graph(karate, 16, radius=radius)
        nodes = [node for node in karate if node in part]
        assert made.graph.labels == tuple(map(str, nodes))
        np.testing.assert_array_equal(made.adjacency, nx.to_numpy_array(karate, nodes, weight=None))
    assert made.about == "1 for each edge. Only the nodes up to 2 edges away from 16."
    chain = {"nodes": ["A", "B", "C", "D"], "edges": [["A", "B"], ["C", "B"], ["C", "D"]], "directed": True}
    assert read(ego="B", **chain).graph.labels == ("A", "B", "C")  # whichever way edges go


def test_self_loops_are_added_once_and_counted_once() -> None:
    made = read(nodes=["A", "B"], edges=[["A", "B", 2], ["A", "A", 3]], self_loops=True)
    np.testing.assert_array_equal(made.adjacency, [[3, 2], [2, 1]])
    assert "each node is its own neighbour" in made.about
    text = (
        "title: t\ngraph: {nodes: [A, B, C], edges: [[A, B], [B, C]], self_loops: LOOPS}\n"
        "matrices:\n  X: {role: input, value: [[1, 2, 0], [3, -1, 1]]}\n"
        "steps:\n  - layers: X\n    stack: [gcn: 2, gat: 2]\n    out: Y\n"
    )
    plain, looped = (loads(text.replace("LOOPS", said)) for said in ("false", "true"))
    assert any("eye" in step.text for step in plain.steps) and not any("eye" in step.text for step in looped.steps)
    first, second = (evaluate(program_of(spec))["Y"] for spec in (plain, looped))
    np.testing.assert_array_equal(first, second)
    told = text.replace("LOOPS", "true").replace("gcn: 2", "gcn: {out: 2, self_loops: true}")
    assert any("eye" in step.text for step in loads(told).steps)


def test_a_network_on_what_nodes_say(people: str, tmp_path: Path) -> None:
    text = (
        f"title: t\ngraph:\n  file: {people}\n  self_loops: true\n  features: {{X: [age, height]}}\n"
        "  labels: {Y: plays}\nsteps:\n  - layers: X\n    stack: [sage: 2, softmax]\n    out: P\n"
        "  - L = cross_entropy(P, Y)\nloss: L\nbackward: true\n"
    )
    report = compile_text(text, base=tmp_path).verify()
    assert report.ok and report.gradients and not report.gradients.wrong


MISTAKES: dict[str, tuple[dict[str, object], tuple[object, ...], tuple[str, ...]]] = {
    "no such attribute": ({"features": {"X": ["agee"]}}, ("features", "X", 0), ("`agee`", "Did you mean `age`?")),
    "not all": ({"features": {"X": ["age", "shoe"]}}, ("features", "X", 1), ("Node `B` has no `shoe`",)),
    "no number": ({"features": {"X": ["town"]}}, ("features", "X", 0), ("`town` of node `A` is `Ulm`", "no number")),
    "no label": ({"labels": {"Y": "tow"}}, ("labels", "Y"), ("`tow`", "`town`")),
    "no edges'": ({"edge_features": {"D": "age"}}, ("edge_features", "D"), ("The edges", "no attributes", ".graphml")),
    "no such node": ({"ego": "D"}, ("ego",), ("no node `D`",)),
    "radius alone": ({"radius": 2}, ("radius",), ("`ego`",)),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_what_is_wrong_is_told(case: str, tmp_path: Path) -> None:
    keys, at, words = MISTAKES[case]
    graph = nx.Graph()
    graph.add_node("A", age=1, town="Ulm", shoe=40)
    graph.add_node("B", age=2, town="Bern")
    graph.add_edge("A", "B")
    nx.write_graphml(graph, tmp_path / "g.graphml")
    with pytest.raises(SpecError) as caught:
        read(tmp_path, file="g.graphml", **keys)
    assert caught.value.at == at
    assert not [word for word in words if word not in caught.value.message], caught.value.message


def test_a_list_of_edges_says_nothing_of_its_nodes() -> None:
    with pytest.raises(SpecError, match=r"nodes of this graph have no attributes; a .graphml"):
        read(nodes=["A", "B"], edges=[["A", "B"]], features={"X": ["age"]})


def test_its_names_are_names_of_matrices() -> None:
    graph = "graph: {networkx: karate_club_graph, labels: {Y: club}}\n"
    with pytest.raises(SpecError, match=r"^s.yaml:3:12: `Y` is also the name of a matrix of the graph"):
        loads(f"title: t\n{graph}matrices: {{Y: {{role: input, value: 1}}}}\nsteps: [Z = Y]\n", "s.yaml")
    with pytest.raises(SpecError, match=r"^s.yaml:2:47: .*`sum`"):
        loads(f"title: t\n{graph.replace('Y:', 'sum:')}steps: [Z = Adj]\n", "s.yaml")
