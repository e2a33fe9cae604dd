"""What must hold of every drawn page, as functions on a plan and its placement that return what is wrong."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from sheetgen.api import Workbook
from sheetgen.book import theme
from sheetgen.book.labels import align_of
from sheetgen.book.printing import scale_of
from sheetgen.book.workbook import extent
from sheetgen.cells.a1 import letters
from sheetgen.ir.program import Program
from sheetgen.ir.walk import references
from sheetgen.layout import measure
from sheetgen.layout.drawing.charts import wishes
from sheetgen.layout.drawing.roles import roles
from sheetgen.layout.drawing.values import SHEETS
from sheetgen.layout.geometry.figure import Box, Placement
from sheetgen.layout.geometry.place import place
from sheetgen.layout.plan import Label, Region, Role, SheetPlan, WorkbookPlan
from sheetgen.layout.words.margin import rows
from sheetgen.layout.words.vocabulary import vocabulary

Cell = tuple[int, int]
NEAR, AFAR, ABOVE = 3, 8, 16
"""Gaps that an eye bridges: from an operand at the left, along an arrow, and up a lane."""
SIGNS = frozenset("+−-·×÷*/→−∘<>≤≥=")


def placed(program: Program) -> Placement:
    """Where everything of a program stands."""
    words = vocabulary(program)
    wanted = tuple(wish.request for wish in wishes(program, roles(program)))
    return place(program, lambda block: rows(words, block), wanted)


def problems(made: Workbook) -> list[str]:
    """All that is wrong with a workbook's pages."""
    placement = placed(made.program)
    found = []
    for sheet in made.plan.sheets:
        inside = [*overlaps(sheet), *cut_off(sheet), *out_of_band(sheet), *lone_signs(sheet), *broken_words(sheet)]
        found += [f"{sheet.title}: {problem}" for problem in inside]
    return [
        *found,
        *unreadable(made.plan, made.program),
        *far(placement),
        *moved(placement),
        *crossed(placement),
        *framed(placement),
        *unlinked(made.plan, placement),
        *changed(made.plan),
    ]


# Cells


def hidden(sheet: SheetPlan) -> set[int]:
    """Rows of no height."""
    return {row for row, height in sheet.heights if not height}


def taken(sheet: SheetPlan) -> dict[Cell, list[str]]:
    """What stands in each cell."""
    found: dict[Cell, list[str]] = defaultdict(list)

    def cover(what: str, row: int, column: int, height: int, width: int) -> None:
        for r in range(row, row + height):
            for c in range(column, column + width):
                found[r, c].append(what)

    for region in sheet.regions:
        cover(f"matrix {region.name}", region.row, region.column, region.height, region.width)
    for label in sheet.labels:
        cover(f"text “{label.text}”", label.row, label.column, label.rows, label.columns)
    for line in sheet.diagonals:
        cover("a state line", line.row, line.column, line.rows, 1)
    for chart in sheet.charts:
        if chart.place is not None:
            cover(f"chart {chart.title}", chart.row, chart.column, chart.place.rows, chart.place.columns)
    return found


def overlaps(sheet: SheetPlan) -> list[str]:
    """Things that share a cell."""
    pairs = {tuple(names): cell for cell, names in taken(sheet).items() if len(names) > 1}
    return [f"{' and '.join(names)} share {_name(cell)}" for names, cell in pairs.items()]


def widths(sheet: SheetPlan) -> dict[int, float]:
    """Of the columns, in characters."""
    return defaultdict(lambda: measure.COLUMN_WIDTH, sheet.widths)


def spread(sheet: SheetPlan, label: Label, least: float) -> list[Cell]:
    """The cells beyond its own that a text runs over."""
    if label.rows > 1 or align_of(label) == "fill":
        return []
    wide = widths(sheet)
    look = theme.LABELS[label.style]
    own = sum(wide[label.column + k] for k in range(label.columns))
    over = measure.text_width(label.text, max(look.size, least), look.bold) - own - SLACK
    align = align_of(label)
    cells = []
    for way, share in {"left": ((1, over),), "right": ((-1, over),), "center": ((-1, over / 2), (1, over / 2))}[align]:
        column = label.column if way < 0 else label.column + label.columns - 1
        while share > 0 and column > 0:
            column += way
            cells.append((label.row, column))
            share -= wide[column]
    return cells


SLACK = 0.35
"""Characters by which a text may be wider than its cell: less than the padding of the cell."""


def smallest(sheet: SheetPlan) -> float:
    """Points of the smallest text."""
    wide = dict(sheet.widths)
    right, _ = extent(sheet, wide)
    whole = sum(wide.get(column, measure.COLUMN_WIDTH) for column in range(1, right + 1))
    return theme.SMALLEST_PRINT / scale_of(sheet, whole)


