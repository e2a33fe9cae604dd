"""How large things may be: what a sheet holds, and what a computer can be asked for."""

from __future__ import annotations

from collections.abc import Iterable

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
MOST_NUMBERS = 1_000_000
"""Of one matrix."""
MOST_COMPUTED = 5_000_000
"""Of all matrices that the steps of a spec compute."""
MOST_MULTIPLIED = 250_000_000
"""Pairs of numbers that the products and convolutions of a spec's steps multiply: half a minute for IronCalc."""
MOST_UNPACKED, ORDINARY, MOST_RATIO = 1_000_000_000, 20_000_000, 100
"""Bytes that a workbook may unpack to, how many are nothing special, and how many times the file beyond those."""


def too_large(shape: tuple[int, int]) -> str:
    """Why a matrix of this shape is refused; empty if it isn't."""
    rows, columns = shape
    if columns > LAST_COLUMN:
        return f"a sheet has only {LAST_COLUMN:,} columns"
    if rows > LAST_ROW:
        return f"a sheet has only {LAST_ROW:,} rows"
    return f"a matrix has at most {MOST_NUMBERS:,} numbers" if rows * columns > MOST_NUMBERS else ""


def unpacks_too_large(parts: Iterable[tuple[int, int]]) -> str:
    """Why an archive of parts (packed, unpacked bytes) is refused before it is unpacked; empty if it isn't."""
    packed, unpacked = (sum(sizes) for sizes in zip((0, 0), *parts, strict=True))
    if unpacked <= ORDINARY or (unpacked <= MOST_UNPACKED and unpacked <= MOST_RATIO * packed):
        return ""
    return f"it would unpack to {unpacked / 1e6:,.0f} MB, {unpacked / max(packed, 1):,.0f} times its size"
