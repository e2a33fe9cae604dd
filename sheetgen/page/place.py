"""All stages in order: from a program to a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sheetgen.page import backward, nodes
from sheetgen.page.bands import Row, rows_of
from sheetgen.page.columns import Spot, lane_columns
from sheetgen.page.constraints import smallest_rows
from sheetgen.page.figure import Band, Block, Box, Caption, Placement, Request, Zone
from sheetgen.page.groups import sketch
from sheetgen.page.simplify import simplify
from sheetgen.page.sketcher import Options
from sheetgen.ir.program import Program

TITLE_ROWS = 4


def place(program: Program, margin: Callable[[Block], int] = lambda block: 3, pictures: Sequence[Request] = ()) -> Placement:
    """Where everything of a program stands."""
    script = simplify(program)
    rows = rows_of(script, {})
    drawn = sketch(script, rows, Options())
    exprs = backward.forward_exprs(drawn)
    attached = backward.derived_boxes(script, drawn)
    attached = (*attached, *backward.links(drawn, [a for a in attached if a.phase == "backward"]), *backward.again(script, drawn, exprs))
    at = smallest_rows([draft.head for draft in drawn.drafts], drawn.ties, drawn.belows)
    deep = [0] * (len(rows) + 1)
    for k, draft in enumerate(drawn.drafts):
        deep[draft.band] = max(deep[draft.band], at[k] + draft.height)
    bands = []
    top = TITLE_ROWS + 1
    for row in rows:
        height = max(deep[row.block.index], margin(row.block)) + 1
        bands.append(Band(row.block, top, top + height - 1))
        top += height
    spots = []
    page_rows = [bands[d.band].first_row + at[k] for k, d in enumerate(drawn.drafts)]
    for d, r in zip(drawn.drafts, page_rows, strict=True):
        left = -1 - d.offset - d.width if d.zone.part == 0 else d.offset
        loop = rows[d.band].block.loop
        spots.append(Spot(d.zone.area, d.zone.turn, d.zone.sub, d.band, loop, left, left + d.width, r - d.head, r + d.height - 1))
    lanes = lane_columns(spots)
    boxes = []
    for d, r, s, lane in zip(drawn.drafts, page_rows, spots, lanes, strict=True):
        caption = Caption(r - 1, lane + s.left, d.width) if d.head and d.kind != "ones" else None
        boxes.append(
            Box(d.key, d.matrix, d.kind, d.phase, 0, r, lane + s.left, d.height, d.width, exprs.get(d.key), d.of, d.rows,
                d.columns, d.turned, d.glued, d.band, d.zone, d.turn, caption)  # fmt: skip
        )
    for a in attached:
        b = boxes[a.at]
        sheet = 1 if a.phase == "backward" or a.key.endswith("@given") else 2
        boxes.append(replace(b, key=a.key, matrix=a.matrix, kind=a.kind, phase=a.phase, sheet=sheet, expr=a.expr, of=a.of, rows=a.rows, columns=a.columns, turned=a.turned))
    top += 1
    for e in script.extras:
        sheet = 2 if any(s.phase == "after" and s.name == e.key for s in program.statements) else 1
        expr = nodes.put(e.expr, {}, drawn.homes)
        boxes.append(Box(e.key, e.matrix, "home", "backward", sheet, top, 4, *expr.shape, expr))
        top += 1 + expr.shape[0]
    for k, name in enumerate(script.scalars):
        boxes.append(Box(name, name, "home", "forward", 0, 2, 10 + 3 * k, 1, 1, None))
    sheets = tuple(sorted({box.sheet for box in boxes}))
    return Placement(tuple(boxes), tuple(bands), (), (), (), (), (), (), (), "none", sheets, False, 1.0, (), TITLE_ROWS, top - 1, drawn.big)
