"""How far right answers may lie apart: enough for rounding, too little for a mistake."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import write_by_hand

import sheetgen
from sheetgen.ir.node import Node, call, matrix, number
from sheetgen.layout.plan import Region, Role, SheetPlan, WorkbookPlan
from sheetgen.proof import compare, engines
from sheetgen.proof.engines import SheetValues, Values
from sheetgen.proof.noise import Known, exactly, noise_of
from sheetgen.proof.slack import Slack

BOTH = list(engines.ENGINES)
RESIDUE = 0.1 + 0.2 - 0.3
"""5.6e-17; nothing but noise of sums of 0.3."""


def spec(steps: str, **matrices: object) -> str:
    given = "\n".join(f"  {name}: {{role: constant, value: {value}}}" for name, value in matrices.items())
    lines = "\n".join(f"  - {step}" for step in steps.split("; "))
    return f"title: Noise\nmatrices:\n{given}\nsteps:\n{lines}\n"


def known(value: object, noise: float = 0.0) -> Known:
    array = np.atleast_2d(np.asarray(value, dtype=float))
    return Known(array, np.full(array.shape, noise), np.abs(array), array)


def noise(node: Node, **matrices: Known) -> np.ndarray:
    return noise_of(node, matrices.__getitem__).noise


X = matrix("x", (1, 2))


@pytest.mark.parametrize(
    ("node", "value", "expected"),
    [
        (X + number(1), [1.5, -2.5], [1e-12 + 1.5e-14, 1e-12 + 2.5e-14]),
        (X * number(-3), [1.5, -2.5], [3e-12 + 4.5e-14, 3e-12 + 7.5e-14]),
        (X**number(2), [1.5, -2.5], [3e-12 + 2.25e-14, 5e-12 + 6.25e-14]),
        (call("exp", X), [0.0, 1.0], [1e-12 + 1e-14, np.e * 1e-12 + np.e * 1e-14]),
        (call("sqrt", X), [4.0, 0.25], [1e-12 / 4 + 2e-14, 1e-12 + 5e-15]),
        (call("relu", X), [3.0, -3.0], [1e-12, 0]),
        (call("sum", X, axis=None), [1.5, -2.5], [2e-12 + 4e-14]),
        (call("max", X, axis=None), [1.5, -2.5], [1e-12]),
        (call("transpose", X), [1.5, -2.5], [1e-12, 1e-12]),
        (call("greater", X, number(0)), [1.5, -2.5], [0, 0]),
    ],
)
def test_noise_goes_through_with_the_slope(node: Node, value: list[float], expected: list[float]) -> None:
    found = noise(node, x=known(value, 1e-12))
    assert found.ravel() == pytest.approx(expected, rel=1e-3)


def test_products_add_up_the_noise_of_rows_and_columns_whatever_their_signs() -> None:
    a, b = matrix("a", (1, 2)), matrix("b", (2, 1))
    found = noise(a @ b, a=known([1.5, 2.5], 1e-12), b=known([[1.0], [-1.0]], 2e-12))
    assert found.item() == pytest.approx(2 * 1e-12 + 4 * 2e-12 + 4e-14, rel=1e-3)


def test_a_product_is_made_from_its_terms_which_may_be_larger_than_its_factors() -> None:
    """1e60 - 1e60 + 6 has none of its digits, though no factor is larger than 1e30."""
    x, y = known([[1e30, -1e30, 1.5]]), known([[1.1e30], [1.1e30], [4]])
    product = call("matmul", matrix("x", (1, 3)), matrix("y", (3, 1)))
    assert noise(product, x=x, y=y).item() == pytest.approx(2.2e60 * 1e-14, rel=1e-3)
    window = call("conv2d", matrix("x", (1, 3)), matrix("y", (1, 3)))
    assert noise(window, x=x, y=known(y.value.T)).item() == pytest.approx(2.2e60 * 1e-14, rel=1e-3)


def test_whole_numbers_have_none() -> None:
    a, b = matrix("a", (1, 2)), matrix("b", (2, 1))
    assert not noise(a @ b + number(7), a=known([3, -4]), b=known([[5], [6]])).any()
    assert noise(a @ b, a=known([3.5, -4]), b=known([[5], [6]])).any()


def test_the_bound_is_never_more_than_a_billionth_of_the_largest_number() -> None:
    node: Node = X
    for _ in range(60):
        node = node * number(2) - X
    found = noise_of(node, {"x": known([1.0, -2.0], 1e-11)}.__getitem__)
    assert (found.noise <= 1e-9 * found.reach).all() and np.isfinite(found.reach).all()


def test_a_comparison_is_undecided_only_where_the_engine_s_own_numbers_say_otherwise() -> None:
    node = call("greater", X, number(0))
    value = np.array([[RESIDUE, 0.0]])
    off = np.full(value.shape, 1e-14)
    for found, expected in [([RESIDUE, 0.0], [1, 0]), ([0.0, 1e-14], [1, 1]), ([3e-13, 0.0], [0, 0])]:
        known_ = Known(value, off, np.ones_like(value), np.array([found]))
        assert noise(node, x=known_).ravel().tolist() == expected, found


def test_what_an_undecided_condition_may_choose_has_its_own_noise_too() -> None:
    node = call("where", call("greater", X, number(0)), matrix("y", (1, 2)), number(0))
    value = np.array([[0.0, 5.0]])
    x = Known(value, np.full((1, 2), 1e-13), np.ones((1, 2)), np.array([[4e-16, 5.0]]))
    found = noise(node, x=x, y=known([-0.125, 0.5], 1e-15))
    assert found[0, 0] > 0.125 and found[0] == pytest.approx([0.125 + 1e-15, 1e-15], rel=1e-15)


def test_at_a_kink_numbers_that_an_engine_takes_for_equal_may_differ_and_no_others() -> None:
    leaky = call("leaky_relu", X, number(0.1))
    found = noise(leaky, x=known([3e-44, 0.5]))
    assert found[0, 0] == pytest.approx(0.9e-15, rel=1e-3) and found[0, 1] < 1e-14
    assert not noise(leaky, x=known([0.0, 1e-14]))[0, 0]
    choice = call("where", X, number(5), number(6))
    assert not noise(choice, x=known([3e-44, 0.0])).any()


def test_the_largest_may_be_any_that_comes_near() -> None:
    place = call("argmax", X, axis=1)
    for value, found, expected in [([1.0, 1 + 1e-14], [1.0, 1.0], 1), ([1.0, 2.0], [1.0, 2.0], 0)]:
        known_ = Known(np.array([value]), np.full((1, 2), 1e-13), np.ones((1, 2)), np.array([found]))
        assert noise(place, x=known_).item() == expected


def test_of_numbers_that_come_near_either_may_come_first() -> None:
    """Where an engine found them the other way round, both places may be the other's; the third is far off."""
    row, other = np.array([[2.0, 1.0, 1 + 1e-14]]), np.array([[2.0, 1 + 1e-14, 1.0]])
    order = call("in_order", matrix("x", (1, 3)), axis=1)
    for engine, expected in ((other, [[1, 1, 0]]), (row, [[0, 0, 0]])):
        found = noise(order, x=Known(row, np.full((1, 3), 1e-13), np.ones((1, 3)), engine))
        assert found.tolist() == expected


