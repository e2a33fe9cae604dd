"""A training: what each epoch computes from its parameters, the optimiser's step to the next one, and numpy's numbers
of all epochs. The formulas of the steps are those of torch.optim's documentation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sheetgen.errors import SpecError
from sheetgen.ir.node import Node, Shape, matrix, number
from sheetgen.ir.program import Given, Part, Program, Statement
from sheetgen.ir.training import Train
from sheetgen.ir.walk import added, depending_on, leading_to
from sheetgen.limits import LAST_COLUMN, LAST_ROW
from sheetgen.ops.base import total
from sheetgen.ops.elementwise import minimum, sqrt
from sheetgen.passes.evaluate import evaluate_statement, value_of

TINY_NORM = 1e-6
"""torch.nn.utils.clip_grad_norm_ adds it to the norm."""
ROOM = 20
"""Rows and columns for heads."""
EPOCH, NORM, CLIP = "the epoch", "|gradient|", "clipped by"
"""Keys of what has no matrix in the spec; no name of one has a space or a bar."""
ABOUT = {
    "learning_rate": "how far a step goes", "momentum": "the share of the last step",
    "alpha": "the share of the squares so far", "beta1": "the share of the mean so far",
    "beta2": "the share of the squares so far", "eps": "added to the root",
    "weight_decay": "pulls every parameter towards 0", "clip": "the largest norm of all gradients together",
}  # fmt: skip


@dataclass(frozen=True)
class State:
    """What an optimiser keeps of a parameter from epoch to epoch: `expr` is over what the epoch has, `before` being the
    state of the epoch before, 0 in the first one."""

    key: str
    kind: str
    """`m`, `v`: what the optimisers' papers call it."""
    parameter: str
    expr: Node
    before: str

    @property
    def shape(self) -> Shape:
        return self.expr.shape


@dataclass(frozen=True)
class Training:
    """What is the same in all epochs. Epoch n has the parameters *before* step n+1, and all that follows from them."""

    train: Train
    loss: str
    givens: tuple[Given, ...]
    """That stay as they are."""
    rates: Mapping[str, Given]
    """The learning rate and the options, 1×1, by their names in the spec; a matrix may have the same name."""
    parameters: tuple[Given, ...]
    """That learn, with the numbers of epoch 0."""
    statements: tuple[Statement, ...]
    """Forward, then backward: all that the loss and the gradients need."""
    gradients: Mapping[str, str]
    """The gradient of each parameter, by name."""
    metrics: tuple[str, ...]
    """Numbers that the forward pass makes besides the loss, such as an accuracy."""
    summaries: tuple[Statement, ...]
    """The norm of all gradients together, and by how much it is clipped."""
    states: tuple[State, ...]
    steps: Mapping[str, Node]
    """Each parameter of the next epoch, over what this one has; `EPOCH` is the number of the next one."""

    @cached_property
    def moving(self) -> frozenset[str]:
        """What changes from epoch to epoch."""
        return frozenset(depending_on(self.steps, (*self.statements, *self.summaries)))


def training(program: Program, train: Train) -> Training:
    """The training of a program that has its gradients. Raises SpecError for a parameter that the loss doesn't need."""
    loss = program.loss or ""
    found = {s.gradient_of: s.name for s in program.statements if s.phase == "backward" and s.loss == loss}
    learn = [g for g in program.givens if g.role == "parameter" and g.name in (train.parameters or found)]
    if not learn:
        raise SpecError(f"train: `{loss}` depends on no parameter: give a matrix `role: parameter`.", at=("train",))
    for given in learn:
        if given.name not in found:
            raise SpecError(f"train: `{loss}` doesn't depend on `{given.name}`.", at=("train",))
    if train.epochs > LAST_ROW - ROOM:
        raise SpecError(f"train: {train.epochs:,} epochs; a sheet has rows for {LAST_ROW - ROOM:,}.", at=("train",))
    gradients = {given.name: found[given.name] for given in learn}
    drawn = [s for s in program.statements if s.kind == "matrix" and s.phase in ("forward", "backward")]
    to_loss = leading_to({loss}, drawn)
    metrics = tuple(s.name for s in drawn if s.phase == "forward" and s.shape == (1, 1) and not s.auxiliary
                    and s.round is None and s.name not in to_loss)  # fmt: skip
    needed = leading_to({loss, *gradients.values(), *metrics}, drawn)
    statements = tuple(s for s in drawn if s.name in needed)
    names = {g.name: matrix(gradients[g.name], g.shape) for g in learn}
    made, states, steps = _optimiser(train, {g.name: g.shape for g in learn}, names)
    sizes = {s.name: s.shape[0] * s.shape[1] for s in statements}
    sizes |= {g.name: g.value.size for g in learn} | {s.key: s.shape[0] * s.shape[1] for s in states}
    if (columns := sum(sizes.values()) + ROOM) > LAST_COLUMN:
        largest = max(sizes, key=sizes.__getitem__)
        raise SpecError(
            f"train: an epoch takes {columns:,} columns, and a sheet has {LAST_COLUMN:,}; `{largest}` alone takes "
            f"{sizes[largest]:,}. Take smaller matrices, or fewer samples.",
            at=("train",),
        )
    rates = {"learning_rate": train.learning_rate, **dict(train.options)}
    return Training(
        train, loss,
        tuple(g for g in program.givens if g not in learn),
        {option: Given(_rate(option).name, "constant", np.array([[value]]), about=ABOUT[option])
         for option, value in rates.items()},
        tuple(learn), statements, gradients, metrics, made, states, steps,
    )  # fmt: skip


