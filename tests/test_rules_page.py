"""Bands, columns, rows, frames, charts and paper: each rule on a small program that shows it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from time import process_time

import numpy as np
import pytest
from checks_page import Sheet
from page_checks import problems
from small import TRAIN, book, boxes, loop, page, program

from sheetgen import compile_text
from sheetgen.book.cuts import carried, continued
from sheetgen.errors import SpecError
from sheetgen.layout.geometry import check
from sheetgen.layout.geometry.constraints import Below, Infeasible, Tie, smallest_rows
from sheetgen.layout.geometry.figure import Column, Request
from sheetgen.layout.geometry.fit import LANDSCAPE, printed
from sheetgen.layout.geometry.place import place
from sheetgen.layout.geometry.simplify import simplify
from sheetgen.layout.geometry.sketches import Sketches
from sheetgen.layout.geometry.story import Text
from sheetgen.layout.plan import Label, Region, Role


def test_a_look_closer_stands_on_its_product_s_rows() -> None:
    steps = ["H = W @ X", "explain: 'H[:, 0]'"]
    placement = page("X input 3x4, W parameter 2x3", steps)
    (frame,) = placement.frames
    result = next(box for box in placement.boxes if box.kind == "sum")
    terms = next(box for box in placement.boxes if box.kind == "terms")
    assert frame.kind == "closer"
    assert result.row == terms.row == boxes(placement)["H"].row
    assert frame.width == 3 + 2
    assert frame.column > boxes(placement)["H"].right


def test_beside_gradients_a_look_closer_never_widens_the_page() -> None:
    steps = ["H = W @ X", "explain: 'H[:, 0]'", "L = sum(H ** 2)"]
    with_frame = page("X input 3x4, W parameter 2x3", steps, TRAIN)
    without = page("X input 3x4, W parameter 2x3", [steps[0], steps[2]], TRAIN)
    assert len(with_frame.columns) == len(without.columns)


def test_a_verdict_stands_under_what_it_puts_into_words() -> None:
    placement = page("X input 1x4", ["P = sigmoid(X)", "verdict: P"])
    words = next(box for box in placement.boxes if box.kind == "verdict")
    at = boxes(placement)
    assert (words.column, words.width) == (at["P"].column, at["P"].width)
    assert words.row == at["P"].below + 1


def test_a_chart_takes_the_largest_empty_rectangle_of_its_band() -> None:
    steps = ["A = W @ X", "B = A @ G", "C = tanh(B)", "D = V @ B", "E = tanh(D)", "F = tanh(E)"]
    names = "X input 4x4, W parameter 4x4, G constant 4x4, V parameter 4x4"
    placement = page(names, steps, pictures=(Request("F", 10, 6),))
    (picture,) = placement.pictures
    assert (picture.band, picture.height >= 8, picture.width) == (0, True, 6)
    assert picture.row + picture.height - 1 <= placement.bands[0].last_row


def test_a_band_grows_a_little_rather_than_that_its_chart_is_narrow() -> None:
    steps = ["Y = w @ X", "F = sum((Y - T) ** 2)", "L = F + sum(w ** 2)"]
    names = "X input 2x5, T target 1x5, w parameter 1x2"
    placement = page(names, steps, TRAIN, pictures=(Request("Y", 11, 9),))
    (picture,) = placement.pictures
    assert picture.width >= 9


def test_a_chart_without_room_stands_beside_a_narrow_page_and_under_a_wide_one() -> None:
    placement = page("X input 2x2", ["A = tanh(X)"], pictures=(Request("A", 10, 8),))
    (picture,) = placement.pictures
    assert picture.column > boxes(placement)["A"].right and picture.row < boxes(placement)["A"].row
    assert picture.width >= 6
    placement = page("X input 2x16", ["A = tanh(X)"], pictures=(Request("A", 10, 8),))
    (picture,) = placement.pictures
    assert picture.row > boxes(placement)["A"].below
    assert placement.bands[0].last_row >= picture.row + picture.height - 1


# Bands, coordinates, paper


def test_a_section_that_only_shows_given_matrices_is_a_band() -> None:
    show = "say: Look at the data first.\n    show: [X]"
    placement = page("X input 2x3, W parameter 2x2", ["Data:", show, "Layer:", "say: Weigh it.", "Z = W @ X"])
    at = boxes(placement)
    assert [(band.block.title, band.block.steps) for band in placement.bands] == [("Data", (1,)), ("Layer", (2, 3))]
    assert (at["X"].band, at["Z"].band) == (0, 1)


def test_sections_are_bands_that_no_other_box_enters() -> None:
    placement = page("X input 2x2, W parameter 2x2", ["One:", "A = W @ X", "Two:", "B = tanh(A)"])
    assert [band.block.title for band in placement.bands] == ["One", "Two"]
    assert placement.bands[0].last_row + 1 == placement.bands[1].first_row


def test_the_margin_s_text_makes_room_in_its_band() -> None:
    made = program("X input 2x2", ["A = tanh(X)"])
    low, high = (place(Sketches(simplify(made)), lambda block, mode, rows=rows: [Text((), rows)]) for rows in (1, 30))
    assert high.bands[0].last_row - low.bands[0].last_row > 15


def test_ties_and_orders_give_the_smallest_rows() -> None:
    assert smallest_rows([1, 0, 0], [Tie(0, 1, 2)], [Below(1, 2, 3)]) == [1, 3, 6]
    assert smallest_rows([0, 0], [], [Below(1, 0, 4)]) == [4, 0]


def test_a_tie_against_an_order_is_told() -> None:
    with pytest.raises(Infeasible):
        smallest_rows([0, 0], [Tie(0, 1, 0)], [Below(0, 1, 2)])
    with pytest.raises(Infeasible):
        smallest_rows([0, 0, 0], [Tie(0, 2, 0)], [Below(0, 1, 1), Below(1, 2, 1)])


def test_the_paper_is_measured_in_pixels() -> None:
    full, narrow = [Column("lane", 4.6)] * 40, [Column("lane", 4.6)] * 20 + [Column("empty", 3.0)] * 20
    assert printed(narrow)[1] > printed(full)[1]
    landscape, scale = printed(full)
    assert landscape
    assert scale == pytest.approx(LANDSCAPE / (40 * (4.6 * 7 + 5)))


def test_columns_without_numbers_are_narrow() -> None:
    placement = page("X input 3x2, W parameter 4x3", ["Z = W @ X"])
    gutter = boxes(placement)["Z"].column - 1
    assert placement.columns[gutter - 1] == Column("gutter", 3.0)
    assert placement.columns[gutter].width == 4.6


def test_arrows_lead_from_the_nearest_left_operand() -> None:
    placement = page("X input 3x2, W parameter 4x3, b parameter 4x1", ["Z = W @ X + b", "E = Z - X[0:1, :]"])
    arrow = next(arrow for arrow in placement.arrows if arrow.target == "Z")
    assert arrow.source == "b"
    assert arrow.last_row - arrow.first_row == 3


def test_captions_run_over_empty_cells_only() -> None:
    placement = page("X input 3x1, W parameter 4x3", ["Z = W @ X", "Y = Z @ ones((1, 3))"])
    caption = boxes(placement)["W"].caption
    assert caption is not None
    assert caption.columns == 4  # up to Z's own caption, over the gutter


def test_the_page_of_a_long_chain_is_made_in_linear_time() -> None:
    def seconds(n: int) -> float:
        steps = ["M0 = tanh(X)", *(f"M{k} = 0.5 * M{k - 1}" for k in range(1, n))]
        made = program("X constant 2x2", steps)
        start = process_time()
        place(Sketches(simplify(made)), lambda block, mode: ())
        return process_time() - start

    assert seconds(1600) < 12 * seconds(200) + 0.5


def test_a_band_s_ground_is_tinted_in_turn_and_a_group_has_one_tint() -> None:
    steps = ["One:", "A = W @ X", "Two:", loop("section: In", "B_{t} = V @ X[:, {t-1}]", "section: Out",
             "C_{t} = tanh(B_{t})"), "Three:", "D = tanh(A)", "Four:", "L = sum(D)"]  # fmt: skip
    bands = book("X input 2x3, W parameter 2x2, V parameter 2x2", steps).plan.sheets[0].bands
    assert [band.shaded for band in bands] == [False, True, True, False, True]
    assert all(a.last_row + 1 == b.first_row for a, b in pairwise(bands))


def test_what_follows_a_loop_in_its_section_goes_on_under_the_title_and_on_its_ground() -> None:
    """On the further sheets too, where the title's own band may be left out."""
    turns = loop("H_{t} = tanh(W @ H_{t-1})")
    steps = ["One:", "H_0 = 0 * X", turns, "S = H_1 + H_3", "Two:", "L = sum(S ** 2)"]
    made = book("X input 2x1, W parameter 2x2", steps, TRAIN)
    canvas = made.plan.sheets[0]
    assert [label.text for label in canvas.labels if label.style == "section"] == ["One", "Two"]
    assert [label.text for label in canvas.labels if label.style == "badge"] == ["1", "2"]
    assert [band.shaded for band in canvas.bands] == [False, False, False, True]
    assert len(continued(canvas, [canvas.bands[1].first_row], "Small")) == 1
    many = book("X input 2x1, W parameter 2x2", [step.replace("3", "14") for step in steps], TRAIN)
    (gradients,) = [sheet for sheet in many.plan.sheets if sheet.title == "Gradients"]
    assert [label.text for label in gradients.labels if label.style == "section"] == ["One"]
    assert many.plan.sheets[0].bands[0].first_row not in {label.row for label in gradients.labels}


