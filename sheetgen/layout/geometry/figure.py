"""Where everything stands: what the geometry hands to the drawing.

Rows and columns are 1-based, as in a spreadsheet. All sheets share one grid: sheet 0 is the Canvas, 1 the
Gradients, 2 After the update; a matrix, its gradient and its new value have the same cells on all three, or
(mode `beside`) stand beside each other on the first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from sheetgen.ir.node import Node
from sheetgen.records import replace

Glued = Literal["", "under", "right"]
Span = tuple[int, int]
"""From, up to and not including."""
Corner = tuple[int, int]
"""The upper left corner of a cell, by the cell's row and column."""
Mode = Literal["none", "beside", "sheets"]
"""Where gradients stand, if there are any."""
Phase = Literal["forward", "backward", "update", "after"]
Kind = Literal["home", "copy", "ones", "part", "row", "weights", "terms", "sum", "verdict", "echo"]
"""home: given or computed here. copy: a grey link. ones: the constant row or column of a bias. part: one reader's
share of a gradient, at the copy that it read. row: a helper without a name of its own (the maximum of a softmax, the Σ
of A∘∂A). weights, terms, sum: a Look closer's weights, columns and result. verdict: words. echo: a result once more,
beside what it is held against."""


@dataclass(frozen=True)
class Zone:
    """A lane or its left slot. Two boxes of one zone are ordered in rows; two of different zones that share a row are
    ordered in columns, by the order of these fields."""

    area: int = 0
    """0 forward, 1 Look closer, 2 gradients, 3 ∂W, 4 W new, 5 the second forward pass."""
    turn: int = 0
    """Which of the turns that stand side by side, from 0."""
    sub: int = 0
    """0 is the lane itself; the sub-lanes that products open to its right follow."""
    part: int = 1
    """0 the left slot, 1 the lane, 2 its rails."""

    @property
    def order(self) -> tuple[int, int, int, int]:
        """From left to right."""
        return (self.area, self.turn, self.sub, self.part)


@dataclass(frozen=True)
class Caption:
    """Where a box's caption stands: `row`, first `column`, and how many columns of default width it may cover."""

    row: int
    column: int
    columns: int


@dataclass(frozen=True)
class Labels:
    """The edges of a box that may carry the names of its rows and columns: the cells next to them are free."""

    left: bool = False
    right: bool = False
    above: bool = False
    below: bool = False


@dataclass(frozen=True)
class Box:
    """A matrix, or a part of one, on a sheet."""

    key: str
    """Unique. The matrix's name where it is given or computed whole (its home); `K@2` and the like elsewhere."""
    matrix: str
    """Given matrix or statement part whose numbers stand here; empty where no single one of them does."""
    kind: Kind
    phase: Phase
    sheet: int
    row: int
    column: int
    height: int
    width: int
    expr: Node | None
    """Over keys of boxes: what the cells compute. None for given numbers. A verdict's is the matrix it words."""
    of: str = ""
    """The forward matrix that it belongs to: whose gradient, new value or repetition it is; a helper's statement."""
    rows: Span | None = None
    """The rows of `matrix` that stand here, counted from 0; None for all."""
    columns: Span | None = None
    turned: bool = False
    """Transposed, `rows` and `columns` being those of `matrix`."""
    glued: Glued = ""
    """To the box that it summarises or is stacked with: no caption row between them."""
    band: int = -1
    """Number of its band; -1 for a number in the title rows."""
    zone: Zone = Zone()
    turn: int | None = None
    """Round of the loop that it stands in, counted from 0."""
    caption: Caption | None = None
    labels: Labels = Labels()
    lead: int = 0
    """Rows above it and its caption for arrows from the band above, whose lowest box it reads."""
    at: str = ""
    """The box of the forward page on whose rows it stands, or that it shows; empty for that page's own."""

    @property
    def head(self) -> int:
        """The row of its caption, or its first one if it has none."""
        return self.row if self.caption is None else self.caption.row

    @property
    def top(self) -> int:
        """Its first row, those of the caption and of arrows included."""
        return self.head - self.lead

    @property
    def below(self) -> int:
        """The first row under it."""
        return self.row + self.height

    @property
    def right(self) -> int:
        """The first column right of it."""
        return self.column + self.width

    def lower(self, by: int) -> Box:
        """The box, and its caption, so many rows further down."""
        if by == 0:
            return self
        caption = None if self.caption is None else replace(self.caption, row=self.caption.row + by)
        return replace(self, row=self.row + by, caption=caption)


@dataclass(frozen=True)
class Block:
    """What one band tells, before it has rows: a section, or a part of a loop for some of its turns."""

    index: int
    title: str
    matrices: tuple[str, ...]
    """Statements drawn in it, by name, in program order, those of later turns too."""
    fused: tuple[str, ...]
    """Statements that belong to it but stand inside other formulas."""
    steps: tuple[int, ...]
    """Walkthrough steps of the forward pass that it tells, those without a statement too."""
    loop: int | None = None
    turns: tuple[int, ...] = ()
    """Rounds that stand side by side in it."""
    continued: bool = False
    group: int = 0
    """Bands of one group have one tint and stay together on a page; loops wrap group by group."""


@dataclass(frozen=True)
class Band:
    """The full-width rows of a block."""

    block: Block
    first_row: int
    last_row: int
    words: int = 0
    """Rows below its boxes in which words stand, across the page."""
    slim: int = 0
    """Rows that these words take in the margin, beside a picture."""
    headed: bool = False
    """Its first row is free for the heads of a loop's turns."""


