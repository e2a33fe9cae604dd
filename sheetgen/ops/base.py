"""What an operation is, the table of all of them, and the small vocabulary in which gradients are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from sheetgen.ir.node import RULES, Node, Shape, as_node, call
from sheetgen.ir.walk import nodes
from sheetgen.ops.notation import Caption
from sheetgen.ops.options import Option
from sheetgen.ops.rounding import rounded_result

Kind = Literal["leaf", "elementwise", "view", "product", "reduction", "range", "composite"]
Source = tuple[int, int, int] | float
"""Where a cell of a view comes from: argument, row and column, counted from 0; or the number that it is."""
Cells = tuple[int, int, int, int]
"""First row and column, height and width of cells of a matrix, counted from 0."""


class ShapeProblem(Exception):
    """Operands whose shapes don't fit; the text says why, in the reader's terms."""


@dataclass(frozen=True)
class Pair:
    """A loss and the operation before it, whose gradients simplify to one: `gradient(p, y, g, exact, **options)` is
    what reaches the argument of `after`; `exact` tells whether each column of the target adds up to 1.

    With `distribution`, it depends on that. `joined` is the loss that also takes what `after` was given, and loses no
    digits: `joined(p, y, x)`; `apart(x, y)` is the same without the prediction.
    """

    after: str
    gradient: Callable[..., Node]
    distribution: bool = False
    joined: str = ""
    apart: str = ""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """Everything there is to know about one operation.

    `arguments` are the matrices it takes, with the number that stands in for one left out;
    `options` are its literal keyword arguments. `shape(*shapes, **options)` gives the result's
    shape or raises `ShapeProblem`; `numpy(*arrays, **options)` its value;
    `gradient(*args, out, g, **options)` the gradient of each argument from that of the result,
    broadcasting left to the caller. `formula` and `array` are templates for one cell and for a
    whole block (see `sheetgen.cells.formula`); `expand(define, *args, **options)` spells a composite out.
    """

    name: str
    kind: Kind
    arguments: tuple[tuple[str, float | None], ...] = ()
    options: Mapping[str, Option] = field(default_factory=dict)
    shape: Callable[..., Shape]
    numpy: Callable[..., np.ndarray]

    multiplies: Callable[..., int] | None = None
    """`multiplies(*shapes)`: how many pairs of numbers one cell of the result multiplies; None: a few."""

    # In an expression
    symbol: str = ""
    """Infix operator, if any; prefix, with one argument."""
    written: Callable[[Node, Callable[[Node, int], str]], str] | None = None
    """How it is written, if neither as an operator nor as `name(…)`; the function writes an argument that must bind as
    tightly as a number tells."""
    example: str = ""
    """How a spec writes it, where arguments and options don't tell."""
    variadic: bool = False
    """Takes one list of matrices."""
    of_list: Callable[[Sequence[Node]], Node] | None = None
    """What it is of a list of matrices, cell by cell: `sum([A, B])` is `A + B`."""
    public: bool = True
    """May be called by name in a spec."""

    # In cells
    formula: str | Callable[..., Any] | None = None
    array: str | Callable[..., Any] | None = None
    arithmetic: bool = False
    """May nest in the formula of one cell."""
    expand: Callable[..., Node] | None = None

    # Views
    source: Callable[[Node, int, int], Source] | None = None
    """`source(node, i, j)`: where cell (i, j) comes from."""
    operand: bool = False
    """Its cells stand together in a rectangle, as those of its arguments do, so that a product can read it there."""
    stacks: int | None = None
    """The axis along which its arguments follow one another: 0 below, 1 beside."""
    identity: bool = False
    """Its first argument may be an identity that stands nowhere."""
    above: int | None = None
    """of two arguments: the one that is drawn above the result; the other stands at its left."""
    window: Callable[..., Cells] | None = None
    """`window(i, j, *shapes, **options)`: the cells of the first argument on which a kernel lies for cell (i, j)."""
    fills: float | None = None
    """The number in all cells of a constant matrix."""
    square: bool = False
    """constant matrices: one size is enough."""

    # Under differentiation
    gradient: Callable[..., Any] | None = None
    transposes: Callable[[Node], Node] | None = None
    """How its transpose is written; None: as the transpose of the whole."""
    straight: bool = False
    """Its gradient passes straight through, although its value jumps."""
    stops: bool = False
    """No gradient goes through it, although its value follows that of its argument."""
    fuses: Pair | None = None
    kink: Callable[..., Any] | None = None
    """`kink(*arrays, **options)`: the cells of the first argument where it has no derivative; its gradient is that of
    one side there, or shared."""

    # Under rounding, for the proof
    spreads: Literal["", "moves", "adds", "multiplies", "picks"] = ""
    """How a cell comes from several others: it is one of them, moved; a sum of them, each times a number that isn't
    negative; a sum of their products; or one that is picked by its size."""
    selects: tuple[int, ...] = ()
    """The arguments that say where cells go, and aren't moved themselves."""
    rounds: Callable[..., np.ndarray] = rounded_result
    """`rounds(out, *arrays)`: the largest number that is rounded on the way to each cell."""
    accuracy: float = 1e-14
    """How far that may be off, in parts of it."""
    ties: Callable[..., np.ndarray] | None = None
    """`ties(*arrays, **options)`: the cells of the result that hang on numbers which only a spreadsheet takes for equal
    (see `sheetgen.ops.equality`)."""
    jumps: Literal["", "ties", "steps", "rank", "place"] = ""
    """Where a small change makes a large one: where its two operands are equal, between its steps, where two cells
    change their order, or to the place of another cell."""
    amplifies: bool = False
    """It makes much of a number that is nothing but rounding: its root, or a decision."""
    slow: bool = False
    """Its numpy function calls Python for each cell."""

    # In words
    says: str = ""
    """What it does, as a sentence without capital and full stop."""
    tells: Callable[[Node], str] | None = None
    """The same of one use, with the options and numbers that it has there; None: what it does hangs on none of them but
    an axis."""
    slope: str = ""
    """What becomes of a gradient on its way through; {delta} is the argument of that name."""
    passes: bool = False
    """Its arguments get the gradient as it is, so that what they are made of may say more."""
    why: str = ""
    """Why it may give no finite number."""
    label: str | None = None
    """The sign in a gutter, if it isn't its name; empty: an arrow."""
    caption: Caption | None = None
    """As mathematics."""
    compares: bool = False
    """Its cells are 1 where something holds, else 0."""
    picks: bool = False
    """Its ones pick cells out."""
    role: Literal["", "activation", "function", "probability", "image"] = ""
    """What its result is to a reader: an activation, another function's value, something between 0 and 1 that may be
    the answer, or a picture."""

    def __post_init__(self) -> None:
        if self.kind == "view" and self.source is None:
            raise ValueError(f"{self.name}: a view says where each of its cells comes from")

    @property
    def constant(self) -> bool:
        """Whether it takes no matrices: it is made of a size alone, and `numpy` takes the shape."""
        return self.kind == "view" and not self.arguments and not self.variadic

    @property
    def rearranges(self) -> bool:
        """Whether its cells are those of its arguments, moved to places that don't depend on numbers."""
        return self.spreads == "moves" and not self.selects

    @property
    def sign(self) -> str:
        """What stands in a gutter for it: `+`, Σ, ReLU; empty where an arrow does."""
        if self.label is not None:
            return self.label
        return self.name if self.kind == "reduction" or self.role not in ("", "image") else ""

    @property
    def called(self) -> str:
        """What stands before the bracket in its caption: `leaky ReLU`; empty if it isn't written as a function."""
        before, bracket, _ = self.caption.template.partition("({0") if self.caption else ("", "", "")
        return before if bracket else ""


