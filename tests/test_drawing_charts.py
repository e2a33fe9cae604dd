"""Charts where people would rather look than read: which a program gets, and what they show."""

from __future__ import annotations

import json

import numpy as np
import pytest
from by_numbers import built
from by_specs import PATHS, compiled

import sheetgen
from sheetgen import compile_text
from sheetgen.book import theme
from sheetgen.layout import measure
from sheetgen.layout.chart import Bars, Cells, Chart, GraphPicture, NetworkPicture, Plot
from sheetgen.layout.drawing.charts import COLUMN, DOT
from sheetgen.layout.geometry.pictures import LITTLE
from sheetgen.layout.wishes.wish import reach

NUMBERS = {"X": ("input", [1, 2]), "W": ("parameter", [[1, 0], [0, 1]]), "Y": ("target", [1, 0])}


def charts(name: str) -> list[Chart]:
    return list(compiled(name).plan.sheets[0].charts)


def unasked(name: str) -> list[Chart]:
    """Those that come on their own, where the spec asks for none."""
    before, _, asked = PATHS[name].read_text(encoding="utf-8").partition("charts:")
    return list(compile_text(before + asked.partition("\n\n")[2]).plan.sheets[0].charts)


def test_the_graph_follows_its_adjacency_and_takes_its_prediction_s_colours() -> None:
    (graph,) = (chart for chart in charts("gcn") if isinstance(chart, GraphPicture))
    assert (graph.adjacency, graph.prediction, graph.labels) == ("Adj", "P", ("A", "B", "C", "D", "E"))
    assert not graph.directed
    assert any(isinstance(chart, GraphPicture) and chart.directed for chart in charts("graphsage"))


def test_a_graph_s_title_says_what_its_colours_mean() -> None:
    """What the author says of the probability in a short sentence, also where it is only spread over the nodes."""
    def title(*lines: str) -> str:
        matrices = {
            "X": {"role": "input", "value": [[1, 2, 0]]}, "w": {"role": "parameter", "value": 1},
            "Both": {"role": "constant", "value": [[1, 0, 0], [0, 1, 1]]}, "N": {"role": "input", "value": [[1, 2]]},
        }  # fmt: skip
        graph = {"nodes": ["A", "B", "C"], "edges": [["A", "B"]], "predict": "seen"}
        parts = [line.partition(" : ") for line in lines]
        steps = [{"do": do, "say": say} if say else do for do, _, say in parts]
        text = json.dumps({"title": "t", "graph": graph, "matrices": matrices, "steps": ["M = X @ Adj", *steps]})
        return next(c.title for c in compile_text(text).plan.sheets[0].charts if isinstance(c, GraphPicture))

    assert title("seen = sigmoid(w * M) : The chance of rain.") == "The chance of rain"
    assert title("P = sigmoid(w * N) : The chance of rain.", "seen = P @ Both : For all.") == "The chance of rain"
    assert title("seen = sigmoid(w * M)") == "The graph, coloured by seen"
    assert title("P = sigmoid(w * N)", "seen = P @ Both : For all.") == "The graph, coloured by P"
    assert title(f"seen = sigmoid(w * M) : {'Long. ' * 3}And more.") == "The graph, coloured by seen"


def test_a_picture_of_the_graph_stands_in_the_first_band() -> None:
    sheet = compiled("gcn").plan.sheets[0]
    graph = next(chart for chart in sheet.charts if isinstance(chart, GraphPicture))
    assert graph.place is not None
    assert sheet.bands[0].first_row <= graph.row <= graph.row + graph.place.rows - 1 <= sheet.bands[0].last_row


def test_bars_compare_the_prediction_with_its_target_before_and_after_the_update() -> None:
    made = built(NUMBERS, ["P = softmax(W @ X)", "L = cross_entropy(P, Y)"], update={"learning_rate": 0.1})
    (bars,) = (chart for chart in made.plan.sheets[0].charts if isinstance(chart, Bars))
    assert [(t.title, t.y.regions, t.paint) for t in bars.series] == [
        ("P", ("P",), "prediction"), ("Y", ("Y",), "target"), ("P new", ("P_new",), "after")
    ]  # fmt: skip
    assert bars.categories == ("1", "2")


def test_bars_have_the_names_of_the_rows() -> None:
    (bars,) = (chart for chart in charts("cnn") if isinstance(chart, Bars))
    assert bars.categories == ("upright", "lying")


