"""Operations whose cells read a window of another matrix: convolution and pooling.

Convolution is what deep learning calls so (the kernel isn't turned around), over one channel. For
`conv1d`, rows are channels and columns are time: a kernel with as many rows slides along the columns.
"""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np

from sheetgen.ir.node import Node, Shape, call, shape_text
from sheetgen.ops import options
from sheetgen.ops.base import Operation, ShapeProblem, register, signature
from sheetgen.ops.equality import same
from sheetgen.ops.notation import COMPARISON, PRODUCT, Caption
from sheetgen.ops.options import Option
from sheetgen.ops.template import ranged

Pair = tuple[int, int]
Span = tuple[Pair, Pair]


def ranges(name: str, arguments: str, *, shape: Callable[..., Shape], numpy: Callable[..., Any],
           formula: Callable[..., str], says: str, options: Mapping[str, Option] | None = None, **fields: Any) -> None:
    """Register a range operation; `formula(i, j, *operands, **options)` gives the text of cell (i, j), from 0.

    Operands give references: `cell(i, j)`, `line(i)`, `window(rows, columns)` with (start, stop), and have a `shape`.
    `fields` are others of `Operation`.
    """
    register(Operation(name=name, kind="range", arguments=signature(arguments), options=options or {}, shape=shape,
                       numpy=numpy, formula=formula, says=says, **fields))


def _pair(size: Any, shape: Shape) -> Pair:
    """A window's rows and columns; over a single row or column, a number counts along it."""
    if isinstance(size, tuple):
        return size
    return (1 if shape[0] == 1 else size, 1 if shape[1] == 1 else size)


