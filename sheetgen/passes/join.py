"""Losses that also read what their prediction is made of.

1 - sigmoid(z) is 0 for a spreadsheet from z = 34 on, and has no logarithm; sigmoid(-z), which is the same, has one.
"""

from __future__ import annotations

from collections.abc import Mapping

from sheetgen.ir.node import Node, call
from sheetgen.ops import operation


def joined(node: Node, maker: Mapping[str, Node]) -> Node:
    """Such a loss instead of `node`, if there is one; `maker` tells what matrices are made of."""
    pair = operation(node).fuses
    before = maker.get(node.args[0].name) if pair is not None else None
    if pair is None or not pair.joined or before is None or before.op != pair.after or not before.args[0].is_matrix:
        return node
    return call(pair.joined, *node.args, before.args[0], **dict(node.options))
