"""What stands on the sheets of a program, and how things are put down so that they never overlap."""

from __future__ import annotations

from sheetgen.cells.a1 import Rect
from sheetgen.ir.node import Node, Shape
from sheetgen.ir.program import Program, Statement
from sheetgen.ir.walk import references
from sheetgen.layout.grid import Box, Grid
from sheetgen.layout.placement import CANVAS, Link, Placement, body, caption_columns, step_of
from sheetgen.layout.uses import Uses

WIDE = 50
"""Columns after which what may stand anywhere starts a new line."""
REACH = 40
"""How far a matrix is moved along before it gets a place of its own."""


class Board:
    """Grids that know what is taken; matrices go onto that of `sheet`."""

    def __init__(self, program: Program) -> None:
        self.program, self.uses = program, Uses(program)
        self.placement = Placement(program)
        self.rects = self.placement.rects
        self.grids: dict[str, Grid] = {}
        self.sheet = CANVAS
        self.shelf: dict[str, int] = {}
        """The row on which the present line of each sheet starts."""
        self.opening = False
        """Whether the statement to be placed is the first of its section."""
        self.wide: dict[str, int] = {}
        """Columns of a line, where they are more than `WIDE`."""
        self.ones: dict[str, str] = {}
        self.widest: dict[str, int] = {}
        """Columns of the longest caption that a matrix of round 0 has in any round: `(100) H100` for `① H1`."""
        self.away: set[str] = set()
        """Gradients without a place around the forward pass."""
        self.deferred: dict[str, Statement] = {}
        """Statements that are drawn once the product that they enter has a place."""

    @property
    def grid(self) -> Grid:
        return self.grids.setdefault(self.sheet, Grid())

    def parts(self, name: str, at: Box) -> tuple[Box, Box]:
        """What a matrix covers at `at`: with its labels and ones, and its caption."""
        whole = body(self.uses.givens.get(name), at, 2 if name in self.uses.with_ones else 0)
        shape = (at.height, at.width)
        columns = max(self.widest.get(name, 0), caption_columns(name, shape, step_of(self.uses.maker.get(name))))
        if self.program.mirrored and (gradient := self.uses.gradients.get(name)):
            columns = max(columns, caption_columns(gradient.name, shape, gradient.step))
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

    def link(self, node: Node | None, at: Box, step: int) -> str:
        """A copy of `node`, or ones."""
        base = references(node)[0].name if node is not None else "1"
        key = f"{base}@{len(self.placement.links)}"
        self.placement.links[key] = Link(key, node, step)
        self.rects[key] = Rect(self.sheet, *at)
        return key

    def fresh(self, height: int, width: int) -> tuple[int, int]:
        """Row and column of a free rectangle: right of what stands there, or below everything."""
        if not self.grid.count:
            self.shelf[self.sheet] = 0
            return 0, 0
        top = self.shelf.setdefault(self.sheet, 0)
        opening, self.opening = self.opening, False
        right = self.grid.right(top - 1, top + height)
        if not opening and right is not None and right + 3 + width <= self.grid.extent().column + WIDE:
            return top, right + 3
        self.new_line()
        return self.shelf[self.sheet], 0

    def new_line(self) -> None:
        """What comes next stands below everything."""
        self.shelf[self.sheet] = self.grid.extent().bottom + 3

    def fresh_given(self, name: str) -> None:
        self.put(name, self.apart_alone(name, self.shape(name)))

    def shape(self, name: str) -> Shape:
        given = self.uses.givens.get(name)
        return given.shape if given else next(p.shape for p in self.uses.maker[name].parts if p.name == name)

    def apart_alone(self, name: str, shape: Shape) -> Box:
        whole, caption = self.parts(name, Box(0, 0, *shape))
        row, column = self.fresh(whole.height + 1, max(whole.width, caption.width))
        return Box(row + 1 - whole.row, column - whole.column, *shape)

    def given_beside(self, name: str, beside: Box) -> None:
        """Put a given matrix right of what it is combined with, on the same rows."""
        shape = self.shape(name)
        for column in range(beside.right + 2, beside.right + REACH):
            at = Box(beside.row, column, *shape)
            if self.fits((name, at)):
                self.put(name, at)
                return
        self.fresh_given(name)
