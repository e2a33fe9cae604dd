"""Steps of tensors written out: each becomes a step for every matrix, side by side as the rounds of a loop are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sheetgen.errors import SpecError
from sheetgen.ir.names import Names
from sheetgen.ir.node import Node, Shape, matrix
from sheetgen.ir.program import Given, Local
from sheetgen.lang.channel_rules import RULES
from sheetgen.lang.families import Family, Value, Writing
from sheetgen.lang.infer import infer
from sheetgen.lang.syntax import parse, parse_expression, target_of
from sheetgen.lang.tensors import Tensor, check_members, spread
from sheetgen.spec.source import Source, column_in
from sheetgen.spec.step import SourceStep
from sheetgen.spec.uses import written_out

WORD = re.compile(r"[^\W\d]\w*")
VARIABLES = {1: "channel", 2: "sample, channel"}


@dataclass(frozen=True)
class Written:
    """What became of a step: a step for each matrix of the tensor that it computes; without one, a single step."""

    steps: tuple[SourceStep, ...]
    tensor: Tensor | None = None


@dataclass
class Channels:
    """The tensors of a spec, and its steps written out, from top to bottom.

    `shapes` has the matrices whose shapes are known so far.
    """

    source: Source
    tensors: dict[str, Tensor] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    out: list[Written] = field(default_factory=list)
    pending: list[SourceStep] = field(default_factory=list)
    """Steps whose shapes nobody has asked for yet."""
    read: int = 0
    """How many steps are written out."""
    written_out: str = ""

    def give(self, tensor: Tensor | None, givens: Iterable[Given]) -> None:
        """Take in given matrices; `tensor` is what they make up."""
        if tensor is not None:
            self.tensors[tensor.name] = tensor
        self.shapes |= {given.name: given.shape for given in givens}

    def take(self, steps: tuple[SourceStep, ...], told: bool = True) -> None:
        """Write out steps that follow those taken before; `told`: so that `written_out` has them. Raises SpecError with
        line and column."""
        for step in steps:
            self.read += 1
            made = self.written(step)
            self.out += made
            if told and step.kind == "do" and made[-1].steps[0] != step:
                all_steps = (one for each in made for one in each.steps)
                self.written_out += written_out(step.text, step.line, all_steps)

    def written(self, step: SourceStep) -> list[Written]:
        """What becomes of a step."""
        if not self.concerns(step):
            self.pending += [step] if step.kind == "do" else []
            return [Written((step,))]
        try:
            match step.kind:
                case "do":
                    return self.computed(step)
                case "tell":
                    return [Written((replace(step, shows=tuple(spread(step.shows, self.tensors))),))]
                case "verdict":
                    tensor = self.tensors[step.text.strip()]
                    return [Written(tuple(replace(step, text=name) for name in tensor.members), tensor)]
                case _:
                    value = self.explained(step.text)
                    if isinstance(value, Family):
                        problem = "explain: name one column of a product of one channel, such as `H[0][:, 0]`."
                        raise SpecError(problem, text=step.text)
                    return [Written((replace(step, text=ast.unparse(value)),))]
        except SpecError as error:
            raise error if error.line else self.located(error, step) from None

    def explained(self, text: str) -> Value:
        tree = parse_expression(text)
        return self.writing("", text, tree, []).value(tree)

    def concerns(self, step: SourceStep) -> bool:
        """Whether tensors have to do with it."""
        if step.kind == "tell":
            return any(name in self.tensors for name in step.shows)
        if step.kind == "verdict":
            return step.text.strip() in self.tensors
        return "reshape" in step.text or any(word in self.tensors for word in WORD.findall(step.text))

    def computed(self, step: SourceStep) -> list[Written]:
        target, tree, text = parse(step.text)
        if target in self.tensors:
            raise SpecError(f"`{target}` is there already; a matrix has one meaning, so use another name.", text=text)
        self.catch_up()
        made: list[tuple[str, Value]] = []
        value = self.writing(target, text, tree, made).value(tree)
        if not isinstance(value, Family) and not made and ast.unparse(value) == ast.unparse(tree):
            self.pending.append(step)
            return [Written((step,))]
        self.learn(target, value)
        helpers = [(replace(step, say=None, local=Local(name.removeprefix(f"{target}_"), target)), name, each)
                   for name, each in made]  # fmt: skip
        return [self.spelled(*each) for each in (*helpers, (step, target, value))]

    def spelled(self, step: SourceStep, name: str, value: Value) -> Written:
        """A step for each matrix."""
        if not isinstance(value, Family):
            return Written((replace(step, text=f"{name} = {ast.unparse(value)}"),))
        tensor = Tensor(name, value.sizes)
        texts = (f"{each} = {ast.unparse(item)}" for each, item in zip(tensor.members, value.items, strict=True))
        return Written(tuple(replace(step, text=text) for text in texts), tensor)

    def writing(self, target: str, text: str, root: ast.expr, made: list[tuple[str, Value]]) -> Writing:
        names = Names([*self.shapes, *self.tensors])
        return Writing(target, text, root, self.shapes, self.tensors, names, RULES, self.learn, made)

    # Shapes

    def learn(self, name: str, value: Value) -> None:
        """Take in what is computed. Raises SpecError where shapes don't fit."""
        if isinstance(value, Family):
            check_members(value.sizes)
            if name in self.shapes:
                raise SpecError(f"`{name}` is there already; a matrix has one meaning, so use another name.")
            tensor = Tensor(name, value.sizes)
            for each, item in zip(tensor.members, value.items, strict=True):
                self.shapes[each] = self.shape(f"{each} = {ast.unparse(item)}")
            self.tensors[name] = tensor
        else:
            self.shapes[name] = self.shape(f"{name} = {ast.unparse(value)}")

    def catch_up(self, strict: bool = False) -> None:
        """Work out the shapes of all matrices so far. `strict`: or raise SpecError; else that is left to others."""
        steps, self.pending = self.pending, []
        for step in steps:
            target = target_of(step.text)
            try:
                shape = self.shape(step.text)
            except SpecError as error:
                if strict:
                    raise self.located(error, step) from None
                continue
            if target is not None:
                self.shapes.setdefault(target, shape)

    def shape(self, text: str) -> Shape:
        target, tree, text = parse(text)
        return infer(tree, self.shapes, text, (), target, self.gradient).shape

    def gradient(self, loss: str, name: str) -> Node:
        """A gradient has the shape of its matrix."""
        return matrix(name, self.shapes[name])

    def size(self, name: str) -> tuple[int, ...]:
        """Rows and columns, with channels and samples before them."""
        tensor = self.tensors.get(name)
        return self.shapes[name] if tensor is None else (*tensor.sizes, *self.shapes[tensor.members[0]])

    def located(self, error: SpecError, step: SourceStep) -> SpecError:
        column = column_in(self.source.lines[step.line - 1], step.column, step.text, error.column)
        return self.source.fault(step.told(error.message), step.line, column)


