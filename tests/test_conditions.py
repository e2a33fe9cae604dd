"""Rounds of a loop that differ: steps under an `if`, and matrices in which there is nothing at first."""

from __future__ import annotations

import numpy as np
import pytest

from sheetgen.api import compile_text, program_of
from sheetgen.errors import SpecError
from sheetgen.spec.braces import Values, holds
from sheetgen.spec.read import loads

HEAD = """title: t
matrices:
  X: {role: input, value: [[1, 2, 0.5], [3, -1, 2]]}
  K_0: {role: constant, zeros: [2, 0]}
steps:
"""


@pytest.mark.parametrize(
    ("text", "values", "answer"),
    [
        ("t > 1", {"t": 2}, True),
        ("t > 1", {"t": 1}, False),
        ("t % 2 == 0", {"t": 4}, True),
        ("t % 2 == 0", {"t": 3}, False),
        ("1 <= t < n - 1", {"t": 2, "n": 4}, True),
        ("1 <= t < n - 1", {"t": 3, "n": 4}, False),
        ("2 * t != n", {"t": 2, "n": 4}, False),
        ("gate == f", {"gate": "f"}, True),
        ("gate == 'f'", {"gate": "f"}, True),
        ("gate in [i, o]", {"gate": "f"}, False),
        ("gate not in [i, o]", {"gate": "f"}, True),
        ("t in (1, 3) and not t == 3", {"t": 1}, True),
        ("t == 2 or t == 3", {"t": 3}, True),
        ("a == b", {"a": "x", "b": "x"}, True),
    ],
)
def test_conditions(text: str, values: Values, answer: bool) -> None:
    assert holds(text, values) is answer


def test_steps_of_some_rounds() -> None:
    text = HEAD + """
  - for: t in 0..2
    steps:
      - if: t == 0
        steps: ["h{t} = X[:, 0]"]
        else:
          - h{t} = h{t-1} + X[:, {t}]
          - if: "{t} == 2"
            steps:
              - do: o = sum(h{t})
                say: After round {t}.
"""
    assert [step.text for step in loads(text).steps] == [
        "h0 = X[:, 0]", "h1 = h0 + X[:, 1]", "h2 = h1 + X[:, 2]", "o = sum(h2)",
    ]  # fmt: skip
    book = compile_text(text)
    assert book.values["o"][0, 0] == 7.5 and book.program.steps[-1].sentence == "After round 2." and book.verify().ok


def test_rounds_in_which_nothing_is_computed() -> None:
    """They don't count, wherever they are, and neither does a loop without any."""
    text = HEAD + """
  - for: t in 1..5
    steps:
      - section: Turn {t}
      - if: t % 2 == 0
        steps: ["Y{t} = X * {t}", "A{t} = relu(Y{t})"]
        else: [say: "Nothing in turn {t}."]
  - for: t in 1..3
    steps: [{if: t > 3, steps: ["N{t} = X"]}]
  - for: name in [p, q, r]
    steps:
      - if: name in [q, r]
        steps: ["Z{name} = A2 - X"]
      - if: name == p
        steps: ["B{name} = tanh(X)"]
  - L = sum(A4 + Zr + Bp)
"""
    assert [step.round for step in loads(text).steps if step.kind == "do"] == [
        (1, 0), (1, 0), (1, 1), (1, 1), (2, 0), (2, 1), (2, 2), None,
    ]  # fmt: skip
    book = compile_text(text)
    assert book.verify().ok and [variable.values for variable in book.program.variables][1] == ("p", "q", "r")


@pytest.mark.filterwarnings("error")
def test_python_s_warnings_are_for_nobody() -> None:
    assert holds("t > 1and t < 3", {"t": 2})


def test_within_a_function_the_other_function_is_found() -> None:
    text = """title: t
define:
  inner(A): 2 * A
  outer(A):
    - for: t in 1..2
      steps:
        - if: t == 1
          steps: ["B{t} = inner(A)"]
          else: ["B{t} = inner(B1)"]
    - B2 + A
matrices: {X: {role: input, value: [1, 2]}}
steps: [Y = outer(X)]
"""
    np.testing.assert_array_equal(compile_text(text).values["Y"], [[5], [10]])


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("t >", ("can't decide `t >`", "`t > 1`")),
        ("t", ("can't decide `t`",)),
        ("t > max(1, 2)", ("can't decide",)),
        ("tt > 1", ("`tt` isn't a number", "`t` is")),
        ("t in 1..3", ("can't decide",)),
        ("t % 0 == 1", ("division by 0",)),
        ("t is 1", ("can't decide",)),
    ],
)
def test_a_condition_that_asks_nothing(condition: str, words: tuple[str, ...]) -> None:
    text = HEAD + f"  - for: t in 1..2\n    steps:\n      - if: {condition}\n        steps: ['Y{{t}} = X']\n"
    with pytest.raises(SpecError) as caught:
        loads(text, "s.yaml")
    assert str(caught.value).startswith("s.yaml:8:13: ")
    assert not [word for word in words if word not in caught.value.message], caught.value.message