@pytest.mark.parametrize("engine", BOTH)
@pytest.mark.parametrize(
    "steps",
    [
        "Z = A + B - C; R = sqrt(abs(Z))",
        "Z = sum(vstack([A.T, B.T, -C.T]), axis=0).T; R = sqrt(abs(Z))",
        "Z = sum(vstack([A.T, B.T, -C.T]), axis=0).T; R = where(Z > 0, A, B) * sign(Z)",
        "Z = A + B - C; R = abs(Z) ** 0.5 * 7",
        "Z = A + B - C; R = where(Z > 0, A, B)",
        "Z = A + B - C; S = sign(Z); R = S * 3",
        "Z = A + B - C; D = sum(Z * 1000); R = maximum(D, 0) + D * 1e6",
    ],
)
def test_remainders_are_no_false_alarm(engine: str, steps: str) -> None:
    book = sheetgen.compile_text(spec(steps, A="[0.1, 1]", B="[0.2, 1]", C="[0.3, 1]"))
    assert book.values["Z"][0, 0] == (RESIDUE if "vstack" in steps else 0)  # what a sum leaves isn't snapped
    report = book.verify(engine)
    assert report.ok, report.first


def test_noise_that_was_let_pass_counts_in_worst() -> None:
    """Relative to the largest number that the cell is made from, which is 0.3."""
    book = sheetgen.compile_text(spec("Z = A + B - C", A="[0.1, 1]", B="[0.2, 1]", C="[0.3, 1]"))
    report = book.verify()  # IronCalc doesn't snap it to 0
    assert report.ok and report.worst == pytest.approx(RESIDUE / 0.3, rel=1e-6)


