"""When two numbers are equal to a spreadsheet, and their difference 0: if they agree to 15 digits.

Excel and LibreOffice take 0.1 + 0.2 for 0.3, and 0.1 + 0.2 - 0.3 for 0, though the doubles differ. What numpy decides
here is what a recalculation shows. The limit is LibreOffice's, 2⁻⁴⁸ of either number; whole numbers are never merely
close.
"""

from __future__ import annotations

import numpy as np

CLOSE = 2.0**-48


def same(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Where two arrays, broadcast against one another, are equal to a spreadsheet."""
    return np.asarray((x == y) | close(x, y))


def close(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Where they are equal to a spreadsheet although the doubles differ."""
    gap = np.abs(x - y)
    found = (gap < CLOSE * np.abs(x)) & (gap < CLOSE * np.abs(y)) & (gap > 0)
    if found.any():
        found &= (x != np.floor(x)) | (y != np.floor(y))
    return np.asarray(found)


def difference(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """x - y, and 0 where they are equal."""
    gap = np.subtract(x, y)
    suspects = np.abs(gap) < CLOSE * np.abs(x)
    return np.where(suspects & close(x, y), 0.0, gap) if suspects.any() else gap


def total(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """x + y, and 0 where the one is minus the other."""
    return difference(x, np.negative(y))
