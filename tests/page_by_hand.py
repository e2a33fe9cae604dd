"""A page of bands drawn by hand: backpropagation through three layers, as the drawing stage would hand it over.

Margin in columns A and B, parameters in C:G, forward lane in I, gradient lane in K, ∂W in M:Q, W new in S:W, the second
forward pass in Y.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from parts_by_hand import parts

from sheetgen.cells.a1 import letters
from sheetgen.layout.chart import Bars, Cells, Place, Trace
from sheetgen.layout.plan import Band, Label, Region, Role, SheetPlan, StepRow, WorkbookPlan

WEIGHTS = (
    np.array([[1.0, 0, 0, 0], [1, 1, -1, 1], [1, 0, -1, 0], [0, -1, 1, -1]]),
    np.array([[1.0, -1, 1, 0, 0], [-1, 0, 1, 0, -2], [0, 1, -1, 0, 0], [1, 1, 0, 1, 0]]),
    np.array([[1.0, 0, 0, 0, 1], [-1, -1, -1, 1, 0], [0, 0, -1, -1, 0]]),
)
"""Each with its bias as last column."""
X, Y, ETA = np.array([[2.0], [1], [3]]), np.array([[0.0], [1], [0]]), 0.1
BIAS, LANE, BACK, DW, NEW_BIAS, AGAIN = 7, 9, 11, 13, 23, 25
TOPS, ENDS, INPUTS = (11, 22, 33), (21, 32, 50), (7, 17, 28)
"""First and last rows of the layers' bands, and the rows where each layer's input begins."""
BACKWARD, UPDATE, AFTER = 9, 16, 17
"""Steps: 1 to 8 forward, 9 to 15 backward."""


def column(row: int, at: int, height: int, text: str) -> tuple[tuple[str, ...], ...]:
    """A column of formulas; `{r}` is the cell's row, `{k}` counts from 0, `{c}` the column's letter."""
    return tuple((text.format(r=row + k, k=k, c=letters(at)),) for k in range(height))


def forward(weights: Sequence[np.ndarray], lane: int, bias: int, first: int, suffix: str) -> list[Region]:
    """Z and A of each layer under their input, and the softmax; `first` is the first step."""
    found, below, c = [], X, letters(lane)
    again = bool(suffix)
    for k, w in enumerate(weights):
        row, size, source = TOPS[k] + 1, len(w), INPUTS[k]
        left, right = letters(bias + 1 - w.shape[1]), letters(bias)
        z = w @ np.vstack([below, [[1.0]]])
        step = first if again else first + 2 * k
        product = f"MMULT(${left}{{r}}:${right}{{r}},{c}${source}:{c}${source + len(below)})"
        found += [
            Region(f"Z{k + 1}{suffix}", Role.FORWARD, row, lane, z, column(row, lane, size, product), True, step=step,
                   defined_name=f"Z{k + 1}{suffix or '_'}", used=() if again else (step + 1,)),
            Region("ones", Role.ONES, source + len(below), lane, np.ones((1, 1)), (("1",),),
                   step=step if k or again else 0, used=() if again else (step,)),
        ]  # fmt: skip
        if k < 2:
            below = np.maximum(z, 0)
            at = row + size + 1
            found.append(Region(f"A{k + 1}{suffix}", Role.ACTIVATION, at, lane, below,
                                tuple((f"MAX(0,{c}{row + i})",) for i in range(size)),
                                step=step if again else step + 1, dark_zeros=True,
                                defined_name=f"A{k + 1}{suffix or '_'}",
                                used=() if again else (step + 2,)))  # fmt: skip
    return found + _softmax(z, lane, first if suffix else 6, suffix)


def _softmax(z: np.ndarray, lane: int, step: int, suffix: str) -> list[Region]:
    e, c = np.exp(z), letters(lane)
    p = e / e.sum()
    rounded = tuple((f"ROUND({c}{43 + k},1)",) for k in range(3))
    return [
        Region(f"E{suffix}", Role.FORWARD, 38, lane, e, tuple((f"EXP({c}{34 + k})",) for k in range(3)), step=step),
        Region(f"S{suffix}", Role.FORWARD, 41, lane, e.sum(keepdims=True), ((f"SUM({c}38:{c}40)",),), step=step,
               glued=True),
        Region(f"P{suffix}", Role.FORWARD, 43, lane, p, tuple((f"{c}{38 + k}/{c}$41",) for k in range(3)), step=step),
        Region(f"Y_pred{suffix}", Role.OUTPUT, 47, lane, np.round(p, 1), rounded, step=step if suffix else 7,
               defined_name=f"Y_pred{suffix}"),
    ]  # fmt: skip


def gradients() -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    """∂W with ∂b as last column, ∂Z, ∂A, and the input of each layer."""
    inputs, zs = [X], []
    for w in WEIGHTS:
        zs.append(w @ np.vstack([inputs[-1], [[1.0]]]))
        inputs.append(np.maximum(zs[-1], 0))
    dzs, das = [np.round(np.exp(zs[2]) / np.exp(zs[2]).sum(), 1) - Y], []
    for k in (1, 0):
        das.insert(0, WEIGHTS[k + 1][:, :-1].T @ dzs[0])
        dzs.insert(0, np.where(zs[k] > 0, das[0], 0))
    dws = [dz @ np.vstack([x, [[1.0]]]).T for dz, x in zip(dzs, inputs, strict=False)]
    return dws, dzs, das, inputs


def backward() -> list[Region]:
    """∂Z and ∂A beside Z and A, ∂W beside ∂Z under its input's copy, W new beside ∂W."""
    dws, dzs, das, inputs = gradients()
    found = []
    for k in (2, 1, 0):
        row, (size, width), step = TOPS[k] + 1, WEIGHTS[k].shape, BACKWARD + 3 * (2 - k)
        below = tuple((f"IF(I{row + i}>0,K{row + size + 1 + i},0)",) for i in range(size))
        found.append(Region(f"dL_dZ{k + 1}", Role.GRADIENT, row, BACK, dzs[k],
                            tuple((f"I{47 + i}-K{47 + i}",) for i in range(3)) if k == 2 else below, step=step,
                            used=(step + 1,), defined_name=f"dL_dZ{k + 1}"))  # fmt: skip
        turned = (tuple(f"I{INPUTS[k] + j}" for j in range(width)),)
        found.append(Region(f"input {k + 1}", Role.COPY, row - 1, DW, np.vstack([inputs[k], [[1.0]]]).T, turned,
                            step=step + 1, used=(step + 1,)))  # fmt: skip
        outer = tuple(tuple(f"$K{row + i}*{letters(DW + j)}${row - 1}" for j in range(width)) for i in range(size))
        bias = ((width - 1, width, Role.BIAS),)
        found.append(Region(f"dL_dW{k + 1}", Role.GRADIENT, row, DW, dws[k], outer, step=step + 1, tints=bias,
                            used=(UPDATE,), defined_name=f"dL_dW{k + 1}"))  # fmt: skip
        new, old = NEW_BIAS + 1 - width, BIAS + 1 - width
        moved = tuple(
            tuple(f"{letters(old + j)}{row + i}-$W$1*{letters(DW + j)}{row + i}" for j in range(width))
            for i in range(size)
        )
        found.append(Region(f"W{k + 1}_new", Role.UPDATED, row, new, WEIGHTS[k] - ETA * dws[k], moved, step=UPDATE,
                            tints=bias, defined_name=f"W{k + 1}_new"))  # fmt: skip
        if k:
            left = [letters(old + j) for j in range(width - 1)]
            sums = tuple((f"MMULT(TRANSPOSE({c}{row}:{c}{row + size - 1}),K${row}:K${row + size - 1})",) for c in left)
            found.append(Region(f"dL_dA{k}", Role.GRADIENT, TOPS[k - 1] + 6, BACK, das[k - 1], sums, True,
                                step=step + 2, defined_name=f"dL_dA{k}"))  # fmt: skip
    return found


