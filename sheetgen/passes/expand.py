"""Composites (softmax, losses, layer norm, …) spelled out in statements that can be drawn."""

from __future__ import annotations

from sheetgen.ir.names import Names
from sheetgen.ir.node import Node, matrix
from sheetgen.ir.program import Origin, Program, Statement
from sheetgen.ops import operation
from sheetgen.records import replace


def expand(program: Program) -> Program:
    """`program` without composites: each becomes auxiliary statements and a last one under its name."""
    names = Names(program.names)
    made: dict[tuple[str, str], str] = {}
    statements: list[Statement] = []
    for statement in program.statements:
        statements += _expand(statement, names, made)
    return replace(program, statements=tuple(statements))


def _expand(statement: Statement, names: Names, made: dict[tuple[str, str], str]) -> list[Statement]:
    """`made` collects the helpers' names by statement and part, so that a repetition knows what it repeats."""
    node = statement.expr
    spell_out = operation(node).expand
    if spell_out is None:
        return [statement]
    before: list[Statement] = []

    def define(suffix: str, expr: Node) -> Node:
        name = made[statement.name, suffix] = names.fresh(f"{statement.name}_{suffix}")
        before.append(
            replace(
                statement,
                name=name,
                expr=expr,
                auxiliary=True,
                origin=Origin(node.op, suffix, statement.name),
                gradient_of=None,
                via=(),
                repeats=made.get((statement.repeats or "", suffix)),
            )
        )
        return matrix(name, expr.shape)

    result = spell_out(define, *node.args, **dict(node.options))
    return [*before, replace(statement, expr=result, composite=node.op)]
