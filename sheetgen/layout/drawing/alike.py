"""Small numbers that are read beside larger ones of their kind have as many decimals as these, not two digits of their
own: 0.02 in a row of 0.35, rather than 0.024."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set

import numpy as np

from sheetgen.layout.geometry.abreast import abreast
from sheetgen.layout.geometry.figure import Box
from sheetgen.layout.numbers import one_digit, two_digits

USUAL = 2
"""Decimals of numbers that aren't small."""


def alike(boxes: Sequence[Box], values: Mapping[str, np.ndarray], given: Set[str]) -> dict[str, int]:
    """By key of the box, the decimals of what is small in one turn of a loop but not in others, in a part of a matrix
    but not in the whole of it, or beside what it touches or repeats; one decimal more where that shows the only digit
    of what would be a mere zero. `values` are those of the boxes, by key; `given` matrices stay as they were typed."""
    found: dict[str, int] = {}
    shown = [box for box in boxes if box.matrix not in given and values[box.key].dtype.kind in "fiub"]
    for same in _groups(shown):
        usual = two_digits(np.concatenate([values[box.key].ravel() for box in same])) or USUAL
        for box in same:
            own = two_digits(values[box.key])
            if own is not None and own > usual:
                least = one_digit(values[box.key])
                found[box.key] = min(found.get(box.key, own), least if least == usual + 1 else usual)
    return found


def _groups(boxes: Sequence[Box]) -> Iterator[Sequence[Box]]:
    """Boxes whose numbers are read together, two or more of them."""
    matrices: dict[str, list[Box]] = defaultdict(list)
    for box in boxes:
        if box.matrix:
            matrices[box.matrix].append(box)
    yield from (same for same in (*abreast(boxes), *matrices.values()) if len(same) > 1)
    keys = {box.key: box for box in boxes}
    right = {(box.sheet, box.row, box.right): box for box in boxes}
    below = {(box.sheet, box.below, box.column): box for box in boxes}
    for box in boxes:
        place = (box.sheet, box.row, box.column)
        host = below.get(place) if box.glued == "under" else right.get(place)
        again = keys.get(box.at) if box.phase == "after" or box.kind == "echo" else None
        yield from ((box, other) for other in (host, again) if other is not None)
