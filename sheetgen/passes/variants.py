"""Variants of a program: whole numbers by lot, of which those stay that are good to calculate with by hand.

Candidates are drawn and judged a batch at a time, always in the same order, so that a seed gives the same variants
however many are wanted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np

from sheetgen.errors import SpecError
from sheetgen.ir.node import Node
from sheetgen.ir.program import Program
from sheetgen.ir.variation import Range, Variation
from sheetgen.ir.walk import nodes
from sheetgen.ops import operation
from sheetgen.passes.many import Stacks, evaluate_many, for_each, stack_of

AT_ONCE = 500
MOST_IN_VAIN = 20_000
"""Candidates after which the search gives up."""

Numbers = dict[str, np.ndarray]
"""The matrices of one variant that differ from the spec's, by name: 2-D arrays of whole numbers, as floats."""


def variants(forward: Program, program: Program, wanted: Variation, seed: int = 0) -> Iterator[Numbers]:
    """Different variants without end: `forward` is judged for ties, `program` for the size of its numbers.

    Raises SpecError when so many candidates in a row are no good, with what was wrong with most of them.
    """
    rng = np.random.default_rng(seed)
    shapes = {given.name: given.shape for given in program.givens}
    judge = _Judge(forward, program, wanted)
    known: set[bytes] = set()
    vain, reasons = 0, Counter[str]()
    while True:
        drawn = {each.name: _drawn(rng, each, shapes[each.name]) for each in wanted.ranges}
        for number, reason in enumerate(judge.reasons(drawn)):
            numbers = {name: stack[number] for name, stack in drawn.items()}
            print_of = b"".join(each.tobytes() for each in numbers.values())
            if reason or print_of in known:
                vain += 1
                reasons[reason or "it was there before"] += 1
                if vain >= MOST_IN_VAIN:
                    raise SpecError(_given_up(reasons, len(known)), at=("vary",))
                continue
            vain, reasons = 0, Counter()
            known.add(print_of)
            yield numbers


def _drawn(rng: np.random.Generator, wanted: Range, shape: tuple[int, int]) -> np.ndarray:
    """A batch of candidates for a matrix."""
    if not wanted.one_hot:
        return rng.integers(wanted.low, wanted.high, (AT_ONCE, *shape), endpoint=True).astype(float)
    places = rng.integers(0, shape[0], (AT_ONCE, 1, shape[1]))
    hot: np.ndarray = np.arange(shape[0])[None, :, None] == places
    return hot.astype(float)


def _given_up(reasons: Mapping[str, int], found: int) -> str:
    (worst, count), *_ = Counter(reasons).most_common()
    before = f"After {found:,} variants, none" if found else "None"
    return (
        f"vary: {before} of {MOST_IN_VAIN:,} sets of numbers will do; with {count:,} of them {worst}. "
        "Let more matrices vary, in wider ranges, or ask for less."
    )


class _Judge:
    """What is wrong with each candidate of a batch."""

    def __init__(self, forward: Program, program: Program, wanted: Variation) -> None:
        self.forward, self.program, self.wanted = forward, program, wanted
        self.moving = _moving(program, {each.name for each in wanted.ranges})
        self.moving_forward = _moving(forward, {each.name for each in wanted.ranges})

    def reasons(self, drawn: Mapping[str, np.ndarray]) -> list[str]:
        """One for each candidate; empty for one that will do."""
        found = [""] * AT_ONCE
        for bad, reason in self._faults(drawn):
            for number in np.flatnonzero(np.broadcast_to(bad, AT_ONCE)):
                found[number] = found[number] or reason
        return found

    def _faults(self, drawn: Mapping[str, np.ndarray]) -> Iterator[tuple[np.ndarray, str]]:
        """Where something is wrong, and what."""
        before = evaluate_many(self.forward, drawn)
        yield from self._sharp(before)
        values = evaluate_many(self.program, drawn)
        with np.errstate(invalid="ignore"):
            yield from self._sizes(values)

    def _sharp(self, values: Stacks) -> Iterator[tuple[np.ndarray, str]]:
        """Ties and kinks, where a hand doesn't know which way to go; and activations that are nearly all off."""
        for statement in self.forward.statements:
            if statement.name not in self.moving_forward or statement.kind != "matrix":
                continue
            for node in nodes(statement.expr):
                rule = operation(node) if not node.is_leaf else None
                if rule is None or not any(ref.name in self.moving_forward for ref in node.references):
                    continue
                if rule.kink is not None and not rule.selects:
                    sharp = for_each(node, rule.kink, [stack_of(arg, values) for arg in node.args])
                    yield _any(sharp), f"`{statement.name}` has a number at a kink, or a tie"
                if rule.role == "activation" and self.wanted.live:
                    share = (stack_of(node, values) > 0).mean(axis=(1, 2))
                    yield share < self.wanted.live, f"too few cells of `{statement.name}` are above 0"

    def _sizes(self, values: Stacks) -> Iterator[tuple[np.ndarray, str]]:
        """Numbers that are too large or not there, gradients that are all 0, odd denominators."""
        for statement in self.program.statements:
            if statement.name not in self.moving or statement.kind == "verdict":
                continue
            value = values[statement.name]
            yield _any(~np.isfinite(value)), f"`{statement.name}` isn't finite"
            if self.wanted.largest is not None:
                yield _any(np.abs(value) > self.wanted.largest), f"`{statement.name}` is too large"
            if statement.gradient_of is not None and not statement.auxiliary:
                yield (value == 0).all(axis=(1, 2)), f"`{statement.name}` is 0 everywhere"
            for node in nodes(statement.expr) if self.wanted.denominators else ():
                if node.kind == "elementwise" and operation(node).symbol == "/":
                    yield self._odd(node.args[1], values), f"`{statement.name}` has a denominator that isn't wanted"

    def _odd(self, below: Node, values: Stacks) -> np.ndarray:
        """Where a denominator that follows from what varies is none of those that are wanted."""
        if not any(ref.name in self.moving for ref in below.references):
            return np.zeros(1, dtype=bool)
        return _any(~np.isin(np.round(np.abs(stack_of(below, values)), 9), self.wanted.denominators))


def _moving(program: Program, given: set[str]) -> set[str]:
    """What follows from the given matrices that vary, with them."""
    found = set(given)
    for statement in program.statements:
        if any(ref.name in found for ref in statement.expr.references):
            found.add(statement.name)
    return found


def _any(cells: np.ndarray) -> np.ndarray:
    """Which candidates have any such cell."""
    return np.asarray(cells.any(axis=(1, 2)) if cells.ndim == 3 else cells)