def test_samples_without_names_are_called_by_their_numbers() -> None:
    """A few short ones; live, as they may be changed. Others are counted."""
    def bars(x: list[list[float]]) -> Bars:
        numbers = {"X": ("input", x), "w": ("parameter", [[1] * len(x)]), "Y": ("target", [[0, 1, 1]])}
        made = built(numbers, ["P = sigmoid(w @ X)", "L = binary_cross_entropy(P, Y)"])
        return next(c for c in made.plan.sheets[0].charts if isinstance(c, Bars))

    found = bars([[0, 0, 1], [0, 1, -1]])
    assert (found.categories, found.samples) == (("(0, 0)", "(0, 1)", "(1, -1)"), "X")
    for other in ([[0, 0.5, 1], [0, 1, 1]], [[0, 10, 1], [0, 1, 1]], [[0, 1, 1]] * 4):
        assert (bars(other).categories, bars(other).samples) == (("1", "2", "3"), None)


def test_in_a_loop_the_last_prediction_is_compared() -> None:
    matrices = {"X": ("input", [1, 2]), "w_0": ("parameter", [1, 1]), "Y": ("target", [2, 0])}
    loop = {"for": "t in 1..3", "steps": ["P_{t} = X * w_{t-1}", "w_{t} = w_{t-1} + 0.1 * (Y - P_{t})"]}
    made = built(matrices, [loop, "P = X * w_3", "L = mse(P, Y)"])
    (bars,) = (chart for chart in made.plan.sheets[0].charts if isinstance(chart, Bars))
    assert bars.series[0].y.regions == ("P",)


def test_each_section_s_function_and_its_slope_have_a_chart_over_the_same_row() -> None:
    sheet = compiled("activations").plan.sheets[0]
    found = [chart for chart in sheet.charts if isinstance(chart, Plot)]
    assert [[t.y.regions[0] for t in chart.series][:2] for chart in found] == [
        [f"y{k}", f"slope{k}"] for k in (1, 2, 3, 4, 5)
    ]
    assert {chart.x_ends for chart in found} == {(-4, 4)}
    assert [chart.y_ends for chart in found] == [(0, 4), (-1, 4), (0, 1), (-1, 1), (-1, 4)]
    looks = [chart.series[1].look for chart in found]
    assert looks == ["points", "points", "both", "both", "both"]  # a switch has no slanting line
    (lane,) = {(r.column, r.width) for r in sheet.regions if r.name == "y1"}
    assert {(c.place.column, c.place.columns) for c in found if c.place} == {lane}


def test_points_of_a_plane_with_what_comes_into_the_same_plane() -> None:
    """Generated beside real; noisy beside clean."""
    (gan,) = (chart for chart in charts("gan_step") if isinstance(chart, Plot))
    assert [t.y.regions for t in gan.series] == [("X_real",), ("X_fake",)]
    (ddpm,) = (chart for chart in charts("ddpm_step") if isinstance(chart, Plot))
    noisy, ways = ddpm.series[:3], ddpm.series[3:]
    assert [(t.x.row, t.y.row, t.look) for t in noisy if isinstance(t.x, Cells)] == [(0, 1, "points")] * 3
    assert [t.y.regions[0] for t in noisy] == ["X0", "Xt", "X_before"]
    assert [t.names for t in noisy] == [("p1", "p2", "p3"), (), ()]  # once for each way
    assert [(t.y, t.look) for t in ways] == [(Cells(("X0", "Xt", "X_before"), 1, k), "thread") for k in range(3)]


def test_a_step_on_the_way_to_a_point_is_no_point() -> None:
    """The sum that a mean is divided from."""
    (plot,) = (chart for chart in charts("graphsage") if isinstance(chart, Plot))
    assert [t.title for t in plot.series if t.keyed] == ["X", "N₁"]


def plane(points: list[list[float]], **chart: object) -> Plot:
    """The chart of a matrix of two rows."""
    made = built({"X": ("input", points)}, ["Z = X * 1"], loss=None, charts=[{"points": ["X"], **chart}])
    return next(c for c in made.plan.sheets[0].charts if isinstance(c, Plot))


def test_a_plane_has_one_scale_and_reaches_as_far_as_its_points() -> None:
    plot = plane([[1, 2, 5], [0, 3, 1]])
    assert plot.equal and (plot.x_ends, plot.y_ends, plot.step) == ((1, 5.16), (0, 3.16), 1)  # a 25th of 4 farther
    flat = plane([[0, 2], [1, 1]])  # at least half as high as it is wide
    assert (flat.x_ends, flat.y_ends, flat.step) == ((0, 2.08), (0, 1.08), 0.5)
    large = plane([[0, 900], [-300, 300]])
    assert (large.x_ends, large.y_ends, large.step) == ((0, 936), (-400, 336), 200)


