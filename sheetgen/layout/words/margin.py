"""The margin of a band: its number and title, and for each statement its equation, what the author says of it, and the
equations of the gradients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from sheetgen.ir.node import Node
from sheetgen.ir.program import Statement, Step
from sheetgen.ir.walk import references
from sheetgen.layout.geometry.figure import Block, Mode, Phase
from sheetgen.layout.plan import Role
from sheetgen.layout.words import loops
from sheetgen.layout.words.badges import badge
from sheetgen.layout.words.loops import Loop
from sheetgen.layout.words.vocabulary import Vocabulary
from sheetgen.layout.words.wrap import prose_lines, prose_rows, wrapped

CONTINUED = "(continued)"
WIDTH, AIR = 24.0, 1.8
"""Characters of the margin's column, and those that stay free at its right."""
MOST_LINES = 3
"""Lines that a gradient's equation may take; a longer one only says what it comes from."""
CLOSER_COLUMN, CLOSER_GUTTER = 4.5, 3.0
"""Characters that a column of a Look closer has at least, and the one before its result."""
CLOSER_ROWS, CLOSER_LINES = 2, 3
"""Rows of its sentence, and the lines that there is room for."""
ALIKE = 3
"""So many gradients of one form are told by the first of them."""


@dataclass(frozen=True)
class Line:
    """A line of an equation, or a paragraph, and how many rows of the sheet it takes."""

    text: str
    kind: Literal["equation", "sentence"]
    phase: Phase = "forward"
    rows: int = 1
    joined: bool = False
    """Goes on with the line above it."""
    again: bool = False
    """Of the forward pass: whether what it tells is computed again after the update."""
    at: tuple[str, ...] = ()
    """The statements beside whose matrices it belongs."""

    @property
    def role(self) -> Role | None:
        """Whose colour it has; prose has none."""
        roles = {"forward": Role.FORWARD, "backward": Role.GRADIENT, "update": Role.UPDATED, "after": Role.FORWARD}
        return roles[self.phase] if self.kind == "equation" else None

    def on(self, sheet: int, mode: Mode) -> bool:
        """Whether it stands on that sheet: 0 the Canvas, 1 Gradients, 2 After the update. Prose stands on the first
        only, equations of what is computed again on the third as well; beside, the lane's head tells the update."""
        if self.kind == "sentence":
            return sheet == 0
        if self.phase == "forward":
            return sheet == 0 or (sheet == 2 and self.again)
        return sheet == (0 if mode != "sheets" else 1) if self.phase == "backward" else sheet == 2 and mode == "sheets"


@dataclass(frozen=True)
class Margin:
    """What stands in the margin of one band."""

    badge: str
    title: str
    lines: tuple[Line, ...]

    def rows(self, mode: Mode = "beside") -> int:
        """The rows that it takes on the sheet where it is longest, its title among them."""
        return 1 + max(sum(line.rows for line in self.lines if line.on(sheet, mode)) for sheet in (0, 1, 2))


def margins(words: Vocabulary, blocks: Iterable[Block], width: float = WIDTH) -> dict[int, Margin]:
    """The margins of all blocks, by index; titled ones are numbered. One that continues another, or has the title of
    the one before it, keeps its number."""
    found: dict[int, Margin] = {}
    numbers: dict[str, int] = {}
    before = ""
    blocks = tuple(blocks)
    gradients = {s.name for s in words.gradients.values()}
    apart = frozenset(name for block in blocks for name in block.matrices if name in gradients)
    for block in blocks:
        teller = _Teller(words, block, width, apart)
        title = teller.heading
        again = block.continued or title == before
        if title and not (again and title in numbers):
            numbers[title] = max(numbers.values(), default=0) + 1
        before = title or before
        badge = str(numbers[title]) if title else ""
        found[block.index] = Margin(badge, f"{title} {CONTINUED}" if title and again else title, teller.lines())
    return found


def rows(words: Vocabulary, block: Block, mode: Mode, width: float = WIDTH) -> int:
    """How many rows of a sheet a block's margin takes."""
    return Margin("", "", _Teller(words, block, width).lines()).rows(mode)


Told = tuple[str, list[Line]]
"""A statement, and lines about it."""


