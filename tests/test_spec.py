"""Reading specs that are right."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetgen.errors import SpecError
from sheetgen.passes.evaluate import evaluate
from sheetgen.passes.expand import expand
from sheetgen.passes.lower import lower
from sheetgen.spec.model import SCHEMA_FILE
from sheetgen.spec.read import Spec, json_schema, load, loads

ROOT = Path(__file__).parents[1]


def matrix(text: str, base: Path | None = None) -> np.ndarray:
    return loads(f"title: t\nmatrices:\n  X: {text}\nsteps: [Z = X + 1]\n", "s.yaml", base).givens[0].value


def steps(text: str) -> Spec:
    return loads(f"title: t\nmatrices:\n  X: {{role: input, value: [1, 2]}}\nsteps:\n{text}\n")


@pytest.mark.parametrize(
    "text, expected",
    [
        ("value: [1, 2.5]", [[1], [2.5]]),
        ("value: [[1, -2]]", [[1, -2]]),
        ("value: 1e-3", [[0.001]]),
        ("value: +.5", [[0.5]]),
        ("zeros: [1, 2]", [[0, 0]]),
        ("ones: [2, 1]", [[1], [1]]),
        ("eye: [2, 3]", [[1, 0, 0], [0, 1, 0]]),
    ],
)
def test_numbers(text: str, expected: list[list[float]]) -> None:
    value = matrix(f"{{role: input, {text}}}")
    np.testing.assert_array_equal(value, expected)
    assert value.dtype == float and value.ndim == 2


def test_random_numbers_are_whole_bounded_and_repeatable() -> None:
    value = matrix("{role: input, random: {shape: [30, 40], low: -1, high: 1, seed: 7}}")
    assert value.shape == (30, 40) and set(value.flat) == {-1, 0, 1}
    np.testing.assert_array_equal(value, np.random.default_rng(7).integers(-1, 1, (30, 40), endpoint=True))


def test_random_numbers_of_some_decimals() -> None:
    value = matrix("{role: input, random: {shape: [30, 40], low: -0.5, high: 0.5, decimals: 1, seed: 7}}")
    assert sorted(set(value.ravel())) == [k / 10 for k in range(-5, 6)]
    normal = matrix("{role: input, random: {shape: [50, 60], distribution: normal, mean: 5, std: 0.5, seed: 1}}")
    assert np.array_equal(normal, np.round(normal, 1)) and not np.array_equal(normal, np.round(normal))
    assert normal.mean() == pytest.approx(5, abs=0.05) and normal.std() == pytest.approx(0.5, abs=0.05)
    coins = matrix("{role: input, random: {shape: [50, 60], distribution: bernoulli, p: 0.2, seed: 1}}")
    assert set(np.unique(coins)) == {0, 1} and abs(np.mean(coins) - 0.2) < 0.02
    assert abs(np.mean(matrix("{role: input, random: {shape: [50, 60], distribution: bernoulli}}")) - 0.5) < 0.03
    fine = matrix("{role: input, random: {shape: [5, 6], distribution: normal, decimals: 3, seed: 1}}")
    assert not np.array_equal(fine, np.round(fine, 2)) and np.array_equal(fine, np.round(fine, 3))


def test_files(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", W1=np.arange(6).reshape(2, 3), b=np.array(3.0))
    np.save(tmp_path / "v.npy", np.array([1, 2], dtype=np.int8))
    (tmp_path / "m.csv").write_text("\ufeff1, 2\n3,4e-1\n\n", encoding="utf-8")
    np.testing.assert_array_equal(matrix("{role: input, file: w.npz#W1}", tmp_path), [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(matrix("{role: input, file: w.npz#b}", tmp_path), [[3]])
    np.testing.assert_array_equal(matrix("{role: input, file: v.npy}", tmp_path), [[1], [2]])
    np.testing.assert_array_equal(matrix("{role: input, file: m.csv}", tmp_path), [[1, 2], [3, 0.4]])
    (tmp_path / "s.yaml").write_text("title: t\nmatrices: {X: {role: input, file: v.npy}}\nsteps: [Z = X]")
    assert load(tmp_path / "s.yaml").givens[0].shape == (2, 1)


def test_labels_about_and_whole_numbers() -> None:
    text = "{role: target, value: [[1, 0]], rows: [no], columns: [2024-01-01, 7], about: '=1+1', integer: true}"
    given_ = loads(f"title: 7\nmatrices:\n  X: {text}\nsteps: [Z = X]").givens[0]
    assert (given_.rows, given_.columns) == (("no",), ("2024-01-01", "7"))
    assert (given_.about, given_.integers, given_.role) == ("=1+1", True, "target")


def test_everything_else() -> None:
    text = (
        "title: '=t'\nabout: a\nmatrices:\n  X: {role: input, value: 1}\nsteps:\n  - L = X * X\n"
        "loss: L\nbackward: {wrt: [X]}\nupdate: {learning_rate: 1e-1}\nformulas: blocks\n"
    )
    spec = loads(text, "s.yaml")
    assert (spec.path, spec.text, spec.title, spec.about) == ("s.yaml", text, "=t", "a")
    assert [loss.name for loss in spec.losses] == ["L"]
    assert (spec.backward, spec.wrt, spec.learning_rate) == (True, ("X",), 0.1)
    assert spec.formulas == "blocks" and spec.predict is None
    assert spec.lines["X"] == (4, 3) and spec.lines["loss"] == (7, 1) and spec.lines["update"] == (9, 1)


def test_update_brings_the_backward_pass_and_without_either_there_is_none() -> None:
    head = "title: t\nmatrices: {X: {role: input, value: 1}}\nsteps: [L = X * X]\nloss: L\n"
    assert not loads(head).backward
    assert loads(head + "update: {learning_rate: 1}").backward


def test_each_form_of_step() -> None:
    spec = steps(
        """
  - section: One
  - Z = X + 1
  - {do: Y = X.T, say: Turned.}
  - {explain: "H[:, 0]", say: Look.}
  - {verdict: Z, words: {0.5: yes, 0: no}}
  - {say: Here is X., show: [X]}