def test_axes_of_other_sizes_have_other_scales() -> None:
    plot = plane([[1, 2, 3], [1000, 5000, 2000]])
    assert not plot.equal and plot.x_ends is plot.y_ends is plot.step is None


@pytest.mark.parametrize("points", [
    [[1e17, 1e17 + 64], [0, 1]], [[0, 1e-300], [0, 1e-300]], [[-1e300, 1e300], [0, 1e300]], [[3, 3], [4, 4]],
])  # fmt: skip
def test_points_without_round_numbers_between_them_leave_the_axes_to_the_spreadsheet(points: list[list[float]]) -> None:
    """Or have some: what counts is that there is a chart."""
    assert plane(points).title == "X in the plane"


def test_a_plane_has_room_for_all_that_a_training_makes_of_it() -> None:
    """A generator begins near 0 and comes to the samples."""
    made = compiled("gan")
    plot = next(chart for chart in made.plan.sheets[0].charts if isinstance(chart, Plot) and chart.divides)
    assert made.trained is not None and plot.x_ends is not None and plot.y_ends is not None
    fake = made.trained.table["X_fake"]
    for row, (low, high) in enumerate((plot.x_ends, plot.y_ends)):
        assert low <= fake[:, row].min() and fake[:, row].max() <= high


def test_centres_go_their_way_among_the_points() -> None:
    """Which have their names; the lines aren't called like two of them."""
    chart = next(c for c in unasked("kmeans") if isinstance(c, Plot) and c.across == "across")
    data, one, other = chart.series
    assert data.y == Cells(("X",), row=1) and data.look == "points" and chart.up == "up"
    assert data.names == tuple("abcdef")
    assert (one.title, one.y) == ("P", Cells(("M_0", "M_1", "M_2", "M_3"), 1, 0))
    assert other.x == Cells(("M_0", "M_1", "M_2", "M_3"), 0, 1)


def test_a_thread_leads_from_a_way_to_where_it_should_end() -> None:
    """Each way has its name where it begins; where they should end is a set in the colour of targets, in the legend."""
    (plot,) = (chart for chart in charts("neural_ode") if isinstance(chart, Plot))
    ways, threads, (goal,) = plot.series[:3], plot.series[3:6], plot.series[6:]
    assert [(t.names, t.keyed) for t in ways] == [((f"x{k}",), False) for k in (1, 2, 3)]
    assert [(t.look, t.y) for t in threads] == [("thread", Cells(("h_5", "Y"), 1, k)) for k in range(3)]
    assert (goal.title, goal.paint, goal.keyed, goal.look) == ("Y", "target", True, "points")


FACES = """
title: Faces
matrices:
  X_anchor: {role: input, value: [[1, 0, 1], [2, 1, 0], [0, 2, 0]], columns: [Ida, Leo, Zoe]}
  X_same: {role: input, value: [[0, 0, 3], [1, 2, 2], [0, 1, 0]], columns: [Ida, Leo, Zoe]}
  X_stranger: {role: input, value: [[2, 0, 3], [0, 1, 1], [2, 1, 1]], columns: [Tom, Eve, Max]}
  W: {role: parameter, value: [[1, 0, 1], [0, 1, 0]]}
steps:
  - for: who in [anchor, same, stranger]
    steps: ["E_{who} = W @ X_{who}"]
  - near = sum((E_anchor - E_same) ** 2, axis=0)
  - far = sum((E_anchor - E_stranger) ** 2, axis=0)
  - L = sum(relu(near - far + 2))
loss: L
backward: true
"""
"""Each of three is compared with two others."""

TWINS = """
title: Twins
matrices:
  XA: {role: input, value: [[1, 2], [0, 1], [1, 0]], columns: [pair 1, pair 2]}
  XB: {role: input, value: [[1, -1], [0, 2], [2, 0]], columns: [pair 1, pair 2]}
  W: {role: parameter, value: [[1, 0, 1], [0, 1, -1]]}
  same: {role: target, value: [[1, 0]], columns: [pair 1, pair 2]}
steps:
  - for: s in [A, B]
    steps: ["E{s} = W @ X{s}"]
  - squared = sum((EA - EB) ** 2, axis=0)
  - L = sum(same * squared + (1 - same) * maximum(0, 3 - sqrt(squared)) ** 2)
loss: L
backward: true
"""
"""Two are compared with one another."""


