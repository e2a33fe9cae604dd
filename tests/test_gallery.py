"""Every spec: both engines agree with numpy, every gradient with central differences, the seeds' figures come out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from by_specs import PATHS, SPECS, compiled

from sheetgen.ir.program import Given, Program
from sheetgen.layout.plan import Region, WorkbookPlan
from sheetgen.passes.evaluate import evaluate
from sheetgen.proof.engines import Values, get
from sheetgen.workbook import Workbook, report_of


@pytest.fixture(scope="module")
def workbooks() -> dict[str, Workbook]:
    return {name: compiled(name) for name in PATHS}


@pytest.fixture(scope="module")
def files(workbooks: dict[str, Workbook], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("gallery")
    return {name: workbook.save(folder / f"{name}.xlsx") for name, workbook in workbooks.items()}


@pytest.fixture(scope="module", params=[pytest.param("ironcalc", marks=pytest.mark.slow), "libreoffice"])
def recalculated(request: pytest.FixtureRequest, files: dict[str, Path]) -> tuple[str, dict[str, Values]]:
    engine = get(request.param)
    return engine.title, dict(zip(files, engine.recalculate(list(files.values())), strict=True))


def test_every_workbook_is_right_in_both_engines(
    workbooks: dict[str, Workbook], files: dict[str, Path], recalculated: tuple[str, dict[str, Values]]
) -> None:
    title, values = recalculated
    reports = {
        name: report_of(workbook, files[name], values[name], title) for name, workbook in workbooks.items()
    }
    assert {name: str(report.first) for name, report in reports.items() if not report.ok} == {}
    assert min(report.cells for report in reports.values()) > 60


def region(plan: WorkbookPlan, name: str) -> tuple[str, Region]:
    return next((s.title, r) for s in plan.sheets for r in s.regions if r.name == name and r.role != "copy")


FIGURES = {
    "backpropagation": {
        "Z1": [[2], [1], [-1], [1]], "A1": [[2], [1], [0], [1]], "Z2": [[1], [-4], [1], [4]],
        "A2": [[1], [0], [1], [4]], "Z3": [[2], [2], [-5]], "Y_pred": [[0.5], [0.5], [0]],
        "dL_dZ3": [[0.5], [-0.5], [0]], "dL_dA2": [[1], [0.5], [0.5], [-0.5]], "dL_dZ2": [[1], [0], [0.5], [-0.5]],
        "dL_dA1": [[0.5], [-1], [0.5], [-0.5]], "dL_dZ1": [[0.5], [-1], [0], [-0.5]],
        "dL_dW3": [[0.5, 0, 0.5, 2], [-0.5, 0, -0.5, -2], [0, 0, 0, 0]],
        "dL_dW2": [[2, 1, 0, 1], [0, 0, 0, 0], [1, 0.5, 0, 0.5], [-1, -0.5, 0, -0.5]],
        "dL_dW1": [[1, 0.5, 1.5], [-2, -1, -3], [0, 0, 0], [-1, -0.5, -1.5]],
        "dL_db2": [[1], [0], [0.5], [-0.5]],
    },
    "gcn": {
        "M1": [[3, 2, 1, 1, 1], [0, 1, 0, 0, 1], [1, 3, 0, 2, 0]],
        "H1": [[4, 4, 6, 4, 2], [0, 1, 1, 2, 1], [1, 5, 4, 5, 2]],
        "M2": [[0, 1, 1, 2, 1], [0, 3, 2, 3, 0], [1, 5, 4, 5, 2]],
        "H2": [[1, 4, 2, 4, 3], [2, 8, 5, 6, 3], [5, 14, 10, 12, 7]],
        "H1_explained_0": [[4], [0], [1]], "H2_explained_2": [[2], [5], [10]],
        "F": [[0, 0, 0, 0, 0], [1, 0, 0, 0, 0], [2, 8, 5, 8, 5], [1, 7, 4, 5, 2], [2, 5, 4, 3, 1]],
        "z": [[-3, 7, 3, 5, 0]], "P": [[0, 1, 1, 1, 0.5]],
        "P_verdict": [["very unlikely", "very likely", "very likely", "very likely", "neutral"]],
    },
}  # fmt: skip


@pytest.mark.parametrize("name", FIGURES)
def test_the_exercises_figures(
    name: str, workbooks: dict[str, Workbook], recalculated: tuple[str, dict[str, Values]]
) -> None:
    for matrix, expected in FIGURES[name].items():
        sheet, drawn = region(workbooks[name].plan, matrix)
        found = recalculated[1][name].block(sheet, drawn.row, drawn.column, drawn.height, drawn.width)
        if matrix == "P_verdict":
            assert found.tolist() == expected
            continue
        np.testing.assert_allclose(found.astype(float), expected, atol=1e-12, err_msg=matrix)
        if matrix in workbooks[name].values:
            np.testing.assert_allclose(workbooks[name].values[matrix], expected, atol=1e-12)


WITHOUT_GRADIENT = {
    "activations", "backpropagation", "fourier_transform", "full_transformer", "gcn", "karate_plain", "adam_by_hand",
    "hopfield", "kalman", "kmeans", "kv_cache", "markov_chain", "modern_hopfield", "momentum", "pagerank",
    "power_iteration", "sampling", "cached_attention",
}  # fmt: skip
"""Nothing is learned there, or a rounding lies in the way."""


def straight_through(program: Program) -> bool:
    """Whether a rounding, whose gradient isn't the derivative, lies on the way to the loss."""
    return any(s.expr.op == "round" for s in program.statements)


