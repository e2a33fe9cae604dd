"""A growing page in relative terms: boxes in zones, ties and orders between their rows, and what stands where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sheetgen.ir.node import Node, Shape
from sheetgen.layout.geometry.constraints import Below, Tie
from sheetgen.layout.geometry.figure import Glued, Kind, Span, Zone


@dataclass(frozen=True)
class Draft:
    """A box before it has coordinates."""

    key: str
    matrix: str
    kind: Kind
    expr: Node | None
    height: int
    width: int
    zone: Zone
    band: int
    offset: int = 0
    """In a lane, columns right of its first; in a slot, columns between the box and the gutter."""
    head: int = 1
    """Rows reserved above: the caption, and names of columns."""
    of: str = ""
    rows: Span | None = None
    columns: Span | None = None
    turned: bool = False
    glued: Glued = ""
    turn: int | None = None
    lead: int = 0
    """Rows of its head above the caption, for arrows from the band above."""

    @property
    def shape(self) -> Shape:
        return (self.height, self.width)

    @property
    def left(self) -> int:
        """Its first column, counted from its lane's first."""
        return -1 - self.offset - self.width if self.zone.part == 0 else self.offset


@dataclass(frozen=True)
class Standing:
    """A box of a lane as a reader sees it: the operand that it shows and its estimated rows."""

    operand: Node
    key: str
    top: int
    bottom: int
    copy: bool = False
    """Readers read it instead of the matrix's home."""
    end: int = -1
    """The lowest of its boxes."""
    far: bool = False
    """In an earlier band of the same turn, and not the last there: only branches read it in place."""


@dataclass
class Lane:
    """The boxes of a zone in one band, from the top."""

    standing: list[Standing] = field(default_factory=list)
    cursor: int = 0
    """Estimated first free row."""
    previous: int | None = None
    """The box that the next one must stay below, and its rows (those of the boxes beside it counted)."""
    extent: int = 0
    width: int = 0


@dataclass
class Board:
    """Everything placed so far. Only the rules of `groups` write on it."""

    drafts: list[Draft] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)
    belows: list[Below] = field(default_factory=list)
    number: dict[str, int] = field(default_factory=dict)
    estimate: list[int] = field(default_factory=list)
    lanes: dict[Zone, Lane] = field(default_factory=dict)
    """Of the current band."""
    right: dict[int, int] = field(default_factory=dict)
    """Columns taken by what is glued right of a box, and by the box."""
    copies: dict[str, int] = field(default_factory=dict)

    def lane(self, zone: Zone) -> Lane:
        """The state of a zone in the current band."""
        return self.lanes.setdefault(zone, Lane())

    def fresh(self, name: str) -> str:
        """A key for one more box that shows a matrix."""
        self.copies[name] = self.copies.get(name, 0) + 1
        return f"{name}@{self.copies[name]}"

    def add(self, draft: Draft, tie: tuple[int, int] | None = None, chain: bool = True) -> int:
        """Put a box: below the last one of its zone (`chain`), and `tie[1]` rows under the first of box `tie[0]`."""
        index = len(self.drafts)
        lane = self.lane(draft.zone)
        self.drafts.append(draft)
        self.number[draft.key] = index
        top = lane.cursor + draft.head
        if tie is not None:
            self.ties.append(Tie(tie[0], index, tie[1]))
            top = self.estimate[tie[0]] + tie[1]
        self.estimate.append(top)
        if draft.kind == "copy" and draft.expr is not None:
            sources = (self.number.get(ref.name) for ref in draft.expr.references)
            self.belows += [Below(k, index, 0, soft=True) for k in sources if k is not None and self._shares(k, draft)]
        if chain:
            if lane.previous is not None:
                self.belows.append(Below(lane.previous, index, lane.extent + draft.head))
            lane.previous, lane.extent = index, draft.height
            lane.cursor = max(lane.cursor, top + draft.height)
        lane.width = max(lane.width, draft.offset + draft.width)
        return index

    def _shares(self, index: int, draft: Draft) -> bool:
        """Whether a box stands in the band and the turn of a draft."""
        box = self.drafts[index]
        return (box.band, box.zone.turn) == (draft.band, draft.zone.turn)

    def abreast(self, drafts: list[Draft], row: tuple[int, int]) -> list[int]:
        """Put boxes of one zone side by side on the row `row[1]` below box `row[0]`."""
        if not drafts:
            return []
        lane = self.lane(drafts[0].zone)
        previous, extent, cursor = lane.previous, lane.extent, lane.cursor
        found = []
        for draft in drafts:
            lane.previous, lane.extent, lane.cursor = previous, extent, cursor
            found.append(self.add(draft, row))
        lane.previous, lane.extent = found[0], max(draft.height for draft in drafts)
        lane.cursor = max(cursor, self.estimate[found[0]] + lane.extent)
        return found

    def under(self, draft: Draft, index: int) -> int:
        """Glue a box of a slot under another that was put last."""
        above = self.drafts[index]
        lane = self.lane(draft.zone)
        lane.extent = max(lane.extent, above.height + draft.height)
        return self.add(draft, (index, above.height), chain=False)

    def stand(self, zone: Zone, operand: Node, index: int, copy: bool = False, end: int | None = None) -> None:
        """Let readers know what box `index` (and those glued under it, down to box `end`) shows."""
        draft, top = self.drafts[index], self.estimate[index]
        end = index if end is None else end
        bottom = self.estimate[end] + self.drafts[end].height
        self.lane(zone).standing.append(Standing(operand, draft.key, top, bottom, copy, end))

    def find(self, zone: Zone, operand: Node, reach: int) -> Standing | None:
        """The box of a zone that shows `operand`, if its lower edge is at most `reach` rows above the next box."""
        lane = self.lanes.get(zone)
        if lane is None:
            return None
        for standing in reversed(lane.standing):
            if standing.bottom < lane.cursor - reach:
                break
            if standing.operand == operand:
                return standing
        return None

    def has_beside(self, index: int, zone: Zone) -> bool:
        """Whether something of a zone stands on the rows of a box of this band."""
        for tie in reversed(self.ties):
            if self.drafts[tie.b].band != self.drafts[index].band:
                break
            if tie.a == index and self.drafts[tie.b].zone == zone:
                return True
        return False

    def lanes_of(self, turn: int) -> Iterator[Zone]:
        """The lanes of a turn in this band, from the left."""
        return iter(sorted((z for z in self.lanes if z.turn == turn and z.part == 1), key=lambda zone: zone.sub))
