"""Checks of words: a caption is its formula's rendering, every matrix has a name, no text is Python."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from checks_page import Page, Problem, Sheet, cells_of

from sheetgen.layout.geometry.figure import Box
from sheetgen.layout.plan import Label
from sheetgen.layout.words.vocabulary import Vocabulary, vocabulary
from sheetgen.ops import OPERATIONS

PYTHON = ("@", "**", "[:", ":,", "axis=", "dL_d")
NUMBER = re.compile(r"^\(\d+[a-z]*(?:(?:–|, )\d+)*\) ")


def python(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """Texts with Python in them."""
    for label in _made_of_names(sheet):
        for sign in PYTHON:
            if sign in label.text:
                yield sheet.problem("python", label.row, label.column, f"{label.style} “{label.text}” has {sign}")


def helper(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """Texts with names that only the compiler knows."""
    program = page.made.program
    known = {s.name for s in program.statements if s.phase == "forward" and not s.auxiliary}
    known |= {given.name for given in program.givens}
    own = {s.name for s in program.statements if "_" in s.name} - known
    for label in _made_of_names(sheet):
        for name in sorted(set(re.findall(r"[A-Za-z]\w*", label.text)) & own):
            yield sheet.problem("helper", label.row, label.column, f"{label.style} “{label.text}” says {name}")


def _made_of_names(sheet: Sheet) -> Iterator[Label]:
    """The texts that are made of formulas or names."""
    return (x for x in sheet.labels if x.style not in ("title", "subtitle", "sentence", "label", "badge", "note"))


def caption(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """Captions with an equation that doesn't name everything that the formula below it reads."""
    texts = {(x.row, x.column): x for x in sheet.labels if x.style in ("name", "hint")}
    known = vocabulary(page.made.program)
    for box in page.placement.boxes:
        label = texts.get((box.caption.row, box.caption.column)) if box.caption and box.sheet == sheet.number else None
        if label is None or " = " not in label.text or box.expr is None or box.kind != "home" or box.phase != "forward":
            continue
        said = _flat(label.text.partition(" = ")[2] if known.symbols.of(box.matrix) else label.text)
        if said in {_flat(known.called) for known in OPERATIONS.values() if known.called} or re.match("Σ[a-z]", said):
            continue
        for name in _read(box, page, known):
            if _flat(name) not in said:
                what = f"“{label.text}” doesn't name {name}, which its cells read"
                yield sheet.problem("caption", label.row, label.column, what)


def _read(box: Box, page: Page, known: Vocabulary) -> Iterator[str]:
    """What a box's formula reads, as readers call it, helpers without a name apart."""
    for ref in box.expr.references if box.expr is not None else ():
        source = page.boxes[ref.name]
        name = known.symbols.of(source.matrix) if source.matrix and source.matrix != box.matrix else ""
        if name and source.rows is None and source.columns is None:
            yield name


def _flat(text: str) -> str:
    """A text with its indices and exponents on the line."""
    return unicodedata.normalize("NFKC", text)


def nameless(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """Matrices without a caption above or a name beside them, which one a gutter further left may share: `w, b new`."""
    shared = {(x.row, x.column) for x in sheet.labels if x.style == "name" and ", " in x.text}
    texts = {(x.row, x.column) for x in sheet.labels if x.style not in ("arrow", "label")}
    ends = {(box.row, box.right) for box in page.placement.boxes if box.sheet == sheet.number}
    ends |= {(box.row, box.right + 1) for box in page.placement.boxes if box.sheet == sheet.number
             and box.caption is not None and (box.caption.row, box.caption.column) in shared}  # fmt: skip
    for box in page.placement.boxes:
        if box.sheet != sheet.number or box.caption is None or not sheet.heights[box.row] or box.kind == "ones":
            continue
        above = any((box.caption.row, column) in texts for column in (box.caption.column, box.right - 1))
        beside = any((box.row, column) in texts for column in (box.column - 1, box.right))
        panel = (box.row, box.column) in ends
        if not (above or beside or panel):
            yield sheet.problem("nameless", box.row, box.column, f"{box.key} has no name")


def loose_caption(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """Captions of the forward pass with empty rows between them and their matrix."""
    for box in page.placement.boxes:
        if box.sheet == sheet.number and box.phase == "forward" and box.caption is not None:
            between = cells_of(box.caption.row + 1, box.column, box.row - box.caption.row - 1, box.width)
            if between and not any(cell in sheet.taken for cell in between):
                what = f"the caption of {box.key} stands {box.row - box.caption.row} rows above it"
                yield sheet.problem("loose caption", box.caption.row, box.caption.column, what)
