"""Loops: turns side by side, states, frames, wrapping: each rule on a small program that shows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from small import TRAIN, book, boxes, copies, loop, page, program, reads

from sheetgen.cells.a1 import span
from sheetgen.ir.node import matrix
from sheetgen.layout.geometry import check
from sheetgen.layout.geometry.operands import put
from sheetgen.ops.views import cut
from sheetgen.proof.compare import check as check_file
from sheetgen.proof.engines import get as get_engine


def test_turns_that_share_a_matrix_stand_side_by_side_on_the_same_rows() -> None:
    steps = [loop("H_{t} = tanh(W @ X[:, {t-1}] + U @ H_{t-1})")]
    placement = page("X input 2x3, H_0 constant 2x1, W parameter 2x2, U parameter 2x2", steps)
    at = boxes(placement)
    assert at["H_1"].row == at["H_2"].row == at["H_3"].row
    assert at["H_3"].column - at["H_2"].column == at["H_2"].column - at["H_1"].column > 0
    assert len([box for box in placement.boxes if box.matrix == "W"]) == 1
    assert [head.turn for head in placement.heads if head.kind == "turn"] == [0, 1, 2]


def test_an_input_read_column_by_column_tops_the_lanes() -> None:
    steps = [loop("H_{t} = tanh(W @ X[:, {t-1}] + U @ H_{t-1})")]
    placement = page("X input 2x3, H_0 constant 2x1, W parameter 2x2, U parameter 2x2", steps)
    columns = [box for box in placement.boxes if box.matrix == "X"]
    assert [box.columns for box in columns] == [(0, 1), (1, 2), (2, 3)]
    assert all(box.expr is None for box in columns)
    assert len({box.row for box in columns}) == 1


def test_each_turn_has_its_head_though_the_whole_input_stands_in_the_first_lane() -> None:
    steps = [loop("A_{t} = W @ X[:, {t-1}]", turns=4), "B = X * 2"]
    placement = page("X input 2x4, W parameter 2x2", steps)
    at, heads = boxes(placement), [head for head in placement.heads if head.kind == "turn"]
    assert at["X"].right > at["A_2"].column
    assert [(head.column, head.width) for head in heads[1:]] == [(at[f"A_{t}"].column, 1) for t in (2, 3, 4)]
    assert heads[0].column + heads[0].width == heads[1].column


@pytest.mark.parametrize(("rows", "again"), [(2, False), (9, True)])
def test_the_heads_of_turns_stand_over_each_section_of_a_page_that_may_be_cut(rows: int, again: bool) -> None:
    body = ["section: Ask", "A_{t} = W @ H_{t-1}", "B_{t} = A_{t} * 2", "section: Tell", "H_{t} = tanh(B_{t})"]
    steps = [loop(*body), "Sum:", "S = H_1 + H_3", "T = S * S"]
    made = book(f"H_0 constant {rows}x1, W parameter {rows}x{rows}", steps).plan.sheets[0]
    first, second = (next(x.row for x in made.labels if x.text == title) for title in ("Ask", "Tell"))
    heads = [(x.row, x.text) for x in made.labels if x.style in ("turn", "head") and x.text.startswith("t")]
    turns = ["t = 1", "t = 2", "t = 3"]
    assert [text for row, text in heads if row == first] == turns
    assert [text for row, text in heads if row == second] == (turns if again else [])


def test_other_slices_leave_a_matrix_whole() -> None:
    steps = ["A = X[0:2, 0:2] + X[1:3, 1:3]", loop("H_{t} = tanh(W @ X[:, {t-1}])")]
    placement = page("X input 3x3, W parameter 2x3", steps)
    assert boxes(placement)["X"].width == 3


def test_a_state_that_a_product_reads_comes_along_a_line() -> None:
    steps = [loop("H_{t} = tanh(W @ X[:, {t-1}] + U @ H_{t-1})")]
    placement = page("X input 2x3, H_0 constant 2x1, W parameter 2x2, U parameter 2x2", steps)
    at = boxes(placement)
    assert [link.source for link in placement.links] == ["H_1", "H_2"]
    link = placement.links[0]
    assert at[link.target].column == at["H_2"].column
    (row, out), *_, (above, end) = link.path
    assert (out, end) == (at["H_1"].right, at[link.target].column) and row > above


def test_a_state_line_runs_in_a_split_gap_and_enters_next_to_its_head() -> None:
    steps = [loop("H_{t} = tanh(W @ X[:, {t-1}] + U @ H_{t-1})")]
    placement = page("X input 2x3, H_0 constant 2x1, W parameter 2x2, U parameter 2x2", steps)
    at, link = boxes(placement), placement.links[0]
    source, target = at[link.source], at[link.target]
    middle = source.right + 1
    assert link.path == ((source.row + 1, source.right), (source.row + 1, middle), (target.row + 1, middle),
                         (target.row + 1, target.column))  # fmt: skip
    assert [placement.columns[k - 1].width for k in (middle - 1, middle)] == [1.6, 1.6]
    assert link.right == (target.row + 1, target.column - 1)


def test_a_wide_matrix_in_another_band_does_not_throw_a_loop_to_the_right() -> None:
    steps = ["Start:", "W = V @ A", loop("section: Step {t}", "H_{t} = tanh(W @ H_{t-1})")]
    at = boxes(page("A constant 2x9, V parameter 9x2, H_0 constant 9x1", steps))
    assert at["H_1"].column == at["W"].column


def test_the_first_turn_stands_under_the_trunk_of_the_other_bands() -> None:
    steps = ["Start:", "A = X * X", loop("section: Step {t}", "H_{t} = tanh(W @ H_{t-1})"), "End:", "B = A + X"]
    placement = page("X input 2x4, H_0 constant 2x1, W parameter 2x2", steps)
    at = boxes(placement)
    assert at["A"].column == at["H_1"].column == at["B"].column
    for before, after in ((1, 2), (2, 3)):
        assert at[f"H_{after}"].column - at[f"H_{before}"].right == 2
    (forward,) = (head for head in placement.heads if head.kind == "forward")
    assert forward.column == at["H_1"].column >= at["W"].right


def test_turns_keep_one_column_between_them_where_gradients_fit_beside_only_then() -> None:
    steps = [loop("H_{t} = tanh(W @ X[:, {t-1}] + U @ H_{t-1})", turns=8), "L = sum(H_8 ** 2)"]
    givens = "X input 1x8, H_0 constant 1x1, W parameter 1x1, U parameter 1x1"
    placement = page(givens, steps, "loss: L\nbackward: true")
    at = boxes(placement)
    assert placement.mode == "beside" and placement.links
    for link in placement.links:
        (row, column), (other, right) = link.path
        left_box, right_box = sorted((at[link.source], at[link.target]), key=lambda box: box.column)
        assert (column, right, right - column) == (left_box.right, right_box.column, 1) and row != other


def test_a_state_read_by_its_own_next_value_has_no_line_and_no_copy() -> None:
    steps = [loop("g_{t} = W @ X[:, {t-1}]", "m_{t} = 0.9 * m_{t-1} + g_{t}")]
    placement = page("X input 2x3, m_0 constant 2x1, W parameter 2x2", steps)
    assert placement.links == ()
    assert not copies(placement)
    assert any(arrow.source == "m_1" and arrow.target == "m_2" for arrow in placement.arrows)


def test_any_shared_matrix_makes_lanes_whatever_its_role() -> None:
    placement = page("X input 2x3, A constant 2x1", [loop("d_{t} = X[:, {t-1}] * A", "e_{t} = tanh(d_{t})")])
    assert placement.bands[0].block.turns == (0, 1, 2)


def test_turns_that_do_not_feed_each_other_make_lanes_though_they_share_nothing() -> None:
    steps = [loop("Q_{t} = W_{t} @ X_{t}", turns=2)]
    placement = page("X_1 input 3x2, X_2 input 3x2, W_1 parameter 2x3, W_2 parameter 2x3", steps)
    at = boxes(placement)
    assert [band.block.turns for band in placement.bands] == [(0, 1)]
    assert at["Q_1"].row == at["Q_2"].row


def test_the_constant_with_which_a_state_starts_is_no_bias_of_the_first_turn() -> None:
    steps = [loop("b_{t} = b_{t-1} + W @ X[:, {t-1}] + c")]
    made = program("X input 2x3, b_0 constant 2x1, c constant 2x1, W parameter 2x2", steps)
    assert [(s.name, [ref.name for ref in s.expr.references]) for s in made.statements[:2]] == [
        ("b_1_product", ["W", "c", "X"]), ("b_1", ["b_0", "b_1_product"]),
    ]  # fmt: skip
    bands = page("X input 2x3, b_0 constant 2x1, c constant 2x1, W parameter 2x2", steps).bands
    assert [band.block.turns for band in bands] == [(0, 1, 2)]


def test_a_shared_number_makes_no_lanes() -> None:
    at = boxes(page("x_0 input 3x1, w parameter 1x1", [loop("x_{t} = w * x_{t-1}")]))
    assert at["x_1"].column == at["x_2"].column
    assert at["x_1"].row < at["x_2"].row


def test_turns_that_feed_each_other_and_share_nothing_are_a_chain() -> None:
    steps = [loop("section: Layer {t}", "H_{t} = tanh(W_{t} @ H_{t-1})", turns=2)]
    placement = page("H_0 input 2x3, W_1 parameter 2x2, W_2 parameter 2x2", steps)
    assert [band.block.title for band in placement.bands] == ["Layer 1", "Layer 2"]
    assert boxes(placement)["H_1"].column == boxes(placement)["H_2"].column


LSTM = loop(
    "xh_{t} = vstack([X[:, {t-1}], h_{t-1}])", "f_{t} = sigmoid(F @ xh_{t})", "i_{t} = sigmoid(I @ xh_{t})",
    "g_{t} = tanh(G @ xh_{t})", "c_{t} = f_{t} * c_{t-1} + i_{t} * g_{t}", "h_{t} = tanh(c_{t})",
)  # fmt: skip
GATES = "X input 2x3, h_0 constant 2x1, c_0 constant 2x1, F parameter 2x4, I parameter 2x4, G parameter 2x4"


def test_gates_stand_right_of_their_products_and_what_joins_them_below() -> None:
    placement = page(GATES, [LSTM])
    at = boxes(placement)
    assert at["f_1"].row == at["f_1_pre"].row
    assert at["f_1"].column == at["f_1_pre"].right + 1
    assert at["c_1"].column == at["f_1"].column
    assert placement.rails == ()


def test_a_function_of_a_turn_s_only_product_goes_down() -> None:
    steps = [loop("H_{t} = tanh(W @ X[:, {t-1}] + U @ H_{t-1})")]
    at = boxes(page("X input 2x3, H_0 constant 2x1, W parameter 2x2, U parameter 2x2", steps))
    assert at["H_1"].column == at["H_1_pre"].column


def test_a_stack_whose_input_has_no_place_is_drawn_as_its_parts() -> None:
    placement = page(GATES, [LSTM])
    at = boxes(placement)
    first, second = (at[key] for key in placement.parts["xh_2"])
    assert (first.matrix, second.matrix) == ("X", "h_1")
    assert second.row == first.below
    assert second.glued == "under"


def test_a_column_has_its_place_beside_a_state_that_is_too_big_for_a_copy(tmp_path: Path) -> None:
    """101 numbers of the state are read where they stand; the input's column stands there for the first time."""
    given = "X input 1x3, H_0 constant 101x1, W parameter 101x102"
    made = book(given, [loop("S_{t} = vstack([X[:, {t-1}], H_{t-1}])", "H_{t} = tanh(W @ S_{t})")])
    columns = [r for sheet in made.plan.sheets for r in sheet.regions if r.name == "X"]
    x = made.values["X"]
    assert [r.values.tolist() for r in columns] == [[[x[0, 0]]], [[x[0, 1]]], [[x[0, 2]]]]
    (second,) = (r for sheet in made.plan.sheets for r in sheet.regions if r.name == "S_2")
    assert second.formulas is not None
    assert second.formulas[0][0] == span(columns[1].row, columns[1].column)
    made.save(tmp_path / "big.xlsx")
    assert check_file(made.plan, tmp_path / "big.xlsx", get_engine("ironcalc")).ok


