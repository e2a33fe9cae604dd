"""A workbook's plan as the page reads it: one dictionary of plain data, ready for JSON. Nothing else is handed over.

Rows and columns count from 1, as in the workbook. Formulas stand once each in `formulas`, without `=`, with relative
references (`R[0]C[-1]`), and are called by their number from 1; 0 is none. Styles, too, are called by their number,
from 0; so are the forms of numbers. A list in which all is alike may be that one thing instead.

    title, about, sealed         texts, and whether it is an exercise
    sheets                       [sheet], in the workbook's order; `order` has them as the engine is to take them
      title, heading, first      its name, its page's title, the first row below the head
      columns, rows              pixels, from the first on
      legend                     [[text, style]]
      bands                      [[first row, last row, shaded, step]]
      regions                    see `_region`
      labels                     see `_label`
      edges                      [[row, column, rows, columns, side, colour, heavy, step]]
      diagonals                  [[row, column, rows, rising, colour, step]]
      highlights                 [[row, column, rows, columns, formula, look]]: looks under a condition (`looks`)
      charts                     see `sheetgen.web.pictures`
    data                         the columns that charts are drawn from: {sheet, columns: [{column, values, formulas}]}
    names                        [[defined name, reference]]
    steps                        [{number, shown, section, equation, sentence, live, sheet, row, column, phase}]
    switched                     steps that the switch for gradients hides
    controls                     the cells Step and Gradients: {sheet, step: [row, column], switch: [row, column]}
    formulas, styles, forms      what the numbers mean
    looks, colors                the looks that conditions bring, and what else the page needs of the palette
    spec                         the spec's text, and where the numbers of its matrices stand (`sheetgen.web.given`)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sheetgen.book.charts.add import pictures
from sheetgen.book.ground import Ground
from sheetgen.book.head import HEIGHTS, LEGEND, head
from sheetgen.book.labels import clean, label_cells
from sheetgen.book.player import controls
from sheetgen.book.regions import Drawn, drawn, is_number, region_blocks
from sheetgen.book.theme import Sides, hue
from sheetgen.book.workbook import extent, names_of
from sheetgen.cells.a1 import column_number
from sheetgen.layout import measure
from sheetgen.layout.numbers import Form
from sheetgen.layout.plan import Label, Region, SheetPlan, WorkbookPlan
from sheetgen.web import looks
from sheetgen.web.called import called
from sheetgen.web.formulas import Table, relative, short
from sheetgen.web.looks import PIXELS, Counted
from sheetgen.web.pictures import chart_data, data_sheet

DIGIT = 7.4
"""Pixels of a digit of the workbook's default font, as `measure.POINTS` has it."""
DIGITS, FEWER = 15, 6
"""Digits of the numbers that are drawn first; of those of a training, which the engine soon works out, fewer."""


class Handover:
    """What is stored once while a plan becomes data."""

    def __init__(self, plan: WorkbookPlan) -> None:
        self.plan = plan
        self.formulas: Table[str] = Table()
        self.forms: Table[Form] = Table()
        self.styles = Counted()

    def formula(self, text: str | None, row: int, column: int) -> int:
        """The number of a formula that stands at (row, column)."""
        return self.formulas.add(None if text is None else relative(text, row, column))


def hand_over(plan: WorkbookPlan) -> dict[str, Any]:
    """The data of a plan. Raises LimitError for a page that is no workbook either."""
    made = Handover(plan)
    drawings = pictures(plan, HEIGHTS)
    sheets = [_sheet(made, sheet) for sheet in plan.sheets]
    for sheet, found in zip(sheets, drawings, strict=True):
        sheet["charts"] = [chart_data(each, plan) for each in found]
    data = data_sheet([each for found in drawings for each in found], made.formula)
    first = plan.sheets[0]
    at = controls(first)
    return {
        "title": clean(plan.title), "about": clean(first.about), "sealed": plan.sealed,
        "sheets": sheets, "order": _order(plan), "data": data,
        "names": [[name, place] for name, place in names_of(plan).items()],
        "steps": _steps(made), "switched": sorted(plan.switched_steps),
        "controls": {"sheet": first.title, "step": _cell(at.step), "switch": _cell(at.switch)},
        "formulas": made.formulas.things, "styles": looks.table(made.styles),
        "forms": [looks.form_data(form) for form in made.forms.things],
        "looks": {name: looks.tint(tint) for name, tint in looks.LOOKS.items()}, "colors": looks.colors(),
    }  # fmt: skip


