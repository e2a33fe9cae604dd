"""Captions, texts and notes of a page: each rule on a small program that shows it."""

from __future__ import annotations

import pytest
from by_specs import compiled
from checks_page import page_of
from small import TRAIN, book, boxes, loop, page

from sheetgen.layout import numbers
from sheetgen.layout.plan import Region, Role
from sheetgen.workbook import Workbook

RNN = [loop("H_{t} = tanh(W @ X[:, {t-1}] + U @ H_{t-1})", turns=24)]
LONG = "X input 2x24, H_0 constant 2x1, W parameter 2x2, U parameter 2x2"


def texts(made: Workbook, style: str = "", sheet: int = 0) -> list[str]:
    return [x.text for x in made.plan.sheets[sheet].labels if style in ("", x.style)]


def above(made: Workbook, name: str, sheet: int = 0) -> str:
    """The caption of a matrix."""
    r = region(made, name, sheet)
    return next((x.text for x in made.plan.sheets[sheet].labels if (x.row, x.column) == (r.row - 1, r.column)), "")


def region(made: Workbook, name: str, sheet: int = 0) -> Region:
    return next(r for r in made.plan.sheets[sheet].regions if r.name == name)


def test_a_caption_that_does_not_fit_is_the_name_and_the_equation_stands_in_the_margin() -> None:
    made = book("X input 3x2, W parameter 3x3, Y input 3x2", ["Z = W @ X", "N = Z * 2 + Z / 3 - Z * Y"])
    assert above(made, "N") == "(2) N"
    assert texts(made, "equation") == ["Z = W·X", "N = 2·Z + Z ÷ 3 − Z∘Y"]


def test_a_name_may_run_over_empty_cells() -> None:
    made = book("X input 3x1, W parameter 3x3", ["Z = W @ X", "long_name = 2 * Z"])
    assert "long_name" in above(made, "long_name")


def test_every_box_of_the_first_turn_has_a_caption() -> None:
    made = book("X input 2x3, H_0 constant 2x1, W parameter 2x2, U parameter 2x2",
                [loop("H_{t} = tanh(W @ X[:, {t-1}] + U @ H_{t-1})")])  # fmt: skip
    assert above(made, "H_1_pre") != ""


def test_a_caption_is_made_from_the_formula_below_it() -> None:
    made = book("X input 3x4, Q parameter 3x3, K parameter 3x3", ["A = Q @ X", "B = K @ X", "S = B.T @ A / 2"])
    assert [above(made, name) for name in "ABS"] == ["(1) A = Q·X", "(2) B = K·X", "(3) S = Bᵀ·A ÷ 2"]
    assert "Bᵀ·A" in texts(made, "name")


def test_a_turned_copy_is_captioned_so() -> None:
    made = book("X input 3x4, Q parameter 3x3, K parameter 3x3", ["A = Q @ X", "B = K @ X", "S = B.T @ A"])
    (copy,) = [r for r in made.plan.sheets[0].regions if r.role is Role.COPY]
    assert above(made, copy.name) == "Bᵀ"


def test_a_pre_activation_with_a_gradient_has_a_short_name() -> None:
    made = book("X input 3x4, W1 parameter 3x3", ["A = tanh(W1 @ X)", "L = sum(A ** 2)"], TRAIN)
    assert above(made, "A_pre") == "Z₁ = W₁·X"
    assert "∂Z₁ = ∂A∘(1 − A²)" in texts(made, "equation")


def test_turns_carry_their_names_in_one_form() -> None:
    """The one for which the narrowest has room; the last may run over the free edge of the sheet."""
    made = book("X input 2x3, H_0 constant 2x1, W parameter 2x2, U parameter 2x2",
                [loop("H_{t} = tanh(W @ X[:, {t-1}] + U @ H_{t-1})")])  # fmt: skip
    assert [above(made, f"H_{t}") for t in (1, 2, 3)] == ["H₁", "H₂", "H₃"]
    assert texts(made, "turn") == ["t=1 (1)", "t=2 (2)", "t=3 (3)"]  # `t = 1 (1)` would touch the next
    wide = book("X input 4x3, H_0 constant 3x1, W parameter 3x3",
                [loop("H_{t} = W @ H_{t-1}", "long_name_{t} = H_{t} * 2")])  # fmt: skip
    captions = [above(wide, f"long_name_{t}") for t in (1, 2, 3)]
    assert len({(text[:1], "=" in text, "…" in text) for text in captions}) == 1
    heads = book("X input 4x3, W_1 parameter 3x4, W_2 parameter 3x4, W_3 parameter 3x4", [loop("H_{t} = W_{t} @ X")])
    assert [above(heads, f"H_{t}") for t in (1, 2, 3)] == ["(1) H₁ = W₁·X", "(2) H₂ = W₂·X", "(3) H₃ = W₃·X"]