def test_what_does_not_stand_whole_is_not_read_from_what_stands() -> None:
    x, column = matrix("X", (2, 3)), matrix("X@1", (2, 1))
    with pytest.raises(ValueError, match="X is 2×3, and 2×1 of it stand"):
        put(cut(x, 1, 2, 3), {}, {"X": column})


def test_turns_with_weights_of_their_own_are_framed() -> None:
    steps = [loop("section: Head {t}", "Q_{t} = W_{t} @ X", turns=2)]
    placement = page("X input 3x2, W_1 parameter 2x3, W_2 parameter 2x3", steps)
    at = boxes(placement)
    frames = [frame for frame in placement.frames if frame.kind == "turn"]
    assert [frame.turn for frame in frames] == [0, 1]
    assert frames[0].column + frames[0].width <= at["W_2"].column
    assert copies(placement, "X")[0].column == at["Q_2"].column


def test_frames_have_air_at_their_right_and_stand_apart() -> None:
    steps = [loop("section: Head {t}", "Q_{t} = W_{t} @ X", "explain: 'Q_{t}[:, 0]'", turns=2), "L = sum(Q_1 * Q_2)"]
    placement = page("X input 3x2, W_1 parameter 2x3, W_2 parameter 2x3", steps)
    at = boxes(placement)
    first, second = (frame for frame in placement.frames if frame.kind == "turn")
    for frame, lane in ((first, at["Q_1"]), (second, at["Q_2"])):
        assert frame.air and frame.column + frame.width == lane.right + 1
    assert second.column == first.column + first.width + 1
    assert all(f.column > second.column + second.width for f in placement.frames if f.kind == "closer")
    assert [placement.columns[first.column + first.width - 2 + k].kind for k in (0, 1)] == ["gap", "gap"]


