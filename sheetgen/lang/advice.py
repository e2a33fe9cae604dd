"""What people bring from numpy, PyTorch, Keras and textbooks, and what to write here instead."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterable, Sequence

from sheetgen.ops import OPERATIONS

MODULES = frozenset(
    {"np", "numpy", "math", "torch", "tf", "tensorflow", "keras", "nn", "jax", "jnp", "scipy", "special"}
)
EITHER = frozenset({"F", "K"})
"""What stands before the dot of a library's function, and what may also be a matrix."""
ARGUMENTS = {"dim": "axis", "kernel_size": "size", "pool_size": "size", "strides": "stride", "scale_factor": "scale"}
"""Names of arguments elsewhere, and here."""
OF_LOSSES = {
    "label_smoothing": "Smooth the target in a step before: `Y_smooth = 0.9 * Y + 0.1 / rows(Y)`.",
    "ignore_index": "Leave them out of the target, `one_hot(tokens, 3, ignore_index=-100)`: zeros count for nothing.",
    **dict.fromkeys(("weight", "class_weight", "sample_weight"), "Weigh the target, class by class: `w * Y`."),
}
"""Options of losses elsewhere, and what to write here."""


def _table(text: str) -> dict[str, str]:
    """Each name of the left column → the right one; columns are two blanks apart."""
    rows = (re.split(r"\s{2,}", line.strip(), maxsplit=1) for line in text.strip().splitlines())
    return {name: what for names, what in rows for name in names.split()}


WRITE = _table("""
    matmul mm bmm dot mv                       {0} @ {1}
    outer                                      {0} @ {1}.T
    linear dense                               {1} @ {0} + b
    t                                          {0}.T
    add                                        {0} + {1}
    subtract sub                               {0} - {1}
    multiply mul                               {0} * {1}
    divide div truedivide                      {0} / {1}
    power pow floatpower                       {0} ** {1}
    negative neg                               -{0}
    reciprocal                                 1 / {0}
    rsqrt                                      1 / sqrt({0})
    greater gt                                 {0} > {1}
    greaterequal ge                            {0} >= {1}
    less lt                                    {0} < {1}
    lessequal le                               {0} <= {1}
    equal eq                                   {0} == {1}
    notequal ne                                {0} != {1}
    logicaland                                 ({0} != 0) * ({1} != 0)
    logicalor                                  maximum({0} != 0, {1} != 0)
    logicalnot                                 {0} == 0
    heaviside                                  {0} > 0
    max/2 fmax                                 maximum({0}, {1})
    min/2 fmin                                 minimum({0}, {1})
    amax nanmax reducemax                      max({0})
    amin nanmin reducemin                      min({0})
    nansum reducesum fsum                      sum({0})
    nanmedian                                  median({0})
    takealongaxis takealongdim                 gather({0}, {1})
    nanmean average reducemean                 mean({0})
    absolute fabs                              abs({0})
    around rint                                round({0})
    clamp clipbyvalue                          clip({0}, {1}, {2})
    variance                                   var({0})
    ln                                         log({0})
    log10                                      log({0}) / log(10)
    log2                                       log({0}) / log(2)
    exp2                                       2 ** {0}
    logaddexp                                  maximum({0}, {1}) + softplus(-abs({0} - {1}))
    logit                                      log({0} / (1 - {0}))
    sinh                                       (exp({0}) - exp(-{0})) / 2
    cosh                                       (exp({0}) + exp(-{0})) / 2
    atanh arctanh                              log((1 + {0}) / (1 - {0})) / 2
    erfc                                       1 - erf({0})
    expit logistic                             sigmoid({0})
    logsigmoid                                 log_sigmoid({0})
    remainder                                  mod({0}, {1})
    logsoftmax                                 log_softmax({0})
    relu6                                      minimum(maximum({0}, 0), 6)
    prelu                                      leaky_relu({0}, {1})
    swish                                      silu({0})
    hardswish hardsilu                         {0} * hard_sigmoid({0})
    hardtanh                                   minimum(maximum({0}, -1), 1)
    tanhshrink                                 {0} - tanh({0})
    mseloss meansquarederror                   mse({0}, {1})
    l1loss meanabsoluteerror mae               sum(abs({0} - {1}))
    smoothl1loss                               smooth_l1({0}, {1})
    huberloss                                  huber({0}, {1})
    hingeloss                                  hinge({0}, {1})
    bceloss bce                                binary_cross_entropy({0}, {1})
    categoricalcrossentropy                    cross_entropy({0}, {1})
    sparsecategoricalcrossentropy              cross_entropy({0}, one_hot({1}, {2}))
    nllloss                                    -sum({1} * {0})
    bcewithlogitsloss                          binary_cross_entropy_with_logits({0}, {1})
    crossentropyloss f.crossentropy            cross_entropy_with_logits({0}, {1})
    layernormalization                         layer_norm({0})
    batchnorm1d batchnormalization             batch_norm({0})
    rmsnormalization                           rms_norm({0})
    groupnorm groupnormalization               group_norm({0}, {1})
    maxpool2d maxpooling2d                     max_pool({0}, {1})
    avgpool2d averagepooling2d                 avg_pool({0}, {1})
    conv2dtranspose                            conv_transpose2d({0}, {1})
    conv1dtranspose                            conv_transpose1d({0}, {1})
    upsampling2d interpolate                   upsample({0}, {1})
    adaptiveavgpool2d globalaveragepooling2d   global_avg_pool({0})
    adaptivemaxpool2d globalmaxpooling2d       global_max_pool({0})
    ravel                                      flatten({0})
    view                                       reshape({0}, ({1}, {2}))
    identity                                   eye({0})
    full                                       {1} * ones({0})
    zeroslike                                  0 * {0}
    oneslike                                   0 * {0} + 1
""")
"""Name, without case and `_` (with `/2` if called with two arguments, with `f.` if only torch.nn.functional means that
by it) → the same here, of the arguments `{0}`, `{1}`"""

