"""A page of bands drawn by hand: backpropagation through three layers, as the drawing stage would hand it over.

Margin in columns A and B, parameters in C:G, forward lane in I, gradient lane in K, ∂W in M:Q, W new in S:W, the second
forward pass in Y. `further` is a second sheet with heat maps, frames, rails, a state line and turns.
"""

from __future__ import annotations

import numpy as np

from sheetgen.cells.a1 import letters, span
from sheetgen.layout.plan import (
    Band,
    Bars,
    Curves,
    Diagonal,
    Edge,
    GraphPicture,
    Label,
    Place,
    Region,
    Role,
    SheetPlan,
    StepRow,
    WorkbookPlan,
)

WEIGHTS = (
    np.array([[1.0, 0, 0, 0], [1, 1, -1, 1], [1, 0, -1, 0], [0, -1, 1, -1]]),
    np.array([[1.0, -1, 1, 0, 0], [-1, 0, 1, 0, -2], [0, 1, -1, 0, 0], [1, 1, 0, 1, 0]]),
    np.array([[1.0, 0, 0, 0, 1], [-1, -1, -1, 1, 0], [0, 0, -1, -1, 0]]),
)
X, Y = np.array([[2.0], [1], [3]]), np.array([[0.0], [1], [0]])
ETA = 0.1
W, B, LANE, BACK, DW, NEW, AGAIN = 3, 7, 9, 11, 13, 19, 25
TOPS, SPANS = (11, 22, 33), ((11, 21), (22, 32), (33, 50))
Grid = tuple[tuple[str, ...], ...]


def cells(row: int, column: int, height: int, width: int, text: str) -> Grid:
    """Formulas from a template: {r} and {c} are the cell's row and column, {up} the row above by as many as follow."""
    return tuple(tuple(text.format(r=row + i, c=letters(column + j), i=i, j=j) for j in range(width)) for i in range(height))


def forward(weights: tuple[np.ndarray, ...], column: int, first: int, phase: int) -> list[Region]:
    """Z, A of each layer in a lane; `first` is the column of the weights at its left, `phase` moves the steps."""
    found: list[Region] = []
    below, source = X, 7
    again = column == AGAIN
    suffix = "_new" if again else ""
    for k, w in enumerate(weights):
        row, size = TOPS[k] + 1, w.shape[0]
        left = letters(first + 5 - w.shape[1])
        c = letters(column)
        z = w @ np.vstack([below, [[1.0]]])
        product = f"MMULT(${left}{{r}}:${letters(first + 4)}{{r}},{c}${source}:{c}${source + len(below)})"
        step = (0 if again else 1) + 2 * k + phase
        found.append(Region(f"Z{k + 1}{suffix}", Role.FORWARD, row, column, z, cells(row, column, size, 1, product), True,
                            step=step, defined_name=f"Z{k + 1}{suffix or '_'}"))  # fmt: skip
        if k < 2:
            a, at = np.maximum(z, 0), row + size + 1
            found.append(Region(f"A{k + 1}{suffix}", Role.ACTIVATION, at, column, a,
                                cells(at, column, size, 1, f"MAX(0,{c}{{s}})".replace("{s}", "{r}")), step=step + 1,
                                dark_zeros=True, defined_name=f"A{k + 1}{suffix or '_'}"))  # fmt: skip
            found[-1] = _reading(found[-1], row, c)
            found.append(Region("ones", Role.ONES, at + size, column, np.ones((1, 1)), (("1",),), step=step))
            below, source = a, at
        else:
            e = np.exp(z)
            p = e / e.sum()
            c = letters(column)
            found += [
                Region(f"E{suffix}", Role.FORWARD, 38, column, e, cells(38, column, 3, 1, f"EXP({c}{{r}})"), step=step + 1),
                Region(f"S{suffix}", Role.FORWARD, 41, column, e.sum(keepdims=True), ((f"SUM({c}38:{c}40)",),),
                       step=step + 1, glued=True),
                Region(f"P{suffix}", Role.FORWARD, 43, column, p, cells(43, column, 3, 1, f"{c}{{r}}/{c}$41"), step=step + 1),
                Region(f"Y_pred{suffix}", Role.OUTPUT, 47, column, np.round(p, 1), cells(47, column, 3, 1, f"ROUND({c}{{r}},1)"),
                       step=step + 2, defined_name=f"Y_pred{suffix}"),
            ]  # fmt: skip
            found[-4:] = [_reading(found[-4], 34, c), found[-3], _reading(found[-2], 38, c), _reading(found[-1], 43, c)]
    return found


