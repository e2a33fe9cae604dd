"""Charts: live cells behind them, numbers cached in them, words for who can't see them."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from itertools import combinations, pairwise
from math import hypot
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from by_specs import compiled
from checks_page import as_printed
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from page_by_hand import page
from parts_by_hand import ADJ, POSITIONS

from sheetgen.book import theme
from sheetgen.book.cells import CellError
from sheetgen.book.charts.add import Drawn, drawings, pictures
from sheetgen.book.charts.data import Data
from sheetgen.book.charts.frame import framed
from sheetgen.book.charts.graph import Plane, draw
from sheetgen.book.charts.picture import Axis, Picture, xml
from sheetgen.book.head import HEIGHTS
from sheetgen.book.workbook import write
from sheetgen.errors import LimitError
from sheetgen.layout import measure
from sheetgen.layout.chart import Bars, Cells, Divide, GraphPicture, NetworkPicture, Place, Plot, Trace
from sheetgen.layout.plan import Region, Role, SheetPlan, WorkbookPlan

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
XDR = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("charts") / "a.xlsx"
    write(page(), target)
    return target


def part(path: Path, name: str) -> ElementTree.Element:
    with zipfile.ZipFile(path) as archive:
        return ElementTree.fromstring(archive.read(name))


def plan_of(*regions: Region, charts: tuple[object, ...]) -> WorkbookPlan:
    sheet = SheetPlan("Canvas", "t", regions, (), charts)  # type: ignore[arg-type]
    return WorkbookPlan("t", (sheet,), (), "", ())


def graph(n: int, directed: bool = False, adjacency: np.ndarray | None = None) -> WorkbookPlan:
    region = Region("Adj", Role.ADJACENCY, 6, 2, np.zeros((n, n)) if adjacency is None else adjacency, switch=True)
    positions = tuple((0.5 + 0.4 * np.cos(k), 0.5 + 0.4 * np.sin(k)) for k in range(n))
    labels, place = tuple(map(str, range(n))), Place(6, n + 4, 20, 12)
    picture = GraphPicture("G", 6, n + 4, labels, positions, "Adj", None, directed, place=place)
    return plan_of(region, charts=(picture,))


def test_cached_numbers_are_those_of_the_cells(path: Path) -> None:
    cells = load_workbook(path, data_only=True)["Chart data"]
    seen = 0
    for k in (1, 2, 3):
        chart = part(path, f"xl/charts/chart{k}.xml")
        for reference in (*chart.iter(f"{C}numRef"), *chart.iter(f"{C}strRef")):
            span = (reference.findtext(f"{C}f") or "").split("!")[1].replace("$", "")
            left, top, right, bottom = range_boundaries(span)
            values = [cells.cell(row, left).value for row in range(top, bottom + 1)]
            cached = {int(p.get("idx", "")): p.findtext(f"{C}v") for p in reference.iter(f"{C}pt")}
            assert left == right and int(next(reference.iter(f"{C}ptCount")).get("val", "")) == len(values)
            for n, value in enumerate(values):
                if value == "#N/A":
                    assert n not in cached
                else:
                    assert cached[n] == str(value) if isinstance(value, str) else float(cached[n] or "") == value
                seen += 1
    assert seen > 400


def test_cells_behind_charts_are_live_and_their_cached_values_right(path: Path) -> None:
    import ironcalc

    cached, formulas = (load_workbook(path, data_only=only)["Chart data"] for only in (True, False))
    sheet = load_workbook(path).sheetnames.index("Chart data")
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
    seen = 0
    for row in formulas.iter_rows():
        for cell in row:
            if cell.data_type == "f":
                found = model.get_cell_value(sheet, cell.row, cell.column)
                expected = cached[cell.coordinate].value
                assert found == expected or found == pytest.approx(expected), cell.coordinate
                seen += 1
    assert seen > 200


def test_the_cells_behind_charts_are_hidden(path: Path) -> None:
    assert load_workbook(path)["Chart data"].sheet_state == "hidden"
    for k in (1, 2, 3):  # or nothing would be drawn
        assert next(part(path, f"xl/charts/chart{k}.xml").iter(f"{C}plotVisOnly")).get("val") == "0"


def test_each_chart_covers_its_cells_and_tells_what_it_shows(path: Path) -> None:
    anchors = list(part(path, "xl/drawings/drawing2.xml"))
    ends = [(f"{XDR}{end}/{XDR}row", f"{XDR}{end}/{XDR}col") for end in ("from", "to")]
    corners = [[int(anchor.findtext(name) or "") for end in ends for name in end] for anchor in anchors]
    assert corners == [[5, 10, 17, 23], [38, 16, 46, 23]]  # the last cell without the points around
    texts = [next(anchor.iter(f"{XDR}cNvPr")).get("descr") for anchor in anchors]
    assert texts[0] == "The graph. Graph of 5 nodes; arrows follow Adj. Colours follow the prediction."
    assert texts[1] == "σ. Points and lines, s over x: the four."


def test_bars_compare_prediction_target_and_what_comes_after_the_update(path: Path) -> None:
    chart = part(path, "xl/charts/chart1.xml")
    series = list(chart.iter(f"{C}ser"))
    names = [each.find(f"{C}tx").find(f".//{C}v").text for each in series]  # type: ignore[union-attr]
    assert names == ["prediction", "target", "after the update"]
    assert [next(chart.iter(f"{C}{end}")).get("val") for end in ("min", "max", "legendPos")] == ["0", "1", "r"]
    assert [v.text for v in series[0].find(f"{C}cat").iter(f"{C}v")] == ["1", "2", "3"]  # type: ignore[union-attr]
    title = next(chart.iter(f"{C}title"))
    assert "".join(title.itertext()) == "Prediction and target"
    assert {d.get("val") for d in chart.iter(f"{C}delete")} == {"0"}


def test_points_follow_their_cells_and_axes_say_what_they_show(path: Path) -> None:
    cells = load_workbook(path)["Chart data"]
    captions = {cell.value: cell.column for cell in cells[3] if cell.value}
    assert cells.cell(4, captions["the four"]).value == "='Gradients'!D45"
    chart = part(path, "xl/charts/chart3.xml")
    assert float(next(chart.iter(f"{C}max")).get("val", "")) == 8
    titles = ["".join(t.itertext()) for t in chart.iter(f"{C}title")]
    assert titles == ["σ", "x", "s"]


# Graphs


def paths(plan: WorkbookPlan) -> list[list[tuple[float, float]]]:
    """Each node's line, as it is drawn."""
    (chart,) = plan.sheets[0].charts
    assert isinstance(chart, GraphPicture)
    picture = draw(chart, plan, Data("G", 1), (300.0, 300.0))
    lines = [series for series in picture.series if series.line]
    return [list(zip(s.x.values, s.y.values, strict=True)) for s in lines if s.x is not None]  # type: ignore[arg-type]