SAY = _table("""
    concatenate concat cat stack columnstack rowstack dstack append
                  Below one another is `vstack([A, B])`, side by side `hstack([A, B])`.
    array asarray tensor astensor matrix variable parameter arange linspace
                  Numbers are given under `matrices:`, and their names used in steps.
    rand randn randint normal uniform random
                  Write it under `matrices:`, as `random: {shape: [2, 3]}`.
    len shape size ndim numel
                  The sizes of X are `rows(X)` and `columns(X)`; `sheetgen show` prints every shape.
    float int short double item numpy cpu cuda to astype asmatrix copy clone
                  Leave it out: everything is a matrix of numbers.
    nograd requiresgrad data
                  What isn't to be trained is a `constant` under `matrices:`.
    backward gradient
                  Write `loss: L` and `backward: true` after the steps, or a step such as `g = grad(L, W)`.
    unsqueeze expanddims squeeze newaxis expand broadcastto tile repeat
                  Leave it out: a row, a column or a number is repeated by itself.
    print show display
                  Leave it out: every matrix is shown.
    range enumerate
                  A loop is a step of its own: `for: t in 1..4`, with `steps:`.
""".replace("\n                  ", "  "))
"""Name, as in `WRITE` → a sentence, where no expression stands for it."""
PI = "pi"
"""The only constant with a name; a matrix may take it."""
CONSTANTS = {PI: f"`{PI}`", "e": "`exp(1)`"}


def squashed(name: str) -> str:
    """A name without what libraries differ in: `LeakyReLU` and `leaky_relu` are one."""
    return name.casefold().replace("_", "")


def of_method(func: ast.Attribute, args: Sequence[ast.expr] = (), keywords: Sequence[ast.keyword] = ()) -> str:
    """What to write for `np.dot(A, B)`, `A.dot(B)`, `np.pi` and `X.shape`, as `instead` has it."""
    root: ast.expr = func
    while isinstance(root, ast.Attribute):
        root = root.value
    name = root.id if isinstance(root, ast.Name) else ""
    if name in MODULES and func.attr in CONSTANTS:
        return f" Write {CONSTANTS[func.attr]}."
    functional = name == "F" or ast.unparse(func.value).endswith("nn.functional")
    if functional and squashed(f"F.{func.attr}") in WRITE:
        return instead(f"F.{func.attr}", args, keywords)
    if name in EITHER:
        return instead(func.attr)
    return instead(func.attr, args if name in MODULES else [func.value, *args], keywords)


