"""Walking through expressions and statements: what they refer to, what leads where, the same with other names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce

from sheetgen.ir.node import Node, call, matrix
from sheetgen.ir.program import Statement


def nodes(node: Node) -> Iterator[Node]:
    """`node` and everything in it, each before its arguments."""
    stack = [node]
    while stack:
        yield (at := stack.pop())
        stack.extend(reversed(at.args))


def summands(node: Node) -> list[Node]:
    """The terms of a sum."""
    return [term for arg in node.args for term in summands(arg)] if node.op == "add" else [node]


def added(terms: Sequence[Node]) -> Node:
    """The sum of at least one term, just as they are: `summands` backwards."""
    return reduce(lambda total, term: call("add", total, term), terms)


def is_constant(node: Node) -> bool:
    """Made of numbers only, such as `sqrt(3)`."""
    return node.is_number or (node.kind == "elementwise" and all(map(is_constant, node.args)))


def replaced(node: Node, leaf: Callable[[Node], Node]) -> Node:
    """`node` with each of its matrices replaced by what `leaf` makes of it."""
    return leaf(node) if node.is_matrix else node.with_args(tuple(replaced(arg, leaf) for arg in node.args))


def inline(node: Node, definitions: Mapping[str, Node]) -> Node:
    """`node` with what `definitions` say of its matrices put in their place."""
    return replaced(node, lambda m: inline(definitions[m.name], definitions) if m.name in definitions else m)


def substitute(node: Node, new: Mapping[str, str]) -> Node:
    """`node` with its matrices renamed."""
    return replaced(node, lambda m: matrix(new[m.name], m.shape) if m.name in new else m)


def leading_to(names: Iterable[str], statements: Sequence[Statement]) -> set[str]:
    """`names` and everything that they are computed from."""
    found = set(names)
    for s in reversed(statements):
        if s.name in found:
            found |= {ref.name for ref in s.expr.references}
    return found


def depending_on(names: Iterable[str], statements: Sequence[Statement]) -> set[str]:
    """`names` and everything that is computed from them."""
    found = set(names)
    for s in statements:
        if any(ref.name in found for ref in s.expr.references):
            found.add(s.name)
    return found
