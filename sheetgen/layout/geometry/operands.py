"""Operands: a matrix, or a transpose or slice of one; what they show, and what is put in their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from sheetgen.ir.node import Node, call, shape_text
from sheetgen.ir.node import matrix as leaf
from sheetgen.layout.geometry import nodes
from sheetgen.layout.geometry.figure import Span
from sheetgen.ops import operation
from sheetgen.ops.views import cut

VIEWS = ("transpose", "slice")


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


def is_range(node: Node) -> bool:
    """Whether a formula can compute all of it at once, as it must on the way to a reduction. What is made of constants
    alone is a single number in a formula, however often it is meant."""
    return bool(node.references) and _at_once(node)


def _at_once(node: Node) -> bool:
    if node.is_leaf or is_operand(node) or operation(node).fills is not None:
        return True
    return node.kind == "elementwise" and operation(node).array is not None and all(map(_at_once, node.args))


def takes_range(reduction: Node) -> bool:
    """Whether it runs over what stands nowhere, and doesn't look its numbers up on the sheet."""
    return operation(reduction).array is not None


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


def weighted(node: Node, scalars: Set[str]) -> list[Node]:
    """The terms of a sum of numbers of which some are times or by `scalars`, the numbers of the title: each is read as
    a whole, so that they stand beside and above a `+`. Empty for any other expression."""
    if node.shape != (1, 1) or not nodes.is_sum(node):
        return []
    terms = list(dict.fromkeys(nodes.summands(node)))
    read = [{ref for ref in term.references if ref.name not in scalars} for term in terms]
    scaled = [term for term in terms if not is_operand(term)]
    single = all(len(refs) == 1 and refs.pop().shape == (1, 1) for refs in read)
    alike = all(term.op in ("multiply", "divide") for term in scaled)
    return terms if scaled and single and alike else []


def put(node: Node, copies: Mapping[Node, Node], homes: Mapping[str, Node]) -> Node:
    """`node` over boxes: operands that have a copy read that, all others the homes of their matrices. Raises ValueError
    where a matrix doesn't stand whole."""

    def change(part: Node) -> Node | None:
        if part in copies:
            return copies[part]
        if copies and not part.is_number and (turned := part.T) in copies:
            return copies[turned].T
        if not is_operand(part):
            return None
        if part.is_matrix:
            home = homes.get(part.name, part)
            if home.shape != part.shape:
                raise ValueError(f"{part.name} is {shape_text(part.shape)}, and {shape_text(home.shape)} of it stand")
            return home
        return _viewed(part, put(part.args[0], copies, homes)) if not part.is_leaf else None

    return nodes.rebuild(node, change)


def _viewed(part: Node, inner: Node) -> Node:
    """The transpose or slice `part` of what now stands in its argument's place; of a stack, only the parts needed."""
    if part.is_leaf or inner is part.args[0]:
        return part
    if part.op == "transpose":
        return inner.T
    rows, columns = part.option("rows"), part.option("columns")
    return cut(cut(inner, 0, *rows), 1, *columns)


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


def split_rows(name: str, expr: Node) -> tuple[list[tuple[str, Node]], Node]:
    """Reductions of an operand that the same formula also reads cell by cell, as rows of their own with keys, and the
    formula that reads them. (A softmax's maximum.)"""
    if expr.is_leaf or expr.kind != "elementwise":
        return [], expr
    direct = _direct(expr)
    rows: dict[Node, Node] = {}
    for found in nodes.reductions(expr):
        if found.option("axis") is not None and found.args[0].shape != (1, 1) and found.args[0] in direct:
            rows[found] = rows.get(found) or leaf(f"{name}@{found.op}{len(rows) + 1}", found.shape)
    return [(ref.name, row) for row, ref in rows.items() if ref.is_matrix], nodes.swap(expr, rows)


def _direct(node: Node) -> set[Node]:
    """Operands that a formula reads cell by cell."""
    if is_operand(node):
        return {node}
    if not node.is_leaf and node.kind == "elementwise":
        return {operand for arg in node.args for operand in _direct(arg)}
    return set()
