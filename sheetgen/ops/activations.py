"""Activations: what networks use between their layers, cell by cell.

Where definitions differ: `leaky_relu`'s slope and `hard_sigmoid` (x/6 + ½, cut to [0, 1]) are PyTorch's; `gelu` is the
exact x·Φ(x) of Hendrycks and Gimpel (arXiv:1606.08415), not its approximation by tanh; `silu` is x·sigmoid(x);
`softplus` is ln(1 + eˣ), written so that it neither overflows nor, below -12, loses its digits; `elu` is that of
Clevert and others (arXiv:1511.07289), `selu` with the two constants of Klambauer and others (arXiv:1706.02515), `mish`
x·tanh(softplus(x)) of Misra (arXiv:1908.08681). At a kink the gradient is that of one side: ReLU's is 0 at 0.
"""

# fmt: off: entries are laid out by hand, to be read like a formula sheet

from __future__ import annotations

import math

import numpy as np

from sheetgen.ir.node import call, number
from sheetgen.ops.base import where
from sheetgen.ops.elementwise import elementwise, exp, logistic, minimum
from sheetgen.ops.notation import Caption
from sheetgen.ops.rounding import unrounded
from sheetgen.ops.telling import amount

elementwise("relu", numpy=lambda x: np.maximum(x, 0), formula="MAX(0,{x})", array="IF({x:+}>0,{x},0)",
            gradient=lambda x, out, g: where(x > 0, g, 0), role="activation", kink=lambda x: x == 0, label="ReLU",
            caption=Caption("ReLU({0})"), rounds=unrounded, says="ReLU: negatives become 0",
            slope="it passes where the ReLU's input was positive, and is 0 elsewhere")
elementwise("leaky_relu", "x, negative_slope=0.01", numpy=lambda x, a: np.where(x > 0, x, a * x),
            formula="IF({x:+}>0,{x},{negative_slope:*}*{x:*})",
            gradient=lambda x, a, out, g: (g * where(x > 0, 1, a), where(x > 0, 0, g * x)), role="activation",
            kink=lambda x, a: (x == 0) & (a != 1), label="leaky", caption=Caption("leaky ReLU({0})"),
            says="leaky ReLU: negatives shrink to a small slope",
            tells=lambda node: f"leaky ReLU: negatives are multiplied by {amount(node.args[1], 'a number')}")


def _sigmoid(x: np.ndarray) -> np.ndarray:
    """Above e^700 the exponential would overflow; 1 / e^700 is 0 to 300 decimals."""
    return np.asarray(1 / (1 + np.exp(np.minimum(700, -x))))


elementwise("sigmoid", numpy=_sigmoid, formula="1/(1+EXP(MIN(700,-{x:^})))",
            array="1/(1+EXP(IF({x:+}<-700,700,-{x:^})))", gradient=lambda x, out, g: g * (out * (1 - out)),
            role="probability", label="σ", caption=Caption("σ({0})"), says="sigmoid: squeezed between 0 and 1",
            slope="what reaches it, times the sigmoid's slope, s · (1 - s)")
elementwise("hard_sigmoid", numpy=lambda x: np.clip(x / 6 + 0.5, 0, 1), formula="MAX(0,MIN(1,{x:*}/6+0.5))",
            array="IF({x:+}<-3,0,IF({x:+}>3,1,{x:*}/6+0.5))",
            gradient=lambda x, out, g: where(call("abs", x) < 3, g / 6, 0),
            role="probability", kink=lambda x: np.abs(x) == 3, label="hard σ", caption=Caption("hard σ({0})"),
            rounds=lambda out, x: np.maximum(np.abs(x) / 6, 0.5),
            says="hard sigmoid: 0 up to -3, ½ at 0, 1 from 3 on, straight in between",
            slope="a sixth of it passes on the slope between -3 and 3, nothing outside")
elementwise("silu", numpy=lambda x: x * _sigmoid(x), formula="{x:*}/(1+EXP(MIN(700,-{x:^})))",
            array="{x:*}/(1+EXP(IF({x:+}<-700,700,-{x:^})))",
            gradient=lambda x, out, g: g * (logistic(x) * (1 + x * (1 - logistic(x)))),
            role="activation", label="SiLU", caption=Caption("SiLU({0})"), says="SiLU: x times its sigmoid")

def _softplus(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))


elementwise("softplus", numpy=_softplus,
            formula="IF({x:+}<-12,EXP({x})*(1-EXP({x})/2),MAX(0,{x})+LN(1+EXP(-ABS({x}))))",
            array="IF({x:+}<-12,EXP({x})*(1-EXP({x})/2),IF({x:+}>0,{x},0)+LN(1+EXP(-ABS({x}))))",
            gradient=lambda x, out, g: g * logistic(x), role="activation", label="soft+",
            caption=Caption("softplus({0})"), rounds=lambda out, x: np.maximum(np.abs(x), 1.0),
            says="softplus: a smooth ReLU, ln(1 + eˣ)")
