"""Expressions as a teacher thinks of them: the detours that computing needs are taken back before they are written."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence

from sheetgen.ir.node import Node
from sheetgen.ops.base import operation
from sheetgen.records import replace


def plain(node: Node) -> Node:
    """`node` with what is a softmax, a normalisation, a guarded logarithm … written as such. Only for being read: what
    comes out may hold operations that nothing computes."""
    if not node.args:
        return node
    node = node.with_args(tuple(map(plain, node.args)))
    for rule in (_filled, *RULES.get(node.op, ())):
        found = rule(node)
        if found is not None:
            return plain(found)
    return node


def _softmax(node: Node) -> Node | None:
    """eˣ⁻ᵐᵃˣ ÷ Σ eˣ⁻ᵐᵃˣ is softmax(x)."""
    if node.args[0].op != "exp" or node.args[1].op != "sum":
        return None
    top, under = node.args
    shifted = top.args[0]
    if under.args[0] != top or shifted.op != "subtract" or shifted.args[1].op != "max":
        return None
    x, largest = shifted.args
    same = largest.args[0] == x and largest.option("axis") == under.option("axis")
    return Node("softmax", (x,), node.shape, (("axis", under.option("axis")),)) if same else None


def _centred(node: Node) -> Node | None:
    """What its average is taken off from."""
    if node.op == "subtract" and node.args[1].op == "mean" and node.args[1].args[0] == node.args[0]:
        return node.args[0]
    return None


def spread(node: Node) -> Node | None:
    """What √(mean of (x − mean of x)² + ε) is the spread of: x, or its centred form."""
    inner = node.args[0] if node.op == "sqrt" else None
    if inner is not None and inner.op == "add" and inner.args[1].is_number:
        inner = inner.args[0]
    if inner is None or inner.op != "mean" or inner.args[0].op != "power" or inner.args[0].args[1].value != 2:
        return None
    return inner.args[0].args[0]


def with_sigma(node: Node, of: Node) -> Node:
    """`node` with σ for the spread of `of`."""
    if node.op == "spread" and node.args == (of,):
        return Node("symbol", shape=node.shape, options=node.options, name="σ")
    return node.with_args(tuple(with_sigma(arg, of) for arg in node.args))


def _norm(node: Node) -> Node | None:
    """(x − μ) ÷ σ is norm(x), along the same lines."""
    x, of = _centred(node.args[0]), node.args[1]
    same = x is not None and of.op == "spread" and of.args[0] == x
    axis = node.args[0].args[1].option("axis") if same else None
    same = same and axis == of.option("axis") and axis is not None
    return Node("layer_norm", (x,), node.shape, (("axis", axis),)) if x is not None and same else None


def _sigma(node: Node) -> Node | None:
    """√(mean of (x − mean of x)² + ε) is std(x), the spread of x."""
    of = spread(node)
    x = _centred(of) if of is not None else None
    if of is None or x is None:
        return None
    squares = node.args[0].args[0] if node.args[0].op == "add" else node.args[0]
    axis = squares.option("axis")
    return Node("spread", (x,), node.shape, (("axis", axis),)) if of.args[1].option("axis") == axis else None


def _guarded(node: Node) -> Node | None:
    """`where(y = 0, 0, −y·ln p)`: 0 · ln 0 counts as 0, which mathematics takes for granted."""
    if node.args[0].op != "equal" or node.args[1].value != 0:
        return None
    (y, at), rest = node.args[0].args, node.args[2]
    if at.value == 1:
        y = Node("subtract", (Node("number", value=1.0), y), y.shape)
    elif at.value != 0:
        return None
    return rest if _has_factor(rest, y) else None


def _where_not(node: Node) -> Node | None:
    """`where(0 ≥ x, 0, y)` is y where x > 0."""
    if node.args[1].value != 0 or node.args[0].op not in OPPOSITE:
        return None
    one, two = node.args[0].args
    name, turned = OPPOSITE[node.args[0].op]
    held = (turned, (two, one)) if one.is_number else (name, (one, two))
    return replace(node, args=(replace(node.args[0], op=held[0], args=held[1]), node.args[2], node.args[1]))


OPPOSITE = {"greater": ("less_equal", "greater_equal"), "greater_equal": ("less", "greater"),
            "less": ("greater_equal", "less_equal"), "less_equal": ("greater", "less")}  # fmt: skip
"""What holds where a comparison doesn't, and the same with the sides exchanged."""


