"""Value numbering: what stands somewhere already isn't computed once more.

Two expressions have the same number exactly if they compute the same from the given matrices, whatever the matrices in
between are called. What authors write stays as they write it; what the compiler adds is shared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sheetgen.ir.names import Names
from sheetgen.ir.node import Node, matrix
from sheetgen.ir.program import Program, Statement
from sheetgen.ir.walk import leading_to, substitute
from sheetgen.ops import operation
from sheetgen.passes.expand import expand
from sheetgen.passes.hoist import normal_form
from sheetgen.records import replace


class Values:
    """Numbers of expressions, and the first matrix that holds each."""

    def __init__(self) -> None:
        self.numbers: dict[object, int] = {}
        self.known: dict[str, int] = {}
        self.holder: dict[int, str] = {}

    def number(self, node: Node) -> int:
        """The number of an expression; matrices that aren't defined are given."""
        return self.of(node, tuple(self.number(arg) for arg in node.args))

    def of(self, node: Node, args: tuple[int, ...]) -> int:
        """The number of an expression whose arguments have the numbers `args`."""
        if node.name in self.known:
            return self.known[node.name]
        key = (node.op, node.name, node.value, node.shape, node.options, args)
        return self.numbers.setdefault(key, len(self.numbers))

    def define(self, statement: Statement) -> None:
        """Take in what a statement computes."""
        if statement.kind == "matrix":
            found = self.known[statement.name] = self.number(statement.expr)
            self.holder.setdefault(found, statement.name)


def drawable(program: Program) -> Program:
    """Every gradient in drawable form. What takes more than arithmetic, and stands in a matrix above, is read there."""
    values, names = Values(), Names(program.names)
    made: list[Statement] = []
    losses: dict[str, str | None] = {}
    for s in program.statements:
        forms = [s]
        if s.loss is not None:
            forms = _in_normal_form(replace(s, expr=_reused(s.expr, values, losses, s.loss)[0]), names)
        for form in forms:
            values.define(form)
            losses[form.name] = form.loss
        made += forms
    return expand(replace(program, statements=tuple(made)))


def _in_normal_form(s: Statement, names: Names) -> list[Statement]:
    *helpers, (_, root, _) = normal_form(s.name, s.expr, names.fresh, inline_products=True)
    made = [
        replace(s, name=name, expr=expr, gradient_of=None, via=(), auxiliary=True, origin=origin)
        for name, expr, origin in helpers
    ]
    return [*made, replace(s, expr=root)]


def _reused(
    node: Node, values: Values, losses: Mapping[str, str | None], loss: str
) -> tuple[Node, int, bool]:
    """`node` with matrices in place of what they hold, none that belongs to another loss, its number, and whether it
    takes more than arithmetic. `losses` are those of the matrices."""
    args = [_reused(arg, values, losses, loss) for arg in node.args]
    number = values.of(node, tuple(arg[1] for arg in args))
    plain = node.kind in ("leaf", "view") or operation(node).arithmetic
    costly = not plain or any(arg[2] for arg in args)
    if costly and number in values.holder and losses.get(values.holder[number]) in (None, loss):
        return matrix(values.holder[number], node.shape), number, True
    return node.with_args(tuple(arg[0] for arg in args)), number, costly


def numbered(program: Program) -> Program:
    """`program` without helpers that compute what a matrix above them does, or that nothing reads, and without the
    steps of the backward pass that they leave empty."""
    values = Values()
    for s in program.statements:
        values.define(s)
    merged = _merged(program.statements, values)
    helpers = {s.name for s in merged if s.auxiliary and s.kind == "matrix"}
    needed = leading_to({s.name for s in merged} - helpers, merged)
    left = [s for s in merged if s.name not in helpers or s.name in needed]
    made = {s.step for s in left}
    steps = [step for step in program.steps if step.phase != "backward" or step.number in made]
    new = {old: place for place, old in enumerate(dict.fromkeys(step.number for step in steps), 1)}
    return replace(
        program,
        statements=tuple(replace(s, step=new[s.step]) if new.get(s.step, s.step) != s.step else s for s in left),
        steps=tuple(replace(step, number=new[step.number]) for step in steps),
    )


