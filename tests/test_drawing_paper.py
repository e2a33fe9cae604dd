"""Widths of columns, heights of rows, where pages are cut, and what the sheets and their legend hold."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from by_numbers import built
from by_specs import compiled
from checks_cells import hashes
from page_checks import page_of

from sheetgen.cells.a1 import letters
from sheetgen.layout import measure, numbers
from sheetgen.layout.drawing.paper import _fit, fitted, longest, widens
from sheetgen.layout.geometry.figure import Column
from sheetgen.layout.measure import text_width
from sheetgen.layout.plan import Region, Role, SheetPlan
from sheetgen.workbook import Workbook


def too_long(made: Workbook) -> list[object]:
    """Numbers that would be drawn as ###."""
    page = page_of(made)
    return [problem for sheet in page.sheets for problem in hashes(page, sheet)]


def width(sheet: SheetPlan, column: int) -> float:
    return dict(sheet.widths)[column]


def test_columns_are_as_wide_as_their_longest_number() -> None:
    short, long = (built({"X": ("input", [[number, 2]])}, ["Z = 3 * X"], loss=None) for number in (1, -41234))
    for made in (short, long):
        assert too_long(made) == []
    a, b = ((made, next(r for r in made.plan.sheets[0].regions if r.name == "Z")) for made in (short, long))
    assert width(a[0].plan.sheets[0], a[1].column) < width(b[0].plan.sheets[0], b[1].column)
    assert width(b[0].plan.sheets[0], b[1].column) == width(b[0].plan.sheets[0], b[1].column + 1)  # one matrix


def test_matrices_that_share_columns_share_their_width() -> None:
    made = built({"X": ("input", [[1, 2]]), "k": ("input", [[50000]])}, ["Z = 3 * X", "A = k * Z"], loss=None)
    sheet = made.plan.sheets[0]
    z = next(r for r in sheet.regions if r.name == "Z")
    assert width(sheet, z.column) > 6


@pytest.mark.parametrize("name", ["karate", "karate_plain", "lenet", "mixture_of_experts"])
def test_where_a_page_would_print_too_small_columns_are_narrower_and_numbers_shorter(name: str) -> None:
    made = compiled(name)
    assert too_long(made) == []
    assert {sheet.title for sheet in made.plan.sheets if 10 * sheet.scale < 7} == set()


def test_no_text_widens_a_sheet_so_that_it_takes_more_paper_or_can_t_be_read() -> None:
    columns = [Column("margin", 24.0), *[Column("lane", 5.1)] * 22]  # upright, and with a further column not
    assert widens(columns, 40) and not widens(columns, 108)
    assert widens([*columns, *columns[1:12]], 20) and not widens([*columns, *columns[1:13]], 20)
    routing = compiled("three_rounds_of_routing").plan.sheets[0]
    assert routing.last_column == 26  # its last exp(likes₂ − max) on the same paper


def test_small_numbers_in_narrow_columns_are_rounded_and_keep_their_0() -> None:
    """-0.097 has no room in a column of 5 characters, -0.10 has; an even smaller number shows a digit elsewhere."""
    def region(*values: float) -> Region:
        return Region("A", Role.FORWARD, 1, 1, np.array([values]), (("1",) * len(values),))

    columns = [Column("lane", 5.0)] * 2
    small, tiny = region(-0.097, 0.03), region(-0.0041, 0.002)
    found = fitted([small, tiny], longest([small, tiny]), columns)
    shown = [[numbers.shown(v, numbers.form(r.values, decimals=r.decimals)) for v in r.values.flat] for r in found]
    assert shown == [["-0.10", "0.03"], ["0.00", "0.00"]]
    fit = [_fit([one], [after], columns) for one, after in zip((small, tiny), found, strict=True)]
    assert fit == [True, False]  # no paper is saved at the cost of all digits


