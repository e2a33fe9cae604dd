"""Operations that ask which of a line's cells are larger: the largest k, sorting, ranks, the median; and cells taken
from the places that are told.

Of equal cells, those that stand first come first: `top_k` takes exactly k of a line, and each rank is given once. All
work down the columns unless told otherwise. `sort` and `argsort` are numpy's stable ones, `gather` its
`take_along_axis`, `median` its median, of which both cells in the middle get half of the gradient.
"""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from sheetgen.ir.node import Node, Shape, call, number, shape_text
from sheetgen.ops import options
from sheetgen.ops.along import AXIS
from sheetgen.ops.base import ShapeProblem, equal, through, where
from sheetgen.ops.composites import Define, composite
from sheetgen.ops.equality import close
from sheetgen.ops.notation import COMPARISON, Caption
from sheetgen.ops.options import Option
from sheetgen.ops.reductions import count, reduction
from sheetgen.ops.telling import across, first, line
from sheetgen.ops.template import ranged
from sheetgen.ops.windows import ranges

ORDER: dict[str, Option] = {**AXIS, "descending": options.flag(False)}


# Numbers


def _lines(x: np.ndarray, axis: int | None) -> np.ndarray:
    """The lines of which each is ordered, as columns; all of it as one."""
    return x.reshape(-1, 1) if axis is None else x if axis == 0 else x.T


def _laid(lines: np.ndarray, axis: int | None, shape: Shape) -> np.ndarray:
    return np.asarray(lines.reshape(shape) if axis is None else lines if axis == 0 else lines.T)


def _places(x: np.ndarray, axis: int | None = 0, descending: bool = False) -> np.ndarray:
    """How many of its line come before each cell: those that are smaller (or larger), and of its equals those that
    stand first."""
    lines = _lines(x, axis)
    mine, other = lines[:, None], lines[None]
    alike = close(mine, other) | (mine == other)
    first = np.tri(len(lines), k=-1, dtype=bool)[:, :, None]
    before = np.where(alike, first, other > mine if descending else other < mine).sum(axis=1)
    return _laid(before.astype(float), axis, (x.shape[0], x.shape[1]))


def _nearly_tied(x: np.ndarray, axis: int | None = 0, **_: Any) -> np.ndarray:
    """Cells with an equal that only a spreadsheet takes for one."""
    lines = _lines(x, axis)
    return _laid(np.any(close(lines[:, None], lines[None]), axis=1), axis, (x.shape[0], x.shape[1]))


def _tied(x: np.ndarray, axis: int | None = 0, **_: Any) -> np.ndarray:
    """Cells with an equal in their line."""
    lines = _lines(x, axis)
    mine, other = lines[:, None], lines[None]
    alike = np.asarray((mine == other) | close(mine, other))
    return _laid(alike.sum(axis=1) > 1, axis, (x.shape[0], x.shape[1]))


def _sorted(x: np.ndarray, axis: int = 0, descending: bool = False) -> np.ndarray:
    ordered = np.sort(x, axis=axis)
    return np.flip(ordered, axis) if descending else ordered


# Cells


def _others(x: Any, i: int, j: int, axis: int | None) -> Iterator[tuple[bool, str]]:
    """The other cells of a cell's line, and whether each stands before it."""
    rows, columns = x.shape
    line = [(n, j) for n in range(rows)] if axis == 0 else [(i, n) for n in range(columns)]
    if axis is None:
        line = [(m, n) for m in range(rows) for n in range(columns)]
    return ((at < (i, j), x.cell(*at)) for at in line if at != (i, j))


def _rank(x: Any, i: int, j: int, axis: int | None, descending: bool) -> str:
    sign = ">" if descending else "<"
    own = x.cell(i, j)
    return "+".join(f"IF({other}{sign}{'=' * before}{own},1,0)" for before, other in _others(x, i, j, axis)) or "0"


def _line(x: Any, i: int, j: int, axis: int) -> str:
    """The column or row of a cell, as a range; empty if it stands in several pieces."""
    cells = x.window((0, x.shape[0]), (j, j + 1)) if axis == 0 else x.window((i, i + 1), (0, x.shape[1]))
    return "" if "," in cells else ranged(cells)


def _cells(x: Any, i: int, j: int, axis: int) -> list[tuple[int, int]]:
    """Row and column of each cell in a cell's column or row."""
    return [(n, j) if axis == 0 else (i, n) for n in range(x.shape[axis])]


