"""How far a right answer may be off: half a unit of its last decimal, and what the decimals of its operands make of it.

Whoever calculates with 0.33 instead of 1/3 is off by up to half a unit there already. So each computed operand counts
with its slope, which is read off the gradient that its operation has anyway.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sheetgen.ir.node import Node, call, number
from sheetgen.ops.base import full, operation, zeros

Value = Callable[[Node], np.ndarray]
ZERO = number(0)
MARGIN = 1.01
"""Slopes change a little on the way to the edge of what is rounded."""
NOISE = 0.000001


def half_unit(decimals: int) -> float:
    """Half a unit of the last of so many decimals."""
    return float(f"{0.5 * 10.0**-decimals:.{decimals + 1}f}")


def spread(node: Node, off: Callable[[str], float], value: Value) -> Node:
    """How many half units a cell of `node` may be off, as an expression of its shape or a number. `off` tells that of
    each matrix, and `value` gives numpy's value of an operand."""
    if node.is_leaf:
        return number(off(node.name)) if node.is_matrix else ZERO
    own = [spread(arg, off, value) for arg in node.args]
    if all(each.value == 0 for each in own):
        return ZERO
    if node.kind == "product":
        left, right = node.args
        parts = [
            Node("matmul", (magnitude(left), _whole(own[1], right)), node.shape) if own[1].value != 0 else ZERO,
            Node("matmul", (_whole(own[0], left), magnitude(right)), node.shape) if own[0].value != 0 else ZERO,
        ]
        return parts[0] + parts[1]
    if node.kind == "elementwise":
        return _elementwise(node, own)
    if node.kind == "view" and any(each.value is None or each.value != own[0].value for each in own):
        args = tuple(_whole(each, arg) for each, arg in zip(own, node.args, strict=True))
        return Node(node.op, args, node.shape, node.options)
    if node.kind == "reduction" and own[0].value is None:
        picks = operation(node).spreads == "picks"
        return Node("max" if picks else node.op, (own[0],), node.shape, node.options)
    return number(_bound(node, own, value))


def _elementwise(node: Node, own: list[Node]) -> Node:
    gradient = operation(node).gradient
    if gradient is None:  # comparisons and the like go by what the student has written
        return ZERO
    options = {name: option for name, option in node.options if name != "axis"}
    slopes = gradient(*node.args, out=node, g=number(1), **options)
    slopes = slopes if isinstance(slopes, tuple) else (slopes,)
    total = ZERO
    for slope, each in zip(slopes, own, strict=False):
        if each.value != 0:
            total = total + magnitude(slope) * each
    return total


def magnitude(node: Node) -> Node:
    """An expression that is nowhere smaller than the size of `node`; on both sides of a kink the larger."""
    if node.value is not None:
        return number(abs(node.value))
    if node.op == "where":
        yes, no = magnitude(node.args[1]), magnitude(node.args[2])
        if yes.value is not None and no.value is not None:
            return number(max(yes.value, no.value))
        return yes if no.value == 0 else no if yes.value == 0 else call("maximum", yes, no)
    if node.op == "multiply":
        return magnitude(node.args[0]) * magnitude(node.args[1])
    if node.op == "divide":
        return magnitude(node.args[0]) / magnitude(node.args[1])
    if node.op == "negative":
        return magnitude(node.args[0])
    if operation(node).fills in (0, 1):
        return node
    return node if node.op in ("abs", "exp", "sqrt") else call("abs", node)


def _whole(node: Node, like: Node) -> Node:
    """A number as a matrix of it, in the shape of `like`."""
    if node.value is None:
        return node
    return zeros(like.shape) if node.value == 0 else full(node, like.shape)


def _bound(node: Node, own: list[Node], value: Value) -> float:
    """Of operations that add up, or pick, what they read: the most that a cell may be off where each operand is."""
    rule, options = operation(node), dict(node.options)
    total = 0.0
    for k, each in enumerate(own):
        if each.value == 0 or k in rule.selects:
            continue
        off = float(value(each).max()) if each.value is None else each.value
        args = [np.full(arg.shape, off) if k == j else value(arg) if j in rule.selects else np.abs(value(arg))
                for j, arg in enumerate(node.args)]  # fmt: skip
        total += float(np.abs(np.asarray(rule.numpy(*args, **options), dtype=float)).max())
    return total
