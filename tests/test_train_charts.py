"""What a training makes of things, in charts beside what they are in the epoch of the page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from by_browser import opened, page_of
from by_specs import compiled
from openpyxl import load_workbook
from playwright.sync_api import Browser
from test_train import XOR, by_hand, sgd, trained

from sheetgen.layout.chart import Bars, Cells, Chart, GraphPicture, Plot
from sheetgen.names import CHART_DATA


def charts(name: str) -> list[Chart]:
    return list(compiled(name).plan.sheets[0].charts)


def test_bars_show_what_is_learned_in_the_end(tmp_path: Path) -> None:
    made = trained("epochs: 40, learning_rate: 0.5")
    (bars,) = (chart for chart in made.plan.sheets[0].charts if isinstance(chart, Bars))
    assert [(t.title, t.paint) for t in bars.series] == [("P", "prediction"), ("Y", "target"), ("P, epoch 40", "after")]
    w = by_hand(sgd, 40)[1]
    x = np.array([[0, 0, 1, 1], [0, 1, 0, 1.0]])
    right = 1 / (1 + np.exp(-(w[2] @ np.tanh(w[0] @ x + w[1]) + w[3])))
    path = made.save(tmp_path / "a.xlsx")
    written, formulas = (load_workbook(path, data_only=only)[CHART_DATA] for only in (True, False))
    (column,) = (cell.column for cell in written[3] if cell.value == "P, epoch 40")
    found = [written.cell(row, column).value for row in range(4, 8)]
    assert found == pytest.approx(right[0], rel=1e-9)
    assert [formulas.cell(row, column).value for row in range(4, 8)] == [
        f"='Training'!{letters}50" for letters in ("BC", "BD", "BE", "BF")
    ]  # fmt: skip


def test_a_curve_that_is_fitted_is_shown_in_the_end() -> None:
    (plot,) = (c for c in charts("linear_regression") if isinstance(c, Plot) and len(c.series) == 3)
    point, now, end = plot.series
    last = compiled("linear_regression").trained.training.last  # type: ignore[union-attr]
    assert (point.look, now.paint, end.paint, end.title) == ("points", "prediction", "after", f"ŷ, epoch {last}")
    assert end.x == now.x and end.y == Cells(("y_pred by epoch",), row=last)


def test_points_of_a_plane_are_shown_where_they_come_to_in_the_end() -> None:
    """A strip of the sheet Training holds a matrix row by row: four numbers across, four up."""
    (plot,) = (c for c in charts("gan") if isinstance(c, Plot) and c.across == "across")
    assert [(t.title, t.x, t.y) for t in plot.series][2:] == [
        ("X_fake, epoch 200", *(Cells(("X_fake by epoch",), 200, columns=range(k, k + 4)) for k in (0, 4)))
    ]


def test_a_graph_has_a_second_picture_at_the_end() -> None:
    now, end = (c for c in charts("karate_trained") if isinstance(c, GraphPicture))
    assert (now.prediction, now.line, end.prediction, end.line) == ("P", None, "P by epoch", 60)
    assert end.title == "The probability that a member goes with the officer, epoch 60"
    assert end.positions == now.positions
    assert now.place and end.place and now.place.row + now.place.rows < end.place.row


def test_what_an_author_asks_for_is_shown_in_the_end_too() -> None:
    """A row of a matrix, and a column: every second number of the strip."""
    asked = "charts:\n  - lines: ['A1[1, :]']\n  - bars: ['A1[:, 2]']\n"
    found = trained("epochs: 3, learning_rate: 0.5", asked + XOR).plan.sheets[0].charts
    ends = [chart.series[-1] for chart in found if isinstance(chart, Bars | Plot) and "A₁" in chart.title]
    assert [end.title for end in ends] == ["A₁, row 2, epoch 3", "A₁, column 3, epoch 3"]
    assert [end.y for end in ends] == [
        Cells(("A1 by epoch",), 3, columns=range(4, 8)), Cells(("A1 by epoch",), 3, columns=range(2, 12, 4))
    ]  # fmt: skip
    assert ends[0].x == (1.0, 2.0, 3.0, 4.0)


def test_a_training_in_batches_has_no_end_of_all_samples() -> None:
    made = trained("epochs: 4, learning_rate: 0.5, batch: 2", XOR)
    assert all(len(chart.series) == 2 for chart in made.plan.sheets[0].charts if isinstance(chart, Bars))


@pytest.mark.browser
@pytest.mark.slow
def test_a_live_page_colours_the_second_picture_by_the_last_epoch(chromium: Browser, folder: Path) -> None:
    """The instructor stays, the officer goes."""
    with opened(chromium, page_of("karate_trained", folder)) as found:
        told = found.run("() => [...document.querySelectorAll('svg.graph .node title')].map((t) => t.textContent)")
    p = compiled("karate_trained").trained.table["P"][60].ravel()  # type: ignore[union-attr]
    assert len(told) == 68 and told[0].startswith("0: P = 0.5")
    shown = [float(text.split(": ")[1].replace("−", "-")) for text in (told[34], told[67])]
    assert shown == pytest.approx([p[0], p[33]], abs=0.01)
