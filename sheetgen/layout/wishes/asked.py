"""The charts that an author asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from sheetgen.ir.program import Picture, Program, Shown
from sheetgen.layout.axes import NONE, Axes
from sheetgen.layout.chart import Bars, Cells, Divide, Ends, Look, Paint, Plot, Trace
from sheetgen.layout.geometry.figure import Request
from sheetgen.layout.wishes import sets
from sheetgen.layout.wishes.wish import Learned, Wish, reach
from sheetgen.layout.words.vocabulary import Vocabulary

ROWS, COLUMNS = 11, 9
ROOM = 1.1
"""How much farther than the points of a plane lie a line between them reaches, where no axis ends."""
Values = Mapping[str, np.ndarray]


def asked(
    words: Vocabulary, axes: Mapping[str, Axes], values: Values, learned: Mapping[str, Learned], ranges: Values
) -> list[Wish]:
    """A chart for each that the spec names, with what a training makes of its matrices. `ranges` has the numbers that
    matrices ever have."""
    return [_wish(words, axes, values, picture, learned, ranges) for picture in words.program.pictures]


def _wish(
    words: Vocabulary, axes: Mapping[str, Axes], values: Values, picture: Picture, learned: Mapping[str, Learned],
    ranges: Values,
) -> Wish:  # fmt: skip
    titles = _titles(words, axes, picture)
    said = f"{', '.join(titles[:-1])} and {titles[-1]}" if len(titles) > 1 else titles[0]
    matrix = picture.beside or picture.names[0]
    reads = tuple(dict.fromkeys(_reads(picture)))
    request = Request(matrix, ROWS, COLUMNS, reads=reads)
    if picture.kind in ("points", "arrows"):
        plane = _plane(words, axes, values, picture, titles, picture.title or f"{said} in the plane", learned, ranges)
        return Wish(sets.room(plane, matrix, reads), plane)
    along = [max(len(part.names), *(end - first for first, end in (part.rows, part.columns))) for part in picture.shown]
    targets = {given.name for given in words.program.givens if given.role == "target"}
    numbers = [Trace(title, _line(part, words.program), paint="target" if part.names[0] in targets else "series")
               for title, part in zip(titles, picture.shown, strict=True)]  # fmt: skip
    ends = {part: Trace(end.title(title), _learned(part, words.program, end), paint="after")
            for title, part, end in _learnt(picture, titles, learned)}  # fmt: skip
    names = next((names for part in picture.shown if any(names := _names(axes, part))), ())
    if picture.kind == "bars" or (names and picture.over is None and len(set(along)) == 1):
        numbered = tuple(str(picture.shown[0].start + k) for k in range(along[0]))
        chart = Bars(picture.title or said, 0, 0, (*numbers, *ends.values()), names or numbered)
        return Wish(request, replace(chart, lines=picture.kind == "lines"))
    counted = {part: tuple(float(part.start + k) for k in range(n)) for part, n in
               zip(picture.shown, along, strict=True)}  # fmt: skip
    over = {part: Cells((picture.over,)) if picture.over else x for part, x in counted.items()}
    series = [replace(t, x=over[part]) for t, part in zip(numbers, picture.shown, strict=True)]
    series += [replace(end, x=over[part]) for part, end in ends.items()]
    if picture.over:
        across, reached = words.title_of(picture.over), reach(values[picture.over].flat)
        return Wish(request, Plot(picture.title or said, 0, 0, tuple(series), across, x_ends=reached))
    turns = [x for run in counted.values() for x in run]
    plot = Plot(picture.title or said, 0, 0, tuple(series), x_ends=(min(turns), max(turns)), whole=True)
    return Wish(request, plot)


def _plane(
    words: Vocabulary, axes: Mapping[str, Axes], values: Values, picture: Picture, titles: Sequence[str], title: str,
    learned: Mapping[str, Learned], ranges: Values,
) -> Plot:  # fmt: skip
    """Points of the plane, each set of them in a colour, with the lines between them, or arrows."""
    whole = picture.by is None and all(_entire(part, words.program) for part in picture.shown)
    joined = sets.joined(axes, [part.names[0] for part in picture.shown]) if whole and picture.kind == "points" else []
    series, told, alone = list[Trace](), list[str](), _alone(words, axes, picture)
    for part, named in zip(picture.shown, titles, strict=True):
        x, y = (Cells(part.names, row=part.rows[0] + k, columns=_some(part, words.program)) for k in (0, 1))
        look: Look = "arrows" if picture.kind == "arrows" else "both" if part.names[1:] else "points"
        points = sets.names(axes, part.names[0]) if _entire(part, words.program) else ()
        if picture.by is None:
            points = alone.get(part, points)
            points = () if (joined and told) or len(told) + len(points) > sets.MOST_NAMED else points
            series.append(Trace(named, y, x, look, names=points, legend=part not in alone))
            told += points
        else:
            by = Cells((picture.by,))
            kinds = dict.fromkeys(map(float, values[picture.by].ravel()))
            series += [Trace(f"{words.title_of(picture.by)} = {kind:g}", y, x, look, only=(by, kind), names=points)
                       for kind in kinds]  # fmt: skip
    series += joined
    series += _points(picture, titles, words.program, learned)
    lie = sets.places([ranges[name][..., slice(*p.rows), slice(*p.columns)] for p in picture.shown for name in p.names])
    names = axes.get(picture.names[0], NONE)[0][slice(*picture.shown[0].rows)]
    across, up = names if len(set(names)) == 2 else ("", "")
    chart = sets.fitted(Plot(title, 0, 0, tuple(series), across, up), lie, picture.kind == "arrows")
    return replace(chart, divides=tuple(_divides(words, picture, lie, (chart.x_ends, chart.y_ends))))


def _learnt(
    picture: Picture, titles: Sequence[str], learned: Mapping[str, Learned]
) -> Iterator[tuple[str, Shown, Learned]]:
    """The parts that a training changes, where points aren't told apart by their class."""
    for title, part in zip(titles, picture.shown, strict=True):
        if part.names[0] in learned and not part.names[1:] and picture.by is None:
            yield title, part, learned[part.names[0]]


