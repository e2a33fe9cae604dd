"""What must hold of every finished page: the grammar's list of what a machine can check, on any workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import checks_cells as cells
import checks_lines as lines
import checks_paper as paper
import checks_reading as reading
import checks_signs as signs
import checks_words as words
from checks_page import Page, Problem, Sheet, page_of, placed

from sheetgen.workbook import Workbook

__all__ = ["Page", "Problem", "page_of", "placed", "problems", "problems_of"]

ON_SHEET: tuple[Callable[[Page, Sheet], Iterator[Problem]], ...] = (
    cells.overlap, cells.cut_off, cells.too_tall, cells.hashes, cells.broken_word, cells.out_of_band, cells.title,
    cells.margin, lines.strike, lines.underlined, lines.rail, lines.missing_line, lines.frame, lines.lone_sign,
    lines.no_arrow, signs.wrong_sign,
    words.python, words.helper, words.caption, words.nameless, words.loose_caption, paper.small, paper.torn,
    paper.untitled_page, paper.chart,
)  # fmt: skip
ON_PAGE: tuple[Callable[[Page], Iterator[Problem]], ...] = (
    reading.geometry, reading.moved, reading.changed, reading.name, reading.decimals, reading.loss,
)  # fmt: skip


def problems(made: Workbook) -> list[Problem]:
    """All that is wrong with a workbook's pages."""
    return problems_of(page_of(made))


def problems_of(page: Page) -> list[Problem]:
    """All that is wrong with a page."""
    if lost := list(reading.reads_nothing(page)):
        return lost
    found = [problem for one in ON_SHEET for sheet in page.sheets for problem in one(page, sheet)]
    return [*found, *(problem for one in ON_PAGE for problem in one(page))]
