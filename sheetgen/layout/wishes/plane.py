"""Matrices of two rows as points in the plane, together with those that lie in the same plane."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sheetgen.ir.node import Node
from sheetgen.ir.program import Program
from sheetgen.ir.walk import nodes, references
from sheetgen.layout.chart import Cells, Plot, Trace
from sheetgen.layout.drawing.axes import NONE, Axes
from sheetgen.layout.geometry.figure import Request
from sheetgen.layout.wishes.turns import handed_on, start
from sheetgen.layout.wishes.wish import Learned, Wish, named
from sheetgen.layout.words.vocabulary import Vocabulary

FEWEST, MOST_SETS = 3, 5
"""Points of a matrix; matrices of one chart."""


def points(words: Vocabulary, axes: Mapping[str, Axes], learned: Mapping[str, Learned]) -> list[Wish]:
    """Given points of a plane, and what a program puts into the same plane: the ways of a loop's states, column by
    column, else what is made of the points at once, and what comes out in the end; after a training too."""
    program = words.program
    together = _planes(program)
    found, seen = [], set[str]()
    for given in program.givens:
        if given.name in seen or given.name not in together or given.role != "input" or given.integers:
            continue
        plane = together[given.name]
        seen |= plane
        givens = [g for g in program.givens if g.name in plane and g.role in ("input", "target")]
        if max(g.shape[1] for g in givens) >= FEWEST and (wish := _chart(words, plane, axes, learned)) is not None:
            found.append(wish)
    return found


def _chart(
    words: Vocabulary, plane: set[str], axes: Mapping[str, Axes], learned: Mapping[str, Learned]
) -> Wish | None:
    program, title = words.program, words.title_of
    here = [s for s in named(program) if s.name in plane]
    ways = _ways(words, plane)
    stations = {name for way in ways for name in way}
    read = {ref.name for s in here for ref in references(s.expr)}
    inputs = {g.name for g in program.givens if g.role == "input"}
    sets = [g.name for g in program.givens if g.name in plane and g.role == "input" and g.name not in stations]
    sets += [g.name for g in program.givens if g.name in plane and g.role == "target"] if ways else []
    if not ways:
        firsts = [s.name for s in here if s.round is None and {r.name for r in references(s.expr)} & inputs & plane]
        ends = [s.name for s in here if s.round is None and s.name not in read]
        sets += [s.name for s in here if s.name in (*firsts, *ends)]
    if len(sets) + len(ways) < 2 or len(sets) > MOST_SETS:
        return None
    series = [
        Trace(title(name), Cells((name,), row=1), Cells((name,), row=0), "points",
              "target" if any(g.name == name and g.role == "target" for g in program.givens) else "series")
        for name in sets
    ]  # fmt: skip
    for name, end in ((name, learned[name]) for name in sets if name in learned):
        count = program.names[name][1]
        up, across = (Cells((end.region,), end.row, columns=range(k * count, (k + 1) * count)) for k in (1, 0))
        series.append(Trace(end.title(title(name)), up, across, "points", "after"))
    for way in ways:
        columns = axes.get(way[0], NONE)[1]
        series += [
            Trace(columns[k] if columns else f"{title(way[-1])}, column {k + 1}", Cells(way, 1, k), Cells(way, 0, k))
            for k in range(program.names[way[0]][1])
        ]
    rows = next((axes[name][0] for name in (*sets, *stations) if axes.get(name, NONE)[0]), ("", ""))
    shown = [*map(title, sets), *(f"{title(way[0])} to {title(way[-1])}" for way in ways)]
    chart = Plot(f"{', '.join(shown[:-1])} and {shown[-1]} in the plane", 0, 0, tuple(series), rows[0], rows[1])
    reads = (*sets, *(name for way in ways for name in way))
    return Wish(Request(reads[0], 11, 9, reads=reads), chart)


def _ways(words: Vocabulary, plane: set[str]) -> list[tuple[str, ...]]:
    """The states of loops within the plane, turn by turn, from where they start."""
    found = []
    for loop in words.loops.values():
        for same in zip(*loop.bodies, strict=False) if loop.carried else ():
            if any(s.auxiliary or s.name not in plane for s in same) or len({s.shape for s in same}) > 1:
                continue
            if handed_on(loop, same):
                found.append((*start(loop, same), *(s.name for s in same)))
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
            weights = {ref.name for ref in references(node.args[1])}
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
        weights = next((ref.name for ref in references(node.args[0]) if ref.name), "")
        right = node.args[1].args[0] if node.args[1].op == "vstack" else node.args[1]
        if weights and right.is_matrix and right.shape[0] == 2 and right.name not in learned:
            yield weights, right.name
