"""What meets what, told by fills: the columns of a weight matrix and the rows of a stack look like their sources."""

from __future__ import annotations

from collections.abc import Mapping

from sheetgen.ir.node import Node
from sheetgen.layout.drawing.roles import parts_of
from sheetgen.layout.geometry.figure import Box, Placement
from sheetgen.layout.plan import Role, Tint

Tints = tuple[tuple[int, int, Tint], ...]
"""From, up to and not including, and what it looks like."""


def tints(placement: Placement, roles: Mapping[str, Role]) -> tuple[dict[str, Tints], dict[str, Tints]]:
    """By key of a box, the looks of columns (of weights, if the stack that they meet has several parts) and of rows (of
    stacks). Copies have them too."""
    exprs = {b.key: b.expr for b in placement.boxes if b.expr is not None and b.expr.op == "vstack"}
    matrix = {b.key: b.matrix for b in placement.boxes}
    homes = {b.matrix: b for b in placement.boxes if b.kind == "home"}
    columns: dict[str, Tints] = {}
    rows: dict[str, Tints] = {}
    for box in placement.boxes:
        if box.expr is not None and box.expr.op == "matmul" and box.phase == "forward":
            left, right = box.expr.args
            looks = _looks(parts_of(right, exprs), matrix, homes, roles)
            if len([size for size, name, _ in looks if name]) > 1:
                columns |= _spread(left, looks)
        elif box.expr is not None and box.expr.op == "vstack":
            looks = _looks(parts_of(box.expr, exprs), matrix, homes, roles)
            rows[box.key] = _spans([(size, tint) for size, _, tint in looks])
    columns = {k: found for k, found in columns.items() if roles.get(matrix[k]) in (Role.PARAMETER, Role.BIAS)}
    for box in placement.boxes:
        if box.kind != "copy" or box.rows is not None or box.columns is not None:
            continue
        for found, other in ((columns, rows), (rows, columns)):  # new weights meet what the old ones met
            keys = [homes[name].key for name in (box.matrix, box.of) if name in homes]
            for key in [key for key in keys if key in found][:1]:
                (other if box.turned else found).setdefault(box.key, found[key])
    return columns, rows


def _looks(
    parts: list[tuple[str, int]], matrix: Mapping[str, str], homes: Mapping[str, Box], roles: Mapping[str, Role]
) -> list[tuple[int, str, Tint]]:
    """The size, name and look of each part of a stack; parts of several turns that only differ in that have the colours
    of their turns."""
    names = [matrix.get(name, "") for name, _ in parts]
    own = [roles.get(name, Role.FORWARD) if name else Role.BIAS for name in names]
    turns = [homes[name].turn if name in homes else None for name in names]
    apart = len({turn for turn, role in zip(turns, own, strict=True) if turn is not None and role is Role.FORWARD}) > 1
    return [
        (size, name, turn + 1 if apart and turn is not None and role is Role.FORWARD else role)
        for (_, size), name, turn, role in zip(parts, names, turns, own, strict=True)
    ]


def _spans(parts: list[tuple[int, Tint]]) -> Tints:
    """Where parts lie that look like something."""
    found, start = [], 0
    for size, tint in parts:
        if tint not in (Role.FORWARD, Role.BIAS):
            found.append((start, start + size, tint))
        start += size
    return tuple(found)


def _spread(left: Node, looks: list[tuple[int, str, Tint]]) -> dict[str, Tints]:
    """The parts of a stack, laid along the columns of the matrices of a left operand."""
    spans, start = [], 0
    for size, _, tint in looks:
        spans.append((start, start + size, tint))
        start += size
    found, at = {}, 0
    for piece in left.args if left.op == "hstack" else (left,):
        end = at + piece.shape[1]
        inner = tuple((max(a, at) - at, min(b, end) - at, tint) for a, b, tint in spans if a < end and b > at)
        if piece.is_matrix:
            found[piece.name] = inner
        at = end
    return found
