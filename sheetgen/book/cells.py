"""Blocks of cells → the rows of a worksheet's XML, and the texts that they share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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


def rows(blocks: Sequence[Block], heights: Mapping[int, float], strings: SharedStrings) -> Iterator[str]:
    """The worksheet's `<row>` elements, top down, cells from left to right."""
    pieces = sorted((b.row + i, b.column, k, i) for k, b in enumerate(blocks) for i in range(b.values.shape[0]))
    at, right = 0, 0
    cells: list[str] = []
    for row, column, k, i in pieces:
        if row != at:
            if at:
                yield _row(at, cells, heights)
            at, right, cells = row, 0, []
        if column <= right:
            raise ValueError(f"{blocks[k].what} overlaps another in row {row}, column {column}.")
        right = column + blocks[k].values.shape[1] - 1
        cells.append(_cells(blocks[k], i, strings))
    if at:
        yield _row(at, cells, heights)


def _row(row: int, cells: list[str], heights: Mapping[int, float]) -> str:
    height = f' ht="{heights[row]:g}" customHeight="1"' if row in heights else ""
    return f'<row r="{row}"{height}>{"".join(cells)}</row>'


def _cells(block: Block, i: int, strings: SharedStrings) -> str:
    values = block.values[i].tolist()
    width, row = len(values), block.row + i
    columns = range(block.column, block.column + width)
    styles = [block.styles] * width if isinstance(block.styles, int) else block.styles[i].tolist()
    formulas: Sequence[str | None] = block.formulas[i] if block.formulas is not None else (None,) * width
    if block.block is not None and i == 0:
        formulas = (block.block, *(None,) * (width - 1))
        span = f"{letters(block.column)}{row}:{letters(columns[-1])}{row + block.values.shape[0] - 1}"
    cells = []
    for column, style, formula, value in zip(columns, styles, formulas, values, strict=True):
        ref = f"{letters(column)}{row}"
        if formula is None:
            f = ""
        else:
            if "&" in formula or "<" in formula or ">" in formula:
                formula = escape(formula)
            if block.block is not None:
                f = f'<f t="array" ref="{span}">{formula}</f>'
            elif block.array:
                f = f'<f t="array" ref="{ref}">{formula}</f>'
            else:
                f = f"<f>{formula}</f>"
        if type(value) is float:
            cells.append(f'<c r="{ref}" s="{style}">{f}<v>{number_xml(value)}</v></c>')
        else:
            cells.append(_other(ref, style, f, value, strings, block))
    return "".join(cells)


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
