"""What an operation is, the table of all of them, and the small vocabulary in which gradients are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sheetgen.ir.node import RULES, Node, Shape, as_node, call

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
    expand: Callable[..., Node] | None = None
    transposes: Callable[[Node], Node] | None = None
    """How its transpose is written; None: as the transpose of the whole."""
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
    if operation.name in OPERATIONS:
        raise ValueError(f"there are two operations {operation.name}")
    OPERATIONS[operation.name] = RULES[operation.name] = operation
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


def full(x: Node, shape: Shape) -> Node:
    """`x`, a number or a matrix, broadcast to `shape`."""
    if x.value in (0, 1):
        return ones(shape) if x.value else zeros(shape)
    return x if x.shape == shape and x.value is None else call("multiply", x, ones(shape))


def total(x: Node, axis: int | None) -> Node:
    """Sum along `axis` (0: 1×columns, 1: rows×1) or, for None, of everything (1×1)."""
    if (axis is None and x.shape == (1, 1)) or (axis is not None and x.shape[axis] == 1):
        return x
    return call("sum", x, axis=axis)


def through(node: Node) -> Node:
    """The transpose of an operation that commutes with it, once its axis is turned as well."""
    options = dict(node.options)
    if options.get("axis") is not None:
        options["axis"] = 1 - options["axis"]
    return call(node.op, *(arg.T for arg in node.args), **options)
