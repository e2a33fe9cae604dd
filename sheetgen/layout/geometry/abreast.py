"""The boxes of the turns of a loop that stand side by side and are the same thing, turn by turn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from operator import attrgetter

from sheetgen.layout.geometry.figure import Box


def abreast(boxes: Iterable[Box]) -> list[tuple[Box, ...]]:
    """Boxes of different turns that stand on the same row in the same place of their turns; others by themselves."""
    places: dict[object, list[Box]] = defaultdict(list)
    for box in boxes:
        zone, place = box.zone, (box.sheet, box.band, box.row, box.caption and box.caption.row)
        like = (box.kind, box.phase, box.glued, box.height, box.turned)
        key = (*place, zone.area, zone.sub, zone.part, *like) if box.turn is not None else box.key
        places[key].append(box)
    found = list[tuple[Box, ...]]()
    for here in places.values():
        turns: dict[int | None, list[Box]] = {}
        for box in here:
            turns.setdefault(box.turn, []).append(box)
        lanes = [sorted(lane, key=attrgetter("column")) for lane in turns.values()]
        if len({len(lane) for lane in lanes}) == 1:
            found += zip(*lanes, strict=True)
        else:
            found += [(box,) for lane in lanes for box in lane]
    return found