def _reading(region: Region, row: int, column: str) -> Region:
    """The region with formulas that read the column of cells from `row` on, cell by cell."""
    assert region.formulas is not None
    own = f"{column}{{r}}"
    moved = tuple(
        tuple(f.replace(f"{column}{region.row + i}", f"{column}{row + i}", 1) for f in line)
        for i, line in enumerate(region.formulas)
    )
    del own
    return Region(**{**region.__dict__, "formulas": moved})


def page() -> WorkbookPlan:
    """The whole workbook."""
    regions, labels, edges = [], [], []
    regions += [Region("learning_rate", Role.INPUT, 2, 23, np.array([[ETA]]), defined_name="eta"),
                Region("X", Role.INPUT, 7, LANE, X, defined_name="X", note="X (3×1): one input with three features."),
                Region("ones", Role.ONES, 10, LANE, np.ones((1, 1)), (("1",),))]  # fmt: skip
    labels += [Label(2, 22, "η", "name", align="right")]
    gradients = _gradients()
    updated = tuple(w - ETA * g for w, g in zip(WEIGHTS, gradients[0], strict=True))
    for k, w in enumerate(WEIGHTS):
        row, size, first = TOPS[k] + 1, w.shape[0], W + 5 - w.shape[1]
        regions += [
            Region(f"W{k + 1}", Role.PARAMETER, row, first, w[:, :-1], defined_name=f"W{k + 1}_", used=(1 + 2 * k,)),
            Region(f"b{k + 1}", Role.BIAS, row, B, w[:, -1:], defined_name=f"b{k + 1}_", used=(1 + 2 * k,)),
        ]
        labels += _layer_labels(k, row, size, first)
    regions += forward(WEIGHTS, LANE, W, 0)
    regions += _backward(gradients, updated)
    regions += [Region("X", Role.COPY, 7, AGAIN, X, cells(7, AGAIN, 3, 1, "I{r}"), step=14),
                Region("ones", Role.ONES, 10, AGAIN, np.ones((1, 1)), (("1",),), step=14)]  # fmt: skip
    regions += forward(updated, AGAIN, NEW, 14)
    regions += _loss(updated)
    labels += _margin() + _other_labels()
    sheet = SheetPlan(
        "Canvas", "Backpropagation", tuple(regions), tuple(labels), _charts(), _widths(), 6,
        (Band(6, 10), *(Band(*rows, shaded=k % 2 == 0) for k, rows in enumerate(SPANS))), tuple(edges), (),
        tuple((row, 17.5) for row in range(6, 51)), 25, TOPS, 5, False, 0.8,
    )  # fmt: skip
    legend = (
        (Role.INPUT, "input"), (Role.PARAMETER, "weight"), (Role.FORWARD, "computed"), (Role.ACTIVATION, "activation"),
        (Role.OUTPUT, "output"), (Role.TARGET, "target"), (Role.GRADIENT, "gradient"), (Role.UPDATED, "new weight"),
        (Role.ADJACENCY, "adjacency"), (Role.GCN, "message"), (Role.COPY, "linked copy"),
    )  # fmt: skip
    about = "A perceptron of three layers, one input, softmax and cross-entropy. Down: forward. Up: gradients. Across: the update."
    return WorkbookPlan("Backpropagation", (sheet, further()), _steps(), "title: Backpropagation\n", legend, about)


