"""What is to be written, cell by cell, and nothing of how: the contract between layout and workbook.

Rows and columns are 1-based, as in a spreadsheet. Nothing here imports openpyxl.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from itertools import chain
from typing import Literal, NamedTuple

import numpy as np

from sheetgen.cells.a1 import Rect
from sheetgen.cells.verdicts import Words
from sheetgen.ir.node import Node
from sheetgen.layout.chart import Chart


class Role(StrEnum):
    """What a region *is*; the theme decides how each role looks."""

    INPUT = "input"
    PARAMETER = "parameter"
    BIAS = "bias"
    CONSTANT = "constant"
    TARGET = "target"
    ADJACENCY = "adjacency"
    GCN = "gcn"
    FORWARD = "forward"
    ACTIVATION = "activation"
    MEMORY = "memory"
    OUTPUT = "output"
    GRADIENT = "gradient"
    UPDATED = "updated"
    ONES = "ones"
    COPY = "copy"
    HEATMAP = "heatmap"
    VERDICT = "verdict"
    BLANK = "blank"
    """To be filled in by who solves an exercise; in `like` stands what it is on the finished page."""
    ENTRY = "entry"
    """A field for something else to be typed: which hint is wanted, or, without choices, any text, such as a name."""


Tint = Role | int
"""A role's fill, or the pale colour of a turn, by its hue."""


@dataclass(frozen=True)
class Region:
    """A rectangle of numbers: one matrix, a part of a panel, or a copy.

    `formulas[i][j]` is the cell's formula without `=`, or None for a number that the user may
    edit. `array[i][j]`-ness is one flag for the region: True writes each formula as a one-cell
    array formula. `block` is one array formula for the whole region instead of `formulas`.
    `values` are numpy's results (strings for verdicts), which become the cached values.
    """

    name: str
    role: Role
    row: int
    column: int
    values: np.ndarray
    formulas: tuple[tuple[str | None, ...], ...] | None = None
    array: bool = False
    block: str | None = None
    step: int = 0
    defined_name: str | None = None
    note: str = ""
    prompt: str = ""
    """Message of the input validation (editable regions), e.g. "W1: a number. Type 0, don't delete"."""
    integers: bool = False
    switch: bool = False
    """Editable cells accept 0 or 1 only (adjacency)."""
    choices: str = ""
    """Cells whose numbers an editable cell offers as a list; others may be typed as well."""
    image: bool = False
    """Shown as a heat map, whatever its role."""
    inked: bool = False
    """A picture in black and white: what is above 0 is ink."""
    like: Role | None = None
    """Of a copy: the role of what it shows; of a bias: that of a panel of its own."""
    picked: str | None = None
    """A condition (formula seen from the top left cell, relative) under which a cell is picked out."""
    dark_zeros: bool = False
    """Darken cells that a ReLU put to 0."""
    blocked: tuple[str, ...] = ()
    """Conditions under which nothing comes through to a cell, so that it is as dark as a ReLU's zeros: one formula,
    seen from the top left cell, or one for each cell, row by row."""
    tints: tuple[tuple[int, int, Tint], ...] = ()
    """Columns (start, stop; 0-based within the region) that carry the fill of what they meet: the columns of a weight
    matrix that meet x are yellow, those that meet h green, a bias grey."""
    parts: tuple[tuple[int, int, Tint], ...] = ()
    """The same for rows: the parts of a stack carry their sources' fills."""
    marked: tuple[tuple[int, int, int, int], ...] = ()
    """Cells (row, column, height, width; 0-based within the region) that are picked out: an explained column, the
    window of a convolution and its cell of the map."""
    pale: str | None = None
    """A condition (formula seen from the top left cell, relative) under which a cell is pale: a term of weight 0."""
    decimals: int | None = None
    """So many decimals in all cells, as for a loop that converges; None: 2 shows as 2, 0.25 as 0.25."""
    heat: tuple[float, float, float] | None = None
    """Of a heat map: the numbers that are blue, white and orange, and shades between them."""
    framed: str | None = None
    """A condition (formula seen from the top left cell, relative) under which a cell of a heat map without digits is
    framed: with its number, or, where `picked` tells one of them, with a dot."""
    plain_map: bool = False
    """A matrix too large for digits: only a heat map; its values are still formulas. Its rows are low."""
    large: bool = False
    """Large digits: a loss."""
    glued: bool = False
    """It stands directly under or beside the region that it sums, and shares its edge."""
    used: tuple[int, ...] = ()
    """Steps that read it: it is tinted while one of them is the current step."""
    words: Words = ()
    """What a verdict says: from each number of its source on, another text."""
    source: Node | None = None
    """What its cells compute, over names of regions. None: it is a given matrix, the whole value of the statement of
    its name, or what its formulas read."""
    upright: bool = False
    """Words that are turned by a quarter: they read from below."""
    corner: tuple[int, int] = (0, 0)
    """Of a matrix that stands in pieces: the row and the column with which this one begins."""
    turned: bool = False
    """The matrix's rows stand as columns."""
    later: np.ndarray | None = field(default=None, compare=False)
    """Numbers that it shows in other epochs of a training, for which it has room."""
    epochs_of: str = ""
    """The matrix of a training whose rows are its epochs; its cells stand side by side, row after row."""
    piece: str = ""
    """What sources call it where its matrix stands in several pieces of one name."""
    empty: np.ndarray | None = None
    """Where a cell shows nothing yet, as it waits to be filled in, or its formula gives ""; `values` are 0 or "" there.
    """
    open: np.ndarray | None = None
    """The cells that are to be filled in, of a region of which most are not."""

    @property
    def key(self) -> str:
        """What sources call it."""
        return self.piece or self.name

    @property
    def wordings(self) -> tuple[str, ...]:
        """All that a verdict may come to say."""
        return tuple(word for _, word in self.words)

    @cached_property
    def height(self) -> int:
        return int(self.values.shape[0])

    @cached_property
    def width(self) -> int:
        return int(self.values.shape[1])

    def rect(self, sheet: str) -> Rect:
        """Its cells, on the sheet on which it stands."""
        return Rect(sheet, self.row, self.column, self.height, self.width)

    @cached_property
    def editable(self) -> bool:
        """Whether the region has any cell that the user may change."""
        return self.block is None and (self.formulas is None or None in chain.from_iterable(self.formulas))


