"""One step of gradient descent, and the forward pass once more."""

from __future__ import annotations

import numpy as np

from sheetgen.ir.names import Names
from sheetgen.ir.node import matrix
from sheetgen.ir.program import Given, Program, Statement
from sheetgen.ir.walk import depending_on, leading_to, substitute
from sheetgen.records import replace


def updated(program: Program, learning_rate: float) -> Program:
    """`program`, which has its gradients, with new parameters and with all that its losses need of them computed again.

    The rate becomes a given 1×1 matrix.
    """
    names = Names(program.names)
    rate = Given(names.fresh("learning_rate"), "constant", np.array([[float(learning_rate)]]), about=ABOUT)
    losses = {loss.name for loss in program.losses}
    gradients = [s for s in program.statements if s.loss in losses and s.step == 0]
    found = {s.gradient_of: matrix(s.name, s.shape) for s in gradients if s.gradient_of}
    new: dict[str, str] = {}
    updates: list[Statement] = []
    for given in program.givens:
        if given.role == "parameter" and given.name in found:
            new[given.name] = names.fresh(f"{given.name}_new")
            value = matrix(given.name, given.shape) - matrix(rate.name, (1, 1)) * found[given.name]
            updates.append(Statement(new[given.name], value, 0, phase="update", repeats=given.name))
    forward = [s for s in program.statements if s.phase == "forward" and s.kind == "matrix"]
    changed, needed = depending_on(new, forward), leading_to(losses, forward)
    loops = {s.round[0] for s in forward if s.round and s.name in changed & needed}
    whole = {s.name for s in forward if s.round and s.round[0] in loops}  # so that its rounds stay alike
    renewed = (changed | whole) & needed
    again = [s for s in forward if s.name in renewed]
    for s in again:
        new[s.name] = names.fresh(f"{s.name}_new")
    return replace(
        program,
        givens=(*program.givens, rate),
        statements=(*program.statements, *updates, *(_again(s, new) for s in again)),
    )


ABOUT = "How far each update goes."


def _again(s: Statement, new: dict[str, str]) -> Statement:
    """A statement of the forward pass with the new matrices in it."""
    origin = replace(s.origin, of=new.get(s.origin.of, s.origin.of)) if s.origin else None
    expr = substitute(s.expr, new)
    return replace(s, name=new[s.name], expr=expr, step=0, phase="after", repeats=s.name, origin=origin,
                   gradient_of=None)  # fmt: skip
