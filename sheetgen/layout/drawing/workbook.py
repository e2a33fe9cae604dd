"""Program → workbook plan: everything that stands on the sheets of a workbook."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import accumulate, pairwise

import numpy as np

from sheetgen.cells.a1 import Rect, reference, span
from sheetgen.ir.program import Program
from sheetgen.layout import measure, numbers
from sheetgen.layout.drawing import paper
from sheetgen.layout.drawing.captions import SIGN
from sheetgen.layout.drawing.charts import charts, wishes
from sheetgen.layout.drawing.checks import write_checks
from sheetgen.layout.drawing.edges import NAME
from sheetgen.layout.drawing.framed import sided
from sheetgen.layout.drawing.heatmaps import evened, heat_maps
from sheetgen.layout.drawing.labels import losses, write
from sheetgen.layout.drawing.margins import AFTER, TEXT
from sheetgen.layout.drawing.regions import Source, regions, source
from sheetgen.layout.drawing.roles import CAPTIONS, roles
from sheetgen.layout.drawing.room import Room
from sheetgen.layout.drawing.rows import closed_up, cuts, heights, last_column, parting, with_labels
from sheetgen.layout.drawing.strokes import Line, frames, lines
from sheetgen.layout.geometry.figure import Box, Column, Placement, Request
from sheetgen.layout.geometry.fit import SMALLER_MARGIN, printed
from sheetgen.layout.geometry.place import place, too_wide
from sheetgen.layout.geometry.simplify import simplify
from sheetgen.layout.geometry.sketches import Sketches
from sheetgen.layout.numbers import Form
from sheetgen.layout.plan import Band, Diagonal, Edge, Region, SheetPlan, StepRow, WorkbookPlan
from sheetgen.layout.wishes.wish import Learned, Wish
from sheetgen.layout.words import heads, pieces
from sheetgen.layout.words.captions import Captions, captions
from sheetgen.layout.words.margin import Margin, margins, story
from sheetgen.layout.words.steps import step_rows
from sheetgen.layout.words.telling import ACROSS, AIR, WIDTH
from sheetgen.layout.words.vocabulary import KEPT, Vocabulary, vocabulary
from sheetgen.names import DRAWN, FORWARD


def plan_workbook(
    program: Program, values: Mapping[str, np.ndarray], spec_text: str, more: Sequence[Wish] = (),
    later: Mapping[str, np.ndarray] | None = None, learned: Mapping[str, Learned] | None = None,
) -> WorkbookPlan:  # fmt: skip
    """Lay a program out, with `more` charts of what it doesn't hold, with room for the numbers that matrices have
    `later`, and charts of what they have `learned`. Raises LimitError when it doesn't fit into a workbook."""
    role = roles(program)
    known = vocabulary(program)
    names = known.symbols.axes
    wanted = (*more, *wishes(known, role, names, values, learned or {}, later or {}))
    placement = placed(known, tuple(wish.request for wish in wanted))
    src = source(program, placement, role, values)
    column_names = {name: columns for name, (_, columns) in names.items()}
    words = captions(known, placement, column_names)
    drawn = regions(src)
    if later:
        drawn = [(title, replace(r, later=later.get(r.name))) for title, r in drawn]
    on_sheet = [[region for title, region in drawn if title == sheet] for sheet in DRAWN]
    lengths = [paper.longest(regions) for regions in on_sheet]
    widths = [paper.columns(src, k, on_sheet[k], lengths[k], words, names) for k in range(len(DRAWN))]
    widths[0] = evened(widths[0], placement, wanted)
    maps, texts = heat_maps(placement, wanted, src.at)
    on_sheet = [paper.fitted(*each) for each in zip(on_sheet, lengths, widths, strict=True)]
    rooms = [_room(placement, k, on_sheet[k], widths[k]) for k in range(len(DRAWN))]
    found = lines(placement, src.steps, lambda key: words.name(words.boxes[key]),
                  lambda key: heads.turn(words, words.boxes[key]), role)  # fmt: skip
    strokes = [(sheet, line) for sheet, line in found if _drawn(rooms[sheet], line)]
    told = margins(known, [band.block for band in placement.bands], placement.columns[TEXT - 1].width)
    write(src, rooms, words, told, names)
    write_checks(src, rooms)
    pictures = charts(placement, wanted, widths[0])
    titles = [_heading(src, words, number) for number in range(len(DRAWN))]
    sheets = []
    for number in placement.sheets:
        across = [*widths[number], paper.FURTHER] if rooms[number].wider else widths[number]
        last = len(across) if rooms[number].wider else last_column(placement, number, rooms[number].labels, across)
        inner = [line for sheet, line in strokes if sheet == number]
        inner += frames(placement, number, src.steps, rooms[number])
        high = with_labels(rooms[number].heights, rooms[number].labels, NAME)
        high = closed_up(high, placement, on_sheet[number], rooms[number].labels, number)
        pages = cuts(placement, number, rooms[number].labels)
        sheets.append(
            SheetPlan(
                title=DRAWN[number],
                heading=pieces.text(titles[number]),
                heading_formula=pieces.formula(titles[number]) if len(titles[number]) > 1 else None,
                about=heads.ABOUT[number] or heads.about(known),
                regions=(*on_sheet[number], *(maps if number == 0 else ())),
                labels=(*rooms[number].labels, *(texts if number == 0 else ())),
                charts=pictures if number == 0 else (),
                widths=tuple((k, column.width) for k, column in enumerate(across[:last], 1)),
                first_row=placement.title_rows + 1,
                bands=_bands(placement, told),
                edges=tuple(line for line in inner if isinstance(line, Edge)),
                diagonals=tuple(line for line in inner if isinstance(line, Diagonal)),
                heights=tuple(sorted(high.items())),
                last_column=last,
                cuts=pages,
                parting=parting(placement, number, pages, program.statements),
                heads=next((head.row for head in placement.heads if head.band is None), None),
                landscape=printed(across[:last])[0],
            )
        )
    used = {region.role for _, region in drawn}
    legend = tuple((kind, caption) for kind, caption in CAPTIONS.items() if kind in used)
    homes = _homes(src)
    sections_of, starts = _titles(placement, told), [band.first_row for band in placement.bands]
    sections = {f"{at.sheet}!{span(at.row, at.column)}": sections_of[bisect_right(starts, at.row)]
                for at in src.at.values()}  # fmt: skip
    steps = tuple(
        replace(row, section=_section(row, sections))
        for row in step_rows(known, homes.get, values, column_names)
    )
    return WorkbookPlan(program.title, tuple(sheets), steps, spec_text, legend)


