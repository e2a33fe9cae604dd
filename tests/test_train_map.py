"""The map of a training: every point against numpy by hand, before and after an edit; which cells are framed; and the
programs that have none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl import load_workbook
from openpyxl.formula.translate import Translator
from openpyxl.utils import get_column_letter
from test_train import XOR, epoch_cell, recalculated, trained

from sheetgen.layout.drawing.paper import longest
from sheetgen.layout.plan import Region
from sheetgen.proof.engines import Values
from sheetgen.workbook import Workbook

LINE = """\
title: A line
matrices:
  x: {role: input, value: [[0, 1, 2, 3]]}
  y: {role: target, value: [[1, 3, 5, 7]]}
  w: {role: parameter, value: 0}
  b: {role: parameter, value: 0}
steps:
  - g = w * x + b
  - L = mse(g, y, reduction="mean")
loss: L
"""
SIDE = 11
FAR = 60
"""A column that is free on every page."""


def region(made: Workbook, sheet: str, name: str) -> Region:
    return next(r for s in made.plan.sheets if s.title == sheet for r in s.regions if r.name == name)


def found_map(made: Workbook, found: Values, title: str) -> np.ndarray:
    """The map's numbers, the lowest row first."""
    at = region(made, "Canvas", title)
    return found.numbers("Canvas", at.row, at.column, SIDE, SIDE)[::-1]


def answer(x1: np.ndarray, x2: np.ndarray, w1: Any, b1: Any, w2: Any, b2: Any) -> np.ndarray:
    """What XOR's network answers, by hand."""
    points = np.stack([x1.ravel(), x2.ravel()])
    logits = w2 @ np.tanh(w1 @ points + b1) + b2
    return (1 / (1 + np.exp(-logits))).reshape(x1.shape)


def axis(low: float, high: float) -> np.ndarray:
    return np.linspace(low, high, SIDE)


@pytest.mark.parametrize("engine", ["ironcalc", "libreoffice"])
@pytest.mark.parametrize("epoch", [0, 40])
def test_every_point_is_the_network_s_answer_there(epoch: int, engine: str, tmp_path: Path) -> None:
    made = trained("epochs: 40, optimizer: adam, learning_rate: 0.2", XOR)
    assert made.trained is not None
    found = recalculated(made, tmp_path / "a.xlsx", {epoch_cell(made, tmp_path / "b.xlsx"): epoch}, engine)
    x1, x2 = np.meshgrid(axis(-0.75, 1.75), axis(-0.75, 1.75))
    w1, b1, w2, b2 = (made.trained.table[name][epoch] for name in ("W1", "b1", "W2", "b2"))
    assert found_map(made, found, "P over X[0,0] and X[1,0]") == pytest.approx(answer(x1, x2, w1, b1, w2, b2), rel=1e-9)


def test_the_map_passes_through_the_samples() -> None:
    made = trained("epochs: 40, optimizer: adam, learning_rate: 0.2", XOR)
    values = region(made, "Canvas", "P over X[0,0] and X[1,0]").values[::-1]
    assert values[[3, 7, 3, 7], [3, 3, 7, 7]] == pytest.approx(made.values["P"].ravel(), rel=1e-9)


@pytest.mark.parametrize(("x", "low", "high"), [
    ("[1, 2, 7]", 0, 10),  # in steps of 1, without negative ones
    ("[0, 3, 6]", -2, 8),
    ("[-20, 10, 15]", -30, 20),
    ("[0.5, 1, 1.5]", 0, 2.5),
    ("[3, 3.3, 4]", 2.25, 4.75),
    ("[2, 2, 2]", 1, 3),
])  # fmt: skip
def test_the_points_of_an_axis_are_round_numbers(x: str, low: float, high: float) -> None:
    text = XOR.replace("[[0, 0, 1, 1], [0, 1, 0, 1]]", f"[{x}, [0, 1, 0]]").replace("[[0, 1, 1, 0]]", "[[0, 1, 1]]")
    made = trained("epochs: 3, learning_rate: 0.01", text)
    assert made.plane is not None and made.plane.of.ends == ((low, high), (-0.75, 1.75))


@pytest.mark.parametrize("x", ["[1.0e+16, 1.0e+16, 1.0e+16]", "[0, 1.0e+300, 0]", "[0, 1.0e-300, 0]"])
def test_a_map_of_numbers_that_arent_round_reaches_beyond_them(x: str) -> None:
    text = XOR.replace("[[0, 0, 1, 1], [0, 1, 0, 1]]", f"[{x}, [0, 1, 0]]").replace("[[0, 1, 1, 0]]", "[[0, 1, 1]]")
    made = trained("epochs: 3, learning_rate: 0.01", text)
    (low, high), _ = made.plane.of.ends if made.plane else ((-np.inf, np.inf), ())
    given = next(g.value for g in made.program.givens if g.name == "X")[0]
    assert low < given.min() and given.max() < high


