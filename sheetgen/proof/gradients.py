"""Gradients against differences of the forward pass, which know nothing of the rules that made the gradients.

The forward pass is played again with one cell a little larger and a little smaller: the loss must change as the
gradient says. Where an operation on the way has a kink, a gradient is one side's by convention; such cells are counted
and left out. A `round` counts as the shift that it is at the moment, because its gradient passes straight through.
Where a gradient goes past a rounded matrix altogether, as from a loss to what a rounded softmax is made of, it is
"prediction minus target" with the rounded prediction; it is counted and left out, and what follows from it is checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property, reduce
from itertools import pairwise
from math import prod
from operator import add
from typing import Literal

import numpy as np

from sheetgen.ir.program import Program
from sheetgen.ir.walk import nodes
from sheetgen.layout.plan import WorkbookPlan
from sheetgen.ops import operation
from sheetgen.proof.compare import finding_at, home_of
from sheetgen.proof.noise import Known, exactly, noise_of
from sheetgen.proof.report import Finding, Gradients
from sheetgen.proof.tape import Call, Tape

STEPS = (1e-5, 1e-6, 1e-4)
"""Of the differences, relative to the number that is changed; the next ones where the first leaves a doubt."""
SMALLEST = 1e-280
"""Numbers up to which are changed as 0 is: a part of one might be no double."""
NOTHING = 1e-6
"""The part of its matrix's largest number that is nothing beside it."""
CLOSE = 1e-5
"""How far a right gradient may lie from the quotient of differences, relative to either."""
EPSILON = float(np.finfo(float).eps)
LEAST, PER_CELL = 150_000.0, 2.0
"""What the check may cost, in millionths of a second: at least, and for each cell that the program computes."""
Verdict = Literal["right", "kink", "unclear", "wrong"]
"""unclear: what it does to the loss drowns in the rounding of other numbers; it is not counted."""
WANTED = 0.75
"""The part of it that is for the gradients that the spec asks for, if they need so much; the rest is for those on the
way to them."""


def check_gradients(
    forward: Program, program: Program, values: Mapping[str, np.ndarray], plan: WorkbookPlan
) -> Gradients | None:
    """Compare the gradients of `program`, whose `values` are numpy's, with differences of its `forward` pass, in which
    composites aren't spelled out. `plan` tells where they stand.

    All cells of a small program; of a large one a sample, always the same. None if there are no gradients.
    """
    losses = dict.fromkeys(s.loss for s in program.statements if s.gradient_of and s.loss)
    with np.errstate(all="ignore"):
        found = [_Check(forward, program, loss, values, plan, 1 / len(losses)).run() for loss in losses]
    return reduce(add, found) if found else None


class _Matrix:
    """One matrix and its gradient."""

    def __init__(self, name: str, gradient: np.ndarray, tape: Tape) -> None:
        self.name, self.gradient, self.tape = name, gradient, tape
        self.place = tape.at[name]
        self.value = tape.values[self.place]
        self.calls: list[Call] = tape.after(self.place)
        self.cost = sum(call.cost for call in self.calls) + 0.02 * len(tape.values)
        """Of playing a change through."""
        largest = float(np.abs(self.value).max())
        self.scale = largest if largest > SMALLEST else 1.0

    def play(self, at: tuple[int, int], change: float) -> list[np.ndarray]:
        value = self.value.copy()
        value[at] += change
        return self.tape.play(self.calls, self.place, value)


