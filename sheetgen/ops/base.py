"""What an operation is, the table of all of them, and nodes that can be written as mathematics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeGuard

import numpy as np

from sheetgen.ir.program import Call, Node, Number, Shape

Kind = Literal["elementwise", "view", "product", "reduction", "range", "composite"]


class ShapeProblem(Exception):
    """Operands whose shapes don't fit; the text says why, in the reader's terms."""


@dataclass(frozen=True)
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
    arguments: tuple[tuple[str, float | None], ...]
    options: dict[str, Any]
    shape: Callable[..., Shape]
    numpy: Callable[..., np.ndarray]
    gradient: Callable[..., Any] | None = None
    formula: str | Callable[..., Any] | None = None
    array: str | Callable[..., Any] | None = None
    expand: Callable[..., Term] | None = None
    says: str = ""
    symbol: str = ""
    """Infix operator in expressions, if any."""
    variadic: bool = False
    """Takes one list of matrices."""
    public: bool = True
    """May be called by name in a spec."""


OPERATIONS: dict[str, Operation] = {}


def register(operation: Operation) -> Operation:
    """Put `operation` into the table; its name must be new."""
    assert operation.name not in OPERATIONS, operation.name
    OPERATIONS[operation.name] = operation
    return operation


def signature(text: str) -> tuple[tuple[tuple[str, float | None], ...], dict[str, Any]]:
    """Read `x, slope=0.01 | axis=0`: matrices (name, number that stands in for one left out), then options with
    their defaults: `None`, `sum`, `mean`, a whole number, or a number with a point in it."""
    matrices, _, options = text.partition("|")
    arguments: list[tuple[str, float | None]] = []
    for item in filter(None, (part.strip() for part in matrices.split(","))):
        name, _, default = item.partition("=")
        arguments.append((name, float(default) if default else None))
    defaults: dict[str, Any] = {}
    for item in filter(None, (part.strip() for part in options.split(","))):
        name, _, value = item.partition("=")
        defaults[name] = DEFAULTS[value] if value in DEFAULTS else float(value) if "." in value else int(value)
    return tuple(arguments), defaults


DEFAULTS: dict[str, Any] = {"None": None, "sum": "sum", "mean": "mean"}


def broadcast(*shapes: Shape) -> Shape:
    """numpy's broadcasting of two-dimensional shapes. Raises ShapeProblem where sizes are neither equal nor 1."""
    result = []
    for sizes in zip(*shapes, strict=True):
        size = max(sizes)
        if any(s not in (1, size) for s in sizes):
            raise ShapeProblem("matrices that are combined cell by cell need the same shape, a row, a column or 1×1")
        result.append(size)
    return result[0], result[1]


def shape_text(shape: Shape) -> str:
    """`4×3`."""
    return f"{shape[0]}×{shape[1]}"


def call(op: str, *args: Any, **options: Any) -> Term:
    """The node `op(*args)` with its shape inferred; numbers, nodes and terms are accepted as arguments.

    Raises ShapeProblem when the shapes don't fit.
    """
    operation = OPERATIONS[op]
    nodes = tuple(lift(arg).node for arg in args)
    shape = operation.shape(*(node.shape for node in nodes), **options)
    return Term(Call(op, nodes, shape, tuple(sorted(options.items()))))


def lift(value: Any) -> Term:
    """A term from a node, a number or a term."""
    if isinstance(value, Term):
        return value
    if isinstance(value, int | float):
        return Term(Number(float(value)))
    return Term(value)


