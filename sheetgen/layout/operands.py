"""Operands of products: where they stand, and putting them down where a product needs them."""

from __future__ import annotations

from dataclasses import dataclass

from sheetgen.cells.a1 import Rect
from sheetgen.cells.formula import find_area
from sheetgen.ir.node import Node, call, matrix
from sheetgen.ir.program import Program, Statement
from sheetgen.ir.walk import references
from sheetgen.layout.board import Board
from sheetgen.layout.grid import Box
from sheetgen.layout.placement import body, box_of, caption_columns
from sheetgen.layout.uses import pieces


@dataclass(frozen=True)
class Operand:
    """An operand as it can be used at `box`: `node` names the copies and ones that stand there."""

    node: Node
    box: Box


class Operands(Board):
    """A board that knows which operands stand where, as they are or as copies."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.copies: dict[tuple[Node, str], list[Node]] = {}
        self.copy_slots: dict[Node, Rect] = {}
        """Places kept for linked copies of gradients."""
        self.waiting: list[Statement] = []
        """Statements that were put down as an operand and whose own arguments still need a place."""

    def usable(self, node: Node) -> list[Operand]:
        """Where an operand stands on this sheet: itself, then its copies."""
        if node in self.copy_slots and self.copy_slots[node].sheet == self.sheet:
            rect = self.copy_slots.pop(node)
            at = box_of(rect)
            step = self.uses.maker[references(node)[0].name].step
            self.remember(node, matrix(self.link(node, at, step), node.shape))
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
        if len(below) == 2 and below[0].is_matrix and below[1].op == "ones" and below[0].name in self.ones:
            return call("vstack", below[0], matrix(self.ones[below[0].name], below[1].shape))
        return node

    def box(self, node: Node) -> Box | None:
        """The rectangle that an operand covers on this sheet, if it is one, and upright."""
        names = references(node)
        if not names or any(r.name not in self.rects or self.rects[r.name].sheet != self.sheet for r in names):
            return None
        found = find_area(node, self.rects.__getitem__)
        if found is None:
            return None
        rect, flipped = found
        if flipped and node.shape != (1, 1):
            return None
        return box_of(rect)

    def movable(self, node: Node, stack: str) -> bool:
        """Whether an operand can be put down as it is, because none of it is drawn yet."""
        return all(p.op == "ones" or (p.is_matrix and p.name not in self.rects) for p in pieces(node, stack))

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

    def put_operand(self, node: Node, stack: str, at: Box, step: int) -> Node:
        """Put an operand down, piece by piece: matrices not drawn yet as they are, others as linked copies."""
        drawn: list[Node] = []
        waiting: list[Statement] = []
        whole = pieces(node, stack)
        for place, (piece, (name, box)) in enumerate(zip(whole, self.names_of(node, stack, at), strict=True)):
            if piece.is_matrix and piece.name not in self.rects:
                if place:
                    self.placement.sides[name] = "above" if stack == "hstack" else "left"
                if piece.name in self.deferred:
                    waiting.append(self.deferred[piece.name])
                self.put(piece.name, box)
                drawn.append(piece)
            elif piece.op == "ones":
                first = whole[0]
                known = self.ones.get(first.name) if first.is_matrix and len(whole) == 2 else None
                if known is None or self.rects[known] != Rect(self.sheet, *box):
                    known = self.link(None, box, step)
                    self.grid.claim(box)
                drawn.append(matrix(known, piece.shape))
            else:
                for part in (box, Box(box.row - 1, box.column, 1, max(box.width, 1)) if not place else box):
                    self.grid.claim(part)
                key = self.link(piece, box, step)
                if place:
                    self.placement.sides[key] = "above" if stack == "hstack" else "left"
                drawn.append(matrix(key, piece.shape))
        result = drawn[0] if len(drawn) == 1 else call(stack, *drawn)
        if result != node:
            self.remember(node, result)
        self.waiting += waiting
        return result
