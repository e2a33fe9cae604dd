"""What is written around the regions: names with shapes, arrows, functions, edges, sections."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from math import ceil

from sheetgen.cells.a1 import Rect
from sheetgen.cells.formula import area
from sheetgen.ir.node import Node, shape_text
from sheetgen.ir.program import Statement
from sheetgen.ir.walk import references
from sheetgen.lang.show import show
from sheetgen.layout import measure
from sheetgen.layout.placement import BACKWARD, CANVAS, Placement, badge, name_columns
from sheetgen.layout.plan import Label, Role
from sheetgen.layout.uses import is_product
from sheetgen.ops import operation


class Labels:
    """Collects labels; none ever covers a region or another label."""

    def __init__(self, placement: Placement, roles: dict[str, Role]) -> None:
        self.placement, self.roles = placement, roles
        self.found: dict[str, dict[tuple[int, int], Label]] = {}
        self.givens = {given.name for given in placement.program.givens}
        self.shapes: list[tuple[str, Label]] = []
        """What is written last, where there is room for it."""
        self.spans: dict[tuple[str, int], list[tuple[int, int]]] = {}
        """First and last column of what regions take, by sheet and row."""
        for rect in sorted(placement.rects.values(), key=lambda rect: rect.column):
            for row in range(rect.row, rect.row + rect.height):
                self.spans.setdefault((rect.sheet, row), []).append((rect.column, rect.column + rect.width - 1))

    def taken(self, sheet: str, row: int, column: int) -> bool:
        """Whether a region covers the cell."""
        spans = self.spans.get((sheet, row), [])
        place = bisect_right(spans, column, key=lambda span: span[0])
        return place > 0 and spans[place - 1][1] >= column

    def add(self, sheet: str, label: Label) -> bool:
        """Whether there was room."""
        at = (label.row, label.column)
        if self.taken(sheet, *at) or at in self.found.setdefault(sheet, {}) or not label.text:
            return False
        self.found[sheet][at] = label
        return True

    def run(self) -> None:
        """All labels but the sections' titles."""
        program = self.placement.program
        introduced = {name: step.number for step in program.steps for name in step.shows}
        said = {step.number: step.equation for step in program.steps}
        for given in program.givens:
            rect, step = self.placement.rects[given.name], introduced.get(given.name, 0)
            self.edges(rect, given.rows, given.columns, step)
            self.caption(given.name, given.name, rect, step, self.roles[given.name], bool(given.columns), step)
        for s in program.statements:
            for part in s.parts:
                rect = self.placement.rects[part.name]
                role = Role.GRADIENT if s.phase == "backward" else self.roles[part.name]
                text = {"verdict": "in words", "explain": said.get(s.step, part.name)}.get(s.kind, part.name)
                self.caption(part.name, text, rect, s.step, role)
            if s.kind == "verdict":
                self.verdict_edges(s)
            elif s.kind == "explain":
                self.terms(s)
            elif self.placement.program.mirrored and s.phase == "backward":
                self.backward_arrows(s)
            elif is_product(s):
                self.arrows(s)
            else:
                self.function(s, self.placement.rects[s.name].column - 1)
        for link in self.placement.links.values():
            if link.node is not None and link.key not in self.explained():
                self.caption(link.key, show(link.node), self.placement.rects[link.key], 0, Role.COPY, step=link.step)
        for sheet, label in self.shapes:
            self.add(sheet, label)

    def explained(self) -> set[str]:
        return {key for terms in self.placement.terms.values() for pair in terms for key in pair}

    def caption(
        self, key: str, text: str, rect: Rect, number: int, role: Role, labelled: bool = False, step: int | None = None
    ) -> None:
        """A region's name, and its shape beside it."""
        step = number if step is None else step
        side = self.placement.sides.get(key, "above")
        color = None if role in (Role.COPY, Role.ONES, Role.CONSTANT, Role.VERDICT) else role
        if side == "right":
            self.add(rect.sheet, Label(rect.row, rect.column + rect.width, f" {text}", "function", step, color=color))
            return
        if side == "left":
            label = Label(rect.row, rect.column - 1, f"{text} ", "function", step, "right", color)
            self.add(rect.sheet, label)
            return
        shown = f"{badge(number)} {text}" if number else text
        row = rect.row - 1 - labelled
        if role is Role.COPY:
            self.add(rect.sheet, Label(row, rect.column, text, "hint", step))
            return
        self.add(rect.sheet, Label(row, rect.column, shown, "name", step, color=color))
        if key not in self.placement.sides:
            shape = shape_text((rect.height, rect.width))
            self.shapes.append((rect.sheet, Label(row, rect.column + name_columns(shown), shape, "shape", step)))

    def edges(self, rect: Rect, rows: Iterable[str], columns: Iterable[str], step: int) -> None:
        for i, text in enumerate(rows):
            self.add(rect.sheet, Label(rect.row + i, rect.column - 1, text, "label", step, "right"))
        for j, text in enumerate(columns):
            self.add(rect.sheet, Label(rect.row - 1, rect.column + j, text, "label", step, "center"))

    def arrows(self, s: Statement) -> None:
        """From the operands to the result, in the gutters next to it."""
        expr = self.placement.exprs[s.name]
        rect = whole(self.placement, s)
        one, two = (area(arg, self.placement.rects.__getitem__).rect for arg in expr.args)
        color = Role.GRADIENT if s.phase == "backward" else None
        from_left = one.column < rect.column
        column = rect.column - 1 if from_left else rect.column + rect.width
        for i in range(rect.height):
            arrow = "→" if from_left else "←"
            self.add(rect.sheet, Label(rect.row + i, column, arrow, "arrow", s.step, "center", color))
        from_above = two.row < rect.row
        row = rect.row - 2 if from_above else rect.row + rect.height
        for j in range(rect.width):
            arrow = "↓" if from_above else "↑"
            self.add(rect.sheet, Label(row, rect.column + j, arrow, "arrow", s.step, "center", color))

    def backward_arrows(self, s: Statement) -> None:
        """Mirrored, from the gradient right of or below this one through their product; else the function."""
        rect = self.placement.rects[s.name]
        through = {ref.name for product in products_of(s.expr) for ref in references(product)}
        names = through or {ref.name for ref in references(s.expr)}
        sources = [r for r in (self.placement.rects[name] for name in names) if r.sheet == rect.sheet]
        right = [r.column for r in sources if r.row == rect.row and r.column > rect.column]
        left = [r for r in sources if r.row == rect.row and r.column < rect.column]
        below = [r for r in sources if r.column == rect.column and r.row > rect.row]
        crowded = self.taken(rect.sheet, rect.row + rect.height + 1, rect.column)
        if not through:
            self.function(s, rect.column - 1 if left else rect.column + rect.width)
            return
        if right:
            for i in range(rect.height):
                at = (rect.row + i, min(right) - 1)
                self.add(rect.sheet, Label(*at, "←", "arrow", s.step, "center", Role.GRADIENT))
        if below and not crowded:
            for j in range(rect.width):
                at = (rect.row + rect.height, rect.column + j)
                self.add(rect.sheet, Label(*at, "↑", "arrow", s.step, "center", Role.GRADIENT))

    def function(self, s: Statement, column: int) -> None:
        """The function's name in a gutter beside its result."""
        expr, rect = s.expr, self.placement.rects[s.name]
        if expr.kind in ("leaf", "view", "product"):
            return
        color = Role.GRADIENT if s.phase == "backward" else None
        row = rect.row + (rect.height - 1) // 2
        text = operation(expr).sign
        if expr.op == "where":
            terms = s.origin is not None and s.origin.op == "cross_entropy"
            text = "mask" if s.phase == "backward" else "−y ln p" if terms else text
        label = Label(row, column, text, "function", s.step, "center", color)
        self.add(rect.sheet, label)

    def terms(self, s: Statement) -> None:
        """The signs of a product laid out term by term."""
        for place, (number, vector) in enumerate(self.placement.terms[s.name]):
            first, second = self.placement.rects[number], self.placement.rects[vector]
            self.add(first.sheet, Label(first.row, first.column + 1, "·", "arrow", s.step, "center"))
            last = place == len(self.placement.terms[s.name]) - 1
            self.add(first.sheet, Label(second.row, second.column + 1, "=" if last else "+", "arrow", s.step, "center"))

    def verdict_edges(self, s: Statement) -> None:
        rect = self.placement.rects[s.name]
        source = s.expr
        graph = next((g for g in self.placement.program.givens if g.graph and g.graph.labels), None)
        columns = graph.columns if graph and len(graph.columns) == rect.height else ()
        texts = columns or tuple(str(k + 1) for k in range(rect.height))
        if source.shape[0] == 1:
            self.edges(rect, texts, (), s.step)

    def sections(self, left: int) -> None:
        """Each section's title, left of everything, level with the first thing that it computes; those of
        the rounds of a loop, such as time steps, above them. Mirrored, the backward pass has the same."""
        program = self.placement.program
        beside: dict[tuple[str, str], tuple[int, int]] = {}
        above: dict[tuple[str, str], tuple[int, int, int]] = {}
        for s in program.statements:
            rect = self.placement.rects[s.name]
            abreast = s.name in self.placement.abreast
            title = "" if s.auxiliary and not abreast else s.section
            if not title or s.phase == "backward" or (s.phase == "forward" and rect.sheet != CANVAS):
                continue
            key = (rect.sheet, title)
            if abreast:
                above.setdefault(key, (*self.corner(s), s.step))
            else:
                here = (rect.row, s.step)  # of the parameters, which are updated in one step, the uppermost
                beside[key] = min(beside.get(key, here), here) if s.phase != "forward" else beside.get(key, here)
        for (sheet, title), (row, column, step) in above.items():
            label = Label(row - 2, column, title, "section", step)
            if self.open(sheet, label):
                self.title(sheet, label)
                beside.pop((sheet, title), None)  # what follows a loop without a title belongs to its last round
            else:
                beside.setdefault((sheet, title), (row, step))
        for (sheet, title), (row, step) in sorted(beside.items(), key=lambda item: item[1]):
            self.title(sheet, Label(row, left, title, "section", step))

    def open(self, sheet: str, label: Label) -> bool:
        """Whether nothing stands where a title would be read."""
        wide = ceil(measure.text_width(label.text, 12, True) / measure.COLUMN_WIDTH)
        columns = range(label.column, label.column + wide)
        written = self.found.get(sheet, {})
        return not any(self.taken(sheet, label.row, c) or (label.row, c) in written for c in columns)

    def title(self, sheet: str, label: Label) -> None:
        """Add a section's title there or below."""
        while not self.add(sheet, label):
            label = replace(label, row=label.row + 1)
        if sheet == CANVAS and self.placement.program.mirrored and BACKWARD in self.found:
            self.add(BACKWARD, replace(label, step=0))

    def corner(self, s: Statement) -> tuple[int, int]:
        """Row and column where a statement of a loop's round starts: at weights of its own, or at what stands above."""
        rects = self.placement.rects
        expr = self.placement.exprs[s.name]
        if not is_product(s):
            own = [ref.name for ref in references(expr) if ref.name in self.givens - self.placement.shared]
            return min((rects[name].row, rects[name].column) for name in (s.name, *own))
        left, over = ([rects[ref.name] for ref in references(arg)] for arg in expr.args)
        shared = {ref.name for ref in references(expr.args[0])} & self.placement.shared
        start = over[0] if shared or not left else left[0]
        return start.row, start.column


def products_of(node: Node) -> list[Node]:
    """The products of matrices in an expression."""
    return [node] if node.op == "matmul" else [p for arg in node.args for p in products_of(arg)]


def whole(placement: Placement, s: Statement) -> Rect:
    """The rectangle around all parts of a statement."""
    first, last = placement.rects[s.parts[0].name], placement.rects[s.parts[-1].name]
    return Rect(
        first.sheet, first.row, first.column,
        last.row + last.height - first.row, last.column + last.width - first.column,
    )  # fmt: skip


def widths_of(labels: Iterable[Label], column: int, least: float) -> float:
    """How wide a column must be for its own labels."""
    texts = [measure.text_width(x.text, 12, True) for x in labels if x.column == column and x.style == "section"]
    return min(34.0, max([least, *(t + 2 for t in texts)]))
