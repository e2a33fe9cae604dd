"""Expressions written as mathematics: `W₁·X + b₁`, `Kᵀ·Q ÷ √3`, `eˢ⁻ᵐᵃˣ`, `−Σ Y·ln Ŷ`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import accumulate, pairwise

from sheetgen.ir.node import Node
from sheetgen.ir.walk import summands
from sheetgen.layout.words.directions import SAID, UNSAID, directed
from sheetgen.layout.words.loops import entry_of, line_of
from sheetgen.layout.words.notation import Text, caption_of, number_text
from sheetgen.layout.words.script import outside, superscript
from sheetgen.layout.words.symbols import Symbols
from sheetgen.ops.base import operation
from sheetgen.ops.notation import ATOM, CHOICE, COMPARISON, POWER, PREFIX, PRODUCT, QUOTIENT, SUM, TOTAL
from sheetgen.ops.views import blocks_of
from sheetgen.records import replace

LINES = ("column", "row")
INDICES = "₀₁₂₃₄₅₆₇₈₉₊₋,ₜₖₕₛₗᵣₑₙₘ"
MOST_TERMS = 40
"""Of a sum that is written out; of a longer one the first two and the last are."""


def equation(left: str, node: Node, symbols: Symbols) -> str:
    """`left = node`, or `left` alone where that is what `node` is called; along which lines a sum or a softmax runs is
    told after a comma."""
    right = whole(node, symbols)
    compares = node.op == "equal" and not any(operation(arg).compares for arg in node.args)
    return left if right == left else f"{left} = ({right})" if compares else f"{left} = {right}"


def whole(node: Node, symbols: Symbols) -> str:
    """`node` as the only thing on its side: it may tell along which lines it runs."""
    inner, direction = directed(node)
    body = write(inner, symbols)
    if inner.op in ("mean", "max", "min"):
        body = Text(f"{inner.op} of {write(inner.args[0], symbols):+}")
    return f"{body}, {direction}" if direction else f"{body}"


def write(node: Node, symbols: Symbols) -> Text:
    """`node` as mathematics, with how tightly it binds."""
    if node.is_number:
        return number_text(node.value or 0.0)
    if node.is_matrix:
        return Text(symbols.of(node.name) or node.name)
    if node.op == "symbol":
        return Text(node.name, TOTAL if " " in outside(node.name) else ATOM)
    if len(terms := summands(node)) > MOST_TERMS:
        return _long_sum(terms, symbols)
    if node.op in WRITERS:
        return WRITERS[node.op](node, symbols)
    args = [write(arg, symbols) for arg in node.args]
    caption = caption_of(node.op)
    if caption is not None:
        return Text(caption.template.format(*args), caption.level)
    return Text(f"{node.op.replace('_', ' ')}({', '.join(f'{arg}' for arg in args)})")


def _long_sum(terms: list[Node], symbols: Symbols) -> Text:
    first, second, last = (f"{write(term, symbols):+}" for term in (*terms[:2], terms[-1]))
    return Text(f"{first} + {second} + … + {last}", SUM)


def _multiply(node: Node, symbols: Symbols) -> Text:
    """`∘` cell by cell, also with a row or a column; a number times a matrix is written `·`, as are a column times a
    row, which is a product, and a logarithm's factor."""
    one, two = node.args[::-1] if node.args[1].is_number and not node.args[0].is_number else node.args
    if (1, 1) in (one.shape, two.shape) or (one.shape[1], two.shape[0]) == (1, 1) or two.op == "log":
        last = f"{write(two, symbols):-}" if two.op in ("sum", "log") else f"{write(two, symbols):*}"
        return Text(f"{write(one, symbols):*}·{last}", PRODUCT)
    return Text("∘".join(_factor(arg, first=k == 0, symbols=symbols) for k, arg in enumerate(node.args)), PRODUCT)


