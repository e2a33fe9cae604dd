"""Short texts that stand once on a page: titles of charts, how the loss changed."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgen.layout.words.equations import whole
from sheetgen.layout.words.live import Cell
from sheetgen.layout.words.vocabulary import Vocabulary


def titles(words: Vocabulary, kind: str, names: Sequence[str]) -> str:
    """Of a chart of some kind, from the matrices that it shows: a graph's picture says what colours its nodes, bars
    what stands side by side, a curve which function it is."""
    called = [words.title_of(name) for name in names]
    if kind == "graph":
        return f"The graph, coloured by {called[1]}" if len(called) > 1 else "The graph"
    if kind == "network":
        return f"The network, from {called[0]} to {called[-1]}"
    return f"{called[0]} and {called[1]}" if kind == "bars" else _function(words, names[1])


def _function(words: Vocabulary, matrix: str) -> str:
    """`ReLU(x)`."""
    return whole(words.full(words.makers[matrix].expr), words.symbols)


def change(before: Cell, after: Cell) -> tuple[str, str]:
    """▼ where the loss falls, ▲ where it rises, = where it stays: formula and text."""
    old, new = before.address, after.address
    sign = "▼" if after.value < before.value else "▲" if after.value > before.value else "="
    return f'IF({new}<{old},"▼",IF({new}>{old},"▲","="))', sign
