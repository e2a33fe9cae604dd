"""Expressions as texts with other names in them: what a function's lines become where it is used."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping

CALL = re.compile(r"(?<![\w.])([^\W\d]\w*)\s*\(")


def calls_in(text: str) -> list[str]:
    """The names that a text calls, also where braces keep it from being read as Python."""
    return CALL.findall(text)


def tree_of(text: str) -> ast.Module | None:
    """`name = expression` as Python reads it; None if it can't."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def renamed(text: str, names: Mapping[str, str]) -> str:
    """`text` with what stands for each of `names`; as it is if Python can't read it."""
    tree = tree_of(text)
    if tree is None:
        return text
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in names]
    return replaced(text, [(node, names[node.id]) for node in found])


def replaced(text: str, parts: list[tuple[ast.expr, str]]) -> str:
    """`text` with other texts in the places of nodes that were parsed from it; none of them within another."""
    raw = text.encode()
    starts = [0]
    for line in raw.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for node, new in sorted(parts, key=lambda part: (part[0].lineno, part[0].col_offset), reverse=True):
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or 1) - 1] + (node.end_col_offset or 0)
        raw = raw[:start] + new.encode() + raw[end:]
    return raw.decode()


def segment(text: str, node: ast.expr) -> str:
    """What stands in `text` for a node that was parsed from it, in one line."""
    found = ast.get_source_segment(text, node)
    return found if found and "\n" not in found else ast.unparse(node)


def uses(tree: ast.AST, functions: Collection[str]) -> Iterator[ast.Call]:
    """The outermost calls of `functions`, from left to right."""
    left = [tree]
    while left:
        node = left.pop()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions:
            yield node
        else:
            left += reversed(list(ast.iter_child_nodes(node)))


def stands_for_itself(tree: ast.expr) -> bool:
    """Whether it needs no matrix of its own: a name, a number, or a matrix turned or cut."""
    cut = False
    while isinstance(tree, ast.Subscript) or (isinstance(tree, ast.Attribute) and tree.attr == "T"):
        tree, cut = tree.value, True
    match tree:
        case ast.Name():
            return True
        case ast.Constant() | ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
            return not cut
    return False


def put_in(text: str) -> str:
    """A text in the place of a name: a negative number in parentheses."""
    return f"({text})" if text.startswith("-") else text
