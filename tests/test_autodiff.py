"""Whole programs: the seeds' figures, central differences, names, orientation, spreadsheets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import specs_by_hand
from formula_sheet import FormulaSheet

from sheetgen.errors import SpecError
from sheetgen.ir.node import Node
from sheetgen.ir.program import Program
from sheetgen.lang.show import show
from sheetgen.passes.evaluate import evaluate
from sheetgen.passes.expand import expand
from sheetgen.passes.grad import differentiate
from sheetgen.passes.lower import lower


def equations(program: Program) -> dict[str, str]:
    return {s.name: show(s.expr) for s in program.statements}


def test_backpropagation_by_hand() -> None:
    program = differentiate(lower(specs_by_hand.backpropagation()), learning_rate=0.1)
    v = evaluate(program)
    column = {name: v[name].ravel().tolist() for name in v if v[name].shape[1] == 1}
    assert column["Z1"] == [2, 1, -1, 1]
    assert column["A1"] == [2, 1, 0, 1]
    assert column["Z2"] == [1, -4, 1, 4]
    assert column["A2"] == [1, 0, 1, 4]
    assert column["Z3"] == [2, 2, -5]
    np.testing.assert_allclose(v["S"].ravel(), [0.49977, 0.49977, 0.00046], atol=5e-6)
    assert column["Y_pred"] == [0.5, 0.5, 0]
    assert column["dL_dZ3"] == [0.5, -0.5, 0]
    for name, expected in {
        "A2": [1, 0.5, 0.5, -0.5], "Z2": [1, 0, 0.5, -0.5], "A1": [0.5, -1, 0.5, -0.5], "Z1": [0.5, -1, 0, -0.5],
        "b3": [0.5, -0.5, 0], "b2": [1, 0, 0.5, -0.5], "b1": [0.5, -1, 0, -0.5],
    }.items():  # fmt: skip
        assert column[f"dL_d{name}"] == expected, name
    assert v["dL_dW3"].tolist() == [[0.5, 0, 0.5, 2], [-0.5, 0, -0.5, -2], [0, 0, 0, 0]]
    assert v["dL_dW2"].tolist() == [[2, 1, 0, 1], [0, 0, 0, 0], [1, 0.5, 0, 0.5], [-1, -0.5, 0, -0.5]]
    assert v["dL_dW1"].tolist() == [[1, 0.5, 1.5], [-2, -1, -3], [0, 0, 0], [-1, -0.5, -1.5]]
    np.testing.assert_allclose(v["W3_new"], v["W3"] - 0.1 * v["dL_dW3"])
    assert v["L_new"][0, 0] < v["L"][0, 0]
    eq = equations(program)
    assert eq["dL_dZ3"] == "Y_pred - Y"
    assert (eq["dL_dW3"], eq["dL_db3"]) == ("dL_dZ3 @ A2.T", "dL_dZ3")
    assert eq["dL_dA2"] == "W3.T @ dL_dZ3"
    assert eq["dL_dZ2"] == "where(Z2 > 0, dL_dA2, 0)"
    assert eq["W3_new"] == "W3 - learning_rate * dL_dW3"
    backward = [step for step in program.steps if step.phase == "backward"]
    assert [step.section for step in backward[:5]] == [
        "Part 5 · backward", "Part 5 · backward", "Part 5 · backward", "Part 4 · backward", "Part 3 · backward"
    ]  # fmt: skip
    assert [s.number for s in program.steps] == list(range(1, len(program.steps) + 1))
    assert [s.phase for s in program.steps[-2:]] == ["update", "after"]


def test_graph_network_by_hand() -> None:
    v = evaluate(expand(lower(specs_by_hand.graph_network())))
    assert v["M1"].tolist() == [[3, 2, 1, 1, 1], [0, 1, 0, 0, 1], [1, 3, 0, 2, 0]]
    assert v["H1"].tolist() == [[4, 4, 6, 4, 2], [0, 1, 1, 2, 1], [1, 5, 4, 5, 2]]
    assert v["H1_explained_0"].ravel().tolist() == [4, 0, 1]
    assert v["M2"].tolist() == [[0, 1, 1, 2, 1], [0, 3, 2, 3, 0], [1, 5, 4, 5, 2]]
    assert v["H2"].tolist() == [[1, 4, 2, 4, 3], [2, 8, 5, 6, 3], [5, 14, 10, 12, 7]]
    assert v["H2_explained_2"].ravel().tolist() == [2, 5, 10]
    assert v["F"].tolist() == [[0, 0, 0, 0, 0], [1, 0, 0, 0, 0], [2, 8, 5, 8, 5], [1, 7, 4, 5, 2], [2, 5, 4, 3, 1]]
    assert v["z"].tolist() == [[-3, 7, 3, 5, 0]]
    assert v["P"].tolist() == [[0, 1, 1, 1, 0.5]]


def exact_backpropagation() -> Any:
    spec = specs_by_hand.backpropagation()
    *steps, last = (s for s in spec.steps if not s.text.startswith("Y_pred"))
    return replace(spec, steps=(*steps, replace(last, text="L = cross_entropy(S, Y)")))


WHOLE = {
    "backpropagation": exact_backpropagation, "recurrent": specs_by_hand.recurrent,
    "attention": specs_by_hand.attention, "lstm": specs_by_hand.lstm,
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_whole_programs_match_central_differences(name: str) -> None:
    forward = lower(WHOLE[name]())
    assert forward.loss
    program = differentiate(forward, ["X"])
    values = evaluate(program)
    # away from the kinks of integer-valued examples
    rng = np.random.default_rng(3)
    givens = tuple(
        g if g.role in ("target", "constant") else replace(g, value=g.value + rng.uniform(-0.3, 0.3, g.shape))
        for g in program.givens
    )
    values = evaluate(replace(program, givens=givens))
    for given in givens:
        if given.role == "parameter" or given.name == "X":
            key = f"d{forward.loss}_d{given.name}"
            found = values[key]
            for at in np.ndindex(*given.shape):
                ends = []
                for step in (1e-6, -1e-6):
                    moved = given.value.copy()
                    moved[at] += step
                    new = tuple(replace(g, value=moved) if g.name == given.name else g for g in givens)
                    ends.append(evaluate(replace(forward, givens=new))[forward.loss][0, 0])
                assert found[at] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-4, abs=1e-6), (given.name, at)


def test_whole_programs_in_a_spreadsheet(tmp_path: Path) -> None:
    makers = {**WHOLE, "rounded": specs_by_hand.backpropagation, "graph": specs_by_hand.graph_network}
    for name, make in makers.items():
        program = lower(make())
        if program.loss:
            program = differentiate(program, ["X"], learning_rate=0.1)
        sheet = FormulaSheet()
        sheet.program(program if program.loss else expand(program))
        assert sheet.wrong(tmp_path) == [], name


def test_the_check_can_fail(tmp_path: Path) -> None:
    sheet = FormulaSheet()
    sheet.program(expand(lower(specs_by_hand.backpropagation())))
    rect = sheet.rects["A2"]
    sheet.book["Main"].cell(rect.row, rect.column, "=MIN(0,1)-5")
    assert any(line.startswith("A2[0, 0]") for line in sheet.wrong(tmp_path))


def test_repeated_use_adds_up_and_slices_are_put_together() -> None:
    eq = equations(differentiate(lower(specs_by_hand.recurrent()), ["X"]))
    assert eq["dE_total_dWh"] == " + ".join(f"dE_total_dH{t}_pre @ H{t - 1}.T" for t in (3, 2, 1))
    assert eq["dE_total_dX"] == "[" + " | ".join(f"Wx.T @ dE_total_dH{t}_pre" for t in (1, 2, 3)) + "]"
    assert eq["dE_total_dH2"] == "Wh.T @ dE_total_dH3_pre"
    assert eq["dE_total_dout"] == "-(Y - out)"


def test_generated_sentences() -> None:
    steps = differentiate(lower(specs_by_hand.backpropagation())).steps
    said = {step.equation.split(" = ")[0]: step.sentence for step in steps}
    assert "prediction minus target" in said["dL_dZ3"]
    assert said["dL_dW3"] == "The gradient of W3: that of Z3 times the other factor of the product."
    assert said["dL_db3"] == "A bias's input is 1, so the gradient of b3 is that of Z3."
    assert said["dL_dA2"] == "Back through the product that makes Z3, to A2."
    assert "where the ReLU's input was positive" in said["dL_dZ2"]
    steps = differentiate(lower(specs_by_hand.recurrent())).steps
    assert any("all its uses" in step.sentence for step in steps if step.equation.startswith("dE_total_dWh"))


def test_target_columns_that_do_not_add_up_to_one_keep_the_exact_gradient() -> None:
    spec = specs_by_hand.spec(
        {"Z": ("parameter", [1, 2]), "Y": ("target", [2, 1])}, ["P = softmax(Z)", "L = cross_entropy(P, Y)"], "L"
    )
    program = differentiate(lower(spec))
    assert equations(program)["dL_dZ"] == "P * sum(Y, axis=0) - Y"
    v = evaluate(program)
    np.testing.assert_allclose(v["dL_dZ"], 3 * v["P"] - v["Y"])


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("binary_cross_entropy(P, Y)", "P - Y"),
        ('binary_cross_entropy(P, Y, reduction="mean")', "(P - Y) / 4"),
    ],
)
def test_sigmoid_and_its_loss_simplify(loss: str, expected: str) -> None:
    spec = specs_by_hand.spec(
        {"Z": ("parameter", [[1, 2], [0, -1]]), "Y": ("target", [[1, 0], [0, 1]])},
        ["P = sigmoid(Z)", f"L = {loss}"],
        "L",
    )
    assert equations(differentiate(lower(spec)))["dL_dZ"] == expected


def test_asking_for_the_prediction_takes_the_long_way() -> None:
    eq = equations(differentiate(lower(exact_backpropagation()), ["S"]))
    assert eq["dL_dS"] == "where(Y == 0, 0, (-Y) / S)"


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("sum(A + V)", [[3], [3]]),
        ("sum(V - 2)", [[1], [1]]),
        ("sum(A * V)", [[6], [0]]),
        ("mean(A + V)", [[0.5], [0.5]]),
        ("sum(where(s > 0, s, 0) + A + 2 * V)", [[6], [6]]),
        ("sum(A + s * V)", [[15], [15]]),
        ("sum(maximum(V, A))", [[1], [2]]),
    ],
)
def test_a_constant_gradient_counts_what_was_broadcast(loss: str, expected: list[list[float]]) -> None:
    givens = {"A": ("input", [[1, 2, 3], [0, 1, -1]]), "V": ("parameter", [1.5, 0.5]), "s": ("input", [[5]])}
    v = evaluate(differentiate(lower(specs_by_hand.spec(givens, [f"L = {loss}"], "L"))))
    np.testing.assert_allclose(v["dL_dV"], expected)


def test_a_scalar_collects_from_everywhere() -> None:
    givens = {"A": ("input", [[1, 2, 3], [0, 1, -1]]), "s": ("parameter", [[5]])}
    v = evaluate(differentiate(lower(specs_by_hand.spec(givens, ["L = sum(where(s > 0, s, 0) + A)"], "L"))))
    assert v["dL_ds"].tolist() == [[6]]


def test_only_what_leads_to_a_parameter_is_computed() -> None:
    names = set(evaluate(differentiate(lower(exact_backpropagation()))))
    assert not any(name.startswith("dL_dX") for name in names)
    assert "dL_dL" not in names


def test_update_recomputes_only_what_changed() -> None:
    spec = specs_by_hand.spec(
        {"X": ("input", [1, 2]), "w": ("parameter", [[1, 1]]), "learning_rate": ("constant", [[5]])},
        ["F = X * 2", "out = w @ F", "L = sum(out ** 2)"], "L",
    )  # fmt: skip
    program = differentiate(lower(spec), learning_rate=0.5)
    v = evaluate(program)
    assert "F_new" not in v and {"w_new", "out_new", "L_new"} <= v.keys()
    assert v["learning_rate_2"].tolist() == [[0.5]]
    assert [s.phase for s in program.statements if s.name == "L_new"] == ["after"]


def test_errors() -> None:
    spec = exact_backpropagation()
    with pytest.raises(SpecError, match=r"no matrix `W9`.*`W[123]`"):
        differentiate(lower(spec), ["W9"])
    with pytest.raises(SpecError, match="doesn't depend on"):
        differentiate(lower(specs_by_hand.spec(
            {"A": ("parameter", [[1]]), "B": ("input", [[1]])}, ["L = A * 2", "C = B * 3"], "L")), ["C"])  # fmt: skip
    with pytest.raises(SpecError, match="doesn't depend on any parameter"):
        differentiate(lower(specs_by_hand.spec({"A": ("input", [[1]])}, ["L = A * 2"], "L")))
    with pytest.raises(SpecError, match="name the loss"):
        differentiate(lower(specs_by_hand.graph_network()))


def test_statements_are_drawable() -> None:
    """Products and ranges stand on operands only, and windows alone; composites are gone."""
    for make in WHOLE.values():
        for statement in differentiate(lower(make()), ["X"], 0.1).statements:
            assert_drawable(statement.expr, root=True)


def assert_drawable(node: Node, root: bool = False) -> None:
    assert node.kind != "composite", show(node)
    if node.kind in ("product", "reduction", "range"):
        assert root or node.kind in ("reduction", "product"), show(node)
        for arg in node.args:
            assert_operand(arg)
    else:
        for arg in node.args:
            assert_drawable(arg)


def assert_operand(node: Node) -> None:
    if not node.is_leaf:
        assert node.op in ("transpose", "slice", "vstack", "hstack", "ones"), show(node)
        for arg in node.args:
            assert_operand(arg)
