"""Where things stand: nothing overlaps, products meet their operands, the seeds are drawn as on paper."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sheetgen.layout.labels import whole
from sheetgen.layout.placement import Placement
from sheetgen.layout.placer import Placer
from sheetgen.layout.uses import is_product

import sheetgen
from sheetgen.api import Workbook, program_of
from sheetgen.cells.a1 import Rect
from sheetgen.cells.formula import area
from sheetgen.cmd.targets import specs_in
from sheetgen.ir.node import matrix
from sheetgen.layout.plan import Region, SheetPlan
from sheetgen.names import excel_name
from sheetgen.spec.read import load, loads

ROOT = Path(__file__).parents[1]
SPECS = [*specs_in(ROOT / "specs"), *specs_in(ROOT / "tests" / "specs")]


def touching(a: Region, b: Region) -> bool:
    """Whether two regions overlap or have no cell between them, corners included."""
    rows = a.row <= b.row + b.height and b.row <= a.row + a.height
    return rows and a.column <= b.column + b.width and b.column <= a.column + a.width


def overlapping(a: Region, b: Region) -> bool:
    rows = a.row < b.row + b.height and b.row < a.row + a.height
    return rows and a.column < b.column + b.width and b.column < a.column + a.width


def one_panel(a: Region, b: Region) -> bool:
    """Side by side along a whole common side, as in [W | b] and [X ; 1]."""
    beside = a.row == b.row and a.height == b.height and (
        a.column + a.width == b.column or b.column + b.width == a.column
    )
    below = a.column == b.column and a.width == b.width and (a.row + a.height == b.row or b.row + b.height == a.row)
    return beside or below


def check_sheet(sheet: SheetPlan) -> None:
    for a, b in combinations(sheet.regions, 2):
        if touching(a, b):
            assert not overlapping(a, b), (a.name, b.name)
            assert one_panel(a, b) or in_one_panel(sheet, a, b), (a.name, b.name)
    cells = {
        (r.row + i, r.column + j) for r in sheet.regions for i in range(r.height) for j in range(r.width)
    }
    written = [(label.row, label.column) for label in sheet.labels]
    assert len(written) == len(set(written)) and not cells & set(written)
    assert min(row for row, _ in [*cells, *written]) > sheet.first_row - 1
    assert min(column for _, column in cells) >= 3


def in_one_panel(sheet: SheetPlan, a: Region, b: Region) -> bool:
    """Corner to corner within a chain of pieces that form a panel, as b and U in [W | U | b] below [X ; H ; 1]."""
    return any(c is not a and c is not b and one_panel(a, c) and one_panel(c, b) for c in sheet.regions)


def check_products(placement: Placement) -> None:
    """Each product's left operand stands on its rows, its upper operand on its columns; mirrored, each
    gradient stands in the cells of its matrix."""
    for s in placement.program.statements:
        if placement.program.mirrored and s.phase == "backward":
            if s.gradient_of:
                own, at = placement.rects[s.gradient_of], placement.rects[s.name]
                assert at == replace(own, sheet="Backward"), s.name
        elif is_product(s):
            expr, at = placement.exprs[s.name], whole(placement, s)
            left, right = (area(arg, placement.rects.__getitem__) for arg in expr.args)
            for arg, found in zip(expr.args, (left, right), strict=True):
                assert not found.flipped or arg.shape == (1, 1), s.name
            assert (left.rect.sheet, left.rect.row, left.rect.height) == (at.sheet, at.row, at.height), s.name
            assert (right.rect.sheet, right.rect.column, right.rect.width) == (at.sheet, at.column, at.width), s.name


def check(workbook: Workbook) -> None:
    for sheet in workbook.plan.sheets:
        check_sheet(sheet)
    check_products(Placer(workbook.program).run())
    named = {r.defined_name: r for sheet in workbook.plan.sheets for r in sheet.regions if r.defined_name}
    explained = {s.name for s in workbook.program.statements if s.kind == "explain"}
    for name, value in workbook.values.items():
        if name not in explained:
            region = named[excel_name(name)]
            assert region.values.shape == value.shape, name
            assert (region.values == value).all(), name


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_specs(path: Path) -> None:
    check(sheetgen.compile(path))


KINDS = ("linear", "shared", "right", "function", "softmax", "add", "slice", "turn", "stack", "recurrent", "heads")


@st.composite
def programs(draw: st.DrawFn) -> str:
    """A random forward program with a backward pass and an update, as a spec's text."""
    shapes = {"X": (draw(st.integers(1, 4)), draw(st.integers(1, 3)))}
    matrices = [f"  X: {{role: input, random: {{shape: {list(shapes['X'])}, seed: 1}}}}"]
    steps: list[str] = []

    def parameter(rows: int, columns: int) -> str:
        name = f"Par_{len(matrices)}"
        matrices.append(f"  {name}: {{role: parameter, random: {{shape: [{rows}, {columns}], low: -1, high: 1, "
                        f"seed: {len(matrices)}}}}}")  # fmt: skip
        shapes_of_parameters[name] = (rows, columns)
        return name

    def step(expression: str, shape: tuple[int, int]) -> None:
        name = f"M_{len(steps)}"
        steps.append(f"  - {name} = {expression}")
        shapes[name] = shape

    shapes_of_parameters: dict[str, tuple[int, int]] = {}
    last = parameter(draw(st.integers(1, 4)), shapes["X"][0])
    step(f"{last} @ X", (shapes_of_parameters[last][0], shapes["X"][1]))
    for _ in range(draw(st.integers(1, 7))):
        name = draw(st.sampled_from(list(shapes)))
        rows, columns = shapes[name]
        kind = draw(st.sampled_from(KINDS))
        if kind == "linear":
            out = draw(st.integers(1, 4))
            step(f"{parameter(out, rows)} @ {name} + {parameter(out, 1)}", (out, columns))
        elif kind == "shared":
            fitting = [p for p, shape in shapes_of_parameters.items() if shape[1] == rows]
            weights = draw(st.sampled_from(fitting)) if fitting else parameter(rows, rows)
            step(f"tanh({weights} @ {name})", (shapes_of_parameters[weights][0], columns))
        elif kind == "right":
            out = draw(st.integers(1, 3))
            step(f"{name} @ {parameter(columns, out)}", (rows, out))
        elif kind == "function":
            step(f"{draw(st.sampled_from(['relu', 'tanh', 'sigmoid']))}({name} / 9)", (rows, columns))
        elif kind == "softmax":
            step(f"softmax({name} / 9)", (rows, columns))
        elif kind == "add":
            other = draw(st.sampled_from([n for n, shape in shapes.items() if shape == (rows, columns)]))
            step(f"{name} + 2 * {other}", (rows, columns))
        elif kind == "slice":
            step(f"tanh({name}[0:1, :])", (1, columns))
        elif kind == "recurrent":
            state, weights, rounds = f"R{len(steps)}", parameter(rows, rows), draw(st.integers(2, 4))
            steps.append(f"  - {state}_0 = {name} / 9")
            steps.append(f"  - for: t in 1..{rounds}\n    steps:\n      - section: 'Time {{t}}'\n"
                         f"      - {state}_{{t}} = tanh({weights} @ {state}_{{t-1}} + {name})")  # fmt: skip
            shapes[f"{state}_{rounds}"] = (rows, columns)
        elif kind == "heads":
            state = f"S{len(steps)}"
            ours = [parameter(2, rows) for _ in range(2)]
            steps.append(f"  - for: p in [{', '.join(ours)}]\n    steps:\n"
                         f"      - {state}_{{p}} = relu({{p}} @ {name}) / 9")  # fmt: skip
            step(f"{state}_{ours[0]} + {state}_{ours[1]}", (2, columns))
        elif kind == "turn":
            step(f"{parameter(2, columns)} @ {name}.T", (2, rows))
        else:
            step(f"{parameter(2, 2 * rows)} @ vstack([{name}, tanh({name})])", (2, columns))
    steps.append(f"  - Loss = sum({' + '.join(f'sum({n} ** 2)' for n in shapes if n != 'X')}) / 1000")
    return "\n".join(["title: random", "matrices:", *matrices, "steps:", *steps,
                      "loss: Loss", "backward: true", "update: {learning_rate: 0.01}"])  # fmt: skip


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(programs())
def test_random_programs(text: str) -> None:
    check(sheetgen.compile_text(text))


