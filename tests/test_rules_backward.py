"""Gradients, new weights and the second forward pass: each rule on a small program that shows it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from by_specs import PATHS
from checks_page import placed
from small import TRAIN, book, boxes, copies, loop, page, reads

import sheetgen
from sheetgen.cells.a1 import span
from sheetgen.layout.drawing.rows import cuts
from sheetgen.layout.geometry.apart import _Ground
from sheetgen.layout.geometry.figure import Box, Placement
from sheetgen.layout.geometry.fit import likely, papers, printed
from sheetgen.layout.plan import Role


def test_gradients_stand_beside_on_the_rows_of_their_matrices() -> None:
    steps = ["Z = W @ X + b", "A = tanh(Z)", "L = mse(A, Y)"]
    placement = page("X input 3x2, W parameter 3x3, b parameter 3x1, Y target 3x2", steps, TRAIN)
    at = boxes(placement)
    assert placement.mode == "beside"
    assert at["dL_dZ"].row == at["Z"].row
    assert at["dL_dA"].column == at["dL_dZ"].column > at["Z"].right
    assert at["dL_dW"].row == at["W_new"].row == at["W"].row
    assert at["dL_dW"].right == at["dL_db"].column
    assert at["dL_dZ"].right < at["dL_dW"].column < at["W_new"].column


def test_a_narrow_net_has_its_second_pass_beside_too() -> None:
    steps = ["Z = W @ X", "L = sum(Z ** 2)"]
    placement = page("X input 3x5, W parameter 3x3", steps, TRAIN)
    at = boxes(placement)
    assert placement.sheets == (0,)
    assert (at["Z_new"].row, at["Z_new"].sheet) == (at["Z"].row, 0)
    assert at["Z_new"].column > at["W_new"].right


def test_a_wide_lane_has_its_second_pass_on_the_third_sheet_in_the_same_cells() -> None:
    steps = ["Z = W @ X", "L = sum(Z ** 2)"]
    placement = page("X input 3x9, W parameter 3x3", steps, TRAIN)
    at = boxes(placement)
    assert at["Z_new"].sheet == 2
    assert (at["Z_new"].row, at["Z_new"].column) == (at["Z"].row, at["Z"].column)
    link = at["L_new@loss"]
    assert (link.sheet, link.row, link.column) == (0, at["L"].row, at["L"].column + 2)


def test_on_sheets_every_gradient_has_its_matrix_s_cells() -> None:
    steps = [loop("H_{t} = tanh(W @ X[:, {t-1}] + U @ H_{t-1})", turns=9), "L = sum(H_9 ** 2)"]
    placement = page("X input 2x9, H_0 constant 2x1, W parameter 2x2, U parameter 2x2", steps, TRAIN)
    at = boxes(placement)
    assert placement.mode == "sheets"
    for name in ("W", "U", "H_3", "H_5_pre"):
        there = at[f"dL_d{name}"]
        assert (there.sheet, there.row, there.column) == (1, at[name].row, at[name].column)
    assert (at["W_new"].sheet, at["W_new"].row, at["W_new"].column) == (2, at["W"].row, at["W"].column)


def test_a_copy_s_gradient_stands_at_the_copy_and_returns_from_there() -> None:
    steps = ["One:", "Q = W @ X", "K = V @ X", "Two:", "S = K.T @ Q", "L = sum(S ** 2)"]
    placement = page("X input 3x4, W parameter 3x3, V parameter 3x3", steps, TRAIN)
    at = boxes(placement)
    copy = copies(placement, "K")[0]
    share = next(box for box in placement.boxes if box.kind == "part" and box.of == "K")
    assert (share.row, share.height, share.width) == (copy.row, copy.height, copy.width)
    assert reads(at["dL_dK"]) == {share.key}
    assert copy.key not in reads(share)


def test_a_softmax_s_gradient_has_its_sum_on_the_rows_of_the_exponentials() -> None:
    steps = ["Z = W @ X", "A = softmax(Z)", "L = sum(A ** 2)"]
    at = boxes(page("X input 3x2, W parameter 3x3", steps, TRAIN))
    assert at["dL_dZ_terms"].row == at["A_exp"].row
    assert at["dL_dZ_terms@sum"].row == at["A_sum"].row
    assert "dL_dZ_terms@sum" in reads(at["dL_dZ"])


def test_the_turned_input_stands_above_a_weight_s_gradient_where_there_is_room() -> None:
    at = boxes(page("X input 3x2, W parameter 4x3", ["Z = W @ X", "L = sum(Z ** 2)"], TRAIN))
    above = at["dL_dW@above"]
    assert above.turned
    assert above.column == at["dL_dW"].column
    assert above.below in (at["dL_dW"].row, at["dL_dW"].row - 1)
    assert above.key in reads(at["dL_dW"])


@pytest.mark.parametrize(("samples", "copied"), [(3, ["W", "V", "U"]), (4, [])])
def test_between_a_weight_s_gradient_and_the_turned_input_under_it_is_a_row(samples: int, copied: list[str]) -> None:
    """Room is made for few samples; of more, no copy stands right under a gradient, as if it were a part of it."""
    steps = ["A = W @ X", "B = V @ A", "C = U @ B", "L = sum(C ** 2)"] if copied else [
        "A = tanh(W @ X)", "B = tanh(V @ A)", "C = U @ B", "L = sum(C ** 2)"]  # fmt: skip
    weights = "W parameter 3x2, V parameter 2x3, U parameter 2x2"
    placement = page(f"X input 2x{samples}, {weights}", steps, TRAIN)
    above = [box for box in placement.boxes if box.key.endswith("@above")]
    assert [box.key for box in above] == [f"dL_d{name}@above" for name in copied]
    for box in above:
        assert not any(other.below == box.row and other.column == box.column for other in placement.boxes)
        assert box.caption is not None and box.caption.row == box.row - 1


def test_the_turned_input_stands_in_the_first_row_of_its_band_rather_than_nowhere() -> None:
    placement = page("X input 3x4, W parameter 2x3", ["Z = W @ X", "L = sum(Z ** 2)"], TRAIN)
    above = boxes(placement)["dL_dW@above"]
    assert above.row == placement.bands[above.band].first_row and above.caption is None
    assert above.key in reads(boxes(placement)["dL_dW"])


def test_the_turned_input_stands_above_a_gradient_that_adds_something_to_the_product() -> None:
    steps = ["Z = W @ X", "L = sum(Z ** 2) + sum(W ** 2)"]
    at = boxes(page("X input 3x2, W parameter 4x3", steps, TRAIN))
    assert at["dL_dW@above"].below == at["dL_dW"].row - 1 and at["dL_dW@above"].key in reads(at["dL_dW"])
    assert "W" in reads(at["dL_dW"])


def test_the_turned_input_leaves_the_first_row_of_its_band_to_the_title() -> None:
    """Its edge would break the line above the band."""
    steps = ["One:", "Z = W @ X", "A = tanh(Z)", "Two:", "B = V @ A", "L = sum(B ** 2)"]
    placement = page("X input 3x2, W parameter 2x3, V parameter 2x2", steps, TRAIN)
    at = boxes(placement)
    for key in ("dL_dW@above", "dL_dV@above"):
        assert at[key].row > placement.bands[at[key].band].first_row


@pytest.mark.parametrize("samples", [1, 2, 3])
def test_a_weight_s_gradient_has_a_caption_of_its_own_under_the_turned_input(samples: int) -> None:
    steps = ["Z = W @ X + b", "A = tanh(Z)", "Next:", "U = V @ A + c", "B = tanh(U)", "T = S @ B", "L = sum(T ** 2)"]
    givens = f"X input 3x{samples}, W parameter 4x3, b parameter 4x1, V parameter 4x4, c parameter 4x1, S parameter 2x4"
    at = boxes(page(givens, steps, TRAIN))
    for weight in "WVS":
        above, gradient = at[f"dL_d{weight}@above"], at[f"dL_d{weight}"]
        assert gradient.caption is not None
        assert above.below == gradient.caption.row == gradient.row - 1


def test_ones_stand_over_a_bias_s_gradient_beside_the_turned_input() -> None:
    givens = "X input 3x2, W parameter 4x3, b parameter 4x1"
    at = boxes(page(givens, ["Z = W @ X + b", "L = sum(Z ** 2)"], TRAIN))
    above, ones = at["dL_dW@above"], at["dL_db@ones"]
    assert (ones.row, ones.height, ones.kind) == (above.row, 2, "ones")
    assert ones.column == above.right == at["dL_db"].column


def test_a_gradient_goes_up_the_rail_of_its_skip() -> None:
    steps = ["H = P @ X", "A = W @ H", "B = tanh(A)", "C = V @ B", "D = tanh(C)", "E = U @ D", "F = E + H",
             "L = sum(F ** 2)"]  # fmt: skip
    names = ", ".join(["X input 3x2", *(f"{n} parameter 3x3" for n in "PWVU")])
    placement = page(names, steps, "loss: L\nbackward: true")
    down, up = placement.rails
    assert not down.gradient
    assert up.gradient
    assert (up.source, up.target) == ("dL_dF", "dL_dH")
    assert up.source_row > up.target_row
    assert up.colour == down.colour


HEADS = [loop("section: Head {t}", "Z_{t} = W_{t} @ X", "A_{t} = relu(Z_{t})", turns=2), "Loss:",
         "L = mse(A_1 * A_2, Y)"]  # fmt: skip
HEADS_GIVEN = "X input 3x2, W_1 parameter 2x3, W_2 parameter 2x3, Y target 2x2"


def test_what_a_gradient_reads_stands_beside_it_on_the_second_sheet() -> None:
    """∂W = ∂Z·Xᵀ has Xᵀ above it, ∂P∘A₂ has A₂ on its rows; the formulas read these copies."""
    placement = page(HEADS_GIVEN, HEADS, TRAIN)
    at = boxes(placement)
    assert placement.mode == "sheets"
    near = {key: at[key] for key in reads(at["dL_dW_1"]) | reads(at["dL_dA_1@1"]) if at[key].kind == "copy"}
    turned, partner = sorted(near.values(), key=lambda box: box.matrix == "A_2")
    assert turned.turned and turned.matrix == "X"
    assert turned.column == at["dL_dW_1"].column and turned.below == at["dL_dW_1"].row - 1
    assert partner.matrix == "A_2"
    assert (partner.row, partner.height) == (at["dL_dA_1@1"].row, 2)
    assert ("dL_dZ_1", "dL_dW_1", True) in {(arrow.source, arrow.target, arrow.back) for arrow in placement.arrows}


def test_a_gradient_that_is_far_away_is_copied_to_what_reads_it() -> None:
    """A number in the first of the rows that read it; what is near is read in place."""
    middle = ["Middle:", "B = A_1 * A_2", "C = relu(B)", "D = relu(C)", "E = relu(D)", "F = relu(E)"]
    placement = page(HEADS_GIVEN, [*HEADS[:1], *middle, "Last:", "S = sum(F) + sum(A_1[0])", "L = mse(S, 3)"], TRAIN)
    at = boxes(placement)
    near = [at[key] for key in reads(at["dL_dA_1"]) if at[key].kind == "copy"]
    assert [(box.matrix, box.at, box.row) for box in near] == [("dL_dS", "dL_dS", at["dL_dA_1"].row)]
    assert at["dL_dA_1"].column - near[0].right == 1
    assert "dL_dB" in reads(at["dL_dA_1@1"])


def test_a_gradient_far_below_is_copied_to_what_reads_it_beside_the_forward_pass_too() -> None:
    chain = ["B_0 = tanh(U)", *(f"B_{k} = tanh(B_{k - 1})" for k in range(1, 9))]
    total = "S = sum(A) + sum(A[0:1, :]) + sum(B_8)"
    steps = ["One:", "A = W @ X", "Two:", *chain, "Three:", total, "L = S ** 2"]
    placement = page("X input 2x2, W parameter 2x2, U parameter 2x6", steps, TRAIN)
    at = boxes(placement)
    (copy,) = (at[key] for key in reads(at["dL_dA"]))
    assert (copy.matrix, copy.kind, copy.row, copy.sheet) == ("dL_dS", "copy", at["dL_dA"].row, 0)
    assert copy.right + 1 == at["dL_dA"].column and at["dL_dS"].row > copy.row + 16


def test_a_gradient_that_comes_along_a_rail_is_not_copied() -> None:
    middle = ["Middle:", "B = A_1 * A_2", "C = relu(B)", "D = relu(C)", "E = relu(D)", "F = relu(E)", "G = relu(F)"]
    placement = page("X input 3x2, W_1 parameter 3x3, W_2 parameter 3x3",
                     [*HEADS[:1], *middle, "H = relu(G)", "Last:", "R = H + B", "L = sum(R ** 2)"], TRAIN)  # fmt: skip
    assert ("dL_dR", "dL_dB", 1) in {(rail.source, rail.target, rail.sheet) for rail in placement.rails}
    assert "dL_dR" in reads(boxes(placement)["dL_dB"])


def test_what_has_no_room_at_the_sides_of_a_gradient_stands_under_it() -> None:
    placement = page(HEADS_GIVEN, [*HEADS[:1], "Loss:", "C = A_1 * A_2", "D = relu(C)", "E = relu(D)", "L = mse(E, Y)"],
                     TRAIN)  # fmt: skip
    share = boxes(placement)["dL_dA_2@1"]
    (copy,) = (boxes(placement)[key] for key in reads(share) if boxes(placement)[key].kind == "copy")
    assert (copy.matrix, copy.row, copy.column) == ("A_1", share.below + 1, share.column)


WIDER = "X input 3x1, W_1 parameter 2x3, W_2 parameter 2x3, G input 7x1, U_1 parameter 2x7, U_2 parameter 2x7"
"""Heads with weights that leave room between them."""


def near_by_turn(given: str, *steps: str, end: str = "L = sum(A_1 * A_2)") -> tuple[Placement, list[list[Box]]]:
    """The page of two heads, and for each the copies that dL_dZ reads."""
    placement = page(given, [loop("section: Head {t}", *steps, turns=2), "Loss:", end], TRAIN)
    at = boxes(placement)
    return placement, [[at[key] for key in reads(at[f"dL_dZ_{t}"]) if at[key].kind == "copy"] for t in (1, 2)]


def test_copies_stand_beside_each_head_within_its_frame() -> None:
    end = "L = sum(A_1 * A_2) + sum(D_1 * D_2)"
    placement, copies = near_by_turn(WIDER, "Z_{t} = W_{t} @ X", "A_{t} = tanh(Z_{t})", "D_{t} = U_{t} @ G", end=end)
    at = boxes(placement)
    for t, (copy,) in enumerate(copies, 1):
        assert (copy.matrix, copy.row, copy.column) == (f"A_{t}", at[f"dL_dZ_{t}"].row, at[f"dL_dZ_{t}"].right + 1)
        (frame,) = (f for f in placement.frames if (f.sheet, f.turn) == (1, t - 1))
        assert frame.column <= copy.column and copy.right <= frame.column + frame.width
    ends = max(box.right for box in placement.boxes if box.sheet == 0 and box.band >= 0)
    (frame,) = (f for f in placement.frames if (f.sheet, f.turn) == (0, 1))
    assert len(placement.across(0)) == frame.column + frame.width - 1 > ends  # the frame has air


DEEP = ", ".join(["A0 input 3x4, Y target 2x4", *(f"W{k} parameter {rows}x{columns}" for k, (columns, rows)
                                                 in enumerate(pairwise((3, 5, 4, 6, 3, 2)), 1))])  # fmt: skip
DEEPLY = [*(line for k in range(1, 6) for line in (f"section: Layer {k}", f"A{k} = tanh(W{k} @ A{k - 1})")),
          "L = mse(A5, Y)"]  # fmt: skip
"""Five layers, whose gradients have a sheet of their own."""


def test_the_second_sheet_grows_to_the_right_where_nothing_else_is_free() -> None:
    placement = page(DEEP, DEEPLY, TRAIN)
    last = len(placement.across(1))
    assert last > len(placement.across(0))
    at = boxes(placement)
    for k in range(1, 6):
        reader = at[f"dL_dA{k}_pre"]
        (copy,) = (at[key] for key in reads(reader) if at[key].matrix == f"A{k}")
        assert (copy.row, copy.column, copy.right - 1) == (reader.row, reader.right + 1, last)


def test_turns_have_copies_at_the_same_distance() -> None:
    """Right of the second head the page is free, right of the first one stand the second one's weights: both have
    theirs lower down, within their frames."""
    placement, copies = near_by_turn(HEADS_GIVEN, "Z_{t} = W_{t} @ X", "A_{t} = tanh(Z_{t})")
    at = boxes(placement)
    readers = [at["dL_dZ_1"], at["dL_dZ_2"]]
    ways = {(copy.row - box.row, copy.column - box.column) for box, (copy,) in zip(readers, copies, strict=True)}
    assert len(ways) == 1
    for t, (copy,) in enumerate(copies):
        (frame,) = (f for f in placement.frames if (f.sheet, f.turn) == (1, t))
        assert frame.column <= copy.column and copy.right <= frame.column + frame.width


def test_what_has_no_room_next_to_its_reader_stands_in_the_band_and_is_read_there() -> None:
    """Left of the last gradient are the first weights' and above them the output; what is read is two bands lower."""
    steps = ["section: Layer 1", "A = relu(W1 @ X)", "B = vstack([X, A])", "section: Layer 2", "C = relu(W2 @ B)",
             "D = vstack([B, C])", "section: Loss", "Z = W3 @ D", "L = sum(Z * Z)"]  # fmt: skip
    at = boxes(page("X input 2x3, W1 parameter 2x2, W2 parameter 2x4, W3 parameter 2x6", steps, TRAIN))
    (copy,) = (at[key] for key in reads(at["dL_dB"]) if at[key].matrix == "W2")
    assert (copy.kind, copy.sheet, copy.band, copy.turned) == ("copy", 1, 0, True)


