"""How well a page reads, measured from the workbook's file alone: print size, filling, ways, sections."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string, range_boundaries
from openpyxl.worksheet.formula import ArrayFormula

Rectangle = tuple[int, int, int, int]
"""First row, first column, last row, last column."""
TEXTS = ("Steps", "Spec", "Chart data")
HEAD = 6
"""Rows above the drawing that don't count for its filling."""
REFERENCE = re.compile(r"(?<![\w.!'])\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?(?![\w(])")
LINK = re.compile(r"=\$?[A-Z]{1,3}\$?\d+")
A4 = (8.27, 11.69)


@dataclass(frozen=True)
class Measures:
    """Of one sheet. `points`: size of 10-point digits in print on A4. `filled`: share of the cells in the used
    rectangle below the head that hold something. `ways`: gaps in cells between a matrix and what its formulas read on
    the same sheet (a linked copy's own source doesn't count). `mixed`: pairs of sections whose boxes share cells."""

    sheet: str
    points: float
    filled: float
    ways: tuple[int, ...]
    mixed: tuple[tuple[str, str], ...]

    @property
    def way90(self) -> int:
        """The 90th percentile of the ways."""
        return sorted(self.ways)[int(0.9 * (len(self.ways) - 1))] if self.ways else 0


def measure(path: Path) -> list[Measures]:
    """Every drawn sheet of a workbook."""
    book = load_workbook(path)
    named: dict[str, dict[str, Rectangle]] = {}
    for name, defined in book.defined_names.items():
        for sheet, reference in defined.destinations:
            left, top, right, bottom = range_boundaries(reference.replace("$", ""))
            if name not in ("Step", "Gradients"):
                named.setdefault(sheet, {})[name] = (top, left, bottom, right)
    return [_sheet(book, ws, named[ws.title]) for ws in book if ws.title in named and ws.title not in TEXTS]


def _sheet(book: Any, ws: Any, regions: dict[str, Rectangle]) -> Measures:
    formulas = dict(_formulas(ws))
    own = {cell: name for name, box in regions.items() for cell in _cells(box)}
    links = _links({at for at, text in formulas.items() if at not in own and LINK.fullmatch(text)})
    boxes = {**regions, **links}
    owner = {cell: name for name, box in boxes.items() for cell in _cells(box)}
    ways = []
    for name, box in regions.items():
        read = {
            owner[at]
            for cell in _cells(box)
            for found in REFERENCE.finditer(formulas.get(cell, ""))
            if (at := (int(found[2]), column_index_from_string(found[1]))) in owner
        }
        ways += [_gap(box, boxes[other]) for other in read - {name, "learning_rate"}]
    filled = sum(cell.value is not None for row in ws.iter_rows(min_row=HEAD) for cell in row)
    area = max(1, (ws.max_row - HEAD + 1) * ws.max_column)
    mixed = _mixed(book["Steps"], owner, boxes) if ws.title == book.sheetnames[0] else ()
    return Measures(ws.title, _points(ws), filled / area, tuple(ways), mixed)


def _formulas(ws: Any) -> Iterator[tuple[tuple[int, int], str]]:
    for row in ws.iter_rows():
        for cell in row:
            text = cell.value.text if isinstance(cell.value, ArrayFormula) else cell.value
            if isinstance(text, str) and text.startswith("="):
                yield (cell.row, cell.column), text


def _cells(box: Rectangle) -> Iterator[tuple[int, int]]:
    return ((r, c) for r in range(box[0], box[2] + 1) for c in range(box[1], box[3] + 1))


def _links(cells: set[tuple[int, int]]) -> dict[str, Rectangle]:
    """Linked copies: blocks of cells that touch and only repeat another cell."""
    found = {}
    while cells:
        todo, block = [min(cells)], []
        cells.discard(todo[0])
        while todo:
            row, column = todo.pop()
            block.append((row, column))
            for near in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
                if near in cells:
                    cells.discard(near)
                    todo.append(near)
        rows, columns = zip(*block, strict=True)
        found[f"copy {min(block)}"] = (min(rows), min(columns), max(rows), max(columns))
    return found


def _gap(a: Rectangle, b: Rectangle) -> int:
    return max(a[0] - b[2], b[0] - a[2], a[1] - b[3], b[1] - a[3], 0)


def _points(ws: Any) -> float:
    if not ws.sheet_properties.pageSetUpPr or not ws.sheet_properties.pageSetUpPr.fitToPage:
        return 10 * (ws.page_setup.scale or 100) / 100
    widths = {
        c: d.width
        for d in ws.column_dimensions.values()
        if d.width and not d.hidden
        for c in range(d.min or 1, (d.max or d.min or 1) + 1)
    }
    width = (
        sum(7 * widths.get(c, ws.sheet_format.defaultColWidth or 8.43) + 5 for c in range(1, ws.max_column + 1)) / 96
    )
    default = ws.sheet_format.defaultRowHeight or 15
    height = sum(ws.row_dimensions[r].height or default for r in range(1, ws.max_row + 1)) / 72
    page = A4 if ws.page_setup.orientation == "portrait" else A4[::-1]
    margins = ws.page_margins
    wide, high = page[0] - margins.left - margins.right, page[1] - margins.top - margins.bottom
    across, down = (1 if n is None else n for n in (ws.page_setup.fitToWidth, ws.page_setup.fitToHeight))
    return 10 * min([1.0, *([wide * across / width] if across else []), *([high * down / height] if down else [])])


def _mixed(steps: Any, owner: dict[tuple[int, int], str], boxes: dict[str, Rectangle]) -> tuple[tuple[str, str], ...]:
    """Sections, by the links of the Steps sheet, whose boxes share more than 15 % of the smaller one."""
    rows = list(steps.iter_rows())
    head = next(k for k, row in enumerate(rows) if {"No.", "Section"} <= {cell.value for cell in row})
    place = {cell.value: k for k, cell in enumerate(rows[head])}
    around: dict[str, Rectangle] = {}
    section = ""
    for row in rows[head + 1 :]:
        section = row[place["Section"]].value or section
        target = next((c.hyperlink.location for c in row if c.hyperlink and c.hyperlink.location), "")
        found = re.search(r"Canvas'?!\$?([A-Z]+)\$?(\d+)", target)
        name = owner.get((int(found[2]), column_index_from_string(found[1]))) if found else None
        if name is not None:
            a, b = boxes[name], around.get(section, boxes[name])
            around[section] = (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))
    pairs = []
    for k, (first, a) in enumerate(around.items()):
        for second, b in list(around.items())[k + 1 :]:
            rows_, columns = min(a[2], b[2]) - max(a[0], b[0]) + 1, min(a[3], b[3]) - max(a[1], b[1]) + 1
            smaller = min((x[2] - x[0] + 1) * (x[3] - x[1] + 1) for x in (a, b))
            if max(rows_, 0) * max(columns, 0) > 0.15 * smaller:
                pairs.append((first, second))
    return tuple(pairs)
