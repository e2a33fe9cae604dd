"""Signs in gutters: how a box at the left of a result enters what the result's cells compute."""

from __future__ import annotations

from collections.abc import Iterator

from sheetgen.ir.node import Node
from sheetgen.layout.words.notation import ARROW, number_text
from sheetgen.layout.words.plain import plain
from sheetgen.ops.base import operation

MIRRORED = {">": "<", "<": ">", "≥": "≤", "≤": "≥"}
"""Comparisons that are read along the row, where their second operand stands first."""
Sign = tuple[str, ...]
"""A sign, and what follows it where a total is scaled: `Σ` and `÷ 8`."""
Path = tuple[tuple[Node, int], ...]
"""The operations around an operand, the innermost first, and which argument of each it is in."""


def gutter(node: Node, key: str) -> Sign:
    """The sign between the box `key` and the result that computes `node`: of the operation that joins it with another
    matrix, of a total, or of the function; an arrow for products, choices, and whatever has no sign."""
    paths = [list(_signs(path)) for path in _paths(plain(node), key)]
    return next((sign for sign in paths[0] if all(sign in path for path in paths)), (ARROW,)) if paths else (ARROW,)


def total(node: Node, key: str) -> Sign:
    """`Σ`, or `Σ` and `÷ 8`, if `node` is nothing but a scaled total of the box `key`; empty for anything else."""
    paths = list(_paths(plain(node), key))
    if len(paths) != 1 or not paths[0] or operation(paths[0][0][0]).kind != "reduction":
        return ()
    return _scaled(operation(paths[0][0][0]).sign, paths[0][1:]) or ()


def _paths(node: Node, key: str, outside: Path = ()) -> Iterator[Path]:
    """From each place of a matrix in an expression outwards."""
    if node.is_matrix and node.name == key:
        yield outside
    for k, arg in enumerate(node.args):
        yield from _paths(arg, key, ((node, k), *outside))


def _signs(path: Path) -> Iterator[Sign]:
    """What may stand for a path, the best first."""
    functions: list[Sign] = []
    for at, (node, k) in enumerate(path):
        known, others = operation(node), [arg for arg in node.args if arg is not node.args[k]]
        if known.kind == "product" or node.op == "where":
            yield (known.sign or ARROW,) if known.kind == "product" else (ARROW,)
            return
        if known.kind == "reduction":
            scaled = _scaled(known.sign, path[at + 1 :])
            if scaled is not None:
                yield scaled
        elif known.kind != "elementwise" or not others or all(arg.is_number for arg in others):
            functions += [(known.sign,)] if len(node.args) == 1 and known.sign else []
        elif all(arg.shape == (1, 1) != node.args[k].shape for arg in others):
            functions.append((_between(node, k),))
        else:
            yield (_between(node, k),)
    yield from functions


def _between(node: Node, k: int) -> str:
    """The sign of an operation, seen from its argument `k`."""
    sign, other = operation(node).sign, node.args[1 - k] if len(node.args) == 2 else node
    if node.op == "multiply" and ((1, 1) in (other.shape, node.args[k].shape) or "log" in (other.op, node.args[k].op)):
        return "·"
    return (MIRRORED.get(sign, sign) if k == 1 else sign) or ARROW


def _scaled(sign: str, outside: Path) -> Sign | None:
    """A total with what it is multiplied or divided by; None if more is done with it."""
    after = ""
    for node, k in outside:
        other = node.args[1 - k] if len(node.args) == 2 else None
        if node.op == "negative":
            sign = f"−{sign}"
        elif node.op == "divide" and k == 0 and other is not None and other.is_number and not after:
            after = f"÷ {number_text(other.value or 0.0):/}"
        elif node.op == "multiply" and other is not None and other.is_number and not after:
            sign = f"{number_text(other.value or 0.0):*}{sign}"
        else:
            return None
    return (sign, after) if after else (sign,)
