"""Normal form: every statement becomes something that can be drawn in one piece.

A drawable statement is a product of operands, a range operation on operands, or a tree of
arithmetic over single cells with at most one function, at its root. Whatever else an
expression holds is computed first, in an auxiliary matrix with a readable name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from sheetgen.ir.program import Call, Node, Number, Ref
from sheetgen.ops import OPERATIONS, Term, call
from sheetgen.ops.base import full, is_matmul, ones

ARITHMETIC = frozenset(
    {
        "add",
        "subtract",
        "multiply",
        "divide",
        "negative",
        "power",
        "where",
        "greater",
        "greater_equal",
        "less",
        "less_equal",
        "equal",
        "not_equal",
    }
)
LONGEST_STEM = 100
"""Of an auxiliary name: nested functions would make it longer than a workbook's names can be."""
OPERAND_VIEWS = frozenset({"transpose", "slice", "vstack", "hstack"})


class Names:
    """Names in use. Case doesn't distinguish, nor do the underscores that spreadsheets may need."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = {self.key(name): name for name in taken}

    @staticmethod
    def key(name: str) -> str:
        return name.casefold().strip("_")

    def fresh(self, wish: str) -> str:
        """`wish`, or `wish_2`, `wish_3` … if it is taken; taken from now on."""
        name, number = wish, 1
        while self.key(name) in self.taken:
            number += 1
            name = f"{wish}_{number}"
        self.taken[self.key(name)] = name
        return name


def normal_form(
    name: str,
    node: Node,
    fresh: Callable[[str], str],
    is_bias: Callable[[str], bool] = lambda name: False,
    inline_products: bool = False,
) -> list[tuple[str, Node]]:
    """Statements that compute `node` as `name`, which is the last of them.

    `fresh` makes a wished-for name unique; `is_bias(name)` tells the matrices that may be drawn
    as a bias column beside the weights. With `inline_products`, products of operands may be
    summands and factors; they aren't drawn as on paper then.
    """
    hoister = _Hoister(name, fresh, is_bias, inline_products)
    root = hoister.root(node)
    return [*hoister.out, (name, root)]


class _Hoister:
    def __init__(
        self, name: str, fresh: Callable[[str], str], is_bias: Callable[[str], bool], inline_products: bool = False
    ) -> None:
        self.name, self.fresh, self.is_bias, self.inline_products = name, fresh, is_bias, inline_products
        self.out: list[tuple[str, Node]] = []
        self.done: dict[Node, Ref] = {}

    def root(self, node: Node) -> Node:
        if not isinstance(node, Call) or is_constant(node):
            return node
        product = None if self.inline_products else self.product(node)
        if product is not None:
            return product
        kind = OPERATIONS[node.op].kind
        if node.op in ARITHMETIC or node.op == "matmul":
            return self.tree(node)
        if kind == "elementwise":
            return self.rebuild(node, self.leaf, "pre")
        if kind == "view":
            return self.leaf(node, "pre")
        return self.rebuild(node, self.range, "terms" if kind == "reduction" else "pre")

    def rebuild(self, node: Call, each: Callable[[Node, str], Node], suffix: str) -> Node:
        return Call(node.op, tuple(each(arg, suffix) for arg in node.args), node.shape, node.options)

    def hoist(self, node: Node, suffix: str) -> Ref:
        """Compute `node` on its own first; once, however often it occurs."""
        if node in self.done:
            return self.done[node]
        if isinstance(node, Call) and node.op not in ARITHMETIC and node.op != "matmul":
            suffix = node.op
        name = self.fresh(f"{self.name[:LONGEST_STEM]}_{suffix}")
        inner = _Hoister(name, self.fresh, self.is_bias, self.inline_products)
        inner.done = self.done
        root = inner.root(node)
        self.out += [*inner.out, (name, root)]
        self.done[node] = Ref(name, node.shape)
        return self.done[node]

    def tree(self, node: Node) -> Node:
        """Arithmetic may nest, and so may reductions of operands."""
        if not isinstance(node, Call) or is_constant(node):
            return node
        kind = OPERATIONS[node.op].kind
        if self.inline_products and node.op == "matmul":
            return self.rebuild(node, self.operand, "factor")
        if node.op == "add" and not self.inline_products and (mixed := self.product_and_more(node)) is not None:
            return mixed
        if node.op in ARITHMETIC:
            return self.rebuild(node, lambda arg, _: self.tree(arg), "")
        if kind == "view":
            return self.leaf(node, "view")
        if kind == "reduction":
            return self.rebuild(node, self.range, "terms")
        return self.hoist(node, "product")

    def leaf(self, node: Node, suffix: str) -> Node:
        """A cell's source: a number, a matrix or a view of matrices."""
        if not isinstance(node, Call) or is_constant(node):
            return node
        if OPERATIONS[node.op].kind == "view":
            return Call(
                node.op, tuple(self.leaf(as_matrix(arg), suffix) for arg in node.args), node.shape, node.options
            )
        if self.inline_products and node.op == "matmul":
            return self.rebuild(node, self.operand, "factor")
        return self.hoist(node, suffix)

    def operand(self, node: Node, suffix: str, within: bool = False) -> Node:
        """A range's source: a matrix, or a transpose, slice or stack of matrices (there, also ones)."""
        if isinstance(node, Ref):
            return node
        if isinstance(node, Number):
            return node if suffix == "pre" else self.operand(as_matrix(node), suffix, within)
        if node.op in OPERAND_VIEWS:
            stack = node.op.endswith("stack")
            args = tuple(self.operand(as_matrix(arg) if stack else arg, suffix, stack) for arg in node.args)
            return Call(node.op, args, node.shape, node.options)
        if node.op == "ones" and within:
            return node
        return self.hoist(node, suffix)

    def range(self, node: Node, suffix: str) -> Node:
        """What a reduction or a window runs over: an operand that stands in one piece, so no stack."""
        base = node
        while isinstance(base, Call) and base.op in ("transpose", "slice"):
            base = base.args[0]
        stacked = isinstance(base, Call) and base.op.endswith("stack")
        return self.hoist(node, suffix) if stacked else self.operand(node, suffix)

    # Products

    def product(self, node: Call) -> Node | None:
        """`W @ X + U @ H + b` as one product `[W | U | b] @ [X ; H ; 1]`, if `node` is such a sum."""
        terms = summands(node)
        products = [t for t in terms if is_matmul(t) and t.shape == node.shape]
        biases = [t for t in terms if not any(t is p for p in products)]
        if not products or not all(self.bias_fits(t, node) for t in biases):
            return None
        left: list[Node] = []
        right: list[Node] = []
        for item in products:
            left.append(self.operand(item.args[0], "left"))
            right.append(self.operand(item.args[1], "right"))
        rows, columns = node.shape
        for bias in biases:
            column = bias.shape == (rows, 1)
            left.append(bias if column else ones((rows, 1)).node)
            right.append(ones((1, columns)).node if column else bias)
        if len(left) == 1:
            return call("matmul", left[0], right[0]).node
        return call("matmul", call("hstack", *left), call("vstack", *right)).node

    def bias_fits(self, node: Node, total: Node) -> bool:
        base = node
        while isinstance(base, Call) and base.op in ("transpose", "slice"):
            base = base.args[0]
        fits = node.shape in ((total.shape[0], 1), (1, total.shape[1]))
        return isinstance(base, Ref) and fits and self.is_bias(base.name)

    def product_and_more(self, node: Call) -> Node | None:
        """In `X + W @ H + b`, the product with its bias is computed first."""
        terms = summands(node)
        inner = [
            t
            for t in terms
            if (is_matmul(t) and t.shape == node.shape) or self.bias_fits(t, node)
        ]
        if not any(is_matmul(t) for t in inner):
            return None
        rest = [self.tree(t) for t in terms if not any(t is i for i in inner)]
        product: Node = self.hoist(_sum(inner), "product")
        return _sum([*rest, product])


