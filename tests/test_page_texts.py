"""Texts on drawn pages: nothing that the author named is left out, cut, or broken inside of a word."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
import small
from by_specs import PATHS, compiled
from openpyxl import load_workbook
from page_checks import page_of
from words_by_hand import written

from sheetgen import compile_text
from sheetgen.book.workbook import assemble
from sheetgen.cells.a1 import letters, span
from sheetgen.layout import measure
from sheetgen.layout.drawing import needs
from sheetgen.layout.drawing.room import Room
from sheetgen.layout.drawing.rows import LOW_ROW, rows_for, with_labels
from sheetgen.layout.plan import Label, Region, Role, SheetPlan
from sheetgen.layout.words.heads import about
from sheetgen.layout.words.vocabulary import vocabulary


def sheet(name: str, title: str = "Canvas") -> SheetPlan:
    return next(sheet for sheet in compiled(name).plan.sheets if sheet.title == title)


def labels(name: str, *styles: str, title: str = "Canvas") -> list[Label]:
    return [label for label in sheet(name, title).labels if not styles or label.style in styles]


def texts(name: str, *styles: str, title: str = "Canvas") -> list[str]:
    return [label.text for label in labels(name, *styles, title=title)]


# Names of rows and columns


@pytest.mark.parametrize("name", PATHS)
def test_every_name_of_a_row_or_column_is_on_the_page(name: str) -> None:
    """Those that only count the turns of a loop are told by the turns' heads; low rows are named in threes."""
    said = "\n".join(label.text for sheet in compiled(name).plan.sheets for label in sheet.labels)
    for given in compiled(name).program.givens:
        for names in (given.rows, given.columns):
            counted = [f"t{k}" for k in range(1, len(names) + 1)] == list(names)
            missing = [text for text in names if text not in said and not (counted and "t = 1" in said)]
            assert missing == [], given.name


def test_long_names_run_over_free_cells_wrap_or_list() -> None:
    instructor = next(label for label in labels("karate", "label") if label.text == "instructor")
    width = dict(sheet("karate").widths)[instructor.column]
    assert instructor.align == "right" and measure.text_width("instructor", 9) > width
    heads = "[Tim ball hall, Una ball park, Tim yard]"
    page = compile_text(PATHS["memory_network"].read_text().replace("[s1, s2, s3]", heads)).plan.sheets[0]
    story = next(label for label in page.labels if label.text == "Tim ball hall" and label.lines > 1)
    assert story.lines == 3 and dict(page.heights)[story.row] >= 3 * 9 * 1.2
    assert "T  cat, dog, owl" in texts("distillation", "name")
    assert {"x₁  je", "x₂  suis", "x₃  là"} <= set(texts("seq2seq", "name"))


def test_names_of_columns_are_all_there_or_none() -> None:
    found = [label for label in labels("dqn", "label") if label.text in ("s1", "s2", "s3")]
    below = [label for label in found if label.align == "center"]
    for row in {label.row for label in below}:
        assert sum(label.row == row for label in below) % 3 == 0, row


def test_low_rows_are_named_in_threes() -> None:
    heights = dict(sheet("karate").heights)
    low = [label for label in labels("karate", "label") if heights.get(label.row) == LOW_ROW]
    assert {label.rows for label in low} == {3}
    assert [label.text for label in low[:3]] == ["0", "3", "6"]


def test_a_turn_whose_name_only_counts_is_named_by_its_head() -> None:
    assert "t1" not in texts("lstm", "label")[:8]
    assert "t = 1 (1–7)" in texts("lstm", "turn")


# Verdicts


def words(region: Region) -> list[str]:
    """Of all that a verdict may say, whatever it says now."""
    assert {str(text) for text in region.values.flat} <= set(region.wordings)
    return [word for text in region.wordings for word in text.split()]


@pytest.mark.parametrize("name", ["gcn", "gcn_normalised", "full_transformer", "karate_plain", "nested_heads"])
def test_no_verdict_breaks_inside_of_a_word(name: str) -> None:
    page = sheet(name)
    widths, heights = dict(page.widths), dict(page.heights)
    found = [region for region in page.regions if region.role is Role.VERDICT]
    assert found
    for region in found:
        longest = max(measure.text_width(word, needs.WORDS, True) for word in words(region))
        room = min(widths[region.column + j] for j in range(region.width))
        if region.upright:
            assert heights[region.row] >= longest * measure.POINTS
        else:
            assert longest <= room, name


