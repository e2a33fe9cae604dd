"""How a sheet is spread over sheets of paper: what is torn, which page may be white, how low rows may get."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate, combinations, pairwise
from math import inf

import numpy as np
import pytest
from by_specs import compiled
from checks_page import Sheet, as_printed, placed
from small import TRAIN, boxes, page
from test_book_steps import cut, sheet

from sheetgen.book.head import HEIGHTS
from sheetgen.book.paging import HARDLY, LITTLE, POWER, UNEVEN, WHITE, Stripe, partition
from sheetgen.book.printing import Pages, level, pages_of, scale_of_pages, tightened
from sheetgen.book.tight import lower
from sheetgen.layout import measure
from sheetgen.layout.chart import Place, Plot
from sheetgen.layout.drawing.rows import cuts
from sheetgen.layout.geometry.fit import likely
from sheetgen.layout.plan import Edge, Label, Region, Role, SheetPlan
from sheetgen.layout.words.wrap import prose_lines


def test_the_last_page_is_the_one_that_may_be_white() -> None:
    """But for one with hardly anything."""
    assert cut(sheet((6, 35), (36, 60), (61, 80), allowed=(36, 61)), 80, 60) == [61]
    assert cut(sheet((6, 45), (46, 60), (61, 66), allowed=(46, 61)), 66, 60) == [46]


def test_a_cut_parts_no_equation_and_no_line_where_another_may_be() -> None:
    plan = sheet((6, 99), allowed=(45, 50, 55))
    assert cut(plan, 99, 60) == [55]
    assert cut(replace(plan, parting=(50, 55)), 99, 60) == [45]
    rails = (Edge(50, 9, 9, 1, "right", 2), Edge(40, 9, 9, 1, "left", -1))
    frame = Edge(40, 8, 40, 1, "left")
    assert cut(replace(plan, edges=(*rails, frame)), 99, 60) == [50]


def test_pages_begin_with_a_band_that_goes_on_with_no_equation_and_cuts_no_line() -> None:
    """Where others are hardly worse otherwise."""
    plan = sheet((6, 49), (50, 57), (58, 98), allowed=(50, 58))
    rail = Edge(56, 9, 12, 1, "right", 2)
    tried = plan, replace(plan, parting=(58,)), replace(plan, edges=(rail,)), replace(plan, parting=(50, 58))
    assert [cut(each, 98, 60) for each in tried] == [[58], [50], [50], [58]]


def test_a_band_is_cut_rather_than_a_page_left_half_empty() -> None:
    """If that parts no equation."""
    plan = sheet((6, 20), (21, 70), allowed=(21, 45))
    tried = plan, replace(plan, parting=(45,))
    assert [pages_of(each, 118.0, HEIGHTS, 70).cuts for each in tried] == [[45], [21]]


def test_a_band_without_a_title_stays_with_the_one_above() -> None:
    """What follows a loop in its section, be it short; other short bands stay with the next one."""
    plan = sheet((6, 40), (41, 44), (45, 90), allowed=(41, 45))
    titled = replace(plan, labels=tuple(Label(row, 2, "Then", "section") for row in (6, 45)))
    assert (cut(plan, 90, 60), cut(titled, 90, 60)) == ([41], [45])


def test_no_turn_of_a_loop_is_cut_for_the_sake_of_large_digits() -> None:
    """Rather they shrink, so that all hops stand on the first page."""
    plan = as_printed(compiled("memory_network").plan.sheets[0])
    pages = Sheet(plan, 0).pages
    assert set(pages.cuts) <= {band.first_row for band in plan.bands}
    assert len(pages.cuts) == 1 and pages.scale > 0.8


def test_a_softmax_and_a_product_with_its_bias_are_one_equation() -> None:
    made = compiled("cached_attention")
    plan = made.plan.sheets[0]
    tops = {region.name: region.row - 1 for region in plan.regions}
    parted = {name for name, row in tops.items() if row in plan.parting}
    assert {"share_exp", "share"} <= parted
    begun = tops["share_pre"] - 3  # over the product, the query once more: its name and two rows
    assert begun in plan.cuts and begun not in plan.parting
    for drawn in compiled("multi_head_attention").plan.sheets[::2]:
        (row,) = (region.row for region in drawn.regions if region.name in ("A_1_exp", "A_1_new_exp"))
        (begun,) = (band.first_row for band in drawn.bands if band.first_row <= row <= band.last_row)
        assert begun in drawn.parting, f"{drawn.title}: what is largest stands in the section above"


@pytest.mark.parametrize("name", ["gan_step", "transformer", "full_transformer"])
def test_only_names_that_are_there_keep_a_row_on_the_page_of_their_matrix(name: str) -> None:
    """Some boxes may have names under them and have none."""
    made = compiled(name)
    placement, plan = placed(made.program), made.plan.sheets[0]
    free = set(cuts(placement, 0, ()))
    under = {box.below for box in placement.boxes if box.sheet == 0 and box.labels.below}
    named = {label.row for label in plan.labels if label.style == "label"}
    assert under & free & set(plan.cuts) and under & free - set(plan.cuts)
    assert under & free - set(plan.cuts) <= named


def test_names_in_the_first_row_of_what_the_trunk_goes_on_with_keep_no_row() -> None:
    """Those under a gradient beside an attention are no reason to tear what is made of it."""
    steps = ["Q = W @ X", "S = X.T @ Q", "A = softmax(S)", "Z = X @ A", "N = X + Z", "L = sum(N ** 2)"]
    placement = page("X input 3x3, W parameter 3x3", steps, TRAIN)
    at = boxes(placement)
    (gradient,) = [box for box in placement.boxes if box.of == "A" and box.phase == "backward" and box.kind == "home"]
    assert gradient.below == at["Z"].top
    under = [Label(box.below, box.column, "name", "label") for box in placement.boxes if box.labels.below]
    assert at["Z"].top in cuts(placement, 0, under)


def described() -> SheetPlan:
    """A line of the margin at row 8, numbers from row 9 to 18, prose from row 20 on, a chart in eight rows, and air."""
    prose = Label(20, 2, " ".join(["word"] * 50), "sentence", rows=15)
    chart = Plot("p", 50, 4, (), place=Place(50, 4, 8, 8))
    return replace(
        sheet((6, 40), (41, 80), allowed=(41,)), labels=(Label(8, 2, "Z = X", "equation"), prose), charts=(chart,),
        regions=(Region("X", Role.INPUT, 9, 4, np.ones((10, 1))),), widths=((2, 14.0),),
    )  # fmt: skip


def test_rows_get_lower_step_by_step_those_with_numbers_last() -> None:
    plan = described()
    first, *_, last = lower(plan)
    assert 10 not in first and first[70] == last[70] == 10.0
    assert last[10] == 12.75


def test_no_row_is_lower_than_its_texts_and_charts() -> None:
    plan = described()
    (*_, last) = lower(plan)
    assert 12.0 < last[8] < 12.75
    assert sum(last.get(20 + k, 15.0) for k in range(15)) > 12.0 * prose_lines(plan.labels[1].text, 14.0) - 0.01
    assert sum(last.get(50 + k, 15.0) for k in range(8)) == 112.0
    told = replace(plan, heights=((70, 23.0), (10, 7.6)))
    (*_, last) = lower(told)
    assert (last[70], last[10]) == (23.0, 7.6)


def test_charts_stay_high_unless_that_saves_paper() -> None:
    """And planes higher, whose one scale makes a low one narrow as well: only in the last step are they as low."""
    plan = described()
    (chart,) = plan.charts
    plane = Plot("Z", 50, 8, (), equal=True, place=Place(50, 8, 12, 8))
    found = []
    for each in (replace(chart, place=plane.place), plane):
        steps = lower(replace(plan, charts=(each,)))
        found.append([sum(rows.get(50 + k, 15.0) for k in range(12)) for rows in steps])
    assert found == [pytest.approx([135, 135, 124, 120]), pytest.approx([153, 153, 153, 120])]


def test_a_text_in_a_frame_needs_no_more_than_its_lines() -> None:
    """What is said in a Look closer; two lines need 21 points of its two rows."""
    note = Label(20, 9, "Node A adds up the messages from those with a 1.", "note", rows=2, columns=6, lines=2)
    beside = Region("X", Role.INPUT, 19, 4, np.ones((4, 2)))
    *_, last = lower(replace(sheet((6, 40)), labels=(note,), regions=(beside,)))
    assert {last[row] for row in range(19, 23)} == {12.75}


def test_a_text_keeps_the_lines_into_which_it_is_broken() -> None:
    """Though its words would take fewer in the whole width."""
    text = Label(20, 2, "Two\nnumbers\nfor each\nword.", "sentence", rows=4)
    plan = replace(sheet((6, 40)), labels=(text,), widths=((2, 24.0),))
    for heights in lower(plan):
        assert sum(heights.get(20 + k, 15.0) for k in range(4)) >= 4 * 12.0 - 0.01


def test_sentences_have_room_for_all_their_lines() -> None:
    """Each line needs 10.4 points, on every page as it is printed."""
    for name in ("latent_attention", "sampling", "karate_trained", "graphsage", "adam_by_hand"):
        for drawn in map(as_printed, compiled(name).plan.sheets):
            high = dict(drawn.heights)
            for label in (x for x in drawn.labels if x.style == "sentence" and x.column == 2):
                room = sum(high.get(label.row + k, measure.ROW_HEIGHT) for k in range(label.rows))
                assert room >= 10.4 * len(label.text.split("\n")), f"{name}: {label.text}"


def test_a_large_chart_stays_large_until_all_rows_get_as_low_as_they_can() -> None:
    """Three quarters of its rows' height; in the end that of rows in which nothing stands."""
    plan = replace(described(), charts=(Plot("p", 50, 4, (), place=Place(50, 4, 14, 8)),))
    first, second, *last = ({found.get(50 + k, 15.0) for k in range(14)} for found in lower(plan))
    assert first == second == {11.25} and last == [{10.0}, {10.0}]