def _sorted_cell(i: int, j: int, x: Any, axis: int = 0, descending: bool = False) -> str:
    place = (i, j)[axis]
    if x.shape[axis] == 1:
        return str(x.cell(i, j))
    if line := _line(x, i, j, axis):
        return f"{'LARGE' if descending else 'SMALL'}({line},{place + 1})"
    ranks = ((_rank(x, *at, axis, descending), x.cell(*at)) for at in _cells(x, i, j, axis))
    return "+".join(f"IF({rank}={place},{cell},0)" for rank, cell in ranks)


def _placed_cell(i: int, j: int, ranks: Any, axis: int = 0) -> str:
    place = (i, j)[axis]
    if line := _line(ranks, i, j, axis):
        return f"MATCH({place},{line},0)-1"
    return "+".join(f"IF({ranks.cell(*at)}={place},{at[axis]},0)" for at in _cells(ranks, i, j, axis))


# The largest k, and in order


def _told(shape: Shape, k: Any = None, axis: int = 0) -> Shape:
    if k is None:
        raise ShapeProblem("tell how many: `top_k(x, 2)`")
    if k > shape[axis]:
        raise ShapeProblem(f"each {('column', 'row')[axis]} has only {shape[axis]} of which to take {k}")
    return shape


def _among(k: int) -> str:
    return f"one of the {k} largest" if k > 1 else "the largest"


ranges("top_k", "x", options={"k": options.count(), **AXIS}, shape=_told, transposes=through,
       kink=lambda x, k, axis=0: _tied(x, axis), ties=lambda x, k, axis=0: _nearly_tied(x, axis), jumps="rank",
       picks=True, numpy=lambda x, k, axis=0: (_places(x, axis, True) < k).astype(float),
       formula=lambda i, j, x, k, axis=0: f"IF({_rank(x, i, j, axis, True)}<{k},1,0)",
       gradient=lambda x, out, g, k, axis=0: number(0), example="top_k(x, 2)",
       caption=Caption("largest of {0}", COMPARISON),
       says="1 where a cell is one of the k largest of its column, else 0; of equals the first ones count",
       tells=lambda node: f"1 where a cell is {_among(node.option('k'))} of its {line(node)}, else 0; of equals the "
                          "first ones count")
ranges("ranks", "x", options=ORDER, public=False, shape=lambda s, axis=0, descending=False: s, transposes=through,
       numpy=_places, formula=lambda i, j, x, axis=0, descending=False: _rank(x, i, j, axis, descending),
       gradient=lambda x, out, g, axis=0, descending=False: number(0), kink=_tied, ties=_nearly_tied, jumps="rank",
       label="rank", caption=Caption("ranks of {0}", COMPARISON),
       says="how many come before each cell in order; of equals the first ones come first")
ranges("sort", "x", options=ORDER, shape=lambda s, axis=0, descending=False: s, transposes=through, numpy=_sorted,
       formula=_sorted_cell, spreads="picks", kink=_tied,
       gradient=lambda x, out, g, axis=0, descending=False: call(
           "gather", g, call("ranks", x, axis=axis, descending=descending), axis=axis),
       caption=Caption("sort({0})"), says="in order, the smallest first, or with descending=True the largest",
       tells=lambda node: f"each {line(node)} in order, the {first(node)} first",
       slope="each number gets what reaches the place to which it was put")
ranges("in_order", "ranks", options=AXIS, public=False, shape=lambda s, axis=0: s, transposes=through,
       numpy=lambda ranks, axis=0: np.argsort(ranks, axis=axis, kind="stable").astype(float), jumps="place",
       formula=_placed_cell,
       gradient=lambda ranks, out, g, axis=0: number(0), caption=Caption("places of {0}", COMPARISON),
       says="where each rank stands, counted from 0")


def _expand_argsort(define: Define, x: Node, axis: int = 0, descending: bool = False) -> Node:
    return call("in_order", define("ranks", call("ranks", x, axis=axis, descending=descending)), axis=axis)


