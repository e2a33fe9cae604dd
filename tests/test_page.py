"""What a reader finds on the page besides matrices: titles, turns, the switch for gradients, diagrams, links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import small
from by_specs import ROOT, compiled
from checks_page import placed
from openpyxl import load_workbook

import sheetgen
from sheetgen.cells.a1 import letters
from sheetgen.layout.chart import Bars, NetworkPicture
from sheetgen.layout.plan import Label
from sheetgen.proof import engines
from sheetgen.workbook import Workbook


@pytest.mark.parametrize("name", ["backpropagation", "lstm"])
def test_the_switch_hides_what_follows_from_gradients_and_nothing_else(name: str, tmp_path: Path) -> None:
    workbook = compiled(name)
    book = load_workbook(workbook.save(tmp_path / "book.xlsx"))
    hiding: dict[int, bool] = {}
    for sheet in ("Canvas", "Gradients", "After the update"):
        if sheet in book.sheetnames:
            for ranges in book[sheet].conditional_formatting:
                for rule in ranges.rules:
                    if found := re.search(r"(\d+)>\$A\$3", rule.formula[0] if rule.formula else ""):
                        hiding[int(found[1])] = rule.formula[0].startswith('OR($C$3="off",')
    phases = {step.number: step.phase for step in workbook.program.steps}
    assert len(hiding) > 5 and {phase == "backward" for phase in phases.values()} == {True, False}
    assert hiding == {number: phases[number] != "forward" for number in hiding}
    assert book["Canvas"]["C3"].value == "on"
    if name == "lstm":
        assert book["Gradients"]["C3"].value == "=IF('Canvas'!$C$3=\"off\",\"off\",\"\")"


def test_a_program_without_gradients_has_no_switch(tmp_path: Path) -> None:
    book = load_workbook(compiled("gcn").save(tmp_path / "gcn.xlsx"))
    assert book["Canvas"]["C3"].value is None


def diagrams(name: str) -> list[NetworkPicture]:
    charts = compiled(name).plan.sheets[0].charts
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
    (bars,) = (c for c in compiled("word2vec").plan.sheets[0].charts if isinstance(c, Bars))
    assert [trace.y.regions for trace in bars.series] == [("p",), ("y",), ("p_new",)]
    assert not any(isinstance(chart, Bars) for chart in compiled("siamese").plan.sheets[0].charts)


def test_gates_and_attention_are_no_outputs() -> None:
    def role(name: str, matrix: str) -> str:
        regions = compiled(name).plan.sheets[0].regions
        return next(str(region.role) for region in regions if region.name == matrix and region.role != "copy")

    assert [role("lstm", gate) for gate in ("f_1", "i_4", "o_2")] == ["activation"] * 3
    assert (role("gru", "z_2"), role("seq2seq", "A")) == ("activation", "heatmap")
    assert role("word2vec", "p") == role("seq2seq", "P") == role("vae", "X_pred") == "output"


def titles(workbook: Workbook) -> dict[str, Label]:
    labels = [label for label in workbook.plan.sheets[0].labels if label.style == "section"]
    assert len({label.text for label in labels}) == len(labels)
    return {label.text: label for label in labels}


def test_each_section_owns_its_rows() -> None:
    """A title stands in the margin on its band's first row, and what the section computes in the band's rows."""
    workbook = compiled("transformer")
    canvas = workbook.plan.sheets[0]
    found = titles(workbook)
    assert list(found) == [
        "Embedding", "Queries, keys, values", "Scores", "Attention", "Add & norm", "Feed-forward", "Add & norm again",
        "Next word",
    ]  # fmt: skip
    regions = {region.name: region for region in canvas.regions}
    rows = {label.row: text for text, label in found.items()}
    bands = {rows[band.first_row]: band for band in canvas.bands if band.first_row in rows}
    made = {"Embedding": ("X_words", "X"), "Scores": ("S",), "Attention": ("A", "Z"), "Feed-forward": ("F1", "F2"),
            "Next word": ("L",)}  # fmt: skip
    for text, names in made.items():
        assert found[text].column == 2
        for name in names:
            band = bands[text]
            assert band.first_row < regions[name].row and regions[name].row + regions[name].height - 1 <= band.last_row


def test_the_turns_of_a_loop_stand_side_by_side_under_their_names() -> None:
    workbook = compiled("lstm")
    canvas = workbook.plan.sheets[0]
    regions = {region.name: region for region in canvas.regions}
    turns = {label.text.partition(" (")[0]: label for label in canvas.labels if label.style == "turn"}
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
    workbook = compiled("backpropagation")
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
    plan = compiled("gcn").plan
    regions = {region.name: region for region in plan.sheets[0].regions if region.defined_name}
    lines = {step.equation.split(" = ")[0]: step for step in plan.steps if " = " in step.equation}
    for name in ("P", "P_exact"):
        region, step = regions[name], lines[name]
        assert step.link == f"Canvas!{letters(region.column)}{region.row}"
        assert step.number == 12


def test_a_band_without_a_title_goes_on_with_the_section_above() -> None:
    """Gradients too, although they are told long after the last section of the forward pass."""
    steps = [small.loop("section: Read step {t}", "h_{t} = tanh(W @ X[:, {t-1}] + U @ h_{t-1})"), "L = sum(h_3 ** 2)"]
    givens = "X input 2x3, h_0 constant 2x1, W parameter 2x2, U parameter 2x2"
    plan = small.book(givens, steps, small.TRAIN).plan
    sections = {step.equation.split(" = ")[0]: step.section for step in plan.steps}
    assert [sections[name] for name in ("L", "∂h₃", "∂W")] == ["Each read step"] * 3


def test_a_band_is_as_high_as_its_text_on_the_sheet_where_it_is_longest() -> None:
    """Equations of gradients that stand on a sheet of their own take no rows of the first."""
    workbook = compiled("unet")
    assert [sheet.title for sheet in workbook.plan.sheets][1] == "Gradients"
    canvas = workbook.plan.sheets[0]
    for band in canvas.bands:
        ends = [r.row + r.height for r in canvas.regions] + [x.row + x.rows for x in canvas.labels]
        ends += [chart.place.row + chart.place.rows for chart in canvas.charts if chart.place is not None]
        assert band.last_row + 1 - max(end for end in ends if end <= band.last_row + 1) <= 2


def test_a_sheet_ends_with_what_it_holds_and_a_page_starts_where_nothing_is_cut() -> None:
    """After the update nothing stands right of the lane: the sheet is narrower than the Canvas and printed upright."""
    canvas, after = compiled("cross_attention").plan.sheets
    ends = [region.column + region.width - 1 for region in after.regions]
    assert canvas.landscape and not after.landscape
    assert max(ends) <= after.last_column < canvas.last_column - 10
    transformer = compiled("transformer").plan.sheets[0]
    inside = set(transformer.cuts) - {band.first_row for band in transformer.bands}
    assert inside
    for row in inside:
        assert not [r.name for r in transformer.regions if r.row < row < r.row + r.height]


def test_a_step_brings_its_target_and_a_link_what_it_shows() -> None:
    canvas = compiled("graphsage").plan.sheets[0]
    steps = {region.name: region.step for region in canvas.regions}
    last = max(steps.values())
    assert steps["X"] < steps["Y"] == steps["L"]
    assert [step for name, step in steps.items() if name.endswith("@loss")] == [last]


@pytest.mark.parametrize(("rate", "sign"), [(0.01, "▼"), (0.05, "▲")])
def test_a_live_sign_tells_whether_the_update_made_the_loss_smaller(rate: float, sign: str) -> None:
    text = (ROOT / "specs" / "multi_head_attention.yaml").read_text(encoding="utf-8")
    canvas = sheetgen.compile_text(text.replace("learning_rate: 0.01", f"learning_rate: {rate}")).plan.sheets[0]
    (found,) = (label for label in canvas.labels if label.text in "▼▲")
    assert found.text == sign
    assert re.fullmatch(r'IF\((\S+)<(\w+),"▼",IF\(\1>\2,"▲","="\)\)', found.formula or "")


def test_what_a_step_says_of_several_sections_stands_in_the_first_of_them() -> None:
    steps = ["section: Layer 1", "A = V @ X", "section: Layer 2", "B = W @ A"]
    group = "\n      - ".join(["say: Through two layers.\n    steps:", *steps])
    canvas = small.book("X input 2x1, V parameter 2x2, W parameter 2x2", [group]).plan.sheets[0]
    said = [label.row for label in canvas.labels if label.text == "Through two layers."]
    first, second = (label.row for label in canvas.labels if label.text in ("Layer 1", "Layer 2"))
    assert len(said) == 1 and first < said[0] < second


@pytest.mark.parametrize("name", ["gcn", "cross_attention"])
def test_the_side_of_a_look_closer_isn_t_the_edge_of_the_page(name: str) -> None:
    """A narrow column follows it, so that it reads as a frame."""
    made = compiled(name)
    placement, canvas = placed(made.program), made.plan.sheets[0]
    ends = [frame.column + frame.width - 1 for frame in placement.frames if frame.kind == "closer"]
    assert ends and max(ends) < canvas.last_column
    assert dict(canvas.widths)[canvas.last_column] < 2
