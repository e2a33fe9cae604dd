"""Gradients against differences of the forward pass: right ones pass, wrong ones are found, kinks are counted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import sheetgen
from sheetgen.cmd import cli
from sheetgen.ops import OPERATIONS
from sheetgen.proof.gradients import check_gradients
from sheetgen.proof.report import Gradients

ROOT = Path(__file__).parents[1]
SPECS = ROOT / "specs"

BROADCAST = """
title: A target that broadcasts
matrices:
  Z: {role: parameter, value: [[2, 0], [1, 1], [0.1, -1], [0, 0]]}
  Y: {role: target, value: %s}
steps: ["P = softmax(Z)", "L = cross_entropy(P, Y)"]
loss: L
backward: true
"""
WRITTEN_OUT = "[[.25, .25], [.25, .25], [.25, .25], [.25, .25]]"


def checked(text: str) -> Gradients:
    found = sheetgen.compile_text(text).gradients
    assert found is not None
    return found


def spec(steps: str, x: str = "[[0.5, -1.2], [2, 0.3]]", wanted: str = "X") -> str:
    """A loss that weighs the cells of the last matrix, R, differently."""
    return f"""
title: One operation
matrices:
  X: {{role: parameter, value: {x}}}
steps:
{chr(10).join(f"  - {step}" for step in steps.split("; "))}
  - L = sum(R * R + 3 * R)
loss: L
backward: {{wrt: [{wanted}]}}
"""


def unfused(workbook: sheetgen.Workbook) -> Gradients | None:
    """What the check makes of the rule that takes a target of one number for a column's sum of 1."""
    p = workbook.values["P"]
    wrong = p * 0.25 - 0.25
    values = {**workbook.values, "dL_dZ": wrong}
    statements = (s if s.gradient_of == "Z" else replace(s, gradient_of=None) for s in workbook.program.statements)
    program = replace(workbook.program, statements=tuple(statements))
    return check_gradients(workbook.forward, program, values, workbook.plan)


def test_the_loss_of_a_broadcast_target_has_these_gradients() -> None:
    found = checked(BROADCAST % WRITTEN_OUT)
    assert (found.checked, found.kinks, found.wrong) == (8, 0, 0)


