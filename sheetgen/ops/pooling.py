"""Pooling: of every window its largest number or its average, as PyTorch has it; and its way back, enlarging.

What lies around a matrix is nothing to `max_pool`, and zeros to `avg_pool`, which count unless it is told otherwise.
"""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

from typing import Any

import numpy as np

from sheetgen.ir.node import Node, Shape, call, shape_text
from sheetgen.ops import options
from sheetgen.ops.base import Operation, ShapeProblem, register, signature
from sheetgen.ops.equality import same
from sheetgen.ops.notation import COMPARISON, Caption
from sheetgen.ops.options import Option
from sheetgen.ops.template import ranged
from sheetgen.ops.windows import Pair, Slide, Slides, along, padding, places, ranges, spans, windows

COUNTS = Option(True, lambda value: isinstance(value, bool), "True or False")
POOLING = {"size": options.size(2), "stride": options.size(None), "padding": padding(False)}
AVERAGING = POOLING | {"count_include_pad": COUNTS}


def _pool(shape: Shape, size: Any = 2, stride: Any = None, padding: Any = 0) -> Slides:
    window = along(size, shape, 1)
    step, pads = along(stride or window, shape, 1), along(padding, shape, 0)
    rows, columns = (Slide(s, w, t, p, p) for s, w, t, p in zip(shape, window, step, pads, strict=True))
    return rows, columns


def _pool_shape(x: Shape, size: Any = 2, stride: Any = None, padding: Any = 0, **_: Any) -> Shape:
    slides = _pool(x, size, stride, padding)
    if any(2 * slide.before > slide.window for slide in slides):
        window = shape_text((slides[0].window, slides[1].window))
        raise ShapeProblem(f"padding is at most half a window, which is {window}")
    return places(slides)


def _sheet(x: np.ndarray) -> Shape:
    return x.shape[0], x.shape[1]


def _readers(slides: Slides, i: int, j: int) -> list[Pair]:
    return [(p, q) for p, _ in slides[0].readers(i) for q, _ in slides[1].readers(j)]


def _max_pool(x: np.ndarray, **how: Any) -> np.ndarray:
    return np.asarray(windows(x, _pool(_sheet(x), **how), -np.inf).max(axis=(2, 3)))


def _max_pool_gradient(x: np.ndarray, out: np.ndarray, g: np.ndarray, **how: Any) -> np.ndarray:
    result, slides = np.zeros_like(x), _pool(_sheet(x), **how)
    for p, q in np.ndindex(*out.shape):
        rows, columns = spans(slides, p, q)
        hit = same(x[slice(*rows), slice(*columns)], out[p, q])
        result[slice(*rows), slice(*columns)] += g[p, q] * hit / hit.sum()
    return result


def _max_pool_gradient_formula(i: int, j: int, x: Any, out: Any, g: Any, **how: Any) -> str:
    terms, slides = [], _pool(x.shape, **how)
    for p, q in _readers(slides, i, j):
        window = x.window(*spans(slides, p, q))
        counts = "+".join(f"COUNTIF({ranged(part)},{out.cell(p, q)})" for part in window.split(","))
        count = f"({counts})" if "," in window else counts
        terms.append(f"IF({x.cell(i, j)}={out.cell(p, q)},{g.cell(p, q)}/{count},0)")
    return "+".join(terms) or "0"


def _max_pool_kink(x: np.ndarray, **how: Any) -> np.ndarray:
    """Where the largest of a window has an equal there."""
    found, slides = np.zeros(x.shape, dtype=bool), _pool(_sheet(x), **how)
    for (p, q), largest in np.ndenumerate(_max_pool(x, **how)):
        rows, columns = spans(slides, p, q)
        hit = same(x[slice(*rows), slice(*columns)], largest)
        found[slice(*rows), slice(*columns)] |= hit & (hit.sum() > 1)
    return found


def _counted(slides: Slides, p: int, q: int, count_include_pad: bool) -> int:
    """By what the sum of a window is divided."""
    if count_include_pad:
        return slides[0].window * slides[1].window
    (top, bottom), (first, last) = spans(slides, p, q)
    return (bottom - top) * (last - first)


def _counts(slides: Slides, count_include_pad: bool) -> np.ndarray:
    rows, columns = places(slides)
    return np.array([[_counted(slides, p, q, count_include_pad) for q in range(columns)] for p in range(rows)])


def _avg_pool(x: np.ndarray, count_include_pad: bool = True, **how: Any) -> np.ndarray:
    slides = _pool(_sheet(x), **how)
    return np.asarray(windows(x, slides).sum(axis=(2, 3)) / _counts(slides, count_include_pad))


def _avg_pool_formula(i: int, j: int, x: Any, count_include_pad: bool = True, **how: Any) -> str:
    slides = _pool(x.shape, **how)
    (top, bottom), (first, last) = spans(slides, i, j)
    cells, count = x.window((top, bottom), (first, last)), _counted(slides, i, j, count_include_pad)
    return f"AVERAGE({cells})" if count == (bottom - top) * (last - first) else f"SUM({cells})/{count}"


def _avg_pool_gradient(g: np.ndarray, shape: Shape, count_include_pad: bool = True, **how: Any) -> np.ndarray:
    result, slides = np.zeros(shape), _pool(shape, **how)
    for (p, q), value in np.ndenumerate(g / _counts(slides, count_include_pad)):
        rows, columns = spans(slides, p, q)
        result[slice(*rows), slice(*columns)] += value
    return result


