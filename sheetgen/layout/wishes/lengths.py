"""Whose lengths and distances a program takes lies in the plane if it has two rows: things that are compared, one of
each kind joined by a line, and the way of a loop's state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from sheetgen.ir.node import Node
from sheetgen.ir.program import Program
from sheetgen.ir.walk import nodes
from sheetgen.layout.axes import NONE, Axes
from sheetgen.layout.chart import Cells, Plot, Trace
from sheetgen.layout.wishes import sets
from sheetgen.layout.wishes.turns import FEWEST, handed_on, start
from sheetgen.layout.wishes.wish import Wish, counted
from sheetgen.layout.words.vocabulary import Vocabulary

MOST_THINGS = 6
Chain = tuple[str, ...]


def distances(words: Vocabulary, axes: Mapping[str, Axes], values: Mapping[str, np.ndarray]) -> list[Wish]:
    """What is compared, column by column."""
    program, title = words.program, words.title_of
    found = []
    for chain in _chains(program):
        count = program.names[chain[0]][1]
        if not 1 < count <= MOST_THINGS:
            continue
        middle = (chain[len(chain) // 2], *chain)
        columns = next((axes[name][1] for name in middle if axes.get(name, NONE)[1]), counted(count))
        rows = next((axes[name][0] for name in chain if axes.get(name, NONE)[0]), ("", ""))
        shown = ", ".join(map(title, chain[:-1])) + (" and " if chain[1:] else "") + title(chain[-1])
        if chain[1:]:
            series = [Trace(title(name), Cells((name,), row=1), Cells((name,), row=0), "points") for name in chain]
            series[len(chain) // 2] = replace(series[len(chain) // 2], names=columns)
            series += sets.threads([(Cells(chain, 1, k), Cells(chain, 0, k)) for k in range(count)])
        else:
            series = [Trace(columns[k], Cells(chain, 1, k), Cells(chain, 0, k), "points", names=(columns[k],),
                            legend=False)
                      for k in range(count)]  # fmt: skip
        chart = Plot(f"{shown} in the plane", 0, 0, tuple(series), rows[0], rows[1])
        chart = sets.fitted(chart, sets.places([values[name] for name in chain]), zero=not chain[1:])
        found.append(Wish(sets.room(chart, chain[-1], chain), chart))
    return found


def ways(words: Vocabulary, axes: Mapping[str, Axes], values: Mapping[str, np.ndarray]) -> list[Wish]:
    """The way of a loop's state of two numbers, where nothing is learned."""
    program, found = words.program, list[Wish]()
    measured = {node.args[0].name for s in program.statements for node in nodes(s.expr) if _is_square(node)}
    for loop in words.loops.values() if program.loss is None else ():
        if len(loop.bodies) < FEWEST or not loop.carried or len({len(body) for body in loop.bodies}) > 1:
            continue
        for same in zip(*loop.bodies, strict=True):
            if {s.shape for s in same} == {(2, 1)} and same[0].name in measured and handed_on(loop, same):
                way = (*start(loop, same), *(s.name for s in same))
                rows = next((axes[name][0] for name in way if axes.get(name, NONE)[0]), ("", ""))
                name = f"The way from {words.title_of(way[0])} to {words.title_of(way[-1])}"
                trace = Trace(name, Cells(way, 1), Cells(way, 0))
                chart = Plot(name, 0, 0, (trace,), rows[0], rows[1])
                chart = sets.fitted(chart, sets.places([values[station] for station in way]))
                found.append(Wish(sets.room(chart, way[1], way), chart))
    return found


def _chains(program: Program) -> Iterator[Chain]:
    """Computed matrices of which columns are compared with the same columns of the next, and those whose columns are
    all compared with each other."""
    made = {s.name for s in program.statements if s.phase == "forward" and not s.auxiliary and s.shape[0] == 2}
    pairs: list[Chain] = []
    for s in program.statements:
        for node in nodes(s.expr) if s.phase == "forward" else ():
            if _is_square(node) and node.args[0].op == "subtract":
                pairs.append(tuple(arg.name for arg in node.args[0].args))
            if node.op == "matmul" and node.args[0].op == "transpose" and node.args[0].args[0] == node.args[1]:
                pairs.append((node.args[1].name,))
    left = list(dict.fromkeys(pair for pair in pairs if made.issuperset(pair)))
    while left:
        chain = left.pop(0)
        for pair in list(left):
            turned = {pair, pair[::-1]}
            for a, b in turned if pair[1:] and chain[1:] else ():
                if chain[-1] == a and b not in chain:
                    chain = (*chain, b)
                elif chain[0] == b and a not in chain:
                    chain = (a, *chain)
                else:
                    continue
                left.remove(pair)
                break
        yield chain


def _is_square(node: Node) -> bool:
    return node.op == "power" and node.args[1].value == 2 and node.args[0].shape[0] == 2