def _section(row: StepRow, sections: Mapping[str, str]) -> str:
    """The title over the box of a step; what follows a forward pass that nobody gave a title isn't part of it."""
    title = sections.get(row.link or "", row.section)
    return row.section if row.whole_turn or (title == FORWARD and row.phase != "forward") else title


def _heading(src: Source, words: Captions, sheet: int) -> tuple[pieces.Piece, ...]:
    """The title of a sheet; of the one after the update, with the loss before and after."""
    if not sheet:
        return (src.program.title,)
    told = [
        pieces.Shown(reference(src.at[box.key], DRAWN[sheet], (False, False)), *_number(src, box))
        for box in (losses(src) if sheet == AFTER else ())
    ]
    return heads.heading(src.program.title, DRAWN[sheet], words.words.symbols.of(src.program.loss or ""), told)


def _number(src: Source, box: Box) -> tuple[float, Form]:
    """The only number of a box, and how its cell shows it."""
    values = src.values[box.key]
    return float(values.item()), numbers.form(values, decimals=src.decimals.get(box.matrix))


def _homes(src: Source) -> dict[str, Rect]:
    """Where each matrix stands, its first part if it stands in parts; an input that is read part by part in several
    places stands nowhere."""
    found: dict[str, list[Rect]] = defaultdict(list)
    for box in src.placement.boxes:
        if box.kind in ("home", "sum", "verdict"):
            found[box.key if box.kind == "verdict" else box.matrix or box.key].append(src.at[box.key])
    return {name: at[0] for name, at in found.items() if len(at) == 1 or name not in src.givens}


