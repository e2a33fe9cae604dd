"""The sheet of the gradients, made so that each cell can be checked there: what a gradient reads of the forward pass
stands near it as a grey copy, or in its own cells; so does another gradient that is far away. Where gradients stand
beside the forward pass, what they read from far above or below. After the update, what a second pass reads of bands
that aren't on its sheet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise, product

import numpy as np

from sheetgen.ir.node import Node
from sheetgen.ir.node import matrix as leaf
from sheetgen.layout.geometry import nodes, operands
from sheetgen.layout.geometry.abreast import abreast
from sheetgen.layout.geometry.columns import FIRST, GUTTER
from sheetgen.layout.geometry.figure import Band, Box, Caption, Frame, Link, Picture, Rail, Span
from sheetgen.layout.geometry.grid import Grid
from sheetgen.layout.geometry.readings import Asked, Side, Wish, wishes
from sheetgen.layout.geometry.sketch import BIG, BRANCH
from sheetgen.records import replace

CANVAS, GRADIENTS, AFTER = 0, 1, 2
"""The sheets."""
MAP = 12
"""Rows and columns beyond which a matrix stands only on the first sheet."""


class Sheet:
    """The sheet while it is filled."""

    def __init__(
        self, number: int, boxes: Sequence[Box], bands: Sequence[Band], lasts: tuple[int, int], rails: Sequence[Rail],
        links: Sequence[Link], turns: Sequence[Frame],
    ) -> None:  # fmt: skip
        rows, columns = bands[-1].last_row if bands else 0, lasts[1]
        self.number, self.bands, self.lasts, self.size = number, bands, lasts, (rows, columns)
        self.lines = Grid(rows, columns)
        for cell in _crossed(number, rails, links):
            self.lines.take(number, *cell)
        self.railed = {frozenset((rail.source, rail.target)) for rail in rails if rail.sheet == number}
        self.keys = {box.key: box for box in boxes}
        self.taken, self.kept = Grid(rows, columns), Grid()
        """What stands on the sheet, and where links may stand in their own cells."""
        self.turns = [turn for turn in turns if turn.sheet == number]
        self.made: list[Box] = []
        self.copies: dict[tuple[Node, int, int], str] = {}
        """By what they show, and their place."""
        self.edges: dict[tuple[str, Side], int] = {}
        """The outermost column of what stands at a side of a box."""
        for box in boxes:
            if box.sheet == number:
                self.take(box)
        self.full = {k for box in boxes if box.sheet == number for k in range(box.column, box.right)}
        """The columns that hold numbers."""
        asking = [box for box in boxes if self.asks(box)]
        self.asking = {box.band for box in asking}
        """The bands in which something stands that asks for copies."""
        self.keep(box.expr for box in asking if box.expr is not None)

    def keep(self, exprs: Iterable[Node]) -> None:
        """On the sheet of the gradients, keep the own cells of what these read there for links to it, and no others."""
        self.kept = Grid(*self.size)
        names = (ref.name for expr in exprs for ref in expr.references if self.number == GRADIENTS)
        for name in dict.fromkeys(names):
            found = self.source(name)
            if found is not None and self.taken.free(GRADIENTS, *cells_of(found)):
                self.kept.take(GRADIENTS, *cells_of(found))

    def asks(self, box: Box) -> bool:
        """Whether it is a gradient, or a result of the second pass, that stands here."""
        phase = "after" if self.number == AFTER else "backward"
        return box.sheet == self.number and box.phase == phase and box.band >= 0 and box.kind != "echo"

    def cells(self, last: int) -> np.ndarray:
        """In which cells, by row and column up to the `last` one, something stands or a line runs."""
        area = (self.number, self.bands[-1].last_row + 2, last + 2)
        taken: np.ndarray = self.taken.cells(*area) | self.lines.cells(*area)
        return taken

    def take(self, box: Box) -> None:
        """Mark the cells of a box and of its caption."""
        self.taken.take(self.number, *cells_of(box))

    def free(self, band: int, row: int, column: int, height: int, width: int, last: int) -> bool:
        """Whether these cells are free, and lie in the band and up to the `last` column."""
        inside = self.bands[band].first_row <= row and row + height - 1 <= self.bands[band].last_row
        on_page = column >= FIRST and column + width - 1 <= last
        grids = (self.taken, self.lines, self.kept)
        return inside and on_page and all(grid.free(self.number, row, column, height, width) for grid in grids)

    def source(self, name: str) -> Box | None:
        """The box of another sheet, the first, with this key, if it isn't one of the title's numbers."""
        box = self.keys.get(name)
        return box if box is not None and box.sheet == CANVAS != self.number and box.band >= 0 else None

    def distant(self, name: str, box: Box) -> Box | None:
        """The gradient with this key, if it is a whole one and too far from a box to be read in place, and doesn't come
        along a rail."""
        found = self.keys.get(name) if frozenset((name, box.key)) not in self.railed else None
        if self.number == AFTER or found is None or not self.asks(found) or found.kind not in ("home", "part"):
            return None
        way = _down(found, box) if self.number == CANVAS else max(_down(found, box), _across(found, box))
        return found if way > BRANCH else None

    def weight(self, name: str, wish: Wish) -> Box | None:
        """What a gradient beside the forward pass is multiplied by: that stands in lanes further left."""
        found = self.keys.get(name) if self.number == CANVAS and wish.sides == ("left",) else None
        return found if found is not None and found.phase == "forward" and found.band >= 0 else None

    def second(self, operand: Node) -> bool:
        """Whether it is a gradient, which gives way to what stands on the first sheet."""
        return self.source(operands.view(operand).matrix) is None

    def put(self, box: Box) -> None:
        """Let a copy stand on the sheet."""
        self.take(box)
        self.made.append(box)

    def asked(self, group: Sequence[Box], families: Mapping[str, int], parts: bool = False) -> list[list[Asked]]:
        """What boxes that stand side by side read, together what they read in the same way; what gives way comes last.
        What has no side, as the `parts` of a sum, is among it if it is asked for.
        What is summed up over the turns of a loop isn't among it: some of the terms would look like all of them."""
        found: dict[tuple[object, ...], dict[int | None, list[Asked]]] = defaultdict(lambda: defaultdict(list))
        for box in group:
            for wish in wishes(box.expr) if box.expr is not None else ():
                if not (wish.sides or parts):
                    continue
                (height, width), seen = wish.operand.shape, operands.view(wish.operand)
                source = self.source(seen.matrix) or self.distant(seen.matrix, box)
                if source is None and (source := self.weight(seen.matrix, wish)) is not None:
                    wish = replace(wish, sides=("right",))
                if source is not None and seen.exact and height * width <= BIG:
                    turn = None if source.turn is None else source.turn - (box.turn or 0)
                    way = (families[source.key], seen.rows, seen.columns, seen.turned, wish.row, wish.column)
                    found[way][turn].append(Asked(box, wish, source))
        ways = [by_turn for by_turn in found.values() if len(by_turn) == 1 or group[0].turn is not None]
        asked = [each for by_turn in ways for each in by_turn.values()]
        return sorted(asked, key=lambda asked: self.second(asked[0].wish.operand))

    def reading(self, group: Sequence[Box], asked: Iterable[Sequence[Asked]]) -> list[Node]:
        """What boxes compute, reading the copies near them of what they `asked` for."""
        found: dict[str, dict[Node, Node]] = defaultdict(dict)
        for each in (each for one in asked for each in one):
            if (copy := self.copies.get(each.place)) is not None:
                found[each.box.key][each.wish.operand] = leaf(copy, each.wish.operand.shape)
        return [nodes.rebuild(box.expr, found[box.key].get) if box.key in found else box.expr
                for box in group if box.expr is not None]  # fmt: skip

    def place(self, asked: Sequence[Asked]) -> None:
        """New copies for all who ask and have none, at the first side that is free at each, or of none; one for all of
        them, left of the first, if all read the same, as a weight that the turns of a loop share."""
        new = {each.place: each for each in asked if each.place not in self.copies}
        first = min(asked, key=lambda each: each.box.column)
        shared = len(new) == len(asked) > 1 == len({each.wish.operand for each in asked})
        if shared and (corner := self.corner(first.box, first.wish, "left", self.lasts[0])) is not None:
            self.copy(first, corner, "left")
            self.copies.update(dict.fromkeys(new, self.copies[first.place]))
            return
        for last, side in product(self.lasts, first.wish.sides):
            rooms = [self.corner(each.box, each.wish, side, last) for each in new.values()]
            corners = [corner for corner in rooms if corner is not None]
            if len(corners) == len(new):
                for each, corner in zip(new.values(), corners, strict=True):
                    self.copy(each, corner, side)
                return

    def copy(self, asked: Asked, corner: tuple[int, int], side: Side) -> None:
        """Put a copy at one side of a box."""
        box = asked.box
        made = shown(asked, f"{box.key}@near{len(self.made) + 1}", corner, side)
        self.put(made)
        self.edges[box.key, side] = made.column if side == "left" else made.right
        self.copies[asked.place] = made.key

    def corner(self, box: Box, wish: Wish, side: Side, last: int) -> tuple[int, int] | None:
        """Row and column of a copy at one side of a box, its caption above it; None where that isn't free."""
        height, width = wish.operand.shape
        row, column = box.row + wish.row, box.column + wish.column
        beside = height in (1, wish.height)
        if side == "above":
            row = box.head - height
            fits = width == wish.width and wish.row == 0
        elif side == "below":
            row = box.below + 1
            fits = width == wish.width and wish.row + wish.height == box.height
        elif side == "left":
            column = self.edges.get((box.key, side), column) - GUTTER - width
            fits = beside and self.air(row, column + width, column - 1, height)
        else:
            column = self.edges.get((box.key, side), column + wish.width) + GUTTER
            fits = beside and self.air(row, column - 1, column + width, height)
        fits = fits and not any(turn.band <= box.band <= turn.last_band and not inside(box, turn)
                                and turn.column < column + width and column < turn.column + turn.width
                                for turn in self.turns)  # fmt: skip
        if self.number == CANVAS:  # nothing beside the forward pass gets smaller for a copy, and none touches a rail
            fits = fits and self.full.issuperset(range(column, column + width))
            fits = fits and self.lines.free(self.number, row, column + width, height)
        return (row, column) if fits and self.free(box.band, row - 1, column, height + 1, width, last) else None

    def air(self, row: int, inner: int, outer: int, height: int) -> bool:
        """Whether the column between a copy and its box is free, and no box touches its other side."""
        places = ((self.taken, inner), (self.taken, outer), (self.lines, inner))
        return all(grid.free(self.number, row, column, height) for grid, column in places)

    def given(self, name: str) -> str | None:
        """A link to a box of the first sheet in its own cells, if nothing else stands there; on the sheet of the
        gradients, if its band holds some."""
        key = f"{name}@again" if self.number == AFTER else f"{name}@given"
        source = self.source(name)
        if source is None or min(source.height, source.width) > MAP:
            return None
        if self.number == GRADIENTS and source.band not in self.asking:
            return None
        if key not in self.keys:
            shown = leaf(name, (source.height, source.width))
            link = replace(source, key=key, kind="copy", sheet=self.number, expr=shown, of=source.of or source.matrix,
                           at=name, glued="", lead=0)  # fmt: skip
            at = (self.number, source.row, source.column, source.height, source.width)
            if not (self.taken.free(self.number, *cells_of(source)) and self.lines.free(*at)):
                return None
            self.keys[key] = link
            self.put(link)
        return key


