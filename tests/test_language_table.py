"""The tables of operations in docs/language.md, and its list of topics, are what the code's own tables say.

`python tests/test_language_table.py` writes them anew.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

from doc_tables import filled
from examples_by_hand import EXAMPLES, shown

from sheetgen.cells.a1 import Rect
from sheetgen.cells.formula import cell_formula
from sheetgen.ir.node import Node, Shape, call, matrix, number
from sheetgen.ir.program import Program, Statement
from sheetgen.lang.show import show
from sheetgen.ops import OPERATIONS, Operation
from sheetgen.ops.template import Text
from sheetgen.passes.expand import expand
from sheetgen.spec.model import TOPICS

PAGE = Path(__file__).parents[1] / "docs" / "language.md"
SHAPES: dict[str, tuple[Shape, ...]] = {
    "matmul": ((3, 4), (4, 3)),
    "conv1d": ((2, 4), (2, 2)),
    "conv_transpose1d": ((1, 4), (2, 2)),
    "embedding": ((3, 4), (1, 4)),
    "lookup": ((3, 4), (1, 4)),
    "one_hot": ((1, 4),),
    "diag": ((4, 1),),
    "glu": ((4, 4),),
    "swiglu": ((4, 4),),
    "trace": ((3, 3),),
    "group_norm": ((4, 3),),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "reshape": {"shape": (2, 6)}, "slice": {"rows": (1, 3), "columns": (0, 1)}, "one_hot": {"classes": 3},
    "top_k": {"k": 2}, "group_norm": {"groups": 2},
}  # fmt: skip


def written(operation: Operation) -> str:
    """How an operation is written in a spec."""
    if operation.example:
        return operation.example
    names = [name if default is None else f"{name}={default:g}" for name, default in operation.arguments]
    if operation.symbol:
        return f" {operation.symbol} ".join(names)
    if operation.variadic:
        return f"{operation.name}([x, y, …])"
    names += [f"{name}={option.default!r}" for name, option in operation.options.items() if not option.ignored]
    return f"{operation.name}({', '.join(names)})"


def operands(operation: Operation) -> tuple[Node, ...]:
    """A matrix for each argument; a composite's optional ones are left out."""
    if operation.kind == "composite" and operation.arguments[-1][1] is not None:
        return tuple(number(default) if default is not None else matrix(name, (3, 4))
                     for name, default in operation.arguments)  # fmt: skip
    names = ["x", "y"] if operation.variadic else [name for name, _ in operation.arguments]
    shapes = SHAPES.get(operation.name, ((3, 4), (2, 2) if operation.name.endswith("2d") else (3, 4), (3, 4)))
    return tuple(matrix(name, shape) for name, shape in zip(names, shapes, strict=False))


def node(operation: Operation) -> Node:
    args = operands(operation)
    options = {name: option.default for name, option in operation.options.items() if not option.ignored}
    options |= OPTIONS.get(operation.name, {})
    return call(operation.name, *args, **options)


def in_a_cell(operation: Operation) -> str:
    """The formula of one cell, or the smaller matrices that a composite is drawn as."""
    example = node(operation)
    if operation.expand is not None:
        drawn = expand(Program("", (), (Statement("out", example, 1),), ())).statements
        return ", ".join(f"`{s.name} = {show(s.expr)}`" for s in drawn)
    if operation.kind == "elementwise":
        texts = [Text(name) for name, _ in operation.arguments]
        options = {name: Text(name) for name in operation.options}
        if callable(operation.formula):
            return f"`{operation.formula(*texts, **options)}`"
        names = [name for name, _ in operation.arguments]
        return f"`{str(operation.formula).format(**dict(zip(names, texts, strict=True)), **options)}`"
    places = {
        ref.name: Rect("S", 1, 1 + 6 * k, *ref.shape)
        for k, ref in enumerate(operands(operation))
        if ref.is_matrix
    }
    return f"`{cell_formula(example, 1 if example.shape[0] > 1 else 0, 0, places.__getitem__, 'S').text}`"


def gradients(operation: Operation) -> str:
    """What reaches each argument, when `g` reaches the result `out`."""
    if operation.gradient is None:
        return "none"
    example = node(operation)
    out, g = matrix("out", example.shape), matrix("g", example.shape)
    found = operation.gradient(*example.args, out=out, g=g, **dict(example.options))
    found = found if isinstance(found, tuple) else (found,)
    if all(term.value == 0 for term in found):
        return "none"
    shown = {
        arg.name: f"`{short(term)}`"
        for arg, term in zip(operands(operation), found, strict=True)
        if arg.is_matrix and term.value != 0
    }
    return ", ".join(text if len(operands(operation)) == 1 else f"{name}: {text}" for name, text in shown.items())


def short(node: Node) -> str:
    """An expression without the options of operations that no spec can call, and with six digits of a constant."""
    if node.kind == "range" and not OPERATIONS[node.op].public:
        return f"{node.op}({', '.join(show(arg) for arg in node.args)})"
    return re.sub(r"\d\.\d{7,}", lambda found: f"{float(found[0]):.6g}", show(node))


def example(operation: Operation) -> str:
    """What it makes of some numbers."""
    return shown(EXAMPLES[operation.name]) if operation.name in EXAMPLES else ""


def row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def table(operations: list[Operation], formulas: bool = True) -> str:
    head = ("", "what it does", "for example", *(("as drawn",) if formulas else ()), "gradient")
    lines = [row(*head), "|" + "---|" * len(head)]
    for operation in operations:
        drawn = (in_a_cell(operation),) if formulas else ()
        lines.append(row(f"`{written(operation)}`", operation.says, example(operation), *drawn, gradients(operation)))
    return "\n".join(lines)


def tables() -> dict[str, str]:
    """Every table of the page, by its name there."""
    known = list(OPERATIONS.values())
    public = [o for o in known if o.public]
    hidden = [o for o in known if not o.public and not o.symbol and o.name != "slice"]
    views = [o for o in known if o.kind == "view"]
    return {
        "topics": textwrap.fill(", ".join(f"`{topic}`" for topic in TOPICS), 120, break_on_hyphens=False),
        "operators": table([OPERATIONS["matmul"], *(o for o in known if o.symbol and o.kind == "elementwise")]),
        "functions": table([o for o in public if o.kind == "elementwise"]),
        "reductions": table([o for o in public if o.kind == "reduction"]),
        "composites": table([o for o in public if o.kind == "composite"]),
        "windows": table([o for o in public if o.kind == "range"]),
        "views": table([o for o in views if o.arguments or o.variadic], formulas=False)
        + "".join("\n" + row(f"`{written(o)}`", o.says, example(o), "none")
                  for o in views if not (o.arguments or o.variadic)),
        "hidden": "\n".join([row("", "what it does"), "|---|---|", *(row(f"`{o.name}`", o.says) for o in hidden)]),
    }


def test_the_page_lists_every_operation() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for operation in OPERATIONS.values():
        assert f"`{written(operation)}`" in page or f"`{operation.name}`" in page, operation.name
    assert filled(PAGE, tables()) == page, "run `python tests/test_language_table.py` and read what it changed"


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE, tables()), encoding="utf-8")
