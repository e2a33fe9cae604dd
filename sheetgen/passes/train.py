"""A training: what each epoch computes from its parameters, the optimiser's step to the next one, and numpy's numbers
of all epochs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sheetgen.errors import SpecError
from sheetgen.ir.node import Node, matrix
from sheetgen.ir.program import Given, Program, Statement
from sheetgen.ir.training import Batches, Train
from sheetgen.ir.walk import depending_on, leading_to
from sheetgen.limits import LAST_COLUMN
from sheetgen.ops.lookups import columns_of
from sheetgen.passes.batches import check_rows
from sheetgen.passes.evaluate import evaluate_statement, value_of
from sheetgen.passes.optimisers import EPOCH, SAMPLES, TURN, Descent, State, descents, optimiser, rate

ROOM = 20
"""Columns for heads."""
ABOUT = {
    "learning_rate": "how far a step goes", "momentum": "the share of the last step",
    "alpha": "the share of the squares so far", "beta1": "the share of the mean so far",
    "beta2": "the share of the squares so far", "eps": "added to the root",
    "weight_decay": "pulls every parameter towards 0", "clip": "the largest norm of all gradients together",
}  # fmt: skip


@dataclass(frozen=True)
class Training:
    """What is the same in all rows. Row n has the parameters *before* step n+1, and all that follows from them: without
    batches it is epoch n."""

    train: Train
    descents: tuple[Descent, ...]
    """The losses; several take turns."""
    givens: tuple[Given, ...]
    """That stay as they are."""
    rates: Mapping[str, Given]
    """The learning rate and the options, 1×1, by their names in the spec; a matrix may have the same name."""
    parameters: tuple[Given, ...]
    """That learn, with the numbers of epoch 0."""
    statements: tuple[Statement, ...]
    """Forward, then backward: all that the loss and the gradients need."""
    metrics: tuple[str, ...]
    """Numbers that the forward pass makes besides the losses, such as an accuracy."""
    summaries: tuple[Statement, ...]
    """The norm of each loss's gradients together, and by how much it is clipped."""
    states: tuple[State, ...]
    steps: Mapping[str, Node]
    """Each parameter of the next epoch, over what this one has; `EPOCH` is the number of the next one."""
    batches: Batches | None = None
    """What of the data each row takes; its statements come first. None: all."""

    @property
    def last(self) -> int:
        """The number of the last row: how many steps are taken."""
        return self.train.epochs * (self.batches.steps if self.batches else 1)

    @property
    def unit(self) -> str:
        """What a row is."""
        return "iteration" if self.batches else "epoch"

    @property
    def window(self) -> int:
        """In so many rows each loss is computed for all data."""
        return self.batches.steps * len(self.descents) if self.batches else 1

    @property
    def losses(self) -> tuple[str, ...]:
        return tuple(each.loss for each in self.descents)

    @cached_property
    def moving(self) -> frozenset[str]:
        """What changes from epoch to epoch."""
        return frozenset(depending_on({*self.steps, SAMPLES}, (*self.statements, *self.summaries)))


def whole(name: str) -> str:
    """The key of a matrix of data with all samples."""
    return f"all of {name}"


def training(program: Program, train: Train, batches: Batches | None = None) -> Training:
    """The training of a program that has its gradients, and the first of `batches` for its data.

    Raises SpecError for a parameter that the loss doesn't need.
    """
    learn = [g for g in program.givens if g.role == "parameter" and g.name in (train.parameters or program.names)]
    owned = _owned(program, train, [g.name for g in learn])
    learn = [g for g in learn if any(g.name in gradients for gradients in owned.values())]
    check_rows(train.epochs, "epochs")
    losses = descents([*owned.items()])
    drawn = [s for s in program.statements if s.kind == "matrix" and s.phase in ("forward", "backward")]
    to_loss = leading_to({each.loss for each in losses}, drawn)
    metrics = tuple(s.name for s in drawn if s.loss is None and s.phase == "forward" and s.shape == (1, 1)
                    and not s.auxiliary and s.round is None and s.name not in to_loss)  # fmt: skip
    needed = leading_to({*to_loss, *(name for each in losses for name in each.gradients.values()), *metrics}, drawn)
    statements = (*_gathered(batches), *(s for s in drawn if s.name in needed))
    made, states, steps = optimiser(train, losses, {g.name: g.shape for g in learn})
    sizes = {s.name: s.shape[0] * s.shape[1] for s in statements}
    sizes |= {g.name: g.value.size for g in learn} | {s.key: s.shape[0] * s.shape[1] for s in states}
    if (columns := sum(sizes.values()) + ROOM) > LAST_COLUMN:
        largest = max(sizes, key=sizes.__getitem__)
        raise SpecError(
            f"train: an epoch takes {columns:,} columns, and a sheet has {LAST_COLUMN:,}; `{largest}` alone takes "
            f"{sizes[largest]:,}. Take smaller matrices, or fewer samples.",
            at=("train",),
        )
    data = {g.name: g for g in batches.data} if batches else {}
    still = [g for g in program.givens if g not in learn and g.name not in data]
    rates = {"learning_rate": train.learning_rate, **dict(train.options)}
    return Training(
        train, losses,
        (*still, *(replace(g, name=whole(name)) for name, g in data.items())),
        {option: Given(rate(option).name, "constant", np.array([[value]]), about=ABOUT[option])
         for option, value in rates.items()},
        tuple(learn), statements, metrics, made, states, steps, batches,
    )  # fmt: skip