def _avg_pool_gradient_formula(i: int, j: int, g: Any, shape: Shape, count_include_pad: bool = True, **how: Any) -> str:
    slides = _pool(shape, **how)
    readers = _readers(slides, i, j)
    counts = {_counted(slides, p, q, count_include_pad) for p, q in readers}
    if len(counts) != 1:
        return "+".join(f"{g.cell(p, q)}/{_counted(slides, p, q, count_include_pad)}" for p, q in readers) or "0"
    (top, first), (bottom, last) = readers[0], readers[-1]
    cells = g.window((top, bottom + 1), (first, last + 1))
    return f"{f'SUM({cells})' if ':' in cells or ',' in cells else cells}/{counts.pop()}"


ranges("max_pool", "x", options=POOLING, shape=_pool_shape, numpy=_max_pool,
       formula=lambda i, j, x, **how: f"MAX({x.window(*spans(_pool(x.shape, **how), i, j))})",
       gradient=lambda x, out, g, **how: call("max_pool_gradient", x, out, g, **how),
       kink=_max_pool_kink, role="image", spreads="picks",
       says="max pooling: of every window only the largest stays",
       slope="it goes to the largest cell of each window, shared by equals")
ranges("max_pool_gradient", "x, out, g", options=POOLING, public=False, shape=lambda x, out, g, **_: x,
       numpy=_max_pool_gradient, formula=_max_pool_gradient_formula, spreads="adds", selects=(0, 1),
       caption=Caption("{2} shared by the largest", COMPARISON),
       says="the gradient goes to the largest of each window, shared by equals")
ranges("avg_pool", "x", options=AVERAGING, shape=_pool_shape, numpy=_avg_pool, formula=_avg_pool_formula,
       gradient=lambda x, out, g, **how: call("avg_pool_gradient", g, shape=x.shape, **how),
       role="image", spreads="adds",
       says="average pooling: of every window the average stays")
ranges("avg_pool_gradient", "g", options=AVERAGING, public=False, shape=lambda g, shape, **_: shape,
       numpy=_avg_pool_gradient, formula=_avg_pool_gradient_formula, spreads="adds",
       caption=Caption("{0} shared out", COMPARISON),
       says="the gradient is shared out evenly over each window")


# The whole matrix as one window


ranges("global_max_pool", "x", shape=lambda x: (1, 1), numpy=lambda x: x.max(keepdims=True),
       formula=lambda i, j, x: f"MAX({x.window((0, x.shape[0]), (0, x.shape[1]))})",
       gradient=lambda x, out, g: call("max_pool_gradient", x, out, g, size=x.shape),
       kink=lambda x: _max_pool_kink(x, size=_sheet(x)), spreads="picks", role="image",
       caption=Caption("max of {0:+}", COMPARISON),
       says="global max pooling: of each channel only the largest stays",
       slope="it goes to the largest cell, shared by equals")
ranges("global_avg_pool", "x", shape=lambda x: (1, 1), numpy=lambda x: x.mean(keepdims=True),
       formula=lambda i, j, x: f"AVERAGE({x.window((0, x.shape[0]), (0, x.shape[1]))})",
       gradient=lambda x, out, g: call("avg_pool_gradient", g, size=x.shape, shape=x.shape), spreads="adds",
       role="image", caption=Caption("mean of {0:+}", COMPARISON),
       says="global average pooling: of each channel the average stays")


# The way back


def _scale(shape: Shape, scale: Any) -> Pair:
    return (scale, scale) if shape == (1, 1) and not isinstance(scale, tuple) else along(scale, shape, 1)


def _enlarged(shape: Shape, scale: Any = 2) -> Shape:
    rows, columns = _scale(shape, scale)
    return shape[0] * rows, shape[1] * columns


def _upsample(x: np.ndarray, scale: Any = 2) -> np.ndarray:
    rows, columns = _scale(_sheet(x), scale)
    return np.repeat(np.repeat(x, rows, axis=0), columns, axis=1)


def _upsample_source(node: Node, i: int, j: int) -> tuple[int, int, int]:
    rows, columns = _scale(node.args[0].shape, node.option("scale", 2))
    return 0, i // rows, j // columns


def _gathered(g: np.ndarray, shape: Shape) -> np.ndarray:
    blocks = g.reshape(shape[0], g.shape[0] // shape[0], shape[1], g.shape[1] // shape[1])
    return np.asarray(blocks.sum(axis=(1, 3)))


def _gathered_formula(i: int, j: int, g: Any, shape: Shape) -> str:
    rows, columns = g.shape[0] // shape[0], g.shape[1] // shape[1]
    cells = g.window((i * rows, (i + 1) * rows), (j * columns, (j + 1) * columns))
    return f"SUM({cells})" if ":" in cells or "," in cells else cells


register(Operation(name="upsample", kind="view", arguments=signature("x"), options={"scale": options.size(2)},
                   shape=_enlarged, numpy=_upsample, source=_upsample_source, spreads="moves",
                   gradient=lambda x, out, g, scale=2: call("upsample_gradient", g, shape=x.shape),
                   caption=Caption("{0} enlarged", COMPARISON),
                   says="enlarged: each cell becomes a block of equal cells"))
ranges("upsample_gradient", "g", public=False, shape=lambda g, shape: shape, numpy=_gathered,
       formula=_gathered_formula, spreads="adds", caption=Caption("{0}, each block added up", COMPARISON),
       says="each cell gets what reaches all of its copies")
