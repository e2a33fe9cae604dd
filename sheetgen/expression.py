"""Expressions: a subset of Python with numpy's names, read by Python's own parser, never evaluated.

`parse` checks what may be written; `infer` gives every node its shape, or says in the reader's
terms why the shapes don't fit; `show` writes a node back as an expression.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sheetgen.errors import SpecError
from sheetgen.ops import OPERATIONS, Operation, ShapeProblem
from sheetgen.ops.base import call, shape_text
from sheetgen.program import Call, Node, Number, Ref, Shape

BINARY: dict[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.Pow: "power", ast.MatMult: "matmul",
}
COMPARE: dict[type[ast.AST], str] = {
    ast.Gt: "greater", ast.GtE: "greater_equal", ast.Lt: "less", ast.LtE: "less_equal", ast.Eq: "equal", ast.NotEq: "not_equal",
}
CONSTANTS = ("zeros", "ones", "eye")


class Parsed(NamedTuple):
    """`target = tree`, as written in `text`."""

    target: str
    tree: ast.expr
    text: str


def known_functions() -> list[str]:
    """Names that may be called in a spec."""
    return sorted(name for name, operation in OPERATIONS.items() if operation.public)


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """` Did you mean X?`, or nothing."""
    names = {c.casefold(): c for c in candidates}
    close = difflib.get_close_matches(name.casefold(), list(names), n=1, cutoff=0.6)
    return f" Did you mean `{names[close[0]]}`?" if close else ""


def _error(message: str, text: str, node: ast.AST | None = None) -> SpecError:
    """A SpecError whose column (1-based) is that of `node` in `text`."""
    offset = getattr(node, "col_offset", None)
    column = None if offset is None else len(text.encode()[:offset].decode(errors="ignore")) + 1
    return SpecError(message, column=column, text=text)


def parse(text: str) -> Parsed:
    """Read `name = expression`. Raises SpecError, with the column within `text`."""
    statements = _python(text, "exec").body
    if len(statements) != 1:
        raise _error("Write one statement per step, such as `Z1 = W1 @ X + b1`.", text)
    statement = statements[0]
    if isinstance(statement, ast.AugAssign):
        raise _error("Every matrix is computed once: write a new name instead of changing an old one.", text, statement)
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1 or not isinstance(statement.targets[0], ast.Name):
        raise _error("A step has the form `name = expression`, such as `Z1 = W1 @ X + b1`.", text, statement)
    _check(statement.value, text)
    return Parsed(statement.targets[0].id, statement.value, text)


def parse_expression(text: str) -> ast.expr:
    """Read an expression without a name, as after `explain:`."""
    tree = _python(text, "eval").body
    _check(tree, text)
    return tree


def _python(text: str, mode: str) -> Any:
    clean = text.strip()
    try:
        return ast.parse(clean, mode=mode)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if "^" in clean:
            hint = " A power is written `x ** 2`."
        elif any(ch in clean for ch in "·×−"):
            hint = " Write `@` for the matrix product, `*` for cell times cell, `-` for minus."
        else:
            hint = ""
        column = getattr(error, "offset", None)
        raise SpecError(f"I can't read `{clean}` as an expression.{hint}", column=column, text=text) from None


def _check(node: ast.expr, text: str) -> None:
    """Refuse whatever isn't in the language."""
    match node:
        case ast.Constant(value=value):
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise _error(f"`{ast.unparse(node)}` isn't a number.", text, node)
            if abs(value) > 1e300:
                raise _error(f"`{ast.unparse(node)}` is too large.", text, node)
        case ast.Name():
            pass
        case ast.BinOp(left=left, op=op, right=right):
            if type(op) not in BINARY:
                hint = " A power is written `x ** 2`." if isinstance(op, ast.BitXor) else ""
                raise _error(f"This operator isn't available; there are @ + - * / **.{hint}", text, node)
            _check(left, text)
            _check(right, text)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            _check(operand, text)
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            if len(ops) != 1:
                raise _error("Compare two things at a time: `(a < x) * (x < b)` instead of `a < x < b`.", text, node)
            if type(ops[0]) not in COMPARE:
                raise _error("Only > >= < <= == != compare.", text, node)
            _check(left, text)
            _check(comparators[0], text)
        case ast.Attribute(value=value, attr=attr):
            if attr != "T":
                raise _error(f"`.{attr}` isn't available; `.T` is the transpose, and functions are written `f(x)`.", text, node)
            _check(value, text)
        case ast.Subscript(value=value):
            _check(value, text)
        case ast.Call(func=func, args=args):
            if not isinstance(func, ast.Name):
                hint = f" Write `{func.attr}(…)`." if isinstance(func, ast.Attribute) else ""
                raise _error(f"`{ast.unparse(func)}` can't be called.{hint}", text, node)
            if func.id not in OPERATIONS or not OPERATIONS[func.id].public:
                guess = did_you_mean(func.id, known_functions())
                raise _error(f"There is no function `{func.id}`.{guess or ' There are: ' + ', '.join(known_functions()) + '.'}", text, node)
            for arg in args:
                if isinstance(arg, ast.Starred):
                    raise _error("`*` can't unpack here.", text, arg)
                for item in arg.elts if isinstance(arg, ast.List | ast.Tuple) else [arg]:
                    _check(item, text)
        case ast.List() | ast.Tuple():
            raise _error("A list of numbers isn't an expression: give it under `matrices:` and use its name.", text, node)
        case _:
            raise _error(f"`{ast.unparse(node)}` isn't part of the language of expressions.", text, node)


