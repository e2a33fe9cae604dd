"""Charts, and the sheet of live cells that they are drawn from.

Spreadsheets can't colour a node or leave out an edge by a rule, so both are done with data: an
edge is a line that goes nowhere when there is none, and a node has a series per likelihood, all
but one of them #N/A. The same trick keeps a chart's numbers back until the Step cell reaches them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from openpyxl.chart import BarChart, Reference, ScatterChart, Series
from openpyxl.chart.data_source import StrRef
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.legend import Legend, LegendEntry
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.drawing.text import CharacterProperties, Font, Paragraph, ParagraphProperties
from openpyxl.utils import quote_sheetname

from sheetgen import theme
from sheetgen.cells import Block, CellError, letters
from sheetgen.errors import LimitError
from sheetgen.package import Sheet
from sheetgen.plan import Bars, Chart, GraphPicture, Lines, Region, Role, WorkbookPlan
from sheetgen.player import STEP_CELL
from sheetgen.regions import cell, clean
from sheetgen.theme import Styles

DATA_SHEET = "Chart data"
BINS = (("very unlikely", 0.2), ("unlikely", 0.4), ("neutral", 0.6), ("likely", 0.8), ("very likely", None))
"""A node's colour: caption and the value below which it ends."""
MOST_SERIES = 255
MOST_LABELLED, MOST_NODES = 124, 248
"""Larger graphs lose their labels, and then can't be drawn: a chart holds 255 series."""
NA = CellError("#N/A")


@dataclass
class Column:
    """A column of the data sheet: a caption over formulas or constants with their values."""

    caption: str
    values: list[Any]
    formulas: list[str | None]
    number: int = 0


@dataclass
class Data:
    """The columns of one chart on the data sheet, from `first` on."""

    title: str
    first: int
    columns: list[Column] = field(default_factory=list)

    def add(self, caption: str, values: Sequence[Any], formulas: Sequence[str | None] | None = None) -> Column:
        column = Column(caption, list(values), list(formulas or [None] * len(values)), self.first + len(self.columns))
        self.columns.append(column)
        return column


@dataclass(frozen=True)
class Source:
    """A region, with the sheet that it is drawn on and whether the Step cell holds it back."""

    sheet: str
    region: Region
    master: str

    def cell(self, i: int, j: int) -> str:
        return f"{quote_sheetname(self.sheet)}!{letters(self.region.column + j)}{self.region.row + i}"

    def guarded(self, formula: str) -> str:
        if self.region.step == 0:
            return formula
        step = f"{quote_sheetname(self.master)}!{STEP_CELL}"
        return f"IF(AND(ISNUMBER({step}),{self.region.step}>{step}),NA(),{formula})"

    def column(self, data: Data, caption: str) -> Column:
        """The region's numbers one below the other."""
        places = list(np.ndindex(self.region.values.shape))
        values = [float(self.region.values[place]) for place in places]
        return data.add(caption, values, [self.guarded(self.cell(*place)) for place in places])


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
                    picture = _graph(chart, plan, data, data_sheet)
            _finish(picture, chart)
            target.add_chart(picture)
            found.append(data)
    return found


def data_cells(found: Sequence[Data], target: Any, styles: Styles) -> Sheet:
    """The cells of the data sheet: title, captions, and below them the columns."""
    note = "Live cells behind the charts. Nothing here needs editing."
    blocks = [cell(1, 1, note, styles.get(size=9, italic=True, color=theme.FAINT))]
    grey = styles.get(size=9, color=theme.GREY, number="General")
    for data in found:
        title = clean(data.title)
        blocks.append(cell(2, data.first, title, styles.get(bold=True, color=theme.GREY, text=title)))
        for column in data.columns:
            caption = clean(column.caption)
            style = styles.get(size=9, color=theme.FAINT, text=caption)
            blocks.append(cell(3, column.number, caption, style))
            values = np.empty((len(column.values), 1), dtype=object)
            values[:, 0] = column.values
            blocks.append(
                Block(4, column.number, values, grey, [[f] for f in column.formulas], what=f"chart data “{caption}”")
            )
    target.sheet_format.defaultColWidth = 9.0
    target.sheet_properties.tabColor = theme.RULE
    return Sheet(blocks)


def _source(plan: WorkbookPlan, name: str) -> Source:
    """Where the matrix of that name is computed (rather than a copy of it)."""
    drawn = [(sheet.title, region) for sheet in plan.sheets for region in sheet.regions if region.name == name]
    if not drawn:
        raise ValueError(f"A chart shows `{name}`, which isn't drawn.")
    drawn.sort(key=lambda found: (found[1].defined_name is None, found[1].role is Role.COPY))
    return Source(drawn[0][0], drawn[0][1], plan.sheets[0].title)


