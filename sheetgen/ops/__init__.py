"""The table of operations: shape rule, value, formula, gradient and caption of each, in one place."""

from sheetgen.ops import composites, elementwise, products, reductions, views, windows
from sheetgen.ops.base import OPERATIONS, Operation, ShapeProblem

__all__ = [
    "OPERATIONS",
    "Operation",
    "ShapeProblem",
    "composites",
    "elementwise",
    "products",
    "reductions",
    "views",
    "windows",
]
