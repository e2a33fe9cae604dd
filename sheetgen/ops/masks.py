"""Branches that aren't taken: what is 0 there stays 0, whatever it is multiplied by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sheetgen.ir.node import Node, Shape, as_node
from sheetgen.ops.base import full, where


@dataclass(frozen=True)
class Mask:
    """Something is 0 unless each of these conditions holds, or doesn't where it is paired with False; a condition
    counts only where those before it hold."""

    conditions: tuple[tuple[Node, bool], ...] = ()

    def of(self, node: Node) -> Node:
        """`node`, and 0 there."""
        for condition, holds in reversed(self.conditions):
            node = where(condition, node, 0) if holds else where(condition, 0, node)
        return node

    def within(self, outer: Mask | None) -> Mask:
        """Something is 0 where one of two says so."""
        return Mask(tuple(dict.fromkeys(outer.conditions + self.conditions))) if outer else self

    def fits(self, shape: Shape) -> bool:
        """Whether it is for single cells of a matrix of this shape, or for whole rows or columns of it."""
        return all(n in (1, of) for node, _ in self.conditions for n, of in zip(node.shape, shape, strict=True))


def branch(node: Node, k: int, mask: Mask | None) -> Mask | None:
    """Where the argument with number `k` doesn't count, in a node that doesn't outside of `mask`."""
    return Mask(((node.args[0], k == 1),)).within(mask) if node.op == "where" and k > 0 else mask


def any_of(masks: Sequence[Mask]) -> Mask:
    """Something is 0 where all of them say so."""
    if len(set(masks)) == 1:
        return masks[0]
    holds = as_node(0)
    for mask in dict.fromkeys(masks):
        holds = where(mask.of(as_node(1)), 1, holds)
    return Mask(((holds, True),))


def mask_of(node: Node) -> tuple[Mask | None, Node]:
    """Where a node is 0 by conditions, and what it is elsewhere."""
    found = []
    while node.op == "where" and 0 in (node.args[1].value, node.args[2].value):
        holds = node.args[2].value == 0
        found.append((node.args[0], holds))
        node = node.args[1 if holds else 2]
    return Mask(tuple(found)) if found else None, node


def spread(node: Node, shape: Shape) -> Node:
    """`node` broadcast to `shape`; where it is 0 by conditions, it stays so."""
    mask, taken = mask_of(node)
    return mask.of(full(taken, shape)) if mask and node.shape != shape else full(node, shape)
