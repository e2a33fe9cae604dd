"""Where results stand that are computed cell by cell, by rows or by columns: each rule on a small program."""

from __future__ import annotations

from itertools import pairwise

import pytest
from small import TRAIN, book, boxes, copies, loop, page, reads

from sheetgen.layout.geometry.figure import Column


def test_functions_go_down_their_lane() -> None:
    at = boxes(page("X input 3x2", ["A = tanh(X)", "B = 2 * A"]))
    assert (at["A"].column, at["A"].row) == (at["X"].column, at["X"].below + 1)
    assert at["B"].row == at["A"].below + 1


def test_a_softmax_shows_its_maximum_and_its_sum_glued_under_what_they_sum() -> None:
    placement = page("X input 3x2, W parameter 3x3", ["Z = W @ X", "A = softmax(Z)"])
    rows = [box for box in placement.boxes if box.glued == "under"]
    assert len(rows) == 2
    assert rows[0].row == boxes(placement)["Z"].below
    assert rows[0].kind == "row"
    assert rows[0].caption is None


def test_a_layer_norm_shows_one_row_for_its_spread() -> None:
    placement = page("X input 3x2, W parameter 3x3", ["Z = W @ X", "A = layer_norm(Z)"])
    glued = [box for box in placement.boxes if box.glued == "under"]
    assert len(glued) == 2  # mean and spread: squares and variance stand in the spread's formula
    assert "A_squares" not in boxes(placement)


def test_a_row_that_sums_up_an_input_is_glued_to_it() -> None:
    at = boxes(page("X input 3x2", ["s = sum(X, axis=0)"]))
    assert (at["s"].row, at["s"].glued) == (at["X"].below, "under")


def test_side_calculations_stand_aside_where_the_page_has_room() -> None:
    """A softmax's exponentials right of the scores; shares and what follows go down the lane. On a page that would be
    printed smaller for that, they go down, too."""
    steps = ["S = W @ X", "P = softmax(S)", "Q = tanh(P)"]
    at = boxes(page("X input 3x4, W parameter 4x3", steps))
    assert at["P_exp"].row == at["S"].row and at["P_exp"].column > at["S"].right
    assert at["P_sum"].row == at["P_exp"].below and at["P"].row > at["P_sum"].below
    assert at["S"].column == at["P"].column == at["Q"].column
    at = boxes(page("X input 3x14, W parameter 4x3", steps))
    assert at["P_exp"].row > at["S"].below and at["P_exp"].column == at["S"].column


def test_what_a_product_reads_is_no_side_calculation() -> None:
    """Its row and its column must meet."""
    at = boxes(page("X input 3x4, W parameter 3x3, V parameter 2x3", ["S = W @ X", "Z = V @ (S / sum(S, axis=0))"]))
    (inner,) = (box for box in at.values() if box.kind == "home" and box.matrix not in ("X", "W", "V", "S", "Z")
                and box.height == 3)  # fmt: skip
    assert at["S"].below < inner.row and inner.column == at["S"].column == at["Z"].column


def test_sums_of_rows_are_glued_at_the_right() -> None:
    at = boxes(page("X input 3x2", ["A = 2 * X", "r = sum(A, axis=1)"]))
    assert (at["r"].row, at["r"].column) == (at["A"].row, at["A"].right)
    at = boxes(page("X input 3x2, W parameter 2x3, b parameter 2x1", ["r = sum(X, axis=1)", "Z = W @ r + b"]))
    assert at["r"].row > at["X"].below and at["Z"].column == at["r"].column  # under which a product can stand
    at = boxes(page("X input 3x2", ["r = sum(X, axis=1)", "A = X / r"]))
    assert (at["r"].row, at["r"].column) == (at["X"].row, at["X"].right) and at["A"].row > at["X"].below


def test_a_sum_of_two_operands_is_not_glued() -> None:
    placement = page("X input 2x2, Y input 2x2", ["A = 2 * X", "B = 3 * Y", "t = sum(A ** 2) + sum(B ** 2)"])
    assert boxes(placement)["t"].glued == ""


def test_a_target_is_never_above_what_is_computed() -> None:
    at = boxes(page("X input 2x2, W parameter 2x2, Y target 2x2", ["One:", "h = W @ X", "Loss:", "L = mse(h, Y)"]))
    assert at["Y"].right < at["h"].column
    assert at["Y"].row == at["L_squares"].row


