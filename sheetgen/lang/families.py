"""Expressions of tensors written out: `relu(X + b)` as `relu(X_1 + b[0])`, `relu(X_2 + b[1])`, …

numpy's broadcasting holds for samples and channels, with PyTorch's bias: a column gives each channel its number.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sheetgen.ir.names import Names
from sheetgen.ir.node import Node, Shape, matrix, shape_text
from sheetgen.lang.infer import infer
from sheetgen.lang.rewrite import stands_for_itself
from sheetgen.lang.sizes import Sizes as Indices
from sheetgen.lang.syntax import SIZES, spec_error
from sheetgen.lang.tensors import Sizes, Tensor, sizes_text
from sheetgen.ops import OPERATIONS


@dataclass(frozen=True)
class Family:
    """An expression for each matrix of a tensor, in the order of its indices."""

    sizes: Sizes
    items: tuple[ast.expr, ...]

    def at(self, index: Sequence[int]) -> ast.expr:
        """The one of an index; what has fewer sizes is the same for all before them."""
        place = 0
        for size, k in zip(self.sizes, index[len(index) - len(self.sizes) :], strict=True):
            place = place * size + (k if size > 1 else 0)
        return self.items[place]


Value = Family | ast.expr
Rule = Callable[["Writing", ast.Call], Value | None]


@dataclass
class Writing:
    """One statement that is written out: `target = …` of `text`.

    `first` collects what is to be computed before it.
    """

    target: str
    text: str
    root: ast.expr
    """What stands right of its `=`."""
    shapes: Mapping[str, Shape]
    tensors: Mapping[str, Tensor]
    names: Names
    rules: Mapping[str, Rule]
    learn: Callable[[str, Value], None]
    first: list[tuple[str, Value]] = field(default_factory=list)

    def value(self, tree: ast.expr) -> Value:
        """What an expression is, written out."""
        match tree:
            case ast.Name(id=name) if name in self.tensors:
                tensor = self.tensors[name]
                return Family(tensor.sizes, tuple(ast.Name(each) for each in tensor.members))
            case ast.BinOp(left=left, op=op, right=right):
                by_cell = not isinstance(op, ast.MatMult)
                return self.lift(lambda a, b: ast.BinOp(a, op, b), [self.value(left), self.value(right)], by_cell)
            case ast.UnaryOp(op=sign, operand=operand):
                return self.lift(lambda a: ast.UnaryOp(sign, a), [self.value(operand)])
            case ast.Compare(left=left, ops=ops, comparators=[right]):
                return self.lift(lambda a, b: ast.Compare(a, ops, [b]), [self.value(left), self.value(right)], True)
            case ast.Attribute(value=inner, attr=attr):
                return self.lift(lambda a: ast.Attribute(a, attr), [self.value(inner)])
            case ast.Subscript(value=inner, slice=index):
                value = self.value(inner)
                return self.part(tree, value, index) if isinstance(value, Family) else ast.Subscript(value, index)
            case ast.Call(func=ast.Name(id=name)):
                rule = self.rules.get(name)
                found = rule(self, tree) if rule else None
                return self.call(tree) if found is None else found
        return tree

    def call(self, tree: ast.Call) -> Value:
        """A function of each matrix; of all of them together where it gives one number."""
        name = ast.unparse(tree.func)
        given: list[ast.expr] = [*tree.args, *(keyword.value for keyword in tree.keywords)]
        values = [self.listed(each) if isinstance(each, ast.List) else [self.value(each)] for each in given]
        flat = [value for one in values for value in one]

        def made(*items: ast.expr) -> ast.expr:
            left = iter(items)
            built: list[ast.expr] = [
                ast.List([next(left) for _ in one]) if isinstance(each, ast.List) else next(left)
                for each, one in zip(given, values, strict=True)
            ]
            args, rest = built[: len(tree.args)], built[len(tree.args) :]
            keywords = [ast.keyword(k.arg, v) for k, v in zip(tree.keywords, rest, strict=True)]
            return ast.Call(tree.func, args, keywords)

        if name in SIZES:
            return made(*(value.items[0] if isinstance(value, Family) else value for value in flat))
        operation = OPERATIONS.get(name)
        if self.joins(name, made, flat):
            return made(*(_beside(value) if isinstance(value, Family) else value for value in flat))
        return self.lift(made, flat, operation is not None and operation.kind == "elementwise")

    def joins(self, name: str, made: Callable[..., ast.expr], flat: list[Value]) -> bool:
        """Whether a function makes one number of a whole tensor."""
        families = [value for value in flat if isinstance(value, Family)]
        operation = OPERATIONS.get(name)
        if not families or operation is None or operation.kind not in ("reduction", "composite"):
            return False
        whole = made(*(_beside(value) if isinstance(value, Family) else value for value in flat))
        return self.shape(whole) == (1, 1) != self.shape(_beside(families[0]))

    def listed(self, tree: ast.List) -> list[Value]:
        return [self.value(each) for each in tree.elts]

    def lift(self, make: Callable[..., ast.expr], values: list[Value], by_cell: bool = False) -> Value:
        """`make` of each matrix. `by_cell`: where a column has a number for each channel."""
        families = [value for value in values if isinstance(value, Family)]
        if not families:
            return make(*values)
        sizes = self.broadcast([family.sizes for family in families])
        if by_cell:
            values = [self.by_channel(value, sizes, families) for value in values]
        indices = itertools.product(*map(range, sizes))
        return Family(sizes, tuple(make(*(_item(value, index) for value in values)) for index in indices))

    def broadcast(self, all_sizes: list[Sizes]) -> Sizes:
        rank = max(map(len, all_sizes))
        padded = [(1,) * (rank - len(sizes)) + sizes for sizes in all_sizes]
        result = tuple(map(max, zip(*padded, strict=True)))
        if any(size not in (1, most) for sizes in padded for size, most in zip(sizes, result, strict=True)):
            listed = " and ".join(counted(sizes) for sizes in dict.fromkeys(all_sizes))
            problem = f"{self.text.strip()}: {listed} don't go together; what is combined has as many"
            raise spec_error(f"{problem}.", self.text)
        return result

    def by_channel(self, value: Value, sizes: Sizes, families: list[Family]) -> Value:
        """A column, taken apart: a number for each channel. Others are the same for all channels."""
        if isinstance(value, Family):
            return value
        rows, columns = self.shape(value)
        if columns != 1 or rows == 1:
            return value if rows == columns == 1 else self.named(value, "m")
        if rows != sizes[-1]:
            shown = f"{self.text.strip()}: `{ast.unparse(value)}` is {shape_text((rows, columns))}"
            problem = f"{shown}, but there are {counted(sizes)}; a column has a number for each channel"
            raise spec_error(f"{problem}.", self.text, value)
        column = self.named(value, "b")
        assert not isinstance(column, Family)
        numbers = tuple(ast.Subscript(column, ast.Constant(k)) for k in range(rows))
        return Family((rows,), numbers)

    def named(self, value: Value, part: str) -> Value:
        """The same under names: what is used several times and has none is computed first, as `target_part`."""
        items = value.items if isinstance(value, Family) else (value,)
        if all(stands_for_itself(item) for item in items):
            return value
        name = self.names.fresh(f"{self.target}_{part}")
        self.first.append((name, value))
        self.learn(name, value)
        if isinstance(value, Family):
            return Family(value.sizes, tuple(ast.Name(each) for each in Tensor(name, value.sizes).members))
        return ast.Name(name)

    def shape(self, tree: ast.expr) -> Shape:
        """Of one matrix. Raises SpecError."""
        text = ast.unparse(tree)
        return infer(ast.parse(text, mode="eval").body, self.shapes, text, (), None, self.gradient).shape

    def gradient(self, loss: str, name: str) -> Node:
        return matrix(name, self.shapes[name])

    def part(self, tree: ast.Subscript, value: Family, index: ast.expr) -> Value:
        """`X[0]`, `X[:2]`, `X[0, :, 1:3]`: samples and channels first, then rows and columns."""
        parts = list(index.elts) if isinstance(index, ast.Tuple) else [index]
        rank = len(value.sizes)
        if len(parts) > rank + 2:
            dimensions = f"{rank + 2} dimensions, {'samples, ' * (rank > 1)}channels, rows and columns"
            raise spec_error(f"`{ast.unparse(tree)}`: there are {dimensions}.", self.text, tree)
        reader = _Reader(self)
        spans, kept = [], []
        for each, size, what in zip(parts, value.sizes, ("sample", "channel")[-rank:], strict=False):
            spans.append(range(*reader.span(each, size, what)))
            kept += [len(spans[-1])] if isinstance(each, ast.Slice) else []
        spans += [range(size) for size in value.sizes[len(spans) :]]
        kept += value.sizes[len(parts) :]
        inner = parts[rank:]
        cut = ast.Tuple(inner) if len(inner) > 1 else inner[0] if inner else None
        items = tuple(
            value.at(at) if cut is None else ast.Subscript(value.at(at), cut) for at in itertools.product(*spans)
        )
        return Family(tuple(kept), items) if kept else items[0]


class _Reader(Indices):
    """Reads indices of samples and channels."""

    def __init__(self, writing: Writing) -> None:
        self.text, self.shapes = writing.text, writing.shapes

    def node(self, tree: ast.expr) -> Node:
        return infer(tree, self.shapes, self.text)


def counted(sizes: Sizes) -> str:
    """`2 samples of 3 channels`."""
    words = [f"{size} {what}{'s' * (size != 1)}" for size, what in zip(sizes, ("sample", "channel")[-len(sizes) :],
                                                                      strict=True)]  # fmt: skip
    return " of ".join(words)


def dimensions(sizes: Sizes, shape: Shape) -> str:
    """`3×4×4`."""
    return sizes_text((*sizes, *shape))


def called(name: str, *args: ast.expr) -> ast.Call:
    """`name(args)`."""
    return ast.Call(ast.Name(name), list(args), [])


def stacked(name: str, items: Sequence[ast.expr]) -> ast.expr:
    """`vstack([…])` or `hstack([…])`; a single matrix as it is."""
    return items[0] if len(items) == 1 else called(name, ast.List(list(items)))


def _beside(family: Family) -> ast.expr:
    return stacked("hstack", family.items)


def _item(value: Value, index: Sequence[int]) -> ast.expr:
    return value.at(index) if isinstance(value, Family) else value