def test_matrices_over_twelve_rows_and_columns_are_heat_maps_without_digits() -> None:
    for size, plain in ((12, False), (13, True)):
        sheet = book(f"X input {size}x{size}", ["A = tanh(X)"]).plan.sheets[0]
        assert {region.plain_map for region in sheet.regions} == {plain}
        assert bool(sheet.heights) is plain


def test_a_heat_map_has_a_name_at_every_third_row() -> None:
    names = ", ".join(f"n{k}" for k in range(14))
    rows = ", ".join("[" + ", ".join(str((i * j) % 7) for j in range(14)) + "]" for i in range(14))
    spec = f"title: t\nmatrices:\n  X: {{role: input, rows: [{names}], value: [{rows}]}}\nsteps:\n  - A = tanh(X)\n"
    sheet = compile_text(spec).plan.sheets[0]
    x = next(region for region in sheet.regions if region.name == "X")
    named = [label.row for label in sheet.labels if label.style == "label" and x.row <= label.row < x.row + 14]
    assert named == list(range(x.row, x.row + 14, 3))


@pytest.mark.xfail(strict=True, reason="it is drawn whole beside what is made of it")
def test_a_big_matrix_that_only_feeds_another_moves_to_a_data_sheet() -> None:
    made = book("Adj whole 20x20, X input 2x20", ["B = Adj + eye(20)", "H = X @ B"])
    canvas = made.plan.sheets[0]
    assert "Adj" not in {region.name for region in canvas.regions}


