"""Reverse-mode differentiation and the update: a forward program gets its backward pass, in stages.

`fuse` finds losses whose gradient simplifies with the function before them, `reverse` accumulates gradients, `update`
takes a step and looks at the loss again, `narrate` puts sections, steps and sentences to all of it; then composites are
spelled out, and what stands somewhere already isn't computed once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sheetgen.errors import SpecError
from sheetgen.ir.program import Program
from sheetgen.ir.walk import leading_to
from sheetgen.passes.expand import expand
from sheetgen.passes.grad.reverse import gradients
from sheetgen.passes.grad.update import updated
from sheetgen.passes.names import Names
from sheetgen.passes.narrate import narrated
from sheetgen.passes.number import drawable, numbered

__all__ = ["differentiate", "drawable_form"]


def differentiate(program: Program, wrt: Sequence[str] = (), learning_rate: float | None = None) -> Program:
    """Append the gradient of `program.loss` with respect to every parameter and the matrices in `wrt`.

    Every gradient has the shape of its matrix. With a `learning_rate`, parameters are then updated once,
    W - rate · dL/dW, and the loss is computed again; the rate becomes a given 1×1 matrix. The result is in drawable
    form, with composites spelled out. Raises SpecError if there is no loss, it depends on no parameter, or a name in
    `wrt` doesn't lead to it.
    """
    loss = program.loss
    if loss is None:
        raise SpecError("backward: name the loss that is to be differentiated, such as `loss: L`.")
    program = numbered(program)
    made, held = gradients(program, loss, wanted(program, loss, wrt), Names(program.names))
    distributions = tuple(dict.fromkeys([*program.distributions, *held]))
    whole = replace(program, statements=(*program.statements, *made), distributions=distributions)
    if learning_rate is not None:
        whole = updated(whole, loss, learning_rate)
    return drawable_form(narrated(whole))


def wanted(program: Program, loss: str, wrt: Sequence[str]) -> set[str]:
    """The parameters that lead to `loss`, and the matrices in `wrt`."""
    leads = leading_to({loss}, [s for s in program.statements if s.kind == "matrix"])
    parameters = [given.name for given in program.givens if given.role == "parameter"]
    for name in wrt:
        if name not in program.names:
            known = ", ".join(f"`{name}`" for name in parameters)
            raise SpecError(f"wrt: there is no matrix `{name}`; the parameters are {known}.", at=("backward", "wrt"))
        if name not in leads:
            raise SpecError(f"wrt: `{loss}` doesn't depend on `{name}`.", at=("backward", "wrt"))
    if not leads & {*parameters, *wrt}:
        problem = f"backward: `{loss}` doesn't depend on any parameter; give a matrix the role `parameter`."
        raise SpecError(problem, at=("backward",))
    return {*parameters, *wrt}


def drawable_form(program: Program) -> Program:
    """`program` in drawable form: composites and gradients spelled out, what stands somewhere computed once."""
    return numbered(drawable(expand(program)))
