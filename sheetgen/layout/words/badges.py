"""The numbers of steps on a page: each stands once on a sheet, at the box that its step fills; those of turns in narrow
lanes stand together in the lane's head."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sheetgen.cells.a1 import letters
from sheetgen.ir.program import Program, Step
from sheetgen.layout.geometry.figure import Box
from sheetgen.layout.words.shares import shown

MOST_SPANS = 2
"""Of a turn's steps that its head tells."""


def badge(number: int, again: int = 0) -> str:
    """The number of a step before a caption, in one style however many there are: (1), (99); (1a) for what is the
    first `again` with the same number."""
    return f"({lettered(number, again)})" if number > 0 else ""


def lettered(number: int, again: int) -> str:
    """1, 1a, 1b for steps that share a number."""
    return f"{number}{letters(again).lower()}" if again else f"{number}"


def spans(numbers: Iterable[int]) -> str:
    """`8–14`, `3, 5–7`; of what isn't even two spans only where it begins, `71 …`."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    if len(runs) > MOST_SPANS:
        return f"{runs[0][0]} …"
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)


def numbered(steps: Iterable[Step], boxes: Sequence[Box]) -> Mapping[str, tuple[int, int]]:
    """The boxes with a number, by key, and which of those with the same number it is: for each step the result on each
    sheet, or what stands for it; of an update the first new weight, and of a gradient that only repeats the share of
    its one reader, this share."""
    shares = {box.key: box for box in boxes if box.kind == "part"}
    at: dict[tuple[int, str], Box] = {}
    for box in reversed(boxes):
        if box.kind in ("home", "sum", "verdict"):
            at[box.sheet, box.matrix or box.key] = shares.get(shown(box), box) if box.phase == "backward" else box
    found: dict[str, tuple[int, int]] = {}
    seen: Counter[int] = Counter()
    sheets = sorted({box.sheet for box in boxes})
    for step in steps:
        names = step.matrices if step.phase == "update" else (*step.matrices[::-1], *step.shows)
        for sheet in sheets:
            for result in [at[sheet, name] for name in names if (sheet, name) in at][:1]:
                found.setdefault(result.key, (step.number, seen[step.number]))
        seen[step.number] += 1
    return found


def fused(program: Program, numbers: Mapping[str, tuple[int, int]], boxes: Sequence[Box]) -> Mapping[str, list[int]]:
    """Steps whose results have no box anywhere, by the boxes whose formulas hold them: those of the first statement
    that reads them and has a number."""
    told = {number for number, _ in numbers.values()}
    lost = {name: step.number for step in program.steps if step.number not in told for name in step.matrices[-1:]}
    boxes_of: dict[str, list[str]] = defaultdict(list)
    for box in boxes:
        if box.key in numbers:
            boxes_of[box.matrix].append(box.key)
    within: dict[str, str] = {}
    for s in reversed(program.statements):
        for ref in s.expr.references:
            within[ref.name] = s.name
    found: dict[str, list[int]] = defaultdict(list)
    for name, number in lost.items():
        at = within.get(name)
        while at is not None and at not in boxes_of and at in lost:
            at = within.get(at)
        for key in boxes_of.get(at or "", ()):
            found[key].append(number)
    return found