"""
    )
    assert [(s.kind, s.text, s.say, s.number) for s in spec.steps] == [
        ("do", "Z = X + 1", None, 1),
        ("do", "Y = X.T", "Turned.", 2),
        ("explain", "H[:, 0]", "Look.", 3),
        ("verdict", "Z", None, 4),
        ("tell", "Here is X.", "Here is X.", 5),
    ]
    assert spec.steps[3].words == ((0, "no"), (0.5, "yes")) and spec.steps[4].shows == ("X",)
    assert {s.section for s in spec.steps} == {"One"} and {s.group for s in spec.steps} == {None}
    lines = spec.text.splitlines()
    for step in spec.steps:
        assert lines[step.line - 1][step.column - 1 :].startswith(step.text)


def test_a_section_that_starts_inside_a_loop_ends_with_it() -> None:
    spec = steps(
        """
  - section: Out
  - for: t in 1..2
    steps:
      - section: Step {t}
      - for: u in 1..2
        steps: [section: "Part {u}", "A{t}{u} = X"]
      - B{t} = X
  - C = X
"""
    )
    assert [s.section for s in spec.steps] == ["Part 1", "Part 2", "Step 1", "Part 1", "Part 2", "Step 2", "Out"]


def test_the_first_round_of_a_loop_may_have_steps_of_its_own() -> None:
    spec = steps(
        """
  - for: t in 1..3
    first: ["A{t} = X"]
    steps: ["A{t} = X + A{t-1}", "B{t} = X"]
  - for: u in [8]
    first: ["C{u} = X"]
    steps: ["D{u} = X"]
"""
    )
    assert [(s.text, s.round) for s in spec.steps] == [
        ("A1 = X", (1, 0)), ("A2 = X + A1", (1, 1)), ("B2 = X", (1, 1)), ("A3 = X + A2", (1, 2)), ("B3 = X", (1, 2)),
        ("C8 = X", (2, 0)),
    ]  # fmt: skip


def test_a_group_shares_a_number_and_keeps_its_sections_to_itself() -> None:
    spec = steps(
        """
  - section: Out
  - say: Together
    steps:
      - A = X
      - section: In
      - for: t in 1..2
        steps: ["B{t} = X"]
      - {say: Inner, steps: [C = X]}
  - D = X
  - {say: Again, steps: [E = X]}
