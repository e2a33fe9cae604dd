"""Convolution, and transposed convolution, as PyTorch has them.

Convolution is what deep learning calls so: the kernel isn't turned around. These are of one channel; `spec/channels.py`
writes those of several out as sums. For the ones of one dimension, columns are time and rows are channels: `conv1d`
adds up the channels that come in, one for each row of the kernel; `conv_transpose1d` makes one for each row of it.
"""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from sheetgen.ir.node import Node, Shape, call
from sheetgen.ops import options
from sheetgen.ops.base import Cells, ShapeProblem
from sheetgen.ops.notation import COMPARISON, PRODUCT, Caption
from sheetgen.ops.options import Option
from sheetgen.ops.windows import SAME, Pair, Slide, Slides, Span, padding, pair, places, ranges, windows

GROUPS = Option(1, lambda value: value == 1, "1, as a single matrix is one channel", ignored=True)
"""Those of several channels are written out before an operation sees them."""
LINE = {"conv1d", "conv_transpose1d"}
"""They move along the columns only."""


def _slides(shape: Shape, kernel: Shape, how: tuple[Pair, Pair, Pair, Pair]) -> Slides:
    """`how`: the padding before and after the rows, that of the columns, the steps and the dilation."""
    rows, columns, steps, dilation = how
    return (Slide(shape[0], kernel[0], steps[0], *rows, dilation[0]),
            Slide(shape[1], kernel[1], steps[1], *columns, dilation[1]))