def copies(name: str) -> list[str]:
    plan = sheetgen.compile(ROOT / "specs" / f"{name}.yaml").plan
    return [region.name for region in plan.sheets[0].regions if region.role == "copy"]


def test_backpropagation_needs_one_copy_only() -> None:
    assert copies("backpropagation") == ["dL_dZ3.T"]


def test_the_second_pooling_has_a_copy_of_the_adjacency() -> None:
    assert [name for name in copies("gcn") if re.fullmatch(r"\w+", name)] == ["A_hat"]


def test_backpropagation_is_drawn_around_the_forward_pass() -> None:
    rects = Placer(program_of(load(ROOT / "specs" / "backpropagation.yaml"))).run().rects

    def right_of(a: Rect, b: Rect) -> bool:
        return a.row == b.row and a.column > b.column + b.width

    for k, below in ((1, "X"), (2, "A1"), (3, "A2")):
        weights, z, gradient = rects[f"W{k}"], rects[f"Z{k}"], rects[f"dL_dW{k}_T"]
        assert right_of(gradient, rects[below]) and right_of(z, weights)
        assert z.column == rects[below].column and z.row > rects[below].row
        assert rects[f"b{k}"].column == weights.column + weights.width and rects[f"b{k}"].row == weights.row
        if k > 1:
            assert rects[f"dL_dA{k - 1}_T"].column == weights.column
            assert rects[f"dL_dA{k - 1}_T"].row < weights.row


