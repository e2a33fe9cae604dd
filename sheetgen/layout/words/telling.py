"""A block, and what there is to tell of it."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from sheetgen.ir.program import Statement
from sheetgen.layout.geometry.figure import Block, Mode, Phase
from sheetgen.layout.plan import Role
from sheetgen.layout.words.loops import Loop
from sheetgen.layout.words.vocabulary import Vocabulary

WIDTH, AIR = 24.0, 2.6
"""Characters of the margin's column, and those that stay free at its right."""
ACROSS = 80.0
"""Characters of a line of words that runs across the page, below all matrices of its band."""


@dataclass(frozen=True)
class Line:
    """A line of an equation, or a paragraph, and how many rows of the sheet it takes."""

    text: str
    kind: Literal["equation", "sentence"]
    phase: Phase = "forward"
    rows: int = 1
    across: int = 0
    """The rows that a paragraph, or an equation that begins here, takes across the page, below all matrices; 0 where
    those are no fewer."""
    joined: bool = False
    """Goes on with the line above it."""
    again: bool = False
    """Of the forward pass: whether what it tells is computed again after the update."""
    at: tuple[str, ...] = ()
    """The statements beside whose matrices it belongs."""
    whole: str = ""
    """The equation that it is a line of."""
    product: bool = False
    """Of a gradient: whether it is a mere product, of a row and a column that the page shows."""
    why: str = ""
    """Of a gradient: what happens to what reaches it."""
    further: bool = False
    """Tells the gradient of a further loss, which stands among the forward pass."""

    @property
    def role(self) -> Role | None:
        """Whose colour it has; prose has none."""
        roles = {"forward": Role.FORWARD, "backward": Role.GRADIENT, "update": Role.UPDATED, "after": Role.FORWARD}
        phase = "backward" if self.further else self.phase
        return roles[phase] if self.kind == "equation" else None

    def on(self, sheet: int, mode: Mode) -> bool:
        """Whether it stands on that sheet: 0 the Canvas, 1 Gradients, 2 After the update. Prose stands on the first
        only, equations of what is computed again on the third as well; beside, the lane's head tells the update."""
        if self.kind == "sentence":
            return sheet == 0
        if self.phase == "forward":
            return sheet == 0 or (sheet == 2 and self.again)
        return sheet == (0 if mode != "sheets" else 1) if self.phase == "backward" else sheet == 2 and mode == "sheets"

    def behind(self, mode: Mode) -> bool:
        """Whether it tells a gradient on the sheet of the forward pass, below all of that."""
        return self.phase == "backward" and mode != "sheets"


def passages(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines of each equation; those of a paragraph by themselves."""
    found = list[list[Line]]()
    for line in lines:
        if line.joined and found:
            found[-1].append(line)
        else:
            found.append([line])
    return found


Told = tuple[str, list[Line]]
"""A statement, and lines about it."""


@dataclass(frozen=True)
class Telling:
    """One block and all that is needed to tell it."""

    words: Vocabulary
    block: Block
    width: float
    apart: Set[str] = frozenset()
    """Gradients that stand in a band of their own: they are told there."""

    @cached_property
    def loop(self) -> Loop | None:
        """The loop whose turns stand side by side in it."""
        return self.words.loops.get(self.block.loop) if self.block.loop is not None else None

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """The statements that it tells, in program order: those of the first turn, if it has turns."""
        here = {*self.block.matrices, *self.block.fused}
        places = sorted(self.words.order[name] for name in here if name in self.words.order)
        found = [s for s in map(self.words.program.statements.__getitem__, places) if s.phase == "forward"]
        if self.loop is not None:
            first = min((s.round[1] for s in found if s.round), default=0)
            found = [s for s in found if s.round is None or s.round[1] == first]
        return tuple(s for s in found if s.kind == "matrix")

    @cached_property
    def givens(self) -> tuple[str, ...]:
        """Given matrices that stand in it, because it reads them first."""
        here = {*self.block.matrices, *self.block.fused}
        if self.block.continued:
            return ()
        found = [g.name for g in self.words.program.givens if self.words.first_reader.get(g.name) in here]
        return tuple(name for name in found if name not in self.words.kin or name == self.words.alike[name][0])
