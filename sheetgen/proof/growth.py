"""A step of gradient descent that makes the loss larger: the numbers are right, but the page teaches the opposite."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgen.ir.program import Program
from sheetgen.proof.report import Growth


def find_growth(program: Program, values: Mapping[str, np.ndarray]) -> Growth | None:
    """How the loss grows by the update, in a program with numpy's `values`; None if it doesn't."""
    again = next((s.name for s in program.statements if program.loss is not None and s.repeats == program.loss), None)
    if program.loss is None or again is None:
        return None
    before, after = values[program.loss].item(), values[again].item()
    return Growth(program.loss, before, after) if after > before else None