def test_edges_end_at_the_circles_so_that_they_cross_no_name() -> None:
    plan = graph(6, adjacency=np.ones((6, 6)))
    (chart,) = plan.sheets[0].charts
    assert isinstance(chart, GraphPicture)
    for u, line in enumerate(paths(plan)):
        centre = chart.positions[u]
        distances = [hypot(x - centre[0], y - centre[1]) for x, y in line]
        assert min(distances) > 0.03
        assert (len({round(d, 3) for d in distances}) > 1) is (u < 5)  # the last has no later neighbours


def test_an_edge_that_isnt_there_goes_nowhere() -> None:
    none, one = np.zeros((3, 3)), np.zeros((3, 3))
    one[0, 1] = one[1, 0] = 1
    radii = [{round(hypot(x - 0.9, y - 0.5), 3) for x, y in paths(graph(3, adjacency=a))[0]} for a in (none, one)]
    assert len(radii[0]) == 1 and len(radii[1]) == 2


def test_directed_edges_have_arrowheads_and_go_one_way() -> None:
    one = np.zeros((3, 3))
    one[0, 1] = 1
    there, back, _ = paths(graph(3, directed=True, adjacency=one))
    outside = [point for point in there if round(hypot(point[0] - 0.9, point[1] - 0.5), 2) > 0.06]
    assert len(outside) == 4 and outside[0] == outside[3] and len(set(outside)) == 3  # tip, barb, barb, tip
    assert len({round(hypot(x - back[0][0], y - back[0][1]), 1) for x, y in back}) <= 2


def test_arrows_there_and_back_run_side_by_side() -> None:
    both = np.array([[0.0, 1], [1, 0]])
    first, second = (set(line) for line in paths(graph(2, directed=True, adjacency=both)))
    assert not first & second


def test_edges_follow_the_adjacency(path: Path, tmp_path: Path) -> None:
    import ironcalc

    names = load_workbook(path).sheetnames
    cells = load_workbook(path)["Chart data"]
    column = next(cell.column for cell in cells[3] if cell.value == "A x")
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")

    def line() -> list[float]:
        model.evaluate()
        rows = [row for row in range(4, cells.max_row + 1) if cells.cell(row, column).value is not None]
        return [model.get_cell_value(names.index("Chart data"), row, column) for row in rows]

    before = line()
    model.set_user_input(names.index("Gradients"), 8, 5, "1")  # A → B
    after = line()
    assert ADJ[0, 1] == 0 and len(before) == len(after) and sum(a != b for a, b in zip(before, after, strict=True)) == 4


def test_a_node_is_drawn_in_exactly_one_class(path: Path) -> None:
    sheet = load_workbook(path, data_only=True)["Chart data"]
    captions = {cell.value: cell.column for cell in sheet[3] if cell.value}
    classes = ("not yet", "very unlikely", "unlikely", "neutral", "likely", "very likely")
    found = [[sheet.cell(row, captions[name]).value for row in range(4, 9)] for name in classes]
    assert found[0] == ["#N/A"] * 5
    assert [[value != "#N/A" for value in column] for column in found[1:]] == np.eye(5, dtype=bool).tolist()


def test_nodes_wait_for_their_step(path: Path) -> None:
    import ironcalc

    names = load_workbook(path).sheetnames
    captions = {cell.value: cell.column for cell in load_workbook(path)["Chart data"][3] if cell.value}
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.set_user_input(0, 3, 1, "1")
    model.evaluate()
    data = names.index("Chart data")
    assert [model.get_cell_value(data, row, captions["not yet"]) for row in range(4, 9)] == [y for _, y in POSITIONS]
    assert {model.get_cell_value(data, row, captions["likely"]) for row in range(4, 9)} == {"#N/A"}


def test_circles_are_round_on_paper() -> None:
    plane = Plane((300.0, 100.0), 20.0)
    for point in ((0.0, 0.0), (1.0, 0.4)):
        assert plane.chart(plane.paper(point)) == pytest.approx(point, abs=1e-4)
    right, up = plane.chart((10.0, 0.0)), plane.chart((0.0, 10.0))
    assert up[1] / right[0] == pytest.approx((300 - 38) / (100 - 38), rel=1e-3)


def test_nodes_keep_off_the_frame() -> None:
    """Nine points from a circle to the end of the paper, on all sides."""
    plane = Plane((300.0, 100.0), 20.0)
    for axis, size in ((plane.across, 300.0), (plane.up, 100.0)):
        assert axis.low is not None and axis.high is not None
        point = size / (axis.high - axis.low)
        assert -axis.low * point == pytest.approx(10 + 9) == (axis.high - 1) * point


def test_graphs_stay_inside_the_limit_of_series(tmp_path: Path) -> None:
    for n, names in ((1, True), (5, True), (120, True), (121, False), (240, False)):
        (drawing,), _ = drawings(graph(n), HEIGHTS)
        assert drawing is not None and drawing.charts[0].count("<c:ser>") == (2 * n if names else n) + 1 <= 255
    with pytest.raises(LimitError, match="240 nodes"):
        write(graph(241), tmp_path / "b.xlsx")


def test_too_many_series(tmp_path: Path) -> None:
    region = Region("Z", Role.INPUT, 6, 2, np.ones((1, 1)))
    many = (Trace("s", Cells(("Z",))),) * 256
    with pytest.raises(LimitError, match="256 series"):
        write(plan_of(region, charts=(Bars("B", 8, 2, many, ("a",)),)), tmp_path / "a.xlsx")


