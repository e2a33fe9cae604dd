"""What learning does to the loss. Where a step makes it larger, the numbers are right, but the page teaches the
opposite."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgen.ir.program import Program
from sheetgen.passes.train import Trained
from sheetgen.proof.report import Course, Growth, Learning


def find_growth(program: Program, values: Mapping[str, np.ndarray]) -> Growth | None:
    """How the loss grows by the update, in a program with numpy's `values`; None if it doesn't."""
    again = next((s.name for s in program.statements if program.loss is not None and s.repeats == program.loss), None)
    if program.loss is None or again is None:
        return None
    before, after = values[program.loss].item(), values[again].item()
    return Growth(program.loss, before, after) if after > before else None


def learning_of(run: Trained) -> Learning:
    """What the losses do in a training."""
    of = run.training
    steps = of.batches.steps if of.batches else 1
    ends = ((name, run.table[name].ravel()) for name in of.metrics if name in of.moving)
    metrics = tuple((name, float(numbers[0]), float(numbers[-1])) for name, numbers in ends)
    return Learning(tuple(_course(run, loss, steps) for loss in of.losses), of.train.epochs, steps, metrics)


def _course(run: Trained, loss: str, steps: int) -> Course:
    """From the first rows that have taken all data to the last ones."""
    means, start = run.means_of(loss), min(run.training.window - 1, run.training.last)
    peak = start + int(means[start:].argmax())
    return Course(loss, float(means[start]), float(means[-1]), peak // steps)
