"""What stands in each box: numpy's numbers, and the formulas that read other boxes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sheetgen.cells.a1 import Rect
from sheetgen.cells.area import area
from sheetgen.cells.fill import Alike, Formulas
from sheetgen.cells.formula import block_formula
from sheetgen.cells.verdicts import LIKELY, verdicts
from sheetgen.ir.node import Node, call, matrix, number
from sheetgen.ir.program import Program
from sheetgen.layout.geometry.figure import Box, Placement
from sheetgen.names import DRAWN
from sheetgen.passes.evaluate import clean, value_of

STACKS = ("hstack", "vstack")
"""What puts the left and the upper operand of a product together."""
LARGE = 1600
"""From so many cells on a matrix is one array formula, unless the spec says otherwise. Engines are up to twice as
fast then (docs/benchmarks.md); below it, that isn't felt, and a formula in each cell is easier to read."""
MOST_MMULT = 5461
"""Cells that a block's MMULT may have, as Excel's reference has it."""

Values = Mapping[str, np.ndarray]


def rects(placement: Placement) -> dict[str, Rect]:
    """Where each box stands, by its key."""
    return {b.key: Rect(DRAWN[b.sheet], b.row, b.column, b.height, b.width) for b in placement.boxes}


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
            elif any(ref.name not in found for ref in box.expr.references):
                left.append(box)
            elif box.kind == "verdict":
                found[box.key] = verdicts(value_of(box.expr, found), words[box.key])
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


def with_ones(placement: Placement) -> dict[str, Node]:
    """Each box's expression, by key, in which a row or column of ones that stands where a product needs it is read
    like any other operand, so that one MMULT takes the bias in."""
    at = {(b.sheet, b.row, b.column, b.height, b.width): b.key for b in placement.boxes if b.kind == "ones"}
    where = rects(placement)
    return {b.key: _ones_read(b, at, where) for b in placement.boxes if b.expr is not None}


def _ones_read(box: Box, at: Mapping[tuple[int, int, int, int, int], str], where: Mapping[str, Rect]) -> Node:
    expr = box.expr
    if expr is None or expr.op != "matmul" or not at:
        return expr or number(1)
    left, right = (_stack_read(arg, stack, box.sheet, at, where) for arg, stack in zip(expr.args, STACKS, strict=True))
    return call("matmul", left, right)


def _stack_read(
    node: Node, stack: str, sheet: int, at: Mapping[tuple[int, int, int, int, int], str], where: Mapping[str, Rect]
) -> Node:
    """A stack of one operand and ones, with the ones behind it read from the page if they stand there."""
    if node.op != stack or len(node.args) < 2 or node.args[-1].op != "ones":
        return node
    first = call(stack, *node.args[:-1]) if len(node.args) > 2 else node.args[0]
    found = area(first, where.__getitem__)
    if found is None:
        return node
    rect, ones = found.rect, node.args[-1]
    down = (stack == "vstack") != found.flipped
    size = ones.shape[::-1] if found.flipped else ones.shape
    place = (rect.row + rect.height, rect.column) if down else (rect.row, rect.column + rect.width)
    key = at.get((sheet, *place, *size)) if rect.sheet == DRAWN[sheet] else None
    if key is None:
        return node
    there = matrix(key, size)
    return call(stack, *node.args[:-1], call("transpose", there) if found.flipped and size != (1, 1) else there)


class Written(NamedTuple):
    """A box's formulas cell by cell, whether they must be array formulas, or instead of them one formula of the whole
    box."""

    cells: Formulas | None = None
    array: bool = False
    block: str | None = None


@lru_cache(2)
def formulas(placement: Placement, mode: str) -> Mapping[str, Written]:
    """The formulas of all boxes, by key; one for a whole box where that is wished for (`mode` blocks) or, with `auto`,
    where the box is large. Pages that stand in the same places share them."""
    at, exprs = rects(placement), with_ones(placement)
    alike = Alike({box.key for box in placement.boxes if box.turn is None})
    return {box.key: _written(box, exprs.get(box.key), at, mode, alike) for box in placement.boxes}


def _written(box: Box, expr: Node | None, at: Mapping[str, Rect], mode: str, alike: Alike) -> Written:
    if box.kind == "ones":
        return Written((("1",) * box.width,) * box.height)
    if expr is None:
        return Written()
    sheet, cells = DRAWN[box.sheet], box.height * box.width
    if cells > 1 and (mode == "blocks" or (mode == "auto" and cells >= LARGE)):
        block = None if expr.kind == "product" and cells > MOST_MMULT else block_formula(expr, at.__getitem__, sheet)
        if block is not None:
            return Written(block=block)
    return Written(*alike.cell_formulas(expr, (box.height, box.width), at.__getitem__, sheet, box.row))