def _has_factor(node: Node, factor: Node) -> bool:
    """Whether something is multiplied by `factor`, whatever the sign."""
    inside = {"multiply": node.args, "negative": node.args, "divide": node.args[:1]}.get(node.op, ())
    return node == factor or any(_has_factor(arg, factor) for arg in inside)


def _sign(node: Node) -> Node | None:
    """A sign comes first: (−y)·x is −(y·x), and Σ −x is −Σ x."""
    if node.op == "multiply" and node.args[0].op == "negative":
        return Node("negative", (replace(node, args=(node.args[0].args[0], node.args[1])),), node.shape)
    if node.op == "multiply" and node.args[0].is_number and (node.args[0].value or 0) < 0:
        size = Node("number", value=-(node.args[0].value or 0.0))
        rest = replace(node, args=(size, node.args[1])) if size.value != 1 else node.args[1]
        return Node("negative", (rest,), node.shape)
    if node.op == "sum" and node.args[0].op == "subtract" and node.args[0].args[0].op == "negative":
        terms = Node("add", (node.args[0].args[0].args[0], node.args[0].args[1]), node.args[0].shape)
        return Node("negative", (replace(node, args=(terms,)),), node.shape)
    if node.op == "multiply" and node.args[1].op == "negative":
        return Node("negative", (replace(node, args=(node.args[0], node.args[1].args[0])),), node.shape)
    if node.op == "negative" and node.args[0].op == "negative":
        return node.args[0].args[0]
    if node.op == "divide" and node.args[0].is_number and (node.args[0].value or 0) < 0:
        size = Node("number", value=-(node.args[0].value or 0.0))
        return Node("negative", (replace(node, args=(size, node.args[1])),), node.shape)
    if node.op in ("sum", "mean") and node.args[0].op == "negative":
        return Node("negative", (replace(node, args=node.args[0].args),), node.shape)
    if node.op == "divide" and node.args[0].op == "negative":
        return Node("negative", (replace(node, args=(node.args[0].args[0], node.args[1])),), node.shape)
    if node.op == "subtract" and node.args[1].op == "negative":
        return Node("add", (node.args[0], node.args[1].args[0]), node.shape)
    if node.op == "add" and node.args[1].op == "negative":
        return Node("subtract", (node.args[0], node.args[1].args[0]), node.shape)
    if node.op == "add" and node.args[0].op == "negative":
        return Node("subtract", (node.args[1], node.args[0].args[0]), node.shape)
    return None


def _number_first(node: Node) -> Node | None:
    """A number comes first: a∘(2·b) is 2·(a∘b), and 3·(2·b) is 6·b."""
    one, two = node.args
    if one.is_number:
        inner = two.args[0] if two.op == "multiply" else one
        product = Node("number", value=(one.value or 0.0) * (inner.value or 0.0))
        return replace(node, args=(product, two.args[1])) if two.op == "multiply" and inner.is_number else None
    if one.op == "multiply" and one.args[0].is_number:
        return replace(node, args=(one.args[0], replace(node, args=(one.args[1], two))))
    if two.op == "multiply" and two.args[0].is_number:
        return replace(node, args=(two.args[0], replace(node, args=(one, two.args[1]))))
    return None


def _repeated(node: Node) -> Node | None:
    """A number or a row that is only repeated to a larger shape, and a sum of sums."""
    if node.op == "multiply":
        for one, other in (node.args, node.args[::-1]):
            if one.value == 1:
                return other
    if node.op == "sum" and node.args[0].op == "sum" and node.shape == (1, 1):
        return Node("sum", node.args[0].args, node.shape, (("axis", None),))
    return None


