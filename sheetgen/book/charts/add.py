"""Every chart of a workbook: its part of the file, where it stands, and its cells on the data sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sheetgen.book.charts import bars, graph, network, plot
from sheetgen.book.charts.data import Data
from sheetgen.book.charts.frame import TITLE, framed
from sheetgen.book.charts.picture import POINT, Picture, xml
from sheetgen.book.labels import clean
from sheetgen.book.xml import quoted
from sheetgen.errors import LimitError
from sheetgen.layout import measure
from sheetgen.layout.chart import Bars, Chart, GraphPicture, Place, Plot
from sheetgen.layout.plan import SheetPlan, WorkbookPlan

MOST_SERIES = 255
"""Of a chart, in Excel."""
DRAWING = (
    'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
APART, SLIGHT = 4.0, 2.0
"""Points between a chart and what is above it and below, and at its right."""


@dataclass(frozen=True)
class Drawing:
    """The charts of one sheet: where they stand, and the XML of each."""

    xml: str
    charts: tuple[str, ...]


@dataclass(frozen=True)
class Drawn:
    """A chart with its picture, how large it is in points, and the cells that it is drawn from."""

    chart: Chart
    picture: Picture
    size: tuple[float, float]
    data: Data


def pictures(plan: WorkbookPlan, heights: Mapping[int, float]) -> list[list[Drawn]]:
    """The charts of each drawn sheet; `heights` are those of a head's rows."""
    last: Data | None = None
    made: list[list[Drawn]] = []
    for sheet in plan.sheets:
        made.append([])
        for chart in sheet.charts:
            data = last = Data(chart.title, last.first + len(last.columns) + 1 if last else 1)
            size = _size(place_of(chart), sheet, heights)
            picture = framed(_picture(chart, plan, data, (size[0], size[1] - TITLE)), chart.title, size)
            made[-1].append(Drawn(chart, picture, size, data))
    return made


def drawings(plan: WorkbookPlan, heights: Mapping[int, float]) -> tuple[list[Drawing | None], list[Data]]:
    """The charts of each drawn sheet as XML, and what the data sheet must hold; `heights` as in `pictures`."""
    drawn = pictures(plan, heights)
    made: list[Drawing | None] = []
    for sheet, found in zip(plan.sheets, drawn, strict=True):
        anchors, charts = [], []
        for k, each in enumerate(found, 1):
            chart, picture, at = each.chart, each.picture, place_of(each.chart)
            if len(picture.series) > MOST_SERIES:
                raise LimitError(
                    f"“{chart.title}” has {len(picture.series)} series; a chart can hold {MOST_SERIES}."
                )
            charts.append(xml(picture))
            last = {**heights, **dict(sheet.heights)}.get(at.row + at.rows - 1, measure.ROW_HEIGHT)
            across = measure.POINTS * dict(sheet.widths).get(at.column + at.columns - 1, measure.COLUMN_WIDTH)
            anchors.append(_anchor(k, at, clean(chart.title), described(chart), (across, last)))
        body = "".join(anchors)
        head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        made.append(Drawing(f"{head}<xdr:wsDr {DRAWING}>{body}</xdr:wsDr>", tuple(charts)) if charts else None)
    return made, [each.data for found in drawn for each in found]


def place_of(chart: Chart) -> Place:
    """The cells that a chart covers."""
    return chart.place or Place(chart.row, chart.column, measure.CHART_ROWS, measure.CHART_COLUMNS)


def _picture(chart: Chart, plan: WorkbookPlan, data: Data, size: tuple[float, float]) -> Picture:
    match chart:
        case Bars():
            return bars.draw(chart, plan, data)
        case Plot():
            return plot.draw(chart, plan, data, (size[0], size[1] + TITLE))
        case GraphPicture():
            return graph.draw(chart, plan, data, size)
    return network.draw(chart, plan, data, size)


def _size(place: Place, sheet: SheetPlan, heights: Mapping[int, float]) -> tuple[float, float]:
    """Points across and down that a place covers."""
    widths, rows = dict(sheet.widths), {**heights, **dict(sheet.heights)}
    across = sum(widths.get(place.column + k, measure.COLUMN_WIDTH) for k in range(place.columns))
    down = sum(rows.get(place.row + k, measure.ROW_HEIGHT) for k in range(place.rows))
    return measure.POINTS * across, down - 2 * APART


def described(chart: Chart) -> str:
    """What a reader who can't see the chart is told."""
    match chart:
        case Bars():
            what = "Lines" if chart.lines else "Bars"
            return f"{what}: {', '.join(trace.title for trace in chart.series)} of {', '.join(chart.categories)}."
        case Plot():
            axes = f", {chart.up or 'up'} over {chart.across}" if chart.across else ""
            return f"Points and lines{axes}: {', '.join(trace.title for trace in chart.series if trace.title)}."
        case GraphPicture():
            edges = "arrows" if chart.directed else "lines"
            colour = " Colours follow the prediction." if chart.prediction else ""
            return f"Graph of {len(chart.labels)} nodes; {edges} follow {chart.adjacency}.{colour}"
    return f"Network of the layers {', '.join(chart.layers)}; lines follow {', '.join(chart.weights)}."


def _anchor(k: int, at: Place, title: str, text: str, last: tuple[float, float]) -> str:
    """Where a chart stands; it ends within its last cell, whose size is given, so that no edge of paper cuts it."""

    def corner(tag: str, column: int, row: int, right: float, lower: float) -> str:
        return (
            f"<xdr:{tag}><xdr:col>{column - 1}</xdr:col><xdr:colOff>{round(POINT * right)}</xdr:colOff>"
            f"<xdr:row>{row - 1}</xdr:row>"
            f"<xdr:rowOff>{round(POINT * lower)}</xdr:rowOff></xdr:{tag}>"
        )

    return (
        f'<xdr:twoCellAnchor editAs="oneCell">{corner("from", at.column, at.row, 0.0, APART)}'
        f'{corner("to", at.column + at.columns - 1, at.row + at.rows - 1, last[0] - SLIGHT, last[1] - APART)}'
        '<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr>'
        f'<xdr:cNvPr id="{k + 1}" name={quoted(f"Chart {k}")} descr={quoted(clean(f"{title}. {text}"))}/>'
        '<xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">'
        f'<c:chart r:id="rId{k}"/></a:graphicData></a:graphic></xdr:graphicFrame><xdr:clientData/></xdr:twoCellAnchor>'
    )