VIEWS = """
title: Each view with each
matrices:
  X: {role: input, value: [[4, 4, 3, 0], [3, -3, 4, -5]], columns: [cup, key, cup2, key2]}
  W: {role: parameter, value: [[1, 0], [0, 1]]}
  sibling: {role: target, value: [[0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0]]}
steps:
  - Z = W @ X
  - U = Z / norm(Z, axis=0)
  - S = where(eye(4) == 1, -99, U.T @ U / 0.5)
  - P = softmax(S)
  - L = cross_entropy(P, sibling)
loss: L
update: {learning_rate: 0.2}
"""
"""Each is compared with all, by directions."""


def test_what_is_compared_is_joined_in_the_plane_pair_by_pair() -> None:
    """A set of points for each matrix, and threads; the names stand at the one between, which reaches both others."""
    (twins,) = (chart for chart in compile_text(TWINS).plan.sheets[0].charts if isinstance(chart, Plot))
    assert [(t.title, t.y, t.names) for t in twins.series[:2]] == [
        ("EA", Cells(("EA",), row=1), ()), ("EB", Cells(("EB",), row=1), ("pair 1", "pair 2"))
    ]  # fmt: skip
    assert [(t.y, t.look, t.keyed) for t in twins.series[2:]] == [
        (Cells(("EA", "EB"), 1, k), "thread", False) for k in range(2)
    ]
    (faces,) = (chart for chart in compile_text(FACES).plan.sheets[0].charts if isinstance(chart, Plot))
    assert [t.title for t in faces.series[:3]] == ["E_stranger", "E_anchor", "E_same"]
    assert [t.names for t in faces.series[:3]] == [(), ("Ida", "Leo", "Zoe"), ()]
    assert faces.series[3].y.regions == ("E_stranger", "E_anchor", "E_same")
    (views,) = (chart for chart in compile_text(VIEWS).plan.sheets[0].charts if isinstance(chart, Plot))
    assert [t.names for t in views.series] == [(t.title,) for t in views.series] and views.equal
    assert not any(t.keyed for t in views.series)


def test_a_state_whose_length_is_taken_has_its_way_drawn() -> None:
    """A ball's place, but not a filter's place and speed."""
    (way, _) = (chart for chart in charts("momentum") if isinstance(chart, Plot))
    (trace,) = way.series
    assert trace.x == Cells(tuple(f"p_{t}" for t in range(9)), 0) and (way.across, way.up) == ("along", "across")
    assert len(charts("kalman")) == 1


def test_charts_under_one_band_stand_side_by_side() -> None:
    one, other = sorted((chart.place for chart in charts("momentum") if chart.place), key=lambda place: place.column)
    assert one.column + one.columns < other.column


def test_an_author_asks_for_lines_bars_and_points() -> None:
    numbers = {"X": ("input", [[1, 2, 3], [0, 1, 0]]), "y": ("input", [[3, 2, 1]])}
    asked = [{"lines": ["y", "z"], "title": "Both"}, {"bars": ["z"]}, {"points": ["X", "Z"]}]
    made = built(numbers, ["z = y * 2", "Z = X / 2"], loss=None, charts=asked)
    lines, bars, points = made.plan.sheets[0].charts
    assert isinstance(lines, Plot) and (lines.title, lines.whole) == ("Both", True)
    assert [(t.title, t.y, t.x) for t in lines.series] == [
        (name, Cells((name,)), (1.0, 2.0, 3.0)) for name in ("y", "z")
    ]  # fmt: skip
    assert isinstance(bars, Bars) and (bars.title, bars.categories) == ("z", ("1", "2", "3"))
    assert isinstance(points, Plot) and points.title == "X and Z in the plane"
    assert [(t.y, t.x, t.look) for t in points.series] == [
        (Cells((name,), row=1), Cells((name,), row=0), "points") for name in ("X", "Z")
    ]  # fmt: skip


