"""Answers: beside their targets as bars, over what they answer to as a line, shares and probabilities as bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from sheetgen.ir.node import Node
from sheetgen.ir.program import Given, Program, Statement
from sheetgen.ir.walk import nodes
from sheetgen.layout.axes import NONE, Axes
from sheetgen.layout.chart import Bars, Cells, Paint, Plot, Trace
from sheetgen.layout.geometry.figure import Request
from sheetgen.layout.plan import Role
from sheetgen.layout.wishes.wish import Learned, Wish, counted, named, named_along, ordinal, reach
from sheetgen.layout.words.vocabulary import Vocabulary
from sheetgen.ops import operation

LONG, MOST_WRITTEN = 10, 3
"""The least number that isn't short, and the most numbers of a sample that stand for its name."""
MOST_BARS, MOST_SHARES, MOST_TOGETHER, FEWEST = 12, 6, 24, 3
"""Bars of a row, rows and columns of shares and all their bars, and points of a line."""


def answers(
    words: Vocabulary, roles: Mapping[str, Role], axes: Mapping[str, Axes], values: Mapping[str, np.ndarray],
    learned: Mapping[str, Learned],
) -> list[Wish]:  # fmt: skip
    """The last prediction beside its target, before and after the update, or what a training makes of it; where there
    is one number that it answers to, over that number, for each of the predictions."""
    if (fit := _fit(words, axes, values, learned)) is not None:
        return [fit]
    pair = _compared(words.program, roles)
    if pair is None:
        return []
    guess, target = pair
    names = (guess.name, target.name, *_after(words.program, guess.name))
    paints: tuple[Paint, ...] = ("prediction", "target", "after")
    called = [words.title_of(guess.name), words.title_of(target.name), f"{words.title_of(guess.name)} new"]
    series = [Trace(t, Cells((n,)), paint=p) for t, n, p in zip(called, names, paints, strict=False)]
    series += _learned(called[0], learned.get(guess.name))
    size = target.value.size
    known = named_along(axes, target.name, size) or named_along(axes, guess.name, size)
    samples = None if known else _samples(words.program, guess, values)
    written = [f"({', '.join(f'{n:g}' for n in column)})" for column in values[samples].T] if samples else counted(size)
    title = f"{words.title_of(guess.name)} and {words.title_of(target.name)}"
    chart = Bars(title, 0, 0, tuple(series), known or tuple(written), samples=samples)
    reads = (*names, *([samples] if samples else []))
    return [Wish(Request(guess.name, 10, 9, reads=reads), chart)]


def shares(words: Vocabulary, axes: Mapping[str, Axes]) -> list[Wish]:
    """Columns that add up to 1 as clusters of bars, for the last such matrix of each section; not the weights of a
    product (they are a heat map) nor what a target of its shape is held against."""
    program = words.program
    factors = {ref.name for s in program.statements if s.expr.op == "matmul" for ref in s.expr.references}
    targets = {g.shape for g in program.givens if g.role == "target"}
    last: dict[str, Statement] = {}
    for s in named(program):
        few = all(1 < size <= MOST_SHARES for size in s.shape) and s.shape[0] * s.shape[1] <= MOST_TOGETHER
        other = s.name in factors or s.shape in targets or s.round is not None
        if few and not other and _shared(s.expr, program) is not None:
            last[s.section] = s
    return [_shares(words, s, axes) for s in last.values()]


