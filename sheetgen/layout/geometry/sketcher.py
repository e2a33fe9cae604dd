"""What the rules write on: boxes by what they show, and who reads which of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property

from sheetgen.ir.node import Node
from sheetgen.ir.node import matrix as leaf
from sheetgen.layout.geometry import nodes, operands
from sheetgen.layout.geometry.bands import Placed, Row
from sheetgen.layout.geometry.board import Board, Draft, Standing
from sheetgen.layout.geometry.figure import Block, Glued, Kind, Zone
from sheetgen.layout.geometry.script import Item, Script
from sheetgen.layout.geometry.sketch import BIG, Options, Part, Sketch, State, whole
from sheetgen.ops.views import stack
from sheetgen.records import replace


class Sketcher:
    """The board and everything that the rules must know about what already stands."""

    def __init__(self, script: Script, options: Options) -> None:
        self.script, self.options = script, options
        self.board, self.state = Board(), State()
        self.items = {item.name: item for item in script.items}
        self.scalars = frozenset(script.scalars)
        self.numbers = _numbers(script)
        self.verdicts: dict[str, list[Item]] = {}
        for verdict in script.verdicts:
            self.verdicts.setdefault(verdict.expr.references[0].name, []).append(verdict)
        products = [item for item in script.items if item.kind == "product"]
        self._readers = Counter((item.loop, item.turn, nodes.above(item.expr)) for item in products)
        self.row = Row(Block(0, "", (), (), ()), ())

    def result(self) -> Sketch:
        board, state = self.board, self.state
        drafts = tuple(board.drafts)
        parts = {name: tuple(found) for name, found in state.parts.items()}
        return Sketch(drafts, tuple(board.ties), tuple(board.belows), state.copies, parts, tuple(state.rails),
                      tuple(state.links), tuple(state.big),
                      {name: whole(found) for name, found in parts.items()})  # fmt: skip

    @cached_property
    def _reading(self) -> Mapping[str, list[Item]]:
        found: dict[str, list[Item]] = {}
        for item in self.items.values():
            for name in {ref.name for ref in item.expr.references}:
                found.setdefault(name, []).append(item)
        return found

    def readers(self, item: Item) -> Sequence[Item]:
        """The statements that read a matrix."""
        return self._reading.get(item.name, ())

    def branches(self, item: Item) -> bool:
        """Whether it is a product, and another one of the same turn reads the same matrices above it."""
        return self._readers[item.loop, item.turn, nodes.above(item.expr)] > 1

    # Boxes

    def is_scalar(self, operand: Node) -> bool:
        """Whether it is a number of the title rows."""
        return operand.is_matrix and operand.name in self.scalars

    def is_open(self, name: str) -> bool:
        """Whether a matrix has no place yet but may get one wherever it is read first."""
        made = self.items.get(name)
        return name not in self.state.settled and (name in self.script.sources or (made is not None and made.made))

    def draft(self, standing: Standing) -> Draft:
        """The box that a reader sees."""
        return self.board.drafts[self.board.number[standing.key]]

    def is_big(self, operand: Node) -> bool:
        """Whether an operand is read where it stands, because a copy would be too large. What a product alone computes,
        as -B or a row of B/2, stands nowhere but in its copy."""
        ref = next(iter(operand.references), None)
        stands = operands.is_operand(operand) or nodes.is_stack(operand)
        big = stands and ref is not None and operand.shape[0] * operand.shape[1] > BIG and not self.is_open(ref.name)
        if ref is not None and big:
            self.state.big[ref.name] = None
        return big

    def home(self, item: Item, zone: Zone, head: int = 1, tie: tuple[int, int] | None = None, offset: int = 0,
             chain: bool = True, glued: Glued = "", lead: int = 0) -> int:  # fmt: skip
        """The box of a statement."""
        kind: Kind = "row" if item.of else "home"
        matrix = "" if item.of else item.name
        draft = Draft(item.name, matrix, kind, item.expr, *item.shape, zone, self.row.block.index, offset, head,
                      item.of, glued=glued, turn=item.turn, lead=lead)  # fmt: skip
        index = self.board.add(draft, tie, chain)
        self.settle(item.name, leaf(item.name, item.shape), index)
        return index

    def settle(self, name: str, operand: Node, index: int, end: int | None = None) -> None:
        """Note that a matrix stands in box `index` (and those under it, down to `end`)."""
        zone = self.board.drafts[index].zone
        self.state.settled.add(name)
        self.state.placed[name] = index
        if zone.part == 1:
            self.board.stand(zone, operand, index, end=end)
            if zone == Zone(0, 0, 0) and not self.row.lanes:
                self.state.trunk.add(name)

    def is_new(self, operand: Node) -> bool:
        """Whether an operand has no place yet and may get one here: a given matrix that is read whole, a column of one
        that is read column by column, or what is made in its reader's slot."""
        piece = self.piece(operand)
        name = piece or (operand.name if operand.is_matrix else "")
        whole_or_piece = name not in self.script.sliced or bool(piece)
        return self.is_open(name) and operand not in self.state.pieces and whole_or_piece

    def original(self, operand: Node, zone: Zone, offset: int = 0, head: int | None = None) -> Draft | None:
        """The box of an operand that has no place yet; None if it has one or can't get one here."""
        if not self.is_new(operand):
            return None
        piece = self.piece(operand)
        name = piece or operand.references[0].name
        made = self.items.get(name)
        head = head if head is not None else 1 + self.has_names(operand)
        block = self.row.block.index
        if piece:
            columns = operands.view(operand).columns
            return Draft(self.board.fresh(name), name, "home", None, *operand.shape, zone, block, offset, head,
                         columns=columns, turn=self.round(zone))  # fmt: skip
        return Draft(name, name, "home", made.expr if made else None, *operand.shape, zone, block, offset, head)

    def piece(self, operand: Node) -> str:
        """The input that is only read column by column, if the operand is such a column."""
        if operand.is_matrix:
            return ""
        ref = next(iter(operand.references), None)
        return ref.name if ref is not None and ref.name in self.script.sliced else ""

    def copy(self, operand: Node, zone: Zone, offset: int = 0, head: int = 1, turn: int | None = None) -> Draft:
        """A linked copy of an operand, or of a stack of operands."""
        name = next((ref.name for ref in operand.references if not self.is_scalar(ref)), "")
        if operands.scaled_operand(operand) is None:
            return Draft(self.board.fresh(name or "stack"), "", "copy", operand, *operand.shape, zone,
                         self.row.block.index, offset, head, name, turn=turn)  # fmt: skip
        seen, block = operands.view(operand), self.row.block.index
        matrix = seen.matrix if seen.exact else ""
        return Draft(self.board.fresh(seen.matrix), matrix, "copy", operand, *operand.shape, zone, block, offset, head,
                     seen.matrix, seen.rows, seen.columns, seen.turned, turn=turn)  # fmt: skip

    def ensure(self, operand: Node, zone: Zone) -> None:
        """Give a matrix that is read in part or turned a place of its own: an input in the lane, others in the slot."""
        for ref in operand.references:
            if ref.name in self.state.settled or ref.name in self.scalars or ref.name in self.script.sliced:
                continue
            draft = self.original(ref, zone)
            if draft is None:
                continue
            source = self.script.sources.get(ref.name)
            slot = Zone(0, zone.turn, zone.sub, 0)
            if source is None or source.role not in ("input", "constant"):
                draft = self.original(ref, slot) or draft
            self.settle(ref.name, ref, self.board.add(draft))

    def into_lane(self, operand: Node, zone: Zone, reader: str, head: int | None = None, glued: Glued = "") -> int:
        """Put an operand into a lane above its reader: the original if it has no place yet, else a copy."""
        draft = self.original(operand, zone, head=head)
        if draft is None:
            self.ensure(operand, zone)
            top = head is None and self.board.lane(zone).previous is None and self.has_names(operand)
            draft = self.copy(operand, zone, head=1 + top if head is None else head, turn=self.round(zone))
        lane = self.board.lane(zone)
        tie = (lane.previous, lane.extent) if glued and lane.previous is not None else None
        index = self.board.add(replace(draft, glued=glued), tie)
        self.show(reader, operand, index)
        return index

    def show(self, reader: str, operand: Node, index: int) -> None:
        """Note what box `index` shows, and that `reader` reads it there."""
        draft = self.board.drafts[index]
        if draft.kind == "home" and draft.columns is not None:
            self.state.pieces.add(operand)
            part = Part(draft.key, draft.rows, draft.columns, draft.shape)
            self.state.parts.setdefault(draft.matrix, []).append(part)
        elif draft.kind == "home":
            self.settle(draft.matrix, operand, index)
            return
        if draft.zone.part == 1:
            self.board.stand(draft.zone, operand, index, draft.kind != "home")
        if draft.kind != "home":
            self.read(reader, operand, leaf(draft.key, draft.shape))

    def follow(self, placed: Placed, zone: Zone, way: str) -> None:
        """Let later turns of a loop do as the first one does."""
        if placed.index >= 0:
            self.state.followed.setdefault(placed.index, (zone.sub, way))

    def show_folded(self, reader: str, operand: Node, draft: Draft, boxes: Sequence[int]) -> None:
        """Note that an operand stands in boxes that each show some of its columns."""
        folds = [self.board.drafts[k] for k in boxes]
        if draft.kind == "home":
            self.state.settled.add(draft.matrix)
            self.state.parts[draft.matrix] = [Part(fold.key, fold.rows, fold.columns, fold.shape) for fold in folds]
        else:
            self.read(reader, operand, stack(1, [leaf(fold.key, fold.shape) for fold in folds]))

    def seen(self, reader: str, operand: Node) -> Node:
        """What `reader` reads for an operand."""
        return self.state.copies.get(reader, {}).get(operand, operand)

    def use(self, reader: str, near: Standing) -> None:
        """Note that `reader` reads what stands in its lane."""
        if near.copy:
            self.read(reader, near.operand, leaf(near.key, near.operand.shape))

    def bottom(self, zone: Zone) -> tuple[Node, ...]:
        """What the lowest box of a lane shows, if it stands in this band."""
        lane = self.board.lane(zone)
        if lane.standing and lane.standing[-1].end == lane.previous:
            return (lane.standing[-1].operand,)
        return ()

    def has_names(self, operand: Node) -> bool:
        """Whether the columns of a given matrix have names."""
        source = self.script.sources.get(operand.name) if operand.is_matrix else None
        return source is not None and source.columns

    def box_read(self, reader: str, operand: Node) -> int | None:
        """The box from which `reader` reads an operand."""
        seen = self.state.copies.get(reader, {}).get(operand)
        if seen is not None and seen.is_matrix:
            return self.board.number[seen.name]
        return self.state.placed.get(operand.name) if operand.is_matrix else None

    def indices(self, draft: Draft, index: int, slot: Zone) -> None:
        """What a matrix made in its reader's slot is made from, above it."""
        made = self.items.get(draft.matrix)
        if draft.kind != "home" or made is None or not made.made:
            return
        for ref in dict.fromkeys(made.expr.references):
            above = self.original(ref, slot) or self.copy(ref, slot)
            self.show(made.name, ref, self.board.add(above, (index, -draft.head - above.height)))

    def round(self, zone: Zone) -> int | None:
        turns = self.row.block.turns
        return turns[zone.turn] if zone.turn < len(turns) else None

    def read(self, reader: str, operand: Node, seen: Node) -> None:
        """Note that `reader` reads an operand from copies; nothing if it reads the original."""
        if seen == operand:
            return
        self.state.copies.setdefault(reader, {})[operand] = seen
        for ref in seen.references:
            self.link(ref.name, operand)

    def link(self, key: str, operand: Node) -> None:
        """A state that comes from an earlier turn comes along a line, to the box `key`."""
        made = self.items.get(next((ref.name for ref in operand.references), ""))
        if made is None or made.loop is None or made.loop != self.row.block.loop:
            return
        index = self.board.number.get(key)
        turn = self.board.drafts[index].turn if index is not None else self.items[key].turn
        if turn is not None and made.turn is not None and made.turn < turn:
            self.state.links[made.name, key] = None


def _numbers(script: Script) -> frozenset[str]:
    """The numbers of the title rows, and those that are made from nothing but such numbers."""
    found = set(script.scalars)
    for item in script.items:
        read = [ref.name for ref in item.expr.references]
        if item.shape == (1, 1) and read and found.issuperset(read):
            found.add(item.name)
    return frozenset(found)
