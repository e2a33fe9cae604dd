"""Which terms of a long sum a Look closer lays out one by one: those that count."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgen.ir.program import Program
from sheetgen.passes.evaluate import value_of
from sheetgen.records import replace

FEW = 12
"""Terms that are laid out whatever they weigh."""


def with_terms(program: Program, values: Mapping[str, np.ndarray]) -> Program:
    """The program, with the terms of its long sums that weigh something by these values (2-D, by name), if they are
    few; itself where there is no such sum."""
    long = {s.name: value_of(s.expr.args[1], values) for s in program.statements
            if s.kind == "explain" and s.expr.args[1].shape[0] > FEW}  # fmt: skip
    counting = {name: tuple(np.flatnonzero(weights).tolist()) for name, weights in long.items()}
    picked = {name: terms for name, terms in counting.items() if 0 < len(terms) <= FEW}
    if not picked:
        return program
    statements = (replace(s, terms=picked[s.name]) if s.name in picked else s for s in program.statements)
    return replace(program, statements=tuple(statements))