def probabilities(words: Vocabulary, axes: Mapping[str, Axes]) -> list[Wish]:
    """Probabilities of things with names, side by side where they are of the same numbers."""
    program = words.program
    held = {name for g in program.givens if g.role == "target" for s in program.statements
            for name in _guesses(s.expr, g.name)}  # fmt: skip
    alike: dict[str, list[Statement]] = {}
    for s in named(program):
        rows, columns = s.shape
        likely = s.expr.kind == "elementwise" and operation(s.expr).role == "probability" and s.round is None
        if likely and rows == 1 and FEWEST <= columns <= MOST_BARS and s.name not in held and axes[s.name][1]:
            alike.setdefault(s.expr.args[0].name, []).append(s)
    found = []
    for group in alike.values():
        read = {ref.name for s in program.statements if s.kind == "matrix" and s.phase == "forward"
                for ref in s.expr.references}  # fmt: skip
        if all(s.name not in read for s in group):  # it is an answer, no gate
            series = tuple(Trace(words.title_of(s.name), Cells((s.name,))) for s in group)
            title = " and ".join(trace.title for trace in series)
            request = Request(group[0].name, 10, 9, reads=tuple(s.name for s in group))
            found.append(Wish(request, Bars(title, 0, 0, series, axes[group[0].name][1])))
    return found


def _shares(words: Vocabulary, s: Statement, axes: Mapping[str, Axes]) -> Wish:
    """A cluster of bars for each distribution."""
    across, names = _shared(s.expr, words.program) == 1, axes.get(s.name, NONE)
    (rows, columns), count, clusters = names[::-1] if across else names, s.shape[across], s.shape[1 - across]
    series = tuple(
        Trace(rows[k] if rows else ordinal(k), Cells((s.name,), *((None, k) if across else (k, None))))
        for k in range(count)
    )  # fmt: skip
    request = Request(s.name, 10, max(8, 2 * clusters), reads=(s.name,))
    title = f"{s.section}: {words.title_of(s.name)}" if s.section else words.title_of(s.name)
    return Wish(request, Bars(title, 0, 0, series, columns or counted(clusters)))


def _shared(node: Node, program: Program) -> int | None:
    """Whether it divides something by its sums over rows (0) or columns (1), whichever helper adds them up."""
    if node.op != "divide" or not node.args[0].is_matrix:
        return None
    maker = {s.name: s.expr for s in program.statements}
    below = node.args[1]
    below = maker.get(below.name, below) if below.is_matrix else below
    along = below.option("axis") if below.op == "sum" and below.args[0] == node.args[0] else None
    return along if along in (0, 1) else None


def _learned(title: str, end: Learned | None) -> list[Trace]:
    """What a training has made of a matrix."""
    return [] if end is None else [Trace(end.title(title), Cells((end.region,), row=end.row), paint="after")]


def _fit(
    words: Vocabulary, axes: Mapping[str, Axes], values: Mapping[str, np.ndarray], learned: Mapping[str, Learned]
) -> Wish | None:
    """Targets, a row or a column, as points over the one number that they answer to, and as lines the first prediction
    and the last."""
    program = words.program
    for target in program.givens:
        if target.role != "target" or 1 not in target.shape or target.value.size < FEWEST:
            continue
        along = int(target.shape[0] == 1)
        against = {name for s in program.statements if s.phase == "forward" for name in _guesses(s.expr, target.name)}
        guesses = [s for s in named(program) if s.name in against and s.shape == target.shape]
        feature = _feature(program, guesses[0], target, along, values) if guesses else None
        if feature is None:
            continue
        given, k = feature
        x, last = Cells((given.name,), row=k) if along else Cells((given.name,), column=k), guesses[-1].name
        title = words.title_of
        series = [Trace(title(target.name), Cells((target.name,)), x, "points", "target")]
        look = "line" if _ascending(_lines(values[given.name], along)[k]) else "points"
        for s, paint in zip(dict.fromkeys([guesses[0], guesses[-1]]), ("prediction", "after"), strict=False):
            series.append(Trace(title(s.name), Cells((s.name,)), x, look, paint))  # type: ignore[arg-type]
        after = _after(program, last)
        series += [Trace(f"{title(last)} new", Cells((name,)), x, look, "after") for name in after]  # type: ignore[arg-type]
        if len(series) == 2:
            series += [replace(trace, x=x, look=look) for trace in _learned(title(last), learned.get(last))]  # type: ignore[arg-type]
        lines = axes.get(given.name, NONE)[1 - along]
        across = lines[k] if lines else title(given.name)
        answer = title(guesses[0].name) if not guesses[1:] else "the line"
        said, ends = f"{title(target.name)} and {answer} over {across}", reach(_lines(values[given.name], along)[k])
        chart = Plot(said, 0, 0, tuple(series), across, x_ends=ends)
        reads = (given.name, target.name, *dict.fromkeys((guesses[0].name, last)), *after)
        return Wish(Request(last, 14, 9, reads=reads), chart)
    return None


