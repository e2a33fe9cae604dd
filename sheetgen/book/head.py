"""The head of a drawn sheet: title, what it is about, the step player with the step's sentence, the legend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from sheetgen.book import theme
from sheetgen.book.cells import Cell
from sheetgen.book.labels import clean
from sheetgen.book.player import OFF, ON, controls
from sheetgen.book.sheet import Check, Note
from sheetgen.book.steps import StepColumn
from sheetgen.book.styles import Styles
from sheetgen.book.theme import LABELS, LOOKS, Sides
from sheetgen.cells.a1 import column_number, prefix, span
from sheetgen.layout import measure
from sheetgen.layout.plan import LabelStyle, Role, SheetPlan, WorkbookPlan
from sheetgen.layout.words.pieces import formula
from sheetgen.layout.words.wrap import prose_lines

TITLE, ABOUT, LEGEND = 1, 2, 3
"""Rows of the head; the step player and the switch stand before the legend."""
HEIGHTS = {TITLE: 27.0, ABOUT: 15.0, LEGEND: 14.0}
SMALLEST_TITLE, LINE, MOST_LINES, BOLD = 13, 1.3, 3, 1.07
"""Points of a title, how much higher a line is than its letters, lines of a text of the head, and how much wider bold
letters are."""
LETTERS = (theme.SMALLER, 1.0), (theme.SMALLER, 0.5), (theme.CRAMPED, 0.5), (6.0, 0.4), (5.5, 0.4), (5.5, 0.1)
"""Points of the legend's letters, and characters that a chip leaves free."""
CHOSEN = "picked out"
"""What the legend calls cells that are the right ones, are looked up, or hold."""
HINT = "Type a step's number and the page ends there; clear the cell and it shows everything."
ALL, STEP, GO, SWITCH = "all", "◂\u00a0step", "▸\u00a0go\u00a0to\u00a0", "gradients\u00a0▸"
SHUT = "gradients are off, on"


@dataclass(frozen=True)
class Head:
    """The cells of a head, the ranges that are merged, what may be typed and the notes on it, the last column that it
    needs, and the heights of its rows."""

    cells: list[Cell]
    merged: tuple[str, ...]
    checks: tuple[Check, ...]
    notes: tuple[Note, ...]
    last: int
    heights: Mapping[int, float]
    bottom: int = 0
    """The last row of the whole sheet."""
    chips: int = 0
    """The first column of the legend."""


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
    """Rows 1 to 3 of a sheet whose page is `right` columns wide; no text is smaller than `least` points."""
    own, at, margin = sheet.title == plan.sheets[0].title, controls(sheet), _margin(sheet)
    folded = [column for first, last in sheet.folded for column in range(first, last + 1)]
    taken = _taken(sheet, widths) | {(LEGEND, column) for column in folded}
    widths = {**widths, **dict.fromkeys(folded, 0.0)}
    chips = margin + 2 + bool(plan.switched_steps)
    cells, spans, last = _legend(plan, sheet, styles, widths, taken, chips, right, least)
    right = max(right, last)
    heights, merged, checks, notes = dict(HEIGHTS), [*spans], list[Check](), list[Note]()
    about = clean(sheet.about)
    said = [about, *(step.sentence for step in plan.steps)]
    sizes = {}
    for row, texts, options in ((TITLE, [clean(sheet.heading)], _title_sizes(least)), (ABOUT, said, _sizes(least))):
        end = _last_free(row, margin, taken, right)
        room = sum(widths.get(k, measure.COLUMN_WIDTH) for k in range(margin, end + 1))
        sizes[row], lines = _fitting(texts, room, options, row == TITLE)
        heights[row] = max(heights[row], LINE * lines * sizes[row] if lines > 1 else 0.0)
        if end > margin:
            merged.append(span(row, margin, 1, end - margin + 1))
    text, look = clean(sheet.heading), _type("title", least) | {"size": sizes[TITLE], "wrap": True}
    cells.append(Cell(TITLE, margin, text, styles.get(text, **look), sheet.heading_formula))
    if plan.steps:
        cells += _player(plan, sheet, styles, least, sizes[ABOUT])
    elif about:
        look = _type("subtitle", least) | {"size": sizes[ABOUT], "wrap": True}
        cells.append(Cell(ABOUT, margin, about, styles.get(about, **look)))
    if plan.switched_steps:
        cells.append(_switch(plan, sheet, styles, least))
    if own and plan.steps:
        where = (at.step.replace("$", ""),)
        checks.append(Check(where, "list", StepColumn.FIRST.of(plan), blank=True))
        notes.append(Note(LEGEND, margin, HINT))  # a message of the check would cover the sentence
    if own and plan.switched_steps:
        where = (at.switch.replace("$", ""),)
        checks.append(Check(where, "list", f'"{ON},{OFF}"', title="Gradients", error=f"{ON} or {OFF}.", blank=True))
    return Head(cells, tuple(merged), tuple(checks), tuple(notes), right, heights, chips=chips)