def test_the_ends_of_an_axis_are_typed(tmp_path: Path) -> None:
    made = trained("epochs: 3, learning_rate: 0.2", XOR)
    found = recalculated(made, tmp_path / "a.xlsx", {"Map!C5": -2, "Map!H5": 5})
    x1, x2 = np.meshgrid(axis(-2, 1.75), axis(-0.75, 5))
    given = (np.array(made.values[name]) for name in ("W1", "b1", "W2", "b2"))
    assert found_map(made, found, "P over X[0,0] and X[1,0]") == pytest.approx(answer(x1, x2, *given), rel=1e-9)


@pytest.mark.parametrize("engine", ["ironcalc", "libreoffice"])
def test_a_loss_over_two_parameters(engine: str, tmp_path: Path) -> None:
    made = trained("epochs: 30, learning_rate: 0.1", LINE)
    assert made.trained is not None
    report = made.verify(engine)
    assert report.ok, report.first
    w, b = (made.trained.table[name].ravel() for name in "wb")
    assert (w.min(), round(w.max(), 2), b.min(), round(b.max(), 2)) == (0, 2.02, 0, 0.99)
    across, up = np.meshgrid(axis(-1.5, 3.5), axis(-0.6, 1.4))  # steps of 0.5 and 0.2
    x, y = np.arange(4), np.array([1, 3, 5, 7])
    losses = ((across[..., None] * x + up[..., None] - y) ** 2).mean(axis=-1)
    found = recalculated(made, tmp_path / "a.xlsx", {}, engine)
    assert found_map(made, found, "L over w and b") == pytest.approx(losses, rel=1e-9)


def test_two_numbers_of_one_matrix_are_a_plane_too() -> None:
    text = LINE.replace("  b: {role: parameter, value: 0}\n", "").replace("value: 0", "value: [0, 0]")
    made = trained("epochs: 5, learning_rate: 0.1", text.replace("w * x + b", "w[0:1] * x + w[1:2]"))
    other = trained("epochs: 5, learning_rate: 0.1", LINE)
    ours = region(made, "Canvas", "L over w[0,0] and w[1,0]").values
    assert ours == pytest.approx(region(other, "Canvas", "L over w and b").values, rel=1e-12)
    assert made.verify().ok


def test_of_the_map_s_points_the_lowest_line_is_printed(tmp_path: Path) -> None:
    """Not 121 rows: the map itself stands on the page."""
    page = load_workbook(trained("epochs: 3, learning_rate: 0.2", XOR).save(tmp_path / "a.xlsx"))["Map"]
    assert page.print_area.endswith("$18")  # 11 points from row 8 on


# Frames


def marked(made: Workbook, path: Path, cells: dict[str, object], title: str, chosen: slice) -> set[tuple[int, int]]:
    """The cells of a map, (row, column) counted from its lower left one, in which one of the `chosen` formulas of its
    conditional formats is true."""
    at = region(made, "Canvas", title)
    book = load_workbook(made.save(path))
    sheet = book["Canvas"]
    corner = f"{get_column_letter(at.column)}{at.row}"
    (rules,) = [found.rules for found in sheet.conditional_formatting if corner == str(found.sqref).split(":")[0]]
    formula = f"=OR({','.join(r.formula[0] for r in [r for r in rules if r.type == 'expression'][chosen])})"
    texts = {}
    for i in range(SIDE):
        for j in range(SIDE):
            place = f"{get_column_letter(at.column + j)}{at.row + i}"
            moved = Translator(formula, origin=corner).translate_formula(place)
            texts[f"Canvas!{get_column_letter(FAR + j)}{at.row + i}"] = f"=IF({moved[1:]},1,0)"
    found = recalculated(made, path, {**texts, **cells}, "libreoffice")
    numbers = found.numbers("Canvas", at.row, FAR, SIDE, SIDE)[::-1]
    assert set(np.unique(numbers)) <= {0, 1}
    return {(int(i), int(j)) for i, j in np.argwhere(numbers == 1)}