def test_an_arrow_leads_back_from_a_copy_at_the_right() -> None:
    placement = page(DEEP, DEEPLY, TRAIN)
    at = boxes(placement)
    back = [arrow for arrow in placement.arrows if arrow.back and at[arrow.source].kind == "copy"]
    assert back
    for arrow in back:
        copy, reader = at[arrow.source], at[arrow.target]
        assert (copy.sheet, reader.phase, copy.row) == (1, "backward", reader.row)
        assert (arrow.first_column, arrow.last_column) == (reader.right, copy.column - 1)


def test_a_copy_rather_stands_on_its_reader_s_rows_than_nearer_on_others() -> None:
    taken = np.zeros((20, 20), dtype=bool)
    taken[7:11, :5] = taken[7:11, 7:11] = True  # at both sides
    none = np.zeros_like(taken)
    ground = _Ground(0, taken, none, np.ones(20, dtype=bool), np.ones(20, dtype=bool))
    reader = Box("Z", "Z", "home", "backward", 1, 8, 5, 2, 2, None)
    assert ground.nearest(ground.free(2, [0], 2), reader, 2, 2) == (8, 12)
    taken[7:11, 11:] = True
    assert ground.nearest(ground.free(2, [0], 2), reader, 2, 2) == (5, 5)


def test_a_part_of_a_gradient_that_is_far_away_stands_beside_the_sum() -> None:
    looks = ["section: First look", "A = softmax(H.T @ q)", "u = q + H @ A",
             "section: Second look", "B = softmax(H.T @ u)", "v = u + H @ B"]  # fmt: skip
    steps = ["section: Memory", "H = tanh(W @ X)", *looks, "section: Loss", "L = sum((v - y) ** 2)"]
    made = book("X input 4x3, W parameter 2x4, q input 2x1, y target 2x1", steps, TRAIN)
    at = boxes(placed(made.program))
    total = at["dL_dH"]
    (copy,) = (at[key] for key in reads(total) if at[key].at == "dL_dH@1")
    assert (copy.kind, copy.row, copy.sheet) == ("copy", total.row, 1)
    assert at["dL_dH@1"].band > total.band == copy.band
    labels = {(label.row, label.column): label.text for label in made.plan.sheets[1].labels}
    assert labels[copy.row - 1, copy.column] == "part of ∂H"
    assert labels[at["dL_dH@1"].row - 1, at["dL_dH@1"].column].endswith("part of ∂H")