def _learned(part: Shown, program: Program, end: Learned, row: int | None = None) -> Cells:
    """The numbers of a part, or of one of its rows, in the strip that holds its matrix row by row."""
    width = program.names[part.names[0]][1]
    first, last = part.rows if row is None else (part.rows[0] + row, part.rows[0] + row + 1)
    start = first * width + part.columns[0]
    step = width if last - first > 1 and width > 1 == part.columns[1] - part.columns[0] else 1
    return Cells((end.region,), end.row, columns=range(start, (last - 1) * width + part.columns[1], step))


def _points(
    picture: Picture, titles: Sequence[str], program: Program, learned: Mapping[str, Learned]
) -> Iterator[Trace]:
    look: Look = "arrows" if picture.kind == "arrows" else "points"
    for title, part, end in _learnt(picture, titles, learned):
        x, y = (_learned(part, program, end, row) for row in (0, 1))
        yield Trace(end.title(title), y, x, look, "after")


def _entire(part: Shown, program: Program) -> bool:
    """Whether it is one matrix with all of its columns."""
    return not part.names[1:] and _some(part, program) is None


def _divides(
    words: Vocabulary, picture: Picture, points: np.ndarray, ends: tuple[Ends | None, Ends | None]
) -> Iterator[Divide]:
    """The lines before the update, and after it, across the whole plane, or a little farther than the points lie."""
    border = picture.border
    if border is None:
        return
    more = (ROOM - 1) / 2 * float((points.max(axis=1) - points.min(axis=1)).max())
    low, high = points.min(axis=1) - more, points.max(axis=1) + more
    across, up = (end or (float(low[k]), float(high[k])) for k, end in enumerate(ends))
    new = {s.repeats: s.name for s in words.program.statements if s.phase == "update"}
    kinds: tuple[tuple[Paint, Mapping[str | None, str], str], ...] = (("series", {}, ""), ("after", new, " new"))
    for paint, after, named in kinds:
        if paint == "after" and not {border.weights, border.bias} & set(new):
            continue
        weights = after.get(border.weights, border.weights)
        bias = after.get(border.bias, border.bias)
        lines = words.program.names[border.weights][0]
        for k in range(lines):
            cells = Cells((weights,), k, 0), Cells((weights,), k, 1)
            shift = Cells((bias,), k, 0) if bias is not None else None
            which = f" {k + 1}" if lines > 1 else ""
            yield Divide(f"border{which}{named}", cells, shift, (across, up), paint=paint)
            for level in (border.street, -border.street) if border.street is not None else ():
                yield Divide(f"street{which}{named}", cells, shift, (across, up), level, paint, level > 0)


