"""The bands of a page: a section each, or a part of a loop whose turns stand side by side."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sheetgen.layout.geometry import nodes
from sheetgen.layout.geometry.figure import Block
from sheetgen.layout.geometry.script import Item, Script, Told


@dataclass(frozen=True)
class Placed:
    """An item, the place of its turn among those side by side, and its number in the loop's body."""

    item: Item
    turn: int = 0
    index: int = -1


@dataclass(frozen=True)
class Row:
    """A block and what is placed in it, in order. `lanes`: the turns of a loop side by side."""

    block: Block
    items: tuple[Placed, ...]
    shows: tuple[str, ...] = ()
    """Given matrices that it introduces."""
    lanes: int = 0


@dataclass(frozen=True)
class _Piece:
    items: tuple[Item, ...]
    title: str
    loop: int | None = None
    start: int = 0

    @property
    def first(self) -> int:
        """Its first step."""
        return self.items[0].step if self.items else self.start


def rows_of(script: Script, turns_a_row: Mapping[int, int]) -> tuple[Row, ...]:
    """The bands in order; at most `turns_a_row[loop]` turns side by side, the others in bands below."""
    made = [item for item in script.items if not item.made]
    shown = {item.step for item in made}
    told = [step for step in script.steps if step.number not in shown]
    pieces = _with_words(_pieces(made), told)
    rows: list[Row] = []
    group = 0
    for piece, steps in zip(pieces, _told_with(pieces, told), strict=True):
        if piece.loop is None:
            rows.append(_plain(piece, steps, len(rows), group, script))
            group += 1
            continue
        bodies = bodies_of(piece.items)
        wide = max(1, min(len(bodies), turns_a_row.get(piece.loop, len(bodies))))
        for start in range(0, len(bodies), wide):
            part = bodies[start : start + wide]
            for k, chunk in enumerate(_chunks(part)):
                these = steps if start == 0 and k == 0 else []
                rows.append(_lanes(chunk, these, len(rows), group, script, piece.loop, start, len(part)))
            group += 1
    return tuple(rows)


def _pieces(items: Sequence[Item]) -> list[_Piece]:
    """Runs of items: whole loops that are drawn as lanes, sections otherwise."""
    pieces: list[_Piece] = []
    for loop, run in groupby(items, key=lambda item: item.loop):
        block = tuple(run)
        if loop is not None and stands_in_lanes(block):
            pieces.append(_Piece(block, block[0].section, loop))
            continue
        for section, part in groupby(block, key=lambda item: item.section):
            piece = _Piece(tuple(part), section)
            before = pieces[-1] if pieces else None
            if before is not None and before.loop is None and before.title in ("", section):
                pieces[-1] = _Piece((*before.items, *piece.items), section)
            else:
                pieces.append(piece)
    return pieces


def _with_words(pieces: Sequence[_Piece], told: Sequence[Told]) -> list[_Piece]:
    """And a band for each section that computes nothing, but shows given matrices or only tells, before the step that
    comes next; after the last one its words close the last band."""
    known = {"", *(item.section for piece in pieces for item in piece.items)}
    last = max((item.step for piece in pieces for item in piece.items), default=0)
    starts = {step.section: step.number for step in reversed(told) if step.section not in known and step.number <= last}
    found = [*pieces, *(_Piece((), section, start=number) for section, number in starts.items())]
    return sorted(found, key=lambda piece: piece.first) if pieces else list(pieces)


def bodies_of(items: Sequence[Item]) -> list[tuple[Item, ...]]:
    """The items of each turn of a loop."""
    return [tuple(run) for _, run in groupby(items, key=lambda item: item.turn)]


def stands_in_lanes(items: Sequence[Item]) -> bool:
    """Whether the turns of a loop have one form, and share a matrix or don't feed each other."""
    bodies = bodies_of(items)
    if len(bodies) < 2 or len({len(body) for body in bodies}) > 1:
        return False
    if any(len({(item.kind, nodes.signature(item.expr)) for item in same}) > 1 for same in zip(*bodies, strict=True)):
        return False
    outside: list[set[str]] = []
    feeds = False
    made: set[str] = set()
    for body in bodies:
        own = {item.name for item in body}
        reads = {ref.name: ref.shape for item in body for ref in item.expr.references}
        feeds = feeds or any(name in made for name in reads)
        outside.append({name for name, shape in reads.items() if shape != (1, 1) and name not in own | made})
        made |= own
    readers: dict[str, int] = {}
    for names in outside:
        for name in names:
            readers[name] = readers.get(name, 0) + 1
    return not feeds or any(count > 1 for count in readers.values())


def _chunks(bodies: Sequence[tuple[Item, ...]]) -> list[list[tuple[int, tuple[Item, ...]]]]:
    """The sections within a loop's body: for each, its items' numbers and the items of all turns."""
    numbered = list(enumerate(zip(*bodies, strict=True)))
    return [list(run) for _, run in groupby(numbered, key=lambda same: same[1][0].section)]


def _plain(piece: _Piece, steps: list[Told], index: int, group: int, script: Script) -> Row:
    names = tuple(item.name for item in piece.items)
    fused, helped = _fused(names, script)
    numbers = sorted({*(s.number for s in steps), *_told(piece.items), *helped})
    block = Block(index, piece.title, names, fused, tuple(numbers), group=group)
    return Row(block, tuple(map(Placed, piece.items)), _shows(script, numbers))


def _lanes(
    chunk: list[tuple[int, tuple[Item, ...]]], steps: list[Told], index: int, group: int, script: Script,
    loop: int, start: int, wide: int,
) -> Row:  # fmt: skip
    items = tuple(Placed(item, turn, number) for number, same in chunk for turn, item in enumerate(same))
    names = tuple(placed.item.name for placed in items)
    fused, helped = _fused(names, script)
    numbers = sorted({*(s.number for s in steps), *_told([placed.item for placed in items]), *helped})
    turns = tuple(placed.item.turn or 0 for placed in items if placed.index == items[0].index)
    title = items[0].item.section
    block = Block(index, title, names, fused, tuple(numbers), loop, turns, start > 0, group)
    return Row(block, items, _shows(script, numbers), wide)


def _told(items: Iterable[Item]) -> set[int]:
    """The steps that items tell; a row is told where the statement that it belongs to is."""
    return {item.step for item in items if not item.of}


def _fused(names: Sequence[str], script: Script) -> tuple[tuple[str, ...], set[int]]:
    found = [helper for name in names for helper in script.helpers.get(name, ())]
    return tuple(name for name, _ in found), {step for _, step in found}


def _shows(script: Script, steps: Sequence[int]) -> tuple[str, ...]:
    return tuple(name for number in steps for name in script.shows.get(number, ()))


def _told_with(pieces: Sequence[_Piece], told: Sequence[Told]) -> list[list[Told]]:
    """Steps that compute nothing, with the piece whose section they have, else with the one that follows."""
    out: list[list[Told]] = [[] for _ in pieces]
    firsts = [piece.first for piece in pieces]
    sections: dict[str, int] = {}
    for k, piece in enumerate(pieces):
        for section in (piece.title, *(item.section for item in piece.items)):
            sections.setdefault(section, k)
    for step in told:
        if pieces:
            later = min(bisect(firsts, step.number), len(pieces) - 1)
            out[sections.get(step.section, later)].append(step)
    return out
