"""What is to be drawn, as all stages after `simplify` see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sheetgen.ir.node import Node, Shape
from sheetgen.layout.geometry.derive import Derived

ItemKind = Literal["product", "beside", "reduce", "view", "cells"]


@dataclass(frozen=True)
class Item:
    """One box to be drawn and what it computes, over names of matrices and rows."""

    name: str
    """The matrix, or a key of its own for a row that has no name in the program."""
    expr: Node
    kind: ItemKind
    step: int
    section: str
    loop: int | None = None
    turn: int | None = None
    of: str = ""
    """For a row without a name, the statement that it belongs to."""
    auxiliary: bool = False
    terms: tuple[int, ...] = ()
    """Of a Look closer, the terms that are laid out one by one, all others added up; empty: all of them."""
    made: bool = False
    """Reads nothing but whole-number inputs and targets: made in its reader's slot."""

    @property
    def shape(self) -> Shape:
        return self.expr.shape


@dataclass(frozen=True)
class Source:
    """A given matrix."""

    name: str
    shape: Shape
    role: str
    integers: bool
    rows: bool
    columns: bool
    """Whether its edges have names."""


@dataclass(frozen=True)
class Told:
    """A step of the forward walkthrough, and its section."""

    number: int
    section: str


@dataclass(frozen=True)
class Script:
    """Everything to be drawn, by what it belongs to."""

    sources: Mapping[str, Source]
    items: tuple[Item, ...]
    steps: tuple[Told, ...]
    helpers: Mapping[str, Sequence[tuple[str, int]]]
    """By item, the statements that have no box because it takes them in, and their steps."""
    shows: Mapping[int, tuple[str, ...]]
    """By step, the given matrices that it introduces."""
    scalars: tuple[str, ...]
    """Given numbers that stand in the title rows."""
    explains: tuple[Item, ...]
    verdicts: tuple[Item, ...]
    gradients: Mapping[str, Derived] = field(default_factory=dict)
    """By matrix or row."""
    news: Mapping[str, Derived] = field(default_factory=dict)
    """New weights, by weight."""
    agains: Mapping[str, Derived] = field(default_factory=dict)
    """The second forward pass, by item."""
    extras: tuple[Derived, ...] = ()
    """Helpers of the backward pass that no formula can take in, and whatever else has no matrix to stand at."""
    late: frozenset[str] = frozenset()
    """Those of the second forward pass."""
    loss: str = ""
    sliced: frozenset[str] = frozenset()
    """Given matrices that are only read column by column, each column in one turn of a loop."""

    @property
    def weights(self) -> frozenset[str]:
        """The parameters."""
        return frozenset(name for name, source in self.sources.items() if source.role == "parameter")
