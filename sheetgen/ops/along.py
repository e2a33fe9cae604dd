"""Operations whose cells depend on where they stand among those of their column or row: running sums, the largest k.

`cumsum` is numpy's, two dimensions kept; `top_k` takes exactly k of a line, also where cells are equal: first come,
first served.
"""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

from typing import Any

import numpy as np

from sheetgen.ir.node import Shape, call, number
from sheetgen.ops import options
from sheetgen.ops.base import ShapeProblem, through
from sheetgen.ops.equality import close
from sheetgen.ops.notation import COMPARISON, Caption
from sheetgen.ops.options import Option
from sheetgen.ops.windows import ranges

AXIS = {"axis": options.axis(0)}


def _summed_up(x: np.ndarray, axis: int = 0) -> np.ndarray:
    return np.cumsum(x, axis=axis)


def _summed_from_the_end(x: np.ndarray, axis: int = 0) -> np.ndarray:
    return np.flip(np.cumsum(np.flip(x, axis), axis=axis), axis)


def _sum_of(x: Any, i: int, j: int, axis: int, start: int, stop: int) -> str:
    cells = x.window((start, stop), (j, j + 1)) if axis == 0 else x.window((i, i + 1), (start, stop))
    return f"SUM({cells})" if ":" in cells or "," in cells else str(cells)


ranges("cumsum", "x", options=AXIS, shape=lambda s, axis=0: s, numpy=_summed_up, transposes=through, spreads="adds",
       formula=lambda i, j, x, axis=0: _sum_of(x, i, j, axis, 0, 1 + (i, j)[axis]),
       gradient=lambda x, out, g, axis=0: call("cumsum_gradient", g, axis=axis), label="Σ…",
       caption=Caption("running sum of {0}", COMPARISON), says="each cell and all before it, added up",
       slope="each summand collects the gradients of all sums that it is in")
ranges("cumsum_gradient", "g", options=AXIS, public=False, shape=lambda s, axis=0: s, numpy=_summed_from_the_end,
       formula=lambda i, j, g, axis=0: _sum_of(g, i, j, axis, (i, j)[axis], g.shape[axis]), transposes=through,
       spreads="adds", caption=Caption("running sum of {0} from the end", COMPARISON),
       says="each cell and all after it, added up")


def _line(shape: Shape, k: Any = None, axis: int = 0) -> Shape:
    if k is None:
        raise ShapeProblem("tell how many: `top_k(x, 2)`")
    if k > shape[axis]:
        raise ShapeProblem(f"each {('column', 'row')[axis]} has only {shape[axis]} of which to take {k}")
    return shape


def _before(x: np.ndarray, axis: int) -> np.ndarray:
    """How many of its line come before each cell: those that are larger, and of its equals those that stand first."""
    lines = x if axis == 0 else x.T
    mine, other = lines[:, None], lines[None]
    alike = close(mine, other) | (mine == other)
    first = np.tri(len(lines), k=-1, dtype=bool)[:, :, None]
    count = np.where(alike, first, other > mine).sum(axis=1)
    return np.asarray(count if axis == 0 else count.T)


def _top_formula(i: int, j: int, x: Any, k: int, axis: int = 0) -> str:
    own, at = x.cell(i, j), (i, j)[axis]
    others = (x.cell(n, j) if axis == 0 else x.cell(i, n) for n in range(x.shape[axis]) if n != at)
    signs = (">=" if n < at else ">" for n in range(x.shape[axis]) if n != at)
    ranks = "+".join(f"IF({other}{sign}{own},1,0)" for other, sign in zip(others, signs, strict=True)) or "0"
    return f"IF({ranks}<{k},1,0)"


def _top_ties(x: np.ndarray, k: int, axis: int = 0) -> np.ndarray:
    lines = x if axis == 0 else x.T
    tied = close(lines[:, None], lines[None]).any(axis=1)
    return np.asarray(tied if axis == 0 else tied.T)


def _top_kink(x: np.ndarray, k: int, axis: int = 0) -> np.ndarray:
    lines = x if axis == 0 else x.T
    shared = ((lines[:, None] == lines[None]) | close(lines[:, None], lines[None])).sum(axis=1) > 1
    return np.asarray(shared if axis == 0 else shared.T)


TOP: dict[str, Option] = {"k": options.count(), **AXIS}
ranges("top_k", "x", options=TOP, shape=_line, transposes=through, kink=_top_kink, ties=_top_ties, jumps="steps",
       picks=True,
       numpy=lambda x, k, axis=0: (_before(x, axis) < k).astype(float), formula=_top_formula,
       gradient=lambda x, out, g, k, axis=0: number(0), example="top_k(x, 2)",
       caption=Caption("largest of {0}", COMPARISON),
       says="1 where a cell is one of the k largest of its column, else 0; of equals the first ones count")
