"""Which gradients are those of a program's losses, and of which matrices several losses have one."""

from __future__ import annotations

from collections import Counter

from sheetgen.ir.program import Program, Statement


def is_gradient(s: Statement, program: Program) -> bool:
    """Whether it is the gradient of one of a program's losses, and not one that an author's step takes."""
    return s.gradient_of is not None and (s.phase == "backward" or s.name in program.further)


def of_several(program: Program) -> frozenset[str]:
    """The matrices that have gradients of several losses, also on the way to one that an author has named, and those
    that are the same in other turns of a loop."""
    made = [s for s in program.statements if s.auxiliary or is_gradient(s, program)]
    found = {(s.gradient_of, s.loss) for s in made if s.gradient_of}
    counts = Counter(matrix for matrix, _ in found)
    several = {matrix for matrix, count in counts.items() if matrix and count > 1}
    places, turns = Counter[tuple[int, int]](), dict[tuple[int, int], set[str]]()
    for s in program.statements if several else ():
        if s.phase == "forward" and s.round is not None and s.kind == "matrix":
            turns.setdefault((s.round[0], places[s.round]), set()).add(s.name)
            places[s.round] += 1
    return frozenset(several.union(*(same for same in turns.values() if same & several)))