def _gradients() -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    """∂W with ∂b as last column, ∂Z and ∂A of each layer."""
    inputs, zs = [X], []
    for w in WEIGHTS:
        zs.append(w @ np.vstack([inputs[-1], [[1.0]]]))
        inputs.append(np.maximum(zs[-1], 0))
    p = np.exp(zs[2]) / np.exp(zs[2]).sum()
    dz = np.round(p, 1) - Y
    dws, dzs, das = [], [dz], []
    for k in (2, 1, 0):
        dws.insert(0, dzs[0] @ np.vstack([inputs[k], [[1.0]]]).T)
        if k:
            das.insert(0, WEIGHTS[k][:, :-1].T @ dzs[0])
            dzs.insert(0, np.where(zs[k - 1] > 0, das[0], 0))
    return dws, dzs, das


def _backward(gradients: tuple[list[np.ndarray], ...], updated: tuple[np.ndarray, ...]) -> list[Region]:
    found = []
    dws, dzs, das = gradients
    sources = (7, 17, 28)
    for k in (2, 1, 0):
        row, (size, width) = TOPS[k] + 1, WEIGHTS[k].shape
        first = DW + 5 - width if k == 0 else DW
        step = 7 + 3 * (2 - k)
        z = cells(row, BACK, size, 1, "I{r}-K{r}") if k == 2 else cells(row, BACK, size, 1, "IF(I{r}>0,K{r},0)")
        if k == 2:
            z = tuple((f"I{47 + i}-K{47 + i}",) for i in range(3))
        else:
            z = tuple((f"IF(I{row + i}>0,K{row + size + 1 + i},0)",) for i in range(size))
        found.append(Region(f"dZ{k + 1}", Role.GRADIENT, row, BACK, dzs[k], z, step=step, used=(step + 1,),
                            defined_name=f"dL_dZ{k + 1}"))  # fmt: skip
        turned = tuple((*(f"I{sources[k] + j}" for j in range(width)),) for _ in range(1))
        values = np.vstack([[X, np.maximum(_z(0), 0), np.maximum(_z(1), 0)][k], [[1.0]]]).T
        found.append(Region("A_T", Role.COPY, row - 1, first, values, turned, step=step + 1))
        found.append(Region(f"dW{k + 1}", Role.GRADIENT, row, first, dws[k],
                            cells(row, first, size, width, f"$K{{r}}*{{c}}${row - 1}"), step=step + 1,
                            tints=((width - 1, width, Role.BIAS),), defined_name=f"dL_dW{k + 1}"))  # fmt: skip
        new = NEW + 5 - width
        made = tuple(
            tuple(f"{letters(W + 5 - width + j)}{row + i}-$W$2*{letters(first + j)}{row + i}" for j in range(width))
            for i in range(size)
        )
        found.append(Region(f"W{k + 1}_new", Role.UPDATED, row, new, updated[k], made, step=14,
                            tints=((width - 1, width, Role.BIAS),), defined_name=f"W{k + 1}_new"))  # fmt: skip
        if k:
            top, high, wide = TOPS[k - 1] + 6, WEIGHTS[k].shape[0], WEIGHTS[k].shape[1] - 1
            weights = tuple(
                (f"MMULT(TRANSPOSE({letters(W + j)}{row}:{letters(W + j)}{row + high - 1}),$K{row}:$K{row + high - 1})",)
                for j in range(wide)
            )
            found.append(Region(f"dA{k}", Role.GRADIENT, top, BACK, das[k - 1], weights, True, step=step + 2,
                                defined_name=f"dL_dA{k}"))  # fmt: skip
    return found


def _z(k: int) -> np.ndarray:
    below = X
    for n in range(k + 1):
        z = WEIGHTS[n] @ np.vstack([below, [[1.0]]])
        below = np.maximum(z, 0)
    return np.asarray(z)


def _loss(updated: tuple[np.ndarray, ...]) -> list[Region]:
    terms = np.array([[0.0], [-np.log(0.5)], [0]])
    total = np.array([[float(terms.sum())]])
    after = np.zeros((1, 1))
    return [
        Region("Y", Role.TARGET, 47, BACK, Y, defined_name="Y"),
        Region("terms", Role.FORWARD, 47, DW, terms, cells(47, DW, 3, 1, "IF(K{r}=0,0,-K{r}*LN(I{r}))"), step=8),
        Region("L", Role.OUTPUT, 48, 16, total, (("SUM(M47:M49)",),), step=8, large=True, defined_name="L"),
        Region("L_new", Role.OUTPUT, 48, 21, after, (("IF(K48=0,0,-K48*LN(Y48))",),), step=21, large=True,
               defined_name="L_new"),
    ]  # fmt: skip