def test_a_rail_of_a_framed_turn_runs_within_its_frame() -> None:
    """Not along its side, where it couldn't be told from it."""
    chain = ["B_{t} = tanh(A_{t})", "C_{t} = relu(B_{t})", "D_{t} = tanh(C_{t})", "E_{t} = relu(D_{t})",
             "F_{t} = tanh(E_{t})"]  # fmt: skip
    steps = [loop("A_{t} = W_{t} @ X", *chain, "G_{t} = F_{t} + A_{t}", turns=2), "L = sum(G_1 * G_2)"]
    placement = page("X input 3x3, W_1 parameter 3x3, W_2 parameter 3x3", steps)
    first, second = placement.frames
    for frame, rail in zip((first, second), placement.rails, strict=True):
        assert frame.column < rail.column < frame.column + frame.width - 1
    assert first.column + first.width < second.column


def test_two_framed_turns_with_gradients_go_on_sheets() -> None:
    steps = [loop("section: Kernel {t}", "Z_{t} = conv2d(X, K_{t})", turns=2), "Loss:", "L = sum(Z_1 * Z_2)"]
    placement = page("X input 6x6, K_1 parameter 3x3, K_2 parameter 3x3", steps, TRAIN)
    assert placement.mode == "sheets"
    assert len(placement.columns) <= 28


