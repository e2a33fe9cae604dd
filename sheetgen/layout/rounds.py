"""The rounds of a loop side by side: time steps from left to right, heads and branches next to one another.

Round 0 is placed by the ordinary rules. Every later round stands in the same geometry further right;
what the rounds share, such as a layer's weights, stays where it is and serves them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sheetgen.cells.a1 import Rect
from sheetgen.ir.node import Node
from sheetgen.ir.program import Program, Statement
from sheetgen.ir.walk import references
from sheetgen.layout.board import REACH, WIDE
from sheetgen.layout.grid import Box
from sheetgen.layout.loops import Loop, loops
from sheetgen.layout.operands import Operand
from sheetgen.layout.placement import box_of
from sheetgen.layout.products import Products
from sheetgen.layout.uses import is_product

ENDLESS = 10**6
LEAST = 6
"""Columns between rounds at the least: the title of a time step stands above each."""


@dataclass(frozen=True)
class Model:
    """What a statement of a later round follows: its like in round 0, so many columns further left."""

    statement: Statement
    columns: int


class Rounds(Products):
    """Repeats round 0 of a loop to the right."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.starts = {loop.rounds[0][0].name: loop for loop in loops(program)}
        self.turns = {loop.rounds[1][0].name: loop for loop in self.starts.values()}
        self.models: dict[str, Model] = {}
        self.downward = {s.name for loop in self.starts.values() for s in loop.rounds[0]}
        """What flows down within its round, unless it is a function of a product."""
        self.above = {name for loop in self.starts.values() for name in loop.above}
        """Sequences and first states."""
        for loop in self.starts.values():
            for model, *others in zip(*loop.rounds, strict=True):
                self.widest[model.name] = max(map(self.caption_width, (model, *others)))
        self.mark = 0
        self.turned = False
        """Whether the last statements were those of a loop."""

    def begin(self, loop: Loop) -> None:
        """A line of its own for the loop; the sequence and the first state stand above."""
        for given in self.program.givens:
            if given.name in loop.above and given.name not in self.rects and given.shape != (1, 1):
                self.fresh_given(given.name)
        if self.grid.count:
            self.new_line()
        self.wide[self.sheet] = ENDLESS  # a round stays in one piece, however wide the weights left of it
        self.mark = self.grid.count

    def turn(self, loop: Loop) -> None:
        """Round 0 is complete: find out how far apart the rounds are, and what the others follow."""
        for s in loop.rounds[0]:
            if s.name in self.deferred:
                self.statement(s)
        shared = {part for name in loop.beside | loop.above if name in self.rects for part in self.covered(name)}
        boxes = [box for box in self.grid.since(self.mark) if box not in shared]
        columns = self.stride([box.grown() for box in boxes], len(loop.rounds))
        self.wide[self.sheet] = max(WIDE, self.grid.extent().width + columns * (len(loop.rounds) - 1) + REACH // 2)
        self.turned = True
        self.placement.abreast.update(s.name for r in loop.rounds for s in r)
        self.placement.shared.update(loop.beside | loop.above)
        for place, later in enumerate(loop.rounds[1:], 1):
            for model, s in zip(loop.rounds[0], later, strict=True):
                self.models[s.name] = Model(model, place * columns)

    def apart(self, s: Statement, left: Node, right: Node, band: int) -> Iterator[tuple[Box, Box, Box]]:
        """Within a round below what is there, so that the weights of all its products stand at the left."""
        self.opening = self.opening or s.name in self.downward
        yield from super().apart(s, left, right, band)

    def caption_width(self, s: Statement) -> int:
        return self.parts(s.name, Box(0, 0, *s.shape))[1].width

    def leave(self) -> None:
        """What follows a loop starts a new line, unless it stands at the last round's matrices."""
        self.turned = False
        self.new_line()

    def gathers(self, s: Statement) -> bool:
        """Whether a statement outside of a loop puts together what several of its rounds made."""
        makers = [self.uses.maker.get(ref.name) for ref in references(s.expr)]
        rounds = {m.round for m in makers if m is not None and m.round is not None and m.round != s.round}
        return len(rounds) > 1

    def covered(self, name: str) -> tuple[Box, Box]:
        rect = self.rects[name]
        return self.parts(name, box_of(rect))

    def stride(self, boxes: list[Box], rounds: int) -> int:
        """By how many columns round 0, which covers `boxes`, can be moved again and again without meeting anything."""
        columns = LEAST
        while not all(self.grid.free(*(_moved(b, k * columns) for b in boxes)) for k in range(1, rounds)):
            columns += 1
        return columns

    def follow(self, s: Statement) -> bool:
        """Put a statement of a later round where its model tells; whether there is room."""
        model = self.models[s.name]
        rect = self.rects[model.statement.name]
        at = Box(rect.row, rect.column + model.columns, *s.shape)
        if is_product(s):
            return self.follow_product(s, model, at)
        for theirs, ours in zip(references(model.statement.expr), references(s.expr), strict=True):
            if ours.name in self.deferred:
                self.statement(self.deferred[ours.name])
            if ours.name not in self.rects:
                self.follow_given(ours.name, self.rects[theirs.name], model)
        if not self.fits((s.name, at)):
            return False
        self.placement.exprs[s.name] = s.expr
        self.put(s.name, at)
        return True

    def follow_given(self, name: str, theirs: Rect, model: Model) -> None:
        at = Box(theirs.row, theirs.column + model.columns, *self.shape(name))
        if self.fits((name, at)):
            self.put(name, at)
        else:
            self.given_beside(name, box_of(theirs))

    def follow_product(self, s: Statement, model: Model, at: Box) -> bool:
        drawn = self.placement.exprs[model.statement.name]
        if not self.result_fits(s, at):
            return False
        found: list[Operand] = []
        for node, theirs, stack in zip(s.expr.args, drawn.args, ("hstack", "vstack"), strict=True):
            box = self.box(theirs)
            operand = None if box is None else self.follow_operand(s, node, stack, box, model)
            if operand is None:
                return False
            found.append(operand)
        self.put_result(s, at, *found)
        return True

    def follow_operand(self, s: Statement, node: Node, stack: str, theirs: Box, model: Model) -> Operand | None:
        """The operand where the model's stands, if it is the same, or else as far from it as the rounds are."""
        ours = _moved(theirs, model.columns)
        standing = self.usable(node)
        for box in (ours, theirs) if stack == "hstack" else (ours,):
            for operand in standing:
                if operand.box == box:
                    return operand
        if not self.grid.free(*self.room(node, stack, ours)):
            return None
        return Operand(self.put_operand(node, stack, ours, s.step), ours)


def _moved(box: Box, columns: int) -> Box:
    return box._replace(column=box.column + columns)