def test_a_matrix_too_large_for_digits_has_low_rows() -> None:
    made = built({"X": ("input", np.arange(15 * 15).reshape(15, 15))}, ["Z = tanh(X)"], loss=None)
    sheet = made.plan.sheets[0]
    heights = dict(sheet.heights)
    for region in sheet.regions:
        assert region.plain_map and all(heights[region.row + k] == 7.6 for k in range(15))


def test_bands_without_anything_on_a_further_sheet_are_hidden() -> None:
    made = compiled("three_rounds_of_routing")
    gradients = next(sheet for sheet in made.plan.sheets if sheet.title == "Gradients")
    hidden = {row for row, height in gradients.heights if height == 0}
    shown = {region.row for region in gradients.regions}
    assert not hidden & shown
    assert any(hidden.issuperset(range(band.first_row, band.last_row + 1)) for band in gradients.bands)
    for band in gradients.bands:
        rows = set(range(band.first_row, band.last_row + 1))
        assert rows <= hidden or rows & shown


def test_pages_are_cut_at_bands_and_in_tall_ones_at_captions() -> None:
    made = compiled("self_attention")
    sheet = made.plan.sheets[0]
    starts = {band.first_row for band in sheet.bands}
    assert starts - {sheet.bands[0].first_row} <= set(sheet.cuts)
    covered = {region.row + k for region in sheet.regions for k in range(region.height)}
    covered |= {chart.row + k for chart in sheet.charts if chart.place for k in range(chart.place.rows)}
    assert not set(sheet.cuts) - starts & covered


def test_sheets_share_rows_and_cells() -> None:
    plan = compiled("lstm").plan
    assert [sheet.title for sheet in plan.sheets] == ["Canvas", "Gradients", "After the update"]
    assert len({sheet.bands for sheet in plan.sheets}) == len({sheet.first_row for sheet in plan.sheets}) == 1
    at = {sheet.title: {r.name: (r.row, r.column, r.height, r.width) for r in sheet.regions} for sheet in plan.sheets}
    for name in ("Wf", "bi", "h_2", "Wy"):
        assert at["Canvas"][name] == at["Gradients"][f"dL_d{name}"], name
    assert at["Canvas"]["Wf"] == at["After the update"]["Wf_new"]


def test_gradients_that_fit_stand_beside() -> None:
    plan = compiled("backpropagation").plan
    assert [sheet.title for sheet in plan.sheets] == ["Canvas"]
    at = {region.name: region for region in plan.sheets[0].regions}
    for k in (1, 2, 3):
        assert at[f"W{k}"].row == at[f"dL_dW{k}"].row == at[f"W{k}_new"].row == at[f"Z{k}"].row
        assert at[f"Z{k}"].column < at[f"dL_dZ{k}"].column < at[f"dL_dW{k}"].column < at[f"W{k}_new"].column
    copies = [region for region in plan.sheets[0].regions if region.role is Role.COPY]
    assert len(copies) <= 6


def test_one_set_of_weights_for_all_time_steps() -> None:
    regions = compiled("lstm").plan.sheets[0].regions
    at = {region.name: region for region in regions}
    pitch = at["h_2"].column - at["h_1"].column
    for name in ("f", "f_pre", "i", "g", "o", "c", "h"):
        stem, _, tail = name.partition("_")
        turns = [at[f"{stem}_{t}{'_' if tail else ''}{tail}"] for t in (1, 2, 3, 4)]
        assert len({turn.row for turn in turns}) == 1, name
        assert [b.column - a.column for a, b in pairwise(turns)] == [pitch] * 3 or name in "cellh"
    assert [region.name for region in regions if region.name.startswith("Wf")] == ["Wf"]


def test_heads_stand_abreast() -> None:
    at = {region.name: region for region in compiled("multi_head_attention").plan.sheets[0].regions}
    for name in ("Wq", "Wk", "Wv", "Q", "K", "V", "A", "Z"):
        one, two = at[f"{name}_1"], at[f"{name}_2"]
        assert one.row == two.row and one.column + one.width < two.column, name