def _reference(sheet: Any, column: Column, caption: bool = False) -> Reference:
    return Reference(
        sheet, min_col=column.number, min_row=3 if caption else 4, max_row=3 + len(column.values)
    )  # fmt: skip


def _bars(chart: Bars, plan: WorkbookPlan, data: Data, sheet: Any) -> BarChart:
    picture = BarChart()
    picture.type, picture.grouping, picture.gapWidth, picture.overlap = "col", "clustered", 60, -5
    categories = data.add("", [clean(text) for text in chart.categories])
    for k, (title, name) in enumerate(chart.series):
        column = _source(plan, name).column(data, title)
        series = Series(_reference(sheet, column, True), title_from_data=True)
        color = theme.SERIES[k % len(theme.SERIES)]
        series.graphicalProperties = GraphicalProperties(solidFill=color)
        series.graphicalProperties.line = LineProperties(solidFill=theme.INK, w=6350)
        picture.series.append(series)
    picture.set_categories(_reference(sheet, categories))
    picture.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill="E0E0E0"))
    picture.y_axis.number_format = "General"
    values = [_source(plan, name).region.values for _, name in chart.series]
    if all(((v >= 0) & (v <= 1)).all() for v in values):
        picture.y_axis.scaling.min, picture.y_axis.scaling.max, picture.y_axis.majorUnit = 0, 1, 0.25
    _show_axes(picture)
    picture.legend = _legend() if len(chart.series) > 1 else None
    return picture


def _lines(chart: Lines, plan: WorkbookPlan, data: Data, sheet: Any) -> ScatterChart:
    picture = ScatterChart()
    picture.style, picture.scatterStyle = 13, "lineMarker"
    x = _source(plan, chart.x).column(data, chart.x)
    few = len(x.values) <= 60
    for k, (title, name) in enumerate(chart.series):
        column = _source(plan, name).column(data, title)
        series = Series(_reference(sheet, column, True), _reference(sheet, x), title_from_data=True)
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
    _show_axes(picture)
    picture.legend = _legend() if len(chart.series) > 1 else None
    return picture


def _graph(chart: GraphPicture, plan: WorkbookPlan, data: Data, sheet: Any) -> ScatterChart:
    n = len(chart.labels)
    if n > MOST_NODES:
        raise LimitError(f"“{chart.title}”: a chart can show a graph of at most {MOST_NODES} nodes; this one has {n}.")
    picture = ScatterChart()
    picture.style, picture.scatterStyle = 13, "lineMarker"
    xs, ys = data.add("x", [p[0] for p in chart.positions]), data.add("y", [p[1] for p in chart.positions])
    for u in range(n - 1):
        picture.series.append(_star(chart, _source(plan, chart.adjacency), data, sheet, xs, ys, u))
    hidden = len(picture.series)
    size = max(8, min(26, round(110 / n**0.5)))
    nodes = Series(_reference(sheet, ys, True), _reference(sheet, xs), title_from_data=True)
    picture.series.append(_dots(nodes, theme.YELLOW, size))
    hidden += 1
    if chart.prediction is not None:
        for column, color in zip(_classes(chart, _source(plan, chart.prediction), data), theme.LIKELIHOOD, strict=True):
            dots = Series(_reference(sheet, column, True), _reference(sheet, xs), title_from_data=True)
            picture.series.append(_dots(dots, color, size))
    shown = len(picture.series)
    front = picture.series[hidden:shown]
    if n <= MOST_LABELLED:
        names = data.add("node", [clean(label) for label in chart.labels])
        for u in range(n):
            picture.series.append(_name(sheet, names, xs, ys, u, n))
    for axis in (picture.x_axis, picture.y_axis):
        axis.scaling.min, axis.scaling.max, axis.majorGridlines, axis.delete = -0.12, 1.12, None, True
    labels = picture.series[shown:]
    if chart.prediction is None or len(labels) != hidden:
        picture.legend = None
    else:
        picture.legend = _legend()
        others = [*range(hidden), *range(shown, len(picture.series))]
        picture.legend.legendEntry = [LegendEntry(idx=k, delete=True) for k in others]
    _fix_order(picture.series)
    picture.series = [*labels, *front, *reversed(picture.series[:hidden])]
    return picture


def _fix_order(series: Sequence[Any]) -> None:
    """Number the series now, whatever order they are written in.

    Excel draws by these numbers, the last on top; LibreOffice by the order in the file, the first on top.
    Both delete a legend's entries by their own order, so what the legend shows stands in the middle of both.
    """
    for k, each in enumerate(series):
        each.idx = each.order = k
        each.to_tree = lambda tagname=None, idx=None, each=each: type(each).to_tree(each, tagname)