def test_a_chart_of_what_isnt_drawn() -> None:
    with pytest.raises(ValueError, match="isn't drawn"):
        drawings(plan_of(charts=(Bars("B", 8, 2, (Trace("s", Cells(("Z",))),), ("a",)),)), HEIGHTS)


# Networks


def network(values: tuple[float, float]) -> WorkbookPlan:
    regions = (
        Region("x", Role.INPUT, 6, 2, np.array([[1.0], [2]])),
        Region("W", Role.PARAMETER, 6, 4, np.array([[1.0, -2], [0, 3]])),
        Region("h", Role.FORWARD, 6, 7, np.array([[values[0]], [values[1]]]), (("1",), ("2",))),
    )
    return plan_of(*regions, charts=(NetworkPicture("N", 8, 2, ("x", "h"), ("W",), place=Place(8, 2, 12, 8)),))


def test_a_neuron_is_drawn_as_it_is() -> None:
    _, (data,) = drawings(network((0.0, 0.5)), HEIGHTS)
    columns = {column.caption: column.values for column in data.columns}
    assert [value != "#N/A" for value in columns["at 0"]] == [False, False, True, False]
    assert [value != "#N/A" for value in columns["layer 1"]] == [True, True, False, False]
    assert [value != "#N/A" for value in columns["layer 2"]] == [False, False, False, True]
    assert columns["value"] == [1, 2, 0, 0.5]


def test_lines_follow_the_signs_of_weights() -> None:
    _, (data,) = drawings(network((1.0, 1.0)), HEIGHTS)
    lines = {column.caption: column for column in data.columns if re.match(r"W \d [<>] x", column.caption)}
    leaving = {caption: sum(v != column.values[0] for v in column.values) for caption, column in lines.items()}
    assert leaving == {"W 1 > x": 1, "W 1 < x": 0, "W 2 > x": 1, "W 2 < x": 1}
    assert lines["W 2 < x"].formulas[1] is not None and "E6<0" in lines["W 2 < x"].formulas[1]


# XML


def test_text_in_charts_is_escaped() -> None:
    region = Region("Z", Role.INPUT, 6, 2, np.ones((2, 1)))
    bars = Bars('A & "B" <c>', 8, 2, (Trace("p < q", Cells(("Z",))),), ("a&b", "<"))
    (drawing,), _ = drawings(plan_of(region, charts=(bars,)), HEIGHTS)
    assert drawing is not None
    ElementTree.fromstring(drawing.xml)
    chart = ElementTree.fromstring(drawing.charts[0])
    assert {"p < q", "a&b", "<"} <= {v.text for v in chart.iter(f"{C}v")}


def test_series_stand_from_back_to_front() -> None:
    """Excel draws by the series' numbers, the last on top; LibreOffice by the file, the first on top."""
    (chart,) = graph(3).sheets[0].charts
    assert isinstance(chart, GraphPicture)
    text = xml(draw(chart, graph(3), Data("G", 1), (300.0, 300.0)))
    orders = [int(n) for n in re.findall(r'<c:order val="(\d+)"/>', text)]
    assert orders == sorted(orders, reverse=True) and len(orders) == 7


def test_colours_can_be_told_apart_in_grey_and_names_read_on_them() -> None:
    from test_book_theme import contrast, luminance

    greys = [luminance(color) for color in theme.LIKELIHOOD]
    assert all(a - b > 0.05 for a, b in pairwise(greys))
    fills = (*theme.LIKELIHOOD, theme.RESTING, theme.HIDDEN, theme.AFTER, theme.YELLOW, "FFD966")
    assert min(contrast(theme.INK, color) for color in fills) >= 4.5
    assert min(contrast(theme.INK, color) for color in theme.LIKELIHOOD) >= 6  # digits of small nodes
    lines = (theme.POSITIVE, theme.NEGATIVE, theme.LINE, *theme.SERIES)
    assert min(contrast(color, theme.WHITE) for color in lines) >= 3


def inner(chart: str, side: str) -> float:
    """Where the plot within a chart begins (`x`, `y`), and how large it is (`w`, `h`), as a share."""
    return float(re.findall(rf'<c:{side} val="([\d.]+)"/>', chart[chart.index("<c:plotArea>") :])[0])


def test_a_legend_stands_below_a_high_chart(tmp_path: Path) -> None:
    region = Region("Z", Role.INPUT, 6, 2, np.ones((2, 1)))
    for place, position in ((Place(8, 2, 12, 6), "b"), (Place(8, 2, 8, 12), "r")):
        bars = Bars("B", 8, 2, (Trace("p", Cells(("Z",))), Trace("q", Cells(("Z",)))), ("a", "b"), place=place)
        (drawing,), _ = drawings(plan_of(region, charts=(bars,)), HEIGHTS)
        assert drawing is not None and f'<c:legendPos val="{position}"/>' in drawing.charts[0]


def test_a_legend_stands_at_the_right_of_a_plot_that_would_be_flat_over_it() -> None:
    """Though it leaves it narrow."""
    region = Region("Z", Role.INPUT, 6, 2, np.ones((2, 1)))
    traces = (Trace("p", Cells(("Z",)), (1.0, 2.0)), Trace("before", Cells(("Z",)), (1.0, 3.0)))
    for rows, position in ((8, "r"), (12, "b")):
        plot = Plot("Z", 8, 2, traces, "x", "y", place=Place(8, 2, rows, 7))
        (drawing,), _ = drawings(plan_of(region, charts=(plot,)), HEIGHTS)
        assert drawing is not None and f'<c:legendPos val="{position}"/>' in drawing.charts[0]


def bars_of(names: str, columns: int, rows: int = 9) -> str:
    """The XML of bars with a legend over names, in a chart so wide and high."""
    words = tuple(names.split())
    region = Region("Z", Role.INPUT, 6, 2, np.ones((len(words), 1)))
    traces = (Trace("p", Cells(("Z",))), Trace("p, epoch 100", Cells(("Z",))))
    bars = Bars("B", 8, 2, traces, words, place=Place(8, 2, rows, columns))
    (drawing,), _ = drawings(plan_of(region, charts=(bars,)), HEIGHTS)
    assert drawing is not None
    return str(drawing.charts[0])


