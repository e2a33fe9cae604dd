"""The author's sentences about a block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from sheetgen.ir.program import Statement, Step
from sheetgen.layout.words import loops
from sheetgen.layout.words.badges import badge
from sheetgen.layout.words.loops import Loop
from sheetgen.layout.words.telling import ACROSS, AIR, Line, Telling, Told
from sheetgen.layout.words.vocabulary import Vocabulary
from sheetgen.layout.words.wrap import prose_lines, prose_rows

CLOSER_COLUMN, CLOSER_GUTTER = 4.5, 3.0
"""Characters that a column of a Look closer has at least, and the one before its result."""
CLOSER_ROWS, CLOSER_LINES = 2, 3
"""Rows of its sentence, and the lines that there is room for."""


def sentences(on: Telling) -> tuple[list[Told], list[Told]]:
    """The author's sentences; those of a loop's turns once, with the turn put back. First those that come before
    the statement that they lead to, then those about one, or that share its number."""
    texts: dict[str, tuple[str, int]] = {}
    for owner, number, text in _paragraphs(on) if not on.block.continued else ():
        texts.setdefault(text, (owner, number))
    early, late = list[Told](), list[Told]()
    for text, (owner, number) in texts.items():
        rows, across = (prose_rows(text, width) for width in (on.width - AIR, ACROSS))
        line = Line(text, "sentence", rows=rows, across=across if across < rows else 0)
        leads = next((s for s in on.statements if not owner and s.step >= number), None)
        if leads is not None and leads.step > number:
            early.append((leads.name, [line]))
        else:
            late.append((owner if leads is None else leads.name, [line]))
    return early, late


def _paragraphs(on: Telling) -> Iterable[tuple[str, int, str]]:
    """The statement that each of them is about, if there is one, the number of its step, and its text."""
    numbers, makers = set(on.block.steps), on.words.makers
    steps = [step for step in on.words.program.steps if step.number in numbers and step.told]
    if on.loop is None:
        here = {*on.block.matrices, *on.block.fused}
        for step in steps:
            made = [makers[name] for name in step.matrices if name in makers]
            if not step.matrices:  # what only tells stands with the first of its number
                made = [s for s in makers.values() if s.step == step.number][:1]
            if made and told_closer(on.words, made[0]):
                continue
            if not made or made[0].kind != "matrix" or made[0].name in here:
                owner = _owner(made) if step.matrices else ""
                yield owner, step.number, _numbered(on, step, loops.told(step.sentence, on.words.symbols))
        return
    for same in _by_place(steps, on.loop):
        turns = tuple(sorted(same))
        texts = [same[turn].sentence for turn in turns]
        common = loops.common_text(texts, on.loop, turns, on.words.symbols) if len(turns) > 1 else None
        first = same[turns[0]]
        made = [makers[name] for name in first.matrices if name in makers]
        owner = _owner(made) if first.matrices else ""
        text = common or loops.told(texts[0], on.words.symbols)
        yield owner, first.number, text if len(turns) > 1 else _numbered(on, first, text)


def _numbered(on: Telling, step: Step, text: str) -> str:
    """A sentence; after its step's number where no matrix has it."""
    same = [one for one in on.words.program.steps if one.number == step.number]
    alone = not any(one.matrices or one.shows for one in same)
    return f"{badge(step.number)} {text}" if alone else text


def _owner(made: Sequence[Statement]) -> str:
    """The statement that a sentence about several is put to: the last, which is made of the others; of what looks
    closer or puts into words, that which it is about."""
    s = made[-1] if made else None
    target = s.target.matrix if s is not None and s.target is not None else ""
    return "" if s is None else s.name if s.kind == "matrix" else target or next(
        (ref.name for ref in s.expr.references), "")  # fmt: skip


def _by_place(steps: Sequence[Step], loop: Loop) -> list[Mapping[int, Step]]:
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
    terms = len(s.terms) + 1 if s.terms else s.expr.args[0].shape[1]
    room = (terms + 1) * CLOSER_COLUMN + CLOSER_GUTTER
    return text if prose_lines(text, room) <= CLOSER_LINES else ""