def page() -> WorkbookPlan:
    """The whole workbook: this page, and one with everything that this page has none of."""
    given = [
        Region("learning_rate", Role.INPUT, 1, 23, np.array([[ETA]]), defined_name="learning_rate"),
        Region("X", Role.INPUT, 7, LANE, X, defined_name="X", note="X (3×1): one input.", used=(1,)),
        Region("Y", Role.TARGET, 47, BACK, Y, defined_name="Y", used=(8, BACKWARD)),
    ]
    for k, w in enumerate(WEIGHTS):
        at = {"row": TOPS[k] + 1, "used": (1 + 2 * k,)}
        given += [
            Region(f"W{k + 1}", Role.PARAMETER, column=BIAS + 1 - w.shape[1], values=w[:, :-1],
                   defined_name=f"W{k + 1}_", **at),
            Region(f"b{k + 1}", Role.BIAS, column=BIAS, values=w[:, -1:], defined_name=f"b{k + 1}_", **at),
        ]  # fmt: skip
    updated = [w - ETA * dw for w, dw in zip(WEIGHTS, gradients()[0], strict=True)]
    copy = Region("X again", Role.COPY, 7, AGAIN, X, column(7, AGAIN, 3, "I{r}"), step=AFTER)
    regions = [*given, *forward(WEIGHTS, LANE, BIAS, 1, ""), *backward(), copy,
               *forward(updated, AGAIN, NEW_BIAS, AFTER, "_new"), *_loss()]  # fmt: skip
    bars = (
        Trace("prediction", Cells(("Y_pred",)), paint="prediction"), Trace("target", Cells(("Y",)), paint="target"),
        Trace("after the update", Cells(("Y_pred_new",)), paint="after"),
    )  # fmt: skip
    chart = Bars("Prediction and target", 38, 13, bars, ("1", "2", "3"), Place(38, 13, 7, 11))
    bands = (Band(6, 10), *(Band(a, b, k % 2 == 0) for k, (a, b) in enumerate(zip(TOPS, ENDS, strict=True))))
    narrow = {8, 10, 12, 18, 24}
    widths = ((1, 3.4), (2, 24.0), *((k, 2.7 if k in narrow else 4.7) for k in range(3, 26)))
    about = "A perceptron of three layers, softmax and cross-entropy. Down: forward. Up: gradients. Across: the update."
    sheet = SheetPlan(
        "Canvas", "Backpropagation", tuple(regions), tuple(_labels()), (chart,), widths, 6, bands,
        heights=tuple((row, 17.5) for row in range(6, 51)), last_column=25, cuts=TOPS, heads=5, landscape=False,
        scale=0.8, about=about,
    )  # fmt: skip
    legend = (
        (Role.INPUT, "input"), (Role.PARAMETER, "weight"), (Role.FORWARD, "computed"), (Role.ACTIVATION, "activation"),
        (Role.OUTPUT, "output"), (Role.TARGET, "target"), (Role.GRADIENT, "gradient"), (Role.UPDATED, "new weight"),
        (Role.ADJACENCY, "adjacency"), (Role.GCN, "message"), (Role.COPY, "copy"),
    )  # fmt: skip
    return WorkbookPlan("Backpropagation", (sheet, parts()), _steps(), "title: Backpropagation\n", legend)


