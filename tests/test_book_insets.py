"""Texts keep off the line, or the matrix, at the side of their cell, wherever they have room."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook
from test_book_steps import sheet

from sheetgen.book.insets import CLEAR, INSET, inset
from sheetgen.book.workbook import write
from sheetgen.layout import measure
from sheetgen.layout.plan import Edge, Label, Region, Role, SheetPlan, WorkbookPlan

MATRIX = Region("X", Role.INPUT, 8, 5, np.ones((2, 3)))


def plan(*labels: Label, **fields: object) -> SheetPlan:
    """A matrix in E8:G9, with columns of 6 characters and these texts."""
    widths = tuple((column, 6.0) for column in range(1, 13))
    return replace(sheet((6, 20)), regions=(MATRIX,), labels=labels, widths=widths, last_column=12, **fields)  # type: ignore[arg-type]


def off(drawn: SheetPlan) -> set[tuple[int, int]]:
    return set(inset(drawn, drawn.labels, 0.0))


def test_names_beside_a_matrix_keep_off_it() -> None:
    left = [Label(8, 4, "cat", "label", align="right"), Label(9, 4, "runs", "label", align="right")]
    right = [Label(8, 8, "cat", "label"), Label(9, 8, "runs", "label")]
    assert off(plan(*left, *right)) == {(8, 4), (9, 4), (8, 8), (9, 8)}
    elsewhere = [label._replace(row=label.row + 4) for label in (*left, *right)]
    assert off(plan(*elsewhere)) == set()


def test_a_caption_keeps_off_the_line_at_its_left() -> None:
    caption = Label(7, 5, "X", "name")
    assert off(plan(caption)) == set()
    assert off(plan(caption, edges=(Edge(6, 5, 5, 4, "left", 2),))) == {(7, 5)}
    assert off(plan(caption, edges=(Edge(6, 4, 5, 1, "right", 2),))) == {(7, 5)}
    assert off(plan(caption, edges=(Edge(6, 5, 5, 4, "right", 2),))) == set()


def test_the_head_has_its_own_room() -> None:
    names = [Label(8, 4, "cat", "label", align="right"), Label(9, 4, "runs", "label", align="right")]
    assert off(replace(plan(*names), first_row=9)) == {(9, 4)}
    assert off(replace(plan(*names), first_row=10)) == set()


@pytest.mark.parametrize(("spare", "kept"), [(INSET + CLEAR + 0.01, True), (INSET + CLEAR - 0.01, False)])
def test_a_text_without_room_stays_where_it_is_and_so_do_the_names_beside_the_same_matrix(
    spare: float, kept: bool
) -> None:
    names = Label(8, 4, "cat", "label", align="right"), Label(9, 4, "a longer name", "label", align="right")
    before = Region("Y", Role.INPUT, 8, 3, np.ones((2, 1)))
    wide = measure.text_width(names[1].text, 9.0) + spare
    drawn = replace(plan(*names), regions=(MATRIX, before), widths=((3, 6.0), (4, wide), (5, 6.0)))
    assert off(drawn) == ({(8, 4), (9, 4)} if kept else set())


def test_no_text_comes_near_a_line_at_its_other_end() -> None:
    name = Label(8, 4, "cat", "label", align="right")
    wide = measure.text_width("cat", 9.0) + INSET + 0.2
    drawn = replace(plan(name), widths=((4, wide), (5, 6.0)))
    assert off(drawn) == {(8, 4)} and off(replace(drawn, edges=(Edge(8, 4, 1, 1, "left", 2),))) == set()


def test_numbers_signs_and_texts_in_several_lines_stay() -> None:
    live = Label(8, 4, "2", "number", align="right", formula="=A1")
    sign, prose = Label(9, 4, "→", "arrow", align="center"), Label(8, 8, "two words", "sentence", rows=2)
    assert off(plan(live, sign, prose)) == set()


def test_a_space_is_shown_that_the_cell_doesnt_hold(tmp_path: Path) -> None:
    names = Label(8, 4, "cat", "label", align="right"), Label(8, 8, "cat", "label"), Label(12, 8, "cat", "label")
    write(WorkbookPlan("a", (plan(*names),), (), "", ()), tmp_path / "a.xlsx")
    page = load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert [page[cell].value for cell in ("D8", "H8", "H12")] == ["cat"] * 3
    assert [page[cell].number_format for cell in ("D8", "H8", "H12")] == ["@\\ ", "\\ @", "General"]
