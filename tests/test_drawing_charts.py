"""Charts where people would rather look than read: which a program gets, and what they show."""

from __future__ import annotations

from by_numbers import built
from by_specs import compiled

from sheetgen.layout.chart import Bars, Chart, GraphPicture, Lines, NetworkPicture

NUMBERS = {"X": ("input", [1, 2]), "W": ("parameter", [[1, 0], [0, 1]]), "Y": ("target", [1, 0])}


def charts(name: str) -> list[Chart]:
    return list(compiled(name).plan.sheets[0].charts)


def test_the_graph_follows_its_adjacency_and_takes_its_prediction_s_colours() -> None:
    (graph,) = (chart for chart in charts("gcn") if isinstance(chart, GraphPicture))
    assert (graph.adjacency, graph.prediction, graph.labels) == ("Adj", "P", ("A", "B", "C", "D", "E"))
    assert not graph.directed
    assert any(isinstance(chart, GraphPicture) and chart.directed for chart in charts("graphsage"))


def test_a_picture_of_the_graph_stands_in_the_first_band() -> None:
    sheet = compiled("gcn").plan.sheets[0]
    graph = next(chart for chart in sheet.charts if isinstance(chart, GraphPicture))
    assert graph.place is not None
    assert sheet.bands[0].first_row <= graph.row <= graph.row + graph.place.rows - 1 <= sheet.bands[0].last_row


def test_bars_compare_the_prediction_with_its_target_before_and_after_the_update() -> None:
    made = built(NUMBERS, ["P = softmax(W @ X)", "L = cross_entropy(P, Y)"], update={"learning_rate": 0.1})
    (bars,) = (chart for chart in made.plan.sheets[0].charts if isinstance(chart, Bars))
    assert dict(bars.series) == {"prediction": "P", "target": "Y", "after the update": "P_new"}
    assert bars.categories == ("1", "2") and bars.step == 1


def test_bars_have_the_names_of_the_rows() -> None:
    (bars,) = (chart for chart in charts("cnn") if isinstance(chart, Bars))
    assert bars.categories == ("upright", "lying")


def test_in_a_loop_the_last_prediction_is_compared() -> None:
    matrices = {"X": ("input", [1, 2]), "w_0": ("parameter", [1, 1]), "Y": ("target", [2, 0])}
    loop = {"for": "t in 1..3", "steps": ["P_{t} = X * w_{t-1}", "w_{t} = w_{t-1} + 0.1 * (Y - P_{t})"]}
    made = built(matrices, [loop, "P = X * w_3", "L = mse(P, Y)"])
    (bars,) = (chart for chart in made.plan.sheets[0].charts if isinstance(chart, Bars))
    assert dict(bars.series)["prediction"] == "P"


def test_each_function_of_ascending_numbers_has_its_curve() -> None:
    found = [chart for chart in charts("activations") if isinstance(chart, Lines)]
    assert {chart.x for chart in found} == {"x"} and len(found) >= 4
    assert {"y_relu", "y_tanh"} <= {name for chart in found for _, name in chart.series}


def test_few_or_unordered_numbers_have_none() -> None:
    for numbers in ([1, 2, 3], [8, 7, 6, 5, 4, 3, 2, 1]):
        made = built({"x": ("input", [numbers])}, ["y = tanh(x)"], loss=None)
        assert made.plan.sheets[0].charts == ()


def test_a_diagram_is_drawn_only_where_there_is_room() -> None:
    """It never makes a page longer."""
    sheet = compiled("backpropagation").plan.sheets[0]
    (network,) = (chart for chart in sheet.charts if isinstance(chart, NetworkPicture))
    assert network.place is not None
    here = [band for band in sheet.bands if band.first_row <= network.row <= band.last_row]
    matrices = [r.row + r.height for r in sheet.regions if here[0].first_row <= r.row <= here[0].last_row]
    assert network.row + network.place.rows <= max(matrices) + 2


def test_charts_stand_on_the_first_sheet_only() -> None:
    plan = compiled("rnn").plan
    assert plan.sheets[0].charts and not any(sheet.charts for sheet in plan.sheets[1:])
