"""Products as on paper: the left operand beside the result, the right one above it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sheetgen.cells.a1 import Rect
from sheetgen.ir.node import Node, call
from sheetgen.ir.program import Program, Statement
from sheetgen.ir.walk import references
from sheetgen.layout.board import REACH
from sheetgen.layout.grid import Box, Grid
from sheetgen.layout.operands import Operand, Operands
from sheetgen.layout.placement import CANVAS, box_of
from sheetgen.layout.uses import is_product, pieces

FAR = 2000


class Products(Operands):
    """Places products; a product that can't meet its operands where they stand gets linked copies of them."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.slots: dict[str, Rect] = {}
        """Places kept for gradients, by name."""
        self.band_uses: dict[Node, int] = {}

    def statement(self, s: Statement) -> None:
        """Place any statement."""
        raise NotImplementedError

    def settle(self, s: Statement) -> None:
        """A waiting statement has its place; its given matrices go left of it, on the same rows."""
        self.placement.exprs[s.name] = s.expr
        rect = self.rects[s.name]
        column = rect.column - 2
        for name in reversed(list(dict.fromkeys(r.name for r in references(s.expr)))):
            if name in self.deferred:
                self.statement(self.deferred[name])
            if name in self.uses.givens and name not in self.rects:
                height, width = self.shape(name)
                at = Box(rect.row, column - width + 1, height, width)
                if height == rect.height and self.fits((name, at)):
                    self.put(name, at)
                    column -= width + 2
                else:
                    self.given_beside(name, box_of(rect))

    def product(self, s: Statement) -> None:
        left, right = s.expr.args
        name = s.parts[0].name
        backward = s.phase == "backward"
        if backward and name in self.slots and self.in_slot(s, left, right):
            return
        if backward and not self.meets(s, left, right):
            self.away.add(s.name)
        for operand, stack in ((left, "hstack"), (right, "vstack")):
            if not self.movable(operand, stack):
                self.show_sources(operand)
        a, b = self.usable(left), self.usable(right)
        for one in a:
            for two in b:
                at = Box(one.box.row, two.box.column, *s.shape)
                upright = one.box.right < at.column and two.box.bottom < at.row
                if (upright or backward) and self.result_fits(s, at):
                    self.put_result(s, at, one, two)
                    return
        around = self.sheet == CANVAS and not backward and not self.program.mirrored
        gradient = self.uses.gradient_node(name) if around else None
        uses = max(1, self.uses.left_uses[left]) if gradient is not None else 0
        band = uses * (gradient.shape[0] + 2) if gradient is not None and uses <= 6 else 0
        tries = (
            self.under(s, left, right, b, band) if b and self.movable(left, "hstack") else iter(()),
            self.right_of(s, right, a, band, left) if a else iter(()),
            self.under(s, left, right, b, band) if b and not a else iter(()),
            self.apart(s, left, right, band),
        )
        at, over, beside = next(place for attempt in tries for place in attempt)
        two = over if isinstance(over, Operand) else self.operand_at(right, "vstack", over, s)
        one = beside if isinstance(beside, Operand) else self.operand_at(left, "hstack", beside, s)
        self.put_result(s, at, one, two)
        if gradient is not None:
            self.keep_room(s, gradient, at, two, self.band_uses.get(left, 0) if band else 0)
            self.band_uses[left] = self.band_uses.get(left, 0) + 1

    def show_sources(self, operand: Node) -> None:
        """Given matrices of which an operand shows only a part are drawn whole first."""
        for ref in references(operand):
            if ref.name in self.deferred:
                self.statement(self.deferred[ref.name])
            if ref.name in self.uses.givens and ref.name not in self.rects and not self.whole_piece(operand, ref):
                self.fresh_given(ref.name)

    def whole_piece(self, operand: Node, ref: Node) -> bool:
        return any(ref in pieces(operand, stack) for stack in ("hstack", "vstack"))

    def operand_at(self, node: Node, stack: str, at: Box, s: Statement) -> Operand:
        return Operand(self.put_operand(node, stack, at, s.step), at)

    def under(
        self, s: Statement, left: Node, right: Node, over: Iterable[Operand], band: int
    ) -> Iterator[tuple[Box, Operand, Box]]:
        """Below the upper operand where it stands, the left one put down beside."""
        for two in over:
            first = two.box.bottom + 3 + band
            for row in range(first, first + FAR):
                at = Box(row, two.box.column, *s.shape)
                beside = Box(row, at.column - 1 - left.shape[1], *left.shape)
                if self.result_fits(s, at) and self.grid.free(*self.room(left, "hstack", beside)):
                    yield at, two, beside
                    break

    def right_of(
        self, s: Statement, right: Node, beside: Iterable[Operand], band: int, left: Node
    ) -> Iterator[tuple[Box, Box, Operand]]:
        """On the rows of the left operand where it stands, the upper one put down above."""
        for one in beside:
            for column in range(one.box.right + 2, one.box.right + 2 + FAR):
                at = Box(one.box.row, column, *s.shape)
                over = Box(at.row - 2 - band - right.shape[0], column, *right.shape)
                if self.result_fits(s, at) and self.grid.free(*self.room(right, "vstack", over)):
                    yield at, over, one
                    break

    def apart(self, s: Statement, left: Node, right: Node, band: int) -> Iterator[tuple[Box, Box, Box]]:
        """In a place of its own, both operands put down."""
        at = Box(right.shape[0] + 2 + band, left.shape[1] + 1, *s.shape)
        over = Box(0, at.column, *right.shape)
        beside = Box(at.row, 0, *left.shape)
        boxes = [*self.with_margin(s.parts[0].name, at), *self.room(left, "hstack", beside)]
        boxes += self.room(right, "vstack", over)
        if band:
            boxes.append(Box(0, over.right + 2, 1, s.shape[0] + 1))
        top, edge = min(b.row for b in boxes) + 1, min(b.column for b in boxes) + 1
        height = max(b.bottom for b in boxes) - top + 1
        width = max(b.right for b in boxes) - edge + 1
        row, column = self.fresh(height, width)
        at, over, beside = (
            Box(b.row + row - top, b.column + column - edge, b.height, b.width) for b in (at, over, beside)
        )
        yield at, over, beside

    def result_boxes(self, s: Statement, at: Box) -> list[tuple[str, Box]]:
        result, row, column = [], at.row, at.column
        for part in s.parts:
            result.append((part.name, Box(row, column, *part.shape)))
            row, column = (row + part.shape[0], column) if s.axis == 0 else (row, column + part.shape[1])
        return result

    def result_fits(self, s: Statement, at: Box) -> bool:
        return self.fits(*((name, box) for name, box in self.result_boxes(s, at)[:1])) and self.grid.free(at.grown())

    def put_result(self, s: Statement, at: Box, one: Operand, two: Operand) -> None:
        for place, (name, box) in enumerate(self.result_boxes(s, at)):
            if place:
                self.placement.sides[name] = "right" if s.axis == 0 else "above"
                self.grid.claim(box)
                self.record(name, box)
            else:
                self.put(name, box)
        self.placement.exprs[s.name] = call("matmul", one.node, two.node)
        while self.waiting:
            self.settle(self.waiting.pop(0))

    # The backward pass around the forward pass

    def keep_room(self, s: Statement, gradient: Node, at: Box, over: Operand, use: int) -> None:
        """Keep places for the gradient of product `s`, right of its upper operand and above its result, and for
        the products that the gradient enters: on the rows and above the columns of their other factor."""
        height, width = gradient.shape
        row = at.row - 2 - height - use * (height + 2)
        if row - 3 < over.box.bottom:
            return
        for column in range(over.box.right + 2, over.box.right + 2 + REACH):
            spot = Box(row, column, height, width)
            kept: list[tuple[str, Box]] = []
            for product in self.uses.through.get(s.name, ()):
                first, second = product.expr.args
                for other in self.usable(second if first == gradient else first):
                    where = (row, other.box.column) if first == gradient else (other.box.row, column)
                    kept.append((product.name, Box(*where, *product.shape)))
                    break
            name = references(gradient)[0].name
            if kept and self.fits((name, spot), *kept) and not _meet([spot, *(b for _, b in kept)]):
                break
        else:
            return
        for each, box in [(name, spot), *kept]:
            for part in self.parts(each, box):
                self.grid.claim(part)
        maker = self.uses.maker[name]
        if gradient.is_matrix and not is_product(maker) and name not in self.slots:
            self.slots[name] = Rect(self.sheet, *spot)
        else:
            self.copy_slots[gradient] = Rect(self.sheet, *spot)
        for each, box in kept:
            self.slots.setdefault(each, Rect(self.sheet, *box))

    def in_slot(self, s: Statement, left: Node, right: Node) -> bool:
        """Put a product of the backward pass where room was kept for it, if its operands came to stand there."""
        rect = self.slots[s.parts[0].name]
        self.sheet = rect.sheet
        for one in self.usable(left):
            for two in self.usable(right):
                if (one.box.row, two.box.column) == (rect.row, rect.column):
                    at = Box(rect.row, rect.column, *s.shape)
                    self.put_result(s, at, one, two)
                    return True
        return False

    def meets(self, s: Statement, left: Node, right: Node) -> bool:
        """Whether a product of the backward pass can be drawn on the canvas without copies."""
        pairs = ((one.box, two.box) for one in self.usable(left) for two in self.usable(right))
        return any(self.result_fits(s, Box(one.row, two.column, *s.shape)) for one, two in pairs)


def _meet(boxes: list[Box]) -> bool:
    """Whether any two come closer than a cell."""
    grid = Grid()
    for box in boxes:
        if not grid.free(box.grown()):
            return True
        grid.claim(box)
    return False