def test_an_if_outside_a_loop() -> None:
    with pytest.raises(SpecError, match="6:9: `if` asks for the variable of a loop"):
        loads(HEAD + "  - if: 1 > 2\n    steps: [Y = X]\n")


GROWING = HEAD + """  - V_0 = zeros((0, 3))
  - for: t in 1..3
    steps:
      - K_{t} = hstack([K_{t-1}, 2 * X[:, {t-1}]])
      - V_{t} = vstack([X[0] * {t}, V_{t-1}])
  - L = sum(K_3 * X) + sum(V_3 ** 2)
loss: L
backward: {wrt: [X]}
"""


def test_a_stack_grows_from_nothing() -> None:
    book = compile_text(GROWING)
    x = np.array([[1, 2, 0.5], [3, -1, 2]])
    np.testing.assert_array_equal(book.values["K_1"], 2 * x[:, :1])
    np.testing.assert_array_equal(book.values["K_3"], 2 * x)
    np.testing.assert_array_equal(book.values["V_3"], np.outer([3, 2, 1], x[0]))
    assert not {"K_0", "V_0"} & {*book.values, *(given.name for given in book.program.givens)}
    assert book.program.steps[0].sentence == "V_0 is 0×3 at first: there is nothing in it yet."
    report = book.verify()
    assert report.ok and report.gradients and report.gradients.checked and not report.gradients.wrong


def test_nothing_beside_nothing_is_nothing() -> None:
    text = HEAD + "  - K_1 = hstack([K_0, K_0])\n  - Z = vstack([X, zeros((0, 3))])\n  - n = X * (1 + columns(K_1))\n"
    program = program_of(loads(text))
    assert [s.name for s in program.statements] == ["Z", "n"]


@pytest.mark.parametrize(
    ("step", "place", "words"),
    [
        ("Y = X + K_0", "6:9", ("K_0 is 2×0", "only hstack and vstack")),
        ("Y = K_0.T @ X", "6:9", ("is 0×2", "only hstack and vstack")),
        ("Y = sum(K_0)", "6:9", ("K_0 is 2×0",)),
        ("Y = sum([X, K_0])", "6:9", ("K_0 is 2×0",)),
        ("Y = hstack([X, zeros((3, 0))])", "6:9", ("all need the same number of rows",)),
        ("Y = vstack([X, K_0])", "6:9", ("all need the same number of columns",)),
        ("K_0 = X", "6:5", ("`K_0` is given",)),
        ("verdict: K_0", "6:14", ("`K_0` is 2×0",)),
        ("{layers: K_0, stack: [relu]}", "6:14", ("`K_0` is 2×0",)),
        ("Y = zeros((0, 0))", "6:9", ("`zeros((2, 3))`",)),
    ],
)
def test_only_a_stack_takes_an_empty_matrix(step: str, place: str, words: tuple[str, ...]) -> None:
    with pytest.raises(SpecError) as caught:
        program_of(loads(HEAD + f"  - {step}\n  - Z = X\n", "s.yaml"))
    assert str(caught.value).startswith(f"s.yaml:{place}: "), str(caught.value)
    assert not [word for word in words if word not in caught.value.message], caught.value.message


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("charts: [{points: [K_0]}]\n", ("`K_0` is 2×0",)),
        ("loss: L\nbackward: {wrt: [K_0]}\n", ("`K_0`",)),
        ("exercise: {blank: [K_0]}\n", ("`K_0`",)),
        ("vary: {matrices: {K_0: [0, 1]}}\n", ("`K_0`",)),
    ],
)
def test_nothing_else_asks_for_an_empty_matrix(more: str, words: tuple[str, ...]) -> None:
    with pytest.raises(SpecError) as caught:
        compile_text(HEAD + "  - L = sum(X ** 2)\n" + more).verify()
    assert not [word for word in words if word not in caught.value.message], caught.value.message
