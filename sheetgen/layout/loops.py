"""Which loops of a spec are drawn with their rounds side by side, and what the rounds share."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sheetgen.ir.node import Node
from sheetgen.ir.program import Program, Statement
from sheetgen.ir.walk import references
from sheetgen.layout.uses import is_product, pieces


@dataclass(frozen=True)
class Loop:
    """A loop of the spec, unrolled, whose rounds compute the same things."""

    rounds: tuple[tuple[Statement, ...], ...]
    beside: frozenset[str]
    """Matrices from outside that stand left of a product in more than one round."""
    above: frozenset[str]
    """Other matrices from outside that more than one round reads, or that later rounds compute: the first state."""
    chained: bool
    """Whether a round reads what another one computed."""


def loops(program: Program) -> list[Loop]:
    """The loops whose rounds are drawn side by side: those that share weights, and those that don't depend on
    one another. In a chain of layers, each round reads the last and has weights of its own: that goes down."""
    found: dict[tuple[str, int], dict[int, list[Statement]]] = {}
    for s in program.statements:
        if s.round is not None and s.kind == "matrix":
            number, place = s.round
            found.setdefault((s.phase, number), {}).setdefault(place, []).append(s)
    made = (_loop([tuple(r) for r in rounds.values()]) for rounds in found.values())
    return [loop for loop in made if loop is not None]


def _loop(rounds: list[tuple[Statement, ...]]) -> Loop | None:
    first = rounds[0]
    same = all(len(r) == len(first) and all(map(_alike, first, r)) for r in rounds)
    if len(rounds) < 2 or not same:
        return None
    made = {part.name for r in rounds for s in r for part in s.parts}
    lefts: Counter[str] = Counter()
    reads: Counter[str] = Counter()
    for r in rounds:
        lefts.update({ref.name for s in r if is_product(s) for ref in _left(s)} - made)
        reads.update({ref.name for s in r for ref in references(s.expr)} - made)
    beside = {name for name, count in lefts.items() if count > 1}
    states = {
        a.name
        for one, two in zip(first, rounds[1], strict=True)
        for a, b in zip(references(one.expr), references(two.expr), strict=True)
        if a.name not in made and b.name in made
    }
    above = ({name for name, count in reads.items() if count > 1} | states) - beside
    chained = _chained(rounds)
    if not beside and chained:
        return None
    return Loop(tuple(rounds), frozenset(beside), frozenset(above), chained)


def _left(s: Statement) -> list[Node]:
    return [piece for piece in pieces(s.expr.args[0], "hstack") if piece.is_matrix]


def _chained(rounds: list[tuple[Statement, ...]]) -> bool:
    made: set[str] = set()
    for r in rounds:
        if any(ref.name in made for s in r for ref in references(s.expr)):
            return True
        made |= {s.name for s in r}
    return False


def _alike(a: Statement, b: Statement) -> bool:
    return a.shape == b.shape and len(a.parts) == len(b.parts) and _same_form(a.expr, b.expr)


def _same_form(a: Node, b: Node) -> bool:
    """Whether two expressions differ in names, numbers and places only."""
    return a.op == b.op and a.shape == b.shape and len(a.args) == len(b.args) and all(map(_same_form, a.args, b.args))
