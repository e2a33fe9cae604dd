"""The same cells written by others: values, formulas and styles, through openpyxl and through XlsxWriter."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles.borders import Side
from openpyxl.worksheet.formula import ArrayFormula

from sheetgen.book.cells import Block
from sheetgen.book.sheet import Sheet
from sheetgen.cells.a1 import letters

BORDERS = {"thin": 1, "medium": 2, "dashed": 3, "dotted": 4, "thick": 5, "double": 6, "hair": 7, "mediumDashed": 8}


class Cell(NamedTuple):
    """A cell to be written: what it shows, its formula, the range of an array formula, its style."""

    row: int
    column: int
    value: Any
    formula: str | None
    array: str | None
    style: int


def cells(sheet: Sheet) -> list[Cell]:
    """The cells of a sheet in the order of rows, those that hold nothing among them."""
    found = [cell for block in sheet.blocks for cell in _cells(block)]
    found += [Cell(c.row + k, c.column, c.value, c.formula, None, c.style) for c in sheet.cells for k in range(c.down)]
    taken = {(cell.row, cell.column) for cell in found}
    for row, blanks in sheet.rows.blanks.items():
        for column, style in enumerate(blanks, 1):
            if style and (row, column) not in taken:
                found.append(Cell(row, column, None, None, None, style))
    return sorted(found, key=lambda cell: cell[:2])


def _cells(block: Block) -> Iterator[Cell]:
    height, width = block.values.shape
    for i in range(height):
        for j in range(width):
            row, column = block.row + i, block.column + j
            style = block.styles if isinstance(block.styles, int) else int(block.styles[i, j])
            value = block.values[i, j]
            formula = block.formulas[i][j] if block.formulas is not None else None
            array = f"{letters(column)}{row}" if block.array and formula is not None else None
            if block.block is not None and i == j == 0:
                formula = block.block
                array = f"{letters(column)}{row}:{letters(column + width - 1)}{row + height - 1}"
            if value is not None and not isinstance(value, str):
                value = float(value)
            yield Cell(row, column, value, formula, array, style)


def _opened(parts: Mapping[str, bytes]) -> Workbook:
    """The workbook of these parts, as openpyxl reads it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return load_workbook(buffer)


class Peer:
    """openpyxl in its write-only mode. Everything is made ready here, so that `write` has only openpyxl's own work."""

    def __init__(self, parts: Mapping[str, bytes], sheets: Sequence[Sheet]) -> None:
        self.styled = _opened(parts)
        self.sheets = {title: self._rows(sheet) for title, sheet in zip(self.styled.sheetnames, sheets, strict=True)}

    def write(self, path: Path) -> None:
        """Write the workbook. Styles are shared as openpyxl's own copies share them, its fastest way."""
        book = Workbook(write_only=True)
        for table in ("_fonts", "_fills", "_borders", "_number_formats", "_alignments", "_protections", "_cell_styles"):
            setattr(book, table, getattr(self.styled, table))
        for title, rows in self.sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                made: list[WriteOnlyCell | None] = []
                for each in row:
                    if each is None:
                        made.append(None)
                        continue
                    value, style, literal = each
                    cell = WriteOnlyCell(sheet, value)
                    cell._style = style
                    if literal:
                        cell.data_type = "s"
                    made.append(cell)
                sheet.append(made)
        book.save(path)

    def _rows(self, sheet: Sheet) -> list[list[tuple[Any, Any, bool] | None]]:
        rows: dict[int, dict[int, tuple[Any, Any, bool]]] = {}
        for cell in cells(sheet):
            value: Any = cell.value
            if cell.formula is not None:
                value = ArrayFormula(cell.array, f"={cell.formula}") if cell.array else f"={cell.formula}"
            literal = cell.formula is None and isinstance(value, str) and value.startswith("=")
            rows.setdefault(cell.row, {})[cell.column] = (value, self.styled._cell_styles[cell.style], literal)
        return [
            [row.get(column) for column in range(1, max(row, default=0) + 1)]
            for row in (rows.get(k, {}) for k in range(1, max(rows, default=0) + 1))
        ]


class XlsxWriterPeer:
    """XlsxWriter, which also writes the cached values."""

    def __init__(self, parts: Mapping[str, bytes], sheets: Sequence[Sheet]) -> None:
        styled = _opened(parts)
        self.sheets = {title: cells(sheet) for title, sheet in zip(styled.sheetnames, sheets, strict=True)}
        used = {cell.style for found in self.sheets.values() for cell in found}
        scratch = styled.create_sheet("scratch")
        self.formats = {}
        for style in sorted(used):
            cell = scratch.cell(1, 1)
            cell._style = styled._cell_styles[style]
            self.formats[style] = _format(cell)

    def write(self, path: Path) -> None:
        """Write the workbook."""
        from xlsxwriter import Workbook as Book

        book = Book(str(path))
        formats = {style: book.add_format(options) for style, options in self.formats.items()}
        for title, found in self.sheets.items():
            sheet = book.add_worksheet(title)
            for row, column, value, formula, array, style in found:
                form = formats[style]
                if formula is None:
                    if value is None:
                        sheet.write_blank(row - 1, column - 1, None, form)
                    elif isinstance(value, str):
                        sheet.write_string(row - 1, column - 1, value, form)
                    else:
                        sheet.write_number(row - 1, column - 1, value, form)
                elif array:
                    sheet.write_array_formula(
                        array if ":" in array else f"{array}:{array}", f"{{={formula}}}", form, value
                    )
                else:
                    sheet.write_formula(row - 1, column - 1, f"={formula}", form, value if value is not None else "")
        book.close()


def _format(cell: Any) -> dict[str, Any]:
    """A cell's style as XlsxWriter is told of it."""
    font, fill, alignment = cell.font, cell.fill, cell.alignment
    options = {
        "font_name": font.name, "font_size": font.sz, "bold": bool(font.b), "italic": bool(font.i),
        "num_format": cell.number_format, "valign": "vcenter" if alignment.vertical == "center" else "top",
        "align": alignment.horizontal or "left", "text_wrap": bool(alignment.wrap_text),
    }  # fmt: skip
    if font.color is not None and isinstance(font.color.rgb, str):
        options["font_color"] = f"#{font.color.rgb[-6:]}"
    if fill.fill_type == "solid":
        options["bg_color"] = f"#{fill.start_color.rgb[-6:]}"
    for name in ("left", "top", "right", "bottom"):
        side: Side = getattr(cell.border, name)
        if side is not None and side.style:
            options[name] = BORDERS[side.style]
            options[f"{name}_color"] = f"#{side.color.rgb[-6:]}"
    return options
