"""Operations whose cells are found elsewhere: reshaping, and columns looked up in a table."""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

from typing import Any

import numpy as np

from sheetgen.ir.node import Node, Shape, call, number, shape_text
from sheetgen.ops import options
from sheetgen.ops.base import ShapeProblem
from sheetgen.ops.notation import COMPARISON, Caption
from sheetgen.ops.template import ranged
from sheetgen.ops.windows import ranges


def columns_of(table: Node, numbers: Node) -> Node:
    """The columns of a table that a row of numbers chooses, as a node."""
    return call("embedding", table, numbers)


# Reshaping, row by row


def _reshaped(x: Shape, shape: Any = None) -> Shape:
    if not isinstance(shape, tuple):
        raise ShapeProblem("tell the new rows and columns: `reshape(x, (2, 3))`")
    if shape[0] * shape[1] != x[0] * x[1]:
        raise ShapeProblem(f"{shape_text(shape)} has {shape[0] * shape[1]} cells, not {x[0] * x[1]}")
    return shape


def _reshaped_cell(i: int, j: int, x: Any, shape: Shape) -> str:
    return str(x.cell(*divmod(i * shape[1] + j, x.shape[1])))


ranges("reshape", "x", options={"shape": options.shape()}, shape=_reshaped,
       numpy=lambda x, shape: x.reshape(shape), formula=_reshaped_cell,
       gradient=lambda x, out, g, shape: call("reshape", g, shape=x.shape), example="reshape(x, (2, 6))",
       spreads="moves",
       says="the same cells, read row by row, in another shape")
ranges("flatten", "x", shape=lambda x: (x[0] * x[1], 1), numpy=lambda x: x.reshape(-1, 1),
       formula=lambda i, j, x: _reshaped_cell(i, j, x, (1, 1)),
       gradient=lambda x, out, g: call("reshape", g, shape=x.shape), spreads="moves",
       caption=Caption("{0} row by row", COMPARISON),
       says="all cells in a single column, read row by row")


# Looking columns up by number


def _lookup_shape(table: Shape, tokens: Shape) -> Shape:
    if tokens[0] != 1:
        raise ShapeProblem("token ids must stand in one row")
    return table[0], tokens[1]


def _lookup(table: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    ids = tokens[0]
    known = (ids == np.floor(ids)) & (ids >= 0) & (ids < table.shape[1])
    return np.where(known, table[:, np.where(known, ids, 0).astype(int)], np.nan)


def _lookup_formula(i: int, j: int, table: Any, tokens: Any) -> str:
    """A column of the identity is looked up without it: a 1 in the row of the token."""
    token = tokens.cell(0, j, (True, False))
    if table.identity:
        return f"IF({token}={i},1,0)"
    if table.shape[1] == 1:  # Gnumeric's INDEX finds nothing in a single cell
        return f"IF({token}=0,{table.cell(i, 0)},NA())"
    place = f"{token}+1,1" if table.flipped else f"1,{token}+1"
    return f"INDEX({ranged(table.line(i))},{place})"


def _lookup_gradient(tokens: np.ndarray, g: np.ndarray, size: int) -> np.ndarray:
    return np.asarray(g @ np.equal(tokens.T, np.arange(size)).astype(float))


def _lookup_gradient_formula(i: int, j: int, tokens: Any, g: Any, size: int) -> str:
    if tokens.flipped == g.flipped:
        ids = tokens.window((0, 1), (0, tokens.shape[1]), fixed=True)
        return f"SUMIF({ranged(ids)},{j},{ranged(g.line(i))})"
    return "+".join(f"IF({tokens.cell(0, t)}={j},{g.cell(i, t)},0)" for t in range(g.shape[1]))


def _one_hot(tokens: np.ndarray, classes: int, ignore_index: int | None = None) -> np.ndarray:
    passed_over = tokens == ignore_index if ignore_index is not None else np.zeros(tokens.shape, dtype=bool)
    return np.where(passed_over, 0.0, _lookup(np.eye(classes), tokens))


def _classes(tokens: Shape, classes: Any = None, ignore_index: Any = None) -> Shape:
    if classes is None:
        raise ShapeProblem("tell how many classes there are: `one_hot(tokens, 3)`")
    return _lookup_shape((classes, classes), tokens)


ranges("one_hot", "tokens", options={"classes": options.count(), "ignore_index": options.integer()}, shape=_classes,
       numpy=_one_hot,
       formula=lambda i, j, tokens, classes, ignore_index=None: (
           "0" if i == ignore_index else f"IF({tokens.cell(0, j, (True, False))}={i},1,0)"),
       gradient=lambda tokens, out, g, classes, ignore_index=None: number(0), example="one_hot(tokens, 3)",
       label="one-hot", caption=Caption("one-hot({0})"), jumps="steps",
       says="a 1 in the row that each token's number tells, counted from 0",
       why="a token's number is not one of the classes")
for _name in ("embedding", "lookup"):
    ranges(_name, "table, tokens", shape=_lookup_shape, numpy=_lookup, formula=_lookup_formula,
           gradient=lambda table, tokens, out, g: (
               call("embedding_gradient", tokens, g, size=table.shape[1]), number(0)),
           caption=Caption("{0:.}[{1}]"), spreads="moves", selects=(1,), above=1, identity=True,
           says="each token's column is looked up in the table, by its number counted from 0",
           slope="each token's column collects what reaches the places where it was looked up",
           why="a token's number is not a column of the table")
ranges("embedding_gradient", "tokens, g", public=False, shape=lambda tokens, g, size: (g[0], size),
       numpy=_lookup_gradient, formula=_lookup_gradient_formula, spreads="adds", selects=(0,),
       caption=Caption("Σ {1:*} by {0}", COMPARISON),
       says="each token's column collects the gradients of the places where it was looked up")