composite("argsort", "x", options=ORDER, shape=lambda s, axis=0, descending=False: s, transposes=through,
          numpy=lambda x, axis=0, descending=False: np.argsort(
              _places(x, axis, descending), axis=axis, kind="stable").astype(float),
          expand=_expand_argsort, gradient=lambda x, out, g, axis=0, descending=False: number(0),
          jumps="place", kink=_tied, caption=Caption("argsort({0})"),
          says="where the smallest stands, counted from 0, then the next, and so on; or the largest first",
          tells=lambda node: f"where the {first(node)} of each {line(node)} stands, counted from 0, then the next, and "
                             "so on")


def _middle(x: Node, out: Node, g: Node, axis: int | None = None) -> Node:
    """The cell in the middle of the order gets all, or the two there half of it each."""
    ranks, many = call("ranks", x, axis=axis, descending=False), count(x, axis)
    low, high = (many - 1) // 2, many // 2
    if low == high:
        return where(equal(ranks, low), g, 0)
    return where(call("abs", ranks - (low + 0.5)) < 1, g / 2, 0)


reduction("median", numpy=lambda x, axis: np.median(x, axis=axis), formula="MEDIAN({x})", gradient=_middle,
          kink=lambda x, axis=None: _tied(x, axis), caption=Caption("median({0})"), spreads="adds",
          says="the median: the number in the middle of the order, or the average of the two there",
          slope="it goes to the number in the middle, or half of it to each of the two")


# Cells from places that are told


def _gathered(x: Shape, index: Shape, axis: int = 0) -> Shape:
    if index[1 - axis] != x[1 - axis]:
        what = ("columns", "rows")[axis]
        raise ShapeProblem(f"the places need as many {what} as what they are taken from: {shape_text(x)}")
    return index


def _taken(x: np.ndarray, index: np.ndarray, axis: int = 0) -> np.ndarray:
    known = (index == np.floor(index)) & (index >= 0) & (index < x.shape[axis])
    return np.where(known, np.take_along_axis(x, np.where(known, index, 0).astype(int), axis), np.nan)


def _taken_cell(i: int, j: int, x: Any, index: Any, axis: int = 0) -> str:
    place = index.cell(i, j)
    if x.shape[axis] == 1:  # Gnumeric's INDEX finds nothing in a single cell
        return f"IF({place}=0,{x.cell(0 if axis == 0 else i, 0 if axis == 1 else j)},NA())"
    line, upright = _line(x, i, j, axis), (axis == 0) != x.flipped
    if not line:
        return "+".join(f"IF({place}={at[axis]},{x.cell(*at)},0)" for at in _cells(x, i, j, axis))
    return f"INDEX({line},{f'{place}+1,1' if upright else f'1,{place}+1'})"


def _scattered(index: np.ndarray, g: np.ndarray, shape: Shape, axis: int = 0) -> np.ndarray:
    places = np.arange(shape[axis])
    if axis == 0:
        return np.asarray(np.einsum("rij,ij->rj", (index[None] == places[:, None, None]).astype(float), g))
    return _scattered(index.T, g.T, (shape[1], shape[0])).T


def _scattered_cell(i: int, j: int, index: Any, g: Any, shape: Shape, axis: int = 0) -> str:
    places, line = _line(index, i, j, axis), _line(g, i, j, axis)
    if places and line and index.flipped == g.flipped:
        return f"SUMIF({places},{(i, j)[axis]},{line})"
    return "+".join(
        f"IF({index.cell(*at)}={(i, j)[axis]},{g.cell(*at)},0)" for at in _cells(index, i, j, axis))


ranges("gather", "x, index", options=AXIS, shape=_gathered, numpy=_taken, formula=_taken_cell,
       gradient=lambda x, index, out, g, axis=0: (
           call("gather_gradient", index, g, shape=x.shape, axis=axis), number(0)),
       caption=Caption("{0:.}[{1}]"), spreads="moves", selects=(1,),
       says="each cell is taken from the row, or with axis=1 the column, that its index tells, counted from 0",
       tells=lambda node: f"each cell is taken from its {line(node)}, at the {across(node)} that its index tells, "
                          "counted from 0",
       slope="each number collects what reaches the places where it was taken",
       why="an index is not the number of a row or column there")
ranges("gather_gradient", "index, g", public=False, shape=lambda index, g, shape, axis=0: shape, numpy=_scattered,
       formula=_scattered_cell, spreads="adds", selects=(0,), caption=Caption("Σ {1:*} by {0}", COMPARISON),
       says="each number collects the gradients of the places where it was taken")
