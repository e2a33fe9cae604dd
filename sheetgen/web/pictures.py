"""Charts as the page reads them: bars and plots as the book draws them, graphs and networks by what they show.

    kind                          bars, lines, points, graph, network, each with
    title, about, at              what it is called, what it shows in words, and [row, column, rows, columns]
    bars, lines, points: series   [{title, y, x, fill, line, symbol, size, label, ring, dashed, unkeyed}]; y and x are
                                  [column of `data`, first, last], line is [colour, pixels]; no legend tells of unkeyed
                                  ones
                  x, y            axes: {low, high, step, grid, title, log}
                  categories      [text]; where `written`, they are live: [column of `data`, first, last]
                  legend          whether there is one
                  undistorted     whether one unit across is as long as one up
    graph: labels, positions      of the nodes, 0 to 1 from the left and from below
           adjacency, prediction  names of matrices, and
           line, called           the row of the prediction that colours, and its name in what a node tells
           directed               whether edges have heads
    network: layers, weights      names of matrices
             sample               the column of the layers that is shown
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sheetgen.book.cells import CellError
from sheetgen.book.charts.add import Drawn, described, place_of
from sheetgen.book.charts.data import FIRST
from sheetgen.book.charts.picture import Axis, Series, Span
from sheetgen.book.labels import clean
from sheetgen.layout.chart import Bars, Chart, GraphPicture, NetworkPicture
from sheetgen.layout.plan import WorkbookPlan
from sheetgen.names import CHART_DATA
from sheetgen.web.looks import PIXELS


def chart_data(drawn: Drawn, plan: WorkbookPlan) -> dict[str, Any]:
    """A chart of the plan."""
    chart, at = drawn.chart, place_of(drawn.chart)
    found: dict[str, Any] = {
        "title": clean(chart.title), "about": clean(described(chart)), "at": [at.row, at.column, at.rows, at.columns],
    }  # fmt: skip
    match chart:
        case GraphPicture():
            found |= {
                "kind": "graph", "labels": [clean(text) for text in chart.labels], "positions": chart.positions,
                "adjacency": chart.adjacency, "prediction": chart.prediction, "directed": chart.directed,
                "line": chart.line or 0, "called": chart.prediction if chart.line is None else "",
            }  # fmt: skip
        case NetworkPicture():
            found |= {"kind": "network", "layers": chart.layers, "weights": chart.weights, "sample": chart.sample}
        case _:
            picture = drawn.picture
            categories = picture.categories.values if picture.categories else []
            found |= {
                "kind": picture.kind, "series": [_series(each) for each in picture.series], "x": _axis(picture.x),
                "y": _axis(picture.y), "categories": [clean(str(text)) for text in categories],
                "written": _span(picture.categories) if picture.categories and _live(chart) else None,
                "legend": bool(picture.legend), "undistorted": picture.equal,
            }  # fmt: skip
    return found


def data_sheet(found: Sequence[Drawn], formula: Callable[[str | None, int, int], int]) -> dict[str, Any]:
    """The live cells of bars and plots."""
    columns = [
        {
            "column": column.number, "row": FIRST,
            "values": [None if isinstance(value, CellError) else value for value in column.values],
            "formulas": [formula(text, FIRST + k, column.number) for k, text in enumerate(column.formulas)],
        }
        for each in found if not isinstance(each.chart, GraphPicture | NetworkPicture)
        for column in each.data.columns
    ]  # fmt: skip
    return {"sheet": CHART_DATA, "columns": columns}


def _series(of: Series) -> dict[str, Any]:
    line = [of.line[0], round(of.line[1] * PIXELS, 2)] if of.line else None
    found: dict[str, Any] = {
        "title": of.title[1], "y": _span(of.y), "x": _span(of.x) if of.x else None, "fill": of.fill, "line": line,
        "symbol": of.symbol, "size": of.size, "label": of.label, "ring": of.ring, "dashed": of.dashed,
        "unkeyed": not of.keyed,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value}


def _live(chart: Chart) -> bool:
    """Whether what stands along its axis is computed."""
    return isinstance(chart, Bars) and chart.samples is not None


def _span(of: Span) -> list[int]:
    return [of.column.number, of.first, len(of.column.values) - 1 if of.last is None else of.last]


def _axis(of: Axis) -> dict[str, Any]:
    found: dict[str, Any] = {
        "low": of.low, "high": of.high, "step": of.step, "grid": of.grid, "title": clean(of.title), "log": of.log,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value is not False and value not in (None, "")}
