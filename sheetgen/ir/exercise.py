"""What a spec says of an exercise: what is to be filled in, and how."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """The matrices that are left empty, by name, or `forward`, `backward`, `all`; or else a level, from 1 to 4."""

    blank: tuple[str, ...] = ()
    round: int | None = None
    """The decimals that are asked for; None: as few as the numbers allow, at least two."""
    hints: bool = True
    level: int | None = None
    """How much is left empty, instead of `blank`: from 1, a few cells, to 4, everything."""