def cells_of(box: Box) -> tuple[int, int, int, int]:
    """Row, column, height and width of a box with its caption."""
    return box.head, box.column, box.below - box.head, box.width


def inside(box: Box, frame: Frame) -> bool:
    """Whether a box stands in the columns of a frame."""
    return frame.column <= box.column and box.right <= frame.column + frame.width


def _down(a: Box, b: Box) -> int:
    """How many rows lie between two boxes."""
    return max(a.row - b.below, b.row - a.below)


def _across(a: Box, b: Box) -> int:
    """How many columns lie between them."""
    return max(a.column - b.right, b.column - a.right)


def shown(asked: Asked, key: str, corner: tuple[int, int], side: Side) -> Box:
    """A copy of what a box asks for, a box or a part of one, turned as it is read."""
    near, operand, source = asked.box, asked.wish.operand, asked.source
    (row, column), (height, width), seen = corner, operand.shape, operands.view(operand)
    rows, columns = (seen.columns, seen.rows) if source.turned else (seen.rows, seen.columns)
    zone = {"left": replace(near.zone, part=0), "right": replace(near.zone, part=2)}.get(side, near.zone)
    return Box(key, source.matrix, "copy", source.phase, near.sheet, row, column, height, width, operand,
               source.of or source.matrix, _within(source.rows, rows), _within(source.columns, columns),
               source.turned != seen.turned, band=near.band, zone=zone, turn=near.turn,
               caption=Caption(row - 1, column, width), at=source.key)  # fmt: skip