LabelStyle = Literal[
    "title", "subtitle", "section", "name", "shape", "arrow", "function", "label", "sentence", "hint", "number", "key",
    "badge", "equation", "head", "turn", "note",
]
"""title, subtitle: page head · badge: a band's number, white on dark · section: a band's title · equation: a line of
the margin · sentence: prose of the margin, wrapped · head: what a lane holds ("Forward ↓") · turn: a round's name
("t = 2") · name: a caption · arrow: a sign in a gutter, or an arrow, over several cells if it has a shaft of dashes ·
function: small italic in a gutter ("ReLU ↓") · label: row and column names · note: small grey italic prose beside what
it explains · shape, hint, number, key: small print."""


SHAFT = "—"
"""What the shaft of a long arrow is drawn with."""


class Label(NamedTuple):
    """A piece of text, or a live text/number when `formula` is set (then `text` is its value).

    A large page has thousands: a tuple is made five times as fast.
    """

    row: int
    column: int
    text: str
    style: LabelStyle
    step: int = 0
    align: Literal["left", "center", "right"] = "left"
    color: Role | None = None
    """Text (and badge) takes the role's colour."""
    formula: str | None = None
    source: Node | None = None
    words: Words = ()
    """Of a live text that a number chooses: what that number is, over names of regions, and the texts."""
    link: str | None = None
    """Internal target such as `Canvas!A1` (sheet name unquoted); only labels of step 0 become links."""
    rows: int = 1
    columns: int = 1
    """Cells that are merged for it, down and across; wrapped when `rows` is more than 1."""
    hue: int | None = None
    """A rail's or a turn's colour (by number) instead of a role's."""
    pale: str | None = None
    """A condition (a formula) under which it is pale."""
    lines: int = 1
    """Lines in which it is wrapped; its rows are high enough for them."""
    upright: bool = False
    """Turned by a quarter: it reads from below."""
    joined: bool = False
    """Goes on with the text above it: they stay on one page."""
    down: int = 1
    """Cells, one below the other, that each show it, as in a gutter."""

    @property
    def height(self) -> int:
        """Rows that it takes."""
        return self.rows * self.down

    @property
    def each(self) -> tuple[Label, ...]:
        """The same as labels that stand once, row by row."""
        return (self,) if self.down == 1 else tuple(self._replace(row=self.row + k, down=1) for k in range(self.down))


@dataclass(frozen=True)
class Band:
    """The rows of one block: its ground is white or, when `shaded`, light grey; a hairline above."""

    first_row: int
    last_row: int
    shaded: bool = False
    step: int = 0


@dataclass(frozen=True)
class Edge:
    """A line along one side of a rectangle of cells: a rail, a frame, a state line."""

    row: int
    column: int
    rows: int
    columns: int
    side: Literal["left", "top", "right", "bottom"]
    hue: int = 0
    """Its colour, by number: 0 dark grey (frames), 1, 2 … the rails' colours, -1 the gradients' blue."""
    heavy: bool = True
    step: int = 0
    carries: str = ""
    """What goes along it: where a page ends in its midst, it is named on both sides."""


