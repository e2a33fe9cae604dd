"""What a reader finds on the page besides matrices: sizes, the switch for gradients, the network's diagram."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from openpyxl import load_workbook

import sheetgen
from sheetgen.api import Workbook
from sheetgen.cells.a1 import letters
from sheetgen.layout.plan import Bars, Label, NetworkPicture
from sheetgen.proof import compare as verify
from sheetgen.proof import engines

ROOT = Path(__file__).parents[1]


def spec(name: str) -> Path:
    own = ROOT / "tests" / "specs" / f"{name}.yaml"
    return own if own.is_file() else ROOT / "specs" / f"{name}.yaml"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("backpropagation", {"Input size": 3, "Output size": 3, "Parameters": 51}),
        ("mlp", {"Input size": 3, "Samples": 3, "Output size": 2, "Parameters": 59}),
        ("gcn", {"Nodes": 5, "Input size": 4, "Parameters": 53}),
        ("lstm", {"Input size": 2, "Sequence length": 4, "Hidden size": 2, "Output size": 1, "Parameters": 43}),
        ("self_attention", {"Input size": 6, "Sequence length": 4, "Output size": 3, "Parameters": 54}),
        ("transformer", {"Sequence length": 5, "Parameters": 137}),
        ("siamese", {"Input size": 3, "Samples": 2, "Output size": 1, "Parameters": 12}),
    ],
)
def test_sizes(name: str, expected: dict[str, int]) -> None:
    """The sizes are live; the engine's numbers are compared with numpy's like those of any cell."""
    workbook = sheetgen.compile(spec(name))
    canvas = workbook.plan.sheets[0]
    texts = {(label.row, label.column): label for label in canvas.labels}
    keys = [label for label in canvas.labels if label.style == "key"]
    numbers = {label.text: texts[label.row, label.column + 1] for label in keys}
    assert {caption: int(number.text) for caption, number in numbers.items()} == expected
    assert all(re.match(r"(ROWS|COLUMNS|COUNT)\(", number.formula or "") for number in numbers.values())
    beside = [label.row for label in canvas.labels if label.style == "section" and label.column == 2]
    assert not beside or min(beside) > max(label.row for label in keys)


def test_a_wrong_size_is_found(tmp_path: Path) -> None:
    workbook = sheetgen.compile(spec("backpropagation"))
    path = workbook.save(tmp_path / "wrong.xlsx")
    book = load_workbook(path)
    cell = next(c for row in book["Canvas"].iter_rows(max_col=3) for c in row if str(c.value).startswith("=COUNT("))
    cell.value = "=ROWS(A1:A50)"
    book.save(path)
    report = verify.check(workbook.plan, path, engines.get("ironcalc"))
    assert not report.ok and report.first is not None and report.first.cell == cell.coordinate


@pytest.mark.parametrize("name", ["backpropagation", "lstm"])
def test_the_switch_hides_what_follows_from_gradients_and_nothing_else(name: str, tmp_path: Path) -> None:
    workbook = sheetgen.compile(spec(name))
    book = load_workbook(workbook.save(tmp_path / "book.xlsx"))
    hiding: dict[int, bool] = {}
    for sheet in ("Canvas", "Backward", "Update"):
        if sheet in book.sheetnames:
            for ranges in book[sheet].conditional_formatting:
                for rule in ranges.rules:
                    if found := re.search(r"(\d+)>\$B\$3", rule.formula[0] if rule.formula else ""):
                        hiding[int(found[1])] = rule.formula[0].startswith('OR($B$4="off",')
    phases = {step.number: step.phase for step in workbook.plan.steps}
    assert len(hiding) > 5 and {phase == "backward" for phase in phases.values()} == {True, False}
    assert hiding == {number: phases[number] != "forward" for number in hiding}
    assert book["Canvas"]["B4"].value == "on"
    if name == "lstm":
        assert book["Backward"]["B4"].value == "=IF('Canvas'!$B$4=\"off\",\"off\",\"on\")"


def test_a_program_without_gradients_has_no_switch(tmp_path: Path) -> None:
    book = load_workbook(sheetgen.compile(spec("gcn")).save(tmp_path / "gcn.xlsx"))
    assert book["Canvas"]["B4"].value is None


def diagrams(name: str) -> list[NetworkPicture]:
    charts = sheetgen.compile(spec(name)).plan.sheets[0].charts
    return [chart for chart in charts if isinstance(chart, NetworkPicture)]


def test_a_chain_of_layers_gets_a_diagram() -> None:
    (diagram,) = diagrams("backpropagation")
    assert diagram.layers == ("X", "A1", "A2", "Y_pred") and diagram.weights == ("W1", "W2", "W3")
    (diagram,) = diagrams("mlp")
    assert diagram.layers == ("X", "A1", "A2", "A3", "Y_pred") and diagram.weights == ("W1", "W2", "W3", "W4")


@pytest.mark.parametrize("name", ["resnet", "gcn", "rnn", "lstm", "self_attention", "cnn", "transformer"])
def test_other_networks_get_none(name: str) -> None:
    assert not diagrams(name)


def test_a_prediction_is_what_the_loss_compares_with_the_target() -> None:
    """A Siamese network's target isn't what its distances should be, so there are no bars side by side."""
    (bars,) = (c for c in sheetgen.compile(spec("word2vec")).plan.sheets[0].charts if isinstance(c, Bars))
    assert dict(bars.series) == {"prediction": "p", "target": "y"}
    assert not sheetgen.compile(spec("siamese")).plan.sheets[0].charts


def test_gates_and_attention_are_no_outputs() -> None:
    def role(name: str, matrix: str) -> str:
        regions = sheetgen.compile(spec(name)).plan.sheets[0].regions
        return next(str(region.role) for region in regions if region.name == matrix and region.role != "copy")

    assert [role("lstm", gate) for gate in ("f_1", "i_4", "o_2")] == ["activation"] * 3
    assert role("gru", "gate_z2") == role("seq2seq", "alpha1") == "activation"
    assert role("word2vec", "p") == role("seq2seq", "P") == role("vae", "X_pred") == "output"


def titles(workbook: Workbook) -> dict[str, Label]:
    labels = [label for label in workbook.plan.sheets[0].labels if label.style == "section"]
    assert len({label.text for label in labels}) == len(labels)
    return {label.text: label for label in labels}


def test_titles_of_rounds_stand_where_the_rounds_begin() -> None:
    workbook = sheetgen.compile(spec("seq2seq"))
    found = titles(workbook)
    assert list(found) == [f"Encoder step {t}" for t in (1, 2, 3)] + [f"Decoder step {t}" for t in (1, 2)]
    regions = {region.name: region for region in workbook.plan.sheets[0].regions}
    for t in (1, 2):
        assert found[f"Decoder step {t}"].column == regions[f"s{t}_pre"].column


def test_titles_stand_level_with_the_first_that_a_section_computes() -> None:
    """The mask of a transformer's attention stands above the words, but attention comes after them."""
    workbook = sheetgen.compile(spec("transformer"))
    found = titles(workbook)
    regions = {region.name: region for region in workbook.plan.sheets[0].regions}
    assert (found["Embedding"].row, found["Attention"].row) == (regions["X_words"].row, regions["Q"].row)


