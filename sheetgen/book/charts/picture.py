"""A chart as data, and its XML: bars, or points and lines over two axes of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sheetgen.book import theme
from sheetgen.book.cells import number_xml, text_xml
from sheetgen.book.charts.data import Column
from sheetgen.book.labels import clean
from sheetgen.book.xml import escape

NAMESPACES = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
)
Symbol = Literal["circle", "diamond", "square", "triangle"]
POWERS = "[&lt;0.001]0E+0;General"
"""How the numbers of an axis of powers of ten are written: the small ones shortly."""
POINT = 12700
"""A point in the format's unit of length."""


@dataclass(frozen=True)
class Span:
    """Values `first` to `last` of a column of the data sheet; all of them without numbers."""

    column: Column
    first: int = 0
    last: int | None = None

    @property
    def values(self) -> list[object]:
        return self.column.values[self.first : None if self.last is None else self.last + 1]

    @property
    def reference(self) -> str:
        return self.column.reference(self.first, self.last)


@dataclass(frozen=True)
class Series:
    """Bars, points or a line. `title` is a cell of the data sheet and what stands there."""

    title: tuple[str, str]
    y: Span
    x: Span | None = None
    fill: str | None = None
    """Of bars and points."""
    line: tuple[str, float] | None = None
    """Colour and width in points."""
    symbol: Symbol | None = None
    size: int = 7
    label: Literal["", "ctr", "l", "r", "t", "b"] = ""
    """Where its title stands at its points; empty: nowhere."""
    label_size: float = theme.SMALL
    smooth: bool = False
    dashed: bool = False
    ring: bool = False
    """Its points are outlines, through which others are seen."""
    keyed: bool = True
    """Whether the legend, if there is one, tells what it is."""


@dataclass(frozen=True)
class Axis:
    """An axis of numbers; None leaves an end to the spreadsheet."""

    low: float | None = None
    high: float | None = None
    step: float | None = None
    shown: bool = True
    grid: bool = False
    title: str = ""
    log: bool = False


@dataclass(frozen=True)
class Picture:
    """A chart. `series` stand from back to front."""

    kind: Literal["bars", "lines", "points"]
    series: tuple[Series, ...]
    x: Axis = Axis()
    y: Axis = Axis()
    categories: Span | None = None
    title: str = ""
    title_at: tuple[float, float] | None = None
    """Where it begins, from the left and from the top, as shares of the chart; None leaves it to the spreadsheet."""
    legend: Literal["", "b", "r"] = ""
    inner: tuple[float, float, float, float] | None = None
    """The plot within the chart (left, top, width, height as shares); None leaves it to the spreadsheet."""
    equal: bool = False
    """One unit across is as long on paper as one up."""
    upright: bool = False
    """The names of its categories read from below."""

    @property
    def keys(self) -> list[Series]:
        """The series that the legend tells of."""
        return [series for series in self.series if series.keyed] if self.legend else []


def xml(picture: Picture) -> str:
    """The chart's part of the file."""
    title = _titled(_rich(picture.title), picture.title_at) if picture.title else ""
    plot = _points(picture) if picture.kind == "points" else _over_names(picture)
    left_out = "".join(
        f'<c:legendEntry><c:idx val="{k}"/><c:delete val="1"/></c:legendEntry>'
        for k, series in enumerate(picture.series) if not series.keyed
    )  # fmt: skip
    legend = (
        f'<c:legend><c:legendPos val="{picture.legend}"/>{left_out}<c:overlay val="0"/>{_text(theme.SMALL)}</c:legend>'
        if picture.legend else ""
    )  # fmt: skip
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<c:chartSpace {NAMESPACES}>'
        f'<c:roundedCorners val="0"/><c:chart>{title}<c:autoTitleDeleted val="{0 if title else 1}"/>'
        f"<c:plotArea>{_layout(picture.inner)}{plot}</c:plotArea>{legend}"
        '<c:plotVisOnly val="0"/><c:dispBlanksAs val="gap"/></c:chart>'
        f"<c:spPr>{_solid(theme.WHITE)}{_line((theme.THIN_RULE, 0.75))}</c:spPr></c:chartSpace>"
    )


def _over_names(picture: Picture) -> str:
    """Bars or lines over categories."""
    skips = '<c:tickLblSkip val="1"/>' if picture.upright else ""
    return (
        f'{_bars(picture) if picture.kind == "bars" else _lines(picture)}'
        f'<c:catAx><c:axId val="1"/><c:scaling><c:orientation val="minMax"/></c:scaling><c:delete val="0"/>'
        '<c:axPos val="b"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/>'
        f'{_axis_look(picture.upright)}<c:crossAx val="2"/><c:crosses val="autoZero"/>{skips}</c:catAx>'
        f'{_value_axis(2, 1, "l", picture.y, True)}'
    )


