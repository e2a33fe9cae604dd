"""What stands at a helper without a name whose expression is too long for its place: so much of it that a reader can
complete the rest, never a sign without what it is applied to."""

from __future__ import annotations

from collections.abc import Iterator

from sheetgen.ir.node import Node
from sheetgen.layout import measure
from sheetgen.layout.words.directions import SAID, UNSAID, directed
from sheetgen.layout.words.equations import less_its_largest, whole, write
from sheetgen.layout.words.symbols import Symbols
from sheetgen.ops.base import operation

EACH = "each"
"""A cell of the operand, which is in sight."""
POWER = "eˣ⁻ᵐᵃˣ"
"""The same of a softmax, where nothing else is called x."""
SIGNS = {"add": "+", "subtract": "−"}


def shortened(node: Node, symbols: Symbols, of: str = "") -> tuple[str, ...]:
    """An expression in fewer words, the best first: `√mean(X²)` without its direction, which is down the columns,
    `Kᵀ·Q of rows 3–4`, `exp(each − max)`; where its cells are the terms of a sum, whose: `L, term by term`; last its
    beginning, `X − mean`, `−Y·ln P − …`."""
    longest = measure.text_width(whole(node, symbols))
    terms = (f"{of}, term by term", f"terms of {of}") if of else ()
    node, direction = directed(node)
    end = "" if direction in ("", SAID[UNSAID]) else f", {direction}"
    ways = (write(node, symbols), *_ways(node, symbols))
    found = (*(f"{way}{end}" for way in ways), *terms, *(f"{way}{end}" for way in _beginnings(node, symbols)))
    return tuple(text for text in dict.fromkeys(found) if measure.text_width(text) < longest)


def _ways(node: Node, symbols: Symbols) -> Iterator[str]:
    spans = {arg.option("rows") for arg in map(_cut, node.args)} if node.op == "matmul" else {None}
    if len(spans) == 1 and (span := spans.pop()) is not None:
        product = node.with_args(tuple(map(_uncut, node.args)))
        rows_of = f"of rows {span[0] + 1}–{span[1]}" if span[1] - span[0] > 1 else f"of row {span[1]}"
        yield from (f"{write(product, symbols)} {rows_of}", rows_of)
    known = operation(node)
    if known.called and known.kind == "elementwise" and len(node.args) == 1:
        of, own = node.args[0], less_its_largest(node.args[0])
        if own or of.op != "subtract" or "max" not in (of.args[1].op, of.args[1].name):
            yield f"{known.called}({EACH}{' − max' if own else ''})"
        if node.op == "exp" and own and "x" not in symbols.looks:
            yield POWER
        yield f"{known.called}(…)"


def _beginnings(node: Node, symbols: Symbols) -> Iterator[str]:
    while node.op in SIGNS:
        sign, (node, second) = SIGNS[node.op], node.args
        if node in second.args and operation(second).called:
            yield f"{write(node, symbols):+} {sign} {operation(second).called}"
        yield f"{write(node, symbols):+} {sign} …"


def _cut(node: Node) -> Node:
    """The operand of a product as it is cut out of its matrix, whichever way it is turned."""
    return node.args[0] if node.op == "transpose" else node


def _uncut(node: Node) -> Node:
    return node.with_args((node.args[0].args[0],)) if node.op == "transpose" else node.args[0]

