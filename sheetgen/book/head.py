"""The head of a drawn sheet: title, what it is about, the step player with the step's sentence, the legend."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from sheetgen.book import theme
from sheetgen.book.cells import Cell
from sheetgen.book.labels import clean
from sheetgen.book.player import OFF, ON, controls
from sheetgen.book.sheet import Check
from sheetgen.book.steps import StepColumn
from sheetgen.book.styles import Styles
from sheetgen.book.theme import LABELS, LOOKS, Sides
from sheetgen.cells.a1 import column_number, prefix, span
from sheetgen.layout import measure
from sheetgen.layout.plan import LabelStyle, SheetPlan, WorkbookPlan
from sheetgen.layout.words.wrap import prose_lines

TITLE, ABOUT, PLAYER, LEGEND = 1, 2, 3, 4
"""Rows of the head."""
HEIGHTS = {TITLE: 27.0, ABOUT: 16.0, PLAYER: 15.0, LEGEND: 14.0}
LINE, MOST_LINES = 13.0, 3
"""Points of a line where a text takes several, and how many lines it may take."""
HINT = "Type a step's number and the page ends there; clear the cell and it shows everything."
FOLLOWS = "This page follows the step on sheet {master}."
STEP, GO = "◂ step", "▸ go to step "


@dataclass(frozen=True)
class Head:
    """The cells of a head, the ranges that are merged, what may be typed, the last column that it needs, and the
    heights of its rows."""

    cells: list[Cell]
    merged: tuple[str, ...]
    checks: tuple[Check, ...]
    last: int
    heights: Mapping[int, float]


def _taken(sheet: SheetPlan, widths: Mapping[int, float]) -> set[tuple[int, int]]:
    """The cells of the head that the plan uses, those that names run over to the left among them."""
    taken = {(r.row + i, r.column + j) for r in sheet.regions if r.row <= LEGEND
             for i in range(r.height) for j in range(r.width)}  # fmt: skip
    for label in sheet.labels:
        if label.row <= LEGEND:
            column, room = label.column, measure.text_width(label.text, LABELS[label.style].size, True)
            taken.add((label.row, column))
            while label.align == "right" and (room := room - widths.get(column, measure.COLUMN_WIDTH)) > 0:
                column -= 1
                taken.add((label.row, column))
    return taken


def _last_free(row: int, first: int, taken: Set[tuple[int, int]], right: int) -> int:
    """The last column of a page up to which a row of the head is free from column `first` on."""
    return min((column for there, column in taken if there == row and column > first), default=right + 1) - 1


def head(
    plan: WorkbookPlan, sheet: SheetPlan, styles: Styles, widths: Mapping[int, float], right: int, least: float
) -> Head:
    """Rows 1 to 4 of a sheet whose page is `right` columns wide; no text is smaller than `least` points."""
    master = plan.sheets[0].title
    at, margin = controls(sheet), _margin(sheet)
    title, about = clean(sheet.heading or plan.title), clean(plan.about)
    cells = [Cell(TITLE, margin, title, styles.get(title, **_type("title", least)))]
    if about and sheet.title == master:
        cells.append(Cell(ABOUT, margin, about, styles.get(about, **_type("subtitle", least), wrap=True)))
    merged: list[str] = []
    checks: list[Check] = []
    taken = _taken(sheet, widths)
    chips, spans, last_column = _legend(plan, sheet, styles, widths, taken, least)
    right = max(right, last_column)
    heights = dict(HEIGHTS)
    if plan.steps:
        cells += _player(plan, sheet, styles, least)
    said = [HINT, *(step.sentence for step in plan.steps)] if plan.steps else []
    for row, first, texts in ((ABOUT, margin, [about] if about else []), (PLAYER, margin + 2, said)):
        last = _last_free(row, first, taken, right)
        room = sum(widths.get(column, measure.COLUMN_WIDTH) for column in range(first, last + 1))
        lines = max((prose_lines(text, room, max(measure.SIZE, least)) for text in texts), default=1)
        heights[row] = max(heights[row], LINE * min(MOST_LINES, lines))
        if texts and last > first:
            merged.append(span(row, first, 1, last - first + 1))
    if plan.switched_steps:
        cells += _switch(sheet, master, styles, least)
    if sheet.title == master:
        if plan.steps:
            checks.append(Check((at.step.replace("$", ""),), "list", StepColumn.FIRST.of(plan), blank=True))
        if plan.switched_steps:
            where = (at.switch.replace("$", ""),)
            checks.append(Check(where, "list", f'"{ON},{OFF}"', title="Gradients", error=f"{ON} or {OFF}.", blank=True))
    return Head(cells + chips, (*merged, *spans), tuple(checks), right, heights)


def _margin(sheet: SheetPlan) -> int:
    return int(column_number(controls(sheet).step.split("$")[1]))


def _type(style: LabelStyle, least: float) -> dict[str, Any]:
    look = LABELS[style]
    return {"size": max(look.size, least), "bold": look.bold, "italic": look.italic, "color": look.color}


def _player(plan: WorkbookPlan, sheet: SheetPlan, styles: Styles, least: float) -> list[Cell]:
    """The step's cell, its caption, a link to where it happens, and its sentence."""
    master, at, margin = plan.sheets[0].title, controls(sheet).step, _margin(sheet)
    last = _last_step(plan)
    row = f"IFERROR(MATCH({at},{StepColumn.FIRST.of(plan)},0),MATCH({at},{StepColumn.FIRST.of(plan)},1))"
    missing = f'"There is no step "&{at}&"; the last one is {last}."'
    sentence = f"INDEX({StepColumn.SENTENCE.of(plan)},{row})"
    where = f"INDEX({StepColumn.PLACE.of(plan)},{row})"
    there = f"AND({at}>=1,{at}<={last})"
    own = sheet.title == master
    hint = HINT if own else FOLLOWS.format(master=master)
    live = f'IF(ISNUMBER({at}),IF({there},IFERROR({sentence},{missing}),{missing}),"{hint}")'
    jump = f'IF(ISNUMBER({at}),IF({there},IFERROR(HYPERLINK("#"&{where},"{GO}"&{at}),"{STEP}"),"{STEP}"),"{STEP}")'
    source = f"{prefix(sheet.title, master)}{at}"
    link = None if own else f'IF({source}="","",{source})'
    box = _field(styles, own, max(theme.SIZE, least), bold=True)
    quiet = styles.get(**_type("label", least))
    said = styles.get(size=max(theme.SIZE, least), color=theme.INK, wrap=True)
    return [
        Cell(PLAYER, margin, None if own else "", box, link),
        Cell(PLAYER, margin + 1, STEP, quiet, jump),
        Cell(PLAYER, margin + 2, hint, said, live),
    ]