def test_beside_the_forward_pass_a_turned_weight_stands_right_of_what_it_makes() -> None:
    """And the head over the weights' gradients, whose columns it shares, stays in the row of heads."""
    steps = ["section: Layer 1", "Z1 = W1 @ X", "A1 = tanh(Z1)", "section: Layer 2", "Z2 = W2 @ A1", "L = mse(Z2, Y)"]
    placement = page("X input 3x2, W1 parameter 3x3, W2 parameter 2x3, Y target 2x2", steps, TRAIN)
    at = boxes(placement)
    (copy,) = (at[key] for key in reads(at["dL_dA1"]) if at[key].matrix == "W2")
    assert (placement.mode, copy.kind, copy.turned) == ("beside", "copy", True)
    assert (copy.row, copy.column) == (at["dL_dA1"].row, at["dL_dA1"].right + 1)
    (head,) = (head for head in placement.heads if head.kind == "weights")
    assert head.band is None


def test_no_band_of_gradients_holds_only_a_copy() -> None:
    """The target of the next section stands by the gradient that reads it, not in its own cells."""
    steps = [loop("section: Step {t}", "H_{t} = tanh(W @ H_{t-1})", turns=9), "section: Loss", "L = mse(H_9, Y)"]
    at = boxes(page("H_0 input 2x2, W parameter 2x2, Y target 2x2", steps, TRAIN))
    (copy,) = (at[key] for key in reads(at["dL_dH_9"]) if at[key].matrix == "Y")
    assert (copy.kind, copy.sheet, copy.band) == ("copy", 1, at["dL_dH_9"].band)
    assert at["Y"].band != copy.band


