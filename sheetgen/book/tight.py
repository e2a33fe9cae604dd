"""Rows that may be higher than usual, and lower ones, to save paper: first those without numbers, then others too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import count

from sheetgen.book import theme
from sheetgen.layout import measure
from sheetgen.layout.chart import Plot
from sheetgen.layout.plan import Label, SheetPlan
from sheetgen.layout.words.wrap import prose_lines

NUMBERS = (15.0, 14.0, 12.75, 12.75)
"""Points of a row with numbers, from step to step; the last is what spreadsheets give digits of 10 points."""
LOWEST = 12.0
"""The same where captions would touch the matrices above them otherwise: digits and signs have no descenders."""
AIR = 10.0
"""Points of a row in which nothing stands."""
END = 1.0
"""Points more, at least, of the last row that a band shows, if it has a text."""
CHART = ((124.0, 11.25), (124.0, 11.25), (124.0, 0.0), (112.0, 0.0))
"""Points that a chart keeps at least, and each of its rows, from step to step."""
PLANE = ((150.0, 12.75), (150.0, 12.75), (150.0, 12.75), (112.0, 0.0))
"""Those of a plane, which its one scale makes narrow where it is low."""
LINE, PROSE = 1.275, 4 / 3
"""How much higher than its letters a row with a text is, and a line of a text in several ones."""


def under_matrices(sheet: SheetPlan) -> tuple[list[int], list[int]]:
    """The rows that hold the name of a matrix under another one, or under the names of its columns: those without
    numbers, and those with numbers of matrices of a single row."""
    under, hidden = defaultdict[int, list[range]](list), _hidden(sheet)

    def shown(row: int) -> int:
        return next(each for each in count(row) if each not in hidden)

    for region in sheet.regions:
        under[shown(region.row + region.height)].append(range(region.column, region.column + region.width))
    for label in sheet.labels:
        if label.style in ("label", "shape") and any(label.column in columns for columns in under[label.row]):
            under[shown(label.row + 1)].append(range(label.column, label.column + 1))
    named = {label.row for label in sheet.labels if label.style in ("name", "hint") and label.rows == 1
             and any(label.column in columns for columns in under.get(label.row, ()))}  # fmt: skip
    named, numbers = named - dict(sheet.heights).keys(), _numbers(sheet)
    high = {row for r in sheet.regions if r.height > 1 for row in range(r.row, r.row + r.height)}
    return sorted(named - numbers), sorted(named & numbers - high)


def closing(sheet: SheetPlan) -> list[int]:
    """The rows without numbers that are the last ones of a band and hold the end of a text."""
    texts = {label.row + label.height - 1 for label in sheet.labels}
    return sorted(texts.intersection(_ends(sheet)) - _numbers(sheet) - dict(sheet.heights).keys())


def lower(sheet: SheetPlan) -> Iterator[dict[int, float]]:
    """The heights of a sheet's rows, lower from step to step; what the plan says of a row's height holds."""
    told, least, numbers = dict(sheet.heights), _least(sheet), _numbers(sheet)
    last = max([*numbers, *(band.last_row for band in sheet.bands)])
    free = [row for row in range(sheet.first_row, last + 1) if row not in told]
    for most, *kept in list(zip(NUMBERS, CHART, PLANE, strict=True))[: 4 if sheet.charts else 3]:
        charts = _charts(sheet, *kept)
        found = {row: max(least[row], charts.get(row, 0.0), most if row in numbers else AIR) for row in free}
        yield {row: high for row, high in _even(sheet, found).items() if high < measure.ROW_HEIGHT} | told


def lowest(sheet: SheetPlan) -> dict[int, float]:
    """What rows with numbers keep at least where others need their paper more."""
    told, least, charts = dict(sheet.heights), _least(sheet), _charts(sheet, CHART[0], PLANE[0])
    free = (row for row in _numbers(sheet) if row >= sheet.first_row and row not in told)
    found = {row: max(least[row], charts.get(row, 0.0), LOWEST) for row in free}
    return _even(sheet, found)


def _hidden(sheet: SheetPlan) -> set[int]:
    """The rows that aren't shown."""
    return {row for row, high in sheet.heights if not high}


def _numbers(sheet: SheetPlan) -> set[int]:
    """The rows of matrices."""
    return {row for region in sheet.regions for row in range(region.row, region.row + region.height)}


def _even(sheet: SheetPlan, heights: dict[int, float]) -> dict[int, float]:
    """The heights, rows that are alike being as high as the highest of them."""
    found = dict(heights)
    for rows in _alike(sheet):
        high = max((found[row] for row in rows if row in found), default=0.0)
        found.update((row, high) for row in rows if row in found)
    return found


def _alike(sheet: SheetPlan) -> Iterator[range]:
    """Rows that are equally high: those of a matrix, and of all matrices that share rows with it."""
    start, end = 0, 0
    for first, last in [*sorted((r.row, r.row + r.height) for r in sheet.regions), (1 << 20, 1 << 20)]:
        if first >= end:
            yield range(start, end)
            start, end = first, last
        end = max(end, last)


def _ends(sheet: SheetPlan) -> set[int]:
    """The last rows that bands show."""
    hidden = _hidden(sheet)
    rows = (range(band.last_row, band.first_row - 1, -1) for band in sheet.bands)
    return {row for down in rows for row in [row for row in down if row not in hidden][:1]}


def _least(sheet: SheetPlan) -> defaultdict[int, float]:
    """The points that the texts of each row need, and a little more over the line under a band."""
    ends = _ends(sheet)
    found: defaultdict[int, float] = defaultdict(float)
    widths = defaultdict(lambda: measure.COLUMN_WIDTH, sheet.widths)
    for label in sheet.labels:
        need = _need(label, sum(widths[label.column + k] for k in range(label.columns))) / label.rows
        for row in range(label.row, label.row + label.height):
            found[row] = max(found[row], min(need + END * (row in ends), measure.ROW_HEIGHT))
    return found


def _charts(sheet: SheetPlan, usual: tuple[float, float], plane: tuple[float, float]) -> dict[int, float]:
    """The points that charts need of each row: so many together, and so many each."""
    found = dict[int, float]()
    for chart, place in ((chart, chart.place) for chart in sheet.charts if chart.place):
        together, each = plane if isinstance(chart, Plot) and chart.equal else usual
        need = max(each, min(together / place.rows, measure.ROW_HEIGHT))
        found.update((row, max(need, found.get(row, 0.0))) for row in range(place.row, place.row + place.rows))
    return found


def _need(label: Label, width: float) -> float:
    if label.upright:
        return measure.ROW_HEIGHT * label.rows
    if label.style == "arrow":
        return LOWEST
    size = max(theme.LABELS[label.style].size, measure.least(measure.LEAST))
    if label.lines > 1:
        return PROSE * size * label.lines
    if label.rows == 1:
        return LINE * size
    return PROSE * size * sum(prose_lines(line, width, size) for line in label.text.split("\n"))
