"""Programs, blocks and places for what a page says, without any geometry."""

from __future__ import annotations

from collections.abc import Collection
from itertools import groupby
from pathlib import Path

from by_specs import PATHS

from sheetgen.cells.a1 import Rect
from sheetgen.ir.program import Program, Statement
from sheetgen.layout.geometry.figure import Band, Block, Box, Placement
from sheetgen.passes.expand import expand
from sheetgen.passes.grad import differentiate
from sheetgen.passes.lower import lower
from sheetgen.passes.number import numbered
from sheetgen.spec import read


def program_of(spec: read.Spec) -> Program:
    """A spec's program with every gradient in its matrix's own orientation."""
    forward = lower(spec)
    if spec.backward:
        return differentiate(forward, spec.wrt, spec.learning_rate)
    return numbered(expand(forward))


def program(name: str) -> Program:
    """Of a spec of the gallery, or of one that was written for the tests."""
    return program_of(read.load(PATHS[name]))


def written(text: str) -> Program:
    """Of a spec's text."""
    return program_of(read.loads(text, "spec", Path(".")))


def blocks(of: Program, lanes: Collection[int] = ()) -> list[Block]:
    """A block for each section; in the loops of `lanes`, for each section of the body, all turns side by side."""
    def key(s: Statement) -> object:
        return s.round[0] if s.round is not None and s.round[0] in lanes else s.section

    forward = [s for s in of.statements if s.phase == "forward"]
    found: list[Block] = []
    for _, group in groupby(forward, key):
        run = list(group)
        loop = run[0].round[0] if run[0].round and run[0].round[0] in lanes else None
        turns = tuple(dict.fromkeys(s.round[1] for s in run if s.round)) if loop is not None else ()
        for body in _bodies(run, len(turns)):
            title = body[0].section
            told = {s.number for s in of.steps if s.phase == "forward" and not s.matrices and s.section == title}
            steps = tuple(sorted(told | {s.step for s in body}))
            names = tuple(s.name for s in body)
            found.append(Block(len(found), title, names, (), steps, loop, turns))
    return found


def _bodies(run: list[Statement], turns: int) -> list[list[Statement]]:
    """The statements of a loop by the sections of its first turn."""
    if not turns or len(run) % turns:
        return [run]
    same = zip(*(run[k : k + len(run) // turns] for k in range(0, len(run), len(run) // turns)), strict=True)
    return [[s for all_turns in part for s in all_turns] for _, part in groupby(same, lambda turn: turn[0].section)]


def places(of: Program) -> dict[str, Rect]:
    """Every matrix below the one before, on one sheet."""
    found, row = {}, 2
    shapes = {g.name: g.shape for g in of.givens} | {s.name: s.shape for s in of.statements}
    for name, (height, width) in shapes.items():
        found[name] = Rect("Canvas", row, 2, height, width)
        row += height + 1
    return found


def page(*boxes: Box, band: Block | None = None) -> Placement:
    """A page of these boxes and nothing else."""
    bands = (Band(band, 5, 40),) if band is not None else ()
    return Placement(
        boxes, bands, (), (), (), (), (), (), (), "beside", (0,), 4, 50,
    )  # fmt: skip


def plain_boxes(of: Program) -> list[Box]:
    """A box for each matrix, which computes just what its statement says."""
    found, row = [], 5
    phases = {s.name: s for s in of.statements}
    shapes = {g.name: g.shape for g in of.givens} | {s.name: s.shape for s in of.statements}
    for name, (height, width) in shapes.items():
        s = phases.get(name)
        phase = s.phase if s else "forward"
        kind = "verdict" if s and s.kind == "verdict" else "home"
        turn = s.round[1] if s and s.round else None
        owner = (s.repeats or "") if s else ""
        found.append(Box(name, name, kind, phase, 0, row, 4, height, width, s.expr if s else None, owner, turn=turn))
        row += height + 1
    return found
