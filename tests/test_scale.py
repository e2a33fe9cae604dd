"""Hundreds of time steps and many heads: within the limits of a sheet, or one clear message."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sheetgen.api import compile_text, program_of
from sheetgen.errors import LimitError
from sheetgen.passes.evaluate import evaluate
from sheetgen.spec.read import loads


def spec(stack: str, rows: int, columns: int, more: str = "") -> str:
    return (
        f"title: Large\nmatrices:\n  X: {{role: input, random: {{shape: [{rows}, {columns}], low: -1, high: 1}}}}\n"
        f"steps:\n  - layers: X\n    stack: [{stack}]\n    out: H\n{more}"
    )


@pytest.mark.parametrize(("stack", "rows", "columns"), [("rnn: 2", 2, 300), ("multi_head_attention: 64", 128, 4)])
def test_a_large_program_fits_and_verifies(stack: str, rows: int, columns: int) -> None:
    report = compile_text(spec(stack, rows, columns)).verify()
    assert report.ok and report.cells > 3000


@pytest.mark.parametrize(("stack", "weights"), [("rnn: 2", "Wh1"), ("lstm: 2", "Wf1")])
def test_a_gradient_through_three_hundred_time_steps(stack: str, weights: str) -> None:
    """It is a sum of 300 matrices."""
    text = spec(stack, 2, 300, "  - L = mean(H ** 2)\nloss: L\nupdate: {learning_rate: 0.1}\n")
    program = program_of(loads(text))
    values = evaluate(program)
    found = values[f"dL_d{weights}_T"].T if f"dL_d{weights}_T" in values else values[f"dL_d{weights}"]
    losses = []
    for shift in (1e-6, -1e-6):
        moved = values[weights].copy()
        moved[0, 0] += shift
        givens = tuple(replace(g, value=moved) if g.name == weights else g for g in program.givens)
        losses.append(evaluate(replace(program, givens=givens))["L"][0, 0])
    assert found[0, 0] == pytest.approx((losses[0] - losses[1]) / 2e-6, rel=1e-4)
    assert max(len(step.equation) for step in program.steps) <= 4000


def test_a_sheet_that_is_too_narrow_is_named() -> None:
    with pytest.raises(LimitError, match=r"^wide\.yaml: Sheet Canvas needs 16,\d+ columns; a sheet has 16,384\.$"):
        compile_text(spec("relu", 1, 16_384), "wide.yaml").verify()


@pytest.mark.slow
def test_a_matrix_that_every_one_of_nineteen_thousand_steps_uses() -> None:
    """Almost as many as a spec may have: its gradient is a sum of sums, which nests no deeper than Python allows."""
    text = (
        "title: Long\nmatrices:\n  W: {role: parameter, value: 2}\n  S0: {role: constant, value: 0}\nsteps:\n"
        "  - {for: t in 1..19000, steps: ['S{t} = S{t-1} + W * 0.001']}\n  - L = sum(S19000 ** 2)\n"
        "loss: L\nbackward: true\n"
    )
    assert evaluate(program_of(loads(text)))["dL_dW"].item() == pytest.approx(2 * 19**2 * 2)