def test_words_in_very_narrow_columns_stand_upright(tmp_path: Path) -> None:
    region = next(region for region in sheet("karate_plain").regions if region.role is Role.VERDICT)
    assert region.upright and region.width == 34
    compiled("karate_plain").save(tmp_path / "a.xlsx")
    cell = load_workbook(tmp_path / "a.xlsx")["Canvas"].cell(region.row, region.column)
    assert cell.alignment.text_rotation == 90 and cell.alignment.wrap_text


# Heads, signs, captions


@pytest.mark.parametrize("name", ["momentum", "gan_step", "softmax", "lstm", "markov_chain"])
def test_heads_fit_and_have_one_form(name: str) -> None:
    page = sheet(name)
    widths = dict(page.widths)
    for label in labels(name, "head", "turn"):
        row = sorted(x.column for x in page.labels if x.row == label.row and x.style == label.style)
        end = next((column for column in row if column > label.column), page.last_column + 1)
        if label.align == "left":
            room = sum(widths[column] for column in range(label.column, end))
            assert measure.text_width(label.text, 11 if label.style == "turn" else 10, True) <= room + 0.01, label.text
    turns = labels(name, "turn")
    assert len({"=" in label.text for label in turns}) <= 1


def test_long_titles_of_turns_are_shortened_alike() -> None:
    assert set(texts("gan_step", "turn")) == {"real points", "fake points"}
    heads = [text.replace(" ", "") for text in texts("momentum", "turn", "head") if text.startswith("t")]
    assert heads == [f"t={k}" for k in range(1, 9)]


def test_a_lane_says_whose_gradients_it_holds() -> None:
    assert "∂T" in texts("softmax", "head") and "∂W = ∂Z·Aᵀ" not in texts("softmax", "head")


@pytest.mark.parametrize(
    ("name", "sign"),
    [("dqn", "(3) q_taken"), ("dqn", "(10) ∂q_taken"), ("reinforce", "(2) p_taken"),
     ("bidirectional_rnn", "to B₂"), ("clip", "(25) ∂(√(Σ V²))"), ("unet", "b₁")],
)  # fmt: skip
def test_a_sign_that_is_too_long_for_its_gutter_finds_another_place(name: str, sign: str) -> None:
    page = next(page for page in compiled(name).plan.sheets if sign in texts(name, "function", title=page.title))
    widths = dict(page.widths)
    full = {(r.row + i, r.column + j) for r in page.regions for i in range(r.height) for j in range(r.width)}
    full |= {(x.row + i, x.column) for x in page.labels for i in range(x.rows)}
    label = next(label for label in page.labels if label.text == sign and label.style == "function")
    room, column = measure.text_width(sign, 8) - widths[label.column], label.column
    way = 1 if label.align == "left" else -1
    while room > 0.01:
        column += way
        assert (label.row, column) not in full and 2 < column <= page.last_column, column
        room -= widths[column]


def test_gradients_and_new_weights_have_whole_names_under_the_turned_input() -> None:
    assert "A₁ᵀ" in texts("mlp", "hint") and "A₂ᵀ" in texts("mlp", "hint")
    said = texts("mlp", "name")
    assert "(21) ∂b₂" in said and any(text.startswith("(20) ∂W₂") for text in said)
    assert "(26) W₁ new" in said and "b₁ new" in said


TWO_ANSWERS = """
title: Two answers
matrices:
  X: {role: input, value: [[1, 0], [2, 1]]}
  W: {role: parameter, value: [[1, 0], [0, 1]]}
  V: {role: parameter, value: [[0, 1], [1, 1]]}
  Y: {role: target, value: [[1, 0, 1, 0], [0, 1, 0, 1]]}
steps:
  - a = W @ X
  - b = V @ X
  - P = softmax(hstack([a, b]))
  - L = cross_entropy(P, Y)
loss: L
backward: true
"""


def test_a_stack_s_gradient_is_called_by_the_stack() -> None:
    found = compile_text(TWO_ANSWERS).plan.sheets[0].labels
    assert "(5) ∂[a | b] = P − Y" in [label.text for label in found]


