"""A forward pass as a list of numpy calls, so that a small change can be played through quickly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import prod
from typing import NamedTuple

import numpy as np

from sheetgen.ir.node import Node
from sheetgen.ir.program import Program
from sheetgen.ops import operation
from sheetgen.ops.rounding import rounded_result
from sheetgen.passes.evaluate import value_of

CALL = {"range": 60.0, "composite": 15.0}
"""About what a call costs by kind of operation, in millionths of a second; others cost `PLAIN`."""
PLAIN, CELL, SLOW, TERM = 3.0, 0.002, 0.15, 0.0001
"""What a cell costs on top, also where numpy calls Python for each, and a term of a product."""


class Call(NamedTuple):
    """`out = run(*args)`; `out` and `args` are places on the tape. `kink(*args)` tells where it has no derivative,
    `jumps` whether it stays as it is but for jumps, `rounds(out, *args)` the largest number that is rounded on the
    way to each cell."""

    out: int
    run: Callable[..., np.ndarray]
    args: tuple[int, ...]
    cost: float = PLAIN
    kink: Callable[..., np.ndarray] | None = None
    jumps: bool = False
    rounds: Callable[..., np.ndarray] = rounded_result


class Tape:
    """What leads to the 1×1 matrix `loss` of a program in which composites aren't spelled out, as calls in order.

    `values` are the arrays at all places, `at` the places of matrices, by name. A `round` is replaced by adding what
    it adds now: its gradient, which passes straight through, is the gradient of that. What follows from the
    matrices in `known` isn't played through: their gradients, which are given, tell what they do to the loss. What no
    gradient goes through stays as it is.
    """

    def __init__(self, program: Program, loss: str, known: Mapping[str, np.ndarray]) -> None:
        self.values: list[np.ndarray] = []
        self.calls: list[Call] = []
        self.at: dict[str, int] = {}
        self.known: dict[str, int] = {}
        for given in program.givens:
            self.at[given.name] = self._place(np.asarray(given.value, dtype=float))
        with np.errstate(all="ignore"):
            for statement in program.statements:
                if statement.kind == "matrix":
                    place = self._node(statement.expr)
                    named = statement.expr.is_matrix  # another name for a matrix is a matrix of its own
                    self.at[statement.name] = self._call(np.array, (place,)) if named else place
                    if statement.name in known:
                        self.known[statement.name] = self.at[statement.name]
                        self.at[statement.name] = self._place(self.values[self.at[statement.name]])
            self.loss = self.at[loss]
            for name, place in self.known.items():
                self.at[name] = place
                share = self._call(partial(_dot, known[name]), (place,))
                self.loss = self._call(np.add, (self.loss, share))
        needed = {self.loss}
        for call in reversed(self.calls):
            if call.out in needed:
                needed.update(call.args)
        self.calls = [call for call in self.calls if call.out in needed]

    def _place(self, value: np.ndarray) -> int:
        self.values.append(value)
        return len(self.values) - 1

    def _node(self, node: Node) -> int:
        if node.is_matrix:
            return self.at[node.name]
        if not node.args:
            return self._place(value_of(node, {}))
        args = tuple(self._node(arg) for arg in node.args)
        rule, options = operation(node), dict(node.options)
        if rule.stops:
            return self._place(self.values[args[0]])
        run, kink = partial(rule.numpy, **options), partial(rule.kink, **options) if rule.kink else None
        if rule.straight:
            before = self.values[args[0]]
            args, run = (*args, self._place(run(before) - before)), partial(np.add)
        cells = prod(node.shape) + sum(prod(arg.shape) for arg in node.args)
        terms = prod(node.args[0].shape) * node.shape[1] if node.kind == "product" else 0
        cost = CALL.get(node.kind, PLAIN) + (SLOW if rule.slow else CELL) * cells + TERM * terms
        rounds = rounded_result if rule.straight else rule.rounds
        return self._call(run, args, cost, kink, bool(rule.jumps) and not rule.straight, rounds)

    def _call(self, run: Callable[..., np.ndarray], args: tuple[int, ...], cost: float = PLAIN,
              kink: Callable[..., np.ndarray] | None = None, jumps: bool = False,
              rounds: Callable[..., np.ndarray] = rounded_result) -> int:  # fmt: skip
        out = self._place(np.asarray(run(*(self.values[arg] for arg in args)), dtype=float))
        self.calls.append(Call(out, run, args, cost, kink, jumps, rounds))
        return out

    def after(self, place: int) -> list[Call]:
        """The calls that a change at `place` reaches."""
        changed, found = {place}, []
        for call in self.calls:
            if not changed.isdisjoint(call.args):
                changed.add(call.out)
                found.append(call)
        return found

    def play(self, calls: Sequence[Call], place: int, value: np.ndarray) -> list[np.ndarray]:
        """The arrays at all places once `value` stands at `place`; `calls` are those `after` it."""
        values = self.values.copy()
        values[place] = value
        for out, run, args, *_ in calls:
            values[out] = run(*[values[arg] for arg in args])
        return values

    def shaken(self, part: float, lots: np.random.Generator) -> list[np.ndarray]:
        """The arrays at all places if each result is off by a `part` of the largest number that is rounded on its way,
        up or down; what is decided stays."""
        values = self.values.copy()
        for call in self.calls:
            if not call.jumps:
                args = [values[arg] for arg in call.args]
                exact = call.run(*args)
                values[call.out] = exact + part * call.rounds(exact, *args) * lots.choice((-1, 1), np.shape(exact))
        return values


def _dot(gradient: np.ndarray, value: np.ndarray) -> np.ndarray:
    return np.array([[np.vdot(gradient, value)]])
