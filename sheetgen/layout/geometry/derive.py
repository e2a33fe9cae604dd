"""What the statements after the forward pass compute, by the forward matrix that each belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sheetgen.ir.node import Node
from sheetgen.ir.node import matrix as leaf
from sheetgen.ir.program import Program, Statement
from sheetgen.layout.geometry import nodes, operands

LARGEST_INLINE = 24
"""Nodes of a helper that formulas take in."""


@dataclass(frozen=True)
class Derived:
    """A gradient, a new weight or a repetition: its key, its name in the program (or none), what it computes."""

    key: str
    matrix: str
    expr: Node


Found = tuple[dict[str, Derived], list[Derived]]


def backward(
    program: Program, items: Mapping[str, Node], definitions: Mapping[str, Node], scalars: frozenset[str]
) -> Found:
    """Gradients by the matrix (or, for the helpers of a softmax, the item) at which they stand, and helpers that have
    no such place. `items` are the drawn statements, `definitions` the fused ones."""
    at = {g.name for g in program.givens if g.name not in scalars} | items.keys()
    statements = [s for s in program.statements if s.phase == "backward"]
    stand = boxed(statements)
    multiplied = {ref.name for s in statements for call in nodes.calls(s.expr) if call.kind == "product"
                  for ref in call.references}  # fmt: skip
    reduced = {ref.name for s in statements for found in nodes.reductions(s.expr) for ref in found.references}
    known = dict(definitions)
    owner: dict[str, str] = {}
    sums: dict[Node, Node] = {}
    found: dict[str, Derived] = {}
    extras: list[Derived] = []
    for s in statements:
        expr = nodes.inline(s.expr, known)
        if s.gradient_of in at and s.gradient_of not in found:
            expr = nodes.swap(expr, sums)
            found[s.gradient_of] = Derived(s.name, s.name, expr)
            owner[s.name] = s.gradient_of
        elif (place := _softmax(expr, owner, items)) is not None and place[0] not in found:
            found[place[0]] = Derived(s.name, s.name, expr)
            total = nodes.total_rows(leaf(s.name, s.shape))
            found[place[1]] = Derived(f"{s.name}@sum", "", total)
            sums[total] = leaf(f"{s.name}@sum", total.shape)
        elif operands.is_operand(expr) or (
            s.name not in stand and nodes.size(expr) <= LARGEST_INLINE
            and (s.name not in reduced or operands.is_range(expr))
            and (s.name not in multiplied or operands.scaled_operand(expr) is not None)
        ):  # fmt: skip
            known[s.name] = expr
        else:
            extras.append(Derived(s.name, s.name, expr))
    return found, extras


def boxed(statements: Iterable[Statement]) -> set[str]:
    """Matrices that an operation on ranges reads: no formula can compute them on the way."""
    found: set[str] = set()
    for s in statements:
        for call in nodes.calls(s.expr):
            if call.kind == "range" or (call.kind == "reduction" and not operands.takes_range(call)):
                found.update(ref.name for ref in call.references)
    return found


def _softmax(expr: Node, owner: Mapping[str, str], items: Mapping[str, Node]) -> tuple[str, str] | None:
    """For A∘∂A with A = E ÷ Σ: E and Σ, on whose rows it and its sum stand."""
    if expr.op != "multiply" or not all(arg.is_matrix for arg in expr.args):
        return None
    for a, g in (expr.args, expr.args[::-1]):
        if a.is_matrix and g.is_matrix and owner.get(g.name) == a.name and a.shape == g.shape:
            share = items.get(a.name)
            if share is not None and share.op == "divide":
                e, total = share.args
                if e.is_matrix and total.is_matrix and items.get(total.name) == nodes.total_rows(e):
                    return e.name, total.name
    return None


def update(program: Program, definitions: Mapping[str, Node]) -> dict[str, Derived]:
    """New weights, by weight."""
    found: dict[str, Derived] = {}
    for s in program.statements:
        if s.phase == "update":
            weight = next(ref.name for ref in s.expr.references)
            found[weight] = Derived(s.name, s.name, nodes.inline(s.expr, definitions))
    return found


def again(
    program: Program, forward: list[Statement], fused: Mapping[str, str], definitions: Mapping[str, Node],
    news: Mapping[str, Derived],
) -> Found:  # fmt: skip
    """The second forward pass by the item that it repeats, and what repeats nothing."""
    before: dict[str, str] = {new.key: old for old, new in news.items()}
    known = dict(definitions)
    found: dict[str, Derived] = {}
    extras: list[Derived] = []
    makers = {s.name: s for s in forward}
    for s in program.statements:
        if s.phase != "after":
            continue
        first = makers.get(s.repeats or "")
        expr = nodes.inline(s.expr, known)
        if first is None or not _same(first, s, nodes.rename(s.expr, before)):
            extras.append(Derived(s.name, s.name, expr))
            continue
        original = before[s.name] = first.name
        if original in fused:
            known[s.name] = expr
            continue
        rows, expr = operands.split_rows(s.name, expr)
        originals, _ = operands.split_rows(original, nodes.inline(first.expr, definitions))
        for (key, row), (old, _) in zip(rows, originals, strict=True):
            found[old] = Derived(key, "", row)
        found[original] = Derived(s.name, s.name, expr)
    return found, extras


def _same(first: Statement, second: Statement, renamed: Node) -> bool:
    """Whether a statement of the second pass, its matrices called as in the first, repeats one of the first."""
    return first.round == second.round and first.expr == renamed
