"""What stands in each box: numpy's numbers, and the formulas that read other boxes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgen.book.cells.a1 import Rect
from sheetgen.book.cells.fill import Formulas, cell_formulas
from sheetgen.book.cells.formula import block_formula
from sheetgen.book.cells.verdicts import LIKELY, verdicts
from sheetgen.ir.program import Program
from sheetgen.ir.walk import references
from sheetgen.page.figure import Box, Placement
from sheetgen.passes.evaluate import clean, value_of

SHEETS = ("Canvas", "Gradients", "After the update")
"""Titles by the number of a box's sheet."""
LARGE = 1600
"""From so many cells on a matrix is one array formula, unless the spec says otherwise. Engines are up to twice as
fast then (docs/benchmarks.md); below it, that isn't felt, and a formula in each cell is easier to read."""
MOST_MMULT = 5461
"""Cells that a block's MMULT may have, as Excel's reference has it."""

Values = Mapping[str, np.ndarray]


def rects(placement: Placement) -> dict[str, Rect]:
    """Where each box stands, by its key."""
    return {b.key: Rect(SHEETS[b.sheet], b.row, b.column, b.height, b.width) for b in placement.boxes}


def box_values(placement: Placement, program: Program, values: Values) -> dict[str, np.ndarray]:
    """numpy's numbers of each box by key; a verdict's are texts.

    Homes show the program's own values; copies, shares and helpers are worked out from what they read.
    """
    words = {s.name: s.words or LIKELY for s in program.statements if s.kind == "verdict"}
    found: dict[str, np.ndarray] = {}
    waiting = list(placement.boxes)
    while waiting:
        left = []
        for box in waiting:
            if box.kind == "home" and box.matrix in values:
                found[box.key] = _shown(box, values[box.matrix])
            elif box.expr is None:
                found[box.key] = np.ones((box.height, box.width))
            elif any(ref.name not in found for ref in references(box.expr)):
                left.append(box)
            elif box.kind == "verdict":
                found[box.key] = verdicts(value_of(box.expr, found), words[box.matrix])
            else:
                found[box.key] = clean(np.asarray(value_of(box.expr, found), dtype=float))
        if len(left) == len(waiting):
            raise ValueError(f"boxes that read each other in a circle: {', '.join(box.key for box in left[:5])}")
        waiting = left
    return found


def _shown(box: Box, value: np.ndarray) -> np.ndarray:
    """The part of a matrix that stands in a box, turned as it is there."""
    value = value[slice(*box.rows) if box.rows else slice(None), slice(*box.columns) if box.columns else slice(None)]
    return value.T if box.turned else value


def formulas(
    box: Box, at: Mapping[str, Rect], mode: str
) -> tuple[Formulas | None, bool, str | None]:
    """A box's formulas cell by cell, whether they must be array formulas, and instead of them the one formula of the
    whole box where that is wished for (`mode` blocks) or, with `auto`, where the box is large."""
    if box.expr is None:
        return (None if box.kind == "home" else (("1",) * box.width,) * box.height), False, None
    sheet, cells = SHEETS[box.sheet], box.height * box.width
    if cells > 1 and (mode == "blocks" or (mode == "auto" and cells >= LARGE)):
        block = None if box.expr.kind == "product" and cells > MOST_MMULT else block_formula(box.expr, at.__getitem__, sheet)
        if block is not None:
            return None, False, block
    made, array = cell_formulas(box.expr, (box.height, box.width), at.__getitem__, sheet)
    return made, array, None
