"""Mini-batches: every row against a loop written by hand, in order and shuffled, and what engines make of the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook
from test_train import WAYS, XOR, Step, cell_of, recalculated, trained
from test_train_turns import GAN, OWNERS, sigmoid

import sheetgen
from sheetgen.errors import SheetgenError
from sheetgen.workbook import Workbook

LINE = """\
title: A line through points
matrices:
  X: {role: input, value: [[0, 0.5, 1, 1.5, 2, 2.5], [1, -1, 0.5, 2, 0, 1]]}
  W: {role: parameter, value: [[0.3, -0.25]]}
  b: {role: parameter, value: 0.1}
  Y: {role: target, value: [[1.1, 2.3, 2.9, 3.5, 5.2, 6.1]]}
steps:
  - P = W @ X + b
  - L = mse(P, Y, reduction="mean")
loss: L
"""
ROWS = """\
title: The same with samples in rows
matrices:
  X: {role: input, value: [[0, 1], [0.5, -1], [1, 0.5], [1.5, 2], [2, 0], [2.5, 1]]}
  W: {role: parameter, value: [0.3, -0.25]}
  b: {role: parameter, value: 0.1}
  Y: {role: target, value: [1.1, 2.3, 2.9, 3.5, 5.2, 6.1], rows: [a, b, c, d, e, f]}
steps:
  - P = X @ W + b
  - L = mse(P, Y, reduction="mean")
