"""Cells that are picked out by what they say: the right class of an answer, columns that are looked up, what holds."""

from __future__ import annotations

from collections.abc import Mapping

from sheetgen.cells.a1 import Rect, reference
from sheetgen.ir.node import Node
from sheetgen.ir.program import Program
from sheetgen.ir.walk import nodes
from sheetgen.layout.geometry.figure import Box
from sheetgen.ops import operation


def picked(program: Program, boxes: tuple[Box, ...], at: Mapping[str, Rect]) -> dict[str, str]:
    """By key of a box, the condition (a formula, seen from its upper left cell) under which a cell is picked out."""
    whole = {b.matrix: b for b in boxes if b.kind == "home" and b.rows is None and b.columns is None and not b.turned}
    found: dict[str, str] = {}
    for s in program.statements:
        if s.kind != "matrix" or s.phase not in ("forward", "after"):
            continue
        if _picks(s.expr) and s.name in whole:
            found[s.name] = f"{reference(at[s.name], at[s.name].sheet, (False, False)).split(':')[0]}=1"
        for node in nodes(s.expr):
            for name, other, condition in (*_right(node, at), *_looked_up(node, at)):
                if name in whole and other in whole and at[name].sheet == at[other].sheet:
                    found[name] = f"OR({found[name]},{condition})" if name in found else condition
    return found


def dimmed(program: Program) -> set[str]:
    """What a choice of zeros and ones lets through: the product with it, and the shares of that."""
    passes = [s for s in program.statements if s.kind == "matrix" and s.phase in ("forward", "after")]
    chosen = {s.name for s in passes if _picks(s.expr)}
    found: set[str] = set()
    for s in passes:
        let = s.expr.op == "multiply" and not chosen.isdisjoint(arg.name for arg in s.expr.args)
        if let or (s.expr.op == "divide" and s.expr.args[0].name in found):
            found.add(s.name)
    return found


def _picks(node: Node) -> bool:
    return not node.is_leaf and operation(node).picks


def _right(node: Node, at: Mapping[str, Rect]) -> list[tuple[str, str, str]]:
    """Of an answer whose logarithm is taken where a matrix of its shape is 1: that matrix, and where it is."""
    if node.op != "multiply":
        return []
    plain = [arg.args[0] if arg.op == "negative" else arg for arg in node.args]
    logs = [arg.args[0] for arg in plain if arg.op == "log"]
    others = [arg for arg in plain if arg.is_matrix and arg.shape == node.shape]
    if len(logs) != 1 or len(others) != 1 or logs[0].shape != node.shape or others[0].name not in at:
        return []
    place = at[others[0].name]
    cell = reference(Rect(place.sheet, place.row, place.column, 1, 1), place.sheet, (False, False))
    return [(logs[0].name, others[0].name, f"{cell}=1")]


def _looked_up(node: Node, at: Mapping[str, Rect]) -> list[tuple[str, str, str]]:
    """Of a table whose columns are looked up: the numbers of the columns, and where its own is among them."""
    known = node if node.is_leaf or not all(arg.is_matrix and arg.name in at for arg in node.args) else operation(node)
    if isinstance(known, Node) or known.spreads != "moves" or known.selects != (1,):
        return []
    table, numbers = node.args
    where = reference(at[numbers.name], at[numbers.name].sheet, (True, True))
    return [(table.name, numbers.name, f"COUNTIF({where},COLUMN()-{at[table.name].column})>0")]