def test_time_steps_stand_side_by_side_in_the_same_geometry() -> None:
    rects = Placer(program_of(load(ROOT / "specs" / "lstm.yaml"))).run().rects
    far = rects["xh_2"].column - rects["xh_1"].column
    for name in ("xh", "f", "f_pre", "i", "g", "o", "cell", "h_tanh", "h"):
        stem, _, tail = name.partition("_")
        ones = [rects[f"{stem}_{t}{'_' if tail else ''}{tail}"] for t in range(1, 5)]
        assert {r.row for r in ones} == {ones[0].row}, name
        assert [r.column - ones[0].column for r in ones] == [0, far, 2 * far, 3 * far], name
    for gate in "figo":
        weights, product = rects[f"W{gate}"], rects[f"{gate}_1_pre"]
        assert weights.row == product.row and weights.column + weights.width < product.column


def test_heads_stand_side_by_side_with_weights_of_their_own() -> None:
    placement = Placer(program_of(load(ROOT / "specs" / "multi_head_attention.yaml"))).run()
    rects = placement.rects
    for name in ("Wq", "Wk", "Wv", "Q", "K", "V", "A", "Z"):
        one, two = rects[f"{name}_1"], rects[f"{name}_2"]
        assert one.row == two.row and one.column + one.width < two.column, name
    assert [link.node for link in placement.links.values() if link.node == matrix("X", (4, 3))]


def test_a_chain_of_layers_in_a_loop_still_goes_down() -> None:
    spec = """
title: chain
matrices:
  A0: {role: input, value: [1, 2]}
  W1: {role: parameter, value: [[1, 0], [0, 1]]}
  W2: {role: parameter, value: [[1, 0], [0, 1]]}
steps:
  - for: l in 1..2
    steps: ["A{l} = relu(W{l} @ A{l-1})"]
"""
    placement = Placer(program_of(loads(spec))).run()
    assert not placement.links and placement.rects["A2_pre"].row > placement.rects["A1"].row


def test_many_time_steps_fit() -> None:
    spec = """
title: long
matrices:
  X: {role: input, random: {shape: [2, 60], seed: 1}}
  H0: {role: constant, zeros: [2, 1]}
  Wh: {role: parameter, value: [[0.5, 0], [0, 0.5]]}
  Wx: {role: parameter, value: [[0.5, 0], [0, 0.5]]}
steps:
  - for: t in 1..60
    steps:
      - H{t} = tanh(Wh @ H{t-1} + Wx @ X[:, {t-1}:{t}])
  - Loss = sum(H60 ** 2)
loss: Loss
backward: true
"""
    placement = Placer(program_of(loads(spec))).run()
    check_products(placement)