def test_the_legend_has_what_occurs_in_its_order() -> None:
    made = built({"X": ("input", [[1], [2]]), "W": ("parameter", [[1, 0]])}, ["Z = W @ X"], loss=None)
    assert [caption for _, caption in made.plan.legend] == ["input", "weight", "output"]
    assert {role for role, _ in compiled("gcn").plan.legend} >= {Role.ADJACENCY, Role.GCN, Role.COPY}


def test_steps_lead_to_their_cells_and_have_the_titles_of_their_bands() -> None:
    plan = compiled("lstm").plan
    at = {f"{s.title}!{letters(r.column)}{r.row}" for s in plan.sheets for r in s.regions}
    linked = [step for step in plan.steps if step.link]
    assert len(linked) > 10 and {step.link for step in linked} <= at
    assert {step.section for step in linked} == {
        "Input", "Forget gate", "Input gate", "Candidate", "Output gate", "Long-term memory", "Hidden state", "Output",
        "t = 1", "t = 2", "t = 3", "t = 4",
    }  # fmt: skip


@pytest.mark.parametrize(("name", "turns"), [("lstm", 4), ("rnn", 4), ("bidirectional_rnn", 5), ("pagerank", 5)])
def test_the_turns_of_a_loop_are_equally_wide(name: str, turns: int) -> None:
    """Each column of a turn as the same one of all others, up to the last turn's lane."""
    sheet = compiled(name).plan.sheets[0]
    heads = [label for label in sheet.labels if label.style == "turn"][:turns]
    assert [head.text.partition(" (")[0].replace(" ", "") for head in heads] == [f"t={t}" for t in range(1, turns + 1)]
    pitch = heads[1].column - heads[0].column
    assert len({tuple(width(sheet, head.column + k) for k in range(pitch)) for head in heads[:-1]}) == 1


def test_columns_get_narrower_where_all_of_a_sheet_then_stands_upright_on_one_page() -> None:
    """New weights have more digits, but the sheet after the update is no wider than the first one has to be."""
    for sheet in compiled("lstm").plan.sheets:
        across = sum(width(sheet, column) for column in range(1, sheet.last_column + 1))
        assert 100 * measure.scale(across, False) >= measure.SMALLEST


@pytest.mark.parametrize("name", ["gcn", "shared_convolution"])
def test_names_of_rows_between_two_matrices_touch_neither(name: str) -> None:
    """There is a space before them and one behind."""
    found = 0
    for sheet in compiled(name).plan.sheets:
        widths = dict(sheet.widths)
        cells = {(r.row + i, r.column + j) for r in sheet.regions for i in range(r.height) for j in range(r.width)}
        for label in sheet.labels:
            beside = {(label.row, label.column - 1), (label.row, label.column + 1)}
            if label.style == "label" and label.align == "right" and beside <= cells:
                assert widths[label.column] >= text_width(label.text, 9.0) + 1.19
                found += 1
    assert found > 2


@pytest.mark.parametrize(("count", "decimals"), [(6, [None, None]), (34, [1, None])])
def test_numbers_of_a_long_row_keep_apart_by_fewer_decimals(count: int, decimals: list[int | None]) -> None:
    """-6.66 beside -5.86 runs together in the columns of a long row, 0.66 beside 0.86 doesn't."""
    made = built({"X": ("input", [[*range(1, count + 1)]])}, ["Z = X / -3.5", "P = 1 / (X + 0.1)"], loss=None)
    regions = {region.name: region for region in made.plan.sheets[0].regions}
    assert [regions[name].decimals for name in "ZP"] == decimals


def test_no_number_of_a_long_row_becomes_a_whole_one_for_air_nor_many_of_them_0() -> None:
    made = built({"X": ("input", [[*range(1, 35)]])}, ["Z = X / -3.5 - 10"], loss=None)
    assert next(region for region in made.plan.sheets[0].regions if region.name == "Z").decimals == 1
    small = built({"X": ("input", [[*range(-17, 17)]])}, ["Z = X / 50"], loss=None)
    assert next(region for region in small.plan.sheets[0].regions if region.name == "Z").decimals is None