def _rate(option: str) -> Node:
    return matrix(f"rate {option}", (1, 1))


def _number(key: str) -> Node:
    return matrix(key, (1, 1))


def _optimiser(
    train: Train, shapes: Mapping[str, Shape], gradients: Mapping[str, Node]
) -> tuple[tuple[Statement, ...], tuple[State, ...], dict[str, Node]]:
    """What summarises the gradients, what is kept of each, and each step."""
    squares = [total(g**2, None) for g in gradients.values()]
    made = [_summary(NORM, sqrt(added(squares)))]
    if train.option("clip"):
        made.append(_summary(CLIP, minimum(number(1), _rate("clip") / (_number(NORM) + TINY_NORM))))
    states, steps = list[State](), dict[str, Node]()
    for name, g in gradients.items():
        w = matrix(name, shapes[name])
        if train.option("clip"):
            g = _number(CLIP) * g
        if train.option("weight_decay") and train.optimizer != "adamw":
            g = g + _rate("weight_decay") * w
        kept, step = STEPS[train.optimizer](name, g)
        states += kept
        if train.option("weight_decay") and train.optimizer == "adamw":
            w = w - _rate("learning_rate") * _rate("weight_decay") * w
        steps[name] = w - _rate("learning_rate") * step
    return tuple(made), tuple(states), steps


def _summary(key: str, expr: Node) -> Statement:
    return Statement((Part(key, (1, 1)),), expr, 0, phase="backward")


def _state(kind: str, parameter: str, shape: Shape, new: Callable[[Node], Node]) -> tuple[State, Node]:
    """A state that is `new` of what it was, and the state itself."""
    key, before = f"{kind} of {parameter}", f"{kind} of {parameter} before"
    return State(key, kind, parameter, new(matrix(before, shape)), before), matrix(key, shape)


Step = tuple[list[State], Node]


def _sgd(name: str, g: Node) -> Step:
    return [], g


def _momentum(name: str, g: Node) -> Step:
    state, m = _state("m", name, g.shape, lambda old: _rate("momentum") * old + g)
    return [state], m


def _nesterov(name: str, g: Node) -> Step:
    states, m = _momentum(name, g)
    return states, g + _rate("momentum") * m


def _rmsprop(name: str, g: Node) -> Step:
    alpha = _rate("alpha")
    state, v = _state("v", name, g.shape, lambda old: alpha * old + (1 - alpha) * g**2)
    return [state], g / (sqrt(v) + _rate("eps"))


def _adam(name: str, g: Node) -> Step:
    beta1, beta2 = _rate("beta1"), _rate("beta2")
    mean, m = _state("m", name, g.shape, lambda old: beta1 * old + (1 - beta1) * g)
    size, v = _state("v", name, g.shape, lambda old: beta2 * old + (1 - beta2) * g**2)
    m, v = (one / (1 - beta ** _number(EPOCH)) for one, beta in ((m, beta1), (v, beta2)))
    return [mean, size], m / (sqrt(v) + _rate("eps"))


STEPS: dict[str, Callable[[str, Node], Step]] = {
    "sgd": _sgd, "momentum": _momentum, "nesterov": _nesterov, "rmsprop": _rmsprop, "adam": _adam, "adamw": _adam,
}  # fmt: skip
"""What an optimiser keeps of a parameter, and the step that its learning rate scales."""


# The numbers


def epochs(of: Training) -> dict[str, np.ndarray]:
    """Numpy's numbers of all epochs: for each matrix an array of shape (epochs + 1, rows, columns).

    Raises SpecError, naming the epoch, where a number isn't finite.
    """
    values = {g.name: np.asarray(g.value, dtype=float) for g in (*of.givens, *of.rates.values(), *of.parameters)}
    values |= {state.before: np.zeros(state.shape) for state in of.states}
    for s in of.statements:
        if s.name not in of.moving:
            evaluate_statement(s, values)
    each = [s for s in (*of.statements, *of.summaries) if s.name in of.moving]
    keys = [*(s.name for s in each), *(g.name for g in of.parameters), *(state.key for state in of.states)]
    found: dict[str, list[np.ndarray]] = {key: [] for key in keys}
    for epoch in range(of.train.epochs + 1):
        try:
            for s in each:
                evaluate_statement(s, values)
        except SpecError as error:
            problem = f"train: in epoch {epoch}, {error.message} A smaller learning rate may help."
            raise SpecError(problem, at=("train",)) from None
        for state in of.states:
            values[state.key] = value_of(state.expr, values)
        for key in keys:
            found[key].append(values[key])
        values[EPOCH] = np.array([[epoch + 1.0]])
        new = {name: value_of(step, values) for name, step in of.steps.items()}
        values |= {state.before: values[state.key] for state in of.states} | new
    still = [s for s in of.statements if s.name not in of.moving]
    same = {s.name: np.broadcast_to(values[s.name], (of.train.epochs + 1, *s.shape)) for s in still}
    return {key: np.array(rows) for key, rows in found.items()} | same


@dataclass(frozen=True)
class Trained:
    """A training with numpy's numbers of all epochs, each of shape (epochs + 1, rows, columns)."""

    training: Training
    table: Mapping[str, np.ndarray]

    @property
    def losses(self) -> np.ndarray:
        """The loss of each epoch."""
        return self.table[self.training.loss].ravel()


def trained(program: Program, train: Train) -> Trained:
    """A program's training, run. Raises SpecError as `training` and `epochs` do."""
    made = training(program, train)
    return Trained(made, epochs(made))
