"""The sheet Training: a row for each step, all of its matrices beside one another, and what leads to the next row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from sheetgen.cells.a1 import Rect, letters
from sheetgen.ir.node import Shape
from sheetgen.layout import measure
from sheetgen.layout.chart import Cells, Place, Plot, Trace
from sheetgen.layout.drawing.paper import PADDING, longest
from sheetgen.layout.plan import Label, Region, Role, SheetPlan
from sheetgen.layout.training import heading
from sheetgen.layout.training.counters import Counter, counters
from sheetgen.layout.training.formulas import Writer
from sheetgen.layout.training.heading import JUMPS, SHOWN, SHOWN_NAME, WIDTH
from sheetgen.layout.training.strips import Strip
from sheetgen.names import DATA, TRAINING, excel_name, excel_names, free_name
from sheetgen.passes.optimisers import SAMPLES
from sheetgen.passes.train import Trained, Training

GROUPS, NAMES, FIRST = 8, 9, 10
"""Rows of the groups' heads, of the columns' names, and of epoch 0."""
MOST_SHOWN, MOST_SAMPLES = 20, 8
"""Numbers of parameters, and samples of a batch, up to which they aren't folded away."""
DIGITS = 4
"""Decimals of the loss: late in a training it falls slowly."""
NAME, GAP = 9.0, 0.3
"""Points of a column's name, and characters between one and the next."""
OPENER = 8.0
"""Characters of a column at which others are opened, at least."""
MOST_PRINTED, PRINTED = 101, 31
"""Rows of epochs up to which all are printed, and of more of them the first: all would be pages of numbers."""
CHART_ROWS, CHART_COLUMNS = 16, 8
"""Of the losses' chart; it stands in front of the columns that are folded away, as what is above it must be seen."""
ROWS = {"epoch": "an epoch", "iteration": "an iteration, the step of one batch"}
"""What a row is, by its unit."""
HOLDS = "its parameters, all that follows from them, and what the next row is made of"
FAR = 30.0
"""How many times smaller a loss must become to be drawn over powers of ten."""


@dataclass(frozen=True)
class Group:
    """Neighbouring strips with a head of their own; `folded`: opened at the column before them, with the head."""

    title: str
    first: int
    last: int
    folded: bool


@dataclass(frozen=True)
class Grid:
    """Where everything stands on the sheet."""

    training: Training
    counters: tuple[Counter, ...]
    """The first columns."""
    strips: tuple[Strip, ...]
    roles: Mapping[str, Role]
    groups: tuple[Group, ...]
    chart: int
    """The column of the losses' chart."""

    @property
    def printed(self) -> int:
        """The last column that is printed: what is folded away isn't."""
        return max(heading.end(self.training), self.chart + CHART_COLUMNS - 1)

    @property
    def last_row(self) -> int:
        return FIRST + self.training.last

    def strip(self, key: str) -> Strip:
        """Where a matrix stands."""
        return next(strip for strip in self.strips if strip.key == key)

    @property
    def located(self) -> tuple[Strip, ...]:
        """All that formulas may read."""
        counted = (Strip(each.key, (1, 1), column) for column, each in enumerate(self.counters, 1))
        return (*counted, *self.strips)


def grid(of: Training, moving: Iterable[str], roles: Mapping[str, Role], called: Callable[[str], str]) -> Grid:
    """The strips of a training side by side: losses, norms, samples, parameters, forward, gradients, states; those that
    are folded away behind the others and the chart. `moving` is all that changes from row to row, and `called` gives
    the names that readers know."""
    moves = set(moving)
    data = [g.name for g in of.batches.data] if of.batches else []
    each = [s for s in of.statements if s.name in moves and s.name not in (*of.losses, *of.metrics, *data)]
    backward = [s for s in each if s.loss is not None]
    norms = [descent.norm for descent in of.descents]
    more = [s for s in of.summaries if s.name not in norms]
    counted = counters(of, FIRST, called)
    shelves: dict[bool, list[tuple[str, Sequence[tuple[str, Shape]]]]] = {False: [], True: []}

    def put(title: str, found: Sequence[tuple[str, Shape]], folded: bool = True) -> None:
        shelves[folded] += [(title, found)] if found else []

    means = [mean(loss) for loss in of.losses] if of.batches else []
    metrics = [name for name in of.metrics if name in moves]
    put("", [(key, (1, 1)) for key in (*of.losses, *means, *norms, *metrics)], folded=False)
    if of.batches:
        size = of.batches.numbers.shape[1]
        put("Batch", [(SAMPLES, (1, size))], folded=size > MOST_SAMPLES)
        put("Its data", [(s.name, s.shape) for s in of.statements if s.name in data])
    many = sum(g.value.size for g in of.parameters) > MOST_SHOWN
    put("Parameters", [(g.name, g.shape) for g in of.parameters], folded=many)
    put("Forward", [(s.name, s.shape) for s in each if s.loss is None])
    put("Gradients", [(s.name, s.shape) for s in (*backward, *more)])
    for kind in dict.fromkeys(state.kind for state in of.states):
        put(kind, [(s.key, s.shape) for s in of.states if s.kind == kind])
    strips, groups, column, chart = list[Strip](), list[Group](), len(counted), 0
    for folded, shelf in shelves.items():
        if folded:
            chart = column + 2
            column = max(heading.end(of), chart + CHART_COLUMNS - 1)
        for title, found in shelf:
            first = column = column + folded
            for key, shape in found:
                strips.append(Strip(key, shape, column + 1))
                column += strips[-1].width
            groups.append(Group(title, first + 1, column, folded))
    known = {**roles, **{s.name: Role.GRADIENT for s in (*backward, *of.summaries)}}
    return Grid(of, counted, tuple(strips), known, tuple(groups), chart)


