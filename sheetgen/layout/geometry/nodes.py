"""Expressions as the geometry sees them: their operands, and what is put in an operand's place.

An *operand* is a matrix, or a transpose or slice of one. Besides `simplify`, no module looks inside a `Node`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sheetgen.ir.node import Node, Shape, call
from sheetgen.ir.node import matrix as leaf
from sheetgen.layout.geometry.figure import Span
from sheetgen.ops.views import cut

VIEWS = ("transpose", "slice")
STACKS = {"vstack": 0, "hstack": 1}
CONSTANTS = ("ones", "zeros", "eye")


@dataclass(frozen=True)
class View:
    """What an operand shows: a matrix or a part of it, turned or not. `exact` if nothing else is done to it."""

    matrix: str
    rows: Span | None = None
    columns: Span | None = None
    turned: bool = False
    exact: bool = True


def is_operand(node: Node) -> bool:
    """Whether it is a matrix, or transposes and slices of one."""
    while node.op in VIEWS:
        node = node.args[0]
    return node.is_matrix


def scaled_operand(node: Node) -> Node | None:
    """The operand in an operand times or by numbers, or its negative; None for anything else."""
    if is_operand(node):
        return node
    if node.op in ("multiply", "divide", "negative", *VIEWS):
        inner = [arg for arg in node.args if not arg.is_number]
        if len(inner) == 1 and inner[0].shape in (node.shape, node.shape[::-1]) and node.op != "slice":
            return scaled_operand(inner[0])
    return None


def base(node: Node) -> Node | None:
    """The matrix that an operand, scaled or not, is taken from."""
    found = scaled_operand(node)
    while found is not None and not found.is_leaf:
        found = found.args[0]
    return found if found is not None and found.is_matrix else None


def view(node: Node) -> View:
    """What an operand shows. Raises ValueError if it isn't one."""
    if node.is_matrix:
        return View(node.name)
    if node.is_leaf or not node.args:
        raise ValueError(f"{node} is no operand")
    if node.op not in VIEWS:
        inner = [arg for arg in node.args if not arg.is_number]
        seen = view(inner[0])
        return View(seen.matrix, seen.rows, seen.columns, seen.turned, False)
    seen = view(node.args[0])
    if node.op == "transpose":
        return View(seen.matrix, seen.rows, seen.columns, not seen.turned, seen.exact)
    cuts = [_span(node.option("rows"), node.shape[0], node.args[0].shape[0]),
            _span(node.option("columns"), node.shape[1], node.args[0].shape[1])]  # fmt: skip
    if seen.turned:
        cuts.reverse()
    return View(seen.matrix, _within(seen.rows, cuts[0]), _within(seen.columns, cuts[1]), seen.turned, seen.exact)


def _span(span: Span, size: int, whole: int) -> Span | None:
    return None if size == whole else (span[0], span[1])


def _within(outer: Span | None, inner: Span | None) -> Span | None:
    if outer is None or inner is None:
        return outer or inner
    return (outer[0] + inner[0], outer[0] + inner[1])


def operands(node: Node) -> Iterator[Node]:
    """The operands in an expression, in reading order, with repetitions."""
    if is_operand(node):
        yield node
    elif not node.is_leaf:
        for arg in node.args:
            yield from operands(arg)


def references(node: Node) -> Iterator[Node]:
    """The matrices in an expression, in reading order, with repetitions."""
    if node.is_matrix:
        yield node
    elif not node.is_leaf:
        for arg in node.args:
            yield from references(arg)


def size(node: Node) -> int:
    """The number of nodes in an expression."""
    return 1 + (sum(map(size, node.args)) if not node.is_leaf else 0)


def rebuild(node: Node, change: Callable[[Node], Node | None]) -> Node:
    """`node` with each part that `change` has something for replaced by it, from the outside in."""
    changed = change(node)
    if changed is not None:
        return changed
    if node.is_leaf or not node.args:
        return node
    args = tuple(rebuild(arg, change) for arg in node.args)
    if all(new is old for new, old in zip(args, node.args, strict=True)):
        return node
    return Node(node.op, args, node.shape, node.options)


def inline(node: Node, definitions: Mapping[str, Node]) -> Node:
    """`node` with definitions put in the place of the matrices that they define; they must hold none of these."""
    if not definitions:
        return node
    return rebuild(node, lambda part: definitions.get(part.name) if part.is_matrix else None)


