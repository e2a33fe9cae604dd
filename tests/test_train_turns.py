"""Several losses that take turns: every row against a loop written by hand, and what engines make of the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook
from test_train import WAYS, Step, cell_of, epoch_cell, recalculated, trained

from sheetgen.errors import SheetgenError

GAN = """\
title: A GAN
matrices:
  X: {role: input, value: [[2.9, 3.1, 3.4, 2.6]]}
  Z: {role: input, value: [[-1, -0.5, 0.5, 1]]}
  Wg: {role: parameter, value: 0.5}
  bg: {role: parameter, value: 0}
  Wd: {role: parameter, value: 0.4}
  bd: {role: parameter, value: 0.1}
steps:
  - G = Wg * Z + bg
  - D_real = sigmoid(Wd * X + bd)
  - D_fake = sigmoid(Wd * G + bd)
  - L_D = -mean(log(D_real)) - mean(log(1 - D_fake))
  - L_G = -mean(log(D_fake))
"""
OWNERS = "backward: {L_D: [Wd, bd], L_G: [Wg, bg]}\n"
PARAMETERS = ("Wg", "bg", "Wd", "bd")


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def by_hand(step: Step, rows: int) -> tuple[list[tuple[float, float]], list[dict[str, float]]]:
    """The losses and the parameters of each row: the judge steps in rows 0, 2, 4 …, the forger in the others."""
    x, z = np.array([2.9, 3.1, 3.4, 2.6]), np.array([-1, -0.5, 0.5, 1])
    w = {name: np.array(value) for name, value in zip(PARAMETERS, (0.5, 0.0, 0.4, 0.1), strict=True)}
    states: dict[str, dict[str, np.ndarray]] = {name: {} for name in w}
    losses, parameters = [], []
    for row in range(rows):
        g = w["Wg"] * z + w["bg"]
        real, fake = sigmoid(w["Wd"] * x + w["bd"]), sigmoid(w["Wd"] * g + w["bd"])
        losses.append((float(-np.log(real).mean() - np.log(1 - fake).mean()), float(-np.log(fake).mean())))
        parameters.append({name: float(value) for name, value in w.items()})
        if row % 2 == 0:
            of_real, of_fake = (real - 1) / 4, fake / 4
            gradients = {"Wd": of_real @ x + of_fake @ g, "bd": of_real.sum() + of_fake.sum()}
        else:
            back = (fake - 1) / 4 * w["Wd"]
            gradients = {"Wg": back @ z, "bg": back.sum()}
        norm = float(np.sqrt(sum(one**2 for one in gradients.values())))
        for name, gradient in gradients.items():
            w[name] = step(w[name], gradient, states[name], row // 2 + 1, norm)
    return losses, parameters


@pytest.mark.parametrize("options", WAYS)
def test_every_row_is_that_of_a_loop_by_hand(options: str) -> None:
    run = trained(f"epochs: 30, {options}", GAN + OWNERS).trained
    losses, parameters = by_hand(WAYS[options], 31)
    assert run is not None
    assert run.losses_of("L_D") == pytest.approx([of_d for of_d, _ in losses], rel=1e-11)
    assert run.losses_of("L_G") == pytest.approx([of_g for _, of_g in losses], rel=1e-11)
    for name in PARAMETERS:
        assert run.table[name].ravel() == pytest.approx([row[name] for row in parameters], rel=1e-9, abs=1e-12), name


@pytest.mark.parametrize("options", WAYS)
def test_ironcalc_finds_the_same(options: str) -> None:
    report = trained(f"epochs: 30, {options}", GAN + OWNERS).verify()
    assert report.ok and report.worst < 1e-9


@pytest.mark.libreoffice
def test_libreoffice_finds_the_same() -> None:
    assert trained("epochs: 30, optimizer: adam, learning_rate: 0.1, clip: 0.3", GAN + OWNERS).verify("libreoffice").ok


def test_three_losses_take_turns() -> None:
    """Each descends w² of its own: a step of 0.1 leaves 0.8 of w, every third row."""
    spec = """\
