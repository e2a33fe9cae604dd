"""The diagram of a plain chain of layers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgen.ir.program import Program, Statement
from sheetgen.layout.axes import NONE, Axes
from sheetgen.layout.chart import NetworkPicture
from sheetgen.layout.geometry.figure import Request
from sheetgen.layout.wishes.wish import Wish
from sheetgen.layout.words.vocabulary import Vocabulary

MOST_NEURONS, MOST_LAYERS = 10, 8


def network(words: Vocabulary, axes: Mapping[str, Axes], values: Mapping[str, np.ndarray]) -> list[Wish]:
    """The diagram of the network, if it is a plain chain; it says which sample it shows: the first, unless that leaves
    all neurons of a layer at 0 and another one doesn't."""
    chain = _chain(words.program)
    if chain is None:
        return []
    layers, weights = chain
    samples, names = words.program.names[layers[0]][1], axes.get(layers[0], NONE)[1]
    if any(words.program.names[name][1] != samples for name in layers):
        return []
    asleep = [sum(not values[name][:, k].any() for name in layers[1:-1]) for k in range(samples)]
    shown = asleep.index(min(asleep))
    sample = "" if samples == 1 else f", {names[shown]}" if names else f", sample {shown + 1}"
    title = f"The network, from {words.title_of(layers[0])} to {words.title_of(layers[-1])}{sample}"
    picture = NetworkPicture(title, 0, 0, layers, weights, sample=shown)
    return [Wish(Request("", 12, 9, optional=True, least=8), picture)]


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
    out = [s.name for s in forward if not s.auxiliary and s.shape == last.shape and s.name != program.loss]
    if not out:
        return None
    layers.append(out[-1])
    heights = [program.names[name][0] for name in layers]
    return (tuple(layers), tuple(weights)) if max(heights) <= MOST_NEURONS and len(layers) <= MOST_LAYERS else None


def _sources(name: str, maker: Mapping[str, Statement]) -> set[str]:
    """The products and given matrices that a matrix is made of, cell by cell."""
    s = maker.get(name)
    if s is None or s.expr.op == "matmul":
        return {name}
    return {source for ref in s.expr.references for source in _sources(ref.name, maker)}