@pytest.mark.parametrize("engine", BOTH)
def test_ironcalc_s_erf_is_good_to_1e_10(engine: str) -> None:
    values = "[-3, -1.3, -0.4, -0.01, 0, 1e-5, 0.02, 0.33, 0.9, 1.7, 2.6]"
    book = sheetgen.compile_text(spec("E = erf(X); G = gelu(X); D = E - 1", X=values))
    report = book.verify(engine)
    assert report.ok, report.first
    assert report.worst <= 1e-9


def test_a_wrong_number_of_the_size_of_that_tolerance_is_found(tmp_path: Path) -> None:
    book = sheetgen.compile_text(spec("E = erf(X)", X="[0.5]"))
    path = book.save(tmp_path / "erf.xlsx")
    (values,) = engines.get("ironcalc").recalculate([path])
    sheet = book.plan.sheets[0]
    for shift, ok in [(3e-11, True), (2e-9, False)]:
        regions = tuple(replace(r, values=r.values + shift) if r.name == "E" else r for r in sheet.regions)
        plan = replace(book.plan, sheets=(replace(sheet, regions=regions),))
        slack = Slack(plan, values, book.program, {**book.values, "E": book.values["E"] + shift})
        assert compare.compare(plan, values, path, "IronCalc", slack).ok is ok


def test_a_region_that_says_what_it_computes_has_the_noise_of_that() -> None:
    """As a helper that multiplies: what its formulas read is a thousand times more exact."""
    x = np.array([[RESIDUE]])
    regions = (
        Region("A", Role.INPUT, 1, 1, np.array([[0.3]])),
        Region("x", Role.FORWARD, 1, 2, x, (("A1-0.1-0.2",),)),
        Region("x@2", Role.COPY, 1, 3, x * 1e6, (("B1*1000000",),), source=matrix("x", (1, 1)) * number(1e6)),
    )
    plan = WorkbookPlan("Helper", (SheetPlan("Canvas", "Helper", regions, ()),), (), "", ())
    slack = Slack(plan, Values({}))
    plain, times = (slack.of("Canvas", region)[0].item() for region in regions[1:])
    assert plain == pytest.approx(3e-15, rel=1e-3) and times == pytest.approx(3e-9, rel=1e-3)