def test_a_row_or_a_column_of_a_matrix_may_be_asked_for() -> None:
    given = {"role": "input", "value": [[1, 2, 3], [0, 1, 0]], "rows": ["up", "down"], "columns": ["a", "b", "c"]}
    asked = [{"bars": ["Z[:, 1]", "X[:, 0]"]}, {"lines": ["X[1, 0:2]", "Z[0]"]}, {"points": ["X[:, 1:3]"]}]
    made = compile_text(json.dumps({"title": "t", "matrices": {"X": given}, "steps": ["Z = X * 2"], "charts": asked}))
    bars, lines, points = made.plan.sheets[0].charts
    assert isinstance(bars, Bars) and (bars.title, bars.categories) == ("Z, b and X, a", ("up", "down"))
    assert [t.y for t in bars.series] == [Cells(("Z",), column=1), Cells(("X",), column=0)]
    assert isinstance(lines, Plot) and [(t.title, t.y, t.x) for t in lines.series] == [
        ("X, down", Cells(("X",), row=1, columns=range(2)), (1.0, 2.0)),
        ("Z, up", Cells(("Z",), row=0), (1.0, 2.0, 3.0)),
    ]  # fmt: skip
    assert isinstance(points, Plot) and (points.across, points.up) == ("up", "down")
    assert points.series[0].x == Cells(("X",), row=0, columns=range(1, 3))


def test_lines_run_over_given_numbers_or_over_names() -> None:
    """Else they are counted, from 1 to the last."""
    named = {"role": "input", "value": [[1, 2, 3], [0, 1, 0]], "columns": ["Mon", "Tue", "Wed"]}
    plain = {"role": "input", "value": [5, 6, 7]}
    n = {"role": "constant", "value": [0, 10, 20]}
    asked = [{"lines": ["X[0]", "plain"], "over": "n"}, {"lines": ["X[0]", "Z[1]"]}, {"lines": ["plain"]}]
    matrices = {"X": named, "plain": plain, "n": n}
    made = compile_text(json.dumps({"title": "t", "matrices": matrices, "steps": ["Z = X * 2"], "charts": asked}))
    over, names, counted = made.plan.sheets[0].charts
    assert isinstance(over, Plot) and over.across == "n" and {t.x for t in over.series} == {Cells(("n",))}
    assert isinstance(names, Bars) and names.lines and names.categories == ("Mon", "Tue", "Wed")
    assert [t.title for t in names.series] == ["X, row 1", "Z, row 2"]
    assert isinstance(counted, Plot) and counted.x_ends == (1, 3) and counted.series[0].x == (1.0, 2.0, 3.0)


def test_the_turns_of_a_loop_may_be_asked_for_as_a_line() -> None:
    numbers = {"h_0": ("input", [[1], [0]]), "A": ("input", [[1, 1], [0, 1]])}
    loop = {"for": "t in 1..3", "steps": ["h_{t} = A @ h_{t-1}"]}
    asked = [{"lines": ["h_{0..3}[0]", "h_{1..3}[1]"]}, {"bars": ["h_{1..3}[0, 0]"]}, {"points": ["h_{0..3}"]}]
    lines, bars, points, *_ = built(numbers, [loop], loss=None, charts=asked).plan.sheets[0].charts
    turns = ("h_0", "h_1", "h_2", "h_3")
    assert isinstance(lines, Plot) and [(t.title, t.y, t.x) for t in lines.series] == [
        ("h₀ to h₃, row 1", Cells(turns, row=0), (0.0, 1.0, 2.0, 3.0)),
        ("h₁ to h₃, row 2", Cells(turns[1:], row=1), (1.0, 2.0, 3.0)),
    ]  # fmt: skip
    assert isinstance(bars, Bars) and bars.categories == ("1", "2", "3")
    assert isinstance(points, Plot) and [(t.y, t.x, t.look) for t in points.series] == [
        (Cells(turns, row=1), Cells(turns, row=0), "both")
    ]  # fmt: skip


def test_a_chart_stands_beside_the_matrix_that_its_author_names() -> None:
    sheet = compiled("lstm").plan.sheets[0]
    (memory,) = sheet.charts
    (output,) = (band for band in sheet.bands if band.first_row <= memory.row <= band.last_row)
    assert [r.name for r in sheet.regions if r.name in ("c_0", "y_pred")
            and output.first_row <= r.row <= output.last_row] == ["y_pred"]  # fmt: skip