def sheet(
    on: Grid, run: Trained, canvas: Mapping[str, Sequence[Rect]], epoch: str, title: str, called: Callable[[str], str],
    names: Mapping[str, str],
) -> SheetPlan:  # fmt: skip
    """The sheet of a training. `canvas` is where the pieces of matrices stand that don't change, `epoch` the cell in
    which the reader chooses an epoch, `called` gives the names that readers know, and `names` the defined ones."""
    of, losses = on.training, on.training.losses
    writer = Writer(of, on.located, canvas, heading.rates(of), FIRST)
    here = f"$A{FIRST}=${letters(SHOWN)}${JUMPS}"
    found = [_counted(counter, column, here) for column, counter in enumerate(on.counters, 1)]
    told = {key for each in of.descents for key in (each.loss, each.norm)}
    means = {mean(loss): loss for loss in losses}
    for strip in on.strips:
        if strip.key in means:
            found.append(_mean(on, run, strip, means[strip.key], here))
            continue
        if strip.key == SAMPLES:
            found.append(_samples(of, strip, here))
            continue
        formulas, array = writer.formulas(strip)
        values = run.table[strip.key].reshape(-1, strip.width)
        learns = strip.key in of.steps
        role = Role.UPDATED if learns else on.roles.get(strip.key, Role.FORWARD)
        first = ((0, 0, 1, strip.width),) if learns else ()
        digits = _digits(values) if strip.key in told else None
        name = names.get(strip.key)
        found.append(Region(by_row(of, strip.key), role, FIRST, strip.column, values, formulas, array,
                            defined_name=name, picked=here, marked=first, decimals=digits,
                            epochs_of=strip.key))  # fmt: skip
    last = max(on.chart + CHART_COLUMNS - 1, on.strips[-1].column + on.strips[-1].width - 1)
    names_above = tuple(_names(on, called))
    shown = of.last + 1 if of.last < MOST_PRINTED else PRINTED
    left_out = f" The first {shown} of {of.last + 1} are printed." if shown <= of.last else ""
    return SheetPlan(
        title=TRAINING,
        heading=f"{title}: the training, row by row",
        about=f"A row is {ROWS[of.unit]}: {HOLDS}.{left_out}",
        regions=(*heading.regions(of, epoch), *found),
        labels=(*heading.labels(of), *_heads(on), *names_above),
        charts=(learned(run, called, Place(FIRST + 1, on.chart, CHART_ROWS, CHART_COLUMNS)),),
        widths=widths(found, last, _needs(on, names_above)),
        first_row=FIRST,
        heads=NAMES,
        folded=tuple((group.first, group.last) for group in on.groups if group.folded),
        frozen=len(on.counters) + (3 if of.batches else 2) * len(losses),
        printed=(FIRST - 1 + max(shown, CHART_ROWS + 2), on.printed),
    )


def widths(
    found: Sequence[Region], last: int, least: Mapping[int, float] = MappingProxyType({})
) -> tuple[tuple[int, float], ...]:
    """Characters of each column up to `last`, as wide as the regions' numbers need, or at least as `least` says."""
    needs = {column: length + PADDING for region, length in zip(found, longest(found), strict=True)
             for column in range(region.column, region.column + region.width)}  # fmt: skip
    return tuple((k, max(WIDTH, least.get(k, 0.0), needs.get(k, 0.0))) for k in range(1, last + 1))


