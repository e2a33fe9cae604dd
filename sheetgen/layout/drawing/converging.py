"""The numbers of a loop that converges: every turn has the same decimals, as many as show the last change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np

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


def _places(turns: Sequence[np.ndarray]) -> int | None:
    """The decimals that show the last change; None where the turns don't converge."""
    if len({turn.shape for turn in turns}) != 1:
        return None
    changes = [float(np.abs(after - before).max()) for before, after in pairwise(turns)]
    if len(changes) < FEWEST or sorted(changes, reverse=True) != changes:
        return None
    if not STILL < changes[-1] < changes[0] / SLOWER:
        return None
    shown = (k for k in range(LEAST, MOST) if (np.round(turns[-1], k) != np.round(turns[-2], k)).any())
    return next(shown, MOST)
