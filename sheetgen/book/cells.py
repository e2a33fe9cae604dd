"""Blocks of cells → the rows of a worksheet's XML, and the texts that they share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from xml.sax.saxutils import escape

import numpy as np

from sheetgen.cells.a1 import letters
from sheetgen.errors import LimitError
from sheetgen.limits import LAST_COLUMN, LAST_ROW

LONGEST_FORMULA, LONGEST_TEXT = 8_192, 32_767
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
        longest = max((len(f) for row in self.formulas or () for f in row if f), default=len(self.block or ""))
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

    def add(self, text: str) -> int:
        self.uses += 1
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
    """The shortest text that reads back as the same number; `2` rather than `2.0`, `0` rather than `-0`."""
    if -SMALLEST < value < SMALLEST:
        return "0"
    text = repr(value)
    return text[:-2] if text.endswith(".0") else text


def used_range(blocks: Sequence[Block]) -> str:
    """The rectangle around all cells, such as `A1:K40`."""
    if not blocks:
        return "A1"
    right = max(b.column + b.values.shape[1] - 1 for b in blocks)
    bottom = max(b.row + b.values.shape[0] - 1 for b in blocks)
    left, top = min(b.column for b in blocks), min(b.row for b in blocks)
    return f"{letters(left)}{top}:{letters(right)}{bottom}"


@dataclass(frozen=True)
class Rows:
    """What the rows of a sheet have besides their blocks' cells."""

    heights: Mapping[int, float] = field(default_factory=dict)
    """In points; a row of height 0 is hidden."""
    blanks: Mapping[int, Sequence[int]] = field(default_factory=dict)
    """Styles of the cells that hold nothing, from the first column on; style 0 is no cell."""
    styles: Mapping[int, int] = field(default_factory=dict)
    """The style of a whole row, as far as no cell says otherwise."""


def rows(blocks: Sequence[Block], around: Rows, strings: SharedStrings) -> Iterator[str]:
    """The worksheet's `<row>` elements, top down, cells from left to right."""
    pieces: dict[int, list[tuple[int, int]]] = {}
    for k, block in enumerate(blocks):
        for row in range(block.row, block.row + block.values.shape[0]):
            pieces.setdefault(row, []).append((block.column, k))
    written = [_Written(block) for block in blocks]
    for row in sorted({*pieces, *around.heights, *around.blanks, *around.styles}):
        blank = around.blanks.get(row, ())
        cells, at = [], 1
        for column, k in sorted(pieces.get(row, ())):
            if column < at:
                raise ValueError(f"{blocks[k].what} overlaps another in row {row}, column {column}.")
            if len(blank) >= at and column > at:
                cells.append(_blank(row, at, blank[at - 1 : column - 1]))
            cells.append(written[k].row(row, strings))
            at = column + blocks[k].values.shape[1]
        if len(blank) >= at:
            cells.append(_blank(row, at, blank[at - 1 :]))
        yield f"<row r=\"{row}\"{_options(row, around)}>{''.join(cells)}</row>"


def _options(row: int, around: Rows) -> str:
    height, style = around.heights.get(row), around.styles.get(row)
    found = f' s="{style}" customFormat="1"' if style is not None else ""
    if height is not None:
        found += f' ht="{height:g}" customHeight="1"' if height else ' hidden="1"'
    return found


def _blank(row: int, first: int, styles: Sequence[int]) -> str:
    return "".join([f'<c r="{letters(first + j)}{row}" s="{style}"/>' for j, style in enumerate(styles) if style])


class _Written:
    """A block on its way to XML: its numbers and styles as Python has them, its columns' letters."""

    def __init__(self, block: Block) -> None:
        self.block = block
        width = block.values.shape[1]
        self.names = [letters(block.column + j) for j in range(width)]
        self.values = block.values.tolist()
        self.styles = [block.styles] * width if isinstance(block.styles, int) else block.styles.tolist()

    def row(self, row: int, strings: SharedStrings) -> str:
        block, i = self.block, row - self.block.row
        values = self.values[i]
        styles = self.styles if isinstance(block.styles, int) else self.styles[i]
        if block.block is not None:
            return self._of_block(row, i, values, styles, strings)
        if block.formulas is None:
            return "".join([
                f'<c r="{name}{row}" s="{style}"><v>{number_xml(value)}</v></c>' if type(value) is float
                else _other(f"{name}{row}", style, "", value, strings, block)
                for name, style, value in zip(self.names, styles, values, strict=True)
            ])  # fmt: skip
        cells = []
        for name, style, formula, value in zip(self.names, styles, block.formulas[i], values, strict=True):
            if formula is None:
                f = ""
            else:
                if "&" in formula or "<" in formula or ">" in formula:
                    formula = escape(formula)
                f = f'<f t="array" ref="{name}{row}">{formula}</f>' if block.array else f"<f>{formula}</f>"
            if type(value) is float:
                cells.append(f'<c r="{name}{row}" s="{style}">{f}<v>{number_xml(value)}</v></c>')
            else:
                cells.append(_other(f"{name}{row}", style, f, value, strings, block))
        return "".join(cells)

    def _of_block(
        self, row: int, i: int, values: Sequence[object], styles: Sequence[int], strings: SharedStrings
    ) -> str:
        """Cells of one array formula, which stands in the first."""
        ref = f"{self.names[0]}{row}:{self.names[-1]}{row + self.block.values.shape[0] - 1}"
        first = f'<f t="array" ref="{ref}">{escape(self.block.block or "")}</f>' if i == 0 else ""
        return "".join(
            _other(f"{name}{row}", style, first if j == 0 else "", value, strings, self.block)
            for j, (name, style, value) in enumerate(zip(self.names, styles, values, strict=True))
        )


def _other(ref: str, style: int, f: str, value: object, strings: SharedStrings, block: Block) -> str:
    """A cell whose value is no float."""
    if value is None:
        return f'<c r="{ref}" s="{style}">{f}</c>'
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise LimitError(f"{block.what}: a text of {len(value):,} characters; a cell holds {LONGEST_TEXT:,}.")
        if isinstance(value, CellError):
            return f'<c r="{ref}" s="{style}" t="e">{f}<v>{value}</v></c>'
        if f or block.block is not None:
            return f'<c r="{ref}" s="{style}" t="str">{f}<v>{text_xml(value)}</v></c>'
        return f'<c r="{ref}" s="{style}" t="s"><v>{strings.add(value)}</v></c>'
    number = float(value)  # type: ignore[arg-type]  # bool, int, numpy's numbers
    return f'<c r="{ref}" s="{style}">{f}<v>{number_xml(number)}</v></c>'
