"""Which terms of a long sum a Look closer lays out one by one: those that count."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgen.ir.program import Program, Statement
from sheetgen.passes.evaluate import value_of
from sheetgen.records import replace

FEW = 12
"""Terms that are laid out whatever they weigh."""


def with_terms(program: Program, values: Mapping[str, np.ndarray]) -> Program:
    """The program, with the terms of its long sums that weigh something by these values (2-D, by name), if they are
    few."""

    def picked(s: Statement) -> Statement:
        weights = value_of(s.expr.args[1], values) if s.kind == "explain" else np.empty(0)
        counting = np.flatnonzero(weights)
        return replace(s, terms=tuple(counting.tolist())) if 0 < len(counting) <= FEW < len(weights) else s

    return replace(program, statements=tuple(map(picked, program.statements)))
