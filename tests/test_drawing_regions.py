"""What stands in the cells of a page: numbers, formulas, looks, and the step with which each appears."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ironcalc
import numpy as np
import pytest
from by_numbers import built
from by_specs import compiled
from page_checks import placed

import sheetgen
from sheetgen.layout.drawing.values import box_values, rects, with_ones
from sheetgen.layout.geometry.check import part_value
from sheetgen.layout.plan import Region, Role
from sheetgen.workbook import Workbook

X, W, Y = ("input", [[1, 2], [3, 4]]), ("parameter", [[1, 0], [0, 1], [1, 1]]), ("target", [[1, 0]])
V = ("parameter", [[1, 2, 1]])


def region(made: Workbook, name: str, sheet: str = "Canvas") -> Region:
    return next(r for s in made.plan.sheets if s.title == sheet for r in s.regions if r.name == name)


# Formulas


def test_a_product_is_one_mmult_of_row_and_column() -> None:
    made = built({"X": X, "W": W}, ["Z = W @ X"], loss=None)
    z, w, x = (region(made, name) for name in "ZWX")
    assert z.array and z.formulas is not None
    assert z.formulas[1][1] == f"MMULT({span(w, row=1)},{span(x, column=1)})"


def span(r: Region, row: int | None = None, column: int | None = None) -> str:
    from sheetgen.cells.a1 import letters

    if row is not None:
        return f"${letters(r.column)}{r.row + row}:${letters(r.column + r.width - 1)}{r.row + row}"
    assert column is not None
    return f"{letters(r.column + column)}${r.row}:{letters(r.column + column)}${r.row + r.height - 1}"


def test_a_bias_s_ones_are_read_from_the_page() -> None:
    """So that one MMULT takes the bias in."""
    made = built({"X": X, "W": W, "b": ("parameter", [5, 6, 7])}, ["Z = W @ X + b"], loss=None)
    formulas = region(made, "Z").formulas
    assert formulas is not None and formulas[0][0] is not None
    assert formulas[0][0].startswith("MMULT(") and formulas[0][0].count("MMULT") == 1 and "+" not in formulas[0][0]
    placement = placed(made.program)
    ones = next(box for box in placement.boxes if box.kind == "ones")
    before = next(box for box in placement.boxes if box.key == "Z").expr
    assert before is not None and ones.key in str(with_ones(placement)["Z"])


@pytest.mark.parametrize(("name", "backwards"), [("lstm", True), ("transformer", True), ("gcn", False)])
def test_boxes_show_the_program_s_numbers(name: str, backwards: bool) -> None:
    made = compiled(name)
    placement = placed(made.program)
    found = box_values(placement, made.program, made.values)
    assert found.keys() == {box.key for box in placement.boxes} == rects(placement).keys()
    shown = 0
    for box in placement.boxes:
        if box.matrix in made.values and box.kind in ("home", "copy", "row"):
            np.testing.assert_allclose(found[box.key], part_value(box, made.values[box.matrix]), rtol=1e-12, atol=1e-15)
            shown += 1
    assert shown > 20
    assert any(box.phase == "backward" for box in placement.boxes) is backwards


def test_a_large_matrix_is_one_formula() -> None:
    big = ("input", np.arange(40 * 40).reshape(40, 40) / 100)
    one, many = (built({"X": big}, ["Z = tanh(X)"], loss=None, formulas=how) for how in ("auto", "cells"))
    assert region(one, "Z").block is not None and region(one, "Z").formulas is None
    assert region(many, "Z").block is None and region(many, "Z").formulas is not None
    assert region(one, "Z").plain_map  # no digits


def test_the_lower_triangle_of_an_undirected_graph_mirrors_the_upper() -> None:
    adjacency = region(compiled("gcn"), "Adj")
    assert adjacency.formulas is not None and adjacency.switch and adjacency.integers
    for i, row in enumerate(adjacency.formulas):
        assert [formula is not None for formula in row] == [j < i for j in range(5)]


def test_words_read_the_number_that_they_put_into_words() -> None:
    words = region(compiled("gcn"), "P_verdict")
    assert words.role is Role.VERDICT and words.values.dtype.kind == "O"
    assert words.formulas is not None and all("IF(" in str(text) for text in words.formulas[0])


# Looks


def test_weights_are_tinted_by_what_they_meet() -> None:
    made = compiled("lstm")
    weights = region(made, "Wf")
    assert weights.tints == ((0, 2, Role.INPUT), (2, 4, Role.ACTIVATION))
    assert region(made, "Wy").tints == ()  # it meets one matrix


def test_the_parts_of_a_stack_have_the_looks_of_their_sources() -> None:
    made = built(
        {"X": X, "Y": ("input", [[5, 6]]), "W": ("parameter", [[1, 0, 1]])},
        ["H = tanh(X)", "S = vstack([H, Y])", "Z = W @ S"], loss=None,
    )  # fmt: skip
    found = [r for r in made.plan.sheets[0].regions if r.parts]
    assert [r.parts for r in found] == [((0, 2, Role.ACTIVATION), (2, 3, Role.INPUT))] or not found


def test_an_explained_column_is_marked_and_its_terms_of_weight_0_are_pale() -> None:
    made = compiled("gcn")
    assert region(made, "H1").marked == ((0, 0, 3, 1),) and region(made, "H2").marked == ((0, 2, 3, 1),)
    pale = [r for r in made.plan.sheets[0].regions if r.pale]
    assert len(pale) == 4 and all(r.role is Role.COPY for r in pale)
    weights = pale[0]
    from sheetgen.cells.a1 import letters

    assert weights.pale == f"{letters(weights.column)}${weights.row}=0"


def test_zeros_of_a_relu_are_dark_and_the_loss_is_large() -> None:
    made = built({"X": X, "W": W, "V": V, "Y": Y}, ["A = relu(W @ X)", "P = V @ A", "L = mse(P, Y)"])
    assert region(made, "A").dark_zeros and not region(made, "P").dark_zeros
    assert region(made, "L").large and not region(made, "P").large


def test_an_image_that_a_kernel_slides_over_is_one() -> None:
    made = compiled("cnn")
    assert region(made, "X").image and not region(made, "K1").image


def test_so_is_one_that_is_cut_into_patches() -> None:
    assert region(compiled("vit"), "Picture").image


def test_pixels_that_become_a_column_are_a_picture_and_so_is_the_column_that_becomes_one_again() -> None:
    made = compiled("hopfield")
    assert {name for name in ("T", "L", "damaged", "picture_3", "s_T", "W") if region(made, name).image} == {
        "T", "L", "damaged", "picture_3", "W",  # a table of pairs of pixels
    }  # fmt: skip


def test_copies_are_grey_and_gradients_blue() -> None:
    made = compiled("self_attention")
    placement = placed(made.program)
    by_key = {r.name: r for s in made.plan.sheets for r in s.regions}
    for box in placement.boxes:
        if box.kind == "copy":
            assert by_key[box.key].role is Role.COPY, box.key
        if box.kind == "part":
            assert by_key[box.key].role is Role.GRADIENT, box.key


# Steps


STEPS: list[Any] = ["Z = W @ X", "A = tanh(Z)", "P = V @ A", "L = mse(P, Y)"]


def test_a_matrix_appears_with_the_step_that_makes_or_first_reads_it() -> None:
    made = built({"X": X, "W": W, "V": V, "Y": Y}, STEPS)
    assert [region(made, name).step for name in "ZAPL"] == [1, 2, 3, 4]
    assert (region(made, "W").step, region(made, "V").step, region(made, "Y").step) == (1, 3, 4)


def test_numbers_of_the_title_rows_are_always_there() -> None:
    made = built({"X": X, "k": ("constant", 2)}, ["A = 3 * X", "Z = k * A"], loss=None)
    at = region(made, "k")
    assert at.step == 0 and at.row < made.plan.sheets[0].first_row


def test_what_a_step_shows_appears_with_it() -> None:
    made = built({"X": X, "W": W}, [{"say": "Two samples.", "show": ["X"]}, "Z = W @ X"], loss=None)
    assert region(made, "X").step == 1 and region(made, "W").step == region(made, "Z").step == 2


def test_every_given_cell_says_what_may_be_typed() -> None:
    made = compiled("gcn")
    assert region(made, "X").prompt == (
        "X: four features for each node. Type a number; 0 instead of deleting."
    )
    assert "Type 0 or 1" in region(made, "Adj").prompt and "mirrors" in region(made, "Adj").prompt
    assert region(made, "H1").prompt == ""


def test_of_many_terms_a_look_closer_lays_out_those_that_weigh_something(tmp_path: Path) -> None:
    """Two neighbours of thirteen nodes on a ring, and what all others add up to, which an edge may change."""
    made = sheetgen.compile_text(
        "title: t\ngraph: {networkx: cycle_graph, args: [13]}\n"
        "matrices:\n  X: {role: input, value: [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]]}\n"
        "steps:\n  - H = X @ Adj\n  - explain: 'H[:, 4]'\n"
    )
    sheet = made.plan.sheets[0]
    at = {region.key: region for region in sheet.regions}
    weights, shown, total = (next(region for key, region in at.items() if key.endswith(end))
                             for end in ("@weights", "@terms", "_explained_4"))  # fmt: skip
    assert (weights.values.tolist(), shown.values.tolist()) == ([[1, 1, 1]], [[4, 6, 0]])
    names = [label.text for label in sheet.labels if label.row == weights.row - 1]
    assert [name.removeprefix("from ") for name in names] == ["3", "5", "others"]
    made.save(tmp_path / "a.xlsx")
    model = ironcalc.load_from_xlsx(str(tmp_path / "a.xlsx"), "en", "UTC", "en")
    model.set_user_input(0, at["Adj"].row + 12, at["Adj"].column + 4, "1")  # from 12, whose number is 13
    model.evaluate()
    assert model.get_cell_value(0, shown.row, shown.column + 2) == 13
    assert model.get_cell_value(0, total.row, total.column) == 4 + 6 + 13


def test_a_look_closer_at_a_dense_column_has_all_its_terms() -> None:
    made = sheetgen.compile_text(
        "title: t\nmatrices:\n  X: {role: input, random: {shape: [1, 13], low: 1, high: 2, seed: 1}}\n"
        "  W: {role: parameter, random: {shape: [13, 2], low: 1, high: 2, seed: 2}}\n"
        "steps:\n  - H = X @ W\n  - explain: 'H[:, 0]'\n"
    )
    terms = next(region for region in made.plan.sheets[0].regions if region.key.endswith("@terms"))
    assert terms.width == 13
