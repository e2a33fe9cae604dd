"""Room for charts: within their band, right of it, below it, and above all in the first band of a wide page."""

from __future__ import annotations

from pathlib import Path

import pytest
from page_checks import placed

from sheetgen.api import program_of
from sheetgen.cmd.targets import specs_in
from sheetgen.layout.geometry import check
from sheetgen.layout.geometry.columns import FIRST
from sheetgen.layout.geometry.figure import Band, Block, Box, Frame, Picture, Rail, Request
from sheetgen.layout.geometry.pictures import SCREEN, pictures_in
from sheetgen.spec.read import load

ROOT = Path(__file__).parents[1]
GALLERY = specs_in(ROOT / "specs")
GIVEN = Box("A", "A", "home", "forward", 0, 8, 5, 20, 12, None, band=0)
CHART = Request("A", 9, 8)
BAND = Band(Block(0, "", (), (), ()), 6, 30)


def pictures(
    *boxes: Box, request: Request = CHART, last: int = 17, room: int = 17, rail: Rail | None = None,
    frame: Frame | None = None,
) -> tuple[list[Picture], int]:  # fmt: skip
    frames, rails = [frame] if frame else [], [rail] if rail else []
    return pictures_in([request], [BAND], boxes, frames, rails, last, room)


def test_a_chart_stands_in_the_largest_empty_place_of_its_band() -> None:
    ([picture], lowered) = pictures(GIVEN, last=30)
    assert (picture.row, picture.column, picture.height, picture.width, lowered) == (6, 18, 9, 8, 0)


def test_no_chart_stands_on_a_rail() -> None:
    rail = Rail("A", "B", 0, 22, 6, 40, 18, 18, False, 0)
    ([picture], _) = pictures(GIVEN, last=40, rail=rail)
    assert picture.column > rail.column + 1


def test_an_upright_page_is_widened_rather_than_made_longer() -> None:
    ([picture], _) = pictures(GIVEN, room=26)
    assert (picture.row, picture.column) == (6, 18)


def test_else_a_chart_stands_under_what_is_in_its_columns() -> None:
    """With a row for names between; not under the margin, whose text makes the band higher than its matrices."""
    ([picture], _) = pictures(GIVEN)
    assert (picture.row, picture.column) == (29, FIRST)


def test_the_picture_of_given_data_stands_above_a_first_band_that_is_higher_than_a_screen() -> None:
    tall = Box("A", "A", "home", "forward", 0, 8, 5, 40, 12, None, band=0)
    (found, lowered) = pictures(tall, request=Request("A", 9, 12))
    assert [(p.row, p.column, p.height) for p in found] == [(6, 5, 9)] and lowered == 10


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_graphs_are_in_the_first_screen(path: Path) -> None:
    placement = placed(program_of(load(path)))
    assert check.overlaps(placement) == [] and check.outside(placement) == []
    if path.stem in ("gcn", "karate"):
        graph = placement.pictures[0]
        assert graph.row + graph.height - 1 <= SCREEN