loss: L
"""


def by_hand(step: Step, rows: int, size: int, order: np.ndarray) -> tuple[list[float], np.ndarray, float]:
    """The losses of all rows, and the last parameters; `order` are the samples of one epoch after the other."""
    x = np.array([[0, 0.5, 1, 1.5, 2, 2.5], [1, -1, 0.5, 2, 0, 1]])
    y = np.array([[1.1, 2.3, 2.9, 3.5, 5.2, 6.1]])
    w, b, losses = np.array([[0.3, -0.25]]), np.array([[0.1]]), []
    states: tuple[dict[str, np.ndarray], ...] = ({}, {})
    for row in range(rows):
        taken = order[row * size : (row + 1) * size]
        at, off = x[:, taken], w @ x[:, taken] + b - y[:, taken]
        losses.append(float((off**2).mean()))
        if row < rows - 1:
            of_w, of_b = 2 * off @ at.T / size, 2 * off.sum(keepdims=True) / size
            norm = np.sqrt((of_w**2).sum() + (of_b**2).sum())
            w, b = step(w, of_w, states[0], row + 1, norm), step(b, of_b, states[1], row + 1, norm)
    return losses, w, float(b.item())


def orders(seed: int | None, epochs: int, count: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return np.concatenate([range(count) if seed is None else generator.permutation(count) for _ in range(epochs)])


def made(size: int, seed: int | None, options: str, spec: str = LINE, epochs: int = 8) -> Workbook:
    shuffled = "" if seed is None else f", shuffle: {seed}"
    return trained(f"epochs: {epochs}, batch: {size}{shuffled}, {options}", spec)


@pytest.mark.parametrize("options", [way for way in WAYS if "0.5" not in way or "clip" in way])
@pytest.mark.parametrize(("size", "seed"), [(2, None), (2, 7), (3, 1), (1, 0), (6, 3)])
def test_every_row_is_that_of_a_loop_by_hand(size: int, seed: int | None, options: str) -> None:
    run = made(size, seed, options).trained
    losses, w, b = by_hand(WAYS[options], 8 * 6 // size + 1, size, orders(seed, 9, 6))
    assert run is not None
    assert run.losses == pytest.approx(losses, rel=1e-9)
    assert run.table["W"][-1] == pytest.approx(w, rel=1e-9)
    assert run.table["b"][-1].item() == pytest.approx(b, rel=1e-9)


@pytest.mark.parametrize("spec", [LINE, ROWS])
@pytest.mark.parametrize("seed", [None, 7])
@pytest.mark.parametrize("engine", ["ironcalc", "libreoffice"])
def test_engines_find_the_same(engine: str, seed: int | None, spec: str) -> None:
    report = made(2, seed, "optimizer: adam, learning_rate: 0.2", spec).verify(engine)
    assert report.ok and report.worst < 1e-9


def test_samples_in_rows_are_the_same_training() -> None:
    across, down = (made(2, 7, "learning_rate: 0.1", spec).trained for spec in (LINE, ROWS))
    assert across is not None and down is not None
    assert down.losses == pytest.approx(across.losses, rel=1e-12)
    assert down.table["X"].shape == (25, 2, 2) and down.table["Y"].shape == (25, 2, 1)


def test_the_sheets_tell_steps_epochs_samples_and_means(tmp_path: Path) -> None:
    book = made(2, 7, "learning_rate: 0.1")
    path = book.save(tmp_path / "a.xlsx")
    sheet, run = load_workbook(path)["Training"], book.trained
    assert run is not None
    names = [sheet.cell(9, column).value for column in range(1, 40)]
    assert names[:8] == ["iteration", "epoch", "L", "mean L", "|∂|", "sample", "sample", "W[0,0]"]
    first = names.index("X[0,0]") + 1
    assert names[first - 2] == "[+] opens"
    shown = load_workbook(path, data_only=True)["Training"]
    order = orders(7, 9, 6)
    for row in range(25):
        at = [shown.cell(10 + row, column).value for column in range(1, 8)]
        assert at[:2] == [row, row // 3] and at[5:] == order[2 * row : 2 * row + 2].tolist()
        assert at[3] == pytest.approx(run.losses[max(0, row - 2) : row + 1].mean(), rel=1e-12)
    assert sheet["D20"].value == "=AVERAGE(C18:C20)" and "Data" in sheet.cell(20, first).value
    defined = load_workbook(path).defined_names
    assert defined["L_by_iteration"].attr_text.replace("'", "") == "Training!$C$10:$C$34"
    data = load_workbook(path)["Data"]
    assert [data.cell(7, column).value for column in range(3, 9)] == [0, 0.5, 1, 1.5, 2, 2.5]
    assert [data.cell(6, column).value for column in range(3, 9)] == ["0", "1", "2", "3", "4", "5"]


@pytest.mark.parametrize("row", [0, 7, 24])
@pytest.mark.parametrize("spec", [LINE, ROWS])
def test_the_page_is_its_row(spec: str, row: int, tmp_path: Path) -> None:
    book = made(2, 7, "optimizer: adam, learning_rate: 0.2", spec)
    run = book.trained
    assert run is not None
    path = book.save(tmp_path / "b.xlsx")
    cell = load_workbook(path).defined_names["Iteration"].attr_text.replace("$", "").replace("'", "")
    found = recalculated(book, tmp_path / "a.xlsx", {cell: row})
    for name in ("X", "Y", "W", "b", "P", "L", "dL_dW"):
        expected = run.table[name][row]
        top, left = cell_of(book, "Canvas", name)
        assert found.numbers("Canvas", top, left, *expected.shape) == pytest.approx(expected, rel=1e-9), name


def test_data_and_samples_are_edited_where_they_are_typed(tmp_path: Path) -> None:
    """What a fresh spec with other data, or another order, gives."""
    book = made(2, None, "learning_rate: 0.1")
    fresh = made(2, None, "learning_rate: 0.1", LINE.replace("2.5], [1, -1", "4], [3, -1")).trained
    found = recalculated(book, tmp_path / "a.xlsx", {"Data!H7": 4, "Data!C8": 3})
    assert fresh is not None
    assert found.numbers("Training", 10, 3, 25, 1).ravel() == pytest.approx(fresh.losses, rel=1e-9)
    shuffled = made(2, 7, "learning_rate: 0.1").trained
    order = orders(7, 9, 6)
    cells = {f"Training!{'FG'[k % 2]}{10 + k // 2}": int(order[k]) for k in range(50)}
    found = recalculated(book, tmp_path / "b.xlsx", cells)
    assert shuffled is not None
    assert found.numbers("Training", 10, 3, 25, 1).ravel() == pytest.approx(shuffled.losses, rel=1e-9)


def test_the_result_tells_means_of_all_data() -> None:
    book = made(2, 7, "learning_rate: 0.1")
    assert book.trained is not None
    losses = book.trained.losses
    said = f"L {losses[:3].mean():.3g} → {losses[-3:].mean():.3g} in 8 epochs of 3 iterations"
    assert str(book.verify().learning) == said


def test_losses_of_a_round_take_the_same_batch() -> None:
    """A GAN in batches of 2 of 4: rows 0 and 1 take the first, 2 and 3 the second, and so on."""
    book = trained("epochs: 6, batch: 2, learning_rate: 0.3", GAN + OWNERS)
    run = book.trained
    assert run is not None and len(run.losses) == 13
    x, z = np.array([2.9, 3.1, 3.4, 2.6]), np.array([-1, -0.5, 0.5, 1])
    wg, bg, wd, bd = 0.5, 0.0, 0.4, 0.1
    for row in range(13):
        taken = np.array([0, 1]) + 2 * (row // 2 % 2)
        g = wg * z[taken] + bg
        real, fake = sigmoid(wd * x[taken] + bd), sigmoid(wd * g + bd)
        assert run.losses_of("L_D")[row] == pytest.approx(-np.log(real).mean() - np.log(1 - fake).mean(), rel=1e-11)
        assert run.losses_of("L_G")[row] == pytest.approx(-np.log(fake).mean(), rel=1e-11)
        if row % 2 == 0:
            wd, bd = (wd - 0.15 * ((real - 1) @ x[taken] + fake @ g), bd - 0.15 * ((real - 1) + fake).sum())
        else:
            back = (fake - 1) * wd
            wg, bg = wg - 0.15 * back @ z[taken], bg - 0.15 * back.sum()
    assert book.verify().ok


def test_what_the_losses_do_not_need_goes_along_if_it_has_as_many_samples() -> None:
    spec = LINE.replace("steps:", "  Names: {role: target, value: [[1, 0, 1, 0, 1, 0]]}\nsteps:")
    spec = spec.replace("loss: L", "  - right = mean(Names * P)\nloss: L")
    assert made(3, 2, "learning_rate: 0.1", spec).verify().ok


def test_data_in_pieces_and_turned_on_the_page() -> None:
    """The columns of a sequence stand apart; samples in rows, read turned, lie."""
    turned = ROWS.replace("X @ W", "W.T @ X.T").replace("mse(P, Y,", "mse(P, Y.T,")
    apart = """\