def _layer_labels(k: int, row: int, size: int, first: int) -> list[Label]:
    n, top = k + 1, row - 1
    step, back = 1 + 2 * k, 7 + 3 * (2 - k)
    found = [
        Label(top, first, f"W{n}", "name", color=Role.PARAMETER),
        Label(top, B, f"b{n}", "name", align="center", color=Role.BIAS),
        Label(top, LANE, f"Z{n} ↓", "name", step, "center", Role.FORWARD),
        Label(top, BACK, f"∂Z{n}", "name", back, "center", Role.GRADIENT),
        Label(top, DW - 1 + (k == 0), ("Xᵀ", "A1ᵀ", "A2ᵀ")[k], "label", back + 1, "right") if k else
        Label(top, 12, "Xᵀ", "label", back + 1, "right"),
        Label(top, NEW + (k == 0), f"W{n} new", "name", 14, color=Role.UPDATED),
        Label(top, AGAIN, f"Z{n} ↓", "name", 14 + 2 * k, "center", Role.FORWARD),
    ]  # fmt: skip
    for r in range(row, row + size):
        found += [
            Label(r, LANE - 1, "→", "arrow", step), Label(r, BACK + 1, "→", "arrow", back + 1, color=Role.GRADIENT),
            *(Label(r, c, "—" if c < NEW - 1 + (k == 0) else "→", "arrow", 14, color=Role.UPDATED)
              for c in range(18 - (k == 0) * 0, NEW + (k == 0))),
            Label(r, AGAIN - 1, "→", "arrow", 14 + 2 * k),
        ]  # fmt: skip
    if k < 2:
        found += [
            Label(row + size, LANE, "ReLU ↓", "function", step + 1, "center"),
            Label(row + size, AGAIN, "ReLU ↓", "function", 15 + 2 * k, "center"),
            Label(row + size, BACK, f"∂A{n} ↑", "name", 9 + 3 * (1 - k), "center", Role.GRADIENT),
            Label(row + size + 1, DW, f"∂A{n}: each column of W{n + 1} times ∂Z{n + 1}, added up,", "note", 9 + 3 * (1 - k),
                  color=Role.GRADIENT),
            Label(row + size + 2, DW, "first: 1·1 + (-1)·0 + 0·0.5 + 1·(-0.5) = 0.5", "note", 9 + 3 * (1 - k),
                  color=Role.GRADIENT, formula=f'"first: "&C{TOPS[k + 1] + 1}&"·"&K{TOPS[k + 1] + 1}&" + … = "&K{row + size + 1}'),
        ]  # fmt: skip
    return found


def _margin() -> list[Label]:
    texts = (
        (6, "", "Input", (), "One input with three features.", 8, 2),
        (11, "1", "Layer 1", ("Z1 = W1·X + b1", "A1 = ReLU(Z1)", "∂A1 = W2ᵀ·∂Z2", "∂Z1 = ∂A1 where Z1 > 0", "∂W1 = ∂Z1·Xᵀ"),
         "", 0, 0),
        (22, "2", "Layer 2", ("Z2 = W2·A1 + b2", "A2 = ReLU(Z2)", "∂A2 = W3ᵀ·∂Z3", "∂Z2 = ∂A2 where Z2 > 0", "∂W2 = ∂Z2·A1ᵀ"),
         "", 0, 0),
        (33, "3", "Layer 3 and loss", ("Z3 = W3·A2 + b3", "S = eᶻ ÷ Σ", "Ŷ = round(S, 1)", "L = −Σ Y·ln Ŷ", "∂Z3 = Ŷ − Y",
                                       "∂W3 = ∂Z3·A2ᵀ"),
         "As by hand, probabilities are rounded to one decimal. The gradient starts here, with the error Ŷ − Y.", 40, 4),
    )  # fmt: skip
    found = []
    for row, badge, title, lines, sentence, at, rows in texts:
        if badge:
            found.append(Label(row, 1, badge, "badge"))
        found.append(Label(row, 2, title, "section"))
        found += [Label(row + 1 + k, 2, line, "equation", color=Role.GRADIENT if line.startswith("∂") else None)
                  for k, line in enumerate(lines)]  # fmt: skip
        if sentence:
            found.append(Label(at, 2, sentence, "sentence", rows=rows))
    return found