def _field(styles: Styles, own: bool, size: float, bold: bool = False) -> int:
    """The look of a cell to type into; on a sheet that only follows, of a linked copy."""
    line = ("medium" if bold else "thin") if own else "dashed"
    look: dict[str, Any] = {"bold": bold, "fill": theme.YELLOW} if own else {"italic": True, "color": theme.GREY}
    return styles.get(size=size, sides=Sides(*(((line, theme.GREY),) * 4)), align="center", **look)


def _last_step(plan: WorkbookPlan) -> int:
    drawn = [region.step for sheet in plan.sheets for region in sheet.regions]
    return max([*drawn, *(row.number for row in plan.steps)])


def _switch(sheet: SheetPlan, master: str, styles: Styles, least: float) -> list[Cell]:
    """Turns the gradients on and off."""
    at, margin = controls(sheet).switch, _margin(sheet)
    own, source = sheet.title == master, f"{prefix(sheet.title, master)}{at}"
    link = None if own else f'IF({source}="{OFF}","{OFF}","{ON}")'
    box = _field(styles, own, max(theme.SMALL, least))
    quiet = styles.get(**_type("label", least))
    return [Cell(LEGEND, margin, ON, box, link), Cell(LEGEND, margin + 1, f"◂ gradients: {ON}, {OFF}", quiet)]


def _legend(
    plan: WorkbookPlan, sheet: SheetPlan, styles: Styles, widths: Mapping[int, float], taken: Set[tuple[int, int]],
    least: float,
) -> tuple[list[Cell], list[str], int]:  # fmt: skip
    """A chip in the look of each role that occurs on the sheet, as many columns wide as its caption needs."""
    here = {region.role for region in sheet.regions}
    size = max(theme.SMALLER, least)
    cells: list[Cell] = []
    spans: list[str] = []
    column = _margin(sheet) + 2
    for role, caption in plan.legend:
        if role not in here:
            continue
        look, text = LOOKS[role], clean(caption)
        end, room = column, measure.text_width(text, size, look.bold) + 1
        while room > 0:
            if (LEGEND, end) in taken:
                column, room = end + 1, measure.text_width(text, size, look.bold) + 1
            else:
                room -= widths.get(end, measure.COLUMN_WIDTH)
            end += 1
        width = end - column
        chip = styles.get(
            text, size=size, bold=look.bold, italic=look.italic, color=look.ink, fill=look.fill,
            sides=Sides(*(look.outline,) * 4), align="center",
        )  # fmt: skip
        cells += [Cell(LEGEND, column + k, None if k else text, chip) for k in range(width)]
        if width > 1:
            spans.append(span(LEGEND, column, 1, width))
        column = end
    return cells, spans, column - 1
