"""From a spec to a forward program: statements typed, brought to normal form, and checked on numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from sheetgen.errors import SpecError
from sheetgen.ir.names import Names
from sheetgen.ir.node import Node, Shape, matrix, shape_text
from sheetgen.ir.program import Program, Statement, Step, Target, Variable
from sheetgen.ir.walk import inline
from sheetgen.lang.infer import infer
from sheetgen.lang.show import show
from sheetgen.lang.syntax import parse, parse_expression, target_of
from sheetgen.limits import MOST_COMPUTED, MOST_MULTIPLIED
from sheetgen.ops.base import multiplications
from sheetgen.ops.views import cut, whole_of
from sheetgen.passes.evaluate import clean, evaluate_statement
from sheetgen.passes.grad.reverse import gradients
from sheetgen.passes.hoist import normal_form
from sheetgen.passes.join import joined
from sheetgen.passes.narrate import describe
from sheetgen.passes.pictures import pictures
from sheetgen.records import replace
from sheetgen.spec.source import column_in, lines_of

if TYPE_CHECKING:
    from sheetgen.spec.read import SourceStep, Spec


def lower(spec: Spec) -> Program:
    """Type and normalise every statement of `spec` and evaluate it once.

    Raises SpecError, with file, line and column, for unknown names, shapes that don't fit, and
    values that aren't finite.
    """
    return _Lowering(spec).program()


WORD = re.compile(r"[A-Za-z_]\w*")


def _starts(steps: Sequence[SourceStep], computed: Set[str]) -> set[str]:
    """Matrices in whose place a later round of a loop reads what is computed: with them a state starts."""
    bodies: dict[tuple[int, int], list[SourceStep]] = {}
    for step in steps:
        if step.round is not None:
            bodies.setdefault(step.round, []).append(step)
    found: set[str] = set()
    for (loop, _), body in bodies.items():
        for first, later in zip(bodies[loop, 0], body, strict=False):
            words = zip(WORD.findall(first.text), WORD.findall(later.text), strict=False)
            found.update(a for a, b in words if a != b and b in computed and a not in computed)
    return found


class _Lowering:
    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.shapes: dict[str, Shape] = {**{given.name: given.shape for given in spec.givens}, **dict(spec.empty)}
        self.values = {given.name: clean(np.asarray(given.value, dtype=float)) for given in spec.givens}
        self.given = set(self.shapes)
        self.targets = [t for step in spec.steps if step.kind == "do" and (t := target_of(step.text))]
        starts = _starts(spec.steps, set(self.targets))
        self.parameters = {g.name for g in spec.givens if g.role == "parameter"}
        self.biases = {g.name for g in spec.givens if g.role in ("parameter", "constant") and g.name not in starts}
        self.names = Names([*self.shapes, *self.targets])
        self.inner: dict[str, Node] = {}
        """What auxiliary matrices stand for."""
        self.makers: dict[str, Node] = {}
        """What matrices are made of, but for those whose own gradients are wanted."""
        self.distributions: dict[str, None] = {}
        self.numbers = self.multiplied = 0
        self.statements: list[Statement] = []
        self.steps: list[Step] = []

    def program(self) -> Program:
        for entry in self.spec.steps:
            try:
                getattr(self, f"_{entry.kind}")(entry)
            except SpecError as error:
                raise self.located(error, entry) from None
        if not self.statements:
            raise self.spec.error("No step computes anything; write one such as `Z1 = W1 @ X + b1`.", "steps")
        for loss in self.spec.losses:
            self.check_loss(loss.name)
        return Program(
            self.spec.title,
            tuple(self.spec.givens),
            tuple(self.statements),
            tuple(self.steps),
            self.spec.losses,
            self.spec.formulas,
            predict=self.spec.predict,
            about=self.spec.about,
            distributions=tuple(self.distributions),
            variables=self.variables(),
            pictures=pictures(self.spec, self.shapes),
        )

    def variables(self) -> tuple[Variable, ...]:
        """The variables of the outermost loops, in order."""
        found: dict[int, dict[int, tuple[str, str]]] = {}
        for entry in self.spec.steps:
            if entry.kind == "do" and entry.round is not None and entry.variable is not None:
                found.setdefault(entry.round[0], {})[entry.round[1]] = entry.variable
        return tuple(
            Variable(rounds[min(rounds)][0], tuple(rounds[k][1] for k in sorted(rounds)))
            for _, rounds in sorted(found.items())
        )

    def located(self, error: SpecError, entry: SourceStep) -> SpecError:
        column = column_in(lines_of(self.spec.text)[entry.line - 1], entry.column, entry.text, error.column)
        message = entry.told(error.message)
        return SpecError(message, path=self.spec.path, line=entry.line, column=column, text=entry.text)

    def check_loss(self, loss: str) -> None:
        computed = {statement.name for statement in self.statements}
        if loss not in computed:
            problem = f"loss: there is no step that computes `{loss}`."
        elif self.shapes[loss] != (1, 1):
            problem = f"loss: `{loss}` is {shape_text(self.shapes[loss])}; a loss is 1×1, such as `sum({loss})`."
        else:
            return
        raise self.spec.error(problem, "loss")

    # One method per kind of step

    def _do(self, entry: SourceStep) -> None:
        target, tree, text = parse(entry.text)
        if target in self.shapes:
            what = (
                "is given under `matrices:`" if target in self.given else "is already computed"
            )
            raise SpecError(f"`{target}` {what}; a matrix has one meaning, so use another name.", text=text)
        asked: list[Statement] = []
        node = infer(tree, self.shapes, text.strip(), self.targets, target, partial(self.differentiated, entry, asked))
        if asked and node == matrix(asked[-1].name, node.shape):
            asked[-1] = replace(asked[-1], name=target, auxiliary=False)
            sentence = f"The gradient: how {asked[-1].loss} changes with each number of {asked[-1].gradient_of}."
            self.step(entry, text.strip(), sentence, target)
        for statement in asked:
            self.emit(statement)
        if target in self.shapes:
            return
        if 0 in node.shape:
            self.shapes[target] = node.shape
            self.step(entry, "", f"{target} is {shape_text(node.shape)} at first: there is nothing in it yet.")
            return
        for name, expr, origin in normal_form(target, node, self.names.fresh, self.biases.__contains__):
            expr = joined(expr, self.makers, self.values)
            statement = self.statement(entry, name, expr, auxiliary=origin is not None, origin=origin)
            self.emit(replace(statement, round=entry.round, local=None if origin else entry.local))
        self.step(entry, text.strip(), describe(target, node, self.parameters), target)

    def differentiated(self, entry: SourceStep, asked: list[Statement], loss: str, name: str) -> Node:
        """`grad(loss, name)`; the statements that it takes are put to those that `asked` has."""
        program = Program("", tuple(self.spec.givens), (*self.statements, *asked), ())
        made, held = gradients(program, loss, {name}, self.names)
        if not made:
            raise SpecError(f"`{loss}` doesn't depend on `{name}`, so it has no gradient with respect to that.")
        self.distributions |= dict.fromkeys(held)
        asked += [
            replace(s, phase="forward", step=entry.number, section=entry.section, round=entry.round, auxiliary=True)
            for s in made
        ]
        return matrix(asked[-1].name, asked[-1].shape)

    def _explain(self, entry: SourceStep) -> None:
        node = infer(parse_expression(entry.text), self.shapes, entry.text.strip(), self.targets)
        if node.is_number or node.shape[1] != 1:
            raise SpecError("explain: name one column of a product, such as `H1[:, 0]`.", text=entry.text)
        base, rows, columns = whole_of(node)
        product = next((s for s in self.statements if base.is_matrix and s.name == base.name), None)
        if product is None or product.expr.kind != "product":
            raise SpecError(
                f"explain: `{entry.text.strip()}` isn't a column of a product; it lays out `A @ B` only.",
                text=entry.text,
            )
        column = cut(cut(product.expr, 0, *rows), 1, *columns)
        name = self.names.fresh(f"{product.name}_explained_{columns[0]}")
        target = Target(product.name, columns[0])
        self.emit(self.statement(entry, name, column, auxiliary=True, kind="explain", target=target))
        place = "" if columns[1] - columns[0] == product.shape[1] else f"column {columns[0] + 1} of "
        sentence = f"How {place}{product.name} comes about: numbers times columns, added up."
        self.step(entry, entry.text.strip(), sentence, name)

    def _verdict(self, entry: SourceStep) -> None:
        name = entry.text.strip()
        if name not in self.shapes:
            infer(parse_expression(name), self.shapes, name, self.targets)
            raise SpecError("verdict: name one matrix, such as `P`.", text=entry.text)
        if 0 in self.shapes[name]:
            raise SpecError(f"verdict: `{name}` is {shape_text(self.shapes[name])}: there is nothing to say.")
        expr = matrix(name, self.shapes[name])
        label = self.names.fresh(f"{name}_verdict")
        statement = self.statement(entry, label, expr, auxiliary=True, kind="verdict", target=Target(name))
        self.statements.append(replace(statement, words=entry.words))
        self.step(entry, "", f"What {name} says, in words.", label)

    def _tell(self, entry: SourceStep) -> None:
        self.step(entry, "", entry.text)

    def statement(self, entry: SourceStep, name: str, expr: Node, **fields: Any) -> Statement:
        return Statement(name, expr, entry.number, section=entry.section, **fields)

    def emit(self, statement: Statement) -> None:
        self.numbers += statement.shape[0] * statement.shape[1]
        if self.numbers > MOST_COMPUTED:
            raise SpecError(f"So far, the steps compute more than {MOST_COMPUTED:,} numbers: too many to open.")
        self.multiplied += multiplications(statement.expr)
        if self.multiplied > MOST_MULTIPLIED:
            raise SpecError(
                f"So far, the steps multiply {self.multiplied:,} pairs of numbers in products and convolutions, and "
                f"{MOST_MULTIPLIED:,} is the most that spreadsheets get through."
            )
        evaluate_statement(statement, self.values, self.shown)
        if statement.name not in self.spec.wrt:
            self.makers[statement.name] = statement.expr
        if statement.auxiliary:
            self.inner[statement.name] = statement.expr
        self.statements.append(statement)
        self.shapes[statement.name] = statement.shape

    def shown(self, statement: Statement) -> str:
        text = show(inline(statement.expr, self.inner))
        return text if statement.auxiliary else f"{statement.name} = {text}"

    def step(self, entry: SourceStep, equation: str, sentence: str, *matrices: str) -> None:
        told, said = bool(entry.say) or entry.kind == "tell", entry.say or sentence
        shows = tuple(name for name in entry.shows if 0 not in self.shapes.get(name, ()))
        self.steps.append(Step(entry.number, said, equation, entry.section, "forward", matrices, shows, told))