def _title_sizes(least: float) -> Sequence[float]:
    largest = LABELS["title"].size
    return [max(float(size), least) for size in range(int(largest), SMALLEST_TITLE - 1, -1)]


def _sizes(least: float) -> Sequence[float]:
    return [max(size, least) for size in (theme.SIZE, theme.SMALL)]


def _fitting(texts: Sequence[str], room: float, sizes: Sequence[float], bold: bool) -> tuple[float, int]:
    """The largest of the sizes in which all texts take a line, or else the smallest, and the lines that they take."""
    for size in sizes:
        if max(measure.text_width(text, size, bold) for text in texts) <= room:
            return size, 1
    wide = max(1.0, room / BOLD) if bold else room
    return sizes[-1], min(MOST_LINES, max(prose_lines(text, wide, sizes[-1]) for text in texts))


def _margin(sheet: SheetPlan) -> int:
    return int(column_number(controls(sheet).step.split("$")[1]))


def _type(style: LabelStyle, least: float) -> dict[str, Any]:
    look = LABELS[style]
    return {"size": max(look.size, least), "bold": look.bold, "italic": look.italic, "color": look.color}


def _player(
    plan: WorkbookPlan, sheet: SheetPlan, styles: Styles, least: float, size: float
) -> list[Cell]:
    """The step's cell, its caption, a link to where it happens, and its sentence instead of what the page is about."""
    master, at, margin = plan.sheets[0].title, controls(sheet).step, _margin(sheet)
    own, last = sheet.title == master, _last_step(plan)
    row = f"IFERROR(MATCH({at},{StepColumn.FIRST.of(plan)},0),MATCH({at},{StepColumn.FIRST.of(plan)},1))"
    missing = f'"There is no step "&{at}&"; the last one is {last}."'
    sentence = f"INDEX({StepColumn.SENTENCE.of(plan)},{row})"
    where = f"INDEX({StepColumn.PLACE.of(plan)},{row})"
    there = f"AND({at}>=1,{at}<={last})"
    about = clean(sheet.about)
    live = f"IF(ISNUMBER({at}),IF({there},IFERROR({sentence},{missing}),{missing}),{formula([about])})"
    switched = bool(plan.switched_steps)
    more = f" {SWITCH}" if own and switched else ""
    off = f'IF({controls(sheet).switch}="{OFF}","{SHUT} {master}","")' if switched else '""'
    idle = f'"{STEP}{more}"' if own else off
    jump = f'IF(ISNUMBER({at}),IF({there},IFERROR(HYPERLINK("#"&{where},"{GO}"&{at}&"{more}"),{idle}),{idle}),{idle})'
    source = f"{prefix(sheet.title, master)}{at}"
    box = _field(styles, max(theme.SIZE, least), "medium", bold=True) if own else _shown(styles, least)
    quiet = styles.get(**_type("label", least), align="distributed" if more else "left")
    said = styles.get(**_type("subtitle", least) | {"size": size, "color": theme.INK, "wrap": True})
    return [
        Cell(ABOUT, margin, about, said, live),
        Cell(LEGEND, margin, ALL if own else "", box, None if own else f'IF(ISNUMBER({source}),{source},"")'),
        Cell(LEGEND, margin + 1, f"{STEP}{more}" if own else "", quiet, jump),
    ]