def test_what_follows_a_loop_reads_all_turns_as_copies() -> None:
    steps = [loop("H_{t} = W @ X[:, {t-1}]", turns=4), "Sum:", "O = H_1 + H_2 + H_3 + H_4"]
    placement = page("X input 2x4, W parameter 2x2", steps)
    copies = [box for box in placement.boxes if box.kind == "copy" and box.band == 1]
    assert [box.matrix for box in copies] == ["H_1", "H_2", "H_3", "H_4"]
    assert placement.rails == ()


def test_a_state_that_starts_as_zeros_stands_in_the_first_turn() -> None:
    """It needs no band of its own, and what is said of it comes first."""
    start = "do: h_0 = zeros((2, 1))\n    say: It starts at 0."
    turns = loop("h_{t} = tanh(U @ h_{t-1} + W @ X[:, {t-1}])")
    steps = ["One:", start, turns, "L = sum(h_3 ** 2)"]
    given = "X input 2x3, U parameter 2x2, W parameter 2x2"
    placement = page(given, steps)
    at = boxes(placement)
    assert len(placement.bands) == 2 and at["h_0"].band == at["h_1"].band == 0
    assert (at["h_0"].turn or 0, at["h_0"].column) == (0, at["h_1"].column) and copies(placement, "h_0") == []
    margin = sorted((x.row, x.text) for x in book(given, steps).plan.sheets[0].labels if x.column == 2)
    assert [text for _, text in margin][:2] == ["One", "It starts at 0."]


