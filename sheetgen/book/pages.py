"""The head of a drawn sheet, and the two sheets that are text: Steps and Spec."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from openpyxl.comments import Comment
from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink

from sheetgen.book import theme
from sheetgen.book.cells import LONGEST_TEXT, Block
from sheetgen.book.package import Sheet
from sheetgen.book.player import OFF, ON, STEP_CELL, SWITCH_CELL
from sheetgen.book.regions import cell, clean
from sheetgen.book.theme import Styles
from sheetgen.layout import measure
from sheetgen.layout.plan import SheetPlan, StepRow, WorkbookPlan

STEPS_SHEET = "Steps"
FIRST_STEP = 4
"""Row of the first step on the Steps sheet."""
HINT = "Type a step number to see the sheet up to that step; clear it to see everything."
LEGEND_LEFT, LEGEND_RIGHT = 5, 20
"""First column of the legend, and the last that it may reach where the sheet itself isn't wider."""


def head(
    plan: WorkbookPlan, sheet: SheetPlan, target: Any, styles: Styles, widths: dict[int, float], last: int
) -> tuple[Sheet, int]:
    """Rows 1 to `first_row - 1`: title, Step cell with the step's sentence, legend, and a rule below.

    `last` is the last column that the sheet uses; returned with the head's own taken into account.
    """
    first = plan.sheets[0].title == sheet.title
    title = clean(sheet.heading or plan.title)
    blocks = [cell(1, 2, title, styles.label("title", "left", None, title))]
    if first and plan.about:
        text, column, room = clean(plan.about), 2, measure.text_width(title, 20, True) + 2
        while room > 0:
            room -= widths.get(column, measure.COLUMN_WIDTH)
            column += 1
        blocks.append(cell(1, column, text, styles.label("subtitle", "left", None, text)))
    if plan.steps:
        blocks += _step_cell(plan, target, styles, None if first else plan.sheets[0].title)
    if plan.backward_steps:
        blocks += _switch_cell(target, styles, None if first else plan.sheets[0].title)
    legend, right = _legend(plan, sheet, styles, widths, max(LEGEND_RIGHT, min(last, 30)))
    blocks += legend
    last = max(last, right)
    rule = sheet.first_row - 1
    if rule > 3 and not any(block.row == rule for block in blocks):
        line = styles.get(sides=(None, None, None, ("thin", theme.RULE)))
        blocks.append(Block(rule, 1, np.full((1, last), None, dtype=object), line))
    heights = {1: 32.0, 2: 21.0, 3: 17.0}
    if rule > 3:
        heights[rule] = 17.0 if any(b.row == rule and b.column > 1 for b in blocks) else 7.0
    return Sheet(blocks, heights), last


def _step_cell(plan: WorkbookPlan, target: Any, styles: Styles, master: str | None) -> list[Block]:
    rows = f"{FIRST_STEP}:{{0}}{FIRST_STEP + len(plan.steps) - 1}".replace(":", ":$").replace("{0}", "{0}$")
    numbers, sentences = (f"{STEPS_SHEET}!${c}${rows.format(c)}" for c in "AE")
    last = max(step.number for step in plan.steps)
    missing = f'"There is no step "&{STEP_CELL}&"; the last one is {last}."'
    sentence = f'INDEX({sentences},MATCH({STEP_CELL},{numbers},0))'
    live = f'IF(ISNUMBER({STEP_CELL}),IFERROR({sentence},{missing}),"{HINT}")'
    box = styles.get(
        size=12, bold=True, background=theme.YELLOW, sides=(("medium", theme.GREY),) * 4, align="center"
    )
    link = None
    if master is not None:
        source = f"{quote_sheetname(master)}!{STEP_CELL}"
        link = ((f'IF({source}="","",{source})',),)
    else:
        check = DataValidation(
            type="whole", operator="between", formula1="0", formula2=str(last), allow_blank=True,
            showErrorMessage=True, showInputMessage=True, errorTitle="Step", promptTitle="Step", prompt=HINT,
            error=f"A whole number from 0 to {last}, or nothing.",
        )  # fmt: skip
        check.add(STEP_CELL.replace("$", ""))
        target.add_data_validation(check)
    return [
        cell(2, 2, "Step ", styles.get(bold=True, align="right")),
        cell(2, 3, "" if link else None, box, link),
        cell(2, 5, HINT, styles.get(size=11, color=theme.INK), ((live,),)),
    ]


def _switch_cell(target: Any, styles: Styles, master: str | None) -> list[Block]:
    """Turns the gradients on and off."""
    link = None
    if master is not None:
        source = f"{quote_sheetname(master)}!{SWITCH_CELL}"
        link = ((f'IF({source}="{OFF}","{OFF}","{ON}")',),)
    else:
        check = DataValidation(
            type="list", formula1=f'"{ON},{OFF}"', allow_blank=True, showErrorMessage=True, showInputMessage=True,
            errorTitle="Gradients", error=f"{ON} or {OFF}.", promptTitle="Gradients",
            prompt=f"Choose {OFF} to hide the backward pass, {ON} to show it.",
        )  # fmt: skip
        check.add(SWITCH_CELL.replace("$", ""))
        target.add_data_validation(check)
    box = styles.get(background=theme.YELLOW, sides=(("thin", theme.GREY),) * 4, align="center", size=9)
    return [cell(3, 2, "Gradients ", styles.get(bold=True, align="right")), cell(3, 3, ON, box, link)]


