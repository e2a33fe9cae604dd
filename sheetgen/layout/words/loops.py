"""The turns of a loop told once: `H1`, `H2`, `H3` are Hₜ, and what each of them reads from the one before Hₜ₋₁.

The letter and what differs are the variable of the loop and its values, which the program carries.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sheetgen.ir.node import Node
from sheetgen.ir.program import Program, Statement, Variable
from sheetgen.layout.words.script import SUBSCRIPTS
from sheetgen.layout.words.symbols import Name, Symbols, differing

LETTERS = frozenset(SUBSCRIPTS) & frozenset("ahijkmnprstuvx")
"""Letters for turns: those that Unicode has as indices and that mean nothing else."""
INDICES = re.compile(r"(?:_\w+)+")
"""Further indices of a name, after the one that the turns differ in."""
WORDS = re.compile(r"[A-Za-z_]\w*|\d+|.", re.DOTALL)


@dataclass(frozen=True)
class Loop:
    """The turns of one loop: what its variable is called, and its value in each turn."""

    number: int
    letter: str
    values: tuple[str, ...]
    """By turn."""
    bodies: tuple[tuple[Statement, ...], ...]
    carried: bool
    """Whether a turn reads what another one computed."""
    name: str = ""
    """The variable's own name."""

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """The turns' sections, if each has another."""
        titles = tuple(body[0].section for body in self.bodies)
        return titles if len(set(titles)) == len(titles) else ()

    def offset(self, texts: Sequence[str], turns: Sequence[int]) -> str | None:
        """`t`, `t−1` or `t+1` for what `texts` says in `turns`; None if it is none of these."""
        values = [self.values[turn] for turn in turns]
        if list(texts) == values:
            return self.letter
        if not all(text.isdigit() for text in (*texts, *values)):
            return None
        shifts = {int(text) - int(value) for text, value in zip(texts, values, strict=True)}
        if len(shifts) != 1:
            return None
        shift = shifts.pop()
        return f"{self.letter}{'+' if shift > 0 else '−'}{abs(shift)}"


def loops(program: Program) -> dict[int, Loop]:
    """The loops of a program's forward pass, by number."""
    found: dict[int, dict[int, list[Statement]]] = {}
    for s in program.statements:
        if s.phase == "forward" and s.kind == "matrix" and s.round is not None:
            found.setdefault(s.round[0], {}).setdefault(s.round[1], []).append(s)
    return {
        number: _loop(number, program.variables[number - 1], [tuple(body) for _, body in sorted(turns.items())])
        for number, turns in found.items()
    }


def _loop(number: int, variable: Variable, bodies: list[tuple[Statement, ...]]) -> Loop:
    made: dict[str, int] = {s.name: turn for turn, body in enumerate(bodies) for s in body}
    carried = any(
        made.get(ref.name, turn) != turn for turn, body in enumerate(bodies) for s in body for ref in s.expr.references
    )
    return Loop(number, _letter(variable.name, carried), variable.values, tuple(bodies), carried, variable.name)


def _letter(name: str, carried: bool) -> str:
    """A letter for a loop's variable: itself if it can be an index, else its initial, t or k."""
    if name in SUBSCRIPTS:
        return name
    return "t" if carried else name[0].lower() if name[0].lower() in LETTERS else "k"


def common_name(names: Sequence[Name], loop: Loop, turns: Sequence[int], symbols: Symbols) -> str | None:
    """How the matrices `names` of these turns are written in one: `Hₜ₋₁`; None if they have nothing in common."""
    if len(set(names)) == 1:
        return symbols.text(names[0])
    if len({(name.gradient, name.new) for name in names}) > 1:
        return None
    parted = differing([name.base for name in names])
    index = loop.offset(parted[1], turns) if parted else None
    if parted is None or index is None:
        return None
    before, after = parted[0][0].rstrip("_"), parted[0][1]
    if not before or not INDICES.fullmatch(after):
        stem = before + after if before else after.lstrip("_")
        return symbols.text(replace(names[0], base=stem), index) if stem else None
    return symbols.text(replace(names[0], base=before), index, *after.split("_")[1:])


def common(exprs: Sequence[Node], loop: Loop, turns: Sequence[int], symbols: Symbols) -> Node | None:
    """One expression for those of several turns, with `t` in it; None if they differ in more than the turn.

    What differs becomes a leaf of the operation `symbol`, named as it is to be written.
    """
    first = exprs[0]
    if all(expr == first for expr in exprs[1:]):
        return first
    if any((e.op, len(e.args)) != (first.op, len(first.args)) for e in exprs):
        return None
    if first.is_matrix:
        names = [symbols.name(e.name) for e in exprs]
        if any(name is None for name in names):
            return None
        text = common_name([name for name in names if name is not None], loop, turns, symbols)
        return symbol(text, first) if text else None
    if first.is_number:
        texts = [f"{e.value:g}" for e in exprs]
        index = loop.offset(texts, turns)
        return symbol(index, first) if index else None
    if first.op == "symbol":
        return None
    if first.op == "slice" and any(e.options != first.options for e in exprs):
        return _common_line(exprs, loop, turns, symbols)
    if any(e.options != first.options for e in exprs):
        return None
    args = [common(same, loop, turns, symbols) for same in zip(*(e.args for e in exprs), strict=True)]
    if any(arg is None for arg in args):
        return None
    return replace(first, args=tuple(arg for arg in args if arg is not None))


