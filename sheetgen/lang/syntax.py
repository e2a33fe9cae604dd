"""The language of expressions: what Python's parser may find in one, and clear words for the rest."""

from __future__ import annotations

import ast
import difflib
import re
import warnings
from collections.abc import Iterable
from typing import Any, NamedTuple

from sheetgen.errors import SpecError, brief
from sheetgen.ir.node import is_number
from sheetgen.lang.advice import (
    PRODUCT,
    QUOTES,
    foreign,
    instead,
    is_quoted_number,
    misspelt,
    of_method,
    of_python,
    of_two,
    on_paper,
)
from sheetgen.ops import OPERATIONS

BINARY: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.MatMult: "@",
}
COMPARE: dict[type[ast.AST], str] = {
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


GRAD = "grad"
"""`grad(L, W)` isn't an operation: it is worked out from the steps so far."""
SIZES = {"rows": 0, "columns": 1}
"""`rows(X)` isn't one either: it is a number, along this axis of X."""
FORM = "A step has the form `name = expression`, such as `Z1 = W1 @ X + b1`."
TARGET = re.compile(r"\s*([^\W\d]\w*)\s*=(?!=)")


class Parsed(NamedTuple):
    """`target = tree`, as written in `text`."""

    target: str
    tree: ast.expr
    text: str


def known_functions() -> list[str]:
    """Names that may be called in a spec."""
    return sorted([GRAD, *SIZES, *(name for name, operation in OPERATIONS.items() if operation.public)])


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """` Did you mean X?`, or nothing."""
    names = {c.casefold(): c for c in candidates}
    close = difflib.get_close_matches(name.casefold(), list(names), n=1)
    return f" Did you mean `{names[close[0]]}`?" if close else ""


def spec_error(message: str, text: str, node: ast.AST | None = None) -> SpecError:
    """A SpecError whose column (1-based) is that of `node` in `text`."""
    offset = getattr(node, "col_offset", None)
    column = None if offset is None else len(text.encode()[:offset].decode(errors="ignore")) + 1
    return SpecError(message, column=column, text=text)


def parse(text: str) -> Parsed:
    """Read `name = expression`. Raises SpecError, with the column within `text`."""
    statements = _python(text, "exec").body
    if len(statements) != 1:
        raise spec_error("Write one statement per step, such as `Z1 = W1 @ X + b1`.", text)
    statement = statements[0]
    if isinstance(statement, ast.AugAssign):
        raise spec_error(
            "Every matrix is computed once: write a new name instead of changing an old one.", text, statement
        )
    if (
        not isinstance(statement, ast.Assign)
        or len(statement.targets) != 1
        or not isinstance(statement.targets[0], ast.Name)
    ):
        raise spec_error(FORM, text, statement)
    check(statement.value, text)
    return Parsed(statement.targets[0].id, statement.value, text)


def target_of(text: str) -> str | None:
    """The name that a step computes, whatever stands right of its `=`."""
    found = TARGET.match(text)
    return found[1] if found else None


def parse_expression(text: str) -> ast.expr:
    """Read an expression without a name, as after `explain:`."""
    tree: ast.expr = _python(text, "eval").body
    check(tree, text)
    return tree


def python(text: str, mode: str = "eval") -> Any:
    """Python's syntax tree of a text, without its warnings about `1if`, which nobody would see in place."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        return ast.parse(text, mode=mode)


def _python(text: str, mode: str) -> Any:
    clean = text.strip()
    if found := foreign(clean):
        place, problem = found
        raise SpecError(problem, column=place + 1, text=text)
    try:
        return python(clean, mode)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, RecursionError | MemoryError) or "too many nested" in str(error):
            raise SpecError(TOO_LONG, text=text) from None
        hint = on_paper(clean)
        if clean[:1] == "=" or clean[-1:] == "=":
            hint = f" {FORM}"
        elif "{" in clean or "}" in clean:
            hint = " Braces hold a loop's variable, such as `{t}` or `{t-1}`."
        column = getattr(error, "offset", None)
        raise SpecError(f"I can't read `{clean}` as an expression.{hint}", column=column, text=text) from None


def _functions(name: str) -> str:
    """The function of which `name` is a misspelling, or all that there are."""
    return misspelt(name, known_functions()) or f" There are: {', '.join(known_functions())}."


OF_MATRICES = " `.T` is the transpose, and functions are written `f(x)`."
DEEPEST = 100
TOO_LONG = "This expression is too long: split it into several steps."


def check(node: ast.expr, text: str, depth: int = 0) -> None:
    """Refuse whatever isn't in the language, and what is nested too deeply to be read by anyone."""
    if depth > DEEPEST:
        raise spec_error(TOO_LONG, text, node)
    depth += 1
    match node:
        case ast.Constant(value=value):
            if not is_number(value):
                hint = f": {QUOTES}" if is_quoted_number(value) else ""
                hint = f": write `{int(value)}`" if isinstance(value, bool) else hint
                raise spec_error(f"`{ast.unparse(node)}` isn't a number{hint}.", text, node)
            if abs(value) > 1e300:
                raise spec_error(f"`{ast.unparse(node)}` is too large.", text, node)
        case ast.Name():
            pass
        case ast.BinOp(left=left, op=op, right=right):
            if type(op) not in BINARY:
                raise spec_error(f"This operator isn't available; there are @ + - * / **.{of_python(node)}", text, node)
            check(left, text, depth)
            check(right, text, depth)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            check(operand, text, depth)
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            if len(ops) != 1:
                raise spec_error(
                    "Compare two things at a time: `(a < x) * (x < b)` instead of `a < x < b`.", text, node
                )
            if type(ops[0]) not in COMPARE:
                raise spec_error("Only > >= < <= == != compare.", text, node)
            check(left, text, depth)
            check(comparators[0], text, depth)
        case ast.Attribute(value=value, attr=attr):
            if attr != "T":
                hint = of_method(node) or OF_MATRICES
                raise spec_error(f"`.{attr}` isn't available.{hint}", text, node)
            check(value, text, depth)
        case ast.Subscript(value=value):
            check(value, text, depth)
        case ast.Call(func=ast.Attribute(attr=attr) as func, args=args, keywords=keywords):
            library = isinstance(func.value, ast.Name | ast.Attribute)  # np.linalg.inv, not f(x).inv
            others = _functions(attr) if library else misspelt(attr, known_functions()) or OF_MATRICES
            hint = of_method(func, args, keywords) or others
            raise spec_error(f"`{brief(ast.unparse(func), 40)}(…)` isn't available.{hint}", text, node)
        case ast.Call(func=func, args=args, keywords=keywords):
            if not isinstance(func, ast.Name):
                hint = f" {PRODUCT}" if isinstance(func, ast.Constant | ast.BinOp) else ""
                raise spec_error(f"`{ast.unparse(func)}` can't be called.{hint}", text, node)
            if func.id not in (GRAD, *SIZES) and (func.id not in OPERATIONS or not OPERATIONS[func.id].public):
                hint = instead(func.id, args, keywords) or _functions(func.id)
                raise spec_error(f"There is no function `{func.id}`.{hint}", text, node)
            if of_two(func.id, args):
                problem = f"`{func.id}` works on the cells of one matrix."
                raise spec_error(f"{problem}{instead(func.id, args)}", text, node)
            for arg in (*args, *(keyword.value for keyword in keywords if keyword.arg is None)):
                if isinstance(arg, ast.Starred) or arg not in args:
                    raise spec_error("`*` and `**` can't unpack here: write every argument.", text, arg)
                for item in arg.elts if isinstance(arg, ast.List | ast.Tuple) else [arg]:
                    check(item, text, depth)
        case ast.List() | ast.Tuple():
            raise spec_error(
                "A list of numbers isn't an expression: give it under `matrices:` and use its name.", text, node
            )
        case _:
            problem = f"`{ast.unparse(node)}` isn't part of the language of expressions."
            raise spec_error(f"{problem}{of_python(node)}", text, node)
