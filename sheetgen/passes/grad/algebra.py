"""Small pieces of gradient algebra: summing shares, undoing broadcasts, cutting stacks, spelling products out."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import reduce
from operator import add

from sheetgen.ir.node import Node, Shape
from sheetgen.ops import operation
from sheetgen.ops.base import is_ones, is_zeros, total, zeros
from sheetgen.ops.masks import spread
from sheetgen.ops.views import blocks_of, cut, stack

LONGEST_SUM = 20
MOST_SUMMANDS = 50
"""Uses of one matrix, such as time steps, whose shares of a gradient are added up in one formula."""


def sum_up(terms: Sequence[Node]) -> Node:
    """The sum of at least one term, all of one shape; what was cut into disjoint slices is put side by side instead of
    padded with zeros and added."""
    slots: dict[tuple[int, Shape], list[tuple[int, Node]]] = {}
    rest: list[Node] = []
    for term in terms:
        padded = _padded(term)
        if padded is None:
            rest.append(term)
        else:
            slots.setdefault((padded[0], term.shape), []).append(padded[1:])
    for (axis, shape), placed in slots.items():
        placed.sort(key=lambda item: item[0])
        if any(at + t.shape[axis] > after for (at, t), (after, _) in itertools.pairwise(placed)):
            rest += [_lay_out(axis, shape, [item]) for item in placed]
        else:
            rest.append(_lay_out(axis, shape, placed))
    while len(rest) > LONGEST_SUM:  # a sum of sums, so that hundreds of time steps don't nest hundreds deep
        rest = [reduce(add, rest[at : at + LONGEST_SUM]) for at in range(0, len(rest), LONGEST_SUM)]
    return reduce(add, rest)


def _padded(term: Node) -> tuple[int, int, Node] | None:
    """Axis, start and content of a matrix that is stacked with zeros."""
    axis, at, found = operation(term).stacks, 0, []
    if axis is None:
        return None
    for arg in term.args:
        if not is_zeros(arg):
            found.append((axis, at, arg))
        at += arg.shape[axis]
    return found[0] if len(found) == 1 else None


def _lay_out(axis: int, shape: Shape, placed: list[tuple[int, Node]]) -> Node:
    """Matrices at their places along `axis`, zeros between."""
    parts, at = [], 0
    for start, term in [*placed, (shape[axis], None)]:
        if start > at:
            parts.append(zeros((start - at, shape[1]) if axis == 0 else (shape[0], start - at)))
        if term is not None:
            parts.append(term)
            at = start + term.shape[axis]
    return stack(axis, parts)


def fit(g: Node, shape: Shape, result: Shape) -> Node:
    """The gradient `g` of an operand of `shape` in an operation whose result has the shape `result`: summed over what
    was broadcast, and repeated over what the operation had summed. A number stays a number: it is each cell's."""
    for axis in (0, 1):
        if shape[axis] == 1 and g.shape[axis] > 1:
            g = total(g, axis if g.shape[1 - axis] > 1 else None)
        elif shape[axis] == 1 and result[axis] > 1:
            g = g * result[axis]
    return g if g.is_number else spread(g, shape)


def placed_blocks(operand: Node, axis: int) -> list[tuple[Node, int, int]]:
    """The matrices stacked along `axis` (0: below one another, 1: side by side) in an operand, with where they start
    and stop; the operand itself if it is no stack."""
    blocks, start = [], 0
    for node in blocks_of(operand, axis):
        stop = start + node.shape[axis]
        blocks.append((node, start, stop))
        start = stop
    return blocks


def spelled_out(term: Node) -> Node:
    """A product of stacks as stacks and sums of products, each of matrices that stand somewhere;
    `dZ @ ones` as the sum of each row of dZ, a bias's gradient. Other terms as they are."""
    if term.kind != "product":
        return term
    left, right = term.args
    if len(rows := blocks_of(left, 0)) > 1:
        return stack(0, [spelled_out(block @ right) for block in rows])
    if len(columns := blocks_of(right, 1)) > 1:
        return stack(1, [spelled_out(left @ block) for block in columns])
    if len(inner := placed_blocks(left, 1)) > 1:
        return reduce(add, [spelled_out(b @ cut(right, 0, start, stop)) for b, start, stop in inner])
    if len(inner := placed_blocks(right, 0)) > 1:
        return reduce(add, [spelled_out(cut(left, 1, start, stop) @ b) for b, start, stop in inner])
    if is_ones(right) and right.shape[1] == 1:
        return total(left, 1)
    if is_ones(left) and left.shape[0] == 1:
        return total(right, 0)
    return term