def _legend(
    plan: WorkbookPlan, sheet: SheetPlan, styles: Styles, widths: dict[int, float], limit: int
) -> tuple[list[Block], int]:
    blocks, row, column, right = [], 3, LEGEND_LEFT, LEGEND_LEFT
    here = {region.role for region in sheet.regions}
    for role, caption in plan.legend:
        if role not in here:
            continue
        caption = clean(caption)
        look = theme.LOOKS[role]
        end, room = column + 1, measure.text_width(caption, 9) + 2
        while room > 0:
            room -= widths.get(end, measure.COLUMN_WIDTH)
            end += 1
        if end > limit and column > LEGEND_LEFT and row < sheet.first_row - 1:
            end, row, column = end - column + LEGEND_LEFT, row + 1, LEGEND_LEFT
        sample = "0" if role.value == "target" else "2"
        chip = styles.get(
            size=9, bold=look.bold, italic=look.italic, color=look.ink, background=look.fill,
            sides=(look.outline,) * 4, align="center",
        )  # fmt: skip
        blocks.append(cell(row, column, sample, chip))
        blocks.append(cell(row, column + 1, f" {caption}", styles.get(size=9, color=theme.GREY)))
        column = end
        right = max(right, end - 1)
    return blocks, right


def steps_sheet(plan: WorkbookPlan, target: Any, styles: Styles) -> Sheet:
    """The walkthrough: a row per step, with its sentence, its equation with shapes, and a link to its region."""
    title = clean(plan.title)
    blocks = [
        cell(1, 1, title, styles.get(size=16, bold=True, text=title)),
        cell(2, 1, "Step by step. Click → to jump to a step's cells.", styles.get(color=theme.GREY)),
    ]
    header = styles.get(bold=True, color=theme.WHITE, background=theme.GREY, sides=(None,) * 4)
    number_header = styles.get(bold=True, color=theme.WHITE, background=theme.GREY, align="center")
    for column, caption in enumerate(("No.", "Section", "Equation", "Shapes", "What happens", "Go"), 1):
        blocks.append(cell(3, column, caption, number_header if column in (1, 6) else header))
    heights = {1: 27.0, 2: 18.0, 3: 20.0}
    widths = {1: 6, 2: 20, 3: 44, 4: 26, 5: 70, 6: 12}
    for column, width in widths.items():
        target.column_dimensions["ABCDEF"[column - 1]].width = width
    previous = ""
    for row, step in enumerate(plan.steps, FIRST_STEP):
        blocks += _step_row(row, step, step.section != previous, target, styles)
        previous = step.section
        lines = max(
            ceil(measure.text_width(step.sentence) / 66), ceil(measure.text_width(step.equation) * 1.25 / 41),
            ceil(measure.text_width(step.shapes, 9) / 24), ceil(measure.text_width(step.section, bold=True) / 18), 1,
        )  # fmt: skip
        heights[row] = min(13.5 * lines + 7, 400.0)
    return Sheet(blocks, heights)


def _step_row(row: int, step: StepRow, starts: bool, target: Any, styles: Styles) -> list[Block]:
    line = (None, ("thin", theme.FAINT if starts else "E0E0E0"), None, ("thin", "E0E0E0"))
    section, equation, shapes, sentence = (
        clean(text) for text in (step.section if starts else "", step.equation, step.shapes, step.sentence)
    )

    def style(text: str, **options: Any) -> int:
        return styles.get(text=text, sides=line, wrap=True, **options)

    badge = styles.get(
        bold=True, background=theme.PHASE_FILL.get(step.phase), sides=line, align="center", size=11
    )
    blocks = [
        cell(row, 1, step.number, badge),
        cell(row, 2, section or None, style(section, bold=True)),
        cell(row, 3, equation or None, style(equation, font=theme.MONO)),
        cell(row, 4, shapes or None, style(shapes, size=9, color=theme.GREY)),
        cell(row, 5, sentence, style(sentence)),
        cell(row, 6, f"→ {step.link.rsplit('!', 1)[-1]}" if step.link else None,
             styles.get(color=theme.BACKWARD_INK, underline=step.link is not None, sides=line, align="center")),
    ]  # fmt: skip
    if step.link:
        add_link(target, f"F{row}", step.link)
    return blocks


def spec_sheet(plan: WorkbookPlan, target: Any, styles: Styles) -> Sheet:
    """The spec's text from A1 down, a line per row; a line too long for a cell goes on in the next columns."""
    lines = plan.spec_text.replace("\r\n", "\n").split("\n")
    pieces = [
        [line[k : k + LONGEST_TEXT - 1] for k in range(0, max(1, len(line)), LONGEST_TEXT - 1)] for line in lines
    ]
    width = max(map(len, pieces))
    values = np.full((len(lines), width), None, dtype=object)
    ids = np.full(values.shape, styles.get(font=theme.MONO), dtype=np.int64)
    for i, parts in enumerate(pieces):
        for j, part in enumerate(parts):
            if part:
                values[i, j], ids[i, j] = part, styles.get(font=theme.MONO, text=part)
    note = "The spec that this workbook was compiled from. `sheetgen verify` reads it to check every cell."
    target["A1"].comment = Comment(note, "sheetgen", height=70, width=260)
    target.column_dimensions["A"].width = 110
    return Sheet([Block(1, 1, values, ids, what="the spec's text")], {})


def add_link(target: Any, ref: str, link: str) -> None:
    """An internal link from a cell to `Sheet!A1` (the sheet's name unquoted)."""
    sheet, _, place = link.rpartition("!")
    location = f"{quote_sheetname(sheet.strip(chr(39)))}!{place}" if sheet else place
    target[ref].hyperlink = Hyperlink(ref=ref, location=location, tooltip=f"Go to {link}"[:255])
