"""Checks of what is computed: near operands, right numbers, the same cells and formulas on all sheets."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from checks_page import Page, Problem

from sheetgen.book.workbook import names_of
from sheetgen.cells.a1 import column_number, letters
from sheetgen.layout import numbers
from sheetgen.layout.geometry import check
from sheetgen.layout.plan import Region, Role
from sheetgen.names import excel_name
from sheetgen.passes.evaluate import evaluate

AREA = re.compile(r"'?([^',!]+)'?!\$([A-Z]+)\$(\d+)(?::\$([A-Z]+)\$(\d+))?")
CELL = re.compile(r"\b[A-Z]+\d+\b")
CANVAS = re.compile("'?Canvas'?!")
"""A number in the rows of the title, which stands on the first sheet only."""


def reads_nothing(page: Page) -> Iterator[Problem]:
    """Formulas that read what stands nowhere: then nothing else can be checked."""
    for what in check.unknown(page.placement):
        yield Problem("reads nothing", "page", "", what)


def geometry(page: Page) -> Iterator[Problem]:
    """What the geometry's own checks find: boxes, captions, operands, values, cells on further sheets."""
    placement, program = page.placement, page.made.program
    for kind, found in (
        ("overlap", check.overlaps(placement)),
        ("out of band", check.outside(placement)),
        ("undrawn", check.undrawn(placement, program)),
        ("rail", check.struck(placement)),
        ("moved", check.moved(placement)),
        ("lone sign", check.bare_signs(placement)),
        ("afar", check.unadjacent(placement)),
        ("small digits", check.readable(placement)),
        ("value", check.wrong_values(placement, evaluate(program))),
    ):
        for what in found:
            yield Problem(kind, "page", "", what)


def moved(page: Page) -> Iterator[Problem]:
    """A matrix, its gradient and its new value have the same cells on three sheets."""
    placement = page.placement
    keys = {box.key: box for box in placement.boxes if box.sheet == 0}
    homes = {(x.matrix, x.rows, x.columns): x for x in keys.values() if x.kind in ("home", "row") and x.matrix}
    for box in placement.boxes if placement.mode == "sheets" else ():
        home = keys.get(box.of) or homes.get((box.of, box.rows, box.columns))
        if box.sheet and home is not None and box.kind == "home":
            there, here = ((x.row, x.column, x.height, x.width) for x in (home, box))
            if there != here:
                what = f"{box.key} hasn't the cells of {home.key}"
                yield page.sheet(box.sheet).problem("moved", box.row, box.column, what)


def changed(page: Page) -> Iterator[Problem]:
    """“After the update” repeats the first sheet's formulas in the same cells; only new weights, and links to what
    stays as it is, differ; numbers of the title rows and of bands where nothing is new are read on the first sheet, or
    in a copy near their reader, which stands for what it links to."""
    sheets = {sheet.plan.title: sheet for sheet in page.sheets}
    after = sheets.get("After the update")
    first = {(r.row, r.column, r.height, r.width): r for r in sheets["Canvas"].plan.regions}
    linked = {
        f"{letters(region.column + j)}{region.row + i}": str(text)
        for region in (after.plan.regions if after else ()) if "@near" in region.name
        for i, row in enumerate(region.formulas or ()) for j, text in enumerate(row)
    }  # fmt: skip
    for region in after.plan.regions if after else ():
        twin = first.get((region.row, region.column, region.height, region.width))
        box = page.boxes.get(region.name)
        if after is None or region.role in (Role.UPDATED, Role.COPY, Role.BIAS) or (box and box.kind == "copy"):
            continue
        if twin is None:
            what = f"{region.name} stands where the Canvas has nothing"
            yield after.problem("changed", region.row, region.column, what)
        elif twin.formulas and region.formulas:
            for a, b in zip(_texts(region), _texts(twin), strict=True):
                read = CELL.sub(lambda cell: linked.get(cell[0], cell[0]), a.replace("$", ""))
                if CANVAS.sub("", read).replace("$", "") != b.replace("$", ""):
                    what = f"{region.name} is ={a}, on the Canvas ={b}"
                    yield after.problem("changed", region.row, region.column, what)
                    break


