"""The same cells written by openpyxl alone: values, formulas, styles, in its write-only mode."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet.formula import ArrayFormula

from sheetgen.book.cells import Block
from sheetgen.book.package import Sheet
from sheetgen.cells.a1 import letters


class Cell(NamedTuple):
    """What openpyxl is told; `literal` is text that only looks like a formula."""

    value: Any
    style: Any
    literal: bool


class Peer:
    """Everything is made ready here, so that `write` has only openpyxl's own work to do."""

    def __init__(self, book: bytes, sheets: Sequence[Sheet]) -> None:
        self.styled = load_workbook(io.BytesIO(book))
        self.sheets = {title: self._rows(sheet) for title, sheet in zip(self.styled.sheetnames, sheets, strict=True)}

    def write(self, path: Path) -> None:
        """Write the workbook. Styles are shared as openpyxl's own copies share them, its fastest way."""
        book = Workbook(write_only=True)
        for table in ("_fonts", "_fills", "_borders", "_number_formats", "_alignments", "_protections", "_cell_styles"):
            setattr(book, table, getattr(self.styled, table))
        for title, rows in self.sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                cells: list[WriteOnlyCell | None] = []
                for made in row:
                    if made is None:
                        cells.append(None)
                        continue
                    cell = WriteOnlyCell(sheet, made.value)
                    cell._style = made.style
                    if made.literal:
                        cell.data_type = "s"
                    cells.append(cell)
                sheet.append(cells)
        book.save(path)

    def _rows(self, sheet: Sheet) -> list[list[Cell | None]]:
        rows: dict[int, dict[int, Cell]] = {}
        for block in sheet.blocks:
            for i in range(block.values.shape[0]):
                row = rows.setdefault(block.row + i, {})
                for j in range(block.values.shape[1]):
                    row[block.column + j] = self._cell(block, i, j)
        return [
            [row.get(column) for column in range(1, max(row, default=0) + 1)]
            for row in (rows.get(k, {}) for k in range(1, max(rows, default=0) + 1))
        ]

    def _cell(self, block: Block, i: int, j: int) -> Cell:
        value: Any = block.values[i, j]
        formula = block.formulas[i][j] if block.formulas is not None else None
        ref = f"{letters(block.column + j)}{block.row + i}"
        if block.block is not None and i == j == 0:
            height, width = block.values.shape
            last = f"{letters(block.column + width - 1)}{block.row + height - 1}"
            value = ArrayFormula(f"{ref}:{last}", f"={block.block}")
        elif formula is not None:
            value = ArrayFormula(ref, f"={formula}") if block.array else f"={formula}"
        elif not isinstance(value, str) and value is not None:
            value = float(value)
        style = block.styles if isinstance(block.styles, int) else int(block.styles[i, j])
        literal = formula is None and isinstance(value, str) and value.startswith("=")
        return Cell(value, self.styled._cell_styles[style], literal)
