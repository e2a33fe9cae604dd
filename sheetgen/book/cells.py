"""Blocks of cells → the rows of a worksheet's XML, and the texts that they share."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, pairwise, repeat
from math import isfinite
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from pydantic_core import to_json

from sheetgen.book.xml import escape
from sheetgen.cells.a1 import letters
from sheetgen.errors import LimitError
from sheetgen.limits import LAST_COLUMN, LAST_ROW

LONGEST_FORMULA, LONGEST_TEXT = 8_192, 32_767
LAZY = 20_000
"""Blocks of more cells become XML row by row, when their rows are written."""
SMALLEST = 2.2250738585072014e-308
"""Spreadsheets treat smaller numbers as 0."""


class CellError(str):
    """A cached error value such as `#N/A`."""


@dataclass(frozen=True)
class Block:
    """A rectangle of cells whose top left is (row, column).

    `values` are numbers, texts, `CellError`s or None (a cell that only has a style); `styles` is
    one style id for all cells or an array of them; `formulas`, `array` and `block` are as in
    `plan.Region`.
    """

    row: int
    column: int
    values: np.ndarray
    styles: np.ndarray | int = 0
    formulas: Sequence[Sequence[str | None]] | None = None
    array: bool = False
    block: str | None = None
    what: str = "a cell"
    """How an error message calls it."""

    def __post_init__(self) -> None:
        height, width = self.values.shape
        if self.column + width - 1 > LAST_COLUMN or self.row + height - 1 > LAST_ROW:
            raise LimitError(
                f"{self.what} ends in row {self.row + height - 1:,}, column {self.column + width - 1:,}; "
                f"a sheet has {LAST_ROW:,} rows and {LAST_COLUMN:,} columns."
            )
        written = filter(None, chain.from_iterable(self.formulas or ()))
        longest = max(map(len, written), default=len(self.block or ""))
        if longest >= LONGEST_FORMULA:
            raise LimitError(
                f"{self.what} needs a formula of {longest:,} characters; spreadsheets allow {LONGEST_FORMULA:,}."
            )
        if self.values.dtype == object:
            finite = all(isfinite(v) for v in self.values.flat if isinstance(v, float))
        else:
            finite = bool(np.isfinite(self.values).all())
        if not finite:
            raise LimitError(f"{self.what} holds a number that is infinite or undefined; a cell can't.")


class SharedStrings:
    """The texts of a workbook: each is stored once and cells point to it."""

    def __init__(self) -> None:
        self.index: dict[str, int] = {}
        self.uses = 0

    def add(self, text: str, uses: int = 1) -> int:
        self.uses += uses
        return self.index.setdefault(text, len(self.index))

    def xml(self) -> bytes:
        items = "".join(f'<si><t xml:space="preserve">{text_xml(text)}</t></si>' for text in self.index)
        return (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            f'count="{self.uses}" uniqueCount="{len(self.index)}">{items}</sst>'
        ).encode()


def text_xml(text: str) -> str:
    """`text` as a cell holds it: XML characters escaped, and what XML can't hold written as `_xHHHH_`."""
    if "_x" in text:
        text = re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    text = re.sub(
        "[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]", lambda found: f"_x{ord(found[0]):04X}_", text
    )
    return escape(text)


def number_xml(value: float) -> str:
    """The shortest text that reads back as the same number, as JSON spells it; `2` rather than `2.0`, `0` rather than
    `-0`."""
    return "0" if -SMALLEST < value < SMALLEST else to_json(value).decode().removesuffix(".0")


def numbers_xml(values: np.ndarray) -> list[str]:
    """`number_xml` of each number, row after row."""
    texts = to_json(np.where(np.abs(values) < SMALLEST, 0.0, values).ravel().tolist()).decode()
    return texts[1:-1].replace(".0,", ",").removesuffix(".0").split(",")


def used_range(blocks: Sequence[Block], cells: Sequence[Cell] = ()) -> str:
    """The rectangle around all cells that hold something, such as `A1:K40`."""
    ends = [(b.row, b.column, b.row + b.values.shape[0] - 1, b.column + b.values.shape[1] - 1) for b in blocks]
    ends += [(c.row, c.column, c.row + c.down - 1, c.column) for c in cells]
    if not ends:
        return "A1"
    tops, lefts, bottoms, rights = zip(*ends, strict=True)
    return f"{letters(min(lefts))}{min(tops)}:{letters(max(rights))}{max(bottoms)}"