@pytest.mark.parametrize("high", [5.0, 100.0, 20000.0])
def test_the_last_number_along_an_axis_stays_within_the_frame(high: float) -> None:
    region = Region("Z", Role.INPUT, 6, 2, np.ones((2, 1)))
    plot = Plot("Z", 8, 2, (Trace("p", Cells(("Z",)), (1.0, 2.0)),), x_ends=(0.0, high), place=Place(8, 2, 9, 6))
    (drawing,), _ = drawings(plan_of(region, charts=(plot,)), HEIGHTS)
    assert drawing is not None
    x, wide = (inner(drawing.charts[0], side) for side in "xw")
    free = (1 - x - wide) * 6 * measure.COLUMN_WIDTH * measure.POINTS
    assert free >= measure.POINTS * measure.text_width(f"{high:g}", theme.SMALL) / 2 + 1


def test_a_legend_makes_room_for_the_names_under_bars() -> None:
    """No name is slanted or left out because the legend takes the place beside the plot."""
    for names, position in (("Ada Ben", "r"), ("Ada Ben Cleo Dan Emi Finn Gil Hana", "b")):
        made = bars_of(names, 8)
        assert f'<c:legendPos val="{position}"/>' in made and "rot=" not in made


def test_names_that_have_no_room_beside_one_another_read_from_below_and_all_do() -> None:
    made = bars_of("mat sofa roof bed moon pizza", 4, 12)
    assert made.count('rot="-5400000"') == made.count('<c:tickLblSkip val="1"/>') == 1
    many = bars_of(" ".join(f"name{k}" for k in range(30)), 4, 12)  # too many even so
    assert "rot=" not in many and "tickLblSkip" not in many


def test_a_legend_of_lines_beside_the_plot_has_room_for_their_longer_signs() -> None:
    """Of LibreOffice, which puts the legend at the frame and the plot where it is told to."""
    region, right = Region("Z", Role.INPUT, 6, 2, np.ones((2, 1))), {}
    for look in ("points", "line"):
        traces = tuple(Trace(name, Cells(("Z",)), (1.0, 2.0), look) for name in ("p", "q"))  # type: ignore[arg-type]
        plot = Plot("Z", 8, 2, traces, place=Place(8, 2, 8, 12))
        (drawing,), _ = drawings(plan_of(region, charts=(plot,)), HEIGHTS)
        assert drawing is not None and '<c:legendPos val="r"/>' in drawing.charts[0]
        x, wide = (inner(drawing.charts[0], side) for side in "xw")
        right[look] = (1 - x - wide) * 12 * measure.COLUMN_WIDTH * measure.POINTS
    assert right["line"] - right["points"] >= 10


def test_the_lowest_power_of_ten_at_an_axis_stays_within_the_frame() -> None:
    region, left = Region("Z", Role.INPUT, 6, 2, np.array([[1.0], [3e-6]])), {}
    for log in (False, True):
        plot = Plot("Z", 8, 2, (Trace("p", Cells(("Z",)), (1.0, 2.0), "line"),), log=log, place=Place(8, 2, 12, 12))
        (drawing,), _ = drawings(plan_of(region, charts=(plot,)), HEIGHTS)
        assert drawing is not None
        left[log] = inner(drawing.charts[0], "x") * 12 * measure.COLUMN_WIDTH
        assert ('formatCode="[&lt;0.001]0E+0;General"' in drawing.charts[0]) == log
    wide = [measure.text_width(text, theme.SMALL) for text in ("1E-6", "0.000001")]
    assert wide[0] <= left[True] < wide[1] and left[False] < wide[1]


def test_a_name_beside_a_point_stays_in_one_line() -> None:
    region = Region("Z", Role.INPUT, 6, 2, np.ones((2, 1)))
    numbers = Cells(("Z",)), (1.0, 2.0)
    traces = Trace("Z", *numbers, "line"), Trace("this epoch", *numbers, names=("here",))
    plot = Plot("Z", 8, 2, traces, place=Place(8, 2, 8, 8))
    (drawing,), _ = drawings(plan_of(region, charts=(plot,)), HEIGHTS)
    assert drawing is not None
    labels = re.findall(r"<c:dLbls>.*?</c:dLbls>", drawing.charts[0])
    assert labels and all('<a:bodyPr wrap="none"/>' in label for label in labels)


@pytest.mark.parametrize(("third", "grows"), [((5.0, 5.5), False), ((0.0, 1.0), True)])
def test_points_are_larger_only_where_they_stand_around_others(third: tuple[float, float], grows: bool) -> None:
    regions = [Region(name, Role.INPUT, 6 + 4 * k, 2, np.array([[0.0], [1.0]])) for k, name in enumerate("abc")]
    places = ((0.0, 1.0), (2.0, 3.0), third)
    traces = tuple(Trace(r.name, Cells((r.name,)), x, "points") for r, x in zip(regions, places, strict=True))
    plot = Plot("Z", 8, 8, traces, place=Place(8, 8, 12, 12))
    (drawing,), _ = drawings(plan_of(*regions, charts=(plot,)), HEIGHTS)
    assert drawing is not None
    sizes = list(map(int, re.findall(r'<c:size val="(\d+)"/>', drawing.charts[0])))
    assert sizes[0] == sizes[1] and (sizes[2] > sizes[0]) == grows and max(sizes) <= 1.5 * min(sizes)


def test_title_axes_and_legend_leave_the_plot_six_rows(tmp_path: Path) -> None:
    """Of a chart that is ten rows high, or eleven with names along its axes."""
    region = Region("Z", Role.INPUT, 6, 2, np.ones((2, 1)))
    traces = tuple(Trace(name, Cells(("Z",)), (1.0, 2.0)) for name in ("wanted", "first", "last"))
    for rows, columns, across in ((10, 6, ""), (11, 6, "x"), (10, 10, ""), (11, 10, "x")):
        plot = Plot("Z", 8, 2, traces, across, place=Place(8, 2, rows, columns))
        (drawing,), _ = drawings(plan_of(region, charts=(plot,)), HEIGHTS)
        assert drawing is not None
        high = inner(drawing.charts[0], "h")
        assert high * (rows * measure.ROW_HEIGHT - 8) >= 5.5 * measure.ROW_HEIGHT


