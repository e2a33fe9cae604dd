"""From a program to a page: the first arrangement that can be read when it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sheetgen.ir.program import Program
from sheetgen.layout.geometry.arrange import Margin, arrange
from sheetgen.layout.geometry.figure import Box, Placement, Request
from sheetgen.layout.geometry.fit import (
    DIGITS,
    LANDSCAPE,
    LEAST,
    SMALLER_CELL,
    SMALLER_MARGIN,
    Choice,
    narrowed,
    papers,
    pixels,
    readable,
    slim,
)
from sheetgen.layout.geometry.nodes import is_product
from sheetgen.layout.geometry.script import Script
from sheetgen.layout.geometry.simplify import simplify

FEW = 3
"""Gradients that stand in a last band of the page, where nothing is updated, rather than on a sheet of their own."""


def place(program: Program, margin: Margin, pictures: Sequence[Request] = ()) -> Placement:
    """Where everything of a program stands.

    `margin` gives the rows that a block's text needs in the margin in a mode, `pictures` asks for room for charts. The
    program's backward pass, if any, must be in natural orientation: each gradient with the shape of its matrix.
    """
    page = _fitting(simplify(program), margin, pictures)
    return replace(page, columns=tuple(slim(page.columns, page.last_row)))


def _fitting(script: Script, margin: Margin, pictures: Sequence[Request]) -> Placement:
    """Gradients beside, and the second pass too; else only gradients; else a few under everything, more on sheets; else
    no lanes to the right, then narrow columns, then loops wrapped."""
    choice = Choice("beside" if script.gradients else "none")
    page = arrange(script, margin, pictures, choice)
    if script.agains and not readable(page.columns):
        choice = replace(choice, second=False)
        page = arrange(script, margin, pictures, choice)
    fits = readable(page.columns) and not (script.gradients and any(frame.kind == "turn" for frame in page.frames))
    if script.gradients and not script.news and len(script.gradients) <= FEW:
        under = replace(script, gradients={}, extras=(*script.extras, *script.gradients.values()))
        below = arrange(under, margin, pictures, choice)
        if not fits or papers(below.columns, below.last_row) < papers(page.columns, page.last_row):
            script, page, fits = under, below, readable(below.columns)
    if fits:
        return page
    if script.gradients:
        choice = replace(choice, mode="sheets")
        page = arrange(script, margin, pictures, choice)
    if not readable(page.columns) and any(map(_opens, page.boxes)):
        choice = replace(choice, right=False)
        page = arrange(script, margin, pictures, choice)
    if not readable(page.columns) and (readable(narrowed(page.columns)) or not _loops(page)):
        return arrange(script, margin, pictures, _narrow(choice))
    if not readable(page.columns):
        page, choice = _wrapped(script, margin, pictures, page, choice)
    if not readable(page.columns):
        choice = _narrow(choice)
        page, _ = _wrapped(script, margin, pictures, arrange(script, margin, pictures, choice), choice)
    return page


def _opens(box: Box) -> bool:
    """Whether it is a product that has opened a lane to the right."""
    return box.zone.sub > 0 and box.zone.part == 1 and box.expr is not None and is_product(box.expr)


def _loops(page: Placement) -> dict[int, int]:
    """The most turns of each loop that stand side by side."""
    found: dict[int, int] = {}
    for band in page.bands:
        if band.block.loop is not None:
            found[band.block.loop] = max(found.get(band.block.loop, 0), len(band.block.turns))
    return found


def _narrow(choice: Choice) -> Choice:
    return replace(choice, cell=SMALLER_CELL, margin=SMALLER_MARGIN)


def _wrapped(
    script: Script, margin: Margin, pictures: Sequence[Request], page: Placement, choice: Choice
) -> tuple[Placement, Choice]:
    """The page with as many turns of each loop side by side as fit."""
    for loop, turns in sorted(_loops(page).items()):
        while not readable(page.columns) and turns > 1:
            turns = max(1, min(turns - 1, int(turns * LANDSCAPE * DIGITS / LEAST / pixels(page.columns))))
            choice = replace(choice, turns={**choice.turns, loop: turns})
            page = arrange(script, margin, pictures, choice)
    return page, choice