def of_two(name: str, args: Sequence[ast.expr]) -> bool:
    """Whether a function of one matrix is called with two, as Python's `max(0, A)` is."""
    axis = len(args) == 2 and isinstance(args[1], ast.Constant | ast.UnaryOp)
    return len(args) == 2 and not axis and f"{name}/2" in WRITE


def instead(name: str, args: Sequence[ast.expr] = (), keywords: Sequence[ast.keyword] = ()) -> str:
    """` Write `A @ B`.`, or another sentence on what to write for a call of `name`; nothing if there is nothing."""
    key = squashed(name)
    template = WRITE[f"{name}/2"] if of_two(name, args) else WRITE.get(key)
    if template:
        return _filled(template, args)
    found = next((o for o in OPERATIONS.values() if o.public and squashed(o.name) == key), None)
    if found is None:
        return f" {SAY[key]}" if key in SAY else ""
    known = [*(argument for argument, _ in found.arguments), *found.options]
    named = [(ARGUMENTS.get(k.arg or "", k.arg), ast.unparse(k.value)) for k in keywords]
    texts = [*map(ast.unparse, args), *(f"{argument}={value}" for argument, value in named if argument in known)]
    return f" Write `{found.name}({', '.join(texts) or '…'})`."


def _filled(template: str, args: Sequence[ast.expr]) -> str:
    shown = [f"({ast.unparse(arg)})" for arg in args]
    text = template.format(*shown, *("x", "y", "n")[len(shown) :])
    return f" Write `{ast.unparse(ast.parse(text, mode='eval'))}`."  # without needless parentheses


def of_python(node: ast.expr) -> str:
    """What to write for Python's `a if c else b`, `a and b`, `not a`, and for numpy's `a & b`; nothing for others."""
    match node:
        case ast.IfExp(test=condition, body=yes, orelse=no):
            return _filled("where({0}, {1}, {2})", [condition, yes, no])
        case ast.BoolOp(op=ast.And(), values=[a, b]) | ast.BinOp(left=a, op=ast.BitAnd(), right=b):
            return _filled("{0} * {1}" if _compare(a, b) else WRITE["logicaland"], [a, b])
        case ast.BoolOp(op=ast.Or(), values=[a, b]) | ast.BinOp(left=a, op=ast.BitOr(), right=b):
            return _filled("maximum({0}, {1})" if _compare(a, b) else WRITE["logicalor"], [a, b])
        case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=a):
            return _filled("{0} == 0", [a])
        case ast.BinOp(left=a, op=ast.BitXor(), right=b):
            return _filled("{0} ** {1}", [a, b])
    return ""


def _compare(*both: ast.expr) -> bool:
    return all(isinstance(each, ast.Compare) for each in both)


WORD = r"(?!(?:if|else|and|or|not|in|is|for)\b)[^\W\d]\w*"
PRODUCT = "`a @ b` is the product of matrices, `a * b` multiplies cell by cell."
ON_PAPER = {
    r"\^": "A power is written `x ** 2`.", r"[\w)]'": "`A.T` is the transpose of A.", r"\|": "Write `abs(x)`.",
    rf"(?<!\w)\d+ *{WORD}|\b{WORD} +{WORD}|\) *{WORD}": PRODUCT,
}  # fmt: skip
"""What stands in a text that Python can't read, as a pattern → what to write."""


def on_paper(text: str) -> str:
    """What to write for `A B`, `2A`, `A'` and `|A|`; nothing for others."""
    return next((f" {said}" for pattern, said in ON_PAPER.items() if re.search(pattern, text)), "")


