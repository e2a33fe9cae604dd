"""How far the numbers of a training may lie from numpy's, epoch by epoch.

Rounding grows from epoch to epoch, so an engine's last epochs may be far from numpy's although every formula is right.
A cell is right if it is what numpy makes of the numbers that the engine itself has found for its operands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from sheetgen.ir.node import Node
from sheetgen.passes.optimisers import EPOCH, SAMPLES, TURN
from sheetgen.passes.train import Trained, Training
from sheetgen.proof.noise import Known, exactly, noise_of

Found = Callable[[str], np.ndarray]
"""What an engine has found for a matrix in all epochs: epochs + 1, rows, columns."""


def slack_by_epoch(run: Trained, key: str, found: Found, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """By how much each cell may differ from numpy's; `values` are those of matrices that don't change."""
    of = run.training
    expr, back = _made(of, key)
    rows = run.table[key]
    still = {g.name: np.asarray(g.value, dtype=float) for g in (*of.rates.values(), *of.givens)} | {
        name: value for name, value in values.items() if name not in of.moving
    }
    befores = {state.before: state.key for state in of.states}
    kept = {name: found(name) for name in _read(expr, befores) - still.keys() - {EPOCH, TURN, SAMPLES}}
    off = np.zeros(rows.shape)
    for epoch in range(back, len(rows)):

        def known(name: str, epoch: int = epoch) -> Known:
            if name in still:
                value = still[name]
            elif name == EPOCH:
                value = np.array([[float(epoch)]])
            elif name in (TURN, SAMPLES):
                value = run.table[name][epoch - back]
            elif name in befores:
                value = kept[befores[name]][epoch - 1] if epoch else np.zeros(rows.shape[1:])
            else:
                value = kept[name][epoch - back]
            return exactly(value, value)

        made = noise_of(expr, known)
        off[epoch] = np.abs(made.value - rows[epoch]) + made.noise
    return off


def _made(of: Training, key: str) -> tuple[Node, int]:
    """What a matrix is made of, and how many epochs before."""
    if key in of.steps:
        return of.steps[key], 1
    exprs = {s.name: s.expr for s in (*of.statements, *of.summaries)} | {s.key: s.expr for s in of.states}
    return exprs[key], 0


def _read(expr: Node, befores: Mapping[str, str]) -> set[str]:
    return {befores.get(ref.name, ref.name) for ref in expr.references}
