"""Matrices of two rows as points in the plane, together with those that lie in the same plane."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sheetgen.ir.node import Node
from sheetgen.ir.program import Program
from sheetgen.ir.walk import nodes
from sheetgen.layout.axes import NONE, Axes
from sheetgen.layout.chart import Cells, Plot, Trace
from sheetgen.layout.wishes import sets
from sheetgen.layout.wishes.turns import handed_on, start, stem
from sheetgen.layout.wishes.wish import Learned, Wish, named
from sheetgen.layout.words.vocabulary import Vocabulary

FEWEST, MOST_SETS = 3, 5
"""Points of a matrix; matrices of one chart."""


def points(
    words: Vocabulary, axes: Mapping[str, Axes], learned: Mapping[str, Learned], ranges: Mapping[str, np.ndarray]
) -> list[Wish]:
    """Given points of a plane, and what a program puts into the same plane: the ways of a loop's states, column by
    column, else what is made of the points at once, and what comes out in the end; after a training too. `ranges` has
    the numbers that matrices ever have."""
    program = words.program
    together = _planes(program)
    found, seen = [], set[str]()
    for given in program.givens:
        if given.name in seen or given.name not in together or given.role != "input" or given.integers:
            continue
        plane = together[given.name]
        seen |= plane
        givens = [g for g in program.givens if g.name in plane and g.role in ("input", "target")]
        wish = _chart(words, plane, axes, learned, ranges) if max(g.shape[1] for g in givens) >= FEWEST else None
        found += [wish] if wish is not None else []
    return found


def _chart(
    words: Vocabulary, plane: set[str], axes: Mapping[str, Axes], learned: Mapping[str, Learned],
    ranges: Mapping[str, np.ndarray],
) -> Wish | None:  # fmt: skip
    program, title = words.program, words.title_of
    ways = _ways(words, plane)
    stations = {name for way in ways for name in way.stations}
    shown = [g.name for g in program.givens if g.name in plane and g.role == "input" and g.name not in stations]
    targets = [g.name for g in program.givens if g.name in plane and g.role == "target"]
    if not ways:
        shown += _made(program, plane)
    if len(shown) + len(ways) + len(targets) * bool(ways) < 2 or len(shown) > MOST_SETS:
        return None
    series = [Trace(title(name), Cells((name,), row=1), Cells((name,), row=0), "points",
                    names=() if n else sets.names(axes, name)) for n, name in enumerate(shown)]  # fmt: skip
    series += [] if ways else sets.joined(axes, shown)
    for name, end in ((name, learned[name]) for name in shown if name in learned):
        count = program.names[name][1]
        up, across = (Cells((end.region,), end.row, columns=range(k * count, (k + 1) * count)) for k in (1, 0))
        series.append(Trace(end.title(title(name)), up, across, "points", "after"))
    taken = {name for other in shown for name in axes.get(other, NONE)[1]}
    counts = [program.names[way.stations[0]][1] for way in ways]
    paired = [name for name in targets if counts == [program.names[name][1]]]
    for way in ways:
        series += _lines(words, way, axes, taken, paired)
    series += [Trace(title(name), Cells((name,), row=1), Cells((name,), row=0), "points", "target")
               for name in targets if ways]  # fmt: skip
    reads = (*shown, *(targets if ways else ()), *(name for way in ways for name in way.stations))
    rows = next((axes[name][0] for name in reads if axes.get(name, NONE)[0]), ("", ""))
    told = [*map(title, (*shown, *(targets if ways else ()))),
            *(f"{title(way.stations[0])} to {title(way.stations[-1])}" for way in ways)]  # fmt: skip
    chart = Plot(f"{', '.join(told[:-1])} and {told[-1]} in the plane", 0, 0, tuple(series), rows[0], rows[1])
    chart = sets.fitted(chart, sets.places([ranges[name] for name in reads]))
    return Wish(sets.room(chart, reads[0], reads), chart)


def _made(program: Program, plane: set[str]) -> list[str]:
    """What is made of given points at once, and what comes out in the end; not what is but a step to that."""
    here = [s for s in named(program) if s.name in plane and s.round is None]
    inputs = {g.name for g in program.givens if g.role == "input"} & plane
    reads = {s.name: {ref.name for ref in s.expr.references} for s in named(program) if s.name in plane}
    ends = [s.name for s in here if not any(s.name in names for names in reads.values())]
    firsts = [s.name for s in here if reads[s.name] & inputs and not any(s.name in reads[end] for end in ends)]
    return [s.name for s in here if s.name in (*firsts, *ends)]


@dataclass(frozen=True)
class Way:
    """The states of a loop, turn by turn, from where they start, and what they are called together."""

    stations: tuple[str, ...]
    title: str


def _lines(
    words: Vocabulary, way: Way, axes: Mapping[str, Axes], taken: set[str], targets: Sequence[str]
) -> Iterator[Trace]:
    """A line for each column, called like it unless points are, and threads to the points where it should end."""
    stations, count = way.stations, words.program.names[way.stations[0]][1]
    columns = axes.get(stations[0], NONE)[1]
    known = columns if columns and not taken & set(columns) else ()
    for k in range(count):
        name = known[k] if known else f"{way.title}, column {k + 1}"
        yield Trace(name, Cells(stations, 1, k), Cells(stations, 0, k), names=known[k : k + 1], legend=not known)
    for target in targets:
        yield from sets.threads([(Cells((stations[-1], target), 1, k), Cells((stations[-1], target), 0, k))
                                 for k in range(count)])  # fmt: skip


def _ways(words: Vocabulary, plane: set[str]) -> list[Way]:
    """Those within the plane."""
    found = []
    for loop in words.loops.values():
        for same in zip(*loop.bodies, strict=False) if loop.carried else ():
            if any(s.auxiliary or s.name not in plane for s in same) or len({s.shape for s in same}) > 1:
                continue
            if handed_on(loop, same):
                found.append(Way((*start(loop, same), *(s.name for s in same)), stem(words, loop, same)))
    return found


def _planes(program: Program) -> dict[str, set[str]]:
    """Matrices of two rows, each with all that lie in the same plane."""
    planes: dict[str, set[str]] = {}  # networkx finds these too, but takes long to load
    for a, b in _joined(program):
        plane = planes.get(a, {a}) | planes.get(b, {b})
        planes |= dict.fromkeys(plane, plane)
    return planes


def _joined(program: Program) -> Iterator[tuple[str, str]]:
    """Pairs of them."""
    learned = {g.name for g in program.givens if g.role == "parameter"}
    given = {g.name for g in program.givens if g.graph is None}
    readers: dict[str, str] = {}
    for s in program.statements:
        if s.phase != "forward" or s.kind != "matrix":
            continue
        if s.shape[0] == 2:
            yield from ((s.name, name) for name in _in_plane(s.expr, learned, given))
        for node in nodes(s.expr):
            yield from _pairs(node, learned, given)
        for weights, name in _read(s.expr, learned, given):
            yield readers.setdefault(weights, name), name


def _in_plane(node: Node, learned: set[str], given: set[str]) -> set[str]:
    """The matrices in whose plane the columns of a node lie: those that it moves, scales, averages or picks from."""
    if node.is_matrix:
        return {node.name} if node.shape[0] == 2 and node.name not in learned else set()
    if node.shape[0] != 2:
        return set()
    inner = [_in_plane(arg, learned, given) for arg in node.args]
    match node.op:
        case "add" | "subtract" | "negative" | "hstack":
            return set().union(*inner)
        case "multiply" | "divide":
            full = [arg.shape == node.shape for arg in node.args]
            return set().union(*inner) if sum(full) == 1 else set()
        case "matmul":
            weights = {ref.name for ref in node.args[1].references}
            return inner[0] if weights and not weights & (inner[0] | given) else set()
        case "slice":
            return inner[0] if node.option("rows") == (0, 2) else set()
        case "sum" | "mean":
            return inner[0]  # along the rows, as there are two of them still
    return set()


def _pairs(
    node: Node, learned: set[str], given: set[str]
) -> Iterator[tuple[str, str]]:
    """What is compared: subtracted from each other, or multiplied column by column."""
    if node.op == "subtract" and node.shape[0] == 2:
        left, right = (sorted(_in_plane(arg, learned, given)) for arg in node.args)
        yield from ((a, b) for a in left for b in right)
    if node.op == "matmul" and node.args[0].op == "transpose":
        left, right = (sorted(_in_plane(arg, learned, given)) for arg in (node.args[0].args[0], node.args[1]))
        yield from ((a, b) for a in left for b in right)


def _read(
    node: Node, learned: set[str], given: set[str]
) -> Iterator[tuple[str, str]]:
    """Weights, and the matrix of two rows that they read."""
    if node.op == "matmul":
        weights = next((ref.name for ref in node.args[0].references if ref.name), "")
        right = node.args[1].args[0] if node.args[1].op == "vstack" else node.args[1]
        if weights and right.is_matrix and right.shape[0] == 2 and right.name not in learned:
            yield weights, right.name