def _loss() -> list[Region]:
    terms = np.array([[0.0], [-np.log(0.5)], [0]])
    formulas = column(47, DW, 3, "IF(K{r}=0,0,-K{r}*LN(I{r}))")
    after = (("SUM(IF(K47=0,0,-K47*LN(Y47)),IF(K48=0,0,-K48*LN(Y48)),IF(K49=0,0,-K49*LN(Y49)))",),)
    total = terms.sum(keepdims=True)
    loss = Region("L", Role.OUTPUT, 48, 16, total, (("SUM(M47:M49)",),), step=8, large=True, defined_name="L")
    again = replace(loss, name="L_new", column=21, values=np.zeros((1, 1)), formulas=after, step=AFTER)
    return [
        Region("terms", Role.FORWARD, 47, DW, terms, formulas, step=8, used=(8,)), loss,
        replace(again, defined_name="L_new"),
    ]  # fmt: skip


def _labels() -> list[Label]:
    heads = ((3, "Parameters", Role.PARAMETER), (LANE, "Forward ↓", Role.FORWARD), (BACK, "∂ ↑", Role.GRADIENT),
             (DW, "∂W = ∂Z · Aᵀ", Role.GRADIENT), (19, "W − η·∂W", Role.UPDATED),
             (24, "again ↓", Role.FORWARD))  # fmt: skip
    found = [Label(1, 22, "η", "name", align="right")]
    found += [Label(5, c, text, "head", align="center" if c == LANE else "left", color=role) for c, text, role in heads]
    found += [Label(6, 2, "Input", "section"), Label(7, 2, "One input with three features.", "sentence", rows=2),
              Label(6, LANE, "X", "name", align="center", color=Role.INPUT)]  # fmt: skip
    for k, title in enumerate(("Layer 1", "Layer 2", "Layer 3 and loss")):
        found += _layer(k, title)
    texts = ((37, "eᶻ ↓", 6), (42, "÷ Σ ↓", 6), (46, "round ↓", 7))
    found += [Label(row, LANE, text, "function", step, "center") for row, text, step in texts]
    found += [
        Label(41, LANE - 1, "Σ", "name", 6, "right", Role.FORWARD), Label(46, BACK, "Y", "name", align="center"),
        Label(46, DW, "−Y·ln Ŷ", "name", 8, color=Role.FORWARD), Label(48, 15, "——→", "arrow", 8, "right"),
        *(Label(r, 12, "→", "arrow", 8, "center") for r in (47, 48, 49)),
        Label(47, 16, "L", "name", 8, color=Role.OUTPUT),
        Label(47, 21, "L new", "name", AFTER, color=Role.OUTPUT), Label(48, 22, "←——", "arrow", AFTER),
        Label(40, 2, "The gradient starts here, with the error Ŷ − Y.", "sentence", rows=4),
    ]  # fmt: skip
    return found