OPERATIONS: dict[str, Operation] = {}
LEAF = Operation(name="leaf", kind="leaf", shape=lambda: (1, 1), numpy=np.zeros, label="")


def register(operation: Operation) -> Operation:
    """Put `operation` into the table; its name must be new."""
    if operation.name in OPERATIONS:
        raise ValueError(f"there are two operations {operation.name}")
    OPERATIONS[operation.name] = RULES[operation.name] = operation
    return operation


def operation(node: Node) -> Operation:
    """The operation of a node; numbers and matrices have one without any meaning."""
    return OPERATIONS.get(node.op, LEAF)


def multiplications(node: Node) -> int:
    """How many pairs of numbers the products and convolutions in `node` multiply."""
    counts = [(each, operation(each).multiplies) for each in nodes(node)]
    return sum(each.shape[0] * each.shape[1] * count(*(a.shape for a in each.args)) for each, count in counts if count)


def infix(symbol: str, arguments: int = 2) -> str:
    """The operation that an operator stands for."""
    return next(o.name for o in OPERATIONS.values() if o.symbol == symbol and len(o.arguments) == arguments)


def signature(text: str) -> tuple[tuple[str, float | None], ...]:
    """Read `x, slope=0.01`: the names of matrices, with the number that stands in for one left out."""
    pairs = (part.strip().partition("=") for part in text.split(",") if part.strip())
    return tuple((name, float(default) if default else None) for name, _, default in pairs)


def broadcast(*shapes: Shape) -> Shape:
    """numpy's broadcasting of two-dimensional shapes. Raises ShapeProblem where sizes are neither equal nor 1."""
    result = []
    for sizes in zip(*shapes, strict=True):
        size = max(sizes)
        if any(s not in (1, size) for s in sizes):
            raise ShapeProblem("matrices that are combined cell by cell need the same shape, a row, a column or 1×1")
        result.append(size)
    return result[0], result[1]


def where(condition: Node, yes: Node | float, no: Node | float) -> Node:
    """`yes` where `condition` isn't 0, else `no`."""
    yes, no = as_node(yes), as_node(no)
    if yes.value is not None and yes.value == no.value:
        return yes
    return call("where", condition, yes, no)


def equal(x: Node, y: Node | float) -> Node:
    """1 where they are equal."""
    return call("equal", x, y)


def ones(shape: Shape) -> Node:
    """A matrix of ones."""
    return Node("ones", shape=shape)


def zeros(shape: Shape) -> Node:
    """A matrix of zeros."""
    return Node("zeros", shape=shape)


def is_ones(node: Node) -> bool:
    """Whether it is a matrix of ones."""
    return operation(node).fills == 1


def is_zeros(node: Node) -> bool:
    """Whether it is a matrix of zeros."""
    return operation(node).fills == 0


def full(x: Node, shape: Shape) -> Node:
    """`x`, a number or a matrix, broadcast to `shape`."""
    if x.value in (0, 1):
        return ones(shape) if x.value else zeros(shape)
    return x if x.shape == shape and x.value is None else call("multiply", x, ones(shape))


def total(x: Node, axis: int | None) -> Node:
    """Sum along `axis` (0: 1×columns, 1: rows×1) or, for None, of everything (1×1)."""
    if (axis is None and x.shape == (1, 1)) or (axis is not None and x.shape[axis] == 1):
        return x
    if axis is None and x.op == "sum":  # the sum of sums is that of everything
        return call("sum", x.args[0], axis=None)
    return call("sum", x, axis=axis)


def through(node: Node) -> Node:
    """The transpose of an operation that commutes with it, once its axis is turned as well."""
    options = dict(node.options)
    if options.get("axis") is not None:
        options["axis"] = 1 - options["axis"]
    return call(node.op, *(arg.T for arg in node.args), **options)