def test_arrows_begin_at_0_in_a_plane_that_they_fill() -> None:
    numbers = {"X": ("input", [[9, 9, 9], [1, 2, 3], [0, 1, -4]])}
    made = built(numbers, ["Z = X * 2"], loss=None, charts=[{"arrows": ["X[1:3]", "Z[1:3, 0]"]}])
    (arrows,) = made.plan.sheets[0].charts
    assert isinstance(arrows, Plot) and {t.look for t in arrows.series} == {"arrows"}
    assert [(t.y, t.x) for t in arrows.series] == [
        (Cells(("X",), row=2), Cells(("X",), row=1)),
        (Cells(("Z",), 2, columns=range(1)), Cells(("Z",), 1, columns=range(1))),
    ]  # fmt: skip
    assert arrows.equal and (arrows.x_ends, arrows.y_ends, arrows.step) == ((0, 3), (-4, 1), 1)
    unit = built({"X": ("input", [[1, 0, -0.6], [0, 1, 0.8]])}, ["Z = -X"], loss=None, charts=[{"arrows": ["X", "Z"]}])
    (plot,) = unit.plan.sheets[0].charts
    assert isinstance(plot, Plot) and (plot.x_ends, plot.y_ends, plot.step) == ((-1, 1), (-1, 1), 0.5)


def test_rows_of_one_name_are_called_by_it() -> None:
    text = """title: Two hands
matrices:
  Q: {role: input, value: [[1, 0], [1, 1], [1, 0], [0, 1]], rows: [fast, fast, slow, slow], columns: [x1, x2]}
  far: {role: constant, value: [-1, 1]}
steps: ["Q_turned = Q * far.T"]
charts:
  - {arrows: ["Q[0:2, 1]", "Q_turned[0:2, 1]"], title: The fast hand}
  - {arrows: ["Q[2:4, 1]", "Q_turned[2:4, 1]"]}
"""
    fast, slow = [chart for chart in compile_text(text).plan.sheets[0].charts if isinstance(chart, Plot)]
    assert [(plot.across, plot.up) for plot in (fast, slow)] == [("", "")] * 2
    assert [[t.names for t in plot.series] for plot in (fast, slow)] == [[("Q",), ("Q_turned",)]] * 2
    assert slow.title == "Q, slow, x2 and Q_turned, slow, x2 in the plane"


def test_points_told_apart_by_a_row_with_the_border_before_and_after_the_update() -> None:
    plot = next(chart for chart in charts("svm") if isinstance(chart, Plot))
    assert [(t.title, t.only) for t in plot.series] == [("y = 1", (Cells(("y",)), 1)), ("y = -1", (Cells(("y",)), -1))]
    assert [(d.title, d.weights[1].regions, d.level, d.paint, d.keyed) for d in plot.divides] == [
        ("border", ("w",), 0, "series", True), ("street", ("w",), 1, "series", True),
        ("street", ("w",), -1, "series", False), ("border new", ("w_new",), 0, "after", True),
        ("street new", ("w_new",), 1, "after", True), ("street new", ("w_new",), -1, "after", False),
    ]  # fmt: skip
    assert {d.within for d in plot.divides} == {(plot.x_ends, plot.y_ends)} == {((-3, 2.64), (-2, 2.16))}
    assert [d.bias for d in plot.divides] == [Cells((name,), 0, 0) for name in ("b",) * 3 + ("b_new",) * 3]
    assert [t.names for t in plot.series] == [tuple("abcdef")] * 2


def test_each_row_of_weights_has_its_border() -> None:
    numbers = {"X": ("input", [[1, 2], [0, 1]]), "W": ("constant", [[1, 0], [1, 1]])}
    made = built(numbers, ["Z = W @ X"], loss=None, charts=[{"points": ["X"], "border": {"weights": "W"}}])
    (plot,) = made.plan.sheets[0].charts
    assert isinstance(plot, Plot) and [(d.title, d.weights[0], d.bias) for d in plot.divides] == [
        ("border 1", Cells(("W",), 0, 0), None), ("border 2", Cells(("W",), 1, 0), None)
    ]  # fmt: skip


def test_what_an_author_asks_for_comes_once() -> None:
    steps, numbers = ["P = softmax(W @ X)", "L = cross_entropy(P, Y)"], NUMBERS
    own = built(numbers, steps).plan.sheets[0].charts
    again = built(numbers, steps, charts=[{"bars": ["P", "Y"], "title": "Mine"}]).plan.sheets[0].charts
    assert [chart.title for chart in own] == ["P and Y"]
    assert [chart.title for chart in again] == ["Mine"]


def test_layers_of_different_samples_are_no_network() -> None:
    """A sum along the rows leaves one column, of no sample."""
    given = {"X": [[3, 0.7], [0.1, 0]], "V": [[0.7, 1], [0.1, 2]], "W": [[3, -1]], "b": [[-1]]}
    steps = ["M = logsumexp(hard_sigmoid(X @ V), axis=1)", "Z = W @ M + b", "L = sum(Z * 2)"]
    made = built({name: ("parameter", value) for name, value in given.items()}, steps)
    assert not any(isinstance(chart, NetworkPicture) for sheet in made.plan.sheets for chart in sheet.charts)


