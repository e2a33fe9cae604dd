"""Reverse-mode differentiation and the update: a forward program gets its backward pass, in stages.

`fuse` finds losses whose gradient simplifies with the function before them, `reverse` accumulates gradients, `update`
takes a step and looks at the loss again, `narrate` puts sections, steps and sentences to all of it; then composites are
spelled out, and what stands somewhere already isn't computed once more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from sheetgen.errors import SpecError
from sheetgen.ir.names import Names
from sheetgen.ir.program import Program, Statement
from sheetgen.ir.walk import leading_to
from sheetgen.passes.expand import expand
from sheetgen.passes.grad.reverse import gradients
from sheetgen.passes.grad.update import updated
from sheetgen.passes.narrate import narrated
from sheetgen.passes.number import drawable, numbered

__all__ = ["differentiate", "drawable_form"]


def differentiate(program: Program, wrt: Sequence[str] = (), learning_rate: float | None = None) -> Program:
    """Append the gradient of each of the program's losses with respect to its parameters and the matrices in `wrt`.

    Every gradient has the shape of its matrix. With a `learning_rate`, parameters are then updated once,
    W - rate · dL/dW, and the losses are computed again; the rate becomes a given 1×1 matrix. The result is in drawable
    form, with composites spelled out. Raises SpecError if there is no loss, one depends on no parameter, two of them on
    the same, or a name in `wrt` doesn't lead to them.
    """
    if not program.losses:
        raise SpecError("backward: name the loss that is to be differentiated, such as `loss: L`.")
    program, names = numbered(program), Names(program.names)
    owned, banded, beside, forms = set[str | None](), list[Statement](), list[Statement](), [*program.distributions]
    for loss, wanted in zip(program.losses, _wanted(program, wrt), strict=True):
        made, held = gradients(program, loss.name, wanted, names)
        if owned & {s.gradient_of for s in made}:
            banded += [_in_bands(s, wanted) for s in made]
        else:
            beside += made
        owned |= {s.gradient_of for s in made}
        forms += held
    statements = (*program.statements, *banded, *beside)  # the first sheet's numbers come first
    whole = replace(program, statements=statements, distributions=tuple(dict.fromkeys(forms)))
    if learning_rate is not None:
        whole = updated(whole, learning_rate)
    return drawable_form(narrated(whole))


def _in_bands(s: Statement, wanted: Collection[str]) -> Statement:
    """A gradient whose matrix has that of another loss beside it: it stands in bands of its own."""
    return replace(s, phase="forward", auxiliary=s.auxiliary or s.gradient_of not in wanted)


def _wanted(program: Program, wrt: Sequence[str]) -> list[set[str]]:
    """The matrices whose gradients are wanted, of each loss: its parameters, and those in `wrt` that lead to it."""
    statements = [s for s in program.statements if s.kind == "matrix"]
    parameters = [given.name for given in program.givens if given.role == "parameter"]
    leads = {loss.name: leading_to({loss.name}, statements) for loss in program.losses}
    losses = " or ".join(f"`{name}`" for name in leads)
    for name in wrt:
        if name not in program.names:
            known = ", ".join(f"`{name}`" for name in parameters)
            raise SpecError(f"wrt: there is no matrix `{name}`; the parameters are {known}.", at=("backward", "wrt"))
        if not any(name in found for found in leads.values()):
            raise SpecError(f"wrt: {losses} doesn't depend on `{name}`.", at=("backward", "wrt"))
    for loss in program.losses:
        if not leads[loss.name] & {*(loss.parameters or parameters), *wrt}:
            problem = f"backward: `{loss.name}` doesn't depend on any parameter; give a matrix the role `parameter`."
            raise SpecError(problem, at=("backward",))
        if (idle := next((p for p in loss.parameters if p not in leads[loss.name]), None)) is not None:
            raise SpecError(f"backward: `{loss.name}` doesn't depend on `{idle}`.", at=("backward", loss.name))
    for name in parameters if len(leads) > 1 else ():
        of = [loss.name for loss in program.losses if name in (loss.parameters or leads[loss.name])]
        if len(of) > 1:
            example = ", ".join(f"{each}: [{name if k == 0 else '…'}]" for k, each in enumerate(of))
            both = " and ".join(f"`{each}`" for each in of)
            problem = f"`{name}` leads to {both}: say which it descends, `backward: {{{example}}}`."
            raise SpecError(problem, at=("loss",))
    return [{*(loss.parameters or parameters), *(name for name in wrt if name in leads[loss.name])}
            for loss in program.losses]  # fmt: skip


def drawable_form(program: Program) -> Program:
    """`program` in drawable form: composites and gradients spelled out, what stands somewhere computed once."""
    return numbered(drawable(expand(program)))
