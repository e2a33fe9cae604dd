"""What numpy makes of a program for many candidates at once: as `evaluate`, with an axis before the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

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
    rule = operation(node)
    with np.errstate(all="ignore"):
        if rule.constant:
            return np.asarray(rule.numpy(node.shape), dtype=float)[None]
        args = [stack_of(arg, values) for arg in node.args]
        return clean(np.asarray(for_each(node, rule.numpy, args), dtype=float))


def for_each(node: Node, work: Callable[..., Any], args: Sequence[np.ndarray]) -> np.ndarray:
    """What a function of an operation's operands and options makes of each candidate's."""
    options = dict(node.options)
    if node.kind in ("elementwise", "product"):  # these broadcast over leading axes
        return np.asarray(work(*args, **options))
    count = max(map(len, args))
    return np.asarray([work(*(arg[min(k, len(arg) - 1)] for arg in args), **options) for k in range(count)])