def _reads(picture: Picture) -> Iterator[str]:
    """The matrices that must be drawn."""
    border = picture.border
    more = (picture.by, picture.over, *((border.weights, border.bias) if border else ()))
    yield from (*picture.names, *(name for name in more if name is not None))


def _some(part: Shown, program: Program) -> range | None:
    """The columns, where they aren't all."""
    return None if part.columns == (0, program.names[part.names[0]][1]) else range(*part.columns)


def _titles(words: Vocabulary, axes: Mapping[str, Axes], picture: Picture) -> list[str]:
    """What each part is called; what all are parts of in the same way is left to a title of the author's."""
    found = [_called(words, axes, part) for part in picture.shown]
    apart = picture.title and len({name for name, _ in found}) == len(found) > 1
    common = set.intersection(*(set(which) for _, which in found)) if apart else set()
    return [", ".join((name, *(each for each in which if each not in common))) for name, which in found]


def _alone(words: Vocabulary, axes: Mapping[str, Axes], picture: Picture) -> dict[Shown, tuple[str]]:
    """What single points are called beside them, if all parts are single points: columns of one matrix by their names,
    others by their matrices'."""
    if picture.by is not None or any(end - first > 1 or part.names[1:] for part in picture.shown
                                     for first, end in [part.columns]):  # fmt: skip
        return {}
    found = {part: _called(words, axes, part) for part in picture.shown}
    same = len({name for name, _ in found.values()}) == 1
    return {part: (", ".join(which) if same and which else name,) for part, (name, which) in found.items()}


def _called(words: Vocabulary, axes: Mapping[str, Axes], part: Shown) -> tuple[str, tuple[str, ...]]:
    """A part's matrix, and which part of it that is."""
    name, *_, last = (*part.names, part.names[-1])
    title, sizes, which = words.title_of(name), words.program.names[name], list[str]()
    if last != name:
        title += f" to {words.title_of(last)}"
    for names, (first, end), size, what in zip(
        axes.get(last, NONE), (part.rows, part.columns), sizes, ("row", "column"), strict=True
    ):
        if end - first == 1 < size:
            which.append(names[first] if names else f"{what} {first + 1}")
        elif end - first < size and len(alike := set(names[first:end])) == 1:
            which.append(alike.pop())
    return title, tuple(which)


def _line(part: Shown, program: Program) -> Cells:
    """The numbers of a row or a column."""
    height, width = program.names[part.names[0]]
    rows, columns = range(*part.rows), range(*part.columns)
    return Cells(
        part.names, rows[0] if len(rows) == 1 < height else None, columns[0] if len(columns) == 1 < width else None,
        rows if 1 < len(rows) < height else None, columns if 1 < len(columns) < width else None,
    )  # fmt: skip


def _names(axes: Mapping[str, Axes], part: Shown) -> tuple[str, ...]:
    """What its numbers are called, one by one."""
    rows, columns = axes.get(part.names[0], NONE) if not part.names[1:] else NONE
    found = rows[slice(*part.rows)] if part.columns[1] - part.columns[0] == 1 else columns[slice(*part.columns)]
    return found
