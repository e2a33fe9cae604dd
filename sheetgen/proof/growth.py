"""What learning does to the loss. Where a step makes it larger, the numbers are right, but the page teaches the
opposite."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgen.ir.program import Program
from sheetgen.passes.train import Trained
from sheetgen.proof.report import Growth, Learning


def find_growth(program: Program, values: Mapping[str, np.ndarray]) -> Growth | None:
    """How the loss grows by the update, in a program with numpy's `values`; None if it doesn't."""
    again = next((s.name for s in program.statements if program.loss is not None and s.repeats == program.loss), None)
    if program.loss is None or again is None:
        return None
    before, after = values[program.loss].item(), values[again].item()
    return Growth(program.loss, before, after) if after > before else None


def learning_of(run: Trained) -> Learning:
    """What the loss does in a training."""
    losses = run.losses
    first, last, peak = float(losses[0]), float(losses[-1]), int(losses.argmax())
    ends = ((name, run.table[name].ravel()) for name in run.training.metrics)
    metrics = tuple((name, float(numbers[0]), float(numbers[-1])) for name, numbers in ends)
    return Learning(run.training.loss, first, last, len(losses) - 1, peak, metrics)