def _bars(picture: Picture) -> str:
    series = "".join(
        f'{_head(k, each)}<c:spPr>{_solid(each.fill)}{_line((theme.INK, 0.5))}</c:spPr><c:invertIfNegative val="0"/>'
        f"<c:cat>{_texts(picture.categories)}</c:cat><c:val>{_numbers(each.y)}</c:val></c:ser>"
        for k, each in enumerate(picture.series)
    )
    return (
        f'<c:barChart><c:barDir val="col"/><c:grouping val="clustered"/><c:varyColors val="0"/>{series}'
        '<c:gapWidth val="60"/><c:overlap val="-5"/><c:axId val="1"/><c:axId val="2"/></c:barChart>'
    )


def _lines(picture: Picture) -> str:
    sign = '<c:symbol val="circle"/><c:size val="{}"/><c:spPr>{}<a:ln><a:noFill/></a:ln></c:spPr>'
    series = "".join(
        f"{_head(k, each)}<c:spPr>{_line(each.line) if each.line else ''}</c:spPr>"
        f"<c:marker>{sign.format(each.size, _solid(each.fill))}</c:marker><c:cat>{_texts(picture.categories)}</c:cat>"
        f'<c:val>{_numbers(each.y)}</c:val><c:smooth val="0"/></c:ser>'
        for k, each in enumerate(picture.series)
    )
    return (
        f'<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>{series}<c:marker val="1"/>'
        '<c:axId val="1"/><c:axId val="2"/></c:lineChart>'
    )


def _points(picture: Picture) -> str:
    """Excel draws by the series' own order, the last on top; LibreOffice by the file's, the first on top, which is also
    the order of its legend."""
    made = [_point_series(k, each) for k, each in enumerate(picture.series)]
    series = "".join(made if picture.legend else reversed(made))
    return (
        f'<c:scatterChart><c:scatterStyle val="lineMarker"/><c:varyColors val="0"/>{series}<c:axId val="1"/>'
        f'<c:axId val="2"/></c:scatterChart>{_value_axis(1, 2, "b", picture.x)}{_value_axis(2, 1, "l", picture.y)}'
    )


def _point_series(k: int, each: Series) -> str:
    line = _line(each.line, each.dashed) if each.line else "<a:ln><a:noFill/></a:ln>"
    marker = '<c:symbol val="none"/>'
    if each.symbol:
        fill = _solid(each.fill) if each.fill and not each.ring else "<a:noFill/>"
        edge = _line((each.fill, 1.5)) if each.fill and each.ring else "<a:ln><a:noFill/></a:ln>"
        marker = f'<c:symbol val="{each.symbol}"/><c:size val="{each.size}"/><c:spPr>{fill}{edge}</c:spPr>'
    label = ""
    if each.label:
        label = (
            "<c:dLbls><c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>"
            f"{_text(each.label_size, each.label == 'ctr', wraps=False)}"
            f'<c:dLblPos val="{each.label}"/><c:showLegendKey val="0"/><c:showVal val="0"/><c:showCatName val="0"/>'
            '<c:showSerName val="1"/><c:showPercent val="0"/><c:showBubbleSize val="0"/></c:dLbls>'
        )
    x = f"<c:xVal>{_numbers(each.x)}</c:xVal>" if each.x else ""
    return (
        f"{_head(k, each)}<c:spPr>{line}</c:spPr><c:marker>{marker}</c:marker>{label}{x}"
        f'<c:yVal>{_numbers(each.y)}</c:yVal><c:smooth val="{int(each.smooth)}"/></c:ser>'
    )


def _head(k: int, each: Series) -> str:
    reference, text = each.title
    return (
        f'<c:ser><c:idx val="{k}"/><c:order val="{k}"/><c:tx><c:strRef><c:f>{escape(reference)}</c:f><c:strCache>'
        f'<c:ptCount val="1"/><c:pt idx="0"><c:v>{text_xml(text)}</c:v></c:pt></c:strCache></c:strRef></c:tx>'
    )


def _numbers(span: Span) -> str:
    points = (
        (k, number_xml(float(value))) for k, value in enumerate(span.values) if isinstance(value, int | float)
    )
    return f"<c:numRef>{_cache(span, points, 'numCache', '<c:formatCode>General</c:formatCode>')}</c:numRef>"


def _texts(span: Span | None) -> str:
    if span is None:
        return ""
    points = ((k, text_xml(str(value))) for k, value in enumerate(span.values))
    return f"<c:strRef>{_cache(span, points, 'strCache')}</c:strRef>"