ERF = 1e-10
"""How exact IronCalc's ERF is. Older programs, Excel 2007 among them, have none of a negative number."""
elementwise("erf", numpy=np.vectorize(math.erf, otypes=[float]), formula="SIGN({x})*ERF(ABS({x}))", array=None,
            gradient=lambda x, out, g: g * (2 / math.sqrt(math.pi) * exp(-(x**2))), role="activation",
            caption=Caption("erf({0})"), rounds=lambda out, x: np.ones_like(x), accuracy=ERF, slow=True,
            says="the error function")
elementwise("gelu", numpy=lambda x: x * (1 + np.vectorize(math.erf, otypes=[float])(x / np.sqrt(2))) / 2,
            formula="{x:*}*(1+SIGN({x})*ERF(ABS({x})/SQRT(2)))/2", array=None,
            gradient=lambda x, out, g: g * (
                (1 + call("erf", x / call("sqrt", 2))) / 2 + x * exp(-(x**2 / 2)) / math.sqrt(2 * math.pi)),
            role="activation", label="GELU", caption=Caption("GELU({0})"), rounds=lambda out, x: np.abs(x),
            accuracy=ERF, slow=True,
            says="GELU: x times the chance that a standard normal number is below it")


def _elu(x: np.ndarray, alpha: np.ndarray | float) -> np.ndarray:
    return np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1))


elementwise("elu", "x, alpha=1", numpy=_elu, formula="IF({x:+}>0,{x},{alpha:*}*(EXP({x})-1))",
            gradient=lambda x, alpha, out, g: (g * where(x > 0, 1, out + alpha),
                                               where(x > 0, 0, g * (exp(minimum(x, number(0))) - 1))),
            kink=lambda x, alpha: (x == 0) & (alpha != 1), role="activation", label="ELU", caption=Caption("ELU({0})"),
            rounds=lambda out, x, alpha: np.where(x > 0, np.abs(out), np.maximum(np.abs(out), np.abs(alpha))),
            says="ELU: negatives level off at minus alpha",
            tells=lambda node: f"ELU: negatives level off at -{amount(node.args[1], 'alpha')}")

SELU = 1.0507009873554805, 1.6732632423543772
"""Scale and alpha."""
elementwise("selu", numpy=lambda x: SELU[0] * _elu(x, SELU[1]),
            formula=f"{SELU[0]}*IF({{x:+}}>0,{{x}},{SELU[1]}*(EXP({{x}})-1))",
            gradient=lambda x, out, g: g * where(x > 0, SELU[0], out + SELU[0] * SELU[1]),
            kink=lambda x: x == 0, role="activation", label="SELU", caption=Caption("SELU({0})"),
            rounds=lambda out, x: np.maximum(np.abs(out), 2.0 * (x <= 0)),
            says="SELU: an ELU scaled so that layers keep mean 0 and variance 1")
elementwise("softsign", numpy=lambda x: x / (1 + np.abs(x)), formula="{x:*}/(1+ABS({x}))",
            gradient=lambda x, out, g: g / (1 + call("abs", x)) ** 2, role="activation",
            caption=Caption("softsign({0})"), says="softsign: x ÷ (1 + |x|), squeezed between -1 and 1")


elementwise("mish", numpy=lambda x: x * np.tanh(_softplus(x)),
            formula="{x:*}*TANH(IF({x:+}<-12,EXP({x})*(1-EXP({x})/2),MAX(0,{x})+LN(1+EXP(-ABS({x})))))",
            array="{x:*}*TANH(IF({x:+}<-12,EXP({x})*(1-EXP({x})/2),IF({x:+}>0,{x},0)+LN(1+EXP(-ABS({x})))))",
            gradient=lambda x, out, g: g * (
                call("tanh", call("softplus", x)) + x * logistic(x) * (1 - call("tanh", call("softplus", x)) ** 2)),
            role="activation", label="Mish", caption=Caption("Mish({0})"),
            says="Mish: x times tanh of its softplus")
elementwise("log_sigmoid", numpy=lambda x: -_softplus(-x),
            formula="0-IF({x:+}>12,EXP(-{x:^})*(1-EXP(-{x:^})/2),MAX(0,-{x:^})+LN(1+EXP(-ABS({x}))))",
            array="0-IF({x:+}>12,EXP(-{x:^})*(1-EXP(-{x:^})/2),IF({x:+}<0,-{x:^},0)+LN(1+EXP(-ABS({x}))))",
            gradient=lambda x, out, g: g * logistic(-x), role="function", label="ln σ", caption=Caption("ln σ({0})"),
            rounds=lambda out, x: np.maximum(np.abs(x), 1.0),
            says="the logarithm of the sigmoid, finite for any number")
