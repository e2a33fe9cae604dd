"""What a reader finds on the page besides matrices: titles, turns, the switch for gradients, diagrams, links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from openpyxl import load_workbook

import sheetgen
from sheetgen.api import Workbook
from sheetgen.cells.a1 import letters
from sheetgen.layout.plan import Bars, Label, NetworkPicture
from sheetgen.proof import engines

ROOT = Path(__file__).parents[1]


def spec(name: str) -> Path:
    own = ROOT / "tests" / "specs" / f"{name}.yaml"
    return own if own.is_file() else ROOT / "specs" / f"{name}.yaml"


@pytest.mark.parametrize("name", ["backpropagation", "lstm"])
def test_the_switch_hides_what_follows_from_gradients_and_nothing_else(name: str, tmp_path: Path) -> None:
    workbook = sheetgen.compile(spec(name))
    book = load_workbook(workbook.save(tmp_path / "book.xlsx"))
    hiding: dict[int, bool] = {}
    for sheet in ("Canvas", "Gradients", "After the update"):
        if sheet in book.sheetnames:
            for ranges in book[sheet].conditional_formatting:
                for rule in ranges.rules:
                    if found := re.search(r"(\d+)>\$A\$3", rule.formula[0] if rule.formula else ""):
                        hiding[int(found[1])] = rule.formula[0].startswith('OR($A$4="off",')
    phases = {step.number: step.phase for step in workbook.program.steps}
    assert len(hiding) > 5 and {phase == "backward" for phase in phases.values()} == {True, False}
    assert hiding == {number: phases[number] != "forward" for number in hiding}
    assert book["Canvas"]["A4"].value == "on"
    if name == "lstm":
        assert book["Gradients"]["A4"].value == "=IF('Canvas'!$A$4=\"off\",\"off\",\"on\")"


def test_a_program_without_gradients_has_no_switch(tmp_path: Path) -> None:
    book = load_workbook(sheetgen.compile(spec("gcn")).save(tmp_path / "gcn.xlsx"))
    assert book["Canvas"]["A4"].value is None


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
    assert dict(bars.series) == {"prediction": "p", "target": "y", "after the update": "p_new"}
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


def test_each_section_owns_its_rows() -> None:
    """A title stands in the margin on its band's first row, and what the section computes in the band's rows."""
    workbook = sheetgen.compile(spec("transformer"))
    canvas = workbook.plan.sheets[0]
    found = titles(workbook)
    assert list(found) == ["Embedding", "Attention", "Feed-forward", "Next word"]
    regions = {region.name: region for region in canvas.regions}
    rows = {label.row: text for text, label in found.items()}
    bands = {rows[band.first_row]: band for band in canvas.bands if band.first_row in rows}
    made = {"Embedding": ("X_words", "X"), "Attention": ("Q", "N1"), "Feed-forward": ("F1", "N2"), "Next word": ("L",)}
    for text, names in made.items():
        assert found[text].column == 2
        for name in names:
            band = bands[text]
            assert band.first_row < regions[name].row and regions[name].row + regions[name].height - 1 <= band.last_row


def test_the_turns_of_a_loop_stand_side_by_side_under_their_names() -> None:
    workbook = sheetgen.compile(spec("lstm"))
    canvas = workbook.plan.sheets[0]
    regions = {region.name: region for region in canvas.regions}
    turns = {label.text: label for label in canvas.labels if label.style == "turn"}
    for t in range(1, 5):
        assert turns[f"t = {t}"].column <= regions[f"f_{t}"].column
        assert {regions[f"{gate}_{t}"].row for gate in "figo"} == {regions[f"{gate}_1"].row for gate in "figo"}
    columns = [regions[f"h_{t}"].column for t in range(1, 5)]
    assert columns == sorted(columns) and len(set(columns)) == 4


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
    for name, shown in (("Z1", "Z₁"), ("A2", "A₂"), ("L", "L")):
        region, step = regions[name], lines[shown]
        assert step.link == f"Canvas!{letters(region.column)}{region.row}"
        assert step.number == 1
