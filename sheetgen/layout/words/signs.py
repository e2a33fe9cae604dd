"""Signs in gutters: what stands left of a sign, the sign, and what stands above its end are all that the cells at its
end compute."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sheetgen.ir.node import Node
from sheetgen.layout.geometry.figure import Arrow, Box
from sheetgen.layout.words.notation import ARROW, BACK, number_text
from sheetgen.layout.words.plain import plain
from sheetgen.ops.base import operation

MIRRORED = {">": "<", "<": ">", "≥": "≤", "≤": "≥", "=": "=", "+": "+", "∘": "∘", "·": "·"}
"""What is read where the second operand stands first."""
OF_TWO = ("+", "−")
"""Signs of two operands under which `÷ 2` is read as what their result is divided by."""
FAR = 30
"""Rows between boxes of a lane beyond which nobody reads the one with the other."""
Sign = tuple[str, ...]
"""A sign, and what follows it where what it gives is scaled: `Σ` and `÷ 8`, `+` and `÷ 2`."""
Path = tuple[tuple[Node, int], ...]
"""The operations around an operand, the innermost first, and which argument of each it is in."""


def signs_between(boxes: Sequence[Box], arrows: Iterable[Arrow]) -> dict[Arrow, Sign]:
    """What stands in each gutter between boxes."""
    gutters = _Gutters(boxes)
    return {arrow: gutters.sign(arrow) for arrow in arrows}


@dataclass(frozen=True)
class _Gutters:
    """The gutters between the boxes of a page."""

    boxes: Sequence[Box]

    @cached_property
    def _keys(self) -> Mapping[str, Box]:
        return {box.key: box for box in self.boxes}

    @cached_property
    def _columns(self) -> Mapping[tuple[int, int], Sequence[Box]]:
        """The boxes that stand in a column, from top to bottom, by sheet and column."""
        found: dict[tuple[int, int], list[Box]] = defaultdict(list)
        for box in self.boxes:
            for column in range(box.column, box.right) if box.kind != "ones" else ():
                found[box.sheet, column].append(box)
        return {at: sorted(lane, key=_row) for at, lane in found.items()}

    def sign(self, arrow: Arrow) -> Sign:
        """What stands in a gutter if it reads as the formula at its end; an arrow else, and for a new weight."""
        target = self._keys[arrow.target]
        if arrow.back:
            return (BACK,)
        if target.expr is None or target.phase == "update":
            return (ARROW,)
        return gutter(target.expr, arrow.source, self._above(target, target.expr))

    def _above(self, box: Box, node: Node) -> str:
        """The operand that stands next above a box in its own columns, by key; of a gradient, whose lane is read
        upwards, the one next below. Empty where it is no operand."""
        lane, row = self._columns[box.sheet, box.column], box.row
        at = bisect_right(lane, row, key=_row) if box.phase == "backward" else bisect_left(lane, row, key=_row) - 1
        near = lane[at] if 0 <= at < len(lane) else None
        if near is None or (near.column, near.width) != (box.column, box.width):
            return ""
        if max(near.row - box.below, box.row - near.below) > FAR:
            return ""
        return near.key if near.key in {ref.name for ref in node.references} else ""


def _row(box: Box) -> int:
    return box.row


def gutter(node: Node, key: str, above: str = "") -> Sign:
    """The sign between the box `key` and the cells that compute `node`, the box `above` standing above these: of a
    total or a function of `key` alone, or what joins `key` with `above`, and what that is divided by; an arrow wherever
    that isn't all that they compute, for products, and for whatever has no sign."""
    node = plain(node)
    if whole := total(node, key):
        return whole
    if node.op == "divide" and node.args[1].is_number and not node.args[0].is_matrix:
        sign, *more = gutter(node.args[0], key, above)
        two = sign in OF_TWO and not more
        return (sign, f"÷ {number_text(node.args[1].value or 0.0):/}") if two else (ARROW,)
    names = [arg.name if arg.is_matrix else "" for arg in node.args]
    known = operation(node)
    if names == [key] and known.kind == "elementwise":
        return (known.sign or ARROW,)
    if known.kind != "elementwise" or not above or sorted(names) != sorted([key, above]):
        return (ARROW,)
    sign = "·" if node.op == "multiply" and (1, 1) in (arg.shape for arg in node.args) else known.sign
    return ((sign if names == [key, above] else MIRRORED.get(sign, ARROW)) or ARROW,)


def total(node: Node, key: str) -> Sign:
    """`Σ`, or `Σ` and `÷ 8`, if `node` is nothing but a scaled total of the box `key`; empty for anything else."""
    paths = list(_paths(plain(node), key))
    if len(paths) != 1 or not paths[0] or operation(paths[0][0][0]).kind != "reduction":
        return ()
    return _scaled(operation(paths[0][0][0]).sign, paths[0][1:]) or ()


def _paths(node: Node, key: str, outside: Path = ()) -> Iterator[Path]:
    """From each place of a matrix in an expression outwards."""
    if node.is_matrix and node.name == key:
        yield outside
    for k, arg in enumerate(node.args):
        yield from _paths(arg, key, ((node, k), *outside))


def _scaled(sign: str, outside: Path) -> Sign | None:
    """A total with what it is multiplied or divided by; None if more is done with it."""
    after = ""
    for node, k in outside:
        other = node.args[1 - k] if len(node.args) == 2 else None
        if node.op == "negative":
            sign = f"−{sign}"
        elif node.op == "divide" and k == 0 and other is not None and other.is_number and not after:
            after = f"÷ {number_text(other.value or 0.0):/}"
        elif node.op == "multiply" and other is not None and other.is_number and not after:
            sign = f"{number_text(other.value or 0.0):*}{sign}"
        else:
            return None
    return (sign, after) if after else (sign,)