def _common_line(exprs: Sequence[Node], loop: Loop, turns: Sequence[int], symbols: Symbols) -> Node | None:
    """A row or a column that moves on with the turns: xₜ, or `column t of H`."""
    base = common([e.args[0] for e in exprs], loop, turns, symbols)
    if base is None or not base.is_matrix:
        return None
    for axis, option in ((1, "columns"), (0, "rows")):
        spans = [e.option(option) for e in exprs]
        others = {e.option("rows" if axis else "columns") for e in exprs}
        whole = others == {(0, base.shape[1 - axis])}
        index = loop.offset([symbols.place(base.name, axis, start) for start, _ in spans], turns)
        if whole and index and all(stop - start == 1 for start, stop in spans):
            text = line_of(base.name, axis, index, symbols)
            return symbol(text, exprs[0])
        if whole and len(set(spans)) == len(spans) and len({stop - start for start, stop in spans}) == 1:
            lines = ("row", "column")[axis] + ("s" if spans[0][1] - spans[0][0] > 1 else "")
            return symbol(f"its {lines} of {symbols.of(base.name)}", exprs[0])
    return None


def line_of(matrix: str, axis: int, index: str, symbols: Symbols) -> str:
    """One column (axis 1) or row of a matrix: x₃ for the third column of X or x, where nothing else is called so; for
    other names `column 3 of H₁`."""
    name = symbols.name(matrix)
    small = _lettered(replace(name, base=name.base.lower()), symbols, index) if name is not None and axis == 1 else ""
    return small or f"{('row', 'column')[axis]} {index} of {symbols.of(matrix)}"


def entry_of(matrix: str, row: str, column: str, symbols: Symbols) -> str:
    """One number of a matrix: G₁,₂ for the second one in the first row of G, where nothing else is called so; for
    other names `row 1, column 2 of H₁`."""
    name = symbols.name(matrix)
    short = _lettered(name, symbols, row, column) if name is not None else ""
    return short or f"row {row}, column {column} of {symbols.of(matrix)}"


def _lettered(name: Name, symbols: Symbols, *indices: str) -> str:
    """A name of one letter with indices; empty for other names, and where something else is called so."""
    if name.gradient or len(name.base) != 1 or not name.base.isalpha():
        return ""
    text = symbols.text(name, *indices)
    return "" if text.casefold() in symbols.looks or text[0].casefold() in symbols.numbered else text


def symbol(text: str, like: Node) -> Node:
    """A leaf that is written as `text`."""
    return Node("symbol", shape=like.shape, name=text)


def common_text(texts: Sequence[str], loop: Loop, turns: Sequence[int], symbols: Symbols) -> str | None:
    """One sentence for those of several turns, with the turn put back: `At time t, the input meets Hₜ₋₁.`"""
    words = [WORDS.findall(text) for text in texts]
    if len({len(w) for w in words}) != 1:
        return None
    out = []
    for same in zip(*words, strict=True):
        names = [symbols.name(word) for word in same]
        known = [name for name in names if name is not None]
        text: str | None = same[0]
        if len(set(same)) > 1:
            text = common_name(known, loop, turns, symbols) if len(known) == len(names) else None
            text = text or _turns(loop, same, turns)
        elif known:
            text = symbols.text(known[0])
        if text is None:
            return None
        out.append(text)
    return "".join(out)


def _turns(loop: Loop, texts: Sequence[str], turns: Sequence[int]) -> str | None:
    """What differs from turn to turn in a sentence: `t`, or the words themselves, `real / fake`."""
    values = [loop.values[turn] for turn in turns]
    return " / ".join(texts) if list(texts) == values and not values[0].isdigit() else loop.offset(texts, turns)


def told(text: str, symbols: Symbols) -> str:
    """A sentence with the matrices in it written as everywhere on the page."""
    return "".join(symbols.of(word) or word if word in symbols.names else word for word in WORDS.findall(text))


def title(loop: Loop, listed: bool = False, proper: Collection[str] = ()) -> str:
    """What the turns are called together: `Each time step` for `Time step 1`, `Time step 2` …, or `listed` one by one;
    a title that all turns share is theirs as it is. `proper` words keep their capitals."""
    titles = [body[0].section for body in loop.bodies]
    if len(set(titles)) <= 1:
        return titles[0] if titles else ""
    parted = differing(titles)
    if parted is None:
        return titles[0]
    (before, after), values = parted
    if listed or after.strip() or not before.strip():
        return f"{before}{' / '.join(values)}{after}"
    name = before.rstrip(" :–-")
    return f"Each {name if before.split()[0] in proper else name[:1].lower() + name[1:]}"


def turn_title(loop: Loop, turn: int) -> str:
    """`t = 2` for what goes from turn to turn; for turns on their own the section's title, `Head 2`, or else their
    number after a variable that is a word."""
    return turn_titles(loop, turn)[0]


def turn_titles(loop: Loop, turn: int) -> tuple[str, ...]:
    """The title of a turn, and shorter ones for narrow lanes: `fake points`, `fake` and `2`."""
    value = loop.values[turn]
    if loop.carried or not loop.titles:
        if not value.isdigit():
            return (value,)
        word = not loop.carried and len(loop.name) > 1
        if word:
            return (f"{loop.name.capitalize()} {value}", value)
        return (f"{loop.letter} = {value}", f"{loop.letter}={value}", value)
    if (parted := differing(loop.titles)) is None:
        return (loop.titles[turn], value)
    (before, after), parts = parted
    last = before.split(" ")[-1]
    short = f"{last}{parts[turn]}"
    return tuple(dict.fromkeys((loop.titles[turn], f"{short}{after}", short, str(turn + 1))))


def shared_turns(have: Mapping[int, Node]) -> list[tuple[int, ...]]:
    """Which turns to try to tell in one: all, all but the first, all but the last; the start and the end may differ."""
    turns = tuple(sorted(have))
    ways = [turns, turns[1:], turns[:-1], turns[1:-1]]
    return [way for way in ways if len(way) > 1 or way == turns]