def _gathered(batches: Batches | None) -> Iterator[Statement]:
    """The data of a row, by the numbers of its samples."""
    if batches is None:
        return
    for given in batches.data:
        table, numbers = matrix(whole(given.name), given.shape), matrix(SAMPLES, (1, batches.numbers.shape[1]))
        taken = columns_of(table, numbers) if batches.axis else columns_of(table.T, numbers).T
        yield Statement(given.name, taken, 0)


def _owned(program: Program, train: Train, learn: Sequence[str]) -> dict[str, dict[str, str]]:
    """Of each loss the parameters that descend it, among those that learn, with their gradients."""
    found = {(s.loss, s.gradient_of): s.name for s in program.statements if s.phase in ("forward", "backward")}
    owned: dict[str, dict[str, str]] = {}
    for loss in program.losses:
        mine = [name for name in learn if name in (loss.parameters or learn)]
        owned[loss.name] = {name: found[loss.name, name] for name in mine if (loss.name, name) in found}
        if not owned[loss.name]:
            hint = "give a matrix `role: parameter`" if not train.parameters else "name one under `parameters`"
            raise SpecError(f"train: `{loss.name}` depends on no parameter that learns: {hint}.", at=("train",))
    for name in train.parameters:
        if not any(name in gradients for gradients in owned.values()):
            losses = " and ".join(f"`{loss}`" for loss in owned)
            alone = len(owned) == 1
            problem = f"{losses} doesn't depend on `{name}`" if alone else f"`{name}` descends none of {losses}"
            raise SpecError(f"train: {problem}.", at=("train",))
    return owned


# The numbers


def epochs(of: Training) -> dict[str, np.ndarray]:
    """Numpy's numbers of all rows: for each matrix an array of shape (steps + 1, rows, columns).

    Raises SpecError, naming the row, where a number isn't finite.
    """
    values = {g.name: np.asarray(g.value, dtype=float) for g in (*of.givens, *of.rates.values(), *of.parameters)}
    values |= {state.before: np.zeros(state.shape) for state in of.states}
    for s in of.statements:
        if s.name not in of.moving:
            evaluate_statement(s, values)
    counted = _counted(of)
    each = [s for s in (*of.statements, *of.summaries) if s.name in of.moving]
    keys = [*counted, *(s.name for s in each), *(g.name for g in of.parameters), *(state.key for state in of.states)]
    found: dict[str, list[np.ndarray]] = {key: [] for key in keys}
    for epoch in range(of.last + 1):
        values |= {key: rows[epoch] for key, rows in counted.items()}
        try:
            for s in each:
                evaluate_statement(s, values)
        except SpecError as error:
            problem = f"train: in {of.unit} {epoch}, {error.message} A smaller learning rate may help."
            raise SpecError(problem, at=("train",)) from None
        for state in of.states:
            values[state.key] = value_of(state.expr, values)
        for key in keys:
            found[key].append(values[key])
        values[EPOCH] = np.array([[epoch + 1.0]])
        new = {name: value_of(step, values) for name, step in of.steps.items()}
        values |= {state.before: values[state.key] for state in of.states} | new
    still = [s for s in of.statements if s.name not in of.moving]
    same = {s.name: np.broadcast_to(values[s.name], (of.last + 1, *s.shape)) for s in still}
    return {key: np.array(rows) for key, rows in found.items()} | same


def _counted(of: Training) -> dict[str, np.ndarray]:
    """Whose turn it is, and which samples are taken, in each row."""
    turns = np.arange(of.last + 1) % len(of.descents) + 1.0
    samples = {} if of.batches is None else {SAMPLES: of.batches.numbers[:, None].astype(float)}
    return {TURN: turns[:, None, None], **samples}


@dataclass(frozen=True)
class Trained:
    """A training with numpy's numbers of all rows, each of shape (steps + 1, rows, columns)."""

    training: Training
    table: Mapping[str, np.ndarray]

    @property
    def losses(self) -> np.ndarray:
        """The loss of each epoch, the first of several."""
        return self.losses_of(self.training.losses[0])

    def losses_of(self, loss: str) -> np.ndarray:
        """One of the losses, in each epoch."""
        return self.table[loss].ravel()

    def means_of(self, loss: str) -> np.ndarray:
        """The mean of a loss over all data: over the last rows, with fewer of them at the beginning."""
        losses, window = self.losses_of(loss), self.training.window
        return np.array([losses[max(0, row - window + 1) : row + 1].mean() for row in range(len(losses))])


def trained(program: Program, train: Train, batches: Batches | None = None) -> Trained:
    """A program's training, run. Raises SpecError as `training` and `epochs` do."""
    made = training(program, train, batches)
    return Trained(made, epochs(made))