# Side by side


def side_by_side(written: list[Written]) -> tuple[SourceStep, ...]:
    """The steps in the order of a page: what is computed of a channel follows what it is computed from, channel by
    channel, as in a loop over them. Steps and loops are counted anew."""
    found: list[SourceStep] = []
    block: list[Written] = []
    for each in written:
        if not _joins(each, block):
            found += _rounds(block, len(found))
            block = []
        if each.tensor is None or len(each.steps) < 2 or each.steps[0].round is not None:
            found += each.steps
        else:
            block.append(each)
    return _counted([*found, *_rounds(block, len(found))])


def _joins(each: Written, block: list[Written]) -> bool:
    """Whether it goes from channel to channel together with a block: in the same section, and each of its matrices
    reads, of what the block computes, that of its own channel."""
    if not block or each.tensor is None or block[0].tensor is None or each.steps[0].round is not None:
        return False
    first, own = block[0].steps[0], each.steps[0]
    if (block[0].tensor.sizes, first.section, first.group) != (each.tensor.sizes, own.section, own.group):
        return False
    place = {target_of(step.text): k for one in block for k, step in enumerate(one.steps)}
    return all(
        place.get(word, k) == k for k, step in enumerate(each.steps) for word in WORD.findall(step.text)
    )


def _rounds(block: list[Written], key: int) -> list[SourceStep]:
    """The steps of a block as those of a loop, whose number is the only one below 0 with its `key`."""
    found = []
    for place, steps in enumerate(zip(*(each.steps for each in block), strict=True)):
        index = block[0].tensor.indices[place] if block[0].tensor else ()
        variable = VARIABLES[len(index)], ", ".join(str(k + 1) for k in index)
        found += [replace(step, round=(-1 - key, place), variable=variable) for step in steps]
    return found


def _counted(steps: list[SourceStep]) -> tuple[SourceStep, ...]:
    numbers: dict[int, int] = {}
    loops: dict[int, int] = {}
    result, number = [], 0
    for step in steps:
        if step.group is None or step.group not in numbers:
            number += 1
        own = number if step.group is None else numbers.setdefault(step.group, number)
        turn = step.round and (loops.setdefault(step.round[0], len(loops) + 1), step.round[1])
        result.append(replace(step, number=own, round=turn))
    return tuple(result)


