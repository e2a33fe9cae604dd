"""Training: every epoch against a loop written by hand, PyTorch's figures, and what engines make of an edited file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook
from openpyxl.formula.translate import Translator
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.formula import ArrayFormula

import sheetgen
from sheetgen.errors import SheetgenError
from sheetgen.layout import measure
from sheetgen.layout.drawing.paper import longest
from sheetgen.proof import engines
from sheetgen.proof.engines import Values
from sheetgen.workbook import Workbook

XOR = """\
title: XOR
matrices:
  X: {role: input, value: [[0, 0, 1, 1], [0, 1, 0, 1]]}
  W1: {role: parameter, value: [[1, 0.5], [0.5, 1], [-1, 0.7]]}
  b1: {role: parameter, value: [0, 0.1, -0.2]}
  W2: {role: parameter, value: [[1, -0.5, -1]]}
  b2: {role: parameter, value: [0]}
  Y: {role: target, value: [[0, 1, 1, 0]]}
steps:
  - A1 = tanh(W1 @ X + b1)
  - P = sigmoid(W2 @ A1 + b2)
  - L = binary_cross_entropy(P, Y, reduction="mean")
loss: L
"""


def trained(options: str, spec: str = XOR) -> Workbook:
    return sheetgen.compile_text(f"{spec}train: {{{options}}}\n")


def by_hand(step: Callable[..., np.ndarray], epochs: int) -> tuple[list[float], list[np.ndarray]]:
    """The losses of XOR and its last parameters; `step(w, g, state, t)` is an optimiser's, written down once more."""
    x, y = np.array([[0, 0, 1, 1], [0, 1, 0, 1.0]]), np.array([[0, 1, 1, 0.0]])
    w = [np.array([[1, 0.5], [0.5, 1], [-1, 0.7]]), np.array([[0], [0.1], [-0.2]]), np.array([[1, -0.5, -1.0]]),
         np.zeros((1, 1))]  # fmt: skip
    states: list[dict[str, np.ndarray]] = [{} for _ in w]
    losses = []
    for epoch in range(epochs + 1):
        a = np.tanh(w[0] @ x + w[1])
        p = 1 / (1 + np.exp(-(w[2] @ a + w[3])))
        losses.append(float(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()))
        if epoch == epochs:
            return losses, w
        dz2 = (p - y) / 4
        dz1 = (w[2].T @ dz2) * (1 - a**2)
        gradients = [dz1 @ x.T, dz1.sum(1, keepdims=True), dz2 @ a.T, dz2.sum(1, keepdims=True)]
        norm = np.sqrt(sum((g**2).sum() for g in gradients))
        w = [step(*each, epoch + 1, norm) for each in zip(w, gradients, states, strict=True)]
    raise AssertionError


State = dict[str, np.ndarray]
Step = Callable[..., np.ndarray]


def sgd(w: np.ndarray, g: np.ndarray, s: State, t: int, norm: float) -> np.ndarray:
    return w - 0.5 * g


def clipped(w: np.ndarray, g: np.ndarray, s: State, t: int, norm: float) -> np.ndarray:
    return w - 0.5 * (g * min(1.0, 0.05 / (norm + 1e-6)) + 0.01 * w)


def momentum(w: np.ndarray, g: np.ndarray, s: State, t: int, norm: float) -> np.ndarray:
    s["m"] = 0.8 * s.get("m", 0 * g) + g
    return w - 0.2 * s["m"]


def nesterov(w: np.ndarray, g: np.ndarray, s: State, t: int, norm: float) -> np.ndarray:
    s["m"] = 0.9 * s.get("m", 0 * g) + g
    return w - 0.2 * (g + 0.9 * s["m"])


def rmsprop(w: np.ndarray, g: np.ndarray, s: State, t: int, norm: float) -> np.ndarray:
    s["v"] = 0.9 * s.get("v", 0 * g) + 0.1 * g * g
    return w - 0.05 * g / (np.sqrt(s["v"]) + 1e-8)


