"""Where the lines of a margin stand: on the rows of what they are about, as far as there is room."""

from __future__ import annotations

from itertools import pairwise

import pytest
from by_specs import compiled
from small import TRAIN, book

from sheetgen import compile_text
from sheetgen.layout.plan import Label
from sheetgen.workbook import Workbook


def told(made: Workbook, style: str) -> list[Label]:
    return [label for label in made.plan.sheets[0].labels if label.style == style and label.column == 2]


DEEP = ["A = tanh(W @ X)", "B = softmax(A)", "C = sqrt(B)", "say: The end.", "do: D = C * C\n    say: Squared again."]


def test_an_equation_stands_on_the_rows_of_its_matrix() -> None:
    made = book("X input 4x3, W parameter 4x4", DEEP)
    rows = {r.name: r.row for r in made.plan.sheets[0].regions}
    equations = {label.text: label.row for label in told(made, "equation")}
    assert equations["C = √B"] == rows["C"]
    assert equations["B = softmax(A)"] == rows["B_exp"] < rows["B"]  # beside the exponentials, which stand first
    (last,) = [label for label in told(made, "sentence") if label.text == "Squared again."]
    assert last.row == equations["D = C∘C"] + 1


def test_lines_that_have_no_room_there_move_up() -> None:
    """A low band with much text: all of it stands in the band, in order, and nothing overlaps."""
    say = "A sentence that takes several lines of the narrow margin, because it has so many words to say."
    made = book("X input 1x3", [f"do: A = tanh(X)\n    say: {say}", f"do: B = exp(A)\n    say: {say} Twice."])
    labels = sorted([*told(made, "equation"), *told(made, "sentence")], key=lambda label: label.row)
    assert [label.style for label in labels] == ["equation", "sentence", "equation", "sentence"]
    for one, after in pairwise(labels):
        assert one.row + one.rows <= after.row
    placement = made.plan.sheets[0].bands
    assert labels[-1].row + labels[-1].rows - 1 <= placement[-1].last_row


def test_sentences_leave_air_at_the_right() -> None:
    from sheetgen.layout import measure
    from sheetgen.layout.words.telling import AIR

    say = "Words and words and more words, so that the lines of the margin are filled up to their ends."
    made = book("X input 2x3", [f"do: A = tanh(X)\n    say: {say}"])
    (label,) = told(made, "sentence")
    width = dict(made.plan.sheets[0].widths)[2]
    assert label.text.replace("\n", " ") == say
    assert all(measure.text_width(line, 9) <= width - AIR for line in label.text.split("\n"))


def test_gradients_stand_under_what_is_told_of_their_matrix() -> None:
    say = "\n    say: A few words of it."
    steps = ["Z = W @ X", "A = tanh(Z)", "C = V @ A", "L = mse(C, Y)"]
    names = "X input 2x3, Y target 4x3, W parameter 4x2, V parameter 4x4"
    made = book(names, [f"do: {step}{say}" for step in steps], TRAIN)
    rows = {label.text: label.row for label in told(made, "equation")}
    assert sorted(rows, key=lambda text: rows[text]) == [
        "Z = W·X", "∂Z = ∂A∘(1 − A²)", "∂W = ∂Z·Xᵀ", "A = tanh(Z)", "∂A = Vᵀ·∂C",
        "C = V·A", "∂C = 2·(C − Y)", "∂V = ∂C·Aᵀ", "L = Σ (C − Y)²",
    ]  # fmt: skip


def test_texts_make_room_so_that_each_begins_beside_its_box() -> None:
    """Boxes of one row, and sentences of several."""
    say = "A sentence that takes several lines of the narrow margin, because it has words."
    made = book("X input 1x3, W parameter 1x1", [f"do: {step}\n    say: {say} {step[0]}." for step in
                ("A = W @ X", "B = tanh(A)", "C = exp(B)", "L = sum(C)")], TRAIN)  # fmt: skip
    rows = {r.name: r.row for r in made.plan.sheets[0].regions}
    equations = {label.text: label.row for label in told(made, "equation")}
    for name, text in {"A": "A = W·X", "B": "B = tanh(A)", "C": "C = eᵇ"}.items():
        assert equations[text] == rows[name]
    assert rows["C"] - rows["B"] > 3


