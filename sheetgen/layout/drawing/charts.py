"""Charts where people would rather look than read: which a program gets, and where each stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from sheetgen.layout import measure
from sheetgen.layout.axes import Axes
from sheetgen.layout.chart import Chart, GraphPicture, HeatMap, Place, Plot
from sheetgen.layout.geometry.figure import Column, Placement, Request
from sheetgen.layout.plan import Role
from sheetgen.layout.wishes.asked import asked
from sheetgen.layout.wishes.compared import answers, probabilities, shares
from sheetgen.layout.wishes.curves import curves
from sheetgen.layout.wishes.lengths import distances, ways
from sheetgen.layout.wishes.network import network
from sheetgen.layout.wishes.plane import points
from sheetgen.layout.wishes.sets import trimmed
from sheetgen.layout.wishes.spread import spread
from sheetgen.layout.wishes.turns import over_turns
from sheetgen.layout.wishes.wish import Learned, Wish
from sheetgen.layout.words.vocabulary import Vocabulary
from sheetgen.ops import operation

MOST_DRAWN, LONGEST = 120, 60
"""Nodes of a graph, and letters of a sentence that is a title."""
WIDE = 16
"""Nodes from which a graph's picture is as wide as its lane."""
COLUMN, DOT = 4.6, 12.0
"""Width of a column that a graph's picture covers, about, and points across a node."""


def wishes(
    words: Vocabulary, roles: Mapping[str, Role], axes: Mapping[str, Axes], values: Mapping[str, np.ndarray],
    learned: Mapping[str, Learned], later: Mapping[str, np.ndarray] = MappingProxyType({}),
) -> tuple[Wish, ...]:  # fmt: skip
    """The charts that a program wants, those first that choose their place first; of what an author asks for none
    comes on its own. `learned` is what a training makes of matrices, `later` has all numbers that it gives them."""
    ranges = {**values, **later}
    wanted = asked(words, axes, values, learned, ranges)
    told = {frozenset(wish.request.reads) for wish in wanted} | {frozenset(p.names) for p in words.program.pictures}
    own = _own(words, roles, axes, values, learned, ranges)
    return (*wanted, *(wish for wish in own if frozenset(wish.request.reads) not in told))


def _own(
    words: Vocabulary, roles: Mapping[str, Role], axes: Mapping[str, Axes], values: Mapping[str, np.ndarray],
    learned: Mapping[str, Learned], ranges: Mapping[str, np.ndarray],
) -> tuple[Wish, ...]:  # fmt: skip
    """The charts that come on their own."""
    return (
        *_graphs(words, learned),
        *points(words, axes, learned, ranges),
        *distances(words, axes, values),
        *ways(words, axes, values),
        *answers(words, roles, axes, values, learned),
        *curves(words, values),
        *over_turns(words, axes, values),
        *shares(words, axes),
        *probabilities(words, axes),
        *network(words, axes, values),
    )


def charts(placement: Placement, wanted: Sequence[Wish], columns: Sequence[Column]) -> tuple[Chart, ...]:
    """The charts that got room, in columns of these widths, a plane in no more than it fills; heat maps are none, but
    cells."""
    found: list[Chart] = []
    for p in placement.pictures:
        chart, request = wanted[p.request].chart, wanted[p.request].request
        if not isinstance(chart, HeatMap):
            place = Place(p.row, p.column, p.height, p.width)
            place = trimmed(chart, request, place, columns) if isinstance(chart, Plot) else place
            found.append(replace(chart, row=p.row, column=p.column, place=place))
    return tuple(found)


def _graphs(words: Vocabulary, learned: Mapping[str, Learned]) -> list[Wish]:
    """The picture of each graph, coloured by the prediction; of a training, as it is in the epoch that is shown, and
    as it is in the end."""
    found = []
    for given in words.program.givens:
        graph = given.graph
        if graph is not None and len(graph.labels) <= MOST_DRAWN:
            wide = len(graph.labels) > WIDE
            request = Request(given.name, 18 if wide else 12, min(34, len(graph.labels)) if wide else 9, least=8)
            colour = words.program.predict
            title = _coloured(words, colour) if colour else "The graph"
            size = measure.POINTS * COLUMN * request.columns - DOT, measure.ROW_HEIGHT * (request.rows - 4)
            places = spread(graph.positions, graph.edges, size, DOT)
            picture = GraphPicture(title, 0, 0, graph.labels, places, given.name, colour, graph.directed)
            found.append(Wish(request, picture))
            if colour and (end := learned.get(colour)) is not None:
                later = replace(picture, title=end.title(title), prediction=end.region, line=end.row)
                found.append(Wish(replace(request, matrix=colour, reads=(colour,)), later))
    return found


def _coloured(words: Vocabulary, colour: str) -> str:
    """What the colours of a graph mean: what the author says of the probability that it has, or that it spreads over
    the nodes, in a short sentence."""
    made = {s.name: s.expr for s in words.program.statements}
    read = {ref.name for ref in made[colour].references} if colour in made else set()
    likely = [name for name in (colour, *sorted(read)) if name in made and operation(made[name]).role == "probability"]
    source = likely[0] if colour in likely or len(likely) == 1 else colour
    told = next((step.sentence for step in words.program.steps if step.told and source in step.matrices), "")
    if told and len(told) <= LONGEST and not told.rstrip(".").count(". "):
        return told.rstrip(".")
    return f"The graph, coloured by {words.title_of(source)}"
