"""The text of formulas: references, precedence, the forms a reader should see."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from formula_sheet import FormulaSheet
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetgen.cells.a1 import Rect, letters
from sheetgen.cells.area import Area, stacked
from sheetgen.cells.formula import block_formula, cell_formula
from sheetgen.ir.node import matrix
from sheetgen.lang.infer import infer
from sheetgen.lang.syntax import parse_expression
from sheetgen.ops.template import binding

RECTS = {
    "W": Rect("S", 15, 4, 4, 4), "b": Rect("S", 15, 8, 4, 1),
    "X": Rect("S", 5, 10, 4, 2), "one": Rect("S", 9, 10, 1, 2),
    "Z": Rect("S", 15, 10, 4, 2), "G": Rect("S", 15, 12, 4, 2),
    "T": Rect("S", 30, 4, 2, 4), "r": Rect("S", 40, 10, 1, 2),
    "v": Rect("S", 15, 20, 4, 1), "s": Rect("S", 3, 3, 1, 1),
    "far": Rect("It's 2", 1, 1, 4, 2), "q": Rect("S", 50, 2, 1, 5),
}  # fmt: skip
SHAPES = {name: (r.height, r.width) for name, r in RECTS.items()}


def cell(text: str, i: int = 0, j: int = 0) -> tuple[str, bool]:
    return tuple(cell_formula(infer(parse_expression(text), SHAPES), i, j, RECTS.__getitem__, "S"))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("W @ X", ("MMULT($D15:$G15,J$5:J$8)", True)),
        ("hstack([W, b]) @ vstack([X, one])", ("MMULT($D15:$H15,J$5:J$9)", True)),
        ("X.T @ Z", ("MMULT(TRANSPOSE(J$5:J$8),J$15:J$18)", True)),
        ("W @ T.T", ("MMULT($D15:$G15,TRANSPOSE($D30:$G30))", True)),
        ("X.T @ T.T", ("MMULT($D30:$G30,J$5:J$8)", True)),
        ("hstack([W[:2].T, W[2:].T]) @ X", ("MMULT(TRANSPOSE(D$15:D$18),J$5:J$8)", True)),
        ("v @ r", ("$T15*J$40", False)),
        ("W[:, 1:3] @ X[:2]", ("MMULT($E15:$F15,J$5:J$6)", True)),
        ("W @ far", ("MMULT($D15:$G15,'It''s 2'!A$1:A$4)", True)),
        ("relu(Z)", ("MAX(0,J15)", False)),
        ("exp(Z)", ("EXP(J15)", False)),
        ("sigmoid(Z)", ("1/(1+EXP(MIN(700,-J15)))", False)),
        ("where(Z > 0, G, 0)", ("IF(J15>0,L15,0)", False)),
        ("where(Z, G, 0)", ("IF(J15<>0,L15,0)", False)),
        ("where(Z.T > 0, T[:, :4], 0)", ("IF(J15>0,D30,0)", False)),
        ("Z > G", ("IF(J15>L15,1,0)", False)),
        ("(Z > 0) * G", ("IF(J15>0,1,0)*L15", False)),
        ("exp(Z - max(Z, axis=0))", ("EXP(J15-MAX(J$15:J$18))", False)),
        ("Z - mean(Z, axis=1)", ("J15-AVERAGE($J15:$K15)", False)),
        ("sum(Z)", ("SUM($J$15:$K$18)", False)),
        ("Z / sum(Z)", ("J15/SUM($J$15:$K$18)", False)),
        ("Z / r", ("J15/J$40", False)),
        ("Z * v", ("J15*$T15", False)),
        ("Z - s * G", ("J15-$C$3*L15", False)),
        ("r - r", ("J40-J40", False)),
        ("far + Z", ("'It''s 2'!A1+J15", False)),
        ("X.T", ("J5", False)),
        ("-Z", ("-J15", False)),
        ("-Z * G", ("(-J15)*L15", False)),
        ("-Z ** 2", ("-(J15^2)", False)),
        ("(-Z) ** 2", ("(-J15)^2", False)),
        ("-(Z ** 2) / 2", ("(-(J15^2))/2", False)),
        ("-(Z ** 2 / 2)", ("0-(J15^2)/2", False)),
        ("-(Z * G)", ("0-J15*L15", False)),
        ("-(Z - G)", ("-(J15-L15)", False)),
        ("2 * Z ** 2", ("2*(J15^2)", False)),
        ("Z - (G - Z)", ("J15-(L15-J15)", False)),
        ("Z - (G + Z)", ("J15-(L15+J15)", False)),
        ("Z / (G * Z)", ("J15/(L15*J15)", False)),
        ("Z * (G + 1)", ("J15*(L15+1)", False)),
        ("Z + -2", ("J15+(-2)", False)),
        ("Z ** -2", ("J15^(-2)", False)),
        ("Z ** G", ("IF(L15=0,1,J15^L15)", False)),
        ("3 ** Z", ("3^J15", False)),
        ("Z ** 0", ("1", False)),
        ("0.1 * Z + 1e-7", ("0.1*J15+0.0000001", False)),
        ("round(Z, 1)", ("ROUND(J15,1)", False)),
        ("hard_sigmoid(Z)", ("MAX(0,MIN(1,J15/6+0.5))", False)),
        ("leaky_relu(Z, s)", ("IF(J15>0,J15,$C$3*J15)", False)),
        ("argmax(Z)", ("MATCH(MAX(J$15:J$18),J$15:J$18,0)-1", False)),
        ("argmax(r)", ("MATCH(MAX(J40),J40:J40,0)-1", False)),
        ("embedding(W, q[:, :2])", ("INDEX($D15:$G15,1,B$50+1)", False)),
        ("conv2d(X, Z[:2])", ("SUMPRODUCT(J5:K6,$J$15:$K$16)", False)),
        ("max_pool(X, 2)", ("MAX(J5:K6)", False)),
        ("vstack([r, Z])", ("J40", False)),
        ("eye(4)", ("1", False)),
        ("W + eye(4)", ("D15+1", False)),
        ("Z * ones((4, 2))", ("J15", False)),
        ("tril(W)", ("D15", False)),
    ],
)  # fmt: skip
def test_first_cell(text: str, expected: tuple[str, bool]) -> None:
    assert cell(text) == expected


def test_a_sum_over_ranges_of_which_one_stands_turned() -> None:
    """A column and a row would make a whole table of what they meet; where all are turned, none need be."""
    made = infer(parse_expression("sum(where(T.T > 0, X, 0), axis=0)"), {**SHAPES, "X": (4, 2), "T": (2, 4)})
    assert cell_formula(made, 0, 1, RECTS.__getitem__, "S").text == "SUM(IF(TRANSPOSE($D31:$G31)>0,K$5:K$8,0))"
    assert cell("sum(where(T.T > 0, T.T, 0), axis=0)", 0, 1)[0] == "SUM(IF($D31:$G31>0,$D31:$G31,0))"
    assert cell("sum(where(T.T > 0, X, r))")[0] == "SUM(IF(TRANSPOSE($D$30:$G$31)>0,$J$5:$K$8,$J$40:$K$40))"


def test_later_cells_move_along() -> None:
    assert cell("W @ X", 2, 1) == ("MMULT($D17:$G17,K$5:K$8)", True)
    assert cell("where(Z.T > 0, T, 0)", 1, 2) == ("IF(K17>0,F31,0)", False)
    assert cell("vstack([r, Z])", 3, 1) == ("K17", False)
    assert cell("tril(W)", 0, 1) == ("0", False)
    assert cell("Z / r", 3, 1) == ("K18/K$40", False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("W @ X", "MMULT($D$15:$G$18,$J$5:$K$8)"),
        ("hstack([W, b]) @ vstack([X, one])", "MMULT($D$15:$H$18,$J$5:$K$9)"),
        ("X.T @ Z", "MMULT(TRANSPOSE($J$5:$K$8),$J$15:$K$18)"),
        ("relu(Z)", "IF(J15:K18>0,J15:K18,0)"),
        ("where(Z > 0, G, 0)", "IF(J15:K18>0,L15:M18,0)"),
        ("where(Z.T > 0, T, 0)", "IF(TRANSPOSE($J$15:$K$18)>0,D30:G31,0)"),
        ("Z - s * G", "J15:K18-$C$3*L15:M18"),
        ("Z / r", "J15:K18/$J$40:$K$40"),
        ("where(Z > r, G, 0)", None),
        ("round(Z, 1)", None),
        ("gelu(Z)", None),
        ("exp(Z - max(Z, axis=0))", None),
        ("eye(4)", None),
        ("vstack([r, Z])", None),
    ],
)
def test_blocks(text: str, expected: str | None) -> None:
    assert block_formula(infer(parse_expression(text), SHAPES), RECTS.__getitem__, "S") == expected


PIECES = st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 2), st.booleans())


@given(st.lists(PIECES, min_size=1, max_size=5))
@settings(deadline=None, max_examples=500)
def test_stacks_cover_a_rectangle_where_their_cells_do(pieces: list[tuple[int, int, int, bool]]) -> None:
    """Columns of one width: each cell of what is stacked, in order, against the cells of the rectangle."""
    areas = [Area(Rect("S", row, column, 1, size) if turned else Rect("S", row, column, size, 1), turned)
             for row, column, size, turned in pieces]  # fmt: skip
    found = list(stacked(areas, 0))
    for k in range(len(areas)):
        cells = [cell for one in areas[: k + 1] for cell in _cells(one)]
        (row, column), n = cells[0], len(cells)
        long = [one for one in areas[: k + 1] if one.rect.height * one.rect.width > 1]
        turned = any(one.flipped for one in long)
        straight = [(row, column + j) if turned else (row + j, column) for j in range(n)]
        expected = cells == straight and len({one.flipped for one in long}) < 2
        whole = found[k] if k < len(found) else None
        assert (whole is not None) == expected
        assert whole is None or _cells(whole) == cells


def _cells(one: Area) -> list[tuple[int, int]]:
    return [(one.rect.row + i, one.rect.column + j) for i in range(one.rect.height) for j in range(one.rect.width)]


def test_a_product_of_many_pieces_asks_for_each_of_them_once() -> None:
    count = 40
    rects = {f"{name}{k}": Rect("S", 10 * k, column, *shape) for k in range(count)
             for name, column, shape in (("A", 1, (3, 2)), ("B", 9, (2, 3)))}  # fmt: skip
    shapes = {name: (rect.height, rect.width) for name, rect in rects.items()}
    lefts, rights = (", ".join(f"{name}{k}" for k in range(count)) for name in "AB")
    asked: list[str] = []

    def locate(name: str) -> Rect:
        asked.append(name)
        return rects[name]

    product = infer(parse_expression(f"hstack([{lefts}]) @ vstack([{rights}])"), shapes)
    assert cell_formula(product, 0, 0, locate, "S").text.count("MMULT") == count and len(asked) == 2 * count


def test_operands_in_pieces() -> None:
    """Each piece of the row meets its piece of the column; ones are only added."""
    assert cell("vstack([X, Z]).T @ vstack([X, Z])") == (
        "MMULT(TRANSPOSE(J$5:J$8),J$5:J$8)+MMULT(TRANSPOSE(J$15:J$18),J$15:J$18)", True,
    )  # fmt: skip
    assert cell("hstack([W[:, :2], T.T]) @ X") == ("MMULT($D15:$E15,J$5:J$6)+MMULT(TRANSPOSE(D$30:D$31),J$7:J$8)", True)
    with pytest.raises(ValueError, match="placed as"):
        cell_formula(matrix("W", (9, 9)), 0, 0, RECTS.__getitem__, "S")


def test_column_names() -> None:
    assert [letters(k) for k in (1, 26, 27, 52, 702, 703, 16384)] == ["A", "Z", "AA", "AZ", "ZZ", "AAA", "XFD"]


def test_other_sheets_recalculate(tmp_path: Path) -> None:
    sheet = FormulaSheet()
    far = sheet.put("far", np.array([[1.0, 2], [3, 4]]), "The 'other' one")
    sheet.compute("product", far @ far)
    sheet.compute("block", far @ far, block=True)
    sheet.compute("both", far + matrix("product", (2, 2)))
    assert sheet.wrong(tmp_path) == []


leaves = st.sampled_from(["A", "B", "R", "V", "S", "2", "0.5", "3"])
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, inner).map(lambda t: f"({t[0]} / (({t[1]}) ** 2 + 1))"),
        inner.map(lambda t: f"(-{t})"),
        inner.map(lambda t: f"(({t}) ** 2)"),
        st.tuples(inner, st.sampled_from([">", "<=", "!="]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, inner, inner).map(lambda t: f"where({t[0]}, {t[1]}, {t[2]})"),
    ),
    max_leaves=8,
)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.lists(trees.filter(lambda t: re.search("[A-Z]", t)), min_size=20, max_size=40))
def test_any_arithmetic_means_the_same_to_a_spreadsheet(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    sheet = FormulaSheet()
    rng = np.random.default_rng(5)
    shapes = {"A": (2, 3), "B": (2, 3), "R": (1, 3), "V": (2, 1), "S": (1, 1)}
    for name, shape in shapes.items():
        sheet.put(name, rng.uniform(-2, 2, shape))
    for k, text in enumerate(texts):
        node = infer(parse_expression(text), shapes)
        sheet.compute(f"cells{k}", node)
        if block_formula(node, sheet.rects.__getitem__, "Main") is not None:
            sheet.compute(f"block{k}", node, block=True)
    assert sheet.wrong(tmp_path_factory.mktemp("formulas")) == []


def test_how_tightly_formulas_bind() -> None:
    tight = {
        "{x:+}+{y:+}": 3, "{x:*}/{y:^}": 4, "1/(1+EXP(-{x:^}))": 4, "MATCH(MAX({x}),{x},0)-1": 3, "-A1": 2, "A1^2": 2,
        "-A1*2": 4, "-A1+B1": 3, "EXP(A1-1)": 9, "1E-05": 9, "'a-b'!A1": 9, "IF({x:+}>0,{x},0)": 9, "(A1+B1)*2": 4,
    }  # fmt: skip
    assert {text: binding(text) for text in tight} == tight
