"""The sheet Steps: the walkthrough, a row per step, with its sentence and a link to where it happens."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from math import ceil

from openpyxl.utils import quote_sheetname

from sheetgen.book import theme
from sheetgen.book.cells import Cell, Rows
from sheetgen.book.frame import Columns, text_frame
from sheetgen.book.labels import clean
from sheetgen.book.sheet import Link, Sheet
from sheetgen.book.styles import Styles
from sheetgen.book.theme import Line, Sides
from sheetgen.layout import measure
from sheetgen.layout.plan import Role, StepRow, WorkbookPlan
from sheetgen.names import CANVAS, STEPS

HEADINGS, FIRST_STEP = 3, 4
"""Rows of the headings and of the first step."""
SECTION_RULE: Line = ("thin", theme.RULE)
STEP_RULE: Line = ("hair", theme.THIN_RULE)


class StepColumn(StrEnum):
    """The columns; the last two are hidden and tell the step player where to look."""

    NUMBER = "A"
    SECTION = "B"
    EQUATION = "C"
    SENTENCE = "D"
    WHERE = "E"
    FIRST = "F"
    PLACE = "G"

    def of(self, plan: WorkbookPlan) -> str:
        """The column's cells, seen from another sheet."""
        return f"{STEPS}!${self}${FIRST_STEP}:${self}${FIRST_STEP + len(plan.steps) - 1}"

    @property
    def number(self) -> int:
        """Its number, from 1."""
        return list(StepColumn).index(self) + 1


WIDTHS = {StepColumn.NUMBER: 8.0, StepColumn.SECTION: 17.0, StepColumn.EQUATION: 34.0, StepColumn.SENTENCE: 58.0,
          StepColumn.WHERE: 11.0}  # fmt: skip
"""Characters of the columns; what the last one needs more, the sentences have less."""
CAPTIONS = ("No.", "Section", "Equation", "What happens", "Where", "first step", "place")


def steps_sheet(plan: WorkbookPlan, styles: Styles) -> Sheet:
    """The walkthrough."""
    title = clean(plan.title)
    cells = [
        Cell(1, 1, title, styles.get(title, size=theme.TITLE, bold=True)),
        Cell(2, 1, "Step by step. Click → to jump to a step's cells.", styles.get(color=theme.GREY)),
    ]
    for column, caption in zip(StepColumn, CAPTIONS, strict=True):
        style = styles.get(bold=True, color=theme.WHITE, fill=theme.GREY,
                           align="center" if column in (StepColumn.NUMBER, StepColumn.WHERE) else "left")  # fmt: skip
        cells.append(Cell(HEADINGS, column.number, caption, style))
    widths = _widths(plan)
    columns = tuple(Columns(c.number, c.number, widths.get(c, 9.0), c not in WIDTHS) for c in StepColumn)
    heights = {1: 27.0, 2: 18.0, HEADINGS: 20.0}
    links = []
    previous = None
    for row, step in enumerate(plan.steps, FIRST_STEP):
        cells += _row(row, step, step.section != previous, styles)
        heights[row] = min(13.0 * _lines(step, step.section != previous, widths) + 5, 400.0)
        previous = step.section
        if step.link:
            links.append(Link(f"{StepColumn.WHERE}{row}", location(step.link), f"Go to {step.link}"))
    frame = text_frame(STEPS, plan.title, FIRST_STEP, columns=columns)
    return Sheet(frame, cells=cells, rows=Rows(heights), links=tuple(links))


def location(link: str) -> str:
    """`Sheet!A1` (the sheet's name unquoted) as a place that a link can go to."""
    sheet, _, place = link.rpartition("!")
    return f"{quote_sheetname(sheet.strip(chr(39)))}!{place}" if sheet else place


def _row(row: int, step: StepRow, starts: bool, styles: Styles) -> list[Cell]:
    sides = Sides(top=SECTION_RULE if starts else STEP_RULE)
    section, equation, sentence = (
        clean(text) for text in (step.section if starts else "", step.equation, step.sentence)
    )
    ink = {"forward": theme.FORWARD_INK, "backward": theme.BACKWARD_INK, "update": theme.LABEL_INK[Role.UPDATED]}
    number = styles.get(bold=True, fill=theme.PHASE_FILL.get(step.phase), sides=sides, align="center")
    link = styles.get(color=theme.BACKWARD_INK, underline=step.link is not None, sides=sides, align="center",
                      size=theme.SMALL)  # fmt: skip
    hidden = styles.get(color=theme.GREY, size=theme.SMALL)
    return [
        Cell(row, StepColumn.NUMBER.number, clean(step.numbers) or float(step.number), number),
        Cell(row, StepColumn.SECTION.number, section or None, styles.get(section, bold=True, sides=sides, wrap=True)),
        Cell(row, StepColumn.EQUATION.number, equation or None,
             styles.get(equation, color=ink.get(step.phase, theme.FORWARD_INK), sides=sides, wrap=True)),
        Cell(row, StepColumn.SENTENCE.number, sentence,
             styles.get("" if step.live else sentence, sides=sides, wrap=True), step.live),
        Cell(row, StepColumn.WHERE.number, _arrow(step.link) if step.link else None, link),
        Cell(row, StepColumn.FIRST.number, float(step.number), hidden),
        Cell(row, StepColumn.PLACE.number, location(step.link) if step.link else None, hidden),
    ]  # fmt: skip


def _arrow(link: str) -> str:
    """`→ J14` for the Canvas, `→ Gradients J14` for another sheet."""
    sheet, _, place = link.rpartition("!")
    return f"→ {place}" if sheet in ("", CANVAS) else f"→ {sheet.strip(chr(39))} {place}"


def _widths(plan: WorkbookPlan) -> dict[StepColumn, float]:
    links = [_arrow(step.link) for step in plan.steps if step.link]
    wanted = max((measure.text_width(link, theme.SMALL) + 2 for link in links), default=0.0)
    more = max(0.0, ceil(wanted) - WIDTHS[StepColumn.WHERE])
    changed = {StepColumn.SENTENCE: -more, StepColumn.WHERE: more}
    return {column: width + changed.get(column, 0.0) for column, width in WIDTHS.items()}


def _lines(step: StepRow, starts: bool, widths: Mapping[StepColumn, float]) -> int:
    """How many lines the highest cell of a row has."""
    texts = ((StepColumn.SECTION, step.section if starts else ""), (StepColumn.EQUATION, step.equation),
             (StepColumn.SENTENCE, step.sentence))  # fmt: skip
    return max(ceil(measure.text_width(text) / (widths[column] - 3)) for column, text in texts) or 1