"""
    )
    assert [(s.text, s.number, s.section, s.group) for s in spec.steps] == [
        ("Together", 1, "Out", 1),
        ("A = X", 1, "Out", 1),
        ("B1 = X", 1, "In", 1),
        ("B2 = X", 1, "In", 1),
        ("Inner", 1, "In", 1),
        ("C = X", 1, "In", 1),
        ("D = X", 2, "Out", None),
        ("Again", 3, "Out", 2),
        ("E = X", 3, "Out", 2),
    ]


@pytest.mark.parametrize(
    "loop, names",
    [
        ("t in 0..2", ["Z0", "Z1", "Z2"]),
        ("t in 2..1", ["Z2", "Z1"]),
        ("t in -1..-1", ["Z-1"]),
        ("t in [a, 'b']", ["Za", "Zb"]),
        ("t in [3, 1]", ["Z3", "Z1"]),
        ("t in 0..6 step 2", ["Z0", "Z2", "Z4", "Z6"]),
        ("t in 6..1 step 3", ["Z6", "Z3"]),
        ("t, u in [(1, a), (3, b)]", ["Z1", "Z3"]),
    ],
)
def test_ranges_and_lists(loop: str, names: list[str]) -> None:
    spec = steps(f"  - for: {loop}\n    steps:\n      - {{say: 'Z{{t}}'}}")
    assert [s.text for s in spec.steps] == names


def test_pairs_stand_for_both_variables() -> None:
    spec = steps("  - for: a, b in [(q, 1), (k, 2)]\n    steps:\n      - {say: 'W{a} and {b + 1}'}")
    assert [s.text for s in spec.steps] == ["Wq and 2", "Wk and 3"]


@pytest.mark.parametrize(("items", "told"), [
    ("(boat, 0), (house, 1)", ["boat", "house"]), ("(0, boat), (1, house)", ["boat", "house"]),
    ("(boat, 0), (boat, 1)", ["boat, 0", "boat, 1"]), ("(1, 2), (1, 3)", ["1, 2", "1, 3"]),
    ("(q, k), (k, v)", ["q", "k"]), ("(q, k), (q, v)", ["k", "v"]),
])  # fmt: skip
def test_pairs_are_told_by_the_first_words_that_differ(items: str, told: list[str]) -> None:
    spec = steps(f"  - for: a, b in [{items}]\n    steps:\n      - {{do: 'W{{a}}{{b}} = X * 2'}}")
    assert [step.variable[1] for step in spec.steps if step.variable] == told


def test_braces_do_arithmetic_in_expressions_sentences_and_sections() -> None:
    spec = steps(
        """
  - for: layer in [a, b]
    steps:
      - for: t in 1..2
        steps:
          - section: Step {t} of {layer}
          - do: H{layer}{t} = X[:, {t-1}:{2*t - (1+0)}] + {-t}
            say: From {t - 1} on, {layer}; the set {0, 1} and {} stay.
  - for: t in 2..3
    steps:
      - for: s in 1..{t}
        steps: ["K{t}_{s} = X"]