def _merged(statements: Sequence[Statement], values: Values) -> list[Statement]:
    """The statements without helpers, and gradients of helpers, whose value stands above; another gradient, unless it
    is a number, becomes a reference to it, and one that only repeats the gradient of a reader still does. What stands
    in lanes may be part of another box, so gradients in bands of their own don't read it, and no gradient reads that of
    another loss.
    In a loop, rounds stay alike: a helper goes if it does in every round, and what is the same in all
    of them is computed once, before the loop."""
    invariant, repeated = _invariant(statements, values), _repeated(statements, values)
    helpers = {s.name for s in statements if s.auxiliary}
    owners = {s.gradient_of for s in statements}
    new: dict[str, str] = {}
    first, in_lanes = dict[tuple[int, str | None], str](), set[str]()
    loops: dict[tuple[str, int], int] = {}
    within: set[str] = set()
    made: list[Statement] = []
    for s in statements:
        expr = substitute(s.expr, new)
        s = s if expr is s.expr else replace(s, expr=expr)
        number = values.known.get(s.name, -1)
        for loss in (None, s.loss) if s.phase == "forward" else ():
            if first.get((number, loss)) in in_lanes:
                del first[number, loss]
        above = first.get((number, s.loss)) or first.get((number, None))
        loop = (s.phase, s.round[0]) if s.round else None
        if loop is not None:
            loops.setdefault(loop, len(made))
        ours = (s.auxiliary and s.name not in owners) or s.gradient_of in helpers
        again = new.get(s.repeats or "")
        free = ours and (s.repeats is None or again is not None) and number >= 0
        if free and above and (loop is None or s.name in invariant or s.name in repeated):
            new[s.name] = above
            continue
        if again is not None:
            s = replace(s, repeats=again)
        if s.origin and s.origin.of in new:
            s = replace(s, origin=replace(s.origin, of=new[s.origin.of]))
        if s.gradient_of and above and s.expr.references and not s.expr.is_matrix:
            s = replace(s, expr=matrix(above, s.shape))
        if free and loop is not None and s.name in invariant and not _reads(s, within):
            at = loops[loop]
            made.insert(at, replace(s, round=None, section=made[at - 1].section if at else ""))
            loops = {each: at + (at >= loops[loop]) for each, at in loops.items()}
        else:
            made.append(s)
            within |= {s.name} if loop is not None else set()
        if number >= 0:
            first.setdefault((number, s.loss), s.name)
        if s.phase == "backward":
            in_lanes.add(s.name)
    return made


def _reads(s: Statement, names: Iterable[str]) -> bool:
    return any(ref.name in names for ref in s.expr.references)


def _invariant(statements: Sequence[Statement], values: Values) -> set[str]:
    """The statements of loops that compute the same in every round."""
    found: set[str] = set()
    for rounds in _alike(statements):
        for places in zip(*rounds, strict=True):
            if len({values.known.get(name) for name in places}) == 1:
                found.update(places)
    return found


def _repeated(statements: Sequence[Statement], values: Values) -> set[str]:
    """The statements of loops that compute, in every round, what one before them in that round does."""
    found: set[str] = set()
    for rounds in _alike(statements):
        numbers = [[values.known.get(name, -1) for name in names] for names in rounds]
        for at, places in enumerate(zip(*rounds, strict=True)):
            if any(all(each[before] == each[at] >= 0 for each in numbers) for before in range(at)):
                found.update(places)
    return found


def _alike(statements: Sequence[Statement]) -> list[list[list[str]]]:
    """The statements of each loop whose rounds have equally many, round by round."""
    loops: dict[tuple[str, int], dict[int, list[str]]] = {}
    for s in statements:
        if s.round is not None and s.kind == "matrix":
            loops.setdefault((s.phase, s.round[0]), {}).setdefault(s.round[1], []).append(s.name)
    found = [list(rounds.values()) for rounds in loops.values()]
    return [rounds for rounds in found if len(rounds) > 1 and len({len(names) for names in rounds}) == 1]