Sight = Literal["right", "wrong", "tick", "cross", "done", "bar", "track"]
"""right, wrong: a cell that was filled in · tick, cross: the mark of its row · done: of a whole matrix · bar, track:
how much is done, and how much there is to do."""


@dataclass(frozen=True)
class Highlight:
    """A look that a rectangle of cells takes while a condition (a formula) holds; earlier ones go first."""

    row: int
    column: int
    rows: int
    columns: int
    condition: str
    sight: Sight


@dataclass(frozen=True)
class Diagonal:
    """A state line: from the bottom left of a merged column of cells to its top right (`rising`), or back."""

    row: int
    column: int
    rows: int
    rising: bool = True
    hue: int = 1
    step: int = 0


@dataclass(frozen=True)
class SheetPlan:
    """One drawn sheet: `Canvas`, or a further sheet in the same style.

    Rows 1 to 3 belong to the head, which the book writes: title · the step player and what the page is about · the
    switch for gradients and the legend. Numbers (η) stand at their right as regions and labels; the lanes' heads follow
    in row 4 (`heads`). In a page of bands column 1 holds the badges, column 2 the margin's text.
    """

    title: str
    heading: str
    regions: tuple[Region, ...]
    labels: tuple[Label, ...]
    charts: tuple[Chart, ...] = ()
    widths: tuple[tuple[int, float], ...] = ()
    """Column → width in characters, where it differs from the default."""
    first_row: int = 5
    """First row below the frozen head."""
    bands: tuple[Band, ...] = ()
    edges: tuple[Edge, ...] = ()
    diagonals: tuple[Diagonal, ...] = ()
    heights: tuple[tuple[int, float], ...] = ()
    """Row → height in points, where it differs from the default; 0 hides the row."""
    last_column: int = 0
    """The page's width; 0: whatever stands furthest right."""
    cuts: tuple[int, ...] = ()
    """Rows at which a printed page may start."""
    heads: int | None = None
    """The row of the lanes' heads, which every printed page repeats."""
    landscape: bool = True
    scale: float = 1.0
    """Of the printed page, by width."""
    heading_formula: str | None = None
    """What makes the heading where it tells of numbers."""
    about: str = ""
    """A sentence under the heading."""
    folded: tuple[tuple[int, int], ...] = ()
    """First and last of columns that are folded away, each opened at the column before it."""
    frozen: int = 0
    """Columns at the left that stay in view."""
    printed: tuple[int, int] | None = None
    """The last row and the last column that are printed, where the rest is for the screen."""
    parting: tuple[int, ...] = ()
    """Those of `cuts` that part what one equation makes: a softmax, a product and what is added to it."""
    highlights: tuple[Highlight, ...] = ()
    hidden: bool = False

    @property
    def texts(self) -> tuple[Label, ...]:
        """The labels, those of several cells cell by cell."""
        return tuple(one for label in self.labels for one in label.each)


@dataclass(frozen=True)
class StepRow:
    """One row of the Steps sheet."""

    number: int
    section: str
    equation: str
    shapes: str
    sentence: str
    link: str | None
    """Internal target: `Sheet!A1` of the step's first region."""
    phase: str = "forward"
    live: str | None = None
    """A formula that makes the sentence from the cells that it tells of; `sentence` is its value."""
    numbers: str = ""
    """What it shows instead of `number`: the steps that it stands for, `8–14`, or which row of its step it is, `8a`."""
    whole_turn: bool = False
    """It stands for a turn of a loop that runs through several sections, so it has none."""


@dataclass(frozen=True)
class WorkbookPlan:
    """A whole workbook."""

    title: str
    sheets: tuple[SheetPlan, ...]
    steps: tuple[StepRow, ...]
    spec_text: str
    legend: tuple[tuple[Role, str], ...]
    """Roles that occur, with their captions, in reading order."""
    sealed: bool = False
    """An exercise: nothing but blanks and entries can be changed, and no sheet tells how it was made."""

    def with_regions(self, change: Callable[[Region], Region]) -> WorkbookPlan:
        """The same with what `change` makes of each region."""
        sheets = (replace(sheet, regions=tuple(map(change, sheet.regions))) for sheet in self.sheets)
        return replace(self, sheets=tuple(sheets))

    @cached_property
    def switched_steps(self) -> frozenset[int]:
        """The steps that the switch for gradients hides: gradients and all that follows from them, those too that have
        no row of their own because a row before them stands for several."""
        rows = sorted(self.steps, key=lambda step: step.number)
        starts = [row.number for row in rows]
        drawn = {x.step for s in self.sheets for each in (s.regions, s.labels, s.edges, s.diagonals) for x in each}
        known = {step for step in drawn.union(starts) if rows and step >= starts[0]}
        return frozenset(step for step in known if rows[bisect_right(starts, step) - 1].phase != "forward")