def test_a_step_s_number_stands_once_at_its_result() -> None:
    """Not at helpers; in the narrow lanes of turns the heads tell them, where they have room."""
    made = book("X input 3x4, W parameter 3x3", ["P = softmax(W @ X)", "Q = P * P"])
    numbered = [text for text in texts(made, "name") if text.startswith("(")]
    assert numbered == ["(1) P = exp(W·X − max) ÷ Σ", "(2) Q = P∘P"]
    gates = book("X input 2x3, h_0 constant 2x1, W parameter 2x4, U parameter 2x4",
                 [loop("z_{t} = vstack([X[:, {t-1}], h_{t-1}])", "f_{t} = sigmoid(W @ z_{t})",
                       "h_{t} = f_{t} * tanh(U @ z_{t})")])  # fmt: skip
    assert texts(gates, "turn") == ["t = 1 (1–3)", "t = 2 (4–6)", "t = 3 (7–9)"]
    assert not any(text.startswith("(") for text in texts(gates, "name"))


def test_a_part_glued_to_others_is_called_a_part() -> None:
    total = "S = sum(A) + sum(B) + sum(C) + max(A[1])"
    made = book("X input 2x2, W parameter 2x2, V parameter 2x2, U parameter 2x2",
                ["One:", "A = W @ X", "B = V @ X", "C = U @ X", "Sum:", total])  # fmt: skip
    assert "row 2 of A" in texts(made, "function")


def test_numbers_stand_at_all_turns_in_lanes_as_narrow_as_they_are() -> None:
    steps = ["g_{t} = steep * p_{t-1}", "m_{t} = m_{t-1} - g_{t}", "p_{t} = p_{t-1} + m_{t}", "f_{t} = sum(p_{t})"]
    made = book("p_0 input 2x1, m_0 input 2x1, steep input 2x1", [loop(*steps, turns=5)])
    assert [above(made, f"g_{t}") for t in (1, 5)] == ["(1) g₁", "(17) g₅"]
    said = [above(made, f"m_{t}") for t in (1, 2, 3, 4, 5)]
    assert said == ["(2) m₁", "(6) m₂", "(10) m₃", "(14) m₄", "(18) m₅"]


def test_new_weights_a_gutter_apart_have_one_caption_where_one_has_no_room() -> None:
    steps = ["z = w * x + b", "L = mse(z, y)"]
    made = book("x input 1x4, w parameter 1x1, b parameter 1x1, y target 1x4", steps, TRAIN)
    new = [label.text for label in made.plan.sheets[0].labels if label.style == "name" and "new" in label.text]
    assert [text.split(") ")[-1] for text in new] == ["w, b new", "L new", "L new"]


def test_the_only_turn_that_is_a_step_has_its_number() -> None:
    """The last gradient is a step; those of the other turns only pass on what they are told."""
    made = book("h_0 input 2x3, W parameter 2x2, Y target 2x3",
                [loop("h_{t} = h_{t-1} + tanh(W @ h_{t-1}) * 0.3", turns=5), "L = mse(h_5, Y)"], TRAIN)  # fmt: skip
    number = next(step.number for step in made.program.steps if "dL_dh_5" in step.matrices)
    assert f"({number}) ∂h₅" in [label.text for label in made.plan.sheets[1].labels]


def test_the_parts_of_a_folded_matrix_add_up() -> None:
    made = book("X input 24x2, W parameter 3x24", ["Z = W @ X"])
    formulas = region(made, "Z").formulas
    assert formulas is not None
    assert str(formulas[0][0]).count("MMULT") == 2


@pytest.mark.xfail(strict=True, reason="rows of a converging loop have the decimals of each matrix alone")
def test_the_turns_of_a_loop_that_converges_have_the_decimals_that_show_its_last_change() -> None:
    made = book("x_0 input 2x1, W constant 2x2, b constant 2x1", [loop("x_{t} = 0.02 * W @ x_{t-1} + b", turns=6)])
    forms = [numbers.form(region(made, f"x_{t}").values, False, region(made, f"x_{t}").decimals) for t in range(1, 7)]
    assert len(set(forms)) == 1
    last = [[numbers.shown(v, forms[0]) for v in region(made, f"x_{t}").values.flat] for t in (3, 4)]
    assert last[0] != last[1]


def test_a_state_that_leaves_at_the_right_says_where_to() -> None:
    made = book(LONG, RNN)
    (turns, _) = (len(band.block.turns) for band in page(LONG, RNN).bands)
    index = "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(turns))
    assert [text for text in texts(made) if text.startswith("▸ ")] == [f"▸ t={turns + 1}"]
    assert [text for text in texts(made) if "from above" in text] == [f"H{index}, from above ▸"]