def test_the_operands_of_a_sum_of_products_are_copied_all_or_none() -> None:
    steps = ["section: Queries", "Q = Wq @ X", "K = Wk @ X", "V = Wv @ X", "section: Scores", "S = K.T @ Q",
             "Z = V @ S", "L = sum(Z * Z)"]  # fmt: skip
    found = []
    for rows, columns in ((2, 8), (4, 10)):  # two of the larger weights would have room
        given = f"X parameter 4x{columns}, Wq parameter {rows}x4, Wk parameter {rows}x4, Wv parameter 2x4"
        at = boxes(page(given, steps, TRAIN))
        found.append([at[key].sheet for key in reads(at["dL_dX"]) if at[key].matrix in ("Wq", "Wk", "Wv")])
    assert found == [[1, 1, 1], [0, 0, 0]]


def test_turns_that_read_the_same_share_a_copy_left_of_the_first() -> None:
    """As they share a weight on the first sheet; and a sum over all turns reads them where they stand."""
    steps = ["V_{t} = tanh(H_{t-1})", "K_{t} = S * V_{t}", "H_{t} = W @ K_{t}"]
    given = "H_0 parameter 2x1, W parameter 2x2, S parameter 2x1"
    placement = page(given, [loop("section: Step {t}", *steps, turns=9), "Loss:", "L = sum(H_9 ** 2)"], TRAIN)
    at = boxes(placement)
    read = [{key for key in reads(at[f"dL_dV_{t}"]) if at[key].matrix == "S"} for t in range(1, 10)]
    assert len(set.union(*read)) == 1 == len(read[8])
    (shared,) = (at[key] for key in read[0])
    assert (shared.kind, shared.sheet, shared.right < at["dL_dV_1"].column) == ("copy", 1, True)
    assert not [key for key in reads(at["dL_dS"]) if at[key].kind == "copy" and "@near" in key]


def test_what_a_mask_blocks_is_dark_on_the_second_sheet() -> None:
    """The rule reads Z by its name: rules may not refer to other sheets."""
    made = book(HEADS_GIVEN, HEADS, TRAIN)
    regions = {region.name: region for region in made.plan.sheets[1].regions}
    z, dz = boxes(page(HEADS_GIVEN, HEADS, TRAIN))["Z_1"], regions["dL_dZ_1"]
    assert (dz.row, dz.column) == (z.row, z.column)
    assert dz.blocked == (f"NOT(IF(INDEX(Z_1,ROW()-{dz.row - 1},COLUMN()-{dz.column - 1})>0,1,0))",)
    assert regions["dL_dA_1"].blocked == ()


