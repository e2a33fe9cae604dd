"""One caption over gradients, or new weights, that stand side by side, where one of them has no room for its own."""

from __future__ import annotations

from collections.abc import Sequence, Set

from sheetgen.layout import measure
from sheetgen.layout.drawing.regions import Source, role_of
from sheetgen.layout.drawing.room import Room
from sheetgen.layout.geometry.columns import GUTTER
from sheetgen.layout.geometry.figure import Box
from sheetgen.layout.plan import Label
from sheetgen.layout.words.captions import Captions


def write_together(src: Source, rooms: Sequence[Room], words: Captions) -> Set[str]:
    """Write such captions; the keys of the boxes that they name."""
    told = [row for row in _rows(src.placement.boxes) if _written(src, rooms[row[0].sheet], row, words)]
    return {box.key for row in told for box in row}


def _rows(boxes: Sequence[Box]) -> list[list[Box]]:
    """The gradients, not copies of them, and the new weights, that stand side by side, at most a gutter apart, and have
    captions in one row."""
    own = (b for b in boxes if b.caption is not None and b.kind != "copy" and b.phase in ("backward", "update"))
    at = {(b.sheet, b.row, b.column): b for b in own}

    def after(box: Box) -> Box | None:
        found = at.get((box.sheet, box.row, box.right)) or at.get((box.sheet, box.row, box.right + GUTTER))
        same = found is not None and (found.phase, found.kind, found.height) == (box.phase, box.kind, box.height)
        return found if same else None

    follow = {box.key: found for box in at.values() if (found := after(box)) is not None}
    later = {box.key for box in follow.values()}
    rows = []
    for box in at.values():
        if box.key in follow and box.key not in later:
            row = [box]
            while row[-1].key in follow:
                row.append(follow[row[-1].key])
            rows.append(row)
    return rows


def _written(src: Source, room: Room, row: Sequence[Box], words: Captions) -> bool:
    """One caption over boxes side by side, where one of them has no room for its own; whether it is there."""
    first, last = row[0], row[-1]
    if first.caption is None or last.caption is None:
        return False
    at, most = first.caption.row, last.caption.column + last.caption.columns - first.caption.column

    def alone(box: Box) -> bool:
        texts = words.caption(box)[:1] if box.phase == "update" else words.caption(box)
        place = box.caption
        return place is not None and any(
            room.reach(place.row, place.column, text, measure.SIZE, True, place.columns) for text in texts
        )

    if all(map(alone, row)):
        return False
    for text in words.together(row):
        if columns := room.reach(at, first.column, text, measure.SIZE, True, most):
            label = Label(at, first.column, text, "name", src.steps[first.key], color=role_of(src, first))
            return room.write(label, columns)
    return False
