"""Sentences for steps that the author left without one."""

from __future__ import annotations

from sheetgen.ir.node import Node
from sheetgen.ir.program import Statement
from sheetgen.ir.walk import is_constant, nodes, references, summands
from sheetgen.lang.show import show
from sheetgen.ops import OPERATIONS
from sheetgen.passes.hoist import ARITHMETIC


def describe(name: str, node: Node) -> str:
    """One short sentence on how `name` is computed, in a teacher's voice."""
    if node.is_leaf:
        return f"{name} is a constant." if node.is_number else f"{name} is {node.name}."
    if product := _product(name, node):
        return product
    says = _says(node)
    if node.op not in ARITHMETIC:
        inner = _product("", node.args[0]) if node.args else ""
        return f"{inner[:-1]}; then {says}." if inner else _sentence(says)
    functions = [c for c in nodes(node) if c.kind in NOTEWORTHY and not is_constant(c)]
    said = dict.fromkeys(_says(c) for c in functions if c.op not in ARITHMETIC)
    if any(c.op == "matmul" for c in functions):
        return "A product of matrices first, then cell by cell."
    if said:
        return " ".join(["Cell by cell.", *(_sentence(text) for text in said)])
    plain = all(a.kind in ("leaf", "view") for a in node.args)
    return _sentence(says) if plain else "Computed cell by cell."


def _says(node: Node) -> str:
    """What its operation says, along the axis and with the reduction that were chosen."""
    says = OPERATIONS[node.op].says
    axis = node.option("axis")
    lines = "" if axis is None else ("each column", "each row")[axis]
    if node.kind == "reduction" and lines and node.shape != (1, 1):
        what, *rest = says.split(",")
        what = what.replace("everything", lines) if "everything" in what else f"{what} of {lines}"
        return ",".join([what, *rest])
    if node.option("reduction") == "mean":
        return says.replace("added up", "averaged") if "added up" in says else f"{says}, on average"
    return says.replace("each column", lines or "everything") if node.op == "softmax" else says


NOTEWORTHY = ("elementwise", "composite", "range", "product")


def _product(name: str, node: Node) -> str:
    """`Each number of Z is a row of W times a column of X, plus the bias b.`, if `node` is such a sum."""
    terms = summands(node)
    products = [t for t in terms if t.op == "matmul"]
    biases = [t for t in terms if t.op != "matmul"]
    if not products or any(references(t) == [] or not _is_vector(t) for t in biases):
        return ""
    pairs = [f"a row of {show(p.args[0])} times a column of {show(p.args[1])}" for p in products]
    bias = "".join(f", plus the bias {show(b)}" for b in biases)
    return f"Each number{f' of {name}' if name else ''} is {', plus '.join(pairs)}{bias}."


def _is_vector(node: Node) -> bool:
    return 1 in node.shape


def _sentence(text: str) -> str:
    """A capital at the start, unless it is a name such as `tanh`, and a full stop."""
    first = text.split(" ")[0].rstrip(":")
    return (text if first in OPERATIONS and first not in ENGLISH else text[:1].upper() + text[1:]) + "."


ENGLISH = ("softmax", "sigmoid", "softplus", "zeros", "ones")


def backward_sentence(
    loss: str, names: tuple[str, ...], maker: Statement | None, statement: Statement, fused: bool
) -> str:
    """What a step of the backward pass does. `names` are the matrices whose gradients it computes, `maker`
    the statement that made the first of them, `statement` the one that the gradient comes through."""
    if fused:
        return (
            f"The gradient of {loss} with respect to {names[0]}, in one go: the loss and the function before it "
            "simplify to prediction minus target."
        )
    through = statement.expr
    if through.op == "matmul" and statement.name not in names:
        if maker is None and len(names) > 1:
            return (
                f"Gradients of {' and '.join(names)} in one product: each weight's is its input times the gradient "
                f"of {statement.name}, and a bias's input is 1."
            )
        if maker is None and _is_bias(names[0], through):
            over = ", added up" if statement.shape[1] > 1 else ""
            return f"A bias's input is 1, so the gradient of {names[0]} is that of {statement.name}{over}."
        if maker is None:
            return (
                f"The gradient of {names[0]}: the other factor of the product times the gradient of {statement.name}."
            )
        return f"The gradient goes back through {statement.name}'s product to {' and '.join(names)}."
    return f"The gradient of {loss} with respect to {' and '.join(names)}: {_local(names[0], statement)}."


def several_sentence(name: str) -> str:
    """For a gradient that adds up."""
    return f"{name} is used more than once, so the gradients from all its uses are added up."


def nothing_sentence(name: str) -> str:
    """For the gradient of something that the loss can't feel, as through `argmax`."""
    return f"No gradient flows back to {name}: a small change of it leaves the loss as it is."


def _is_bias(name: str, product: Node) -> bool:
    """Whether it stands beside weights, in a product's left factor, and meets ones."""
    left, right = product.args
    if (left.op, right.op) != ("hstack", "vstack"):
        return False
    pairs = zip(left.args, right.args, strict=False)
    return any(piece.is_matrix and piece.name == name and met.op == "ones" for piece, met in pairs)


SLOPES = {
    "relu": "it passes where the ReLU's input was positive, and is 0 elsewhere",
    "tanh": "what reaches it, times tanh's slope, 1 - tanh²",
    "sigmoid": "what reaches it, times the sigmoid's slope, s · (1 - s)",
    "hard_sigmoid": "a sixth of it passes on the slope between -3 and 3, nothing outside",
    "softmax": "each probability times how far its gradient lies above the column's weighted average",
    "add": "a sum passes it on unchanged",
    "subtract": "a difference passes it on, to the second with the sign turned",
    "multiply": "what reaches it, times the other factor",
    "round": "rounding is taken to pass it straight through",
    "sum": "every summand gets the gradient of the sum",
    "mean": "every cell gets its share of the gradient",
    "max": "it goes to the largest only",
    "min": "it goes to the smallest only",
    "max_pool": "it goes to the largest cell of each window",
    "vstack": "its part of what reaches the stack",
    "hstack": "its part of what reaches the stack",
    "slice": "what reaches the part that was cut out, and 0 elsewhere",
    "embedding": "each token's column collects what reaches the places where it was looked up",
    "lookup": "each token's column collects what reaches the places where it was looked up",
    "layer_norm": "centred and rescaled, as the columns were",
    "cross_entropy": "minus the target over the prediction",
    "mse": "twice the difference",
}


def _local(name: str, statement: Statement) -> str:
    """What happens to the gradient on its way to `name`, if one operation of the statement says it all."""
    default = "what reaches it, times the local slope"
    expr, whole = statement.expr, statement.shape
    while expr.op in SLOPES:
        through = [arg for arg in expr.args if any(ref.name == name for ref in references(arg))]
        kind = expr.kind
        if kind == "composite" and through != [expr.args[0]]:  # such as layer_norm's scale
            break
        if any(_seen_through(arg) == name for arg in through):
            repeated = kind == "elementwise" and through[0].shape != whole
            averaged = expr.option("reduction") == "mean"
            return SLOPES[expr.op] + ", added up over the repeats" * repeated + ", shared out evenly" * averaged
        if expr.op != "add" or not through:
            break
        expr = through[0]
    return default


def _seen_through(node: Node) -> str:
    """The matrix that is looked at, perhaps transposed or in part."""
    while node.op in ("transpose", "slice"):
        node = node.args[0]
    return node.name
