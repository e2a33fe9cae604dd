"""The table of operations: all that is known of each, in one entry."""

from sheetgen.ops import (
    activations,
    along,
    composites,
    convolutions,
    elementwise,
    gated,
    lookups,
    losses,
    order,
    pooling,
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
    "convolutions",
    "elementwise",
    "gated",
    "lookups",
    "losses",
    "operation",
    "order",
    "pooling",
    "products",
    "reductions",
    "views",
    "windows",
]