def _places(shape: Shape, window: Pair, stride: Pair, padding: Pair) -> Shape:
    """How many places a window has along the rows and along the columns."""
    if any(w > s + 2 * p for s, w, p in zip(shape, window, padding, strict=True)):
        raise ShapeProblem(f"a window of {shape_text(window)} doesn't fit into {shape_text(shape)}")
    rows, columns = ((s + 2 * p - w) // t + 1 for s, w, t, p in zip(shape, window, stride, padding, strict=True))
    return rows, columns


def _covered(at: int, size: int, window: int, stride: int, padding: int) -> Pair:
    """Start and stop of the cells that the window at place `at` covers, within the matrix."""
    start = at * stride - padding
    return max(start, 0), min(start + window, size)


def _covering(cell: int, places: int, window: int, stride: int, padding: int) -> list[int]:
    """The places at which the window covers `cell`."""
    return [at for at in range(places) if 0 <= cell - (at * stride - padding) < window]


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


# Convolution. `steps` and `pads` are pairs (rows, columns).


def _steps(name: str, stride: Any, padding: int) -> tuple[Pair, Pair]:
    pair = stride if isinstance(stride, tuple) else (stride, stride)
    return ((1, pair[1]), (0, padding)) if name == "conv1d" else (pair, (padding, padding))


def _windows(x: np.ndarray, kernel: Shape, steps: Pair, pads: Pair) -> np.ndarray:
    """All windows of `x`: places × places × kernel rows × kernel columns."""
    padded = np.pad(x, [(pads[0], pads[0]), (pads[1], pads[1])])
    return np.lib.stride_tricks.sliding_window_view(padded, kernel)[:: steps[0], :: steps[1]]


def _convolve(x: np.ndarray, k: np.ndarray, steps: Pair, pads: Pair) -> np.ndarray:
    return np.asarray(np.einsum("ijuv,uv->ij", _windows(x, k.shape, steps, pads), k))


def _input_gradient(g: np.ndarray, k: np.ndarray, shape: Shape, steps: Pair, pads: Pair) -> np.ndarray:
    full = np.zeros((shape[0] + 2 * pads[0], shape[1] + 2 * pads[1]))
    for (p, q), value in np.ndenumerate(g):
        full[p * steps[0] : p * steps[0] + k.shape[0], q * steps[1] : q * steps[1] + k.shape[1]] += value * k
    return full[pads[0] : pads[0] + shape[0], pads[1] : pads[1] + shape[1]]


def _convolution_formula(name: str) -> Callable[..., str]:
    def formula(i: int, j: int, x: Any, k: Any, stride: Any = 1, padding: int = 0) -> str:
        steps, pads = _steps(name, stride, padding)
        spans = [_covered(at, x.shape[d], k.shape[d], steps[d], pads[d]) for d, at in enumerate((i, j))]
        start = [at * steps[d] - pads[d] for d, at in enumerate((i, j))]
        kernel = [(low - start[d], high - start[d]) for d, (low, high) in enumerate(spans)]
        return _dot(x, (spans[0], spans[1]), k, (kernel[0], kernel[1]))

    return formula


def _input_gradient_formula(i: int, j: int, g: Any, k: Any, shape: Shape, steps: Pair, pads: Pair) -> str:
    rows = _covering(i, g.shape[0], k.shape[0], steps[0], pads[0])
    columns = _covering(j, g.shape[1], k.shape[1], steps[1], pads[1])
    terms = [
        f"{g.cell(p, q)}*{k.cell(i + pads[0] - p * steps[0], j + pads[1] - q * steps[1])}"
        for p in rows for q in columns
    ]
    return "+".join(terms) or "0"


def _kernel_gradient_formula(u: int, v: int, g: Any, x: Any, shape: Shape, steps: Pair, pads: Pair) -> str:
    inside = [
        [at for at in range(g.shape[d]) if 0 <= at * steps[d] + place - pads[d] < x.shape[d]]
        for d, place in enumerate((u, v))
    ]
    if not inside[0] or not inside[1]:
        return "0"
    if steps == (1, 1):
        own = [(at[0], at[-1] + 1) for at in inside]
        shift = (u - pads[0], v - pads[1])
        other = [(low + by, high + by) for (low, high), by in zip(own, shift, strict=True)]
        return _dot(g, (own[0], own[1]), x, (other[0], other[1]), fixed=(1, 0))
    return "+".join(
        f"{g.cell(p, q)}*{x.cell(p * steps[0] + u - pads[0], q * steps[1] + v - pads[1])}"
        for p in inside[0] for q in inside[1]
    )


def _convolution(name: str, says: str, role: Literal["", "image"] = "") -> None:
    def shape(x: Shape, k: Shape, stride: Any = 1, padding: int = 0) -> Shape:
        if name == "conv1d" and x[0] != k[0]:
            raise ShapeProblem(f"the kernel needs a row for each of the {x[0]} rows (channels)")
        return _places(x, k, *_steps(name, stride, padding))

    def gradient(x: Node, k: Node, out: Node, g: Node, stride: Any = 1, padding: int = 0) -> tuple[Node, Node]:
        steps, pads = _steps(name, stride, padding)
        return (call("conv_input_gradient", g, k, shape=x.shape, steps=steps, pads=pads),
                call("conv_kernel_gradient", g, x, shape=k.shape, steps=steps, pads=pads))

    ranges(name, "x, kernel", options={"stride": options.size(1), "padding": options.whole(0, 0, 9)}, shape=shape,
           formula=_convolution_formula(name), gradient=gradient, label="∗", role=role,
           multiplies=lambda x, k: k[0] * k[1], spreads="multiplies", above=0,
           numpy=lambda x, k, stride=1, padding=0: _convolve(x, k, *_steps(name, stride, padding)),
           caption=Caption("{0:*} ∗ {1:*}", PRODUCT), says=says)


_convolution("conv2d", "convolution: the kernel slides over the matrix; products under it are added up", "image")
_convolution("conv1d", "convolution: the kernel slides along the columns; products under it are added up")
ranges("conv_input_gradient", "g, kernel", public=False, shape=lambda g, k, shape, **_: shape, numpy=_input_gradient,
       formula=_input_gradient_formula, spreads="multiplies",
       caption=Caption("{0:*} ∗ {1:*} turned", COMPARISON),
       says="every place gets its gradient through each kernel cell that touched it")
ranges("conv_kernel_gradient", "g, x", public=False, shape=lambda g, x, shape, **_: shape,
       numpy=lambda g, x, shape, steps, pads: np.einsum("ij,ijuv->uv", g, _windows(x, shape, steps, pads)),
       formula=_kernel_gradient_formula, spreads="multiplies", caption=Caption("{1:*} ∗ {0:*}", PRODUCT),
       says="each kernel cell gets the gradient times what it touched, added up")


# Pooling


def _pool_shape(x: Shape, size: Any = 2, stride: Any = None) -> Shape:
    window = _pair(size, x)
    return _places(x, window, _pair(stride or window, x), (0, 0))


def _pool_spans(i: int, j: int, shape: Shape, size: Any, stride: Any) -> Span:
    window = _pair(size, shape)
    step = _pair(stride or window, shape)
    return (i * step[0], i * step[0] + window[0]), (j * step[1], j * step[1] + window[1])


def _pool_windows(x: np.ndarray, size: Any, stride: Any) -> np.ndarray:
    window = _pair(size, (x.shape[0], x.shape[1]))
    return _windows(x, window, _pair(stride or window, (x.shape[0], x.shape[1])), (0, 0))


def _pool_covering(i: int, j: int, shape: Shape, places: Shape, size: Any, stride: Any) -> list[Pair]:
    window = _pair(size, shape)
    step = _pair(stride or window, shape)
    return [(p, q) for p in _covering(i, places[0], window[0], step[0], 0)
            for q in _covering(j, places[1], window[1], step[1], 0)]


def _max_pool_gradient(x: np.ndarray, out: np.ndarray, g: np.ndarray, size: Any = 2, stride: Any = None) -> np.ndarray:
    result = np.zeros_like(x)
    for p, q in np.ndindex(*out.shape):
        rows, columns = _pool_spans(p, q, (x.shape[0], x.shape[1]), size, stride)
        hit = same(x[slice(*rows), slice(*columns)], out[p, q])
        result[slice(*rows), slice(*columns)] += g[p, q] * hit / hit.sum()
    return result


def _max_pool_gradient_formula(i: int, j: int, x: Any, out: Any, g: Any, size: Any = 2, stride: Any = None) -> str:
    terms = []
    for p, q in _pool_covering(i, j, x.shape, out.shape, size, stride):
        window = x.window(*_pool_spans(p, q, x.shape, size, stride))
        counts = "+".join(f"COUNTIF({ranged(part)},{out.cell(p, q)})" for part in window.split(","))
        count = f"({counts})" if "," in window else counts
        terms.append(f"IF({x.cell(i, j)}={out.cell(p, q)},{g.cell(p, q)}/{count},0)")
    return "+".join(terms) or "0"


def _avg_pool_gradient(g: np.ndarray, size: Any, stride: Any, shape: Shape) -> np.ndarray:
    result = np.zeros(shape)
    for p, q in np.ndindex(*g.shape):
        rows, columns = _pool_spans(p, q, shape, size, stride)
        result[slice(*rows), slice(*columns)] += g[p, q] / ((rows[1] - rows[0]) * (columns[1] - columns[0]))
    return result


def _avg_pool_gradient_formula(i: int, j: int, g: Any, size: Any, stride: Any, shape: Shape) -> str:
    places = _pool_covering(i, j, shape, g.shape, size, stride)
    if not places:
        return "0"
    window = _pair(size, shape)
    (top, first), (bottom, last) = places[0], places[-1]
    cells = g.window((top, bottom + 1), (first, last + 1))
    return f"{f'SUM({cells})' if ':' in cells or ',' in cells else cells}/{window[0] * window[1]}"


POOLING = {"size": options.size(2), "stride": options.size(None)}


def _max_pool_kink(x: np.ndarray, size: Any = 2, stride: Any = None) -> np.ndarray:
    """Where the largest of a window has an equal there."""
    found = np.zeros(x.shape, dtype=bool)
    largest = _pool_windows(x, size, stride).max(axis=(2, 3))
    for p, q in np.ndindex(*largest.shape):
        rows, columns = _pool_spans(p, q, (x.shape[0], x.shape[1]), size, stride)
        hit = same(x[slice(*rows), slice(*columns)], largest[p, q])
        found[slice(*rows), slice(*columns)] |= hit & (hit.sum() > 1)
    return found


ranges("max_pool", "x", options=POOLING, shape=_pool_shape,
       numpy=lambda x, size=2, stride=None: _pool_windows(x, size, stride).max(axis=(2, 3)),
       formula=lambda i, j, x, size=2, stride=None: f"MAX({x.window(*_pool_spans(i, j, x.shape, size, stride))})",
       gradient=lambda x, out, g, size=2, stride=None: call("max_pool_gradient", x, out, g, size=size, stride=stride),
       kink=_max_pool_kink, role="image", spreads="picks",
       says="max pooling: of every window only the largest stays",
       slope="it goes to the largest cell of each window, shared by equals")
ranges("max_pool_gradient", "x, out, g", options=POOLING, public=False, shape=lambda x, out, g, **_: x,
       numpy=_max_pool_gradient, formula=_max_pool_gradient_formula, spreads="adds", selects=(0, 1),
       caption=Caption("{2} shared by the largest", COMPARISON),
       says="the gradient goes to the largest of each window, shared by equals")
ranges("avg_pool", "x", options=POOLING, shape=_pool_shape,
       numpy=lambda x, size=2, stride=None: _pool_windows(x, size, stride).mean(axis=(2, 3)),
       formula=lambda i, j, x, size=2, stride=None: f"AVERAGE({x.window(*_pool_spans(i, j, x.shape, size, stride))})",
       gradient=lambda x, out, g, size=2, stride=None: call(
           "avg_pool_gradient", g, size=size, stride=stride, shape=x.shape), role="image", spreads="adds",
       says="average pooling: of every window the average stays")
ranges("avg_pool_gradient", "g", options=POOLING, public=False, shape=lambda g, shape, **_: shape,
       numpy=_avg_pool_gradient, formula=_avg_pool_gradient_formula, spreads="adds",
       caption=Caption("{0} shared out", COMPARISON),
       says="the gradient is shared out evenly over each window")