def test_a_network_is_shown_with_a_sample_that_wakes_its_neurons() -> None:
    (network,) = (chart for chart in charts("batch_norm") if isinstance(chart, NetworkPicture))
    assert network.sample == 1 and network.title.endswith("x2")


def test_nodes_neither_touch_nor_lie_on_others_lines() -> None:
    (graph,) = (chart for chart in charts("karate_plain") if isinstance(chart, GraphPicture))
    size = (measure.POINTS * COLUMN * 34 - DOT, measure.ROW_HEIGHT * 14)
    at = np.array(graph.positions) * size
    far = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)) + 99 * np.eye(34)
    assert far.min() > 1.2 * DOT
    given = next(g for g in compiled("karate_plain").program.givens if g.graph is not None)
    assert given.graph is not None
    for u, v in given.graph.edges:
        along = at[v] - at[u]
        share = (at - at[u]) @ along / (along @ along)
        beside = np.hypot(*(at - at[u] - np.clip(share, 0, 1)[:, None] * along).T)
        beside[[u, v]] = 99
        assert beside.min() > DOT / 2


def test_weights_make_no_plane() -> None:
    """Nor do a layer's answers lie among what it is fed, nor a matrix times a given one."""
    for name in ("mlp", "linear", "densenet", "self_attention", "ridge_regression"):
        assert not any(isinstance(chart, Plot) for chart in charts(name)), name


def test_a_number_that_nothing_reads_runs_over_the_turns() -> None:
    spread = next(c for c in unasked("kmeans") if isinstance(c, Plot) and c.whole)
    (line,) = spread.series
    assert line.y.regions == ("spread_1", "spread_2", "spread_3") and line.x == (1.0, 2.0, 3.0)
    assert spread.x_ends == (1, 3)


def test_a_state_runs_over_the_turns_row_by_row_with_what_was_measured() -> None:
    (chart,) = (c for c in charts("kalman") if isinstance(c, Plot))
    assert [(t.title, t.look) for t in chart.series] == [("place", "both"), ("speed", "both"), ("z", "points")]
    assert chart.series[0].y == Cells(("x_0", "x_1", "x_2", "x_3", "x_4"), row=0)
    assert chart.series[0].x == (0.0, 1.0, 2.0, 3.0, 4.0) and chart.series[2].x == (1.0, 2.0, 3.0, 4.0)
    assert not any(isinstance(c, Plot) for c in unasked("gru"))  # what learns has its loss


def test_the_axis_of_chances_ends_at_1() -> None:
    """Of what adds up to 1 in every turn, not of what happens to lie there."""
    (chances,) = (c for c in charts("markov_chain") if isinstance(c, Plot))
    assert chances.y_ends == (0, 1)
    (other,) = (c for c in charts("power_iteration") if isinstance(c, Plot) and c.title.endswith("over t"))
    assert other.y_ends is None


def test_a_target_has_its_colour_in_charts_that_are_asked_for() -> None:
    """And no other series has that."""
    (bars,) = (chart for chart in charts("lora") if isinstance(chart, Bars))
    assert [trace.paint for trace in bars.series] == ["series", "series", "target"]
    assert theme.GREY not in theme.hues_beside({trace.paint for trace in bars.series}) and theme.GREY in theme.SERIES


def test_a_line_through_points_stands_over_the_number_that_it_answers_to() -> None:
    chart = next(c for c in charts("adam_by_hand") if isinstance(c, Plot) and c.across == "X")
    assert [t.y.regions[0] for t in chart.series] == ["Y", "y_1", "y_4"]  # first, last, wanted
    assert chart.series[0].look == "points" and {t.look for t in chart.series[1:]} == {"line"}
    assert {t.x for t in chart.series} == {Cells(("X",), column=0)}
    (line,) = charts("linear_regression_step")
    assert {t.x for t in line.series} == {Cells(("x",), row=0)}
    assert isinstance(line, Plot) and [t.paint for t in line.series] == ["target", "prediction", "after"]


def test_a_signal_that_is_mixed_is_no_number_to_answer_to() -> None:
    assert not any(isinstance(chart, Plot) for chart in charts("unet"))


