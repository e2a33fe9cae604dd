"""Two hints for each matrix: the rule in words, and the first cell laid out with the numbers that stand on the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sheetgen.cells.a1 import Rect
from sheetgen.exercise.choice import Blank
from sheetgen.exercise.rules import Page
from sheetgen.layout.words import live
from sheetgen.layout.words.live import Book
from sheetgen.layout.words.pieces import Cell, Piece, formula
from sheetgen.layout.words.vocabulary import Vocabulary
from sheetgen.passes.narrate import describe

WORD = re.compile(r"[A-Za-z_]\w*")
LONGEST = 4000
"""Characters of a formula that lays a cell out."""


def rule(blank: Blank, words: Vocabulary) -> str:
    """How a matrix is computed, as an equation and in words that tell no number."""
    statement = blank.statement
    step = words.steps.get(statement.name)
    parameters = {g.name for g in words.program.givens if g.role == "parameter"}
    own = "" if step is None or step.told else step.sentence
    said = own or describe(statement.name, statement.expr, parameters)
    names = words.symbols.names

    def called(found: re.Match[str]) -> str:
        word = found[0]
        return words.symbols.of(word) if word in names else words.title_of(word) if word in words.makers else word

    said = WORD.sub(called, said.replace(" - ", " − "))
    return f"{words.equation(statement)}. {said}".strip()


def hint(blank: Blank, words: Vocabulary, page: Page, sheet: str, asked: str, decimals: int) -> str:
    """The formula of the hint that the cell `asked` wants: 1 the rule, 2 the first cell."""
    told = formula([rule(blank, words)])
    return f"IF({asked}=1,{told},{_first(blank, words, page, sheet, decimals) or told})"


def _first(blank: Blank, words: Vocabulary, page: Page, sheet: str, decimals: int) -> str:
    """`First: 1·2 + 0·1 + 0·3 + 0 = ?` from what stands on the page, or which matrix is to be filled in before; empty
    where a cell can't be laid out in a line."""
    zeros = {name: np.zeros(value.shape) if _waits(name, page) else value for name, value in page.values.items()}
    node = blank.statement.expr
    pieces = live.laid_out(node, Book(lambda name: _home(name, page), zeros, sheet))
    if pieces is None:
        return ""
    fine = [_with_decimals(piece, decimals) for piece in pieces]
    shown = formula(["First: ", *fine, " = ?"])
    if len(shown) > LONGEST:
        return ""
    there = page.operands(shown, sheet).there(sheet)
    before = [words.title_of(ref.name) for ref in node.references if _waits(ref.name, page)]
    return f'IF({there},{shown},{formula([f"Fill in {before[0]} first."])})' if there and before else shown


def _with_decimals(piece: Piece, decimals: int) -> Piece:
    return replace(piece, decimals=max(piece.decimals, decimals)) if isinstance(piece, Cell) else piece


def _home(name: str, page: Page) -> Rect | None:
    place = page.places.get(name)
    shape: Mapping[str, np.ndarray] = page.values
    if place is None or name not in shape or place.region.values.shape != shape[name].shape:
        return None
    return place.rect


def _waits(name: str, page: Page) -> bool:
    home = page.places.get(name)
    return home is None or page.waits(home.rect)