def test_without_an_operand_in_the_lane_the_computed_one_is_copied_above() -> None:
    placement = page("X input 2x2, W parameter 2x2, V parameter 2x2, G input 2x2",
                     ["One:", "A = W @ X", "B = V @ A", "Two:", "C = G * A"])  # fmt: skip
    at = boxes(placement)
    copy = copies(placement, "A")[0]
    assert copy.below == at["C"].row - 1
    assert copy.column == at["C"].column
    assert at["G"].right < at["C"].column


def test_a_box_further_up_the_trunk_comes_along_a_rail() -> None:
    steps = ["A = W @ X", "B = tanh(A)", "C = V @ B", "D = tanh(C)", "E = U @ D", "F = E + X", "s = sum(F)"]
    placement = page("X input 3x2, W parameter 3x3, V parameter 3x3, U parameter 3x3", steps)
    (rail,) = placement.rails
    at = boxes(placement)
    assert (rail.source, rail.target) == ("X", "F")
    assert (rail.source_row, rail.target_row) == (at["X"].row, at["F"].row + 1)
    assert rail.column == at["X"].right
    assert placement.columns[rail.column - 1] == Column("rail", 2.2)
    assert placement.columns[rail.column] == Column("air", 1.2)


def test_rails_that_overlap_have_columns_and_colours_of_their_own() -> None:
    steps = ["One:", "A = W @ X", "B = tanh(A)", "Two:", "C = V @ B", "D = C + X", "E = tanh(D)", "F = E + A"]
    placement = page("X input 3x2, W parameter 3x3, V parameter 3x3", steps)
    assert len({rail.column for rail in placement.rails}) == 2
    assert {rail.colour for rail in placement.rails} == {0, 1}


def test_a_box_further_up_comes_into_its_row_of_a_stack_along_a_rail() -> None:
    steps = ["Down:", "D = W @ X", "M = max_pool(D, (1, 2))", "Bottom:", "B = V @ M", "Up:", "U = vstack([B @ T, D])"]
    placement = page("X input 2x4, W parameter 1x2, V parameter 1x1, T constant 2x4", steps)
    at = boxes(placement)
    (rail,) = placement.rails
    assert (rail.source, rail.target, rail.target_row) == ("D", "U", at["U"].row + 1)


def test_a_number_far_away_is_copied_and_gets_no_rail() -> None:
    steps = ["One:", "A = W @ X", "s = sum(A)", "Two:", "B = V @ X", "t = sum(B)", "Three:", "L = s + t"]
    placement = page("X input 9x2, W parameter 9x9, V parameter 9x9", steps)
    assert placement.rails == ()
    assert {box.matrix for box in placement.boxes if box.kind == "copy" and box.width == 1} >= {"s", "t"}


def test_up_to_four_cells_are_copied_and_more_come_along_a_rail() -> None:
    steps = ["One:", "A = W @ X", "B = tanh(A)", "C = 2 * B", "D = C + 1", "E = tanh(D)", "F = E / 3", "G = F - 2",
             "H = tanh(G)", "J = 2 * H", "K = J + 1", "M = tanh(K)", "N = M / 3", "I = N + A"]  # fmt: skip
    for rows, rails in ((2, []), (3, ["A"])):
        placement = page(f"X input {rows}x2, W parameter {rows}x{rows}", steps)
        assert [rail.source for rail in placement.rails] == rails
        assert bool(copies(placement, "A")) is not bool(rails)


@pytest.mark.xfail(strict=True, reason="up to 32 rows above it is read in place, without a line or a copy")
def test_a_small_box_more_than_sixteen_rows_above_is_copied() -> None:
    steps = ["A = W @ X", "B = tanh(A)", "C = 2 * B", "D = C + 1", "E = tanh(D)", "F = E / 3", "G = F - 2", "H = G + A"]
    placement = page("X input 2x2, W parameter 2x2", steps)
    at = boxes(placement)
    assert at["H"].row - at["A"].below > 16
    assert len(copies(placement, "A")) == 1


def test_a_sum_of_four_is_stacked_without_gaps() -> None:
    steps = ["One:", "A = W @ X", "B = V @ X", "C = U @ X", "D = T @ X", "Sum:", "O = A + B + C + D"]
    placement = page(", ".join(["X input 2x2", *(f"{n} parameter 2x2" for n in "WVUT")]), steps)
    copies = sorted((box for box in placement.boxes if box.kind == "copy"), key=lambda box: box.row)
    assert len(copies) >= 3
    assert all(a.below == b.row for a, b in pairwise(copies))