def test_what_pooling_doesn_t_pick_is_dark_on_the_second_sheet() -> None:
    steps = [loop("section: Kernel {t}", "A_{t} = conv2d(X, K_{t})", "M_{t} = max_pool(A_{t})", turns=2),
             "Loss:", "L = sum(M_1 * M_2)"]  # fmt: skip
    given = "X input 6x6, K_1 parameter 3x3, K_2 parameter 3x3"
    made, at = book(given, steps, TRAIN), boxes(page(given, steps, TRAIN))
    (largest,) = (at[key] for key in reads(at["dL_dA_1"]) if at[key].matrix == "M_1")
    first = span(largest.row, largest.column)
    dark = next(region for region in made.plan.sheets[1].regions if region.name == "dL_dA_1").blocked
    assert len(dark) == 16
    window = f"COUNTIF(INDEX(A_1,1,1):INDEX(A_1,2,2),{first})"
    assert dark[5] == f"IF(INDEX(A_1,2,2)={first},1/{window},0)=0"


def test_empty_rows_of_further_sheets_are_closed_up() -> None:
    made = book(f"{HEADS_GIVEN}, G constant 2x2", [*HEADS, "M = relu(G)", "N = relu(M)", "O = relu(N)"], TRAIN)
    sheet = made.plan.sheets[1]
    hidden = {row for row, points in sheet.heights if points == 0}
    full = {row for r in sheet.regions for row in range(r.row, r.row + r.height)} | {x.row for x in sheet.labels}
    assert hidden and not hidden & full
    last = max(band.last_row for band in sheet.bands)
    assert not any({row, row + 1}.isdisjoint(full | hidden) for row in range(sheet.first_row, last))


def test_rows_that_the_other_sheets_fold_away_make_room_for_the_turned_input() -> None:
    heads = loop("section: Head {t}", "Q_{t} = W_{t} @ H", turns=2)
    steps = ["One:", "H = tanh(X)", heads, "Loss:", "L = sum(Q_1 * Q_2)"]
    given = "X input 3x5, W_1 parameter 2x3, W_2 parameter 2x3"
    placement, made = page(given, steps, TRAIN), book(given, steps, TRAIN)
    at = boxes(placement)
    for head in ("1", "2"):
        gradient = at[f"dL_dW_{head}"]
        turned = next(at[key] for key in reads(gradient) if at[key].kind == "copy")
        assert (turned.below, turned.column, turned.height) == (gradient.head, gradient.column, 5)
        assert (gradient.row, gradient.column) == (at[f"W_{head}"].row, at[f"W_{head}"].column)
    hidden = [{row for row, points in sheet.heights if points == 0} for sheet in made.plan.sheets]
    assert len(placement.folded) == 2
    assert hidden[0] == {*placement.folded} == hidden[2] & {*placement.folded}
    assert hidden[1].isdisjoint(placement.folded)
    assert placement.rows == placement.last_row - 2


def test_arrows_stay_in_a_band_s_first_row_where_a_gradient_gets_room_above_it() -> None:
    heads = loop("section: Head {t}", "Q_{t} = W_{t} @ X", turns=2)
    steps = [heads, "One:", "A = Q_1 * Q_2", "Two:", "Z = V @ A + b", "L = sum(Z ** 2)"]
    weights = "W_1 parameter 2x3, W_2 parameter 2x3, V parameter 2x2, b parameter 2x1"
    placement = page(f"X input 3x5, {weights}", steps, TRAIN)
    at = boxes(placement)
    (turned,) = (at[key] for key in reads(at["dL_dV"]) if at[key].matrix == "A")
    assert turned.below == at["dL_dV"].head
    rows = [row for row in placement.folded if row in range(turned.head, turned.below)]
    assert at["dL_dZ"].lead == len(rows) + 1 == 5


SCORES = [
    loop("section: Head {t}", "Q_{t} = W_{t} @ X", turns=2), "One:", "G = Q_1 * Q_2", "Q = U @ G", "K = T @ G",
    "V = P @ G", "Two:", "S = K.T @ Q", "A = tanh(S)", "Z = V @ A", "L = sum(Z ** 2)",
]  # fmt: skip
SCORES_GIVEN = "X input 3x4, W_1 parameter 2x3, W_2 parameter 2x3, U parameter 3x2, T parameter 3x2, P parameter 3x2"


def test_cells_of_what_is_read_elsewhere_are_free_for_the_copies_of_others() -> None:
    heads = loop("section: Head {t}", "Q_{t} = W_{t} @ X", turns=2)
    steps = [heads, "One:", "H = Q_1 * Q_2", "Two:", "D = H * M", "Three:", "R = V @ D", "L = sum(R ** 2)"]
    weights = "W_1 parameter 4x3, W_2 parameter 4x3, M constant 4x3, V parameter 3x4"
    at = boxes(page(f"X input 3x3, {weights}", steps, TRAIN))
    (mask,) = (at[key] for key in reads(at["dL_dH"]) if at[key].matrix == "M")
    (turned,) = (at[key] for key in reads(at["dL_dD"]) if at[key].matrix == "V")
    assert mask.row == at["dL_dH"].row
    assert turned.row == at["dL_dD"].row == at["M"].row
    assert at["M"].column < turned.right < at["dL_dD"].column


def test_a_copy_above_a_gradient_leaves_the_one_left_of_the_gradient_above_its_place() -> None:
    at = boxes(page(SCORES_GIVEN, SCORES, TRAIN))
    (above,) = (at[key] for key in reads(at["dL_dK@1"]) if at[key].matrix == "Q")
    (beside,) = (at[key] for key in reads(at["dL_dQ@1"]) if at[key].matrix == "K")
    assert (above.below, above.column) == (at["dL_dK@1"].head, at["dL_dK@1"].column)
    assert beside.row == at["dL_dQ@1"].row
    assert beside.below <= above.head and beside.right < at["dL_dQ@1"].column


def test_products_below_one_another_share_the_copy_above_the_first() -> None:
    at = boxes(page(SCORES_GIVEN, SCORES, TRAIN))
    (above,) = (key for key in reads(at["dL_dU"]) if at[key].matrix == "G")
    assert all(above in reads(at[f"dL_d{name}"]) for name in "UTP")
    assert at[above].below == at["dL_dU"].head


