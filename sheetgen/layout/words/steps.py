"""The rows of the Steps sheet: one for each kind of step, and one for each further turn of a loop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, zip_longest

import numpy as np

from sheetgen.cells.a1 import letters
from sheetgen.ir.node import Node, shape_text
from sheetgen.ir.program import Statement, Step
from sheetgen.ir.walk import replaced
from sheetgen.layout.plan import StepRow
from sheetgen.layout.words import live, loops
from sheetgen.layout.words.badges import lettered
from sheetgen.layout.words.live import Book, Locate
from sheetgen.layout.words.loops import Loop, turn_title
from sheetgen.layout.words.pieces import LONGEST_FORMULA, Cell, Choice, Equals, Piece, Tail, formula, text
from sheetgen.layout.words.told import OTHERS
from sheetgen.layout.words.vocabulary import Vocabulary
from sheetgen.passes.evaluate import value_of

MOST_SHOWN = 4
"""Statements of one step whose shapes are told."""


def step_rows(
    words: Vocabulary,
    locate: Locate,
    values: Mapping[str, np.ndarray],
    columns: Mapping[str, Sequence[str]] | None = None,
) -> tuple[StepRow, ...]:
    """The rows in order. `locate` tells where a matrix stands, or None; `columns` are the names of columns by matrix,
    for the terms of a Look closer."""
    return tuple(_Rows(words, Book(locate, values), columns or {}).rows())


@dataclass(frozen=True)
class _Rows:
    """What the rows are made of."""

    words: Vocabulary
    book: Book
    columns: Mapping[str, Sequence[str]]

    def rows(self) -> list[StepRow]:
        out: list[StepRow] = []
        known: set[tuple[str, int, str]] = set()
        for run, group in groupby(self.words.program.steps, self.run):
            steps = list(group)
            loop = self.words.loops[run[1]] if run is not None else None
            if run is None or loop is None:
                out += [self.row(step, loop) for step in steps]
                continue
            forms = [(run[0], run[1], self.equation(step, loop)) for step in steps]
            told = [step.told and self.sentence_of_all(step, loop) is None for step in steps]
            new = max((k for k, form in enumerate(forms) if form not in known or told[k]), default=-1) + 1
            if 0 < new == len(steps) - 1:  # a last one alone is told as well
                new += 1
            out += [self.row(step, loop) for step in steps[:new]]
            if rest := steps[new:]:
                out.append(self.once_more(rest, loop, run[2], steps[new - 1].section if new else None))
            known |= {*forms}
        return _numbered(out)

    def run(self, step: Step) -> tuple[str, int, int] | None:
        """Phase, loop and turn of a step; None outside of loops."""
        turns = {self.words.turn_of(name) for name in step.matrices if name in self.words.makers}
        if len(turns) != 1 or (turn := turns.pop()) is None:
            return None
        return (step.phase, *turn)

    def sentence_of_all(self, step: Step, loop: Loop) -> str | None:
        """A step's sentence with the turn put back, as `t`."""
        if not step.matrices:
            return None
        kin = self.words.in_turns(self.words.makers[step.matrices[-1]])
        key = ("sentence", next(iter(kin.values())).name)
        if key not in self.words.memory:
            by_matrix = self.words.steps
            same = {turn: by_matrix[s.name] for turn, s in kin.items() if s.name in by_matrix}
            turns = tuple(sorted(same))
            text = loops.common_text([same[turn].sentence for turn in turns], loop, turns, self.words.symbols)
            self.words.memory[key] = {frozenset(turns): text} if text is not None else {}
        return next(iter(self.words.memory[key].values()), None)

    def once_more(self, steps: Sequence[Step], loop: Loop, turn: int, after: str | None) -> StepRow:
        """A later turn of a loop, or what is the same in it, after rows of its own that end in the section `after`."""
        numbers = sorted({step.number for step in steps})
        name = turn_title(loop, turn)
        same = name if "=" in name else name[:1].lower() + name[1:]
        span = f"{numbers[0]}–{numbers[-1]}" if len(numbers) > 1 else ""
        said = f"The rest is the same for {same}." if after is not None else f"The same for {same}."
        first, joined = steps[0], None
        names = [name for step in reversed(steps) for name in reversed(step.matrices)]
        for s in [self.words.makers[name] for name in names if name in self.words.makers]:
            if numbers_of := self.live(s, f"First number of {self.words.title_of(s.name)}: "):
                pieces: list[Piece] = [f"{said} ", *numbers_of]
                said, joined = text(pieces), formula(pieces)
                break
        drawn = next((step for step in steps if any(map(self.book.locate, step.matrices))), first)
        others = [other for other in self.words.loops.values() if other is not loop]
        shared = any(turn < len(other.values) and turn_title(other, turn) == name for other in others)
        several = len({step.section for step in steps}) > 1
        whole = several and not shared and first.section != after  # goes on in no section, so the turn itself
        section, equation = (name, "") if whole else (first.section, name)
        return StepRow(numbers[0], section, equation, "", said, self.link(drawn), first.phase, joined, span,
                       whole_turn=whole)  # fmt: skip

    def row(self, step: Step, loop: Loop | None) -> StepRow:
        made, said = self.made(step), self.sentence(step)
        pieces: list[Piece] = self.live(made[-1] if step.phase != "update" else made[0]) if made else []
        joined = None
        if pieces:
            pieces = [f"{said} " if said else "", *pieces]
            said, joined = text(pieces), formula(pieces)
            if len(joined) > LONGEST_FORMULA:
                said, joined = self.sentence(step), None
        shapes = self.shapes(made)
        return StepRow(
            step.number, step.section, self.equation(step, loop), shapes, said, self.link(step), step.phase, joined
        )

    def sentence(self, step: Step) -> str:
        """The author's sentence, or the one that was made for the step; names as everywhere."""
        return self.told(step.sentence if step.told else step.sentence.replace(" - ", " − "))

    def told(self, text: str) -> str:
        """A sentence in which matrices are called what readers call them; helpers are told by what they compute."""
        names = self.words.symbols.names
        return "".join(
            self.words.title_of(word) if "_" in word and word in self.words.makers and word not in names
            else self.words.symbols.of(word) if word in names else word
            for word in loops.WORDS.findall(text)
        )  # fmt: skip

    def made(self, step: Step) -> list[Statement]:
        """The statements of what a step makes."""
        return [self.words.makers[name] for name in step.matrices if name in self.words.makers]

    def equation(self, step: Step, loop: Loop | None) -> str:
        if not (made := self.made(step)):
            return ""
        s = made[0] if made[0].phase == "update" else made[-1]
        if s.kind != "matrix":
            return self.about(s)
        more = "" if len(made) == 1 else OTHERS if s.phase == "update" else ", …"
        helpers = self.words.helpers.get(s.name, ())
        return "; ".join(self.words.told(one, loop, exactly=True) for one in (*helpers, s)) + more

    def about(self, s: Statement) -> str:
        """What an explanation or a verdict is about."""
        if s.target is None:
            return ""
        if s.kind == "verdict":
            return f"{self.words.symbols.of(s.target.matrix)} in words"
        return self.words.looked_at(s.target, self.columns)

    def link(self, step: Step) -> str | None:
        """The first cell of what a step makes or shows; of an update, of the first of its new values."""
        made = step.matrices if step.phase == "update" else (*reversed(step.matrices),)
        for name in (*made, *step.shows):
            s = self.words.makers.get(name)
            rect = self.book.locate(name) or (self.book.locate(s.target.matrix) if s and s.target else None)
            read = [ref.name for ref in s.expr.references] if s and rect is None else []
            rect = rect or next((found for ref in read if (found := self.book.locate(ref))), None)
            if rect is not None:
                return f"{rect.sheet}!{letters(rect.column)}{rect.row}"
        return None

    def shapes(self, made: Sequence[Statement]) -> str:
        texts = [_shapes(s) for s in made if s.kind == "matrix"]
        return " ; ".join(texts[:MOST_SHOWN]) + (" …" if len(texts) > MOST_SHOWN else "")

    # Numbers

    def live(self, s: Statement, label: str = "") -> list[Piece]:
        """The sentence that puts numbers in: the first number of a product, a function at a telling place, the terms of
        a Look closer. `label` instead of what it begins with."""
        if s.kind == "explain":
            return self.terms(s)
        if s.kind != "matrix":
            return []
        inner = self.words.makers.get(s.expr.args[0].name) if len(s.expr.args) == 1 else None
        if inner is not None and inner.auxiliary and inner.expr.op == "matmul" and self.book.locate(inner.name):
            before = live.example(inner.name, self.drawn(inner.expr), self.book)
            after = live.example(s.name, s.expr, self.book)
            return [label or "First number: ", *before, ", ", *after, "."] if before and after else []
        at = self.place(s)
        found = live.example(s.name, self.drawn(s.expr), self.book, at)
        begins = "In numbers: " if s.shape == (1, 1) else "First number: " if at == (0, 0) else "For example: "
        return [label or begins, *found, "."] if found else []

    def place(self, s: Statement) -> tuple[int, int]:
        """The cell that shows most: of a choice, one that is made against the rule and makes a difference; else the
        first."""
        node = self.drawn(s.expr)
        x = node.args[0] if node.args else node
        if node.op in ("relu", "leaky_relu"):
            cells = np.argwhere(value_of(x, self.book.values) < 0).tolist()
        elif node.op == "where":
            holds, yes, no = (np.broadcast_to(value_of(arg, self.book.values), node.shape) for arg in node.args)
            cells = [*np.argwhere((holds == 0) & (yes != no)).tolist(), *np.argwhere(yes != no).tolist()]
        else:
            cells = []
        return (cells[0][0], cells[0][1]) if cells else (0, 0)

    def drawn(self, node: Node) -> Node:
        """An expression over matrices that stand somewhere; helpers that don't are put in."""
        def leaf(m: Node) -> Node:
            maker = self.words.makers.get(m.name)
            inside = maker is not None and maker.auxiliary and self.book.locate(m.name) is None
            return self.drawn(maker.expr) if maker is not None and inside else m

        return replaced(node, leaf)

    def terms(self, s: Statement) -> list[Piece]:
        """`First number: A 3·1 + C 1·1 = 4.`, only the terms whose weight isn't 0, by the name of their column."""
        left, right = s.expr.args[:2]
        if s.target is None or right.shape[1] != 1 or not left.is_matrix or left.shape[1] > live.MOST_TERMS:
            return []
        names = self.columns.get(left.name, ())
        pairs = [[live.cell_of(m, i, j, self.book) for m, i, j in ((left, 0, k), (right, k, 0))]
                 for k in range(left.shape[1])]  # fmt: skip
        cells = [cell for pair in pairs for cell in pair if isinstance(cell, Cell)]
        result = self.book.cell(s.target.matrix, 0, s.target.column or 0)
        if result is None or len(cells) < 2 * len(pairs):
            return []
        told = Cell(result.address, result.value, result.decimals, bracketed=False)

        def true(cells: Sequence[Cell]) -> bool:
            made = sum(factor.shown * weight.shown for factor, weight in zip(cells[::2], cells[1::2], strict=True))
            return Cell("", made, told.decimals).shown == told.shown

        cells = live.with_digits(cells, true)
        written: list[Piece] = []
        for k, (factor, weight) in enumerate(zip(cells[::2], cells[1::2], strict=True)):
            name = f"{names[k]} " if k < len(names) else ""
            written.append(Choice(weight, (f" + {name}", factor, "·", weight)))
        return ["First number: ", Tail(tuple(written)), Equals((*cells, told)), told, "."]


def _numbered(rows: Sequence[StepRow]) -> list[StepRow]:
    """The rows of one step, told apart: 1, 1a, 1b; what is said of all of them leads to the first."""
    seen: Counter[int] = Counter()
    found = []
    for row, after in zip_longest(rows, rows[1:]):
        again = seen[row.number]
        seen[row.number] += 1
        if again:
            row = replace(row, numbers=lettered(row.number, again))
        elif row.link is None and after is not None and after.number == row.number:
            row = replace(row, link=after.link)
        found.append(row)
    return found


def _shapes(s: Statement) -> str:
    text = shape_text(s.shape)
    if s.expr.op == "matmul":
        text += f" = {shape_text(s.expr.args[0].shape)} · {shape_text(s.expr.args[1].shape)}"
    return text