def _factor(node: Node, first: bool, symbols: Symbols) -> str:
    """A factor of a product cell by cell; in brackets if it is another product, which would be read otherwise."""
    text = write(node, symbols)
    apart = (node.op == "matmul" and "·" in text.text) or (not first and "·" in text.text and text.level == PRODUCT)
    return f"({text})" if apart else f"{text:*}"


def _divide(node: Node, symbols: Symbols) -> Text:
    """A sum divided by a number needs no brackets: it makes no difference which comes first."""
    top, under = (write(arg, symbols) for arg in node.args)
    brackets = not (node.args[0].op == "sum" and node.args[1].shape == (1, 1))
    return Text(f"{top:*} ÷ {under:/}" if brackets else f"{top:-} ÷ {under:/}", QUOTIENT)


def _matmul(node: Node, symbols: Symbols) -> Text:
    """`[W | b]·[X; h; 1]` is W·[X; h] + b."""
    texts = [_product(a, b, symbols) for a, b in products_in(node)]
    return texts[0] if len(texts) == 1 else Text(" + ".join(f"{text:+}" for text in texts), SUM)


def products_in(node: Node) -> list[tuple[Node, Node]]:
    """The products that one of matrices side by side and of matrices below one another adds up."""
    left, right = node.args
    lefts, rights = blocks_of(left, 1), blocks_of(right, 0)
    ends = [*accumulate((each.shape[0] for each in rights), initial=0)]
    begins = [*accumulate((each.shape[1] for each in lefts), initial=0)]
    if not set(begins) <= set(ends):
        return [(left, right)]
    spans = [rights[ends.index(first) : ends.index(last)] for first, last in pairwise(begins)]
    return [(part, below[0] if len(below) == 1 else replace(right, args=below, shape=(part.shape[1], right.shape[1])))
            for part, below in zip(lefts, spans, strict=True)]  # fmt: skip


def _product(left: Node, right: Node, symbols: Symbols) -> Text:
    if right.op == "ones":
        if right.shape[0] == 1:
            return write(left, symbols)
        return Text(f"Σ {write(left, symbols):*}, each row", CHOICE)
    if left.op == "ones":
        if left.shape[1] == 1:
            return write(right, symbols)
        return Text(f"Σ {write(right, symbols):*}, each column", CHOICE)
    texts = [(arg.op, write(arg, symbols)) for arg in (left, right)]
    return Text("·".join(f"({text})" if op == "multiply" else f"{text:*}" for op, text in texts), PRODUCT)


def _exp(node: Node, symbols: Symbols) -> Text:
    """eˢ where the exponent can be small, else exp(…)."""
    inner = node.args[0]
    small = superscript(_exponent(inner, symbols))
    if small:
        return Text(f"e{small}", POWER)
    if less_its_largest(inner) and inner.args[1].op == "max":
        return Text(f"exp({write(inner.args[0], symbols):+} − max)")
    return Text(f"exp({write(inner, symbols)})")


def less_its_largest(node: Node) -> bool:
    """Whether something's own largest numbers are taken away from it."""
    if node.op != "subtract":
        return False
    of, largest = node.args
    return largest.args[0] == of if largest.op == "max" else largest.op == "symbol" and largest.name == "max"


def _exponent(node: Node, symbols: Symbols, index: bool = False) -> str:
    """The text of an exponent; empty for what is more than a letter or two. Without the `index` of a letter only where
    its own largest number is taken off, right above."""
    if node.op == "negative":
        return "−" + (_exponent(node.args[0], symbols) or "?")
    if less_its_largest(node):
        letter = _exponent(node.args[0], symbols, index=True)
        return f"{letter}−max" if letter else ""
    if node.op == "subtract":
        parts = [_exponent(arg, symbols) for arg in node.args]
        return "−".join(parts) if all(parts) else ""
    if node.is_matrix or node.op == "symbol":
        text = (symbols.of(node.name) if node.is_matrix else "") or node.name
        letter = text.rstrip(INDICES)
        alone = (letter == text or index) and symbols.stems.isdisjoint({letter.swapcase()})
        return letter.lower() if alone and len(letter) == 1 and letter.isascii() else ""
    return f"{write(node, symbols)}" if node.is_number else ""


