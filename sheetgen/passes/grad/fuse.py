"""The two pairs whose gradients simplify: softmax with cross-entropy, sigmoid with its binary kin.

Through softmax and cross-entropy, dL/dZ is P · sum(Y) - Y, and just P - Y where each column of the target adds up to 1.
The short form is taken when the target's columns do at first. If the target is a matrix that can be changed, it stands
in the program's `distributions`, and the page checks it live. Rounding between the two is passed straight through.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from sheetgen.ir.node import Node
from sheetgen.ir.program import Program, Statement
from sheetgen.ops import operation
from sheetgen.ops.base import Pair
from sheetgen.passes.evaluate import evaluate, value_of

MOST_CHECKED = 60
"""Columns whose sums one formula checks."""


@dataclass(frozen=True)
class Fusion:
    """A loss whose gradient goes straight to `source`; the statements in `skipped` are passed over."""

    source: str
    skipped: tuple[str, ...]
    gradient: Callable[[Node], Node]
    distribution: str | None = None
    """The matrix whose columns must add up to 1."""


def fusions(
    program: Program, forward: list[Statement], needed: set[str], wanted: set[str], active: set[str]
) -> dict[str, Fusion]:
    """The fusions that `forward` allows, by the name of the loss. `active` matrices get a gradient."""
    maker = {s.name: s for s in forward}
    uses = Counter(ref.name for s in forward if s.name in needed for ref in s.expr.references)
    found = {}
    for s in forward:
        pair = operation(s.expr).fuses
        if s.name in needed and pair is not None:
            fusion = _fusion(program, s.expr, pair, maker, uses, wanted, active)
            if fusion is not None:
                found[s.name] = fusion
    return found


def _fusion(
    program: Program,
    loss: Node,
    pair: Pair,
    maker: dict[str, Statement],
    uses: Counter[str],
    wanted: set[str],
    active: set[str],
) -> Fusion | None:
    p, y = loss.args
    if not p.is_matrix or any(ref.name in active for ref in y.references):
        return None
    skipped, at = [], p.name
    while at in maker and at not in wanted and uses[at] == 1:
        expr = maker[at].expr
        skipped.append(at)
        inner = expr.args[0] if expr.args else None
        if expr.op == pair.after and inner is not None and inner.is_matrix and expr.option("axis", 0) == 0:
            exact = pair.distribution and _adds_up(program, p, y)
            held = y.name if exact and y.is_matrix else None
            return Fusion(inner.name, tuple(skipped), partial(_gradient, loss, pair, exact), held)
        if not operation(expr).straight or inner is None or not inner.is_matrix:
            return None
        at = inner.name
    return None


def _gradient(loss: Node, pair: Pair, exact: bool, g: Node) -> Node:
    return pair.gradient(*loss.args, g, exact, **dict(loss.options))


def _adds_up(program: Program, p: Node, y: Node) -> bool:
    """Whether each column of the target adds up to 1, and stays so: nobody can change it, or the page can check it."""
    fixed = not y.references
    if y.shape != p.shape or not (fixed or (y.is_matrix and y.shape[1] <= MOST_CHECKED)):
        return False
    target = value_of(y, {} if fixed else evaluate(program))
    return bool(np.allclose(np.sum(target, axis=0), 1, rtol=0, atol=1e-12))
