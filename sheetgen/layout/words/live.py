"""Sentences with numbers in them, joined from the cells that they tell of: `First number: 1·2 + 0·1 + 0 = 2.`

Numbers have as many digits as make the line true for who works it out from what is shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter

import numpy as np

from sheetgen.cells.a1 import Rect, letters, prefix
from sheetgen.ir.node import Node
from sheetgen.layout.words.notation import LEVELS, number_text
from sheetgen.layout.words.pieces import DECIMALS, Cell, Either, Equals, Piece
from sheetgen.layout.words.plain import plain
from sheetgen.layout.words.script import superscript
from sheetgen.names import STEPS
from sheetgen.ops.base import operation
from sheetgen.ops.elementwise import rounded
from sheetgen.ops.notation import ATOM, CHOICE, POWER, PRODUCT, QUOTIENT, SUM, Caption
from sheetgen.passes.evaluate import value_of
from sheetgen.records import replace

MOST_TERMS, MOST_CELLS = 8, 17
"""Summands that one sentence tells of, and cells: two for each and one more."""
MOST_DECIMALS = 6
"""Decimals of a number; one below 0.1 has two digits that aren't 0."""
FURTHER = 4
"""More decimals that a line may need to be true, at most."""
WHOLE = 4
"""Decimals of a number that isn't quite a whole one, at most."""

Locate = Callable[[str], Rect | None]


def cell_of(node: Node, i: int, j: int, book: Book) -> Piece | None:
    """One number of a matrix or of a part of one."""
    written = _write(node, i, j, book)
    return written[0][0] if written is not None and len(written[0]) == 1 else None


@dataclass(frozen=True)
class Book:
    """Where every matrix stands and what its numbers are, seen from the sheet of the sentences."""

    locate: Locate
    values: Mapping[str, np.ndarray]
    sheet: str = STEPS

    def cell(self, matrix: str, i: int, j: int) -> Cell | None:
        """One number of a matrix; None if it stands nowhere."""
        rect = self.locate(matrix)
        values = self.values.get(matrix)
        if rect is None or values is None:
            return None
        address = f"{prefix(self.sheet, rect.sheet)}{letters(rect.column + j)}{rect.row + i}"
        return Cell(address, float(values[i, j]), _decimals(float(values[i, j])), of=(matrix, i, j))


def _decimals(value: float) -> int:
    """How many decimals a number is told with: enough to see that 0.9993 isn't 1."""
    if not 0 < abs(value) < 0.1:
        places = range(DECIMALS, WHOLE + 1)
        whole = round(value) == value or abs(value) > 100
        return DECIMALS if whole else next((k for k in places if round(value, k) != round(value)), DECIMALS)
    wanted = 1 - math.floor(math.log10(abs(value)))
    return wanted if wanted <= MOST_DECIMALS else DECIMALS


Written = tuple[list[Piece], float]
"""Pieces and how tightly they bind."""


def example(matrix: str, node: Node, book: Book, at: tuple[int, int] = (0, 0)) -> list[Piece] | None:
    """`1·2 + 0·1 + 0 = 2` for the cell `at` of a matrix that computes `node`; None where that says nothing or would be
    long."""
    result = book.cell(matrix, *at)
    written = _write(plain(node), *at, book)
    if result is None or written is None:
        return None
    pieces, result = written[0], replace(result, bracketed=False)
    cells = [piece for piece in pieces if isinstance(piece, Cell)]
    if not 1 <= len(cells) <= MOST_CELLS or len(cells) == len(pieces):
        return None

    def true(cells: Sequence[Cell]) -> bool:
        made = np.broadcast_to(value_of(node, _as_shown(cells, book)), node.shape)[at]
        return rounded(float(made), result.decimals) == result.shown

    cells = with_digits(cells, true)
    exact = iter(cells)
    pieces = [next(exact) if isinstance(piece, Cell) else piece for piece in pieces]
    if operation(node).compares:
        return [*pieces, Either(result, " is true: ", " is false: "), result]
    return [*pieces, ": here " if node.op == "where" else Equals((*cells, result)), result]


def laid_out(node: Node, book: Book, at: tuple[int, int] = (0, 0)) -> list[Piece] | None:
    """The same without what comes out: `1·2 + 0·1 + 0`."""
    written = _write(plain(node), *at, book)
    cells = [piece for piece in written[0] if isinstance(piece, Cell)] if written is not None else []
    return written[0] if written is not None and 1 <= len(cells) <= MOST_CELLS else None


def with_digits(cells: Sequence[Cell], true: Callable[[Sequence[Cell]], bool]) -> list[Cell]:
    """The cells with the fewest further decimals that make a line `true`; as they are where none do."""
    for more in range(FURTHER + 1):
        longer = [replace(cell, decimals=cell.decimals + more) for cell in cells]
        if true(longer):
            return longer
    return list(cells)