@pytest.mark.parametrize("name", PATHS)
def test_new_weights_are_called_new(name: str) -> None:
    looks = (Role.PARAMETER, Role.BIAS, Role.UPDATED)
    said = Counter(label.text for label in labels(name, "name", "function") if label.color in looks)
    assert not [text for text, count in said.items() if count > 1]


def test_a_rails_name_is_there_where_it_fits_and_its_head_always() -> None:
    assert "◄X" in texts("autoencoder", "function")
    for name in ("gin", "squeeze_excitation"):
        heads = [label for label in labels(name, "function") if label.text.startswith("◄")]
        widths = dict(sheet(name).widths)
        assert heads and all(measure.text_width(x.text, 8) <= widths[x.column] for x in heads)


# Margins


def test_lines_of_the_margin_have_their_height_beside_low_rows() -> None:
    heights = dict(sheet("karate").heights)
    found = [label for label in labels("karate", "equation", "sentence") if label.column == 2]
    for label in found:
        points = sum(heights.get(label.row + k, measure.ROW_HEIGHT) for k in range(label.rows))
        assert points >= 12.9, label.text
    for one, after in pairwise(sorted(found, key=lambda label: label.row)):
        assert one.row + one.rows <= after.row


GROUP = """
title: A group
matrices: {W: {role: parameter, value: [[2, 1], [0, 1]]}, a_0: {role: input, value: [3, 1]}}
steps:
  - for: t in 1..3
    steps:
      - say: "Time step {t}: both of them."
        steps: ["b_{t} = W @ a_{t-1}", "a_{t} = tanh(b_{t})"]
  - L = sum(a_3)
loss: L
backward: true
"""


def test_a_groups_sentence_is_told_once_for_all_turns() -> None:
    labels = compile_text(GROUP).plan.sheets[0].labels
    said = " ".join(label.text.replace("\n", " ") for label in labels if label.style == "sentence")
    assert said.count("both of them") == said.count("Time step t: both") == 1


def test_rows_for_a_text() -> None:
    assert rows_for(30, 5, 50, {}) == 2 and rows_for(31, 5, 50, {}) == 3
    assert rows_for(13, 5, 50, {5: 7.6, 6: 7.6}) == 2
    assert rows_for(99, 5, 6, {}) == 2  # the band ends


def test_no_paragraph_is_cut_where_a_page_may_be_cut_elsewhere() -> None:
    cuts = 0
    for name in ("transformer", "karate", "mamba", "three_rounds_of_routing", "hopfield"):
        page = page_of(compiled(name)).sheets[0]
        inside = {row for label in page.labels for row in range(label.row + 1, label.row + label.rows)}
        assert not inside & set(page.pages.cuts), name
        cuts += len(page.pages.cuts)
    assert cuts >= 5


def test_a_page_says_nothing_of_what_isnt_computed_on_it() -> None:
    """The graph's band isn't computed again after the update."""
    assert "share = degree^(−½)" in texts("karate", "equation")
    assert "share = degree^(−½)" not in texts("karate", "equation", title="After the update")


# Look closer


def test_a_look_closer_says_what_its_author_says() -> None:
    said = "Node A adds up the messages from those with a 1 in its column."
    frame = next(label for label in labels("gcn", "note") if label.text == said)
    assert frame.rows == 2 and frame.columns == 7
    assert not any(said in text for text in texts("gcn", "sentence"))
    assert "(6) Look closer: H₁, A" in texts("gcn", "turn")
    assert {"from A", "from E"} <= set(texts("gcn", "shape")) and "× Â" in texts("gcn", "hint")


def test_a_sentence_too_long_for_the_frame_stays_in_the_margin() -> None:
    said = "The same seen by columns: how much of each column of A goes into the result is what the column of B says."
    steps = ["C = A @ B", f'explain: "C[:, 0]"\n    say: "{said}"']
    canvas = small.book("A input 2x3, B input 3x2", steps).plan.sheets[0]
    assert said in [label.text.replace("\n", " ") for label in canvas.labels if label.style == "sentence"]


# Numbers


def test_the_karate_club_keeps_its_decimals() -> None:
    """Two where they keep apart, 0.84 beside 0.93, one where they run together, -0.73 beside -0.68; never none."""
    regions = {region.name: region for region in sheet("karate").regions}
    assert regions["P"].decimals is None and regions["L"].decimals is None
    assert {regions[name].decimals for name in ("M1", "H1", "M2", "S2", "z")} == {1}
    widths = dict(sheet("karate").widths)
    assert widths[regions["H1"].column] >= 4.5 > measure.text_width("-0.73")