def _texts(region: Region) -> list[str]:
    return [str(text) for row in region.formulas or () for text in row]


def name(page: Page) -> Iterator[Problem]:
    """Defined names that don't stand for their matrix, and named matrices without one."""
    names = names_of(page.made.plan)
    drawn = {
        (sheet.plan.title, region.row + i, region.column + j): float(value)
        for sheet in page.sheets
        for region in sheet.plan.regions
        if region.role is not Role.VERDICT
        for (i, j), value in np.ndenumerate(region.values)
    }
    for matrix, value in page.made.values.items():
        if excel_name(matrix) in names:
            cells = [drawn[cell] for area in AREA.findall(names[excel_name(matrix)]) for cell in _inside(area)]
            if sorted(cells) != sorted(value.ravel().tolist()):
                yield Problem("name", "page", names[excel_name(matrix)], f"isn't {matrix}")
    program = page.made.program
    fused = {one for band in page.placement.bands for one in band.block.fused}
    wanted = [g.name for g in program.givens]
    wanted += [s.name for s in program.statements if s.kind == "matrix" and not s.auxiliary and s.phase == "forward"]
    for matrix in wanted:
        if matrix not in fused and matrix not in page.placement.parts and excel_name(matrix) not in names:
            yield Problem("name", "page", "", f"{matrix} has none")


def _inside(area: tuple[str, str, str, str, str]) -> Iterator[tuple[str, int, int]]:
    """The cells of a part of a name's reference, row by row."""
    sheet, left, top, right, bottom = area
    for row in range(int(top), int(bottom or top) + 1):
        for column in range(column_number(left), column_number(right or left) + 1):
            yield sheet, row, column


def decimals(page: Page) -> Iterator[Problem]:
    """Rows of a loop that converges whose turns don't have the same decimals, or that hide the last change."""
    canvas = page.sheet(0)
    at = {(r.row, r.column): r for r in canvas.plan.regions}
    rows: dict[tuple[int, int, int], list[Region]] = defaultdict(list)
    for box in page.placement.boxes:
        if box.sheet == 0 and box.kind == "home" and box.phase == "forward" and box.turn is not None and box.expr:
            rows[box.band, box.row, box.zone.sub].append(at[box.row, box.column])
    for turns in rows.values():
        values = [r.values for r in turns]
        changes = [float(abs(b - a).max()) for a, b in pairwise(values) if a.shape == b.shape]
        if len(changes) < 3 or sorted(changes, reverse=True) != changes or not 1e-4 < changes[-1] < changes[0] / 4:
            continue
        forms = [numbers.form(r.values, False, r.decimals) for r in turns]
        shown = [[numbers.shown(v, f) for v in r.values.flat] for r, f in zip(turns[-2:], forms[-2:], strict=True)]
        if len({form.format for form in forms}) > 1 or shown[0] == shown[1]:
            what = f"{turns[0].name} … {turns[-1].name}: {', '.join(dict.fromkeys(f.format for f in forms))}"
            hidden = "; the last change isn't seen" if shown[0] == shown[1] else ""
            yield canvas.problem("decimals", turns[0].row, turns[0].column, what + hidden)


def loss(page: Page) -> Iterator[Problem]:
    """A loss that an update makes larger."""
    program = page.made.program
    for s in program.statements:
        if s.phase == "after" and s.repeats is not None and s.repeats == program.loss:
            old, new = (float(page.made.values[x][0, 0]) for x in (s.repeats, s.name))
            if new > old:
                yield Problem("loss", "page", "", f"{s.repeats} grows from {old:.4g} to {new:.4g}")
