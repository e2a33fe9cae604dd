"""What numpy makes of a program for many candidates at once: as `evaluate`, with an axis before the others."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgen.ir.node import Node
from sheetgen.ir.program import Program
from sheetgen.ops import operation
from sheetgen.passes.evaluate import clean

Stacks = dict[str, np.ndarray]
"""Matrices by name: candidates × rows × columns; with one candidate, what is the same for all."""


def evaluate_many(program: Program, changed: Mapping[str, np.ndarray]) -> Stacks:
    """The value of every matrix; `changed` are the given ones that differ between candidates.

    A number that isn't finite stays as it is: who asks decides what to do with its candidate.
    """
    values = {g.name: changed.get(g.name, clean(np.asarray(g.value, dtype=float))[None]) for g in program.givens}
    for statement in program.statements:
        if statement.kind != "verdict":
            values[statement.name] = stack_of(statement.expr, values)
    return values


def stack_of(node: Node, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """The value of an expression for every candidate."""
    if node.is_number:
        return np.array([[[node.value]]], dtype=float)
    if node.is_matrix:
        return values[node.name]
    rule, options = operation(node), dict(node.options)
    with np.errstate(all="ignore"):
        if rule.constant:
            return np.asarray(rule.numpy(node.shape), dtype=float)[None]
        args = [stack_of(arg, values) for arg in node.args]
        if rule.kind in ("elementwise", "product"):  # these broadcast over leading axes
            return clean(np.asarray(rule.numpy(*args, **options), dtype=float))
        count = max(map(len, args))
        made = [rule.numpy(*(arg[min(k, len(arg) - 1)] for arg in args), **options) for k in range(count)]
        return clean(np.asarray(made, dtype=float))