def test_a_title_in_two_lines_stands_above_the_plot() -> None:
    """It goes on in a second line before it is as wide as the chart."""
    region = Region("Z", Role.INPUT, 6, 2, np.ones((2, 1)))
    tops = {}
    for title in ("Z in the plane", "E_first, E_second and E_third in the plane"):
        plot = Plot(title, 8, 2, (Trace("p", Cells(("Z",)), (1.0, 2.0)),), place=Place(8, 2, 12, 8))
        (drawing,), _ = drawings(plan_of(region, charts=(plot,)), HEIGHTS)
        assert drawing is not None
        tops[title] = inner(drawing.charts[0], "y") * (12 * measure.ROW_HEIGHT - 8)
    short, long = tops.values()
    wide = measure.POINTS * measure.text_width([*tops][1], theme.SIZE, True)
    assert wide < 8 * measure.POINTS * measure.COLUMN_WIDTH and long - short > theme.SIZE


def test_a_drawing_begins_under_a_title_in_two_lines() -> None:
    """A graph's topmost circle too."""
    graph = Picture("points", (), inner=(0.0, 0.0, 1.0, 1.0))
    titles = "Path", "A probability for each of the stations"
    short, long = (framed(graph, title, (150, 160)).inner for title in titles)
    assert short is not None and long is not None
    assert (long[1] - short[1]) * 160 > theme.SIZE and long[1] + long[3] == pytest.approx(1.0)


def test_the_numbers_of_an_axis_stay_within_the_frame() -> None:
    """-1.5 too, which no number is but the spreadsheet writes; with the tick between it and the axis."""
    region = Region("Z", Role.INPUT, 6, 2, np.array([[-1.2, 2.0]]))
    plot = Plot("Z", 8, 2, (Trace("Z", Cells(("Z",)), (1.0, 2.0)),), place=Place(8, 2, 12, 8))
    (drawing,), _ = drawings(plan_of(region, charts=(plot,)), HEIGHTS)
    assert drawing is not None
    left = inner(drawing.charts[0], "x") * 8 * measure.COLUMN_WIDTH * measure.POINTS
    assert left >= measure.POINTS * measure.text_width("-1.5", theme.SMALL) + 12


def test_a_line_may_run_over_constants() -> None:
    """The turns of a loop."""
    regions = tuple(Region(f"L{k}", Role.FORWARD, 6 + k, 2, np.array([[k / 2]]), (("1",),)) for k in range(3))
    over = Trace("L", Cells(("L0", "L1", "L2")), (1.0, 2.0, 3.0))
    plot = Plot("L over t", 8, 4, (over,), "t", x_ends=(1, 3), whole=True, place=Place(8, 4, 8, 8))
    (drawing,), (data,) = drawings(plan_of(*regions, charts=(plot,)), HEIGHTS)
    assert drawing is not None and '<c:majorUnit val="1"/>' in drawing.charts[0]
    assert [(c.caption, c.values) for c in data.columns] == [("t", [1.0, 2.0, 3.0]), ("L", [0.0, 0.5, 1.0])]
    assert data.columns[0].formulas == [None] * 3 and data.columns[1].formulas[2] == "'Canvas'!B8"


def test_a_line_where_another_one_runs_is_dashed_with_signs_around_its_signs() -> None:
    """So that both are seen, whichever a program draws on top."""
    ends = (2.0, 2.0 + 1e-12, 2.1)
    regions = [Region(name, Role.INPUT, 6 + k, 2, np.array([[1.0, ends[k]]])) for k, name in enumerate("abc")]
    lines = tuple(Trace(region.name, Cells((region.name,)), (1.0, 2.0)) for region in regions)
    plot = Plot("Z", 8, 8, lines, place=Place(20, 8, 12, 12))
    ((drawn,), *_) = pictures(plan_of(*regions, charts=(plot,)), HEIGHTS)
    first, again, other = drawn.picture.series
    assert again.dashed and again.ring and not any((first.dashed, first.ring, other.dashed, other.ring))
    assert again.size >= first.size + 4
    made = xml(drawn.picture)
    assert made.count('<a:prstDash val="sysDash"/><a:round/>') == 1
    free = (1 - inner(made, "x") - inner(made, "w")) * drawn.size[0]
    assert '<c:legendPos val="r"/>' in made and free > 70  # LibreOffice draws dashes long in a legend


def test_one_row_or_one_column_of_a_matrix_that_stands_in_parts() -> None:
    parts = tuple(
        Region("X", Role.INPUT, 6, 2 + 3 * k, np.array([[k, 10.0 + k], [k + 5, 20.0]])[:, :1], defined_name="X")
        for k in range(3)
    )
    series = (Trace("row", Cells(("X",), row=1), Cells(("X",), row=0)), Trace("cell", Cells(("X",), 1, 2)))
    _, (data,) = drawings(plan_of(*parts, charts=(Plot("X", 8, 4, series[:1], place=Place(8, 4, 8, 8)),)), HEIGHTS)
    assert [c.values for c in data.columns] == [[0, 1, 2], [5, 6, 7]]
    _, (data,) = drawings(plan_of(*parts, charts=(Bars("X", 8, 4, series[1:], ("a",)),)), HEIGHTS)
    assert data.columns[1].values == [7] and data.columns[1].formulas == ["'Canvas'!H7"]