# Room


def test_texts_run_right_and_left_up_to_walls_and_others() -> None:
    room = Room([4.0] * 10, [(1, 5, 1, 1)], {2: {4}})
    assert room.reach(1, 2, "abcdefg", 10, False, 9) == 2
    assert room.reach(1, 2, "a" * 13, 10, False, 9) == 0  # column 5 is taken
    assert room.reach(1, 4, "a" * 8, 10, False, 9, back=True) == 2
    assert room.reach(2, 3, "a" * 8, 10, False, 9) == 0  # a wall at column 4
    assert room.reach(2, 4, "a" * 8, 10, False, 9, back=True) == 0
    assert room.reach(3, 10, "a" * 8, 10, False, 9) == 0  # the page ends
    assert room.shortened(1, 4, "abcdefgh", 10, False, 1) == ("ab…", 1)
    assert room.write(Label(3, 1, "X", "name")) and room.extend(3, 1, "a, b", 3)
    assert room.labels[-1].text == "X  a, b" and not room.free(3, 2)
    assert not room.extend(3, 1, "c" * 50, 3) and room.labels[-1].text == "X  a, b"
    assert room.write(Label(4, 5, "X", "name", align="right"), 2)
    assert not room.extend(4, 5, "a, b", 3) and room.labels[-1].text == "X"  # nothing is put before it


def test_rows_are_as_high_as_their_labels() -> None:
    wrapped, upright = Label(4, 1, "a b c", "label", lines=3), Label(5, 1, "a" * 10, "label", upright=True)
    heights = with_labels({4: 20.0}, [wrapped, upright], 9)
    assert heights[4] >= 3 * 9 * 1.2 and heights[5] >= 9 * measure.POINTS
    assert with_labels({}, [Label(4, 1, "a", "label")], 9) == {}


def test_a_turn_s_row_leads_to_that_turn() -> None:
    """Though what it reads first, a column of the input, is one of many."""
    plan = compiled("lstm").plan
    links = {row.number: row.link for row in plan.steps}
    at = {r.name: f"Canvas!{letters(r.column)}{r.row}" for r in plan.sheets[0].regions}
    assert [links[number] for number in (8, 15, 22)] == [at[f"f_{t}"] for t in (2, 3, 4)]


def test_the_row_of_a_verdict_leads_to_its_words() -> None:
    made = compiled("gcn").plan
    (words,) = [region for region in made.sheets[0].regions if region.role is Role.VERDICT]
    row = next(row for row in made.steps if row.equation == "P in words")
    assert row.link == f"Canvas!{span(words.row, words.column)}"


def test_a_further_sheet_says_what_it_shows() -> None:
    """While no step is chosen; nothing on it is to be typed into. After the update it tells how the loss changes, as
    its cells show it."""
    first, second, third = compiled("lstm").plan.sheets
    assert (first.about[:5], third.about[:17]) == ("Gates", "The same formulas")
    sheet = assemble(compiled("lstm").plan).sheets[1]
    said = "Each gradient stands in the cells that its matrix has on the first sheet; grey is read from there."
    assert [cell.formula for cell in sheet.cells if cell.value == said and "INDEX" in (cell.formula or "")]
    assert sheet.checks == ()
    assert third.heading == "Long Short-Term Memory: after the update, L 0.069 → 0.011"
    assert first.heading_formula is second.heading_formula is None
    cells = assemble(compiled("lstm").plan).sheets[2].cells
    assert next(cell.formula for cell in cells if cell.value == third.heading) == third.heading_formula


def test_a_page_that_nobody_wrote_about_says_what_comes_from_what() -> None:
    told = written(
        "title: t\nmatrices:\n  X: {role: input, value: [[1, 2]]}\n  W: {role: parameter, value: [[3], [4]]}\n"
        "  Y: {role: target, value: [[0, 1], [1, 1]]}\nsteps:\n  - P = W @ X\n  - L = mse(P, Y)\n"
        "loss: L\nbackward: true\n"
    )
    assert about(vocabulary(told)) == "From X to L in 2 steps. 2 numbers are learned."