def _power(node: Node, symbols: Symbols) -> Text:
    base, exponent = (write(arg, symbols) for arg in node.args)
    small = superscript(_exponent(node.args[1], symbols))
    return Text(f"{base:.}{small}" if small else f"{base:.}^{exponent:.}", POWER)


def _log(node: Node, symbols: Symbols) -> Text:
    inner = write(node.args[0], symbols)
    return Text(f"ln {inner}", TOTAL) if inner.level >= ATOM else Text(f"ln({inner})")


def _total(node: Node, symbols: Symbols) -> Text:
    """Σ binds tighter than + and takes a whole product with it."""
    inner = write(node.args[0], symbols)
    summand = f"{inner:-}" if node.args[0].op == "log" else f"{inner:*}"
    return Text(f"Σ {summand}", PREFIX if inner.level >= POWER else TOTAL)


def _over_time(node: Node, symbols: Symbols) -> Text:
    inner = write(node.args[0], symbols)
    return Text(f"Σ{node.name} {inner:*}", PREFIX if inner.level >= POWER else TOTAL)


def _where(node: Node, symbols: Symbols) -> Text:
    condition, yes, no = (write(arg, symbols) for arg in node.args)
    rest = "" if node.args[2].value == 0 else f", else {no:+}"
    return Text(f"{yes:+} where {condition}{rest}", CHOICE)


def _slice(node: Node, symbols: Symbols) -> Text:
    """`x₃`, `G₁,₂`, `column 3 of H₁`, `rows 1–2 of X`; counted from 1."""
    base = node.args[0]
    cuts = [
        (axis, span)
        for axis, span in ((1, node.option("columns")), (0, node.option("rows")))
        if tuple(span) != (0, base.shape[axis])
    ]
    if not cuts:
        return write(base, symbols)
    if len(cuts) == 1 and base.is_matrix and cuts[0][1][1] - cuts[0][1][0] == 1:
        axis, (at, _) = cuts[0]
        text = line_of(base.name, axis, symbols.place(base.name, axis, at), symbols)
        return Text(text, TOTAL if " " in text else ATOM)
    if len(cuts) == 2 and base.is_matrix and node.shape == (1, 1):
        (_, (column, _)), (_, (row, _)) = cuts
        text = entry_of(base.name, symbols.place(base.name, 0, row), symbols.place(base.name, 1, column), symbols)
        return Text(text, TOTAL if " " in text else ATOM)
    kinds = ("row", "column")
    place = partial(symbols.place, base.name)
    ends = [(axis, place(axis, a), place(axis, b - 1)) for axis, (a, b) in cuts]
    named = [f"{kinds[axis]} {a}" if a == b else f"{kinds[axis]}s {a}–{b}" for axis, a, b in ends]
    return Text(f"{', '.join(reversed(named))} of {write(base, symbols):.}", TOTAL)


def _stack(node: Node, symbols: Symbols) -> Text:
    sign = "; " if node.op == "vstack" else " | "
    if all(arg.op == "flatten" for arg in node.args):
        inner = sign.join(f"{write(arg.args[0], symbols)}" for arg in node.args)
        return Text(f"[{inner}] row by row", COMPARISON)
    return Text(f"[{sign.join(f'{write(arg, symbols)}' for arg in node.args)}]")


def _negative(node: Node, symbols: Symbols) -> Text:
    """−Σ X, but −(row 1 of X): words are kept apart from the sign."""
    inner = write(node.args[0], symbols)
    return Text(f"−{inner:*}" if node.args[0].op == "slice" else f"−{inner:-}", SUM)


def _transpose(node: Node, symbols: Symbols) -> Text:
    inner = node.args[0]
    if inner.op == "tril" and inner.args[0].op == "ones":
        return Text("1 from the diagonal up", COMPARISON)
    return Text(f"{write(inner, symbols):.}ᵀ")


