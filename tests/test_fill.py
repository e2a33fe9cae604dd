"""Formulas that are filled down and across are those that each cell would get by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetgen.api import program_of
from sheetgen.cells.a1 import Rect
from sheetgen.cells.fill import alike, cell_formulas
from sheetgen.cells.formula import cell_formula
from sheetgen.ir.node import matrix
from sheetgen.layout.placer import Placer
from sheetgen.layout.workbook_plan import _to_sheet
from sheetgen.spec import read as spec

SPECS = sorted(Path(__file__).parent.parent.joinpath("specs").glob("*.yaml"))


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_filled_formulas_are_the_cells_own(path: Path) -> None:
    placement = Placer(program_of(spec.load(path))).run()
    _to_sheet(placement)
    rects = placement.rects
    for s in placement.program.statements:
        expr, sheet = placement.exprs.get(s.name), rects[s.name].sheet
        if s.kind != "matrix" or expr is None:
            continue
        filled, array = cell_formulas(expr, s.shape, rects.__getitem__, sheet)
        height, width = s.shape
        single = [[cell_formula(expr, i, j, rects.__getitem__, sheet) for j in range(width)] for i in range(height)]
        assert filled == tuple(tuple(f.text for f in row) for row in single), s.name
        assert array == any(f.array for row in single for f in row), s.name


def test_from_z_to_aa_and_from_9_to_10() -> None:
    rects = {"A": Rect("S", 9, 25, 3, 3)}
    filled, array = cell_formulas(matrix("A", (3, 3)), (3, 3), rects.__getitem__, "S")
    assert filled == (("Y9", "Z9", "AA9"), ("Y10", "Z10", "AA10"), ("Y11", "Z11", "AA11"))
    assert alike(matrix("A", (3, 3))) and not array
