"""Program → workbook plan: everything that stands on the sheets of a workbook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sheetgen.ir.program import Program
from sheetgen.layout import measure, numbers
from sheetgen.layout.drawing.axes import axes
from sheetgen.layout.drawing.charts import charts, wishes
from sheetgen.layout.drawing.labels import write
from sheetgen.layout.drawing.regions import Source, regions, source
from sheetgen.layout.drawing.roles import CAPTIONS, roles
from sheetgen.layout.drawing.room import Room
from sheetgen.layout.drawing.strokes import Line, lines
from sheetgen.layout.drawing.values import SHEETS
from sheetgen.layout.geometry.figure import Column, Placement
from sheetgen.layout.geometry.fit import printed
from sheetgen.layout.geometry.place import place
from sheetgen.layout.plan import Band, Diagonal, Edge, Label, Region, SheetPlan, WorkbookPlan
from sheetgen.layout.words.captions import captions
from sheetgen.layout.words.margin import margins, rows
from sheetgen.layout.words.steps import step_rows
from sheetgen.layout.words.vocabulary import vocabulary


def plan_workbook(program: Program, values: Mapping[str, np.ndarray], spec_text: str) -> WorkbookPlan:
    """Lay a program out. Raises LimitError when it doesn't fit into a workbook."""
    role = roles(program)
    wanted = wishes(program, role)
    vocabular = vocabulary(program)
    placement = place(program, lambda block: rows(vocabular, block), tuple(wish.request for wish in wanted))
    src = source(program, placement, role, values)
    names = axes(program)
    rooms = _rooms(placement)
    words = captions(vocabular, placement, {name: columns for name, (_, columns) in names.items()})
    write(src, rooms, words, margins(vocabular, [band.block for band in placement.bands]), names)
    drawn = regions(src)
    pictures = charts(program, placement, wanted, names, {b.matrix: src.steps[b.key] for b in placement.boxes})
    reader = {box.key: words.name(box) for box in placement.boxes}
    strokes = [s for s in lines(placement, src.steps, reader) if _fits(rooms[s[0]], s[1])]
    sheets = []
    for number in placement.sheets:
        columns = _columns(placement, [region for title, region in drawn if title == SHEETS[number]])
        landscape, scale = printed(columns)
        inner = [line for sheet, line in strokes if sheet == number]
        sheets.append(
            SheetPlan(
                title=SHEETS[number],
                heading=program.title,
                regions=tuple(region for title, region in drawn if title == SHEETS[number]),
                labels=tuple(rooms[number].labels),
                charts=pictures if number == 0 else (),
                widths=tuple((k, column.width) for k, column in enumerate(columns, 1)),
                first_row=placement.title_rows + 1,
                bands=_bands(placement),
                edges=tuple(line for line in inner if isinstance(line, Edge)),
                diagonals=tuple(line for line in inner if isinstance(line, Diagonal)),
                heights=_heights(src, number),
                last_column=len(placement.columns),
                cuts=_cuts(placement),
                heads=next((head.row for head in placement.heads if head.band is None), None),
                landscape=landscape,
                scale=scale,
            )
        )
    used = {region.role for _, region in drawn}
    legend = tuple((kind, caption) for kind, caption in CAPTIONS.items() if kind in used)
    homes = {box.matrix: src.at[box.key] for box in placement.boxes if box.kind in ("home", "sum", "verdict")}
    steps = step_rows(vocabular, homes.get, values, {name: columns for name, (_, columns) in names.items()})
    return WorkbookPlan(program.title, tuple(sheets), steps, spec_text, legend, program.about)


def _rooms(placement: Placement) -> list[Room]:
    """The cells of every sheet, with what the boxes and charts take."""
    widths = [column.width for column in placement.columns]
    pictures = [(p.row, p.column, p.height, p.width) for p in placement.pictures]
    return [
        Room(widths, [
            *((b.row, b.column, b.height, b.width) for b in placement.boxes if b.sheet == sheet),
            *(pictures if sheet == 0 else ()),
        ])
        for sheet in range(len(SHEETS))
    ]  # fmt: skip