def test_a_page_over_its_budget_puts_gradients_on_sheets_first_then_wraps() -> None:
    steps = [loop("H_{t} = tanh(W @ X[:, {t-1}] + U @ H_{t-1})", turns=12), "L = sum(H_12 ** 2)"]
    placement = page("X input 2x12, H_0 constant 2x1, W parameter 2x2, U parameter 2x2", steps, TRAIN)
    assert placement.mode == "sheets"
    assert [band.block.continued for band in placement.bands] == [False, False]
    assert check.readable(placement) == []
    with_more = page("X input 2x24, H_0 constant 2x1, W parameter 2x2, U parameter 2x2",
                     [steps[0].replace("..12", "..24"), "L = sum(H_24 ** 2)"], TRAIN)  # fmt: skip
    assert [band.block.continued for band in with_more.bands] == [False, True, False]


def test_portrait_is_taken_where_digits_stay_large() -> None:
    assert not printed(page("X input 3x2, W parameter 3x3", ["Z = W @ X"]).columns)[0]
    wide = page("X input 3x14, W parameter 3x3, A constant 14x14", ["Z = W @ X", "Y = Z @ A"])
    assert printed(wide.columns)[0]


def test_the_row_of_heads_is_repeated_on_every_page() -> None:
    sheet = book("X input 3x4, W parameter 3x3", ["Z = W @ X", "L = sum(Z ** 2)"], TRAIN).plan.sheets[0]
    heads = {label.text for label in sheet.labels if label.row == sheet.heads}
    assert {"Parameters", "Forward ↓", "Gradient ↑", "∂W = ∂Z·Aᵀ"} <= heads


