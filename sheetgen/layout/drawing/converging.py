"""Numbers that are held against each other have the same decimals, as many as show what changes: those of a loop that
converges, the loss before and after the update."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from sheetgen.ir.program import Program
from sheetgen.layout.numbers import form, shown
from sheetgen.layout.words.loops import Loop

FEWEST, LEAST, MOST = 3, 2, 4
"""Changes from one turn to the next by which a loop is seen to converge; decimals."""
SLOWER, STILL = 4, 1e-4
"""How much smaller the last change is than the first, at least, and below which nothing changes any more."""


def decimals(loops: Iterable[Loop], values: Mapping[str, np.ndarray]) -> dict[str, int]:
    """By matrix, the decimals of what converges over the turns of a loop."""
    found: dict[str, int] = {}
    for loop in loops:
        for same in zip(*loop.bodies, strict=False):
            names = [s.name for s in same if s.name in values]
            if (places := _places([values[name] for name in names])) is not None:
                found.update(dict.fromkeys(names, places))
    return found


def losses(program: Program, values: Mapping[str, np.ndarray]) -> dict[str, int]:
    """The decimals of the loss before and after the update, where the usual ones don't show that it changes."""
    again = next((s.name for s in program.statements if s.repeats == program.loss and s.name in values), None)
    if program.loss is None or again is None:
        return {}
    pair = [values[name] for name in (program.loss, again)]
    usual = {shown(value.item(), form(value)) for value in pair}
    if len(usual) > 1 or pair[0].item() == pair[1].item():
        return {}
    return dict.fromkeys((program.loss, again), next((k for k in range(LEAST + 1, MOST) if _differ(pair, k)), MOST))


def _differ(pair: Sequence[np.ndarray], decimals: int) -> bool:
    return bool((np.round(pair[0], decimals) != np.round(pair[1], decimals)).any())


def _places(turns: Sequence[np.ndarray]) -> int | None:
    """The decimals that show the last change; None where the turns don't converge."""
    if len({turn.shape for turn in turns}) != 1:
        return None
    changes = [float(np.abs(after - before).max()) for before, after in pairwise(turns)]
    if len(changes) < FEWEST or sorted(changes, reverse=True) != changes:
        return None
    if not STILL < changes[-1] < changes[0] / SLOWER:
        return None
    return next((k for k in range(LEAST, MOST) if _differ(turns[-2:], k)), MOST)