title: T
matrices: {a: {role: parameter, value: 1}, b: {role: parameter, value: 2}, c: {role: parameter, value: 3}}
steps: [A = a ** 2, B = b ** 2, C = c ** 2]
loss: [A, B, C]
"""
    made = trained("epochs: 7, learning_rate: 0.1", spec)
    assert made.trained is not None
    for k, name in enumerate("abc"):
        steps = [len(range(k, row, 3)) for row in range(8)]
        assert made.trained.table[name].ravel() == pytest.approx([(k + 1) * 0.8**n for n in steps], rel=1e-12)
    assert made.verify().ok


def test_what_is_not_its_turn_stays_with_its_state() -> None:
    made = trained("epochs: 9, optimizer: adam, learning_rate: 0.1", GAN + OWNERS)
    assert made.trained is not None
    for name, first in (("Wd", 1), ("Wg", 0)):
        w, m = (made.trained.table[key].ravel() for key in (name, f"m of {name}"))
        assert (w[first + 1 :: 2] == w[first:-1:2]).all() and (w[2 - first :: 2] != w[1 - first : -1 : 2]).all()
        assert (m[2 - first :: 2][: len(m) // 2 - 1] != 0).all()


def test_the_sheet_tells_whose_turn_it_is(tmp_path: Path) -> None:
    path = trained("epochs: 5, learning_rate: 0.1", GAN + OWNERS).save(tmp_path / "a.xlsx")
    book = load_workbook(path)
    sheet = book["Training"]
    names = [sheet.cell(9, column).value for column in range(1, 10)]
    assert names == ["epoch", "turn", "of", "L_D", "L_G", "|∂L_D|", "|∂L_G|", "Wg", "bg"]
    shown = load_workbook(path, data_only=True)["Training"]
    assert [[shown.cell(row, column).value for column in (1, 2, 3)] for row in (10, 11, 12)] == [
        [0, 1, "L_D"], [1, 2, "L_G"], [2, 1, "L_D"],
    ]  # fmt: skip
    for loss, column in (("L_D", "D"), ("L_G", "E")):
        found = book.defined_names[f"{loss}_by_epoch"].attr_text.replace("'", "")
        assert found == f"Training!${column}$10:${column}$15"


@pytest.mark.parametrize("epoch", [0, 5, 8])
def test_the_page_is_its_row(epoch: int, tmp_path: Path) -> None:
    made = trained("epochs: 8, optimizer: momentum, learning_rate: 0.2", GAN + OWNERS)
    assert made.trained is not None
    found = recalculated(made, tmp_path / "a.xlsx", {epoch_cell(made, tmp_path / "b.xlsx"): epoch})
    for name in ("Wg", "bd", "L_D", "L_G", "dL_D_dWd", "dL_G_dbg"):
        expected = made.trained.table[name][epoch]
        row, column = cell_of(made, "Canvas", name)
        assert found.numbers("Canvas", row, column, *expected.shape) == pytest.approx(expected, rel=1e-9), name


def test_the_result_tells_each_loss() -> None:
    made = trained("epochs: 30, learning_rate: 0.5", GAN + OWNERS)
    run = made.trained
    assert run is not None
    of_d, of_g = run.losses_of("L_D"), run.losses_of("L_G")
    said = f"L_D {of_d[0]:.3g} → {of_d[-1]:.3g}, L_G {of_g[0]:.3g} → {of_g[-1]:.3g} in 30 epochs"
    assert str(made.verify().learning) == said


@pytest.mark.parametrize(
    ("owners", "options", "said"),
    [
        ("loss: [L_D, L_G]", "", "`Wg` leads to `L_D` and `L_G`: say which it descends"),
        ("backward: {L_D: [Wd, bd], L_G: [Wd]}", "", "`Wd` descends `L_D` already"),
        (OWNERS, ", parameters: [Wd]", "`L_G` depends on no parameter that learns"),
        (OWNERS, ", parameters: [Wd, Wx]", "no parameter `Wx`"),
        ("backward: {L_D: [Wd], L_G: [Wg]}", ", parameters: [Wd, Wg, bd]", "`bd` descends none of `L_D` and `L_G`"),
    ],
)
def test_a_mistake_is_told_with_its_place(owners: str, options: str, said: str) -> None:
    with pytest.raises(SheetgenError, match=r"spec:1[56]") as caught:
        trained(f"epochs: 5, learning_rate: 0.1{options}", f"{GAN}{owners.strip()}\n")
    assert said in str(caught.value)


FIGURES = {
    "optimizer: momentum, learning_rate: 0.2": (
        (0.9012204610371783, 0.6796892115999202), (2.604888875508351, 1.3154478219284786),
        (-0.07609278713592581, 5.345944930342339, 0.5037797782093312, -3.696044878975627),
    ),
    "optimizer: adam, learning_rate: 0.1": (
        (0.9010177078297181, 0.6980192259539337), (0.8653986069898656, 0.6628067154016875),
        (-0.037006968530766494, 1.2218408224841242, 1.0507400235093063, -1.2219631678229594),
    ),
    "optimizer: adamw, learning_rate: 0.1, betas: [0.5, 0.9], clip: 0.2": (
        (0.9011959850327159, 0.6980614480792098), (0.8129300675599029, 0.8242712480621821),
        (0.007842776914494167, 1.194012335552025, 0.8850058667343897, -1.3037320438279938),
    ),
}  # fmt: skip
"""Of torch 2.13.0 in float64, with an optimiser for each loss: the losses of rows 1 and 25, all parameters of 25."""


@pytest.mark.parametrize("options", FIGURES)
def test_steps_are_pytorchs(options: str) -> None:
    run = trained(f"epochs: 25, {options}", GAN + OWNERS).trained
    assert run is not None
    *losses, parameters = FIGURES[options]
    for row, expected in zip((1, 25), losses, strict=True):
        assert [run.losses_of(loss)[row] for loss in ("L_D", "L_G")] == pytest.approx(expected, rel=1e-9)
    assert [run.table[name][-1].item() for name in PARAMETERS] == pytest.approx(parameters, rel=1e-9)