def _sum(nodes: list[Node]) -> Node:
    total = nodes[0]
    for node in nodes[1:]:
        total = call("add", total, node).node
    return total


def summands(node: Node) -> list[Node]:
    """The terms of a sum."""
    if isinstance(node, Call) and node.op == "add":
        return summands(node.args[0]) + summands(node.args[1])
    return [node]


def is_constant(node: Node) -> bool:
    """Made of numbers only, such as `sqrt(3)`."""
    return isinstance(node, Number) or (
        isinstance(node, Call) and OPERATIONS[node.op].kind == "elementwise" and all(is_constant(a) for a in node.args)
    )


def as_matrix(node: Node) -> Node:
    """A literal number as a 1×1 matrix; others as they are."""
    return full(Term(node), (1, 1)).node if isinstance(node, Number) else node


def references(node: Node) -> list[Ref]:
    """All references in `node`, in reading order, with repetitions."""
    if isinstance(node, Ref):
        return [node]
    return [ref for arg in node.args for ref in references(arg)] if isinstance(node, Call) else []


def inline(node: Node, definitions: Mapping[str, Node]) -> Node:
    """`node` with what `definitions` say of its references put in their place."""
    if isinstance(node, Ref) and node.name in definitions:
        return inline(definitions[node.name], definitions)
    if isinstance(node, Call):
        return replace(node, args=tuple(inline(arg, definitions) for arg in node.args))
    return node


def substitute(node: Node, new: dict[str, str]) -> Node:
    """`node` with its references renamed."""
    if isinstance(node, Ref):
        return Ref(new.get(node.name, node.name), node.shape)
    if isinstance(node, Call):
        return Call(node.op, tuple(substitute(arg, new) for arg in node.args), node.shape, node.options)
    return node
