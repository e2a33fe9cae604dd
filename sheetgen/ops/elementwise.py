"""Operations that work cell by cell, with numpy's broadcasting.

Arithmetic, comparisons and numpy's functions; `activations` has what networks use between their layers. At a kink the
gradient is that of one side: `maximum` gives all to its first argument where both are equal.
"""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import copysign, floor
from typing import Any

import numpy as np

from sheetgen.ir.node import Node, Shape, call, number
from sheetgen.ops import equality, options
from sheetgen.ops.base import Operation, ShapeProblem, broadcast, equal, register, signature, through, where
from sheetgen.ops.notation import COMPARISON, PREFIX, PRODUCT, QUOTIENT, SUM, Caption
from sheetgen.ops.options import Option
from sheetgen.ops.rounding import unless_whole, unrounded
from sheetgen.ops.telling import amount
from sheetgen.ops.template import Text


def elementwise(
    name: str,
    arguments: str = "x",
    *,
    numpy: Callable[..., Any],
    formula: Any,
    gradient: Callable[..., Any] | None,
    says: str,
    array: Any = "same",
    options: Mapping[str, Option] | None = None,
    symbol: str = "",
    shape: Callable[..., Shape] | None = None,
    **fields: Any,
) -> None:
    """Register a cell-by-cell operation; docs/operations.md shows a whole one.

    In `formula`, `{x:*}` stands for x in a place that binds as tightly as `*`; `array` is the template over ranges
    when it differs, None when there is none. `numpy` takes 2-D arrays; `gradient` returns what reaches each argument,
    in the result's shape; `shape` is that of the result where it isn't numpy's. `fields` are others of `Operation`.
    """
    register(
        Operation(
            name=name,
            kind="elementwise",
            arguments=signature(arguments),
            options=options or {},
            shape=shape or (lambda *shapes, **_: broadcast(*shapes)),
            numpy=numpy,
            gradient=gradient,
            formula=formula,
            array=formula if array == "same" else array,
            transposes=through,
            says=says,
            symbol=symbol,
            public=not symbol,
            **fields,
        )
    )


def exp(x: Node) -> Node:
    """`eˣ` as a node."""
    return call("exp", x)


def log(x: Node) -> Node:
    """The natural logarithm as a node."""
    return call("log", x)


def sqrt(x: Node) -> Node:
    """The square root as a node."""
    return call("sqrt", x)


def minimum(x: Node, y: Node) -> Node:
    """The smaller of two cells as a node."""
    return call("minimum", x, y)


def logistic(x: Node) -> Node:
    """The sigmoid as a node."""
    return call("sigmoid", x)


