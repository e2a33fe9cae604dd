"""Everything that the texts of a page draw on: a program's names, its loops, and what each of its matrices is."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from sheetgen.ir.node import Node
from sheetgen.ir.program import Program, Statement, Step, Target
from sheetgen.ir.walk import nodes, summands
from sheetgen.layout.words.equations import equation, products_in, whole
from sheetgen.layout.words.loops import Loop, common, common_name, loops, shared_turns
from sheetgen.layout.words.losses import is_gradient, of_several
from sheetgen.layout.words.plain import plain, with_sigma
from sheetgen.layout.words.script import subscript
from sheetgen.layout.words.symbols import Symbols, symbols
from sheetgen.ops.base import operation

KEPT = 16
"""Vocabularies that are kept: those of programs that are told over and over, with other numbers."""


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """A program, ready to be told; nothing that it tells hangs on the numbers that are given."""

    program: Program
    symbols: Symbols
    loops: Mapping[int, Loop]
    memory: dict[tuple[object, ...], dict[frozenset[int], str]] = field(default_factory=dict, compare=False)
    """What has been told once for all turns of a loop: the ways to tell it, each for some of the turns."""
    equations: dict[tuple[str, int | None, bool], str] = field(default_factory=dict, compare=False)
    """What `told` has told of each statement, in a loop or outside, exactly or not."""
    groups: dict[tuple[object, ...], Mapping[int, Statement]] = field(default_factory=dict, compare=False)
    """What `in_turns` has found, by phase and first name."""

    @cached_property
    def proper(self) -> frozenset[str]:
        """Words that the author writes with a capital inside of sentences: Euler."""
        texts = [self.program.about, *(step.sentence for step in self.program.steps if step.told)]
        return frozenset(word for text in texts for word in re.findall(r"(?<=[a-z,] )[A-Z][a-z]+", text))

    @cached_property
    def makers(self) -> Mapping[str, Statement]:
        """The statement of every computed matrix."""
        return {s.name: s for s in self.program.statements}

    @cached_property
    def order(self) -> Mapping[str, int]:
        """The place of each computed matrix in the program."""
        return {s.name: k for k, s in enumerate(self.program.statements)}

    @cached_property
    def again(self) -> frozenset[str]:
        """The matrices that are computed again after the update."""
        return frozenset(s.repeats for s in self.program.statements if s.phase == "after" and s.repeats)

    @cached_property
    def backward(self) -> tuple[Statement, ...]:
        """The statements of gradients."""
        return tuple(s for s in self.program.statements if s.phase == "backward" and s.gradient_of is not None)

    @cached_property
    def gradients(self) -> Mapping[str, Statement]:
        """The statement of the gradient of each matrix."""
        made = sorted((s for s in self.program.statements if s.gradient_of), key=lambda s: s.phase == "backward")
        return {s.gradient_of: s for s in made if s.gradient_of}

    @cached_property
    def several(self) -> frozenset[str]:
        """The matrices that have gradients of several losses."""
        return of_several(self.program)

    @cached_property
    def helpers(self) -> Mapping[str, tuple[Statement, ...]]:
        """The helpers of each statement that have a name."""
        found: dict[str, list[Statement]] = {}
        for s in self.program.statements:
            if s.origin is not None and self.symbols.name(s.name) is not None:
                found.setdefault(s.origin.of, []).append(s)
        return {name: tuple(helpers) for name, helpers in found.items()}

    @cached_property
    def steps(self) -> Mapping[str, Step]:
        """The step that makes each matrix."""
        return {name: step for step in self.program.steps for name in step.matrices}

    @cached_property
    def weights(self) -> frozenset[str]:
        """The parameters, biases apart."""
        return frozenset(g.name for g in self.program.givens if g.role == "parameter") - self.biases

    @cached_property
    def biases(self) -> frozenset[str]:
        """Columns and rows that are added to a product, or to what a kernel finds."""
        found = set()
        parameters = {g.name for g in self.program.givens if g.role == "parameter"}
        for s in self.program.statements:
            if s.phase != "forward":
                continue
            if s.expr.op == "matmul":
                pairs = products_in(s.expr)
                found |= {a.name for a, b in pairs if a.is_matrix and b.op == "ones"}
                found |= {b.name for a, b in pairs if b.is_matrix and a.op == "ones"}
            elif s.expr.op == "add":
                terms = summands(s.expr)
                larger = any((t.shape == s.shape and not t.is_leaf) or t.name in self.makers for t in terms)
                small = {t.name for t in terms if t.is_matrix and t.name in parameters and t.shape != s.shape}
                found |= small if larger else set()
        return frozenset(found & parameters)

    @cached_property
    def first_reader(self) -> Mapping[str, str]:
        """The forward statement that reads a given matrix first: there it stands."""
        found: dict[str, str] = {}
        for s in self.program.statements:
            if s.phase == "forward" and s.kind == "matrix":
                for ref in s.expr.references:
                    found.setdefault(ref.name, s.name)
        return found

    def full(self, node: Node) -> Node:
        """`node` as it is to be read: helpers without a name are replaced by what they compute, their gradients by
        `∂(…)`, and detours are taken back."""
        return plain(self.spelled(node))

    def spelled(self, node: Node) -> Node:
        """`node` with its helpers spelled out."""
        if node.is_matrix:
            return self._spelled_matrix(node)
        return node.with_args(tuple(map(self.spelled, node.args)))

    def _spelled_matrix(self, node: Node, title: bool = False) -> Node:
        """What a helper computes; its gradient's own `title`, or one number where that is the same for all cells."""
        maker = self.makers.get(node.name)
        if maker is None or self.symbols.name(node.name) is not None:
            return node
        if maker.gradient_of is not None and is_gradient(maker, self.program):
            # a helper that only rearranges cells: its gradient is told by what it is made of
            if operation(self.makers[maker.gradient_of].expr).rearranges:
                return self.spelled(maker.expr)
            same = plain(self.spelled(maker.expr))
            if not title and (same.is_number or (same.is_matrix and same.shape == (1, 1))):
                return same
            inner = self.spelled(Node("matrix", shape=node.shape, name=maker.gradient_of))
            loss = self.symbols.of(maker.loss or "") if maker.gradient_of in self.several else ""
            named = Node("gradient", (inner,), node.shape, name=loss)
            return self.spelled(maker.expr) if plain(inner).is_matrix else named
        return self.spelled(maker.expr)

    def title_of(self, matrix: str) -> str:
        """How a matrix is called; a helper without a name by its expression."""
        node = Node("matrix", shape=self.makers[matrix].shape if matrix in self.makers else (1, 1), name=matrix)
        return self.symbols.of(matrix) or whole(plain(self._spelled_matrix(node, title=True)), self.symbols)

    def looked_at(self, target: Target, columns: Mapping[str, Sequence[str]]) -> str:
        """A column of a matrix: `H₁, A`, or `H₁, column 1` where its columns have no names."""
        names, column = columns.get(target.matrix, ()), target.column or 0
        named = column < len(names) and names[column]
        return f"{self.symbols.of(target.matrix)}, {named or f'column {column + 1}'}"

    def equation(self, statement: Statement) -> str:
        """A statement as an equation; a helper without a name, only its expression."""
        name = self.title_of(statement.name)
        if self.symbols.name(statement.name) is None and not is_gradient(statement, self.program):
            return name
        node = self.over_time(self.own_spread(self.full(statement.expr), statement.name))
        return equation(name, node, self.symbols)

    def own_spread(self, node: Node, matrix: str) -> Node:
        """`node` with σ for the spread of what it is the gradient of, as that stands on the left."""
        made = self.makers.get(matrix)
        if made is None or made.gradient_of is None or not any(each.op == "spread" for each in nodes(node)):
            return node
        return with_sigma(node, self.full(Node("matrix", shape=node.shape, name=made.gradient_of)))

    @cached_property
    def kin(self) -> Mapping[str, tuple[int, int, tuple[str, ...]]]:
        """Given matrices that each turn of a loop has one of, such as the weights of attention heads: the loop, the
        turn, and those of all turns."""
        found: dict[str, tuple[int, int, tuple[str, ...]]] = {}
        given = {g.name for g in self.program.givens}
        for loop in self.loops.values():
            for same in zip(*loop.bodies, strict=False):
                read = [[ref.name for ref in s.expr.references] for s in same]
                if len(same) > 1 and len({len(names) for names in read}) == 1:
                    for names in zip(*read, strict=True):
                        if len(set(names)) == len(names) and given.issuperset(names):
                            found.update({name: (loop.number, turn, names) for turn, name in enumerate(names)})
        return found

    @cached_property
    def alike(self) -> Mapping[str, tuple[str, ...]]:
        """What does the same in each turn of a loop, the matrices of all turns, by each of them."""
        found: dict[str, tuple[str, ...]] = {}
        for loop in self.loops.values():
            for place in range(max(map(len, loop.bodies))):
                names = tuple(body[place].name for body in loop.bodies if place < len(body))
                found.update(dict.fromkeys(names, names))
        return {**found, **{name: names for name, (_, _, names) in self.kin.items()}}

    def turn_of(self, matrix: str) -> tuple[int, int] | None:
        """Loop and turn that a matrix belongs to: its own, or that of what it is the gradient or the new value of."""
        s = self.makers.get(matrix)
        if matrix in self.kin:
            return self.kin[matrix][:2]
        owner = s.gradient_of if s is not None and s.phase == "backward" else None
        owner = s.repeats if s is not None and s.phase == "update" else owner
        return self.turn_of(owner) if owner else s.round if s is not None else None

    def in_turns(self, s: Statement) -> Mapping[int, Statement]:
        """The statement that does the same in each turn of a loop, this one among them; of a gradient (or a new
        value), the gradients of what is the same."""
        owner = s.gradient_of if s.phase == "backward" else s.repeats if s.phase == "update" else s.name
        names = self.alike.get(owner or "", ())
        key = (s.phase, *names[:1])
        if key not in self.groups:
            made = {"backward": self.gradients, "update": self.news}.get(s.phase, self.makers)
            self.groups[key] = {k: made[name] for k, name in enumerate(names) if name in made}
        return self.groups[key] or {0: s}

    @cached_property
    def news(self) -> Mapping[str, Statement]:
        """The statement of the new value of each parameter."""
        return {s.repeats: s for s in self.program.statements if s.phase == "update" and s.repeats}

    def told(self, s: Statement, loop: Loop | None, exactly: bool = False) -> str:
        """A statement as an equation; one that stands in `loop`, for all its turns in one. `exactly`: only if that
        holds for this turn as well, which may be the first or the last."""
        key = (s.name, None if loop is None else loop.number, exactly)
        if key not in self.equations:
            self.equations[key] = self._told(s, loop, exactly)
        return self.equations[key]

    def _told(self, s: Statement, loop: Loop | None, exactly: bool) -> str:
        turn = self.turn_of(s.name)
        if turn is None or loop is None or turn[0] != loop.number:
            return self.equation(s)
        return self.for_all_turns(self.in_turns(s), loop, turn[1] if exactly else None) or self.equation(s)

    def for_all_turns(self, statements: Mapping[int, Statement], loop: Loop, turn: int | None = None) -> str | None:
        """One equation for the same statement in several turns, `turn` among them; None if they have no one form. The
        first and the last turn may differ."""
        found = self._ways(statements, loop).items()
        return next((text for turns, text in found if turn is None or turn in turns), None)

    def uncommon(self, s: Statement, loop: Loop) -> list[Statement]:
        """The statements that do the same in those turns of a loop for which the one equation of `told` doesn't hold:
        all of them if there is none."""
        turn = self.turn_of(s.name)
        if turn is None or turn[0] != loop.number:
            return []
        statements = self.in_turns(s)
        common = next(iter(self._ways(statements, loop)), frozenset[int]())
        return [one for k, one in statements.items() if k not in common]

    def _ways(self, statements: Mapping[int, Statement], loop: Loop) -> Mapping[frozenset[int], str]:
        """The equations that hold for several turns of a loop, each for some, the one for most first."""
        key = (loop.number, next(iter(statements.values())).name)
        if key not in self.memory:
            exprs = {k: self.own_spread(self.full(s.expr), s.name) for k, s in statements.items()}
            ways = {turns: self._in_one(statements, exprs, loop, turns) for turns in shared_turns(exprs)}
            self.memory[key] = {frozenset(turns): text for turns, text in ways.items() if text is not None}
        return self.memory[key]

    def _in_one(
        self, statements: Mapping[int, Statement], exprs: Mapping[int, Node], loop: Loop, turns: tuple[int, ...]
    ) -> str | None:
        left = self._common_title([statements[k].name for k in turns], loop, turns)
        node = common([exprs[k] for k in turns], loop, turns, self.symbols) if left is not None else None
        if left is None or node is None or (len(turns) < 2 and len(statements) > 1):
            return None
        node = self.over_time(node)
        return equation(left, node, self.symbols)

    def _common_title(self, matrices: list[str], loop: Loop, turns: tuple[int, ...]) -> str | None:
        names = [self.symbols.name(matrix) for matrix in matrices]
        known = [name for name in names if name is not None]
        if len(known) == len(matrices):
            return common_name(known, loop, turns, self.symbols)
        helpers = [Node("matrix", shape=self.makers[m].shape, name=m) for m in matrices]
        node = common([self.full(helper) for helper in helpers], loop, turns, self.symbols)
        return whole(node, self.symbols) if node is not None else None

    def over_time(self, node: Node) -> Node:
        """`node`, where it adds up the same over all turns of a loop, as a sum Σₜ; of a gradient, over all that give it
        something."""
        terms = summands(node)
        if len(terms) < 2:
            return node
        made = [self.makers[ref.name] for ref in node.references if ref.name in self.makers]
        gradient = any(is_gradient(s, self.program) for s in made)
        for loop in self.loops.values():
            by_turn: dict[int, Node] = {}
            for term in terms:
                turn = self._turn_of_term(term, loop)
                if turn is None:
                    break
                by_turn[turn] = Node("add", (by_turn[turn], term), term.shape) if turn in by_turn else term
            else:
                order = tuple(sorted(by_turn))
                every = len(order) > 1 and (gradient or len(order) == len(loop.values))
                inner = common([by_turn[turn] for turn in order], loop, order, self.symbols) if every else None
                if inner is not None:
                    return Node("over_time", (inner,), node.shape, name=subscript(loop.letter) or loop.letter)
        return node

    def _turn_of_term(self, term: Node, loop: Loop) -> int | None:
        """The turn that a share of a gradient comes from: that of the gradients in it, else of all that it reads."""
        turns = {ref.name: self.turn_of(ref.name) for ref in term.references}
        own = {name: t[1] for name, t in turns.items() if t is not None and t[0] == loop.number}
        made = {name for name in own if name in self.makers}
        gradients = {own[name] for name in made if self.makers[name].phase == "backward"}
        found = gradients or set(own.values())
        return found.pop() if len(found) == 1 else None


@dataclass(frozen=True)
class _Told:
    """A program that is like all others of its structure."""

    structure: tuple[Hashable, ...]
    program: Program = field(compare=False)


def vocabulary(program: Program) -> Vocabulary:
    """All that is needed to tell a program: one for all programs of its structure."""
    return _vocabulary(_Told(program.structure, program))


@lru_cache(KEPT)
def _vocabulary(told: _Told) -> Vocabulary:
    program = told.program.without_numbers
    return Vocabulary(program, symbols(program), loops(program))
