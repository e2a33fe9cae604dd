"""Expressions: one frozen type of node, combined with Python's operators as mathematics is written.

What a node must know of its operation (its shape, and how its transpose is written) comes from `RULES`, which the
table of operations fills.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from operator import is_
from typing import Any, Protocol, TypeGuard

Shape = tuple[int, int]


class Rule(Protocol):
    """What the nodes of an operation know of it."""

    @property
    def kind(self) -> str: ...
    @property
    def shape(self) -> Callable[..., Shape]: ...
    @property
    def transposes(self) -> Callable[[Node], Node] | None: ...


RULES: dict[str, Rule] = {}
"""By name of the operation."""


@dataclass(frozen=True)
class Node:
    """An operation of the table applied to nodes; `options` are its keyword arguments, by name.

    Two are leaves, without arguments: `number`, a literal of a `value` that broadcasts like a 1×1 matrix, and `matrix`,
    one that is given or computed elsewhere, by `name`. Equality compares structure; `equal(a, b)` of `ops` is the
    comparison of cells. Trivial factors and summands vanish: `x * 1` is `x`.
    """

    op: str
    args: tuple[Node, ...] = ()
    shape: Shape = (1, 1)
    options: tuple[tuple[str, Any], ...] = ()
    name: str = ""
    value: float | None = None

    def __init__(
        self, op: str, args: tuple[Node, ...] = (), shape: Shape = (1, 1), options: tuple[tuple[str, Any], ...] = (),
        name: str = "", value: float | None = None,
    ) -> None:  # fmt: skip
        # a large program has a hundred thousand nodes: half the time of the initialiser that dataclasses make
        self.__dict__.update(op=op, args=args, shape=shape, options=options, name=name, value=value)

    @property
    def is_number(self) -> bool:
        return self.op == "number"

    @property
    def is_matrix(self) -> bool:
        return self.op == "matrix"

    @property
    def is_leaf(self) -> bool:
        return self.op in ("number", "matrix")

    @property
    def kind(self) -> str:
        """`leaf`, or that of its operation: `elementwise`, `view`, `product`, `reduction`, `range`, `composite`."""
        return "leaf" if self.is_leaf else RULES[self.op].kind

    @cached_property
    def references(self) -> tuple[Node, ...]:
        """All matrices in it, in reading order, with repetitions."""
        found, stack = list[Node](), [self]
        while stack:
            at = stack.pop()
            if at.args:
                stack += at.args[::-1]
            elif at.op == "matrix":
                found.append(at)
        return tuple(found)

    def with_args(self, args: tuple[Node, ...]) -> Node:
        """The same operation of other arguments, of the same shapes; itself if they are its own."""
        same = len(args) == len(self.args) and all(map(is_, args, self.args))
        return self if same else Node(self.op, args, self.shape, self.options)

    def option(self, name: str, default: Any = None) -> Any:
        """The value of a keyword argument, or `default`."""
        return dict(self.options).get(name, default) if self.options else default

    @property
    def T(self) -> Node:
        """The transpose, moved down to the leaves: `(A @ B).T` is `B.T @ A.T`, `relu(A).T` is `relu(A.T)`."""
        if self.is_number or self.shape == (1, 1):
            return self
        transposes = None if self.is_matrix else RULES[self.op].transposes
        return transposes(self) if transposes else call("transpose", self)

    def __add__(self, other: Node | float) -> Node:
        a, b = self, as_node(other)
        if a.value is not None and b.value is not None:
            return number(a.value + b.value)
        if b.value == 0:
            return a
        if a.value == 0:
            return b
        return a - b.args[0] if b.op == "negative" else call("add", a, b)

    def __sub__(self, other: Node | float) -> Node:
        a, b = self, as_node(other)
        if a.value is not None and b.value is not None:
            return number(a.value - b.value)
        if b.value == 0:
            return a
        return -b if a.value == 0 else call("subtract", a, b)

    def __mul__(self, other: Node | float) -> Node:
        a, b = self, as_node(other)
        if a.value is not None and b.value is not None:
            return number(a.value * b.value)
        if b.value is not None:
            a, b = b, a
        if a.value == 0:
            return a
        if a.value == 1:
            return b
        if a.value == -1:
            return -b
        if a.value is not None and b.op == "multiply" and b.args[0].value is not None:
            return number(a.value * b.args[0].value) * b.args[1]
        if a.value is not None and b.op == "negative":
            return number(-a.value) * b.args[0]
        return call("multiply", a, b)

    def __truediv__(self, other: Node | float) -> Node:
        b = as_node(other)
        return self if self.value == 0 or b.value == 1 else call("divide", self, b)

    def __pow__(self, other: Node | float) -> Node:
        b = as_node(other)
        if b.value == 1:
            return self
        return number(1) if b.value == 0 else call("power", self, b)

    def __neg__(self) -> Node:
        if self.value is not None:
            return number(-self.value)
        return self.args[0] if self.op == "negative" else call("negative", self)

    def __radd__(self, other: float) -> Node:
        return number(other) + self

    def __rsub__(self, other: float) -> Node:
        return number(other) - self

    def __rmul__(self, other: float) -> Node:
        return number(other) * self

    def __rtruediv__(self, other: float) -> Node:
        return number(other) / self

    def __rpow__(self, other: float) -> Node:
        return number(other) ** self

    def __matmul__(self, other: Node) -> Node:
        return call("matmul", self, other)

    def __gt__(self, other: Node | float) -> Node:
        return call("greater", self, other)

    def __ge__(self, other: Node | float) -> Node:
        return call("greater_equal", self, other)

    def __lt__(self, other: Node | float) -> Node:
        return call("less", self, other)

    def __le__(self, other: Node | float) -> Node:
        return call("less_equal", self, other)


def number(value: float) -> Node:
    """A literal number; broadcasts like a 1×1 matrix."""
    return Node("number", value=float(value))


def matrix(name: str, shape: Shape) -> Node:
    """A matrix, by name."""
    return Node("matrix", shape=shape, name=name)


def call(op: str, *args: Node | float, **options: Any) -> Node:
    """The node `op(*args)` with its shape inferred. Raises the table's `ShapeProblem` when the shapes don't fit."""
    nodes = tuple([as_node(arg) for arg in args])
    shape = RULES[op].shape(*[node.shape for node in nodes], **options)
    return Node(op, nodes, shape, tuple(sorted(options.items())) if options else ())


def as_node(value: Node | float) -> Node:
    """A plain number as a node; nodes as they are."""
    return value if isinstance(value, Node) else number(value)


def is_number(value: object) -> TypeGuard[float]:
    """Whether it is a plain number, which True and False aren't."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_whole(value: object) -> TypeGuard[int]:
    """Whether it is a whole number, which True and False aren't."""
    return isinstance(value, int) and not isinstance(value, bool)


def shape_text(shape: Shape) -> str:
    """`4×3`."""
    return f"{shape[0]}×{shape[1]}"
