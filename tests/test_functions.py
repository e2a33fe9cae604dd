"""`define:`: what the uses of a spec's own functions become, and what is wrong with those that can't be written out."""

from __future__ import annotations

from textwrap import indent

import numpy as np
import pytest

from sheetgen.api import compile_text, exercises_text, program_of
from sheetgen.errors import SpecError
from sheetgen.ir.program import Program
from sheetgen.lang.show import show
from sheetgen.spec.read import loads

HEAD = """title: t
matrices:
  X: {role: input, value: [[1, 2, 0.5], [3, -1, 2]]}
  W: {role: parameter, value: [[1, -1], [2, 1]]}
"""
ATTEND = """attend(Q, K, V):
  - S = K.T @ Q / sqrt(rows(Q))
  - A = softmax(S)
  - V @ A
"""


def spec(define: str, *steps: str, rest: str = "") -> str:
    """The function stands on line 6, the first step on the line after `steps:`."""
    lines = "".join(f"  - {step}\n" for step in steps)
    return f"{HEAD}define:\n{indent(define.strip(), '  ')}\nsteps:\n{lines}{rest}"


def texts(define: str, *steps: str) -> list[str]:
    return [step.text for step in loads(spec(define, *steps)).steps]


def meaning(program: Program) -> list[tuple[object, ...]]:
    said = [(step.number, step.sentence, step.section) for step in program.steps]
    return [*((s.name, s.step, s.phase, s.section, s.round, show(s.expr)) for s in program.statements), *said]


