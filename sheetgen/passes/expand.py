"""Composites (softmax, losses, layer norm, …) spelled out in statements that can be drawn."""

from __future__ import annotations

from dataclasses import replace

from sheetgen.ir.program import Call, Part, Program, Ref, Statement
from sheetgen.ops import OPERATIONS, Term
from sheetgen.passes.hoist import Names


def expand(program: Program) -> Program:
    """`program` without composites: each becomes auxiliary statements and a last one under its name."""
    names = Names([*(g.name for g in program.givens), *(p.name for s in program.statements for p in s.parts)])
    statements: list[Statement] = []
    for statement in program.statements:
        statements += _expand(statement, names)
    shapes = {part.name: part.shape for statement in statements for part in statement.parts}
    return replace(program, statements=tuple(statements), names={**program.names, **shapes})


def _expand(statement: Statement, names: Names) -> list[Statement]:
    node = statement.expr
    if not isinstance(node, Call) or OPERATIONS[node.op].expand is None:
        return [statement]
    before: list[Statement] = []

    def define(suffix: str, term: Term) -> Term:
        name = names.fresh(f"{statement.name}_{suffix}")
        before.append(replace(statement, parts=(Part(name, term.shape),), expr=term.node, auxiliary=True))
        return Term(Ref(name, term.shape))

    spell_out = OPERATIONS[node.op].expand
    assert spell_out is not None
    result = spell_out(define, *(Term(arg) for arg in node.args), **dict(node.options))
    return [*before, replace(statement, expr=result.node)]