def _crossed(sheet: int, rails: Sequence[Rail], links: Sequence[Link]) -> Iterator[tuple[int, int]]:
    """The cells that rails cross, and those beside state lines."""
    for rail in rails:
        if rail.sheet == sheet:
            yield from ((row, column) for row in rail.rows for column in (rail.column, rail.column + 1))
    for link in links:
        if link.sheet == sheet:
            yield from (link.left, link.right)
            for (row, column), (below, right) in pairwise(link.path):
                rows, columns = range(min(row, below), max(row, below)), range(min(column, right), max(column, right))
                sides = (column - 1, column) if column == right else columns
                yield from ((r, c) for r in rows for c in sides)
                yield from ((r, c) for r in (row - 1, row) for c in columns if row == below)


def _within(outer: Span | None, inner: Span | None) -> Span | None:
    return (outer[0] + inner[0], outer[0] + inner[1]) if outer and inner else outer or inner


def with_partners(
    boxes: Sequence[Box],
    bands: Sequence[Band],
    lasts: tuple[int, int],
    rails: Sequence[Rail],
    links: Sequence[Link],
    turns: Sequence[Frame] = (),
    others: Iterable[Picture | Frame] = (),
) -> list[Box]:
    """All boxes, gradients and the second pass with what they read of another sheet, or far away, beside them and
    reading that. `lasts` are the page's last column and the one up to which the second sheet may grow where nothing
    else is free. No copy stands in the way of a line, in the frame of another of the `turns`, or in that of `others`
    on the first sheet."""
    canvas = Sheet(CANVAS, boxes, bands, (lasts[0], lasts[0]), rails, links, turns)
    for area in others:
        canvas.taken.take(CANVAS, area.row, area.column, area.height, area.width)
    after = Sheet(AFTER, boxes, bands, (lasts[0], lasts[0]), rails, links, turns)
    gradients = Sheet(GRADIENTS, boxes, bands, lasts, rails, links, turns)
    sheets = (canvas, gradients, after)
    families = {box.key: k for k, group in enumerate(abreast(boxes)) for box in group}
    grouped = abreast(box for box in boxes if box.expr is not None and not operands.is_operand(box.expr))
    asked = list[tuple[Sheet, tuple[Box, ...], list[list[Asked]]]]()
    for group in grouped:
        for sheet in sheets:
            if sheet.asks(group[0]):
                wanted = sheet.asked(group, families)
                asked.append((sheet, group, wanted))
                for each in wanted:
                    sheet.place(each)
    there = [(group, wanted) for sheet, group, wanted in asked if sheet is gradients]
    gradients.keep(expr for group, wanted in there for expr in gradients.reading(group, wanted))
    for each in (each for _, wanted in there for each in wanted):  # cells kept for what has copies now are free for it
        gradients.place(each)
    made = dict[str, Box]()
    for sheet, group, wanted in asked:  # what one group found no room for, a later one may have put there
        for box, expr in zip(group, sheet.reading(group, wanted), strict=True):
            read = dict.fromkeys(ref.name for ref in expr.references)
            expr = nodes.rename(expr, {name: key for name in read if (key := sheet.given(name))})
            made[box.key] = replace(box, expr=expr)
    return [*(made.get(box.key, box) for box in boxes), *(copy for sheet in sheets for copy in sheet.made)]