class _Check:
    """Of the gradients of one loss."""

    def __init__(
        self,
        forward: Program,
        program: Program,
        loss: str,
        values: Mapping[str, np.ndarray],
        plan: WorkbookPlan,
        share: float,
    ) -> None:
        self.plan = plan
        self.values = values
        self.backward = [s for s in program.statements if s.kind == "matrix" and (s.loss or s.phase == "backward")]
        self.gradients = {s.gradient_of: s.name for s in program.statements if s.gradient_of and s.loss == loss}
        around = _around_rounds(forward, self.gradients)
        self.tape = Tape(forward, loss, {name: values[self.gradients[name]] for name in around})
        self.spent = 0.0
        self.allowed = share * (LEAST + PER_CELL * sum(prod(statement.shape) for statement in program.statements))
        self.matrices: dict[str, _Matrix] = {}
        given = {g.name for g in program.givens}
        self.wanted = [name for name in self.gradients if name in given]
        self.inner = [name for name in self.gradients if name not in given and name not in (*around, loss)]

    def run(self) -> Gradients:
        results: dict[str, list[tuple[tuple[int, int], Verdict, float]]] = {}
        for names, share in ((self.wanted, WANTED), (self.inner, 1.0)):
            for name, at in self.entries(names, share * self.allowed):
                results.setdefault(name, []).append((at, *self.entry(self.matrices[name], at)))
        ordered = [(name, *found) for name in self.gradients for found in sorted(results.get(name, []))]
        right, kinks, wrong = (
            [each for each in ordered if each[2] == verdict] for verdict in ("right", "kink", "wrong")
        )
        rounded, rest = (sum(self.tape.values[self.tape.at[name]].size for name in names)
                         for names in (self.tape.known, (*self.wanted, *self.inner)))  # fmt: skip
        first = self.report(wrong[0][0], wrong[0][1], wrong[0][3]) if wrong else None
        return Gradients(len(right) + len(wrong), len(kinks), rounded, len(wrong), rounded + rest, first)

    def entries(self, names: list[str], limit: float) -> Iterator[tuple[str, tuple[int, int]]]:
        """Cells of the matrices in turn, each matrix's in an order drawn by lot, until `limit` is spent."""
        lots = np.random.default_rng(len(names))
        orders: dict[str, Iterator[int]] = {}
        while names:
            for name in list(names):
                if self.spent > limit:
                    return
                if name not in orders:
                    self.matrices[name] = matrix = _Matrix(name, self.values[self.gradients[name]], self.tape)
                    self.spent += 0.15 * len(self.tape.calls)
                    orders[name] = iter(lots.permutation(matrix.value.size).tolist())
                place = next(orders[name], None)
                if place is None:
                    names = [other for other in names if other != name]
                else:
                    yield name, divmod(place, self.matrices[name].value.shape[1])

    def entry(self, matrix: _Matrix, at: tuple[int, int]) -> tuple[Verdict, float]:
        """What becomes of one gradient, and the quotient of differences: of changes by a part of the number, or of its
        matrix's largest where it is small beside that. Where it is nothing beside that, they may reach over all that
        happens near it."""
        own = abs(float(matrix.value[at]))
        unit = max(own, 1e-2 * matrix.scale)
        verdict, quotient = self.judged(matrix, at, unit)
        if verdict == "wrong" and SMALLEST < own < NOTHING * unit:
            return self.judged(matrix, at, own)
        return verdict, quotient

    def judged(self, matrix: _Matrix, at: tuple[int, int], unit: float) -> tuple[Verdict, float]:
        """The same for changes by parts of `unit`."""
        found = float(matrix.gradient[at])
        quotients, drowned = [], True
        for step in STEPS:
            quotient, slack = self.quotient(matrix, at, step * unit)
            near = CLOSE * max(abs(quotient), abs(found)) + slack
            if abs(quotient - found) <= near:
                return "right", quotient
            quotients.append(quotient)
            drowned = drowned and abs(quotient - found) <= near + 8 * self.noise / (step * unit)
        if drowned or abs(quotients[0] - found) <= self.rounding[self.gradients[matrix.name]][at]:
            return "unclear", quotients[0]
        known = [(abs(a - b), b) for a, b in pairwise(quotients) if np.isfinite(a + b)]
        doubt, quotient = min(known, default=(np.inf, np.nan))
        apart = abs(quotient - found)
        if apart <= CLOSE * max(abs(quotient), abs(found)) + 10 * doubt:
            return "right" if known and doubt < 1e-3 * abs(found) else "kink", quotient
        kink = np.isnan(quotient) or any(self.kinked(matrix, at, step * unit) for step in STEPS)
        return "kink" if kink else "wrong", quotient

    @cached_property
    def noise(self) -> float:
        """By how much the loss moves when every result on the way to it is off by its rounding, up or down by lot."""
        lots = np.random.default_rng(0)
        losses = [self.tape.shaken(EPSILON, lots)[self.tape.loss].item() for _ in range(5)]
        return float(np.abs(np.subtract(losses, self.tape.values[self.tape.loss].item())).max())

    @cached_property
    def rounding(self) -> dict[str, np.ndarray]:
        """By how much rounding within the gradients' own formulas may have moved them: in `P - Y` all of a tiny one may
        be gone."""
        known: dict[str, Known] = {}
        for s in self.backward:
            known[s.name] = noise_of(s.expr, lambda name: known.get(name) or exactly(*[self.values[name]] * 2))
        return {name: found.noise for name, found in known.items()}

    def quotient(self, matrix: _Matrix, at: tuple[int, int], step: float) -> tuple[float, float]:
        """The quotient of differences, and how far rounding may have moved it."""
        self.spent += 2 * matrix.cost
        played = [matrix.play(at, change) for change in (step, -step)]
        above, below = (float(values[self.tape.loss].item()) for values in played)
        largest = max(abs(above), abs(below))
        if above == below:  # it may have moved by less than what it is made from is rounded by
            sizes = (float(np.abs(played[0][call.out]).max(initial=0.0)) for call in matrix.calls)
            largest = max([matrix.scale, *sizes])
        return (above - below) / (2 * step), 8 * EPSILON * largest / step

    def kinked(self, matrix: _Matrix, at: tuple[int, int], step: float) -> bool:
        """Whether some operation on the way has no derivative here: by what its entry says of the numbers that it gets,
        or because its second difference doesn't shrink as a square."""
        self.spent += 4 * matrix.cost
        far, near = ([matrix.play(at, sign * size) for sign in (1, -1)] for size in (step, step / 2))
        now = self.tape.values
        return any(
            _at_kink(call, now, far[0])
            or _bends(now[call.out], far[0][call.out], far[1][call.out], near[0][call.out], near[1][call.out])
            for call in matrix.calls
        )

    def report(self, name: str, at: tuple[int, int], quotient: float) -> Finding:
        (row, column), matrix = at, self.gradients[name]
        expected, found = float(f"{quotient:.6g}"), float(self.matrices[name].gradient[at])
        if (home := home_of(self.plan, matrix)) is not None:
            return finding_at("gradient", *home, row, column, expected, found)
        return Finding("gradient", "", f"[{row}, {column}]", matrix, None, expected, found)


