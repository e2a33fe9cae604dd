"""What columns need for the names and signs that stand over them, in them and beside matrices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sheetgen.layout import measure
from sheetgen.layout.axes import NONE, Axes
from sheetgen.layout.drawing.edges import APART, FROM, NAME, Names, terms
from sheetgen.layout.drawing.regions import Source
from sheetgen.layout.geometry.figure import Placement
from sheetgen.layout.words.captions import Captions

SIGN, WORDS = 10.0, 8.0
"""Points of a sign in a gutter, and of a verdict's words."""
LONGEST_NAME = 7.0
"""Characters that a column may have for the sake of names."""
AIR = 1.2
"""Characters that a sign or a rail's name leaves free, so that it touches neither a matrix nor the rail."""
BEFORE, BETWEEN = 0.6, 1.2
"""Characters that names of rows leave free, and those between two matrices."""
ADDS = "◄ +"
"""What stands at the end of a gradient's rail."""
Need = tuple[int, int, float]
"""First and last column, and the characters that each of them needs."""
Beside = tuple[int, float, bool]
"""A column, the characters that what is written there needs, and whether it is a name, which may stand elsewhere."""


def names_above(src: Source, sheet: int, axes: Names) -> list[Need]:
    """What the names of columns need, or at least their longest words, where they are short enough."""
    found = []
    for box in src.placement.boxes:
        names = axes.get(box.matrix, NONE)[box.turned is False]
        if box.sheet == sheet and (box.labels.above or box.labels.below) and len(names) == box.width > 1:
            parts = (max(measure.text_width(x, NAME) for x in texts) + APART for texts in (names, _parts(names)))
            need = next((need for need in parts if need <= LONGEST_NAME), 0.0)
            found.append((box.column, box.column + box.width - 1, need))
    for frame in src.placement.frames:
        weights = src.weights[frame.key] if frame.kind == "closer" and frame.sheet == sheet else None
        if weights is not None and weights.width < measure.WIDE and (called := terms(src, frame.key, axes)[0]):
            need = max(measure.text_width(name, FROM) for name in called) + APART
            found.append((weights.column, weights.right - 1, need if need <= LONGEST_NAME else 0.0))
    return found


def _parts(names: Axes | Sequence[str]) -> list[str]:
    return [part for name in names for part in str(name).split()] or [""]


def names_beside(src: Source, sheet: int, words: Captions, axes: Names) -> Iterator[Beside]:
    """What the names of rows need in the gutter left of them, with air before them if a matrix ends there; and what
    stands at a rail's end: its source's name, or the sign of a gradient."""
    here = [box for box in src.placement.boxes if box.sheet == sheet]
    left = [(box, axes.get(box.matrix, NONE)[box.turned is True]) for box in here if box.labels.left]
    named = [(box, names) for box, names in left if box.kind == "home" and len(names) == box.height]
    rows = {box.row for box, _ in named}
    ends = {(box.right, row) for box in here if rows for row in rows.intersection(range(box.row, box.below))}
    for box, names in named:
        air = BETWEEN if (box.column - 1, box.row) in ends else BEFORE
        yield box.column - 1, max(measure.text_width(name, NAME) for name in names) + air, True
    for rail in src.placement.rails:
        if rail.sheet == sheet:
            text = ADDS if rail.gradient else f"◄{words.name(words.boxes[rail.source])}"
            yield rail.column, measure.text_width(text, WORDS) + AIR, True


def signs(placement: Placement, sheet: int, words: Captions) -> Iterator[Beside]:
    """What the signs in gutters need, and the names of what has no room for a caption. An arrow from a copy at the
    right makes none wider, as the page would be without it."""
    for arrow in placement.arrows:
        if arrow.sheet == sheet and not (arrow.back and words.boxes[arrow.source].kind == "copy"):
            need = max(measure.text_width(text, SIGN) for text in words.signs_between[arrow])
            yield arrow.last_column, need + AIR, False
    for box in placement.boxes:
        if box.sheet == sheet and words.beside(box):
            yield box.column - 1, measure.text_width(words.sign(box), WORDS) + 0.4, True
