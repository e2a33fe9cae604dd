"""Small pieces of gradient algebra: summing shares, undoing broadcasts, cutting stacks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import reduce
from operator import add

from sheetgen.ops import Term, call
from sheetgen.ops.base import full, total, zeros
from sheetgen.program import Call, Node, Shape

LONGEST_SUM = 20


def sum_up(terms: Sequence[Term]) -> Term:
    """The sum; what was cut into disjoint slices is put side by side instead of padded with zeros and added."""
    slots: dict[tuple[int, Shape], list[tuple[int, Term]]] = {}
    rest: list[Term] = []
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


def _padded(term: Term) -> tuple[int, int, Term] | None:
    """Axis, start and content of a matrix that is stacked with zeros."""
    node = term.node
    if not isinstance(node, Call) or node.op not in ("vstack", "hstack"):
        return None
    axis, at, found = (0 if node.op == "vstack" else 1), 0, []
    for arg in node.args:
        if not (isinstance(arg, Call) and arg.op == "zeros"):
            found.append((axis, at, Term(arg)))
        at += arg.shape[axis]
    return found[0] if len(found) == 1 else None


def _lay_out(axis: int, shape: Shape, placed: list[tuple[int, Term]]) -> Term:
    """Matrices at their places along `axis`, zeros between."""
    parts, at = [], 0
    for start, term in [*placed, (shape[axis], None)]:
        if start > at:
            parts.append(zeros((start - at, shape[1]) if axis == 0 else (shape[0], start - at)))
        if term is not None:
            parts.append(term)
            at = start + term.shape[axis]
    return parts[0] if len(parts) == 1 else call("vstack" if axis == 0 else "hstack", *parts)


def fit(g: Term, shape: Shape, result: Shape) -> Term:
    """The gradient of an operand of `shape`: summed over what was broadcast to `result`, and repeated
    over what the operation had summed. Numbers stay numbers."""
    for axis in (0, 1):
        if shape[axis] == 1 and g.shape[axis] > 1:
            g = total(g, axis if g.shape[1 - axis] > 1 else None)
        elif shape[axis] == 1 and result[axis] > 1:
            g = g * result[axis]
    return g if g.number is not None else full(g, shape)


def blocks_of(operand: Node, axis: int) -> list[tuple[Node, int, int]]:
    """The matrices stacked along `axis` in an operand, with where they start and stop."""
    stacked = isinstance(operand, Call) and operand.op == ("vstack" if axis == 0 else "hstack")
    blocks, start = [], 0
    for node in operand.args if stacked and isinstance(operand, Call) else (operand,):
        stop = start + node.shape[axis]
        blocks.append((node, start, stop))
        start = stop
    return blocks
