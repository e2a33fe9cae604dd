"""What is to be drawn: the program's statements as items, helpers fused into the formulas that read them.

The only stage that reads a `Program`; the stages after it see a `Script`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from sheetgen.ir.node import Node, number
from sheetgen.ir.node import matrix as leaf
from sheetgen.ir.program import Given, Program, Statement
from sheetgen.layout.geometry import derive, nodes, operands
from sheetgen.layout.geometry.script import Item, ItemKind, Script, Source, Told
from sheetgen.ops.base import operation
from sheetgen.records import replace

LARGEST_FUSED = 60
"""Nodes of an expression that takes a helper in; a longer one gets the helper drawn."""


def simplify(program: Program) -> Script:
    """The boxes of a program whose backward pass, if any, is in natural orientation."""
    forward = [s for s in program.statements if s.phase == "forward"]
    computed = [s for s in forward if s.kind == "matrix"]
    scalars = _scalars(program)
    later = derive.boxed(s for s in program.statements if s.phase != "forward")
    taken = _fused(computed, scalars, _looked_for(program), later)
    definitions: dict[str, Node] = {}
    items: list[Item] = []
    into: dict[str, list[tuple[str, int]]] = {}
    for s in computed:
        expr = nodes.inline(s.expr, definitions)
        if s.name in taken:
            definitions[s.name] = expr
            into.setdefault(taken[s.name], []).append((s.name, s.step))
            continue
        loop, turn = s.round or (None, None)
        where = {"step": s.step, "section": s.section, "loop": loop, "turn": turn}
        rows, expr = operands.split_rows(s.name, expr)
        items += [Item(key, row, "reduce", of=s.name, auxiliary=True, **where) for key, row in rows]  # type: ignore[arg-type]
        items.append(Item(s.name, expr, _kind(expr), auxiliary=s.auxiliary, **where))  # type: ignore[arg-type]
    items = _mark_made(_with_what_they_sum(items), program.givens)
    explains, verdicts = (
        tuple(
            Item(s.name, nodes.inline(s.expr, definitions), "cells", s.step, s.section, terms=s.terms)
            for s in forward
            if s.kind == kind
        )
        for kind in ("explain", "verdict")
    )
    gradients, extras = derive.backward(program, {item.name: item.expr for item in items}, definitions, scalars)
    news = derive.update(program, definitions)
    agains, more = derive.again(program, computed, taken, definitions, news)
    return Script(
        {g.name: Source(g.name, g.shape, g.role, g.integers, bool(g.rows), bool(g.columns)) for g in program.givens},
        tuple(items),
        tuple(Told(s.number, s.section) for s in program.steps if s.phase == "forward"),
        into,
        {s.number: s.shows for s in program.steps if s.shows},
        tuple(g.name for g in program.givens if g.name in scalars),
        explains,
        verdicts,
        gradients,
        news,
        agains,
        (*extras, *more),
        frozenset(extra.key for extra in more),
        program.loss or "",
        _sliced(items, program.givens),
    )


def _kind(expr: Node) -> ItemKind:
    node = expr
    while node.op in ("add", "subtract", "multiply", "divide"):
        node = next((arg for arg in node.args if arg.shape == expr.shape and not arg.is_leaf), number(0))
    if operation(node).above is not None and all(operands.is_operand(arg) for arg in node.args):
        return "beside"
    if not expr.is_leaf:
        if expr.op == "matmul":
            return "product"
        if operation(expr).rearranges:
            return "view"
        if summary(expr) is not None:
            return "reduce"
    return "cells"


def _with_what_they_sum(items: Iterable[Item]) -> list[Item]:
    """Rows without a name, such as the largest of each column that a softmax takes off, in the section of the matrix
    before them that they summarise, though what reads them may begin the next one."""
    found: list[Item] = []
    last: Item | None = None
    for item in items:
        if not item.of:
            last = item
        elif last is not None and (last.loop, last.turn) == (item.loop, item.turn):
            operand = summary(item.expr)
            if operand is not None and operand[0] == leaf(last.name, last.shape):
                item = replace(item, section=last.section)
        found.append(item)
    return found


def summary(expr: Node) -> tuple[Node, int | None] | None:
    """The operand that `expr` is the sum, mean, maximum, … of (times a number, under a root), and its axis."""
    scalars = 0
    while not expr.is_leaf and expr.kind == "elementwise":
        inner = [arg for arg in expr.args if not arg.is_number]
        if len(inner) != 1 or scalars > 3:
            return None
        expr, scalars = inner[0], scalars + 1
    found = nodes.reduction(expr)
    while found is not None and not found[0].is_leaf and not operands.is_operand(found[0]):
        read = set(operands.operands(found[0]))
        return (read.pop(), found[1]) if len(read) == 1 and _fits(found[0]) else None
    return found if found and operands.is_operand(found[0]) else None


def _fits(node: Node) -> bool:
    """Whether a fused expression has the shape of its only operand."""
    return all(operand.shape == node.shape for operand in operands.operands(node))


def _scalars(program: Program) -> frozenset[str]:
    """Given numbers, inputs or constants, that formulas take as mere numbers."""
    found = {g.name for g in program.givens if g.shape == (1, 1) and g.role in ("input", "constant") and not g.integers}
    found -= {s.gradient_of for s in program.statements}
    whole: set[str] = set()
    for s in reversed(program.statements):  # a reader first: what it sums may be computed on the way
        summed = s.auxiliary and s.shape == (1, 1) and s.name in whole
        whole.update(_as_matrices(s.expr, s.kind != "matrix" or summed))
    return frozenset(found - whole)


def _as_matrices(node: Node, whole: bool) -> Iterable[str]:
    """References below anything but arithmetic."""
    if node.is_matrix:
        return [node.name] if whole else []
    if node.is_leaf:
        return []
    whole = whole or node.kind not in ("elementwise", "composite")
    return [name for arg in node.args for name in _as_matrices(arg, whole)]


def _fused(
    statements: list[Statement], scalars: frozenset[str], looked_for: set[str], later: set[str]
) -> dict[str, str]:
    """Unnamed statements whose only reader can compute them on the way, and that reader; none of what gradients run
    over `later`."""
    readers: dict[str, list[Statement]] = {}
    for s in statements:
        for name in dict.fromkeys(ref.name for ref in s.expr.references):
            readers.setdefault(name, []).append(s)
    uses = Counter(ref.name for s in statements for ref in s.expr.references)
    found: dict[str, str] = {}
    numbers = set(scalars)
    matrices = {name for s in statements for name in _as_matrices(s.expr, s.kind != "matrix")}
    exprs = {s.name: s.expr for s in statements}
    makers = {s.name: s for s in statements}
    for s in statements:
        reads = [ref.name for ref in s.expr.references]
        number = s.auxiliary and s.shape == (1, 1) and _arithmetic(s.expr) and numbers.issuperset(reads)
        if number and s.name in readers and s.name not in matrices:
            numbers.add(s.name)
            found[s.name] = readers[s.name][0].name
    for s in reversed(statements):  # a reader first, so that a chain ends in one formula
        if not s.auxiliary or s.name in found or len(readers.get(s.name, ())) != 1 or uses[s.name] != 1:
            continue
        if s.name in later or (operation(s.expr).constant and s.name in looked_for):
            continue
        reader = makers[_end(found, readers[s.name][0].name)]
        expr = exprs[reader.name]
        if nodes.size(expr) + nodes.size(exprs[s.name]) <= LARGEST_FUSED and _takes_in(reader, expr, s, exprs[s.name]):
            found[s.name] = reader.name
            exprs[reader.name] = nodes.inline(expr, {s.name: exprs[s.name]})
    return {name: _end(found, name) for name in found}


def _end(found: Mapping[str, str], name: str) -> str:
    while name in found:
        name = found[name]
    return name


def _takes_in(reader: Statement, expr: Node, helper: Statement, inner: Node) -> bool:
    """The cases of a fused helper: see the grammar, section 2.3."""
    if operation(inner).constant and not expr.is_leaf:
        return True
    if reader.round != helper.round:
        return False
    if expr.op == "sqrt" and helper.shape == reader.shape:
        return all(c.kind in ("elementwise", "reduction") for c in nodes.calls(inner))
    if expr.op == "matmul":
        return operands.scaled_operand(inner) is not None
    if nodes.is_stack(expr) and inner.kind == "range" and operation(inner).rearranges:
        return operands.is_operand(inner.args[0])
    if expr.op == "add" and _kind(inner) == "beside":
        return all(arg.is_matrix for arg in expr.args) and any(arg.shape == (1, 1) for arg in expr.args)
    if not _arithmetic(inner) or (_kind(expr) != "cells" and reader.auxiliary is False):
        return False
    over = [r for r in nodes.reductions(expr) if r.args[0] == leaf(helper.name, helper.shape)]
    return bool(over) and expr not in over and all(map(operands.takes_range, over)) and operands.is_range(inner)


def _looked_for(program: Program) -> set[str]:
    """What operations look for on the sheet, such as the cells that a sum or a window runs over: a constant that is
    only written into formulas needn't stand there."""
    calls = [call for s in program.statements for call in nodes.calls(s.expr)]
    needy = [call for call in calls if call.kind in ("reduction", "range") and not operation(call).identity]
    return {ref.name for call in needy for arg in call.args for ref in arg.references}