def adam(w: np.ndarray, g: np.ndarray, s: State, t: int, norm: float) -> np.ndarray:
    s["m"] = 0.9 * s.get("m", 0 * g) + 0.1 * g
    s["v"] = 0.999 * s.get("v", 0 * g) + 0.001 * g * g
    return w - 0.2 * (s["m"] / (1 - 0.9**t)) / (np.sqrt(s["v"] / (1 - 0.999**t)) + 1e-8)


def adamw(w: np.ndarray, g: np.ndarray, s: State, t: int, norm: float) -> np.ndarray:
    return adam(w * (1 - 0.2 * 0.01), g, s, t, norm)


WAYS = {
    "optimizer: sgd, learning_rate: 0.5": sgd,
    "learning_rate: 0.5, clip: 0.05, weight_decay: 0.01": clipped,
    "optimizer: momentum, learning_rate: 0.2, momentum: 0.8": momentum,
    "optimizer: nesterov, learning_rate: 0.2": nesterov,
    "optimizer: rmsprop, learning_rate: 0.05, alpha: 0.9": rmsprop,
    "optimizer: adam, learning_rate: 0.2": adam,
    "optimizer: adamw, learning_rate: 0.2": adamw,
}


@pytest.mark.parametrize("options", WAYS)
def test_every_epoch_is_that_of_a_loop_by_hand(options: str) -> None:
    made = trained(f"epochs: 40, {options}")
    losses, parameters = by_hand(WAYS[options], 40)
    assert made.trained is not None
    assert made.trained.losses == pytest.approx(losses, rel=1e-11)
    for name, value in zip(("W1", "b1", "W2", "b2"), parameters, strict=True):
        assert made.trained.table[name][-1] == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize("options", WAYS)
def test_ironcalc_finds_the_same_in_every_epoch(options: str) -> None:
    report = trained(f"epochs: 40, {options}").verify()
    assert report.ok and report.worst < 1e-9
    rows = {region.name: region.range for region in report.regions if region.sheet == "Training"}
    assert rows["L by epoch"] == "B10:B50" and rows["W1 by epoch"] == "D10:I50"


# An edited file


def recalculated(made: Workbook, path: Path, cells: dict[str, object], engine: str = "ironcalc") -> Values:
    """What an engine makes of the workbook with other numbers in some cells, `Sheet!A1`."""
    book = load_workbook(made.save(path))
    for place, value in cells.items():
        sheet, cell = place.split("!")
        book[sheet][cell] = value
    book.save(path)
    return engines.get(engine).recalculate([path])[0]


def cell_of(made: Workbook, sheet: str, name: str) -> tuple[int, int]:
    at = next(r for s in made.plan.sheets if s.title == sheet for r in s.regions if r.name == name)
    return at.row, at.column


def epoch_cell(made: Workbook, path: Path) -> str:
    return load_workbook(made.save(path)).defined_names["Epoch"].attr_text.replace("$", "").replace("'", "")


@pytest.mark.parametrize("engine", ["ironcalc", "libreoffice"])
def test_another_learning_rate_gives_what_a_fresh_spec_gives(engine: str, tmp_path: Path) -> None:
    made, fresh = (trained(f"epochs: 20, optimizer: adam, learning_rate: {rate}") for rate in (0.2, 0.05))
    found = recalculated(made, tmp_path / "a.xlsx", {"Training!C5": 0.05}, engine)
    assert fresh.trained is not None
    assert found.numbers("Training", 10, 2, 21, 1).ravel() == pytest.approx(fresh.trained.losses, rel=1e-9)


@pytest.mark.parametrize(("typed", "shown"), [(0, 0), (7, 7), (20, 20), (99, 20), (-3, 0), (6.6, 7), ("text", 0)])
def test_the_page_shows_the_epoch_that_is_typed(typed: object, shown: int, tmp_path: Path) -> None:
    """All of the page: parameters, loss and gradients. What is no epoch is taken for the nearest, words for 0."""
    made = trained("epochs: 20, optimizer: adam, learning_rate: 0.2")
    assert made.trained is not None
    found = recalculated(made, tmp_path / "a.xlsx", {epoch_cell(made, tmp_path / "b.xlsx"): typed})
    for name in ("W1", "b2", "L", "A1", "dL_dW1"):
        expected = made.trained.table[name][shown]
        row, column = cell_of(made, "Canvas", name)
        assert found.numbers("Canvas", row, column, *expected.shape) == pytest.approx(expected, rel=1e-9), name


