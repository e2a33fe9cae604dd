"""Room for charts: within their band, right of it, below it, and above all in the first band of a wide page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from by_specs import PATHS
from page_checks import placed

from sheetgen.api import program_of
from sheetgen.cmd.targets import specs_in
from sheetgen.layout.geometry import check
from sheetgen.layout.geometry.enlarge import enlarged
from sheetgen.layout.geometry.figure import Band, Block, Box, Caption, Column, Picture, Plane, Rail, Request
from sheetgen.layout.geometry.pictures import SCREEN, Area, areas, pictures_in
from sheetgen.layout.geometry.roomy import _spare
from sheetgen.spec.read import load, loads

ROOT = Path(__file__).parents[1]
GALLERY = specs_in(ROOT / "specs")
GIVEN = Box("A", "A", "home", "forward", 0, 8, 5, 20, 12, None, band=0)
CHART = Request("A", 9, 8)
BAND = Band(Block(0, "", (), (), ()), 6, 30)


def pictures(
    *boxes: Box, request: Request = CHART, last: int = 17, room: int = 17, lines: Sequence[Area] = ()
) -> tuple[list[Picture], int]:
    return pictures_in([request], [BAND], boxes, lines, last, room)


def test_a_chart_stands_in_the_largest_empty_place_of_its_band() -> None:
    ([picture], lowered) = pictures(GIVEN, last=30)
    assert (picture.row, picture.column, picture.height, picture.width, lowered) == (7, 18, 9, 8, 0)


def test_no_chart_stands_on_a_rail() -> None:
    rail = Rail("A", "B", 0, 22, 6, 40, 18, 18, False, 0)
    ([picture], _) = pictures(GIVEN, last=40, lines=list(areas([], [rail], [], [])))
    assert picture.column > rail.column + 1


def test_an_upright_page_is_widened_rather_than_made_longer() -> None:
    ([picture], _) = pictures(GIVEN, room=26)
    assert (picture.row, picture.column) == (7, 18)


def test_else_a_chart_stands_under_what_is_in_its_columns() -> None:
    """With a row for names between; not under the margin, whose text makes the band higher than its matrices."""
    ([picture], _) = pictures(GIVEN)
    assert (picture.row, picture.column) == (29, GIVEN.column)


def test_charts_touch_neither_each_other_nor_boxes_nor_the_line_above_the_band() -> None:
    both = [CHART, Request("A", 8, 6)]
    first, second = pictures_in(both, [BAND], [GIVEN], [], 40, 40)[0]
    assert (first.row, first.column) == (7, 18) and second.column == first.column + first.width + 1


def test_a_chart_in_rows_of_its_own_stands_right_under_its_matrix() -> None:
    ([picture], _) = pictures(GIVEN, request=Request("A", 9, 12, across=True), last=40)
    assert (picture.row, picture.column, picture.width) == (29, 5, 12)


def test_a_chart_moves_to_the_band_of_another_matrix_that_it_shows() -> None:
    """Rather than making its own longer."""
    bands = [BAND, Band(Block(1, "", (), (), ()), 31, 60)]
    below = Box("B", "B", "home", "forward", 0, 33, 5, 3, 3, None, band=1)
    request = Request("A", 12, 10, reads=("A", "B"))
    ([picture], _) = pictures_in([request], bands, [GIVEN, below], [], 20, 20)
    assert (picture.band, picture.row) == (1, 32)


def test_a_band_of_the_first_screen_grows_a_little_so_that_its_chart_is_seen_at_once() -> None:
    bands = [Band(Block(0, "", (), (), ()), 6, 12), Band(Block(1, "", (), (), ()), 13, 60)]
    small, below = (Box(n, n, "home", "forward", 0, 8 + 10 * k, 5, 3, 3, None, band=k) for k, n in enumerate("AB"))
    ([picture], _) = pictures_in([Request("A", 9, 8, reads=("A", "B"))], bands, [small, below], [], 30, 30)
    assert (picture.band, picture.row) == (0, 7)


def test_no_chart_stands_across_lines_that_leave_its_band() -> None:
    """In the columns of a loop's turns state lines run on into the bands below: the chart waits until they have ended,
    and no band gets empty rows for it."""
    bands = [Band(Block(k, "", (), (), ()), *rows) for k, rows in enumerate(((6, 30), (31, 39), (40, 70)))]
    line = Rail("A", "B", 0, 11, 10, 45, 18, 18, False, 0)
    boxes = [GIVEN, Box("B", "B", "home", "forward", 0, 42, 5, 3, 12, None, band=2)]
    request = Request("A", 9, 12, reads=("A",), narrowest=8)
    ([picture], lowered) = pictures_in([request], bands, boxes, list(areas([], [line], [], [])), 18, 18)
    assert (picture.band, picture.row, lowered) == (2, 47, 0)


def test_what_doesnt_stand_whole_isnt_shown() -> None:
    half = replace(GIVEN, rows=(0, 2))
    assert pictures_in([Request("A", 9, 8, reads=("A",))], [BAND], [half], [], 40, 40) == ([], 0)


def test_the_picture_of_given_data_stands_above_a_first_band_that_is_higher_than_a_screen() -> None:
    tall = Box("A", "A", "home", "forward", 0, 8, 5, 40, 12, None, band=0)
    (found, lowered) = pictures(tall, request=Request("A", 9, 12))
    assert [(p.row, p.column, p.height) for p in found] == [(6, 5, 9)] and lowered == 10


def larger(request: Request, *boxes: Box, band: Band = BAND, last: int = 40) -> tuple[int, int, int]:
    """Row, height and width of a picture that has room at first for 9 × 8 cells, from row 9 and column 18 on."""
    (found,) = enlarged([Picture(0, 9, 18, 9, 8, 0)], [request], [band], boxes, [], [Column("lane", 4.6)] * last)
    return found.row, found.height, found.width


def test_a_chart_takes_the_room_that_is_there_up_to_a_size() -> None:
    assert larger(CHART) == (9, 14, 13)  # 1.6 times
    assert larger(CHART, last=27) == (9, 14, 10)
    assert larger(replace(CHART, rows=16, columns=4), last=25) == (9, 14, 8)  # no higher than it is wide
    assert larger(CHART, band=replace(BAND, last_row=20)) == (7, 13, 13)  # below, then above, but for rows of air
    plane = Plane(beside=50.0, above=60.0)
    assert larger(replace(CHART, plane=plane)) == (9, 14, 10)  # (14 · 15 − 60) ÷ 0.75 + 50 = 250 points
    told = replace(plane, right=51.0, below=28.0)  # two columns more, of 25.6 points
    assert larger(replace(CHART, plane=told)) == (9, 14, 12)
    assert larger(replace(CHART, plane=plane), last=25) == (9, 12, 8)  # 205 points: no higher than that is of use
    assert larger(replace(CHART, grows=False)) == (9, 9, 8)  # the cells of a map are as many as they are


def test_a_larger_chart_keeps_clear_of_names_and_words() -> None:
    box = Box("B", "B", "home", "forward", 0, 21, 6, 1, 4, None, band=0, caption=Caption(20, 6, 4))
    left, below = box, replace(box, row=24, column=20, caption=Caption(23, 20, 4))
    assert larger(CHART, left) == (7, 13, 13)  # down to row 19: in row 20, where a name stands, a page may break
    assert larger(CHART, below) == (8, 14, 13)
    assert larger(CHART, band=replace(BAND, words=9)) == (7, 14, 13)


def test_a_chart_in_rows_of_its_own_is_higher_on_a_wide_page() -> None:
    """Which is printed smaller: 48 columns are one and a half times those of a page that isn't."""
    wide, shown = replace(GIVEN, width=44), replace(CHART, reads=("A",))
    ([picture], _) = pictures(wide, request=shown, last=48, room=48)
    assert (picture.row, picture.height) == (29, 14)
    ([kept], _) = pictures(wide, request=replace(shown, grows=False), last=48, room=48)
    assert kept.height == 9


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_graphs_are_in_the_first_screen(path: Path) -> None:
    placement = placed(program_of(load(path)))
    assert check.overlaps(placement) == [] and check.outside(placement) == []
    if path.stem in ("gcn", "karate"):
        graph = placement.pictures[0]
        assert graph.row + graph.height - 1 <= SCREEN