title: A sequence
matrices:
  X: {role: input, value: [[1, 2, 3], [2, 0, 1], [0, 1, 1], [3, 1, 2]]}
  w: {role: parameter, value: 0.3}
  h_0: {role: constant, value: 0}
  Y: {role: target, value: [1, 2, 0.5, 3]}
steps:
  - for: t in 1..3
    steps:
      - h_{t} = tanh(w * X[:, {t-1}] + h_{t-1})
  - L = mse(h_3, Y, reduction="mean")
loss: L
"""
    for spec in (turned, apart):
        assert made(2, 7, "learning_rate: 0.1", spec).verify().ok
    assert trained("epochs: 3, learning_rate: 0.1", apart).verify().ok  # the same pieces, typed on the page


def test_a_network_in_batches() -> None:
    assert trained("epochs: 5, batch: 2, shuffle: 3, optimizer: adam, learning_rate: 0.1", XOR).verify().ok


# Bad input


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("batch: 4", "`batch: 4` doesn't divide the 6 samples, the columns of `X` and `Y`; 1, 2, 3 and 6 do."),
        ("batch: 7", "`batch: 7` doesn't divide the 6 samples"),
        ("batch: 0", "batch"),
        ("shuffle: 1", "`shuffle` is the order in which batches take samples: add `batch`"),
        ("batch: 2, shuffle: -1", "shuffle"),
        ("batch: 2, shuffel: 1", "Did you mean `shuffle`?"),
        ("batch: 1, parameters: [V]", "no parameter `V`"),
    ],
)
def test_a_mistake_is_told_with_its_place(options: str, said: str) -> None:
    with pytest.raises(SheetgenError, match="spec:11") as caught:
        trained(f"epochs: 5, learning_rate: 0.1, {options}", LINE)
    assert said in str(caught.value)


def test_data_without_samples_is_told() -> None:
    spec = LINE.replace("[[1.1, 2.3, 2.9, 3.5, 5.2, 6.1]]", "3")
    with pytest.raises(SheetgenError, match="spec:11") as caught:
        made(2, None, "learning_rate: 0.1", spec)
    assert "`X` is 2×6, `Y` is 1×1. What isn't data is a `constant`." in str(caught.value)
    spec = LINE.replace("role: input", "role: constant").replace("role: target", "role: constant")
    with pytest.raises(SheetgenError, match="Data are `role: input` and `role: target`"):
        made(2, None, "learning_rate: 0.1", spec)


def test_a_step_that_fits_all_samples_only_is_told_with_its_line() -> None:
    spec = LINE.replace("P = W @ X + b", "P = W @ X + b * C")
    spec = spec.replace("steps:", "  C: {role: constant, value: [[1, 1, 1, 1, 1, 1]]}\nsteps:")
    with pytest.raises(SheetgenError, match=r"spec:9.*With 2 of the samples, as `batch` says"):
        made(2, None, "learning_rate: 0.1", spec)


def test_more_steps_than_rows_are_told() -> None:
    with pytest.raises(SheetgenError, match="1,200,000 steps; a sheet has rows for 1,048,556"):
        made(1, None, "learning_rate: 0.1", epochs=200_000)


def test_the_whole_spec_stays_in_the_file(tmp_path: Path) -> None:
    path = made(2, 7, "learning_rate: 0.1").save(tmp_path / "a.xlsx")
    assert sheetgen.verify_workbook(path).ok
    book = load_workbook(path)
    book["Data"]["D7"] = 9
    book.save(path)
    report = sheetgen.verify_workbook(path)
    assert report.first is not None and (report.first.sheet, report.first.cell) == ("Data", "D7")
