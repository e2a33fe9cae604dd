"""A scratch workbook for checking formulas: matrices below one another, recalculated by IronCalc."""

from __future__ import annotations

from pathlib import Path

import ironcalc
import numpy as np
import openpyxl
from openpyxl.worksheet.formula import ArrayFormula

from sheetgen.cells.a1 import Rect, reference
from sheetgen.cells.formula import block_formula, cell_formula
from sheetgen.ir.node import Node, matrix
from sheetgen.ir.program import Program, Statement
from sheetgen.passes.evaluate import evaluate_statement


class FormulaSheet:
    """Collect matrices and formulas, save them once, compare what an engine makes of them with numpy.

    `put` writes numbers, `compute` writes the formulas of an expression, `wrong` recalculates and
    tells what differs. `formulas` keeps the text of every cell written.
    """

    def __init__(self) -> None:
        self.book = openpyxl.Workbook()
        self.book.active.title = "Main"
        self.book.create_sheet("The 'other' one")
        self.cursor = dict.fromkeys(self.book.sheetnames, 2)
        self.rects: dict[str, Rect] = {}
        self.values: dict[str, np.ndarray] = {}
        self.formulas: dict[str, list[list[str]]] = {}
        self.blocks: dict[str, str] = {}

    def place(self, name: str, shape: tuple[int, int], sheet: str = "Main") -> Rect:
        assert name not in self.rects, name
        self.rects[name] = Rect(sheet, self.cursor[sheet], 3, *shape)
        self.cursor[sheet] += shape[0] + 1
        return self.rects[name]

    def put(self, name: str, values: np.ndarray, sheet: str = "Main") -> Node:
        rect = self.place(name, values.shape, sheet)
        self.values[name] = np.asarray(values, dtype=float)
        for (i, j), value in np.ndenumerate(self.values[name]):
            self.book[sheet].cell(rect.row + i, rect.column + j, float(value))
        return matrix(name, rect_shape(rect))

    def operand(self, node: Node) -> Node:
        """`node` with its stacks replaced by linked copies, as layout would do."""
        if node.op in ("vstack", "hstack", "ones", "zeros", "eye", "tril"):
            return self.compute(f"copy{len(self.rects)}", node)
        return node.with_args(tuple(self.operand(a) for a in node.args))

    def ready(self, node: Node) -> Node:
        needs_ranges = node.kind in ("product", "reduction", "range")
        return node.with_args(tuple(self.operand(a) if needs_ranges else self.ready(a) for a in node.args))

    def compute(self, name: str, expr: Node, block: bool = False) -> Node:
        """Write `expr`; with `block`, as one array formula (which must exist)."""
        expr = self.ready(expr)
        evaluate_statement(Statement(name, expr, 1), self.values)
        rect = self.place(name, expr.shape)
        sheet = self.book["Main"]
        first = sheet.cell(rect.row, rect.column)
        if block:
            text = block_formula(expr, self.rects.__getitem__, "Main")
            assert text is not None
            self.blocks[name] = text
            sheet[first.coordinate] = ArrayFormula(reference(rect, "Main", (False, False)), "=" + text)
            return matrix(name, expr.shape)
        self.formulas[name] = []
        for i in range(rect.height):
            self.formulas[name].append([])
            for j in range(rect.width):
                text, array = cell_formula(expr, i, j, self.rects.__getitem__, "Main")
                cell = sheet.cell(rect.row + i, rect.column + j)
                cell.value = ArrayFormula(cell.coordinate, "=" + text) if array else "=" + text
                self.formulas[name][-1].append(text)
        return matrix(name, expr.shape)

    def program(self, program: Program) -> None:
        """Write a whole expanded program."""
        for given in program.givens:
            self.put(given.name, given.value)
        for statement in program.statements:
            if statement.kind == "verdict":
                continue
            self.compute(statement.name, statement.expr)

    def recalculated(self, folder: Path) -> dict[str, list[list[object]]]:
        """What IronCalc computes, by matrix."""
        path = folder / "formulas.xlsx"
        self.book.save(path)
        model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
        model.evaluate()
        sheets = self.book.sheetnames
        return {
            name: [
                [model.get_cell_value(sheets.index(r.sheet), r.row + i, r.column + j) for j in range(r.width)]
                for i in range(r.height)
            ]
            for name, r in self.rects.items()
        }

    def wrong(self, folder: Path, tolerance: float = 1e-9) -> list[str]:
        """A line for every cell in which IronCalc and numpy differ."""
        lines = []
        for name, found in self.recalculated(folder).items():
            for (i, j), expected in np.ndenumerate(self.values[name]):
                value = found[i][j]
                close = isinstance(value, int | float) and abs(value - expected) <= tolerance * max(1, abs(expected))
                if not close:
                    text = self.formulas[name][i][j] if name in self.formulas else self.blocks.get(name, "")
                    lines.append(f"{name}[{i}, {j}] = {text}: {value!r}, numpy has {expected!r}")
        return lines


def rect_shape(rect: Rect) -> tuple[int, int]:
    """Height and width."""
    return rect.height, rect.width
