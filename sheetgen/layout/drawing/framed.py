"""Frames of turns and the captions in them: which of them have sides, and how wide the air at their right should be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sheetgen.layout import measure
from sheetgen.layout.geometry.figure import Column, Frame, Placement
from sheetgen.layout.words.captions import Captions

SIZE, SMALL = 10.0, 8.0
"""Points of captions, and of those in small print."""
SPARE, WIDEST = 0.3, 6.4
"""Characters that a caption leaves free before its frame's side; of the widest column for the sake of captions."""


def sided(placement: Placement) -> list[Frame]:
    """The frames that have lines at their sides too: all but those of turns with state lines, which stand there."""
    sources = {link.source for link in placement.links}
    tied = {box.band for box in placement.boxes if box.key in sources}
    return [frame for frame in placement.frames
            if frame.kind == "closer" or tied.isdisjoint(range(frame.band, frame.last_band + 1))]  # fmt: skip


def air(
    placement: Placement, sheet: int, columns: Sequence[Column], words: Captions, first: int
) -> Iterator[tuple[int, float]]:
    """What the free column at the right of a frame needs for the captions that end there: each in its longest form from
    the `first` on, counted from 0, for which it doesn't get too wide, in small print at last. Frames side by side get
    the same."""
    needs: dict[int, float] = defaultdict(float)
    lasts: dict[int, list[int]] = defaultdict(list)
    for frame in sided(placement):
        last = frame.column + frame.width - 1
        if frame.sheet == sheet and frame.air and columns[last - 1].kind not in ("lane", "slot"):
            lasts[frame.band].append(last)
            needs[frame.band] = max(needs[frame.band], *_needs(placement, frame, columns, words, first), 0.0)
    for band, need in needs.items():
        yield from ((last, need) for last in lasts[band])


def _needs(
    placement: Placement, frame: Frame, columns: Sequence[Column], words: Captions, first: int
) -> Iterator[float]:
    """What each caption of a frame needs of its last column."""
    last, inside = frame.column + frame.width - 1, range(frame.row, frame.row + frame.height)
    for box in placement.boxes:
        within = (box.sheet, box.turn) == (frame.sheet, frame.turn)
        texts = (*words.caption(box), *(text for text, in words.brief([box]))) if within else ()
        place = box.caption
        if texts and place is not None and place.row in inside and place.column + place.columns > last:
            own = sum(columns[k - 1].width for k in range(place.column, last)) - SPARE
            numbered = texts[:-1] if words.number(box) else texts
            needs = [measure.text_width(text, SIZE, True) - own for text in numbered[first:]]
            needs += [measure.text_width(text, SMALL) - own for text in (*numbered[-1:], texts[-1])]
            yield next((need for need in needs if need <= WIDEST), 0.0)
