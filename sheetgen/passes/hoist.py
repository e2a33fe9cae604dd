"""Normal form: every statement becomes something that can be drawn in one piece.

A drawable statement is a product of operands, a range operation on operands, or a tree of
arithmetic over single cells with at most one function, at its root. Whatever else an
expression holds is computed first, in an auxiliary matrix with a readable name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sheetgen.ir.node import Node, matrix
from sheetgen.ir.program import Origin
from sheetgen.ir.walk import added, is_constant, nodes, summands
from sheetgen.ops import operation
from sheetgen.ops.base import full, is_ones, ones
from sheetgen.ops.masks import Mask, branch
from sheetgen.ops.views import seen_through, stack

LONGEST_STEM = 100
"""Of an auxiliary name: nested functions would make it longer than a workbook's names can be."""


class Piece(NamedTuple):
    """`name = expr`; `origin` tells what a helper is for."""

    name: str
    expr: Node
    origin: Origin | None = None


def normal_form(
    name: str,
    node: Node,
    fresh: Callable[[str], str],
    is_bias: Callable[[str], bool] = lambda name: False,
    inline_products: bool = False,
) -> list[Piece]:
    """Statements that compute `node` as `name`, which is the last of them.

    `fresh` makes a wished-for name unique; `is_bias(name)` tells the matrices that may be drawn
    as a bias column beside the weights. With `inline_products`, products of operands may be
    summands and factors; they aren't drawn as on paper then.
    """
    hoister = _Hoister(name, fresh, is_bias, inline_products)
    root = hoister.root(node)
    return [*hoister.out, Piece(name, root)]


