"""A plan in other places: whatever moves, all formulas move with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sheetgen.cells.reads import Place, moved
from sheetgen.layout.plan import Diagonal, Edge, Label, Region, SheetPlan, WorkbookPlan


def with_columns(plan: WorkbookPlan, after: int, widths: Sequence[float]) -> WorkbookPlan:
    """`plan` with columns of these widths behind column `after` on every sheet, so that what has the same address on
    two sheets keeps it. Charts must be gone; what spans the place gets wider."""
    move = Move(lambda column: column + len(widths) if column > after else column)
    new = [(after + k, width) for k, width in enumerate(widths, 1)]
    return replace(plan, sheets=tuple(_wider(move, sheet, new) for sheet in plan.sheets))


def _wider(move: Move, sheet: SheetPlan, new: Sequence[tuple[int, float]]) -> SheetPlan:
    own = [(move.column(column), width) for column, width in sheet.widths]
    return replace(
        move.sheet(sheet), widths=tuple(sorted([*own, *new])),
        last_column=move.column(sheet.last_column) if sheet.last_column else 0,
        heading_formula=move.formula(sheet.heading_formula), frozen=move.column(sheet.frozen),
        folded=tuple((move.column(first), move.column(last)) for first, last in sheet.folded),
        printed=sheet.printed and (sheet.printed[0], move.column(sheet.printed[1])),
    )  # fmt: skip


@dataclass(frozen=True)
class Move:
    """Where each column and each row goes; none goes past another."""

    column: Place
    row: Place = lambda row: row

    def sheet(self, sheet: SheetPlan) -> SheetPlan:
        """A sheet whose matrices, texts and lines are elsewhere; the rest of it stays."""
        return replace(
            sheet, regions=tuple(map(self.region, sheet.regions)), labels=tuple(map(self.label, sheet.labels)),
            edges=tuple(map(self.edge, sheet.edges)), diagonals=tuple(map(self.diagonal, sheet.diagonals)),
        )  # fmt: skip

    def formula(self, text: str | None) -> str | None:
        return None if text is None else self.text(text)

    def text(self, text: str) -> str:
        return moved(text, self.column, self.row)

    def region(self, region: Region) -> Region:
        formulas = region.formulas and tuple(tuple(map(self.formula, row)) for row in region.formulas)
        return replace(
            region, column=self.column(region.column), row=self.row(region.row), formulas=formulas,
            block=self.formula(region.block), choices=self.text(region.choices), picked=self.formula(region.picked),
            pale=self.formula(region.pale), framed=self.formula(region.framed),
            blocked=tuple(map(self.text, region.blocked)),
        )  # fmt: skip

    def label(self, label: Label) -> Label:
        column, columns = _span(self.column, label.column, label.columns)
        row, rows = _span(self.row, label.row, label.rows)
        return label._replace(column=column, columns=columns, row=row, rows=rows, formula=self.formula(label.formula),
                              pale=self.formula(label.pale), link=None)  # fmt: skip

    def edge(self, edge: Edge) -> Edge:
        column, columns = _span(self.column, edge.column, edge.columns)
        row, rows = _span(self.row, edge.row, edge.rows)
        return replace(edge, column=column, columns=columns, row=row, rows=rows)

    def diagonal(self, diagonal: Diagonal) -> Diagonal:
        row, rows = _span(self.row, diagonal.row, diagonal.rows)
        return replace(diagonal, column=self.column(diagonal.column), row=row, rows=rows)


def _span(place: Place, start: int, count: int) -> tuple[int, int]:
    """The first of `count` rows or columns, and how many they are."""
    first, last = place(start), place(start + count - 1)
    return first, last - first + 1
