"""Nothing is computed twice and nothing for nothing, in the programs of all specs; what authors write stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from by_specs import PATHS, SPECS

from sheetgen.api import program_of
from sheetgen.ir.program import Program, Statement
from sheetgen.lang.show import show
from sheetgen.passes.evaluate import evaluate
from sheetgen.passes.expand import expand
from sheetgen.passes.grad import differentiate
from sheetgen.passes.lower import lower
from sheetgen.passes.number import Values, numbered
from sheetgen.spec import read


def natural(spec: read.Spec) -> Program:
    forward = lower(spec)
    return differentiate(forward, spec.wrt, spec.learning_rate) if spec.backward else numbered(expand(forward))


def compiled(matrices: list[str], steps: list[str], more: str = "loss: L\nbackward: true\n") -> Program:
    lines = "".join(f"  {line}\n" for line in matrices), "".join(f"  - {step}\n" for step in steps)
    return natural(read.loads(f"title: t\nmatrices:\n{lines[0]}steps:\n{lines[1]}{more}"))


def equations(program: Program) -> dict[str, str]:
    return {s.name: show(s.expr) for s in program.statements}


def doubles(program: Program) -> dict[str, str]:
    """Statements of the compiler's that compute what one above them does, with its name; mere references and numbers,
    under a name that a reader looks for, the second forward pass, whose rounds stay alike, and what two losses pass
    back, each in gradients of its own, aren't meant."""
    values, found = Values(), {}
    losses = {s.name: s.loss for s in program.statements}
    for s in program.statements:
        if s.kind == "matrix":
            other = values.holder.get(values.number(s.expr))
            ours = s.auxiliary or s.phase == "backward"
            apart = other is not None and None not in (s.loss, losses.get(other)) and s.loss != losses[other]
            told = s.expr.is_matrix or (s.gradient_of and not s.expr.references)
            if other is not None and ours and not apart and s.repeats is None and not told:
                found[s.name] = other
            values.define(s)
    return found


def unread(program: Program) -> set[str]:
    """What the compiler made and nothing reads, though nobody asked for it."""
    read_somewhere = {ref.name for s in program.statements for ref in s.expr.references}
    asked = {g.name for g in program.givens if g.role == "parameter"}

    def wanted(s: Statement) -> bool:
        return s.kind != "matrix" or (not s.auxiliary and s.phase != "backward") or s.gradient_of in asked

    return {s.name for s in program.statements if not wanted(s) and s.name not in read_somewhere}


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_no_double_and_no_dead_matrix(path: Path) -> None:
    spec = read.load(path)
    program = natural(spec)
    assert doubles(program) == {}
    assert unread(program) == {s.name for s in program.statements if s.gradient_of in spec.wrt} & unread(program)
    numbers = list(dict.fromkeys(step.number for step in program.steps))
    assert numbers == list(range(1, len(numbers) + 1)) and {s.step for s in program.statements} <= set(numbers)
    made = {s.name for s in program.statements}
    assert all(set(step.matrices) <= made for step in program.steps)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_numbers_are_the_same_as_without(path: Path) -> None:
    """Every matrix that the forward pass had has its value, and what went was a helper."""
    spec = read.load(path)
    before, after = evaluate(expand(lower(spec))), evaluate(natural(spec))
    helpers = {s.name for s in expand(lower(spec)).statements if s.auxiliary}
    assert before.keys() - after.keys() <= helpers
    for name in before.keys() & after.keys():
        np.testing.assert_array_equal(after[name], before[name])


def test_a_gradient_that_is_a_number_reads_no_other() -> None:
    """The same number reaches both losses; the one isn't made of the other."""
    text = ("title: t\nmatrices:\n  w: {role: parameter, value: 2}\nsteps: [A = w ** 2, B = exp(w), L = (A + B) / 4]\n"
            "loss: L\nbackward: true\n")  # fmt: skip
    made = {s.gradient_of: show(s.expr) for s in natural(read.loads(text)).statements if s.gradient_of}
    assert made["A"] == made["B"] == "1 / 4"


def test_the_checks_can_fail() -> None:
    program = program_of(read.load(PATHS["transformer"]))
    helper = next(s for s in program.statements if s.auxiliary)
    again = Statement("again", helper.expr, 1, auxiliary=True)
    spoilt = Program("t", program.givens, (*program.statements, again), ())
    assert doubles(spoilt) == {"again": helper.name} and unread(spoilt) == {"again"}


X, W = "X: {role: input, value: [[1, 2, 4], [3, -1, 1]]}", "W: {role: parameter, value: [[1, 0], [2, -1]]}"


