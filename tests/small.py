"""Small programs and their pages, for tests of one rule each."""

from __future__ import annotations

from sheetgen.api import program_of
from sheetgen.ir.program import Program
from sheetgen.layout.geometry import check
from sheetgen.layout.geometry.figure import Box, Placement, Request
from sheetgen.layout.geometry.place import place
from sheetgen.layout.geometry.simplify import simplify
from sheetgen.layout.geometry.sketches import Sketches
from sheetgen.layout.geometry.story import Text
from sheetgen.spec.read import loads
from sheetgen.workbook import Workbook

TRAIN = "loss: L\nbackward: true\nupdate: {learning_rate: 0.1}"


def text(matrices: str, steps: list[str], more: str = "") -> str:
    """A spec; each matrix as `name role rows×columns`, a step that ends in `:` opens a section. The role `whole` is an
    input of zeros and ones."""
    lines = ["title: Small", "matrices:"]
    for n, entry in enumerate(filter(None, map(str.strip, matrices.split(",")))):
        name, role, shape = entry.split()
        rows, columns = shape.split("x")
        whole = ", integer: true" if role == "whole" else ""
        role = "input" if role == "whole" else role
        low = ", low: 0, high: 1" if whole else ", low: 1, high: 3"
        lines.append(f"  {name}: {{role: {role}{whole}, random: {{shape: [{rows}, {columns}], seed: {n}{low}}}}}")
    lines.append("steps:")
    for step in steps:
        lines.append(f"  - section: {step[:-1]}" if step.endswith(":") else f"  - {step}")
    return "\n".join([*lines, more, ""])


def program(matrices: str, steps: list[str], more: str = "") -> Program:
    """A spec's program."""
    return program_of(loads(text(matrices, steps, more)))


def book(matrices: str, steps: list[str], more: str = "") -> Workbook:
    """A spec's workbook."""
    from sheetgen import compile_text

    return compile_text(text(matrices, steps, more))


def page(matrices: str, steps: list[str], more: str = "", pictures: tuple[Request, ...] = ()) -> Placement:
    """The page of a small program, checked."""
    made = program(matrices, steps, more)
    placement = place(Sketches(simplify(made)), lambda block, mode: [Text((), 1 + len(block.matrices))], pictures)
    assert check.problems(placement, made) == []
    return placement


def boxes(placement: Placement) -> dict[str, Box]:
    """By key."""
    return {box.key: box for box in placement.boxes}


def copies(placement: Placement, matrix: str = "") -> list[Box]:
    """The copies on a page, of one matrix."""
    return [box for box in placement.boxes if box.kind == "copy" and matrix in ("", box.matrix)]


def reads(box: Box) -> set[str]:
    """The boxes that a box's formula reads, by key."""
    return {ref.name for ref in box.expr.references} if box.expr is not None else set()


def loop(*steps: str, turns: int = 3, first: int = 1) -> str:
    """A loop over `t`."""
    return "\n      - ".join([f"for: t in {first}..{turns}\n    steps:", *steps])
