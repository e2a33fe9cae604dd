"""Losses: their shapes, extreme logits, and gradients that stay right when a target is edited in the sheet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook

import sheetgen
from sheetgen.errors import SpecError
from sheetgen.proof import engines

BOTH = list(engines.ENGINES)
LOGITS = [[2, 0], [1, 1], [0.1, -1], [0, 0]]
FIRST = [0.3550, -0.0274, -0.1595, -0.1681]


def book(steps: list[str], loss: str = "L", **matrices: tuple[str, object]) -> sheetgen.Workbook:
    given = "\n".join(f"  {name}: {{role: {role}, value: {value}}}" for name, (role, value) in matrices.items())
    lines = "\n".join(f"  - {step}" for step in steps)
    return sheetgen.compile_text(
        f"title: Loss\nmatrices:\n{given}\nsteps:\n{lines}\n" + (f"loss: {loss}\nbackward: true\n" if loss else "")
    )


def classes(y: object, steps: tuple[str, ...] = ("P = softmax(Z)", "L = cross_entropy(P, Y)")) -> sheetgen.Workbook:
    return book(list(steps), Z=("parameter", LOGITS), Y=("target", y))


# Gradients of targets that are one number, or written out


@pytest.mark.parametrize("y", [0.25, [[0.25, 0.25]] * 4])
def test_a_target_of_one_number_is_one_for_every_cell(y: object) -> None:
    made = classes(y)
    assert made.values["dL_dZ"][:, 0] == pytest.approx(FIRST, abs=5e-5)
    assert made.gradients is not None and (made.gradients.checked, made.gradients.wrong) == (8, 0)
    assert made.verify().ok


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("y", [0.7, [[1, 0], [0, 0], [0, 2], [0, 0]], [[0.5, 0], [0.5, 1], [0, 0], [0, 0]]])
def test_any_target_has_the_gradient_of_differences(y: object, reduction: str) -> None:
    made = classes(y, ("P = softmax(Z)", f'L = cross_entropy(P, Y, reduction="{reduction}")'))
    assert made.gradients is not None and (made.gradients.checked, made.gradients.wrong) == (8, 0)


@pytest.mark.parametrize("engine", BOTH)
def test_the_page_tells_when_a_column_of_the_target_no_longer_adds_up(engine: str, tmp_path: Path) -> None:
    """The gradient is the prediction minus the target only as long as it does."""
    made = classes([[1, 0], [0, 0], [0, 1], [0, 0]])
    assert made.program.distributions == ("Y",)
    path = made.save(tmp_path / "edited.xlsx")
    sheet = made.plan.sheets[0]
    (caption,) = [label for label in sheet.labels if label.formula and "add up to 1" in label.formula]
    region = next(region for region in sheet.regions if region.name == "Y")
    edits: list[tuple[tuple[float, ...], bool]] = [((1, 0, 0, 0), True), ((0.25,) * 4, True), ((1, 0, 1, 0), False)]
    for column, adds_up in edits:
        workbook = load_workbook(path)
        for i, value in enumerate(column):
            workbook[sheet.title].cell(region.row + i, region.column + 1, value)
        workbook.save(edited := tmp_path / "again.xlsx")
        (values,) = engines.get(engine).recalculate([edited])
        shown = str(values.value(sheet.title, caption.row, caption.column))
        assert shown == (caption.text if adds_up else "⚠ each column must add up to 1")


def test_a_target_that_never_added_up_keeps_the_form_that_is_always_right() -> None:
    made = classes([[1, 0], [0, 0], [0, 2], [0, 0]])
    assert made.program.distributions == ()
    assert any("sum" in str(s.expr) for s in made.program.statements if s.name == "dL_dZ")


# Shapes


def test_a_loss_does_not_broadcast() -> None:
    """1×3 against 3×1 would be 3×3: 5.333 instead of 0."""
    with pytest.raises(SpecError, match=r"P is 1×3 and Y is 3×1; .*turn one of them around, such as `Y\.T`"):
        book(["L = mse(P, Y)"], "", P=("input", [[1, 2, 3]]), Y=("target", [1, 2, 3]))
    made = book(["L = mse(P, Y.T)"], "", P=("input", [[1, 2, 3]]), Y=("target", [1, 2, 3]))
    assert made.values["L"].item() == 0


@pytest.mark.parametrize("loss", ["cross_entropy(P, Y)", "cross_entropy_with_logits(Z, Y)", "mse(P, Y)"])
def test_class_numbers_are_no_target(loss: str) -> None:
    with pytest.raises(SpecError, match=r"`one_hot\(Y, 4\)` makes that of class numbers"):
        classes([[0, 2]], ("P = softmax(Z)", f"L = {loss}"))


@pytest.mark.parametrize("y", [[1, 2, 3, 4], [[1, 2, 3]]])
def test_other_shapes_are_refused_too(y: object) -> None:
    with pytest.raises(SpecError, match="both need the same shape, or the target is one number"):
        classes(y)


def test_class_numbers_through_one_hot() -> None:
    steps = ("P = softmax(Z)", "T = one_hot(Y, 4)", "L = cross_entropy(P, T)")
    by_number, written_out = classes([[0, 2]], steps), classes([[1, 0], [0, 0], [0, 1], [0, 0]])
    assert by_number.values["T"].tolist() == [[1, 0], [0, 0], [0, 1], [0, 0]]
    assert by_number.values["L"] == written_out.values["L"]
    np.testing.assert_array_equal(by_number.values["dL_dZ"], written_out.values["dL_dZ"])
    assert by_number.verify().ok


@pytest.mark.parametrize("y", [[[0, 4]], [[0, -1]], [[0, 1.5]]])
def test_one_hot_of_what_is_no_class(y: object) -> None:
    with pytest.raises(SpecError, match="a token's number is not one of the classes"):
        classes(y, ("T = one_hot(Y, 4)", "P = softmax(Z)", "L = cross_entropy(P, T)"))


def test_one_hot_wants_to_know_how_many() -> None:
    with pytest.raises(SpecError, match=r"tell how many classes there are: `one_hot\(tokens, 3\)`"):
        classes([[0, 2]], ("T = one_hot(Y)", "P = softmax(Z)", "L = cross_entropy(P, T)"))


# Extreme logits


@pytest.mark.parametrize("engine", BOTH)
@pytest.mark.parametrize(
    ("loss", "z", "y", "expected"),
    [
        ("cross_entropy_with_logits(Z, Y)", [-431, 279, 427], [1, 0, 0], 858),
        ("cross_entropy_with_logits(Z, Y)", [-431, 279, 427], [0, 0, 1], 0),
        ("binary_cross_entropy_with_logits(Z, Y)", [193.4], [0], 193.4),
        ("binary_cross_entropy_with_logits(Z, Y)", [-193.4], [1], 193.4),
        ("binary_cross_entropy_with_logits(Z, Y)", [-40], [0], 4.248354255291589e-18),
        ("binary_cross_entropy(sigmoid(Z), Y)", [34, 36.5, 300, -300], [0, 0, 0, 1], 670.5),
        ("binary_cross_entropy(sigmoid(Z), Y)", [40, -700], [0, 1], 740),
        ("binary_cross_entropy(sigmoid(Z), Y)", [-1000, 1], [1, 1], 1000.3132616875182),
        ("binary_cross_entropy(sigmoid(Z), Y)", [1000, -1000], [0.25, 0.5], 1250),
    ],
)
def test_losses_are_finite_for_extreme_logits(engine: str, loss: str, z: list[float], y: list[float],
                                              expected: float) -> None:  # fmt: skip
    steps = [f"L = {loss}"] if "sigmoid" not in loss else ["P = sigmoid(Z)", "L = binary_cross_entropy(P, Y)"]
    made = book(steps, Z=("parameter", z), Y=("target", y))
    assert made.values["L"].item() == pytest.approx(expected, rel=1e-12, abs=1e-15 if expected == 0 else 0)
    p = 1 / (1 + np.exp(-np.maximum(np.array(z, dtype=float), -700)))
    e = np.exp(np.array(z) - max(z))
    target = e / e.sum() if loss.startswith("cross") else p
    np.testing.assert_allclose(made.values["dL_dZ"][:, 0], target - np.array(y), rtol=1e-12, atol=1e-30)
    report = made.verify(engine)
    assert report.ok, report.first


def test_ordinary_logits_keep_the_plain_formula() -> None:
    forms = [book(["P = sigmoid(Z)", "L = binary_cross_entropy(P, Y)"], Z=("parameter", [z]), Y=("target", [0]))
             for z in (15, 16)]  # fmt: skip
    plain, joined = ({s.name: str(s.expr) for s in made.program.statements}["L_terms"] for made in forms)
    assert "sigmoid" not in plain and "sigmoid" in joined


@pytest.mark.parametrize("engine", BOTH)
def test_softplus_keeps_its_digits(engine: str) -> None:
    z = [-700.0, -40, -30.5, -20, -12.1, -12, -11.9, -1, 0, 5, 40, 700]
    made = book(["S = softplus(Z)", "R = log(S)"], "", Z=("input", z))
    expected = [float(np.log1p(np.exp(x))) if x < 30 else x for x in z]
    assert made.values["S"][:, 0] == pytest.approx(expected, rel=1e-13)
    assert made.values["S"][1, 0] == pytest.approx(4.2e-18, rel=0.02)
    report = made.verify(engine)
    assert report.ok, report.first
