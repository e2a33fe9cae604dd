"""The placer: products as on paper, functions beside their argument, gradients around the forward pass.

Statements are placed one after another on grids that know what is taken, so nothing can overlap,
whatever the program. Each rule has a preferred place and, when that is taken, another: a product
that can't meet its operands where they stand gets linked copies of them.
"""

from __future__ import annotations

from sheetgen.ir.node import Shape, call, matrix
from sheetgen.ir.program import Program, Statement
from sheetgen.ir.walk import references
from sheetgen.layout.board import REACH, WIDE
from sheetgen.layout.grid import Box
from sheetgen.layout.loops import loops
from sheetgen.layout.placement import BACKWARD, CANVAS, Placement, box_of, sheet_of
from sheetgen.layout.rounds import Rounds
from sheetgen.layout.uses import is_product
from sheetgen.ops.views import cut

TERMS_A_LINE = 8


class Placer(Rounds):
    """Places a whole program; `placement` is the result."""

    def run(self) -> Placement:
        sections, section = {step.number: step.section for step in self.program.steps}, ""
        for statement in self.program.statements:
            self.sheet = sheet_of(statement)
            if self.program.mirrored and statement.phase == "backward":
                continue
            if statement.phase == "update":
                self.learning_rate(statement)
            if statement.name in self.starts:
                self.begin(self.starts[statement.name])
            if statement.name in self.turns:
                self.turn(self.turns[statement.name])
            if self.turned and statement.name not in self.models:
                self.leave()
            if statement.kind == "explain":
                continue
            self.opening = sections[statement.step] not in (section, "") and statement.phase == "forward"
            section = sections[statement.step]
            if self.can_wait(statement):
                self.deferred[statement.name] = statement
            else:
                self.statement(statement)
            self.opening = False
        for statement in list(self.deferred.values()):
            if statement.name in self.deferred:
                self.sheet = sheet_of(statement)
                self.statement(statement)
        self.sheet = CANVAS
        for given in self.program.givens:
            if given.name not in self.rects:
                self.fresh_given(given.name)
        for statement in self.program.statements:
            if statement.kind == "explain":
                self.explain(statement)
        self.old_loss()
        if self.program.mirrored:
            self.mirror()
        return self.placement

    def mirror(self) -> None:
        """The backward pass on a sheet of its own: the gradient of each matrix in the very cells of the matrix."""
        self.sheet = BACKWARD
        backward = [s for s in self.program.statements if s.phase == "backward"]
        for s in backward:
            self.placement.exprs[s.name] = s.expr
            if s.gradient_of:
                self.put(s.name, box_of(self.rects[s.gradient_of]))
        for s in backward:
            if not s.gradient_of:
                names = [r.name for r in references(s.expr) if r.name in self.rects]
                here = [name for name in names if self.rects[name].sheet == BACKWARD] or names
                main = self.main_argument(here, s.shape)
                place = None if main is None else self.place_by(s, main, here)
                self.put(s.name, place or self.apart_alone(s.name, s.shape))

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
        self.link(matrix(loss, (1, 1)), at, after.step)

    def learning_rate(self, update: Statement) -> None:
        """The rate stands at the top of the sheet of updates."""
        for ref in references(update.expr):
            if ref.name in self.uses.givens and ref.name not in self.rects and ref.shape == (1, 1):
                self.fresh_given(ref.name)
                self.new_line()

    def statement(self, s: Statement) -> None:
        self.deferred.pop(s.name, None)
        if s.name in self.models and self.follow(s):
            return
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
        if s.name in self.models:
            return False
        names = [r.name for r in references(s.expr) if r.shape != (1, 1) and r.name in self.rects]
        here = [name for name in names if self.rects[name].sheet == self.sheet and name not in self.above]
        return not here and not any(r.name in self.deferred for r in references(s.expr))

    def free_standing(self, s: Statement) -> None:
        """Right of its argument on the same rows; sums of columns below them; rows below rows."""
        self.placement.exprs[s.name] = s.expr
        if s.name in self.slots:
            rect = self.slots.pop(s.name)
            self.sheet = rect.sheet
            self.put(s.name, box_of(rect))
            return
        names = list(dict.fromkeys(r.name for r in references(s.expr)))
        for name in names:
            if name in self.deferred:
                self.statement(self.deferred[name])
        here = [n for n in names if n in self.rects and self.rects[n].sheet == self.sheet]
        if s.name in self.downward:
            here = [n for n in here if n not in self.above]
        if self.opening and any(self.brings(n) for n in names):
            here = []
        for name in names:
            if name not in self.rects:
                beside = self.main_argument(here, self.shape(name))
                if beside is None:
                    self.fresh_given(name)
                else:
                    self.given_beside(name, beside)
                here.append(name)
        main = self.main_argument(here, s.shape)
        place = None if main is None or self.gathers(s) else self.place_by(s, main, here)
        if place is None and s.phase == "backward":
            self.away.add(s.name)
        if place is None and main is not None and main.row > self.shelf.get(self.sheet, 0) + 1:
            self.new_line()
        self.put(s.name, place or self.apart_alone(s.name, s.shape))

    def brings(self, name: str) -> bool:
        """Whether a section that opens with it brings something of its own, which is worth a new line."""
        given = self.uses.givens.get(name)
        return given is not None and name not in self.rects and given.shape != (1, 1) and given.role != "target"

    def main_argument(self, names: list[str], shape: Shape) -> Box | None:
        """The matrix that a result stands beside: the last of the same shape, or height, or width, or any."""
        boxes = [box_of(self.rects[n]) for n in names]
        for like in (
            lambda b: (b.height, b.width) == shape, lambda b: b.height == shape[0], lambda b: b.width == shape[1],
            lambda b: b.height * b.width > 1, lambda b: True,
        ):  # fmt: skip
            if fitting := [b for b in boxes if like(b)]:
                return max(fitting, key=lambda b: (b.row, b.column)) if shape[0] > 1 else fitting[0]
        return None

    def place_by(self, s: Statement, main: Box, here: list[str]) -> Box | None:
        height, width = s.shape
        if s.name in self.downward and not all(n in self.uses.maker and is_product(self.uses.maker[n]) for n in here):
            return self.place_below(s, main, here)
        below = height == 1 and main.width == width and (main.height > 1 or width >= 3 or _is_sum(s))
        if below and (at := self.down_from(s, main.bottom + 2, main.column)):
            return at
        level = [r for r in (self.rects[n] for n in here) if r.row <= main.bottom and r.row + r.height > main.row]
        last = max([main.right, *(r.column + r.width - 1 for r in level)])
        for start in sorted({main.right + 2, last + 2}, reverse=True):
            wide = self.grid.extent().column + self.wide.get(self.sheet, WIDE)
            for column in range(start, min(start + REACH, wide - width)):
                at = Box(main.row, column, height, width)
                if self.fits((s.name, at)):
                    return at
        return None

    def place_below(self, s: Statement, main: Box, here: list[str]) -> Box | None:
        """In the column of the main argument, below what it is made of."""
        first = max(self.rects[n].row + self.rects[n].height for n in here if self.rects[n].column == main.column) + 1
        return self.down_from(s, first, main.column)

    def down_from(self, s: Statement, first: int, column: int) -> Box | None:
        """The first place in a column from a row on, within reach."""
        for row in range(first, first + REACH):
            at = Box(row, column, *s.shape)
            if self.fits((s.name, at)):
                return at
        return None

    def explain(self, s: Statement) -> None:
        """`1·[…] + 0·[…] = […]`: each number beside the column that it multiplies; where there is room at the left."""
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
            factor = cut(right, 0, k, k + 1)
            number = self.link(None if factor.op == "ones" else factor, Box(top, at, 1, 1), s.step)
            vector = self.link(cut(left, 1, k, k + 1), Box(top, at + 2, height, 1), s.step)
            self.grid.claim(Box(top - 1, at, height + 1, 4))
            terms.append((number, vector))
        last = self.rects[terms[-1][1]]
        self.put(s.name, Box(last.row, last.column + 2, height, 1))
        self.placement.terms[s.name] = tuple(terms)
        total = None
        for number, vector in terms:
            term = call("multiply", matrix(number, (1, 1)), matrix(vector, (height, 1)))
            total = term if total is None else call("add", total, term)
        assert total is not None
        self.placement.exprs[s.name] = total

    def verdict(self, s: Statement) -> None:
        """A table beside the row of numbers: a line a column."""
        if s.expr.name not in self.rects:
            self.fresh_given(s.expr.name)
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
    return s.expr.kind == "reduction"


def goes_abreast(program: Program) -> bool:
    """Whether rounds of a loop stand side by side, so that gradients come from several places."""
    return bool(loops(program))


def stands_around(program: Program) -> bool:
    """Whether the backward pass finds room around the forward pass, all but a sixth of it."""
    placer = Placer(program)
    placer.run()
    return len(placer.away) <= sum(s.phase == "backward" for s in program.statements) / 6