def test_totals_of_four_matrices_are_taken_of_a_stack_whatever_their_shapes() -> None:
    total = "S = sum(A) + sum(B) + sum(C) + sum(D)"
    steps = ["One:", "A = W @ X", "B = V @ X", "C = U @ X", "D = T @ X", "Sum:", total]
    placement = page("X input 2x2, W parameter 1x2, V parameter 2x2, U parameter 3x2, T parameter 2x2", steps)
    at = boxes(placement)
    stacked = sorted((at[key] for key in reads(at["S"])), key=lambda box: box.row)
    assert {box.column for box in stacked} == {at["S"].column}
    assert len(copies(placement)) >= 3 and all(box.zone.part == 1 for box in stacked)


def test_big_matrices_are_read_where_they_stand() -> None:
    steps = ["A = G + G.T", "One:", "B = W @ X", "C = B @ A", "Two:", "D = V @ C", "E = D @ A"]
    placement = page("G constant 11x11, X input 2x11, W parameter 2x2, V parameter 2x2", steps)
    assert "A" in placement.big
    assert not copies(placement, "A")


def test_in_a_wide_lane_a_target_goes_into_the_lane() -> None:
    at = boxes(page("X input 1x34, Y target 1x34, W parameter 1x1", ["P = W @ X", "E = P - Y"]))
    assert at["Y"].column == at["P"].column
    assert at["Y"].below == at["E"].row - 1


def test_a_mask_is_made_in_its_reader_s_slot() -> None:
    at = boxes(page("X input 3x3", ["M = tril(ones((3, 3))).T", "S = 2 * X", "A = where(M, S, -9)"]))
    assert at["M"].row == at["A"].row
    assert at["M"].right == at["A"].column - 1


def test_an_adjacency_matrix_is_data_and_no_mask() -> None:
    at = boxes(page("Adj whole 3x3, X input 2x3", ["H = Adj + eye(3)", "P = X @ H"]))
    assert at["Adj"].zone.part == at["H"].zone.part == 1
    assert at["P"].row > at["Adj"].below


def test_forms_of_a_square_matrix_of_data_stand_side_by_side() -> None:
    """And what a step makes of weights, or of no such matrix, goes down."""
    steps = ["H = Adj + eye(3)", "d = sum(H, axis=0)", "N = H / d", "P = W @ N", "A = tanh(P)"]
    at = boxes(page("Adj whole 3x3, W parameter 3x3", steps))
    assert at["Adj"].row == at["H"].row == at["N"].row and at["d"].row == at["H"].below
    assert at["Adj"].right < at["H"].column < at["H"].right < at["N"].column
    assert at["A"].row > at["P"].below and at["A"].column == at["P"].column


def test_a_form_of_what_has_something_under_it_goes_down() -> None:
    """At the right it might have to stand below what is below its own matrix."""
    steps = ["A = log(abs(P.T) + 0.1) != q", "M = G + 0.1", "B = cumprod(minimum(P, 2), axis=1)"]
    at = boxes(page("P input 4x4, q constant 1x4, G input 1x3", steps))
    assert at["M"].row > at["P"].below and at["B_minimum"].row > at["P"].below


def test_numbers_that_formulas_take_stand_in_the_title_rows() -> None:
    placement = page("X input 2x2, k constant 1x1", ["A = k * X"])
    assert boxes(placement)["k"].band == -1
    assert boxes(placement)["k"].row <= placement.title_rows


def test_a_number_that_is_summed_up_on_the_way_stands_with_its_sum_alone() -> None:
    """norm(g) takes the root of the sum of its squares: that is no mere number."""
    at = page("g input 1x1", ["N = norm(g, axis=0)"])
    assert [(box.band, box.kind) for box in at.boxes if box.matrix == "g"] == [(0, "home")]


def test_numbers_that_are_made_from_numbers_stand_in_one_row() -> None:
    steps = ["c = a ** 2", "d = a + c", "e = 2 * d", "f = a * d", "g = c + f", "Y = g * X", "h = sum(Y)", "k = h * a"]
    at = boxes(page("X input 3x2, a input 1x1", steps))
    assert [at[name].row for name in "cdef"] == [at["c"].row] * 4
    assert [at[name].column - at["c"].column for name in "cdef"] == [0, 2, 4, 6]
    assert (at["g"].row, at["g"].column) == (at["c"].row + 2, at["c"].column)  # four at most
    assert at["Y"].row > at["g"].row
    assert at["k"].row > at["h"].row  # h isn't made from numbers alone


