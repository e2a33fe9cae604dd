"""The table of operations: all that is known of each, in one entry."""

from sheetgen.ops import (
    activations,
    along,
    composites,
    elementwise,
    gated,
    lookups,
    losses,
    order,
    products,
    reductions,
    views,
    windows,
)
from sheetgen.ops.base import OPERATIONS, Operation, ShapeProblem, operation

__all__ = [
    "OPERATIONS",
    "Operation",
    "ShapeProblem",
    "activations",
    "along",
    "composites",
    "elementwise",
    "gated",
    "lookups",
    "losses",
    "operation",
    "order",
    "products",
    "reductions",
    "views",
    "windows",
]
