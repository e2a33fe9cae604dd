"""The equations that a margin tells of a block: of its matrices, their gradients, and the update."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgen.ir.node import Node
from sheetgen.ir.program import Statement
from sheetgen.layout.geometry.figure import Phase
from sheetgen.layout.words.telling import ACROSS, Line, Telling, Told
from sheetgen.layout.words.wrap import wrapped
from sheetgen.records import replace

MOST_LINES = 4
"""Lines that a gradient's equation may take; only Steps tells a longer one."""
NAMED = 3
"""So many matrices are named of those that are computed like another."""
OTHERS = "; likewise the others"
"""What follows an equation where more are computed like it."""
ALIKE = 3
"""So many gradients of one form are told by the first of them."""


def forward(on: Telling) -> list[Told]:
    """How each matrix is computed; of helpers that are alike, the first."""
    told = [s for s in on.statements if on.words.symbols.name(s.name) is not None]
    texts = [(s, on.words.told(s, on.loop)) for s in told]
    helpers = [(s, text) for s, text in texts if s.auxiliary]
    drop, keep = _alike(on, helpers, {s.name for s, _ in helpers})
    again, further = on.words.again, on.words.program.further
    return [
        (s.name, [replace(x, again=s.name in again, further=s.name in further)
                  for each in (keep.get(s.name, text), *_of_other_turns(on, s))
                  for x in _equation(on, each, "forward")])
        for s, text in texts
        if s.name not in drop
    ]  # fmt: skip


def _of_other_turns(on: Telling, s: Statement) -> dict[str, Statement]:
    """The equations of those turns of a loop for which the common one doesn't hold, if they are few: `∂h₅ = 2·(h₅ − Y)`
    besides `∂hₜ = Wᵀ·∂Zₜ₊₁`; without a common one, those of all turns."""
    others = on.words.uncommon(s, on.loop) if on.loop is not None and not s.auxiliary else []
    told = {on.words.told(one, on.loop, True): one for one in others if one is not s}
    return told if len(told) < NAMED else {}


def _with_gradient(on: Telling, matrix: str) -> str:
    """What does the same as a matrix in the first turn that has a gradient of it."""
    alike = on.words.alike.get(matrix, ()) if on.loop is not None else ()
    return next((name for name in alike if name in on.words.gradients and name in on.block.matrices), matrix)


def backward(on: Telling) -> list[Told]:
    """The gradients of what stands here, in the order in which they are computed. That of a bias is told with its
    weight's, and what is long only on the sheet Steps."""
    here = {_with_gradient(on, s.name) for s in on.statements if _shown(on, s)} | set(on.givens)
    block = set(on.block.matrices)
    found = []
    for s in on.words.backward:
        if s.name not in block and (s.gradient_of not in here or s.name in on.apart):
            continue
        if s.gradient_of in on.words.biases and here & on.words.weights:
            continue
        text = on.words.told(s, on.loop)
        told = {text: s, **_of_other_turns(on, s)}
        found += [(one, each) for each, one in told.items()
                  if " = " in each and len(wrapped(each, on.width)) <= MOST_LINES]  # fmt: skip
    makers = on.words.makers
    of = {s.name: makers.get(s.gradient_of or "") for s, _ in found}
    mere = {name for name, maker in of.items() if maker is None or maker.auxiliary}
    drop, keep = _alike(on, found, mere)
    owners = {keep.get(s.name, text): s.gradient_of or "" for s, text in reversed(found) if s.name not in drop}
    first = on.words.first_reader
    stands = {*makers, *on.givens}
    places = {text: of if of in stands else first.get(of, "") for text, of in reversed(owners.items())}
    products = {keep.get(s.name, text) for s, text in found if s.expr.kind == "product"}
    why = {keep.get(s.name, text): on.words.steps[s.name].why for s, text in reversed(found)}
    return [
        (place, [replace(x, product=text in products, why=why[text]) for x in _equation(on, text, "backward")])
        for text, place in places.items()
    ]


def update(on: Telling) -> list[Told]:
    """The new value of the first parameter; the others are made alike."""
    news = on.words.news
    mine = [name for name in on.givens if name in news and name not in on.words.biases]
    mine = mine or [name for name in on.givens if name in news]
    if not mine:
        return []
    text = _likewise([on.words.told(news[name], on.loop) for name in mine], 0)
    return [(on.words.first_reader[mine[0]], _equation(on, text, "update"))]


def _shown(on: Telling, s: Statement) -> bool:
    """Whether readers know a statement's matrix: by name, or because it is drawn."""
    return on.words.symbols.name(s.name) is not None or s.name in on.block.matrices


def _equation(on: Telling, text: str, phase: Phase) -> list[Line]:
    lines = wrapped(text, on.width)
    across = int(len(lines) > 1 and len(wrapped(text, ACROSS)) == 1)
    return [
        Line(line, "equation", phase, across=0 if k else across, joined=k > 0, whole=text)
        for k, line in enumerate(lines)
    ]


def _alike(
    on: Telling, found: Sequence[tuple[Statement, str]], among: set[str]
) -> tuple[set[str], dict[str, str]]:
    """Of the equations of `among` that have one form, all but the first, and the first with the names of the others."""
    groups: dict[object, list[tuple[str, str]]] = {}
    found = [(s, text) for s, text in found if s.name in among]
    for s, text in found if len(found) >= ALIKE else ():
        groups.setdefault(_form(on.words.full(s.expr)), []).append((s.name, text))
    drop: set[str] = set()
    keep: dict[str, str] = {}
    for group in groups.values():
        texts = list(dict.fromkeys(text for _, text in group))
        if len(texts) >= ALIKE:
            drop |= {name for name, _ in group[1:]}
            keep[group[0][0]] = _likewise(texts)
    return drop, keep


def _likewise(texts: Sequence[str], most: int = NAMED) -> str:
    """The first of several equations, and the names of what is computed like it, if they are no more than `most`."""
    first, *others = dict.fromkeys(texts)
    if not others:
        return first
    names = ", ".join(text.partition(" = ")[0] for text in others)
    return f"{first}; likewise {names}" if len(others) <= most else first + OTHERS


def _form(node: Node) -> object:
    """An expression without its names."""
    return (node.op, tuple(_form(arg) for arg in node.args)) if node.args else node.op