def test_rows_of_one_matrix_stay_equally_high() -> None:
    """And of those that share rows with it, whatever text stands beside one of them."""
    plan = replace(described(), labels=(Label(12, 2, "2", "key"), Label(14, 2, "Z = X", "equation")))
    beside = Region("Y", Role.INPUT, 15, 9, np.ones((9, 1)))
    for heights in lower(replace(plan, regions=(*plan.regions, beside))):
        assert len({heights.get(row, measure.ROW_HEIGHT) for row in range(9, 24)}) == 1
    assert heights[9] < measure.ROW_HEIGHT


def test_rows_get_lower_where_that_saves_a_page_and_no_lower_than_they_must() -> None:
    plan, width = described(), 128.0
    tall = [len(_pages(replace(plan, heights=tuple(heights.items())), width).cuts) for heights in ({}, *lower(plan))]
    assert tall == [1, 0, 0, 0, 0]
    assert dict(tightened(plan, width, HEIGHTS, 80).heights) == next(lower(plan))
    small = replace(sheet((6, 30)), regions=plan.regions, labels=plan.labels[:1])
    assert tightened(small, width, HEIGHTS, 30).heights == ()


def test_pages_that_are_hardly_too_high_take_fewer_sheets() -> None:
    for name, pages in (("deep_mlp", 2), ("rope", 2), ("karate", 3)):
        assert len(Sheet(as_printed(compiled(name).plan.sheets[0]), 0).pages.cuts) + 1 == pages, name


