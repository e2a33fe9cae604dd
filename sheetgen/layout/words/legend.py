"""How the loss changed."""

from __future__ import annotations

import numpy as np

from sheetgen.cells.verdicts import CHANGE, verdict
from sheetgen.layout.words.pieces import Cell
from sheetgen.ops.equality import difference


def change(before: Cell, after: Cell) -> tuple[str, str]:
    """▼ where the loss falls, ▲ where it rises, = where it stays: formula and text."""
    old, new = before.address, after.address
    (_, falls), (_, stays), (_, rises) = CHANGE
    sign = verdict(difference(np.array(after.value), np.array(before.value)).item(), CHANGE)
    return f'IF({new}<{old},"{falls}",IF({new}>{old},"{rises}","{stays}"))', sign
