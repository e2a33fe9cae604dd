"""Charts on the drawn sheets.

Their numbers stand on a sheet of their own, as live cells; those of later steps wait for the Step cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openpyxl.chart import BarChart, ScatterChart, Series
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.drawing.text import CharacterProperties, Font, ParagraphProperties

from sheetgen.book import theme
from sheetgen.book.charts import graph as graph_chart
from sheetgen.book.charts import network as network_chart
from sheetgen.book.charts import style as chart_style
from sheetgen.book.charts.data import DATA_SHEET, Data, reference, source
from sheetgen.book.regions import clean
from sheetgen.errors import LimitError
from sheetgen.layout import measure
from sheetgen.layout.plan import Bars, Chart, GraphPicture, Lines, NetworkPicture, WorkbookPlan

MOST_SERIES = 255
"""Of a chart, in Excel."""


def add_charts(plan: WorkbookPlan, drawn: Sequence[Any]) -> list[Data]:
    """Put every chart of the plan on its openpyxl sheet; what the data sheet must hold is returned."""
    if not any(sheet.charts for sheet in plan.sheets):
        return []
    book = drawn[0].parent
    data_sheet = book.create_sheet(DATA_SHEET)
    found: list[Data] = []
    for sheet, target in zip(plan.sheets, drawn, strict=True):
        for chart in sheet.charts:
            first = found[-1].first + len(found[-1].columns) + 1 if found else 1
            data = Data(chart.title, first)
            match chart:
                case Bars():
                    picture = _bars(chart, plan, data, data_sheet)
                case Lines():
                    picture = _lines(chart, plan, data, data_sheet)
                case GraphPicture():
                    picture = graph_chart.draw(chart, plan, data, data_sheet)
                case NetworkPicture():
                    picture = network_chart.draw(chart, plan, data, data_sheet)
            _finish(picture, chart)
            target.add_chart(picture)
            found.append(data)
    return found


def _bars(chart: Bars, plan: WorkbookPlan, data: Data, sheet: Any) -> BarChart:
    picture = BarChart()
    picture.type, picture.grouping, picture.gapWidth, picture.overlap = "col", "clustered", 60, -5
    categories = data.add("", [clean(text) for text in chart.categories])
    for k, (title, name) in enumerate(chart.series):
        column = source(plan, name).column(data, title)
        series = Series(reference(sheet, column, True), title_from_data=True)
        color = theme.SERIES[k % len(theme.SERIES)]
        series.graphicalProperties = GraphicalProperties(solidFill=color)
        series.graphicalProperties.line = LineProperties(solidFill=theme.INK, w=6350)
        picture.series.append(series)
    picture.set_categories(reference(sheet, categories))
    picture.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill="E0E0E0"))
    picture.y_axis.number_format = "General"
    values = [source(plan, name).region.values for _, name in chart.series]
    if all(((v >= 0) & (v <= 1)).all() for v in values):
        picture.y_axis.scaling.min, picture.y_axis.scaling.max, picture.y_axis.majorUnit = 0, 1, 0.25
    chart_style.show_axes(picture)
    picture.legend = chart_style.legend() if len(chart.series) > 1 else None
    return picture


def _lines(chart: Lines, plan: WorkbookPlan, data: Data, sheet: Any) -> ScatterChart:
    picture = ScatterChart()
    picture.style, picture.scatterStyle = 13, "lineMarker"
    x = source(plan, chart.x).column(data, chart.x)
    few = len(x.values) <= 60
    for k, (title, name) in enumerate(chart.series):
        column = source(plan, name).column(data, title)
        series = Series(reference(sheet, column, True), reference(sheet, x), title_from_data=True)
        color = theme.SERIES[k % len(theme.SERIES)]
        series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=color, w=22225))
        series.marker.symbol = ("circle", "diamond", "square", "triangle")[k % 4] if few else "none"
        series.marker.size = 6
        series.marker.graphicalProperties = GraphicalProperties(solidFill=color)
        series.smooth = False
        picture.series.append(series)
    for axis in (picture.x_axis, picture.y_axis):
        axis.number_format = "General"
        axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill="E0E0E0"))
        axis.tickLblPos = "low"
    chart_style.show_axes(picture)
    picture.legend = chart_style.legend() if len(chart.series) > 1 else None
    return picture


def _finish(picture: Any, chart: Chart) -> None:
    """Title, frame and place: a rectangle of cells, so that the chart covers what layout left free."""
    picture.title = clean(chart.title)
    picture.title.overlay = False
    for paragraph in picture.title.tx.rich.p:
        paragraph.pPr = ParagraphProperties(
            defRPr=CharacterProperties(sz=1200, b=True, latin=Font(typeface=theme.FONT), solidFill=theme.INK)
        )
    picture.roundedCorners = False
    picture.graphical_properties = GraphicalProperties(
        solidFill=theme.WHITE, ln=LineProperties(solidFill=theme.RULE, w=9525)
    )
    if len(picture.series) > MOST_SERIES:
        raise LimitError(f"“{chart.title}” has {len(picture.series)} series; a chart can hold {MOST_SERIES}.")
    start = AnchorMarker(col=chart.column - 1, row=chart.row - 1)
    end = AnchorMarker(col=chart.column - 1 + measure.CHART_COLUMNS, row=chart.row - 1 + measure.CHART_ROWS)
    picture.anchor = TwoCellAnchor(editAs="oneCell", _from=start, to=end)