def test_how_a_page_is_printed_is_foreseen_before_its_numbers_are_known() -> None:
    """On its side as it is; higher, upright and smaller, or on two sheets; wider, smaller."""
    assert measure.likely(100, 500) == (1, 1.0)
    one = measure.likely(100, 1000)
    assert one.sheets == 1 and abs(one.scale - 0.985 * 763 / 870) < 1e-9
    assert measure.likely(100, 1300) == (2, 0.92)
    assert measure.likely(160, 500) == (1, 0.83)
    for name, sheets in (("word2vec", 1), ("mlp", 2), ("transformer", 3)):
        made = compiled(name)
        found = likely(placed(made.program))
        pages = Sheet(as_printed(made.plan.sheets[0]), 0).pages
        assert found.sheets == len(pages.cuts) + 1 == sheets and abs(found.scale - pages.scale) < 0.05, name


def _pages(plan: SheetPlan, width: float) -> Pages:
    return pages_of(plan, width, {**HEIGHTS, **dict(plan.heights)}, 80)


def test_where_two_cuts_are_as_good_the_pages_are_evenly_full() -> None:
    """Not one full and one half empty."""
    assert cut(sheet((6, 47), (48, 58), (59, 90), allowed=(48, 59)), 90, 60) == [48]


def test_pages_are_as_cheap_as_any_cuts_make_them() -> None:
    """Of all sets of rows at which pages may begin."""
    rng = np.random.default_rng(1)
    for _ in range(60):
        heights = rng.integers(5, 30, 40).tolist()
        prices = {row + int(rng.integers(0, 3)): float(rng.integers(0, 4)) / 4 for row in range(4, 40, 4)}
        stripe, page = Stripe([0.0, *accumulate(map(float, heights))], prices, 15.0), 320.0
        costs = [_cost(stripe, page, [1, *rows, 41]) for count in range(10) for rows in combinations(prices, count)]
        found = partition(stripe, page)
        assert found.cost == pytest.approx(_cost(stripe, page, [1, *found.cuts, 41])) == pytest.approx(min(costs))