def _fits(room: Room, line: Line) -> bool:
    """Whether a line may be drawn: texts and merged cells need free cells, and take them."""
    if isinstance(line, Label):
        return room.write(line) and False
    if isinstance(line, Diagonal):
        return room.take(line.row, line.column, line.rows)
    return True


def _bands(placement: Placement) -> tuple[Band, ...]:
    """The bands' grounds; those of one group have one tint, and groups alternate."""
    groups = list(dict.fromkeys(band.block.group for band in placement.bands))
    return tuple(
        Band(band.first_row, band.last_row, groups.index(band.block.group) % 2 == 1) for band in placement.bands
    )


PADDING, WIDEST, LARGER = 0.9, 8.0, 1.3
"""Characters that a number leaves free in its column, and of the widest column; how much wider large digits are."""


def _columns(placement: Placement, drawn: list[Region]) -> list[Column]:
    """The columns of a sheet. Columns that matrices have in common are equally wide, as their longest number needs."""
    needs: list[tuple[int, int, float]] = []
    for region in drawn:
        if region.column <= len(placement.columns) and not region.plain_map and region.row > placement.title_rows:
            needs.append((region.column, region.column + region.width - 1, _longest(region)))
    widths: dict[int, float] = {}
    start, end, wide = 0, 0, 0.0
    for first, last, need in [*sorted(needs), (1 << 20, 1 << 20, 0.0)]:
        if first > end:
            widths.update(dict.fromkeys(range(start, end + 1), wide))
            start, end, wide = first, last, need
        else:
            end, wide = max(end, last), max(wide, need)
    return [
        replace(column, width=max(column.width, min(WIDEST, widths.get(k, 0.0) + PADDING)))
        if column.kind in ("lane", "slot") else column
        for k, column in enumerate(placement.columns, 1)
    ]  # fmt: skip


def _longest(region: Region) -> float:
    """Characters of a region's longest number."""
    values, given = region.values, region.formulas is None and region.block is None
    if values.dtype.kind not in "fiub":
        return 0.0
    form = numbers.form(values, given, region.decimals)
    sample = values if values.size <= 400 else np.array([values.min(), values.max()])
    wide = max(measure.text_width(numbers.shown(v, form), bold=not given) for v in sample.flat)
    return wide * (LARGER if region.large else 1)


TALL = 40
"""Rows of a band that may not fit on a page: it may be cut at its captions, too."""


def _cuts(placement: Placement) -> tuple[int, ...]:
    """Where a printed page may start: at a band, or in a tall one at a caption with no matrix beside it."""
    found = {row for row in placement.cuts if row > placement.bands[0].first_row}
    tall = [band for band in placement.bands if band.last_row - band.first_row >= TALL]
    for band in tall:
        inside = {
            row
            for box in placement.boxes
            for row in range(box.row, box.row + box.height)
            if band.first_row <= row <= band.last_row
        }
        captions = {b.caption.row for b in placement.boxes if b.caption is not None and b.caption.row not in inside}
        found |= {row for row in captions if band.first_row < row <= band.last_row}
    return tuple(sorted(found))


LOW_ROW, WORD_ROW = 7.6, 23.0
"""Points of a row of a matrix without digits, and of one with words in two lines."""


def _heights(src: Source, sheet: int) -> tuple[tuple[int, float], ...]:
    """Low rows for heat maps; on the further sheets, the rows of bands that hold nothing are hidden."""
    found: dict[int, float] = {}
    for box in src.placement.boxes:
        if box.sheet == sheet and box.height > 12 and box.width > 12:
            found.update(dict.fromkeys(range(box.row, box.row + box.height), LOW_ROW))
        elif box.sheet == sheet and box.kind == "verdict":
            found.update(dict.fromkeys(range(box.row, box.row + box.height), WORD_ROW))
    if sheet:
        taken = {box.band for box in src.placement.boxes if box.sheet == sheet}
        for k, band in enumerate(src.placement.bands):
            if k not in taken:
                found.update(dict.fromkeys(range(band.first_row, band.last_row + 1), 0.0))
    return tuple(sorted(found.items()))
