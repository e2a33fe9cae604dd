"""All stages in order: from a program to a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sheetgen.page import nodes
from sheetgen.page.bands import Row, rows_of
from sheetgen.page.board import Draft
from sheetgen.page.columns import Spot, lane_columns
from sheetgen.page.constraints import smallest_rows
from sheetgen.page.figure import Band, Block, Box, Caption, Column, Placement, Request
from sheetgen.page.groups import sketch
from sheetgen.page.simplify import simplify
from sheetgen.page.sketcher import Options, Sketch
from sheetgen.ir.program import Program

TITLE_ROWS = 4


def place(program: Program, margin: Callable[[Block], int] = lambda block: 3, pictures: Sequence[Request] = ()) -> Placement:
    """Where everything of a program stands."""
    script = simplify(program)
    rows = rows_of(script, {})
    drawn = sketch(script, rows, Options())
    firsts = [draft.head for draft in drawn.drafts]
    at = smallest_rows(firsts, drawn.ties, drawn.belows)
    bands = []
    top = TITLE_ROWS + 1
    starts = []
    for row in rows:
        deep = max((at[k] + d.height for k, d in enumerate(drawn.drafts) if d.band == row.block.index), default=0)
        height = max(deep, margin(row.block)) + 1
        starts.append(top)
        bands.append(Band(row.block, top, top + height - 1))
        top += height
    loops = [row.block.loop for row in rows]
    spots = []
    page_rows = [starts[d.band] + at[k] for k, d in enumerate(drawn.drafts)]
    for d, r in zip(drawn.drafts, page_rows):
        left = -1 - d.offset - d.width if d.zone.part == 0 else d.offset
        spots.append(Spot(d.zone.area, d.zone.turn, d.zone.sub, d.band, loops[d.band], left, left + d.width, r - d.head, r + d.height - 1))
    cols = lane_columns(spots)
    boxes = []
    for d, r, s, c in zip(drawn.drafts, page_rows, spots, cols):
        expr = None
        if d.expr is not None:
            expr = nodes.put(d.expr, drawn.copies.get(d.key, {}), drawn.homes) if d.kind != "ones" else d.expr
        boxes.append(Box(d.key, d.matrix, d.kind, d.phase, d.sheet, r, c + s.left, d.height, d.width, expr, d.of, d.rows, d.columns, d.turned, d.glued, d.band, d.zone, d.turn,
                         Caption(r - 1, c + s.left, d.width) if d.head and d.kind != "ones" else None))
    for k, name in enumerate(script.scalars):
        boxes.append(Box(name, name, "home", "forward", 0, 2, 10 + 3 * k, 1, 1, None))
    return Placement(tuple(boxes), tuple(bands), (), (), (), (), (), (), (), "none", (0,), False, 1.0, (), TITLE_ROWS, top - 1, drawn.big)
