"""The boxes of the turns of a loop that stand side by side and are the same thing, turn by turn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sheetgen.layout.geometry.figure import Box


def abreast(boxes: Iterable[Box]) -> list[tuple[Box, ...]]:
    """Boxes of different turns that stand on the same row in the same place of their turns; others by themselves."""
    turns: dict[tuple[object, ...], dict[int | str, list[Box]]] = defaultdict(lambda: defaultdict(list))
    for box in boxes:
        zone, place = box.zone, (box.sheet, box.band, box.row, box.caption and box.caption.row)
        like = (box.kind, box.phase, box.glued, box.height, box.turned)
        key = (*place, zone.area, zone.sub, zone.part, *like) if box.turn is not None else (box.key,)
        turns[key][box.turn if box.turn is not None else box.key].append(box)
    found = []
    for each in turns.values():
        lanes = [sorted(lane, key=lambda box: box.column) for lane in each.values()]
        if len({len(lane) for lane in lanes}) == 1:
            found += [tuple(same) for same in zip(*lanes, strict=True)]
        else:
            found += [(box,) for lane in lanes for box in lane]
    return found
