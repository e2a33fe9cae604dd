"""The pieces of a sentence: texts, and numbers that are read from cells; what a spreadsheet joins, and the text that
it gets.

Only `&`, `IF`, `ABS`, `ROUND`, `LEFT`, `LEN` and `MID` are used, which mean the same everywhere (`TEXT` would depend on
the reader's language).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sheetgen.cells.a1 import quoted
from sheetgen.layout.numbers import NEARLY as NEARLY_ZERO
from sheetgen.layout.numbers import Form, shown
from sheetgen.ops.elementwise import rounded

LONGEST_FORMULA, LONGEST_LITERAL = 8000, 120
DECIMALS = 2
NEARLY, NOISE = "0.00", "1E-12"
"""What is not quite 0, and below which a number is the noise of rounding."""
EXACT = "1E-9"
"""How far a number may be from what is shown of it to be shown exactly."""


@dataclass(frozen=True)
class Cell:
    """A number on a sheet: its address, and its value; `bracketed` where a negative one needs brackets."""

    address: str
    value: float
    decimals: int = DECIMALS
    bracketed: bool = True
    of: tuple[str, int, int] = ("", 0, 0)
    """Its matrix, row and column there, counted from 0."""

    @property
    def shown(self) -> float:
        """What is shown of it."""
        return rounded(self.value, self.decimals)


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


@dataclass(frozen=True)
class Either:
    """One text while a cell isn't 0, another one while it is."""

    cell: Cell
    yes: str
    no: str


@dataclass(frozen=True)
class Equals:
    """The sign between two sides: `=` while all numbers are shown exactly, else `≈`."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Shown:
    """A number as its cell shows it."""

    address: str
    value: float
    form: Form


Piece = str | Cell | Choice | Tail | Either | Equals | Shown


def formula(pieces: Sequence[Piece]) -> str:
    """The pieces as one formula, without `=`."""
    return "&".join(part for piece in _merged(pieces) for part in _formula(piece))


def _formula(piece: Piece) -> list[str]:
    if isinstance(piece, str):
        parts = [piece[k : k + LONGEST_LITERAL] for k in range(0, len(piece), LONGEST_LITERAL)] or [""]
        return [*map(quoted, parts)]
    if isinstance(piece, Choice):
        return [f'IF({piece.cell.address}=0,"",{formula(piece.pieces)})']
    if isinstance(piece, Tail):
        return [f"MID({formula(piece.pieces)},{piece.skipped + 1},{LONGEST_FORMULA})"]
    if isinstance(piece, Either):
        return [f'IF({piece.cell.address}=0,"{piece.no}","{piece.yes}")']
    if isinstance(piece, Equals):
        off = "+".join(f"ABS({cell.address}-ROUND({cell.address},{cell.decimals}))" for cell in piece.cells)
        return [f'IF({off}<{EXACT}," = "," ≈ ")']
    if isinstance(piece, Shown):
        return [_as_shown(piece)]
    rounded = f"ROUND({piece.address},{piece.decimals})"
    number = f"({rounded}+0)"  # + 0: no engine says -0 then
    small = f'IF({rounded}=0,IF(ABS({piece.address})<{NOISE},"0","{NEARLY}"),{number})'
    return [f'IF({rounded}<0,"("&{number}&")",{small}&"")' if piece.bracketed else small]


def _as_shown(piece: Shown) -> str:
    """A number with the decimals of its cell's format, zeros at the end too: one more digit is put behind them and cut
    off again."""

    def written(format: str) -> str:
        if not (format.startswith("0") and set(format) <= {"0", "."}):
            return f'"{NEARLY}"' if format == NEARLY_ZERO else f'{piece.address}&""'
        places = len(format.partition(".")[2])
        if not places:
            return f'ROUND({piece.address},0)&""'
        more = f"(ROUND({piece.address},{places})+IF({piece.address}<0,-1,1)*{10.0 ** -(places + 1):.{places + 1}f})"
        padded = f"ROUND({more},{places + 1})"
        return f"LEFT({padded},LEN({padded})-1)"

    out = written(piece.form.format)
    for tier in reversed(piece.form.tiers):
        out = f"IF({tier.condition(piece.address)},{written(tier.format)},{out})"
    return out


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
    if isinstance(piece, Either):
        return piece.yes if piece.cell.value else piece.no
    if isinstance(piece, Equals):
        return " = " if sum(abs(cell.value - cell.shown) for cell in piece.cells) < float(EXACT) else " ≈ "
    if isinstance(piece, Shown):
        return shown(piece.value, piece.form)
    number = piece.shown
    if not number and abs(piece.value) >= float(NOISE):
        return NEARLY
    told = np.format_float_positional(number, trim="-")
    return f"({told})" if piece.bracketed and number < 0 else told


def _merged(pieces: Iterable[Piece]) -> list[Piece]:
    """Neighbouring texts as one; a formula starts with a text, so that its value is one."""
    out: list[Piece] = [""]
    for piece in pieces:
        if isinstance(piece, str) and isinstance(out[-1], str):
            out[-1] += piece
        else:
            out.append(piece)
    return out
