"""What stands above the rows of the sheet Training: the rates, the epoch that is shown, and those to go to."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

import numpy as np

from sheetgen.cells.a1 import Rect, letters, reference
from sheetgen.layout import measure
from sheetgen.layout.plan import Label, Region, Role
from sheetgen.names import CANVAS, TRAINING
from sheetgen.passes.train import Training

RATES, HINTS, JUMPS = 5, 6, 7
"""Rows of the rates, of what the jumps are called, and of the jumps."""
SHOWN = 2
"""The column of the cell that holds the epoch that the page shows; that of its number counted from 1 follows."""
FIRST_JUMP = 5
WIDTH = 6.3
"""Characters of a column, at least."""
NOTE = 0.9
"""How large a note is, of a number."""
SYMBOLS = {"learning_rate": "η", "beta1": "β₁", "beta2": "β₂", "eps": "ε", "alpha": "α", "weight_decay": "decay"}
"""What papers call the rates; others have no letter."""
SHOWN_NAME, JUMPS_NAME = "shown epoch", "epochs to go to"
LEADS = ("first", "−10", "−1", "+1", "+10", "last")


def rates(of: Training) -> dict[str, Rect]:
    """By its matrix where each rate stands, its name in the columns before it."""
    found, column = dict[str, Rect](), SHOWN - 1
    for option, given in of.rates.items():
        column += 1 + _columns(_symbol(option), measure.SIZE, True)
        found[given.name] = Rect(TRAINING, RATES, column, 1, 1, still=True)
    return found


def end(of: Training) -> int:
    """The last column that the head needs."""
    note = FIRST_JUMP + len(LEADS) - 1 + _columns(_offered(of), NOTE * measure.SIZE)
    return max(note, *(at.column for at in rates(of).values())) if of.rates else note


def jumps() -> str:
    """The cells that feed the list of epochs."""
    return reference(Rect(TRAINING, JUMPS, FIRST_JUMP, 1, len(LEADS)), CANVAS)


def regions(of: Training, epoch: str) -> Iterator[Region]:
    """The rates, the epoch that is shown, its number counted from 1, and the epochs that the list offers; the reader
    chooses one in the cell `epoch`."""
    at, last = rates(of), of.last
    for option, g in of.rates.items():
        yield Region(g.name, Role.CONSTANT, RATES, at[g.name].column, g.value, prompt=f"{option}: {g.about}.")
    shown = f"{letters(SHOWN)}{JUMPS}"
    texts = (f"MAX(0,MIN({last},ROUND(N({epoch}),0)))", f"{shown}+1")
    leads = ("0", f"MAX(0,{shown}-10)", f"MAX(0,{shown}-1)", f"MIN({last},{shown}+1)", f"MIN({last},{shown}+10)",
             str(last))  # fmt: skip
    values = (0, 0, 0, min(last, 1), min(last, 10), last)
    yield Region(SHOWN_NAME, Role.FORWARD, JUMPS, SHOWN, np.array([[0.0, 1.0]]), (texts,), integers=True)
    yield Region(JUMPS_NAME, Role.FORWARD, JUMPS, FIRST_JUMP, np.array([values], dtype=float), (leads,), integers=True)


def labels(of: Training) -> Iterator[Label]:
    """What these are called."""
    at = rates(of)
    for option, given in of.rates.items():
        yield Label(RATES, at[given.name].column - 1, _symbol(option), "name", align="right")
    for column, text in ((SHOWN, "shown"), (SHOWN + 1, "row"), *enumerate(LEADS, FIRST_JUMP)):
        yield Label(HINTS, column, text, "label", align="center")
    yield Label(JUMPS, FIRST_JUMP + len(LEADS), _offered(of), "note")


def _offered(of: Training) -> str:
    return f"◂ in the list at {of.unit.capitalize()} on the Canvas."


def _symbol(option: str) -> str:
    return SYMBOLS.get(option, option)


def _columns(text: str, size: float, bold: bool = False) -> int:
    """Columns that a text covers."""
    return ceil(measure.text_width(text, size, bold) / WIDTH)