@lru_cache(KEPT)
def placed(known: Vocabulary, requests: tuple[Request, ...]) -> Placement:
    """Where everything of a program stands, found once for all programs of its structure.

    A narrow page, or one with a narrow margin, is arranged once more, for the rows that its texts then take; one that
    is too wide has the narrowest margin anyway.
    """
    sketches = Sketches(simplify(known.program))

    def page_of(width: float, wide: bool) -> Placement:
        return place(sketches, cache(lambda block, mode: story(known, block, mode, width, wide)), requests)

    if too_wide(sketches):
        return page_of(SMALLER_MARGIN, True)
    page = page_of(WIDTH, True)
    width = page.columns[TEXT - 1].width
    wide = sum(column.width for column in page.across(0)[TEXT - 1 :]) > ACROSS + AIR
    return page if wide and width == WIDTH else page_of(width, wide)


def _titles(placement: Placement, told: Mapping[int, Margin]) -> list[str]:
    """The titles of the page's head, which has none, and of its bands; a band without one goes on with what the band
    above it began."""
    return list(accumulate((told[band.block.index].title for band in placement.bands),
                           lambda above, own: own or above, initial=""))  # fmt: skip


def _room(placement: Placement, sheet: int, drawn: Sequence[Region], columns: Sequence[Column]) -> Room:
    """The cells of a sheet, with what boxes and charts take, and the lines that no text may cross."""
    widths = [column.width for column in columns]
    taken = [(b.row, b.column, b.height, b.width) for b in placement.boxes if b.sheet == sheet]
    if sheet == 0:
        taken += [(p.row, p.column, p.height, p.width) for p in placement.pictures]
    walls: dict[int, set[int]] = {}
    with_sides = sided(placement)
    for frame in placement.frames:
        if frame.sheet == sheet:
            for row in range(frame.row, frame.row + frame.height):
                sides = (frame.column, frame.column + frame.width) if frame in with_sides else (frame.column,)
                walls.setdefault(row, set()).update(sides)
    for rail in placement.rails:
        if rail.sheet == sheet:
            for row in range(min(rail.source_row, rail.target_row), max(rail.source_row, rail.target_row) + 1):
                walls.setdefault(row, set()).update((rail.column, rail.column + 1))
    for link in placement.links:
        for (row, column), (below, _) in pairwise(link.path) if link.sheet == sheet else ():
            for r in range(min(row, below), max(row, below)):
                walls.setdefault(r, set()).add(column)
    least = measure.least(paper.scale(columns))
    high, widens = heights(placement, sheet, drawn, widths), paper.widens(columns, placement.last_row)
    return Room(widths, taken, walls, high, least, widens, widens and paper.roomy(columns))


def _drawn(room: Room, line: Line) -> bool:
    """Whether a line may be drawn: merged cells need free cells, and take them. Texts are written at once; where there
    is no room for the name of a rail's source, its head says enough."""
    if isinstance(line, Edge):
        return True
    if isinstance(line, Diagonal):
        return room.take(line.row, line.column, line.rows)
    back = line.align == "right"
    columns = room.reach(line.row, line.column, line.text, SIGN, False, len(room.widths), back)
    room.write(line if columns else line._replace(text=line.text[-1 if back else 0]), columns or 1)
    return False


def _bands(placement: Placement, told: Mapping[int, Margin]) -> tuple[Band, ...]:
    """The bands' grounds; those of one group have one tint, and those under one title; the others alternate."""
    found, shaded = list[Band](), True
    for k, band in enumerate(placement.bands):
        same = k > 0 and band.block.group == placement.bands[k - 1].block.group
        shaded = shaded if same or told[band.block.index].again else not shaded
        found.append(Band(band.first_row, band.last_row, shaded))
    return tuple(found)
