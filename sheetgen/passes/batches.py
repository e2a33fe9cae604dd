"""Which matrices are the data of a training, and which samples each step takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetgen.errors import SpecError
from sheetgen.ir.node import shape_text
from sheetgen.ir.program import Given, Program
from sheetgen.ir.training import Batches, Train
from sheetgen.ir.walk import leading_to
from sheetgen.limits import LAST_ROW

ROOM = 20
"""Rows for heads."""


def batches(program: Program, train: Train) -> Batches | None:
    """The data of `program`, and which of them each step takes; None if it takes all.

    Data are the inputs and targets that the losses need; their samples are the columns, or else the rows, of which all
    of them have equally many. Other inputs and targets with as many go along. Raises SpecError if there are no samples,
    a batch doesn't divide their number, or there are more steps than rows of a sheet.
    """
    size = train.batch
    if size is None:
        return None
    statements = [s for s in program.statements if s.kind == "matrix"]
    needed = leading_to({loss.name for loss in program.losses}, statements)
    given = [g for g in program.givens if g.role in ("input", "target")]
    data = [g for g in given if g.name in needed]
    axis, count = _samples(data)
    if count % size:
        line, fitting = "columns" if axis else "rows", [k for k in range(1, count + 1) if count % k == 0]
        known = f"{', '.join(map(str, fitting[:-1]))} and {fitting[-1]} do"
        problem = f"train: `batch: {size}` doesn't divide the {count} samples, the {line} of {_listed(data)}; {known}."
        raise SpecError(problem, at=("train",))
    steps, turns = count // size, len(program.losses)
    check_rows(train.epochs * steps, "steps")
    rounds = np.arange(train.epochs * steps + 1) // turns  # the losses of a round take the same samples
    order = _orders(count, rounds[-1] // steps + 1, train.shuffle).reshape(-1, size)
    return Batches(tuple(g for g in given if g.shape[axis] == count), axis, order[rounds], steps)


def check_rows(steps: int, what: str) -> None:
    """Raises SpecError for more steps than a sheet has rows."""
    if steps > LAST_ROW - ROOM:
        raise SpecError(f"train: {steps:,} {what}; a sheet has rows for {LAST_ROW - ROOM:,}.", at=("train",))


def _samples(data: Sequence[Given]) -> tuple[int, int]:
    """The axis of the samples, and how many there are."""
    for axis in (1, 0):
        counts = {g.shape[axis] for g in data}
        if len(counts) == 1 and counts != {1}:
            return axis, counts.pop()
    hint = "What isn't data is a `constant`." if data else "Data are `role: input` and `role: target`."
    shapes = f": {', '.join(f'`{g.name}` is {shape_text(g.shape)}' for g in data)}" if data else ""
    problem = "train: `batch` needs samples, columns or rows of which all data have equally many, and the loss has none"
    raise SpecError(f"{problem}{shapes}. {hint}", at=("train",))


def _listed(data: Sequence[Given]) -> str:
    *names, last = (f"`{g.name}`" for g in data)
    return f"{', '.join(names)} and {last}" if names else last


def _orders(count: int, epochs: int, seed: int | None) -> np.ndarray:
    """The samples in the order of each epoch, one after the other."""
    if seed is None:
        return np.tile(np.arange(count), epochs)
    generator = np.random.default_rng(seed)
    return np.concatenate([generator.permutation(count) for _ in range(epochs)])