def test_the_list_of_epochs_moves_along(tmp_path: Path) -> None:
    made = trained("epochs: 30, learning_rate: 0.2")
    found = recalculated(made, tmp_path / "a.xlsx", {epoch_cell(made, tmp_path / "b.xlsx"): 12})
    row, column = cell_of(made, "Training", "epochs to go to")
    assert found.numbers("Training", row, column, 1, 6).ravel().tolist() == [0, 2, 11, 13, 22, 30]
    (check,) = [c for c in load_workbook(tmp_path / "b.xlsx")["Canvas"].data_validations.dataValidation
                if c.type == "list" and "Training" in str(c.formula1)]  # fmt: skip
    assert check.formula1 == "'Training'!$E$7:$J$7" and not check.showErrorMessage


def test_first_parameters_are_typed_in_the_row_of_epoch_0(tmp_path: Path) -> None:
    made = trained("epochs: 5, learning_rate: 0.2")
    (link,) = [label for label in made.plan.sheets[0].labels if label.link]
    assert (link.text, link.link) == ("first weights: Training ▸", "Training!D10")
    fresh = trained("epochs: 5, learning_rate: 0.2", XOR.replace("[[1, 0.5]", "[[2, 0.5]"))
    found = recalculated(made, tmp_path / "a.xlsx", {"Training!D10": 2})
    assert fresh.trained is not None
    assert found.numbers("Training", 10, 2, 6, 1).ravel() == pytest.approx(fresh.trained.losses, rel=1e-9)


@pytest.mark.parametrize("options", ["", ", optimizer: momentum, weight_decay: 0.01, clip: 0.1", ", optimizer: adam"])
def test_the_last_row_can_be_filled_down(options: str, tmp_path: Path) -> None:
    made, fresh = (trained(f"epochs: {epochs}, learning_rate: 0.2{options}") for epochs in (4, 7))
    sheet = load_workbook(made.save(tmp_path / "a.xlsx"))["Training"]
    cells: dict[str, object] = {}
    for cell in sheet[14]:
        text = getattr(cell.value, "text", cell.value)
        for row in (15, 16, 17) if isinstance(text, str) and text.startswith("=") else ():
            place = f"{cell.column_letter}{row}"
            moved = Translator(text, origin=cell.coordinate).translate_formula(place)
            cells[f"Training!{place}"] = ArrayFormula(place, moved) if "MMULT" in moved else moved
    found = recalculated(made, tmp_path / "b.xlsx", cells)
    assert fresh.trained is not None
    assert found.numbers("Training", 10, 2, 8, 1).ravel() == pytest.approx(fresh.trained.losses, rel=1e-9)


def test_the_place_of_the_largest_in_columns_whose_cells_do_not_stand_together() -> None:
    """Three classes: in a row of Training the cells of a column lie apart. Ties go to the first."""
    made = trained("epochs: 6, learning_rate: 1", """\
title: Classes
matrices:
  X: {role: input, value: [[1, 0, 2, 1], [0, 1, 1, 1]]}
  W: {role: parameter, value: [[1, 0], [0, 1], [-1, 1]]}
  Y: {role: target, value: [[0, 1, 0, 0], [1, 0, 0, 1], [0, 0, 1, 0]]}
steps:
  - P = softmax(W @ X)
  - L = cross_entropy(P, Y)
  - accuracy = mean(argmax(P) == argmax(Y))
loss: L
""")
    assert made.trained is not None and made.learning is not None
    z = made.trained.table["W"] @ np.array([[1, 0, 2, 1], [0, 1, 1, 1]])
    expected = (z.argmax(axis=1) == np.array([1, 0, 2, 1])).mean(axis=1)
    assert len(set(expected)) > 1
    np.testing.assert_allclose(made.trained.table["accuracy"].ravel(), expected)
    assert made.verify().ok and made.learning.metrics == (("accuracy", expected[0], expected[-1]),)