def test_the_gradient_of_a_norm_reads_the_rows_of_the_forward_pass() -> None:
    eq = equations(compiled([X, W], ["N = layer_norm(W @ X, 2, 1)", "L = sum(N ** 3)"]))
    inner = "dL_dN_pre_terms"
    assert eq["dL_dN_pre"].endswith("/ N_std") and "N_hat * mean(" in eq["dL_dN_pre"], eq["dL_dN_pre"]
    assert not {name for name in eq if name.startswith("dL")} - {"dL_dN", "dL_dN_pre", inner, f"{inner}_2", "dL_dW"}


def test_a_comparison_gets_no_gradient() -> None:
    eq = equations(compiled([X, W], ["Z = W @ X", "M = Z > 0", "A = M * Z", "L = sum(A ** 2)"]))
    assert "dL_dM" not in eq and eq["dL_dZ"] == "dL_dA * M"


def test_a_gradient_that_is_passed_on_through_sums_goes_from_each_to_the_next() -> None:
    eq = equations(compiled([X, W], ["A = W @ X", "B = X * 2 + A", "C = B + X", "L = sum(C ** 2)"]))
    assert (eq["dL_dB"], eq["dL_dA"]) == ("dL_dC", "dL_dB")


def test_authors_may_write_things_twice() -> None:
    steps = ["A = tanh(W @ X)", "B = tanh(W @ X)", "C = A + B", "L = sum(C)"]
    eq = equations(compiled([X, W], steps))
    assert (eq["A"], eq["B"]) == ("tanh(A_pre)", "tanh(A_pre)")
    assert eq["A_pre"] == "W @ X" and "B_pre" not in eq


def test_what_is_the_same_in_every_round_is_computed_once_before_the_loop() -> None:
    loop = "{for: 't in 1..3', steps: ['H{t} = tanh(W @ H{t-1} + sqrt(abs(B)) @ ones((2, 3)))']}"
    program = compiled([X.replace("X:", "H0:"), W, "B: {role: constant, value: [[1, 4], [9, 16]]}"],
                       ["A = B + 1", loop, "L = sum(H3)"])  # fmt: skip
    names = [s.name for s in program.statements if s.phase == "forward"]
    once = [s for s in program.statements if s.name in ("H1_left", "H1_pre_left", "H1_sqrt", "H1_abs", "H1_pre_sqrt")]
    assert once and all(s.round is None for s in once)
    assert all(names.index(s.name) < names.index("H1") for s in once)
    shapes = {r: [s.shape for s in program.statements if s.round == (1, r) and s.phase == "forward"] for r in range(3)}
    assert shapes[0] == shapes[1] == shapes[2]
    assert not any("sqrt" in name for name in names if not name.startswith("H1"))


def test_rounds_stay_alike_where_only_one_could_go() -> None:
    """Round 1 computes what stands above the loop; rounds 2 and 3 don't, so it stays in all of them."""
    loop = "{for: 't in 1..3', steps: ['H{t} = relu(tanh(H{t-1}) * 2)']}"
    eq = equations(compiled([X.replace("X:", "H0:").replace("input", "parameter")],
                            ["A = tanh(H0) * 2", loop, "L = sum(H3)"]))  # fmt: skip
    assert {"H1_pre", "H2_pre", "H3_pre"} <= eq.keys()


SOFTMAXES = ["Z = W @ X", "P = softmax(Z)", "Q = softmax(Z)"]
GIVENS = ["X: {role: input, value: [[1, 2], [0, 1]]}", "W: {role: parameter, value: [[1, 0], [2, 1]]}"]
AGAIN = "loss: L\nbackward: true\nupdate: {learning_rate: 0.1}\n"


@pytest.mark.parametrize(
    ("loss", "left", "again"),
    [
        ("L = sum(Q ** 2)", "Q_new_exp / Q_new_sum", {"Q_new_exp": "P_exp", "Q_new_sum": "P_sum", "Q_new": "Q"}),
        ("L = sum(P * Q)", "P_new_exp / P_new_sum",
         {"P_new_exp": "P_exp", "P_new_sum": "P_sum", "P_new": "P", "Q_new": "Q"}),
    ],
)  # fmt: skip
def test_a_second_pass_repeats_what_helpers_became(loss: str, left: str, again: dict[str, str]) -> None:
    program = compiled(GIVENS, [*SOFTMAXES, loss], AGAIN)
    repeated = {s.name: s.repeats for s in program.statements if s.phase == "after" and s.name[0] in "PQ"}
    assert repeated == again
    assert equations(program)["Q_new"] == left