WRITTEN: dict[str, tuple[str, tuple[str, ...], list[str]]] = {
    "arguments that are computed have names": (
        ATTEND, ("O = attend(W @ X, 2 * X, X)",),
        ["O_Q = W @ X", "O_K = 2 * X", "O_S = O_K.T @ O_Q / sqrt(rows(O_Q))", "O_A = softmax(O_S)", "O = X @ O_A"],
    ),
    "names, numbers and parts of matrices stand for themselves": (
        "f(A, n): A / n", ("Y = f(X, 2)", "Z = f(X[:, 0:1], -2)", "U = f(X.T, n=0.5)", "V = f(n=3, A=X[0].T)"),
        ["Y = X / 2", "Z = X[:, 0:1] / (-2)", "U = X.T / 0.5", "V = X[0].T / 3"],
    ),
    "what may be left out": (
        "f(A, by=-2): A * by ** 2", ("Y = f(X)", "Z = f(X, 3)"), ["Y = X * (-2) ** 2", "Z = X * 3 ** 2"],
    ),
    "within an expression": (
        "f(A): relu(A)", ("Y = X + f(W @ X) * f(f(X))",),
        ["Y_f_A = W @ X", "Y_f = relu(Y_f_A)", "Y_f_2_A = relu(X)", "Y_f_2 = relu(Y_f_2_A)", "Y = X + Y_f * Y_f_2"],
    ),
    "one that uses another": (
        "f(A): relu(A)\ng(A):\n  - B = f(W @ A)\n  - B + f(B)", ("Y = g(X)",),
        ["Y_B_A = W @ X", "Y_B = relu(Y_B_A)", "Y_f = relu(Y_B)", "Y = Y_B + Y_f"],
    ),
    "a result that has a name inside": (
        "f(A):\n  - B = W @ A\n  - C = relu(B)\n  - C", ("Y = f(X)",), ["Y_B = W @ X", "Y = relu(Y_B)"],
    ),
    "an argument as it is": ("f(A): A", ("Y = f(X)",), ["Y = X"]),
    "names that are taken": (
        "f(A):\n  - B = A + 1\n  - W @ B", ("Y_B = X", "Y = f(X)"), ["Y_B = X", "Y_B_2 = X + 1", "Y = W @ Y_B_2"],
    ),
    "the same names inside and outside": (
        "f(A):\n  - S = A + 1\n  - W @ S", ("A = 2 * X", "S = f(A)"), ["A = 2 * X", "S_S = A + 1", "S = W @ S_S"],
    ),
    "in a loop": (
        "f(A, B): tanh(A + B)",
        ("H0 = zeros((2, 1))", "for: t in 1..2\n    steps: ['H{t} = f(W @ X[:, {t}], H{t-1})']"),
        ["H0 = zeros((2, 1))", "H1_A = W @ X[:, 1]", "H1 = tanh(H1_A + H0)", "H2_A = W @ X[:, 2]",
         "H2 = tanh(H2_A + H1)"],
    ),
    "a loop inside": (
        "f(A, n):\n  - for: t in 1..{n}\n    steps: ['B{t} = A * {t}']\n  - B{n}", ("Y = f(X, 2)",),
        ["Y_B1 = X * 1", "Y = X * 2"],
    ),
    "a function as an argument": (
        "f(A, g): g(W @ A)", ("Y = f(X, relu)", "Z = f(X, tanh)"), ["Y = relu(W @ X)", "Z = tanh(W @ X)"],
    ),
    "layers inside": (
        "f(A):\n  - layers: A\n    stack: [linear: 2, relu]\n    out: B\n  - A + B", ("Y = f(X)", "Z = f(Y)"),
        ["Z1 = W1 @ X + b1", "Y_B = relu(Z1)", "Y = X + Y_B", "Z2 = W2 @ Y + b2", "Z_B = relu(Z2)", "Z = Y + Z_B"],
    ),
    "what looks closer, tells and judges": (
        "f(A):\n  - B = W @ A\n  - explain: B[:, 0]\n  - verdict: B\n"
        "  - say: Look at {B} for {f}.\n    show: [A]\n  - -B",
        ("Y = f(X)",), ["Y_B = W @ X", "Y_B[:, 0]", "Y_B", "Look at Y_B for Y.", "Y = -Y_B"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRITTEN)
def test_what_a_use_becomes(case: str) -> None:
    define, steps, written = WRITTEN[case]
    assert texts(define, *steps) == written
    assert compile_text(spec(define, *steps)).verify().ok


def test_what_is_shown_can_take_the_functions_place() -> None:
    """Gradients, the update and a loop's turns too: a spec with functions is the one that writes them out."""
    rest = "loss: L\nupdate: {learning_rate: 0.1}\n"
    loop = "for: t in 1..2\n    steps:\n      - do: Z{t} = X + attend(W @ X, X, relu(X * {t}))\n        say: Turn {t}."
    text = spec(ATTEND, loop, "section: End", "Y = attend(X, X, Z1 - Z2)", "L = sum(Y ** 2)", rest=rest)
    read = loads(text)
    assert read.written_out.count("# line ") == 3
    by_hand = f"""{HEAD}steps:
  - for: t in 1..2
    steps:
      - Z{{t}}_attend_Q = W @ X
      - Z{{t}}_attend_V = relu(X * {{t}})
      - Z{{t}}_attend_S = X.T @ Z{{t}}_attend_Q / sqrt(2)
      - Z{{t}}_attend_A = softmax(Z{{t}}_attend_S)
      - Z{{t}}_attend = Z{{t}}_attend_V @ Z{{t}}_attend_A
      - do: Z{{t}} = X + Z{{t}}_attend
        say: Turn {{t}}.
  - section: End
  - Y_V = Z1 - Z2
  - Y_S = X.T @ X / sqrt(2)
  - Y_A = softmax(Y_S)
  - Y = Y_V @ Y_A
  - L = sum(Y ** 2)
{rest}"""
    assert meaning(compile_text(text).program) == meaning(compile_text(by_hand).program)
    shown = "".join(line for line in read.written_out.splitlines(True) if line.startswith("  "))
    assert [s.text for s in loads(f"{HEAD}steps:\n{shown}  - L = sum(Y ** 2)\n{rest}").steps] == [
        step.text for step in read.steps if step.text != "section: End"
    ]


def test_a_function_computes_what_numpy_does_and_its_gradient_is_that_of_differences() -> None:
    text = spec(ATTEND, "O = attend(W @ X, W.T @ X, X)", "L = sum(O ** 2)", rest="loss: L\nbackward: true\n")
    book = compile_text(text)

    def loss(w: np.ndarray) -> float:
        x = np.array([[1, 2, 0.5], [3, -1, 2]])
        scores = np.exp((w.T @ x).T @ (w @ x) / np.sqrt(2))
        return float(np.sum((x @ (scores / scores.sum(axis=0))) ** 2))

    w = np.array([[1.0, -1], [2, 1]])
    assert book.values["L"].item() == pytest.approx(loss(w), rel=1e-12)
    step = 1e-6
    slopes = [(loss(w + step * e) - loss(w - step * e)) / (2 * step) for e in np.eye(4).reshape(4, 2, 2)]
    np.testing.assert_allclose(book.values["dL_dW"].ravel(), slopes, rtol=1e-6, atol=1e-8)
    assert book.verify().ok


def test_each_line_is_a_step_with_its_sentence_and_the_section_of_the_use() -> None:
    define = """f(A):
  - section: Weigh {A} for {f}
  - do: B = W @ A
    say: Each column of {A} is weighed, which gives {B}.
  - do: relu(B)
    say: What is negative goes.
"""
    steps = loads(spec(define, "section: Start", "Y = f(X)", "do: Z = f(2 * Y)\n    say: Once more.", "U = -Z")).steps
    found = [(s.text, s.say, s.section, s.number, s.line) for s in steps]
    assert found == [
        ("Y_B = W @ X", "Each column of X is weighed, which gives Y_B.", "Weigh X for Y", 1, 8),
        ("Y = relu(Y_B)", "What is negative goes.", "Weigh X for Y", 2, 10),
        ("Z_A = 2 * Y", None, "Weigh Z_A for Z", 3, 15),
        ("Z_B = W @ Z_A", "Each column of Z_A is weighed, which gives Z_B.", "Weigh Z_A for Z", 4, 8),
        ("Z = relu(Z_B)", "Once more.", "Weigh Z_A for Z", 5, 10),
        ("U = -Z", None, "Start", 6, 17),
    ]


def test_a_group_of_steps_has_one_number_with_what_its_functions_compute() -> None:
    text = spec("f(A):\n  - B = W @ A\n  - relu(B)", "say: Both.\n    steps: [Y = f(X), Z = -Y]", "U = -Z")
    assert [(s.text, s.number) for s in loads(text).steps] == [
        ("Both.", 1), ("Y_B = W @ X", 1), ("Y = relu(Y_B)", 1), ("Z = -Y", 1), ("U = -Z", 2),
    ]  # fmt: skip


def test_a_function_that_nothing_uses_is_allowed() -> None:
    assert texts("f(A): A @ nothing", "Y = W @ X") == ["Y = W @ X"]


MISTAKES: dict[str, tuple[str, tuple[str, ...], str, tuple[str, ...]]] = {
    "too many": ("f(A): relu(A)", ("Y = f(X, X)",), "8:9", ("`f(A)` takes 1 argument; 2 are given",)),
    "too few": ("f(A, B): A @ B", ("Y = W @ f(X)",), "8:13", ("`f(A, B)` takes 2 arguments", "1 is given", "`B` is")),
    "a strange one": ("f(Aim): Aim", ("Y = f(Aym=X)",), "8:9", ("no argument `Aym`", "`Aim`?")),
    "twice": ("f(A): A", ("Y = f(X, A=X)",), "8:9", ("`A` is given twice",)),
    "unpacked": ("f(A): A", ("Y = f(*X)",), "8:9", ("write every argument",)),
    "a list": ("f(A): A", ("Y = f([X])",), "8:5", ("list of numbers",)),
    "unknown inside": ("f(A): relu(A) + Q", ("Y = f(X)",), "6:9", ("no matrix `Q`", "`f` is used on line 8 for `Y`")),
    "unknown before it is computed": (
        "f(A):\n  - B = C @ A\n  - C = A\n  - B + C", ("Y = f(X)",), "7:7", ("no matrix `C`", "line 11"),
    ),
    "a shape": (
        "f(A):\n  - B = W @ A\n  - B", ("Y = f(X.T)",), "7:7",
        ("W is 2×2 and X.T is 3×2", "needs X.T to have 2 rows", "`f` is used on line 10 for `Y`."),
    ),
    "a built-in": ("relu(A): A", ("Y = X",), "6:3", ("a function `relu` already", "another name")),
    "grad": ("grad(A): A", ("Y = X",), "6:3", ("a function `grad` already",)),
    "a given matrix": ("W(A): A", ("Y = X",), "6:3", ("`W` is the name of a given matrix",)),
    "a computed matrix": ("f(A): A", ("f = X",), "8:5", ("`f` is a function",)),
    "itself": ("f(A): relu(f(A))", ("Y = X",), "6:9", ("`f` uses itself", "`for:`")),
    "itself in a loop": (
        "f(A):\n  - for: t in 1..2\n    steps: ['B{t} = f(A)']\n  - B2", ("Y = X",), "8:16", ("`f` uses itself",),
    ),
    "itself in a first round": (
        "f(A):\n  - for: t in 1..2\n    first: ['B1 = f(A)']\n    steps: ['B2 = A']\n  - B2", ("Y = X",), "8:16",
        ("`f` uses itself",),
    ),
    "itself by an argument": ("f(A, g): g(A, g)", ("Y = f(X, f)",), "6:12", ("more than 30",)),
    "a later one": ("f(A): g(A)\ng(A): A", ("Y = X",), "6:9", ("`g` is defined further down",)),
    "a second time": ("f(A): A\nf(B): B", ("Y = X",), "7:3", ("`f` is defined a second time",)),
    "no arguments": ("f: A", ("Y = X",), "6:3", ("`attend(Q, K, V)`",)),
    "empty brackets": ("f(): X", ("Y = X",), "6:3", ("no arguments", "`attend(Q, K, V)`")),
    "an argument twice": ("f(A, A): A", ("Y = X",), "6:3", ("`A` is there twice",)),
    "a number as an argument": ("f(1): X", ("Y = X",), "6:3", ("`1` isn't a name",)),
    "an argument that is a function": ("f(relu): X", ("Y = X",), "6:3", ("`relu` is a function",)),
    "a default that is no number": ("f(A, b=X): A", ("Y = X",), "6:3", ("`b=X`", "a number")),
    "a name for the result": ("f(A):\n  - B = A", ("Y = X",), "7:7", ("The last line of `f` is its result", "`B =`")),
    "no result": ("f(A):\n  - B = A\n  - section: x", ("Y = X",), "8:7", ("`f` ends with its result",)),
    "lines in one text": ("f(A): |\n  B = A\n  B", ("Y = X",), "7:1", ("are a list", "`- `")),
    "nothing": ("f(A):", ("Y = X",), "6:8", ("`f(A)` of `define` is empty; it should be a list",)),
    "an empty list": ("f(A): []", ("Y = X",), "6:9", ("`f(A)` of `define` is empty",)),
    "an argument anew": ("f(A):\n  - A = -A\n  - A", ("Y = f(X)",), "7:7", ("`A` is an argument in `f(A)`",)),
    "a matrix anew": ("f(A):\n  - B = A\n  - B = -A\n  - B", ("Y = f(X)",), "8:7", ("`B` is computed already",)),
    "a slip in its name": ("attend(A): A", ("Y = X + atend(X)",), "8:13", ("Did you mean `attend`?",)),
    "in what looks closer": ("f(A): A", ("explain: 'f(X)[:, 0]'",), "8:15", ("`f` is a function", "Y = f(X)[:, 0]")),
    "a variable of a loop outside": (
        "f(A): A * {t}", ("for: t in 1..2\n    steps: ['Y{t} = f(X)']",), "6:9", ("`t` isn't the variable",),
    ),
    "a name that it needed": ("f(A): A + 1", ("Y = f(-X)", "Y_A = X"), "9:5", ("`Y_A`", "`f` is used on line 8")),
    "a key": ("f(A):\n  - do: A\n    sya: x", ("Y = f(X)",), "8:7", ("no key `sya`", "`say`")),
    "what can't be read": ("f(A): A @", ("Y = f(X)",), "6:9", ("can't read", "line 8")),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_one_error_with_its_place(case: str) -> None:
    define, steps, place, words = MISTAKES[case]
    with pytest.raises(SpecError) as caught:
        program_of(loads(spec(define, *steps), "s.yaml"))
    assert str(caught.value).startswith(f"s.yaml:{place}: "), str(caught.value)
    assert not [word for word in words if word not in caught.value.message], caught.value.message


@pytest.mark.parametrize(
    ("define", "step", "words"),
    [
        ("f(A): A", "Y = f(X" + ".T" * 1500 + ")", "too long"),
        ("f(A): A", "Y = X" + " + X" * 900 + " + f(X)", "too long"),
        ("f(A): A" + " + A" * 900, "Y = f(X)", "too long"),
        ("f(A" + ".T" * 400 + "): A", "Y = X", "isn't a name"),
        ("f(A, b=" + "-" * 900 + "X): A", "Y = X", "can only be a number"),
        ("f(A): A", "Y = " + "f(" * 150 + "X" + ")" * 150, "more than 30"),
    ],
)
def test_what_is_too_deep_ends_in_one_message(define: str, step: str, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        program_of(loads(spec(define, step)))


def test_a_text_that_doubles_with_each_use_ends_in_one_message() -> None:
    define = "f0(A): A + 1\n" + "\n".join(f"f{k}(A): f{k - 1}(A[rows(A)-rows(A):rows(A)])" for k in range(1, 25))
    with pytest.raises(SpecError, match="longer than 20,000 characters"):
        loads(spec(define, "Y = f24(X)"))


def test_uses_of_uses_end_in_one_message() -> None:
    define = "f0(A): A + 1\n" + "\n".join(f"f{k}(A): f{k - 1}(A) * f{k - 1}(A + {k})" for k in range(1, 25))
    with pytest.raises(SpecError, match="more than 20,000 steps"):
        loads(spec(define, "Y = f24(X)"))


def test_a_result_that_has_a_name_inside_has_the_sentence_of_its_line_or_of_the_last_or_of_the_use() -> None:
    define = "f(A):\n  - say: A\n  - do: B = W @ A\n    say: '{B} of {A}'\n  - B\n"
    define += "g(A):\n  - B = W @ A\n  - do: B\n    say: last {A}"
    steps = loads(spec(define, "Y = f(X)", "Z = g(X)", "do: U = g(X)\n    say: '{mine}'")).steps
    assert [step.say for step in steps] == ["A", "Y of X", "last X", "{mine}"]


BLOCK = """f(A):
  - B = W @ A
  - A + relu(B)
"""
LEARNING = ("Y1 = f(X)", "Y2 = f(Y1)", "L = sum(Y2 ** 2)")


def test_a_training_goes_through_functions() -> None:
    """As plain numpy takes the steps."""
    book = compile_text(spec(BLOCK, *LEARNING, rest="loss: L\ntrain: {epochs: 4, learning_rate: 0.001}\n"))
    x, w = np.array([[1, 2, 0.5], [3, -1, 2]]), np.array([[1.0, -1], [2, 1]])
    losses = []
    for _ in range(5):
        b1 = w @ x
        y1 = x + np.maximum(b1, 0)
        b2 = w @ y1
        y2 = y1 + np.maximum(b2, 0)
        losses.append((y2**2).sum())
        up2 = 2 * y2 * (b2 > 0)
        up1 = (2 * y2 + w.T @ up2) * (b1 > 0)
        w = w - 0.001 * (up2 @ y1.T + up1 @ x.T)
    learning = book.learning
    assert learning is not None
    assert (learning.losses[0].first, learning.losses[0].last) == pytest.approx((losses[0], losses[-1]), rel=1e-9)
    assert book.verify().ok


def test_an_exercise_leaves_out_what_a_function_computes() -> None:
    rest = "loss: L\nbackward: true\nexercise: {blank: [Y1_B, Y2, dL_dY2_B]}\n"
    page = compile_text(spec(BLOCK, *LEARNING, rest=rest)).exercise()
    assert sorted(page.blanks) == ["Y1_B", "Y2", "dL_dY2_B"]


def test_a_page_of_exercises_has_functions_of_its_frames() -> None:
    entry = "matrices: {X: {role: input, value: [[1, -2]]}}, steps: [Y = f(X)], exercise: {blank: Y}"
    frames = "".join(f"  - {{title: {k}, define: {{f(A): A * {k}}}, {entry}}}\n" for k in (2, 3))
    page = exercises_text(f"title: t\nexercises:\n{frames}")
    assert page.titles == ("2", "3")