def infer(
    tree: ast.expr, names: Mapping[str, Shape], text: str = "", later: Iterable[str] = (), target: str | None = None
) -> Node:
    """Give `tree` its operations and shapes.

    `names` are the matrices known so far; `later` those that are computed further down.
    Raises SpecError for unknown names, wrong arguments and shapes that don't fit.
    """
    return _Inference(names, text or ast.unparse(tree), frozenset(later), target).node(tree)


class _Inference:
    def __init__(self, names: Mapping[str, Shape], text: str, later: frozenset[str], target: str | None) -> None:
        self.names, self.text, self.later, self.target = names, text, later, target

    def node(self, tree: ast.expr) -> Node:
        match tree:
            case ast.Constant(value=value):
                return Number(float(value))
            case ast.Name(id=name):
                return self.reference(tree, name)
            case ast.BinOp(left=left, op=op, right=right):
                return self.apply(BINARY[type(op)], tree, self.node(left), self.node(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                value = self.node(operand)
                return Number(-value.value) if isinstance(value, Number) else self.apply("negative", tree, value)
            case ast.UnaryOp(operand=operand):
                return self.node(operand)
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                return self.apply(COMPARE[type(ops[0])], tree, self.node(left), self.node(comparators[0]))
            case ast.Attribute(value=value):
                return self.apply("transpose", tree, self.node(value))
            case ast.Subscript(value=value, slice=index):
                return self.slice(tree, self.node(value), index)
            case ast.Call(func=ast.Name(id=name)):
                return self.call(tree, OPERATIONS[name])
        raise AssertionError(ast.dump(tree))  # refused by _check

    def reference(self, tree: ast.expr, name: str) -> Node:
        if name in self.names:
            return Ref(name, self.names[name])
        if name == self.target:
            message = f"`{name}` is used in its own definition."
        elif name in self.later:
            message = f"`{name}` is used before it is computed."
        else:
            hint = did_you_mean(name, [*self.names, *self.later])
            if name in OPERATIONS and OPERATIONS[name].public:
                hint = f" `{name}` is a function: write `{name}(…)`."
            message = f"There is no matrix `{name}`.{hint}"
        raise _error(message, self.text, tree)

    def apply(self, op: str, tree: ast.AST, *args: Node, **options: Any) -> Node:
        try:
            return call(op, *args, **options).node
        except ShapeProblem as problem:
            raise _error(self.misfit(op, args, str(problem)), self.text, tree) from None

    def misfit(self, op: str, args: tuple[Node, ...], reason: str) -> str:
        """`Z1 = W1 @ X + b1: W1 is 4×3 and X is 2×1; W1 @ X needs X to have 3 rows`."""
        shown: dict[str, str] = {}
        for arg in args:
            if not isinstance(arg, Number):
                shown.setdefault(show(arg), shape_text(arg.shape))
        sizes = " and ".join(f"{name} is {size}" for name, size in shown.items())
        if op == "matmul":
            left, right = args
            rows = left.shape[1]
            reason = (
                f"{show(left, 3)} @ {show(right, 4)} needs {show(right)} to have {rows} row{'s' * (rows != 1)}"
                if not isinstance(left, Number) and not isinstance(right, Number)
                else "`@` needs two matrices; write `*` to multiply by a number"
            )
        return f"{self.text}: {sizes}; {reason}"

    # Slices

    def slice(self, tree: ast.Subscript, value: Node, index: ast.expr) -> Node:
        parts = list(index.elts) if isinstance(index, ast.Tuple) else [index]
        if len(parts) > 2:
            raise _error("A matrix has two dimensions: write `X[rows, columns]`.", self.text, tree)
        spans = [self.span(part, size, what) for part, size, what in zip(parts, value.shape, ("row", "column"), strict=False)]
        rows, columns = [*spans, (0, value.shape[1])][:2]
        if rows == (0, value.shape[0]) and columns == (0, value.shape[1]):
            return value
        return self.apply("slice", tree, value, rows=rows, columns=columns)

    def span(self, part: ast.expr, size: int, what: str) -> tuple[int, int]:
        """Start and stop of one index, as non-negative numbers."""
        if not isinstance(part, ast.Slice):
            at = self.integer(part, f"A {what} number")
            if not -size <= at < size:
                raise _error(f"{self.text}: there is no {what} {at}; there are {size} {what}s, counted from 0", self.text, part)
            return at % size, at % size + 1
        if part.step is not None:
            raise _error("Slices have no step: write `start:stop`.", self.text, part)
        lower = 0 if part.lower is None else self.integer(part.lower, "The start of a slice")
        upper = size if part.upper is None else self.integer(part.upper, "The end of a slice")
        start, stop, _ = slice(lower, upper).indices(size)
        if stop <= start or upper > size:
            raise _error(
                f"{self.text}: `{ast.unparse(part)}` isn't within the {size} {what}s, which are numbered 0 to {size - 1}",
                self.text, part,
            )
        return start, stop

    def integer(self, tree: ast.expr, what: str) -> int:
        """A whole number, possibly a sum such as `3-1` (left over from a loop)."""
        match tree:
            case ast.Constant(value=int(value)) if not isinstance(value, bool):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.integer(operand, what)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() as op, right=right):
                a, b = self.integer(left, what), self.integer(right, what)
                return a + b if isinstance(op, ast.Add) else a - b if isinstance(op, ast.Sub) else a * b
        raise _error(f"{what} must be a whole number, not `{ast.unparse(tree)}`.", self.text, tree)

    # Calls

    def call(self, tree: ast.Call, operation: Operation) -> Node:
        if operation.name in CONSTANTS:
            return self.constant(tree, operation.name)
        if operation.variadic:
            if len(tree.args) != 1 or tree.keywords or not isinstance(tree.args[0], ast.List | ast.Tuple) or not tree.args[0].elts:
                raise _error(f"`{operation.name}` takes one list: `{operation.name}([A, B])`.", self.text, tree)
            return self.apply(operation.name, tree, *(self.node(item) for item in tree.args[0].elts))
        matrices: dict[str, Node] = {}
        options: dict[str, Any] = {}
        parameters = [name for name, _ in operation.arguments] + list(operation.options)
        if len(tree.args) > len(parameters):
            raise _error(f"`{operation.name}` takes {usage(operation)}; {len(tree.args)} were given.", self.text, tree)
        given = [(None, value) for value in tree.args] + [(keyword.arg, keyword.value) for keyword in tree.keywords]
        for place, (keyword, value) in enumerate(given):
            name = parameters[place] if keyword is None and place < len(tree.args) else keyword
            if name not in parameters:
                hint = did_you_mean(str(name), parameters)
                raise _error(f"`{operation.name}` has no argument `{name}`.{hint} It takes {usage(operation)}.", self.text, value)
            if name in matrices or name in options:
                raise _error(f"`{operation.name}`: `{name}` is given twice.", self.text, value)
            if name in operation.options:
                options[name] = self.option(operation, name, value)
            else:
                if isinstance(value, ast.List | ast.Tuple):
                    raise _error(f"`{operation.name}` takes {usage(operation)}.", self.text, value)
                _check(value, self.text)
                matrices[name] = self.node(value)
        args: list[Node] = []
        for name, default in operation.arguments:
            if name in matrices:
                args.append(matrices[name])
            elif default is not None:
                args.append(Number(default))
            else:
                raise _error(f"`{operation.name}` takes {usage(operation)}; `{name}` is missing.", self.text, tree)
        options.pop("keepdims", None)
        full = {name: options.get(name, default) for name, default in operation.options.items() if name != "keepdims"}
        return self.apply(operation.name, tree, *args, **full)

    def constant(self, tree: ast.Call, name: str) -> Node:
        example = "eye(3)" if name == "eye" else f"{name}((2, 3))"
        if tree.keywords or len(tree.args) != 1:
            raise _error(f"Write `{example}`.", self.text, tree)
        value = tree.args[0]
        sizes = [self.integer(e, "A size") for e in (value.elts if isinstance(value, ast.Tuple | ast.List) else [value])]
        if name == "eye" and len(sizes) == 1:
            sizes *= 2
        if len(sizes) != 2 or min(sizes) < 1:
            raise _error(f"Write `{example}`: everything is a matrix.", self.text, tree)
        return Call(name, (), (sizes[0], sizes[1]))

    def option(self, operation: Operation, name: str, tree: ast.expr) -> Any:
        """The value of a literal keyword argument."""
        try:
            value = ast.literal_eval(tree)
        except ValueError:
            raise _error(f"`{name}` of `{operation.name}` must be written out, not `{ast.unparse(tree)}`.", self.text, tree) from None
        expected = ""
        if name == "axis":
            value = value + 2 if value in (-1, -2) and not isinstance(value, bool) else value
            if isinstance(value, bool) or value not in (0, 1, None):
                expected = "0 (down the columns), 1 (along the rows) or left out"
        elif name == "reduction":
            expected = "" if value in ("sum", "mean") else '"sum" or "mean"'
        elif name == "keepdims":
            expected = "" if value is True else "left out: reductions always keep two dimensions"
        elif name in ("size", "stride"):
            pair = value if isinstance(value, tuple) else (value, value)
            if len(pair) != 2 or any(isinstance(v, bool) or not isinstance(v, int) or v < 1 for v in pair):
                expected = "a whole number from 1 on, or a pair (rows, columns)"
        elif name in ("decimals", "padding"):
            lowest = 0 if name == "padding" else -9
            if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= 9:
                expected = f"a whole number from {lowest} to 9"
        elif isinstance(value, bool) or not isinstance(value, int | float):
            expected = "a number"
        if expected:
            raise _error(f"`{name}` of `{operation.name}` must be {expected}, not `{ast.unparse(tree)}`.", self.text, tree)
        return value


def usage(operation: Operation) -> str:
    """`(x, negative_slope=0.01)`."""
    items = [name if default is None else f"{name}={default:g}" for name, default in operation.arguments]
    items += [f"{name}={default!r}" for name, default in operation.options.items()]
    return f"`({', '.join(items)})`"


LEVEL = {"@": 3, "*": 3, "/": 3, "+": 2, "-": 2, "**": 5}


def show(node: Node, level: int = 0) -> str:
    """`node` as an expression; in parentheses if it binds less tightly than `level`."""
    match node:
        case Number(value=value):
            text = number_text(value)
            return f"({text})" if value < 0 and level > 2 else text
        case Ref(name=name):
            return name
    options = dict(node.options)
    args = node.args
    if node.op == "transpose":
        return f"{show(args[0], 9)}.T"
    if node.op == "slice":
        spans = [
            ":" if span == (0, size) else str(span[0]) if span[1] == span[0] + 1 else f"{span[0]}:{span[1]}"
            for span, size in zip((options["rows"], options["columns"]), args[0].shape, strict=True)
        ]
        return f"{show(args[0], 9)}[{', '.join(spans)}]"
    if node.op in ("vstack", "hstack"):
        return f"[{(' ; ' if node.op == 'vstack' else ' | ').join(show(arg) for arg in args)}]"
    if node.op == "ones" and 1 in node.shape:
        return "1"
    if node.op in CONSTANTS:
        size = str(node.shape[0]) if node.op == "eye" and node.shape[0] == node.shape[1] else f"({node.shape[0]}, {node.shape[1]})"
        return f"{node.op}({size})"
    symbol = OPERATIONS[node.op].symbol
    if node.op == "negative":
        text, own = f"-{show(args[0], 4)}", 2
    elif symbol:
        own = LEVEL.get(symbol, 1)
        text = f"{show(args[0], own + (symbol == '**'))} {symbol} {show(args[1], own + 1)}"
    else:
        defaults = OPERATIONS[node.op].options
        shown = [show(arg) for arg, (_, default) in zip(args, OPERATIONS[node.op].arguments, strict=True)
                 if not (isinstance(arg, Number) and arg.value == default)]
        shown += [f"{k}={v!r}" for k, v in options.items() if k not in defaults or v != defaults[k]]
        return f"{node.op}({', '.join(shown)})"
    return f"({text})" if own < level else text


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number; 2 rather than 2.0."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
