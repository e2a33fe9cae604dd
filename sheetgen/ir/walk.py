"""Walking through expressions: what they refer to, their summands, the same with other names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce

from sheetgen.ir.node import Node, call, matrix


def nodes(node: Node) -> Iterator[Node]:
    """`node` and everything in it, each before its arguments."""
    yield node
    for arg in node.args:
        yield from nodes(arg)


def references(node: Node) -> list[Node]:
    """All matrices in `node`, in reading order, with repetitions."""
    return [leaf for leaf in nodes(node) if leaf.is_matrix]


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
    if node.is_matrix:
        return leaf(node)
    return replace(node, args=tuple(replaced(arg, leaf) for arg in node.args)) if node.args else node


def inline(node: Node, definitions: Mapping[str, Node]) -> Node:
    """`node` with what `definitions` say of its matrices put in their place."""
    return replaced(node, lambda m: inline(definitions[m.name], definitions) if m.name in definitions else m)


def substitute(node: Node, new: Mapping[str, str]) -> Node:
    """`node` with its matrices renamed."""
    return replaced(node, lambda m: matrix(new.get(m.name, m.name), m.shape))
