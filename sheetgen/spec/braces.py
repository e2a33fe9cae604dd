"""What stands in braces: whole numbers, loops' variables and names in functions, combined by + - *; and ranges of
whole numbers, for each of which an item of a list is written."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from sheetgen.errors import SpecError
from sheetgen.lang.syntax import python

Values = Mapping[str, int | str]
BRACES = re.compile(r"\{([\w+\-* ()]+)\}", re.ASCII)

RANGE = re.compile(r"\{([^{}]+?)\.\.([^{}]+?)(?:\s+step\s+([^{}]+))?\}")
MOST_ITEMS, LONGEST = 1000, 20_000
"""Items of a range, and characters of an expression in which all are written."""


def spread(text: str, count: Callable[[str, str, str], Sequence[int]]) -> str:
    """`hstack([h{1..3}, x])` as `hstack([h1, h2, h3, x])`: each item of a list, for all numbers of its ranges in turn,
    which `count` works out from first, last and step. Raises SpecError."""
    while found := RANGE.search(text):
        first, last = _item(text, *found.span())
        item = text[first:last].strip()
        ranges = [count(*form.groups(default="1")) for form in RANGE.finditer(item)]
        sizes = {len(numbers) for numbers in ranges}
        if len(sizes) > 1:
            raise SpecError(f"`{item}`: its ranges are of {' and '.join(map(str, sorted(sizes)))} numbers.")
        if max(sizes) > MOST_ITEMS:
            raise SpecError(f"`{item}` would be more than {MOST_ITEMS:,} items.")
        items = [_numbered(item, numbers) for numbers in zip(*ranges, strict=True)]
        text = text[:first] + ", ".join(items) + text[last:]
        if len(text) > LONGEST:
            raise SpecError(f"With its ranges written out, this is longer than {LONGEST:,} characters.")
    return text


def turns(text: str) -> tuple[list[str], int]:
    """`h_{0..2}[0]` as `h_0[0]`, `h_1[0]`, `h_2[0]`, and the first of its numbers; a text without a range as it is, and
    1. Raises SpecError."""
    if not (found := RANGE.search(text)):
        return [text], 1
    spread(f"[{text}]", _numbers)  # refuses what is too long
    numbers = _numbers(*found.groups(default="1"))
    return [RANGE.sub(str(number), text) for number in numbers], numbers[0]


def _numbers(first: str, last: str, step: str) -> range:
    a, b, c = (worked_out(text, {}) for text in (first, last, step))
    return counted(int(a), int(b), max(int(c), 1))


def _numbered(item: str, numbers: Iterable[int]) -> str:
    each = iter(numbers)
    return RANGE.sub(lambda _: str(next(each)), item)


def _item(text: str, at: int, last: int) -> tuple[int, int]:
    """Where the item of the innermost list around a range, which stands from `at` to `last`, begins and ends."""
    around: list[tuple[bool, int]] = []  # whether it is a list, and where its last item begins
    for place, sign in enumerate(text[:at]):
        if sign in "([{":
            before = text[:place].rstrip()[-1:]
            around.append((sign == "[" and not (before.isalnum() or before in ("_", ")", "]", "}")), place + 1))
        elif sign in ")]}" and around:
            around.pop()
        elif sign == "," and around:
            around[-1] = (around[-1][0], place + 1)
    depth = 0
    while around and not around[-1][0]:
        around.pop()
        depth += 1
    if not around:
        problem = "stands in a list, whose item is written for each number"
        raise SpecError(f"`{text[at:last]}` {problem}: `hstack([h{{1..4}}])`, `sum([L{{1..4}}])`.")
    while last < len(text) and (depth or text[last] not in ")],"):
        depth += (text[last] in "([{") - (text[last] in ")]}")
        last += 1
    first = around[-1][1]
    return last - len(text[first:last].lstrip()), last


def counted(first: int, last: int, step: int) -> range:
    """From `first` to `last`, both included, up or down."""
    return range(first, last + 1, step) if first <= last else range(first, last - 1, -step)


def worked_out(text: str, values: Values) -> int | str:
    """The value of a sum or product of whole numbers and of `values`. Raises SpecError."""
    try:
        value = _value(python(text.strip()).body, values)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise SpecError(f"I can't work out `{text.strip()[:40]}`; + - * combine whole numbers.") from None
    if isinstance(value, int) and abs(value) > 10**9:
        raise SpecError(f"`{text.strip()[:40]}` is too large.")
    return value


ASK = "a condition compares whole numbers or words, such as `t > 1`, `t % 2 == 0` or `gate in [f, i]`"
COMPARE: dict[type[ast.cmpop], Callable[[int | str, int | str], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip


def holds(text: str, values: Values) -> bool:
    """Whether a condition on `values` holds. Raises SpecError."""
    try:
        return _holds(python(text.strip()).body, values)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise SpecError(f"I can't decide `{text.strip()[:40]}`: {ASK}.") from None


def _holds(node: ast.expr, values: Values) -> bool:
    match node:
        case ast.BoolOp(op=ast.And(), values=parts):
            return all([_holds(part, values) for part in parts])
        case ast.BoolOp(values=parts):
            return any([_holds(part, values) for part in parts])
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _holds(operand, values)
        case ast.Compare(left=left, ops=ops, comparators=others):
            pairs = zip([left, *others], ops, others, strict=False)
            return all([_compared(a, op, b, values) for a, op, b in pairs])
    raise ValueError(ast.unparse(node))


def _compared(left: ast.expr, op: ast.cmpop, right: ast.expr, values: Values) -> bool:
    if isinstance(op, ast.In | ast.NotIn) and isinstance(right, ast.List | ast.Tuple):
        found = [_compared(left, ast.Eq(), each, values) for each in right.elts]
        return any(found) == isinstance(op, ast.In)
    if type(op) not in COMPARE:
        raise ValueError(ast.unparse(left))
    a, b = (_word(side, values) for side in (left, right))
    if isinstance(a, str) != isinstance(b, str):
        word = a if isinstance(a, str) else b
        there = " or ".join(f"`{known}`" for known in values)
        raise SpecError(f"`{word}` isn't a number, nor the variable of a loop here; {there} is.")
    return COMPARE[type(op)](a, b)


def _word(node: ast.expr, values: Values) -> int | str:
    """A number, or a word as it stands in the list of a loop."""
    match node:
        case ast.Constant(value=str(word)):
            return word
        case ast.Name(id=word) if word not in values:
            return word
    return _value(node, values)


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
        case ast.BinOp(left=left, op=ast.Mod(), right=right):
            a, b = _whole(left, values), _whole(right, values)
            if b == 0:
                raise SpecError("A remainder of a division by 0 is nothing.")
            return a % b
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() as op, right=right):
            a, b = _whole(left, values), _whole(right, values)
            return a + b if isinstance(op, ast.Add) else a - b if isinstance(op, ast.Sub) else a * b
    raise ValueError(ast.unparse(node))


def _whole(node: ast.expr, values: Values) -> int:
    value = _value(node, values)
    if isinstance(value, str):
        raise SpecError(f"`{value}` isn't a whole number, so nothing can be added to it.")
    return value