def _other_labels() -> list[Label]:
    return [
        Label(5, W, "Parameters", "head", color=Role.PARAMETER),
        Label(5, LANE, "Forward ↓", "head", align="center", color=Role.FORWARD),
        Label(5, BACK, "∂ ↑", "head", align="center", color=Role.GRADIENT),
        Label(5, DW, "∂W = ∂Z · Aᵀ     ∂b = ∂Z", "head", color=Role.GRADIENT),
        Label(5, NEW, "W − η·∂W", "head", color=Role.UPDATED),
        Label(5, AGAIN, "again ↓", "head", align="right", color=Role.FORWARD),
        Label(6, LANE, "X", "name", align="center", color=Role.INPUT),
        Label(6, AGAIN, "X", "name", 14, "center", Role.COPY),
        Label(37, LANE, "eᶻ ↓", "function", 6, "center"), Label(42, LANE, "÷ Σ ↓", "function", 6, "center"),
        Label(41, LANE - 1, "Σ", "name", 6, "right", Role.FORWARD),
        Label(46, LANE, "round ↓", "function", 7, "center"), Label(46, BACK, "Y", "name", align="center", color=Role.TARGET),
        Label(46, DW, "−Y·ln Ŷ", "name", 8, color=Role.FORWARD),
        *(Label(r, 12, "→", "arrow", 8) for r in (47, 48, 49)),
        Label(48, 14, "—", "arrow", 8), Label(48, 15, "→", "arrow", 8),
        Label(47, 16, "L", "name", 8, color=Role.FORWARD), Label(47, 21, "L new", "name", 21, color=Role.FORWARD),
        Label(48, 22, "←", "arrow", 21), Label(48, 23, "—", "arrow", 21), Label(48, 24, "—", "arrow", 21),
        Label(49, 16, "after rounding, the new prediction is exactly right", "note", 21),
    ]  # fmt: skip


def _charts() -> tuple[Bars, ...]:
    series = (("prediction", "Y_pred"), ("target", "Y"), ("after the update", "Y_pred_new"))
    return (Bars("Prediction and target", 38, 13, series, ("1", "2", "3"), 7, Place(38, 13, 7, 11)),)


def _widths() -> tuple[tuple[int, float], ...]:
    narrow = {8, 10, 12, 18, 24}
    return ((1, 3.4), (2, 24.0), *((k, 2.7 if k in narrow else 4.7) for k in range(3, 26)))


def _steps() -> tuple[StepRow, ...]:
    texts = (
        (1, "Layer 1", "Z1 = W1·X + b1", "Each row of W1 meets X: 1·2 + 0·1 + 0·3 + 0 = 2.", "I12", "forward"),
        (2, "Layer 1", "A1 = ReLU(Z1)", "Negatives become 0.", "I17", "forward"),
        (3, "Layer 2", "Z2 = W2·A1 + b2", "The same once more, with the activations as input.", "I23", "forward"),
        (4, "Layer 2", "A2 = ReLU(Z2)", "Negatives become 0.", "I28", "forward"),
        (5, "Layer 3 and loss", "Z3 = W3·A2 + b3", "One score for each class.", "I34", "forward"),
        (6, "Layer 3 and loss", "S = eᶻ ÷ Σ", "Scores become shares of 1.", "I38", "forward"),
        (7, "Layer 3 and loss", "Ŷ = round(S, 1)", "As by hand.", "I47", "forward"),
        (8, "Layer 3 and loss", "L = −Σ Y·ln Ŷ", "The loss looks at the right class only.", "P48", "forward"),
        (9, "Layer 3 and loss", "∂A2 = W3ᵀ·∂Z3", "Back through the weights.", "K28", "backward"),
        (10, "Layer 2", "∂Z2 = ∂A2 where Z2 > 0", "Where ReLU cut, no gradient comes back.", "K23", "backward"),
        (13, "Layer 1", "∂Z1, ∂W1", "The same for layer 1.", "K12", "backward"),
        (14, "Update", "W new = W − η·∂W", "A step downhill for each weight.", "S12", "update"),
        (15, "Again", "Z, A with the new weights", "The same formulas with the new weights.", "Y12", "after"),
    )  # fmt: skip
    return tuple(
        StepRow(n, section, equation, "", sentence, f"Canvas!{cell}", phase, numbers="10–12" if n == 10 else "",
                live='"Each row of W1 meets X: "&Canvas!C12&"·"&Canvas!I7&" + "&Canvas!D12&"·"&Canvas!I8&" + "&Canvas!E12&"·"'
                '&Canvas!I9&" + "&Canvas!G12&" = "&Canvas!I12&"."' if n == 1 else None)
        for n, section, equation, sentence, cell, phase in texts
    )  # fmt: skip