def _cache(span: Span, points: Iterator[tuple[int, str]], name: str, form: str = "") -> str:
    found = "".join(f'<c:pt idx="{k}"><c:v>{text}</c:v></c:pt>' for k, text in points)
    return (
        f"<c:f>{escape(span.reference)}</c:f><c:{name}>{form}"
        f'<c:ptCount val="{len(span.values)}"/>{found}</c:{name}>'
    )


def _value_axis(own: int, other: int, place: str, axis: Axis, bars: bool = False) -> str:
    ends = "".join(
        f'<c:{name} val="{value:.6g}"/>' for name, value in (("max", axis.high), ("min", axis.low)) if value is not None
    )
    grid = f"<c:majorGridlines><c:spPr>{_line((theme.GRID, 0.5))}</c:spPr></c:majorGridlines>" if axis.grid else ""
    unit = f'<c:majorUnit val="{axis.step:g}"/>' if axis.step else ""
    base = '<c:logBase val="10"/>' if axis.log else ""
    form = POWERS if axis.log else "General"
    crosses, between = ("autoZero", "between") if bars else ("min", "midCat")
    title = _titled(_rich(axis.title, theme.SMALL, False)) if axis.title else ""
    return (
        f'<c:valAx><c:axId val="{own}"/><c:scaling>{base}<c:orientation val="minMax"/>{ends}</c:scaling>'
        f'<c:delete val="{int(not axis.shown)}"/><c:axPos val="{place}"/>{grid}{title}'
        f'<c:numFmt formatCode="{form}" sourceLinked="0"/><c:majorTickMark val="out"/><c:minorTickMark val="none"/>'
        f'<c:tickLblPos val="low"/>{_axis_look()}<c:crossAx val="{other}"/><c:crosses val="{crosses}"/>'
        f'<c:crossBetween val="{between}"/>{unit}</c:valAx>'
    )


def _axis_look(upright: bool = False) -> str:
    return f"<c:spPr>{_line((theme.LINE, 0.75))}</c:spPr>{_text(theme.SMALL, upright=upright)}"


def _layout(inner: Sequence[float] | None) -> str:
    if inner is None:
        return "<c:layout/>"
    edges = _edges("xywh", inner)
    return f'<c:layout><c:manualLayout><c:layoutTarget val="inner"/>{edges}</c:manualLayout></c:layout>'


def _edges(names: str, shares: Sequence[float]) -> str:
    """From the left and from the top, and sizes, as shares of the chart."""
    sizes = "".join(f'<c:{name} val="{value:.4g}"/>' for name, value in zip(names, shares, strict=True))
    return f'<c:xMode val="edge"/><c:yMode val="edge"/>{sizes}'


def _solid(color: str | None) -> str:
    return f'<a:solidFill><a:srgbClr val="{color}"/></a:solidFill>'


def _line(line: tuple[str, float], dashed: bool = False) -> str:
    (color, width), dashes = line, '<a:prstDash val="sysDash"/>' * dashed
    return f'<a:ln w="{round(width * POINT)}" cap="rnd">{_solid(color)}{dashes}<a:round/></a:ln>'


def _text(size: float, bold: bool = False, wraps: bool = True, upright: bool = False) -> str:
    body = ("" if wraps else ' wrap="none"') + (' rot="-5400000" vert="horz"' if upright else "")
    font = _font("defRPr", size, bold)
    return f'<c:txPr><a:bodyPr{body}/><a:p><a:pPr>{font}</a:pPr><a:endParaRPr lang="en-US"/></a:p></c:txPr>'


def _titled(text: str, at: tuple[float, float] | None = None) -> str:
    layout = f"<c:layout><c:manualLayout>{_edges('xy', at)}</c:manualLayout></c:layout>" if at else ""
    return f'<c:title><c:tx>{text}</c:tx>{layout}<c:overlay val="0"/></c:title>'


def _rich(text: str, size: float = theme.SIZE, bold: bool = True) -> str:
    run = f'<a:r>{_font("rPr", size, bold)}<a:t>{text_xml(clean(text))}</a:t></a:r>'
    return f'<c:rich><a:bodyPr/><a:p><a:pPr>{_font("defRPr", size, bold)}</a:pPr>{run}</a:p></c:rich>'


def _font(tag: str, size: float, bold: bool) -> str:
    return (
        f'<a:{tag} sz="{round(size * 100)}" b="{int(bold)}">{_solid(theme.INK)}'
        f'<a:latin typeface="{theme.FONT}"/></a:{tag}>'
    )