def _field(styles: Styles, size: float, line: str, bold: bool = False) -> int:
    """The look of a cell to type into."""
    sides = Sides(*(((line, theme.GREY),) * 4))
    return styles.get(size=size, bold=bold, fill=theme.YELLOW, sides=sides, align="center")


def _shown(styles: Styles, least: float) -> int:
    """The look of what was typed on another sheet."""
    return styles.get(**_type("label", least), align="center")


def _last_step(plan: WorkbookPlan) -> int:
    drawn = [region.step for sheet in plan.sheets for region in sheet.regions]
    return max([*drawn, *(row.number for row in plan.steps)])


def _switch(plan: WorkbookPlan, sheet: SheetPlan, styles: Styles, least: float) -> Cell:
    """Turns the gradients on and off; on a further sheet, that they are off."""
    master, at, column = plan.sheets[0].title, controls(sheet).switch, _margin(sheet) + 2
    if sheet.title == master:
        return Cell(LEGEND, column, ON, _field(styles, max(theme.SMALL, least), "thin"))
    return Cell(LEGEND, column, "", _shown(styles, least), f'IF({prefix(sheet.title, master)}{at}="{OFF}","{OFF}","")')


def _legend(
    plan: WorkbookPlan, sheet: SheetPlan, styles: Styles, widths: Mapping[int, float], taken: Set[tuple[int, int]],
    first: int, right: int, least: float,
) -> tuple[list[Cell], list[str], int]:  # fmt: skip
    """A chip in the look of each role that occurs on the sheet, and of cells that are picked out, with air before them,
    or right from column `first` on, and in smaller letters, where they then widen the page of `right` columns less."""
    here = {region.role for region in sheet.regions if region.row > LEGEND}
    if not here & {Role.PARAMETER, Role.UPDATED}:
        here.discard(Role.BIAS)  # that of a bias is grey too, but a gradient
    chips = [(LOOKS[role], clean(caption)) for role, caption in plan.legend if role in here]
    picked = any(region.picked for region in sheet.regions)
    chips += [(theme.CHOSEN, CHOSEN)] if picked else []
    cells, spans = list[Cell](), list[str]()
    texts = [(text, look.bold) for look, text in chips]
    size, at = min(
        ((size, _chips_at(texts, start, size, air, widths, taken))
         for start in (first + 1, first) for size, air in ((max(size, least), air) for size, air in LETTERS)),
        key=lambda tried: max([right, *(end for _, end in tried[1])]),
    )  # fmt: skip
    for (look, text), (column, end) in zip(chips, at, strict=True):
        chip = styles.get(
            text, size=size, bold=look.bold, italic=look.italic, color=look.ink, fill=look.fill,
            sides=Sides(*(look.outline,) * 4), align="center",
        )  # fmt: skip
        cells += [Cell(LEGEND, k, text if k == column else None, chip) for k in range(column, end + 1)]
        if end > column:
            spans.append(span(LEGEND, column, 1, end + 1 - column))
    return cells, spans, max([first - 1, *(end for _, end in at)])


def _chips_at(
    texts: Iterable[tuple[str, bool]], column: int, size: float, air: float, widths: Mapping[int, float],
    taken: Set[tuple[int, int]],
) -> list[tuple[int, int]]:  # fmt: skip
    """The first and the last column of each chip, as many as its caption needs, bold or not, with `air` beside it."""
    found = []
    for text, bold in texts:
        end, need = column, measure.text_width(text, size, bold) + air
        room = need
        while room > 0:
            if (LEGEND, end) in taken:
                column, room = end + 1, need
            else:
                room -= widths.get(end, measure.COLUMN_WIDTH)
            end += 1
        found.append((column, end - 1))
        column = end
    return found
