"""Formulas that are filled down and across are those that each cell would get by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from by_specs import SPECS
from page_checks import placed

from sheetgen.api import program_of
from sheetgen.cells.a1 import Rect
from sheetgen.cells.fill import Alike, breaks, cell_formulas, even
from sheetgen.cells.formula import cell_formula
from sheetgen.ir.node import Node, call, matrix
from sheetgen.lang.show import show
from sheetgen.layout.drawing.values import rects, with_ones
from sheetgen.ops.views import cut, stack
from sheetgen.spec import read as spec


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
    assert even(matrix("A", (3, 3))) and not array


A, B, C, X = matrix("A", (2, 3)), matrix("B", (4, 3)), matrix("C", (2, 3)), matrix("X", (3, 5))
PIECES: list[tuple[Node, set[int], set[int]]] = [
    (stack(0, [A, B, C]), {2, 6}, set()),
    (stack(0, [A, B, C]).T, set(), {2, 6}),
    (cut(stack(0, [A, B, C]), 0, 1, 7), {1, 5}, set()),
    (cut(stack(0, [A, B, C]), 0, 2, 6), set(), set()),
    (stack(1, [stack(0, [A, B]).T, stack(0, [C, B]).T]), set(), {2, 6, 8}),
    (stack(0, [A, B]) @ X, {2}, set()),
    (X.T @ stack(0, [A, B]).T, set(), {2}),
    (stack(0, [A, B]) @ X + (stack(0, [B, A]) @ X) * cut(cut(stack(0, [A, B, C]), 0, 3, 4), 1, 1, 2), {2, 4}, set()),
]


@pytest.mark.parametrize(("expr", "rows", "columns"), PIECES, ids=[show(expr) for expr, _, _ in PIECES])
def test_pieces_are_filled_one_by_one(expr: Node, rows: set[int], columns: set[int]) -> None:
    at = {name: Rect("S", 3, 4 + 7 * k, *node.shape) for k, (name, node) in enumerate(
        {"A": A, "B": B, "C": C, "X": X}.items())}  # fmt: skip
    assert even(expr) and (breaks(expr, 0), breaks(expr, 1)) == (rows, columns)
    filled, _ = cell_formulas(expr, expr.shape, at.__getitem__, "S")
    height, width = expr.shape
    single = tuple(
        tuple(cell_formula(expr, i, j, at.__getitem__, "S").text for j in range(width)) for i in range(height)
    )
    assert filled == single
    start, shape = (1, 1), (height - 1, width - 1)
    assert cell_formulas(expr, shape, at.__getitem__, "S", start)[0] == tuple(row[1:] for row in single[1:])


@pytest.mark.parametrize("expr", [*(expr for expr, _, _ in PIECES), X + 10 * call("exp", X), B.T], ids=show)
@pytest.mark.parametrize("still", ["", "X", "AC"])
def test_from_the_third_turn_on_formulas_follow_from_the_first_two(expr: Node, still: str) -> None:
    alike = Alike(still)
    for turn in (0, 1, 2, 3, 9):
        at = {name: Rect("S", 5 + 10 * k + (name not in still) * 97 * turn, 4, *node.shape)
              for k, (name, node) in enumerate({"A": A, "B": B, "C": C, "X": X}.items())}  # fmt: skip
        made = alike.cell_formulas(expr, expr.shape, at.__getitem__, "S", 3 + 97 * turn)
        assert made == cell_formulas(expr, expr.shape, at.__getitem__, "S")
    (same,) = alike.known.values()
    assert len(same.written) == 2


def test_the_same_cells_of_two_sheets_share_formulas_only_where_they_read_their_own_sheet() -> None:
    expr, alike, found = A @ X, Alike(), []
    for sheet, first in (("S", "S"), ("T", "T"), ("T", "S")):
        at = {"A": Rect(first, 5, 1, *A.shape), "X": Rect(sheet, 1, 9, *X.shape)}
        found.append(alike.cell_formulas(expr, expr.shape, at.__getitem__, sheet, 5))
        assert found[-1] == cell_formulas(expr, expr.shape, at.__getitem__, sheet)
    assert found[0] is found[1]
    assert found[1] != found[2]


def test_turns_aren_t_alike_where_one_stands_right_at_what_is_still() -> None:
    expr, alike = stack(0, [A, C]).T @ matrix("D", (4, 1)), Alike("A")
    for row in (9, 19, 29, 39):
        at = {"A": Rect("S", 17, 4, 2, 3), "C": Rect("S", row, 4, 2, 3), "D": Rect("S", row, 1, 4, 1)}
        made = alike.cell_formulas(expr, (3, 1), at.__getitem__, "S", row)
        assert made == cell_formulas(expr, (3, 1), at.__getitem__, "S"), row


@pytest.mark.parametrize("shape", [(4, 4), (3, 5), (5, 3), (1, 1)])
def test_an_identity_is_filled_outside_of_its_diagonal(shape: tuple[int, int]) -> None:
    a, eye, at = matrix("A", shape), Node("eye", shape=shape), {"A": Rect("S", 3, 4, *shape)}
    for expr in (a + eye, eye, 2 * a - eye / a, call("where", eye > 0, a, 1)):
        filled, array = cell_formulas(expr, shape, at.__getitem__, "S")
        single = [[cell_formula(expr, i, j, at.__getitem__, "S") for j in range(shape[1])] for i in range(shape[0])]
        assert filled == tuple(tuple(f.text for f in row) for row in single)
        assert array == any(f.array for row in single for f in row)