def _feature(
    program: Program, guess: Statement, target: Given, along: int, values: Mapping[str, np.ndarray]
) -> tuple[Given, int] | None:
    """The given row of numbers, one for each target, that a prediction is made of; beside it at most a row of ones.
    Where targets are a column, a column with a column of ones beside it: others are one sample's features."""
    sources = _alongside(guess.name, {s.name: s.expr for s in program.statements if s.phase == "forward"}, along)
    size = target.value.size
    inputs = [g for g in program.givens if g.role == "input" and g.name in sources and g.shape[along] == size]
    if len(inputs) != 1 or inputs[0].integers or inputs[0].shape[1 - along] == 1 > along:
        return None
    lines = _lines(values[inputs[0].name], along)
    found = [k for k, line in enumerate(lines) if not (line == 1).all()]
    return (inputs[0], found[0]) if len(found) == 1 and len(set(lines[found[0]])) >= FEWEST else None


def _lines(numbers: np.ndarray, along: int) -> np.ndarray:
    """The rows of a matrix (along 1) or its columns (along 0)."""
    return numbers if along else numbers.T


def _samples(program: Program, guess: Statement, values: Mapping[str, np.ndarray]) -> str | None:
    """The one given matrix that has a few short numbers for each of the answers in a row."""
    sources = _alongside(guess.name, {s.name: s.expr for s in program.statements if s.phase == "forward"}, 1)
    found = [g.name for g in program.givens if g.role == "input" and g.name in sources and g.shape[1] == guess.shape[1]]
    if guess.shape[0] > 1 or len(found) != 1:
        return None
    numbers = values[found[0]]
    short = (numbers == np.rint(numbers)).all() and (abs(numbers) < LONG).all()
    return found[0] if short and 1 < len(numbers) <= MOST_WRITTEN else None


def _alongside(name: str, maker: Mapping[str, Node], along: int) -> set[str]:
    """The matrices of which each column (along 1) or row (0) goes into the same one of this."""
    found, todo = {name}, [maker.get(name)]
    while todo:
        node = todo.pop()
        if node is None:
            continue
        if node.is_matrix and node.name not in found:
            found.add(node.name)
            todo.append(maker.get(node.name))
        if node.op == "matmul":
            todo.append(node.args[along])
        elif node.kind == "elementwise" or node.op == ("hstack", "vstack")[along]:
            todo += node.args
    return found


def _ascending(numbers: Sequence[float]) -> bool:
    return all(a < b for a, b in pairwise(numbers))


def _after(program: Program, name: str) -> tuple[str, ...]:
    """The same after the update."""
    return tuple(s.name for s in program.statements if s.repeats == name)


def _compared(program: Program, roles: Mapping[str, Role]) -> tuple[Statement, Given] | None:
    """The last small prediction, and the target of its shape that the loss holds against it."""
    targets = [g for g in program.givens if g.role == "target" and 1 in g.shape and 1 < g.value.size <= MOST_BARS]
    forward = [s for s in program.statements if s.phase == "forward"]
    for target in targets:
        against = {name for s in forward for name in _guesses(s.expr, target.name)}
        for s in reversed(forward):
            if s.name in against and s.shape == target.shape and roles.get(s.name) is Role.OUTPUT:
                return s, target
    return None


def _guesses(node: Node, target: str) -> set[str]:
    """What is held against a target: what it is subtracted from, or what a logarithm is taken of beside it."""
    names = {ref.name for ref in node.references}
    if target not in names:
        return set()
    pairs = [n for n in nodes(node) if n.op == "log" or (n.op == "subtract" and target in {a.name for a in n.args})]
    return {ref.name for pair in pairs for ref in pair.references} - {target}
