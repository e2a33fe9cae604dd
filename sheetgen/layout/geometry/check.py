"""What must hold of every page: the grammar's list, as functions on a placement that return problems."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgen.layout.geometry import nodes
from sheetgen.layout.geometry.figure import Box, Placement
from sheetgen.passes.evaluate import value_of


def overlaps(placement: Placement) -> list[str]:
    """Boxes and captions that share a cell."""
    taken: dict[tuple[int, int, int], str] = {}
    problems = []
    for box in placement.boxes:
        cells = [(box.sheet, r, c) for r in range(box.row, box.row + box.height) for c in range(box.column, box.column + box.width)]
        if box.caption is not None:
            cells += [(box.sheet, box.caption.row, c) for c in range(box.caption.column, box.caption.column + box.width)]
        for cell in cells:
            if cell in taken:
                problems.append(f"{box.key} and {taken[cell]} share row {cell[1]}, column {cell[2]} of sheet {cell[0]}")
                break
            taken[cell] = box.key
        if box.row < 1 or box.column < 1:
            problems.append(f"{box.key} stands at {box.row}, {box.column}")
    return problems


def outside(placement: Placement) -> list[str]:
    """Boxes that leave their band."""
    bands = {band.block.index: band for band in placement.bands}
    return [
        f"{box.key} leaves its band"
        for box in placement.boxes
        if box.band >= 0
        and not bands[box.band].first_row <= box.row - (box.caption is not None) <= box.row + box.height - 1 <= bands[box.band].last_row
    ]


def box_values(placement: Placement, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What each box's formula gives, from the given numbers on: `values` has those."""
    boxes = {box.key: box for box in placement.boxes}
    found: dict[str, np.ndarray] = {}
    for start in boxes:
        todo = [start]
        while todo:
            key = todo[-1]
            box = boxes[key]
            if key in found:
                todo.pop()
            elif box.expr is None:
                found[key] = part_value(box, values[box.matrix])
            else:
                missing = [r.name for r in nodes.references(box.expr) if r.name not in found]
                if not missing:
                    found[key] = value_of(box.expr, found)
                elif len(todo) > len(boxes):
                    raise ValueError(f"{key} reads itself")
                todo += missing
    return found


def part_value(box: Box, whole: np.ndarray) -> np.ndarray:
    """The numbers of a matrix that stand in a box."""
    rows, columns = box.rows or (0, whole.shape[0]), box.columns or (0, whole.shape[1])
    part = whole[slice(*rows), slice(*columns)]
    return part.T if box.turned else part


def wrong_values(placement: Placement, values: Mapping[str, np.ndarray]) -> list[str]:
    """Boxes whose formula doesn't give the matrix that they show."""
    problems = []
    for box in placement.boxes:
        for ref in nodes.references(box.expr) if box.expr is not None else ():
            if not any(ref.name == other.key for other in placement.boxes if other.key == ref.name):
                problems.append(f"{box.key} reads {ref.name}, which stands nowhere")
    if problems:
        return problems
    found = box_values(placement, values)
    for box in placement.boxes:
        value = found[box.key]
        if value.shape != (box.height, box.width):
            problems.append(f"{box.key} is {box.height}×{box.width}, its formula gives {value.shape}")
        elif box.matrix and not np.allclose(value, part_value(box, values[box.matrix]), rtol=1e-9, atol=1e-12):
            problems.append(f"{box.key} isn't {box.matrix}")
    return problems


def undrawn(placement: Placement, values: Mapping[str, np.ndarray], fused: frozenset[str]) -> list[str]:
    """Matrices of the program that stand nowhere though no formula takes them in."""
    shown = {box.matrix for box in placement.boxes}
    return [f"{name} stands nowhere" for name in values if name not in shown and name not in fused]