def test_a_page_begins_with_a_gradient_only_together_with_the_copy_above_it() -> None:
    placement = page(SCORES_GIVEN, SCORES, TRAIN)
    at = boxes(placement)
    (above,) = (at[key] for key in reads(at["dL_dV@1"]) if at[key].matrix == "A")
    assert above.below == at["dL_dV@1"].head
    assert {above.head, above.below} & {*cuts(placement, 1, ())} == {above.head}


def test_no_rows_are_folded_where_the_gradients_would_take_more_paper() -> None:
    longer = [*SCORES[:-1], "Three:", "N = M @ Z", "L = sum(N ** 2)"]
    assert page(SCORES_GIVEN, SCORES, TRAIN).folded
    assert not page(f"{SCORES_GIVEN}, M parameter 3x3", longer, TRAIN).folded


def test_a_part_of_a_gradient_is_not_called_by_the_name_of_the_whole() -> None:
    steps = [loop("H_{t} = tanh(W @ X[:, {t-1}] + U @ H_{t-1})", "E_{t} = H_{t} * H_{t}", turns=9),
             "L = sum(E_9 + E_8)"]  # fmt: skip
    made = book("X input 2x9, H_0 constant 2x1, W parameter 2x2, U parameter 2x2", steps, TRAIN)
    said = [label.text for label in made.plan.sheets[1].labels if label.style in ("name", "function")]
    assert "to H₈" in said
    assert sum(text.endswith("∂H₈") for text in said) == 1


def test_a_gradient_that_is_too_wide_to_stand_beside_stands_under_the_page_if_nothing_is_updated() -> None:
    steps = ["One:", "y = tanh(x)", "Two:", "z = x * y", "L = sum(z)"]
    made = book("x input 1x22", steps, "loss: L\nbackward: {wrt: [x]}")
    assert [sheet.title for sheet in made.plan.sheets] == ["Canvas"]
    canvas = made.plan.sheets[0]
    gradient = next(region for region in canvas.regions if region.name == "dL_dx")
    assert gradient.row > max(region.row for region in canvas.regions if region.name != "dL_dx")
    (told,) = [label for label in canvas.labels if label.style == "equation" and label.text.startswith("∂x")]
    assert canvas.bands[-1].first_row <= told.row <= canvas.bands[-1].last_row


def test_the_second_pass_has_the_rail_of_an_input_too() -> None:
    steps = ["A = W @ X", "B = tanh(A)", "C = V @ B", "D = tanh(C)", "E = U @ D", "F = E + X", "L = sum(F ** 2)"]
    placement = page(", ".join(["X input 3x2", *(f"{n} parameter 3x3" for n in "WVU")]), steps, TRAIN)
    assert {(rail.source, rail.target) for rail in placement.rails} == {("X", "F"), ("X@again", "F_new")}


def test_arrows_lead_up_from_a_band_s_first_gradient_to_the_one_that_reads_it() -> None:
    steps = ["One:", "Z = W @ X + b", "A = tanh(Z)", "Two:", "U = V @ A + c", "L = sum(U ** 2)"]
    givens = "X input 3x2, W parameter 3x3, b parameter 3x1, V parameter 3x3, c parameter 3x1"
    at = boxes(page(givens, steps, TRAIN))
    assert [at[f"dL_d{name}"].lead for name in "ZAU"] == [0, 0, 1]


def test_gradients_of_a_page_with_framed_turns_stand_on_a_second_sheet() -> None:
    steps = [loop("section: Head {t}", "Q_{t} = W_{t} @ X", turns=2), "Loss:", "L = sum(Q_1 * Q_2)"]
    placement = page("X input 3x2, W_1 parameter 2x3, W_2 parameter 2x3", steps, TRAIN)
    at = boxes(placement)
    assert placement.mode == "sheets"
    assert (at["dL_dQ_2"].sheet, at["dL_dQ_2"].row, at["dL_dQ_2"].column) == (1, at["Q_2"].row, at["Q_2"].column)


def test_after_the_update_the_first_sheet_s_formulas_read_the_new_weights_of_their_own_sheet() -> None:
    made = book("X input 3x9, W parameter 3x3", ["Z = W @ X", "L = sum(Z ** 2)"], TRAIN)
    sheets = {sheet.title: {r.name: r for r in sheet.regions} for sheet in made.plan.sheets}
    canvas, after = sheets["Canvas"], sheets["After the update"]
    assert after["Z_new"].formulas == canvas["Z"].formulas
    (there,) = [r for r in after.values() if (r.row, r.column) == (canvas["W"].row, canvas["W"].column)]
    assert "W_new" in there.name
    assert there.formulas != canvas["W_new"].formulas or there.role == "updated"


def test_the_new_loss_stands_right_of_the_loss() -> None:
    made = book("X input 3x5, W parameter 3x3", ["Z = W @ X", "L = sum(Z ** 2)"], TRAIN)
    regions = {r.name: r for r in made.plan.sheets[0].regions}
    old, new = regions["L"], regions["L_new@loss"]
    assert (new.row, new.column) == (old.row, old.column + 2)
    assert old.large and new.large and old.role is new.role is Role.OUTPUT
    assert {(x.row, x.column): x.text for x in made.plan.sheets[0].labels}[old.row, old.column + 1][-1] == "→"


def test_where_nothing_is_free_beside_the_loss_the_new_one_stands_under_it() -> None:
    at = boxes(page("x input 1x6, y target 1x6, w parameter 1x1", ["e = w * x - y", "L = mean(e ** 2)"], TRAIN))
    echo = at["L_new@loss"]
    assert echo.kind == "echo" and (echo.row, echo.column) == (at["L"].row + 2, at["L"].column)


def test_after_the_update_there_is_nothing_in_bands_where_nothing_is_new() -> None:
    """What they hold is read on the first sheet, and their rows are hidden."""
    steps = ["Graph:", "A = X @ X.T", "B = A @ A.T", "Layer:", "Z = W @ B", "L = sum(Z ** 2)"]
    made = book("X input 9x3, W parameter 3x9", steps, TRAIN)
    canvas, after = made.plan.sheets[0], made.plan.sheets[-1]
    assert after.title == "After the update"
    band = canvas.bands[0]
    assert not [r.name for r in after.regions if band.first_row <= r.row <= band.last_row]
    assert {dict(after.heights).get(row) for row in range(band.first_row, band.last_row + 1)} == {0.0}
    assert any("'Canvas'!" in r.formulas[0][0] for r in after.regions if r.values.shape == (9, 9))