def test_a_total_stands_at_the_end_of_what_it_sums() -> None:
    at = boxes(page("X input 2x3", ["A = X ** 2", "L = sum(A)"]))
    assert (at["L"].row, at["L"].column) == (at["A"].row, at["A"].right + 1)


def test_an_image_stands_left_of_its_kernel_and_the_bias_under_the_kernel() -> None:
    at = boxes(page("X input 5x5, K parameter 3x3, b parameter 1x1", ["Z = conv2d(X, K) + b"]))
    assert at["X"].row == at["K"].row == at["Z"].row
    assert at["X"].right + 1 == at["K"].column
    assert (at["b"].row, at["b"].column) == (at["K"].below, at["K"].column)


def test_what_a_convolution_is_added_to_is_read_right_above_it() -> None:
    """Though it is a single number: no copy of it stands under the kernel."""
    given = "X input 2x2, Y input 2x2, K parameter 2x2, G parameter 2x2"
    placement = page(given, ["Z = conv2d(X, K) + conv2d(Y, G)"])
    first, second = [box for box in placement.boxes if box.kind == "home" and box.expr is not None]
    assert first.key in reads(second) and first.column == second.column and first.below < second.row
    assert copies(placement) == []


def test_without_an_operand_that_is_last_the_lane_with_most_operands_takes_the_result() -> None:
    steps = [loop("f_{t} = sigmoid(F @ X[:, {t-1}])", "i_{t} = sigmoid(I @ X[:, {t-1}])", "c_{t} = f_{t} + i_{t}")]
    at = boxes(page("X input 2x3, F parameter 2x2, I parameter 2x2", steps))
    assert at["f_1"].column == at["i_1"].column == at["c_1"].column
    assert at["c_1"].row > at["i_1"].row


def test_an_operand_of_the_same_lane_is_read_in_place() -> None:
    placement = page("X input 3x2, W parameter 3x3", ["A = W @ X", "B = tanh(A)", "C = B * A"])
    assert copies(placement) == []
    assert placement.rails == ()
    assert reads(boxes(placement)["C"]) == {"A", "B"}


def test_a_second_reader_uses_the_copy_that_stands_in_its_lane() -> None:
    steps = ["One:", "A = W @ X", "B = V @ A", "Two:", "C = G * A", "D = C * A"]
    placement = page("X input 2x2, W parameter 2x2, V parameter 2x2, G input 2x2", steps)
    at = boxes(placement)
    (copy,) = copies(placement, "A")
    assert copy.key in reads(at["C"]) & reads(at["D"])


def test_what_has_no_place_yet_stands_left_of_the_result_with_its_sign_between() -> None:
    placement = page("X input 2x3, Y input 2x3", ["A = tanh(X)", "B = A - Y"])
    at = boxes(placement)
    assert (at["Y"].row, at["Y"].right) == (at["B"].row, at["B"].column - 1)
    assert [arrow.source for arrow in placement.arrows if arrow.target == "B"] == ["Y"]


def test_a_choice_has_an_arrow_in_its_gutter() -> None:
    made = book("X input 2x3, M whole 2x3", ["A = tanh(X)", "B = where(M > 0, A, 0)"])
    at = {region.name: region for region in made.plan.sheets[0].regions}
    gutter = [x.text for x in made.plan.sheets[0].labels if (x.row, x.column) == (at["B"].row, at["B"].column - 1)]
    assert gutter == ["→"]


def test_a_total_of_more_rows_stands_under_or_right_of_what_it_sums() -> None:
    at = boxes(page("X input 3x2", ["A = 2 * X", "L = sum(A)"]))
    assert (at["L"].row, at["L"].column) in ((at["A"].row, at["A"].right + 1), (at["A"].below + 1, at["A"].column))


def test_what_is_divided_by_its_sum_goes_down_and_reads_the_glued_row() -> None:
    placement = page("X input 3x2", ["A = exp(X)", "B = A / sum(A, axis=0)"])
    at = boxes(placement)
    (glued,) = [box for box in placement.boxes if box.glued == "under"]
    assert (glued.row, at["B"].row) == (at["A"].below, glued.below + 1)
    assert reads(at["B"]) == {"A", glued.key}


def test_a_sum_of_an_earlier_band_is_a_row_under_it() -> None:
    placement = page("X input 3x2, W parameter 3x3", ["One:", "A = W @ X", "Two:", "m = mean(A, axis=0)"])
    at = boxes(placement)
    assert (at["m"].band, at["m"].column, at["m"].width) == (1, at["A"].column, 2)


