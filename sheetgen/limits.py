"""How large things may be: what a sheet holds, and what a computer can be asked for."""

from __future__ import annotations

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
MOST_NUMBERS = 1_000_000
"""Of one matrix."""
MOST_COMPUTED = 5_000_000
"""Of all matrices that the steps of a spec compute."""


def too_large(shape: tuple[int, int]) -> str:
    """Why a matrix of this shape is refused; empty if it isn't."""
    rows, columns = shape
    if columns > LAST_COLUMN:
        return f"a sheet has only {LAST_COLUMN:,} columns"
    if rows > LAST_ROW:
        return f"a sheet has only {LAST_ROW:,} rows"
    return f"a matrix has at most {MOST_NUMBERS:,} numbers" if rows * columns > MOST_NUMBERS else ""
