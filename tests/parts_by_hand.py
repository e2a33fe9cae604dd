"""A second page of bands drawn by hand, with everything that the first has none of."""

from __future__ import annotations

import numpy as np

from sheetgen.cells.a1 import letters
from sheetgen.layout.chart import Cells, GraphPicture, Place, Plot, Trace
from sheetgen.layout.plan import Band, Diagonal, Edge, Label, Region, Role, SheetPlan

ADJ = np.array([[0.0, 0, 1, 0, 0], [1, 0, 0, 0, 1], [1, 1, 0, 1, 0], [0, 1, 0, 0, 1], [0, 0, 0, 1, 0]])
P = np.array([[0.1, 0.3, 0.5, 0.7, 0.9]])
WORDS = ("very unlikely", "unlikely", "neutral", "likely", "very likely")
POINTS = np.array([[-3.0, -1, 0.5, 4]])
POSITIONS = ((0.1, 0.5), (0.4, 0.1), (0.5, 0.9), (0.95, 0.8), (0.8, 0.1))


def computed(
    name: str, role: Role, row: int, column: int, values: np.ndarray, text: str = "{v}", **options: object
) -> Region:
    """A region whose formulas come from a template: {r} row, {c} column's letter, {v} its number."""
    formulas = tuple(
        tuple(text.format(r=row + i, c=letters(column + j), v=repr(float(v))) for j, v in enumerate(line))
        for i, line in enumerate(values)
    )
    return Region(name, role, row, column, values, formulas, **options)  # type: ignore[arg-type]


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 ÷ (1 + e⁻ˣ)."""
    return 1 / (1 + np.exp(-x))


def parts() -> SheetPlan:
    """The page."""
    big = np.where(np.arange(196).reshape(14, 14) % 3 == 0, np.arange(196.0).reshape(14, 14) / 195, 0)
    words = np.array([WORDS], dtype=object)
    regions = (
        Region("Adj", Role.ADJACENCY, 8, 4, ADJ, switch=True, defined_name="Adj"),
        computed("degree", Role.FORWARD, 13, 4, ADJ.sum(0, keepdims=True), "SUM({c}8:{c}12)", glued=True),
        computed("P", Role.OUTPUT, 16, 4, P, step=2, defined_name="P"),
        Region("words", Role.VERDICT, 18, 4, words, (tuple(f'"{word}"' for word in WORDS),)),
        computed("big", Role.ADJACENCY, 22, 4, big, plain_map=True),
        computed("A", Role.HEATMAP, 39, 4, np.array([[0.25, 0.28], [0.75, 0.72]])),
        computed("stack", Role.COPY, 39, 8, np.ones((3, 2)), parts=((0, 1, Role.INPUT), (1, 3, Role.ACTIVATION))),
        computed("look", Role.COPY, 39, 12, np.array([[1.0, 0, 1], [3, 2.5, 1]]), pale="L$39=0"),
        computed("small", Role.FORWARD, 42, 4, np.array([[0.0034, 0.0005, 0.0]])),
        computed("H", Role.GCN, 43, 8, np.array([[0.0, 3], [1, 3], [2, 3]]), marked=((0, 1, 3, 1),)),
        Region("x", Role.INPUT, 44, 4, POINTS),
        computed("s", Role.ACTIVATION, 45, 4, sigmoid(POINTS), "1/(1+EXP(-{c}44))"),
        Region("r0", Role.INPUT, 49, 4, np.array([[0.2], [0.272], [0.285]]), decimals=3),
        computed("r1", Role.OUTPUT, 49, 7, np.full((3, 1), 0.2725), decimals=3, step=4),
        computed("r2", Role.OUTPUT, 49, 10, np.full((3, 1), 0.278), decimals=3, step=5),
    )
    labels = (
        *(Label(7, 4 + k, name, "label", align="center") for k, name in enumerate("ABCDE")),
        *(Label(8 + k, 3, name, "label", align="right") for k, name in enumerate("ABCDE")),
        *(Label(row, 1, str(k), "badge") for k, row in enumerate((6, 21, 37, 48), 1)),
        Label(6, 2, "Pages and links", "section"), Label(21, 2, "Heat maps", "section"),
        Label(37, 2, "Shares and parts", "section"), Label(48, 2, "Rounds", "section"),
        Label(38, 2, "Each column adds up to 1. The words of a sentence share their attention.", "sentence", rows=3),
        Label(13, 3, "Σ", "name", align="right", color=Role.FORWARD),
        Label(15, 4, "② P = σ(z)", "name", 2, color=Role.OUTPUT),
        Label(38, 12, "Look closer", "turn", hue=0, columns=4),
        *(Label(48, 4 + 3 * t, f"t = {t}", "turn", align="center", hue=t) for t in range(3)),
        Label(50, 11, "◄ r0", "function", 4, hue=1), Label(50, 6, "to the steps", "hint", link="Steps!A1"),
    )  # fmt: skip
    four = (Trace("the four", Cells(("s",)), Cells(("x",)), "points"),)
    charts = (
        GraphPicture("The graph", 6, 11, tuple("ABCDE"), POSITIONS, "Adj", "P", True, place=Place(6, 11, 13, 14)),
        Plot("σ", 39, 17, four, "x", "s", (-8, 8), place=Place(39, 17, 9, 8)),
    )
    frame = tuple(Edge(38, 12, 4, 4, side) for side in ("left", "top", "right", "bottom"))  # type: ignore[arg-type]
    rail = (Edge(44, 10, 1, 1, "top", 1, step=4), Edge(44, 10, 7, 1, "right", 1, step=4),
            Edge(50, 10, 1, 1, "bottom", 1, False, 4))  # fmt: skip
    widths = ((1, 3.4), (2, 24.0), (3, 3.0), *((k, 5.2) for k in range(4, 25)))
    return SheetPlan(
        "Gradients", "A second page", regions, labels, charts, widths, 6,
        (Band(6, 20), Band(21, 36, True), Band(37, 47), Band(48, 54, True)), (*frame, *rail),
        (Diagonal(52, 6, 2, True, 2, 5),), (*((row, 7.6) for row in range(22, 36)), (18, 26.0), (55, 0.0)), 24,
        (21, 37, 48), 5, False, 0.8,
    )  # fmt: skip