def test_a_line_that_ends_with_a_page_is_named_on_both_sides() -> None:
    steps = ["H = P @ X", "A = W @ H", "B = tanh(A)", "C = V @ B", "D = tanh(C)", "E = U @ D", "F = E + H",
             "L = sum(F ** 2)"]  # fmt: skip
    names = ", ".join(["X input 3x2", *(f"{n} parameter 3x3" for n in "PWVU")])
    sheet = book(names, steps, "loss: L\nbackward: true").plan.sheets[0]
    lines = {line.carries: line for line in sheet.edges if line.carries}
    assert set(lines) == {"H ↓", "∂F ↑"}
    cut = next(region.row for region in sheet.regions if region.name == "C") - 1
    named = carried(sheet, [cut])
    assert [label.row < cut for label in named if label.text == "H ↓"] == [True, False]
    assert [label.row < cut for label in named if label.text == "∂F ↑"] == [False]  # an equation is in the way above
    assert all(cut - 2 <= label.row < cut + 2 for label in named)
    assert {label.hue for label in named} == {line.hue for line in lines.values()}
    assert carried(sheet, [min(line.row for line in lines.values())]) == []
    twice = replace(lines["H ↓"], rows=lines["H ↓"].rows + 1)  # it leads to two readers
    assert carried(replace(sheet, edges=(*sheet.edges, twice)), [cut]) == named
    full = Region("full", Role.FORWARD, cut - 3, 1, np.zeros((6, sheet.last_column)))
    assert carried(replace(sheet, regions=(*sheet.regions, full)), [cut]) == []


def test_no_caption_stands_on_a_line() -> None:
    """Neither on a rail nor on a state line: both run between rows with numbers, or in others."""
    rail = ["Z = W @ X + b", "A = tanh(Z)", "H = V @ A", "C = tanh(H)", "D = U @ C", "E = tanh(D)", "F = W @ E",
            "G = F + Z", "s = sum(G)"]  # fmt: skip
    turn = ["xh_{t} = vstack([X[:, {t-1}], h_{t-1}])", "z_{t} = tanh(Wz @ xh_{t} + b)", "a_{t} = Wi @ xh_{t} + c",
            "section: Then", "k_{t} = exp(a_{t} / 9)", "h_{t} = z_{t} * k_{t}"]  # fmt: skip
    weights = ", ".join(f"{name} parameter 3x3" for name in "WVU")
    states = "X input 2x3, h_0 input 2x1, Wz parameter 2x4, Wi parameter 2x4, b parameter 2x1, c parameter 2x1"
    for made in (book(f"X input 3x2, b parameter 3x1, {weights}", rail), book(states, [loop(*turn)])):
        plan = made.plan.sheets[0]
        assert {label.text for label in plan.labels} & {"(1) Z = W·X + b", "a₁ = Wi·[x₁; h₀] + c"}
        assert any(edge.side == "bottom" for edge in plan.edges)
        assert "underlined" not in {problem.kind for problem in problems(made)}


def test_a_lane_has_the_head_of_what_stands_in_it() -> None:
    def heads(matrices: str, steps: list[str], more: str = "") -> dict[str, int]:
        sheet = book(matrices, steps, more).plan.sheets[0]
        return {label.text: label.column for label in sheet.labels if label.row == sheet.heads}

    assert "Parameters" not in heads("X input 3x4, F constant 3x3", ["Z = F @ X"])
    assert "Given" in heads("X input 3x4, F constant 3x3", ["Z = F @ X"])
    both = heads("X input 3x4, F constant 3x5, W parameter 5x3", ["Z = F @ (W @ X)"])
    narrow = heads("X input 4x1, W parameter 4x4, b parameter 4x1", ["Z = W @ X + b", "L = sum(Z ** 2)"], TRAIN)
    assert "Parameters" in both and "Given" not in both
    mixed = heads("X input 3x4, F constant 3x3, W parameter 2x3", ["Z = F @ X", "A = W @ Z"])
    assert "Given" in mixed and "Parameters" not in mixed  # a constant stands above the weights
    assert {"Parameters", "Forward ↓", "∂ ↑", "Again ↓"} <= narrow.keys()  # each has its own, if a shorter one


def test_pages_begin_with_bands_and_short_bands_stay_with_the_next() -> None:
    steps = [step for k in range(12) for step in (f"Part {k}:", f"M{k} = tanh({f'M{k - 1}' if k else 'X'})")]
    sheet = Sheet(book("X input 5x2", steps).plan.sheets[0], 0)
    bands = {band.first_row for band in sheet.plan.bands}
    assert sheet.pages.cuts != []
    assert set(sheet.pages.cuts) <= bands


def test_a_page_that_begins_inside_of_a_band_repeats_its_title() -> None:
    made = book("X input 5x2", ["Long:", *(f"M{k} = tanh({f'M{k - 1}' if k else 'X'})" for k in range(16))])
    sheet = Sheet(made.plan.sheets[0], 0)
    (cut, *_) = sheet.pages.cuts
    found = {label.row: label.text for label in continued(sheet.plan, sheet.pages.cuts, "Small")}
    assert found[cut] == "Long (continued)"
    told = replace(sheet.plan, labels=(*sheet.plan.labels, Label(cut, 2, "Z = W·X", "equation")))
    assert [label.text for label in continued(told, [cut], "Small")] == ["1 …"]