def test_no_title_is_cut() -> None:
    """Where something stands above a round, its title goes to the left."""
    workbook = sheetgen.compile_text(
        "title: t\nmatrices:\n  X: {role: input, value: [[0, 1, 0, 8]]}\n  M: {role: parameter, value: [[0, 5]]}\n"
        "steps:\n  - for: k in 0..1\n    steps:\n      - section: Distances to centre {k}\n"
        "      - D{k} = sum((X - M[:, {k}]) ** 2, axis=0)\n  - D = vstack([D0, D1])\n"
    )
    taken = {
        (region.row + i, region.column + j)
        for region in workbook.plan.sheets[0].regions for i in range(region.height) for j in range(region.width)
    }  # fmt: skip
    for label in titles(workbook).values():
        assert not {(label.row, label.column + k) for k in range(4 if label.column > 2 else 1)} & taken


def lines(path: Path) -> int:
    """How many lines leave home, by IronCalc."""
    sheet = load_workbook(path)["Chart data"]
    (values,) = engines.get("ironcalc").recalculate([path])
    count = 0
    for column in range(1, sheet.max_column + 1):
        if re.fullmatch(r"W\d \d+ [<>] x", str(sheet.cell(3, column).value)):
            rows = [row for row in range(4, sheet.max_row + 1) if sheet.cell(row, column).value is not None]
            home = float(sheet.cell(4, column).value)
            count += sum(values.value("Chart data", row, column) != home for row in rows)
    return count


def test_the_diagram_follows_the_weights(tmp_path: Path) -> None:
    """A line for each weight that isn't 0, and none once it is typed to 0."""
    workbook = sheetgen.compile(spec("backpropagation"))
    path = workbook.save(tmp_path / "book.xlsx")
    drawn = sum(int((workbook.values[name] != 0).sum()) for name in ("W1", "W2", "W3"))
    assert lines(path) == drawn > 20
    book = load_workbook(path)
    at = book.defined_names["W1_"].attr_text.split("!")[1].replace("$", "").split(":")[0]
    assert book["Canvas"][at].value != 0
    book["Canvas"][at] = 0
    book.save(path)
    assert lines(path) == drawn - 1


def test_each_line_of_the_walkthrough_leads_to_its_own_matrix() -> None:
    """Also within a group, whose lines share a number."""
    plan = sheetgen.compile(spec("backpropagation")).plan
    regions = {region.name: region for region in plan.sheets[0].regions if region.defined_name}
    lines = {step.equation.split(" = ")[0]: step for step in plan.steps if " = " in step.equation}
    for name, shapes in (("Z1", "4×1 = 4×4 · 4×1"), ("A2", "4×1"), ("L", "1×1")):
        region, step = regions[name], lines[name]
        assert step.link == f"Canvas!{letters(region.column)}{region.row}" and step.shapes == shapes
        assert step.number == 1