def _log_sum_exp(node: Node) -> Node | None:
    """max + ln Σ eˣ⁻ᵐᵃˣ is ln Σ eˣ."""
    if node.args[0].op != "max" or node.args[1].op != "log" or node.args[1].args[0].op != "sum":
        return None
    x, inner = node.args[0].args[0], node.args[1].args[0].args[0]
    shifted, axis = Node("subtract", (x, node.args[0]), x.shape), node.args[0].option("axis")
    same = inner.op == "exp" and inner.args[0] == shifted and node.args[1].args[0].option("axis") == axis
    return Node("logsumexp", (x,), node.shape, (("axis", axis),)) if same else None


def _one_hot(node: Node) -> Node | None:
    """Columns of the identity, looked up."""
    return Node("one_hot", node.args[1:], node.shape) if node.args[0].op == "eye" else None


def _triangle(node: Node) -> Node | None:
    """Where a triangle of ones is more than 0: in rows up to, or from, the column."""
    of, zero = node.args
    turned = of.op == "transpose"
    of = of.args[0] if turned else of
    if zero.value != 0 or of.op not in ("tril", "triu") or operation(of.args[0]).fills != 1:
        return None
    return Node("symbol", shape=node.shape, name=f"row {'≤' if turned == (of.op == 'tril') else '≥'} column")


def _filled(node: Node) -> Node | None:
    """A matrix of ones that is added or multiplied cell by cell is a 1."""
    fills = [operation(arg).fills for arg in node.args] if operation(node).kind == "elementwise" else []
    if all(value is None for value in fills):
        return None
    args = [arg if value is None else Node("number", value=value) for arg, value in zip(node.args, fills, strict=True)]
    return replace(node, args=tuple(args))


def _constant(node: Node) -> Node | None:
    """2 ÷ 4 is ½, 0·x is 0 and x + 0 is x."""
    if node.op == "multiply" and any(arg.value == 0 for arg in node.args):
        return Node("number", value=0.0)
    if node.op in ("add", "subtract") and node.args[1].value == 0:
        return node.args[0]
    if node.op == "add" and node.args[0].value == 0:
        return node.args[1]
    if node.op == "add" and node.args[0].op == "subtract" and node.args[0].args[1] == node.args[1]:
        return node.args[0].args[0]
    if node.op == "equal" and all(arg.is_number for arg in node.args):
        return Node("number", value=float(node.args[0].value == node.args[1].value))
    if node.op == "where" and node.args[0].is_number:
        return node.args[1] if node.args[0].value else node.args[2]
    if node.op == "negative" and node.args[0].value == 0:
        return node.args[0]
    if node.op not in ARITHMETIC or not all(arg.is_number for arg in node.args):
        return None
    x, y = (arg.value or 0.0 for arg in node.args)
    if node.op == "divide" and y == 0:
        return None
    return Node("number", value=ARITHMETIC[node.op](x, y))


ARITHMETIC = {"add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv}


def _turned_twice(node: Node) -> Node | None:
    """What is done and undone."""
    if node.op == "power" and node.args[0].op == "sqrt" and node.args[1].value == 2:
        return node.args[0].args[0]
    if node.op == "transpose" and node.args[0].op == "transpose":
        return node.args[0].args[0]
    return None


RULES: Mapping[str, Sequence[Callable[[Node], Node | None]]] = {
    "multiply": (_constant, _sign, _number_first, _repeated), "divide": (_constant, _softmax, _norm, _sign),
    "add": (_constant, _sign, _log_sum_exp), "subtract": (_constant, _sign), "negative": (_constant, _sign),
    "equal": (_constant,), "greater": (_triangle,),
    "where": (_constant, _guarded, _where_not), "sum": (_sign, _repeated), "mean": (_sign,), "sqrt": (_sigma,),
    "power": (_turned_twice,), "transpose": (_turned_twice,), "embedding": (_one_hot,), "lookup": (_one_hot,),
}  # fmt: skip
"""What may be taken back of an operation, the first that holds; of all of them a matrix of ones."""
