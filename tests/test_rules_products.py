"""Where products stand, and what stands beside and above them: each rule on a small program that shows it."""

from __future__ import annotations

from small import book, boxes, copies, page, reads


def test_a_matrix_times_its_own_transpose_stands_above_the_result_once() -> None:
    at = boxes(page("M input 4x5", ["O = M.T @ M"]))
    assert {box.kind for box in at.values() if box.matrix == "M" and box.zone.part == 1} == {"home"}
    assert at["O"].row == at["M"].below + 1 and at["O"].column == at["M"].column
    (turned,) = (box for box in at.values() if box.kind == "copy")
    assert (turned.row, turned.turned, turned.zone.part) == (at["O"].row, True, 0)


def test_a_product_stands_under_its_second_operand_and_right_of_its_first() -> None:
    at = boxes(page("X input 3x2, W parameter 4x3", ["Z = W @ X"]))
    assert at["Z"].column == at["X"].column
    assert at["Z"].row == at["X"].below + 1  # its caption between
    assert at["W"].row == at["Z"].row
    assert at["W"].right == at["Z"].column - 1  # the gutter


def test_a_bias_is_the_last_column_of_its_weights_and_its_ones_touch_the_data() -> None:
    placement = page("X input 3x2, W parameter 4x3, b parameter 4x1", ["Z = W @ X + b"])
    at = boxes(placement)
    ones = next(box for box in placement.boxes if box.kind == "ones")
    assert at["W"].right == at["b"].column
    assert ones.row == at["X"].below
    assert at["Z"].row == ones.below + 1
    assert ones.key in reads(at["Z"])


def test_branches_of_one_input_read_it_in_place() -> None:
    placement = page("X input 3x2, Q parameter 3x3, K parameter 3x3", ["A = Q @ X", "B = K @ X"])
    at = boxes(placement)
    assert not copies(placement)
    assert at["A"].column == at["B"].column == at["X"].column


def test_a_product_of_the_last_box_opens_a_lane_to_the_right_on_its_rows() -> None:
    at = boxes(page("X input 3x2, W parameter 3x3, A constant 2x2", ["Z = W @ X", "Y = Z @ A"]))
    assert at["Y"].row == at["Z"].row
    assert at["Y"].column == at["Z"].right + 1
    assert at["A"].below == at["Y"].row - 1
    assert at["A"].column == at["Y"].column


def test_a_wide_lane_has_nothing_beside_it() -> None:
    at = boxes(page("X input 2x20, W parameter 2x2, A constant 20x20", ["Z = W @ X", "Y = Z @ A"]))
    assert at["Y"].column == at["Z"].column
    assert at["Y"].row > at["Z"].row


def test_a_result_that_needs_an_operand_of_its_own_rows_above_it_gets_a_copy() -> None:
    placement = page("W parameter 2x2, X input 2x2, B constant 2x2", ["A = W @ X", "S = A @ B", "Y = A @ S"])
    at = boxes(placement)
    assert at["S"].row == at["A"].row
    assert at["Y"].row > at["S"].row
    copy = copies(placement, "A")[0]
    assert copy.row == at["Y"].row
    assert copy.right == at["Y"].column - 1


def test_a_transposed_operand_is_a_turned_copy_that_the_formula_reads() -> None:
    placement = page("X input 3x2, Q parameter 3x3, K parameter 3x3", ["A = Q @ X", "B = K @ X", "S = B.T @ A"])
    at = boxes(placement)
    copy = copies(placement, "B")[0]
    assert copy.turned
    assert (copy.height, copy.width) == (2, 3)
    assert copy.key in reads(at["S"])


def test_each_band_starts_in_the_trunk_again() -> None:
    at = boxes(page("X input 3x2, W parameter 3x3, A constant 2x2, V parameter 3x3",
                    ["One:", "Z = W @ X", "Y = Z @ A", "Two:", "U = V @ Y"]))  # fmt: skip
    assert at["U"].column == at["X"].column


def test_a_wide_left_operand_is_folded() -> None:
    placement = page("X input 24x2, W parameter 3x24", ["Z = W @ X"])
    folds = [box for box in placement.boxes if box.matrix == "W"]
    assert [box.columns for box in folds] == [(0, 16), (16, 24)]
    assert folds[0].row == boxes(placement)["Z"].row
    assert folds[1].row > folds[0].below
    assert placement.parts["W"] == tuple(box.key for box in folds)


def test_a_folded_matrix_can_be_summed_up() -> None:
    made = book("X input 5x18, A input 18x3", ["M = X @ A", "s = sum(X, axis=0)"])
    assert made.verify().ok


