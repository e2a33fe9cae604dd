"""What must hold of every page: the grammar's list, as functions on a placement that return problems."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

import numpy as np

from sheetgen.ir.program import Program
from sheetgen.layout.geometry import nodes
from sheetgen.layout.geometry.figure import Box, Placement
from sheetgen.layout.geometry.fit import DIGITS, LEAST, printed
from sheetgen.layout.geometry.text import bordered
from sheetgen.passes.evaluate import evaluate, value_of

NEAR_ABOVE, NEAR_LEFT = 3, 2
"""Rows (captions, 1s, arrows) and gutters between a product and its operands."""
BRANCH = 16 + NEAR_ABOVE
"""Rows up to which a lane's box is read as a branch input."""
MARGINS = 12
"""More of them where bands lie between, for the texts in their margins."""


def problems(placement: Placement, program: Program) -> list[str]:
    """Everything that is wrong with a page; `unadjacent` and `readable` tell what may have a reason."""
    values = evaluate(program)
    return [
        *overlaps(placement),
        *outside(placement),
        *unknown(placement),
        *(wrong_values(placement, values) if not unknown(placement) else []),
        *undrawn(placement, program),
        *struck(placement),
        *(f"a border of {frame.turn} cuts {box.key}" for box, frame in bordered(placement.boxes, placement.frames)),
        *moved(placement),
        *bare_signs(placement),
    ]


def overlaps(placement: Placement) -> list[str]:
    """Boxes, captions, pictures and frames that share a cell, two boxes with one key, and cells off the sheet."""
    taken: dict[tuple[int, int, int], str] = {}
    found = []
    keys: set[str] = set()
    for box in placement.boxes:
        if box.key in keys:
            found.append(f"there are two boxes {box.key}")
        keys.add(box.key)
        for cell in _cells(box):
            if min(cell[1:]) < 1 or (box.band >= 0 and cell[2] < 3):
                found.append(f"{box.key} stands at row {cell[1]}, column {cell[2]}")
                break
            if cell in taken:
                found.append(f"{box.key} and {taken[cell]} share row {cell[1]}, column {cell[2]} of sheet {cell[0]}")
                break
            taken[cell] = box.key
    for name, area in _areas(placement):
        inside = {taken[cell] for cell in area if cell in taken}
        if inside:
            found.append(f"{name} lies on {', '.join(sorted(inside))}")
        taken.update((cell, name) for cell in area)
    return found


def _cells(box: Box) -> Iterator[tuple[int, int, int]]:
    """The cells of a box and of the part of its caption that it owns."""
    for row in range(box.row, box.row + box.height):
        for column in range(box.column, box.column + box.width):
            yield box.sheet, row, column
    if box.caption is not None:
        for column in range(box.caption.column, box.caption.column + min(box.width, box.caption.columns)):
            yield box.sheet, box.caption.row, column


def _areas(placement: Placement) -> Iterator[tuple[str, set[tuple[int, int, int]]]]:
    """The cells of pictures; those of frames that aren't a Look closer's own."""
    own = {frame.key: {c for b in placement.boxes if frame.key in (b.key, b.key.split("@")[0]) for c in _cells(b)}
           for frame in placement.frames}  # fmt: skip
    for n, picture in enumerate(placement.pictures):
        yield (
            f"picture {n}",
            {
                (0, row, column)
                for row in range(picture.row, picture.row + picture.height)
                for column in range(picture.column, picture.column + picture.width)
            },
        )
    for frame in placement.frames:
        if frame.kind == "closer":
            yield (
                frame.key,
                {
                    (frame.sheet, row, column)
                    for row in range(frame.row, frame.row + frame.height)
                    for column in range(frame.column, frame.column + frame.width)
                }
                - own[frame.key],
            )


