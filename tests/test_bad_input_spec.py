"""Every mistake in a spec gives one error that names the line and says what was expected."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sheetgen.errors import SpecError
from sheetgen.spec.read import load, loads

HEAD = "title: t\nmatrices:\n"
TAIL = "\nsteps:\n  - Z = X + 1\n"
X = "  X: {role: input, value: [1, 2]}\n"


def matrix(text: str) -> str:
    """A spec whose matrix X stands on line 3."""
    return f"{HEAD}  X: {text}{TAIL}"


def steps(text: str) -> str:
    """A spec whose steps start on line 5."""
    return f"{HEAD}{X}steps:\n{text}\n"


def graph(text: str) -> str:
    """A spec whose graph stands on line 2."""
    return f"title: t\ngraph: {text}\nsteps:\n  - H = Adj @ Adj\n"


BOMB = "title: t\na: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)

CASES: dict[str, tuple[str, int | None, tuple[str, ...]]] = {
    # YAML
    "empty": ("", 1, ("empty", "title")),
    "only a comment": ("# nothing\n", 1, ("empty",)),
    "list": ("- a\n", 1, ("mapping", "steps")),
    "scalar": ("hello", 1, ("mapping",)),
    "unclosed": (HEAD + "  X: {role: input, value: [1, 2\nsteps:\n", 4, ("YAML",)),
    "tab": ("title: t\nmatrices:\n\tX: 1\n", 3, ("YAML", "spaces")),
    "colon": ("title: t\nabout: this: that\n", 2, ("YAML", "quotes")),
    "at sign": ("title: t\nabout: @home\n", 2, ("YAML", "quotes")),
    "duplicate key": (HEAD + X + X + TAIL, 4, ("`X`", "second time", "line 3")),
    "bomb": (BOMB, 6, ("expand",)),
    "alias to itself": ("title: t\nmatrices: &m\n  X: *m\n", 3, ("`*m`",)),
    "unknown alias": ("title: *nobody\n", 1, ("`*nobody`",)),
    "deep": ("title: " + "[" * 5000, 1, ("nest",)),
    "deep mappings": ("title: " + "{a: " * 5000, 1, ("nested",)),
    "tag": ("title: !!python/object/apply:os.system [ls]\n", 1, ("Tags",)),
    "two documents": (matrix("{role: input, value: 1}") + "---\ntitle: u\n", 6, ("one YAML document",)),
    "complex key": ("title: t\n? [a, b]\n: c\n", 2, ("key",)),
    "control character": ("title: t\nabout: a\x07b\n", 2, ("character",)),
    "escaped control character": ('title: t\nabout: "a\\u0007b"\n' + TAIL, 2, ("character",)),
    "large": ("title: " + "x" * 6_000_000, None, ("5 MB", "file")),
    # Keys
    "unknown key": ("titel: t\n" + TAIL, 1, ("`titel`", "`title`")),
    "missing title": ("matrices:\n" + X + TAIL, 1, ("`title`", "missing")),
    "empty title": ("title:\n" + TAIL, 1, ("`title`", "empty")),
    "no steps": (HEAD + X, 1, ("`steps`", "missing")),
    "empty steps": (HEAD + X + "steps: []", 4, ("`steps`", "empty")),
    "steps as text": (HEAD + X + "steps: Z = X", 4, ("`steps`", "list")),
    "unknown matrix key": (matrix("{role: input, valeu: [1]}"), 3, ("`valeu`", "`value`")),
    "no role": (matrix("{value: [1]}"), 3, ("`role`", "missing", "`X`", "parameter")),
    "wrong role": (matrix("{role: inputs, value: [1]}"), 3, ("`inputs`", "`input`")),
    "bare matrix": (matrix("[[1, 2]]"), 3, ("`X`", "mapping", "role")),
    "unknown random key": (matrix("{role: input, random: {shap: [1, 2]}}"), 3, ("`shap`", "`shape`")),
    "formulas": (matrix("{role: input, value: 1}") + "formulas: cell", 6, ("`cell`", "`cells`")),
    "backward": (matrix("{role: input, value: 1}") + "loss: Z\nbackward: often", 7, ("true or false",)),
    "backward without loss": (matrix("{role: input, value: 1}") + "backward: true", 6, ("`backward`", "`loss:`")),
    "update without loss": (matrix("{role: input, value: 1}") + "update: {learning_rate: 1}", 6, ("`loss:`",)),
    "update, not backward": (
        matrix("{role: input, value: 1}") + "loss: Z\nbackward: false\nupdate: {learning_rate: 1}", 8, ("`update`",)
    ),
    "learning rate": (
        matrix("{role: input, value: 1}") + "loss: Z\nupdate: {learning_rate: .inf}", 7, ("finite", "learning_rate")
    ),
    "learning rate beyond doubles": (
        matrix("{role: input, value: 1}") + f"loss: Z\nupdate: {{learning_rate: {10**309}}}", 7, ("finite", "1000")
    ),
    "learning rate as a word": (
        matrix("{role: input, value: 1}") + "loss: Z\nupdate: {learning_rate: fast}", 7, ("number", "fast")
    ),
    "a chart of nothing": (matrix("{role: input, value: 1}") + "charts: [{title: T}]", 6, ("lines, bars, points",)),
    "a chart of an unknown matrix": (
        matrix("{role: input, value: [1, 2]}") + "charts: [{lines: [Zz]}]", 6, ("`Zz`", "`Z`")
    ),
    "a chart of an unknown turn": (
        matrix("{role: input, value: [1, 2]}") + "charts: [{lines: ['X{0..2}[0]']}]", 6, ("`X0`", "`X`")
    ),
    "a chart of turns that can't be counted": (
        matrix("{role: input, value: [1, 2]}") + "charts: [{lines: ['X{0..n}[0]']}]", 6, ("`n`", "loop")
    ),
    "arrows by a class": (
        matrix("{role: input, value: 1}") + "charts: [{arrows: [X], by: X}]", 6, ("`by`", "`points`")
    ),
    "a border of an unknown matrix": (
        matrix("{role: input, value: 1}") + "charts: [{points: [X], border: {weights: Xx}}]", 6, ("`Xx`", "`X`")
    ),
    "two charts at once": (matrix("{role: input, value: 1}") + "charts: [{lines: [X], bars: [X]}]", 6, ("one of",)),
    "unknown loss": (matrix("{role: input, value: 1}") + "loss: Zz", 6, ("`Zz`", "`Z`")),
    "unknown wrt": (matrix("{role: input, value: 1}") + "loss: Z\nbackward: {wrt: [XX]}", 7, ("`XX`", "`X`")),
    # Numbers
    "ragged": (HEAD + "  X:\n    role: input\n    value: [[1, 2],\n            [3]]" + TAIL, 6, ("X", "row 2", "1")),
    "word": (matrix("{role: input, value: [1, two]}"), 3, ("`two`", "not a number")),
    "formula": (matrix("{role: input, value: ['=1+1']}"), 3, ("`=1+1`", "not a number")),
    "boolean": (matrix("{role: input, value: [1, true]}"), 3, ("`true`", "not a number")),
    "nothing": (matrix("{role: input, value: [1, ~]}"), 3, ("nothing", "not a number")),
    "nan": (matrix("{role: input, value: [[1, .nan]]}"), 3, ("X", "NaN")),
    "infinity": (matrix("{role: input, value: -.inf}"), 3, ("X", "infinity")),
    "too large": (matrix("{role: input, value: 1e305}"), 3, ("too large",)),
    "huge integer": (matrix(f"{{role: input, value: 1{'0' * 400}}}"), 3, ("too large",)),
    "empty list": (matrix("{role: input, value: []}"), 3, ("X", "empty")),
    "empty row": (matrix("{role: input, value: [[]]}"), 3, ("row 1", "empty")),
    "row and number": (matrix("{role: input, value: [[1], 2]}"), 3, ("row 2", "list")),
    "three dimensions": (matrix("{role: input, value: [[1, [2]]]}"), 3, ("two dimensions",)),
    "five dimensions": (matrix("{role: input, value: [[[[[1]]]]]}"), 3, ("5 dimensions", "samples, channels")),
    "a channel of other size": (matrix("{role: input, value: [[[1]], [[1, 2]]]}"), 3, ("item 2 is 1×2",)),
    "a number among channels": (matrix("{role: input, value: [[[1]], 2]}"), 3, ("item 2 isn't a list of rows",)),
    "a word in a channel": (matrix("{role: input, value: [[[1]], [[a]]]}"), 3, ("X_2", "`a` is not a number")),
    "names of channels": (matrix("{role: input, value: [[1]], channels: [red]}"), 3, ("without channels",)),
    "too few names": (matrix("{role: input, zeros: [2, 1, 1], channels: [red]}"), 3, ("2 channels", "1 labels")),
    "many channels": (matrix("{role: input, zeros: [50, 50, 1, 1]}"), 3, ("2,500 matrices", "1,000")),
    "mapping": (matrix("{role: input, value: {a: 1}}"), 3, ("not a number",)),
    "no numbers": (matrix("{role: input}"), 3, ("X", "no numbers", "value")),
    "value left empty": (matrix("{role: input, value: }"), 3, ("nothing", "number")),
    "given twice": (matrix("{role: input, value: 1, zeros: [1, 1]}"), 3, ("twice", "value and zeros")),
    "zero size": (matrix("{role: input, ones: [0, 3]}"), 3, ("0", "less than 1")),
    "nothing at all": (matrix("{role: input, zeros: [0, 0]}"), 3, ("`zeros` is empty",)),
    "five sizes": (matrix("{role: input, zeros: [1, 1, 1, 2, 3]}"), 3, ("zeros", "4")),
    "three sizes": (matrix("{role: input, eye: [1, 2, 3]}"), 3, ("eye", "2")),
    "gigantic": (matrix("{role: input, zeros: [100000, 100000]}"), 3, ("100000×100000", "16,384 columns")),
    "low above high": (matrix("{role: input, random: {shape: [1, 1], low: 2, high: 1}}"), 3, ("low", "high")),
    "labels": (matrix("{role: input, value: [1, 2], rows: [a]}"), 3, ("2 rows", "1 labels")),
    "not whole": (matrix("{role: input, value: [1, 2.5], integer: true}"), 3, ("2.5", "whole")),
    "no file": (matrix("{role: input, file: nowhere.npy}"), 3, ("nowhere.npy", "no file")),
    "unknown format": (matrix("{role: input, file: x.pickle}"), 3, ("x.pickle", ".npz")),
    # Names
    "Greek": (f"{HEAD}  θ: {{role: input, value: 1}}{TAIL}", 3, ("`θ`", "letters")),
    "formula as a name": (f'{HEAD}  "=1+1": {{role: input, value: 1}}{TAIL}', 3, ("`=1+1`", "name")),
    "keyword": (f"{HEAD}  lambda: {{role: input, value: 1}}{TAIL}", 3, ("`lambda`",)),
    "function": (f"{HEAD}  relu: {{role: input, value: 1}}{TAIL}", 3, ("`relu`", "function")),
    "function as a target": (steps("  - max = X + 1"), 5, ("`max`", "function")),
    "computed twice": (steps("  - Z = X + 1\n  - Z = X + 2"), 6, ("`Z`", "already computed")),
    "computed and given": (steps("  - X = X + 1"), 5, ("`X`", "given on line 3")),
    "shown but unknown": (steps("  - {say: Look., show: [Y]}\n  - Z = X + 1"), 5, ("`Y`",)),
    "shown but computed": (steps("  - {say: Look., show: [Z]}\n  - Z = X + 1"), 5, ("`Z`", "computed")),
    # Steps
    "unknown step": (steps("  - {secton: Layer 1}"), 5, ("A step is", "`section`")),
    "colon for equals": (steps("  - Z: X + 1"), 5, ("`Z = X + 1`",)),
    "number as a step": (steps("  - 7"), 5, ("A step is",)),
    "list as a step": (steps("  - [Z = X]"), 5, ("A step is",)),
    "unknown key in a step": (steps("  - {do: Z = X + 1, says: hello}"), 5, ("`says`", "`say`")),
    "two kinds": (steps("  - {do: Z = X + 1, explain: 'Z[:, 0]'}"), 5, ("`explain`",)),
    "loop without steps": (steps("  - for: t in 1..3"), 5, ("`steps`", "missing")),
    "loop without range": (steps("  - for: t\n    steps: [Z = X + 1]"), 5, ("t in 1..4",)),
    "loop without a width": (steps("  - for: t in 1..3 step 0\n    steps: [Z = X + 1]"), 5, ("at least 1",)),
    "pairs without brackets": (steps("  - for: a, b in [1, 2]\n    steps: [Z = X]"), 5, ("[(1, 2), (2, 3)]",)),
    "two variables that count": (steps("  - for: a, b in 1..2\n    steps: [Z = X]"), 5, ("[(1, 2), (2, 3)]",)),
    "a pair of three": (
        steps("  - for: a, b in [(1, 2), (1, 2, 3)]\n    steps: [Z = X]"), 5, ("(1, 2, 3)", "3 items", "2 variables"),
    ),
    "loop to a word": (steps("  - for: t in 1..n\n    steps: [Z = X + 1]"), 5, ("`n`",)),
    "unknown loop variable": (steps("  - for: t in 1..2\n    steps:\n      - Z{s} = X + 1"), 7, ("`s`", "`t`")),
    "division": (steps("  - for: t in 1..2\n    steps:\n      - {do: Z = X, say: '{t ** 2}'}"), 7, ("work out",)),
    "same loop variable": (
        steps("  - for: t in 1..2\n    steps:\n      - for: t in 1..2\n        steps: [Z = X]"), 7, ("`t`", "already")
    ),
    "no steps in the first round": (
        steps("  - for: t in 1..2\n    first: []\n    steps: [B = X]"), 6, ("`first` is empty",),
    ),
    "braces outside loops": (steps("  - Z{t} = X + 1"), 5, ("`{t}`", "`for`")),
    "computed twice in a loop": (steps("  - for: t in 1..2\n    steps:\n      - Z = X + {t}"), 7, ("already",)),
    "endless loop": (steps("  - for: t in 1..1000000000\n    steps:\n      - section: s"), 5, ("20,000",)),
    "nested loops": (
        steps("  - for: s in 1..999\n    steps:\n      - for: t in 1..999\n        steps:\n          - section: x"),
        7,
        ("20,000",),
    ),
    "words": (steps("  - Z = X + 1\n  - verdict: Z\n    words: {low: no}"), 7, ("`low`", "number")),
    # Graphs
    "unknown node": (graph("{nodes: [Ann, Bob],\n  edges: [[Ann, Bob],\n  [Ann, Bop]]}"), 4, ("`Bop`", "`Bob`")),
    "lone end": (graph("{nodes: [A, B], edges: [[A]]}"), 2, ("2 items",)),
    "edge as text": (graph("{nodes: [A, B], edges: [A-B]}"), 2, ("list",)),
    "node twice": (graph("{nodes: [A, B, A]}"), 2, ("`A`", "twice")),
    "no nodes": (graph("{edges: [[A, B]]}"), 2, ("nodes, networkx and file",)),
    "two origins": (graph("{nodes: [A], networkx: petersen_graph}"), 2, ("nodes and networkx",)),
    "unknown graph": (graph("{networkx: karate_graph}"), 2, ("karate_graph", "`karate_club_graph`")),
    "not a graph": (graph("{networkx: read_gpickle}"), 2, ("read_gpickle",)),
    "size": (graph("{networkx: cycle_graph}"), 2, ("args",)),
    "gigantic graph": (graph("{networkx: complete_graph, args: [1000000]}"), 2, ("1,000",)),
    "numbers of a graph": (graph("{networkx: barbell_graph, args: [4]}"), 2, ("2 numbers", "args: [4, 1]")),
    "low with too many decimals": (
        matrix("{role: input, random: {shape: [1, 1], low: -0.25, high: 1, decimals: 1}}"), 3,
        ("low", "-0.25", "decimals"),
    ),
    "low of a normal distribution": (
        matrix("{role: input, random: {shape: [1, 1], distribution: normal, low: 1}}"), 3, ("`mean`", "`std`"),
    ),
    "mean of a uniform distribution": (
        matrix("{role: input, random: {shape: [1, 1], mean: 1}}"), 3, ("distribution: normal",),
    ),
    "probability of a uniform distribution": (
        matrix("{role: input, random: {shape: [1, 1], p: 0.5}}"), 3, ("`p` goes with `distribution: bernoulli`",),
    ),
    "low of a bernoulli distribution": (
        matrix("{role: input, random: {shape: [1, 1], distribution: bernoulli, low: 1}}"), 3, ("this one has `p`",),
    ),
    "decimals of a bernoulli distribution": (
        matrix("{role: input, random: {shape: [1, 1], distribution: bernoulli, decimals: 1}}"), 3, ("1 and 0",),
    ),
    "more than certain": (
        matrix("{role: input, random: {shape: [1, 1], distribution: bernoulli, p: 1.5}}"), 3, ("`p`", "more than 1"),
    ),
    "impossible graph": (graph("{networkx: random_regular_graph, args: [3, 7, 1]}"), 2, ("must be even",)),
    "needless size": (graph("{networkx: petersen_graph, args: [3]}"), 2, ("no arguments",)),
    "graph file": (graph("{file: nowhere.graphml}"), 2, ("nowhere.graphml",)),
    "graph format": (graph("{file: graph.dot}"), 2, ("graph.dot", ".gml")),
    "no direction": (graph("{networkx: petersen_graph, directed: true}"), 2, ("direction",)),
    "name of a graph": (graph("{nodes: [A], name: A B}"), 2, ("`A B`", "name")),
    "name taken": (f"title: t\ngraph: {{nodes: [A], name: X}}\nmatrices:\n{X}{TAIL}", 4, ("`X`", "adjacency")),
    "colours": (graph("{nodes: [A], predict: Q}"), 2, ("`Q`",)),
}


@pytest.mark.parametrize("name", CASES)
def test_one_error_with_its_line(name: str) -> None:
    text, line, words = CASES[name]
    with pytest.raises(SpecError) as caught:
        loads(text, "spec.yaml")
    error = caught.value
    assert (error.path, error.line) == ("spec.yaml", line), str(error)
    assert not [word for word in words if word not in error.message], error.message
    assert str(error).startswith("spec.yaml:" if line is None else f"spec.yaml:{line}:"), str(error)
    assert "pydantic" not in str(error) and len(str(error)) < 800
    assert error.__cause__ is None and (error.__suppress_context__ or error.__context__ is None)


def test_the_line_is_shown_and_the_column_is_right() -> None:
    with pytest.raises(SpecError) as caught:
        loads(matrix("{role: input, value: [1, two]}"), "s.yaml")
    assert caught.value.text == "  X: {role: input, value: [1, two]}"
    assert caught.value.text[(caught.value.column or 0) - 1 :].startswith("two")


def test_only_the_first_of_two_mistakes_is_reported() -> None:
    with pytest.raises(SpecError) as caught:
        loads(steps("  - {do: A = X, sya: 1}\n  - {explian: A}"), "s.yaml")
    assert caught.value.line == 5 and "explian" not in str(caught.value)


@pytest.mark.parametrize(
    "reference, words",
    [
        ("a.npz", ("#NAME", "W1")),
        ("a.npz#W2", ("`W2`", "W1")),
        ("words.npy", ("kind",)),
        ("objects.npy", ("array of numbers",)),
        ("cube.npy", ("5 dimensions", "four")),
        ("nan.npy", ("row 2, column 1", "NaN")),
        ("mask.npy", ("bool",)),
        ("empty.npy", ("empty",)),
        ("broken.npy", ("can't be read",)),
        ("broken.npz#W1", ("can't be read",)),
        ("ragged.csv", ("line 2", "1 numbers")),
        ("words.csv", ("line 1", "`a`", "no header")),
        ("latin.csv", ("can't be read",)),
        ("folder.npy", ("no file",)),
        ("empty.csv", ("empty",)),
        ("inf.csv", ("infinity", "column 2")),
    ],
)
def test_files_of_numbers(tmp_path: Path, reference: str, words: tuple[str, ...]) -> None:
    np.savez(tmp_path / "a.npz", W1=np.eye(2))
    np.save(tmp_path / "words.npy", np.array(["a"]))
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.save(tmp_path / "cube.npy", np.zeros((2, 2, 2, 2, 2)))
    np.save(tmp_path / "nan.npy", np.array([1, np.nan]))
    np.save(tmp_path / "mask.npy", np.array([True]))
    np.save(tmp_path / "empty.npy", np.zeros((0, 3)))
    (tmp_path / "broken.npy").write_bytes(b"\x93NUMPY\x01\x00")
    (tmp_path / "broken.npz").write_bytes(b"PK")
    (tmp_path / "ragged.csv").write_text("1,2\n3\n")
    (tmp_path / "words.csv").write_text("a,b\n1,2\n")
    (tmp_path / "latin.csv").write_bytes("é".encode("latin-1"))
    (tmp_path / "empty.csv").write_text("\n")
    (tmp_path / "inf.csv").write_text("1,inf\n")
    (tmp_path / "folder.npy").mkdir()
    with pytest.raises(SpecError) as caught:
        loads(matrix(f"{{role: input, file: {reference}}}"), "s.yaml", tmp_path)
    assert caught.value.line == 3
    assert not [word for word in words if word not in caught.value.message], caught.value.message


@pytest.mark.parametrize(
    "name, content, words",
    [
        ("g.csv", "A\n", ("line 1", "two nodes")),
        ("g.csv", "", ("no nodes",)),
        ("g.graphml", "<graphml>", ("can't be read",)),
        ("g.gml", "graph [", ("can't be read",)),
        ("g.edgelist", "A\n", ("line 1", "two nodes")),
    ],
)
def test_files_of_graphs(tmp_path: Path, name: str, content: str, words: tuple[str, ...]) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(SpecError) as caught:
        loads(graph(f"{{file: {name}}}"), "s.yaml", tmp_path)
    assert caught.value.line == 2
    assert not [word for word in words if word not in caught.value.message], caught.value.message


def test_unreadable_specs(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes("title: t\nabout: é".encode("latin-1"))
    for name, line, words in [("none.yaml", None, "no such file"), (".", None, "folder"), ("latin.yaml", 2, "UTF-8")]:
        with pytest.raises(SpecError, match=words) as caught:
            load(tmp_path / name)
        assert caught.value.line == line and str(tmp_path) in str(caught.value)