def cut_off(sheet: SheetPlan) -> list[str]:
    """Texts that run into what stands beside them, or off the page."""
    full, gone, least = taken(sheet), hidden(sheet), smallest(sheet)
    found = []
    for label in sheet.labels:
        if label.row in gone:
            continue
        for cell in spread(sheet, label, least):
            what = full.get(cell, []) or (["the page's edge"] if not 1 <= cell[1] <= sheet.last_column else [])
            if what:
                found.append(f"{label.style} “{label.text}” at {_name((label.row, label.column))} runs into {what[0]}")
                break
    return found


def out_of_band(sheet: SheetPlan) -> list[str]:
    """Texts, matrices and charts below the head that aren't inside of one band."""
    bands = [range(band.first_row, band.last_row + 1) for band in sheet.bands]

    def inside(first: int, rows: int) -> bool:
        return any(first in band and first + rows - 1 in band for band in bands)

    things = [(f"text “{x.text}”", x.row, x.rows) for x in sheet.labels if x.row >= sheet.first_row]
    things += [(f"matrix {x.name}", x.row, x.height) for x in sheet.regions if x.row >= sheet.first_row]
    things += [(f"chart {x.title}", x.row, x.place.rows) for x in sheet.charts if x.place is not None]
    return [f"{what} at row {row} leaves its band" for what, row, rows in things if not inside(row, rows)]


# Signs and lines


def lone_signs(sheet: SheetPlan) -> list[str]:
    """Captions that are only an operator, and signs in gutters without a matrix on both sides of their row."""
    matrices = {(r.row + i, r.column + j) for r in sheet.regions for i in range(r.height) for j in range(r.width)}
    gone = hidden(sheet)
    found = []
    for label in sheet.labels:
        if label.row in gone or label.row < sheet.first_row:
            continue
        if label.style in ("name", "hint") and set(re.sub(r"^[①-⑳]|^\(\d+\)", "", label.text).strip()) <= SIGNS:
            found.append(f"caption “{label.text}” at {_name((label.row, label.column))}")
        if label.style == "arrow" and label.text in SIGNS and not _between(label, matrices):
            found.append(f"sign “{label.text}” at {_name((label.row, label.column))} points at nothing")
    return found


def _between(label: Label, matrices: set[Cell]) -> bool:
    """Whether a sign has a matrix on both sides, or above and below it."""
    row, column = label.row, label.column
    level = [any((row, column + way * k) in matrices for k in range(1, AFAR + 2)) for way in (-1, 1)]
    return all(level) or {(row - 1, column), (row + 1, column)} <= matrices


def crossed(placement: Placement) -> list[str]:
    """Rails that run through a matrix or along its edge, without starting or ending there."""
    found = []
    for rail in placement.rails:
        rows_ = range(min(rail.source_row, rail.target_row), max(rail.source_row, rail.target_row) + 1)
        for box in placement.boxes:
            beside = box.column - 1 <= rail.column <= box.column + box.width - 1
            if box.sheet == rail.sheet and beside and any(r in rows_ for r in range(box.row, box.row + box.height)):
                found.append(
                    f"the rail from {rail.source} to {rail.target}, column {letters(rail.column)}, touches {box.key}"
                )
    return found


def unlinked(plan: WorkbookPlan, placement: Placement) -> list[str]:
    """State lines without a line and rails without an arrow head."""
    sheets = {SHEETS.index(sheet.title): sheet for sheet in plan.sheets}
    found = []
    for link in placement.links:
        sheet = sheets[link.sheet]
        heads = {(x.row, x.column) for x in sheet.labels if x.text in ("▸", "◂")}
        drawn = (
            any(x.column == link.column for x in sheet.diagonals) or link.wraps or link.source_row == link.target_row
        )
        where = link.source_row if link.wraps else link.target_row
        if not drawn or (where, link.column) not in heads:
            found.append(f"{sheet.title}: the state line from {link.source} to {link.target} isn't drawn")
    for rail in placement.rails:
        if not any(x.row == rail.target_row and x.text.startswith("◄") for x in sheets[rail.sheet].labels):
            found.append(f"{sheets[rail.sheet].title}: the rail from {rail.source} to {rail.target} has no head")
    return found


def broken_words(sheet: SheetPlan) -> list[str]:
    """Verdicts with words that are wider than their column."""
    wide = widths(sheet)
    found = []
    for region in sheet.regions:
        if region.role is not Role.VERDICT:
            continue
        for j, text in enumerate(region.values[0]):
            for word in str(text).split():
                if measure.text_width(word, 8, True) > wide[region.column + j]:
                    found.append(f"the word “{word}” of {region.name} is wider than its column")
                    break
    return found


def framed(placement: Placement) -> list[str]:
    """Frames whose border is the edge of a matrix, or runs through one."""
    found = []
    for frame in placement.frames:
        sides = {frame.column, frame.column + frame.width - 1}
        for box in placement.boxes:
            inside = frame.row <= box.row < frame.row + frame.height and box.sheet == frame.sheet
            if inside and ({box.column, box.column + box.width - 1} & sides):
                found.append(
                    f"the frame of turn {frame.turn} ({letters(min(sides))}:{letters(max(sides))}) touches "
                    f"{box.key} ({_at(box)})"
                )
    return found