def outside(placement: Placement) -> list[str]:
    """Boxes, captions, frames and pictures that leave their band."""
    bands = {band.block.index: band for band in placement.bands}
    found = []
    for box in placement.boxes:
        if box.band >= 0:
            band = bands[box.band]
            if not band.first_row <= box.top < box.below <= band.last_row + 1:
                found.append(f"{box.key} leaves its band")
    areas = [(f.band, f.last_band, f.row, f.height) for f in placement.frames]
    areas += [(p.band, p.band, p.row, p.height) for p in placement.pictures]
    for first, last, row, height in areas:
        if row < bands[first].first_row or row + height - 1 > bands[last].last_row:
            found.append(f"a frame or picture at row {row} leaves its band")
    rows = [(band.first_row, band.last_row) for band in placement.bands]
    if any(a[1] >= b[0] for a, b in pairwise(rows)):
        found.append("bands overlap")
    return found


def unknown(placement: Placement) -> list[str]:
    """Formulas that read what stands nowhere."""
    keys = {box.key for box in placement.boxes}
    return [
        f"{box.key} reads {ref.name}, which stands nowhere"
        for box in placement.boxes
        if box.expr is not None
        for ref in box.expr.references
        if ref.name not in keys
    ]


def box_values(placement: Placement, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What each box's formula gives, from the given numbers in `values` on. Raises ValueError for a circle."""
    boxes = {box.key: box for box in placement.boxes}
    found: dict[str, np.ndarray] = {}
    for start in boxes:
        todo = [start]
        while todo:
            box = boxes[todo[-1]]
            reads = () if box.expr is None else box.expr.references
            missing = [ref.name for ref in reads if ref.name not in found]
            if len(todo) > len(boxes):
                raise ValueError(f"{start} reads itself")
            if box.key not in found and not missing:
                found[box.key] = part_value(box, values[box.matrix]) if box.expr is None else value_of(box.expr, found)
            if missing:
                todo.append(missing[0])
            else:
                todo.pop()
    return found


def part_value(box: Box, whole: np.ndarray) -> np.ndarray:
    """The numbers of a matrix that stand in a box."""
    rows, columns = box.rows or (0, whole.shape[0]), box.columns or (0, whole.shape[1])
    part = whole[slice(*rows), slice(*columns)]
    return part.T if box.turned else part


def wrong_values(placement: Placement, values: Mapping[str, np.ndarray]) -> list[str]:
    """Boxes whose formula doesn't give the numbers of the matrix that they show, to 1e-9."""
    found = []
    boxes, made = {box.key: box for box in placement.boxes}, box_values(placement, values)
    for key, value in made.items():
        box = boxes[key]
        if value.shape != (box.height, box.width):
            found.append(f"{key} is {box.height}×{box.width}, its formula gives {value.shape[0]}×{value.shape[1]}")
        elif box.matrix and box.kind != "verdict":
            right = part_value(box, values[box.matrix] if box.matrix in values else made[box.matrix])
            scale = max(1.0, float(np.abs(right).max()))
            if np.abs(value - right).max() > 1e-9 * scale:
                found.append(f"{key} isn't {box.matrix}")
    return found


def undrawn(placement: Placement, program: Program) -> list[str]:
    """Given matrices and named statements that have no box."""
    shown = {box.matrix for box in placement.boxes} | placement.parts.keys() | {box.key for box in placement.boxes}
    wanted = [given.name for given in program.givens]
    wanted += [s.name for s in program.statements if not s.auxiliary or s.kind != "matrix"]
    fused = {name for band in placement.bands for name in band.block.fused}
    owned = {s.name for s in program.statements if s.phase == "backward" and s.gradient_of in _helpers(program)}
    return [f"{name} stands nowhere" for name in wanted if name not in shown | fused | owned]


def _helpers(program: Program) -> set[str]:
    """Statements that may be fused, and numbers of the title rows: their gradients may have no box."""
    return {s.name for s in program.statements if s.auxiliary}


def struck(placement: Placement) -> list[str]:
    """Rails that run through a box, a frame or a picture, arrows and state lines that run through a box."""
    rows: dict[tuple[int, int], list[Box]] = defaultdict(list)
    for box in placement.boxes:
        for row in range(box.row, box.row + box.height):
            rows[box.sheet, row].append(box)

    def hits(sheet: int, row: int, first: int, last: int) -> list[str]:
        return [b.key for b in rows[sheet, row] if b.column <= last and b.column + b.width > first]

    found = []
    for rail in placement.rails:
        for row in rail.rows:
            for key in hits(rail.sheet, row, rail.column, rail.column):
                found.append(f"the rail from {rail.source} runs through {key}")
    for name, area in _areas(placement):
        found += [f"the rail from {rail.source} runs through {name}" for rail in placement.rails
                  if any((rail.sheet, row, rail.column) in area for row in rail.rows)]  # fmt: skip
    for link in placement.links:
        for (row, column), (below, right) in pairwise(link.path):
            upper, lower, left = min(row, below), max(row, below), min(column, right)
            sides = (column - 1, column) if column == right else (left,)
            beside = [(r, c) for r in range(upper, lower) for c in sides]
            beside += [(r, c) for c in range(left, max(column, right)) for r in (row - 1, row) if row == below]
            for key in {key for r, c in beside for key in hits(link.sheet, r, c, c)}:
                found.append(f"the state line from {link.source} runs along {key}")
    for arrow in placement.arrows:
        for row in range(arrow.first_row, arrow.last_row + 1):
            for key in hits(arrow.sheet, row, arrow.first_column, arrow.last_column):
                found.append(f"the arrow to {arrow.target} runs through {key}")
    return found


def moved(placement: Placement) -> list[str]:
    """Boxes of further sheets that don't have the cells of what they belong to; copies near readers have others."""
    first = {(box.row, box.column, box.height, box.width) for box in placement.boxes if box.sheet == 0}
    bands = {band.block.index for band in placement.bands if band.block.title or band.block.steps}
    later = [box for box in placement.boxes if box.sheet > 0 and box.band in bands]
    return [
        f"{box.key} stands in cells of its own on sheet {box.sheet}"
        for box in later
        if box.kind != "copy" or box.key.endswith("@again")
        if (box.row, box.column, box.height, box.width) not in first
    ]


def bare_signs(placement: Placement) -> list[str]:
    """Arrows that don't lead from the edge of a box to that of another on the same rows."""
    boxes = {box.key: box for box in placement.boxes}
    found = []
    for arrow in placement.arrows:
        a, b = boxes[arrow.source], boxes[arrow.target]
        left, right = (b, a) if a.column > b.column else (a, b)
        ends = left.column + left.width <= arrow.first_column <= arrow.last_column < right.column
        if not ends or not all(box.row <= arrow.first_row <= arrow.last_row < box.row + box.height for box in (a, b)):
            found.append(f"the sign from {arrow.source} to {arrow.target} stands alone")
    return found


def unadjacent(placement: Placement) -> list[str]:
    """Operands of products that stand neither left of them nor above them, those too big for a copy left out."""
    boxes = {box.key: box for box in placement.boxes}
    found = []
    for box in placement.boxes:
        if box.kind == "home" and box.phase == "forward" and box.expr is not None and nodes.is_product(box.expr):
            operands = {ref.name: boxes[ref.name] for ref in box.expr.references}
            for name, operand in operands.items():
                if operand.matrix not in placement.big and not _adjacent(operand, box, operands.values()):
                    found.append(f"{box.key} reads {name} from afar")
    return found


def _adjacent(operand: Box, result: Box, operands: Iterable[Box]) -> bool:
    """Above in the same columns, or left on the same rows, with other operands such as a bias in between; in a loop, in
    the slot of the first turn."""
    if operand.sheet != result.sheet:
        return False
    if operand.column == result.column and operand.row + operand.height <= result.row:
        return result.row - operand.row - operand.height <= BRANCH + MARGINS * (operand.band != result.band)
    end = operand.column + operand.width
    between = [b.width for b in operands if b.row == result.row and end <= b.column < result.column]
    gap = result.column - end - sum(between)
    same = operand.row < result.row + result.height and operand.row + operand.height > result.row
    same = same or (operand.zone.part == 0 and operand.columns is not None)  # a fold
    shared = operand.zone.part == 0 and operand.zone.turn == 0 and operand.band == result.band
    beside = operand.zone.part == 0 and operand.zone.turn == result.zone.turn
    return same and (shared or beside or 0 <= gap <= NEAR_LEFT)


def readable(placement: Placement) -> list[str]:
    """Digits that print smaller than 7 points."""
    points = DIGITS * printed(placement.columns)[1]
    return [] if points >= LEAST else [f"digits print at {points:.1f} pt"]
