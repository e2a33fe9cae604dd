"""What changes from turn to turn of a loop: a number, or the state, as lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sheetgen.ir.program import Program, Statement
from sheetgen.ir.walk import leading_to, nodes
from sheetgen.layout.axes import NONE, Axes
from sheetgen.layout.chart import Cells, Plot, Trace
from sheetgen.layout.geometry.figure import Request
from sheetgen.layout.wishes.wish import Wish, ordinal
from sheetgen.layout.words.loops import Loop, common_name
from sheetgen.layout.words.vocabulary import Vocabulary

FEWEST, MOST_LINES = 3, 6
Turns = tuple[Statement, ...]
"""The same statement of all turns."""


def over_turns(
    words: Vocabulary, axes: Mapping[str, Axes], values: Mapping[str, np.ndarray]
) -> list[Wish]:
    """For each loop the numbers that nothing reads (a loss, an energy), and the states where nothing is learned."""
    found: list[Wish] = []
    for loop in words.loops.values():
        if len(loop.bodies) < FEWEST or not loop.carried or len({len(body) for body in loop.bodies}) > 1:
            continue
        alike = [same for same in zip(*loop.bodies, strict=True) if not any(s.auxiliary for s in same)]
        alike = [same for same in alike if len({s.shape for s in same}) == 1]
        read = {ref.name for body in loop.bodies for s in body for ref in s.expr.references}
        reports = [same for same in alike if same[0].shape == (1, 1) and not any(s.name in read for s in same)]
        columns = [same for same in alike if same[0].shape[1] == 1 < same[0].shape[0] <= MOST_LINES]
        for same in [same for same in columns if handed_on(loop, same)][-1:] if words.program.loss is None else ():
            first = start(loop, same)
            rows = next((axes[name][0] for name in (same[0].name, *first) if axes.get(name, NONE)[0]), ())
            likely = all(_chances(values[name]) for name in (*first, *(s.name for s in same)))
            found.append(_chart(words, loop, same, first, rows, _measured(words.program, loop, same), False, likely))
        found += [_chart(words, loop, same, (), (), (), bool(found), False) for same in reports]
    return found


def _chart(
    words: Vocabulary, loop: Loop, same: Turns, first: tuple[str, ...], rows: Sequence[str], measured: Sequence[str],
    optional: bool, likely: bool,
) -> Wish:  # fmt: skip
    names, title = tuple(s.name for s in same), stem(words, loop, same)
    x = tuple(float(k + 1 - len(first)) for k in range(len(same) + len(first)))
    height = same[0].shape[0]
    labels = [title] if height == 1 else list(rows) or [ordinal(k) for k in range(height)]
    series = [Trace(label, Cells((*first, *names), row=k), x) for k, label in enumerate(labels)]
    series += [Trace(words.title_of(name), Cells((name,)), x[len(first) :], "points", "target") for name in measured]
    whole = " and ".join([title, *(words.title_of(name) for name in measured)])
    chart = Plot(f"{whole} over {loop.letter}", 0, 0, tuple(series), x_ends=(x[0], x[-1]),
                 y_ends=(0.0, 1.0) if likely else None, whole=True)  # fmt: skip
    request = Request(names[0], 10, 10 if len(series) > 1 else 8, optional=optional, reads=(*names, *first, *measured))
    return Wish(request, chart)


def _chances(numbers: np.ndarray) -> bool:
    """Whether the numbers of each column are chances, which add up to 1."""
    return bool((numbers >= 0).all() and np.allclose(numbers.sum(axis=0), 1))


def stem(words: Vocabulary, loop: Loop, same: Turns) -> str:
    """What the same statement of all turns is called: `hₜ`, else what the last one is."""
    called = [words.symbols.name(s.name) for s in same]
    known = [name for name in called if name is not None]
    found = common_name(known, loop, range(len(same)), words.symbols) if len(known) == len(same) else None
    return found or words.title_of(same[-1].name)


def start(loop: Loop, same: Turns) -> tuple[str, ...]:
    """What the first turn reads where the second one reads the state of the first, if it has the same shape."""
    for a, b in zip(loop.bodies[0], loop.bodies[1], strict=False):
        for before, after in zip(a.expr.references, b.expr.references, strict=False):
            if after.name == same[0].name and before.shape == same[0].shape:
                return (before.name,)
    return ()


def handed_on(loop: Loop, same: Turns) -> bool:
    """Whether each turn hands it to the next."""
    return all(
        any(before.name == ref.name for s in body for ref in s.expr.references)
        for before, body in zip(same, loop.bodies[1:], strict=False)
    )


def _measured(program: Program, loop: Loop, same: Turns) -> list[str]:
    """Given rows of one number for each turn that the state is mended by: what is expected is subtracted from them."""
    wanted = leading_to([s.name for s in same], program.statements)
    found = []
    for given in program.givens:
        if given.role == "input" and given.shape == (1, len(loop.bodies)) and given.name in wanted:
            differences = [n for body in loop.bodies for s in body for n in nodes(s.expr) if n.op == "subtract"]
            if any(ref.name == given.name for n in differences for ref in n.args[0].references):
                found.append(given.name)
    return found