@pytest.mark.libreoffice
def test_the_samples_are_framed(tmp_path: Path) -> None:
    made = trained("epochs: 3, learning_rate: 0.2", XOR)
    title = "P over X[0,0] and X[1,0]"
    assert marked(made, tmp_path / "a.xlsx", {}, title, slice(None)) == {(3, 3), (3, 7), (7, 3), (7, 7)}
    x = region(made, "Canvas", "X")
    moved = {f"Canvas!{get_column_letter(x.column)}{x.row}": 0.49}
    assert marked(made, tmp_path / "b.xlsx", moved, title, slice(None)) == {(3, 5), (3, 7), (7, 3), (7, 7)}


@pytest.mark.libreoffice
def test_the_way_of_the_parameters_is_framed_and_where_it_is_now_picked_out(tmp_path: Path) -> None:
    made = trained("epochs: 30, learning_rate: 0.02", LINE)
    assert made.trained is not None
    title = "L over w and b"
    path = np.stack([made.trained.table[name].ravel() for name in "bw"])
    assert made.plane is not None
    low, high = np.array(made.plane.of.ends[::-1]).T[..., None]
    near = np.rint((path - low) / (high - low) * 10).astype(int)
    cells = {(int(i), int(j)) for i, j in near.T}
    assert len(cells) > 3 and marked(made, tmp_path / "a.xlsx", {}, title, slice(1, 2)) == cells
    typed = {epoch_cell(made, tmp_path / "b.xlsx"): 1}
    assert marked(made, tmp_path / "c.xlsx", typed, title, slice(1)) == {(int(near[0, 1]), int(near[1, 1]))}


@pytest.mark.parametrize(
    ("steps", "target", "shown", "heat"),
    [
        (["P = sigmoid(s)", "L = -mean(Y * log(P) + (1 - Y) * log(1 - P))"], [0, 1, 1, 0], "P", (0, 0.5, 1)),
        (["L = mean(softplus(s) - Y * s)", "P = sigmoid(s)"], [0, 1, 1, 0], "s", (-3, 0, 3)),
        (["L = mean(maximum(0, 1 - Y * s))"], [-1, 1, 1, -1], "s", (-1, 0, 1)),
        (["L = mse(s, Y)"], [2, 6, 6, 2], "s", (2, 4, 6)),
        (["g = s > 0.5", "right = mean(g == Y)", "L = mean((s - Y) ** 2)"], [0, 1, 1, 0], "s", (0, 0.5, 1)),
    ],
    ids=["the logarithm of a probability", "logits", "targets of both signs", "numbers", "not a guess"],
)
def test_the_answer_is_what_the_loss_holds_against_the_target(
    steps: list[str], target: list[int], shown: str, heat: tuple[float, float, float]
) -> None:
    head, _ = XOR.replace("[[0, 1, 1, 0]]", str([target])).split("  - P = ")
    lines = "".join(f"  - {step}\n" for step in ["s = W2 @ A1 + b2", *steps])
    made = trained("epochs: 3, learning_rate: 0.01", f"{head}{lines}loss: L\n")
    assert made.plane is not None and (made.plane.of.shown, made.plane.of.heat) == (shown, heat)
    assert made.verify().ok


def test_the_numbers_beside_a_map_have_room() -> None:
    """Also where they fall into a gutter, as those of long ones."""
    made = trained("epochs: 20, learning_rate: 0.01", LINE.replace("[[1, 3, 5, 7]]", "[[-1000, -3000, -5000, -7000]]"))
    beside = next(r for r in made.plan.sheets[0].regions if r.name == "b of the map")
    assert dict(made.plan.sheets[0].widths)[beside.column] >= longest([beside])[0]


# Programs without a map


@pytest.mark.parametrize(
    "change",
    [
        ("[[0, 0, 1, 1], [0, 1, 0, 1]]", "[[0, 0, 1, 1], [0, 1, 0, 1], [1, 1, 0, 1]]"),
        ("A1 = tanh(W1 @ X + b1)", "A1 = tanh(W1 @ (X - mean(X, axis=1)) + b1)"),
        ("P = sigmoid(W2 @ A1 + b2)", "P = sigmoid(W2 @ A1 + b2) @ ones((4, 4)) / 4"),
    ],
    ids=["three inputs", "samples that know of each other", "a step that needs all samples"],
)
def test_what_has_no_plane_has_no_map(change: tuple[str, str]) -> None:
    text = XOR.replace(*change)
    if "[1, 1, 0, 1]" in text:
        text = text.replace("[[1, 0.5], [0.5, 1], [-1, 0.7]]", "[[1, 0.5, 1], [0.5, 1, 1], [-1, 0.7, 1]]")
    assert text != XOR
    made = trained("epochs: 3, learning_rate: 0.2", text)
    assert [s.title for s in made.plan.sheets if s.title in ("Training", "Map")] == ["Training"]