@dataclass(frozen=True)
class Head:
    """What a lane's head row says. `turn` is set for the turns of a loop; `band` for a head that holds from there on
    only, None for the page's own."""

    kind: Literal["parameters", "given", "forward", "gradient", "weights", "new", "again", "turn"]
    column: int
    width: int
    sheet: int
    row: int
    turn: int | None = None
    band: int | None = None


@dataclass(frozen=True)
class Column:
    """One column of the grid and its width in characters."""

    kind: Literal["badge", "margin", "slot", "gutter", "lane", "rail", "air", "gap", "empty"]
    width: float


@dataclass(frozen=True)
class Rail:
    """A skip line: under the source's first row to the right, down (gradients: up) its column, and under the target's
    second row back."""

    source: str
    target: str
    sheet: int
    column: int
    source_row: int
    target_row: int
    out: int
    """The column in which it begins: right of the source and what is glued to it."""
    back: int
    """The column in which it ends, with its head."""
    gradient: bool
    colour: int

    @property
    def rows(self) -> range:
        """The rows that it crosses."""
        return range(min(self.source_row, self.target_row), max(self.source_row, self.target_row) + 1)


@dataclass(frozen=True)
class Link:
    """A state line from one turn to the next; gradients the same way back. `wraps` at a group's edge, where it leaves
    the page's right and enters from above at the left."""

    source: str
    target: str
    sheet: int
    path: tuple[Corner, ...]
    """Its corners from left to right, a slanted piece crossing one column; none if it wraps or there is no way between
    the boxes."""
    left: tuple[int, int]
    """The cell at its left end: right of a state."""
    right: tuple[int, int]
    """The cell at its right end: left of what is read of the state in the next turn."""
    gradient: bool
    wraps: bool = False


@dataclass(frozen=True)
class Arrow:
    """The cells between two boxes on the same rows: an arrow, or a sign, in each row."""

    source: str
    target: str
    sheet: int
    first_row: int
    last_row: int
    first_column: int
    last_column: int
    back: bool = False
    """From a gradient to the weight's gradient at its left."""


@dataclass(frozen=True)
class Frame:
    """A border: around the turn of a loop that has a slot of its own, or a Look closer."""

    kind: Literal["turn", "closer"]
    sheet: int
    row: int
    column: int
    height: int
    width: int
    band: int
    last_band: int
    turn: int | None = None
    key: str = ""
    """Look closer: the statement that explains."""
    air: bool = False
    """Around a turn: whether nothing stands in its last column."""


@dataclass(frozen=True)
class Plane:
    """Points of a chart that its plane leaves free beside, above and below it, and a legend at the right, or below."""

    beside: float
    above: float
    right: float = 0.0
    below: float = 0.0

    def wide(self, width: float, height: float, steep: float) -> float:
        """How wide the plane is in so many points, if it is `steep` times as high: with its legend at the right or
        below, whichever leaves it wider."""
        across, up = width - self.beside, height - self.above
        return max(min(across - self.right, up / steep), min(across, (up - self.below) / steep))


@dataclass(frozen=True)
class Request:
    """Room wanted for a chart: in the band that makes `matrix`, or in the first one; an `optional` one stands in the
    first band that has an empty place for it, or nowhere."""

    matrix: str
    rows: int
    columns: int
    optional: bool = False
    reads: tuple[str, ...] = ()
    """What it shows must stand whole in boxes of these matrices."""
    across: bool = False
    """It stands in rows of its own, right under its matrix's lane."""
    low: bool = False
    """It stands below what its columns have, for which its band grows, rather than in an empty place."""
    least: int = 10
    """Rows below which it can't be read: a title and axes leave the plot six."""
    narrowest: int = 6
    """Columns below which it can't be read."""
    plane: Plane | None = None
    """What a plane of one scale leaves free of it."""
    grows: bool = True
    """Whether it may be larger where there is room."""


@dataclass(frozen=True)
class Picture:
    """The room that a request got."""

    request: int
    row: int
    column: int
    height: int
    width: int
    band: int


@dataclass(frozen=True, eq=False)
class Placement:
    """A page: everything that stands somewhere."""

    boxes: tuple[Box, ...]
    bands: tuple[Band, ...]
    columns: tuple[Column, ...]
    """The first is column 1 (A)."""
    heads: tuple[Head, ...]
    rails: tuple[Rail, ...]
    links: tuple[Link, ...]
    arrows: tuple[Arrow, ...]
    frames: tuple[Frame, ...]
    pictures: tuple[Picture, ...]
    mode: Mode
    sheets: tuple[int, ...]
    """Those that hold anything."""
    title_rows: int
    """Rows above the first band: title (and numbers), what it is about, legend, heads."""
    last_row: int
    big: tuple[str, ...] = ()
    """Matrices too big for a copy, read where they stand."""
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Matrices without a box of their own: the keys of the boxes that they stand in, from the top or the left."""
    wider: int = 0
    """How many columns at the right only the second sheet has, for copies of what its gradients read."""
    folded: tuple[int, ...] = ()
    """The rows that only the second sheet has, if nothing stands in them on another."""

    def shown(self, row: int) -> int:
        """Which row it is on the first sheet, where those that are folded away don't count."""
        return row - bisect_left(self.folded, row)

    @property
    def rows(self) -> int:
        """How many rows the first sheet has."""
        return self.shown(self.last_row)

    @cached_property
    def in_bands(self) -> Mapping[int, Sequence[Box]]:
        """The boxes of each band, by its index."""
        found: dict[int, list[Box]] = defaultdict(list)
        for box in self.boxes:
            found[box.band].append(box)
        return found

    def across(self, sheet: int) -> tuple[Column, ...]:
        """The columns of a sheet."""
        return self.columns if sheet == 1 else self.columns[: len(self.columns) - self.wider]