def misspelt(name: str, known: Iterable[str]) -> str:
    """` Did you mean `relu`?` for a name that is one slip of the keys away from one that is known, or nothing."""
    found = [each for each in known if len(name) > 4 and _one_slip(name.casefold(), each.casefold())]
    return f" Did you mean `{found[0]}`?" if found else ""


def _one_slip(a: str, b: str) -> bool:
    """One letter more, less or different, or two in the wrong order."""
    start = next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    a, b = a[start:], b[start:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or (a[1::-1] == b[:2] and a[2:] == b[2:])


def gradient(name: str, known: Iterable[str]) -> str:
    """What to say of a name that only the backward pass or the update will have: `dL_dW`, `W_new`."""
    names = set(known)
    if (found := re.fullmatch(r"d(\w+?)_d(\w+?)(_T)?", name)) and found[2] in names:
        return (
            f"`{name}` is a gradient: `backward: true` works it out after all steps, so that none can use it. A step "
            f"that does is `g = grad({found[1]}, {found[2]})`."
        )
    if name.endswith("_new") and name.removesuffix("_new") in names:
        return f"`{name}` is what `update: {{learning_rate: 0.1}}` makes after all steps, so that none can use it."
    return ""


# Signs

SIGNS = {
    "ᵀ": "`A.T` is the transpose of A", "²": "a power is `x ** 2`", "³": "a power is `x ** 3`",
    **dict.fromkeys("·×⋅∙•", "`@` is the matrix product, `*` cell times cell"),
    **dict.fromkeys("⊙∘", "`*` is cell times cell"), **dict.fromkeys("−–—", "`-` is minus"), "÷": "`/` divides",
    "≤": "write `<=`", "≥": "write `>=`", "≠": "write `!=`", "√": "write `sqrt(x)`", "∑": "write `sum(x)`",
    "π": f"write {CONSTANTS[PI]}", **dict.fromkeys("“”„‘’«»", "quotes are `'` or `\"`"),
}  # fmt: skip
NAMES = "names consist of the letters A to Z, digits and `_`"


def foreign(text: str) -> tuple[int, str] | None:
    """The place of the first sign that isn't ASCII, counted from 0, and what to write for it."""
    place = next((k for k, sign in enumerate(text) if not sign.isascii()), None)
    if place is None:
        return None
    sign = text[place]
    if problem := invisible(sign):
        return place, problem
    word = unicodedata.name(sign, "").split()
    spelled = f"{NAMES}: write `{word[-1].lower()}`" if word[:1] == ["GREEK"] and word[-1:] != ["TONOS"] else NAMES
    return place, f"`{sign}` isn't part of the language: {SIGNS.get(sign, spelled)}."


def invisible(text: str) -> str:
    """What to say of a blank that isn't one, such as a no-break space; nothing if there is none."""
    sign = next((c for c in text if not c.isascii() and unicodedata.category(c) in ("Zs", "Cf")), None)
    if sign is None:
        return ""
    return f"There is a {unicodedata.name(sign).lower()} (U+{ord(sign):04X}) here: type a plain blank, or nothing."


# Numbers

NUMBER = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?", re.ASCII)
"""As a spec writes one."""
QUOTES = "this is a text: take the quotes off"


def is_quoted_number(value: object) -> bool:
    """Whether it is a text that would be a number without its quotes."""
    return isinstance(value, str) and bool(NUMBER.fullmatch(value.strip()))


def not_a_number(value: object) -> str:
    """How a sentence that says so of `value` ends: with what to write instead, if that is known."""
    if is_quoted_number(value):
        return f"; {QUOTES}."
    if not isinstance(value, str):
        return "."
    plain = unicodedata.normalize("NFKC", value).replace("_", "").replace("−", "-").strip()
    if is_quoted_number(plain):
        return f": write `{plain}`."
    if is_quoted_number(value.rstrip("% ")):
        return f": write `{float(value.rstrip('% ')) / 100:g}`."
    return ". What is computed is a step." if re.search(r"\d\s*[*/]\s*\d|\w\(", value) else "."
