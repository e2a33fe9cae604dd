"""What stands over sheets, lanes and frames: what a sheet shows, what a lane holds, which turn it is, what is looked
at."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgen.layout.geometry.figure import Box, Frame, Head
from sheetgen.layout.words.badges import badge, spans
from sheetgen.layout.words.captions import Captions
from sheetgen.layout.words.loops import Loop, turn_titles
from sheetgen.layout.words.pieces import Piece, Shown
from sheetgen.layout.words.vocabulary import Vocabulary

Texts = tuple[str, ...]
"""What may stand there, the longest first."""
NARROW = 2
"""Columns of a lane whose head tells the steps of its turn."""

MOST_NAMED = 4
"""Matrices that a page comes from, named in a sentence."""
ABOUT = ("", "Each gradient stands in the cells that its matrix has on the first sheet; grey is read from there.",
         "The same formulas in the same cells, with the new weights.")  # fmt: skip
"""What the further sheets show."""


def about(words: Vocabulary) -> str:
    """What a page is about in its author's words, or else what it comes from, where it ends and what is learned."""
    program, title = words.program, words.title_of
    if program.about:
        return program.about
    inputs = [title(g.name) for g in program.givens if g.role == "input"] or [title(g.name) for g in program.givens]
    made = [s for s in program.statements if s.phase == "forward" and s.kind == "matrix" and not s.auxiliary]
    if not made or not inputs:
        return ""
    shown = inputs if len(inputs) <= MOST_NAMED else [*inputs[: MOST_NAMED - 1], "others"]
    listed = " and ".join([", ".join(shown[:-1]), shown[-1]] if shown[1:] else shown)
    steps, end = len({s.step for s in made}), title(program.loss or made[-1].name)
    learned = sum(g.value.size for g in program.givens if g.role == "parameter" and g.name in words.gradients)
    told = f"From {listed} to {end} in {steps} step{'s' if steps > 1 else ''}."
    return f"{told} {learned} number{'s are' if learned > 1 else ' is'} learned." if learned else told


def heading(title: str, sheet: str, loss: str, numbers: Sequence[Shown]) -> tuple[Piece, ...]:
    """The title of a further sheet, with the loss before and after the update if there are such `numbers`."""
    said = f"{title}: {sheet.lower()}"
    return (f"{said}, {loss} ", numbers[0], " → ", numbers[1]) if numbers else (said,)


def head(words: Captions, head: Head) -> Texts:
    """What a lane holds."""
    if head.kind == "turn":
        return (*with_steps(words, head), *_titles(words, head))
    if head.kind == "weights":
        return _left(words, head)
    return {
        "parameters": ("Parameters",),
        "given": ("Given",),
        "forward": ("Forward ↓", "↓"),
        "gradient": ("Gradient ↑", "∂ ↑"),
        "new": (f"W − {_rate(words.words)}·∂W", "W new"),
        "again": ("Again ↓", "↓"),
    }[head.kind]


def with_steps(words: Captions, head: Head) -> Texts:
    """What may stand over a turn, with the numbers of its steps: `t = 2 (4–6)`; nothing where its boxes tell them, or
    the head of a band above."""
    if _goes_on(words, head):
        return ()
    loop, titles = _loop(words, head.band), _titles(words, head)
    steps = spans(_steps(words, loop, head))
    counts = [title for title in titles if not title.isdigit()] if loop is None or loop.carried else titles[:1]
    return tuple(f"{title} ({steps})" for title in counts if steps)


def _goes_on(words: Captions, head: Head) -> bool:
    """Whether the turn has a head in the band above too."""
    bands, at = words.placement.bands, head.band or 0
    return at > 0 and bands[at].block.group == bands[at - 1].block.group


def _titles(words: Captions, head: Head) -> Texts:
    loop = _loop(words, head.band)
    return turn_titles(loop, head.turn or 0) if loop is not None else (f"t = {(head.turn or 0) + 1}",)


def turn(words: Captions, box: Box) -> str:
    """The turn of a loop in which a box stands, as short as it can be understood: `t=5`."""
    loop = _loop(words, box.band)
    titles = turn_titles(loop, box.turn or 0) if loop is not None else ("",)
    return titles[1 if len(titles) > 1 and not titles[1].isdigit() else 0]


def frame(words: Captions, frame: Frame) -> Texts:
    """The title of a frame: the turn, or what is looked at."""
    if frame.kind == "turn":
        loop = _loop(words, frame.band)
        return turn_titles(loop, frame.turn or 0) if loop is not None else ()
    made = words.words.makers.get(frame.key)
    target = made.target if made is not None else None
    if made is None or target is None or target.column is None:
        return ("Look closer",)
    what, number = words.words.looked_at(target, words.columns), badge(made.step)
    return (f"{number} Look closer: {what}", f"Look closer: {what}", f"{number} {what}", what)


def _steps(words: Captions, loop: Loop | None, head: Head) -> set[int]:
    """The steps of a turn in a narrow lane; also of what stands there without a box of its own, such as a stack."""
    made = [words.words.makers[box.matrix] for box in lane(words, head)]
    forward = loop is not None and any(s.phase == "forward" for s in made)
    more = loop.bodies[head.turn or 0] if loop is not None and forward else ()
    return {s.step for s in (*made, *more)}


def lane(words: Captions, head: Head) -> list[Box]:
    """What is computed in the lane of a turn under its head, if it is so narrow that captions have no room for the
    numbers of steps."""
    columns, group = range(head.column, head.column + head.width), words.placement.bands[head.band or 0].block.group
    here = [
        box for box in words.turns.get((head.sheet, head.turn, group), ())
        if box.column in columns and box.matrix in words.words.makers and box.phase != "after"
    ]  # fmt: skip
    return here if all(box.width <= NARROW for box in here) else []


def _left(words: Captions, head: Head) -> Texts:
    """Over the gradients of what stands left of a result: mostly weights."""
    columns, makers = range(head.column, head.column + head.width), words.words.makers
    here = [box for box in words.placement.boxes if box.sheet == head.sheet and box.column in columns]
    made = [makers[box.matrix] for box in here if box.phase == "backward" and box.matrix in makers]
    if any(s.gradient_of in words.words.weights for s in made):
        return ("∂W = ∂Z·Aᵀ", "∂W") if any(s.expr.op == "matmul" for s in made) else ("∂W",)
    return (", ".join(dict.fromkeys(words.words.title_of(s.name) for s in made)), "∂")


def _rate(words: Vocabulary) -> str:
    """How far the update goes, as it is written."""
    for s in words.program.statements:
        if s.phase == "update":
            small = [n.name for n in s.expr.args[-1].args if n.is_matrix and n.shape == (1, 1)]
            return words.symbols.of(small[0]) if small else "η"
    return "η"


def _loop(words: Captions, band: int | None) -> Loop | None:
    """The loop of a band, or the only one on the page."""
    bands = words.placement.bands if band is None else words.placement.bands[band : band + 1]
    number = next((one.block.loop for one in bands if one.block.loop is not None), None)
    return words.words.loops.get(number) if number is not None else None