class _Hoister:
    def __init__(
        self, name: str, fresh: Callable[[str], str], is_bias: Callable[[str], bool], inline_products: bool = False
    ) -> None:
        self.name, self.fresh, self.is_bias, self.inline_products = name, fresh, is_bias, inline_products
        self.op = ""
        """The operation at the root."""
        self.out: list[Piece] = []
        self.done: dict[Node, Node] = {}

    def root(self, node: Node) -> Node:
        self.op = node.op
        if node.is_leaf or is_constant(node):
            return node
        product = None if self.inline_products else self.product(node)
        if product is not None:
            return product
        if operation(node).arithmetic or node.kind == "product":
            return self.tree(node)
        if node.kind == "elementwise":
            return self.rebuild(node, self.leaf, "pre")
        if node.kind == "view":
            return self.leaf(node, "pre")
        return self.rebuild(node, self.range, "terms" if node.kind == "reduction" else "pre")

    def rebuild(self, node: Node, each: Callable[[Node, str], Node], suffix: str) -> Node:
        return node.with_args(tuple(each(arg, suffix) for arg in node.args))

    def hoist(self, node: Node, suffix: str) -> Node:
        """Compute `node` on its own first; once, however often it occurs."""
        if node in self.done:
            return self.done[node]
        if not (node.is_leaf or operation(node).arithmetic or node.kind == "product"):
            suffix = node.op
        name = self.fresh(f"{self.name[:LONGEST_STEM]}_{suffix}")
        inner = _Hoister(name, self.fresh, self.is_bias, self.inline_products)
        inner.done = self.done
        root = inner.root(node)
        self.out += [*inner.out, Piece(name, root, Origin(self.op, suffix, self.name))]
        self.done[node] = matrix(name, node.shape)
        return self.done[node]

    def tree(self, node: Node, guarded: bool = False, mask: Mask | None = None) -> Node:
        """Arithmetic may nest, and so may reductions of operands; in the branches of a condition (`guarded`) also what
        may give no finite number, as it must not be computed where its branch isn't taken, which `mask` tells."""
        if node.is_leaf or is_constant(node):
            return node
        if self.inline_products and node.kind == "product":
            return self.rebuild(node, self.operand, "factor")
        if len(summands(node)) > 1 and not self.inline_products and (mixed := self.product_and_more(node)) is not None:
            return mixed
        rule = operation(node)
        if rule.arithmetic or (guarded and rule.why and node.kind == "elementwise"):
            args = (self.tree(arg, guarded or (bool(rule.selects) and k not in rule.selects), branch(node, k, mask))
                    for k, arg in enumerate(node.args))  # fmt: skip
            return node.with_args(tuple(args))
        node = held(node, mask)
        if node.kind == "view":
            return self.leaf(node, "view")
        if node.kind == "reduction":
            return self.rebuild(node, self.range, "terms")
        return self.hoist(node, "product")

    def leaf(self, node: Node, suffix: str) -> Node:
        """A cell's source: a number, a matrix or a view of matrices."""
        if node.is_leaf or is_constant(node):
            return node
        if node.kind == "view":
            return self.rebuild(node, lambda arg, suffix: self.leaf(as_matrix(arg), suffix), suffix)
        if self.inline_products and node.kind == "product":
            return self.rebuild(node, self.operand, "factor")
        return self.hoist(node, suffix)

    def operand(self, node: Node, suffix: str, within: bool = False) -> Node:
        """A range's source: a matrix, or a transpose, slice or stack of matrices (there, also ones)."""
        if node.is_matrix:
            return node
        if node.is_number:
            return node if suffix == "pre" else self.operand(as_matrix(node), suffix, within)
        if operation(node).operand:
            axis = operation(node).stacks
            args = tuple(self.operand(arg if axis is None else as_matrix(arg), suffix, axis is not None)
                         for arg in node.args)  # fmt: skip
            return node.with_args(args) if axis is None else stack(axis, args)
        if is_ones(node) and within:
            return node
        return self.hoist(node, suffix)

    def range(self, node: Node, suffix: str) -> Node:
        """What a reduction or a window runs over: an operand that stands in one piece, so no stack."""
        stacked = operation(seen_through(node)).stacks is not None
        return self.hoist(node, suffix) if stacked else self.operand(node, suffix)

    # Products

    def product(self, node: Node) -> Node | None:
        """`W @ X + U @ H + b` as one product `[W | U | b] @ [X ; H ; 1]`, if `node` is such a sum."""
        terms = summands(node)
        products = [t for t in terms if t.kind == "product" and t.shape == node.shape]
        biases = [t for t in terms if not any(t is p for p in products)]
        if not products or not all(self.bias_fits(t, node) for t in biases):
            return None
        left: list[Node] = []
        right: list[Node] = []
        for item in map(column_first, products):
            left.append(self.operand(item.args[0], "left"))
            right.append(self.operand(item.args[1], "right"))
        rows, columns = node.shape
        for bias in biases:
            column = bias.shape == (rows, 1)
            left.append(bias if column else ones((rows, 1)))
            right.append(ones((1, columns)) if column else bias)
        return stack(1, left) @ stack(0, right)

    def bias_fits(self, node: Node, total: Node) -> bool:
        base = seen_through(node)
        fits = node.shape in ((total.shape[0], 1), (1, total.shape[1]))
        return base.is_matrix and fits and self.is_bias(base.name)

    def product_and_more(self, node: Node) -> Node | None:
        """In `X + W @ H + b`, the product with its bias is computed first."""
        terms = summands(node)
        inner = [t for t in terms if (t.kind == "product" and t.shape == node.shape) or self.bias_fits(t, node)]
        if not any(t.kind == "product" for t in inner):
            return None
        rest = [self.tree(t) for t in terms if not any(t is i for i in inner)]
        product = self.hoist(added(inner), "product")
        return added([*rest, product])


def held(node: Node, mask: Mask | None) -> Node:
    """`node` with arguments that are computed on their own, as 0 where they don't count and might be no number."""
    if mask is None or not mask.fits(node.shape if node.kind == "reduction" else (1, 1)):
        return node
    return node.with_args(
        tuple(mask.of(arg) if any(operation(inner).why for inner in nodes(arg)) else arg for arg in node.args)
    )


def column_first(product: Node) -> Node:
    """A row times a matrix times a column, `s.T @ W @ s`, as `s.T @ (W @ s)`: a column, like what it is made from."""
    left, right = product.args
    if product.shape != (1, 1) or left.kind != "product" or right.kind == "product":
        return product
    return left.args[0] @ (left.args[1] @ right)


def as_matrix(node: Node) -> Node:
    """A literal number as a 1×1 matrix; others as they are."""
    return full(node, (1, 1)) if node.is_number else node
