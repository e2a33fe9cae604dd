"""The table of operations: shape rule, value, formula, gradient and caption of each, in one place."""

from sheetgen.ops import elementwise, losses, products, reductions, views, windows
from sheetgen.ops.base import OPERATIONS, Operation, ShapeProblem, Term, call, lift

__all__ = [
    "OPERATIONS",
    "Operation",
    "ShapeProblem",
    "Term",
    "call",
    "elementwise",
    "lift",
    "losses",
    "products",
    "reductions",
    "views",
    "windows",
]