def _star(
    chart: GraphPicture, adjacency: Source, data: Data, sheet: Any, xs: Column, ys: Column, u: int
) -> Series:
    """The edges of node `u` to all later nodes: u, v1, u, v2, u …, staying at u where there is no edge."""
    n = len(chart.labels)
    lines = []
    for axis, at in (("x", xs), ("y", ys)):
        home = f"{letters(at.number)}${4 + u}"
        values, formulas = [at.values[u]], [home]
        for v in range(u + 1, n):
            test = f"{adjacency.cell(u, v)}<>0"
            linked = bool(adjacency.region.values[u, v])
            if chart.directed:
                test = f"OR({test},{adjacency.cell(v, u)}<>0)"
                linked = linked or bool(adjacency.region.values[v, u])
            values += [at.values[v] if linked else at.values[u], at.values[u]]
            formulas += [f"IF({test},{letters(at.number)}${4 + v},{home})", home]
        lines.append(data.add(f"{chart.labels[u]} {axis}", values, formulas))
    series = Series(_reference(sheet, lines[1], True), _reference(sheet, lines[0]), title_from_data=True)
    series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=theme.FAINT, w=19050))
    series.marker.symbol, series.smooth = "none", False
    return series


def _classes(chart: GraphPicture, prediction: Source, data: Data) -> list[Column]:
    """A column per likelihood: a node's height where its prediction falls into it, otherwise #N/A."""
    columns = []
    places = list(np.ndindex(prediction.region.values.shape))[: len(chart.labels)]
    low: float | None = None
    for caption, high in BINS:
        values: list[Any] = []
        formulas: list[str | None] = []
        for k, place in enumerate(places):
            p, at = float(prediction.region.values[place]), prediction.cell(*place)
            tests = ([] if low is None else [f"{at}>={low:g}"]) + ([] if high is None else [f"{at}<{high:g}"])
            inside = (low is None or p >= low) and (high is None or p < high)
            test = f"AND({','.join(tests)})" if len(tests) > 1 else tests[0]
            y = chart.positions[k][1]
            values.append(y if inside else NA)
            formulas.append(prediction.guarded(f"IF({test},{letters(data.first + 1)}${4 + k},NA())"))
        columns.append(data.add(caption, values, formulas))
        low = high
    return columns


def _dots(series: Series, color: str, size: int) -> Series:
    series.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    series.marker.symbol, series.marker.size, series.smooth = "circle", size, False
    series.marker.graphicalProperties = GraphicalProperties(solidFill=color)
    series.marker.graphicalProperties.line = LineProperties(solidFill=theme.INK, w=12700)
    return series


def _name(sheet: Any, names: Column, xs: Column, ys: Column, u: int, n: int) -> Series:
    """An invisible point that carries a node's label."""
    row = 4 + u

    def single(column: Column) -> Reference:
        return Reference(sheet, min_col=column.number, min_row=row, max_row=row)

    series = Series(single(ys), single(xs))
    title = f"{quote_sheetname(DATA_SHEET)}!${letters(names.number)}${row}"
    series.tx = SeriesLabel(strRef=StrRef(f=title))
    series.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    series.marker.symbol, series.smooth = "none", False
    series.dLbls = DataLabelList(
        showSerName=True, showVal=False, showCatName=False, showLegendKey=False, showPercent=False,
        showBubbleSize=False, dLblPos="ctr",
    )  # fmt: skip
    series.dLbls.txPr = _text(1000 if n <= 40 else 700, True)
    return series


def _text(size: int, bold: bool = False) -> RichText:
    """Text properties; `size` in hundredths of a point."""
    properties = CharacterProperties(sz=size, b=bold, latin=Font(typeface=theme.FONT), solidFill=theme.INK)
    return RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=properties), endParaRPr=properties)])


def _legend() -> Legend:
    legend = Legend()
    legend.position, legend.overlay, legend.txPr = "b", False, _text(900)
    return legend


def _show_axes(picture: Any) -> None:
    for axis in (picture.x_axis, picture.y_axis):
        axis.delete = False  # left out, Excel hides the axes
        axis.txPr = _text(900)
        axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=theme.RULE))


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
    end = AnchorMarker(col=chart.column - 1 + theme.CHART_COLUMNS, row=chart.row - 1 + theme.CHART_ROWS)
    picture.anchor = TwoCellAnchor(editAs="oneCell", _from=start, to=end)