def canvas(name: str) -> tuple[int, list[Picture]]:
    """The last row of a spec's page, and its charts."""
    placement = placed(program_of(load(PATHS[name])))
    return placement.last_row, list(placement.pictures)


HANDS = """
title: Two hands

matrices:
  X: {role: input, value: [[1, 0, 1], [0, 1, 1], [1, 1, 0], [0, 1, 0]], columns: [x1, x2, x3]}
  W_Q:
    role: parameter
    value: [[1, 0, 0, 0], [0, 1, 0, 1], [0, 0, 1, 0], [1, 0, 0, 1]]
    rows: [fast, fast, slow, slow]
  W_K:
    role: parameter
    value: [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 1], [0, 1, 0, 1]]
    rows: [fast, fast, slow, slow]
  Wv: {role: parameter, value: [[1, 0, 0, 1], [0, 1, 1, 0]]}
  Cos:
    role: constant
    value: [[1, 0, -1], [1, 0, -1], [1, 0.8, 0.28], [1, 0.8, 0.28]]
    rows: [fast, fast, slow, slow]
    about: cosines
  Sin:
    role: constant
    value: [[0, 1, 0], [0, 1, 0], [0, 0.6, 0.96], [0, 0.6, 0.96]]
    rows: [fast, fast, slow, slow]
    about: sines
  Quarter: {role: constant, value: [[0, -1, 0, 0], [1, 0, 0, 0], [0, 0, 0, -1], [0, 0, 1, 0]]}
  Y: {role: target, value: [[1, 2, 1], [1, 1, 1]], columns: [x1, x2, x3], about: wanted}

steps:
  - for: who in [Q, K]
    steps:
      - section: Queries and keys
      - do: "{who} = W_{who} @ X"
      - do: "{who}_turned = {who} * Cos + (Quarter @ {who}) * Sin"
  - section: Attention
  - do: S = K_turned.T @ Q_turned / sqrt(4)
  - do: A = softmax(S)
  - do: V = Wv @ X
  - do: Z = V @ A
  - section: Loss
  - do: L = mse(Z, Y)

charts:
  - arrows: ["Q[0:2, 1]", "Q_turned[0:2, 1]"]
    title: "The query of x2: fast hand"
  - arrows: ["Q[2:4, 1]", "Q_turned[2:4, 1]"]
    title: "The query of x2: slow hand"

loss: L
backward: true
update: {learning_rate: 0.05}
"""