@pytest.mark.xfail(strict=True, reason="a statement without a title makes a band of its own")
def test_a_statement_between_two_loops_opens_the_second() -> None:
    steps = [loop("h_{t} = W @ h_{t-1}"), "s_0 = 2 * h_3", loop("s_{t} = V @ s_{t-1}")]
    placement = page("h_0 input 2x1, W parameter 2x2, V parameter 2x2", steps)
    assert [band.block.loop for band in placement.bands] == [1, 2]
    assert boxes(placement)["s_0"].band == 1


RNN = loop("H_{t} = tanh(W @ X[:, {t-1}] + U @ H_{t-1})", turns=40)
LONG = "X input 2x40, H_0 constant 2x1, W parameter 2x2, U parameter 2x2"


def test_a_wrapped_page_can_be_read() -> None:
    assert check.readable(page(LONG, [RNN])) == []


def test_turns_that_do_not_fit_are_wrapped_with_copies_of_the_weights() -> None:
    placement = page(LONG, [RNN])
    bands = placement.bands
    assert len(bands) > 1
    assert [band.block.continued for band in bands] == [False, *[True] * (len(bands) - 1)]
    assert sum((band.block.turns for band in bands), ()) == tuple(range(40))
    assert [box.band for box in copies(placement, "W")] == list(range(1, len(bands)))
    assert sum(link.wraps for link in placement.links) == len(bands) - 1


def test_a_shared_weight_s_gradient_adds_partial_sums_at_its_copies() -> None:
    placement = page(LONG, [RNN, "Loss:", "L = sum(H_40 ** 2)"], TRAIN)
    shares = [box for box in placement.boxes if box.kind == "part" and box.of == "W"]
    bands = [band for band in placement.bands if band.block.loop is not None]
    assert sorted(box.band for box in shares) == [band.block.index for band in bands[1:]]
    copied = {box.key: box.at for box in placement.boxes if box.kind == "copy"}
    assert {box.key for box in shares} <= {copied.get(key, key) for key in reads(boxes(placement)["dL_dW"])}


def test_one_copy_left_of_the_first_turn_serves_all_turns() -> None:
    steps = ["A = W @ V", "B = tanh(A)", "Loop:", loop("H_{t} = tanh(A @ X[:, {t-1}])")]
    placement = page("W parameter 2x2, V parameter 2x2, X input 2x3", steps)
    at = boxes(placement)
    left = {key for t in (1, 2, 3) for key in reads(at[f"H_{t}_pre"]) if at[key].of == "A" or at[key].matrix == "A"}
    assert len(left) == 1
    assert at[left.pop()].right <= at["H_1_pre"].column - 1


