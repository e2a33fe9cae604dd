"""What a spec says of its variants: which numbers change, and what makes them good to calculate with by hand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Range:
    """Whole numbers from `low` to `high`, both included, for every cell of a given matrix; `one_hot`: a single 1 in
    each column, and zeros."""

    name: str
    low: int
    high: int
    one_hot: bool = False


@dataclass(frozen=True)
class Variation:
    """The matrices that vary, and what their results must be like."""

    ranges: tuple[Range, ...]
    largest: float | None = None
    """No result is larger, whatever its sign."""
    denominators: tuple[float, ...] = ()
    """What results may be divided by; empty: by anything but 0."""
    live: float = 0.25
    """The share of each activation's cells that must be above 0."""