def test_a_helper_that_turns_or_scales_an_operand_is_the_copy_itself() -> None:
    placement = page("W constant 3x3, s input 3x1", ["y = W @ s", "E = -0.5 * s.T @ y"])
    assert not [box for box in placement.boxes if box.kind == "home" and box.matrix not in ("W", "s", "y", "E")]
    assert next(box for box in placement.boxes if box.of == "s" and box.kind == "copy").matrix == ""


def test_a_product_of_two_inputs_puts_the_second_into_the_lane() -> None:
    at = boxes(page("X input 3x4, A input 4x2", ["Y = X @ A"]))
    assert at["Y"].column == at["A"].column
    assert at["Y"].row == at["A"].below + 1
    assert (at["X"].row, at["X"].right) == (at["Y"].row, at["Y"].column - 1)


def test_the_bottom_of_the_band_above_is_read_in_place() -> None:
    placement = page("X input 3x2, W parameter 3x3, V parameter 3x3", ["One:", "A = W @ X", "Two:", "B = V @ A"])
    at = boxes(placement)
    assert copies(placement) == []
    assert at["B"].column == at["A"].column
    assert at["B"].band == 1


def test_1s_stand_once_under_what_both_products_of_a_band_multiply() -> None:
    """Under the first result they would say that the second multiplies that."""
    matrices = "X input 3x2, U parameter 3x3, a parameter 3x1, V parameter 3x3, b parameter 3x1, W parameter 3x3"
    steps = ["One:", "A = W @ X", "Two:", "B = tanh(U @ A + a)", "C = tanh(V @ A + b)", "D = B * C"]
    placement = page(matrices, steps)
    (ones,) = [box for box in placement.boxes if box.kind == "ones" and box.height == 1]
    assert ones.row < boxes(placement)["B"].row


def test_a_band_whose_input_is_far_up_opens_with_a_copy() -> None:
    steps = ["One:", "A = W @ X", "B = tanh(A)", "C = V @ B", "D = tanh(C)", "E = 2 * D", "Two:", "F = U @ A"]
    placement = page("X input 4x2, W parameter 4x4, V parameter 4x4, U parameter 4x4", steps)
    at = boxes(placement)
    (copy,) = copies(placement, "A")
    assert (copy.band, copy.column) == (1, at["F"].column)
    assert copy.below == at["F"].row - 1
    assert copy.key in reads(at["F"])
    assert "A" not in reads(at["F"])


def test_one_product_under_another_keeps_two_rows_for_a_bias_and_one_without() -> None:
    at = boxes(page("X input 3x2, W parameter 3x3, b parameter 3x1, V parameter 3x3", ["Z = W @ X + b", "Y = V @ Z"]))
    assert (at["Z"].row - at["X"].below, at["Y"].row - at["Z"].below) == (2, 1)


def test_a_first_operand_in_the_lane_needs_a_copy_of_the_second_above() -> None:
    """P is a weight, Q was computed further up in the band: neither is the lowest box of the lane."""
    steps = ["A = W @ X", "B = tanh(A)", "C = V @ B", "D = tanh(C)", "E = tanh(D)", "F = U @ A"]
    placement = page("X input 5x2, W parameter 5x5, V parameter 5x5, U parameter 5x5", steps)
    at = boxes(placement)
    (copy,) = copies(placement, "A")
    assert copy.below == at["F"].row - 1
    assert (at["U"].row, at["U"].right) == (at["F"].row, at["F"].column - 1)


def test_a_look_up_is_a_product_with_its_tokens_above() -> None:
    at = boxes(page("E parameter 3x4, words whole 1x5", ["X = lookup(E, words)"]))
    assert (at["X"].column, at["X"].row) == (at["words"].column, at["words"].below + 1)
    assert (at["E"].row, at["E"].right) == (at["X"].row, at["X"].column - 1)


def test_a_stack_whose_parts_touch_has_no_box() -> None:
    placement = page("X input 2x3, h input 2x3, W parameter 2x4", ["Z = W @ vstack([X, h])"])
    at = boxes(placement)
    assert at["h"].row == at["X"].below
    assert at["Z"].row == at["h"].below + 1
    assert not copies(placement)