def _how(
    name: str, x: Shape, k: Shape, stride: Any = 1, padding: Any = 0, dilation: Any = 1
) -> tuple[Pair, Pair, Pair, Pair]:
    """The options of a convolution of `x`, as its gradients are told them."""
    steps, apart = pair(stride), pair(dilation)
    if name in LINE:
        steps, apart = (1, steps[1]), (1, apart[1])
    pads = []
    for axis in (0, 1):
        if name in LINE and axis == 0:
            pads.append((0, 0))
        elif padding == SAME:  # as many places as cells, divided by the step; of an odd number more comes after
            reach = apart[axis] * (k[axis] - 1) + 1
            missing = max((-(-x[axis] // steps[axis]) - 1) * steps[axis] + reach - x[axis], 0)
            pads.append((missing // 2, missing - missing // 2))
        else:
            pads.append((pair(padding)[axis],) * 2)
    return pads[0], pads[1], steps, apart


def _dot(a: Any, a_span: Span, b: Any, b_span: Span, fixed: Pair = (0, 1)) -> str:
    """Sum of the products of two equally large windows; `fixed` ones get `$`."""
    (top, bottom), (first, last) = a_span
    if bottom <= top or last <= first:
        return "0"
    if bottom - top > 1 and not (a.whole and b.whole):
        down = b_span[0][0] - top
        rows = ((i, i + down) for i in range(top, bottom))
        return "+".join(_dot(a, ((i, i + 1), a_span[1]), b, ((k, k + 1), b_span[1]), fixed) for i, k in rows)
    if (bottom - top) * (last - first) == 1 or a.flipped == b.flipped:
        x, y = a.window(*a_span, fixed=bool(fixed[0])), b.window(*b_span, fixed=bool(fixed[1]))
        return f"{x}*{y}" if ":" not in x else f"SUMPRODUCT({x},{y})"
    down, across = b_span[0][0] - top, b_span[1][0] - first
    return "+".join(
        f"{a.cell(i, j)}*{b.cell(i + down, j + across)}" for i in range(top, bottom) for j in range(first, last)
    )


def _paired(a: Any, b: Any, rows: list[Pair], columns: list[Pair], fixed: Pair) -> str:
    """Σ of the cells of `a` times those of `b`: each pair of rows with each pair of columns."""
    if not rows or not columns:
        return "0"
    if all(_beside(pairs) for pairs in (rows, columns)):
        a_span, b_span = (
            ((rows[0][k], rows[-1][k] + 1), (columns[0][k], columns[-1][k] + 1)) for k in (0, 1)
        )
        return _dot(a, a_span, b, b_span, fixed)
    return "+".join(f"{a.cell(i, j)}*{b.cell(u, v)}" for i, u in rows for j, v in columns)


def _beside(pairs: list[Pair]) -> bool:
    """Whether both numbers go up by 1 from pair to pair."""
    return all((a + 1, b + 1) == after for (a, b), after in pairwise(pairs))


# What comes out, and the gradients of what goes in


def _convolve(x: np.ndarray, k: np.ndarray, slides: Slides) -> np.ndarray:
    return np.asarray(np.einsum("ijuv,uv->ij", windows(x, slides), k))


def _spread(g: np.ndarray, k: np.ndarray, slides: Slides) -> np.ndarray:
    """Each cell of `g`, at its place, times the whole kernel."""
    rows, columns = slides
    full = np.zeros((rows.size + rows.before + rows.after, columns.size + columns.before + columns.after))
    for (p, q), value in np.ndenumerate(g):
        top, left = p * rows.stride, q * columns.stride
        full[top : top + rows.reach : rows.dilation, left : left + columns.reach : columns.dilation] += value * k
    return full[rows.before : rows.before + rows.size, columns.before : columns.before + columns.size]


def _spread_formula(i: int, j: int, g: Any, k: Any, slides: Slides) -> str:
    terms = [f"{g.cell(p, q)}*{k.cell(u, v)}" for p, u in slides[0].readers(i) for q, v in slides[1].readers(j)]
    return "+".join(terms) or "0"


def _kernel_gradient_formula(u: int, v: int, g: Any, x: Any, shape: Shape, how: Any) -> str:
    rows, columns = (
        [(at, cell) for at in range(slide.places) for cell, tap in slide.read(at) if tap == own]
        for slide, own in zip(_slides(x.shape, shape, how), (u, v), strict=True)
    )
    return _paired(g, x, rows, columns, (1, 0))


def _sheet(x: np.ndarray) -> Shape:
    return x.shape[0], x.shape[1]


ranges("conv_input_gradient", "g, kernel", public=False, shape=lambda g, k, shape, **_: shape,
       numpy=lambda g, k, shape, how: _spread(g, k, _slides(shape, _sheet(k), how)),
       formula=lambda i, j, g, k, shape, how: _spread_formula(i, j, g, k, _slides(shape, k.shape, how)),
       spreads="multiplies", caption=Caption("{0:*} ∗ {1:*} turned", COMPARISON),
       says="every place gets its gradient through each kernel cell that touched it")
ranges("conv_kernel_gradient", "g, x", public=False, shape=lambda g, x, shape, **_: shape,
       numpy=lambda g, x, shape, how: np.einsum("ij,ijuv->uv", g, windows(x, _slides(_sheet(x), shape, how))),
       formula=_kernel_gradient_formula, spreads="multiplies", caption=Caption("{1:*} ∗ {0:*}", PRODUCT),
       says="each kernel cell gets the gradient times what it touched, added up")


# Convolutions


def _convolution(name: str, says: str, role: Literal["", "image"] = "") -> None:
    def slides(x: Shape, k: Shape, given: Any) -> Slides:
        return _slides(x, k, _how(name, x, k, **given))

    def shape(x: Shape, k: Shape, **given: Any) -> Shape:
        if name == "conv1d" and x[0] != k[0]:
            raise ShapeProblem(f"the kernel needs a row for each of the {x[0]} rows (channels)")
        return places(slides(x, k, given))

    def formula(i: int, j: int, x: Any, k: Any, **given: Any) -> str:
        rows, columns = slides(x.shape, k.shape, given)
        return _paired(x, k, [*rows.read(i)], [*columns.read(j)], (0, 1))

    def window(i: int, j: int, x: Shape, k: Shape, **given: Any) -> Cells:
        along = zip(slides(x, k, given), (i, j), strict=True)
        rows, columns = ([cell for cell, _ in slide.read(at)] or [0] for slide, at in along)
        return rows[0], columns[0], rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1

    def gradient(x: Node, k: Node, out: Node, g: Node, **given: Any) -> tuple[Node, Node]:
        how = _how(name, x.shape, k.shape, **given)
        return (call("conv_input_gradient", g, k, shape=x.shape, how=how),
                call("conv_kernel_gradient", g, x, shape=k.shape, how=how))

    ranges(name, "x, kernel", options={"stride": options.size(1), "padding": padding(True), "dilation": options.size(1),
                                       "groups": GROUPS},
           shape=shape, formula=formula, gradient=gradient, label="∗", role=role,
           multiplies=lambda x, k: k[0] * k[1], spreads="multiplies", above=0, window=window,
           numpy=lambda x, k, **given: _convolve(x, k, slides(_sheet(x), _sheet(k), given)),
           caption=Caption("{0:*} ∗ {1:*}", PRODUCT), says=says)


_convolution("conv2d", "convolution: the kernel slides over the matrix; products under it are added up", "image")
_convolution("conv1d", "convolution: the kernel slides along the columns; products under it are added up")


def _kept(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options that a transposed convolution has in common with the convolution whose way back it is."""
    return {name: value for name, value in given.items() if name != "output_padding"}


def _transposed(name: str, back: str, says: str, role: Literal["", "image"] = "") -> None:
    """`back`: the convolution whose gradient with respect to its input it is."""

    def shape(
        x: Shape, k: Shape, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, dilation: Any = 1
    ) -> Shape:
        if name in LINE and x[0] != 1:
            raise ShapeProblem("it spreads a single row (channel); the kernel has a row for each that comes out")
        sizes = []
        for axis in (0, 1):
            if name in LINE and axis == 0:
                sizes.append(k[0])
                continue
            step, more = pair(stride)[axis], pair(output_padding)[axis]
            if more >= step:
                raise ShapeProblem(f"output_padding must be smaller than the stride, {step}")
            size = (x[axis] - 1) * step - 2 * pair(padding)[axis] + pair(dilation)[axis] * (k[axis] - 1) + 1 + more
            if size < 1:
                raise ShapeProblem("with so much padding taken off, nothing is left")
            sizes.append(size)
        return sizes[0], sizes[1]

    def slides(x: Shape, k: Shape, given: Any) -> Slides:
        out = shape(x, k, **given)
        return _slides(out, k, _how(name, out, k, **_kept(given)))

    def gradient(x: Node, k: Node, out: Node, g: Node, **given: Any) -> tuple[Node, Node]:
        how = _how(name, out.shape, k.shape, **_kept(given))
        return (call(back, g, k, **_kept(given)), call("conv_kernel_gradient", x, g, shape=k.shape, how=how))

    ranges(name, "x, kernel",
           options={"stride": options.size(1), "padding": padding(False), "output_padding": padding(False),
                    "groups": GROUPS, "dilation": options.size(1)},
           shape=shape, gradient=gradient, label="∗ᵀ", role=role, multiplies=lambda x, k: k[0] * k[1],
           numpy=lambda x, k, **given: _spread(x, k, slides(_sheet(x), _sheet(k), given)),
           formula=lambda i, j, x, k, **given: _spread_formula(i, j, x, k, slides(x.shape, k.shape, given)),
           spreads="multiplies", above=0, caption=Caption("{0:*} ∗ᵀ {1:*}", PRODUCT), says=says)


_transposed("conv_transpose2d", "conv2d",
            "transposed convolution: each cell, times the whole kernel, is added in at its place", "image")
_transposed("conv_transpose1d", "conv1d",
            "transposed convolution: each cell, times the whole kernel, is added in along the row")