def _extreme(node: Node, symbols: Symbols) -> Text:
    return Text(f"{node.op}({write(node.args[0], symbols)})")


def _top(node: Node, symbols: Symbols) -> Text:
    """1 where a cell is among them."""
    many, along = node.option("k"), LINES[node.option("axis", 0)]
    first = "largest" if many == 1 else f"{many} largest"
    return Text(f"{first} of {write(node.args[0], symbols)}, each {along}", COMPARISON)


def _ordered(node: Node, symbols: Symbols) -> Text:
    """What is put in order, or where it then stands."""
    inner = node.args[0]
    name, of = ("argsort", inner) if node.op == "in_order" and inner.op == "ranks" else (node.op, node)
    more = f", each {LINES[1]}" if of.option("axis", 0) == 1 else ""
    more += ", largest first" if of.option("descending", False) else ""
    if node.op == "ranks":
        return Text(f"ranks of {write(of.args[0], symbols)}{more}", COMPARISON)
    return Text(f"{name}({write(of.args[0], symbols)}){more}", COMPARISON if more else 9)


def _pool(node: Node, symbols: Symbols) -> Text:
    size, x = node.option("size", 2), node.args[0]
    window = size if isinstance(size, tuple) else (1 if x.shape[0] == 1 else size, 1 if x.shape[1] == 1 else size)
    what = "max" if node.op == "max_pool" else "mean"
    return Text(f"{what} of {window[0]}×{window[1]} in {write(x, symbols):+}", COMPARISON)


def _reshape(node: Node, symbols: Symbols) -> Text:
    return Text(f"{write(node.args[0], symbols)} as {node.shape[0]}×{node.shape[1]}", COMPARISON)


def _rounded(node: Node, symbols: Symbols) -> Text:
    decimals = node.option("decimals", 0)
    return Text(f"round({write(node.args[0], symbols)}{f', {decimals}' if decimals else ''})")


def _leaky(node: Node, symbols: Symbols) -> Text:
    inner, slope = (write(arg, symbols) for arg in node.args)
    usual = operation(node).arguments[1][1]
    return Text(f"{operation(node).called}({inner}{'' if node.args[1].value == usual else f', {slope}'})")


def _along(node: Node, symbols: Symbols) -> Text:
    """`max(A, each row)`, and `(Σ A, each row)` for what has no brackets."""
    inner = write(node.args[0], symbols)
    if inner.level == ATOM and inner.text.endswith(")"):
        return Text(f"{inner.text[:-1]}, {node.name})")
    return Text(f"{inner}, {node.name}", CHOICE)


def _gradient(node: Node, symbols: Symbols) -> Text:
    """Of a helper without a name; `name` is its loss where another one has a gradient there."""
    of, direction = directed(node.args[0])
    inner = f"{write(of, symbols):.}"
    if direction not in ("", SAID[UNSAID]):
        inner = f"({write(of, symbols)}, {direction})"
    inner = f"({inner})" if inner.endswith("ᵀ") else inner
    return Text(f"{f'∂{node.name}/' if node.name else ''}∂{inner}")


def _norm(node: Node, symbols: Symbols) -> Text:
    return Text(f"norm({write(node.args[0], symbols)})")


WRITERS: Mapping[str, Callable[[Node, Symbols], Text]] = {
    "multiply": _multiply, "divide": _divide, "matmul": _matmul, "exp": _exp, "power": _power, "log": _log,
    "sum": _total, "over_time": _over_time, "where": _where, "slice": _slice, "vstack": _stack, "hstack": _stack,
    "transpose": _transpose, "mean": _extreme, "max": _extreme, "min": _extreme,
    "sort": _ordered, "ranks": _ordered, "in_order": _ordered,
    "top_k": _top, "max_pool": _pool, "avg_pool": _pool, "reshape": _reshape, "round": _rounded,
    "leaky_relu": _leaky, "elu": _leaky,
    "layer_norm": _norm, "along": _along, "gradient": _gradient, "negative": _negative,
}  # fmt: skip