def _as_shown(cells: Sequence[Cell], book: Book) -> Mapping[str, np.ndarray]:
    """All values, those of `cells` as they are shown."""
    found = dict(book.values)
    for name in dict.fromkeys(cell.of[0] for cell in cells):
        found[name] = np.array(found[name], dtype=float)
    for cell in cells:
        name, i, j = cell.of
        found[name][i, j] = cell.shown
    return found


def _write(node: Node, i: int, j: int, book: Book) -> Written | None:
    """A cell of `node` with its numbers put in."""
    i, j = (0 if size == 1 else at for size, at in zip(node.shape, (i, j), strict=True))
    if node.is_number:
        number = number_text(node.value or 0.0, exact=True)
        return [number.text], number.level
    if node.is_matrix:
        cell = book.cell(node.name, i, j)
        return None if cell is None else ([cell], ATOM)
    if operation(node).source is not None:
        return _view(node, i, j, book)
    if node.op == "matmul":
        return _dot(node, i, j, book)
    if node.op in ("sum", "mean"):
        return _summed(node, i, j, book)
    args = [_write(arg, i, j, book) for arg in node.args]
    known = [arg for arg in args if arg is not None]
    if len(known) != len(args) or operation(node).kind != "elementwise":
        return None
    return _applied(node, known)


def _applied(node: Node, args: list[Written]) -> Written | None:
    caption = operation(node).caption
    if called := operation(node).called:
        inner = [p for k, arg in enumerate(args) for p in ([", "] if k else []) + _bare(arg[0])]
        decimals = [f", {node.option('decimals')}"] if node.option("decimals") else []
        return [f"{called}(", *inner, *decimals, ")"], ATOM
    if node.op == "negative":
        return (["−", *_at(args[0], PRODUCT)], SUM)
    if node.op == "power":
        small = superscript(args[1][0][0]) if isinstance(args[1][0][0], str) else None
        return ([*_at(args[0], ATOM), small], POWER) if small else None
    if node.op == "where":
        holds = [] if operation(node.args[0]).compares else [" ≠ 0"]
        return [*_at(args[1], SUM), " if ", *args[0][0], *holds, ", else ", *_at(args[2], SUM)], CHOICE
    return _filled(caption, args) if caption is not None else None


def _filled(caption: Caption, args: list[Written]) -> Written:
    """A caption with the arguments put into its places."""
    out: list[Piece] = []
    for text, place, spec, _ in Formatter().parse(caption.template):
        out += [text] if text else []
        if place is not None:
            arg = args[int(place)]
            out += _at(arg, LEVELS[spec]) if spec else _bare(arg[0])
    return out, caption.level


def _bare(pieces: list[Piece]) -> list[Piece]:
    """A single number needs no brackets of its own."""
    return [replace(pieces[0], bracketed=False)] if len(pieces) == 1 and isinstance(pieces[0], Cell) else pieces


def _at(written: Written, level: float) -> list[Piece]:
    return written[0] if written[1] >= level else ["(", *written[0], ")"]


def _view(node: Node, i: int, j: int, book: Book) -> Written | None:
    source = operation(node).source
    found = source(node, i, j) if source is not None else None
    if isinstance(found, tuple):
        return _write(node.args[found[0]], found[1], found[2], book)
    if found is None:
        return None
    number = number_text(found, exact=True)
    return [number.text], number.level


def _dot(node: Node, i: int, j: int, book: Book) -> Written | None:
    """Row i of the first times column j of the second; a factor that is always 1 is left out."""
    left, right = node.args
    if left.shape[1] > MOST_TERMS:
        return None
    out: list[Piece] = []
    for k in range(left.shape[1]):
        a, b = _write(left, i, k, book), _write(right, k, j, book)
        if a is None or b is None:
            return None
        out += [" + "] if out else []
        out += _at(a, PRODUCT) if b[0] == ["1"] else _at(b, PRODUCT) if a[0] == ["1"] else [
            *_at(a, PRODUCT), "·", *_at(b, PRODUCT)
        ]  # fmt: skip
    return out, SUM if left.shape[1] > 1 else PRODUCT


def _summed(node: Node, i: int, j: int, book: Book) -> Written | None:
    inner = node.args[0]
    axis = node.option("axis")
    rows = range(inner.shape[0]) if axis in (None, 0) else (i,)
    columns = range(inner.shape[1]) if axis in (None, 1) else (j,)
    if len(rows) * len(columns) > MOST_TERMS:
        return None
    terms = [_write(inner, r, c, book) for r in rows for c in columns]
    known = [term for term in terms if term is not None]
    if len(known) != len(terms):
        return None
    out: list[Piece] = []
    for term in known:
        out += [*([" + "] if out else []), *_at(term, SUM)]
    if node.op == "mean" and len(known) > 1:
        return ["(", *out, f") ÷ {len(known)}"], QUOTIENT
    return out, SUM if len(known) > 1 else known[0][1]
