"""From a program to a page: the first arrangement that can be read when it is printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sheetgen.ir.program import Program
from sheetgen.layout.geometry.arrange import Margin, arrange
from sheetgen.layout.geometry.figure import Placement, Request
from sheetgen.layout.geometry.fit import (
    DIGITS,
    LANDSCAPE,
    LEAST,
    SMALLER_CELL,
    SMALLER_MARGIN,
    Choice,
    pixels,
    readable,
)
from sheetgen.layout.geometry.script import Script
from sheetgen.layout.geometry.simplify import simplify

Change = Callable[[Choice], Choice]


def place(program: Program, margin: Margin, pictures: Sequence[Request] = ()) -> Placement:
    """Where everything of a program stands.

    `margin` gives the rows that a block's text needs in the margin in a mode, `pictures` asks for room for charts. The
    program's backward pass, if any, must be in natural orientation: each gradient with the shape of its matrix.
    """
    return _fitting(simplify(program), margin, pictures)


def _fitting(script: Script, margin: Margin, pictures: Sequence[Request]) -> Placement:
    """Gradients beside, and the second pass too; else only gradients; else both on sheets; else loops wrapped, no lanes
    to the right, narrow columns."""
    choice = Choice("beside" if script.gradients else "none")
    page = arrange(script, margin, pictures, choice)
    if script.agains and not readable(page.columns):
        choice = replace(choice, second=False)
        page = arrange(script, margin, pictures, choice)
    if readable(page.columns) and not (script.gradients and any(frame.kind == "turn" for frame in page.frames)):
        return page
    if script.gradients:
        choice = replace(choice, mode="sheets")
        page = arrange(script, margin, pictures, choice)
    changes: list[Change] = [lambda c: c, lambda c: replace(c, right=False), _narrow]
    for change in changes:
        if readable(page.columns):
            break
        page, choice = _wrapped(script, margin, pictures, change(choice))
    return page


def _narrow(choice: Choice) -> Choice:
    return replace(choice, cell=SMALLER_CELL, margin=SMALLER_MARGIN)


def _wrapped(script: Script, margin: Margin, pictures: Sequence[Request], choice: Choice) -> tuple[Placement, Choice]:
    """The page with as many turns of each loop side by side as fit."""
    page = arrange(script, margin, pictures, choice)
    loops = {band.block.loop: len(band.block.turns) for band in page.bands[::-1] if band.block.loop is not None}
    for band in page.bands:
        if band.block.loop is not None:
            loops[band.block.loop] = max(loops[band.block.loop], len(band.block.turns))
    for loop, turns in sorted(loops.items()):
        while not readable(page.columns) and turns > 1:
            turns = max(1, min(turns - 1, int(turns * LANDSCAPE * DIGITS / LEAST / pixels(page.columns))))
            choice = replace(choice, turns={**choice.turns, loop: turns})
            page = arrange(script, margin, pictures, choice)
    return page, choice