class Cell(NamedTuple):
    """A cell: a text, a number or None, its style, and its formula; or so many, `down`, that are alike."""

    row: int
    column: int
    value: object
    style: int = 0
    formula: str | None = None
    down: int = 1


@dataclass(frozen=True)
class Rows:
    """What the rows of a sheet have besides their cells."""

    heights: Mapping[int, float] = field(default_factory=dict)
    """In points; a row of height 0 is hidden."""
    blanks: Mapping[int, Sequence[int]] = field(default_factory=dict)
    """Styles of the cells that hold nothing, from the first column on; style 0 is no cell."""
    styles: Mapping[int, int] = field(default_factory=dict)
    """The style of a whole row, as far as no cell says otherwise."""


class _Piece(NamedTuple):
    """Cells that stand together: their first row and the one under them, first and last column, and a text for each
    row, or what makes it."""

    row: int
    below: int
    first: int
    last: int
    texts: Sequence[str] | _Written

    def within(self, row: int, below: int) -> Iterable[str]:
        """The texts of so many of its rows."""
        if isinstance(self.texts, _Written):
            return self.texts.each(row - self.row, below - self.row)
        return self.texts[row - self.row : below - self.row]


def rows(blocks: Sequence[Block], cells: Sequence[Cell], around: Rows, strings: SharedStrings) -> Iterator[str]:
    """The worksheet's `<row>` elements, top down, cells from left to right."""
    starts = defaultdict[int, list[_Piece]](list)
    for piece in _pieces(blocks, cells, strings):
        starts[piece.row].append(piece)
    ends = {piece.below for same in starts.values() for piece in same}
    special = {*around.heights, *around.blanks, *around.styles}
    alone, here = sorted(special), list[_Piece]()
    for top, below in pairwise([0, *sorted({*starts, *ends}), 1 << 30]):  # between them the same pieces side by side
        here = sorted([*(one for one in here if one.below > top), *starts.get(top, ())], key=attrgetter("first"))
        if clash := next((other for one, other in pairwise(here) if other.first <= one.last), None):
            raise ValueError(f"Two things would stand in row {top}, column {letters(clash.first)}.")
        numbers = range(top, below) if here else alone[bisect_left(alone, top) : bisect_left(alone, below)]
        texts = zip(*(one.within(top, below) for one in here), strict=True) if here else repeat(())
        for row, parts in zip(numbers, texts, strict=False):
            if row in special:
                yield f"<row r=\"{row}\"{_options(row, around)}>{_with_blanks(row, here, parts, around)}</row>"
            else:
                yield f"<row r=\"{row}\">{''.join(parts)}</row>"


def _pieces(blocks: Sequence[Block], cells: Sequence[Cell], strings: SharedStrings) -> Iterator[_Piece]:
    for cell in cells:
        yield _Piece(cell.row, cell.row + cell.down, cell.column, cell.column, _single(cell, strings))
    for block in blocks:
        height, width = block.values.shape
        written = _Written(block, strings)
        texts = written if height * width > LAZY else written.rows(0, height)
        yield _Piece(block.row, block.row + height, block.column, block.column + width - 1, texts)


def _with_blanks(row: int, here: Sequence[_Piece], parts: Sequence[str], around: Rows) -> str:
    """The cells of a row, with those that hold nothing between them."""
    blank = around.blanks.get(row, ())
    if not blank:
        return "".join(parts)
    found, at = [], 1
    for piece, text in zip(here, parts, strict=True):
        found += [_blank(row, at, blank[at - 1 : piece.first - 1]), text]
        at = piece.last + 1
    return "".join([*found, _blank(row, at, blank[at - 1 :])])


def _options(row: int, around: Rows) -> str:
    height, style = around.heights.get(row), around.styles.get(row)
    found = f' s="{style}" customFormat="1"' if style is not None else ""
    if height is not None:
        found += f' ht="{height:g}" customHeight="1"' if height else ' hidden="1"'
    return found


def _blank(row: int, first: int, styles: Sequence[int]) -> str:
    names = _names(first, len(styles))
    return "".join([f'<c r="{name}{row}" s="{style}"/>' for name, style in zip(names, styles, strict=True) if style])


@lru_cache(maxsize=4096)
def _names(column: int, width: int) -> tuple[str, ...]:
    return tuple(letters(column + j) for j in range(width))