@pytest.mark.parametrize("names", [("L_by_epoch", "u"), ("epoch", "Epoch"), ("l_BY_EPOCH", "Epoch_")])
def test_matrices_may_have_the_names_that_a_training_gives(names: tuple[str, str]) -> None:
    first, second = names
    lines = f"  {first}: {{role: parameter, value: 1}}\n  {second}: {{role: parameter, value: 2}}\n"
    text = f"title: t\nmatrices:\n{lines}steps:\n  - L = {first} ** 2 + {second} ** 2\nloss: L\n"
    assert trained("epochs: 2, learning_rate: 0.1", text).verify().ok


def test_what_is_always_the_same_is_no_metric() -> None:
    made = trained("epochs: 2, learning_rate: 0.1", XOR.replace("loss: L", "  - n = sum(Y)\nloss: L"))
    assert made.learning is not None and made.learning.metrics == ()


def test_a_page_has_room_for_the_numbers_of_all_epochs() -> None:
    made = trained("epochs: 20, learning_rate: 0.02", """\
title: Far
matrices:
  q: {role: parameter, value: [4, -1]}
steps:
  - L = sum(q ** 4) - 3 * sum(q ** 2)
loss: L
""")
    assert made.trained is not None
    sheet = made.plan.sheets[0]
    widths = dict(sheet.widths)
    later = [r for r in sheet.regions if r.later is not None]
    assert {r.name for r in later} >= {"q", "L", "dL_dq"} and made.trained.losses.min() < 0
    for region in later:
        assert longest([region])[0] <= min(widths[region.column + k] for k in range(region.width)), region.name


def test_a_loss_that_explodes_has_a_chart_that_opens(tmp_path: Path) -> None:
    text = "title: t\nmatrices:\n  w: {role: parameter, value: 1}\nsteps:\n  - L = w ** 2\nloss: L\n"
    made = trained("epochs: 22, learning_rate: 3", text)
    charts = load_workbook(made.save(tmp_path / "a.xlsx"))["Training"]._charts
    plot = charts[0].layout.manualLayout
    assert made.trained is not None and made.trained.losses[-1] > 1e30
    assert 0 < plot.x < 0.4 and 0.5 < plot.w <= 1 - plot.x


def test_matrices_may_be_called_like_rates() -> None:
    """And like what a training counts: they are other numbers."""
    text = """\
title: T
matrices: {x: {role: input, value: [[1, 2]]}, beta1: {role: constant, value: 3}, w: {role: parameter, value: 1},
           epoch: {role: constant, value: 2}, beta2: {role: parameter, value: 0.5}}
steps: [L = sum((w * x - beta1 + beta2) ** 2) + epoch]
loss: L
"""
    plain = text.replace("beta1", "b").replace("epoch", "c").replace("beta2", "v")
    made, same = (trained("epochs: 5, optimizer: adam, learning_rate: 0.1", spec) for spec in (text, plain))
    assert made.trained is not None and same.trained is not None
    assert made.trained.losses[0] == 4.5 and made.trained.losses.tolist() == same.trained.losses.tolist()
    assert made.verify().ok


# The sheet


def test_columns_are_named_and_folded(tmp_path: Path) -> None:
    path = trained("epochs: 5, optimizer: adam, learning_rate: 0.2").save(tmp_path / "a.xlsx")
    sheet = load_workbook(path)["Training"]
    names = [sheet.cell(9, column).value for column in range(1, 17)]
    assert names[:8] == ["epoch", "L", "|∂|", "W₁[0,0]", "W₁[0,1]", "W₁[1,0]", "W₁[1,1]", "W₁[2,0]"]
    heads = {sheet.cell(8, column).value: column for column in range(1, 140) if sheet.cell(8, column).value}
    assert list(heads) == ["Parameters", "Forward", "Gradients", "m", "v"]
    inner = [group for group in sheet.column_dimensions.values() if group.outlineLevel]
    assert len(inner) == 4 and all(group.hidden for group in inner)
    assert {group.min - 1 for group in inner} == {heads[name] for name in ("Forward", "Gradients", "m", "v")}
    assert sheet.freeze_panes == "D10"


