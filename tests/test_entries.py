"""An operation is one entry: a new view, a new kind of option, and what other rooms know of operations."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from formula_sheet import FormulaSheet
from test_ops import central_differences, gradient, program

import sheetgen
from sheetgen.cells.a1 import Rect
from sheetgen.cells.formula import block_formula, cell_formula
from sheetgen.errors import SpecError
from sheetgen.ir.node import RULES, call, matrix
from sheetgen.ops import OPERATIONS, elementwise, options
from sheetgen.ops.base import Operation, register, signature
from sheetgen.ops.views import pad
from sheetgen.passes.evaluate import evaluate
from sheetgen.passes.grad import differentiate

UNITS = {"cm": 1, "inch": 2.54}
PACKAGE = Path(__file__).parents[1] / "sheetgen"


@pytest.fixture
def new_entries() -> Iterator[None]:
    """A view whose cells run backwards, one that shows all rows but the first, and an operation with a choice."""
    before = dict(OPERATIONS)
    register(Operation(
        name="fliplr", kind="view", arguments=signature("x"), shape=lambda s: s, numpy=np.fliplr,
        source=lambda node, i, j: (0, i, node.shape[1] - 1 - j), gradient=lambda x, out, g: call("fliplr", g),
        says="columns from right to left",
    ))  # fmt: skip
    register(Operation(
        name="tail", kind="view", arguments=signature("x"), shape=lambda s: (s[0] - 1, s[1]), numpy=lambda x: x[1:],
        source=lambda node, i, j: (0, i + 1, j), operand=True, says="all rows but the first",
        gradient=lambda x, out, g: pad(g, x.shape, (1, x.shape[0]), (0, x.shape[1])),
    ))  # fmt: skip
    elementwise.elementwise(
        "length", options={"unit": options.choice("cm", "inch")}, numpy=lambda x, unit: x / UNITS[unit],
        formula=lambda x, unit: f"{x:*}/{UNITS[unit]}", gradient=lambda x, out, g, unit: g / UNITS[unit],
        says="in another unit",
    )  # fmt: skip
    yield
    for name in set(OPERATIONS) - set(before):
        del OPERATIONS[name], RULES[name]


@pytest.mark.parametrize(
    "text",
    [
        "fliplr(A) * B", "fliplr(A).T @ A", "C @ fliplr(A @ C)", "sum(fliplr(A) * A, axis=0)", "relu(fliplr(A))",
        "tail(A)", "tail(A) @ C", "tail(C).T @ A", "max(tail(A), axis=0)", "tail(tail(A)) + R", "vstack([A, tail(A)])",
        'length(A, unit="inch") * A', "length(A)",
    ],
)  # fmt: skip
def test_new_entries_work_everywhere(text: str, new_entries: None, tmp_path: Path) -> None:
    p = program(text)
    whole = differentiate(p)
    values = evaluate(whole)
    for name in "AC":
        if name in text:
            found = gradient(values, name)
            assert found is not None
            np.testing.assert_allclose(found, central_differences(p, name), rtol=1e-5, atol=1e-7)
    sheet = FormulaSheet()
    for given in whole.givens:
        sheet.put(given.name, given.value)
    for s in whole.statements:
        sheet.compute(s.name, s.expr)
    assert sheet.wrong(tmp_path) == []


def test_an_operand_is_read_where_it_stands(new_entries: None) -> None:
    places = {"A": Rect("S", 1, 1, 3, 2), "B": Rect("S", 1, 5, 2, 2)}
    product = call("tail", matrix("A", (3, 2))) @ matrix("B", (2, 2))
    assert cell_formula(product, 1, 0, places.__getitem__, "S").text == "MMULT($A3:$B3,E$1:E$2)"
    assert block_formula(product, places.__getitem__, "S") == "MMULT($A$2:$B$3,$E$1:$F$2)"
    backwards = call("fliplr", matrix("B", (2, 2)))
    assert cell_formula(backwards, 0, 0, places.__getitem__, "S").text == "F1"
    with pytest.raises(ValueError, match="stands in several pieces"):
        cell_formula(backwards @ matrix("B", (2, 2)), 0, 0, places.__getitem__, "S")


def test_a_view_must_tell_its_cells() -> None:
    with pytest.raises(ValueError, match="roll: a view says where each of its cells comes from"):
        Operation(name="roll", kind="view", shape=lambda s: s, numpy=np.roll)


def test_a_choice_is_checked(new_entries: None) -> None:
    text = "title: t\nmatrices: {A: {role: input, value: [[1]]}}\nsteps: [\"B = length(A, unit='mile')\"]"
    with pytest.raises(SpecError, match="`unit` of `length` must be \"cm\" or \"inch\", not `'mile'`"):
        sheetgen.compile_text(text)


KINKS: dict[str, tuple[list[list[float]], ...]] = {
    "relu": ([[-1, 0, 2]], [[0, 1, 0]]),
    "leaky_relu": ([[-1, 0, 2]], [[0.1, 0.1, 1]], [[0, 1, 0]]),
    "abs": ([[-1, 0, 2]], [[0, 1, 0]]),
    "sign": ([[-1, 0, 2]], [[0, 1, 0]]),
    "hard_sigmoid": ([[-3, 0, 3]], [[1, 0, 1]]),
    "maximum": ([[1, 2, 3]], [[1, 3, 3]], [[1, 0, 1]]),
    "minimum": ([[1, 2, 3]], [[1, 3, 3]], [[1, 0, 1]]),
    "where": ([[0, 1, 2]], [[5, 5, 5]], [[7, 7, 7]], [[1, 0, 0]]),
    "elu": ([[-1, 0, 2]], [[0.5, 0.5, 1]], [[0, 1, 0]]),
    "selu": ([[-1, 0, 2]], [[0, 1, 0]]),
    "floor": ([[0.5, 1, 2.5]], [[0, 1, 0]]),
    "ceil": ([[0.5, 1, 2.5]], [[0, 1, 0]]),
    "mod": ([[1, 0.75, -0.25]], [[0.5, 0.5, 0.5]], [[1, 0, 0]]),
    "clip": ([[-1, 0, 2]], [[-1, -1, -1]], [[2, 2, 2]], [[1, 0, 1]]),
    "max": ([[3, 2, 3]], [[1, 0, 1]]),
    "min": ([[3, 2, 3]], [[0, 0, 0]]),
    "top_k": ([[3, 3, 1], [1, 3, 2]], [[0, 1, 0], [0, 1, 0]]),
    **dict.fromkeys(("ranks", "sort", "argsort"), ([[3, 3, 1], [1, 3, 2]], [[0, 1, 0], [0, 1, 0]])),
    "median": ([[3, 3, 1], [1, 2, 4]], [[1, 1, 1], [1, 0, 0]]),
    "argmin": ([[1, 1, 3]], [[0, 0, 0]]),
    "argmax": ([[3, 3, 1]], [[0, 0, 0]]),  # down the columns, where nothing is shared
    "max_pool": ([[3, 3, 1, 2]], [[1, 1, 0, 0]]),
    "global_max_pool": ([[3, 3, 1]], [[1, 1, 0]]),
    **dict.fromkeys(
        ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal"),
        ([[1, 2, 3]], [[1, 3, 3]], [[1, 0, 1]]),
    ),
}


def test_kinks() -> None:
    assert set(KINKS) == {o.name for o in OPERATIONS.values() if o.kink}
    for name, (*args, expected) in KINKS.items():
        kink = OPERATIONS[name].kink
        assert kink is not None
        options = {"axis": 0} if name in ("argmax", "argmin") else {"k": 1} if name == "top_k" else {}
        found = kink(*(np.array(arg, dtype=float) for arg in args), **options)
        assert found.astype(int).tolist() == expected, name


WRITTEN = ("ir", "spec", "layout")
"""Rooms that spell operations: operators, layers of the same name, and drawings of certain ones."""
OVER_CHANNELS = ("lang/channel_rules.py", "lang/families.py")
"""What operations do with channels, before there is a program: it stands with the language."""
CALLED = {"book": {"min", "max", "square"}, "passes": {"clip"}, "web": {"negative", "log", "zeros"}}
"""Elements of chart files, a key of `train` and names in a live page's data that are called like operations."""


def test_other_rooms_ask_the_table() -> None:
    """No literal that is an operation's name outside `ops`: what is to be known of one is a field of its entry."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        room = path.relative_to(PACKAGE).parts[0]
        if room == "ops" or room in WRITTEN or path.relative_to(PACKAGE).as_posix() in OVER_CHANNELS:
            continue
        texts = [n.value for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Constant)]
        names = {text for text in texts if isinstance(text, str) and text in OPERATIONS}
        names -= {"mean"} | CALLED.get(room, set())  # "mean" is a value of `reduction`
        if names:
            found[str(path.relative_to(PACKAGE))] = names
    assert found == {}
