"""Formulas that are filled down and across are those that each cell would get by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from page_checks import placed

from sheetgen.api import program_of
from sheetgen.cells.a1 import Rect
from sheetgen.cells.fill import alike, cell_formulas
from sheetgen.cells.formula import cell_formula
from sheetgen.ir.node import matrix
from sheetgen.layout.drawing.values import rects, with_ones
from sheetgen.spec import read as spec

SPECS = sorted(Path(__file__).parent.parent.joinpath("specs").glob("*.yaml"))


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_filled_formulas_are_the_cells_own(path: Path) -> None:
    placement = placed(program_of(spec.load(path)))
    at, exprs = rects(placement), with_ones(placement)
    made = 0
    for box in placement.boxes:
        expr, sheet = exprs.get(box.key), at[box.key].sheet
        if box.kind == "verdict" or expr is None:
            continue
        filled, array = cell_formulas(expr, (box.height, box.width), at.__getitem__, sheet)
        single = [
            [cell_formula(expr, i, j, at.__getitem__, sheet) for j in range(box.width)] for i in range(box.height)
        ]
        assert filled == tuple(tuple(f.text for f in row) for row in single), box.key
        assert array == any(f.array for row in single for f in row), box.key
        made += 1
    assert made >= 3


def test_from_z_to_aa_and_from_9_to_10() -> None:
    at = {"A": Rect("S", 9, 25, 3, 3)}
    filled, array = cell_formulas(matrix("A", (3, 3)), (3, 3), at.__getitem__, "S")
    assert filled == (("Y9", "Z9", "AA9"), ("Y10", "Z10", "AA10"), ("Y11", "Z11", "AA11"))
    assert alike(matrix("A", (3, 3))) and not array
