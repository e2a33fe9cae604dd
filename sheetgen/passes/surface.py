"""A number over a plane, to see what a training changes: the answer for each pair of inputs, or the loss for each pair
of parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import floor, log10, prod

import numpy as np

from sheetgen.errors import SpecError
from sheetgen.ir.node import Shape, matrix
from sheetgen.ir.program import Given, Program, Statement
from sheetgen.ir.walk import depending_on, leading_to, nodes
from sheetgen.ops import operation
from sheetgen.passes.evaluate import evaluate_statement
from sheetgen.passes.train import Trained
from sheetgen.spec.read import Spec

SIDE = 11
"""Points of each axis."""
BEYOND = 1 / 6
"""How far the plane reaches at least beyond samples or parameters, by the way between the outermost."""
MOST = 1e12
"""No numbers are round that are larger, or so many times farther from 0 than from each other."""
ROUND, COARSER = (1, 2, 2.5, 5), 2.2
"""Steps of an axis, times a power of ten, and how many times larger than need be they may become for points to lie at
samples and as far to both sides of them."""
DECIDED = 3.0
"""A logit that means 95 %."""
Ends = tuple[float, float]


@dataclass(frozen=True)
class Surface:
    """`shown`, 1×1, for SIDE × SIDE points of a plane. A point is two numbers: those of the matrices `varied`."""

    shown: str
    varied: Mapping[str, Shape]
    ends: tuple[Ends, Ends]
    """Of the axis across, and of the axis up."""
    statements: tuple[Statement, ...]
    """All that leads to `shown`."""
    by_inputs: bool
    """Whether the plane is that of two inputs, a sample in each column, rather than of two parameters."""
    heat: tuple[float, float, float] | None = None
    """The numbers that are blue, white and orange; None: by all numbers of the plane."""

    def axis(self, k: int) -> tuple[float, ...]:
        """The SIDE numbers of the axis across (0) or up (1)."""
        low, high = self.ends[k]
        return tuple(low + step * (high - low) / (SIDE - 1) for step in range(SIDE))

    @property
    def moving(self) -> frozenset[str]:
        """What is different from point to point."""
        return frozenset(depending_on(self.varied, self.statements))


@dataclass(frozen=True)
class Question:
    """What a program with one number for each sample answers: `spec` has the first sample alone, `given` and `target`
    have all of them, and `answer` is what the loss holds against the target."""

    spec: Spec
    given: Given
    target: Given
    answer: str


def question(spec: Spec, program: Program) -> Question | None:
    """What a program with one input of two numbers, and one target, is asked; None for any other."""
    inputs = [g for g in program.givens if g.role == "input"]
    targets = [g for g in program.givens if g.role == "target" and g.shape[0] == 1]
    if len(inputs) != 1 or inputs[0].shape[0] != 2 or len(targets) != 1 or targets[0].shape[1] != inputs[0].shape[1]:
        return None
    samples, target = inputs[0].shape[1], targets[0]
    guess = _answer(program, target)
    if samples < 2 or guess is None:
        return None
    whole = {g.name: g for g in spec.givens}
    given, target = whole[inputs[0].name], whole[target.name]
    few = (replace(g, value=g.value[:, :1]) for g in (given, target))
    return Question(spec.with_data(few), given, target, guess)


def _answer(program: Program, target: Given) -> str | None:
    """What the way to the loss holds against the target; of a helper such as ln P, what that is made of."""
    forward = [s for s in program.statements if s.phase == "forward" and s.kind == "matrix"]
    needed, makers = leading_to({program.loss or ""}, forward), {s.name: s for s in forward}
    held = (ref.name for s in forward if s.name in needed and target.name in {r.name for r in s.expr.references}
            for ref in s.expr.references if ref.shape == target.shape and ref.name in makers)  # fmt: skip
    found = next(held, None)
    while found is not None and makers[found].auxiliary and makers[found].expr.kind == "elementwise":
        inner = {ref.name for ref in makers[found].expr.references if ref.shape == target.shape and ref.name in makers}
        if len(inner) != 1:
            break
        found = inner.pop()
    return found


def over_inputs(asked: Question, sample: Program, values: Mapping[str, np.ndarray]) -> Surface | None:
    """The answer for every pair of inputs. `sample` is the program of one sample, `values` are those with all samples
    of the page. None where an answer is another one without the others, as after a batch norm."""
    given, shown = asked.given.name, asked.answer
    statements = _leading(shown, sample)
    if not statements or statements[-1].shape != (1, 1) or given not in leading_to({shown}, statements):
        return None
    x = values[given]
    try:
        alone = [_at(statements, {**values, given: x[:, k : k + 1]})[shown].item() for k in range(x.shape[1])]
    except SpecError:
        return None
    if not np.allclose(alone, values[shown].ravel(), rtol=1e-9, atol=1e-12):
        return None
    first, second = np.asarray(asked.given.value, dtype=float)
    heat = _heat(shown, sample, asked.target)
    return Surface(shown, {given: (2, 1)}, (_ends(first), _ends(second)), statements, True, heat)


def _heat(shown: str, sample: Program, target: Given) -> tuple[float, float, float]:
    """Probabilities from 0 to 1; what is subtracted from the targets, in their range; scores of targets of both signs,
    and logits, around 0."""
    made = next(s.expr for s in sample.statements if s.name == shown)
    low, high = float(np.min(target.value)), float(np.max(target.value))
    if operation(made).role == "probability":
        return 0.0, 0.5, 1.0
    answer, wanted = matrix(shown, made.shape), matrix(target.name, made.shape)
    apart = {answer - wanted, wanted - answer}
    if low < high and any(node in apart for s in sample.statements for node in nodes(s.expr)):
        return low, (low + high) / 2, high
    return (-1.0, 0.0, 1.0) if low < 0 else (-DECIDED, 0.0, DECIDED)


def over_parameters(program: Program, run: Trained) -> Surface | None:
    """The loss for every pair of numbers that learn, if these are two."""
    learn, losses = run.training.parameters, run.training.losses
    if sum(g.value.size for g in learn) != 2 or len(losses) != 1:
        return None
    path = np.concatenate([run.table[g.name].reshape(len(run.losses), -1) for g in learn], axis=1)
    ends = (_ends(path[:, 0]), _ends(path[:, 1]))
    return Surface(losses[0], {g.name: g.shape for g in learn}, ends, _leading(losses[0], program), False)


def _leading(shown: str, program: Program) -> tuple[Statement, ...]:
    forward = [s for s in program.statements if s.phase == "forward" and s.kind == "matrix"]
    needed = leading_to({shown}, forward)
    return tuple(s for s in forward if s.name in needed)


def axes(of: Surface, program: Program) -> tuple[str, str]:
    """What the numbers of a point are called: by the rows of the input, else by their matrices."""
    found = list[str]()
    rows = {g.name: g.rows for g in program.givens}
    for name, shape in of.varied.items():
        cells = [name] if shape == (1, 1) else [f"{name}[{i},{j}]" for i, j in np.ndindex(shape)]
        found += rows[name] if of.by_inputs and rows[name] else cells
    first, second = found
    return first, second


def _ends(numbers: np.ndarray) -> Ends:
    """The ends of an axis whose points are round numbers."""
    low, high = float(numbers.min()), float(numbers.max())
    middle, half = low / 2 + high / 2, (SIDE - 1) // 2
    least = (high - low or 1.0) * (1 + 2 * BEYOND) / (SIDE - 1)
    if not 1 / MOST < least < MOST or abs(middle) > MOST * least:
        beyond = max(least, abs(middle) / MOST * SIDE)
        return low - beyond, high + beyond
    power = floor(log10(least))
    steps = [k * 10.0**p for p in (power, power + 1) for k in ROUND]
    steps = [step for step in steps if step >= least * (1 - 1e-9)]
    near = [step for step in steps if step <= COARSER * least] or steps[:1]
    step = max(near, key=lambda s: (_whole(numbers / s), _whole(np.array([middle / s])), -s))
    first = round(middle / step - half)
    if first < 0 and low >= step:  # what has no negative numbers needs none
        first = 0
    return float(f"{first * step:.12g}"), float(f"{(first + SIDE - 1) * step:.12g}")


def _whole(numbers: np.ndarray) -> bool:
    return bool(np.allclose(numbers, np.rint(numbers), rtol=0, atol=1e-9))


def points(of: Surface, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray] | None:
    """Numpy's numbers of all points, one after the other from left to right and from below up: for each matrix an array
    of shape (SIDE², rows, columns). `values` are those of what is the same for all points. None if a point has no
    finite number.
    """
    found: dict[str, list[np.ndarray]] = {name: [] for name in (*of.varied, *(s.name for s in of.statements))}
    across, up = of.axis(0), of.axis(1)
    for k in range(SIDE * SIDE):
        numbers = [across[k % SIDE], up[k // SIDE]]
        point = {name: np.array([numbers.pop(0) for _ in range(prod(shape))]).reshape(shape)
                 for name, shape in of.varied.items()}  # fmt: skip
        try:
            at = _at(of.statements, {**values, **point})
        except SpecError:
            return None
        for name, rows in found.items():
            rows.append(at[name])
    return {name: np.array(rows) for name, rows in found.items()}


def _at(statements: Sequence[Statement], values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """`values` with those of the statements. Raises SpecError where one isn't finite."""
    for s in statements:
        evaluate_statement(s, values)
    return values