class _Written:
    """A block on its way to XML."""

    def __init__(self, block: Block, strings: SharedStrings) -> None:
        self.block, self.strings = block, strings
        self.names = _names(block.column, block.values.shape[1])
        self.formulas = [*chain.from_iterable(block.formulas or ())]
        given = self.formulas.count(None)
        self.computed = given < len(self.formulas)
        self.plain = block.values.dtype == float and block.block is None and not (self.computed and given)
        text = "".join(filter(None, self.formulas))
        self.escaped = "&" in text or "<" in text or ">" in text

    def each(self, start: int, stop: int) -> Iterator[str]:
        """The cells of one row after the other, when they are asked for."""
        return (self.rows(row, 1)[0] for row in range(start, stop))

    def rows(self, start: int, count: int) -> list[str]:
        """The cells of `count` rows from the block's row `start` on, a text for each row."""
        block, stop, width = self.block, start + count, len(self.names)
        values = block.values[start:stop]
        refs = [f"{name}{row}" for row in range(block.row + start, block.row + stop) for name in self.names]
        ids = block.styles
        styles: list[int] = [ids] * len(refs) if isinstance(ids, int) else ids[start:stop].ravel().tolist()
        formulas = self.formulas[start * width : stop * width] if self.computed else [None] * len(refs)
        if not self.plain:
            cells = self._other(refs, values.ravel().tolist(), styles, formulas)
        else:
            written = [escape(f or "") for f in formulas] if self.escaped else formulas
            cells = self._numbers(refs, numbers_xml(values), styles, written)
        return cells if width == 1 else ["".join(cells[k : k + width]) for k in range(0, len(cells), width)]

    def _numbers(
        self, refs: Sequence[str], values: Sequence[str], styles: Sequence[int], formulas: Sequence[str | None]
    ) -> list[str]:
        """Cells that are all given, or that all have formulas."""
        if not self.computed:
            return [f'<c r="{ref}" s="{style}"><v>{value}</v></c>'
                    for ref, style, value in zip(refs, styles, values, strict=True)]  # fmt: skip
        cells = zip(refs, styles, formulas, values, strict=True)
        if self.block.array:
            return [f'<c r="{ref}" s="{style}"><f t="array" ref="{ref}">{formula}</f><v>{value}</v></c>'
                    for ref, style, formula, value in cells]  # fmt: skip
        return [f'<c r="{ref}" s="{style}"><f>{formula}</f><v>{value}</v></c>' for ref, style, formula, value in cells]

    def _other(
        self, refs: Sequence[str], values: Sequence[object], styles: Sequence[int], formulas: Sequence[str | None]
    ) -> list[str]:
        """Words, cells with formulas among cells without, or one array formula, which stands in the first cell."""
        block = self.block
        first, last = f"{self.names[0]}{block.row}", f"{self.names[-1]}{block.row + block.values.shape[0] - 1}"
        cells: list[str] = []
        for ref, style, formula, value in zip(refs, styles, formulas, values, strict=True):
            f = ""
            if block.block is not None:
                if ref == first:
                    f = f'<f t="array" ref="{first}:{last}">{escape(block.block)}</f>'
            elif formula is not None:
                f = f'<f t="array" ref="{ref}">' if block.array else "<f>"
                f += f"{escape(formula)}</f>"
            cells.append(_cell(ref, style, f, value, self.strings, block.what, block.block is not None))
        return cells


def _single(cell: Cell, strings: SharedStrings) -> list[str]:
    """A cell, or each row of those that are alike."""
    name = letters(cell.column)
    f = "" if cell.formula is None else f"<f>{escape(cell.formula)}</f>"
    rest = _cell("", cell.style, f, cell.value, strings, "A label", count=cell.down).removeprefix('<c r="')
    rows = range(cell.row, cell.row + cell.down)
    return [f'<c r="{name}{row}{rest}' for row in rows]


def _cell(
    ref: str, style: int, f: str, value: object, strings: SharedStrings, what: str, computed: bool = False,
    count: int = 1,
) -> str:  # fmt: skip
    """A cell of any kind; `computed` where a formula in another cell makes its value, `count` if there are more."""
    if value is None:
        return f'<c r="{ref}" s="{style}">{f}</c>'
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise LimitError(f"{what}: a text of {len(value):,} characters; a cell holds {LONGEST_TEXT:,}.")
        if isinstance(value, CellError):
            return f'<c r="{ref}" s="{style}" t="e">{f}<v>{value}</v></c>'
        if f or computed:
            return f'<c r="{ref}" s="{style}" t="str">{f}<v>{text_xml(value)}</v></c>'
        return f'<c r="{ref}" s="{style}" t="s"><v>{strings.add(value, count)}</v></c>'
    return f'<c r="{ref}" s="{style}">{f}<v>{number_xml(float(value))}</v></c>'  # type: ignore[arg-type]
