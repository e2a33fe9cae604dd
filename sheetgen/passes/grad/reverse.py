"""Reverse accumulation: the gradient of a loss with respect to every matrix that leads to it.

Every gradient has the orientation of its matrix, and what reaches it is added up in one expression:
`dA = dC @ B.T`, `dB = A.T @ dC + …`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from itertools import zip_longest

from sheetgen.errors import SpecError
from sheetgen.ir.names import Names
from sheetgen.ir.node import Node, matrix, number
from sheetgen.ir.program import Origin, Program, Statement
from sheetgen.ir.walk import depending_on, is_constant, leading_to, nodes
from sheetgen.ops import operation
from sheetgen.ops.base import full, zeros
from sheetgen.ops.masks import Mask, any_of, mask_of, spread
from sheetgen.passes.grad.algebra import MOST_SUMMANDS, fit, spelled_out, sum_up
from sheetgen.passes.grad.fuse import fusions


def gradients(
    program: Program, loss: str, wanted: Collection[str], names: Names
) -> tuple[list[Statement], list[str]]:
    """The gradients of `loss` with respect to the matrices `wanted`, and those that lead to them, in order; and the
    matrices whose columns must add up to 1, as the gradients are written for that.

    Their expressions are as the rules give them, not yet in drawable form, and belong to no step. What the loss doesn't
    depend on has none. Raises SpecError if something on the way can't be differentiated.
    """
    forward = [s for s in program.statements if s.kind == "matrix"]
    active = leading_to({loss}, forward) & depending_on(wanted, forward)
    walk = _Reverse(program, loss, forward, set(wanted), active, names)
    made = walk.run()
    needed = leading_to({s.name for s in made if s.gradient_of in wanted}, made)
    held = dict.fromkeys(fusion.distribution for fusion in walk.fused.values() if fusion.distribution)
    return [s for s in made if s.name in needed], list(held)


@dataclass(frozen=True)
class _Share:
    """What reaches a matrix through one statement."""

    term: Node
    via: str
    mask: Mask | None = None


class _Reverse:
    """One walk from the loss back to the matrices that are wanted."""

    def __init__(
        self,
        program: Program,
        loss: str,
        forward: list[Statement],
        wanted: set[str],
        active: set[str],
        names: Names,
    ) -> None:
        self.loss, self.forward, self.wanted, self.active = loss, forward, wanted, active
        self.shapes = program.names
        self.maker = {s.name: s for s in forward}
        self.names = names
        self.made: list[Statement] = []
        self.masks: dict[str, Mask] = {}
        """Where gradients are 0 because a branch isn't taken, by their names."""
        self.shares: dict[str, list[_Share]] = {loss: [_Share(number(1), loss)]}
        self.fused = fusions(program, forward, leading_to({loss}, forward), wanted, active)
        skipped = {name for fusion in self.fused.values() for name in fusion.skipped}
        self.walk = [s for s in forward if s.name in active and s.name not in skipped]
        self.uses = Counter(name for s in self.walk for name in self.used(s))
        self.turns = Counter(name for name, _ in {(name, s.round) for s in self.walk for name in self.used(s)})
        """In how many turns of loops a matrix is used: the gradient of what several share comes after the last one."""

    def used(self, s: Statement) -> list[str]:
        """The matrices that the gradient of `s` goes to."""
        return [self.fused[s.name].source] if s.name in self.fused else [ref.name for ref in s.expr.references]

    def run(self) -> list[Statement]:
        waiting: list[tuple[str, Statement]] = []
        back = self.walk[::-1]
        for s, after in zip_longest(back, back[1:]):
            g = self.finish(s.name, s)
            if g is not None and s.name in self.fused:
                source = self.fused[s.name].source
                self.contribute(source, fit(self.fused[s.name].gradient(g), self.shapes[source], (1, 1)), s)
            elif g is not None:
                self.pull(s.expr, matrix(s.name, s.shape), g, s)
            self.uses.subtract(self.used(s))
            for name in dict.fromkeys(self.used(s)):
                if name in self.wanted and name not in self.maker and self.uses[name] == 0:
                    waiting.append((name, s))
            inside = s.round is not None and after is not None and after.round == s.round
            if not (inside and any(self.turns[name] > 1 for name, _ in waiting)):
                for name, last in waiting:
                    self.finish(name, last)
                waiting = []
        return self.made

    def pull(self, node: Node, out: Node, g: Node, s: Statement, mask: Mask | None = None) -> None:
        """Carry the gradient `g` of `node` to the matrices in it; `out` is its value. Outside of `mask`, where a branch
        isn't taken, `g` is 0, and stays 0 whatever it is multiplied by."""
        if g.value == 0:
            return
        told, taken = mask_of(g)
        known = told or self.masks.get(g.name)
        mask = known.within(mask) if known else mask
        if node.is_matrix:
            self.contribute(node.name, g, s, mask)
        rule = operation(node).gradient
        if rule is None and node.kind == "range" and self.leads(node):
            raise SpecError(f"`{s.name}` is a gradient through `{node.op}`, which can't be differentiated once more.")
        if rule is None or not self.leads(node):
            return
        if node.kind in ("range", "view", "product"):
            g = spread(g, node.shape)  # these rules move cells about, so a number must become a matrix of it
        mask = mask if node.kind == "elementwise" else None
        risky = any(operation(inner).why if told else _may_fail(inner) for inner in nodes(node))
        guarded = mask if risky else None
        results = rule(*node.args, out=out, g=taken if guarded else g, **dict(node.options))
        for arg, result in zip(node.args, results if isinstance(results, tuple) else (results,), strict=True):
            if guarded and result.value != 0:
                result = guarded.of(full(result, node.shape))
            if self.leads(arg):
                if node.kind != "product":
                    result = fit(result, arg.shape, node.shape if node.kind == "elementwise" else (1, 1))
                self.pull(arg, arg, result, s, mask if mask and mask.fits(arg.shape) else None)

    def leads(self, node: Node) -> bool:
        return any(ref.name in self.active for ref in node.references)

    def contribute(self, name: str, term: Node, s: Statement, mask: Mask | None = None) -> None:
        if name in self.active and term.value != 0:
            self.shares.setdefault(name, []).append(_Share(spelled_out(term), s.name, mask))

    def finish(self, name: str, s: Statement) -> Node | None:
        """The gradient of `name`, under a name of its own unless it is a mere number; None if nothing reaches it. `s`
        is the last statement that it came through, or would have."""
        shares = self.shares.pop(name, [])
        shape = self.shapes[name]
        if not shares and name not in self.wanted:
            return None
        label = f"d{self.loss}_d{name}"
        term = sum_up(self.partial_sums(label, shares)) if shares else zeros(shape)
        maker = self.maker.get(name)
        if name not in self.wanted and maker is not None:
            mere = term.is_number and maker.expr.kind != "product"
            if mere or (maker.auxiliary and _is_reference(term)):
                return term
        expr = term if term.shape == shape else full(term, shape)
        made = self.add(label, expr, tuple(share.via for share in shares) or (s.name,), gradient_of=name)
        masks = [share.mask for share in shares if share.mask is not None]
        if shares and len(masks) == len(shares):
            self.masks[made.name] = any_of(masks)
        return made

    def partial_sums(self, label: str, shares: list[_Share]) -> list[Node]:
        """The summands of a gradient; of very many, the partial sums, as a formula has its limits."""
        if len(shares) <= MOST_SUMMANDS:
            return [share.term for share in shares]
        parts = []
        for k in range(0, len(shares), MOST_SUMMANDS):
            some = shares[k : k + MOST_SUMMANDS]
            term = sum_up([share.term for share in some])
            via = tuple(share.via for share in some)
            parts.append(self.add(f"{label}_part", term, via, origin=Origin(term.op, "part", label)))
        return parts

    def add(
        self, label: str, expr: Node, via: tuple[str, ...], gradient_of: str | None = None, origin: Origin | None = None
    ) -> Node:
        name = self.names.fresh(label)
        self.made.append(
            Statement(
                name,
                expr,
                0,
                phase="backward",
                gradient_of=gradient_of,
                loss=self.loss,
                via=via,
                auxiliary=origin is not None,
                origin=origin,
            )
        )
        return matrix(name, expr.shape)


def _may_fail(node: Node) -> bool:
    """Whether it gives no finite number for some values of the matrices in it."""
    known = not node.args or is_constant(node) or (operation(node).symbol == "/" and is_constant(node.args[1]))
    return bool(operation(node).why) and not known


def _is_reference(term: Node) -> bool:
    return term.is_matrix or term.T.is_matrix
