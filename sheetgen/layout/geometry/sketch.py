"""What the rules of `groups` make: boxes in zones with ties and orders; and what they must know on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sheetgen.ir.node import Node, Shape
from sheetgen.ir.node import matrix as leaf
from sheetgen.layout.geometry.board import Draft
from sheetgen.layout.geometry.constraints import Below, Tie
from sheetgen.layout.geometry.figure import Span, Zone
from sheetgen.ops.views import stack

BRANCH = 16
"""Rows above in which a box of the same lane is read in place."""
NEAR = 12
"""Rows above in which a box of the lane is read cell by cell without a line."""
SHARED = 32
"""Rows above in which a copy of the same lane is read again."""
SMALL = 4
"""Cells of what is copied rather than read by a rail."""
BIG = 100
"""Cells from which on nothing is copied, but read where it stands."""
WIDE = 16
"""Columns of a lane that has no room beside it, and of a left operand that is folded."""
NARROW = 2
"""Columns of a lane whose gates stand right of their products."""
ABREAST = 4
"""Numbers made from numbers that stand in one row."""
JOIN = 4
"""Operands of a sum that are stacked above it."""


@dataclass(frozen=True)
class Options:
    """What `fit` may change."""

    right: bool = True
    """Products may open lanes to the right."""
    fold: int = WIDE
    """Columns of a left operand from which on it is folded."""
    aside: bool = False
    """Side calculations, such as the exponentials of a softmax, stand right of what they are made of."""


@dataclass(frozen=True)
class Part:
    """Where some rows and columns of a matrix stand."""

    key: str
    rows: Span | None
    columns: Span | None
    shape: Shape


@dataclass(frozen=True)
class Sketch:
    """Boxes in zones with ties and orders, in relative terms."""

    drafts: tuple[Draft, ...]
    ties: tuple[Tie, ...]
    belows: tuple[Below, ...]
    copies: Mapping[str, Mapping[Node, Node]]
    """By item: its operands that are read from copies, and what is read instead, over keys."""
    parts: Mapping[str, tuple[Part, ...]]
    """Matrices that stand in parts."""
    rails: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str], ...]
    big: tuple[str, ...]
    homes: Mapping[str, Node]
    """What a matrix that stands in parts is read as, over keys."""


def whole(parts: Sequence[Part]) -> Node:
    """The matrix that stands in these parts: all side by side, or all below one another."""
    axis = 0 if all(part.columns is None for part in parts) else 1
    ordered = sorted(parts, key=lambda part: (part.rows or (0, 0), part.columns or (0, 0)))
    return stack(axis, [leaf(part.key, part.shape) for part in ordered])


@dataclass
class State:
    """What the rules know beside the board."""

    parts: dict[str, list[Part]] = field(default_factory=dict)
    placed: dict[str, int] = field(default_factory=dict)
    """The box of each matrix that stands in one piece."""
    settled: set[str] = field(default_factory=set)
    """Matrices that have a place, or part of one."""
    pieces: set[Node] = field(default_factory=set)
    """Columns of inputs that are read column by column, once they stand somewhere."""
    loop_band: int = -1
    """The last band of a loop: no rail crosses it."""
    trunk: set[str] = field(default_factory=set)
    """Keys of boxes in the trunk."""
    copies: dict[str, dict[Node, Node]] = field(default_factory=dict)
    rails: list[tuple[str, str]] = field(default_factory=list)
    links: dict[tuple[str, str], None] = field(default_factory=dict)
    big: dict[str, None] = field(default_factory=dict)
    at: dict[int, Zone] = field(default_factory=dict)
    """The current lane of each turn."""
    last: dict[int, str] = field(default_factory=dict)
    """The lowest matrix of each turn's current lane."""
    shared: dict[tuple[int, Node], Node] = field(default_factory=dict)
    """What stands in the slot of the first turn, by statement and operand."""
    followed: dict[int, tuple[int, str]] = field(default_factory=dict)
    """What the first turn decided, by statement: the lane's number and the way."""
    brought: dict[int, list[int]] = field(default_factory=dict)
    """The boxes that came into the lanes with the first turn's statement, the last one first."""
    first: dict[int, int] = field(default_factory=dict)
    """The result's box in the first turn, by statement."""
    latest: dict[int, int] = field(default_factory=dict)
    """The result's box in the turn before."""
    aside: dict[str, Zone] = field(default_factory=dict)
    """Where side calculations of this band stand, and the sums glued to them."""