def _cost(stripe: Stripe, page: float, rows: list[int]) -> float:
    """What pages that begin with these rows cost; infinite where one is higher than paper."""
    cost = 0.0
    for first, last in pairwise(rows):
        share = (stripe.tops[last - 1] - stripe.tops[first - 1]) / (page - (stripe.repeated if first > 1 else 0.0))
        white = max(0.0, 1 - share)
        end = LITTLE * max(0.0, 1 - share / HARDLY) + UNEVEN * white**2 if first > 1 else 0.0
        cost += 1 + (WHITE * white**POWER if last < rows[-1] else end) + stripe.prices.get(last, 0.0)
        if share > 1:
            return inf
    return cost


@pytest.mark.parametrize(("count", "width"), [(3, 118.0), (40, 118.0), (400, 118.0), (1200, 300.0)])
def test_the_scale_of_many_pages_is_known_before_they_are_cut(count: int, width: float) -> None:
    plan, bottom = tower(count), 5 * count + 7
    assert scale_of_pages(plan, width, HEIGHTS, bottom) == pages_of(plan, width, HEIGHTS, bottom).scale
    assert (tightened(plan, width, HEIGHTS, bottom) == plan) == (count >= 400)


def test_digits_dont_shrink_for_pages_that_are_as_many() -> None:
    """At full size the second page begins with the second band; a little smaller, the first page would be fuller."""
    plan = sheet((6, 24), (25, 36), (37, 57), allowed=(25, 37), landscape=True)
    assert pages_of(plan, 142.0, HEIGHTS, 57) == Pages(True, 0.99, [25])


