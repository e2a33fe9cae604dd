"""What a statement means stands in its fields: a user's names, however they look, change nothing."""

from __future__ import annotations

import pytest
import specs_by_hand

import sheetgen
from sheetgen.ir.program import Origin, Program, Statement, Target
from sheetgen.layout.plan import Role
from sheetgen.passes.grad import differentiate
from sheetgen.passes.lower import lower
from sheetgen.workbook import Workbook

MATRICES = """\
title: Names
matrices:
  W: {role: parameter, value: [[1, 2], [0, -1]]}
  X: {role: input, value: [[1, 3], [2, 1]]}
  Y: {role: target, value: [[1, 0], [0, 1]]}
steps:
"""


def workbook(steps: list[str], more: str = "") -> Workbook:
    return sheetgen.compile_text(MATRICES + "".join(f"  - {step}\n" for step in steps) + more)


def role(made: Workbook, name: str) -> Role:
    return next(r.role for sheet in made.plan.sheets for r in sheet.regions if r.name == name)


def test_a_matrix_called_p_exp_leaves_p_an_output() -> None:
    made = workbook(["Z = W @ X", "P_exp = exp(Z)", "P = softmax(Z)"])
    assert role(made, "P") is Role.OUTPUT
    plain = ["Z = W @ X", "P_exp = exp(Z)", "P_sum = sum(Z, axis=0)", "P = P_exp / P_sum", "V = W @ P"]
    assert role(workbook(plain), "P") is Role.FORWARD
    assert role(workbook([*plain[:3], "P = softmax(Z)", "V = W @ P"]), "P") is Role.HEATMAP


@pytest.mark.parametrize("name", ["L_hidden", "Hidden"])
def test_a_matrix_that_begins_like_the_loss_is_an_activation(name: str) -> None:
    made = workbook([f"{name} = relu(W @ X)", f"P = W @ {name}", "L = mse(P, Y)"], "loss: L\n")
    assert role(made, name) is Role.ACTIVATION
    assert role(made, "L_squares") is Role.FORWARD


def test_a_matrix_called_terms_is_no_cross_entropy() -> None:
    made = workbook(["my_terms = where(X > 2, X, 0)", "P = softmax(W @ my_terms)", "L = cross_entropy(P, Y)"])
    captions = {x.text for x in made.plan.sheets[0].labels if x.style == "name"}
    assert not any("ln" in text for text in captions if "my_terms" in text)
    assert any("ln" in text for text in captions)


def by_name(program: Program) -> dict[str, Statement]:
    return {s.name: s for s in program.statements}


def network() -> Program:
    givens = {
        "W": ("parameter", [[1, 2], [0, -1]]), "X": ("input", [[1, 3], [2, 1]]), "Y": ("target", [[1, 0], [0, 1]])
    }  # fmt: skip
    steps = ["A = relu(W @ X)", "P = softmax(W @ A + A)", "L = cross_entropy(P, Y)"]
    return differentiate(lower(specs_by_hand.spec(givens, steps, "L")), learning_rate=0.1)


def test_helpers_say_what_they_are_for() -> None:
    found = by_name(network())
    assert found["A_pre"].origin == Origin("relu", "pre", "A")
    assert found["P_pre"].origin == Origin("softmax", "pre", "P")
    assert found["P_pre_product"].origin == Origin("add", "product", "P_pre")
    assert found["P_exp"].origin == Origin("softmax", "exp", "P")
    assert found["L_terms"].origin == Origin("cross_entropy", "terms", "L")
    assert (found["P"].origin, found["P"].composite, found["A"].composite) == (None, "softmax", "")
    assert found["P_new_exp"].origin == Origin("softmax", "exp", "P_new")
    assert found["P_pre_new"].origin == Origin("softmax", "pre", "P_new")
    assert all((s.origin is not None) == s.auxiliary for s in found.values())


def test_what_comes_again_says_what_it_repeats() -> None:
    found = by_name(network())
    again = {name: s.repeats for name, s in found.items() if s.repeats}
    assert again == {f"{name}_new": name for name in ("W", "A_pre", "A", "P_pre_product", "P_pre", "P", "L")} | {
        "P_new_exp": "P_exp", "P_new_sum": "P_sum", "L_new_terms": "L_terms"
    }  # fmt: skip


def test_gradients_say_what_they_came_through() -> None:
    found = {s.gradient_of: s.via for s in network().statements if s.gradient_of}
    assert found["P_pre"] == ("L",)  # softmax and cross-entropy in one go
    assert found["A"] == ("P_pre", "P_pre_product")
    assert found["W"] == ("P_pre_product", "A_pre")
    helpers = [s for s in network().statements if s.phase == "backward" and s.auxiliary]
    assert all(s.via == () and s.gradient_of is None for s in helpers)


def test_explained_and_judged_matrices_are_told() -> None:
    found = by_name(lower(specs_by_hand.graph_network()))
    assert found["H1_explained_0"].target == Target("H1", 0)
    assert found["H2_explained_2"].target == Target("H2", 2)
    verdict = next(s for s in found.values() if s.kind == "verdict")
    assert verdict.target == Target(verdict.expr.name)


def test_sections_belong_to_statements_and_matrices_to_steps() -> None:
    program = differentiate(lower(specs_by_hand.backpropagation()), learning_rate=0.1)
    found = by_name(program)
    assert [found[name].section for name in ("Z1", "A1", "Z3", "dL_dZ3", "W1_new", "L_new")] == [
        "Part 1", "Part 2", "Part 5", "Part 5 · backward", "Update", "After the update"
    ]  # fmt: skip
    steps = {step.number: step.matrices for step in program.steps}
    assert steps[found["Z1"].step] == ("Z1",)
    assert steps[found["W1_new"].step] == ("W1_new", "b1_new", "W2_new", "b2_new", "W3_new", "b3_new")
    assert all(name in found for names in steps.values() for name in names)


def test_steps_of_a_group_run_through_several_sections() -> None:
    steps = ["section: One", "A = relu(W @ X)", "section: Two", "B = A + X"]
    made = workbook(["\n      - ".join(["say: All at once\n    steps:", *steps])])
    found = by_name(made.program)
    assert (found["A"].step, found["A"].section) == (found["B"].step, "One")
    assert found["B"].section == "Two"