def test_lines_over_names_are_lines_between_the_categories_of_bars() -> None:
    region = Region("X", Role.INPUT, 6, 2, np.array([[1.0, 2.0], [3.0, 4.0]]))
    series = tuple(Trace(name, Cells(("X",), row=k)) for k, name in enumerate(("one", "other")))
    chart = Bars("X", 12, 4, series, ("Mon", "Tue"), Place(12, 4, 12, 10), lines=True)
    (drawing,), (data,) = drawings(plan_of(region, charts=(chart,)), HEIGHTS)
    assert drawing is not None and "<c:barChart>" not in drawing.charts[0]
    (lines,) = ElementTree.fromstring(drawing.charts[0]).iter(f"{C}lineChart")
    inner = [child.tag.removeprefix(C) for child in lines]
    assert inner == ["grouping", "varyColors", "ser", "ser", "marker", "axId", "axId"]
    for k, found in enumerate(lines.iter(f"{C}ser")):
        parts = [child.tag.removeprefix(C) for child in found]
        assert parts == ["idx", "order", "tx", "spPr", "marker", "cat", "val", "smooth"]  # the order of the format
        assert [v.text for v in found.findall(f"{C}cat//{C}v")] == ["Mon", "Tue"]
        assert found.findtext(f"{C}val/{C}numRef/{C}f") == data.columns[k + 1].reference()


def test_categories_that_are_samples_follow_their_numbers(tmp_path: Path) -> None:
    import ironcalc

    plan = page()
    x = Region("cases", Role.INPUT, 80, 2, np.array([[0.0, 1.0], [1.0, -1.0]]))
    chart = Bars("cases", 12, 4, (Trace("one", Cells(("cases",), row=0)),), ("(0, 1)", "(1, -1)"), samples="cases")
    sheet = replace(plan.sheets[0], regions=(*plan.sheets[0].regions, x), charts=(chart,))
    write(replace(plan, sheets=(sheet, *plan.sheets[1:])), tmp_path / "a.xlsx")
    model = ironcalc.load_from_xlsx(str(tmp_path / "a.xlsx"), "en", "UTC", "en")
    number = load_workbook(tmp_path / "a.xlsx").sheetnames.index("Chart data")
    cached = load_workbook(tmp_path / "a.xlsx", data_only=True)["Chart data"]
    assert [cached.cell(4 + k, 1).value for k in (0, 1)] == ["(0, 1)", "(1, -1)"]
    model.set_user_input(0, 81, 2, "7")
    model.evaluate()
    assert [model.get_cell_value(number, 4 + k, 1) for k in (0, 1)] == ["(0, 7)", "(1, -1)"]


def test_points_are_drawn_where_other_cells_hold_their_number() -> None:
    x = Region("X", Role.INPUT, 6, 2, np.array([[1.0, 2.0], [3.0, 4.0]]))
    y = Region("y", Role.TARGET, 9, 2, np.array([[1.0, -1.0]]))
    series = Trace("y = -1", Cells(("X",), row=1), Cells(("X",), row=0), "points", only=(Cells(("y",)), -1.0))
    _, (data,) = drawings(plan_of(x, y, charts=(Plot("X", 12, 4, (series,), place=Place(12, 4, 14, 12)),)), HEIGHTS)
    assert [c.values for c in data.columns] == [[1, 2], [CellError("#N/A"), 4]]
    assert data.columns[1].formulas == ["IF('Canvas'!B9=-1,'Canvas'!B7,NA())", "IF('Canvas'!C9=-1,'Canvas'!C7,NA())"]


def test_arrows_go_to_each_point_from_0() -> None:
    region = Region("X", Role.INPUT, 6, 2, np.array([[1.0, 2.0], [3.0, 4.0]]))
    series = Trace("X", Cells(("X",), row=1), Cells(("X",), row=0), "arrows")
    plot = Plot("X", 12, 4, (series,), place=Place(12, 4, 14, 12))
    (drawing,), (data,) = drawings(plan_of(region, charts=(plot,)), HEIGHTS)
    assert [c.values for c in data.columns] == [[0, 1, 0, 2], [0, 3, 0, 4]]
    assert data.columns[0].formulas == [None, "'Canvas'!B6", None, "'Canvas'!C6"]
    assert drawing is not None and "<c:symbol" in drawing.charts[0] and 'cap="rnd"' in drawing.charts[0]


@pytest.mark.parametrize(("weights", "bias", "level", "ends"), [
    ((0.5, 0.0), 0.0, 0.0, [(0, -2), (0, 4)]),  # x ÷ 2 = 0: upright, from below to above
    ((0.5, 0.0), 1.0, 0.0, [(-2, -2), (-2, 4)]),  # x ÷ 2 + 1 = 0
    ((0.0, 2.0), 0.0, 1.0, [(-3, 0.5), (3, 0.5)]),  # 2 · y = 1
    ((1.0, 1.0), 0.0, 0.0, [(-3, 3), (2, -2)]),  # y = −x leaves at the left and below
    ((-4.0, 1.0), -1.0, -1.0, [(-0.5, -2), (1, 4)]),  # y = 4 · x leaves below and above
    ((0.0, 0.0), 1.0, 0.0, None),
])  # fmt: skip
def test_a_border_is_where_weights_and_bias_give_its_level(
    tmp_path: Path, weights: tuple[float, float], bias: float, level: float, ends: list[tuple[float, float]] | None
) -> None:
    """Two points, so that it is no outline in any program, both within the plot."""
    import ironcalc

    plan = page()
    regions = (
        Region("w", Role.INPUT, 80, 2, np.array([weights])), Region("b", Role.INPUT, 80, 5, np.array([[bias]])),
        Region("X", Role.INPUT, 83, 2, np.ones((2, 1))),
    )  # fmt: skip
    series = (Trace("X", Cells(("X",), row=1), Cells(("X",), row=0), "points"),)
    within = (-3.0, 3.0), (-2.0, 4.0)
    divide = Divide("border", (Cells(("w",), 0, 0), Cells(("w",), 0, 1)), Cells(("b",), 0, 0), within, level)
    plot = Plot("X", 12, 4, series, divides=(divide,), place=Place(87, 2, 14, 12))
    sheet = replace(plan.sheets[0], regions=(*plan.sheets[0].regions, *regions), charts=(plot,))
    write(replace(plan, sheets=(sheet, *plan.sheets[1:])), tmp_path / "a.xlsx")
    model = ironcalc.load_from_xlsx(str(tmp_path / "a.xlsx"), "en", "UTC", "en")
    model.evaluate()
    cells = load_workbook(tmp_path / "a.xlsx", data_only=True)["Chart data"]
    number = load_workbook(tmp_path / "a.xlsx").sheetnames.index("Chart data")
    for k in (0, 1):
        for column, at in ((4, 0), (3, 1)):
            found = cells.cell(4 + k, column).value, model.get_cell_value(number, 4 + k, column)
            if ends is not None:
                assert found == pytest.approx((ends[k][at],) * 2), (k, column)
            elif column == 3:
                assert found == ("#N/A",) * 2  # no point is drawn without its height
    assert cells.cell(6, 3).value is None