def put(node: Node, copies: Mapping[Node, Node], homes: Mapping[str, Node]) -> Node:
    """`node` over boxes: operands that have a copy read that, all others the homes of their matrices."""

    def change(part: Node) -> Node | None:
        if copies and (is_stack(part) or is_ones(part) or scaled_operand(part) is not None) and part in copies:
            return copies[part]
        if not is_operand(part):
            return None
        if copies and (turned := flip(part)) in copies:
            return turn(copies[turned])
        if part.is_matrix:
            return homes.get(part.name, part)
        return _viewed(part, put(part.args[0], copies, homes)) if not part.is_leaf else None

    return rebuild(node, change)


def _viewed(part: Node, inner: Node) -> Node:
    """The transpose or slice `part` of what now stands in its argument's place; of a stack, only the parts needed."""
    if part.is_leaf or inner is part.args[0]:
        return part
    if part.op == "transpose":
        return inner.T
    rows, columns = part.option("rows"), part.option("columns")
    return cut(cut(inner, 0, *rows), 1, *columns)


def flip(node: Node) -> Node:
    """The transpose of an operand; of a transpose what it is the transpose of."""
    return node.T


def turn(node: Node) -> Node:
    """The transpose of any expression."""
    return node.T


def part_of(node: Node, rows: Span | None, columns: Span | None) -> Node:
    """Rows and columns of an expression's value: cut out of its operands where that is possible."""
    if not node.is_leaf and node.kind == "elementwise":
        args = []
        for arg in node.args:  # what is broadcast stays whole
            down, across = (size == whole for size, whole in zip(arg.shape, node.shape, strict=True))
            args.append(part_of(arg, rows if down else None, columns if across else None))
        return call(node.op, *args, **dict(node.options))
    term = node
    for axis, span in ((0, rows), (1, columns)):
        if span is not None:
            term = cut(term, axis, *span)
    return term


def stack(nodes: list[Node], axis: int) -> Node:
    """Below one another (axis 0) or side by side; a single one as it is."""
    return nodes[0] if len(nodes) == 1 else call("hstack" if axis else "vstack", *nodes)


def stacked(node: Node, axis: int) -> list[Node]:
    """The parts of a stack along `axis`; any other expression as its only part."""
    if not node.is_leaf and STACKS.get(node.op) == axis:
        return list(node.args)
    return [node]


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
    return node.op in STACKS


def is_ones(node: Node) -> bool:
    """A matrix of ones."""
    return node.op == "ones"


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


def signature(node: Node) -> object:
    """Operations and shapes without names and numbers: equal for the same form, wherever a slice begins."""
    if not node.is_leaf:
        options = () if node.op == "slice" else node.options
        return (node.op, node.shape, options, *map(signature, node.args))
    return node.shape


def shape_of(node: Node) -> Shape:
    """Rows and columns."""
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


def split_rows(name: str, expr: Node) -> tuple[list[tuple[str, Node]], Node]:
    """Reductions of an operand that the same formula also reads cell by cell, as rows of their own with keys, and the
    formula that reads them. (A softmax's maximum.)"""
    if expr.is_leaf or expr.kind != "elementwise":
        return [], expr
    direct = _direct(expr)
    rows: dict[Node, Node] = {}
    for found in reductions(expr):
        if found.option("axis") is not None and found.args[0].shape != (1, 1) and found.args[0] in direct:
            rows[found] = rows.get(found) or leaf(f"{name}@{found.op}{len(rows) + 1}", found.shape)
    return [(ref.name, row) for row, ref in rows.items() if ref.is_matrix], swap(expr, rows)


def _direct(node: Node) -> set[Node]:
    """Operands that a formula reads cell by cell."""
    if is_operand(node):
        return {node}
    if not node.is_leaf and node.kind == "elementwise":
        return {operand for arg in node.args for operand in _direct(arg)}
    return set()


def sign_of(node: Node, name: str) -> str:
    """How a matrix enters an expression, for a gutter: the operation's name if it is one step of arithmetic, perhaps
    within a function, or the function; else `→`."""
    while not node.is_leaf:
        args = [arg for arg in node.args if not arg.is_number]
        plain = [arg for arg in args if is_operand(arg) and any(ref.name == name for ref in references(arg))]
        if len(args) == 1 and not plain:
            node = args[0]
        elif plain and node.kind in ("elementwise", "reduction") and node.op != "where":
            return node.op
        else:
            return "→"
    return "→"


def is_column_of(node: Node, product: Node) -> bool:
    """Whether `node` is a product of rows and a column of the two factors of `product`."""
    if node.is_leaf or product.is_leaf or (node.op, product.op) != ("matmul", "matmul"):
        return False
    pairs = zip(node.args, product.args, strict=True)
    return all([r.name for r in references(a)] == [r.name for r in references(b)] for a, b in pairs)


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
    return Node(node.op, (node.args[0], factor), node.shape, node.options) if not node.is_leaf else node
