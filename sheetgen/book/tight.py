"""Rows that may be higher than usual, and lower ones, to save paper: first those without numbers, then others too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sheetgen.book import theme
from sheetgen.layout import measure
from sheetgen.layout.chart import Plot
from sheetgen.layout.plan import Label, SheetPlan
from sheetgen.layout.words.wrap import prose_lines

NUMBERS = (15.0, 14.0, 12.75, 12.75)
"""Points of a row with numbers, from step to step; the last is what spreadsheets give digits of 10 points."""
AIR = 10.0
"""Points of a row in which nothing stands."""
END = 1.0
"""Points more of a band's last row, if it has a text."""
CHART = ((124.0, 11.25), (124.0, 11.25), (124.0, 0.0), (112.0, 0.0))
"""Points that a chart keeps at least, and each of its rows, from step to step."""
PLANE = ((150.0, 12.75), (150.0, 12.75), (150.0, 12.75), (112.0, 0.0))
"""Those of a plane, which its one scale makes narrow where it is low."""
LINE, PROSE = 1.275, 4 / 3
"""How much higher than its letters a row with a text is, and a line of a text in several ones."""


def under_matrices(sheet: SheetPlan) -> list[int]:
    """The rows without numbers that hold the name of a matrix under another one."""
    numbers, under = set[int](), defaultdict[int, list[range]](list)
    for region in sheet.regions:
        numbers.update(range(region.row, region.row + region.height))
        under[region.row + region.height].append(range(region.column, region.column + region.width))
    named = {label.row for label in sheet.labels if label.style in ("name", "hint") and label.rows == 1
             and any(label.column in columns for columns in under.get(label.row, ()))}  # fmt: skip
    return sorted(named - numbers - dict(sheet.heights).keys())


def lower(sheet: SheetPlan) -> Iterator[dict[int, float]]:
    """The heights of a sheet's rows, lower from step to step; what the plan says of a row's height holds."""
    told, least = dict(sheet.heights), _least(sheet)
    numbers = {row for region in sheet.regions for row in range(region.row, region.row + region.height)}
    last = max([*numbers, *(band.last_row for band in sheet.bands)])
    free = [row for row in range(sheet.first_row, last + 1) if row not in told]
    alike = list(_alike(sheet))
    for most, *kept in list(zip(NUMBERS, CHART, PLANE, strict=True))[: 4 if sheet.charts else 3]:
        charts = _charts(sheet, *kept)
        found = {row: max(least[row], charts.get(row, 0.0), most if row in numbers else AIR) for row in free}
        for rows in alike:
            high = max((found[row] for row in rows if row in found), default=0.0)
            found.update((row, high) for row in rows if row in found)
        yield {row: high for row, high in found.items() if high < measure.ROW_HEIGHT} | told


def _alike(sheet: SheetPlan) -> Iterator[range]:
    """Rows that are equally high: those of a matrix, and of all matrices that share rows with it."""
    start, end = 0, 0
    for first, last in [*sorted((r.row, r.row + r.height) for r in sheet.regions), (1 << 20, 1 << 20)]:
        if first >= end:
            yield range(start, end)
            start, end = first, last
        end = max(end, last)


def _least(sheet: SheetPlan) -> defaultdict[int, float]:
    """The points that the texts of each row need, and a little more over the line under a band."""
    ends = {band.last_row for band in sheet.bands}
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
    if label.upright or label.lines > 1:
        return measure.ROW_HEIGHT * label.rows
    size = max(theme.LABELS[label.style].size, measure.least(measure.LEAST))
    if label.rows == 1:
        return LINE * size
    return PROSE * size * sum(prose_lines(line, width, size) for line in label.text.split("\n"))