def _operands(out: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A sum is rounded, and snapped to 0, as its operands are large."""
    return unless_whole(np.maximum(np.abs(x), np.abs(y)), x, y)


# Arithmetic

elementwise("add", "x, y", symbol="+", arithmetic=True, numpy=equality.total, formula="{x:+}+{y:+}",
            gradient=lambda x, y, out, g: (g, g), label="+", caption=Caption("{0:+} + {1:+}", SUM), passes=True,
            rounds=_operands, ties=lambda x, y: equality.close(x, np.negative(y)),
            says="the cells are added", slope="a sum passes it on unchanged")
elementwise("subtract", "x, y", symbol="-", arithmetic=True, numpy=equality.difference, formula="{x:+}-{y:*}",
            gradient=lambda x, y, out, g: (g, -g), label="−", caption=Caption("{0:+} − {1:-}", SUM),
            rounds=_operands, ties=equality.close,
            says="the cells are subtracted", slope="a difference passes it on, to the second with the sign turned")
elementwise("multiply", "x, y", symbol="*", arithmetic=True, numpy=np.multiply,
            formula=lambda x, y: y if x == "1" else x if y == "1" else Text(f"{x:*}*{y:*}", 4), array="{x:*}*{y:*}",
            gradient=lambda x, y, out, g: (g * y, g * x), label="∘", caption=Caption("{0:*}·{1:*}", PRODUCT),
            rounds=lambda out, x, y: unless_whole(np.abs(out), x, y),
            says="cell times cell", slope="what reaches it, times the other factor")
elementwise("divide", "x, y", symbol="/", arithmetic=True, numpy=np.divide, formula="{x:*}/{y:^}",
            gradient=lambda x, y, out, g: (g / y, -(g * x / y**2)), label="÷",
            caption=Caption("{0:*} ÷ {1:/}", QUOTIENT), amplifies=True,
            says="cell divided by cell", why="something is divided by 0, or is too large")


def _negative_formula(x: Text) -> Text:
    """IronCalc drops the parentheses of `-(A1*B1)` and then takes `C1/-A1*B1` for it, hence the subtraction."""
    return Text(f"0-{x:*}", 3) if x.level == 4 else Text(f"-{x:^}", 2)


elementwise("negative", "x", symbol="-", arithmetic=True, numpy=np.negative, formula=_negative_formula,
            gradient=lambda x, out, g: -g, caption=Caption("−{0:-}", SUM), example="-x", rounds=unrounded,
            says="every sign is turned around")


def _power_formula(x: Text, y: Text) -> Text:
    """Spreadsheets call 0^0 an error, numpy calls it 1."""
    if y.number == 0:
        return Text("1", number=1)
    plain = f"{x:^}^{y:^}"
    return Text(plain, 2) if y.number is not None or (x.number or 0) > 0 else Text(f"IF({y:+}=0,1,{plain})")


def _power_gradient(x: Node, y: Node, out: Node, g: Node) -> tuple[Node, Node]:
    """0 ** y has no slope in its exponent, and x ** 0 none in its base, whatever stands beside."""
    base, exponent = y * x ** (y - 1), out * log(x)
    if y.value is None:
        base = where(equal(y, 0), 0, base)
    if x.value is None:
        exponent = where(equal(x, 0), 0, exponent)
    return number(0) if x.value is not None else g * base, number(0) if y.value is not None else g * exponent


elementwise("power", "x, y", symbol="**", arithmetic=True, numpy=np.power, formula=_power_formula,
            gradient=_power_gradient, amplifies=True, says="each cell to a power",
            why="0 to a negative power, or a negative number to a fractional power, or too large")

# Comparisons: 1 where true, else 0


def _comparison(name: str, symbol: str, sign: str, caption: str, compare: Callable[..., Any]) -> None:
    """`sign` is the spreadsheet's; a condition that is asked for needs no IF around it."""

    def formula(x: Text, y: Text) -> Text:
        condition = f"{x:+}{sign}{y:+}"
        return Text(f"IF({condition},1,0)", condition=condition)

    elementwise(name, "x, y", symbol=symbol, arithmetic=True, numpy=lambda x, y: compare(x, y).astype(float),
                formula=formula, gradient=None, kink=equality.same, rounds=unrounded, jumps="ties",
                ties=equality.close,
                label=caption, caption=Caption(f"{{0:+}} {caption} {{1:+}}", COMPARISON), compares=True, picks=True,
                says=f"1 where the first is {symbol} the second, else 0")


_comparison("greater", ">", ">", ">", lambda x, y: (x > y) & ~equality.close(x, y))
_comparison("greater_equal", ">=", ">=", "≥", lambda x, y: (x >= y) | equality.close(x, y))
_comparison("less", "<", "<", "<", lambda x, y: (x < y) & ~equality.close(x, y))
_comparison("less_equal", "<=", "<=", "≤", lambda x, y: (x <= y) | equality.close(x, y))
_comparison("equal", "==", "=", "=", equality.same)
_comparison("not_equal", "!=", "<>", "≠", lambda x, y: ~equality.same(x, y))

elementwise("where", "condition, x, y", arithmetic=True, numpy=lambda c, x, y: np.where(c != 0, x, y),
            formula="IF({condition:?},{x},{y})",
            gradient=lambda c, x, y, out, g: (number(0), where(c, g, 0), where(c, 0, g)),
            kink=lambda c, x, y: c == 0, spreads="moves", selects=(0,), amplifies=True,
            says="the first where the condition holds, else the second")

# Functions

elementwise("exp", numpy=np.exp, formula="EXP({x})", gradient=lambda x, out, g: g * out, role="function",
            caption=Caption("exp({0})"), says="e to the power of each cell", why="e to a power above 709 is too large")
elementwise("log", numpy=np.log, formula="LN({x})", gradient=lambda x, out, g: g / x, role="function",
            label="ln", caption=Caption("ln({0})"), amplifies=True,
            says="natural logarithm of each cell", why="the logarithm of 0 or of a negative number")
elementwise("sqrt", numpy=np.sqrt, formula="SQRT({x})", gradient=lambda x, out, g: g / (2 * out), role="function",
            label="√", caption=Caption("√{0:.}", PREFIX), amplifies=True,
            says="square root of each cell", why="the square root of a negative number")
elementwise("tanh", numpy=np.tanh, formula="TANH({x})", gradient=lambda x, out, g: g * (1 - out**2),
            role="activation", label="tanh", caption=Caption("tanh({0})"),
            says="tanh: squeezed between -1 and 1", slope="what reaches it, times tanh's slope, 1 - tanh²")
elementwise("abs", numpy=np.abs, formula="ABS({x})", gradient=lambda x, out, g: g * call("sign", x), role="function",
            kink=lambda x: x == 0, label="| |", caption=Caption("|{0}|"), rounds=unrounded, says="the sign is dropped")
elementwise("sign", numpy=np.sign, formula="SIGN({x})", gradient=None, role="function", kink=lambda x: x == 0,
            caption=Caption("sign({0})"), rounds=unrounded, jumps="steps", says="-1, 0 or 1: the sign of each cell")
elementwise("maximum", "x, y", numpy=np.maximum, formula="MAX({x},{y})", array="IF({x:+}>={y:+},{x},{y})",
            gradient=lambda x, y, out, g: (where(x >= y, g, 0), where(x >= y, 0, g)), role="activation",
            kink=equality.same, label="max", caption=Caption("max({0}, {1})"), rounds=unrounded,
            says="the larger of the two cells")
elementwise("minimum", "x, y", numpy=np.minimum, formula="MIN({x},{y})", array="IF({x:+}<={y:+},{x},{y})",
            gradient=lambda x, y, out, g: (where(x <= y, g, 0), where(x <= y, 0, g)), role="activation",
            kink=equality.same, label="min", caption=Caption("min({0}, {1})"), rounds=unrounded,
            says="the smaller of the two cells")


FIFTEEN = 1e14
"""From here on a number has no digits left for a half of its last one."""
NEARLY = 1 + 4 * float(np.finfo(float).eps)
"""What is so little below a half is taken for it."""


def half_away_from_zero(x: np.ndarray, decimals: int = 0) -> np.ndarray:
    """Round as spreadsheets do, halves away from 0: 0.25 → 0.3, and 1.005 → 1.01 although the double is a little less.

    `decimals` may be negative: 15 → 20 with -1.
    """
    scale = 10.0**decimals
    scaled = np.float64(np.abs(x) * scale)
    nearly = np.floor(scaled * NEARLY + 0.5)
    return np.asarray(np.sign(x) * np.where(scaled < FIFTEEN, nearly, np.rint(scaled)) / scale)


def rounded(x: float, decimals: int = 0) -> float:
    """`half_away_from_zero` of one number, without an array."""
    scale = 10.0**decimals
    scaled = abs(x) * scale
    if scaled < FIFTEEN:
        return copysign(floor(scaled * NEARLY + 0.5), x) / scale + 0.0
    return float(half_away_from_zero(np.asarray(x), decimals)) + 0.0


elementwise("round", options={"decimals": options.whole(0, -9, 9)}, numpy=half_away_from_zero,
            formula="ROUND({x},{decimals})", array=None, gradient=lambda x, out, g, decimals=0: g,
            role="probability", straight=True, caption=Caption("round({0})"), rounds=unrounded, jumps="steps",
            says="rounded, as by hand (its gradient passes straight through)",
            slope="rounding is taken to pass it straight through")

for name in ("stop_gradient", "detach"):  # as TensorFlow and PyTorch call it
    elementwise(name, numpy=np.array, formula="{x}", arithmetic=True, gradient=lambda x, out, g: number(0), label="",
                stops=True, caption=Caption("{0}"), rounds=unrounded,
                says="passed on as it is, but no gradient goes back through it")

elementwise("sin", numpy=np.sin, formula="SIN({x})", gradient=lambda x, out, g: g * call("cos", x), role="function",
            caption=Caption("sin({0})"), says="the sine of each cell, an angle in radians",
            slope="what reaches it, times the cosine")
elementwise("cos", numpy=np.cos, formula="COS({x})", gradient=lambda x, out, g: -g * call("sin", x), role="function",
            caption=Caption("cos({0})"), says="the cosine of each cell, an angle in radians",
            slope="what reaches it, times the sine with the sign turned")
elementwise("tan", numpy=np.tan, formula="TAN({x})", gradient=lambda x, out, g: g * (1 + out**2), role="function",
            caption=Caption("tan({0})"), amplifies=True, says="the tangent of each cell, an angle in radians",
            slope="what reaches it, times 1 + tan²")
elementwise("square", numpy=np.square, formula="{x:^}^2", gradient=lambda x, out, g: g * (2 * x), role="function",
            label="x²", caption=Caption("{0:.}²"), says="each cell times itself", slope="what reaches it, times 2x")

SERIES = 1e-4
"""Below it, ln(1 + x) and eˣ - 1 are summed up: 1 + x would take most of x's digits."""


def _log1p(x: np.ndarray) -> np.ndarray:
    return np.where(np.abs(x) < SERIES, x * (1 - x / 2 + x**2 / 3), np.log(1 + np.where(np.abs(x) < SERIES, 0, x)))


def _expm1(x: np.ndarray) -> np.ndarray:
    return np.where(np.abs(x) < SERIES, x * (1 + x / 2 + x**2 / 6), np.exp(x) - 1)


elementwise("log1p", numpy=_log1p,
            formula="IF(ABS({x})<0.0001,{x:*}*(1-{x:*}/2+{x:^}^2/3),LN(1+{x:+}))",
            gradient=lambda x, out, g: g / (1 + x), role="function", label="ln(1+x)", caption=Caption("ln(1 + {0:+})"),
            amplifies=True, rounds=lambda out, x: np.maximum(np.abs(out), np.abs(x) >= SERIES),
            says="natural logarithm of 1 + x, exact for small x too", why="the logarithm of 0 or of a negative number")
elementwise("expm1", numpy=_expm1,
            formula="IF(ABS({x})<0.0001,{x:*}*(1+{x:*}/2+{x:^}^2/6),EXP({x})-1)",
            gradient=lambda x, out, g: g * (out + 1), role="function", label="eˣ−1",
            caption=Caption("exp({0}) − 1", SUM),
            rounds=lambda out, x: np.maximum(np.abs(out), np.abs(x) >= SERIES),
            says="e to the power of x, minus 1, exact for small x too", why="e to a power above 709 is too large")

WHOLE = 10
"""Decimals in which a number is whole: 8, where 0.8 · 10 misses it by a bit, and programs differ in what they see."""


def whole_below(x: np.ndarray) -> np.ndarray:
    """The largest whole number that isn't above x; what is whole in ten decimals counts as whole."""
    return np.asarray(np.floor(half_away_from_zero(x, WHOLE)))


def _whole_in(x: np.ndarray, y: np.ndarray | float = 1.0) -> np.ndarray:
    ratio = x / y
    return np.asarray(np.abs(ratio - np.round(ratio)) <= 10.0**-WHOLE)


elementwise("floor", numpy=whole_below, formula=f"INT(ROUND({{x}},{WHOLE}))", array=None, gradient=None,
            role="function", kink=_whole_in, caption=Caption("⌊{0}⌋"), rounds=unrounded, jumps="steps",
            says="rounded down to a whole number")
elementwise("ceil", numpy=lambda x: -whole_below(-x), formula=lambda x: Text(f"0-INT(0-ROUND({x},{WHOLE}))", 3),
            array=None, gradient=None, role="function", kink=_whole_in, caption=Caption("⌈{0}⌉"), rounds=unrounded,
            jumps="steps", says="rounded up to a whole number")
elementwise("mod", "x, y", numpy=lambda x, y: equality.difference(x, y * whole_below(x / y)),
            formula=lambda x, y: Text(f"{x:+}-{y:*}*INT(ROUND({x:*}/{y:^},{WHOLE}))", 3), array=None,
            gradient=lambda x, y, out, g: (g, -g * call("floor", x / y)), role="function", kink=_whole_in,
            caption=Caption("{0:*} mod {1:/}", PRODUCT), rounds=_operands, amplifies=True,
            says="the remainder of a division, with the sign of the divisor",
            why="something is divided by 0, or is too large")
elementwise("clip", "x, low, high", numpy=lambda x, low, high: np.minimum(np.maximum(x, low), high),
            formula="MIN(MAX({x},{low}),{high})", array="IF({x:+}<{low:+},{low},IF({x:+}>{high:+},{high},{x}))",
            gradient=lambda x, low, high, out, g: (
                where(x < low, 0, where(x > high, 0, g)), where(x < low, g, 0), where(x > high, g, 0)),
            role="function", kink=lambda x, low, high: equality.same(x, low) | equality.same(x, high),
            caption=Caption("clip({0}, {1}, {2})"), rounds=unrounded,
            says="held between two numbers, as PyTorch's clamp",
            tells=lambda node: "held between {} and {}".format(*(amount(x, "a number") for x in node.args[1:])),
            slope="it passes where the number was let through")
def _dropped(x: Shape, mask: Shape, p: Shape) -> Shape:
    if mask != x:
        raise ShapeProblem("the mask has a 1 for each cell that stays and a 0 for each that is dropped")
    return broadcast(x, p)


elementwise("dropout", "x, mask, p=0.5", shape=_dropped, numpy=lambda x, mask, p: x * mask / (1 - p),
            formula="{x:*}*{mask:*}/(1-{p:*})",
            gradient=lambda x, mask, p, out, g: (g * mask / (1 - p), g * x / (1 - p), g * out / (1 - p)),
            role="function", caption=Caption("{0:*}·{1:*} ÷ (1 − {2:*})", QUOTIENT), amplifies=True,
            says="dropout: where the mask is 0, a cell is dropped; what stays is divided by the share that stays",
            slope="what stayed gets its gradient, scaled likewise", why="p is 1, so that nothing stays")

__all__ = ["elementwise", "equal", "exp", "half_away_from_zero", "log", "logistic"]