@pytest.mark.parametrize(
    ("y", "z", "right"),
    [
        (4e-9, 4e3, True),  # Y is within its rounding, and Z follows from it
        (4e-9, 5e3, False),  # Z doesn't follow
        (0.0, 4e3, False),
        (4e-6, 4e6, False),  # Y is wrong itself
    ],
)
def test_a_number_that_follows_from_right_numbers_is_right(y: float, z: float, right: bool) -> None:
    """However much it makes of their rounding: seen where a garbled self-attention's weights had grown to 10¹⁰."""
    book = sheetgen.compile_text(spec("X = a + b; Y = X - b; Z = Y * c", a=1.1, b=1e7, c=1e12))
    (sheet,) = [sheet for sheet in book.plan.sheets if sheet.title == "Canvas"]
    off = {"Y": y, "Z": z}
    cells = {
        (r.row << 14) + r.column: float(r.values[0, 0]) + off.get(r.name, 0.0)
        for r in sheet.regions if r.values.shape == (1, 1) and r.values.dtype.kind == "f"
    }  # fmt: skip
    found = Values({"Canvas": SheetValues([*cells], [*cells.values()], {})})
    slack = Slack(book.plan, found, book.program, book.values)
    region = next(r for r in sheet.regions if r.name == "Z")
    assert bool(z <= slack.of("Canvas", region)[0].item()) is right


@pytest.mark.parametrize(("off", "right"), [(5e-4, True), (6e-4, False)])
def test_numbers_that_were_found_in_pieces_count_too(off: float, right: bool) -> None:
    """17 weights stand in two boxes; the last one, found 5e-10 too large, is right, and it meets 10⁶."""
    x = [[1]] * 16 + [[1000000]]
    book = sheetgen.compile_text(
        f"title: Pieces\nmatrices:\n  x: {{role: input, value: {x}}}\n  W: {{role: parameter, value: {[[1] * 17]}}}\n"
        "steps: [z = W @ x, L = sum(z)]\nloss: L\nbackward: true\nupdate: {learning_rate: 0.000000001}\n"
    )
    (sheet,) = [sheet for sheet in book.plan.sheets if sheet.title == "After the update"]
    found = {name: book.values[name].copy() for name in ("W_new", "z_new")}
    found["W_new"][0, 16] += 5e-10
    found["z_new"] += off
    shown = [region for region in sheet.regions if region.name in found]
    assert [(region.name, region.width) for region in shown] == [("W_new", 16), ("W_new", 1), ("z_new", 1)]
    cells = {
        (region.row << 14) + region.column + j: float(found[region.name][0, region.corner[1] + j])
        for region in shown for j in range(region.width)
    }  # fmt: skip
    values = Values({sheet.title: SheetValues([*cells], [*cells.values()], {})})
    slack = Slack(book.plan, values, book.program, book.values)
    assert bool(off <= slack.of(sheet.title, shown[2])[0].item()) is right


def test_copies_have_the_noise_of_what_they_show(tmp_path: Path) -> None:
    text = spec("P = A @ B; R = P.T @ P", A="[[0.1, 0.2], [0.3, 0.7]]", B="[[1.1, -0.6], [-0.55, 0.3]]")
    book = sheetgen.compile_text(text)
    found = engines.get("ironcalc").recalculate([book.save(tmp_path / "copies.xlsx")])[0]
    slack = Slack(book.plan, found, book.program, book.values)
    copies = [(s.title, r) for s in book.plan.sheets for r in s.regions if r.role is Role.COPY]
    own = next(slack.of(s.title, r)[0] for s in book.plan.sheets for r in s.regions if r.name == "P")
    assert copies
    for title, region in copies:
        assert slack.of(title, region)[0].max() == pytest.approx(own.max(), rel=0.5)


def test_nothing_that_is_no_number_passes(tmp_path: Path) -> None:
    regions = (Region("A", Role.INPUT, 1, 1, np.array([[0.0, 1.0]])),)
    plan = WorkbookPlan("Gaps", (SheetPlan("Canvas", "Gaps", regions, ()),), (), "", ())
    path = write_by_hand(plan, tmp_path / "gaps.xlsx")
    for texts in ({}, {(1 << 14) + 1: "#VALUE!"}):
        values = Values({"Canvas": SheetValues([(1 << 14) + 2], [1.0], texts)})
        report = compare.compare(plan, values, path, "an engine")
        assert report.wrong == 1 and report.first is not None
        assert report.first.found == (texts.get((1 << 14) + 1))


def test_exactly_has_no_noise() -> None:
    assert not exactly(np.array([[1.0]]), np.array([[1.0]])).noise.any()
