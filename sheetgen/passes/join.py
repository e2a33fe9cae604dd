"""Losses that also read what their prediction is made of, where that is large.

1 - sigmoid(z) loses its digits as z grows; from 34 on it is 0 for a spreadsheet, and has no logarithm. sigmoid(-z),
which is the same, keeps them. Beyond 700 either is cut off, so that the loss does without.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgen.ir.node import Node, call
from sheetgen.ops import operation

LARGE = 16.0
"""From here on, fewer than nine digits are left."""
CUT_OFF = 700.0
"""Where a sigmoid's exponential ends, in formulas as in numpy."""


def joined(node: Node, maker: Mapping[str, Node], values: Mapping[str, np.ndarray]) -> Node:
    """Such a loss instead of `node`, if there is one and it is needed; `maker` tells what matrices are made of."""
    pair = operation(node).fuses
    before = maker.get(node.args[0].name) if pair is not None else None
    if pair is None or not pair.joined or before is None or before.op != pair.after or not before.args[0].is_matrix:
        return node
    logits = values[before.args[0].name]
    if np.abs(logits).max() > CUT_OFF:
        return call(pair.apart, before.args[0], node.args[1], **dict(node.options))
    if logits.max() < LARGE:
        return node
    return call(pair.joined, *node.args, before.args[0], **dict(node.options))