def _order(plan: WorkbookPlan) -> list[int]:
    """The sheets as the engine calculates them: trainings first, because a chain of epochs that is entered from its
    end runs deeper than its stack."""
    trainings = [any(region.epochs_of for region in sheet.regions) for sheet in plan.sheets]
    return sorted(range(len(trainings)), key=lambda k: (not trainings[k], k))


def _cell(reference: str) -> list[int]:
    _, column, row = reference.split("$")
    return [int(row), int(column_number(column))]


def _sheet(made: Handover, sheet: SheetPlan) -> dict[str, Any]:
    widths = dict(sheet.widths)
    right, bottom = extent(sheet, widths)
    top = head(made.plan, sheet, made.styles, widths, right, 0.0)
    right = max(right, top.last)
    plain = Ground(right, frozenset(), frozenset(), {}, False)  # bands and lines are things of their own here
    found = drawn(sheet.regions)
    blocks = region_blocks(found, plain, made.styles, 0.0)
    cells = label_cells(sheet.labels, plain, made.styles, 0.0)
    chips = (cell for cell in top.cells if cell.row == LEGEND and cell.column > _cell(controls(sheet).step)[1] + 1)
    return {
        "title": sheet.title, "heading": clean(sheet.heading), "about": clean(sheet.about), "first": sheet.first_row,
        "columns": _columns(sheet, right), "rows": _rows(sheet, bottom),
        "legend": [[cell.value, cell.style] for cell in chips if cell.value],
        "bands": [[b.first_row, b.last_row, b.shaded, b.step] for b in sheet.bands],
        "regions": [
            _region(made, sheet, each, np.asarray(block.styles)) for each, block in zip(found, blocks, strict=True)
        ],
        "labels": [_label(made, label, cell.style) for label, cell in zip(sheet.labels, cells, strict=True)],
        "edges": [[e.row, e.column, e.rows, e.columns, e.side, hue(e.hue), e.heavy, e.step] for e in sheet.edges],
        "diagonals": [[d.row, d.column, d.rows, d.rising, hue(d.hue), d.step] for d in sheet.diagonals],
        "highlights": [
            [h.row, h.column, h.rows, h.columns, made.formula(h.condition, h.row, h.column), h.sight]
            for h in sheet.highlights
        ],
        "hidden": sheet.hidden,
    }  # fmt: skip


def _columns(sheet: SheetPlan, right: int) -> list[int]:
    widths, folded = dict(sheet.widths), {c for first, last in sheet.folded for c in range(first, last + 1)}
    return [
        0 if c in folded else round(DIGIT * widths.get(c, measure.COLUMN_WIDTH)) for c in range(1, right + 1)
    ]


def _rows(sheet: SheetPlan, bottom: int) -> list[int]:
    """Those of the head are there only where the plan puts something into them: the page has a head of its own."""
    used = {r.row + i for r in sheet.regions if r.row <= LEGEND for i in range(r.height)}
    used |= {label.row for label in sheet.labels}
    heights = {**{row: HEIGHTS[row] if row in used else 0.0 for row in HEIGHTS}, **dict(sheet.heights)}
    return [round(PIXELS * heights.get(row, measure.ROW_HEIGHT)) for row in range(1, bottom + 2)]


