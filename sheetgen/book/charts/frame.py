"""The plot within a chart: what its title, its axes and its legend leave, so that none of them grows into it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import ceil, floor, log10

from sheetgen.book import theme
from sheetgen.book.charts.picture import Axis, Picture
from sheetgen.layout import measure

TITLE, LINE, KEY, STROKE, EDGE, TICK = 21.0, 14.0, 32.0, 12.0, 6.0, 8.0
"""Points that a chart's title takes, a line of small text, a legend's sign with its air, what that of a line takes
more beside the plot, the air around, and the tick between a number and its axis."""
DASHES = 28.0
"""Points that a legend's sign of a dashed line takes more still."""
SLIGHT = 2.0
"""Between the last number along an axis and the frame."""
FINE = 5.0
"""Of an axis that counts in halves, or finer."""
SCIENTIFIC, SMALLEST = 1e11, -3
"""Numbers from here on stand at an axis as 1E+11, and powers of ten below this one as 1E-4."""
NARROWEST, FLAT, LEAST = 130.0, 0.3, 90.0
"""Points across that a legend at the right must leave to the plot; how high for its width a plot is over a legend that
stands at the right if it leaves fewer."""
UPRIGHT = 0.5
"""Of a plot's height, what names that read from below may take."""
OVER = 3.0
"""Points above a title."""
SOME = 8.0
"""Points that any plot has, across and down, however narrow its chart is."""
HEADED = 0.8
"""Of a chart's width, what its title takes before it goes on in a second line."""


def framed(picture: Picture, title: str, size: tuple[float, float]) -> Picture:
    """A picture, `size` points wide and high, with its title above the plot and its legend where there is room."""
    wide, high = size
    told = _points(title, theme.SIZE, bold=True)
    more = LINE * (_lines([told], HEADED * wide) - 1)
    picture = replace(picture, title=title, title_at=((1 - min(HEADED, told / wide)) / 2, OVER / high))
    if picture.inner is not None:
        x, y, across, down = picture.inner
        share = max(SOME, high - TITLE - more) / high
        return replace(picture, inner=(x, 1 - share + y * share, across, down * share))
    top = TITLE + more
    left = EDGE + TICK + max(_points(text) for text in _numbers(picture)) + (LINE if picture.y.title else 0)
    keys = [KEY + _points(series.title[1]) for series in picture.keys]
    beside = max(keys, default=0.0) + STROKE * any(series.line for series in picture.keys)
    beside += DASHES * any(series.dashed for series in picture.keys)
    last = _points(f"{picture.x.high:g}") / 2 if picture.x.high is not None else 0.0  # it stands around the plot's end
    right, below = max(EDGE, last + SLIGHT), LINE + EDGE + (LINE if picture.x.title else 0)
    rest, tall = wide - left - right, high - top - below
    flatter = tall - LINE * _lines(keys, wide) if keys else tall
    if picture.equal:
        at_right = _scale(picture, rest - beside, tall) >= _scale(picture, rest, flatter)
    else:
        at_right = rest - beside >= (LEAST if flatter < FLAT * rest else NARROWEST)
        at_right = at_right and (_side_by_side(picture, rest - beside) or not _side_by_side(picture, rest))
    if keys and at_right:
        picture, right = replace(picture, legend="r"), max(right, EDGE + beside)
    elif keys:
        below += LINE * _lines(keys, wide)
    if picture.categories is not None and not _side_by_side(picture, wide - left - right):
        names = [_points(str(name)) for name in picture.categories.values]
        upright = (wide - left - right) / len(names) >= LINE and max(names) < UPRIGHT * (high - top - below)
        below += max(names) - LINE + TICK if upright else LINE  # else they stand slanted, or in two lines
        picture = replace(picture, upright=upright)
    across, down = max(SOME, wide - left - right), max(SOME, high - top - below)
    if picture.equal:
        scale = _scale(picture, across, down)
        x, y = (scale * _span(axis) for axis in (picture.x, picture.y))
        left, top, across, down = left + (across - x) / 2, top + (down - y) / 2, x, y
    return replace(picture, inner=(left / wide, top / high, across / wide, down / high))


def _side_by_side(picture: Picture, wide: float) -> bool:
    """Whether the names under a plot so wide have room beside one another."""
    names = picture.categories.values if picture.categories is not None else ()
    return not names or max(_points(str(name)) for name in names) <= wide / len(names)


def _scale(picture: Picture, across: float, down: float) -> float:
    """Points for a unit of both axes of a plot in this room."""
    return min(across / _span(picture.x), down / _span(picture.y))


def _span(axis: Axis) -> float:
    if axis.low is None or axis.high is None:
        raise ValueError("axes of one scale have ends")
    return axis.high - axis.low


def _points(text: str, size: float = theme.SMALL, bold: bool = False) -> float:
    return measure.POINTS * measure.text_width(text, size, bold)


def _lines(widths: list[float], wide: float) -> int:
    """The lines that these take in columns of one width, as legends stand, or one alone that is broken."""
    if not widths[1:]:
        return max(1, -int(-widths[0] // (wide - EDGE)))
    return ceil(len(widths) / max(1, int(wide // max(widths))))


def _numbers(picture: Picture) -> Iterator[str]:
    """What may stand along the axis that goes up: its ends, and where it is short, parts of them."""
    found = [n for series in picture.series for n in series.y.values if isinstance(n, int | float)]
    ends = [end for end in (picture.y.low, picture.y.high) if end is not None] or [min(found), max(found)]
    yield from (f"{float(f'{end:.2g}'):g}" for end in ends)
    if picture.y.log and (low := min((n for n in found if n > 0), default=1.0)) < 1:
        power = floor(log10(low))  # its lines are powers of ten
        yield f"1E{power}" if power < SMALLEST else f"{10.0**power:g}"
    if (largest := max(map(abs, ends))) < SCIENTIFIC:
        yield "-" * (min(ends) < 0) + f"{int(largest)}" + (".5" if max(ends) - min(ends) <= FINE else "")


