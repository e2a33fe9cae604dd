"""Reverse-mode differentiation and the update: a forward program gets its backward pass, in stages.

`fuse` finds losses whose gradient simplifies with the function before them, `reverse` accumulates gradients, `update`
takes a step and looks at the loss again, `narrate` puts sections, steps and sentences to all of it; then composites are
spelled out, and what stands somewhere already isn't computed once more.
"""

from __future__ import annotations

from collections.abc import Sequence

from sheetgen.errors import SpecError
from sheetgen.ir.program import Program
from sheetgen.passes.expand import expand
from sheetgen.passes.grad.reverse import gradients
from sheetgen.passes.grad.update import updated
from sheetgen.passes.narrate import narrated
from sheetgen.passes.number import drawable, numbered

__all__ = ["differentiate"]


def differentiate(program: Program, wrt: Sequence[str] = (), learning_rate: float | None = None) -> Program:
    """Append the gradient of `program.loss` with respect to every parameter and the matrices in `wrt`.

    Every gradient has the shape of its matrix. With a `learning_rate`, parameters are then updated once,
    W - rate · dL/dW, and the loss is computed again; the rate becomes a given 1×1 matrix. The result is in drawable
    form, with composites spelled out. Raises SpecError if there is no loss, it depends on no parameter, or a name in
    `wrt` doesn't lead to it.
    """
    if program.loss is None:
        raise SpecError("backward: name the loss that is to be differentiated, such as `loss: L`.")
    whole = gradients(numbered(program), program.loss, wrt)
    if learning_rate is not None:
        whole = updated(whole, program.loss, learning_rate)
    return numbered(drawable(expand(narrated(whole))))
