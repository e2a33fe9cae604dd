"""The margin of a band: its number and title, and for each statement its equation and what the author says of it. The
equations of the gradients follow, where they stand on one sheet with all that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from sheetgen.layout.geometry.figure import Block, Mode
from sheetgen.layout.geometry.story import Text
from sheetgen.layout.words import loops
from sheetgen.layout.words.sentences import sentences
from sheetgen.layout.words.telling import WIDTH, Line, Telling, Told, passages
from sheetgen.layout.words.told import backward, forward, update
from sheetgen.layout.words.vocabulary import Vocabulary
from sheetgen.records import replace

CONTINUED = "(continued)"
BLOCKS = 256
"""Blocks whose lines are kept."""


@dataclass(frozen=True)
class Margin:
    """What stands in the margin of one band."""

    badge: str
    title: str
    lines: tuple[Line, ...]
    again: bool = False
    """The band above has this title: it goes on under it."""

    def rows(self, mode: Mode = "beside") -> int:
        """The rows that it takes on the sheet where it is longest, its title among them."""
        return 1 + max(sum(line.rows for line in self.lines if line.on(sheet, mode)) for sheet in (0, 1, 2))


def margins(words: Vocabulary, blocks: Iterable[Block], width: float = WIDTH) -> dict[int, Margin]:
    """The margins of all blocks, by index; titled ones are numbered. One that continues another, or has the title of
    the one before it, keeps its number; the latter goes on under that title."""
    found: dict[int, Margin] = {}
    numbers: dict[str, int] = {}
    before = ""
    blocks = tuple(blocks)
    gradients = {s.name for s in words.gradients.values()}
    apart = frozenset(name for block in blocks for name in block.matrices if name in gradients)
    for block in blocks:
        on = Telling(words, block, width, apart)
        title = _heading(on)
        again = title == before and not block.continued
        if title and not ((again or block.continued) and title in numbers):
            numbers[title] = max(numbers.values(), default=0) + 1
        before = title or before
        badge = str(numbers[title]) if title else ""
        shown = f"{title} {CONTINUED}" if title and block.continued else title
        found[block.index] = Margin(badge, shown, _lines(on), bool(title) and again)
    return found


def story(
    words: Vocabulary, block: Block, mode: Mode, width: float = WIDTH, wide: bool = True
) -> tuple[Text, ...]:
    """What a block's margin of `width` characters tells on the first sheet, and the rows that it takes there or, on a
    `wide` page, below all matrices; at its end those that it takes more on another sheet. Gradients beside the forward
    pass are told where there is room: captions and Steps tell them too."""
    lines = [line for line in _lines(Telling(words, block, width)) if not line.behind(mode)]
    most = Margin("", "", tuple(lines)).rows(mode) - 1
    lines = [line for line in lines if line.on(0, mode)]
    found = passages(lines)
    texts = [Text(one[0].at, sum(line.rows for line in one), one[0].across if wide else 0) for one in found]
    return (*texts, Text((), most - sum(text.rows for text in texts)))


@lru_cache(BLOCKS)
def _lines(on: Telling) -> tuple[Line, ...]:
    """Forward, statement by statement; what belongs to none of them follows, then the gradients in their order, and
    the update. Told once for the rows that they take and for the page."""
    early, late = sentences(on)
    told = [*forward(on), *late]
    ahead, after = _by_owner(early), _by_owner(told)
    found, at = list[Line](), list[str]()
    for s in on.statements:
        at.append(s.name)
        found += ahead.get(s.name, ())
        lines = [replace(line, at=tuple(at)) for line in after.get(s.name, ())]
        if lines:  # unnamed helpers belong to what is made of them
            found, at = [*found, *lines], []
    known, others = {s.name for s in on.statements}, [*early, *told]
    order = on.words.order
    first = min((order[name] for name in known), default=0)
    before = {owner for owner, _ in others if owner not in known and order.get(owner, first) < first}
    found = [line for owner, own in others if owner in before for line in own] + found
    found += [line for owner, own in others if owner not in known | before for line in own]
    behind = [*backward(on), *update(on)]
    return (*found, *(replace(line, at=(owner,)) for owner, own in behind for line in own))


def _by_owner(told: Iterable[Told]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for owner, own in told:
        found.setdefault(owner, []).extend(own)
    return found


def _heading(on: Telling) -> str:
    """The section's title; that of a loop's turns, told once."""
    title = on.block.title
    if any(s.name in on.words.program.further for s in on.statements):  # which no author wrote
        title = loops.told(title, on.words.symbols)
    if on.loop is not None and title in {body[0].section for body in on.loop.bodies}:
        others = [loops.title(loop) for loop in on.words.loops.values() if loop is not on.loop]
        title = loops.title(on.loop, loops.title(on.loop) in others, on.words.proper)
    return title
