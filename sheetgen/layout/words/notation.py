"""How operations are written: the captions and signs of their entries, and those of what only readers see."""

from __future__ import annotations

from dataclasses import dataclass

from sheetgen.ops import OPERATIONS
from sheetgen.ops.notation import ATOM, CHOICE, POWER, PREFIX, PRODUCT, SUM, TOTAL, Caption

LEVELS = {"": CHOICE, "+": SUM, "-": TOTAL, "*": PRODUCT, "/": PREFIX, "^": POWER, ".": ATOM}
"""What a place in a caption asks of the piece that is put there."""
FOR_READERS = {"spread": Caption("σ"), "gradient": Caption("∂{0:.}"), "one_hot": Caption("one-hot({0})")}
"""Operations that `plain` makes: they are read, never computed."""
ARROW = "→"
"""For a product, a choice, and whatever has no sign."""


@dataclass(frozen=True)
class Text:
    """A written expression and how tightly it binds."""

    text: str
    level: float = ATOM

    def __format__(self, spec: str) -> str:
        return self.text if self.level >= LEVELS[spec] else f"({self.text})"


def caption_of(op: str) -> Caption | None:
    """The template of an operation; None where it takes more than a template to write it."""
    if op in FOR_READERS:
        return FOR_READERS[op]
    return OPERATIONS[op].caption if op in OPERATIONS else None


def sign_of(op: str) -> str:
    """What stands in a gutter for an operation: `+`, Σ, ReLU; an arrow where no sign is customary."""
    return (OPERATIONS[op].sign if op in OPERATIONS else "") or ARROW