def test_a_state_that_is_a_row_is_copied_left_of_each_turn() -> None:
    steps = [loop("y_{t} = w_{t-1} @ X", "g_{t} = y_{t} @ D", "w_{t} = w_{t-1} - g_{t}")]
    placement = page("X input 2x3, D constant 3x2, w_0 parameter 1x2", steps)
    at = boxes(placement)
    for t in (2, 3):
        (copy,) = [box for box in copies(placement, f"w_{t - 1}") if box.key in reads(at[f"y_{t}"])]
        assert (copy.row, copy.turn) == (at[f"y_{t}"].row, t - 1)
        assert copy.right < at[f"y_{t}"].column


def test_a_state_that_a_function_reads_is_a_copy_in_its_turn_s_slot() -> None:
    steps = [loop("a_{t} = W @ X[:, {t-1}]", "b_{t} = a_{t} * s_{t-1}", "s_{t} = tanh(b_{t})")]
    placement = page("X input 2x3, s_0 constant 2x1, W parameter 2x2", steps)
    at = boxes(placement)
    for t in (2, 3):
        (copy,) = copies(placement, f"s_{t - 1}")
        assert (copy.row, copy.turn) == (at[f"b_{t}"].row, t - 1)
        assert at[f"b_{t - 1}"].right <= copy.column < copy.right <= at[f"b_{t}"].column


def test_two_states_are_two_rows_of_the_table() -> None:
    placement = page(GATES, [LSTM])
    assert {link.source for link in placement.links} == {"h_1", "h_2"}
    arrows = {(arrow.source, arrow.target) for arrow in placement.arrows}
    assert not [box for box in copies(placement) if box.matrix in ("c_1", "c_2")]
    assert {"c_1", "c_2"} <= {name for t in (2, 3) for name in reads(boxes(placement)[f"c_{t}"])}
    assert arrows


def test_forward_lines_run_right_and_up_and_gradient_lines_left_and_down() -> None:
    steps = [loop("H_{t} = tanh(W @ X[:, {t-1}] + U @ H_{t-1})", turns=9), "L = sum(H_9 ** 2)"]
    placement = page("X input 2x9, H_0 constant 2x1, W parameter 2x2, U parameter 2x2", steps, TRAIN)
    at = boxes(placement)
    assert {link.sheet for link in placement.links if not link.gradient} == {0, 2}
    for link in placement.links:
        source, target = at[link.source], at[link.target]
        assert (source.column > target.column) is link.gradient
        assert (source.row < target.row) is link.gradient
        assert link.sheet == 1 or not link.gradient


def test_turns_are_as_far_apart_as_their_widest_row() -> None:
    steps = [loop("H_{t} = W @ X[:, {t-1}]", turns=3)]
    at = boxes(page("X input 2x3, W parameter 2x2", steps))
    assert at["H_2"].column - at["H_1"].column == 2
    steps = [loop("H_{t} = tanh(W @ X + {t} * U)", turns=3)]
    at = boxes(page("X input 2x3, W parameter 2x2, U constant 2x3", steps))
    assert at["H_2"].column - at["H_1"].column == 4


def test_a_convolution_s_image_stands_once_for_all_kernels() -> None:
    placement = page("X input 5x5, K_1 parameter 3x3, K_2 parameter 3x3", [loop("Z_{t} = conv2d(X, K_{t})", turns=2)])
    at = boxes(placement)
    assert copies(placement) == []
    assert at["X"].row == at["K_1"].row == at["K_2"].row
    assert [frame.turn for frame in placement.frames] == [0, 1]