# Words


def words(sheet: SheetPlan) -> Iterator[Label]:
    """The texts that are made of formulas or names."""
    return (x for x in sheet.labels if x.style not in ("title", "subtitle", "sentence", "label", "badge"))


def unreadable(plan: WorkbookPlan, program: Program) -> list[str]:
    """Texts with names that only the compiler knows, or with Python in them."""
    authors = {g.name for g in program.givens} | {
        s.name for s in program.statements if s.phase == "forward" and not s.auxiliary
    }
    helpers = {s.name for s in program.statements if "_" in s.name} - authors
    found = []
    for sheet in plan.sheets:
        for label in words(sheet):
            names = set(re.findall(r"[A-Za-z]\w*", label.text)) & helpers
            bad = [part for part in ("@", "**", "[:", ":,", "dL_d", "_pre", "axis=") if part in label.text]
            bad = [part for part in bad if not any(part in name for name in authors)]
            if names or bad:
                found.append(f"{sheet.title}: {label.style} “{label.text}” says {', '.join([*sorted(names), *bad])}")
    return found


# Who reads what


def far(placement: Placement) -> list[str]:
    """Operands of the forward pass's products that are neither beside the product nor above it."""
    boxes = {box.key: box for box in placement.boxes}
    found = []
    for box in placement.boxes:
        if box.phase != "forward" or box.expr is None or box.expr.op != "matmul" or box.kind != "home":
            continue
        for ref in references(box.expr):
            operand = boxes.get(ref.name)
            if operand is None:
                found.append(f"{box.key} reads {ref.name}, which stands nowhere")
            elif operand.matrix not in placement.big and not adjacent(box, operand) and operand.band >= 0:
                found.append(
                    f"{box.key} ({_at(box)}) reads {operand.key} ({_at(operand)}), which isn't beside or above it"
                )
    return found


def adjacent(box: Box, operand: Box) -> bool:
    """Whether an operand stands left of a product, or above it."""
    if operand.sheet != box.sheet:
        return False
    level = operand.row < box.row + box.height and box.row < operand.row + operand.height
    above = operand.column < box.column + box.width and box.column < operand.column + operand.width
    if level and operand.column < box.column:
        return box.turn is not None or box.column - operand.column - operand.width <= AFAR
    return above and 0 <= box.row - operand.row - operand.height <= ABOVE + 8


def moved(placement: Placement) -> list[str]:
    """On further sheets a matrix, its gradient and its new value have the same cells."""
    if placement.mode != "sheets":
        return []
    homes = {
        box.matrix: box for box in placement.boxes if box.sheet == 0 and box.kind in ("home", "row") and box.matrix
    }
    keys = {box.key: box for box in placement.boxes if box.sheet == 0}
    found = []
    for box in placement.boxes:
        home = keys.get(box.of) or homes.get(box.of)
        same = home and (box.row, box.column, box.height, box.width) == (home.row, home.column, home.height, home.width)
        if box.sheet and home is not None and box.kind == "home" and not same:
            found.append(f"{box.key} on sheet {box.sheet} stands at {_at(box)}, {box.of} at {_at(home)}")
    return found


def changed(plan: WorkbookPlan) -> list[str]:
    """“After the update” repeats the first sheet's formulas in the same cells; only new weights, links to what stays as
    it is, and numbers of the title rows differ."""
    sheets = {sheet.title: sheet for sheet in plan.sheets}
    after = sheets.get("After the update")
    if after is None:
        return []
    first = {(r.row, r.column, r.height, r.width): r for r in sheets["Canvas"].regions}
    found = []
    for region in after.regions:
        twin = first.get((region.row, region.column, region.height, region.width))
        if twin is None:
            found.append(f"{after.title}: {region.name} stands where the Canvas has nothing")
        elif region.role not in (Role.UPDATED, Role.COPY, Role.BIAS) and twin.formulas and region.formulas:
            a, b = _formula(region), _formula(twin)
            if TITLE_NUMBER.sub(r"\1", a).replace("$", "") != b.replace("$", ""):
                found.append(f"{after.title}: {region.name} is ={a}, on the Canvas ={b}")
    return found


TITLE_NUMBER = re.compile(r"'Canvas'!(\$?[A-Z]+\$?[2-5])(?!\d)")
"""A number in the rows of the title, which stands on the first sheet only."""


def _formula(region: Region) -> str:
    return str(region.formulas[0][0]) if region.formulas else ""


def _at(box: Box) -> str:
    return f"{letters(box.column)}{box.row}:{letters(box.column + box.width - 1)}{box.row + box.height - 1}"


def _name(cell: Cell) -> str:
    return f"{letters(cell[1])}{cell[0]}"