def test_without_room_a_gradient_that_its_caption_tells_is_left_out() -> None:
    """What no caption tells has room."""
    words = f"\n    say: {'word ' * 32}"
    steps = [f"do: {step}{words}" for step in ("Z = W @ X", "A = relu(Z)", "C = V @ A", "L = mse(C, Y)")]
    made = book("X input 2x4, Y target 2x4, W parameter 2x2, V parameter 2x2", steps, TRAIN)
    said = {label.text for label in told(made, "equation")}
    captions = {label.text for label in made.plan.sheets[0].labels if label.style == "name"}
    gradients = ("∂C = 2·(C − Y)", "∂A = Vᵀ·∂C", "∂Z = ∂A where Z > 0")
    assert not said.issuperset(gradients)
    assert all(text in said or any(caption.endswith(text) for caption in captions) for text in gradients)


def test_a_section_that_only_tells_has_a_band() -> None:
    """One after all matrices closes the last band."""
    steps = ["section: Why", "say: Because.", "section: One", "L = sum(W @ X)", "section: Back", "say: And back."]
    made = book("X input 2x3, W parameter 2x2", steps, TRAIN)
    first, last = made.plan.sheets[0].bands
    texts = [[label.text for label in made.plan.sheets[0].labels if band.first_row <= label.row <= band.last_row]
             for band in (first, last)]  # fmt: skip
    assert texts[0] == ["1", "Why", "(1) Because."]
    assert texts[1][:2] == ["2", "One"] and "(3) And back." in texts[1] and "Back" not in texts[1]


LONG = "A sentence of so many words that the margin has three lines of it, the page only one."


@pytest.mark.parametrize(("section", "across"), [("section: Back", True), ("section: One", False)])
def test_words_below_all_matrices_run_across_the_page(section: str, across: bool) -> None:
    """Beside matrices they stay in the margin."""
    closing = [section, f"say: {LONG}"]
    steps = ["section: One", "A = W @ X", "L = sum(A)"]
    made = book("X input 2x18, W parameter 2x2", [*steps, *closing] if across else [*closing, *steps], TRAIN)
    (label,) = [label for label in told(made, "sentence") if "A sentence" in label.text]
    assert (label.columns > 1, label.rows == 1) == (across, across)
    (band,) = made.plan.sheets[0].bands
    assert label.row + label.rows - 1 <= band.last_row


def test_an_equation_begins_beside_its_matrix_though_five_rows_of_text_stand_above() -> None:
    say = "How large a surprise is to be expected here? The guess and the measurement both err in their ways."
    made = book("X input 1x2", [f"do: A = exp(X)\n    say: {say}", "do: B = A * A\n    say: Squared."])
    rows = {r.name: r.row for r in made.plan.sheets[0].regions}
    assert {label.text: label.row for label in told(made, "equation")}["B = A∘A"] == rows["B"]


def test_without_room_a_gradient_stands_in_no_other_band() -> None:
    say = "A score for each class, of which the largest one wins, be it so small."
    one, two = ["section: One", f"do: Z = W @ X\n    say: {say}"], ["section: Two", "P = softmax(Z)"]
    made = book("X input 2x1, Y target 2x1, W parameter 2x2", [*one, *two, "L = cross_entropy(P, Y)"], TRAIN)
    rows = {label.text: label.row for label in told(made, "equation")}
    first, second = made.plan.sheets[0].bands
    assert first.first_row < rows["Z = W·X"] <= first.last_row and not {"∂W = ∂Z·Xᵀ", "∂Z = P·Σ Y − Y"} & rows.keys()
    assert second.first_row < rows["P = softmax(Z)"] <= second.last_row


def test_no_gradient_s_equation_stands_beside_another_matrix_than_its_own() -> None:
    """A gate, as in a highway network: each equation begins between its matrix's first row and the next matrix."""
    say = "\n    say: What an ordinary layer would make of it."
    steps = ["H = tanh(V @ X)", "T = sigmoid(W @ X)", "N = T * H", "O = (1 - T) * X", "Out = N + O", "L = mse(Out, Y)"]
    made = book("X input 2x3, Y target 2x3, V parameter 2x2, W parameter 2x2", [f"do: {x}{say}" for x in steps], TRAIN)
    sheet = made.plan.sheets[0]
    homes = {"H": "H", "T": "T", "N": "N", "O": "O", "Out": "Out", "V": "V", "W": "W", "X": "X", "Z": "H_pre",
             "(W·X)": "T_pre"}  # fmt: skip
    rows = {r.name: r.row for r in sheet.regions}
    forward = sorted(row for name, row in rows.items() if name in homes.values() and name not in "VW")
    gradients = {label.text: label.row for label in told(made, "equation") if label.text.startswith("∂")}
    assert len(gradients) > 3
    for text, row in gradients.items():
        own = rows[homes[text.partition(" = ")[0].removeprefix("∂")]]
        assert own <= row < min((r for r in forward if r > own), default=1 << 10), text
    assert gradients["∂(W·X) = ∂T∘T∘(1 − T)"] < gradients["∂W = ∂(W·X)·Xᵀ"]  # as they are computed


