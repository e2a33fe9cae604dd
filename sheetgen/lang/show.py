"""Nodes written back as expressions, as a reader should see them."""

from __future__ import annotations

from sheetgen.ir.node import Node
from sheetgen.ops import operation

LEVEL = {"@": 3, "*": 3, "/": 3, "+": 2, "-": 2, "**": 5}


def show(node: Node, level: int = 0) -> str:
    """`node` as an expression; in parentheses if it binds less tightly than `level`."""
    if node.value is not None:
        text = number_text(node.value)
        return f"({text})" if node.value < 0 and level > 2 else text
    if node.is_matrix:
        return node.name
    rule = operation(node)
    if rule.written:
        return rule.written(node, show)
    if not rule.symbol:
        return _called(node)
    if len(node.args) == 1:
        text, own = f"{rule.symbol}{show(node.args[0], 4)}", 2
    else:
        own = LEVEL.get(rule.symbol, 1)
        left, right = show(node.args[0], own + (rule.symbol == "**")), show(node.args[1], own + 1)
        text = f"{left} {rule.symbol} {right}"
    return f"({text})" if own < level else text


def _called(node: Node) -> str:
    """`name(x, option=…)`, without what is as it would be if it were left out."""
    rule = operation(node)
    shown = [
        show(arg)
        for arg, (_, default) in zip(node.args, rule.arguments, strict=True)
        if arg.value is None or arg.value != default
    ]
    defaults = {name: option.default for name, option in rule.options.items()}
    shown += [f"{name}={value!r}" for name, value in node.options if name not in defaults or value != defaults[name]]
    return f"{node.op}({', '.join(shown)})"


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number; 2 rather than 2.0."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