def test_the_bands_of_a_group_of_turns_stay_together() -> None:
    steps = [loop("section: In", "H_{t} = tanh(W @ X[:, {t-1}] + U @ H_{t-1})", "section: Out", "Y_{t} = V @ H_{t}",
                  turns=40)]  # fmt: skip
    placement = page(f"{LONG}, V parameter 2x2", steps)
    blocks = [band.block for band in placement.bands]
    assert [block.title for block in blocks] == ["In", "Out"] * 3
    assert [block.group for block in blocks] == [0, 0, 1, 1, 2, 2]


@pytest.mark.xfail(strict=True, reason="a turn's first statements take the section with which the last turn ended")
def test_a_section_within_a_loop_s_body_begins_there_in_every_turn() -> None:
    steps = [loop("H_{t} = W @ X[:, {t-1}]", "section: Out", "Y_{t} = V @ H_{t}")]
    blocks = [band.block for band in page("X input 2x3, W parameter 2x2, V parameter 2x2", steps).bands]
    assert [(block.title, block.turns) for block in blocks] == [("", (0, 1, 2)), ("Out", (0, 1, 2))]
    made = book("X input 2x3, W parameter 2x2, V parameter 2x2", steps)
    assert "Out" in [label.text for label in made.plan.sheets[0].labels if label.style == "section"]


SECTIONS = [
    "section: Input", "x_{t} = vstack([X[:, {t-1}], h_{t-1}])", "section: Forget", "f_{t} = sigmoid(Wf @ x_{t} + bf)",
    "section: Take", "g_{t} = tanh(Wg @ x_{t} + bg)", "section: Memory", "c_{t} = f_{t} * c_{t-1} + g_{t}",
    "section: Show", "h_{t} = tanh(c_{t})",
]  # fmt: skip
GIVEN_TO_SECTIONS = (
    "X input 2x3, h_0 constant 2x1, c_0 constant 2x1, Wf parameter 2x4, bf parameter 2x1, Wg parameter 2x4, "
    "bg parameter 2x1"
)


def test_the_sections_of_a_loop_s_body_go_on_in_the_lanes_of_the_section_before() -> None:
    placement = page(GIVEN_TO_SECTIONS, [loop(*SECTIONS)])
    at = boxes(placement)
    assert [band.block.title for band in placement.bands] == ["Input", "Forget", "Take", "Memory", "Show"]
    assert [box.matrix for box in copies(placement)] == ["h_1", "h_2"], "what all gates read stands once in each turn"
    ones = [box for box in placement.boxes if box.kind == "ones"]
    assert {placement.bands[box.band].block.title for box in ones} == {"Input"} and len(ones) == 3
    for t in (1, 2, 3):
        (product,) = reads(at[f"f_{t}"])
        assert at[product].row == at[f"f_{t}"].row and at[product].right < at[f"f_{t}"].column
        assert {at[name].column for name in (f"f_{t}", f"g_{t}", f"c_{t}", f"h_{t}")} == {at[f"f_{t}"].column}
        assert f"f_{t}" in reads(at[f"c_{t}"])


def test_within_a_loop_what_only_one_product_reads_is_copied_into_its_section() -> None:
    steps = [loop("Q_{t} = A @ X[:, {t-1}]", "K_{t} = B @ X[:, {t-1}]", "section: Scores", "S_{t} = C @ Q_{t}")]
    placement = page("X input 2x3, A parameter 2x2, B parameter 2x2, C parameter 2x2", steps)
    assert [box.matrix for box in copies(placement)] == ["Q_1", "Q_2", "Q_3"]


