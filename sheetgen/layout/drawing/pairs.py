"""Tables of pairs: matrices whose pattern is what they tell, so that they are shown as heat maps with their digits."""

from __future__ import annotations

from sheetgen.ir.node import Node
from sheetgen.ir.program import Program, Statement
from sheetgen.ir.walk import nodes
from sheetgen.ops.base import operation

LEAST = 3
"""Rows or columns below which a table has no pattern to be seen."""


def pairs(program: Program) -> frozenset[str]:
    """The matrices with a number for each pair of two things: products of a matrix and its own transpose, as of pixels
    that agree, or of a column and a row, as of values and keys; and what is made of them cell by cell. Not the scores
    of a softmax, whose pattern is that of its shares."""
    given = {g.name for g in program.givens}
    weights = {g.name for g in program.givens if g.role == "parameter"}
    found: set[str] = set()
    for s in program.statements:
        whole = {ref.name for ref in s.expr.references if ref.shape == s.shape}
        follows = _cell_by_cell(s.expr) and bool(whole & found) and whole <= found | given
        if _forward(s) and min(s.shape) > 1 and max(s.shape) >= LEAST and (follows or _meets(s, weights)):
            found.add(s.name)
    scores: set[str] = set()
    for s in reversed(program.statements):
        if s.composite == "softmax" or s.name in scores or (s.origin is not None and s.origin.op == "softmax"):
            scores |= {ref.name for ref in s.expr.references}
    return frozenset(s.name for s in program.statements if s.name in found - scores and not s.auxiliary)


def _forward(s: Statement) -> bool:
    return s.kind == "matrix" and s.phase in ("forward", "after") and s.gradient_of is None


def _meets(s: Statement, weights: set[str]) -> bool:
    """Whether it is such a product, with what is added or taken away; none of weights and data, which is a layer."""
    products = [node for node in nodes(s.expr) if node.shape == s.shape and _product(node)]
    learned = [{not weights.isdisjoint(ref.name for ref in arg.references) for arg in node.args} for node in products]
    return _cell_by_cell(s.expr) and bool(products) and {True, False} not in learned


def _product(node: Node) -> bool:
    if node.op != "matmul":
        return False
    left, right = node.args
    turned = any(one.op == "transpose" and one.args[0] == other for one, other in ((left, right), (right, left)))
    return turned or left.shape[1] == 1


def _cell_by_cell(node: Node) -> bool:
    """Whether only products and functions of single cells lead to it."""
    if node.op == "matmul" or not node.args:
        return True
    return operation(node).kind == "elementwise" and all(map(_cell_by_cell, node.args))
