"""Whole numbers in expressions: slices, and the sizes of matrices."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from copy import deepcopy

from sheetgen.errors import brief
from sheetgen.ir.node import Node
from sheetgen.lang.syntax import SIZES, check, spec_error
from sheetgen.ops.views import part


class Sizes(ABC):
    """Reads them off the syntax tree of `text`; the matrices in them are known to `node`."""

    text: str

    @abstractmethod
    def node(self, tree: ast.expr) -> Node:
        """An expression with its shape."""

    def slice(self, tree: ast.Subscript, value: Node, index: ast.expr) -> Node:
        parts = list(index.elts) if isinstance(index, ast.Tuple) else [index]
        if len(parts) > 2:
            raise spec_error("A matrix has two dimensions: write `X[rows, columns]`.", self.text, tree)
        spans = [
            self.span(part, size, what) for part, size, what in zip(parts, value.shape, ("row", "column"), strict=False)
        ]
        rows, columns = [*spans, (0, value.shape[1])][:2]
        if rows == (0, value.shape[0]) and columns == (0, value.shape[1]):
            return value
        return part(value, rows, columns)

    def span(self, part: ast.expr, size: int, what: str) -> tuple[int, int]:
        """Start and stop of one index, as non-negative numbers."""
        if not isinstance(part, ast.Slice):
            at = self.integer(part, f"A {what} number")
            if not -size <= at < size:
                problem = f"{brief(self.text)}: there is no {what} {at}; there are {size} {what}s, counted from 0"
                raise spec_error(problem, self.text, part)
            return at % size, at % size + 1
        if part.step is not None:
            raise spec_error("Slices have no step: write `start:stop`.", self.text, part)
        lower = 0 if part.lower is None else self.integer(part.lower, "The start of a slice")
        upper = size if part.upper is None else self.integer(part.upper, "The end of a slice")
        start, stop, _ = slice(lower, upper).indices(size)
        if stop <= start or upper > size:
            raise spec_error(
                f"{brief(self.text)}: `{ast.unparse(part)}` isn't within the {size} {what}s, numbered 0 to {size - 1}",
                self.text,
                part,
            )
        return start, stop

    def integer(self, tree: ast.expr, what: str) -> int:
        """A whole number, possibly a sum such as `3-1` (left over from a loop), or the size of a matrix."""
        match tree:
            case ast.Constant(value=int(value)) if not isinstance(value, bool):
                return value
            case ast.Call(func=ast.Name(id=name)) if name in SIZES:
                return self.size(tree, name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.integer(operand, what)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() as op, right=right):
                a, b = self.integer(left, what), self.integer(right, what)
                return a + b if isinstance(op, ast.Add) else a - b if isinstance(op, ast.Sub) else a * b
        raise spec_error(f"{what} must be a whole number, not `{ast.unparse(tree)}`.", self.text, tree)

    def size(self, tree: ast.Call, name: str) -> int:
        """`rows(X)` or `columns(X)`."""
        if len(tree.args) != 1 or tree.keywords or isinstance(tree.args[0], ast.List | ast.Tuple):
            raise spec_error(f"`{name}` takes one matrix: `{name}(X)`.", self.text, tree)
        check(tree.args[0], self.text)
        return self.node(tree.args[0]).shape[SIZES[name]]

    def with_sizes(self, tree: ast.expr) -> ast.expr:
        """`tree` with numbers for `rows(X)` and `columns(X)`."""
        put_in: ast.expr = _PutIn(self).visit(deepcopy(tree))
        return put_in


class _PutIn(ast.NodeTransformer):
    def __init__(self, sizes: Sizes) -> None:
        self.sizes = sizes

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Calls of anything else stay."""
        if isinstance(node.func, ast.Name) and node.func.id in SIZES:
            return ast.copy_location(ast.Constant(self.sizes.size(node, node.func.id)), node)
        return node
