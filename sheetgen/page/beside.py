"""Which sheet and which cells the boxes behind the forward pass get: beside it, or its own cells on further sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sheetgen.page.backward import Attached
from sheetgen.page.board import Draft
from sheetgen.page.constraints import Tie, groups
from sheetgen.page.figure import Zone
from sheetgen.page.simplify import Script
from sheetgen.page.sketcher import Sketch
from sheetgen.page.shim import Node, Ref

SECOND = 2
"""Columns of a lane that is narrow enough for the second forward pass beside the new weights."""


@dataclass(frozen=True)
class Seat:
    """A box behind the forward pass: `zone` beside (with an offset from the lane's first column), or None for the
    cells of box `box.at` on `sheet`."""

    box: Attached
    sheet: int
    zone: Zone | None = None
    offset: int = 0


def on_sheets(attached: Sequence[Attached]) -> list[Seat]:
    """Gradients on the second sheet, new weights and the second pass on the third, all in the same cells."""
    return [Seat(box, 1 if box.phase in ("backward", "forward") else 2) for box in attached]


def beside(script: Script, sketch: Sketch, attached: Sequence[Attached], loops: bool) -> list[Seat]:
    """Gradients, ∂W and W new right of the forward lanes on the same rows; the second pass too where it fits."""
    drafts = sketch.drafts
    slots = _slot_widths(drafts, sketch.ties)
    second = not loops and _fits_beside(script, sketch, attached)
    seats = []
    for box in attached:
        draft = drafts[box.at]
        turn, sub, slot = draft.zone.turn, draft.zone.sub, draft.zone.part == 0
        offset = slots[box.at] - draft.offset - draft.width if slot else draft.offset
        if box.phase == "backward":
            seats.append(Seat(box, 0, Zone(3 if slot else 2, turn, sub), offset))
        elif box.phase == "update":
            seats.append(Seat(box, 0, Zone(4, turn, 2 * sub + (not slot)), offset))
        elif box.phase == "after" and not second:
            seats.append(Seat(box, 2))
        elif box.phase == "after" and not slot:
            seats.append(Seat(box, 0, Zone(5, turn, sub), offset))
    if not second and any(seat.sheet == 2 for seat in seats):
        seats += [Seat(_linked(seat.box), 2) for seat in seats if seat.box.phase == "update"]
    return seats


def _linked(box: Attached) -> Attached:
    """A new weight in its weight's cells on the third sheet, read from beside."""
    draft = Ref(box.key, box.expr.shape)
    return Attached(f"{box.key}@again", box.matrix, "copy", "after", draft, box.at, box.of, box.rows, box.columns)


def _slot_widths(drafts: Sequence[Draft], ties: Sequence[Tie]) -> list[int]:
    """The width of what stands beside each other in a slot, box by box."""
    root = groups(len(drafts), ties)[0]
    widest: dict[tuple[int, Zone], int] = {}
    for k, draft in enumerate(drafts):
        key = (root[k], draft.zone)
        widest[key] = max(widest.get(key, 0), draft.offset + draft.width)
    return [widest[root[k], draft.zone] for k, draft in enumerate(drafts)]


def _fits_beside(script: Script, sketch: Sketch, attached: Sequence[Attached]) -> bool:
    """Narrow lanes, and nothing in a slot that a new weight changes but the weights themselves."""
    lane = max((d.offset + d.width for d in sketch.drafts if d.zone.part == 1), default=0)
    changed = set(script.agains) | set(script.news)
    slots = [box for box in attached if box.phase == "after" and sketch.drafts[box.at].zone.part == 0]
    return lane <= SECOND and not any(box.of in changed for box in slots)


def second_pass(seats: Sequence[Seat], sketch: Sketch, exprs: Mapping[str, Node]) -> dict[str, Node]:
    """What formulas of a second pass that stands beside read instead of the links that it has no room for."""
    here = {seat.box.key for seat in seats}
    found: dict[str, Node] = {}
    for draft in sketch.drafts:
        key = f"{draft.key}@again"
        if key not in here:
            found[key] = Ref(draft.key, draft.shape)
    return found