def _layer(k: int, title: str) -> list[Label]:
    n, top, size, width = k + 1, TOPS[k], *WEIGHTS[k].shape
    step, back = 1 + 2 * k, BACKWARD + 3 * (2 - k)
    source = ("X", "A1", "A2")[k]
    equations = (f"Z{n} = W{n}·{source} + b{n}", f"A{n} = ReLU(Z{n})", f"∂Z{n}, ∂A{n}", f"∂W{n} = ∂Z{n}·{source}ᵀ")
    found = [
        Label(top, 1, str(n), "badge"), Label(top, 2, title, "section"),
        *(Label(top + 1 + i, 2, text, "equation", color=Role.GRADIENT if i > 1 else None)
          for i, text in enumerate(equations)),
        Label(top, BIAS + 1 - width, f"W{n}", "name", color=Role.PARAMETER),
        Label(top, BIAS, f"b{n}", "name", align="center", color=Role.BIAS),
        Label(top, LANE, f"Z{n} ↓", "name", step, "center", Role.FORWARD),
        Label(top, BACK, f"∂Z{n}", "name", back, "center", Role.GRADIENT),
        Label(top, 12, f"{source}ᵀ", "label", back + 1, "right"),
        Label(top, NEW_BIAS + 1 - width, f"W{n} new", "name", UPDATE, color=Role.UPDATED),
        Label(top, AGAIN, f"Z{n} ↓", "name", AFTER, "center", Role.FORWARD),
    ]  # fmt: skip
    if k < 2:
        found += [Label(top + 5, LANE, "ReLU ↓", "function", step + 1, "center"),
                  Label(top + 5, BACK, f"∂A{n} ↑", "name", back - 1, "center", Role.GRADIENT)]  # fmt: skip
    for r in range(top + 1, top + 1 + size):
        arrows = ((LANE - 1, step, None), (BACK + 1, back + 1, Role.GRADIENT), (18, UPDATE, Role.UPDATED),
                  (AGAIN - 1, AFTER, None))  # fmt: skip
        found += [Label(r, column, "→", "arrow", number, "center", role) for column, number, role in arrows]
    return found


def _steps() -> tuple[StepRow, ...]:
    first = '"Row 1 of W1 meets X: "&Canvas!D12&"·"&Canvas!I7&" + … = "&Canvas!I12&"."'
    texts = (
        (1, "", "Layer 1", "Z1 = W1·X + b1", "Row 1 of W1 meets X: 1·2 + … = 2.", "I12", "forward"),
        (2, "", "Layer 1", "A1 = ReLU(Z1)", "Negatives become 0.", "I17", "forward"),
        (3, "", "Layer 2", "Z2 = W2·A1 + b2", "The same once more, with the activations as input.", "I23", "forward"),
        (4, "", "Layer 2", "A2 = ReLU(Z2)", "Negatives become 0.", "I28", "forward"),
        (5, "", "Layer 3 and loss", "Z3 = W3·A2 + b3", "One score for each class.", "I34", "forward"),
        (6, "", "Layer 3 and loss", "S = eᶻ ÷ Σ", "Scores become shares of 1.", "I38", "forward"),
        (7, "", "Layer 3 and loss", "Ŷ = round(S, 1)", "As by hand.", "I47", "forward"),
        (8, "", "Layer 3 and loss", "L = −Σ Y·ln Ŷ", "The loss looks at the right class only.", "P48", "forward"),
        (9, "", "Layer 3 and loss", "∂Z3 = Ŷ − Y", "Prediction minus target.", "K34", "backward"),
        (10, "", "Layer 3 and loss", "∂W3 = ∂Z3·A2ᵀ", "Row times column.", "M34", "backward"),
        (11, "11–13", "Layer 2", "∂A2, ∂Z2, ∂W2", "The same one layer down.", "K28", "backward"),
        (14, "14–15", "Layer 1", "∂Z1, ∂W1", "=And once more.", "K12", "backward"),
        (UPDATE, "", "Update", "W new = W − η·∂W", "A step downhill for each weight.", "S12", "update"),
        (AFTER, "", "Again", "Z, A with the new weights", "The same formulas with the new weights.", "Y12", "after"),
    )  # fmt: skip
    return tuple(
        StepRow(n, section, equation, "", sentence, f"Canvas!{cell}", phase, first if n == 1 else None, numbers)
        for n, numbers, section, equation, sentence, cell, phase in texts
    )