def test_planes_stand_in_columns_that_the_paper_has_free_rather_than_make_a_page_longer() -> None:
    """Two of 12 rows each, one above the other beside the matrices, which end hardly higher without them."""
    page, alone = (placed(program_of(loads(text))) for text in (HANDS, HANDS.partition("charts:")[0]))
    planes, first = page.pictures, page.bands[0]
    assert len({p.column for p in planes}) == 1 and all(first.first_row <= p.row < first.last_row for p in planes)
    assert planes[0].column > max(box.right for box in page.boxes if box.band == 0)
    assert page.rows <= alone.rows + 6


def test_a_plane_takes_rows_that_its_paper_has_free_and_no_others() -> None:
    """The fullest sheet, of two that are cut between bands, decides how large digits are."""
    def spare(*ends: int) -> list[int]:
        firsts = (1, *(end + 1 for end in ends))
        bands = tuple(Band(Block(k, "", (), (), ()), *rows) for k, rows in enumerate(zip(firsts, ends, strict=False)))
        box = Box("A", "A", "home", "forward", 0, 2, 1, 1, 1, None, band=0)
        page = replace(placed(program_of(load(PATHS["clip"]))), bands=bands, last_row=ends[-1], pictures=(), rails=())
        page = replace(page, columns=(Column("lane", 80.0),), boxes=(box,), frames=())
        return [_spare(page, k) for k in range(len(bands))]

    assert spare(10, 55, 100) == [2, 2, 7]  # 55 and 45 rows: 57 are hardly more, and seven are of use
    assert spare(10, 57, 100) == [2, 2, 7] and spare(48, 100) == [6, 2]
    assert spare(74) == [0]  # one sheet is as full as it is