LINE = """\
title: Line
matrices:
  x: {role: input, value: [[0, 1, 2]]}
  y: {role: target, value: [[1, 3, 5]]}
  w: {role: parameter, value: 1}
steps:
  - p = w * x
  - L = mse(p, y)
loss: L
"""


@pytest.mark.parametrize("options", ["epochs: 5, optimizer: momentum, momentum: 0.8, learning_rate: 0.01",
                                     "epochs: 5, optimizer: adamw, learning_rate: 0.1"])  # fmt: skip
def test_what_stands_above_the_rows_is_seen_while_columns_are_folded(options: str, tmp_path: Path) -> None:
    made = trained(options, LINE)
    sheet = next(sheet for sheet in made.plan.sheets if sheet.title == "Training")
    assert sheet.folded
    folded = {column for first, last in sheet.folded for column in range(first, last + 1)}
    head = [region for region in sheet.regions if region.row < 8]
    assert len(head) >= 4 and folded.isdisjoint(r.column + k for r in head for k in range(r.width))
    widths = dict(sheet.widths)
    for label in sheet.labels:
        if label.row < 9 and label.align == "left":
            length, column = measure.text_width(label.text, 9 if label.style == "note" else 10), label.column
            while length > 0:
                assert column not in folded, label.text
                length, column = length - widths[column], column + 1
    page = load_workbook(made.save(tmp_path / "a.xlsx"))["Training"]
    assert folded.isdisjoint(cell.column for row in page["A1:CZ3"] for cell in row if cell.value is not None)
    assert len([cell for row in page["A3:CZ3"] for cell in row if cell.value is not None]) >= 3  # the legend


@pytest.mark.parametrize(("epochs", "last"), [(5, 27), (40, 50), (100, 110), (101, 40), (200, 40)])
def test_all_epochs_are_printed_or_the_first_without_what_is_folded_away(
    epochs: int, last: int, tmp_path: Path
) -> None:
    """Row 10 is epoch 0: up to epoch 100 all, of more one page of 31, as the head says; with the chart and the head,
    and no `[+] opens`."""
    made = trained(f"epochs: {epochs}, optimizer: adam, learning_rate: 0.1", LINE)
    page = load_workbook(made.save(tmp_path / "a.xlsx"))["Training"]
    first, first_row, right, bottom = range_boundaries(page.print_area.split("!")[1].replace("$", ""))
    assert (first, first_row) == (1, 1) and bottom == last and len(page.row_breaks.brk) == (epochs == 100)
    told = [str(cell.value) for row in page["A2:CZ2"] for cell in row if cell.value is not None]
    assert any("The first 31 of" in text for text in told) == (epochs > 100)
    printed = [cell for row in page["A1:CZ9"] for cell in row if cell.value is not None and cell.column <= right]
    others = [cell for row in page["A1:CZ9"] for cell in row if cell.value is not None and cell.column > right]
    assert "[+] opens" not in [cell.value for cell in printed]
    assert {"epoch", "L", "w"} <= {cell.value for cell in printed}
    assert others and all(cell.row >= 8 for cell in others)
    assert all(there.max_col <= right for there in page.merged_cells.ranges if there.min_row < 8)
    (chart,) = page._charts
    assert chart.anchor.to.col < right and chart.anchor.to.row <= bottom


@pytest.mark.parametrize("options", ["epochs: 5, optimizer: momentum, momentum: 0.8, learning_rate: 0.01",
                                     "epochs: 5, optimizer: rmsprop, learning_rate: 0.1"])  # fmt: skip
def test_what_the_columns_of_a_training_are_called_does_not_run_into_the_next(options: str) -> None:
    """Names of rates, which stand right, have the cells left of them; others what is free up to the next text."""
    sheet = next(sheet for sheet in trained(options, LINE).plan.sheets if sheet.title == "Training")
    widths, used = dict(sheet.widths), {(label.row, label.column) for label in sheet.labels}
    used |= {(r.row, r.column + k) for r in sheet.regions for k in range(r.width)}
    folded = {column for first, last in sheet.folded for column in range(first, last + 1)}
    for label in sheet.labels:
        way, column, room = -1 if label.align == "right" else 1, label.column, 0.0
        while column in widths and ((label.row, column) not in used or column == label.column):
            room += widths[column] if label.column in folded or column not in folded else 0.0
            column += way
        room = widths[label.column] if label.align == "center" else room
        bold = label.style in ("head", "name")
        assert measure.text_width(label.text, 10 if bold else 9, bold) <= room, label.text


