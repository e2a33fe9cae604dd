"""One step of a spec, as it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sheetgen.ir.program import Local


@dataclass(frozen=True)
class SourceStep:
    """One entry of `steps:` after unrolling; `line` and `column` are those of `text` in the file."""

    text: str
    """do: `Z1 = W1 @ X + b1` · explain: `H1[:, 0]` · verdict: the matrix · tell: the sentence."""
    say: str | None
    kind: Literal["do", "explain", "verdict", "tell"]
    shows: tuple[str, ...]
    """Given matrices that a `tell` introduces."""
    section: str
    line: int
    column: int
    group: int | None
    """Entries of one group have the same; None outside groups."""
    number: int
    """The walkthrough's step. A group's entries share it; the first of them is the `tell` with its sentence."""
    words: tuple[tuple[float, str], ...] = ()
    """verdict: (from, word), ascending; below the first its word holds too. Empty: the five of `likely`."""
    round: tuple[int, int] | None = None
    """The outermost loop that it stands in (by number, from 1) and the loop's round, counted from 0."""
    variable: tuple[str, str] | None = None
    """What the variable of that loop is called, and its value in this round."""
    local: Local | None = None
    """do: what a function calls it that computes it."""
    note: str = ""
    """What an error in it says besides: where the function is used to which it belongs."""

    def told(self, message: str) -> str:
        """What is wrong with it, and the note."""
        return f"{message.removesuffix('.')}. {self.note}" if self.note else message
