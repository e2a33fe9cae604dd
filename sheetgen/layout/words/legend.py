"""Short texts that stand once on a page: the legend, titles of charts, how the loss changed."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgen.layout.plan import Role
from sheetgen.layout.words.live import Cell, Piece, formula, text
from sheetgen.layout.words.vocabulary import Vocabulary

LEGEND = {
    Role.INPUT: "input", Role.PARAMETER: "weight", Role.BIAS: "bias", Role.CONSTANT: "constant",
    Role.ADJACENCY: "adjacency", Role.GCN: "message", Role.FORWARD: "computed", Role.ACTIVATION: "activation",
    Role.HEATMAP: "heat map", Role.OUTPUT: "output", Role.TARGET: "target", Role.GRADIENT: "gradient",
    Role.UPDATED: "new weight", Role.COPY: "linked copy",
}  # fmt: skip
"""What each role is called, in the legend's order."""


def graph_title(words: Vocabulary, prediction: str | None) -> str:
    """Of the picture of a graph: what colours its nodes."""
    return f"The graph, coloured by {words.symbols.of(prediction)}" if prediction else "The graph"


def bars_title(words: Vocabulary, guess: str, target: str) -> str:
    """Of the bars of a prediction beside its target."""
    return f"{words.title_of(guess)} and {words.symbols.of(target)}"


def curve_title(words: Vocabulary, matrix: str) -> str:
    """Of the curve of a function, and of its series: `ReLU(x)`."""
    return words.told(words.makers[matrix], None).partition(" = ")[2] or words.symbols.of(matrix)


def loss_change(words: Vocabulary, loss: Cell, new: Cell) -> tuple[str, str]:
    """`L 0.69 → L new 0 ▼`: formula and text; ▲ where it rises, = where it stays."""
    name = words.symbols.of(words.program.loss or "")
    pieces: Sequence[Piece] = [f"{name} ", loss, f" → {name} new ", new]
    sign = "▼" if new.value < loss.value else "▲" if new.value > loss.value else "="
    rule = f'IF({new.address}<{loss.address}," ▼",IF({new.address}>{loss.address}," ▲"," ="))'
    return f"{formula(pieces)}&{rule}", f"{text(pieces)} {sign}"