def test_what_nothing_else_tells_stands_in_a_list_under_the_texts() -> None:
    made = compiled("resnet")
    (first, *_) = made.plan.sheets[0].bands
    texts = [label for label in made.plan.sheets[0].labels if label.column == 2 and label.row <= first.last_row]
    *before, one = sorted(texts, key=lambda label: label.row)
    assert one.text == "∂F₁ = ∂(X + F₁)" and before[-1].row + before[-1].rows <= one.row <= first.last_row
    assert max(label.row + label.rows for label in before if label.style == "sentence") <= one.row


MACHINE = """
title: A machine with long sentences
matrices:
  X: {role: input, value: [[1, 2, 2, -1, -2, 0], [2, 0, 1, -1, 0, -2]], columns: [a, b, c, d, e, f]}
  y: {role: target, value: [[1, 1, 1, -1, -1, -1]], columns: [a, b, c, d, e, f], about: "which side they belong to"}
  w: {role: parameter, value: [[0.5, 0]]}
  b: {role: parameter, value: 0}
  price: {role: constant, value: 0.5}
steps:
  - section: Scores
  - do: s = w @ X + b
    say: Above 0 is one side of the line, below 0 the other.
  - do: margin = y * s
    say: How far each point lies on its own side. 1 is far enough.
  - section: Loss
  - slack = sum(relu(1 - margin))
  - cost = price * sum(w ** 2)
  - L = slack + cost
loss: L
update: {learning_rate: 0.1}
"""


def test_without_room_in_the_margin_an_equation_stands_beside_its_gradient_or_under_it() -> None:
    softmax, machine = compiled("softmax").plan.sheets[0], compile_text(MACHINE).plan.sheets[0]
    gradient = next(region for region in softmax.regions if region.key == "dL_dS")
    (beside,) = (label for label in softmax.labels if label.text == "∂S = P − Y")
    assert gradient.row <= beside.row < gradient.row + gradient.height
    assert beside.column == gradient.column + gradient.width
    gradient = next(region for region in machine.regions if region.key == "dL_dw")
    (under,) = (label for label in machine.labels if label.text == "∂w = 2·price·w + ∂s·Xᵀ")
    assert (under.row, under.column) == (gradient.row + gradient.height, gradient.column)


HEADS = """
title: Two heads
matrices:
  X: {role: input, value: [[1, 0], [2, 1], [0, 1]]}
  Y: {role: target, random: {shape: [16, 2], seed: 1}}
  W_1: {role: parameter, random: {shape: [8, 3], seed: 2}}
  W_2: {role: parameter, random: {shape: [8, 3], seed: 3}}
steps:
  - for: head in 1..2
    steps:
      - Z_{head} = W_{head} @ X
      - A_{head} = tanh(Z_{head})
  - section: Together
  - A = vstack([A_1, A_2])
  - L = mse(A, Y)
loss: L
backward: true
"""


def test_a_sheet_of_gradients_says_once_why_each_is_what_it_is() -> None:
    """Right under an equation, in the margin of the sheet of its own."""
    canvas, gradients = compile_text(HEADS).plan.sheets[:2]
    assert gradients.title == "Gradients"
    told = {x.row: x for x in gradients.labels if x.column == 2 and x.style in ("equation", "sentence")}
    under = {x.text.replace("\n", " "): told[max(row for row in told if row < x.row)]
             for x in told.values() if x.style == "sentence"}
    assert {why: equation.text for why, equation in under.items()} == {
        "Twice the difference.": "∂A = 2·(A − Y)",
        "Its part of what reaches the stack.": "∂Aₕ = its rows of ∂A",
        "Each weight's input times the gradient behind it, added up.": "∂Wₕ = ∂Zₕ·Xᵀ",
    }
    assert all(x.row == under[why].row + under[why].rows for x in told.values() if x.style == "sentence"
               for why in (x.text.replace("\n", " "),))
    assert "∂Zₕ = ∂Aₕ∘(1 − Aₕ²)" in [x.text for x in told.values()]  # and the next one right below
    assert not any(x.text.startswith("Twice") for x in canvas.labels)
