"""A workbook with its training: the sheet with all epochs, and the page at the one that the reader chooses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from sheetgen.cells.a1 import Rect, letters, reference
from sheetgen.ir.node import Shape
from sheetgen.ir.program import Program
from sheetgen.layout.chart import Place
from sheetgen.layout.geometry.figure import Request
from sheetgen.layout.plan import Label, Region, Role, SheetPlan, WorkbookPlan
from sheetgen.layout.training import data
from sheetgen.layout.training.heading import JUMPS, SHOWN, jumps
from sheetgen.layout.training.plane import Plane, heat_map, map_sheet
from sheetgen.layout.training.sheet import FIRST, Grid, by_row, grid, learned, row_names, sheet
from sheetgen.layout.wishes.wish import Learned, Wish
from sheetgen.layout.words.vocabulary import Vocabulary
from sheetgen.names import CANVAS, DATA, TRAINING, excel_names, free_name
from sheetgen.passes.train import Trained, Training

ROWS, COLUMNS, LEAST = 11, 9, 8
"""Of the losses' chart."""
LAST_TITLE_ROW = 1
"""Where the cell Epoch stands; under it, where to type the parameters that it starts from."""


def wishes(words: Vocabulary, run: Trained, plane: Plane | None) -> list[Wish]:
    """What a training has on the page besides the charts of its program: the map first, as it needs the most room."""
    names = row_names(run.training, words.program.names)
    return [*([] if plane is None else [heat_map(plane, run.training.unit, names)]), curve(words, run)]


def learned_in(of: Training) -> dict[str, Learned]:
    """What matrices are at the end of a training on all data, as the sheet Training has it."""
    when = f"{of.unit} {of.last}"
    return {} if of.batches else {name: Learned(by_row(of, name), of.last, when) for name in of.moving}


def with_training(plan: WorkbookPlan, words: Vocabulary, run: Trained, plane: Plane | None) -> WorkbookPlan:
    """`plan` with the cell Epoch, the sheet Training, the sheet Data if it takes batches, and the sheet Map if the page
    has room for a map."""
    of = run.training
    canvas, *others = plan.sheets
    taken = of.batches.data if of.batches else ()
    notes = {g.name: f"Its numbers of {of.unit} 0 are typed in row {FIRST} of {TRAINING}." for g in of.parameters}
    notes |= {g.name: f"All samples stand on the sheet {DATA}." for g in taken}
    homes: dict[str, list[Region]] = {}
    for region in canvas.regions:
        if region.role is not Role.COPY:
            homes.setdefault(region.name, []).append(region)
    computed = {s.name: s.shape for s in of.statements}
    shapes = computed | {given.name: given.shape for given in (*of.givens, *of.parameters)}
    stands = {name: [r.rect(CANVAS)._replace(still=True) for r in sorted(homes[name], key=lambda region: region.corner)]
              for name in shapes if name in homes and _whole(homes[name], shapes[name])}  # fmt: skip
    places = {name: rects for name, rects in stands.items() if name not in of.moving}
    if of.batches:
        places |= {key: [at._replace(still=True)] for key, at in data.places(of.batches).items()}
    rows = of.moving | (computed.keys() - places.keys())  # what stands nowhere on the page is computed in each row
    roles = {name: regions[0].role for name, regions in homes.items()}
    on = grid(of, rows, roles, words.title_of)
    column = _free(canvas)
    chosen = Region("chosen epoch", Role.INPUT, LAST_TITLE_ROW, column, np.zeros((1, 1)), integers=True,
                    defined_name=free_name(of.unit.capitalize(), excel_names(words.program.names).values()),
                    choices=jumps(),
                    prompt=f"0 to {of.last}: type an {of.unit}, or choose one from the list.")  # fmt: skip
    cell = reference(chosen.rect(CANVAS), TRAINING)
    drawn = tuple(_shown(region, on, notes[region.name]) if region.name in notes and region.formulas is None else region
                  for region in canvas.regions)  # fmt: skip
    name = Label(LAST_TITLE_ROW, column - 1, of.unit, "name", align="right")
    first = next(strip for strip in on.strips if strip.key in of.steps)
    start = Label(LAST_TITLE_ROW + 1, column, f"first weights: {TRAINING} ▸", "note", align="right",
                  link=f"{TRAINING}!{letters(first.column)}{FIRST}")  # fmt: skip
    page = replace(canvas, regions=(chosen, *drawn), labels=(name, start, *canvas.labels))
    made = [sheet(on, run, places, cell, plan.title, words.title_of, row_names(of, words.program.names))]
    if of.batches:
        like = {name: regions[0] for name, regions in homes.items()}
        made.append(data.data_sheet(of.batches, like, plan.title, words.title_of))
    if plane is not None and any(region.framed for region in canvas.regions):
        here = _same(plane, words.program, stands)
        made.append(map_sheet(plane, shapes, here, roles, plan.title, words.title_of))
    return replace(plan, sheets=(page, *others, *made))


def _same(plane: Plane, program: Program, stands: Mapping[str, list[Rect]]) -> dict[str, list[Rect]]:
    """Of what stands on the page, what is the same for a point."""
    made = {s.name: s.expr for s in program.statements}
    other = {s.name for s in plane.of.statements if s.expr != made.get(s.name)} | set(plane.of.varied)
    return {name: rects for name, rects in stands.items() if name not in other}


def curve(words: Vocabulary, run: Trained) -> Wish:
    """The chart of the loss on the page."""
    losses = run.training.losses
    chart = learned(run, words.title_of, Place(0, 0, ROWS, COLUMNS))
    return Wish(Request(losses[-1], ROWS, COLUMNS, least=LEAST, reads=losses), chart)


def _whole(regions: Sequence[Region], shape: Shape) -> bool:
    """Whether a matrix stands in these regions side by side, perhaps turned."""
    heights, width = {region.height for region in regions}, sum(region.width for region in regions)
    return len(heights) == 1 and (max(heights), width) in (shape, shape[::-1])


def _shown(region: Region, on: Grid, note: str) -> Region:
    """A piece of a parameter, or of data, as it is in the row that is shown."""
    strip, moment = on.strip(region.name), f"{letters(SHOWN + 1)}${JUMPS}"

    def cell(i: int, j: int) -> str:
        row, column = region.corner[0] + (j if region.turned else i), region.corner[1] + (i if region.turned else j)
        at = Rect(TRAINING, FIRST, strip.column + row * strip.shape[1] + column, on.last_row - FIRST + 1, 1)
        return f"INDEX({reference(at, CANVAS)},'{TRAINING}'!${moment})"

    formulas = tuple(tuple(cell(i, j) for j in range(region.width)) for i in range(region.height))
    note = f"{region.name} in the {on.training.unit} that is shown. {note}"
    return replace(region, formulas=formulas, prompt="", note=f"{note} {region.note}".strip())


def _free(canvas: SheetPlan) -> int:
    """The column of the title's row that is free, with one for the name, furthest right."""
    taken = {column for region in canvas.regions if region.row <= LAST_TITLE_ROW
             for column in range(region.column - 2, region.column + region.width + 1)}  # fmt: skip
    last = canvas.last_column or max(region.column + region.width - 1 for region in canvas.regions)
    return next(column for column in range(last, 0, -1) if column not in taken)
