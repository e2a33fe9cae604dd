"""A plan with more columns in it: what stands behind them moves, and all formulas with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sheetgen.cells.reads import moved
from sheetgen.layout.plan import Diagonal, Edge, Label, Region, SheetPlan, WorkbookPlan


def with_columns(plan: WorkbookPlan, after: int, widths: Sequence[float]) -> WorkbookPlan:
    """`plan` with columns of these widths behind column `after` on every sheet, so that what has the same address on
    two sheets keeps it. Charts must be gone; what spans the place gets wider."""
    move = _Move(after, len(widths))
    return replace(plan, sheets=tuple(move.sheet(sheet, widths) for sheet in plan.sheets))


class _Move:
    def __init__(self, after: int, by: int) -> None:
        self.after, self.by = after, by

    def column(self, column: int) -> int:
        return column + self.by if column > self.after else column

    def span(self, column: int, columns: int) -> tuple[int, int]:
        """First column and number of columns of what covers `columns` of them."""
        first, last = self.column(column), self.column(column + columns - 1)
        return first, last - first + 1

    def formula(self, text: str | None) -> str | None:
        return None if text is None else moved(text, self.after, self.by)

    def text(self, text: str) -> str:
        return moved(text, self.after, self.by)

    def sheet(self, sheet: SheetPlan, widths: Sequence[float]) -> SheetPlan:
        own = [(self.column(column), width) for column, width in sheet.widths]
        new = [(self.after + k, width) for k, width in enumerate(widths, 1)]
        return replace(
            sheet, regions=tuple(map(self.region, sheet.regions)), labels=tuple(map(self.label, sheet.labels)),
            edges=tuple(map(self.edge, sheet.edges)), diagonals=tuple(map(self.diagonal, sheet.diagonals)),
            widths=tuple(sorted([*own, *new])), last_column=self.column(sheet.last_column) if sheet.last_column else 0,
            heading_formula=self.formula(sheet.heading_formula), frozen=self.column(sheet.frozen),
            folded=tuple((self.column(first), self.column(last)) for first, last in sheet.folded),
        )  # fmt: skip

    def region(self, region: Region) -> Region:
        formulas = region.formulas and tuple(tuple(map(self.formula, row)) for row in region.formulas)
        return replace(
            region, column=self.column(region.column), formulas=formulas, block=self.formula(region.block),
            choices=self.text(region.choices), picked=self.formula(region.picked), pale=self.formula(region.pale),
            framed=self.formula(region.framed), blocked=tuple(map(self.text, region.blocked)),
        )  # fmt: skip

    def label(self, label: Label) -> Label:
        column, columns = self.span(label.column, label.columns)
        return replace(label, column=column, columns=columns, formula=self.formula(label.formula),
                       pale=self.formula(label.pale), link=None)  # fmt: skip

    def edge(self, edge: Edge) -> Edge:
        column, columns = self.span(edge.column, edge.columns)
        return replace(edge, column=column, columns=columns)

    def diagonal(self, diagonal: Diagonal) -> Diagonal:
        return replace(diagonal, column=self.column(diagonal.column))