def scaled(plot: Plot, place: Place) -> tuple[float, float]:
    """Points on paper of a unit across and of one up."""
    region = Region("X", Role.INPUT, 6, 2, np.array([[1.0, 2.0], [3.0, 4.0]]))
    (drawing,), _ = drawings(plan_of(region, charts=(replace(plot, place=place),)), HEIGHTS)
    assert drawing is not None and plot.x_ends is not None and plot.y_ends is not None
    wide, high = (inner(drawing.charts[0], side) for side in "wh")
    wide *= place.columns * measure.POINTS * measure.COLUMN_WIDTH
    high *= place.rows * measure.ROW_HEIGHT - 8
    return wide / (plot.x_ends[1] - plot.x_ends[0]), high / (plot.y_ends[1] - plot.y_ends[0])


@pytest.mark.parametrize(("rows", "columns"), [(14, 8), (12, 20), (30, 8)])
def test_axes_of_one_scale_are_as_long_as_their_numbers_say(rows: int, columns: int) -> None:
    series = tuple(Trace(name, Cells(("X",), row=1), Cells(("X",), row=0), "points") for name in ("some", "others"))
    plot = Plot("Z", 8, 4, series, x_ends=(0, 3), y_ends=(-2, 4), step=1, equal=True)
    across, up = scaled(plot, Place(8, 4, rows, columns))
    assert across == pytest.approx(up, rel=0.002)
    assert across > 18  # it fills the height or the width


def named_points(points: list[list[float]], names: str, *lines: list[list[float]]) -> list[str]:
    """On which sides of points their names stand, in a plane from 0 to 8 with lines, and whether higher or lower."""
    regions = [Region(name, Role.INPUT, 6 + 3 * k, 2, np.array(each)) for k, (name, each) in
               enumerate(zip(("X", "A", "B"), (points, *lines), strict=False))]  # fmt: skip
    both = [(Cells((region.name,), row=1), Cells((region.name,), row=0)) for region in regions]
    series = [Trace("all", *both[0], "points", names=tuple(names.split(",")))]
    series += [Trace("", *each, "thread") for each in both[1:]]
    plot = Plot("Z", 20, 4, tuple(series), x_ends=(0, 8), y_ends=(0, 8), place=Place(20, 4, 10, 3))
    ((drawn,), *_) = pictures(plan_of(*regions, charts=(plot,)), HEIGHTS)
    found = []
    for each, here in zip(drawn.picture.series[1 + len(lines) :], zip(*points, strict=True), strict=True):
        (up,) = each.y.values
        assert isinstance(up, float)
        found.append(each.label + ("+" if up > here[1] else "-" if up < here[1] else ""))
    return found


def test_a_name_is_as_wide_as_it_is() -> None:
    """Close points have their names apart; a long one doesn't reach over its neighbour, nor over the numbers along the
    plot."""
    assert named_points([[3, 5], [4, 4]], "a,b") == ["r", "r"]
    assert named_points([[3, 3.2], [4, 4]], "a,b") == ["t", "r"]
    assert named_points([[3, 4.4], [4, 4]], "somebody,b") == ["t", "b"]
    assert named_points([[4], [0]], "a") == ["t"]  # not on the line below


def test_a_name_keeps_off_lines_as_on_a_map() -> None:
    """Right of a point if that is free, else above, left, below, at a corner; a point where four lines meet has its
    name between two of them."""
    point = [[4.0], [4.0]]
    cross, up, right = [[4, 4], [0, 8]], [[4, 4], [4, 8]], [[4, 8], [4, 4]]
    assert named_points(point, "a") == ["r"]
    assert named_points(point, "a", right) == ["t"]
    assert named_points(point, "a", right, up) == ["l"]
    assert named_points(point, "a", [[0, 8], [4, 4]], up) == ["b"]
    assert named_points(point, "a", [[0, 8], [4, 4]], cross) == ["r+"]


PLANES = """clip gan kmeans graphsage rope simclr svm capsule_routing power_iteration neural_ode llama_block
    triplet_loss siamese ddpm_step logistic_regression_step"""


def names_in(drawn: Drawn) -> dict[str, tuple[float, float, float, float]]:
    """From where to where the names in a plane stand, across and up, in points from its lower left corner."""
    picture, (wide, high), found = drawn.picture, drawn.size, {}
    _, _, across, up = picture.inner or (0.0, 0.0, 1.0, 1.0)
    for k, each in enumerate(each for each in picture.series if each.label and each.x):
        (x,), (y,), title = each.x.values if each.x else (), each.y.values, each.title[1].strip("\u00a0")
        if isinstance(x, float) and isinstance(y, float):
            at = [wide * across * share(x, picture.x), high * up * share(y, picture.y)]
            size = measure.POINTS * measure.text_width(title, theme.SMALL), 9.0
            side = {"r": (1, 0), "l": (-1, 0), "t": (0, 1), "b": (0, -1)}[each.label]
            left, low = (at[n] + side[n] * (4 + size[n] / 2) - size[n] / 2 for n in (0, 1))
            found[f"{title} {k}"] = left, low, left + size[0], low + size[1]
    return found


def share(number: float, axis: Axis) -> float:
    """Where a number stands along an axis."""
    assert axis.low is not None and axis.high is not None
    return (number - axis.low) / (axis.high - axis.low)