@dataclass(frozen=True)
class _Teller:
    """One block and all that is needed to tell it."""

    words: Vocabulary
    block: Block
    width: float
    apart: Set[str] = frozenset()
    """Gradients that stand in a band of their own: they are told there."""

    @cached_property
    def loop(self) -> Loop | None:
        """The loop whose turns stand side by side in it."""
        return self.words.loops.get(self.block.loop) if self.block.loop is not None else None

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """The statements that it tells, in program order: those of the first turn, if it has turns."""
        here = {*self.block.matrices, *self.block.fused}
        found = [s for s in self.words.program.statements if s.name in here and s.phase == "forward"]
        if self.loop is not None:
            first = min((s.round[1] for s in found if s.round), default=0)
            found = [s for s in found if s.round is None or s.round[1] == first]
        return tuple(s for s in found if s.kind == "matrix")

    @cached_property
    def givens(self) -> tuple[str, ...]:
        """Given matrices that stand in it, because it reads them first."""
        here = {*self.block.matrices, *self.block.fused}
        if self.block.continued:
            return ()
        found = [g.name for g in self.words.program.givens if self.words.first_reader.get(g.name) in here]
        return tuple(name for name in found if name not in self.words.kin or name == self.words.alike[name][0])

    def lines(self) -> tuple[Line, ...]:
        """Statement by statement; what belongs to none of them follows."""
        early, late = self.sentences()
        said = [*self.forward(), *late, *self.backward(), *self.update()]
        found, at = list[Line](), list[str]()
        for s in self.statements:
            at.append(s.name)
            found += [replace(line, at=tuple(at) if line.at else ()) for owner, own in early if owner == s.name
                      for line in own]  # fmt: skip
            lines = [replace(line, at=tuple(at)) for owner, own in said if owner == s.name for line in own]
            if lines:  # unnamed helpers belong to what is made of them
                found, at = [*found, *lines], []
        known = {s.name for s in self.statements}
        return (*found, *(line for owner, own in [*early, *said] if owner not in known for line in own))

    @cached_property
    def heading(self) -> str:
        """The section's title; that of a loop's turns, told once."""
        title = self.block.title
        if self.loop is not None and title in {body[0].section for body in self.loop.bodies}:
            others = [loops.title(loop) for loop in self.words.loops.values() if loop is not self.loop]
            title = loops.title(self.loop, loops.title(self.loop) in others, self.words.proper)
        return title

    def forward(self) -> list[Told]:
        told = [s for s in self.statements if self.words.symbols.name(s.name) is not None]
        texts = [(s, self.words.told(s, self.loop)) for s in told]
        helpers = [(s, text) for s, text in texts if s.auxiliary]
        drop, keep = _alike([(s, self.words.full(s.expr), text) for s, text in helpers], {s.name for s, _ in helpers})
        again = {s.repeats for s in self.words.program.statements if s.phase == "after"}
        return [
            (s.name, [replace(x, again=s.name in again) for x in self.equation(keep.get(s.name, text), "forward")])
            for s, text in texts
            if s.name not in drop
        ]

    def backward(self) -> list[Told]:
        """The gradients of what stands here. That of a bias is told with its weight's; of one in a band of its own, the
        sheet Steps tells what is long."""
        here = {s.name for s in self.statements if self.shown(s)} | set(self.givens)
        found = []
        for s in self.words.program.statements:
            told = s.name in self.block.matrices or (s.gradient_of in here and s.name not in self.apart)
            if s.phase != "backward" or s.gradient_of is None or not told:
                continue
            if s.gradient_of in self.words.biases and here & self.words.weights:
                continue
            text = self.short(s, self.words.told(s, self.loop))
            if s.name not in self.block.matrices or len(wrapped(text, self.width)) <= MOST_LINES:
                found.append((s, self.words.full(s.expr), text))
        makers = self.words.makers
        of = {s.name: makers.get(s.gradient_of or "") for s, _, _ in found}
        mere = {name for name, maker in of.items() if maker is None or maker.auxiliary}
        drop, keep = _alike(found, mere)
        owners = {keep.get(s.name, text): s.gradient_of or "" for s, _, text in reversed(found) if s.name not in drop}
        first = self.words.first_reader
        places = {text: of if of in makers else first.get(of, "") for text, of in reversed(owners.items())}
        return [(place, self.equation(text, "backward")) for text, place in places.items()]

    def short(self, s: Statement, text: str) -> str:
        """The equation of a gradient; a very long one only tells which gradients it comes from."""
        if len(wrapped(text, self.width)) <= MOST_LINES:
            return text
        makers = self.words.makers
        read = [ref.name for ref in references(s.expr) if ref.name in makers and makers[ref.name].gradient_of]
        names = ", ".join(self.words.title_of(name) for name in dict.fromkeys(read))
        return f"{self.words.title_of(s.name)} from {names}" if names else text

    def update(self) -> list[Told]:
        news = self.words.news
        mine = [name for name in self.givens if name in news and name not in self.words.biases]
        mine = mine or [name for name in self.givens if name in news]
        if not mine:
            return []
        more = ", …" if len(mine) > 1 else ""
        text = self.words.told(news[mine[0]], self.loop) + more
        return [(self.words.first_reader[mine[0]], self.equation(text, "update"))]

    def shown(self, s: Statement) -> bool:
        """Whether readers know a statement's matrix: by name, or as a sum that is drawn."""
        return self.words.symbols.name(s.name) is not None or (
            s.name in self.block.matrices and s.expr.op == "add" and all(arg.shape == s.shape for arg in s.expr.args)
        )

    def equation(self, text: str, phase: Phase) -> list[Line]:
        return [Line(line, "equation", phase, joined=k > 0) for k, line in enumerate(wrapped(text, self.width))]

    def sentences(self) -> tuple[list[Told], list[Told]]:
        """The author's sentences; those of a loop's turns once, with the turn put back. First those that come before
        the statement that they lead to, then those about one."""
        texts: dict[str, tuple[str, int]] = {}
        for owner, number, text in self.paragraphs() if not self.block.continued else ():
            texts.setdefault(text, (owner, number))
        early, late = list[Told](), list[Told]()
        for text, (owner, number) in texts.items():
            line = Line(text, "sentence", rows=prose_rows(text, self.width - AIR))
            for s in [s for s in self.statements if not owner and s.step >= number][:1]:
                early.append((s.name, [replace(line, at=(s.name,) if s.step == number else ())]))
                break
            else:
                late.append((owner, [line]))
        return early, late

    def paragraphs(self) -> Iterable[tuple[str, int, str]]:
        """The statement that each of them is about, if there is one, the number of its step, and its text."""
        numbers, makers = set(self.block.steps), self.words.makers
        steps = [step for step in self.words.program.steps if step.number in numbers and step.told]
        if self.loop is None:
            here = {*self.block.matrices, *self.block.fused}
            for step in steps:
                made = [makers[name] for name in step.matrices if name in makers]
                if not step.matrices:  # what only tells stands with the first of its number
                    made = [s for s in makers.values() if s.step == step.number][:1]
                if made and told_closer(self.words, made[0]):
                    continue
                if not made or made[0].kind != "matrix" or made[0].name in here:
                    owner = self.owner(made) if step.matrices else ""
                    yield owner, step.number, self.numbered(step, loops.told(step.sentence, self.words.symbols))
            return
        for same in self.by_place(steps, self.loop):
            turns = tuple(sorted(same))
            texts = [same[turn].sentence for turn in turns]
            common = loops.common_text(texts, self.loop, turns, self.words.symbols) if len(turns) > 1 else None
            first = same[turns[0]]
            made = [makers[name] for name in first.matrices if name in makers]
            owner = self.owner(made) if first.matrices else ""
            text = common or loops.told(texts[0], self.words.symbols)
            yield owner, first.number, text if len(turns) > 1 else self.numbered(first, text)

    def numbered(self, step: Step, text: str) -> str:
        """A sentence; after its step's number where no matrix has it."""
        same = [one for one in self.words.program.steps if one.number == step.number]
        alone = not any(one.matrices or one.shows for one in same)
        return f"{badge(step.number)} {text}" if alone else text

    @staticmethod
    def owner(made: Sequence[Statement]) -> str:
        """The statement that a sentence about several is put to: the last, which is made of the others; of what looks
        closer or puts into words, that which it is about."""
        s = made[-1] if made else None
        target = s.target.matrix if s is not None and s.target is not None else ""
        return "" if s is None else s.name if s.kind == "matrix" else target or next(
            (ref.name for ref in references(s.expr)), "")  # fmt: skip

    def by_place(self, steps: Sequence[Step], loop: Loop) -> list[Mapping[int, Step]]:
        """The steps of a loop, those of all turns that do the same together, and its other steps on their own. One that
        only tells belongs to the turn whose statements share its number."""
        place: dict[str, tuple[int, int]] = {
            s.name: (turn, k) for turn, body in enumerate(loop.bodies) for k, s in enumerate(body)
        }
        turns = {s.step: turn for turn, body in enumerate(loop.bodies) for s in body}
        found: dict[object, dict[int, Step]] = {}
        told: Counter[int] = Counter()
        for number, step in enumerate(steps):
            known = [place[name] for name in step.matrices if name in place]
            turn, key = known[0] if known else (0, f"step {number}")
            if not known and step.number in turns:
                turn = turns[step.number]
                key = f"told {told[turn]}"
                told[turn] += 1
            found.setdefault(key, {})[turn] = step
        return list(found.values())


