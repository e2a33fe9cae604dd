"""Where everything stands: what the placer hands to the drawing."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil

from sheetgen.cells.a1 import Rect
from sheetgen.ir.node import Node
from sheetgen.ir.program import Given, Program, Statement
from sheetgen.layout import measure
from sheetgen.layout.grid import Box

CANVAS, BACKWARD, UPDATE = "Canvas", "Backward", "Update"


@dataclass(frozen=True)
class Link:
    """A matrix drawn once more (`node` is what it shows), or a row of ones (`node` is None)."""

    key: str
    node: Node | None
    step: int


@dataclass
class Placement:
    """Rectangles by name (copies and ones by key), and how each statement sees its operands."""

    program: Program
    rects: dict[str, Rect] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    exprs: dict[str, Node] = field(default_factory=dict)
    """By statement: its expression, in which copies stand for the matrices that they show."""
    terms: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """By `explain` statement: the keys of each number and of the column that it multiplies."""
    abreast: set[str] = field(default_factory=set)
    """Statements of loops whose rounds stand side by side."""
    shared: set[str] = field(default_factory=set)
    """Matrices that several rounds read."""
    sides: dict[str, str] = field(default_factory=dict)
    """Captions that stand beside their matrix (`left`, `right`) instead of above."""


def badge(number: int) -> str:
    """A step's number in a circle; in parentheses from 21 on, as few fonts have circles for those."""
    return chr(0x2460 + number - 1) if 1 <= number <= 20 else f"({number})"


@lru_cache(maxsize=10_000)
def caption_columns(name: str, shape: tuple[int, int], step: int) -> int:
    """How many columns of default width a caption covers."""
    text = f"{badge(step)} {name}" if step else name
    return ceil(name_columns(text) + measure.text_width(f"{shape[0]}×{shape[1]} ", 8) / measure.COLUMN_WIDTH)


def name_columns(text: str) -> int:
    """How many columns of default width a name covers."""
    return ceil(measure.text_width(text, bold=True) / measure.COLUMN_WIDTH)


def box_of(rect: Rect) -> Box:
    """The cells of a rectangle on its sheet."""
    return Box(rect.row, rect.column, rect.height, rect.width)


def sheet_of(statement: Statement) -> str:
    """The sheet on which a statement is placed; `mirror` moves gradients to theirs."""
    return UPDATE if statement.phase in ("update", "after") else CANVAS


def body(given: Given | None, at: Box, below: int) -> Box:
    """A matrix with the labels of its edges, and the rows below it that its ones and arrows take."""
    left, top = bool(given and given.rows), bool(given and given.columns)
    return Box(at.row - top, at.column - left, at.height + top + below, at.width + left)


def step_of(statement: Statement | None) -> int:
    """The step that a matrix belongs to; 0 for what is given."""
    return statement.step if statement else 0
