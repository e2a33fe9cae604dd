"""Functions of a row of ascending numbers, one chart for each section, all over the same row."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgen.ir.program import Given, Program, Statement
from sheetgen.ir.walk import depending_on, leading_to
from sheetgen.layout.chart import Cells, Plot, Trace
from sheetgen.layout.geometry.figure import Request
from sheetgen.layout.wishes.wish import Wish, around, named
from sheetgen.layout.words.equations import whole
from sheetgen.layout.words.vocabulary import Vocabulary
from sheetgen.ops import operation

FEWEST, MOST_CURVES, WIDEST, SWITCH = 8, 4, 17, 2
"""Numbers of the row, curves of a chart, its columns, and the values of what only switches."""


def curves(words: Vocabulary, values: Mapping[str, np.ndarray]) -> list[Wish]:
    """A chart for each section that bends a given row of ascending numbers: the functions and their slopes."""
    found: list[Wish] = []
    for given in words.program.givens:
        numbers = values[given.name].ravel()
        if 1 in given.shape and len(numbers) >= FEWEST and (numbers[1:] > numbers[:-1]).all():
            found += _of(words, given, values)
    return found


def _of(words: Vocabulary, given: Given, values: Mapping[str, np.ndarray]) -> list[Wish]:
    sections: dict[str, list[Statement]] = {}
    for s in _functions(words.program, given):
        sections.setdefault(s.section, []).append(s)
    bent = {key: group for key, group in sections.items() if any(_bends(s, given.name) for s in group)}
    across = around(values[given.name].flat)
    return [_chart(words, given, group, across, values) for group in bent.values()]


def _chart(
    words: Vocabulary, given: Given, group: list[Statement], across: tuple[float, float],
    values: Mapping[str, np.ndarray],
) -> Wish:  # fmt: skip
    """The function, what is made of it, and last what it is made of; a switch in points, for a line would slant."""
    at = next(k for k, s in enumerate(group) if _bends(s, given.name))
    drawn = (group[at:] + group[:at])[:MOST_CURVES]
    x, series = Cells((given.name,)), []
    for s in drawn:
        switch = len(np.unique(values[s.name])) <= SWITCH
        series.append(Trace(words.title_of(s.name), Cells((s.name,)), x, "points" if switch else "both"))
    title = whole(words.full(drawn[0].expr), words.symbols)
    up = around(n for s in drawn for n in values[s.name].flat)
    chart = Plot(title, 0, 0, tuple(series), x_ends=across, y_ends=up)
    reads = (given.name, *(s.name for s in drawn))
    return Wish(Request(drawn[0].name, 10, min(WIDEST, values[given.name].size), reads=reads, across=True), chart)


def _functions(program: Program, given: Given) -> list[Statement]:
    """What is made of the row, and of nothing that a network learns, cell by cell."""
    statements = [s for s in program.statements if s.phase == "forward" and s.kind == "matrix"]
    learned = {g.name for g in program.givens if g.role == "parameter"}
    made = depending_on([given.name], statements)
    return [
        s for s in named(program)
        if s.name in made and s.shape == given.shape and not learned & leading_to([s.name], statements)
    ]  # fmt: skip


def _bends(s: Statement, x: str) -> bool:
    """Whether it is a function of the row itself, rather than arithmetic with others."""
    return s.expr.kind == "elementwise" and not operation(s.expr).arithmetic and s.expr.args[0].name == x
