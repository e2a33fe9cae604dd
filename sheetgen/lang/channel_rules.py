"""What functions do with channels: convolutions add up those that come in, normalisations take groups of them, and
`flatten`, `reshape`, `vstack` and global pools go from channels to matrices and back."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Sequence
from functools import partial, reduce
from string import ascii_lowercase as LETTERS
from typing import Any

from sheetgen.lang.families import Family, Rule, Value, Writing, called, counted, dimensions, stacked
from sheetgen.lang.syntax import spec_error
from sheetgen.lang.tensors import Sizes
from sheetgen.ops import OPERATIONS


def _given(call: ast.Call) -> dict[str, ast.expr]:
    """The arguments of a call by name; empty for one that the language refuses."""
    operation = OPERATIONS[ast.unparse(call.func)]
    names = [name for name, _ in operation.arguments] + list(operation.options)
    placed, named = dict(zip(names, call.args, strict=False)), {k.arg or "*": k.value for k in call.keywords}
    if len(call.args) > len(names) or placed.keys() & named.keys():
        return {}
    return placed | named


def _whole(on: Writing, name: str, given: dict[str, ast.expr], needs: ast.Call | None = None) -> int:
    """A whole number from 1 on that is written out; left out 1, but for what a call `needs`."""
    tree = given.get(name, needs or ast.Constant(1))
    value = tree.value if isinstance(tree, ast.Constant) else None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise spec_error(f"`{name}` must be a whole number from 1 on.", on.text, tree)
    return value


def _samples(sizes: Sizes) -> list[Sizes]:
    """The indices before the channel."""
    return list(itertools.product(*map(range, sizes[:-1])))


def _added(terms: Sequence[ast.expr]) -> ast.expr:
    return reduce(lambda a, b: ast.BinOp(a, ast.Add(), b), terms)


def _again(call: ast.Call, given: dict[str, ast.expr]) -> Callable[[ast.expr, ast.expr], ast.expr]:
    """The same convolution of other matrices."""
    options = [ast.keyword(name, tree) for name, tree in given.items() if name not in ("x", "kernel", "groups")]
    return lambda x, kernel: ast.Call(call.func, [x, kernel], options)


def _convolution(on: Writing, call: ast.Call, transposed: bool) -> Value | None:
    """Each channel that comes out is the sum of the convolutions of those that come in, with kernels of its own."""
    given = _given(call)
    if not {"x", "kernel"} <= given.keys():
        return None
    x, kernel = on.value(given["x"]), on.value(given["kernel"])
    if not isinstance(x, Family) and not isinstance(kernel, Family):
        return None
    x, kernel = on.named(x, "x"), on.named(kernel, "kernel")
    groups = _whole(on, "groups", given)
    channels = x.sizes[-1] if isinstance(x, Family) else 1
    outer, inner = _kernels(kernel, channels, transposed)
    if transposed:
        fits, out, into = outer == channels and channels % groups == 0, inner * groups, channels // groups
    else:
        fits, out, into = inner * groups == channels and outer % groups == 0, outer, inner
    if not fits:
        raise spec_error(_misfit(on, given, kernel, channels, groups, transposed), on.text, call)
    make, items = _again(call, given), []
    samples: list[Sizes] = _samples(x.sizes) if isinstance(x, Family) else [()]
    for sample in samples:
        for o in range(out):
            group, terms = o // (out // groups), []
            for i in range(into):
                comes = group * into + i
                image = x.at((*sample, comes)) if isinstance(x, Family) else x
                place = (comes, o % inner) if transposed else (o, i)
                terms.append(make(image, _kernel(kernel, place)))
            items.append(_added(terms))
    return Family((*(x.sizes[:-1] if isinstance(x, Family) else ()), out), tuple(items))


def _kernels(kernel: Value, channels: int, transposed: bool) -> tuple[int, int]:
    """The first two sizes of kernels; of rank 3, they go from one channel to each of several, or are one each."""
    sizes = kernel.sizes if isinstance(kernel, Family) else (1,)
    if len(sizes) == 2:
        return sizes[0], sizes[1]
    size = sizes[0]
    return (1, size) if transposed and channels == 1 else (size, 1)


def _kernel(kernel: Value, place: tuple[int, int]) -> ast.expr:
    """The kernel from one channel to another; those of rank 3 have a single one on one side."""
    if not isinstance(kernel, Family):
        return kernel
    return kernel.at(place if len(kernel.sizes) == 2 else (max(place),))


def _misfit(
    on: Writing, given: dict[str, ast.expr], kernel: Value, channels: int, groups: int, transposed: bool
) -> str:
    x, k = (ast.unparse(given[name]) for name in ("x", "kernel"))
    first = kernel.items[0] if isinstance(kernel, Family) else kernel
    sizes = kernel.sizes if isinstance(kernel, Family) else ()
    order = "in × out" if transposed else "out × in"
    comes = f"`{x}` has {counted((channels,))}" if channels > 1 else f"`{x}` is one channel"
    shown = f"`{k}` is {dimensions(sizes, on.shape(first))}"
    needed = f"kernels are {order} × rows × columns"
    apart = f" and with groups={groups} each takes {channels // groups} of them" if groups > 1 else ""
    if groups > 1 and (channels % groups or (sizes and not transposed and sizes[0] % groups)):
        apart = f" and {groups} groups can't share {channels} channels and {sizes[0] if sizes else 1} kernels evenly"
    hint = ""
    if sizes == (channels,) and groups == 1 and not transposed:
        hint = f" `groups={channels}` gives each channel a kernel of its own."
    return f"{on.text.strip()}: {comes}, {shown}; {needed}{apart}.{hint}"


def _along_time(on: Writing, call: ast.Call, transposed: bool) -> Value | None:
    """conv1d, whose channels are rows: kernels out × in × columns make a row each, and those of a transposed one, in ×
    out × columns, are added up."""
    given = _given(call)
    if not {"x", "kernel"} <= given.keys():
        return None
    x, kernel = on.value(given["x"]), on.value(given["kernel"])
    groups = _whole(on, "groups", given)
    if not isinstance(kernel, Family):
        if groups == 1:
            return None
        kernel = Family((on.shape(kernel)[0],), tuple(
            ast.Subscript(kernel, ast.Slice(ast.Constant(k), ast.Constant(k + 1)))
            for k in range(on.shape(kernel)[0])
        ))  # fmt: skip
    x, make = on.named(x, "x"), _again(call, given)
    rows, many = on.shape(x.items[0] if isinstance(x, Family) else x)[0], len(kernel.items)
    inner = on.shape(kernel.items[0])[0]
    if len(kernel.sizes) != 1 or (many != rows or groups > 1 if transposed else
                                  inner * groups != rows or many % groups):  # fmt: skip
        needs = f"in × out × columns, in {rows}" if transposed else f"out × in × columns, in {rows // groups}"
        shown = f"`{ast.unparse(given['kernel'])}` is {dimensions(kernel.sizes, on.shape(kernel.items[0]))}"
        problem = f"{on.text.strip()}: `{ast.unparse(given['x'])}` has {rows} rows (channels), {shown}"
        raise spec_error(f"{problem}; kernels are {needs}.", on.text, call)

    def one(image: ast.expr) -> ast.expr:
        if transposed:
            return _added([make(_rows(image, i, i + 1, rows), each) for i, each in enumerate(kernel.items)])
        firsts = [k // (many // groups) * inner for k in range(many)]
        pieces = [make(_rows(image, first, first + inner, rows), each)
                  for first, each in zip(firsts, kernel.items, strict=True)]  # fmt: skip
        return stacked("vstack", pieces)

    return on.lift(one, [x])


def _rows(image: ast.expr, first: int, stop: int, rows: int) -> ast.expr:
    if (first, stop) == (0, rows):
        return image
    return ast.Subscript(image, ast.Slice(ast.Constant(first), ast.Constant(stop)))


# From channels to matrices, and back


def _column(family: Family, each: Callable[[ast.expr], ast.expr]) -> ast.expr:
    """What `each` makes of every channel, below one another; samples side by side, as everywhere."""
    columns = [
        stacked("vstack", [each(family.at((*sample, c))) for c in range(family.sizes[-1])])
        for sample in _samples(family.sizes)
    ]
    return stacked("hstack", columns)


def _flat(on: Writing, call: ast.Call) -> Value | None:
    """`flatten`, and the global pools."""
    x = _only(on, call)
    if not isinstance(x, Family):
        return None
    column = _column(x, lambda item: ast.Call(call.func, [item], []))
    return column if call is on.root else on.named(column, ast.unparse(call.func))


def _only(on: Writing, call: ast.Call) -> Value | None:
    given = _given(call)
    return on.value(given["x"]) if given.keys() == {"x"} else None


def _vstack(on: Writing, call: ast.Call) -> Value | None:
    """Channels after one another; a matrix is one channel."""
    if len(call.args) != 1 or not isinstance(call.args[0], ast.List):
        return None
    values = on.listed(call.args[0])
    if not any(isinstance(value, Family) for value in values):
        return None
    parts = [value if isinstance(value, Family) else Family((1,), (value,)) for value in values]
    ranks = {part.sizes[:-1] for part in parts}
    if len(ranks) > 1:
        listed = " and ".join(counted(part.sizes) for part in parts)
        raise spec_error(f"{on.text.strip()}: {listed} can't be stacked; all need as many samples.", on.text, call)
    items = [part.at((*sample, c)) for sample in _samples(parts[0].sizes) for part in parts
             for c in range(part.sizes[-1])]  # fmt: skip
    return Family((*parts[0].sizes[:-1], sum(part.sizes[-1] for part in parts)), tuple(items))


def _hstack(on: Writing, call: ast.Call) -> Value | None:
    items = on.listed(call.args[0]) if len(call.args) == 1 and isinstance(call.args[0], ast.List) else []
    if any(isinstance(value, Family) for value in items):
        problem = "`hstack` puts matrices side by side; channels follow one another with `vstack([A, B])`."
        raise spec_error(problem, on.text, call)
    return None


def _reshape(on: Writing, call: ast.Call) -> Value | None:
    """`reshape(z, (channels, rows, columns))` of a column; of a matrix, each of whose columns is a sample."""
    given = _given(call)
    sizes = given.get("shape")
    if "x" not in given or not isinstance(sizes, ast.Tuple | ast.List) or len(sizes.elts) != 3:
        return None
    channels, rows, columns = (_whole(on, "shape", {"shape": size}) for size in sizes.elts)
    x = on.named(on.value(given["x"]), "x")
    if isinstance(x, Family):
        raise spec_error(f"`{ast.unparse(given['x'])}` has channels already.", on.text, call)
    height, samples = on.shape(x)
    if height != channels * rows * columns:
        shown = f"`{ast.unparse(given['x'])}` has {height} rows"
        needed = f"{channels} channels of {rows}×{columns} need {channels * rows * columns}"
        raise spec_error(f"{on.text.strip()}: {shown}, but {needed}.", on.text, call)
    size, items = ast.Tuple([ast.Constant(rows), ast.Constant(columns)]), []
    for sample in range(samples):
        for c in range(channels):
            span: ast.expr = ast.Slice(ast.Constant(c * rows * columns), ast.Constant((c + 1) * rows * columns))
            if samples > 1:
                span = ast.Tuple([span, ast.Constant(sample)])
            items.append(called("reshape", ast.Subscript(x, span), size))
    return Family((samples, channels) if samples > 1 else (channels,), tuple(items))


# Normalisations


def _norm(on: Writing, call: ast.Call, name: str) -> Value | None:
    """Average 0 and spread 1 over the channels of a group, of each sample; `batch_norm`, of a channel over all samples;
    then a scale and a shift for each channel."""
    given = _given(call)
    x = on.value(given["x"]) if "x" in given else None
    if not isinstance(x, Family):
        return None
    x = on.named(x, "x")
    assert isinstance(x, Family)
    channels, samples = x.sizes[-1], _samples(x.sizes)
    groups = _whole(on, "groups", given, call) if name == "group_norm" else 1
    if channels % groups:
        raise spec_error(f"{on.text.strip()}: {groups} groups can't share {channels} channels evenly.", on.text, call)
    if name == "batch_norm":
        sizes: Sizes = (channels,)
        sets = [[x.at((*sample, c)) for sample in samples] for c in range(channels)]
    else:
        sizes, size = (*x.sizes[:-1], groups), channels // groups
        sets = [[x.at((*sample, g * size + k)) for k in range(size)] for sample in samples for g in range(groups)]
    wholes = [stacked("hstack", each) for each in sets]
    mean, var = (_of_sets(on, sizes, [called(what, each) for each in wholes], what, name == "batch_norm" or
                          sizes == x.sizes) for what in ("mean", "var"))  # fmt: skip
    eps = given.get("eps", ast.Constant(1e-5))
    items = []
    for sample in samples:
        for c in range(channels):
            at = (c,) if name == "batch_norm" else (*sample, c // (channels // groups))
            root = called("sqrt", ast.BinOp(var.at(at), ast.Add(), eps))
            items.append(ast.BinOp(ast.BinOp(x.at((*sample, c)), ast.Sub(), mean.at(at)), ast.Div(), root))
    value: Value = Family(x.sizes, tuple(items))
    for part, op in (("gamma", ast.Mult()), ("beta", ast.Add())):
        if part in given:
            value = on.lift(partial(_combined, op), [value, on.value(given[part])], True)
    return value


def _of_sets(on: Writing, sizes: Sizes, items: list[ast.expr], part: str, channels: bool) -> Family:
    """A number of each set under a name: `channels` have numbers, groups of them letters, a single one has neither."""
    if channels:
        family = on.named(Family(sizes, tuple(items)), part)
        assert isinstance(family, Family)
        return family
    ends = [""] if len(items) == 1 else [f"_{LETTERS[k]}" if k < len(LETTERS) else f"_g{k}" for k in range(len(items))]
    named = [on.named(item, f"{part}{end}") for item, end in zip(items, ends, strict=True)]
    return Family(sizes, tuple(each for each in named if not isinstance(each, Family)))


def _combined(op: Any, a: ast.expr, b: ast.expr) -> ast.expr:
    return ast.BinOp(a, op, b)


RULES: dict[str, Rule] = {
    "conv2d": partial(_convolution, transposed=False),
    "conv_transpose2d": partial(_convolution, transposed=True),
    "conv1d": partial(_along_time, transposed=False),
    "conv_transpose1d": partial(_along_time, transposed=True),
    "flatten": _flat,
    "global_avg_pool": _flat,
    "global_max_pool": _flat,
    "vstack": _vstack,
    "hstack": _hstack,
    "reshape": _reshape,
    **{name: partial(_norm, name=name) for name in ("layer_norm", "batch_norm", "group_norm")},
}
"""What a function makes of an expression with channels; None where it does as with any matrix."""