@pytest.mark.xfail(strict=True, raises=SpecError, reason="only products can be explained")
def test_a_sum_that_is_explained_shows_its_parts_side_by_side() -> None:
    placement = page("X input 3x4, W parameter 2x3, V parameter 2x3",
                     ["A = W @ X", "B = V @ X", "S = A + B", "explain: 'S[:, 0]'"])  # fmt: skip
    assert [frame.width for frame in placement.frames] == [2 + 3]


def test_a_look_closer_without_room_at_the_right_stands_under_its_band() -> None:
    steps = ["H = W @ X", "explain: 'H[:, 0]'", "L = sum(H ** 2)"]
    placement = page("X input 6x4, W parameter 2x6", steps, TRAIN)
    (frame,) = placement.frames
    at = boxes(placement)
    assert frame.row > at["H"].below
    assert frame.row + frame.height - 1 <= placement.bands[0].last_row


def test_a_look_closer_stands_on_the_nearest_rows_where_there_is_room() -> None:
    """Between the gradients and the second pass, a little above the product, which new weights stand beside."""
    steps = ["Q = V @ X", "S = tanh(Q)", "A = tanh(S)", "H = W @ A", "explain: 'H[:, 0]'", "Z = H + B",
             "L = sum(Z ** 2)"]  # fmt: skip
    given = "X input 3x2, V parameter 5x3, W parameter 2x5, B parameter 2x2"
    placement = page(given, steps, TRAIN)
    without = page(given, [step for step in steps if "explain" not in step], TRAIN)
    (frame,) = placement.frames
    at = boxes(placement)
    assert placement.last_row == without.last_row
    assert at["dL_dA"].right < frame.column and frame.column + frame.width < at["A_new"].column
    assert at["H"].row - 16 < frame.row and frame.row + frame.height <= at["dL_dW@above"].top


def test_a_rail_ends_with_its_source_s_name_and_a_gradient_s_with_a_plus() -> None:
    steps = ["Y = P @ X", "A = W @ Y", "B = tanh(A)", "C = V @ B", "D = tanh(C)", "E = U @ D", "F = E + Y",
             "L = sum(F ** 2)"]  # fmt: skip
    names = ", ".join(["X input 3x2", *(f"{n} parameter 3x3" for n in "PWVU")])
    sheet = book(names, steps, "loss: L\nbackward: true").plan.sheets[0]
    heads = {label.text: label for label in sheet.labels if label.text.startswith("◄")}
    assert heads.keys() == {"◄Y", "◄ +"}
    assert heads["◄Y"].hue == heads["◄ +"].hue


def test_no_arrow_leads_from_a_copy_above() -> None:
    steps = ["One:", "A = W @ X", "B = tanh(A)", "C = V @ B", "D = tanh(C)", "E = 2 * D", "Two:", "F = U @ A"]
    placement = page("X input 4x2, W parameter 4x4, V parameter 4x4, U parameter 4x4", steps)
    assert [arrow.source for arrow in placement.arrows if arrow.target == "F"] == ["U"]


def test_texts_print_at_five_and_a_half_points_at_least() -> None:
    made = book("X input 3x15, W parameter 3x3, A constant 15x15", ["Z = W @ X", "Y = Z @ A"])
    sheet = Sheet(made.plan.sheets[0], 0)
    assert sheet.scale < 0.8
    assert min(sheet.size(label) for label in sheet.labels) * sheet.scale >= 5.5


AWAY = ["A = tanh(X)", "B = A @ G", "C = W @ B", "D = 2 * A"]
"""B opens a lane to the right of A; W, ten columns wide, stands in the slot of that lane and beside D."""


def test_no_arrow_crosses_more_than_eight_cells() -> None:
    placement = page("X input 10x1, G constant 1x1, W parameter 3x10", AWAY)
    assert [arrow for arrow in placement.arrows if arrow.last_column - arrow.first_column >= 8] == []


@pytest.mark.xfail(strict=True, reason="a lane to the right stays there when its slot becomes wide")
def test_a_product_far_right_of_its_operand_reads_a_copy() -> None:
    placement = page("X input 10x1, G constant 1x1, W parameter 3x10", AWAY)
    assert check.unadjacent(placement) == []
