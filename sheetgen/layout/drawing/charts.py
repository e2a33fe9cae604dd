"""Charts where people would rather look than read: the graph, the network, predictions as bars, curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sheetgen.ir.node import Node
from sheetgen.ir.program import Given, Program, Statement
from sheetgen.ir.walk import nodes, references
from sheetgen.layout.chart import Bars, Chart, GraphPicture, Lines, NetworkPicture, Place
from sheetgen.layout.drawing.axes import Axes
from sheetgen.layout.geometry.figure import Placement, Request
from sheetgen.layout.plan import Role
from sheetgen.layout.words.legend import titles
from sheetgen.layout.words.vocabulary import Vocabulary
from sheetgen.ops import operation

MOST_BARS, MOST_DRAWN, FEWEST_POINTS, MOST_NEURONS, MOST_LAYERS = 12, 120, 8, 10, 8
WIDE = 16
"""Nodes from which a graph's picture is as wide as its lane."""


@dataclass(frozen=True)
class Wish:
    """A chart without its place and title, and the room that it wants."""

    kind: Literal["graph", "network", "bars", "lines"]
    request: Request
    names: tuple[str, ...]
    """graph: adjacency, prediction or nothing · bars: prediction, target and the prediction after the update · lines:
    x, y · network: layers."""
    weights: tuple[str, ...] = ()


def wishes(program: Program, roles: Mapping[str, Role]) -> tuple[Wish, ...]:
    """The charts that a program wants, in reading order."""
    found: list[Wish] = []
    for given in program.givens:
        if given.graph is not None and len(given.graph.labels) <= MOST_DRAWN:
            wide = len(given.graph.labels) > WIDE
            request = Request(given.name, 14 if wide else 12, min(34, len(given.graph.labels)) if wide else 9)
            prediction = (program.predict,) if program.predict else ()
            found.append(Wish("graph", request, (given.name, *prediction)))
    if pair := _compared(program, roles):
        guess, target = pair
        after = tuple(s.name for s in program.statements if s.repeats == guess.name)
        names = (guess.name, target.name, *after)
        found.append(Wish("bars", Request(guess.name, 8, 8), names))
    for x, s in _curves(program):
        found.append(Wish("lines", Request(s.name, 9, 8), (x, s.name)))
    if chain := _chain(program):
        layers, weights = chain
        found.append(Wish("network", Request("", 11, 9, optional=True), layers, weights))
    return tuple(found)


def charts(
    words: Vocabulary, placement: Placement, wanted: Sequence[Wish], axes: Mapping[str, Axes], steps: Mapping[str, int]
) -> tuple[Chart, ...]:
    """The charts that got room."""
    return tuple(
        _chart(words, wanted[p.request], Place(p.row, p.column, p.height, p.width), axes, steps)
        for p in placement.pictures
    )


def _chart(words: Vocabulary, wish: Wish, place: Place, axes: Mapping[str, Axes], steps: Mapping[str, int]) -> Chart:
    at, title, program = (place.row, place.column), titles(words, wish.kind, wish.names), words.program
    if wish.kind == "graph":
        given = next(g for g in program.givens if g.name == wish.names[0])
        graph = given.graph
        assert graph is not None
        prediction = wish.names[1] if len(wish.names) > 1 else None
        return GraphPicture(
            title, *at, graph.labels, graph.positions, given.name, prediction, graph.directed, place=place
        )
    if wish.kind == "network":
        return NetworkPicture(title, *at, wish.names, wish.weights, place=place)
    if wish.kind == "lines":
        return Lines(title, *at, wish.names[0], ((title, wish.names[1]),), place=place)
    rows, columns = axes.get(wish.names[1], ((), ()))
    size = max(program.names[wish.names[1]])
    categories = (rows if len(rows) == size else columns if len(columns) == size else ()) or tuple(
        str(k + 1) for k in range(size)
    )
    series = tuple(zip(("prediction", "target", "after the update"), wish.names, strict=False))
    return Bars(title, *at, series, categories, steps.get(wish.names[0], 0), place)


def _chain(program: Program) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The layers of a plain chain `relu(W @ x + b)`, and the weights between them; None for any other network."""
    forward = [s for s in program.statements if s.phase == "forward" and s.kind == "matrix"]
    products = [s for s in forward if s.expr.op == "matmul"]
    parameters = {g.name for g in program.givens if g.role == "parameter"}
    maker = {s.name: s for s in forward}
    layers: list[str] = []
    weights: list[str] = []
    last: Statement | None = None
    for s in products:
        left, right = s.expr.args
        first = left.args[0] if left.op == "hstack" else left
        below = right.args if right.op == "vstack" else (right,)
        if s.round is not None or first.name not in parameters or not below[0].is_matrix:
            return None
        plain = all(piece.op == "ones" for piece in below[1:])
        if not plain or (last is not None and _sources(below[0].name, maker) - parameters != {last.name}):
            return None
        layers.append(below[0].name)
        weights.append(first.name)
        last = s
    if len(products) < 2 or last is None:
        return None
    shape = last.shape
    layers.append([s.name for s in forward if not s.auxiliary and s.shape == shape and s.name != program.loss][-1])
    heights = [program.names[name][0] for name in layers]
    return (tuple(layers), tuple(weights)) if max(heights) <= MOST_NEURONS and len(layers) <= MOST_LAYERS else None


def _sources(name: str, maker: Mapping[str, Statement]) -> set[str]:
    """The products and given matrices that a matrix is made of, cell by cell."""
    s = maker.get(name)
    if s is None or s.expr.op == "matmul":
        return {name}
    return {source for ref in references(s.expr) for source in _sources(ref.name, maker)}


def _compared(program: Program, roles: Mapping[str, Role]) -> tuple[Statement, Given] | None:
    """The last small prediction, and the target of its shape that the loss holds against it."""
    targets = [g for g in program.givens if g.role == "target" and 1 in g.shape and 1 < g.value.size <= MOST_BARS]
    forward = [s for s in program.statements if s.phase == "forward"]
    for target in targets:
        against = {name for s in forward for name in _guesses(s.expr, target.name)}
        for s in reversed(forward):
            if s.name in against and s.shape == target.shape and roles.get(s.name) is Role.OUTPUT:
                return s, target
    return None


def _guesses(node: Node, target: str) -> set[str]:
    """What is held against a target: what it is subtracted from, or what a logarithm is taken of beside it."""
    names = {ref.name for ref in references(node)}
    if target not in names:
        return set()
    pairs = [n for n in nodes(node) if n.op == "log" or (n.op == "subtract" and target in map(_name, n.args))]
    return {ref.name for pair in pairs for ref in references(pair)} - {target}


def _name(node: Node) -> str:
    return node.name


def _curves(program: Program) -> list[tuple[str, Statement]]:
    """Functions of one given row or column of ascending numbers, each with that row's name."""
    found = []
    for given in program.givens:
        numbers = given.value.ravel()
        if 1 not in given.shape or len(numbers) < FEWEST_POINTS or not (numbers[1:] > numbers[:-1]).all():
            continue
        found += [
            (given.name, s)
            for s in program.statements
            if s.phase == "forward" and not s.auxiliary and s.shape == given.shape and s.expr.kind == "elementwise"
            and not operation(s.expr).arithmetic and s.expr.args[0].name == given.name
        ]  # fmt: skip
    return found