def test_columns_that_add_up_to_1_are_clusters_of_bars() -> None:
    (_, chart) = charts("softmax")
    assert isinstance(chart, Bars) and chart.categories == ("cold", "normal", "warm", "hot")
    assert [(t.title, t.y) for t in chart.series[:2]] == [("cat", Cells(("P_all",), 0)), ("dog", Cells(("P_all",), 1))]
    gates = charts("mixture_of_experts")
    shown = [{t.y.regions for t in chart.series} for chart in gates if isinstance(chart, Bars)]
    assert shown[1:] == [{("share",)}]  # the last of its section, which its title names
    assert shown[0] == {("y_pred",), ("Y",), ("y_pred_new",)}
    assert [chart.title for chart in (*gates[1:], chart)] == ["Gate: share", "Four temperatures: P_all"]
    assert charts("self_attention") == []  # weights of a product are a heat map


def test_probabilities_of_things_with_names_stand_side_by_side() -> None:
    (chart,) = (chart for chart in charts("gcn") if isinstance(chart, Bars))
    assert [t.y.regions[0] for t in chart.series] == ["P", "P_exact"] and chart.categories == ("A", "B", "C", "D", "E")


def test_an_axis_of_given_numbers_ends_with_them_where_these_are_nearly_whole() -> None:
    """Eight moments from 0 to 7 leave no room for an eighth."""
    assert [c.x_ends for c in charts("fourier_transform") if isinstance(c, Plot)] == [(0, 7)] * 2
    assert reach([1.0, 6.0]) == (1, 6) and reach([0.5, 9.5]) == (0, 10)
    assert reach([0.0, 2.0]) is None and reach([0.9, 3.1]) is None  # whole numbers are too far apart for these


def test_few_or_unordered_numbers_have_none() -> None:
    for numbers in ([1, 2, 3], [8, 7, 6, 5, 4, 3, 2, 1]):
        made = built({"x": ("input", [numbers])}, ["y = tanh(x)"], loss=None)
        assert made.plan.sheets[0].charts == ()


def test_a_diagram_is_drawn_only_where_there_is_room() -> None:
    """It makes a band hardly longer."""
    sheet = compiled("backpropagation").plan.sheets[0]
    (network,) = (chart for chart in sheet.charts if isinstance(chart, NetworkPicture))
    assert network.place is not None
    here = [band for band in sheet.bands if band.first_row <= network.row <= band.last_row]
    matrices = [r.row + r.height for r in sheet.regions if here[0].first_row <= r.row <= here[0].last_row]
    assert network.row + network.place.rows <= max(matrices) + 2 + LITTLE


def test_titles_say_what_is_shown_of_whom() -> None:
    titles = {name: [chart.title for chart in charts(name)] for name in ("gcn", "mlp", "gan_step", "kalman", "softmax")}
    assert titles == {
        "gcn": ["The graph, coloured by P", "P and P_exact"], "mlp": ["The network, from X to Ŷ, x1"],
        "gan_step": ["X_real and X_fake in the plane"], "kalman": ["xₜ and z over t"],
        "softmax": ["P and Y", "Four temperatures: P_all"],
    }  # fmt: skip
    assert [chart.title for chart in charts("activations")][-2:] == ["tanh(x)", "GELU(x)"]


def test_charts_stand_on_the_first_sheet_only() -> None:
    plan = compiled("rnn").plan
    assert plan.sheets[0].charts and not any(sheet.charts for sheet in plan.sheets[1:])


def test_a_chain_that_ends_in_another_shape_has_no_diagram() -> None:
    text = (
        "title: t\nmatrices:\n  X: {role: input, value: [1, 2]}\n  V: {role: parameter, ones: [2, 2]}\n"
        "  W: {role: parameter, ones: [3, 2]}\nsteps:\n  - Z = reshape(W @ (V @ X), (1, 3))\n"
    )
    assert not sheetgen.compile_text(text).plan.sheets[0].charts


def test_a_line_may_begin_with_a_number_of_the_title() -> None:
    text = """
    title: By half
    matrices: {X: {role: input, value: [[1, 0, -1]]}, k_0: {role: constant, value: 2}}
    steps: [{for: t in 1..3, steps: ["k_{t} = k_{t-1} * 0.5 + X[:, {t-1}]"]}]
    charts: [{lines: ["k_{0..3}[0]"]}]
    """
    sheet = compile_text(text).plan.sheets[0]
    (plot,) = (chart for chart in sheet.charts if isinstance(chart, Plot))
    assert plot.series[0].y.regions == ("k_0", "k_1", "k_2", "k_3") and plot.place is not None
    assert next(region.row for region in sheet.regions if region.name == "k_0") == 1
