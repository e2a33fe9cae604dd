"""What the parts of a gradient are called that come from its matrix's readers, one by one: never as their sum."""

from __future__ import annotations

from collections.abc import Iterable

from sheetgen.layout.geometry.figure import Box


def shown(box: Box) -> str:
    """The key of the box that a box repeats, turned perhaps; empty if it computes anything."""
    node = box.expr
    while node is not None and node.op == "transpose":
        node = node.args[0]
    return node.name if node is not None and node.is_matrix else ""


def alone(boxes: Iterable[Box]) -> frozenset[str]:
    """The shares, by key, that are all that reaches their matrix: its own gradient only repeats them."""
    boxes = tuple(box for box in boxes if box.kind != "copy")
    parts = {box.key for box in boxes if box.kind == "part"}
    return frozenset(key for box in boxes if box.phase == "backward" and (key := shown(box)) in parts)



def share(gradient: str, of: str, said: str) -> tuple[str, ...]:
    """What a share of a `gradient` is called, that of the matrix `of`, which computes what is `said`, the longest
    first."""
    return (f"{said}, part of {gradient}", f"part of {gradient}", f"to {of}")


def part(name: str, differentiated: bool) -> tuple[str, ...]:
    """What a stack's gradient is called at the rows of `name`, which may have a gradient of its own that reads it."""
    return (f"part of ∂{name}", f"to {name}") if differentiated else (f"∂{name}",)
