"""Numbers that a spreadsheet takes for equal although their last digits differ, and what hangs on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from sheetgen.cells.a1 import span
from sheetgen.ir.node import Node
from sheetgen.ir.program import Program
from sheetgen.ir.walk import nodes
from sheetgen.layout.plan import WorkbookPlan
from sheetgen.ops import operation
from sheetgen.passes.evaluate import value_of
from sheetgen.proof.compare import home_of
from sheetgen.proof.report import Ties


def find_ties(program: Program, values: Mapping[str, np.ndarray], plan: WorkbookPlan) -> Ties | None:
    """The cells that hang on such numbers, in a program with numpy's `values`; None if there are none.

    A difference that is 0 for that reason counts where something is decided by it.
    """
    made = [s for s in program.statements if s.kind == "matrix"]
    deciding = {ref.name for s in made for node in nodes(s.expr) for ref in _deciding(node)}
    found: dict[str, tuple[int, tuple[int, int]]] = {}
    for s in made:
        decides = s.name in deciding or any(True for node in nodes(s.expr) for _ in _deciding(node))
        tied = _tied(s.expr, values, s.shape) if decides else None
        if tied is not None and tied.any():
            row, column = np.argwhere(tied)[0]
            found[s.name] = int(tied.sum()), (int(row), int(column))
    if not found:
        return None
    name, (_, at) = next(iter(found.items()))
    home = home_of(plan, name)
    address = f"{home[0].title}!{span(home[1].row + at[0], home[1].column + at[1])}" if home is not None else ""
    return Ties(sum(count for count, _ in found.values()), name, address)


def _deciding(node: Node) -> Iterator[Node]:
    """The matrices by whose size an operation decides what it does."""
    rule = operation(node)
    if rule.kink is not None or rule.jumps:
        for k, arg in enumerate(node.args):
            if not rule.selects or k in rule.selects:
                yield from arg.references


def _tied(expr: Node, values: Mapping[str, np.ndarray], shape: tuple[int, int]) -> np.ndarray | None:
    """Where a matrix's own cells hang on a tie; all of them where an inner matrix of another shape has one."""
    found = None
    for part in _parts(expr, values):
        if part.any():
            here = np.broadcast_to(part if part.shape == shape else np.array(True), shape)
            found = here if found is None else found | here
    return found


def _parts(expr: Node, values: Mapping[str, np.ndarray]) -> Iterator[np.ndarray]:
    for node in nodes(expr):
        ties = operation(node).ties
        if ties is not None:
            args = [value_of(arg, values) for arg in node.args]
            with np.errstate(all="ignore"):
                yield np.asarray(ties(*args, **dict(node.options)))