def further() -> SheetPlan:
    """Everything that the first page has none of."""
    graph = np.array([[0.0, 0, 1, 0, 0], [1, 0, 0, 0, 1], [1, 1, 0, 1, 0], [0, 1, 0, 0, 1], [0, 0, 0, 1, 0]])
    big = np.abs(np.sin(np.arange(196.0).reshape(14, 14))) * (np.arange(196).reshape(14, 14) % 3 == 0)
    points = np.array([[-3.0, -1, 0.5, 4]])
    sigma = 1 / (1 + np.exp(-points))
    small = np.array([[0.0034, 0.0005, 0.0]])
    turns = [np.array([[0.2], [0.2 + 0.072 * t], [0.285]]) for t in range(3)]
    regions = [
        Region("Adj", Role.ADJACENCY, 8, 4, graph, switch=True, defined_name="Adj"),
        Region("degree", Role.FORWARD, 13, 4, graph.sum(0, keepdims=True), cells(13, 4, 1, 5, "SUM({c}8:{c}12)"), glued=True),
        Region("P", Role.OUTPUT, 16, 4, np.array([[0.1, 0.3, 0.5, 0.7, 0.9]]), cells(16, 4, 1, 5, "0.1+0.2*{j}"), step=2,
               defined_name="P"),
        Region("words", Role.VERDICT, 18, 4, np.array([["very unlikely", "unlikely", "neutral", "likely", "very likely"]],
               dtype=object), (tuple(f'"{w}"' for w in ("very unlikely", "unlikely", "neutral", "likely", "very likely")),)),
        Region("big", Role.ADJACENCY, 22, 4, big, cells(22, 4, 14, 14, "ABS(SIN({j}+14*{i}))*IF(MOD({j}+14*{i},3)=0,1,0)"),
               plain_map=True),
        Region("A", Role.HEATMAP, 39, 4, np.array([[0.25, 0.28], [0.75, 0.72]]), (("0.25", "0.28"), ("0.75", "0.72"))),
        Region("small", Role.FORWARD, 42, 4, small, cells(42, 4, 1, 3, "CHOOSE({j}+1,0.0034,0.0005,0)")),
        Region("x", Role.INPUT, 44, 4, points), Region("s", Role.ACTIVATION, 45, 4, sigma, cells(45, 4, 1, 4, "1/(1+EXP(-{c}44))")),
        Region("stack", Role.COPY, 39, 8, np.ones((3, 2)), cells(39, 8, 3, 2, "1"), parts=((0, 1, Role.INPUT), (1, 3, Role.ACTIVATION))),
        Region("M", Role.GCN, 43, 8, np.array([[3.0, 2], [0, 1], [1, 3]]), cells(43, 8, 3, 2, "{i}+3*{j}-{i}*{j}"),
               marked=((0, 1, 3, 1),)),
        Region("look", Role.COPY, 39, 12, np.array([[1.0, 0, 1], [3, 2, 1]]), cells(39, 12, 2, 3, "IF({i}=0,IF({j}=1,0,1),3-{j})"),
               pale="L$39=0"),
        *(Region(f"r{t}", Role.OUTPUT if t else Role.INPUT, 49, 4 + 3 * t, v, cells(49, 4 + 3 * t, 3, 1, str(0.2 + 0.001 * t))
                 if t else None, step=3 + t if t else 0, decimals=3) for t, v in enumerate(turns)),
    ]  # fmt: skip
    regions[9] = Region(**{**regions[9].__dict__})
    regions[10] = Region(**{**regions[10].__dict__, "values": np.array([[0.0, 3], [1, 3], [2, 3]]), "formulas":
                            cells(43, 8, 3, 2, "{i}+(3-{i})*{j}")})  # fmt: skip
    regions[-2:] = [
        Region(f"r{t}", Role.OUTPUT, 49, 4 + 3 * t, np.full((3, 1), 0.2 + 0.001 * t), cells(49, 4 + 3 * t, 3, 1, str(0.2 + 0.001 * t)),
               step=3 + t, decimals=3) for t in (1, 2)
    ]  # fmt: skip
    labels = [
        *(Label(7, 4 + k, c, "label", align="center") for k, c in enumerate("ABCDE")),
        *(Label(8 + k, 3, c, "label", align="right") for k, c in enumerate("ABCDE")),
        Label(6, 1, "1", "badge"), Label(6, 2, "Pages and links", "section"), Label(7, 2, "degree = Σ", "equation"),
        Label(13, 3, "Σ", "name", align="right", color=Role.FORWARD), Label(15, 4, "② P", "name", 2, color=Role.OUTPUT),
        Label(21, 1, "2", "badge"), Label(21, 2, "Heat maps", "section"), Label(21, 4, "Â", "name", color=Role.ADJACENCY),
        Label(37, 1, "3", "badge"), Label(37, 2, "Shares and parts", "section"), Label(38, 4, "③ A", "name", color=Role.HEATMAP),
        Label(38, 2, "Each column adds up to 1. The words of a sentence share their attention among all of them.", "sentence",
              rows=3),
        Label(38, 12, "Look closer", "turn", hue=0), Label(38, 8, "[x; h]", "name", color=Role.COPY),
        Label(48, 1, "4", "badge"), Label(48, 2, "Rounds", "section"),
        *(Label(48, 4 + 3 * t, f"t = {t}", "turn", align="center", hue=t) for t in range(3)),
        Label(50, 11, "◄r0", "function", 4, hue=1),
    ]  # fmt: skip
    frame = [Edge(38, 12, 1, 4, "top"), Edge(38, 12, 4, 4, "left"), Edge(38, 12, 4, 4, "right"), Edge(38, 12, 4, 4, "bottom")]
    rail = [Edge(44, 10, 1, 1, "top", 1, step=4), Edge(44, 10, 7, 1, "right", 1, step=4), Edge(50, 10, 1, 1, "bottom", 1, step=4)]
    x = tuple(float(k) for k in range(-8, 9))
    curves = Curves("σ", 39, 17, x, (("σ", "1/(1+EXP(-{x}))", tuple(float(1 / (1 + np.exp(-v))) for v in x)),),
                    (("the four", "x", "s"),), place=Place(38, 17, 9, 8))  # fmt: skip
    positions = ((0.1, 0.5), (0.4, 0.1), (0.5, 0.9), (0.95, 0.8), (0.8, 0.1))
    picture = GraphPicture("The graph", 7, 11, tuple("ABCDE"), positions, "Adj", "P", True, place=Place(6, 11, 13, 14))
    bands = (Band(6, 20), Band(21, 36, True), Band(37, 47), Band(48, 54, True))
    heights = tuple((row, 7.6) for row in range(22, 36)) + ((18, 26.0),)
    return SheetPlan(
        "Gradients", "A second page", tuple(regions), tuple(labels), (picture, curves), ((1, 3.4), (2, 24.0), (3, 3.0),
        *((k, 5.2) for k in range(4, 25))), 6, bands, (*frame, *rail), (Diagonal(49, 6, 3, True, 2, 5),), heights, 24,
        (21, 37, 48), 5, False, 0.8,
    )  # fmt: skip


def place_of(region: Region) -> str:
    """A region's range."""
    return span(region.row, region.column, region.height, region.width)