"""
    )
    second = spec.steps[1]
    assert second.text == "Ha2 = X[:, 1:3] + -2" and second.section == "Step 2 of a"
    assert second.say == "From 1 on, a; the set {0, 1} and {} stay."
    assert [s.text[:4] for s in spec.steps[4:]] == ["K2_1", "K2_2", "K3_1", "K3_2", "K3_3"]
    assert [s.number for s in spec.steps] == list(range(1, 10))


def test_braces_stay_in_sentences_outside_loops() -> None:
    assert steps("  - {do: Z = X, say: 'a {t} b'}").steps[0].say == "a {t} b"


def test_aliases_within_reason() -> None:
    spec = loads("title: t\nmatrices:\n  X: &x {role: input, value: [1, 2]}\n  Y: *x\nsteps: [Z = X + Y]")
    np.testing.assert_array_equal(spec.givens[1].value, [[1], [2]])


def test_a_graph_is_a_given_matrix() -> None:
    spec = loads("title: t\ngraph: {nodes: [A, B], edges: [[A, B]], name: G}\nsteps: [P = sum(G), verdict: P]")
    adjacency = spec.givens[0]
    assert adjacency.name == "G" and adjacency.rows == adjacency.columns == ("A", "B") and adjacency.integers
    assert adjacency.graph is not None and adjacency.graph.edges == ((0, 1),)
    assert spec.predict == "P" and "G" in spec.lines


def test_large_specs_are_read_quickly() -> None:
    rows = ",\n".join(str(list(range(300))) for _ in range(300))
    assert matrix(f"{{role: input, value: [{rows}]}}").shape == (300, 300)
    assert len(steps("  - for: t in 1..15000\n    steps: ['Z{t} = X + {t}']").steps) == 15000


# The file's schema


def test_the_published_schema_is_current() -> None:
    published = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    assert published == json_schema(), "sheetgen schema > sheetgen/spec/schema.json"


@pytest.mark.parametrize("path", sorted((ROOT / "specs").rglob("*.yaml")), ids=lambda path: path.stem)
def test_a_spec_of_the_gallery_names_the_schema(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    kind, _, schema = first.partition("$schema=")
    assert kind == "# yaml-language-server: " and (path.parent / schema).resolve() == SCHEMA_FILE


def test_the_schema_explains_every_key() -> None:
    schema = json_schema()
    for model in (schema, *schema["$defs"].values()):
        if model["type"] == "object":
            assert model["additionalProperties"] is False
            assert not [key for key, value in model["properties"].items() if not value.get("description")]
    assert "for" in schema["$defs"]["Loop"]["properties"] and "oneOf" in schema["properties"]["steps"]["items"]


# Whatever is typed, there is a spec or one SpecError


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_any_text(text: str) -> None:
    with contextlib.suppress(SpecError):
        loads(text)


SPEC = (ROOT / "specs" / "gcn.yaml").read_text(encoding="utf-8")


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(SPEC)), st.integers(0, 12), st.text("[]{}:,-\n &*!'\"#1ax=.@\t\x00é", max_size=6))
def test_any_slip_of_the_hand(at: int, cut: int, typed: str) -> None:
    with contextlib.suppress(SpecError):
        loads(SPEC[:at] + typed + SPEC[at + cut :])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = ["title", "about", "matrices", "graph", "steps", "loss", "backward", "update", "formulas"]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(KEYS), VALUES)
def test_any_value_under_any_key(key: str, value: object) -> None:
    spec = {"title": "t", "matrices": {"X": {"role": "input", "value": 1}}, "steps": ["L = X"], "loss": "L", key: value}
    with contextlib.suppress(SpecError):
        loads(json.dumps(spec))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["role", "value", "random", "file", "zeros", "rows", "about", "integer"]), VALUES)
def test_any_value_in_a_matrix(key: str, value: object) -> None:
    entry = {"role": "input", **({} if key in ("random", "file", "zeros") else {"value": [1]}), key: value}
    with contextlib.suppress(SpecError):
        loads(json.dumps({"title": "t", "matrices": {"X": entry}, "steps": ["L = X"]}))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["do", "say", "show", "explain", "verdict", "words", "for", "steps", "section"]), VALUES, VALUES)
def test_any_value_in_a_step(key: str, value: object, other: object) -> None:
    with contextlib.suppress(SpecError):
        loads(json.dumps({"title": "t", "steps": [{"say": "a", key: value}, other]}))


# The two exercises


def computed(name: str) -> dict[str, np.ndarray]:
    return evaluate(expand(lower(load(ROOT / "specs" / f"{name}.yaml"))))


def test_backpropagation() -> None:
    values = computed("backpropagation")
    np.testing.assert_array_equal(values["Z3"].ravel(), [2, 2, -5])
    np.testing.assert_array_equal(values["Y_pred"].ravel(), [0.5, 0.5, 0])
    spec = load(ROOT / "specs" / "backpropagation.yaml")
    assert [step.number for step in spec.steps] == [*range(1, 10)]
    assert [step.section for step in spec.steps if step.kind == "do"] == [
        "Layer 1", "Layer 1", "Layer 2", "Layer 2", "Layer 3", *["Softmax and loss"] * 3
    ]  # fmt: skip


def test_graph_convolutional_network() -> None:
    values = computed("gcn")
    np.testing.assert_array_equal(values["H1"][:, 0], [4, 0, 1])
    np.testing.assert_array_equal(values["H2"][:, 2], [2, 5, 10])
    np.testing.assert_array_equal(values["z"], [[-3, 7, 3, 5, 0]])
    np.testing.assert_array_equal(values["P"], [[0, 1, 1, 1, 0.5]])
    spec = load(ROOT / "specs" / "gcn.yaml")
    assert [step.number for step in spec.steps] == [*range(1, 12), 12, 12, 12, 12]
    assert spec.predict == "P"
