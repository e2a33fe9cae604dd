"""The text in a band's margin, as far as it needs rows: each part begins beside the matrix that it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from operator import attrgetter

from sheetgen.layout.geometry.board import Draft
from sheetgen.layout.geometry.constraints import Below
from sheetgen.layout.geometry.figure import Block, Mode

MOST = 5
"""Rows that a part may keep free for itself: a longer one goes on beside the next box, so that no reader stands far
from what it reads."""
TIED = 4
"""So many parts may begin beside boxes of the same rows; the next one still leaves them their own."""


@dataclass(frozen=True)
class Text:
    """An equation or a paragraph of a margin."""

    at: tuple[str, ...]
    """The statements beside whose highest box its part begins; none for one that follows the part before it."""
    rows: int
    across: int = 0
    """The rows that it takes below all boxes of a band, where it may run across the page; 0 for as many."""


Margin = Callable[[Block, Mode], Sequence[Text]]
"""The text of a block's margin in a mode."""


Named = Mapping[str, Sequence[int]]
"""The numbers of the boxes in which a statement stands, by its name."""


def room(texts: Sequence[Text], boxes: Named) -> tuple[dict[int, int], list[Below]]:
    """The least row in their band of each of its `boxes` beside which a part begins, and how far below one another they
    must stand, so that each part has its rows."""
    parts = [(at, sum(text.rows for text in same)) for at, same in groupby(texts, attrgetter("at"))]
    starts = accumulate((min(rows, MOST) for _, rows in parts), initial=1)
    beside = [
        (min(k for name in at for k in boxes.get(name, ())), start)
        for (at, _), start in zip(parts, starts, strict=False)
        if any(name in boxes for name in at)
    ]
    pairs = [(one, other) for k, one in enumerate(beside) for other in beside[k + 1 : k + 1 + TIED]]
    return dict(beside), [Below(a, b, after - before, soft=True) for (a, before), (b, after) in pairs if a != b]


def end(texts: Sequence[Text], boxes: Named, rows: Sequence[int], floor: int | None = None) -> int:
    """The first row of a band under the text, where its boxes stand in these rows. From `floor` on it may run across
    the page."""
    below = 1
    for text in texts:
        row = max([below, *_highest(text, boxes, rows)])
        below = row + text.rows
        if floor is not None and text.across:
            below = min(below, max(row, floor) + text.across)
    return below


def _highest(text: Text, boxes: Named, rows: Sequence[int]) -> list[int]:
    found = [rows[k] for name in text.at for k in boxes.get(name, ())]
    return [min(found)] if found else []


def named(drafts: Sequence[Draft], bands: int) -> list[Named]:
    """The boxes of each band."""
    found: list[dict[str, list[int]]] = [{} for _ in range(bands)]
    for k, draft in enumerate(drafts):
        if draft.kind in ("home", "row"):
            for name in {draft.matrix, draft.of}:
                found[draft.band].setdefault(name, []).append(k)
    return list(found)