def test_the_largest_of_each_column_stands_under_the_scores_though_the_softmax_has_a_section_of_its_own() -> None:
    steps = [loop("section: Scores", "S_{t} = W_{t} @ X", "section: Softmax", "A_{t} = softmax(S_{t})", turns=2)]
    placement = page("X input 2x3, W_1 parameter 3x2, W_2 parameter 3x2", steps)
    at = boxes(placement)
    scores, softmax = placement.bands
    for t in (1, 2):
        (largest,) = [box for box in placement.boxes if box.of == f"A_{t}_exp"]
        assert (largest.row, largest.band) == (at[f"S_{t}"].below, scores.block.index)
        assert at[f"A_{t}"].band == softmax.block.index
    assert softmax.block.steps == (2, 4) and scores.block.steps == (1, 3)
    assert placement.rails == () and not copies(placement, "S_1")


def test_the_second_loop_of_a_program_starts_in_the_first_lane_again() -> None:
    steps = [loop("H_{t} = W @ X[:, {t-1}]"), "Two:", loop("G_{t} = V @ Y[:, {t-1}]")]
    at = boxes(page("X input 2x3, Y input 2x3, W parameter 2x2, V parameter 2x2", steps))
    assert at["G_1"].column == at["H_1"].column


def test_a_factor_that_stays_stands_once_left_of_the_first_turn() -> None:
    steps = [loop("e_{t} = X @ r_{t-1} - Y", "g_{t} = X.T @ e_{t}", "r_{t} = r_{t-1} - 0.1 * g_{t}")]
    placement = page("X input 3x2, Y input 3x1, r_0 parameter 2x1", steps)
    at = boxes(placement)
    assert at["X"].right < at["e_1_product"].column
    assert [box.turned for box in copies(placement, "X")] == [True]
    assert all("X" in reads(at[f"e_{t}_product"]) for t in (1, 2, 3))


def test_a_number_that_changes_per_turn_is_a_row_in_the_lane_above_its_reader() -> None:
    steps = [loop("b_{t} = b_{t-1} * beta", "m_{t} = 0.9 * m_{t-1} + W @ X[:, {t-1}]", "h_{t} = m_{t} / (1 - b_{t})")]
    at = boxes(page("X input 2x3, W constant 2x2, m_0 constant 2x1, b_0 constant 1x1, beta constant 1x1", steps))
    for t in (1, 2, 3):
        assert at[f"b_{t}"].column == at[f"h_{t}"].column
        assert at[f"b_{t}"].row < at[f"h_{t}"].row
        assert f"b_{t}" in reads(at[f"h_{t}"])


QUADRATIC = loop("p_{t} = W @ s_{t-1}", "s_{t} = tanh(p_{t})", "e_{t} = s_{t}.T @ W @ s_{t}")


def test_a_row_times_a_matrix_times_a_column_begins_with_the_column() -> None:
    """The matrix stays left of the first turn, and the column is read twice where it stands: turns are one column."""
    placement = page("W constant 6x6, s_0 input 6x1", [QUADRATIC])
    at = boxes(placement)
    assert reads(at["e_2"]) == {"s_2", "e_2_right"}
    assert at["s_2"].column == at["e_2_right"].column == at["e_2"].column
    assert {box.zone.turn for box in copies(placement, "W")} == {0}
    assert max(box.width for box in placement.boxes if box.zone.part == 1) == 1


def test_turns_that_are_too_wide_open_no_lanes_to_the_right_before_they_are_wrapped() -> None:
    steps = [loop("A_{t} = F @ P_{t-1} @ F.T", "P_{t} = A_{t} @ F @ F.T + D")]
    placement = page("F constant 4x4, D constant 4x4, P_0 constant 4x4", steps)
    assert [band.block.turns for band in placement.bands] == [(0, 1, 2)]
    assert {box.zone.sub for box in placement.boxes} == {0}


def test_turns_that_nearly_fit_get_narrow_columns_before_they_are_wrapped() -> None:
    steps = [loop("A_{t} = W @ X", "B_{t} = A_{t} * {t}", turns=4)]
    placement = page("W constant 3x3, X input 3x8", steps)
    assert [band.block.turns for band in placement.bands] == [(0, 1, 2, 3)]
    assert {column.width for column in placement.columns if column.kind == "lane"} == {4.1}