def test_a_gradient_that_leaves_at_the_left_enters_the_turn_before_it() -> None:
    steps = [*RNN, "L = sum(H_24 ** 2)"]
    firsts = [band.block.turns[0] + 1 for band in page(LONG, steps, TRAIN).bands if band.block.continued]
    sheet = book(LONG, steps, TRAIN).plan.sheets[1]
    entering = [label for label in sheet.labels if label.text.startswith("◂ t=")]
    leaving = [label for label in sheet.labels if label.text == "◂" and label.align == "right"]
    assert [label.text for label in entering] == [f"◂ t={first}" for first in firsts]
    assert all(a.column < b.column and a.row > b.row for a, b in zip(leaving, entering, strict=True))


def test_a_wrapped_loop_repeats_its_title_and_its_weights() -> None:
    made = book(LONG, ["Each step:", *RNN])
    assert texts(made, "section") == ["Each step", "Each step (continued)"]
    assert texts(made, "badge") == ["1", "1"]


@pytest.mark.xfail(strict=True, reason="nothing stands after the last turn")
def test_a_loop_that_is_only_state_ends_with_a_lane_after() -> None:
    steps = [loop("y_{t} = X @ r_{t-1}", "r_{t} = r_{t-1} - 0.1 * X.T @ y_{t}"), "L = sum((X @ r_3) ** 2)"]
    at = boxes(page("X input 2x2, r_0 parameter 2x1", steps))
    assert at["L"].band == at["r_3"].band


@pytest.mark.xfail(strict=True, reason="no note says where a copy's gradient returns to")
def test_a_note_says_where_the_gradient_of_a_copy_returns_to() -> None:
    steps = ["One:", "Q = W @ X", "K = V @ X", "Two:", "S = K.T @ Q", "L = sum(S ** 2)"]
    made = book("X input 3x4, W parameter 3x3, V parameter 3x3", steps, TRAIN)
    assert texts(made, "note") != []


def test_a_shared_weight_s_gradient_is_one_box_whose_caption_sums_over_time() -> None:
    steps = [loop("H_{t} = tanh(W @ X[:, {t-1}] + U @ H_{t-1})", turns=9), "L = sum(H_9 ** 2)"]
    made = book("X input 2x9, H_0 constant 2x1, W parameter 2x2, U parameter 2x2", steps, TRAIN)
    assert len([r for s in made.plan.sheets for r in s.regions if r.name == "dL_dW"]) == 1
    assert any("Σₜ" in text and "∂W" in text for s in range(3) for text in texts(made, "equation", s))


def test_on_the_second_sheet_what_has_no_gradient_is_a_link_to_its_own_cells() -> None:
    steps = [loop("H_{t} = tanh(W @ X[:, {t-1}] + U @ H_{t-1})", turns=9), "L = sum(H_9 ** 2)"]
    made = book("X input 2x9, H_0 constant 2x1, W parameter 2x2, U parameter 2x2", steps, TRAIN)
    start, link = region(made, "H_0"), region(made, "H_0@given", 1)
    assert (link.row, link.column, link.role) == (start.row, start.column, Role.COPY)
    assert link.formulas is not None
    assert "Canvas" in str(link.formulas[0][0])


def test_a_kernel_s_weights_and_a_bias_are_in_one_row_of_the_formula() -> None:
    made = book("X input 3x2, W parameter 4x3, b parameter 4x1", ["Z = W @ X + b"])
    w, x, z = (region(made, name) for name in ("W", "X", "Z"))
    (formula, *_), *_ = z.formulas or ()
    columns = "ABCDEFGHIJKLMN"
    left = f"${columns[w.column - 1]}{z.row}:${columns[w.column + 2]}{z.row}"
    top = f"{columns[x.column - 1]}${x.row}:{columns[x.column - 1]}${x.row + 3}"
    assert formula == f"MMULT({left},{top})"


def test_a_caption_may_run_into_the_air_right_of_a_framed_turn() -> None:
    """Frames have no sides: only into the next turn no text runs."""
    assert "(5) A₁ = eˢ⁻ᵐᵃˣ ÷ Σ" in texts(compiled("multi_head_attention"))


def test_a_caption_that_would_begin_left_of_its_matrix_is_told_in_fewer_words() -> None:
    """The equation, which the margin tells, would have room only so."""
    sheet = compiled("gcn_normalised").plan.sheets[1]
    (home,) = (region for region in sheet.regions if region.name == "L_new_terms")
    (told,) = (label for label in sheet.labels if label.row == home.row - 1 and label.text.startswith("L, "))
    assert (told.text, told.column, told.align) == ("L, term by term", home.column, "left")


