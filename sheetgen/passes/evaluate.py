"""What numpy makes of a program: the value of every matrix."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from sheetgen.errors import SpecError
from sheetgen.ir.node import Node
from sheetgen.ir.program import Program, Statement
from sheetgen.lang.show import show
from sheetgen.ops import operation

TINY = np.finfo(float).tiny


def evaluate(program: Program) -> dict[str, np.ndarray]:
    """The value of every given matrix and of every statement, by name.

    Numbers too small to be normal doubles are 0, as in Excel, and there is no negative zero.
    Raises SpecError, naming the statement, when a value isn't a finite number.
    """
    values = {given.name: clean(np.asarray(given.value, dtype=float)) for given in program.givens}
    for statement in program.statements:
        if statement.kind != "verdict":
            evaluate_statement(statement, values)
    return values


def evaluate_statement(
    statement: Statement, values: dict[str, np.ndarray], shown: Callable[[Statement], str] | None = None
) -> None:
    """Put the value of a statement into `values`; `shown` writes it out for a message."""
    result = value_of(statement.expr, values)
    if not np.isfinite(result).all():
        row, column = (int(k) for k in np.argwhere(~np.isfinite(result))[0])
        text = shown(statement) if shown else f"{statement.name} = {show(statement.expr)}"
        raise SpecError(
            f"`{text}` gives no finite number in row {row}, column {column} (counted from 0): {_why(statement.expr)}.",
            at=("steps", statement.step) if statement.phase == "forward" else (statement.phase,),
        )
    assert result.shape == statement.shape, (statement.name, result.shape)
    values[statement.name] = result


def value_of(node: Node, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """The value of an expression, given those of the matrices it names."""
    with np.errstate(all="ignore"):
        return _value(node, values)


def _value(node: Node, values: Mapping[str, np.ndarray]) -> np.ndarray:
    if node.is_number:
        return np.array([[node.value]])
    if node.is_matrix:
        return values[node.name]
    rule = operation(node)
    if rule.constant:
        return np.asarray(rule.numpy(node.shape), dtype=float)
    args = [_value(arg, values) for arg in node.args]
    return clean(np.asarray(rule.numpy(*args, **dict(node.options)), dtype=float))


def clean(x: np.ndarray) -> np.ndarray:
    """Without denormal numbers and negative zeros."""
    return np.where(np.abs(x) < TINY, 0.0, x)


def _why(node: Node) -> str:
    """What can go wrong in it, from the outermost operation in."""
    level, found = [node], dict[str, None]()
    while level:
        found |= dict.fromkeys(operation(at).why for at in level)
        level = [arg for at in level for arg in at.args]
    return ", or ".join(filter(None, found)) or "the numbers become too large"
