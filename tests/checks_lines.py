"""Checks of lines and signs: rails, state lines, frames, arrows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from checks_page import Cell, Page, Problem, Sheet, cells_of

from sheetgen.layout.geometry import nodes
from sheetgen.layout.geometry.figure import Box, Corner, Rail
from sheetgen.layout.plan import SHAFT, Label

SIGNS = frozenset("+−-·×÷*/→−∘<>≤≥=")
ALONG = 9
"""Cells that an arrow or a sign may be away from its matrices."""


def strike(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """Texts that a rail or the side of a frame strikes through. An arrow may cross one."""
    walls: set[Cell] = set()
    for edge in sheet.plan.edges:
        if edge.side in ("left", "right"):
            column = edge.column if edge.side == "left" else edge.column + edge.columns
            walls |= {(row, column) for row in range(edge.row, edge.row + edge.rows)}
    for label in (label for label in sheet.labels if SHAFT not in label.text):
        first, last = sheet.span(label)
        if any((label.row, column) in walls for column in range(first + 1, last + 1)):
            yield sheet.problem("strike", label.row, label.column, f"a line strikes through “{label.text}”")


def underlined(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """Captions that stand on a rail or a state line."""
    lines: set[Cell] = set()
    for edge in sheet.plan.edges:
        if edge.side in ("top", "bottom"):
            row = edge.row - 1 if edge.side == "top" else edge.row + edge.rows - 1
            lines |= {(row, column) for column in range(edge.column, edge.column + edge.columns)}
    for label in sheet.labels:
        first, last = sheet.span(label)
        on = any((label.row, column) in lines for column in range(first, last + 1))
        if on and label.style in ("name", "hint"):
            yield sheet.problem("underlined", label.row, label.column, f"“{label.text}” stands on a line")


def rail(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """Rails that run through a matrix or along its edge, without starting or ending there."""
    boxes = [box for box in page.placement.boxes if box.sheet == sheet.number]
    for line in page.placement.rails:
        if line.sheet == sheet.number:
            for box in boxes:
                if box.key not in (line.source, line.target) and _touches(line, box):
                    what = f"the rail from {line.source} to {line.target} touches {box.key}"
                    yield sheet.problem("rail", box.row, box.column, what)


def _touches(line: Rail, box: Box) -> bool:
    """Whether a rail runs down beside or through a box, or along or through it at one of its ends."""
    rows = range(box.row, box.below)
    if box.column - 1 <= line.column < box.right and any(row in line.rows for row in rows):
        return True
    for start, row in ((line.out, line.source_row), (line.back, line.target_row)):
        level = {row, row + 1}
        if start <= line.column and box.column <= line.column and box.right > start and level & {*rows}:
            return True
    return False


def missing_line(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """State lines without a line or a head, and rails without a line or a head."""
    plan = sheet.plan
    heads = {(x.row, x.column): x.text for x in plan.labels}
    for link in page.placement.links:
        if link.sheet == sheet.number:
            head = link.left if link.gradient else link.right
            if not all(_is_drawn(sheet, *piece) for piece in pairwise(link.path)) or not (link.path or link.wraps):
                yield sheet.problem("missing line", *head, f"none from {link.source} to {link.target}")
            elif heads.get(head) not in ("▸", "◂") and head[1] > 2:
                yield sheet.problem("missing line", *head, f"no head from {link.source} to {link.target}")
    for line in page.placement.rails:
        if line.sheet == sheet.number:
            if not heads.get((line.target_row, line.back), "").startswith("◄"):
                what = f"the rail from {line.source} to {line.target} has no head"
                yield sheet.problem("missing line", line.target_row, line.back, what)
            if not any(e.column == line.column and e.side == "right" and e.row == line.rows[1] for e in plan.edges):
                what = f"the rail from {line.source} to {line.target} isn't drawn"
                yield sheet.problem("missing line", line.target_row, line.column, what)


def _is_drawn(sheet: Sheet, start: Corner, end: Corner) -> bool:
    """Whether a piece of a state line is: the diagonal of merged cells, or an edge."""
    top, left, rows, columns = min(start[0], end[0]), min(start[1], end[1]), abs(start[0] - end[0]), end[1] - start[1]
    if rows and columns:
        return any((x.row, x.column, x.rows) == (top, left, rows) for x in sheet.plan.diagonals)
    where = (top, left - 1, rows, 1, "right") if rows else (top - 1, left, 1, abs(columns), "bottom")
    return any((x.row, x.column, x.rows, x.columns, x.side) == where for x in sheet.plan.edges)


def frame(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """The first and the last row of a frame are free, its title apart: its lines aren't the edges of matrices."""
    for each in page.placement.frames:
        if each.sheet == sheet.number:
            for row in (each.row, each.row + each.height - 1):
                inside = [c for c in cells_of(row, each.column, 1, each.width) if c in sheet.matrices]
                if inside:
                    what = f"{sheet.taken[inside[0]][0]} touches the line of the frame {each.key or each.turn}"
                    yield sheet.problem("frame", *inside[0], what)


def lone_sign(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """Captions that are only an operator, and signs in gutters without a matrix on both sides of their row."""
    for label in sheet.labels:
        bare = set(re.sub(r"^\(\d+[a-z]*(?:(?:–|, )\d+)*\)", "", label.text).strip())
        if label.style in ("name", "hint") and bare <= SIGNS:
            yield sheet.problem("lone sign", label.row, label.column, f"the caption “{label.text}” is a sign")
        if label.style == "arrow" and bare <= SIGNS and label.formula is None and not _between(label, sheet):
            yield sheet.problem("lone sign", label.row, label.column, f"the sign “{label.text}” stands alone")
        if label.text == "↙" and not _leads_back(label, sheet):
            yield sheet.problem("lone sign", label.row, label.column, f"the sign “{label.text}” leads nowhere")


def _leads_back(label: Label, sheet: Sheet) -> bool:
    """Whether a matrix stands above a sign, and another at the left, in its row or the next."""
    row, column = label.row, label.column
    above = any((row - k, column) in sheet.matrices for k in (1, 2))  # a caption may stand between
    left = any((r, column - k) in sheet.matrices for r in (row, row + 1) for k in range(1, ALONG + 1))
    return above and left


def _between(label: Label, sheet: Sheet) -> bool:
    """Whether a sign has a matrix on both sides, or above and below it."""
    row, column = label.row, label.column
    level = [any((row, column + way * k) in sheet.matrices for k in range(1, ALONG + 1)) for way in (-1, 1)]
    return all(level) or {(row - 1, column), (row + 1, column)} <= sheet.matrices


def no_arrow(page: Page, sheet: Sheet) -> Iterator[Problem]:
    """Products whose left operand stands on their rows, without an arrow from it in each row (in a loop: to the first
    turn)."""
    signs = {(x.row, x.column): x.text for x in sheet.labels if x.style == "arrow"}
    for box in page.placement.boxes:
        later = box.phase != "forward" or (box.turn or 0) > 0
        if box.sheet != sheet.number or later or box.expr is None or not nodes.is_product(box.expr):
            continue
        left = [page.boxes[ref.name] for ref in box.expr.references if ref.name in page.boxes]
        left = [x for x in left if x.sheet == box.sheet and x.row == box.row and 0 < box.column - x.right <= 2]
        rows = (row for x in left for row in range(x.row, min(x.below, box.below)))
        bare = [row for row in rows if (row, box.column - 1) not in signs]
        if bare and box.kind == "home":
            yield sheet.problem("no arrow", bare[0], box.column - 1, f"none to {box.key}")