def _around_rounds(forward: Program, gradients: Mapping[str, str]) -> list[str]:
    """Matrices whose gradient comes past a rounded one: that, and all between them, have no gradients."""
    maker = {s.name: s.expr for s in forward.statements if s.kind == "matrix"}
    rounds = [node for expr in maker.values() for node in nodes(expr) if operation(node).straight]
    todo = [ref.name for node in rounds for ref in node.references]
    found: dict[str, None] = {}
    seen: set[str] = set()
    while todo:
        name = todo.pop(0)
        if name in maker and name not in gradients and name not in seen:
            seen.add(name)
            refs = [ref.name for ref in maker[name].references]
            found |= dict.fromkeys(ref for ref in refs if ref in gradients and ref in maker)
            todo += refs
    return list(found)


def _at_kink(call: Call, now: list[np.ndarray], moved: list[np.ndarray]) -> bool:
    """Whether what is moved stands at a kink now, or has come over a jump: over so many that they look like a slope,
    where large numbers are rounded down."""
    if call.jumps and np.any(moved[call.out] != now[call.out]):
        return True
    if call.kink is None:
        return False
    first = call.args[0]
    return bool(np.any(call.kink(*(now[arg] for arg in call.args)) & (moved[first] != now[first])))


def _bends(now: np.ndarray, *moved: np.ndarray) -> bool:
    """Whether a cell bends or jumps between its values after a step up and down, and half a step up and down."""
    up, down, half_up, half_down = moved
    change = np.abs(up - now) + np.abs(down - now)
    matters = change > 1e-9 * np.abs(now).max(initial=0.0)
    bend, half_bend = np.abs(up + down - 2 * now), np.abs(half_up + half_down - 2 * now)
    bends = (bend > 1e-2 * change) & (half_bend > 0.35 * bend)
    jumps = np.abs(half_up - half_down) > 0.9 * np.abs(up - down)
    return bool(np.any(matters & (bends | jumps | ~np.isfinite(change))))