def test_loss_and_parameters_have_names(tmp_path: Path) -> None:
    names = load_workbook(trained("epochs: 5, learning_rate: 0.2").save(tmp_path / "a.xlsx")).defined_names
    assert names["L_by_epoch"].attr_text.replace("'", "") == "Training!$B$10:$B$15"
    assert names["W1_by_epoch"].attr_text.replace("'", "") == "Training!$D$10:$I$15"


def test_no_formula_is_volatile_or_reads_itself(tmp_path: Path) -> None:
    """Rows read their own and the one above; from epoch 1 on every row has the text of the one above it."""
    path = trained("epochs: 5, optimizer: adam, learning_rate: 0.2").save(tmp_path / "a.xlsx")
    sheet = load_workbook(path)["Training"]
    for column in range(1, sheet.max_column + 1):
        texts = []
        for row in (12, 13):
            value = sheet.cell(row, column).value
            text = str(getattr(value, "text", value))
            texts.append(text.replace(str(row), "{r}").replace(str(row - 1), "{above}"))
            assert not any(word in text for word in ("RAND", "OFFSET", "INDIRECT", "NOW("))
        assert texts[0] == texts[1], column


def test_a_number_changed_in_an_epoch_is_found(tmp_path: Path) -> None:
    path = trained("epochs: 5, learning_rate: 0.2").save(tmp_path / "a.xlsx")
    book = load_workbook(path)
    book["Training"]["B12"] = 0.5
    book.save(path)
    report = sheetgen.verify_workbook(path)
    assert not report.ok and report.first is not None and (report.first.sheet, report.first.cell) == ("Training", "B12")


def test_the_result_says_what_the_loss_did() -> None:
    losses, _ = by_hand(sgd, 20)
    said = f"L 0.791 → {losses[-1]:.3g} in 20 epochs"
    assert str(trained("epochs: 20, learning_rate: 0.5").verify().learning) == said
    spec = "title: T\nmatrices: {w: {role: parameter, value: 3}}\nsteps: ['L = w * w']\nloss: L\n"
    assert str(trained("epochs: 3, learning_rate: 1.1", spec).verify().learning) == (
        "L 9 → 26.9 in 3 epochs: it RISES, most in epoch 3; try a smaller learning_rate"
    )


# Bad input


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("epochs: 5, learning_rate: 0.1, momentum: 0.9", "`sgd` takes no `momentum`; momentum and nesterov do"),
        ("epochs: 5, learning_rate: 0.1, optimizer: adm", "Did you mean `adam`?"),
        ("epochs: 0, learning_rate: 0.1", "epochs"),
        ("epochs: 5, learning_rate: 0.1, parameters: [W3]", "no parameter `W3`"),
        ("epochs: 5, learning_rate: 0.1, optimizer: adam, betas: [0.9]", "betas"),
        ("epochs: 5", "learning_rate"),
        ("epochs: 2000000, learning_rate: 0.1", "epochs"),
        ("epochs: 400, learning_rate: 1.0e+300", "train: in epoch 1, `L_terms"),
    ],
)
def test_a_mistake_is_told_with_its_place(options: str, said: str) -> None:
    with pytest.raises(SheetgenError, match="spec:14") as caught:
        trained(options)
    assert said in str(caught.value)


def test_train_and_update_exclude_each_other() -> None:
    with pytest.raises(SheetgenError, match="leave out `update`"):
        trained("epochs: 5, learning_rate: 0.1", f"{XOR}update: {{learning_rate: 0.1}}\n")


def test_a_loss_without_parameters_can_not_be_trained() -> None:
    spec = "title: T\nmatrices: {x: {role: input, value: 3}}\nsteps: ['L = x * x']\nloss: L\n"
    with pytest.raises(SheetgenError, match="parameter"):
        trained("epochs: 5, learning_rate: 0.1", spec)
