"""Hundreds of time steps and many heads: within the limits of a sheet, or one clear message."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from sheetgen.api import compile_text, program_of
from sheetgen.errors import LimitError
from sheetgen.layout.words.steps import step_rows
from sheetgen.layout.words.vocabulary import vocabulary
from sheetgen.passes.evaluate import evaluate
from sheetgen.spec.read import loads


def spec(stack: str, rows: int, columns: int, more: str = "") -> str:
    return (
        f"title: Large\nmatrices:\n  X: {{role: input, random: {{shape: [{rows}, {columns}], low: -1, high: 1}}}}\n"
        f"steps:\n  - layers: X\n    stack: [{stack}]\n    out: H\n{more}"
    )


@pytest.mark.slow
@pytest.mark.parametrize(("stack", "rows", "columns"), [("rnn: 2", 2, 300), ("multi_head_attention: 64", 128, 4)])
def test_a_large_program_fits_and_verifies(stack: str, rows: int, columns: int) -> None:
    report = compile_text(spec(stack, rows, columns)).verify()
    assert report.ok and report.cells > 3000


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_sheet_that_is_too_narrow_is_named() -> None:
    with pytest.raises(LimitError, match=r"^wide\.yaml: Sheet Canvas needs 16,\d+ columns; a sheet has 16,384\.$"):
        compile_text(spec("relu", 1, 16_384), "wide.yaml").verify()


LONG = (
    "title: Long\nmatrices:\n  x0: {{role: input, value: 1}}\n"
    "steps:\n  - {{for: t in 1..{0}, steps: ['x{{t}} = x{{t-1}} * 0.5 + 1']}}\n"
)


def test_the_texts_of_a_long_loop_are_made_in_linear_time() -> None:
    """Each turn's equation is that of all turns; with a loop over all of them for each, 4,000 turns took minutes."""

    def reads(turns: int) -> int:
        count = 0

        def profile(*_: object) -> None:
            nonlocal count
            count += 1

        words = vocabulary(program_of(loads(LONG.format(turns))))
        sys.setprofile(profile)
        rows = step_rows(words, lambda name: None, {})
        sys.setprofile(None)
        assert len(rows) == turns and rows[0].equation == "xₜ = ½·xₜ₋₁ + 1"
        return count

    small, large = reads(400), reads(800)
    assert large < 2.5 * small


@pytest.mark.slow
def test_a_product_of_three_hundred_by_three_hundred() -> None:
    given = "{{role: input, random: {{shape: [300, 300], low: -3, high: 3, seed: {0}}}}}"
    text = f"title: Large\nmatrices:\n  A: {given.format(1)}\n  B: {given.format(2)}\nsteps: [C = A @ B]\n"
    report = compile_text(text).verify()
    assert report.ok and report.cells == 270_000


@pytest.mark.slow
def test_a_loop_of_nineteen_thousand_nine_hundred_and_ninety_nine_turns() -> None:
    report = compile_text(LONG.format(19_999)).verify()
    assert report.ok and report.cells >= 20_000


def test_a_long_sum_is_written_with_its_ends() -> None:
    """The gradient of a weight that all of 100 turns use."""
    text = (
        "title: Long\nmatrices:\n  W: {role: parameter, value: 0.5}\n  x0: {role: input, value: 1}\nsteps:\n"
        "  - {for: t in 1..100, steps: ['x{t} = tanh(W * x{t-1} + 0.1)']}\n  - L = sum(x100)\n"
        "loss: L\nbackward: true\n"
    )
    rows = step_rows(vocabulary(program_of(loads(text))), lambda name: None, {})
    found = next(row.equation for row in rows if row.equation.startswith("∂W = "))
    assert found == "∂W = ∂(W·x₉₉ + 0.1)·x₉₉ + ∂(W·x₉₈ + 0.1)·x₉₈ + … + ∂(W·x₀ + 0.1)·x₀"


@pytest.mark.slow
def test_a_matrix_that_every_one_of_nineteen_thousand_steps_uses() -> None:
    """Almost as many as a spec may have: its gradient is a sum of sums, which nests no deeper than Python allows."""
    text = (
        "title: Long\nmatrices:\n  W: {role: parameter, value: 2}\n  S0: {role: constant, value: 0}\nsteps:\n"
        "  - {for: t in 1..19000, steps: ['S{t} = S{t-1} + W * 0.001']}\n  - L = sum(S19000 ** 2)\n"
        "loss: L\nbackward: true\n"
    )
    assert evaluate(program_of(loads(text)))["dL_dW"].item() == pytest.approx(2 * 19**2 * 2)
