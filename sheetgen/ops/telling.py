"""Words for one use of an operation: along which lines it runs, and which numbers it was given."""

from __future__ import annotations

from collections.abc import Iterable

from sheetgen.ir.node import Node

LINES = ("column", "row")


def line(node: Node) -> str:
    """What it runs along, `column` unless another axis was chosen."""
    return LINES[node.option("axis", 0)]


def across(node: Node) -> str:
    """What lies across that."""
    return LINES[1 - node.option("axis", 0)]


def amount(node: Node, otherwise: str) -> str:
    """A number, or the name of a matrix; `otherwise` for anything that was computed on the way."""
    if node.value is not None:
        return f"{node.value:g}"
    return node.name if node.is_matrix else otherwise


def filled(text: str, node: Node, names: Iterable[str]) -> str:
    """`text` with the arguments of these names, in their order, put in where it has them in braces."""
    return text.format(**{name: amount(arg, name) for name, arg in zip(names, node.args, strict=False)})


def first(node: Node) -> str:
    """What comes first where something was put in order."""
    return "largest" if node.option("descending", False) else "smallest"


def half(node: Node, second: bool = False) -> str:
    """`the upper half of the rows`, `the right half of the columns`."""
    side, lines = (("upper", "lower"), "rows") if line(node) == "column" else (("left", "right"), "columns")
    return f"the {side[second]} half" + ("" if second else f" of the {lines}")
