"""Sentences with numbers in them, joined from the cells that they tell of: `First number: 1·2 + 0·1 + 0 = 2.`

A sentence is a row of pieces, text and cells; `formula` joins them in a spreadsheet, `text` gives the same here. Only
`&`, `IF`, `ROUND` and `MID` are used, which mean the same everywhere (`TEXT` would depend on the reader's language).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from string import Formatter

import numpy as np

from sheetgen.cells.a1 import Rect, letters, prefix
from sheetgen.ir.node import Node
from sheetgen.layout.words.notation import LEVELS
from sheetgen.layout.words.plain import plain
from sheetgen.layout.words.script import in_pi, superscript
from sheetgen.names import STEPS
from sheetgen.ops.base import operation
from sheetgen.ops.elementwise import half_away_from_zero
from sheetgen.ops.notation import ATOM, POWER, PRODUCT, QUOTIENT, SUM, Caption

MOST_TERMS, MOST_CELLS = 8, 17
"""Summands that one sentence tells of, and cells: two for each and one more."""
LONGEST_FORMULA, LONGEST_LITERAL = 8000, 120
DECIMALS, MOST_DECIMALS = 2, 6
"""Decimals of a number; one below 0.1 has two digits that aren't 0."""
NEARLY, NOISE = "0.00", "1E-12"
"""What is not quite 0, and below which a number is the noise of rounding."""
WHOLE = 4
"""Decimals of a number that isn't quite a whole one, at most."""

Locate = Callable[[str], Rect | None]


@dataclass(frozen=True)
class Cell:
    """A number on a sheet: its address, and its value; `bracketed` where a negative one needs brackets."""

    address: str
    value: float
    decimals: int = DECIMALS
    bracketed: bool = True


@dataclass(frozen=True)
class Choice:
    """A piece of text that is there only while a cell isn't 0."""

    cell: Cell
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Tail:
    """Pieces whose first few characters are left out: the sign before the first of some choices."""

    pieces: tuple[Piece, ...]
    skipped: int = 3


Piece = str | Cell | Choice | Tail


def formula(pieces: Sequence[Piece]) -> str:
    """The pieces as one formula, without `=`."""
    return "&".join(part for piece in _merged(pieces) for part in _formula(piece))


def _formula(piece: Piece) -> list[str]:
    if isinstance(piece, str):
        parts = [piece[k : k + LONGEST_LITERAL] for k in range(0, len(piece), LONGEST_LITERAL)] or [""]
        return ['"' + part.replace('"', '""') + '"' for part in parts]
    if isinstance(piece, Choice):
        return [f'IF({piece.cell.address}=0,"",{formula(piece.pieces)})']
    if isinstance(piece, Tail):
        return [f"MID({formula(piece.pieces)},{piece.skipped + 1},{LONGEST_FORMULA})"]
    rounded = f"ROUND({piece.address},{piece.decimals})"
    number = f"({rounded}+0)"  # + 0: no engine says -0 then
    small = f'IF({rounded}=0,IF(ABS({piece.address})<{NOISE},"0","{NEARLY}"),{number})'
    return [f'IF({rounded}<0,"("&{number}&")",{small}&"")' if piece.bracketed else small]


def text(pieces: Sequence[Piece]) -> str:
    """What the formula gives."""
    return "".join(_text(piece) for piece in pieces)


def _text(piece: Piece) -> str:
    if isinstance(piece, str):
        return piece
    if isinstance(piece, Choice):
        return text(piece.pieces) if piece.cell.value else ""
    if isinstance(piece, Tail):
        return text(piece.pieces)[piece.skipped :]
    number = float(half_away_from_zero(np.asarray(piece.value), piece.decimals)) + 0.0
    if not number and abs(piece.value) >= float(NOISE):
        return NEARLY
    shown = np.format_float_positional(number, trim="-")
    return f"({shown})" if piece.bracketed and number < 0 else shown


def cell_of(node: Node, i: int, j: int, book: Book) -> Piece | None:
    """One number of a matrix or of a part of one."""
    written = _write(node, i, j, book)
    return written[0][0] if written is not None and len(written[0]) == 1 else None


def _merged(pieces: Iterable[Piece]) -> list[Piece]:
    """Neighbouring texts as one; a formula starts with a text, so that its value is one."""
    out: list[Piece] = [""]
    for piece in pieces:
        if isinstance(piece, str) and isinstance(out[-1], str):
            out[-1] += piece
        else:
            out.append(piece)
    return out


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
        return Cell(address, float(values[i, j]), _decimals(float(values[i, j])))


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
    pieces = written[0]
    cells = sum(isinstance(piece, Cell) for piece in pieces)
    if not 1 <= cells <= MOST_CELLS or pieces == [result]:
        return None
    if all(isinstance(piece, Cell) for piece in pieces):
        return None
    sign = ": " if node.op == "where" or operation(node).compares else " = "
    return [*pieces, sign, replace(result, bracketed=False)]


def _write(node: Node, i: int, j: int, book: Book) -> Written | None:
    """A cell of `node` with its numbers put in."""
    i, j = (0 if size == 1 else at for size, at in zip(node.shape, (i, j), strict=True))
    if node.is_number:
        number = _plain_number(node.value or 0.0)
        return ([number], SUM if (node.value or 0) < 0 else PRODUCT if number[-1] == "π" != number else ATOM)
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
        rest: list[Piece] = [] if node.args[2].value == 0 else [", else ", *_at(args[2], SUM)]
        return [*_at(args[1], SUM), " where ", *args[0][0], *rest], 0.0
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


def _plain_number(value: float) -> str:
    return in_pi(value) or np.format_float_positional(value, trim="-").replace("-", "−")


def _view(node: Node, i: int, j: int, book: Book) -> Written | None:
    source = operation(node).source
    found = source(node, i, j) if source is not None else None
    if isinstance(found, tuple):
        return _write(node.args[found[0]], found[1], found[2], book)
    return None if found is None else ([_plain_number(found)], ATOM)


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
