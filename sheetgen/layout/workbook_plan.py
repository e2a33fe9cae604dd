"""The whole plan: sheets with their regions, labels, charts and widths, the steps and the legend."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sheetgen.cells.a1 import Rect, letters
from sheetgen.ir.node import shape_text
from sheetgen.ir.program import Program, Statement
from sheetgen.layout import measure
from sheetgen.layout.charts import charts_of
from sheetgen.layout.drawing import Values, regions
from sheetgen.layout.labels import Labels, widths_of
from sheetgen.layout.placement import BACKWARD, CANVAS, UPDATE, Placement
from sheetgen.layout.placer import Placer
from sheetgen.layout.plan import Label, Region, Role, SheetPlan, StepRow, WorkbookPlan
from sheetgen.layout.roles import CAPTIONS, roles
from sheetgen.layout.sizes import sizes

FIRST_ROW, FIRST_COLUMN, SECTIONS = 6, 5, 2
HEADINGS = {BACKWARD: "{title} · backward pass", UPDATE: "{title} · update", CANVAS: "{title}"}
ORDER = (CANVAS, BACKWARD, UPDATE)
DIGITS = str.maketrans("123456789", "000000000")


def plan_workbook(program: Program, values: Values, spec_text: str) -> WorkbookPlan:
    """Lay a program out. Raises LimitError when it doesn't fit into a workbook."""
    placement = Placer(program).run()
    _to_sheet(placement)
    role = roles(program)
    _make_room(placement, role, len(sizes(placement, role)))
    table = sizes(placement, role)  # its formulas refer to the final places
    drawn: dict[str, list[Region]] = {}
    for title, region in regions(placement, values, role):
        drawn.setdefault(title, []).append(region)
    labels = Labels(placement, role)
    for row, size in enumerate(table, FIRST_ROW + 1):
        labels.add(CANVAS, Label(row, SECTIONS, size.caption, "key", align="right"))
        labels.add(CANVAS, Label(row, SECTIONS + 1, str(size.number), "number", align="center", formula=size.formula))
    labels.run()
    labels.sections(SECTIONS)
    written = {sheet: list(found.values()) for sheet, found in labels.found.items()}
    sheets = []
    for title in ORDER:
        if title in drawn:
            charts = charts_of(placement, role, title, drawn[title])
            sheets.append(
                SheetPlan(
                    title,
                    HEADINGS[title].format(title=program.title),
                    tuple(drawn[title]),
                    tuple(written.get(title, ())),
                    charts,
                    _widths(drawn[title], written.get(title, [])),
                    FIRST_ROW,
                )
            )
    steps = _steps(placement)
    used = {region.role for sheet in sheets for region in sheet.regions}
    legend = tuple((kind, caption) for kind, caption in CAPTIONS.items() if kind in used)
    return WorkbookPlan(program.title, tuple(sheets), steps, spec_text, legend, program.about)


def _to_sheet(placement: Placement) -> None:
    """Move everything so that each sheet starts below its head and right of the sections' titles."""
    labelled = {g.name: (bool(g.columns), bool(g.rows)) for g in placement.program.givens}
    tops: dict[str, int] = {}
    lefts: dict[str, int] = {}
    for name, rect in placement.rects.items():
        above, beside = labelled.get(name, (False, False))
        side = placement.sides.get(name) == "left"
        tops[rect.sheet] = min(tops.get(rect.sheet, rect.row), rect.row - 1 - above)
        lefts[rect.sheet] = min(lefts.get(rect.sheet, rect.column), rect.column - (beside or side))
    if placement.program.mirrored and BACKWARD in tops:
        tops[BACKWARD], lefts[BACKWARD] = tops[CANVAS], lefts[CANVAS]
    for name, rect in placement.rects.items():
        placement.rects[name] = replace(
            rect, row=rect.row - tops[rect.sheet] + FIRST_ROW + 1, column=rect.column - lefts[rect.sheet] + FIRST_COLUMN
        )


def _make_room(placement: Placement, role: dict[str, Role], rows: int) -> None:
    """Move the drawing down where the title of a section would stand in the table of sizes."""
    labels = Labels(placement, role)
    labels.sections(SECTIONS)
    sheets = (CANVAS, BACKWARD) if placement.program.mirrored else (CANVAS,)
    titles = [label.row for label in labels.found.get(CANVAS, {}).values() if label.column == SECTIONS]
    down = FIRST_ROW + rows + 2 - min(titles, default=FIRST_ROW + rows + 2)
    if rows and down > 0:
        for name, rect in placement.rects.items():
            if rect.sheet in sheets:
                placement.rects[name] = replace(rect, row=rect.row + down)


def _widths(regions: list[Region], labels: list[Label]) -> tuple[tuple[int, float], ...]:
    """Columns that need more than the default: long numbers, words, the sections' titles."""
    found = {1: 1.7, SECTIONS: widths_of(labels, SECTIONS, 13.0), 3: measure.COLUMN_WIDTH}
    for region in regions:
        if region.values.dtype.kind not in "fiub":
            columns = [max(measure.column_width(v) for v in column) for column in region.values.T]
        else:
            given = region.formulas is None
            columns = [_width(column, given) for column in region.values.T]
        for j, width in enumerate(columns):
            at = region.column + j
            if width > found.get(at, measure.COLUMN_WIDTH):
                found[at] = min(width, 30.0)
    return tuple(sorted(found.items()))


def _extremes(column: np.ndarray) -> np.ndarray:
    """Numbers among which the widest is: all of a short column, the largest and smallest of a long one."""
    return column if len(column) <= 200 else np.array([column.min(), column.max(), *column[:200]])


def _width(column: np.ndarray, given: bool) -> float:
    """All digits are equally wide, so that texts which differ in digits only need one look."""
    shown = (f"{v:g}" if given else measure.shown(v) for v in _extremes(column).tolist())
    widest = max(measure.text_width(text) for text in {text.translate(DIGITS) for text in shown})
    return min(9.0, widest + 1.4) if given else round(widest + 1.4, 1)


def _steps(placement: Placement) -> tuple[StepRow, ...]:
    by_step: dict[int, list[Statement]] = {}
    for s in placement.program.statements:
        by_step.setdefault(s.step, []).append(s)
    rows = []
    for step in placement.program.steps:
        made = by_step.get(step.number, [])
        about = [s for s in made if s.name in step.matrices[:1] and s.kind != "verdict"]
        made = about or made  # the steps of a group share a number
        shown = [s for s in made if not s.auxiliary] or made
        target: Rect | None = None
        if made:
            target = placement.rects[shown[0].name]
        elif step.shows:
            target = placement.rects[step.shows[0]]
        shapes = " ; ".join(_shapes(s) for s in shown[:4]) + (" …" if len(shown) > 4 else "")
        link = f"{target.sheet}!{letters(target.column)}{target.row}" if target else None
        equation = step.equation or "; ".join(f"{s.name}" for s in shown if s.kind == "matrix")
        rows.append(StepRow(step.number, step.section, equation, shapes, step.sentence, link, step.phase))
    return tuple(rows)


def _shapes(s: Statement) -> str:
    text = ", ".join(shape_text(part.shape) for part in s.parts)
    if s.expr.op == "matmul":
        text += f" = {shape_text(s.expr.args[0].shape)} · {shape_text(s.expr.args[1].shape)}"
    return text