def test_a_box_of_the_second_pass_is_called_as_the_one_that_it_repeats() -> None:
    """Helpers and stacks without a name of their own too."""
    steps = ["S = W @ X", "P = softmax(S, axis=1)", "Q = softmax(S)", "L = sum(P * Q)"]
    made = book("X input 3x9, W parameter 3x3", steps, TRAIN)
    sheets = {sheet.title: sheet for sheet in made.plan.sheets}
    first, second = (
        {(x.row, x.column): x.text.split(" ", 1)[-1] if x.text[:1] in "①②③④⑤(" else x.text
         for x in sheets[title].labels if x.style in ("name", "hint", "function")}
        for title in ("Canvas", "After the update")
    )  # fmt: skip
    assert any(text.startswith("max of") for text in second.values())
    for place, text in second.items():
        assert text.endswith("new") or first[place] == text, (place, text)


def test_constants_and_what_leads_to_no_parameter_have_no_gradient() -> None:
    steps = ["A = tanh(X)", "Z = W @ A", "L = mse(Z, Y)"]
    placement = page("X input 3x2, W parameter 2x3, Y target 2x2", steps, TRAIN)
    owners = {box.of for box in placement.boxes if box.phase == "backward" and box.kind == "home"}
    assert {"W", "Z"} <= owners
    assert not owners & {"X", "A", "Y"}


def test_a_matrix_that_two_readers_use_adds_the_parts_at_its_copies() -> None:
    steps = ["One:", "A = W @ X", "B = tanh(A)", "C = V @ B", "D = tanh(C)", "Two:", "E = U @ A", "L = sum(E * D)"]
    placement = page("X input 4x5, W parameter 4x4, V parameter 4x4, U parameter 4x4", steps, TRAIN)
    at = boxes(placement)
    (copy,) = [box for box in copies(placement, "A") if not box.turned]
    (share,) = [box for box in placement.boxes if box.kind == "part" and box.of == "A"]
    assert (share.row, share.height) == (copy.row, copy.height)
    assert share.key in reads(at["dL_dA"])
    assert len(reads(at["dL_dA"])) > 1


def test_branches_under_one_input_share_one_turned_copy() -> None:
    steps = ["Q = A @ X", "K = B @ X", "L = sum(Q * K)"]
    placement = page("X input 3x2, A parameter 3x3, B parameter 3x3", steps, TRAIN)
    at = boxes(placement)
    turned = [box for box in placement.boxes if box.turned and box.matrix == "X"]
    assert len(turned) == 1
    assert turned[0].key in reads(at["dL_dA"])
    assert at["dL_dA"].column == at["dL_dB"].column == turned[0].column


def test_a_weight_that_stands_in_a_lane_has_its_gradient_in_the_gradient_lane() -> None:
    at = boxes(page("X input 3x2, G parameter 3x2", ["Z = X * G", "L = sum(Z ** 2)"], TRAIN))
    assert at["dL_dG"].row == at["G"].row
    assert at["dL_dZ"].row == at["Z"].row


def test_the_target_stands_left_of_what_reads_it_with_gradients_or_without() -> None:
    for more in (TRAIN, ""):
        at = boxes(page("X input 3x2, W parameter 2x3, Y target 2x2", ["Z = W @ X", "L = mse(Z, Y)"], more))
        assert (at["Y"].row, at["Y"].right) == (at["L_squares"].row, at["L_squares"].column - 1)


def test_a_state_s_gradient_stands_at_its_copy_and_at_the_state() -> None:
    steps = [loop("H_{t} = tanh(W @ X[:, {t-1}] + U @ H_{t-1})", turns=9), "L = sum(H_9 ** 2)"]
    placement = page("X input 2x9, H_0 constant 2x1, W parameter 2x2, U parameter 2x2", steps, TRAIN)
    at = boxes(placement)
    (copy,) = copies(placement, "H_1")
    (share,) = [box for box in placement.boxes if box.kind == "part" and box.of == "H_1"]
    assert (share.sheet, share.row, share.column) == (1, copy.row, copy.column)
    assert share.key in reads(at["dL_dH_1"])


def test_a_layer_of_one_sample_has_no_place_for_the_caption_of_its_weight_s_gradient() -> None:
    """The lane's head tells what stands in it."""
    placement = page("X input 3x1, W parameter 4x3", ["Z = W @ X", "L = sum(Z ** 2)"], TRAIN)
    heads = {head.kind: head for head in placement.heads}
    at = boxes(placement)
    assert heads["weights"].column == at["dL_dW"].column
    assert heads["new"].column == at["W_new"].column
    assert heads["gradient"].column == at["dL_dZ"].column


def test_a_lane_that_shares_its_columns_has_its_head_in_the_band_where_it_begins() -> None:
    """Its head in the page's first row would stand over the turns of a loop, which are none of it."""
    turns = loop("H_{t} = tanh(W @ X[:, {t-1}] + U @ H_{t-1})", turns=4)
    steps = ["One:", "Z = V @ X", "M = mean(Z)", "Two:", turns, "Three:", "L = sum(Z ** 2) * M"]
    given = "X input 2x4, V parameter 2x2, H_0 constant 2x1, W constant 2x2, U constant 2x2"
    placement = page(given, steps, TRAIN)
    at = boxes(placement)
    lane = range(at["dL_dZ"].column, at["dL_dZ"].right)
    assert any(box.turn is not None and box.column in lane for box in placement.boxes)
    (head,) = [head for head in placement.heads if head.kind == "gradient"]
    assert (head.band, head.column) == (at["Z"].band, at["dL_dZ"].column)
    labels = book(given, steps, TRAIN).plan.sheets[0].labels
    (text,) = [label for label in labels if label.text == "Gradient ↑"]
    assert head.row <= text.row < at["dL_dZ"].top and text.column == head.column


