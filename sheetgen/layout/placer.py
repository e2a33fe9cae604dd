"""The placer: products as on paper, functions beside their argument, gradients around the forward pass.

Statements are placed one after another on grids that know what is taken, so nothing can overlap,
whatever the program. Each rule has a preferred place and, when that is taken, another: a product
that can't meet its operands where they stand gets linked copies of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sheetgen.formula import Rect, area
from sheetgen.hoist import references
from sheetgen.layout.grid import Box, Grid
from sheetgen.layout.placement import (
    BACKWARD,
    CANVAS,
    UPDATE,
    Link,
    Placement,
    body,
    caption_columns,
    step_of,
)
from sheetgen.layout.uses import Uses, is_ones, is_product, pieces
from sheetgen.ops import OPERATIONS, Term, call
from sheetgen.ops.views import cut
from sheetgen.program import Call, Node, Program, Ref, Shape, Statement

WIDE = 44
"""Columns after which what may stand anywhere starts a new line."""
REACH = 40
"""How far a matrix is moved along before it gets a place of its own."""
FAR = 2000
TERMS_A_LINE = 8


@dataclass(frozen=True)
class Operand:
    """An operand as it can be used at `box`: `node` names the copies and ones that stand there."""

    node: Node
    box: Box


class Placer:
    """Places a whole program; `placement` is the result."""

    def __init__(self, program: Program) -> None:
        self.program, self.uses = program, Uses(program)
        self.placement = Placement(program)
        self.rects = self.placement.rects
        self.grids: dict[str, Grid] = {}
        self.sheet = CANVAS
        self.shelf: dict[str, int] = {}
        self.ones: dict[str, str] = {}
        self.copies: dict[tuple[Node, str], list[Node]] = {}
        self.slots: dict[str, Rect] = {}
        """Places kept for gradients, by name."""
        self.copy_slots: dict[Node, Rect] = {}
        """Places kept for linked copies of gradients."""
        self.band_uses: dict[Node, int] = {}
        self.deferred: dict[str, Statement] = {}
        self.waiting: list[Statement] = []
        """Statements that were put down as an operand and whose own arguments still need a place."""

    def run(self) -> Placement:
        for statement in self.program.statements:
            self.sheet = UPDATE if statement.phase in ("update", "after") else CANVAS
            if statement.phase == "update":
                self.learning_rate(statement)
            if statement.kind == "explain":
                continue
            if self.can_wait(statement):
                self.deferred[statement.name] = statement
            else:
                self.statement(statement)
        for statement in list(self.deferred.values()):
            if statement.name in self.deferred:
                self.sheet = UPDATE if statement.phase in ("update", "after") else CANVAS
                self.statement(statement)
        self.sheet = CANVAS
        for given in self.program.givens:
            if given.name not in self.rects:
                self.fresh_given(given.name)
        for statement in self.program.statements:
            if statement.kind == "explain":
                self.explain(statement)
        self.old_loss()
        return self.placement

    def old_loss(self) -> None:
        """Below the loss after the update, a copy of the loss before it."""
        loss = self.program.loss
        after = next((s for s in reversed(self.program.statements) if s.phase == "after"), None)
        if loss is None or after is None or after.shape != (1, 1):
            return
        rect = self.rects[after.name]
        self.sheet = rect.sheet
        at = Box(rect.row + 2, rect.column, 1, 1)
        while not self.grid.free(at.grown(), Box(at.row - 1, at.column, 1, 3)):
            at = at._replace(row=at.row + 1)
        self.grid.claim(Box(at.row - 1, at.column, 2, 3))
        self.link(Ref(loss, (1, 1)), at, after.step)

    def learning_rate(self, update: Statement) -> None:
        """The rate stands at the top of the sheet of updates."""
        for ref in references(update.expr):
            if ref.name in self.uses.givens and ref.name not in self.rects and ref.shape == (1, 1):
                self.fresh_given(ref.name)
                self.shelf[self.sheet] = self.grid.extent().bottom + 3

    @property
    def grid(self) -> Grid:
        return self.grids.setdefault(self.sheet, Grid())

    def statement(self, s: Statement) -> None:
        self.deferred.pop(s.name, None)
        if s.kind == "verdict":
            self.verdict(s)
        elif is_product(s):
            self.product(s)
        else:
            self.free_standing(s)

    def can_wait(self, s: Statement) -> bool:
        """What is made of given numbers only waits for the product that it enters, and is then drawn there."""
        if is_product(s) or s.kind != "matrix" or s.phase == "backward" or s.name not in self.uses.operands:
            return False
        names = [r.name for r in references(s.expr) if r.shape != (1, 1) and r.name in self.rects]
        here = [name for name in names if self.rects[name].sheet == self.sheet]
        return not here and not any(r.name in self.deferred for r in references(s.expr))

    # Putting things down

    def parts(self, name: str, at: Box) -> tuple[Box, Box]:
        """What a matrix covers at `at`: with its labels and ones, and its caption."""
        whole = body(self.uses.givens.get(name), at, 2 if name in self.uses.with_ones else 0)
        columns = caption_columns(name, (at.height, at.width), step_of(self.uses.maker.get(name)))
        return whole, Box(whole.row - 1, at.column, 1, max(at.width, columns))

    def fits(self, *placed: tuple[str, Box]) -> bool:
        """Whether all can be put down."""
        boxes = [part for name, at in placed for part in self.with_margin(name, at)]
        return self.grid.free(*boxes)

    def with_margin(self, name: str, at: Box) -> tuple[Box, Box]:
        whole, caption = self.parts(name, at)
        return whole.grown(), caption

    def put(self, name: str, at: Box) -> None:
        """Put a matrix down; what keeps the row of ones below it comes with it."""
        for part in self.parts(name, at):
            self.grid.claim(part)
        self.record(name, at)
        if name in self.uses.with_ones and name not in self.ones:
            self.ones[name] = self.link(None, Box(at.bottom + 1, at.column, 1, at.width), self.uses.with_ones[name])

    def record(self, name: str, at: Box) -> None:
        self.rects[name] = Rect(self.sheet, *at)
        self.deferred.pop(name, None)

    def link(self, node: Node | None, at: Box, step: int, backward: bool = False) -> str:
        """A copy of `node`, or ones."""
        base = references(node)[0].name if node is not None else "1"
        key = f"{base}@{len(self.placement.links)}"
        self.placement.links[key] = Link(key, node, step, backward)
        self.rects[key] = Rect(self.sheet, *at)
        return key

    def fresh(self, height: int, width: int) -> tuple[int, int]:
        """Row and column of a free rectangle: right of what stands there, or below everything."""
        if not self.grid.count:
            self.shelf[self.sheet] = 0
            return 0, 0
        top = self.shelf.setdefault(self.sheet, 0)
        right = self.grid.right(top - 1, top + height)
        if right is not None and right + 3 + width <= self.grid.extent().column + WIDE:
            return top, right + 3
        self.shelf[self.sheet] = self.grid.extent().bottom + 3
        return self.shelf[self.sheet], 0

    def fresh_given(self, name: str) -> None:
        shape = self.shape(name)
        whole, caption = self.parts(name, Box(0, 0, *shape))
        row, column = self.fresh(whole.height + 1, max(whole.width, caption.width))
        self.put(name, Box(row + 1 - whole.row, column - whole.column, *shape))

    def shape(self, name: str) -> Shape:
        given = self.uses.givens.get(name)
        return given.shape if given else next(p.shape for p in self.uses.maker[name].parts if p.name == name)

    # Operands

    def usable(self, node: Node) -> list[Operand]:
        """Where an operand stands on this sheet: itself, then its copies."""
        if node in self.copy_slots and self.copy_slots[node].sheet == self.sheet:
            rect = self.copy_slots.pop(node)
            at = Box(rect.row, rect.column, rect.height, rect.width)
            step = self.uses.maker[references(node)[0].name].step
            self.remember(node, Ref(self.link(node, at, step, True), node.shape))
        found = []
        for candidate in (self.with_ones(node), *self.copies.get((node, self.sheet), ())):
            box = self.box(candidate)
            if box is not None:
                found.append(Operand(candidate, box))
        return found

    def remember(self, node: Node, drawn: Node) -> None:
        self.copies.setdefault((node, self.sheet), []).insert(0, drawn)

    def with_ones(self, node: Node) -> Node:
        """`[X ; 1]` with the ones that stand below X."""
        below = pieces(node, "vstack")
        if len(below) == 2 and isinstance(below[0], Ref) and is_ones(below[1]) and below[0].name in self.ones:
            return call("vstack", below[0], Ref(self.ones[below[0].name], below[1].shape)).node
        return node

    def box(self, node: Node) -> Box | None:
        """The rectangle that an operand covers on this sheet, if it is one, and upright."""
        names = references(node)
        if not names or any(r.name not in self.rects or self.rects[r.name].sheet != self.sheet for r in names):
            return None
        try:
            rect, flipped = area(node, self.rects.__getitem__)
        except AssertionError:
            return None
        if flipped and node.shape != (1, 1):
            return None
        return Box(rect.row, rect.column, rect.height, rect.width)

    def movable(self, node: Node, stack: str) -> bool:
        """Whether an operand can be put down as it is, because none of it is drawn yet."""
        return all(is_ones(p) or (isinstance(p, Ref) and p.name not in self.rects) for p in pieces(node, stack))

    def names_of(self, node: Node, stack: str, at: Box) -> list[tuple[str, Box]]:
        """Each piece of an operand at `at`, for `fits`; pieces that are copies go by the name they show."""
        result, row, column = [], at.row, at.column
        for piece in pieces(node, stack):
            name = references(piece)[0].name if references(piece) else "1"
            result.append((name, Box(row, column, *piece.shape)))
            row, column = (row + piece.shape[0], column) if stack == "vstack" else (row, column + piece.shape[1])
        return result

    def room(self, node: Node, stack: str, at: Box) -> list[Box]:
        """What an operand put down at `at` would cover: labels, captions, margins."""
        boxes = []
        for place, (name, piece) in enumerate(self.names_of(node, stack, at)):
            given = self.uses.givens.get(name) if name not in self.rects else None
            whole = body(given, piece, 0)
            boxes.append(whole.grown())
            if not (place and stack == "vstack") and name != "1":
                columns = caption_columns(name, (piece.height, piece.width), 0)
                boxes.append(Box(whole.row - 1, at.column, 1, max(piece.width, columns)))
            maker = self.deferred.get(name)
            for beside in self.beside(maker) if maker else ():
                boxes.append(Box(piece.row - 2, piece.column - beside, piece.height + 2, beside))
        return boxes

    def beside(self, s: Statement) -> list[int]:
        """Columns that a waiting statement's own given matrices will need left of it."""
        widths = []
        for name in dict.fromkeys(r.name for r in references(s.expr)):
            given = self.uses.givens.get(name)
            if given and name not in self.rects and given.shape[0] == s.shape[0]:
                widths.append(given.shape[1] + 3)
        return [sum(widths)] if widths else []

    def put_operand(self, node: Node, stack: str, at: Box, step: int, backward: bool = False) -> Node:
        """Put an operand down, piece by piece: matrices not drawn yet as they are, others as linked copies."""
        drawn: list[Node] = []
        waiting: list[Statement] = []
        whole = pieces(node, stack)
        for place, (piece, (name, box)) in enumerate(zip(whole, self.names_of(node, stack, at), strict=True)):
            if place and name != "1":
                self.placement.sides[name] = "above" if stack == "hstack" else "left"
            if isinstance(piece, Ref) and piece.name not in self.rects:
                if piece.name in self.deferred:
                    waiting.append(self.deferred[piece.name])
                self.put(piece.name, box)
                drawn.append(piece)
            elif is_ones(piece):
                first = whole[0]
                known = self.ones.get(first.name) if isinstance(first, Ref) and len(whole) == 2 else None
                if known is None or self.rects[known] != Rect(self.sheet, *box):
                    known = self.link(None, box, step, backward)
                    self.grid.claim(box)
                drawn.append(Ref(known, piece.shape))
            else:
                for part in (box, Box(box.row - 1, box.column, 1, max(box.width, 1)) if not place else box):
                    self.grid.claim(part)
                key = self.link(piece, box, step, backward)
                if place:
                    self.placement.sides[key] = "above" if stack == "hstack" else "left"
                drawn.append(Ref(key, piece.shape))
        result = drawn[0] if len(drawn) == 1 else call(stack, *drawn).node
        if result != node:
            self.remember(node, result)
        self.waiting += waiting
        return result

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
                    self.given_beside(name, Box(rect.row, rect.column, rect.height, rect.width))

    # Products

    def product(self, s: Statement) -> None:
        assert isinstance(s.expr, Call)
        left, right = s.expr.args
        name = s.parts[0].name
        backward = s.phase == "backward"
        if backward and name in self.slots and self.in_slot(s, left, right):
            return
        if backward:
            self.sheet = CANVAS if self.meets(s, left, right) else BACKWARD
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
        gradient = self.uses.gradient_node(name) if self.sheet == CANVAS and not backward else None
        uses = max(1, self.uses.left_uses[left]) if gradient is not None else 0
        band = uses * (gradient.shape[0] + 2) if gradient is not None and uses <= 6 else 0
        tries = (
            self.under(s, left, right, b, band) if b and self.movable(left, "hstack") else iter(()),
            self.right_of(s, right, a, band, left) if a else iter(()),
            self.under(s, left, right, b, band) if b and not a else iter(()),
            self.apart(s, left, right, band),
        )
        at, over, beside = next(place for attempt in tries for place in attempt)
        two = over if isinstance(over, Operand) else self.operand_at(right, "vstack", over, s, backward)
        one = beside if isinstance(beside, Operand) else self.operand_at(left, "hstack", beside, s, backward)
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

    def whole_piece(self, operand: Node, ref: Ref) -> bool:
        return any(ref in pieces(operand, stack) for stack in ("hstack", "vstack"))

    def operand_at(self, node: Node, stack: str, at: Box, s: Statement, backward: bool) -> Operand:
        return Operand(self.put_operand(node, stack, at, s.step, backward), at)

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
        self.placement.exprs[s.name] = call("matmul", one.node, two.node).node
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
                assert isinstance(product.expr, Call)
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
        if isinstance(gradient, Ref) and not is_product(maker) and name not in self.slots:
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
        self.sheet = CANVAS
        pairs = ((one.box, two.box) for one in self.usable(left) for two in self.usable(right))
        return any(self.result_fits(s, Box(one.row, two.column, *s.shape)) for one, two in pairs)

    # Everything else

    def free_standing(self, s: Statement) -> None:
        """Right of its argument on the same rows; sums of columns below them; rows below rows."""
        self.placement.exprs[s.name] = s.expr
        if s.name in self.slots:
            rect = self.slots.pop(s.name)
            self.sheet = rect.sheet
            self.put(s.name, Box(rect.row, rect.column, rect.height, rect.width))
            return
        names = list(dict.fromkeys(r.name for r in references(s.expr)))
        for name in names:
            if name in self.deferred:
                self.statement(self.deferred[name])
        if s.phase == "backward" and all(self.rects[n].sheet == BACKWARD for n in names if n in self.rects):
            self.sheet = BACKWARD
        here = [n for n in names if n in self.rects and self.rects[n].sheet == self.sheet]
        for name in names:
            if name not in self.rects:
                beside = self.main_argument(here, self.shape(name))
                if beside is None:
                    self.fresh_given(name)
                else:
                    self.given_beside(name, beside)
                here.append(name)
        main = self.main_argument(here, s.shape)
        place = None if main is None else self.place_by(s, main, here)
        if place is None and s.phase == "backward":
            self.sheet = BACKWARD
        self.put(s.name, place or self.apart_alone(s.name, s.shape))

    def main_argument(self, names: list[str], shape: Shape) -> Box | None:
        """The matrix that a result stands beside: the last of the same shape, or height, or width, or any."""
        boxes = [Box(r.row, r.column, r.height, r.width) for r in (self.rects[n] for n in names)]
        for like in (
            lambda b: (b.height, b.width) == shape, lambda b: b.height == shape[0], lambda b: b.width == shape[1],
            lambda b: b.height * b.width > 1, lambda b: True,
        ):  # fmt: skip
            if fitting := [b for b in boxes if like(b)]:
                return max(fitting, key=lambda b: (b.row, b.column)) if shape[0] > 1 else fitting[0]
        return None

    def place_by(self, s: Statement, main: Box, here: list[str]) -> Box | None:
        height, width = s.shape
        below = height == 1 and main.width == width and (main.height > 1 or width >= 3 or _is_sum(s))
        if below:
            for row in range(main.bottom + 2, main.bottom + REACH):
                at = Box(row, main.column, height, width)
                if self.fits((s.name, at)):
                    return at
        level = [r for r in (self.rects[n] for n in here) if r.row <= main.bottom and r.row + r.height > main.row]
        last = max([main.right, *(r.column + r.width - 1 for r in level)])
        for start in sorted({main.right + 2, last + 2}, reverse=True):
            for column in range(start, min(start + REACH, self.grid.extent().column + WIDE - width)):
                at = Box(main.row, column, height, width)
                if self.fits((s.name, at)):
                    return at
        return None

    def given_beside(self, name: str, beside: Box) -> None:
        """Put a given matrix right of what it is combined with, on the same rows."""
        shape = self.shape(name)
        for column in range(beside.right + 2, beside.right + REACH):
            at = Box(beside.row, column, *shape)
            if self.fits((name, at)):
                self.put(name, at)
                return
        self.fresh_given(name)

    def apart_alone(self, name: str, shape: Shape) -> Box:
        whole, caption = self.parts(name, Box(0, 0, *shape))
        row, column = self.fresh(whole.height + 1, max(whole.width, caption.width))
        return Box(row + 1 - whole.row, column - whole.column, *shape)

    def explain(self, s: Statement) -> None:
        """`1·[…] + 0·[…] = […]`: each number beside the column that it multiplies; where there is room at the left."""
        assert isinstance(s.expr, Call)
        left, right = s.expr.args
        count, height = right.shape[0], s.shape[0]
        lines = -(-count // TERMS_A_LINE)
        width = 4 * min(count, TERMS_A_LINE) + 2
        extent = self.grid.extent()
        row, column = extent.row, extent.column
        while not self.grid.free(Box(row - 1, column, lines * (height + 2) + 1, width + 3)):
            row += 1
        terms = []
        for k in range(count):
            top, at = row + 1 + k // TERMS_A_LINE * (height + 2), column + 4 * (k % TERMS_A_LINE)
            number = self.link(cut(Term(right), 0, k, k + 1).node, Box(top, at, 1, 1), s.step)
            vector = self.link(cut(Term(left), 1, k, k + 1).node, Box(top, at + 2, height, 1), s.step)
            self.grid.claim(Box(top - 1, at, height + 1, 4))
            terms.append((number, vector))
        last = self.rects[terms[-1][1]]
        self.put(s.name, Box(last.row, last.column + 2, height, 1))
        self.placement.terms[s.name] = tuple(terms)
        total = None
        for number, vector in terms:
            term = call("multiply", Ref(number, (1, 1)), Ref(vector, (height, 1)))
            total = term if total is None else call("add", total, term)
        assert total is not None
        self.placement.exprs[s.name] = total.node

    def verdict(self, s: Statement) -> None:
        """A table beside the row of numbers: a line a column."""
        assert isinstance(s.expr, Ref)
        source = self.rects[s.expr.name]
        self.sheet = source.sheet
        shape = (s.shape[1], s.shape[0]) if s.shape[0] == 1 else s.shape
        start = self.grid.right(source.row - 1, source.row + shape[0])
        assert start is not None
        at = Box(source.row, start + 4, *shape)
        while not self.grid.free(Box(at.row - 1, at.column - 1, at.height + 2, at.width + 2)):
            at = at._replace(column=at.column + 1)
        self.grid.claim(Box(at.row - 1, at.column - 1, at.height + 1, at.width + 2))
        self.record(s.name, at)
        self.placement.exprs[s.name] = s.expr


def _is_sum(s: Statement) -> bool:
    return isinstance(s.expr, Call) and OPERATIONS[s.expr.op].kind == "reduction"


def _meet(boxes: list[Box]) -> bool:
    """Whether any two come closer than a cell."""
    grid = Grid()
    for box in boxes:
        if not grid.free(box.grown()):
            return True
        grid.claim(box)
    return False
