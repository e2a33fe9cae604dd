"""A program as text: what `sheetgen show` prints."""

from __future__ import annotations

from sheetgen.errors import brief
from sheetgen.ir.program import Given, Loss, Program, Statement
from sheetgen.lang.show import show
from sheetgen.names import AFTER

HEADINGS = {"forward": "Forward", "backward": "Backward", "update": "Update", "after": AFTER}


def listing(program: Program, written: str = "") -> str:
    """The given matrices, then every statement by phase, in order: `[step] Z1 (4×1) = [W1 | b1] @ [X ; 1]`.

    `written` is what layers and uses of functions became, as text for a spec; it comes first.
    """
    lines = [program.title, ""]
    if written:
        lines += ["Written out", *(f"    {line}" for line in written.splitlines()), ""]
    lines.append("Given")
    lines += [f"    {given.name} ({_shape(given.shape)})  {given.role}{_graph(given)}" for given in program.givens]
    phase = ""
    for statement in program.statements:
        if statement.phase != phase:
            phase = statement.phase
            lines += ["", HEADINGS[phase]]
        lines.append(f"{f'[{statement.step}]':>5} {_names(statement)} = {show(statement.expr)}")
    lines += [""] * bool(program.losses) + [f"Loss: {_descent(loss)}" for loss in program.losses]
    return "\n".join(lines)


def _descent(loss: Loss) -> str:
    return loss.name + (f", descended by {', '.join(loss.parameters)}" if loss.parameters else "")


def _graph(given: Given) -> str:
    """How a graph was read, and the order of its nodes."""
    if given.graph is None:
        return ""
    return f". {given.about} Nodes: {brief(', '.join(given.graph.labels), 200)}"


def _names(statement: Statement) -> str:
    return f"{statement.name} ({_shape(statement.shape)})"


def _shape(shape: tuple[int, int]) -> str:
    return f"{shape[0]}×{shape[1]}"