@pytest.mark.parametrize(("name", "without"), [("cross_attention", ""), ("self_attention", "update:")])
def test_terms_of_a_gradient_right_of_it_leave_the_head_of_their_lane_in_the_row_of_heads(
    name: str, without: str
) -> None:
    text = PATHS[name].read_text(encoding="utf-8")
    text = "".join(line for line in text.splitlines(keepends=True) if not without or not line.startswith(without))
    placement = placed(sheetgen.compile_text(text).program)
    terms = [box for box in placement.boxes if box.phase == "backward" and (box.zone.area, box.zone.sub) == (2, 1)]
    (head,) = [head for head in placement.heads if head.kind == "weights" and head.sheet == 0]
    assert any(box.column < head.column + head.width and head.column < box.right for box in terms)
    assert head.band is None


def test_a_copy_near_a_gradient_is_no_share_of_it() -> None:
    """The sum of A goes back through A's copy, what `top` sends back is copied to where A's gradient adds it up."""
    steps = ["A = embedding(T, one)", "E = argmax(X.T, axis=1)", "E2 = E + 1", "E3 = E2 * 2", "top = max(A[0])",
             "ln = logsumexp(X[:, 0])", "S = sum(A) + top + ln", "L = (S - want) ** 2"]  # fmt: skip
    given = "T parameter 2x3, one whole 1x1, X input 1x3, want target 1x1"
    made = book(given, steps, "loss: L\nbackward: {wrt: [X]}\nupdate: {learning_rate: 0.001}")
    assert made.verify("ironcalc").ok


SECOND = "Then:", "Z = W @ X"


def test_what_is_written_twice_is_computed_again_in_its_own_cells() -> None:
    steps = [*SECOND, "A = relu(Z)", "S = A * K", "B = relu(Z)", "L = sum(B ** 2)"]
    at = boxes(page("X input 3x9, W parameter 3x3, K input 3x9", steps, TRAIN))
    for name in ("Z", "B", "L"):
        again = at[f"{name}_new"]
        assert (again.sheet, again.row, again.column) == (2, at[name].row, at[name].column)


@pytest.mark.parametrize(("shape", "step"), [("3x8", "D = Z * K"), ("1x8", "D = Z / K")])
def test_what_a_second_pass_reads_of_a_band_where_nothing_changes_stands_near_it(shape: str, step: str) -> None:
    """Each cell can be checked on its sheet."""
    steps = ["Before:", "K = tanh(T)", *SECOND, step, "L = sum(D ** 2)"]
    placement = page(f"X input 3x8, T input {shape}, W parameter 3x3", steps, TRAIN)
    at = boxes(placement)
    (copy,) = [at[key] for key in reads(at["D_new"]) if at[key].kind == "copy"]
    assert (copy.matrix, copy.sheet, copy.row) == ("K", 2, at["D_new"].row)


def test_what_has_no_room_near_it_stands_in_its_own_cells() -> None:
    placement = page("T input 3x9, W parameter 3x3", ["Before:", "X = tanh(T)", *SECOND, "L = sum(Z ** 2)"], TRAIN)
    at = boxes(placement)
    (copy,) = [at[key] for key in reads(at["Z_new"]) if at[key].matrix == "X"]
    assert (copy.kind, copy.sheet, copy.row, copy.column) == ("copy", 2, at["X"].row, at["X"].column)


def chain(rows: int, samples: int, layers: int, more: str = TRAIN) -> Placement:
    """The page of so many layers that share their weights."""
    steps = ["A0 = tanh(W @ X)", *(f"A{k + 1} = tanh(W @ A{k})" for k in range(layers)), f"L = sum(A{layers} ** 2)"]
    return page(f"X input {rows}x{samples}, W parameter {rows}x{rows}", steps, more)


def test_gradients_that_would_make_digits_small_stand_on_sheets() -> None:
    """Under 7.5 points on one sheet of paper, under 8 on several."""
    pages = [chain(4, n, layers, "loss: L\nbackward: true") for n, layers in ((10, 4), (10, 1), (11, 4), (12, 1))]
    assert [x.mode for x in pages] == ["beside", "beside", "sheets", "sheets"]
    assert [papers(x.columns, x.last_row) > 1 for x in pages] == [True, False, True, False]
    assert [10 * printed(x.columns)[1] > least for x, least in zip(pages, (8, 7.5), strict=False)] == [True, True]


@pytest.mark.parametrize(
    ("rows", "samples", "layers", "mode", "why"),
    [
        (2, 7, 6, "sheets", "the forward pass alone is one sheet of paper instead of two, in the same digits"),
        (2, 7, 8, "beside", "it would be one instead of two, but in digits 1.1 points smaller"),
        (3, 9, 6, "sheets", "one instead of two, and digits beside would be 8.1 points"),
        (2, 5, 12, "sheets", "two sheets in digits of 10 points instead of 8.1"),
        (2, 4, 12, "beside", "10 instead of 8.8, which is large enough"),
        (2, 5, 6, "beside", "one sheet in digits of 10 instead of 8.1, which is large enough on a single sheet"),
        (3, 4, 4, "sheets", "one sheet in digits of 10 instead of 7.8"),
        (3, 4, 6, "sheets", "or 8.3 instead of 7.8"),
        (2, 4, 10, "beside", "10 instead of 7.5, but on two sheets instead of one"),
    ],
)  # fmt: skip
def test_gradients_leave_a_page_that_reads_better_without_them(
    rows: int, samples: int, layers: int, mode: str, why: str
) -> None:
    """The forward pass then takes less paper, or prints larger."""
    assert chain(rows, samples, layers).mode == mode, why


def test_all_of_a_step_of_learning_stays_together_on_two_sheets_of_paper() -> None:
    """The forward pass alone would be one; of three it would be two."""
    def net(layers: int) -> Placement:
        weights = ", ".join(f"W{k} parameter 4x4" for k in range(layers))
        steps = [f"A{k + 1} = tanh(W{k} @ A{k})" for k in range(layers)]
        return page(f"A0 input 4x2, {weights}", [*steps, f"L = sum(A{layers} ** 2)"], TRAIN)

    two, three = net(4), net(9)
    assert (two.mode, two.sheets, likely(two).sheets) == ("beside", (0,), 2)
    assert (three.mode, likely(three).sheets) == ("sheets", 2)
