"""The sheet Training: a row for each step, all of its matrices beside one another, and what leads to the next row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sheetgen.cells.a1 import Rect, letters, reference
from sheetgen.ir.node import Shape
from sheetgen.layout.chart import Cells, Place, Plot, Trace
from sheetgen.layout.drawing.paper import PADDING, longest
from sheetgen.layout.plan import Label, Region, Role, SheetPlan
from sheetgen.layout.training.counters import Counter, counters
from sheetgen.layout.training.formulas import Writer
from sheetgen.layout.training.strips import Strip
from sheetgen.names import CANVAS, DATA, TRAINING, excel_name, excel_names, free_name
from sheetgen.passes.optimisers import SAMPLES
from sheetgen.passes.train import Trained, Training

RATES, HINTS, JUMPS, GROUPS, NAMES, FIRST = 5, 6, 7, 8, 9, 10
"""Rows of the rates, of what the jumps are called, of the jumps, of the groups' heads, of the columns' names, and of
epoch 0."""
SHOWN = 2
"""The column of the cell that holds the epoch that the page shows; that of its number counted from 1 follows."""
FIRST_JUMP = 5
MOST_SHOWN, MOST_SAMPLES = 20, 8
"""Numbers of parameters, and samples of a batch, up to which they aren't folded away."""
DIGITS = 4
"""Decimals of the loss: late in a training it falls slowly."""
WIDTH, OPENER = 6.3, 8.0
"""Characters of a column, and of one at which others are opened."""
SYMBOLS = {"learning_rate": "η", "beta1": "β₁", "beta2": "β₂", "eps": "ε", "alpha": "α", "weight_decay": "decay"}
"""What papers call the rates; others have no letter."""
SHOWN_NAME, JUMPS_NAME = "shown epoch", "epochs to go to"
ROWS = {"epoch": "an epoch", "iteration": "an iteration, the step of one batch"}
"""What a row is, by its unit."""
HOLDS = "its parameters, all that follows from them, and what the next row is made of"
FAR = 30.0
"""How many times smaller a loss must become to be drawn over powers of ten."""
LEADS = ("first", "−10", "−1", "+1", "+10", "last")


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
    """The strips of a training side by side: losses, norms, samples, parameters, forward, gradients, states. `moving`
    is all that changes from row to row, and `called` gives the names that readers know."""
    moves = set(moving)
    data = [g.name for g in of.batches.data] if of.batches else []
    each = [s for s in of.statements if s.name in moves and s.name not in (*of.losses, *of.metrics, *data)]
    backward = [s for s in each if s.loss is not None]
    norms = [descent.norm for descent in of.descents]
    more = [s for s in of.summaries if s.name not in norms]
    counted = counters(of, FIRST, called)
    strips, groups, column = list[Strip](), list[Group](), len(counted)

    def put(title: str, found: Iterable[tuple[str, Shape]], folded: bool = True) -> None:
        nonlocal column
        first = column = column + folded
        for key, shape in found:
            strip = Strip(key, shape, column + 1)
            strips.append(strip)
            column += strip.width
        if column > first:
            groups.append(Group(title, first + 1, column, folded))

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
    known = {**roles, **{s.name: Role.GRADIENT for s in (*backward, *of.summaries)}}
    return Grid(of, counted, tuple(strips), known, tuple(groups))


def sheet(
    on: Grid, run: Trained, canvas: Mapping[str, Sequence[Rect]], epoch: str, title: str, called: Callable[[str], str],
    names: Mapping[str, str],
) -> SheetPlan:  # fmt: skip
    """The sheet of a training. `canvas` is where the pieces of matrices stand that don't change, `epoch` the cell in
    which the reader chooses an epoch, `called` gives the names that readers know, and `names` the defined ones."""
    of, losses = on.training, on.training.losses
    rates = {g.name: Rect(TRAINING, RATES, 3 + 2 * k, 1, 1, still=True) for k, g in enumerate(of.rates.values())}
    writer = Writer(of, on.located, canvas, rates, FIRST)
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
    given = (Region(g.name, Role.CONSTANT, RATES, rates[g.name].column, g.value, prompt=f"{option}: {g.about}.")
             for option, g in of.rates.items())  # fmt: skip
    openers = {group.first - 1 for group in on.groups if group.folded}
    last = on.strips[-1].column + on.strips[-1].width - 1
    return SheetPlan(
        title=TRAINING,
        heading=f"{title}: the whole training",
        about=f"A row is {ROWS[of.unit]}: {HOLDS}.",
        regions=(*given, *_control(of.last, epoch), *found),
        labels=tuple(_labels(on, rates, called)),
        charts=(learned(run, called, Place(FIRST + 1, last + 2, 16, 8)),),
        widths=widths(found, last, openers),
        first_row=FIRST,
        heads=NAMES,
        folded=tuple((group.first, group.last) for group in on.groups if group.folded),
        frozen=len(on.counters) + (3 if of.batches else 2) * len(losses),
    )


def widths(found: Sequence[Region], last: int, openers: Collection[int] = ()) -> tuple[tuple[int, float], ...]:
    """Characters of each column up to `last`, as wide as the regions' numbers need."""
    needs = {column: longest(region) + PADDING for region in found
             for column in range(region.column, region.column + region.width)}  # fmt: skip
    return tuple((k, OPENER if k in openers else max(WIDTH, needs.get(k, 0.0))) for k in range(1, last + 1))


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
    alone = len(lines) == 1
    here = Trace(f"this {of.unit}" if alone else "shown", Cells(of.losses), shown, "points", "target", named=alone)
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


def _control(epochs: int, epoch: str) -> Iterator[Region]:
    """The epoch that is shown, its number counted from 1, and the epochs that the list offers."""
    shown = f"{letters(SHOWN)}{JUMPS}"
    texts = (f"MAX(0,MIN({epochs},ROUND(N({epoch}),0)))", f"{shown}+1")
    leads = ("0", f"MAX(0,{shown}-10)", f"MAX(0,{shown}-1)", f"MIN({epochs},{shown}+1)", f"MIN({epochs},{shown}+10)",
             str(epochs))  # fmt: skip
    values = (0, 0, 0, min(epochs, 1), min(epochs, 10), epochs)
    yield Region(SHOWN_NAME, Role.FORWARD, JUMPS, SHOWN, np.array([[0.0, 1.0]]), (texts,), integers=True)
    yield Region(JUMPS_NAME, Role.FORWARD, JUMPS, FIRST_JUMP, np.array([values], dtype=float), (leads,), integers=True)


def jumps() -> str:
    """The cells that feed the list of epochs."""
    return reference(Rect(TRAINING, JUMPS, FIRST_JUMP, 1, len(LEADS)), CANVAS)


def _labels(on: Grid, rates: Mapping[str, Rect], called: Callable[[str], str]) -> Iterator[Label]:
    of = on.training
    for option, given in of.rates.items():
        yield Label(RATES, rates[given.name].column - 1, SYMBOLS.get(option, option), "name", align="right")
    for column, text in ((SHOWN, "shown"), (SHOWN + 1, "row"), *enumerate(LEADS, FIRST_JUMP)):
        yield Label(HINTS, column, text, "label", align="center")
    offered = f"The list at {of.unit.capitalize()} on the Canvas offers these."
    yield Label(JUMPS, FIRST_JUMP + len(LEADS), offered, "note")
    for group in on.groups:
        yield Label(GROUPS, group.first - group.folded, group.title, "head")
        if group.folded:
            yield Label(NAMES, group.first - 1, "[+] opens", "label")
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
