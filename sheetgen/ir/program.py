"""The intermediate representation: what a spec means, before anything is drawn.

A `Program` is a list of given matrices and of statements in single-assignment form. Every
matrix is two-dimensional; a scalar is 1×1. All classes are frozen: a stage returns a new
program and never edits the one it was handed.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Literal, get_args

import numpy as np

from sheetgen.ir.node import Node, Shape

Phase = Literal["forward", "backward", "update", "after"]


@dataclass(frozen=True)
class Graph:
    """The graph behind an adjacency matrix: node labels, edges by index, positions in [0, 1]."""

    labels: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]
    positions: tuple[tuple[float, float], ...]
    directed: bool = False
    weights: tuple[float, ...] = ()
    """One for each edge; none if every edge counts 1."""


@dataclass(frozen=True)
class Given:
    """A matrix whose numbers the spec gives and the user may change."""

    name: str
    role: Literal["input", "parameter", "target", "constant"]
    value: np.ndarray
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    about: str = ""
    graph: Graph | None = None
    integers: bool = False
    """Only whole numbers make sense here (token ids, 0/1 switches)."""

    @property
    def shape(self) -> Shape:
        return (self.value.shape[0], self.value.shape[1])


@dataclass(frozen=True)
class Origin:
    """Why the compiler made a statement: it is the `part` (`exp`, `pre`, `terms`) that the operation `op` needs in the
    statement `of`."""

    op: str
    part: str
    of: str


@dataclass(frozen=True)
class Local:
    """What a matrix is called in the function of the spec's own that computes it (`S`), and the matrix `of` the spec's
    steps for which that is used."""

    name: str
    of: str


@dataclass(frozen=True)
class Target:
    """What is explained or put into words: a matrix, or one of its columns, counted from 0."""

    matrix: str
    column: int | None = None


@dataclass(frozen=True)
class Statement:
    """`name = expr`."""

    name: str
    expr: Node
    step: int
    """Number of the walkthrough step that it belongs to (1-based)."""
    phase: Phase = "forward"
    section: str = ""
    """Title of the part of the page in which it stands; a step may run through several."""
    gradient_of: str | None = None
    """The matrix whose gradient this is."""
    loss: str | None = None
    """gradients and their parts: the 1×1 matrix that is differentiated."""
    via: tuple[str, ...] = ()
    """gradients: the statements that its shares came through, in the order in which they are added up."""
    repeats: str | None = None
    """update: the parameter that it renews; after: the statement of the forward pass that is computed again."""
    auxiliary: bool = False
    """Introduced by the compiler (a softmax's exponentials, a hoisted sub-expression)."""
    origin: Origin | None = None
    """auxiliary: what it is for."""
    local: Local | None = None
    """What a function calls it that computes it."""
    composite: str = ""
    """The operation whose last step this is, if it was spelled out in several: `softmax`."""
    round: tuple[int, int] | None = None
    """The loop of the spec that it stands in (by number) and the loop's round, counted from 0."""
    kind: Literal["matrix", "explain", "verdict"] = "matrix"
    """`explain`: `expr` is `matmul(row-operand, one column)`, drawn term by term.
    `verdict`: `expr` is the matrix that is put into words."""
    target: Target | None = None
    """explain, verdict: what it is about."""
    terms: tuple[int, ...] = ()
    """explain: the terms that are laid out one by one, counted from 0, all others added up; empty: all of them."""
    words: tuple[tuple[float, str], ...] = ()
    """verdict: (from, word), ascending; below the first its word holds too. Empty: the five of `likely`."""

    @property
    def shape(self) -> Shape:
        return self.expr.shape


@dataclass(frozen=True)
class Step:
    """One numbered step of the walkthrough."""

    number: int
    sentence: str
    """Empty where it would say no more than the equation."""
    equation: str
    """As the reader should see it, e.g. `Z1 = W1 @ X + b1`; empty for a step that only tells."""
    section: str = ""
    phase: Phase = "forward"
    matrices: tuple[str, ...] = ()
    """The statements that its equation is about, by name."""
    shows: tuple[str, ...] = ()
    """Given matrices that this step introduces (for steps without a statement)."""
    told: bool = False
    """Whether the sentence is the author's own."""
    why: str = ""
    """Of a gradient: what happens to what reaches it, in a few words that hold for any matrix."""


@dataclass(frozen=True)
class Variable:
    """What the variable of a loop is called, and its values, round by round."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Loss:
    """A 1×1 matrix that is to become small, and the parameters that descend it; none: all that it depends on."""

    name: str
    parameters: tuple[str, ...] = ()


Look = Literal["lines", "bars", "points", "arrows"]
PICTURES: tuple[Look, ...] = get_args(Look)


@dataclass(frozen=True)
class Shown:
    """A matrix of a chart, or the rows and columns of it from the first up to, not including, the last; the same of
    several matrices where they are those of a loop's turns."""

    names: tuple[str, ...]
    rows: tuple[int, int]
    columns: tuple[int, int]
    start: int = 1
    """The first turn's number."""


@dataclass(frozen=True)
class Border:
    """Where weights · (x, y) + bias is 0, a line for each row of the weights; with a street, also where it is as much
    as that or minus it."""

    weights: str
    bias: str | None = None
    street: float | None = None


@dataclass(frozen=True)
class Picture:
    """A chart that the author asks for."""

    kind: Look
    shown: tuple[Shown, ...]
    """Rows or columns of numbers, or for points and arrows two rows each."""
    title: str = ""
    by: str | None = None
    """points: the row whose values tell them apart."""
    border: Border | None = None
    """points: the line between them."""
    beside: str | None = None
    """The matrix beside which it stands, if not the first."""
    over: str | None = None
    """lines: the numbers that they run over; None counts them."""

    @property
    def names(self) -> tuple[str, ...]:
        """The matrices."""
        return tuple(name for part in self.shown for name in part.names)


@dataclass(frozen=True)
class Program:
    """Everything there is to know about a spec's maths, in the order in which it is computed."""

    title: str
    givens: tuple[Given, ...]
    statements: tuple[Statement, ...]
    steps: tuple[Step, ...]
    losses: tuple[Loss, ...] = ()
    formulas: Literal["cells", "blocks", "auto"] = "auto"
    about: str = ""
    """What it is, in a sentence."""
    distributions: tuple[str, ...] = ()
    """Matrices whose columns must add up to 1, as a gradient is written for that."""
    predict: str | None = None
    """The matrix that colours the nodes of the graph."""
    variables: tuple[Variable, ...] = ()
    """The variables of the loops: the first is that of loop 1."""
    pictures: tuple[Picture, ...] = ()

    @property
    def loss(self) -> str | None:
        """The first loss."""
        return self.losses[0].name if self.losses else None

    @cached_property
    def structure(self) -> tuple[Hashable, ...]:
        """All but the numbers of given matrices, of which there are the shapes."""
        givens = ((given.shape, *_all_but(given, "value")) for given in self.givens)
        return (*givens, *_all_but(self, "givens"))

    @property
    def without_numbers(self) -> Program:
        """The same, with NaN for each number of given matrices: for what follows from the structure alone."""
        return replace(self, givens=tuple(replace(g, value=np.full(g.shape, np.nan)) for g in self.givens))

    @cached_property
    def further(self) -> frozenset[str]:
        """The gradients, and their parts, of losses whose matrices have another loss's gradient beside them: they stand
        in bands of their own."""
        steps = {step.number for step in self.steps if step.phase == "backward"}
        return frozenset(s.name for s in self.statements if s.phase == "forward" and s.step in steps)

    @cached_property
    def names(self) -> dict[str, Shape]:
        """Shape of every matrix by name, given or computed."""
        computed = {statement.name: statement.shape for statement in self.statements}
        return {given.name: given.shape for given in self.givens} | computed


def _all_but(whole: Given | Program, name: str) -> Iterator[Hashable]:
    return (getattr(whole, part.name) for part in fields(whole) if part.name != name)