def test_one_upright_page_in_small_digits_gives_way_to_two_that_lie_on_their_side() -> None:
    """Where they can be cut near the middle; else it stays whole."""
    halves, whole = sheet((6, 31), (32, 56), allowed=(32,)), sheet((6, 56))
    heights = HEIGHTS | dict.fromkeys(range(6, 57), 15.0)
    for wide, small in ((137.0, True), (125.0, False)):
        pages = pages_of(halves, wide, heights, 56)
        assert (pages.landscape, pages.cuts) == ((True, [32]) if small else (False, []))
    assert not pages_of(whole, 137.0, heights, 56).landscape


def test_no_sheet_of_several_is_saved_by_small_digits() -> None:
    """Three sheets at 76 per cent are worse than four that can be read with ease. On wide ones digits are as
    large as the width allows, and on short ones, which stay one sheet, small."""
    starts = range(6, 190, 5)
    plan = sheet(*((row, row + 4) for row in starts), allowed=starts[1:])
    pages = pages_of(plan, 90.0, HEIGHTS, 190)
    assert len(pages.cuts) == 3 and pages.scale > 0.95
    assert pages_of(plan, 120.0, HEIGHTS, 190).scale == measure.scale(120.0, False) < 0.85
    short = sheet(*((row, row + 4) for row in starts[:12]), allowed=starts[1:12])
    assert pages_of(short, 90.0, HEIGHTS, 65).cuts == []


def test_rows_get_lower_where_that_makes_the_digits_of_one_page_larger() -> None:
    rows = tuple(Region(f"X{k}", Role.INPUT, row, 4, np.ones((4, 1))) for k, row in enumerate(range(8, 62, 6)))
    plan = replace(sheet((6, 62)), regions=rows, landscape=False)
    before = pages_of(plan, 118.0, HEIGHTS, 62)
    after = tightened(plan, 118.0, HEIGHTS, 62)
    larger = pages_of(after, 118.0, {**HEIGHTS, **dict(after.heights)}, 62)
    assert (before.cuts, larger.cuts) == ([], [])
    assert before.scale < 0.8 < larger.scale


def test_low_rows_with_numbers_get_back_what_paper_is_left() -> None:
    """12.75 points make one page of it; 13.25 fill that."""
    rows = tuple(Region(f"X{k}", Role.INPUT, row, 4, np.ones((4, 1))) for k, row in enumerate(range(8, 74, 6)))
    plan = replace(sheet((6, 74)), regions=rows, landscape=False)
    heights = dict(tightened(plan, 118.0, HEIGHTS, 74).heights)
    assert {heights[row] for row in range(8, 74) if (row - 8) % 6 < 4} == {13.25}
    assert pages_of(plan, 118.0, {**HEIGHTS, **heights}, 74).cuts == []


def tower(count: int) -> SheetPlan:
    """Matrices of four rows under one another, each with its name in the row above it; the last is a copy."""
    tops = range(8, 8 + 5 * count, 5)
    regions = tuple(Region(f"X{k}", Role.INPUT, row, 4, np.ones((4, 2))) for k, row in enumerate(tops))
    names = [Label(row - 1, 4, "X", "name") for row in tops[:-1]]
    return replace(sheet((6, tops[-1] + 4)), regions=regions, labels=(*names, Label(tops[-1] - 1, 4, "X", "hint")))


@pytest.mark.parametrize(
    ("count", "high", "scale"),
    [
        (4, 20.0, 1.0),  # there is paper for it
        (5, 20.0, 0.99),  # or digits are a little smaller
        (6, 20.0, 0.86),
        (7, 20.0, 0.82),  # for the sake of air, the page even stands upright
        (11, 20.0, 0.82),  # rows with numbers get lower for it
        (12, 20.0, 0.79),  # and digits, as long as they can be read with ease
        (13, 16.5, 0.8),  # where that isn't enough, there is less air
        (14, 16.25, 0.75),  # and on a crammed page what rows with numbers can give
    ],
)
def test_matrices_in_a_tower_stand_apart(count: int, high: float, scale: float) -> None:
    """Rows of names under a matrix get higher, and the page stays one."""
    plan, bottom = tower(count), 5 * count + 7
    tight = tightened(plan, 118.0, HEIGHTS, bottom)
    pages = pages_of(tight, 118.0, {**HEIGHTS, **dict(tight.heights)}, bottom)
    assert pages.cuts == [] and pages.scale == scale
    under = {dict(tight.heights).get(row, measure.ROW_HEIGHT) for row in range(12, bottom - 4, 5)}
    assert under == {high}
    numbers = {dict(tight.heights).get(row, measure.ROW_HEIGHT) for row in range(8, bottom + 1) if row % 5 != 2}
    assert len(numbers) == 1 and (high >= 17 or numbers == {12.0})


