"""The charts that an author asks for."""

from __future__ import annotations

from collections.abc import Mapping

from sheetgen.ir.program import Picture
from sheetgen.layout.chart import Bars, Cells, Plot, Trace
from sheetgen.layout.drawing.axes import NONE, Axes
from sheetgen.layout.geometry.figure import Request
from sheetgen.layout.wishes.wish import Wish, counted, named_along
from sheetgen.layout.words.vocabulary import Vocabulary

ROWS, COLUMNS = 11, 9


def asked(words: Vocabulary, axes: Mapping[str, Axes]) -> list[Wish]:
    """A chart for each that the spec names."""
    return [_wish(words, axes, picture) for picture in words.program.pictures]


def _wish(words: Vocabulary, axes: Mapping[str, Axes], picture: Picture) -> Wish:
    titles = [words.title_of(name) for name in picture.names]
    said = f"{', '.join(titles[:-1])} and {titles[-1]}" if len(titles) > 1 else titles[0]
    request = Request(picture.names[0], ROWS, COLUMNS, reads=picture.names)
    if picture.kind == "points":
        series = tuple(Trace(title, Cells((name,), row=1), Cells((name,), row=0), "points")
                       for title, name in zip(titles, picture.names, strict=True))  # fmt: skip
        across, up = axes.get(picture.names[0], NONE)[0] or ("", "")
        return Wish(request, Plot(picture.title or f"{said} in the plane", 0, 0, series, across, up))
    shapes = words.program.names
    if picture.kind == "bars":
        series = tuple(Trace(title, Cells((name,))) for title, name in zip(titles, picture.names, strict=True))
        size = max(shapes[picture.names[0]])
        names = named_along(axes, picture.names[0], size) or counted(size)
        return Wish(request, Bars(picture.title or said, 0, 0, series, names))
    series = tuple(Trace(title, Cells((name,)), tuple(map(float, range(1, max(shapes[name]) + 1))))
                   for title, name in zip(titles, picture.names, strict=True))  # fmt: skip
    return Wish(request, Plot(picture.title or said, 0, 0, series, whole=True))