def test_a_rule_that_forgets_to_broadcast_is_found() -> None:
    found = unfused(sheetgen.compile_text(BROADCAST % "0.25"))
    assert found is not None and found.wrong == 8 and found.first is not None
    assert (found.first.kind, found.first.matrix) == ("gradient", "dL_dZ")
    assert found.first.expected == pytest.approx(0.3550, abs=5e-5)
    assert found.first.found == pytest.approx(-0.0987, abs=5e-5)
    assert str(found) == "gradients: 8 checked, 8 of them wrong"


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("tanh", "R = tanh(X)"),
        ("sigmoid", "R = sigmoid(X)"),
        ("exp", "R = exp(X)"),
        ("log", "R = log(X * X + 1)"),
        ("sqrt", "R = sqrt(X * X + 1)"),
        ("multiply", "R = X * exp(X)"),
        ("divide", "R = X / (X * X + 1)"),
        ("relu", "R = relu(X)"),
        ("leaky_relu", "R = leaky_relu(X)"),
        ("silu", "R = silu(X)"),
        ("gelu", "R = gelu(X)"),
        ("erf", "R = erf(X)"),
        ("abs", "R = abs(X)"),
        ("maximum", "R = maximum(X, X.T)"),
        ("softmax", "R = softmax(X)"),
        ("layer_norm", "R = layer_norm(X)"),
        ("mean", "R = mean(X, axis=0) * X"),
        ("max", "R = max(X, axis=1) * X"),
        ("conv2d", "R = conv2d(X, X)"),
        ("where", "R = where(X > 0, X * X, 2 * X)"),
    ],
)
def test_a_wrong_rule_is_found(name: str, steps: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rule in turn made wrong by a tenth, for its first argument that gets a gradient."""
    text = spec(steps)
    assert checked(text).wrong == 0 and checked(text).checked >= 4
    rule = OPERATIONS[name].gradient
    assert rule is not None

    def wrong(*args: object, **options: object) -> object:
        found = rule(*args, **options)
        if not isinstance(found, tuple):
            return found * 1.1
        at = 1 if name == "where" else 0
        return (*found[:at], found[at] * 1.1, *found[at + 1 :])

    monkeypatch.setitem(OPERATIONS, name, replace(OPERATIONS[name], gradient=wrong))
    found = checked(text)
    assert found.wrong > 0 and found.first is not None and found.first.matrix.startswith("dL_d")


def test_the_first_wrong_cell_is_the_nearest_to_the_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    tanh = OPERATIONS["tanh"]
    monkeypatch.setitem(OPERATIONS, "tanh", replace(tanh, gradient=lambda x, out, g: g * out))
    book = sheetgen.compile_text(spec("A = sigmoid(X); B = tanh(A); R = B * B"))
    found = book.gradients
    assert found is not None and found.first is not None
    assert found.first.matrix == "dL_dA"  # and not dL_dX, which follows from it
    region = next(r for r in book.plan.sheets[0].regions if r.name == "dL_dA")
    a = book.values["A"][0, 0]
    t = np.tanh(a)
    r = t * t
    assert found.first.expected == pytest.approx((2 * r + 3) * 2 * t * (1 - t * t), rel=1e-5)
    assert found.first.cell.endswith(str(region.row))


@pytest.mark.parametrize("tiny", ["1e-320", "-3e-308", "1e-299"])
def test_numbers_of_which_no_part_is_a_double_are_changed_as_0_is(tiny: str) -> None:
    found = checked(spec("Y = X + 2; R = tanh(Y)", f"[[{tiny}]]"))
    assert (found.checked, found.wrong) == (3, 0)


def test_a_parameter_that_the_loss_does_not_hang_on_has_a_gradient_of_0() -> None:
    found = checked("""
title: Detached
matrices:
  w: {role: parameter, value: 1}
  u: {role: parameter, value: 3}
steps: ["L = (w - detach(u)) ** 2"]
loss: L
backward: true
""")
    assert found.wrong == 0 and found.checked >= 1


def test_kinks_are_counted_and_left_out() -> None:
    """ReLU's gradient at 0 is 0 by convention; the difference quotient is half of the slope to the right."""
    found = checked(spec("R = relu(X)", x="[[0, -1], [2, 0]]"))
    assert (found.checked, found.kinks, found.wrong) == (2 + 4, 2, 0)  # of X and R
    assert str(found) == "gradients: 6 checked, 2 at kinks"


@pytest.mark.parametrize("steps", ["R = max(X, axis=0) * X", "R = max_pool(X, size=3)", "R = maximum(X, 1) * X"])
def test_ties_are_kinks_too(steps: str) -> None:
    found = checked(spec(steps, x="[[1, 1, 1], [1, 1, 1], [1, 1, 1]]"))
    assert found.wrong == 0 and found.kinks >= 9


@pytest.mark.parametrize("steps", [
    "A = floor(X * 1e7); R = A * 1e-7 + X",
    "A = ceil(X * 1e12) * 1e-12; R = A * X",
    "A = floor(square(square(square(X * 100)))) * 1e-16; R = A + X",
])  # fmt: skip
def test_steps_too_fine_to_be_seen_are_no_slope(steps: str) -> None:
    """What is rounded down to a whole number goes up by many steps within the smallest change: differences find a
    slope, where the gradient is 0, and rightly so."""
    found = checked(spec(steps, x="[[0.514159265358979, 1.2302585092994], [2.3141592653589, 0.372281323269014]]"))
    assert found.wrong == 0 and found.kinks == 4 and found.checked >= 4  # those of X; those of R are checked


def test_two_kinks_that_cancel_are_no_mistake() -> None:
    """relu(x) - relu(-x) is x; both rules are 0 at 0, the difference quotient is 1."""
    found = checked(spec("A = relu(X) - relu(-X); R = A * 1.5", x="[[0, 1], [2, 0]]"))
    assert found.wrong == 0 and found.kinks == 4  # of X, and of -X, which has a gradient of its own


def test_equal_logits_hide_no_wrong_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """The maximum inside of a softmax has ties then, but the softmax has no kink."""
    text = BROADCAST.replace("[[2, 0], [1, 1], [0.1, -1], [0, 0]]", "[[0, 0], [0, 0], [0, 0], [0, 0]]")
    text = text.replace("softmax(Z)", "softmax(Z) * W")
    text = text.replace("  Y:", "  W: {role: constant, value: [[1], [2], [3], [4]]}\n  Y:") % WRITTEN_OUT
    assert checked(text).wrong == 0
    rule = OPERATIONS["softmax"].gradient
    assert rule is not None
    broken = replace(OPERATIONS["softmax"], gradient=lambda x, out, g, axis=0: out * g)
    monkeypatch.setitem(OPERATIONS, "softmax", broken)
    assert checked(text).wrong > 0


DROWNED = """
title: What drowns in rounding
matrices:
  X: {role: parameter, value: [[1e-12, 2e-12]]}
  U: {role: constant, value: [[1, 3]]}
steps:
  - A = 1 + X
  - B = A - 1
  - L = sum(U * B + 0.01 * X)
loss: L
backward: true
"""


def test_what_drowns_in_the_rounding_of_other_numbers_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step of 1e-17 gets lost in 1 + 1e-12: the difference is the 0.01 of the other way."""
    found = checked(DROWNED)
    assert (found.wrong, found.kinks, found.checked, found.cells) == (0, 0, 4, 6)
    wide = DROWNED.replace("1e-12, 2e-12", "0.5, 2")
    assert checked(wide).checked == 6
    rule = OPERATIONS["subtract"]
    monkeypatch.setitem(OPERATIONS, "subtract", replace(rule, gradient=lambda x, y, out, g: (g * 1.1, -g)))
    assert checked(wide).wrong == 4


def test_rounding_passes_gradients_straight_through() -> None:
    found = checked(spec("A = round(X * 3.3, 1); R = tanh(A) * X"))
    assert found.wrong == 0 and found.kinks == 0 and found.checked >= 8


def test_a_gradient_that_goes_past_a_rounded_matrix_is_counted_and_what_follows_is_checked() -> None:
    book = sheetgen.compile(SPECS / "backpropagation.yaml")
    assert str(book.gradients) == "gradients: 67 checked, 3 rounded"
    values = {**book.values, "dL_dW1": book.values["dL_dW1"] + [[0.01] * 3] * 4}
    found = check_gradients(book.forward, book.program, values, book.plan)
    assert found is not None and found.wrong == 12 and found.first is not None and found.first.matrix == "dL_dW1"


def test_without_a_backward_pass_there_is_nothing_to_check() -> None:
    assert sheetgen.compile(SPECS / "gcn.yaml").gradients is None


def test_a_sample_of_a_large_network_is_always_the_same() -> None:
    side = 60
    text = f"""
title: Large
matrices:
  X: {{role: input, random: {{shape: [{side}, {side}], low: -1, high: 1, seed: 1}}}}
  Y: {{role: target, random: {{shape: [{side}, {side}], low: -1, high: 1, seed: 2}}}}
steps:
  - {{layers: X, stack: [{{linear: {side}}}, tanh, {{linear: {side}}}, sigmoid, {{linear: {side}}}], out: out}}
  - L = mse(out, Y)
loss: L
backward: true
"""
    first, second = checked(text), checked(text)
    assert first == second and first.wrong == 0
    assert 100 < first.checked < first.cells == 3 * (side * side + side) + 5 * side * side
    assert str(first) == f"gradients: {first.checked:,} of {first.cells:,} checked"


def test_the_build_says_how_many_and_fails_on_a_wrong_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(spec("R = tanh(X)"))
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli.app, ["build", str(path)])
    assert result.exit_code == 0 and "verified by IronCalc, gradients: 8 checked (" in result.stdout
    data = json.loads(CliRunner().invoke(cli.app, ["build", str(path), "--json"]).stdout)
    assert data["results"][0]["reports"][0]["gradients"]["checked"] == 8
    monkeypatch.setitem(OPERATIONS, "tanh", replace(OPERATIONS["tanh"], gradient=lambda x, out, g: g * out))
    result = CliRunner().invoke(cli.app, ["build", str(path)])
    assert result.exit_code == 1
    assert "gradients wrong, gradients: 8 checked, 4 of them wrong" in result.stdout
    assert "dL_dX Canvas!" in result.stderr and "isn't what differences of the forward pass say" in result.stderr


def test_what_is_left_of_a_gradient_after_rounding() -> None:
    """1 - 1 is right for a gradient of -1.7e-44: there isn't more in 16 digits. But nothing larger than that passes."""
    text = (
        "title: t\nmatrices:\n  Z: {role: parameter, value: 100.8}\n  Y: {role: target, value: 1}\nsteps:\n"
        "  - L = binary_cross_entropy_with_logits(Z, Y)\nloss: L\nbackward: true\n"
    )
    book = sheetgen.compile_text(text)
    assert book.values["dL_dZ"].item() == 0
    assert book.gradients is not None and book.gradients.wrong == 0
