"""Graphs from files: read as their authors meant, or refused with the line and what to write."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from openpyxl import load_workbook
from openpyxl.utils.cell import coordinate_to_tuple

import sheetgen
from sheetgen.errors import SpecError
from sheetgen.ir.program import Graph
from sheetgen.proof.engines import get
from sheetgen.spec.files import Folder
from sheetgen.spec.graphs import read_graph
from sheetgen.spec.model import GraphSpec
from sheetgen.spec.read import loads

Edges = dict[tuple[str, str], float]


def read(folder: Path, file: str, text: str, **keys: object) -> tuple[Graph, np.ndarray, str]:
    (folder / file).write_text(text, encoding="utf-8")
    return parts(folder, file=file, **keys)


def parts(folder: Path | None = None, **keys: object) -> tuple[Graph, np.ndarray, str]:
    made = read_graph(GraphSpec.model_validate(keys), Folder(folder))
    return made.graph, made.adjacency, made.about


def edges(graph: Graph, adjacency: np.ndarray) -> Edges:
    """Each edge's cell."""
    return {(graph.labels[a], graph.labels[b]): float(adjacency[a, b]) for a, b in graph.edges}


AB_BC: Edges = {("A", "B"): 1, ("B", "C"): 1}
WEIGHED: Edges = {("A", "B"): 0.5, ("B", "C"): 2}
LINES = "{0}\nA,B\nB,C\n"

