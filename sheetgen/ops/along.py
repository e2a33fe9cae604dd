"""Running sums and products, as numpy's with two dimensions kept."""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

from typing import Any

import numpy as np

from sheetgen.ir.node import call
from sheetgen.ops import options
from sheetgen.ops.base import through
from sheetgen.ops.notation import COMPARISON, Caption
from sheetgen.ops.telling import line
from sheetgen.ops.windows import ranges

AXIS = {"axis": options.lines(0)}


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
       tells=lambda node: f"each cell and all before it in its {line(node)}, added up",
       slope="each summand collects the gradients of all sums that it is in")
ranges("cumsum_gradient", "g", options=AXIS, public=False, shape=lambda s, axis=0: s, numpy=_summed_from_the_end,
       formula=lambda i, j, g, axis=0: _sum_of(g, i, j, axis, (i, j)[axis], g.shape[axis]), transposes=through,
       spreads="adds", caption=Caption("running sum of {0} from the end", COMPARISON),
       says="each cell and all after it, added up")


def _line(x: Any, i: int, j: int, axis: int, start: int, stop: int) -> str:
    """Part of a cell's column or row."""
    return str(x.window((start, stop), (j, j + 1)) if axis == 0 else x.window((i, i + 1), (start, stop)))


def _product_of(x: Any, i: int, j: int, axis: int) -> str:
    cells = _line(x, i, j, axis, 0, 1 + (i, j)[axis])
    return f"PRODUCT({cells})" if ":" in cells or "," in cells else cells


def _without(x: np.ndarray, g: np.ndarray, axis: int = 0) -> np.ndarray:
    """Each cell gets the gradients of all products that it is in, times their other factors."""
    if axis == 1:
        return _without(x.T, g.T).T
    result = np.zeros_like(x)
    for at in range(len(x)):
        others = np.where(np.arange(len(x))[:, None] == at, 1.0, x)
        result[at] = (np.cumprod(others, axis=0) * g)[at:].sum(axis=0)
    return result


def _without_cell(i: int, j: int, x: Any, g: Any, axis: int = 0) -> str:
    at, terms = (i, j)[axis], []
    for last in range(at, x.shape[axis]):
        parts = [_line(x, i, j, axis, *span) for span in ((0, at), (at + 1, last + 1)) if span[0] < span[1]]
        factor = _line(g, i, j, axis, last, last + 1)
        terms.append(f"{factor}*PRODUCT({','.join(parts)})" if parts else factor)
    return "+".join(terms)


ranges("cumprod", "x", options=AXIS, shape=lambda s, axis=0: s, transposes=through,
       numpy=lambda x, axis=0: np.cumprod(x, axis=axis),
       formula=lambda i, j, x, axis=0: _product_of(x, i, j, axis),
       gradient=lambda x, out, g, axis=0: call("cumprod_gradient", x, g, axis=axis), label="Π…",
       caption=Caption("running product of {0}", COMPARISON), says="each cell times all before it",
       tells=lambda node: f"each cell times all before it in its {line(node)}",
       slope="each factor collects the gradients of all products that it is in, times their other factors")
ranges("cumprod_gradient", "x, g", options=AXIS, public=False, shape=lambda x, g, axis=0: x, numpy=_without,
       formula=_without_cell, transposes=through, caption=Caption("{1} times the other factors", COMPARISON),
       says="the gradients of all products that a cell is in, times their other factors")
