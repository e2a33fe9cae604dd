"""What stands in braces: whole numbers, loops' variables and names in functions, combined by + - *."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from sheetgen.errors import SpecError

Values = Mapping[str, int | str]
BRACES = re.compile(r"\{([\w+\-* ()]+)\}", re.ASCII)


def worked_out(text: str, values: Values) -> int | str:
    """The value of a sum or product of whole numbers and of `values`. Raises SpecError."""
    try:
        value = _value(ast.parse(text.strip(), mode="eval").body, values)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise SpecError(f"I can't work out `{text.strip()[:40]}`; + - * combine whole numbers.") from None
    if isinstance(value, int) and abs(value) > 10**9:
        raise SpecError(f"`{text.strip()[:40]}` is too large.")
    return value


def _value(node: ast.expr, values: Values) -> int | str:
    match node:
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return value
        case ast.Name(id=name) if name in values:
            return values[name]
        case ast.Name(id=name):
            there = " or ".join(f"`{known}`" for known in values)
            raise SpecError(f"`{name}` isn't the variable of a loop here{f'; {there} is' if there else ''}.")
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_whole(operand, values)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() as op, right=right):
            a, b = _whole(left, values), _whole(right, values)
            return a + b if isinstance(op, ast.Add) else a - b if isinstance(op, ast.Sub) else a * b
    raise ValueError(ast.unparse(node))


def _whole(node: ast.expr, values: Values) -> int:
    value = _value(node, values)
    if isinstance(value, str):
        raise SpecError(f"`{value}` isn't a whole number, so nothing can be added to it.")
    return value