def test_a_name_under_names_of_columns_stands_apart_as_well() -> None:
    names = tuple(Label(12, 4 + k, text, "label") for k, text in enumerate(("a", "b")))
    plan = tower(1)
    below, name = Region("Y", Role.INPUT, 14, 4, np.ones((3, 2))), Label(13, 4, "Y", "name")
    plan = replace(plan, regions=(*plan.regions, below), bands=sheet((6, 17)).bands)
    plan = replace(plan, labels=(*plan.labels, *names, name))
    assert dict(tightened(plan, 118.0, HEIGHTS, 17).heights) == {13: 20.0}
    elsewhere = tuple(label._replace(column=label.column + 3) for label in names)
    plan = replace(plan, labels=(*tower(1).labels, *elsewhere, name))
    assert tightened(plan, 118.0, HEIGHTS, 17).heights == ()


def test_under_the_last_text_of_a_band_is_room_for_its_descenders() -> None:
    """On a crammed page too, and where the rows after it are hidden."""
    plan, end = tower(13), 8 + 5 * 13
    told = Label(end, 2, "Why it is so.", "sentence", rows=1)
    plan = replace(plan, bands=(replace(plan.bands[0], last_row=end),), labels=(*plan.labels, told))
    for drawn in (plan, replace(plan, bands=(replace(plan.bands[0], last_row=end + 1),), heights=((end + 1, 0.0),))):
        found = dict(tightened(drawn, 118.0, HEIGHTS, drawn.bands[0].last_row).heights)
        assert found[8] == 12.0 and found[end] == found[12] > 16.0


def test_paper_that_is_left_goes_to_the_lowest_rows_of_names_first() -> None:
    assert level([12.0, 15.0, 12.0], 4.0) == 14.0
    assert level([12.0, 15.0, 12.0], 9.0) == 16.0
    assert level([13.0], 2.5) == 15.5


@pytest.mark.parametrize(("rows", "high"), [(1, {12: 17.0}), (2, {})])
def test_rows_of_names_beside_numbers_keep_their_height(rows: int, high: dict[int, float]) -> None:
    """But for those of matrices that have no other row, which get a little."""
    beside = Region("Y", Role.INPUT, 12, 8, np.ones((rows, 2)))
    plan = replace(tower(4), regions=(*tower(4).regions, beside))
    assert dict(tightened(plan, 118.0, HEIGHTS, 27).heights) == dict.fromkeys((17, 22), 20.0) | high


def test_a_name_under_rows_that_are_folded_away_stands_apart_from_the_matrix_above_them() -> None:
    plan = tower(1)
    below, name = Region("Y", Role.INPUT, 15, 4, np.ones((3, 2))), Label(14, 4, "Y", "name")
    plan = replace(plan, regions=(*plan.regions, below), labels=(*plan.labels, name), bands=sheet((6, 18)).bands)
    folded = {12: 0.0, 13: 0.0}
    assert 14 not in dict(tightened(plan, 118.0, HEIGHTS, 18).heights)
    made = tightened(replace(plan, heights=tuple(folded.items())), 118.0, HEIGHTS, 18)
    assert dict(made.heights) == {**folded, 14: 20.0}