def _region(made: Handover, sheet: SheetPlan, each: Drawn, styles: np.ndarray) -> dict[str, Any]:
    """A matrix: `at` (row, column, height, width), cells row by row, the frame (left, top, right, bottom) and the line
    between its cells, the rule of its numbers, and what changes the look of a cell; without what is as usual."""
    region = each.region
    row, column = region.row, region.column
    formulas = [0]
    if region.block is None and region.formulas is not None:
        formulas = [made.formula(f, row + i, column + j) for i, line in enumerate(region.formulas)
                    for j, f in enumerate(line)]  # fmt: skip
    names = called(sheet, region)
    found: dict[str, Any] = {
        "name": region.name, "role": str(region.role), "at": [row, column, region.height, region.width],
        "values": _values(region), "formulas": short(formulas), "array": region.array,
        "block": made.formula(region.block, row, column),
        "style": short([made.styles.with_fields(int(style), sides=Sides())
                        for style in np.broadcast_to(styles, region.values.shape).ravel()]),
        "frame": looks.sides(each.outline), "inner": looks.line(each.look.inner), "form": made.forms.add(each.form) - 1,
        "number": is_number(region), "like": str(region.like) if region.like else "",
        "zeros": region.dark_zeros and not region.plain_map, "inked": region.inked,
        "edge": region.role.value == "adjacency" and not region.plain_map, "heat": looks.heat(each),
        "map": region.plain_map, "when": _when(made, each), "marked": region.marked,
        "step": region.step, "used": region.used, "note": clean_note(region.note), "prompt": clean(region.prompt),
        "kind": "" if not region.editable else "switch" if region.switch else "whole" if region.integers else "number",
        "given": not region.step and region.source is None and region.editable, "corner": region.corner,
        "turned": region.turned, "rows": names[0], "columns": names[1], "words": [text for _, text in region.words],
        "epochs": region.epochs_of, "title": names[2],
        "empty": [int(x) for x in region.empty.ravel()] if region.empty is not None else None,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value or name in ("at", "values", "style", "form")}


def clean_note(note: str) -> str:
    return "\n".join(map(clean, note.strip().split("\n")))


def _when(made: Handover, each: Drawn) -> list[list[Any]]:
    """[look, formula of each cell, form]: one formula that all of them have is seen from each cell."""
    region, found = each.region, []
    for look, texts, form in looks.conditions(each):
        places = [(0, 0)] if len(texts) == 1 else list(np.ndindex(region.values.shape))
        formulas = [made.formula(text, region.row + i, region.column + j)
                    for text, (i, j) in zip(texts, places, strict=True)]  # fmt: skip
        found.append([look, short(formulas), made.forms.add(form) - 1])
    return found


def _values(region: Region) -> list[Any]:
    values = region.values.ravel().tolist()
    if not is_number(region):
        return [clean(str(value)) for value in values]
    digits = FEWER if region.epochs_of else DIGITS
    return [number(value, digits) for value in values]


def number(value: float, digits: int = DIGITS) -> float | int:
    """A number with so many digits, without a point where it needs none."""
    short_one = float(f"{float(value):.{digits}g}")
    return int(short_one) if short_one.is_integer() and abs(short_one) < 1e15 else short_one


def _label(made: Handover, label: Label, style: int) -> dict[str, Any]:
    """A text: `at` (row, column, rows, columns), its style, and what it is (`kind`, as in the plan)."""
    found = {
        "at": [label.row, label.column, label.rows, label.columns], "text": clean(label.text), "style": style,
        "kind": label.style, "step": label.step, "formula": made.formula(label.formula, label.row, label.column),
        "pale": made.formula(label.pale, label.row, label.column), "link": label.link if label.step == 0 else None,
        "lines": label.lines if label.lines > 1 else 0,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value or name == "style"}


def _steps(made: Handover) -> list[dict[str, Any]]:
    found = []
    for step in made.plan.steps:
        sheet, _, place = (step.link or "").rpartition("!")
        letters_, digits = place.rstrip("0123456789"), place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        found.append({
            "number": step.number, "shown": clean(step.numbers) or str(step.number), "section": clean(step.section),
            "equation": clean(step.equation), "sentence": clean(step.sentence),
            "live": made.formula(step.live, 1, 1), "sheet": sheet.strip("'"), "phase": step.phase,
            "row": int(digits) if place else 0, "column": int(column_number(letters_)) if place else 0,
        })  # fmt: skip
    return found
