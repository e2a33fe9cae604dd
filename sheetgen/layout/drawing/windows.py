"""The window of a matrix on which a kernel lies, and the cell of the result that comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

from sheetgen.ir.walk import nodes
from sheetgen.layout.geometry.figure import Box
from sheetgen.ops import operation
from sheetgen.ops.base import Cells


def windows(boxes: Iterable[Box]) -> Mapping[str, tuple[Cells, ...]]:
    """Cells of boxes of the forward pass that are marked, by key: of each matrix over which a kernel slides the first
    window that is whole, and of each result the cell that it gives."""
    found: dict[str, dict[Cells, None]] = {}
    for box in boxes:
        for node in nodes(box.expr) if box.sheet == 0 and box.phase == "forward" and box.expr is not None else ():
            window = operation(node).window
            if window is None or not node.args[0].is_matrix:
                continue
            shapes, options = [arg.shape for arg in node.args], dict(node.options)
            places = [(window(i, j, *shapes, **options), (i, j, 1, 1)) for i, j in product(*map(range, node.shape))]
            cells, place = max(places, key=lambda one: one[0][2] * one[0][3])  # the first of them
            if cells[2:] != shapes[1]:  # the kernel has gaps, or lies nowhere whole
                continue
            found.setdefault(node.args[0].name, {})[cells] = None
            found.setdefault(box.key, {})[place] = None
    return {key: tuple(cells) for key, cells in found.items()}
