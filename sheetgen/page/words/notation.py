"""How each operation is written in mathematics, and the sign that stands for it in a gutter.

`{0:*}` is the first argument where it must bind as tightly as a factor, `{0:+}` as a summand, `{0:.}` as a single
thing; `{0}` takes anything. What the templates can't tell is written in `equations`.
"""

from __future__ import annotations

from dataclasses import dataclass

CHOICE, COMPARISON, SUM, TOTAL, QUOTIENT, PRODUCT, PREFIX, POWER, ATOM = 0.0, 1.0, 2.0, 3.0, 3.2, 3.5, 4.0, 5.0, 9.0
"""How tightly a piece of text binds."""
LEVELS = {"": CHOICE, "+": SUM, "-": TOTAL, "*": PRODUCT, "/": PREFIX, "^": POWER, ".": ATOM}


@dataclass(frozen=True)
class Text:
    """A written expression and how tightly it binds."""

    text: str
    level: float = ATOM

    def __format__(self, spec: str) -> str:
        return self.text if self.level >= LEVELS[spec] else f"({self.text})"


TEMPLATES: dict[str, tuple[str, float]] = {
    "add": ("{0:+} + {1:+}", SUM),
    "subtract": ("{0:+} − {1:-}", SUM),
    "negative": ("−{0:-}", SUM),
    "greater": ("{0:+} > {1:+}", COMPARISON),
    "greater_equal": ("{0:+} ≥ {1:+}", COMPARISON),
    "less": ("{0:+} < {1:+}", COMPARISON),
    "less_equal": ("{0:+} ≤ {1:+}", COMPARISON),
    "equal": ("{0:+} = {1:+}", COMPARISON),
    "not_equal": ("{0:+} ≠ {1:+}", COMPARISON),
    "sqrt": ("√{0:.}", PREFIX),
    "abs": ("|{0}|", ATOM),
    "sign": ("sign({0})", ATOM),
    "tanh": ("tanh({0})", ATOM),
    "maximum": ("max({0}, {1})", ATOM),
    "minimum": ("min({0}, {1})", ATOM),
    "relu": ("ReLU({0})", ATOM),
    "sigmoid": ("σ({0})", ATOM),
    "hard_sigmoid": ("hard σ({0})", ATOM),
    "silu": ("SiLU({0})", ATOM),
    "softplus": ("softplus({0})", ATOM),
    "erf": ("erf({0})", ATOM),
    "gelu": ("GELU({0})", ATOM),
    "softmax": ("softmax({0})", ATOM),
    "logsumexp": ("ln Σ exp({0})", PREFIX),
    "spread": ("σ", ATOM),
    "gradient": ("∂{0:.}", ATOM),
    "conv2d": ("{0:*} ∗ {1:*}", PRODUCT),
    "conv1d": ("{0:*} ∗ {1:*}", PRODUCT),
    "conv_input_gradient": ("{0:*} ∗ {1:*} turned", COMPARISON),
    "conv_kernel_gradient": ("{1:*} ∗ {0:*}", PRODUCT),
    "max_pool_gradient": ("{2} to the largest", COMPARISON),
    "avg_pool_gradient": ("{0} shared out", COMPARISON),
    "flatten": ("{0} row by row", COMPARISON),
    "embedding": ("{0:.}[{1}]", ATOM),
    "lookup": ("{0:.}[{1}]", ATOM),
    "embedding_gradient": ("Σ {1:*} by {0}", COMPARISON),
    "one_hot": ("one-hot({0})", ATOM),
    "argmax": ("argmax({0})", ATOM),
    "zeros": ("0", ATOM),
    "ones": ("1", ATOM),
    "eye": ("I", ATOM),
}

SIGNS = {
    "add": "+", "subtract": "−", "multiply": "∘", "divide": "÷", "sum": "Σ", "mean": "μ", "max": "max", "min": "min",
    "argmax": "argmax", "relu": "ReLU", "leaky_relu": "leaky", "sigmoid": "σ", "hard_sigmoid": "hard σ", "tanh": "tanh",
    "gelu": "GELU", "silu": "SiLU", "softplus": "soft+", "erf": "erf", "exp": "exp", "log": "ln", "sqrt": "√",
    "round": "round", "abs": "| |", "maximum": "max", "minimum": "min", "conv2d": "∗", "conv1d": "∗", "greater": ">",
    "greater_equal": "≥", "less": "<", "less_equal": "≤", "equal": "=", "not_equal": "≠",
}  # fmt: skip
"""In the gutter between two boxes on the same rows, and left of a glued row; an arrow for all others."""