def test_a_stack_of_parts_that_stand_apart_is_one_copy() -> None:
    steps = ["A = W @ X", "B = tanh(A)", "One:", "C = V @ B", "Join:", "Z = U @ vstack([A, C])"]
    placement = page("X input 3x2, W parameter 3x3, V parameter 3x3, U parameter 2x6", steps)
    at = boxes(placement)
    above = [box for box in placement.boxes if box.key in reads(at["Z"]) and box.key != "U"]
    assert sum(box.height for box in above) == 6
    assert [box.kind for box in above] == ["copy", "copy"]
    assert above[0].below == above[1].row < above[1].below < at["Z"].row


def test_what_is_flattened_stands_in_one_column_above_its_product() -> None:
    steps = ["A = tanh(X)", "Z = W @ flatten(A)"]
    placement = page("X input 2x3, W parameter 2x6", steps)
    at = boxes(placement)
    (column,) = [box for box in placement.boxes if box.key in reads(at["Z"]) and box.key != "W"]
    assert (column.height, column.width) == (6, 1)
    assert (column.column, column.below) == (at["Z"].column, at["Z"].row - 1)


def test_a_slice_that_is_no_column_of_a_turn_is_a_copy() -> None:
    at = boxes(page("X input 4x3, W parameter 2x2", ["P = X[1:3, 0:2]", "Z = W @ P"]))
    assert at["X"].height == 4
    assert (at["P"].height, at["P"].width) == (2, 2)


def test_a_convolution_of_what_is_last_goes_down_with_its_kernel_at_the_left() -> None:
    steps = ["Z = conv2d(X, K)", "A = relu(Z)", "Y = conv2d(A, J)"]
    at = boxes(page("X input 6x6, K parameter 3x3, J parameter 2x2", steps))
    assert (at["Y"].column, at["Y"].row) == (at["A"].column, at["A"].below + 1)
    assert (at["J"].row, at["J"].right) == (at["Y"].row, at["Y"].column - 1)


def test_no_matrix_of_more_than_a_hundred_cells_is_copied() -> None:
    for size, copied in ((9, True), (11, False)):
        steps = ["A = tanh(X)", "One:", "B = W @ A", "C = tanh(B)", "D = tanh(C)", "Two:", "E = V @ A"]
        names = f"X input {size}x{size}, W parameter {size}x{size}, V parameter {size}x{size}"
        placement = page(names, steps)
        assert bool(copies(placement, "A")) is copied
        assert ("A" in placement.big) is not copied


def test_a_second_reader_in_reach_uses_the_copy() -> None:
    steps = ["One:", "A = W @ X", "B = tanh(A)", "C = V @ B", "D = tanh(C)", "Two:", "F = U @ A", "G = T @ A"]
    placement = page("X input 4x2, W parameter 4x4, V parameter 4x4, U parameter 3x4, T parameter 3x4", steps)
    at = boxes(placement)
    (copy,) = copies(placement, "A")
    assert copy.key in reads(at["F"]) & reads(at["G"])


def test_an_original_stands_with_its_first_reader() -> None:
    steps = ["One:", "A = W @ X", "B = tanh(A)", "Two:", "C = V @ B", "D = W @ C"]
    placement = page("X input 3x2, W parameter 3x3, V parameter 3x3", steps)
    at = boxes(placement)
    assert at["W"].row == at["A"].row
    (copy,) = copies(placement, "W")
    assert (copy.row, copy.right) == (at["D"].row, at["D"].column - 1)


def test_branches_that_a_product_joins_come_as_copies() -> None:
    """Attention: K turned at the left of S, V at the left of Z, Q above S."""
    steps = ["Words:", "Q = A @ X", "K = B @ X", "V = C @ X", "Scores:", "S = K.T @ Q", "P = softmax(S)", "Z = V @ P"]
    placement = page("X input 3x4, A parameter 2x3, B parameter 2x3, C parameter 2x3", steps)
    at = boxes(placement)
    assert at["Q"].column == at["K"].column == at["V"].column == at["S"].column == at["Z"].column
    (q,), (k,), (v,) = copies(placement, "Q"), copies(placement, "K"), copies(placement, "V")
    assert q.below == at["S"].row - 1
    assert (k.turned, k.row, k.right) == (True, at["S"].row, at["S"].column - 1)
    assert (v.row, v.right) == (at["Z"].row, at["Z"].column - 1)


def test_an_input_that_is_read_turned_stands_above_its_copy() -> None:
    placement = page("v input 3x1, B parameter 3x2", ["y = v.T @ B"])
    at = boxes(placement)
    (copy,) = [box for box in placement.boxes if box.kind == "copy" and box.matrix == "v"]
    assert copy.turned and copy.key in reads(at["y"])
    assert at["v"].below <= copy.row