@dataclass(frozen=True, eq=False)
class Term:
    """A node that can be combined with Python's operators; trivial factors and summands vanish."""

    node: Node = field()

    @property
    def shape(self) -> Shape:
        return self.node.shape

    @property
    def number(self) -> float | None:
        """Its value, if it is a literal."""
        return self.node.value if isinstance(self.node, Number) else None

    @property
    def T(self) -> Term:
        return transposed(self)

    def __add__(self, other: Any) -> Term:
        a, b = self, lift(other)
        if a.number is not None and b.number is not None:
            return lift(a.number + b.number)
        if b.number == 0:
            return a
        if a.number == 0:
            return b
        if isinstance(b.node, Call) and b.node.op == "negative":
            return a - b.node.args[0]
        return call("add", a, b)

    def __sub__(self, other: Any) -> Term:
        a, b = self, lift(other)
        if a.number is not None and b.number is not None:
            return lift(a.number - b.number)
        if b.number == 0:
            return a
        return -b if a.number == 0 else call("subtract", a, b)

    def __mul__(self, other: Any) -> Term:
        a, b = self, lift(other)
        if a.number is not None and b.number is not None:
            return lift(a.number * b.number)
        if b.number is not None:
            a, b = b, a
        if a.number == 0:
            return a
        if a.number == 1:
            return b
        if a.number == -1:
            return -b
        if a.number is not None and isinstance(b.node, Call):
            inner = b.node
            if inner.op == "multiply" and isinstance(inner.args[0], Number):
                return lift(a.number * inner.args[0].value) * inner.args[1]
            if inner.op == "negative":
                return lift(-a.number) * inner.args[0]
        return call("multiply", a, b)

    def __truediv__(self, other: Any) -> Term:
        b = lift(other)
        if self.number == 0 or b.number == 1:
            return self
        return call("divide", self, b)

    def __pow__(self, other: Any) -> Term:
        b = lift(other)
        if b.number == 1:
            return self
        return lift(1) if b.number == 0 else call("power", self, b)

    def __neg__(self) -> Term:
        if self.number is not None:
            return lift(-self.number)
        if isinstance(self.node, Call) and self.node.op == "negative":
            return Term(self.node.args[0])
        return call("negative", self)

    def __radd__(self, other: Any) -> Term:
        return lift(other) + self

    def __rsub__(self, other: Any) -> Term:
        return lift(other) - self

    def __rmul__(self, other: Any) -> Term:
        return lift(other) * self

    def __rtruediv__(self, other: Any) -> Term:
        return lift(other) / self

    def __rpow__(self, other: Any) -> Term:
        return lift(other) ** self

    def __matmul__(self, other: Any) -> Term:
        return call("matmul", self, other)

    def __gt__(self, other: Any) -> Term:
        return call("greater", self, other)

    def __ge__(self, other: Any) -> Term:
        return call("greater_equal", self, other)

    def __lt__(self, other: Any) -> Term:
        return call("less", self, other)

    def __le__(self, other: Any) -> Term:
        return call("less_equal", self, other)


def where(condition: Any, yes: Any, no: Any) -> Term:
    """`yes` where `condition` isn't 0, else `no`."""
    yes, no = lift(yes), lift(no)
    if yes.number is not None and yes.number == no.number:
        return yes
    return call("where", condition, yes, no)


def equal(x: Any, y: Any) -> Term:
    """1 where they are equal."""
    return call("equal", x, y)


def ones(shape: Shape) -> Term:
    """A matrix of ones."""
    return Term(Call("ones", (), shape))


def is_matmul(node: Node) -> TypeGuard[Call]:
    """Whether a product of matrices is the last thing that `node` does."""
    return isinstance(node, Call) and node.op == "matmul"


def is_ones(node: Node) -> bool:
    """Whether it is a matrix of ones."""
    return isinstance(node, Call) and node.op == "ones"


def zeros(shape: Shape) -> Term:
    """A matrix of zeros."""
    return Term(Call("zeros", (), shape))


def full(x: Term, shape: Shape) -> Term:
    """`x`, a number or a matrix, broadcast to `shape`."""
    if x.number in (0, 1):
        return ones(shape) if x.number else zeros(shape)
    return x if x.shape == shape and x.number is None else call("multiply", x, ones(shape))


def total(x: Term, axis: int | None) -> Term:
    """Sum along `axis` (0: 1×columns, 1: rows×1) or, for None, of everything (1×1)."""
    if (axis is None and x.shape == (1, 1)) or (axis is not None and x.shape[axis] == 1):
        return x
    return call("sum", x, axis=axis)


def transposed(x: Term) -> Term:
    """The transpose, moved down to the leaves: `(A @ B).T` is `B.T @ A.T`, `relu(A).T` is `relu(A.T)`."""
    node = x.node
    if isinstance(node, Number) or node.shape == (1, 1):
        return x
    if isinstance(node, Call):
        options = dict(node.options)
        args = [Term(arg) for arg in node.args]
        flipped = (node.shape[1], node.shape[0])
        if node.op == "transpose":
            return args[0]
        if node.op in ("ones", "zeros", "eye"):
            return Term(Call(node.op, (), flipped))
        if node.op == "matmul":
            return call("matmul", args[1].T, args[0].T)
        if node.op in ("vstack", "hstack"):
            return call("hstack" if node.op == "vstack" else "vstack", *(arg.T for arg in args))
        if node.op == "slice" and isinstance(args[0].node, Call):
            return call("slice", args[0].T, rows=options["columns"], columns=options["rows"])
        if OPERATIONS[node.op].kind in ("elementwise", "reduction") or node.op in TRANSPOSABLE:
            if options.get("axis") is not None:
                options["axis"] = 1 - options["axis"]
            return call(node.op, *(arg.T for arg in args), **options)
    return call("transpose", x)


TRANSPOSABLE = frozenset({"softmax", "logsumexp"})
"""Composites that commute with the transpose, once their axis is turned as well."""