def forward(program: Program) -> Program:
    return replace(program, statements=tuple(s for s in program.statements if s.phase == "forward"))


def stopped(program: Program, values: dict[str, np.ndarray]) -> tuple[Given, ...]:
    """What `stop_gradient` makes, as if it were given: it stays as it is, whatever is moved before it."""
    names = [s.name for s in program.statements if s.expr.op == "stop_gradient"]
    return tuple(Given(name, role="constant", value=values[name]) for name in names)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_gradients_are_central_differences(path: Path, workbooks: dict[str, Workbook]) -> None:
    program, name = workbooks[path.stem].program, path.stem
    if not program.losses or straight_through(program):
        assert name in WITHOUT_GRADIENT, f"{name} has no gradient to check"
        return
    rng = np.random.default_rng(5)
    tokens = {ref.name for s in program.statements if s.expr.op in ("embedding", "lookup")
              for ref in s.expr.args[1].references}  # fmt: skip
    givens = tuple(  # away from the kinks that whole numbers meet
        g if g.role in ("target", "constant") or g.integers or g.name in tokens
        else replace(g, value=g.value + rng.uniform(-0.1, 0.1, g.shape))
        for g in program.givens
    )  # fmt: skip
    values = evaluate(replace(program, givens=givens))
    ahead, checked = forward(program), 0
    held = stopped(ahead, values)
    ahead = replace(ahead, statements=tuple(s for s in ahead.statements if s.name not in {g.name for g in held}))
    parameters = {g.name for g in givens if g.role == "parameter"}
    owned = [(loss.name, name) for loss in program.losses for name in loss.parameters or sorted(parameters)]
    for loss, given in ((loss.name, given) for loss in program.losses for given in givens):
        key = f"d{loss}_d{given.name}"
        if key not in values:
            assert (loss, given.name) not in owned
            continue
        found = values[key]
        for at in list(np.ndindex(*given.shape))[:: max(1, given.value.size // 12)]:
            ends = []
            for step in (1e-6, -1e-6):
                moved = given.value.copy()
                moved[at] += step
                new = tuple(replace(g, value=moved) if g.name == given.name else g for g in givens)
                ends.append(evaluate(replace(ahead, givens=new + held))[loss][0, 0])
            assert found[at] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-4, abs=1e-6), (given.name, at)
            checked += 1
    assert checked >= min(6, sum(g.value.size for g in givens if g.role == "parameter"))
