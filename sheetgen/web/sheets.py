"""A drawn sheet as plain data: its tracks, matrices, texts and lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from sheetgen.book.ground import Ground
from sheetgen.book.head import HEIGHTS, LEGEND, head
from sheetgen.book.labels import clean, label_cells
from sheetgen.book.regions import OPEN, Drawn, drawn, is_number, region_blocks
from sheetgen.book.styles import Styles
from sheetgen.book.theme import Sides, hue
from sheetgen.book.workbook import extent
from sheetgen.cells.a1 import column_number
from sheetgen.layout import measure
from sheetgen.layout.numbers import Form
from sheetgen.layout.plan import Label, Region, Role, SheetPlan, WorkbookPlan
from sheetgen.web import looks
from sheetgen.web.called import called
from sheetgen.web.formulas import Table, relative, short
from sheetgen.web.looks import PIXELS

DIGIT = 7.4
"""Pixels of a digit of the workbook's default font, as `measure.POINTS` has it."""
DIGITS, FEWER, EXACT = 15, 6, 17
"""Digits of the numbers that are drawn first; of those of a training, which the engine soon works out, fewer; and those
that tell one number from every other."""


class Handover:
    """What is stored once while a plan becomes data."""

    def __init__(self, plan: WorkbookPlan, titles: Mapping[str, str]) -> None:
        self.plan, self.titles = plan, titles
        self.formulas: Table[str] = Table()
        self.forms: Table[Form] = Table()
        self.styles = Styles()

    def formula(self, text: str | None, row: int, column: int) -> int:
        """The number of a formula that stands at (row, column)."""
        return self.formulas.add(None if text is None else relative(text, row, column))


def drawn_sheet(made: Handover, sheet: SheetPlan) -> dict[str, Any]:
    """A sheet as `sheetgen.web.handover` describes it; its formulas, styles and forms join those of `made`."""
    widths = dict(sheet.widths)
    right, bottom = extent(sheet, widths)
    top = head(made.plan, sheet, made.styles, widths, right, 0.0)
    right = max(right, top.last)
    plain = Ground(right, frozenset(), frozenset(), {}, False)  # bands and lines are things of their own here
    found = drawn(sheet.regions)
    blocks = region_blocks(found, plain, made.styles, 0.0)
    cells = label_cells(sheet.texts, plain, made.styles, 0.0)
    chips = (cell for cell in top.cells if cell.row == LEGEND and cell.column >= top.chips)
    return {
        "title": sheet.title, "heading": clean(sheet.heading), "about": clean(sheet.about), "first": sheet.first_row,
        "columns": _columns(sheet, right), "rows": _rows(sheet, bottom),
        "legend": [[cell.value, cell.style] for cell in chips if cell.value],
        "bands": [[b.first_row, b.last_row, b.shaded, b.step] for b in sheet.bands],
        "regions": [
            _region(made, sheet, each, np.asarray(block.styles)) for each, block in zip(found, blocks, strict=True)
        ],
        "labels": [_label(made, label, cell.style) for label, cell in zip(sheet.texts, cells, strict=True)],
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
        "name": _name(made, region), "matrix": region.name,
        "role": str(region.role), "at": [row, column, region.height, region.width],
        "values": _values(region), "formulas": short(formulas), "array": region.array,
        "block": made.formula(region.block, row, column),
        "style": short([made.styles.with_fields(int(style), sides=Sides())
                        for style in np.broadcast_to(styles, region.values.shape).ravel()]),
        "frame": looks.sides(each.outline), "inner": looks.line(each.look.inner), "form": made.forms.add(each.form) - 1,
        "number": is_number(region), "like": str(region.like) if region.like else "",
        "zeros": region.dark_zeros and not region.plain_map, "inked": region.inked,
        "edge": region.role.value == "adjacency" and not region.plain_map, "heat": looks.heat(each),
        "map": region.plain_map, "large": region.large, "when": _when(made, each), "marked": region.marked,
        "step": region.step, "used": region.used, "note": clean_note(region.note), "prompt": clean(region.prompt),
        "kind": _kind(made.plan, region),
        "given": not region.step and region.source is None and region.editable, "corner": region.corner,
        "turned": region.turned, "rows": names.rows, "columns": names.columns,
        "words": [text for _, text in region.words],
        "epochs": region.epochs_of, "title": names.caption,
        "empty": [int(x) for x in region.empty.ravel()] if region.empty is not None else None,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value or name in ("at", "values", "style", "form")}


def _name(made: Handover, region: Region) -> str:
    """What readers call it; a copy as what it shows."""
    whole = region.name.partition("@")[0]
    return clean(made.titles.get(region.name) or made.titles.get(whole) or whole)


def clean_note(note: str) -> str:
    """A note without what a file can't hold, line by line."""
    return "\n".join(map(clean, note.strip().split("\n")))


def _kind(plan: WorkbookPlan, region: Region) -> str:
    """What may be typed into it: nothing, a text, 0 or 1, a whole number, any number."""
    if not region.editable or (plan.sealed and region.role not in OPEN):
        return ""
    if region.role is Role.ENTRY and not region.choices:
        return "text"
    return "switch" if region.switch else "whole" if region.integers or region.choices else "number"


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
    """The numbers of its cells: those that are typed to the last bit, as all others follow from them."""
    values = region.values.ravel().tolist()
    if not is_number(region):
        return [clean(str(value)) for value in values]
    digits = FEWER if region.epochs_of else DIGITS
    formulas: Iterable[object] = (f for row in region.formulas or () for f in row)
    if region.block is not None or region.formulas is None:
        formulas = [region.block] * len(values)
    return [number(x, EXACT if made is None else digits) for x, made in zip(values, formulas, strict=True)]


def number(value: float, digits: int) -> float | int:
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


def place_in(reference: str) -> list[int]:
    """Row and column of `$B$3`, from 1."""
    _, column, row = reference.split("$")
    return [int(row), int(column_number(column))]
