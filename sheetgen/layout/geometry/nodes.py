"""Expressions as the geometry sees them; `operands`, `simplify`, `derive` and `products` look inside a `Node` too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sheetgen.ir.node import Node, call
from sheetgen.ir.node import matrix as leaf
from sheetgen.ops.base import operation


def size(node: Node) -> int:
    """The number of nodes in an expression."""
    return 1 + (sum(map(size, node.args)) if not node.is_leaf else 0)


def rebuild(node: Node, change: Callable[[Node], Node | None]) -> Node:
    """`node` with each part that `change` has something for replaced by it, from the outside in."""
    changed = change(node)
    if changed is not None:
        return changed
    if not node.args:
        return node
    return node.with_args(tuple([rebuild(arg, change) for arg in node.args]))


def inline(node: Node, definitions: Mapping[str, Node]) -> Node:
    """`node` with definitions put in the place of the matrices that they define; they must hold none of these."""
    if not definitions:
        return node
    return rebuild(node, lambda part: definitions.get(part.name) if part.is_matrix else None)


def summands(node: Node) -> list[Node]:
    """The terms of a sum."""
    terms, todo = [], [node]
    while todo:
        at = todo.pop()
        if at.op == "add" and all(arg.shape == at.shape for arg in at.args):
            todo += reversed(at.args)
        else:
            terms.append(at)
    return terms


def sum_of(terms: list[Node]) -> Node:
    """The sum of at least one term, as a tree of little depth."""
    while len(terms) > 1:
        pairs = [terms[k : k + 2] for k in range(0, len(terms), 2)]
        terms = [call("add", *pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return terms[0]


def is_stack(node: Node) -> bool:
    """Whether it is a stack of matrices."""
    return operation(node).stacks is not None


def is_ones(node: Node) -> bool:
    """A matrix of ones."""
    return node.op == "ones"


def ones(height: int) -> Node:
    """A column of ones."""
    return Node("ones", shape=(height, 1))


def is_sum(node: Node) -> bool:
    """Whether adding is the last thing that it does."""
    return node.op == "add"


def reduction(node: Node) -> tuple[Node, int | None] | None:
    """What is reduced and along which axis (None: all of it), if a reduction is the last thing that `node` does."""
    if not node.is_leaf and node.kind == "reduction":
        return node.args[0], node.option("axis")
    return None


def reductions(node: Node) -> Iterator[Node]:
    """The reductions in an expression."""
    if not node.is_leaf:
        if node.kind == "reduction":
            yield node
        for arg in node.args:
            yield from reductions(arg)


def mask(node: Node) -> Node | None:
    """What must hold where a choice lets something through, if it is 0 elsewhere."""
    if node.op != "where" or not node.args[2].is_number or node.args[2].value != 0:
        return None
    return node.args[0]


def signature(node: Node) -> object:
    """Operations and shapes without names and numbers: equal for the same form, wherever a slice begins."""
    if not node.is_leaf:
        options = () if node.op == "slice" else node.options
        return (node.op, node.shape, options, *map(signature, node.args))
    return node.shape


def calls(node: Node) -> Iterator[Node]:
    """The operations in an expression."""
    if not node.is_leaf:
        yield node
        for arg in node.args:
            yield from calls(arg)


def rename(node: Node, names: Mapping[str, str]) -> Node:
    """`node` with its matrices renamed."""

    def change(part: Node) -> Node | None:
        return leaf(names[part.name], part.shape) if part.is_matrix and part.name in names else None

    return rebuild(node, change)


def swap(node: Node, parts: Mapping[Node, Node]) -> Node:
    """`node` with its reductions replaced where `parts` has something for them."""
    if not parts:
        return node
    return rebuild(node, lambda part: parts.get(part) if reduction(part) else None)


def total_rows(node: Node) -> Node:
    """The sum of each column."""
    return call("sum", node, axis=0)


def total_columns(node: Node) -> Node:
    """The sum of each row."""
    return call("sum", node, axis=1)


def is_column_of(node: Node, product: Node) -> bool:
    """Whether `node` is a product of rows and a column of the two factors of `product`."""
    if node.is_leaf or product.is_leaf or (node.op, product.op) != ("matmul", "matmul"):
        return False
    pairs = zip(node.args, product.args, strict=True)
    return all([r.name for r in a.references] == [r.name for r in b.references] for a, b in pairs)


def product(left: Node, right: Node) -> Node:
    """The product of two matrices."""
    return call("matmul", left, right)


def is_product(node: Node) -> bool:
    """Whether a product is the last thing that it does."""
    return node.op == "matmul"


def factors(node: Node) -> tuple[Node, Node]:
    """The two factors of a product. Raises ValueError for anything else."""
    if node.op != "matmul":
        raise ValueError(f"{node} is no product")
    return node.args[0], node.args[1]


def above(node: Node) -> Node | None:
    """The second factor of a product."""
    return node.args[1] if node.op == "matmul" else None


def with_above(node: Node, factor: Node) -> Node:
    """A product with another second factor."""
    return Node(node.op, (node.args[0], factor), node.shape, node.options)


def only_product(node: Node) -> Node | None:
    """The one product of its size in an expression, which else only adds something or multiplies by it."""
    found = [each for each in calls(node) if is_product(each)]
    return found[0] if len(found) == 1 and found[0].shape == node.shape else None
