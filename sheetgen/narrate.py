"""Sentences for steps that the author left without one."""

from __future__ import annotations

from sheetgen.hoist import ARITHMETIC, summands
from sheetgen.ops import OPERATIONS
from sheetgen.program import Call, Node, Number, Ref, Statement


def describe(name: str, node: Node) -> str:
    """One short sentence on how `name` is computed, in a teacher's voice."""
    match node:
        case Number():
            return f"{name} is a constant."
        case Ref(name=other):
            return f"{name} is {other}."
    products = [t for t in summands(node) if isinstance(t, Call) and t.op == "matmul"]
    if products:
        more = len(summands(node)) > len(products)
        return f"Each number is a row of the left matrix times a column of the right one{', plus the bias' * more}."
    says = OPERATIONS[node.op].says
    functions = [n for n in _calls(node) if n.op not in ARITHMETIC and OPERATIONS[n.op].kind != "view"]
    if node.op in ARITHMETIC and functions:
        says = "; ".join(dict.fromkeys(OPERATIONS[n.op].says for n in functions))
        return f"Cell by cell, with {functions[0].op}: {says}." if len(functions) == 1 else "Computed cell by cell."
    if node.op in ARITHMETIC and any(isinstance(a, Call) for a in node.args):
        return "Computed cell by cell."
    sentence = says[:1].upper() + says[1:] if not says[:2].islower() or " " in says else says
    return f"{sentence}."


def _calls(node: Node) -> list[Call]:
    return [node, *(c for arg in node.args for c in _calls(arg))] if isinstance(node, Call) else []


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
    if isinstance(through, Call) and through.op == "matmul" and statement.name not in names:
        if maker is None and len(names) > 1:
            return (
                f"Gradients of {' and '.join(names)} in one product: each weight's is its input times the gradient "
                f"of {statement.name}, and a bias's input is 1."
            )
        if maker is None:
            return (
                f"The gradient of {names[0]}: the other factor of the product times the gradient of {statement.name}."
            )
        return f"The gradient goes back through {statement.name}'s product to {' and '.join(names)}."
    return f"The gradient of {loss} with respect to {' and '.join(names)}: {_local(names[0], statement)}."


def _local(name: str, statement: Statement) -> str:
    expr = statement.expr
    if isinstance(expr, Call) and expr.op == "relu":
        return "it passes where the ReLU's input was positive, and is 0 elsewhere"
    return "what reaches it, times the local slope"
