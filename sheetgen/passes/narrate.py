"""Sentences, steps and sections that the author left to the compiler."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence, Set
from itertools import groupby, pairwise

from sheetgen.errors import brief
from sheetgen.ir.node import Node
from sheetgen.ir.program import Loss, Program, Statement, Step
from sheetgen.ir.walk import is_constant, nodes, summands
from sheetgen.lang.show import show
from sheetgen.names import AFTER, FORWARD
from sheetgen.ops import operation
from sheetgen.ops.base import is_ones, is_zeros
from sheetgen.ops.telling import filled
from sheetgen.ops.views import blocks_of, seen_through
from sheetgen.records import replace


def describe(name: str, node: Node, parameters: Container[str] = ()) -> str:
    """One short sentence on how `name` is computed, in a teacher's voice; empty if it would say no more than the
    equation does. Of what is added to a product, only `parameters` are biases."""
    if node.is_leaf:
        return f"{name} is a constant." if node.is_number else f"{name} is {node.name}."
    if product := _product(name, node, parameters):
        return product
    says = _says(node)
    if not operation(node).arithmetic:
        others = any(each.kind == "product" for arg in node.args[1:] for each in nodes(arg))
        inner = _product("", node.args[0], parameters) if node.args and not others else ""
        return f"{inner[:-1]}; then {says}." if inner else _sentence(node)
    total = _scaled(node)
    shape = (total.args[0] if total.kind == "reduction" else node).shape
    functions = [c for c in nodes(node) if c.kind in NOTEWORTHY and not is_constant(c)]
    functions = [c for c in functions if c.kind != "elementwise" or c.shape == shape]
    said = dict.fromkeys(_sentence(c) for c in functions if not operation(c).arithmetic)
    if any(c.kind == "product" for c in functions):
        return ""
    if said:
        last = [_sentence(total)] if total.kind == "reduction" else []
        mere = node.shape != (1, 1) and all(c.kind == "elementwise" for c in functions) and not last
        reduced = any(c.kind == "reduction" for c in nodes(node))
        return " ".join([*(["Cell by cell."] if mere and not reduced else []), *said, *last])
    return _sentence(node) if all(a.kind in ("leaf", "view") for a in node.args) else ""


def _says(node: Node) -> str:
    """What its operation says, along the axis and with the reduction that were chosen."""
    known = operation(node)
    says = known.tells(node) if known.tells is not None else known.says
    axis = node.option("axis", known.options["axis"].default if "axis" in known.options else None)
    lines = "" if axis is None else ("each column", "each row")[axis]
    if node.kind == "reduction" and lines and node.shape != (1, 1):
        what, *rest = says.split(",")
        what = what.replace("everything", lines) if "everything" in what else f"{what} of {lines}"
        return ",".join([what, *rest])
    if node.option("reduction") == "mean":
        return says.replace("added up", "averaged") if "added up" in says else f"{says}, on average"
    if "axis" not in known.options or known.tells is not None or node.kind == "reduction":
        return says
    if "each column" in says:
        return says.replace("each column", lines or "everything")
    return f"{says}, {lines.removeprefix('each ')} by {lines.removeprefix('each ')}" if lines else says


NOTEWORTHY = ("elementwise", "composite", "range", "product")


def _scaled(node: Node) -> Node:
    """What `node` is, but for a sign and a number that it is multiplied or divided by."""
    while (sign := operation(node).symbol) in ("*", "/") or (sign == "-" and len(node.args) == 1):
        left = [arg for arg in node.args if not is_constant(arg)]
        if len(left) != 1 or (sign == "/" and left[0] is not node.args[0]):
            break
        (node,) = left
    return node


def _product(name: str, node: Node, parameters: Container[str]) -> str:
    """`Each number of Z is a row of W times a column of X, plus the bias b.`, if `node` is such a sum."""
    terms = summands(node)
    products = [t for t in terms if t.kind == "product"]
    biases = [t for t in terms if t.kind != "product"]
    if not products or not all(seen_through(t).is_matrix and _is_vector(t) for t in biases):
        return ""
    pairs = [f"{_line(p.args[0], 0)} times {_line(p.args[1], 1)}" for p in products]
    called = [_called(b) for b in biases]
    bias = "".join(f", plus {'the bias ' * (each in parameters)}{each}" for each in called)
    return f"Each number{f' of {name}' if name else ''} is {', plus '.join(pairs)}{bias}."


def _line(node: Node, axis: int) -> str:
    """A row (axis 0) or a column of an operand; a row of Kᵀ is a column of K."""
    turned = not node.is_leaf and node.T.is_matrix
    kind = ("row", "column")[axis ^ turned]
    return f"a {kind} of {_called(node.args[0] if turned else node)}"


def _called(node: Node) -> str:
    """An operand in words: its name, those of its parts, or that it was computed just before."""
    node = seen_through(node)
    if node.is_matrix:
        return node.name
    if operation(node).stacks is not None:
        parts = dict.fromkeys(_called(arg) for arg in node.args if not is_ones(arg))
        return " and ".join(parts)
    return show(node) if node.is_leaf else "what comes in"


def _is_vector(node: Node) -> bool:
    return 1 in node.shape


def _sentence(node: Node) -> str:
    """What its operation says, with a capital unless it begins with its label, such as `tanh`, and a full stop."""
    text = _says(node)
    return (text if text.startswith(f"{operation(node).label}:") else text[:1].upper() + text[1:]) + "."


# Backward pass, update, second look


LONGEST_EQUATION = 500


def narrated(program: Program) -> Program:
    """`program` with a step and a section for each statement that has none: one for each gradient, one for the update,
    one for the second forward pass."""
    number = max((step.number for step in program.steps), default=0)
    by_name = {s.name: s for s in program.statements}
    weights = {given.name for given in program.givens if given.role == "parameter"}
    steps: list[Step] = []
    made: list[Statement] = []
    passed = _passed_on(program.statements)

    def together(s: Statement) -> tuple[bool, str, str | None]:
        """What statements of one step have in common."""
        return s.step > 0, s.phase, passed.get(s.name, s.name) if s.loss and s.phase != "after" else None

    for (told, phase, _), group in groupby(program.statements, together):
        statements = list(group)
        first = statements[0]
        if told:
            made += statements
            continue
        back = first.loss is not None and phase != "after"
        if back:
            step = _backward(statements, by_name, weights)
        else:
            step = _update(statements) if phase == "update" else _after(statements, program.losses)
        number += 1
        shown = brief(step.equation, LONGEST_EQUATION)
        steps.append(replace(step, number=number, phase="backward" if back else first.phase, equation=shown))
        made += [replace(s, step=number, section=step.section) for s in statements]
    return _titled(replace(program, statements=tuple(made), steps=(*program.steps, *steps)))


def _titled(program: Program) -> Program:
    """`program` with a title for a forward pass without any, where bands with titles follow: it would have the first of
    these."""
    forward = [s for s in program.statements if s.phase == "forward" and s.name not in program.further]
    if not program.further or any(s.section for s in forward):
        return program
    names = {s.name for s in forward}
    steps = [replace(step, section=FORWARD) if step.phase == "forward" else step for step in program.steps]
    statements = [replace(s, section=FORWARD) if s.name in names else s for s in program.statements]
    return replace(program, statements=tuple(statements), steps=tuple(steps))


def _passed_on(statements: Sequence[Statement]) -> dict[str, str]:
    """Gradients of helpers that the next gradient only repeats, and this one: they are one step."""
    helpers = {s.name for s in statements if s.auxiliary}
    return {
        s.name: after.name
        for s, after in pairwise(statements)
        if s.gradient_of in helpers and after.loss and after.expr.is_matrix and after.expr.name == s.name
    }


def _backward(statements: Sequence[Statement], by_name: Mapping[str, Statement], weights: Set[str]) -> Step:
    """The step of a gradient, the last one of `statements`."""
    s = statements[-1]
    whole = by_name[s.origin.of] if s.origin else s
    name, through = whole.gradient_of or "", by_name[whole.via[-1]]
    section = by_name.get(name, through).section
    if s.phase == "forward":
        section = f"Gradients of {s.loss}"
    else:
        section = f"{section} · backward" if section else "Backward pass"
    part = f"A part of the gradient of {name}."
    sentence, why = (part, "") if s.origin else _gradient(s, name, through, by_name.get(name), name in weights)
    return Step(
        0,
        sentence,
        "; ".join(f"{each.name} = {show(each.expr)}" for each in statements),
        section,
        matrices=tuple(each.name for each in statements),
        why=why,
    )


def _gradient(
    s: Statement, name: str, through: Statement, maker: Statement | None, weight: bool
) -> tuple[str, str]:
    """What a gradient is, in a sentence, and what happens to what reaches it, whatever its matrix is called. `maker` is
    the statement that made the matrix `name`, `through` the one that the gradient comes through."""
    if len(s.via) > 1:
        return (f"{name} is used more than once, so the gradients from all its uses are added up.",
                "what comes from all its uses, added up")  # fmt: skip
    if is_zeros(s.expr):  # the loss can't feel it, as through `argmax`
        return (f"No gradient flows back to {name}: a small change of it leaves the loss as it is.",
                "a small change leaves the loss as it is")  # fmt: skip
    respect = f"The gradient of {s.loss or ''} with respect to {name}"
    if name != through.name and all(ref.name != name for ref in through.expr.references):
        left = _simplified(s.expr, through.expr)
        return (f"{respect}, in one go: the loss and the function before it simplify to {left}.",
                "the loss and the function before it, in one go")  # fmt: skip
    if through.expr.kind != "product" or through.name == name:
        local = _local(name, through)
        return f"{respect}{f': {local}' if local else ''}.", local
    added = ", added up"
    why = "back through the product, by way of its other factor"
    if weight:
        summed = through.shape[any(ref.name == name for ref in through.expr.args[0].references)] > 1
        why = f"each weight's input times the gradient behind it{added * summed}"
    if maker is not None:
        return f"Back through the product that makes {through.name}, to {name}.", why
    if _is_bias(name, through.expr):
        over = added * (s.shape != through.shape)
        because = "A bias's input is 1" if weight else f"{name} is only added"
        return f"{because}, so the gradient of {name} is that of {through.name}{over}.", why
    return f"The gradient of {name}: that of {through.name} times the other factor of the product.", why


def _simplified(gradient: Node, loss: Node) -> str:
    """What is left of a loss and the function before it: the prediction, perhaps times what a column of the target adds
    up to, minus the target, and what becomes of that."""
    differences = (each for each in nodes(gradient) if operation(each).symbol == "-" and len(each.args) == 2)
    difference = next(differences, gradient)
    times = "" if loss.args[0] in difference.args else ", times what the target's column adds up to,"
    averaged = ", shared out evenly" * (loss.option("reduction") == "mean")
    scaled = ", times what reaches the loss" * (operation(gradient).symbol == "*")
    return f"prediction{times} minus target{averaged}{scaled}"


def _update(statements: list[Statement]) -> Step:
    return Step(
        0,
        "Gradient descent: every parameter takes a small step against its gradient.",
        "; ".join(f"{s.name} = {show(s.expr)}" for s in statements),
        "Update",
        matrices=tuple(s.name for s in statements),
    )


def _after(statements: list[Statement], losses: Sequence[Loss]) -> Step:
    new = {s.repeats: s for s in statements}
    last = [new[loss.name] for loss in losses if loss.name in new]
    pairs = [f"{s.name} with {s.repeats}" for s in last]
    compared = " and ".join([", ".join(pairs[:-1]), pairs[-1]] if pairs[1:] else pairs)
    return Step(
        0,
        f"The forward pass once more, with the new parameters: compare {compared}.",
        "; ".join(f"{s.name} = {show(s.expr)}" for s in last),
        AFTER,
        matrices=tuple(s.name for s in last),
    )


def _is_bias(name: str, product: Node) -> bool:
    """Whether it stands beside weights, in either factor of a product, and meets ones."""
    left, right = product.args
    pairs = list(zip(blocks_of(left, 1), blocks_of(right, 0), strict=False))
    met = [pair for one, other in pairs for pair in ((one, other), (other, one))]
    return len(pairs) > 1 and any(piece.name == name and is_ones(other) for piece, other in met)


def _local(name: str, statement: Statement) -> str:
    """What happens to the gradient on its way to `name`, if one operation of the statement says it all; else empty."""
    expr, whole = statement.expr, statement.shape
    while operation(expr).slope:
        through = [arg for arg in expr.args if any(ref.name == name for ref in arg.references)]
        kind = expr.kind
        if kind == "composite" and through != [expr.args[0]]:  # such as layer_norm's scale
            break
        if any(seen_through(arg).name == name for arg in through):
            repeated = kind == "elementwise" and through[0].shape != whole
            averaged = bool(expr.option("reduction") == "mean")
            slope = filled(operation(expr).slope, expr, (argument for argument, _ in operation(expr).arguments))
            slope = slope.replace("column", "row") if expr.option("axis") == 1 else slope
            return slope + ", added up over the repeats" * repeated + ", shared out evenly" * averaged
        if not operation(expr).passes or not through:
            break
        expr = through[0]
    return ""