def _arithmetic(node: Node) -> bool:
    return all(call.kind == "elementwise" for call in nodes.calls(node) if not operands.is_operand(call))


def _sliced(items: Sequence[Item], givens: Iterable[Given]) -> frozenset[str]:
    """Given matrices of which every column is read in one turn of a loop, and which nothing reads in another way, such
    as within a stack in a stack."""
    stacks = (call for item in items for call in nodes.calls(item.expr) if nodes.is_stack(call))
    within = {ref.name for call in stacks for arg in call.args if nodes.is_stack(arg) for ref in arg.references}
    spans: dict[str, dict[tuple[int, int], tuple[int | None, int | None]]] = {
        g.name: {} for g in givens if g.shape[1] > 1 and g.role != "parameter" and g.name not in within
    }
    for item in items:
        for operand in operands.operands(item.expr):
            name = operand.references[0].name
            if name not in spans:
                continue
            seen = operands.view(operand)
            plain = not operand.is_leaf and operand.args[0].is_matrix and operand.op == "slice"
            where = (item.loop, item.turn)
            whole_column = plain and seen.columns is not None and seen.rows is None and item.loop is not None
            if not whole_column or spans[name].setdefault(seen.columns or (0, 0), where) != where:
                del spans[name]
    whole = {g.name: g.shape[1] for g in givens}
    found = set()
    for name, columns in spans.items():
        ends = [at for span in sorted(columns) for at in span]
        if ends[:1] == [0] and ends[-1] == whole[name] and ends[1:-1:2] == ends[2::2] and len(columns) > 1:
            found.add(name)
    return frozenset(found)


def _mark_made(items: list[Item], givens: Iterable[Given]) -> list[Item]:
    """Marks what is made in its reader's slot."""
    plain = {g.name for g in givens if (g.role == "input" and g.integers) or g.role == "target"}
    above: set[str] = set()
    read: Counter[str] = Counter()
    beside: dict[str, set[str]] = {}
    for item in items:
        names = [ref.name for ref in item.expr.references]
        read.update(names)
        for name in names:
            beside.setdefault(name, set()).update(names)
        if item.kind == "product" and not item.expr.is_leaf:
            above.update(ref.name for ref in item.expr.args[1].references)
        if item.kind in ("view", "reduce", "beside"):
            above.update(ref.name for ref in item.expr.references)
    out = []
    for item in items:
        reads = {ref.name for ref in item.expr.references}
        stands = item.name in above and reads  # what is made from nothing stands wherever it is read first
        made = plain.issuperset(reads) and not stands and read[item.name] > 0 and item.kind != "product"
        made = made and not reads & beside[item.name]  # what its reader reads as well has a place of its own
        out.append(replace(item, made=True) if made else item)
    return out
