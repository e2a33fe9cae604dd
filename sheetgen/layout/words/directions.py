"""Along which lines the sums, the maxima and the like in an expression run: told once where all of them agree, at its
end, else at each. What isn't told runs down the columns."""

from __future__ import annotations

from collections.abc import Iterator

from sheetgen.ir.node import Node
from sheetgen.ops.base import operation

Axis = int | None
SAID: dict[Axis, str] = {0: "each column", 1: "each row", None: "over all"}
UNSAID = 0
"""The axis of what tells none."""
OWN = ("sort", "ranks", "in_order", "top_k")
"""Operations whose own text tells the axis."""


def directed(node: Node) -> tuple[Node, str]:
    """`node`, with its direction put to each operation in it where they differ, and what its end is to tell of all."""
    own = _tells(node)
    inner = [found for arg in node.args for found in _inside(arg, _seen(node))] if own else [*_inside(node)]
    axes = {axis for _, axis in inner}
    if own:
        return (_in_place(node, root=True) if axes - {_axis(node)} else node), SAID[_axis(node)]
    if node.shape == (1, 1):
        return (_in_place(node) if any(_hides(each, axis) for each, axis in inner) else node), ""
    if len(axes) > 1:
        return _in_place(node), ""
    free = {axis for each, axis in inner if each.op != "symbol"}  # a sign beside its row shows how it runs
    if not free:
        return node, ""
    sums = [arg for arg in node.args if arg.shape != (1, 1)]
    mere = operation(node).kind == "elementwise" and all(_reduces(arg) and arg.shape == node.shape for arg in sums)
    return node, SAID[free.pop()] if mere or axes != {UNSAID} else ""


def along(node: Node, axis: Axis) -> Node:
    """`node`, which is written with its direction."""
    return Node("along", (node,), node.shape, name=SAID[axis])


def _tells(node: Node) -> bool:
    """Whether it tells at the end of a whole side of an equation along what it runs."""
    if not _has_axis(node) or node.op in (*OWN, "symbol"):
        return False
    told = node.shape != (1, 1) if _reduces(node) else _axis(node) == 1 or _axis_told(node, seen=True)
    return bool(told) and (_reduces(node) or _axis(node) != UNSAID)


def _inside(node: Node, seen: bool = False) -> Iterator[tuple[Node, Axis]]:
    """The operations in `node` that run along lines, and along which."""
    if _axis_told(node, seen):
        yield node, _axis(node)
    for arg in node.args if node.op != "gradient" else ():  # which is a name
        yield from _inside(arg, seen or _seen(node))


def _seen(node: Node) -> bool:
    return node.shape != (1, 1)


def _axis_told(node: Node, seen: bool) -> bool:
    """Whether its direction makes a difference: of one row or column, and for what makes one number of what one number
    is made of, there is but one."""
    if node.op == "symbol":
        return _has_axis(node)
    if not _has_axis(node) or node.op in OWN:
        return False
    if 1 in node.args[0].shape:  # what keeps its shape goes along its only row, or stays as it is
        return not _reduces(node) and _axis(node) == 1 and node.shape[1] > 1
    return seen or _axis(node) is not None


def _has_axis(node: Node) -> bool:
    return "axis" in dict(node.options) or "axis" in operation(node).options


def _axis(node: Node) -> Axis:
    default = operation(node).options.get("axis")
    found: Axis = node.option("axis", default.default if default is not None else None)
    return found


def _reduces(node: Node) -> bool:
    """Whether it makes one number of each line."""
    if not _has_axis(node) or not node.args:
        return False
    return operation(node).kind == "reduction" or node.shape != node.args[0].shape


def _hides(node: Node, axis: Axis) -> bool:
    """Whether it would be misread inside of one number: a sum as that of everything, another function as one of
    columns."""
    return node.op != "symbol" and (axis is not None if _reduces(node) else axis != UNSAID)


def _in_place(node: Node, root: bool = False, seen: bool = False) -> Node:
    """`node` with a direction at each operation in it, not at the `root`."""
    if node.op in ("gradient", "symbol"):
        return node
    made = node.with_args(tuple(_in_place(arg, seen=seen or _seen(node)) for arg in node.args))
    return along(made, _axis(node)) if not root and _axis_told(node, seen) else made