def learned(run: Trained, called: Callable[[str], str], place: Place) -> Plot:
    """The losses over the rows, with their means over all data where a row takes a batch, and the row that is shown;
    each line of the axis is ten times the one below it where the loss falls far."""
    of = run.training
    losses = np.array([run.losses_of(loss) for loss in of.losses])
    x = tuple(float(k) for k in range(losses.shape[1]))
    keys = {loss: called(loss) for loss in of.losses}
    if of.batches:
        keys |= {mean(loss): f"mean {called(loss)}" for loss in of.losses}
    lines = [Trace(title, Cells((by_row(of, key),)), x, "line") for key, title in keys.items()]
    shown = Cells((SHOWN_NAME,) * len(of.losses), column=0)
    here = Trace(f"this {of.unit}", Cells(of.losses), shown, "points", "target")
    far = bool(losses.min() > 0 and losses.max() > FAR * losses.min())
    title, ends = f"{' and '.join(map(called, of.losses))} over the {of.unit}s", (0.0, x[-1])
    return Plot(title, place.row, place.column, (*lines, here), x_ends=ends, log=far, place=place)


def _digits(values: np.ndarray) -> int | None:
    """Decimals with which the largest of these numbers has room in its column."""
    largest = float(np.abs(values).max())
    if largest >= 10**DIGITS:
        return None
    return DIGITS - int(np.log10(max(largest, 1)))


def row_names(of: Training, taken: Iterable[str]) -> dict[str, str]:
    """The defined names of the losses', the metrics' and the parameters' numbers of all rows, other than those of the
    matrices `taken`."""
    found: dict[str, str] = {}
    others = [*excel_names(taken).values()]
    for key in (*of.losses, *of.metrics, *of.steps):
        found[key] = free_name(excel_name(f"{key}_by_{of.unit}"), (*others, *found.values()))
    return found


def by_row(of: Training, key: str) -> str:
    """What the strip of a matrix is called."""
    return f"{key} by {of.unit}"


def mean(loss: str) -> str:
    """Key of the mean of a loss over all data."""
    return f"mean of {loss}"


def _mean(on: Grid, run: Trained, strip: Strip, loss: str, here: str) -> Region:
    of, column = on.training, letters(on.strip(loss).column)
    rows = range(FIRST, on.last_row + 1)
    formulas = tuple((f"AVERAGE({column}{max(FIRST, row - of.window + 1)}:{column}{row})",) for row in rows)
    return Region(by_row(of, strip.key), Role.OUTPUT, FIRST, strip.column, run.means_of(loss)[:, None], formulas,
                  picked=here, decimals=_digits(run.means_of(loss)))  # fmt: skip


def _samples(of: Training, strip: Strip, here: str) -> Region:
    assert of.batches is not None
    count = of.batches.data[0].shape[of.batches.axis]
    prompt = f"The number of a sample, as on the sheet {DATA}: 0 to {count - 1}."
    return Region(by_row(of, SAMPLES), Role.INPUT, FIRST, strip.column, of.batches.numbers.astype(float),
                  integers=True, picked=here, prompt=prompt)  # fmt: skip


def _counted(counter: Counter, column: int, here: str) -> Region:
    rows = range(FIRST, FIRST + len(counter.values))
    formulas = tuple((counter.formula(row),) for row in rows)
    return Region(counter.key, Role.FORWARD, FIRST, column, counter.values, formulas, integers=True, picked=here)


def _heads(on: Grid) -> Iterator[Label]:
    for group in on.groups:
        yield Label(GROUPS, group.first - group.folded, group.title, "head")
        if group.folded:
            yield Label(NAMES, group.first - 1, "[+] opens", "label")


def _names(on: Grid, called: Callable[[str], str]) -> Iterator[Label]:
    of = on.training
    for column, counter in enumerate(on.counters, 1):
        yield Label(NAMES, column, counter.head, "label", align="center")
    several = len(of.losses) > 1
    names = {each.norm: f"|∂{called(each.loss) if several else ''}|" for each in of.descents}
    names |= {mean(loss): f"mean {called(loss)}" for loss in of.losses} | {SAMPLES: "sample"}
    for strip in on.strips:
        name = names.get(strip.key) or called(strip.key)
        for k, (i, j) in enumerate(np.ndindex(strip.shape)):
            index = "" if strip.width == 1 or strip.key == SAMPLES else f"[{i},{j}]"
            yield Label(NAMES, strip.column + k, f"{name}{index}", "label", align="center")


def _needs(on: Grid, names: Sequence[Label]) -> dict[int, float]:
    """Characters that the columns need for what they are called, alike in a group that is folded away, and the column
    of a group's head for that."""
    found = {label.column: measure.text_width(label.text, NAME) + GAP for label in names}
    for group in on.groups:
        same = range(group.first, group.last + 1)
        wide = measure.text_width(group.title, measure.SIZE, True) + PADDING
        if group.folded:
            found |= dict.fromkeys(same, max(found[column] for column in same)) | {group.first - 1: max(OPENER, wide)}
        else:
            others = sum(max(WIDTH, found[column]) for column in same[1:])
            found[group.first] = max(found[group.first], wide - others)
    return found
