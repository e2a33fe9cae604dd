"""Nodes written back as expressions, as a reader should see them."""

from __future__ import annotations

from sheetgen.ir.node import Node
from sheetgen.ops import OPERATIONS

CONSTANTS = ("zeros", "ones", "eye")
LEVEL = {"@": 3, "*": 3, "/": 3, "+": 2, "-": 2, "**": 5}


def show(node: Node, level: int = 0) -> str:
    """`node` as an expression; in parentheses if it binds less tightly than `level`."""
    if node.value is not None:
        text = number_text(node.value)
        return f"({text})" if node.value < 0 and level > 2 else text
    if node.is_matrix:
        return node.name
    options = dict(node.options)
    args = node.args
    if node.op == "transpose":
        return f"{show(args[0], 9)}.T"
    if node.op == "slice":
        spans = [
            ":" if span == (0, size) else str(span[0]) if span[1] == span[0] + 1 else f"{span[0]}:{span[1]}"
            for span, size in zip((options["rows"], options["columns"]), args[0].shape, strict=True)
        ]
        return f"{show(args[0], 9)}[{', '.join(spans)}]"
    if node.op in ("vstack", "hstack"):
        return f"[{(' ; ' if node.op == 'vstack' else ' | ').join(show(arg) for arg in args)}]"
    if node.op == "ones" and 1 in node.shape:
        return "1"
    if node.op in CONSTANTS:
        size = (
            str(node.shape[0])
            if node.op == "eye" and node.shape[0] == node.shape[1]
            else f"({node.shape[0]}, {node.shape[1]})"
        )
        return f"{node.op}({size})"
    symbol = OPERATIONS[node.op].symbol
    if node.op == "negative":
        text, own = f"-{show(args[0], 4)}", 2
    elif symbol:
        own = LEVEL.get(symbol, 1)
        text = f"{show(args[0], own + (symbol == '**'))} {symbol} {show(args[1], own + 1)}"
    else:
        defaults = OPERATIONS[node.op].options
        shown = [
            show(arg)
            for arg, (_, default) in zip(args, OPERATIONS[node.op].arguments, strict=True)
            if arg.value is None or arg.value != default
        ]
        shown += [f"{k}={v!r}" for k, v in options.items() if k not in defaults or v != defaults[k]]
        return f"{node.op}({', '.join(shown)})"
    return f"({text})" if own < level else text


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number; 2 rather than 2.0."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