def told_closer(words: Vocabulary, s: Statement) -> str:
    """What the author says of a Look closer, if it can be read in its frame; else it stands in the margin."""
    step = words.steps.get(s.name)
    if s.kind != "explain" or step is None or not step.told:
        return ""
    text = loops.told(step.sentence, words.symbols)
    room = (s.expr.args[0].shape[1] + 1) * CLOSER_COLUMN + CLOSER_GUTTER
    return text if prose_lines(text, room) <= CLOSER_LINES else ""


def _alike(found: Sequence[tuple[Statement, Node, str]], among: set[str]) -> tuple[set[str], dict[str, str]]:
    """Of the equations of `among` that have one form, all but the first, and the first with an ellipsis."""
    groups: dict[object, list[tuple[str, str]]] = {}
    for s, node, text in found:
        if s.name in among:
            groups.setdefault(_form(node), []).append((s.name, text))
    drop: set[str] = set()
    keep: dict[str, str] = {}
    for group in groups.values():
        texts = list(dict.fromkeys(text for _, text in group))
        if len(texts) >= ALIKE:
            drop |= {name for name, _ in group[1:]}
            keep[group[0][0]] = f"{group[0][1]}, …"
    return drop, keep


def _form(node: Node) -> object:
    """An expression without its names."""
    return (node.op, tuple(_form(arg) for arg in node.args)) if node.args else node.op