def test_a_number_alone_that_is_learnt_stands_in_the_left_slot() -> None:
    at = boxes(page("X input 1x3, w parameter 1x1", ["A = w * X", "L = sum(A ** 2)"], TRAIN))
    assert (at["w"].band, at["w"].row) == (0, at["A"].row)
    assert at["w"].right < at["A"].column


def test_a_helper_of_the_same_shape_under_a_root_is_fused() -> None:
    placement = page("X input 3x2", ["A = sqrt(X ** 2 + 1)"])
    assert [box.matrix for box in placement.boxes if box.kind == "home"] == ["X", "A"]


def test_the_terms_of_a_named_total_are_drawn() -> None:
    placement = page("X input 3x2, Y target 3x2", ["A = tanh(X)", "L = sum((A - Y) ** 2)"])
    at = boxes(placement)
    (terms,) = reads(at["L"])
    assert (at[terms].height, at[terms].width) == (3, 2)


def test_a_branch_keeps_its_lane_and_an_input_stands_beside_its_first_reader() -> None:
    """Slack: what nothing comes before moves down to what reads it."""
    at = boxes(page("X input 2x2, W parameter 2x2, G input 2x2", ["A = W @ X", "B = tanh(A)", "C = B * G"]))
    assert at["G"].row == at["C"].row


def test_the_window_of_an_image_and_its_cell_of_the_map_have_an_edge() -> None:
    made = book("X input 5x5, K parameter 3x2", ["Z = conv2d(X, K)"])
    marked = {region.name: region.marked for region in made.plan.sheets[0].regions if region.marked}
    assert marked == {"X": ((0, 0, 3, 2),), "Z": ((0, 0, 1, 1),)}
    made = book("X input 5x5, K parameter 3x2", ["Z = conv2d(X, K, padding=1, stride=2)"])  # the first that is whole
    marked = {region.name: region.marked for region in made.plan.sheets[0].regions if region.marked}
    assert marked == {"X": ((1, 1, 3, 2),), "Z": ((1, 1, 1, 1),)}
    made = book("X input 5x5, K parameter 2x2", ["Z = conv2d(X, K, dilation=2)"])  # the cells between aren't read
    assert not any(region.marked for region in made.plan.sheets[0].regions)


def test_never_more_than_three_boxes_stand_abreast_in_a_slot() -> None:
    names = "A input 2x2, B input 2x2, C input 2x2, D input 2x2, E input 2x2, X input 2x2, W parameter 2x2"
    for expression in ("where(A > 1, Z * B, C)", "where(A > 1, Z * B, C) + D * E"):
        placement = page(names, ["Z = W @ X", f"Y = {expression}"])
        at = boxes(placement)
        left = [at[key] for key in reads(at["Y"]) if at[key].zone.part == 0]
        assert len(left) == (3 if "D" not in expression else 0)
        assert {box.row for box in left} <= {at["Y"].row}


def test_the_terms_of_a_weighted_sum_of_numbers_stand_beside_and_above_a_plus() -> None:
    """As numbers to be added up, not as what they are made from."""
    parts = ["First:", "A = sum(W @ X)", "B = sum(W * W)", "Both:", "L = t * A + (1 - t) * B"]
    made = book("X input 3x2, W parameter 2x3, t constant 1x1", parts, TRAIN)
    canvas = made.plan.sheets[0]
    at = {region.name: region for region in canvas.regions}
    a, b, t, total = (float(at[name].values[0, 0]) for name in ("A", "B", "t", "L"))
    copied = [r for r in canvas.regions if r.row in (at["L"].row, at["L"].row - 2) and r.column <= at["L"].column]
    assert sorted(float(r.values[0, 0]) for r in copied if r.name != "L") == pytest.approx(sorted([t * a, (1 - t) * b]))
    assert total == pytest.approx(t * a + (1 - t) * b)
    assert {x.text for x in canvas.labels if (x.row, x.column) == (at["L"].row, at["L"].column - 1)} == {"+"}
    assert {"t·A", "(1 − t)·B"} <= {x.text for x in canvas.labels if x.style == "hint"}


def test_the_terms_of_a_sum_that_is_no_number_are_read_as_they_stand() -> None:
    made = page("A input 2x2, B input 2x2, t constant 1x1", ["S = t * A + (1 - t) * B"])
    assert not copies(made)
