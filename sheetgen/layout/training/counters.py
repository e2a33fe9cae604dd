"""The first columns of Training: the number of each row, its epoch, and whose turn it is to take a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from sheetgen.cells.a1 import letters
from sheetgen.passes.optimisers import EPOCH, TURN
from sheetgen.passes.train import Training

Formula = Callable[[int], str]
"""Of the cell in a row, which is counted from 1."""


@dataclass(frozen=True)
class Counter:
    """A column of counted numbers, or of words, (rows, 1)."""

    key: str
    head: str
    values: np.ndarray
    formula: Formula


def counters(of: Training, first: int, called: Callable[[str], str]) -> tuple[Counter, ...]:
    """From column 1 on; `first` is the row of epoch 0, and `called` gives the names that readers know."""
    return tuple(_counters(of, first, called))


def _counters(of: Training, first: int, called: Callable[[str], str]) -> Iterator[Counter]:
    rows = np.arange(of.last + 1, dtype=float)[:, None]
    yield Counter(EPOCH, of.unit, rows, lambda row: "0" if row == first else f"A{row - 1}+1")
    column = 2
    if of.batches:
        steps = of.batches.steps
        yield Counter("epoch of a row", "epoch", rows // steps, lambda row: f"INT($A{row}/{steps})")
        column += 1
    names = [called(loss) for loss in of.losses]
    if len(names) > 1:
        turns = rows % len(names)
        words = np.array(names, dtype=object)[turns.astype(int)]
        listed = ",".join(f'"{name}"' for name in names)
        yield Counter(TURN, "turn", turns + 1, lambda row: f"MOD($A{row},{len(names)})+1")
        yield Counter("whose turn", "of", words, lambda row: f"CHOOSE(${letters(column)}{row},{listed})")