READ: dict[str, tuple[str, str, Edges, str]] = {
    "header": ("g.csv", LINES.format("source,target"), AB_BC, "columns source and target"),
    "src": ("g.csv", LINES.format("src,dst"), AB_BC, "columns src and dst"),
    "from": ("g.csv", LINES.format("From,To"), AB_BC, "columns From and To"),
    "node1": ("g.csv", LINES.format("node1,node2"), AB_BC, "columns node1 and node2"),
    "node 1": ("g.csv", LINES.format("Node 1,Node 2"), AB_BC, "columns Node 1 and Node 2"),
    "id first": ("g.csv", "id,source,target\n1,A,B\n2,B,C\n", AB_BC, "columns source and target, without id"),
    "the other way around": ("g.csv", "to,from\nB,A\nC,B\n", AB_BC, "columns from and to"),
    "comment for a header": ("g.csv", "# source,target\nA,B\nB,C\n", AB_BC, "columns # source and target"),
    "none": ("g.csv", "A,B\nB,C\n", AB_BC, "columns 1 and 2"),
    "numbers under unknown words": ("g.csv", "ego,alter\n1,2\n2,3\n", {("1", "2"): 1, ("2", "3"): 1}, "ego and alter"),
    "numbers alone": ("g.csv", "1,2\n3,4\n", {("1", "2"): 1, ("3", "4"): 1}, "columns 1 and 2"),
    "one edge": ("g.csv", "A,B\n", {("A", "B"): 1}, "2 nodes, 1 edge;"),
    "weight": (
        "g.csv", "source,target,weight\nA,B,0.5\nB,C,2\n", WEIGHED, "columns source and target, weights from weight"
    ),
    "Gephi": (
        "g.csv", "Source,Target,Type,Id,Weight\nA,B,Undirected,0,0.5\nB,C,Undirected,1,2\n", WEIGHED, "without Id"
    ),
    "D3": ("g.csv", "source,target,value\nA,B,0.5\nB,C,2\n", WEIGHED, "weights from value"),
    "weights without a header": ("g.csv", "A,B,0.5\nB,C,2\n", WEIGHED, "columns 1 and 2, weights from 3"),
    "semicolons": ("g.csv", "source;target;weight\nA;B;0.5\nB;C;2\n", WEIGHED, "weights from weight"),
    "tabs": ("g.csv", "source\ttarget\nA\tB\nB\tC\n", AB_BC, "source and target"),
    "quotes": ("g.csv", 'source,target\n"Lee, A", B\n', {("Lee, A", "B"): 1}, "2 nodes"),
    "empty last column": ("g.csv", "A,B,\nB,C,\n", AB_BC, "columns 1 and 2"),
    "Windows": ("g.csv", "\ufeffsource,target\r\nA,B\r\n\r\nB,C\r\n", AB_BC, "source and target"),
    "hash in a name": ("g.csv", "C#,F#\n#1,C#\n", {("C#", "F#"): 1, ("#1", "C#"): 1}, "3 nodes"),
    "edgelist": ("g.edgelist", "# written by hand\nA B\nB C\n", AB_BC, "columns 1 and 2"),
    "edgelist with data": ("g.edgelist", "A B {'weight': 0.5}\nB C {'weight': 2, 'c': 1}\n", WEIGHED, "weights from 3"),
    "edgelist without data": ("g.edgelist", "A B {}\nB C {}\n", AB_BC, "columns 1 and 2"),
    "edgelist with weights": ("g.edgelist", "A B 0.5\nB C 2\n", WEIGHED, "weights from 3"),
    "edgelist with commas": ("g.edgelist", "A,B\nB, C\n", AB_BC, "columns 1 and 2"),
    "edgelist with tabs": ("g.edgelist", "# FromNodeId\tToNodeId\nA\tB\nB\tC\n", AB_BC, "3 nodes"),
    "edgelist with a header": ("g.edgelist", "source target\nA B\nB C\n", AB_BC, "source and target"),
    "hash in an edgelist": ("g.edgelist", "#\n#comment\nC# F#\nF# Ann#2\n", {("C#", "F#"): 1, ("F#", "Ann#2"): 1}, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_edges_are_read_and_it_is_said_how(name: str, tmp_path: Path) -> None:
    file, text, expected, said = READ[name]
    graph, adjacency, about = read(tmp_path, file, text)
    assert edges(graph, adjacency) == expected and not graph.directed
    np.testing.assert_array_equal(adjacency, adjacency.T)
    assert graph.weights == (tuple(expected.values()) if "eights from" in about else ())
    assert f"From {file}: " in about and said in about


AMBIGUOUS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "edge or header": ("g.csv", "Person,Friend\nAnn,Bob\nBob,Cid\n", ("line 1", "`Person,Friend`", "`source,target`")),
    "header that is a node": ("g.csv", "from,to\nto,be\nbe,from\n", ("line 1", "`from`", "source,target")),
    "three columns": ("g.csv", "1,A,B\n2,B,C\n", ("line 1", "`B`", "source,target,weight")),
    "three numbers": ("g.csv", "0,1,5\n1,2,3\n2,3,4\n", ("line 1", "counts the lines", "id,source,target")),
    "four columns": ("g.csv", "A,B,1,2\n", ("line 1", "4 columns", "source,target")),
    "two weights": ("g.csv", "source,target,weight,w\nA,B,1,2\n", ("`weight` and `w`",)),
    "a number of another name": (
        "g.csv", "source,target,count\nA,B,1\nB,C,2\n", ("line 1", "`count`", "`weight`", "weights: false")
    ),
    "signs": ("g.csv", "A;B;0,5\n", ("line 1", "`,` and at `;`", "quotes", "point")),
    "decimal comma": ("g.csv", "source;target;weight\nA;B;0,5\n", ("line 2", "`0,5`", "point")),
    "missing weight": ("g.csv", "source,target,weight\nA,B,1\nB,C,\n", ("line 3", "no weight")),
    "no weight": ("g.csv", "source,target,weight\nA,B,heavy\n", ("line 2", "`heavy`")),
    "not a number": ("g.csv", "source,target,weight\nA,B,nan\n", ("line 2", "`nan`")),
    "weight 0": ("g.csv", "source,target,weight\nA,B,0\n", ("line 2", "weight 0", "weights: false")),
    "twice": ("g.csv", "A,B,1\nB,C,1\nA,B,2\n", ("line 3", "second time", "line 1", "weights: false")),
    "both ways": ("g.csv", "A,B,1\nB,A,2\n", ("line 2", "another weight", "directed: true")),
    "comma in a name": ("g.csv", "source,target\nLee, A,B\n", ("line 2", "3 cells", "2 in line 1")),
    "lone node": ("g.csv", "A,B\nC\n", ("line 2", "two nodes")),
    "nameless": ("g.csv", "A,B\nB,C\n,D\n", ("line 3", "two nodes")),
    "mixed directions": ("g.csv", "source,target,type\nA,B,Directed\nB,C,Undirected\n", ("line 1", "directed")),
    "comment or edge": ("g.edgelist", "A B\n#1 A\n", ("line 2", "`# `", ".csv")),
    "trailing comment": ("g.edgelist", "A B # friends\n", ("line 1", "4 columns")),
    "comma and blank": ("g.edgelist", "Lee,A B\n", ("line 1", "`,` and at a blank")),
    "data": ("g.edgelist", "A B {'weight': __import__('os')}\n", ("line 1", "can't be read")),
    "long cell": ("g.csv", f"source,target,weight\nA,B,{'secret' * 20}\n", ("line 2", f"`{'secret' * 6}sec…`")),
}  # fmt: skip


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_what_is_ambiguous_is_refused_with_its_line(name: str, tmp_path: Path) -> None:
    file, text, words = AMBIGUOUS[name]
    with pytest.raises(SpecError) as caught:
        read(tmp_path, file, text)
    assert caught.value.at == ("file",) and caught.value.message.startswith(f"`{file}`, ")
    assert not [word for word in words if word not in caught.value.message], caught.value.message


def test_weights_can_be_left_out_or_asked_for(tmp_path: Path) -> None:
    text = "source,target,count\nA,B,1\nB,C,2\n"
    assert edges(*read(tmp_path, "g.csv", text, weights=False)[:2]) == AB_BC
    assert edges(*read(tmp_path, "g.csv", "A,B,0.5\nB,C,2\n", weights=True)[:2]) == WEIGHED
    with pytest.raises(SpecError, match="no weights") as caught:
        read(tmp_path, "g.csv", "A,B\nB,C\n", weights=True)
    assert caught.value.at == ("weights",)


def test_a_direction_that_the_file_gives(tmp_path: Path) -> None:
    text = "Source,Target,Type,Weight\nA,B,Directed,0.5\nB,A,Directed,2\n"
    graph, adjacency, about = read(tmp_path, "g.csv", text)
    assert graph.directed and about.startswith("The weight of the edge from the row's node")
    np.testing.assert_array_equal(adjacency, [[0, 0.5], [2, 0]])
    with pytest.raises(SpecError, match="another weight"):
        read(tmp_path, "g.csv", text, directed=False)
    with pytest.raises(SpecError, match="no direction"):
        read(tmp_path, "g.csv", text.replace("Directed", "Undirected").replace("2", "0.5"), directed=True)


def test_nodes_stand_in_the_files_order_or_in_the_given_one(tmp_path: Path) -> None:
    text = "source,target\nC,A\nB,C\n"
    assert read(tmp_path, "g.csv", text)[0].labels == ("C", "A", "B")
    graph, adjacency, _ = read(tmp_path, "g.csv", text, nodes=["A", "B", "C", "D"])
    assert graph.labels == ("A", "B", "C", "D")
    np.testing.assert_array_equal(adjacency, [[0, 0, 1, 0], [0, 0, 1, 0], [1, 1, 0, 0], [0, 0, 0, 0]])
    for nodes, word in ((["A", "B"], "leaves out `C`"), (["A", "B", "C", "A"], "twice")):
        with pytest.raises(SpecError, match=word) as caught:
            read(tmp_path, "g.csv", text, nodes=nodes)
        assert caught.value.at[0] == "nodes"


@pytest.mark.parametrize("kind", ["graphml", "gml"])
def test_files_of_networks(kind: str, tmp_path: Path) -> None:
    write = {"graphml": nx.write_graphml, "gml": nx.write_gml}[kind]

    def written(graph: nx.Graph, **keys: object) -> tuple[Graph, np.ndarray, str]:
        write(graph, tmp_path / f"g.{kind}")
        return parts(tmp_path, file=f"g.{kind}", **keys)

    plain = nx.Graph([("A", "B"), ("B", "C")])
    weighed = nx.DiGraph()
    weighed.add_weighted_edges_from([("A", "B", 0.5), ("B", "C", 2)])
    assert edges(*written(plain)[:2]) == AB_BC
    graph, adjacency, about = written(weighed)
    assert edges(graph, adjacency) == WEIGHED and graph.directed and "weights from weight" in about
    assert adjacency.sum() == 2.5
    graph, adjacency, _ = written(weighed, directed=False, nodes=["C", "B", "A"])
    np.testing.assert_array_equal(adjacency, [[0, 2, 0], [2, 0, 0.5], [0, 0.5, 0]])
    assert edges(*written(weighed, weights=False)[:2]) == AB_BC
    some = nx.Graph()
    some.add_edge("A", "B", weight=1)
    some.add_edge("B", "C")
    with pytest.raises(SpecError, match="B–C has no weight"):
        written(some)


def test_nodes_go_by_their_labels(tmp_path: Path) -> None:
    graph = nx.Graph()
    graph.add_node("n0", label="Ann")
    graph.add_node("n1", label="Bob")
    graph.add_edge("n1", "n0")
    nx.write_graphml(graph, tmp_path / "g.graphml")
    read_back, _, about = parts(tmp_path, file="g.graphml")
    assert read_back.labels == ("Ann", "Bob") and "nodes by their label" in about
    text = "graph [ node [ id 1 ] node [ id 2 ] edge [ source 1 target 2 value 3 ] ]"
    read_back, adjacency, _ = read(tmp_path, "newman.gml", text)
    assert read_back.labels == ("1", "2") and adjacency[0, 1] == 3


def test_parallel_edges_of_a_network_are_ambiguous_with_weights(tmp_path: Path) -> None:
    graph = nx.MultiGraph()
    graph.add_weighted_edges_from([("A", "B", 0.5), ("A", "B", 2)])
    nx.write_graphml(graph, tmp_path / "g.graphml")
    with pytest.raises(SpecError, match="a second time"):
        parts(tmp_path, file="g.graphml")
    assert parts(tmp_path, file="g.graphml", weights=False)[1].sum() == 2


def test_networkx_weighs_only_when_asked() -> None:
    _, plain, about = parts(networkx="les_miserables_graph")
    assert set(np.unique(plain)) == {0, 1} and about == "1 for each edge."
    graph, weighed, about = parts(networkx="les_miserables_graph", weights=True)
    np.testing.assert_array_equal(weighed, nx.to_numpy_array(nx.les_miserables_graph()))
    assert weighed.max() == 31 and about == "Each edge's weight, 0 without one." and len(graph.weights) == 254
    with pytest.raises(SpecError, match="no weights"):
        parts(networkx="petersen_graph", weights=True)


SPEC = """title: t
graph:
  nodes: [A, B, C]
  edges:
    - [A, B, 0.5]
    - {edge}
  {more}
steps:
  - H = Adj @ Adj
"""


def test_weights_in_the_spec() -> None:
    given = loads(SPEC.format(edge="[B, C]", more="directed: true")).givens[0]
    np.testing.assert_array_equal(given.value, [[0, 0.5, 0], [0, 0, 1], [0, 0, 0]])
    assert not given.integers and given.graph is not None and given.graph.weights == (0.5, 1)
    given = loads(SPEC.format(edge="[B, C, -2]", more="weights: false")).givens[0]
    assert given.integers and given.value.sum() == 4
    given = loads(SPEC.format(edge="[B, C, -2]", more="about: Trust.")).givens[0]
    assert given.about == "Trust." and given.value[2, 1] == -2


@pytest.mark.parametrize(
    ("edge", "words"),
    [
        ("[B, C, '0.5']", ("`0.5`", "take the quotes off")),
        ("[B, C, A]", ("weight is a number", "`A`", "[A, B, 0.5]")),
        ("[B, C, 0]", ("other than 0",)),
        ("[B, C, .nan]", ("other than 0",)),
        ("[B, C, 1, 2]", ("more than 3 items",)),
        ("[B, [C]]", ("name of a node",)),
        ("[B, ~]", ("name of a node", "nothing")),
        ("[A, B, 2]", ("second time", "weights: false")),
        ("[B, A, 2]", ("another weight", "directed: true")),
    ],
)
def test_bad_weights_in_the_spec(edge: str, words: tuple[str, ...]) -> None:
    with pytest.raises(SpecError) as caught:
        loads(SPEC.format(edge=edge, more="name: Adj"))
    assert caught.value.line == 6
    assert not [word for word in words if word not in caught.value.message], caught.value.message


def test_a_reader_edits_a_weight_in_the_sheet(tmp_path: Path) -> None:
    text = "title: t\ngraph: {file: g.csv}\nmatrices:\n  X: {role: input, value: [[1, 2, 4]]}\nsteps: [H = X @ Adj]\n"
    (tmp_path / "g.csv").write_text("id,source,target,weight\n1,A,B,0.5\n2,B,C,-2\n")
    workbook = sheetgen.compile_text(text, base=tmp_path)
    np.testing.assert_array_equal(workbook.values["H"], [[1, 0.5 - 8, -4]])
    path = workbook.save(tmp_path / "t.xlsx")
    assert workbook.verify().ok
    book = load_workbook(path)
    sheet, names = book.worksheets[0], book.defined_names
    first = {name: coordinate_to_tuple(names[name].attr_text.split("!")[1].split(":")[0].replace("$", ""))
             for name in ("Adj", "H")}  # fmt: skip
    (row, column), (below, left) = first["Adj"], first["H"]
    assert sheet.cell(row, column + 1).value == 0.5
    sheet.cell(row, column + 1).value = 3
    book.save(path)
    (values,) = get("ironcalc").recalculate([path])
    assert values.value(sheet.title, row + 1, column) == 3
    assert [values.value(sheet.title, below, left + k) for k in range(3)] == [6, 3 - 8, -4]
