"""Shapes: from the syntax tree of an expression to nodes that know theirs, or an error that says, in the reader's
terms, which matrices don't fit and why."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Collection, Mapping
from typing import Any

from sheetgen.errors import SpecError, brief
from sheetgen.ir.node import Node, Shape, call, matrix, number, shape_text
from sheetgen.lang.advice import ARGUMENTS, CONSTANTS, OF_LOSSES, PI, gradient
from sheetgen.lang.show import show
from sheetgen.lang.sizes import Sizes
from sheetgen.lang.syntax import (
    BINARY,
    COMPARE,
    DEEPEST,
    GRAD,
    SIZES,
    TOO_LONG,
    check,
    did_you_mean,
    known_functions,
    spec_error,
)
from sheetgen.limits import too_large
from sheetgen.ops import OPERATIONS, Operation, ShapeProblem
from sheetgen.ops.base import infix, zeros
from sheetgen.ops.views import transpose

Differentiate = Callable[[str, str], Node]
"""`differentiate(loss, name)`: the gradient of a 1×1 matrix with respect to another."""


def infer(
    tree: ast.expr,
    names: Mapping[str, Shape],
    text: str = "",
    later: Collection[str] = (),
    target: str | None = None,
    differentiate: Differentiate | None = None,
) -> Node:
    """Give `tree` its operations and shapes.

    `names` are the matrices known so far; `later` those that the steps compute, further down too; `differentiate`
    works out `grad(L, W)`, where that may stand. Raises SpecError for unknown names, wrong arguments and shapes that
    don't fit.
    """
    return _Inference(names, text or ast.unparse(tree), later, target, differentiate).node(tree)


class _Inference(Sizes):
    def __init__(
        self,
        names: Mapping[str, Shape],
        text: str,
        later: Collection[str],
        target: str | None,
        differentiate: Differentiate | None,
    ) -> None:
        self.names, self.text, self.later, self.target = names, text, later, target
        self.differentiate = differentiate

    def node(self, tree: ast.expr) -> Node:
        match tree:
            case ast.Constant(value=int() | float() as value):
                return number(value)
            case ast.Name(id=name):
                return self.reference(tree, name)
            case ast.BinOp(left=left, op=op, right=right):
                return self.apply(infix(BINARY[type(op)]), tree, self.node(left), self.node(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.node(operand)
                return -inner if inner.is_number else self.apply(infix("-", 1), tree, inner)
            case ast.UnaryOp(operand=operand):
                return self.node(operand)
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                return self.apply(infix(COMPARE[type(ops[0])]), tree, self.node(left), self.node(comparators[0]))
            case ast.Attribute(value=value):
                return transpose(self.node(value))
            case ast.Subscript(value=value, slice=index):
                return self.slice(tree, self.node(value), index)
            case ast.Call(func=ast.Name(id=name)) if name in SIZES:
                return number(self.size(tree, name))
            case ast.Call(func=ast.Name(id=name)):
                return self.gradient(tree) if name == GRAD else self.call(tree, OPERATIONS[name])
        raise AssertionError(ast.dump(tree))  # refused by `check`

    def reference(self, tree: ast.expr, name: str) -> Node:
        if name in self.names:
            return matrix(name, self.names[name])
        if name == PI and name not in (self.target, *self.later):
            return number(math.pi)
        if name == self.target:
            message = f"`{name}` is used in its own definition."
        elif name in self.later:
            message = f"`{name}` is used before it is computed."
        else:
            known = [*self.names, *self.later]
            hint = f" Write {CONSTANTS[name]}." if name in CONSTANTS else did_you_mean(name, known)
            if name in known_functions():
                hint = f" `{name}` is a function: write `{name}(…)`."
            message = gradient(name, known) or f"There is no matrix `{name}`.{hint}"
        raise spec_error(message, self.text, tree)

    def apply(self, op: str, tree: ast.AST, *args: Node, **options: Any) -> Node:
        if any(0 in arg.shape for arg in args):
            args = self.filled(op, tree, *args)
            if len(args) == 1:
                return args[0]
        product = OPERATIONS[op].kind == "product"
        if product and any(arg.is_number for arg in args):
            problem = f"{brief(self.text)}: `@` needs two matrices; write `*` to multiply by a number"
            raise spec_error(problem, self.text, tree)
        try:
            node = call(op, *args, **options)
        except ShapeProblem as problem:
            raise spec_error(self.misfit(op, args, str(problem)), self.text, tree) from None
        return self.sized(node, tree)

    def filled(self, op: str, tree: ast.AST, *args: Node) -> tuple[Node, ...]:
        """What there is in a stack, without the matrices that are empty; nothing else takes such."""
        rule = OPERATIONS[op]
        if rule.stacks is None:
            empty = next(arg for arg in args if 0 in arg.shape)
            problem = f"{show(empty)} is {shape_text(empty.shape)}, and only hstack and vstack take an empty matrix"
            raise spec_error(f"{brief(self.text)}: {problem}.", self.text, tree)
        try:
            shape = rule.shape(*(arg.shape for arg in args))
        except ShapeProblem as problem:
            raise spec_error(self.misfit(op, args, str(problem)), self.text, tree) from None
        return tuple(arg for arg in args if 0 not in arg.shape) or (zeros(shape),)

    def sized(self, node: Node, tree: ast.AST) -> Node:
        """`node`, if a sheet has room for it."""
        if problem := too_large(node.shape):
            raise spec_error(f"`{show(node)}` would be {shape_text(node.shape)}, but {problem}.", self.text, tree)
        return node

    def misfit(self, op: str, args: tuple[Node, ...], reason: str) -> str:
        """`Z1 = W1 @ X + b1: W1 is 4×3 and X is 2×1; W1 @ X needs X to have 3 rows`."""
        shown: dict[str, str] = {}
        for arg in args:
            if not arg.is_number:
                shown.setdefault(show(arg), shape_text(arg.shape))
        sizes = " and ".join(f"{name} is {size}" for name, size in shown.items())
        if OPERATIONS[op].kind == "product":
            left, right = args
            rows = left.shape[1]
            needs = f"{show(left, 3)} @ {show(right, 4)} needs {show(right)}"
            reason = f"{needs} to have {rows} row{'s' * (rows != 1)}"
        return f"{brief(self.text)}: {sizes}; {reason}"

    # Calls

    def gradient(self, tree: ast.Call) -> Node:
        match tree:
            case ast.Call(args=[ast.Name(id=loss) as of, ast.Name(id=name) as to], keywords=[]):
                shape = self.reference(of, loss).shape
                self.reference(to, name)
            case _:
                problem = f"Write `{GRAD}(L, W)`: the names of a 1×1 matrix and of one that it is computed from."
                raise spec_error(problem, self.text, tree)
        if shape != (1, 1):
            problem = f"`{ast.unparse(tree)}`: only a 1×1 matrix has a gradient, such as `sum({loss})`"
            raise spec_error(f"{problem}; `{loss}` is {shape_text(shape)}.", self.text, of)
        if self.differentiate is None:
            raise spec_error(f"`{ast.unparse(tree)}` needs a step of its own: `g = {GRAD}(L, W)`.", self.text, tree)
        try:
            return self.differentiate(loss, name)
        except SpecError as error:
            raise spec_error(error.message, self.text, tree) from None

    def call(self, tree: ast.Call, operation: Operation) -> Node:
        if operation.constant:
            return self.constant(tree, operation)
        if operation.variadic:
            if (
                len(tree.args) != 1
                or tree.keywords
                or not isinstance(tree.args[0], ast.List | ast.Tuple)
                or not tree.args[0].elts
            ):
                raise spec_error(f"`{operation.name}` takes one list: `{operation.name}([A, B])`.", self.text, tree)
            return self.apply(operation.name, tree, *(self.node(item) for item in tree.args[0].elts))
        if operation.of_list and any(isinstance(arg, ast.List | ast.Tuple) for arg in tree.args):
            return self.of_list(tree, operation)
        matrices: dict[str, Node] = {}
        options: dict[str, Any] = {}
        parameters = [name for name, _ in operation.arguments] + list(operation.options)
        if len(tree.args) > len(parameters):
            raise spec_error(
                f"`{operation.name}` takes {usage(operation)}; {len(tree.args)} were given.", self.text, tree
            )
        given = [(None, value) for value in tree.args] + [(keyword.arg, keyword.value) for keyword in tree.keywords]
        for place, (keyword, value) in enumerate(given):
            name = parameters[place] if keyword is None and place < len(tree.args) else keyword
            if name not in parameters:
                same = ARGUMENTS.get(str(name))
                hint = f" Write `{same}`." if same in parameters else did_you_mean(str(name), parameters)
                if "reduction" in parameters and name in OF_LOSSES:
                    hint = f" {OF_LOSSES[name]}"
                raise spec_error(
                    f"`{operation.name}` has no argument `{name}`.{hint} It takes {usage(operation)}.", self.text, value
                )
            if name in matrices or name in options:
                raise spec_error(f"`{operation.name}`: `{name}` is given twice.", self.text, value)
            if name in operation.options:
                options[name] = self.option(operation, name, value)
            else:
                if isinstance(value, ast.List | ast.Tuple):
                    raise spec_error(f"`{operation.name}` takes {usage(operation)}.", self.text, value)
                check(value, self.text)
                matrices[name] = self.node(value)
        args: list[Node] = []
        for name, default in operation.arguments:
            if name in matrices:
                args.append(matrices[name])
            elif default is not None:
                args.append(number(default))
            else:
                raise spec_error(f"`{operation.name}` takes {usage(operation)}; `{name}` is missing.", self.text, tree)
        told = {name: option for name, option in operation.options.items() if not option.ignored}
        full = {name: options.get(name, option.default) for name, option in told.items()}
        return self.apply(operation.name, tree, *args, **full)

    def of_list(self, tree: ast.Call, operation: Operation) -> Node:
        """`sum([A, B])`, which is `A + B`."""
        items = tree.args[0].elts if isinstance(tree.args[0], ast.List | ast.Tuple) else []
        if len(tree.args) != 1 or tree.keywords or not items or operation.of_list is None:
            problem = f"`{operation.name}` of a list takes nothing else: `{operation.name}([A, B])`"
            raise spec_error(f"{problem} adds cell by cell.", self.text, tree)
        if len(items) > DEEPEST:
            raise spec_error(TOO_LONG, self.text, tree)
        nodes = [self.node(item) for item in items]
        if any(0 in node.shape for node in nodes):
            self.filled(operation.name, tree, *nodes)
        try:
            return self.sized(operation.of_list(nodes), tree)
        except ShapeProblem as problem:
            raise spec_error(self.misfit(operation.name, tuple(nodes), str(problem)), self.text, tree) from None

    def constant(self, tree: ast.Call, operation: Operation) -> Node:
        example = operation.example
        if tree.keywords or len(tree.args) != 1:
            raise spec_error(f"Write `{example}`.", self.text, tree)
        value = tree.args[0]
        sizes = [
            self.integer(e, "A size") for e in (value.elts if isinstance(value, ast.Tuple | ast.List) else [value])
        ]
        if operation.square and len(sizes) == 1:
            sizes *= 2
        least = 0 if operation.fills == 0 and any(sizes) else 1  # zeros((2, 0)) is where a stack may start
        if len(sizes) != 2 or min(sizes) < least:
            raise spec_error(f"Write `{example}`: everything is a matrix.", self.text, tree)
        return self.sized(Node(operation.name, shape=(sizes[0], sizes[1])), tree)

    def option(self, operation: Operation, name: str, tree: ast.expr) -> Any:
        """The value of a literal keyword argument."""
        try:
            value = ast.literal_eval(self.with_sizes(tree))
        except ValueError:
            raise spec_error(
                f"`{name}` of `{operation.name}` must be written out, not `{ast.unparse(tree)}`.", self.text, tree
            ) from None
        option = operation.options[name]
        if not option.fits(value):
            raise spec_error(
                f"`{name}` of `{operation.name}` must be {option.wanted}, not `{ast.unparse(tree)}`.", self.text, tree
            )
        return option.read(value)


def usage(operation: Operation) -> str:
    """`(x, negative_slope=0.01)`."""
    items = [name if default is None else f"{name}={default:g}" for name, default in operation.arguments]
    items += [f"{name}={option.default!r}" for name, option in operation.options.items()]
    return f"`({', '.join(items)})`"
