"""A plan drawn by hand: one layer, forward and backward, with a graph and charts, as layout would place it."""

from __future__ import annotations

import numpy as np

from sheetgen.layout.chart import Bars, Cells, GraphPicture, Plot, Trace
from sheetgen.layout.plan import Label, Region, Role, SheetPlan, StepRow, WorkbookPlan

SPEC = "title: By hand\nmatrices:\n  X: {value: [2, 1, 3]}\n\nsteps:\n  - Z1 = W1 @ X + b1  # _x0041_ & <b>\n"


def grid(height: int, width: int, text: str, row: int, column: int) -> tuple[tuple[str, ...], ...]:
    """Formulas from a template with {r} and {c}: the cell's own row, and its column's letter."""
    return tuple(
        tuple(text.format(r=row + i, c="ABCDEFGHIJKLMNOPQRSTUVWXYZ"[column + j - 1]) for j in range(width))
        for i in range(height)
    )


def layer() -> WorkbookPlan:
    """X in J8:J10 over its 1 in J11, [W1 | b1] in D14:G17, Z1 in J14:J17, A1 in L14:L17, and what follows."""
    x = np.array([[2.0], [1], [3]])
    w = np.array([[1.0, 0, 0], [1, 1, -1], [1, 0, -1], [0, -1, 1]])
    b = np.array([[0.0], [1], [0], [-1]])
    z = w @ x + b
    a = np.maximum(z, 0)
    e = np.exp(z - z.max())
    p = e / e.sum()
    y = np.array([[0.0], [1], [0], [0]])
    d = p - y
    grad = np.vstack([x, [[1.0]]]) @ d.T
    w_new = np.hstack([w, b]) - 0.1 * grad.T
    note = "Z1 = W1 @ X + b1\n4×1 = 4×3 · 3×1 + 4×1\nEach number is a row of W1 times a column of X, plus the bias."
    regions = (
        Region("X", Role.INPUT, 8, 10, x, defined_name="X", step=0, note="X (3×1): the input."),
        Region("X", Role.ONES, 11, 10, np.ones((1, 1)), (("1",),), step=0),
        Region("W1", Role.PARAMETER, 14, 4, w, defined_name="W1_", note="W1 (4×3): weights.", prompt="W1: a number."),
        Region("b1", Role.BIAS, 14, 7, b, defined_name="b1_", prompt="b1: a number."),
        Region("Z1", Role.FORWARD, 14, 10, z, grid(4, 1, "MMULT($D{r}:$G{r},{c}$8:{c}$11)", 14, 10), array=True,
               step=1, defined_name="Z1_", note=note),
        Region("A1", Role.ACTIVATION, 14, 12, a, grid(4, 1, "MAX(0,J{r})", 14, 12), step=2, defined_name="A1_",
               dark_zeros=True),
        Region("E", Role.FORWARD, 14, 14, e, grid(4, 1, "EXP(J{r}-MAX(J$14:J$17))", 14, 14), step=3),
        Region("P", Role.OUTPUT, 14, 16, p, grid(4, 1, "N{r}/SUM(N$14:N$17)", 14, 16), step=3, defined_name="P"),
        Region("Y", Role.TARGET, 14, 18, y, defined_name="Y"),
        Region("dL_dZ1", Role.GRADIENT, 14, 20, d, grid(4, 1, "P{r}-R{r}", 14, 20), step=4, defined_name="dL_dZ1"),
        Region("dL_dZ1", Role.COPY, 13 - 1, 12, d.T, block="TRANSPOSE(T14:T17)", step=5),
        Region("dL_dW1_T", Role.GRADIENT, 8, 12, grad[:3], grid(3, 4, "MMULT($J{r},{c}$12)", 8, 12), array=True, step=5,
               defined_name="dL_dW1_T"),
        Region("dL_db1_T", Role.BIAS, 11, 12, grad[3:], grid(1, 4, "MMULT($J{r},{c}$12)", 11, 12), array=True, step=5,
               defined_name="dL_db1_T"),
        Region("W1_new", Role.UPDATED, 21, 4, w_new[:, :3], tuple(
            tuple(f"{'DEF'[j]}{14 + i}-0.1*{'LMNO'[i]}{8 + j}" for j in range(3)) for i in range(4)), step=6),
        Region("b1_new", Role.BIAS, 21, 7, w_new[:, 3:], tuple((f"G{14 + i}-0.1*{'LMNO'[i]}11",) for i in range(4)),
               step=6),
        Region("Adj", Role.ADJACENCY, 21, 10, np.array([[0.0, 1, 1], [1, 0, 0], [1, 0, 0]]),
               ((None, None, None), ("K21", None, None), ("L21", "L22", None)), switch=True, defined_name="Adj"),
        Region("G", Role.GCN, 21, 14, np.array([[1234.5, 2.5e7, -0.004]]), (("1234.5", "25000000", "-0.004"),), step=6),
        Region("Att", Role.HEATMAP, 23, 14, np.array([[0.1, 0.65, 0.25]]), (("0.1", "0.65", "0.25"),), step=6),
        Region("pred", Role.OUTPUT, 25, 14, np.array([[0.1, 0.95, 0.5]]), (("0.1", "0.95", "0.5"),), step=6,
               defined_name="pred"),
        Region("verdict", Role.VERDICT, 27, 14, np.array([["no", "yes", "even"]], dtype=object),
               (('IF(N25>0.5,"yes",IF(N25<0.5,"no","even"))', 'IF(O25>0.5,"yes","no")', 'IF(P25=0.5,"even","no")'),),
               step=6),
    )  # fmt: skip
    labels = (
        Label(7, 2, "Input", "section"), Label(13, 2, "Layer 1", "section"), Label(20, 2, "Update", "section", step=6),
        Label(7, 10, "X", "name", color=Role.INPUT), Label(7, 11, "3×1", "shape"),
        Label(13, 4, "W1", "name", color=Role.PARAMETER), Label(13, 5, "4×3", "shape"),
        Label(13, 7, "b1", "name", color=Role.BIAS),
        *(Label(14 + i, 8, "→", "arrow", 1, "center") for i in range(4)),
        Label(13, 10, "① Z1", "name", 1, color=Role.FORWARD), Label(12, 10, "↓", "arrow", 1, "center"),
        Label(14, 11, "ReLU", "function", 2, "center"), Label(13, 12, "② A1", "name", 2, color=Role.ACTIVATION),
        Label(18, 16, "③ P", "name", 3, color=Role.OUTPUT), Label(18, 18, "Y", "name", color=Role.TARGET),
        Label(18, 20, "④ dL_dZ1", "name", 4, color=Role.GRADIENT),
        Label(7, 12, "⑤ dL_dW1_T", "name", 5, color=Role.GRADIENT), Label(7, 15, "3×4", "shape", 5),
        Label(20, 4, "⑥ W1_new", "name", 6, color=Role.UPDATED, link="Canvas!D14"),
        Label(6, 2, "to the steps", "hint", link="Steps!A1"),
        Label(20, 10, "Adj", "name", color=Role.ADJACENCY),
        Label(29, 4, "=1+1 stays text", "sentence"), Label(30, 4, "Sum", "key"),
        Label(30, 6, "1", "number", formula="SUM(P14:P17)"),
        Label(31, 4, "up", "sentence", formula='IF(J14>0,"up","no")'),
    )  # fmt: skip
    charts = (
        Bars("Softmax", 33, 2, (Trace("prediction", Cells(("P",))), Trace("target", Cells(("Y",)))),
             ("a", "b", "c", "d")),
        GraphPicture("The graph", 33, 14, ("A", "B", "C"), ((0.1, 0.2), (0.5, 0.9), (0.9, 0.3)), "Adj", "pred"),
        Plot("Curve", 50, 2, (Trace("A1", Cells(("A1",)), Cells(("Z1",))),), "Z1"),
    )
    widths = ((1, 2.0), (9, 3.0), (14, 7.0), (15, 8.0))
    steps = tuple(
        StepRow(k, section, equation, shapes, sentence, f"Canvas!{cell}", phase)
        for k, section, equation, shapes, sentence, cell, phase in (
            (1, "Layer 1", "Z1 = W1 @ X + b1", "4×1 = 4×3 · 3×1 + 4×1", "Rows of W1 meet X.", "J14", "forward"),
            (2, "Layer 1", "A1 = relu(Z1)", "4×1", "Negatives become 0.", "L14", "forward"),
            (3, "Output", "P = softmax(Z1)", "4×1", "=Each column becomes probabilities: exponentials over "
             "their sum. They are positive and add up to 1, so the largest is what the network bets on.", "P14",
             "forward"),
            (4, "Output", "dL_dZ1 = P - Y", "4×1", "Prediction minus target.", "T14", "backward"),
            (5, "Layer 1", "dL_dW1_T, dL_db1_T = [X ; 1] @ dL_dZ1.T", "4×4", "Gradients.", "L8", "backward"),
            (6, "Update", "W1_new = W1 - 0.1 * dL_dW1", "4×3", "A step downhill.", "D21", "update"),
        )
    )  # fmt: skip
    legend = (
        (Role.INPUT, "input"), (Role.PARAMETER, "parameter"), (Role.BIAS, "bias"), (Role.FORWARD, "forward"),
        (Role.ACTIVATION, "activation"), (Role.OUTPUT, "output"), (Role.TARGET, "target"),
        (Role.GRADIENT, "gradient"),
        (Role.UPDATED, "updated parameter"), (Role.ADJACENCY, "adjacency"), (Role.GCN, "GCN"),
        (Role.COPY, "copy"),
    )  # fmt: skip
    sheet = SheetPlan("Canvas", "By hand & eye", regions, labels, charts, widths, 6)
    q = Region("Q", Role.FORWARD, 7, 4, z, grid(4, 1, "Canvas!J{r}", 14, 10), step=2, defined_name="Q")
    more = SheetPlan("More", "Another sheet", (q,), (Label(6, 4, "Q", "name", 2),), (), (), 6)
    return WorkbookPlan("By hand & eye", (sheet, more), steps, SPEC, legend)
