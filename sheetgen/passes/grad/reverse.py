"""Reverse-mode differentiation: a forward program gets its backward pass, update and second look
at the loss, all as ordinary statements and steps.

Drawn around the forward pass, a gradient through a product comes out transposed, because that is
how it can stand beside the forward matrices without copies: for C = A @ B, `dA_T = B @ dC_T` and
`dB_T = dC_T @ A`. Cell-by-cell operations keep the orientation of the gradient that reaches them.
Names of transposed gradients end in `_T`.

Mirrored, on a sheet of its own, every gradient has the orientation and the place of its matrix, and
what reaches it is added up in one go: `dA = dC @ B.T`, `dB = A.T @ dC + …`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sheetgen.errors import SpecError, brief
from sheetgen.ir.node import Node, Shape, call, matrix, number
from sheetgen.ir.program import Given, Origin, Part, Phase, Program, Statement, Step
from sheetgen.ir.walk import references, substitute
from sheetgen.lang.infer import did_you_mean, show
from sheetgen.ops import OPERATIONS
from sheetgen.ops.base import full, zeros
from sheetgen.ops.views import cut
from sheetgen.passes.grad.algebra import blocks_of, fit, spelled_out, sum_up
from sheetgen.passes.grad.fuse import Fusion, fusions
from sheetgen.passes.hoist import Names, Piece, normal_form
from sheetgen.passes.narrate import backward_sentence, nothing_sentence, several_sentence

MOST_SUMMANDS = 50
"""Uses of one matrix, such as time steps, whose shares of a gradient are added up in one formula."""


def differentiate(
    program: Program, wrt: Sequence[str] = (), learning_rate: float | None = None, mirrored: bool = False
) -> Program:
    """Append the gradient of `program.loss` with respect to every parameter and the matrices in `wrt`.

    The gradient of a rows × columns matrix is rows × columns, or columns × rows where its name ends in `_T`. With a
    `learning_rate`, parameters are then updated once, W - rate · dL/dW, and the loss is computed again; the rate
    becomes a given 1×1 matrix. `mirrored` leaves no gradient transposed. Raises SpecError if there is no loss, it
    depends on no parameter, or a name in `wrt` doesn't lead to it.
    """
    if program.loss is None:
        raise SpecError("backward: name the loss that is to be differentiated, such as `loss: L`.")
    reverse = _Reverse(program, program.loss, wrt, mirrored)
    reverse.run()
    if learning_rate is not None:
        reverse.update(learning_rate)
    return replace(
        program,
        givens=tuple(reverse.givens),
        statements=(*program.statements, *reverse.statements),
        steps=(*program.steps, *reverse.steps),
        gradients=reverse.result,
        names=reverse.shapes,
        mirrored=mirrored,
    )


@dataclass(frozen=True)
class _Share:
    """One use's share of a gradient, in the matrix's own orientation; `flipped` if it is better drawn
    transposed; `final` if it is the whole gradient, already computed under its name."""

    term: Node
    flipped: bool
    final: bool = False
    via: str = ""
    """The statement that it came through."""


class _Reverse:
    def __init__(self, program: Program, loss: str, wrt: Sequence[str], mirrored: bool) -> None:
        self.program, self.loss, self.mirrored = program, loss, mirrored
        self.givens = list(program.givens)
        self.forward = [s for s in program.statements if s.kind == "matrix"]
        self.maker = {s.name: s for s in self.forward}
        self.shapes: dict[str, Shape] = {g.name: g.shape for g in program.givens}
        self.shapes.update({p.name: p.shape for s in program.statements for p in s.parts})
        self.names = Names(self.shapes)
        self.sections = {step.number: step.section for step in program.steps}
        self.statements: list[Statement] = []
        self.steps: list[Step] = []
        self.shares: dict[str, list[_Share]] = {loss: [_Share(number(1), False)]}
        self.at = ""
        """The statement that the walk has come to."""
        self.via: dict[str, Statement] = {}
        """The statement that a matrix's gradient came through last."""
        self.result: dict[str, Node] = {}
        """Finished gradients by matrix, each in the matrix's own orientation."""
        parameters = [g.name for g in program.givens if g.role == "parameter"]
        self.wanted = set(parameters) | set(wrt)
        leads = self._leading_to({loss})
        for name in wrt:
            if name not in self.shapes:
                raise SpecError(f"wrt: there is no matrix `{name}`.{did_you_mean(name, self.shapes)}")
            if name not in leads:
                raise SpecError(f"wrt: `{loss}` doesn't depend on `{name}`.", at=("backward", "wrt"))
        self.active = leads & self._depending_on(self.wanted)
        if not self.active & self.wanted:
            problem = f"backward: `{loss}` doesn't depend on any parameter; give a matrix the role `parameter`."
            raise SpecError(problem, at=("backward",))
        self.fused: dict[str, Fusion] = fusions(program, self.forward, leads, self.wanted, self.active)
        self.skipped = {name for fusion in self.fused.values() for name in fusion.skipped}
        self.uses: Counter[str] = Counter()
        for s in self.forward:
            if s.name in self.active and s.name not in self.skipped:
                self.uses.update(self._used(s))
        self.only = {name for name, count in self.uses.items() if count == 1}

    def _used(self, statement: Statement) -> list[str]:
        if statement.name in self.fused:
            return [self.fused[statement.name].source]
        return [ref.name for ref in references(statement.expr)]

    def _leading_to(self, names: set[str]) -> set[str]:
        found = set(names)
        for s in reversed(self.forward):
            if s.name in found:
                found |= {ref.name for ref in references(s.expr)}
        return found

    def _depending_on(self, names: set[str]) -> set[str]:
        found = set(names)
        for s in self.forward:
            if any(ref.name in found for ref in references(s.expr)):
                found.add(s.name)
        return found

    # The walk

    def run(self) -> None:
        for statement in reversed(self.forward):
            self.at = name = statement.name
            if name not in self.active or name in self.skipped:
                continue
            g = self.finish(name, statement)
            if g is not None:
                if name in self.fused:
                    fusion = self.fused[name]
                    self.contribute(fusion.source, fit(fusion.gradient(g), self.shapes[fusion.source], (1, 1)), False)
                elif statement.expr.op == "matmul" and not self.mirrored:
                    self.product(statement, g)
                else:
                    self.pull(statement.expr, matrix(name, statement.shape), g, _is_flipped(g))
            self.via.update(dict.fromkeys(self._used(statement), statement))
            self.uses.subtract(self._used(statement))
            for used in dict.fromkeys(self._used(statement)):
                if used in self.wanted and used not in self.maker and self.uses[used] == 0:
                    self.finish(used, statement)

    def contribute(self, name: str, term: Node, flipped: bool, final: bool = False) -> None:
        if name in self.active and term.value != 0:
            share = _Share(spelled_out(term) if self.mirrored else term, flipped and not self.mirrored, final, self.at)
            self.shares.setdefault(name, []).append(share)

    def finish(self, name: str, statement: Statement) -> Node | None:
        """The gradient of `name`, computed under its own name unless it is a mere number."""
        shares = self.shares.pop(name, [])
        shape = self.shapes[name]
        if not shares:
            if name in self.wanted:
                self.result[name] = self.emit(name, zeros(shape), shape, False, statement)
            return self.result.get(name)
        if shares[0].final:
            self.result[name] = shares[0].term
            return shares[0].term
        term = sum_up(self.in_parts(name, statement, shares))
        product = statement.expr.op == "matmul" and statement.name == name
        auxiliary = name in self.maker and self.maker[name].auxiliary
        mere = (term.is_number and not product) or (auxiliary and _is_reference(term))
        if name in self.wanted or not mere:
            via = tuple(share.via for share in shares)
            term = self.emit(name, term, shape, all(s.flipped for s in shares), statement, via)
        self.result[name] = term
        return term

    def in_parts(self, name: str, statement: Statement, shares: list[_Share]) -> list[Node]:
        """The summands of a gradient; of very many, the partial sums, as a formula has its limits."""
        if len(shares) <= MOST_SUMMANDS:
            return [share.term for share in shares]
        several = [shares[k : k + MOST_SUMMANDS] for k in range(0, len(shares), MOST_SUMMANDS)]
        return [self.part(name, statement, some) for some in several]

    def part(self, name: str, statement: Statement, shares: list[_Share]) -> Node:
        term = sum_up([share.term for share in shares])
        label = self.names.fresh(f"{self.label(name, False)}_part")
        self.step(
            self.section_of(name, statement), f"{label} = {show(term)}", f"A part of the gradient of {name}.", label
        )
        origin = Origin("add", "part", self.label(name, False))
        via = tuple(share.via for share in shares)
        forms = normal_form(label, term, self.names.fresh, inline_products=self.mirrored)
        self.compute([*forms[:-1], forms[-1]._replace(origin=origin)], via=via)
        return matrix(label, term.shape)

    def emit(
        self, name: str, term: Node, shape: Shape, flipped: bool, statement: Statement, via: tuple[str, ...] = ()
    ) -> Node:
        """Statements and a step that compute `term` as the gradient of `name`."""
        if term.shape != shape:
            term = full(term, shape)
        flipped = flipped and shape != (1, 1)
        label = self.names.fresh(self.label(name, flipped))
        node = term.T if flipped else term
        forms = normal_form(label, node, self.names.fresh, inline_products=self.mirrored)
        through = self.via.get(name, statement)
        fused = name in {fusion.source for fusion in self.fused.values()}
        sentence = backward_sentence(self.loss, (name,), self.maker.get(name), through, fused)
        if node.op == "zeros":
            sentence = nothing_sentence(name)
        if len(via) > 1:
            sentence = several_sentence(name)
        self.step(self.section_of(name, statement), f"{label} = {show(node)}", sentence, label)
        self.compute(forms, name, via)
        ref = matrix(label, node.shape)
        return ref.T if flipped else ref

    def compute(self, forms: list[Piece], name: str | None = None, via: tuple[str, ...] = ()) -> None:
        """Statements of the last step for a normal form; the last is the gradient of `name`, or a part of one."""
        for made, expr, origin in forms:
            last = made == forms[-1].name
            self.add(
                (Part(made, expr.shape),), expr, "backward", gradient_of=name if last else None,
                via=via if last else (), auxiliary=origin is not None, origin=origin,
            )  # fmt: skip

    # Rules

    def pull(self, node: Node, out: Node, g: Node, flipped: bool) -> None:
        """Carry the gradient `g` of `node` to the matrices in it; `out` names its value."""
        if node.is_number or g.value == 0:
            return
        if node.is_matrix:
            self.contribute(node.name, g, flipped)
            return
        rule = OPERATIONS[node.op].gradient
        if rule is None or not any(ref.name in self.active for ref in references(node)):
            return
        kind = node.kind
        if kind in ("range", "view", "product"):
            g = full(g, node.shape)  # these rules move cells about, so a number must become a matrix of it
        results = rule(*node.args, out=out, g=g, **dict(node.options))
        results = results if isinstance(results, tuple) else (results,)
        for arg, result in zip(node.args, results, strict=True):
            if any(ref.name in self.active for ref in references(arg)):
                if kind != "product":
                    result = fit(result, arg.shape, node.shape if kind == "elementwise" else (1, 1))
                self.pull(arg, arg, result, flipped and kind != "range")

    def product(self, statement: Statement, g: Node) -> None:
        """For C = L @ R: `dL_T = R @ dC_T`, `dR_T = dC_T @ L`, for the blocks of L and R that need one."""
        left, right = statement.expr.args
        g_t = g.T
        for own, other, axis in ((left, right, 1), (right, left, 0)):
            blocks = [b for b in blocks_of(own, axis) if any(ref.name in self.active for ref in references(b[0]))]
            if not blocks:
                continue
            pieces = [cut(other, 1 - axis, start, stop) for _, start, stop in blocks]
            partner = pieces[0] if len(pieces) == 1 else call("vstack" if axis == 1 else "hstack", *pieces)
            expr = partner @ g_t if axis == 1 else g_t @ partner
            self.emit_product(statement, expr, [b[0] for b in blocks], 1 - axis)

    def emit_product(self, statement: Statement, expr: Node, blocks: list[Node], axis: int) -> None:
        parts: list[Part] = []
        owners: list[str] = []
        pending: list[tuple[Node, str, bool]] = []
        for block in blocks:
            ref = next(r for r in references(block) if r.name in self.active)
            natural = block.op == "transpose" and block.args[0].is_matrix
            direct = natural or block.is_matrix
            final = direct and ref.name in self.only
            label = self.label(
                ref.name, not natural and block.shape != (1, 1), "" if final else f"_from_{statement.name}"
            )
            label = self.names.fresh(label)
            parts.append(Part(label, (block.shape[1], block.shape[0])))
            owners.append(ref.name)
            pending.append((block, label, final))
        self.step(
            self.section_of(owners[0], statement),
            f"{', '.join(p.name for p in parts)} = {show(expr)}",
            backward_sentence(self.loss, tuple(owners), self.maker.get(owners[0]), statement, False),
            parts[0].name,
        )
        self.add(tuple(parts), expr, "backward", axis=axis, gradient_of=owners[0], via=(statement.name,))
        for block, label, final in pending:
            d = matrix(label, (block.shape[1], block.shape[0])).T
            if final:
                ref = references(block)[0]
                self.contribute(ref.name, d if block.is_matrix else d.T, block.is_matrix, True)
            else:
                self.pull(block, block, d, block.op != "transpose")

    # Update

    def update(self, learning_rate: float) -> None:
        """One step of gradient descent, and the forward pass once more."""
        name = self.names.fresh("learning_rate")
        rate = matrix(name, (1, 1))
        self.givens.append(
            Given(name, "constant", np.array([[float(learning_rate)]]), about="How far each update goes.")
        )
        self.shapes[name] = (1, 1)
        new: dict[str, str] = {}
        updates: list[tuple[str, str, Node]] = []
        for given in self.program.givens:
            if given.role == "parameter" and given.name in self.result:
                new[given.name] = self.names.fresh(f"{given.name}_new")
                way = call("multiply", rate, self.result[given.name])
                updates.append((given.name, new[given.name], call("subtract", matrix(given.name, given.shape), way)))
        self.step(
            "Update",
            "; ".join(f"{label} = {show(node)}" for _, label, node in updates),
            "Gradient descent: every parameter takes a small step against its gradient.",
            *(label for _, label, _ in updates),
            phase="update",
        )
        for parameter, label, node in updates:
            self.add((Part(label, node.shape),), node, "update", repeats=parameter)
        changed, needed = self._depending_on(set(new)), self._leading_to({self.loss})
        loops = {s.round[0] for s in self.forward if s.round and s.name in changed & needed}
        whole = {s.name for s in self.forward if s.round and s.round[0] in loops}  # so that its rounds stay alike
        again = [s for s in self.forward if s.name in (changed | whole) & needed]
        for s in again:
            new[s.name] = self.names.fresh(f"{s.name}_new")
        self.step(
            "After the update",
            f"{new[self.loss]} = {show(substitute(self.maker[self.loss].expr, new))}",
            f"The forward pass once more, with the new parameters: compare {new[self.loss]} with {self.loss}.",
            new[self.loss],
            phase="after",
        )
        for s in again:
            origin = replace(s.origin, of=new.get(s.origin.of, s.origin.of)) if s.origin else None
            self.add(
                (Part(new[s.name], s.shape),), substitute(s.expr, new), "after", axis=s.axis, repeats=s.name,
                auxiliary=s.auxiliary, origin=origin, round=s.round,
            )  # fmt: skip

    # Book-keeping

    def label(self, name: str, flipped: bool, source: str = "") -> str:
        return f"d{self.loss}_d{name}{source}{'_T' if flipped else ''}"

    def section_of(self, name: str, statement: Statement) -> str:
        section = self.sections.get(self.maker.get(name, statement).step, "")
        return f"{section} · backward" if section else "Backward pass"

    def step(self, section: str, equation: str, sentence: str, *matrices: str, phase: Phase = "backward") -> None:
        before = self.steps or self.program.steps
        number = before[-1].number + 1 if before else 1
        self.steps.append(Step(number, sentence, brief(equation, 500), section, phase, matrices))

    def add(self, parts: tuple[Part, ...], expr: Node, phase: Phase, **fields: Any) -> None:
        """A statement of the last step."""
        step = self.steps[-1]
        statement = Statement(parts, expr, step.number, section=step.section, phase=phase, **fields)
        self.statements.append(statement)
        self.shapes.update({part.name: part.shape for part in statement.parts})


def _is_reference(term: Node) -> bool:
    return term.is_matrix or (term.op == "transpose" and term.args[0].is_matrix)


def _is_flipped(term: Node) -> bool:
    return term.op == "transpose"