@pytest.mark.parametrize("turns", [3, 4, 5, 6])
def test_the_head_of_a_turn_begins_over_its_lane(turns: int) -> None:
    """The last one too, though it may run over the edge of the sheet."""
    made = book("x_0 input 2x1, W constant 2x2", [loop("x_{t} = W @ x_{t-1}", turns=turns)])
    heads = {x.text: x for x in made.plan.sheets[0].labels if x.style in ("turn", "head")}
    for t in range(1, turns + 1):
        head = heads[f"t={t} ({t})"]
        assert (head.column, head.align) == (region(made, f"x_{t}").column, "left")


def test_a_head_stands_over_nothing_that_it_does_not_tell() -> None:
    """Over all bands, where no other band has anything else in these columns, else in its own band."""
    steps = ["First:", "Z = W @ X", "L = sum(Z ** 2)"]
    small, wide = "X input 4x1, W parameter 4x4", "U input 2x9"
    alone = texts(book(small, steps, TRAIN), "head")
    plan = book(f"{small}, {wide}", [*steps, "Second:", "P = tanh(U)", "Q = P + 1"], TRAIN).plan.sheets[0]
    below = {x.text: x.row for x in plan.labels if x.style == "head"}
    assert {"∂ ↑", "Again ↓"} <= set(alone)
    assert below["Forward ↓"] == plan.heads and "∂ ↑" not in below
    assert plan.bands[0].first_row <= below["Gradient ↑"] < plan.bands[0].last_row
    late = book("X input 3x4, A constant 6x3, W parameter 2x6", ["First:", "Y = A @ X", "Second:", "Z = W @ Y"])
    assert "Parameters" not in texts(late, "head") or region(late, "W").column > region(late, "A").column


def test_names_of_rows_and_columns_stand_at_all_turns_or_at_none() -> None:
    plan = compiled("multi_head_attention").plan.sheets[0]
    at = {r.name: r for r in plan.regions}
    labels = {(x.row, x.column): x.text for x in plan.labels if x.style == "label"}

    def around(name: str) -> list[str | None]:
        r = at[name]
        cells = [*((r.row + k, r.column - 1) for k in range(r.height)), (r.row + r.height, r.column)]
        return [labels.get(cell) for cell in cells]

    pairs = [(f"{stem}_1{end}", f"{stem}_2{end}") for stem, end in (("K", "@1"), ("V", "@1"), ("S", ""), ("A", ""))]
    assert all(around(one) == around(other) for one, other in pairs)
    assert around("S_1")[:3] == ["x1", "x2", "x3"]


def test_a_gradient_s_number_stands_where_it_is_computed() -> None:
    """Not at the grey link at its matrix; and it appears with its own step."""
    made = compiled("cross_attention")
    (step,) = (s.number for s in made.program.steps if "dL_dQ" in s.matrices)
    assert above(made, "dL_dQ") == "∂Q"
    assert above(made, "dL_dQ@1").startswith(f"({step}) ∂Q")
    assert region(made, "dL_dQ@1").step == step


def test_turns_without_frames_share_the_names_of_rows_left_of_the_first() -> None:
    plan = compiled("momentum").plan.sheets[0]
    turns = [label for label in plan.labels if label.text.startswith("t = ")]
    below = [x for x in plan.labels if x.text == "along" and x.row > turns[0].row]
    assert below and all(label.column < turns[0].column for label in below)


def test_a_sign_leads_back_from_a_side_calculation_to_the_lane() -> None:
    """Under the sums of a softmax whose exponentials stand aside, on the row of the caption of what they give."""
    made = compiled("self_attention")
    total, shares = region(made, "A_sum"), region(made, "A")
    signs = [(x.row, x.column) for x in made.plan.sheets[0].labels if x.text == "↙"]
    assert len(signs) == 1 and shares.column + shares.width < total.column
    assert signs[0][0] == total.row + 1 == shares.row - 1
    assert total.column <= signs[0][1] < total.column + total.width
    other = compiled("softmax")
    assert texts(other).count("↙") == 1  # not under P_all_sum, which other matrices part from P_all


def test_an_arrow_behind_a_rail_is_its_end() -> None:
    placement = page_of(compiled("decoder_block")).placement
    at = boxes(placement)
    (rail,) = (r for r in placement.rails if not (r.sheet or r.gradient) and at["A1_exp"].row in r.rows)
    (arrow,) = (each for each in placement.arrows if each.target == "A1_exp")
    assert at["S1"].right <= rail.column < arrow.first_column == arrow.last_column == at["A1_exp"].column - 1