@pytest.mark.slow
def test_names_in_planes_touch_neither_each_other_nor_what_stands_along_the_axes() -> None:
    """As they are printed. At its top and its right, where nothing stands, a name may reach over a plane a little."""
    planes, touching, outside = 0, [], []
    for name in PLANES.split():
        plan = compiled(name).plan
        plan = replace(plan, sheets=(as_printed(plan.sheets[0]), *plan.sheets[1:]))
        for drawn in (each for each in pictures(plan, HEIGHTS)[0] if each.picture.equal):
            boxes, planes = names_in(drawn), planes + 1
            _, _, wide, high = drawn.picture.inner or (0.0, 0.0, 1.0, 1.0)
            right, top = wide * drawn.size[0], high * drawn.size[1]
            touching += [(name, a, b) for (a, p), (b, q) in combinations(boxes.items(), 2)
                         if p[0] < q[2] and q[0] < p[2] and p[1] < q[3] and q[1] < p[3]]  # fmt: skip
            outside += [(name, a) for a, (x, y, end, above) in boxes.items()
                        if x < -2 or y < -2 or end > right + 8 or above > top + 8]  # fmt: skip
    assert planes == 17 and (touching, outside) == ([], [])


def test_a_name_off_its_point_follows_it(tmp_path: Path) -> None:
    """It stands as far from it wherever that goes, and nowhere while that is no number."""
    import ironcalc

    plan = page()
    lines = [[[0, 8], [4, 4]], [[4, 4], [0, 8]]]
    regions = [Region(name, Role.INPUT, 80 + 3 * k, 2, np.array(each, dtype=float)) for k, (name, each) in
               enumerate(zip(("here", "one", "other"), ([[4], [4]], *lines), strict=True))]  # fmt: skip
    both = [(Cells((region.name,), row=1), Cells((region.name,), row=0)) for region in regions]
    series = Trace("all", *both[0], "points", names=("a",)), *(Trace("", *each, "thread") for each in both[1:])
    plot = Plot("Z", 90, 4, series, x_ends=(0, 8), y_ends=(0, 8), place=Place(90, 4, 10, 8))
    sheet = replace(plan.sheets[0], regions=(*plan.sheets[0].regions, *regions), charts=(plot,))
    write(replace(plan, sheets=(sheet, *plan.sheets[1:])), tmp_path / "a.xlsx")
    cells = load_workbook(tmp_path / "a.xlsx", data_only=True)["Chart data"]
    captions = {cells.cell(3, k).value: k for k in range(1, cells.max_column + 1)}
    model = ironcalc.load_from_xlsx(str(tmp_path / "a.xlsx"), "en", "UTC", "en")
    number = load_workbook(tmp_path / "a.xlsx").sheetnames.index("Chart data")
    off = cells.cell(4, captions["all, name"]).value - 4
    assert off > 0  # higher than the point, between the lines
    for typed, found in (("6.5", 6.5 + off), ("?", "#N/A")):
        model.set_user_input(0, 81, 2, typed)
        model.evaluate()
        shown = model.get_cell_value(number, 4, captions["all, name"])
        assert shown == (found if typed == "?" else pytest.approx(found))


def test_names_that_follow_one_another_find_the_places_that_leave_all_free() -> None:
    """The first of three in a row gives way to the second, which has no other place."""
    beside = [[3.0, 4.0], [4.0, 4.0]]
    first, second = named_points(beside, "one,two", [[4, 4], [4, 8]], [[4, 4], [0, 4]])
    assert (first, second) == ("l", "r")


def test_names_stand_beside_points_where_nothing_is_in_their_way() -> None:
    """At the right, but of the first one, beside which the second point is, above, and of that, from which the thread
    goes on, below. They are in no legend, nor is a thread."""
    region = Region("X", Role.INPUT, 6, 2, np.array([[0.0, 0.05, 1.0], [0.0, 0.0, 1.0]]))
    row = [Cells(("X",), row=k) for k in (0, 1)]
    series = (
        Trace("all", row[1], row[0], "points", names=("a", "b", "c")),
        Trace("some", Cells(("X",), 1, 2), Cells(("X",), 0, 2), "points"),
        Trace("", row[1], row[0], "thread"),
    )
    (drawing,), _ = drawings(plan_of(region, charts=(Plot("Z", 8, 4, series, place=Place(8, 4, 14, 12)),)), HEIGHTS)
    assert drawing is not None
    chart = drawing.charts[0]
    assert re.findall(r'<c:dLblPos val="(.)"/>', chart) == ["t", "b", "r"]
    legend = chart[chart.index("<c:legend>") :]
    assert re.findall(r'<c:idx val="(\d+)"/><c:delete val="1"/>', legend) == ["2", "3", "4", "5"]


def test_series_of_a_chart_with_a_legend_stand_in_their_order() -> None:
    """LibreOffice's legend follows the file."""
    region = Region("Z", Role.INPUT, 6, 2, np.ones((2, 1)))
    series = tuple(Trace(name, Cells(("Z",)), (1.0, 2.0)) for name in ("f", "g"))
    (drawing,), _ = drawings(plan_of(region, charts=(Plot("Z", 8, 4, series),)), HEIGHTS)
    assert drawing is not None and re.findall(r'<c:order val="(\d+)"/>', drawing.charts[0]) == ["0", "1"]


def test_numbers_stay_within_their_neurons() -> None:
    """In smaller digits if they must."""
    sizes = []
    for rows in (12, 6):
        plan = network((0.5, -2.5))
        (chart,) = plan.sheets[0].charts
        plan = replace(plan, sheets=(replace(plan.sheets[0], charts=(replace(chart, place=Place(8, 2, rows, 8)),)),))
        ((drawn,), *_) = pictures(plan, HEIGHTS)
        (dot,) = {each.size for each in drawn.picture.series if each.symbol}
        texts = [each for each in drawn.picture.series if each.label == "ctr"]
        wide = max(measure.POINTS * measure.text_width(each.title[1], each.label_size, bold=True) for each in texts)
        sizes.append(texts[0].label_size)
        assert wide <= 0.9 * dot
    assert sizes[0] == theme.SMALL > sizes[1]


def test_a_diagram_says_what_its_colours_mean() -> None:
    (drawing,), (data,) = drawings(network((1.0, 1.0)), HEIGHTS)
    columns = {column.caption: column for column in data.columns}
    assert columns["key"].values == ["weight > 0", "weight < 0"]
    assert drawing is not None and drawing.charts[0].count(columns["key"].reference(1, 1)) == 2  # a line and its words
    assert max(columns["key y"].values) < min(columns["y"].values)
