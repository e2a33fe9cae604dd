"""A spec that stands in its workbook needs no other file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sheetgen.spec.embed import self_contained, with_numbers
from sheetgen.spec.read import load, loads

STEPS = "steps:\n  - Z = W @ X\n"


def test_data_files_become_values(tmp_path: Path) -> None:
    w = np.random.default_rng(0).normal(size=(2, 3))
    np.savez(tmp_path / "weights.npz", W1=w)
    np.savetxt(tmp_path / "x.csv", [[1.0, 2], [3, 4], [5, 6]], delimiter=",")
    (tmp_path / "a.yaml").write_text(
        "title: A\nmatrices:\n  W: {role: parameter, file: weights.npz#W1, about: weights}\n"
        "  X:\n    role: input\n    file: x.csv   # two samples\n" + STEPS
    )
    text = self_contained(load(tmp_path / "a.yaml"))
    assert "file:" not in text and "about: weights" in text and "# two samples" in text
    w_again, x_again = loads(text).givens
    assert np.array_equal(w_again.value, w)
    assert np.array_equal(x_again.value, [[1, 2], [3, 4], [5, 6]])


def test_a_graph_file_becomes_nodes_and_edges(tmp_path: Path) -> None:
    import networkx as nx

    graph = nx.Graph([("A", "C"), ("B", "C"), ("C", "D, E")])
    nx.write_graphml(graph, tmp_path / "g.graphml")
    for form in ("graph: {file: g.graphml}\n", "graph:\n  file: g.graphml\n  name: Adj\n"):
        path = tmp_path / "g.yaml"
        path.write_text(
            f"title: G\n{form}matrices:\n  X: {{role: input, value: [[1, 2, 3, 4]]}}\nsteps:\n  - H = X @ Adj\n"
        )
        spec = load(path)
        text = self_contained(spec)
        assert "file:" not in text
        again = loads(text, base=None).givens[0]
        assert np.array_equal(again.value, spec.givens[0].value) and again.rows == spec.givens[0].rows
        assert again.about == "1 for each edge. From g.graphml: 4 nodes, 3 edges."


@pytest.mark.parametrize(
    "graph",
    [
        "{file: 'g,1.csv', nodes: [Z, B, A]}", "{directed: true, file: \"g,1.csv\"}",
        "{directed: true,\n  file: 'g,1.csv',\n}", "\n  file: g,1.csv\n  weights: true",
        "\n  file:   g,1.csv # edges\n  about: Own words.", "\n  weights: false\n  file: g,1.csv",
    ],
)  # fmt: skip
def test_weights_order_and_direction_of_a_graph_file_stay(tmp_path: Path, graph: str) -> None:
    (tmp_path / "g,1.csv").write_text("from,to,weight\nA,B,0.5\nB,A,0.5\n")
    (tmp_path / "s.yaml").write_text(f"title: G\ngraph: {graph}\nsteps:\n  - H = Adj @ Adj\n")
    spec = load(tmp_path / "s.yaml")
    text = self_contained(spec)
    ours, theirs = spec.givens[0], loads(text, base=None).givens[0]
    assert "file:" not in text and ours.graph == theirs.graph and ours.about == theirs.about
    assert np.array_equal(ours.value, theirs.value)


def test_a_spec_without_files_stays_as_it_is() -> None:
    text = "title: A\nmatrices:\n  X: {role: input, value: [1]}\nsteps:\n  - Z = X + 1  # no file\n"
    assert self_contained(loads(text)) == text


def test_the_schema_line_stays_with_its_author() -> None:
    text = "# A comment\ntitle: A\nmatrices:\n  X: {role: input, value: [1]}\nsteps:\n  - Z = X + 1\n"
    line = "# yaml-language-server: $schema=file:///home/me/schema.json\n"
    assert self_contained(loads(line + text)) == text
    assert self_contained(loads(text)) == text


def test_kernels_in_files_become_values_and_take_other_numbers(tmp_path: Path) -> None:
    k, x = np.arange(16.0).reshape(2, 2, 2, 2), np.arange(18.0).reshape(2, 3, 3)
    np.savez(tmp_path / "weights.npz", K=k)
    (tmp_path / "a.yaml").write_text(
        "title: A\nmatrices:\n  K: {role: parameter, file: weights.npz#K}\n"
        f"  X: {{role: input, value: {x.tolist()}}}\nsteps:\n  - Z = conv2d(X, K)\n"
    )
    spec = load(tmp_path / "a.yaml")
    again = loads(self_contained(spec))
    assert [given.name for given in again.givens] == ["K_1_1", "K_1_2", "K_2_1", "K_2_2", "X_1", "X_2"]
    assert np.array_equal([given.value for given in again.givens[:4]], k.reshape(4, 2, 2))
    other = with_numbers(spec, {"X_2": np.ones((3, 3)), "K_2_1": np.zeros((2, 2))})
    found = {given.name: given.value for given in other.givens}
    assert np.array_equal(found["X_1"], x[0]) and np.array_equal(found["X_2"], np.ones((3, 3)))
    assert np.array_equal(found["K_2_1"], np.zeros((2, 2))) and np.array_equal(found["K_2_2"], k[1, 1])
