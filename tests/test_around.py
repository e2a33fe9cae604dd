"""The backward pass around the forward pass, for the engine that draws it there; goes with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import specs_by_hand
from formula_sheet import FormulaSheet
from test_autodiff import WHOLE, equations

from sheetgen.passes.evaluate import evaluate
from sheetgen.passes.expand import expand
from sheetgen.passes.grad import differentiate
from sheetgen.passes.grad.around import differentiate as around
from sheetgen.passes.lower import lower


def test_products_give_transposed_gradients() -> None:
    eq = equations(around(lower(specs_by_hand.backpropagation()), learning_rate=0.1))
    assert eq["dL_dZ3"] == "Y_pred - Y"
    assert eq["dL_dW3_T, dL_db3_T"] == "[A2 ; 1] @ dL_dZ3.T"
    assert eq["dL_dA2_T"] == "dL_dZ3.T @ W3"
    assert eq["dL_dZ2_T"] == "where(Z2.T > 0, dL_dA2_T, 0)"
    assert eq["W3_new"] == "W3 - learning_rate * dL_dW3_T.T"


def test_repeated_use_adds_up_and_slices_are_put_together() -> None:
    program = around(lower(specs_by_hand.recurrent()), ["X"])
    eq = equations(program)
    prefix = "dE_total_dWh"
    assert eq[f"{prefix}_T"] == " + ".join(f"{prefix}_from_H{t}_pre_T" for t in (3, 2, 1))
    assert eq["dE_total_dX_T"] == "[" + " ; ".join(f"dE_total_dX_from_H{t}_pre_T" for t in (1, 2, 3)) + "]"
    assert eq["dE_total_dH2_T, dE_total_dX_from_H3_pre_T"] == "dE_total_dH3_pre_T @ [Wh | Wx]"
    by_name = {s.name: s for s in program.statements}
    assert (by_name["dE_total_dH2_T"].axis, by_name["dE_total_dWh_from_H3_pre_T"].axis) == (1, 0)
    assert by_name["dE_total_dH2_T"].gradient_of == "H2"


def test_generated_sentences() -> None:
    steps = around(lower(specs_by_hand.backpropagation())).steps
    said = {step.equation.split(" = ")[0]: step.sentence for step in steps}
    assert "W3 and b3 in one product" in said["dL_dW3_T, dL_db3_T"]
    assert said["dL_dA2_T"] == "The gradient goes back through Z3's product to A2."


@pytest.mark.parametrize("name", WHOLE)
def test_the_numbers_are_those_of_the_other_form(name: str) -> None:
    forward = lower(WHOLE[name]())
    ours, theirs = evaluate(expand(around(forward, ["X"], 0.1))), evaluate(differentiate(forward, ["X"], 0.1))
    for given in forward.givens:
        key = f"d{forward.loss}_d{given.name}"
        if key in theirs:
            np.testing.assert_allclose(ours[key] if key in ours else ours[f"{key}_T"].T, theirs[key], atol=1e-12)
    assert ours[f"{forward.loss}_new"] == pytest.approx(theirs[f"{forward.loss}_new"])


def test_in_a_spreadsheet(tmp_path: Path) -> None:
    for name, make in WHOLE.items():
        sheet = FormulaSheet()
        sheet.program(expand(around(lower(make()), ["X"], learning_rate=0.1)))
        assert sheet.wrong(tmp_path) == [], name
